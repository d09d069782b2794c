/* Acts that need a second pair of eyes. The first call changes nothing: it leaves a pending act and
 * is answered 202; another member of the staff who may approve confirms it; the same call by the
 * same caller then goes through, once, within fifteen minutes of the first.
 *
 *   call --202--> pending --approve, by another person--> approved --same call--> done, act gone
 *                    \________________ 15 minutes: gone ________________/
 *
 * A pending act is a dossier of its own, found by a keyed hash of who asks and of method, path and
 * body; the body itself is not kept. Being erased when it is used, it is used once, and no restore
 * brings it back. Which acts: the table below; that anybody must approve is the policy's to say, by
 * a role of the staff that may. */
#include "engine_internal.h"
#include "json.h"

enum { ACT_LIFE_MS = 15 * 60 * 1000, ACT_PAGE = 256 };

static const struct {
    const char *name;
    bool of_staff; /* asked of members of the staff only: an application acts for the person */
    bool changes;  /* the policy, so that one of the two stands in `change.by` */
} ACTS[ACT_COUNT] = {
    [ACT_POLICY_APPLY] = {"policy_apply", false, true},
    [ACT_POLICY_WITHDRAW] = {"policy_withdraw", false, true},
    [ACT_ERASE_WHOLE] = {"erase_whole", true, false},
    [ACT_HOLD_RELEASE] = {"hold_release", true, false},
    [ACT_EXPORT] = {"export", true, false},
    [ACT_REGISTER_END] = {"register_end", false, false},
};

/* ---- is there anybody who approves? ---- */

typedef bool member_is(const struct call *call, const struct facts *member, const void *what);

static status find_member(struct call *call, member_is *is, const void *what, dossier_id *found)
{
    dossier_id after = {{0}};
    size_t count = ACT_PAGE;
    *found = (dossier_id){{0}};
    while (count == ACT_PAGE && ID_IS_ZERO(*found)) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        dossier_id *ids;
        TRY(vault_list(call->reg->vault, DOSSIER_STAFF, after, ACT_PAGE, arena, call->report, &ids,
                       &count));
        for (size_t i = 0; i < count && ID_IS_ZERO(*found); i++) {
            const struct facts *member;
            TRY(reg_facts(call->reg, ids[i], call->report, &member));
            if (member != NULL && is(call, member, what))
                *found = ids[i];
            after = ids[i];
        }
    }
    return OK;
}

/* Whether or not what the role needs is on file: an approver without it keeps the act closed. */
static bool has_approving_role(const struct call *call, const struct facts *member,
                               const void *what)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    (void)what;
    for (size_t i = 0; i < plan->staff_count; i++) {
        if ((plan->staff[i].may & MAY_APPROVE) != 0 &&
            staff_holds(member, plan->staff[i].clause.name, call->now))
            return true;
    }
    return false;
}

static bool is_this_human(const struct call *call, const struct facts *member, const void *what)
{
    return staff_is_human(call->reg, member, *(const audit_id *)what);
}

static status is_needed(struct call *call, enum act act, bool *needed)
{
    dossier_id approver;
    bool person = !ID_IS_ZERO(call->caller->actor);
    bool system = ID_IS_ZERO(call->caller->token);
    *needed = !system && (person || !ACTS[act].of_staff);
    if (!*needed)
        return OK;
    TRY(find_member(call, has_approving_role, NULL, &approver));
    *needed = !ID_IS_ZERO(approver);
    return OK;
}

/* ---- the pending act ---- */

static merkle_hash body_hash(const struct call *call)
{
    struct hasher *hasher = hasher_new();
    merkle_hash hash = hasher_sha256(hasher, call->asked.body);
    hasher_free(&hasher);
    return hash;
}

static status act_hash(struct call *call, enum act act, dossier_id about, blind *hash)
{
    const struct caller *caller = call->caller;
    dossier_id asker = ID_IS_ZERO(caller->actor) ? caller->token : caller->actor;
    merkle_hash body = body_hash(call);
    struct buf buf = buf_in(call->arena, call->asked.path.len + 512);
    buf_field(&buf, str_from(ACTS[act].name));
    buf_field(&buf, ID_STR(asker));
    buf_field(&buf, (str){(const char *)caller->human.bytes, sizeof(caller->human.bytes)});
    buf_field(&buf, ID_STR(about));
    buf_field(&buf, call->asked.method);
    buf_field(&buf, call->asked.path);
    buf_field(&buf, (str){(const char *)body.bytes, sizeof(body.bytes)});
    str bytes;
    TRY(buf_finish(&buf, call->report, &bytes));
    keys_tag(vault_keys(call->reg->vault), STR("act"), bytes, hash);
    return OK;
}

static const struct fact_evidence *part_of(const struct facts *act, size_t index)
{
    static const struct fact_evidence nothing = {.until = {0}};
    return act->evidence.count <= index ? &nothing : &act->evidence.at[index];
}

static bool is_pending(const struct facts *act, instant t)
{
    return before(t, part_of(act, 0)->until);
}

static status act_json(struct call *call, enum act act, str *json)
{
    struct buf buf = buf_in(call->arena, 4096);
    struct json_out out = json_out_over(&buf);
    merkle_hash hash = body_hash(call);
    char room[2 * sizeof(hash.bytes) + 1];
    struct buf hex = buf_over(room, sizeof(room));
    buf_hex(&hex, (str){(const char *)hash.bytes, sizeof(hash.bytes)});
    json_open_object(&out);
    json_key(&out, "act");
    json_put_text(&out, ACTS[act].name);
    json_key(&out, "path");
    json_put_str(&out, call->asked.path);
    json_key(&out, "body_sha256");
    json_put_str(&out, buf_str(&hex));
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static status store_act(struct call *call, struct dossier *dossier, const struct permit *permit)
{
    struct vault_index index = {.next = part_of(dossier->facts, 0)->until};
    TRY(vault_put(call->reg->vault, permit, dossier, &index, call->request, call->now, call->arena,
                  call->report));
    call_touched(call, dossier->facts->id);
    return OK;
}

static status log_act(struct call *call, const struct facts *facts, enum act act,
                      const char *action, const struct permit **permit)
{
    str effect = arena_format(call->arena, "act:%s", ACTS[act].name);
    if (effect.ptr == NULL)
        return NO_MEMORY(call->report);
    struct operation op = call_operation(call, ACTION_RECORD, facts->id);
    return call_write(call, facts, &op, action, decision_by_scope(), &effect, 1, permit);
}

/* Who asks: the member of the staff or the token, and the member whom an application names. */
static status bind_asker(struct call *call, struct binding bound[2], uint16_t *count)
{
    const struct caller *caller = call->caller;
    static const audit_id nobody;
    dossier_id behind = {{0}};
    bound[0] = (struct binding){.slot = SLOT_ACTOR};
    bound[0].id = ID_IS_ZERO(caller->actor) ? caller->token : caller->actor;
    *count = 1;
    if (memcmp(&caller->human, &nobody, sizeof(nobody)) != 0)
        TRY(find_member(call, is_this_human, &caller->human, &behind));
    if (!ID_IS_ZERO(behind))
        bound[(*count)++] = (struct binding){.slot = SLOT_ACTOR, .id = behind};
    return OK;
}

static status ask_for_it(struct call *call, enum act act, blind hash)
{
    struct dossier *dossier;
    const struct permit *permit;
    struct binding bound[2];
    uint16_t count;
    str json;
    word name = words_intern(call->reg->words, str_from(ACTS[act].name));
    instant until = {call->now.ms + ACT_LIFE_MS};
    TRY(bind_asker(call, bound, &count));
    TRY(act_json(call, act, &json));
    TRY(vault_new(call->reg->vault, DOSSIER_ACT, name, call->now, call->arena, call->report,
                  &dossier));
    TRY(vault_identify(call->reg->vault, dossier, name, hash, call->arena, call->report));
    TRY(log_act(call, dossier->facts, act, "ask_approval", &permit));
    TRY(call_add_evidence(call, dossier, permit, name, bound, count, call->now, until, json));
    TRY(store_act(call, dossier, permit));
    call->outcome.record = (record_id){{0}};
    return OK;
}

static status end_act(struct call *call, struct dossier *dossier, const char *action)
{
    const struct facts *facts = dossier->facts;
    struct operation op = call_operation(call, ACTION_ERASE, facts->id);
    const struct permit *permit;
    TRY(call_write(call, facts, &op, action, decision_by_scope(), NULL, 0, &permit));
    call_touched(call, facts->id);
    return vault_erase(call->reg->vault, permit, dossier, call->request, call->now, call->arena,
                       call->report);
}

static status find_act(struct call *call, blind hash, struct dossier **dossier)
{
    dossier_id *ids;
    size_t count;
    *dossier = NULL;
    TRY(keys_blind_find(vault_keys(call->reg->vault), hash, call->arena, call->report, &ids,
                        &count));
    return count == 0 ? OK : call_open_dossier(call, ids[0], DOSSIER_ACT, dossier);
}

static status wait_for_it(struct call *call, dossier_id act)
{
    call->outcome.id = act;
    call->outcome.http = 202;
    call->once = false; /* the same request under the same key is asked again */
    return OK;
}

status call_second_pair(struct call *call, enum act act, dossier_id about, bool *waits)
{
    blind hash;
    struct dossier *there;
    TRY(is_needed(call, act, waits));
    if (!*waits)
        return OK;
    TRY(act_hash(call, act, about, &hash));
    TRY(find_act(call, hash, &there));
    if (there != NULL && !is_pending(there->facts, call->now)) {
        TRY(end_act(call, there, "act_lapsed"));
        there = NULL;
    }
    if (there == NULL) {
        TRY(ask_for_it(call, act, hash));
        return wait_for_it(call, call->outcome.id);
    }
    if (there->facts->evidence.count < 2)
        return wait_for_it(call, there->facts->id);
    const struct binding *approver = &part_of(there->facts, 1)->bound[0];
    TRY(vault_handle(call->reg->vault, approver->id, call->report, call->decider.bytes));
    TRY(end_act(call, there, "act_done"));
    *waits = false;
    return OK;
}

status call_act_due(struct call *call, struct dossier *dossier)
{
    const struct facts *facts = dossier->facts;
    if (!is_pending(facts, call->now))
        return end_act(call, dossier, "act_lapsed");
    return vault_due_again(call->reg->vault, facts->id, part_of(facts, 0)->until, call->report);
}

/* ---- approving ---- */

static enum act act_of(const struct call *call, const struct facts *pending)
{
    enum act act = 0;
    while (act + 1 < ACT_COUNT && !str_is(call_text(call, pending->name), ACTS[act].name))
        act++;
    return act;
}

/* The policy says who changes it: of the two, one at least stands there. */
static bool one_changes_the_policy(struct call *call, const struct facts *act,
                                   const struct facts *approver)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct facts *asker;
    struct report odd = {0};
    bool known = is_ok(reg_facts(call->reg, part_of(act, 0)->bound[0].id, &odd, &asker));
    for (plan_index i = 0; i < plan->staff_count; i++) {
        word role = plan->staff[i].clause.name;
        if (!refs_has(&plan->change.by, i))
            continue;
        if (staff_holds(approver, role, call->now) ||
            (known && asker != NULL && asker->kind == DOSSIER_STAFF &&
             staff_holds(asker, role, call->now)))
            return true;
    }
    return plan->change.by.count == 0;
}

static status check_approver(struct call *call, const struct facts *act)
{
    const struct facts *approver;
    const struct fact_evidence *asked = part_of(act, 0);
    TRY(reg_facts(call->reg, call->caller->actor, call->report, &approver));
    if (approver == NULL || approver->kind != DOSSIER_STAFF)
        return call_refuse_always(call, act, ACTION_RECORD, ALWAYS_second_pair);
    for (size_t i = 0; i < asked->bound_count; i++) {
        if (ID_EQUAL(asked->bound[i].id, approver->id))
            return call_refuse_always(call, act, ACTION_RECORD, ALWAYS_second_pair);
    }
    bool may = !ACTS[act_of(call, act)].changes || one_changes_the_policy(call, act, approver);
    if (!may || !staff_may(call, approver, MAY_APPROVE))
        return call_refuse_always(call, act, ACTION_RECORD, ALWAYS_second_pair);
    return OK;
}

status engine_act_approve(struct call *call, dossier_id id)
{
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_open_dossier(call, id, DOSSIER_ACT, &dossier));
    struct facts *facts = dossier->facts;
    TRY(check_approver(call, facts));
    if (!is_pending(facts, call->now))
        return fail(call->report, FAULT_CONFLICT,
                    "the fifteen minutes are over: it must be asked "
                    "for anew");
    if (facts->evidence.count > 1)
        return fail(call->report, FAULT_CONFLICT, "this act is approved already");
    enum act act = act_of(call, facts);
    struct binding by = {.slot = SLOT_ACTOR, .id = call->caller->actor};
    word approved = words_intern(call->reg->words, STR("approved"));
    instant until = part_of(facts, 0)->until;
    TRY(log_act(call, facts, act, "approve", &permit));
    TRY(call_add_evidence(call, dossier, permit, approved, &by, 1, call->now, until, STR("")));
    call->outcome.record = (record_id){{0}};
    call->outcome.http = 200;
    return store_act(call, dossier, permit);
}

/* ---- the list ---- */

struct listing_acts {
    struct act_list *list;
    struct permit_wait wait;
};

static status open_act(struct call *call, struct permit_wait wait, struct act_view *view)
{
    const struct json *json;
    TRY(call_own_record(call, wait, view->id, &json));
    (void)json_str(json_get(json, "path"), &view->path);
    (void)json_str(json_get(json, "body_sha256"), &view->body_sha256);
    return OK;
}

static status list_finish(struct call *call)
{
    const struct listing_acts *listing = call->state;
    for (size_t i = 0; i < listing->list->count; i++)
        TRY(open_act(call, listing->wait, &listing->list->at[i]));
    return OK;
}

static status view_act(struct call *call, dossier_id id, struct act_list *list)
{
    const struct facts *act;
    TRY(reg_facts(call->reg, id, call->report, &act));
    if (act == NULL || act->kind != DOSSIER_ACT || !is_pending(act, call->now))
        return OK;
    list->at[list->count++] = (struct act_view){.id = id,
                                                .act = call_text(call, act->name),
                                                .asker = part_of(act, 0)->bound[0].id,
                                                .since = part_of(act, 0)->since,
                                                .until = part_of(act, 0)->until,
                                                .approved = act->evidence.count > 1};
    return OK;
}

status engine_act_list(struct call *call, struct act_list *list)
{
    enum { ACTS_LISTED = 200 };
    dossier_id *ids;
    size_t count;
    const struct facts *own;
    *list = (struct act_list){0};
    TRY(call_whole_register(call));
    TRY(vault_list(call->reg->vault, DOSSIER_ACT, (dossier_id){{0}}, ACTS_LISTED, call->arena,
                   call->report, &ids, &count));
    struct listing_acts *listing = ARENA_NEW(call->arena, struct listing_acts);
    list->at = ARENA_ARRAY(call->arena, struct act_view, count + 1);
    if (listing == NULL || list->at == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < count; i++)
        TRY(view_act(call, ids[i], list));
    listing->list = list;
    TRY(reg_facts(call->reg, call->reg->own, call->report, &own));
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    TRY(call_ask(call, own, &op, "acts", decision_by_scope(), &listing->wait));
    call->state = listing;
    call->finish = list_finish;
    return OK;
}
