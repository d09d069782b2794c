/* What the tests of the log share: a folder of their own, made-up entries, a world whose nth effect
 * fails. */
#ifndef VERN_LOG_TEST_H
#define VERN_LOG_TEST_H
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_test.h"
#include "audit.h"

#define TEST_START  1764054000000
#define TEST_ORIGIN STR("vern.example/test")

/* A world that fails its effect number `fails_at`, counted from 0, and every one after it: the
 * process is gone. */
struct failing_world {
    struct sim_world sim;
    struct world world;
    long calls, fails_at;
};

static inline instant failing_now(void *self)
{
    struct failing_world *failing = self;
    return world_now(&failing->sim.world);
}

static inline void failing_random(void *self, void *bytes, size_t count)
{
    struct failing_world *failing = self;
    world_random(&failing->sim.world, bytes, count);
}

static inline status failing_seam(void *self, const char *name, struct report *report)
{
    struct failing_world *failing = self;
    bool fails = failing->fails_at >= 0 && failing->calls >= failing->fails_at;
    failing->calls++;
    return fails ? fail(report, FAULT_STORE, "the test fails %s", name) : OK;
}

static inline void failing_world(struct failing_world *failing, long fails_at)
{
    *failing = (struct failing_world){.fails_at = fails_at};
    world_sim(&failing->sim, 1, (instant){TEST_START});
    failing->world = (struct world){failing, failing_now, failing_random, failing_seam};
}

static inline int remove_one(const char *path, const struct stat *facts, int kind,
                             struct FTW *place)
{
    (void)facts;
    (void)kind;
    (void)place;
    return remove(path);
}

static inline void test_remove(const char *dir)
{
    nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void test_dir(char dir[64])
{
    snprintf(dir, 64, "/tmp/vern-audit-XXXXXX");
    assert_non_null(mkdtemp(dir));
}

static inline struct audit_config test_config(void)
{
    return (struct audit_config){
        .origin = TEST_ORIGIN, .seed = {{1, 2, 3}}, .segment_bytes = AUDIT_SEGMENT_BYTES_LEAST};
}

static inline audit_id test_id(uint64_t number)
{
    audit_id id;
    uint64_t mixed[2] = {(number + 1) * 0x9E3779B97F4A7C15U, (number + 7) * 0xD1B54A32D192ED03U};
    static_assert(sizeof(mixed) == sizeof(id), "both are 128 bits");
    memcpy(id.bytes, mixed, sizeof(id));
    return id;
}

/* Entry `number` of every test log: its text depends on nothing else. */
static inline str test_entry(uint64_t number, char memory[LIMIT_ENTRY_BYTES])
{
    struct report report = {0};
    struct buf buf = buf_over(memory, LIMIT_ENTRY_BYTES);
    struct audit_entry entry = {.at = {TEST_START + (int64_t)number},
                                .actor = test_id(number % 7),
                                .authenticated = STR("token"),
                                .action = STR("read"),
                                .purpose = STR("customer-care"),
                                .decision = number % 5 == 0 ? AUDIT_REFUSE : AUDIT_ALLOW,
                                .rule = STR("purposes.customer-care"),
                                .controller = STR("shop"),
                                .subject = test_id(number / 3 + 1000),
                                .policy = test_id(5),
                                .request = test_id(number + 100000000),
                                .random = test_id(number + 1000000),
                                .category_count = 1,
                                .categories = {STR("contact")}};
    assert_ok(entry_write(&buf, &entry, &report), &report);
    return buf_str(&buf);
}

static inline struct audit_log *test_open_in(const struct world *world, const char *dir)
{
    struct report report = {0};
    struct audit_config config = test_config();
    struct audit_log *log = NULL;
    assert_ok(audit_open(world, dir, &config, &report, &log), &report);
    return log;
}

/* Appends up to `size` entries, a flush for each `group`. */
static inline void test_grow(struct audit_log *log, uint64_t size, uint64_t group)
{
    char memory[LIMIT_ENTRY_BYTES];
    struct report report = {0};
    for (uint64_t i = audit_size(log); i < size; i++) {
        assert_ok(audit_append(log, test_entry(i, memory), &report, NULL), &report);
        if ((i + 1) % group == 0 || i + 1 == size)
            assert_ok(audit_flush(log, &report), &report);
    }
}

static inline void test_checkpoint(struct audit_log *log)
{
    struct report report = {0};
    str note;
    assert_ok(audit_checkpoint(log, &report, &note), &report);
}

/* The same by chores, as many as there are. */
static inline status test_chores(struct audit_log *log, struct report *report)
{
    struct audit_chore *chore = NULL;
    audit_ask(log);
    TRY(audit_chore_begin(log, report, &chore));
    while (chore != NULL) {
        audit_chore_run(chore);
        TRY(audit_chore_end(chore, report));
        TRY(audit_chore_begin(log, report, &chore));
    }
    return OK;
}

/* The root that the first `size` test entries must have. */
static inline merkle_hash test_root(uint64_t size)
{
    char memory[LIMIT_ENTRY_BYTES];
    CLEANUP(hasher_free) struct hasher *hasher = hasher_new();
    struct merkle_range range = {0};
    for (uint64_t i = 0; i < size; i++) {
        merkle_hash leaf = merkle_leaf(hasher, test_entry(i, memory));
        merkle_range_add(&range, hasher, &leaf);
    }
    return merkle_range_root(&range, hasher);
}

static inline void assert_log_is(struct audit_log *log, uint64_t size)
{
    merkle_hash got = audit_root(log), wanted = test_root(size);
    assert_int_equal(audit_size(log), size);
    assert_memory_equal(got.bytes, wanted.bytes, MERKLE_HASH_BYTES);
}
#endif
