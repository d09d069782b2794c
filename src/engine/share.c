/* Sharing with a recipient. What was given, to whom, stays beside the person's facts, so that
 * erasure, correction and withdrawal can be passed on. */
#include "engine_internal.h"

enum { CHAIN_MOST = 8 };

struct sharing {
    struct dossier *dossier;
    struct permit_wait wait;
    const struct decision *decision;
    struct shared *shared;
};

static status share_operation(struct call *call, const struct share *request, struct operation *op)
{
    *op = call_operation(call, ACTION_SHARE, request->subject);
    op->party = request->party;
    op->matter = request->matter;
    op->case_ = request->case_;
    TRY(call_purpose(call, request->purpose, &op->purpose));
    TRY(call_word(call, NAME_RECIPIENT, request->recipient, &op->recipient));
    if (op->purpose == 0 || op->recipient == 0)
        return fail_at(call->report, FAULT_INVALID, "/purpose",
                       "a share names its purpose and its recipient");
    TRY(call_controller(call, request->controller, op));
    TRY(call_fields(call, request->fields, request->field_count, &op->fields, &op->field_count));
    op->items = request->items;
    op->item_count = request->item_count;
    TRY(call_words(call, NAME_EVIDENCE, request->supplied, request->supplied_count, &op->supplied));
    op->supplied_count = request->supplied_count;
    const struct facts *party;
    TRY(reg_facts(call->reg, request->party, call->report, &party));
    if (!ID_IS_ZERO(request->party) && (party == NULL || party->name != op->recipient))
        return fail_at(call->report, FAULT_INVALID, "/party", "no party of this kind has that id");
    op->party_name = call_text(call, party_name(call, party));
    op->zone = party_zone(call, party);
    op->place = party_place(call, party);
    return OK;
}

/* Whom a processor engages is reached only through it: each link of the chain must be one that the
 * policy would let have the same, with an agreement that lives and a place that is safe. */
static status chain_holds(struct call *call, struct subject *subject, const struct operation *op)
{
    const struct facts *party;
    const struct decision *decision;
    struct operation link = *op;
    TRY(call_party(call, op->party, &party));
    for (unsigned depth = 0; !ID_IS_ZERO(party_under(call, party)); depth++) {
        dossier_id above = party_under(call, party);
        TRY(call_party(call, above, &party));
        if (party == NULL || depth == CHAIN_MOST)
            return fail(call->report, FAULT_STORE, "a party's chain does not end");
        link.party = above;
        link.recipient = party->name;
        link.party_name = call_text(call, party_name(call, party));
        link.zone = party_zone(call, party);
        link.place = party_place(call, party);
        TRY(call_decide(call, subject, &link, &decision));
    }
    return OK;
}

/* Of what may go, nothing special goes by e-mail. */
static status check_channel(struct call *call, const struct share *request,
                            const struct facts *facts, const struct operation *op,
                            const struct decision *decision)
{
    word channel;
    word *fields = ARENA_ARRAY(call->arena, word, decision->count + 1);
    size_t count = 0;
    if (fields == NULL)
        return NO_MEMORY(call->report);
    TRY(call_channel(call, request->channel, &channel));
    for (size_t i = 0; i < decision->count; i++) {
        if (decision->parts[i].verdict != VERDICT_REFUSE)
            fields[count++] = decision->parts[i].field;
    }
    return call_secure_channel(call, facts, op, channel, fields, count);
}

static status share_finish(struct call *call)
{
    struct sharing *sharing = call->state;
    return call_open_parts(call, sharing->dossier, &sharing->wait, sharing->decision,
                           &sharing->shared->read);
}

status engine_share(struct call *call, const struct share *request, struct shared *shared)
{
    *shared = (struct shared){0};
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    struct operation op;
    TRY(share_operation(call, request, &op));
    struct sharing *sharing = ARENA_NEW(call->arena, struct sharing);
    if (sharing == NULL)
        return NO_MEMORY(call->report);
    sharing->dossier = subject.dossier;
    sharing->shared = shared;
    TRY(call_take_case(call, subject.dossier->facts, &op));
    TRY(call_decide(call, &subject, &op, &sharing->decision));
    TRY(chain_holds(call, &subject, &op));
    const struct facts *facts = subject.dossier->facts;
    TRY(check_channel(call, request, facts, &op, sharing->decision));
    const struct permit *permit;
    struct disclosed disclosed;
    TRY(call_write(call, facts, &op, "disclose", sharing->decision, NULL, 0, &permit));
    TRY(call_disclose(call, facts, &op, sharing->decision, permit, &disclosed));
    shared->record = disclosed.record;
    shared->reference = disclosed.reference;
    TRY(call_ask(call, facts, &op, "share", sharing->decision, &sharing->wait));
    call->outcome.http = 200;
    call->state = sharing;
    call->finish = share_finish;
    return OK;
}
