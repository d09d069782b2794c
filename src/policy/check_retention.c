/* How long data is kept: periods that are missing, and clocks that cannot be relied on. */
#include "check_internal.h"

static bool is_span(const void *context, const struct moment *moment)
{
    (void)context;
    return moment->op == MOMENT_AFTER && !moment->span.hole;
}

void check_retention_unspecified(struct check *c)
{
    const struct plan *plan = c->plan;
    bool stated = false;
    for (uint16_t i = 0; i < plan->purpose_count; i++)
        stated |= keep_any(&plan->purpose[i].keep, is_span, NULL);
    for (uint16_t i = 0; i < plan->purpose_count; i++) {
        const struct clause *clause = &plan->purpose[i].clause;
        if (clause_has_hole(clause, "keep"))
            found_hole(c, RULE_retention_unspecified, hole_severity(stated), clause,
                       check_path(c, clause, "keep"));
    }
    for (uint16_t i = 0; i < plan->cookie_count; i++) {
        const struct clause *clause = &plan->cookie[i].clause;
        if (clause_has_hole(clause, "keep"))
            found_hole(c, RULE_retention_unspecified, SEVERITY_WARNING, clause,
                       check_path(c, clause, "keep"));
    }
}

/* A leaf that is sure to come: collection, or what the purpose starts on. */
static bool is_sure(const void *context, const struct moment *moment)
{
    const struct plan_purpose *purpose = context;
    if (moment->op == MOMENT_COLLECTED)
        return true;
    if (moment->op == MOMENT_EVENT)
        return moment->ref == purpose->starts_event;
    return moment->op == MOMENT_END_OF && !moment->of_role &&
           moment->ref == purpose->starts_evidence;
}

static bool is_open(const void *context, const struct moment *moment)
{
    (void)context;
    return moment->op == MOMENT_UNSPECIFIED || (moment->op == MOMENT_AFTER && moment->span.hole);
}

/* Consent always ends with the consent, and contract with its agreement. */
static bool basis_ends(const struct plan_purpose *purpose)
{
    return purpose->basis == BASIS_CONSENT ||
           (purpose->basis == BASIS_CONTRACT && !purpose->before_contract);
}

struct anchors {
    const struct plan *plan;
    plan_index matter; /* of the event that is sought */
    bool of_subject;
};

static bool is_anchor(const void *context, const struct moment *moment)
{
    const struct anchors *wanted = context;
    if (moment->op != MOMENT_EVENT)
        return false;
    plan_index of = wanted->plan->event[moment->ref].of;
    return wanted->of_subject ? of == NONE : of == wanted->matter;
}

struct event_use {
    plan_index event;
};

static bool is_event(const void *context, const struct moment *moment)
{
    const struct event_use *wanted = context;
    return moment->op == MOMENT_EVENT && moment->ref == wanted->event;
}

static bool event_in_clock(const struct plan *plan, plan_index event)
{
    struct event_use wanted = {event};
    for (uint16_t i = 0; i < plan->purpose_count; i++)
        if (plan->purpose[i].starts_event == event ||
            keep_any(&plan->purpose[i].keep, is_event, &wanted))
            return true;
    return false;
}

/* An event of the same kind of matter that no clock counts from, beside a clock that mixes the
 * person's own events with events of that matter: both readings fit. */
static plan_index other_reading(const struct plan *plan, const struct moment *until)
{
    for (plan_index i = 0; i < plan->event_count; i++) {
        struct anchors matter = {plan, plan->event[i].of, false};
        struct anchors subject = {plan, NONE, true};
        if (matter.matter != NONE && !event_in_clock(plan, i) &&
            moment_any(until, is_anchor, &matter) && moment_any(until, is_anchor, &subject))
            return i;
    }
    return NONE;
}

static void anchor_check(struct check *c, const struct plan_purpose *purpose,
                         const struct keep_entry *entry)
{
    const struct clause *clause = &purpose->clause;
    plan_index other = other_reading(c->plan, entry->until);
    if (other != NONE)
        found_add(c, RULE_retention_anchor_unclear, clause, check_path(c, clause, "keep"),
                  "%.*s could as well count from %.*s, which no clock uses", STR_ARG(clause->path),
                  STR_ARG(c->plan->event[other].clause.path));
    if (!basis_ends(purpose) && !moment_any(entry->until, is_sure, purpose) &&
        !moment_any(entry->until, is_open, NULL))
        found_severe(c, RULE_retention_anchor_unclear, SEVERITY_WARNING, clause,
                     check_path(c, clause, "keep"), "the end of %.*s hangs on what may never come",
                     STR_ARG(clause->path));
}

void check_retention_anchor_unclear(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &c->plan->purpose[i];
        for (uint16_t j = 0; j < purpose->keep.count; j++)
            if (purpose->keep.at[j].until != NULL)
                anchor_check(c, purpose, &purpose->keep.at[j]);
    }
}

struct last_event {
    const struct plan *plan;
    plan_index event;
};

static bool is_last(const void *context, const struct moment *moment)
{
    const struct last_event *wanted = context;
    return moment->op == MOMENT_EVENT && moment->which == WHICH_LAST &&
           moment->ref == wanted->event;
}

/* A statute that counts from an act of the firm, such as an invoice, knows what it does. */
void check_anchor_self_extending(struct check *c)
{
    const struct plan *plan = c->plan;
    for (plan_index i = 0; i < plan->event_count; i++) {
        struct last_event last = {plan, i};
        for (uint16_t j = 0; j < plan->purpose_count && plan->event[i].by != BY_SUBJECT; j++) {
            bool statute = plan->purpose[j].basis == BASIS_LEGAL_DUTY;
            if (statute || !keep_any(&plan->purpose[j].keep, is_last, &last))
                continue;
            found_add(c, RULE_anchor_self_extending, &plan->event[i].clause,
                      plan->event[i].clause.path,
                      "%.*s counts from the last %.*s, which the firm can make happen",
                      STR_ARG(plan->purpose[j].clause.path),
                      STR_ARG(check_name(c, &plan->event[i].clause)));
            break;
        }
    }
}

static bool is_agreement_end(const void *context, const struct moment *moment)
{
    const struct plan *plan = context;
    return moment->op == MOMENT_END_OF && !moment->of_role &&
           kind_of(plan, moment->ref) == KIND_AGREEMENT;
}

static bool kept_by_statute(const struct plan *plan)
{
    for (uint16_t i = 0; i < plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &plan->purpose[i];
        bool duty = purpose->basis == BASIS_LEGAL_DUTY || purpose->law.len > 0 ||
                    clause_has_hole(&purpose->clause, "law");
        if (duty && !purpose->keep.none)
            return true;
    }
    return false;
}

void check_statutory_missing(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->purpose_count && !kept_by_statute(c->plan); i++) {
        const struct plan_purpose *purpose = &c->plan->purpose[i];
        if (keep_any(&purpose->keep, is_agreement_end, c->plan))
            found_add(c, RULE_statutory_missing, &purpose->clause, purpose->clause.path,
                      "%.*s is kept under an agreement, and nothing is kept by statute",
                      STR_ARG(purpose->clause.path));
    }
}
