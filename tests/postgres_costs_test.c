/* What each use case costs in PostgreSQL: statements and round trips, counted by the driver. The
 * table of docs/scale.md holds the same numbers, so that none grows unseen.
 *
 *   operation (a turn of its own) --> statements, round trips of data | of keys --> row of the
 * table
 *
 * The counts are of the second time, when the session has each statement prepared. */
#include "engine_ops.h"

#include "engine_internal.h"
#include "keys_internal.h"
#include "postgres_server.h"
#include "vault_internal.h"

enum { PEOPLE = 200, PAGE_BYTES = 64 << 10 };

static struct postgres_server server;
static struct ops ops;

struct counted {
    struct db_costs data, keys;
};

static struct counted count_now(void)
{
    struct vault *vault = ops.f.reg->vault;
    return (struct counted){db_costs(vault->data), db_costs(vault->keys->db)};
}

static void create_many(struct ops *of, size_t n)
{
    struct report report = {0};
    struct subject_create create = {0};
    struct for_company one = {use_subject_create, &create, STR("confect")};
    (void)n;
    arena_reset(of->scratch);
    engine_begin(of->f.engine);
    for (size_t i = 0; i < OPS_GROUP; i++) {
        of->reports[i] = (struct report){0};
        status got = call_begin(of->f.engine, of->f.reg, engine_system(), of->scratch,
                                &of->reports[i], &of->calls[i]);
        if (is_ok(got))
            got = call_end(&of->calls[i], use_for_company(&of->calls[i], &one));
        assert_true(is_ok(got));
    }
    assert_true(is_ok(engine_end(of->f.engine, &report)));
    engine_rest(of->f.engine);
}

static const struct op MORE[] = {{"create 64 people in one turn", OPS_GROUP, create_many, false}};

/* The row of one operation as the page has it; false when the page says something else. */
static bool is_on_page(const struct op *op, const char *where, str page)
{
    char row[256];
    op->run(&ops, 0);
    struct counted before = count_now();
    op->run(&ops, 1);
    struct counted after = count_now();
    int len = snprintf(row, sizeof(row), "\n| %s%s | %llu | %llu | %llu | %llu |\n", op->name,
                       where, (unsigned long long)(after.data.statements - before.data.statements),
                       (unsigned long long)(after.data.round_trips - before.data.round_trips),
                       (unsigned long long)(after.keys.statements - before.keys.statements),
                       (unsigned long long)(after.keys.round_trips - before.keys.round_trips));
    bool there = memmem(page.ptr, page.len, row, (size_t)len) != NULL;
    print_message("%s%.*s", there ? "" : "NOT SO: ", len - 1, row + 1);
    return there;
}

static void tell_bytes(void)
{
    uint64_t data = 0, keys = 0;
    struct report report = {0};
    assert_true(is_ok(vault_bytes(ops.f.reg->vault, &report, &data, &keys)));
    print_message("%d people of eight items: %llu bytes each of data, %llu of keys\n", PEOPLE,
                  (unsigned long long)data / PEOPLE, (unsigned long long)keys / PEOPLE);
}

static void compare_with_page(const char *where)
{
    str page;
    bool all = true;
    struct report report = {0};
    ops_start(&ops, PEOPLE);
    tell_bytes();
    if (!is_ok(file_read("docs/scale.md", ops.f.arena, PAGE_BYTES, &report, &page)))
        fail_msg("%s", report.text);
    for (size_t i = 0; i < LENGTH(OPS); i++)
        if (strncmp(OPS[i].name, "decide", 6) != 0 && strncmp(OPS[i].name, "settle", 6) != 0)
            all &= is_on_page(&OPS[i], where, page);
    for (size_t i = 0; i < LENGTH(MORE); i++)
        all &= is_on_page(&MORE[i], where, page);
    assert_true(all);
    ops_stop(&ops);
}

static void each_use_case_costs_what_the_page_says(void **state)
{
    (void)state;
    compare_with_page("");
}

static void for_several_servers_its_entries_come_on_top(void **state)
{
    (void)state;
    assert_int_equal(setenv("VERN_TEST_SERVERS", "1", 1), 0);
    compare_with_page(" (servers)");
    assert_int_equal(unsetenv("VERN_TEST_SERVERS"), 0);
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
        cmocka_unit_test(each_use_case_costs_what_the_page_says),
        cmocka_unit_test(for_several_servers_its_entries_come_on_top),
    };
    if (!postgres_server_start(&server, ""))
        return 77;
    assert(setenv("VERN_TEST_DATABASE", server.address, 1) == 0);
    return cmocka_run_group_tests(tests, NULL, stopped);
}
