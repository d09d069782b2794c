/* Whether an impact assessment is needed (article 35): by the nine criteria of WP 248, of which two
 * call for one, and by the authority's own list (assessed.def), of which one row does. What a
 * policy shows is computed; what only the firm knows counts where its statements say so. */
#include "document_internal.h"

/* ---- the criteria ---- */

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

static str technology(struct paper *paper, const struct plan_purpose *purpose)
{
    const struct clause *stated = purpose_states(paper->plan, purpose, STATED_TECHNOLOGY);
    return stated == NULL ? STR("") : paper_label(paper, stated);
}

/* Others give the data: a source that it names itself, or one of an intake. */
static str from_others(struct paper *paper, plan_index index)
{
    const struct plan *plan = paper->plan;
    const struct plan_purpose *purpose = &plan->purpose[index];
    struct texts names = {0};
    for (plan_index k = 0; k < plan->source_count; k++) {
        bool had = purpose->from.stated && refs_has(&purpose->from, k);
        for (uint16_t i = 0; i < plan->intake_count && !purpose->from.stated; i++) {
            const struct plan_intake *intake = &plan->intake[i];
            had |= !intake->clause.closed && refs_has(&intake->purposes, index) &&
                   refs_has(&intake->from, k);
        }
        if (had && plan->source[k].kind == SOURCE_INDIRECT && !plan->source[k].clause.closed)
            texts_add(paper, &names, paper_label(paper, &plan->source[k].clause));
    }
    return texts_joined(paper, &names);
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
    case STATED_from_others:
        return from_others(paper, index);
    case STATED_innovative: /* the criterion of the same kind */
        return technology(paper, purpose);
    case STATED_predicting:
        return purpose->profiling ? WORDS(paper, TEXT_criterion_profile) : STR("");
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

/* What was found of one purpose. */
struct found {
    struct texts criteria, listed; /* in words, with the reason */
    bool met[STATED_COUNT];
};

static str why_of(struct paper *paper, plan_index index, enum stated about)
{
    const struct clause *stated = purpose_states(paper->plan, &paper->plan->purpose[index], about);
    return stated != NULL ? paper_label(paper, stated) : shown(paper, index, about);
}

static void find_criteria(struct paper *paper, plan_index index, struct found *found)
{
    for (unsigned i = STATED_EVALUATION; i < STATED_CRITERIA_END; i++) {
        str why = why_of(paper, index, (enum stated)i);
        found->met[i] = why.len > 0;
        if (found->met[i])
            texts_add(paper, &found->criteria,
                      WORDS(paper, TEXT_colon, WORDS(paper, CRITERIA[i]), why));
    }
}

/* ---- the authority's list ---- */

enum { ALONE = STATED_COUNT, ANY_OTHER };
static const struct {
    struct date from; /* the day of a list; the other rows have none */
    const char *source;
    enum stated name;
    unsigned with;
    enum text text;
} LISTS[] = {
#define DECIDED(year, month, day, source) {.from = {year, month, day}, source, 0, 0, TEXT_none},
#define LISTED(name, with, text)          {.from = {0}, NULL, STATED_##name, with, text},
#include "assessed.def"
#undef DECIDED
#undef LISTED
};

/* The row that the list of that day begins with; without a day, the last. LENGTH(LISTS): none. */
static size_t list_at(const struct policy_ask *ask)
{
    size_t found = LENGTH(LISTS);
    bool known = ask->now.ms != 0;
    struct date today = {0};
    if (known)
        today = instant_date(ask->plan->zone, ask->now);
    for (size_t i = 0; i < LENGTH(LISTS); i++) {
        bool begins = LISTS[i].source != NULL;
        if (begins && (!known || date_compare(LISTS[i].from, today) <= 0))
            found = i;
    }
    return found;
}

static bool is_listed_row(size_t row)
{
    return row < LENGTH(LISTS) && LISTS[row].source == NULL;
}

/* Is another criterion met than the one that the processing is by itself, where that is asked? */
static bool takes_another(const struct found *found, unsigned with)
{
    bool another = with == ALONE;
    for (unsigned i = STATED_EVALUATION; i < STATED_CRITERIA_END; i++)
        another |= i != with && found->met[i];
    return another;
}

static void find_listed(struct paper *paper, const struct policy_ask *ask, plan_index index,
                        struct found *found)
{
    for (size_t row = list_at(ask) + 1; is_listed_row(row); row++) {
        str why = why_of(paper, index, LISTS[row].name);
        if (why.len > 0 && takes_another(found, LISTS[row].with))
            texts_add(paper, &found->listed,
                      WORDS(paper, TEXT_colon, WORDS(paper, LISTS[row].text), why));
    }
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
        return words_on_file(paper, proof);
    if (!flagged)
        return WORDS(paper, TEXT_assessment_not_needed);
    if (!known)
        return WORDS(paper, TEXT_assessment_no_type, STR("evidence." ASSESSMENT));
    return WORDS(paper, ask->live ? TEXT_assessment_lacks : TEXT_assessment_asked);
}

static void put_found(struct paper *paper, const struct texts *texts)
{
    paper_cell(paper, texts->list.count == 0 ? WORDS(paper, TEXT_assessment_no_criteria) : STR(""));
    texts_also(paper, texts);
}

static void put_assessed(struct paper *paper, const struct policy_ask *ask, plan_index index,
                         struct texts *flagged)
{
    struct found found = {0};
    find_criteria(paper, index, &found);
    find_listed(paper, ask, index, &found);
    bool needed = found.criteria.list.count >= 2 || found.listed.list.count > 0;
    str label = paper_label(paper, &paper->plan->purpose[index].clause);
    if (needed)
        texts_add(paper, flagged, label);
    paper_row(paper);
    paper_cell(paper, label);
    put_found(paper, &found.criteria);
    paper_cell(paper, paper_print(paper, "%zu", found.criteria.list.count));
    put_found(paper, &found.listed);
    paper_cell(paper, WORDS(paper, needed ? TEXT_assessment_yes : TEXT_assessment_no));
    paper_cell(paper, assessed(paper, ask, index, needed));
}

static void put_method(struct paper *paper, const struct policy_ask *ask)
{
    size_t list = list_at(ask);
    paper_section(paper, "method", TEXT_assessment_method);
    paper_paragraph(paper, WORDS(paper, TEXT_assessment_intro));
    paper_list(paper, "criteria");
    for (unsigned i = STATED_EVALUATION; i < STATED_CRITERIA_END; i++)
        paper_point(paper, WORDS(paper, CRITERIA[i]));
    if (list == LENGTH(LISTS)) {
        paper_paragraph(paper, WORDS(paper, TEXT_assessment_no_list));
        return;
    }
    paper_paragraph(paper, WORDS(paper, TEXT_assessment_list, str_from(LISTS[list].source),
                                 words_day(paper, LISTS[list].from)));
    paper_list(paper, "listed");
    for (size_t row = list + 1; is_listed_row(row); row++)
        paper_point(paper, WORDS(paper, LISTS[row].text));
}

status assessment_paper(const struct policy_ask *ask, struct arena *arena, struct report *report,
                        struct paper **paper)
{
    struct texts flagged = {0};
    TRY(plan_paper(PAPER_assessment, ask, arena, report, paper));
    put_method(*paper, ask);
    paper_section(*paper, "purposes", TEXT_assessment_purposes);
    put_unused(*paper);
    paper_table(*paper, "found", TEXT_none);
    paper_column(*paper, "purpose", TEXT_purpose_head);
    paper_columns(*paper, "criteria", TEXT_assessment_criteria_head);
    paper_column(*paper, "count", TEXT_assessment_count_head);
    paper_columns(*paper, "listed", TEXT_assessment_listed_head);
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
