/* A server of two is frozen within its turn: it holds the baton, and its machine stands still.
 *
 *   this test: locks a table --> A waits in its turn --SIGSTOP--> unlocks      B: is asked
 *              after the deadline the database ends A's sessions, and B goes on
 *              SIGCONT --> A has no turn any more: it gives nothing out, and ends
 *
 * The deadline is twenty seconds (beside.postgres.sql), so it is of the long form alone:
 * VERN_POSTGRES=whole. */
#include "process.h"

#include <libpq-fe.h>
#include <signal.h>
#include <unistd.h>

#include "crowd.h"
#include "postgres_server.h"

enum { PAUSE = 10000, TRIES_MOST = 3000 };

static struct postgres_server database;
static struct process server; /* and the one beside it */

static int begin(void **state)
{
    (void)state;
    process_open(&server, NULL);
    assert_non_null(server.beside);
    return 0;
}

static long waiting(void)
{
    return postgres_count(server.database, "public",
                          "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                          "AND application_name = ?1::text",
                          "vern", 4);
}

static PGconn *lock_dossiers(void)
{
    PGconn *to = PQconnectdb(server.database);
    PGresult *locked = PQexec(to, "BEGIN; LOCK TABLE vern_shop_data.dossier IN EXCLUSIVE MODE");
    assert_int_equal(PQresultStatus(locked), PGRES_COMMAND_OK);
    PQclear(locked);
    return to;
}

static int ask_for_person(void)
{
    static const char body[] = "{\"roles\":[\"asker\"]}";
    int socket = raw_connect(&server);
    raw_send(socket, arena_format(server.arena,
                                  "POST /v1/subjects HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                  "Authorization: Bearer %.*s\r\nContent-Type: application/json\r\n"
                                  "Content-Length: %zu\r\n\r\n%s",
                                  STR_ARG(server.token), sizeof(body) - 1, body));
    return socket;
}

static void until_it_waits(void)
{
    for (unsigned tries = 0; waiting() == 0; tries++) {
        assert_true(tries < TRIES_MOST);
        pass(PAUSE);
    }
}

/* G3 */
static void the_others_go_on_and_the_frozen_one_gives_nothing_out_and_ends(void **state)
{
    (void)state;
    PGconn *lock = lock_dossiers();
    int socket = ask_for_person();
    until_it_waits();
    assert_int_equal(kill(server.server, SIGSTOP), 0);
    PQfinish(lock);
    struct process *other = server.beside;
    server.beside = NULL;
    struct answer made =
        ask(other, server.token, "POST", STR("/v1/subjects"), STR("{\"roles\":[\"asker\"]}"));
    if (made.code != 201) /* who waited longer than a baton is waited for asks again */
        made =
            ask(other, server.token, "POST", STR("/v1/subjects"), STR("{\"roles\":[\"asker\"]}"));
    expect(&made, 201);
    assert_int_equal(kill(server.server, SIGCONT), 0);
    str given = raw_read_all(&server, socket);
    close(socket);
    assert_false(holds(given, STR("201 Created")));
    for (unsigned tries = 0; !process_ended(&server); tries++) {
        assert_true(tries < TRIES_MOST);
        pass(PAUSE);
    }
    process_start(&server);
    server.beside = other;
    for (unsigned i = 0; i < 2; i++) { /* one of each: there is the one that was acknowledged */
        struct answer people = ask(&server, server.token, "GET", STR("/v1/subjects"), STR(""));
        expect(&people, 200);
        assert_true(holds(people.text, text_of(&made, "id")));
    }
}

static int stopped(void **state)
{
    (void)state;
    process_close(&server);
    postgres_server_stop(&database);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_others_go_on_and_the_frozen_one_gives_nothing_out_and_ends),
    };
    const char *form = getenv("VERN_POSTGRES");
    if (form == NULL || strcmp(form, "whole") != 0 || !postgres_server_start(&database, ""))
        return 77;
    assert(setenv("VERN_TEST_DATABASE", database.address, 1) == 0);
    assert(setenv("VERN_TEST_SERVERS", "1", 1) == 0);
    assert(setenv("VERN_TEST_TOGETHER", "1", 1) == 0);
    return cmocka_run_group_tests(tests, begin, stopped);
}
