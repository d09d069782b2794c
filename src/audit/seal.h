/* seal: a document signed by the log's key, so that whoever holds it can check it with that key
 * alone.
 *
 *   vern document seal          two lines and a hash; the first line holds spaces, so it is no
 *   sha256                      origin, and a seal is never taken for a checkpoint
 *   CsUYapGGPo4dkMgIAUqom/...
 *
 *   — log.example/4hNc8r... Az3grlgtzP...
 *
 * Holds: a seal that opens was made by the key for these very bytes. Memory and threads: all pure.
 */
#ifndef VERN_SEAL_H
#define VERN_SEAL_H
#include "audit.h"

void seal_sign(struct buf *note, str document, const struct note_signer *signer);
/* With the log's key. */
void audit_seal(const struct audit_log *log, str document, struct buf *note);
/* Faults: SYNTAX when it is no seal; CORRUPT when it is of another document or its signature is
 * wrong; KEY when it is another key's. */
MUST_CHECK status seal_open(str note, const struct note_verifier *verifier, str document,
                            struct report *report);

#endif
