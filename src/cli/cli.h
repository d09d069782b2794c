/* cli: the `vern` command. One table of commands, one of options; usage is printed from them.
 *
 *   words --table--> command, options, arguments --function--> exit code
 *
 * Offline commands open the data folder themselves and so take its locks; online ones are clients
 * of the HTTP API and can do nothing that `curl` cannot. Holds: what a file or a server says is
 * printed with control and bidirectional characters escaped; errors name the thing and end with the
 * exit code of faults.def. No token is ever printed. Memory: everything lives in the command's
 * arena. Threads: one. Start reading at cli_run() in cli.c; commands.def lists what there is.
 */
#ifndef VERN_CLI_H
#define VERN_CLI_H
#include <stdio.h>

#include "base.h"

/* Runs one command. `words` begins behind the program's name. */
int cli_run(int count, char *const *words, char *const *environment, FILE *in, FILE *out,
            FILE *err);

#endif
