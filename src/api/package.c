/* The package that a person takes along: a zip that goes out while it is made. What is written
 * about her data is in the arena of the request; her files come part by part, each judged anew,
 * when the client has taken what there was. What may be given no further breaks it off: a zip
 * without its end opens nowhere. */
#include "api_internal.h"
#include "package.h"
#include "zip.h"

enum { PIECE_BYTES = 64 << 10 };

struct packing {
    struct ask *ask;
    struct package package;
    str document; /* it stands in the package */
    struct download given;
    struct zip_out *zip;
    struct http_reply *reply;
    size_t file;   /* that is going out */
    uint64_t at;   /* how much of it has */
    uint32_t part; /* the next, of a file that she gave */
    bool begun, gave;
};

static void take(void *self, str bytes)
{
    struct packing *packing = self;
    packing->gave = true;
    http_piece(packing->reply, bytes);
}

static bool is_given(const struct package_file *file)
{
    return !ID_IS_ZERO(file->item);
}

static status begin_file(struct packing *packing, const struct package_file *file,
                         struct report *report)
{
    struct zip_entry entry = {file->name, file->size, packing->ask->call.now, !is_given(file)};
    packing->begun = true;
    packing->at = 0;
    packing->part = 0;
    if (is_given(file))
        TRY(engine_download_turn(&packing->given, file->item, packing->ask->api->parts, report));
    return zip_begin(packing->zip, &entry, report);
}

static status next_bytes(struct packing *packing, const struct package_file *file,
                         struct report *report, str *bytes)
{
    if (is_given(file))
        return engine_file_part(&packing->given, packing->part++, packing->ask->api->parts, report,
                                bytes);
    uint64_t end = packing->at + PIECE_BYTES;
    *bytes = str_slice(file->text, (size_t)packing->at,
                       end < file->size ? (size_t)end : (size_t)file->size);
    return OK;
}

static status give_some(struct packing *packing, struct report *report)
{
    const struct package_file *file = &packing->package.files.at[packing->file];
    str bytes;
    if (!packing->begun)
        TRY(begin_file(packing, file, report));
    TRY(next_bytes(packing, file, report, &bytes));
    TRY(zip_add(packing->zip, bytes, report));
    packing->at += bytes.len;
    if (packing->at < file->size)
        return OK;
    packing->file++;
    packing->begun = false;
    return packing->file < packing->package.files.count ? OK : zip_end(packing->zip, report);
}

static void break_off(struct packing *packing, const struct report *report)
{
    if (fault_http(report->fault) >= 500)
        oplog_fault(packing->ask->api->config.log, "package_broken_off", report->fault, STR(""));
    http_stream_break(packing->reply);
}

/* What is compressed may come much later than it was put in: until some bytes were given. */
static void on_wanted(void *self, struct http_reply *reply)
{
    struct packing *packing = self;
    struct api *api = packing->ask->api;
    struct report report = {0};
    packing->reply = reply;
    packing->gave = false;
    while (!packing->gave && packing->file < packing->package.files.count) {
        status given = api->failed ? fail(&report, FAULT_STORE, "nothing more is answered")
                                   : give_some(packing, &report);
        arena_reset(api->parts);
        if (!is_ok(given)) {
            break_off(packing, &report);
            return;
        }
    }
    if (packing->file == packing->package.files.count)
        http_stream_end(reply); /* and `packing` may be gone */
}

/* All is written, or the client is gone. */
static void on_end(void *self)
{
    struct packing *packing = self;
    engine_download_end(&packing->given);
    zip_free(&packing->zip);
}

static void package_answer(struct ask *ask)
{
    struct packing *packing = ask->result;
    struct buf id = buf_in(ask->arena, 2 * ID_TEXT);
    buf_id(&id, ask->call.request.bytes);
    struct http_field fields[] = {
        {STR("Content-Disposition"), disposition_of(ask, STR("vern-package.zip"))},
        {STR("Content-Security-Policy"), STR("default-src 'none'; sandbox")},
        {STR("X-Request-Id"), buf_str(&id)}};
    struct http_stream stream = {packing, on_wanted, on_end};
    packing->zip = zip_new(packing, take);
    http_answer_stream(ask->reply, 200, STR("application/zip"), fields, LENGTH(fields), &stream);
}

static status fill_package(struct ask *ask)
{
    ask->send = package_answer;
    return OK;
}

status subject_package(struct ask *ask)
{
    struct export_request *request = ask->body;
    struct packing *packing = ARENA_NEW(ask->arena, struct packing);
    if (packing == NULL)
        return NO_MEMORY(&ask->report);
    packing->ask = ask;
    request->subject = ask->id;
    request->portability = true;
    request->package = &packing->package;
    request->given = &packing->given;
    ask->result = packing;
    ask->fill = fill_package;
    return engine_export(&ask->call, request, &packing->document);
}
