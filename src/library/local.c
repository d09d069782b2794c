/* The answering half of http.h, for a caller in this process. */
#include <stdlib.h>

#include "local.h"

/* ---- bytes ---- */

static void add(struct http_reply *reply, str bytes)
{
    if (reply->length + bytes.len + 1 > reply->room) {
        size_t room = 2 * (reply->length + bytes.len + 1);
        char *more = realloc(reply->bytes, room);
        if (more == NULL)
            abort();
        reply->bytes = more;
        reply->room = room;
    }
    if (bytes.len > 0)
        memcpy(reply->bytes + reply->length, bytes.ptr, bytes.len);
    reply->length += bytes.len;
    reply->bytes[reply->length] = '\0';
}

static void begin(struct http_reply *reply, int code, str type)
{
    assert(!reply->answered);
    reply->answered = true;
    reply->code = code;
    struct buf buf = buf_over(reply->type, sizeof(reply->type) - 1);
    buf_add(&buf, type);
    reply->type[buf.full ? 0 : buf.len] = '\0';
    add(reply, STR(""));
}

void local_end(struct http_reply *reply)
{
    struct http_source source = reply->source;
    struct http_stream stream = reply->stream;
    reply->source = (struct http_source){0};
    reply->stream = (struct http_stream){0};
    reply->whole = true;
    if (source.end != NULL)
        source.end(source.self);
    if (stream.end != NULL)
        stream.end(stream.self);
}

void local_go_on(struct http_reply *reply)
{
    if (reply->source.next != NULL) {
        if (reply->left > 0)
            reply->cut = !reply->source.next(reply->source.self, reply);
        if (reply->cut || reply->left == 0)
            local_end(reply);
    } else if (reply->stream.wanted != NULL && !reply->wanted) {
        reply->wanted = true;
        reply->stream.wanted(reply->stream.self, reply);
    }
}

/* ---- what http.h promises ---- */

void http_answer(struct http_reply *reply, int code, str content_type,
                 const struct http_field *extra, size_t extra_count, str body)
{
    (void)extra;
    (void)extra_count;
    begin(reply, code, content_type);
    add(reply, body);
    reply->whole = true;
}

void http_class(struct http_reply *reply, unsigned class)
{
    (void)reply;
    (void)class;
}

void http_answer_source(struct http_reply *reply, int code, str content_type,
                        const struct http_field *extra, size_t extra_count, uint64_t length,
                        const struct http_source *source)
{
    (void)extra;
    (void)extra_count;
    begin(reply, code, content_type);
    reply->source = *source;
    reply->left = length;
}

void http_answer_stream(struct http_reply *reply, int code, str content_type,
                        const struct http_field *extra, size_t extra_count,
                        const struct http_stream *stream)
{
    (void)extra;
    (void)extra_count;
    begin(reply, code, content_type);
    reply->stream = *stream;
}

void http_piece(struct http_reply *reply, str bytes)
{
    assert(reply->source.next == NULL || bytes.len <= reply->left);
    reply->left -= reply->source.next == NULL ? 0 : bytes.len;
    reply->wanted = false;
    add(reply, bytes);
}

void http_stream_end(struct http_reply *reply)
{
    local_end(reply);
}

void http_stream_break(struct http_reply *reply)
{
    reply->cut = true;
    local_end(reply);
}

void http_pause(struct http_reply *reply)
{
    reply->paused = true;
}

void http_resume(struct http_reply *reply)
{
    reply->paused = false;
}
