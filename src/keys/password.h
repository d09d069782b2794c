/* password: what a member of the staff signs in by: a password (Argon2id), a code that changes
 * every 30 seconds (TOTP, RFC 6238), and codes to fall back on, each for one use.
 *
 *   password --NFKC, length--> Argon2id --> "$argon2id$v=19$m=65536,t=2,p=1$salt$hash"
 *
 * Holds: parameters lie in the text, so that they may grow; a check takes the same way whatever its
 * answer; no function here writes a secret anywhere but where its caller says.
 * Does not hold: what may be tried how often; that is the engine's (account.c).
 * Memory: the caller's; one Argon2id takes 64 MB while it works. Threads: password_hash() and
 * password_fits() touch nothing shared, and may run in any.
 */
#ifndef VERN_PASSWORD_H
#define VERN_PASSWORD_H
#include "base.h"

enum {
    PASSWORD_LEAST = 12, /* characters */
    PASSWORD_MOST = 128, /* bytes */
    PASSWORD_KNOWN = 8,
    PASSWORD_SALT = 16,
    PASSWORD_TEXT = 128, /* of a hash with its parameters, and a NUL */
    TOTP_SECRET = 20,
    TOTP_SECONDS = 30,
    RECOVERY_CODES = 10,
    RECOVERY_TEXT = 19 /* "abcd-efgh-ijkl-mnop": 80 bits */
};

struct password {
    char text[PASSWORD_MOST];
    size_t len;
};
/* fits CLEANUP */
void password_wipe(struct password *password);
/* One form for all spellings of it (NFKC, blanks of any kind as spaces). INVALID for what is no
 * UTF-8, holds control characters, or is longer than PASSWORD_MOST in either form. */
MUST_CHECK status password_read(str given, struct report *report, struct password *password);
/* And INVALID for a new one of fewer than PASSWORD_LEAST characters. Which kinds they are of does
 * not count. */
MUST_CHECK status password_choose(str given, struct report *report, struct password *password);
/* Would it be tried among the first? It is made of little but what everyone knows (words of
 * known_passwords.def, years, rows, repetition) and of `known`: the login, the register's name; at
 * most PASSWORD_KNOWN of them. */
bool password_guessable(const struct password *password, const str *known, size_t count);
/* FAULT_LIMIT where there is no memory for it. */
MUST_CHECK status password_hash(const struct password *password,
                                const unsigned char salt[PASSWORD_SALT], char text[PASSWORD_TEXT],
                                struct report *report);
/* Is it the password of this hash? Also false where there is no memory, and for a hash that is none
 * or asks for more than 256 MB. */
bool password_fits(const struct password *password, const char text[PASSWORD_TEXT]);
/* A hash that nothing fits, as costly as any: what a name that nobody has is tried against. */
const char *password_of_nobody(void);

enum totp_hash { TOTP_SHA1, TOTP_SHA256, TOTP_SHA512 };
int64_t totp_step(instant at);
/* The code of a step: a number of at most `digits` digits (6 to 8). */
uint32_t totp_code(str secret_bytes, int64_t step, enum totp_hash hash, unsigned digits);
/* Six digits of now, of the step before or of the one after (clocks go apart), and of a step after
 * `*last`: each is taken once. Moves `*last` when it is. */
bool totp_take(str secret_bytes, str code, instant now, int64_t *last);

void buf_base32(struct buf *buf, str bytes); /* RFC 4648, no padding */
/* Of ten random bytes; and how it is compared: small letters, no blanks or hyphens. Empty when the
 * text cannot be one. `room` holds the result. */
void recovery_print(const unsigned char bytes[10], char text[RECOVERY_TEXT + 1]);
str recovery_read(str given, char room[16]);

#endif
