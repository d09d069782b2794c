/* Seals of documents. */
#include <sodium.h>

#include "log_internal.h"
#include "seal.h"

enum { SEAL_TEXT_BYTES = 128 };

static str seal_text(str document, char room[SEAL_TEXT_BYTES])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    struct buf buf = buf_over(room, SEAL_TEXT_BYTES);
    crypto_hash_sha256(hash, (const unsigned char *)document.ptr, document.len);
    buf_text(&buf, "vern document seal\nsha256\n");
    buf_base64(&buf, (str){(const char *)hash, sizeof(hash)});
    buf_char(&buf, '\n');
    return buf_str(&buf);
}

void seal_sign(struct buf *note, str document, const struct note_signer *signer)
{
    char room[SEAL_TEXT_BYTES];
    note_sign(note, seal_text(document, room), signer);
}

void audit_seal(const struct audit_log *log, str document, struct buf *note)
{
    seal_sign(note, document, &log->signer);
}

status seal_open(str note, const struct note_verifier *verifier, str document,
                 struct report *report)
{
    char room[SEAL_TEXT_BYTES];
    str text;
    TRY(note_open(note, verifier, report, &text));
    if (!str_equal(text, seal_text(document, room)))
        return fail(report, FAULT_CORRUPT, "the seal is of another document");
    return OK;
}
