/* receiver: another program (a Python script beside this file) that receives what the server sends.
 * It is a child process; what it saw comes line by line over a pipe, so that a test waits for an
 * event and for no time. It ends when its input is closed, or with the test. */
#ifndef VERN_TEST_RECEIVER_H
#define VERN_TEST_RECEIVER_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include <cmocka.h>

#include "process.h"

struct receiver {
    pid_t pid;
    int input;
    FILE *output;
    uint16_t port;
    struct arena *arena;
};
/* python3 SCRIPT WORD...; the list ends with NULL. The first line that it says holds its port. */
void receiver_open(struct receiver *receiver, const char *script, const char *const *words);
/* The same by another program than Python. */
void receiver_open_by(struct receiver *receiver, const char *program, const char *script,
                      const char *const *words);
void receiver_close(struct receiver *receiver);
/* The next line that has this member; others are passed over. */
const struct json *receiver_next(struct receiver *receiver, const char *member);
str receiver_text(const struct json *line, const char *member);

/* A connection is closed, and the server has noted how that try ended: its bytes were there before
 * these requests, each of which is answered in a turn of its own. A clock moved before it would
 * count the next try from then on. */
static inline void receiver_closed(struct receiver *receiver, struct process *of)
{
    (void)receiver_next(receiver, "closed");
    for (int turn = 0; turn < 3; turn++) {
        struct answer about = ask(of, of->token, "GET", STR("/v1/register"), STR(""));
        expect(&about, 200);
    }
}

#endif
