/* A real server whose register moves into PostgreSQL under load: it is never away, reads are always
 * answered, what would change something is answered 503 or kept, and nothing that was acknowledged
 * is lost or half done.
 *
 *   clients (ledger.h) --> vern serve --> files   <-- vern move --> PostgreSQL
 *                                `------------------------------------^ when it has moved
 *
 * A client that is answered 503 asks the same again. At the end the server is killed, started
 * again, and each client holds its ledger against what is there. VERN_MOVING_SEED says what is
 * asked. */
#include "process.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crowd.h"
#include "file.h"
#include "postgres_server.h"
#include "scratch.h"

enum { CLIENTS = 4, ENTRIES_LEAST = 200, TURNS_LEAST = 40, PAUSE = 1000, MOVE_WORDS = 16 };

extern char **environ;

static struct postgres_server database;
static struct process server;
static struct crowd crowd;
static unsigned reads, kept, moving; /* what the test itself asked while it moved */

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

static pid_t start_move(void)
{
    const char *words[MOVE_WORDS] = {VERN_BUILD "/vern", "move",          "--data",     server.data,
                                     "--root",           server.root,     "--register", "shop",
                                     "--database",       database.address};
    char *list[MOVE_WORDS] = {NULL};
    pid_t pid;
    for (size_t i = 0; words[i] != NULL; i++)
        list[i] = (char *)(uintptr_t)words[i];
    assert_int_equal(posix_spawn(&pid, list[0], NULL, NULL, list, environ), 0);
    return pid;
}

static str somebody(void)
{
    struct answer made = post(&server, "/v1/subjects", "{\"roles\":[\"asker\"]}");
    expect(&made, 201);
    str id = text_of(&made, "id");
    struct answer told =
        post_subject(&server, id, "collect",
                     "{\"intake\":\"form\",\"source\":\"person\",\"channel\":\"web\","
                     "\"values\":{\"contact.email\":\"kari@example.test\"}}");
    expect(&told, 201);
    return id;
}

static void read_somebody(str id)
{
    struct answer read = post_subject(&server, id, "read", "{\"purpose\":\"support\"}");
    expect(&read, 200);
    assert_true(holds(read.text, STR("kari@example.test")));
    reads++;
}

static void try_to_change(void)
{
    struct answer made = post(&server, "/v1/subjects", "{\"roles\":[\"asker\"]}");
    if (made.code == 201) {
        kept++;
        return;
    }
    expect_problem(&made, 503, "/problems/moving");
    assert_non_null(http_response_header(&made.response, "Retry-After").ptr);
    moving++;
}

static bool ends(pid_t pid, int *how)
{
    pid_t ended = waitpid(pid, how, WNOHANG);
    assert_true(ended >= 0);
    return ended == pid;
}

static long turns(void)
{
    return postgres_count(database.address, "public",
                          "SELECT number FROM vern_shop_data.turn WHERE ?1::text <> ''", "x", 1);
}

static void expect_moved(void)
{
    char path[160];
    (void)snprintf(path, sizeof(path), "%s/registers/shop/database.json", server.data);
    assert_true(file_exists(path));
    (void)snprintf(path, sizeof(path), "%s/registers/shop/data.db", server.data);
    assert_false(file_exists(path));
}

/* G3, G4 */
static void a_register_that_moves_under_load_is_read_all_the_while(void **state)
{
    (void)state;
    int how = 0;
    crowd_seed(&crowd, "VERN_MOVING_SEED");
    process_open_in(&server, scratch_folder(), "tests/kill/kill.yaml", NULL);
    crowd_begin(&crowd, CLIENTS, 0, &server);
    str id = somebody();
    crowd_start(&crowd, work);
    while (log_size(&server, server.token) < ENTRIES_LEAST)
        pass(PAUSE);
    for (pid_t mover = start_move(); !ends(mover, &how);) {
        read_somebody(id);
        try_to_change();
    }
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    expect_moved();
    assert_true(reads > 0 && moving > 0);
    read_somebody(id);
    long then = turns();
    while (turns() < then + TURNS_LEAST && process_runs(&server))
        pass(PAUSE);
    process_kill(&server);
    crowd_join(&crowd);
    process_start(&server);
    crowd_start(&crowd, check_all);
    crowd_join(&crowd);
    read_somebody(id);
    crowd_end(&crowd);
    print_message(
        "  seed %llu: %u reads while it moved, all answered; %u changes kept, %u answered "
        "503;\n  of %llu requests %llu were acknowledged, 0 of them lost\n",
        (unsigned long long)crowd.seed, reads, kept, moving, (unsigned long long)crowd.requests,
        (unsigned long long)crowd.acknowledged);
    process_end(&server);
    process_remove(&server);
}

static int stopped(void **state)
{
    (void)state;
    postgres_server_stop(&database);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_register_that_moves_under_load_is_read_all_the_while),
    };
    if (!postgres_server_start(&database, ""))
        return 77;
    return cmocka_run_group_tests(tests, NULL, stopped);
}
