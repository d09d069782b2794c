/* The only `main`. Everything that can be done is a command (cli/commands.def). */
#include <stdio.h>
#include <unistd.h>

#include "cli.h"

int main(int argc, char **argv)
{
    return cli_run(argc - 1, argv + (argc > 0 ? 1 : 0), environ, stdin, stdout, stderr);
}
