/* Opening and closing, turns, and the small values beside the keys. */
#include <stdio.h>
#include <stdlib.h>
#include "file.h"
#include "keys_internal.h"

enum { RINGS_CACHED = 16384, PATH_ROOM = 4096, FORGET_MOST = 8 };

/* ---- marks ---- */

void marks_add(struct marks *marks, const struct mark *mark)
{
    if (marks->count == marks->room) {
        marks->room = marks->room == 0 ? 64 : marks->room * 2;
        marks->at = realloc(marks->at, marks->room * sizeof(*marks->at));
        if (marks->at == NULL)
            abort();
    }
    marks->at[marks->count++] = *mark;
}

static void marks_cut(struct marks *marks, size_t count)
{
    marks->count = marks->settled = count;
    if (marks->waiting > count)
        marks->waiting = count;
}

/* ---- the master keys ---- */

static str master_data(const struct keys *keys, char room[SEAL_DATA_ROOM])
{
    struct buf data = data_start(keys, room, STR("master"));
    return buf_str(&data);
}

static status meta_put(struct keys *keys, str name, str value, struct report *report)
{
    return db_meta_put(keys->db, &(struct db_meta_put_in){.name = name, .value = value}, report);
}

/* A value of a known length; *found false when it was never set. */
static status meta_get(struct keys *keys, str name, void *bytes, size_t size, struct report *report,
                       bool *found)
{
    struct db_meta_get_row row;
    CLEANUP(arena_free) struct arena *arena = arena_new(4096);
    TRY(db_meta_get(keys->db, &(struct db_meta_get_in){.name = name}, arena, report, found, &row));
    if (!*found)
        return OK;
    if (row.value.len != size)
        return fail(report, FAULT_CORRUPT, "keys.db: a value beside the keys is damaged");
    memcpy(bytes, row.value.ptr, size);
    return OK;
}

enum { MASTER_BYTES = SEAL_EXTRA_BYTES + 128 };
static_assert(sizeof(struct master) == 3 * KEY_BYTES, "three keys and nothing between them");

/* Under the present epoch, with its number. */
status master_write(struct keys *keys, struct report *report)
{
    char room[SEAL_DATA_ROOM], number[4];
    unsigned char bytes[MASTER_BYTES];
    TRY(seal_bytes(keys, epoch_find(keys, keys->epoch), master_data(keys, room),
                   (str){(const char *)keys->master, sizeof(*keys->master)}, bytes, report));
    struct buf buf = buf_over(number, sizeof(number));
    buf_be32(&buf, keys->epoch);
    TRY(meta_put(keys, STR("epoch"), buf_str(&buf), report));
    return meta_put(keys, STR("master"), (str){(const char *)bytes, sizeof(bytes)}, report);
}

static status master_read(struct keys *keys, struct report *report)
{
    char room[SEAL_DATA_ROOM];
    unsigned char bytes[MASTER_BYTES], plain[MASTER_BYTES];
    size_t len = 0;
    bool found = false;
    TRY(meta_get(keys, STR("master"), bytes, sizeof(bytes), report, &found));
    if (!found)
        return fail(report, FAULT_CORRUPT, "keys.db holds no keys: it was never finished");
    const struct numbered_key *epoch = epoch_find(keys, keys->epoch);
    if (epoch == NULL)
        return fail(report, FAULT_KEY, "the epoch key %u, which keys.db is sealed with, is missing",
                    keys->epoch);
    TRY(open_bytes(keys, epoch, master_data(keys, room), (str){(const char *)bytes, sizeof(bytes)},
                   plain, report, &len));
    if (len != sizeof(*keys->master))
        return fail(report, FAULT_CORRUPT, "keys.db: the master keys are damaged");
    memcpy(keys->master, plain, len);
    wipe(plain, sizeof(plain));
    return OK;
}

/* ---- opening and closing ---- */

static status keys_new(const struct keys_config *config, struct report *report, struct keys **keys)
{
    struct keys *made = calloc(1, sizeof(*made));
    if (made == NULL)
        abort();
    *keys = made;
    made->world = config->world;
    made->simulated = config->simulated;
    if (config->register_id.len >= sizeof(made->register_id) ||
        strlen(config->dir) >= sizeof(made->dir) - 32 ||
        strlen(config->root_path) >= sizeof(made->root_path))
        return fail(report, FAULT_INVALID, "the register's name or a path of its keys is too long");
    memcpy(made->register_id, config->register_id.ptr, config->register_id.len);
    snprintf(made->dir, sizeof(made->dir), "%s", config->dir);
    snprintf(made->root_path, sizeof(made->root_path), "%s", config->root_path);
    made->locked = locked_new();
    made->epochs = locked_take(made->locked, EPOCHS_MAX * sizeof(*made->epochs));
    made->master = locked_take(made->locked, sizeof(*made->master));
    made->cache = cache_new(config->rings_cached == 0 ? RINGS_CACHED : config->rings_cached);
    return crypto_new(report, &made->crypto);
}

static status database_open(struct keys *keys, const struct keys_config *config, bool create,
                            struct report *report)
{
    char path[PATH_ROOM];
    struct db_places places;
    TRY(db_places_read(keys->dir, report, &places));
    snprintf(path, sizeof(path), "%s/keys.db", keys->dir);
    struct db_options options = {.schema = DB_KEYS,
                                 .create = create,
                                 .seam = "keys",
                                 .vfs = config->vfs,
                                 .beside = config->beside,
                                 .place = db_place_at(&places, DB_KEYS)};
    return db_open(keys->world, path, &options, report, &keys->db);
}

/* The epoch file first: a keys.db without one would be a lost key. */
static status create(struct keys *keys, const struct keys_config *config, struct report *report)
{
    char path[PATH_ROOM];
    struct numbered_key *epoch = NULL;
    snprintf(path, sizeof(path), "%s/keys.db", keys->dir);
    if (file_exists(path))
        return fail(report, FAULT_CONFLICT, "keys.db is there already");
    epoch_path(keys, 1, path);
    if (file_exists(path))
        return fail(report, FAULT_CONFLICT, "epoch/1.key is there already, and keys.db is not");
    snprintf(path, sizeof(path), "%s/epoch", keys->dir);
    TRY(dir_make(path, 0700, report));
    TRY(epoch_new(keys, 1, report, &epoch));
    keys->epoch = 1;
    world_random(keys->world, keys->master, sizeof(*keys->master));
    TRY(database_open(keys, config, true, report));
    TRY(master_write(keys, report));
    TRY(db_commit(keys->db, report));
    return dir_sync(keys->dir, report);
}

/* A newer epoch file than the present one is a rotation that began; an older one, or what is left
 * of it, a rotation that did not finish. */
static status rotation_resume(struct keys *keys, struct report *report)
{
    uint32_t newest = keys->epoch;
    for (size_t i = 0; i < EPOCHS_MAX; i++)
        if (keys->epochs[i].number > newest)
            newest = keys->epochs[i].number;
    return rotation_finish(keys, newest, report);
}

static status open_existing(struct keys *keys, const struct keys_config *config,
                            struct report *report)
{
    unsigned char number[4];
    bool found = false;
    TRY(database_open(keys, config, false, report));
    keys->beside = config->beside;
    if (keys->beside)
        TRY(db_take(keys->db, DB_ALONE, true, report));
    TRY(meta_get(keys, STR("epoch"), number, sizeof(number), report, &found));
    if (!found)
        return fail(report, FAULT_CORRUPT, "keys.db holds no keys: it was never finished");
    struct reader r = reader_over((str){(const char *)number, sizeof(number)});
    keys->epoch = read_be32(&r);
    TRY(epochs_load(keys, keys->epoch, report));
    TRY(master_read(keys, report));
    TRY(rotation_resume(keys, report));
    return db_checkpoint_truncate(keys->db, report); /* what a crash left in the journal */
}

status keys_create(const struct keys_config *config, struct report *report, struct keys **keys)
{
    assert(config != NULL && config->world != NULL);
    assert(keys != NULL);

    CLEANUP(keys_close) struct keys *made = NULL;
    *keys = NULL;
    TRY(keys_new(config, report, &made));
    TRY(create(made, config, report));
    *keys = made;
    made = NULL;
    return OK;
}

status keys_open(const struct keys_config *config, struct report *report, struct keys **keys)
{
    assert(config != NULL && config->world != NULL);
    assert(keys != NULL);

    CLEANUP(keys_close) struct keys *made = NULL;
    *keys = NULL;
    TRY(keys_new(config, report, &made));
    TRY(open_existing(made, config, report));
    *keys = made;
    made = NULL;
    return OK;
}

static status done_write(struct keys *keys, const struct marks *done, struct report *report);

void keys_close(struct keys **keys)
{
    assert(keys != NULL);

    struct keys *closing = *keys;
    if (closing == NULL)
        return;
    if (closing->db != NULL) {
        keys_abandon(closing);
        /* What is not forgotten or marked done now is so at the next start. */
        status ignored = keys_forget_waiting(closing, NULL);
        if (is_ok(ignored))
            ignored = done_write(closing, &closing->done, NULL);
        if (is_ok(ignored))
            ignored = db_commit(closing->db, NULL);
        (void)ignored;
        db_close(&closing->db);
    }
    cache_free(closing);
    slot_names_free(&closing->slots);
    crypto_free(&closing->crypto);
    locked_free(&closing->locked);
    free(closing->marks.at);
    free(closing->fences.at);
    free(closing->done.at);
    free(closing->touched);
    free(closing->born.at);
    wipe(closing, sizeof(*closing));
    free(closing);
    *keys = NULL;
}

/* ---- turns ---- */

status keys_savepoint(struct keys *keys, struct report *report)
{
    assert(keys != NULL);
    assert(!keys->operation);

    TRY(rings_flush(keys, report)); /* what was done before is not part of the operation */
    TRY(db_savepoint(keys->db, report));
    keys->operation = true;
    keys->marks.operation = keys->marks.count;
    keys->fences.operation = keys->fences.count;
    keys->born.operation = keys->born.count;
    keys->touched_operation = keys->touched_count;
    return OK;
}

status keys_release(struct keys *keys, struct report *report)
{
    assert(keys != NULL);
    assert(keys->operation);

    TRY(rings_flush(keys, report));
    TRY(db_release(keys->db, report));
    keys->operation = false;
    return OK;
}

/* Rings changed since are read anew from what the database then says. */
static void untouch(struct keys *keys, size_t from)
{
    for (size_t i = from; i < keys->touched_count; i++)
        ring_unload(keys, keys->touched[i]);
    keys->touched_count = from;
    if (keys->touched_written > from)
        keys->touched_written = from;
}

void keys_undo(struct keys *keys)
{
    assert(keys != NULL);
    assert(keys->operation);

    untouch(keys, keys->touched_operation);
    keys->marks.count = keys->marks.operation;
    keys->fences.count = keys->fences.operation;
    keys->born.count = keys->born.operation;
    db_undo(keys->db);
    keys->operation = false;
}

void keys_rollback(struct keys *keys)
{
    assert(keys != NULL);

    untouch(keys, 0);
    keys->marks.count = keys->marks.settled;
    keys->fences.count = keys->fences.settled;
    keys->born.count = 0;
    db_rollback(keys->db);
    keys->operation = false;
}

static status done_write(struct keys *keys, const struct marks *done, struct report *report)
{
    for (size_t i = 0; i < done->count; i++) {
        TRY(db_fence_done(
            keys->db,
            &(struct db_fence_done_in){.subject = done->at[i].id, .version = done->at[i].version},
            report, NULL));
    }
    return OK;
}

static status commit_turn(struct keys *keys, struct report *report)
{
    TRY(rings_flush(keys, report));
    if (db_dirty(keys->db))
        TRY(done_write(keys, &keys->done, report));
    TRY(born_write(keys, report));
    bool wrote = db_dirty(keys->db);
    TRY(db_commit(keys->db, report));
    if (wrote)
        keys->done.count = 0;
    keys->born.count = 0;
    return OK;
}

status keys_commit(struct keys *keys, struct report *report)
{
    assert(keys != NULL);
    assert(!keys->operation);

    status result = commit_turn(keys, report);
    if (!is_ok(result)) {
        keys_rollback(keys);
        return result;
    }
    keys->touched_count = keys->touched_written = 0;
    keys->marks.settled = keys->marks.count;
    keys->fences.settled = keys->fences.count;
    return OK;
}

bool keys_dirty(const struct keys *keys)
{
    assert(keys != NULL);
    return keys->touched_count > 0 || db_dirty(keys->db) ||
           keys->marks.count > keys->marks.settled || keys->fences.count > keys->fences.settled;
}

bool keys_taken(const struct keys *keys)
{
    assert(keys != NULL);
    return db_taken(keys->db);
}

bool keys_met(struct keys *keys)
{
    assert(keys != NULL);
    return db_met(keys->db);
}

bool keys_unknown(const struct keys *keys)
{
    assert(keys != NULL);
    return db_unknown(keys->db);
}

void keys_abandon(struct keys *keys)
{
    assert(keys != NULL);

    keys_rollback(keys);
    marks_cut(&keys->marks, keys->marks.waiting);
    marks_cut(&keys->fences, keys->fences.waiting);
}

/* ---- stage 4 ---- */

static status forget_marked(struct keys *keys, struct report *report)
{
    TRY(db_flush_by_checkpoint(keys->db, report));
    for (size_t i = 0; i < keys->marks.count; i++) {
        const struct mark *mark = &keys->marks.at[i];
        TRY(mark->whole ? ring_erase(keys, mark->id, report)
                        : ring_drop_leaving(keys, mark->id, report));
    }
    TRY(done_write(keys, &keys->fences, report));
    TRY(done_write(keys, &keys->done, report));
    TRY(born_clear(keys, report));
    return db_commit(keys->db, report);
}

/* Fences whose turn has passed the log and that left no key behind. */
static void fences_are_done(struct keys *keys)
{
    for (size_t i = keys->fences.waiting; i < keys->fences.count; i++)
        marks_add(&keys->done, &keys->fences.at[i]);
    marks_cut(&keys->fences, keys->fences.waiting);
}

static status write_done(struct keys *keys, struct report *report)
{
    status written = done_write(keys, &keys->done, report);
    if (is_ok(written))
        written = db_commit(keys->db, report);
    if (is_ok(written))
        keys->done.count = 0;
    else
        db_rollback(keys->db);
    return written;
}

/* One checkpoint for those that waited, too. */
static status forget_and_truncate(struct keys *keys, struct report *report)
{
    if (keys->marks.count > 0) {
        status result = forget_marked(keys, report);
        if (!is_ok(result)) {
            untouch(keys, 0);
            db_rollback(keys->db);
            return result;
        }
        keys->touched_count = keys->touched_written = 0;
        keys->done.count = 0;
        marks_cut(&keys->marks, 0);
        marks_cut(&keys->fences, 0);
        keys->truncate_due = true;
    }
    if (keys->truncate_due)
        TRY(db_checkpoint_truncate(keys->db, report));
    keys->truncate_due = false;
    return OK;
}

/* What another's transaction stood in the way of is done again here: it may be, as often as it
 * takes, and who asked for it has an entry in the log already. */
static status forget_however_met(struct keys *keys, struct report *report)
{
    for (unsigned tries = 0;; tries++) {
        struct report met = {0};
        status result = forget_and_truncate(keys, &met);
        if (is_ok(result))
            return OK;
        if (!db_met(keys->db) || tries == FORGET_MOST)
            return fail(report, result.fault, "%s", met.text);
    }
}

status keys_commit_forgotten(struct keys *keys, struct report *report)
{
    assert(keys != NULL);
    assert(!keys->operation);
    assert(!keys_dirty(keys)); /* stage 1 comes first */

    if (keys->marks.count > keys->marks.waiting || keys->truncate_due)
        TRY(forget_however_met(keys, report));
    fences_are_done(keys);
    if (keys->beside && keys->done.count > 0) /* whoever is next has no list of them */
        TRY(write_done(keys, report));
    cache_trim(keys);
    crypto_cleanse(keys->crypto);
    return OK;
}

void keys_forget_later(struct keys *keys)
{
    assert(keys != NULL);
    assert(!keys_dirty(keys));

    if (keys->marks.count == 0)
        fences_are_done(keys);
    keys->marks.waiting = keys->marks.count;
    keys->fences.waiting = keys->fences.count;
    cache_trim(keys);
    crypto_cleanse(keys->crypto);
}

size_t keys_waiting(const struct keys *keys)
{
    assert(keys != NULL);
    return keys->marks.waiting;
}

status keys_forget_waiting(struct keys *keys, struct report *report)
{
    assert(keys != NULL);
    assert(!keys->operation);
    assert(!keys_dirty(keys));

    return keys->marks.waiting > 0 ? forget_and_truncate(keys, report) : OK;
}

void keys_trim(struct keys *keys)
{
    assert(keys != NULL);
    assert(!keys->operation);
    assert(!keys_dirty(keys));

    cache_trim(keys);
}

/* ---- while another process moves the register ---- */

status keys_hold_still(struct keys *keys, struct report *report)
{
    TRY(keys_forget_waiting(keys, report));
    TRY(write_done(keys, report));
    return db_hold_still(keys->db, report);
}

void keys_go_on(struct keys *keys)
{
    db_go_on(keys->db);
}

/* ---- beside other servers ---- */

static status same_epoch(struct keys *keys, struct report *report)
{
    unsigned char number[4];
    bool found = false;
    TRY(meta_get(keys, STR("epoch"), number, sizeof(number), report, &found));
    struct reader r = reader_over((str){(const char *)number, sizeof(number)});
    return found && read_be32(&r) == keys->epoch
               ? OK
               : fail(report, FAULT_KEY,
                      "the epoch was changed meanwhile: start this server again");
}

status keys_enter(struct keys *keys, enum db_stay stay, bool moved, struct report *report)
{
    assert(keys != NULL);
    assert(!keys->operation && !keys_dirty(keys));

    TRY(db_take(keys->db, stay, moved, report));
    if (!moved)
        return OK;
    cache_drop(keys);
    marks_cut(&keys->marks, 0);
    marks_cut(&keys->fences, 0);
    keys->done.count = 0;
    keys->born_written = true; /* for all that this one knows */
    return same_epoch(keys, report);
}

void keys_leave(struct keys *keys)
{
    assert(keys != NULL && !keys_dirty(keys));
    db_left(keys->db);
}

status keys_turn_set(struct keys *keys, uint64_t number, struct report *report)
{
    char bytes[8];
    struct buf buf = buf_over(bytes, sizeof(bytes));
    buf_be64(&buf, number);
    return meta_put(keys, STR("turn"), buf_str(&buf), report);
}

status keys_cut_short(struct keys *keys, uint64_t number, struct report *report, bool *cut)
{
    unsigned char bytes[8];
    bool found = false;
    TRY(meta_get(keys, STR("turn"), bytes, sizeof(bytes), report, &found));
    struct reader r = reader_over((str){(const char *)bytes, sizeof(bytes)});
    *cut = found && read_be64(&r) > number;
    return *cut ? OK : fences_open(keys, report, cut);
}

/* ---- small values ---- */

enum { MARK_BYTES = 8 + 32 + 8 };

status keys_high_water(struct keys *keys, struct report *report, struct high_water *mark)
{
    assert(keys != NULL && mark != NULL);

    unsigned char bytes[MARK_BYTES];
    bool found = false;
    *mark = (struct high_water){0};
    TRY(meta_get(keys, STR("high_water"), bytes, sizeof(bytes), report, &found));
    if (!found)
        return OK;
    struct reader r = reader_over((str){(const char *)bytes, sizeof(bytes)});
    mark->size = read_be64(&r);
    memcpy(mark->root, read_bytes(&r, sizeof(mark->root)).ptr, sizeof(mark->root));
    mark->place = read_be64(&r);
    return OK;
}

status keys_high_water_set(struct keys *keys, const struct high_water *mark, struct report *report)
{
    assert(keys != NULL && mark != NULL);

    char bytes[MARK_BYTES];
    struct buf buf = buf_over(bytes, sizeof(bytes));
    buf_be64(&buf, mark->size);
    buf_add(&buf, (str){(const char *)mark->root, sizeof(mark->root)});
    buf_be64(&buf, mark->place);
    return meta_put(keys, STR("high_water"), buf_str(&buf), report);
}

status keys_rings_each(struct keys *keys,
                       status (*each)(void *self, dossier_id id, struct report *report), void *self,
                       struct report *report)
{
    assert(keys != NULL && each != NULL);

    enum { PAGE = 256 };
    CLEANUP(arena_free) struct arena *arena = arena_new(4 << 20);
    dossier_id last = {{0}};
    size_t count = PAGE;
    TRY(rings_flush(keys, report));
    while (count == PAGE) {
        struct db_ring_list_row *rows = NULL;
        arena_reset(arena);
        TRY(db_ring_list_all(keys->db, &(struct db_ring_list_in){.after = last, .limit = PAGE},
                             arena, report, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            last = rows[i].subject;
            if (rows[i].sealed.len > 0 && rows[i].sealed.ptr[0] != 0)
                TRY(each(self, last, report));
        }
    }
    return OK;
}
