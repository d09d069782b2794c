/* Gates about the purpose: role, purpose, told at collection, basis, version, objection. */
#include "decide_internal.h"

static const struct plan_purpose *purpose_of(const struct ask *ask)
{
    assert(ask->purpose != NONE);
    return &ask->scene.plan->purpose[ask->purpose];
}

/* The item of the part, or one that stands for the operation. */
static struct about about_part(const struct ask *ask, struct fact_item *stand_in)
{
    if (ask->item == NULL)
        *stand_in = (struct fact_item){
            .field = ask->field_word, .matter = ask->op->matter, .collected = ask->scene.t};
    const struct fact_item *item = ask->item != NULL ? ask->item->item : stand_in;
    return (struct about){ask->scene.plan, ask->purpose, ask->field, item};
}

static bool is_for_cookie(const struct ask *ask)
{
    return ask->act == ACTION_COOKIE_SET || ask->act == ACTION_COOKIE_READ;
}

/* ---- role ---- */

static bool role_reaches(const struct ask *ask, const struct fact_role *role)
{
    dossier_id ours = ask->op->matter;
    if (ask->item != NULL && !ID_IS_ZERO(ask->item->item->matter))
        ours = ask->item->item->matter;
    return ID_IS_ZERO(role->matter) || ID_IS_ZERO(ours) || ID_EQUAL(role->matter, ours);
}

static bool holds_one_of(const struct ask *ask, const struct refs *roles)
{
    const struct facts *subject = ask->scene.view->subject;
    const struct plan *plan = ask->scene.plan;
    for (size_t i = 0; subject != NULL && i < subject->roles.count; i++) {
        const struct fact_role *held = &subject->roles.at[i];
        plan_index role = plan_find(plan, plan->role_of, held->role);
        if (role != NONE && refs_has(roles, role) && role_is_live(held, ask->scene.t) &&
            role_reaches(ask, held))
            return true;
    }
    return false;
}

bool gate_role(struct ask *ask, struct reason *reason)
{
    if (ask->purpose == NONE || (is_for_cookie(ask) && ask->cookie != NONE &&
                                 ask->scene.plan->cookie[ask->cookie].necessary))
        return true;
    const struct plan_purpose *purpose = purpose_of(ask);
    if (purpose->clause.closed || purpose->roles.all || holds_one_of(ask, &purpose->roles))
        return true;
    refuse(ask, reason, path_with(ask, purpose->clause.path, ".roles"), ALWAYS_role_decides_purpose,
           &purpose->clause.covers, NULL);
    for (size_t i = 0; i < purpose->roles.count; i++)
        add_lack(ask, reason, ask->scene.plan->role[purpose->roles.at[i]].clause.name);
    return false;
}

/* ---- purpose ---- */

static bool refuse_unknown(struct ask *ask, struct reason *reason)
{
    if (ask->act == ACTION_SEND && ask->message == NONE)
        return refuse_lacking(ask, reason, STR("messages"), ALWAYS_closed_policy, NULL, NULL,
                              word_of(ask, "message"));
    if (is_for_cookie(ask) && ask->cookie == NONE)
        return refuse_lacking(ask, reason, STR("cookies"), ALWAYS_closed_policy, NULL, NULL,
                              word_of(ask, "cookie"));
    enum always rule =
        ask->act == ACTION_SHARE ? ALWAYS_share_needs_purpose : ALWAYS_closed_purposes;
    return refuse_lacking(ask, reason, STR("purposes"), rule, NULL, NULL,
                          ask->op->purpose == 0 ? word_of(ask, "purpose") : 0);
}

static bool refuse_unreached(struct ask *ask, struct reason *reason)
{
    const struct plan *plan = ask->scene.plan;
    const struct clause *clause = &purpose_of(ask)->clause;
    refuse(ask, reason, clause->path, ALWAYS_closed_purposes, &clause->covers, NULL);
    add_lack(ask, reason, plan->evidence[KIND_COMPATIBILITY].clause.name);
    add_lack(ask, reason, plan->evidence[KIND_CONSENT].clause.name);
    return false;
}

static bool refuse_unstarted(struct ask *ask, struct reason *reason)
{
    const struct plan *plan = ask->scene.plan;
    const struct plan_purpose *purpose = purpose_of(ask);
    word starts = purpose->starts_event != NONE
                      ? plan->event[purpose->starts_event].clause.name
                      : plan->evidence[purpose->starts_evidence].clause.name;
    return refuse_lacking(ask, reason, path_with(ask, purpose->clause.path, ".starts"),
                          ALWAYS_purpose_started, &purpose->clause.covers, NULL, starts);
}

/* A required field counts when one item of it is alive and not restricted. */
static bool has_field(const struct ask *ask, plan_index field)
{
    word name = ask->scene.plan->field[field].name;
    for (size_t i = 0; ask->settled != NULL && i < ask->settled->count; i++) {
        const struct settled_item *item = &ask->settled->items[i];
        if (item->item->field == name && item->alive && !item->restricted)
            return true;
    }
    return false;
}

static bool has_required(struct ask *ask, struct reason *reason)
{
    const struct plan_purpose *purpose = purpose_of(ask);
    if (!purpose->requires.stated || ask->settled == NULL || is_for_cookie(ask))
        return true;
    for (size_t f = 0; f < ask->scene.plan->field_count; f++) {
        plan_index field = (plan_index)f;
        if (field_set_has(&purpose->requires, field) && !has_field(ask, field))
            return refuse_lacking(ask, reason, path_with(ask, purpose->clause.path, ".requires"),
                                  ALWAYS_required_data, &purpose->clause.covers, NULL,
                                  ask->scene.plan->field[field].name);
    }
    return true;
}

/* Of several companies, those that it is of; an operation of nobody is asked about elsewhere. */
static bool is_of_company(const struct ask *ask)
{
    const struct refs *companies = &purpose_of(ask)->controllers;
    word company = ask->op->controller;
    if (!companies->stated || companies->all || company == 0)
        return true;
    plan_index mine = plan_find(ask->scene.plan, ask->scene.plan->controller_of, company);
    return mine != NONE && refs_has(companies, mine);
}

bool gate_purpose(struct ask *ask, struct reason *reason)
{
    bool unknown_cookie = is_for_cookie(ask) && ask->cookie == NONE;
    if (ask->purpose == NONE || unknown_cookie)
        return refuse_unknown(ask, reason);
    const struct plan_purpose *purpose = purpose_of(ask);
    const struct clause *clause = &purpose->clause;
    if (clause->closed)
        return refuse(ask, reason, clause->path, ALWAYS_closed_purposes, &clause->covers, NULL);
    if (!is_of_company(ask))
        return refuse(ask, reason, path_with(ask, clause->path, ".controllers"), ALWAYS_own_records,
                      &clause->covers, NULL);
    bool gives = ask->act == ACTION_READ || ask->act == ACTION_SHARE || ask->act == ACTION_SEND;
    if (purpose->counts_only > 0 && gives)
        return refuse(ask, reason, path_with(ask, clause->path, ".counts_only"),
                      ALWAYS_closed_purposes, &clause->covers, NULL);
    const struct fact_item *item = ask->item == NULL ? NULL : ask->item->item;
    if (item != NULL && (ask->field == NONE || !field_set_has(&purpose->uses, ask->field)))
        return refuse(ask, reason, path_with(ask, clause->path, ".uses"), ALWAYS_closed_purposes,
                      &clause->covers, NULL);
    bool started = ask->ground != NULL
                       ? ask->ground->started
                       : purpose_started(&ask->scene, ask->scene.plan, ask->purpose, item);
    if (!started)
        return refuse_unstarted(ask, reason);
    if (item != NULL && ask->settled != NULL && ask->ground == NULL)
        return refuse_unreached(ask, reason);
    return has_required(ask, reason);
}

/* ---- told at collection ---- */

/* The intake lists the field, but no purpose of it may take it now. */
bool gate_told(struct ask *ask, struct reason *reason)
{
    const struct plan *plan = ask->scene.plan;
    if (ask->intake == NONE || ask->told_count > 0)
        return true;
    if (!ask->told_stopped)
        return refuse(ask, reason, path_of_always(ALWAYS_own_basis), ALWAYS_own_basis, NULL, NULL);
    if (plan->intake[ask->intake].live)
        return refuse(ask, reason, path_of_always(ALWAYS_recording_ends_on_objection),
                      ALWAYS_recording_ends_on_objection, NULL, NULL);
    return refuse(ask, reason, STR("rights.object"), ALWAYS_objection_to_interest,
                  &plan->right[RIGHT_OBJECT].clause.covers, &plan->right[RIGHT_ALL].clause.covers);
}

/* ---- basis ---- */

static bool refuse_basis(struct ask *ask, struct reason *reason, enum always rule, int kind)
{
    const struct plan *plan = ask->scene.plan;
    const struct plan_purpose *purpose = purpose_of(ask);
    const struct covers *near = kind < 0 ? NULL : &plan->evidence[kind].clause.covers;
    return refuse_lacking(ask, reason, path_with(ask, purpose->clause.path, ".basis"), rule, near,
                          &purpose->clause.covers, kind < 0 ? 0 : plan->evidence[kind].clause.name);
}

static bool basis_lives(struct ask *ask, struct reason *reason)
{
    const struct plan_purpose *purpose = purpose_of(ask);
    struct fact_item stand_in;
    struct about about = about_part(ask, &stand_in);
    switch (purpose->basis) {
    case BASIS_CONSENT:
        return consent_holds(ask) || refuse_basis(ask, reason, ALWAYS_consent_first, KIND_CONSENT);
    case BASIS_CONTRACT:
        return purpose->before_contract ||
               (ask->scene.view->subject != NULL &&
                before(ask->scene.t, agreement_end(&ask->scene, &about, NONE))) ||
               refuse_basis(ask, reason, ALWAYS_live_agreement, KIND_AGREEMENT);
    case BASIS_LEGAL_DUTY:
        return purpose->law.len > 0 || refuse_basis(ask, reason, ALWAYS_statute_named, -1);
    case BASIS_LEGITIMATE_INTEREST:
        return kind_holds(ask, KIND_BALANCING, SLOT_PURPOSE, false) ||
               refuse_basis(ask, reason, ALWAYS_balancing_on_file, KIND_BALANCING);
    case BASIS_VITAL_INTEREST:
    case BASIS_PUBLIC_TASK:
        return true;
    case BASIS_NONE:
    case BASIS_COUNT:
        break;
    }
    return refuse_basis(ask, reason, ALWAYS_own_basis, -1);
}

bool gate_basis(struct ask *ask, struct reason *reason)
{
    if (ask->purpose == NONE || is_for_cookie(ask)) /* its basis is consent, by the law floor */
        return true;
    if (!basis_lives(ask, reason))
        return false;
    const struct ground *ground = ask->ground;
    if (ground == NULL || before(ask->scene.t, ground->end))
        return true;
    return refuse(ask, reason, ground->rule->path, ALWAYS_per_purpose_clock, &ground->rule->ids,
                  &purpose_of(ask)->clause.covers);
}

/* ---- version ---- */

static bool new_and_not_told(const struct ask *ask)
{
    const struct plan *plan = ask->scene.plan;
    const struct plans *plans = ask->scene.view->plans;
    size_t in_force = (size_t)(ask->scene.version - plans->at);
    plan_index field =
        ask->field_word == 0 ? (plan_index)NONE : plan_find(plan, plan->field_of, ask->field_word);
    bool known[PLANS_MOST];
    plans_known(plans, ask->scene.view->subject, ask->scene.t, known);
    return plans_is_news(plans, in_force, known, NEWS_PURPOSE, ask->purpose) ||
           plans_is_news(plans, in_force, known, NEWS_SOURCE, ask->source) ||
           plans_is_news(plans, in_force, known, NEWS_RECIPIENT, ask->recipient) ||
           plans_is_news(plans, in_force, known, NEWS_FIELD, field);
}

/* Both versions must allow, unless compatibility or consent stands in for the older one. */
static bool older_allows(struct ask *ask, struct reason *reason)
{
    const struct plan_version *older =
        ask->item == NULL ? NULL : plans_by_word(ask->scene.view->plans, ask->item->item->version);
    if (older == NULL || older == ask->scene.version || ask->purpose == NONE ||
        has_compatibility(&ask->scene, ask->scene.plan, ask->purpose) ||
        has_consent(&ask->scene, ask->scene.plan, ask->purpose))
        return true;
    struct ask then = ask_under(ask, older);
    bool allows = then.purpose != NONE;
    if (!allows)
        refuse(ask, reason, STR("version"), ALWAYS_compatible_use, NULL, NULL);
    for (size_t i = 0; allows && i < gate_count; i++)
        if (gates[i].older && (gates[i].acts & DOES(ask->act)) != 0)
            allows = gates[i].passes(&then, reason);
    ask->no_memory |= then.no_memory;
    if (allows)
        return true;
    add_lack(ask, reason, ask->scene.plan->evidence[KIND_COMPATIBILITY].clause.name);
    add_lack(ask, reason, ask->scene.plan->evidence[KIND_CONSENT].clause.name);
    return false;
}

bool gate_version(struct ask *ask, struct reason *reason)
{
    if (ask->scene.version > ask->scene.view->plans->at && new_and_not_told(ask))
        return refuse_lacking(ask, reason, STR("version"), ALWAYS_new_purpose_after_notice, NULL,
                              NULL, ask->scene.plan->evidence[KIND_NOTICE].clause.name);
    return older_allows(ask, reason);
}

/* ---- objection and switches ---- */

static bool is_lifted(const struct ask *ask, const struct about *about, instant since)
{
    return before(ask->scene.t, consent_end(&ask->scene, about, since));
}

static bool objects(struct ask *ask, const struct about *about, struct reason *reason)
{
    const struct plan *plan = ask->scene.plan;
    const struct facts *subject = ask->scene.view->subject;
    for (size_t i = 0; i < subject->objections.count; i++) {
        const struct fact_objection *objection = &subject->objections.at[i];
        if (!is_there(objection->since, ask->scene.t) ||
            !objection_counts(plan, ask->purpose, objection, false) ||
            is_lifted(ask, about, objection->since))
            continue;
        bool ended = objection_counts(plan, ask->purpose, objection, true);
        refuse(ask, reason, STR("rights.object"),
               ended ? ALWAYS_objection_absolute : ALWAYS_paused_until_decided,
               &plan->right[RIGHT_OBJECT].clause.covers, &plan->right[RIGHT_ALL].clause.covers);
        return true;
    }
    return false;
}

static bool stops_this(const struct ask *ask, const struct about *about,
                       const struct plan_switch *stop, instant since)
{
    if (ask->message != NONE && refs_has(&stop->stops_messages, ask->message))
        return true;
    if (ask->recipient != NONE && refs_has(&stop->stops_recipients, ask->recipient))
        return true;
    return refs_has(&stop->stops_purposes, ask->purpose) && !is_lifted(ask, about, since);
}

static bool is_switched_off(struct ask *ask, const struct about *about, struct reason *reason)
{
    const struct plan *plan = ask->scene.plan;
    const struct facts *subject = ask->scene.view->subject;
    for (size_t i = 0; i < subject->switches.count; i++) {
        const struct fact_switch *set = &subject->switches.at[i];
        plan_index stop = plan_find(plan, plan->stop_of, set->stop);
        bool ours = (set->channel == 0 || set->channel == ask->op->channel) &&
                    (ID_IS_ZERO(set->recipient) || ID_EQUAL(set->recipient, ask->op->party));
        if (stop == NONE || !ours || !is_there(set->since, ask->scene.t) ||
            !stops_this(ask, about, &plan->stop[stop], set->since))
            continue;
        refuse(ask, reason, plan->stop[stop].clause.path, ALWAYS_objection_absolute,
               &plan->stop[stop].clause.covers, NULL);
        return true;
    }
    return false;
}

/* A use that a merge found closed, and no consent given since has opened. What is collected is new.
 */
static bool is_limited(struct ask *ask, const struct about *about, struct reason *reason)
{
    const struct facts *subject = ask->scene.view->subject;
    const struct fact_item *item = ask->item == NULL ? NULL : ask->item->item;
    for (size_t i = 0; i < subject->limits.count; i++) {
        const struct fact_limit *limit = &subject->limits.at[i];
        if (!limit->use_only || !is_there(limit->until, ask->scene.t) ||
            !limit_has(limit, item, purpose_of(ask)->clause.name) ||
            is_lifted(ask, about, limit->until))
            continue;
        refuse(ask, reason, path_of_always(ALWAYS_merge_opens_nothing), ALWAYS_merge_opens_nothing,
               NULL, NULL);
        return true;
    }
    return false;
}

bool gate_objection(struct ask *ask, struct reason *reason)
{
    if (ask->purpose == NONE || ask->scene.view->subject == NULL)
        return true;
    struct fact_item stand_in;
    struct about about = about_part(ask, &stand_in);
    if (purpose_of(ask)->basis != BASIS_LEGAL_DUTY &&
        (objects(ask, &about, reason) || is_switched_off(ask, &about, reason)))
        return false;
    return !is_limited(ask, &about, reason);
}

/* Whether a purpose may not take new data, since the person objected to it or switched it off. */
bool purpose_is_stopped(const struct ask *ask, plan_index purpose)
{
    if (ask->scene.view->subject == NULL ||
        ask->scene.plan->purpose[purpose].basis == BASIS_LEGAL_DUTY)
        return false;
    struct ask one = *ask;
    struct reason reason;
    struct fact_item stand_in;
    one.purpose = purpose;
    struct about about = about_part(&one, &stand_in);
    return objects(&one, &about, &reason) || is_switched_off(&one, &about, &reason);
}
