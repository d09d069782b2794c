/* Items: sealed one by one under the key of their controller and category. */
#include "vault_internal.h"

status slot_name_of(const struct vault *vault, const struct fact_item *header, struct arena *arena,
                    struct report *report, str *slot)
{
    struct buf buf = buf_in(arena, 512);
    if (header->field == 0) {
        buf_text(&buf, "record");
        return buf_finish(&buf, report, slot);
    }
    str field = words_text(vault->words, header->field);
    size_t dot = 0;
    while (dot < field.len && field.ptr[dot] != '.')
        dot++;
    buf_add(&buf, words_text(vault->words, header->controller));
    buf_char(&buf, '/');
    buf_add(&buf, str_slice(field, 0, dot));
    return buf_finish(&buf, report, slot);
}

struct seal_place item_place(const struct vault *vault, dossier_id dossier,
                             const struct fact_item *header)
{
    return (struct seal_place){.dossier = dossier,
                               .kind = STR("item"),
                               .controller = words_text(vault->words, header->controller),
                               .category = words_text(vault->words, header->field),
                               .matter = header->matter,
                               .item = header->id};
}

status vault_seal(struct vault *vault, struct dossier *dossier, struct fact_item *header, str value,
                  struct arena *arena, struct report *report, sealed *bytes)
{
    struct ring *ring;
    TRY(load_ring(vault, dossier->facts->id, report, &ring));
    str slot;
    TRY(slot_name_of(vault, header, arena, report, &slot));
    TRY(ring_key(vault->keys, ring, slot, report, &header->key));
    header->size = (uint32_t)value.len;
    struct seal_place place = item_place(vault, dossier->facts->id, header);
    return ring_seal(vault->keys, ring, header->key, &place, value, arena, report, bytes);
}

status vault_put_item(struct vault *vault, const struct permit *permit, struct dossier *dossier,
                      const struct fact_item *header, sealed bytes, struct arena *arena,
                      struct report *report)
{
    assert(permit != NULL && permit_writes(permit));
    assert(ID_EQUAL(permit_dossier(permit), dossier->facts->id));

    struct fact_item *added = LIST_ADD(arena, &dossier->facts->items);
    if (added == NULL)
        return NO_MEMORY(report);
    *added = *header;
    struct db_item_put_in in = {dossier->facts->id, header->id, bytes.bytes};
    return db_item_put(vault->data, &in, report);
}

static status get_sealed(struct vault *vault, dossier_id dossier, record_id item,
                         struct arena *arena, struct report *report, sealed *bytes)
{
    struct db_item_get_in in = {dossier, item};
    struct db_item_get_row row;
    bool found;
    TRY(db_item_get(vault->data, &in, arena, report, &found, &row));
    if (!found)
        return fail(report, FAULT_CORRUPT, "an item that its dossier names is not there");
    bytes->bytes = row.sealed;
    return OK;
}

status vault_fetch(struct vault *vault, struct dossier *dossier, struct arena *arena,
                   struct report *report)
{
    struct db_item_list_in in = {dossier->facts->id};
    struct db_item_list_row *found;
    size_t count;
    TRY(db_item_list_all(vault->data, &in, arena, report, &found, &count));
    struct sealed_row *rows = ARENA_ARRAY(arena, struct sealed_row, count + 1);
    if (rows == NULL)
        return NO_MEMORY(report);
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct sealed_row){found[i].record, {found[i].sealed}};
    dossier->rows = rows;
    dossier->row_count = count;
    return OK;
}

/* Fetched rows lie in the order of ids. */
static bool find_fetched(const struct dossier *dossier, record_id item, sealed *bytes)
{
    size_t from = 0, to = dossier->row_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = memcmp(dossier->rows[middle].item.bytes, item.bytes, ID_BYTES);
        if (order == 0) {
            *bytes = dossier->rows[middle].bytes;
            return true;
        }
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return false;
}

status vault_open_item(struct vault *vault, const struct permit *permit,
                       const struct dossier *dossier, const struct fact_item *header,
                       struct arena *arena, struct report *report, str *value)
{
    dossier_id id = dossier->facts->id;
    if (permit == NULL || !permit_covers(permit, id, header->id))
        return fail(report, FAULT_REFUSED, "the permit does not cover this item");
    if (header->chunks > 0)
        return fail(report, FAULT_INTERNAL, "a value in parts is not opened as one");
    return open_row(vault, dossier, header, arena, report, value);
}

status open_row(struct vault *vault, const struct dossier *dossier, const struct fact_item *header,
                struct arena *arena, struct report *report, str *value)
{
    dossier_id id = dossier->facts->id;
    struct ring *ring;
    TRY(load_ring(vault, id, report, &ring));
    sealed bytes;
    if (!find_fetched(dossier, header->id, &bytes))
        TRY(get_sealed(vault, id, header->id, arena, report, &bytes));
    struct seal_place place = item_place(vault, id, header);
    return ring_open(vault->keys, ring, &place, bytes, arena, report, value);
}

static status note_spent(struct vault *vault, struct dossier *dossier,
                         const struct fact_item *header, struct arena *arena, struct report *report)
{
    str slot;
    TRY(slot_name_of(vault, header, arena, report, &slot));
    for (size_t i = 0; i < dossier->spent.count; i++) {
        if (str_equal(dossier->spent.at[i], slot))
            return OK;
    }
    str *added = LIST_ADD(arena, &dossier->spent);
    if (added == NULL)
        return NO_MEMORY(report);
    *added = slot;
    return OK;
}

status vault_drop_item(struct vault *vault, struct dossier *dossier, record_id item,
                       struct arena *arena, struct report *report)
{
    const struct facts *facts = dossier->facts;
    for (size_t i = 0; i < facts->items.count; i++) {
        if (!ID_EQUAL(facts->items.at[i].id, item))
            continue;
        TRY(note_spent(vault, dossier, &facts->items.at[i], arena, report));
        struct db_item_drop_in drop = {facts->id, item};
        TRY(db_item_drop(vault->data, &drop, report, NULL));
        if (facts->items.at[i].chunks > 0) {
            struct db_loose_put_in loose = {facts->id, item};
            TRY(db_loose_put(vault->data, &loose, report));
        }
        struct edit edit = {.kind = EDIT_DROP_ITEM, .id = item};
        return vault_edit(vault, dossier, &edit, arena, report);
    }
    return OK;
}

status reseal_item(struct vault *vault, struct ring *ring, const struct facts *facts,
                   struct fact_item *header, uint32_t key, struct arena *arena,
                   struct report *report)
{
    dossier_id id = facts->id;
    sealed old, fresh;
    TRY(get_sealed(vault, id, header->id, arena, report, &old));
    struct seal_place place = item_place(vault, id, header);
    str plain;
    TRY(ring_open(vault->keys, ring, &place, old, arena, report, &plain));
    header->key = key;
    TRY(ring_seal(vault->keys, ring, key, &place, plain, arena, report, &fresh));
    struct db_item_put_in in = {id, header->id, fresh.bytes};
    return db_item_put(vault->data, &in, report);
}

status reseal_survivors(struct vault *vault, struct ring *ring, struct facts *facts, str slot,
                        struct arena *arena, struct report *report)
{
    uint32_t key;
    TRY(ring_replace_key(vault->keys, ring, slot, report, &key));
    for (size_t i = 0; i < facts->items.count; i++) {
        struct fact_item *header = &facts->items.at[i];
        str own;
        TRY(slot_name_of(vault, header, arena, report, &own));
        if (str_equal(own, slot) && header->key != key)
            TRY(reseal_item(vault, ring, facts, header, key, arena, report));
    }
    return OK;
}
