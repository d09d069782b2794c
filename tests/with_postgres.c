/* with_postgres: runs tests of files on a PostgreSQL of their own, whose address they find in
 * VERN_TEST_DATABASE.
 *
 *   with_postgres [--durable | --spread] PROGRAM [WORD...]
 *                                                      one; for a benchmark one that flushes, with
 *                                                      the memory that it has by itself
 *   with_postgres [--spread] --each PROGRAM... [--whole PROGRAM...]
 *                                                      many, two side by side, each in a database
 *                                                      of its own; those behind --whole where
 *                                                      VERN_POSTGRES is "whole"
 *
 *   with_postgres --newer --each PROGRAM... [--whole PROGRAM...]
 *                                                      the same on each newer PostgreSQL in turn
 * that npm brought (tests/newer, tools/install.sh)
 *
 * With --spread each table that a register makes there is spread at once, as `vern db shard` would,
 * over partitions that refuse a key without what it is spread by.
 *
 * Of many it says how long each took, and what those printed that failed. Ends with 77, which ctest
 * counts as skipped, where none is installed. */
#include <fcntl.h>
#include <glob.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "postgres_server.h"

enum { SIDE_BY_SIDE = 2, PATH_ROOM = 256 };

static struct postgres_server server;

struct one {
    const char *name;
    pid_t pid; /* 0: nothing runs here */
    char output[PATH_ROOM];
    struct timespec began;
};

static pid_t start(char **words, const char *address, const char *output)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    setenv("VERN_TEST_DATABASE", address, 1);
    int to = output == NULL ? -1 : open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (output != NULL && (dup2(to, STDOUT_FILENO) < 0 || dup2(to, STDERR_FILENO) < 0))
        _exit(126);
    execv(words[0], words);
    _exit(127);
}

static int code_of(int how)
{
    return WIFEXITED(how) ? WEXITSTATUS(how) : 1;
}

static int run_one(char **words)
{
    int how = 0;
    waitpid(start(words, server.address, NULL), &how, 0);
    return code_of(how);
}

/* ---- many ---- */

static void start_of_many(struct one *one, char *program)
{
    char address[POSTGRES_ADDRESS_ROOM], *words[] = {program, NULL};
    const char *slash = strrchr(program, '/');
    one->name = slash == NULL ? program : slash + 1;
    postgres_database_make(server.address, one->name, address);
    snprintf(one->output, sizeof(one->output), "%s/%s.txt", server.dir, one->name);
    clock_gettime(CLOCK_MONOTONIC, &one->began);
    one->pid = start(words, address, one->output);
}

static void show(const char *path)
{
    char room[4096];
    size_t count;
    FILE *file = fopen(path, "re");
    while (file != NULL && (count = fread(room, 1, sizeof(room), file)) > 0)
        fwrite(room, 1, count, stdout);
    if (file != NULL)
        fclose(file);
}

/* False when it failed. */
static bool end_of_one(struct one *one, int how)
{
    struct timespec now;
    bool well = code_of(how) == 0 || code_of(how) == 77;
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("%-28s %s %4ld s\n", one->name,
           code_of(how) == 77 ? "skipped"
           : well             ? "passed "
                              : "FAILED ",
           (long)(now.tv_sec - one->began.tv_sec));
    if (!well)
        show(one->output);
    fflush(stdout);
    one->pid = 0;
    return well;
}

/* The place of one that is not running. */
static struct one *free_place(struct one running[SIDE_BY_SIDE], int *failed)
{
    int how;
    for (size_t i = 0; i < SIDE_BY_SIDE; i++)
        if (running[i].pid == 0)
            return &running[i];
    pid_t ended = wait(&how);
    for (size_t i = 0; i < SIDE_BY_SIDE; i++) {
        if (running[i].pid != ended)
            continue;
        *failed += !end_of_one(&running[i], how);
        return &running[i];
    }
    server.pid = 0; /* it was the server: what runs says so by itself */
    return free_place(running, failed);
}

static bool is_whole(void)
{
    const char *form = getenv("VERN_POSTGRES");
    return form != NULL && strcmp(form, "whole") == 0;
}

static int run_each(char **programs)
{
    struct one running[SIDE_BY_SIDE] = {{.pid = 0}};
    int failed = 0, how;
    for (; *programs != NULL && (is_whole() || strcmp(*programs, "--whole") != 0); programs++)
        if (strcmp(*programs, "--whole") != 0)
            start_of_many(free_place(running, &failed), *programs);
    for (size_t i = 0; i < SIDE_BY_SIDE; i++)
        if (running[i].pid > 0 && waitpid(running[i].pid, &how, 0) == running[i].pid)
            failed += !end_of_one(&running[i], how);
    return failed > 0;
}

/* ---- spread ---- */

/* Each line of it is one of the table `spread`. */
static void copy_lines(PGconn *to, const char *path)
{
    char line[PATH_ROOM];
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        const char *values[] = {line};
        PQclear(PQexecParams(to, "INSERT INTO public.spread (line) VALUES (rtrim($1, E';\\n'))", 1,
                             NULL, values, NULL, NULL, 0));
    }
    if (file != NULL)
        fclose(file);
}

static void spread_in(const char *database)
{
    char address[POSTGRES_ADDRESS_ROOM];
    snprintf(address, sizeof(address), "postgresql:///%s%s", database, strchr(server.address, '?'));
    postgres_run_file(address, "tests/citus_stand_in.sql");
    postgres_run_file(address, "tests/citus_at_once.sql");
    PGconn *to = PQconnectdb(address);
    copy_lines(to, "src/db/migrations/shard-data.postgres.sql");
    copy_lines(to, "src/db/migrations/shard-keys.postgres.sql");
    PQfinish(to);
}

/* ---- newer ones ---- */

static bool run_on(const char *folder, char **programs)
{
    if (!postgres_server_runs_from(folder)) {
        printf("SKIPPED: the PostgreSQL in %s does not run here\n", folder);
        return true;
    }
    printf("%s\n", folder);
    setenv("VERN_POSTGRES_BIN", folder, 1);
    bool well = postgres_server_start(&server, "") && run_each(programs) == 0;
    postgres_server_stop(&server);
    return well;
}

static int run_newer(char **programs)
{
    glob_t found = {0};
    char pattern[PATH_ROOM], here[PATH_ROOM / 2];
    int failed = 0;
    if (getcwd(here, sizeof(here)) == NULL)
        return 1;
    snprintf(pattern, sizeof(pattern), "%s/tests/newer/node_modules/postgres-*/native/bin", here);
    if (glob(pattern, 0, NULL, &found) != 0) {
        printf("SKIPPED: npm has brought no newer PostgreSQL (tools/install.sh)\n");
        return 77;
    }
    for (size_t i = 0; i < found.gl_pathc; i++)
        failed += !run_on(found.gl_pathv[i], programs);
    globfree(&found);
    return failed > 0;
}

/* Is it the next word? Then it is taken. */
static bool said(char ***words, const char *word)
{
    bool is = **words != NULL && strcmp(**words, word) == 0;
    *words += is;
    return is;
}

int main(int count, char **words)
{
    (void)count;
    words++;
    bool durable = said(&words, "--durable"), spread = said(&words, "--spread");
    bool newer = said(&words, "--newer"), each = said(&words, "--each");
    if (*words == NULL)
        return 64;
    if (each && strcmp(*words, "--whole") == 0 && !is_whole())
        return 77;
    if (newer)
        return run_newer(words);
    if (!postgres_server_start(&server, durable ? "-c fsync=on -c shared_buffers=128MB" : ""))
        return 77;
    if (spread) {
        spread_in("template1"); /* which each new database is a copy of */
        spread_in("postgres");
    }
    int code = each ? run_each(words) : run_one(words);
    postgres_server_stop(&server);
    return code;
}
