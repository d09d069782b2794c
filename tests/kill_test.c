/* A real server under many clients, killed at moments drawn in time: nothing that was acknowledged
 * to any of them is lost, nothing is half done, and the log verifies from its files alone.
 *
 *   clients (ledger.h) ---loopback---> vern serve <---SIGKILL--- at a drawn moment
 *   vern log verify, vern restore --check, vern rotate (killed too)    while nobody serves
 *   start, killed at a drawn moment; start --> each client holds its ledger against what is there
 *
 * VERN_KILLS says how often in all (200), VERN_KILL_SEED which seed: it draws what is asked and
 * when the kill comes, not what the machine has done by then. A life is a register of its own. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ledger.h"
#include "scratch.h"

enum { CLIENTS = 12, KILLS = 200, KILLS_OF_LIFE = 250, WORDS = 16 };

extern char **environ;
static const char binary[] = VERN_BUILD "/vern";

static struct kill_plan {
    uint64_t seed, random;
    unsigned kills, done;
    unsigned serving, starting, rotating;
    unsigned of[OP_COUNT]; /* what was on its way when the server was killed, over all clients */
    uint64_t requests, acknowledged, found_done, found_undone, entries, backups, verified;
} plan;

static struct process server;
static struct client clients[CLIENTS];

static uint64_t draw(uint64_t below)
{
    uint64_t z = plan.random += 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return (z ^ z >> 31) % below;
}

/* The moment of a kill is the only thing here that is drawn in time. */
static void pass(uint64_t microseconds)
{
    struct timespec span = {.tv_sec = (time_t)(microseconds / 1000000),
                            .tv_nsec = (long)(microseconds % 1000000) * 1000};
    (void)ppoll(NULL, 0, &span, NULL);
}

/* ---- other programs ---- */

static pid_t start_program(const char *const *words)
{
    char *list[WORDS] = {NULL}, path[128];
    posix_spawn_file_actions_t actions;
    pid_t pid;
    (void)snprintf(path, sizeof(path), "%s/printed", server.dir);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        assert_int_equal(posix_spawn_file_actions_addopen(&actions, fd, path,
                                                          O_WRONLY | O_CREAT | O_APPEND, 0600),
                         0);
    for (size_t i = 0; words[i] != NULL; i++)
        list[i] = (char *)(uintptr_t)words[i];
    assert_int_equal(posix_spawn(&pid, binary, &actions, NULL, list, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static int end_of(pid_t pid)
{
    int how;
    while (waitpid(pid, &how, 0) != pid) {
    }
    return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
}

static void failed(const char *what, int code)
{
    fail_msg("seed %llu, kill %u: %s ends with %d; see %s/printed", (unsigned long long)plan.seed,
             plan.done, what, code, server.dir);
}

static void log_verifies(void)
{
    const char *words[] = {"vern",   "log",       "verify",     "--data", server.data,
                           "--root", server.root, "--register", "shop",   NULL};
    int code = end_of(start_program(words));
    if (code != 0)
        failed("vern log verify", code);
    plan.verified++;
}

/* A backup that was acknowledged could be put in place. */
static void backup_is_whole(struct client *operator_)
{
    char from[160], command[200];
    if (operator_->backup[0] == '\0')
        return;
    (void)snprintf(from, sizeof(from), "%s/backups/shop/%s", server.dir, operator_->backup);
    const char *words[] = {"vern",       "restore", "--data", server.data, "--root",  server.root,
                           "--register", "shop",    "--from", from,        "--check", NULL};
    int code = end_of(start_program(words));
    if (code != 0)
        failed("vern restore --check", code);
    (void)snprintf(command, sizeof(command), "rm -rf '%s/backups/shop'", server.dir);
    assert_int_equal(system(command), 0);
    operator_->backup[0] = '\0';
    plan.backups++;
}

static void rotate_and_kill(void)
{
    const char *words[] = {"vern",      "rotate",     "--data", server.data, "--root",
                           server.root, "--register", "shop",   NULL};
    pid_t pid = start_program(words);
    pass(draw(30000));
    (void)kill(pid, SIGKILL);
    int code = end_of(pid);
    if (code != 0 && code != 128 + SIGKILL)
        failed("vern rotate", code);
    plan.rotating += code != 0;
    plan.done += code != 0;
}

/* ---- a kill ---- */

static void *work(void *self)
{
    client_work(self, server.port);
    return NULL;
}

static void *check(void *self)
{
    client_check(self, server.port);
    return NULL;
}

static void *check_all(void *self)
{
    client_check_all(self, server.port);
    return NULL;
}

static void all_at_once(void *(*what)(void *self), pthread_t threads[CLIENTS])
{
    for (size_t i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, what, &clients[i]), 0);
}

static void wait_for(pthread_t threads[CLIENTS])
{
    for (size_t i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void all_is_well(void)
{
    for (size_t i = 0; i < CLIENTS; i++) {
        if (clients[i].wrong[0] != '\0')
            fail_msg("%s; seed %llu, kill %u, in %s", clients[i].wrong,
                     (unsigned long long)plan.seed, plan.done, server.dir);
    }
}

static void serve_and_kill(void)
{
    static const uint64_t spans[] = {3000, 30000, 100000, 250000};
    pthread_t threads[CLIENTS];
    all_at_once(work, threads);
    pass(draw(spans[draw(LENGTH(spans))]));
    process_kill(&server);
    wait_for(threads);
    for (size_t i = 0; i < CLIENTS; i++)
        plan.of[clients[i].open.op]++;
    plan.serving++;
    plan.done++;
}

/* And again, before it serves. */
static void start_and_kill(void)
{
    process_spawn(&server);
    pass(draw(40000));
    process_kill_starting(&server);
    plan.starting++;
    plan.done++;
}

static void one_kill(void)
{
    pthread_t threads[CLIENTS];
    serve_and_kill();
    all_is_well();
    log_verifies();
    backup_is_whole(&clients[0]);
    if (draw(12) == 0)
        rotate_and_kill();
    while (draw(3) == 0)
        start_and_kill();
    process_start(&server);
    all_at_once(check, threads);
    wait_for(threads);
    all_is_well();
}

/* ---- a life ---- */

static void weigh(const char *purpose)
{
    char body[128];
    (void)snprintf(body, sizeof(body),
                   "{\"type\":\"balancing\",\"purpose\":\"%s\",\"particulars\":"
                   "{\"reference\":\"w 1\"}}",
                   purpose);
    struct answer weighed = post(&server, "/v1/evidence", body);
    expect(&weighed, 201);
}

static void begin_life(unsigned life)
{
    static char token[256];
    process_open_in(&server, scratch_folder(), "tests/kill/kill.yaml", NULL);
    weigh("support");
    weigh("visiting");
    (void)snprintf(token, sizeof(token), "%.*s", STR_ARG(server.token));
    for (unsigned i = 0; i < CLIENTS; i++)
        client_begin(&clients[i], i, plan.seed + life, token);
    clients[0].operates = true;
    (void)snprintf(clients[0].clock, sizeof(clients[0].clock), "2026-03-01T09:00:00Z");
}

static void end_life(void)
{
    pthread_t threads[CLIENTS];
    all_at_once(check_all, threads);
    wait_for(threads);
    all_is_well();
    plan.entries += (uint64_t)log_size(&server, server.token);
    process_end(&server);
    log_verifies();
    process_remove(&server);
    for (size_t i = 0; i < CLIENTS; i++) {
        plan.requests += clients[i].requests;
        plan.acknowledged += clients[i].acknowledged;
        plan.found_done += clients[i].found_done;
        plan.found_undone += clients[i].found_undone;
        client_end(&clients[i]);
    }
}

static void tell(void)
{
    print_message("  seed %llu: %u kills: %u while serving, %u while starting, %u while rotating\n",
                  (unsigned long long)plan.seed, plan.done, plan.serving, plan.starting,
                  plan.rotating);
    for (size_t i = 1; i < OP_COUNT; i++)
        print_message("    %-16s on its way at %u\n", ledger_op_names[i], plan.of[i]);
    print_message("  %llu requests, %llu acknowledged, 0 of them lost; of those on their way %llu "
                  "were done, %llu not, 0 half\n",
                  (unsigned long long)plan.requests, (unsigned long long)plan.acknowledged,
                  (unsigned long long)plan.found_done, (unsigned long long)plan.found_undone);
    print_message("  %llu entries, verified %llu times from the files; %llu backups checked\n",
                  (unsigned long long)plan.entries, (unsigned long long)plan.verified,
                  (unsigned long long)plan.backups);
}

static uint64_t number_said(const char *name, uint64_t usual)
{
    const char *said = getenv(name);
    uint64_t number = usual;
    if (said != NULL && !str_to_u64(str_from(said), &number))
        fail_msg("%s is no number: %s", name, said);
    return number;
}

/* G1, G3, G4 */
static void whenever_it_is_killed_what_was_acknowledged_holds(void **state)
{
    (void)state;
    uint32_t drawn;
    world_random(world_real(), &drawn, sizeof(drawn));
    plan.seed = number_said("VERN_KILL_SEED", drawn);
    plan.random = plan.seed;
    plan.kills = (unsigned)number_said("VERN_KILLS", KILLS);
    print_message("  seed %llu\n", (unsigned long long)plan.seed);
    for (unsigned life = 0; plan.done < plan.kills; life++) {
        unsigned until = plan.done + KILLS_OF_LIFE;
        begin_life(life);
        while (plan.done < plan.kills && plan.done < until)
            one_kill();
        end_life();
    }
    tell();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whenever_it_is_killed_what_was_acknowledged_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
