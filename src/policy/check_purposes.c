/* Consent, basis, purposes and data. */
#include "check_internal.h"

/* ---- holes ---- */

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
