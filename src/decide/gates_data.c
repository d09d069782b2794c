/* Gates about the data itself: alive, never, controller, restriction, minimum, erasing, export. */
#include "decide_internal.h"

static const struct plan_category *category_of(const struct ask *ask)
{
    const struct plan *plan = ask->scene.plan;
    return ask->field == NONE ? NULL : &plan->category[plan->field[ask->field].category];
}

/* What is gone is refused by what ended it: the asked purpose when it reached the item, else the
 * last to end. */
bool gate_alive(struct ask *ask, struct reason *reason)
{
    if (ask->item == NULL || ask->item->alive)
        return true;
    const struct ground *ground = ask->ground;
    bool own = ground != NULL && ground->keeps && !before(ask->scene.t, ground->end);
    const struct end_rule *rule = own ? ground->rule : ask->item->rule;
    str path = rule->path.len == 0 ? path_of_always(ALWAYS_nothing_held) : rule->path;
    return refuse(ask, reason, path, ALWAYS_ends_with_last_purpose, &rule->ids, NULL);
}

/* Special categories are open only under an explicit consent for the purpose. */
static bool special_is_open(struct ask *ask)
{
    if (ask->act == ACTION_COLLECT)
        return ask->told_count > 0;
    return consent_holds(ask);
}

bool gate_never(struct ask *ask, struct reason *reason)
{
    const struct plan *plan = ask->scene.plan;
    if (ask->recipient != NONE && plan->recipient[ask->recipient].never) {
        const struct clause *clause = &plan->recipient[ask->recipient].clause;
        return refuse(ask, reason, path_with(ask, clause->path, ".never"), ALWAYS_never_beats_all,
                      &clause->covers, NULL);
    }
    const struct plan_category *category = category_of(ask);
    if (category == NULL)
        return true;
    const struct clause *clause = &category->clause;
    if (category->never || category->kind == CATEGORY_PAYMENT_CARD)
        return refuse(ask, reason, path_with(ask, clause->path, ".never"), ALWAYS_never_beats_all,
                      &clause->covers, NULL);
    if (category->kind == CATEGORY_SPECIAL && !special_is_open(ask))
        return refuse_lacking(ask, reason, path_with(ask, clause->path, ".kind"),
                              ALWAYS_special_categories, &clause->covers, NULL,
                              plan->evidence[KIND_CONSENT].clause.name);
    return true;
}

/* ---- controller ---- */

static bool joint_names(const struct plan *plan, const struct plan_joint *joint, word mine,
                        word theirs)
{
    plan_index me = plan_find(plan, plan->controller_of, mine);
    plan_index they = plan_find(plan, plan->controller_of, theirs);
    if (me == NONE || they == NONE)
        return false;
    bool have_me = refs_has(&joint->who, me), have_them = refs_has(&joint->who, they);
    return joint->acting ? have_me || have_them : have_me && have_them;
}

static bool joint_for(const struct ask *ask, const struct plan_joint *joint)
{
    if (ask->purpose != NONE)
        return refs_has(&joint->purposes, ask->purpose);
    for (size_t i = 0; i < ask->item->ground_count; i++)
        if (refs_has(&joint->purposes, ask->item->grounds[i].purpose))
            return true;
    return false;
}

static bool is_joint(const struct ask *ask)
{
    const struct plan *plan = ask->scene.plan;
    for (size_t i = 0; i < plan->joint_count; i++)
        if (!plan->joint[i].clause.closed && joint_for(ask, &plan->joint[i]) &&
            joint_names(plan, &plan->joint[i], ask->op->controller, ask->item->item->controller))
            return true;
    return false;
}

/* A declared share within the group for this purpose; the gates after this one see its clause. */
static bool is_group_share(struct ask *ask)
{
    const struct plan *plan = ask->scene.plan;
    for (size_t i = 0; ask->purpose != NONE && i < plan->recipient_count; i++) {
        const struct plan_recipient *recipient = &plan->recipient[i];
        if (recipient->kind != RECIPIENT_GROUP || recipient->clause.closed || recipient->never ||
            !refs_has(&recipient->purposes, ask->purpose) ||
            !field_set_has(&recipient->gives, ask->field))
            continue;
        if (ask->recipient == NONE) {
            ask->recipient = (plan_index)i;
            ask->by_group = true;
        }
        return true;
    }
    return false;
}

bool gate_controller(struct ask *ask, struct reason *reason)
{
    word mine = ask->op->controller;
    word theirs = ask->item == NULL ? 0 : ask->item->item->controller;
    if (mine == 0 || theirs == 0 || mine == theirs || is_joint(ask) || is_group_share(ask))
        return true;
    return refuse(ask, reason, path_of_always(ALWAYS_own_records), ALWAYS_own_records, NULL, NULL);
}

/* ---- restriction ---- */

static bool starts_with_claim(const struct ask *ask)
{
    const struct plan *plan = ask->scene.plan;
    if (ask->purpose == NONE || plan->purpose[ask->purpose].starts_evidence == NONE)
        return false;
    return plan->evidence[plan->purpose[ask->purpose].starts_evidence].kind == KIND_CLAIM;
}

bool gate_restriction(struct ask *ask, struct reason *reason)
{
    if (ask->item == NULL || !ask->item->restricted)
        return true;
    bool exported = ask->act == ACTION_EXPORT;
    if (!exported && (starts_with_claim(ask) || consent_holds(ask)))
        return true;
    const struct plan_right *right = ask->scene.plan->right;
    return refuse(ask, reason, STR("rights.restrict"), ALWAYS_stores_only_while_restricted,
                  &right[RIGHT_RESTRICT].clause.covers, &right[RIGHT_ALL].clause.covers);
}

static bool is_lifted_by(const struct ask *ask, const struct fact_restriction *restriction)
{
    const struct operation *op = ask->op;
    if (op->field_count == 0 || restriction->field_count == 0)
        return true;
    for (size_t i = 0; i < restriction->field_count; i++)
        for (size_t j = 0; j < op->field_count; j++)
            if (restriction->fields[i] == op->fields[j])
                return true;
    return false;
}

/* The person is told before a restriction is lifted. */
bool gate_lift(struct ask *ask, struct reason *reason)
{
    const struct facts *subject = ask->scene.view->subject;
    const struct plan *plan = ask->scene.plan;
    for (size_t i = 0; subject != NULL && i < subject->restrictions.count; i++) {
        const struct fact_restriction *restriction = &subject->restrictions.at[i];
        if (is_there(restriction->since, ask->scene.t) && !restriction->told &&
            is_lifted_by(ask, restriction))
            return refuse_lacking(ask, reason, STR("rights.restrict"), ALWAYS_told_before_lifting,
                                  &plan->right[RIGHT_RESTRICT].clause.covers,
                                  &plan->right[RIGHT_ALL].clause.covers,
                                  plan->evidence[KIND_NOTICE].clause.name);
    }
    return true;
}

/* ---- minimum ---- */

static bool names_field(const struct ask *ask, const word *at, size_t count)
{
    const struct plan_category *category = category_of(ask);
    for (size_t i = 0; i < count; i++)
        if (at[i] == ask->field_word || (category != NULL && at[i] == category->clause.name))
            return true;
    return false;
}

static bool collect_minimum(struct ask *ask, struct reason *reason)
{
    if (ask->intake == NONE)
        return true;
    const struct plan_intake *intake = &ask->scene.plan->intake[ask->intake];
    bool required = ask->field != NONE && field_set_has(&intake->required, ask->field);
    if (ask->offered != NULL && !required && !ask->offered->said_optional)
        return refuse(ask, reason, path_with(ask, intake->clause.path, ".optional"),
                      ALWAYS_optional_is_said, &intake->clause.covers, NULL);
    return true;
}

static bool has_particular(const struct ask *ask, word name)
{
    for (size_t i = 0; i < ask->op->particular_count; i++)
        if (ask->op->particulars[i] == name)
            return true;
    return false;
}

static bool record_whole(struct ask *ask, struct reason *reason)
{
    const struct plan *plan = ask->scene.plan;
    plan_index type = plan_find(plan, plan->evidence_of, ask->op->evidence);
    if (type == NONE) {
        if (plan_find(plan, plan->event_of, ask->op->evidence) != NONE ||
            plan_find(plan, plan->role_of, ask->op->evidence) != NONE)
            return true;
        return refuse(ask, reason, STR("evidence"), ALWAYS_closed_policy, NULL, NULL);
    }
    const struct plan_evidence *evidence = &plan->evidence[type];
    if (evidence->clause.closed)
        return refuse(ask, reason, evidence->clause.path, ALWAYS_closed_policy,
                      &evidence->clause.covers, NULL);
    for (size_t i = 0; i < evidence->ask_count; i++)
        if (!has_particular(ask, evidence->asks[i]))
            return refuse_lacking(ask, reason, path_with(ask, evidence->clause.path, ".asks"),
                                  ALWAYS_evidence_whole, &evidence->clause.covers, NULL,
                                  evidence->asks[i]);
    return true;
}

bool gate_minimum(struct ask *ask, struct reason *reason)
{
    if (ask->act == ACTION_COLLECT)
        return collect_minimum(ask, reason);
    if (ask->act == ACTION_RECORD)
        return record_whole(ask, reason);
    if (ask->op->scope_count == 0 || ask->field_word == 0 ||
        names_field(ask, ask->op->scope, ask->op->scope_count))
        return true;
    return refuse(ask, reason, path_of_always(ALWAYS_minimum_disclosure), ALWAYS_minimum_disclosure,
                  NULL, NULL);
}

/* ---- erasing on request ---- */

static void name_missing_needs(struct ask *ask, const struct ground *ground, struct reason *reason)
{
    const struct plan *plan = ask->scene.plan;
    const struct about about = {plan, ground->purpose, ask->field, ask->item->item};
    const struct keep_entry *entry = keep_entry_of(plan, ground->purpose, ask->field);
    const struct need *missing = NULL;
    if (entry == NULL || before(ask->scene.t, ground->least))
        return;
    keep_needs_met(&ask->scene, &about, &entry->needs, &missing);
    for (size_t i = 0; missing != NULL && i < missing->count; i++)
        add_lack(ask, reason, plan->evidence[missing->any[i]].clause.name);
}

/* What the policy cites for the claim that holds. */
static const struct covers *covers_of_claim(const struct ask *ask)
{
    const struct plan *plan = ask->scene.plan;
    const struct facts *dossiers[] = {ask->scene.view->subject,
                                      scene_matter(&ask->scene, ask->item->item->matter)};
    for (size_t d = 0; d < LENGTH(dossiers); d++) {
        for (size_t i = 0; dossiers[d] != NULL && i < dossiers[d]->evidence.count; i++) {
            const struct fact_evidence *evidence = &dossiers[d]->evidence.at[i];
            plan_index type = evidence_type(plan, evidence);
            if (type != NONE && plan->evidence[type].kind == KIND_CLAIM &&
                evidence_is_live(&ask->scene, plan, type, evidence))
                return &plan->evidence[type].clause.covers;
        }
    }
    return NULL;
}

bool gate_erase(struct ask *ask, struct reason *reason)
{
    const struct plan *plan = ask->scene.plan;
    for (size_t i = 0; ask->item != NULL && i < ask->item->ground_count; i++) {
        const struct ground *ground = &ask->item->grounds[i];
        if (plan->purpose[ground->purpose].basis != BASIS_LEGAL_DUTY || !ground->keeps ||
            !ground->started || !before(ask->scene.t, ground->end))
            continue;
        refuse(ask, reason, ground->rule->path, ALWAYS_legal_minimum_stands, &ground->rule->ids,
               NULL);
        name_missing_needs(ask, ground, reason);
        return false;
    }
    if (ask->item == NULL || !ask->item->held)
        return true;
    return refuse(ask, reason, path_of_always(ALWAYS_hold_limits_use), ALWAYS_hold_limits_use,
                  covers_of_claim(ask), NULL);
}

/* ---- the portable copy ---- */

static bool is_provided(const struct ask *ask)
{
    const struct plan *plan = ask->scene.plan;
    const struct plan_category *category = category_of(ask);
    if (category == NULL || category->made_from.stated)
        return false;
    return ask->source == NONE || plan->source[ask->source].kind != SOURCE_INDIRECT;
}

static bool rests_on_consent_or_contract(const struct ask *ask)
{
    for (size_t i = 0; i < ask->item->ground_count; i++) {
        const struct ground *ground = &ask->item->grounds[i];
        enum basis basis = ask->scene.plan->purpose[ground->purpose].basis;
        if ((basis == BASIS_CONSENT || basis == BASIS_CONTRACT) &&
            before(ask->scene.t, ground->end))
            return true;
    }
    return false;
}

bool gate_portable(struct ask *ask, struct reason *reason)
{
    if (ask->item == NULL || (is_provided(ask) && rests_on_consent_or_contract(ask)))
        return true;
    const struct plan_right *right = ask->scene.plan->right;
    return refuse(ask, reason, STR("rights.portability"), ALWAYS_portable_data,
                  &right[RIGHT_PORTABILITY].clause.covers, &right[RIGHT_ALL].clause.covers);
}
