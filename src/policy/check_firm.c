/* What the firm says of itself: notices, controllers, contacts, versions, dates, languages. */
#include "check_internal.h"

/* ---- notice ---- */

void check_indirect_notice(struct check *c)
{
    const uint32_t told = 1u << KIND_NOTICE | 1u << KIND_NOTICE_EXCEPTION | 1u << KIND_CONSENT;
    for (uint16_t i = 0; i < c->plan->source_count; i++) {
        const struct plan_source *source = &c->plan->source[i];
        if (source->kind == SOURCE_INDIRECT && !source->needs.hole &&
            !needs_only_kinds(c->plan, &source->needs, told))
            found_add(c, RULE_indirect_notice, &source->clause, source->clause.path,
                      "%.*s gives data about people who are not told",
                      STR_ARG(source->clause.path));
    }
}

/* For data from the person there is one exception: that the person knows already. */
void check_notice_exception_wide(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->source_count; i++) {
        const struct plan_source *source = &c->plan->source[i];
        unsigned exceptions = 0;
        for (uint16_t j = 0; j < source->needs.count; j++)
            for (uint16_t k = 0; k < source->needs.all[j].count; k++)
                exceptions +=
                    kind_of(c->plan, source->needs.all[j].any[k]) == KIND_NOTICE_EXCEPTION;
        if (source->kind != SOURCE_INDIRECT && exceptions > 1)
            found_add(c, RULE_notice_exception_wide, &source->clause, source->clause.path,
                      "%.*s has %u exceptions from notice; the law knows one",
                      STR_ARG(source->clause.path), exceptions);
    }
}

/* ---- the firm ---- */

static bool contact_is_known(const struct plan_contact *contact)
{
    return contact->at.len > 0 && !str_is(contact->at, "unspecified") &&
           !clause_has_hole(&contact->clause, "at");
}

static bool text_is_missing(str text)
{
    return text.len == 0 || str_is(text, "unspecified");
}

static bool contacts_are_known(const struct plan *plan, const struct plan_controller *controller)
{
    for (uint16_t i = 0; i < controller->contacts.count; i++)
        if (contact_is_known(&plan->contact[controller->contacts.at[i]]))
            return true;
    return false;
}

void check_controller_incomplete(struct check *c)
{
    const struct plan *plan = c->plan;
    for (uint16_t i = 0; i < plan->controller_count; i++) {
        const struct plan_controller *controller = &plan->controller[i];
        const struct clause *clause = &controller->clause;
        static const char *const KEYS[] = {"name", "number", "address"};
        const str values[] = {controller->name, controller->number, controller->address};
        for (size_t k = 0; k < LENGTH(KEYS); k++)
            if (text_is_missing(values[k]) || clause_has_hole(clause, KEYS[k]))
                found_hole(c, RULE_controller_incomplete, SEVERITY_ERROR, clause,
                           check_path(c, clause, KEYS[k]));
        if (!contacts_are_known(plan, controller))
            found_hole(c, RULE_controller_incomplete, SEVERITY_ERROR, clause,
                       check_path(c, clause, "contacts"));
    }
    if (plan->controller_count == 0)
        found_add(c, RULE_controller_incomplete, &plan->top, STR("controllers"),
                  "no controller is named");
}

void check_joint_controller(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->joint_count; i++) {
        const struct clause *clause = &c->plan->joint[i].clause;
        if (clause->says.count == 0)
            found_add(c, RULE_joint_controller, clause, clause->path,
                      "%.*s does not say who does what", STR_ARG(clause->path));
    }
}

static bool is_joint(const struct plan *plan, const struct refs *purposes)
{
    for (uint16_t i = 0; i < plan->joint_count; i++)
        for (uint16_t j = 0; j < purposes->count; j++)
            if (refs_has(&plan->joint[i].purposes, purposes->at[j]))
                return true;
    return false;
}

void check_social_joint(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &c->plan->recipient[i];
        if (recipient->kind == RECIPIENT_PLATFORM && !recipient->never &&
            !is_joint(c->plan, &recipient->purposes))
            found_add(c, RULE_social_joint, &recipient->clause, recipient->clause.path,
                      "pages at %.*s usually mean joint control with the platform",
                      STR_ARG(recipient->clause.path));
    }
}

static str domain_of(str address)
{
    for (size_t i = 0; i < address.len; i++)
        if (address.ptr[i] == '@')
            return str_slice(address, i + 1, address.len);
    return STR("");
}

void check_contact_inconsistent(struct check *c)
{
    str first = STR("");
    for (uint16_t i = 0; i < c->plan->contact_count; i++) {
        const struct plan_contact *contact = &c->plan->contact[i];
        str domain = contact->kind == CONTACT_EMAIL ? domain_of(contact->at) : STR("");
        if (domain.len == 0)
            continue;
        if (first.len == 0)
            first = domain;
        else if (!str_equal(first, domain))
            found_add(c, RULE_contact_inconsistent, &contact->clause, contact->clause.path,
                      "e-mail goes to %.*s and to %.*s", STR_ARG(first), STR_ARG(domain));
    }
}

void check_contact_missing(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->contact_count; i++)
        if (c->plan->contact[i].kind == CONTACT_EMAIL)
            return;
    if (c->plan->controller_count > 0)
        found_add(c, RULE_contact_missing, clause_at(c->plan, STR("contacts")), STR("contacts"),
                  "there is no e-mail address to write to");
}

static unsigned countries(const struct plan *plan)
{
    unsigned count = 0;
    for (uint16_t i = 0; i < plan->controller_count; i++) {
        bool again = plan->controller[i].country.len == 0;
        for (uint16_t j = 0; j < i; j++)
            again |= str_equal(plan->controller[j].country, plan->controller[i].country);
        count += !again;
    }
    return count;
}

void check_supervisor(struct check *c)
{
    const struct clause *first = NULL;
    unsigned count = 0;
    for (uint16_t i = 0; i < c->plan->contact_count; i++) {
        if (c->plan->contact[i].kind != CONTACT_SUPERVISOR)
            continue;
        count++;
        if (first == NULL)
            first = &c->plan->contact[i].clause;
    }
    if (first != NULL && countries(c->plan) > count)
        found_add(c, RULE_supervisor, first, first->path,
                  "the companies lie in %u countries, and %u supervisor is named",
                  countries(c->plan), count);
}

/* ---- change, versions, dates, languages ---- */

void check_change_without_notice(struct check *c)
{
    const struct plan_change *change = &c->plan->change;
    if (change->tell_count == 0 && !clause_has_hole(&change->clause, "tell") && !c->plan->processor)
        found_add(c, RULE_change_without_notice,
                  change->clause.line > 0 ? &change->clause : &c->plan->top, STR("change"),
                  "the policy changes and nobody is told");
}

void check_version_missing(struct check *c)
{
    if (c->plan->version.ptr == NULL || str_is(c->plan->version, "unspecified"))
        found_hole(c, RULE_version_missing, SEVERITY_WARNING, &c->plan->top, STR("version"));
}

void check_policy_date(struct check *c)
{
    str effective = c->plan->effective_text;
    bool norway = str_is(c->plan->timezone, "Europe/Oslo");
    str applied = norway ? STR("2018-07-20") : STR("2018-05-25");
    if (effective.len == applied.len && str_compare(effective, applied) < 0)
        found_add(c, RULE_policy_date, &c->plan->top, STR("effective"),
                  "%.*s is before %.*s, when the regulation began to apply", STR_ARG(effective),
                  STR_ARG(applied));
}

static bool says_in(const struct says *says, word language)
{
    for (uint16_t i = 0; i < says->count; i++)
        if (says->at[i].language == language)
            return true;
    return false;
}

static void language_check(void *context, const struct clause *clause)
{
    struct check *c = context;
    for (uint16_t i = 0; i < c->plan->language_count && clause->says.count > 0; i++)
        if (!says_in(&clause->says, c->plan->languages[i]))
            found_add(c, RULE_language, clause, check_path(c, clause, "says"),
                      "%.*s says nothing in `%.*s`", STR_ARG(clause->path),
                      STR_ARG(words_text(c->plan->words, c->plan->languages[i])));
}

static void language_check_own(void *context, const struct clause *clause)
{
    if (!path_within(clause->path, STR("findings")))
        language_check(context, clause);
}

void check_language(struct check *c)
{
    each_clause(c->plan, language_check_own, c);
}
