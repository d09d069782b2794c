/* tools/install.sh on a machine that has none of its packages: what would be asked of apt. The
 * programs that it calls are stand-ins in a folder of the test, first on the path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static char folder[] = "/tmp/vern-install-XXXXXX";
static char list[8192]; /* what was asked of apt, a space after each package */

static void stand_in(const char *name, const char *script)
{
    char path[96];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fprintf(file, "#!/bin/sh\n%s\n", script);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0700), 0);
}

static int before(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    stand_in("dpkg-query", "exit 1");
    stand_in("apt-get", "echo \"$*\" >>\"${0%/*}/asked\"");
    stand_in("sudo", "exec \"$@\"");
    return 0;
}

static int after(void **state)
{
    char command[96];
    (void)state;
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
    return 0;
}

static void ask_for(const char *parts)
{
    char command[512], path[96];
    (void)snprintf(command, sizeof(command),
                   "rm -f '%s/asked'; PATH='%s':$PATH sh -euc '. tools/install.sh; "
                   "install_missing %s' >'%s/said'",
                   folder, folder, parts, folder);
    assert_int_equal(system(command), 0);
    (void)snprintf(path, sizeof(path), "%s/asked", folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(list, 1, sizeof(list) - 1, file);
    list[length] = '\0';
    assert_int_equal(fclose(file), 0);
    for (char *c = list; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
}

static void expect_packages(const char *parts, bool build, bool demo, bool check, bool package)
{
    ask_for(parts);
    assert_int_equal(strstr(list, " libsodium-dev ") != NULL, build);
    assert_int_equal(strstr(list, " curl ") != NULL, demo);
    assert_int_equal(strstr(list, " valgrind ") != NULL, check);
    assert_int_equal(strstr(list, " debhelper ") != NULL, package);
}

static void each_part_that_is_named_is_installed(void **state)
{
    (void)state;
    expect_packages("build", true, false, false, false);
    expect_packages("build demo", true, true, false, false);
    expect_packages("build demo check", true, true, true, false);
    expect_packages("build package", true, false, false, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_that_is_named_is_installed),
    };
    return cmocka_run_group_tests(tests, before, after);
}
