/* The end of a whole register over HTTP, against the real server: two persons, a certificate, and
 * everyone who comes afterwards is told. */
#include "process.h"

static struct process server;

static int open_server(void **state)
{
    (void)state;
    process_open(&server, NULL);
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

static str made_id(const char *target, str body)
{
    struct answer made = ask(&server, server.token, "POST", str_from(target), body);
    expect(&made, 201);
    return text_of(&made, "id");
}

static str hire_manager(void)
{
    str member = made_id("/v1/staff", STR("{\"role\":\"manager\",\"name\":\"Mia Kanari\"}"));
    (void)made_id("/v1/evidence",
                  arena_format(server.arena,
                               "{\"type\":\"training\",\"actor\":\"%.*s\",\"particulars\":{}}",
                               STR_ARG(member)));
    return new_token(&server, arena_c_string(server.arena, arena_format(server.arena,
                                                                        "\"scopes\":[\"officer\"],"
                                                                        "\"staff\":\"%.*s\"",
                                                                        STR_ARG(member))));
}

static struct answer end_as(str token, const char *body)
{
    return ask(&server, token, "POST", STR("/v1/register/end"), str_from(body));
}

static const char right[] = "{\"name\":\"shop\",\"people\":1,\"choice\":\"return\"}";

static void only_an_administrator_who_says_what_it_is_begins_the_end(void **state)
{
    (void)state;
    (void)made_id("/v1/subjects", STR("{\"roles\":[\"asker\"]}"));
    str officer = new_token(&server, "\"scopes\":[\"officer\",\"rights\"]");
    struct answer no = end_as(officer, right);
    expect_problem(&no, 403, "/problems/forbidden");
    no = end_as(server.other, right);
    expect_problem(&no, 409, "/problems/conflict");
    static const char *const odd[] = {
        "{}",
        "{\"name\":\"shop\"}",
        "{\"name\":\"shop\",\"people\":1}",
        "{\"name\":\"shop\",\"people\":-1,\"choice\":\"erase\"}",
        "{\"name\":\"shop\",\"people\":2,\"choice\":\"erase\"}",
        "{\"name\":\"shop\",\"people\":1,\"choice\":\"keep\"}",
        "{\"name\":\"other\",\"people\":1,\"choice\":\"erase\"}",
        "{\"name\":\"shop\",\"people\":1,\"choice\":\"erase\",\"force\":true}"};
    for (size_t i = 0; i < LENGTH(odd); i++) {
        struct answer answer = end_as(server.token, odd[i]);
        if (answer.code != 422 && answer.code != 409)
            fail_msg("%s: %d", odd[i], answer.code);
    }
    struct answer lives = ask(&server, server.token, "GET", STR("/v1/register"), STR(""));
    expect(&lives, 200);
}

static void it_takes_two_persons_and_then_everyone_is_told_that_it_is_gone(void **state)
{
    (void)state;
    str manager = hire_manager();
    struct answer waits = end_as(server.token, right);
    expect(&waits, 202);
    str path = arena_format(server.arena, "/v1/acts/%.*s/approve", STR_ARG(text_of(&waits, "id")));
    struct answer own = ask(&server, server.token, "POST", path, STR(""));
    assert_true(own.code == 403);
    struct answer still = end_as(server.token, right);
    expect(&still, 202);
    struct answer approved = ask(&server, manager, "POST", path, STR(""));
    expect(&approved, 200);
    struct answer other =
        end_as(server.token, "{\"name\":\"shop\",\"people\":1,\"choice\":\"erase\"}");
    expect(&other, 202); /* another end than the one that was approved */
    struct answer done = end_as(server.token, right);
    expect(&done, 200);
    assert_true(holds(done.text, STR("\"people\":1")));
    assert_true(holds(done.text, STR("\"choice\":\"return\"")));
    assert_true(text_of(&done, "checkpoint").len > 0);
    const str tokens[] = {server.token, manager};
    for (size_t i = 0; i < LENGTH(tokens); i++) {
        struct answer gone = ask(&server, tokens[i], "GET", STR("/v1/register"), STR(""));
        expect_problem(&gone, 410, "/problems/gone");
        gone = ask(&server, tokens[i], "POST", STR("/v1/subjects"), STR("{}"));
        expect_problem(&gone, 410, "/problems/gone");
        gone = ask(&server, tokens[i], "POST", STR("/v1/import"), STR("{}"));
        assert_true(gone.code == 410);
    }
    struct answer unknown = ask(&server,
                                STR("vern_AAECAwQFBgcICQoLDA0ODw_"
                                    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
                                "GET", STR("/v1/register"), STR(""));
    expect_problem(&unknown, 401, "/problems/unauthenticated");
    struct answer neighbour = ask(&server, server.other, "GET", STR("/v1/register"), STR(""));
    expect(&neighbour, 200);
    process_kill(&server);
    process_start(&server);
    struct answer gone = ask(&server, server.token, "GET", STR("/v1/register"), STR(""));
    expect_problem(&gone, 410, "/problems/gone");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_an_administrator_who_says_what_it_is_begins_the_end),
        cmocka_unit_test(it_takes_two_persons_and_then_everyone_is_told_that_it_is_gone),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
