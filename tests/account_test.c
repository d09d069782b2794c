/* Accounts of the staff, over HTTP against the real server: what an account may be, what is said of
 * it once, and that no password or secret lies in a file, a line of the log or an answer. */
#include "process.h"

#include <unistd.h>

static struct process server;

static int open_server(void **state)
{
    *state = NULL;
    process_open(&server, NULL);
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

static str member(const char *login)
{
    struct answer made =
        ask(&server, server.token, "POST", STR("/v1/staff"),
            arena_format(server.arena, "{\"role\":\"manager\",\"name\":\"Mona\",\"login\":\"%s\"}",
                         login));
    expect(&made, 201);
    return text_of(&made, "id");
}

static struct answer account(str token, str staff, const char *body)
{
    return ask(&server, token, "POST",
               arena_format(server.arena, "/v1/staff/%.*s/account", STR_ARG(staff)),
               str_from(body));
}

/* Items 4 and 10 of the security requirements */
static void a_password_and_its_codes_are_in_one_answer_and_nowhere_else(void **state)
{
    (void)state;
    str mona = member("mona-1");
    struct answer made =
        account(server.token, mona, "{\"scopes\":[\"read\"],\"password\":\"Qanary sang at dawn\"}");
    expect(&made, 201);
    assert_false(holds(made.text, STR("Qanary")));
    str totp = text_of(&made, "totp");
    assert_int_equal(totp.len, 32);
    assert_true(str_starts(text_of(&made, "uri"), STR("otpauth://totp/Vern:shop?secret=")));
    const struct json *codes = json_get(made.json, "recovery");
    assert_int_equal(codes->count, 10);
    for (JSON_EACH(code, codes)) {
        str text;
        assert_true(json_str(code, &text));
        assert_int_equal(tree_search(server.data, text), 0);
    }
    static const char *const planted[] = {"Qanary sang at dawn", "$argon2id$", "Qanary"};
    for (size_t i = 0; i < LENGTH(planted); i++) {
        assert_int_equal(tree_search(server.data, str_from(planted[i])), 0);
        assert_false(holds((str){server.log, server.log_len}, str_from(planted[i])));
    }
    assert_int_equal(tree_search(server.data, totp), 0);
    struct answer end =
        ask(&server, server.token, "POST",
            arena_format(server.arena, "/v1/staff/%.*s/account/end", STR_ARG(mona)), STR("{}"));
    expect(&end, 200);
    struct answer again =
        ask(&server, server.token, "POST",
            arena_format(server.arena, "/v1/staff/%.*s/account/end", STR_ARG(mona)), STR("{}"));
    expect_problem(&again, 409, "/problems/conflict");
}

static void a_bad_account_is_refused_with_its_place_and_without_the_password(void **state)
{
    (void)state;
    str mona = member("mona-2");
    static const struct {
        const char *body;
        int code;
        const char *where;
    } bad[] = {
        {"{}", 422, "/scopes"},
        {"{\"scopes\":[\"everything\"]}", 422, "/scopes"},
        {"{\"scopes\":[\"read\"],\"password\":\"Qanary sang\"}", 422, "/password"},
        {"{\"scopes\":[\"read\"],\"password\":\"\"}", 422, "/password"},
        {"{\"scopes\":[\"read\"],\"password\":\"Qanary\\u0000sang at dawn\"}", 422, "/password"},
        {"{\"scopes\":[\"read\"],\"password\":\"Qanary\\nsang at dawn\"}", 422, "/password"},
        {"{\"scopes\":[\"read\"],\"password\":17}", 422, "/password"},
        {"{\"scopes\":[\"read\"],\"password\":\"Password1234!\"}", 422, "/password"},
        {"{\"scopes\":[\"read\"],\"password\":\"mona-2 Mona-2 mona-2\"}", 422, "/password"},
        {"{\"scopes\":[\"read\"],\"hash\":\"$argon2id$v=19$\"}", 422, "no such member"},
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct answer no = account(server.token, mona, bad[i].body);
        if (no.code != bad[i].code && no.code != 400)
            fail_msg("%s: %d %.*s", bad[i].body, no.code, STR_ARG(no.text));
        if (!holds(no.text, str_from(bad[i].where)))
            fail_msg("%s: %.*s", bad[i].body, STR_ARG(no.text));
        assert_false(holds(no.text, STR("Qanary")));
    }
    struct answer nobody =
        account(server.token, STR("AAECAwQFBgcICQoLDA0ODw"), "{\"scopes\":[\"read\"]}");
    expect_problem(&nobody, 404, "/problems/not_found");
    struct answer foreign = account(server.other, mona, "{\"scopes\":[\"read\"]}");
    expect_problem(&foreign, 404, "/problems/not_found");
    str narrow = new_token(&server, "\"scopes\":[\"read\",\"officer\"]");
    struct answer unscoped = account(narrow, mona, "{\"scopes\":[\"read\"]}");
    expect_problem(&unscoped, 403, "/problems/forbidden");
    str bound = new_token(&server, "\"scopes\":[\"all\"],\"purposes\":[\"orders\"]");
    struct answer wider = account(bound, mona, "{\"scopes\":[\"read\"]}");
    expect_problem(&wider, 403, "/problems/forbidden");
}

static struct answer change(str token, const char *body)
{
    return ask(&server, token, "POST", STR("/v1/account/password"), str_from(body));
}

static void a_bad_change_of_a_password_is_refused_and_repeats_nothing(void **state)
{
    (void)state;
    str mona = member("mona-4");
    struct answer made =
        account(server.token, mona, "{\"scopes\":[\"read\"],\"password\":\"Qanary sang at dawn\"}");
    expect(&made, 201);
    str token =
        new_token(&server, arena_c_string(server.arena, arena_format(server.arena,
                                                                     "\"scopes\":[\"read\"],"
                                                                     "\"staff\":\"%.*s\"",
                                                                     STR_ARG(mona))));
    static const struct {
        const char *body;
        int code;
        const char *says;
    } bad[] = {
        {"{}", 422, "/password"},
        {"{\"password\":\"Qanary sang at dawn\"}", 422, "/new"},
        {"{\"password\":\"Qanary sang at dawn\",\"new\":\"Qanary!\"}", 422, "/new"},
        {"{\"password\":\"Qanary sang at dawn\",\"new\":\"\"}", 422, "/new"},
        {"{\"password\":\"Qanary sang at dawn\",\"new\":\"passordpassord\"}", 422, "/new"},
        {"{\"password\":\"Qanary sang at dawn\",\"new\":\"mona-4 mona-4\"}", 422, "/new"},
        {"{\"password\":\"Qanary\\u0000\",\"new\":\"Qanary sings at noon\"}", 422, "/password"},
        {"{\"password\":\"Qanary\",\"new\":\"Qanary sings at noon\",\"code\":\"1\"}", 403,
         "not right"},
        {"{\"password\":\"Qanary sang at dawn\",\"new\":\"Qanary sings at noon\"}", 403,
         "not right"},
        {"{\"password\":\"x\",\"new\":\"Qanary sings at noon\",\"hash\":\"x\"}", 422,
         "no such member"},
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct answer no = change(token, bad[i].body);
        if ((no.code != bad[i].code && no.code != 400) || !holds(no.text, str_from(bad[i].says)))
            fail_msg("%s: %d %.*s", bad[i].body, no.code, STR_ARG(no.text));
        assert_false(holds(no.text, STR("Qanary")));
    }
    /* An application has no password, and a member who has none cannot change it. */
    static const char whole[] =
        "{\"password\":\"Qanary sang at dawn\",\"new\":\"Qanary sings at noon\",\"code\":\"1\"}";
    struct answer application = change(server.token, whole);
    expect_problem(&application, 403, "/problems/forbidden");
    str otto = member("otto-4");
    str none = new_token(&server, arena_c_string(server.arena, arena_format(server.arena,
                                                                            "\"scopes\":[\"read\"],"
                                                                            "\"staff\":\"%.*s\"",
                                                                            STR_ARG(otto))));
    struct answer without = change(none, whole);
    expect_problem(&without, 409, "/problems/conflict");
    assert_false(holds((str){server.log, server.log_len}, STR("Qanary")));
}

/* One of 64 MB each: they take turns, and what is too much is told to come later. */
static void many_passwords_at_once_are_hashed_two_at_a_time_and_others_are_served(void **state)
{
    (void)state;
    enum { MANY = 24 };
    str mona = member("mona-3");
    int sockets[MANY];
    size_t done = 0, later = 0;
    str body = STR("{\"scopes\":[\"read\"],\"password\":\"correct horse battery\"}");
    for (size_t i = 0; i < MANY; i++) {
        sockets[i] = raw_connect(&server);
        raw_send(sockets[i],
                 arena_format(server.arena,
                              "POST /v1/staff/%.*s/account HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                              "Authorization: Bearer %.*s\r\nConnection: close\r\n"
                              "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%.*s",
                              STR_ARG(mona), STR_ARG(server.token), body.len, STR_ARG(body)));
    }
    struct answer meanwhile = ask(&server, server.token, "GET", STR("/v1/register"), STR(""));
    expect(&meanwhile, 200);
    for (size_t i = 0; i < MANY; i++) {
        str answer = raw_read_all(&server, sockets[i]);
        done += str_starts(answer, STR("HTTP/1.1 201"));
        later += str_starts(answer, STR("HTTP/1.1 429"));
        close(sockets[i]);
    }
    assert_int_equal(done + later, MANY);
    assert_true(done >= 2);
    assert_true(later >= 1);
    struct answer end =
        ask(&server, server.token, "POST",
            arena_format(server.arena, "/v1/staff/%.*s/account/end", STR_ARG(mona)), STR("{}"));
    expect(&end, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_password_and_its_codes_are_in_one_answer_and_nowhere_else),
        cmocka_unit_test(a_bad_account_is_refused_with_its_place_and_without_the_password),
        cmocka_unit_test(a_bad_change_of_a_password_is_refused_and_repeats_nothing),
        cmocka_unit_test(many_passwords_at_once_are_hashed_two_at_a_time_and_others_are_served),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
