/* Turns, operations, copies, and the bad days of one file. G4 of the README rests on these. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "crash_vfs.h"
#include "db_internal.h"
#ifdef VERN_POSTGRES
#include "postgres_server.h"
#endif

static const struct db_place *place; /* NULL: tests are of files */
static char folder[64], path[96], copy_path[96];
static struct arena *arena;

static int in_a_new_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/vern-db-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/data.db", folder);
    snprintf(copy_path, sizeof(copy_path), "%s/copy.db", folder);
    arena = arena_new(8 << 20);
    crash = (struct crash){0};
    return 0;
}

static int folder_gone(void **state)
{
    (void)state;
    const char *names[] = {"data.db", "data.db-wal", "data.db-journal",
                           "copy.db", "copy.db-wal", "copy.db.part"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        char name[128];
        snprintf(name, sizeof(name), "%s/%s", folder, names[i]);
        unlink(name);
    }
    assert_int_equal(rmdir(folder), 0);
    arena_free(&arena);
    return 0;
}

static void assert_ok(status result, const struct report *report)
{
    if (!is_ok(result))
        fail_msg("%s: %s", fault_name(result.fault), report->text);
}

static struct db *opened_with(struct db_options options, const char *where)
{
    struct report report = {0};
    struct db *db = NULL;
    options.place = place;
    assert_ok(db_open(world_real(), where, &options, &report, &db), &report);
    return db;
}

static struct db *opened(bool create)
{
    return opened_with((struct db_options){.schema = DB_DATA, .create = create, .seam = "data"},
                       path);
}

static enum fault_class opening(enum db_schema schema, bool create, struct report *report)
{
    *report = (struct report){0};
    struct db *db = NULL;
    struct db_options options = {
        .schema = schema, .create = create, .seam = "data", .place = place};
    status result = db_open(world_real(), path, &options, report, &db);
    db_close(&db);
    return result.fault;
}

static dossier_id person(unsigned number)
{
    return (dossier_id){{(unsigned char)(number >> 8), (unsigned char)number, 7}};
}

static status put(struct db *db, unsigned number, str bytes, struct report *report)
{
    return db_item_put(
        db, &(struct db_item_put_in){.subject = person(number), .record = {{1}}, .sealed = bytes},
        report);
}

static bool holds(struct db *db, unsigned number, str bytes)
{
    struct report report = {0};
    struct db_item_get_row row = {0};
    bool found = false;
    assert_ok(db_item_get(db, &(struct db_item_get_in){.subject = person(number), .record = {{1}}},
                          arena, &report, &found, &row),
              &report);
    return found && str_equal(row.sealed, bytes);
}

static void what_was_committed_is_there_after_a_restart_and_nothing_else_is(void **state)
{
    (void)state;
    struct report report = {0};
    struct db *db = opened(true);
    assert_false(db_dirty(db));
    assert_ok(put(db, 1, STR("first"), &report), &report);
    assert_true(db_dirty(db));
    assert_true(holds(db, 1, STR("first")));
    assert_ok(db_commit(db, &report), &report);
    assert_false(db_dirty(db));
    assert_ok(put(db, 2, STR("second"), &report), &report);
    db_close(&db);
    db = opened(false);
    assert_true(holds(db, 1, STR("first")));
    assert_false(holds(db, 2, STR("second")));
    db_close(&db);
}

static void an_operation_that_fails_is_taken_back_alone(void **state)
{
    (void)state;
    struct report report = {0};
    struct db *db = opened(true);
    for (unsigned i = 1; i <= 3; i++) {
        assert_ok(db_savepoint(db, &report), &report);
        assert_ok(put(db, i, STR("x"), &report), &report);
        if (i == 2)
            db_undo(db);
        else
            assert_ok(db_release(db, &report), &report);
    }
    assert_ok(db_savepoint(db, &report), &report); /* one that only reads */
    assert_true(holds(db, 1, STR("x")));
    db_undo(db);
    assert_ok(db_commit(db, &report), &report);
    db_close(&db);
    db = opened(false);
    assert_true(holds(db, 1, STR("x")) && !holds(db, 2, STR("x")) && holds(db, 3, STR("x")));
    db_close(&db);
}

static void the_first_operation_of_a_turn_is_taken_back_and_the_turn_goes_on(void **state)
{
    (void)state;
    struct report report = {0};
    struct db *db = opened(true);
    for (unsigned i = 1; i <= 4; i++) {
        assert_ok(db_savepoint(db, &report), &report);
        assert_ok(put(db, i, STR("x"), &report), &report);
        if (i <= 2)
            db_undo(db);
        else
            assert_ok(db_release(db, &report), &report);
        assert_true(holds(db, i, STR("x")) == (i > 2));
    }
    assert_ok(db_commit(db, &report), &report);
    db_close(&db);
    db = opened(false);
    assert_true(!holds(db, 1, STR("x")) && !holds(db, 2, STR("x")));
    assert_true(holds(db, 3, STR("x")) && holds(db, 4, STR("x")));
    db_close(&db);
}

static void a_turn_that_is_rolled_back_did_not_happen(void **state)
{
    (void)state;
    struct report report = {0};
    struct db *db = opened(true);
    assert_ok(db_savepoint(db, &report), &report);
    assert_ok(put(db, 1, STR("x"), &report), &report);
    db_rollback(db);
    assert_false(holds(db, 1, STR("x")));
    assert_ok(db_commit(db, &report), &report);
    db_close(&db);
}

static void a_key_that_is_there_already_is_a_conflict_and_leaves_the_turn_whole(void **state)
{
    (void)state;
    struct report report = {0};
    struct db *db = opened(true);
    struct db_dossier_add_in dossier = {
        .subject = person(1), .kind = 1, .version = 1, .sealed = STR("s")};
    assert_ok(db_dossier_add(db, &dossier, &report), &report);
    assert_ok(db_savepoint(db, &report), &report);
    status again = db_dossier_add(db, &dossier, &report);
    if (is_ok(again)) /* it is told later where it is not waited for */
        again = db_settle(db, &report);
    assert_int_equal(again.fault, FAULT_CONFLICT);
    assert_null(strstr(report.text, "\\x")); /* the report names the file, no row */
    db_undo(db);
    report = (struct report){0};
    assert_ok(db_commit(db, &report), &report);
    uint64_t changed = 9;
    struct db_dossier_set_in set = {
        .subject = person(1), .old_version = 2, .version = 3, .sealed = STR("t")};
    assert_ok(db_dossier_set(db, &set, &report, &changed), &report);
    assert_int_equal(changed, 0);
    set.old_version = 1;
    assert_ok(db_dossier_set(db, &set, &report, &changed), &report);
    assert_int_equal(changed, 1);
    db_close(&db);
}

static long journal_bytes(void)
{
    char name[128];
    struct stat info;
    snprintf(name, sizeof(name), "%s-wal", path);
    assert_int_equal(stat(name, &info), 0);
    return (long)info.st_size;
}

/* A page of the file and its header in the journal. */
enum { JOURNAL_PAGE_BYTES = 4096 + 24 };

static long bytes_of_turn(struct db *db)
{
    struct report report = {0};
    long before = journal_bytes();
    assert_ok(db_commit(db, &report), &report);
    return journal_bytes() - before;
}

static void facts_that_change_take_one_page_and_what_stays_takes_none(void **state)
{
    (void)state;
    struct report report = {0};
    struct db *db = opened(true);
    static char facts[1500];
    struct db_dossier_put_in put = {
        .subject = person(1), .kind = 1, .version = 1, .sealed = {facts, sizeof(facts)}};
    struct db_due_put_in due = {.subject = person(1), .hour = 7};
    assert_ok(db_dossier_put(db, &put, &report), &report);
    assert_ok(db_due_put(db, &due, &report), &report);
    assert_ok(db_commit(db, &report), &report);
    put.version = 2;
    facts[0] = 'x';
    assert_ok(db_dossier_put(db, &put, &report), &report);
    assert_int_equal(bytes_of_turn(db), JOURNAL_PAGE_BYTES);
    assert_ok(db_due_put(db, &due, &report), &report);
    assert_int_equal(bytes_of_turn(db), 0);
    due.hour = 8;
    assert_ok(db_due_put(db, &due, &report), &report);
    assert_true(bytes_of_turn(db) > 0);
    db_close(&db);
}

/* A file as the first format had it, with one dossier. */
static void make_format_1(void)
{
    sqlite3 *handle = NULL;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, script_text("data-1.sqlite.sql"), NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle,
                                  "INSERT INTO dossier VALUES "
                                  "(x'00010700000000000000000000000000', 1, 5, x'616263')",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

static void a_file_of_an_older_format_keeps_its_dossiers(void **state)
{
    (void)state;
    struct report report = {0};
    make_format_1();
    for (int time = 0; time < 2; time++) { /* brought up, and as it then is */
        struct db *db = opened(false);
        struct db_dossier_get_row row = {0};
        struct db_dossier_list_row *listed;
        bool found = false;
        size_t count = 0;
        assert_ok(db_dossier_get(db, &(struct db_dossier_get_in){person(1)}, arena, &report, &found,
                                 &row),
                  &report);
        assert_true(found && row.version == 5 && str_equal(row.sealed, STR("abc")));
        assert_ok(db_dossier_list_all(db, &(struct db_dossier_list_in){.kind = 1, .limit = 9},
                                      arena, &report, &listed, &count),
                  &report);
        assert_int_equal(count, 1);
        db_close(&db);
    }
}

static void rows_come_in_order_and_page_by_page(void **state)
{
    (void)state;
    struct report report = {0};
    struct db *db = opened(true);
    for (unsigned i = 0; i < 25; i++)
        assert_ok(db_due_put(db,
                             &(struct db_due_put_in){.subject = person(i * 7 % 25), .hour = i / 10},
                             &report),
                  &report);
    struct db_due_after_in page = {.hour = 1, .after_hour = -1, .limit = 6};
    size_t seen = 0, count = 1;
    while (count > 0) {
        struct db_due_after_row *rows = NULL;
        assert_ok(db_due_after_all(db, &page, arena, &report, &rows, &count), &report);
        for (size_t i = 0; i < count; i++) {
            assert_true(rows[i].hour > page.after_hour ||
                        memcmp(&rows[i].subject, &page.after, ID_BYTES) > 0);
            page.after_hour = rows[i].hour;
            page.after = rows[i].subject;
        }
        seen += count;
    }
    assert_int_equal(seen, 20);
    db_close(&db);
}

static status count_until(void *self, const struct db_outbox_list_row *row, struct report *report)
{
    size_t *left = self;
    assert_int_equal(row->place, 10 - *left);
    return --*left == 0 ? fail(report, FAULT_LIMIT, "enough") : OK;
}

static void a_walk_over_rows_stops_when_its_visitor_fails(void **state)
{
    (void)state;
    struct report report = {0};
    struct db *db = opened(true);
    for (unsigned i = 0; i < 20; i++)
        assert_ok(db_outbox_put(db,
                                &(struct db_outbox_put_in){.subject = person(i),
                                                           .entry = {{(unsigned char)(40 - i)}},
                                                           .place = i,
                                                           .bytes = STR("entry")},
                                &report),
                  &report);
    size_t left = 10;
    assert_int_equal(db_outbox_list_each(db, count_until, &left, &report).fault, FAULT_LIMIT);
    assert_int_equal(left, 0);
    uint64_t changed = 0;
    report = (struct report){0};
    assert_ok(db_outbox_clear(db, &(struct db_outbox_clear_in){.place = 14}, &report, &changed),
              &report);
    assert_int_equal(changed, 15);
    db_close(&db);
}

static void a_second_process_is_told_that_the_file_is_held(void **state)
{
    (void)state;
    struct db *db = opened(true);
    pid_t child = fork();
    if (child == 0) {
        struct report report = {0};
        enum fault_class fault = opening(DB_DATA, false, &report);
        _exit(fault == FAULT_LOCKED && strstr(report.text, "data.db") != NULL &&
                      strstr(report.text, folder) == NULL
                  ? 0
                  : 1);
    }
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(how, 0);
    db_close(&db);
}

static void what_is_missing_or_there_already_is_refused(void **state)
{
    (void)state;
    struct report report;
    assert_int_equal(opening(DB_DATA, false, &report), FAULT_STORE);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(opening(DB_DATA, true, &report), FAULT_NONE);
    assert_int_equal(opening(DB_DATA, true, &report), FAULT_CONFLICT);
    assert_int_equal(opening(DB_KEYS, false, &report), FAULT_CORRUPT);
}

static void a_file_is_its_owners_alone(void **state)
{
    (void)state;
    struct report report;
    struct stat about;
    assert_int_equal(opening(DB_DATA, true, &report), FAULT_NONE);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
}

static void write_at(const char *name, off_t at, const void *bytes, size_t count)
{
    int fd = open(name, O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, count, at), count);
    close(fd);
}

static void damage_and_foreign_files_are_said_to_be_so(void **state)
{
    (void)state;
    struct report report;
    char noise[8192];
    memset(noise, 'x', sizeof(noise));
    write_at(path, 0, noise, sizeof(noise));
    assert_int_equal(opening(DB_DATA, false, &report), FAULT_CORRUPT);
    unlink(path);
    assert_int_equal(opening(DB_DATA, true, &report), FAULT_NONE);
    assert_int_equal(opening(DB_KEYS, false, &report), FAULT_CORRUPT);
    struct db *db = opened(false);
    struct report fine = {0};
    for (unsigned i = 0; i < 400; i++)
        assert_ok(put(db, i, (str){noise, 300}, &fine), &fine);
    assert_ok(db_commit(db, &fine), &fine);
    assert_ok(db_check(db, &fine), &fine);
    db_close(&db);
    for (off_t page = 12; page < 30; page++)
        write_at(path, page * 4096, noise, 64);
    db = opened(false);
    assert_int_equal(db_check(db, &report).fault, FAULT_CORRUPT);
    db_close(&db);
}

static void an_empty_file_is_not_taken_for_a_new_one(void **state)
{
    (void)state;
    struct report report;
    write_at(path, 0, "", 0);
    assert_int_equal(opening(DB_DATA, false, &report), FAULT_CORRUPT);
}

static void a_file_of_a_newer_format_is_left_alone(void **state)
{
    (void)state;
    struct report report;
    assert_int_equal(opening(DB_DATA, true, &report), FAULT_NONE);
    write_at(path, 60, "\0\0\0\x63", 4); /* the format number in SQLite's header */
    assert_int_equal(opening(DB_DATA, false, &report), FAULT_STORE);
    assert_non_null(strstr(report.text, "99"));
}

static void a_copy_holds_what_was_committed_and_replaces_an_older_one(void **state)
{
    (void)state;
    struct report report = {0};
    struct db *db = opened(true);
    for (unsigned i = 0; i < 2; i++) {
        assert_ok(put(db, i, STR("x"), &report), &report);
        assert_ok(db_commit(db, &report), &report);
        assert_ok(db_backup(db, copy_path, &report), &report);
    }
    assert_ok(put(db, 3, STR("later"), &report), &report);
    assert_ok(db_commit(db, &report), &report);
    struct stat about;
    assert_int_equal(stat(copy_path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    struct db *copy =
        opened_with((struct db_options){.schema = DB_DATA, .seam = "data"}, copy_path);
    assert_true(holds(copy, 0, STR("x")) && holds(copy, 1, STR("x")));
    assert_false(holds(copy, 3, STR("later")));
    assert_ok(db_check(copy, &report), &report);
    db_close(&copy);
    db_close(&db);
}

static void turns_go_on_between_the_steps_of_a_copy(void **state)
{
    (void)state;
    struct report report = {0};
    char bytes[1000];
    memset(bytes, 'y', sizeof(bytes));
    struct db *db = opened(true);
    for (unsigned i = 0; i < 200; i++)
        assert_ok(put(db, i, (str){bytes, sizeof(bytes)}, &report), &report);
    assert_ok(db_commit(db, &report), &report);
    struct db_copy *copy = NULL;
    bool done = false;
    unsigned steps = 0;
    assert_ok(db_copy_start(db, copy_path, &report, &copy), &report);
    while (!done) {
        assert_ok(db_copy_step(copy, 10, &report, &done), &report);
        assert_ok(put(db, 300 + steps++, STR("during"), &report), &report);
        assert_ok(db_commit(db, &report), &report);
    }
    assert_true(steps > 3);
    assert_ok(db_compact(db, &report), &report); /* it is let go of */
    db_close(&db);
    assert_int_equal(access(copy_path, F_OK), -1);
    assert_ok(db_copy_publish(copy, &report), &report);
    db_copy_end(&copy);
    db = opened_with((struct db_options){.schema = DB_DATA, .seam = "data"}, copy_path);
    assert_ok(db_check(db, &report), &report);
    assert_true(holds(db, 0, (str){bytes, sizeof(bytes)}) && holds(db, 300, STR("during")));
    assert_false(holds(db, 300 + steps - 1, STR("during"))); /* that came after the last step */
    db_close(&db);
}

static void a_copy_that_is_given_up_leaves_nothing_behind(void **state)
{
    (void)state;
    struct report report = {0};
    struct db *db = opened(true);
    struct db_copy *copy = NULL;
    assert_ok(db_copy_start(db, copy_path, &report, &copy), &report);
    db_copy_end(&copy);
    assert_int_equal(access(copy_path, F_OK), -1);
    db_close(&db);
}

static size_t journal_size(void)
{
    char name[128];
    struct stat about;
    snprintf(name, sizeof(name), "%s-wal", path);
    return stat(name, &about) == 0 ? (size_t)about.st_size : 0;
}

static void a_checkpoint_cuts_the_journal_to_nothing(void **state)
{
    (void)state;
    struct report report = {0};
    struct db *db = opened(true);
    assert_ok(put(db, 1, STR("x"), &report), &report);
    assert_ok(db_commit(db, &report), &report);
    assert_true(journal_size() > 0);
    assert_ok(db_checkpoint_truncate(db, &report), &report);
    assert_int_equal(journal_size(), 0);
    assert_true(holds(db, 1, STR("x")));
    db_close(&db);
}

static uint64_t calls_of_a_turn_and_its_checkpoint(struct db *db, unsigned number, bool one_flush)
{
    struct report report = {0};
    uint64_t before_it = crash.count;
    if (one_flush)
        assert_ok(db_flush_by_checkpoint(db, &report), &report);
    assert_ok(put(db, number, STR("x"), &report), &report);
    assert_ok(db_commit(db, &report), &report);
    assert_ok(db_checkpoint_truncate(db, &report), &report);
    return crash.count - before_it;
}

static void one_flush_of_the_journal_serves_a_turn_and_the_checkpoint_behind_it(void **state)
{
    (void)state;
    crash_vfs_install();
    crash = (struct crash){0};
    struct db *db = opened_with(
        (struct db_options){.schema = DB_DATA, .create = true, .seam = "data", .vfs = CRASH_VFS},
        path);
    (void)calls_of_a_turn_and_its_checkpoint(db, 1, false);
    uint64_t both = calls_of_a_turn_and_its_checkpoint(db, 2, false);
    assert_int_equal(calls_of_a_turn_and_its_checkpoint(db, 3, true), both - 1);
    assert_int_equal(calls_of_a_turn_and_its_checkpoint(db, 4, false), both); /* only that turn */
    assert_true(holds(db, 3, STR("x")) && holds(db, 4, STR("x")));
    db_close(&db);
}

static sqlite3 *seen; /* the connection that was opened last */

static int see_connection(sqlite3 *handle, const char **error, const void *routines)
{
    (void)error;
    (void)routines;
    seen = handle;
    return SQLITE_OK;
}

static void reads_share_a_transaction_that_makes_way_for_all_else(void **state)
{
    (void)state;
    struct report report = {0};
    sqlite3_auto_extension((void (*)(void))see_connection);
    struct db *db = opened(true);
    sqlite3_cancel_auto_extension((void (*)(void))see_connection);
    for (unsigned turn = 1; turn <= 3; turn++) {
        assert_false(holds(db, turn, STR("x")));
        assert_int_equal(sqlite3_txn_state(seen, "main"), SQLITE_TXN_READ);
        if (turn == 2)
            assert_ok(db_flush_by_checkpoint(db, &report), &report);
        assert_ok(put(db, turn, STR("x"), &report), &report);
        assert_true(holds(db, turn, STR("x")));
        assert_ok(db_commit(db, &report), &report);
        assert_int_equal(sqlite3_txn_state(seen, "main"), SQLITE_TXN_NONE);
        assert_true(holds(db, turn, STR("x")));
        assert_ok(db_checkpoint_truncate(db, &report), &report);
        assert_int_equal(journal_size(), 0);
    }
    assert_true(holds(db, 1, STR("x")));
    assert_ok(db_compact(db, &report), &report);
    assert_true(holds(db, 1, STR("x")));
    assert_ok(db_backup(db, copy_path, &report), &report);
    db_close(&db);
}

/* The whole of it is in the file, where another process finds it, and nobody writes. */
static void a_file_that_is_still_is_read_by_others_and_written_by_nobody(void **state)
{
    (void)state;
    struct report report = {0};
    bool did = true;
    (void)snprintf(path, sizeof(path), "%s/%%41?#", folder); /* means something in an address */
    struct db *db = opened(true);
    assert_ok(put(db, 1, STR("one"), &report), &report);
    assert_ok(db_commit(db, &report), &report);
    struct db_options as_still = {.schema = DB_DATA, .seam = "data", .still = true};
    struct db *none = NULL; /* what was committed is in the journal alone */
    assert_int_equal(db_open(world_real(), path, &as_still, &report, &none).fault, FAULT_LOCKED);
    assert_ok(db_hold_still(db, &report), &report);
    struct db *reader =
        opened_with((struct db_options){.schema = DB_DATA, .seam = "data", .still = true}, path);
    assert_true(holds(reader, 1, STR("one")) && holds(db, 1, STR("one")));
    assert_int_equal(put(reader, 2, STR("two"), &report).fault, FAULT_MOVING);
    assert_int_equal(put(db, 2, STR("two"), &report).fault, FAULT_MOVING);
    assert_int_equal(db_compact(db, &report).fault, FAULT_MOVING);
    assert_ok(db_checkpoint_early(db, &report, &did), &report);
    assert_false(did || db_dirty(db));
    assert_ok(db_commit(db, &report), &report);
    db_close(&reader);
    db_go_on(db);
    assert_ok(put(db, 2, STR("two"), &report), &report);
    assert_ok(db_commit(db, &report), &report);
    assert_true(holds(db, 2, STR("two")));
    db_close(&db);
    assert_int_equal(unlink(path), 0);
}

static void a_still_file_of_an_older_format_is_left_to_a_start(void **state)
{
    (void)state;
    struct report report = {0};
    struct db *db = NULL;
    struct db_options options = {.schema = DB_DATA, .seam = "data", .still = true};
    make_format_1();
    assert_int_equal(db_open(world_real(), path, &options, &report, &db).fault, FAULT_STORE);
    assert_non_null(strstr(report.text, "older format"));
}

static void the_journal_does_not_grow_without_end(void **state)
{
    (void)state;
    struct report report = {0};
    char bytes[900];
    memset(bytes, 'z', sizeof(bytes));
    struct db *db = opened(true);
    for (unsigned turn = 0; turn < 60; turn++) {
        for (unsigned i = 0; i < 200; i++)
            assert_ok(put(db, turn * 200 + i, (str){bytes, sizeof(bytes)}, &report), &report);
        assert_ok(db_commit(db, &report), &report);
        assert_true(holds(db, turn * 200, (str){bytes, sizeof(bytes)}));
    }
    assert_true(journal_size() < 2000 * 4200);
    db_close(&db);
}

/* A world whose seam fails at the nth call. */
struct failing {
    struct sim_world sim;
    int left;
    char heard[64];
};

static status failing_seam(void *self, const char *name, struct report *report)
{
    struct failing *failing = self;
    snprintf(failing->heard, sizeof(failing->heard), "%s", name);
    return failing->left-- == 0 ? fail(report, FAULT_STORE, "the seam %s failed", name) : OK;
}

static void a_commit_that_fails_takes_the_turn_back_and_the_next_one_works(void **state)
{
    (void)state;
    struct report report = {0};
    struct failing failing = {.left = -1};
    world_sim(&failing.sim, 1, (instant){0});
    struct world world = failing.sim.world;
    world.self = &failing;
    world.seam = failing_seam;
    struct db *db = NULL;
    struct db_options options = {.schema = DB_DATA, .create = true, .seam = "data", .place = place};
    assert_ok(db_open(&world, path, &options, &report, &db), &report);
    failing.left = 0;
    assert_ok(put(db, 1, STR("x"), &report), &report);
    assert_int_equal(db_commit(db, &report).fault, FAULT_STORE);
    assert_string_equal(failing.heard, "data.commit");
    assert_false(holds(db, 1, STR("x")));
    report = (struct report){0};
    assert_ok(put(db, 2, STR("x"), &report), &report);
    assert_ok(db_commit(db, &report), &report);
    db_close(&db);
}

/* Three turns through the failing file layer; `done` counts those that were acknowledged. */
static status three_turns(struct db *db, unsigned *done, struct report *report)
{
    for (unsigned turn = 0; turn < 3; turn++) {
        for (unsigned i = 0; i < 40; i++)
            TRY(put(db, turn * 40 + i, STR("a value of some length to fill pages with"), report));
        TRY(db_commit(db, report));
        *done = turn + 1;
        if (turn == 1)
            TRY(db_checkpoint_truncate(db, report));
    }
    return OK;
}

/* Whole turns only, and at least those that were acknowledged. */
static void assert_whole_turns(unsigned done)
{
    struct report report = {0};
    struct db *db = opened(false);
    assert_ok(db_check(db, &report), &report);
    for (unsigned turn = 0; turn < 3; turn++) {
        bool first = holds(db, turn * 40, STR("a value of some length to fill pages with"));
        for (unsigned i = 0; i < 40; i++)
            assert_int_equal(
                holds(db, turn * 40 + i, STR("a value of some length to fill pages with")), first);
        assert_true(first || turn >= done);
    }
    db_close(&db);
    arena_reset(arena);
}

/* Runs three turns with a fault at the nth change. Returns false when nothing went wrong. */
static bool walk_step(enum crash_mode mode, uint64_t at)
{
    struct report report = {0};
    unsigned done = 0;
    crash = (struct crash){0};
    struct db *db = opened_with(
        (struct db_options){.schema = DB_DATA, .create = true, .seam = "data", .vfs = CRASH_VFS},
        path);
    crash = (struct crash){.mode = mode, .at = at};
    status result = three_turns(db, &done, &report);
    bool hit = crash.count >= at;
    if (mode == CRASH_FULL && !is_ok(result))
        assert_true(result.fault == FAULT_FULL || result.fault == FAULT_STORE);
    db_rollback(db);
    crash = (struct crash){0};
    db_close(&db);
    assert_whole_turns(done);
    unlink(path);
    return hit;
}

static void a_failing_disk_leaves_whole_turns_and_all_that_were_acknowledged(void **state)
{
    (void)state;
    crash_vfs_install();
    const enum crash_mode modes[] = {CRASH_FAIL, CRASH_FAIL_FROM, CRASH_FULL};
    for (size_t i = 0; i < LENGTH(modes); i++) {
        uint64_t at = 1;
        while (walk_step(modes[i], at))
            at++;
        assert_true(at > 20);
    }
}

/* The same in a process of its own, which is killed; it tells through a pipe what it was told. */
static bool kill_step(enum crash_mode mode, uint64_t at)
{
    int told[2];
    assert_int_equal(pipe(told), 0);
    pid_t child = fork();
    if (child == 0) {
        struct report report = {0};
        struct db *db = NULL;
        struct db_options options = {
            .schema = DB_DATA, .create = true, .seam = "data", .vfs = CRASH_VFS};
        if (!is_ok(db_open(world_real(), path, &options, &report, &db)))
            _exit(1);
        crash = (struct crash){.mode = mode, .at = at};
        for (unsigned turn = 0; turn < 3; turn++) {
            for (unsigned i = 0; i < 40; i++)
                if (!is_ok(put(db, turn * 40 + i, STR("a value of some length to fill pages with"),
                               &report)))
                    _exit(1);
            if (!is_ok(db_commit(db, &report)) || write(told[1], "t", 1) != 1)
                _exit(1);
            if (turn == 1 && !is_ok(db_checkpoint_truncate(db, &report)))
                _exit(1);
        }
        _exit(0);
    }
    close(told[1]);
    char turns[8];
    ssize_t done = 0, got;
    while ((got = read(told[0], turns, sizeof(turns))) > 0)
        done += got;
    close(told[0]);
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true((WIFEXITED(how) && WEXITSTATUS(how) == 0) || WIFSIGNALED(how));
    assert_whole_turns((unsigned)done);
    unlink(path);
    return WIFSIGNALED(how);
}

static void a_kill_at_any_write_leaves_whole_turns_and_all_that_were_acknowledged(void **state)
{
    (void)state;
    crash_vfs_install();
    const enum crash_mode modes[] = {CRASH_KILL, CRASH_TEAR};
    for (size_t i = 0; i < LENGTH(modes); i++) {
        uint64_t at = 1;
        while (kill_step(modes[i], at))
            at++;
        assert_true(at > 20);
    }
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, in_a_new_folder, folder_gone)

/* What every database does alike; the name of a file says nothing of where it lies. */
#define ALIKE(TEST)                                                                                \
    TEST(what_was_committed_is_there_after_a_restart_and_nothing_else_is),                         \
        TEST(an_operation_that_fails_is_taken_back_alone),                                         \
        TEST(the_first_operation_of_a_turn_is_taken_back_and_the_turn_goes_on),                    \
        TEST(a_turn_that_is_rolled_back_did_not_happen),                                           \
        TEST(a_key_that_is_there_already_is_a_conflict_and_leaves_the_turn_whole),                 \
        TEST(rows_come_in_order_and_page_by_page),                                                 \
        TEST(a_walk_over_rows_stops_when_its_visitor_fails),                                       \
        TEST(a_second_process_is_told_that_the_file_is_held),                                      \
        TEST(what_is_missing_or_there_already_is_refused),                                         \
        TEST(a_commit_that_fails_takes_the_turn_back_and_the_next_one_works)

#ifdef VERN_POSTGRES
static struct postgres_server server;
static struct db_place there;

/* Each test has a schema of its own. */
static int in_a_new_schema(void **state)
{
    static unsigned count;
    snprintf(there.address, sizeof(there.address), "%s", server.address);
    snprintf(there.space, sizeof(there.space), "vern \"%u\" data", ++count);
    place = &there;
    return in_a_new_folder(state);
}

static int schema_left(void **state)
{
    place = NULL;
    return folder_gone(state);
}

#define IN_A_SCHEMA(test) cmocka_unit_test_setup_teardown(test, in_a_new_schema, schema_left)

static int over_postgres(void)
{
    const struct CMUnitTest tests[] = {ALIKE(IN_A_SCHEMA)};
    if (!postgres_server_start(&server, ""))
        return 0;
    int failed = cmocka_run_group_tests_name("over PostgreSQL", tests, NULL, NULL);
    postgres_server_stop(&server);
    return failed;
}
#else
static int over_postgres(void)
{
    print_message("SKIPPED: this build has no PostgreSQL\n");
    return 0;
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        ALIKE(IN_A_FOLDER),
        IN_A_FOLDER(facts_that_change_take_one_page_and_what_stays_takes_none),
        IN_A_FOLDER(a_file_of_an_older_format_keeps_its_dossiers),
        IN_A_FOLDER(damage_and_foreign_files_are_said_to_be_so),
        IN_A_FOLDER(an_empty_file_is_not_taken_for_a_new_one),
        IN_A_FOLDER(a_file_of_a_newer_format_is_left_alone),
        IN_A_FOLDER(a_copy_holds_what_was_committed_and_replaces_an_older_one),
        IN_A_FOLDER(turns_go_on_between_the_steps_of_a_copy),
        IN_A_FOLDER(a_copy_that_is_given_up_leaves_nothing_behind),
        IN_A_FOLDER(a_checkpoint_cuts_the_journal_to_nothing),
        IN_A_FOLDER(one_flush_of_the_journal_serves_a_turn_and_the_checkpoint_behind_it),
        IN_A_FOLDER(reads_share_a_transaction_that_makes_way_for_all_else),
        IN_A_FOLDER(a_file_that_is_still_is_read_by_others_and_written_by_nobody),
        IN_A_FOLDER(a_still_file_of_an_older_format_is_left_to_a_start),
        IN_A_FOLDER(the_journal_does_not_grow_without_end),
        IN_A_FOLDER(a_failing_disk_leaves_whole_turns_and_all_that_were_acknowledged),
        IN_A_FOLDER(a_kill_at_any_write_leaves_whole_turns_and_all_that_were_acknowledged),
        IN_A_FOLDER(a_file_is_its_owners_alone),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed + over_postgres();
}
