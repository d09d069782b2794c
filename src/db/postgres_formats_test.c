/* Formats of a schema in PostgreSQL: registers of earlier builds open, a migration that is broken
 * off at any message goes on where it was, and of two servers that migrate at once each statement
 * is run by one. The migration is planted, behind the last that there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <poll.h>
#include <pthread.h>
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

/* Not at every message: each takes four sessions. These meet every kind of them. */
static const unsigned strides[] = {[CUT_ASKED] = 3, [CUT_HEARD] = 5, [CUT_ANSWERED] = 7};

static struct postgres_server server;

/* ---- a migration that is not there ---- */

static const char *planted;
static char planted_name[64];

/* Each of them fails when it is run twice, or before the one above it. */
static const char five[] = "-- Planted.\n"
                           "CREATE TABLE planted (n BIGINT NOT NULL PRIMARY KEY);\n"
                           "INSERT INTO planted (n) VALUES (1);\n"
                           "INSERT INTO planted (n) VALUES (2);\n"
                           "\n-- A comment; of two lines\n-- in the middle.\n"
                           "ALTER TABLE planted ADD COLUMN more BIGINT;\n"
                           "UPDATE planted SET more = 10 / (CASE WHEN more IS NULL THEN n END);\n";
static const char broken[] = "CREATE TABLE planted (n BIGINT NOT NULL PRIMARY KEY);\n"
                             "INSERT INTO planted (n) VALUES (1);\n"
                             "INSERT INTO planted (n) VALUES (1);\n";

const char *__real_script_text(const char *name);
const char *__wrap_script_text(const char *name);
const char *__wrap_script_text(const char *name)
{
    return planted != NULL && strcmp(name, planted_name) == 0 ? planted : __real_script_text(name);
}

static int64_t formats_known(void)
{
    char name[64];
    for (int64_t format = 1;; format++) {
        snprintf(name, sizeof(name), "data-%lld.postgres.sql", (long long)format + 1);
        if (__real_script_text(name) == NULL)
            return format;
    }
}

static long asked(const char *space, const char *of)
{
    char sql[640];
    snprintf(sql, sizeof(sql), "SET search_path TO \"%s\"; %s", space, of);
    return said(server.address, sql);
}

static void assert_migrated(const char *space)
{
    assert_int_equal(asked(space, "SELECT number FROM format"), formats_known() + 1);
    assert_int_equal(asked(space, "SELECT step FROM format"), 0);
    assert_int_equal(asked(space, "SELECT sum(n * more) FROM planted"), 20);
}

static void take_back(const char *space)
{
    char sql[256];
    snprintf(sql, sizeof(sql),
             "DROP TABLE IF EXISTS %s.planted; UPDATE %s.format SET number = %lld, step = 0", space,
             space, (long long)formats_known());
    said(server.address, sql);
}

static void opens(const struct db_place *place, int64_t generation)
{
    struct db *db = opened(place, false);
    assert_generation(db, generation);
    db_close(&db);
}

/* ---- what came before ---- */

static const char shape[] =
    "SELECT count(*) FROM (SELECT table_name, column_name, data_type, is_nullable "
    "FROM information_schema.columns WHERE table_schema = current_schema() EXCEPT SELECT "
    "table_name, "
    "column_name, data_type, is_nullable FROM information_schema.columns "
    "WHERE table_schema = 'new') AS odd";

static void a_schema_of_an_earlier_build_opens_and_becomes_what_a_new_one_is(void **state)
{
    (void)state;
    struct report report;
    static const char *const lacks[] = {"ALTER TABLE old.format DROP COLUMN step",
                                        "ALTER TABLE old.format DROP COLUMN mark"};
    struct db_place new = place_at(server.address, "new"), old = place_at(server.address, "old");
    struct db *db = opened(&new, true);
    db_close(&db);
    db = opened(&old, true);
    assert_ok(turn(db, 1, &report), &report);
    db_close(&db);
    for (size_t i = 0; i < LENGTH(lacks); i++) {
        for (size_t j = 0; j <= i; j++)
            said(server.address, lacks[j]);
        opens(&old, 1);
        assert_int_equal(asked("old", shape), 0);
    }
    /* Whose it is was not written there, and a register that wants its mark does not open it. */
    snprintf(old.mark, sizeof(old.mark), "another");
    expect_refusal(&old, false, FAULT_CORRUPT, "another register's");
}

/* ---- broken off ---- */

/* False when the opening had fewer messages. */
static bool cut_at(const struct db_place *through, struct postgres_proxy *proxy, enum cut cut,
                   unsigned at, unsigned *halfway)
{
    struct report report;
    struct db *db = NULL;
    postgres_proxy_arm(proxy, cut, at);
    status result = opening(through, false, &report, &db);
    db_close(&db);
    bool has_cut = postgres_proxy_disarm(proxy);
    assert_true(has_cut || is_ok(result));
    *halfway += asked("cut", "SELECT step FROM format") > 0;
    return has_cut;
}

static void a_migration_that_is_cut_at_any_message_goes_on_where_it_was(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    struct report report;
    struct postgres_proxy *proxy = postgres_proxy_start(&server, address);
    struct db_place place = place_at(server.address, "cut"), through = place_at(address, "cut");
    struct db *db = opened(&place, true);
    assert_ok(turn(db, 1, &report), &report);
    db_close(&db);
    planted = five;
    for (enum cut cut = CUT_ASKED; cut <= CUT_ANSWERED; cut++) {
        unsigned cuts = 0, halfway = 0;
        while (cut_at(&through, proxy, cut, 1 + strides[cut] * cuts, &halfway)) {
            cuts++;
            opens(&place, 1);
            assert_migrated("cut");
            take_back("cut");
        }
        assert_migrated("cut");
        take_back("cut");
        print_message("cut %d: at %u messages, %u times in the middle\n", (int)cut, cuts, halfway);
        assert_true(halfway >= 3);
    }
    planted = NULL;
    postgres_proxy_stop(&proxy);
}

static void what_a_program_does_not_know_it_does_not_open(void **state)
{
    (void)state;
    struct db_place place = place_at(server.address, "stops");
    struct db *db = opened(&place, true);
    db_close(&db);
    planted = broken;
    for (int again = 0; again < 2; again++) {
        expect_refusal(&place, false, FAULT_CONFLICT, "there already");
        assert_int_equal(asked("stops", "SELECT step FROM format"), 2);
        assert_int_equal(asked("stops", "SELECT count(*) FROM planted"), 1);
    }
    planted = NULL; /* an older program than the one that began */
    expect_refusal(&place, false, FAULT_STORE, "on its way to the next");
    take_back("stops");
    planted = five;
    opens(&place, 0);
    assert_migrated("stops");
    planted = NULL;
    expect_refusal(&place, false, FAULT_STORE, "this program knows up to");
}

/* ---- two at once ---- */

static void *open_it(void *self)
{
    struct report report;
    struct db *db = NULL;
    bool well = is_ok(opening(self, false, &report, &db));
    db_close(&db);
    return well ? self : NULL;
}

static void of_two_that_migrate_at_once_each_statement_is_run_by_one(void **state)
{
    (void)state;
    pthread_t threads[2];
    struct db_place place = place_at(server.address, "pair");
    struct db *db = opened(&place, true);
    db_close(&db);
    place.pooled = true; /* neither sees that the other one lives */
    planted = five;
    PGconn *between = PQconnectdb(server.address);
    PQclear(PQexec(between, "BEGIN; LOCK TABLE pair.format IN SHARE MODE"));
    assert_int_equal(PQtransactionStatus(between), PQTRANS_INTRANS);
    for (size_t i = 0; i < LENGTH(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, open_it, &place), 0);
    while (said(server.address, "SELECT count(*) FROM pg_locks WHERE NOT granted") < 2)
        poll(NULL, 0, POLL_MS);
    PQclear(PQexec(between, "COMMIT"));
    PQfinish(between);
    for (size_t i = 0; i < LENGTH(threads); i++) {
        void *well;
        pthread_join(threads[i], &well);
        assert_non_null(well);
    }
    assert_migrated("pair");
    planted = NULL;
}

static int stopped(void **state)
{
    (void)state;
    postgres_server_stop(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_schema_of_an_earlier_build_opens_and_becomes_what_a_new_one_is),
        cmocka_unit_test(a_migration_that_is_cut_at_any_message_goes_on_where_it_was),
        cmocka_unit_test(what_a_program_does_not_know_it_does_not_open),
        cmocka_unit_test(of_two_that_migrate_at_once_each_statement_is_run_by_one),
    };
    if (!postgres_server_start(&server, ""))
        return 77;
    snprintf(planted_name, sizeof(planted_name), "data-%lld.postgres.sql",
             (long long)formats_known() + 1);
    return cmocka_run_group_tests(tests, NULL, stopped);
}
#endif
