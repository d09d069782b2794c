/* Creating, finding and identifying people; their roles and their reference. */
#include "engine_internal.h"

/* How the value of a field is normalised: by its kind, so that the same address given as two fields
 * of one kind is found by either. */
str blind_kind(const struct plan *plan, const struct plan_field *field)
{
    if (plan->category[field->category].kind == CATEGORY_NATIONAL_ID)
        return STR("national_id");
    switch (field->kind) {
    case FIELD_EMAIL:
        return STR("email");
    case FIELD_PHONE:
        return STR("phone");
    case FIELD_IP:
        return STR("ip");
    case FIELD_NAME:
        return STR("name");
    case FIELD_ID:
    case FIELD_NUMBER:
        return STR("id");
    case FIELD_TEXT:
    case FIELD_ADDRESS:
    case FIELD_DATE:
    case FIELD_FILE:
        return STR("text");
    }
    return STR("text");
}

/* "number" is the firm's own number for a person; everything else is a field of the policy. */
static status hash_value(struct call *call, str kind, str value, blind *hash)
{
    struct report odd = {0};
    status made = keys_blind(vault_keys(call->reg->vault), kind, value, &odd, hash);
    return is_ok(made) ? OK : fail_about(call->report, made.fault, value, "%s", odd.text);
}

static status identifier_hash(struct call *call, const struct identifier *identifier, word *kind,
                              blind *hash)
{
    if (str_is(identifier->kind, "number")) {
        *kind = words_intern(call->reg->words, identifier->kind);
        return hash_value(call, STR("number"), identifier->value, hash);
    }
    TRY(call_said(call, "what kind of identifier it is", identifier->kind));
    TRY(call_word(call, NAME_FIELD, identifier->kind, kind));
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct plan_field *field = &plan->field[plan_find(plan, plan->field_of, *kind)];
    return hash_value(call, blind_kind(plan, field), identifier->value, hash);
}

/* May the caller know whom the index names here? Whoever is hidden answers as nobody (G9). */
static status is_known(struct call *call, dossier_id id, bool *known)
{
    struct subject subject;
    struct report *kept = call->report, quiet = {0};
    bool exists = false, nobody = true; /* a restore may have lost whom the index still names */
    *known = false;
    TRY(vault_exists(call->reg->vault, id, call->report, &exists));
    if (exists)
        TRY(call_is_suppression(call, id, &nobody));
    if (nobody)
        return OK;
    call->report = &quiet;
    status opened = call_open_found(call, id, &subject);
    call->report = kept;
    *known = is_ok(opened);
    bool hidden = opened.fault == FAULT_NOT_FOUND || opened.fault == FAULT_GONE;
    return *known || hidden ? OK : fail(kept, opened.fault, "%s", quiet.text);
}

/* The firm's own number is one person's (CLO-23): whoever has it already is that person. */
static status check_own_number(struct call *call, const struct dossier *dossier, blind hash)
{
    dossier_id *ids;
    size_t count;
    TRY(keys_blind_find(vault_keys(call->reg->vault), hash, call->arena, call->report, &ids,
                        &count));
    for (size_t i = 0; i < count; i++) {
        bool known;
        if (ID_EQUAL(ids[i], dossier->facts->id))
            continue;
        TRY(is_known(call, ids[i], &known));
        if (known)
            return fail(call->report, FAULT_CONFLICT,
                        "this number leads to a person already: a person has one record");
    }
    return OK;
}

static status add_identifier(struct call *call, struct dossier *dossier,
                             const struct identifier *identifier)
{
    word kind;
    blind hash;
    bool inherited = false;
    TRY(call_check_texts(call, &identifier->value, 1));
    TRY(identifier_hash(call, identifier, &kind, &hash));
    if (str_is(identifier->kind, "number"))
        TRY(check_own_number(call, dossier, hash));
    TRY(call_inherit(call, dossier, hash, &inherited));
    return vault_identify(call->reg->vault, dossier, kind, hash, call->arena, call->report);
}

status engine_subject_create(struct call *call, const struct subject_create *request)
{
    const word *roles;
    TRY(call_words(call, NAME_ROLE, request->roles, request->role_count, &roles));
    struct subject subject = {0};
    TRY(vault_new(call->reg->vault, DOSSIER_SUBJECT, 0, call->now, call->arena, call->report,
                  &subject.dossier));
    struct facts *facts = subject.dossier->facts;
    for (size_t i = 0; i < request->role_count; i++)
        TRY(facts_add_role(call, facts, roles[i], (dossier_id){{0}}, call->now));
    for (size_t i = 0; i < request->identifier_count; i++)
        TRY(add_identifier(call, subject.dossier, &request->identifiers[i]));
    struct operation op = call_operation(call, ACTION_RECORD, facts->id);
    const struct permit *permit;
    TRY(call_write(call, facts, &op, "create", decision_by_scope(), NULL, 0, &permit));
    call->outcome.id = facts->id;
    call->outcome.http = 201;
    if (!call->values_follow)
        return call_store(call, &subject, permit);
    call->unstored = subject.dossier;
    return OK;
}

status engine_reference(struct call *call, dossier_id subject, str *reference)
{
    unsigned char handle[ID_BYTES];
    TRY(vault_handle(call->reg->vault, subject, call->report, handle));
    struct buf buf = buf_in(call->arena, 64);
    buf_id(&buf, handle);
    return buf_finish(&buf, call->report, reference);
}

/* Each hit is opened and judged like any other use: the index may name too many. What may not be
 * known is not logged either: the size of the log is shown to every token (G9). */
static status keep_known(struct call *call, const dossier_id *ids, size_t count,
                         struct found *found)
{
    found->ids = ARENA_ARRAY(call->arena, dossier_id, count + 1);
    if (found->ids == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < count; i++) {
        bool known;
        TRY(is_known(call, ids[i], &known));
        if (known)
            found->ids[found->count++] = ids[i];
    }
    return OK;
}

status engine_subject_find(struct call *call, const struct identifier *request, struct found *found)
{
    *found = (struct found){0};
    word kind;
    blind hash;
    TRY(identifier_hash(call, request, &kind, &hash));
    dossier_id *ids;
    size_t count;
    TRY(keys_blind_find(vault_keys(call->reg->vault), hash, call->arena, call->report, &ids,
                        &count));
    TRY(keep_known(call, ids, count, found));
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    return call_log(call, NULL, &op, "find", decision_by_scope());
}

status engine_identify(struct call *call, const struct identify *request)
{
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    TRY(add_identifier(call, subject.dossier, &request->identifier));
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "identify", decision_by_scope(), NULL, 0,
                   &permit));
    TRY(call_suppress(call, subject.dossier->facts, false));
    return call_store_and_purge(call, &subject, permit);
}
