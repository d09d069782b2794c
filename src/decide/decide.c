/* decide: the gates in order, for each part of an operation; the first refusal is the reason.
 *
 *   operation --> parts (items, fields, or one whole) --> gates --> allow, duty, refuse
 *
 * To add a gate: write it, and give it a row in `gates`. */
#include "decide_internal.h"

enum {
    DATA = DOES(ACTION_READ) | DOES(ACTION_USE) | DOES(ACTION_SHARE),
    COOKIE = DOES(ACTION_COOKIE_SET) | DOES(ACTION_COOKIE_READ),
    FOR_PURPOSE = DATA | COOKIE | DOES(ACTION_SEND),
    COLLECT = DOES(ACTION_COLLECT),
    BY_RIGHT = DOES(ACTION_EXPORT) | DOES(ACTION_ERASE) | DOES(ACTION_RECTIFY),
    VIEW = DOES(ACT_OWN_VIEW),
    NOT_GONE = DATA | VIEW | DOES(ACTION_EXPORT) | DOES(ACTION_RECTIFY),
    STAFF = FOR_PURPOSE | COLLECT | BY_RIGHT | DOES(ACTION_RECORD) | DOES(ACTION_STORE) |
            DOES(ACTION_LIFT),
};

/* clang-format off */
/*   gate           function          applies to                                  asked of the older
 *                                                                                version too */
const struct gate gates[] = {
    {"alive",       gate_alive,       NOT_GONE,                                            false},
    {"never",       gate_never,       DATA | COLLECT | DOES(ACTION_RECTIFY),               true},
    {"controller",  gate_controller,  DATA | BY_RIGHT | VIEW,                              false},
    {"role",        gate_role,        FOR_PURPOSE,                                         true},
    {"purpose",     gate_purpose,     FOR_PURPOSE,                                         true},
    {"basis",       gate_basis,       FOR_PURPOSE,                                         false},
    {"version",     gate_version,     FOR_PURPOSE,                                         false},
    {"restriction", gate_restriction, DATA | DOES(ACTION_EXPORT),                          false},
    {"objection",   gate_objection,   FOR_PURPOSE,                                         false},
    {"list",        gate_list,        FOR_PURPOSE | COLLECT,                               true},
    {"told",        gate_told,        COLLECT,                                             false},
    {"needs",       gate_needs,       FOR_PURPOSE | COLLECT | BY_RIGHT | VIEW,             true},
    {"minimum",     gate_minimum,     DATA | COLLECT | DOES(ACTION_RECORD),                false},
    {"erase",       gate_erase,       DOES(ACTION_ERASE),                                  false},
    {"portable",    gate_portable,    DOES(ACTION_EXPORT),                                 false},
    {"lift",        gate_lift,        DOES(ACTION_LIFT),                                   false},
    {"staff",       gate_staff,       STAFF,                                               false},
};
/* clang-format on */
const size_t gate_count = LENGTH(gates);

const char *action_name(enum action action)
{
    static const char *const names[ACTION_COUNT] = {
        [ACTION_NONE] = "none",
        [ACTION_COLLECT] = "collect",
        [ACTION_READ] = "read",
        [ACTION_USE] = "use",
        [ACTION_SHARE] = "share",
        [ACTION_SEND] = "send",
        [ACTION_COOKIE_SET] = "cookie_set",
        [ACTION_COOKIE_READ] = "cookie_read",
        [ACTION_EXPORT] = "export",
        [ACTION_ERASE] = "erase",
        [ACTION_RECTIFY] = "rectify",
        [ACTION_RECORD] = "record",
        [ACTION_STORE] = "store",
        [ACTION_LIFT] = "lift",
    };
    assert(action < ACTION_COUNT);
    return names[action];
}

/* ---- the ask ---- */

static const struct plan_channel *channel_of(const struct plan *plan, plan_index message,
                                             word channel)
{
    for (size_t i = 0; message != NONE && i < plan->message[message].channel_count; i++)
        if (channel != 0 && plan->message[message].channels[i].name == channel)
            return &plan->message[message].channels[i];
    return NULL;
}

/* A message has its own purpose; a cookie with one purpose has that one. */
static plan_index purpose_of(const struct ask *ask)
{
    const struct plan *plan = ask->scene.plan;
    plan_index named = plan_find(plan, plan->purpose_of, ask->op->purpose);
    if (ask->act == ACTION_SEND)
        return ask->message == NONE ? (plan_index)NONE : plan->message[ask->message].purpose;
    if (ask->cookie != NONE && ask->op->purpose == 0 &&
        plan->cookie[ask->cookie].purposes.count == 1)
        return plan->cookie[ask->cookie].purposes.at[0];
    return named;
}

static plan_index source_of(const struct ask *ask)
{
    const struct plan *plan = ask->scene.plan;
    if (ask->act != ACTION_COLLECT)
        return ask->item == NULL ? (plan_index)NONE
                                 : plan_find(plan, plan->source_of, ask->item->item->source);
    if (ask->op->source == 0 && ask->intake != NONE && plan->intake[ask->intake].from.count == 1)
        return plan->intake[ask->intake].from.at[0];
    return plan_find(plan, plan->source_of, ask->op->source);
}

void ask_resolve(struct ask *ask)
{
    const struct plan *plan = ask->scene.plan;
    const struct operation *op = ask->op;
    ask->intake = plan_find(plan, plan->intake_of, op->intake);
    ask->message = plan_find(plan, plan->message_of, op->message);
    ask->recipient = plan_find(plan, plan->recipient_of, op->recipient);
    ask->cookie = plan_find(plan, plan->cookie_of, op->cookie);
    ask->staff = plan_find(plan, plan->staff_of, op->staff);
    ask->channel = channel_of(plan, ask->message, op->channel);
    ask->purpose = purpose_of(ask);
    ask->source = source_of(ask);
    ask->field = plan_find(plan, plan->field_of, ask->field_word);
    ask->by_group = false;
}

void ask_begin(struct ask *ask, const struct view *view, const struct operation *op, instant t,
               const struct plan_version *version, const struct settled *settled,
               struct arena *arena)
{
    bool own = op->action == ACTION_READ && op->by_subject && op->purpose == 0;
    *ask = (struct ask){.scene = {view, t, version, version->plan, NULL},
                        .op = op,
                        .settled = settled,
                        .arena = arena,
                        .act = own ? (unsigned)ACT_OWN_VIEW : (unsigned)op->action};
    ask_resolve(ask);
}

static const struct ground *ground_of(const struct settled_item *item, plan_index purpose)
{
    for (size_t i = 0; item != NULL && i < item->ground_count; i++)
        if (item->grounds[i].purpose == purpose)
            return &item->grounds[i];
    return NULL;
}

void ask_part(struct ask *ask, const struct settled_item *item, const struct offered *offered)
{
    const struct plan *plan = ask->scene.plan;
    if (ask->by_group) /* stood in for the part before this one */
        ask->recipient = plan_find(plan, plan->recipient_of, ask->op->recipient);
    ask->by_group = false;
    ask->item = item;
    ask->ground = ground_of(item, ask->purpose);
    ask->offered = offered;
    ask->field_word = item != NULL ? item->item->field : offered != NULL ? offered->field : 0;
    ask->field = plan_find(plan, plan->field_of, ask->field_word);
    ask->source = source_of(ask);
    ask->told = NULL;
    ask->told_count = 0;
    ask->told_stopped = false;
    ask->duty_count = 0;
}

/* Under an older version the question whether the purpose reaches the item has been answered. */
struct ask ask_under(const struct ask *ask, const struct plan_version *version)
{
    struct ask then = *ask;
    then.scene.version = version;
    then.scene.plan = version->plan;
    then.settled = NULL;
    then.ground = NULL;
    ask_resolve(&then);
    if (ask->by_group)
        then.recipient = plan_find(version->plan, version->plan->recipient_of,
                                   ask->scene.plan->recipient[ask->recipient].clause.name);
    return then;
}

/* ---- one part ---- */

static void run_gates(struct ask *ask, struct part *part)
{
    part->verdict = VERDICT_REFUSE;
    for (size_t i = 0; i < gate_count; i++)
        if ((gates[i].acts & DOES(ask->act)) != 0 && !gates[i].passes(ask, &part->reason))
            return;
    part->verdict = ask->duty_count > 0 ? VERDICT_DUTY : VERDICT_ALLOW;
    part->told = ask->told;
    part->told_count = ask->told_count;
    if (ask->duty_count == 0)
        return;
    part->duties = ARENA_ARRAY(ask->arena, word, (size_t)ask->duty_count);
    if (part->duties == NULL) {
        ask->no_memory = true;
        return;
    }
    memcpy(part->duties, ask->duties, ask->duty_count * sizeof(word));
    part->duty_count = ask->duty_count;
}

/* An action that no gate knows is refused. */
static bool is_answerable(unsigned act)
{
    for (size_t i = 0; i < gate_count; i++)
        if ((gates[i].acts & DOES(act)) != 0)
            return true;
    return false;
}

/* ---- which items ---- */

static bool names_item(const struct ask *ask, const struct fact_item *item)
{
    const struct operation *op = ask->op;
    if (op->item_count > 0) {
        for (size_t i = 0; i < op->item_count; i++)
            if (ID_EQUAL(op->items[i], item->id))
                return true;
        return false;
    }
    if (item->field == 0)
        return false; /* particulars of evidence are asked for by id */
    if (op->field_count == 0)
        return true;
    const struct plan *plan = ask->scene.plan;
    plan_index field = plan_find(plan, plan->field_of, item->field);
    word category = field == NONE ? 0 : plan->category[plan->field[field].category].clause.name;
    for (size_t i = 0; i < op->field_count; i++)
        if (op->fields[i] == item->field || (category != 0 && op->fields[i] == category))
            return true;
    return false;
}

static bool is_held(const struct settled *settled, record_id id)
{
    for (size_t i = 0; i < settled->count; i++)
        if (ID_EQUAL(settled->items[i].item->id, id))
            return true;
    return false;
}

static void refuse_not_held(struct ask *ask, struct part *part)
{
    part->verdict = VERDICT_REFUSE;
    part->duties = NULL;
    part->duty_count = 0;
    refuse(ask, &part->reason, path_of_always(ALWAYS_nothing_held), ALWAYS_nothing_held, NULL,
           NULL);
}

static bool decide_items(struct ask *ask, struct decision *decision)
{
    size_t named = ask->op->item_count; /* one part for each, held or not */
    size_t most = named > 0 ? named : ask->settled->count;
    decision->parts = ARENA_ARRAY(ask->arena, struct part, most + 1);
    if (decision->parts == NULL)
        return false;
    for (size_t i = 0; i < ask->settled->count; i++) {
        const struct settled_item *item = &ask->settled->items[i];
        if (!names_item(ask, item->item) || decision->count == most)
            continue;
        struct part *part = &decision->parts[decision->count++];
        part->item = item->item->id;
        part->field = item->item->field;
        part->end = item->end;
        ask_part(ask, item, NULL);
        run_gates(ask, part);
    }
    for (size_t i = 0; i < ask->op->item_count; i++) {
        if (is_held(ask->settled, ask->op->items[i]) || decision->count == most)
            continue;
        struct part *part = &decision->parts[decision->count++];
        part->item = ask->op->items[i];
        refuse_not_held(ask, part);
    }
    if (decision->count > 0)
        return true;
    struct part *part = &decision->parts[decision->count++];
    ask_part(ask, NULL, NULL);
    run_gates(ask, part);
    if (part->verdict != VERDICT_REFUSE)
        refuse_not_held(ask, part);
    return true;
}

/* ---- collecting ---- */

static bool names_purpose(const struct operation *op, word purpose)
{
    for (size_t i = 0; i < op->told_count; i++)
        if (op->told[i] == purpose)
            return true;
    return false;
}

/* A purpose is told of when it may take this field from this source and its basis is there. */
static bool is_told(struct ask *ask, plan_index index)
{
    const struct plan *plan = ask->scene.plan;
    const struct plan_purpose *purpose = &plan->purpose[index];
    bool special = plan->category[plan->field[ask->field].category].kind == CATEGORY_SPECIAL;
    if (purpose->clause.closed || !field_set_has(&purpose->uses, ask->field) ||
        (ask->op->told_count > 0 && !names_purpose(ask->op, purpose->clause.name)))
        return false;
    if (purpose->from.stated && !purpose->from.all &&
        (ask->source == NONE || !refs_has(&purpose->from, ask->source)))
        return false;
    if (purpose->basis != BASIS_CONSENT && !special)
        return true;
    return ask->scene.view->subject != NULL && has_consent(&ask->scene, plan, index);
}

static bool find_told(struct ask *ask)
{
    const struct plan *plan = ask->scene.plan;
    if (ask->intake == NONE || ask->field == NONE)
        return true;
    const struct refs *purposes = &plan->intake[ask->intake].purposes;
    ask->told = ARENA_ARRAY(ask->arena, word, (size_t)plan->purpose_count + 1);
    if (ask->told == NULL)
        return false;
    for (size_t i = 0; i < plan->purpose_count; i++) {
        plan_index purpose = (plan_index)i;
        if (!refs_has(purposes, purpose) || !is_told(ask, purpose))
            continue;
        if (purpose_is_stopped(ask, purpose))
            ask->told_stopped = true;
        else
            ask->told[ask->told_count++] = plan->purpose[i].clause.name;
    }
    return true;
}

static bool is_offered(const struct operation *op, word field)
{
    for (size_t i = 0; i < op->offered_count; i++)
        if (op->offered[i].field == field)
            return true;
    return false;
}

/* Nothing is stored when a required field is missing or refused. */
static void refuse_all(struct ask *ask, struct decision *decision, const struct reason *why)
{
    (void)ask;
    for (size_t i = 0; i < decision->count; i++) {
        struct part *part = &decision->parts[i];
        bool refused = part->verdict == VERDICT_REFUSE;
        *part = (struct part){.field = part->field, .reason = refused ? part->reason : *why};
    }
    decision->reason = *why;
}

static bool required_stands(struct ask *ask, struct decision *decision)
{
    const struct plan *plan = ask->scene.plan;
    if (ask->intake == NONE || plan->intake[ask->intake].clause.closed)
        return true;
    const struct plan_intake *intake = &plan->intake[ask->intake];
    struct reason why;
    for (size_t f = 0; f < plan->field_count; f++) {
        if (!field_set_has(&intake->required, (plan_index)f) ||
            is_offered(ask->op, plan->field[f].name))
            continue;
        refuse_lacking(ask, &why, path_with(ask, intake->clause.path, ".required"),
                       ALWAYS_required_fields_only, &intake->clause.covers, NULL,
                       plan->field[f].name);
        refuse_all(ask, decision, &why);
        return false;
    }
    for (size_t i = 0; i < decision->count; i++) {
        plan_index field = plan_find(plan, plan->field_of, decision->parts[i].field);
        if (decision->parts[i].verdict != VERDICT_REFUSE || field == NONE ||
            !field_set_has(&intake->required, field))
            continue;
        why = decision->parts[i].reason;
        refuse_all(ask, decision, &why);
        return false;
    }
    return true;
}

static void add_role(struct decision *decision, word role)
{
    for (size_t i = 0; i < decision->role_count; i++)
        if (decision->roles[i] == role)
            return;
    decision->roles[decision->role_count++] = role;
}

/* Collecting through an intake that lists its purposes opens the only role of each told purpose. */
static bool open_roles(struct ask *ask, struct decision *decision)
{
    const struct plan *plan = ask->scene.plan;
    if (ask->intake == NONE || plan->intake[ask->intake].purposes.all)
        return true;
    decision->roles = ARENA_ARRAY(ask->arena, word, (size_t)plan->role_count + 1);
    if (decision->roles == NULL)
        return false;
    for (size_t i = 0; i < decision->count; i++) {
        for (size_t t = 0; t < decision->parts[i].told_count; t++) {
            plan_index p = plan_find(plan, plan->purpose_of, decision->parts[i].told[t]);
            const struct refs *roles = &plan->purpose[p].roles;
            if (!roles->all && roles->count == 1)
                add_role(decision, plan->role[roles->at[0]].clause.name);
        }
    }
    return true;
}

static bool decide_collect(struct ask *ask, struct decision *decision)
{
    decision->parts = ARENA_ARRAY(ask->arena, struct part, ask->op->offered_count + 1);
    if (decision->parts == NULL)
        return false;
    for (size_t i = 0; i < ask->op->offered_count; i++) {
        struct part *part = &decision->parts[decision->count++];
        part->field = ask->op->offered[i].field;
        ask_part(ask, NULL, &ask->op->offered[i]);
        if (!find_told(ask))
            return false;
        run_gates(ask, part);
    }
    if (decision->count == 0) {
        ask_part(ask, NULL, NULL);
        run_gates(ask, &decision->parts[decision->count++]);
    }
    return !required_stands(ask, decision) || open_roles(ask, decision);
}

static bool decide_whole(struct ask *ask, struct decision *decision)
{
    decision->parts = ARENA_NEW(ask->arena, struct part);
    if (decision->parts == NULL)
        return false;
    decision->count = 1;
    ask_part(ask, NULL, NULL);
    run_gates(ask, decision->parts);
    return true;
}

/* ---- the answer ---- */

static bool takes_items(unsigned act)
{
    return act == ACTION_READ || act == ACTION_USE || act == ACTION_SHARE || act == ACTION_EXPORT ||
           act == ACTION_ERASE || act == ACTION_RECTIFY || act == ACTION_STORE ||
           act == ACT_OWN_VIEW;
}

static void sum_up(struct decision *decision)
{
    for (size_t i = 0; i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        if (part->verdict == VERDICT_REFUSE) {
            if (decision->reason.rule.len == 0)
                decision->reason = part->reason;
            continue;
        }
        if (decision->verdict != VERDICT_DUTY)
            decision->verdict = part->verdict;
    }
    if (decision->verdict != VERDICT_REFUSE)
        decision->reason = (struct reason){0};
}

/* Before the first version comes into force there is nothing that could allow. */
static status refuse_before_all(struct arena *arena, struct report *report,
                                struct decision *decision)
{
    decision->parts = ARENA_NEW(arena, struct part);
    str *id = ARENA_NEW(arena, str);
    if (decision->parts == NULL || id == NULL)
        return NO_MEMORY(report);
    *id = str_from(always_rule(ALWAYS_new_purpose_after_notice)->law);
    decision->count = 1;
    decision->reason = decision->parts[0].reason = (struct reason){
        .rule = STR("version"),
        .ids = {id, 1},
        .article = str_from(always_rule(ALWAYS_new_purpose_after_notice)->article),
    };
    return OK;
}

status decide(const struct view *view, const struct settled *settled, const struct operation *op,
              instant t, struct arena *arena, struct report *report, struct decision *decision)
{
    assert(view != NULL);
    assert(op != NULL);
    *decision = (struct decision){.verdict = VERDICT_REFUSE};
    const struct plan_version *version = plans_in_force(view->plans, t);
    if (version == NULL)
        return refuse_before_all(arena, report, decision);
    struct settled here;
    if (settled == NULL) {
        TRY(settle(view, t, arena, report, &here));
        settled = &here;
    }
    struct ask ask;
    ask_begin(&ask, view, op, t, version, settled, arena);
    bool done = true;
    if (!is_answerable(ask.act)) {
        decision->parts = ARENA_NEW(arena, struct part);
        done = decision->parts != NULL;
        decision->count = 1;
        if (done)
            refuse(&ask, &decision->parts[0].reason, path_of_always(ALWAYS_closed_policy),
                   ALWAYS_closed_policy, NULL, NULL);
    } else if (ask.act == ACTION_COLLECT) {
        done = decide_collect(&ask, decision);
    } else if (takes_items(ask.act)) {
        done = decide_items(&ask, decision);
    } else {
        done = decide_whole(&ask, decision);
    }
    if (!done || ask.no_memory)
        return NO_MEMORY(report);
    sum_up(decision);
    return OK;
}

status decide_clause(const struct view *view, const struct clause *clause,
                     const struct needs *needs, const struct operation *op, instant t,
                     struct arena *arena, struct report *report, struct decision *decision)
{
    *decision = (struct decision){.verdict = VERDICT_REFUSE};
    const struct plan_version *version = plans_in_force(view->plans, t);
    if (version == NULL)
        return refuse_before_all(arena, report, decision);
    static const struct settled nothing;
    struct ask ask;
    ask_begin(&ask, view, op, t, version, &nothing, arena);
    ask_part(&ask, NULL, NULL);
    struct need_where where = {.near = &clause->covers, .rule = ALWAYS_spaces_apart};
    bool open = clause->closed ? refuse(&ask, &decision->reason, clause->path, ALWAYS_spaces_apart,
                                        &clause->covers, NULL)
                               : needs_hold(&ask, needs, &where, &decision->reason);
    decision->verdict = open ? VERDICT_ALLOW : VERDICT_REFUSE;
    return ask.no_memory ? NO_MEMORY(report) : OK;
}

status decide_staff(const struct view *view, const struct operation *op, instant t,
                    struct arena *arena, struct report *report, struct decision *decision)
{
    *decision = (struct decision){.verdict = VERDICT_REFUSE};
    const struct plan_version *version = plans_in_force(view->plans, t);
    if (version == NULL)
        return refuse_before_all(arena, report, decision);
    static const struct settled nothing;
    struct ask ask;
    ask_begin(&ask, view, op, t, version, &nothing, arena);
    ask_part(&ask, NULL, NULL);
    if (gate_staff(&ask, &decision->reason))
        decision->verdict = VERDICT_ALLOW;
    return ask.no_memory ? NO_MEMORY(report) : OK;
}

/* ---- why, and why not ---- */

static bool explain_part(struct ask *ask, const struct part *part, struct explanation *explanation)
{
    for (size_t i = 0; i < gate_count; i++) {
        if ((gates[i].acts & DOES(ask->act)) == 0)
            continue;
        struct gate_answer *answer = LIST_ADD(ask->arena, &explanation->gates);
        if (answer == NULL)
            return false;
        answer->gate = gates[i].name;
        answer->item = part->item;
        answer->field = part->field;
        answer->passed = gates[i].passes(ask, &answer->reason);
    }
    return !ask->no_memory;
}

static const struct settled_item *settled_item_of(const struct settled *settled, record_id id)
{
    for (size_t i = 0; i < settled->count; i++)
        if (ID_EQUAL(settled->items[i].item->id, id))
            return &settled->items[i];
    return NULL;
}

static const struct offered *offered_of(const struct operation *op, word field)
{
    for (size_t i = 0; i < op->offered_count; i++)
        if (op->offered[i].field == field)
            return &op->offered[i];
    return NULL;
}

status decide_explain(const struct view *view, const struct operation *op, instant t,
                      struct arena *arena, struct report *report, struct explanation *explanation)
{
    *explanation = (struct explanation){0};
    struct settled settled;
    TRY(settle(view, t, arena, report, &settled));
    TRY(decide(view, &settled, op, t, arena, report, &explanation->decision));
    const struct plan_version *version = plans_in_force(view->plans, t);
    if (version == NULL)
        return OK;
    struct ask ask;
    ask_begin(&ask, view, op, t, version, &settled, arena);
    for (size_t i = 0; i < explanation->decision.count; i++) {
        const struct part *part = &explanation->decision.parts[i];
        ask_part(&ask, settled_item_of(&settled, part->item), offered_of(op, part->field));
        if (ask.act == ACTION_COLLECT && !find_told(&ask))
            return NO_MEMORY(report);
        if (!explain_part(&ask, part, explanation))
            return NO_MEMORY(report);
    }
    return OK;
}
