/* One connection: bytes in, requests out to the application, replies back in order.
 *
 *   on_read -> connection_take -> parser -> began / chunk / complete -> handle()
 *   turn end -> connection_flush -> connection_resume
 */
#include <stdlib.h>
#include "server_internal.h"

enum { FLUSH_PARTS = LIMIT_PIPELINE + 1, DRAIN_BYTES = 16 << 20 };

static void settle(struct connection *connection);

void connection_attend(struct connection *connection)
{
    if (connection->in_attention || connection->closed)
        return;
    connection->in_attention = true;
    TAILQ_INSERT_TAIL(&connection->server->attention, connection, attention);
}

/* ---- the end of a connection ---- */

static void on_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    struct http_reply *reply;
    while ((reply = TAILQ_FIRST(&connection->queue)) != NULL)
        reply_release(reply);
    bytes_free(&connection->stash);
    server_forget(connection);
    free(connection);
}

/* Ends the request that is still arriving; its reply is not the application's. */
static void drop_current(struct connection *connection)
{
    struct http_reply *reply = connection->current;
    connection->current = NULL;
    if (reply == NULL)
        return;
    if (reply->sink.chunk != NULL && !reply->answered)
        reply->sink.abort(reply->sink.self, reply);
    if (!reply->answered)
        reply_release(reply);
}

/* What the application owes outlives the connection; what was answered goes when the loop is done
 * with its memory. */
static void orphan_replies(struct connection *connection)
{
    struct http_reply *reply = TAILQ_FIRST(&connection->queue);
    while (reply != NULL) {
        struct http_reply *next = TAILQ_NEXT(reply, link);
        if (!reply->answered) {
            TAILQ_REMOVE(&connection->queue, reply, link);
            connection->depth--;
            reply->queued = false;
            reply->connection = NULL;
            TAILQ_INSERT_TAIL(&connection->server->orphans, reply, link);
        }
        reply = next;
    }
}

void connection_close(struct connection *connection)
{
    if (connection->closed)
        return;
    connection->closed = true;
    deadline_set(connection, DEADLINE_NONE, false);
    if (connection->in_attention)
        TAILQ_REMOVE(&connection->server->attention, connection, attention);
    connection->in_attention = false;
    if (connection->in_next_turn)
        TAILQ_REMOVE(&connection->server->next_turn, connection, next_turn);
    connection->in_next_turn = false;
    drop_current(connection);
    orphan_replies(connection);
    uv_close((uv_handle_t *)&connection->tcp, on_closed);
}

static void on_shutdown(uv_shutdown_t *request, int result)
{
    struct connection *connection = request->data;
    if (result < 0 && !connection->closed)
        connection_close(connection);
}

/* Shuts our side and waits for theirs: closing with bytes unread would destroy the last reply. */
static void linger(struct connection *connection)
{
    if (connection->ended) {
        connection_close(connection);
        return;
    }
    connection->lingering = connection->drain = true;
    connection->held_up = false;
    bytes_free(&connection->stash);
    connection->shutdown.data = connection;
    if (uv_shutdown(&connection->shutdown, (uv_stream_t *)&connection->tcp, on_shutdown) < 0)
        connection_close(connection);
}

/* ---- refusing ---- */

void connection_refuse(struct connection *connection, const struct refusal *refusal)
{
    struct http_reply *reply = connection->current;
    connection->drain = true;
    connection_attend(connection);
    if (reply == NULL)
        return;
    if (reply->answered) {
        reply->last = true;
        connection->current = NULL;
        return;
    }
    if (reply->sink.chunk != NULL)
        reply->sink.abort(reply->sink.self, reply);
    if (!reply->queued)
        reply_enqueue(reply);
    reply_refuse(reply, refusal);
    connection->current = NULL;
}

/* ---- a request arrives ---- */

/* Answers what the server itself answers. */
static bool answer_asterisk(struct http_reply *reply)
{
    if (!str_equal(reply->head.request.path, STR("*")))
        return false;
    struct http_field allow = {STR("Allow"), ALLOWED_METHODS};
    http_answer(reply, 204, STR(""), &allow, 1, STR(""));
    return true;
}

static bool hosts_allowed(const struct http_config *config, const struct head *head)
{
    return host_allowed(config, head->request.host) &&
           (head->authority.len == 0 || host_allowed(config, head->authority));
}

static bool admit(struct http_reply *reply)
{
    const struct http_config *config = &reply->server->config;
    struct http_admission admission = {.body_limit = config->body_limit};
    if (config->admit != NULL &&
        !config->admit(config->self, &reply->head.request, reply, &admission)) {
        assert(reply->answered);
        return false;
    }
    reply->head.request.found = admission.found;
    reply->sink = admission.sink;
    reply->body_limit = admission.body_limit;
    return true;
}

/* The head is there: decides what becomes of the body. */
static void request_began(struct connection *connection)
{
    struct http_reply *reply = connection->current;
    struct http_request *request = &reply->head.request;
    memcpy(reply->peer, connection->peer, sizeof(reply->peer));
    request->peer = reply->peer;
    request->connection = connection->id;
    request->arena = reply->arena;
    reply_enqueue(reply);
    if (!hosts_allowed(&connection->server->config, &reply->head)) {
        connection_refuse(connection, &refuse_misdirected);
        return;
    }
    if (answer_asterisk(reply) || !admit(reply)) {
        reply->discard = true;
        return;
    }
    if (reply->head.length > reply->body_limit) {
        connection_refuse(connection, &refuse_body_large);
        return;
    }
    reply->continues = reply->head.expects;
    if (reply->continues)
        connection_attend(connection);
}

static void keep_body(struct connection *connection, str piece)
{
    struct http_server *server = connection->server;
    struct http_reply *reply = connection->current;
    if (server->bodies_held + piece.len > server->config.body_total) {
        connection_refuse(connection, &refuse_busy);
        return;
    }
    server->bodies_held += piece.len;
    bytes_add(&reply->body, piece);
}

static void request_body(struct connection *connection, str piece)
{
    struct http_reply *reply = connection->current;
    reply->continues = false;
    reply->body_seen += piece.len;
    if (reply->discard) {
        if (reply->body_seen > connection->server->config.body_limit)
            connection_refuse(connection, &refuse_body_large);
        return;
    }
    if (reply->body_seen > reply->body_limit) {
        connection_refuse(connection, &refuse_body_large);
        return;
    }
    if (reply->sink.chunk == NULL) {
        keep_body(connection, piece);
        return;
    }
    connection->server->work = true;
    connection->chunk_given = true;
    reply->sink.chunk(reply->sink.self, reply, piece);
}

static void request_complete(struct connection *connection)
{
    struct http_server *server = connection->server;
    struct http_reply *reply = connection->current;
    connection->current = NULL;
    reply->continues = false;
    if (!reply->head.keep_alive || server->stopping)
        connection->drain = true;
    if (reply->discard) { /* it was answered before its body came; now that may go */
        connection_attend(connection);
        return;
    }
    server->work = true;
    server->dispatched++;
    reply->held = true;
    if (reply->sink.chunk != NULL) {
        reply->sink.end(reply->sink.self, reply);
        return;
    }
    reply->head.request.body = (str){reply->body.ptr, reply->body.len};
    server->config.handle(server->config.self, &reply->head.request, reply);
}

/* ---- bytes to requests ---- */

static bool stalled(const struct connection *connection)
{
    if (connection->current != NULL)
        return connection->current->paused;
    return connection->depth >= LIMIT_PIPELINE;
}

static void begin_request(struct connection *connection)
{
    connection->current = reply_take(connection);
    parser_begin(&connection->parser, &connection->current->head);
    deadline_set(connection, DEADLINE_HEAD, true);
}

/* Takes one event off `input`; false when there is no more to take. */
static bool take_event(struct connection *connection, str *input)
{
    if (connection->current == NULL) {
        if (input->len == 0)
            return false;
        begin_request(connection);
    }
    str piece = {0};
    switch (parser_next(&connection->parser, input, &piece)) {
    case PARSE_MORE:
        return false;
    case PARSE_HEAD:
        request_began(connection);
        break;
    case PARSE_BODY:
        request_body(connection, piece);
        break;
    case PARSE_END:
        request_complete(connection);
        break;
    case PARSE_REFUSED:
        connection_refuse(connection, connection->parser.refusal);
        break;
    }
    return true;
}

/* Takes what was read; what a stall leaves over is kept for connection_resume(). */
static void connection_take(struct connection *connection, str input)
{
    struct http_server *server = connection->server;
    while (!connection->closed && !connection->drain && !stalled(connection) &&
           take_event(connection, &input)) {
        if (server->dispatched >= server->config.batch_requests && server->config.batch_end != NULL)
            server_batch_full(server);
    }
    if (connection->closed)
        return;
    connection->held_up = !connection->drain && stalled(connection);
    if (connection->held_up)
        bytes_add(&connection->stash, input);
    connection->drained += connection->drain ? input.len : 0;
    if (connection->drained > DRAIN_BYTES)
        connection_close(connection);
}

/* ---- reading ---- */

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    struct connection *connection = handle->data;
    *buffer = uv_buf_init(connection->server->input, READ_BYTES);
}

/* Their side is shut. Requests that came whole are still answered. */
static void end_of_input(struct connection *connection)
{
    connection->ended = connection->drain = true;
    if (connection->lingering) {
        connection_close(connection);
        return;
    }
    drop_current(connection);
    connection_attend(connection);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct connection *connection = stream->data;
    if (count == 0 || connection->closed)
        return;
    if (count == UV_EOF) {
        uv_read_stop(stream);
        connection->reading = false;
        end_of_input(connection);
        settle(connection);
        return;
    }
    if (count < 0) {
        connection_close(connection);
        return;
    }
    connection_take(connection, (str){buffer->base, (size_t)count});
    settle(connection);
}

static void set_reading(struct connection *connection, bool on)
{
    if (connection->reading == on)
        return;
    connection->reading = on;
    if (!on)
        uv_read_stop((uv_stream_t *)&connection->tcp);
    else if (uv_read_start((uv_stream_t *)&connection->tcp, on_allocate, on_read) < 0)
        connection_close(connection);
}

void connection_start(struct connection *connection)
{
    set_reading(connection, true);
    if (!connection->closed)
        deadline_set(connection, DEADLINE_IDLE, true);
}

/* ---- what is awaited now ---- */

static enum deadline_class awaited(const struct connection *connection)
{
    if (connection->lingering)
        return DEADLINE_LINGER;
    if (connection->write_pending)
        return DEADLINE_WRITE;
    if (connection->held_up || connection->drain)
        return DEADLINE_NONE;
    if (connection->current != NULL)
        return connection->parser.phase == PHASE_HEAD ? DEADLINE_HEAD : DEADLINE_BODY;
    return connection->depth > 0 ? DEADLINE_NONE : DEADLINE_IDLE;
}

/* Brings reading and deadline in line with what the connection waits for. */
static void settle(struct connection *connection)
{
    if (connection->closed)
        return;
    enum deadline_class class = awaited(connection);
    if (class == DEADLINE_IDLE && connection->server->stopping) {
        connection_close(connection);
        return;
    }
    deadline_set(connection, class,
                 (class == DEADLINE_BODY && connection->chunk_given) ||
                     (class == DEADLINE_WRITE && connection->went_on));
    connection->went_on = false;
    if (connection->chunk_given)
        connection_attend(connection);
    bool waits = (connection->held_up && !connection->drain) || connection->chunk_given;
    set_reading(connection, !waits && !connection->ended);
}

/* What is next of it is due when the loop has looked at the others. */
static void go_on_next_turn(struct connection *connection)
{
    if (connection->in_next_turn)
        return;
    connection->in_next_turn = true;
    TAILQ_INSERT_TAIL(&connection->server->next_turn, connection, next_turn);
    uv_async_send(&connection->server->async);
}

/* Of many requests that came at once, those that stalled wait for the others' next ones. */
void connection_resume(struct connection *connection)
{
    if (connection->closed)
        return;
    connection->chunk_given = false;
    bool goes_on = connection->held_up && !stalled(connection), its_turn = connection->its_turn;
    connection->its_turn = false;
    if (goes_on && !its_turn) {
        go_on_next_turn(connection);
    } else if (goes_on) {
        struct bytes stash = connection->stash;
        connection->stash = (struct bytes){0};
        connection_take(connection, (str){stash.ptr, stash.len});
        bytes_free(&stash);
    }
    settle(connection);
}

/* ---- writing ---- */

/* The replies at the front of the queue are written, and a piece of the next. */
static void written(struct connection *connection, size_t count)
{
    connection->went_on = true;
    while (count-- > 0) {
        struct http_reply *reply = TAILQ_FIRST(&connection->queue);
        if (reply->last)
            connection->finish = true;
        reply_release(reply);
    }
    if (!connection->writing_piece)
        return;
    connection->writing_piece = false;
    bytes_recycle(&TAILQ_FIRST(&connection->queue)->out);
    go_on_next_turn(connection);
}

static void on_written(uv_write_t *request, int result)
{
    struct connection *connection = request->data;
    connection->write_pending = false;
    if (connection->closed)
        return;
    if (result < 0) {
        connection_close(connection);
        return;
    }
    written(connection, connection->writing);
    connection_attend(connection);
}

/* Hands what try_write left over to the loop. */
static void write_rest(struct connection *connection, uv_buf_t *parts, unsigned count, size_t sent)
{
    while (sent >= parts->len) {
        sent -= parts->len;
        parts++;
        count--;
    }
    parts->base += sent;
    parts->len -= sent;
    connection->write.data = connection;
    connection->write_pending = true;
    if (uv_write(&connection->write, (uv_stream_t *)&connection->tcp, parts, count, on_written) < 0)
        connection_close(connection);
}

static void want_more(struct http_reply *reply)
{
    if (reply->wanted)
        return;
    reply->wanted = true;
    reply->stream.wanted(reply->stream.self, reply);
}

/* The first reply has a body that comes piece by piece, and the last piece is written: the next. */
static bool fill(struct connection *connection)
{
    struct http_reply *reply = TAILQ_FIRST(&connection->queue);
    if (reply == NULL || reply->out.len > 0)
        return true;
    if (reply->streams)
        want_more(reply);
    if (connection->closed) /* the stream broke off */
        return false;
    if (reply->left == 0)
        return true;
    return reply->source.next(reply->source.self, reply) && reply->out.len > 0;
}

/* Gathers the replies that are ready, in order; gives their number and the bytes of all parts. One
 * whose body is still to come is not ready, and nothing behind it goes first. */
static size_t gather(struct connection *connection, uv_buf_t *parts, unsigned *count, size_t *total)
{
    static char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    size_t ready = 0;
    struct http_reply *reply = TAILQ_FIRST(&connection->queue);
    connection->writing_piece = false;
    while (reply != NULL && reply->answered && reply != connection->current) {
        bool goes_on = reply->left > 0 || reply->streams;
        if (reply->out.len > 0)
            parts[(*count)++] = uv_buf_init(reply->out.ptr, (unsigned)reply->out.len);
        *total += reply->out.len;
        connection->writing_piece = goes_on && reply->out.len > 0;
        if (goes_on)
            return ready;
        ready++;
        reply = TAILQ_NEXT(reply, link);
    }
    if (reply != NULL && reply->continues && !reply->answered) {
        reply->continues = false;
        parts[(*count)++] = uv_buf_init(go_on, sizeof(go_on) - 1);
        *total += sizeof(go_on) - 1;
    }
    return ready;
}

static void write_ready(struct connection *connection)
{
    uv_buf_t parts[FLUSH_PARTS];
    unsigned count = 0;
    size_t total = 0;
    if (connection->in_next_turn)
        return;
    if (!fill(connection)) {
        connection_close(connection);
        return;
    }
    size_t ready = gather(connection, parts, &count, &total);
    if (count == 0) {
        written(connection, ready); /* of an old client's stream nothing marks the end */
        return;
    }
    int sent = uv_try_write((uv_stream_t *)&connection->tcp, parts, count);
    if (sent < 0 && sent != UV_EAGAIN) {
        connection_close(connection);
        return;
    }
    if (sent >= 0 && (size_t)sent == total) {
        written(connection, ready);
        return;
    }
    connection->writing = ready;
    write_rest(connection, parts, count, sent < 0 ? 0 : (size_t)sent);
}

void connection_flush(struct connection *connection)
{
    if (connection->closed || connection->write_pending || connection->lingering)
        return;
    write_ready(connection);
    if (connection->closed || connection->write_pending)
        return;
    bool over = connection->finish || connection->ended;
    if (over && TAILQ_EMPTY(&connection->queue))
        linger(connection);
}
