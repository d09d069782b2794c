/* Rotation of epochs, backup of keys.db, export of the epoch.
 *
 *   new epoch file -> master keys and rings sealed anew, batch by batch -> old file overwritten,
 * gone
 *
 * Until the last arrow both epochs open what they sealed, so a crash anywhere is finished by the
 * next open. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "file.h"
#include "keys_internal.h"

enum { ROTATION_BATCH = 500, EPOCH_FILE_MAX = 512 };

/* ---- rotation ---- */

struct rewrap {
    struct keys *keys;
    size_t changed;
};

/* One page of rings; the cursor moves on. */
static status rewrap_page(struct keys *keys, dossier_id *last, struct arena *arena,
                          struct report *report, size_t *count)
{
    struct db_ring_list_row *rows = NULL;
    struct db_ring_list_in in = {.after = *last, .limit = ROTATION_BATCH};
    TRY(db_ring_list_all(keys->db, &in, arena, report, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        bool changed = false;
        TRY(ring_rewrap(keys, rows[i].subject, report, &changed));
        *last = rows[i].subject;
    }
    return OK;
}

static status rewrap_all(struct keys *keys, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(4 << 20);
    dossier_id last = {{0}};
    size_t count = ROTATION_BATCH;
    while (count == ROTATION_BATCH) {
        arena_reset(arena);
        status result = rewrap_page(keys, &last, arena, report, &count);
        if (is_ok(result))
            result = keys_commit(keys, report);
        if (!is_ok(result)) {
            keys_rollback(keys);
            return result;
        }
        cache_trim(keys);
    }
    return OK;
}

/* The master keys say which epoch is present; with them new rings are sealed by it. */
static status present_epoch(struct keys *keys, uint32_t target, struct report *report)
{
    uint32_t before_it = keys->epoch;
    keys->epoch = target;
    status result = master_write(keys, report);
    if (is_ok(result))
        result = keys_commit(keys, report);
    if (!is_ok(result)) {
        keys_rollback(keys);
        keys->epoch = before_it;
    }
    return result;
}

static bool is_older(const struct keys *keys, const char *name)
{
    uint64_t number = 0;
    str text = str_from(name);
    if (str_ends(text, STR(".new")))
        text = str_slice(text, 0, text.len - 4); /* of a write that was cut short */
    return str_ends(text, STR(".key")) && str_to_u64(str_slice(text, 0, text.len - 4), &number) &&
           number > 0 && number < keys->epoch;
}

static void dir_close(DIR **dir)
{
    if (*dir != NULL)
        closedir(*dir);
}

/* Calls for the name of each file in a folder. */
static status dir_each(const char *path, status (*each)(void *self, const char *name), void *self,
                       struct report *report)
{
    CLEANUP(dir_close) DIR *dir = opendir(path);
    const struct dirent *entry;
    if (dir == NULL)
        return file_fault(report, errno, "read", path);
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            TRY(each(self, entry->d_name));
    return OK;
}

struct removal {
    struct keys *keys;
    struct report *report;
};

static status remove_older(void *self, const char *name)
{
    const struct removal *removal = self;
    const struct keys *keys = removal->keys;
    char path[EPOCH_PATH_ROOM];
    if (!is_older(keys, name))
        return OK;
    snprintf(path, sizeof(path), "%s/epoch/%s", keys->dir, name);
    struct file_change change = {keys->world, "epoch.remove", path};
    return file_remove_durable(&change, removal->report);
}

/* Only after every ring has left them, on disk and not just in the journal. */
static status remove_older_epochs(struct keys *keys, struct report *report)
{
    char path[EPOCH_PATH_ROOM];
    struct removal removal = {keys, report};
    snprintf(path, sizeof(path), "%s/epoch", keys->dir);
    TRY(dir_each(path, remove_older, &removal, report));
    for (size_t i = 0; i < EPOCHS_MAX; i++)
        if (keys->epochs[i].number != 0 && keys->epochs[i].number < keys->epoch)
            wipe(&keys->epochs[i], sizeof(keys->epochs[i]));
    return OK;
}

static status count_older(void *self, const char *name)
{
    struct rewrap *found = self;
    found->changed += is_older(found->keys, name);
    return OK;
}

/* Is there an older epoch file, whole or half removed? */
static status older_left(struct keys *keys, struct report *report, bool *left)
{
    char path[EPOCH_PATH_ROOM];
    struct rewrap found = {keys, 0};
    snprintf(path, sizeof(path), "%s/epoch", keys->dir);
    TRY(dir_each(path, count_older, &found, report));
    *left = found.changed > 0;
    return OK;
}

status rotation_finish(struct keys *keys, uint32_t target, struct report *report)
{
    bool left = false;
    if (target != keys->epoch)
        TRY(present_epoch(keys, target, report));
    TRY(older_left(keys, report, &left));
    if (!left)
        return OK;
    TRY(rewrap_all(keys, report));
    TRY(db_checkpoint_truncate(keys->db, report));
    return remove_older_epochs(keys, report);
}

status keys_rotate(struct keys *keys, struct report *report)
{
    assert(keys != NULL);
    assert(!keys->operation && !keys_dirty(keys));

    struct numbered_key *epoch = epoch_find(keys, keys->epoch + 1); /* of a try that failed */
    if (epoch == NULL)
        TRY(epoch_new(keys, keys->epoch + 1, report, &epoch));
    return rotation_finish(keys, epoch->number, report);
}

/* ---- copies ---- */

static void folder_of(const char *path, char folder[EPOCH_PATH_ROOM])
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        snprintf(folder, EPOCH_PATH_ROOM, ".");
    else
        snprintf(folder, EPOCH_PATH_ROOM, "%.*s", (int)(slash - path + 1), path);
}

struct neighbours {
    const char *folder;
    bool epoch, rows;
};

static bool is_database(const char *path)
{
    static const char magic[] = "SQLite format 3";
    char start[sizeof(magic)];
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return fd >= 0 && read(fd, start, sizeof(start)) == (ssize_t)sizeof(start) &&
           memcmp(start, magic, sizeof(magic)) == 0;
}

/* By content, and backups that are encrypted by their names. */
static status look_at(void *self, const char *name)
{
    struct neighbours *found = self;
    char path[EPOCH_PATH_ROOM + 256];
    str text = str_from(name);
    snprintf(path, sizeof(path), "%s/%s", found->folder, name);
    found->epoch |= is_epoch_file(path);
    found->rows |= is_database(path) || str_ends(text, STR(".db")) ||
                   str_ends(text, STR(".backup")) || str_starts(text, STR("keys.db")) ||
                   str_starts(text, STR("data.db"));
    return OK;
}

static status neighbours_of(const char *path, struct report *report, struct neighbours *found)
{
    static _Thread_local char folder[EPOCH_PATH_ROOM];
    folder_of(path, folder);
    *found = (struct neighbours){.folder = folder};
    return dir_each(folder, look_at, found, report);
}

status keys_backup_place(const char *path, struct report *report)
{
    struct neighbours found;
    TRY(neighbours_of(path, report, &found));
    if (found.epoch)
        return fail(report, FAULT_INVALID,
                    "the folder holds an epoch key: rings and epoch must never lie together");
    return OK;
}

status keys_backup(struct keys *keys, const char *path, struct report *report)
{
    assert(keys != NULL && path != NULL);
    assert(!keys->operation && !keys_dirty(keys));

    TRY(keys_backup_place(path, report));
    TRY(keys_forget_waiting(keys, report));
    return db_backup(keys->db, path, report);
}

static status exported_set(struct keys *keys, struct report *report)
{
    char number[4];
    struct buf buf = buf_over(number, sizeof(number));
    buf_be32(&buf, keys->epoch);
    TRY(db_meta_put(keys->db,
                    &(struct db_meta_put_in){.name = STR("exported"), .value = buf_str(&buf)},
                    report));
    return keys_commit(keys, report);
}

status keys_export_epoch(struct keys *keys, const char *path, struct report *report)
{
    assert(keys != NULL && path != NULL);
    assert(!keys->operation && !keys_dirty(keys));

    struct neighbours found;
    char source[EPOCH_PATH_ROOM];
    str bytes;
    CLEANUP(arena_free) struct arena *arena = arena_new(8 << 10);
    TRY(neighbours_of(path, report, &found));
    if (found.rows)
        return fail(report, FAULT_INVALID,
                    "the folder holds data or key rings: the epoch must never lie beside them");
    epoch_path(keys, keys->epoch, source);
    TRY(file_read(source, arena, EPOCH_FILE_MAX, report, &bytes));
    struct file_change change = {keys->world, "epoch.export", path};
    TRY(file_write_durable(&change, bytes, 0600, report));
    return exported_set(keys, report);
}

status keys_epoch(struct keys *keys, struct report *report, uint32_t *number, bool *exported)
{
    assert(keys != NULL && number != NULL && exported != NULL);

    bool found = false;
    struct db_meta_get_row row;
    CLEANUP(arena_free) struct arena *arena = arena_new(4096);
    TRY(db_meta_get(keys->db, &(struct db_meta_get_in){.name = STR("exported")}, arena, report,
                    &found, &row));
    struct reader r = reader_over(found ? row.value : STR(""));
    *number = keys->epoch;
    *exported = found && read_be32(&r) == keys->epoch;
    return OK;
}

status keys_bytes(struct keys *keys, struct report *report, uint64_t *bytes)
{
    assert(keys != NULL);
    return db_bytes(keys->db, report, bytes);
}

status keys_check(struct keys *keys, struct report *report)
{
    assert(keys != NULL);
    return db_check(keys->db, report);
}
