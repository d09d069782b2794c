/* Dossiers: making, loading, storing, erasing. */
#include "limits.h"
#include "vault_internal.h"

static const str facts_slot = {"facts", 5};

status load_ring(struct vault *vault, dossier_id id, struct report *report, struct ring **ring)
{
    enum presence presence;
    TRY(keys_ring_load(vault->keys, id, report, &presence, ring));
    if (presence != PRESENCE_LIVE)
        return fail(report, FAULT_GONE, "the keys of this dossier are gone");
    return OK;
}

status vault_handle(struct vault *vault, dossier_id id, struct report *report,
                    unsigned char handle[16])
{
    struct ring *ring;
    TRY(load_ring(vault, id, report, &ring));
    ring_handle(ring, handle);
    return OK;
}

static struct seal_place facts_place(dossier_id id, uint64_t version)
{
    return (struct seal_place){.dossier = id, .kind = facts_slot, .version = version};
}

static struct seal_place act_place(dossier_id id, uint64_t version)
{
    return (struct seal_place){.dossier = id, .kind = STR("act"), .version = version};
}

/* ---- making ---- */

status vault_new(struct vault *vault, enum dossier_kind kind, word name, instant now,
                 struct arena *arena, struct report *report, struct dossier **out)
{
    struct dossier *dossier = ARENA_NEW(arena, struct dossier);
    struct facts *facts = ARENA_NEW(arena, struct facts);
    if (dossier == NULL || facts == NULL)
        return NO_MEMORY(report);
    facts->kind = kind;
    facts->name = name;
    facts->created = now;
    facts->erase_asked = NEVER;
    world_random(vault->world, facts->id.bytes, sizeof(facts->id.bytes));
    struct ring *ring;
    TRY(keys_ring_create(vault->keys, facts->id, report, &ring));
    dossier->facts = facts;
    dossier->fresh = true;
    *out = dossier;
    return OK;
}

/* ---- loading ---- */

static status open_act(struct vault *vault, struct ring *ring, const struct fence *fence,
                       struct arena *arena, struct report *report, struct edit **edits,
                       size_t *count)
{
    struct seal_place place = act_place(fence->dossier, fence->version);
    str bytes;
    TRY(ring_open(vault->keys, ring, &place, fence->act, arena, report, &bytes));
    return edits_read(bytes, vault->words, arena, report, edits, count);
}

status replay_fences(struct vault *vault, struct ring *ring, struct facts *facts,
                     struct arena *arena, struct report *report)
{
    struct fence *fences;
    size_t count;
    TRY(keys_fences(vault->keys, facts->id, facts->version, arena, report, &fences, &count));
    for (size_t i = 0; i < count; i++) {
        if (fences[i].kind == FENCE_WHOLE)
            continue;
        struct edit *edits;
        size_t edit_count;
        TRY(open_act(vault, ring, &fences[i], arena, report, &edits, &edit_count));
        for (size_t j = 0; j < edit_count; j++)
            TRY(facts_edit(facts, &edits[j], arena, report));
        facts->version = fences[i].version;
    }
    return OK;
}

/* Items whose key has left the ring cannot be opened by anyone: their headers go too. */
static bool drop_keyless(const struct ring *ring, struct facts *facts)
{
    size_t kept = 0;
    for (size_t i = 0; i < facts->items.count; i++) {
        if (ring_has_key(ring, facts->items.at[i].key))
            facts->items.at[kept++] = facts->items.at[i];
    }
    bool dropped = kept != facts->items.count;
    facts->items.count = kept;
    return dropped;
}

static status open_facts(struct vault *vault, struct ring *ring, dossier_id id,
                         const struct db_dossier_get_row *row, struct arena *arena,
                         struct report *report, struct dossier *dossier)
{
    struct seal_place place = facts_place(id, row->version);
    str bytes;
    TRY(ring_open(vault->keys, ring, &place, (sealed){row->sealed}, vault->row, report, &bytes));
    TRY(facts_read(bytes, vault->words, arena, report, &dossier->facts));
    if (!ID_EQUAL(dossier->facts->id, id) || dossier->facts->version != row->version)
        return fail(report, FAULT_CORRUPT, "a dossier says that it is another one");
    if (row->version >= ring_fence_version(ring))
        return OK;
    dossier->stale = true;
    TRY(replay_fences(vault, ring, dossier->facts, arena, report));
    (void)drop_keyless(ring, dossier->facts);
    return OK;
}

static status load_row(struct vault *vault, struct ring *ring, dossier_id id, struct arena *arena,
                       struct report *report, struct dossier **out)
{
    struct db_dossier_get_in in = {.subject = id};
    struct db_dossier_get_row row;
    bool found;
    TRY(db_dossier_get(vault->data, &in, vault->row, report, &found, &row));
    if (!found)
        return fail(report, FAULT_STORE, "a dossier has keys but no data: it was lost, not erased");
    struct dossier *dossier = ARENA_NEW(arena, struct dossier);
    if (dossier == NULL)
        return NO_MEMORY(report);
    TRY(open_facts(vault, ring, id, &row, arena, report, dossier));
    dossier->at = vault->changes;
    *out = dossier;
    return OK;
}

/* Another server may have died between keys and data, which nobody noticed who came to the data
 * alone: what it began to erase is not erased. The next turn mends it. */
static status check_erased(struct vault *vault, struct report *report)
{
    bool cut = false;
    if (!vault->beside || keys_dirty(vault->keys)) /* this turn's own */
        return OK;
    TRY(keys_cut_short(vault->keys, db_number(vault->data), report, &cut));
    vault->stale |= cut;
    return cut ? fail(report, FAULT_STORE, "another server's turn broke off: ask again") : OK;
}

status vault_load(struct vault *vault, dossier_id id, struct arena *arena, struct report *report,
                  enum presence *presence, struct dossier **out)
{
    struct ring *ring;
    TRY(keys_ring_load(vault->keys, id, report, presence, &ring));
    if (*presence == PRESENCE_ERASED)
        return check_erased(vault, report);
    if (*presence != PRESENCE_LIVE)
        return OK;
    status loaded = load_row(vault, ring, id, arena, report, out);
    arena_reset(vault->row);
    return loaded;
}

bool vault_is_far(const struct vault *vault)
{
    return db_asks_ahead(vault->data);
}

void vault_load_ahead(struct vault *vault, dossier_id id)
{
    keys_ring_ahead(vault->keys, id);
    db_dossier_get_ahead(vault->data, &(struct db_dossier_get_in){.subject = id});
}

void vault_item_ahead(struct vault *vault, dossier_id id, record_id item)
{
    db_item_get_ahead(vault->data, &(struct db_item_get_in){id, item});
}

void vault_fetch_ahead(struct vault *vault, dossier_id id)
{
    db_item_list_ahead(vault->data, &(struct db_item_list_in){id});
}

void vault_ahead_end(struct vault *vault)
{
    keys_ahead_end(vault->keys);
    db_ahead_end(vault->data);
}

status vault_exists(struct vault *vault, dossier_id id, struct report *report, bool *exists)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct db_dossier_get_in in = {.subject = id};
    struct db_dossier_get_row row;
    return db_dossier_get(vault->data, &in, arena, report, exists, &row);
}

/* ---- editing ---- */

status vault_edit(struct vault *vault, struct dossier *dossier, const struct edit *edit,
                  struct arena *arena, struct report *report)
{
    (void)vault;
    struct edit *kept = LIST_ADD(arena, &dossier->edits);
    if (kept == NULL)
        return NO_MEMORY(report);
    *kept = *edit;
    return facts_edit(dossier->facts, edit, arena, report);
}

/* ---- storing ---- */

status store_facts(struct vault *vault, struct ring *ring, struct facts *facts, bool fresh,
                   size_t most, struct arena *arena, struct report *report)
{
    uint64_t old = facts->version;
    facts->version = old + 1;
    vault->changes++;
    struct buf buf = buf_in(arena, LIMIT_FACTS_BYTES);
    TRY(facts_write(facts, vault->words, &buf, report));
    str plain;
    TRY(buf_finish(&buf, report, &plain));
    if (plain.len > most)
        return fail(
            report, FAULT_LIMIT,
            "a dossier holds at most %d bytes of facts; nothing more can be added to this one",
            LIMIT_FACTS_BYTES);
    uint32_t key;
    TRY(ring_key(vault->keys, ring, facts_slot, report, &key));
    struct seal_place place = facts_place(facts->id, facts->version);
    sealed bytes;
    TRY(ring_seal(vault->keys, ring, key, &place, plain, arena, report, &bytes));
    if (fresh) {
        struct db_dossier_add_in add = {facts->id, (int64_t)facts->kind, facts->version,
                                        bytes.bytes};
        return db_dossier_add(vault->data, &add, report);
    }
    struct db_dossier_put_in put = {facts->id, (int64_t)facts->kind, facts->version, bytes.bytes};
    return db_dossier_put(vault->data, &put, report);
}

static status put_fence(struct vault *vault, struct ring *ring, struct dossier *dossier,
                        record_id request, instant now, struct arena *arena, struct report *report)
{
    struct facts *facts = dossier->facts;
    struct buf buf = buf_in(arena, LIMIT_FACTS_BYTES);
    TRY(edits_write(dossier->edits.at, dossier->edits.count, vault->words, &buf, report));
    str plain;
    TRY(buf_finish(&buf, report, &plain));
    uint32_t key;
    TRY(ring_key(vault->keys, ring, facts_slot, report, &key));
    struct fence fence = {.dossier = facts->id,
                          .kind = FENCE_PART,
                          .version = facts->version + 1,
                          .at = now,
                          .request = request};
    struct seal_place place = act_place(facts->id, fence.version);
    TRY(ring_seal(vault->keys, ring, key, &place, plain, arena, report, &fence.act));
    return keys_fence(vault->keys, &fence, report);
}

status put_due(struct vault *vault, dossier_id id, instant next, struct report *report)
{
    if (next.ms == INT64_MAX) {
        struct db_due_drop_in drop = {.subject = id};
        return db_due_drop(vault->data, &drop, report, NULL);
    }
    struct db_due_put_in put = {.subject = id, .hour = hour_of(next)};
    return db_due_put(vault->data, &put, report);
}

static bool has_tag(const struct vault_index *index, str tag)
{
    for (size_t i = 0; i < index->tag_count; i++) {
        if (tag.len == BLIND_BYTES && memcmp(index->tags[i].bytes, tag.ptr, BLIND_BYTES) == 0)
            return true;
    }
    return false;
}

static bool row_has(const struct db_live_of_row *rows, size_t count, const blind *tag)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].tag.len == BLIND_BYTES && memcmp(rows[i].tag.ptr, tag->bytes, BLIND_BYTES) == 0)
            return true;
    }
    return false;
}

/* Only what changed is written. */
static status put_tags(struct vault *vault, dossier_id id, bool fresh,
                       const struct vault_index *index, struct arena *arena, struct report *report)
{
    struct db_live_of_row *rows = NULL;
    size_t count = 0;
    struct db_live_of_in of = {.subject = id};
    if (!fresh)
        TRY(db_live_of_all(vault->data, &of, arena, report, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (has_tag(index, rows[i].tag))
            continue;
        struct db_live_drop_in drop = {.subject = id, .tag = rows[i].tag};
        TRY(db_live_drop(vault->data, &drop, report, NULL));
    }
    for (size_t i = 0; i < index->tag_count; i++) {
        if (row_has(rows, count, &index->tags[i]))
            continue;
        struct db_live_put_in put = {.subject = id,
                                     .tag = {(const char *)index->tags[i].bytes, BLIND_BYTES}};
        TRY(db_live_put(vault->data, &put, report));
    }
    return OK;
}

status vault_put(struct vault *vault, const struct permit *permit, struct dossier *dossier,
                 const struct vault_index *index, record_id request, instant now,
                 struct arena *arena, struct report *report)
{
    struct facts *facts = dossier->facts;
    assert(permit != NULL && permit_writes(permit));
    assert(ID_EQUAL(permit_dossier(permit), facts->id));

    struct ring *ring;
    TRY(count_whole(vault, facts->kind, report));
    TRY(load_ring(vault, facts->id, report, &ring));
    if (dossier->edits.count > 0)
        TRY(put_fence(vault, ring, dossier, request, now, arena, report));
    for (size_t i = 0; i < dossier->spent.count; i++)
        TRY(reseal_survivors(vault, ring, facts, dossier->spent.at[i], arena, report));
    size_t most = dossier->edits.count > 0 ? LIMIT_FACTS_BYTES : FACTS_BYTES_ADDING;
    TRY(store_facts(vault, ring, facts, dossier->fresh, most, arena, report));
    if (index->next.ms != INT64_MAX || !dossier->fresh)
        TRY(put_due(vault, facts->id, index->next, report));
    TRY(put_tags(vault, facts->id, dossier->fresh, index, arena, report));
    dossier->fresh = false;
    dossier->stale = false;
    dossier->edits.count = 0;
    dossier->spent.count = 0;
    return OK;
}

/* ---- erasing ---- */

status drop_rows(struct vault *vault, dossier_id id, struct report *report)
{
    vault->changes++;
    TRY(db_item_drop_all(vault->data, &(struct db_item_drop_all_in){id}, report, NULL));
    TRY(db_note_drop_all(vault->data, &(struct db_note_drop_all_in){id}, report, NULL));
    TRY(db_loose_put_all(vault->data, &(struct db_loose_put_all_in){id}, report));
    TRY(db_due_drop(vault->data, &(struct db_due_drop_in){id}, report, NULL));
    TRY(db_live_drop_all(vault->data, &(struct db_live_drop_all_in){id}, report, NULL));
    TRY(db_once_drop_all(vault->data, &(struct db_once_drop_all_in){id}, report, NULL));
    return db_dossier_drop(vault->data, &(struct db_dossier_drop_in){id}, report, NULL);
}

status vault_erase(struct vault *vault, const struct permit *permit, struct dossier *dossier,
                   record_id request, instant now, struct arena *arena, struct report *report)
{
    (void)arena;
    struct facts *facts = dossier->facts;
    assert(permit != NULL && permit_writes(permit));
    assert(ID_EQUAL(permit_dossier(permit), facts->id));

    struct fence fence = {.dossier = facts->id,
                          .kind = FENCE_WHOLE,
                          .version = facts->version + 1,
                          .at = now,
                          .request = request};
    TRY(count_whole(vault, facts->kind, report));
    TRY(keys_fence(vault->keys, &fence, report));
    for (size_t i = 0; i < facts->hashes.count; i++) {
        blind hash;
        memcpy(hash.bytes, facts->hashes.at[i].bytes, sizeof(hash.bytes));
        TRY(keys_blind_remove(vault->keys, hash, facts->id, report));
    }
    TRY(drop_rows(vault, facts->id, report));
    return keys_ring_forget(vault->keys, facts->id, report);
}

/* ---- the blind index ---- */

status vault_identify(struct vault *vault, struct dossier *dossier, word kind, blind hash,
                      struct arena *arena, struct report *report)
{
    struct facts *facts = dossier->facts;
    for (size_t i = 0; i < facts->hashes.count; i++) {
        if (memcmp(facts->hashes.at[i].bytes, hash.bytes, BLIND_BYTES) == 0)
            return OK;
    }
    struct fact_hash *added = LIST_ADD(arena, &facts->hashes);
    if (added == NULL)
        return NO_MEMORY(report);
    added->kind = kind;
    memcpy(added->bytes, hash.bytes, sizeof(added->bytes));
    return keys_blind_add(vault->keys, hash, facts->id, report);
}
