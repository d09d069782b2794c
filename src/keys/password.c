/* Passwords (Argon2id of libsodium) and codes (HMAC of OpenSSL). */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "password.h"

enum {
    HASH_BYTES = 32,
    HASH_PASSES = 2,
    HASH_KB = 64 << 10,
    HASH_KB_MOST = 256 << 10,
    HASH_PASSES_MOST = 16,
    ENCODED_SALT = 22,
    ENCODED_HASH = 43,
    STEPS_APART = 1,
    CODE_DIGITS = 6
};

void password_wipe(struct password *password)
{
    wipe(password, sizeof(*password));
}

/* ---- one form for all spellings ---- */

static status not_one(struct report *report)
{
    return fail_at(report, FAULT_INVALID, "/password",
                   "a password is text of at most %d bytes, without control characters",
                   PASSWORD_MOST);
}

static bool put_letter(struct password *password, ucs4_t c)
{
    uint8_t bytes[6];
    int count = uc_is_property_white_space(c) ? u8_uctomb(bytes, ' ', 6) : u8_uctomb(bytes, c, 6);
    if (count <= 0 || uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cc) ||
        password->len + (size_t)count > sizeof(password->text))
        return false;
    memcpy(password->text + password->len, bytes, (size_t)count);
    password->len += (size_t)count;
    return true;
}

status password_read(str given, struct report *report, struct password *password)
{
    uint8_t room[8 * PASSWORD_MOST];
    size_t size = sizeof(room);
    *password = (struct password){.len = 0};
    if (given.len == 0 || given.len > PASSWORD_MOST || !utf8_valid(given))
        return not_one(report);
    uint8_t *same = u8_normalize(UNINORM_NFKC, (const uint8_t *)given.ptr, given.len, room, &size);
    bool fits = same == room;
    if (!fits && same != NULL) {
        wipe(same, size);
        free(same);
    }
    for (size_t at = 0; fits && at < size;) {
        ucs4_t c = 0;
        at += (size_t)u8_mbtouc(&c, room + at, size - at);
        fits = put_letter(password, c);
    }
    wipe(room, sizeof(room));
    if (fits)
        return OK;
    password_wipe(password);
    return not_one(report);
}

status password_choose(str given, struct report *report, struct password *password)
{
    TRY(password_read(given, report, password));
    if (u8_mbsnlen((const uint8_t *)password->text, password->len) >= PASSWORD_LEAST)
        return OK;
    password_wipe(password);
    return fail_at(report, FAULT_INVALID, "/password", "a password has at least %d characters",
                   PASSWORD_LEAST);
}

/* ---- Argon2id ---- */

static void put_bytes(struct buf *buf, const unsigned char *bytes, size_t count, size_t letters)
{
    char room[64];
    struct buf text = buf_over(room, sizeof(room));
    buf_base64(&text, (str){(const char *)bytes, count});
    buf_add(buf, str_slice(buf_str(&text), 0, letters)); /* without padding */
}

status password_hash(const struct password *password, const unsigned char salt[PASSWORD_SALT],
                     char text[PASSWORD_TEXT], struct report *report)
{
    unsigned char hash[HASH_BYTES];
    struct buf buf = buf_over(text, PASSWORD_TEXT - 1);
    memset(text, 0, PASSWORD_TEXT);
    if (crypto_pwhash(hash, sizeof(hash), password->text, password->len, salt, HASH_PASSES,
                      (size_t)HASH_KB << 10, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return fail(report, FAULT_LIMIT, "there is no memory to hash a password");
    buf_format(&buf, "$argon2id$v=19$m=%d,t=%d,p=1$", HASH_KB, HASH_PASSES);
    put_bytes(&buf, salt, PASSWORD_SALT, ENCODED_SALT);
    buf_char(&buf, '$');
    put_bytes(&buf, hash, sizeof(hash), ENCODED_HASH);
    wipe(hash, sizeof(hash));
    return OK;
}

bool password_fits(const struct password *password, const char text[PASSWORD_TEXT])
{
    unsigned memory = 0, passes = 0;
    int end = 0;
    bool bounded = memchr(text, 0, PASSWORD_TEXT) != NULL &&
                   sscanf(text, "$argon2id$v=19$m=%7u,t=%2u,p=1$%n", &memory, &passes, &end) == 2 &&
                   end > 0 && memory <= HASH_KB_MOST && passes <= HASH_PASSES_MOST;
    return bounded && crypto_pwhash_str_verify(text, password->text, password->len) == 0;
}

/* All zeros where the hash would be: no password is known that gives them. */
const char *password_of_nobody(void)
{
    static const char nobody[PASSWORD_TEXT] =
        "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    return nobody;
}

/* ---- codes that change ---- */

int64_t totp_step(instant at)
{
    return at.ms / (1000 * TOTP_SECONDS);
}

uint32_t totp_code(str secret_bytes, int64_t step, enum totp_hash hash, unsigned digits)
{
    unsigned char counter[8], mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    uint32_t power = 1;
    const EVP_MD *digest = hash == TOTP_SHA1     ? EVP_sha1()
                           : hash == TOTP_SHA256 ? EVP_sha256()
                                                 : EVP_sha512();
    assert(digits >= 6 && digits <= 8);
    for (unsigned i = 0; i < 8; i++)
        counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
    if (HMAC(digest, secret_bytes.ptr, (int)secret_bytes.len, counter, sizeof(counter), mac,
             &length) == NULL ||
        length < 20)
        abort();
    unsigned at = mac[length - 1] & 15u;
    uint32_t number = ((uint32_t)(mac[at] & 127u) << 24) | ((uint32_t)mac[at + 1] << 16) |
                      ((uint32_t)mac[at + 2] << 8) | mac[at + 3];
    for (unsigned i = 0; i < digits; i++)
        power *= 10;
    wipe(mac, sizeof(mac));
    return number % power;
}

/* Every step of the window is computed, whichever it is that fits. */
bool totp_take(str secret_bytes, str code, instant now, int64_t *last)
{
    uint64_t said = 0;
    str digits = str_trim(code);
    bool number = digits.len == CODE_DIGITS && str_to_u64(digits, &said);
    int64_t taken = INT64_MIN;
    for (int64_t step = totp_step(now) - STEPS_APART; step <= totp_step(now) + STEPS_APART;
         step++) {
        uint32_t right = totp_code(secret_bytes, step, TOTP_SHA1, CODE_DIGITS);
        if (number && said == right && step > *last && taken == INT64_MIN)
            taken = step;
    }
    if (taken == INT64_MIN)
        return false;
    *last = taken;
    return true;
}

/* ---- base 32, and codes to fall back on ---- */

static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void buf_base32(struct buf *buf, str bytes)
{
    uint32_t held = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        held = (held << 8 | (unsigned char)bytes.ptr[i]) & 0xFFFFu;
        for (bits += 8; bits >= 5; bits -= 5)
            buf_char(buf, LETTERS[held >> (bits - 5) & 31u]);
    }
    if (bits > 0)
        buf_char(buf, LETTERS[held << (5 - bits) & 31u]);
}

void recovery_print(const unsigned char bytes[10], char text[RECOVERY_TEXT + 1])
{
    char room[16];
    struct buf letters = buf_over(room, sizeof(room));
    struct buf out = buf_over(text, RECOVERY_TEXT);
    buf_base32(&letters, (str){(const char *)bytes, 10});
    for (size_t i = 0; i < sizeof(room); i++) {
        if (i > 0 && i % 4 == 0)
            buf_char(&out, '-');
        buf_char(&out, room[i] >= 'A' ? (char)(room[i] - 'A' + 'a') : room[i]);
    }
    text[RECOVERY_TEXT] = '\0';
    wipe(room, sizeof(room));
}

str recovery_read(str given, char room[16])
{
    size_t count = 0;
    for (size_t i = 0; i < given.len; i++) {
        char c = given.ptr[i];
        if (c == '-' || c == ' ')
            continue;
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        if (count == 16 || !((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7')))
            return STR("");
        room[count++] = c;
    }
    return count == 16 ? (str){room, 16} : STR("");
}
