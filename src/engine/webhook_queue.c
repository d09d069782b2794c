/* The queue of a webhook: notes beside it, one for each event, which say what is sent and how far
 * that has come (webhook.c has the picture). */
#include "engine_internal.h"

enum { BODY_BYTES = 2048, EVENT_BYTES = 4096, OLD_AT_ONCE = 50, HOUR_MS = 3600000 };
static const int64_t KEPT_MS = (int64_t)30 * 24 * HOUR_MS;
static const int64_t TRIED_MS = (int64_t)3 * 24 * HOUR_MS;
static const char *const STATES[] = {
    [WEBHOOK_WAITING] = "waiting", [WEBHOOK_DELIVERED] = "delivered", [WEBHOOK_FAILED] = "failed"};

static status body_of(struct call *call, enum event event, const struct event_of *of, str *body)
{
    struct buf buf = buf_in(call->arena, BODY_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "type");
    json_put_text(&out, event_name(event).ptr);
    json_key(&out, "timestamp");
    json_put_instant(&out, call->now);
    json_key(&out, "data");
    json_open_object(&out);
    json_key(&out, "id");
    json_put_id(&out, of->id.bytes);
    if (!ID_IS_ZERO(of->record)) {
        json_key(&out, "record");
        json_put_id(&out, of->record.bytes);
    }
    json_key(&out, "kind");
    json_put_text(&out, of->kind);
    json_close_object(&out);
    json_close_object(&out);
    return buf_finish(&buf, call->report, body);
}

struct kept_event {
    str body;
    enum webhook_state state;
    instant from, done;
    int64_t code;
};

static status event_json(struct call *call, const struct kept_event *event, str *json)
{
    struct buf buf = buf_in(call->arena, EVENT_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "body");
    json_put_str(&out, event->body);
    json_key(&out, "state");
    json_put_text(&out, STATES[event->state]);
    json_key(&out, "from");
    json_put_i64(&out, event->from.ms);
    json_key(&out, "done");
    json_put_i64(&out, event->done.ms);
    json_key(&out, "code");
    json_put_i64(&out, event->code);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static status read_event(struct call *call, const struct note *note, struct kept_event *event)
{
    const struct json *json;
    str state;
    *event = (struct kept_event){0};
    TRY(json_parse(call->arena, note->text, call->report, &json));
    if (!json_str(json_get(json, "body"), &event->body) ||
        !json_str(json_get(json, "state"), &state) ||
        !json_i64(json_get(json, "from"), &event->from.ms) ||
        !json_i64(json_get(json, "done"), &event->done.ms) ||
        !json_i64(json_get(json, "code"), &event->code))
        return fail(call->report, FAULT_CORRUPT, "an event that waits is damaged");
    while (event->state < WEBHOOK_FAILED && !str_is(state, STATES[event->state]))
        event->state++;
    return OK;
}

/* The entry is in the log for each webhook that is to be told; what the call answers stays. */
static status queue_for(struct call *call, const struct webhook *webhook, enum event event,
                        str body)
{
    const struct facts *facts;
    const struct permit *permit;
    str json;
    TRY(reg_facts(call->reg, webhook->id, call->report, &facts));
    if (facts == NULL || facts->kind != DOSSIER_WEBHOOK)
        return OK; /* it ends in this very turn */
    str effect = arena_format(call->arena, "event:%s", event_name(event).ptr);
    if (effect.ptr == NULL)
        return NO_MEMORY(call->report);
    struct operation op = call_operation(call, ACTION_RECORD, webhook->id);
    TRY(call_write(call, facts, &op, "event", decision_by_scope(), &effect, 1, &permit));
    struct kept_event kept = {.body = body, .from = call->now};
    TRY(event_json(call, &kept, &json));
    return vault_note_put(call->reg->vault, permit, webhook->id,
                          vault_note_id(call->reg->vault, call->now), json, call->arena,
                          call->report);
}

status call_event(struct call *call, enum event event, const struct event_of *of)
{
    struct outcome kept = call->outcome;
    struct batch_work *batch = call->batch;
    const merkle_hash *reasons = call->reasons;
    status queued = OK;
    str body = {0};
    call->batch = NULL; /* of many, each has an entry of its own */
    call->reasons = NULL;
    for (size_t i = 0; i < call->reg->webhooks.count && is_ok(queued); i++) {
        const struct webhook *webhook = call->reg->webhooks.at[i];
        if (webhook->ended || (webhook->events >> event & 1) == 0)
            continue;
        if (body.ptr == NULL)
            queued = body_of(call, event, of, &body);
        if (is_ok(queued))
            queued = queue_for(call, webhook, event, body);
        call->reg->webhook_news = true;
    }
    call->batch = batch;
    call->reasons = reasons;
    call->outcome = kept;
    return queued;
}

struct event_work {
    dossier_id webhook;
    record_id after;
    size_t limit;
    bool waiting; /* those alone */
    struct permit_wait wait;
    struct webhook_events *list;
};

static status view_event(struct call *call, const struct note *note,
                         struct webhook_event_view *view)
{
    struct kept_event event;
    const struct json *body;
    TRY(read_event(call, note, &event));
    TRY(json_parse(call->arena, event.body, call->report, &body));
    record_id id = note->id;
    *view = (struct webhook_event_view){.id = note_open_id(id),
                                        .body = event.body,
                                        .state = str_from(STATES[event.state]),
                                        .from = event.from,
                                        .until = {event.from.ms + TRIED_MS},
                                        .done = event.done,
                                        .code = (uint32_t)event.code};
    (void)json_str(json_get(body, "type"), &view->event);
    return OK;
}

static status events_finish(struct call *call)
{
    struct event_work *work = call->state;
    const struct permit *permit;
    struct note *notes;
    size_t count;
    TRY(permit_to_read(&work->wait, call->reg->log, call->arena, call->report, &permit));
    TRY(vault_notes(call->reg->vault, permit, work->webhook, work->after, work->limit, call->arena,
                    call->report, &notes, &count));
    work->list->at = ARENA_ARRAY(call->arena, struct webhook_event_view, count + 1);
    if (work->list->at == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < count && !(work->waiting && note_is_done(notes[i].id)); i++)
        TRY(view_event(call, &notes[i], &work->list->at[work->list->count++]));
    work->list->more = count == work->limit;
    if (count > 0)
        work->list->last = notes[count - 1].id;
    return OK;
}

static status events_ask(struct call *call, const struct event_work *asked, const char *action)
{
    const struct facts *facts;
    struct event_work *work = ARENA_NEW(call->arena, struct event_work);
    if (work == NULL)
        return NO_MEMORY(call->report);
    *work = *asked;
    *work->list = (struct webhook_events){0};
    TRY(call_whole_register(call));
    TRY(reg_facts(call->reg, work->webhook, call->report, &facts));
    if (facts == NULL || facts->kind != DOSSIER_WEBHOOK)
        return call_not_here(call);
    struct operation op = call_operation(call, ACTION_READ, work->webhook);
    TRY(call_ask(call, facts, &op, action, decision_by_scope(), &work->wait));
    call->state = work;
    call->finish = events_finish;
    return OK;
}

status engine_webhook_events(struct call *call, dossier_id webhook, record_id after, size_t limit,
                             struct webhook_events *list)
{
    struct event_work work = {.webhook = webhook, .after = after, .limit = limit, .list = list};
    return events_ask(call, &work, "events");
}

status engine_webhook_waiting(struct call *call, dossier_id webhook, size_t limit,
                              struct webhook_events *list)
{
    struct event_work work = {.webhook = webhook, .limit = limit, .waiting = true, .list = list};
    return events_ask(call, &work, "events_take");
}

/* ---- what came of it ---- */

static status find_event(struct call *call, const struct permit *permit, dossier_id webhook,
                         record_id id, bool *found, struct note *note)
{
    record_id before_it = id;
    struct note *notes;
    size_t count;
    for (size_t i = ID_BYTES; i > 0 && before_it.bytes[i - 1]-- == 0; i--) {
    }
    TRY(vault_notes(call->reg->vault, permit, webhook, before_it, 1, call->arena, call->report,
                    &notes, &count));
    *found = count == 1 && ID_EQUAL(notes[0].id, id);
    if (*found)
        *note = notes[0];
    return OK;
}

static status forget_old(struct call *call, const struct permit *permit, dossier_id webhook)
{
    struct note *notes;
    size_t count;
    TRY(vault_notes(call->reg->vault, permit, webhook, note_done_id((record_id){{0}}), OLD_AT_ONCE,
                    call->arena, call->report, &notes, &count));
    for (size_t i = 0; i < count; i++) {
        struct kept_event event;
        TRY(read_event(call, &notes[i], &event));
        if (call->now.ms - event.done.ms > KEPT_MS)
            TRY(vault_note_drop(call->reg->vault, permit, webhook, notes[i].id, call->report));
    }
    return OK;
}

static status move_event(struct call *call, const struct permit *permit, dossier_id webhook,
                         const struct note *note, record_id to, const struct kept_event *event)
{
    str json;
    TRY(event_json(call, event, &json));
    TRY(vault_note_drop(call->reg->vault, permit, webhook, note->id, call->report));
    return vault_note_put(call->reg->vault, permit, webhook, to, json, call->arena, call->report);
}

static status write_for(struct call *call, dossier_id id, const char *action, str effect,
                        const struct permit **permit)
{
    const struct facts *facts;
    *permit = NULL;
    TRY(reg_facts(call->reg, id, call->report, &facts));
    if (facts == NULL || facts->kind != DOSSIER_WEBHOOK)
        return OK;
    struct operation op = call_operation(call, ACTION_RECORD, id);
    return call_write(call, facts, &op, action, decision_by_scope(), &effect, 1, permit);
}

status engine_webhook_settle(struct call *call, const struct webhook_result *result)
{
    const struct permit *permit;
    struct note note;
    struct kept_event event;
    bool found;
    str effect = arena_format(call->arena, "code:%u", result->code);
    struct alarm_cause cause = {.kind = ALARM_UNDELIVERED};
    if (effect.ptr == NULL)
        return NO_MEMORY(call->report);
    alarm_about(&cause, SLOT_ACTOR, result->webhook);
    TRY(write_for(call, result->webhook, result->delivered ? "event_delivered" : "event_failed",
                  effect, &permit));
    if (permit == NULL)
        return OK; /* the webhook ended meanwhile, and what waited with it */
    TRY(find_event(call, permit, result->webhook, result->event, &found, &note));
    if (!found)
        return OK;
    TRY(read_event(call, &note, &event));
    event.state = result->delivered ? WEBHOOK_DELIVERED : WEBHOOK_FAILED;
    event.done = call->now;
    event.code = result->code;
    TRY(move_event(call, permit, result->webhook, &note, note_done_id(note.id), &event));
    TRY(forget_old(call, permit, result->webhook));
    return result->delivered ? OK : call_alarm(call, &cause);
}

status engine_webhook_replay(struct call *call, const struct webhook_replay *request)
{
    struct dossier *dossier;
    const struct permit *permit;
    struct note note;
    struct kept_event event;
    bool found;
    str effect;
    TRY(call_whole_register(call));
    TRY(call_open_dossier(call, request->webhook, DOSSIER_WEBHOOK, &dossier));
    TRY(call_effect(call, "event", request->event.bytes, &effect));
    TRY(write_for(call, request->webhook, "event_replay", effect, &permit));
    if (permit == NULL)
        return call_not_here(call);
    TRY(find_event(call, permit, request->webhook, note_done_id(request->event), &found, &note));
    if (!found) /* one that waits is tried now */
        TRY(find_event(call, permit, request->webhook, request->event, &found, &note));
    if (!found)
        return call_not_here(call);
    TRY(read_event(call, &note, &event));
    instant from = call->now;
    if (event.state == WEBHOOK_WAITING) /* so that the queue in memory sees that it was asked for */
        from = later(from, (instant){event.from.ms + 1});
    event = (struct kept_event){.body = event.body, .from = from};
    TRY(move_event(call, permit, request->webhook, &note, note_open_id(note.id), &event));
    call->reg->webhook_news = true;
    call->outcome.id = request->webhook;
    call->outcome.record = request->event;
    call->outcome.http = 202;
    return OK;
}
