/* Bounces: what was sent and came back. A notice that did not arrive told nobody, so its proof
 * falls as if it had never been; an address from which mail comes back for good is failing: nothing
 * more is sent there (message.c) until it is put right, which makes another item of it, or an
 * officer clears it. Both are told by an alarm. */
#include "engine_internal.h"

/* A mail of ours is called TASK.PERSON.ITEM (letters.c): so whoever has its Message-ID, and a token
 * that may know of the person, need ask for nothing else. */
static status read_message(struct call *call, const struct bounce *request, struct bounce *read,
                           record_id *mailed)
{
    str text = str_trim(request->message), part;
    unsigned char ids[3][ID_BYTES];
    size_t count = 0;
    *read = *request;
    if (str_is_empty(text))
        return OK;
    if (str_starts(text, STR("<")))
        text = str_slice(text, 1, text.len);
    const char *at = memchr(text.ptr, '@', text.len);
    text.len = at == NULL ? text.len : (size_t)(at - text.ptr);
    while (count < LENGTH(ids) && str_next(&text, '.', &part) && id_parse(part, ids[count]))
        count++;
    if (count != LENGTH(ids) || text.len > 0 || !ID_IS_ZERO(request->subject) ||
        !ID_IS_ZERO(request->item))
        return fail_at(call->report, FAULT_INVALID, "/message",
                       "this is no Message-ID of a mail to a person; for mail of your own name "
                       "the subject and the item");
    memcpy(mailed->bytes, ids[0], ID_BYTES);
    memcpy(read->subject.bytes, ids[1], ID_BYTES);
    memcpy(read->item.bytes, ids[2], ID_BYTES);
    return OK;
}

/* Of a notice that we mailed ourselves the record bears the id of its mail. */
static status find_notice(struct call *call, record_id mailed, struct bounce *read)
{
    enum presence presence;
    struct dossier *dossier;
    if (ID_IS_ZERO(mailed) || !ID_IS_ZERO(read->notice))
        return OK;
    TRY(vault_load(call->reg->vault, read->subject, call->arena, call->report, &presence,
                   &dossier));
    if (presence == PRESENCE_LIVE && dossier->facts->kind == DOSSIER_SUBJECT &&
        facts_find_evidence(dossier->facts, mailed) != NULL)
        read->notice = mailed;
    return OK;
}

/* The address, where the token may know of it. */
static status find_address(struct call *call, const struct subject *subject, record_id id,
                           struct fact_item **address)
{
    *address = NULL;
    for (size_t i = 0; i < subject->settled.count && !ID_IS_ZERO(id); i++) {
        const struct settled_item *settled = &subject->settled.items[i];
        if (ID_EQUAL(settled->item->id, id) && call_reaches(call, settled))
            *address = facts_find_item(subject->dossier->facts, id);
    }
    return *address != NULL || ID_IS_ZERO(id) ? OK : call_not_here(call);
}

/* The notice that went by this mail. Its proof falls for all that it was for, so this is not for
 * who knows of some purposes alone. */
static status notice_falls(struct call *call, struct subject *subject, const struct operation *op,
                           record_id id)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct fact_evidence *notice = facts_find_evidence(subject->dossier->facts, id);
    TRY(call_whole_person(call, subject->dossier->facts, op));
    if (notice == NULL)
        return call_not_here(call);
    plan_index type = plan_find(plan, plan->evidence_of, notice->type);
    if (type == NONE || plan->evidence[type].kind != KIND_NOTICE)
        return fail_at(call->report, FAULT_INVALID, "/notice", "this record is no notice");
    return call_end_evidence(call, subject->dossier, id, notice->since);
}

static struct alarm_cause cause_of(dossier_id subject)
{
    struct alarm_cause cause = {.kind = ALARM_UNDELIVERED};
    alarm_about(&cause, SLOT_SUBJECT, subject);
    return cause;
}

static status bounce_effects(struct call *call, const struct bounce *request, str effects[3],
                             size_t *count)
{
    *count = 0;
    effects[(*count)++] = str_from(request->permanent ? "permanent" : "passing");
    if (!ID_IS_ZERO(request->item))
        TRY(call_effect(call, "item", request->item.bytes, &effects[(*count)++]));
    if (!ID_IS_ZERO(request->notice))
        TRY(call_effect(call, "notice", request->notice.bytes, &effects[(*count)++]));
    return OK;
}

status call_bounced(struct call *call, const struct bounce *request)
{
    struct subject subject;
    struct fact_item *address;
    const struct permit *permit;
    str effects[3];
    size_t count;
    TRY(call_open(call, request->subject, &subject));
    TRY(find_address(call, &subject, request->item, &address));
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    if (!ID_IS_ZERO(request->notice))
        TRY(notice_falls(call, &subject, &op, request->notice));
    TRY(bounce_effects(call, request, effects, &count));
    TRY(call_write(call, subject.dossier->facts, &op, "bounce", decision_by_scope(), effects, count,
                   &permit));
    call->outcome.id = request->subject;
    call->outcome.record = request->item;
    if (address != NULL)
        address->failing |= request->permanent;
    struct alarm_cause cause = cause_of(request->subject);
    if (request->permanent || !ID_IS_ZERO(request->notice))
        TRY(call_alarm(call, &cause));
    TRY(call_notice_overdue(call, subject.dossier->facts));
    return call_store(call, &subject, permit);
}

status engine_bounce(struct call *call, const struct bounce *request)
{
    struct bounce read;
    record_id mailed = {{0}};
    TRY(read_message(call, request, &read, &mailed));
    TRY(find_notice(call, mailed, &read));
    if (ID_IS_ZERO(read.subject) || (ID_IS_ZERO(read.item) && ID_IS_ZERO(read.notice)))
        return fail_at(call->report, FAULT_INVALID, "/message",
                       "name the mail by its Message-ID, or the subject with the item that is "
                       "the address, the notice that it was, or both");
    return call_bounced(call, &read);
}

status engine_bounce_clear(struct call *call, const struct bounce_clear *request)
{
    struct subject subject;
    struct fact_item *address;
    const struct permit *permit;
    str effect;
    TRY(call_open(call, request->subject, &subject));
    TRY(find_address(call, &subject, request->item, &address));
    if (address == NULL)
        return call_not_here(call);
    if (!address->failing)
        return fail(call->report, FAULT_CONFLICT, "nothing came back from this address");
    TRY(call_effect(call, "item", request->item.bytes, &effect));
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    TRY(call_write(call, subject.dossier->facts, &op, "bounce_clear", decision_by_scope(), &effect,
                   1, &permit));
    address->failing = false;
    call->outcome.id = request->subject;
    call->outcome.record = request->item;
    struct alarm_cause cause = cause_of(request->subject);
    TRY(call_alarm_over(call, &cause));
    return call_store(call, &subject, permit);
}
