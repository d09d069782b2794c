/* What the log tells after a crash or a restore: whether it knows a request, and which changes a
 * restored backup has lost. */
#include <stdio.h>

#include "engine_internal.h"
#include "file.h"
#include "json.h"

enum { LOST_BYTES = 64 << 20, LOST_PATH = 4096 };

/* The first entry at or after an instant; times in the log never go back. */
status log_first_at(struct audit_log *log, instant at, struct report *report, uint64_t *index)
{
    uint64_t low = 0, high = audit_size(log);
    while (low < high) {
        CLEANUP(arena_free) struct arena *arena = arena_new(64 << 10);
        uint64_t middle = low + (high - low) / 2;
        str text;
        struct audit_entry entry;
        TRY(audit_read(log, middle, arena, report, &text));
        TRY(entry_parse(text, report, &entry));
        if (before(entry.at, at))
            low = middle + 1;
        else
            high = middle;
    }
    *index = low;
    return OK;
}

struct wanted {
    record_id request;
    bool known;
};

static status visit_wanted(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    (void)index;
    struct wanted *wanted = self;
    struct audit_entry entry;
    TRY(entry_parse(text, report, &entry));
    wanted->known = ID_EQUAL(entry.request, wanted->request);
    *stop = wanted->known;
    return OK;
}

status reg_logged(void *self, record_id request, instant at, struct report *report, bool *known)
{
    struct reg *reg = self;
    struct wanted wanted = {.request = request};
    uint64_t from;
    TRY(log_first_at(reg->log, at, report, &from));
    TRY(audit_scan(reg->log, from, visit_wanted, &wanted, report));
    *known = wanted.known;
    return OK;
}

/* ---- the list ---- */

struct lost {
    struct json_out *out;
    uint64_t count;
};

/* Entries after which nothing is different. */
static bool changes_nothing(const struct audit_entry *entry)
{
    static const char *const reads[] = {
        "read",        "use",       "find",  "export",   "explain",     "history",
        "start",       "heartbeat", "clock", "forecast", "prove",       "backup",
        "backup_keys", "tokens",    "list",  "show",     "version_text", "statistics", "feed"};
    bool reads_only = entry->decision == AUDIT_REFUSE || ID_IS_ZERO(entry->request);
    for (size_t i = 0; i < LENGTH(reads); i++)
        reads_only |= str_is(entry->action, reads[i]);
    return reads_only;
}

static status visit_lost(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    struct lost *lost = self;
    struct audit_entry entry;
    TRY(entry_parse(text, report, &entry));
    if (changes_nothing(&entry))
        return OK;
    struct json_out *out = lost->out;
    json_open_object(out);
    json_key(out, "request");
    json_put_id(out, entry.request.bytes);
    json_key(out, "action");
    json_put_str(out, entry.action);
    json_key(out, "index");
    json_put_u64(out, index);
    json_key(out, "at");
    json_put_instant(out, entry.at);
    json_close_object(out);
    lost->count++;
    *stop = false;
    return OK;
}

static status put_lost(struct reg *reg, struct json_out *out, struct report *report)
{
    struct lost lost = {.out = out};
    json_open_object(out);
    json_key(out, "format");
    json_put_u64(out, 1);
    json_key(out, "log_size");
    json_put_u64(out, reg->restored_size);
    json_key(out, "dossiers_lost");
    json_put_u64(out, reg->mended.lost);
    json_key(out, "brought_forward");
    json_put_u64(out, reg->mended.replayed);
    json_key(out, "erased_again");
    json_put_u64(out, reg->mended.erased);
    json_key(out, "requests");
    json_open_array(out);
    TRY(audit_scan(reg->log, reg->restored_size, visit_lost, &lost, report));
    json_close_array(out);
    json_close_object(out);
    return OK;
}

status reg_list_lost(struct reg *reg, struct report *report)
{
    char path[LOST_PATH];
    if (snprintf(path, sizeof(path), "%s/restored.json", reg->dir) >= LOST_PATH)
        return fail(report, FAULT_LIMIT, "a path is too long");
    CLEANUP(arena_free) struct arena *arena = arena_new(2 * (size_t)LOST_BYTES);
    struct buf buf = buf_in(arena, LOST_BYTES);
    struct json_out out = json_out_over(&buf);
    TRY(put_lost(reg, &out, report));
    str text;
    TRY(buf_finish(&buf, report, &text));
    struct file_change change = {reg->world, "restore.list", path};
    return file_write_durable(&change, text, 0600, report);
}
