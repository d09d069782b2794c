/* Sharing with a recipient. What was given, to whom, stays in the person's dossier, so that
 * erasure, correction and withdrawal can be passed on. */
#include "engine_internal.h"
#include "json.h"

struct sharing {
    struct dossier *dossier;
    struct permit_wait wait;
    const struct decision *decision;
    struct read_result *result;
};

static status share_operation(struct call *call, const struct share *request,
                              struct operation *op)
{
    *op = call_operation(call, ACTION_SHARE, request->subject);
    op->party = request->party;
    op->matter = request->matter;
    op->case_ = request->case_;
    TRY(call_purpose(call, request->purpose, &op->purpose));
    TRY(call_word(call, NAME_RECIPIENT, request->recipient, &op->recipient));
    if (op->purpose == 0 || op->recipient == 0)
        return fail(call->report, FAULT_INVALID, "a share names its purpose and its recipient");
    TRY(call_controller(call, request->controller, op));
    TRY(call_fields(call, request->fields, request->field_count, &op->fields, &op->field_count));
    op->items = request->items;
    op->item_count = request->item_count;
    TRY(call_words(call, NAME_EVIDENCE, request->supplied, request->supplied_count,
                   &op->supplied));
    op->supplied_count = request->supplied_count;
    const struct facts *party;
    TRY(reg_facts(call->reg, request->party, call->report, &party));
    if (!ID_IS_ZERO(request->party) && (party == NULL || party->name != op->recipient))
        return fail(call->report, FAULT_INVALID, "no party of this kind has that id");
    op->zone = party_zone(call, party);
    op->place = party_place(call, party);
    return OK;
}

/* What went to whom: evidence of the built-in kind record, bound to subject, recipient, purpose. */
static status record_disclosure(struct call *call, struct subject *subject,
                                const struct operation *op, const struct decision *decision,
                                const struct permit *permit)
{
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "type");
    json_put_text(&out, "disclosure");
    json_key(&out, "recipient");
    json_put_str(&out, call_text(call, op->recipient));
    json_key(&out, "fields");
    json_open_array(&out);
    for (size_t i = 0; i < decision->count; i++) {
        if (decision->parts[i].verdict != VERDICT_REFUSE)
            json_put_str(&out, call_text(call, decision->parts[i].field));
    }
    json_close_array(&out);
    json_close_object(&out);
    str json;
    TRY(buf_finish(&buf, call->report, &json));
    struct binding bound[3] = {{SLOT_SUBJECT, 0, op->subject},
                               {SLOT_PURPOSE, op->purpose, {{0}}},
                               {SLOT_RECIPIENT, 0, op->party}};
    uint16_t count = ID_IS_ZERO(op->party) ? 2 : 3;
    return call_add_evidence(call, subject->dossier, permit,
                             words_intern(call->reg->words, STR("disclosure")), bound, count,
                             call->now, NEVER, json);
}

static status share_finish(struct call *call)
{
    struct sharing *sharing = call->state;
    return call_open_parts(call, sharing->dossier, &sharing->wait, sharing->decision,
                           sharing->result);
}

status engine_share(struct call *call, const struct share *request, struct read_result *result)
{
    *result = (struct read_result){0};
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    struct operation op;
    TRY(share_operation(call, request, &op));
    struct sharing *sharing = ARENA_NEW(call->arena, struct sharing);
    if (sharing == NULL)
        return NO_MEMORY(call->report);
    sharing->dossier = subject.dossier;
    sharing->result = result;
    TRY(call_decide(call, &subject, &op, &sharing->decision));
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "disclose", sharing->decision, NULL, 0,
                   &permit));
    TRY(record_disclosure(call, &subject, &op, sharing->decision, permit));
    TRY(call_store(call, &subject, permit));
    TRY(call_ask(call, subject.dossier->facts, &op, "share", sharing->decision, &sharing->wait));
    call->outcome.http = 200;
    call->state = sharing;
    call->finish = share_finish;
    return OK;
}
