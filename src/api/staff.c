/* Routes about the staff: second pairs of eyes, broken glass, who asks, evidence that lapses,
 * members. */
#include "api_internal.h"

/* ---- acts that wait ---- */

static status fill_acts(struct ask *ask)
{
    const struct act_list *list = ask->result;
    struct acts_reply *reply = ARENA_NEW(ask->arena, struct acts_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct acts_reply){.acts = list->at, .act_count = list->count};
    ask->answer = reply;
    return OK;
}

status act_list(struct ask *ask)
{
    struct act_list *list = ARENA_NEW(ask->arena, struct act_list);
    if (list == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = list;
    ask->fill = fill_acts;
    return engine_act_list(&ask->call, list);
}

status act_approve(struct ask *ask)
{
    return engine_act_approve(&ask->call, ask->id);
}

status glass_of_person(struct ask *ask)
{
    struct glass_break *request = ask->body;
    request->subject = ask->id;
    return engine_glass_break(&ask->call, request);
}

status glass_of_matter(struct ask *ask)
{
    struct glass_break *request = ask->body;
    request->matter = ask->id;
    return engine_glass_break(&ask->call, request);
}

/* ---- who asks ---- */

static status fill_own(struct ask *ask)
{
    ask->answer = ask->result;
    return OK;
}

status account_show(struct ask *ask)
{
    struct staff_view *view = ARENA_NEW(ask->arena, struct staff_view);
    if (view == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = view;
    ask->fill = fill_own;
    return engine_staff_own(&ask->call, view);
}

/* ---- evidence that lapses ---- */

static status fill_due(struct ask *ask)
{
    ask->answer = ask->result;
    return OK;
}

status evidence_due(struct ask *ask)
{
    struct evidence_due_list *list = ARENA_NEW(ask->arena, struct evidence_due_list);
    if (list == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = list;
    ask->fill = fill_due;
    return engine_evidence_due(&ask->call, ask->days, list);
}

/* ---- the staff ---- */

static status fill_staff(struct ask *ask)
{
    const struct staff_list *list = ask->result;
    struct staff_reply *reply = ARENA_NEW(ask->arena, struct staff_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct staff_reply){.staff = list->at, .staff_count = list->count};
    if (list->more)
        TRY(cursor_write(ask, list->at[list->count - 1].id, &reply->next));
    ask->answer = reply;
    return OK;
}

status staff_list(struct ask *ask)
{
    struct staff_list *list = ARENA_NEW(ask->arena, struct staff_list);
    if (list == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = list;
    ask->fill = fill_staff;
    return engine_staff_list(&ask->call, ask->after, ask->limit, list);
}

status colleague_list(struct ask *ask)
{
    return staff_list(ask);
}

status staff_role_change(struct ask *ask)
{
    struct staff_role *request = ask->body;
    request->staff = ask->id;
    return engine_staff_role(&ask->call, request);
}
