/* Import: NDJSON, each line a call of its own within the turn in which it came; or CSV, of which a
 * mapping makes such lines, row by row.
 *
 *   chunk -> lines, or rows -> mapping -> lines -> call_begin, engine_import_line, call_end,
 *   call_hold -> counted after the flush
 *
 * The lines of a chunk are one operation, which costs less; where one of them is not taken, it is
 * undone, and each is made an operation of its own.
 * A line that is not taken is listed with its number and reason; the rest stands. A line that never
 * ends is cut off at LIMIT_IMPORT_LINE_BYTES and listed; what follows its end is read on. */
#include <stdlib.h>

#include "api_internal.h"
#include "bytes.h"
#include "mapping.h"

enum {
    BAD_LISTED = 1000,
    REPORT_ARENA_BYTES = 2 << 20,
    LINES_TOGETHER = 64, /* as many arenas as are kept */
    LINES_ALONE = 512    /* behind one that was not taken */
};

/* A line that has come whole, and where its text lies. */
struct come_line {
    uint64_t number;
    size_t from, length;
};

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
    bool too_long;           /* the present line is; its rest is dropped */
    uint64_t number;         /* of the present line */
    uint64_t inner;          /* line ends within quotes since it began */
    enum csv_state csv;      /* of the present row */
    struct mapping *mapping; /* NULL: it is NDJSON */
    bool headed;             /* the first row has come */
    bool dry;                /* nothing stands: it only says what would */
    status broken;           /* the first row is not that of the mapping: nothing is taken */
    struct report why;
    struct come_line come[LINES_TOGETHER]; /* of this chunk; their texts lie in `texts` */
    struct bytes texts;
    size_t come_count, alone; /* how many more go one by one */
    uint64_t accepted, known, rejected;
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
    size_t column; /* of CSV; 0: none */
    bool stands;   /* but for its being dry */
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
    bytes_free(&import->texts);
    arena_free(&import->arena);
    free(import);
}

/* ---- what came of it ---- */

struct bad {
    uint64_t number;
    size_t column;
    const struct report *report;
    const struct decision *decision;
};

static void list_bad(struct import *import, const struct bad *what, status result)
{
    const struct report *report = what->report;
    const struct decision *decision = what->decision;
    import->rejected++;
    struct bad_line *bad =
        import->bad.count < BAD_LISTED ? LIST_ADD(import->arena, &import->bad) : NULL;
    if (bad == NULL)
        return;
    bool told = report->fault == result.fault;
    const char *type = told && report->type[0] != '\0' ? report->type : fault_name(result.fault);
    *bad = (struct bad_line){.line = what->number,
                             .column = what->column,
                             .type = arena_copy(import->arena, str_from(type))};
    if (told) {
        bad->detail = arena_copy(import->arena, str_from(report->text));
        bad->where = arena_copy(import->arena, str_from(report->where));
    }
    if (result.fault == FAULT_REFUSED && decision != NULL)
        bad->rule = arena_copy(import->arena, decision->reason.rule);
}

static int by_line(const void *a, const void *b)
{
    const struct bad_line *one = a, *other = b;
    return one->line < other->line ? -1 : one->line > other->line;
}

/* What is no line at all is known before its turn has ended. */
static void answer(struct import *import)
{
    if (import->bad.count > 0)
        qsort(import->bad.at, import->bad.count, sizeof(*import->bad.at), by_line);
    struct import_reply reply = {.lines = import->number,
                                 .accepted = import->accepted,
                                 .known = import->known,
                                 .dry_run = import->dry,
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
    if (import->reply != NULL && is_ok(import->broken))
        answer(import);
    else if (import->reply != NULL)
        answer_report(import->reply, import->arena, &import->why, import->broken);
    import_free(import);
}

static void line_done(void *self, struct call *call, status result)
{
    struct line_call *line = self;
    struct import *import = line->import;
    if (import->mapping != NULL && call->wrong.len > 0)
        line->column = mapping_column_of(import->mapping, call->wrong);
    if (is_ok(result) || line->stands)
        import->accepted++;
    else
        list_bad(import, &(struct bad){line->number, line->column, &line->report, call->decision},
                 result);
    import->known += is_ok(result) && call->outcome.count == 0 ? 1 : 0;
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

/* What a row becomes; a line of NDJSON is one as it stands. */
static status line_of(struct import *import, str text, struct line_call *line, str *out)
{
    struct csv_row row;
    *out = arena_copy(line->arena, text);
    if (out->ptr == NULL)
        return NO_MEMORY(&line->report);
    if (import->mapping == NULL)
        return OK;
    TRY(csv_read_row(*out, mapping_separator(import->mapping), line->arena, &line->report, &row,
                     &line->column));
    return mapping_line(import->mapping, &row, line->arena, &line->report, out, &line->column);
}

static status use_line(struct import *import, struct line_call *line, str text)
{
    struct import_line request = {.number = line->number, .text = text};
    TRY(engine_act_for(&line->call, import->company));
    TRY(engine_import_line(&line->call, &request));
    line->stands = import->dry && line->call.outcome.count > 0;
    return line->stands ? fail(&line->report, FAULT_CONFLICT, "nothing stands of what is dry") : OK;
}

static struct line_call *new_line(struct import *import, const struct come_line *come)
{
    struct arena *arena = api_take_arena(import->api);
    struct line_call *line = ARENA_NEW(arena, struct line_call);
    assert(line != NULL);
    *line = (struct line_call){.import = import, .arena = arena, .number = come->number};
    return line;
}

/* Makes the call of a line; `made` of what the line becomes. */
static status start_line(struct import *import, const struct come_line *come,
                         struct line_call *line, str *made)
{
    str text = {import->texts.ptr + come->from, come->length};
    TRY(line_of(import, text, line, made));
    return begin_line(import, line);
}

static void hold_line(struct import *import, struct line_call *line, status result)
{
    import->waiting++;
    call_hold(&line->call, line_done, line, result);
}

static void run_line(struct import *import, const struct come_line *come)
{
    struct line_call *line = new_line(import, come);
    str made;
    status begun = start_line(import, come, line, &made);
    if (is_ok(begun)) {
        hold_line(import, line, call_end(&line->call, use_line(import, line, made)));
        return;
    }
    list_bad(import, &(struct bad){come->number, line->column, &line->report, NULL}, begun);
    api_give_arena(import->api, line->arena);
}

/* Those of one operation, up to the first that is not taken. */
static status run_some(struct import *import, struct line_call *lines[LINES_TOGETHER],
                       size_t *count)
{
    for (*count = 0; *count < import->come_count;) {
        const struct come_line *come = &import->come[*count];
        struct line_call *line = lines[(*count)++] = new_line(import, come);
        str made;
        TRY(start_line(import, come, line, &made));
        TRY(call_end(&line->call, use_line(import, line, made)));
    }
    return OK;
}

static bool run_as_one(struct import *import)
{
    struct line_call *lines[LINES_TOGETHER];
    struct report ignored = {0};
    size_t count;
    if (!is_ok(calls_together(import->reg, &ignored)))
        return false;
    bool kept = is_ok(calls_apart(import->reg, run_some(import, lines, &count), &ignored));
    for (size_t i = 0; i < count; i++) {
        if (kept)
            hold_line(import, lines[i], OK);
        else
            api_give_arena(import->api, lines[i]->arena);
    }
    return kept;
}

static void run_alone(struct import *import)
{
    for (size_t i = 0; i < import->come_count; i++)
        run_line(import, &import->come[i]);
    import->alone -= import->alone < import->come_count ? import->alone : import->come_count;
}

/* Of what is dry no line stands. */
static void run_lines(struct import *import)
{
    if (import->come_count == 0)
        return;
    api_turn(import->api);
    bool alone = import->dry || import->alone > 0;
    if (!alone && !run_as_one(import)) {
        import->alone = LINES_ALONE;
        alone = true;
    }
    if (alone)
        run_alone(import);
    wipe(import->texts.ptr, import->texts.len);
    import->texts.len = import->come_count = 0;
}

static void add_line(struct import *import, uint64_t number, str text)
{
    if (import->come_count == LINES_TOGETHER ||
        import->texts.len + text.len > LIMIT_IMPORT_LINE_BYTES)
        run_lines(import);
    import->come[import->come_count++] = (struct come_line){number, import->texts.len, text.len};
    bytes_add(&import->texts, text);
}

static void take_header(struct import *import, str text)
{
    struct csv_row row;
    size_t column;
    char separator = mapping_separator(import->mapping);
    if (str_starts(text, STR("\xef\xbb\xbf"))) /* as spreadsheets write it */
        text = str_slice(text, 3, text.len);
    text = arena_copy(import->arena, text);
    import->headed = true;
    import->broken = text.ptr == NULL ? NO_MEMORY(&import->why)
                                      : csv_read_row(text, separator, import->arena, &import->why,
                                                     &row, &column);
    if (is_ok(import->broken))
        import->broken = mapping_take_header(import->mapping, &row, &import->why);
}

static void end_line(struct import *import)
{
    uint64_t number = ++import->number;
    str raw = {import->line == NULL ? "" : import->line, import->length};
    str text = import->mapping == NULL ? str_trim(raw) : raw;
    import->number += import->inner;
    import->inner = 0;
    if (import->too_long) {
        struct report report = {0};
        status no =
            fail(&report, FAULT_LIMIT, "a line is at most %d bytes", LIMIT_IMPORT_LINE_BYTES);
        list_bad(import, &(struct bad){number, 0, &report, NULL}, no);
        if (import->mapping != NULL && !import->headed) {
            import->broken = no;
            import->why = report;
        }
        import->headed = true;
    } else if (str_trim(text).len > 0 && is_ok(import->broken)) {
        if (import->mapping != NULL && !import->headed)
            take_header(import, text);
        else
            add_line(import, number, text);
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

/* Where the present line ends in these bytes; their length when it does not. */
static size_t find_end(struct import *import, str bytes)
{
    if (import->mapping == NULL) {
        const char *end = memchr(bytes.ptr, '\n', bytes.len);
        return end == NULL ? bytes.len : (size_t)(end - bytes.ptr);
    }
    char separator = mapping_separator(import->mapping);
    for (size_t i = 0; i < bytes.len; i++) {
        if (import->too_long && import->csv == CSV_QUOTED)
            import->csv = CSV_BROKEN; /* a quote that nobody closed: up to the end of this line */
        import->csv = csv_next(import->csv, separator, bytes.ptr[i]);
        if (import->csv == CSV_END)
            return i;
        import->inner += bytes.ptr[i] == '\n' ? 1 : 0;
    }
    return bytes.len;
}

static void on_chunk(void *self, struct http_reply *reply, str bytes)
{
    struct import *import = self;
    (void)reply;
    if (import->api->failed)
        return;
    while (bytes.len > 0) {
        size_t length = find_end(import, bytes);
        keep(import, str_slice(bytes, 0, length));
        if (length == bytes.len)
            break;
        end_line(import);
        bytes = str_slice(bytes, length + 1, bytes.len);
    }
    run_lines(import);
}

static void on_end(void *self, struct http_reply *reply)
{
    struct import *import = self;
    (void)reply;
    if (import->length > 0 || import->too_long)
        end_line(import);
    run_lines(import);
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

/* A mapping is YAML, which no header can hold as it is: it comes as base64url. */
static status read_mapping(struct import *import, const struct http_request *request,
                           struct report *report)
{
    str coded;
    size_t length;
    TRY(api_header(request, "X-Vern-Mapping", report, &coded));
    bool csv = media_is(request->content_type, STR("text/csv"));
    if (str_is_empty(coded) && !csv)
        return OK;
    if (str_is_empty(coded) || !csv)
        return fail(report, FAULT_INVALID,
                    "a mapping goes with text/csv, and text/csv with X-Vern-Mapping");
    char *text = arena_take(import->arena, coded.len + 1);
    if (text == NULL)
        return NO_MEMORY(report);
    if (!base64url_decode(coded, text, coded.len, &length))
        return fail(report, FAULT_INVALID, "X-Vern-Mapping is base64url without padding");
    return mapping_read((str){text, length}, import->arena, report, &import->mapping);
}

static status read_headers(struct import *import, const struct http_request *request,
                           struct report *report)
{
    str dry;
    TRY(api_header(request, "X-Vern-Dry-Run", report, &dry));
    if (!str_is_empty(dry) && !str_is(dry, "true"))
        return fail(report, FAULT_INVALID, "X-Vern-Dry-Run is true or not there");
    import->dry = !str_is_empty(dry);
    return read_mapping(import, request, report);
}

status import_admit(struct api *api, const struct import_of *of, struct http_reply *reply,
                    struct report *report, struct http_admission *admission)
{
    struct import *import = calloc(1, sizeof(*import));
    if (import == NULL)
        abort();
    *import = (struct import){.api = api,
                              .reg = of->reg,
                              .token = of->token,
                              .caller = *of->caller,
                              .reply = reply,
                              .csv = CSV_CELL,
                              .arena = arena_new(REPORT_ARENA_BYTES * 2)};
    import->company = arena_copy(import->arena, of->company);
    status read = read_headers(import, of->request, report);
    if (!is_ok(read)) {
        import_free(import);
        return read;
    }
    admission->body_limit = UINT64_MAX;
    admission->sink =
        (struct http_sink){.self = import, .chunk = on_chunk, .end = on_end, .abort = on_abort};
    return OK;
}

/* The route's handler runs only for a request without a body or without the scope. */
status import_end(struct ask *ask)
{
    return fail(&ask->report, FAULT_MEDIA, "an import is application/x-ndjson or text/csv");
}
