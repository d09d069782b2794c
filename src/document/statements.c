/* What a firm says of one of its purposes in its own words: the statement that bears the purpose's
 * name and what it is about, `answers_interest`. The language needs no clause for it. */
#include <stdio.h>

#include "document_internal.h"

static const char *const ABOUT[STATED_COUNT] = {
    [STATED_INTEREST] = "interest",
    [STATED_NECESSITY] = "necessity",
    [STATED_BALANCE] = "balance",
    [STATED_SAFEGUARDS] = "safeguards",
    [STATED_LAW] = "law",
    [STATED_EVALUATION] = "evaluation",
    [STATED_DECISION] = "decision",
    [STATED_MONITORING] = "monitoring",
    [STATED_SENSITIVE] = "sensitive",
    [STATED_SCALE] = "large_scale",
    [STATED_COMBINING] = "combining",
    [STATED_VULNERABLE] = "vulnerable",
    [STATED_TECHNOLOGY] = "new_technology",
    [STATED_EXCLUSION] = "exclusion",
    [STATED_CRITERIA_END] = "",
#define DECIDED(year, month, day, source)
#define LISTED(name, with, text) [STATED_##name] = #name,
#include "assessed.def"
#undef DECIDED
#undef LISTED
};

static bool is_about(const struct plan *plan, word statement, word purpose, const char *about)
{
    str name = words_text(plan->words, statement), whose = words_text(plan->words, purpose);
    size_t len = strlen(about);
    return name.len == whose.len + 1 + len && str_starts(name, whose) &&
           name.ptr[whose.len] == '_' && str_ends(name, str_from(about));
}

const struct clause *purpose_states(const struct plan *plan, const struct plan_purpose *purpose,
                                    enum stated stated)
{
    for (uint16_t i = 0; i < plan->statement_count; i++) {
        const struct clause *clause = &plan->statement[i].clause;
        if (is_about(plan, clause->name, purpose->clause.name, ABOUT[stated]))
            return clause;
    }
    return NULL;
}

str purpose_stated_path(struct paper *paper, const struct plan_purpose *purpose, enum stated stated)
{
    return paper_print(paper, "statements.%.*s_%s",
                       STR_ARG(words_text(paper->plan->words, purpose->clause.name)),
                       ABOUT[stated]);
}

bool purpose_is_of(const struct plan_purpose *purpose, plan_index controller)
{
    return controller == NONE || !purpose->controllers.stated ||
           refs_has(&purpose->controllers, controller);
}

bool statement_is_of_purpose(const struct plan *plan, const struct plan_statement *statement)
{
    for (uint16_t i = 0; i < plan->purpose_count; i++) {
        for (unsigned k = 0; k < STATED_COUNT; k++) {
            if (is_about(plan, statement->clause.name, plan->purpose[i].clause.name, ABOUT[k]))
                return true;
        }
    }
    return false;
}
