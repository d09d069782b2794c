/* Erasure that the person asks for: what may go goes at once; what the law keeps is named, with the
 * rule and the date, and serves that law alone from then on. */
#include "engine_internal.h"
#include "json.h"

struct erasing {
    struct erase_result *result;
    audit_id handle; /* the reference; read before the ring goes */
    uint64_t index;  /* of the entry that the receipt proves */
    bool whole;
};

static status erase_operation(struct call *call, const struct erase *request,
                              struct operation *op)
{
    *op = call_operation(call, ACTION_ERASE, request->subject);
    op->by_subject = true;
    op->case_ = request->case_;
    return call_fields(call, request->fields, request->field_count, &op->fields,
                       &op->field_count);
}

static const struct settled_item *settled_of(const struct subject *subject, record_id id)
{
    for (size_t i = 0; i < subject->settled.count; i++) {
        if (ID_EQUAL(subject->settled.items[i].item->id, id))
            return &subject->settled.items[i];
    }
    return NULL;
}

/* What a law keeps: the statute, and how long it does at the least. */
static void name_law(struct call *call, const struct settled_item *settled,
                     struct erased_item *item)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; settled != NULL && i < settled->ground_count; i++) {
        const struct ground *ground = &settled->grounds[i];
        const struct plan_purpose *purpose = &plan->purpose[ground->purpose];
        if (purpose->basis != BASIS_LEGAL_DUTY || !str_equal(ground->rule, item->reason->rule))
            continue;
        item->law = purpose->law;
        item->until = ground->end.ms == NEVER.ms ? ground->least : ground->end;
        return;
    }
}

static status list_items(struct call *call, const struct subject *subject,
                         const struct decision *decision, struct erase_result *result)
{
    result->items = ARENA_ARRAY(call->arena, struct erased_item, decision->count + 1);
    if (result->items == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        const struct settled_item *settled = settled_of(subject, part->item);
        result->items[result->count++] =
            (struct erased_item){.id = part->item,
                                 .field = call_text(call, part->field),
                                 .erased = part->verdict != VERDICT_REFUSE,
                                 .reason = &part->reason,
                                 .until = settled == NULL ? NEVER : settled->end};
        if (part->verdict == VERDICT_REFUSE)
            name_law(call, settled, &result->items[i]);
    }
    return OK;
}

/* What stays serves only the legal duties that keep it. */
static status cut_told(struct call *call, struct subject *subject, record_id id)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct settled_item *settled = settled_of(subject, id);
    if (settled == NULL)
        return OK;
    word *names = ARENA_ARRAY(call->arena, word, settled->ground_count + 1);
    if (names == NULL)
        return NO_MEMORY(call->report);
    uint16_t count = 0;
    for (size_t i = 0; i < settled->ground_count; i++) {
        const struct plan_purpose *purpose = &plan->purpose[settled->grounds[i].purpose];
        if (purpose->basis == BASIS_LEGAL_DUTY && before(call->now, settled->grounds[i].end))
            names[count++] = purpose->clause.name;
    }
    struct edit edit = {.kind = EDIT_CUT_TOLD, .id = id, .names = names, .name_count = count};
    return vault_edit(call->reg->vault, subject->dossier, &edit, call->arena, call->report);
}

static status erase_parts(struct call *call, struct subject *subject,
                          const struct decision *decision, bool everything,
                          const struct permit **permit)
{
    record_id *ids = ARENA_ARRAY(call->arena, record_id, decision->count + 1);
    if (ids == NULL)
        return NO_MEMORY(call->report);
    size_t count = 0;
    for (size_t i = 0; i < decision->count; i++) {
        if (decision->parts[i].verdict != VERDICT_REFUSE)
            ids[count++] = decision->parts[i].item;
        else if (everything)
            TRY(cut_told(call, subject, decision->parts[i].item));
    }
    call->outcome.count = count;
    if (count > 0)
        TRY(call_erase_items(call, subject->dossier, ids, count, permit));
    if (!everything)
        return OK;
    struct edit asked = {.kind = EDIT_ERASE_ASKED, .at = call->now};
    return vault_edit(call->reg->vault, subject->dossier, &asked, call->arena, call->report);
}

static bool all_allowed(const struct decision *decision)
{
    for (size_t i = 0; i < decision->count; i++) {
        if (decision->parts[i].verdict == VERDICT_REFUSE)
            return false;
    }
    return true;
}

static bool held(const struct subject *subject)
{
    for (size_t i = 0; i < subject->settled.count; i++) {
        if (subject->settled.items[i].held)
            return true;
    }
    return false;
}

/* ---- the receipt: built from the log, once the entry is durable ---- */

static void put_proof(struct json_out *out, const struct merkle_proof *proof)
{
    json_open_array(out);
    for (size_t i = 0; i < proof->count; i++) {
        char text[64];
        struct buf buf = buf_over(text, sizeof(text));
        buf_base64(&buf, (str){(const char *)proof->at[i].bytes, MERKLE_HASH_BYTES});
        json_put_str(out, buf_str(&buf));
    }
    json_close_array(out);
}

status call_receipt(struct call *call, uint64_t index, audit_id handle, const char *what,
                    str *receipt)
{
    struct reg *reg = call->reg;
    if (audit_mark_of(reg->log).size <= index)
        TRY(reg_checkpoint(reg, call->report));
    uint64_t size = audit_mark_of(reg->log).size;
    str entry;
    TRY(audit_read(reg->log, index, call->arena, call->report, &entry));
    struct merkle_proof proof;
    TRY(audit_prove(reg->log, index, size, call->report, &proof));
    struct buf buf = buf_in(call->arena, 64 << 10);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "receipt");
    json_put_text(&out, what);
    json_key(&out, "reference");
    json_put_id(&out, handle.bytes);
    json_key(&out, "index");
    json_put_u64(&out, index);
    json_key(&out, "size");
    json_put_u64(&out, size);
    json_key(&out, "entry");
    json_put_str(&out, entry);
    json_key(&out, "proof");
    put_proof(&out, &proof);
    json_key(&out, "checkpoint");
    json_put_str(&out, audit_note(reg->log));
    json_key(&out, "key");
    json_put_str(&out, reg_verifier(reg));
    json_close_object(&out);
    return buf_finish(&buf, call->report, receipt);
}

/* The erasure is durable and stands whatever becomes of its receipt: where the proof cannot be made
 * now (the checkpoint finds no room), the answer comes without one. */
static status erase_finish(struct call *call)
{
    struct erasing *erasing = call->state;
    struct report *kept = call->report;
    struct report quiet = {0};
    call->report = &quiet;
    status made = call_receipt(call, erasing->index, erasing->handle,
                               erasing->whole ? "erased" : "erased_in_part",
                               &erasing->result->receipt);
    call->report = kept;
    if (!is_ok(made))
        erasing->result->receipt = STR("");
    return OK;
}

static status start_receipt(struct call *call, struct erase_result *result, bool whole)
{
    struct erasing *erasing = ARENA_NEW(call->arena, struct erasing);
    if (erasing == NULL)
        return NO_MEMORY(call->report);
    erasing->result = result;
    erasing->whole = whole;
    erasing->index = call->outcome.log_index;
    call->state = erasing;
    call->finish = erase_finish;
    return OK;
}

status engine_erase(struct call *call, const struct erase *request, struct erase_result *result)
{
    *result = (struct erase_result){0};
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    struct operation op;
    TRY(erase_operation(call, request, &op));
    bool everything = request->field_count == 0;
    TRY(call_check_warning(call, &subject, op.fields, op.field_count, request->warned));
    audit_id handle;
    TRY(vault_handle(call->reg->vault, request->subject, call->report, handle.bytes));
    const struct decision *decision;
    TRY(call_judge(call, &subject, &op, &decision));
    if (decision->verdict == VERDICT_REFUSE) {
        if (subject.dossier->facts->items.count > 0)
            return call_refuse(call, subject.dossier->facts, &op, decision);
        decision = decision_by_scope(); /* nothing is held that a rule could keep */
    }
    TRY(list_items(call, &subject, decision, result));
    call->outcome.id = request->subject;
    result->whole = everything && all_allowed(decision) && !held(&subject);
    if (result->whole) {
        call->outcome.count = decision->count;
        TRY(call_erase_whole(call, subject.dossier));
    } else {
        const struct permit *permit = NULL;
        TRY(erase_parts(call, &subject, decision, everything, &permit));
        TRY(call_write(call, subject.dossier->facts, &op, "erase_part", decision, NULL, 0,
                       &permit));
        TRY(call_store_and_purge(call, &subject, permit));
    }
    TRY(start_receipt(call, result, result->whole));
    ((struct erasing *)call->state)->handle = handle;
    return OK;
}
