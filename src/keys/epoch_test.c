/* The root key, epochs, rotation, copies; faults at each step and kills at each write.
 * Guarantees G3 and G4 of the README rest on these. */
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "keys_test.h"

static status opened_with(struct keys_config config)
{
    keys_close(&here.keys);
    return keys_open(&config, &here.report, &here.keys);
}

static status opened(void)
{
    return opened_with(test_config());
}

static void write_file(const char *path, str bytes, mode_t mode)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.ptr, bytes.len), bytes.len);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static const char *in_dir(const char *name)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", here.dir, name);
    return path;
}

static bool is_there(const char *name)
{
    return access(in_dir(name), F_OK) == 0;
}

static void copy_file(const char *from, const char *to)
{
    write_file(in_dir(to), file_bytes(from), 0600);
}

/* ---- key files ---- */

static void a_root_key_is_made_once_for_its_owner_alone(void **state)
{
    (void)state;
    struct stat about;
    assert_int_equal(stat(here.root, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_fault(keys_root_create(&here.world, here.root, &here.report), FAULT_CONFLICT);
}

static void a_root_key_that_is_missing_wrong_damaged_or_too_open_is_a_key_fault(void **state)
{
    (void)state;
    char right[128];
    keys_close(&here.keys);
    int fd = open(here.root, O_RDONLY);
    ssize_t len = read(fd, right, sizeof(right));
    close(fd);
    assert_true(len > 64);
    str text = {right, (size_t)len};

    assert_int_equal(chmod(here.root, 0640), 0);
    assert_fault(opened(), FAULT_KEY);
    unlink(here.root);
    assert_fault(opened(), FAULT_KEY);
    assert_ok(keys_root_create(&here.world, here.root, &here.report));
    assert_fault(opened(), FAULT_KEY); /* another root key */
    for (size_t cut = 0; cut + 2 < text.len; cut += 5) {
        write_file(here.root, str_slice(text, 0, cut), 0600);
        assert_fault(opened(), FAULT_KEY);
    }
    write_file(here.root, STR("vern-root-2\n"), 0600);
    assert_fault(opened(), FAULT_KEY);
    unlink(here.root);
    assert_int_equal(mkdir(here.root, 0700), 0);
    assert_fault(opened(), FAULT_KEY);
    assert_int_equal(rmdir(here.root), 0);
    write_file(here.root, text, 0400);
    assert_ok(opened());
}

static void
an_epoch_that_is_missing_damaged_or_too_open_is_a_key_fault_and_never_an_erasure(void **state)
{
    (void)state;
    ring_made(1);
    committed();
    keys_close(&here.keys);
    str right = file_bytes("epoch/1.key");
    char *copy = arena_take(here.arena, right.len);
    for (size_t i = 0; i < right.len; i++) {
        memcpy(copy, right.ptr, right.len);
        copy[i] = copy[i] == 'A' ? 'B' : 'A';
        write_file(in_dir("epoch/1.key"), (str){copy, right.len}, 0600);
        if (i + 1 < right.len) /* the last is the line's end */
            assert_fault(opened(), FAULT_KEY);
    }
    write_file(in_dir("epoch/1.key"), right, 0644);
    assert_fault(opened(), FAULT_KEY);
    unlink(in_dir("epoch/1.key"));
    assert_fault(opened(), FAULT_KEY);
    write_file(in_dir("epoch/2.key"), right, 0600); /* under another number */
    assert_fault(opened(), FAULT_KEY);
    unlink(in_dir("epoch/2.key"));
    write_file(in_dir("epoch/1.key"), right, 0600);
    assert_ok(opened());
    assert_int_equal(presence_of(1), PRESENCE_LIVE);
}

static void keys_of_another_register_or_kind_of_clock_do_not_open(void **state)
{
    (void)state;
    struct keys_config config = test_config();
    config.register_id = STR("register-two");
    assert_fault(opened_with(config), FAULT_KEY);
    config = test_config();
    config.simulated = false;
    assert_fault(opened_with(config), FAULT_KEY);
}

static void a_damaged_or_missing_keys_file_is_a_fault(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 50; i++)
        ring_made(i);
    committed();
    keys_close(&here.keys);
    copy_file("keys.db", "kept");
    unlink(in_dir("keys.db"));
    assert_fault(opened(), FAULT_STORE);
    write_file(in_dir("keys.db"), STR(""), 0600);
    assert_fault(opened(), FAULT_CORRUPT);
    write_file(in_dir("keys.db"), STR("this is not a database, and long enough to be looked at"),
               0600);
    assert_fault(opened(), FAULT_CORRUPT);
    struct keys_config config = test_config();
    assert_fault(keys_create(&config, &here.report, &here.keys), FAULT_CONFLICT);
    copy_file("kept", "keys.db");
    assert_ok(opened());
    assert_int_equal(presence_of(49), PRESENCE_LIVE);
}

static void a_damaged_ring_is_corrupt_and_not_erased(void **state)
{
    (void)state;
    struct ring *ring = NULL;
    enum presence presence;
    ring_made(1);
    committed();
    unsigned char bytes[RING_PART_BYTES] = {SEAL_FORMAT, SEAL_AES_256_GCM, 0, 0, 0, 1, 77};
    uint64_t changed = 0;
    struct db_ring_set_in damage = {
        .subject = person(1), .part = 0, .sealed = {(char *)bytes, sizeof(bytes)}};
    assert_ok(db_ring_set(here.keys->db, &damage, &here.report, &changed));
    assert_int_equal(changed, 1);
    committed();
    reopened();
    assert_fault(keys_ring_load(here.keys, person(1), &here.report, &presence, &ring),
                 FAULT_CORRUPT);
    bytes[5] = 9; /* an epoch that is not there */
    assert_ok(db_ring_set(here.keys->db, &damage, &here.report, &changed));
    assert_fault(keys_ring_load(here.keys, person(1), &here.report, &presence, &ring), FAULT_KEY);
}

static void a_ring_moved_to_another_person_does_not_open(void **state)
{
    (void)state;
    struct ring *ring = NULL;
    enum presence presence;
    struct db_ring_get_row *rows = NULL;
    size_t count = 0;
    uint64_t changed = 0;
    ring_made(1);
    ring_made(2);
    committed();
    assert_ok(db_ring_get_all(here.keys->db, &(struct db_ring_get_in){.subject = person(1)},
                              here.arena, &here.report, &rows, &count));
    struct db_ring_set_in moved = {.subject = person(2), .part = 0, .sealed = rows[0].sealed};
    assert_ok(db_ring_set(here.keys->db, &moved, &here.report, &changed));
    committed();
    reopened();
    assert_fault(keys_ring_load(here.keys, person(2), &here.report, &presence, &ring),
                 FAULT_CORRUPT);
}

static void a_second_process_is_told_that_the_keys_are_held(void **state)
{
    (void)state;
    struct keys_config config = test_config();
    struct keys *second = NULL;
    pid_t child = fork();
    if (child == 0)
        _exit(keys_open(&config, &here.report, &second).fault == FAULT_LOCKED ? 0 : 1);
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(how, 0);
}

/* ---- rotation ---- */

static void after_rotation_all_is_there_and_the_old_epoch_is_gone(void **state)
{
    (void)state;
    enum { PEOPLE = 1200 };
    secret seed, seed_after;
    sealed bytes = {0};
    for (unsigned i = 0; i < PEOPLE; i++) {
        uint32_t number = key_of(ring_made(i), "firm/basic");
        if (i == 1100)
            bytes = seal_text(ring_of(i), number, i, STR("value"));
    }
    assert_ok(keys_commit(here.keys, &here.report));
    erase_marked(3, 1);
    committed();
    assert_ok(keys_log_seed(here.keys, &here.report, &seed));
    secret old_epoch = epoch_find(here.keys, 1)->key;
    assert_ok(keys_rotate(here.keys, &here.report));
    assert_false(is_there("epoch/1.key"));
    assert_true(is_there("epoch/2.key"));
    assert_null(epoch_find(here.keys, 1));
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < PEOPLE; i++)
            assert_int_equal(presence_of(i), i == 3 ? PRESENCE_ERASED : PRESENCE_LIVE);
        str plain = {0};
        assert_int_equal(opening(ring_of(1100), 1100, bytes, &plain), FAULT_NONE);
        assert_ok(keys_log_seed(here.keys, &here.report, &seed_after));
        assert_true(secret_equal(&seed, &seed_after));
        reopened();
    }
    ring_made(PEOPLE);
    committed();
    struct db_ring_list_row *rows = NULL;
    size_t count = 0;
    assert_ok(db_ring_list_all(here.keys->db, &(struct db_ring_list_in){.limit = PEOPLE + 9},
                               here.arena, &here.report, &rows, &count));
    assert_int_equal(count, PEOPLE + 1);
    for (size_t i = 0; i < count; i++) {
        uint32_t number = 0;
        if (rows[i].sealed.ptr[0] == 0)
            continue;
        assert_ok(sealed_key((sealed){rows[i].sealed}, &here.report, &number));
        assert_int_equal(number, 2);
    }
    assert_memory_not_equal(old_epoch.bytes, epoch_find(here.keys, 2)->key.bytes, KEY_BYTES);
}

static void epochs_go_forward_only(void **state)
{
    (void)state;
    uint32_t number = 0;
    bool exported = false;
    for (unsigned i = 2; i < 8; i++) {
        assert_ok(keys_rotate(here.keys, &here.report));
        assert_ok(keys_epoch(here.keys, &here.report, &number, &exported));
        assert_int_equal(number, i);
    }
    reopened();
    assert_ok(keys_epoch(here.keys, &here.report, &number, &exported));
    assert_int_equal(number, 7);
}

/* ---- copies ---- */

static void a_copy_of_the_rings_opens_within_its_epoch_and_not_after(void **state)
{
    (void)state;
    ring_made(1);
    committed();
    assert_ok(keys_backup(here.keys, in_dir("backup.db"), &here.report));
    ring_made(2);
    assert_ok(keys_commit(here.keys, &here.report));
    erase_marked(1, 1);
    committed();
    keys_close(&here.keys);
    copy_file("keys.db", "today.db");
    copy_file("backup.db", "keys.db");
    assert_ok(opened());
    assert_int_equal(presence_of(1), PRESENCE_LIVE);
    assert_int_equal(presence_of(2), PRESENCE_UNKNOWN);
    keys_close(&here.keys);
    copy_file("today.db", "keys.db");
    assert_ok(opened());
    assert_ok(keys_rotate(here.keys, &here.report));
    keys_close(&here.keys);
    copy_file("backup.db", "keys.db");
    assert_fault(opened(), FAULT_KEY);
    unlink(in_dir("epoch/2.key"));
    assert_fault(opened(), FAULT_KEY);
}

static void rings_and_epoch_are_refused_a_common_place(void **state)
{
    (void)state;
    char path[300];
    uint32_t number = 0;
    bool exported = true;
    assert_fault(keys_export_epoch(here.keys, in_dir("epoch.copy"), &here.report), FAULT_INVALID);
    assert_false(is_there("epoch.copy"));
    assert_fault(keys_backup(here.keys, in_dir("epoch/keys.backup"), &here.report), FAULT_INVALID);
    assert_int_equal(mkdir(in_dir("rings"), 0700), 0);
    assert_ok(keys_backup(here.keys, in_dir("rings/any-name"), &here.report));
    assert_fault(keys_export_epoch(here.keys, in_dir("rings/epoch"), &here.report), FAULT_INVALID);
    assert_ok(keys_epoch(here.keys, &here.report, &number, &exported));
    assert_false(exported);
    assert_int_equal(mkdir(in_dir("apart"), 0700), 0);
    assert_ok(keys_export_epoch(here.keys, in_dir("apart/epoch"), &here.report));
    assert_ok(keys_epoch(here.keys, &here.report, &number, &exported));
    assert_true(exported);
    assert_fault(keys_backup(here.keys, in_dir("apart/rings"), &here.report), FAULT_INVALID);
    snprintf(path, sizeof(path), "%s/apart/epoch", here.dir);
    assert_true(is_epoch_file(path));
    assert_ok(keys_rotate(here.keys, &here.report));
    assert_ok(keys_epoch(here.keys, &here.report, &number, &exported));
    assert_false(exported); /* due again */
}

static void an_exported_epoch_restores_what_was_lost(void **state)
{
    (void)state;
    ring_made(1);
    committed();
    assert_int_equal(mkdir(in_dir("apart"), 0700), 0);
    assert_ok(keys_export_epoch(here.keys, in_dir("apart/epoch"), &here.report));
    keys_close(&here.keys);
    unlink(in_dir("epoch/1.key"));
    assert_fault(opened(), FAULT_KEY);
    copy_file("apart/epoch", "epoch/1.key");
    assert_ok(opened());
    assert_int_equal(presence_of(1), PRESENCE_LIVE);
}

/* ---- a day in pieces ---- */

/* What the day did, as far as it was told; shared with the process that is killed. */
struct told {
    bool created, added, part, whole, rotated;
};

static status day_add(struct keys *keys, struct report *report)
{
    struct ring *ring = NULL;
    uint32_t number = 0;
    for (unsigned i = 1; i <= 3; i++) {
        TRY(keys_savepoint(keys, report));
        TRY(keys_ring_create(keys, person(i), report, &ring));
        TRY(ring_key(keys, ring, STR("firm/basic"), report, &number));
        TRY(keys_release(keys, report));
    }
    TRY(keys_commit(keys, report));
    return keys_commit_forgotten(keys, report);
}

static status day_part(struct keys *keys, struct report *report)
{
    struct ring *ring = NULL;
    enum presence presence;
    uint32_t number = 0;
    struct fence fence = fence_at(1, FENCE_PART, 2);
    TRY(keys_ring_load(keys, person(1), report, &presence, &ring));
    TRY(keys_fence(keys, &fence, report));
    TRY(ring_replace_key(keys, ring, STR("firm/basic"), report, &number));
    TRY(keys_commit(keys, report));
    return keys_commit_forgotten(keys, report);
}

static status day_whole(struct keys *keys, struct report *report)
{
    struct fence fence = fence_at(2, FENCE_WHOLE, 2);
    TRY(keys_fence(keys, &fence, report));
    TRY(keys_ring_forget(keys, person(2), report));
    TRY(keys_commit(keys, report));
    return keys_commit_forgotten(keys, report);
}

static status day(struct told *told)
{
    struct keys_config config = test_config();
    struct report *report = &here.report;
    TRY(keys_create(&config, report, &here.keys));
    told->created = true;
    TRY(day_add(here.keys, report));
    told->added = true;
    TRY(day_part(here.keys, report));
    told->part = true;
    TRY(day_whole(here.keys, report));
    told->whole = true;
    TRY(keys_rotate(here.keys, report));
    told->rotated = true;
    return OK;
}

static status finish_open(void *self, const struct fence *fence, struct report *report)
{
    (void)self;
    return keys_fence_finish(here.keys, fence, report);
}

static bool exists(unsigned who)
{
    return presence_of(who) == PRESENCE_LIVE;
}

/* Whatever happened, every step is there whole or not at all, and those that were told are. */
static void assert_day(const struct told *told)
{
    assert_ok(opened());
    assert_ok(keys_check(here.keys, &here.report));
    assert_ok(keys_fences_each(here.keys, true, finish_open, NULL, &here.report));
    committed();
    bool added = exists(1);
    assert_int_equal(exists(3), added);
    assert_true(added || !told->added);
    enum presence two = presence_of(2);
    assert_true(two == (added ? PRESENCE_LIVE : PRESENCE_UNKNOWN) || two == PRESENCE_ERASED);
    assert_true(two == PRESENCE_ERASED || !told->whole);
    if (added) {
        struct ring *ring = ring_of(1);
        bool parted = ring_fence_version(ring) == 2;
        assert_true(parted || !told->part);
        assert_int_equal(ring->body->count, 1);
        assert_int_equal(ring->body->at[0].key.number, parted ? 2 : 1);
    }
    bool rotated = here.keys->epoch == 2;
    assert_true(rotated || !told->rotated);
    assert_int_equal(is_there("epoch/1.key"), !rotated);
    assert_int_equal(is_there("epoch/2.key"), rotated);
    assert_false(is_there("epoch/1.key.new") && rotated);
    reopened(); /* what was mended is sound too */
    assert_int_equal(presence_of(2), two);
}

static void cleared(void)
{
    const char *names[] = {"keys.db",     "keys.db-wal",     "keys.db-journal", "epoch/1.key",
                           "epoch/2.key", "epoch/1.key.new", "epoch/2.key.new"};
    keys_close(&here.keys);
    for (size_t i = 0; i < LENGTH(names); i++)
        unlink(in_dir(names[i]));
    here.report = (struct report){0};
    arena_reset(here.arena);
}

/* In this process: the nth call of the seam fails. False when there was no nth. */
static bool seam_step(int at)
{
    struct told told = {0};
    here.seam_left = at;
    here.seam_calls = 0;
    status result = day(&told);
    bool hit = here.seam_calls > at;
    here.seam_left = -1;
    assert_int_equal(is_ok(result), !hit);
    keys_close(&here.keys);
    here.report = (struct report){0};
    if (told.created)
        assert_day(&told);
    cleared();
    return hit;
}

static void a_fault_at_any_seam_leaves_each_step_whole_or_undone(void **state)
{
    (void)state;
    int at = 0;
    assert_ok(keys_root_create(&here.world, here.root, &here.report));
    while (seam_step(at))
        at++;
    assert_true(at > 15);
    const char *seams[] = {"keys.commit ", "keys.checkpoint ", "epoch.write ", "epoch.remove "};
    for (size_t i = 0; i < LENGTH(seams); i++)
        assert_non_null(strstr(here.seam_heard, seams[i]));
}

/* In a process of its own, killed at the nth change of a file or call of the seam. */
static bool kill_step(enum crash_mode mode, uint64_t at)
{
    struct told *told =
        mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(told != MAP_FAILED);
    pid_t child = fork();
    if (child == 0) {
        crash = (struct crash){.mode = mode, .at = mode == CRASH_NOT ? 0 : at};
        here.seam_kills = true;
        here.seam_left = mode == CRASH_NOT ? (int)at - 1 : -1;
        _exit(is_ok(day(told)) ? 0 : 1);
    }
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how) || (WIFEXITED(how) && WEXITSTATUS(how) == 0));
    if (told->created)
        assert_day(told);
    cleared();
    munmap(told, sizeof(*told));
    return WIFSIGNALED(how);
}

static void a_kill_at_any_write_leaves_each_step_whole_or_undone(void **state)
{
    (void)state;
    const enum crash_mode modes[] = {CRASH_NOT, CRASH_KILL, CRASH_TEAR}; /* the first: at seams */
    assert_ok(keys_root_create(&here.world, here.root, &here.report));
    for (size_t i = 0; i < LENGTH(modes); i++) {
        uint64_t at = 1;
        while (kill_step(modes[i], at))
            at++;
        assert_true(at > 15);
    }
}

/* A fault of the disk while the day goes on must not be told as done. */
static bool disk_step(enum crash_mode mode, uint64_t at)
{
    struct told told = {0};
    crash = (struct crash){.mode = mode, .at = at};
    status result = day(&told);
    bool hit = crash.count >= at;
    crash = (struct crash){0};
    if (!is_ok(result))
        assert_true(result.fault == FAULT_STORE || result.fault == FAULT_FULL);
    keys_close(&here.keys);
    here.report = (struct report){0};
    if (told.created)
        assert_day(&told);
    cleared();
    return hit;
}

static void a_failing_disk_leaves_each_step_whole_or_undone(void **state)
{
    (void)state;
    const enum crash_mode modes[] = {CRASH_FAIL, CRASH_FAIL_FROM, CRASH_FULL};
    assert_ok(keys_root_create(&here.world, here.root, &here.report));
    for (size_t i = 0; i < LENGTH(modes); i++) {
        uint64_t at = 1;
        while (disk_step(modes[i], at))
            at++;
        assert_true(at > 15);
    }
}

#define WITH_KEYS(test)  cmocka_unit_test_setup_teardown(test, new_keys, place_gone)
#define IN_A_PLACE(test) cmocka_unit_test_setup_teardown(test, new_place, place_gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_KEYS(a_root_key_is_made_once_for_its_owner_alone),
        WITH_KEYS(a_root_key_that_is_missing_wrong_damaged_or_too_open_is_a_key_fault),
        WITH_KEYS(an_epoch_that_is_missing_damaged_or_too_open_is_a_key_fault_and_never_an_erasure),
        WITH_KEYS(keys_of_another_register_or_kind_of_clock_do_not_open),
        WITH_KEYS(a_damaged_or_missing_keys_file_is_a_fault),
        WITH_KEYS(a_damaged_ring_is_corrupt_and_not_erased),
        WITH_KEYS(a_ring_moved_to_another_person_does_not_open),
        WITH_KEYS(a_second_process_is_told_that_the_keys_are_held),
        WITH_KEYS(after_rotation_all_is_there_and_the_old_epoch_is_gone),
        WITH_KEYS(epochs_go_forward_only),
        WITH_KEYS(a_copy_of_the_rings_opens_within_its_epoch_and_not_after),
        WITH_KEYS(rings_and_epoch_are_refused_a_common_place),
        WITH_KEYS(an_exported_epoch_restores_what_was_lost),
        IN_A_PLACE(a_fault_at_any_seam_leaves_each_step_whole_or_undone),
        IN_A_PLACE(a_kill_at_any_write_leaves_each_step_whole_or_undone),
        IN_A_PLACE(a_failing_disk_leaves_each_step_whole_or_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
