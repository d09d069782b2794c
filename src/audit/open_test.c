/* Opening a log after a crash: what was flushed stays, what is torn goes, damage is said, and after
 * whatever effect fails the log is whole. */
#include <sys/wait.h>

#include "log_test.h"
#include "power_disk.h"
#include "segment_internal.h"

static struct sim_world sim;
static char dir[64];

static int set_up(void **state)
{
    (void)state;
    world_sim(&sim, 1, (instant){TEST_START});
    test_dir(dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_remove(dir);
    return 0;
}

static struct audit_log *open_log(void)
{
    return test_open_in(&sim.world, dir);
}

static void reopened(uint64_t size)
{
    CLEANUP(audit_close) struct audit_log *log = open_log();
    assert_log_is(log, size);
}

/* ---- torn ends and damage ---- */

static void segment_file(char path[256], uint64_t first)
{
    char name[SHELF_PATH];
    segment_path(name, first);
    snprintf(path, 256, "%s/%s", dir, name);
}

static void patch(const char *path, size_t offset, const void *bytes, size_t count)
{
    int file = open(path, O_WRONLY);
    assert_true(file >= 0);
    assert_true(write_all(file, bytes, count, offset));
    close(file);
}

/* Lays out three entries in the first segment: where the last begins and ends. */
static str three_entries(struct arena *arena, char path[256], size_t *start)
{
    struct audit_log *log = open_log();
    char memory[LIMIT_ENTRY_BYTES];
    test_grow(log, 3, 2); /* 0 and 1 in one flush, 2 in the next */
    audit_close(&log);
    segment_file(path, 0);
    str bytes = test_file(arena, path);
    *start = SEGMENT_HEAD_BYTES;
    for (uint64_t i = 0; i < 2; i++)
        *start += RECORD_HEAD_BYTES + test_entry(i, memory).len;
    return str_slice(bytes, 0, *start + RECORD_HEAD_BYTES + test_entry(2, memory).len);
}

static void an_end_torn_at_any_byte_is_cut_to_the_last_whole_entry(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(64 << 20);
    static const char zeros[4096], rubbish[64] = {1, 2, 3, 4, 5, 6, 7};
    char path[256];
    size_t start;
    str bytes = three_entries(arena, path, &start);
    for (size_t at = start; at < bytes.len; at++) {
        patch(path, at, zeros, bytes.len - at);
        if (at % 2 == 0 && at > start) /* other sectors of the torn write hold something */
            patch(path, bytes.len - 7, rubbish, sizeof(rubbish));
        reopened(2);
        assert_true(segment_is_zero(test_file(arena, path), start));
        patch(path, start, bytes.ptr + start, bytes.len - start);
    }
    reopened(3);
}

static void a_torn_end_is_written_over_by_what_comes_next(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    static const char zeros[16];
    char path[256];
    size_t start;
    str bytes = three_entries(arena, path, &start);
    patch(path, bytes.len - 9, zeros, 9);
    struct audit_log *log = open_log();
    assert_log_is(log, 2);
    test_grow(log, 40, 5);
    audit_close(&log);
    reopened(40);
}

static void assert_refused_at(const struct audit_config *config, uint64_t index)
{
    struct report report = {0};
    struct audit_log *log = NULL;
    char name[64];
    assert_fault(audit_open(&sim.world, dir, config, &report, &log), FAULT_CORRUPT);
    assert_null(log);
    snprintf(name, sizeof(name), "entry %llu ", (unsigned long long)index);
    if (strstr(report.text, name) == NULL)
        fail_msg("%s: does not name entry %llu", report.text, (unsigned long long)index);
}

static void damage_to_what_was_flushed_is_no_torn_end(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct audit_config config = test_config();
    char path[256], memory[LIMIT_ENTRY_BYTES];
    size_t start;
    str bytes = three_entries(arena, path, &start);
    size_t second = SEGMENT_HEAD_BYTES + RECORD_HEAD_BYTES + test_entry(0, memory).len;
    for (size_t at = SEGMENT_HEAD_BYTES; at < start; at++) {
        char changed = (char)(bytes.ptr[at] ^ 0x10);
        patch(path, at, &changed, 1);
        assert_refused_at(&config, at < second ? 0 : 1);
        patch(path, at, bytes.ptr + at, 1);
    }
    reopened(3);
}

static void nothing_below_the_high_water_mark_is_cut(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct audit_config config = test_config();
    static const char zeros[16];
    char path[256];
    size_t start;
    str bytes = three_entries(arena, path, &start);
    config.high_water = (struct audit_mark){3, test_root(3)};
    patch(path, bytes.len - 9, zeros, 9);
    assert_refused_at(&config, 2);
    assert_refused_at(&config, 2); /* and it was left as it was */
    config.high_water = (struct audit_mark){2, test_root(2)};
    struct audit_log *log = NULL;
    struct report report = {0};
    assert_ok(audit_open(&sim.world, dir, &config, &report, &log), &report);
    audit_close(&log);
}

static void a_log_that_does_not_extend_the_high_water_mark_is_refused(void **state)
{
    (void)state;
    struct report report = {0};
    struct audit_config config = test_config();
    struct audit_log *log = open_log();
    test_grow(log, 5, 5);
    audit_close(&log);
    config.high_water = (struct audit_mark){4, test_root(3)};
    assert_fault(audit_open(&sim.world, dir, &config, &report, &log), FAULT_CORRUPT);
    test_remove(dir);
    config.high_water = (struct audit_mark){4, test_root(4)};
    assert_refused_at(&config, 0);
}

static void nothing_below_the_checkpoint_on_disk_is_cut(void **state)
{
    (void)state;
    struct audit_config config = test_config();
    static const char zeros[64];
    char path[256];
    struct audit_log *log = open_log();
    test_grow(log, 3, 3);
    test_checkpoint(log);
    audit_close(&log);
    segment_file(path, 0);
    patch(path, SEGMENT_HEAD_BYTES, zeros, sizeof(zeros));
    assert_refused_at(&config, 0);
}

static void missing_tiles_and_bundles_are_written_anew(void **state)
{
    (void)state;
    char name[128];
    static const char *const lost[] = {"tile/0/000", "tile/1/000.p/2", "tile/entries/002.p/88",
                                       "tile/0/002.p/88"};
    struct audit_log *log = open_log();
    test_grow(log, 600, 100);
    test_checkpoint(log);
    audit_close(&log);
    for (size_t i = 0; i < LENGTH(lost); i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        snprintf(name, sizeof(name), "%s/%s", dir, lost[i]);
        str before_it = test_file(arena, name);
        assert_int_equal(unlink(name), 0);
        reopened(600);
        assert_true(str_equal(test_file(arena, name), before_it));
    }
}

static void a_lost_bundle_of_a_recycled_segment_is_named(void **state)
{
    (void)state;
    struct audit_config config = test_config();
    char name[256];
    struct audit_log *log = open_log();
    test_grow(log, 1030, 100);
    test_checkpoint(log);
    audit_close(&log);
    segment_file(name, 0);
    assert_int_not_equal(access(name, F_OK), 0);
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof(name), "%s/tile/%s/001", dir, i == 0 ? "entries" : "0");
        assert_int_equal(unlink(name), 0);
    }
    assert_refused_at(&config, 256);
}

/* ---- effects that fail ---- */

/* G1 */
static void after_a_failed_flush_every_call_fails(void **state)
{
    (void)state;
    struct failing_world failing;
    struct report report = {0};
    char memory[LIMIT_ENTRY_BYTES];
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 16);
    failing_world(&failing, -1);
    CLEANUP(audit_close) struct audit_log *log = test_open_in(&failing.world, dir);
    test_grow(log, 3, 3);
    str text = test_entry(3, memory);
    assert_ok(audit_append(log, text, &report, NULL), &report);
    failing.fails_at = failing.calls + 1; /* the write succeeds, the flush does not */
    assert_fault(audit_flush(log, &report), FAULT_STORE);
    failing.fails_at = -1;
    assert_true(audit_poisoned(log));
    assert_fault(audit_flush(log, &report), FAULT_STORE);
    assert_fault(audit_append(log, text, &report, NULL), FAULT_STORE);
    assert_fault(audit_read(log, 0, arena, &report, &text), FAULT_STORE);
    assert_fault(audit_checkpoint(log, &report, &text), FAULT_STORE);
    assert_int_equal(audit_size(log), 3);
}

static status checkpoint(struct audit_log *log, struct report *report)
{
    str note;
    return audit_checkpoint(log, report, &note);
}

/* A day of a log in few steps: rolls, recycling, full and partial tiles. Says how far it came. */
static status live(const struct world *world, status (*follow)(struct audit_log *, struct report *),
                   uint64_t *acknowledged, uint64_t *appended, struct audit_mark *mark)
{
    struct report report = {0};
    struct audit_config config = test_config();
    CLEANUP(audit_close) struct audit_log *log = NULL;
    char memory[LIMIT_ENTRY_BYTES];
    static const uint64_t stops[] = {3, 250, 256, 300, 520};
    TRY(audit_open(world, dir, &config, &report, &log));
    for (size_t i = 0; i < LENGTH(stops); i++) {
        for (; *appended < stops[i]; (*appended)++)
            TRY(audit_append(log, test_entry(*appended, memory), &report, NULL));
        TRY(audit_flush(log, &report));
        *acknowledged = audit_size(log);
        TRY(follow(log, &report));
        *mark = audit_mark_of(log);
        assert_int_equal(mark->size, *acknowledged);
    }
    return OK;
}

static void reopens_whole(status (*follow)(struct audit_log *, struct report *))
{
    bool done = false;
    for (long nth = 0; !done; nth++) {
        struct failing_world failing;
        struct report report = {0};
        struct audit_config config = test_config();
        struct audit_log *log = NULL;
        uint64_t acknowledged = 0, appended = 0;
        failing_world(&failing, nth);
        test_remove(dir);
        done = is_ok(live(&failing.world, follow, &acknowledged, &appended, &config.high_water));
        assert_ok(audit_open(&sim.world, dir, &config, &report, &log), &report);
        assert_in_range(audit_size(log), acknowledged, appended);
        assert_log_is(log, audit_size(log));
        test_grow(log, appended + 300, 100);
        test_checkpoint(log);
        assert_log_is(log, appended + 300);
        audit_close(&log);
        assert_in_range(nth, 0, 500);
    }
}

/* G4 */
static void whatever_effect_fails_the_log_reopens_whole(void **state)
{
    (void)state;
    reopens_whole(checkpoint);
    reopens_whole(test_chores);
}

static void a_checkpoint_that_failed_can_be_tried_again(void **state)
{
    (void)state;
    bool failed = true;
    for (long nth = 0; failed; nth++) {
        struct failing_world failing;
        struct report report = {0};
        str note;
        failing_world(&failing, -1);
        test_remove(dir);
        CLEANUP(audit_close) struct audit_log *log = test_open_in(&failing.world, dir);
        test_grow(log, 900, 100);
        failing.fails_at = failing.calls + nth;
        failed = !is_ok(audit_checkpoint(log, &report, &note));
        failing.fails_at = -1;
        test_checkpoint(log);
        test_grow(log, 1200, 100);
        test_checkpoint(log);
        assert_log_is(log, 1200);
        assert_in_range(nth, 0, 100);
    }
}

/* ---- what was written and not flushed ---- */

/* The fourth entry: its flush fails, or whoever wrote it is killed before. */
static void write_without_flush(bool flush_fails)
{
    struct failing_world failing;
    struct report report = {0};
    char memory[LIMIT_ENTRY_BYTES];
    failing_world(&failing, -1);
    CLEANUP(audit_close) struct audit_log *log = test_open_in(&failing.world, dir);
    assert_ok(audit_append(log, test_entry(3, memory), &report, NULL), &report);
    if (flush_fails)
        disk = (struct disk){.mode = DISK_FAIL, .at = 2};
    else
        failing.fails_at = failing.calls + 1;
    assert_fault(audit_flush(log, &report), FAULT_STORE);
    disk.mode = DISK_NOT;
}

/* In a process of its own: a disk is watched once, and loses by `seed`. */
static void lose_what_was_not_flushed(bool flush_fails, bool signs, uint64_t seed)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        disk_watch(dir);
        write_without_flush(flush_fails);
        struct audit_log *log = open_log();
        assert_int_equal(audit_size(log), 4); /* it is read, wherever it stands */
        struct report report = {0};
        if (!signs)
            test_grow(log, 5, 1);
        else if (seed % 2 == 0)
            test_checkpoint(log);
        else
            assert_ok(test_chores(log, &report), &report);
        disk.seed = seed;
        disk_lose();
        _exit(0);
    }
    int ended;
    assert_int_equal(waitpid(pid, &ended, 0), pid);
    assert_int_equal(ended, 0);
}

/* G4 */
static void what_was_read_at_a_start_is_durable_before_anything_follows_it(void **state)
{
    enum { SEEDS = 8 };
    for (uint64_t i = 0; i < 4 * SEEDS; i++) {
        bool flush_fails = i % 2 == 0, signs = i % 4 < 2;
        tear_down(state);
        set_up(state);
        struct audit_log *log = open_log();
        test_grow(log, 3, 3);
        audit_close(&log);
        lose_what_was_not_flushed(flush_fails, signs, i / 4);
        reopened(signs ? 4 : 5);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_end_torn_at_any_byte_is_cut_to_the_last_whole_entry),
        TEST(a_torn_end_is_written_over_by_what_comes_next),
        TEST(damage_to_what_was_flushed_is_no_torn_end),
        TEST(nothing_below_the_high_water_mark_is_cut),
        TEST(a_log_that_does_not_extend_the_high_water_mark_is_refused),
        TEST(nothing_below_the_checkpoint_on_disk_is_cut),
        TEST(missing_tiles_and_bundles_are_written_anew),
        TEST(a_lost_bundle_of_a_recycled_segment_is_named),
        TEST(after_a_failed_flush_every_call_fails),
        TEST(whatever_effect_fails_the_log_reopens_whole),
        TEST(a_checkpoint_that_failed_can_be_tried_again),
        TEST(what_was_read_at_a_start_is_durable_before_anything_follows_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
