/* Verification: a good log passes; a flipped byte, a rewritten or a shortened log does not. */
#include "log_test.h"
#include "manifest.h"
#include "verify.h"

static struct sim_world sim;
static char dir[64], key[512];

static void remember_key(const struct audit_log *log)
{
    struct buf buf = buf_over(key, sizeof(key) - 1);
    note_verifier_print(&buf, audit_verifier(log));
    key[buf.len] = 0;
}

/* A log of `size` entries under a checkpoint, and `more` behind it. */
static void lay_log(uint64_t size, uint64_t more)
{
    CLEANUP(audit_close) struct audit_log *log = test_open_in(&sim.world, dir);
    remember_key(log);
    test_grow(log, size, 100);
    test_checkpoint(log);
    test_grow(log, size + more, 100);
}

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

static status verify(str earlier, struct report *report, struct audit_verdict *verdict)
{
    *report = (struct report){0};
    return audit_verify(&sim.world, dir, str_from(key), earlier, report, verdict);
}

static void logs_around_the_borders_of_tiles_verify(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {0, 1, 255, 256, 257, 511, 512, 1000};
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        struct report report;
        struct audit_verdict verdict;
        test_remove(dir);
        lay_log(sizes[i], 5);
        assert_ok(verify(STR(""), &report, &verdict), &report);
        assert_int_equal(verdict.size, sizes[i]);
        assert_int_equal(verdict.unsigned_entries, 5);
        assert_false(verdict.outside);
        assert_int_equal(verdict.last_time.ms, TEST_START + (int64_t)sizes[i] + 4);
    }
}

static void a_log_past_65536_entries_reopens_and_verifies(void **state)
{
    (void)state;
    struct report report;
    struct audit_verdict verdict;
    struct audit_config config = test_config();
    config.segment_bytes = 0;
    struct audit_log *log = NULL;
    assert_ok(audit_open(&sim.world, dir, &config, &report, &log), &report);
    remember_key(log);
    static const uint64_t sizes[] = {65535, 65536, 65537, 65800};
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        test_grow(log, sizes[i], 4096);
        test_checkpoint(log);
        audit_close(&log);
        assert_ok(verify(STR(""), &report, &verdict), &report);
        assert_int_equal(verdict.size, sizes[i]);
        assert_ok(audit_open(&sim.world, dir, &config, &report, &log), &report);
        merkle_hash root = audit_root(log);
        assert_memory_equal(root.bytes, verdict.root.bytes, MERKLE_HASH_BYTES);
    }
    audit_close(&log);
}

/* What a power cut may take: everything that was not flushed, so all that is derived. */
static void derived_files_that_are_all_lost_come_back(void **state)
{
    (void)state;
    static const char *const derived[] = {"tile", "checkpoint"};
    for (size_t lost = 1; lost <= LENGTH(derived); lost++) {
        struct report report;
        struct audit_verdict verdict;
        struct audit_config config = test_config();
        struct audit_log *log = NULL;
        config.segment_bytes = 0;
        test_remove(dir);
        assert_ok(audit_open(&sim.world, dir, &config, &report, &log), &report);
        remember_key(log);
        test_grow(log, 600, 100);
        test_checkpoint(log);
        audit_close(&log);
        for (size_t i = 0; i < lost; i++) {
            char path[128];
            snprintf(path, sizeof(path), "%s/%s", dir, derived[i]);
            test_remove(path);
        }
        assert_ok(audit_open(&sim.world, dir, &config, &report, &log), &report);
        test_checkpoint(log);
        audit_close(&log);
        assert_ok(verify(STR(""), &report, &verdict), &report);
        assert_int_equal(verdict.size, 600);
    }
}

/* G6 */
static void an_earlier_checkpoint_from_outside_is_held_against_the_log(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {0, 1, 200, 256, 300, 512, 700};
    char kept[LENGTH(sizes)][CHECKPOINT_BYTES];
    size_t lengths[LENGTH(sizes)];
    struct report report;
    struct audit_verdict verdict;
    struct audit_log *log = test_open_in(&sim.world, dir);
    remember_key(log);
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        test_grow(log, sizes[i], 100);
        test_checkpoint(log);
        lengths[i] = audit_note(log).len;
        memcpy(kept[i], audit_note(log).ptr, lengths[i]);
    }
    audit_close(&log);
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        assert_ok(verify((str){kept[i], lengths[i]}, &report, &verdict), &report);
        assert_true(verdict.outside);
        assert_int_equal(verdict.outside_size, sizes[i]);
    }
    test_remove(dir);
    lay_log(650, 0); /* the same entries, shorter */
    assert_fault(verify((str){kept[6], lengths[6]}, &report, &verdict), FAULT_CORRUPT);
    assert_false(verdict.outside);
    assert_ok(verify((str){kept[5], lengths[5]}, &report, &verdict), &report);
}

static void a_log_made_anew_by_the_key_is_caught_by_an_outside_checkpoint_only(void **state)
{
    (void)state;
    char kept[CHECKPOINT_BYTES], memory[LIMIT_ENTRY_BYTES];
    struct report report;
    struct audit_verdict verdict;
    struct audit_log *log = test_open_in(&sim.world, dir);
    test_grow(log, 300, 100);
    test_checkpoint(log);
    size_t length = audit_note(log).len;
    memcpy(kept, audit_note(log).ptr, length);
    audit_close(&log);
    test_remove(dir);
    log = test_open_in(&sim.world, dir);
    remember_key(log);
    for (uint64_t i = 0; i < 300; i++) /* entry 7 is another one */
        assert_ok(audit_append(log, test_entry(i == 7 ? 6 : i, memory), &report, NULL), &report);
    assert_ok(audit_flush(log, &report), &report);
    test_checkpoint(log);
    audit_close(&log);
    assert_ok(verify(STR(""), &report, &verdict), &report);
    assert_fault(verify((str){kept, length}, &report, &verdict), FAULT_CORRUPT);
    assert_non_null(strstr(report.text, "rewritten"));
}

/* ---- flipped bytes (G6) ---- */

static void flip(const char *name, size_t offset)
{
    char path[256], byte;
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    int file = open(path, O_RDWR);
    assert_true(file >= 0);
    assert_int_equal(pread(file, &byte, 1, (off_t)offset), 1);
    byte = (char)(byte ^ 0x20);
    assert_int_equal(pwrite(file, &byte, 1, (off_t)offset), 1);
    close(file);
}

static void assert_damaged(const char *name, size_t offset, uint64_t entry)
{
    struct report report;
    struct audit_verdict verdict;
    flip(name, offset);
    status got = verify(STR(""), &report, &verdict);
    if (got.fault != FAULT_CORRUPT || !verdict.names_entry || verdict.entry != entry)
        fail_msg("%s byte %zu: %s, entry %llu instead of %llu: %s", name, offset,
                 fault_name(got.fault), (unsigned long long)verdict.entry,
                 (unsigned long long)entry, report.text);
    flip(name, offset);
}

/* Every byte of a file of records: `head` bytes and the entry's text for each entry from `from`. */
static void flip_all(const char *name, size_t start, size_t head, uint64_t from, uint64_t to,
                     size_t step)
{
    char memory[LIMIT_ENTRY_BYTES];
    size_t at = start;
    for (uint64_t i = from; i < to; i++) {
        size_t end = at + head + test_entry(i, memory).len;
        for (size_t offset = at; offset < end; offset += step)
            assert_damaged(name, offset, i);
        at = end;
    }
}

static void a_flipped_byte_in_a_bundle_is_reported_at_its_entry(void **state)
{
    (void)state;
    lay_log(270, 0);
    flip_all("tile/entries/000", 0, 2, 0, 256, 97);
    flip_all("tile/entries/001.p/14", 0, 2, 256, 270, 1);
}

static void a_flipped_byte_in_a_tile_is_reported_at_its_entry(void **state)
{
    (void)state;
    lay_log(270, 0);
    for (size_t at = 0; at < 256 * MERKLE_HASH_BYTES; at += 41)
        assert_damaged("tile/0/000", at, at / MERKLE_HASH_BYTES);
    for (size_t at = 0; at < 14 * MERKLE_HASH_BYTES; at += 5)
        assert_damaged("tile/0/001.p/14", at, 256 + at / MERKLE_HASH_BYTES);
    for (size_t at = 0; at < MERKLE_HASH_BYTES; at++)
        assert_damaged("tile/1/000.p/1", at, 0);
}

static void a_flipped_byte_in_a_segment_is_reported_at_its_entry(void **state)
{
    (void)state;
    lay_log(20, 0);
    flip_all("segment/00000000000000000000", 16, 18, 0, 20, 1);
    for (size_t at = 0; at < 16; at++)
        assert_damaged("segment/00000000000000000000", at, 0);
}

static void damage_to_unsigned_entries_is_reported_too(void **state)
{
    (void)state;
    char memory[LIMIT_ENTRY_BYTES];
    struct audit_log *log = test_open_in(&sim.world, dir);
    remember_key(log);
    test_checkpoint(log);
    test_grow(log, 3, 1); /* a flush each: the first two are known to have been durable */
    audit_close(&log);
    flip_all("segment/00000000000000000000", 16, 18, 0, 2, 3);
    struct report report;
    struct audit_verdict verdict;
    size_t third = 16;
    for (uint64_t i = 0; i < 2; i++)
        third += 18 + test_entry(i, memory).len;
    flip("segment/00000000000000000000", third + 30);
    assert_ok(verify(STR(""), &report, &verdict), &report);
    assert_true(verdict.torn_end);
    assert_int_equal(verdict.unsigned_entries, 2);
}

static void a_flipped_byte_in_the_checkpoint_is_reported(void **state)
{
    (void)state;
    struct report report;
    struct audit_verdict verdict;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 16);
    char path[128];
    lay_log(20, 0);
    snprintf(path, sizeof(path), "%s/checkpoint", dir);
    size_t length = test_file(arena, path).len;
    for (size_t at = 0; at < length; at++) {
        flip("checkpoint", at);
        if (is_ok(verify(STR(""), &report, &verdict)))
            fail_msg("byte %zu of the checkpoint was changed unseen", at);
        flip("checkpoint", at);
    }
    assert_int_equal(unlink(path), 0);
    assert_fault(verify(STR(""), &report, &verdict), FAULT_CORRUPT);
}

static void missing_files_are_reported_at_their_first_entry(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t entry;
    } lost[] = {{"tile/entries/001", 256}, {"tile/0/000", 0}, {"tile/entries/002.p/88", 512}};
    for (size_t i = 0; i < LENGTH(lost); i++) {
        char path[128];
        struct report report;
        struct audit_verdict verdict;
        test_remove(dir);
        lay_log(600, 0);
        snprintf(path, sizeof(path), "%s/%s", dir, lost[i].name);
        assert_int_equal(unlink(path), 0);
        assert_fault(verify(STR(""), &report, &verdict), FAULT_CORRUPT);
        assert_true(verdict.names_entry);
        assert_int_equal(verdict.entry, lost[i].entry);
    }
}

static void the_public_part_alone_verifies(void **state)
{
    (void)state;
    char path[128];
    struct report report;
    struct audit_verdict verdict;
    lay_log(600, 3);
    snprintf(path, sizeof(path), "%s/segment", dir);
    test_remove(path);
    assert_ok(verify(STR(""), &report, &verdict), &report);
    assert_int_equal(verdict.unsigned_entries, 0);
}

static void another_key_is_not_this_logs_key(void **state)
{
    (void)state;
    struct report report;
    struct audit_verdict verdict;
    struct note_verifier other;
    static const unsigned char bytes[NOTE_KEY_BYTES] = {1};
    lay_log(3, 0);
    assert_ok(note_verifier_make(TEST_ORIGIN, bytes, &report, &other), &report);
    struct buf buf = buf_over(key, sizeof(key) - 1);
    note_verifier_print(&buf, &other);
    key[buf.len] = 0;
    assert_fault(verify(STR(""), &report, &verdict), FAULT_KEY);
    key[3] = '+';
    assert_fault(verify(STR(""), &report, &verdict), FAULT_SYNTAX);
}

/* ---- manifests ---- */

static void lay_manifest(char name[128])
{
    CLEANUP(audit_close) struct audit_log *log = test_open_in(&sim.world, dir);
    char memory[LIMIT_ENTRY_BYTES];
    struct manifest_line lines[40];
    struct report report = {0};
    struct audit_entry entry;
    struct buf buf = buf_over(memory, sizeof(memory));
    remember_key(log);
    test_grow(log, 4, 4);
    for (uint64_t i = 0; i < LENGTH(lines); i++) {
        audit_id id = test_id(i);
        lines[i].decision = AUDIT_ALLOW;
        memcpy(lines[i].handle, id.bytes, ID_BYTES);
    }
    char other[LIMIT_ENTRY_BYTES];
    assert_ok(entry_parse(test_entry(4, other), &report, &entry), &report);
    entry.has_manifest = true;
    entry.manifest_lines = LENGTH(lines);
    assert_ok(audit_manifest_write(log, lines, LENGTH(lines), &report, &entry.manifest), &report);
    manifest_path(name, &entry.manifest);
    assert_ok(entry_write(&buf, &entry, &report), &report);
    assert_ok(audit_append(log, buf_str(&buf), &report, NULL), &report);
    assert_ok(audit_flush(log, &report), &report);
    test_checkpoint(log);
}

static void a_flipped_byte_in_a_manifest_is_reported_at_its_entry(void **state)
{
    (void)state;
    char name[128], path[256];
    struct report report;
    struct audit_verdict verdict;
    lay_manifest(name);
    assert_ok(verify(STR(""), &report, &verdict), &report);
    assert_int_equal(verdict.manifests, 1);
    for (size_t at = 0; at < 40 * MANIFEST_LINE_BYTES; at++)
        assert_damaged(name, at, 4);
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(unlink(path), 0);
    assert_fault(verify(STR(""), &report, &verdict), FAULT_CORRUPT);
    assert_int_equal(verdict.entry, 4);
}

/* ---- in steps ---- */

static struct audit_check *begin_check(void)
{
    struct report report = {0};
    struct audit_check *check = NULL;
    assert_ok(audit_check_begin(&sim.world, dir, str_from(key), STR(""), &report, &check), &report);
    return check;
}

static void a_manifest_takes_as_many_steps_as_its_lines_need(void **state)
{
    (void)state;
    enum { LINES = 4000, STEP_LINES = 512 };
    static struct manifest_line lines[LINES];
    char memory[LIMIT_ENTRY_BYTES], other[LIMIT_ENTRY_BYTES];
    struct report report = {0};
    struct audit_entry entry;
    struct buf buf = buf_over(memory, sizeof(memory));
    struct audit_log *log = test_open_in(&sim.world, dir);
    remember_key(log);
    for (uint64_t i = 0; i < LINES; i++) {
        audit_id id = test_id(i);
        lines[i].decision = AUDIT_ALLOW;
        memcpy(lines[i].handle, id.bytes, ID_BYTES);
    }
    assert_ok(entry_parse(test_entry(0, other), &report, &entry), &report);
    entry.has_manifest = true;
    entry.manifest_lines = LINES;
    assert_ok(audit_manifest_write(log, lines, LINES, &report, &entry.manifest), &report);
    assert_ok(entry_write(&buf, &entry, &report), &report);
    assert_ok(audit_append(log, buf_str(&buf), &report, NULL), &report);
    assert_ok(audit_flush(log, &report), &report);
    test_checkpoint(log);
    audit_close(&log);
    CLEANUP(audit_check_end) struct audit_check *check = begin_check();
    size_t steps = 0;
    for (bool more = true; more; steps++)
        assert_ok(audit_check_step(check, &report, &more), &report);
    assert_int_equal(audit_check_verdict(check)->manifests, 1);
    assert_in_range(steps, LINES / STEP_LINES + 2, LINES / STEP_LINES + 8);
}

/* Between two steps the log grows by `more` entries, is signed and lets segments go. */
static size_t check_beside(struct audit_log *log, uint64_t more_entries, uint64_t size)
{
    struct report report = {0};
    CLEANUP(audit_check_end) struct audit_check *check = begin_check();
    size_t steps = 0;
    for (bool more = true; more; steps++) {
        assert_ok(audit_check_step(check, &report, &more), &report);
        test_grow(log, audit_size(log) + more_entries, 50);
        test_checkpoint(log);
    }
    assert_int_equal(audit_check_verdict(check)->size, size);
    assert_true(audit_check_verdict(check)->last_time.ms >= TEST_START + (int64_t)size - 1);
    return steps;
}

static void a_log_that_goes_on_is_verified_as_it_was(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {0, 256, 700};
    static const uint64_t by[] = {1, 300};
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        for (size_t j = 0; j < LENGTH(by); j++) {
            test_remove(dir);
            lay_log(sizes[i], 30);
            CLEANUP(audit_close) struct audit_log *log = test_open_in(&sim.world, dir);
            assert_true(check_beside(log, by[j], sizes[i]) > sizes[i] / 256);
        }
    }
}

static void damage_before_the_step_that_comes_to_it_is_named(void **state)
{
    (void)state;
    struct report report = {0};
    lay_log(2000, 30);
    CLEANUP(audit_close) struct audit_log *log = test_open_in(&sim.world, dir);
    CLEANUP(audit_check_end) struct audit_check *check = begin_check();
    bool more = true;
    status got = audit_check_step(check, &report, &more);
    assert_true(is_ok(got) && more);
    flip("tile/entries/003", 50);
    while (is_ok(got) && more) {
        got = audit_check_step(check, &report, &more);
        test_grow(log, audit_size(log) + 100, 50);
        test_checkpoint(log);
    }
    assert_fault(got, FAULT_CORRUPT);
    assert_false(more);
    assert_int_equal(audit_check_verdict(check)->entry, 768);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(logs_around_the_borders_of_tiles_verify),
        TEST(a_log_past_65536_entries_reopens_and_verifies),
        TEST(derived_files_that_are_all_lost_come_back),
        TEST(an_earlier_checkpoint_from_outside_is_held_against_the_log),
        TEST(a_log_made_anew_by_the_key_is_caught_by_an_outside_checkpoint_only),
        TEST(a_flipped_byte_in_a_bundle_is_reported_at_its_entry),
        TEST(a_flipped_byte_in_a_tile_is_reported_at_its_entry),
        TEST(a_flipped_byte_in_a_segment_is_reported_at_its_entry),
        TEST(damage_to_unsigned_entries_is_reported_too),
        TEST(a_flipped_byte_in_the_checkpoint_is_reported),
        TEST(missing_files_are_reported_at_their_first_entry),
        TEST(the_public_part_alone_verifies),
        TEST(another_key_is_not_this_logs_key),
        TEST(a_flipped_byte_in_a_manifest_is_reported_at_its_entry),
        TEST(a_manifest_takes_as_many_steps_as_its_lines_need),
        TEST(a_log_that_goes_on_is_verified_as_it_was),
        TEST(damage_before_the_step_that_comes_to_it_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
