/* Is every clause of the five policies held by a test? Each is removed or weakened in turn, and the
 * policy's own tests (policies/tests) must notice: at least one fails, or the policy loads no more.
 * A mutant that all tests pass must be explained in policies/tests/survivors.txt; an explanation of
 * what a test notices is stale. The score is printed.
 *
 * VERN_MUTANTS=confect looks at one policy only and lists its survivors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "file.h"
#include "mutants.h"
#include "testrun.h"

enum { ARENA_BYTES = 256 << 20, RUN_BYTES = 64 << 20, TEXT_BYTES = 1 << 20, SURVIVORS_SHOWN = 400 };

static const char *const POLICIES[] = {"cobuilder", "infobric", "cloudberries", "hosting",
                                       "confect"};
static const char SURVIVORS[] = "policies/tests/survivors.txt";

struct explained { /* "confect purposes.support.keep | removed | why" */
    str policy, path, change;
    bool met;
};

struct hunt {
    struct arena *arena;
    str policy;
    struct policy_source deployment;
    bool deployed;
    struct policy_source tests_source;
    LIST(struct explained) explained;
    bool show;
    unsigned made, unloadable, noticed, survived, unexplained, ran;
};

/* ---- one mutant ---- */

struct loaded { /* with and without the deployment; NULL when it does not load */
    const struct plan *with, *without;
};

/* The tests are read anew each time: binding fills them for one plan. */
static struct test_file *read_tests(struct hunt *hunt, struct arena *arena)
{
    struct problems problems = {.arena = arena};
    struct report report = {0};
    struct test_file *file = NULL;
    if (!is_ok(testfile_read(&hunt->tests_source, arena, &problems, &report, &file)))
        fail_msg("%.*s: %s", STR_ARG(hunt->tests_source.name), report.text);
    return file;
}

static const struct plan *load(struct hunt *hunt, const struct policy_source *policy, bool deployed,
                               const struct test *test, struct words *words, struct arena *arena)
{
    struct problems problems = {.arena = arena};
    struct report report = {0};
    const struct plan *plan = NULL;
    status loaded = plan_load(words, policy, deployed ? &hunt->deployment : NULL,
                              test == NULL ? NULL : test->with, test == NULL ? 0 : test->with_count,
                              arena, &problems, &report, &plan);
    return is_ok(loaded) ? plan : NULL;
}

static bool is_deployed(const struct hunt *hunt, const struct test *test)
{
    return hunt->deployed && test->deploy;
}

/* Does the test still pass? One that no longer fits the policy does not. */
static bool passes(struct hunt *hunt, struct test *test, const struct plan *plan)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(RUN_BYTES);
    struct problems problems = {.arena = arena};
    struct report report = {0};
    struct test_result result = {0};
    hunt->ran++;
    return is_ok(testfile_bind(test, plan, hunt->tests_source.name, arena, &problems, &report)) &&
           is_ok(testrun(test, plan, arena, &report, &result)) && result.passed;
}

/* A test with values of its own loads the policy for itself. */
static bool passes_alone(struct hunt *hunt, struct test *test, const struct policy_source *policy)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(RUN_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    const struct plan *plan = load(hunt, policy, is_deployed(hunt, test), test, words, arena);
    return plan != NULL && passes(hunt, test, plan);
}

enum fate { UNLOADABLE, NOTICED, SURVIVED };

static enum fate fate_of(struct hunt *hunt, const struct policy_source *policy)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    struct loaded loaded = {load(hunt, policy, hunt->deployed, NULL, words, arena), NULL};
    if (loaded.with == NULL)
        return UNLOADABLE;
    loaded.without = hunt->deployed ? load(hunt, policy, false, NULL, words, arena) : loaded.with;
    if (loaded.without == NULL)
        return UNLOADABLE;
    struct test_file *file = read_tests(hunt, arena);
    for (int alone = 0; alone < 2; alone++) {
        for (uint16_t i = 0; i < file->count; i++) {
            struct test *test = &file->at[i];
            if ((test->with_count > 0) != (alone == 1))
                continue;
            const struct plan *plan = is_deployed(hunt, test) ? loaded.with : loaded.without;
            if (alone == 1 ? !passes_alone(hunt, test, policy) : !passes(hunt, test, plan))
                return NOTICED;
        }
    }
    return SURVIVED;
}

static bool explain(struct hunt *hunt, const struct mutant *mutant)
{
    for (size_t i = 0; i < hunt->explained.count; i++) {
        struct explained *explained = &hunt->explained.at[i];
        if (str_equal(explained->policy, hunt->policy) &&
            str_equal(explained->path, mutant->path) &&
            str_equal(explained->change, mutant->change)) {
            explained->met = true;
            return true;
        }
    }
    return false;
}

static void look(void *self, const struct mutant *mutant)
{
    struct hunt *hunt = self;
    struct policy_source policy = {
        .name = arena_format(hunt->arena, "policies/%.*s.yaml", STR_ARG(hunt->policy)),
        .text = mutant->text};
    hunt->made++;
    switch (fate_of(hunt, &policy)) {
    case UNLOADABLE:
        hunt->unloadable++;
        return;
    case NOTICED:
        hunt->noticed++;
        return;
    case SURVIVED:
        break;
    }
    hunt->survived++;
    if (explain(hunt, mutant))
        return;
    if (hunt->unexplained++ < SURVIVORS_SHOWN)
        printf("  survives: %.*s %.*s | %.*s\n", STR_ARG(hunt->policy), STR_ARG(mutant->path),
               STR_ARG(mutant->change));
}

/* ---- files ---- */

static str read_whole(struct arena *arena, const char *path)
{
    struct report report = {0};
    str text;
    if (!is_ok(file_read(path, arena, TEXT_BYTES, &report, &text)))
        fail_msg("%s: %s", path, report.text);
    return text;
}

/* policy path | change | why */
static void read_explained(struct hunt *hunt)
{
    str rest = read_whole(hunt->arena, SURVIVORS), line;
    while (str_next(&rest, '\n', &line)) {
        struct explained explained = {0};
        str left = line, place;
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        if (!str_next(&left, '|', &place) || !str_next(&left, '|', &explained.change) ||
            str_is_empty(str_trim(left)) || !str_next(&place, ' ', &explained.policy))
            fail_msg("%s: \"%.*s\" is no explanation", SURVIVORS, STR_ARG(line));
        explained.path = str_trim(place);
        explained.change = str_trim(explained.change);
        struct explained *added = LIST_ADD(hunt->arena, &hunt->explained);
        if (added == NULL)
            fail_msg("no memory");
        else
            *added = explained;
    }
}

static void hunt_policy(struct hunt *hunt, const char *policy)
{
    char path[128];
    hunt->policy = str_from(policy);
    (void)snprintf(path, sizeof(path), "policies/%s.deploy.yaml", policy);
    hunt->deployed = file_exists(path);
    if (hunt->deployed)
        hunt->deployment = (struct policy_source){.name = arena_format(hunt->arena, "%s", path),
                                                  .text = read_whole(hunt->arena, path)};
    (void)snprintf(path, sizeof(path), "policies/tests/%s.yaml", policy);
    hunt->tests_source = (struct policy_source){.name = arena_format(hunt->arena, "%s", path),
                                                .text = read_whole(hunt->arena, path)};
    (void)snprintf(path, sizeof(path), "policies/%s.yaml", policy);
    struct yaml_faults faults = {0};
    struct report report = {0};
    struct yaml_node *root;
    assert_true(
        is_ok(yaml_read(read_whole(hunt->arena, path), hunt->arena, &faults, &report, &root)));
    hunt->made = hunt->unloadable = hunt->noticed = hunt->survived = hunt->unexplained = 0;
    assert_true(mutants_each(root, hunt->arena, look, hunt));
    unsigned loadable = hunt->made - hunt->unloadable;
    printf("  %-14s %5u mutants, %4u load no more, %4u of %4u noticed by a test (%.1f %%), "
           "%u survive, %u unexplained\n",
           policy, hunt->made, hunt->unloadable, hunt->noticed, loadable,
           loadable == 0 ? 0.0 : 100.0 * hunt->noticed / loadable, hunt->survived,
           hunt->unexplained);
}

static void every_clause_of_the_five_policies_is_held_by_a_test(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct hunt hunt = {.arena = arena};
    const char *only = getenv("VERN_MUTANTS");
    unsigned unexplained = 0, stale = 0;
    read_explained(&hunt);
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        if (only != NULL && strcmp(only, POLICIES[i]) != 0)
            continue;
        hunt_policy(&hunt, POLICIES[i]);
        unexplained += hunt.unexplained;
    }
    for (size_t i = 0; i < hunt.explained.count && only == NULL; i++) {
        const struct explained *explained = &hunt.explained.at[i];
        if (explained->met)
            continue;
        stale++;
        printf("  stale: %.*s %.*s | %.*s\n", STR_ARG(explained->policy), STR_ARG(explained->path),
               STR_ARG(explained->change));
    }
    assert_int_equal(unexplained, 0);
    assert_int_equal(stale, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_clause_of_the_five_policies_is_held_by_a_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
