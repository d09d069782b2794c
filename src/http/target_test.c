#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "http.h"

static enum fault_class decode(struct arena *arena, str text, bool plus, str *out)
{
    struct report report = {0};
    return http_decode(text, plus, arena, &report, out).fault;
}

static void escapes_are_decoded_once_and_strictly(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 16);
    str out;
    assert_int_equal(decode(arena, STR("a%2Fb%252F+%c3%A5"), false, &out), FAULT_NONE);
    assert_true(str_is(out, "a/b%2F+\xc3\xa5"));
    assert_int_equal(decode(arena, STR("a+b"), true, &out), FAULT_NONE);
    assert_true(str_is(out, "a b"));
    const char *bad[] = {"%", "%4", "%zz", "a%00", "%ff", "%c3", "%ed%a0%80"};
    for (size_t i = 0; i < LENGTH(bad); i++)
        assert_int_equal(decode(arena, str_from(bad[i]), false, &out), FAULT_SYNTAX);
    assert_int_equal(decode(arena, (str){"a\0b", 3}, false, &out), FAULT_SYNTAX);
}

static void query_parameters_are_found_by_name_and_may_not_repeat(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 16);
    struct http_request request = {.arena = arena,
                                   .query = STR("a=1&b=x%20y+z&empty=&flag&c=1&c=2&=n")};
    struct report report = {0};
    str value;
    assert_true(is_ok(http_query(&request, "a", &report, &value)));
    assert_true(str_is(value, "1"));
    assert_true(is_ok(http_query(&request, "b", &report, &value)));
    assert_true(str_is(value, "x y z"));
    const char *empty[] = {"empty", "flag"};
    for (size_t i = 0; i < LENGTH(empty); i++) {
        assert_true(is_ok(http_query(&request, empty[i], &report, &value)));
        assert_non_null(value.ptr);
        assert_int_equal(value.len, 0);
    }
    assert_true(is_ok(http_query(&request, "absent", &report, &value)));
    assert_null(value.ptr);
    status twice = http_query(&request, "c", &report, &value);
    assert_int_equal(twice.fault, FAULT_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_are_decoded_once_and_strictly),
        cmocka_unit_test(query_parameters_are_found_by_name_and_may_not_repeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
