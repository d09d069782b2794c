/* After a crash or a restore.
 *
 *   crash     open fences only: their turn ended between stage 1 and stage 4
 *             the data has the change                    finished: the old keys go
 *             it has not, and the log knows the request  replayed: somebody put older data there
 *             it has not, nor the log                    undone: nothing was acknowledged
 *   restore   every fence is replayed: the data is older on purpose; keys without data are lost */
#include "vault_internal.h"

enum { MEND_ARENA = 4 << 20, MEND_TURN = 200 };

struct mending {
    struct vault *vault;
    const struct vault_mend *mend;
    struct vault_mended *mended;
    dossier_id last;
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

static status get_row(struct vault *vault, dossier_id id, struct arena *arena,
                      struct report *report, bool *found, struct db_dossier_get_row *row)
{
    struct db_dossier_get_in in = {.subject = id};
    return db_dossier_get(vault->data, &in, arena, report, found, row);
}

/* ---- replaying ---- */

static status replay_whole(struct mending *mending, const struct fence *fence,
                           struct report *report)
{
    struct vault *vault = mending->vault;
    bool found;
    TRY(vault_exists(vault, fence->dossier, report, &found));
    if (!found)
        return OK;
    mending->mended->erased++;
    return drop_rows(vault, fence->dossier, report);
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
        struct db_item_drop_in drop = {facts->id, rows[i].record};
        TRY(db_item_drop(vault->data, &drop, report, NULL));
        struct db_loose_put_in loose = {facts->id, rows[i].record}; /* it may have parts */
        TRY(db_loose_put(vault->data, &loose, report));
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

/* A suppression keeps people away by being there, an errand sees to it that what went here goes
 * elsewhere: where the data has none, its fences make it. */
static status make_anew(struct mending *mending, struct ring *ring, const struct fence *fence,
                        struct report *report)
{
    struct vault *vault = mending->vault;
    CLEANUP(arena_free) struct arena *arena = arena_new(MEND_ARENA);
    struct facts *facts = ARENA_NEW(arena, struct facts);
    if (facts == NULL)
        return NO_MEMORY(report);
    facts->id = fence->dossier;
    TRY(replay_fences(vault, ring, facts, arena, report));
    if (facts->kind == DOSSIER_NONE)
        return OK;
    mending->mended->replayed++;
    facts->version = ring_fence_version(ring) - 1;
    TRY(store_facts(vault, ring, facts, true, LIMIT_FACTS_BYTES, arena, report));
    return put_due(vault, fence->dossier, (instant){0}, report); /* for its indexes */
}

static status replay_part(struct mending *mending, const struct fence *fence, struct report *report)
{
    struct vault *vault = mending->vault;
    CLEANUP(arena_free) struct arena *arena = arena_new(MEND_ARENA);
    enum presence presence;
    struct ring *ring;
    TRY(keys_ring_load(vault->keys, fence->dossier, report, &presence, &ring));
    if (presence != PRESENCE_LIVE)
        return OK; /* erased later: its own fence says so */
    bool found, moved;
    TRY(vault_exists(vault, fence->dossier, report, &found));
    if (!found)
        return make_anew(mending, ring, fence, report);
    struct dossier *dossier;
    TRY(vault_load(vault, fence->dossier, arena, report, &presence, &dossier));
    TRY(drop_unnamed(vault, dossier->facts, arena, report));
    TRY(reseal_leaving(vault, ring, dossier->facts, arena, report, &moved));
    if (!dossier->stale && !moved)
        return OK;
    if (dossier->stale) /* store_facts makes it the version of the last fence */
        dossier->facts->version = ring_fence_version(ring) - 1;
    TRY(store_facts(vault, ring, dossier->facts, false, LIMIT_FACTS_BYTES, arena, report));
    mending->mended->replayed++;
    return put_due(vault, fence->dossier, (instant){0}, report); /* settled by the next sweep */
}

static status replay_fence(struct mending *mending, const struct fence *fence,
                           struct report *report)
{
    TRY(fence->kind == FENCE_WHOLE ? replay_whole(mending, fence, report)
                                   : replay_part(mending, fence, report));
    return keys_fence_finish(mending->vault->keys, fence, report); /* its keys go at stage 4 */
}

/* ---- undoing ---- */

/* The fence's turn took hashes out of the blind index; the facts say which there were. */
static status undo_fence(struct mending *mending, const struct fence *fence, struct report *report)
{
    struct vault *vault = mending->vault;
    CLEANUP(arena_free) struct arena *arena = arena_new(MEND_ARENA);
    enum presence presence;
    struct dossier *dossier;
    bool found;
    TRY(keys_fence_undo(vault->keys, fence, report));
    mending->mended->undone++;
    TRY(vault_exists(vault, fence->dossier, report, &found));
    if (!found)
        return OK; /* its turn made the dossier, too: check_born() takes its ring */
    TRY(vault_load(vault, fence->dossier, arena, report, &presence, &dossier));
    if (presence != PRESENCE_LIVE)
        return OK;
    for (size_t i = 0; i < dossier->facts->hashes.count; i++) {
        blind hash;
        memcpy(hash.bytes, dossier->facts->hashes.at[i].bytes, sizeof(hash.bytes));
        TRY(keys_blind_add(vault->keys, hash, fence->dossier, report));
    }
    return OK;
}

static status data_is_older(struct vault *vault, const struct fence *fence, struct report *report,
                            bool *older)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct db_dossier_get_row row;
    bool found;
    TRY(get_row(vault, fence->dossier, arena, report, &found, &row));
    bool whole = fence->kind == FENCE_WHOLE;
    *older = found ? whole || row.version < fence->version : !whole;
    return OK;
}

static status mend_open(struct mending *mending, const struct fence *fence, struct report *report)
{
    bool older, known = true;
    TRY(data_is_older(mending->vault, fence, report, &older));
    const struct vault_mend *mend = mending->mend;
    if (older)
        TRY(mend->logged(mend->self, fence->request, fence->at, report, &known));
    return known ? replay_fence(mending, fence, report) : undo_fence(mending, fence, report);
}

static status mend_fence(void *self, const struct fence *fence, struct report *report)
{
    struct mending *mending = self;
    bool other = !ID_EQUAL(mending->last, fence->dossier);
    if (other && mending->in_turn >= MEND_TURN) /* all fences of a dossier in one turn */
        TRY(end_turn(mending, report));
    mending->last = fence->dossier;
    mending->in_turn++;
    return mending->mend->all ? replay_fence(mending, fence, report)
                              : mend_open(mending, fence, report);
}

/* ---- what keys.db says and no data does ---- */

static bool names_hash(const struct facts *facts, blind hash)
{
    for (size_t i = 0; i < facts->hashes.count; i++) {
        if (memcmp(facts->hashes.at[i].bytes, hash.bytes, BLIND_BYTES) == 0)
            return true;
    }
    return false;
}

/* A hash that its dossier does not know goes; one whose dossier is lost stays, should a newer
 * backup bring that back. */
static status check_hash(void *self, blind hash, dossier_id id, struct report *report)
{
    struct vault *vault = ((struct mending *)self)->vault;
    CLEANUP(arena_free) struct arena *arena = arena_new(MEND_ARENA);
    bool found;
    TRY(vault_exists(vault, id, report, &found));
    if (!found)
        return OK;
    enum presence presence;
    struct dossier *dossier;
    TRY(vault_load(vault, id, arena, report, &presence, &dossier));
    if (presence == PRESENCE_LIVE && names_hash(dossier->facts, hash))
        return OK;
    return keys_blind_remove(vault->keys, hash, id, report);
}

/* What the last turn added before it died. */
static status check_born(struct mending *mending, struct report *report)
{
    struct vault *vault = mending->vault;
    CLEANUP(arena_free) struct arena *arena = arena_new(64 << 20);
    struct keys_born *born;
    size_t count;
    TRY(keys_born(vault->keys, arena, report, &born, &count));
    for (size_t i = 0; i < count; i++) {
        bool found;
        TRY(vault_exists(vault, born[i].id, report, &found));
        if (found && born[i].has_hash)
            TRY(check_hash(mending, born[i].hash, born[i].id, report));
        else if (!found && born[i].has_hash)
            TRY(keys_blind_remove(vault->keys, born[i].hash, born[i].id, report));
        else if (!found)
            TRY(keys_ring_unborn(vault->keys, born[i].id, report));
    }
    return OK;
}

static status count_lost(void *self, dossier_id id, struct report *report)
{
    struct mending *mending = self;
    bool found;
    TRY(vault_exists(mending->vault, id, report, &found));
    mending->mended->lost += !found;
    return OK;
}

status vault_mend(struct vault *vault, const struct vault_mend *mend, struct report *report,
                  struct vault_mended *mended)
{
    assert(mend->all || mend->logged != NULL);

    *mended = (struct vault_mended){0};
    struct mending mending = {.vault = vault, .mend = mend, .mended = mended};
    TRY(keys_fences_each(vault->keys, !mend->all, mend_fence, &mending, report));
    if (!mend->all) {
        TRY(check_born(&mending, report));
        if (vault->beside) /* nothing of it is to be looked for again */
            TRY(keys_turn_set(vault->keys, 0, report));
        return end_turn(&mending, report);
    }
    TRY(end_turn(&mending, report));
    TRY(keys_blind_each(vault->keys, check_hash, &mending, report));
    TRY(keys_rings_each(vault->keys, count_lost, &mending, report));
    TRY(end_turn(&mending, report));
    return vault_cut(vault, report);
}
