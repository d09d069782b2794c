/* Gates 11 to 15 of docs/semantics.md, sections 5 and 7, and the order of the gates. */
#include "reference_gates.h"

static bool no(struct act *a, str rule)
{
    say_no(a, rule);
    return true;
}

static bool no_below(struct act *a, str clause, const char *key)
{
    return no(a, arena_format(a->q.arena, "%.*s.%s", STR_ARG(clause), key));
}

static bool word_in(word w, const word *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == w)
            return true;
    return false;
}

/* ---- 11 minimum ---- */

/* "evidence that is unknown, closed, or lacks a particular that it `asks`" */
static bool record_minimum_refuses(struct act *a)
{
    const struct plan *plan = a->q.plan;
    plan_index e = plan_find(plan, plan->evidence_of, a->op->evidence);
    if (plan_find(plan, plan->event_of, a->op->evidence) != NONE ||
        plan_find(plan, plan->role_of, a->op->evidence) != NONE)
        return false;
    if (e == NONE)
        return no(a, STR("evidence"));
    const struct plan_evidence *type = &plan->evidence[e];
    if (type->clause.closed)
        return no(a, type->clause.path);
    for (uint16_t i = 0; i < type->ask_count; i++) {
        if (word_in(type->asks[i], a->op->particulars, a->op->particular_count))
            continue;
        no_below(a, type->clause.path, "asks");
        lack(a, type->asks[i]);
        return true;
    }
    return false;
}

static bool said_optional(const struct act *a)
{
    for (size_t i = 0; i < a->op->offered_count; i++)
        if (a->op->offered[i].field == a->field)
            return a->op->offered[i].said_optional;
    return false;
}

static bool is_required(const struct act *a, word field)
{
    const struct plan *plan = a->q.plan;
    plan_index i = plan_find(plan, plan->intake_of, a->op->intake);
    plan_index f = plan_find(plan, plan->field_of, field);
    return i != NONE && f != NONE && field_set_has(&plan->intake[i].required, f);
}

static bool gate_minimum_refuses(struct act *a)
{
    const struct operation *op = a->op;
    if (op->action == ACTION_RECORD)
        return record_minimum_refuses(a);
    if (op->action == ACTION_COLLECT) {
        plan_index i = plan_find(a->q.plan, a->q.plan->intake_of, op->intake);
        return i != NONE && !is_required(a, a->field) && !said_optional(a) &&
               no_below(a, a->q.plan->intake[i].clause.path, "optional");
    }
    return a->item != NULL && op->scope_count > 0 &&
           !word_in(a->field, op->scope, op->scope_count) &&
           !word_in(category_of(&a->q, a->field), op->scope, op->scope_count) &&
           no(a, STR("always.minimum_disclosure"));
}

/* ---- 12 erase: section 7 ---- */

/* "rule and ids of that end; if the value of `keep` is past and needs are not met, it lacks
 * the first of those" */
static void lack_unmet_needs(struct act *a, plan_index p)
{
    const struct keep_entry *entry = keep_entry_for(&a->q, p, a->item);
    struct ending ending = end_by_keep(&a->q, p, a->item);
    if (entry == NULL || ending.value.ms > a->q.t.ms || ending.end.ms != NEVER.ms)
        return;
    for (uint16_t i = 0; i < entry->needs.count; i++) {
        if (need_met(&a->q, &entry->needs.all[i], p, a->item).ms != NEVER.ms)
            continue;
        for (uint16_t k = 0; k < entry->needs.all[i].count; k++)
            lack(a, a->q.plan->evidence[entry->needs.all[i].any[k]].clause.name);
        return;
    }
}

static bool gate_erase_refuses(struct act *a)
{
    if (a->item == NULL)
        return false;
    for (size_t i = 0; i < a->settled->count; i++) {
        const struct settled_item *settled = &a->settled->items[i];
        for (uint16_t k = 0; settled->item == a->item && k < settled->ground_count; k++) {
            const struct ground *ground = &settled->grounds[k];
            if (a->q.plan->purpose[ground->purpose].basis != BASIS_LEGAL_DUTY || !ground->keeps ||
                !ground->started || ground->end.ms <= a->q.t.ms)
                continue;
            no(a, ground->rule->path);
            lack_unmet_needs(a, ground->purpose);
            return true;
        }
    }
    return end_of_claims(&a->q, a->item->matter).ms > a->q.t.ms &&
           no(a, STR("always.hold_limits_use"));
}

/* 13. "no live ground on consent or contract reaches the item, its source is indirect, or it is
 * `made_from`" */
static bool gate_portable_refuses(struct act *a)
{
    const struct plan *plan = a->q.plan;
    if (a->item == NULL)
        return false;
    plan_index source = plan_find(plan, plan->source_of, a->item->source);
    plan_index field = plan_find(plan, plan->field_of, a->field);
    bool portable = false;
    for (plan_index p = 0; p < plan->purpose_count; p++)
        portable = portable || ((plan->purpose[p].basis == BASIS_CONSENT ||
                                 plan->purpose[p].basis == BASIS_CONTRACT) &&
                                reaches(&a->q, p, a->item) &&
                                end_in_both(&a->q, p, a->item).end.ms > a->q.t.ms);
    if (source != NONE && plan->source[source].kind == SOURCE_INDIRECT)
        portable = false;
    if (field != NONE && plan->category[plan->field[field].category].made_from.stated)
        portable = false;
    return !portable && no(a, STR("rights.portability"));
}

/* 14. "a restriction that names one of the fields (or all) has not been told" */
static bool gate_lift_refuses(struct act *a)
{
    const struct facts *subject = a->q.view->subject;
    for (size_t i = 0; subject != NULL && i < subject->restrictions.count; i++) {
        const struct fact_restriction *restriction = &subject->restrictions.at[i];
        bool named = restriction->field_count == 0 || a->op->field_count == 0;
        for (uint16_t k = 0; k < restriction->field_count; k++)
            named = named || word_in(restriction->fields[k], a->op->fields, a->op->field_count);
        if (named && is_there(&a->q, restriction->since) && !restriction->told) {
            no(a, STR("rights.restrict"));
            lack(a, a->q.plan->evidence[KIND_NOTICE].clause.name);
            return true;
        }
    }
    return false;
}

/* ---- 15 staff ---- */

static bool stands_in_by(const struct plan_evidence *type, plan_index staff)
{
    return staff != NONE && type->by_staff.stated && refs_has(&type->by_staff, staff);
}

/* The staff roles in which the act is done: the one named, else each live one of the actor. */
static size_t staff_roles(const struct act *a, plan_index out[64])
{
    const struct plan *plan = a->q.plan;
    const struct facts *actor = a->q.view->actor;
    size_t count = 0;
    if (a->op->staff != 0) {
        out[0] = plan_find(plan, plan->staff_of, a->op->staff);
        return out[0] == NONE ? 0 : 1;
    }
    for (size_t i = 0; actor != NULL && i < actor->roles.count && count < 64; i++) {
        plan_index s = plan_find(plan, plan->staff_of, actor->roles.at[i].role);
        if (s != NONE && is_there(&a->q, actor->roles.at[i].since) &&
            a->q.t.ms < actor->roles.at[i].until.ms)
            out[count++] = s;
    }
    return count;
}

/* "A record first: an event `by: subject` not recorded by the person; evidence with `by` that is
 * neither recorded by the person where `subject` stands there, nor by a staff role that stands
 * there; evidence `by: other` or bound to an actor, recorded by the one whom it is about." */
static bool recorder_refuses(struct act *a)
{
    const struct plan *plan = a->q.plan;
    plan_index event = plan_find(plan, plan->event_of, a->op->evidence);
    plan_index e = plan_find(plan, plan->evidence_of, a->op->evidence);
    if (event != NONE && plan->event[event].by == BY_SUBJECT && !a->op->by_subject)
        return no_below(a, plan->event[event].clause.path, "by");
    if (e == NONE)
        return false;
    const struct plan_evidence *type = &plan->evidence[e];
    bool stated = type->by_subject || type->by_staff.count > 0 || type->by_staff.all;
    bool allowed = !stated || (type->by_subject && a->op->by_subject);
    plan_index named = plan_find(plan, plan->staff_of, a->op->staff);
    if (!allowed && (a->op->by_subject || a->op->staff == 0 || !stands_in_by(type, named)))
        return no_below(a, type->clause.path, "by");
    bool about_actor = type->by_other || (type->binds >> SLOT_ACTOR & 1) != 0;
    bool self = !is_nobody(a->op->actor) &&
                (same_id(a->op->concerned, a->op->actor) || same_id(a->op->subject, a->op->actor));
    if (type->by_other && a->op->by_subject && is_nobody(a->op->concerned))
        self = true;
    return about_actor && self && no_below(a, type->clause.path, "by");
}

/* "What acts take: collect, rectify, store: change; share: share; erase, lift: decide_requests or
 * change; record: record or change, or to stand in the type's `by`; everything else: read." */
static bool may_act(const struct act *a, plan_index staff)
{
    const struct plan *plan = a->q.plan;
    uint32_t may = plan->staff[staff].may;
    plan_index e = plan_find(plan, plan->evidence_of, a->op->evidence);
    switch (a->op->action) {
    case ACTION_COLLECT:
    case ACTION_RECTIFY:
    case ACTION_STORE:
        return (may & MAY_CHANGE) != 0;
    case ACTION_SHARE:
        return (may & MAY_SHARE) != 0;
    case ACTION_ERASE:
    case ACTION_LIFT:
        return (may & (MAY_DECIDE_REQUESTS | MAY_CHANGE)) != 0;
    case ACTION_RECORD:
        return (may & (MAY_RECORD | MAY_CHANGE)) != 0 ||
               (e != NONE && a->op->staff != 0 && stands_in_by(&plan->evidence[e], staff));
    case ACTION_NONE:
    case ACTION_READ:
    case ACTION_USE:
    case ACTION_SEND:
    case ACTION_COOKIE_SET:
    case ACTION_COOKIE_READ:
    case ACTION_EXPORT:
    case ACTION_COUNT:
        break;
    }
    return (may & MAY_READ) != 0;
}

static bool is_for_purpose(const struct act *a, const struct plan_staff *staff)
{
    return a->op->action == ACTION_RECORD || a->purpose == NONE ||
           refs_has(&staff->purposes, a->purpose);
}

static bool staff_role_refuses(struct act *a, plan_index s)
{
    const struct plan *plan = a->q.plan;
    const struct plan_staff *staff = &plan->staff[s];
    plan_index field = plan_find(plan, plan->field_of, a->field);
    if (staff->clause.closed)
        return no(a, staff->clause.path);
    if (!is_for_purpose(a, staff))
        return no_below(a, staff->clause.path, "for");
    if (staff->sees.stated && a->field != 0 &&
        (field == NONE || !field_set_has(&staff->sees, field)))
        return no_below(a, staff->clause.path, "sees");
    if (!may_act(a, s))
        return no_below(a, staff->clause.path, "may");
    return needs_refuse(a, &staff->needs, false);
}

/* "when a staff role or an actor is named and it is not the person who acts ... An actor without a
 * named role acts in any live staff role of their dossier: one that allows is enough." */
static bool gate_staff_refuses(struct act *a)
{
    if (a->op->action == ACTION_RECORD && recorder_refuses(a))
        return true;
    if (a->op->by_subject || (a->op->staff == 0 && is_nobody(a->op->actor)))
        return false;
    plan_index roles[64];
    size_t count = staff_roles(a, roles);
    struct act first = *a;
    for (size_t i = 0; i < count; i++) {
        struct act one = *a;
        if (!staff_role_refuses(&one, roles[i])) {
            *a = one;
            return false;
        }
        if (i == 0)
            first = one;
    }
    *a = first;
    if (count > 0)
        return true;
    no(a, STR("staff"));
    lack(a, words_intern(a->q.plan->words, STR("actor")));
    return true;
}

/* ---- the gates in order ---- */

/* "9b. no purpose is told; when only objections or switches stand in the way:
 * `always.recording_ends_on_objection` for a `live` intake, else `rights.object`". */
static bool may_be_told(struct act *a, const struct plan_intake *intake, plan_index p)
{
    const struct plan *plan = a->q.plan;
    const struct plan_purpose *purpose = &plan->purpose[p];
    plan_index field = plan_find(plan, plan->field_of, a->field);
    plan_index source = plan_find(plan, plan->source_of, a->source);
    if (!refs_has(&intake->purposes, p) || purpose->clause.closed || field == NONE ||
        (a->op->told_count > 0 && !word_in(purpose->clause.name, a->op->told, a->op->told_count)))
        return false;
    bool special = plan->category[plan->field[field].category].kind == CATEGORY_SPECIAL;
    if ((purpose->basis == BASIS_CONSENT || special) && !consent_for(&a->q, p))
        return false;
    return field_set_has(&purpose->uses, field) &&
           (!purpose->from.stated || (source != NONE && refs_has(&purpose->from, source)));
}

/* Gives whether some purpose would be told but for objections and switches. */
static bool tell(struct act *a)
{
    const struct plan *plan = a->q.plan;
    plan_index i = plan_find(plan, plan->intake_of, a->op->intake);
    bool stopped = false;
    a->told_count = 0;
    for (plan_index p = 0; i != NONE && p < plan->purpose_count; p++) {
        if (!may_be_told(a, &plan->intake[i], p))
            continue;
        if (is_stopped(a, p)) {
            stopped = true;
            continue;
        }
        assert(a->told_count < TOLD_AT_MOST);
        a->told[a->told_count++] = plan->purpose[p].clause.name;
    }
    return stopped;
}

static bool collection_refuses(struct act *a)
{
    bool stopped = tell(a);
    if (gate_never_refuses(a) || gate_list_refuses(a))
        return true;
    if (a->told_count == 0) {
        plan_index i = plan_find(a->q.plan, a->q.plan->intake_of, a->op->intake);
        if (!stopped)
            return no(a, STR("always.own_basis"));
        return no(a, a->q.plan->intake[i].live ? STR("always.recording_ends_on_objection")
                                               : STR("rights.object"));
    }
    return gate_needs_refuses(a) || gate_minimum_refuses(a) || gate_staff_refuses(a);
}

static bool use_refuses(struct act *a)
{
    return gate_alive_refuses(a) || gate_never_refuses(a) || gate_controller_refuses(a) ||
           gate_role_refuses(a) || gate_purpose_refuses(a, false) || gate_basis_refuses(a) ||
           gate_version_refuses(a) || gate_restriction_refuses(a) || gate_objection_refuses(a) ||
           gate_list_refuses(a) || gate_needs_refuses(a) || gate_minimum_refuses(a) ||
           gate_staff_refuses(a);
}

static bool send_refuses(struct act *a)
{
    return gate_role_refuses(a) || gate_purpose_refuses(a, false) || gate_basis_refuses(a) ||
           gate_version_refuses(a) || gate_objection_refuses(a) || gate_list_refuses(a) ||
           gate_needs_refuses(a) || gate_staff_refuses(a);
}

static bool cookie_refuses(struct act *a)
{
    return gate_role_refuses(a) || gate_purpose_refuses(a, false) || gate_version_refuses(a) ||
           gate_objection_refuses(a) || gate_list_refuses(a) || gate_needs_refuses(a) ||
           gate_staff_refuses(a);
}

static bool some_gate_refuses(struct act *a)
{
    switch (a->op->action) {
    case ACTION_COLLECT:
        return collection_refuses(a);
    case ACTION_READ:
        if (is_own_view(a->op))
            return gate_alive_refuses(a) || gate_controller_refuses(a) || gate_needs_refuses(a);
        return use_refuses(a);
    case ACTION_USE:
    case ACTION_SHARE:
        return use_refuses(a);
    case ACTION_SEND:
        return send_refuses(a);
    case ACTION_COOKIE_SET:
    case ACTION_COOKIE_READ:
        return cookie_refuses(a);
    case ACTION_EXPORT:
        return gate_alive_refuses(a) || gate_controller_refuses(a) || gate_restriction_refuses(a) ||
               gate_needs_refuses(a) || gate_portable_refuses(a) || gate_staff_refuses(a);
    case ACTION_ERASE:
        return gate_controller_refuses(a) || gate_needs_refuses(a) || gate_erase_refuses(a) ||
               gate_staff_refuses(a);
    case ACTION_RECTIFY:
        return gate_alive_refuses(a) || gate_never_refuses(a) || gate_controller_refuses(a) ||
               gate_needs_refuses(a) || gate_staff_refuses(a);
    case ACTION_RECORD:
        return gate_minimum_refuses(a) || gate_staff_refuses(a);
    case ACTION_LIFT:
        return gate_lift_refuses(a) || gate_staff_refuses(a);
    case ACTION_NONE:
    case ACTION_STORE:
    case ACTION_COUNT:
        break;
    }
    return gate_staff_refuses(a);
}

/* ---- parts ---- */

/* "The purpose of a message is the message's; that of a cookie the named one, or its only one." */
static plan_index purpose_asked(const struct plan *plan, const struct operation *op)
{
    plan_index m = plan_find(plan, plan->message_of, op->message);
    plan_index c = plan_find(plan, plan->cookie_of, op->cookie);
    if (op->action == ACTION_SEND)
        return m == NONE ? (plan_index)NONE : plan->message[m].purpose;
    bool cookie = op->action == ACTION_COOKIE_SET || op->action == ACTION_COOKIE_READ;
    if (cookie && op->purpose == 0 && c != NONE && plan->cookie[c].purposes.count == 1)
        return plan->cookie[c].purposes.at[0];
    return purpose_in(plan, op->purpose);
}

/* "of a collection the named one, or the intake's only one" */
static word source_asked(const struct plan *plan, const struct operation *op)
{
    plan_index i = plan_find(plan, plan->intake_of, op->intake);
    if (op->action == ACTION_COLLECT && op->source == 0 && i != NONE &&
        plan->intake[i].from.count == 1)
        return plan->source[plan->intake[i].from.at[0]].clause.name;
    return op->source;
}

static word *copy_words(struct arena *arena, const word *from, size_t count)
{
    word *to = ARENA_ARRAY(arena, word, count + 1);
    assert(to != NULL);
    for (size_t i = 0; i < count; i++)
        to[i] = from[i];
    return to;
}

static void answer(struct act *a, bool refused, struct part *part)
{
    struct arena *arena = a->q.arena;
    *part = (struct part){.field = a->field};
    if (a->item != NULL)
        part->item = a->item->id;
    if (refused) {
        part->reason.rule = a->rule;
        part->reason.lacks = copy_words(arena, a->lacks, a->lack_count);
        part->reason.lack_count = a->lack_count;
        return;
    }
    part->verdict = a->duty_count > 0 ? VERDICT_DUTY : VERDICT_ALLOW;
    part->duties = copy_words(arena, a->duties, a->duty_count);
    part->duty_count = a->duty_count;
    part->told = copy_words(arena, a->told, a->told_count);
    part->told_count = a->told_count;
}

static void ask_part(const struct act *whole, const struct fact_item *item, word field,
                     struct decision *decision)
{
    struct act a = *whole;
    a.item = item;
    a.field = field;
    answer(&a, some_gate_refuses(&a), &decision->parts[decision->count++]);
}

static bool is_selected(const struct operation *op, const struct fact_item *item)
{
    for (size_t i = 0; i < op->item_count; i++)
        if (ID_EQUAL(op->items[i], item->id))
            return true;
    return op->item_count == 0 && item->field != 0 &&
           (op->field_count == 0 || word_in(item->field, op->fields, op->field_count));
}

/* "Asked for an item that is not there": refused by `always.nothing_held`. */
static void miss_item(const struct act *whole, record_id item, struct decision *decision)
{
    struct act a = *whole;
    say_no(&a, STR("always.nothing_held"));
    answer(&a, true, &decision->parts[decision->count]);
    decision->parts[decision->count++].item = item;
}

/* "when nothing is left to ask about, the answer is a refusal by `always.nothing_held` (if no gate
 * refuses before)." */
static void ask_nothing(const struct act *whole, struct decision *decision)
{
    struct act a = *whole;
    if (!some_gate_refuses(&a))
        say_no(&a, STR("always.nothing_held"));
    answer(&a, true, &decision->parts[decision->count++]);
}

static bool is_held_item(const struct view *view, record_id id)
{
    for (size_t i = 0; view->subject != NULL && i < view->subject->items.count; i++)
        if (ID_EQUAL(view->subject->items.at[i].id, id))
            return true;
    return false;
}

static void ask_items(const struct act *whole, struct decision *decision)
{
    const struct facts *subject = whole->q.view->subject;
    const struct operation *op = whole->op;
    for (size_t i = 0; subject != NULL && i < subject->items.count; i++)
        if (is_selected(op, &subject->items.at[i]))
            ask_part(whole, &subject->items.at[i], subject->items.at[i].field, decision);
    for (size_t i = 0; i < op->item_count; i++)
        if (!is_held_item(whole->q.view, op->items[i]))
            miss_item(whole, op->items[i], decision);
    if (decision->count == 0)
        ask_nothing(whole, decision);
}

/* ---- section 5: collecting ---- */

static bool is_offered(const struct decision *decision, word field)
{
    for (size_t i = 0; i < decision->count; i++)
        if (decision->parts[i].field == field)
            return true;
    return false;
}

/* "If a required field is not offered (`intakes.x.required`) or, else, is refused, every field is
 * refused": by that of the first, which is also the reason of the whole. */
static bool required_is_missing(const struct act *whole, const struct decision *decision,
                                struct reason *reason)
{
    const struct plan *plan = whole->q.plan;
    plan_index i = plan_find(plan, plan->intake_of, whole->op->intake);
    if (i == NONE || plan->intake[i].clause.closed)
        return false;
    for (plan_index f = 0; f < plan->field_count; f++) {
        if (!field_set_has(&plan->intake[i].required, f) ||
            is_offered(decision, plan->field[f].name))
            continue;
        reason->rule =
            arena_format(whole->q.arena, "%.*s.required", STR_ARG(plan->intake[i].clause.path));
        reason->lacks = copy_words(whole->q.arena, &plan->field[f].name, 1);
        reason->lack_count = 1;
        return true;
    }
    for (size_t k = 0; k < decision->count; k++)
        if (decision->parts[k].verdict == VERDICT_REFUSE &&
            is_required(whole, decision->parts[k].field)) {
            *reason = decision->parts[k].reason;
            return true;
        }
    return false;
}

static void refuse_all_without_required(const struct act *whole, struct decision *decision)
{
    struct reason reason = {0};
    if (!required_is_missing(whole, decision, &reason))
        return;
    decision->reason = reason;
    for (size_t k = 0; k < decision->count; k++)
        if (decision->parts[k].verdict != VERDICT_REFUSE)
            decision->parts[k] = (struct part){.field = decision->parts[k].field, .reason = reason};
}

/* "Collecting through an intake that lists its purposes gives the subject each role that is the
 * only role of a told purpose". */
static void open_roles(const struct act *whole, struct decision *decision)
{
    const struct plan *plan = whole->q.plan;
    plan_index i = plan_find(plan, plan->intake_of, whole->op->intake);
    decision->roles = ARENA_ARRAY(whole->q.arena, word, (size_t)plan->role_count + 1);
    for (size_t k = 0; i != NONE && !plan->intake[i].purposes.all && k < decision->count; k++)
        for (uint16_t n = 0; n < decision->parts[k].told_count; n++) {
            plan_index p = purpose_in(plan, decision->parts[k].told[n]);
            const struct refs *roles = &plan->purpose[p].roles;
            if (roles->all || roles->count != 1)
                continue;
            word role = plan->role[roles->at[0]].clause.name;
            if (!word_in(role, decision->roles, decision->role_count))
                decision->roles[decision->role_count++] = role;
        }
}

static void ask_collection(const struct act *whole, struct decision *decision)
{
    for (size_t i = 0; i < whole->op->offered_count; i++)
        ask_part(whole, NULL, whole->op->offered[i].field, decision);
    if (decision->count == 0)
        ask_nothing(whole, decision);
    refuse_all_without_required(whole, decision);
    open_roles(whole, decision);
}

/* "The operation as a whole is allowed when one part is; its reason is that of the first refused
 * part." */
static void conclude(struct decision *decision)
{
    const struct part *refused = NULL;
    for (size_t i = 0; i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        if (part->verdict > decision->verdict)
            decision->verdict = part->verdict;
        if (part->verdict == VERDICT_REFUSE && refused == NULL)
            refused = part;
    }
    if (decision->verdict == VERDICT_REFUSE && refused != NULL && decision->reason.rule.len == 0)
        decision->reason = refused->reason;
}

static void ask_parts(const struct act *whole, struct decision *decision)
{
    switch (whole->op->action) {
    case ACTION_COLLECT:
        ask_collection(whole, decision);
        return;
    case ACTION_READ:
    case ACTION_USE:
    case ACTION_SHARE:
    case ACTION_EXPORT:
    case ACTION_ERASE:
    case ACTION_RECTIFY:
    case ACTION_STORE:
        ask_items(whole, decision);
        return;
    case ACTION_NONE:
    case ACTION_SEND:
    case ACTION_COOKIE_SET:
    case ACTION_COOKIE_READ:
    case ACTION_RECORD:
    case ACTION_LIFT:
    case ACTION_COUNT:
        break;
    }
    ask_part(whole, NULL, 0, decision);
}

void reference_decide(const struct view *view, const struct operation *op, instant t,
                      struct arena *arena, struct decision *decision)
{
    const struct plan_version *version = in_force(view->plans, t);
    size_t items = view->subject == NULL ? 0 : view->subject->items.count;
    struct settled settled;
    *decision = (struct decision){0};
    decision->parts =
        ARENA_ARRAY(arena, struct part, items + op->item_count + op->offered_count + 1);
    assert(decision->parts != NULL);
    if (version == NULL) {
        decision->parts[decision->count++].reason.rule = STR("version");
        conclude(decision);
        return;
    }
    reference_settle(view, t, arena, &settled);
    struct act whole = {.q = {view, version->plan, version, t, arena},
                        .now = version,
                        .settled = &settled,
                        .op = op,
                        .source = source_asked(version->plan, op),
                        .recipient = op->recipient,
                        .purpose = purpose_asked(version->plan, op)};
    ask_parts(&whole, decision);
    conclude(decision);
}
