/* Turns, operations and copies over a driver. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "db_internal.h"
#include "driver.h"
#include "file.h"
#include "kept.h"

enum {
    FLUSHED_PIECE = 256 << 10, /* of a copy */
    JOURNAL_PAGES_MAX = 500,   /* some five milliseconds to write back, for which all wait */
    JOURNAL_PAGES_EARLY = 200, /* and two */
    COPY_PAGES = 256,
    PATH_ROOM = 4096
};

struct db {
    const struct driver *driver;
    void *connection;
    struct kept *kept; /* NULL: nothing is */
    const struct world *world;
    char path[PATH_ROOM], name[128]; /* name: its last component */
    char commit_seam[48], checkpoint_seam[48];
    bool turn;                       /* a transaction is open */
    bool operation_asked, operation; /* a savepoint is wanted; is there */
    bool alone;                      /* the operation is all that the turn holds: it has none */
    bool lost;                       /* the driver ended the transaction by itself */
    bool dirty;
    bool flush_later;     /* by the next checkpoint */
    bool beside, entered; /* other servers have it open; and this one is in it, */
    enum db_stay stay;    /* alone or with others; */
    bool appends;         /* the turn adds to the log; */
    bool refused;         /* and something was not written, since others are there */
    bool still;           /* nothing is written at all (db_hold_still()) */
    bool copying;
};

struct db_copy {
    struct db *db; /* NULL: it has all pages */
    const struct world *world;
    void *copy;
    char path[PATH_ROOM], part[PATH_ROOM];
};

const char *script_text(const char *name)
{
    for (size_t i = 0; i < script_count; i++)
        if (strcmp(scripts[i].name, name) == 0)
            return scripts[i].text;
    return NULL;
}

const char *path_last(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* The folder of a path. */
static bool path_folder(const char *path, char *folder, size_t room)
{
    const char *last = path_last(path);
    int len = last == path ? snprintf(folder, room, ".")
                           : snprintf(folder, room, "%.*s", (int)(last - path), path);
    return len >= 0 && (size_t)len < room;
}

/* An empty file of mode 0600, whatever the umask allows, before the driver makes one. */
static status file_make(const char *path, struct report *report)
{
    CLEANUP(fd_close) int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return fail(report, FAULT_CONFLICT, "%s is there already", path_last(path));
    if (fd < 0)
        return file_fault(report, errno, "making", path);
    return OK;
}

static status file_make_durable(const char *path, struct report *report)
{
    char folder[PATH_ROOM];
    if (!path_folder(path, folder, sizeof(folder)))
        return fail(report, FAULT_STORE, "the path to %s is too long", path_last(path));
    TRY(file_make(path, report));
    return dir_sync(folder, report);
}

/* NULL when it is not in this build. */
static const struct driver *driver_of(const struct db_options *options)
{
    if (options->place == NULL)
        return &sqlite_driver;
#ifdef VERN_POSTGRES
    return &postgres_driver;
#else
    return NULL;
#endif
}

status db_open(const struct world *world, const char *path, const struct db_options *options,
               struct report *report, struct db **db)
{
    assert(world != NULL);
    assert(path != NULL);
    assert(options != NULL && options->seam != NULL);
    assert(db != NULL);

    *db = NULL;
    const struct driver *driver = driver_of(options);
    if (driver == NULL)
        return fail(report, FAULT_STORE, "%s lies in PostgreSQL, which this build is without",
                    path_last(path));
    if (options->create && options->place == NULL)
        TRY(file_make_durable(path, report));
    CLEANUP(db_close) struct db *made = calloc(1, sizeof(*made));
    if (made == NULL)
        abort();
    *made = (struct db){
        .driver = driver, .world = world, .beside = options->beside, .still = options->still};
    snprintf(made->path, sizeof(made->path), "%s", path);
    snprintf(made->name, sizeof(made->name), "%s", path_last(path));
    snprintf(made->commit_seam, sizeof(made->commit_seam), "%s.commit", options->seam);
    snprintf(made->checkpoint_seam, sizeof(made->checkpoint_seam), "%s.checkpoint", options->seam);
    TRY(made->driver->open(world, path, options, report, &made->connection));
    made->kept = options->place == NULL && options->schema == DB_DATA ? kept_new() : NULL;
    *db = made;
    made = NULL;
    return OK;
}

void db_close(struct db **db)
{
    assert(db != NULL);

    if (*db == NULL)
        return;
    if ((*db)->connection != NULL) {
        assert(!(*db)->copying);
        db_rollback(*db);
        (*db)->driver->close((*db)->connection);
    }
    kept_free(&(*db)->kept);
    free(*db);
    *db = NULL;
}

/* ---- statements ---- */

/* After a failed write: has the transaction gone with it? */
static void notice_loss(struct db *db)
{
    if (db->turn && !db->driver->in_turn(db->connection))
        db->lost = true;
}

/* A statement without parameters and rows. */
static status run_plain(struct db *db, enum statement statement, struct report *report)
{
    bool row = false;
    TRY(db->driver->start(db->connection, statement, NULL, report));
    status result = db->driver->next(db->connection, statement, NULL, &row, report);
    db->driver->finish(db->connection, statement);
    return result;
}

static status turn_lost(const struct db *db, struct report *report)
{
    return fail(report, FAULT_STORE, "%s: an earlier failure took back the whole turn", db->name);
}

/* The first write of a turn opens it; the first of an operation sets its savepoint. The operation
 * that opens the turn needs none, and copies no page for it: where it fails the turn goes. */
static status before_write(struct db *db, struct report *report)
{
    bool opens = !db->turn;
    if (opens) {
        TRY(run_plain(db, STATEMENT_TURN_BEGIN, report));
        db->turn = true;
    }
    if (db->operation_asked && !db->operation) {
        db->alone = opens && db->driver->turns_are_operations;
        if (!db->alone)
            TRY(run_plain(db, STATEMENT_OPERATION_BEGIN, report));
        db->operation = true;
    }
    db->dirty = true;
    return OK;
}

/* Rows that are kept are given without asking the driver, but not within a turn: what it has
 * changed is the driver's to know. */
static bool start_kept(struct db *db, enum statement statement, const struct value *in)
{
    const struct statement_text *text = &statement_texts[statement];
    if (db->kept == NULL)
        return false;
    if (text->forgets)
        kept_forget(db->kept, statement, in);
    return text->kept != 0 && !db->turn && kept_start(db->kept, statement, in);
}

static bool is_kept(const struct db *db, enum statement statement)
{
    return db->kept != NULL && statement_texts[statement].kept != 0;
}

static bool may_run(const struct db *db, enum statement statement)
{
    return db->stay == DB_ALONE || !statement_texts[statement].writes ||
           (db->appends && statement == STATEMENT_ENTRY_PUT);
}

status db_may_write(const struct db *db, struct report *report)
{
    assert(db != NULL);
    return db->still ? fail(report, FAULT_MOVING, "%s", fault_text(FAULT_MOVING)) : OK;
}

status db_start_(struct db *db, enum statement statement, const struct value *in,
                 struct report *report)
{
    assert(db != NULL);
    assert(statement < STATEMENT_COUNT);

    if (db->lost)
        return turn_lost(db, report);
    if (db->beside && !db->entered)
        return fail(report, FAULT_STORE, "%s: other servers may be in it", db->name);
    if (statement_texts[statement].writes)
        TRY(db_may_write(db, report));
    if (!may_run(db, statement)) {
        db->refused = true;
        return fail(report, FAULT_STORE, "%s: nothing is changed in a turn that others share",
                    db->name);
    }
    if (start_kept(db, statement, in))
        return OK;
    status result = statement_texts[statement].writes ? before_write(db, report) : OK;
    if (is_ok(result))
        result = db->driver->start(db->connection, statement, in, report);
    if (!is_ok(result))
        notice_loss(db);
    return result;
}

/* Beside other servers an answer is of the turn in which it is used: whoever asks has entered. */
bool db_asks_ahead(const struct db *db)
{
    assert(db != NULL);
    return db->driver->ahead != NULL && (!db->beside || db->entered);
}

void db_ahead_(struct db *db, enum statement statement, const struct value *in)
{
    assert(db != NULL);
    assert(statement < STATEMENT_COUNT && statement_texts[statement].ahead);

    if (db_asks_ahead(db) && !db->lost)
        db->driver->ahead(db->connection, statement, in);
}

void db_ahead_end(struct db *db)
{
    assert(db != NULL);

    if (db->driver->ahead_end != NULL)
        db->driver->ahead_end(db->connection);
}

status db_next_(struct db *db, enum statement statement, struct value *out, bool *row,
                struct report *report)
{
    bool kept = is_kept(db, statement);
    if (kept && kept_gives(db->kept, statement)) {
        *row = kept_next(db->kept, statement, out);
        return OK;
    }
    status result = db->driver->next(db->connection, statement, out, row, report);
    if (!is_ok(result))
        notice_loss(db);
    else if (kept)
        kept_saw(db->kept, statement, *row ? out : NULL);
    return result;
}

void db_finish_(struct db *db, enum statement statement)
{
    bool kept = is_kept(db, statement), given = kept && kept_gives(db->kept, statement);
    if (kept)
        kept_finish(db->kept, statement);
    if (!given)
        db->driver->finish(db->connection, statement);
}

status db_changed_(struct db *db, struct report *report, uint64_t *changed)
{
    status result = db->driver->changed(db->connection, report, changed);
    if (!is_ok(result))
        notice_loss(db);
    return result;
}

static status odd_column(const struct db *db, struct report *report)
{
    return fail(report, FAULT_CORRUPT, "%s: a column is not of its type", db->name);
}

status db_take_bytes_(struct db *db, const struct value *from, void *to, size_t size,
                      struct report *report)
{
    if (from->kind != VALUE_BYTES || from->bytes.len != size)
        return odd_column(db, report);
    memcpy(to, from->bytes.ptr, size);
    return OK;
}

status db_take_text_(struct db *db, const struct value *from, struct arena *arena,
                     struct report *report, str *to)
{
    if (from->kind == VALUE_INTEGER)
        return odd_column(db, report);
    *to = arena == NULL ? from->bytes : arena_copy(arena, from->bytes);
    return to->ptr == NULL ? NO_MEMORY(report) : OK;
}

status db_take_int_(struct db *db, const struct value *from, struct report *report, int64_t *to)
{
    if (from->kind != VALUE_INTEGER)
        return odd_column(db, report);
    *to = from->integer;
    return OK;
}

status db_take_count_(struct db *db, const struct value *from, struct report *report, uint64_t *to)
{
    if (from->kind != VALUE_INTEGER || from->integer < 0)
        return odd_column(db, report);
    *to = (uint64_t)from->integer;
    return OK;
}

status db_take_instant_(struct db *db, const struct value *from, struct report *report, instant *to)
{
    return db_take_int_(db, from, report, &to->ms);
}

/* ---- turns ---- */

status db_savepoint(struct db *db, struct report *report)
{
    assert(db != NULL);
    assert(!db->operation_asked);

    if (db->lost)
        return turn_lost(db, report);
    db->operation_asked = true;
    return OK;
}

status db_release(struct db *db, struct report *report)
{
    assert(db != NULL);
    assert(db->operation_asked);

    if (db->lost)
        return turn_lost(db, report);
    if (db->operation && !db->alone) {
        status result = run_plain(db, STATEMENT_OPERATION_END, report);
        notice_loss(db);
        TRY(result);
    }
    db->operation_asked = db->operation = db->alone = false;
    return OK;
}

static status undo_turn(struct db *db)
{
    TRY(run_plain(db, STATEMENT_TURN_ROLLBACK, NULL));
    db->turn = db->dirty = false;
    return OK;
}

static status undo_operation(struct db *db)
{
    TRY(run_plain(db, STATEMENT_OPERATION_UNDO, NULL));
    return run_plain(db, STATEMENT_OPERATION_END, NULL);
}

void db_undo(struct db *db)
{
    assert(db != NULL);

    if (db->operation && !db->lost) /* half an operation must never be committed */
        db->lost = !is_ok(db->alone ? undo_turn(db) : undo_operation(db));
    db->operation_asked = db->operation = db->alone = false;
}

static void turn_end(struct db *db)
{
    db->turn = db->operation = db->operation_asked = db->alone = db->lost = db->dirty = false;
    db->appends = false;
}

void db_rollback(struct db *db)
{
    assert(db != NULL);

    if (db->turn && db->driver->in_turn(db->connection)) {
        status ignored = run_plain(db, STATEMENT_TURN_ROLLBACK, NULL);
        (void)ignored; /* a transaction that cannot be rolled back goes with the connection */
    }
    turn_end(db);
}

/* Keeps the journal from growing without end. What fails here leaves all that was committed as it
 * was, and the next turn tries again. */
static void checkpoint_sometimes(struct db *db)
{
    if (db->driver->journal_pages(db->connection) < JOURNAL_PAGES_MAX)
        return;
    status ignored = world_seam(db->world, db->checkpoint_seam, NULL);
    if (is_ok(ignored))
        ignored = db->driver->checkpoint(db->connection, false, NULL);
    (void)ignored;
}

static status commit_now(struct db *db, struct report *report)
{
    if (db->lost)
        return turn_lost(db, report);
    TRY(world_seam(db->world, db->commit_seam, report));
    return run_plain(db, STATEMENT_TURN_COMMIT, report);
}

status db_commit(struct db *db, struct report *report)
{
    assert(db != NULL);
    assert(!db->operation_asked);

    if (!db->turn && !db->lost)
        return OK;
    status result = commit_now(db, report);
    if (!is_ok(result)) {
        db_rollback(db);
        return result;
    }
    turn_end(db);
    checkpoint_sometimes(db);
    return OK;
}

bool db_dirty(const struct db *db)
{
    assert(db != NULL);
    return db->dirty;
}

bool db_lost(const struct db *db)
{
    assert(db != NULL);
    return db->lost;
}

status db_settle(struct db *db, struct report *report)
{
    assert(db != NULL);

    if (db->lost)
        return turn_lost(db, report);
    status result = db->driver->settle(db->connection, report);
    if (!is_ok(result))
        notice_loss(db);
    return result;
}

bool db_met(struct db *db)
{
    assert(db != NULL);
    bool refused = db->refused;
    db->refused = false;
    return (db->driver->met != NULL && db->driver->met(db->connection)) || refused;
}

bool db_unknown(const struct db *db)
{
    assert(db != NULL);
    return db->driver->unknown(db->connection);
}

bool db_taken(const struct db *db)
{
    assert(db != NULL);
    return db->driver->taken != NULL && db->driver->taken(db->connection);
}

/* ---- beside other servers ---- */

status db_enter(struct db *db, enum db_stay stay, struct report *report, struct db_entered *entered)
{
    assert(db != NULL && db->beside && !db->entered);
    assert(!db->turn);

    TRY(db->driver->enter(db->connection, stay, report, entered));
    db->entered = true;
    db->stay = stay;
    return OK;
}

status db_take(struct db *db, enum db_stay stay, bool moved, struct report *report)
{
    assert(db != NULL && db->beside);
    assert(!db->turn);

    status taken = db->driver->take(db->connection, stay, moved, report);
    db->entered = is_ok(taken);
    db->stay = stay;
    return taken;
}

status db_append_begin(struct db *db, struct report *report)
{
    assert(db != NULL && db->entered && db->stay == DB_SHARED);
    assert(!db->turn);

    db->driver->append(db->connection);
    TRY(run_plain(db, STATEMENT_TURN_BEGIN, report));
    db->turn = db->appends = true;
    return OK;
}

/* What was asked for ahead may be another's by the next time. */
void db_left(struct db *db)
{
    assert(db != NULL && !db->turn);
    db->entered = false;
    db->stay = DB_ALONE;
    db_ahead_end(db);
}

status db_leave(struct db *db, struct report *report)
{
    assert(db != NULL && db->entered);
    assert(!db->turn);

    db_left(db);
    return db->driver->leave(db->connection, report);
}

status db_duty(struct db *db, struct report *report, bool *mine)
{
    assert(db != NULL && db->entered);
    return db->driver->duty(db->connection, report, mine);
}

uint64_t db_number(const struct db *db)
{
    assert(db != NULL && db->beside);
    return db->driver->number(db->connection);
}

struct db_costs db_costs(const struct db *db)
{
    assert(db != NULL);
    return db->driver->costs(db->connection);
}

status db_bytes(struct db *db, struct report *report, uint64_t *bytes)
{
    assert(db != NULL);
    assert(bytes != NULL);

    struct stat file;
    if (db->driver->bytes != NULL)
        return db->driver->bytes(db->connection, report, bytes);
    *bytes = stat(db->path, &file) == 0 ? (uint64_t)file.st_size : 0;
    return OK;
}

status db_shard(struct db *db, struct report *report)
{
    assert(db != NULL);
    assert(!db->turn);

    return db->driver->shard != NULL ? db->driver->shard(db->connection, report)
                                     : fail(report, FAULT_INVALID, "%s is a file", db->name);
}

/* ---- between turns ---- */

status db_flush_by_checkpoint(struct db *db, struct report *report)
{
    assert(db != NULL);
    assert(!db->turn);

    TRY(db_may_write(db, report));
    if (db->driver->flush_later == NULL)
        return OK;
    TRY(db->driver->flush_later(db->connection, true, report));
    db->flush_later = true;
    return OK;
}

status db_checkpoint_early(struct db *db, struct report *report, bool *did)
{
    assert(db != NULL && did != NULL);
    assert(!db->turn);

    *did = !db->still && db->driver->journal_pages(db->connection) >= JOURNAL_PAGES_EARLY;
    if (!*did)
        return OK;
    TRY(world_seam(db->world, db->checkpoint_seam, report));
    return db->driver->checkpoint(db->connection, false, report);
}

status db_checkpoint_truncate(struct db *db, struct report *report)
{
    assert(db != NULL);
    assert(!db->turn);

    if (db->still)
        return OK; /* it is cut already */
    TRY(world_seam(db->world, db->checkpoint_seam, report));
    TRY(db->driver->checkpoint(db->connection, true, report));
    if (db->flush_later)
        TRY(db->driver->flush_later(db->connection, false, report));
    db->flush_later = false;
    return OK;
}

status db_hold_still(struct db *db, struct report *report)
{
    TRY(db_checkpoint_truncate(db, report));
    db->still = true;
    return OK;
}

void db_go_on(struct db *db)
{
    assert(db != NULL);
    db->still = false;
}

status db_check(struct db *db, struct report *report)
{
    assert(db != NULL);
    return db->driver->check(db->connection, report);
}

status db_compact(struct db *db, struct report *report)
{
    assert(db != NULL);
    assert(!db->turn && !db->copying);

    TRY(db_may_write(db, report));
    TRY(world_seam(db->world, db->commit_seam, report));
    if (db->driver->compact != NULL)
        TRY(db->driver->compact(db->connection, report));
    return db_checkpoint_truncate(db, report);
}

status db_copy_start(struct db *db, const char *path, struct report *report, struct db_copy **copy)
{
    assert(db != NULL);
    assert(path != NULL);
    assert(copy != NULL);
    assert(!db->turn && !db->copying);

    *copy = NULL;
    if (db->driver->copy_start == NULL)
        return fail(report, FAULT_INVALID,
                    "%s lies in PostgreSQL: back it up there, as docs/postgresql.md says",
                    db->name);
    CLEANUP(db_copy_end) struct db_copy *made = calloc(1, sizeof(*made));
    if (made == NULL)
        abort();
    made->world = db->world;
    if (snprintf(made->path, PATH_ROOM, "%s", path) >= PATH_ROOM ||
        snprintf(made->part, PATH_ROOM, "%s.part", path) >= PATH_ROOM)
        return fail(report, FAULT_STORE, "the path to %s is too long", path_last(path));
    unlink(made->part);
    TRY(file_make(made->part, report));
    TRY(db->driver->copy_start(db->connection, made->part, report, &made->copy));
    made->db = db;
    db->copying = true;
    *copy = made;
    made = NULL;
    return OK;
}

/* From here on nothing of the database is touched. */
static void let_go(struct db_copy *copy)
{
    if (copy->db == NULL)
        return;
    copy->db->driver->copy_end(copy->copy);
    copy->db->copying = false;
    copy->db = NULL;
}

status db_copy_step(struct db_copy *copy, int pages, struct report *report, bool *done)
{
    assert(copy != NULL && copy->db != NULL);
    assert(done != NULL);
    assert(!copy->db->turn);

    *done = false;
    TRY(copy->db->driver->copy_step(copy->copy, pages, done, report));
    if (*done)
        let_go(copy);
    return OK;
}

/* A piece at a time, each waited for: whoever flushes something small meanwhile waits behind one
 * piece, and not behind all of it. */
static bool flush_in_pieces(int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    for (off_t at = 0; at < size; at += FLUSHED_PIECE)
        (void)sync_file_range(fd, at, FLUSHED_PIECE,
                              SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                                  SYNC_FILE_RANGE_WAIT_AFTER);
    return fsync(fd) == 0;
}

status db_copy_publish(struct db_copy *copy, struct report *report)
{
    assert(copy != NULL && copy->db == NULL);

    CLEANUP(fd_close) int fd = open(copy->part, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || !flush_in_pieces(fd))
        return file_fault(report, errno, "flushing", copy->part);
    struct file_change change = {copy->world, "backup.publish", copy->part};
    return file_rename_durable(&change, copy->path, report);
}

void db_copy_end(struct db_copy **copy)
{
    assert(copy != NULL);

    if (*copy == NULL)
        return;
    let_go(*copy);
    unlink((*copy)->part);
    free(*copy);
    *copy = NULL;
}

status db_backup(struct db *db, const char *path, struct report *report)
{
    CLEANUP(db_copy_end) struct db_copy *copy = NULL;
    bool done = false;
    TRY(db_copy_start(db, path, report, &copy));
    while (!done)
        TRY(db_copy_step(copy, COPY_PAGES, report, &done));
    return db_copy_publish(copy, report);
}
