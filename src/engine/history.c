/* What the log tells of a reference, whether or not anything is held now. The reference is the
 * person's handle; only who has it can ask. A page of it at a time, from either end. */
#include "engine_internal.h"
#include "json.h"

enum { HISTORY_BYTES = 8 << 20, HISTORY_MOST = 10000 };

struct looking {
    struct audit_log *log;
    audit_id handle;
    instant at; /* what was in the log by then */
    struct step step;
    uint64_t next, limit;
    bool newest; /* first: `next` goes down */
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
    *stop = !step_goes_on(&looking->step);
    char room[ID_TEXT];
    struct buf buf = buf_over(room, sizeof(room));
    buf_id(&buf, looking->handle.bytes);
    bool one = memmem(text.ptr, text.len, room, ID_TEXT) != NULL;
    bool many = memmem(text.ptr, text.len, "\"mr\":", 5) != NULL;
    if (!one && !many)
        return OK;
    TRY(entry_parse(text, report, looking->entry));
    bool listed = false;
    enum audit_decision decision = AUDIT_REFUSE;
    struct manifest_name name = {looking->entry->manifest, looking->entry->manifest_lines};
    if (looking->entry->has_manifest)
        TRY(audit_manifest_find(looking->log, &name, looking->handle, report, &listed, &decision));
    if (!(listed || same(looking->entry->subject, looking->handle)) ||
        before(looking->at, looking->entry->at))
        return OK;
    looking->erased |= str_is(looking->entry->action, "erase_whole");
    json_open_object(looking->out);
    json_key(looking->out, "index");
    json_put_u64(looking->out, index);
    json_key(looking->out, "entry");
    json_put_raw(looking->out, text);
    if (listed) { /* one of many: what was decided of this one */
        json_key(looking->out, "decision");
        json_put_text(looking->out, audit_decision_name(decision));
    }
    json_close_object(looking->out);
    *stop |= ++looking->found >= looking->limit;
    return OK;
}

struct history {
    struct looking looking;
    struct buf buf;
    struct json_out out;
    uint64_t of;
    bool logged, done;
    str *document; /* of the use case in one go */
};

static void begin_where(struct history *history, const struct history_ask *request)
{
    struct looking *looking = &history->looking;
    looking->limit = request->limit == 0 ? HISTORY_MOST : request->limit;
    looking->newest = request->newest;
    looking->next = request->from;
    if (looking->newest && (request->from == 0 || request->from > history->of))
        looking->next = history->of;
}

static status begin_history(struct call *call, const struct history_ask *request,
                            struct history **out)
{
    struct history *history = ARENA_NEW(call->arena, struct history);
    struct audit_entry *entry = ARENA_NEW(call->arena, struct audit_entry);
    if (history == NULL || entry == NULL)
        return NO_MEMORY(call->report);
    if (!id_parse(request->reference, history->looking.handle.bytes))
        return fail_at(call->report, FAULT_INVALID, "/reference", "a reference has 22 characters");
    if (request->limit > HISTORY_MOST)
        return fail_at(call->report, FAULT_INVALID, "/limit", "at most %d entries", HISTORY_MOST);
    TRY(call_whole_register(call));
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    TRY(call_log(call, NULL, &op, "history", decision_by_scope()));
    history->looking.at = request->at.ms == 0 ? call->now : request->at;
    history->looking.entry = entry;
    history->looking.log = call->reg->log;
    history->buf = buf_in(call->arena, HISTORY_BYTES);
    history->out = json_out_over(&history->buf);
    history->looking.out = &history->out;
    history->of = audit_size(call->reg->log);
    begin_where(history, request);
    json_open_object(&history->out);
    json_key(&history->out, "reference");
    json_put_id(&history->out, history->looking.handle.bytes);
    json_key(&history->out, "entries");
    json_open_array(&history->out);
    *out = history;
    return OK;
}

/* Of those that are there now, none is left. */
static bool at_end(const struct looking *looking)
{
    return looking->newest ? looking->next == 0 : looking->next >= audit_size(looking->log);
}

static status look_on(struct call *call, struct history *history)
{
    struct looking *looking = &history->looking;
    looking->step = step_begin(call->reg);
    const struct audit_people people = {&looking->handle, 1};
    if (looking->newest)
        TRY(audit_scan_whose_back(looking->log, &people, &looking->next, look, looking,
                                  call->report));
    else
        TRY(audit_scan_whose(looking->log, &people, &looking->next, look, looking, call->report));
    history->done = looking->found >= looking->limit || at_end(looking);
    return OK;
}

static status end_history(struct call *call, struct history *history, str *document)
{
    const struct looking *looking = &history->looking;
    json_close_array(&history->out);
    json_key(&history->out, "found");
    json_put_u64(&history->out, looking->found);
    json_key(&history->out, "erased");
    json_put_bool(&history->out, looking->erased);
    if (!at_end(looking)) {
        json_key(&history->out, "next");
        json_put_u64(&history->out, looking->next);
    }
    json_close_object(&history->out);
    return buf_finish(&history->buf, call->report, document);
}

/* The first step only logs the question: what is read lies behind its entry. */
status engine_history_step(struct call *call, const struct history_ask *request,
                           struct history **state, struct progress *progress, str *document)
{
    if (*state == NULL) {
        TRY(begin_history(call, request, state));
        *progress = (struct progress){.of = (*state)->of};
        return OK;
    }
    TRY(look_on(call, *state));
    const struct looking *looking = &(*state)->looking;
    uint64_t looked = looking->newest ? (*state)->of - looking->next : looking->next;
    *progress = (struct progress){looked, (*state)->of, (*state)->done};
    return (*state)->done ? end_history(call, *state, document) : OK;
}

static status history_finish(struct call *call)
{
    struct history *history = call->state;
    while (!history->done)
        TRY(look_on(call, history));
    return end_history(call, history, history->document);
}

status engine_history(struct call *call, str reference, str *document)
{
    struct history *history;
    const struct history_ask request = {.reference = reference};
    TRY(begin_history(call, &request, &history));
    history->document = document;
    call->state = history;
    call->finish = history_finish;
    return OK;
}
