/* The cheap half of what mutation_test holds: rows.txt has no open row; each row names a test that
 * names the obligation, and a rule that is there still; and each obligation of the five policies
 * stands in a row or is covered by a test of its policy.
 *
 *   ID | program:test | src/FILE: the line of source
 *   ID | policy:test  | clause: PATH change
 *
 * That the test fails without the rule was seen when the row was written (tests/mutation/rows). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include "check.h"
#include "file.h"

enum { ARENA_BYTES = 256 << 20, TEXT_BYTES = 8 << 20 };

static const char ROWS[] = "tests/mutation/rows.txt";
static const char *const POLICIES[] = {"cobuilder", "infobric", "cloudberries", "hosting",
                                       "confect"};

struct row {
    str id, program, test, rule;
};
struct rows {
    struct arena *arena;
    LIST(struct row) list;
    str covered; /* what the tests of the policy at hand say */
    unsigned wrong;
};

/* ---- files ---- */

static bool read_whole(struct rows *rows, str path, str *text)
{
    struct report report = {0};
    const char *name = arena_c_string(rows->arena, path);
    return file_exists(name) && is_ok(file_read(name, rows->arena, TEXT_BYTES, &report, text));
}

static bool holds(str text, str part)
{
    return part.len > 0 && memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
}

/* Both files of a policy's tests, one after the other. */
static str policy_tests(struct rows *rows, const char *policy)
{
    str plain = STR(""), clauses = STR("");
    (void)read_whole(rows, arena_format(rows->arena, "policies/tests/%s.yaml", policy), &plain);
    (void)read_whole(rows, arena_format(rows->arena, "policies/tests/%s.clauses.yaml", policy),
                     &clauses);
    return arena_format(rows->arena, "%.*s\n%.*s", STR_ARG(plain), STR_ARG(clauses));
}

/* The source of a program: tests/NAME.c, or src/MODULE/REST.c for MODULE_REST. */
static bool program_text(struct rows *rows, str program, str *text)
{
    if (str_is(program, "scenarios"))
        return read_whole(rows, STR("tests/scenarios/main.c"), text);
    for (size_t i = 0; i < program.len; i++) {
        str rest = str_slice(program, i + 1, program.len);
        if (program.ptr[i] == '_' && read_whole(rows,
                                                arena_format(rows->arena, "src/%.*s/%.*s.c", (int)i,
                                                             program.ptr, STR_ARG(rest)),
                                                text))
            return true;
    }
    return read_whole(rows, arena_format(rows->arena, "tests/%.*s.c", STR_ARG(program)), text);
}

/* ---- rows ---- */

static void read_rows(struct rows *rows)
{
    str rest = STR(""), line;
    assert_true(read_whole(rows, str_from(ROWS), &rest));
    while (str_next(&rest, '\n', &line)) {
        struct row row;
        str name;
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        if (!str_next(&line, '|', &row.id) || !str_next(&line, '|', &name) ||
            !str_next(&name, ':', &row.program))
            fail_msg("%s: a row without a test: %.*s", ROWS, STR_ARG(row.id));
        row = (struct row){str_trim(row.id), str_trim(row.program), str_trim(name), str_trim(line)};
        struct row *added = LIST_ADD(rows->arena, &rows->list);
        if (added == NULL)
            fail_msg("%s is too long", ROWS);
        else
            *added = row;
    }
    assert_true(rows->list.count > 100);
}

static bool test_is_there(struct rows *rows, const struct row *row)
{
    str text;
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        if (str_is(row->program, POLICIES[i]))
            return holds(policy_tests(rows, POLICIES[i]),
                         arena_format(rows->arena, "- name: %.*s\n", STR_ARG(row->test)));
    }
    return program_text(rows, row->program, &text) && holds(text, row->id) &&
           holds(text, arena_format(rows->arena, "static void %.*s(", STR_ARG(row->test)));
}

static bool rule_is_there(struct rows *rows, const struct row *row)
{
    str rest = row->rule, place, text;
    if (!str_next(&rest, ':', &place))
        return false;
    return str_is(place, "clause") ||
           (read_whole(rows, place, &text) && holds(text, str_trim(rest)));
}

static void each_row_names_a_test_and_a_rule_that_are_there(void **state)
{
    struct rows *rows = *state;
    for (size_t i = 0; i < rows->list.count; i++) {
        const struct row *row = &rows->list.at[i];
        if (!test_is_there(rows, row))
            print_error("%.*s: no such test names it: %.*s:%.*s\n", STR_ARG(row->id),
                        STR_ARG(row->program), STR_ARG(row->test));
        else if (!rule_is_there(rows, row))
            print_error("%.*s: no such rule: %.*s\n", STR_ARG(row->id), STR_ARG(row->rule));
        else
            continue;
        rows->wrong++;
    }
    assert_int_equal(rows->wrong, 0);
}

/* ---- obligations ---- */

static void is_in_one_of_both(void *self, str id, str path)
{
    struct rows *rows = self;
    bool there = holds(rows->covered, id);
    for (size_t i = 0; i < rows->list.count; i++)
        there |= str_equal(rows->list.at[i].id, id);
    if (there)
        return;
    print_error("%.*s, cited at %.*s: neither a row nor a test of the policy\n", STR_ARG(id),
                STR_ARG(path));
    rows->wrong++;
}

static void each_obligation_has_a_row_or_a_test_of_its_policy(void **state)
{
    struct rows *rows = *state;
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        CLEANUP(words_free) struct words *words = words_new();
        struct policy_source source = {.name = str_from(POLICIES[i])};
        struct problems problems = {.arena = rows->arena};
        struct report report = {0};
        const struct plan *plan;
        assert_true(read_whole(rows, arena_format(rows->arena, "policies/%s.yaml", POLICIES[i]),
                               &source.text));
        assert_true(is_ok(
            plan_load(words, &source, NULL, NULL, 0, rows->arena, &problems, &report, &plan)));
        rows->covered = policy_tests(rows, POLICIES[i]);
        plan_covers(plan, is_in_one_of_both, rows);
    }
    assert_int_equal(rows->wrong, 0);
}

static struct rows all;

static int open_rows(void **state)
{
    all.arena = arena_new(ARENA_BYTES);
    *state = &all;
    read_rows(&all);
    return 0;
}

static int close_rows(void **state)
{
    (void)state;
    arena_free(&all.arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_names_a_test_and_a_rule_that_are_there),
        cmocka_unit_test(each_obligation_has_a_row_or_a_test_of_its_policy),
    };
    return cmocka_run_group_tests(tests, open_rows, close_rows);
}
