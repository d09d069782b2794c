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
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crowd.h"
#include "scratch.h"

enum { CLIENTS = 12, KILLS = 200, KILLS_OF_LIFE = 250, WORDS = 16 };

extern char **environ;
static const char binary[] = VERN_BUILD "/vern";

static struct kill_plan {
    unsigned kills, done;
    unsigned serving, starting, rotating;
    unsigned of[OP_COUNT]; /* what was on its way when the server was killed, over all clients */
    uint64_t entries, backups, verified;
} plan;

static struct process server;
static struct crowd crowd;

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
    fail_msg("seed %llu, kill %u: %s ends with %d; see %s/printed", (unsigned long long)crowd.seed,
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
    pass(crowd_draw(&crowd, 30000));
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

static void serve_and_kill(void)
{
    static const uint64_t spans[] = {3000, 30000, 100000, 250000};
    crowd_start(&crowd, work);
    pass(crowd_draw(&crowd, spans[crowd_draw(&crowd, LENGTH(spans))]));
    process_kill(&server);
    crowd_join(&crowd);
    for (size_t i = 0; i < CLIENTS; i++)
        plan.of[crowd.clients[i].open.op]++;
    plan.serving++;
    plan.done++;
}

/* And again, before it serves. */
static void start_and_kill(void)
{
    process_spawn(&server);
    pass(crowd_draw(&crowd, 40000));
    process_kill_starting(&server);
    plan.starting++;
    plan.done++;
}

static void one_kill(void)
{
    serve_and_kill();
    log_verifies();
    backup_is_whole(&crowd.clients[0]);
    if (crowd_draw(&crowd, 12) == 0)
        rotate_and_kill();
    while (crowd_draw(&crowd, 3) == 0)
        start_and_kill();
    process_start(&server);
    crowd_start(&crowd, check);
    crowd_join(&crowd);
}

/* ---- a life ---- */

static void begin_life(unsigned life)
{
    process_open_in(&server, scratch_folder(), "tests/kill/kill.yaml", NULL);
    crowd_begin(&crowd, CLIENTS, life, &server);
    crowd.clients[0].operates = true;
    (void)snprintf(crowd.clients[0].clock, sizeof(crowd.clients[0].clock), "2026-03-01T09:00:00Z");
}

static void end_life(void)
{
    crowd_start(&crowd, check_all);
    crowd_join(&crowd);
    plan.entries += (uint64_t)log_size(&server, server.token);
    process_end(&server);
    log_verifies();
    process_remove(&server);
    crowd_end(&crowd);
}

static void tell(void)
{
    print_message("  seed %llu: %u kills: %u while serving, %u while starting, %u while rotating\n",
                  (unsigned long long)crowd.seed, plan.done, plan.serving, plan.starting,
                  plan.rotating);
    for (size_t i = 1; i < OP_COUNT; i++)
        print_message("    %-16s on its way at %u\n", ledger_op_names[i], plan.of[i]);
    print_message("  %llu requests, %llu acknowledged, 0 of them lost; of those on their way %llu "
                  "were done, %llu not, 0 half\n",
                  (unsigned long long)crowd.requests, (unsigned long long)crowd.acknowledged,
                  (unsigned long long)crowd.found_done, (unsigned long long)crowd.found_undone);
    print_message("  %llu entries, verified %llu times from the files; %llu backups checked\n",
                  (unsigned long long)plan.entries, (unsigned long long)plan.verified,
                  (unsigned long long)plan.backups);
}

/* G1, G3, G4 */
static void whenever_it_is_killed_what_was_acknowledged_holds(void **state)
{
    (void)state;
    crowd_seed(&crowd, "VERN_KILL_SEED");
    plan.kills = (unsigned)number_said("VERN_KILLS", KILLS);
    print_message("  seed %llu\n", (unsigned long long)crowd.seed);
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
