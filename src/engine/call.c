/* What every use case shares: opening dossiers, asking decide, logging, storing. */
#include <stdio.h>

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
    return settle(&subject->view, call->now, call->arena, call->report, &subject->settled);
}

/* ---- who may know of whom (G9) ---- */

static status nothing_here(struct call *call)
{
    return fail(call->report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
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

static bool knows_by_ground(const struct call *call, const struct subject *subject)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; i < subject->settled.count; i++) {
        const struct settled_item *item = &subject->settled.items[i];
        for (size_t j = 0; j < item->ground_count; j++) {
            word purpose = plan->purpose[item->grounds[j].purpose].clause.name;
            if (before(call->now, item->grounds[j].end) && within_purposes(call, purpose))
                return true;
        }
        if (within_purposes(call, 0) || call->caller->purpose_count == 0)
            return true;
    }
    return false;
}

static bool knows_by_role(const struct call *call, const struct facts *facts)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; i < facts->roles.count; i++) {
        const struct fact_role *role = &facts->roles.at[i];
        plan_index index = plan_find(plan, plan->role_of, role->role);
        if (!before(call->now, role->until) || index == NONE)
            continue;
        for (size_t p = 0; p < plan->purpose_count; p++) {
            const struct plan_purpose *purpose = &plan->purpose[p];
            if (refs_has(&purpose->roles, index) && within_purposes(call, purpose->clause.name))
                return true;
        }
    }
    return false;
}

/* A dossier with nothing in it yet is known to whoever holds its random id. */
static bool may_know(const struct call *call, const struct subject *subject)
{
    const struct facts *facts = subject->dossier->facts;
    if (call->caller->purpose_count == 0 || (facts->items.count == 0 && facts->roles.count == 0))
        return true;
    return knows_by_ground(call, subject) || knows_by_role(call, facts);
}

static status log_unknown(struct call *call)
{
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    static const struct decision refuse = {.verdict = VERDICT_REFUSE,
                                           .reason = {.rule = {"always.existence", 16}}};
    return call_log_refusal(call, NULL, &op, "open", &refuse);
}

status call_open_found(struct call *call, dossier_id id, struct subject *subject)
{
    *subject = (struct subject){0};
    enum presence presence;
    TRY(vault_load(call->reg->vault, id, call->arena, call->report, &presence, &subject->dossier));
    if (presence != PRESENCE_LIVE || subject->dossier->facts->kind != DOSSIER_SUBJECT) {
        if (presence == PRESENCE_ERASED && (call->caller->scopes & SCOPE_OFFICER) != 0)
            return fail(call->report, FAULT_GONE, "this person's data has been erased");
        return nothing_here(call);
    }
    TRY(call_view(call, subject->dossier->facts, NULL, &subject->view));
    TRY(call_settle(call, subject));
    return may_know(call, subject) ? OK : nothing_here(call);
}

status call_open(struct call *call, dossier_id id, struct subject *subject)
{
    status opened = call_open_found(call, id, subject);
    if (opened.fault == FAULT_NOT_FOUND || opened.fault == FAULT_GONE)
        TRY(log_unknown(call));
    return opened;
}

status call_open_dossier(struct call *call, dossier_id id, enum dossier_kind kind,
                         struct dossier **dossier)
{
    enum presence presence;
    TRY(vault_load(call->reg->vault, id, call->arena, call->report, &presence, dossier));
    if (presence != PRESENCE_LIVE || (*dossier)->facts->kind != kind)
        return nothing_here(call);
    return OK;
}

/* ---- deciding ---- */

struct operation call_operation(const struct call *call, enum action action, dossier_id subject)
{
    const struct caller *caller = call->caller;
    return (struct operation){.action = action,
                              .subject = subject,
                              .controller = caller->controller,
                              .staff = caller->staff,
                              .actor = caller->actor};
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
    entry->rule = decision->reason.rule;
    for (size_t i = 0; i < decision->reason.ids.count && i < AUDIT_OBLIGATIONS; i++)
        entry->obligations[entry->obligation_count++] = decision->reason.ids.at[i];
}

status call_entry(struct call *call, const struct facts *facts, const struct operation *op,
                  const struct decision *decision, struct audit_entry *entry)
{
    struct reg *reg = call->reg;
    *entry = (struct audit_entry){.at = call->now,
                                  .authenticated = call->caller->authenticated,
                                  .actor = call->caller->handle,
                                  .decision = audit_verdict(decision->verdict),
                                  .purpose = words_text(reg->words, op->purpose),
                                  .controller = words_text(reg->words, op->controller),
                                  .recipient_kind = words_text(reg->words, op->recipient)};
    memcpy(entry->request.bytes, call->request.bytes, ID_BYTES);
    world_random(reg->world, entry->random.bytes, ID_BYTES);
    entry->policy = reg_policy_hash(reg, call->now);
    if (facts != NULL)
        handle_of(call, facts->id, facts->kind == DOSSIER_MATTER ? &entry->matter
                                   : facts->kind == DOSSIER_CASE ? &entry->case_handle
                                                                 : &entry->subject);
    handle_of(call, op->party, &entry->recipient);
    handle_of(call, op->case_, &entry->case_handle);
    handle_of(call, op->matter, &entry->matter);
    entry_categories(reg_plan(reg, call->now), op, decision, entry);
    if (decision->verdict == VERDICT_REFUSE)
        entry_reason(decision, entry);
    return OK;
}

status call_log(struct call *call, const struct facts *facts, const struct operation *op,
                const char *action, const struct decision *decision)
{
    struct audit_entry *entry = ARENA_NEW(call->arena, struct audit_entry);
    if (entry == NULL)
        return NO_MEMORY(call->report);
    TRY(call_entry(call, facts, op, decision, entry));
    entry->action = str_from(action);
    char room[LIMIT_ENTRY_BYTES];
    struct buf buf = buf_over(room, sizeof(room));
    TRY(entry_write(&buf, entry, call->report));
    str text;
    TRY(buf_finish(&buf, call->report, &text));
    return audit_append(call->reg->log, text, call->report, &call->outcome.log_index);
}

status call_log_refusal(struct call *call, const struct facts *facts, const struct operation *op,
                        const char *action, const struct decision *decision)
{
    TRY(call_log(call, facts, op, action, decision));
    call->logged_refusal = true;
    return OK;
}

static status purpose_allowed(struct call *call, word purpose)
{
    if (purpose == 0 || within_purposes(call, purpose))
        return OK;
    return fail(call->report, FAULT_FORBIDDEN, "the token does not hold the purpose %.*s",
                STR_ARG(call_text(call, purpose)));
}

status call_decide(struct call *call, struct subject *subject, const struct operation *op,
                   const struct decision **out)
{
    TRY(purpose_allowed(call, op->purpose));
    const struct facts *facts = subject->dossier->facts;
    bool person = facts->kind == DOSSIER_SUBJECT;
    TRY(call_view(call, person ? facts : NULL, op, &subject->view));
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    TRY(decide(&subject->view, person ? &subject->settled : NULL, op, call->now, call->arena,
               call->report, decision));
    call->decision = decision;
    *out = decision;
    if (decision->verdict != VERDICT_REFUSE)
        return OK;
    TRY(call_log_refusal(call, facts, op, action_name(op->action), decision));
    return fail(call->report, FAULT_REFUSED, "refused by %.*s", STR_ARG(decision->reason.rule));
}

/* ---- permits ---- */

status call_write(struct call *call, const struct facts *facts, const struct operation *op,
                  const char *action, const struct decision *decision, const str *effects,
                  size_t effect_count, const struct permit **permit)
{
    struct audit_entry *entry = ARENA_NEW(call->arena, struct audit_entry);
    if (entry == NULL)
        return NO_MEMORY(call->report);
    TRY(call_entry(call, facts, op, decision, entry));
    entry->action = str_from(action);
    for (size_t i = 0; i < effect_count && i < AUDIT_EFFECTS; i++)
        entry->effects[entry->effect_count++] = effects[i];
    struct permit_scope scope = {.dossier = facts->id,
                                 .action = op->action,
                                 .purpose = op->purpose,
                                 .decision = decision};
    struct permit_sink sink = vault_sink(call->reg->vault);
    TRY(permit_to_write(&scope, &sink, call->reg->log, entry, call->arena, call->report, permit));
    call->outcome.log_index = permit_index(*permit);
    return OK;
}

status call_ask(struct call *call, const struct facts *facts, const struct operation *op,
                const char *action, const struct decision *decision, struct permit_wait *wait)
{
    struct audit_entry *entry = ARENA_NEW(call->arena, struct audit_entry);
    if (entry == NULL)
        return NO_MEMORY(call->report);
    TRY(call_entry(call, facts, op, decision, entry));
    entry->action = str_from(action);
    struct permit_scope scope = {.dossier = facts->id,
                                 .action = op->action,
                                 .purpose = op->purpose,
                                 .decision = decision};
    TRY(permit_ask(&scope, call->reg->log, entry, call->report, wait));
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
    TRY(call_view(call, subject->dossier->facts, NULL, &subject->view));
    TRY(call_settle(call, subject));
    struct tag_list list = {0};
    TRY(tags_of(call, subject, &list));
    struct vault_index index = {.next = subject->settled.next,
                                .tags = list.tags.at,
                                .tag_count = list.tags.count};
    return vault_put(call->reg->vault, permit, subject->dossier, &index, call->request, call->now,
                     call->arena, call->report);
}

status call_store_dossier(struct call *call, struct dossier *dossier, const struct permit *permit)
{
    struct vault_index index = {.next = NEVER};
    TRY(vault_put(call->reg->vault, permit, dossier, &index, call->request, call->now, call->arena,
                  call->report));
    if (call->touched_count < LENGTH(call->touched))
        call->touched[call->touched_count++] = dossier->facts->id;
    else
        call->touched_more = true;
    reg_facts_forget(call->reg, dossier->facts->id); /* later readers in this call see the change */
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

/* ---- time ---- */

status call_instant(struct call *call, instant at, instant *when)
{
    if (before(call->now, at))
        return fail(call->report, FAULT_INVALID, "a fact cannot lie in the future");
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
    return fail(call->report, FAULT_INVALID,
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
    *added = (struct fact_role){.id = call_record_id(call),
                                .role = role,
                                .matter = matter,
                                .since = since,
                                .until = NEVER};
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
