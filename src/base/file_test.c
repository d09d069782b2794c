/* Files: reading, replacing, removing, locking, with every effect failing once. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "base.h"
#include "file.h"

static char folder[] = "/tmp/vern-file-test-XXXXXX";
static char path[128], other[128];
static struct arena *memory;

/* A world whose nth effect fails; counts them. */
struct failing {
    struct world world;
    int fails_at, calls;
};

static status count_and_fail(void *self, const char *name, struct report *report)
{
    struct failing *failing = self;
    assert_string_equal(name, "test.file");
    if (failing->calls++ == failing->fails_at)
        return fail(report, FAULT_STORE, "the effect failed on purpose");
    return OK;
}

static struct failing failing_at(int n)
{
    return (struct failing){.world = {.seam = count_and_fail}, .fails_at = n};
}

static struct file_change change_in(struct failing *failing)
{
    failing->world.self = failing;
    return (struct file_change){.world = &failing->world, .seam = "test.file", .path = path};
}

static int set_up(void **state)
{
    (void)state;
    memory = arena_new(4 << 20);
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/ring.key", folder);
    snprintf(other, sizeof(other), "%s/moved.key", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(&memory);
    unlink(path);
    unlink(other);
    return rmdir(folder); /* fails when something was left behind */
}

static bool holds(const char *file, const char *expected)
{
    str bytes;
    struct report report = {0};
    status s = file_read(file, memory, 1 << 20, &report, &bytes);
    return is_ok(s) && str_is(bytes, expected);
}

static void put(const char *text)
{
    struct failing never = failing_at(-1);
    struct file_change change = change_in(&never);
    struct report report = {0};
    status s = file_write_durable(&change, str_from(text), 0600, &report);
    if (!is_ok(s))
        fail_msg("%s", report.text);
}

static void a_missing_file_is_not_found_and_a_large_one_is_past_the_limit(void **state)
{
    (void)state;
    struct report report = {0}, second = {0};
    str bytes;
    status s = file_read("/nowhere/secret/absent.key", memory, 10, &report, &bytes);
    assert_int_equal(s.fault, FAULT_NOT_FOUND);
    assert_null(strstr(report.text, "secret")); /* the name, never the way there */
    assert_non_null(strstr(report.text, "absent.key"));
    put("0123456789");
    s = file_read(path, memory, 9, &second, &bytes);
    assert_int_equal(s.fault, FAULT_LIMIT);
    second = (struct report){0};
    s = file_read(path, memory, 10, &second, &bytes);
    assert_true(is_ok(s) && str_is(bytes, "0123456789"));
    s = file_read(folder, memory, 10, &second, &bytes);
    assert_int_equal(s.fault, FAULT_STORE);
}

static void replacing_leaves_the_old_file_or_the_new_one_whatever_fails(void **state)
{
    (void)state;
    int n = 0;
    for (bool failed = true; failed; n++) {
        put("old");
        struct failing failing = failing_at(n);
        struct file_change change = change_in(&failing);
        struct report report = {0};
        status s = file_write_durable(&change, STR("new"), 0640, &report);
        failed = !is_ok(s);
        assert_true(holds(path, "new") || (failed && holds(path, "old")));
        if (failed)
            assert_int_equal(report.fault, FAULT_STORE);
        assert_true(n < 20);
    }
    assert_int_equal(n, 5); /* four effects, then none fails */
    struct stat stat_of;
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0640);
}

static void removing_ends_in_no_file_however_often_it_must_be_tried(void **state)
{
    (void)state;
    int n = 0;
    for (bool failed = true; failed; n++) {
        put("key material");
        struct failing failing = failing_at(n), never = failing_at(-1);
        struct file_change change = change_in(&failing), again = change_in(&never);
        struct report report = {0};
        failed = !is_ok(file_remove_durable(&change, &report));
        status s = file_remove_durable(&again, &report);
        assert_true(is_ok(s));
        assert_false(file_exists(path));
        assert_true(n < 20);
    }
    assert_int_equal(n, 5);
}

static void removing_overwrites_the_bytes_before_the_name_goes(void **state)
{
    (void)state;
    put("key material");
    assert_int_equal(link(path, other), 0); /* a second name shows what became of the bytes */
    struct failing never = failing_at(-1);
    struct file_change change = change_in(&never);
    struct report report = {0};
    status s = file_remove_durable(&change, &report);
    assert_true(is_ok(s));
    str bytes;
    s = file_read(other, memory, 100, &report, &bytes);
    assert_true(is_ok(s));
    assert_int_equal(bytes.len, 12);
    for (size_t i = 0; i < bytes.len; i++)
        assert_int_equal(bytes.ptr[i], 0);
    unlink(other);
}

static void removing_takes_along_what_a_crash_left_beside(void **state)
{
    (void)state;
    char beside[160];
    snprintf(beside, sizeof(beside), "%s.new", path);
    put("half written");
    assert_int_equal(rename(path, beside), 0);
    struct failing never = failing_at(-1);
    struct file_change change = change_in(&never);
    struct report report = {0};
    status s = file_remove_durable(&change, &report);
    assert_true(is_ok(s));
    assert_false(file_exists(beside));
}

static void moving_a_file_keeps_it_under_one_of_the_names(void **state)
{
    (void)state;
    int n = 0;
    for (bool failed = true; failed; n++) {
        unlink(other);
        put("moving");
        struct failing failing = failing_at(n);
        struct file_change change = change_in(&failing);
        struct report report = {0};
        failed = !is_ok(file_rename_durable(&change, other, &report));
        assert_true(holds(path, "moving") != holds(other, "moving"));
        assert_true(n < 20);
    }
    assert_int_equal(n, 3);
    unlink(other);
}

static void a_link_in_the_place_of_a_file_to_remove_is_not_followed(void **state)
{
    (void)state;
    put("target");
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(symlink(other, path), 0);
    struct failing never = failing_at(-1);
    struct file_change change = change_in(&never);
    struct report report = {0};
    status s = file_remove_durable(&change, &report);
    assert_int_equal(s.fault, FAULT_STORE);
    assert_true(holds(other, "target"));
    unlink(path);
    unlink(other);
}

static void a_folder_is_made_once_and_a_file_is_no_folder(void **state)
{
    (void)state;
    char inner[160];
    struct report report = {0};
    snprintf(inner, sizeof(inner), "%s/rings", folder);
    for (int i = 0; i < 2; i++) {
        status made = dir_make(inner, 0700, &report);
        assert_true(is_ok(made));
    }
    assert_int_equal(rmdir(inner), 0);
    put("a file");
    status s = dir_make(path, 0700, &report);
    assert_int_equal(s.fault, FAULT_STORE);
}

static void a_lock_has_one_holder_at_a_time(void **state)
{
    (void)state;
    struct report report = {0};
    CLEANUP(fd_close) int first = -1;
    CLEANUP(fd_close) int second = -1;
    status s = lock_take(path, &report, &first);
    assert_true(is_ok(s));
    s = lock_take(path, &report, &second);
    assert_int_equal(s.fault, FAULT_LOCKED);
    assert_int_equal(second, -1);
    fd_close(&first);
    s = lock_take(path, &report, &second);
    assert_true(is_ok(s));
}

static void a_full_disk_is_told_from_a_read_only_one(void **state)
{
    (void)state;
    struct report report = {0};
    status s = file_fault(&report, ENOSPC, "write", "/var/lib/vern/data.db");
    assert_int_equal(s.fault, FAULT_FULL);
    assert_string_equal(report.text, "cannot write data.db: No space left on device");
    s = file_fault(NULL, EDQUOT, "write", "x");
    assert_int_equal(s.fault, FAULT_FULL);
    s = file_fault(NULL, EROFS, "write", "x");
    assert_int_equal(s.fault, FAULT_STORE);
    /* A device that is always full, by the real call. */
    CLEANUP(fd_close) int full = open("/dev/full", O_WRONLY);
    if (full >= 0) {
        assert_int_equal(write(full, "x", 1), -1);
        s = file_fault(NULL, errno, "write", "/dev/full");
        assert_int_equal(s.fault, FAULT_FULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_file_is_not_found_and_a_large_one_is_past_the_limit),
        cmocka_unit_test(replacing_leaves_the_old_file_or_the_new_one_whatever_fails),
        cmocka_unit_test(removing_ends_in_no_file_however_often_it_must_be_tried),
        cmocka_unit_test(removing_overwrites_the_bytes_before_the_name_goes),
        cmocka_unit_test(removing_takes_along_what_a_crash_left_beside),
        cmocka_unit_test(moving_a_file_keeps_it_under_one_of_the_names),
        cmocka_unit_test(a_link_in_the_place_of_a_file_to_remove_is_not_followed),
        cmocka_unit_test(a_folder_is_made_once_and_a_file_is_no_folder),
        cmocka_unit_test(a_lock_has_one_holder_at_a_time),
        cmocka_unit_test(a_full_disk_is_told_from_a_read_only_one),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
