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

/* ---- what a person knows of the versions ---- */

/* Notices are read by the version in force, as every fact is. */
static void add_notices(const struct scene *scene, size_t in_force, bool *known)
{
    const struct plans *plans = scene->view->plans;
    const struct facts *person = scene->view->subject;
    for (size_t i = 0; i < person->evidence.count; i++) {
        const struct fact_evidence *evidence = &person->evidence.at[i];
        plan_index type = evidence_type(scene->plan, evidence);
        const struct binding *bound = evidence_binding(evidence, SLOT_VERSION);
        if (type == NONE || bound == NULL || scene->plan->evidence[type].kind != KIND_NOTICE ||
            !evidence_is_live(scene, scene->plan, type, evidence))
            continue;
        for (size_t v = 0; v <= in_force; v++)
            known[v] |= plans->at[v].version == bound->name;
    }
}

void plans_known(const struct plans *plans, const struct facts *person, instant t, bool *known)
{
    assert(plans->count <= PLANS_MOST);
    memset(known, 0, PLANS_MOST * sizeof(*known));
    const struct plan_version *version = plans_in_force(plans, t);
    if (version == NULL)
        return;
    size_t in_force = (size_t)(version - plans->at), came = 0;
    for (size_t v = 0; person != NULL && v <= in_force; v++)
        if (is_there(plans->at[v].effective, person->created))
            came = v; /* and met it when the first data was collected */
    known[came] = true;
    if (person == NULL)
        return;
    const struct view view = {.plans = plans, .subject = person};
    const struct scene scene = {&view, t, version, version->plan, NULL};
    add_notices(&scene, in_force, known);
}

bool plans_is_news(const struct plans *plans, size_t version, const bool *known,
                   enum news_kind kind, plan_index clause)
{
    if (clause == NONE || known[version])
        return false;
    for (size_t v = 0; v < version; v++) {
        const struct plan_news *news = &plans->at[version].news[v];
        const struct bits bits[] = {news->purposes, news->sources, news->recipients, news->fields};
        if (known[v] && !bits_has(bits[kind], clause))
            return false;
    }
    return true;
}

bool plans_have_news(const struct plans *plans, size_t version, const bool *known)
{
    const struct plan *plan = plans->at[version].plan;
    const plan_index counts[] = {plan->purpose_count, plan->source_count, plan->recipient_count,
                                 plan->field_count};
    for (size_t kind = 0; kind < NEWS_KIND_COUNT; kind++)
        for (plan_index clause = 0; clause < counts[kind]; clause++)
            if (plans_is_news(plans, version, known, (enum news_kind)kind, clause))
                return true;
    return false;
}

/* ---- evidence ---- */

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
