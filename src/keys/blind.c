/* The blind index, tags, and register-wide derived keys. */
#include "keys_internal.h"
#include "normalise.h"

enum { TAG_ROOM = 4096 };

/* The index key over length-prefixed fields, so that no two inputs look alike. */
static void tag_of(struct keys *keys, const char *what, str kind, str bytes, blind *hash)
{
    char room[TAG_ROOM];
    unsigned char long_hash[HMAC_BYTES];
    struct buf buf = buf_over(room, sizeof(room));
    if (bytes.len > TAG_ROOM / 2) { /* hashed first; the kind tells the two forms apart */
        hmac_sha256(keys->crypto, &keys->master->index, bytes, long_hash);
        bytes = (str){(const char *)long_hash, sizeof(long_hash)};
        buf_char(&buf, 'h');
    } else {
        buf_char(&buf, 't');
    }
    buf_field(&buf, str_from(what));
    buf_field(&buf, str_from(keys->register_id));
    buf_field(&buf, kind);
    buf_field(&buf, bytes);
    assert(!buf.full);
    hmac_sha256(keys->crypto, &keys->master->index, buf_str(&buf), hash->bytes);
    wipe(room, buf.len);
}

status keys_blind(struct keys *keys, str kind, str value, struct report *report, blind *hash)
{
    assert(keys != NULL && hash != NULL);

    char room[NORMAL_ROOM];
    struct buf normal = buf_over(room, sizeof(room));
    status result = normalise(kind, value, &normal, report);
    if (is_ok(result))
        tag_of(keys, "blind", kind, buf_str(&normal), hash);
    wipe(room, normal.len);
    return result;
}

void keys_tag(struct keys *keys, str kind, str bytes, blind *hash)
{
    assert(keys != NULL && hash != NULL);
    tag_of(keys, "tag", kind, bytes, hash);
}

status keys_blind_add(struct keys *keys, blind hash, dossier_id id, struct report *report)
{
    assert(keys != NULL);
    TRY(db_blind_add(keys->db, &(struct db_blind_add_in){.hash = hash, .subject = id}, report));
    born_add(keys, &(struct keys_born){.id = id, .has_hash = true, .hash = hash});
    return OK;
}

/* Page by page, so that the visitor may take entries away. */
status keys_blind_each(struct keys *keys,
                       status (*each)(void *self, blind hash, dossier_id id, struct report *report),
                       void *self, struct report *report)
{
    assert(keys != NULL && each != NULL);

    enum { PAGE = 256 };
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct db_blind_list_in in = {.limit = PAGE};
    size_t count = PAGE;
    while (count == PAGE) {
        struct db_blind_list_row *rows = NULL;
        arena_reset(arena);
        TRY(db_blind_list_all(keys->db, &in, arena, report, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            in.after = rows[i].hash;
            in.after_subject = rows[i].subject;
            TRY(each(self, rows[i].hash, rows[i].subject, report));
        }
    }
    return OK;
}

status keys_blind_remove(struct keys *keys, blind hash, dossier_id id, struct report *report)
{
    assert(keys != NULL);
    return db_blind_drop(keys->db, &(struct db_blind_drop_in){.hash = hash, .subject = id}, report,
                         NULL);
}

status keys_blind_find(struct keys *keys, blind hash, struct arena *arena, struct report *report,
                       dossier_id **ids, size_t *count)
{
    assert(keys != NULL && arena != NULL);
    assert(ids != NULL && count != NULL);

    struct db_blind_find_row *rows = NULL;
    TRY(db_blind_find_all(keys->db, &(struct db_blind_find_in){.hash = hash}, arena, report, &rows,
                          count));
    *ids = ARENA_ARRAY(arena, dossier_id, *count);
    if (*ids == NULL)
        return NO_MEMORY(report);
    for (size_t i = 0; i < *count; i++)
        (*ids)[i] = rows[i].subject;
    return OK;
}

status keys_blind_find_some(struct keys *keys, blind hash, size_t most, struct arena *arena,
                            struct report *report, dossier_id **ids, size_t *count)
{
    assert(keys != NULL && arena != NULL);
    assert(ids != NULL && count != NULL);

    struct db_blind_find_some_row *rows = NULL;
    struct db_blind_find_some_in in = {.hash = hash, .limit = (int64_t)most};
    TRY(db_blind_find_some_all(keys->db, &in, arena, report, &rows, count));
    *ids = ARENA_ARRAY(arena, dossier_id, *count + 1);
    if (*ids == NULL)
        return NO_MEMORY(report);
    for (size_t i = 0; i < *count; i++)
        (*ids)[i] = rows[i].subject;
    return OK;
}

status keys_derive(struct keys *keys, str use, struct report *report, secret *key)
{
    assert(keys != NULL && key != NULL);

    char room[SEAL_DATA_ROOM];
    str info;
    struct buf buf = data_start(keys, room, STR("derive"));
    buf_field(&buf, use);
    TRY(buf_finish(&buf, report, &info));
    hkdf_sha256(keys->crypto, (str){(const char *)keys->master->derive.bytes, KEY_BYTES}, STR(""),
                info, key->bytes, KEY_BYTES);
    return OK;
}

status keys_log_seed(struct keys *keys, struct report *report, secret *seed)
{
    assert(keys != NULL && seed != NULL);
    (void)report;
    *seed = keys->master->log_seed;
    return OK;
}
