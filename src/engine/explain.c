/* Why, why not, and what would make it a yes: every gate's answer to a read, without doing it.
 *
 * Facts are current state. For an instant that is past the answer has three parts: what the gates
 * say of it by what is still known, under the version that was in force; what the log decided
 * around it; and what is known no more, because it was taken away since. */
#include "engine_internal.h"
#include "json.h"

enum { EXPLAIN_BYTES = 4 << 20, NEAR_MS = 24 * 3600000, NEAR_MOST = 100, SINCE_MOST = 100 };

struct logged {
    uint64_t index;
    instant at;
    str action, purpose, rule, version;
    enum audit_decision decision;
};
struct explaining {
    struct subject subject;
    struct operation op;
    struct explanation explanation;
    instant at;
    bool past, done;
    audit_id handle;
    struct call *call;
    struct step step;
    uint64_t next, of;
    struct audit_entry entry;
    LIST(struct logged) near;  /* decided within a day of it */
    LIST(struct logged) since; /* what was taken away after it */
};

static void put_reason(struct call *call, struct json_out *out, const struct reason *reason)
{
    json_key(out, "rule");
    json_put_str(out, reason->rule);
    json_key(out, "ids");
    json_open_array(out);
    for (size_t i = 0; i < reason->ids.count; i++)
        json_put_str(out, reason->ids.at[i]);
    json_close_array(out);
    json_key(out, "article");
    json_put_str(out, reason->article);
    json_key(out, "would_allow");
    json_open_array(out);
    for (size_t i = 0; i < reason->lack_count; i++)
        json_put_str(out, call_text(call, reason->lacks[i]));
    json_close_array(out);
}

static void put_gate(struct call *call, struct json_out *out, const struct gate_answer *gate)
{
    json_open_object(out);
    json_key(out, "gate");
    json_put_text(out, gate->gate);
    json_key(out, "field");
    json_put_str(out, call_text(call, gate->field));
    json_key(out, "passed");
    json_put_bool(out, gate->passed);
    if (!gate->passed)
        put_reason(call, out, &gate->reason);
    json_close_object(out);
}

static status explain_operation(struct call *call, const struct read *request, struct operation *op)
{
    *op = call_operation(call, request->use ? ACTION_USE : ACTION_READ, request->subject);
    op->matter = request->matter;
    op->asking = true;
    TRY(call_purpose(call, request->purpose, &op->purpose));
    TRY(call_controller(call, request->controller, op));
    TRY(call_fields(call, request->fields, request->field_count, &op->fields, &op->field_count));
    op->items = request->items;
    op->item_count = request->item_count;
    return OK;
}

/* ---- the log around an instant ---- */

/* After these, facts tell less than they did. */
static bool takes_away(const struct audit_entry *entry)
{
    static const char *const actions[] = {
        "erase",         "erase_part", "rectify",         "lift",
        "object_decide", "switch",     "restrict_notice", "concern_lift"};
    for (size_t i = 0; i < LENGTH(actions); i++) {
        if (str_is(entry->action, actions[i]) && entry->decision != AUDIT_REFUSE)
            return true;
    }
    return false;
}

static str version_of_hash(const struct reg *reg, audit_id hash)
{
    for (size_t i = 0; i < reg->plans.count; i++) {
        if (memcmp(reg->hashes[i].bytes, hash.bytes, ID_BYTES) == 0)
            return reg->plans.at[i].plan->version;
    }
    return STR("");
}

static status keep_entry(struct explaining *work, uint64_t index, struct logged *kept)
{
    struct arena *arena = work->call->arena;
    const struct audit_entry *entry = &work->entry;
    if (kept == NULL)
        return NO_MEMORY(work->call->report);
    *kept = (struct logged){.index = index,
                            .at = entry->at,
                            .action = arena_copy(arena, entry->action),
                            .purpose = arena_copy(arena, entry->purpose),
                            .rule = arena_copy(arena, entry->rule),
                            .version = version_of_hash(work->call->reg, entry->policy),
                            .decision = entry->decision};
    return OK;
}

static status look(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    struct explaining *work = self;
    struct audit_entry *entry = &work->entry;
    struct arena *arena = work->call->arena;
    char room[ID_TEXT];
    struct buf buf = buf_over(room, sizeof(room));
    *stop = !step_goes_on(&work->step);
    buf_id(&buf, work->handle.bytes);
    if (memmem(text.ptr, text.len, room, ID_TEXT) == NULL)
        return OK;
    TRY(entry_parse(text, report, entry));
    if (memcmp(entry->subject.bytes, work->handle.bytes, ID_BYTES) != 0)
        return OK;
    int64_t apart = entry->at.ms - work->at.ms;
    if (apart >= -NEAR_MS && apart <= NEAR_MS && work->near.count < NEAR_MOST)
        TRY(keep_entry(work, index, LIST_ADD(arena, &work->near)));
    if (apart > 0 && takes_away(entry) && work->since.count < SINCE_MOST)
        TRY(keep_entry(work, index, LIST_ADD(arena, &work->since)));
    return OK;
}

static void put_logged(struct json_out *out, const struct logged *logged)
{
    json_open_object(out);
    json_key(out, "index");
    json_put_u64(out, logged->index);
    json_key(out, "at");
    json_put_instant(out, logged->at);
    json_key(out, "action");
    json_put_str(out, logged->action);
    json_key(out, "decision");
    json_put_text(out, audit_decision_name(logged->decision));
    if (!str_is_empty(logged->purpose)) {
        json_key(out, "purpose");
        json_put_str(out, logged->purpose);
    }
    if (!str_is_empty(logged->rule)) {
        json_key(out, "rule");
        json_put_str(out, logged->rule);
    }
    if (!str_is_empty(logged->version)) {
        json_key(out, "version");
        json_put_str(out, logged->version);
    }
    json_close_object(out);
}

/* The last that was decided for this purpose, or about a use at all, by then. */
static const struct logged *decided_then(const struct explaining *work, str purpose)
{
    const struct logged *last = NULL;
    for (size_t i = 0; i < work->near.count; i++) {
        const struct logged *near = &work->near.at[i];
        bool use = str_is(near->action, "read") || str_is(near->action, "use") ||
                   str_is(near->action, "share") || str_is(near->action, "send");
        if (use && near->at.ms <= work->at.ms &&
            (str_is_empty(purpose) || str_equal(near->purpose, purpose)))
            last = near;
    }
    return last;
}

/* ---- what is known no more ---- */

static void put_gap(struct json_out *out, const char *what, instant since)
{
    json_open_object(out);
    json_key(out, "what");
    json_put_text(out, what);
    json_key(out, "since");
    json_put_instant(out, since);
    json_close_object(out);
}

static const char *gap_of(str action)
{
    if (str_is(action, "rectify"))
        return "a value that was held then was corrected since";
    if (str_is(action, "lift") || str_is(action, "concern_lift"))
        return "a restriction that may have held then was lifted since";
    if (str_is(action, "object_decide"))
        return "an objection that was open then was decided since";
    if (str_is(action, "switch"))
        return "a switch was set since; when it was set before is not kept";
    if (str_is(action, "restrict_notice"))
        return "a restriction's notice was given since";
    return "items that may have been held then were erased since";
}

static size_t put_gaps(struct json_out *out, const struct explaining *work)
{
    const struct facts *facts = work->subject.dossier->facts;
    size_t count = 0;
    json_key(out, "not_known");
    json_open_array(out);
    for (size_t i = 0; i < work->since.count; i++, count++)
        put_gap(out, gap_of(work->since.at[i].action), work->since.at[i].at);
    for (size_t i = 0; i < facts->events.count; i++) {
        const struct fact_event *event = &facts->events.at[i];
        if (!before(work->at, event->last) || before(work->at, event->first) ||
            event->first.ms == event->last.ms)
            continue;
        put_gap(out, "an event happened again since; of those between, none is kept", event->last);
        count++;
    }
    json_close_array(out);
    return count;
}

/* ---- the answer ---- */

static void put_version(struct json_out *out, const struct plan_version *version)
{
    json_key(out, "version");
    if (version == NULL) {
        json_put_null(out);
        return;
    }
    json_put_str(out, version->plan->version);
    json_key(out, "effective");
    json_put_instant(out, version->effective);
}

/* On what it would rest: what the version in force then says of the purpose. */
static void put_ground(struct json_out *out, const struct plan_version *version, word purpose)
{
    const struct plan *plan = version == NULL ? NULL : version->plan;
    plan_index p = plan == NULL ? NONE : plan_find(plan, plan->purpose_of, purpose);
    json_key(out, "ground");
    if (p == NONE || plan->purpose[p].basis == BASIS_NONE) {
        json_put_null(out);
        return;
    }
    json_open_object(out);
    json_key(out, "basis");
    json_put_text(out, basis_name(plan->purpose[p].basis));
    json_key(out, "article");
    json_put_text(out, basis_article(plan->purpose[p].basis));
    json_key(out, "ids");
    json_open_array(out);
    for (size_t i = 0; i < plan->purpose[p].clause.covers.count; i++)
        json_put_str(out, plan->purpose[p].clause.covers.at[i]);
    json_close_array(out);
    json_close_object(out);
}

static void put_past(struct call *call, struct json_out *out, const struct explaining *work)
{
    const struct logged *then = decided_then(work, call_text(call, work->op.purpose));
    size_t gaps = put_gaps(out, work);
    json_key(out, "certain"); /* nothing was taken away since that could have told otherwise */
    json_put_bool(out, gaps == 0);
    json_key(out, "decided");
    if (then == NULL)
        json_put_null(out);
    else
        put_logged(out, then);
    json_key(out, "log");
    json_open_array(out);
    for (size_t i = 0; i < work->near.count; i++)
        put_logged(out, &work->near.at[i]);
    json_close_array(out);
}

static status put_answer(struct call *call, const struct explaining *work, str *document)
{
    const struct explanation *explanation = &work->explanation;
    struct buf buf = buf_in(call->arena, EXPLAIN_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "at");
    json_put_instant(&out, work->at);
    const struct plan_version *version = plans_in_force(&call->reg->plans, work->at);
    put_version(&out, version);
    put_ground(&out, version, work->op.purpose);
    json_key(&out, "allowed");
    json_put_bool(&out, explanation->decision.verdict != VERDICT_REFUSE);
    if (explanation->decision.verdict == VERDICT_REFUSE)
        put_reason(call, &out, &explanation->decision.reason);
    json_key(&out, "gates");
    json_open_array(&out);
    for (size_t i = 0; i < explanation->gates.count; i++)
        put_gate(call, &out, &explanation->gates.at[i]);
    json_close_array(&out);
    if (work->past)
        put_past(call, &out, work);
    json_close_object(&out);
    return buf_finish(&buf, call->report, document);
}

/* What is refused before any gate is asked: said at the gate that it belongs to. */
static void say_counted(struct call *call, struct explaining *work)
{
    struct explanation *explanation = &work->explanation;
    const struct plan_version *version = plans_in_force(&call->reg->plans, work->at);
    struct reason reason;
    if (version == NULL || !counted_reason(version->plan, &work->op, call->arena, &reason))
        return;
    explanation->decision.verdict = VERDICT_REFUSE;
    explanation->decision.reason = reason;
    for (size_t i = 0; i < explanation->gates.count; i++) {
        struct gate_answer *gate = &explanation->gates.at[i];
        if (str_is(str_from(gate->gate), "purpose")) {
            gate->passed = false;
            gate->reason = reason;
        }
    }
}

static status begin_explaining(struct call *call, const struct read *request, instant at,
                               struct explaining **out)
{
    struct explaining *work = ARENA_NEW(call->arena, struct explaining);
    if (work == NULL)
        return NO_MEMORY(call->report);
    struct subject *subject = &work->subject;
    struct operation *op = &work->op;
    TRY(call_version_lost(call));
    TRY(call_open(call, request->subject, subject));
    TRY(explain_operation(call, request, op));
    TRY(call_purpose_held(call, subject->dossier->facts, op, op->purpose));
    if (op->purpose == 0)
        TRY(call_whole_person(call, subject->dossier->facts, op));
    TRY(call_check_named(call, op));
    TRY(call_view(call, subject->dossier->facts, op, &subject->view));
    work->at = at.ms == 0 ? call->now : at;
    work->past = before(work->at, call->now);
    work->done = !work->past;
    TRY(decide_explain(&subject->view, op, work->at, call->arena, call->report,
                       &work->explanation));
    say_counted(call, work);
    if (work->past) {
        /* The log tells of every purpose; a token that is bound to some is told of none. */
        TRY(call_whole_person(call, subject->dossier->facts, op));
        TRY(vault_handle(call->reg->vault, request->subject, call->report, work->handle.bytes));
        TRY(log_first_at(call->reg->log, (instant){work->at.ms - NEAR_MS}, call->report,
                         &work->next));
    }
    *out = work;
    return OK;
}

static status look_on(struct call *call, struct explaining *work)
{
    work->call = call;
    work->step = step_begin(call->reg);
    const struct audit_people people = {&work->handle, 1};
    TRY(audit_scan_whose(call->reg->log, &people, &work->next, look, work, call->report));
    work->of = audit_size(call->reg->log);
    work->done = work->next >= work->of;
    return OK;
}

status engine_explain_step(struct call *call, const struct read *request, instant at,
                           struct explaining **state, struct progress *progress, str *document)
{
    if (*state == NULL)
        TRY(begin_explaining(call, request, at, state));
    struct explaining *work = *state;
    if (!work->done)
        TRY(look_on(call, work));
    *progress = (struct progress){work->next, work->of, work->done};
    if (!work->done)
        return OK;
    TRY(put_answer(call, work, document));
    return call_log(call, work->subject.dossier->facts, &work->op, "explain", decision_by_scope());
}

status engine_explain(struct call *call, const struct read *request, instant at, str *document)
{
    struct explaining *work = NULL;
    struct progress progress = {0};
    while (!progress.done)
        TRY(engine_explain_step(call, request, at, &work, &progress, document));
    return OK;
}
