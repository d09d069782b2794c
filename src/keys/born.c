/* What a turn adds to keys.db, noted beside it: stage 1 is durable before the data speaks of it,
 * and a crash between the two must leave neither a ring without a dossier nor a hash that leads
 * astray. */
#include <stdlib.h>
#include "keys_internal.h"

enum { BORN_RING = 1, BORN_HASH = 2, BORN_BYTES = 1 + ID_BYTES + BLIND_BYTES };

void born_add(struct keys *keys, const struct keys_born *born)
{
    struct born *list = &keys->born;
    if (list->count == list->room) {
        list->room = list->room == 0 ? 64 : list->room * 2;
        list->at = realloc(list->at, list->room * sizeof(*list->at));
        if (list->at == NULL)
            abort();
    }
    list->at[list->count++] = *born;
}

static status note_put(struct keys *keys, str bytes, struct report *report)
{
    struct db_meta_put_in in = {.name = STR("born"), .value = bytes};
    return db_meta_put(keys->db, &in, report);
}

status born_write(struct keys *keys, struct report *report)
{
    const struct born *list = &keys->born;
    if (list->count == 0)
        return OK;
    size_t room = list->count * BORN_BYTES;
    CLEANUP(arena_free) struct arena *arena = arena_new(room + 4096);
    char *memory = ARENA_ARRAY(arena, char, room);
    if (memory == NULL)
        return NO_MEMORY(report);
    struct buf buf = buf_over(memory, room);
    for (size_t i = 0; i < list->count; i++) {
        const struct keys_born *born = &list->at[i];
        buf_char(&buf, born->has_hash ? BORN_HASH : BORN_RING);
        buf_add(&buf, ID_STR(born->id));
        if (born->has_hash)
            buf_add(&buf, (str){(const char *)born->hash.bytes, BLIND_BYTES});
    }
    str bytes;
    TRY(buf_finish(&buf, report, &bytes));
    TRY(note_put(keys, bytes, report));
    keys->born_written = true;
    return OK;
}

status born_clear(struct keys *keys, struct report *report)
{
    if (!keys->born_written)
        return OK;
    TRY(note_put(keys, STR(""), report));
    keys->born_written = false;
    return OK;
}

static status note_read(str note, struct arena *arena, struct report *report,
                        struct keys_born **born, size_t *count)
{
    struct reader r = reader_over(note);
    *born = ARENA_ARRAY(arena, struct keys_born, note.len / (1 + ID_BYTES) + 1);
    if (*born == NULL)
        return NO_MEMORY(report);
    while (!reader_done(&r)) {
        struct keys_born *next = &(*born)[*count];
        *next = (struct keys_born){.has_hash = read_u8(&r) == BORN_HASH};
        str id = read_bytes(&r, ID_BYTES);
        str hash = next->has_hash ? read_bytes(&r, BLIND_BYTES) : STR("");
        if (r.bad)
            return fail(report, FAULT_CORRUPT, "keys.db: the note of what was added is damaged");
        memcpy(next->id.bytes, id.ptr, ID_BYTES);
        if (next->has_hash)
            memcpy(next->hash.bytes, hash.ptr, BLIND_BYTES);
        (*count)++;
    }
    return OK;
}

status keys_born(struct keys *keys, struct arena *arena, struct report *report,
                 struct keys_born **born, size_t *count)
{
    assert(keys != NULL && arena != NULL);
    assert(born != NULL && count != NULL);

    struct db_meta_get_in in = {.name = STR("born")};
    struct db_meta_get_row row;
    bool found = false;
    *born = NULL;
    *count = 0;
    TRY(db_meta_get(keys->db, &in, arena, report, &found, &row));
    keys->born_written = found && row.value.len > 0;
    return keys->born_written ? note_read(row.value, arena, report, born, count) : OK;
}

status keys_ring_unborn(struct keys *keys, dossier_id id, struct report *report)
{
    assert(keys != NULL);

    struct db_fence_whole_row fence;
    bool fenced = false;
    TRY(db_fence_whole(keys->db, &(struct db_fence_whole_in){.subject = id}, report, &fenced,
                       &fence));
    return fenced ? OK : ring_erase(keys, id, report);
}
