/* What a firm must have thought of before it begins: the weighing of legitimate interests (article
 * 6(1)(f)) and whether an impact assessment is needed (article 35). What a policy shows is
 * computed; what only the firm can say stands in its statements, and lacks when it does not. */
#include "document_internal.h"

/* ---- evidence of a purpose ---- */

const struct purpose_proof *proof_of(const struct policy_ask *ask, plan_index purpose,
                                     enum evidence_kind kind, const char *name)
{
    const struct purpose_proof *found = NULL;
    for (size_t i = 0; i < ask->proof_count; i++) {
        const struct purpose_proof *proof = &ask->proofs[i];
        const struct plan_evidence *type = &ask->plan->evidence[proof->evidence];
        bool wanted = name == NULL ? type->kind == kind
                                   : str_is(words_text(ask->plan->words, type->clause.name), name);
        if (proof->purpose == purpose && wanted &&
            (found == NULL || before(found->until, proof->until)))
            found = proof;
    }
    return found;
}

static str on_file(struct paper *paper, const struct purpose_proof *proof)
{
    str since = words_date(paper, proof->since);
    return proof->until.ms == NEVER.ms
               ? WORDS(paper, TEXT_on_file_since, since)
               : WORDS(paper, TEXT_on_file_until, since, words_date(paper, proof->until));
}

/* ---- balancing tests ---- */

static void put_stated(struct paper *paper, const struct plan_purpose *purpose, enum stated stated,
                       const char *key, enum text label)
{
    static const char *const ITEMS[] = {[STATED_INTEREST] = "purposes.purpose.interest",
                                        [STATED_NECESSITY] = "purposes.purpose.necessity",
                                        [STATED_BALANCE] = "purposes.purpose.balance",
                                        [STATED_SAFEGUARDS] = "purposes.purpose.safeguards"};
    const struct clause *says = purpose_states(paper->plan, purpose, stated);
    if (says == NULL)
        paper_lacks(paper, ITEMS[stated], purpose_stated_path(paper, purpose, stated));
    paper_term(paper, key, label, says == NULL ? STR("") : paper_label(paper, says));
}

/* What the policy itself holds to besides: limits that no statement need repeat. */
static void put_limits(struct paper *paper, plan_index index)
{
    const struct plan *plan = paper->plan;
    const struct plan_purpose *purpose = &plan->purpose[index];
    if (purpose->counts_only > 0)
        paper_also(paper, WORDS(paper, TEXT_counts_text,
                                paper_print(paper, "%u", (unsigned)purpose->counts_only)));
    if (purpose->needs.count > 0)
        paper_also(paper, WORDS(paper, TEXT_balancing_needs, words_needs(paper, &purpose->needs)));
    for (uint16_t i = 0; i < plan->stop_count; i++) {
        if (!plan->stop[i].clause.closed && refs_has(&plan->stop[i].stops_purposes, index))
            paper_also(paper, WORDS(paper, TEXT_balancing_switch,
                                    paper_label(paper, &plan->stop[i].clause)));
    }
}

static void put_objection(struct paper *paper, const struct plan_purpose *purpose)
{
    struct texts ways = {0};
    bool at_once = purpose->objection == OBJECTION_ABSOLUTE || purpose->marketing != MARKETING_NONE;
    words_ways(paper, RIGHT_OBJECT, &ways);
    if (ways.list.count == 0)
        paper_lacks(paper, "purposes.purpose.objection", STR("rights.all.at"));
    paper_term(paper, "objection", TEXT_balancing_objection,
               WORDS(paper, at_once ? TEXT_balancing_absolute : TEXT_balancing_weighed,
                     texts_joined(paper, &ways)));
}

static void put_weighing(struct paper *paper, const struct policy_ask *ask, plan_index index)
{
    const struct plan_purpose *purpose = &paper->plan->purpose[index];
    const struct purpose_proof *proof = proof_of(ask, index, KIND_BALANCING, NULL);
    struct texts data = {0}, people = {0};
    words_fields(paper, &purpose->uses, &data);
    words_roles(paper, &purpose->roles, &people);
    str label = paper_label(paper, &purpose->clause);
    paper_each(paper, "purpose", label);
    paper_terms(paper, NULL);
    paper_term(paper, "name", TEXT_purpose_head, label);
    put_stated(paper, purpose, STATED_INTEREST, "interest", TEXT_balancing_interest);
    put_stated(paper, purpose, STATED_NECESSITY, "necessity", TEXT_balancing_necessity);
    put_stated(paper, purpose, STATED_BALANCE, "balance", TEXT_balancing_balance);
    put_stated(paper, purpose, STATED_SAFEGUARDS, "safeguards", TEXT_balancing_safeguards);
    put_limits(paper, index);
    put_objection(paper, purpose);
    paper_term(paper, "people", TEXT_people_term, STR(""));
    texts_also(paper, &people);
    paper_term(paper, "data", TEXT_data_term, STR(""));
    texts_also(paper, &data);
    paper_term(paper, "kept", TEXT_kept_term,
               purpose->keep.none ? WORDS(paper, TEXT_kept_none) : STR(""));
    for (uint16_t i = 0; i < purpose->keep.count && !purpose->keep.none; i++)
        paper_also(paper, words_kept(paper, purpose, &purpose->keep.at[i]));
    if (ask->live)
        paper_term(paper, "on_file", TEXT_on_file_term,
                   proof == NULL ? WORDS(paper, TEXT_balancing_none_on_file)
                                 : on_file(paper, proof));
}

status balancing_paper(const struct policy_ask *ask, struct arena *arena, struct report *report,
                       struct paper **paper)
{
    bool any = false;
    TRY(plan_paper(PAPER_balancing, ask, arena, report, paper));
    paper_section(*paper, "purposes", TEXT_balancing_title);
    for (plan_index i = 0; i < ask->plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &ask->plan->purpose[i];
        any |= purpose->basis == BASIS_LEGITIMATE_INTEREST && !purpose->clause.closed;
    }
    paper_paragraph(*paper, WORDS(*paper, any ? TEXT_balancing_intro : TEXT_interests_none));
    put_unused(*paper);
    for (plan_index i = 0; i < ask->plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &ask->plan->purpose[i];
        if (purpose->basis == BASIS_LEGITIMATE_INTEREST && !purpose->clause.closed)
            put_weighing(*paper, ask, i);
    }
    return paper_finish(*paper, report);
}

/* ---- the criteria of an impact assessment ---- */

/* Data of articles 9 and 10, and cards, which may be misused for fraud. */
static str sensitive(struct paper *paper, const struct plan_purpose *purpose)
{
    struct texts labels = {0};
    for (uint16_t i = 0; i < paper->plan->category_count; i++) {
        const struct plan_category *category = &paper->plan->category[i];
        bool kind = category->kind == CATEGORY_SPECIAL || category->kind == CATEGORY_CRIMINAL ||
                    category->kind == CATEGORY_PAYMENT_CARD;
        if (kind && !category->never &&
            (purpose->uses.all || bits_overlap(purpose->uses.fields, category->fields)))
            texts_add(paper, &labels, paper_label(paper, &category->clause));
    }
    return texts_joined(paper, &labels);
}

static bool observes(const struct plan *plan, const struct refs *sources)
{
    for (uint16_t i = 0; i < sources->count; i++) {
        if (plan->source[sources->at[i]].kind == SOURCE_OBSERVED)
            return true;
    }
    return false;
}

/* What people do is followed: by a source that it names itself, through an intake, or by a cookie
 * that is not necessary. */
static str monitoring(struct paper *paper, plan_index index)
{
    const struct plan *plan = paper->plan;
    const struct plan_purpose *purpose = &plan->purpose[index];
    struct texts by = {0};
    bool observed = purpose->from.stated && observes(plan, &purpose->from);
    for (uint16_t i = 0; i < plan->intake_count; i++) {
        const struct plan_intake *intake = &plan->intake[i];
        observed |= !intake->clause.closed && refs_has(&intake->purposes, index) &&
                    (intake->live || observes(plan, &intake->from));
    }
    if (observed)
        texts_add(paper, &by, WORDS(paper, TEXT_criterion_observed));
    for (uint16_t i = 0; i < plan->cookie_count; i++) {
        const struct plan_cookie *cookie = &plan->cookie[i];
        if (!cookie->clause.closed && !cookie->necessary && refs_has(&cookie->purposes, index))
            texts_add(
                paper, &by,
                WORDS(paper, TEXT_criterion_cookie, words_text(plan->words, cookie->clause.name)));
    }
    return texts_joined(paper, &by);
}

static str children(struct paper *paper, const struct plan_purpose *purpose)
{
    struct texts roles = {0};
    for (plan_index i = 0; i < paper->plan->role_count; i++) {
        if (paper->plan->role[i].under > 0 && (purpose->roles.all || refs_has(&purpose->roles, i)))
            texts_add(paper, &roles, words_role(paper, i));
    }
    return texts_joined(paper, &roles);
}

/* Why the policy itself shows it; empty when it does not. */
static str shown(struct paper *paper, plan_index index, enum stated criterion)
{
    const struct plan_purpose *purpose = &paper->plan->purpose[index];
    switch ((unsigned)criterion) {
    case STATED_EVALUATION:
        return purpose->profiling ? WORDS(paper, TEXT_criterion_profile) : STR("");
    case STATED_DECISION:
        return purpose->decides ? WORDS(paper, TEXT_criterion_decides) : STR("");
    case STATED_MONITORING:
        return monitoring(paper, index);
    case STATED_SENSITIVE:
        return sensitive(paper, purpose);
    case STATED_COMBINING:
        return purpose->reuses ? WORDS(paper, TEXT_criterion_reuses) : STR("");
    case STATED_VULNERABLE:
        return children(paper, purpose);
    default:
        return STR("");
    }
}

static const enum text CRITERIA[STATED_COUNT] = {
    [STATED_EVALUATION] = TEXT_criterion_evaluation,
    [STATED_DECISION] = TEXT_criterion_decision,
    [STATED_MONITORING] = TEXT_criterion_monitoring,
    [STATED_SENSITIVE] = TEXT_criterion_sensitive,
    [STATED_SCALE] = TEXT_criterion_scale,
    [STATED_COMBINING] = TEXT_criterion_combining,
    [STATED_VULNERABLE] = TEXT_criterion_vulnerable,
    [STATED_TECHNOLOGY] = TEXT_criterion_technology,
    [STATED_EXCLUSION] = TEXT_criterion_exclusion,
};

static struct texts criteria_of(struct paper *paper, plan_index index)
{
    const struct plan_purpose *purpose = &paper->plan->purpose[index];
    struct texts met = {0};
    for (unsigned i = STATED_EVALUATION; i < STATED_COUNT; i++) {
        const struct clause *stated = purpose_states(paper->plan, purpose, (enum stated)i);
        str why = stated != NULL ? paper_label(paper, stated) : shown(paper, index, (enum stated)i);
        if (why.len > 0)
            texts_add(paper, &met, WORDS(paper, TEXT_colon, WORDS(paper, CRITERIA[i]), why));
    }
    return met;
}

/* ---- the assessment ---- */

#define ASSESSMENT "impact_assessment" /* what such evidence is called in a policy */

static str assessed(struct paper *paper, const struct policy_ask *ask, plan_index index,
                    bool flagged)
{
    const struct purpose_proof *proof = proof_of(ask, index, KIND_RECORD, ASSESSMENT);
    word name = words_find(ask->plan->words, STR(ASSESSMENT));
    bool known = name != 0 && plan_find(ask->plan, ask->plan->evidence_of, name) != NONE;
    if (proof != NULL)
        return on_file(paper, proof);
    if (!flagged)
        return WORDS(paper, TEXT_assessment_not_needed);
    if (!known)
        return WORDS(paper, TEXT_assessment_no_type, STR("evidence." ASSESSMENT));
    return WORDS(paper, ask->live ? TEXT_assessment_lacks : TEXT_assessment_asked);
}

static void put_assessed(struct paper *paper, const struct policy_ask *ask, plan_index index,
                         struct texts *flagged)
{
    struct texts met = criteria_of(paper, index);
    bool needed = met.list.count >= 2;
    str label = paper_label(paper, &paper->plan->purpose[index].clause);
    if (needed)
        texts_add(paper, flagged, label);
    paper_row(paper);
    paper_cell(paper, label);
    paper_cell(paper, met.list.count == 0 ? WORDS(paper, TEXT_assessment_no_criteria) : STR(""));
    texts_also(paper, &met);
    paper_cell(paper, paper_print(paper, "%zu", met.list.count));
    paper_cell(paper, WORDS(paper, needed ? TEXT_assessment_yes : TEXT_assessment_no));
    paper_cell(paper, assessed(paper, ask, index, needed));
}

status assessment_paper(const struct policy_ask *ask, struct arena *arena, struct report *report,
                        struct paper **paper)
{
    struct texts flagged = {0};
    TRY(plan_paper(PAPER_assessment, ask, arena, report, paper));
    paper_section(*paper, "method", TEXT_assessment_method);
    paper_paragraph(*paper, WORDS(*paper, TEXT_assessment_intro));
    paper_list(*paper, "criteria");
    for (unsigned i = STATED_EVALUATION; i < STATED_COUNT; i++)
        paper_point(*paper, WORDS(*paper, CRITERIA[i]));
    paper_section(*paper, "purposes", TEXT_assessment_purposes);
    put_unused(*paper);
    paper_table(*paper, "found", TEXT_none);
    paper_column(*paper, "purpose", TEXT_purpose_head);
    paper_columns(*paper, "criteria", TEXT_assessment_criteria_head);
    paper_column(*paper, "count", TEXT_assessment_count_head);
    paper_column(*paper, "needed", TEXT_assessment_needed_head);
    paper_column(*paper, "assessment", TEXT_assessment_file_head);
    for (plan_index i = 0; i < ask->plan->purpose_count; i++) {
        if (!ask->plan->purpose[i].clause.closed)
            put_assessed(*paper, ask, i, &flagged);
    }
    paper_section(*paper, "needed", TEXT_assessment_needed);
    paper_paragraph(*paper, flagged.list.count == 0 ? WORDS(*paper, TEXT_assessment_none)
                                                    : WORDS(*paper, TEXT_assessment_some,
                                                            texts_joined(*paper, &flagged)));
    return paper_finish(*paper, report);
}
