/* Two dossiers of one person become one. */
#include "desk.h"
#include "json.h"
#include "merge.h"

static const char merged_kind[] = "merged"; /* of the hash that a former id is, and of its record */

struct merging {
    const struct merge *request;
    struct subject to, from;           /* as they become */
    struct subject then_to, then_from; /* as they were */
    struct wishes to_wants, from_wants;
    struct conflicts conflicts;
    struct merge_effect *effect;
};

/* ---- whom a former id names ---- */

static void former_tag(const struct call *call, dossier_id id, blind *tag)
{
    keys_tag(vault_keys(call->reg->vault), str_from(merged_kind), ID_STR(id), tag);
}

status call_merged_into(struct call *call, dossier_id id, dossier_id *into)
{
    blind tag;
    dossier_id *ids;
    size_t count;
    *into = (dossier_id){{0}};
    former_tag(call, id, &tag);
    TRY(keys_blind_find_some(vault_keys(call->reg->vault), tag, 1, call->arena, call->report, &ids,
                             &count));
    if (count == 1)
        *into = ids[0];
    return OK;
}

/* An edit: where a restore brings back the person of before the merge, the former id still leads
 * there. */
static status leads_here(struct call *call, struct dossier *dossier, const unsigned char *bytes)
{
    struct edit edit = {.kind = EDIT_LEADS_HERE,
                        .name = words_intern(call->reg->words, str_from(merged_kind))};
    blind tag;
    memcpy(edit.hash, bytes, sizeof(edit.hash));
    memcpy(tag.bytes, bytes, sizeof(tag.bytes));
    TRY(keys_blind_add(vault_keys(call->reg->vault), tag, dossier->facts->id, call->report));
    return vault_edit(call->reg->vault, dossier, &edit, call->arena, call->report);
}

status merge_former_moves(struct call *call, struct dossier *from, struct dossier *to,
                          dossier_id former)
{
    struct edit edit = {.kind = EDIT_DROP_HASH,
                        .name = words_intern(call->reg->words, str_from(merged_kind))};
    blind tag;
    former_tag(call, former, &tag);
    memcpy(edit.hash, tag.bytes, sizeof(edit.hash));
    TRY(keys_blind_remove(vault_keys(call->reg->vault), tag, from->facts->id, call->report));
    TRY(vault_edit(call->reg->vault, from, &edit, call->arena, call->report));
    return leads_here(call, to, tag.bytes);
}

/* ---- what stands in the way ---- */

static status check_request(struct call *call, const struct merge *request)
{
    if (ID_EQUAL(request->subject, request->from))
        return fail_at(call->report, FAULT_INVALID, "/from", "a dossier is not merged with itself");
    if (!request->preview && str_is_empty(str_trim(request->reason)))
        return fail_at(call->report, FAULT_INVALID, "/reason", "say why they are one person");
    return call_check_texts(call, &request->reason, 1);
}

static status check_open(struct call *call, const dossier_id *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct facts *facts;
        TRY(reg_facts(call->reg, ids[i], call->report, &facts));
        if (facts != NULL && desk_closed(call, facts, NULL) == NULL)
            return fail_at(call->report, FAULT_CONFLICT, "/from",
                           "a request of this person is open: answer it first, or merge the other "
                           "way round");
    }
    return OK;
}

/* A request is answered to whoever made it, by the id that it names. */
static status check_requests(struct call *call, dossier_id from)
{
    dossier_id *ids;
    size_t count;
    TRY(call_requests_of(call, from, &ids, &count));
    TRY(check_open(call, ids, count));
    TRY(desk_claimed_by(call, from, &ids, &count));
    return check_open(call, ids, count);
}

/* ---- in what they differ ---- */

static bool holds(const struct facts *facts, word field)
{
    for (size_t i = 0; i < facts->items.count; i++) {
        if (facts->items.at[i].field == field)
            return true;
    }
    return false;
}

static status differ_in_values(struct call *call, struct merging *merging)
{
    const struct facts *to = merging->to.dossier->facts, *from = merging->from.dossier->facts;
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t f = 0; f < plan->field_count; f++) {
        word field = plan->field[f].name;
        if (holds(to, field) && holds(from, field))
            TRY(conflict_add(call, &merging->conflicts, "values", call_text(call, field), 1));
    }
    return OK;
}

static size_t claims(const struct call *call, const struct facts *facts)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    size_t count = 0;
    for (size_t i = 0; i < facts->evidence.count; i++) {
        plan_index type = plan_find(plan, plan->evidence_of, facts->evidence.at[i].type);
        count += type != NONE && plan->evidence[type].kind == KIND_CLAIM &&
                 before(call->now, facts->evidence.at[i].until);
    }
    return count;
}

static bool of_company(const struct facts *facts, word company)
{
    for (size_t i = 0; i < facts->items.count; i++) {
        if (facts->items.at[i].field != 0 && facts->items.at[i].controller == company)
            return true;
    }
    return false;
}

static status differ_in_companies(struct call *call, struct merging *merging)
{
    const struct facts *to = merging->to.dossier->facts, *from = merging->from.dossier->facts;
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t c = 0; c < plan->controller_count; c++) {
        word company = plan->controller[c].clause.name;
        if (of_company(from, company) && !of_company(to, company))
            TRY(conflict_add(call, &merging->conflicts, "company", call_text(call, company), 1));
    }
    return OK;
}

static status differ_in(struct call *call, struct merging *merging, const char *what, size_t to,
                        size_t from)
{
    if ((to > 0) == (from > 0))
        return OK;
    return conflict_add(call, &merging->conflicts, what, STR(""), to + from);
}

static status differ(struct call *call, struct merging *merging)
{
    const struct facts *to = merging->to.dossier->facts, *from = merging->from.dossier->facts;
    TRY(differ_in_values(call, merging));
    TRY(differ_in_companies(call, merging));
    TRY(differ_in(call, merging, "restriction", to->restrictions.count, from->restrictions.count));
    TRY(differ_in(call, merging, "claim", claims(call, to), claims(call, from)));
    TRY(differ_in(call, merging, "erasure_asked", to->erase_asked.ms != NEVER.ms,
                  from->erase_asked.ms != NEVER.ms));
    return differ_in(call, merging, "death", facts_are_dead(call, to), facts_are_dead(call, from));
}

/* ---- the facts of both ---- */

#define APPEND(call, list, more)                                                                   \
    do {                                                                                           \
        for (size_t i_ = 0; i_ < (more)->count; i_++) {                                            \
            void *added_ = LIST_ADD((call)->arena, (list));                                        \
            if (added_ == NULL)                                                                    \
                return NO_MEMORY((call)->report);                                                  \
            memcpy(added_, &(more)->at[i_], sizeof(*(more)->at));                                  \
        }                                                                                          \
    } while (0)

static status append_evidence(struct call *call, struct facts *to, const struct facts *from)
{
    for (size_t i = 0; i < from->evidence.count; i++) {
        struct fact_evidence *added = LIST_ADD(call->arena, &to->evidence);
        if (added == NULL)
            return NO_MEMORY(call->report);
        *added = from->evidence.at[i];
        for (size_t b = 0; b < added->bound_count; b++) {
            if (added->bound[b].slot == SLOT_SUBJECT && ID_EQUAL(added->bound[b].id, from->id))
                added->bound[b].id = to->id;
        }
    }
    return OK;
}

static status append_events(struct call *call, struct facts *to, const struct facts *from)
{
    for (size_t i = 0; i < from->events.count; i++) {
        const struct fact_event *event = &from->events.at[i];
        TRY(facts_add_event(call, to, event->event, event->matter, event->first));
        TRY(facts_add_event(call, to, event->event, event->matter, event->last));
    }
    return OK;
}

/* In memory: what is asked about is the one dossier that both become. */
static status join(struct call *call, struct merging *merging)
{
    struct dossier *dossier = merging->to.dossier;
    struct facts *to = dossier->facts;
    const struct facts *from = merging->from.dossier->facts;
    TRY(wishes_impose(call, dossier, &merging->to_wants, &merging->from_wants,
                      &merging->conflicts));
    TRY(wishes_impose(call, merging->from.dossier, &merging->from_wants, &merging->to_wants,
                      &merging->conflicts));
    APPEND(call, &to->roles, &from->roles);
    TRY(append_evidence(call, to, from));
    TRY(append_events(call, to, from));
    APPEND(call, &to->items, &from->items);
    APPEND(call, &to->limits, &from->limits);
    APPEND(call, &to->tasks, &from->tasks);
    TRY(wishes_copy(call, from, dossier));
    to->had_items |= from->had_items;
    return OK;
}

static size_t lost(const struct subject *after, const struct subject *then)
{
    size_t count = 0;
    for (size_t i = 0; i < then->settled.count; i++) {
        const struct settled_item *item = &then->settled.items[i];
        for (size_t k = 0; item->alive && item->item->field != 0 && k < after->settled.count; k++)
            count += ID_EQUAL(after->settled.items[k].item->id, item->item->id) &&
                     !after->settled.items[k].alive;
    }
    return count;
}

static status foresee(struct call *call, struct merging *merging)
{
    struct limiting limiting = {.after = &merging->to,
                                .before = {&merging->then_to, &merging->then_from},
                                .before_count = 2};
    struct merge_effect *effect = merging->effect;
    const struct facts *from = merging->then_from.dossier->facts;
    TRY(wishes_of(call, merging->to.dossier->facts, &merging->to_wants));
    TRY(wishes_of(call, merging->from.dossier->facts, &merging->from_wants));
    TRY(differ(call, merging));
    TRY(join(call, merging));
    TRY(limits_find(call, &limiting, &merging->conflicts));
    for (size_t i = 0; i < from->items.count; i++)
        effect->items += from->items.at[i].field != 0;
    effect->evidence = from->evidence.count;
    effect->roles = from->roles.count;
    effect->limited = limiting.limited;
    effect->ends = lost(&merging->to, &merging->then_to) + lost(&merging->to, &merging->then_from);
    effect->conflicts = merging->conflicts.list.at;
    effect->conflict_count = merging->conflicts.list.count;
    return OK;
}

/* ---- writing ---- */

static status merge_json(struct call *call, const struct merge *request, str *json)
{
    struct buf buf = buf_in(call->arena, 2 * LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "type");
    json_put_text(&out, merged_kind);
    json_key(&out, "subject");
    json_put_id(&out, request->from.bytes);
    json_key(&out, "reason");
    json_put_str(&out, request->reason);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static bool is_search(const struct call *call, word kind)
{
    str text = call_text(call, kind);
    return text.len > 7 && memcmp(text.ptr, "search/", 7) == 0;
}

/* What led to the other leads here; what users search is made anew, of all that may be found. */
static status move_hashes(struct call *call, struct dossier *to, const struct facts *from)
{
    word former = words_intern(call->reg->words, str_from(merged_kind));
    for (size_t i = 0; i < from->hashes.count; i++) {
        const struct fact_hash *hash = &from->hashes.at[i];
        blind index;
        memcpy(index.bytes, hash->bytes, sizeof(index.bytes));
        if (hash->kind == former)
            TRY(leads_here(call, to, hash->bytes));
        else if (!is_search(call, hash->kind))
            TRY(vault_identify(call->reg->vault, to, hash->kind, index, call->arena, call->report));
    }
    for (size_t i = 0; i < from->items.count; i++)
        TRY(call_search_forget(call, to, from->items.at[i].field));
    return OK;
}

/* Its id, and its reference, by which the log knows it. */
static status name_former(struct call *call, struct dossier *to, dossier_id id, audit_id reference)
{
    dossier_id handle;
    blind tag;
    former_tag(call, id, &tag);
    TRY(leads_here(call, to, tag.bytes));
    memcpy(handle.bytes, reference.bytes, ID_BYTES);
    former_tag(call, handle, &tag);
    return leads_here(call, to, tag.bytes);
}

/* Those who have what an objection of the other's is about. */
static status tell_objections(struct call *call, const struct merging *merging,
                              const struct permit *permit)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t p = 0; p < plan->purpose_count; p++) {
        word purpose = plan->purpose[p].clause.name;
        struct telling telling = {.what = "objection", .purposes = &purpose, .purpose_count = 1};
        if (merging->from_wants.no[p] && !merging->to_wants.no[p])
            TRY(call_tell(call, merging->then_to.dossier->facts, permit, &telling));
    }
    return OK;
}

static status write_both(struct call *call, struct merging *merging, const struct permit **to,
                         const struct permit **from)
{
    struct operation op = call_operation(call, ACTION_STORE, merging->request->from);
    record_id id = call_record_id(call); /* what both entries are about */
    str effect;
    TRY(call_effect(call, "merge", id.bytes, &effect));
    TRY(call_write(call, merging->from.dossier->facts, &op, "merge_from", decision_by_scope(),
                   &effect, 1, from));
    op.subject = merging->request->subject;
    return call_write(call, merging->to.dossier->facts, &op, "merge", decision_by_scope(), &effect,
                      1, to);
}

static status carry(struct call *call, struct merging *merging, const struct moving *moving)
{
    struct facts *facts = moving->to->facts;
    const struct facts *from = merging->then_from.dossier->facts;
    facts->items.count -= from->items.count; /* they come again, sealed */
    for (size_t i = 0; i < from->items.count; i++)
        TRY(move_item(call, moving, &from->items.at[i]));
    TRY(move_notes(call, moving, NULL, NULL, &merging->effect->notes));
    TRY(move_hashes(call, moving->to, from));
    return call_concerns_move(call, from, moving->to);
}

/* The record's id is the reference of that time, by which the log goes on telling (uses.c). */
static status add_record(struct call *call, struct dossier *dossier, const struct permit *permit,
                         const struct merge *request, audit_id former)
{
    struct binding bound = {.slot = SLOT_SUBJECT, .id = request->from};
    struct facts *facts = dossier->facts;
    str json;
    TRY(merge_json(call, request, &json));
    TRY(call_add_evidence(call, dossier, permit,
                          words_intern(call->reg->words, str_from(merged_kind)), &bound, 1,
                          call->now, NEVER, json));
    memcpy(facts->evidence.at[facts->evidence.count - 1].id.bytes, former.bytes, ID_BYTES);
    return OK;
}

static status write(struct call *call, struct merging *merging)
{
    struct moving moving = {.from = merging->then_from.dossier, .to = merging->to.dossier};
    audit_id former;
    TRY(vault_handle(call->reg->vault, merging->request->from, call->report, former.bytes));
    TRY(write_both(call, merging, &moving.write, &moving.open));
    uint64_t index = call->outcome.log_index;
    TRY(tell_objections(call, merging, moving.write));
    TRY(carry(call, merging, &moving));
    TRY(add_record(call, moving.to, moving.write, merging->request, former));
    TRY(name_former(call, moving.to, merging->request->from, former));
    TRY(call_suppress(call, moving.to->facts, false));
    TRY(vault_erase(call->reg->vault, moving.open, moving.from, call->request, call->now,
                    call->arena, call->report));
    record_id record;
    memcpy(record.bytes, former.bytes, ID_BYTES);
    TRY(call_store_and_purge(call, &merging->to, moving.write));
    TRY(call_concerns_restrict(call, moving.to->facts));
    call->outcome = (struct outcome){
        .id = merging->request->subject, .record = record, .log_index = index, .http = 200};
    merging->effect->done = true;
    return OK;
}

static status open_both(struct call *call, struct merging *merging)
{
    const struct merge *request = merging->request;
    TRY(call_open(call, request->subject, &merging->to));
    TRY(call_open(call, request->from, &merging->from));
    TRY(call_open_found(call, request->subject, &merging->then_to));
    TRY(call_open_found(call, request->from, &merging->then_from));
    return call_decider(call, merging->to.dossier->facts, MAY_DECIDE_REQUESTS, false);
}

status engine_merge(struct call *call, const struct merge *request, struct merge_effect *effect)
{
    struct merging merging = {.request = request, .effect = effect};
    *effect = (struct merge_effect){.subject = request->subject};
    TRY(call_whole_register(call));
    TRY(call_version_lost(call));
    TRY(check_request(call, request));
    TRY(open_both(call, &merging));
    TRY(check_requests(call, request->from));
    TRY(foresee(call, &merging));
    struct operation op = call_operation(call, ACTION_NONE, request->subject);
    if (request->preview) {
        TRY(call_log(call, merging.then_from.dossier->facts, &op, "merge_preview",
                     decision_by_scope()));
        return call_log(call, merging.then_to.dossier->facts, &op, "merge_preview",
                        decision_by_scope());
    }
    if (!request->conflicts_stated || request->conflicts != effect->conflict_count)
        return fail_at(call->report, FAULT_CONFLICT, "/conflicts",
                       "they differ in %zu things: look at them in a preview, and say that number",
                       effect->conflict_count);
    return write(call, &merging);
}

/* ---- who may be one person ---- */

static status add_pair(struct call *call, struct pairs *pairs, dossier_id one, dossier_id other,
                       word kind)
{
    str by = call_text(call, kind);
    for (size_t i = 0; i < pairs->list.count; i++) {
        struct pair *there = &pairs->list.at[i];
        if (ID_EQUAL(there->one, one) && ID_EQUAL(there->other, other) && str_equal(there->by, by))
            return OK;
    }
    struct pair *added = LIST_ADD(call->arena, &pairs->list);
    if (added == NULL)
        return NO_MEMORY(call->report);
    *added = (struct pair){one, other, by};
    return OK;
}

static bool is_person(struct call *call, dossier_id id)
{
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct arena *kept_arena = call->arena;
    struct report quiet = {0}, *kept = call->report;
    struct subject subject;
    bool exists = false;
    call->arena = scratch;
    call->report = &quiet;
    bool is = is_ok(vault_exists(call->reg->vault, id, call->report, &exists)) && exists &&
              is_ok(call_open_found(call, id, &subject));
    call->arena = kept_arena;
    call->report = kept;
    return is;
}

static status pairs_of(struct call *call, dossier_id id, struct pairs *pairs)
{
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    enum presence presence;
    struct dossier *dossier;
    TRY(vault_load(call->reg->vault, id, scratch, call->report, &presence, &dossier));
    for (size_t i = 0; presence == PRESENCE_LIVE && i < dossier->facts->hashes.count; i++) {
        const struct fact_hash *hash = &dossier->facts->hashes.at[i];
        dossier_id *ids;
        size_t count;
        blind index;
        memcpy(index.bytes, hash->bytes, sizeof(index.bytes));
        if (is_search(call, hash->kind))
            continue;
        TRY(keys_blind_find_some(vault_keys(call->reg->vault), index, PAIRS_OF_ONE, scratch,
                                 call->report, &ids, &count));
        for (size_t k = 0; k < count; k++) {
            if (memcmp(id.bytes, ids[k].bytes, ID_BYTES) < 0 && is_person(call, ids[k]))
                TRY(add_pair(call, pairs, id, ids[k], hash->kind));
        }
    }
    return OK;
}

status engine_duplicates(struct call *call, dossier_id after, size_t limit, struct pairs *pairs)
{
    dossier_id *ids;
    size_t count;
    *pairs = (struct pairs){.last = after};
    TRY(call_whole_register(call));
    TRY(vault_list(call->reg->vault, DOSSIER_SUBJECT, after, limit, call->arena, call->report, &ids,
                   &count));
    for (size_t i = 0; i < count; i++) {
        pairs->last = ids[i];
        if (is_person(call, ids[i]))
            TRY(pairs_of(call, ids[i], pairs));
    }
    pairs->more = count == limit && count > 0;
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log(call, NULL, &op, "duplicates", decision_by_scope());
}
