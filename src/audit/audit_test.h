/* What the tests of this module share: asserting a status with its explanation, reading a file,
 * finding the published vectors. */
#ifndef VERN_AUDIT_TEST_H
#define VERN_AUDIT_TEST_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
/* cmocka's fail() would hide base's. */
#undef fail
#undef fail_msg
#define fail_msg(...)                                                                              \
    do {                                                                                           \
        print_error(__VA_ARGS__);                                                                  \
        print_error("\n");                                                                         \
        _fail(__FILE__, __LINE__);                                                                 \
    } while (0)

#include "base.h"

#define assert_ok(call, report)                                                                    \
    do {                                                                                           \
        status got_ = (call);                                                                      \
        if (!is_ok(got_))                                                                          \
            fail_msg("%s: %s", fault_name(got_.fault), (report)->text);                            \
    } while (0)

#define assert_fault(call, wanted)                                                                 \
    do {                                                                                           \
        status got_ = (call);                                                                      \
        assert_string_equal(fault_name(got_.fault), fault_name(wanted));                           \
    } while (0)

/* Where the published vectors lie; without them the test counts as skipped. */
static inline const char *test_shared(void)
{
    const char *shared = getenv("VERN_SHARED");
    char probe[1024];
    snprintf(probe, sizeof(probe), "%s/vectors/README.md", shared == NULL ? "" : shared);
    FILE *file = fopen(probe, "r");
    if (file == NULL)
        skip();
    else
        fclose(file);
    return shared;
}

static inline str test_file(struct arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("%s cannot be read", path);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    char *bytes = arena_take(arena, (size_t)size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
    fclose(file);
    return (str){bytes, (size_t)size};
}
#endif
