/* Manifests: sorted, whole, and provable line by line. */
#include "log_test.h"
#include "manifest.h"

static struct sim_world sim;
static char dir[64];
static struct audit_log *log_at_hand;

static int set_up(void **state)
{
    (void)state;
    world_sim(&sim, 1, (instant){TEST_START});
    test_dir(dir);
    log_at_hand = test_open_in(&sim.world, dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    audit_close(&log_at_hand);
    test_remove(dir);
    return 0;
}

static void make_lines(struct manifest_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        audit_id id = test_id(i);
        lines[i].decision = (unsigned char)(i % AUDIT_DECISION_COUNT);
        memcpy(lines[i].handle, id.bytes, ID_BYTES);
    }
}

static merkle_hash written(struct manifest_line *lines, size_t count)
{
    struct report report = {0};
    merkle_hash root;
    assert_ok(audit_manifest_write(log_at_hand, lines, count, &report, &root), &report);
    return root;
}

static void a_manifest_loads_sorted_as_it_was_written(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct manifest_line lines[100];
    struct report report = {0};
    const struct manifest_line *got = NULL;
    make_lines(lines, 100);
    struct manifest_name name = {written(lines, 100), 100};
    assert_ok(audit_manifest_load(log_at_hand, &name, arena, &report, &got), &report);
    assert_memory_equal(got, lines, sizeof(lines));
    for (size_t i = 1; i < 100; i++)
        assert_true(memcmp(got[i - 1].handle, got[i].handle, ID_BYTES) < 0);
}

static void everybody_listed_is_found_with_their_decision_and_nobody_else(void **state)
{
    (void)state;
    struct manifest_line lines[100];
    make_lines(lines, 100);
    struct manifest_name name = {written(lines, 100), 100};
    for (uint64_t i = 0; i < 200; i++) {
        struct report report = {0};
        bool found = false;
        enum audit_decision decision = AUDIT_REFUSE;
        assert_ok(audit_manifest_find(log_at_hand, &name, test_id(i), &report, &found, &decision),
                  &report);
        assert_int_equal(found, i < 100);
        if (found)
            assert_int_equal(decision, i % AUDIT_DECISION_COUNT);
    }
}

static void each_line_can_be_proved_alone(void **state)
{
    (void)state;
    CLEANUP(hasher_free) struct hasher *hasher = hasher_new();
    static const size_t sizes[] = {1, 2, 3, 64, 99};
    for (size_t s = 0; s < LENGTH(sizes); s++) {
        struct manifest_line lines[100];
        make_lines(lines, sizes[s]);
        struct manifest_name name = {written(lines, sizes[s]), (uint32_t)sizes[s]};
        for (uint64_t i = 0; i < sizes[s]; i++) {
            struct report report = {0};
            struct manifest_proof proof;
            assert_ok(audit_manifest_prove(log_at_hand, &name, test_id(i), &report, &proof),
                      &report);
            assert_true(manifest_proved(hasher, &proof, &name.root));
            proof.line.decision ^= 1;
            assert_false(manifest_proved(hasher, &proof, &name.root));
        }
        struct report report = {0};
        struct manifest_proof proof;
        assert_fault(audit_manifest_prove(log_at_hand, &name, test_id(500), &report, &proof),
                     FAULT_NOT_FOUND);
    }
}

static void a_manifest_of_65536_people_takes_17_bytes_each(void **state)
{
    (void)state;
    static struct manifest_line lines[LIMIT_MANIFEST_LINES + 1];
    struct report report = {0};
    struct stat facts;
    char name[128], path[256];
    merkle_hash root;
    make_lines(lines, LIMIT_MANIFEST_LINES + 1);
    assert_fault(audit_manifest_write(log_at_hand, lines, LIMIT_MANIFEST_LINES + 1, &report, &root),
                 FAULT_LIMIT);
    root = written(lines, LIMIT_MANIFEST_LINES);
    manifest_path(name, &root);
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_size, 17 * LIMIT_MANIFEST_LINES);
}

/* Effects: two lists written; then one flush of both, the records, their flush. */
static void lists_are_durable_before_the_entries_that_wait_for_the_same_flush(void **state)
{
    (void)state;
    for (long fails_at = 0; fails_at <= 3; fails_at++) {
        char other[64], memory[LIMIT_ENTRY_BYTES];
        struct failing_world failing;
        struct manifest_line lines[40];
        struct report report = {0};
        merkle_hash root;
        test_dir(other);
        failing_world(&failing, -1);
        struct audit_log *log = test_open_in(&failing.world, other);
        make_lines(lines, 40);
        assert_ok(audit_manifest_write(log, lines, 40, &report, &root), &report);
        assert_ok(audit_manifest_write(log, lines, 20, &report, &root), &report);
        assert_ok(audit_append(log, test_entry(0, memory), &report, NULL), &report);
        failing.calls = 0;
        failing.fails_at = fails_at;
        assert_int_equal(is_ok(audit_flush(log, &report)), fails_at == 3);
        assert_int_equal(failing.calls, fails_at == 3 ? 3 : fails_at + 1);
        assert_int_equal(audit_poisoned(log), fails_at < 3);
        if (fails_at == 0)
            assert_non_null(strstr(report.text, "log.manifest"));
        audit_close(&log);
        failing.fails_at = -1;
        log = test_open_in(&failing.world, other);
        assert_int_equal(audit_size(log), fails_at >= 2);
        audit_close(&log);
        test_remove(other);
    }
}

/* ---- what is known ---- */

struct again {
    char dir[64];
    struct failing_world world;
    struct audit_log *log;
    uint64_t number;
};

static void begin_again(struct again *again)
{
    *again = (struct again){0};
    test_dir(again->dir);
    failing_world(&again->world, -1);
    again->log = test_open_in(&again->world.world, again->dir);
}

static void end_again(struct again *again)
{
    audit_close(&again->log);
    test_remove(again->dir);
}

/* Effects of writing the list of `count` people. */
static long write_list(struct again *again, size_t count)
{
    struct manifest_line lines[40];
    struct report report = {0};
    merkle_hash root;
    again->world.calls = 0;
    make_lines(lines, count);
    assert_ok(audit_manifest_write(again->log, lines, count, &report, &root), &report);
    return again->world.calls;
}

static void append_one(struct again *again)
{
    char memory[LIMIT_ENTRY_BYTES];
    struct report report = {0};
    assert_ok(audit_append(again->log, test_entry(again->number++, memory), &report, NULL),
              &report);
}

/* Effects of the flush of an entry: the records, their flush, and lists that wait. */
static long flush_one(struct again *again)
{
    struct report report = {0};
    append_one(again);
    again->world.calls = 0;
    assert_ok(audit_flush(again->log, &report), &report);
    return again->world.calls;
}

static void a_list_that_is_there_already_is_neither_written_nor_flushed_again(void **state)
{
    (void)state;
    struct again again;
    begin_again(&again);
    assert_int_equal(write_list(&again, 40), 1);
    assert_int_equal(write_list(&again, 40), 0);
    assert_int_equal(flush_one(&again), 3);
    assert_int_equal(write_list(&again, 40), 0);
    assert_int_equal(flush_one(&again), 2);
    assert_int_equal(write_list(&again, 39), 1);
    assert_int_equal(flush_one(&again), 3);
    end_again(&again);
}

/* Its flush may have gone with the turn that it was written in. */
static void a_list_whose_entry_was_taken_back_is_flushed_with_the_next_that_names_it(void **state)
{
    (void)state;
    struct again again;
    struct report report = {0};
    begin_again(&again);
    (void)write_list(&again, 40);
    (void)flush_one(&again);
    (void)write_list(&again, 20);
    append_one(&again);
    assert_ok(audit_manifest_flush(again.log, &report), &report);
    audit_drop(again.log, audit_size(again.log));
    again.number--;
    (void)write_list(&again, 20);
    assert_int_equal(flush_one(&again), 3);
    (void)write_list(&again, 40); /* of a turn that was kept */
    assert_int_equal(flush_one(&again), 2);
    end_again(&again);
}

static void what_is_no_list_of_people_is_refused(void **state)
{
    (void)state;
    struct manifest_line lines[3];
    struct report report = {0};
    merkle_hash root = {{0}};
    make_lines(lines, 3);
    assert_fault(audit_manifest_write(log_at_hand, lines, 0, &report, &root), FAULT_INVALID);
    lines[2] = lines[0];
    assert_fault(audit_manifest_write(log_at_hand, lines, 3, &report, &root), FAULT_INVALID);
    make_lines(lines, 3);
    lines[1].decision = AUDIT_DECISION_COUNT;
    assert_fault(audit_manifest_write(log_at_hand, lines, 3, &report, &root), FAULT_INVALID);
}

static void path_of(const struct manifest_name *name, char path[256])
{
    char file[128];
    manifest_path(file, &name->root);
    snprintf(path, 256, "%s/%s", dir, file);
}

static void a_damaged_manifest_is_not_loaded(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct manifest_line lines[10];
    struct report report = {0};
    const struct manifest_line *got = NULL;
    char path[256];
    make_lines(lines, 10);
    struct manifest_name name = {written(lines, 10), 10};
    path_of(&name, path);
    int file = open(path, O_WRONLY);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, "x", 1, 100), 1);
    close(file);
    assert_fault(audit_manifest_load(log_at_hand, &name, arena, &report, &got), FAULT_CORRUPT);
}

/* Nobody is told that a person stands in no list because the list is not whole. */
static void a_manifest_that_is_cut_or_missing_is_damage_and_no_empty_list(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct manifest_line lines[10];
    struct report report = {0};
    const struct manifest_line *got = NULL;
    struct manifest_proof proof;
    bool found;
    enum audit_decision decision;
    char path[256];
    make_lines(lines, 10);
    struct manifest_name name = {written(lines, 10), 10};
    path_of(&name, path);
    audit_close(&log_at_hand); /* what was written is known, and not looked for in its file */
    log_at_hand = test_open_in(&sim.world, dir);
    for (int missing = 0; missing < 2; missing++) {
        assert_int_equal(missing ? unlink(path) : truncate(path, 9 * MANIFEST_LINE_BYTES), 0);
        assert_fault(
            audit_manifest_find(log_at_hand, &name, test_id(500), &report, &found, &decision),
            FAULT_CORRUPT);
        assert_fault(audit_manifest_load(log_at_hand, &name, arena, &report, &got), FAULT_CORRUPT);
        assert_fault(audit_manifest_prove(log_at_hand, &name, test_id(1), &report, &proof),
                     FAULT_CORRUPT);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_manifest_loads_sorted_as_it_was_written),
        TEST(everybody_listed_is_found_with_their_decision_and_nobody_else),
        TEST(each_line_can_be_proved_alone),
        TEST(a_manifest_of_65536_people_takes_17_bytes_each),
        TEST(lists_are_durable_before_the_entries_that_wait_for_the_same_flush),
        TEST(a_list_that_is_there_already_is_neither_written_nor_flushed_again),
        TEST(a_list_whose_entry_was_taken_back_is_flushed_with_the_next_that_names_it),
        TEST(what_is_no_list_of_people_is_refused),
        TEST(a_damaged_manifest_is_not_loaded),
        TEST(a_manifest_that_is_cut_or_missing_is_damage_and_no_empty_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
