/* Suppression: who has said no to marketing stays away from it, also after she was erased, when the
 * next list brings her again. What stays is a dossier of its own that only keyed hashes lead to:
 * the purposes that she objected to, and nothing else.
 *
 *   objection, erasure --> suppression <--hash-- create, identify, collect, import
 *                               |                        the new dossier objects, too
 *                          her own new consent ends it
 *
 * The index has entries of its own for it, derived once more from the hash of the address, so that
 * those who share the address are not looked at. It is made by edits alone, so that its fences make
 * it anew where a backup does not hold it. */
#include "engine_internal.h"

/* ---- finding ---- */

/* The entry of the index under which nothing but suppressions of this hash stand. */
static blind entry_of(struct call *call, const unsigned char bytes[BLIND_BYTES])
{
    blind entry;
    keys_tag(vault_keys(call->reg->vault), STR("suppression"),
             (str){(const char *)bytes, BLIND_BYTES}, &entry);
    return entry;
}

/* A suppression that the hash leads to, and no person. */
static status load_suppression(struct call *call, dossier_id id, struct dossier **dossier)
{
    enum presence presence;
    bool exists; /* a restore may have lost whom the index still names */
    *dossier = NULL;
    TRY(vault_exists(call->reg->vault, id, call->report, &exists));
    if (!exists)
        return OK;
    struct dossier *there;
    TRY(vault_load(call->reg->vault, id, call->arena, call->report, &presence, &there));
    if (presence == PRESENCE_LIVE && there->facts->kind == DOSSIER_SUPPRESSION)
        *dossier = there;
    return OK;
}

status call_is_suppression(struct call *call, dossier_id id, bool *is)
{
    struct dossier *dossier;
    TRY(load_suppression(call, id, &dossier));
    *is = dossier != NULL;
    return OK;
}

static status find_by_hash(struct call *call, const unsigned char bytes[BLIND_BYTES],
                           dossier_id but, struct dossier **dossier)
{
    dossier_id *ids;
    size_t count;
    *dossier = NULL;
    TRY(keys_blind_find(vault_keys(call->reg->vault), entry_of(call, bytes), call->arena,
                        call->report, &ids, &count));
    for (size_t i = 0; i < count && *dossier == NULL; i++) {
        if (!ID_EQUAL(ids[i], but))
            TRY(load_suppression(call, ids[i], dossier));
    }
    return OK;
}

static bool objects_to(const struct facts *facts, word purpose)
{
    for (size_t i = 0; i < facts->objections.count; i++) {
        if (facts->objections.at[i].purpose == purpose &&
            facts->objections.at[i].state != OBJECTION_DISMISSED)
            return true;
    }
    return false;
}

/* ---- those who come again ---- */

status call_inherit(struct call *call, struct dossier *dossier, blind hash, bool *inherited)
{
    struct dossier *suppression;
    TRY(find_by_hash(call, hash.bytes, dossier->facts->id, &suppression));
    for (size_t i = 0; suppression != NULL && i < suppression->facts->objections.count; i++) {
        const struct fact_objection *there = &suppression->facts->objections.at[i];
        if (there->state == OBJECTION_DISMISSED || objects_to(dossier->facts, there->purpose))
            continue;
        struct edit edit = {.kind = EDIT_OBJECT,
                            .id = call_record_id(call),
                            .name = there->purpose,
                            .at = call->now,
                            .state = OBJECTION_UPHELD};
        *inherited = true;
        TRY(vault_edit(call->reg->vault, dossier, &edit, call->arena, call->report));
    }
    return OK;
}

/* ---- making it ---- */

/* Is it marketing that may not come again: the firm's own and, where she wishes, that of others? */
static bool is_marketing(const struct plan *plan, word purpose, bool of_others)
{
    plan_index index = plan_find(plan, plan->purpose_of, purpose);
    enum marketing marketing = index == NONE ? MARKETING_NONE : plan->purpose[index].marketing;
    return marketing == MARKETING_OWN || (of_others && marketing == MARKETING_PARTNER);
}

/* An objection that no later consent of hers has lifted. */
static bool stands(const struct call *call, const struct facts *facts,
                   const struct fact_objection *objection)
{
    word consent = evidence_word(call, KIND_CONSENT);
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        for (size_t b = 0; evidence->type == consent && b < evidence->bound_count; b++) {
            if (evidence->bound[b].slot == SLOT_PURPOSE &&
                evidence->bound[b].name == objection->purpose &&
                before(objection->since, evidence->since) && before(call->now, evidence->until))
                return false;
        }
    }
    return objection->state != OBJECTION_DISMISSED;
}

static status add_purpose(struct call *call, struct dossier *suppression, word purpose)
{
    if (objects_to(suppression->facts, purpose))
        return OK;
    struct edit edit = {.kind = EDIT_OBJECT,
                        .id = call_record_id(call),
                        .name = purpose,
                        .at = call->now,
                        .state = OBJECTION_UPHELD};
    return vault_edit(call->reg->vault, suppression, &edit, call->arena, call->report);
}

static bool has_hash(const struct facts *facts, const blind *hash)
{
    for (size_t i = 0; i < facts->hashes.count; i++) {
        if (memcmp(facts->hashes.at[i].bytes, hash->bytes, BLIND_BYTES) == 0)
            return true;
    }
    return false;
}

static status add_hashes(struct call *call, struct dossier *suppression, const struct facts *from)
{
    word former = words_find(call->reg->words, STR("merged")); /* an id, no identifier (merge.c) */
    for (size_t i = 0; i < from->hashes.count; i++) {
        const struct fact_hash *hash = &from->hashes.at[i];
        blind entry = entry_of(call, hash->bytes);
        if (has_hash(suppression->facts, &entry) || hash->kind == former)
            continue;
        struct edit edit = {.kind = EDIT_SUPPRESS, .name = hash->kind, .at = call->now};
        memcpy(edit.hash, entry.bytes, sizeof(edit.hash));
        TRY(keys_blind_add(vault_keys(call->reg->vault), entry, suppression->facts->id,
                           call->report));
        TRY(vault_edit(call->reg->vault, suppression, &edit, call->arena, call->report));
    }
    return OK;
}

/* The suppression of a person: of several that her hashes lead to, the first. */
static status find_or_make(struct call *call, const struct facts *facts, struct dossier **dossier)
{
    *dossier = NULL;
    for (size_t i = 0; i < facts->hashes.count && *dossier == NULL; i++)
        TRY(find_by_hash(call, facts->hashes.at[i].bytes, facts->id, dossier));
    if (*dossier != NULL)
        return OK;
    return vault_new(call->reg->vault, DOSSIER_SUPPRESSION, 0, call->now, call->arena, call->report,
                     dossier);
}

static status store(struct call *call, struct dossier *suppression, const char *action)
{
    struct outcome kept = call->outcome; /* the answer is about the person */
    struct operation op = call_operation(call, ACTION_RECORD, suppression->facts->id);
    const struct permit *permit;
    TRY(call_write(call, suppression->facts, &op, action, decision_by_scope(), NULL, 0, &permit));
    TRY(call_store_dossier(call, suppression, permit));
    call->outcome = kept;
    return OK;
}

status call_suppress(struct call *call, const struct facts *facts, bool all)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct dossier *suppression = NULL;
    if (facts->hashes.count == 0 || (!all && facts->objections.count == 0))
        return OK;
    for (size_t i = 0; i < facts->objections.count; i++) {
        const struct fact_objection *objection = &facts->objections.at[i];
        if (!is_marketing(plan, objection->purpose, true) || !stands(call, facts, objection))
            continue;
        if (suppression == NULL)
            TRY(find_or_make(call, facts, &suppression));
        TRY(add_purpose(call, suppression, objection->purpose));
    }
    for (size_t i = 0; all && i < plan->purpose_count; i++) {
        word purpose = plan->purpose[i].clause.name;
        if (!is_marketing(plan, purpose, true))
            continue;
        if (suppression == NULL)
            TRY(find_or_make(call, facts, &suppression));
        TRY(add_purpose(call, suppression, purpose));
    }
    if (suppression == NULL)
        return OK;
    TRY(add_hashes(call, suppression, facts));
    return suppression->edits.count == 0 ? OK : store(call, suppression, "suppress");
}

/* ---- ending it ---- */

static status lift_one(struct call *call, struct dossier *suppression, word purpose)
{
    bool lifted = false, left = false;
    struct facts *facts = suppression->facts;
    for (size_t i = 0; i < facts->objections.count; i++) {
        struct fact_objection *there = &facts->objections.at[i];
        if (there->purpose == purpose && there->state != OBJECTION_DISMISSED) {
            there->state = OBJECTION_DISMISSED; /* gives back: no fence, as when one is dismissed */
            lifted = true;
        }
        left |= there->state != OBJECTION_DISMISSED;
    }
    if (!lifted || left)
        return lifted ? store(call, suppression, "unsuppress") : OK;
    struct outcome kept = call->outcome;
    struct operation op = call_operation(call, ACTION_ERASE, facts->id);
    const struct permit *permit;
    TRY(call_write(call, facts, &op, "unsuppress", decision_by_scope(), NULL, 0, &permit));
    TRY(vault_erase(call->reg->vault, permit, suppression, call->request, call->now, call->arena,
                    call->report));
    call_touched(call, facts->id);
    call->outcome = kept;
    return OK;
}

status call_unsuppress(struct call *call, const struct facts *facts, word purpose)
{
    for (size_t i = 0; i < facts->hashes.count; i++) {
        struct dossier *suppression;
        TRY(find_by_hash(call, facts->hashes.at[i].bytes, facts->id, &suppression));
        if (suppression != NULL)
            TRY(lift_one(call, suppression, purpose));
    }
    return OK;
}
