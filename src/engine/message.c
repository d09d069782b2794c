/* The gate of messages: may this be sent, by this channel, now? */
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
        return fail(call->report, FAULT_INVALID, "name the message");
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct plan_message *message =
        &plan->message[plan_find(plan, plan->message_of, op->message)];
    if (message->purpose != NONE)
        op->purpose = plan->purpose[message->purpose].clause.name;
    TRY(call_name(call, "channel", request->channel, &op->channel));
    return supplied_with(call, request, op);
}

status engine_message(struct call *call, const struct message *request, struct sending *sending)
{
    *sending = (struct sending){0};
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    struct operation op;
    TRY(message_operation(call, request, &op));
    const struct decision *decision;
    TRY(call_decide(call, &subject, &op, &decision));
    str effect = arena_format(call->arena, "message:%.*s", STR_ARG(request->message));
    if (effect.ptr == NULL)
        return NO_MEMORY(call->report);
    call->outcome.id = request->subject;
    const struct plan *plan = reg_plan(call->reg, call->now);
    sending->one_click = message_stoppable(plan, plan_find(plan, plan->message_of, op.message));
    TRY(engine_link(call->reg, request->subject, request->message, call_text(call, op.channel),
                    call->arena, call->report, &sending->link));
    return call_log(call, subject.dossier->facts, &op, request->asking ? "ask_send" : "send",
                    decision);
}
