/* What a system that keeps copies may still keep: it names the people whose ids it holds, and is
 * told of each what it may see of them by its own purposes and company, item by item, now. That is
 * what it would see by asking for each; of whoever it may not know of, be they gone, hidden or
 * invented, the answer is one and the same: not held. */
#include "engine_internal.h"

static status copy_ids(const struct call *call, const struct subject *subject, bool restricted,
                       record_id **ids, size_t *count)
{
    *ids = ARENA_ARRAY(call->arena, record_id, subject->settled.count + 1);
    if (*ids == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < subject->settled.count; i++) {
        const struct settled_item *item = &subject->settled.items[i];
        if (call_reaches(call, item) && item->restricted == restricted)
            (*ids)[(*count)++] = item->item->id;
    }
    return OK;
}

/* Under the id that she goes by since a merge, whoever may know of her is told that id. */
static status tell_former(struct call *call, struct call *quiet, struct held_copy *held)
{
    struct subject subject;
    dossier_id into;
    TRY(call_merged_into(call, held->subject, &into));
    if (!ID_IS_ZERO(into) && is_ok(call_open_found(quiet, into, &subject)))
        held->goes_by = into;
    return OK;
}

static status look_at(struct call *call, struct arena *scratch, struct held_copy *held)
{
    struct report odd = {0};
    struct call quiet = *call; /* its dossier is read and let go; nothing of it is logged */
    struct subject subject;
    quiet.arena = scratch;
    quiet.report = &odd;
    status found = call_open_found(&quiet, held->subject, &subject);
    if (found.fault == FAULT_NOT_FOUND || found.fault == FAULT_GONE)
        return tell_former(call, &quiet, held);
    if (!is_ok(found)) {
        *call->report = odd;
        return found;
    }
    held->held = true;
    TRY(copy_ids(call, &subject, false, &held->items, &held->item_count));
    return copy_ids(call, &subject, true, &held->restricted, &held->restricted_count);
}

status engine_held(struct call *call, const struct held_ask *request, struct held_people *people)
{
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    if (request->subject_count == 0 || request->subject_count > LIMIT_PAGE_ROWS)
        return fail_at(call->report, FAULT_INVALID, "/subjects", "name 1 to %d people",
                       LIMIT_PAGE_ROWS);
    people->at = ARENA_ARRAY(call->arena, struct held_copy, request->subject_count);
    if (people->at == NULL)
        return NO_MEMORY(call->report);
    for (; people->count < request->subject_count; people->count++) {
        struct held_copy *held = &people->at[people->count];
        *held = (struct held_copy){.subject = request->subjects[people->count]};
        TRY(look_at(call, scratch, held));
        arena_reset(scratch);
    }
    return call_log(call, NULL, &op, "held", decision_by_scope());
}
