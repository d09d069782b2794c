/* settle: which purposes reach an item, when each ends, what is gone and when to look again.
 *
 *   item -> purposes that reach it -> their ends -> alive or gone
 *
 * Start reading at settle(), at the end. */
#include "decide_internal.h"

/* ---- what reaches beyond what was told ---- */

static bool bound_to_purpose(const struct fact_evidence *evidence, word purpose)
{
    const struct binding *bound = evidence_binding(evidence, SLOT_PURPOSE);
    return bound != NULL && bound->name == purpose;
}

static bool kind_for_purpose(const struct scene *scene, const struct plan *plan,
                             const struct facts *facts, enum evidence_kind kind, word purpose)
{
    if (facts == NULL)
        return false;
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        plan_index type = evidence_type(plan, evidence);
        if (type != NONE && plan->evidence[type].kind == kind &&
            bound_to_purpose(evidence, purpose) && evidence_is_live(scene, plan, type, evidence))
            return true;
    }
    return false;
}

bool has_compatibility(const struct scene *scene, const struct plan *plan, plan_index purpose)
{
    word name = plan->purpose[purpose].clause.name;
    return kind_for_purpose(scene, plan, scene->view->subject, KIND_COMPATIBILITY, name) ||
           kind_for_purpose(scene, plan, scene->view->register_, KIND_COMPATIBILITY, name);
}

bool has_consent(const struct scene *scene, const struct plan *plan, plan_index purpose)
{
    const struct facts *subject = scene->view->subject;
    word name = plan->purpose[purpose].clause.name;
    for (size_t i = 0; subject != NULL && i < subject->evidence.count; i++) {
        const struct fact_evidence *evidence = &subject->evidence.at[i];
        if (evidence_type(plan, evidence) == KIND_CONSENT && bound_to_purpose(evidence, name) &&
            evidence_is_live(scene, plan, KIND_CONSENT, evidence))
            return true;
    }
    return false;
}

static bool event_happened(const struct scene *scene, const struct facts *facts, word event)
{
    for (size_t i = 0; facts != NULL && i < facts->events.count; i++)
        if (facts->events.at[i].event == event && is_there(facts->events.at[i].first, scene->t))
            return true;
    return false;
}

static bool evidence_came(const struct scene *scene, const struct plan *plan,
                          const struct facts *facts, plan_index type)
{
    for (size_t i = 0; facts != NULL && i < facts->evidence.count; i++)
        if (evidence_type(plan, &facts->evidence.at[i]) == type &&
            is_there(facts->evidence.at[i].since, scene->t))
            return true;
    return false;
}

bool purpose_started(const struct scene *scene, const struct plan *plan, plan_index purpose,
                     const struct fact_item *item)
{
    const struct plan_purpose *p = &plan->purpose[purpose];
    const struct view *view = scene->view;
    if (p->starts_event == NONE && p->starts_evidence == NONE)
        return true;
    const struct facts *own = item == NULL ? NULL : scene_matter(scene, item->matter);
    if (p->starts_evidence != NONE)
        return evidence_came(scene, plan, view->subject, p->starts_evidence) ||
               evidence_came(scene, plan, own, p->starts_evidence);
    word event = plan->event[p->starts_event].clause.name;
    if (event_happened(scene, view->subject, event) || event_happened(scene, own, event))
        return true;
    if (item != NULL && !ID_IS_ZERO(item->matter))
        return false;
    for (size_t i = 0; i < view->matter_count; i++)
        if (event_happened(scene, view->matters[i], event))
            return true;
    return false;
}

/* ---- what keeps alive besides purposes ---- */

bool is_restricted(const struct scene *scene, const struct fact_item *item, plan_index field,
                   const struct plan *plan)
{
    const struct facts *subject = scene->view->subject;
    word category = field == NONE ? 0 : plan->category[plan->field[field].category].clause.name;
    for (size_t i = 0; subject != NULL && i < subject->restrictions.count; i++) {
        const struct fact_restriction *restriction = &subject->restrictions.at[i];
        if (!is_there(restriction->since, scene->t))
            continue;
        if (restriction->field_count == 0)
            return true;
        for (size_t f = 0; f < restriction->field_count; f++)
            if (restriction->fields[f] == item->field ||
                (category != 0 && restriction->fields[f] == category))
                return true;
    }
    for (size_t i = 0; subject != NULL && i < subject->concerns.count; i++) {
        const struct fact_concern *line = &subject->concerns.at[i];
        if (line->kind == CONCERN_HERE && ID_EQUAL(line->item, item->id) &&
            is_there(line->restricted, scene->t))
            return true;
    }
    return false;
}

static instant claim_until(const struct scene *scene, const struct facts *facts)
{
    instant until = ABSENT;
    for (size_t i = 0; facts != NULL && i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        plan_index type = evidence_type(scene->plan, evidence);
        if (type != NONE && scene->plan->evidence[type].kind == KIND_CLAIM &&
            evidence_is_live(scene, scene->plan, type, evidence))
            until = later(until, evidence_until(scene->plan, type, evidence));
    }
    return until;
}

/* ---- ends ---- */

struct ending {
    instant end, least;
    str rule;
    struct covers ids;
};

static void end_by(struct ending *ending, instant end, str rule, struct covers ids)
{
    if (before(end, ending->end))
        *ending = (struct ending){end, ending->least, rule, ids};
}

static struct covers nearest(struct covers near, struct covers parent)
{
    return near.count > 0 ? near : parent;
}

/* The last ground that was made for a purpose, with what it rested on: items of one dossier mostly
 * share it. */
struct remembered {
    bool there;
    struct ground ground;
    const struct keep_entry *entry;
    dossier_id matter;
    word version, source, controller, field;
    instant collected;
};

/* Whether a purpose has started, for items of one matter. */
struct start {
    bool known, started;
    dossier_id matter;
};

/* What an evaluation of one dossier carries along. */
struct settler {
    struct scene scene;
    struct arena *arena;
    instant claim;               /* ABSENT, or when the subject's claims end */
    struct start *starts;        /* by purpose */
    struct remembered *last;     /* by purpose */
    bool by_collected, by_field; /* whether ends may differ with these */
    plan_index *open;            /* purposes that may reach without having been told */
    bool *reaches;               /* of those: by compatibility or consent, whatever the item */
    size_t open_count;
    const struct settled *settled; /* of the items before the one at hand */
    instant next;
    bool no_memory;
};

static void look_again(struct settler *settler, instant at)
{
    if (before(settler->scene.t, at))
        settler->next = earlier(settler->next, at);
}

static str rule_of_basis(struct settler *settler, const struct plan_purpose *purpose)
{
    str rule = arena_format(settler->arena, "%.*s.basis", STR_ARG(purpose->clause.path));
    settler->no_memory |= rule.ptr == NULL;
    return rule;
}

static void end_by_keep(struct settler *settler, const struct about *about,
                        const struct keep_entry *entry, struct ending *ending)
{
    const struct plan_purpose *purpose = &about->plan->purpose[about->purpose];
    instant value = moment_value(&settler->scene, about, entry->until);
    if (value.ms == ABSENT.ms && !purpose->reuses)
        value = NEVER;
    ending->least = value;
    if (entry->needs.count > 0 && value.ms != NEVER.ms)
        value = later(value, keep_needs_met(&settler->scene, about, &entry->needs, NULL));
    end_by(ending, value, entry->path, nearest(entry->covers, purpose->clause.covers));
}

static void end_by_basis(struct settler *settler, const struct about *about, struct ending *ending)
{
    const struct plan_purpose *purpose = &about->plan->purpose[about->purpose];
    instant end = NEVER;
    if (purpose->basis == BASIS_CONSENT)
        end = consent_end(&settler->scene, about, ALWAYS);
    else if (purpose->basis == BASIS_CONTRACT && !purpose->before_contract)
        end = agreement_end(&settler->scene, about, NONE);
    if (before(end, ending->end))
        end_by(ending, end, rule_of_basis(settler, purpose), purpose->clause.covers);
}

/* `only_ended`: whether it ends the purpose; else whether it stops it for now. */
bool objection_counts(const struct plan *plan, plan_index purpose,
                      const struct fact_objection *objection, bool only_ended)
{
    const struct plan_purpose *p = &plan->purpose[purpose];
    if (p->basis == BASIS_LEGAL_DUTY)
        return false;
    bool meant = objection->purpose == p->clause.name;
    if (!meant && p->marketing == MARKETING_OWN) {
        plan_index other = plan_find(plan, plan->purpose_of, objection->purpose);
        meant = other != NONE && plan->purpose[other].marketing == MARKETING_OWN;
    }
    if (!meant || objection->state == OBJECTION_DISMISSED)
        return false;
    if (objection->state == OBJECTION_UPHELD || p->objection == OBJECTION_ABSOLUTE)
        return true;
    return p->objection == OBJECTION_WEIGHED && !only_ended;
}

/* An end that a consent given later lifts for as long as the consent stands. */
static instant lifted(struct settler *settler, const struct about *about, instant since)
{
    return later(since, consent_end(&settler->scene, about, since));
}

static void end_by_objection(struct settler *settler, const struct about *about,
                             struct ending *ending)
{
    const struct facts *subject = settler->scene.view->subject;
    for (size_t i = 0; i < subject->objections.count; i++) {
        const struct fact_objection *objection = &subject->objections.at[i];
        if (!is_there(objection->since, settler->scene.t) ||
            !objection_counts(about->plan, about->purpose, objection, true))
            continue;
        const struct plan_right *right = &about->plan->right[RIGHT_OBJECT];
        end_by(ending, lifted(settler, about, objection->since), STR("rights.object"),
               nearest(right->clause.covers, about->plan->right[RIGHT_ALL].clause.covers));
    }
}

static void end_by_switch(struct settler *settler, const struct about *about, struct ending *ending)
{
    const struct facts *subject = settler->scene.view->subject;
    for (size_t i = 0; i < subject->switches.count; i++) {
        const struct fact_switch *set = &subject->switches.at[i];
        plan_index stop = plan_find(about->plan, about->plan->stop_of, set->stop);
        if (stop == NONE || !is_there(set->since, settler->scene.t))
            continue;
        const struct plan_switch *clause = &about->plan->stop[stop];
        bool whole = set->channel == 0 && ID_IS_ZERO(set->recipient);
        if (whole && refs_has(&clause->stops_purposes, about->purpose))
            end_by(ending, lifted(settler, about, set->since), clause->clause.path,
                   clause->clause.covers);
        if (clause->erases.stated && field_set_has(&clause->erases, about->field) &&
            is_there(about->item->collected, set->since))
            end_by(ending, set->since, clause->clause.path, clause->clause.covers);
    }
}

static bool starts_with_claim(const struct plan *plan, const struct plan_purpose *purpose)
{
    return purpose->starts_evidence != NONE &&
           plan->evidence[purpose->starts_evidence].kind == KIND_CLAIM;
}

static void end_by_request(struct settler *settler, const struct about *about,
                           struct ending *ending)
{
    const struct plan_purpose *purpose = &about->plan->purpose[about->purpose];
    instant asked = settler->scene.view->subject->erase_asked;
    if (!is_there(asked, settler->scene.t) || before(asked, about->item->collected) ||
        starts_with_claim(about->plan, purpose))
        return;
    const struct plan_right *right = &about->plan->right[RIGHT_ERASE];
    end_by(ending, asked, STR("rights.erase"),
           nearest(right->clause.covers, about->plan->right[RIGHT_ALL].clause.covers));
}

/* The end under one plan. `keeps` says whether the purpose holds the item alive at all. */
static struct ending end_under(struct settler *settler, const struct about *about, bool *keeps)
{
    const struct plan_purpose *purpose = &about->plan->purpose[about->purpose];
    struct ending ending = {NEVER, NEVER, purpose->clause.path, purpose->clause.covers};
    const struct keep_entry *entry = keep_entry_of(purpose, about->field);
    *keeps = entry != NULL;
    if (entry != NULL) {
        ending.rule = entry->path;
        ending.ids = nearest(entry->covers, purpose->clause.covers);
        end_by_keep(settler, about, entry, &ending);
    }
    end_by_basis(settler, about, &ending);
    if (purpose->basis == BASIS_LEGAL_DUTY)
        return ending;
    end_by_objection(settler, about, &ending);
    end_by_switch(settler, about, &ending);
    end_by_request(settler, about, &ending);
    return ending;
}

/* The same purpose under the version that the item was collected under; false when that version
 * has nothing to say about it. */
static bool about_older(const struct settler *settler, const struct about *about,
                        struct about *older)
{
    const struct plan_version *version =
        plans_by_word(settler->scene.view->plans, about->item->version);
    if (version == NULL || version == settler->scene.version)
        return false;
    const struct plan *plan = version->plan;
    word name = about->plan->purpose[about->purpose].clause.name;
    *older = (struct about){plan, plan_find(plan, plan->purpose_of, name),
                            plan_find(plan, plan->field_of, about->item->field), about->item};
    return older->purpose != NONE && older->field != NONE &&
           !plan->purpose[older->purpose].clause.closed &&
           field_set_has(&plan->purpose[older->purpose].uses, older->field);
}

static bool is_started(struct settler *settler, plan_index purpose, const struct fact_item *item)
{
    struct start *start = &settler->starts[purpose];
    if (!start->known || !ID_EQUAL(start->matter, item->matter))
        *start = (struct start){
            true, purpose_started(&settler->scene, settler->scene.plan, purpose, item),
            item->matter};
    return start->started;
}

static struct ground make_ground(struct settler *settler, const struct about *about)
{
    struct ground ground = {
        .purpose = about->purpose,
        .started = is_started(settler, about->purpose, about->item),
    };
    struct ending ending = end_under(settler, about, &ground.keeps);
    struct about older;
    if (about_older(settler, about, &older)) {
        bool keeps;
        struct ending old = end_under(settler, &older, &keeps);
        bool longer = about->plan->purpose[about->purpose].basis == BASIS_LEGAL_DUTY;
        if (longer ? before(ending.end, old.end) : before(old.end, ending.end))
            ending = old;
        ground.keeps = longer ? ground.keeps || keeps : ground.keeps && keeps;
    }
    ground.end = ending.end;
    ground.least = ending.least;
    ground.rule = ending.rule;
    ground.ids = ending.ids;
    return ground;
}

static bool is_about_fields(const struct facts *facts)
{
    bool about = false;
    for (size_t i = 0; i < facts->evidence.count; i++)
        about |= evidence_binding(&facts->evidence.at[i], SLOT_FIELD) != NULL ||
                 evidence_binding(&facts->evidence.at[i], SLOT_CATEGORY) != NULL;
    return about;
}

/* Whether evidence, or a switch of the subject, tells items of one matter apart by field, or by
 * when they came. */
static void find_differences(struct settler *settler)
{
    const struct view *view = settler->scene.view;
    const struct facts *subject = view->subject;
    settler->by_collected = settler->by_field = subject->switches.count > 0;
    settler->by_collected |= subject->erase_asked.ms != NEVER.ms;
    settler->by_field |= is_about_fields(subject);
    for (size_t i = 0; i < view->matter_count; i++)
        settler->by_field |= is_about_fields(view->matters[i]);
}

static bool looks_at_collected(const struct moment *moment)
{
    if (moment == NULL)
        return false;
    if (moment->op == MOMENT_COLLECTED)
        return true;
    for (const struct moment *child = moment->child; child != NULL; child = child->next)
        if (looks_at_collected(child))
            return true;
    return false;
}

static bool is_remembered(const struct settler *settler, const struct remembered *last,
                          const struct about *about, const struct keep_entry *entry)
{
    const struct fact_item *item = about->item;
    if (!last->there || last->entry != entry || last->version != item->version ||
        last->source != item->source || last->controller != item->controller ||
        !ID_EQUAL(last->matter, item->matter))
        return false;
    /* Under an older version the entry may be another, by field and by what it looks at. */
    bool older = item->version != settler->scene.version->version;
    if ((settler->by_field || older) && last->field != item->field)
        return false;
    return last->collected.ms == item->collected.ms ||
           (!settler->by_collected && !older &&
            (entry == NULL || !looks_at_collected(entry->until)));
}

/* A ground from what was made for an item before, when nothing that it rests on differs. */
static struct ground ground_of(struct settler *settler, const struct about *about)
{
    const struct plan_purpose *purpose = &about->plan->purpose[about->purpose];
    const struct keep_entry *entry = keep_entry_of(purpose, about->field);
    struct remembered *last = &settler->last[about->purpose];
    if (is_remembered(settler, last, about, entry))
        return last->ground;
    const struct fact_item *item = about->item;
    *last = (struct remembered){
        .there = true,
        .ground = make_ground(settler, about),
        .entry = entry,
        .matter = item->matter,
        .version = item->version,
        .source = item->source,
        .controller = item->controller,
        .field = item->field,
        .collected = item->collected,
    };
    return last->ground;
}

/* ---- reaching ---- */

/* Marks the purposes that a live record of the dossier opens: consent (of the subject), or
 * compatibility. */
static void mark_opened(const struct scene *scene, const struct facts *facts, bool *opened)
{
    const struct plan *plan = scene->plan;
    for (size_t i = 0; facts != NULL && i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        plan_index type = evidence_type(plan, evidence);
        if (type == NONE || (plan->evidence[type].kind != KIND_COMPATIBILITY &&
                             (type != KIND_CONSENT || facts != scene->view->subject)))
            continue;
        const struct binding *bound = evidence_binding(evidence, SLOT_PURPOSE);
        plan_index purpose =
            bound == NULL ? (plan_index)NONE : plan_find(plan, plan->purpose_of, bound->name);
        if (purpose != NONE && evidence_is_live(scene, plan, type, evidence))
            opened[purpose] = true;
    }
}

/* Purposes that could reach an item though it was not told of them. */
static bool find_open(struct settler *settler)
{
    const struct plan *plan = settler->scene.plan;
    settler->open = ARENA_ARRAY(settler->arena, plan_index, (size_t)plan->purpose_count + 1);
    settler->reaches = ARENA_ARRAY(settler->arena, bool, (size_t)plan->purpose_count + 1);
    if (settler->open == NULL || settler->reaches == NULL)
        return false;
    mark_opened(&settler->scene, settler->scene.view->subject, settler->reaches);
    mark_opened(&settler->scene, settler->scene.view->register_, settler->reaches);
    for (size_t p = 0; p < plan->purpose_count; p++)
        if (!plan->purpose[p].clause.closed && (plan->purpose[p].reuses || settler->reaches[p]))
            settler->open[settler->open_count++] = (plan_index)p;
    return true;
}

static bool open_reaches(struct settler *settler, plan_index purpose, const struct fact_item *item)
{
    return settler->reaches[purpose] ||
           (settler->scene.plan->purpose[purpose].reuses && is_started(settler, purpose, item));
}

/* What a merge found to end earlier where the item was. */
static void end_by_limits(const struct settler *settler, const struct fact_item *item,
                          struct ground *ground)
{
    const struct facts *subject = settler->scene.view->subject;
    word purpose = settler->scene.plan->purpose[ground->purpose].clause.name;
    for (size_t i = 0; i < subject->limits.count; i++) {
        const struct fact_limit *limit = &subject->limits.at[i];
        if (limit->use_only || !limit_has(limit, item, purpose) ||
            !before(limit->until, ground->end))
            continue;
        ground->end = limit->until;
        ground->rule = STR("always.merge_opens_nothing");
        ground->ids = (struct covers){0};
    }
}

static void add_ground(struct settler *settler, struct settled_item *out, struct about *about,
                       plan_index purpose)
{
    const struct plan_purpose *clause = &about->plan->purpose[purpose];
    if (clause->clause.closed || !field_set_has(&clause->uses, about->field))
        return;
    for (size_t i = 0; i < out->ground_count; i++)
        if (out->grounds[i].purpose == purpose)
            return;
    about->purpose = purpose;
    out->grounds[out->ground_count] = ground_of(settler, about);
    end_by_limits(settler, about->item, &out->grounds[out->ground_count++]);
}

static bool find_grounds(struct settler *settler, struct settled_item *out)
{
    const struct plan *plan = settler->scene.plan;
    const struct fact_item *item = out->item;
    struct about about = {plan, NONE, plan_find(plan, plan->field_of, item->field), item};
    if (about.field == NONE)
        return true;
    out->grounds =
        ARENA_ARRAY(settler->arena, struct ground, item->told_count + settler->open_count + 1);
    if (out->grounds == NULL)
        return false;
    for (size_t i = 0; i < item->told_count; i++) {
        plan_index purpose = plan_find(plan, plan->purpose_of, item->told[i]);
        if (purpose != NONE)
            add_ground(settler, out, &about, purpose);
    }
    for (size_t i = 0; i < settler->open_count; i++)
        if (open_reaches(settler, settler->open[i], item))
            add_ground(settler, out, &about, settler->open[i]);
    return !settler->no_memory;
}

/* ---- alive or gone ---- */

/* A purpose that has not started holds an item only until the first of those that the item was told
 * for starts. What the item was told for is looked at, not what reaches it: closing a clause must
 * not keep anything alive. */
static bool told_has_started(struct settler *settler, const struct fact_item *item)
{
    const struct scene *scene = &settler->scene;
    for (size_t i = 0; i < item->told_count; i++) {
        plan_index purpose = plan_find(scene->plan, scene->plan->purpose_of, item->told[i]);
        if (purpose == NONE ||
            (!scene->plan->purpose[purpose].keep.none && is_started(settler, purpose, item)))
            return true;
    }
    return false;
}

/* The end by purposes: the last of those that keep. What was made from other data ends with the
 * last profiling, too. */
static struct ending end_of_grounds(struct settler *settler, const struct settled_item *item)
{
    const struct ground *last = NULL, *profiling = NULL;
    const struct plan *plan = settler->scene.plan;
    plan_index field = plan_find(plan, plan->field_of, item->item->field);
    bool derived = field != NONE && plan->category[plan->field[field].category].made_from.stated;
    bool started = told_has_started(settler, item->item);
    for (size_t i = 0; i < item->ground_count; i++) {
        const struct ground *ground = &item->grounds[i];
        bool holds = ground->keeps && (ground->started || !started);
        if (holds && (last == NULL || !before(ground->end, last->end)))
            last = ground;
        if (derived && plan->purpose[ground->purpose].profiling &&
            (profiling == NULL || !before(ground->end, profiling->end)))
            profiling = ground;
    }
    if (derived && (profiling == NULL || (last != NULL && before(profiling->end, last->end))))
        last = profiling;
    if (last == NULL)
        return (struct ending){ABSENT, NEVER, STR("always.ends_with_last_purpose"), {0}};
    return (struct ending){last->end, last->least, last->rule, last->ids};
}

/* Of the items that this one was made from, those that stand before it: when the last of them ends.
 * What went is not there, and what was made of it goes with it. */
static instant end_of_inputs(const struct settler *settler, const struct settled_item *out)
{
    instant end = ABSENT;
    for (const struct settled_item *there = settler->settled->items; there != out; there++) {
        for (size_t i = 0; i < out->item->made_from_count; i++) {
            if (ID_EQUAL(there->item->id, out->item->made_from[i]))
                end = later(end, there->end);
        }
    }
    return end;
}

/* The particulars of a record live as long as what they detail is among the facts. */
static bool details_something(const struct facts *facts, const struct fact_item *item)
{
    for (size_t i = 0; i < facts->evidence.count; i++)
        if (ID_EQUAL(facts->evidence.at[i].details, item->id))
            return true;
    for (size_t i = 0; i < facts->tasks.count; i++)
        if (ID_EQUAL(facts->tasks.at[i].details, item->id))
            return true;
    return false;
}

static bool settle_item(struct settler *settler, const struct fact_item *item,
                        struct settled_item *out)
{
    const struct scene *scene = &settler->scene;
    *out = (struct settled_item){.item = item, .end = NEVER};
    instant claim = later(settler->claim, claim_until(scene, scene_matter(scene, item->matter)));
    out->held = claim.ms != ABSENT.ms;
    if (item->field == 0) {
        out->alive = details_something(scene->view->subject, item);
        return true;
    }
    if (!find_grounds(settler, out))
        return false;
    struct ending ending = end_of_grounds(settler, out);
    if (item->made_from_count > 0) {
        instant inputs = end_of_inputs(settler, out);
        if (before(inputs, ending.end))
            ending =
                (struct ending){inputs, inputs, STR("always.ends_with_last_purpose"), {0}};
    }
    plan_index field = plan_find(scene->plan, scene->plan->field_of, item->field);
    out->restricted = is_restricted(scene, item, field, scene->plan);
    out->rule = ending.rule;
    out->ids = ending.ids;
    out->end = out->restricted ? NEVER : later(ending.end, claim);
    out->alive = before(scene->t, out->end);
    return true;
}

/* ---- when to look again ---- */

static void look_at_evidence(struct settler *settler, const struct facts *facts)
{
    const struct plans *plans = settler->scene.view->plans;
    for (size_t i = 0; facts != NULL && i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        look_again(settler, evidence->since);
        look_again(settler, evidence->until);
        for (size_t v = 0; v < plans->count; v++) { /* `valid` may differ from version to version */
            plan_index type = evidence_type(plans->at[v].plan, evidence);
            if (type != NONE && plans->at[v].plan->evidence[type].valid.stated)
                look_again(settler, evidence_until(plans->at[v].plan, type, evidence));
        }
    }
}

static void look_at_events(struct settler *settler, const struct facts *facts)
{
    for (size_t i = 0; i < facts->events.count; i++) {
        look_again(settler, facts->events.at[i].first);
        look_again(settler, facts->events.at[i].last);
    }
}

/* Of the register's own evidence only decisions of compatibility matter here; looking at all of it
 * would make every dossier due whenever any of it changed. */
static void look_at_register(struct settler *settler)
{
    const struct facts *facts = settler->scene.view->register_;
    const struct plan *plan = settler->scene.plan;
    for (size_t i = 0; facts != NULL && i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        plan_index type = evidence_type(plan, evidence);
        if (type == NONE || plan->evidence[type].kind != KIND_COMPATIBILITY)
            continue;
        look_again(settler, evidence->since);
        look_again(settler, evidence_until(plan, type, evidence));
    }
}

static void look_at_subject(struct settler *settler, const struct facts *subject)
{
    for (size_t i = 0; i < subject->roles.count; i++) {
        look_again(settler, subject->roles.at[i].since);
        look_again(settler, subject->roles.at[i].until);
    }
    for (size_t i = 0; i < subject->objections.count; i++)
        look_again(settler, subject->objections.at[i].since);
    for (size_t i = 0; i < subject->switches.count; i++)
        look_again(settler, subject->switches.at[i].since);
    for (size_t i = 0; i < subject->restrictions.count; i++)
        look_again(settler, subject->restrictions.at[i].since);
    for (size_t i = 0; i < subject->limits.count; i++)
        look_again(settler, subject->limits.at[i].until);
    for (size_t i = 0; i < subject->concerns.count; i++)
        look_again(settler, subject->concerns.at[i].restricted);
    look_again(settler, subject->erase_asked);
    look_at_evidence(settler, subject);
    look_at_events(settler, subject);
}

static void find_next(struct settler *settler, const struct settled *settled)
{
    const struct view *view = settler->scene.view;
    look_at_subject(settler, view->subject);
    for (size_t i = 0; i < view->matter_count; i++) {
        look_at_evidence(settler, view->matters[i]);
        look_at_events(settler, view->matters[i]);
    }
    look_at_register(settler);
    for (size_t v = 0; v < view->plans->count; v++)
        look_again(settler, view->plans->at[v].effective);
    for (size_t i = 0; i < settled->count; i++) {
        look_again(settler, settled->items[i].end);
        for (size_t g = 0; g < settled->items[i].ground_count; g++)
            look_again(settler, settled->items[i].grounds[g].end);
    }
}

/* ---- the dossier as a whole ---- */

static bool keeps_dossier(const struct scene *scene, const struct facts *subject)
{
    for (size_t i = 0; i < subject->restrictions.count; i++)
        if (is_there(subject->restrictions.at[i].since, scene->t))
            return true;
    for (size_t i = 0; i < subject->roles.count; i++) {
        const struct fact_role *role = &subject->roles.at[i];
        if (!role->opened && role->until.ms == NEVER.ms && is_there(role->since, scene->t))
            return true;
    }
    for (size_t i = 0; i < subject->evidence.count; i++) {
        const struct fact_evidence *evidence = &subject->evidence.at[i];
        plan_index type = evidence_type(scene->plan, evidence);
        if (type == NONE || !evidence_is_live(scene, scene->plan, type, evidence))
            continue;
        enum evidence_kind kind = scene->plan->evidence[type].kind;
        if (kind == KIND_AGREEMENT || kind == KIND_CONSENT || kind == KIND_CLAIM)
            return true;
    }
    return false;
}

/* Who never gave a value is kept as long as a record of theirs is live, as a notice that comes
 * before what is collected; with no record at all nothing has ended. */
static bool has_begun(const struct scene *scene, const struct facts *subject)
{
    bool recorded = false;
    if (subject->had_items)
        return true;
    for (size_t i = 0; i < subject->items.count; i++)
        if (subject->items.at[i].field != 0)
            return true;
    for (size_t i = 0; i < subject->evidence.count; i++) {
        const struct fact_evidence *evidence = &subject->evidence.at[i];
        plan_index type = evidence_type(scene->plan, evidence);
        recorded |= type != NONE && is_there(evidence->since, scene->t);
        if (type != NONE && evidence_is_live(scene, scene->plan, type, evidence))
            return false;
    }
    return recorded;
}

static bool is_whole(const struct scene *scene, const struct settled *settled)
{
    const struct facts *subject = scene->view->subject;
    if (!has_begun(scene, subject))
        return false;
    for (size_t i = 0; i < settled->count; i++)
        if (settled->items[i].alive && settled->items[i].item->field != 0)
            return false;
    return !keeps_dossier(scene, subject);
}

/* With no version in force nothing is reached and nothing may go: the register has not begun. */
static void settle_before_all(const struct view *view, instant t, struct settled *settled)
{
    for (size_t i = 0; i < settled->count; i++)
        settled->items[i] =
            (struct settled_item){.item = &view->subject->items.at[i], .alive = true, .end = NEVER};
    for (size_t v = 0; v < view->plans->count; v++)
        if (before(t, view->plans->at[v].effective))
            settled->next = earlier(settled->next, view->plans->at[v].effective);
}

status settle(const struct view *view, instant t, struct arena *arena, struct report *report,
              struct settled *settled)
{
    assert(view != NULL);
    assert(view->plans != NULL);
    *settled = (struct settled){.next = NEVER};
    if (view->subject == NULL)
        return OK;
    settled->count = view->subject->items.count;
    settled->items = ARENA_ARRAY(arena, struct settled_item, settled->count);
    if (settled->items == NULL)
        return NO_MEMORY(report);
    const struct plan_version *version = plans_in_force(view->plans, t);
    if (version == NULL) {
        settle_before_all(view, t, settled);
        return OK;
    }
    struct spans spans = {0};
    struct settler settler = {
        .scene = {view, t, version, version->plan, &spans},
        .arena = arena,
        .settled = settled,
        .next = NEVER};
    settler.claim = claim_until(&settler.scene, view->subject);
    settler.last = ARENA_ARRAY(arena, struct remembered, (size_t)version->plan->purpose_count + 1);
    settler.starts = ARENA_ARRAY(arena, struct start, (size_t)version->plan->purpose_count + 1);
    if (settler.last == NULL || settler.starts == NULL || !find_open(&settler))
        return NO_MEMORY(report);
    find_differences(&settler);
    for (size_t i = 0; i < settled->count; i++)
        if (!settle_item(&settler, &view->subject->items.at[i], &settled->items[i]))
            return NO_MEMORY(report);
    find_next(&settler, settled);
    settled->next = settler.next;
    settled->whole = is_whole(&settler.scene, settled);
    return OK;
}
