/* The layout of tiles, by the specification's own examples. */
#include "log_test.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_those_of_the_specification),
        cmocka_unit_test(a_bundle_gives_its_entries_and_stops_where_it_is_odd),
        cmocka_unit_test(a_size_has_the_tiles_that_the_specification_gives_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
