/* The notification of a breach to the authority, and the message to those whom it concerned. */
#include "breach_paper.h"

static const enum text NATURES[BREACH_NATURES] = {TEXT_breach_confidentiality,
                                                  TEXT_breach_integrity, TEXT_breach_availability};

size_t breach_lacking(const struct breach_paper *breach, const char *names[5])
{
    size_t count = 0;
    if (!breach->counted)
        names[count++] = "people";
    if (str_is_empty(breach->contact))
        names[count++] = "contact";
    if (str_is_empty(breach->consequences))
        names[count++] = "consequences";
    if (str_is_empty(breach->measures))
        names[count++] = "measures";
    if (breach->late && str_is_empty(breach->delay))
        names[count++] = "delay";
    return count;
}

/* A section of one item; what is not there follows later, or the paper is not issued. */
static void say(struct paper *paper, const struct breach_paper *breach, const char *key,
                enum text heading, str value)
{
    paper_section(paper, key, heading);
    if (!str_is_empty(value))
        paper_paragraph(paper, value);
    else if (breach->phased)
        paper_paragraph(paper, WORDS(paper, TEXT_breach_follows));
    else
        paper_lacks(paper, key, STR(""));
}

/* By what the policy calls it in this language, else in another, else by its name there. */
static str name_of(struct paper *paper, const struct clause *clause)
{
    const struct words *words = paper_plan(paper)->words;
    str found = words_text(words, clause->name);
    for (uint16_t i = clause->says.count; i > 0; i--) {
        const struct said *one = &clause->says.at[i - 1];
        bool ours = str_is(words_text(words, one->language), language_tag(paper_language(paper)));
        found = one->text;
        if (ours)
            break;
    }
    return found;
}

static void say_nature(struct paper *paper, const struct breach_paper *breach)
{
    paper_section(paper, "nature", TEXT_breach_nature);
    paper_list(paper, "kinds");
    for (size_t i = 0; i < BREACH_NATURES; i++) {
        if (breach->nature[i])
            paper_point(paper, WORDS(paper, NATURES[i]));
    }
    paper_terms(paper, "told");
    paper_term(paper, "what", TEXT_breach_what, breach->what);
    paper_term(paper, "from", TEXT_breach_from,
               breach->from.ms == ALWAYS.ms ? WORDS(paper, TEXT_breach_unknown)
                                            : words_instant(paper, breach->from));
    paper_term(paper, "to", TEXT_breach_to,
               breach->to.ms == NEVER.ms ? WORDS(paper, TEXT_breach_going_on)
                                         : words_instant(paper, breach->to));
}

static void say_names(struct paper *paper, const char *key, enum text label,
                      const struct breach_paper *breach, bool roles)
{
    size_t count = roles ? breach->role_count : breach->category_count;
    paper_term(paper, key, label, count == 0 ? WORDS(paper, TEXT_breach_no_name) : STR(""));
    for (size_t i = 0; i < count; i++)
        paper_also(paper,
                   name_of(paper, roles ? &breach->plan->role[breach->roles[i]].clause
                                        : &breach->plan->category[breach->categories[i]].clause));
}

static void say_people(struct paper *paper, const struct breach_paper *breach)
{
    paper_section(paper, "people", TEXT_breach_people);
    if (!breach->counted) {
        if (breach->phased)
            paper_paragraph(paper, WORDS(paper, TEXT_breach_follows));
        else
            paper_lacks(paper, "people", STR(""));
        return;
    }
    paper_terms(paper, NULL);
    paper_term(paper, "number", TEXT_breach_number,
               paper_print(paper, "%llu", (unsigned long long)breach->people));
    paper_term(paper, "erased", TEXT_breach_erased,
               paper_print(paper, "%llu", (unsigned long long)breach->erased));
    say_names(paper, "kinds", TEXT_breach_roles, breach, true);
    paper_term(paper, "records", TEXT_breach_records,
               paper_print(paper, "%llu", (unsigned long long)breach->records));
    say_names(paper, "categories", TEXT_breach_categories, breach, false);
}

static void say_time(struct paper *paper, const struct breach_paper *breach)
{
    paper_section(paper, "time", TEXT_breach_time);
    paper_terms(paper, NULL);
    paper_term(paper, "aware", TEXT_breach_aware, words_instant(paper, breach->aware));
    paper_term(paper, "deadline", TEXT_breach_deadline, words_instant(paper, breach->deadline));
    say(paper, &(struct breach_paper){.phased = false}, "delay", TEXT_breach_delay,
        breach->late ? breach->delay : WORDS(paper, TEXT_breach_in_time));
}

status breach_notification_paper(const struct breach_paper *breach, struct arena *arena,
                                 struct report *report, struct paper **out)
{
    struct paper_start start = {PAPER_breach_notification, breach->plan, breach->language};
    struct paper *paper = *out = paper_begin(&start, arena);
    if (paper == NULL)
        return NO_MEMORY(report);
    say_nature(paper, breach);
    say_people(paper, breach);
    say(paper, breach, "contact", TEXT_breach_contact, breach->contact);
    say(paper, breach, "consequences", TEXT_breach_consequences, breach->consequences);
    say(paper, breach, "measures", TEXT_breach_measures, breach->measures);
    say_time(paper, breach);
    paper_section(paper, "phase", TEXT_breach_phase);
    str number = paper_print(paper, "%llu", (unsigned long long)breach->phases + 1);
    paper_paragraph(paper, breach->phased ? WORDS(paper, TEXT_breach_is_phase, number)
                                          : WORDS(paper, TEXT_breach_is_whole, number));
    return paper_finish(paper, report);
}

status breach_message_paper(const struct breach_paper *breach, struct arena *arena,
                            struct report *report, struct paper **out)
{
    struct paper_start start = {PAPER_breach_message, breach->plan, breach->language};
    struct breach_paper whole = *breach;
    struct paper *paper = *out = paper_begin(&start, arena);
    if (paper == NULL)
        return NO_MEMORY(report);
    whole.phased = false;
    say(paper, &whole, "what", TEXT_breach_you_what, breach->what);
    say(paper, &whole, "consequences", TEXT_breach_you_consequences, breach->consequences);
    say(paper, &whole, "measures", TEXT_breach_you_measures, breach->measures);
    say(paper, &whole, "contact", TEXT_breach_you_contact, breach->contact);
    paper_paragraph(paper, WORDS(paper, TEXT_breach_you_complain));
    return paper_finish(paper, report);
}
