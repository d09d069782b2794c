/* Tasks: work that waits for the firm's own systems. They ask for what is open, do it, and say so;
 * what is no longer allowed is open no more. */
#include "engine_internal.h"
#include "json.h"

static const char *const KINDS[TASK_KIND_COUNT] = {[TASK_SEND] = "send",
                                                   [TASK_TELL] = "tell",
                                                   [TASK_REVIEW] = "review",
                                                   [TASK_ERRAND] = "errand",
                                                   [TASK_LETTER] = "letter"};

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
    if (task->kind == TASK_LETTER)
        return OK; /* nobody's but ours */
    struct event_of of = {dossier->facts->id, task->id, KINDS[task->kind]};
    return call_event(call, EVENT_task_made, &of);
}

/* Of a message, `due` is the time until which whoever took it is sending it. */
bool task_is_taken(const struct fact_task *task, instant now)
{
    return task->due.ms != NEVER.ms && before(now, task->due);
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
    if (task->kind == TASK_ERRAND)
        return call_knows_errand(call, task);
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
        if (!token_knows(call, task) || (task->kind == TASK_LETTER && task->name == 0))
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
        bool errand = task->kind == TASK_ERRAND;
        bool sends = task->kind == TASK_SEND || task->kind == TASK_LETTER,
             taken = sends && task_is_taken(task, call->now);
        *view = (struct task_view){.dossier = facts->id,
                                   .other = errand ? (dossier_id){{0}} : task->other,
                                   .record = task->id,
                                   .kind = str_from(KINDS[task->kind]),
                                   .name = call_text(call, task->name),
                                   .channel = call_text(call, errand ? 0 : task->channel),
                                   .field = call_text(call, errand ? task->channel : 0),
                                   .reference = task->reference,
                                   .since = task->since,
                                   .due = sends ? NEVER : task->due,
                                   .taken_until = taken ? task->due : NEVER};
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

static status proof_json(struct call *call, const struct fact_task *task, str proof, str *json)
{
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES + 1024);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "task");
    json_put_text(&out, KINDS[task->kind]);
    json_key(&out, "name");
    json_put_str(&out, call_text(call, task->name));
    json_key(&out, "channel");
    json_put_str(&out, call_text(call, task->channel));
    json_key(&out, "since");
    json_put_instant(&out, task->since);
    json_key(&out, "done");
    json_put_instant(&out, call->now);
    json_key(&out, "proof");
    json_put_str(&out, proof);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

status call_keep_proof(struct call *call, const struct permit *permit, dossier_id dossier,
                       const struct fact_task *task, str proof)
{
    struct vault *vault = call->reg->vault;
    str json;
    if (str_is_empty(proof))
        return OK;
    TRY(proof_json(call, task, proof, &json));
    TRY(vault_note_put(vault, permit, dossier, note_done_id(vault_note_id(vault, call->now)), json,
                       call->arena, call->report));
    return call_forget_proofs(call, permit, dossier);
}

status call_put_done(struct call *call, const struct permit *permit, dossier_id subject,
                     struct json_out *out)
{
    enum { PAGE = 100 };
    record_id after = note_done_id((record_id){{0}});
    size_t count = PAGE;
    json_open_array(out);
    while (count == PAGE) {
        CLEANUP(arena_free) struct arena *arena = arena_new((size_t)16 << 20);
        struct note *notes;
        TRY(vault_notes(call->reg->vault, permit, subject, after, PAGE, arena, call->report, &notes,
                        &count));
        for (size_t i = 0; i < count; i++) {
            const struct json *json;
            TRY(json_parse(arena, notes[i].text, call->report, &json));
            json_put_tree(out, json);
            after = notes[i].id;
        }
    }
    json_close_array(out);
    return OK;
}

/* What a recipient is told is proved duty by duty (duty.c), a review by who reviewed (ruling.c). */
static status check_kind(struct call *call, const struct facts *facts, const struct fact_task *task)
{
    if (task->kind == TASK_REVIEW)
        return fail(call->report, FAULT_CONFLICT, "a review is closed by who reviewed");
    if (facts->kind == DOSSIER_PARTY)
        return fail(call->report, FAULT_CONFLICT,
                    "what a recipient is to be told is closed by its duties, each with its proof");
    return OK;
}

static status close_task(struct call *call, struct dossier *dossier,
                         const struct task_done *request, const struct permit **permit)
{
    const struct facts *facts = dossier->facts;
    const struct fact_task *task = facts_find_task(facts, request->task);
    if (task == NULL || !token_knows(call, task) || task->kind == TASK_LETTER)
        return call_not_here(call);
    TRY(check_kind(call, facts, task));
    struct operation op = call_operation(call, ACTION_NONE, facts->id);
    str effect = arena_format(call->arena, "task:%.*s", STR_ARG(call_text(call, task->name)));
    if (effect.ptr == NULL)
        return NO_MEMORY(call->report);
    TRY(call_write(call, facts, &op, "task_done", decision_by_scope(), &effect, 1, permit));
    call->outcome.id = facts->id;
    call->outcome.record = request->task;
    TRY(call_keep_proof(call, *permit, facts->id, task, request->proof));
    TRY(call_breach_told(call, dossier, *permit, task));
    return call_task_end(call, dossier, request->task);
}

/* A task that stands with what is no person, as a case, is nobody's to be shown the proof of. */
static status done_elsewhere(struct call *call, const struct task_done *request,
                             struct dossier *dossier)
{
    const struct permit *permit;
    if (!str_is_empty(request->proof))
        return fail_at(call->report, FAULT_INVALID, "/proof",
                       "only what was done for a person keeps its proof here");
    if (dossier->facts->kind == DOSSIER_ERRAND)
        return call_errand_done(call, request, dossier);
    TRY(close_task(call, dossier, request, &permit));
    return call_store_dossier(call, dossier, permit);
}

status engine_task_done(struct call *call, const struct task_done *request)
{
    struct subject subject;
    enum presence presence;
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_check_texts(call, &request->proof, 1));
    TRY(vault_load(call->reg->vault, request->dossier, call->arena, call->report, &presence,
                   &dossier));
    if (presence == PRESENCE_LIVE && dossier->facts->kind != DOSSIER_SUBJECT)
        return done_elsewhere(call, request, dossier);
    TRY(call_open(call, request->dossier, &subject));
    TRY(close_task(call, subject.dossier, request, &permit));
    return call_store(call, &subject, permit);
}
