/* Objection and switches: the person turns a use off; it is off at once (articles 21(1) to (3)). */
#include "engine_internal.h"

static bool has_open_objection(const struct facts *facts, word purpose)
{
    for (size_t i = 0; i < facts->objections.count; i++) {
        const struct fact_objection *there = &facts->objections.at[i];
        if (there->purpose == purpose && there->state != OBJECTION_DISMISSED)
            return true;
    }
    return false;
}

static status add_objection(struct call *call, struct subject *subject,
                            const struct plan_purpose *purpose)
{
    if (has_open_objection(subject->dossier->facts, purpose->clause.name))
        return OK;
    struct edit edit = {.kind = EDIT_OBJECT,
                        .id = call_record_id(call),
                        .name = purpose->clause.name,
                        .at = call->now,
                        .state = purpose->objection == OBJECTION_ABSOLUTE ? OBJECTION_UPHELD
                                                                          : OBJECTION_OPEN};
    call->outcome.record = edit.id;
    call->outcome.count++;
    return vault_edit(call->reg->vault, subject->dossier, &edit, call->arena, call->report);
}

/* Objecting to one marketing purpose is objecting to marketing: all of them end. */
static status object_to(struct call *call, struct subject *subject, const struct plan *plan,
                        plan_index named)
{
    bool marketing = named == NONE || plan->purpose[named].marketing == MARKETING_OWN;
    if (!marketing)
        return add_objection(call, subject, &plan->purpose[named]);
    for (size_t i = 0; i < plan->purpose_count; i++) {
        if (plan->purpose[i].marketing == MARKETING_OWN)
            TRY(add_objection(call, subject, &plan->purpose[i]));
    }
    return OK;
}

static status refuse_objection(struct call *call, const struct subject *subject,
                               const struct plan_purpose *purpose)
{
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    decision->reason.rule =
        arena_format(call->arena, "%.*s.objection", STR_ARG(purpose->clause.path));
    decision->reason.ids = purpose->clause.covers;
    decision->reason.article = STR("GDPR 21(1)");
    call->decision = decision;
    struct operation op = call_operation(call, ACTION_RECORD, subject->dossier->facts->id);
    op.purpose = purpose->clause.name;
    TRY(call_log_refusal(call, subject->dossier->facts, &op, "object", decision));
    return fail(call->report, FAULT_REFUSED,
                "this purpose rests on %s, which cannot be objected to",
                basis_name(purpose->basis));
}

status engine_object(struct call *call, const struct objection_make *request)
{
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    const struct plan *plan = reg_plan(call->reg, call->now);
    word purpose = 0;
    if (!str_is(request->purpose, "marketing") || words_find(plan->words, request->purpose) != 0) {
        struct report odd = {0};
        struct report *kept = call->report;
        call->report = &odd;
        status found = call_word(call, NAME_PURPOSE, request->purpose, &purpose);
        call->report = kept;
        if (!is_ok(found) && !str_is(request->purpose, "marketing"))
            return fail(kept, found.fault, "%s", odd.text);
    }
    if (purpose == 0 && !str_is(request->purpose, "marketing"))
        return fail(call->report, FAULT_INVALID, "an objection names the purpose, or marketing");
    plan_index index = purpose == 0 ? (plan_index)NONE : plan_find(plan, plan->purpose_of, purpose);
    if (index != NONE && plan->purpose[index].objection == OBJECTION_NONE)
        return refuse_objection(call, &subject, &plan->purpose[index]);
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    op.purpose = purpose;
    op.by_subject = true;
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "object", decision_by_scope(), NULL, 0,
                   &permit));
    TRY(object_to(call, &subject, plan, index));
    call->outcome.id = request->subject;
    call->outcome.http = 201;
    return call_store_and_purge(call, &subject, permit);
}

/* ---- deciding a weighed objection ---- */

static const struct fact_objection *find_objection(const struct facts *facts, record_id id)
{
    for (size_t i = 0; i < facts->objections.count; i++) {
        if (ID_EQUAL(facts->objections.at[i].id, id))
            return &facts->objections.at[i];
    }
    return NULL;
}

status engine_objection_decide(struct call *call, const struct objection_decision *request)
{
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    const struct fact_objection *there = find_objection(subject.dossier->facts, request->objection);
    if (there == NULL)
        return fail(call->report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
    if (there->state != OBJECTION_OPEN)
        return fail(call->report, FAULT_CONFLICT, "this objection is decided already");
    if (str_is_empty(request->reasons))
        return fail(call->report, FAULT_INVALID, "a decision gives its reasons");
    TRY(call_check_texts(call, &request->reasons, 1));
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    op.purpose = there->purpose;
    str effect = request->upheld ? STR("objection:upheld") : STR("objection:dismissed");
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "object_decide", decision_by_scope(), &effect,
                   1, &permit));
    struct edit edit = {.kind = EDIT_OBJECT,
                        .id = there->id,
                        .name = there->purpose,
                        .at = there->since,
                        .state = request->upheld ? OBJECTION_UPHELD : OBJECTION_DISMISSED};
    TRY(vault_edit(call->reg->vault, subject.dossier, &edit, call->arena, call->report));
    record_id record;
    TRY(call_record(call, subject.dossier, permit, request->reasons, &record));
    call->outcome.id = request->subject;
    call->outcome.record = request->objection;
    return call_store_and_purge(call, &subject, permit);
}

/* ---- switches ---- */

/* What the switch erases (a profile) goes with it. */
static status erase_for_switch(struct call *call, struct subject *subject, const struct plan *plan,
                               const struct plan_switch *stop, const struct permit **permit)
{
    const struct facts *facts = subject->dossier->facts;
    if (!stop->erases.stated || stop->erases.hole)
        return OK;
    record_id *ids = ARENA_ARRAY(call->arena, record_id, facts->items.count + 1);
    if (ids == NULL)
        return NO_MEMORY(call->report);
    size_t count = 0;
    for (size_t i = 0; i < facts->items.count; i++) {
        plan_index field = plan_find(plan, plan->field_of, facts->items.at[i].field);
        if (facts->items.at[i].field != 0 && field != NONE && field_set_has(&stop->erases, field))
            ids[count++] = facts->items.at[i].id;
    }
    return count == 0 ? OK : call_erase_items(call, subject->dossier, ids, count, permit);
}

status engine_switch(struct call *call, const struct switch_set *request)
{
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    word stop, channel;
    TRY(call_word(call, NAME_SWITCH, request->stop, &stop));
    if (stop == 0)
        return fail(call->report, FAULT_INVALID, "a switch has a name");
    TRY(call_name(call, "channel", request->channel, &channel));
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct plan_switch *clause = &plan->stop[plan_find(plan, plan->stop_of, stop)];
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    op.party = request->party;
    op.by_subject = true;
    str effect = arena_format(call->arena, "switch:%.*s", STR_ARG(request->stop));
    if (effect.ptr == NULL)
        return NO_MEMORY(call->report);
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "switch", decision_by_scope(), &effect, 1,
                   &permit));
    struct edit edit = {.kind = EDIT_SWITCH,
                        .id = call_record_id(call),
                        .name = stop,
                        .channel = channel,
                        .other = request->party,
                        .at = call->now};
    TRY(vault_edit(call->reg->vault, subject.dossier, &edit, call->arena, call->report));
    TRY(erase_for_switch(call, &subject, plan, clause, &permit));
    call->outcome.id = request->subject;
    call->outcome.record = edit.id;
    call->outcome.http = 201;
    return call_store_and_purge(call, &subject, permit);
}
