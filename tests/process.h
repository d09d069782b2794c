/* process: a real server on a folder of its own, asked over the loopback by tests that attack it.
 *
 *   vern init (twice) --> vern serve --stderr--> pipe --thread--> log      test --HTTP--> port
 *
 * Two registers under the example policy, "shop" and "other", with simulated clocks, in files or in
 * a new database beside the one that VERN_TEST_DATABASE names, with VERN_TEST_SERVERS for several
 * servers and VERN_TEST_TOGETHER for two that serve at the same time: what is asked goes to the one
 * and to the other in turn. The port is read from the server's own log line, so nothing is polled.
 * What a test asks for is an event: an answer, the end of a connection, the end of the process.
 */
#ifndef VERN_TEST_PROCESS_H
#define VERN_TEST_PROCESS_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <pthread.h>
#include <sys/types.h>

#include <cmocka.h>

#include "base.h"
#include "client.h"
#include "json.h"

struct process {
    char dir[64], data[96], root[96];
    char database[256]; /* its address, "" for files */
    struct arena *arena;
    pid_t server;
    uint16_t listen; /* the port to take; 0: any */
    uint16_t port;
    int errors; /* what the server writes to its standard error comes out here */
    pthread_t drain;
    pthread_mutex_t lock;
    char *log; /* all of it so far, with a zero behind it */
    size_t log_len, log_room;
    struct http_client *client;
    str token, other;       /* the administrators' of the two registers */
    struct process *beside; /* that serves the same, or NULL */
    unsigned asked;         /* of both, how often */
    bool alone;             /* this one is asked alone: for what each counts by itself */
};

struct answer {
    int code;
    str text, media;
    const struct json *json; /* NULL when it is none */
    struct http_response response;
};

/* `settings`: lines of a configuration file, or NULL. */
void process_open(struct process *p, const char *settings);
/* The same with another policy, which is a file. */
void process_open_under(struct process *p, const char *policy, const char *settings);
/* The same in a folder below another one than /tmp. */
void process_open_in(struct process *p, const char *folder, const char *policy,
                     const char *settings);
/* Another server of the same registers, in a folder of its own, with settings and port of its own.
 * Nothing is started yet. */
void process_beside(struct process *p, const struct process *first, const char *folder,
                    uint16_t listen, const char *settings);
/* The lines of a configuration file with those that make it one of two, where there are two. */
str process_settings(struct process *p, const char *settings);
/* SIGTERM, an orderly end with code 0, and the folder is removed. */
void process_close(struct process *p);
/* The same without removing the folder: what is left may be searched. */
void process_end(struct process *p);
void process_remove(struct process *p);
/* As the power does it; what the log said is forgotten. And the same server again. */
void process_kill(struct process *p);
void process_start(struct process *p);
/* The two halves of a start: between them it may be killed. */
void process_spawn(struct process *p);
void process_await(struct process *p);
void process_kill_starting(struct process *p);
bool process_runs(const struct process *p);
/* Has it stopped by itself? Then it may be started again. */
bool process_ended(struct process *p);

struct answer ask(struct process *p, str token, const char *method, str target, str body);
/* With other fields than a token. `media` "": none is said. */
struct answer ask_with(struct process *p, const char *method, str target, const char *media,
                       str body, const struct http_field *fields, size_t count);
struct answer post(struct process *p, const char *target, const char *body);
/* POST /v1/subjects/ID/VERB */
struct answer post_subject(struct process *p, str id, const char *verb, const char *body);
void expect(const struct answer *answer, int code);
/* A problem document of that type, with its media type and its status. */
void expect_problem(const struct answer *answer, int code, const char *type);
str text_of(const struct answer *answer, const char *member);
int64_t number_of(const struct answer *answer, const char *member);
int64_t log_size(struct process *p, str token);
str new_token(struct process *p, const char *members); /* "\"scopes\":[...]" */
bool holds(str text, str part);

/* Every byte of every file below the data folder but SQLite's shared memory, as one number, once
 * the logs of both registers are signed up to their ends: that comes a little after the last write.
 */
uint64_t process_digest(struct process *p);
/* How many of the files below `dir` hold `bytes`; prints their names. */
size_t tree_search(const char *dir, str bytes);

/* A connection of its own for what a client would not send. */
int raw_connect(const struct process *p);
void raw_send(int socket, str text); /* does not mind that the other end has gone */
/* All until the other end closes; at most 64 KiB. */
str raw_read_all(struct process *p, int socket);
#endif
