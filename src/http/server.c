/* The server around its connections: start, accept within limits, the turn, stop. */
#include <signal.h>
#include <stdlib.h>
#include "server_internal.h"

enum { LATE_MS = 250, NS_PER_MS = 1000000 };

/* ---- the turn ---- */

/* Some replies at a time are written while those after them are still made: what they lie in is
 * wiped and used again while the processor has it near. Of many requests of one connection all go
 * together when the turn ends. */
void server_write_answered(struct http_server *server)
{
    struct connection *connection = TAILQ_FIRST(&server->attention);
    while (connection != NULL) {
        struct connection *next = TAILQ_NEXT(connection, attention);
        if (connection->depth == 1)
            connection_flush(connection);
        connection = next;
    }
    server->answered = 1; /* the one that comes now */
}

void server_batch_end(struct http_server *server)
{
    server->dispatched = 0;
    server->ending = true;
    server->config.batch_end(server->config.self);
    server->ending = false;
    server->answered = 0;
}

/* While more than a thousand sockets are ready libuv goes on polling, for seconds, before timers
 * and checks come: what they do is done behind the turns that end meanwhile. */
static bool is_late(struct http_server *server)
{
    uint64_t now = uv_hrtime();
    bool late = now - server->round_ns >= server->config.late_ms * NS_PER_MS;
    if (late)
        server->round_ns = now;
    return late;
}

void server_batch_full(struct http_server *server)
{
    struct http_config *config = &server->config;
    bool late = is_late(server);
    if (late && config->tick != NULL && config->tick_ms > 0)
        config->tick(config->self);
    server_batch_end(server);
    if (late && config->rest != NULL)
        config->rest(config->self);
}

static void end_turn(struct http_server *server)
{
    struct http_config *config = &server->config;
    do {
        if (server->work && config->batch_end != NULL) {
            uint64_t requests = server->dispatched, began = uv_hrtime();
            server->work = false;
            server_batch_end(server);
            server->rests = true;
            if (requests > 0 && config->turned != NULL)
                config->turned(config->self, uv_hrtime() - began);
        }
        server->work = false;
        server->dispatched = 0;
        struct connection_list turn;
        TAILQ_INIT(&turn);
        TAILQ_CONCAT(&turn, &server->attention, attention);
        struct connection *connection;
        while ((connection = TAILQ_FIRST(&turn)) != NULL) {
            TAILQ_REMOVE(&turn, connection, attention);
            connection->in_attention = false;
            connection_flush(connection);
            connection_resume(connection);
        }
    } while (server->work || !TAILQ_EMPTY(&server->attention));
}

void server_turn_end(struct http_server *server)
{
    end_turn(server);
    if (!server->rests)
        return;
    server->rests = false;
    if (server->config.rest != NULL)
        server->config.rest(server->config.self);
    end_turn(server); /* what that may have answered */
}

/* While this runs the loop does not sleep. */
static void on_look(uv_idle_t *look)
{
    (void)look;
}

/* What came while requests were handed out shares their turn: the clients that were answered last
 * would miss each turn by a little, and wait for two. */
static void on_check(uv_check_t *check)
{
    struct http_server *server = check->data;
    server->looks = server->dispatched > 0 && !server->looks;
    if (server->looks) {
        uv_idle_start(&server->look, on_look);
        return;
    }
    uv_idle_stop(&server->look);
    server_turn_end(server);
    server->round_ns = uv_hrtime();
}

/* Before the loop sleeps: what timers did since the last turn. */
static void on_prepare(uv_prepare_t *prepare)
{
    struct http_server *server = prepare->data;
    if (!server->looks)
        server_turn_end(server);
}

static void on_tick(uv_timer_t *timer)
{
    struct http_server *server = timer->data;
    server->config.tick(server->config.self);
    server->work = true;
}

/* ---- stop ---- */

static void on_closed(uv_handle_t *handle)
{
    struct http_server *server = handle->data;
    server->handles--;
}

static void close_handle(void *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, on_closed);
}

static void close_handles_when_done(struct http_server *server)
{
    if (!server->stopping || !TAILQ_EMPTY(&server->all) || server->handles_closed)
        return;
    server->handles_closed = true;
    close_handle(&server->prepare);
    close_handle(&server->check);
    close_handle(&server->look);
    close_handle(&server->async);
    close_handle(&server->deadline);
    close_handle(&server->tick);
    close_handle(&server->force);
}

static void close_all(struct http_server *server)
{
    struct connection *connection;
    TAILQ_FOREACH(connection, &server->all, all)
    connection_close(connection);
}

static void on_force(uv_timer_t *timer)
{
    close_all(timer->data);
}

static void begin_stop(struct http_server *server)
{
    if (server->stopping)
        return;
    server->stopping = true;
    close_handle(&server->listener);
    uv_timer_start(&server->force, on_force, server->config.stop_ms, 0);
    struct connection *connection;
    TAILQ_FOREACH(connection, &server->all, all)
    {
        if (connection->class == DEADLINE_IDLE || connection->lingering)
            connection_close(connection);
    }
    close_handles_when_done(server);
}

static void on_async(uv_async_t *async)
{
    struct http_server *server = async->data;
    if (atomic_exchange(&server->wake_asked, false))
        server->work = true;
    struct connection *connection;
    while ((connection = TAILQ_FIRST(&server->next_turn)) != NULL) {
        TAILQ_REMOVE(&server->next_turn, connection, next_turn);
        connection->in_next_turn = false;
        connection->its_turn = true;
        connection_attend(connection);
    }
    if (atomic_load(&server->stop_asked))
        begin_stop(server);
}

void http_server_stop(struct http_server *server)
{
    atomic_store(&server->stop_asked, true);
    uv_async_send(&server->async);
}

void http_wake(struct http_server *server)
{
    atomic_store(&server->wake_asked, true);
    uv_async_send(&server->async);
}

/* ---- work in other threads ---- */

struct queued {
    uv_work_t uv;
    struct http_server *server;
    struct http_work *work;
};

static void on_work(uv_work_t *uv)
{
    struct queued *queued = uv->data;
    queued->work->run(queued->work);
}

static void on_worked(uv_work_t *uv, int error)
{
    struct queued *queued = uv->data;
    struct http_server *server = queued->server;
    (void)error;
    queued->work->done(queued->work);
    if (!server->handles_closed)
        http_wake(server);
    free(queued);
}

void http_work(struct http_server *server, struct http_work *work)
{
    struct queued *queued = calloc(1, sizeof(*queued));
    if (queued == NULL)
        abort();
    *queued = (struct queued){.server = server, .work = work};
    queued->uv.data = queued;
    if (uv_queue_work(server->loop, &queued->uv, on_work, on_worked) < 0)
        abort();
}

/* ---- accepting ---- */

/* The address as it is counted: IPv4 whole, IPv6 by its first 64 bits. */
static void read_peer(struct connection *connection)
{
    struct sockaddr_storage storage = {0};
    int length = sizeof(storage);
    uv_tcp_getpeername(&connection->tcp, (struct sockaddr *)&storage, &length);
    if (storage.ss_family == AF_INET6) {
        struct sockaddr_in6 address;
        memcpy(&address, &storage, sizeof(address));
        memcpy(connection->address, &address.sin6_addr, 8);
        uv_ip6_name(&address, connection->peer, sizeof(connection->peer));
    } else {
        struct sockaddr_in address;
        memcpy(&address, &storage, sizeof(address));
        memcpy(connection->address + 8, &address.sin_addr, 4);
        uv_ip4_name(&address, connection->peer, sizeof(connection->peer));
    }
    uint64_t hash = 0;
    for (size_t i = 0; i < sizeof(connection->address); i++)
        hash = hash * 1099511628211u + connection->address[i];
    connection->bucket = (unsigned)((hash ^ hash >> 32) % ADDRESS_BUCKETS);
}

static bool within_limits(const struct http_server *server, const struct connection *connection)
{
    if (server->connection_count >= server->config.connections)
        return false;
    size_t same = 0;
    const struct connection *other;
    TAILQ_FOREACH(other, &server->by_address[connection->bucket], neighbour)
    {
        if (memcmp(other->address, connection->address, sizeof(other->address)) == 0)
            same++;
        if (same >= server->config.connections_per_address)
            return false;
    }
    return true;
}

static void on_connection(uv_stream_t *listener, int result);

void server_forget(struct connection *connection)
{
    struct http_server *server = connection->server;
    TAILQ_REMOVE(&server->all, connection, all);
    if (connection->refused) {
        server->refused_count--;
    } else {
        TAILQ_REMOVE(&server->by_address[connection->bucket], connection, neighbour);
        server->connection_count--;
    }
    if (server->waits && !server->stopping) {
        server->waits = false;
        on_connection((uv_stream_t *)&server->listener, 0);
    }
    close_handles_when_done(server);
}

/* One connection too many is told so, and a few at a time are waited for so that they can read it.
 */
static void refuse_connection(struct connection *connection)
{
    struct http_server *server = connection->server;
    connection->refused = true;
    server->refused_total++;
    if (++server->refused_count > REFUSED_LINGER) {
        connection_close(connection);
        return;
    }
    connection->current = reply_take(connection);
    parser_begin(&connection->parser, &connection->current->head);
    connection_refuse(connection, &refuse_busy);
}

static struct connection *accept_connection(struct http_server *server)
{
    struct connection *connection = calloc(1, sizeof(*connection));
    if (connection == NULL)
        abort();
    connection->server = server;
    connection->id = server->next_id++;
    connection->tcp.data = connection;
    connection->parser.header_limit = server->config.header_limit;
    connection->parser.target_limit = server->config.target_limit;
    uv_tcp_init(server->loop, &connection->tcp);
    TAILQ_INIT(&connection->queue);
    TAILQ_INSERT_TAIL(&server->all, connection, all);
    return connection;
}

/* The server is full, and as many as may be are being told so: who comes next stays with the
 * system. Of one address that has too many that is not so: others still get in. */
static bool is_crowded(const struct http_server *server)
{
    return server->connection_count >= server->config.connections &&
           server->refused_count >= REFUSED_LINGER;
}

/* What is not accepted here, libuv keeps, and asks for no more until it is. */
static void on_connection(uv_stream_t *listener, int result)
{
    struct http_server *server = listener->data;
    if (result < 0)
        return;
    server->waits = is_crowded(server);
    if (server->waits)
        return;
    struct connection *connection = accept_connection(server);
    if (uv_accept(listener, (uv_stream_t *)&connection->tcp) < 0) {
        connection->refused = true;
        server->refused_count++;
        connection_close(connection);
        return;
    }
    uv_tcp_nodelay(&connection->tcp, 1);
    read_peer(connection);
    if (!within_limits(server, connection)) {
        refuse_connection(connection);
    } else {
        server->connection_count++;
        TAILQ_INSERT_TAIL(&server->by_address[connection->bucket], connection, neighbour);
    }
    if (!connection->closed)
        connection_start(connection);
}

/* ---- start ---- */

static uint64_t or_default(uint64_t value, uint64_t fallback)
{
    return value != 0 ? value : fallback;
}

static void fill_defaults(struct http_config *config)
{
    config->address = config->address != NULL ? config->address : "127.0.0.1";
    config->body_limit = or_default(config->body_limit, LIMIT_BODY_BYTES);
    config->body_total = or_default(config->body_total, LIMIT_BODIES_TOTAL_BYTES);
    config->header_limit = or_default(config->header_limit, LIMIT_HEADER_BYTES);
    config->target_limit = or_default(config->target_limit, LIMIT_TARGET_BYTES);
    config->connections = or_default(config->connections, LIMIT_CONNECTIONS);
    config->connections_per_address =
        or_default(config->connections_per_address, LIMIT_CONNECTIONS_PER_ADDRESS);
    config->header_ms = or_default(config->header_ms, LIMIT_HEADER_DEADLINE_MS);
    config->body_ms = or_default(config->body_ms, LIMIT_BODY_DEADLINE_MS);
    config->idle_ms = or_default(config->idle_ms, LIMIT_IDLE_MS);
    config->linger_ms = or_default(config->linger_ms, LIMIT_LINGER_MS);
    config->stop_ms = or_default(config->stop_ms, LIMIT_STOP_MS);
    config->late_ms = or_default(config->late_ms, LATE_MS);
    config->batch_requests = or_default(config->batch_requests, LIMIT_BATCH_REQUESTS);
}

static void init_handles(struct http_server *server)
{
    uv_tcp_init(server->loop, &server->listener);
    uv_prepare_init(server->loop, &server->prepare);
    uv_check_init(server->loop, &server->check);
    uv_idle_init(server->loop, &server->look);
    uv_async_init(server->loop, &server->async, on_async);
    uv_timer_init(server->loop, &server->tick);
    uv_timer_init(server->loop, &server->force);
    server->listener.data = server->prepare.data = server->check.data = server->look.data = server;
    server->async.data = server->tick.data = server->force.data = server->deadline.data = server;
    server->handles = 8; /* these, and that of the deadlines */
    deadline_start(server);
    uv_prepare_start(&server->prepare, on_prepare);
    uv_check_start(&server->check, on_check);
    if (server->config.tick != NULL && server->config.tick_ms > 0)
        uv_timer_start(&server->tick, on_tick, server->config.tick_ms, server->config.tick_ms);
}

static struct http_server *server_new(const struct http_config *config)
{
    struct http_server *server = calloc(1, sizeof(*server));
    if (server == NULL)
        abort();
    server->config = *config;
    server->loop = config->loop == NULL ? &server->own_loop : config->loop;
    if (config->loop == NULL && uv_loop_init(server->loop) < 0)
        abort();
    fill_defaults(&server->config);
    TAILQ_INIT(&server->all);
    TAILQ_INIT(&server->attention);
    TAILQ_INIT(&server->next_turn);
    TAILQ_INIT(&server->spare);
    TAILQ_INIT(&server->orphans);
    for (size_t i = 0; i < ADDRESS_BUCKETS; i++)
        TAILQ_INIT(&server->by_address[i]);
    init_handles(server);
    return server;
}

static status listen_on(struct http_server *server, struct report *report)
{
    const struct http_config *config = &server->config;
    struct sockaddr_storage address = {0};
    if (uv_ip4_addr(config->address, config->port, (struct sockaddr_in *)&address) < 0 &&
        uv_ip6_addr(config->address, config->port, (struct sockaddr_in6 *)&address) < 0)
        return fail(report, FAULT_USAGE, "the address to listen on is not a numeric address");
    int result = uv_tcp_bind(&server->listener, (struct sockaddr *)&address, 0);
    if (result == 0)
        result = uv_listen((uv_stream_t *)&server->listener, SOMAXCONN, on_connection);
    if (result == UV_EADDRINUSE)
        return fail(report, FAULT_LOCKED, "port %u is taken by another process", config->port);
    if (result < 0)
        return fail(report, FAULT_STORE, "cannot listen on port %u: %s", config->port,
                    uv_strerror(result));
    int length = sizeof(address);
    uv_tcp_getsockname(&server->listener, (struct sockaddr *)&address, &length);
    server->port = ntohs(((struct sockaddr_in *)&address)->sin_port);
    return OK;
}

status http_server_start(const struct http_config *config, struct report *report,
                         struct http_server **server)
{
    assert(config->handle != NULL);

    signal(SIGPIPE, SIG_IGN);
    struct http_server *made = server_new(config);
    status result = listen_on(made, report);
    if (!is_ok(result)) {
        http_server_free(&made);
        return result;
    }
    *server = made;
    return OK;
}

struct http_load http_load(const struct http_server *server)
{
    return (struct http_load){.connections = server->connection_count,
                              .refused = server->refused_total,
                              .body_bytes = server->bodies_held};
}

uint16_t http_port(const struct http_server *server)
{
    return server->port;
}

struct uv_loop_s *http_loop(struct http_server *server)
{
    return server->loop;
}

void http_server_run(struct http_server *server)
{
    uv_run(server->loop, UV_RUN_DEFAULT);
}

void http_server_free(struct http_server **server)
{
    if (*server == NULL)
        return;
    struct http_server *gone = *server;
    gone->stopping = true;
    close_handle(&gone->listener);
    close_all(gone);
    close_handles_when_done(gone);
    if (gone->config.loop == NULL)
        uv_run(gone->loop, UV_RUN_DEFAULT);
    while (gone->handles > 0)
        uv_run(gone->loop, UV_RUN_ONCE);
    int busy = gone->config.loop == NULL ? uv_loop_close(gone->loop) : 0;
    assert(busy == 0);
    TAILQ_CONCAT(&gone->spare, &gone->orphans, link);
    struct http_reply *reply;
    while ((reply = TAILQ_FIRST(&gone->spare)) != NULL) {
        TAILQ_REMOVE(&gone->spare, reply, link);
        reply_free(reply);
    }
    free(gone);
    *server = NULL;
}
