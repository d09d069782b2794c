/* After a crash or a restore: what fences say was taken away is taken away again.
 *
 *   crash     open fences only: their turn ended between stage 1 and stage 4
 *   restore   every fence: the data is older than they are; and keys without data are counted lost */
#include "vault_internal.h"

enum { MEND_ARENA = 4 << 20, MEND_TURN = 200 };

struct mending {
    struct vault *vault;
    struct vault_mended *mended;
    uint32_t in_turn;
};

static status end_turn(struct mending *mending, struct report *report)
{
    struct vault *vault = mending->vault;
    mending->in_turn = 0;
    TRY(keys_commit(vault->keys, report));
    TRY(db_commit(vault->data, report));
    return keys_commit_forgotten(vault->keys, report);
}

static status mend_whole(struct mending *mending, const struct fence *fence,
                         struct report *report)
{
    struct vault *vault = mending->vault;
    CLEANUP(arena_free) struct arena *arena = arena_new(MEND_ARENA);
    struct db_dossier_get_in in = {.subject = fence->dossier};
    struct db_dossier_get_row row;
    bool found;
    TRY(db_dossier_get(vault->data, &in, arena, report, &found, &row));
    if (found) {
        mending->mended->erased++;
        TRY(drop_rows(vault, fence->dossier, report));
    }
    return OK;
}

/* Rows of items that the replayed facts no longer name. */
static status drop_unnamed(struct vault *vault, const struct facts *facts, struct arena *arena,
                           struct report *report)
{
    struct db_item_names_in in = {.subject = facts->id};
    struct db_item_names_row *rows;
    size_t count;
    TRY(db_item_names_all(vault->data, &in, arena, report, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        bool named = false;
        for (size_t j = 0; j < facts->items.count; j++)
            named |= ID_EQUAL(facts->items.at[j].id, rows[i].record);
        if (named)
            continue;
        uint64_t changed;
        struct db_item_drop_in drop = {facts->id, rows[i].record};
        TRY(db_item_drop(vault->data, &drop, report, &changed));
        struct db_chunk_drop_in chunks = {facts->id, rows[i].record};
        TRY(db_chunk_drop(vault->data, &chunks, report, &changed));
    }
    return OK;
}

/* Survivors that a crash left under a key which is about to go move to the present one. */
static status reseal_leaving(struct vault *vault, struct ring *ring, struct facts *facts,
                             struct arena *arena, struct report *report, bool *moved)
{
    *moved = false;
    for (size_t i = 0; i < facts->items.count; i++) {
        str slot;
        uint32_t present;
        TRY(slot_name_of(vault, &facts->items.at[i], arena, report, &slot));
        TRY(ring_key(vault->keys, ring, slot, report, &present));
        if (facts->items.at[i].key == present)
            continue;
        TRY(reseal_item(vault, ring, facts, &facts->items.at[i], present, arena, report));
        *moved = true;
    }
    return OK;
}

static status mend_part(struct mending *mending, const struct fence *fence,
                        struct report *report)
{
    struct vault *vault = mending->vault;
    CLEANUP(arena_free) struct arena *arena = arena_new(MEND_ARENA);
    enum presence presence;
    struct ring *ring;
    TRY(keys_ring_load(vault->keys, fence->dossier, report, &presence, &ring));
    if (presence != PRESENCE_LIVE)
        return OK; /* erased later: its own fence says so */
    struct db_dossier_get_in in = {.subject = fence->dossier};
    struct db_dossier_get_row row;
    bool found;
    TRY(db_dossier_get(vault->data, &in, arena, report, &found, &row));
    if (!found)
        return OK;
    struct dossier *dossier;
    bool moved;
    TRY(vault_load(vault, fence->dossier, arena, report, &presence, &dossier));
    TRY(drop_unnamed(vault, dossier->facts, arena, report));
    TRY(reseal_leaving(vault, ring, dossier->facts, arena, report, &moved));
    if (!dossier->stale && !moved)
        return OK;
    if (dossier->stale) /* store_facts makes it the version of the last fence */
        dossier->facts->version = ring_fence_version(ring) - 1;
    TRY(store_facts(vault, ring, dossier->facts, false, arena, report));
    mending->mended->replayed++;
    return put_due(vault, fence->dossier, (instant){0}, report); /* settled by the next sweep */
}

static status mend_fence(void *self, const struct fence *fence, struct report *report)
{
    struct mending *mending = self;
    if (fence->kind == FENCE_WHOLE)
        TRY(mend_whole(mending, fence, report));
    else
        TRY(mend_part(mending, fence, report));
    TRY(keys_fence_finish(mending->vault->keys, fence, report)); /* its keys go at stage 4 */
    if (++mending->in_turn < MEND_TURN)
        return OK;
    return end_turn(mending, report);
}

static status count_lost(void *self, dossier_id id, struct report *report)
{
    struct mending *mending = self;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct db_dossier_get_in in = {.subject = id};
    struct db_dossier_get_row row;
    bool found;
    TRY(db_dossier_get(mending->vault->data, &in, arena, report, &found, &row));
    mending->mended->lost += !found;
    return OK;
}

status vault_mend(struct vault *vault, bool all, struct arena *arena, struct report *report,
                  struct vault_mended *mended)
{
    (void)arena;
    *mended = (struct vault_mended){0};
    struct mending mending = {.vault = vault, .mended = mended};
    TRY(keys_fences_each(vault->keys, !all, mend_fence, &mending, report));
    TRY(end_turn(&mending, report));
    if (!all)
        return OK;
    TRY(keys_rings_each(vault->keys, count_lost, &mending, report));
    TRY(vault_meta_set(vault, STR("restored"), STR(""), report));
    return end_turn(&mending, report);
}
