/* with_postgres PROGRAM [WORD...]: runs a test with VERN_TEST_DATABASE, the address of a PostgreSQL
 * of its own. Ends with 77, which ctest counts as skipped, where none is installed. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "postgres_server.h"

int main(int count, char **words)
{
    struct postgres_server server;
    int how = 0;
    if (count < 2)
        return 64;
    if (!postgres_server_start(&server, ""))
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
