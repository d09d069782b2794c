/* The log in use: appending, flushing, reading, proving, finding. */
#include "log_test.h"

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

static void a_new_log_is_empty_and_signs_its_emptiness(void **state)
{
    (void)state;
    CLEANUP(audit_close) struct audit_log *log = open_log();
    struct report report = {0};
    struct checkpoint checkpoint;
    assert_log_is(log, 0);
    assert_int_equal(audit_last_time(log).ms, 0);
    test_checkpoint(log);
    assert_ok(checkpoint_open(audit_note(log), audit_verifier(log), &report, &checkpoint), &report);
    assert_int_equal(checkpoint.size, 0);
    assert_true(str_equal(checkpoint.origin, TEST_ORIGIN));
}

static void what_was_flushed_is_there_after_reopening_at_any_size(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 2, 37, 38, 39, 255, 256, 257, 300, 511, 512, 513, 1030};
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        struct audit_log *log = open_log();
        test_grow(log, sizes[i], 10);
        assert_log_is(log, sizes[i]);
        if (i % 2 == 0)
            test_checkpoint(log);
        audit_close(&log);
        reopened(sizes[i]);
    }
}

static void what_was_only_appended_is_gone_after_reopening(void **state)
{
    (void)state;
    char memory[LIMIT_ENTRY_BYTES];
    struct report report = {0};
    uint64_t index = 0;
    struct audit_log *log = open_log();
    test_grow(log, 3, 3);
    assert_ok(audit_append(log, test_entry(3, memory), &report, &index), &report);
    assert_int_equal(index, 3);
    assert_int_equal(audit_size(log), 3);
    audit_close(&log);
    reopened(3);
}

static void every_entry_reads_back_from_bundles_and_segments(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(4 << 20);
    CLEANUP(audit_close) struct audit_log *log = open_log();
    char memory[LIMIT_ENTRY_BYTES];
    struct report report = {0};
    str entry;
    test_grow(log, 600, 64);
    test_checkpoint(log);
    test_grow(log, 900, 64);
    for (uint64_t i = 0; i < 900; i++) {
        assert_ok(audit_read(log, i, arena, &report, &entry), &report);
        assert_true(str_equal(entry, test_entry(i, memory)));
    }
    assert_fault(audit_read(log, 900, arena, &report, &entry), FAULT_NOT_FOUND);
}

struct seen {
    uint64_t next, last;
};

static status see(void *self, uint64_t index, str entry, struct report *report, bool *stop)
{
    (void)report;
    char memory[LIMIT_ENTRY_BYTES];
    struct seen *seen = self;
    assert_int_equal(index, seen->next);
    assert_true(str_equal(entry, test_entry(index, memory)));
    *stop = ++seen->next == seen->last;
    return OK;
}

static void a_scan_visits_each_entry_in_order_until_it_is_stopped(void **state)
{
    (void)state;
    CLEANUP(audit_close) struct audit_log *log = open_log();
    struct report report = {0};
    test_grow(log, 400, 64);
    test_checkpoint(log);
    test_grow(log, 700, 64);
    struct seen all = {100, 10000}, part = {250, 610};
    assert_ok(audit_scan(log, 100, see, &all, &report), &report);
    assert_int_equal(all.next, 700);
    assert_ok(audit_scan(log, 250, see, &part, &report), &report);
    assert_int_equal(part.next, 610);
}

static void entries_and_sizes_are_provable_whether_in_tiles_or_not(void **state)
{
    (void)state;
    CLEANUP(audit_close) struct audit_log *log = open_log();
    CLEANUP(hasher_free) struct hasher *hasher = hasher_new();
    char memory[LIMIT_ENTRY_BYTES];
    test_grow(log, 700, 100);
    test_checkpoint(log);
    test_grow(log, 1000, 100);
    merkle_hash root = audit_root(log);
    for (uint64_t i = 0; i < 1000; i += 13) {
        struct report report = {0};
        struct merkle_proof proof;
        merkle_hash leaf = merkle_leaf(hasher, test_entry(i, memory)), old = test_root(i + 1);
        assert_ok(audit_prove(log, i, 1000, &report, &proof), &report);
        assert_true(merkle_included(hasher, i, 1000, &leaf, &proof, &root));
        assert_ok(audit_prove_consistency(log, i + 1, 1000, &report, &proof), &report);
        assert_true(merkle_consistent(hasher, i + 1, 1000, &old, &root, &proof));
    }
    struct report report = {0};
    struct merkle_proof proof;
    assert_fault(audit_prove(log, 3, 1001, &report, &proof), FAULT_INVALID);
}

static void what_is_no_entry_is_refused(void **state)
{
    (void)state;
    CLEANUP(audit_close) struct audit_log *log = open_log();
    struct report report = {0};
    assert_fault(audit_append(log, STR("Kari Nordmann"), &report, NULL), FAULT_INVALID);
    assert_null(strstr(report.text, "Kari"));
    test_grow(log, 2, 1);
}

static void too_many_entries_for_one_flush_are_a_limit_and_nothing_is_lost(void **state)
{
    (void)state;
    struct audit_log *log = NULL;
    struct audit_config config = test_config();
    struct report report = {0};
    char memory[LIMIT_ENTRY_BYTES];
    config.segment_bytes = 0;
    assert_ok(audit_open(&sim.world, dir, &config, &report, &log), &report);
    str entry = test_entry(0, memory);
    size_t taken = 0;
    status got = OK;
    for (; is_ok(got); taken += is_ok(got))
        got = audit_append(log, entry, &report, NULL);
    assert_int_equal(got.fault, FAULT_LIMIT);
    assert_in_range(taken, 40000, LIMIT_FLUSH_ENTRIES);
    assert_ok(audit_flush(log, &report), &report);
    assert_int_equal(audit_size(log), taken);
    assert_ok(audit_append(log, entry, &report, NULL), &report);
    audit_close(&log);
    assert_ok(audit_open(&sim.world, dir, &config, &report, &log), &report);
    assert_int_equal(audit_size(log), taken);
    audit_close(&log);
}

static void a_late_entry_enters_under_the_last_time_and_keeps_its_own(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    CLEANUP(audit_close) struct audit_log *log = open_log();
    char memory[LIMIT_ENTRY_BYTES];
    struct report report = {0};
    struct audit_entry got;
    str text;
    assert_ok(audit_append(log, test_entry(9, memory), &report, NULL), &report);
    assert_ok(audit_append(log, test_entry(4, memory), &report, NULL), &report);
    assert_ok(audit_flush(log, &report), &report);
    assert_ok(audit_read(log, 1, arena, &report, &text), &report);
    assert_ok(entry_parse(text, &report, &got), &report);
    assert_int_equal(got.at.ms, TEST_START + 9);
    assert_int_equal(got.made.ms, TEST_START + 4);
    assert_int_equal(audit_last_time(log).ms, TEST_START + 9);
}

/* What is written into the log is what would have been written outside and read. */
static void an_entry_written_into_the_log_is_the_text_that_would_be_appended(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    CLEANUP(audit_close) struct audit_log *log = open_log();
    static const uint64_t times[] = {9, 4}; /* the second comes late */
    char memory[LIMIT_ENTRY_BYTES], room[LIMIT_ENTRY_BYTES];
    struct report report = {0};
    struct audit_entry entry;
    str written, got[2];
    uint64_t index;
    for (size_t i = 0; i < LENGTH(times); i++) {
        str text = test_entry(times[i], memory);
        assert_ok(entry_parse(text, &report, &entry), &report);
        assert_ok(audit_write(log, &entry, room, &report, &written, &index), &report);
        assert_int_equal(index, 2 * i);
        assert_true(str_equal(written, text));
        assert_ok(audit_append(log, text, &report, NULL), &report);
    }
    assert_ok(audit_flush(log, &report), &report);
    for (uint64_t i = 0; i < 2 * LENGTH(times); i++) {
        assert_ok(audit_read(log, i, arena, &report, &got[i % 2]), &report);
        assert_true(i % 2 == 0 || str_equal(got[0], got[1]));
    }
    entry.purpose = STR("Kari Nordmann");
    assert_fault(audit_write(log, &entry, room, &report, &written, &index), FAULT_INVALID);
    assert_int_equal(audit_pending(log), 2 * LENGTH(times));
}

static void the_last_time_survives_reopening(void **state)
{
    (void)state;
    struct audit_log *log = open_log();
    test_grow(log, 300, 50);
    test_checkpoint(log);
    audit_close(&log);
    log = open_log();
    assert_int_equal(audit_last_time(log).ms, TEST_START + 299);
    audit_close(&log);
}

static void an_entry_is_found_by_its_random_id(void **state)
{
    (void)state;
    CLEANUP(audit_close) struct audit_log *log = open_log();
    char memory[LIMIT_ENTRY_BYTES];
    struct report report = {0};
    test_grow(log, 700, 100);
    test_checkpoint(log);
    test_grow(log, 800, 100);
    assert_ok(audit_append(log, test_entry(800, memory), &report, NULL), &report);
    for (uint64_t back = 0; back <= 801; back++) {
        uint64_t i = 801 - back;
        bool present = false;
        assert_ok(audit_contains_id(log, test_id(i + 1000000), (instant){TEST_START + (int64_t)i},
                                    &report, &present),
                  &report);
        assert_int_equal(present, i <= 800);
    }
    bool present = false;
    assert_ok(audit_append(log, test_entry(801, memory), &report, NULL), &report);
    assert_ok(audit_contains_id(log, test_id(1000801), (instant){TEST_START}, &report, &present),
              &report);
    assert_true(present);
}

/* However much was read since the last change: a start looks for its entry where that time is. */
static void an_entry_is_looked_for_where_its_time_is(void **state)
{
    (void)state;
    enum { BUNDLES = 24, MADE = 4 * 256 + 10, LOST_FROM = 7, LOST_TO = 12 };
    CLEANUP(audit_close) struct audit_log *log = open_log();
    struct report report = {0};
    bool present = false;
    test_grow(log, BUNDLES * 256, 512);
    test_checkpoint(log);
    for (int n = LOST_FROM; n < LOST_TO; n++) { /* the search in halves asks for none of these */
        char path[96];
        snprintf(path, sizeof(path), "%s/tile/entries/%03d", dir, n);
        assert_int_equal(unlink(path), 0);
    }
    for (uint64_t i = MADE; i < MADE + 20; i++) {
        assert_ok(audit_contains_id(log, test_id(i + 1000000), (instant){TEST_START + (int64_t)i},
                                    &report, &present),
                  &report);
        assert_true(present);
    }
    assert_fault(
        audit_contains_id(log, test_id(5), (instant){TEST_START + MADE}, &report, &present),
        FAULT_CORRUPT); /* what is not there is looked for to the end */
}

static void what_was_only_appended_can_be_taken_back(void **state)
{
    (void)state;
    char memory[LIMIT_ENTRY_BYTES];
    struct report report = {0};
    bool present = true;
    struct audit_log *log = open_log();
    test_grow(log, 300, 100);
    for (uint64_t i = 300; i < 304; i++)
        assert_ok(audit_append(log, test_entry(i, memory), &report, NULL), &report);
    assert_int_equal(audit_pending(log), 304);
    audit_drop(log, 304);
    assert_int_equal(audit_pending(log), 304);
    audit_drop(log, 301);
    assert_int_equal(audit_pending(log), 301);
    instant start = {TEST_START};
    assert_ok(audit_contains_id(log, test_id(1000302), start, &report, &present), &report);
    assert_false(present);
    assert_ok(audit_contains_id(log, test_id(1000300), start, &report, &present), &report);
    assert_true(present);
    assert_ok(audit_flush(log, &report), &report);
    assert_log_is(log, 301);
    audit_close(&log);
    reopened(301);
}

static size_t segments_there(void)
{
    char path[96];
    size_t count = 0;
    snprintf(path, sizeof(path), "%s/segment", dir);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *file; (file = readdir(folder)) != NULL;)
        count += file->d_name[0] != '.';
    closedir(folder);
    return count;
}

/* What follows a flush is done in small steps, so that a checkpoint finds little to do. */
static void a_tended_log_leaves_a_checkpoint_little_and_lets_segments_go(void **state)
{
    (void)state;
    struct report report = {0};
    struct failing_world counting;
    failing_world(&counting, -1);
    struct audit_config config = test_config();
    struct audit_log *log = NULL;
    config.segment_bytes = (size_t)64 << 10;
    assert_ok(audit_open(&counting.world, dir, &config, &report, &log), &report);
    long most = 0;
    for (uint64_t size = 64; size <= 64 * 100; size += 64) {
        bool did;
        test_grow(log, size, 64);
        long before_it = counting.calls;
        assert_ok(audit_tend(log, &report, &did), &report);
        most = counting.calls - before_it > most ? counting.calls - before_it : most;
    }
    assert_in_range(most, 1, 8);
    assert_in_range(segments_there(), 1, 5); /* of more than thirty, and the spare one */
    long before_it = counting.calls;
    str note;
    assert_ok(audit_sign(log, &report, &note), &report);
    assert_in_range(counting.calls - before_it, 1, 5);
    assert_log_is(log, 6400);
    audit_close(&log);
    reopened(6400);
}

/* A receipt is held against what the log publishes afterwards, so it may be out before that. */
static void a_proof_is_signed_at_once_and_nothing_is_written_for_it(void **state)
{
    (void)state;
    struct report report = {0};
    struct failing_world counting;
    struct checkpoint checkpoint;
    struct audit_config config = test_config();
    struct audit_log *log = NULL;
    uint64_t size;
    str note, published;
    failing_world(&counting, -1);
    assert_ok(audit_open(&counting.world, dir, &config, &report, &log), &report);
    test_grow(log, 300, 10);
    long before_it = counting.calls;
    assert_ok(audit_attest(log, 299, &report, &size, &note), &report);
    assert_ok(audit_attest(log, 7, &report, &size, &note), &report);
    assert_int_equal(counting.calls, before_it);
    assert_int_equal(size, 300);
    assert_ok(checkpoint_open(note, audit_verifier(log), &report, &checkpoint), &report);
    merkle_hash root = test_root(300);
    assert_true(checkpoint.size == 300 && MERKLE_EQUAL(checkpoint.root, root));
    assert_int_equal(audit_mark_of(log).size, 0); /* what is published waits for its tiles */
    test_grow(log, 301, 1);
    assert_ok(audit_attest(log, 300, &report, &size, &note), &report);
    assert_int_equal(size, 301);
    assert_ok(audit_sign(log, &report, &published), &report);
    assert_ok(audit_attest(log, 300, &report, &size, &note), &report);
    assert_true(note.ptr == published.ptr); /* the latest that everybody sees, where it is enough */
    audit_close(&log);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_new_log_is_empty_and_signs_its_emptiness),
        TEST(what_was_flushed_is_there_after_reopening_at_any_size),
        TEST(what_was_only_appended_is_gone_after_reopening),
        TEST(every_entry_reads_back_from_bundles_and_segments),
        TEST(a_scan_visits_each_entry_in_order_until_it_is_stopped),
        TEST(entries_and_sizes_are_provable_whether_in_tiles_or_not),
        TEST(what_is_no_entry_is_refused),
        TEST(too_many_entries_for_one_flush_are_a_limit_and_nothing_is_lost),
        TEST(a_late_entry_enters_under_the_last_time_and_keeps_its_own),
        TEST(an_entry_written_into_the_log_is_the_text_that_would_be_appended),
        TEST(the_last_time_survives_reopening),
        TEST(an_entry_is_found_by_its_random_id),
        TEST(an_entry_is_looked_for_where_its_time_is),
        TEST(what_was_only_appended_can_be_taken_back),
        TEST(a_proof_is_signed_at_once_and_nothing_is_written_for_it),
        TEST(a_tended_log_leaves_a_checkpoint_little_and_lets_segments_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
