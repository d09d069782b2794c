/* settle: which purposes reach an item, when each ends, what is gone and when to look again.
 *
 *   item -> purposes that reach it -> their ends -> alive or gone
 *
 * Start reading at settle(), at the end. */
#include "decide_internal.h"

const struct end_rule rule_none;

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

static void end_by(struct ground *ground, instant end, const struct end_rule *rule)
{
    if (before(end, ground->end)) {
        ground->end = end;
        ground->rule = rule;
    }
}

/* Items of one dossier mostly come from one place under one version: they have a number together,
 * from 1 on. */
struct origin {
    uint32_t number;
    const struct fact_item *item;     /* the first of them */
    const struct plan_version *older; /* under which they were collected; NULL: that in force */
    instant claim;                    /* ABSENT, or when claims on them end */
};

enum { GROUNDS_TOGETHER = 16 };

/* Items of one origin that nothing tells apart, and their grounds. */
struct kind {
    uint32_t origin;
    plan_index like;
    bool by_collected; /* when they were collected counts */
    uint32_t number;   /* from 1 on */
    uint16_t ground_count;
    struct ground *grounds;
    const struct ground *last;    /* to end of those that keep; NULL: nothing does */
    const struct fact_item *item; /* the first of them */
};

/* What a moment comes to for the items of one origin. */
struct known_moment {
    uint32_t origin, moment;
    instant collected, value;
    instant end; /* of a ground that is plain; it was looked at */
    bool is_end; /* else `end` is not known yet */
};

/* What a purpose is to the items of one origin. */
struct standing {
    uint32_t origin;
    uint32_t kind; /* number of the last one that it is a ground of */
    bool started;
    bool opened; /* to items of any: by compatibility or consent */
};

/* What an evaluation of one dossier carries along. */
struct settler {
    struct scene scene;
    struct arena *arena;
    const struct settled *settled; /* of the items before the one at hand */
    instant claim;                 /* ABSENT, or when the subject's claims end */
    bool by_collected, by_field;   /* tells items apart whatever their purposes */
    bool by_purpose;               /* tells evidence apart that is bound to one, or to a field */
    bool may_stop;                 /* the person objected, switched off, or asked for erasure */
    bool plain;                    /* of this origin nothing ends a ground before its moment */
    bool may_restrict;             /* she, or whom something of hers is about, restricted it */
    struct standing *standings;    /* by purpose */
    const plan_index *open;        /* purposes that may reach without having been told */
    size_t open_count;
    struct origin origin;
    bool looked_at_collected; /* since the kind at hand was begun */
    struct kind kinds[8];
    uint32_t kind_count;
    struct ground *spare; /* grounds, taken together */
    size_t spare_count;
    struct known_moment moments[32];
    instant next;
};

static void look_again(struct settler *settler, instant at)
{
    if (before(settler->scene.t, at))
        settler->next = earlier(settler->next, at);
}

/* Its place; what is there may be another's. */
static inline struct known_moment *place_of(struct settler *settler, uint32_t moment)
{
    return &settler->moments[moment % LENGTH(settler->moments)];
}

static inline bool is_known(const struct settler *settler, const struct known_moment *known,
                            uint32_t moment, instant collected)
{
    return known->moment == moment && known->origin == settler->origin.number &&
           known->collected.ms == collected.ms;
}

/* Purposes mostly share what they count from. */
static instant moment_of(struct settler *settler, const struct about *about,
                         const struct keep_entry *entry)
{
    settler->looked_at_collected |= entry->by_collected;
    if ((entry->by_evidence && settler->by_purpose) || about->plan != settler->scene.plan)
        return moment_value(&settler->scene, about, entry->until);
    instant collected = entry->by_collected ? about->item->collected : ALWAYS;
    struct known_moment *known = place_of(settler, entry->moment);
    if (!is_known(settler, known, entry->moment, collected))
        *known = (struct known_moment){.origin = settler->origin.number,
                                       .moment = entry->moment,
                                       .collected = collected,
                                       .value = moment_value(&settler->scene, about, entry->until)};
    return known->value;
}

static inline void end_by_keep(struct settler *settler, const struct about *about,
                               const struct keep_entry *entry, struct ground *ground)
{
    instant value = moment_of(settler, about, entry);
    if (value.ms == ABSENT.ms && !about->plan->purpose[about->purpose].reuses)
        value = NEVER;
    ground->keeps = true;
    ground->least = value;
    ground->rule = &entry->rule;
    if (entry->needs.count > 0 && value.ms != NEVER.ms)
        value = later(value, keep_needs_met(&settler->scene, about, &entry->needs, NULL));
    ground->end = value;
}

static void end_by_basis(struct settler *settler, const struct about *about, struct ground *ground)
{
    const struct plan_purpose *purpose = &about->plan->purpose[about->purpose];
    instant end = purpose->basis == BASIS_CONSENT ? consent_end(&settler->scene, about, ALWAYS)
                                                  : agreement_end(&settler->scene, about, NONE);
    end_by(ground, end, &purpose->rule_of_basis);
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
                             struct ground *ground)
{
    const struct facts *subject = settler->scene.view->subject;
    for (size_t i = 0; i < subject->objections.count; i++) {
        const struct fact_objection *objection = &subject->objections.at[i];
        if (!is_there(objection->since, settler->scene.t) ||
            !objection_counts(about->plan, about->purpose, objection, true))
            continue;
        end_by(ground, lifted(settler, about, objection->since),
               &about->plan->right[RIGHT_OBJECT].rule);
    }
}

static void end_by_switch(struct settler *settler, const struct about *about, struct ground *ground)
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
            end_by(ground, lifted(settler, about, set->since), &clause->rule);
        if (clause->erases.stated && field_set_has(&clause->erases, about->field) &&
            is_there(about->item->collected, set->since))
            end_by(ground, set->since, &clause->rule);
    }
}

static bool starts_with_claim(const struct plan *plan, const struct plan_purpose *purpose)
{
    return purpose->starts_evidence != NONE &&
           plan->evidence[purpose->starts_evidence].kind == KIND_CLAIM;
}

static void end_by_request(struct settler *settler, const struct about *about,
                           struct ground *ground)
{
    const struct plan_purpose *purpose = &about->plan->purpose[about->purpose];
    instant asked = settler->scene.view->subject->erase_asked;
    if (!is_there(asked, settler->scene.t) || before(asked, about->item->collected) ||
        starts_with_claim(about->plan, purpose))
        return;
    end_by(ground, asked, &about->plan->right[RIGHT_ERASE].rule);
}

static void end_by_person(struct settler *settler, const struct about *about, struct ground *ground)
{
    if (about->plan->purpose[about->purpose].basis == BASIS_LEGAL_DUTY)
        return;
    end_by_objection(settler, about, ground);
    end_by_switch(settler, about, ground);
    end_by_request(settler, about, ground);
}

/* The ground under one plan. */
static inline void end_under(struct settler *settler, const struct about *about,
                             const struct plan_purpose *purpose, struct ground *ground)
{
    const struct keep_entry *entry = keep_entry_of(about->plan, about->purpose, about->field);
    *ground = (struct ground){.end = NEVER, .least = NEVER, .rule = &purpose->rule};
    if (entry != NULL)
        end_by_keep(settler, about, entry, ground);
    if (purpose->basis == BASIS_CONSENT ||
        (purpose->basis == BASIS_CONTRACT && !purpose->before_contract))
        end_by_basis(settler, about, ground);
    if (settler->may_stop)
        end_by_person(settler, about, ground);
}

/* The same purpose under the version that the item was collected under; false when that version
 * has nothing to say about it. */
static bool about_older(const struct settler *settler, const struct about *about,
                        struct about *older)
{
    const struct plan *plan = settler->origin.older->plan;
    word name = about->plan->purpose[about->purpose].clause.name;
    *older = (struct about){plan, plan_find(plan, plan->purpose_of, name),
                            plan_find(plan, plan->field_of, about->item->field), about->item};
    return older->purpose != NONE && older->field != NONE &&
           plan_reach(plan, older->purpose, older->field)->entry != NONE;
}

static bool has_started(struct settler *settler, plan_index purpose, const struct fact_item *item)
{
    struct standing *standing = &settler->standings[purpose];
    if (standing->origin != settler->origin.number) {
        standing->origin = settler->origin.number;
        standing->started = purpose_started(&settler->scene, settler->scene.plan, purpose, item);
    }
    return standing->started;
}

static inline bool is_started(struct settler *settler, plan_index purpose,
                              const struct fact_item *item)
{
    const struct plan_purpose *p = &settler->scene.plan->purpose[purpose];
    return (p->starts_event == NONE && p->starts_evidence == NONE) ||
           has_started(settler, purpose, item);
}

/* Both versions must let a purpose go on, save for a duty of law, which each can prolong. */
static void end_by_older(struct settler *settler, const struct about *about, struct ground *ground)
{
    struct about older;
    struct ground old = {0};
    if (!about_older(settler, about, &older))
        return;
    end_under(settler, &older, &older.plan->purpose[older.purpose], &old);
    bool longer = about->plan->purpose[about->purpose].basis == BASIS_LEGAL_DUTY;
    bool keeps = longer ? ground->keeps || old.keeps : ground->keeps && old.keeps;
    if (longer ? before(ground->end, old.end) : before(old.end, ground->end))
        *ground = old;
    ground->keeps = keeps;
}

static bool is_bound_to(const struct facts *facts, enum slot slot)
{
    for (size_t i = 0; i < facts->evidence.count; i++)
        if (evidence_binding(&facts->evidence.at[i], slot) != NULL)
            return true;
    return false;
}

static bool is_about_fields(const struct facts *facts)
{
    return is_bound_to(facts, SLOT_FIELD) || is_bound_to(facts, SLOT_CATEGORY);
}

/* Whether evidence, or what the person stopped, tells items of one origin apart by field, or by
 * when they came. */
static void find_differences(struct settler *settler)
{
    const struct view *view = settler->scene.view;
    const struct facts *subject = view->subject;
    bool switched = subject->switches.count > 0, asked = subject->erase_asked.ms != NEVER.ms;
    settler->may_stop = switched || asked || subject->objections.count > 0;
    settler->may_restrict = subject->restrictions.count > 0 || subject->concerns.count > 0;
    settler->by_collected = switched || asked;
    settler->by_field = switched || is_about_fields(subject);
    for (size_t i = 0; i < view->matter_count; i++)
        settler->by_field |= is_about_fields(view->matters[i]);
    settler->by_purpose = settler->by_field || is_bound_to(subject, SLOT_PURPOSE);
}

static void enter_origin(struct settler *settler, const struct fact_item *item)
{
    const struct scene *scene = &settler->scene;
    struct origin *origin = &settler->origin;
    const struct fact_item *first = origin->item;
    if (first != NULL && first->version == item->version && first->source == item->source &&
        first->controller == item->controller && ID_EQUAL(first->matter, item->matter) &&
        (!settler->by_collected || first->collected.ms == item->collected.ms))
        return;
    const struct plan_version *version = plans_by_word(scene->view->plans, item->version);
    instant claim = claim_until(scene, scene_matter(scene, item->matter));
    *origin = (struct origin){.number = origin->number + 1,
                              .item = item,
                              .older = version == scene->version ? NULL : version,
                              .claim = later(settler->claim, claim)};
    settler->plain =
        origin->older == NULL && !settler->may_stop && scene->view->subject->limits.count == 0;
}

/* ---- reaching ---- */

/* Marks the purposes that a live record of the dossier opens: consent (of the subject), or
 * compatibility. */
static bool mark_opened(struct settler *settler, const struct facts *facts)
{
    const struct scene *scene = &settler->scene;
    const struct plan *plan = scene->plan;
    bool any = false;
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
            any = settler->standings[purpose].opened = true;
    }
    return any;
}

/* Purposes that could reach an item though it was not told of them. */
static bool find_open(struct settler *settler)
{
    const struct plan *plan = settler->scene.plan;
    bool by_subject = mark_opened(settler, settler->scene.view->subject);
    bool by_register = mark_opened(settler, settler->scene.view->register_);
    settler->open = plan->reusing.at;
    settler->open_count = plan->reusing.count;
    if (!by_subject && !by_register)
        return true;
    plan_index *open = ARENA_ARRAY(settler->arena, plan_index, (size_t)plan->purpose_count + 1);
    if (open == NULL)
        return false;
    settler->open = open;
    settler->open_count = 0;
    for (plan_index p = 0; p < plan->purpose_count; p++)
        if (!plan->purpose[p].clause.closed &&
            (plan->purpose[p].reuses || settler->standings[p].opened))
            open[settler->open_count++] = p;
    return true;
}

/* NONE when it does not reach the item after all. */
static plan_index open_of(struct settler *settler, size_t place, const struct fact_item *item)
{
    plan_index purpose = settler->open[place];
    bool reaches =
        settler->standings[purpose].opened ||
        (settler->scene.plan->purpose[purpose].reuses && is_started(settler, purpose, item));
    return reaches ? purpose : (plan_index)NONE;
}

static const struct end_rule merge_opens_nothing = {.path = {"always.merge_opens_nothing", 26}};

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
        ground->rule = &merge_opens_nothing;
    }
}

/* What most grounds are: a moment, and nobody else has a say. */
static inline bool make_plain(struct settler *settler, const struct plan_reach *reach,
                              const struct fact_item *item, struct ground *ground)
{
    struct known_moment *known = place_of(settler, reach->moment);
    instant collected = reach->by_collected ? item->collected : ALWAYS;
    if (!reach->plain || !settler->plain || !is_known(settler, known, reach->moment, collected) ||
        !known->is_end)
        return false;
    settler->looked_at_collected |= reach->by_collected;
    ground->started = ground->keeps = true;
    ground->end = ground->least = known->end;
    ground->rule = reach->rule;
    return true;
}

/* Any other; not in line, so that those above stay short. */
static __attribute__((noinline)) void make_ground(struct settler *settler,
                                                  const struct plan_reach *reach,
                                                  const struct about *about, struct ground *ground)
{
    end_under(settler, about, &about->plan->purpose[about->purpose], ground);
    if (settler->origin.older != NULL)
        end_by_older(settler, about, ground);
    ground->started = is_started(settler, about->purpose, about->item);
    ground->purpose = about->purpose;
    end_by_limits(settler, about->item, ground);
    look_again(settler, ground->end);
    if (reach->plain && settler->plain) {
        struct known_moment *known = place_of(settler, reach->moment);
        known->end = ground->end;
        known->is_end = true;
    }
}

static bool told_has_started(struct settler *settler, const struct fact_item *item);

/* Room for as many, zeroed; NULL when there is no memory. */
static struct ground *take_grounds(struct settler *settler, size_t most)
{
    if (settler->spare == NULL || settler->spare_count < most) {
        settler->spare_count = most > GROUNDS_TOGETHER ? most : GROUNDS_TOGETHER;
        settler->spare = ARENA_ARRAY(settler->arena, struct ground, settler->spare_count);
    }
    return settler->spare;
}

/* The next one that may reach the item; NONE: it does not. */
static inline plan_index purpose_at(struct settler *settler, const struct fact_item *item, size_t i)
{
    const struct plan *plan = settler->scene.plan;
    return i < item->told_count ? plan_find(plan, plan->purpose_of, item->told[i])
                                : open_of(settler, i - item->told_count, item);
}

static bool find_grounds(struct settler *settler, struct kind *kind, plan_index field)
{
    const struct plan *plan = settler->scene.plan;
    const struct fact_item *item = kind->item;
    const struct ground *last = NULL;
    size_t most = (size_t)item->told_count + settler->open_count;
    struct ground *ground = take_grounds(settler, most);
    if (ground == NULL)
        return false;
    kind->grounds = ground;
    settler->looked_at_collected = false;
    for (size_t i = 0; i < most; i++) {
        plan_index purpose = purpose_at(settler, item, i);
        if (purpose == NONE || settler->standings[purpose].kind == kind->number)
            continue;
        const struct plan_reach *reach = plan_reach(plan, purpose, field);
        if (reach->entry == NONE)
            continue;
        settler->standings[purpose].kind = kind->number;
        ground->purpose = purpose;
        if (!make_plain(settler, reach, item, ground))
            make_ground(settler, reach, &(struct about){plan, purpose, field, item}, ground);
        if (ground->keeps && (last == NULL || !before(ground->end, last->end)) &&
            (ground->started || !told_has_started(settler, item)))
            last = ground;
        ground++;
    }
    kind->last = last;
    kind->ground_count = (uint16_t)(ground - kind->grounds);
    kind->by_collected = settler->looked_at_collected;
    settler->spare_count -= kind->ground_count;
    settler->spare = ground;
    return true;
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

/* What was made from other data ends with the last profiling, too. */
static void cut_by_profiling(struct settler *settler, struct kind *kind)
{
    const struct ground *profiling = NULL;
    for (size_t i = 0; i < kind->ground_count; i++) {
        const struct ground *ground = &kind->grounds[i];
        if (settler->scene.plan->purpose[ground->purpose].profiling &&
            (profiling == NULL || !before(ground->end, profiling->end)))
            profiling = ground;
    }
    if (profiling == NULL || (kind->last != NULL && before(profiling->end, kind->last->end)))
        kind->last = profiling;
}

static bool same_words(const word *a, size_t a_count, const word *b, size_t b_count)
{
    return a_count == b_count && (a_count == 0 || memcmp(a, b, a_count * sizeof(word)) == 0);
}

static bool is_of_kind(const struct settler *settler, const struct kind *kind,
                       const struct fact_item *item, plan_index like)
{
    if (kind->origin != settler->origin.number || kind->like != like)
        return false;
    /* A limit names items; another version may tell other fields apart. */
    if (settler->scene.view->subject->limits.count > 0 ||
        ((settler->by_field || settler->origin.older != NULL) && kind->item->field != item->field))
        return false;
    return (!kind->by_collected || kind->item->collected.ms == item->collected.ms) &&
           same_words(kind->item->told, kind->item->told_count, item->told, item->told_count);
}

/* NULL when there is no memory. */
static const struct kind *kind_of(struct settler *settler, const struct fact_item *item,
                                  plan_index field)
{
    plan_index like = settler->scene.plan->field[field].like;
    struct kind *kind = &settler->kinds[like % LENGTH(settler->kinds)];
    if (is_of_kind(settler, kind, item, like))
        return kind;
    *kind = (struct kind){.origin = settler->origin.number,
                          .like = like,
                          .number = ++settler->kind_count,
                          .item = item};
    if (!find_grounds(settler, kind, field))
        return NULL;
    if (settler->scene.plan->field[field].derived)
        cut_by_profiling(settler, kind);
    return kind;
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

static const struct end_rule last_purpose = {.path = {"always.ends_with_last_purpose", 29}};

/* When an item with a field ends by its grounds, or by what it was made from. */
static bool end_by_grounds(struct settler *settler, plan_index field, struct settled_item *out)
{
    out->end = ABSENT;
    out->rule = &last_purpose;
    const struct kind *kind = field == NONE ? NULL : kind_of(settler, out->item, field);
    if (kind != NULL) {
        out->grounds = kind->grounds;
        out->ground_count = kind->ground_count;
    }
    if (kind != NULL && kind->last != NULL) {
        out->end = kind->last->end;
        out->rule = kind->last->rule;
    }
    instant inputs = out->item->made_from_count > 0 ? end_of_inputs(settler, out) : NEVER;
    if (before(inputs, out->end)) {
        out->end = inputs;
        out->rule = &last_purpose;
    }
    return kind != NULL || field == NONE;
}

static bool settle_item(struct settler *settler, const struct fact_item *item,
                        struct settled_item *out)
{
    const struct scene *scene = &settler->scene;
    enter_origin(settler, item);
    *out = (struct settled_item){.item = item, .end = NEVER, .rule = &rule_none};
    out->held = settler->origin.claim.ms != ABSENT.ms;
    if (item->field == 0) {
        out->alive = details_something(scene->view->subject, item);
        return true;
    }
    plan_index field = plan_find(scene->plan, scene->plan->field_of, item->field);
    if (!end_by_grounds(settler, field, out))
        return false;
    out->restricted = settler->may_restrict && is_restricted(scene, item, field, scene->plan);
    out->end = out->restricted ? NEVER : later(out->end, settler->origin.claim);
    out->alive = before(scene->t, out->end);
    look_again(settler, out->end);
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

static void find_next(struct settler *settler)
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
        settled->items[i] = (struct settled_item){
            .item = &view->subject->items.at[i], .alive = true, .end = NEVER, .rule = &rule_none};
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
    struct settler settler = {.scene = {view, t, version, version->plan, &spans},
                              .arena = arena,
                              .settled = settled,
                              .next = NEVER};
    settler.claim = claim_until(&settler.scene, view->subject);
    settler.standings =
        ARENA_ARRAY(arena, struct standing, (size_t)version->plan->purpose_count + 1);
    if (settler.standings == NULL || !find_open(&settler))
        return NO_MEMORY(report);
    find_differences(&settler);
    for (size_t i = 0; i < settled->count; i++)
        if (!settle_item(&settler, &view->subject->items.at[i], &settled->items[i]))
            return NO_MEMORY(report);
    find_next(&settler);
    settled->next = settler.next;
    settled->whole = is_whole(&settler.scene, settled);
    return OK;
}
