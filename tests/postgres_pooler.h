/* PgBouncer in transaction mode before a PostgreSQL of a test's own. */
#ifndef VERN_TEST_POSTGRES_POOLER_H
#define VERN_TEST_POSTGRES_POOLER_H
#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "postgres_server.h"

static const char postgres_pooler[] = "/usr/sbin/pgbouncer";

static inline void postgres_pooler_write(const struct postgres_server *server)
{
    char command[1024];
    (void)snprintf(
        command, sizeof(command),
        "mkdir -p pool && printf '\"vern\" \"\"\\n' >pool/users && printf '[databases]\\n"
        "* = host=%s\\n[pgbouncer]\\npool_mode = transaction\\ndefault_pool_size = 2\\n"
        "auth_type = trust\\nauth_file = %s/pool/users\\nunix_socket_dir = %s/pool\\n"
        "listen_addr =\\nlisten_port = 5432\\nlogfile = %s/pool/log\\n' >pool/ini",
        server->dir, server->dir, server->dir, server->dir);
    if (!postgres_server_does(server, command))
        fail_msg("the pooler's settings cannot be written");
}

/* 0 where it is not installed. `address` of the database through it. */
static inline pid_t postgres_pooler_start(const struct postgres_server *server,
                                          char address[POSTGRES_ADDRESS_ROOM])
{
    char command[256];
    if (access(postgres_pooler, X_OK) != 0)
        return 0;
    postgres_pooler_write(server);
    (void)snprintf(command, sizeof(command), "exec %s %s/pool/ini", postgres_pooler, server->dir);
    (void)snprintf(address, POSTGRES_ADDRESS_ROOM, "postgresql:///postgres?host=%s/pool&user=vern",
                   server->dir);
    pid_t pid = postgres_server_starts(server, command);
    for (int i = 0; i < 3000 && waitpid(pid, NULL, WNOHANG) == 0; i++) {
        if (PQping(address) == PQPING_OK)
            return pid;
        poll(NULL, 0, 20);
    }
    fail_msg("the pooler does not start");
}

static inline void postgres_pooler_stop(pid_t pid)
{
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
}
#endif
