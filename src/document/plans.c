/* Plans and lists that come from the policy alone: when data goes, where it may go, who processes
 * it. */
#include "document_internal.h"

static status begin(enum paper_kind kind, const struct policy_ask *ask, struct arena *arena,
                    struct report *report, struct paper **paper)
{
    struct paper_start start = {kind, ask->plan, ask->language};
    *paper = paper_begin(&start, arena);
    return *paper != NULL ? OK : NO_MEMORY(report);
}

/* ---- when data goes ---- */

static void put_clock(struct paper *paper, const struct plan_purpose *purpose)
{
    struct texts data = {0};
    words_fields(paper, &purpose->uses, &data);
    paper_row(paper);
    paper_cell(paper, paper_label(paper, &purpose->clause));
    paper_cell(paper, STR(""));
    texts_also(paper, &data);
    paper_cell(paper, purpose->keep.none ? WORDS(paper, TEXT_kept_none) : STR(""));
    for (uint16_t i = 0; i < purpose->keep.count && !purpose->keep.none; i++)
        paper_also(paper, words_kept(paper, purpose, &purpose->keep.at[i]));
    paper_cell(paper, words_basis(paper, purpose));
}

status retention_paper(const struct policy_ask *ask, struct arena *arena, struct report *report,
                       struct paper **paper)
{
    TRY(begin(PAPER_retention, ask, arena, report, paper));
    paper_paragraph(*paper, WORDS(*paper, TEXT_retention_intro));
    paper_table(*paper, "plan", TEXT_none);
    paper_column(*paper, "purpose", TEXT_purpose_head);
    paper_columns(*paper, "data", TEXT_fields_head);
    paper_columns(*paper, "until", TEXT_until_head);
    paper_column(*paper, "basis", TEXT_basis_head);
    for (uint16_t i = 0; i < ask->plan->purpose_count; i++) {
        if (!ask->plan->purpose[i].clause.closed)
            put_clock(*paper, &ask->plan->purpose[i]);
    }
    return paper_finish(*paper, report);
}

/* ---- where it may go ---- */

static void put_home(struct paper *paper)
{
    static const enum text HOMES[] = {[HOME_ANY] = TEXT_transfers_any,
                                      [HOME_EU] = TEXT_transfers_eu,
                                      [HOME_EEA] = TEXT_transfers_eea};
    const struct plan_places *places = &paper->plan->places;
    if (places->home == HOME_ANY && (places->clause.closed || !places->outside_stated))
        paper_lacks(paper, "home", STR("places.home"));
    paper_section(paper, "home", TEXT_home_heading);
    paper_paragraph(paper, WORDS(paper, HOMES[places->home]));
}

static void put_given(struct paper *paper, const struct plan_recipient *recipient)
{
    struct texts purposes = {0}, data = {0};
    words_purposes(paper, &recipient->purposes, &purposes);
    if (purposes.list.count == 0)
        return;
    words_fields(paper, &recipient->gives, &data);
    paper_row(paper);
    paper_cell(paper, paper_label(paper, &recipient->clause));
    paper_cell(paper, words_recipient_kind(paper, recipient->kind));
    paper_cell(paper, STR(""));
    texts_also(paper, &purposes);
    paper_cell(paper, STR(""));
    texts_also(paper, &data);
    paper_cell(paper, recipient->needs.count == 0 ? WORDS(paper, TEXT_terms_none)
                                                  : words_needs(paper, &recipient->needs));
}

static bool is_given(const struct plan_recipient *recipient, bool processors)
{
    return !recipient->never && !recipient->clause.closed &&
           (!processors || recipient->kind == RECIPIENT_PROCESSOR);
}

static bool put_recipients(struct paper *paper, bool processors)
{
    const struct plan *plan = paper->plan;
    bool any = false;
    for (uint16_t i = 0; i < plan->recipient_count; i++)
        any |= is_given(&plan->recipient[i], processors);
    if (!any)
        return false;
    paper_table(paper, "given", TEXT_none);
    paper_column(paper, "recipient", TEXT_recipient_head);
    paper_column(paper, "kind", TEXT_recipient_kind_head);
    paper_columns(paper, "purposes", TEXT_recipient_for_head);
    paper_columns(paper, "data", TEXT_fields_head);
    paper_column(paper, "terms", TEXT_terms_head);
    for (uint16_t i = 0; i < plan->recipient_count; i++) {
        if (is_given(&plan->recipient[i], processors))
            put_given(paper, &plan->recipient[i]);
    }
    return true;
}

status transfers_paper(const struct policy_ask *ask, struct arena *arena, struct report *report,
                       struct paper **paper)
{
    const struct plan_places *places = &ask->plan->places;
    TRY(begin(PAPER_transfers, ask, arena, report, paper));
    put_home(*paper);
    paper_section(*paper, "outside", TEXT_outside_heading);
    if (places->outside_needs.hole)
        paper_lacks(*paper, "outside", STR("places.outside.needs"));
    paper_paragraph(*paper, places->outside_stated
                                ? WORDS(*paper, TEXT_transfers_needs,
                                        words_needs(*paper, &places->outside_needs))
                                : WORDS(*paper, TEXT_transfers_none));
    paper_section(*paper, "recipients", TEXT_may_receive_heading);
    if (!put_recipients(*paper, false))
        paper_paragraph(*paper, WORDS(*paper, TEXT_recipients_none));
    return paper_finish(*paper, report);
}

/* ---- who processes it ---- */

status processors_paper(const struct policy_ask *ask, struct arena *arena, struct report *report,
                        struct paper **paper)
{
    struct texts ways = {0};
    TRY(begin(PAPER_processors, ask, arena, report, paper));
    paper_section(*paper, "used", TEXT_processors_title);
    paper_paragraph(*paper, WORDS(*paper, TEXT_processors_intro));
    if (!put_recipients(*paper, true))
        paper_paragraph(*paper, WORDS(*paper, TEXT_processors_none));
    put_home(*paper);
    words_contacts(*paper, &ask->plan->right[RIGHT_ALL].at, &ways);
    for (uint16_t i = 0; ways.list.count == 0 && i < ask->plan->controller_count; i++)
        words_contacts(*paper, &ask->plan->controller[i].contacts, &ways);
    paper_section(*paper, "contact", TEXT_contact_heading);
    if (ways.list.count == 0)
        paper_lacks(*paper, "contact", STR("rights.all.at"));
    paper_paragraph(*paper, WORDS(*paper, TEXT_processors_ask, texts_joined(*paper, &ways)));
    return paper_finish(*paper, report);
}
