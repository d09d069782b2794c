/* note.c: see note.h. Signing is libsodium's Ed25519, the key id is SHA-256 by libsodium too, since
 * it is computed once a key. */
#include <sodium.h>

#include "note.h"

enum { TYPE_ED25519 = 1, KEY_ID_BYTES = 4 };

/* U+2014 and a space: what every signature line begins with. */
#define SIGNATURE_MARK STR("\xe2\x80\x94 ")

/* The spaces of Unicode beyond ASCII, in UTF-8. */
static const char *const unicode_spaces[] = {
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
    "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
    "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

static bool has_space(str text)
{
    for (size_t at = 0; at < text.len; at++) {
        if ((unsigned char)text.ptr[at] <= ' ')
            return true;
        for (size_t i = 0; i < LENGTH(unicode_spaces); i++)
            if (str_starts(str_slice(text, at, text.len), str_from(unicode_spaces[i])))
                return true;
    }
    return false;
}

bool note_name_valid(str name)
{
    return name.len > 0 && name.len <= NOTE_NAME_BYTES && utf8_valid(name) && !has_space(name) &&
           memchr(name.ptr, '+', name.len) == NULL && memchr(name.ptr, 0x7f, name.len) == NULL;
}

str note_verifier_name(const struct note_verifier *verifier)
{
    return (str){verifier->name, verifier->name_length};
}

static uint32_t key_id(str name, const unsigned char key[NOTE_KEY_BYTES])
{
    static const unsigned char between[2] = {'\n', TYPE_ED25519};
    crypto_hash_sha256_state state;
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)name.ptr, name.len);
    crypto_hash_sha256_update(&state, between, sizeof(between));
    crypto_hash_sha256_update(&state, key, NOTE_KEY_BYTES);
    crypto_hash_sha256_final(&state, hash);
    struct reader reader = reader_over((str){(const char *)hash, sizeof(hash)});
    return read_be32(&reader);
}

status note_verifier_make(str name, const unsigned char key[NOTE_KEY_BYTES], struct report *report,
                          struct note_verifier *verifier)
{
    *verifier = (struct note_verifier){0};
    if (!note_name_valid(name))
        return fail(report, FAULT_INVALID,
                    "the name of a signing key must be 1 to %d bytes of "
                    "UTF-8 without spaces or plus signs",
                    NOTE_NAME_BYTES);
    memcpy(verifier->name, name.ptr, name.len);
    verifier->name_length = name.len;
    memcpy(verifier->key, key, NOTE_KEY_BYTES);
    verifier->id = key_id(name, key);
    return OK;
}

status note_signer_make(str name, const secret *seed, struct report *report,
                        struct note_signer *signer)
{
    static_assert(sizeof(signer->secret_key) == crypto_sign_SECRETKEYBYTES, "libsodium's size");
    unsigned char key[NOTE_KEY_BYTES];
    crypto_sign_seed_keypair(key, signer->secret_key, seed->bytes);
    return note_verifier_make(name, key, report, &signer->verifier);
}

void note_signer_wipe(struct note_signer *signer)
{
    wipe(signer, sizeof(*signer));
}

void note_verifier_print(struct buf *buf, const struct note_verifier *verifier)
{
    char typed[1 + NOTE_KEY_BYTES] = {TYPE_ED25519};
    memcpy(typed + 1, verifier->key, NOTE_KEY_BYTES);
    buf_add(buf, note_verifier_name(verifier));
    buf_format(buf, "+%08x+", verifier->id);
    buf_base64(buf, (str){typed, sizeof(typed)});
}

status note_verifier_parse(str text, struct report *report, struct note_verifier *verifier)
{
    char again[NOTE_NAME_BYTES + 64];
    str rest = text, name, hex;
    unsigned char typed[1 + NOTE_KEY_BYTES];
    size_t length = 0;
    bool good = text.ptr != NULL && str_next(&rest, '+', &name) && str_next(&rest, '+', &hex) &&
                rest.ptr != NULL && base64_decode(rest, typed, sizeof(typed), &length) &&
                length == sizeof(typed) && typed[0] == TYPE_ED25519 && note_name_valid(name);
    if (!good)
        return fail(report, FAULT_SYNTAX,
                    "this is not an Ed25519 verifier key: it reads name+8 hex digits+base64");
    TRY(note_verifier_make(name, typed + 1, report, verifier));
    struct buf printed = buf_over(again, sizeof(again));
    note_verifier_print(&printed, verifier);
    if (!str_equal(buf_str(&printed), text))
        return fail(report, FAULT_SYNTAX,
                    "the key id in this verifier key is not that of its name and key");
    return OK;
}

void note_sign(struct buf *buf, str text, const struct note_signer *signer)
{
    assert(str_ends(text, STR("\n")));

    char memory[KEY_ID_BYTES + NOTE_SIGNATURE_BYTES];
    unsigned char signature[NOTE_SIGNATURE_BYTES];
    crypto_sign_detached(signature, NULL, (const unsigned char *)text.ptr, text.len,
                         signer->secret_key);
    struct buf signed_part = buf_over(memory, sizeof(memory));
    buf_be32(&signed_part, signer->verifier.id);
    buf_add(&signed_part, (str){(const char *)signature, sizeof(signature)});
    buf_add(buf, text);
    buf_char(buf, '\n');
    buf_add(buf, SIGNATURE_MARK);
    buf_add(buf, note_verifier_name(&signer->verifier));
    buf_char(buf, ' ');
    buf_base64(buf, buf_str(&signed_part));
    buf_char(buf, '\n');
}

bool note_signature_valid(const unsigned char key[NOTE_KEY_BYTES], str message, str signature)
{
    return signature.len == NOTE_SIGNATURE_BYTES &&
           crypto_sign_verify_detached((const unsigned char *)signature.ptr,
                                       (const unsigned char *)message.ptr, message.len, key) == 0;
}

/* Valid UTF-8, no control character but the newline, a newline at the end. */
static bool note_bytes_valid(str note)
{
    if (note.len == 0 || note.len > NOTE_BYTES || note.ptr[note.len - 1] != '\n')
        return false;
    for (size_t i = 0; i < note.len; i++)
        if ((unsigned char)note.ptr[i] < ' ' && note.ptr[i] != '\n')
            return false;
    return utf8_valid(note);
}

/* Parts a note at its last empty line: the text keeps its newline, the signatures come after. */
static bool note_split(str note, str *text, str *signatures)
{
    for (size_t at = note.len; at >= 2; at--) {
        if (note.ptr[at - 1] != '\n' || note.ptr[at - 2] != '\n')
            continue;
        *text = str_slice(note, 0, at - 1);
        *signatures = str_slice(note, at, note.len);
        return signatures->len > 0;
    }
    return false;
}

enum signature_verdict { SIGNATURE_ODD, SIGNATURE_OTHER, SIGNATURE_WRONG, SIGNATURE_GOOD };

/* Judges one line. A signature of another key, of whatever length, is none of ours. */
static enum signature_verdict judge_line(str line, str text, const struct note_verifier *verifier)
{
    if (!str_starts(line, SIGNATURE_MARK))
        return SIGNATURE_ODD;
    str rest = str_slice(line, SIGNATURE_MARK.len, line.len), name;
    if (!str_next(&rest, ' ', &name) || rest.ptr == NULL || rest.len == 0 || name.len == 0 ||
        has_space(name) || memchr(name.ptr, '+', name.len) != NULL)
        return SIGNATURE_ODD;
    char bytes[8 << 10];
    size_t length = 0;
    if (!base64_decode(rest, bytes, sizeof(bytes), &length) || length <= KEY_ID_BYTES)
        return SIGNATURE_ODD;
    struct reader reader = reader_over((str){bytes, length});
    uint32_t id = read_be32(&reader);
    if (id != verifier->id || !str_equal(name, note_verifier_name(verifier)))
        return SIGNATURE_OTHER;
    str signature = {bytes + KEY_ID_BYTES, length - KEY_ID_BYTES};
    return note_signature_valid(verifier->key, text, signature) ? SIGNATURE_GOOD : SIGNATURE_WRONG;
}

status note_open(str note, const struct note_verifier *verifier, struct report *report, str *text)
{
    str signatures, line;
    size_t count = 0;
    bool good = false;
    if (!note_bytes_valid(note) || !note_split(note, text, &signatures))
        return fail(report, FAULT_SYNTAX, "this is not a signed note");
    signatures.len--; /* the last newline ends the last line and begins none */
    while (str_next(&signatures, '\n', &line)) {
        if (++count > NOTE_SIGNATURES)
            return fail(report, FAULT_SYNTAX, "the note has more than %d signatures",
                        NOTE_SIGNATURES);
        switch (judge_line(line, *text, verifier)) {
        case SIGNATURE_ODD:
            return fail(report, FAULT_SYNTAX, "line %zu of the note's signatures is malformed",
                        count);
        case SIGNATURE_WRONG:
            return fail(report, FAULT_CORRUPT, "the note's signature by %.*s is wrong",
                        STR_ARG(note_verifier_name(verifier)));
        case SIGNATURE_GOOD:
            good = true;
            break;
        case SIGNATURE_OTHER:
            break;
        }
    }
    if (!good)
        return fail(report, FAULT_KEY, "the note is not signed by %.*s",
                    STR_ARG(note_verifier_name(verifier)));
    return OK;
}
