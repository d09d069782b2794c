/* Random operations on a database and on arrays in memory, which must agree throughout. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "db.h"
#ifdef VERN_POSTGRES
#include "postgres_server.h"
#endif

enum { PEOPLE = 12, RECORDS = 5, TAGS = 4, LONGEST = 3000, STEPS = 6000 };

struct model {
    struct {
        int version;       /* of the dossier, -1 for none */
        int item[RECORDS]; /* length of the value, -1 for none */
        int due;           /* -1 for none */
        bool live[TAGS];
    } people[PEOPLE];
};

static struct {
    char folder[64], path[96];
    struct db_place place; /* without an address: the file */
    unsigned steps, seeds;
    struct db *db;
    struct arena *arena;
    struct report report;
    struct sim_world chance;
    struct model now, saved, committed; /* saved: at the savepoint */
    bool operation;
} here;

static void assert_ok(status result)
{
    if (!is_ok(result))
        fail_msg("%s: %s", fault_name(result.fault), here.report.text);
}

static unsigned draw(unsigned below)
{
    uint32_t number = 0;
    world_random(&here.chance.world, &number, sizeof(number));
    return number % below;
}

static dossier_id person(unsigned who)
{
    return (dossier_id){{(unsigned char)(who * 37 % 251), (unsigned char)who}};
}

static record_id record(unsigned number)
{
    return (record_id){{(unsigned char)(200 - number)}};
}

static str tag(unsigned number)
{
    static const char tags[TAGS][2] = {"a", "b", "c", "d"};
    return (str){tags[number], 1};
}

static void opened(bool create)
{
    struct db_options options = {.schema = DB_DATA,
                                 .create = create,
                                 .seam = "data",
                                 .place = here.place.address[0] == '\0' ? NULL : &here.place};
    assert_ok(db_open(world_real(), here.path, &options, &here.report, &here.db));
}

static int set_up(void **state)
{
    (void)state;
    snprintf(here.folder, sizeof(here.folder), "/tmp/vern-model-XXXXXX");
    assert_non_null(mkdtemp(here.folder));
    snprintf(here.path, sizeof(here.path), "%s/data.db", here.folder);
    here.arena = arena_new(16 << 20);
    here.now = (struct model){0};
    for (size_t i = 0; i < PEOPLE; i++) {
        here.now.people[i].due = here.now.people[i].version = -1;
        for (size_t j = 0; j < RECORDS; j++)
            here.now.people[i].item[j] = -1;
    }
    here.committed = here.now;
    opened(true);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_close(&here.db);
    arena_free(&here.arena);
    unlink(here.path); /* of a file */
    return rmdir(here.folder);
}

/* ---- operations ---- */

static void item_put(unsigned who, unsigned which)
{
    static const char bytes[LONGEST];
    int len = (int)draw(LONGEST);
    struct db_item_put_in in = {
        .subject = person(who), .record = record(which), .sealed = {bytes, (size_t)len}};
    assert_ok(db_item_put(here.db, &in, &here.report));
    here.now.people[who].item[which] = len;
}

static void item_drop(unsigned who, unsigned which)
{
    uint64_t changed = 9;
    struct db_item_drop_in in = {.subject = person(who), .record = record(which)};
    assert_ok(db_item_drop(here.db, &in, &here.report, &changed));
    assert_int_equal(changed, here.now.people[who].item[which] >= 0);
    here.now.people[who].item[which] = -1;
}

static void item_drop_all(unsigned who)
{
    uint64_t changed = 9, there = 0;
    struct db_item_drop_all_in in = {.subject = person(who)};
    for (size_t j = 0; j < RECORDS; j++) {
        there += here.now.people[who].item[j] >= 0;
        here.now.people[who].item[j] = -1;
    }
    assert_ok(db_item_drop_all(here.db, &in, &here.report, &changed));
    assert_int_equal(changed, there);
}

static void dossier_put(unsigned who)
{
    int *version = &here.now.people[who].version;
    uint64_t changed = 9;
    if (*version < 0) {
        struct db_dossier_add_in in = {
            .subject = person(who), .kind = 1, .version = 1, .sealed = STR("facts")};
        assert_ok(db_dossier_add(here.db, &in, &here.report));
        *version = 1;
        return;
    }
    struct db_dossier_set_in in = {.subject = person(who),
                                   .old_version = (uint64_t)*version,
                                   .version = (uint64_t)*version + 1,
                                   .sealed = STR("others")};
    assert_ok(db_dossier_set(here.db, &in, &here.report, &changed));
    assert_int_equal(changed, 1);
    ++*version;
}

static void dossier_drop(unsigned who)
{
    uint64_t changed = 9;
    struct db_dossier_drop_in in = {.subject = person(who)};
    assert_ok(db_dossier_drop(here.db, &in, &here.report, &changed));
    assert_int_equal(changed, here.now.people[who].version >= 0);
    here.now.people[who].version = -1;
}

static void due_put(unsigned who)
{
    int hour = (int)draw(6);
    struct db_due_put_in in = {.subject = person(who), .hour = hour};
    assert_ok(db_due_put(here.db, &in, &here.report));
    here.now.people[who].due = hour;
}

static void due_drop(unsigned who)
{
    uint64_t changed = 9;
    struct db_due_drop_in in = {.subject = person(who)};
    assert_ok(db_due_drop(here.db, &in, &here.report, &changed));
    assert_int_equal(changed, here.now.people[who].due >= 0);
    here.now.people[who].due = -1;
}

static void live_put(unsigned who, unsigned which)
{
    struct db_live_put_in in = {.subject = person(who), .tag = tag(which)};
    assert_ok(db_live_put(here.db, &in, &here.report));
    here.now.people[who].live[which] = true;
}

static void live_drop(unsigned who, unsigned which)
{
    uint64_t changed = 9;
    struct db_live_drop_in in = {.subject = person(who), .tag = tag(which)};
    assert_ok(db_live_drop(here.db, &in, &here.report, &changed));
    assert_int_equal(changed, here.now.people[who].live[which]);
    here.now.people[who].live[which] = false;
}

static void operation_ends(void)
{
    if (!here.operation)
        return;
    here.operation = false;
    if (draw(2) == 0) {
        assert_ok(db_release(here.db, &here.report));
        return;
    }
    db_undo(here.db);
    here.now = here.saved;
}

static void operation_begins(void)
{
    operation_ends();
    assert_ok(db_savepoint(here.db, &here.report));
    here.saved = here.now;
    here.operation = true;
}

static void turn_ends(void)
{
    operation_ends();
    if (draw(4) > 0) {
        assert_ok(db_commit(here.db, &here.report));
        here.committed = here.now;
        return;
    }
    db_rollback(here.db);
    here.now = here.committed;
}

static void restarted(void)
{
    db_close(&here.db);
    here.now = here.committed;
    here.operation = false;
    opened(false);
}

/* ---- comparison ---- */

static void compare_person(unsigned who)
{
    struct db_item_list_row *items = NULL;
    struct db_live_of_row *tags = NULL;
    struct db_due_get_row due;
    struct db_dossier_get_row dossier;
    size_t count = 0, expected = 0;
    bool found = false;
    assert_ok(db_dossier_get(here.db, &(struct db_dossier_get_in){.subject = person(who)},
                             here.arena, &here.report, &found, &dossier));
    assert_int_equal(found ? (int)dossier.version : -1, here.now.people[who].version);
    assert_true(!found || str_is(dossier.sealed, dossier.version > 1 ? "others" : "facts"));
    assert_ok(db_item_list_all(here.db, &(struct db_item_list_in){.subject = person(who)},
                               here.arena, &here.report, &items, &count));
    for (unsigned j = RECORDS; j-- > 0;) { /* their ids go down */
        if (here.now.people[who].item[j] < 0)
            continue;
        assert_true(expected < count && ID_EQUAL(items[expected].record, record(j)));
        assert_int_equal(items[expected].sealed.len, here.now.people[who].item[j]);
        expected++;
    }
    assert_int_equal(count, expected);
    assert_ok(db_due_get(here.db, &(struct db_due_get_in){.subject = person(who)}, &here.report,
                         &found, &due));
    assert_int_equal(found ? due.hour : -1, here.now.people[who].due);
    assert_ok(db_live_of_all(here.db, &(struct db_live_of_in){.subject = person(who)}, here.arena,
                             &here.report, &tags, &count));
    expected = 0;
    for (unsigned j = 0; j < TAGS; j++)
        if (here.now.people[who].live[j])
            assert_true(expected < count && str_equal(tags[expected++].tag, tag(j)));
    assert_int_equal(count, expected);
}

static void compare_indexes(void)
{
    for (int hour = 0; hour < 6; hour++) {
        struct db_due_until_row *rows = NULL;
        size_t count = 0, expected = 0;
        for (size_t i = 0; i < PEOPLE; i++)
            expected += here.now.people[i].due >= 0 && here.now.people[i].due <= hour;
        assert_ok(db_due_until_all(here.db,
                                   &(struct db_due_until_in){.hour = hour, .limit = PEOPLE},
                                   here.arena, &here.report, &rows, &count));
        assert_int_equal(count, expected);
    }
    for (unsigned j = 0; j < TAGS; j++) {
        struct db_live_count_row row;
        bool found = false;
        uint64_t expected = 0;
        for (size_t i = 0; i < PEOPLE; i++)
            expected += here.now.people[i].live[j];
        assert_ok(db_live_count(here.db, &(struct db_live_count_in){.tag = tag(j)}, &here.report,
                                &found, &row));
        assert_int_equal(row.count, expected);
    }
}

/* Between turns rows that were read before are given out of memory. */
static void turn_ends_and_is_read_again(unsigned who)
{
    turn_ends();
    for (unsigned i = 0; i < 3; i++)
        compare_person(who);
}

static void step(void)
{
    unsigned who = draw(PEOPLE);
    switch (draw(16)) {
    case 0:
        turn_ends_and_is_read_again(who);
        break;
    case 1:
        operation_begins();
        break;
    case 2:
        operation_ends();
        break;
    case 3:
        if (draw(20) == 0)
            restarted();
        break;
    case 4:
        item_drop_all(who);
        break;
    case 5:
    case 6:
        due_put(who);
        break;
    case 7:
        due_drop(who);
        break;
    case 8:
        live_put(who, draw(TAGS));
        break;
    case 9:
        live_drop(who, draw(TAGS));
        break;
    case 11:
        dossier_put(who);
        break;
    case 12:
        if (draw(3) == 0)
            dossier_drop(who);
        break;
    case 10:
        item_drop(who, draw(RECORDS));
        break;
    default:
        item_put(who, draw(RECORDS));
        break;
    }
}

static void the_rows_and_the_model_agree_after_any_operations(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= here.seeds; seed++) {
        world_sim(&here.chance, seed, (instant){0});
        print_message("seed %llu\n", (unsigned long long)seed);
        for (unsigned i = 0; i < here.steps; i++) {
            step();
            if (i % 25 > 0)
                continue;
            for (unsigned who = 0; who < PEOPLE; who++)
                compare_person(who);
            compare_indexes();
            arena_reset(here.arena);
        }
        operation_ends();
        db_rollback(here.db);
        here.now = here.committed;
        assert_ok(db_check(here.db, &here.report));
    }
}

static int compare(const char *name)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_rows_and_the_model_agree_after_any_operations, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

/* Fewer steps: each comparison asks over a wire. */
static int compare_postgres(void)
{
    int failed = 0;
#ifdef VERN_POSTGRES
    struct postgres_server server;
    if (!postgres_server_start(&server, ""))
        return 0;
    here.seeds = 1;
    here.steps = STEPS / 3;
    snprintf(here.place.address, sizeof(here.place.address), "%s", server.address);
    for (int pooled = 0; pooled < 2; pooled++) {
        here.place.pooled = pooled;
        snprintf(here.place.space, sizeof(here.place.space), "model%d", pooled);
        failed += compare(pooled ? "PostgreSQL, no statement with a name" : "PostgreSQL");
    }
    postgres_server_stop(&server);
#endif
    return failed;
}

int main(void)
{
    here.seeds = 3;
    here.steps = STEPS;
    int failed = compare("a file");
    return failed + compare_postgres();
}
