/* Routes about many people at once: one entry in the log, an answer of a line for each. */
#include "api_internal.h"

enum { BATCH_BYTES = LIMIT_REQUEST_ARENA_BYTES / 2 };

struct batching {
    struct ask *ask;
    struct batch request;
    struct batch_work *work;
    struct buf lines;
};

static status put_line(struct batching *batching, const struct bind_form *form, const void *line)
{
    struct json_out out = json_out_over(&batching->lines);
    bind_write(form, line, &out);
    buf_char(&batching->lines, '\n');
    if (!batching->lines.full)
        return OK;
    return fail(&batching->ask->report, FAULT_LIMIT,
                "the answer is larger than %d bytes: ask for fewer people", BATCH_BYTES);
}

static status each_line(void *self, struct call *call, const struct batch_line *line)
{
    struct batching *batching = self;
    struct ask one = *batching->ask; /* its memory is this line's */
    one.arena = line->arena;
    one.call = *call;
    struct batch_line_reply reply = {.subject = line->subject,
                                     .allowed = line->allowed,
                                     .unknown = !line->known,
                                     .changed = line->changed};
    struct read_reply read = {0};
    if (line->read != NULL)
        TRY(read_reply_of(&one, line->read, &read));
    reply.items = read.items;
    reply.item_count = read.item_count;
    if (line->refused != NULL)
        reply.refused = reason_reply_of(&one, &line->refused->reason);
    str url = one.api->config.public_url;
    if (line->allowed && !str_is_empty(line->link) && !str_is_empty(url))
        reply.stop_link = arena_format(line->arena, "%.*s/r/%.*s/stop/%.*s", STR_ARG(url),
                                       STR_ARG(reg_public_id(one.reg)), STR_ARG(line->link));
    return put_line(batching, &batch_line_form, &reply);
}

/* The last line: without it the answer was cut off. */
static status fill_batch(struct ask *ask)
{
    struct batching *batching = ask->result;
    struct batch_end_reply end = {.log_index = ask->call.outcome.log_index,
                                  .people = batching->request.subject_count,
                                  .allowed = ask->call.outcome.count};
    TRY(put_line(batching, &batch_end_form, &end));
    ask->document = buf_str(&batching->lines);
    ask->media = "application/x-ndjson";
    return OK;
}

static status batch_step(struct ask *ask, const struct batch *request)
{
    struct batching *batching = ask->result;
    if (batching == NULL) {
        batching = ARENA_NEW(ask->arena, struct batching);
        if (batching == NULL)
            return NO_MEMORY(&ask->report);
        *batching = (struct batching){
            .ask = ask, .request = *request, .lines = buf_in(ask->arena, BATCH_BYTES)};
        batching->request.each = each_line;
        batching->request.self = batching;
        ask->result = batching;
        ask->fill = fill_batch;
    }
    TRY(engine_batch_step(&ask->call, &batching->request, &batching->work, &ask->progress));
    ask->unfinished = !ask->progress.done;
    return OK;
}

status batch_read(struct ask *ask)
{
    const struct batch_read_body *body = ask->body;
    const struct batch request = {
        .read = &body->read, .subjects = body->subjects, .subject_count = body->subject_count};
    return batch_step(ask, &request);
}

status batch_messages(struct ask *ask)
{
    const struct batch_message_body *body = ask->body;
    const struct batch request = {.message = &body->message,
                                  .subjects = body->subjects,
                                  .subject_count = body->subject_count};
    return batch_step(ask, &request);
}
