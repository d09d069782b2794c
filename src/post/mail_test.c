/* Messages as they go over the wire: what stands in a field stays in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new(1 << 20);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct mail plain_mail(void)
{
    return (struct mail){.from = STR("vern@example.no"),
                         .to = STR("officer@example.no"),
                         .subject = STR("Hello"),
                         .text = STR("A text.\n"),
                         .id = STR("AAECAwQFBgcICQoLDA0ODw"),
                         .at = {1772355600123}};
}

static const char *written(const struct mail *mail)
{
    struct report report = {0};
    struct buf out = buf_in(arena, 64 << 10);
    if (!is_ok(mail_write(mail, &out, &report)))
        return NULL;
    return arena_c_string(arena, buf_str(&out));
}

static bool has(const char *text, const char *part)
{
    return text != NULL && strstr(text, part) != NULL;
}

static void a_message_is_as_the_standard_wants_it(void **state)
{
    (void)state;
    struct mail mail = plain_mail();
    assert_string_equal(written(&mail), "Date: Sun, 01 Mar 2026 09:00:00 +0000\r\n"
                                        "From: <vern@example.no>\r\n"
                                        "To: <officer@example.no>\r\n"
                                        "Message-ID: <AAECAwQFBgcICQoLDA0ODw@example.no>\r\n"
                                        "MIME-Version: 1.0\r\n"
                                        "Subject: Hello\r\n"
                                        "Auto-Submitted: auto-generated\r\n"
                                        "Content-Type: text/plain; charset=utf-8\r\n"
                                        "Content-Transfer-Encoding: base64\r\n\r\n"
                                        "QSB0ZXh0Lgo=\r\n");
}

static void what_is_not_ascii_is_encoded_and_no_character_is_cut(void **state)
{
    (void)state;
    struct mail mail = plain_mail();
    mail.subject = STR("Kj\u00e6re");
    assert_true(has(written(&mail), "\r\nSubject: =?utf-8?B?S2rDpnJl?=\r\n"));
    mail.subject = STR("=?utf-8?B?SGVsbG8=?=");
    assert_true(has(written(&mail), "\r\nSubject: =?utf-8?B?PT91dGYtOD9CP1NHVnNiRzg9Pz0=?=\r\n"));
    /* 30 letters of two bytes: 19 of them in the first word, which could take 39 bytes. */
    char room[61] = {0};
    for (size_t i = 0; i < 30; i++)
        memcpy(room + 2 * i, "\u00e6", 2);
    mail.subject = str_from(room);
    const char *text = written(&mail), *line = strstr(text, "Subject: ");
    assert_true(has(text, "?=\r\n =?utf-8?B?w6bDpsOmw6bDpsOmw6bDpsOmw6bDpg==?=\r\n"));
    assert_true(strchr(line, '\r') - line <= 76);
}

static void nothing_adds_a_field_or_a_recipient(void **state)
{
    (void)state;
    static const char *const addresses[] = {"a@example.no\r\nBcc: b@example.no",
                                            "a@example.no,b@example.no",
                                            "a b@example.no",
                                            "\"a\"@example.no",
                                            "a@example.no>",
                                            "a@",
                                            "@example.no",
                                            "a@[127.0.0.1]",
                                            "a@127.0.0.1",
                                            ".a@example.no",
                                            "a..b@example.no",
                                            "a.@example.no",
                                            "a@b@example.no",
                                            "",
                                            "a(x)@example.no",
                                            "\u00e6@example.no",
                                            "a@\u00e6.no"};
    struct mail mail = plain_mail();
    for (size_t i = 0; i < LENGTH(addresses); i++) {
        mail.to = str_from(addresses[i]);
        if (written(&mail) != NULL)
            fail_msg("%s is taken", addresses[i]);
    }
    mail = plain_mail();
    mail.subject = STR("Hello\r\nBcc: b@example.no");
    assert_null(written(&mail));
    mail = plain_mail();
    mail.unsubscribe = STR("https://example.no/>\r\nBcc: b@example.no");
    assert_null(written(&mail));
    mail = plain_mail();
    mail.text = STR(".\r\nQUIT\r\n"); /* it ends no message */
    assert_true(has(written(&mail), "\r\n\r\nLg0KUVVJVA0K\r\n"));
}

static void a_stop_link_is_one_click_where_it_is_said_so(void **state)
{
    (void)state;
    struct mail mail = plain_mail();
    mail.unsubscribe = STR("https://example.no/r/x/stop/y");
    assert_true(has(written(&mail), "\r\nList-Unsubscribe: <https://example.no/r/x/stop/y>\r\n"));
    assert_false(has(written(&mail), "List-Unsubscribe-Post"));
    mail.one_click = true;
    assert_true(has(written(&mail), "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
}

static void without_tls_mail_goes_within_this_machine_alone(void **state)
{
    (void)state;
    static const char *const good[] = {"smtps://mail.example.no:465", "smtp://mail.example.no",
                                       "smtp+plain://127.0.0.1:25", "smtp+plain://localhost"};
    static const char *const bad[] = {
        "smtp+plain://mail.example.no:25", "mail.example.no", "smtp://", "smtp://mail.example.no/x",
        "smtp://user@mail.example.no",     "http://127.0.0.1"};
    for (size_t i = 0; i < LENGTH(good); i++)
        assert_true(smtp_address_valid(str_from(good[i])));
    for (size_t i = 0; i < LENGTH(bad); i++)
        assert_false(smtp_address_valid(str_from(bad[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_as_the_standard_wants_it),
        cmocka_unit_test(what_is_not_ascii_is_encoded_and_no_character_is_cut),
        cmocka_unit_test(nothing_adds_a_field_or_a_recipient),
        cmocka_unit_test(a_stop_link_is_one_click_where_it_is_said_so),
        cmocka_unit_test(without_tls_mail_goes_within_this_machine_alone),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
