/* Restriction: storage only, until it is settled what is right; lifted only after the person was
 * told (articles 18 and 18(3)). */
#include "engine_internal.h"

static const char *const reasons[] = {"accuracy", "unlawful", "claims", "objection"};

static status check_reason(struct call *call, str reason)
{
    for (size_t i = 0; i < LENGTH(reasons); i++) {
        if (str_is(reason, reasons[i]))
            return OK;
    }
    return fail_at(call->report, FAULT_INVALID, "/reason",
                   "a restriction's reason is accuracy, unlawful, claims or objection");
}

/* Purposes that need one of these fields stop whole: the person is warned before (COB-95, HOS-52).
 */
static status check_warning(struct call *call, const struct subject *subject, const word *fields,
                            size_t count, bool warned)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    if (warned)
        return OK;
    for (size_t p = 0; p < plan->purpose_count; p++) {
        const struct plan_purpose *purpose = &plan->purpose[p];
        if (!purpose->requires.stated || purpose->requires.hole)
            continue;
        for (size_t i = 0; i < subject->dossier->facts->items.count; i++) {
            word item = subject->dossier->facts->items.at[i].field;
            plan_index field = plan_find(plan, plan->field_of, item);
            bool named = count == 0;
            for (size_t f = 0; f < count; f++)
                named |= fields[f] == item;
            if (named && field != NONE && field_set_has(&purpose->requires, field))
                return fail(call->report, FAULT_CONFLICT,
                            "this would stop %.*s, which needs the data: warn the person first, "
                            "then repeat with \"warned\": true",
                            STR_ARG(call_text(call, purpose->clause.name)));
        }
    }
    return OK;
}

status call_check_warning(struct call *call, const struct subject *subject, const word *fields,
                          size_t count, bool warned)
{
    return check_warning(call, subject, fields, count, warned);
}

status engine_restrict(struct call *call, const struct restriction *request)
{
    TRY(check_reason(call, request->reason));
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    const word *fields;
    size_t count;
    TRY(call_fields(call, request->fields, request->field_count, &fields, &count));
    TRY(check_warning(call, &subject, fields, count, request->warned));
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    str effect = arena_format(call->arena, "restrict:%.*s", STR_ARG(request->reason));
    if (effect.ptr == NULL)
        return NO_MEMORY(call->report);
    const struct permit *permit;
    TRY(call_request_act(call, request->case_, RIGHT_RESTRICT, request->subject));
    TRY(call_write(call, subject.dossier->facts, &op, "restrict", decision_by_scope(), &effect, 1,
                   &permit));
    struct telling telling = {.what = "restriction", .fields = fields, .field_count = count};
    TRY(call_tell(call, subject.dossier->facts, permit, &telling));
    word *names = ARENA_ARRAY(call->arena, word, count + 1);
    if (names == NULL || count > UINT16_MAX)
        return NO_MEMORY(call->report);
    if (count > 0)
        memcpy(names, fields, count * sizeof(word));
    struct edit edit = {.kind = EDIT_RESTRICT,
                        .id = call_record_id(call),
                        .at = call->now,
                        .names = names,
                        .name_count = (uint16_t)count};
    TRY(vault_edit(call->reg->vault, subject.dossier, &edit, call->arena, call->report));
    TRY(call_concerns_restrict(call, subject.dossier->facts));
    call->outcome.id = request->subject;
    call->outcome.record = edit.id;
    call->outcome.http = 201;
    return call_store(call, &subject, permit);
}

static struct fact_restriction *find_restriction(struct facts *facts, record_id id)
{
    for (size_t i = 0; i < facts->restrictions.count; i++) {
        if (ID_EQUAL(facts->restrictions.at[i].id, id))
            return &facts->restrictions.at[i];
    }
    return NULL;
}

static status open_restriction(struct call *call, const struct restriction_lift *request,
                               struct subject *subject, struct fact_restriction **there)
{
    TRY(call_open(call, request->subject, subject));
    *there = find_restriction(subject->dossier->facts, request->restriction);
    if (*there == NULL)
        return call_not_here(call);
    call->outcome.id = request->subject;
    call->outcome.record = request->restriction;
    return OK;
}

status engine_restriction_tell(struct call *call, const struct restriction_lift *request)
{
    struct subject subject;
    struct fact_restriction *there;
    TRY(open_restriction(call, request, &subject, &there));
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "restrict_notice", decision_by_scope(), NULL,
                   0, &permit));
    there->told = true;
    return call_store(call, &subject, permit);
}

static status refuse_lift(struct call *call, const struct subject *subject)
{
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    word *lacks = ARENA_NEW(call->arena, word);
    if (decision == NULL || lacks == NULL)
        return NO_MEMORY(call->report);
    const struct plan *plan = reg_plan(call->reg, call->now);
    *lacks = evidence_word(call, KIND_NOTICE);
    decision->reason = (struct reason){.rule = STR("rights.restrict.lift"),
                                       .article = STR("GDPR 18(3)"),
                                       .ids = plan->right[RIGHT_RESTRICT].clause.covers,
                                       .lacks = lacks,
                                       .lack_count = 1};
    call->decision = decision;
    struct operation op = call_operation(call, ACTION_RECORD, subject->dossier->facts->id);
    TRY(call_log_refusal(call, subject->dossier->facts, &op, "lift", decision));
    return fail(call->report, FAULT_REFUSED, "the person is told before a restriction is lifted");
}

status engine_restriction_lift(struct call *call, const struct restriction_lift *request)
{
    struct subject subject;
    struct fact_restriction *there;
    TRY(open_restriction(call, request, &subject, &there));
    if (!there->told)
        return refuse_lift(call, &subject);
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "lift", decision_by_scope(), NULL, 0,
                   &permit));
    struct facts *facts = subject.dossier->facts;
    struct telling telling = {
        .what = "restriction_lifted", .fields = there->fields, .field_count = there->field_count};
    TRY(call_tell(call, facts, permit, &telling));
    size_t at = (size_t)(there - facts->restrictions.at);
    facts->restrictions.count--;
    memmove(&facts->restrictions.at[at], &facts->restrictions.at[at + 1],
            (facts->restrictions.count - at) * sizeof(*there));
    TRY(call_concerns_restrict(call, facts));
    return call_store_and_purge(call, &subject, permit);
}
