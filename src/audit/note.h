/* note: signed notes and checkpoints, as C2SP's signed-note and tlog-checkpoint define them.
 *
 *   log.example/4hNc8r...                 origin, also the key's name   \
 *   20852163                              size of the tree               > the text, signed whole
 *   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2=...  its root                      /
 *                                         an empty line
 *   — log.example/4hNc8r... Az3grlgtzP... base64(key id || Ed25519 signature of the text)
 *
 * Holds: what note_open() gives was signed by the key that you named, byte for byte; a checkpoint
 * that parses prints back to the same bytes.
 * Does not hold: signatures of other keys (witnesses) are skipped, never judged. Of the signature
 * types only Ed25519 (0x01) is known.
 * Memory: texts are borrowed from the note or lie in the buf you pass. Threads: all pure.
 */
#ifndef VERN_NOTE_H
#define VERN_NOTE_H
#include "merkle.h"

enum {
    NOTE_NAME_BYTES = 200, /* longest name of a key, so also the longest origin */
    NOTE_BYTES = 64 << 10, /* longest note that is looked at */
    NOTE_SIGNATURES = 64,
    NOTE_KEY_BYTES = 32,
    NOTE_SIGNATURE_BYTES = 64,
    CHECKPOINT_BYTES = 1024 /* room for any checkpoint with one signature that we make */
};

/* Who may sign: the verifier key of the specification, `name+8 hex digits+base64(0x01 || key)`. */
struct note_verifier {
    char name[NOTE_NAME_BYTES];
    size_t name_length;
    uint32_t id;
    unsigned char key[NOTE_KEY_BYTES];
};

/* A verifier with its secret half. Wipe it: CLEANUP(note_signer_wipe). */
struct note_signer {
    struct note_verifier verifier;
    unsigned char secret_key[64];
};

str note_verifier_name(const struct note_verifier *verifier);
/* Not empty, UTF-8 without control characters, no Unicode space, no plus, not too long. */
bool note_name_valid(str name);
/* Faults: INVALID for a name that the format cannot carry. */
MUST_CHECK status note_verifier_make(str name, const unsigned char key[NOTE_KEY_BYTES],
                                     struct report *report, struct note_verifier *verifier);
MUST_CHECK status note_signer_make(str name, const secret *seed, struct report *report,
                                   struct note_signer *signer);
void note_signer_wipe(struct note_signer *signer);
void note_verifier_print(struct buf *buf, const struct note_verifier *verifier);
/* Faults: SYNTAX, also when the key id is not that of the name and key. */
MUST_CHECK status note_verifier_parse(str text, struct report *report,
                                      struct note_verifier *verifier);

/* Writes `text`, which ends in a newline, and our signature of it. */
void note_sign(struct buf *buf, str text, const struct note_signer *signer);
/* Gives the text of a note that `verifier` signed. Faults: SYNTAX when it is no note; CORRUPT when
 * its signature is wrong; KEY when it carries none of this key. */
MUST_CHECK status note_open(str note, const struct note_verifier *verifier, struct report *report,
                            str *text);
/* Is this the Ed25519 signature of these bytes? RFC 8032, and no encoding but the one. */
MUST_CHECK bool note_signature_valid(const unsigned char key[NOTE_KEY_BYTES], str message,
                                     str signature);

struct checkpoint {
    str origin;
    uint64_t size;
    merkle_hash root;
};
/* The text of a checkpoint, to be signed. */
void checkpoint_print(struct buf *buf, const struct checkpoint *checkpoint);
/* Strict: three lines, no extension lines, the one spelling of each. Faults: SYNTAX. */
MUST_CHECK status checkpoint_parse(str text, struct report *report, struct checkpoint *checkpoint);
/* Both at once; the origin must be the verifier's name. Faults: those of both; KEY. */
MUST_CHECK status checkpoint_open(str note, const struct note_verifier *verifier,
                                  struct report *report, struct checkpoint *checkpoint);
#endif
