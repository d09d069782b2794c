/* The layout of tiles, by the specification's own examples. */
#include "log_test.h"
#include "log_internal.h"
#include "tiles_internal.h"

static void paths_are_those_of_the_specification(void **state)
{
    (void)state;
    static const struct {
        int level;
        uint64_t n;
        unsigned width;
        const char *path;
    } cases[] = {
        {0, 0, 0, "tile/0/000"},
        {1, 999, 0, "tile/1/999"},
        {0, 1000, 0, "tile/0/x001/000"},
        {2, 1234067, 0, "tile/2/x001/x234/067"},
        {0, 1234067, 7, "tile/0/x001/x234/067.p/7"},
        {TILE_ENTRIES, 273, 112, "tile/entries/273.p/112"},
        {0, UINT64_MAX >> 8, 255, "tile/0/x072/x057/x594/x037/x927/935.p/255"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char path[SHELF_PATH];
        tile_path(path, cases[i].level, cases[i].n, cases[i].width);
        assert_string_equal(path, cases[i].path);
    }
}

static void a_bundle_gives_its_entries_and_stops_where_it_is_odd(void **state)
{
    (void)state;
    static const char bytes[] = "\0\3abc\0\0\0\1d\0\5ef";
    str bundle = {bytes, sizeof(bytes) - 1}, entry;
    assert_true(bundle_next(&bundle, &entry) && str_is(entry, "abc"));
    assert_true(bundle_next(&bundle, &entry) && str_is(entry, ""));
    assert_true(bundle_next(&bundle, &entry) && str_is(entry, "d"));
    assert_false(bundle_next(&bundle, &entry));
    assert_int_equal(bundle.len, 4);
}

static bool there(const char *dir, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

static void a_size_has_the_tiles_that_the_specification_gives_it(void **state)
{
    (void)state;
    char dir[64];
    struct sim_world sim;
    world_sim(&sim, 1, (instant){TEST_START});
    test_dir(dir);
    struct audit_log *log = test_open_in(&sim.world, dir);
    test_grow(log, 200, 200);
    test_checkpoint(log);
    assert_true(there(dir, "tile/0/000.p/200"));
    assert_true(there(dir, "tile/entries/000.p/200"));
    assert_false(there(dir, "tile/1"));
    test_grow(log, 256, 200);
    test_checkpoint(log); /* a full level-0 tile and a partial level-1 tile of width 1 */
    assert_true(there(dir, "tile/0/000"));
    assert_true(there(dir, "tile/entries/000"));
    assert_true(there(dir, "tile/1/000.p/1"));
    assert_false(there(dir, "tile/0/000.p")); /* no longer needed */
    assert_false(there(dir, "tile/0/001.p"));
    test_grow(log, 700, 200);
    test_checkpoint(log);
    assert_true(there(dir, "tile/0/002.p/188"));
    assert_true(there(dir, "tile/1/000.p/2"));
    audit_close(&log);
    test_remove(dir);
}

/* ---- an entry alone ---- */

enum { BUNDLES = 5, GROWN = BUNDLES * TILE_WIDTH };

static void assert_entry_is(struct audit_log *log, uint64_t index, const struct bytes *bundle)
{
    struct report report = {0};
    str rest = bytes_str(bundle), wanted, entry = {0};
    for (uint64_t i = 0; i <= index % TILE_WIDTH; i++)
        assert_true(bundle_next(&rest, &wanted));
    assert_ok(tiles_entry(&log->tiles, index, &report, &entry), &report);
    assert_true(str_equal(entry, wanted));
}

static struct audit_log *grown(const struct sim_world *sim, char dir[64],
                               struct bytes bundles[BUNDLES])
{
    struct report report = {0};
    test_dir(dir);
    struct audit_log *log = test_open_in(&sim->world, dir);
    test_grow(log, GROWN, 200);
    test_checkpoint(log);
    for (uint64_t n = 0; n < BUNDLES; n++) {
        str bundle = {0};
        bundles[n] = (struct bytes){0};
        assert_ok(tiles_bundle(&log->tiles, n, &report, &bundle), &report);
        bytes_add(&bundles[n], bundle);
    }
    return log;
}

static void end_grown(struct audit_log *log, const char *dir, struct bytes bundles[BUNDLES])
{
    audit_close(&log);
    test_remove(dir);
    for (size_t n = 0; n < BUNDLES; n++)
        bytes_free(&bundles[n]);
}

static void an_entry_alone_is_that_of_its_bundle(void **state)
{
    (void)state;
    char dir[64];
    struct sim_world sim;
    struct bytes bundles[BUNDLES];
    world_sim(&sim, 1, (instant){TEST_START});
    struct audit_log *log = grown(&sim, dir, bundles);
    for (uint64_t i = 0, index = 0; i < 4 * GROWN; i++, index = (index + 397) % GROWN)
        assert_entry_is(log, index, &bundles[index / TILE_WIDTH]);
    end_grown(log, dir, bundles);
}

static void put_file(const char *dir, const char *name, str content)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content.ptr, 1, content.len, file), content.len);
    assert_int_equal(fclose(file), 0);
}

/* What lies at an entry's place is taken only where it is an entry there: all of the bundle is read
 * again, and damage is named as ever. */
static void an_entry_that_left_its_place_is_looked_for_anew(void **state)
{
    (void)state;
    char dir[64];
    struct sim_world sim;
    struct bytes bundles[BUNDLES], turned = {0};
    world_sim(&sim, 1, (instant){TEST_START});
    struct audit_log *log = grown(&sim, dir, bundles);
    struct report report = {0};
    str entry, first = {0}, rest = bytes_str(&bundles[0]);
    assert_true(bundle_next(&rest, &first));
    bytes_add(&turned, rest); /* the first entry comes last */
    bytes_add(&turned, str_slice(bytes_str(&bundles[0]), 0, 2 + first.len));
    assert_entry_is(log, 7, &bundles[0]);
    assert_entry_is(log, TILE_WIDTH, &bundles[1]);
    put_file(dir, "tile/entries/000", bytes_str(&turned));
    assert_entry_is(log, 9, &turned);
    assert_entry_is(log, TILE_WIDTH, &bundles[1]);
    assert_entry_is(log, 3 * TILE_WIDTH, &bundles[3]); /* the bundle at hand is another */
    put_file(dir, "tile/entries/000", str_slice(bytes_str(&turned), 0, 1000));
    assert_fault(tiles_entry(&log->tiles, 200, &report, &entry), FAULT_CORRUPT);
    put_file(dir, "tile/entries/000", bytes_str(&bundles[0]));
    assert_entry_is(log, 200, &bundles[0]);
    bytes_free(&turned);
    end_grown(log, dir, bundles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_those_of_the_specification),
        cmocka_unit_test(a_bundle_gives_its_entries_and_stops_where_it_is_odd),
        cmocka_unit_test(an_entry_alone_is_that_of_its_bundle),
        cmocka_unit_test(an_entry_that_left_its_place_is_looked_for_anew),
        cmocka_unit_test(a_size_has_the_tiles_that_the_specification_gives_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
