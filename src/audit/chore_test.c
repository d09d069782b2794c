/* What follows a flush, done by another thread while the log goes on. */
#include <pthread.h>

#include "log_test.h"

enum { GROUP = 64, ENTRIES = 6000 };

static struct failing_world failing;
static char dir[64];

static int set_up(void **state)
{
    (void)state;
    failing_world(&failing, -1);
    test_dir(dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_remove(dir);
    return 0;
}

static void *run(void *chore)
{
    audit_chore_run(chore);
    return NULL;
}

static struct audit_chore *begin(struct audit_log *log)
{
    struct report report = {0};
    struct audit_chore *chore;
    assert_ok(audit_chore_begin(log, &report, &chore), &report);
    return chore;
}

/* What of the log's folder there is. */
static bool is_there(const char *path)
{
    char whole[160];
    snprintf(whole, sizeof(whole), "%s/%s", dir, path);
    return access(whole, F_OK) == 0;
}

static void assert_verifies(uint64_t size)
{
    CLEANUP(audit_close) struct audit_log *log = test_open_in(&failing.world, dir);
    CLEANUP(arena_free) struct arena *arena = arena_new(4 << 20);
    char memory[LIMIT_ENTRY_BYTES];
    struct report report = {0};
    assert_log_is(log, size);
    for (uint64_t i = 0; i < size; i += 97) {
        str entry = {0};
        arena_reset(arena);
        assert_ok(audit_read(log, i, arena, &report, &entry), &report);
        assert_true(str_equal(entry, test_entry(i, memory)));
    }
}

/* In a world that counts nothing, since both threads meet its seams. Each turn begins a chore and
 * appends while it goes on; now and then a checkpoint is asked for, or signed in the middle of it.
 */
static void a_thread_does_what_follows_a_flush_while_the_log_goes_on(void **state)
{
    (void)state;
    struct audit_log *log = test_open_in(&failing.sim.world, dir);
    struct report report = {0};
    str note;
    for (uint64_t size = GROUP, turn = 0; size <= ENTRIES; size += GROUP, turn++) {
        if (turn % 3 == 1)
            audit_ask(log);
        struct audit_chore *chore = begin(log);
        pthread_t thread;
        if (chore != NULL)
            assert_int_equal(pthread_create(&thread, NULL, run, chore), 0);
        test_grow(log, size, GROUP);
        if (turn % 8 == 3) {
            assert_ok(audit_sign(log, &report, &note), &report);
            assert_int_equal(audit_mark_of(log).size, audit_size(log));
        }
        if (chore == NULL)
            continue;
        assert_ok(audit_chore_end(chore, &report), &report);
        pthread_join(thread, NULL);
    }
    uint64_t size = audit_size(log);
    audit_close(&log);
    assert_true(is_there("tile/entries/020"));              /* bundles, */
    assert_false(is_there("segment/00000000000000000000")); /* segments that went, */
    assert_true(is_there("whose/00000000000000000000-00000000000000002048-0")); /* and runs */
    assert_verifies(size);
}

struct theirs {
    audit_id handle;
    size_t count;
};

static status count_theirs(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    struct theirs *theirs = self;
    struct audit_entry entry;
    (void)index;
    (void)stop;
    TRY(entry_parse(text, report, &entry));
    theirs->count += ID_EQUAL(entry.subject, theirs->handle);
    return OK;
}

/* Each has three entries, one behind the other. */
static void assert_found(struct audit_log *log, uint64_t index)
{
    struct report report = {0};
    struct theirs theirs = {.handle = test_id(index / 3 + 1000)};
    struct audit_people people = {&theirs.handle, 1};
    for (uint64_t next = 0; next < audit_size(log);)
        assert_ok(audit_scan_whose(log, &people, &next, count_theirs, &theirs, &report), &report);
    assert_int_equal(theirs.count, 3);
}

static void runs_become_one_in_a_thread_while_people_are_looked_for(void **state)
{
    enum { RUN = 64, RUNS = 16 * 16 + 20 };
    (void)state;
    struct report report = {0};
    struct audit_config config = test_config();
    struct audit_log *log = NULL;
    config.whose_entries = RUN;
    assert_ok(audit_open(&failing.sim.world, dir, &config, &report, &log), &report);
    bool more = true;
    for (uint64_t size = RUN, turn = 0; size < RUNS * RUN || more; turn++) {
        struct audit_chore *chore = begin(log);
        pthread_t thread;
        more = chore != NULL;
        if (more)
            assert_int_equal(pthread_create(&thread, NULL, run, chore), 0);
        if (turn % 4 == 0 && size < RUNS * RUN)
            test_grow(log, size += RUN, RUN);
        if (turn % 16 == 0)
            assert_found(log, size * (turn % 7) / 7);
        if (!more)
            continue;
        assert_ok(audit_chore_end(chore, &report), &report);
        pthread_join(thread, NULL);
    }
    audit_close(&log);
    assert_true(is_there("whose/00000000000000000000-00000000000000016384-2"));
    assert_false(is_there("whose/00000000000000000000-00000000000000001024-1"));
    assert_false(is_there("whose/00000000000000000000-00000000000000000064-0"));
}

static void while_a_chore_is_out_there_is_no_other(void **state)
{
    (void)state;
    CLEANUP(audit_close) struct audit_log *log = test_open_in(&failing.world, dir);
    struct report report = {0};
    test_grow(log, 600, GROUP);
    struct audit_chore *chore = begin(log);
    assert_non_null(chore);
    assert_null(begin(log));
    audit_chore_run(chore);
    assert_ok(audit_chore_end(chore, &report), &report);
}

/* As a sweep of a whole register does within one turn. */
static void what_is_done_in_place_takes_in_what_is_out_first(void **state)
{
    (void)state;
    CLEANUP(audit_close) struct audit_log *log = test_open_in(&failing.world, dir);
    struct report report = {0};
    bool did = false;
    test_grow(log, 600, GROUP);
    struct audit_chore *chore = begin(log);
    audit_chore_run(chore);
    for (uint64_t size = 1200; size <= 3000; size += 600) {
        test_grow(log, size, GROUP);
        assert_ok(audit_tend(log, &report, &did), &report);
        assert_true(did);
    }
    assert_true(is_there("tile/entries/009"));
    assert_ok(audit_chore_end(chore, &report), &report);
    assert_log_is(log, 3000);
}

static void a_log_is_closed_while_a_chore_is_out(void **state)
{
    (void)state;
    struct audit_log *log = test_open_in(&failing.sim.world, dir);
    struct report report = {0};
    pthread_t thread;
    test_grow(log, 600, GROUP);
    struct audit_chore *chore = begin(log);
    assert_int_equal(pthread_create(&thread, NULL, run, chore), 0);
    audit_close(&log);
    pthread_join(thread, NULL);
    assert_ok(audit_chore_end(chore, &report), &report);
    assert_verifies(600);
}

static struct audit_log *open_few_segments(void)
{
    struct report report = {0};
    struct audit_config config = test_config();
    struct audit_log *log = NULL;
    config.segment_bytes = 96 << 10;
    config.whose_entries = 500;
    assert_ok(audit_open(&failing.world, dir, &config, &report, &log), &report);
    return log;
}

static void a_chore_that_fails_is_done_again(void **state)
{
    (void)state;
    for (long fails_at = 0;; fails_at++) {
        struct audit_log *log = open_few_segments();
        struct report report = {0};
        test_grow(log, 1000, 500);
        failing.calls = 0;
        failing.fails_at = fails_at;
        audit_ask(log);
        bool failed = false;
        for (int i = 0; i < 40 && !failed; i++) {
            struct audit_chore *chore = begin(log);
            if (chore == NULL)
                break;
            audit_chore_run(chore);
            failed = !is_ok(audit_chore_end(chore, &report));
        }
        failing.fails_at = -1;
        for (struct audit_chore *chore; (chore = begin(log)) != NULL;) {
            audit_chore_run(chore);
            report = (struct report){0};
            assert_ok(audit_chore_end(chore, &report), &report);
        }
        assert_true(is_there("tile/entries/002"));
        assert_false(is_there("segment/00000000000000000000"));
        assert_true(is_there("whose/00000000000000000000-00000000000000000500-0"));
        assert_int_equal(audit_mark_of(log).size, 1000);
        assert_log_is(log, 1000);
        audit_close(&log);
        test_remove(dir);
        assert_int_equal(mkdir(dir, 0700), 0);
        if (!failed)
            return;
    }
}

/* ---- checkpoints ---- */

/* What is about to be done is done, and what that made of the log is seen. */
static void finish(struct audit_chore *chore)
{
    struct report report = {0};
    audit_chore_run(chore);
    assert_ok(audit_chore_end(chore, &report), &report);
}

static struct audit_log *open_large(size_t unpublished)
{
    struct report report = {0};
    struct audit_config config = {
        .origin = TEST_ORIGIN, .seed = {{1, 2, 3}}, .unpublished = unpublished};
    struct audit_log *log = NULL;
    assert_ok(audit_open(&failing.world, dir, &config, &report, &log), &report);
    return log;
}

static void a_checkpoint_that_is_asked_for_is_written_by_a_chore_alone(void **state)
{
    (void)state;
    struct audit_log *log = open_large(0);
    struct report report = {0};
    test_grow(log, 700, GROUP);
    long before_it = failing.calls;
    audit_ask(log);
    struct audit_chore *chore = begin(log);
    test_grow(log, 800, GROUP);
    long appending = failing.calls - before_it;
    audit_chore_run(chore);
    assert_int_equal(audit_mark_of(log).size, 0); /* nothing says so before it is taken in */
    long running = failing.calls;
    assert_ok(audit_chore_end(chore, &report), &report);
    assert_int_equal(failing.calls, running);
    assert_int_equal(appending, 3 * 2); /* groups, each written and flushed */
    assert_int_equal(audit_mark_of(log).size, 700);
    struct checkpoint checkpoint;
    merkle_hash root = test_root(700);
    assert_ok(checkpoint_open(audit_note(log), audit_verifier(log), &report, &checkpoint), &report);
    assert_true(checkpoint.size == 700 && MERKLE_EQUAL(checkpoint.root, root));
    assert_true(is_there("tile/entries/002.p/188"));
    audit_close(&log);
    assert_verifies(800);
}

static void none_is_written_when_nothing_came_since_the_last(void **state)
{
    (void)state;
    CLEANUP(audit_close) struct audit_log *log = test_open_in(&failing.world, dir);
    struct report report = {0};
    test_grow(log, 100, GROUP);
    assert_ok(test_chores(log, &report), &report);
    assert_int_equal(audit_mark_of(log).size, 100);
    audit_ask(log);
    assert_null(begin(log));
}

static bool bundle_is_there(unsigned n)
{
    char path[32];
    snprintf(path, sizeof(path), "tile/entries/%03u", n);
    return is_there(path);
}

/* Chores until one has published more. */
static void publish_once(struct audit_log *log)
{
    unsigned next = 0;
    while (bundle_is_there(next))
        next++;
    while (!bundle_is_there(next))
        finish(begin(log));
}

/* As after a while in which the loop had no rest. The checkpoint waits for what it covers. */
static void what_piled_up_is_published_a_bounded_piece_at_a_time(void **state)
{
    (void)state;
    struct audit_log *log = open_large(0);
    test_grow(log, 70 * 256 + 9, 8192);
    audit_ask(log);
    publish_once(log);
    assert_true(is_there("tile/entries/063"));
    assert_false(is_there("tile/entries/064"));
    assert_int_equal(audit_mark_of(log).size, 0);
    for (struct audit_chore *chore; (chore = begin(log)) != NULL;)
        finish(chore);
    assert_int_equal(audit_mark_of(log).size, 70 * 256 + 9);
    audit_close(&log);
    assert_true(is_there("tile/entries/070.p/9"));
}

/* Each time that the thread comes to it more have come than it takes. */
static void a_thread_that_cannot_keep_up_is_helped_before_the_limit(void **state)
{
    enum { ROUNDS = 5, BUNDLES = 100 };
    (void)state;
    struct audit_log *log = open_large(192 * 256);
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        test_grow(log, round * BUNDLES * 256, 8192);
        publish_once(log);
    }
    assert_int_equal(audit_size(log), ROUNDS * BUNDLES * 256);
    audit_close(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_thread_does_what_follows_a_flush_while_the_log_goes_on,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(runs_become_one_in_a_thread_while_people_are_looked_for,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(while_a_chore_is_out_there_is_no_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_done_in_place_takes_in_what_is_out_first, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_log_is_closed_while_a_chore_is_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_chore_that_fails_is_done_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_checkpoint_that_is_asked_for_is_written_by_a_chore_alone,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(none_is_written_when_nothing_came_since_the_last, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_piled_up_is_published_a_bounded_piece_at_a_time,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_thread_that_cannot_keep_up_is_helped_before_the_limit,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
