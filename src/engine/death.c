/* A death on record changes what may be done in the person's name and opens nothing: every gate
 * stays as it was, what was collected ends when it would have (CON-02). */
#include "always.h"
#include "engine_internal.h"

static word deceased(const struct call *call)
{
    return words_intern(call->reg->words, STR("deceased"));
}

bool facts_are_dead(const struct call *call, const struct facts *facts)
{
    word type = deceased(call);
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        if (evidence->type == type && before(call->now, evidence->until))
            return true;
    }
    return false;
}

status engine_death(struct call *call, const struct death *request)
{
    struct subject subject;
    instant at;
    TRY(call_instant(call, "/at", request->at, &at));
    TRY(call_open(call, request->subject, &subject));
    if (facts_are_dead(call, subject.dossier->facts))
        return fail(call->report, FAULT_CONFLICT, "this is on record already");
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "death", decision_by_scope(), NULL, 0,
                   &permit));
    TRY(call_add_evidence(call, subject.dossier, permit, deceased(call), NULL, 0, at, NEVER,
                          STR("")));
    return call_store(call, &subject, permit);
}

status call_living(struct call *call, const struct facts *facts, const struct operation *op)
{
    if (!facts_are_dead(call, facts))
        return OK;
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct always_rule *rule = always_rule(ALWAYS_living_person);
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    decision->reason =
        (struct reason){.rule = str_from(rule->path), .article = str_from(rule->article)};
    for (size_t i = 0; i < plan->always_count; i++) {
        if (str_is(words_text(plan->words, plan->always[i].clause.name), rule->name))
            decision->reason.ids = plan->always[i].clause.covers;
    }
    return call_refuse(call, facts, op, decision);
}
