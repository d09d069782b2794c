/* Matters: what an item, event or agreement belongs to, known by the firm's own number.
 */
#include "engine_internal.h"

static status number_hash(struct call *call, word kind, str number, blind *hash)
{
    struct buf buf = buf_in(call->arena, 512);
    buf_text(&buf, "matter:");
    buf_add(&buf, call_text(call, kind));
    str name;
    TRY(buf_finish(&buf, call->report, &name));
    blind normal;
    struct report odd = {0};
    status made = keys_blind(vault_keys(call->reg->vault), STR("number"), number, &odd, &normal);
    if (!is_ok(made))
        return fail_about(call->report, made.fault, number, "%s", odd.text);
    keys_tag(vault_keys(call->reg->vault), name, (str){(const char *)normal.bytes, BLIND_BYTES},
             hash);
    return OK;
}

/* A dossier of a kind, known by a number when it has one; the same number again is a CONFLICT. */
status call_create_numbered(struct call *call, enum dossier_kind kind, word name, str number,
                            const char *action, struct dossier **dossier,
                            const struct permit **permit)
{
    TRY(vault_new(call->reg->vault, kind, name, call->now, call->arena, call->report, dossier));
    if (!str_is_empty(number)) {
        TRY(call_check_texts(call, &number, 1));
        blind hash;
        dossier_id *ids;
        size_t count;
        TRY(number_hash(call, name, number, &hash));
        TRY(keys_blind_find(vault_keys(call->reg->vault), hash, call->arena, call->report, &ids,
                            &count));
        if (count > 0)
            return fail(call->report, FAULT_CONFLICT, "this number is taken by another %.*s",
                        STR_ARG(call_text(call, name)));
        TRY(vault_identify(call->reg->vault, *dossier, name, hash, call->arena, call->report));
    }
    struct operation op = call_operation(call, ACTION_RECORD, (*dossier)->facts->id);
    TRY(call_write(call, (*dossier)->facts, &op, action, decision_by_scope(), NULL, 0, permit));
    call->outcome.id = (*dossier)->facts->id;
    call->outcome.http = 201;
    return OK;
}

status engine_matter_create(struct call *call, const struct matter_create *request)
{
    word kind;
    TRY(call_word(call, NAME_MATTER, request->kind, &kind));
    if (kind == 0)
        return fail_at(call->report, FAULT_INVALID, "/kind", "a matter names its kind");
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_create_numbered(call, DOSSIER_MATTER, kind, request->number, "matter", &dossier,
                             &permit));
    return call_store_dossier(call, dossier, permit);
}

status engine_matter_find(struct call *call, const struct matter_create *request,
                          struct found *found)
{
    *found = (struct found){0};
    word kind;
    TRY(call_said(call, "the kind of the matter", request->kind));
    TRY(call_word(call, NAME_MATTER, request->kind, &kind));
    blind hash;
    TRY(number_hash(call, kind, request->number, &hash));
    TRY(keys_blind_find(vault_keys(call->reg->vault), hash, call->arena, call->report, &found->ids,
                        &found->count));
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    return call_log(call, NULL, &op, "find", decision_by_scope());
}
