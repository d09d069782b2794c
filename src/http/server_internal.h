/* What the files of the server share: one server, its connections, the replies that they owe.
 *
 *   server --> connection --> replies in the order of their requests: first ... last
 *         \                                                    current: its request still arrives
 *          --> attention: connections with something to write or to take up again
 *          --> one list a deadline class, oldest first
 *
 * A reply belongs to its connection's queue until it is written; when the connection goes earlier,
 * a reply that the application still owes lives on alone until it is answered.
 */
#ifndef VERN_SERVER_INTERNAL_H
#define VERN_SERVER_INTERNAL_H
#include <stdatomic.h>
#include <sys/queue.h>
#include <uv.h>
#include "parse_internal.h"

#define ALLOWED_METHODS STR("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
#define RETRY_SECONDS   STR("5") /* what one too many is told to wait */

enum { READ_BYTES = 64 << 10, ADDRESS_BUCKETS = 1024, SPARE_REPLIES = 1024, REFUSED_LINGER = 64 };
enum { PEER_ROOM = 46 }; /* INET6_ADDRSTRLEN */

enum deadline_class {
    DEADLINE_NONE,
    DEADLINE_IDLE,
    DEADLINE_HEAD,
    DEADLINE_BODY,
    DEADLINE_WRITE,
    DEADLINE_LINGER,
    DEADLINE_COUNT
};

struct connection;

struct http_reply {
    TAILQ_ENTRY(http_reply) link; /* in its connection's queue, or among orphans or spare ones */
    struct http_server *server;
    struct connection *connection; /* NULL once it is gone */
    struct head head;
    char peer[PEER_ROOM]; /* of its own: the connection may go before its request is answered */
    struct bytes body, out;
    struct arena *arena;
    struct http_sink sink;
    struct http_source source; /* of the body, piece by piece; next NULL: none */
    struct http_stream stream; /* or this, of a body whose length is not known */
    uint64_t left;             /* bytes that the source has still to give */
    uint64_t body_limit, body_seen;
    unsigned class;
    bool queued;    /* in the connection's queue */
    bool held;      /* the application owes the answer */
    bool answered;  /* `out` is complete */
    bool discard;   /* the body is read and dropped */
    bool last;      /* the connection ends after this reply */
    bool continues; /* a 100 Continue is due when this reply is first */
    bool paused;    /* the sink does not want more for now */
    bool streams;   /* its stream has not ended */
    bool wanted;    /* and was asked for more */
};
TAILQ_HEAD(reply_queue, http_reply);

struct connection {
    uv_tcp_t tcp;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct http_server *server;
    TAILQ_ENTRY(connection) all, attention, timed, neighbour, next_turn;
    struct reply_queue queue;
    struct http_reply *current;
    struct parser parser;
    struct bytes stash; /* read, and not yet taken because of a stall */
    size_t depth;       /* replies in the queue */
    size_t writing;     /* replies that the pending write covers */
    uint64_t id, deadline, drained;
    unsigned bucket;
    enum deadline_class class;
    bool in_attention, reading;
    bool write_pending;
    bool in_next_turn;  /* of the loop something of it is due: a piece, or requests held up */
    bool its_turn;      /* and that has come */
    bool writing_piece; /* the write covers a piece of the reply after those of `writing` */
    bool went_on;       /* a piece was written: the deadline begins anew */
    bool held_up;       /* a stall stopped the taking; `stash` holds what was left */
    bool chunk_given;   /* a sink got its share of this turn */
    bool drain;         /* what still comes is dropped */
    bool finish;        /* ends when the queue is written */
    bool lingering;     /* our side is shut, waiting for theirs */
    bool ended;         /* their side is shut */
    bool closed;
    bool refused; /* one too many; not counted */
    unsigned char address[16];
    char peer[PEER_ROOM];
};
TAILQ_HEAD(connection_list, connection);

struct http_server {
    uv_loop_t own_loop, *loop;
    uv_tcp_t listener;
    uv_prepare_t prepare;
    uv_check_t check;
    uv_idle_t look;
    uv_async_t async;
    uv_timer_t deadline, tick, force;
    struct http_config config;
    struct connection_list all, attention, next_turn, timed[DEADLINE_COUNT];
    struct connection_list by_address[ADDRESS_BUCKETS];
    struct reply_queue spare, orphans; /* orphans: owed to connections that are gone */
    size_t spare_count, connection_count, refused_count;
    uint64_t next_id, bodies_held, dispatched;
    uint64_t looked_ms; /* when the timer of deadlines looked first; 0: it has not */
    uint64_t refused_total;
    uint16_t port;
    unsigned handles; /* of ours in the loop, whose close has not come */
    uint64_t round_ns; /* when the loop last came round */
    bool work;        /* batch_end() is due */
    bool ending;      /* batch_end() is running */
    bool looks;       /* for what came while this turn's requests were handed out */
    size_t answered;  /* within it, and not written */
    bool rests;       /* rest() is due */
    bool waits; /* one more was not accepted yet: too many are being told that they are too many */
    bool stopping, handles_closed;
    atomic_bool stop_asked, wake_asked;
    char input[READ_BYTES];
};

/* server.c */
void server_turn_end(struct http_server *server);
void server_batch_end(struct http_server *server);
void server_batch_full(struct http_server *server);
void server_write_answered(struct http_server *server);
void server_forget(struct connection *connection); /* its memory is about to go */
/* deadline.c */
void deadline_start(struct http_server *server);
void deadline_set(struct connection *connection, enum deadline_class class, bool again);
/* connection.c */
void connection_start(struct connection *connection);
void connection_attend(struct connection *connection); /* looked at when the turn ends */
void connection_flush(struct connection *connection);
void connection_resume(struct connection *connection);
void connection_refuse(struct connection *connection, const struct refusal *refusal);
void connection_close(struct connection *connection);
/* reply.c */
struct http_reply *reply_take(struct connection *connection);
void reply_enqueue(struct http_reply *reply);
void reply_release(struct http_reply *reply);
void reply_free(struct http_reply *reply);
void reply_refuse(struct http_reply *reply, const struct refusal *refusal);
/* host.c */
bool host_allowed(const struct http_config *config, str host);
#endif
