/* Finding facts: which version, which evidence, which matter. */
#include "calendar.h"
#include "decide_internal.h"

static_assert((int)UNIT_HOUR == (int)SPAN_HOUR && (int)UNIT_YEAR == (int)SPAN_YEAR,
              "units of the language are those of the calendar");

const struct plan_version *plans_in_force(const struct plans *plans, instant t)
{
    for (size_t i = plans->count; i > 0; i--)
        if (is_there(plans->at[i - 1].effective, t))
            return &plans->at[i - 1];
    return NULL;
}

const struct plan_version *plans_by_word(const struct plans *plans, word version)
{
    for (size_t i = 0; i < plans->count; i++)
        if (plans->at[i].version == version)
            return &plans->at[i];
    return NULL;
}

plan_index evidence_type(const struct plan *plan, const struct fact_evidence *evidence)
{
    plan_index type = plan_find(plan, plan->evidence_of, evidence->type);
    return type == NONE || plan->evidence[type].clause.closed ? (plan_index)NONE : type;
}

instant evidence_until(const struct plan *plan, plan_index type,
                       const struct fact_evidence *evidence)
{
    struct span valid = plan->evidence[type].valid;
    if (!valid.stated)
        return evidence->until;
    instant lapses =
        instant_add_span(plan->zone, evidence->since, valid.count, (enum span_unit)valid.unit);
    return earlier(evidence->until, lapses);
}

bool evidence_is_live(const struct scene *scene, const struct plan *plan, plan_index type,
                      const struct fact_evidence *evidence)
{
    return is_there(evidence->since, scene->t) &&
           before(scene->t, evidence_until(plan, type, evidence));
}

const struct binding *evidence_binding(const struct fact_evidence *evidence, enum slot slot)
{
    for (size_t i = 0; i < evidence->bound_count; i++)
        if (evidence->bound[i].slot == slot)
            return &evidence->bound[i];
    return NULL;
}

const struct facts *scene_matter(const struct scene *scene, dossier_id id)
{
    if (ID_IS_ZERO(id))
        return NULL;
    for (size_t i = 0; i < scene->view->matter_count; i++)
        if (ID_EQUAL(scene->view->matters[i]->id, id))
            return scene->view->matters[i];
    return NULL;
}

bool role_is_live(const struct fact_role *role, instant t)
{
    return is_there(role->since, t) && before(t, role->until);
}
