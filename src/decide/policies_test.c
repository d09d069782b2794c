/* Runs every test that stands beside a policy: policies/tests/<policy>.yaml on
 * policies/<policy>.yaml and its deployment. Says file:line, what was expected and what came.
 * G8 of the README rests on these: one binary, many policies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include "file.h"
#include "testrun.h"

enum { ARENA_BYTES = 256 << 20, TEXT_BYTES = 1 << 20 };

static void print_problems(const struct problems *problems)
{
    for (size_t i = 0; i < problems->list.count; i++) {
        const struct problem *problem = &problems->list.at[i];
        if (problem->severity == SEVERITY_ERROR)
            printf("    %.*s:%u:%u: %.*s: %.*s\n", STR_ARG(problem->file), problem->line,
                   problem->column, STR_ARG(problem->rule), STR_ARG(problem->text));
    }
}

/* False when there is no such file. */
static bool source_of(struct arena *arena, const char *folder, str name, const char *tail,
                      struct policy_source *source)
{
    struct report report = {0};
    source->name = arena_format(arena, "%s/%.*s%s", folder, STR_ARG(name), tail);
    const char *path = arena_c_string(arena, source->name);
    return path != NULL && is_ok(file_read(path, arena, TEXT_BYTES, &report, &source->text));
}

static void print_steps(const struct test_result *result, str file)
{
    for (size_t i = 0; i < result->count; i++) {
        const struct step_result *step = &result->steps[i];
        if (!step->passed)
            printf("    %.*s:%u: expected %.*s\n        got %.*s\n", STR_ARG(file),
                   step->step->line, STR_ARG(step->expected), STR_ARG(step->actual));
    }
}

static bool run_one(struct test *test, str file)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    struct policy_source policy, deployment;
    struct problems problems = {.arena = arena};
    struct report report = {0};
    struct test_result result = {0};
    if (!source_of(arena, "policies", test->policy, ".yaml", &policy)) {
        printf("  %.*s: there is no policy %.*s\n", STR_ARG(file), STR_ARG(test->policy));
        return false;
    }
    bool deployed = source_of(arena, "policies", test->policy, ".deploy.yaml", &deployment);
    status ran = testrun_load(test, file, &policy, deployed ? &deployment : NULL, words, arena,
                              &problems, &report, &result);
    if (is_ok(ran) && result.passed)
        return true;
    printf("  %.*s:%u: %.*s: %s\n", STR_ARG(file), test->line, STR_ARG(test->name),
           is_ok(ran) ? "failed" : report.text);
    print_problems(&problems);
    print_steps(&result, file);
    return false;
}

static int run_file(const char *name, size_t *count)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct policy_source source;
    struct problems problems = {.arena = arena};
    struct report report = {0};
    struct test_file *file;
    int failed = 0;
    if (!source_of(arena, "policies/tests", str_from(name), "", &source) ||
        !is_ok(testfile_read(&source, arena, &problems, &report, &file))) {
        printf("  %s: %s\n", name, report.text);
        print_problems(&problems);
        return 1;
    }
    const char *only = getenv("VERN_TEST");
    for (size_t i = 0; i < file->count; i++) {
        if (only != NULL && !str_is(file->at[i].name, only))
            continue;
        failed += run_one(&file->at[i], source.name) ? 0 : 1;
        ++*count;
    }
    return failed;
}

static void every_test_beside_a_policy_holds(void **state)
{
    (void)state;
    DIR *folder = opendir("policies/tests");
    if (folder == NULL)
        skip();
    size_t count = 0;
    int failed = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (str_ends(str_from(entry->d_name), STR(".yaml")))
            failed += run_file(entry->d_name, &count);
    closedir(folder);
    printf("  %zu policy tests, %d failed\n", count, failed);
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_test_beside_a_policy_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
