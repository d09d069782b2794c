/* Errands: a field may be `external`. Its value stays in the firm's own system; here lie the facts,
 * the clock, and the firm's reference for it. What becomes of such an item here is to be done
 * there:
 *
 *   erased, put right, restricted, lifted --> errand: a task for each item --done--> gone
 *                                               |  its time is over
 *                                               v
 *                                             alarm
 *
 * An errand is a dossier of its own, made by edits alone: it outlives the person, and its fences
 * make it anew where a backup does not hold it. One that is done is erased, so that no backup
 * brings it back. The log proves both, under the person's handle and the item's id, which the task
 * bears. */
#include "calendar.h"
#include "engine_internal.h"

/* Two words of an entry for each: the item, and after it its field. */
enum { ERRAND_TASKS = (AUDIT_EFFECTS - 1) / 2, WITHIN_DAYS = 7 };

static const struct errand_kind {
    const char *what; /* of struct telling */
    const char *does;
    enum event event;
} KINDS[] = {
    {"erasure", "erase", EVENT_erase_due},
    {"rectification", "rectify", EVENT_rectify_due},
    {"restriction", "restrict", EVENT_restrict_due},
    {"restriction_lifted", "lift", EVENT_lift_due},
};

static const struct errand_kind *kind_of(str what)
{
    for (size_t i = 0; i < LENGTH(KINDS); i++) {
        if (str_is(what, KINDS[i].what) || str_is(what, KINDS[i].does))
            return &KINDS[i];
    }
    return NULL;
}

/* ---- which fields ---- */

static const struct plan_category *external_category(const struct call *call, word field)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->field_of, field);
    if (index == NONE)
        return NULL;
    const struct plan_category *category = &plan->category[plan->field[index].category];
    return category->external.stated && field_set_has(&category->external, index) ? category : NULL;
}

bool call_is_external(const struct call *call, word field)
{
    return external_category(call, field) != NULL;
}

static bool is_reference(str text)
{
    bool said = text.len > 0 && text.len <= LIMIT_REFERENCE_BYTES;
    for (size_t i = 0; i < text.len; i++)
        said &= text.ptr[i] > ' ' && text.ptr[i] < 127;
    return said;
}

status call_check_reference(struct call *call, word field, str reference, bool is,
                            const char *where)
{
    str name = call_text(call, field);
    bool external = call_is_external(call, field);
    if (external && !is)
        return fail_at(call->report, FAULT_INVALID, where,
                       "the value of %.*s stays in your own system: give your reference of it, "
                       "and not the value",
                       STR_ARG(name));
    if (!external && is)
        return fail_at(call->report, FAULT_INVALID, where,
                       "%.*s is not external: its value is kept here", STR_ARG(name));
    if (is && !is_reference(reference))
        return fail_at(call->report, FAULT_INVALID, where,
                       "a reference is 1 to %d visible ASCII characters", LIMIT_REFERENCE_BYTES);
    return OK;
}

/* ---- opening ---- */

struct errands {
    const struct errand_kind *kind;
    dossier_id handle;
    struct dossier *dossier; /* that takes more tasks; NULL: none yet */
};

static status permit_for(struct call *call, const struct facts *errand, const char *action,
                         const struct permit **permit)
{
    struct audit_entry *entry = ARENA_NEW(call->arena, struct audit_entry);
    if (entry == NULL)
        return NO_MEMORY(call->report);
    struct operation op = call_operation(call, ACTION_RECORD, (dossier_id){{0}});
    TRY(call_entry(call, NULL, &op, decision_by_scope(), entry));
    memcpy(entry->subject.bytes, errand->tasks.at[0].other.bytes, ID_BYTES);
    entry->action = str_from(action);
    entry->effects[entry->effect_count++] = call_text(call, errand->name);
    for (size_t i = 0; i < errand->tasks.count && entry->effect_count + 1 < AUDIT_EFFECTS; i++) {
        const struct fact_task *task = &errand->tasks.at[i];
        str field = call_text(call, task->channel);
        TRY(call_effect(call, "item", task->item.bytes, &entry->effects[entry->effect_count++]));
        field = arena_format(call->arena, "field:%.*s", STR_ARG(field));
        if (field.ptr == NULL)
            return NO_MEMORY(call->report);
        entry->effects[entry->effect_count++] = field;
    }
    struct permit_scope scope = {
        .dossier = errand->id, .action = ACTION_RECORD, .decision = decision_by_scope()};
    struct permit_sink sink = vault_sink(call->reg->vault);
    uint64_t index = call->outcome.log_index; /* the answer names the person's entry */
    TRY(permit_to_write(&scope, &sink, call->reg->log, entry, call->arena, call->report, permit));
    call->outcome.log_index = index == 0 ? permit_index(*permit) : index;
    return OK;
}

static status send_out(struct call *call, struct errands *errands)
{
    struct dossier *dossier = errands->dossier;
    const struct permit *permit;
    errands->dossier = NULL;
    if (dossier == NULL)
        return OK;
    TRY(permit_for(call, dossier->facts, "errand", &permit));
    for (size_t i = 0; i < dossier->facts->tasks.count; i++) {
        struct event_of of = {dossier->facts->id, dossier->facts->tasks.at[i].id,
                              errands->kind->does};
        TRY(call_event(call, errands->kind->event, &of));
    }
    return call_store_dossier(call, dossier, permit);
}

static instant due_of(const struct call *call, word field)
{
    const struct plan_category *category = external_category(call, field);
    const struct zone *zone = reg_plan(call->reg, call->now)->zone;
    struct span span = {.count = WITHIN_DAYS, .unit = UNIT_DAY};
    if (category != NULL && category->external_within.stated && !category->external_within.hole)
        span = category->external_within;
    return instant_add_span(zone, call->now, span.count, (enum span_unit)span.unit);
}

static status add_task(struct call *call, struct errands *errands, const struct fact_item *item,
                       str reference)
{
    struct vault *vault = call->reg->vault;
    word what = words_intern(call->reg->words, str_from(errands->kind->does));
    struct edit edit = {.kind = EDIT_ERRAND,
                        .id = item->id,
                        .name = what,
                        .at = call->now,
                        .task = {.id = item->id,
                                 .kind = TASK_ERRAND,
                                 .name = what,
                                 .channel = item->field,
                                 .controller = item->controller,
                                 .item = item->id,
                                 .other = errands->handle,
                                 .since = call->now,
                                 .due = due_of(call, item->field),
                                 .reference = reference}};
    if (errands->dossier != NULL && errands->dossier->facts->tasks.count == ERRAND_TASKS)
        TRY(send_out(call, errands));
    if (errands->dossier == NULL)
        TRY(vault_new(vault, DOSSIER_ERRAND, what, call->now, call->arena, call->report,
                      &errands->dossier));
    return vault_edit(vault, errands->dossier, &edit, call->arena, call->report);
}

status call_errands(struct call *call, const struct facts *facts, const struct permit *permit,
                    const struct telling *telling)
{
    struct vault *vault = call->reg->vault;
    struct errands errands = {.kind = kind_of(str_from(telling->gone ? "erasure" : telling->what))};
    struct dossier *person = NULL;
    enum presence presence;
    for (size_t i = 0; errands.kind != NULL && i < facts->items.count; i++) {
        const struct fact_item *item = &facts->items.at[i];
        str reference;
        if (!item->external || !telling_is_about(telling, item))
            continue;
        if (person == NULL) {
            TRY(vault_handle(vault, facts->id, call->report, errands.handle.bytes));
            TRY(vault_load(vault, facts->id, call->arena, call->report, &presence, &person));
        }
        TRY(vault_open_item(vault, permit, person, item, call->arena, call->report, &reference));
        TRY(add_task(call, &errands, item, reference));
    }
    return send_out(call, &errands);
}

/* ---- done, and late ---- */

/* Who acts for one company has nothing to do with another's system. */
bool call_knows_errand(const struct call *call, const struct fact_task *task)
{
    const struct caller *caller = call->caller;
    return caller->purpose_count == 0 && (caller->controller == 0 || task->controller == 0 ||
                                          caller->controller == task->controller);
}

static void late_cause(const struct facts *errand, const struct fact_task *task,
                       const struct call *call, struct alarm_cause *cause)
{
    bool erases = str_is(call_text(call, errand->name), "erase");
    *cause = (struct alarm_cause){.kind = erases ? ALARM_OVERDUE_ERASURE : ALARM_UNDELIVERED};
    alarm_about(cause, SLOT_ACTOR, errand->id);
    alarm_of(cause, SLOT_FIELD, task->channel);
}

status call_errand_done(struct call *call, const struct task_done *request, struct dossier *dossier)
{
    struct facts *facts = dossier->facts;
    const struct fact_task *task = facts_find_task(facts, request->task);
    const struct permit *permit;
    struct alarm_cause cause;
    if (task == NULL || !call_knows_errand(call, task))
        return call_not_here(call);
    struct fact_task done = *task;
    struct facts confirmed = *facts; /* the entry names this one alone */
    confirmed.tasks.at = &done;
    confirmed.tasks.count = 1;
    TRY(permit_for(call, &confirmed, "errand_done", &permit));
    late_cause(facts, &done, call, &cause);
    bool last = facts->tasks.count == 1;
    if (last) {
        TRY(vault_erase(call->reg->vault, permit, dossier, call->request, call->now, call->arena,
                        call->report));
        call_touched(call, confirmed.id);
    } else {
        TRY(call_task_end(call, dossier, request->task));
        TRY(call_store_dossier(call, dossier, permit));
    }
    bool others = false; /* of this field are late still */
    for (size_t i = 0; !last && i < facts->tasks.count; i++)
        others |= facts->tasks.at[i].channel == done.channel;
    call->outcome.id = confirmed.id;
    call->outcome.record = request->task;
    return others ? OK : call_alarm_over(call, &cause);
}

instant errand_next(const struct facts *facts, instant now)
{
    instant next = NEVER;
    for (size_t i = 0; facts->kind == DOSSIER_ERRAND && i < facts->tasks.count; i++) {
        if (before(now, facts->tasks.at[i].due))
            next = earlier(next, facts->tasks.at[i].due);
    }
    return next;
}

status call_errand_due(struct call *call, struct dossier *dossier)
{
    const struct facts *facts = dossier->facts;
    const struct errand_kind *kind = kind_of(call_text(call, facts->name));
    const struct permit *permit;
    if (kind == NULL || facts->tasks.count == 0)
        return vault_not_due(call->reg->vault, facts->id, call->report);
    for (size_t i = 0; i < facts->tasks.count; i++) {
        const struct fact_task *task = &facts->tasks.at[i];
        struct event_of of = {facts->id, task->id, kind->does};
        struct alarm_cause cause;
        TRY(call_event(call, kind->event, &of));
        if (before(call->now, task->due))
            continue;
        late_cause(facts, task, call, &cause);
        TRY(call_alarm(call, &cause));
    }
    TRY(permit_for(call, facts, "errand_again", &permit));
    return call_store_dossier(call, dossier, permit);
}
