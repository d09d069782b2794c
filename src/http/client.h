/* client: a small blocking HTTP/1.1 client, for the command line and for tests.
 *
 * One connection, kept alive between requests and opened anew when the server has closed it in the
 * meantime. Holds: a request is sent once; a connection that breaks under it is a failure, never a
 * silent second try. Does not hold: no TLS, no redirects, no names (numeric addresses only).
 * Memory: responses live in the arena you pass. Threads: a client belongs to one thread.
 */
#ifndef VERN_CLIENT_H
#define VERN_CLIENT_H
#include "base.h"
#include "http.h"

struct http_client;

struct http_call {
    const char *method; /* "GET" */
    str target;         /* path and query, already encoded */
    const struct http_field *fields;
    size_t field_count;
    str content_type; /* left out when empty */
    str body;
    /* Set: the body is what this writes, until it gives 0; sent in chunks, of any length in all. */
    size_t (*more)(void *self, char *room, size_t size);
    void *self;
    /* Set: a body that comes with 200 is given to this as it comes, and not kept. */
    void (*take)(void *taker, str bytes);
    void *taker;
};

struct http_response {
    int code;
    str content_type, body;
    const struct http_field *fields;
    size_t field_count;
};

/* Connects. `timeout_ms` bounds each single wait, 0 is 30 s. Faults: USAGE, STORE. */
MUST_CHECK status http_client_open(const char *address, uint16_t port, uint64_t timeout_ms,
                                   struct report *report, struct http_client **client);
/* Fails with STORE when the server cannot be reached or does not answer, SYNTAX when it answers
 * nonsense, LIMIT when the answer does not fit the arena. Any HTTP status is a success here. */
MUST_CHECK status http_client_call(struct http_client *client, const struct http_call *call,
                                   struct arena *arena, struct report *report,
                                   struct http_response *response);
void http_client_close(struct http_client **client); /* takes NULL; fits CLEANUP */
/* A field of a response by its name in any case; ptr NULL when absent. */
str http_response_header(const struct http_response *response, const char *name);
#endif
