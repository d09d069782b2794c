/* Alarms: what somebody must look at. Each is a dossier of its own, so that a closed one stays
 * closed after a restore; the blind index leads from its cause to it, so that a cause that recurs
 * opens no second one.
 *
 *   a law or a guarantee asks for it, or `alarms.raise` lists it --> open --who and why--> closed
 *                                                                                 a year --> gone
 *
 * Of each kind at most ALARMS_OPEN_OF_KIND are open; one alarm named "more" stands for the rest. */
#include "engine_internal.h"
#include "json.h"

enum { ALARM_PAGE = 256, WHY_BYTES = 4096 };
static const int64_t KEPT_MS = (int64_t)365 * 24 * 3600 * 1000;

/* `always`: a law or a guarantee of ours asks for it, whatever the policy lists. */
static const struct {
    const char *name;
    bool always;
} KINDS[ALARM_KIND_COUNT] = {
    [ALARM_MASS_READ] = {"mass_read", false},
    [ALARM_REFUSED_READS] = {"refused_reads", false},
    [ALARM_BROKEN_LOG] = {"broken_log", true}, /* G6 */
    [ALARM_OVERDUE_EVIDENCE] = {"overdue_evidence", false},
    [ALARM_OVERDUE_REQUEST] = {"overdue_request", true}, /* GDPR 12(3) */
    [ALARM_OVERDUE_NOTICE] = {"overdue_notice", true},   /* GDPR 14(3), 33, 34 */
    [ALARM_OVERDUE_ERASURE] = {"overdue_erasure", true}, /* G2 */
    [ALARM_BREAK_GLASS] = {"break_glass", true},
    [ALARM_UNDELIVERED] = {"undelivered", true}, /* nobody else would notice */
};

str alarm_kind_name(enum alarm_kind kind)
{
    assert(kind < ALARM_KIND_COUNT);
    return str_from(KINDS[kind].name);
}

void alarm_about(struct alarm_cause *cause, enum slot slot, dossier_id id)
{
    assert(cause->bound_count < ALARM_BINDINGS);
    if (!ID_IS_ZERO(id))
        cause->bound[cause->bound_count++] = (struct binding){.slot = slot, .id = id};
}

void alarm_of(struct alarm_cause *cause, enum slot slot, word name)
{
    assert(cause->bound_count < ALARM_BINDINGS);
    if (name != 0)
        cause->bound[cause->bound_count++] = (struct binding){.slot = slot, .name = name};
}

bool alarm_is_raised(const struct reg *reg, instant t, enum alarm_kind kind)
{
    const struct plan_alarms *alarms = &reg_plan(reg, t)->alarms;
    if (KINDS[kind].always)
        return true;
    for (size_t i = 0; !alarms->clause.closed && i < alarms->raise_count; i++) {
        if (str_is(words_text(reg->words, alarms->raise[i]), KINDS[kind].name))
            return true;
    }
    return false;
}

/* ---- which one ---- */

static status cause_hash(struct call *call, const struct alarm_cause *cause, blind *hash)
{
    struct buf buf = buf_in(call->arena, 1024);
    buf_field(&buf, str_from(KINDS[cause->kind].name));
    buf_field(&buf, call_text(call, cause->name));
    for (size_t i = 0; i < cause->bound_count; i++) {
        buf_be64(&buf, cause->bound[i].slot);
        buf_field(&buf, call_text(call, cause->bound[i].name));
        buf_field(&buf, ID_STR(cause->bound[i].id));
    }
    str bytes;
    TRY(buf_finish(&buf, call->report, &bytes));
    keys_tag(vault_keys(call->reg->vault), STR("alarm-cause"), bytes, hash);
    return OK;
}

/* The open alarm of this cause, or none: a closed one's hash is gone from the index. One that a
 * restore lost has left its hash, and is none. */
static status find_open(struct call *call, blind hash, dossier_id *id)
{
    dossier_id *ids;
    size_t count;
    TRY(keys_blind_find(vault_keys(call->reg->vault), hash, call->arena, call->report, &ids,
                        &count));
    *id = (dossier_id){{0}};
    for (size_t i = 0; i < count && ID_IS_ZERO(*id); i++) {
        bool there;
        TRY(vault_exists(call->reg->vault, ids[i], call->report, &there));
        if (there)
            *id = ids[i];
    }
    return OK;
}

/* The evidence that it is open: its type is the cause's name, its slots what it is about. */
static const struct fact_evidence *what_happened(const struct facts *alarm)
{
    static const struct fact_evidence nothing = {.until = {0}};
    return alarm->evidence.count == 0 ? &nothing : &alarm->evidence.at[0];
}

static bool is_open(const struct facts *alarm, instant t)
{
    return before(t, what_happened(alarm)->until);
}

static enum alarm_kind kind_of(const struct call *call, const struct facts *alarm)
{
    enum alarm_kind kind = 0;
    while (kind + 1 < ALARM_KIND_COUNT && !str_is(call_text(call, alarm->name), KINDS[kind].name))
        kind++;
    return kind;
}

static void open_tag(const struct call *call, blind *tag)
{
    keys_tag(vault_keys(call->reg->vault), STR("alarm"), STR("open"), tag);
}

static status store(struct call *call, struct dossier *dossier, const struct permit *permit)
{
    blind tag;
    open_tag(call, &tag);
    bool open = is_open(dossier->facts, call->now);
    struct vault_index index = {.next = open ? NEVER : (instant){call->now.ms + KEPT_MS},
                                .tags = &tag,
                                .tag_count = open ? 1 : 0};
    TRY(vault_put(call->reg->vault, permit, dossier, &index, call->request, call->now, call->arena,
                  call->report));
    call_touched(call, dossier->facts->id);
    return OK;
}

/* ---- how many ---- */

static status count_page(struct call *call, const dossier_id *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct facts *alarm;
        TRY(reg_facts(call->reg, ids[i], call->report, &alarm));
        if (alarm != NULL && alarm->kind == DOSSIER_ALARM && is_open(alarm, call->now))
            call->reg->alarms[kind_of(call, alarm)]++;
    }
    return OK;
}

/* Counted from the index when it matters, so that a call that was undone leaves no wrong count. */
static status count_open(struct call *call)
{
    struct reg *reg = call->reg;
    blind tag;
    open_tag(call, &tag);
    dossier_id after = {{0}};
    size_t count = ALARM_PAGE;
    memset(reg->alarms, 0, sizeof(reg->alarms));
    while (count == ALARM_PAGE) {
        dossier_id *ids;
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        TRY(vault_live(reg->vault, tag, after, ALARM_PAGE, arena, call->report, &ids, &count));
        TRY(count_page(call, ids, count));
        if (count > 0)
            after = ids[count - 1];
    }
    reg->alarms_counted = true;
    return OK;
}

status reg_alarms_open(struct reg *reg, struct report *report, uint32_t counts[ALARM_KIND_COUNT])
{
    struct call call = {.engine = reg->engine, .reg = reg, .report = report, .now = reg_now(reg)};
    TRY(count_open(&call));
    memcpy(counts, reg->alarms, sizeof(reg->alarms));
    return OK;
}

static status is_full(struct call *call, enum alarm_kind kind, bool *full)
{
    struct reg *reg = call->reg;
    if (!reg->alarms_counted || reg->alarms[kind] >= ALARMS_OPEN_OF_KIND)
        TRY(count_open(call));
    *full = reg->alarms[kind] >= ALARMS_OPEN_OF_KIND;
    return OK;
}

/* ---- opening ---- */

static status write_entry(struct call *call, const struct facts *alarm, const char *action,
                          enum alarm_kind kind, word name, const struct permit **permit)
{
    str effects[2];
    effects[0] = arena_format(call->arena, "alarm:%s", KINDS[kind].name);
    effects[1] = arena_format(call->arena, "name:%.*s", STR_ARG(call_text(call, name)));
    if (effects[0].ptr == NULL || effects[1].ptr == NULL)
        return NO_MEMORY(call->report);
    bool named = name != 0 && audit_word_valid(effects[1]);
    struct operation op = call_operation(call, ACTION_RECORD, alarm->id);
    return call_write(call, alarm, &op, action, decision_by_scope(), effects, named ? 2 : 1,
                      permit);
}

static status open_alarm(struct call *call, const struct alarm_cause *cause, blind hash)
{
    struct outcome kept = call->outcome; /* the alarm is not what the call answers */
    struct dossier *dossier;
    const struct permit *permit;
    word kind = words_intern(call->reg->words, str_from(KINDS[cause->kind].name));
    TRY(vault_new(call->reg->vault, DOSSIER_ALARM, kind, call->now, call->arena, call->report,
                  &dossier));
    TRY(vault_identify(call->reg->vault, dossier, kind, hash, call->arena, call->report));
    TRY(write_entry(call, dossier->facts, "alarm", cause->kind, cause->name, &permit));
    TRY(call_add_evidence(call, dossier, permit, cause->name, cause->bound, cause->bound_count,
                          call->now, NEVER, STR("")));
    TRY(store(call, dossier, permit));
    call->outcome = kept;
    call->reg->alarms[cause->kind]++;
    struct event_of of = {.id = dossier->facts->id, .kind = KINDS[cause->kind].name};
    return call_event(call, EVENT_alarm_raised, &of);
}

status call_alarm(struct call *call, const struct alarm_cause *cause)
{
    blind hash;
    dossier_id there;
    bool full;
    if (!alarm_is_raised(call->reg, call->now, cause->kind))
        return OK;
    TRY(cause_hash(call, cause, &hash));
    TRY(find_open(call, hash, &there));
    if (!ID_IS_ZERO(there))
        return OK;
    TRY(is_full(call, cause->kind, &full));
    if (!full)
        return open_alarm(call, cause, hash);
    struct alarm_cause more = {.kind = cause->kind,
                               .name = words_intern(call->reg->words, STR("more"))};
    TRY(cause_hash(call, &more, &hash));
    TRY(find_open(call, hash, &there));
    return ID_IS_ZERO(there) ? open_alarm(call, &more, hash) : OK;
}

static bool same_cause(const struct alarm_cause *a, const struct alarm_cause *b)
{
    bool same = a->kind == b->kind && a->name == b->name && a->bound_count == b->bound_count;
    for (size_t i = 0; same && i < a->bound_count; i++) {
        same = a->bound[i].slot == b->bound[i].slot && a->bound[i].name == b->bound[i].name &&
               ID_EQUAL(a->bound[i].id, b->bound[i].id);
    }
    return same;
}

void reg_alarm(struct reg *reg, const struct alarm_cause *cause)
{
    for (size_t i = 0; i < reg->found_count; i++) {
        if (same_cause(&reg->found[i], cause))
            return;
    }
    if (reg->found == NULL)
        reg->found = ARENA_ARRAY(reg->arena, struct alarm_cause, ALARMS_WAITING);
    /* What finds no room is found again: whoever looks, looks again. */
    if (reg->found != NULL && reg->found_count < ALARMS_WAITING)
        reg->found[reg->found_count++] = *cause;
}

static status write_found(struct call *call, void *request)
{
    (void)request;
    for (size_t i = 0; i < call->reg->found_count; i++)
        TRY(call_alarm(call, &call->reg->found[i]));
    return OK;
}

status engine_alarms(struct engine *engine, struct reg *reg, struct report *report)
{
    if (reg->found_count == 0)
        return OK;
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct call call;
    status written =
        engine_run(engine, reg, engine_system(), arena, report, &call, write_found, NULL);
    if (is_ok(written))
        reg->found_count = 0;
    else
        reg->alarms_counted = false;
    return written;
}

/* ---- seeing ---- */

static void view_binding(const struct call *call, const struct binding *bound,
                         struct alarm_view *view)
{
    dossier_id *ids[SLOT_COUNT] = {[SLOT_ACTOR] = &view->actor,
                                   [SLOT_SUBJECT] = &view->subject,
                                   [SLOT_MATTER] = &view->matter,
                                   [SLOT_CASE] = &view->case_,
                                   [SLOT_RECIPIENT] = &view->party};
    str *names[SLOT_COUNT] = {[SLOT_PURPOSE] = &view->purpose, [SLOT_VERSION] = &view->version};
    if (ids[bound->slot] != NULL)
        *ids[bound->slot] = bound->id;
    if (names[bound->slot] != NULL)
        *names[bound->slot] = call_text(call, bound->name);
}

static status view_to(struct call *call, struct alarm_view *view)
{
    const struct plan_alarms *alarms = &reg_plan(call->reg, call->now)->alarms;
    str *to = ARENA_ARRAY(call->arena, str, alarms->to_count + 1);
    if (to == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < alarms->to_count; i++)
        to[view->to_count++] = call_text(call, alarms->to[i]);
    view->to = to;
    return OK;
}

static status view_of(struct call *call, const struct facts *alarm, struct alarm_view *view)
{
    const struct fact_evidence *happened = what_happened(alarm);
    enum alarm_kind kind = kind_of(call, alarm);
    *view = (struct alarm_view){.id = alarm->id,
                                .kind = str_from(KINDS[kind].name),
                                .name = call_text(call, happened->type),
                                .rule = KINDS[kind].always ? STR("") : STR("alarms.raise"),
                                .since = happened->since,
                                .closed = happened->until};
    for (size_t i = 0; i < happened->bound_count; i++)
        view_binding(call, &happened->bound[i], view);
    if (alarm->evidence.count > 1 && alarm->evidence.at[1].bound_count > 0)
        view->closed_by = alarm->evidence.at[1].bound[0].id;
    return view_to(call, view);
}

/* ---- closing ---- */

static status why_json(struct call *call, str why, str *json)
{
    struct buf buf = buf_in(call->arena, 2 * WHY_BYTES + 64);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "why");
    json_put_str(&out, why);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static status drop_hashes(struct call *call, struct dossier *dossier)
{
    struct facts *facts = dossier->facts;
    while (facts->hashes.count > 0) {
        struct edit edit = {.kind = EDIT_DROP_HASH, .name = facts->hashes.at[0].kind};
        blind hash;
        memcpy(hash.bytes, facts->hashes.at[0].bytes, sizeof(hash.bytes));
        memcpy(edit.hash, hash.bytes, sizeof(edit.hash));
        TRY(keys_blind_remove(vault_keys(call->reg->vault), hash, facts->id, call->report));
        TRY(vault_edit(call->reg->vault, dossier, &edit, call->arena, call->report));
    }
    return OK;
}

static dossier_id closer(const struct call *call)
{
    return ID_IS_ZERO(call->caller->actor) ? call->caller->token : call->caller->actor;
}

/* That it was closed is evidence of the free type "closed", bound to whoever did. */
static status close_it(struct call *call, struct dossier *dossier, str why)
{
    struct facts *facts = dossier->facts;
    enum alarm_kind kind = kind_of(call, facts);
    const struct permit *permit;
    struct binding by = {.slot = SLOT_ACTOR, .id = closer(call)};
    word closed = words_intern(call->reg->words, STR("closed"));
    TRY(write_entry(call, facts, "alarm_close", kind, what_happened(facts)->type, &permit));
    TRY(call_end_evidence(call, dossier, what_happened(facts)->id, call->now));
    TRY(drop_hashes(call, dossier));
    TRY(call_add_evidence(call, dossier, permit, closed, &by, ID_IS_ZERO(by.id) ? 0 : 1, call->now,
                          NEVER, why));
    TRY(store(call, dossier, permit));
    call->reg->alarms[kind] -= call->reg->alarms[kind] > 0;
    return OK;
}

/* Neither the member of the staff nor the token that it is about closes it. */
static status not_about_oneself(struct call *call, const struct facts *alarm)
{
    const struct fact_evidence *happened = what_happened(alarm);
    for (size_t i = 0; i < happened->bound_count; i++) {
        dossier_id about = happened->bound[i].id;
        if (happened->bound[i].slot != SLOT_ACTOR)
            continue;
        if (ID_EQUAL(about, closer(call)))
            return call_refuse_always(call, alarm, ACTION_RECORD, ALWAYS_no_self_record);
        TRY(call_not_oneself(call, about));
    }
    return OK;
}

status engine_alarm_close(struct call *call, const struct alarm_close *request)
{
    struct dossier *dossier;
    str why;
    TRY(call_whole_register(call));
    if (str_is_empty(str_trim(request->why)) || request->why.len > WHY_BYTES)
        return fail_at(call->report, FAULT_INVALID, "/why", "say why, in at most %d bytes",
                       WHY_BYTES);
    TRY(call_check_texts(call, &request->why, 1));
    TRY(call_open_dossier(call, request->alarm, DOSSIER_ALARM, &dossier));
    if (!is_open(dossier->facts, call->now))
        return fail(call->report, FAULT_CONFLICT, "this alarm is closed");
    TRY(not_about_oneself(call, dossier->facts));
    TRY(why_json(call, request->why, &why));
    TRY(close_it(call, dossier, why));
    struct outcome kept = call->outcome;
    struct alarm_view view;
    TRY(view_of(call, dossier->facts, &view));
    if (kind_of(call, dossier->facts) == ALARM_BREAK_GLASS)
        TRY(call_glass_reviewed(call, view.actor, view.subject, view.matter));
    call->outcome = kept;
    call->outcome.http = 200;
    return OK;
}

status call_alarm_is_open(struct call *call, const struct alarm_cause *cause, bool *open)
{
    blind hash;
    dossier_id there;
    TRY(cause_hash(call, cause, &hash));
    TRY(find_open(call, hash, &there));
    *open = !ID_IS_ZERO(there);
    return OK;
}

status call_alarm_over(struct call *call, const struct alarm_cause *cause)
{
    blind hash;
    dossier_id there;
    struct dossier *dossier;
    struct outcome kept = call->outcome;
    TRY(cause_hash(call, cause, &hash));
    TRY(find_open(call, hash, &there));
    if (ID_IS_ZERO(there))
        return OK;
    TRY(call_open_dossier(call, there, DOSSIER_ALARM, &dossier));
    TRY(close_it(call, dossier, STR("")));
    call->outcome = kept;
    return OK;
}

status call_alarm_due(struct call *call, struct dossier *dossier)
{
    const struct facts *facts = dossier->facts;
    const struct fact_evidence *happened = what_happened(facts);
    if (is_open(facts, call->now))
        return vault_not_due(call->reg->vault, facts->id, call->report);
    instant end = {happened->until.ms + KEPT_MS};
    if (before(call->now, end))
        return vault_due_again(call->reg->vault, facts->id, end, call->report);
    struct operation op = call_operation(call, ACTION_ERASE, facts->id);
    const struct permit *permit;
    TRY(call_write(call, facts, &op, "alarm_end", decision_by_scope(), NULL, 0, &permit));
    call_touched(call, facts->id);
    return vault_erase(call->reg->vault, permit, dossier, call->request, call->now, call->arena,
                       call->report);
}

/* ---- the list ---- */

status engine_alarm_list(struct call *call, dossier_id after, size_t limit, struct alarm_list *list)
{
    *list = (struct alarm_list){0};
    dossier_id *ids;
    size_t count;
    TRY(call_whole_register(call));
    TRY(vault_list(call->reg->vault, DOSSIER_ALARM, after, limit, call->arena, call->report, &ids,
                   &count));
    list->at = ARENA_ARRAY(call->arena, struct alarm_view, count + 1);
    if (list->at == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < count; i++) {
        const struct facts *alarm;
        TRY(reg_facts(call->reg, ids[i], call->report, &alarm));
        if (alarm != NULL && alarm->kind == DOSSIER_ALARM)
            TRY(view_of(call, alarm, &list->at[list->count++]));
    }
    list->more = count == limit;
    if (count > 0)
        list->last = ids[count - 1];
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    return call_log(call, NULL, &op, "alarms", decision_by_scope());
}
