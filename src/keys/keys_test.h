/* For the tests of keys: a folder with a root key and a register, and looking for bytes in files.
 * System headers, cmocka's among them, come before it. */
#ifndef VERN_KEYS_TEST_H
#define VERN_KEYS_TEST_H
#include "crash_vfs.h"
#include "keys_internal.h"

struct place_test {
    char folder[64], root[96], dir[96];
    struct keys *keys;
    struct arena *arena;
    struct report report;
    struct world world; /* the real one, with a seam of ours */
    int seam_left;      /* fails at this call of the seam; -1 never */
    int seam_calls;
    bool seam_kills;
    char seam_heard[4096];
};
static struct place_test here;

static inline void assert_ok(status result)
{
    if (!is_ok(result))
        fail_msg("%s: %s", fault_name(result.fault), here.report.text);
}

static inline void assert_fault(status result, enum fault_class fault)
{
    if (result.fault != fault)
        fail_msg("%s instead of %s: %s", fault_name(result.fault), fault_name(fault),
                 here.report.text);
    here.report = (struct report){0};
}

static inline status test_seam(void *self, const char *name, struct report *report)
{
    (void)self;
    here.seam_calls++;
    size_t len = strlen(here.seam_heard);
    if (len + strlen(name) + 2 < sizeof(here.seam_heard))
        snprintf(here.seam_heard + len, sizeof(here.seam_heard) - len, "%s ", name);
    if (here.seam_left != 0) {
        here.seam_left -= here.seam_left > 0;
        return OK;
    }
    if (here.seam_kills)
        raise(SIGKILL);
    return fail(report, FAULT_STORE, "the seam %s failed", name);
}

static inline struct keys_config test_config(void)
{
    return (struct keys_config){.world = &here.world,
                                .dir = here.dir,
                                .root_path = here.root,
                                .register_id = STR("register-one"),
                                .simulated = true,
                                .vfs = CRASH_VFS};
}

static inline int new_place(void **state)
{
    (void)state;
    crash_vfs_install();
    crash = (struct crash){0};
    here = (struct place_test){.seam_left = -1};
    here.world = *world_real();
    here.world.seam = test_seam;
    snprintf(here.folder, sizeof(here.folder), "/tmp/vern-keys-XXXXXX");
    assert_non_null(mkdtemp(here.folder));
    snprintf(here.root, sizeof(here.root), "%s/root.key", here.folder);
    snprintf(here.dir, sizeof(here.dir), "%s/register", here.folder);
    assert_int_equal(mkdir(here.dir, 0700), 0);
    here.arena = arena_new(64 << 20);
    return 0;
}

static inline void keys_made(void)
{
    struct keys_config config = test_config();
    assert_ok(keys_root_create(&here.world, here.root, &here.report));
    assert_ok(keys_create(&config, &here.report, &here.keys));
}

static inline int new_keys(void **state)
{
    new_place(state);
    keys_made();
    return 0;
}

static inline void reopened(void)
{
    struct keys_config config = test_config();
    keys_close(&here.keys);
    assert_ok(keys_open(&config, &here.report, &here.keys));
}

static inline int remove_one(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
    (void)about;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline int place_gone(void **state)
{
    (void)state;
    keys_close(&here.keys);
    arena_free(&here.arena);
    return nftw(here.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline dossier_id person(unsigned number)
{
    dossier_id id = {{0}};
    uint64_t mixed = (number + 1) * 0x9E3779B97F4A7C15U; /* scattered, as random ids are */
    memcpy(id.bytes, &mixed, sizeof(mixed));
    memcpy(id.bytes + 8, &number, sizeof(number));
    return id;
}

static inline struct ring *ring_of(unsigned number)
{
    struct ring *ring = NULL;
    enum presence presence;
    assert_ok(keys_ring_load(here.keys, person(number), &here.report, &presence, &ring));
    assert_int_equal(presence, PRESENCE_LIVE);
    return ring;
}

static inline enum presence presence_of(unsigned number)
{
    struct ring *ring = NULL;
    enum presence presence = PRESENCE_LIVE;
    assert_ok(keys_ring_load(here.keys, person(number), &here.report, &presence, &ring));
    assert_true((ring != NULL) == (presence == PRESENCE_LIVE));
    return presence;
}

static inline struct ring *ring_made(unsigned number)
{
    struct ring *ring = NULL;
    assert_ok(keys_ring_create(here.keys, person(number), &here.report, &ring));
    return ring;
}

static inline uint32_t key_of(struct ring *ring, const char *slot)
{
    uint32_t number = 0;
    assert_ok(ring_key(here.keys, ring, str_from(slot), &here.report, &number));
    return number;
}

static inline struct seal_place place_of(unsigned number)
{
    return (struct seal_place){.dossier = person(number),
                               .kind = STR("item"),
                               .controller = STR("firm"),
                               .category = STR("basic"),
                               .item = {{3}},
                               .version = 1};
}

static inline sealed seal_text(struct ring *ring, uint32_t number, unsigned who, str text)
{
    sealed bytes = {0};
    struct seal_place place = place_of(who);
    assert_ok(ring_seal(here.keys, ring, number, &place, text, here.arena, &here.report, &bytes));
    return bytes;
}

static inline enum fault_class opening(struct ring *ring, unsigned who, sealed bytes, str *plain)
{
    struct seal_place place = place_of(who);
    status result = ring_open(here.keys, ring, &place, bytes, here.arena, &here.report, plain);
    here.report = (struct report){0};
    return result.fault;
}

static inline struct fence fence_at(unsigned who, enum fence_kind kind, uint64_t version)
{
    return (struct fence){.dossier = person(who),
                          .kind = kind,
                          .version = version,
                          .at = {1000},
                          .act = {STR("act")},
                          .request = {{9}}};
}

/* A whole erasure up to stage 1, without its commit. */
static inline void erase_marked(unsigned who, uint64_t version)
{
    struct fence fence = fence_at(who, FENCE_WHOLE, version);
    assert_ok(keys_fence(here.keys, &fence, &here.report));
    assert_ok(keys_ring_forget(here.keys, person(who), &here.report));
}

static inline void committed(void)
{
    assert_ok(keys_commit(here.keys, &here.report));
    assert_ok(keys_commit_forgotten(here.keys, &here.report));
}

static inline str file_bytes(const char *name)
{
    struct stat about;
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", here.dir, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL || fstat(fileno(file), &about) != 0)
        return STR("");
    char *bytes = arena_take(here.arena, (size_t)about.st_size);
    assert_non_null(bytes);
    size_t len = fread(bytes, 1, (size_t)about.st_size, file);
    fclose(file);
    return (str){bytes, len};
}

static inline bool holds_bytes(str haystack, str needle)
{
    return haystack.len > 0 && memmem(haystack.ptr, haystack.len, needle.ptr, needle.len) != NULL;
}

/* Are these bytes in keys.db or its journal? */
static inline bool on_disk(str needle)
{
    return holds_bytes(file_bytes("keys.db"), needle) ||
           holds_bytes(file_bytes("keys.db-wal"), needle) ||
           holds_bytes(file_bytes("keys.db-journal"), needle);
}

#endif
