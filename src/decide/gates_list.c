/* Gates about closed lists, needs and staff: what no list names is refused. */
#include "decide_internal.h"

/* ---- lists: where data comes from and goes to ---- */

static bool refuse_in(struct ask *ask, struct reason *reason, const struct clause *clause,
                      const char *tail, enum always rule)
{
    return refuse(ask, reason, path_with(ask, clause->path, tail), rule, &clause->covers, NULL);
}

static bool source_listed(struct ask *ask, struct reason *reason)
{
    const struct plan_purpose *purpose = &ask->scene.plan->purpose[ask->purpose];
    if (ask->item == NULL || !purpose->from.stated || purpose->from.all ||
        (ask->source != NONE && refs_has(&purpose->from, ask->source)))
        return true;
    return refuse_in(ask, reason, &purpose->clause, ".from", ALWAYS_closed_sources);
}

static bool party_named(const struct ask *ask, const struct plan_recipient *recipient)
{
    for (size_t i = 0; i < recipient->named_count; i++)
        if (str_equal(recipient->named[i], ask->op->party_name))
            return true;
    return false;
}

/* A party that belongs to an audience holds one of the roles that the audience is made of. */
static bool party_in_audience(const struct ask *ask, const struct plan_recipient *recipient)
{
    const struct facts *party = ask->scene.view->party;
    const struct plan *plan = ask->scene.plan;
    if (recipient->kind != RECIPIENT_AUDIENCE || recipient->who.all || party == NULL)
        return true;
    for (size_t i = 0; i < party->roles.count; i++) {
        plan_index role = plan_find(plan, plan->role_of, party->roles.at[i].role);
        if (role != NONE && refs_has(&recipient->who, role) &&
            role_is_live(&party->roles.at[i], ask->scene.t))
            return true;
    }
    return false;
}

static bool recipient_listed(struct ask *ask, struct reason *reason)
{
    if (ask->recipient == NONE) {
        if (ask->act != ACTION_SHARE)
            return true;
        return refuse_lacking(ask, reason, STR("recipients"), ALWAYS_closed_recipients, NULL, NULL,
                              ask->op->recipient == 0 ? word_of(ask, "recipient") : 0);
    }
    const struct plan_recipient *recipient = &ask->scene.plan->recipient[ask->recipient];
    const struct clause *clause = &recipient->clause;
    if (clause->closed)
        return refuse_in(ask, reason, clause, "", ALWAYS_closed_recipients);
    if (!refs_has(&recipient->purposes, ask->purpose))
        return refuse_in(ask, reason, clause, ".for", ALWAYS_closed_recipients);
    if (ask->field != NONE && !field_set_has(&recipient->gives, ask->field))
        return refuse_in(ask, reason, clause, ".gives", ALWAYS_minimum_disclosure);
    if (!party_in_audience(ask, recipient))
        return refuse_in(ask, reason, clause, ".who", ALWAYS_closed_recipients);
    if (recipient->named_stated && !party_named(ask, recipient))
        return refuse_in(ask, reason, clause, ".named", ALWAYS_closed_recipients);
    return true;
}

static bool message_listed(struct ask *ask, struct reason *reason)
{
    const struct plan_message *message = &ask->scene.plan->message[ask->message];
    const struct clause *clause = &message->clause;
    if (clause->closed)
        return refuse_in(ask, reason, clause, "", ALWAYS_closed_policy);
    if (ask->op->purpose != 0 &&
        ask->op->purpose != ask->scene.plan->purpose[message->purpose].clause.name)
        return refuse_in(ask, reason, clause, ".for", ALWAYS_closed_purposes);
    if (ask->channel == NULL)
        return refuse_lacking(ask, reason, path_with(ask, clause->path, ".channels"),
                              ALWAYS_closed_policy, &clause->covers, NULL,
                              ask->op->channel == 0 ? word_of(ask, "channel") : 0);
    if (ask->channel->needs.hole)
        return refuse(ask, reason, ask->channel->path, ALWAYS_closed_policy, &ask->channel->covers,
                      &clause->covers);
    return true;
}

static bool cookie_roles(const struct ask *ask, const struct plan_cookie *cookie)
{
    const struct facts *subject = ask->scene.view->subject;
    const struct plan *plan = ask->scene.plan;
    if (!cookie->roles.stated || cookie->roles.all)
        return true;
    for (size_t i = 0; subject != NULL && i < subject->roles.count; i++) {
        plan_index role = plan_find(plan, plan->role_of, subject->roles.at[i].role);
        if (role != NONE && refs_has(&cookie->roles, role) &&
            role_is_live(&subject->roles.at[i], ask->scene.t))
            return true;
    }
    return false;
}

static bool cookie_listed(struct ask *ask, struct reason *reason)
{
    const struct plan_cookie *cookie = &ask->scene.plan->cookie[ask->cookie];
    if (cookie->clause.closed)
        return refuse_in(ask, reason, &cookie->clause, "", ALWAYS_closed_policy);
    if (!refs_has(&cookie->purposes, ask->purpose))
        return refuse_in(ask, reason, &cookie->clause, ".for", ALWAYS_closed_purposes);
    if (!cookie_roles(ask, cookie))
        return refuse_in(ask, reason, &cookie->clause, ".roles", ALWAYS_role_decides_purpose);
    return true;
}

static bool source_clause_open(struct ask *ask, struct reason *reason)
{
    if (ask->source == NONE || !ask->scene.plan->source[ask->source].clause.closed)
        return true;
    return refuse_in(ask, reason, &ask->scene.plan->source[ask->source].clause, "",
                     ALWAYS_closed_sources);
}

static bool intake_listed(struct ask *ask, struct reason *reason)
{
    const struct plan *plan = ask->scene.plan;
    if (ask->intake == NONE)
        return refuse_lacking(ask, reason, STR("intakes"), ALWAYS_closed_fields, NULL, NULL,
                              ask->op->intake == 0 ? word_of(ask, "intake") : 0);
    const struct plan_intake *intake = &plan->intake[ask->intake];
    const struct clause *clause = &intake->clause;
    if (clause->closed)
        return refuse_in(ask, reason, clause, "", ALWAYS_closed_fields);
    if (ask->source == NONE || !refs_has(&intake->from, ask->source))
        return refuse_in(ask, reason, clause, ".from", ALWAYS_closed_sources);
    if (!source_clause_open(ask, reason))
        return false;
    if (intake->channel != 0 && ask->op->channel != 0 && intake->channel != ask->op->channel)
        return refuse_in(ask, reason, clause, ".channel", ALWAYS_closed_fields);
    if (ask->field != NONE && bits_has(intake->refuses, plan->field[ask->field].category))
        return refuse_in(ask, reason, clause, ".refuses", ALWAYS_closed_fields);
    if (ask->field == NONE || (!field_set_has(&intake->required, ask->field) &&
                               !field_set_has(&intake->optional, ask->field)))
        return refuse_in(ask, reason, clause, ".optional", ALWAYS_closed_fields);
    return true;
}

bool gate_list(struct ask *ask, struct reason *reason)
{
    if (ask->act == ACTION_COLLECT)
        return intake_listed(ask, reason);
    if (ask->purpose == NONE)
        return true;
    if (ask->act == ACTION_SEND)
        return message_listed(ask, reason);
    if (ask->act == ACTION_COOKIE_SET || ask->act == ACTION_COOKIE_READ)
        return cookie_listed(ask, reason);
    return source_listed(ask, reason) && recipient_listed(ask, reason);
}

/* ---- the law floor ---- */

/* Refuses for want of a kind of evidence: "<clause>.needs.<type>". */
static bool refuse_floor(struct ask *ask, struct reason *reason, const struct clause *clause,
                         enum evidence_kind kind, enum always rule)
{
    const struct plan *plan = ask->scene.plan;
    str path =
        arena_format(ask->arena, "%.*s.needs.%s", STR_ARG(clause->path), evidence_kind_name(kind));
    ask->no_memory |= path.ptr == NULL;
    return refuse_lacking(ask, reason, path, rule, &plan->evidence[kind].clause.covers,
                          &clause->covers, plan->evidence[kind].clause.name);
}

static bool kind_supplied(const struct ask *ask, enum evidence_kind kind)
{
    const struct plan *plan = ask->scene.plan;
    for (size_t i = 0; i < ask->op->supplied_count; i++) {
        plan_index type = plan_find(plan, plan->evidence_of, ask->op->supplied[i]);
        if (type != NONE && plan->evidence[type].kind == kind)
            return true;
    }
    return false;
}

/* What can come with the act: allowed, owed when asking, or refused. */
static bool floor_supplied(struct ask *ask, struct reason *reason, const struct clause *clause,
                           enum evidence_kind kind, enum always rule)
{
    if (kind_supplied(ask, kind))
        return true;
    if (!ask->op->asking)
        return refuse_floor(ask, reason, clause, kind, rule);
    for (size_t i = 0; i < ask->duty_count; i++) {
        plan_index owed = plan_find(ask->scene.plan, ask->scene.plan->evidence_of, ask->duties[i]);
        if (owed != NONE && ask->scene.plan->evidence[owed].kind == kind)
            return true;
    }
    add_duty(ask, ask->scene.plan->evidence[kind].clause.name);
    return true;
}

static bool floor_source(struct ask *ask, struct reason *reason)
{
    if (ask->item == NULL || ask->source == NONE)
        return true;
    const struct plan_source *source = &ask->scene.plan->source[ask->source];
    if (source->kind != SOURCE_INDIRECT || kind_holds(ask, KIND_NOTICE, SLOT_NONE, true) ||
        kind_holds(ask, KIND_NOTICE_EXCEPTION, SLOT_NONE, false))
        return true;
    return floor_supplied(ask, reason, &source->clause, KIND_NOTICE, ALWAYS_indirect_notice);
}

static bool floor_recipient(struct ask *ask, struct reason *reason)
{
    if (ask->recipient == NONE)
        return true;
    const struct plan_recipient *recipient = &ask->scene.plan->recipient[ask->recipient];
    if (recipient->kind == RECIPIENT_PROCESSOR &&
        !kind_holds(ask, KIND_PROCESSOR_AGREEMENT, SLOT_RECIPIENT, false))
        return refuse_floor(ask, reason, &recipient->clause, KIND_PROCESSOR_AGREEMENT,
                            ALWAYS_processors_registered);
    if (recipient->kind == RECIPIENT_AUTHORITY && ID_IS_ZERO(ask->op->case_))
        return refuse_lacking(ask, reason, path_with(ask, recipient->clause.path, ".needs.case"),
                              ALWAYS_authority_by_case, &recipient->clause.covers, NULL,
                              word_of(ask, "case"));
    return true;
}

static bool floor_message(struct ask *ask, struct reason *reason)
{
    const struct plan *plan = ask->scene.plan;
    const struct plan_message *message = &plan->message[ask->message];
    if (plan->purpose[message->purpose].marketing == MARKETING_NONE)
        return true;
    if (!kind_holds(ask, KIND_STOP_LINK, SLOT_MESSAGE, false) &&
        !floor_supplied(ask, reason, &message->clause, KIND_STOP_LINK,
                        ALWAYS_stop_link_in_marketing))
        return false;
    bool electronic = ask->op->channel != 0 && (ask->op->channel == word_of(ask, "email") ||
                                                ask->op->channel == word_of(ask, "sms"));
    if (!electronic || consent_holds(ask) ||
        kind_holds(ask, KIND_EXISTING_CUSTOMER, SLOT_NONE, false))
        return true;
    refuse_floor(ask, reason, &message->clause, KIND_CONSENT, ALWAYS_marketing_ground);
    add_lack(ask, reason, plan->evidence[KIND_EXISTING_CUSTOMER].clause.name);
    return false;
}

/* Consent for the purpose of the cookie, or for this very cookie when the policy says so. */
static bool cookie_consented(struct ask *ask, const struct plan_cookie *cookie)
{
    const struct plan *plan = ask->scene.plan;
    const struct facts *subject = ask->scene.view->subject;
    word purpose = plan->purpose[ask->purpose].clause.name;
    bool per = cookie->per_cookie || (plan->purpose[ask->purpose].per & (1u << SLOT_COOKIE)) != 0;
    for (size_t i = 0; subject != NULL && i < subject->evidence.count; i++) {
        const struct fact_evidence *evidence = &subject->evidence.at[i];
        if (evidence_type(plan, evidence) != KIND_CONSENT ||
            !evidence_is_live(&ask->scene, plan, KIND_CONSENT, evidence))
            continue;
        const struct binding *own = evidence_binding(evidence, SLOT_COOKIE);
        const struct binding *bound = evidence_binding(evidence, SLOT_PURPOSE);
        bool this_cookie = own != NULL && own->name == ask->op->cookie;
        bool this_purpose = bound != NULL && bound->name == purpose;
        if (per ? this_cookie && (bound == NULL || this_purpose)
                : this_purpose && (own == NULL || this_cookie))
            return true;
    }
    return false;
}

static bool floor_cookie(struct ask *ask, struct reason *reason)
{
    const struct plan_cookie *cookie = &ask->scene.plan->cookie[ask->cookie];
    if (cookie->necessary || cookie_consented(ask, cookie))
        return true;
    return refuse_floor(ask, reason, &cookie->clause, KIND_CONSENT, ALWAYS_cookie_consent_first);
}

/* ---- places ---- */

static const char EU[] = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK "
                         "SI ES SE ";
static const char EFTA[] = "NO IS LI ";

static bool in_list(const char *list, str zone)
{
    for (const char *at = list; zone.len == 2 && *at != '\0'; at += 3)
        if (at[0] == zone.ptr[0] && at[1] == zone.ptr[1])
            return true;
    return false;
}

/* Zones are written as ISO country codes, or "eu" or "eea". */
static bool within(enum home_zone home, str zone)
{
    bool in_eu = str_is(zone, "eu") || in_list(EU, zone);
    return in_eu || (home != HOME_EU && (str_is(zone, "eea") || in_list(EFTA, zone)));
}

bool zone_is_home(const struct plan *plan, word zone)
{
    return within(plan->places.home, words_text(plan->words, zone));
}

bool zone_is_eea(str zone)
{
    return within(HOME_EEA, zone);
}

static word zone_of(const struct ask *ask)
{
    const struct facts *place = ask->scene.view->place;
    return ask->op->zone == 0 && place != NULL ? place->name : ask->op->zone;
}

/* Article 49(1)(a): an explicit consent to this transfer, as a type of the policy's own. */
static bool transfer_consented(struct ask *ask)
{
    const struct plan *plan = ask->scene.plan;
    for (size_t i = KIND_COUNT; i < plan->evidence_count; i++)
        if (plan->evidence[i].kind == KIND_CONSENT &&
            (plan->evidence[i].binds & (1u << SLOT_RECIPIENT)) != 0 &&
            type_holds(ask, (plan_index)i, false))
            return true;
    return false;
}

static bool place_holds(struct ask *ask, struct reason *reason)
{
    const struct plan_places *places = &ask->scene.plan->places;
    word zone = zone_of(ask);
    if (zone == 0 && ID_IS_ZERO(ask->op->place))
        return true;
    bool home = zone == 0 || zone_is_home(ask->scene.plan, zone);
    const struct need_where where = {home ? &places->clause.covers : &places->outside_covers,
                                     &places->clause.covers, ALWAYS_transfer_safeguard, false};
    if (home)
        return needs_hold(ask, &places->home_needs, &where, reason);
    if (places->outside_stated && !needs_hold(ask, &places->outside_needs, &where, reason))
        return false;
    if (kind_holds(ask, KIND_SAFEGUARD, SLOT_RECIPIENT, false) ||
        kind_holds(ask, KIND_SAFEGUARD, SLOT_PLACE, false) ||
        kind_holds(ask, KIND_ADEQUACY, SLOT_RECIPIENT, false) ||
        kind_holds(ask, KIND_ADEQUACY, SLOT_PLACE, false) || transfer_consented(ask))
        return true;
    refuse(ask, reason, STR("places.outside.needs.safeguard"), ALWAYS_transfer_safeguard,
           &places->outside_covers, &places->clause.covers);
    add_lack(ask, reason, ask->scene.plan->evidence[KIND_SAFEGUARD].clause.name);
    add_lack(ask, reason, ask->scene.plan->evidence[KIND_ADEQUACY].clause.name);
    return false;
}

/* ---- needs, in written order ---- */

/* A need that a notice or an exception from it can meet is asked before use, not before storing. */
static bool waits_for_use(const struct ask *ask, const struct need *need)
{
    for (size_t i = 0; i < need->count; i++) {
        enum evidence_kind kind = ask->scene.plan->evidence[need->any[i]].kind;
        if (kind == KIND_NOTICE || kind == KIND_NOTICE_EXCEPTION)
            return true;
    }
    return false;
}

static bool collect_needs(struct ask *ask, struct reason *reason)
{
    const struct plan *plan = ask->scene.plan;
    if (ask->source != NONE) {
        const struct plan_source *source = &plan->source[ask->source];
        const struct need_where where = {&source->clause.covers, NULL, ALWAYS_closed_sources,
                                         false};
        for (size_t i = 0; i < source->needs.count; i++) {
            struct needs one = {&source->needs.all[i], 1, true, false};
            if (!waits_for_use(ask, &one.all[0]) && !needs_hold(ask, &one, &where, reason))
                return false;
        }
    }
    if (ask->intake == NONE)
        return true;
    const struct plan_intake *intake = &plan->intake[ask->intake];
    const struct need_where where = {&intake->clause.covers, NULL, ALWAYS_closed_fields, false};
    return needs_hold(ask, &intake->needs, &where, reason);
}

static enum right right_of(unsigned act)
{
    if (act == ACT_OWN_VIEW)
        return RIGHT_ACCESS;
    if (act == ACTION_EXPORT)
        return RIGHT_PORTABILITY;
    return act == ACTION_ERASE ? RIGHT_ERASE : RIGHT_RECTIFY;
}

/* What a right needs is asked of a request, that is, in a case. */
static bool right_needs(struct ask *ask, struct reason *reason)
{
    if (ID_IS_ZERO(ask->op->case_))
        return true;
    const struct plan_right *right = &ask->scene.plan->right[right_of(ask->act)];
    const struct plan_right *all = &ask->scene.plan->right[RIGHT_ALL];
    bool own = right->needs.count > 0 && right->needs.all != all->needs.all &&
               !str_starts(right->needs.all[0].path, STR("rights.all."));
    const struct need_where where = {own ? &right->clause.covers : &all->clause.covers,
                                     &all->clause.covers, ALWAYS_identity_first, false};
    return needs_hold(ask, &right->needs, &where, reason);
}

static bool purpose_needs(struct ask *ask, struct reason *reason)
{
    const struct plan_purpose *purpose = &ask->scene.plan->purpose[ask->purpose];
    const struct need_where where = {&purpose->clause.covers, NULL, ALWAYS_closed_purposes, false};
    return needs_hold(ask, &purpose->needs, &where, reason);
}

static bool source_needs(struct ask *ask, struct reason *reason)
{
    if (ask->item == NULL || ask->source == NONE)
        return true;
    const struct plan_source *source = &ask->scene.plan->source[ask->source];
    const struct need_where where = {&source->clause.covers, NULL, ALWAYS_indirect_notice, true};
    return needs_hold(ask, &source->needs, &where, reason);
}

static bool recipient_needs(struct ask *ask, struct reason *reason)
{
    if (ask->recipient == NONE)
        return true;
    const struct plan_recipient *recipient = &ask->scene.plan->recipient[ask->recipient];
    const struct need_where where = {&recipient->clause.covers, NULL, ALWAYS_closed_recipients,
                                     false};
    return needs_hold(ask, &recipient->needs, &where, reason);
}

static bool message_needs(struct ask *ask, struct reason *reason)
{
    if (ask->message == NONE || ask->channel == NULL)
        return true;
    const struct plan_message *message = &ask->scene.plan->message[ask->message];
    const struct need_where where = {&message->clause.covers, NULL, ALWAYS_closed_policy, false};
    const struct need_where channel = {&ask->channel->covers, &message->clause.covers,
                                       ALWAYS_closed_policy, false};
    return needs_hold(ask, &message->needs, &where, reason) &&
           needs_hold(ask, &ask->channel->needs, &channel, reason) && floor_message(ask, reason);
}

bool gate_needs(struct ask *ask, struct reason *reason)
{
    if (ask->act == ACTION_COLLECT)
        return collect_needs(ask, reason);
    if (ask->act == ACTION_EXPORT || ask->act == ACTION_ERASE || ask->act == ACTION_RECTIFY ||
        ask->act == ACT_OWN_VIEW)
        return right_needs(ask, reason);
    if (ask->purpose == NONE)
        return true;
    if (!purpose_needs(ask, reason) || !source_needs(ask, reason))
        return false;
    if (ask->act == ACTION_SEND)
        return message_needs(ask, reason);
    if (ask->cookie != NONE)
        return floor_cookie(ask, reason);
    return recipient_needs(ask, reason) && place_holds(ask, reason) && floor_source(ask, reason) &&
           floor_recipient(ask, reason);
}

/* ---- staff ---- */

static uint32_t may_of(unsigned act)
{
    switch (act) {
    case ACTION_COLLECT:
    case ACTION_RECTIFY:
    case ACTION_STORE:
        return MAY_CHANGE;
    case ACTION_LIFT:
        return MAY_DECIDE_REQUESTS | MAY_CHANGE;
    case ACTION_SHARE:
        return MAY_SHARE;
    case ACTION_ERASE:
        return MAY_DECIDE_REQUESTS | MAY_CHANGE;
    case ACTION_RECORD:
        return MAY_RECORD | MAY_CHANGE;
    default:
        return MAY_READ;
    }
}

static bool is_staff_act(const struct ask *ask)
{
    return ask->op->staff != 0 || !ID_IS_ZERO(ask->op->actor);
}

static bool refuse_staff(struct ask *ask, struct reason *reason, const struct plan_staff *staff,
                         const char *tail)
{
    return refuse_in(ask, reason, &staff->clause, tail, ALWAYS_staff_by_role);
}

static bool role_of_staff_allows(struct ask *ask, const struct plan_staff *staff, bool named_by,
                                 struct reason *reason)
{
    if (staff->clause.closed)
        return refuse_staff(ask, reason, staff, "");
    if (ask->purpose != NONE && ask->act != ACTION_RECORD &&
        !refs_has(&staff->purposes, ask->purpose))
        return refuse_staff(ask, reason, staff, ".for");
    if (ask->field_word != 0 && staff->sees.stated &&
        (ask->field == NONE || !field_set_has(&staff->sees, ask->field)))
        return refuse_staff(ask, reason, staff, ".sees");
    if (!named_by && (staff->may & may_of(ask->act)) == 0)
        return refuse_staff(ask, reason, staff, ".may");
    const struct need_where where = {&staff->clause.covers, NULL, ALWAYS_staff_by_role, false};
    return needs_hold(ask, &staff->needs, &where, reason);
}

/* Evidence says who may record it. */
static bool recorder_allowed(struct ask *ask, struct reason *reason, bool *named_by)
{
    const struct plan *plan = ask->scene.plan;
    const struct operation *op = ask->op;
    plan_index event = plan_find(plan, plan->event_of, op->evidence);
    plan_index type = plan_find(plan, plan->evidence_of, op->evidence);
    if (type == NONE && event != NONE && plan->event[event].by == BY_SUBJECT && !op->by_subject)
        return refuse_in(ask, reason, &plan->event[event].clause, ".by", ALWAYS_by_the_person);
    if (type == NONE)
        return true;
    const struct plan_evidence *evidence = &plan->evidence[type];
    bool listed =
        !op->by_subject && ask->staff != NONE && refs_has(&evidence->by_staff, ask->staff);
    *named_by = listed && evidence->by_staff.count > 0;
    bool stated = evidence->by_subject || evidence->by_staff.count > 0;
    if (stated && !(evidence->by_subject && op->by_subject) && !*named_by)
        return refuse_in(ask, reason, &evidence->clause, ".by",
                         evidence->by_subject ? ALWAYS_by_the_person : ALWAYS_staff_by_role);
    bool about_actor = evidence->by_other || (evidence->binds & (1u << SLOT_ACTOR)) != 0;
    bool self = about_actor && !ID_IS_ZERO(op->actor) &&
                (ID_EQUAL(op->actor, op->subject) || ID_EQUAL(op->actor, op->concerned));
    bool by_herself = evidence->by_other && op->by_subject && ID_IS_ZERO(op->concerned);
    if (self || by_herself)
        return refuse_in(ask, reason, &evidence->clause, ".by", ALWAYS_no_self_record);
    return true;
}

/* An actor without a named role acts in any of the staff roles that their dossier holds. */
static bool any_role_allows(struct ask *ask, bool named_by, struct reason *reason)
{
    const struct facts *actor = ask->scene.view->actor;
    const struct plan *plan = ask->scene.plan;
    bool seen = false;
    for (size_t i = 0; actor != NULL && i < actor->roles.count; i++) {
        const struct fact_role *role = &actor->roles.at[i];
        plan_index staff = plan_find(plan, plan->staff_of, role->role);
        if (staff == NONE || !role_is_live(role, ask->scene.t))
            continue;
        struct reason why;
        if (role_of_staff_allows(ask, &plan->staff[staff], named_by, &why)) {
            *reason = (struct reason){0}; /* what another role lacks is no reason */
            return true;
        }
        if (!seen)
            *reason = why;
        seen = true;
    }
    if (seen)
        return false;
    return refuse_lacking(ask, reason, STR("staff"), ALWAYS_staff_by_role, NULL, NULL,
                          word_of(ask, "actor"));
}

bool gate_staff(struct ask *ask, struct reason *reason)
{
    const struct plan *plan = ask->scene.plan;
    bool named_by = false;
    if (ask->act == ACTION_RECORD && !recorder_allowed(ask, reason, &named_by))
        return false;
    if (!is_staff_act(ask) || ask->op->by_subject)
        return true;
    if (ask->op->staff == 0)
        return any_role_allows(ask, named_by, reason);
    if (ask->staff == NONE)
        return refuse_lacking(ask, reason, STR("staff"), ALWAYS_staff_by_role, NULL, NULL,
                              word_of(ask, "actor"));
    return role_of_staff_allows(ask, &plan->staff[ask->staff], named_by, reason);
}
