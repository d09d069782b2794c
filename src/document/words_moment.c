/* Says moments, spans, dates and bases in words that people read. What things are called comes from
 * the policy: of an event the clause that stands after "when" ("you apply"), of evidence and roles
 * the noun ("the agreement", "a candidate"). */
#include "calendar.h"
#include "document_internal.h"

enum { TERMS_MOST = 32 };

str words_span(struct paper *paper, struct span span)
{
    static const enum text ONE[] = {TEXT_one_hour, TEXT_one_day, TEXT_one_week, TEXT_one_month,
                                    TEXT_one_year},
                           MANY[] = {TEXT_hours, TEXT_days, TEXT_weeks, TEXT_months, TEXT_years};
    if (span.count == 1)
        return WORDS(paper, ONE[span.unit]);
    return WORDS(paper, MANY[span.unit], paper_print(paper, "%u", span.count));
}

str words_day(struct paper *paper, struct date date)
{
    str month = text_in((enum text)(TEXT_month_1 + date.month - 1), paper->language);
    return WORDS(paper, TEXT_date, paper_print(paper, "%u", (unsigned)date.day), month,
                 paper_print(paper, "%d", (int)date.year));
}

str words_date(struct paper *paper, instant at)
{
    return words_day(paper, instant_date(paper->plan->zone, at));
}

str words_instant(struct paper *paper, instant at)
{
    enum { MINUTE_S = 60, HOUR_MINUTES = 60, MINUTE_MS = 60000 };
    struct local local = instant_to_local(paper->plan->zone, at);
    int minutes = local.ms_of_day / MINUTE_MS, east = local.offset_seconds / MINUTE_S;
    int size = east < 0 ? -east : east;
    return WORDS(paper, TEXT_at_time, words_day(paper, local.date),
                 paper_print(paper, "%02d:%02d", minutes / HOUR_MINUTES, minutes % HOUR_MINUTES),
                 paper_print(paper, "UTC%c%02d:%02d", east < 0 ? '-' : '+', size / HOUR_MINUTES,
                             size % HOUR_MINUTES));
}

str words_evidence(struct paper *paper, plan_index evidence)
{
    const struct plan_evidence *type = &paper->plan->evidence[evidence];
    if (type->builtin || (type->clause.says.count == 0 && type->kind != KIND_RECORD))
        return WORDS(paper, (enum text)(TEXT_kind_record + type->kind));
    return paper_label(paper, &type->clause);
}

str words_role(struct paper *paper, plan_index role)
{
    return paper_label(paper, &paper->plan->role[role].clause);
}

/* What a moment hangs on, as it stands after "when", after "after", or after "the year". */
enum place_of_words { AFTER_WHEN, AFTER_AFTER, AFTER_YEAR };

static str say(struct paper *paper, const struct moment *moment, enum place_of_words place);

static str say_event(struct paper *paper, const struct moment *moment, enum place_of_words place)
{
    static const enum text TEXTS[3][3] = {
        [WHICH_OWN] = {TEXT_when_event, TEXT_after_event, TEXT_year_event},
        [WHICH_FIRST] = {TEXT_when_first, TEXT_after_first, TEXT_year_first},
        [WHICH_LAST] = {TEXT_when_last, TEXT_after_last, TEXT_year_last},
    };
    str name = paper_label(paper, &paper->plan->event[moment->ref].clause);
    return WORDS(paper, TEXTS[moment->which][place], name);
}

static str say_end(struct paper *paper, const struct moment *moment, enum place_of_words place)
{
    static const enum text ROLES[] = {TEXT_when_role_ends, TEXT_after_role_ends,
                                      TEXT_year_role_ends},
                           FACTS[] = {TEXT_when_ends, TEXT_after_ends, TEXT_year_ends};
    if (moment->of_role)
        return WORDS(paper, ROLES[place], words_role(paper, moment->ref));
    return WORDS(paper, FACTS[place], words_evidence(paper, moment->ref));
}

static str say_operands(struct paper *paper, const struct moment *moment, enum place_of_words place)
{
    str texts[TERMS_MOST];
    size_t count = 0;
    for (const struct moment *one = moment->child; one != NULL && count < TERMS_MOST;
         one = one->next) {
        bool group = one->op == MOMENT_EARLIEST || one->op == MOMENT_LATEST;
        texts[count++] = say(paper, one, group ? AFTER_AFTER : AFTER_WHEN);
    }
    str joined = STR("");
    for (size_t i = 0; i < count; i++) {
        enum text link = i + 1 < count ? TEXT_moments : TEXT_moments_or;
        joined = i == 0 ? texts[0] : WORDS(paper, link, joined, texts[i]);
    }
    bool first = moment->op == MOMENT_EARLIEST;
    str said = WORDS(paper, first ? TEXT_earliest : TEXT_latest, joined);
    return place == AFTER_WHEN ? said : WORDS(paper, TEXT_brackets, said);
}

static str say(struct paper *paper, const struct moment *moment, enum place_of_words place)
{
    static const enum text COLLECTED[] = {TEXT_when_collected, TEXT_after_collected,
                                          TEXT_year_collected},
                           YEARS[] = {TEXT_when_year, TEXT_after_year, TEXT_after_year};
    switch (moment->op) {
    case MOMENT_EARLIEST:
    case MOMENT_LATEST:
        return say_operands(paper, moment, place);
    case MOMENT_AFTER:
        if (moment->span.hole)
            return STR("");
        return WORDS(paper, TEXT_after, words_span(paper, moment->span),
                     say(paper, moment->child, AFTER_AFTER));
    case MOMENT_YEAR_END:
        return WORDS(paper, YEARS[place], say(paper, moment->child, AFTER_YEAR));
    case MOMENT_END_OF:
        return say_end(paper, moment, place);
    case MOMENT_COLLECTED:
        return WORDS(paper, COLLECTED[place]);
    case MOMENT_EVENT:
        return say_event(paper, moment, place);
    case MOMENT_UNSPECIFIED:
        return STR("");
    }
    return STR("");
}

str words_moment(struct paper *paper, const struct moment *moment)
{
    return say(paper, moment, AFTER_WHEN);
}

/* As a statement calls it in the paper's language, else as it stands. */
static str law_of(struct paper *paper, const struct plan_purpose *purpose)
{
    const struct clause *stated = purpose_states(paper->plan, purpose, STATED_LAW);
    return stated == NULL ? purpose->law : paper_label(paper, stated);
}

str words_basis(struct paper *paper, const struct plan_purpose *purpose)
{
    static const enum text TEXTS[] = {
        [BASIS_NONE] = TEXT_none,
        [BASIS_CONSENT] = TEXT_basis_consent,
        [BASIS_CONTRACT] = TEXT_basis_contract,
        [BASIS_LEGAL_DUTY] = TEXT_basis_legal_duty,
        [BASIS_VITAL_INTEREST] = TEXT_basis_vital_interest,
        [BASIS_PUBLIC_TASK] = TEXT_basis_public_task,
        [BASIS_LEGITIMATE_INTEREST] = TEXT_basis_legitimate_interest,
    };
    if (purpose->basis == BASIS_CONTRACT && purpose->before_contract)
        return WORDS(paper, TEXT_basis_before_contract);
    if (purpose->basis == BASIS_LEGAL_DUTY)
        return WORDS(paper, TEXT_basis_legal_duty, law_of(paper, purpose));
    return WORDS(paper, TEXTS[purpose->basis]);
}
