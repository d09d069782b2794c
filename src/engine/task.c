/* Tasks: work that waits for the firm's own systems. They ask for what is open, do it, and say so;
 * what is no longer allowed is open no more. */
#include "engine_internal.h"

static const char *const KINDS[TASK_KIND_COUNT] = {[TASK_SEND] = "send", [TASK_TELL] = "tell",
                                                  [TASK_REVIEW] = "review"};

status call_task_add(struct call *call, struct dossier *dossier, const struct permit *permit,
                     struct fact_task *task, str details)
{
    assert(task->kind != TASK_NONE);
    task->id = call_record_id(call);
    task->since = call->now;
    task->details = (record_id){{0}};
    if (!str_is_empty(details))
        TRY(call_record(call, dossier, permit, details, &task->details));
    struct fact_task *added = LIST_ADD(call->arena, &dossier->facts->tasks);
    if (added == NULL)
        return NO_MEMORY(call->report);
    *added = *task;
    call->outcome.record = task->id;
    call->outcome.id = dossier->facts->id;
    return OK;
}

const struct fact_task *facts_find_task(const struct facts *facts, record_id id)
{
    for (size_t i = 0; i < facts->tasks.count; i++) {
        if (ID_EQUAL(facts->tasks.at[i].id, id))
            return &facts->tasks.at[i];
    }
    return NULL;
}

status call_task_end(struct call *call, struct dossier *dossier, record_id task)
{
    const struct fact_task *there = facts_find_task(dossier->facts, task);
    if (there == NULL)
        return OK;
    record_id details = there->details;
    struct edit edit = {.kind = EDIT_END_TASK, .id = task};
    TRY(vault_edit(call->reg->vault, dossier, &edit, call->arena, call->report));
    if (ID_IS_ZERO(details))
        return OK;
    return vault_drop_item(call->reg->vault, dossier, details, call->arena, call->report);
}

/* ---- the list ---- */

/* A token that is bound to purposes sees the messages of these. */
static bool token_knows(const struct call *call, const struct fact_task *task)
{
    const struct caller *caller = call->caller;
    if (caller->purpose_count == 0)
        return true;
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index message = plan_find(plan, plan->message_of, task->name);
    if (task->kind != TASK_SEND || message == NONE || plan->message[message].purpose == NONE)
        return false;
    word purpose = plan->purpose[plan->message[message].purpose].clause.name;
    for (size_t i = 0; i < caller->purpose_count; i++) {
        if (caller->purposes[i] == purpose)
            return true;
    }
    return false;
}

struct found_tasks {
    LIST(struct task_view) at;
};

static status add_tasks(struct call *call, const struct facts *facts, struct found_tasks *found)
{
    for (size_t i = 0; i < facts->tasks.count; i++) {
        const struct fact_task *task = &facts->tasks.at[i];
        if (!token_knows(call, task))
            continue;
        struct operation op;
        struct decision decision = {.verdict = VERDICT_ALLOW};
        if (task->kind == TASK_SEND)
            TRY(call_message_waits(call, facts, task, &op, &decision));
        if (decision.verdict == VERDICT_REFUSE)
            continue; /* the sweep drops it */
        struct task_view *view = LIST_ADD(call->arena, &found->at);
        if (view == NULL)
            return NO_MEMORY(call->report);
        *view = (struct task_view){.dossier = facts->id,
                                   .other = task->other,
                                   .record = task->id,
                                   .kind = str_from(KINDS[task->kind]),
                                   .name = call_text(call, task->name),
                                   .channel = call_text(call, task->channel),
                                   .since = task->since,
                                   .due = task->due};
    }
    return OK;
}

static status tasks_of(struct call *call, dossier_id id, struct found_tasks *found)
{
    enum presence presence;
    struct dossier *dossier;
    TRY(vault_load(call->reg->vault, id, call->arena, call->report, &presence, &dossier));
    return presence == PRESENCE_LIVE ? add_tasks(call, dossier->facts, found) : OK;
}

status engine_task_list(struct call *call, dossier_id after, size_t limit, struct task_list *list)
{
    *list = (struct task_list){0};
    blind tag;
    keys_tag(vault_keys(call->reg->vault), STR("task"), STR("open"), &tag);
    dossier_id *ids;
    size_t count;
    TRY(vault_live(call->reg->vault, tag, after, limit, call->arena, call->report, &ids, &count));
    struct found_tasks found = {0};
    for (size_t i = 0; i < count; i++)
        TRY(tasks_of(call, ids[i], &found));
    list->at = found.at.at;
    list->count = found.at.count;
    list->more = count == limit;
    if (count > 0)
        list->last = ids[count - 1];
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log(call, NULL, &op, "tasks", decision_by_scope());
}

/* ---- done ---- */

/* A task that stands with what is no person: a case, a party. */
static status done_elsewhere(struct call *call, const struct task_done *request,
                             struct dossier *dossier)
{
    const struct fact_task *task = facts_find_task(dossier->facts, request->task);
    if (task == NULL || !token_knows(call, task))
        return call_not_here(call);
    struct operation op = call_operation(call, ACTION_NONE, request->dossier);
    str effect = arena_format(call->arena, "task:%.*s", STR_ARG(call_text(call, task->name)));
    if (effect.ptr == NULL)
        return NO_MEMORY(call->report);
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &op, "task_done", decision_by_scope(), &effect, 1,
                   &permit));
    call->outcome.id = request->dossier;
    call->outcome.record = request->task;
    TRY(call_task_end(call, dossier, request->task));
    return call_store_dossier(call, dossier, permit);
}

status engine_task_done(struct call *call, const struct task_done *request)
{
    struct subject subject;
    enum presence presence;
    struct dossier *dossier;
    TRY(vault_load(call->reg->vault, request->dossier, call->arena, call->report, &presence,
                   &dossier));
    if (presence == PRESENCE_LIVE && dossier->facts->kind != DOSSIER_SUBJECT)
        return done_elsewhere(call, request, dossier);
    TRY(call_open(call, request->dossier, &subject));
    const struct facts *facts = subject.dossier->facts;
    const struct fact_task *task = facts_find_task(facts, request->task);
    if (task == NULL || !token_knows(call, task))
        return call_not_here(call);
    if (task->kind == TASK_REVIEW)
        return fail(call->report, FAULT_CONFLICT, "a review is closed by who reviewed");
    struct operation op = call_operation(call, ACTION_NONE, facts->id);
    str effect = arena_format(call->arena, "task:%.*s", STR_ARG(call_text(call, task->name)));
    if (effect.ptr == NULL)
        return NO_MEMORY(call->report);
    const struct permit *permit;
    TRY(call_write(call, facts, &op, "task_done", decision_by_scope(), &effect, 1, &permit));
    call->outcome.id = facts->id;
    call->outcome.record = request->task;
    TRY(call_task_end(call, subject.dossier, request->task));
    return call_store(call, &subject, permit);
}
