/* The bad days of a database at the other end of a wire: cut lines, lost servers, a second server,
 * a standby that is waited for, and what an operator is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "db_internal.h"

#ifndef VERN_POSTGRES
int main(void)
{
    print_message("SKIPPED: this build has no PostgreSQL (libpq-dev)\n");
    return 77;
}
#else
#include "postgres_proxy.h"
#include "postgres_turns.h"

enum { POLL_MS = 5 };

static struct postgres_server server;
static struct arena *arena;

static void until(const char *sql)
{
    while (said(server.address, sql) <= 0)
        poll(NULL, 0, POLL_MS);
}

/* ---- cut lines ---- */

/* False when the turn had fewer messages. */
static bool cut_at(struct db *db, struct postgres_proxy *proxy, enum cut cut, unsigned at,
                   int64_t *generation, unsigned *kept)
{
    struct report report;
    postgres_proxy_arm(proxy, cut, at);
    status result = turn(db, *generation + 1, &report);
    bool has_cut = postgres_proxy_disarm(proxy);
    *generation += is_ok(result);
    *kept += is_ok(result) && has_cut;
    assert_true(has_cut || is_ok(result));
    assert_false(db_unknown(db));
    assert_generation(db, *generation);
    return has_cut;
}

static void
a_cut_at_any_message_leaves_a_turn_whole_or_not_at_all_and_the_answer_says_which(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    struct postgres_proxy *proxy = postgres_proxy_start(&server, address);
    for (int pooled = 0; pooled < 2; pooled++) {
        struct db_place place = place_at(address, pooled ? "cut_pooled" : "cut");
        place.pooled = pooled;
        struct db *db = opened(&place, true);
        int64_t generation = 0;
        for (enum cut cut = CUT_ASKED; cut <= CUT_ANSWERED; cut++) {
            unsigned at = 1, kept = 0;
            while (cut_at(db, proxy, cut, at, &generation, &kept))
                at++;
            print_message("cut %d: %u messages, %u turns kept though their answer was lost\n",
                          (int)cut, at - 1, kept);
            assert_true(at > 15);
            assert_true(cut == CUT_ASKED || kept > 0); /* the answer to COMMIT was one of them */
        }
        db_close(&db);
    }
    postgres_proxy_stop(&proxy);
}

/* ---- a network that says nothing ---- */

static bool hurried;       /* looks at a silent server take no time, and are counted */
static long looked_for_ms; /* so long would they have taken */

int __real_poll(struct pollfd *at, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *at, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *at, nfds_t count, int timeout)
{
    if (!hurried || timeout < 0)
        return __real_poll(at, count, timeout);
    int ready = __real_poll(at, count, 0);
    looked_for_ms += ready == 0 ? timeout : 0;
    return ready;
}

static void fall_silent(struct postgres_proxy *proxy)
{
    postgres_proxy_arm(proxy, CUT_SILENT, 1);
    looked_for_ms = 0;
    hurried = true;
}

static long speak_again(struct postgres_proxy *proxy)
{
    hurried = false;
    assert_true(postgres_proxy_disarm(proxy));
    return looked_for_ms;
}

static void
what_became_of_a_turn_is_asked_of_a_silent_server_for_a_minute_and_no_longer(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    struct report report = {0};
    struct postgres_proxy *proxy = postgres_proxy_start(&server, address);
    struct db_place place = place_at(address, "silent");
    struct db *db = opened(&place, true);
    assert_ok(turn(db, 1, &report), &report);
    assert_ok(write_one(db, 0, 2, &report), &report);
    assert_ok(db_settle(db, &report), &report);
    fall_silent(proxy);
    assert_int_equal(db_commit(db, &report).fault, FAULT_STORE);
    long took_ms = speak_again(proxy);
    assert_true(db_unknown(db));
    /* Half a minute until the line is given up, and a minute more. */
    assert_true(took_ms > 80000 && took_ms <= 90000);
    assert_int_equal(turn(db, 3, &report).fault, FAULT_STORE);
    db_close(&db);
    db = opened(&place, false); /* the next start knows */
    assert_generation(db, 1);
    db_close(&db);
    postgres_proxy_stop(&proxy);
}

static void after_a_minute_without_a_network_all_goes_on_by_itself(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    struct report report = {0};
    struct db_due_get_in in = {.subject = person(0)};
    struct db_due_get_row row;
    bool found;
    struct postgres_proxy *proxy = postgres_proxy_start(&server, address);
    struct db_place place = place_at(address, "minute");
    struct db *db = opened(&place, true);
    assert_ok(turn(db, 1, &report), &report);
    fall_silent(proxy);
    while (looked_for_ms < 60000) {
        report = (struct report){0};
        assert_int_equal(db_due_get(db, &in, &report, &found, &row).fault, FAULT_STORE);
        assert_int_equal(turn(db, 2, &report).fault, FAULT_STORE);
    }
    (void)speak_again(proxy);
    assert_false(db_unknown(db));
    assert_generation(db, 1);
    assert_ok(turn(db, 3, &report), &report);
    assert_generation(db, 3);
    db_close(&db);
    postgres_proxy_stop(&proxy);
}

/* ---- lost servers ---- */

static void reads_and_turns_go_on_after_the_server_came_again(void **state)
{
    (void)state;
    struct report report;
    struct db_place place = place_at(server.address, "again");
    struct db *db = opened(&place, true);
    assert_ok(turn(db, 1, &report), &report);
    postgres_server_crash(&server);
    postgres_server_resume(&server, "");
    assert_generation(db, 1);
    postgres_server_crash(&server);
    postgres_server_resume(&server, "");
    assert_ok(turn(db, 2, &report), &report);
    assert_generation(db, 2);
    db_close(&db);
}

static void a_turn_that_a_lost_server_took_along_did_not_happen(void **state)
{
    (void)state;
    struct report report = {0};
    struct db_place place = place_at(server.address, "along");
    struct db *db = opened(&place, true);
    assert_ok(turn(db, 1, &report), &report);
    assert_ok(write_one(db, 1, 2, &report), &report);
    assert_ok(db_settle(db, &report), &report);
    postgres_server_crash(&server);
    postgres_server_resume(&server, "");
    assert_int_equal(db_commit(db, &report).fault, FAULT_STORE);
    assert_generation(db, 1);
    db_close(&db);
}

static void a_database_that_lost_turns_is_not_gone_on_with(void **state)
{
    (void)state;
    struct report report = {0};
    struct db_place place = place_at(server.address, "back");
    struct db *db = opened(&place, true);
    assert_ok(turn(db, 1, &report), &report);
    assert_ok(turn(db, 2, &report), &report);
    said(server.address, "UPDATE back.turn SET number = 1"); /* an old copy of it */
    postgres_server_crash(&server);
    postgres_server_resume(&server, "");
    assert_int_equal(turn(db, 3, &report).fault, FAULT_CORRUPT);
    assert_true(db_unknown(db));
    db_close(&db);
}

/* ---- one holder ---- */

static void who_takes_the_register_over_shuts_the_other_one_out(void **state)
{
    (void)state;
    struct report report;
    struct db_place place = place_at(server.address, "taken"), pooled = place;
    pooled.pooled = true; /* it cannot see that the other one lives */
    struct db *one = opened(&place, true);
    assert_ok(turn(one, 1, &report), &report);
    expect_refusal(&place, false, FAULT_LOCKED, "another server");
    struct db *other = opened(&pooled, false);
    assert_int_equal(turn(one, 2, &report).fault, FAULT_LOCKED);
    assert_generation(other, 1);
    assert_ok(turn(other, 3, &report), &report);
    db_close(&one);
    db_close(&other);
}

/* ---- a standby that is waited for ---- */

static const char waiting[] = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' "
                              "AND application_name = 'vern'";

/* Ends the wait of the commit, and then, when whoever asks again waits too, lets the standby be. */
static void *end_the_wait(void *self)
{
    until(waiting);
    said(server.address, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity "
                         "WHERE wait_event = 'SyncRep' AND application_name = 'vern'");
    until("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' "
          "AND application_name = 'vern' AND query LIKE '%holder = $2 OR%'");
    *(bool *)self = true;
    said(server.address, "ALTER SYSTEM RESET synchronous_standby_names");
    said(server.address, "SELECT pg_reload_conf()::int");
    return NULL;
}

static void
a_commit_whose_wait_for_a_standby_was_ended_is_not_answered_before_it_is_certain(void **state)
{
    (void)state;
    struct report report;
    struct db_place place = place_at(server.address, "standby");
    struct db *db = opened(&place, true);
    assert_ok(turn(db, 1, &report), &report);
    said(server.address, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    said(server.address, "SELECT pg_reload_conf()::int");
    until("SELECT count(*) FROM pg_settings WHERE name = 'synchronous_standby_names' "
          "AND setting = 'nobody'");
    pthread_t thread;
    bool certain = false;
    assert_int_equal(pthread_create(&thread, NULL, end_the_wait, &certain), 0);
    status result = turn(db, 2, &report);
    bool was = certain;
    pthread_join(thread, NULL);
    assert_ok(result, &report);
    assert_true(was);
    assert_generation(db, 2);
    db_close(&db);
}

/* ---- others' transactions ---- */

/* An administrator's transaction holds a row that the turn comes to late, and then wants one that
 * the turn has: each waits for the other, and PostgreSQL ends the turn. */
static void *stand_in_the_way(void *self)
{
    PGconn *other = PQconnectdb(server.address);
    PQclear(PQexec(other, "SET deadlock_timeout = '1h'"));
    PQclear(PQexec(other, "BEGIN; UPDATE way.due SET hour = hour WHERE subject = '\\x03090000000000"
                          "000000000000000000'"));
    *(bool *)self = PQtransactionStatus(other) == PQTRANS_INTRANS;
    until("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
          "AND application_name = 'vern'");
    PQclear(PQexec(other, "UPDATE way.due SET hour = hour WHERE subject = '\\x01090000000000"
                          "000000000000000000'"));
    PQclear(PQexec(other, "COMMIT"));
    PQfinish(other);
    return NULL;
}

static void a_turn_that_meets_anothers_transaction_is_not_done_and_the_next_one_is(void **state)
{
    (void)state;
    struct report report;
    pthread_t thread;
    bool stands = false;
    struct db_place place = place_at(server.address, "way");
    struct db *db = opened(&place, true);
    assert_ok(turn(db, 1, &report), &report);
    assert_int_equal(pthread_create(&thread, NULL, stand_in_the_way, &stands), 0);
    until("SELECT count(*) FROM pg_locks JOIN pg_class ON oid = relation "
          "WHERE relname = 'due' AND mode = 'RowExclusiveLock'");
    assert_int_equal(turn(db, 2, &report).fault, FAULT_STORE);
    assert_non_null(strstr(report.text, "40P01"));
    pthread_join(thread, NULL);
    assert_true(stands);
    assert_generation(db, 1);
    assert_ok(turn(db, 3, &report), &report);
    assert_generation(db, 3);
    db_close(&db);
}

/* READ COMMITTED never gives it of itself; a trigger of somebody's may. */
static void a_turn_that_could_not_be_serialized_is_not_done_and_the_next_one_is(void **state)
{
    (void)state;
    struct report report;
    struct db_place place = place_at(server.address, "serial");
    struct db *db = opened(&place, true);
    assert_ok(turn(db, 1, &report), &report);
    said(server.address, "CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS "
                         "$$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$");
    said(server.address, "CREATE CONSTRAINT TRIGGER conflict AFTER UPDATE ON serial.due DEFERRABLE "
                         "INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION conflict()");
    assert_int_equal(turn(db, 2, &report).fault, FAULT_STORE); /* at COMMIT */
    assert_non_null(strstr(report.text, "40001"));
    assert_false(db_unknown(db));
    assert_generation(db, 1);
    said(server.address, "DROP TRIGGER conflict ON serial.due");
    assert_ok(turn(db, 3, &report), &report);
    db_close(&db);
}

/* The isolation that an administrator chose for all would not be the one that was thought of. */
static void a_turn_is_read_committed_whatever_the_role_begins_with(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    struct report report;
    postgres_database_make(server.address, "strict", address);
    said(server.address, "ALTER DATABASE strict SET default_transaction_isolation = serializable");
    struct db_place place = place_at(address, "strict");
    struct db *db = opened(&place, true);
    assert_ok(turn(db, 1, &report), &report);
    said(address, "CREATE TABLE seen (isolation text)");
    said(address,
         "CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "
         "public.seen VALUES (current_setting('transaction_isolation')); RETURN NEW; END $$");
    said(address, "CREATE TRIGGER look BEFORE UPDATE ON strict.due FOR EACH ROW "
                  "EXECUTE FUNCTION look()");
    assert_ok(turn(db, 2, &report), &report);
    assert_int_equal(said(address, "SELECT count(*) FROM seen WHERE isolation = 'read committed'"),
                     ROWS);
    db_close(&db);
}

static void a_right_that_went_is_said_to_lack_and_when_it_is_back_all_goes_on(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    struct report report;
    said(server.address, "CREATE ROLE weak LOGIN; GRANT CREATE ON DATABASE postgres TO weak");
    snprintf(address, sizeof(address), "host=%s dbname=postgres user=weak", server.dir);
    struct db_place place = place_at(address, "weak");
    struct db *db = opened(&place, true);
    assert_ok(turn(db, 1, &report), &report);
    said(server.address, "REVOKE INSERT ON weak.due FROM weak");
    assert_int_equal(turn(db, 2, &report).fault, FAULT_STORE);
    assert_non_null(strstr(report.text, "lacks a right"));
    assert_generation(db, 1);
    said(server.address, "GRANT INSERT ON weak.due TO weak");
    assert_ok(turn(db, 3, &report), &report);
    assert_generation(db, 3);
    db_close(&db);
}

/* ---- what it costs ---- */

static void a_turn_without_questions_is_one_round_trip(void **state)
{
    (void)state;
    struct report report = {0};
    struct db_place place = place_at(server.address, "costs");
    struct db *db = opened(&place, true);
    for (int times = 0; times < 2; times++) {
        struct db_costs before = db_costs(db);
        for (unsigned i = 0; i < 20; i++) {
            struct db_due_put_in put = {.subject = person(i), .hour = times};
            struct db_item_drop_in drop = {.subject = person(i), .record = {{1}}};
            assert_ok(db_savepoint(db, &report), &report);
            assert_ok(db_due_put(db, &put, &report), &report);
            assert_ok(db_item_drop(db, &drop, &report, NULL), &report);
            assert_ok(db_release(db, &report), &report);
        }
        assert_ok(db_commit(db, &report), &report);
        struct db_costs after = db_costs(db);
        assert_int_equal(after.round_trips - before.round_trips, 1);
        assert_int_equal(after.statements - before.statements, 3 + 20 * 4);
    }
    struct db_costs before = db_costs(db);
    assert_generation(db, 1);
    assert_int_equal(db_costs(db).round_trips - before.round_trips, ROWS);
    db_close(&db);
}

/* ---- what is asked ahead ---- */

static uint64_t trips(const struct db *db)
{
    return db_costs(db).round_trips;
}

static void put_item(struct db *db, unsigned number, const char *text)
{
    struct report report = {0};
    struct db_item_put_in put = {
        .subject = person(number), .record = {{1}}, .sealed = str_from(text)};
    assert_ok(db_item_put(db, &put, &report), &report);
}

static void ahead(struct db *db, unsigned number)
{
    db_item_list_ahead(db, &(struct db_item_list_in){person(number)});
    db_item_get_ahead(db, &(struct db_item_get_in){person(number), {{1}}});
}

static void expect_item(struct db *db, unsigned number, const char *text)
{
    struct report report = {0};
    struct db_item_get_in get = {person(number), {{1}}};
    struct db_item_list_in list = {person(number)};
    struct db_item_list_row *rows;
    struct db_item_get_row row;
    size_t count;
    bool found;
    assert_ok(db_item_get(db, &get, arena, &report, &found, &row), &report);
    assert_true(found && str_is(row.sealed, text));
    assert_ok(db_item_list_all(db, &list, arena, &report, &rows, &count), &report);
    assert_true(count == 1 && str_is(rows[0].sealed, text));
}

static void what_is_asked_ahead_comes_in_one_round_trip_and_once(void **state)
{
    (void)state;
    struct report report = {0};
    struct db_place place = place_at(server.address, "ahead");
    struct db *db = opened(&place, true);
    for (unsigned i = 0; i < ROWS; i++)
        put_item(db, i, "old");
    assert_ok(db_commit(db, &report), &report);
    assert_true(db_asks_ahead(db));
    for (int in_turn = 0; in_turn < 2; in_turn++) {
        if (in_turn)
            put_item(db, ROWS, "more");
        uint64_t before = trips(db);
        for (unsigned i = 0; i < ROWS; i++)
            ahead(db, i);
        for (unsigned i = 0; i < ROWS; i++)
            expect_item(db, i, "old");
        assert_int_equal(trips(db) - before, 1);
        expect_item(db, 0, "old"); /* what was given is asked for again */
        assert_int_equal(trips(db) - before, 3);
    }
    for (unsigned i = 0; i < 10000; i++) /* more than there is room for */
        ahead(db, i);
    expect_item(db, 1, "old");
    db_close(&db);
}

static void what_was_asked_ahead_of_a_line_that_is_cut_is_asked_again(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    struct report report = {0};
    struct postgres_proxy *proxy = postgres_proxy_start(&server, address);
    struct db_place place = place_at(address, "ahead_cut");
    struct db *db = opened(&place, true);
    for (unsigned i = 0; i < ROWS; i++)
        put_item(db, i, "old");
    assert_ok(db_commit(db, &report), &report);
    for (enum cut cut = CUT_ASKED; cut <= CUT_ANSWERED; cut++) {
        unsigned at = 0;
        do {
            postgres_proxy_arm(proxy, cut, ++at);
            for (unsigned i = 0; i < ROWS; i++)
                ahead(db, i);
            for (unsigned i = 0; i < ROWS; i++)
                expect_item(db, i, "old");
            db_ahead_end(db);
        } while (postgres_proxy_disarm(proxy));
        assert_true(at > ROWS * 2);
    }
    db_close(&db);
    postgres_proxy_stop(&proxy);
}

static void what_was_asked_ahead_is_void_when_it_may_have_changed(void **state)
{
    (void)state;
    struct report report = {0};
    struct db_place place = place_at(server.address, "void");
    struct db *db = opened(&place, true);
    for (unsigned i = 0; i < ROWS; i++)
        put_item(db, i, "old");
    assert_ok(db_commit(db, &report), &report);
    for (unsigned there = 0; there < 2; there++) { /* on its way, or at hand already */
        for (unsigned i = 0; i < ROWS; i++)
            ahead(db, i);
        if (there)
            expect_item(db, 2, "old");
        assert_ok(db_savepoint(db, &report), &report);
        put_item(db, 0, "new");
        ahead(db, 0);
        uint64_t before = trips(db);
        expect_item(db, 0, "new"); /* of the subject that was written */
        expect_item(db, 1, "old"); /* and not of another */
        assert_int_equal(trips(db) - before, 1);
        ahead(db, 0);
        expect_item(db, 0, "new");
        ahead(db, 0);
        db_undo(db); /* what the operation saw is not so */
        expect_item(db, 0, "old");
        put_item(db, 0, "new");
        ahead(db, 0);
        db_rollback(db);
        expect_item(db, 0, "old");
        ahead(db, 0);
        said(server.address, "UPDATE \"void\".item SET sealed = 'their'");
        db_ahead_end(db); /* the turn is over: others may write */
        expect_item(db, 0, "their");
        said(server.address, "UPDATE \"void\".item SET sealed = 'old'");
    }
    ahead(db, 0);
    postgres_server_crash(&server);
    postgres_server_resume(&server, "");
    expect_item(db, 0, "old");
    db_close(&db);
}

static void what_a_schema_takes_is_known(void **state)
{
    (void)state;
    struct report report = {0};
    uint64_t before = 0, after = 0;
    struct db_place place = place_at(server.address, "takes");
    struct db *db = opened(&place, true);
    assert_ok(db_bytes(db, &report, &before), &report);
    assert_true(before > 0);
    static char sealed[60000];
    for (unsigned i = 0; i < 20; i++) {
        struct db_item_put_in put = {
            .subject = person(i), .record = {{1}}, .sealed = {sealed, sizeof(sealed)}};
        assert_ok(db_item_put(db, &put, &report), &report);
    }
    assert_ok(db_bytes(db, &report, &after), &report); /* in a turn, too */
    assert_ok(db_commit(db, &report), &report);
    assert_true(after >= before + 20 * sizeof(sealed));
    db_close(&db);
}

/* ---- what an operator is told ---- */

static void a_server_that_does_not_fit_is_said_to_be_so(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    struct db_place nobody = place_at("host=/nowhere/at/all dbname=x", "bad");
    expect_refusal(&nobody, true, FAULT_STORE, "cannot be reached");
    said(server.address, "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    snprintf(address, sizeof(address), "host=%s dbname=latin user=vern", server.dir);
    struct db_place latin = place_at(address, "bad");
    expect_refusal(&latin, true, FAULT_STORE, "encoding is not UTF8");
    postgres_database_make(server.address, "readonly", address);
    said(server.address, "ALTER DATABASE readonly SET default_transaction_read_only = on");
    struct db_place readonly = place_at(address, "bad");
    expect_refusal(&readonly, true, FAULT_STORE, "read-only");
    postgres_database_make(server.address, "hasty", address);
    said(server.address, "ALTER DATABASE hasty SET synchronous_commit = off");
    struct db_place hasty = place_at(address, "bad");
    expect_refusal(&hasty, true, FAULT_STORE, "synchronous_commit is off");
    said(server.address, "CREATE ROLE poor LOGIN");
    snprintf(address, sizeof(address), "host=%s dbname=postgres user=poor", server.dir);
    struct db_place poor = place_at(address, "bad");
    expect_refusal(&poor, true, FAULT_STORE, "lacks a right");
}

static void a_schema_that_does_not_fit_is_said_to_be_so(void **state)
{
    (void)state;
    struct db_place place = place_at(server.address, "formats");
    expect_refusal(&place, false, FAULT_STORE, "has no schema");
    struct db *db = opened(&place, true);
    db_close(&db);
    said(server.address, "UPDATE formats.format SET number = 99");
    expect_refusal(&place, false, FAULT_STORE, "format 99");
    said(server.address, "UPDATE formats.format SET owner = 1");
    expect_refusal(&place, false, FAULT_CORRUPT, "something else");
    /* A schema that an administrator made for a role that may make none. */
    said(server.address, "CREATE ROLE guest LOGIN; CREATE SCHEMA given AUTHORIZATION guest");
    char address[POSTGRES_ADDRESS_ROOM];
    snprintf(address, sizeof(address), "host=%s dbname=postgres user=guest", server.dir);
    struct db_place given = place_at(address, "given");
    struct report report = {0};
    db = opened(&given, true);
    assert_ok(db_check(db, &report), &report);
    assert_int_equal(db_backup(db, "/tmp/vern-no-copy.db", &report).fault, FAULT_INVALID);
    assert_ok(turn(db, 1, &report), &report);
    db_close(&db);
}

static void a_full_disk_is_said_to_be_full_and_the_turn_did_not_happen(void **state)
{
    (void)state;
    struct report report;
    struct db_place place = place_at(server.address, "full");
    struct db *db = opened(&place, true);
    assert_ok(turn(db, 1, &report), &report);
    said(server.address, "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
                         "$$ BEGIN RAISE EXCEPTION 'secret' USING ERRCODE = '53100'; END $$");
    said(server.address, "CREATE TRIGGER full_disk BEFORE UPDATE ON \"full\".due FOR EACH ROW "
                         "EXECUTE FUNCTION full_disk()");
    assert_int_equal(turn(db, 2, &report).fault, FAULT_FULL);
    assert_null(strstr(report.text, "secret"));
    said(server.address, "DROP TRIGGER full_disk ON \"full\".due");
    assert_generation(db, 1);
    assert_ok(turn(db, 3, &report), &report);
    db_close(&db);
}

enum { ITEM_BYTES = 60000, ITEMS_A_TURN = 10, TURNS_MOST = 200, FILLER_BYTES = 8 << 20 };

static bool mounts;    /* this process and its children have mounts of their own */
static char small[96]; /* the small disk, "" for none */

static void leave_the_others_mounts(void)
{
    mounts = geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
             mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* 40 MB, of which a file takes eight; false where none may be mounted. */
static bool mount_small(char filler[128])
{
    char options[64];
    const struct passwd *user = getpwnam("postgres");
    char path[96];
    snprintf(path, sizeof(path), "%s/small", server.dir);
    snprintf(filler, 128, "%s/filler", path);
    if (!mounts || user == NULL || mkdir(path, 0755) != 0)
        return false;
    snprintf(options, sizeof(options), "size=40m,uid=%u,mode=0755", (unsigned)user->pw_uid);
    if (mount("none", path, "tmpfs", 0, options) != 0)
        return false;
    snprintf(small, sizeof(small), "%s", path);
    FILE *file = fopen(filler, "we");
    bool filled = file != NULL;
    for (int i = 0; filled && i < FILLER_BYTES; i++)
        filled = fputc('f', file) == 'f';
    return filled && fclose(file) == 0;
}

static status fill_some(struct db *db, unsigned generation, struct report *report)
{
    static char bytes[ITEM_BYTES];
    *report = (struct report){0};
    for (unsigned i = 0; i < ITEMS_A_TURN; i++) {
        struct db_item_put_in put = {.subject = person(i),
                                     .record = {{(unsigned char)generation}},
                                     .sealed = {bytes, sizeof(bytes)}};
        status result = db_item_put(db, &put, report);
        if (!is_ok(result)) {
            db_rollback(db);
            return result;
        }
    }
    return db_commit(db, report);
}

static void a_full_disk_takes_nothing_along_and_with_room_again_all_goes_on(void **state)
{
    (void)state;
    char filler[128], sql[256], address[POSTGRES_ADDRESS_ROOM];
    struct report report;
    unsigned kept = 0;
    if (!mount_small(filler)) {
        print_message("SKIPPED: no disk of a test's own may be mounted here\n");
        skip();
    }
    snprintf(sql, sizeof(sql), "CREATE TABLESPACE small LOCATION '%s/rows'", small);
    assert_true(postgres_server_does(&server, "mkdir small/rows"));
    said(server.address, sql);
    said(server.address, "CREATE DATABASE tight TABLESPACE small");
    snprintf(address, sizeof(address), "postgresql:///tight?host=%s&user=vern", server.dir);
    struct db_place place = place_at(address, "tight");
    struct db *db = opened(&place, true);
    assert_ok(turn(db, 1, &report), &report);
    status result = fill_some(db, kept, &report);
    while (is_ok(result) && ++kept < TURNS_MOST)
        result = fill_some(db, kept, &report);
    assert_int_equal(result.fault, FAULT_FULL);
    assert_non_null(strstr(report.text, "disk is full"));
    assert_true(kept > 2);
    assert_false(db_unknown(db));
    assert_generation(db, 1);
    assert_int_equal(said(address, "SELECT count(*) FROM tight.item"), kept * ITEMS_A_TURN);
    assert_int_equal(remove(filler), 0);
    assert_ok(fill_some(db, kept++, &report), &report);
    assert_ok(turn(db, 2, &report), &report);
    assert_generation(db, 2);
    assert_int_equal(said(address, "SELECT count(*) FROM tight.item"), kept * ITEMS_A_TURN);
    print_message("full after %u turns\n", kept - 1);
    db_close(&db);
}

static int stopped(void **state)
{
    (void)state;
    if (small[0] != '\0')
        assert_int_equal(umount2(small, MNT_DETACH), 0);
    postgres_server_stop(&server);
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_cut_at_any_message_leaves_a_turn_whole_or_not_at_all_and_the_answer_says_which),
        cmocka_unit_test(
            what_became_of_a_turn_is_asked_of_a_silent_server_for_a_minute_and_no_longer),
        cmocka_unit_test(after_a_minute_without_a_network_all_goes_on_by_itself),
        cmocka_unit_test(reads_and_turns_go_on_after_the_server_came_again),
        cmocka_unit_test(a_turn_that_a_lost_server_took_along_did_not_happen),
        cmocka_unit_test(a_database_that_lost_turns_is_not_gone_on_with),
        cmocka_unit_test(who_takes_the_register_over_shuts_the_other_one_out),
        cmocka_unit_test(
            a_commit_whose_wait_for_a_standby_was_ended_is_not_answered_before_it_is_certain),
        cmocka_unit_test(a_turn_that_meets_anothers_transaction_is_not_done_and_the_next_one_is),
        cmocka_unit_test(a_turn_that_could_not_be_serialized_is_not_done_and_the_next_one_is),
        cmocka_unit_test(a_turn_is_read_committed_whatever_the_role_begins_with),
        cmocka_unit_test(a_right_that_went_is_said_to_lack_and_when_it_is_back_all_goes_on),
        cmocka_unit_test(a_turn_without_questions_is_one_round_trip),
        cmocka_unit_test(what_is_asked_ahead_comes_in_one_round_trip_and_once),
        cmocka_unit_test(what_was_asked_ahead_of_a_line_that_is_cut_is_asked_again),
        cmocka_unit_test(what_was_asked_ahead_is_void_when_it_may_have_changed),
        cmocka_unit_test(what_a_schema_takes_is_known),
        cmocka_unit_test(a_server_that_does_not_fit_is_said_to_be_so),
        cmocka_unit_test(a_schema_that_does_not_fit_is_said_to_be_so),
        cmocka_unit_test(a_full_disk_is_said_to_be_full_and_the_turn_did_not_happen),
        cmocka_unit_test(a_full_disk_takes_nothing_along_and_with_room_again_all_goes_on),
    };
    leave_the_others_mounts();
    if (!postgres_server_start(&server, ""))
        return 77;
    arena = arena_new(1 << 20);
    return cmocka_run_group_tests(tests, NULL, stopped);
}
#endif
