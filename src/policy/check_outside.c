/* What people and others meet: rights, messages, cookies, recipients, places. */
#include "check_internal.h"

/* ---- rights ---- */

/* A right that no purpose gives occasion for is not missed. */
static bool right_applies(const struct plan *plan, enum right right)
{
    bool open = any_basis(plan, BASIS_NONE);
    bool agreed = any_basis(plan, BASIS_CONSENT) || any_basis(plan, BASIS_CONTRACT);
    bool weighed = any_basis(plan, BASIS_LEGITIMATE_INTEREST) || any_basis(plan, BASIS_PUBLIC_TASK);
    for (uint16_t i = 0; i < plan->purpose_count; i++)
        weighed |= plan->purpose[i].marketing != MARKETING_NONE;
    if (right == RIGHT_PORTABILITY)
        return agreed || open;
    if (right == RIGHT_OBJECT)
        return weighed || open;
    if (right == RIGHT_WITHDRAW)
        return any_basis(plan, BASIS_CONSENT) || open;
    return right != RIGHT_ALL && right != RIGHT_PROCESSORS;
}

void check_rights_missing(struct check *c)
{
    char text[256];
    struct buf names = buf_over(text, sizeof(text));
    for (unsigned i = 0; i < RIGHT_COUNT; i++) {
        enum right right = (enum right)i;
        if (c->plan->right[right].stated || !right_applies(c->plan, right))
            continue;
        buf_text(&names, names.len == 0 ? "" : ", ");
        buf_text(&names, right_name(right));
    }
    if (names.len > 0 && !c->plan->processor)
        found_add(c, RULE_rights_missing, clause_at(c->plan, STR("rights")), STR("rights"),
                  "not named: %.*s", STR_ARG(buf_str(&names)));
}

void check_right_inapplicable(struct check *c)
{
    static const enum right SOMETIMES[] = {RIGHT_PORTABILITY, RIGHT_OBJECT};
    for (size_t i = 0; i < LENGTH(SOMETIMES); i++) {
        const struct plan_right *right = &c->plan->right[SOMETIMES[i]];
        if (right->stated && !right_applies(c->plan, SOMETIMES[i]))
            found_add(c, RULE_right_inapplicable, &right->clause, right->clause.path,
                      "no purpose has a basis that gives the right to %s",
                      right_name(SOMETIMES[i]));
    }
}

static bool is_only_phone_or_post(const struct plan *plan, const struct plan_right *right)
{
    if (right->at.count == 0 || right->at.hole || right->at_portal || right->at_stop_link)
        return false;
    for (uint16_t i = 0; i < right->at.count; i++) {
        enum contact_kind kind = plan->contact[right->at.at[i]].kind;
        if (kind != CONTACT_PHONE && kind != CONTACT_POST)
            return false;
    }
    return true;
}

void check_channel_electronic(struct check *c)
{
    const struct plan_right *all = &c->plan->right[RIGHT_ALL];
    if (all->stated && is_only_phone_or_post(c->plan, all)) {
        found_add(c, RULE_channel_electronic, &all->clause, all->clause.path,
                  "rights can be used only by telephone or letter");
        return;
    }
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++) {
        const struct plan_right *right = &c->plan->right[i];
        if (right->stated && is_only_phone_or_post(c->plan, right))
            found_add(c, RULE_channel_electronic, &right->clause, right->clause.path,
                      "%.*s can be used only by telephone or letter", STR_ARG(right->clause.path));
    }
}

/* ---- messages ---- */

static bool is_electronic(const struct plan *plan, const struct plan_channel *channel)
{
    str name = words_text(plan->words, channel->name);
    return str_is(name, "email") || str_is(name, "sms");
}

void check_marketing_ground(struct check *c)
{
    const uint32_t grounds = 1u << KIND_CONSENT | 1u << KIND_EXISTING_CUSTOMER;
    const struct plan *plan = c->plan;
    for (uint16_t i = 0; i < plan->message_count; i++) {
        const struct plan_message *message = &plan->message[i];
        const struct plan_purpose *purpose = message_purpose(plan, message);
        if (purpose == NULL || purpose->marketing == MARKETING_NONE)
            continue;
        for (uint16_t j = 0; j < message->channel_count; j++) {
            const struct plan_channel *channel = &message->channels[j];
            bool ground = needs_only_kinds(plan, &message->needs, grounds) ||
                          needs_only_kinds(plan, &channel->needs, grounds);
            bool link = needs_kind(plan, &message->needs, KIND_STOP_LINK) ||
                        needs_kind(plan, &channel->needs, KIND_STOP_LINK);
            if (is_electronic(plan, channel) && (!ground || !link))
                found_add(c, RULE_marketing_ground, &message->clause, channel->path,
                          "%.*s goes out without %s", STR_ARG(channel->path),
                          ground ? "a link to stop it" : "a consent or an earlier sale");
        }
    }
}

void check_stop_scope_unclear(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->message_count; i++) {
        const struct plan_message *message = &c->plan->message[i];
        const struct plan_purpose *purpose = message_purpose(c->plan, message);
        if (purpose != NULL && purpose->marketing == MARKETING_NONE &&
            purpose->basis != BASIS_CONSENT && needs_kind(c->plan, &message->needs, KIND_STOP_LINK))
            found_add(c, RULE_stop_scope_unclear, &message->clause, message->clause.path,
                      "%.*s is no marketing: it is unclear what its link stops",
                      STR_ARG(message->clause.path));
    }
}

/* ---- cookies and recordings ---- */

static bool cookie_is_told(const struct plan_cookie *cookie)
{
    return cookie->reads.stated && !cookie->reads.hole;
}

/* True when the consent to a purpose can be given and taken back. */
static bool purpose_is_chosen(const struct plan *plan, plan_index purpose)
{
    return plan->purpose[purpose].basis == BASIS_CONSENT &&
           (plan->right[RIGHT_WITHDRAW].stated || purpose_sends_by_switch(plan, purpose));
}

void check_cookie_optout(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->cookie_count; i++) {
        const struct plan_cookie *cookie = &c->plan->cookie[i];
        if (cookie->necessary || !cookie_is_told(cookie))
            continue;
        for (uint16_t j = 0; j < cookie->purposes.count; j++) {
            if (purpose_is_chosen(c->plan, cookie->purposes.at[j]))
                continue;
            found_add(c, RULE_cookie_optout, &cookie->clause, cookie->clause.path,
                      "%.*s serves %.*s without a consent that can be given and taken back",
                      STR_ARG(cookie->clause.path),
                      STR_ARG(c->plan->purpose[cookie->purposes.at[j]].clause.path));
            break;
        }
    }
}

static bool observes_on_web(const struct plan *plan, const struct plan_intake *intake)
{
    if (intake->channel != words_find(plan->words, STR("web")))
        return false;
    for (uint16_t i = 0; i < intake->from.count; i++)
        if (plan->source[intake->from.at[i]].kind == SOURCE_OBSERVED)
            return true;
    return false;
}

void check_cookie_missing(struct check *c)
{
    const struct plan *plan = c->plan;
    for (uint16_t i = 0; i < plan->cookie_count; i++) {
        const struct clause *clause = &plan->cookie[i].clause;
        if (!plan->cookie[i].necessary && !cookie_is_told(&plan->cookie[i]))
            found_add(c, RULE_cookie_missing, clause, clause->path,
                      "it is not said what %.*s reads", STR_ARG(clause->path));
    }
    for (uint16_t i = 0; i < plan->intake_count && plan->cookie_count == 0; i++) {
        const struct clause *clause = &plan->intake[i].clause;
        if (observes_on_web(plan, &plan->intake[i]))
            found_add(c, RULE_cookie_missing, clause, clause->path,
                      "%.*s observes people on the web, and no cookies are named",
                      STR_ARG(clause->path));
    }
}

void check_recording_optout(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->intake_count; i++) {
        const struct plan_intake *intake = &c->plan->intake[i];
        bool asked = needs_kind(c->plan, &intake->needs, KIND_CONSENT);
        for (uint16_t j = 0; j < intake->purposes.count; j++)
            asked |= c->plan->purpose[intake->purposes.at[j]].basis == BASIS_CONSENT;
        if (intake->live && !asked)
            found_add(c, RULE_recording_optout, &intake->clause, intake->clause.path,
                      "%.*s records until somebody objects", STR_ARG(intake->clause.path));
    }
}

/* ---- recipients ---- */

static bool serves_consent(const struct plan *plan, const struct plan_recipient *recipient)
{
    if (needs_kind(plan, &recipient->needs, KIND_CONSENT))
        return true;
    for (uint16_t i = 0; i < recipient->purposes.count; i++)
        if (plan->purpose[recipient->purposes.at[i]].basis != BASIS_CONSENT)
            return false;
    return recipient->purposes.count > 0;
}

/* A clause that is one hole says nothing of its kind. */
static bool recipient_is_said(const struct plan_recipient *recipient)
{
    return !recipient->never && !clause_has_hole(&recipient->clause, "kind");
}

void check_default_visible(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &c->plan->recipient[i];
        if (recipient->kind == RECIPIENT_AUDIENCE && recipient->searchable && !recipient->never &&
            !serves_consent(c->plan, recipient))
            found_add(c, RULE_default_visible, &recipient->clause, recipient->clause.path,
                      "%.*s may search what nobody chose to show", STR_ARG(recipient->clause.path));
    }
}

void check_share_broad(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &c->plan->recipient[i];
        bool open = recipient->gives.all || recipient->gives.hole || recipient->needs.count == 0;
        if (recipient->kind == RECIPIENT_GROUP && recipient_is_said(recipient) && open &&
            !serves_consent(c->plan, recipient))
            found_add(c, RULE_share_broad, &recipient->clause, recipient->clause.path,
                      "%.*s receives with nothing needed", STR_ARG(recipient->clause.path));
    }
}

void check_recipient_broad(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &c->plan->recipient[i];
        const struct clause *clause = &recipient->clause;
        bool may_be_broad =
            recipient->kind == RECIPIENT_PROCESSOR || recipient->kind == RECIPIENT_AUTHORITY;
        if (may_be_broad || !recipient_is_said(recipient))
            continue;
        if (recipient->gives.hole)
            found_hole(c, RULE_recipient_broad, SEVERITY_WARNING, clause,
                       check_path(c, clause, "gives"));
        else if (recipient->gives.all)
            found_add(c, RULE_recipient_broad, clause, check_path(c, clause, "gives"),
                      "%.*s may get everything", STR_ARG(clause->path));
    }
}

void check_recipient_unspecified(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &c->plan->recipient[i];
        const struct clause *clause = &recipient->clause;
        if (recipient->named_hole)
            found_hole(c, RULE_recipient_unspecified, SEVERITY_WARNING, clause,
                       check_path(c, clause, "named"));
        else if (recipient->kind == RECIPIENT_GROUP && recipient_is_said(recipient) &&
                 recipient->named_count == 0 && c->plan->controller_count < 2)
            found_add(c, RULE_recipient_unspecified, clause, clause->path,
                      "it is not said which companies %.*s are", STR_ARG(clause->path));
    }
}

void check_register_closed(struct check *c)
{
    const struct plan *plan = c->plan;
    for (uint16_t i = 0; i < plan->always_count && !plan->right[RIGHT_PROCESSORS].stated; i++)
        if (str_is(check_name(c, &plan->always[i].clause), "processors_registered"))
            found_add(c, RULE_register_closed, &plan->always[i].clause, STR("rights.processors"),
                      "processors are registered, and nobody may see who they are");
}

void check_processor_agreement(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &c->plan->recipient[i];
        if (recipient->kind == RECIPIENT_PROCESSOR && !recipient->never &&
            !needs_only_kinds(c->plan, &recipient->needs, 1u << KIND_PROCESSOR_AGREEMENT))
            found_add(c, RULE_processor_agreement, &recipient->clause, recipient->clause.path,
                      "%.*s works without a processing agreement", STR_ARG(recipient->clause.path));
    }
}

/* A ground, or a record of one: a reason and what it refers to. */
static unsigned ground_asked(const struct plan *plan, const struct needs *needs)
{
    unsigned asked = 0;
    for (uint16_t i = 0; i < needs->count; i++)
        for (uint16_t j = 0; j < needs->all[i].count; j++) {
            const struct plan_evidence *evidence = &plan->evidence[needs->all[i].any[j]];
            if (evidence->kind == KIND_LEGAL_GROUND)
                return 2;
            if (evidence->ask_count >= 2)
                asked = 1;
        }
    return asked;
}

void check_authority_weak(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &c->plan->recipient[i];
        unsigned asked = ground_asked(c->plan, &recipient->needs);
        if (recipient->kind != RECIPIENT_AUTHORITY || recipient->never || recipient->needs.hole ||
            asked == 2)
            continue;
        found_severe(c, RULE_authority_weak, asked == 1 ? SEVERITY_WARNING : SEVERITY_ERROR,
                     &recipient->clause, recipient->clause.path,
                     asked == 1 ? "%.*s receives on a record that need not be a legal ground"
                                : "%.*s receives on request, without a legal ground",
                     STR_ARG(recipient->clause.path));
    }
}

/* ---- places ---- */

void check_transfer_unspecified(struct check *c)
{
    const uint32_t safe = 1u << KIND_SAFEGUARD | 1u << KIND_ADEQUACY;
    const struct plan_places *places = &c->plan->places;
    const struct clause *clause = &places->clause;
    static const char *const KEYS[] = {"home", "outside"};
    for (size_t i = 0; i < LENGTH(KEYS); i++)
        if (clause_has_hole(clause, KEYS[i]))
            found_hole(c, RULE_transfer_unspecified, SEVERITY_WARNING, clause,
                       check_path(c, clause, KEYS[i]));
    if (places->outside_stated && !places->outside_needs.hole &&
        !needs_only_kinds(c->plan, &places->outside_needs, safe))
        found_severe(c, RULE_transfer_unspecified, SEVERITY_ERROR, clause,
                     check_path(c, clause, "outside"),
                     "copies may leave the zone without a safeguard or an adequacy decision");
}

static bool in_eea_outside_eu(str country)
{
    return str_is(country, "NO") || str_is(country, "IS") || str_is(country, "LI");
}

void check_eu_vs_eea(struct check *c)
{
    for (uint16_t i = 0; i < c->plan->controller_count; i++) {
        const struct plan_controller *controller = &c->plan->controller[i];
        if (c->plan->places.home != HOME_EU || !in_eea_outside_eu(controller->country))
            continue;
        found_add(c, RULE_eu_vs_eea, &c->plan->places.clause, STR("places.home"),
                  "the EU is home, though %.*s lies in the EEA outside it",
                  STR_ARG(controller->clause.path));
        return;
    }
}
