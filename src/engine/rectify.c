/* Rectification: the new value takes the place of the old, everywhere; the old one's key goes. */
#include "engine_internal.h"

/* What identifies a person leads to her by the new value only. */
static status reindex(struct call *call, struct subject *subject, const struct permit *permit,
                      const struct fact_item *old, str value)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    if (plan_find(plan, plan->field_of, old->field) == NONE)
        return OK;
    TRY(call_search_forget(call, subject->dossier, old->field));
    TRY(call_forget_value(call, subject->dossier, permit, old));
    return str_is_empty(value) ? OK : call_index_value(call, subject, old->field, value);
}

/* The permit covers the other values of the field too: the old one is compared with them. */
static status cover_field(struct call *call, const struct facts *facts, const struct fact_item *old,
                          const struct decision *decided, const struct decision **covering)
{
    struct decision *wide = ARENA_NEW(call->arena, struct decision);
    struct part *parts = ARENA_ARRAY(call->arena, struct part, decided->count + facts->items.count);
    if (wide == NULL || parts == NULL)
        return NO_MEMORY(call->report);
    *wide = *decided;
    memcpy(parts, decided->parts, decided->count * sizeof(*parts));
    for (size_t i = 0; i < facts->items.count; i++) {
        const struct fact_item *item = &facts->items.at[i];
        if (item->field == old->field && !ID_EQUAL(item->id, old->id))
            parts[wide->count++] =
                (struct part){.item = item->id, .field = item->field, .verdict = VERDICT_ALLOW};
    }
    wide->parts = parts;
    *covering = wide;
    return OK;
}

static status put_new(struct call *call, struct subject *subject, const struct permit *permit,
                      const struct fact_item *old, const struct rectify *request, record_id id)
{
    struct fact_item header = *old;
    const struct whole_file *file = request->file;
    header.id = id;
    header.chunks = 0;
    header.external = call_is_external(call, old->field);
    header.failing = false; /* another address */
    if (header.told_count > 0) {
        header.told = ARENA_ARRAY(call->arena, word, header.told_count);
        if (header.told == NULL)
            return NO_MEMORY(call->report);
        memcpy(header.told, old->told, header.told_count * sizeof(word));
    }
    call->outcome.record = header.id;
    if (file != NULL)
        return vault_upload_end(call->reg->vault, permit, subject->dossier, &header, file->upload,
                                file->media, file->name, call->arena, call->report);
    sealed bytes;
    TRY(vault_seal(call->reg->vault, subject->dossier, &header, request->value, call->arena,
                   call->report, &bytes));
    return vault_put_item(call->reg->vault, permit, subject->dossier, &header, bytes, call->arena,
                          call->report);
}

/* What lies in the firm's own system is put right there: here it gets another reference, or the
 * same; without one it is no more. */
static status with_reference(struct call *call, word field, const struct rectify *given,
                             struct rectify *request)
{
    bool said = !str_is_empty(given->reference);
    *request = *given;
    if (!call_is_external(call, field))
        return said ? call_check_reference(call, field, given->reference, true, "/reference") : OK;
    if (given->file != NULL || !str_is_empty(given->value))
        return call_check_reference(call, field, given->value, false, "/value");
    request->value = given->reference;
    return said ? call_check_reference(call, field, given->reference, true, "/reference") : OK;
}

/* An address that signs the person in is changed by an officer, or with proof of both. */
static status check_address(struct call *call, const struct facts *facts,
                            const struct rectify *request)
{
    struct operation op = call_operation(call, ACTION_RECTIFY, request->subject);
    if (request->proven || (call->caller->scopes & SCOPE_OFFICER) != 0 ||
        !call_signs_in_by(call, facts, request->item))
        return OK;
    return call_beyond_token(call, facts, &op,
                             "an address that the person signs in by is changed by an officer, or "
                             "by the person with proof of both");
}

static bool is_email(const struct call *call, word field)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->field_of, field);
    return index != NONE && plan->field[index].kind == FIELD_EMAIL;
}

/* The old address is told, where somebody signed in by it. */
static status tell_old_address(struct call *call, struct subject *subject,
                               const struct permit *permit, const struct fact_item *old)
{
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    str value, json;
    if (old->external || !call_signs_in_by(call, subject->dossier->facts, old->id))
        return OK;
    TRY(vault_open_item(call->reg->vault, permit, subject->dossier, old, call->arena, call->report,
                        &value));
    json_open_object(&out);
    json_key(&out, "letter");
    json_put_text(&out, "changed");
    json_key(&out, "to");
    json_put_str(&out, value);
    json_close_object(&out);
    TRY(buf_finish(&buf, call->report, &json));
    return call_letter(call, subject->dossier, permit, (record_id){{0}}, json);
}

status engine_rectify(struct call *call, const struct rectify *given)
{
    struct rectify with;
    const struct rectify *request = given;
    struct collect_value texts[] = {{.value = given->value}, {.value = given->reference}};
    TRY(call_check_values(call, texts, LENGTH(texts)));
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    const struct fact_item *there = facts_find_item(subject.dossier->facts, request->item);
    if (there == NULL || there->field == 0)
        return call_not_here(call);
    struct fact_item old = *there;
    TRY(check_address(call, subject.dossier->facts, request));
    TRY(with_reference(call, old.field, given, &with));
    request = &with;
    TRY(call_check_identity(call, old.field, request->value));
    if (!str_is_empty(given->value))
        TRY(call_inherit_by_value(call, &subject, old.field, request->value));
    struct operation op = call_operation(call, ACTION_RECTIFY, request->subject);
    op.by_subject = call_by_subject(call, request->by_subject);
    op.case_ = request->case_;
    op.items = &request->item;
    op.item_count = 1;
    const struct decision *decision;
    TRY(call_decide(call, &subject, &op, &decision));
    str effects[2];
    TRY(call_effect(call, "item", old.id.bytes, &effects[0]));
    effects[1] = arena_format(call->arena, "field:%.*s", STR_ARG(call_text(call, old.field)));
    const struct permit *permit;
    struct services services = {0};
    if (!request->warned)
        TRY(call_services(call, &subject, &services));
    TRY(cover_field(call, subject.dossier->facts, &old, decision, &decision));
    TRY(call_request_act(call, request->case_, RIGHT_RECTIFY, request->subject));
    TRY(call_write(call, subject.dossier->facts, &op, "rectify", decision, effects, 2, &permit));
    bool none = request->file == NULL && str_is_empty(request->value); /* no value is none */
    struct telling telling = {
        .what = "rectification", .items = &old.id, .item_count = 1,
        .gone = none || !call_is_external(call, old.field)};
    TRY(call_tell(call, subject.dossier->facts, permit, &telling));
    TRY(reindex(call, &subject, permit, &old, given->value));
    record_id next = none ? (record_id){{0}} : call_record_id(call);
    if (request->file != NULL)
        next = request->file->id;
    TRY(call_concerns_of_item(call, subject.dossier, old.id, next));
    if (!ID_IS_ZERO(next))
        facts_limits_follow(subject.dossier->facts, old.id, next);
    TRY(tell_old_address(call, &subject, permit, &old));
    TRY(vault_drop_item(call->reg->vault, subject.dossier, old.id, call->arena, call->report));
    call->outcome.id = request->subject;
    if (none) {
        TRY(call_services_warn(call, &subject, &services));
        return call_store_and_purge(call, &subject, permit);
    }
    TRY(put_new(call, &subject, permit, &old, request, next));
    if (is_email(call, old.field))
        TRY(call_address_changed(call, subject.dossier, next));
    TRY(call_suppress(call, subject.dossier->facts, false));
    return call_store(call, &subject, permit);
}
