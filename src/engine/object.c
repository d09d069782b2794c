/* Objection and switches: the person turns a use off; it is off at once (articles 21(1) to (3)). */
#include "engine_internal.h"
#include "json.h"

/* A consent that came after an objection lifts it; whoever objects again does so anew. */
static bool consented_since(const struct call *call, const struct facts *facts, word purpose,
                            instant since)
{
    word type = evidence_word(call, KIND_CONSENT);
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *there = &facts->evidence.at[i];
        bool is_consent = there->type == type && before(since, there->since);
        for (size_t b = 0; is_consent && b < there->bound_count; b++) {
            if (there->bound[b].slot == SLOT_PURPOSE && there->bound[b].name == purpose)
                return true;
        }
    }
    return false;
}

static bool has_open_objection(const struct call *call, const struct facts *facts, word purpose)
{
    for (size_t i = 0; i < facts->objections.count; i++) {
        const struct fact_objection *there = &facts->objections.at[i];
        if (there->purpose == purpose && there->state != OBJECTION_DISMISSED &&
            !consented_since(call, facts, purpose, there->since))
            return true;
    }
    return false;
}

status call_add_objection(struct call *call, struct subject *subject,
                          const struct plan_purpose *purpose)
{
    if (has_open_objection(call, subject->dossier->facts, purpose->clause.name))
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
status call_object(struct call *call, struct subject *subject, const struct plan *plan,
                   plan_index named)
{
    bool marketing = named == NONE || plan->purpose[named].marketing == MARKETING_OWN;
    if (!marketing)
        return call_add_objection(call, subject, &plan->purpose[named]);
    for (size_t i = 0; i < plan->purpose_count; i++) {
        if (plan->purpose[i].marketing == MARKETING_OWN)
            TRY(call_add_objection(call, subject, &plan->purpose[i]));
    }
    return call_suppress(call, subject->dossier->facts, false);
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
            return fail_about(kept, found.fault, request->purpose, "%s", odd.text);
    }
    if (purpose == 0 && !str_is(request->purpose, "marketing"))
        return fail_at(call->report, FAULT_INVALID, "/purpose",
                       "an objection names the purpose, or marketing");
    plan_index index = purpose == 0 ? (plan_index)NONE : plan_find(plan, plan->purpose_of, purpose);
    if (index != NONE && plan->purpose[index].objection == OBJECTION_NONE)
        return refuse_objection(call, &subject, &plan->purpose[index]);
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    op.purpose = purpose;
    op.by_subject = true;
    TRY(call_purpose_held(call, subject.dossier->facts, &op, purpose));
    const struct permit *permit;
    TRY(call_request_act(call, request->case_, RIGHT_OBJECT, request->subject));
    TRY(call_write(call, subject.dossier->facts, &op, "object", decision_by_scope(), NULL, 0,
                   &permit));
    TRY(call_object(call, &subject, plan, index));
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

/* What is upheld is taken away for good, by a fence; a dismissal gives back, and a restored backup
 * that lacks it errs on the person's side. */
static status decide_objection(struct call *call, struct subject *subject,
                               const struct objection_decision *request)
{
    struct facts *facts = subject->dossier->facts;
    for (size_t i = 0; i < facts->objections.count; i++) {
        struct fact_objection *there = &facts->objections.at[i];
        if (!ID_EQUAL(there->id, request->objection))
            continue;
        if (!request->upheld) {
            there->state = OBJECTION_DISMISSED;
            return OK;
        }
        struct edit edit = {.kind = EDIT_OBJECT,
                            .id = there->id,
                            .name = there->purpose,
                            .at = there->since,
                            .state = OBJECTION_UPHELD};
        return vault_edit(call->reg->vault, subject->dossier, &edit, call->arena, call->report);
    }
    return OK;
}

status engine_objection_decide(struct call *call, const struct objection_decision *request)
{
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    const struct fact_objection *there = find_objection(subject.dossier->facts, request->objection);
    if (there == NULL)
        return call_not_here(call);
    if (there->state != OBJECTION_OPEN)
        return fail(call->report, FAULT_CONFLICT, "this objection is decided already");
    if (str_is_empty(request->reasons))
        return fail_at(call->report, FAULT_INVALID, "/reasons", "a decision gives its reasons");
    TRY(call_check_texts(call, &request->reasons, 1));
    str json;
    TRY(call_reasoned(call,
                      &(struct reasoned){.type = "objection_decision",
                                         .word = "upheld",
                                         .yes = request->upheld,
                                         .reasons = request->reasons},
                      &json));
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    op.purpose = there->purpose;
    TRY(call_purpose_held(call, subject.dossier->facts, &op, there->purpose));
    str effect = request->upheld ? STR("objection:upheld") : STR("objection:dismissed");
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "object_decide", decision_by_scope(), &effect,
                   1, &permit));
    TRY(decide_objection(call, &subject, request));
    TRY(call_add_evidence(call, subject.dossier, permit,
                          words_intern(call->reg->words, STR("objection_decision")), NULL, 0,
                          call->now, NEVER, json));
    call->outcome.http = 200;
    call->outcome.id = request->subject;
    call->outcome.record = request->objection;
    return call_store_and_purge(call, &subject, permit);
}

/* ---- switches ---- */

status engine_switch(struct call *call, const struct switch_set *request)
{
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    word stop, channel;
    TRY(call_word(call, NAME_SWITCH, request->stop, &stop));
    if (stop == 0)
        return fail_at(call->report, FAULT_INVALID, "/switch", "a switch has a name");
    TRY(call_channel(call, request->channel, &channel));
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    op.party = request->party;
    op.by_subject = true;
    TRY(call_check_named(call, &op));
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
    /* What the switch erases (a profile) ends by it: settle says what of it a law or a claim keeps.
     */
    call->outcome.id = request->subject;
    call->outcome.record = edit.id;
    call->outcome.http = 201;
    return call_store_and_purge(call, &subject, permit);
}
