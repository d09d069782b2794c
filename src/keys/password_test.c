/* Passwords and codes: one form for all spellings, published values, each code once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <sodium.h>

#include "password.h"

static const unsigned char SALT[PASSWORD_SALT] = "a salt of a test";

static struct password read_one(const char *text)
{
    struct report report = {0};
    struct password password;
    assert_true(is_ok(password_read(str_from(text), &report, &password)));
    return password;
}

static void assert_invalid(str given, bool chosen)
{
    struct report report = {0};
    struct password password;
    status result = chosen ? password_choose(given, &report, &password)
                           : password_read(given, &report, &password);
    assert_int_equal(result.fault, FAULT_INVALID);
    assert_int_equal(password.len, 0);
    assert_null(given.len == 0 ? NULL
                               : memmem(report.text, strlen(report.text), given.ptr, given.len));
}

static void a_password_has_one_form_however_it_was_typed(void **state)
{
    (void)state;
    struct password one = read_one("bl\xc3\xa5 b\xc3\xa6r og \xef\xac\x81sk");
    struct password two = read_one("bla\xcc\x8a\xc2\xa0"
                                   "b\xc3\xa6r og\xe3\x80\x80"
                                   "fisk");
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.text, two.text, one.len);
}

static void what_is_too_short_too_long_or_no_text_is_refused_and_not_repeated(void **state)
{
    (void)state;
    char most[PASSWORD_MOST + 1];
    memset(most, 'x', sizeof(most));
    struct report report = {0};
    struct password password;
    assert_true(is_ok(password_choose((str){most, PASSWORD_MOST}, &report, &password)));
    assert_true(is_ok(password_choose(STR("twelve chars"), &report, &password)));
    assert_invalid((str){most, sizeof(most)}, true);
    assert_invalid(STR("eleven char"), true);
    /* Eleven characters of two bytes each are eleven characters. */
    assert_invalid(STR("\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5\xc3\xa5"
                       "\xc3\xa5\xc3\xa5"),
                   true);
    assert_invalid(STR("a line\nand another"), true);
    assert_invalid(STR("not utf-8: \xff\xfe\xfd"), true);
    assert_invalid(STR("nul \0 in the middle"), true);
    assert_invalid(STR(""), false);
}

/* One character that becomes 18 under NFKC: the room is bounded, whatever it grows to. */
static void what_grows_past_the_room_is_refused(void **state)
{
    (void)state;
    char text[PASSWORD_MOST + 1] = "";
    for (size_t i = 0; i + 3 <= PASSWORD_MOST; i += 3)
        memcpy(text + i, "\xef\xb7\xba", 4);
    assert_invalid(str_from(text), true);
}

static void a_hash_says_its_parameters_and_fits_its_password_alone(void **state)
{
    (void)state;
    char text[PASSWORD_TEXT];
    struct report report = {0};
    struct password right = read_one("correct horse battery"), wrong = read_one("correct horse");
    assert_true(is_ok(password_hash(&right, SALT, text, &report)));
    assert_true(str_starts(str_from(text), STR("$argon2id$v=19$m=65536,t=2,p=1$")));
    assert_true(password_fits(&right, text));
    assert_false(password_fits(&wrong, text));
    assert_int_equal(crypto_pwhash_str_verify(text, right.text, right.len), 0);
    text[40] ^= 1;
    assert_false(password_fits(&right, text));
    assert_false(password_fits(&right, password_of_nobody()));
}

static void a_hash_that_is_none_or_asks_for_too_much_fits_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "$argon2id$",
        "$2b$12$abcdefghijklmnopqrstuv",
        "$argon2i$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAA",
        "$argon2id$v=19$m=4194304,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAA",
        "$argon2id$v=19$m=65536,t=99,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAA",
        "$argon2id$v=19$m=65536,t=2,p=1$",
    };
    struct password any = read_one("correct horse battery");
    for (size_t i = 0; i < LENGTH(bad); i++) {
        char text[PASSWORD_TEXT] = "";
        memcpy(text, bad[i], strlen(bad[i]));
        assert_false(password_fits(&any, text));
    }
    char endless[PASSWORD_TEXT];
    memset(endless, '$', sizeof(endless));
    assert_false(password_fits(&any, endless));
}

/* RFC 6238, appendix B. */
/* NIST SP 800-63B, 5.1.1.2: no rules of composition; what is known, dictionary-like, repeated or of
 * the context is refused. */
static void what_is_tried_among_the_first_is_no_password(void **state)
{
    (void)state;
    static const str known[] = {{"mona-1", 6}, {"Vatnedal", 8}, {"", 0}};
    static const char *const weak[] = {
        "password1234",       "P4$$w0rd!2026",      "Passord123456",   "passordpassord",
        "aaaaaaaaaaaaaaa",    "121212121212",       "123456789012345", "abcdefghijklmnop",
        "qwertyuiop123",      "1q2w3e4r5t6y",       "Sommer2026!!",    "Velkommen2026!",
        "mona-1mona-1",       "MONA-1-MONA-1-2026", "vatnedal2026!!",  "v4tn3dalv4tn3dal",
        "iloveyou iloveyou!", "abxabxabxabx",       "zyxwvutsrqponml", "            ",
        "admin admin admin",  "Hemmelig1990!",      "letmeinletmein99"};
    static const char *const good[] = {"correct horse battery",
                                       "Qanary sang at dawn",
                                       "vi spiser torsk til frokost",
                                       "kvifor ikkje i morgon?",
                                       "x7#Lq0vR2mWz",
                                       "mona-1 liker gammel ost",
                                       "sommer i Lofoten er kort",
                                       "\xe6\x97\xa5\xe6\x9c\xac"
                                       "\xe8\xaa\x9e\xe3\x81\xae\xe9\x95\xb7\xe3\x81\x84"
                                       "\xe5\x90\x88\xe8\xa8\x80\xe8\x91\x89\xe3\x81\xa0"};
    for (size_t i = 0; i < LENGTH(weak); i++) {
        struct password password = read_one(weak[i]);
        if (!password_guessable(&password, known, LENGTH(known)))
            fail_msg("%s is taken", weak[i]);
    }
    for (size_t i = 0; i < LENGTH(good); i++) {
        struct password password = read_one(good[i]);
        if (password_guessable(&password, known, LENGTH(known)))
            fail_msg("%s is refused", good[i]);
    }
    /* The context counts for whom it is the context. */
    struct password of_mona = read_one("mona-1 vatnedal");
    assert_true(password_guessable(&of_mona, known, LENGTH(known)));
    assert_false(password_guessable(&of_mona, NULL, 0));
}

static void codes_are_those_of_the_standard(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        uint32_t sha1, sha256, sha512;
    } table[] = {
        {59, 94287082, 46119246, 90693936},         {1111111109, 7081804, 68084774, 25091201},
        {1111111111, 14050471, 67062674, 99943326}, {1234567890, 89005924, 91819424, 93441116},
        {2000000000, 69279037, 90698825, 38618901}, {20000000000, 65353130, 77737706, 47863826},
    };
    static const char key[] = "1234567890123456789012345678901234567890123456789012345678901234";
    for (size_t i = 0; i < LENGTH(table); i++) {
        int64_t step = totp_step((instant){table[i].seconds * 1000});
        assert_int_equal(totp_code((str){key, 20}, step, TOTP_SHA1, 8), table[i].sha1);
        assert_int_equal(totp_code((str){key, 32}, step, TOTP_SHA256, 8), table[i].sha256);
        assert_int_equal(totp_code((str){key, 64}, step, TOTP_SHA512, 8), table[i].sha512);
    }
}

static bool take(const char *code, int64_t seconds, int64_t *last)
{
    return totp_take(STR("12345678901234567890"), str_from(code), (instant){seconds * 1000}, last);
}

static void a_code_is_taken_once_within_its_window_and_never_later(void **state)
{
    (void)state;
    int64_t last = -1;
    assert_false(take("287083", 59, &last));
    assert_false(take("", 59, &last));
    assert_false(take("94287082", 59, &last));
    assert_false(take("+287082", 59, &last));
    assert_false(take("287082", 59 + 60, &last)); /* two steps late */
    assert_int_equal(last, -1);
    assert_true(take(" 287082 ", 59 + 30, &last)); /* one */
    assert_int_equal(last, 1);
    assert_false(take("287082", 59, &last)); /* again, while it would still be in time */
    last = 5;
    assert_false(take("287082", 59, &last)); /* nor one older than the last that was taken */
}

static void recovery_codes_are_read_back_as_they_may_be_typed(void **state)
{
    (void)state;
    static const unsigned char bytes[10] = {0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    char text[RECOVERY_TEXT + 1], room[16], spaced[64];
    recovery_print(bytes, text);
    assert_int_equal(strlen(text), RECOVERY_TEXT);
    str read = recovery_read(str_from(text), room);
    assert_int_equal(read.len, 16);
    size_t n = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        char c = text[i] == '-' ? ' ' : text[i];
        spaced[n++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    char again[16];
    assert_true(str_equal(recovery_read((str){spaced, n}, again), read));
    assert_int_equal(recovery_read(STR("287082"), room).len, 0);
    assert_int_equal(recovery_read(STR("abcd-efgh-ijkl-mno1"), room).len, 0);
    assert_int_equal(recovery_read(STR("abcd-efgh-ijkl-mnopq"), room).len, 0);
    char base[64];
    struct buf buf = buf_over(base, sizeof(base));
    buf_base32(&buf, STR("foobar")); /* RFC 4648, section 10 */
    assert_true(str_is(buf_str(&buf), "MZXW6YTBOI"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_password_has_one_form_however_it_was_typed),
        cmocka_unit_test(what_is_too_short_too_long_or_no_text_is_refused_and_not_repeated),
        cmocka_unit_test(what_grows_past_the_room_is_refused),
        cmocka_unit_test(a_hash_says_its_parameters_and_fits_its_password_alone),
        cmocka_unit_test(a_hash_that_is_none_or_asks_for_too_much_fits_nothing),
        cmocka_unit_test(what_is_tried_among_the_first_is_no_password),
        cmocka_unit_test(codes_are_those_of_the_standard),
        cmocka_unit_test(a_code_is_taken_once_within_its_window_and_never_later),
        cmocka_unit_test(recovery_codes_are_read_back_as_they_may_be_typed),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
