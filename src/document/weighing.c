/* The weighing of legitimate interests (article 6(1)(f)). What a policy shows is computed; what
 * only the firm can say stands in its statements, and lacks when it does not. */
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

str words_on_file(struct paper *paper, const struct purpose_proof *proof)
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
                                 : words_on_file(paper, proof));
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
