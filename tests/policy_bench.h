/* What a test of policies works at: words, and memory that goes with it. After cmocka.h. */
#ifndef VERN_POLICY_BENCH_H
#define VERN_POLICY_BENCH_H

#include "file.h"
#include "plan.h"

enum { POLICY_BENCH_BYTES = 256 << 20 };

struct bench {
    struct arena *arena;
    struct words *words;
};

/* For cmocka_unit_test_setup_teardown(). */
static inline int bench_open(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    if (bench == NULL)
        return -1;
    bench->arena = arena_new(POLICY_BENCH_BYTES);
    bench->words = words_new();
    *state = bench;
    return 0;
}

static inline int bench_close(void **state)
{
    struct bench *bench = *state;
    words_free(&bench->words);
    arena_free(&bench->arena);
    free(bench);
    return 0;
}

/* policies/<name><tail> */
static inline str file_text(struct bench *bench, const char *name, const char *tail)
{
    struct report report = {0};
    str text, path = arena_format(bench->arena, "policies/%s%s", name, tail);
    if (!is_ok(
            file_read(arena_c_string(bench->arena, path), bench->arena, 1 << 20, &report, &text)))
        fail_msg("%s", report.text);
    return text;
}

/* That file, with policies/<name>.deploy.yaml when it is deployed. */
static inline const struct plan *loaded_with(struct bench *bench, const char *name,
                                             const char *tail, bool deployed,
                                             const struct policy_override *with, size_t count)
{
    struct problems problems = {.arena = bench->arena};
    struct report report = {0};
    struct policy_source policy = {str_from(name), file_text(bench, name, tail)}, deployment;
    if (deployed)
        deployment = (struct policy_source){STR("deploy"), file_text(bench, name, ".deploy.yaml")};
    const struct plan *plan;
    if (!is_ok(plan_load(bench->words, &policy, deployed ? &deployment : NULL, with, count,
                         bench->arena, &problems, &report, &plan)))
        fail_msg("%s: %s", name, report.text);
    return plan;
}

static inline const struct plan *loaded(struct bench *bench, const char *name, bool deployed)
{
    return loaded_with(bench, name, ".yaml", deployed, NULL, 0);
}

#endif
