/* The retention plan: when each purpose ceases to keep data, what that counts from, what then
 * happens, what keeps each category, and what is not settled. */
#include "document_internal.h"

/* ---- clocks ---- */

/* Periods and what they count from, side by side; `earliest of` and `latest of` have several. */
static void take_clock(struct paper *paper, const struct moment *moment, struct texts *periods,
                       struct texts *counts)
{
    if (moment->op == MOMENT_EARLIEST || moment->op == MOMENT_LATEST) {
        for (const struct moment *one = moment->child; one != NULL; one = one->next)
            take_clock(paper, one, periods, counts);
        return;
    }
    bool later = moment->op == MOMENT_AFTER;
    texts_add(paper, periods,
              later ? words_span(paper, moment->span) : WORDS(paper, TEXT_retention_at_once));
    texts_add(paper, counts, words_moment(paper, later ? moment->child : moment));
}

/* Does anything else that is open keep these data? */
static bool kept_elsewhere(const struct plan *plan, const struct plan_purpose *purpose)
{
    for (uint16_t i = 0; i < plan->purpose_count; i++) {
        const struct plan_purpose *other = &plan->purpose[i];
        if (other != purpose && !other->clause.closed && !other->keep.none &&
            (other->uses.all || purpose->uses.all ||
             bits_overlap(other->uses.fields, purpose->uses.fields)))
            return true;
    }
    return false;
}

static str end_of(struct paper *paper, const struct plan_purpose *purpose,
                  const struct keep_entry *entry)
{
    str end = WORDS(paper, kept_elsewhere(paper->plan, purpose) ? TEXT_retention_end_shared
                                                                : TEXT_retention_end);
    if (entry->needs.count == 0)
        return end;
    return WORDS(paper, TEXT_retention_end_needs, end, words_needs(paper, &entry->needs));
}

static void put_clock(struct paper *paper, const struct plan_purpose *purpose,
                      const struct keep_entry *entry)
{
    const struct field_set *of = entry != NULL && entry->of.stated ? &entry->of : &purpose->uses;
    struct texts data = {0}, periods = {0}, counts = {0};
    words_fields(paper, of, &data);
    if (entry != NULL)
        take_clock(paper, entry->until, &periods, &counts);
    paper_row(paper);
    paper_cell(paper, paper_label(paper, &purpose->clause));
    paper_cell(paper, STR(""));
    texts_also(paper, &data);
    paper_cell(paper, entry == NULL ? WORDS(paper, TEXT_retention_no_period) : STR(""));
    texts_also(paper, &periods);
    paper_cell(paper, entry == NULL ? WORDS(paper, TEXT_nothing) : STR(""));
    texts_also(paper, &counts);
    paper_cell(paper,
               entry == NULL ? WORDS(paper, TEXT_kept_none) : words_kept(paper, purpose, entry));
    paper_cell(paper, words_basis(paper, purpose));
    paper_cell(paper, entry == NULL ? WORDS(paper, TEXT_retention_end_none)
                                    : end_of(paper, purpose, entry));
}

static void put_clocks(struct paper *paper)
{
    const struct plan *plan = paper->plan;
    paper_section(paper, "purposes", TEXT_retention_purposes);
    paper_paragraph(paper, WORDS(paper, TEXT_retention_intro));
    paper_table(paper, "plan", TEXT_none);
    paper_column(paper, "purpose", TEXT_purpose_head);
    paper_columns(paper, "data", TEXT_fields_head);
    paper_columns(paper, "period", TEXT_retention_period_head);
    paper_columns(paper, "counts_from", TEXT_retention_from_head);
    paper_column(paper, "until", TEXT_until_head);
    paper_column(paper, "basis", TEXT_basis_head);
    paper_column(paper, "end", TEXT_retention_end_head);
    for (uint16_t i = 0; i < plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &plan->purpose[i];
        if (purpose->clause.closed)
            continue;
        if (purpose->keep.none)
            put_clock(paper, purpose, NULL);
        for (uint16_t k = 0; k < purpose->keep.count && !purpose->keep.none; k++)
            put_clock(paper, purpose, &purpose->keep.at[k]);
    }
}

/* ---- categories ---- */

static void put_category(struct paper *paper, const struct plan_category *category)
{
    struct texts keepers = {0};
    for (uint16_t i = 0; i < paper->plan->purpose_count; i++) {
        const struct plan_purpose *purpose = &paper->plan->purpose[i];
        if (!purpose->clause.closed && !purpose->keep.none &&
            (purpose->uses.all || bits_overlap(purpose->uses.fields, category->fields)))
            texts_add(paper, &keepers, paper_label(paper, &purpose->clause));
    }
    paper_row(paper);
    paper_cell(paper, paper_label(paper, &category->clause));
    paper_cell(paper, category->never           ? WORDS(paper, TEXT_retention_never)
                      : keepers.list.count == 0 ? WORDS(paper, TEXT_retention_kept_by_none)
                                                : STR(""));
    if (!category->never)
        texts_also(paper, &keepers);
}

static void put_categories(struct paper *paper)
{
    paper_section(paper, "categories", TEXT_retention_categories);
    paper_paragraph(paper, WORDS(paper, TEXT_retention_last_ends));
    paper_table(paper, "kept", TEXT_none);
    paper_column(paper, "category", TEXT_category_head);
    paper_columns(paper, "by", TEXT_retention_by_head);
    for (uint16_t i = 0; i < paper->plan->category_count; i++)
        put_category(paper, &paper->plan->category[i]);
}

/* ---- what is not settled ---- */

/* A hole is no period: the law's own reading of it is that there is no ground to keep anything. */
static void put_unsettled(struct paper *paper)
{
    const struct plan *plan = paper->plan;
    bool any = false;
    for (uint16_t i = 0; i < plan->purpose_count; i++)
        any |= plan->purpose[i].clause.closed;
    paper_section(paper, "unsettled", TEXT_retention_unsettled);
    paper_paragraph(paper, WORDS(paper, any ? TEXT_retention_floor : TEXT_retention_all_settled));
    if (!any)
        return;
    paper_table(paper, "holes", TEXT_none);
    paper_column(paper, "purpose", TEXT_purpose_head);
    paper_columns(paper, "lacks", TEXT_retention_lacks_head);
    for (uint16_t i = 0; i < plan->purpose_count; i++) {
        const struct clause *clause = &plan->purpose[i].clause;
        if (!clause->closed)
            continue;
        paper_row(paper);
        paper_cell(paper, clause->says.count > 0 ? paper_label(paper, clause)
                                                 : words_text(plan->words, clause->name));
        paper_cell(paper, clause->hole_count == 0 ? clause->path : STR(""));
        for (uint16_t k = 0; k < clause->hole_count; k++)
            paper_also(paper, clause->holes[k]);
    }
}

status retention_paper(const struct policy_ask *ask, struct arena *arena, struct report *report,
                       struct paper **paper)
{
    TRY(plan_paper(PAPER_retention, ask, arena, report, paper));
    put_clocks(*paper);
    put_categories(*paper);
    put_unsettled(*paper);
    return paper_finish(*paper, report);
}
