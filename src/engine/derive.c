/* Deriving: a value that is made of other data about the person, a profile above all.
 *
 *   items --use, for a purpose that profiles--> value, which names them
 *
 * Settle ends it with the last of what it was made from, with the last profiling that reaches it,
 * and by a switch that erases it; nothing here has to remember that (CON-77, INF-31, COB-24). */
#include "engine_internal.h"

enum { MADE_FROM_MOST = 64 };

struct deriving {
    struct subject subject;
    struct operation op; /* the use of the items */
    const struct plan *plan;
    plan_index purpose;
    const word *fields; /* of the values */
};

static status refuse_by(struct call *call, const struct facts *facts, const struct operation *op,
                        const struct clause *clause, const char *key)
{
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    decision->reason.rule = arena_format(call->arena, "%.*s%s", STR_ARG(clause->path), key);
    decision->reason.ids = clause->covers;
    decision->reason.article = STR("GDPR 5(1)(b)");
    return call_refuse(call, facts, op, decision);
}

status call_refuse_making(struct call *call, const struct operation *op, plan_index category)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    return refuse_by(call, NULL, op, &plan->category[category].clause, ".made_from");
}

/* ---- may it be made? ---- */

/* Every item stands in the closed list of every category that is made. */
static status check_list(struct call *call, struct deriving *work, plan_index category)
{
    const struct facts *facts = work->subject.dossier->facts;
    const struct plan_category *made = &work->plan->category[category];
    bool listed = made->made_from.stated;
    for (size_t i = 0; i < work->op.item_count && listed; i++) {
        const struct fact_item *item = facts_find_item(facts, work->op.items[i]);
        plan_index field = item == NULL ? (plan_index)NONE
                                        : plan_find(work->plan, work->plan->field_of, item->field);
        listed = item == NULL || (field != NONE && field_set_has(&made->made_from, field));
    }
    return listed ? OK : refuse_by(call, facts, &work->op, &made->clause, ".made_from");
}

static status check_fields(struct call *call, const struct derive *request, struct deriving *work)
{
    const struct plan_purpose *purpose = &work->plan->purpose[work->purpose];
    const struct facts *facts = work->subject.dossier->facts;
    str *names = ARENA_ARRAY(call->arena, str, request->value_count);
    if (names == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < request->value_count; i++)
        names[i] = request->values[i].field;
    TRY(call_words(call, NAME_FIELD, names, request->value_count, &work->fields));
    if (!purpose->profiling)
        return refuse_by(call, facts, &work->op, &purpose->clause, ".profiling");
    for (size_t i = 0; i < request->value_count; i++) {
        plan_index field = plan_find(work->plan, work->plan->field_of, work->fields[i]);
        if (!field_set_has(&purpose->uses, field))
            return refuse_by(call, facts, &work->op, &purpose->clause, ".uses");
        TRY(check_list(call, work, work->plan->field[field].category));
        TRY(call_check_identity(call, work->fields[i], request->values[i].value));
    }
    return OK;
}

/* All of the items may be used, or nothing is made of any. */
status call_decide_all(struct call *call, struct subject *subject, const struct operation *op,
                       const struct decision **decision)
{
    TRY(call_decide(call, subject, op, decision));
    for (size_t i = 0; i < (*decision)->count; i++) {
        if ((*decision)->parts[i].verdict != VERDICT_REFUSE)
            continue;
        struct decision *refused = ARENA_NEW(call->arena, struct decision);
        if (refused == NULL)
            return NO_MEMORY(call->report);
        refused->reason = (*decision)->parts[i].reason;
        return call_refuse(call, subject->dossier->facts, op, refused);
    }
    return OK;
}

static status derive_operation(struct call *call, const struct derive *request,
                               struct deriving *work)
{
    work->plan = reg_plan(call->reg, call->now);
    work->op = call_operation(call, ACTION_USE, request->subject);
    work->op.matter = request->matter;
    work->op.items = request->items;
    work->op.item_count = request->item_count;
    if (request->item_count == 0 || request->item_count > MADE_FROM_MOST)
        return fail_at(call->report, FAULT_INVALID, "/items",
                       "what is derived names the items that it was made from, at most %d",
                       MADE_FROM_MOST);
    TRY(call_word(call, NAME_PURPOSE, request->purpose, &work->op.purpose));
    if (work->op.purpose == 0)
        return fail_at(call->report, FAULT_INVALID, "/purpose",
                       "what is derived is derived for a purpose");
    work->purpose = plan_find(work->plan, work->plan->purpose_of, work->op.purpose);
    return call_controller(call, request->controller, &work->op);
}

/* ---- what it is for ---- */

/* Was the person told of the purpose where one of the items came in? */
static bool told_at_intake(const struct deriving *work, plan_index purpose)
{
    for (size_t i = 0; i < work->op.item_count; i++) {
        const struct fact_item *item =
            facts_find_item(work->subject.dossier->facts, work->op.items[i]);
        plan_index intake = item == NULL
                                ? (plan_index)NONE
                                : plan_find(work->plan, work->plan->intake_of, item->intake);
        const struct refs *told = intake == NONE ? NULL : &work->plan->intake[intake].purposes;
        if (told != NULL && !told->all && refs_has(told, purpose))
            return true;
    }
    return false;
}

/* The purpose that makes it, and those others that use it and that the person was told of when the
 * items came in. One on consent is reached by the consent itself. */
static status told_purposes(struct call *call, struct deriving *work, plan_index field,
                            struct fact_item *header)
{
    const struct plan *plan = work->plan;
    header->told = ARENA_ARRAY(call->arena, word, (size_t)plan->purpose_count + 1);
    if (header->told == NULL)
        return NO_MEMORY(call->report);
    header->told_count = 0;
    header->told[header->told_count++] = work->op.purpose;
    for (plan_index p = 0; p < plan->purpose_count; p++) {
        const struct plan_purpose *purpose = &plan->purpose[p];
        plan_index source = plan_find(plan, plan->source_of, header->source);
        bool from = !purpose->from.stated || (source != NONE && refs_has(&purpose->from, source));
        if (p != work->purpose && !purpose->clause.closed && purpose->basis != BASIS_CONSENT &&
            from && field_set_has(&purpose->uses, field) && told_at_intake(work, p))
            header->told[header->told_count++] = purpose->clause.name;
    }
    return OK;
}

/* It comes whence the items came; where one of them came from others, so did it. */
static const struct fact_item *model_of(const struct deriving *work)
{
    const struct facts *facts = work->subject.dossier->facts;
    for (size_t i = 0; i < work->op.item_count; i++) {
        const struct fact_item *item = facts_find_item(facts, work->op.items[i]);
        plan_index source = plan_find(work->plan, work->plan->source_of, item->source);
        if (source != NONE && work->plan->source[source].kind == SOURCE_INDIRECT)
            return item;
    }
    return facts_find_item(facts, work->op.items[0]);
}

/* ---- making it ---- */

static status put_derived(struct call *call, struct deriving *work, const struct permit *permit,
                          word field, str value, record_id *id)
{
    const struct fact_item *model = model_of(work);
    const struct plan_version *version = plans_in_force(&call->reg->plans, call->now);
    struct fact_item header = {.id = call_record_id(call),
                               .field = field,
                               .source = model->source,
                               .intake = model->intake,
                               .channel = model->channel,
                               .controller = work->op.controller,
                               .version = version == NULL ? 0 : version->version,
                               .matter = work->op.matter,
                               .collected = call->now,
                               .made_from_count = (uint16_t)work->op.item_count};
    header.made_from = ARENA_ARRAY(call->arena, record_id, work->op.item_count);
    if (header.made_from == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < work->op.item_count; i++)
        header.made_from[i] = work->op.items[i];
    TRY(told_purposes(call, work, plan_find(work->plan, work->plan->field_of, field), &header));
    sealed bytes;
    TRY(vault_seal(call->reg->vault, work->subject.dossier, &header, value, call->arena,
                   call->report, &bytes));
    *id = header.id;
    call->outcome.count++;
    return vault_put_item(call->reg->vault, permit, work->subject.dossier, &header, bytes,
                          call->arena, call->report);
}

status engine_derive(struct call *call, const struct derive *request, struct collected *result)
{
    *result = (struct collected){0};
    struct deriving work = {0};
    TRY(call_check_values(call, request->values, request->value_count));
    TRY(call_open_to_store(call, request->subject, request->value_count, &work.subject));
    TRY(derive_operation(call, request, &work));
    TRY(call_refuse_counted(call, work.subject.dossier->facts, &work.op));
    TRY(check_fields(call, request, &work));
    const struct decision *decision;
    TRY(call_decide_all(call, &work.subject, &work.op, &decision));
    result->items = ARENA_ARRAY(call->arena, record_id, request->value_count);
    if (result->items == NULL)
        return NO_MEMORY(call->report);
    result->count = request->value_count;
    const struct permit *permit;
    TRY(call_write(call, work.subject.dossier->facts, &work.op, "derive", decision, NULL, 0,
                   &permit));
    for (size_t i = 0; i < request->value_count; i++)
        TRY(put_derived(call, &work, permit, work.fields[i], request->values[i].value,
                        &result->items[i]));
    call->outcome.http = 201;
    call->outcome.items = result->items;
    call->outcome.item_count = result->count;
    TRY(call_store(call, &work.subject, permit));
    return call_refuse_stillborn(call, &work.subject, &work.op, result);
}
