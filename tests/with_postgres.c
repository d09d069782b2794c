/* with_postgres [--durable] PROGRAM [WORD...]: runs a test with VERN_TEST_DATABASE, the address of
 * a PostgreSQL of its own; for a benchmark one that flushes, with the memory that it has by itself.
 * Ends with 77, which ctest counts as skipped, where none is installed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "postgres_server.h"

int main(int count, char **words)
{
    struct postgres_server server;
    int how = 0;
    bool durable = count > 1 && strcmp(words[1], "--durable") == 0;
    words += durable;
    if (count < 2 + durable)
        return 64;
    if (!postgres_server_start(&server, durable ? "-c fsync=on -c shared_buffers=128MB" : ""))
        return 77;
    setenv("VERN_TEST_DATABASE", server.address, 1);
    pid_t child = fork();
    if (child == 0) {
        execv(words[1], words + 1);
        _exit(127);
    }
    waitpid(child, &how, 0);
    postgres_server_stop(&server);
    return WIFEXITED(how) ? WEXITSTATUS(how) : 1;
}
