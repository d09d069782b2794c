/* Loaded before a test program by tests/mutation/rules. The programs stay as they are; here cmocka
 * is asked for less, and what runs is told.
 *
 *   VERN_TEST=NAME   of each group, only the tests of that name run; a group without one does not
 *   VERN_TEST_NOW    is set to the name of each test before it begins, for what it starts, too */
#include <dlfcn.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TESTS_MOST = 1024 };
static const struct CMUnitTest *chosen[TESTS_MOST];
static size_t next_test;

typedef int runner(const char *group, const struct CMUnitTest *tests, size_t count,
                   CMFixtureFunction set_up, CMFixtureFunction tear_down);

/* The program's own choice; cmocka would leave the others out and give them no fixture. */
static const char *own_choice = "*";

void cmocka_set_test_filter(const char *pattern)
{
    own_choice = pattern;
}

/* cmocka runs the tests of a group in their order, and each has a fixture here. */
static int tell(void **state)
{
    const struct CMUnitTest *test = chosen[next_test++];
    setenv("VERN_TEST_NOW", test->name, 1);
    return test->setup_func == NULL ? 0 : test->setup_func(state);
}

int _cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t count,
                            CMFixtureFunction set_up, CMFixtureFunction tear_down)
{
    static struct CMUnitTest told[TESTS_MOST];
    const char *wanted = getenv("VERN_TEST");
    runner *run = (runner *)dlsym(RTLD_NEXT, "_cmocka_run_group_tests");
    size_t kept = 0;
    for (size_t i = 0; i < count && kept < TESTS_MOST; i++) {
        if ((wanted != NULL && strcmp(wanted, tests[i].name) != 0) ||
            fnmatch(own_choice, tests[i].name, 0) != 0)
            continue;
        chosen[kept] = &tests[i];
        told[kept] = tests[i];
        told[kept++].setup_func = tell;
    }
    next_test = 0;
    return kept == 0 ? 0 : run(group, told, kept, set_up, tear_down);
}
