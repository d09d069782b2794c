/* Changing the policy: who may, and what must be on file before. The version in force says so, not
 * the one that is to come. (CON-82, HOS-43, CLO-41) */
#include "engine_internal.h"

static status refuse_change(struct call *call, str rule, word lacks)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    word *lack = ARENA_NEW(call->arena, word);
    const struct facts *own;
    if (decision == NULL || lack == NULL)
        return NO_MEMORY(call->report);
    *lack = lacks;
    decision->reason = (struct reason){.rule = rule,
                                       .ids = plan->change.clause.covers,
                                       .article = STR("GDPR 24(2)"),
                                       .lacks = lack,
                                       .lack_count = lacks != 0};
    TRY(reg_facts(call->reg, call->reg->own, call->report, &own));
    struct operation op = call_operation(call, ACTION_RECORD, (dossier_id){{0}});
    return call_refuse(call, own, &op, decision);
}

/* A member of the staff changes the policy in a role that stands in `change.by` and may. */
static bool stands_in_by(struct call *call, const struct plan *plan, const struct facts *member)
{
    bool stands = plan->change.by.count == 0;
    for (plan_index i = 0; i < plan->staff_count; i++) {
        stands |= refs_has(&plan->change.by, i) &&
                  staff_holds(member, plan->staff[i].clause.name, call->now);
    }
    return stands && staff_may(call, member, MAY_CHANGE_POLICY);
}

static bool is_on_file(struct call *call, const struct plan *plan, const struct need *need,
                       const struct facts *own, word version)
{
    for (size_t i = 0; i < need->count; i++) {
        bool bound = (plan->evidence[need->any[i]].binds & 1u << SLOT_VERSION) != 0;
        struct binding about = {.slot = bound ? SLOT_VERSION : SLOT_NONE};
        about.name = bound ? version : 0;
        if (before(call->now, standing_end_about(plan, need->any[i], own, &about, call->now)))
            return true;
    }
    return false;
}

static status check_by(struct call *call, const struct plan *plan)
{
    const struct facts *member;
    TRY(reg_facts(call->reg, call->caller->actor, call->report, &member));
    if (member != NULL && !stands_in_by(call, plan, member))
        return refuse_change(call, STR("change.by"), 0);
    return OK;
}

status call_may_change(struct call *call, const struct plan *coming, bool *waits)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct facts *own;
    TRY(check_by(call, plan));
    TRY(reg_facts(call->reg, call->reg->own, call->report, &own));
    word version = words_find(call->reg->words, coming->version);
    for (size_t i = 0; i < plan->change.needs.count; i++) {
        const struct need *need = &plan->change.needs.all[i];
        if (!is_on_file(call, plan, need, own, version))
            return refuse_change(call, need->path, plan->evidence[need->any[0]].clause.name);
    }
    return call_second_pair(call, ACT_POLICY_APPLY, (dossier_id){{0}}, waits);
}

/* Nothing new comes, so nothing is asked to be on file; it is a change of what people were told. */
status call_may_withdraw(struct call *call, dossier_id version, bool *waits)
{
    TRY(check_by(call, reg_plan(call->reg, call->now)));
    return call_second_pair(call, ACT_POLICY_WITHDRAW, version, waits);
}
