/* The SQLite driver. Each statement is prepared once, when it is first used. Reads share one
 * transaction, which begins with the first of them and ends where one cannot be open: before a turn
 * that writes, a checkpoint, or whatever else is about the whole file. Nobody but us can write
 * meanwhile, so it never sees anything old. */
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "db_internal.h"
#include "driver.h"

enum { ADDRESS_ROOM = 3 * 4096 };

struct sqlite {
    sqlite3 *handle;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    char name[128];   /* last component of the path */
    uint64_t journal; /* pages in the journal */
};

struct sqlite_copy {
    struct sqlite *from;
    sqlite3 *to;
    sqlite3_backup *backup;
};

/* ---- faults ---- */

static enum fault_class fault_of(int code)
{
    switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return FAULT_LOCKED;
    case SQLITE_FULL:
        return FAULT_FULL;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_MISMATCH:
        return FAULT_CORRUPT;
    case SQLITE_CONSTRAINT:
        return FAULT_CONFLICT;
    case SQLITE_TOOBIG:
        return FAULT_LIMIT;
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return FAULT_STORE;
    default:
        return FAULT_INTERNAL;
    }
}

static status failed(const char *name, int code, struct report *report)
{
    if ((code & 0xFF) == SQLITE_NOMEM)
        abort(); /* the journal makes a restart safe */
    enum fault_class fault = fault_of(code);
    if (fault == FAULT_LOCKED)
        return fail(report, fault, "%s is held by another process", name);
    if (fault == FAULT_CORRUPT)
        return fail(report, fault, "%s is damaged or is not one of Vern's files (%s)", name,
                    sqlite3_errstr(code));
    return fail(report, fault, "%s: %s", name, sqlite3_errstr(code));
}

/* ---- the transaction of reads ---- */

static status run_plain(struct sqlite *sqlite, enum statement statement, struct report *report)
{
    bool row = false;
    TRY(sqlite_driver.start(sqlite, statement, NULL, report));
    status result = sqlite_driver.next(sqlite, statement, NULL, &row, report);
    sqlite_driver.finish(sqlite, statement);
    return result;
}

static bool sqlite_in_turn(void *connection)
{
    return sqlite3_txn_state(((struct sqlite *)connection)->handle, NULL) == SQLITE_TXN_WRITE;
}

static bool in_transaction(const struct sqlite *sqlite)
{
    return sqlite3_get_autocommit(sqlite->handle) == 0;
}

static status join_reads(struct sqlite *sqlite, struct report *report)
{
    return in_transaction(sqlite) ? OK : run_plain(sqlite, STATEMENT_READS_BEGIN, report);
}

static status end_reads(struct sqlite *sqlite, struct report *report)
{
    if (!in_transaction(sqlite) || sqlite_in_turn(sqlite))
        return OK;
    return run_plain(sqlite, STATEMENT_READS_END, report);
}

/* What must be so before a statement runs. */
static status make_way(struct sqlite *sqlite, enum statement statement, struct report *report)
{
    if (statement == STATEMENT_TURN_BEGIN)
        return end_reads(sqlite, report);
    bool reads = statement == STATEMENT_READS_BEGIN || statement == STATEMENT_READS_END;
    return reads ? OK : join_reads(sqlite, report);
}

/* ---- opening ---- */

static pthread_once_t configured = PTHREAD_ONCE_INIT;

/* Statistics would cost a lock in each allocation. Where SQLite is up already it stays as it is. */
static void configure(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int count_journal(void *self, sqlite3 *handle, const char *schema, int pages)
{
    (void)handle;
    (void)schema;
    ((struct sqlite *)self)->journal = (uint64_t)pages;
    return SQLITE_OK;
}

static status run_script(struct sqlite *sqlite, const char *name, struct report *report)
{
    const char *text = script_text(name);
    if (text == NULL)
        return fail(report, FAULT_INTERNAL, "there is no script %s", name);
    int code = sqlite3_exec(sqlite->handle, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? OK : failed(sqlite->name, code, report);
}

/* What the file says that it is. */
static status read_format(struct sqlite *sqlite, struct report *report, int64_t *owner,
                          int64_t *number)
{
    sqlite3_stmt *statement = NULL;
    int code =
        sqlite3_prepare_v2(sqlite->handle, script_text("format.sqlite.sql"), -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *owner = sqlite3_column_int64(statement, 0);
        *number = sqlite3_column_int64(statement, 1);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? OK : failed(sqlite->name, code, report);
}

static const struct {
    const char *prefix;
    int64_t owner; /* its application_id, as its first migration sets it */
} schemas[] = {[DB_DATA] = {"data", 0x56455264}, [DB_KEYS] = {"keys", 0x5645526B}};

/* The path as SQLite's address of a file that nobody changes: it is read without locks and without
 * its journal, which is cut. */
static status still_address(const char *path, const char *name, struct buf *address,
                            struct report *report)
{
    str text;
    buf_text(address, "file:");
    for (const char *c = path; *c != '\0'; c++) {
        if (strchr("%?#", *c) != NULL)
            buf_format(address, "%%%02X", (unsigned)*c);
        else
            buf_char(address, *c);
    }
    buf_text(address, "?immutable=1");
    buf_char(address, '\0');
    return is_ok(buf_finish(address, report, &text))
               ? OK
               : fail(report, FAULT_STORE, "the path to %s is too long", name);
}

/* What is in a journal would be passed over. */
static status check_cut(const char *path, const char *name, struct report *report)
{
    char journal[ADDRESS_ROOM];
    struct stat about;
    (void)snprintf(journal, sizeof(journal), "%s-wal", path);
    if (stat(journal, &about) == 0 ? about.st_size == 0 : errno == ENOENT)
        return OK;
    return fail(report, FAULT_LOCKED, "%s is not still: its journal is not written back", name);
}

/* One migration and its format number, whole or not at all. */
static status migrate(struct sqlite *sqlite, const char *name, struct report *report)
{
    TRY(run_plain(sqlite, STATEMENT_TURN_BEGIN, report));
    TRY(run_script(sqlite, name, report));
    return run_plain(sqlite, STATEMENT_TURN_COMMIT, report);
}

/* Brings the file to the newest format of its schema, from wherever it is. */
static status upgrade(struct sqlite *sqlite, const struct db_options *options,
                      struct report *report)
{
    enum db_schema schema = options->schema;
    bool create = options->create, still = options->still;
    int64_t owner = 0, number = 0;
    TRY(read_format(sqlite, report, &owner, &number));
    if (number != 0 && owner != schemas[schema].owner)
        return fail(report, FAULT_CORRUPT, "%s is another kind of file", sqlite->name);
    if (number == 0 && !create)
        return fail(report, FAULT_CORRUPT, "%s is empty", sqlite->name);
    int64_t newest = 0;
    for (;; newest++) {
        char name[64];
        snprintf(name, sizeof(name), "%s-%lld.sqlite.sql", schemas[schema].prefix,
                 (long long)newest + 1);
        if (script_text(name) == NULL)
            break;
        if (newest >= number && still)
            return fail(report, FAULT_STORE,
                        "%s is of an older format: start a server of this version first",
                        sqlite->name);
        if (newest >= number)
            TRY(migrate(sqlite, name, report));
    }
    if (number > newest)
        return fail(report, FAULT_STORE, "%s has format %lld, and this program knows up to %lld",
                    sqlite->name, (long long)number, (long long)newest);
    return OK;
}

static void sqlite_close(void *connection)
{
    struct sqlite *sqlite = connection;
    for (size_t i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(sqlite->statements[i]);
    sqlite3_close(sqlite->handle);
    free(sqlite);
}

static status prepare_still(struct sqlite *sqlite, const char *path,
                            const struct db_options *options, struct report *report)
{
    char room[ADDRESS_ROOM];
    struct buf address = buf_over(room, sizeof(room));
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
                SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
    TRY(still_address(path, sqlite->name, &address, report));
    TRY(check_cut(path, sqlite->name, report));
    int code = sqlite3_open_v2(room, &sqlite->handle, flags, options->vfs);
    return code == SQLITE_OK ? upgrade(sqlite, options, report)
                             : failed(sqlite->name, code, report);
}

static status sqlite_prepare(struct sqlite *sqlite, const char *path,
                             const struct db_options *options, struct report *report)
{
    if (options->still)
        return prepare_still(sqlite, path, options, report);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(path, &sqlite->handle, flags, options->vfs);
    if (code != SQLITE_OK)
        return failed(sqlite->name, code, report);
    TRY(run_script(sqlite, "session.sqlite.sql", report));
    sqlite3_wal_hook(sqlite->handle, count_journal, sqlite);
    return upgrade(sqlite, options, report);
}

static status sqlite_open(const struct world *world, const char *path,
                          const struct db_options *options, struct report *report,
                          void **connection)
{
    (void)world;
    pthread_once(&configured, configure);
    struct sqlite *sqlite = calloc(1, sizeof(*sqlite));
    if (sqlite == NULL)
        abort();
    snprintf(sqlite->name, sizeof(sqlite->name), "%s", path_last(path));
    status result = sqlite_prepare(sqlite, path, options, report);
    if (!is_ok(result)) {
        sqlite_close(sqlite);
        return result;
    }
    *connection = sqlite;
    return OK;
}

/* ---- statements ---- */

static int bind(sqlite3_stmt *statement, int number, const struct value *value)
{
    const char *bytes = value->bytes.ptr == NULL ? "" : value->bytes.ptr;
    switch (value->kind) {
    case VALUE_INTEGER:
        return sqlite3_bind_int64(statement, number, value->integer);
    case VALUE_BYTES:
        return sqlite3_bind_blob64(statement, number, bytes, value->bytes.len, SQLITE_STATIC);
    case VALUE_TEXT:
        return sqlite3_bind_text64(statement, number, bytes, value->bytes.len, SQLITE_STATIC,
                                   SQLITE_UTF8);
    }
    return SQLITE_MISUSE;
}

static status sqlite_start(void *connection, enum statement number, const struct value *in,
                           struct report *report)
{
    struct sqlite *sqlite = connection;
    sqlite3_stmt **statement = &sqlite->statements[number];
    int code = SQLITE_OK;
    TRY(make_way(sqlite, number, report));
    if (*statement == NULL)
        code = sqlite3_prepare_v3(sqlite->handle, statement_texts[number].sqlite, -1,
                                  SQLITE_PREPARE_PERSISTENT, statement, NULL);
    assert(code != SQLITE_OK || !sqlite3_stmt_busy(*statement));
    for (int i = 0; code == SQLITE_OK && i < statement_texts[number].in_count; i++)
        code = bind(*statement, i + 1, &in[i]);
    return code == SQLITE_OK ? OK : failed(sqlite->name, code, report);
}

static struct value column(sqlite3_stmt *statement, int number)
{
    if (sqlite3_column_type(statement, number) == SQLITE_INTEGER)
        return value_integer(sqlite3_column_int64(statement, number));
    const void *bytes = sqlite3_column_blob(statement, number); /* NULL when it is empty */
    size_t len = (size_t)sqlite3_column_bytes(statement, number);
    return value_bytes(bytes == NULL ? "" : bytes, len);
}

static status sqlite_next(void *connection, enum statement number, struct value *out, bool *row,
                          struct report *report)
{
    struct sqlite *sqlite = connection;
    sqlite3_stmt *statement = sqlite->statements[number];
    int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    if (code == SQLITE_DONE)
        return OK;
    if (code != SQLITE_ROW)
        return failed(sqlite->name, code, report);
    for (int i = 0; i < statement_texts[number].out_count; i++)
        out[i] = column(statement, i);
    return OK;
}

static void sqlite_finish(void *connection, enum statement number)
{
    sqlite3_stmt *statement = ((struct sqlite *)connection)->statements[number];
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

static status sqlite_changed(void *connection, struct report *report, uint64_t *changed)
{
    (void)report;
    *changed = (uint64_t)sqlite3_changes64(((struct sqlite *)connection)->handle);
    return OK;
}

/* Each statement is done before the next begins, and a flush says what became of it. */
static status sqlite_settle(void *connection, struct report *report)
{
    (void)connection;
    (void)report;
    return OK;
}

static bool sqlite_unknown(void *connection)
{
    (void)connection;
    return false;
}

static struct db_costs sqlite_costs(void *connection)
{
    (void)connection;
    return (struct db_costs){0};
}

/* ---- the whole file ---- */

static status sqlite_checkpoint(void *connection, bool truncate, struct report *report)
{
    struct sqlite *sqlite = connection;
    int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    TRY(end_reads(sqlite, report));
    int code = sqlite3_wal_checkpoint_v2(sqlite->handle, NULL, mode, NULL, NULL);
    if (code != SQLITE_OK)
        return failed(sqlite->name, code, report);
    sqlite->journal = 0;
    return OK;
}

static uint64_t sqlite_journal_pages(void *connection)
{
    return ((struct sqlite *)connection)->journal;
}

static status sqlite_flush_later(void *connection, bool later, struct report *report)
{
    TRY(end_reads(connection, report));
    return run_script(connection, later ? "flush-later.sqlite.sql" : "flush-each.sqlite.sql",
                      report);
}

static status sqlite_compact(void *connection, struct report *report)
{
    TRY(end_reads(connection, report));
    return run_script(connection, "compact.sqlite.sql", report);
}

static status sqlite_check(void *connection, struct report *report)
{
    struct sqlite *sqlite = connection;
    sqlite3_stmt *statement = NULL;
    bool sound = false;
    int code =
        sqlite3_prepare_v2(sqlite->handle, script_text("check.sqlite.sql"), -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        sound = str_is(column(statement, 0).bytes, "ok");
    sqlite3_finalize(statement);
    if (code != SQLITE_ROW)
        return failed(sqlite->name, code, report);
    return sound ? OK : failed(sqlite->name, SQLITE_CORRUPT, report);
}

static void sqlite_copy_end(void *copy)
{
    struct sqlite_copy *made = copy;
    sqlite3_backup_finish(made->backup);
    sqlite3_close(made->to);
    free(made);
}

static status sqlite_copy_start(void *connection, const char *path, struct report *report,
                                void **copy)
{
    struct sqlite_copy *made = calloc(1, sizeof(*made));
    if (made == NULL)
        abort();
    made->from = connection;
    int code =
        sqlite3_open_v2(path, &made->to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(made->to, script_text("copy.sqlite.sql"), NULL, NULL, NULL);
    if (code == SQLITE_OK) {
        made->backup = sqlite3_backup_init(made->to, "main", made->from->handle, "main");
        code = made->backup == NULL ? sqlite3_errcode(made->to) : SQLITE_OK;
    }
    if (code != SQLITE_OK) {
        sqlite_copy_end(made);
        return failed(path_last(path), code, report);
    }
    *copy = made;
    return OK;
}

static status sqlite_copy_step(void *copy, int pages, bool *done, struct report *report)
{
    struct sqlite_copy *made = copy;
    int code = sqlite3_backup_step(made->backup, pages);
    *done = code == SQLITE_DONE;
    return code == SQLITE_OK || *done ? OK : failed(made->from->name, code, report);
}

const struct driver sqlite_driver = {
    .name = "sqlite",
    .turns_are_operations = true,
    .open = sqlite_open,
    .close = sqlite_close,
    .start = sqlite_start,
    .next = sqlite_next,
    .finish = sqlite_finish,
    .changed = sqlite_changed,
    .in_turn = sqlite_in_turn,
    .settle = sqlite_settle,
    .unknown = sqlite_unknown,
    .costs = sqlite_costs,
    .flush_later = sqlite_flush_later,
    .checkpoint = sqlite_checkpoint,
    .journal_pages = sqlite_journal_pages,
    .compact = sqlite_compact,
    .check = sqlite_check,
    .copy_start = sqlite_copy_start,
    .copy_step = sqlite_copy_step,
    .copy_end = sqlite_copy_end,
};
