/* Consent, basis, purposes, data and retention. */
#include "check_internal.h"

/* ---- holes ---- */

/* How grave a hole is: an error when the policy says nothing of the kind anywhere. */
static enum severity hole_severity(bool stated_somewhere)
{
    return stated_somewhere ? SEVERITY_WARNING : SEVERITY_ERROR;
}

void check_basis_unspecified(struct check *c)
{
    bool stated = false;
    for (uint16_t i = 0; i < c->plan->purpose_count; i++)
        stated |= c->plan->purpose[i].basis != BASIS_NONE;
    for (uint16_t i = 0; i < c->plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &c->plan->purpose[i];
        if (purpose->basis == BASIS_NONE)
            found_hole(c, RULE_basis_unspecified, hole_severity(stated), &purpose->clause,
                       check_path(c, &purpose->clause, "basis"));
    }
}

void check_category_unspecified(struct check *c)
{
    const struct plan *plan = c->plan;
    bool stated = false;
    for (uint16_t i = 0; i < plan->category_count; i++)
        stated |= !plan->category[i].never && !clause_has_hole(&plan->category[i].clause, "fields");
    for (uint16_t i = 0; i < plan->category_count; i++) {
        const struct clause *clause = &plan->category[i].clause;
        if (clause_has_hole(clause, "fields"))
            found_hole(c, RULE_category_unspecified, hole_severity(stated), clause,
                       check_path(c, clause, "fields"));
    }
    for (uint16_t i = 0; i < plan->purpose_count; i++) {
        const struct clause *clause = &plan->purpose[i].clause;
        if (plan->purpose[i].uses.hole || clause_has_hole(clause, "uses"))
            found_hole(c, RULE_category_unspecified, hole_severity(stated), clause,
                       check_path(c, clause, "uses"));
    }
}

static bool is_span(const void *context, const struct moment *moment)
{
    (void)context;
    return moment->op == MOMENT_AFTER && !moment->span.hole;
}

static bool keep_any(const struct keep *keep,
                     bool (*test)(const void *context, const struct moment *moment),
                     const void *context)
{
    for (uint16_t i = 0; i < keep->count; i++)
        if (moment_any(keep->at[i].until, test, context))
            return true;
    return false;
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

void check_class_undefined(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->set_count; i++) {
        const struct plan_set *set = &c->plan->set[i];
        if (set->fields.hole || set->clause.hole_count > 0)
            found_hole(c, RULE_class_undefined, SEVERITY_ERROR, &set->clause, set->clause.path);
    }
}

static bool hole_is_listed(const struct check *c, const struct clause *clause, str hole)
{
    for (size_t i = 0; i < c->list.count; i++) {
        const struct found *found = &c->list.at[i];
        if (found->clause == clause && found->hole &&
            (clause_is_hole(clause) || path_within(hole, found->path)))
            return true;
    }
    return false;
}

static void other_holes(void *context, const struct clause *clause)
{
    struct check *c = context;
    for (uint16_t i = 0; i < clause->hole_count; i++)
        if (!hole_is_listed(c, clause, clause->holes[i]))
            found_hole(c, RULE_NONE, SEVERITY_INFO, clause, clause->holes[i]);
}

void check_other_holes(struct check *c)
{
    each_clause(c->plan, other_holes, c);
}

/* ---- consent ---- */

void check_consent_scope(struct check *c)
{
    const struct plan_right *withdraw = &c->plan->right[RIGHT_WITHDRAW];
    if (withdraw->stated && !any_basis(c->plan, BASIS_CONSENT))
        found_add(c, RULE_consent_scope, &withdraw->clause, withdraw->clause.path,
                  "consent can be withdrawn, but no purpose rests on consent");
}

/* A consent for a single act (`keep: none`) leaves nothing to be withdrawn from. */
static bool consent_lasts(const struct plan_purpose *purpose)
{
    return purpose->basis == BASIS_CONSENT && !purpose->keep.none;
}

void check_withdrawal_missing(struct check *c)
{
    const struct plan *plan = c->plan;
    const struct plan_right *withdraw = &plan->right[RIGHT_WITHDRAW];
    for (plan_index i = 0; i < plan->purpose_count && !withdraw->stated; i++) {
        const struct plan_purpose *purpose = &plan->purpose[i];
        if (!consent_lasts(purpose) || purpose_sends_by_switch(plan, i))
            continue;
        found_add(c, RULE_withdrawal_missing, &purpose->clause, withdraw->clause.path,
                  "nothing lets the person withdraw the consent to %.*s",
                  STR_ARG(purpose->clause.path));
    }
}

/* A way that is as near as the screen where consent was given. */
static bool reached_on_screen(const struct plan *plan, const struct refs *at)
{
    for (uint16_t i = 0; i < at->count; i++) {
        enum contact_kind kind = plan->contact[at->at[i]].kind;
        if (kind == CONTACT_WEB || kind == CONTACT_SELF_SERVICE)
            return true;
    }
    return at->all;
}

static bool asked_on_screen(const struct plan *plan, plan_index purpose)
{
    word web = words_find(plan->words, STR("web"));
    for (uint16_t i = 0; i < plan->intake_count; i++)
        if (plan->intake[i].channel == web && refs_has(&plan->intake[i].purposes, purpose))
            return true;
    return false;
}

void check_withdrawal_harder(struct check *c)
{
    const struct plan *plan = c->plan;
    const struct plan_right *withdraw = &plan->right[RIGHT_WITHDRAW];
    if (!withdraw->stated || withdraw->at.hole || withdraw->at_portal ||
        reached_on_screen(plan, &withdraw->at))
        return;
    for (plan_index i = 0; i < plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &plan->purpose[i];
        if (consent_lasts(purpose) && asked_on_screen(plan, i) && !purpose_sends_by_switch(plan, i))
            found_add(c, RULE_withdrawal_harder, &withdraw->clause, withdraw->clause.path,
                      "consent to %.*s is given on a web page and cannot be withdrawn on one",
                      STR_ARG(purpose->clause.path));
    }
}

static bool is_latest_with_agreement(const void *context, const struct moment *moment)
{
    const struct plan *plan = context;
    if (moment->op != MOMENT_LATEST)
        return false;
    for (const struct moment *child = moment->child; child != NULL; child = child->next)
        if (child->op == MOMENT_END_OF && !child->of_role &&
            kind_of(plan, child->ref) == KIND_AGREEMENT)
            return true;
    return false;
}

void check_withdrawal_vs_contract(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &c->plan->purpose[i];
        if (purpose->basis == BASIS_CONSENT &&
            keep_any(&purpose->keep, is_latest_with_agreement, c->plan))
            found_add(c, RULE_withdrawal_vs_contract, &purpose->clause,
                      check_path(c, &purpose->clause, "keep"),
                      "an agreement would keep the data of %.*s after its consent is withdrawn",
                      STR_ARG(purpose->clause.path));
    }
}

/* ---- purposes ---- */

void check_purpose_vague(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &c->plan->purpose[i];
        const struct clause *clause = &purpose->clause;
        if (clause->says.count == 0)
            found_add(c, RULE_purpose_vague, clause, clause->path, "%.*s does not say what it is",
                      STR_ARG(clause->path));
        else if (purpose->profiling && purpose->uses.hole)
            found_add(c, RULE_purpose_vague, clause, clause->path,
                      "%.*s profiles people, and it is not said from which data",
                      STR_ARG(clause->path));
    }
}

void check_automated_decision(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &c->plan->purpose[i];
        bool lawful = purpose->basis == BASIS_CONSENT || purpose->basis == BASIS_CONTRACT ||
                      (purpose->basis == BASIS_LEGAL_DUTY && purpose->law.len > 0);
        if (purpose->decides && !lawful)
            found_add(c, RULE_automated_decision, &purpose->clause, purpose->clause.path,
                      "%.*s decides about people without a ground that allows it",
                      STR_ARG(purpose->clause.path));
    }
}

/* ---- data ---- */

static bool opened_by_claim(const struct plan *plan, const struct plan_purpose *purpose)
{
    return (purpose->starts_evidence != NONE &&
            kind_of(plan, purpose->starts_evidence) == KIND_CLAIM) ||
           needs_kind(plan, &purpose->needs, KIND_CLAIM) ||
           needs_kind(plan, &purpose->needs, KIND_LEGAL_GROUND);
}

static bool uses_kind(const struct plan *plan, const struct plan_purpose *purpose,
                      enum category_kind kind)
{
    for (plan_index i = 0; i < plan->field_count; i++)
        if (plan->category[plan->field[i].category].kind == kind &&
            field_set_has(&purpose->uses, i))
            return true;
    return false;
}

void check_criminal_data(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &c->plan->purpose[i];
        if (purpose->basis != BASIS_LEGAL_DUTY && !opened_by_claim(c->plan, purpose) &&
            uses_kind(c->plan, purpose, CATEGORY_CRIMINAL))
            found_add(c, RULE_criminal_data, &purpose->clause, purpose->clause.path,
                      "%.*s uses data on offences without a statute, a decision or a claim",
                      STR_ARG(purpose->clause.path));
    }
}

static bool never_special(const struct plan *plan)
{
    for (uint16_t i = 0; i < plan->category_count; i++)
        if (plan->category[i].kind == CATEGORY_SPECIAL && !plan->category[i].never)
            return false;
    return true;
}

static bool has_file(const struct plan *plan, const struct plan_category *category)
{
    for (uint16_t i = 0; i < category->field_count; i++)
        if (plan->field[category->first_field + i].kind == FIELD_FILE)
            return true;
    return false;
}

void check_sensitive_in_free_text(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->category_count && never_special(c->plan); i++) {
        const struct plan_category *category = &c->plan->category[i];
        if (!category->never && has_file(c->plan, category))
            found_add(
                c, RULE_sensitive_in_free_text, &category->clause, category->clause.path,
                "files of %.*s may hold special categories, which the policy says it never has",
                STR_ARG(category->clause.path));
    }
}

/* ---- retention ---- */

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
