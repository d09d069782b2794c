/* Sections 1 to 3 of docs/semantics.md, paragraph by paragraph. */
#include "calendar.h"
#include "reference_internal.h"

bool same_id(dossier_id a, dossier_id b)
{
    return ID_EQUAL(a, b);
}

bool is_nobody(dossier_id id)
{
    return ID_IS_ZERO(id);
}

const struct facts *matter_of(const struct view *view, dossier_id id)
{
    for (size_t i = 0; i < view->matter_count && !is_nobody(id); i++)
        if (same_id(view->matters[i]->id, id))
            return view->matters[i];
    return NULL;
}

/* ---- section 1: facts ---- */

/* "At t, a fact with `since` > t is not there." */
bool is_there(const struct question *q, instant since)
{
    return since.ms <= q->t.ms;
}

/* "A type that the plan does not know, or that is closed by a hole, is as if it were not there." */
const struct plan_evidence *type_of(const struct question *q, const struct fact_evidence *record)
{
    plan_index i = plan_find(q->plan, q->plan->evidence_of, record->type);
    if (i == NONE || q->plan->evidence[i].clause.closed || !is_there(q, record->since))
        return NULL;
    return &q->plan->evidence[i];
}

/* "The end of evidence is its `until`, or, if its type has `valid`, the earlier of `until` and
 * `since` + that span." */
instant end_of_record(const struct question *q, const struct fact_evidence *record)
{
    const struct plan_evidence *type = type_of(q, record);
    if (type == NULL || !type->valid.stated)
        return record->until;
    return earlier(record->until, instant_add_span(q->plan->zone, record->since, type->valid.count,
                                                   (enum span_unit)type->valid.unit));
}

/* "A fact with `since` <= t < end is live." */
bool is_live(const struct question *q, const struct fact_evidence *record)
{
    return type_of(q, record) != NULL && q->t.ms < end_of_record(q, record).ms;
}

static bool is_of_kind(const struct question *q, const struct fact_evidence *record,
                       enum evidence_kind kind)
{
    return type_of(q, record) != NULL && type_of(q, record)->kind == kind;
}

const struct binding *bound_to(const struct fact_evidence *record, enum slot slot)
{
    for (uint16_t i = 0; i < record->bound_count; i++)
        if (record->bound[i].slot == slot)
            return &record->bound[i];
    return NULL;
}

static bool bound_to_purpose(const struct question *q, const struct fact_evidence *record,
                             plan_index p)
{
    const struct binding *bound = bound_to(record, SLOT_PURPOSE);
    return bound != NULL && bound->name == q->plan->purpose[p].clause.name;
}

/* ---- section 2: which version ---- */

const struct plan_version *in_force(const struct plans *plans, instant t)
{
    const struct plan_version *found = NULL;
    for (size_t i = 0; i < plans->count; i++)
        if (plans->at[i].effective.ms <= t.ms)
            found = &plans->at[i];
    return found;
}

struct question ask_of(const struct question *q, const struct plan_version *version)
{
    struct question other = *q;
    other.version = version;
    other.plan = version->plan;
    return other;
}

/* "An item whose version is another known one". */
const struct plan_version *older_version(const struct question *q, const struct fact_item *item)
{
    const struct plans *plans = q->view->plans;
    for (size_t i = 0; i < plans->count; i++)
        if (plans->at[i].version == item->version && &plans->at[i] != q->version)
            return &plans->at[i];
    return NULL;
}

plan_index purpose_in(const struct plan *plan, word name)
{
    return name == 0 ? (plan_index)NONE : plan_find(plan, plan->purpose_of, name);
}

static word purpose_word(const struct question *q, plan_index p)
{
    return q->plan->purpose[p].clause.name;
}

/* ---- section 3: what reaches ---- */

/* "A live record of kind `compatibility` bound to p, in the dossier of the subject or the
 * register." */
bool compatibility_for(const struct question *q, plan_index p)
{
    const struct facts *from[] = {q->view->subject, q->view->register_};
    for (size_t k = 0; k < LENGTH(from); k++)
        for (size_t i = 0; from[k] != NULL && i < from[k]->evidence.count; i++)
            if (bound_to_purpose(q, &from[k]->evidence.at[i], p) &&
                is_of_kind(q, &from[k]->evidence.at[i], KIND_COMPATIBILITY) &&
                is_live(q, &from[k]->evidence.at[i]))
                return true;
    return false;
}

/* "a live record of type `consent` bound to p in the dossier of the subject." */
bool consent_for(const struct question *q, plan_index p)
{
    const struct facts *subject = q->view->subject;
    for (size_t i = 0; subject != NULL && i < subject->evidence.count; i++)
        if (bound_to_purpose(q, &subject->evidence.at[i], p) &&
            type_of(q, &subject->evidence.at[i]) == &q->plan->evidence[KIND_CONSENT] &&
            is_live(q, &subject->evidence.at[i]))
            return true;
    return false;
}

static bool event_in(const struct question *q, const struct facts *facts, word event)
{
    for (size_t i = 0; facts != NULL && i < facts->events.count; i++)
        if (facts->events.at[i].event == event && is_there(q, facts->events.at[i].first))
            return true;
    return false;
}

static bool type_in(const struct question *q, const struct facts *facts,
                    const struct plan_evidence *type)
{
    for (size_t i = 0; facts != NULL && i < facts->evidence.count; i++)
        if (type_of(q, &facts->evidence.at[i]) == type)
            return true;
    return false;
}

/* "p names no `starts`; or the event has happened: in the subject's dossier, or in that of i's
 * matter, or, if there is no item or it has no matter, in that of any matter of the subject; or a
 * record of the evidence type, live or ended, is in the subject's or i's matter's dossier." */
bool has_started(const struct question *q, plan_index p, dossier_id matter)
{
    const struct plan_purpose *purpose = &q->plan->purpose[p];
    const struct facts *own = matter_of(q->view, matter);
    if (purpose->starts_event == NONE && purpose->starts_evidence == NONE)
        return true;
    if (purpose->starts_evidence != NONE) {
        const struct plan_evidence *type = &q->plan->evidence[purpose->starts_evidence];
        return type_in(q, q->view->subject, type) || type_in(q, own, type);
    }
    word event = q->plan->event[purpose->starts_event].clause.name;
    if (event_in(q, q->view->subject, event) || event_in(q, own, event))
        return true;
    for (size_t i = 0; is_nobody(matter) && i < q->view->matter_count; i++)
        if (event_in(q, q->view->matters[i], event))
            return true;
    return false;
}

bool starts_with_claim(const struct question *q, plan_index p)
{
    plan_index type = q->plan->purpose[p].starts_evidence;
    return type != NONE && q->plan->evidence[type].kind == KIND_CLAIM;
}

/* "Purpose p reaches item i when ..." */
bool reaches(const struct question *q, plan_index p, const struct fact_item *item)
{
    const struct plan_purpose *purpose = &q->plan->purpose[p];
    plan_index field = plan_find(q->plan, q->plan->field_of, item->field);
    if (purpose->clause.closed || field == NONE || !field_set_has(&purpose->uses, field))
        return false;
    for (uint16_t i = 0; i < item->told_count; i++)
        if (item->told[i] == purpose->clause.name)
            return true;
    return (purpose->reuses && has_started(q, p, item->matter)) || compatibility_for(q, p) ||
           consent_for(q, p);
}

word category_of(const struct question *q, word field)
{
    plan_index i = plan_find(q->plan, q->plan->field_of, field);
    return i == NONE ? 0 : q->plan->category[q->plan->field[i].category].clause.name;
}

/* "A record fits i and p when each of its bound slots does". */
static bool binding_fits(const struct question *q, const struct binding *bound,
                         const struct fact_item *item, plan_index p)
{
    if (bound->slot == SLOT_PURPOSE)
        return bound->name == purpose_word(q, p);
    if (bound->slot == SLOT_MATTER)
        return is_nobody(item->matter) || same_id(bound->id, item->matter);
    if (bound->slot == SLOT_FIELD)
        return bound->name == item->field;
    if (bound->slot == SLOT_CATEGORY)
        return bound->name == category_of(q, item->field);
    if (bound->slot == SLOT_SOURCE)
        return bound->name == item->source;
    if (bound->slot == SLOT_CONTROLLER)
        return bound->name == item->controller;
    return true;
}

static bool fits(const struct question *q, const struct fact_evidence *record,
                 const struct fact_item *item, plan_index p)
{
    for (uint16_t i = 0; i < record->bound_count; i++)
        if (!binding_fits(q, &record->bound[i], item, p))
            return false;
    return true;
}

/* ---- values ---- */

struct value {
    bool absent;
    instant at; /* NEVER: pending */
};
static const struct value ABSENT = {.absent = true};

static struct value exactly(instant at)
{
    return (struct value){.at = at};
}

static struct value latest_of_two(struct value a, struct value b)
{
    if (a.absent || b.absent)
        return a.absent ? b : a;
    return exactly(later(a.at, b.at));
}

static struct value earliest_of_two(struct value a, struct value b)
{
    if (a.absent || b.absent)
        return a.absent ? b : a;
    return exactly(earlier(a.at, b.at));
}

/* ---- moments: events ---- */

/* Times of `event` in a dossier: the first or the last of all; with `matter`, of those marked with
 * it. "An event whose last time is > t counts by its first." */
static struct value event_time(const struct question *q, const struct facts *facts, word event,
                               const dossier_id *matter, bool first)
{
    struct value found = ABSENT;
    for (size_t i = 0; facts != NULL && i < facts->events.count; i++) {
        const struct fact_event *fact = &facts->events.at[i];
        if (fact->event != event || !is_there(q, fact->first) ||
            (matter != NULL && !same_id(fact->matter, *matter)))
            continue;
        instant last = is_there(q, fact->last) ? fact->last : fact->first;
        found = first ? earliest_of_two(found, exactly(fact->first))
                      : latest_of_two(found, exactly(last));
    }
    return found;
}

/* "`last`, `first`: the latest, earliest time in the subject's dossier and, for an event `of` a
 * kind of matter, in those of all the subject's matters." */
static struct value value_of_any_event(const struct question *q, const struct plan_event *event,
                                       bool first)
{
    struct value found = event_time(q, q->view->subject, event->clause.name, NULL, first);
    for (size_t i = 0; event->of != NONE && i < q->view->matter_count; i++) {
        struct value at = event_time(q, q->view->matters[i], event->clause.name, NULL, first);
        found = first ? earliest_of_two(found, at) : latest_of_two(found, at);
    }
    return found;
}

/* "Without such a word the latest, but looking at one matter alone when it can be told: for an
 * event `of` a kind, i's matter if it is of that kind; for another event, i's matter if the event
 * happened to the subject marked with that matter." */
static struct value value_of_own_event(const struct question *q, const struct plan_event *event,
                                       const struct fact_item *item)
{
    const struct facts *own = matter_of(q->view, item->matter);
    word name = event->clause.name;
    struct value marked = ABSENT;
    if (!is_nobody(item->matter))
        marked = event_time(q, q->view->subject, name, &item->matter, false);
    if (event->of != NONE && own != NULL && own->name == q->plan->matter[event->of].clause.name)
        return latest_of_two(marked, event_time(q, own, name, NULL, false));
    if (event->of == NONE && !marked.absent)
        return marked;
    return value_of_any_event(q, event, false);
}

/* ---- moments: ends ---- */

/* "All in the dossier of i's matter; all in the dossier of a matter that a role of the subject is
 * tied to, but no later than that role ends." Of one type, or, with NONE, of kind agreement. */
static struct value agreements_in(const struct question *q, const struct facts *facts,
                                  plan_index type, instant cap)
{
    struct value found = ABSENT;
    for (size_t i = 0; facts != NULL && i < facts->evidence.count; i++) {
        const struct fact_evidence *record = &facts->evidence.at[i];
        if (type == NONE ? is_of_kind(q, record, KIND_AGREEMENT)
                         : type_of(q, record) == &q->plan->evidence[type])
            found = latest_of_two(found, exactly(earlier(cap, end_of_record(q, record))));
    }
    return found;
}

static struct value agreements_of_matters(const struct question *q, plan_index type,
                                          dossier_id matter)
{
    struct value found = agreements_in(q, matter_of(q->view, matter), type, NEVER);
    const struct facts *subject = q->view->subject;
    for (size_t i = 0; i < subject->roles.count; i++)
        if (is_there(q, subject->roles.at[i].since))
            found = latest_of_two(found,
                                  agreements_in(q, matter_of(q->view, subject->roles.at[i].matter),
                                                type, subject->roles.at[i].until));
    return found;
}

/* "End of agreement: the latest end of records of kind `agreement`: those of the subject that
 * fit; ..." */
instant end_of_agreement(const struct question *q, plan_index p, const struct fact_item *item)
{
    struct value found = agreements_of_matters(q, NONE, item->matter);
    const struct facts *subject = q->view->subject;
    for (size_t i = 0; i < subject->evidence.count; i++)
        if (is_of_kind(q, &subject->evidence.at[i], KIND_AGREEMENT) &&
            fits(q, &subject->evidence.at[i], item, p))
            found = latest_of_two(found, exactly(end_of_record(q, &subject->evidence.at[i])));
    return found.absent ? ALWAYS : found.at;
}

/* "`end of` a type of evidence: the latest end of the subject's records of exactly that type that
 * fit; a type of kind `agreement` is also looked for as under end of agreement." */
static struct value value_of_evidence_end(const struct question *q, plan_index type, plan_index p,
                                          const struct fact_item *item)
{
    struct value found = ABSENT;
    const struct facts *subject = q->view->subject;
    for (size_t i = 0; i < subject->evidence.count; i++)
        if (type_of(q, &subject->evidence.at[i]) == &q->plan->evidence[type] &&
            fits(q, &subject->evidence.at[i], item, p))
            found = latest_of_two(found, exactly(end_of_record(q, &subject->evidence.at[i])));
    if (q->plan->evidence[type].kind == KIND_AGREEMENT)
        found = latest_of_two(found, agreements_of_matters(q, type, item->matter));
    return found;
}

/* "`end of` a role: likewise, of roles tied to i's matter or to none (any, if i has none)." */
static struct value value_of_role_end(const struct question *q, plan_index role,
                                      const struct fact_item *item)
{
    struct value found = ABSENT;
    const struct facts *subject = q->view->subject;
    for (size_t i = 0; i < subject->roles.count; i++) {
        const struct fact_role *fact = &subject->roles.at[i];
        if (fact->role == q->plan->role[role].clause.name && is_there(q, fact->since) &&
            (is_nobody(item->matter) || is_nobody(fact->matter) ||
             same_id(fact->matter, item->matter)))
            found = latest_of_two(found, exactly(fact->until));
    }
    return found;
}

/* ---- moments: the grammar ---- */

static struct value value_of(const struct question *q, const struct moment *moment, plan_index p,
                             const struct fact_item *item);

/* "absent operands are left out; pending is later than all. All absent: absent." */
static struct value value_of_list(const struct question *q, const struct moment *first, bool least,
                                  plan_index p, const struct fact_item *item)
{
    struct value found = ABSENT;
    for (const struct moment *m = first; m != NULL; m = m->next) {
        struct value value = value_of(q, m, p, item);
        found = least ? earliest_of_two(found, value) : latest_of_two(found, value);
    }
    return found;
}

/* "hours are elapsed; days, weeks, months, years end at 00:00 local on that day number ... Pending
 * and absent pass through." */
static struct value value_after(const struct question *q, const struct moment *moment,
                                struct value value)
{
    if (value.absent || value.at.ms == NEVER.ms)
        return value;
    if (moment->op == MOMENT_YEAR_END)
        return exactly(end_of_year(q->plan->zone, value.at));
    return exactly(instant_add_span(q->plan->zone, value.at, moment->span.count,
                                    (enum span_unit)moment->span.unit));
}

/* "event: not happened is pending." */
static struct value value_of_event(const struct question *q, const struct moment *moment,
                                   const struct fact_item *item)
{
    const struct plan_event *event = &q->plan->event[moment->ref];
    struct value value = moment->which == WHICH_OWN
                             ? value_of_own_event(q, event, item)
                             : value_of_any_event(q, event, moment->which == WHICH_FIRST);
    return value.absent ? exactly(NEVER) : value;
}

static struct value value_of(const struct question *q, const struct moment *moment, plan_index p,
                             const struct fact_item *item)
{
    switch (moment->op) {
    case MOMENT_EARLIEST:
        return value_of_list(q, moment->child, true, p, item);
    case MOMENT_LATEST:
        return value_of_list(q, moment->child, false, p, item);
    case MOMENT_AFTER:
    case MOMENT_YEAR_END:
        return value_after(q, moment, value_of(q, moment->child, p, item));
    case MOMENT_END_OF:
        return moment->of_role ? value_of_role_end(q, moment->ref, item)
                               : value_of_evidence_end(q, moment->ref, p, item);
    case MOMENT_COLLECTED:
        return exactly(item->collected);
    case MOMENT_EVENT:
        return value_of_event(q, moment, item);
    case MOMENT_UNSPECIFIED:
        return exactly(NEVER);
    }
    return ABSENT;
}

/* ---- end of p for i ---- */

/* "for each need the earliest `since` of a live record of one of its types that fits, in the
 * dossier of the subject or of i's matter; pending while one is not met." */
instant need_met(const struct question *q, const struct need *need, plan_index p,
                 const struct fact_item *item)
{
    instant met = NEVER;
    const struct facts *from[] = {q->view->subject, matter_of(q->view, item->matter)};
    for (size_t k = 0; k < LENGTH(from); k++)
        for (size_t i = 0; from[k] != NULL && i < from[k]->evidence.count; i++)
            for (uint16_t n = 0; n < need->count; n++) {
                const struct fact_evidence *record = &from[k]->evidence.at[i];
                if (type_of(q, record) == &q->plan->evidence[need->any[n]] && is_live(q, record) &&
                    fits(q, record, item, p))
                    met = earlier(met, record->since);
            }
    return met;
}

const struct keep_entry *keep_entry_for(const struct question *q, plan_index p,
                                        const struct fact_item *item)
{
    const struct plan_purpose *purpose = &q->plan->purpose[p];
    plan_index field = plan_find(q->plan, q->plan->field_of, item->field);
    for (uint16_t i = 0; !purpose->keep.none && i < purpose->keep.count; i++)
        if (!purpose->keep.at[i].of.stated ||
            (field != NONE && field_set_has(&purpose->keep.at[i].of, field)))
            return &purpose->keep.at[i];
    return NULL;
}

/* 1. "`keep`: the value of the first entry whose `of` has the field, or that has no `of`." */
struct ending end_by_keep(const struct question *q, plan_index p, const struct fact_item *item)
{
    const struct keep_entry *entry = keep_entry_for(q, p, item);
    if (entry == NULL)
        return (struct ending){
            .keeps = false, .end = NEVER, .value = NEVER, .rule = q->plan->purpose[p].clause.path};
    struct ending ending = {.keeps = true, .end = NEVER, .rule = entry->path};
    struct value value = value_of(q, entry->until, p, item);
    if (value.absent)
        ending.end = q->plan->purpose[p].reuses ? ALWAYS : NEVER;
    else
        ending.end = value.at;
    ending.value = ending.end;
    for (uint16_t i = 0; i < entry->needs.count; i++)
        ending.end = later(ending.end, need_met(q, &entry->needs.all[i], p, item));
    return ending;
}

/* "bound to each slot that p is consented `per` (for `field`, a category will do)" */
static bool bound_to_units(const struct question *q, const struct fact_evidence *record,
                           plan_index p)
{
    for (enum slot slot = SLOT_NONE; slot < SLOT_COUNT; slot++)
        if ((q->plan->purpose[p].per >> slot & 1) != 0 && bound_to(record, slot) == NULL &&
            !(slot == SLOT_FIELD && bound_to(record, SLOT_CATEGORY) != NULL))
            return false;
    return true;
}

/* "End of consent: the latest end of the records of type `consent` of the subject that are bound
 * to p, bound to each slot that p is consented `per`, and fit." With `after`, only of those given
 * after it. */
instant end_of_consent(const struct question *q, plan_index p, const struct fact_item *item,
                       instant after)
{
    const struct facts *subject = q->view->subject;
    instant end = ALWAYS;
    for (size_t i = 0; i < subject->evidence.count; i++) {
        const struct fact_evidence *record = &subject->evidence.at[i];
        if (type_of(q, record) == &q->plan->evidence[KIND_CONSENT] && record->since.ms > after.ms &&
            bound_to_purpose(q, record, p) && bound_to_units(q, record, p) &&
            fits(q, record, item, p))
            end = later(end, end_of_record(q, record));
    }
    return end;
}

/* 2. basis */
static instant end_by_basis(const struct question *q, plan_index p, const struct fact_item *item)
{
    const struct plan_purpose *purpose = &q->plan->purpose[p];
    if (purpose->basis == BASIS_CONSENT)
        return end_of_consent(q, p, item, ALWAYS);
    if (purpose->basis == BASIS_CONTRACT && !purpose->before_contract)
        return end_of_agreement(q, p, item);
    return NEVER;
}

/* "p's purpose is named, or both have `marketing: own`" */
bool objection_names(const struct question *q, const struct fact_objection *objection, plan_index p)
{
    plan_index named = purpose_in(q->plan, objection->purpose);
    return named != NONE && (named == p || (q->plan->purpose[named].marketing == MARKETING_OWN &&
                                            q->plan->purpose[p].marketing == MARKETING_OWN));
}

/* "has the item (or, listing none, no item is there) and names p (or none)" */
bool limit_is_of(const struct question *q, const struct fact_limit *limit,
                 const struct fact_item *item, plan_index p)
{
    bool has = false, names = false;
    for (uint16_t i = 0; i < limit->item_count; i++)
        has = has || (item != NULL && ID_EQUAL(limit->items[i], item->id));
    for (uint16_t i = 0; i < limit->purpose_count; i++)
        names = names || purpose_in(q->plan, limit->purposes[i]) == p;
    if (limit->item_count == 0)
        has = item == NULL;
    return has && (names || limit->purpose_count == 0);
}

/* 3. objections that end p */
static instant end_by_objection(const struct question *q, plan_index p,
                                const struct fact_item *item)
{
    const struct facts *subject = q->view->subject;
    instant end = NEVER;
    for (size_t i = 0; i < subject->objections.count; i++) {
        const struct fact_objection *objection = &subject->objections.at[i];
        bool ends = objection->state == OBJECTION_UPHELD ||
                    (objection->state != OBJECTION_DISMISSED &&
                     q->plan->purpose[p].objection == OBJECTION_ABSOLUTE);
        if (ends && is_there(q, objection->since) && objection_names(q, objection, p))
            end =
                earlier(end, later(objection->since, end_of_consent(q, p, item, objection->since)));
    }
    return end;
}

/* 4. "switches that name p in `stops: purposes`, set without channel and recipient: as an objection
 * that ends. And switches whose `erases` has the field, for an item collected no later than the
 * switch was set: at that instant." */
static instant end_by_switch(const struct question *q, plan_index p, const struct fact_item *item,
                             str *rule)
{
    const struct facts *subject = q->view->subject;
    plan_index field = plan_find(q->plan, q->plan->field_of, item->field);
    instant end = NEVER;
    for (size_t i = 0; i < subject->switches.count; i++) {
        const struct fact_switch *fact = &subject->switches.at[i];
        plan_index s = plan_find(q->plan, q->plan->stop_of, fact->stop);
        if (s == NONE || !is_there(q, fact->since))
            continue;
        const struct plan_switch *stop = &q->plan->stop[s];
        instant at = NEVER;
        if (stop->stops_purposes.stated && refs_has(&stop->stops_purposes, p) &&
            fact->channel == 0 && is_nobody(fact->recipient))
            at = later(fact->since, end_of_consent(q, p, item, fact->since));
        if (stop->erases.stated && field != NONE && field_set_has(&stop->erases, field) &&
            item->collected.ms <= fact->since.ms)
            at = earlier(at, fact->since);
        if (at.ms < end.ms) {
            end = at;
            *rule = stop->clause.path;
        }
    }
    return end;
}

/* 5. "a request to erase, for items collected no later than it: at that instant; not for a purpose
 * that `starts` with a type of kind `claim`." */
static instant end_by_erasure(const struct question *q, plan_index p, const struct fact_item *item)
{
    instant asked = q->view->subject->erase_asked;
    if (!is_there(q, asked) || item->collected.ms > asked.ms || starts_with_claim(q, p))
        return NEVER;
    return asked;
}

static void cut(struct ending *ending, instant end, str rule)
{
    if (end.ms >= ending->end.ms)
        return;
    ending->end = end;
    ending->rule = rule;
}

/* "End of p for i, an instant or pending: the earliest of". 3 to 5 do not end a legal duty. */
struct ending end_of_purpose(const struct question *q, plan_index p, const struct fact_item *item)
{
    const struct plan_purpose *purpose = &q->plan->purpose[p];
    struct ending ending = end_by_keep(q, p, item);
    instant basis = end_by_basis(q, p, item);
    if (basis.ms < ending.end.ms)
        cut(&ending, basis, arena_format(q->arena, "%.*s.basis", STR_ARG(purpose->clause.path)));
    if (purpose->basis == BASIS_LEGAL_DUTY)
        return ending;
    str stop = {0};
    instant switched = end_by_switch(q, p, item, &stop);
    cut(&ending, end_by_objection(q, p, item), STR("rights.object"));
    cut(&ending, switched, stop);
    cut(&ending, end_by_erasure(q, p, item), STR("rights.erase"));
    return ending;
}

/* "if the older version has the purpose, not closed, and it uses the field, its end is computed
 * under both; the earlier counts, for a `legal_duty` (of the version in force) the later. It keeps
 * when it does under both, for a `legal_duty` under either." */
static struct ending end_in_versions(const struct question *q, plan_index p,
                                     const struct fact_item *item)
{
    struct ending now = end_of_purpose(q, p, item);
    const struct plan_version *older = older_version(q, item);
    if (older == NULL)
        return now;
    plan_index old = purpose_in(older->plan, purpose_word(q, p));
    plan_index field = plan_find(older->plan, older->plan->field_of, item->field);
    if (old == NONE || older->plan->purpose[old].clause.closed || field == NONE ||
        !field_set_has(&older->plan->purpose[old].uses, field))
        return now;
    struct question then = ask_of(q, older);
    struct ending past = end_of_purpose(&then, old, item);
    bool duty = q->plan->purpose[p].basis == BASIS_LEGAL_DUTY;
    bool past_counts = duty ? past.end.ms > now.end.ms : past.end.ms < now.end.ms;
    bool keeps = duty ? now.keeps || past.keeps : now.keeps && past.keeps;
    struct ending both = past_counts ? past : now;
    both.keeps = keeps;
    return both;
}

/* "no later, whatever the version, than the until of a limit that has the item and names p, and is
 * not of use only" */
struct ending end_in_both(const struct question *q, plan_index p, const struct fact_item *item)
{
    struct ending ending = end_in_versions(q, p, item);
    const struct facts *subject = q->view->subject;
    for (size_t i = 0; i < subject->limits.count; i++) {
        const struct fact_limit *limit = &subject->limits.at[i];
        if (!limit->use_only && limit_is_of(q, limit, item, p))
            cut(&ending, limit->until, STR("always.merge_opens_nothing"));
    }
    return ending;
}

/* ---- alive ---- */

/* A restriction lists fields or categories; "none listed = all". */
bool restriction_covers(const struct question *q, const struct fact_restriction *restriction,
                        word field)
{
    if (!is_there(q, restriction->since))
        return false;
    for (uint16_t i = 0; i < restriction->field_count; i++)
        if (field != 0 &&
            (restriction->fields[i] == field || restriction->fields[i] == category_of(q, field)))
            return true;
    return restriction->field_count == 0;
}

bool restriction_is_on(const struct question *q, const struct fact_item *item)
{
    const struct facts *subject = q->view->subject;
    for (size_t i = 0; i < subject->restrictions.count; i++)
        if (restriction_covers(q, &subject->restrictions.at[i], item->field))
            return true;
    /* "a concern of the item says that the other restricts it" */
    for (size_t i = 0; i < subject->concerns.count; i++) {
        const struct fact_concern *concern = &subject->concerns.at[i];
        if (concern->kind == CONCERN_HERE && ID_EQUAL(concern->item, item->id) &&
            is_there(q, concern->restricted))
            return true;
    }
    return false;
}

/* The latest end of the live claims "in the dossier of the subject or of i's matter". */
instant end_of_claims(const struct question *q, dossier_id matter)
{
    instant end = ALWAYS;
    const struct facts *from[] = {q->view->subject, matter_of(q->view, matter)};
    for (size_t k = 0; k < LENGTH(from); k++)
        for (size_t i = 0; from[k] != NULL && i < from[k]->evidence.count; i++)
            if (is_of_kind(q, &from[k]->evidence.at[i], KIND_CLAIM) &&
                is_live(q, &from[k]->evidence.at[i]))
                end = later(end, end_of_record(q, &from[k]->evidence.at[i]));
    return end;
}

static bool is_derived(const struct question *q, const struct fact_item *item)
{
    plan_index field = plan_find(q->plan, q->plan->field_of, item->field);
    return field != NONE && q->plan->category[q->plan->field[field].category].made_from.stated;
}

/* "An item without a field is alive as long as the evidence or the open task that it details is
 * among the facts, and has no grounds." */
static void settle_details(const struct question *q, struct settled_item *out)
{
    const struct facts *subject = q->view->subject;
    out->end = NEVER;
    out->held = end_of_claims(q, out->item->matter).ms > q->t.ms;
    for (size_t i = 0; i < subject->evidence.count; i++)
        out->alive = out->alive || ID_EQUAL(subject->evidence.at[i].details, out->item->id);
    for (size_t i = 0; i < subject->tasks.count; i++)
        out->alive = out->alive || ID_EQUAL(subject->tasks.at[i].details, out->item->id);
}

static bool has_ground(const struct settled_item *out, plan_index p)
{
    for (uint16_t i = 0; i < out->ground_count; i++)
        if (out->grounds[i].purpose == p)
            return true;
    return false;
}

static const struct end_rule *rule_at(const struct question *q, str path)
{
    struct end_rule *rule = ARENA_NEW(q->arena, struct end_rule);
    assert(rule != NULL);
    rule->path = path;
    return rule;
}

/* The told purposes in their order, then the others in the order of the plan. */
static void settle_grounds(const struct question *q, struct settled_item *out)
{
    struct ground *grounds =
        ARENA_ARRAY(q->arena, struct ground, (size_t)q->plan->purpose_count + 1);
    assert(grounds != NULL);
    out->grounds = grounds;
    size_t told = out->item->told_count, count = told + q->plan->purpose_count;
    for (size_t i = 0; i < count; i++) {
        plan_index p = i < told ? purpose_in(q->plan, out->item->told[i]) : (plan_index)(i - told);
        if (p == NONE || has_ground(out, p) || !reaches(q, p, out->item))
            continue;
        struct ending ending = end_in_both(q, p, out->item);
        grounds[out->ground_count++] =
            (struct ground){.purpose = p,
                            .started = has_started(q, p, out->item->matter),
                            .keeps = ending.keeps,
                            .end = ending.end,
                            .least = ending.value,
                            .rule = rule_at(q, ending.rule)};
    }
}

/* "A purpose that has not started counts only while of those that i was told for none has started
 * (a told purpose without a clause in the plan counts as started; one with `keep: none` does not
 * count)." */
static bool told_one_has_started(const struct question *q, const struct fact_item *item)
{
    for (uint16_t i = 0; i < item->told_count; i++) {
        plan_index p = purpose_in(q->plan, item->told[i]);
        if (p == NONE || (!q->plan->purpose[p].keep.none && has_started(q, p, item->matter)))
            return true;
    }
    return false;
}

/* "If the category of i is `made_from` others, it is no later than the latest end among reaching
 * purposes with `profiling`." */
static instant cut_by_profiling(const struct question *q, struct settled_item *out, instant end)
{
    instant profiling = ALWAYS;
    const struct end_rule *rule = rule_at(q, STR("always.ends_with_last_purpose"));
    bool any = false;
    for (uint16_t i = 0; i < out->ground_count; i++) {
        const struct ground *ground = &out->grounds[i];
        if (!q->plan->purpose[ground->purpose].profiling || ground->end.ms < profiling.ms)
            continue;
        profiling = ground->end;
        rule = ground->rule;
        any = true;
    }
    if (any && profiling.ms >= end.ms)
        return end;
    out->rule = rule;
    return profiling;
}

/* "The grounds' end of i is the latest end among the reaching purposes that keep ... None: ended
 * since ever." */
static instant grounds_end(const struct question *q, struct settled_item *out)
{
    bool started = told_one_has_started(q, out->item);
    instant end = ALWAYS;
    out->rule = rule_at(q, STR("always.ends_with_last_purpose"));
    for (uint16_t i = 0; i < out->ground_count; i++) {
        const struct ground *ground = &out->grounds[i];
        if (!ground->keeps || (started && !ground->started) || ground->end.ms < end.ms)
            continue;
        out->rule = ground->rule;
        end = ground->end;
    }
    return is_derived(q, out->item) ? cut_by_profiling(q, out, end) : end;
}

/* "If i names what it was made from, it is also no later than the latest end of those of them that
 * stand before it among the facts; ended since ever when none does." */
static instant cut_by_inputs(const struct question *q, const struct settled *settled,
                             struct settled_item *out, instant end)
{
    const struct fact_item *item = out->item;
    instant last = ALWAYS;
    if (item->made_from_count == 0)
        return end;
    for (size_t i = 0; &settled->items[i] < out; i++)
        for (uint16_t k = 0; k < item->made_from_count; k++)
            if (ID_EQUAL(item->made_from[k], settled->items[i].item->id))
                last = later(last, settled->items[i].end);
    if (last.ms >= end.ms)
        return end;
    out->rule = rule_at(q, STR("always.ends_with_last_purpose"));
    return last;
}

static void settle_item(const struct question *q, const struct settled *settled,
                        const struct fact_item *item, struct settled_item *out)
{
    out->item = item;
    out->rule = &rule_none;
    if (item->field == 0) {
        settle_details(q, out);
        return;
    }
    settle_grounds(q, out);
    out->restricted = restriction_is_on(q, item);
    instant claims = end_of_claims(q, item->matter);
    out->held = claims.ms > q->t.ms;
    out->end = later(cut_by_inputs(q, settled, out, grounds_end(q, out)), claims);
    out->alive = out->restricted || out->end.ms > q->t.ms;
    if (out->restricted)
        out->end = NEVER;
}

/* "it has had an item with a field, or else has records of types that the plan knows, none of which
 * is live" */
static bool has_something_to_end(const struct question *q)
{
    const struct facts *subject = q->view->subject;
    size_t records = 0, live = 0, values = 0;
    for (size_t i = 0; i < subject->items.count; i++)
        values += subject->items.at[i].field != 0;
    for (size_t i = 0; i < subject->evidence.count; i++) {
        records += type_of(q, &subject->evidence.at[i]) != NULL;
        live += is_live(q, &subject->evidence.at[i]);
    }
    return subject->had_items || values > 0 || (records > 0 && live == 0);
}

/* "whether the whole dossier is gone: ..., none with a field is alive, and there is no restriction,
 * no live record of kind agreement, consent or claim, and no role without end that is not merely
 * opened" */
static bool is_whole_gone(const struct question *q, const struct settled *settled)
{
    const struct facts *subject = q->view->subject;
    for (size_t i = 0; i < settled->count; i++)
        if (settled->items[i].alive && settled->items[i].item->field != 0)
            return false;
    for (size_t i = 0; i < subject->restrictions.count; i++)
        if (is_there(q, subject->restrictions.at[i].since))
            return false;
    for (size_t i = 0; i < subject->evidence.count; i++) {
        const struct fact_evidence *record = &subject->evidence.at[i];
        if (is_live(q, record) &&
            (is_of_kind(q, record, KIND_AGREEMENT) || is_of_kind(q, record, KIND_CONSENT) ||
             is_of_kind(q, record, KIND_CLAIM)))
            return false;
    }
    for (size_t i = 0; i < subject->roles.count; i++)
        if (is_there(q, subject->roles.at[i].since) && !subject->roles.at[i].opened &&
            subject->roles.at[i].until.ms == NEVER.ms)
            return false;
    return has_something_to_end(q);
}

void reference_settle(const struct view *view, instant t, struct arena *arena,
                      struct settled *settled)
{
    const struct plan_version *version = in_force(view->plans, t);
    *settled = (struct settled){.next = NEVER};
    settled->count = view->subject == NULL ? 0 : view->subject->items.count;
    settled->items = ARENA_ARRAY(arena, struct settled_item, settled->count + 1);
    assert(settled->items != NULL);
    struct question q = {view, version == NULL ? NULL : version->plan, version, t, arena};
    for (size_t i = 0; i < settled->count; i++)
        if (version != NULL)
            settle_item(&q, settled, &view->subject->items.at[i], &settled->items[i]);
        else
            settled->items[i] = (struct settled_item){.item = &view->subject->items.at[i],
                                                      .alive = true,
                                                      .end = NEVER,
                                                      .rule = &rule_none};
    if (version != NULL && view->subject != NULL)
        settled->whole = is_whole_gone(&q, settled);
}
