/* Notes: what grows without end beside the facts, one sealed row each, in the order of time. */
#include "vault_internal.h"

static const str note_slot = {"note", 4};

static struct seal_place note_place(dossier_id dossier, record_id id)
{
    return (struct seal_place){.dossier = dossier, .kind = note_slot, .item = id};
}

/* Six bytes of time, two that count, eight of chance: later notes have greater ids. */
record_id vault_note_id(struct vault *vault, instant now)
{
    record_id id;
    uint64_t ms = now.ms < 0 ? 0 : (uint64_t)now.ms;
    uint16_t count = ++vault->notes;
    for (unsigned i = 0; i < 6; i++)
        id.bytes[i] = (unsigned char)(ms >> (40 - 8 * i));
    id.bytes[6] = (unsigned char)(count >> 8);
    id.bytes[7] = (unsigned char)count;
    world_random(vault->world, id.bytes + 8, ID_BYTES - 8);
    return id;
}

static bool is_for(const struct permit *permit, dossier_id dossier)
{
    return permit != NULL && ID_EQUAL(permit_dossier(permit), dossier);
}

status vault_note_put(struct vault *vault, const struct permit *permit, dossier_id dossier,
                      record_id id, str text, struct arena *arena, struct report *report)
{
    assert(is_for(permit, dossier) && permit_writes(permit));

    struct ring *ring;
    uint32_t key;
    sealed bytes;
    TRY(load_ring(vault, dossier, report, &ring));
    TRY(ring_key(vault->keys, ring, note_slot, report, &key));
    struct seal_place place = note_place(dossier, id);
    TRY(ring_seal(vault->keys, ring, key, &place, text, arena, report, &bytes));
    struct db_note_put_in in = {dossier, id, bytes.bytes};
    return db_note_put(vault->data, &in, report);
}

status vault_notes(struct vault *vault, const struct permit *permit, dossier_id dossier,
                   record_id after, size_t limit, struct arena *arena, struct report *report,
                   struct note **notes, size_t *count)
{
    if (!is_for(permit, dossier))
        return fail(report, FAULT_REFUSED, "the permit does not cover these notes");
    struct db_note_list_in in = {dossier, after, (int64_t)limit};
    struct db_note_list_row *rows;
    struct ring *ring;
    TRY(load_ring(vault, dossier, report, &ring));
    TRY(db_note_list_all(vault->data, &in, arena, report, &rows, count));
    *notes = ARENA_ARRAY(arena, struct note, *count + 1);
    if (*notes == NULL)
        return NO_MEMORY(report);
    for (size_t i = 0; i < *count; i++) {
        struct seal_place place = note_place(dossier, rows[i].record);
        (*notes)[i].id = rows[i].record;
        TRY(ring_open(vault->keys, ring, &place, (sealed){rows[i].sealed}, arena, report,
                      &(*notes)[i].text));
    }
    return OK;
}

status vault_note_drop(struct vault *vault, const struct permit *permit, dossier_id dossier,
                       record_id id, struct report *report)
{
    assert(is_for(permit, dossier) && permit_writes(permit));

    struct db_note_drop_in in = {dossier, id};
    return db_note_drop(vault->data, &in, report, NULL);
}
