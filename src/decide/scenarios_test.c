/* What settle and decide answer, told as small policy tests on a policy that has one of everything:
 * testdata/unit.yaml and testdata/unit.tests.yaml. Each is a test of its own here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "file.h"
#include "testrun.h"

enum { ARENA_BYTES = 64 << 20, TEXT_BYTES = 1 << 20 };
#define POLICY "src/decide/testdata/unit.yaml"
#define TESTS  "src/decide/testdata/unit.tests.yaml"

static struct arena *file_arena;
static struct test_file *file;

static struct policy_source source_of(struct arena *arena, const char *path)
{
    struct report report = {0};
    struct policy_source source = {.name = str_from(path)};
    if (!is_ok(file_read(path, arena, TEXT_BYTES, &report, &source.text))) {
        printf("%s: %s\n", path, report.text);
        abort();
    }
    return source;
}

static void print_problems(const struct problems *problems)
{
    for (size_t i = 0; i < problems->list.count; i++)
        if (problems->list.at[i].severity == SEVERITY_ERROR)
            printf("%.*s:%u:%u: %.*s\n", STR_ARG(problems->list.at[i].file),
                   problems->list.at[i].line, problems->list.at[i].column,
                   STR_ARG(problems->list.at[i].text));
}

static void holds(void **state)
{
    struct test *test = *state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    struct policy_source policy = source_of(arena, POLICY);
    struct problems problems = {.arena = arena};
    struct report report = {0};
    struct test_result result = {0};
    status ran =
        testrun_load(test, file->file, &policy, NULL, words, arena, &problems, &report, &result);
    print_problems(&problems);
    for (size_t i = 0; i < result.count; i++)
        if (!result.steps[i].passed)
            printf(TESTS ":%u: expected %.*s\n    got %.*s\n", result.steps[i].step->line,
                   STR_ARG(result.steps[i].expected), STR_ARG(result.steps[i].actual));
    if (!is_ok(ran))
        fail_msg("%s", report.text);
    assert_true(result.passed);
}

int main(void)
{
    file_arena = arena_new(ARENA_BYTES);
    struct policy_source source = source_of(file_arena, TESTS);
    struct problems problems = {.arena = file_arena};
    struct report report = {0};
    if (!is_ok(testfile_read(&source, file_arena, &problems, &report, &file))) {
        print_problems(&problems);
        return 1;
    }
    struct CMUnitTest *tests = calloc(file->count, sizeof(*tests));
    if (tests == NULL)
        abort();
    for (size_t i = 0; i < file->count; i++)
        tests[i] = (struct CMUnitTest){.name = arena_c_string(file_arena, file->at[i].name),
                                       .test_func = holds,
                                       .initial_state = &file->at[i]};
    int failed = _cmocka_run_group_tests("scenarios", tests, file->count, NULL, NULL);
    free(tests);
    arena_free(&file_arena);
    return failed;
}
