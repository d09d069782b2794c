/* Sign-in of people over HTTP: sessions, links by mail, what may be done and what may not. A real
 * server process; the mail goes to a real mail server on the loopback. */
#include "process.h"

static struct process server;

static int open_server(void **state)
{
    *state = NULL;
    process_open(&server, "public_url = https://stopp.example.no\nproxies = 127.0.0.1\n");
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

static void a_token_is_no_session_and_opens_nothing_of_anyones_own(void **state)
{
    (void)state;
    static const char *const routes[][2] = {{"GET", "/v1/session"},
                                            {"POST", "/v1/session/end"},
                                            {"GET", "/v1/me/sessions"},
                                            {"POST", "/v1/me/sessions/AAAAAAAAAAAAAAAAAAAAAA/end"}};
    for (size_t i = 0; i < LENGTH(routes); i++) {
        struct answer answer =
            ask(&server, server.token, routes[i][0], str_from(routes[i][1]), STR(""));
        expect_problem(&answer, 401, "/problems/unauthenticated");
    }
}

static void officers_list_and_end_sessions_and_nobody_is_signed_in_at_first(void **state)
{
    (void)state;
    struct answer list = ask(&server, server.token, "GET", STR("/v1/sessions"), STR(""));
    expect(&list, 200);
    assert_int_equal(json_get(list.json, "sessions")->count, 0);
    struct answer none = ask(&server, server.token, "POST",
                             STR("/v1/sessions/AAAAAAAAAAAAAAAAAAAAAA/end"), STR(""));
    expect_problem(&none, 404, "/problems/not_found");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_no_session_and_opens_nothing_of_anyones_own),
        cmocka_unit_test(officers_list_and_end_sessions_and_nobody_is_signed_in_at_first),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
