/* http: an HTTP/1.1 server whose replies can wait for one shared flush.
 *
 *   turn:  read all ready connections --> handle(), handle(), handle() ... --> batch_end() -->
 * write --> rest()
 *
 * One loop, one thread. All requests that are ready in one turn of the loop are handed to handle()
 * in the order in which they came, and after them those that came meanwhile; then batch_end() runs
 * once, after which all that was answered is written, one write a connection. A handler may answer
 * at once, in batch_end(), or much later: the reply handle stays good until it is answered, also
 * when its client has gone.
 *
 * Holds: replies leave a connection in the order of its requests; what is malformed, too large, too
 * slow or too much is refused with a problem document before handle() sees it; a request's text and
 * its arena live until http_answer() of its reply returns.
 * Does not hold: nothing here knows people, tokens or routes; no forwarded header is believed;
 * paths have no directory meaning ("." and ".." are names like others). Nothing here writes a log.
 * Memory: requests live in storage that the server reuses. Threads: everything belongs to the
 * thread of http_server_run(), but http_server_stop() and http_wake(), which any thread and any
 * signal handler may call. Start reading at connection_take() in connection.c.
 */
#ifndef VERN_HTTP_H
#define VERN_HTTP_H
#include "base.h"

struct http_server;
struct uv_loop_s;
struct http_reply; /* the promise of an answer; answered exactly once */

struct http_field {
    str name, value;
};

struct http_request {
    str method;
    str path;  /* as it was sent, still percent-encoded, well formed, begins with '/' */
    str query; /* as it was sent, without '?'; empty when there is none */
    str body;  /* empty in admit() and for streamed bodies */
    str host;  /* as it was sent, port included; already found in the list */
    /* ptr NULL when absent; a request that repeats one of these was refused. */
    str content_type, authorization, idempotency_key;
    const char *peer;    /* the address of the other end, without port */
    uint64_t connection; /* a number for each connection of this server */
    struct arena *arena; /* for whatever the answer needs; emptied after the answer */
    const struct http_field *fields;
    size_t field_count;
    const void *found; /* what admit() left for handle(); NULL: nothing */
};

/* Where the pieces of a streamed body go. In one turn a connection delivers one read of at most
 * 64 KiB, in one piece or more; then batch_end() runs before the next. After end() the reply is
 * owed as usual. After abort() (the client went, was too slow or broke the grammar) the reply
 * handle is gone. A sink may answer early: nothing more is delivered, and the connection ends. */
struct http_sink {
    void *self;
    void (*chunk)(void *self, struct http_reply *reply, str bytes);
    void (*end)(void *self, struct http_reply *reply);
    void (*abort)(void *self, struct http_reply *reply);
};

/* A body that goes out piece by piece, so that no more than one is held. next() is asked for the
 * next piece once the last was handed to the system, at most one a turn, until `length` bytes were
 * given by http_piece(); false, and the connection breaks off: the client sees that the body is
 * short. end() runs once, when all is written or the client is gone. */
struct http_source {
    void *self;
    bool (*next)(void *self, struct http_reply *reply);
    void (*end)(void *self);
};

/* A body whose length nobody knows beforehand: it goes in chunks (RFC 9112), to an HTTP/1.0 client
 * until the connection ends. wanted() says, once each time, that all that was given was handed to
 * the system; then, at once or later, http_piece() gives more. http_stream_end() ends it, and
 * http_stream_break() breaks the connection off: the client sees that the answer is cut. end() runs
 * once, when all is written or the client is gone; from then on there is no such reply. */
struct http_stream {
    void *self;
    void (*wanted)(void *self, struct http_reply *reply);
    void (*end)(void *self);
};

/* What admit() may decide once the head is read; it comes filled with the defaults. */
struct http_admission {
    uint64_t body_limit;   /* UINT64_MAX: none (of use with a sink only) */
    const void *found;     /* struct http_request has it in handle() */
    struct http_sink sink; /* chunk set: the body is streamed there and handle() is not called */
};

/* Zero means the default of limits.h for every number; text is borrowed while the server lives. */
struct http_config {
    const char *address; /* a numeric address; NULL is 127.0.0.1 */
    uint16_t port;       /* 0: the system picks one, see http_port() */
    uint64_t body_limit;
    uint64_t body_total; /* bytes of unfinished bodies that all connections may hold together */
    size_t header_limit, target_limit;
    size_t connections, connections_per_address; /* IPv6 is counted by /64 */
    uint64_t header_ms, body_ms, idle_ms, linger_ms;
    uint64_t stop_ms;      /* how long a stop waits for requests in flight */
    uint64_t tick_ms;      /* 0: no tick */
    size_t batch_requests; /* as many of different connections make a turn full */
    uint64_t late_ms; /* a loop that has not come round for so long ticks and rests behind one */
    const str *hosts; /* Host names that are ours, without port; none: loopback names only */
    size_t host_count;
    void *self;
    void (*handle)(void *self, const struct http_request *request, struct http_reply *reply);
    /* Optional: after a turn that handed out requests or chunks or ticked, or after http_wake(). */
    void (*batch_end)(void *self);
    /* Optional: after that, when the replies of the turn were written: what nobody waits for. */
    void (*rest)(void *self);
    /* Optional: called when the head is there and the body is not. Returns false after it has
     * answered `reply` itself. */
    bool (*admit)(void *self, const struct http_request *request, struct http_reply *reply,
                  struct http_admission *admission);
    void (*tick)(void *self); /* optional */
    /* Optional, to count: an answer was given, with what http_class() said of it (0: nothing); the
     * requests of a turn had their batch_end(), which took so long. */
    void (*answered)(void *self, unsigned class, int code);
    void (*turned)(void *self, uint64_t nanoseconds);
    /* Of another server, which runs it and is freed after this one; NULL: a loop of its own. */
    struct uv_loop_s *loop;
};

/* Binds and listens. Faults: USAGE (an address that is none), LOCKED (the port is taken), STORE. */
MUST_CHECK status http_server_start(const struct http_config *config, struct report *report,
                                    struct http_server **server);
uint16_t http_port(const struct http_server *server);
/* What it bears now, and how many connections it has refused since its start. */
struct http_load {
    uint64_t connections, refused, body_bytes;
};
struct http_load http_load(const struct http_server *server);
/* Its loop, for what shares its turns and keeps it from no end: handles that are unreferenced, and
 * closed before http_server_free(), which runs it a last time. */
struct uv_loop_s *http_loop(struct http_server *server);
/* Serves until a stop is complete. */
void http_server_run(struct http_server *server);
/* Asks for a stop: no new connections, requests in flight are finished, then run() returns. */
void http_server_stop(struct http_server *server);
/* Asks for a call of batch_end() in the coming turn. */
void http_wake(struct http_server *server);
/* Work that takes long and shares nothing with the loop: run() in another thread, then done() in
 * that of the loop, with a call of batch_end() to come; also where the server is freed meanwhile.
 * The struct is the caller's until done(). */
struct http_work {
    void (*run)(struct http_work *work);
    void (*done)(struct http_work *work);
};
void http_work(struct http_server *server, struct http_work *work);
/* After run() has returned. Replies that nobody answered end with it. Takes NULL; fits CLEANUP. */
void http_server_free(struct http_server **server);

/* Answers. All text is copied. To HEAD the body is left out by itself. Every reply says
 * Content-Length, X-Content-Type-Options: nosniff, Referrer-Policy: no-referrer,
 * Cache-Control: no-store and a Content-Security-Policy under which nothing loads or runs; an extra
 * field of one of the latter two names takes its place. An extra field with a line break in it
 * turns the reply into a 500. `content_type` may be empty when `body` is. */
void http_answer(struct http_reply *reply, int code, str content_type,
                 const struct http_field *extra, size_t extra_count, str body);
/* The same with a body that a source gives. What the request's arena holds lives until end(). */
void http_answer_source(struct http_reply *reply, int code, str content_type,
                        const struct http_field *extra, size_t extra_count, uint64_t length,
                        const struct http_source *source);
/* The next bytes, copied. Of a source within next(), and never more than are left; of a stream at
 * any time after wanted(). */
void http_piece(struct http_reply *reply, str bytes);
/* The same with a body that a stream gives. */
void http_answer_stream(struct http_reply *reply, int code, str content_type,
                        const struct http_field *extra, size_t extra_count,
                        const struct http_stream *stream);
void http_stream_end(struct http_reply *reply);
void http_stream_break(struct http_reply *reply);
/* Answers with the problem document of `report`. */
void http_answer_problem(struct http_reply *reply, const struct report *report);

/* What kind of request it answers, for `answered`. */
void http_class(struct http_reply *reply, unsigned class);

/* Holds back and lets go the chunks of a streamed body. */
void http_pause(struct http_reply *reply);
void http_resume(struct http_reply *reply);

/* The value of a header by its name in any case; ptr NULL when absent. The first, when repeated. */
str http_header(const struct http_request *request, const char *name);
/* Does the client say that it reads this coding of a body ("gzip", "br")? (Accept-Encoding) */
bool http_reads(const struct http_request *request, const char *coding);
/* Whether every escape is whole and none is NUL, and nothing but URI characters occurs. */
bool http_target_valid(str part);
/* Undoes percent-encoding; `plus` makes '+' a space. Refuses bad escapes, NUL and broken UTF-8.
 * Faults: SYNTAX, LIMIT. */
MUST_CHECK status http_decode(str encoded, bool plus, struct arena *arena, struct report *report,
                              str *text);
/* The decoded value of a query parameter; ptr NULL when absent. Given twice is SYNTAX. */
MUST_CHECK status http_query(const struct http_request *request, const char *name,
                             struct report *report, str *value);
#endif
