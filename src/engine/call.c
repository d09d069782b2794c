/* What every use case shares: opening dossiers, asking decide, logging, storing. */
#include <stdio.h>

#include "always.h"
#include "calendar.h"
#include "engine_internal.h"

static const struct decision by_scope = {.verdict = VERDICT_ALLOW};

const struct decision *decision_by_scope(void)
{
    return &by_scope;
}

static const struct caller the_system = {.scopes = SCOPE_ALL, .authenticated = {"system", 6}};

const struct caller *engine_system(void)
{
    return &the_system;
}

record_id call_record_id(struct call *call)
{
    record_id id;
    world_random(call->reg->world, id.bytes, sizeof(id.bytes));
    return id;
}

status call_effect(struct call *call, const char *kind, const unsigned char id[ID_BYTES],
                   str *effect)
{
    struct buf buf = buf_in(call->arena, 128);
    buf_text(&buf, kind);
    buf_char(&buf, ':');
    buf_id(&buf, id);
    return buf_finish(&buf, call->report, effect);
}

/* ---- views ---- */

struct matter_list {
    LIST(dossier_id) ids;
};

static status add_matter(struct call *call, struct matter_list *list, dossier_id id)
{
    if (ID_IS_ZERO(id))
        return OK;
    for (size_t i = 0; i < list->ids.count; i++) {
        if (ID_EQUAL(list->ids.at[i], id))
            return OK;
    }
    dossier_id *added = LIST_ADD(call->arena, &list->ids);
    if (added == NULL)
        return NO_MEMORY(call->report);
    *added = id;
    return OK;
}

static status matters_of(struct call *call, const struct facts *facts, struct matter_list *list)
{
    for (size_t i = 0; i < facts->items.count; i++)
        TRY(add_matter(call, list, facts->items.at[i].matter));
    for (size_t i = 0; i < facts->events.count; i++)
        TRY(add_matter(call, list, facts->events.at[i].matter));
    for (size_t i = 0; i < facts->roles.count; i++)
        TRY(add_matter(call, list, facts->roles.at[i].matter));
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        for (size_t j = 0; j < evidence->bound_count; j++) {
            if (evidence->bound[j].slot == SLOT_MATTER)
                TRY(add_matter(call, list, evidence->bound[j].id));
        }
    }
    return OK;
}

static status load_matters(struct call *call, const struct facts *facts, dossier_id named,
                           struct view *view)
{
    struct matter_list list = {0};
    if (facts != NULL)
        TRY(matters_of(call, facts, &list));
    TRY(add_matter(call, &list, named));
    if (list.ids.count == 0)
        return OK;
    const struct facts **matters = ARENA_ARRAY(call->arena, const struct facts *, list.ids.count);
    if (matters == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < list.ids.count; i++) {
        const struct facts *matter;
        TRY(reg_facts(call->reg, list.ids.at[i], call->report, &matter));
        if (matter != NULL)
            matters[view->matter_count++] = matter;
    }
    view->matters = matters;
    return OK;
}

status call_view(struct call *call, const struct facts *facts, const struct operation *op,
                 struct view *view)
{
    struct reg *reg = call->reg;
    *view = (struct view){.plans = &reg->plans, .subject = facts};
    TRY(load_matters(call, facts, op == NULL ? (dossier_id){{0}} : op->matter, view));
    TRY(reg_facts(reg, reg->own, call->report, &view->register_));
    if (op == NULL)
        return OK;
    TRY(reg_facts(reg, op->party, call->report, &view->party));
    TRY(reg_facts(reg, op->place, call->report, &view->place));
    TRY(reg_facts(reg, op->case_, call->report, &view->case_));
    return reg_facts(reg, op->actor, call->report, &view->actor);
}

status call_settle(struct call *call, struct subject *subject)
{
    struct arena *arena = call->brief != NULL ? call->brief : call->arena;
    return settle(&subject->view, call->now, arena, call->report, &subject->settled);
}

/* ---- who may know of whom (G9) ---- */

static status nothing_here(struct call *call)
{
    return fail(call->report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
}

bool call_is_bound(const struct call *call)
{
    return call->caller->purpose_count > 0 || call->caller->controller != 0;
}

static bool within_purposes(const struct call *call, word purpose)
{
    const struct caller *caller = call->caller;
    if (caller->purpose_count == 0)
        return true;
    for (size_t i = 0; i < caller->purpose_count; i++) {
        if (caller->purposes[i] == purpose)
            return true;
    }
    return false;
}

/* May a caller who acts for one controller know of an item of another? Only where the policy lets
 * the one reach what the other holds for that purpose: joint control, a declared share within the
 * group. */
static bool reaches_controller(const struct call *call, const struct plan *plan,
                               const struct fact_item *item, plan_index purpose)
{
    word mine = call->caller->controller;
    if (mine == 0 || item->controller == 0 || item->controller == mine)
        return true;
    plan_index me = plan_find(plan, plan->controller_of, mine);
    plan_index they = plan_find(plan, plan->controller_of, item->controller);
    for (size_t i = 0; i < plan->joint_count && me != NONE && they != NONE; i++) {
        const struct plan_joint *joint = &plan->joint[i];
        bool both = refs_has(&joint->who, me) && refs_has(&joint->who, they);
        bool one = joint->acting && (refs_has(&joint->who, me) || refs_has(&joint->who, they));
        if (!joint->clause.closed && refs_has(&joint->purposes, purpose) && (both || one))
            return true;
    }
    plan_index field = plan_find(plan, plan->field_of, item->field);
    for (size_t i = 0; i < plan->recipient_count && field != NONE; i++) {
        const struct plan_recipient *group = &plan->recipient[i];
        if (group->kind == RECIPIENT_GROUP && !group->clause.closed && !group->never &&
            refs_has(&group->purposes, purpose) && field_set_has(&group->gives, field))
            return true;
    }
    return false;
}

bool call_reaches(const struct call *call, const struct settled_item *item)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct caller *caller = call->caller;
    if (!item->alive || item->item->field == 0)
        return false;
    if (caller->purpose_count == 0 &&
        (caller->controller == 0 || item->item->controller == caller->controller))
        return true;
    for (size_t i = 0; i < item->ground_count; i++) {
        plan_index purpose = item->grounds[i].purpose;
        if (before(call->now, item->grounds[i].end) &&
            within_purposes(call, plan->purpose[purpose].clause.name) &&
            reaches_controller(call, plan, item->item, purpose))
            return true;
    }
    return false;
}

static bool knows_by_ground(const struct call *call, const struct subject *subject)
{
    for (size_t i = 0; i < subject->settled.count; i++) {
        if (call_reaches(call, &subject->settled.items[i]))
            return true;
    }
    return false;
}

bool call_reaches_role(const struct call *call, const struct fact_role *role)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->role_of, role->role);
    if (!before(call->now, role->until))
        return false;
    if (call->caller->purpose_count == 0)
        return true;
    for (size_t p = 0; index != NONE && p < plan->purpose_count; p++) {
        const struct plan_purpose *purpose = &plan->purpose[p];
        /* A purpose that asks for no role ties nobody to it by one. */
        if (!purpose->roles.all && refs_has(&purpose->roles, index) &&
            within_purposes(call, purpose->clause.name))
            return true;
    }
    return false;
}

/* A role that only came with a collection tells no longer of the person than what was collected. */
static bool knows_by_role(const struct call *call, const struct facts *facts)
{
    for (size_t i = 0; i < facts->roles.count; i++) {
        if (!facts->roles.at[i].opened && call_reaches_role(call, &facts->roles.at[i]))
            return true;
    }
    return false;
}

/* What was given for a purpose of the caller's: a consent, before anything is collected on it. */
static bool knows_by_evidence(const struct call *call, const struct facts *facts)
{
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        for (size_t b = 0; before(call->now, evidence->until) && b < evidence->bound_count; b++) {
            if (evidence->bound[b].slot == SLOT_PURPOSE && call->caller->purpose_count > 0 &&
                within_purposes(call, evidence->bound[b].name))
                return true;
        }
    }
    return false;
}

/* Other controllers hold something about the person, and the caller's holds nothing. */
static bool only_others_hold(const struct call *call, const struct facts *facts)
{
    bool others = false;
    for (size_t i = 0; call->caller->controller != 0 && i < facts->items.count; i++) {
        word controller = facts->items.at[i].controller;
        if (facts->items.at[i].field == 0)
            continue;
        if (controller == 0 || controller == call->caller->controller)
            return false;
        others = true;
    }
    return others;
}

/* A dossier that never held anything is known to whoever holds its random id. */
static bool may_know(const struct call *call, const struct subject *subject)
{
    const struct facts *facts = subject->dossier->facts;
    bool fresh = !facts->had_items && facts->items.count == 0 && facts->roles.count == 0;
    if (!call_is_bound(call) || fresh || knows_by_ground(call, subject))
        return true;
    return !only_others_hold(call, facts) &&
           (knows_by_role(call, facts) || knows_by_evidence(call, facts));
}

static status log_unknown(struct call *call)
{
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    static const struct decision refuse = {.verdict = VERDICT_REFUSE,
                                           .reason = {.rule = {"always.existence", 16}}};
    return call_log_refusal(call, NULL, &op, "open", &refuse);
}

status call_not_here(struct call *call)
{
    TRY(log_unknown(call));
    return nothing_here(call);
}

/* Whom this call has made and not stored yet, as they are at hand. */
static status load_person(struct call *call, dossier_id id, enum presence *presence,
                          struct dossier **dossier)
{
    *presence = PRESENCE_LIVE;
    *dossier = call->unstored;
    if (call->unstored != NULL && ID_EQUAL(call->unstored->facts->id, id))
        return OK;
    return vault_load(call->reg->vault, id, call->arena, call->report, presence, dossier);
}

status call_open_found(struct call *call, dossier_id id, struct subject *subject)
{
    *subject = (struct subject){0};
    enum presence presence;
    if (!ID_IS_ZERO(call->caller->subject) && !ID_EQUAL(call->caller->subject, id))
        return nothing_here(call);
    TRY(load_person(call, id, &presence, &subject->dossier));
    if (presence != PRESENCE_LIVE || subject->dossier->facts->kind != DOSSIER_SUBJECT) {
        bool told = (call->caller->scopes & SCOPE_OFFICER) != 0 && !call_is_bound(call);
        if (presence == PRESENCE_ERASED && told)
            return fail(call->report, FAULT_GONE, "this person's data has been erased");
        return nothing_here(call);
    }
    TRY(call_view(call, subject->dossier->facts, NULL, &subject->view));
    TRY(call_settle(call, subject));
    return may_know(call, subject) ? OK : nothing_here(call);
}

/* Whoever may know of the person is told by which id she goes now; to others nobody is there. */
static status opened_by_former(struct call *call, dossier_id id, status opened)
{
    struct report quiet = {0}, *kept = call->report;
    struct subject subject;
    dossier_id into;
    char text[ID_TEXT + 1];
    struct buf buf = buf_over(text, ID_TEXT);
    TRY(call_merged_into(call, id, &into));
    if (ID_IS_ZERO(into))
        return opened;
    call->report = &quiet;
    status there = call_open_found(call, into, &subject);
    call->report = kept;
    if (!is_ok(there))
        return opened;
    buf_id(&buf, into.bytes);
    call->outcome.id = into;
    return fail(call->report, FAULT_MERGED, "this person goes by the id %.*s",
                STR_ARG(buf_str(&buf)));
}

status call_open(struct call *call, dossier_id id, struct subject *subject)
{
    status opened = call_open_found(call, id, subject);
    if (opened.fault == FAULT_NOT_FOUND || opened.fault == FAULT_GONE)
        opened = opened_by_former(call, id, opened);
    if (opened.fault == FAULT_MERGED)
        TRY(log_unknown(call));
    if (opened.fault == FAULT_NOT_FOUND || opened.fault == FAULT_GONE)
        TRY(log_unknown(call));
    return opened;
}

status call_open_dossier(struct call *call, dossier_id id, enum dossier_kind kind,
                         struct dossier **dossier)
{
    enum presence presence;
    TRY(vault_load(call->reg->vault, id, call->arena, call->report, &presence, dossier));
    if (presence == PRESENCE_LIVE && (*dossier)->facts->kind == kind)
        return OK;
    return call_not_here(call);
}

/* ---- deciding ---- */

word call_company(const struct call *call)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    if (call->caller->controller != 0)
        return call->caller->controller;
    if (call->company != 0 || plan->controller_count != 1)
        return call->company;
    return plan->controller[0].clause.name;
}

bool call_is_others(const struct call *call, const struct part *part, word controller)
{
    word mine = call_company(call);
    return mine != 0 && controller != 0 && controller != mine && part->verdict == VERDICT_REFUSE &&
           str_is(part->reason.rule, "always.own_records");
}

struct operation call_operation(const struct call *call, enum action action, dossier_id subject)
{
    const struct caller *caller = call->caller;
    return (struct operation){.action = action,
                              .subject = subject,
                              .controller = call_company(call),
                              .staff = caller->staff,
                              .actor = caller->actor};
}

bool call_by_subject(const struct call *call, bool said)
{
    return said && ID_IS_ZERO(call->caller->actor);
}

static enum audit_decision audit_verdict(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_REFUSE:
        return AUDIT_REFUSE;
    case VERDICT_ALLOW:
        return AUDIT_ALLOW;
    case VERDICT_DUTY:
        return AUDIT_DUTY;
    }
    return AUDIT_REFUSE;
}

static void handle_of(const struct call *call, dossier_id id, audit_id *handle)
{
    struct report ignored = {0};
    unsigned char bytes[ID_BYTES];
    if (ID_IS_ZERO(id))
        return;
    if (is_ok(vault_handle(call->reg->vault, id, &ignored, bytes)))
        memcpy(handle->bytes, bytes, ID_BYTES);
}

static void entry_categories(const struct plan *plan, const struct operation *op,
                             const struct decision *decision, struct audit_entry *entry)
{
    uint64_t seen[8] = {0}; /* the first 512 categories are named */
    for (size_t i = 0; i < decision->count; i++) {
        plan_index field = plan_find(plan, plan->field_of, decision->parts[i].field);
        if (field == NONE || entry->category_count == AUDIT_CATEGORIES)
            continue;
        plan_index category = plan->field[field].category;
        if (category >= 512 || (seen[category >> 6] >> (category & 63) & 1) != 0)
            continue;
        seen[category >> 6] |= (uint64_t)1 << (category & 63);
        entry->categories[entry->category_count++] =
            words_text(plan->words, plan->category[category].clause.name);
    }
    (void)op;
}

static void entry_reason(const struct decision *decision, struct audit_entry *entry)
{
    entry->rule = str_slice(decision->reason.rule, 0, LIMIT_ENTRY_WORD_BYTES);
    for (size_t i = 0; i < decision->reason.ids.count && i < AUDIT_OBLIGATIONS; i++)
        entry->obligations[entry->obligation_count++] = decision->reason.ids.at[i];
}

/* In a case somebody decides: who did so on file, else who acts. */
static status entry_decider(struct call *call, const struct operation *op,
                            struct audit_entry *entry)
{
    if (ID_IS_ZERO(op->case_))
        return OK;
    dossier_id decider;
    TRY(call_case_decider(call, op->case_, &decider));
    entry->decider = call->caller->handle;
    handle_of(call, decider, &entry->decider);
    return OK;
}

status call_entry(struct call *call, const struct facts *facts, const struct operation *op,
                  const struct decision *decision, struct audit_entry *entry)
{
    struct reg *reg = call->reg;
    engine_count(call->engine, decision);
    *entry = (struct audit_entry){.at = call->now,
                                  .authenticated = call->caller->authenticated,
                                  .actor = call->caller->handle,
                                  .human = call->caller->human,
                                  .decider = call->decider,
                                  .has_reasons = call->reasons != NULL,
                                  .decision = audit_verdict(decision->verdict),
                                  .purpose = words_text(reg->words, op->purpose),
                                  .controller = words_text(reg->words, op->controller),
                                  .recipient_kind = words_text(reg->words, op->recipient)};
    if (call->reasons != NULL)
        entry->reasons = *call->reasons;
    memcpy(entry->request.bytes, call->request.bytes, ID_BYTES);
    world_random(reg->world, entry->random.bytes, ID_BYTES);
    entry->policy = reg_policy_hash(reg, call->now);
    if (facts != NULL)
        handle_of(call, facts->id,
                  facts->kind == DOSSIER_MATTER ? &entry->matter
                  : facts->kind == DOSSIER_CASE ? &entry->case_handle
                                                : &entry->subject);
    if (facts != NULL && facts->kind == DOSSIER_CASE && !ID_EQUAL(op->subject, facts->id))
        handle_of(call, op->subject, &entry->subject); /* whose request it is */
    handle_of(call, op->party, &entry->recipient);
    handle_of(call, op->case_, &entry->case_handle);
    TRY(entry_decider(call, op, entry));
    handle_of(call, op->matter, &entry->matter);
    entry_categories(reg_plan(reg, call->now), op, decision, entry);
    if (!str_is_empty(call->because))
        entry->effects[entry->effect_count++] = call->because;
    if (decision->verdict == VERDICT_REFUSE)
        entry_reason(decision, entry);
    return OK;
}

/* What an entry says besides the decision: words for "ef", and whether it is in the outbox, too. */
struct log_more {
    const str *effects;
    size_t count;
    bool keep;
};

static status log_entry(struct call *call, const struct facts *facts, const struct operation *op,
                        const char *action, const struct decision *decision, struct log_more more)
{
    struct audit_entry entry;
    TRY(call_entry(call, facts, op, decision, &entry));
    entry.action = str_from(action);
    for (size_t i = 0; i < more.count && i < AUDIT_EFFECTS; i++)
        entry.effects[entry.effect_count++] = more.effects[i];
    char room[LIMIT_ENTRY_BYTES];
    str text;
    TRY(audit_write(call->reg->log, &entry, room, call->report, &text, &call->outcome.log_index));
    if (!more.keep)
        return OK;
    record_id id;
    memcpy(id.bytes, entry.random.bytes, ID_BYTES);
    struct permit_sink sink = vault_sink(call->reg->vault);
    dossier_id dossier = facts == NULL ? call->reg->own : facts->id;
    return sink.put(sink.self, dossier, id, text, call->report);
}

status call_log_effects(struct call *call, const struct facts *facts, const struct operation *op,
                        const char *action, const struct decision *decision, const str *effects,
                        size_t count)
{
    return log_entry(call, facts, op, action, decision, (struct log_more){effects, count, false});
}

status call_log(struct call *call, const struct facts *facts, const struct operation *op,
                const char *action, const struct decision *decision)
{
    if (call->batch != NULL)
        return batch_allowed(call, facts, op, decision, NULL);
    return log_entry(call, facts, op, action, decision, (struct log_more){0});
}

status call_log_change(struct call *call, const struct facts *facts, const struct operation *op,
                       const char *action, const struct decision *decision)
{
    return log_entry(call, facts, op, action, decision, (struct log_more){.keep = true});
}

status call_log_refusal(struct call *call, const struct facts *facts, const struct operation *op,
                        const char *action, const struct decision *decision)
{
    if (call->batch != NULL) {
        return batch_refused(call, facts, op, decision);
    }
    /* What the call entered before is undone with it: an import comes here after it made a person.
     */
    audit_drop(call->reg->log, call->log_mark);
    TRY(call_log(call, call->enrolling ? NULL : facts, op, action, decision));
    watch_refusal(call, op->action);
    call->logged_refusal = true;
    return OK;
}

status call_beyond_token(struct call *call, const struct facts *facts, const struct operation *op,
                         const char *what)
{
    static const struct decision refuse = {.verdict = VERDICT_REFUSE,
                                           .reason = {.rule = {"always.token_scope", 18}}};
    TRY(call_log_refusal(call, facts, op, "scope", &refuse));
    return fail(call->report, FAULT_FORBIDDEN, "%s", what);
}

status call_purpose_held(struct call *call, const struct facts *facts, const struct operation *op,
                         word purpose)
{
    if (purpose == 0 || within_purposes(call, purpose))
        return OK;
    return call_beyond_token(call, facts, op, "the token does not hold this purpose");
}

status call_whole_register(struct call *call)
{
    if (!call_is_bound(call))
        return OK;
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_beyond_token(call, NULL, &op,
                             "a token that is bound to purposes or to a controller does not reach "
                             "the register as a whole");
}

status call_whole_person(struct call *call, const struct facts *facts, const struct operation *op)
{
    if (call->caller->purpose_count == 0)
        return OK;
    return call_beyond_token(
        call, facts, op, "a token that is bound to purposes does not reach a person as a whole");
}

status call_scope_held(struct call *call, enum scope scope)
{
    if ((call->caller->scopes & scope) != 0)
        return OK;
    return engine_forbid(call, scope_name(scope));
}

status call_controller(struct call *call, str named, struct operation *op)
{
    word controller;
    TRY(call_word(call, NAME_CONTROLLER, named, &controller));
    if (controller == 0)
        return OK;
    op->controller = controller;
    if (call->caller->controller == 0 || call->caller->controller == controller)
        return OK;
    return call_beyond_token(call, NULL, op, "the token acts for another controller");
}

status engine_act_for(struct call *call, str company)
{
    struct operation op = {.action = ACTION_NONE};
    TRY(call_controller(call, company, &op));
    call->company = op.controller;
    return OK;
}

/* Several companies share the register: what uses a person's data says whose use it is. A use for
 * which nobody answers is none of theirs, least of all that of the item's own company (INF-13).
 * What only takes a use away (a withdrawal, an objection, a switch) binds them all. */
static bool names_nobody(const struct operation *op)
{
    switch (op->action) {
    case ACTION_COLLECT:
    case ACTION_READ:
    case ACTION_USE:
    case ACTION_SHARE:
    case ACTION_SEND:
    case ACTION_COOKIE_SET:
    case ACTION_COOKIE_READ:
    case ACTION_EXPORT:
    case ACTION_RECTIFY:
    case ACTION_STORE:
        return op->controller == 0;
    case ACTION_ERASE: /* asked about no field: whether the request may be made at all */
        return op->controller == 0 && !(op->field_count == 1 && op->fields[0] == 0);
    case ACTION_NONE:
    case ACTION_RECORD:
    case ACTION_LIFT:
    case ACTION_COUNT:
        break;
    }
    return false;
}

status call_company_named(struct call *call, const struct facts *facts, const struct operation *op)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    if (plan->controller_count < 2 || !names_nobody(op))
        return OK;
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    word *lacks = ARENA_NEW(call->arena, word);
    if (decision == NULL || lacks == NULL)
        return NO_MEMORY(call->report);
    *lacks = words_intern(call->reg->words, STR("controller"));
    decision->reason = (struct reason){.rule = STR("controllers"),
                                       .ids = plan->controller[0].clause.covers,
                                       .article = STR("GDPR 26"),
                                       .lacks = lacks,
                                       .lack_count = 1};
    return call_refuse(call, facts, op, decision);
}

/* What is named must be there and of its kind; what is not answers as a person does who is not. */
static status check_kind(struct call *call, dossier_id id, enum dossier_kind kind)
{
    const struct facts *facts;
    if (ID_IS_ZERO(id))
        return OK;
    TRY(reg_facts(call->reg, id, call->report, &facts));
    if (facts != NULL && facts->kind == kind)
        return OK;
    return call_not_here(call);
}

status call_check_named(struct call *call, const struct operation *op)
{
    TRY(check_kind(call, op->matter, DOSSIER_MATTER));
    TRY(check_kind(call, op->case_, DOSSIER_CASE));
    TRY(check_kind(call, op->party, DOSSIER_PARTY));
    TRY(check_kind(call, op->place, DOSSIER_PLACE));
    return check_kind(call, op->concerned, DOSSIER_STAFF);
}

/* While the policy in force is not the one that was: what a person takes away goes on. */
static status check_in_force(struct call *call, const struct operation *op)
{
    bool records = op->action == ACTION_NONE || op->action == ACTION_RECORD;
    return records || op->action == ACTION_LIFT ? OK : call_version_lost(call);
}

status call_judge(struct call *call, struct subject *subject, const struct operation *op,
                  const struct decision **out)
{
    const struct facts *facts = subject->dossier->facts;
    TRY(check_in_force(call, op));
    TRY(call_purpose_held(call, facts, op, op->purpose));
    TRY(call_check_named(call, op));
    bool person = facts->kind == DOSSIER_SUBJECT;
    if (person)
        TRY(call_company_named(call, facts, op));
    TRY(call_view(call, person ? facts : NULL, op, &subject->view));
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    TRY(decide(&subject->view, person ? &subject->settled : NULL, op, call->now, call->arena,
               call->report, decision));
    if (call->batch != NULL)
        batch_narrow(call, decision);
    call->decision = decision;
    *out = decision;
    return OK;
}

status call_refuse(struct call *call, const struct facts *facts, const struct operation *op,
                   const struct decision *decision)
{
    call->decision = decision;
    TRY(call_log_refusal(call, facts, op, action_name(op->action), decision));
    str rule = decision->reason.rule;
    const char *meaning = ""; /* a clause can be looked up, a built-in rule says what it holds */
    for (enum always a = ALWAYS_NONE + 1; a < ALWAYS_COUNT; a++)
        if (str_is(rule, always_rule(a)->path))
            meaning = always_rule(a)->meaning;
    return fail(call->report, FAULT_REFUSED, "refused by %.*s%s%s", STR_ARG(rule),
                meaning[0] == '\0' ? "" : ": ", meaning);
}

status call_decide(struct call *call, struct subject *subject, const struct operation *op,
                   const struct decision **out)
{
    TRY(call_judge(call, subject, op, out));
    if ((*out)->verdict != VERDICT_REFUSE)
        return OK;
    return call_refuse(call, subject->dossier->facts, op, *out);
}

/* ---- permits ---- */

status call_write(struct call *call, const struct facts *facts, const struct operation *op,
                  const char *action, const struct decision *decision, const str *effects,
                  size_t effect_count, const struct permit **permit)
{
    if (call->batch != NULL)
        return batch_write(call, facts, op, decision, permit);
    struct audit_entry entry;
    TRY(call_entry(call, facts, op, decision, &entry));
    entry.action = str_from(action);
    for (size_t i = 0; i < effect_count && i < AUDIT_EFFECTS; i++)
        entry.effects[entry.effect_count++] = effects[i];
    struct permit_scope scope = {
        .dossier = facts->id, .action = op->action, .purpose = op->purpose, .decision = decision};
    struct permit_sink sink = vault_sink(call->reg->vault);
    TRY(permit_to_write(&scope, &sink, call->reg->log, &entry, call->arena, call->report, permit));
    call->has_written = true;
    call->outcome.log_index = permit_index(*permit);
    return OK;
}

status call_ask(struct call *call, const struct facts *facts, const struct operation *op,
                const char *action, const struct decision *decision, struct permit_wait *wait)
{
    if (facts->kind == DOSSIER_SUBJECT)
        TRY(call_version_lost(call));
    if (call->batch != NULL)
        return batch_allowed(call, facts, op, decision, wait);
    struct audit_entry entry;
    TRY(call_entry(call, facts, op, decision, &entry));
    entry.action = str_from(action);
    struct permit_scope scope = {
        .dossier = facts->id, .action = op->action, .purpose = op->purpose, .decision = decision};
    struct permit_sink sink = vault_sink(call->reg->vault);
    TRY(permit_ask(&scope, call->has_written ? &sink : NULL, call->reg->log, &entry, call->report,
                   wait));
    if (facts->kind == DOSSIER_SUBJECT)
        watch_reads(call, facts->id, 1);
    call->outcome.log_index = wait->index;
    return OK;
}

/* ---- storing ---- */

struct tag_list {
    LIST(blind) tags;
};

static status add_tag(struct call *call, struct tag_list *list, str kind, str bytes)
{
    blind tag;
    keys_tag(vault_keys(call->reg->vault), kind, bytes, &tag);
    for (size_t i = 0; i < list->tags.count; i++) {
        if (memcmp(list->tags.at[i].bytes, tag.bytes, BLIND_BYTES) == 0)
            return OK;
    }
    blind *added = LIST_ADD(call->arena, &list->tags);
    if (added == NULL)
        return NO_MEMORY(call->report);
    *added = tag;
    return OK;
}

/* Tags of a subject: the matters that its facts mention and the purposes whose grounds are live. */
static status tags_of(struct call *call, const struct subject *subject, struct tag_list *list)
{
    struct matter_list matters = {0};
    TRY(matters_of(call, subject->dossier->facts, &matters));
    for (size_t i = 0; i < matters.ids.count; i++)
        TRY(add_tag(call, list, STR("matter"), ID_STR(matters.ids.at[i])));
    if (subject->dossier->facts->tasks.count > 0)
        TRY(add_tag(call, list, STR("task"), STR("open")));
    for (size_t i = 0; i < subject->dossier->facts->tasks.count; i++) {
        const struct fact_task *task = &subject->dossier->facts->tasks.at[i];
        if (call_is_breach_task(call, task))
            TRY(add_tag(call, list, STR("breach-untold"), ID_STR(task->other)));
    }
    const struct plan *plan = reg_plan(call->reg, call->now);
    uint64_t seen[16] = {0};
    for (size_t i = 0; i < subject->settled.count; i++) {
        const struct settled_item *item = &subject->settled.items[i];
        for (size_t j = 0; j < item->ground_count; j++) {
            plan_index p = item->grounds[j].purpose;
            if (p >= 1024 || (seen[p >> 6] >> (p & 63) & 1) != 0)
                continue;
            seen[p >> 6] |= (uint64_t)1 << (p & 63);
            TRY(add_tag(call, list, STR("purpose"),
                        words_text(plan->words, plan->purpose[p].clause.name)));
        }
    }
    return OK;
}

status call_store(struct call *call, struct subject *subject, const struct permit *permit)
{
    size_t dropped; /* messages that this change forbids */
    TRY(call_drop_messages(call, subject, &dropped));
    TRY(call_view(call, subject->dossier->facts, NULL, &subject->view));
    TRY(call_settle(call, subject));
    TRY(call_search_index(call, subject));
    struct tag_list list = {0};
    TRY(tags_of(call, subject, &list));
    struct vault_index index = {
        .next = call_next(call, subject), .tags = list.tags.at, .tag_count = list.tags.count};
    if (call->unstored == subject->dossier)
        call->unstored = NULL;
    return vault_put(call->reg->vault, permit, subject->dossier, &index, call->request, call->now,
                     call->arena, call->report);
}

void call_touched(struct call *call, dossier_id id)
{
    if (call->touched_count < LENGTH(call->touched))
        call->touched[call->touched_count++] = id;
    else
        call->touched_more = true;
    reg_facts_forget(call->reg, id); /* later readers in this call see the change */
}

status call_store_dossier(struct call *call, struct dossier *dossier, const struct permit *permit)
{
    struct tag_list list = {0};
    if (dossier->facts->tasks.count > 0)
        TRY(add_tag(call, &list, STR("task"), STR("open")));
    struct vault_index index = {.next = errand_next(dossier->facts, call->now)};
    if (facts_are_breach(call, dossier->facts)) {
        blind *tag = LIST_ADD(call->arena, &list.tags);
        if (tag == NULL)
            return NO_MEMORY(call->report);
        call_breach_index(call, dossier->facts, tag, &index.next);
    }
    index.tags = list.tags.at;
    index.tag_count = list.tags.count;
    TRY(call_request_index(call, dossier->facts, &index));
    TRY(vault_put(call->reg->vault, permit, dossier, &index, call->request, call->now, call->arena,
                  call->report));
    call_touched(call, dossier->facts->id);
    reg_watch_changed(call->reg, dossier->facts->kind);
    return OK;
}

status call_touch_matter(struct call *call, dossier_id matter)
{
    blind tag;
    keys_tag(vault_keys(call->reg->vault), STR("matter"), ID_STR(matter), &tag);
    return vault_touch(call->reg->vault, tag, call->now, call->report);
}

status call_record(struct call *call, struct dossier *dossier, const struct permit *permit,
                   str json, record_id *id)
{
    *id = call_record_id(call);
    struct fact_item header = {.id = *id, .collected = call->now, .told = NULL};
    sealed bytes;
    TRY(vault_seal(call->reg->vault, dossier, &header, json, call->arena, call->report, &bytes));
    return vault_put_item(call->reg->vault, permit, dossier, &header, bytes, call->arena,
                          call->report);
}

status call_own_record(struct call *call, struct permit_wait wait, dossier_id id,
                       const struct json **json)
{
    enum presence presence;
    struct dossier *dossier;
    const struct permit *permit;
    str text;
    *json = NULL;
    wait.scope.dossier = id;
    TRY(permit_to_read(&wait, call->reg->log, call->arena, call->report, &permit));
    TRY(vault_load(call->reg->vault, id, call->arena, call->report, &presence, &dossier));
    if (presence != PRESENCE_LIVE || dossier->facts->items.count == 0)
        return OK;
    TRY(vault_open_item(call->reg->vault, permit, dossier, &dossier->facts->items.at[0],
                        call->arena, call->report, &text));
    return json_parse(call->arena, text, call->report, json);
}

/* ---- time ---- */

status call_instant(struct call *call, const char *where, instant at, instant *when)
{
    if (before(call->now, at))
        return fail_at(call->report, FAULT_INVALID, where, "a fact cannot lie in the future");
    *when = at.ms == 0 ? call->now : at;
    return OK;
}

status call_until(struct call *call, str text, instant *until)
{
    const struct zone *zone = reg_plan(call->reg, call->now)->zone;
    struct date date;
    if (date_parse(text, &date)) {
        *until = date_start(zone, date);
        return OK;
    }
    if (instant_parse(text, until))
        return OK;
    return fail_about(call->report, FAULT_INVALID, text,
                      "an end is a date (2027-06-30) or a moment (2027-06-30T12:00:00Z)");
}

/* ---- facts ---- */

struct fact_item *facts_find_item(const struct facts *facts, record_id id)
{
    for (size_t i = 0; i < facts->items.count; i++) {
        if (ID_EQUAL(facts->items.at[i].id, id))
            return &facts->items.at[i];
    }
    return NULL;
}

status facts_add_role(struct call *call, struct facts *facts, word role, dossier_id matter,
                      instant since)
{
    for (size_t i = 0; i < facts->roles.count; i++) {
        const struct fact_role *there = &facts->roles.at[i];
        if (there->role == role && ID_EQUAL(there->matter, matter) && before(since, there->until))
            return OK;
    }
    struct fact_role *added = LIST_ADD(call->arena, &facts->roles);
    if (added == NULL)
        return NO_MEMORY(call->report);
    *added = (struct fact_role){
        .id = call_record_id(call), .role = role, .matter = matter, .since = since, .until = NEVER};
    return OK;
}

status facts_add_event(struct call *call, struct facts *facts, word event, dossier_id matter,
                       instant at)
{
    for (size_t i = 0; i < facts->events.count; i++) {
        struct fact_event *there = &facts->events.at[i];
        if (there->event == event && ID_EQUAL(there->matter, matter)) {
            there->first = earlier(there->first, at);
            there->last = later(there->last, at);
            return OK;
        }
    }
    struct fact_event *added = LIST_ADD(call->arena, &facts->events);
    if (added == NULL)
        return NO_MEMORY(call->report);
    *added = (struct fact_event){event, matter, at, at};
    return OK;
}
