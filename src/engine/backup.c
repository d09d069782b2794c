/* Backups of data and of rings, each by itself; the epoch goes elsewhere. A restored backup is
 * older than the fences: the next open brings it forward before the first request. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db.h"
#include "engine_internal.h"
#include "file.h"
#include "json.h"
#include "merkle.h"

enum { PATH_ROOM = 4096, CARD_BYTES = 4096, READ_BYTES = 64 << 10 };
#define SUM_MARK STR(",\"sha256\":\"")

static status join(const char *dir, const char *leaf, char *path, struct report *report)
{
    int length = snprintf(path, PATH_ROOM, "%s/%s", dir, leaf);
    if (length < 0 || length >= PATH_ROOM)
        return fail(report, FAULT_LIMIT, "a path is too long");
    return OK;
}

/* What a backup is of: beside it, or within its archive. */
static status card_text(struct reg *reg, struct buf *buf, struct report *report, str *text)
{
    struct json_out out = json_out_over(buf);
    json_open_object(&out);
    json_key(&out, "format");
    json_put_u64(&out, 1);
    json_key(&out, "register");
    json_put_str(&out, reg->id);
    json_key(&out, "clock");
    json_put_text(&out, reg->simulated ? "simulated" : "real");
    json_key(&out, "made");
    json_put_instant(&out, reg_now(reg));
    json_key(&out, "log_size");
    json_put_u64(&out, audit_size(reg->log));
    json_close_object(&out);
    buf_char(buf, '\n');
    return buf_finish(buf, report, text);
}

/* The card with the sum of every byte of the data and of the card before it: sealed values say that
 * they are damaged, but only once they are read, and a copy is to be whole before it takes the
 * place of anything. An archive has sums of its own. */
static status add_sum(const char *data, str card, struct buf *buf, struct report *report)
{
    unsigned char room[READ_BYTES];
    CLEANUP(fd_close) int fd = open(data, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return file_fault(report, errno, "opened", data);
    CLEANUP(hasher_free) struct hasher *hasher = hasher_new();
    hasher_start(hasher);
    ssize_t count;
    while ((count = read(fd, room, sizeof(room))) > 0)
        hasher_add(hasher, (str){(const char *)room, (size_t)count});
    hasher_add(hasher, card);
    merkle_hash sum = hasher_end(hasher);
    buf_add(buf, card);
    buf_add(buf, SUM_MARK);
    buf_hex(buf, (str){(const char *)sum.bytes, MERKLE_HASH_BYTES});
    buf_text(buf, "\"}\n");
    return count == 0 ? OK : file_fault(report, errno, "read", data);
}

static status write_card(const struct world *world, const char *dir, str text,
                         struct report *report)
{
    char whole_room[CARD_BYTES], path[PATH_ROOM];
    struct buf whole = buf_over(whole_room, sizeof(whole_room));
    TRY(join(dir, "data.db", path, report));
    TRY(add_sum(path, str_slice(text, 0, text.len - 2), &whole,
                report)); /* it goes on before "}" */
    TRY(buf_finish(&whole, report, &text));
    TRY(join(dir, "backup.json", path, report));
    struct file_change change = {world, "backup.card", path};
    return file_write_durable(&change, text, 0600, report);
}

bool engine_backup_there(const char *dir)
{
    char card[PATH_ROOM], archive[PATH_ROOM];
    struct report report = {0};
    return is_ok(join(dir, "backup.json", card, &report)) &&
           is_ok(join(dir, "data.db.archive", archive, &report)) &&
           (file_exists(card) || file_exists(archive));
}

/* What was answered as failed is no backup, though it may have come to its last step. */
static void backup_undo(const char *dir)
{
    static const char *const last[] = {"backup.json", "data.db.archive"};
    char path[PATH_ROOM];
    struct report report = {0};
    for (size_t i = 0; i < LENGTH(last); i++) {
        if (is_ok(join(dir, last[i], path, &report)))
            (void)unlink(path);
    }
}

/* ---- of the data, in steps ---- */

enum { STEP_PAGES = 16 };

struct backup_job {
    struct reg *reg; /* NULL: it was ended, or the server is */
    const struct world *world;
    struct db_copy *copy;
    char dir[PATH_ROOM], path[PATH_ROOM]; /* of the backup, and of the copy */
    struct recipient recipient;
    bool sealed, is_copied;
    bool was_whole; /* there was a backup before */
    char card[CARD_BYTES];
    size_t card_length;
};

/* A copy that is to be encrypted lies in the register's own folder meanwhile, and goes by zeros. */
static status prepare(struct backup_job *job, struct report *report)
{
    char outgoing[PATH_ROOM];
    TRY(dir_make(job->dir, 0700, report));
    if (job->sealed) {
        TRY(join(job->reg->dir, "outgoing", outgoing, report));
        TRY(dir_make(outgoing, 0700, report));
    }
    TRY(join(job->sealed ? outgoing : job->dir, "data.db", job->path, report));
    struct file_change half = {job->world, "backup.copy", job->path};
    if (job->sealed || (file_exists(job->path) && !job->was_whole))
        TRY(file_remove_durable(&half, report)); /* of a backup that did not come to its end */
    return vault_copy_start(job->reg->vault, job->path, report, &job->copy);
}

status backup_begin(struct reg *reg, const struct backup *backup, struct report *report,
                    struct backup_job **made)
{
    if (reg->backup != NULL)
        return fail(report, FAULT_CONFLICT, "another backup of this register is being made");
    struct backup_job *job = calloc(1, sizeof(*job));
    if (job == NULL)
        abort();
    *made = reg->backup = job;
    job->reg = reg;
    job->world = reg->world;
    job->sealed = backup->recipient != NULL;
    if (job->sealed)
        job->recipient = *backup->recipient;
    job->was_whole = engine_backup_there(backup->dir);
    if (snprintf(job->dir, PATH_ROOM, "%s", backup->dir) >= PATH_ROOM)
        return fail(report, FAULT_LIMIT, "a path is too long");
    return prepare(job, report);
}

/* What it is of is what was committed by now. */
static status copied(struct backup_job *job, struct report *report)
{
    struct buf buf = buf_over(job->card, sizeof(job->card));
    str text;
    TRY(card_text(job->reg, &buf, report, &text));
    job->card_length = text.len;
    job->is_copied = true;
    return OK;
}

status engine_backup_step(struct backup_job *job, const struct step_room *room,
                          struct report *report, bool *more)
{
    *more = false;
    if (job->reg == NULL)
        return fail(report, FAULT_CONFLICT, "the register was ended while it was copied");
    struct step step = step_within(job->reg, room);
    bool done = false;
    do
        TRY(db_copy_step(job->copy, STEP_PAGES, report, &done));
    while (!done && step_goes_on(&step));
    *more = !done;
    return done ? copied(job, report) : OK;
}

static status seal_data(struct backup_job *job, struct report *report)
{
    char path[PATH_ROOM];
    struct archive_job archive = {job->world, job->path, path};
    TRY(join(job->dir, "data.db.archive", path, report));
    return archive_seal(&archive, &job->recipient, (str){job->card, job->card_length}, report);
}

status engine_backup_finish(struct backup_job *job, struct report *report)
{
    assert(job->is_copied);
    TRY(db_copy_publish(job->copy, report));
    if (!job->sealed)
        return write_card(job->world, job->dir, (str){job->card, job->card_length}, report);
    status made = seal_data(job, report);
    struct report other = {0};
    struct file_change gone = {job->world, "backup.copy", job->path};
    status removed = file_remove_durable(&gone, is_ok(made) ? report : &other);
    return is_ok(made) ? removed : made;
}

static void end_job(struct backup_job **ended, status made)
{
    struct backup_job *job = *ended;
    if (job == NULL)
        return;
    if (!is_ok(made) && !job->was_whole)
        backup_undo(job->dir);
    reg_let_backup_go(job->reg);
    db_copy_end(&job->copy);
    free(job);
    *ended = NULL;
}

void reg_let_backup_go(struct reg *reg)
{
    struct backup_job *job = reg == NULL ? NULL : reg->backup;
    if (job == NULL)
        return;
    if (!job->is_copied)
        db_copy_end(&job->copy);
    job->reg = NULL;
    reg->backup = NULL;
}

void engine_backup_end(struct backup_job **job, status made)
{
    struct reg *reg = *job == NULL ? NULL : (*job)->reg;
    end_job(job, made);
    if (is_ok(made) && reg != NULL)
        reg_backed_up(reg);
}

/* All of it at once. */
static status make(struct reg *reg, const struct backup *backup, struct report *report)
{
    static const struct step_room whole = {SIZE_MAX, INT64_MAX};
    struct backup_job *job = NULL;
    bool more = true;
    status made = backup_begin(reg, backup, report, &job);
    while (is_ok(made) && more)
        made = engine_backup_step(job, &whole, report, &more);
    if (is_ok(made))
        made = engine_backup_finish(job, report);
    end_job(&job, made);
    return made;
}

status engine_backup(struct reg *reg, const char *dir, struct report *report)
{
    struct backup backup = {.dir = dir};
    return make(reg, &backup, report);
}

/* ---- of the rings ---- */

status engine_backup_keys(struct reg *reg, const char *dir, struct report *report)
{
    char path[PATH_ROOM];
    TRY(dir_make(dir, 0700, report));
    TRY(join(dir, "keys.db", path, report));
    return keys_backup(vault_keys(reg->vault), path, report);
}

static status seal_keys(struct reg *reg, const struct backup *backup, const char *copy,
                        struct report *report)
{
    char room[CARD_BYTES], path[PATH_ROOM];
    struct buf buf = buf_over(room, sizeof(room));
    str card;
    TRY(card_text(reg, &buf, report, &card));
    TRY(join(backup->dir, "keys.db.archive", path, report));
    struct archive_job job = {reg->world, copy, path};
    return archive_seal(&job, backup->recipient, card, report);
}

static status backup_keys_sealed(struct reg *reg, const struct backup *backup,
                                 struct report *report)
{
    char dir[PATH_ROOM], copy[PATH_ROOM], last[PATH_ROOM];
    TRY(dir_make(backup->dir, 0700, report));
    TRY(join(backup->dir, "keys.db.archive", last, report));
    TRY(keys_backup_place(last, report));
    TRY(join(reg->dir, "outgoing", dir, report));
    TRY(dir_make(dir, 0700, report));
    TRY(join(dir, "keys.db", copy, report));
    struct file_change gone = {reg->world, "backup.copy", copy};
    TRY(file_remove_durable(&gone, report)); /* of a backup that a crash ended */
    status made = keys_backup(vault_keys(reg->vault), copy, report);
    if (is_ok(made))
        made = seal_keys(reg, backup, copy, report);
    struct report other = {0};
    status removed = file_remove_durable(&gone, is_ok(made) ? report : &other);
    return is_ok(made) ? removed : made;
}

status engine_backup_sealed(struct reg *reg, const struct backup *backup, struct report *report)
{
    return backup->keys ? backup_keys_sealed(reg, backup, report) : make(reg, backup, report);
}

/* ---- restore ---- */

struct card {
    str id, clock;
    uint64_t log_size; /* of a backup's */
};

static status read_leaf(const char *dir, const char *leaf, struct arena *arena,
                        struct report *report, str *text)
{
    char path[PATH_ROOM];
    TRY(join(dir, leaf, path, report));
    return file_read(path, arena, CARD_BYTES, report, text);
}

static status read_card(str text, const char *leaf, const char *id_key, struct arena *arena,
                        struct report *report, struct card *card, const struct json **json)
{
    struct report odd = {0};
    if (!is_ok(json_parse(arena, text, &odd, json)) ||
        !json_str(json_get(*json, id_key), &card->id) ||
        !json_str(json_get(*json, "clock"), &card->clock))
        return fail(report, FAULT_CORRUPT, "%s is damaged", leaf);
    return OK;
}

/* The backup must be of this register and of its kind of clock. */
static status check_cards(str text, const char *register_dir, struct arena *arena,
                          struct report *report, struct card *backup)
{
    const struct json *json;
    struct card own;
    str own_text;
    TRY(read_leaf(register_dir, "register.json", arena, report, &own_text));
    TRY(read_card(own_text, "register.json", "id", arena, report, &own, &json));
    TRY(read_card(text, "backup.json", "register", arena, report, backup, &json));
    int64_t size;
    if (!json_i64(json_get(json, "log_size"), &size) || size < 0)
        return fail(report, FAULT_CORRUPT, "backup.json is damaged");
    backup->log_size = (uint64_t)size;
    if (!str_equal(own.id, backup->id))
        return fail(report, FAULT_CONFLICT, "this is a backup of another register");
    if (!str_equal(own.clock, backup->clock))
        return fail(report, FAULT_CONFLICT,
                    "a backup of a register with a %.*s clock does not fit one with a %.*s clock",
                    STR_ARG(backup->clock), STR_ARG(own.clock));
    return OK;
}

/* The next open mends everything, and lists what the log knows beyond `log_size`. */
static status mark_restored(const struct engine_config *config, const char *path, uint64_t log_size,
                            struct report *report)
{
    const struct world *world = config->world;
    struct db_options options = {.schema = DB_DATA, .seam = "restore", .vfs = config->vfs};
    char room[24];
    struct buf size = buf_over(room, sizeof(room));
    buf_u64(&size, log_size);
    CLEANUP(db_close) struct db *db = NULL;
    TRY(db_open(world, path, &options, report, &db));
    TRY(db_check(db, report));
    struct db_meta_put_in in = {.name = STR("restored"), .value = buf_str(&size)};
    TRY(db_meta_put(db, &in, report));
    TRY(db_commit(db, report));
    return db_checkpoint_truncate(db, report);
}

static status copy_file(const struct world *world, const char *from, const char *to,
                        struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)4 << 30);
    str bytes;
    TRY(file_read(from, arena, (size_t)2 << 30, report, &bytes));
    struct file_change change = {world, "restore.copy", to};
    return file_write_durable(&change, bytes, 0600, report);
}

static status put_in_place(const struct world *world, const char *fresh, const char *register_dir,
                           struct report *report)
{
    char path[PATH_ROOM];
    static const char *const old[] = {"data.db-wal", "data.db-shm"};
    for (size_t i = 0; i < LENGTH(old); i++) {
        TRY(join(register_dir, old[i], path, report));
        struct file_change gone = {world, "restore.remove", path};
        TRY(file_remove_durable(&gone, report));
    }
    TRY(join(register_dir, "data.db", path, report));
    struct file_change change = {world, "restore.rename", fresh};
    return file_rename_durable(&change, path, report);
}

/* Brings the backup to `fresh`, and gives its card. */
static status fetch(const struct world *world, const struct restore *restore, const char *fresh,
                    struct arena *arena, struct report *report, str *card)
{
    char path[PATH_ROOM];
    if (restore->identity == NULL) {
        TRY(read_leaf(restore->dir, "backup.json", arena, report, card));
        TRY(join(restore->dir, "data.db", path, report));
        return copy_file(world, path, fresh, report);
    }
    TRY(join(restore->dir, "data.db.archive", path, report));
    struct archive_job job = {world, path, fresh};
    return archive_open(&job, restore->identity, arena, report, card);
}

static status look_through(const struct engine_config *config, const char *path,
                           struct report *report)
{
    struct db_options options = {.schema = DB_DATA, .seam = "restore", .vfs = config->vfs};
    CLEANUP(db_close) struct db *db = NULL;
    TRY(db_open(config->world, path, &options, report, &db));
    return db_check(db, report);
}

/* The card says what it would say of this data. */
static status check_sum(const char *path, str card, struct report *report)
{
    char room[CARD_BYTES];
    struct buf buf = buf_over(room, sizeof(room));
    const char *mark = memmem(card.ptr, card.len, SUM_MARK.ptr, SUM_MARK.len);
    str expected, before_ = {card.ptr, mark == NULL ? 0 : (size_t)(mark - card.ptr)};
    TRY(add_sum(path, before_, &buf, report));
    TRY(buf_finish(&buf, report, &expected));
    if (mark != NULL && str_equal(expected, card))
        return OK;
    return fail(
        report, FAULT_CORRUPT,
        "data.db of the backup, or its backup.json, is damaged: they do not fit each other");
}

static status check_fetched(const struct engine_config *config, const struct restore *restore,
                            const char *register_dir, const char *fresh, struct report *report,
                            struct card *backup)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(64 << 10);
    str card;
    TRY(fetch(config->world, restore, fresh, arena, report, &card));
    TRY(check_cards(card, register_dir, arena, report, backup));
    if (restore->identity == NULL)
        TRY(check_sum(fresh, card, report));
    return look_through(config, fresh, report);
}

static status remove_fetched(const struct world *world, const char *fresh, struct report *report)
{
    static const char *const tails[] = {"", "-wal", "-shm"};
    char path[PATH_ROOM + 8];
    for (size_t i = 0; i < LENGTH(tails); i++) {
        (void)snprintf(path, sizeof(path), "%.*s%s", PATH_ROOM, fresh, tails[i]);
        struct file_change gone = {world, "restore.remove", path};
        TRY(file_remove_durable(&gone, report));
    }
    return OK;
}

static status find_register(const struct engine_config *config, str name, char *dir,
                            struct report *report)
{
    char leaf[64];
    if (!register_name_valid(name))
        return fail(report, FAULT_NOT_FOUND, "no register has that name");
    struct db_places places;
    (void)snprintf(leaf, sizeof(leaf), "registers/%.*s", STR_ARG(name));
    TRY(join(config->data_dir, leaf, dir, report));
    TRY(db_places_read(dir, report, &places));
    if (db_place_at(&places, DB_DATA) != NULL)
        return fail(report, FAULT_INVALID,
                    "data.db lies in PostgreSQL: it is restored there, as docs/postgresql.md says");
    return OK;
}

status engine_restore_check(const struct engine_config *config, str name,
                            const struct restore *restore, struct report *report)
{
    char register_dir[PATH_ROOM], fresh[PATH_ROOM];
    struct card backup;
    TRY(find_register(config, name, register_dir, report));
    TRY(join(register_dir, "data.checked", fresh, report));
    status good = check_fetched(config, restore, register_dir, fresh, report, &backup);
    struct report other = {0};
    status removed = remove_fetched(config->world, fresh, is_ok(good) ? report : &other);
    return is_ok(good) ? removed : good;
}

status engine_restore_from(const struct engine_config *config, str name,
                           const struct restore *restore, struct report *report)
{
    char register_dir[PATH_ROOM], path[PATH_ROOM], fresh[PATH_ROOM];
    TRY(find_register(config, name, register_dir, report));
    CLEANUP(fd_close) int lock = -1;
    CLEANUP(fd_close) int changes = -1;
    TRY(join(register_dir, "lock", path, report));
    TRY(lock_take(path, report, &lock));
    TRY(register_changes_take(register_dir, report, &changes));
    struct card backup;
    TRY(join(register_dir, "data.restored", fresh, report));
    status good = check_fetched(config, restore, register_dir, fresh, report, &backup);
    if (is_ok(good))
        good = mark_restored(config, fresh, backup.log_size, report);
    if (is_ok(good))
        return put_in_place(config->world, fresh, register_dir, report);
    struct report other = {0}; /* a copy of old data does not stay because it was no good */
    status removed = remove_fetched(config->world, fresh, &other);
    (void)removed.fault;
    return good;
}

status engine_restore(const struct engine_config *config, str name, const char *dir,
                      struct report *report)
{
    struct restore restore = {.dir = dir};
    return engine_restore_from(config, name, &restore, report);
}
