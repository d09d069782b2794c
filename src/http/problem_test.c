#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "problem.h"

static void expect_json(str text, const char *expected)
{
    char memory[256];
    struct buf buf = buf_over(memory, sizeof(memory));
    problem_string(&buf, text);
    buf_char(&buf, '\0');
    assert_false(buf.full);
    assert_string_equal(memory, expected);
}

static void texts_become_valid_json_whatever_they_hold(void **state)
{
    (void)state;
    expect_json(STR("a\"b\\c"), "\"a\\\"b\\\\c\"");
    expect_json(STR("\n\x01\x7f"), "\"\\u000a\\u0001\\u007f\"");
    expect_json(STR("bl\xc3\xa5"), "\"bl\xc3\xa5\"");
    expect_json(STR("\xff\xc3x\xed\xa0\x80"),
                "\"\xef\xbf\xbd\xef\xbf\xbdx\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    expect_json(STR("\xf0\x9f\x98\x80"), "\"\xf0\x9f\x98\x80\"");
}

static void a_report_becomes_a_problem_of_its_fault(void **state)
{
    (void)state;
    struct report report = {0};
    status failed = fail_at(&report, FAULT_INVALID, "/name", "it is %s", "odd");
    assert_int_equal(failed.fault, FAULT_INVALID);
    struct problem problem = problem_of(&report);
    struct problem_member member = {"rule", STR("\"R1\"")};
    problem.members = &member;
    problem.member_count = 1;
    char memory[512];
    struct buf buf = buf_over(memory, sizeof(memory));
    problem_write(&buf, &problem);
    buf_char(&buf, '\0');
    assert_string_equal(memory,
                        "{\"type\":\"/problems/invalid\",\"title\":\"the input is well formed but "
                        "says something that cannot be\",\"status\":422,\"detail\":\"it is odd\","
                        "\"where\":\"/name\",\"rule\":\"R1\"}\n");
}

static void a_report_may_refine_the_type(void **state)
{
    (void)state;
    struct report report = {.fault = FAULT_SYNTAX, .type = "unknown-word"};
    assert_string_equal(problem_of(&report).type, "unknown-word");
    assert_int_equal(problem_of(&report).code, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_become_valid_json_whatever_they_hold),
        cmocka_unit_test(a_report_becomes_a_problem_of_its_fault),
        cmocka_unit_test(a_report_may_refine_the_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
