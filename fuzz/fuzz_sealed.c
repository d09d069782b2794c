/* Target: ring_open() and sealed_key(), which read sealed records from files that anybody may have
 * written.
 * Property: whatever the bytes, no crash, and no plaintext comes out but that of a record that we
 * sealed ourselves, unchanged and in its place.
 *
 * The first byte says how the rest is used: even, as a record; odd, as changes (XOR) to a genuine
 * one, whose length it may also cut. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORD_ROOM = 4096 };

static struct {
    struct sim_world world;
    char folder[64], dir[96], root[96];
    struct keys *keys;
    struct ring *ring;
    struct arena *arena;
    struct seal_place place;
    unsigned char genuine[256];
    size_t genuine_len;
} here;

static void must(status result)
{
    if (!is_ok(result))
        abort();
}

static void clean_up(void)
{
    const char *names[] = {"register/keys.db", "register/keys.db-wal", "register/epoch/1.key",
                           "root.key"};
    const char *folders[] = {"register/epoch", "register", ""};
    char path[256];
    keys_close(&here.keys);
    arena_free(&here.arena);
    for (size_t i = 0; i < LENGTH(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", here.folder, names[i]);
        unlink(path);
    }
    for (size_t i = 0; i < LENGTH(folders); i++) {
        snprintf(path, sizeof(path), "%s/%s", here.folder, folders[i]);
        rmdir(path);
    }
}

/* Keys that a seed makes, so that a finding can be replayed. */
static void set_up(void)
{
    uint32_t number = 0;
    sealed bytes = {0};
    snprintf(here.folder, sizeof(here.folder), "/tmp/vern-fuzz-XXXXXX");
    if (mkdtemp(here.folder) == NULL)
        abort();
    snprintf(here.dir, sizeof(here.dir), "%s/register", here.folder);
    snprintf(here.root, sizeof(here.root), "%s/root.key", here.folder);
    if (mkdir(here.dir, 0700) != 0)
        abort();
    world_sim(&here.world, 1, (instant){0});
    struct keys_config config = {.world = &here.world.world,
                                 .dir = here.dir,
                                 .root_path = here.root,
                                 .register_id = STR("fuzz"),
                                 .simulated = true};
    here.arena = arena_new(1 << 20);
    here.place = (struct seal_place){.dossier = {{1}},
                                     .kind = STR("item"),
                                     .controller = STR("firm"),
                                     .category = STR("basic"),
                                     .version = 1};
    must(keys_root_create(config.world, here.root, NULL));
    must(keys_create(&config, NULL, &here.keys));
    must(keys_ring_create(here.keys, here.place.dossier, NULL, &here.ring));
    must(ring_key(here.keys, here.ring, STR("firm/basic"), NULL, &number));
    must(ring_seal(here.keys, here.ring, number, &here.place, STR("a value that is sealed"),
                   here.arena, NULL, &bytes));
    memcpy(here.genuine, bytes.bytes.ptr, bytes.bytes.len);
    here.genuine_len = bytes.bytes.len;
    atexit(clean_up);
}

/* The record that the input stands for. */
static str record_of(const uint8_t *data, size_t size, char room[RECORD_ROOM])
{
    if (data[0] % 2 == 0 || size > here.genuine_len + 1)
        return (str){(const char *)data + 1, size - 1};
    size_t len = data[0] == 3 ? size - 1 : here.genuine_len; /* 3 cuts it */
    for (size_t i = 0; i < len; i++)
        room[i] = (char)(here.genuine[i] ^ (i + 1 < size ? data[i + 1] : 0));
    return (str){room, len};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char room[RECORD_ROOM];
    uint32_t number = 0;
    struct report report = {0};
    str plain = {0};
    if (here.keys == NULL)
        set_up();
    if (size == 0)
        return 0;
    arena_reset(here.arena);
    sealed record = {record_of(data, size, room)};
    bool genuine = str_equal(record.bytes, (str){(const char *)here.genuine, here.genuine_len});
    status named = sealed_key(record, &report, &number);
    status opened =
        ring_open(here.keys, here.ring, &here.place, record, here.arena, &report, &plain);
    if (is_ok(opened) != genuine || (!is_ok(named) && is_ok(opened)))
        abort();
    if (!is_ok(opened) && plain.ptr != NULL)
        abort();
    here.place.part = 1; /* not even the genuine one opens elsewhere */
    opened = ring_open(here.keys, here.ring, &here.place, record, here.arena, &report, &plain);
    here.place.part = 0;
    if (is_ok(opened))
        abort();
    return 0;
}
