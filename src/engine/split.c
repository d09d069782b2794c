/* What was put into one dossier wrongly is taken apart: named items, evidence and roles become
 * those of a new person. Of wishes and claims each has all; the first is told of as corrected. */
#include "json.h"
#include "merge.h"

struct splitting {
    const struct split *request;
    struct subject from, made; /* as they become */
    struct subject then;       /* as it was */
    struct conflicts conflicts;
    struct merge_effect *effect;
};

static bool names(const record_id *ids, size_t count, record_id id)
{
    for (size_t i = 0; i < count; i++) {
        if (ID_EQUAL(ids[i], id))
            return true;
    }
    return false;
}

static bool moves_item(const struct split *request, record_id id)
{
    return names(request->items, request->item_count, id);
}

/* Marks of an address have its id: they go where it goes. */
static bool moves_evidence(const struct split *request, record_id id)
{
    return names(request->evidence, request->evidence_count, id) || moves_item(request, id);
}

/* ---- what may be named ---- */

static status check_request(struct call *call, const struct split *request)
{
    if (request->item_count == 0)
        return fail_at(call->report, FAULT_INVALID, "/items",
                       "name the items that are another person's");
    if (!request->preview && str_is_empty(str_trim(request->reason)))
        return fail_at(call->report, FAULT_INVALID, "/reason", "say why they are two people");
    return call_check_texts(call, &request->reason, 1);
}

static status check_there(struct call *call, const struct split *request, const struct facts *facts)
{
    for (size_t i = 0; i < request->item_count; i++) {
        const struct fact_item *item = facts_find_item(facts, request->items[i]);
        if (item == NULL || item->field == 0)
            return call_not_here(call);
    }
    for (size_t i = 0; i < request->evidence_count; i++) {
        if (facts_find_evidence(facts, request->evidence[i]) == NULL)
            return call_not_here(call);
    }
    for (size_t i = 0; i < request->role_count; i++) {
        bool there = false;
        for (size_t r = 0; r < facts->roles.count; r++)
            there |= ID_EQUAL(facts->roles.at[r].id, request->roles[i]);
        if (!there)
            return call_not_here(call);
    }
    return OK;
}

/* ---- the facts of the new one ---- */

static bool is_child_role(const struct call *call, word role)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->role_of, role);
    return index != NONE && plan->role[index].under > 0;
}

static bool is_live_claim(const struct call *call, const struct fact_evidence *evidence)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index type = plan_find(plan, plan->evidence_of, evidence->type);
    return type != NONE && plan->evidence[type].kind == KIND_CLAIM &&
           before(call->now, evidence->until);
}

static status give_roles(struct call *call, struct splitting *splitting)
{
    const struct split *request = splitting->request;
    const struct facts *from = splitting->then.dossier->facts;
    for (size_t i = 0; i < from->roles.count; i++) {
        bool moves = names(request->roles, request->role_count, from->roles.at[i].id);
        if (!moves && !is_child_role(call, from->roles.at[i].role))
            continue;
        struct fact_role *added = LIST_ADD(call->arena, &splitting->made.dossier->facts->roles);
        if (added == NULL)
            return NO_MEMORY(call->report);
        *added = from->roles.at[i];
        if (!moves)
            added->id = call_record_id(call);
        splitting->effect->roles += moves;
    }
    return OK;
}

static status give_evidence(struct call *call, struct splitting *splitting)
{
    struct facts *made = splitting->made.dossier->facts;
    const struct facts *from = splitting->then.dossier->facts;
    for (size_t i = 0; i < from->evidence.count; i++) {
        const struct fact_evidence *evidence = &from->evidence.at[i];
        bool moves = moves_evidence(splitting->request, evidence->id);
        if (!moves && !is_live_claim(call, evidence))
            continue;
        struct fact_evidence *added = LIST_ADD(call->arena, &made->evidence);
        struct binding *bound = ARENA_ARRAY(call->arena, struct binding, evidence->bound_count + 1);
        if (added == NULL || bound == NULL)
            return NO_MEMORY(call->report);
        *added = *evidence;
        added->bound = bound;
        for (size_t b = 0; b < evidence->bound_count; b++) {
            bound[b] = evidence->bound[b];
            if (bound[b].slot == SLOT_SUBJECT && ID_EQUAL(bound[b].id, from->id))
                bound[b].id = made->id;
        }
        if (!moves) { /* a claim holds for both; its particulars stay with the first */
            added->id = call_record_id(call);
            added->details = (record_id){{0}};
        }
        splitting->effect->evidence += moves;
    }
    return OK;
}

static status give_limits(struct call *call, struct splitting *splitting)
{
    const struct facts *from = splitting->then.dossier->facts;
    for (size_t i = 0; i < from->limits.count; i++) {
        const struct fact_limit *limit = &from->limits.at[i];
        struct fact_limit copy = *limit;
        copy.items = ARENA_ARRAY(call->arena, record_id, limit->item_count + 1);
        if (copy.items == NULL)
            return NO_MEMORY(call->report);
        copy.item_count = 0;
        for (size_t n = 0; n < limit->item_count; n++) {
            if (moves_item(splitting->request, limit->items[n]))
                copy.items[copy.item_count++] = limit->items[n];
        }
        if (limit->item_count > 0 && copy.item_count == 0)
            continue;
        struct fact_limit *added = LIST_ADD(call->arena, &splitting->made.dossier->facts->limits);
        if (added == NULL)
            return NO_MEMORY(call->report);
        *added = copy;
    }
    return OK;
}

static status give_items(struct call *call, struct splitting *splitting)
{
    const struct facts *from = splitting->then.dossier->facts;
    for (size_t i = 0; i < from->items.count; i++) {
        if (!moves_item(splitting->request, from->items.at[i].id))
            continue;
        struct fact_item *added = LIST_ADD(call->arena, &splitting->made.dossier->facts->items);
        if (added == NULL)
            return NO_MEMORY(call->report);
        *added = from->items.at[i];
        splitting->effect->items++;
    }
    return OK;
}

/* What the person knows of versions, and what happened, is not less than before: retention and the
 * need to tell count from the same times. */
static status give(struct call *call, struct splitting *splitting)
{
    const struct facts *from = splitting->then.dossier->facts;
    struct facts *made = splitting->made.dossier->facts;
    made->created = from->created;
    made->had_items = true;
    TRY(give_roles(call, splitting));
    TRY(give_evidence(call, splitting));
    for (size_t i = 0; i < from->events.count; i++) {
        struct fact_event *added = LIST_ADD(call->arena, &made->events);
        if (added == NULL)
            return NO_MEMORY(call->report);
        *added = from->events.at[i];
    }
    TRY(give_limits(call, splitting));
    TRY(wishes_copy(call, from, splitting->made.dossier));
    return give_items(call, splitting);
}

/* ---- the facts of the first ---- */

/* Ended by an edit, for a restore of before; and not there any more. */
static status take_evidence(struct call *call, struct splitting *splitting)
{
    struct dossier *dossier = splitting->from.dossier;
    struct facts *facts = dossier->facts;
    size_t kept = 0;
    for (size_t i = 0; i < facts->evidence.count; i++) {
        if (moves_evidence(splitting->request, facts->evidence.at[i].id))
            TRY(call_end_evidence(call, dossier, facts->evidence.at[i].id, call->now));
        else
            facts->evidence.at[kept++] = facts->evidence.at[i];
    }
    facts->evidence.count = kept;
    return OK;
}

static status take_roles(struct call *call, struct splitting *splitting)
{
    const struct split *request = splitting->request;
    struct facts *facts = splitting->from.dossier->facts;
    size_t kept = 0;
    for (size_t i = 0; i < facts->roles.count; i++) {
        struct edit edit = {.kind = EDIT_END_ROLE, .id = facts->roles.at[i].id, .at = call->now};
        if (names(request->roles, request->role_count, edit.id))
            TRY(vault_edit(call->reg->vault, splitting->from.dossier, &edit, call->arena,
                           call->report));
        else
            facts->roles.at[kept++] = facts->roles.at[i];
    }
    facts->roles.count = kept;
    return OK;
}

/* In memory; that the rows go, and by an edit, is for later. */
static void hide_items(struct facts *facts, const struct split *request)
{
    size_t kept = 0;
    for (size_t i = 0; i < facts->items.count; i++) {
        if (!moves_item(request, facts->items.at[i].id))
            facts->items.at[kept++] = facts->items.at[i];
    }
    facts->items.count = kept;
}

static size_t dead(const struct subject *subject, const struct subject *then)
{
    size_t count = 0;
    for (size_t i = 0; i < subject->settled.count; i++) {
        const struct settled_item *item = &subject->settled.items[i];
        for (size_t k = 0; !item->alive && k < then->settled.count; k++)
            count += item->item->field != 0 && then->settled.items[k].alive &&
                     ID_EQUAL(then->settled.items[k].item->id, item->item->id);
    }
    return count;
}

/* For a preview, without keys: nothing is sealed. */
static status only_facts(struct call *call, struct dossier **out)
{
    struct dossier *dossier = ARENA_NEW(call->arena, struct dossier);
    struct facts *facts = ARENA_NEW(call->arena, struct facts);
    if (dossier == NULL || facts == NULL)
        return NO_MEMORY(call->report);
    record_id id = call_record_id(call);
    memcpy(facts->id.bytes, id.bytes, ID_BYTES);
    facts->kind = DOSSIER_SUBJECT;
    facts->erase_asked = NEVER;
    dossier->facts = facts;
    *out = dossier;
    return OK;
}

static status make(struct call *call, const struct split *request, struct dossier **dossier)
{
    return request->preview ? only_facts(call, dossier)
                            : vault_new(call->reg->vault, DOSSIER_SUBJECT, 0, call->now,
                                        call->arena, call->report, dossier);
}

static status foresee(struct call *call, struct splitting *splitting)
{
    struct merge_effect *effect = splitting->effect;
    struct limiting made = {
        .after = &splitting->made, .before = {&splitting->then}, .before_count = 1};
    struct limiting left = {
        .after = &splitting->from, .before = {&splitting->then}, .before_count = 1};
    TRY(give(call, splitting));
    TRY(take_evidence(call, splitting));
    TRY(take_roles(call, splitting));
    hide_items(splitting->from.dossier->facts, splitting->request);
    TRY(limits_find(call, &made, &splitting->conflicts));
    TRY(limits_find(call, &left, &splitting->conflicts));
    effect->limited = made.limited + left.limited;
    effect->ends =
        dead(&splitting->made, &splitting->then) + dead(&splitting->from, &splitting->then);
    effect->conflicts = splitting->conflicts.list.at;
    effect->conflict_count = splitting->conflicts.list.count;
    return OK;
}

/* ---- writing ---- */

/* Whoever has what is another's was given it of the wrong person: that is put right (article 19).
 * Of what lies in the firm's own system the reference moves, and nothing is to be done there. */
static status tell(struct call *call, const struct splitting *splitting,
                   const struct permit *permit)
{
    const struct split *request = splitting->request;
    const struct facts *facts = splitting->then.dossier->facts;
    record_id *ids = ARENA_ARRAY(call->arena, record_id, request->item_count + 1);
    struct telling telling = {.what = "rectification", .items = ids, .gone = true};
    if (ids == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < request->item_count; i++) {
        if (!facts_find_item(facts, request->items[i])->external)
            ids[telling.item_count++] = request->items[i];
    }
    return telling.item_count == 0 ? OK : call_tell(call, facts, permit, &telling);
}

struct giving { /* disclosures that gave what moves */
    const struct splitting *splitting;
    LIST(record_id) notes;
};

static status note_giving(void *self, struct call *call, const struct disclosure *disclosure)
{
    struct giving *giving = self;
    const struct facts *facts = giving->splitting->then.dossier->facts;
    bool gave = false;
    for (size_t i = 0; i < facts->items.count; i++)
        gave |= moves_item(giving->splitting->request, facts->items.at[i].id) &&
                disclosure_gave(disclosure, &facts->items.at[i]);
    record_id *added = gave ? LIST_ADD(call->arena, &giving->notes) : NULL;
    if (gave && added == NULL)
        return NO_MEMORY(call->report);
    if (gave)
        *added = disclosure->id;
    return OK;
}

static bool is_given(void *self, const struct note *note)
{
    const struct giving *giving = self;
    return names(giving->notes.at, giving->notes.count, note->id);
}

static status carry_notes(struct call *call, struct splitting *splitting,
                          const struct moving *moving)
{
    struct giving giving = {.splitting = splitting};
    TRY(call_each_disclosure(call, moving->open, moving->from->facts->id, (record_id){{0}},
                             SIZE_MAX, note_giving, &giving));
    return move_notes(call, moving, is_given, &giving, &splitting->effect->notes);
}

/* By which value the new one is found, and the first no more. */
static status carry_hash(struct call *call, struct splitting *splitting,
                         const struct moving *moving, const struct fact_item *item)
{
    const struct facts *facts = moving->from->facts;
    bool indexed = false;
    str value;
    for (size_t i = 0; i < facts->hashes.count; i++)
        indexed |= facts->hashes.at[i].kind == item->field;
    TRY(call_search_forget(call, moving->from, item->field));
    if (!indexed || item->chunks > 0 || item->external)
        return OK;
    TRY(vault_open_item(call->reg->vault, moving->open, moving->from, item, call->arena,
                        call->report, &value));
    TRY(call_index_value(call, &splitting->made, item->field, value));
    return call_forget_value(call, moving->from, moving->open, item);
}

static status carry_lines(struct call *call, struct splitting *splitting,
                          const struct moving *moving)
{
    const struct facts *from = splitting->then.dossier->facts;
    struct facts lines = {.id = from->id};
    for (size_t i = 0; i < from->concerns.count; i++) {
        const struct fact_concern *line = &from->concerns.at[i];
        if (line->kind != CONCERN_HERE || !moves_item(splitting->request, line->item))
            continue;
        struct fact_concern *added = LIST_ADD(call->arena, &lines.concerns);
        struct edit edit = {.kind = EDIT_END_CONCERN, .id = line->id};
        if (added == NULL)
            return NO_MEMORY(call->report);
        *added = *line;
        TRY(vault_edit(call->reg->vault, moving->from, &edit, call->arena, call->report));
    }
    return call_concerns_move(call, &lines, moving->to);
}

static status drop_tasks(struct call *call, const struct splitting *splitting,
                         struct dossier *dossier)
{
    const struct facts *then = splitting->then.dossier->facts;
    for (size_t i = 0; i < then->tasks.count; i++) {
        const struct fact_task *task = &then->tasks.at[i];
        if (task->kind == TASK_SEND && moves_item(splitting->request, task->item))
            TRY(call_task_end(call, dossier, task->id));
    }
    return OK;
}

static bool carries(const struct splitting *splitting, const struct fact_item *item)
{
    const struct facts *then = splitting->then.dossier->facts;
    if (moves_item(splitting->request, item->id))
        return true;
    for (size_t i = 0; item->field == 0 && i < then->evidence.count; i++) {
        if (ID_EQUAL(then->evidence.at[i].details, item->id))
            return moves_evidence(splitting->request, then->evidence.at[i].id);
    }
    return false;
}

/* The rows: opened and sealed anew, then taken from the first, whose keys of these change. */
static status carry_items(struct call *call, struct splitting *splitting,
                          const struct moving *moving)
{
    const struct facts *then = splitting->then.dossier->facts;
    struct facts *facts = moving->from->facts;
    facts->items.count = 0; /* all of them again, so that each is taken away as ever */
    for (size_t i = 0; i < then->items.count; i++) {
        struct fact_item *added = LIST_ADD(call->arena, &facts->items);
        if (added == NULL)
            return NO_MEMORY(call->report);
        *added = then->items.at[i];
    }
    for (size_t i = 0; i < then->items.count; i++) {
        if (!carries(splitting, &then->items.at[i]))
            continue;
        if (then->items.at[i].field != 0)
            TRY(carry_hash(call, splitting, moving, &then->items.at[i]));
        TRY(move_item(call, moving, &then->items.at[i]));
    }
    for (size_t i = 0; i < then->items.count; i++) {
        if (carries(splitting, &then->items.at[i]))
            TRY(vault_drop_item(call->reg->vault, moving->from, then->items.at[i].id, call->arena,
                                call->report));
    }
    return OK;
}

/* With the record of a merge goes the id that it was about. */
static status carry_former(struct call *call, struct splitting *splitting,
                           const struct moving *moving)
{
    const struct facts *then = splitting->then.dossier->facts;
    word merged = words_find(call->reg->words, STR("merged"));
    for (size_t i = 0; i < then->evidence.count; i++) {
        const struct fact_evidence *evidence = &then->evidence.at[i];
        if (merged != 0 && evidence->type == merged && evidence->bound_count > 0 &&
            moves_evidence(splitting->request, evidence->id)) {
            dossier_id reference;
            memcpy(reference.bytes, evidence->id.bytes, ID_BYTES);
            TRY(merge_former_moves(call, moving->from, moving->to, evidence->bound[0].id));
            TRY(merge_former_moves(call, moving->from, moving->to, reference));
        }
    }
    return OK;
}

static status carry(struct call *call, struct splitting *splitting, const struct moving *moving)
{
    moving->to->facts->items.count = 0; /* they come again, sealed */
    TRY(tell(call, splitting, moving->open));
    TRY(carry_notes(call, splitting, moving));
    TRY(carry_lines(call, splitting, moving));
    TRY(carry_items(call, splitting, moving));
    TRY(carry_former(call, splitting, moving));
    TRY(drop_tasks(call, splitting, moving->from));
    return call_end_disclosures(call, moving->from->facts, moving->open);
}

static status reason_json(struct call *call, const struct split *request, str *json)
{
    struct buf buf = buf_in(call->arena, 2 * LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "type");
    json_put_text(&out, "split");
    json_key(&out, "reason");
    json_put_str(&out, request->reason);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static status write_both(struct call *call, struct moving *moving)
{
    struct operation op = call_operation(call, ACTION_STORE, moving->to->facts->id);
    record_id id = call_record_id(call); /* what both entries are about */
    str effect;
    TRY(call_effect(call, "split", id.bytes, &effect));
    TRY(call_write(call, moving->to->facts, &op, "split_new", decision_by_scope(), &effect, 1,
                   &moving->write));
    op.subject = moving->from->facts->id;
    return call_write(call, moving->from->facts, &op, "split", decision_by_scope(), &effect, 1,
                      &moving->open);
}

static status write(struct call *call, struct splitting *splitting)
{
    struct moving moving = {.from = splitting->from.dossier, .to = splitting->made.dossier};
    str json;
    TRY(reason_json(call, splitting->request, &json));
    TRY(write_both(call, &moving));
    uint64_t index = call->outcome.log_index;
    TRY(carry(call, splitting, &moving));
    TRY(call_add_evidence(call, moving.from, moving.open,
                          words_intern(call->reg->words, STR("split")), NULL, 0, call->now, NEVER,
                          json));
    record_id record = call->outcome.record;
    TRY(call_suppress(call, moving.to->facts, false));
    TRY(call_store(call, &splitting->made, moving.write));
    TRY(call_concerns_restrict(call, moving.to->facts));
    TRY(call_store_and_purge(call, &splitting->from, moving.open));
    call->outcome = (struct outcome){
        .id = moving.to->facts->id, .record = record, .log_index = index, .http = 201};
    splitting->effect->subject = moving.to->facts->id;
    splitting->effect->done = true;
    return OK;
}

status engine_split(struct call *call, const struct split *request, struct merge_effect *effect)
{
    struct splitting splitting = {.request = request, .effect = effect};
    *effect = (struct merge_effect){0};
    TRY(call_whole_register(call));
    TRY(call_version_lost(call));
    TRY(check_request(call, request));
    TRY(call_open(call, request->subject, &splitting.from));
    TRY(call_open_found(call, request->subject, &splitting.then));
    const struct facts *then = splitting.then.dossier->facts;
    TRY(call_decider(call, then, MAY_DECIDE_REQUESTS, false));
    TRY(check_there(call, request, then));
    TRY(make(call, request, &splitting.made.dossier));
    TRY(foresee(call, &splitting));
    struct operation op = call_operation(call, ACTION_NONE, request->subject);
    if (request->preview)
        return call_log(call, then, &op, "split_preview", decision_by_scope());
    if (!request->conflicts_stated || request->conflicts != effect->conflict_count)
        return fail_at(call->report, FAULT_CONFLICT, "/conflicts",
                       "%zu things are limited: look at them in a preview, and say that number",
                       effect->conflict_count);
    return write(call, &splitting);
}
