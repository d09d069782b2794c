/* Target: plan_load(), plan_print() and testfile_read().
 * Property: no text crashes them; what loads prints, and the print loads to a plan that prints the
 * same; a refusal names a place.
 *
 * An input is a policy, or a policy and a deployment file with a line of "%%%" between them. */
#include <stdio.h>
#include <stdlib.h>
#include "testfile.h"

enum { BUDGET = 64 << 20, PRINT_LIMIT = 8 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static bool load(struct words *words, struct arena *arena, str policy, str deployment,
                 struct problems *problems, const struct plan **plan)
{
    struct report report = {0};
    struct policy_source first = {STR("policy"), policy}, second = {STR("deployment"), deployment};
    problems->arena = arena;
    status loaded = plan_load(words, &first, deployment.ptr == NULL ? NULL : &second, NULL, 0,
                              arena, problems, &report, plan);
    must(is_ok(loaded) || loaded.fault == report.fault, "a fault is reported");
    must(is_ok(loaded) || report.text[0] != '\0', "a fault is explained");
    return is_ok(loaded);
}

static void places_hold(const struct problems *problems)
{
    for (size_t i = 0; i < problems->list.count; i++) {
        must(problems->list.at[i].line > 0, "a problem has a line");
        must(problems->list.at[i].column > 0, "a problem has a column");
        must(problems->list.at[i].text.len > 0, "a problem has a text");
    }
}

static str printed(const struct plan *plan, struct arena *arena)
{
    struct buf out = buf_in(arena, PRINT_LIMIT);
    plan_print(plan, &out);
    return out.full ? (str){NULL, 0} : buf_str(&out);
}

static void print_loads_again(const struct plan *plan, struct arena *arena)
{
    str once = printed(plan, arena);
    if (once.ptr == NULL || once.len > 1 << 20)
        return;
    struct words *words = words_new();
    CLEANUP(arena_free) struct arena *second = arena_new(BUDGET);
    struct problems problems = {0};
    const struct plan *again = NULL;
    if (!load(words, second, once, (str){NULL, 0}, &problems, &again)) {
        fprintf(stderr, "%.*s\n", STR_ARG(once));
        for (size_t i = 0; i < problems.list.count; i++)
            fprintf(stderr, "%u:%u %.*s\n", problems.list.at[i].line, problems.list.at[i].column,
                    STR_ARG(problems.list.at[i].text));
        must(false, "a printed plan loads");
    }
    str twice = printed(again, second);
    if (!str_equal(once, twice))
        fprintf(stderr, "%.*s\n--\n%.*s\n", STR_ARG(once), STR_ARG(twice));
    must(str_equal(once, twice), "a plan that was printed and loaded prints the same");
    must(memcmp(plan->hash, again->hash, sizeof(plan->hash)) == 0, "the hash is that of the print");
    words_free(&words);
}

static void tests_are_read(str text)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    struct problems problems = {.arena = arena};
    struct report report = {0};
    struct policy_source source = {STR("tests"), text};
    struct test_file *file = NULL;
    status read = testfile_read(&source, arena, &problems, &report, &file);
    must(is_ok(read) || report.fault == read.fault, "a fault of a test file is reported");
    places_hold(&problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char SEPARATOR[] = "\n%%%\n";
    str policy = {(const char *)data, size}, deployment = {NULL, 0};
    const char *split = size == 0 ? NULL : memmem(data, size, SEPARATOR, sizeof(SEPARATOR) - 1);
    if (split != NULL) {
        size_t at = (size_t)(split - policy.ptr);
        deployment = str_slice(policy, at + sizeof(SEPARATOR) - 1, size);
        policy = str_slice(policy, 0, at + 1);
    }
    struct words *words = words_new();
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    struct problems problems = {0};
    const struct plan *plan = NULL;
    if (load(words, arena, policy, deployment, &problems, &plan))
        print_loads_again(plan, arena);
    places_hold(&problems);
    words_free(&words);
    tests_are_read(policy);
    return 0;
}
