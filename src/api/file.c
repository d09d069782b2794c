/* Files. An upload's bytes come as a stream: each read of the connection is a call of its own
 * within the turn in which it came, and the reply waits for the last one's flush. A download goes
 * out part by part, between turns, after its entry is durable. */
#include <stdlib.h>

#include "api_internal.h"

/* ---- opening ---- */

status upload_open(struct ask *ask)
{
    struct file_open *request = ask->body;
    request->collect.subject = ask->id;
    return engine_file_open(&ask->call, request);
}

status upload_rectify(struct ask *ask)
{
    struct file_open *request = ask->body;
    request->collect.subject = ask->id;
    request->replaces = ask->record;
    return engine_file_open(&ask->call, request);
}

/* ---- bytes come ---- */

struct putting {
    struct api *api;
    struct reg *reg;
    const struct route *route;
    struct caller caller;
    struct http_reply *reply; /* NULL once it was answered or the client has gone */
    struct upload *upload;
    size_t waiting; /* calls whose turn has not ended */
    bool failed;    /* a call did: no more is begun */
    bool over;      /* nobody is left to be answered */
};

/* A part's call, or the last one's; lives in an arena of its own until the flush. */
struct part_call {
    struct putting *putting;
    struct arena *arena;
    struct report report;
    struct call call;
    bool last;
};

static void finish_if_done(struct putting *putting)
{
    if (putting->waiting > 0 || !putting->over)
        return;
    engine_upload_drop(putting->reg, &putting->upload);
    free(putting);
}

static void answer_put(struct part_call *part, status result)
{
    struct putting *putting = part->putting;
    struct ask ask = {.api = putting->api,
                      .route = putting->route,
                      .reply = putting->reply,
                      .arena = part->arena,
                      .report = part->report,
                      .reg = putting->reg,
                      .caller = &putting->caller,
                      .call = part->call};
    putting->over = true;
    putting->failed = true;
    if (putting->reply == NULL)
        return;
    putting->reply = NULL;
    ask.call.report = &ask.report;
    if (is_ok(result))
        answer_ok(&ask);
    else
        answer_fault(&ask, result);
}

/* Where a turn was not kept its parts are lost, and the upload with them. */
static void part_done(void *self, struct call *call, status result)
{
    struct part_call *part = self;
    struct putting *putting = part->putting;
    (void)call;
    if (!putting->over && (part->last || !is_ok(result)))
        answer_put(part, result);
    api_give_arena(putting->api, part->arena); /* `part` is gone with it */
    putting->waiting--;
    finish_if_done(putting);
}

/* A token may end while a long upload runs. */
static status begin_part(struct part_call *part)
{
    struct putting *putting = part->putting;
    if (!reg_caller_holds(putting->reg, &putting->caller))
        return fail(&part->report, FAULT_UNAUTHENTICATED, "%s", fault_text(FAULT_UNAUTHENTICATED));
    return call_begin(putting->api->config.engine, putting->reg, &putting->caller, part->arena,
                      &part->report, &part->call);
}

/* False: nothing more is wanted, and `putting` may be gone. */
static bool run_part(struct putting *putting, bool last)
{
    if (putting->failed || putting->over || putting->api->failed)
        return false;
    struct arena *arena = api_take_arena(putting->api);
    struct part_call *part = ARENA_NEW(arena, struct part_call);
    assert(part != NULL);
    *part = (struct part_call){.putting = putting, .arena = arena, .last = last};
    api_turn(putting->api);
    status result = begin_part(part);
    if (!is_ok(result)) {
        answer_put(part, result);
        api_give_arena(putting->api, arena);
        finish_if_done(putting);
        return false;
    }
    result = last ? engine_upload_end(&part->call, putting->upload)
                  : engine_upload_part(&part->call, putting->upload);
    result = call_end(&part->call, result);
    putting->failed = !is_ok(result);
    putting->waiting++;
    call_hold(&part->call, part_done, part, result);
    return is_ok(result);
}

static void on_bytes(void *self, struct http_reply *reply, str bytes)
{
    struct putting *putting = self;
    (void)reply;
    while (bytes.len > 0 && !putting->failed && !putting->over) {
        bool full;
        size_t taken = engine_upload_bytes(putting->upload, bytes, &full);
        bytes = str_slice(bytes, taken, bytes.len);
        if (full && !run_part(putting, false))
            return;
    }
}

static void on_end(void *self, struct http_reply *reply)
{
    (void)reply;
    (void)run_part(self, true);
}

static void on_abort(void *self, struct http_reply *reply)
{
    struct putting *putting = self;
    (void)reply;
    putting->reply = NULL;
    putting->failed = putting->over = true;
    finish_if_done(putting);
}

status file_admit(struct api *api, const struct path_match *match, struct http_reply *reply,
                  struct reg *reg, const struct caller *caller, struct report *report,
                  struct http_admission *admission)
{
    struct upload *upload = NULL;
    if (!match->ids_valid)
        return NOT_FOUND_FIXED(report);
    TRY(engine_upload_take(reg, caller, match->id, match->record, report, &upload));
    struct putting *putting = calloc(1, sizeof(*putting));
    if (putting == NULL)
        abort();
    *putting = (struct putting){.api = api,
                                .reg = reg,
                                .route = match->route,
                                .caller = *caller,
                                .reply = reply,
                                .upload = upload};
    admission->body_limit = engine_upload_size(upload);
    admission->sink =
        (struct http_sink){.self = putting, .chunk = on_bytes, .end = on_end, .abort = on_abort};
    return OK;
}

/* The handler runs only for a request without the scope. */
status upload_put(struct ask *ask)
{
    return fail(&ask->report, FAULT_MEDIA, "a file comes as application/octet-stream");
}

/* ---- bytes go ---- */

struct getting {
    struct api *api;
    struct download *download;
    uint32_t part; /* the next */
};

static bool give_part(void *self, struct http_reply *reply)
{
    struct getting *getting = self;
    struct arena *arena = getting->api->parts;
    struct report report = {0};
    str bytes;
    if (getting->api->failed || getting->part >= getting->download->parts)
        return false;
    status opened = engine_file_part(getting->download, getting->part, arena, &report, &bytes);
    if (is_ok(opened)) {
        http_piece(reply, bytes);
        getting->part++;
    } else if (fault_http(opened.fault) >= 500) {
        oplog_fault(getting->api->config.log, "file_broken_off", opened.fault, STR(""));
    }
    arena_reset(arena);
    return is_ok(opened);
}

static void end_getting(void *self)
{
    struct getting *getting = self;
    engine_download_end(getting->download);
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/* RFC 6266: always to be saved, never to be shown; the name percent-encoded. */
str disposition_of(struct ask *ask, str name)
{
    static const char digits[] = "0123456789ABCDEF";
    struct buf buf = buf_in(ask->arena, 3 * LIMIT_FILE_NAME_BYTES + 64);
    buf_text(&buf, "attachment");
    if (name.len > 0)
        buf_text(&buf, "; filename*=UTF-8''");
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (is_unreserved((char)c)) {
            buf_char(&buf, (char)c);
            continue;
        }
        buf_char(&buf, '%');
        buf_char(&buf, digits[c >> 4]);
        buf_char(&buf, digits[c & 15]);
    }
    return buf.full ? STR("attachment") : buf_str(&buf);
}

/* Whatever it is said to be, it goes out as bytes to be saved. */
static void file_answer(struct ask *ask)
{
    struct getting *getting = ARENA_NEW(ask->arena, struct getting);
    if (getting == NULL) {
        engine_download_end(ask->download);
        answer_fault(ask, NO_MEMORY(&ask->report));
        return;
    }
    *getting = (struct getting){.api = ask->api, .download = ask->download};
    struct buf id = buf_in(ask->arena, 2 * ID_TEXT);
    buf_id(&id, ask->call.request.bytes);
    struct http_field fields[] = {
        {STR("Content-Disposition"), disposition_of(ask, ask->download->name)},
        {STR("Content-Security-Policy"), STR("default-src 'none'; sandbox")},
        {STR("X-Request-Id"), buf_str(&id)}};
    struct http_source source = {.self = getting, .next = give_part, .end = end_getting};
    http_answer_source(ask->reply, 200, STR("application/octet-stream"), fields, LENGTH(fields),
                       ask->download->size, &source);
}

static status fill_file(struct ask *ask)
{
    ask->download = ask->result;
    ask->send = file_answer;
    return OK;
}

static status give_file(struct ask *ask)
{
    struct file_read *request = ask->body;
    struct download *download = ARENA_NEW(ask->arena, struct download);
    if (download == NULL)
        return NO_MEMORY(&ask->report);
    request->subject = ask->id;
    request->item = ask->record;
    ask->result = download;
    ask->fill = fill_file;
    return engine_file_read(&ask->call, request, download);
}

status download_read(struct ask *ask)
{
    const struct file_read *request = ask->body;
    if (str_is_empty(request->purpose))
        return fail_at(&ask->report, FAULT_INVALID, "/purpose", "a read names its purpose");
    return give_file(ask);
}

status download_copy(struct ask *ask)
{
    return give_file(ask);
}
