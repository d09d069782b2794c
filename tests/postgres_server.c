#include "postgres_server.h"
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_ROOM = 256, COMMAND_ROOM = 1024, FILE_ROOM = 16384, TRIES = 3000, WAIT_MS = 20 };

__attribute__((noreturn)) static void stop(const char *what)
{
    fprintf(stderr, "postgres_server: %s\n", what);
    exit(1);
}

/* The newest that is installed, or what VERN_POSTGRES_BIN names. */
static bool find_program(const char *name, char path[PATH_ROOM])
{
    char pattern[PATH_ROOM];
    glob_t found = {0};
    const char *folder = getenv("VERN_POSTGRES_BIN");
    snprintf(pattern, sizeof(pattern), "%s/%s",
             folder == NULL ? "/usr/lib/postgresql/*/bin" : folder, name);
    bool there = glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc > 0;
    if (there)
        snprintf(path, PATH_ROOM, "%s", found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    return there;
}

/* It does not run as root. */
static void become_postgres(void)
{
    const struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;
    if (user != NULL &&
        (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
        _exit(126);
}

/* `command` is a shell's. */
static pid_t run_command(const char *dir, const char *command)
{
    char log[PATH_ROOM];
    snprintf(log, sizeof(log), "%s/log", dir);
    fflush(NULL);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    become_postgres();
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (chdir(dir) != 0 || freopen(log, "a", stdout) == NULL ||
        dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
        _exit(126);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

bool postgres_server_runs_from(const char *folder)
{
    char command[2 * PATH_ROOM];
    int how = 0;
    snprintf(command, sizeof(command), "exec '%s/postgres' --version >/dev/null", folder);
    pid_t pid = run_command("/tmp", command);
    return waitpid(pid, &how, 0) == pid && how == 0;
}

/* What runs is the program itself. */
static pid_t run(const char *name, const char *dir, const char *words)
{
    char path[PATH_ROOM], command[PATH_ROOM + COMMAND_ROOM + 8];
    if (!find_program(name, path))
        stop("PostgreSQL went away");
    snprintf(command, sizeof(command), "exec %s %s", path, words);
    return run_command(dir, command);
}

static void run_whole(const char *name, const char *dir, const char *words)
{
    int how = 0;
    pid_t pid = run(name, dir, words);
    if (waitpid(pid, &how, 0) != pid || how != 0)
        stop(name);
}

bool postgres_server_does(const struct postgres_server *server, const char *command)
{
    int how = 0;
    pid_t pid = run_command(server->dir, command);
    return waitpid(pid, &how, 0) == pid && how == 0;
}

pid_t postgres_server_starts(const struct postgres_server *server, const char *command)
{
    return run_command(server->dir, command);
}

static void wait_until_there(const struct postgres_server *server)
{
    for (int i = 0; i < TRIES; i++) {
        if (PQping(server->address) == PQPING_OK)
            return;
        if (waitpid(server->pid, NULL, WNOHANG) != 0)
            stop("PostgreSQL does not start; its log says why");
        poll(NULL, 0, WAIT_MS);
    }
    stop("PostgreSQL is not there after a minute");
}

void postgres_server_resume(struct postgres_server *server, const char *settings)
{
    char words[COMMAND_ROOM];
    snprintf(words, sizeof(words),
             "-D %s/data -c unix_socket_directories=%s -c listen_addresses= -c fsync=off "
             "-c shared_buffers=16MB -c max_connections=40 -c log_min_messages=fatal %s",
             server->dir, server->dir, settings);
    server->pid = run("postgres", server->dir, words);
    wait_until_there(server);
}

static void make_folder(struct postgres_server *server)
{
    snprintf(server->dir, sizeof(server->dir), "/tmp/vern-postgres-XXXXXX");
    if (mkdtemp(server->dir) == NULL)
        stop("no folder");
    const struct passwd *user = getpwnam("postgres");
    if (geteuid() == 0 && (user == NULL || chown(server->dir, user->pw_uid, user->pw_gid) != 0))
        stop("there is no user postgres");
    snprintf(server->address, sizeof(server->address), "postgresql:///postgres?host=%s&user=vern",
             server->dir);
}

bool postgres_server_start(struct postgres_server *server, const char *settings)
{
    char path[PATH_ROOM], words[COMMAND_ROOM];
    if (!find_program("postgres", path)) {
        printf(
            "SKIPPED: PostgreSQL is not installed (postgresql-15), so nothing of it is tested\n");
        return false;
    }
    make_folder(server);
    snprintf(words, sizeof(words), "-D %s/data -A trust -U vern -E UTF8 --locale=C --no-sync",
             server->dir);
    run_whole("initdb", server->dir, words);
    postgres_server_resume(server, settings);
    return true;
}

void postgres_server_follow(struct postgres_server *standby, const struct postgres_server *primary,
                            const char *settings)
{
    char words[COMMAND_ROOM];
    if (standby->dir[0] == '\0')
        make_folder(standby);
    else if (!postgres_server_does(standby, "rm -rf data"))
        stop("a standby's folder stays as it was");
    snprintf(words, sizeof(words), "-D %s/data -h %s -U vern -R -c fast --no-sync", standby->dir,
             primary->dir);
    run_whole("pg_basebackup", standby->dir, words);
    postgres_server_resume(standby, settings);
}

void postgres_server_promote(const struct postgres_server *standby)
{
    if (postgres_count(standby->address, "public", "SELECT pg_promote()::int WHERE ?1::text <> ''",
                       "x", 1) != 1)
        stop("the standby stays one");
}

static void end(struct postgres_server *server, int how)
{
    if (server->pid <= 0)
        return;
    kill(server->pid, how);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

void postgres_server_crash(struct postgres_server *server)
{
    end(server, SIGQUIT);
}

/* Its children would live a moment longer, and still send what they have: they go first. */
void postgres_server_kill(struct postgres_server *server)
{
    char path[PATH_ROOM];
    int child = 0;
    kill(server->pid, SIGSTOP); /* it starts no others meanwhile */
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)server->pid, (int)server->pid);
    FILE *children = fopen(path, "re");
    while (children != NULL && fscanf(children, "%d", &child) == 1)
        kill(child, SIGKILL);
    if (children != NULL)
        fclose(children);
    end(server, SIGKILL);
}

void postgres_server_stop(struct postgres_server *server)
{
    char command[PATH_ROOM];
    end(server, SIGQUIT);
    if (server->dir[0] == '\0')
        return;
    snprintf(command, sizeof(command), "rm -rf '%s'", server->dir);
    if (system(command) != 0)
        stop("a folder stays");
    server->dir[0] = '\0';
}

void postgres_database_make(const char *address, const char *name, char made[POSTGRES_ADDRESS_ROOM])
{
    char make[PATH_ROOM];
    const char *options = strchr(address, '?');
    PGconn *connection = PQconnectdb(address);
    snprintf(make, sizeof(make), "CREATE DATABASE \"%s\"", name);
    PGresult *result = PQexec(connection, make);
    if (options == NULL || PQresultStatus(result) != PGRES_COMMAND_OK)
        stop(PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
    snprintf(made, POSTGRES_ADDRESS_ROOM, "postgresql:///%s%s", name, options);
}

void postgres_server_set(const struct postgres_server *server, const char *sql)
{
    PGconn *connection = PQconnectdb(server->address);
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        stop(PQerrorMessage(connection));
    PQclear(result);
    PQclear(PQexec(connection, "SELECT pg_reload_conf()"));
    PQfinish(connection);
}

void postgres_run(const char *address, const char *sql)
{
    PGconn *connection = PQconnectdb(address);
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        stop(PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
}

void postgres_run_file(const char *address, const char *path)
{
    static char sql[FILE_ROOM];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        stop(path);
    sql[fread(sql, 1, sizeof(sql) - 1, file)] = '\0';
    fclose(file);
    postgres_run(address, sql);
}

/* A word of SQLite's that tests use, too. */
static void teach_zeroblob(PGconn *connection)
{
    PQclear(PQexec(connection,
                   "CREATE OR REPLACE FUNCTION public.zeroblob(integer) RETURNS bytea LANGUAGE sql "
                   "IMMUTABLE AS $$ SELECT decode(repeat('00', $1), 'hex') $$"));
}

long postgres_count(const char *address, const char *schema, const char *sql, const void *bytes,
                    size_t len)
{
    char words[COMMAND_ROOM];
    const char *values[] = {bytes};
    const int lengths[] = {(int)len}, binary[] = {1};
    PGconn *connection = PQconnectdb(address);
    snprintf(words, sizeof(words),
             "SET search_path TO \"%s\", public; SET default_transaction_isolation = 'read "
             "committed'",
             schema);
    PQclear(PQexec(connection, words));
    if (strstr(sql, "zeroblob") != NULL)
        teach_zeroblob(connection);
    snprintf(words, sizeof(words), "%s", sql);
    for (char *at = words; (at = strchr(at, '?')) != NULL;)
        *at = '$';
    PGresult *result = PQexecParams(connection, words, 1, NULL, values, lengths, binary, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        stop(PQerrorMessage(connection));
    long count = strtol(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    PQfinish(connection);
    return count;
}
