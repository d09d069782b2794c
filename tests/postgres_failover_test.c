/* A real server over a PostgreSQL whose standby is waited for: the primary is killed under load,
 * the standby takes its place, and nothing that was acknowledged is lost, nothing is half done.
 *
 *   clients (ledger.h) --> vern serve --> primary ===every commit waits===> standby
 *                                           | SIGKILL                         | pg_promote()
 *                                           `--- follows from now on <--------'
 *
 * A client that is answered 503 asks the same again. At the end the server is killed, too, started
 * again, and each client holds its ledger against what is there. VERN_FAILOVERS says how often (2),
 * VERN_FAILOVER_SEED which seed: it draws what is asked and when the kill comes. */
#include "process.h"

#include <poll.h>
#include <signal.h>

#include "crowd.h"
#include "postgres_server.h"
#include "scratch.h"

enum { CLIENTS = 4, FAILOVERS = 2, POLL_MS = 5, TURNS_LEAST = 40, ANSWER_MS = 120000 };

static struct postgres_server servers[2];
static unsigned primary; /* which of them */
static struct process server;
static struct crowd crowd;
static unsigned starts;

/* ---- primary and standby ---- */

static long asked(const struct postgres_server *of, const char *sql)
{
    return postgres_count(of->address, "public", sql, "x", 1);
}

static void until(const struct postgres_server *of, const char *sql)
{
    while (asked(of, sql) <= 0)
        poll(NULL, 0, POLL_MS);
}

static long turns(void)
{
    char address[POSTGRES_ADDRESS_ROOM];
    (void)snprintf(address, sizeof(address), "postgresql:///%s?host=%s&user=vern",
                   strrchr(server.dir, '/') + 1, servers[primary].dir);
    return postgres_count(address, "public",
                          "SELECT number FROM vern_shop_data.turn WHERE ?1::text <> ''", "x", 1);
}

/* From here on each commit of the primary waits until the standby has it, too. */
static void wait_for_the_standby(void)
{
    struct postgres_server *now = &servers[primary];
    postgres_server_set(now, "ALTER SYSTEM SET synchronous_standby_names = '*'");
    until(now, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' AND "
               "state = 'streaming' AND ?1::text <> ''");
}

/* The standby hears nothing for a moment, so that commits wait for it when the primary is killed.
 */
static void fail_over(void)
{
    pid_t hears = (pid_t)asked(&servers[1 - primary],
                               "SELECT pid FROM pg_stat_wal_receiver WHERE ?1::text <> ''");
    assert_true(hears > 0);
    assert_int_equal(kill(hears, SIGSTOP), 0);
    pass(crowd_draw(&crowd, 100000));
    postgres_server_kill(&servers[primary]);
    assert_int_equal(kill(hears, SIGCONT), 0);
    primary = 1 - primary;
    postgres_server_promote(&servers[primary]);
}

static void the_killed_one_follows(void)
{
    postgres_server_follow(&servers[1 - primary], &servers[primary], "");
    wait_for_the_standby();
}

/* ---- clients ---- */

static void *work(void *self)
{
    do
        client_work(self, server.port);
    while (client_may_ask_again(self));
    return NULL;
}

static void *check_all(void *self)
{
    client_check_all(self, server.port);
    return NULL;
}

/* ---- the test ---- */

/* The server may have stopped itself, when half of a turn was kept: then whoever watches over it
 * starts it again. */
static void again_when_it_stopped(void)
{
    if (!process_ended(&server))
        return;
    process_start(&server);
    starts++;
}

static bool takes_writes(struct arena *arena)
{
    struct report report = {0};
    struct http_response response = {0};
    struct http_field field = {STR("Authorization"),
                               arena_format(arena, "Bearer %.*s", STR_ARG(server.token))};
    struct http_call call = {.method = "POST",
                             .target = STR("/v1/subjects"),
                             .fields = &field,
                             .field_count = 1,
                             .content_type = STR("application/json"),
                             .body = STR("{}")};
    CLEANUP(http_client_close) struct http_client *client = NULL;
    return is_ok(http_client_open("127.0.0.1", server.port, ANSWER_MS, &report, &client)) &&
           is_ok(http_client_call(client, &call, arena, &report, &response)) &&
           response.code == 201;
}

static void goes_on_without_hands(void)
{
    struct arena *arena = arena_new(1 << 20);
    while (!takes_writes(arena)) {
        arena_reset(arena);
        again_when_it_stopped();
    }
    arena_free(&arena);
}

static void one_failover(void)
{
    unsigned before_starts = starts;
    long before_it = turns();
    crowd_start(&crowd, work);
    while (turns() < before_it + TURNS_LEAST)
        pass(1000 + crowd_draw(&crowd, 20000));
    fail_over();
    goes_on_without_hands();
    before_it = turns();
    while (turns() < before_it + TURNS_LEAST && process_runs(&server) && starts == before_starts)
        pass(1000 + crowd_draw(&crowd, 20000));
    process_kill(&server);
    crowd_join(&crowd);
    process_start(&server);
    crowd_start(&crowd, check_all);
    crowd_join(&crowd);
}

/* G3, G4 */
static void a_primary_killed_under_load_takes_nothing_along_that_was_acknowledged(void **state)
{
    (void)state;
    uint64_t failovers = number_said("VERN_FAILOVERS", FAILOVERS);
    crowd_seed(&crowd, "VERN_FAILOVER_SEED");
    process_open_in(&server, scratch_folder(), "tests/kill/kill.yaml", NULL);
    crowd_begin(&crowd, CLIENTS, 0, &server);
    wait_for_the_standby();
    for (uint64_t i = 0; i < failovers; i++) {
        if (i > 0)
            the_killed_one_follows();
        one_failover();
    }
    crowd_end(&crowd);
    print_message(
        "  seed %llu: %llu failovers; %llu requests, %llu acknowledged, 0 of them lost; "
        "%llu answered 503 and asked again; of those on their way at a kill %llu were done, "
        "%llu not, 0 half; %u starts\n",
        (unsigned long long)crowd.seed, (unsigned long long)failovers,
        (unsigned long long)crowd.requests, (unsigned long long)crowd.acknowledged,
        (unsigned long long)crowd.refused, (unsigned long long)crowd.found_done,
        (unsigned long long)crowd.found_undone, starts);
    process_end(&server);
    process_remove(&server);
}

static int stopped(void **state)
{
    (void)state;
    postgres_server_stop(&servers[0]);
    postgres_server_stop(&servers[1]);
    return 0;
}

int main(void)
{
    char address[2 * POSTGRES_ADDRESS_ROOM];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_primary_killed_under_load_takes_nothing_along_that_was_acknowledged),
    };
    if (!postgres_server_start(&servers[0], ""))
        return 77;
    postgres_server_follow(&servers[1], &servers[0], "");
    (void)snprintf(address, sizeof(address), "postgresql:///postgres?host=%s,%s&user=vern",
                   servers[0].dir, servers[1].dir);
    assert(setenv("VERN_TEST_DATABASE", address, 1) == 0);
    return cmocka_run_group_tests(tests, NULL, stopped);
}
