/* A small register of its own for targets that need an engine: the example policy, a world that a
 * seed replays, a folder that goes with the process. */
#ifndef VERN_FUZZ_SMALL_REGISTER_H
#define VERN_FUZZ_SMALL_REGISTER_H
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine.h"
#include "file.h"
#include "instant.h"
#include "../tests/scratch.h"

#ifndef SMALL_POLICY
#define SMALL_POLICY "policies/example.yaml"
#endif

static struct {
    struct sim_world world;
    char folder[64], data[96], root[96];
    struct engine *engine;
    struct reg *reg;
    struct arena *arena; /* of one input */
    str token;           /* the administrator's */
} small;

static void must(status result)
{
    if (!is_ok(result))
        abort();
}

static int small_remove(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void small_close(void)
{
    engine_close(&small.engine);
    nftw(small.folder, small_remove, 8, FTW_DEPTH | FTW_PHYS);
    arena_free(&small.arena);
}

static void small_open(void)
{
    static char token[128];
    char registers[128];
    struct report report = {0};
    if (small.engine != NULL)
        return;
    snprintf(small.folder, sizeof(small.folder), "%s/vern-fuzz-XXXXXX", scratch_folder());
    if (mkdtemp(small.folder) == NULL)
        abort();
    snprintf(small.data, sizeof(small.data), "%s/data", small.folder);
    snprintf(small.root, sizeof(small.root), "%s/root.key", small.folder);
    snprintf(registers, sizeof(registers), "%s/registers", small.data);
    must(dir_make(small.data, 0700, &report));
    must(dir_make(registers, 0700, &report));
    small.arena = arena_new((size_t)64 << 20);
    struct register_create create = {
        .name = STR("small"), .policy_file = STR("policy.yaml"), .simulated = true};
    if (!instant_parse(STR("2026-03-01T09:00:00Z"), &create.start))
        abort();
    world_sim(&small.world, 1, create.start);
    must(keys_root_create(&small.world.world, small.root, &report));
    struct engine_config config = {
        .world = &small.world.world, .data_dir = small.data, .root_path = small.root};
    must(engine_open(&config, &report, &small.engine));
    must(file_read(SMALL_POLICY, small.arena, 1 << 20, &report, &create.policy));
    struct problems problems = {.arena = small.arena};
    str text;
    must(engine_register_create(small.engine, &create, small.arena, &problems, &report, &text));
    if (text.len > sizeof(token))
        abort();
    memcpy(token, text.ptr, text.len);
    small.token = (str){token, text.len};
    small.reg = engine_register(small.engine, create.name);
    atexit(small_close);
}

#endif
