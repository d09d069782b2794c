/* What the person of a dossier wants, and how that of two becomes that of one: the stricter counts.
 */
#include "merge.h"

status conflict_add(struct call *call, struct conflicts *conflicts, const char *kind, str name,
                    uint64_t count)
{
    struct merge_conflict *added = LIST_ADD(call->arena, &conflicts->list);
    if (added == NULL)
        return NO_MEMORY(call->report);
    *added = (struct merge_conflict){.kind = str_from(kind), .name = name, .count = count};
    return OK;
}

/* ---- what is wanted ---- */

bool wishes_consent(const struct call *call, const struct fact_evidence *evidence, word purpose)
{
    if (evidence->type != evidence_word(call, KIND_CONSENT))
        return false;
    for (size_t b = 0; b < evidence->bound_count; b++) {
        if (evidence->bound[b].slot == SLOT_PURPOSE && evidence->bound[b].name == purpose)
            return true;
    }
    return false;
}

/* Given after `since`, and live. */
static bool consents(const struct call *call, const struct facts *facts, word purpose,
                     instant since)
{
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        if (wishes_consent(call, evidence, purpose) && before(since, evidence->since) &&
            before(call->now, evidence->until))
            return true;
    }
    return false;
}

/* By an act, not by the end that was agreed on. */
static bool withdrew(const struct call *call, const struct facts *facts, word purpose)
{
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        if (wishes_consent(call, evidence, purpose) && !evidence->until_counts &&
            !before(call->now, evidence->until))
            return true;
    }
    return false;
}

static bool is_own(const struct plan *plan, word purpose)
{
    plan_index index = plan_find(plan, plan->purpose_of, purpose);
    return index != NONE && plan->purpose[index].marketing == MARKETING_OWN;
}

static bool objects(const struct call *call, const struct facts *facts, word purpose)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; i < facts->objections.count; i++) {
        const struct fact_objection *objection = &facts->objections.at[i];
        bool meant = objection->purpose == purpose ||
                     (is_own(plan, objection->purpose) && is_own(plan, purpose));
        if (meant && objection->state != OBJECTION_DISMISSED &&
            !consents(call, facts, purpose, objection->since))
            return true;
    }
    return false;
}

static bool is_off(const struct call *call, const struct facts *facts, plan_index purpose)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; i < facts->switches.count; i++) {
        const struct fact_switch *set = &facts->switches.at[i];
        plan_index stop = plan_find(plan, plan->stop_of, set->stop);
        if (stop != NONE && refs_has(&plan->stop[stop].stops_purposes, purpose) &&
            !consents(call, facts, plan->purpose[purpose].clause.name, set->since))
            return true;
    }
    return false;
}

status wishes_of(struct call *call, const struct facts *facts, struct wishes *wishes)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    wishes->yes = ARENA_ARRAY(call->arena, bool, (size_t)plan->purpose_count + 1);
    wishes->no = ARENA_ARRAY(call->arena, bool, (size_t)plan->purpose_count + 1);
    if (wishes->yes == NULL || wishes->no == NULL)
        return NO_MEMORY(call->report);
    for (size_t p = 0; p < plan->purpose_count; p++) {
        word name = plan->purpose[p].clause.name;
        wishes->yes[p] = consents(call, facts, name, ALWAYS);
        wishes->no[p] = objects(call, facts, name) || is_off(call, facts, (plan_index)p) ||
                        (!wishes->yes[p] && withdrew(call, facts, name));
    }
    wishes->child = call_is_child(call, facts);
    return OK;
}

/* ---- both as one ---- */

static status end_consents(struct call *call, struct dossier *dossier, word purpose)
{
    const struct facts *facts = dossier->facts;
    for (size_t i = 0; i < facts->evidence.count; i++) {
        if (wishes_consent(call, &facts->evidence.at[i], purpose) &&
            before(call->now, facts->evidence.at[i].until))
            TRY(call_end_evidence(call, dossier, facts->evidence.at[i].id, call->now));
    }
    return OK;
}

/* A child's consent is a guardian's: those of a dossier that did not know of a child are not. */
status wishes_impose(struct call *call, struct dossier *dossier, const struct wishes *own,
                     const struct wishes *others, struct conflicts *conflicts)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    bool child = others->child && !own->child;
    if (child)
        TRY(conflict_add(call, conflicts, "child", STR(""), 1));
    for (size_t p = 0; p < plan->purpose_count; p++) {
        word name = plan->purpose[p].clause.name;
        if (own->no[p] != others->no[p] && own->no[p])
            TRY(conflict_add(call, conflicts, "no", call_text(call, name), 1));
        if (!own->yes[p] || (!others->no[p] && !child))
            continue;
        TRY(conflict_add(call, conflicts, "consent_ends", call_text(call, name), 1));
        TRY(end_consents(call, dossier, name));
    }
    return OK;
}

static status copy_edit(struct call *call, struct dossier *to, const struct edit *edit)
{
    return vault_edit(call->reg->vault, to, edit, call->arena, call->report);
}

static status copy_restrictions(struct call *call, const struct facts *from, struct dossier *to)
{
    for (size_t i = 0; i < from->restrictions.count; i++) {
        const struct fact_restriction *there = &from->restrictions.at[i];
        TRY(copy_edit(call, to,
                      &(struct edit){.kind = EDIT_RESTRICT,
                                     .id = there->id,
                                     .at = there->since,
                                     .names = there->fields,
                                     .name_count = there->field_count}));
    }
    return OK;
}

status wishes_copy(struct call *call, const struct facts *from, struct dossier *to)
{
    for (size_t i = 0; i < from->objections.count; i++) {
        const struct fact_objection *there = &from->objections.at[i];
        TRY(copy_edit(call, to,
                      &(struct edit){.kind = EDIT_OBJECT,
                                     .id = there->id,
                                     .name = there->purpose,
                                     .at = there->since,
                                     .state = there->state}));
    }
    for (size_t i = 0; i < from->switches.count; i++) {
        const struct fact_switch *there = &from->switches.at[i];
        TRY(copy_edit(call, to,
                      &(struct edit){.kind = EDIT_SWITCH,
                                     .id = there->id,
                                     .name = there->stop,
                                     .channel = there->channel,
                                     .other = there->recipient,
                                     .at = there->since}));
    }
    TRY(copy_restrictions(call, from, to));
    if (from->erase_asked.ms == NEVER.ms)
        return OK;
    return copy_edit(call, to, &(struct edit){.kind = EDIT_ERASE_ASKED, .at = from->erase_asked});
}
