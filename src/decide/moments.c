/* Moments: what the expressions of `keep` come to, from the facts alone. */
#include "decide_internal.h"

/* ---- which evidence concerns an item ---- */

static bool same_matter(const struct fact_item *item, dossier_id matter)
{
    return ID_IS_ZERO(item->matter) || ID_IS_ZERO(matter) || ID_EQUAL(item->matter, matter);
}

static bool binding_fits(const struct about *about, const struct binding *bound)
{
    const struct plan *plan = about->plan;
    const struct fact_item *item = about->item;
    switch (bound->slot) {
    case SLOT_PURPOSE:
        return about->purpose != NONE && bound->name == plan->purpose[about->purpose].clause.name;
    case SLOT_MATTER:
        return same_matter(item, bound->id);
    case SLOT_FIELD:
        return bound->name == item->field;
    case SLOT_CATEGORY:
        return about->field != NONE &&
               bound->name == plan->category[plan->field[about->field].category].clause.name;
    case SLOT_SOURCE:
        return bound->name == item->source;
    case SLOT_CONTROLLER:
        return bound->name == item->controller;
    case SLOT_NONE:
    case SLOT_SUBJECT:
    case SLOT_ROLE:
    case SLOT_INTAKE:
    case SLOT_CHANNEL:
    case SLOT_MESSAGE:
    case SLOT_RECIPIENT:
    case SLOT_PLACE:
    case SLOT_CASE:
    case SLOT_ACTOR:
    case SLOT_VERSION:
    case SLOT_COOKIE:
    case SLOT_COUNT:
        return true;
    }
    return false;
}

bool evidence_fits(const struct about *about, const struct fact_evidence *evidence)
{
    for (size_t i = 0; i < evidence->bound_count; i++)
        if (!binding_fits(about, &evidence->bound[i]))
            return false;
    return true;
}

/* The latest end among one dossier's records of the type (NONE: any of the kind agreement). */
static instant end_in(const struct scene *scene, const struct about *about,
                      const struct facts *facts, plan_index type, bool whole_dossier)
{
    instant end = ABSENT;
    if (facts == NULL)
        return end;
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        plan_index its = evidence_type(about->plan, evidence);
        if (its == NONE || !is_there(evidence->since, scene->t))
            continue;
        bool wanted =
            type == NONE ? about->plan->evidence[its].kind == KIND_AGREEMENT : its == type;
        if (wanted && (whole_dossier || evidence_fits(about, evidence)))
            end = later(end, evidence_until(about->plan, its, evidence));
    }
    return end;
}

instant agreement_end(const struct scene *scene, const struct about *about, plan_index type)
{
    const struct facts *subject = scene->view->subject;
    instant end = end_in(scene, about, subject, type, false);
    const struct facts *own = scene_matter(scene, about->item->matter);
    end = later(end, end_in(scene, about, own, type, true));
    for (size_t i = 0; i < subject->roles.count; i++) {
        const struct fact_role *role = &subject->roles.at[i];
        const struct facts *matter = scene_matter(scene, role->matter);
        if (matter == NULL || matter == own || !is_there(role->since, scene->t))
            continue;
        instant there = end_in(scene, about, matter, type, true);
        if (there.ms != ABSENT.ms)
            end = later(end, earlier(there, role->until));
    }
    return end;
}

static bool has_per(const struct about *about, const struct fact_evidence *evidence)
{
    uint32_t per = about->plan->purpose[about->purpose].per;
    for (unsigned slot = SLOT_NONE + 1; slot < SLOT_COUNT; slot++) {
        if ((per & (1u << slot)) == 0 || evidence_binding(evidence, (enum slot)slot) != NULL)
            continue;
        bool by_category = slot == SLOT_FIELD && evidence_binding(evidence, SLOT_CATEGORY) != NULL;
        if (!by_category)
            return false;
    }
    return true;
}

instant consent_end(const struct scene *scene, const struct about *about, instant after)
{
    const struct facts *subject = scene->view->subject;
    instant end = ABSENT;
    for (size_t i = 0; i < subject->evidence.count; i++) {
        const struct fact_evidence *evidence = &subject->evidence.at[i];
        if (evidence_type(about->plan, evidence) != KIND_CONSENT ||
            !is_there(evidence->since, scene->t) || !before(after, evidence->since))
            continue;
        if (evidence_binding(evidence, SLOT_PURPOSE) != NULL && has_per(about, evidence) &&
            evidence_fits(about, evidence))
            end = later(end, evidence_until(about->plan, KIND_CONSENT, evidence));
    }
    return end;
}

static instant role_end(const struct scene *scene, const struct about *about, plan_index role)
{
    word name = about->plan->role[role].clause.name;
    const struct facts *subject = scene->view->subject;
    instant end = ABSENT;
    for (size_t i = 0; i < subject->roles.count; i++) {
        const struct fact_role *held = &subject->roles.at[i];
        if (held->role == name && is_there(held->since, scene->t) &&
            same_matter(about->item, held->matter))
            end = later(end, held->until);
    }
    return end;
}

/* ---- events ---- */

struct event_search {
    word event;
    bool first;      /* the earliest, else the latest */
    dossier_id only; /* of this matter; zero: of any */
    instant found;   /* NEVER: not happened */
};

static void search_events(const struct scene *scene, const struct facts *facts, bool of_subject,
                          struct event_search *search)
{
    for (size_t i = 0; i < facts->events.count; i++) {
        const struct fact_event *event = &facts->events.at[i];
        if (event->event != search->event || !is_there(event->first, scene->t))
            continue;
        if (of_subject && !ID_IS_ZERO(search->only) && !ID_EQUAL(event->matter, search->only))
            continue;
        instant last = is_there(event->last, scene->t) ? event->last : event->first;
        if (search->first)
            search->found = earlier(search->found, event->first);
        else if (search->found.ms == NEVER.ms || before(search->found, last))
            search->found = last;
    }
}

/* `event` alone looks at the item's own matter when the event can be told by matter at all. */
static dossier_id own_matter(const struct scene *scene, const struct about *about,
                             const struct plan_event *event)
{
    dossier_id own = about->item->matter;
    if (ID_IS_ZERO(own))
        return own;
    if (event->of != NONE) {
        const struct facts *matter = scene_matter(scene, own);
        word kind = about->plan->matter[event->of].clause.name;
        return matter != NULL && matter->name == kind ? own : (dossier_id){{0}};
    }
    const struct facts *subject = scene->view->subject;
    for (size_t i = 0; i < subject->events.count; i++) {
        const struct fact_event *seen = &subject->events.at[i];
        if (seen->event == event->clause.name && ID_EQUAL(seen->matter, own) &&
            is_there(seen->first, scene->t))
            return own;
    }
    return (dossier_id){{0}};
}

static instant event_value(const struct scene *scene, const struct about *about,
                           const struct moment *moment)
{
    const struct plan_event *event = &about->plan->event[moment->ref];
    struct event_search search = {
        .event = event->clause.name, .first = moment->which == WHICH_FIRST, .found = NEVER};
    if (moment->which == WHICH_OWN)
        search.only = own_matter(scene, about, event);
    search_events(scene, scene->view->subject, true, &search);
    if (event->of == NONE)
        return search.found;
    for (size_t i = 0; i < scene->view->matter_count; i++) {
        const struct facts *matter = scene->view->matters[i];
        if (ID_IS_ZERO(search.only) || ID_EQUAL(matter->id, search.only))
            search_events(scene, matter, false, &search);
    }
    return search.found;
}

/* ---- expressions ---- */

static instant end_of_value(const struct scene *scene, const struct about *about,
                            const struct moment *moment)
{
    if (moment->of_role)
        return role_end(scene, about, moment->ref);
    if (about->plan->evidence[moment->ref].kind == KIND_AGREEMENT)
        return agreement_end(scene, about, moment->ref);
    return end_in(scene, about, scene->view->subject, moment->ref, false);
}

static instant combine(const struct scene *scene, const struct about *about,
                       const struct moment *moment)
{
    instant value = ABSENT;
    for (const struct moment *child = moment->child; child != NULL; child = child->next) {
        instant one = moment_value(scene, about, child);
        if (one.ms == ABSENT.ms)
            continue;
        if (value.ms == ABSENT.ms)
            value = one;
        else
            value = moment->op == MOMENT_EARLIEST ? earlier(value, one) : later(value, one);
    }
    return value;
}

/* Of an instant that a calendar knows. */
static struct date date_of(struct spans *spans, const struct zone *zone, instant at)
{
    if (spans->zone != zone || spans->dated.ms != at.ms) {
        spans->zone = zone;
        spans->dated = at;
        spans->date = instant_date(zone, at);
    }
    return spans->date;
}

static instant add_span(const struct scene *scene, const struct zone *zone, instant after,
                        struct span span)
{
    enum span_unit unit = (enum span_unit)span.unit;
    struct spans *spans = scene->spans;
    if (spans == NULL || unit == SPAN_HOUR)
        return instant_add_span(zone, after, span.count, unit);
    size_t place = ((size_t)span.count * (SPAN_YEAR + 1) + span.unit) % LENGTH(spans->at);
    struct remembered_span *last = &spans->at[place];
    if (last->zone != zone || last->after.ms != after.ms || last->span.count != span.count ||
        last->span.unit != span.unit)
        *last = (struct remembered_span){
            .zone = zone,
            .after = after,
            .end = date_add_span(zone, date_of(spans, zone, after), span.count, unit),
            .span = span};
    return last->end;
}

instant moment_value(const struct scene *scene, const struct about *about,
                     const struct moment *moment)
{
    const struct zone *zone = about->plan->zone;
    instant value;
    switch (moment->op) {
    case MOMENT_EARLIEST:
    case MOMENT_LATEST:
        return combine(scene, about, moment);
    case MOMENT_AFTER:
        value = moment_value(scene, about, moment->child);
        if (value.ms == ABSENT.ms || value.ms == NEVER.ms)
            return value;
        return add_span(scene, zone, value, moment->span);
    case MOMENT_YEAR_END:
        value = moment_value(scene, about, moment->child);
        return value.ms == ABSENT.ms || value.ms == NEVER.ms ? value : end_of_year(zone, value);
    case MOMENT_END_OF:
        return end_of_value(scene, about, moment);
    case MOMENT_COLLECTED:
        return about->item->collected;
    case MOMENT_EVENT:
        return event_value(scene, about, moment);
    case MOMENT_UNSPECIFIED:
        return NEVER;
    }
    return NEVER;
}

/* ---- what must be on file ---- */

static instant met_in(const struct scene *scene, const struct about *about,
                      const struct facts *facts, plan_index type)
{
    instant met = NEVER;
    if (facts == NULL)
        return met;
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        if (evidence_type(about->plan, evidence) == type &&
            evidence_is_live(scene, about->plan, type, evidence) && evidence_fits(about, evidence))
            met = earlier(met, evidence->since);
    }
    return met;
}

instant keep_needs_met(const struct scene *scene, const struct about *about,
                       const struct needs *needs, const struct need **missing)
{
    instant all = ALWAYS;
    for (size_t i = 0; i < needs->count; i++) {
        instant any = NEVER;
        for (size_t j = 0; j < needs->all[i].count; j++) {
            plan_index type = needs->all[i].any[j];
            any = earlier(any, met_in(scene, about, scene->view->subject, type));
            any =
                earlier(any, met_in(scene, about, scene_matter(scene, about->item->matter), type));
        }
        if (any.ms == NEVER.ms && missing != NULL && *missing == NULL)
            *missing = &needs->all[i];
        all = later(all, any);
    }
    return all;
}
