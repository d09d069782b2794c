/* What the log tells of a reference, whether or not anything is held now. The reference is the
 * person's handle; only who has it can ask. */
#include "engine_internal.h"
#include "json.h"

enum { HISTORY_BYTES = 8 << 20, HISTORY_MOST = 10000 };

struct looking {
    audit_id handle;
    struct json_out *out;
    struct audit_entry *entry;
    uint64_t found;
    bool erased;
};

static bool same(audit_id a, audit_id b)
{
    return memcmp(a.bytes, b.bytes, ID_BYTES) == 0;
}

/* Cheap first: the handle's text must stand in the entry at all. */
static status look(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    struct looking *looking = self;
    char room[ID_TEXT];
    struct buf buf = buf_over(room, sizeof(room));
    buf_id(&buf, looking->handle.bytes);
    if (memmem(text.ptr, text.len, room, ID_TEXT) == NULL)
        return OK;
    TRY(entry_parse(text, report, looking->entry));
    if (!same(looking->entry->subject, looking->handle))
        return OK;
    looking->erased |= str_is(looking->entry->action, "erase_whole");
    json_open_object(looking->out);
    json_key(looking->out, "index");
    json_put_u64(looking->out, index);
    json_key(looking->out, "entry");
    json_put_raw(looking->out, text);
    json_close_object(looking->out);
    *stop = ++looking->found >= HISTORY_MOST;
    return OK;
}

struct history {
    audit_id handle;
    str *document;
};

static status history_finish(struct call *call)
{
    struct history *history = call->state;
    struct buf buf = buf_in(call->arena, HISTORY_BYTES);
    struct json_out out = json_out_over(&buf);
    struct looking looking = {.handle = history->handle,
                              .out = &out,
                              .entry = ARENA_NEW(call->arena, struct audit_entry)};
    if (looking.entry == NULL)
        return NO_MEMORY(call->report);
    json_open_object(&out);
    json_key(&out, "reference");
    json_put_id(&out, history->handle.bytes);
    json_key(&out, "entries");
    json_open_array(&out);
    TRY(audit_scan(call->reg->log, 0, look, &looking, call->report));
    json_close_array(&out);
    json_key(&out, "found");
    json_put_u64(&out, looking.found);
    json_key(&out, "erased");
    json_put_bool(&out, looking.erased);
    json_close_object(&out);
    return buf_finish(&buf, call->report, history->document);
}

status engine_history(struct call *call, str reference, str *document)
{
    struct history *history = ARENA_NEW(call->arena, struct history);
    if (history == NULL)
        return NO_MEMORY(call->report);
    history->document = document;
    if (!id_parse(reference, history->handle.bytes))
        return fail(call->report, FAULT_INVALID, "a reference has 22 characters");
    TRY(call_whole_register(call));
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    TRY(call_log(call, NULL, &op, "history", decision_by_scope()));
    call->state = history;
    call->finish = history_finish;
    return OK;
}
