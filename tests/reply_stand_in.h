/* reply_stand_in: what the api answers to where there is no server: a reply is kept in memory.
 * Including it defines the functions of http.h that answer, so the program must not pull in
 * src/http/reply.c. What a server would never allow ends the program. */
#ifndef VERN_REPLY_STAND_IN_H
#define VERN_REPLY_STAND_IN_H
#include <stdlib.h>

#include "http.h"

struct http_reply {
    struct arena *arena; /* may be NULL */
    struct http_source source;
    struct http_stream stream;
    struct buf body;
    uint64_t left; /* bytes that the source is still to give */
    bool answered;
    bool streams, wants; /* a stream goes on; all that it gave was taken */
    bool json;           /* it says that it is JSON */
    int code;
};

static void stand_in_must(bool holds)
{
    if (!holds)
        abort();
}

void http_answer(struct http_reply *reply, int code, str content_type,
                 const struct http_field *extra, size_t extra_count, str body)
{
    (void)extra;
    (void)extra_count;
    stand_in_must(!reply->answered && code >= 200 && code <= 599);
    reply->answered = true;
    reply->code = code;
    reply->json = str_is(content_type, "application/json") ||
                  str_is(content_type, "application/problem+json");
    buf_add(&reply->body, body);
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
    http_answer(reply, code, content_type, extra, extra_count, STR(""));
    reply->left = length;
    reply->source = *source;
}

void http_answer_stream(struct http_reply *reply, int code, str content_type,
                        const struct http_field *extra, size_t extra_count,
                        const struct http_stream *stream)
{
    http_answer(reply, code, content_type, extra, extra_count, STR(""));
    reply->stream = *stream;
    reply->streams = reply->wants = true;
}

void http_piece(struct http_reply *reply, str bytes)
{
    stand_in_must(reply->streams || bytes.len <= reply->left);
    if (!reply->streams)
        reply->left -= bytes.len;
    reply->wants = true;
    buf_add(&reply->body, bytes);
}

void http_stream_end(struct http_reply *reply)
{
    stand_in_must(reply->streams);
    reply->streams = false;
}

/* What was cut was not acknowledged. */
void http_stream_break(struct http_reply *reply)
{
    reply->streams = false;
    reply->code = 503;
}

#endif
