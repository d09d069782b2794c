/* Routes about many people at once: one entry in the log, an answer of a line for each, streamed.
 *
 *   pass one:  steps among the long requests -> entry -> flush
 *   pass two:  the client has taken what there was -> a piece: some people, each in a call of its
 *              own, one flush -> their lines -> the client has taken them -> ... -> last line
 *
 * At most one piece is held, and it is made only when the last was taken; so a client that reads
 * slowly slows its own batch down, and is cut off like any other. When the client goes, the batch
 * ends there: the log says what was allowed, disclosures say what was given. */
#include <stdlib.h>

#include "api_internal.h"
#include "csv.h"

enum {
    PIECE_PEOPLE = 64,
    TURN_PIECES_MS = 5, /* after which a turn begins no further piece */
    PIECE_BYTES =
        128 << 10, /* of values, known before they are opened; one person is always taken */
    LINES_BYTES = LIMIT_REQUEST_ARENA_BYTES - (1 << 20)
};

struct batching {
    struct ask *ask;
    struct batch request;
    struct batch_work *work;
    struct http_reply *reply; /* NULL: not begun, or gone */
    bool wanted;              /* the client has taken all that there was */
    struct arena *arena;      /* of the lines of a piece */
    struct buf lines;
    size_t waiting; /* calls whose turn has not ended */
    status broken;
    const str *columns; /* of CSV: the fields, behind CSV_HEAD; NULL: it is NDJSON */
    size_t column_count;
    bool headed;
};

/* One person's call; lives in an arena of its own until the flush. */
struct one_call {
    struct batching *batching;
    struct arena *arena;
    struct report report;
    struct call call;
    struct batch_line line;
};

/* ---- lines ---- */

static void put_line(struct batching *batching, const struct bind_form *form, const void *line)
{
    struct json_out out = json_out_over(&batching->lines);
    bind_write(form, line, &out);
    buf_char(&batching->lines, '\n');
}

static struct batch_line_reply reply_of(const struct one_call *one, status result)
{
    const struct batch_line *line = &one->line;
    struct batch_line_reply reply = {.subject = line->subject,
                                     .allowed = line->allowed && is_ok(result),
                                     .unknown = !line->known,
                                     .changed = !is_ok(result)};
    if (result.fault == FAULT_LIMIT)
        reply.problem = str_from(fault_name(result.fault));
    return reply;
}

static status fill_line(struct one_call *one, struct ask *ask, struct batch_line_reply *reply)
{
    const struct batch_line *line = &one->line;
    const struct batch *request = &one->batching->request;
    struct read_reply read = {0};
    if (line->refused != NULL)
        reply->refused = reason_reply_of(ask, &line->refused->reason);
    if (!reply->allowed)
        return OK;
    if (request->message == NULL)
        TRY(read_reply_of(ask, request->share != NULL ? &line->shared.read : &line->read, &read));
    reply->items = read.items;
    reply->item_count = read.item_count;
    reply->roles = line->roles;
    reply->role_count = line->role_count;
    reply->record = line->shared.record;
    reply->reference = line->shared.reference;
    reply->queued = line->queued;
    str url = ask->api->config.public_url;
    if (!str_is_empty(line->sending.link) && !str_is_empty(url))
        reply->stop_link =
            arena_format(ask->arena, "%.*s/r/%.*s/stop/%.*s", STR_ARG(url),
                         STR_ARG(reg_public_id(ask->reg)), STR_ARG(line->sending.link));
    return OK;
}

/* ---- CSV, for reading ---- */

static const char csv_head[] = "subject,allowed,refused";

static void put_header(struct batching *batching)
{
    if (batching->columns == NULL || batching->headed)
        return;
    batching->headed = true;
    buf_text(&batching->lines, csv_head);
    for (size_t i = 0; i < batching->column_count; i++) {
        buf_char(&batching->lines, ',');
        csv_cell(&batching->lines, batching->columns[i]);
    }
    buf_text(&batching->lines, "\r\n");
}

/* What may be read of one field: several items (of several matters) in one cell. */
static void put_field(struct batching *batching, struct arena *arena,
                      const struct batch_line_reply *reply, str field)
{
    struct buf cell = buf_in(arena, LINES_BYTES);
    for (size_t i = 0; i < reply->item_count; i++) {
        const struct read_reply_item *item = &reply->items[i];
        if (!item->allowed || !str_equal(item->field, field))
            continue;
        buf_text(&cell, cell.len > 0 ? "; " : "");
        buf_add(&cell, item->file == NULL ? item->value : item->file->name);
    }
    csv_cell(&batching->lines, buf_str(&cell));
    batching->lines.full |= cell.full;
}

static void put_row(struct batching *batching, struct arena *arena,
                    const struct batch_line_reply *reply)
{
    struct buf *lines = &batching->lines;
    buf_id(lines, reply->subject.bytes);
    buf_text(lines, reply->allowed ? ",true," : ",false,");
    csv_cell(lines, reply->refused != NULL ? reply->refused->rule
                    : reply->unknown       ? STR("unknown")
                    : reply->changed       ? STR("changed")
                                           : reply->problem);
    for (size_t i = 0; i < batching->column_count; i++) {
        buf_char(lines, ',');
        put_field(batching, arena, reply, batching->columns[i]);
    }
    buf_text(lines, "\r\n");
}

/* Of as many cells as the others; people and those allowed, and where to go on. */
static void put_last_row(struct batching *batching, const struct batch_end_reply *end)
{
    struct buf *lines = &batching->lines;
    buf_text(lines, "end,");
    buf_u64(lines, end->people);
    buf_char(lines, ',');
    buf_u64(lines, end->allowed);
    buf_char(lines, ',');
    csv_cell(lines, end->next);
    for (size_t i = 1; i < batching->column_count; i++)
        buf_char(lines, ',');
    buf_text(lines, "\r\n");
}

static void put_one(struct batching *batching, struct arena *arena,
                    const struct batch_line_reply *reply)
{
    if (batching->columns != NULL)
        put_row(batching, arena, reply);
    else
        put_line(batching, &batch_line_form, reply);
}

/* A line that does not fit is that person's problem; what was recorded stays recorded. */
static void write_line(struct one_call *one, status result)
{
    struct batching *batching = one->batching;
    size_t before_it = batching->lines.len;
    struct ask ask = *batching->ask; /* its memory is this line's */
    ask.arena = one->arena;
    ask.report = (struct report){0};
    ask.call = one->call;
    ask.call.report = &ask.report;
    struct batch_line_reply reply = reply_of(one, result);
    if (is_ok(fill_line(one, &ask, &reply)))
        put_one(batching, one->arena, &reply);
    else
        batching->lines.full = true;
    if (!batching->lines.full)
        return;
    batching->lines.full = false;
    batching->lines.len = before_it;
    reply = (struct batch_line_reply){
        .subject = reply.subject, .changed = true, .problem = str_from(fault_name(FAULT_LIMIT))};
    put_one(batching, one->arena, &reply);
}

/* Without it the answer was cut off. */
static void write_end(struct batching *batching)
{
    struct ask *ask = batching->ask;
    dossier_id last;
    struct batch_end_reply end = {.log_index = ask->call.outcome.log_index,
                                  .people = engine_batch_people(batching->work),
                                  .allowed = ask->call.outcome.count};
    if (engine_batch_more(batching->work, &last) && !is_ok(cursor_write(ask, last, &end.next)))
        end.next = STR("");
    if (batching->columns != NULL)
        put_last_row(batching, &end);
    else
        put_line(batching, &batch_end_form, &end);
}

/* ---- lines before the entry ---- */

static void early_line(void *self, struct arena *scratch, const struct batch_line *line)
{
    struct batching *batching = self;
    struct one_call one = {
        .batching = batching, .arena = scratch, .call = batching->ask->call, .line = *line};
    write_line(&one, OK);
}

/* ---- a piece ---- */

/* All calls of the piece have ended. */
static void give_piece(struct batching *batching)
{
    struct http_reply *reply = batching->reply;
    bool last = engine_batch_left(batching->work) == 0;
    if (reply == NULL)
        return;
    if (is_ok(batching->broken) && last)
        write_end(batching);
    if (!is_ok(batching->broken) || batching->lines.full) {
        oplog_fault(batching->ask->api->config.log, "batch_broken_off", batching->broken.fault,
                    STR(""));
        http_stream_break(reply);
        return;
    }
    http_piece(reply, buf_str(&batching->lines));
    if (last)
        http_stream_end(reply);
}

static void one_done(void *self, struct call *call, status result)
{
    (void)call;
    struct one_call *one = self;
    struct batching *batching = one->batching;
    if (is_ok(result) || engine_batch_answer(result))
        write_line(one, result);
    else
        batching->broken = result;
    api_give_arena(batching->ask->api, one->arena); /* `one` is gone with it */
    if (--batching->waiting == 0)
        give_piece(batching);
}

static void run_one(struct batching *batching, uint64_t *bytes)
{
    struct ask *ask = batching->ask;
    struct arena *arena = api_take_arena(ask->api);
    struct one_call *one = ARENA_NEW(arena, struct one_call);
    assert(one != NULL);
    *one = (struct one_call){.batching = batching, .arena = arena};
    status result =
        call_begin(ask->api->config.engine, ask->reg, ask->caller, arena, &one->report, &one->call);
    if (!is_ok(result)) {
        batching->broken = result;
        api_give_arena(ask->api, arena);
        return;
    }
    result = call_end(&one->call, engine_batch_give(&one->call, batching->work, &one->line));
    *bytes += one->line.bytes;
    batching->waiting++;
    call_hold(&one->call, one_done, one, result);
}

/* In the open turn, whose flush comes next. */
static void make_piece(struct batching *batching)
{
    struct ask *ask = batching->ask;
    uint64_t bytes = 0;
    batching->wanted = false;
    arena_reset(batching->arena);
    batching->lines = buf_in(batching->arena, LINES_BYTES);
    put_header(batching);
    if (!reg_caller_holds(ask->reg, ask->caller)) {
        http_stream_break(batching->reply);
        return;
    }
    api_turn(ask->api);
    batching->waiting = 1;
    for (size_t i = 0; i < PIECE_PEOPLE && bytes < PIECE_BYTES && is_ok(batching->broken); i++) {
        if (engine_batch_left(batching->work) == 0)
            break;
        run_one(batching, &bytes);
    }
    if (--batching->waiting == 0) /* of nobody, or broken before the first */
        give_piece(batching);
}

/* Those whose client has taken what there was make a piece each, in turn, while the turn is young:
 * others wait for its flush. One always does. */
void batches_step(struct api *api)
{
    int64_t from = world_now(api->config.world).ms;
    size_t first = api->batch_turn, made = 0;
    bool hungry = false;
    for (size_t i = 0; i < LIMIT_BATCHES; i++) {
        size_t place = (first + i) % LIMIT_BATCHES;
        struct batching *batching = api->batches[place];
        if (batching == NULL || !batching->wanted)
            continue;
        hungry = made++ > 0 && world_now(api->config.world).ms - from >= TURN_PIECES_MS;
        if (hungry)
            break;
        make_piece(batching);
        api->batch_turn = place + 1;
    }
    if (hungry && api->config.wake != NULL)
        api->config.wake(api->config.self);
}

/* ---- the answer ---- */

static void drop_batch(struct api *api, struct batching *batching)
{
    for (size_t i = 0; i < LIMIT_BATCHES; i++) {
        if (api->batches[i] == batching)
            api->batches[i] = NULL;
    }
    engine_batch_end(&batching->work);
    arena_free(&batching->arena);
    free(batching);
}

void batches_drop(struct api *api)
{
    for (size_t i = 0; i < LIMIT_BATCHES; i++) {
        if (api->batches[i] != NULL)
            drop_batch(api, api->batches[i]);
    }
}

static void drop_ask(struct ask *ask)
{
    struct batching *batching = ask->batching;
    ask->batching = NULL;
    ask->send = NULL;
    ask->drop = NULL;
    drop_batch(ask->api, batching);
}

static void on_wanted(void *self, struct http_reply *reply)
{
    struct batching *batching = self;
    struct api *api = batching->ask->api;
    batching->reply = reply;
    if (engine_batch_is_early(batching->work)) { /* the flush of its entry is behind us */
        give_piece(batching);
        return;
    }
    batching->wanted = true;
    if (api->config.wake != NULL)
        api->config.wake(api->config.self);
}

/* All is written, or the client is gone. */
static void on_end(void *self)
{
    struct batching *batching = self;
    drop_batch(batching->ask->api, batching);
}

static void batch_answer(struct ask *ask)
{
    struct buf id = buf_in(ask->arena, 2 * ID_TEXT);
    buf_id(&id, ask->call.request.bytes);
    struct http_field field = {STR("X-Request-Id"), buf_str(&id)};
    struct http_stream stream = {ask->batching, on_wanted, on_end};
    str media = ask->batching->columns == NULL ? STR("application/x-ndjson")
                                               : STR("text/csv; charset=utf-8");
    http_answer_stream(ask->reply, 200, media, &field, 1, &stream);
}

/* It waits for a second pair of eyes: nothing was decided on. */
static status fill_waiting(struct ask *ask)
{
    struct written written = written_of(ask);
    struct buf buf = buf_in(ask->arena, 4096);
    struct json_out out = json_out_over(&buf);
    bind_write(&written_form, &written, &out);
    buf_char(&buf, '\n');
    drop_ask(ask);
    return buf_finish(&buf, &ask->report, &ask->document);
}

/* ---- the requests ---- */

static status begin(struct ask *ask, const struct batch *request)
{
    for (size_t i = 0; i < LIMIT_BATCHES; i++) {
        if (ask->api->batches[i] != NULL)
            continue;
        struct batching *batching = calloc(1, sizeof(*batching));
        if (batching == NULL)
            abort();
        batching->ask = ask;
        batching->request = *request;
        batching->request.early = (struct batch_early){early_line, batching};
        batching->arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
        batching->lines = buf_in(batching->arena, LINES_BYTES);
        ask->api->batches[i] = batching;
        ask->batching = batching;
        ask->send = batch_answer;
        ask->drop = drop_ask;
        return OK;
    }
    return fail(&ask->report, FAULT_LIMIT,
                "%d batches are being worked on: try again when one has ended", LIMIT_BATCHES);
}

static status batch_step(struct ask *ask, struct batch request, const struct batch_people *people)
{
    if (ask->batching == NULL) {
        request.subjects = people->subjects;
        request.subject_count = people->subject_count;
        request.everyone = people->everyone;
        if (people->cursor.len > 0 && !people->everyone)
            return fail_at(&ask->report, FAULT_INVALID, "/cursor", "a cursor goes with everyone");
        if (people->cursor.len > 0)
            TRY(cursor_read(ask, people->cursor, &request.after));
        TRY(begin(ask, &request));
    }
    struct batching *batching = ask->batching;
    TRY(engine_batch_step(&ask->call, &batching->request, &batching->work, &ask->progress));
    ask->unfinished = !ask->progress.done;
    if (ask->progress.done && batching->work == NULL)
        ask->fill = fill_waiting;
    return OK;
}

status batch_read(struct ask *ask)
{
    const struct batch_read_body *body = ask->body;
    return batch_step(ask, (struct batch){.read = &body->read}, &body->people);
}

status batch_share(struct ask *ask)
{
    const struct batch_share_body *body = ask->body;
    return batch_step(ask, (struct batch){.share = &body->share}, &body->people);
}

status batch_messages(struct ask *ask)
{
    const struct batch_message_body *body = ask->body;
    return batch_step(ask, (struct batch){.message = &body->message}, &body->people);
}

/* Is this field one of those that were named, by itself or by its category? */
static bool is_wanted(const struct plan *plan, const struct read *read, plan_index field)
{
    const struct plan_field *known = &plan->field[field];
    str name = words_text(plan->words, known->name);
    str category = words_text(plan->words, plan->category[known->category].clause.name);
    for (size_t i = 0; i < read->field_count; i++) {
        if (str_equal(read->fields[i], name) || str_equal(read->fields[i], category))
            return true;
    }
    return read->field_count == 0;
}

/* A column for each field that the purpose uses and that is wanted, in the order of the policy. */
static status find_columns(struct ask *ask, const struct read *read)
{
    const struct plan *plan = reg_plan_now(ask->reg);
    plan_index purpose = NONE;
    for (plan_index i = 0; i < plan->purpose_count; i++) {
        if (str_equal(words_text(plan->words, plan->purpose[i].clause.name), read->purpose))
            purpose = i;
    }
    str *columns = ARENA_ARRAY(ask->arena, str, plan->field_count + 1u);
    if (columns == NULL)
        return NO_MEMORY(&ask->report);
    for (plan_index i = 0; i < plan->field_count; i++) {
        if (is_wanted(plan, read, i) &&
            (purpose == NONE || field_set_has(&plan->purpose[purpose].uses, i)))
            columns[ask->batching->column_count++] = words_text(plan->words, plan->field[i].name);
    }
    ask->batching->columns = columns;
    return OK;
}

static bool wants_csv(const struct ask *ask)
{
    return media_is(http_header(ask->request, "Accept"), STR("text/csv"));
}

/* Of a purpose, or of the register as a whole. */
status export_run(struct ask *ask)
{
    struct export_body *body = ask->body;
    body->people.everyone = true;
    struct batch request = {.read = &body->read};
    if (str_is_empty(body->read.purpose)) {
        if (wants_csv(ask))
            return fail_at(&ask->report, FAULT_INVALID, "/purpose",
                           "a table is of a purpose; the whole register comes as NDJSON");
        if (body->read.field_count > 0)
            return fail_at(&ask->report, FAULT_INVALID, "/fields", "of which purpose?");
        body->copy.controller = body->read.controller;
        request = (struct batch){.copy = &body->copy};
    }
    if (body->read.without_values && (wants_csv(ask) || request.read == NULL))
        return fail_at(&ask->report, FAULT_INVALID, "/without_values",
                       "of a purpose, and as NDJSON");
    bool first = ask->batching == NULL;
    TRY(batch_step(ask, request, &body->people));
    return first && wants_csv(ask) && ask->batching != NULL ? find_columns(ask, &body->read) : OK;
}
