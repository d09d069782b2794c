/* local: an answer that is taken in this process instead of being written to a connection. It is
 * the other side of http.h: the functions that answer are defined here for libvern, and in
 * http/reply.c for the server; a program links one of the two.
 *
 * Holds: what was given lies in `bytes` in the order in which it was given; `whole` once nothing
 * follows. Memory: `bytes` is malloc'ed and its owner's. Threads: one.
 */
#ifndef VERN_LOCAL_H
#define VERN_LOCAL_H
#include "http.h"

struct http_reply {
    int code;
    char type[128];
    char *bytes;
    size_t length, room;
    struct http_source source;
    struct http_stream stream;
    uint64_t left;
    bool answered, whole, cut, wanted, paused;
};

/* Asks a source for its next piece, or a stream for more, where one is due. */
void local_go_on(struct http_reply *reply);
/* Ends a source or a stream that is not at its end. */
void local_end(struct http_reply *reply);
#endif
