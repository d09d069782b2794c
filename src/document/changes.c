/* What one version changes in another, in words that people read. Whether a change is material is
 * diff.c's answer; here are the names and the values before and now. */
#include "change_words.h"
#include "diff.h"
#include "document_internal.h"

struct changes {
    struct paper *paper;
    const struct plan *old, *new;
};

static const struct {
    const char *section;
    enum text text;
} SECTIONS[] = {
    {"purposes", TEXT_section_purposes},       {"recipients", TEXT_section_recipients},
    {"sources", TEXT_section_sources},         {"categories", TEXT_section_categories},
    {"intakes", TEXT_section_intakes},         {"cookies", TEXT_section_cookies},
    {"messages", TEXT_section_messages},       {"switches", TEXT_section_switches},
    {"rights", TEXT_section_rights},           {"places", TEXT_section_places},
    {"controllers", TEXT_section_controllers},
};

static enum text section_text(str section)
{
    for (size_t i = 0; i < LENGTH(SECTIONS); i++) {
        if (str_is(section, SECTIONS[i].section))
            return SECTIONS[i].text;
    }
    return TEXT_section_other;
}

/* What the clause is called; of what has no name that people know, the kind of thing alone. */
static str thing_of(struct changes *c, const struct plan_difference *difference)
{
    bool is_new = difference->new_clause != NONE;
    plan_index index = is_new ? difference->new_clause : difference->old_clause;
    str kind = WORDS(c->paper, section_text(difference->section)), name = STR("");
    if (index != NONE) {
        paper_speaks_of(c->paper, is_new ? c->new : c->old);
        name = change_name(c->paper, difference->section, index);
        paper_speaks_of(c->paper, c->new);
    }
    return name.len == 0 ? kind : WORDS(c->paper, TEXT_colon, kind, name);
}

/* The key of the clause that changed: "purposes.p.keep", "places.outside",
 * "messages.m.channels.sms". Empty: the clause itself came or went. */
static str key_of(const struct plan_difference *difference)
{
    bool one = str_is(difference->section, "places");
    str rest = difference->path, key = STR("");
    for (int i = 0; i < (one ? 2 : 3); i++) {
        if (!str_next(&rest, '.', &key))
            return STR("");
    }
    const char *bracket = memchr(key.ptr, '[', key.len);
    return bracket == NULL ? key : str_slice(key, 0, (size_t)(bracket - key.ptr));
}

/* The value of one side, as far as people have words for it; that side's plan gives the names. */
static void put_side(struct changes *c, const struct plan_difference *difference,
                     const struct plan *plan, plan_index index)
{
    struct texts texts = {0};
    if (index != NONE) {
        paper_speaks_of(c->paper, plan);
        change_words(c->paper, difference->section, index, key_of(difference), &texts);
        paper_speaks_of(c->paper, c->new);
    }
    paper_cell(c->paper, texts.list.count == 0 ? WORDS(c->paper, TEXT_nothing) : STR(""));
    texts_also(c->paper, &texts);
}

static enum text change_text(const struct plan_difference *difference)
{
    static const struct {
        const char *key;
        enum text text;
    } KEYS[] = {{"basis", TEXT_basis_term},
                {"uses", TEXT_data_term},
                {"gives", TEXT_data_term},
                {"keep", TEXT_until_head},
                {"roles", TEXT_people_term},
                {"for", TEXT_recipient_for_head},
                {"contacts", TEXT_contacts_term},
                {"address", TEXT_address_term},
                {"law", TEXT_basis_term},
                {"controllers", TEXT_controller_heading},
                {"needs", TEXT_terms_head},
                {"requires", TEXT_must_head},
                {"required", TEXT_must_head},
                {"optional", TEXT_change_optional},
                {"reads", TEXT_data_term},
                {"fields", TEXT_data_term},
                {"from", TEXT_source_head},
                {"channel", TEXT_channels_head},
                {"channels", TEXT_channels_head},
                {"at", TEXT_contacts_term},
                {"within", TEXT_letter_dates},
                {"profiling", TEXT_profiling_term},
                {"decides", TEXT_automated_heading},
                {"name", TEXT_name_term},
                {"number", TEXT_number_term},
                {"country", TEXT_country_term},
                {"home", TEXT_home_heading},
                {"outside", TEXT_transfers_heading},
                {"stops", TEXT_recipient_for_head},
                {"necessary", TEXT_cookie_necessary_head}};
    if (difference->old_clause == NONE && difference->new_clause != NONE)
        return TEXT_change_added;
    if (difference->new_clause == NONE && difference->old_clause != NONE)
        return TEXT_change_gone;
    if (str_is(difference->section, "recipients") && str_is(key_of(difference), "kind"))
        return TEXT_recipient_kind_head;
    for (size_t i = 0; i < LENGTH(KEYS); i++) {
        if (str_is(key_of(difference), KEYS[i].key))
            return KEYS[i].text;
    }
    return TEXT_change_other;
}

/* People read of what is material, and of what stands in the notice. */
static bool matters(const struct plan_difference *difference)
{
    return difference->material ||
           (section_text(difference->section) != TEXT_section_other &&
            !str_is(key_of(difference), "says") && !str_is(key_of(difference), "covers"));
}

static void put_change(struct changes *c, const struct plan_difference *difference)
{
    struct paper *paper = c->paper;
    paper_row(paper);
    paper_cell(paper, thing_of(c, difference));
    paper_cell(paper, WORDS(paper, change_text(difference)));
    put_side(c, difference, c->old, difference->old_clause);
    put_side(c, difference, c->new, difference->new_clause);
    paper_cell(paper, WORDS(paper, difference->material ? TEXT_material_yes : TEXT_material_no));
}

static void put_changes(struct changes *c, const struct plan_differences *differences)
{
    struct paper *paper = c->paper;
    bool any = false;
    for (size_t i = 0; i < differences->list.count; i++)
        any |= matters(&differences->list.at[i]);
    paper_section(paper, "changed", TEXT_changes_heading);
    if (!any) {
        paper_paragraph(paper, WORDS(paper, TEXT_changes_none));
        return;
    }
    paper_table(paper, "list", TEXT_none);
    paper_column(paper, "thing", TEXT_thing_head);
    paper_column(paper, "change", TEXT_change_head);
    paper_columns(paper, "before", TEXT_before_head);
    paper_columns(paper, "now", TEXT_now_head);
    paper_column(paper, "meaning", TEXT_material_head);
    for (size_t i = 0; i < differences->list.count; i++) {
        if (matters(&differences->list.at[i]))
            put_change(c, &differences->list.at[i]);
    }
}

static str version_words(struct paper *paper, const struct plan *plan)
{
    if (plan->effective.ms == NEVER.ms)
        return plan->version;
    return paper_print(paper, "%.*s (%.*s)", STR_ARG(plan->version),
                       STR_ARG(words_date(paper, plan->effective)));
}

status changes_paper(const struct policy_ask *ask, const struct plan *old, struct arena *arena,
                     struct report *report, struct paper **paper)
{
    struct paper_start start = {PAPER_changes, ask->plan, ask->language};
    struct plan_differences differences = {0};
    struct changes changes = {.paper = paper_begin(&start, arena), .old = old, .new = ask->plan};
    if (changes.paper == NULL)
        return NO_MEMORY(report);
    *paper = changes.paper;
    TRY(plan_diff(old, ask->plan, arena, report, &differences));
    paper_terms(*paper, "versions");
    paper_term(*paper, "new", TEXT_changes_new_term, version_words(*paper, ask->plan));
    if (ask->until.ms != 0 && ask->until.ms != NEVER.ms)
        paper_term(*paper, "until", TEXT_until_term, words_date(*paper, ask->until));
    paper_term(*paper, "since", TEXT_changes_since_term, version_words(*paper, old));
    put_changes(&changes, &differences);
    return paper_finish(*paper, report);
}
