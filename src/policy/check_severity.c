/* Where the context makes a finding graver or lighter than its rule.
 *
 * A hole in one clause is a warning: the clause stays closed, and what it would open is refused. A
 * policy that says nothing at all of the kind (no basis, no data, no period anywhere) is an error,
 * since then the document itself leaves it out. */
#include "check_internal.h"

enum severity hole_severity(bool stated_somewhere)
{
    return stated_somewhere ? SEVERITY_WARNING : SEVERITY_ERROR;
}

/* Who gets data, where it comes from and on what ground: two answers there are none. How data is
 * collected may be sorted out at the form. How a right is worded changes nothing, as the law's
 * right stands. */
static enum severity contradiction(str path)
{
    static const char *const GRAVE[] = {"recipients", "sources", "purposes", "bases", "places"};
    static const char *const LIGHT[] = {"rights", "documents"};
    for (size_t i = 0; i < LENGTH(GRAVE); i++)
        if (path_within(path, str_from(GRAVE[i])))
            return SEVERITY_ERROR;
    for (size_t i = 0; i < LENGTH(LIGHT); i++)
        if (path_within(path, str_from(LIGHT[i])))
            return SEVERITY_INFO;
    return SEVERITY_WARNING;
}

/* The first purpose that a path speaks of: its own, that of the message, or the recipient's. */
static const struct plan_purpose *purpose_at(const struct plan *plan, str path)
{
    for (uint16_t i = 0; i < plan->purpose_count; i++)
        if (path_within(path, plan->purpose[i].clause.path))
            return &plan->purpose[i];
    for (uint16_t i = 0; i < plan->message_count; i++)
        if (path_within(path, plan->message[i].clause.path))
            return message_purpose(plan, &plan->message[i]);
    for (uint16_t i = 0; i < plan->recipient_count; i++)
        if (path_within(path, plan->recipient[i].clause.path) &&
            plan->recipient[i].purposes.count > 0)
            return &plan->purpose[plan->recipient[i].purposes.at[0]];
    return NULL;
}

enum severity severity_asserted(const struct plan *plan, enum rule rule, str path)
{
    enum severity usual = rule_row(rule)->severity;
    const struct plan_purpose *purpose = purpose_at(plan, path);
    bool open = purpose != NULL && purpose->basis == BASIS_NONE;
    if (rule == RULE_contradiction)
        return contradiction(path);
    if (rule == RULE_basis_invalid && open)
        return SEVERITY_ERROR; /* what the document named is none, and nothing is left */
    if (rule == RULE_marketing_ground && open)
        return SEVERITY_WARNING; /* no ground is claimed, and nothing is sent until there is one */
    if (rule == RULE_contract_party && open)
        return SEVERITY_INFO; /* nobody claims a contract yet */
    return usual;
}
