/* Routes by which people decide about their data. */
#include "api_internal.h"

static status fill_consented(struct ask *ask)
{
    const str *receipt = ask->result;
    struct consented_reply *reply = ARENA_NEW(ask->arena, struct consented_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct consented_reply){.written = written_of(ask), .receipt = *receipt};
    ask->answer = reply;
    return OK;
}

/* Also of a consent that was given before: it is proved from the log. */
status consent_receipt(struct ask *ask)
{
    str *receipt = ARENA_NEW(ask->arena, str);
    if (receipt == NULL)
        return NO_MEMORY(&ask->report);
    *receipt = STR("");
    ask->result = receipt;
    ask->fill = fill_consented;
    return ((const struct consent *)ask->body)->receipt
               ? engine_receipt(&ask->call, "consent", receipt)
               : OK;
}

status consent_give(struct ask *ask)
{
    struct consent *consent = ask->body;
    consent->subject = ask->id;
    TRY(engine_consent(&ask->call, consent));
    return consent_receipt(ask);
}

static status fill_withdrawn(struct ask *ask)
{
    struct withdrawn_reply *reply = ARENA_NEW(ask->arena, struct withdrawn_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct withdrawn_reply){.written = written_of(ask),
                                      .expire = ask->call.expire,
                                      .expire_count = ask->call.expire_count};
    ask->answer = reply;
    return OK;
}

status consent_withdraw(struct ask *ask)
{
    struct withdrawal *withdrawal = ask->body;
    withdrawal->subject = ask->id;
    ask->fill = fill_withdrawn;
    return engine_withdraw(&ask->call, withdrawal);
}

status objection_make(struct ask *ask)
{
    struct objection_make *objection = ask->body;
    objection->subject = ask->id;
    return engine_object(&ask->call, objection);
}

status objection_decide(struct ask *ask)
{
    struct objection_decision *decision = ask->body;
    decision->subject = ask->id;
    decision->objection = ask->record;
    return engine_objection_decide(&ask->call, decision);
}

status switch_turn(struct ask *ask)
{
    struct switch_set *set = ask->body;
    set->subject = ask->id;
    return engine_switch(&ask->call, set);
}

status restriction_make(struct ask *ask)
{
    struct restriction *restriction = ask->body;
    restriction->subject = ask->id;
    return engine_restrict(&ask->call, restriction);
}

status restriction_tell(struct ask *ask)
{
    struct restriction_lift lift = {.subject = ask->id, .restriction = ask->record};
    return engine_restriction_tell(&ask->call, &lift);
}

status restriction_lift(struct ask *ask)
{
    struct restriction_lift lift = {.subject = ask->id, .restriction = ask->record};
    return engine_restriction_lift(&ask->call, &lift);
}

status subject_rectify(struct ask *ask)
{
    struct rectify *rectify = ask->body;
    rectify->subject = ask->id;
    return engine_rectify(&ask->call, rectify);
}

static status fill_again(struct ask *ask)
{
    const struct erase_result *result = ask->result;
    struct erase_reply *reply = ARENA_NEW(ask->arena, struct erase_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct erase_reply){
        .written = written_of(ask), .whole = result->whole, .receipt = result->receipt};
    ask->answer = reply;
    return OK;
}

status erase_again(struct ask *ask)
{
    struct erase_result *result = ARENA_NEW(ask->arena, struct erase_result);
    if (result == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = result;
    ask->fill = fill_again;
    return engine_erase_again(&ask->call, result);
}

static status fill_erased(struct ask *ask)
{
    const struct erase_result *result = ask->result;
    struct erase_reply *reply = ARENA_NEW(ask->arena, struct erase_reply);
    struct erase_reply_item *items =
        ARENA_ARRAY(ask->arena, struct erase_reply_item, result->count + 1);
    if (reply == NULL || items == NULL)
        return NO_MEMORY(&ask->report);
    for (size_t i = 0; i < result->count; i++) {
        const struct erased_item *item = &result->items[i];
        items[i] = (struct erase_reply_item){.id = item->id,
                                             .field = item->field,
                                             .erased = item->erased,
                                             .external = item->external,
                                             .law = item->law,
                                             .until = item->erased ? NEVER : item->until};
        if (!item->erased)
            items[i].kept_by = reason_reply_of(ask, item->reason);
    }
    *reply = (struct erase_reply){.written = written_of(ask),
                                  .whole = result->whole,
                                  .items = items,
                                  .item_count = result->count,
                                  .concerned = result->concerned,
                                  .receipt = result->receipt};
    ask->answer = reply;
    return OK;
}

status subject_erase(struct ask *ask)
{
    struct erase *erase = ask->body;
    struct erase_result *result = ARENA_NEW(ask->arena, struct erase_result);
    if (result == NULL)
        return NO_MEMORY(&ask->report);
    erase->subject = ask->id;
    ask->result = result;
    ask->fill = fill_erased;
    return engine_erase(&ask->call, erase, result);
}

static status record_as(struct ask *ask, str type)
{
    struct evidence_record *evidence = ask->body;
    if (str_is_empty(evidence->type))
        evidence->type = type;
    return engine_evidence(&ask->call, evidence);
}

status subject_hold(struct ask *ask)
{
    struct evidence_record *evidence = ask->body;
    evidence->subject = ask->id;
    return record_as(ask, STR("claim"));
}

/* ---- evidence of other kinds ---- */

status evidence_record(struct ask *ask)
{
    return engine_evidence(&ask->call, ask->body);
}

status agreement_record(struct ask *ask)
{
    return record_as(ask, STR("agreement"));
}

status notice_record(struct ask *ask)
{
    return record_as(ask, STR("notice"));
}

status evidence_end(struct ask *ask)
{
    struct evidence_end *end = ask->body;
    end->dossier = ask->id;
    end->record = ask->record;
    return engine_evidence_end(&ask->call, end);
}
