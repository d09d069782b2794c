/* Taking away what has ended: items that no live ground holds, and the dossier when nothing is left. */
#include "engine_internal.h"

enum { EFFECTS_AN_ENTRY = 100 };

static size_t gone_count(const struct subject *subject)
{
    size_t count = 0;
    for (size_t i = 0; i < subject->settled.count; i++)
        count += !subject->settled.items[i].alive;
    return count;
}

/* One entry names up to a hundred items by their random ids: the log proves when each went. */
static status log_gone(struct call *call, const struct facts *facts, const record_id *ids,
                       size_t count, const struct permit **permit)
{
    struct operation op = call_operation(call, ACTION_ERASE, facts->id);
    for (size_t from = 0; from == 0 || from < count; from += EFFECTS_AN_ENTRY) {
        str effects[EFFECTS_AN_ENTRY];
        size_t here = 0;
        while (here < EFFECTS_AN_ENTRY && from + here < count) {
            TRY(call_effect(call, "item", ids[from + here].bytes, &effects[here]));
            here++;
        }
        TRY(call_write(call, facts, &op, "erase", decision_by_scope(), effects, here, permit));
    }
    return OK;
}

status call_unindex(struct call *call, struct dossier *dossier, word field)
{
    struct facts *facts = dossier->facts;
    for (size_t i = 0; i < facts->hashes.count;) {
        if (facts->hashes.at[i].kind != field) {
            i++;
            continue;
        }
        blind hash;
        memcpy(hash.bytes, facts->hashes.at[i].bytes, sizeof(hash.bytes));
        struct edit edit = {.kind = EDIT_DROP_HASH, .name = field};
        memcpy(edit.hash, hash.bytes, sizeof(edit.hash));
        TRY(keys_blind_remove(vault_keys(call->reg->vault), hash, facts->id, call->report));
        TRY(vault_edit(call->reg->vault, dossier, &edit, call->arena, call->report));
    }
    return OK;
}

/* Drops one item; what identified the person by it is out of the index when the last one goes. */
static status drop_item(struct call *call, struct dossier *dossier, record_id id)
{
    const struct fact_item *item = facts_find_item(dossier->facts, id);
    word field = item == NULL ? 0 : item->field;
    TRY(vault_drop_item(call->reg->vault, dossier, id, call->arena, call->report));
    if (field == 0)
        return OK;
    for (size_t i = 0; i < dossier->facts->items.count; i++) {
        if (dossier->facts->items.at[i].field == field)
            return OK;
    }
    return call_unindex(call, dossier, field);
}

status call_erase_items(struct call *call, struct dossier *dossier, const record_id *ids,
                        size_t count, const struct permit **permit)
{
    TRY(log_gone(call, dossier->facts, ids, count, permit));
    for (size_t i = 0; i < count; i++)
        TRY(drop_item(call, dossier, ids[i]));
    return OK;
}

status call_erase_whole(struct call *call, struct dossier *dossier)
{
    const struct facts *facts = dossier->facts;
    record_id *ids = ARENA_ARRAY(call->arena, record_id, facts->items.count + 1);
    if (ids == NULL)
        return NO_MEMORY(call->report);
    size_t count = 0;
    for (size_t i = 0; i < facts->items.count; i++) {
        if (facts->items.at[i].field != 0)
            ids[count++] = facts->items.at[i].id;
    }
    const struct permit *permit;
    TRY(log_gone(call, facts, ids, count, &permit));
    struct operation op = call_operation(call, ACTION_ERASE, facts->id);
    TRY(call_write(call, facts, &op, "erase_whole", decision_by_scope(), NULL, 0, &permit));
    return vault_erase(call->reg->vault, permit, dossier, call->request, call->now, call->arena,
                       call->report);
}

status call_purge(struct call *call, struct subject *subject, const struct permit **permit,
                  uint64_t *items, bool *whole)
{
    *items = gone_count(subject);
    *whole = subject->settled.whole;
    if (*whole)
        return call_erase_whole(call, subject->dossier);
    if (*items == 0)
        return OK;
    record_id *ids = ARENA_ARRAY(call->arena, record_id, *items);
    if (ids == NULL)
        return NO_MEMORY(call->report);
    size_t count = 0;
    for (size_t i = 0; i < subject->settled.count; i++) {
        if (!subject->settled.items[i].alive)
            ids[count++] = subject->settled.items[i].item->id;
    }
    return call_erase_items(call, subject->dossier, ids, count, permit);
}

status call_store_and_purge(struct call *call, struct subject *subject,
                            const struct permit *permit)
{
    TRY(call_view(call, subject->dossier->facts, NULL, &subject->view));
    TRY(call_settle(call, subject));
    uint64_t items = 0;
    bool whole = false;
    if (reg_destruction_stopped(call->reg)) {
        /* What ended is unreadable already; it goes once an operator has looked at the clock. */
        TRY(call_store(call, subject, permit));
        return vault_due_again(call->reg->vault, subject->dossier->facts->id, call->now,
                               call->report);
    }
    TRY(call_purge(call, subject, &permit, &items, &whole));
    return whole ? OK : call_store(call, subject, permit);
}
