/* What a person who is signed in may do about themselves. A mailbox is proof enough to see what is
 * held and to say no; a copy, a correction and an erasure ask for what the policy's `identity`
 * does, and wait while an address is new. */
#include "desk.h"
#include "sign_in.h"

static bool asks_identity(const struct plan *plan, enum right right)
{
    const struct needs *needs = &plan->right[right].needs;
    for (size_t i = 0; i < needs->count; i++) {
        for (size_t k = 0; k < needs->all[i].count; k++) {
            if (plan->evidence[needs->all[i].any[k]].kind == KIND_IDENTITY)
                return true;
        }
    }
    return false;
}

bool call_asks_identity(const struct call *call, enum right right)
{
    return asks_identity(reg_plan(call->reg, call->now), right);
}

static enum action act_of(enum right right)
{
    return right == RIGHT_ERASE     ? ACTION_ERASE
           : right == RIGHT_RECTIFY ? ACTION_RECTIFY
                                    : ACTION_READ;
}

status engine_my_right(struct call *call, enum right right, dossier_id case_)
{
    struct subject subject;
    TRY(call_open(call, call->caller->subject, &subject));
    const struct facts *facts = subject.dossier->facts;
    if (address_changed_lately(call, facts))
        return fail(call->report, FAULT_CONFLICT,
                    "an address was changed in the last 72 hours: this waits until they are over");
    if (ID_IS_ZERO(case_) && call_asks_identity(call, right))
        return call_refuse_always(call, facts, act_of(right), ALWAYS_identity_first);
    return OK;
}

status engine_my_consent(struct call *call, struct consent *consent)
{
    consent->subject = call->caller->subject;
    consent->given_by = STR("click");
    return engine_consent(call, consent);
}

/* ---- requests at the desk ---- */

status engine_my_request(struct call *call, struct request_take *request)
{
    bool more = false;
    request->subject = call->caller->subject;
    request->channel = STR("portal");
    for (size_t i = 0; i < request->right_count; i++) {
        enum right right;
        TRY(desk_right(call, request->rights[i], &right));
        more |= call_asks_identity(call, right);
    }
    return more ? desk_take_by_mailbox(call, request) : engine_request_take(call, request);
}

static status add_views(struct call *call, const dossier_id *ids, size_t count,
                        struct request_list *list)
{
    for (size_t i = 0; i < count; i++) {
        bool there = false;
        for (size_t j = 0; j < list->count; j++)
            there |= ID_EQUAL(list->at[j].id, ids[i]);
        if (!there)
            TRY(engine_request_view(call, ids[i], &list->at[list->count++]));
    }
    return OK;
}

status engine_my_requests(struct call *call, struct request_list *list)
{
    dossier_id *proven, *claimed, me = call->caller->subject;
    size_t proven_count, claimed_count;
    struct operation op = call_operation(call, ACTION_READ, me);
    struct subject subject;
    TRY(call_open(call, me, &subject));
    TRY(call_requests_of(call, me, &proven, &proven_count));
    TRY(desk_claimed_by(call, me, &claimed, &claimed_count));
    *list = (struct request_list){
        .at = ARENA_ARRAY(call->arena, struct request_view, proven_count + claimed_count + 1)};
    if (list->at == NULL)
        return NO_MEMORY(call->report);
    TRY(add_views(call, proven, proven_count, list));
    TRY(add_views(call, claimed, claimed_count, list));
    return call_log(call, subject.dossier->facts, &op, "my_requests", decision_by_scope());
}
