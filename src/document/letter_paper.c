/* What a person is told of their request: that it came, that proof is asked for, that it takes
 * longer, that it was passed on, what was decided. A no, or half a yes, names its exception with
 * the article, gives its reasons, and says where to complain (article 12(3), 12(4)). */
#include "calendar.h"
#include "document_internal.h"
#include "person_words.h"

enum { EXTENDED_MONTHS = 3 };

struct letter {
    struct paper *paper;
    const struct plan *plan;
    const struct json *data, *rights, *steps;
};

/* ---- what the request says ---- */

/* The last step of that name; NULL when there is none. */
static const struct json *step_of(const struct letter *letter, const char *name)
{
    const struct json *last = NULL;
    for (JSON_EACH(step, letter->steps)) {
        if (str_is(person_text(step, "step"), name))
            last = step;
    }
    return last;
}

static str said(const struct json *step, const char *member)
{
    return person_text(json_get(step, "said"), member);
}

static bool is_decided(const struct letter *letter)
{
    for (JSON_EACH(right, letter->rights)) {
        if (!str_is(person_text(right, "outcome"), "open"))
            return true;
    }
    return false;
}

static enum paper_kind kind_of(const struct letter *letter)
{
    str state = person_text(letter->data, "state");
    bool asked =
        step_of(letter, "identity:asked") != NULL && step_of(letter, "identity:proven") == NULL;
    if (str_is(state, "passed_on"))
        return PAPER_letter_passed_on;
    if (str_is(state, "identity"))
        return PAPER_letter_unproven;
    if (is_decided(letter))
        return PAPER_letter_outcome;
    if (step_of(letter, "extension:reasoned") != NULL)
        return PAPER_letter_extension;
    return asked ? PAPER_letter_proof : PAPER_letter_receipt;
}

static str day_of(struct letter *letter, const struct json *due, const char *member)
{
    struct date date;
    enum { NOON_MS = 12 * 3600000 };
    if (!date_parse(person_text(due, member), &date))
        return STR("");
    return words_date(letter->paper, local_to_instant(letter->plan->zone, date, NOON_MS));
}

static const struct {
    enum right right;
    enum text text;
} RIGHTS[] = {
    {RIGHT_ACCESS, TEXT_right_access},
    {RIGHT_RECTIFY, TEXT_right_rectify},
    {RIGHT_ERASE, TEXT_right_erase},
    {RIGHT_RESTRICT, TEXT_right_restrict},
    {RIGHT_PORTABILITY, TEXT_right_portability},
    {RIGHT_OBJECT, TEXT_right_object},
    {RIGHT_WITHDRAW, TEXT_withdrawal_heading},
    {RIGHT_COMPLAIN, TEXT_complaint_heading},
    {RIGHT_PROCESSORS, TEXT_processors_title},
};

static str right_words(struct letter *letter, str name)
{
    for (size_t i = 0; i < LENGTH(RIGHTS); i++) {
        if (str_is(name, right_name(RIGHTS[i].right)))
            return WORDS(letter->paper, RIGHTS[i].text);
    }
    return name;
}

/* Each exception that a decision may name (the engine holds it against the right), in words. */
static const struct {
    const char *name;
    enum text text;
} EXCEPTIONS[] = {
    {"unfounded", TEXT_exception_unfounded},
    {"excessive", TEXT_exception_excessive},
    {"national_law", TEXT_exception_national_law},
    {"nothing_held", TEXT_exception_nothing_held},
    {"rights_of_others", TEXT_exception_rights_of_others},
    {"not_wrong", TEXT_exception_not_wrong},
    {"no_ground", TEXT_exception_no_ground},
    {"expression", TEXT_exception_expression},
    {"legal_duty", TEXT_exception_legal_duty},
    {"public_health", TEXT_exception_public_health},
    {"archiving", TEXT_exception_archiving},
    {"legal_claims", TEXT_exception_legal_claims},
    {"other_basis", TEXT_exception_other_basis},
    {"compelling_grounds", TEXT_exception_compelling_grounds},
    {"no_consent", TEXT_exception_no_consent},
    {"not_upheld", TEXT_exception_not_upheld},
};

static str exception_words(struct letter *letter, const struct json *step)
{
    str name = said(step, "exception"), article = said(step, "article");
    if (article.len == 0)
        return STR("");
    for (size_t i = 0; i < LENGTH(EXCEPTIONS); i++) {
        if (str_is(name, EXCEPTIONS[i].name))
            return WORDS(letter->paper, TEXT_of_these, WORDS(letter->paper, EXCEPTIONS[i].text),
                         words_article(letter->paper, article));
    }
    return STR("");
}

/* ---- parts of every letter ---- */

static void put_head(struct letter *letter)
{
    struct paper *paper = letter->paper;
    struct texts rights = {0};
    for (JSON_EACH(right, letter->rights))
        texts_add(paper, &rights, right_words(letter, person_text(right, "right")));
    paper_terms(paper, "issue");
    paper_term(paper, "number", TEXT_letter_number, person_text(letter->data, "number"));
    paper_term(paper, "received", TEXT_letter_received,
               person_date(paper, letter->data, "received"));
    paper_term(paper, "made", TEXT_letter_date, person_date(paper, letter->data, "made"));
    paper_term(paper, "asks", TEXT_letter_asks, STR(""));
    texts_also(paper, &rights);
}

static void put_responsible(struct letter *letter)
{
    const struct json *all = person_list(letter->paper, letter->data, "controllers", "responsible");
    paper_section(letter->paper, "responsible", TEXT_controller_heading);
    person_put_controllers(letter->paper, all);
    person_put_officer(letter->paper);
}

static void put_dates(struct letter *letter)
{
    struct paper *paper = letter->paper;
    const struct json *due = json_get(letter->data, "due");
    paper_section(paper, "dates", TEXT_letter_dates);
    paper_terms(paper, NULL);
    paper_term(paper, "safe", TEXT_letter_safe, day_of(letter, due, "safe"));
    paper_term(paper, "legal", TEXT_letter_legal, day_of(letter, due, "legal"));
}

static void put_reasons(struct letter *letter, const char *key, enum text heading,
                        enum text paragraph, const struct json *step)
{
    struct paper *paper = letter->paper;
    paper_section(paper, key, heading);
    paper_paragraph(paper, WORDS(paper, paragraph));
    paper_terms(paper, NULL);
    paper_term(paper, "reasons", TEXT_letter_reasons, said(step, "reasons"));
}

/* ---- each letter's own ---- */

static void put_answer(struct letter *letter, const struct json *right)
{
    static const struct {
        const char *outcome;
        enum text text;
    } OUTCOMES[] = {
        {"granted", TEXT_outcome_granted}, {"partly", TEXT_outcome_partly},
        {"refused", TEXT_outcome_refused}, {"joined", TEXT_outcome_joined},
        {"open", TEXT_outcome_open},
    };
    struct paper *paper = letter->paper;
    str name = person_text(right, "right"), outcome = person_text(right, "outcome");
    str type = paper_print(paper, "%.*s:%.*s", STR_ARG(outcome), STR_ARG(name));
    const struct json *step = step_of(letter, arena_c_string(paper_arena(paper), type));
    bool no = str_is(outcome, "partly") || str_is(outcome, "refused");
    str words = STR("");
    for (size_t i = 0; i < LENGTH(OUTCOMES); i++) {
        if (str_is(outcome, OUTCOMES[i].outcome))
            words = WORDS(paper, OUTCOMES[i].text);
    }
    paper_each(paper, "answer", right_words(letter, name));
    paper_terms(paper, NULL);
    paper_term(paper, "outcome", TEXT_access_outcome_head, words);
    if (no)
        paper_term(paper, "exception", TEXT_letter_exception, exception_words(letter, step));
    if (no && exception_words(letter, step).len == 0)
        paper_lacks(paper, "answers.answer.exception", STR(""));
    if (no || str_is(outcome, "granted"))
        paper_term(paper, "reasons", TEXT_letter_reasons, said(step, "reasons"));
    if (str_is(outcome, "open"))
        paper_term(paper, "until", TEXT_letter_legal,
                   day_of(letter, json_get(right, "due"), "legal"));
}

static void put_outcome(struct letter *letter)
{
    paper_section(letter->paper, "answers", TEXT_letter_answers);
    for (JSON_EACH(right, letter->rights))
        put_answer(letter, right);
}

static void put_extension(struct letter *letter)
{
    struct paper *paper = letter->paper;
    instant received;
    str until = STR("");
    if (json_instant(json_get(letter->data, "received"), &received)) {
        struct deadline later = deadline_months(letter->plan->zone, received, EXTENDED_MONTHS);
        enum { NOON_MS = 12 * 3600000 };
        until = words_date(paper, local_to_instant(letter->plan->zone, later.legal, NOON_MS));
    }
    put_reasons(letter, "extension", TEXT_letter_extension, TEXT_letter_extension_text,
                step_of(letter, "extension:reasoned"));
    paper_term(paper, "until", TEXT_letter_until, until);
}

static void put_passed_on(struct letter *letter)
{
    struct paper *paper = letter->paper;
    const struct json *step = step_of(letter, "closed:passed_on");
    plan_index index = NONE;
    str name = said(step, "space");
    for (plan_index i = 0; i < letter->plan->space_count; i++) {
        if (str_equal(words_text(letter->plan->words, letter->plan->space[i].clause.name), name))
            index = i;
    }
    paper_section(paper, "passed", TEXT_letter_passed);
    paper_paragraph(paper, WORDS(paper, TEXT_letter_passed_text));
    paper_terms(paper, NULL);
    paper_term(paper, "service", TEXT_letter_service,
               index == NONE ? name : paper_label(paper, &letter->plan->space[index].clause));
    paper_term(paper, "at", TEXT_letter_passed_at, person_date(paper, step, "at"));
}

static void put_own(struct letter *letter, enum paper_kind kind)
{
    if (kind == PAPER_letter_outcome)
        put_outcome(letter);
    else if (kind == PAPER_letter_extension)
        put_extension(letter);
    else if (kind == PAPER_letter_passed_on)
        put_passed_on(letter);
    else if (kind == PAPER_letter_proof)
        put_reasons(letter, "proof", TEXT_letter_proof, TEXT_letter_proof_text,
                    step_of(letter, "identity:asked"));
    else if (kind == PAPER_letter_unproven)
        put_reasons(letter, "unproven", TEXT_letter_unproven, TEXT_letter_unproven_text,
                    step_of(letter, "identity:refused"));
    else
        paper_paragraph(letter->paper, WORDS(letter->paper, TEXT_letter_receipt_text));
}

status letter_paper(const struct person_ask *ask, struct arena *arena, struct report *report,
                    struct paper **paper)
{
    static const struct json none = {.kind = JSON_ARRAY};
    struct letter letter = {.plan = ask->plan,
                            .data = ask->data,
                            .rights = json_get(ask->data, "rights"),
                            .steps = json_get(ask->data, "steps")};
    bool told = json_is_array(letter.rights) && json_is_array(letter.steps);
    if (!json_is_array(letter.rights))
        letter.rights = &none;
    if (!json_is_array(letter.steps))
        letter.steps = &none;
    enum paper_kind kind = kind_of(&letter);
    struct paper_start start = {kind, ask->plan, ask->language};
    letter.paper = paper_begin(&start, arena);
    if (letter.paper == NULL)
        return NO_MEMORY(report);
    if (!told)
        paper_lacks(letter.paper, "issue.asks", STR(""));
    put_head(&letter);
    put_own(&letter, kind);
    if (kind != PAPER_letter_unproven && kind != PAPER_letter_passed_on)
        put_dates(&letter);
    person_put_complaint(letter.paper, ask->data);
    put_responsible(&letter);
    *paper = letter.paper;
    return paper_finish(letter.paper, report);
}
