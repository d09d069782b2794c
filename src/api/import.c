/* Import: NDJSON, each line a call of its own within the turn in which it came.
 *
 *   chunk -> lines -> call_begin, engine_import_line, call_end, call_hold -> counted after the
 * flush
 *
 * A line that is not taken is listed with its number and reason; the rest stands. A line that never
 * ends is cut off at LIMIT_IMPORT_LINE_BYTES and listed; what follows its end is read on. */
#include <stdlib.h>

#include "api_internal.h"

enum { BAD_LISTED = 1000, REPORT_ARENA_BYTES = 2 << 20 };

struct import {
    struct api *api;
    struct reg *reg;
    const struct caller *token; /* the engine's own: it may end or be ended meanwhile */
    struct caller caller;       /* with whom the application says it acts for */
    str company;                /* for which it says it acts; empty: not said */
    struct http_reply *reply;   /* NULL once the client has gone */
    struct arena *arena;        /* of the list of bad lines; the import's own */
    char *line;                 /* what has come of the present line */
    size_t length, room;
    bool too_long; /* the present line is; its rest is dropped */
    uint64_t number;
    uint64_t accepted, rejected;
    LIST(struct bad_line) bad;
    size_t waiting; /* calls whose turn has not ended */
    bool ended;
};

/* One line's call; lives in an arena of its own until the flush. */
struct line_call {
    struct import *import;
    struct arena *arena;
    struct report report;
    struct call call;
    uint64_t number;
};

struct arena *api_take_arena(struct api *api)
{
    return api->line_count > 0 ? api->lines[--api->line_count]
                               : arena_new(LIMIT_REQUEST_ARENA_BYTES);
}

void api_give_arena(struct api *api, struct arena *arena)
{
    if (api->line_count == LENGTH(api->lines)) {
        arena_free(&arena);
        return;
    }
    arena_reset(arena);
    api->lines[api->line_count++] = arena;
}

static void import_free(struct import *import)
{
    if (import->line != NULL)
        wipe(import->line, import->room);
    free(import->line);
    arena_free(&import->arena);
    free(import);
}

/* ---- what came of it ---- */

static void list_bad(struct import *import, uint64_t number, status result,
                     const struct report *report, const struct decision *decision)
{
    import->rejected++;
    struct bad_line *bad =
        import->bad.count < BAD_LISTED ? LIST_ADD(import->arena, &import->bad) : NULL;
    if (bad == NULL)
        return;
    bool told = report->fault == result.fault;
    const char *type = told && report->type[0] != '\0' ? report->type : fault_name(result.fault);
    *bad = (struct bad_line){.line = number, .type = arena_copy(import->arena, str_from(type))};
    if (told) {
        bad->detail = arena_copy(import->arena, str_from(report->text));
        bad->where = arena_copy(import->arena, str_from(report->where));
    }
    if (result.fault == FAULT_REFUSED && decision != NULL)
        bad->rule = arena_copy(import->arena, decision->reason.rule);
}

static void answer(struct import *import)
{
    struct import_reply reply = {.lines = import->number,
                                 .accepted = import->accepted,
                                 .rejected = import->rejected,
                                 .bad = import->bad.at,
                                 .bad_count = import->bad.count,
                                 .more_bad = import->rejected > import->bad.count};
    struct buf buf = buf_in(import->arena, REPORT_ARENA_BYTES);
    struct json_out out = json_out_over(&buf);
    bind_write(&import_reply_form, &reply, &out);
    buf_char(&buf, '\n');
    http_answer(import->reply, 200, STR("application/json"), NULL, 0,
                buf.full ? STR("{}") : buf_str(&buf));
}

static void finish_if_done(struct import *import)
{
    if (!import->ended || import->waiting > 0)
        return;
    if (import->reply != NULL)
        answer(import);
    import_free(import);
}

static void line_done(void *self, struct call *call, status result)
{
    struct line_call *line = self;
    struct import *import = line->import;
    if (is_ok(result))
        import->accepted++;
    else
        list_bad(import, line->number, result, &line->report, call->decision);
    api_give_arena(import->api, line->arena); /* `line` is gone with it */
    import->waiting--;
    finish_if_done(import);
}

/* ---- lines ---- */

/* A token may end while a long import runs. */
static status begin_line(struct import *import, struct line_call *line)
{
    if (!reg_caller_holds(import->reg, &import->caller))
        return fail(&line->report, FAULT_UNAUTHENTICATED, "the token ended before this line");
    return call_begin(import->api->config.engine, import->reg, &import->caller, line->arena,
                      &line->report, &line->call);
}

static void run_line(struct import *import, str text)
{
    struct arena *arena = api_take_arena(import->api);
    struct line_call *line = ARENA_NEW(arena, struct line_call);
    assert(line != NULL);
    *line = (struct line_call){.import = import, .arena = arena, .number = import->number};
    struct import_line request = {.number = import->number, .text = arena_copy(arena, text)};
    api_turn(import->api);
    status begun = begin_line(import, line);
    if (!is_ok(begun)) {
        list_bad(import, import->number, begun, &line->report, NULL);
        api_give_arena(import->api, arena);
        return;
    }
    status result = engine_act_for(&line->call, import->company);
    if (is_ok(result))
        result = engine_import_line(&line->call, &request);
    result = call_end(&line->call, result);
    import->waiting++;
    call_hold(&line->call, line_done, line, result);
}

static void end_line(struct import *import)
{
    import->number++;
    str text = str_trim((str){import->line == NULL ? "" : import->line, import->length});
    if (import->too_long) {
        struct report report = {0};
        status no =
            fail(&report, FAULT_LIMIT, "a line is at most %d bytes", LIMIT_IMPORT_LINE_BYTES);
        list_bad(import, import->number, no, &report, NULL);
    } else if (text.len > 0) {
        run_line(import, text);
    }
    import->length = 0;
    import->too_long = false;
}

static void keep(struct import *import, str bytes)
{
    if (import->too_long || import->length + bytes.len > LIMIT_IMPORT_LINE_BYTES) {
        import->too_long = true;
        import->length = 0;
        return;
    }
    if (import->length + bytes.len > import->room) {
        size_t room = import->room == 0 ? 4096 : import->room;
        while (room < import->length + bytes.len)
            room *= 2;
        char *line = realloc(import->line, room);
        if (line == NULL)
            abort();
        import->line = line;
        import->room = room;
    }
    if (bytes.len > 0)
        memcpy(import->line + import->length, bytes.ptr, bytes.len);
    import->length += bytes.len;
}

static void on_chunk(void *self, struct http_reply *reply, str bytes)
{
    struct import *import = self;
    (void)reply;
    if (import->api->failed)
        return;
    while (bytes.len > 0) {
        const char *end = memchr(bytes.ptr, '\n', bytes.len);
        if (end == NULL) {
            keep(import, bytes);
            return;
        }
        size_t length = (size_t)(end - bytes.ptr);
        keep(import, str_slice(bytes, 0, length));
        end_line(import);
        bytes = str_slice(bytes, length + 1, bytes.len);
    }
}

static void on_end(void *self, struct http_reply *reply)
{
    struct import *import = self;
    (void)reply;
    if (import->length > 0 || import->too_long)
        end_line(import);
    import->ended = true;
    finish_if_done(import);
}

/* Lines that were taken before the client went stand; their calls still end with the turn. */
static void on_abort(void *self, struct http_reply *reply)
{
    struct import *import = self;
    (void)reply;
    import->reply = NULL;
    import->ended = true;
    finish_if_done(import);
}

void import_admit(struct api *api, str company, struct http_reply *reply,
                  struct reg *reg, const struct caller *token, const struct caller *caller,
                  struct http_admission *admission)
{
    struct import *import = calloc(1, sizeof(*import));
    if (import == NULL)
        abort();
    *import = (struct import){.api = api,
                              .reg = reg,
                              .token = token,
                              .caller = *caller,
                              .reply = reply,
                              .arena = arena_new(REPORT_ARENA_BYTES * 2)};
    import->company = arena_copy(import->arena, company);
    admission->body_limit = UINT64_MAX;
    admission->sink =
        (struct http_sink){.self = import, .chunk = on_chunk, .end = on_end, .abort = on_abort};
}

/* The route's handler runs only for a request without a body or without the scope. */
status import_end(struct ask *ask)
{
    return fail(&ask->report, FAULT_MEDIA, "an import is application/x-ndjson");
}
