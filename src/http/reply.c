/* Replies: taken from a store of spare ones, rendered when answered, given back when written. */
#include <stdlib.h>
#include "server_internal.h"

/* A byte of text becomes at most \u0000 in JSON. */
enum { ESCAPED_MOST = 6, WRITTEN_TOGETHER = 8 };
#define LENGTH_UNKNOWN UINT64_MAX

struct http_reply *reply_take(struct connection *connection)
{
    struct http_server *server = connection->server;
    struct http_reply *reply = TAILQ_FIRST(&server->spare);
    if (reply != NULL) {
        TAILQ_REMOVE(&server->spare, reply, link);
        server->spare_count--;
    } else {
        reply = calloc(1, sizeof(*reply));
        if (reply == NULL)
            abort();
        reply->server = server;
        reply->arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    }
    reply->connection = connection;
    reply->class = 0;
    return reply;
}

void reply_free(struct http_reply *reply)
{
    arena_free(&reply->arena);
    bytes_free(&reply->head.raw);
    bytes_free(&reply->body);
    bytes_free(&reply->out);
    free(reply);
}

void reply_enqueue(struct http_reply *reply)
{
    TAILQ_INSERT_TAIL(&reply->connection->queue, reply, link);
    reply->queued = true;
    reply->connection->depth++;
}

static void end_source(struct http_reply *reply)
{
    struct http_source source = reply->source;
    struct http_stream stream = reply->stream;
    reply->source = (struct http_source){0};
    reply->stream = (struct http_stream){0};
    reply->left = 0;
    reply->streams = reply->wanted = false;
    if (source.end != NULL)
        source.end(source.self);
    if (stream.end != NULL)
        stream.end(stream.self);
}

void reply_release(struct http_reply *reply)
{
    struct http_server *server = reply->server;
    if (reply->queued) {
        TAILQ_REMOVE(&reply->connection->queue, reply, link);
        reply->connection->depth--;
    }
    server->bodies_held -= reply->body.len;
    end_source(reply);
    if (server->spare_count >= SPARE_REPLIES) {
        reply_free(reply);
        return;
    }
    arena_reset(reply->arena);
    bytes_recycle(&reply->head.raw);
    bytes_recycle(&reply->body);
    bytes_recycle(&reply->out);
    reply->connection = NULL;
    reply->sink = (struct http_sink){0};
    reply->body_limit = reply->body_seen = 0;
    reply->queued = reply->held = reply->answered = reply->discard = false;
    reply->last = reply->continues = reply->paused = false;
    TAILQ_INSERT_HEAD(&server->spare, reply, link);
    server->spare_count++;
}

/* ---- rendering ---- */

static const char *reason_of(int code)
{
    static const struct {
        int code;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {207, "Multi-Status"},
        {303, "See Other"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    };
    for (size_t i = 0; i < LENGTH(reasons); i++) {
        if (reasons[i].code == code)
            return reasons[i].reason;
    }
    return "";
}

static void add_number(struct bytes *out, uint64_t number)
{
    char text[20];
    size_t at = sizeof(text);
    do {
        text[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    bytes_add(out, (str){text + at, sizeof(text) - at});
}

static void add_field(struct bytes *out, str name, str value)
{
    bytes_add(out, name);
    bytes_add(out, STR(": "));
    bytes_add(out, value);
    bytes_add(out, STR("\r\n"));
}

static void add_status(struct bytes *out, int code)
{
    if (code == 200) {
        bytes_add(out, STR("HTTP/1.1 200 OK\r\n"));
        return;
    }
    bytes_add(out, STR("HTTP/1.1 "));
    add_number(out, (uint64_t)code);
    bytes_add(out, STR(" "));
    bytes_add(out, str_from(reason_of(code)));
    bytes_add(out, STR("\r\n"));
}

static void add_connection(const struct http_reply *reply, struct bytes *out)
{
    if (reply->last)
        bytes_add(out, STR("Connection: close\r\n"));
    else if (reply->head.old)
        bytes_add(out, STR("Connection: keep-alive\r\n"));
}

struct answer {
    int code;
    str content_type, body;
    const struct http_field *extra;
    size_t extra_count;
    uint64_t length; /* of the body, be it here or to come; of a stream LENGTH_UNKNOWN */
    const struct http_source *source;
    const struct http_stream *stream;
};

/* What is no page loads nothing, runs nothing and stands in no frame. */
static const str inert = {"default-src 'none'; form-action 'none'; frame-ancestors 'none'; "
                          "base-uri 'none'",
                          79};

static void render(struct http_reply *reply, const struct answer *answer)
{
    struct bytes *out = &reply->out;
    bool bodiless = answer->code == 204 || answer->code == 304;
    bool has_body = !bodiless && !reply->head.is_head;
    bytes_reserve(out, 512 + (has_body ? answer->body.len : 0));
    add_status(out, answer->code);
    if (answer->content_type.len > 0)
        add_field(out, STR("Content-Type"), answer->content_type);
    if (!bodiless && answer->length != LENGTH_UNKNOWN) {
        bytes_add(out, STR("Content-Length: "));
        add_number(out, answer->length);
        bytes_add(out, STR("\r\n"));
    } else if (!bodiless && !reply->head.old) {
        add_field(out, STR("Transfer-Encoding"), STR("chunked"));
    }
    bool cache_said = false, policy_said = false;
    for (size_t i = 0; i < answer->extra_count; i++) {
        add_field(out, answer->extra[i].name, answer->extra[i].value);
        cache_said = cache_said || text_is_name(answer->extra[i].name, "cache-control");
        policy_said = policy_said || text_is_name(answer->extra[i].name, "content-security-policy");
    }
    if (!cache_said)
        bytes_add(out, STR("Cache-Control: no-store\r\n"));
    if (!policy_said)
        add_field(out, STR("Content-Security-Policy"), inert);
    bytes_add(out, STR("X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"));
    add_connection(reply, out);
    bytes_add(out, STR("\r\n"));
    if (has_body)
        bytes_add(out, answer->body);
}

/* A line break within a field would let its writer speak in our name. */
static bool field_safe(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\r' || text.ptr[i] == '\n' || text.ptr[i] == '\0')
            return false;
    }
    return true;
}

static bool answer_safe(const struct answer *answer)
{
    if (!field_safe(answer->content_type))
        return false;
    for (size_t i = 0; i < answer->extra_count; i++) {
        if (!field_safe(answer->extra[i].name) || !field_safe(answer->extra[i].value))
            return false;
    }
    return true;
}

/* What an answer means to its connection. One that comes before the body has, where the client was
 * promised or is streaming, ends it; so does any that closes. During a stop the reply that is last
 * in line says goodbye. */
static void settle_connection(struct http_reply *reply)
{
    struct connection *connection = reply->connection;
    bool arriving = connection->current == reply;
    bool tail = TAILQ_NEXT(reply, link) == NULL && (connection->current == NULL || arriving);
    if (arriving && (reply->sink.chunk != NULL || reply->head.expects))
        reply->last = true;
    if (!reply->head.keep_alive || (reply->server->stopping && tail))
        reply->last = true;
    if (reply->last)
        connection->drain = true;
    if (arriving && reply->last)
        connection->current = NULL;
    connection_attend(connection);
}

static void give_answer(struct http_reply *reply, const struct answer *answer)
{
    assert(reply != NULL);
    assert(!reply->answered);
    assert(answer->code >= 200 && answer->code <= 599);

    if (reply->server->ending && ++reply->server->answered > WRITTEN_TOGETHER)
        server_write_answered(reply->server);
    reply->held = false;
    if (answer->source != NULL)
        reply->source = *answer->source;
    if (answer->stream != NULL)
        reply->stream = *answer->stream;
    if (reply->connection == NULL) {
        TAILQ_REMOVE(&reply->server->orphans, reply, link);
        reply_release(reply);
        return;
    }
    reply->answered = true;
    settle_connection(reply);
    bool safe = answer_safe(answer);
    if (reply->server->config.answered != NULL)
        reply->server->config.answered(reply->server->config.self, reply->class,
                                       safe ? answer->code : 500);
    if (safe) {
        if (answer->source != NULL && !reply->head.is_head)
            reply->left = answer->length;
        reply->streams = answer->stream != NULL && !reply->head.is_head;
        render(reply, answer);
        return;
    }
    str body = STR("{\"type\":\"/problems/internal\","
                   "\"title\":\"Vern broke one of its own rules\","
                   "\"status\":500}\n");
    render(reply,
           &(struct answer){
               .code = 500, .content_type = PROBLEM_MEDIA, .body = body, .length = body.len});
}

void http_answer(struct http_reply *reply, int code, str content_type,
                 const struct http_field *extra, size_t extra_count, str body)
{
    struct answer answer = {code, content_type, body, extra, extra_count, body.len, NULL, NULL};
    give_answer(reply, &answer);
}

void http_answer_source(struct http_reply *reply, int code, str content_type,
                        const struct http_field *extra, size_t extra_count, uint64_t length,
                        const struct http_source *source)
{
    assert(source->next != NULL && length > 0 && length != LENGTH_UNKNOWN);

    struct answer answer = {code, content_type, STR(""), extra, extra_count, length, source, NULL};
    give_answer(reply, &answer);
}

void http_answer_stream(struct http_reply *reply, int code, str content_type,
                        const struct http_field *extra, size_t extra_count,
                        const struct http_stream *stream)
{
    assert(stream->wanted != NULL);

    struct answer answer = {code,        content_type,   STR(""), extra,
                            extra_count, LENGTH_UNKNOWN, NULL,    stream};
    if (reply->head.old) /* its end is that of the connection */
        reply->last = true;
    give_answer(reply, &answer);
}

static void add_chunk(struct http_reply *reply, str bytes)
{
    char room[20];
    struct buf size = buf_over(room, sizeof(room));
    buf_format(&size, "%zx\r\n", bytes.len);
    if (!reply->head.old)
        bytes_add(&reply->out, buf_str(&size));
    bytes_add(&reply->out, bytes);
    if (!reply->head.old)
        bytes_add(&reply->out, STR("\r\n"));
}

void http_piece(struct http_reply *reply, str bytes)
{
    if (reply->streams) {
        reply->wanted = false;
        if (bytes.len > 0) /* an empty chunk would be the end */
            add_chunk(reply, bytes);
        connection_attend(reply->connection);
        return;
    }
    assert(bytes.len <= reply->left);

    bytes_add(&reply->out, bytes);
    reply->left -= bytes.len;
}

void http_stream_end(struct http_reply *reply)
{
    assert(reply->streams);

    if (!reply->head.old)
        bytes_add(&reply->out, STR("0\r\n\r\n"));
    reply->streams = false;
    connection_attend(reply->connection);
}

void http_stream_break(struct http_reply *reply)
{
    assert(reply->streams);

    connection_close(reply->connection);
}

void http_answer_problem(struct http_reply *reply, const struct report *report)
{
    char memory[(sizeof(report->text) + sizeof(report->where)) * ESCAPED_MOST + 1024];
    struct buf buf = buf_over(memory, sizeof(memory));
    struct problem problem = problem_of(report);
    problem_write(&buf, &problem);
    assert(!buf.full);
    http_answer(reply, problem.code, PROBLEM_MEDIA, NULL, 0, buf_str(&buf));
}

void reply_refuse(struct http_reply *reply, const struct refusal *refusal)
{
    char memory[1024];
    struct buf buf = buf_over(memory, sizeof(memory));
    struct problem problem = refusal_problem(refusal);
    problem_write(&buf, &problem);
    assert(!buf.full);
    struct http_field allow = {STR("Allow"), ALLOWED_METHODS};
    struct http_field later = {STR("Retry-After"), RETRY_SECONDS};
    bool is_method = problem.code == 405, is_busy = problem.code == 503;
    reply->last = true;
    http_answer(reply, problem.code, PROBLEM_MEDIA, is_busy ? &later : &allow,
                is_method || is_busy ? 1 : 0, buf_str(&buf));
}

void http_class(struct http_reply *reply, unsigned class)
{
    reply->class = class;
}

void http_pause(struct http_reply *reply)
{
    assert(reply->sink.chunk != NULL);
    reply->paused = true;
}

void http_resume(struct http_reply *reply)
{
    assert(reply->sink.chunk != NULL);
    reply->paused = false;
    if (reply->connection != NULL)
        connection_attend(reply->connection);
}
