/* A copy of what may be read of a person now, for whichever purpose lets it: the register as a
 * whole, for another system or for the customer whose data it is. What no purpose lets be read (it
 * has ended, is restricted, or waits for something) is refused item by item, with the reason of a
 * purpose that it was collected for. It is no backup. */
#include "engine_internal.h"

struct copying {
    struct dossier *dossier;
    struct permit_wait wait;
    struct decision all;
    word *purposes; /* of each part */
    struct read_result *result;
};

static struct part *part_of(struct copying *copying, record_id item)
{
    for (size_t i = 0; i < copying->all.count; i++) {
        if (ID_EQUAL(copying->all.parts[i].item, item))
            return &copying->all.parts[i];
    }
    return NULL;
}

static bool is_ground(const struct settled_item *item, plan_index purpose)
{
    for (size_t i = 0; i < item->ground_count; i++) {
        if (item->grounds[i].purpose == purpose)
            return true;
    }
    return false;
}

static const struct settled_item *settled_of(const struct subject *subject, record_id item)
{
    for (size_t i = 0; i < subject->settled.count; i++) {
        if (ID_EQUAL(subject->settled.items[i].item->id, item))
            return &subject->settled.items[i];
    }
    return NULL;
}

/* A yes stays; of the noes that of a ground counts most. */
static void take_part(struct copying *copying, const struct subject *subject,
                      const struct part *part, plan_index purpose, word name)
{
    struct part *kept = part_of(copying, part->item);
    if (kept != NULL && kept->verdict != VERDICT_REFUSE)
        return;
    const struct settled_item *item = settled_of(subject, part->item);
    if (kept != NULL && part->verdict == VERDICT_REFUSE &&
        (item == NULL || !is_ground(item, purpose)))
        return;
    if (kept == NULL)
        kept = &copying->all.parts[copying->all.count++];
    *kept = *part;
    if (part->verdict == VERDICT_REFUSE)
        return;
    kept->verdict = copying->all.verdict = VERDICT_ALLOW;
    copying->purposes[kept - copying->all.parts] = name;
}

static status judge_purposes(struct call *call, struct subject *subject, struct operation *op,
                             struct copying *copying)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t p = 0; p < plan->purpose_count; p++) {
        const struct decision *decision;
        if (plan->purpose[p].reuses) /* as when a court asks: not what the register is kept for */
            continue;
        op->purpose = plan->purpose[p].clause.name;
        TRY(call_judge(call, subject, op, &decision));
        for (size_t i = 0; i < decision->count; i++) {
            if (!ID_IS_ZERO(decision->parts[i].item))
                take_part(copying, subject, &decision->parts[i], (plan_index)p, op->purpose);
        }
    }
    op->purpose = 0;
    return OK;
}

static status copy_finish(struct call *call)
{
    struct copying *copying = call->state;
    struct read_result *result = copying->result;
    TRY(call_open_parts(call, copying->dossier, &copying->wait, &copying->all, result));
    for (size_t i = 0; i < result->count; i++) {
        const struct part *part = part_of(copying, result->items[i].id);
        if (part != NULL)
            result->items[i].purpose = copying->purposes[part - copying->all.parts];
    }
    return OK;
}

status engine_copy(struct call *call, const struct copy *request, struct read_result *result)
{
    *result = (struct read_result){0};
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    const struct facts *facts = subject.dossier->facts;
    struct operation op = call_operation(call, ACTION_READ, request->subject);
    TRY(call_controller(call, request->controller, &op));
    TRY(call_whole_person(call, facts, &op));
    struct copying *copying = ARENA_NEW(call->arena, struct copying);
    if (copying == NULL)
        return NO_MEMORY(call->report);
    *copying = (struct copying){.dossier = subject.dossier, .result = result};
    copying->all.parts = ARENA_ARRAY(call->arena, struct part, facts->items.count + 1);
    copying->purposes = ARENA_ARRAY(call->arena, word, facts->items.count + 1);
    if (copying->all.parts == NULL || copying->purposes == NULL)
        return NO_MEMORY(call->report);
    TRY(judge_purposes(call, &subject, &op, copying));
    if (copying->all.count == 0)
        return call_refuse_always(call, facts, ACTION_READ, ALWAYS_nothing_held);
    if (copying->all.verdict == VERDICT_REFUSE) {
        copying->all.reason = copying->all.parts[0].reason;
        return call_refuse(call, facts, &op, &copying->all);
    }
    TRY(call_ask(call, facts, &op, "export", &copying->all, &copying->wait));
    call->state = copying;
    call->finish = copy_finish;
    return OK;
}
