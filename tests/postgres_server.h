/* postgres_server: a PostgreSQL of a test's own, in a folder under /tmp, reached through a socket
 * in it.
 *
 *   initdb --> postgres (its parent: the test) --> socket in the folder <-- address
 *
 * It goes with the test: it is stopped by its process id, and the kernel stops it when the test is
 * killed. As root it runs as the user postgres. Nothing is flushed, as no test takes the power
 * away. */
#ifndef VERN_TEST_POSTGRES_SERVER_H
#define VERN_TEST_POSTGRES_SERVER_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { POSTGRES_ADDRESS_ROOM = 256 };

struct postgres_server {
    char dir[64];
    char address[POSTGRES_ADDRESS_ROOM]; /* of its database postgres, with a role that may all */
    pid_t pid;
};

/* VERN_POSTGRES_BIN names a folder whose PostgreSQL is taken instead of the installed one. Does one
 * run from there, under the user that it would have? */
bool postgres_server_runs_from(const char *folder);
/* False, and a line that says so, where PostgreSQL is not installed. `settings`: words of its
 * command line, as "-c name=value", or "". */
bool postgres_server_start(struct postgres_server *server, const char *settings);
/* The same folder again. */
void postgres_server_resume(struct postgres_server *server, const char *settings);
/* A standby that follows `primary` and answers as a read-only replica; in a folder of its own, or
 * in that of a server that was killed, which becomes one. */
void postgres_server_follow(struct postgres_server *standby, const struct postgres_server *primary,
                            const char *settings);
/* It follows nobody any more, and takes writes. */
void postgres_server_promote(const struct postgres_server *standby);
/* Another program of a test's, in the server's folder and as its user; false when it fails. */
bool postgres_server_does(const struct postgres_server *server, const char *command);
/* The same, left running, and gone with the test: `command` begins with exec. */
pid_t postgres_server_starts(const struct postgres_server *server, const char *command);
/* As a crash would end it; it may be resumed. */
void postgres_server_crash(struct postgres_server *server);
void postgres_server_kill(struct postgres_server *server); /* as kill -9 ends it, whole */
void postgres_server_stop(struct postgres_server *server); /* and its folder goes */
/* An address of another database of the same server, which is made. */
void postgres_database_make(const char *address, const char *name,
                            char made[POSTGRES_ADDRESS_ROOM]);
/* An ALTER SYSTEM, which is in force when this returns. */
void postgres_server_set(const struct postgres_server *server, const char *sql);
/* SQL that ends with a command, in one transaction; and that of a file. */
void postgres_run(const char *address, const char *sql);
void postgres_run_file(const char *address, const char *path);
/* What a count that asks for ?1 gives in a schema. */
long postgres_count(const char *address, const char *schema, const char *sql, const void *bytes,
                    size_t len);
#endif
