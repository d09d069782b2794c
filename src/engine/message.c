/* The gate of messages: may this be sent, by this channel, now? */
#include "always.h"
#include "engine_internal.h"

/* What the sender says it brings along. Where links of ours can be had, a stop link is one of ours,
 * for this person, message and channel; to say so is not enough. */
static status supplied_with(struct call *call, const struct message *request, struct operation *op)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    word *kept = ARENA_ARRAY(call->arena, word, request->supplied_count + 1);
    const word *said;
    struct stop_link link;
    size_t count = 0;
    if (kept == NULL)
        return NO_MEMORY(call->report);
    TRY(call_words(call, NAME_EVIDENCE, request->supplied, request->supplied_count, &said));
    for (size_t i = 0; i < request->supplied_count; i++) {
        plan_index type = plan_find(plan, plan->evidence_of, said[i]);
        bool is_link = type != NONE && plan->evidence[type].kind == KIND_STOP_LINK;
        if (!is_link || !request->has_links)
            kept[count++] = said[i];
    }
    str text = request->stop_link, part;
    while (text.len > 0 && str_next(&text, '/', &part)) /* the last part of the address */
        continue;
    if (!str_is_empty(request->stop_link)) {
        if (!engine_link_read(call->reg, part, &link) || !ID_EQUAL(link.subject, op->subject) ||
            link.message != op->message || link.channel != op->channel)
            return fail_at(call->report, FAULT_INVALID, "/stop_link",
                           "this is no stop link for this person, message and channel");
        kept[count++] = plan->evidence[KIND_STOP_LINK].clause.name;
    }
    op->supplied = kept;
    op->supplied_count = count;
    return OK;
}

static status message_operation(struct call *call, const struct message *request,
                                struct operation *op)
{
    *op = call_operation(call, ACTION_SEND, request->subject);
    op->asking = request->asking;
    op->party = request->party;
    TRY(call_word(call, NAME_MESSAGE, request->message, &op->message));
    if (op->message == 0)
        return fail_at(call->report, FAULT_INVALID, "/message", "name the message");
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct plan_message *message =
        &plan->message[plan_find(plan, plan->message_of, op->message)];
    if (message->purpose != NONE)
        op->purpose = plan->purpose[message->purpose].clause.name;
    TRY(call_channel(call, request->channel, &op->channel));
    return supplied_with(call, request, op);
}

/* ---- the item that it goes to, or tells of ---- */

static struct operation use_of(const struct operation *send, const record_id *item)
{
    struct operation use = *send;
    use.action = ACTION_USE;
    use.asking = false;
    use.message = use.channel = 0;
    use.party = (dossier_id){{0}};
    use.items = item;
    use.item_count = 1;
    return use;
}

/* Once everything that a purpose held of a person has ended, there is nobody left to write to for
 * it: where an address comes from elsewhere, no ground here lets it be used. Who never gave
 * anything is asked about nothing here, and what the law orders to be said is said. */
static bool all_has_ended(const struct call *call, const struct facts *facts,
                          const struct settled *settled, const struct operation *op)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index purpose = plan_find(plan, plan->purpose_of, op->purpose);
    if (!facts->had_items || purpose == NONE || plan->purpose[purpose].basis == BASIS_LEGAL_DUTY)
        return false;
    for (size_t i = 0; i < settled->count; i++) {
        const struct settled_item *item = &settled->items[i];
        for (size_t g = 0; g < item->ground_count && item->alive && item->item->field != 0; g++) {
            if (item->grounds[g].purpose == purpose && before(call->now, item->grounds[g].end))
                return false;
        }
    }
    return true;
}

/* Mail to it came back for good, and nobody has put it right or cleared it since (bounce.c). */
static bool is_failing(const struct facts *facts, record_id item)
{
    const struct fact_item *address = facts_find_item(facts, item);
    return address != NULL && address->failing;
}

/* May it be sent; and may what it goes to be used for it? An address whose time is over, or that is
 * restricted, gets no mail. */
static status decide_both(struct call *call, struct subject *subject, const struct operation *op,
                          const record_id *item, const struct decision **decision)
{
    const struct decision *used;
    TRY(call_decide(call, subject, op, decision));
    if (all_has_ended(call, subject->dossier->facts, &subject->settled, op))
        return call_refuse_always(call, subject->dossier->facts, ACTION_SEND, ALWAYS_nothing_held);
    if (ID_IS_ZERO(*item))
        return OK;
    if (is_failing(subject->dossier->facts, *item))
        return call_refuse_always(call, subject->dossier->facts, ACTION_SEND,
                                  ALWAYS_working_address);
    struct operation use = use_of(op, item);
    TRY(call_decide(call, subject, &use, &used));
    call->decision = *decision; /* with what it owes */
    return OK;
}

/* ---- sending now, or by the queue ---- */

static status sending_of(struct call *call, const struct operation *op, struct sending *sending)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index message = plan_find(plan, plan->message_of, op->message);
    sending->message = call_text(call, op->message);
    sending->channel = call_text(call, op->channel);
    sending->one_click = message != NONE && message_stoppable(plan, message);
    return engine_link(call->reg, op->subject, sending->message, sending->channel, call->arena,
                       call->report, &sending->link);
}

static status effect_of(struct call *call, const struct operation *op, str *effect)
{
    *effect = arena_format(call->arena, "message:%.*s", STR_ARG(call_text(call, op->message)));
    return effect->ptr == NULL ? NO_MEMORY(call->report) : OK;
}

/* A batch that was cut off is asked for again: who has it waiting gets no second one. */
static bool waits_already(const struct call *call, const struct facts *facts,
                          const struct operation *op, const record_id *item)
{
    for (size_t i = 0; call->batch != NULL && i < facts->tasks.count; i++) {
        const struct fact_task *task = &facts->tasks.at[i];
        if (task->kind == TASK_SEND && task->name == op->message && task->channel == op->channel &&
            task->controller == op->controller && ID_EQUAL(task->other, op->party) &&
            ID_EQUAL(task->item, *item))
            return true;
    }
    return false;
}

static status put_in_queue(struct call *call, struct subject *subject, const struct operation *op,
                           const struct message *request, const struct decision *decision)
{
    const record_id *item = &request->item;
    str effect, details;
    TRY(call_mail_text(call, request, &details));
    const struct permit *permit;
    TRY(effect_of(call, op, &effect));
    TRY(call_write(call, subject->dossier->facts, op, "queue", decision, &effect, 1, &permit));
    call->outcome.http = 202;
    if (waits_already(call, subject->dossier->facts, op, item))
        return OK;
    call->batch = NULL; /* what else this does to the person has entries of its own */
    struct fact_task task = {.kind = TASK_SEND,
                             .name = op->message,
                             .channel = op->channel,
                             .controller = op->controller,
                             .item = *item,
                             .other = op->party,
                             .due = NEVER};
    TRY(call_task_add(call, subject->dossier, permit, &task, details));
    return call_store(call, subject, permit);
}

/* What its content holds obeys the channel: nothing special goes by e-mail. */
static status check_carried(struct call *call, const struct message *request,
                            const struct facts *facts, const struct operation *op)
{
    const word *fields;
    size_t count;
    if (request->carry_count == 0)
        return OK;
    TRY(call_fields(call, request->carries, request->carry_count, &fields, &count));
    return call_secure_channel(call, facts, op, op->channel, fields, count);
}

status engine_message(struct call *call, const struct message *request, struct sending *sending)
{
    *sending = (struct sending){0};
    struct subject subject;
    if (request->queue && request->asking)
        return fail_at(call->report, FAULT_INVALID, "/queue", "what is only asked is not queued");
    if (!request->queue && request->text.len + request->heading.len > 0)
        return fail_at(call->report, FAULT_INVALID, "/text",
                       "a text comes with what Vern queues and sends itself");
    TRY(call_open(call, request->subject, &subject));
    struct operation op;
    const struct decision *decision;
    TRY(message_operation(call, request, &op));
    TRY(decide_both(call, &subject, &op, &request->item, &decision));
    TRY(check_carried(call, request, subject.dossier->facts, &op));
    TRY(call_living(call, subject.dossier->facts, &op));
    call->outcome.id = request->subject;
    TRY(sending_of(call, &op, sending));
    if (request->queue)
        return put_in_queue(call, &subject, &op, request, decision);
    return call_log(call, subject.dossier->facts, &op, request->asking ? "ask_send" : "send",
                    decision);
}

/* ---- what waits ---- */

/* What came with the message when it was queued comes with it still. */
static status still_supplied(struct call *call, struct operation *op)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    word *types = ARENA_ARRAY(call->arena, word, plan->evidence_count + 1);
    if (types == NULL)
        return NO_MEMORY(call->report);
    op->supplied = types;
    for (size_t i = 0; i < plan->evidence_count; i++) {
        enum evidence_kind kind = plan->evidence[i].kind;
        if (kind == KIND_STOP_LINK || kind == KIND_NOTICE || kind == KIND_ACKNOWLEDGEMENT)
            types[op->supplied_count++] = plan->evidence[i].clause.name;
    }
    return OK;
}

static status waiting_operation(struct call *call, dossier_id subject, const struct fact_task *task,
                                struct operation *op)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index message = plan_find(plan, plan->message_of, task->name);
    *op = call_operation(call, ACTION_SEND, subject);
    op->message = task->name;
    op->channel = task->channel;
    op->party = task->other;
    if (task->controller != 0)
        op->controller = task->controller;
    if (message != NONE && plan->message[message].purpose != NONE)
        op->purpose = plan->purpose[plan->message[message].purpose].clause.name;
    return still_supplied(call, op);
}

/* Asked for nobody in particular: who does the sending is asked when it is handed out. */
static status judge_waiting(struct call *call, const struct facts *facts, struct operation *op,
                            struct decision *decision)
{
    struct view view;
    op->staff = 0;
    op->actor = (dossier_id){{0}};
    TRY(call_view(call, facts, op, &view));
    return decide(&view, NULL, op, call->now, call->arena, call->report, decision);
}

static void refuse_by(struct decision *decision, enum always rule)
{
    *decision = (struct decision){.verdict = VERDICT_REFUSE,
                                  .reason = {.rule = str_from(always_rule(rule)->path),
                                             .article = str_from(always_rule(rule)->article)}};
}

static status judge_ended(struct call *call, const struct facts *facts, const struct operation *op,
                          struct decision *decision)
{
    struct view view;
    struct settled settled;
    TRY(call_view(call, facts, NULL, &view));
    TRY(settle(&view, call->now, call->arena, call->report, &settled));
    if (all_has_ended(call, facts, &settled, op))
        refuse_by(decision, ALWAYS_nothing_held);
    return OK;
}

status call_message_waits(struct call *call, const struct facts *facts,
                          const struct fact_task *task, struct operation *op,
                          struct decision *decision)
{
    TRY(waiting_operation(call, facts->id, task, op));
    TRY(judge_waiting(call, facts, op, decision));
    if (decision->verdict == VERDICT_REFUSE)
        return OK;
    TRY(judge_ended(call, facts, op, decision));
    if (is_failing(facts, task->item))
        refuse_by(decision, ALWAYS_working_address);
    if (decision->verdict == VERDICT_REFUSE || ID_IS_ZERO(task->item))
        return OK;
    struct operation use = use_of(op, &task->item);
    return judge_waiting(call, facts, &use, decision);
}

/* The entry of what is dropped says by which rule; the call's own entry stays the one that it
 * answers with. */
static status drop_message(struct call *call, struct subject *subject, record_id task,
                           const struct operation *op, const struct decision *decision)
{
    uint64_t index = call->outcome.log_index;
    TRY(call_log_change(call, subject->dossier->facts, op, "drop", decision));
    call->outcome.log_index = index;
    return call_task_end(call, subject->dossier, task);
}

status call_drop_messages(struct call *call, struct subject *subject, size_t *count)
{
    struct facts *facts = subject->dossier->facts;
    *count = 0;
    for (size_t i = facts->tasks.count; i > 0; i--) {
        const struct fact_task *task = &facts->tasks.at[i - 1];
        record_id id = task->id;
        struct operation op;
        struct decision decision = {0};
        if (letter_is_late(call, task)) {
            TRY(call_task_end(call, subject->dossier, id));
            ++*count;
            continue;
        }
        if (task->kind != TASK_SEND)
            continue;
        TRY(call_message_waits(call, facts, task, &op, &decision));
        if (decision.verdict != VERDICT_REFUSE)
            continue;
        TRY(drop_message(call, subject, id, &op, &decision));
        ++*count;
    }
    return OK;
}

static void take_task(struct facts *facts, record_id task, instant now)
{
    enum { SENDING_MS = 10 * 60 * 1000 };
    for (size_t i = 0; i < facts->tasks.count; i++) {
        if (ID_EQUAL(facts->tasks.at[i].id, task))
            facts->tasks.at[i].due = (instant){now.ms + SENDING_MS};
    }
}

/* Handing out is sending: decided again, and logged. A message that was dropped, done or never
 * queued is not there; one that another poller took is that one's for a while. */
status call_take_message(struct call *call, const struct task_done *request, bool ours,
                         struct sending *sending)
{
    *sending = (struct sending){0};
    struct subject subject;
    TRY(call_open(call, request->dossier, &subject));
    const struct facts *facts = subject.dossier->facts;
    const struct fact_task *task = facts_find_task(facts, request->task);
    if (task == NULL || task->kind != TASK_SEND)
        return call_not_here(call);
    if (!ours && !ID_IS_ZERO(task->details))
        return fail(call->report, FAULT_CONFLICT, "Vern sends this message itself");
    if (task_is_taken(task, call->now))
        return fail(call->report, FAULT_CONFLICT,
                    "another took this message and is sending it; ten minutes after that it may be "
                    "taken again");
    struct operation op;
    const struct decision *decision;
    const struct permit *permit;
    TRY(waiting_operation(call, facts->id, task, &op));
    TRY(decide_both(call, &subject, &op, &task->item, &decision));
    call->outcome.id = request->dossier;
    call->outcome.record = request->task;
    TRY(sending_of(call, &op, sending));
    sending->item = task->item;
    TRY(call_write(call, facts, &op, "send", decision, NULL, 0, &permit));
    take_task(subject.dossier->facts, request->task, call->now);
    return call_store(call, &subject, permit);
}

status engine_message_take(struct call *call, const struct task_done *request,
                           struct sending *sending)
{
    return call_take_message(call, request, false, sending);
}

/* By a person's word: the policy would still allow it. */
status engine_message_drop(struct call *call, const struct task_done *request)
{
    struct subject subject;
    const struct permit *permit;
    TRY(call_whole_register(call));
    TRY(call_open(call, request->dossier, &subject));
    const struct facts *facts = subject.dossier->facts;
    const struct fact_task *task = facts_find_task(facts, request->task);
    bool letter = task != NULL && task->kind == TASK_LETTER; /* a link to sign in is nobody's */
    if (task == NULL || (letter && task->name == 0))
        return call_not_here(call);
    if (!letter && task->kind != TASK_SEND)
        return fail(call->report, FAULT_CONFLICT, "only a message that waits can be dropped");
    if (task_is_taken(task, call->now))
        return fail(call->report, FAULT_CONFLICT, "somebody is sending it just now");
    str effect = arena_format(call->arena, "task:%.*s", STR_ARG(call_text(call, task->name)));
    struct operation op = call_operation(call, ACTION_NONE, facts->id);
    TRY(call_write(call, facts, &op, "drop", decision_by_scope(), &effect, 1, &permit));
    call->outcome.id = request->dossier;
    call->outcome.record = request->task;
    TRY(call_task_end(call, subject.dossier, request->task));
    return call_store(call, &subject, permit);
}
