/* The five policies against the tables of findings in the specification: every id with its rule and
 * its severity, and no kind of error that the tables do not name. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "check.h"
#include "shared_test.h"

enum { ARENA_ROOM = 64 << 20 };

struct row { /* of a table in the specification */
    str id, rule;
    enum severity severity;
};
struct table {
    LIST(struct row) list;
};

static bool severity_letter(str cell, enum severity *severity)
{
    static const char LETTERS[] = {
        [SEVERITY_ERROR] = 'E', [SEVERITY_WARNING] = 'W', [SEVERITY_INFO] = 'I'};
    for (size_t i = 0; i < LENGTH(LETTERS); i++) {
        if (cell.len == 1 && cell.ptr[0] == LETTERS[i]) {
            *severity = (enum severity)i;
            return true;
        }
    }
    return false;
}

/* "| COB-F01 | E | consent-by-use | text |" */
static bool row_read(str line, struct row *row)
{
    str cells[4] = {{0}};
    size_t count = 0;
    str cell;
    while (count < LENGTH(cells) && str_next(&line, '|', &cell))
        cells[count++] = str_trim(cell);
    if (count < LENGTH(cells) || cells[1].len != 7 || !severity_letter(cells[2], &row->severity))
        return false;
    row->id = cells[1];
    row->rule = cells[3];
    return str_starts(str_slice(row->id, 3, row->id.len), STR("-F"));
}

static struct table table_read(struct arena *arena, const char *policy)
{
    struct table table = {0};
    str path = arena_format(arena, "spec/%s.md", policy);
    str text = shared_file(arena, path.ptr);
    str line;
    while (str_next(&text, '\n', &line)) {
        struct row row;
        if (!row_read(line, &row))
            continue;
        struct row *added = LIST_ADD(arena, &table.list);
        if (added == NULL)
            abort();
        *added = row;
    }
    return table;
}

static const struct plan *policy_load(struct arena *arena, struct words *words, const char *policy,
                                      struct problems *problems)
{
    str path = arena_format(arena, "policies/%s.yaml", policy);
    struct policy_source source = {path, shared_bytes(arena, path.ptr)};
    assert_non_null(source.text.ptr);
    struct report report = {0};
    const struct plan *plan = NULL;
    status loaded = plan_load(words, &source, NULL, NULL, 0, arena, problems, &report, &plan);
    if (!is_ok(loaded))
        print_error("%s: %s\n", report.where, report.text);
    assert_true(is_ok(loaded));
    assert_true(is_ok(plan_check(plan, problems, &report)));
    return plan;
}

static const struct problem *problem_of(const struct problems *problems, str id)
{
    for (size_t i = 0; i < problems->list.count; i++)
        if (str_equal(problems->list.at[i].id, id))
            return &problems->list.at[i];
    return NULL;
}

static size_t missed(const struct table *table, const struct problems *problems)
{
    size_t wrong = 0;
    for (size_t i = 0; i < table->list.count; i++) {
        const struct row *row = &table->list.at[i];
        const struct problem *problem = problem_of(problems, row->id);
        if (problem != NULL && problem->severity == row->severity &&
            str_equal(problem->rule, row->rule))
            continue;
        print_error("%.*s is to be %s %.*s, ", STR_ARG(row->id), severity_name(row->severity),
                    STR_ARG(row->rule));
        if (problem == NULL)
            print_error("and is not reported\n");
        else
            print_error("and is %s %.*s\n", severity_name(problem->severity),
                        STR_ARG(problem->rule));
        wrong++;
    }
    return wrong;
}

static bool is_error_of_table(const struct table *table, const struct problem *problem)
{
    for (size_t i = 0; i < table->list.count; i++) {
        const struct row *row = &table->list.at[i];
        if (row->severity == SEVERITY_ERROR && str_equal(row->rule, problem->rule) &&
            (problem->id.len == 0 || str_equal(problem->id, row->id)))
            return true;
    }
    return false;
}

static size_t unexpected(const struct table *table, const struct problems *problems)
{
    size_t wrong = 0;
    for (size_t i = 0; i < problems->list.count; i++) {
        const struct problem *problem = &problems->list.at[i];
        bool stale = str_is(problem->rule, "stale");
        if (!stale && (problem->severity != SEVERITY_ERROR || is_error_of_table(table, problem)))
            continue;
        print_error("%.*s:%u: not in the table: %.*s %.*s\n", STR_ARG(problem->file), problem->line,
                    STR_ARG(problem->rule), STR_ARG(problem->text));
        wrong++;
    }
    return wrong;
}

static void policy_matches(const char *policy, size_t rows)
{
    if (shared_folder() == NULL)
        skip();
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_ROOM);
    CLEANUP(words_free) struct words *words = words_new();
    struct problems problems = {.arena = arena};
    struct table table = table_read(arena, policy);
    assert_int_equal(table.list.count, rows);
    policy_load(arena, words, policy, &problems);
    assert_int_equal(missed(&table, &problems), 0);
    assert_int_equal(unexpected(&table, &problems), 0);
}

static void cobuilder_has_its_thirty_findings(void **state)
{
    (void)state;
    policy_matches("cobuilder", 30);
}

static void infobric_has_its_twenty_findings(void **state)
{
    (void)state;
    policy_matches("infobric", 20);
}

static void cloudberries_has_its_fifteen_findings(void **state)
{
    (void)state;
    policy_matches("cloudberries", 15);
}

static void hosting_has_its_nineteen_findings(void **state)
{
    (void)state;
    policy_matches("hosting", 19);
}

static void confect_has_its_twenty_findings(void **state)
{
    (void)state;
    policy_matches("confect", 20);
}

static void the_example_and_the_customers_files_have_nothing_to_report(void **state)
{
    static const char *const SILENT[] = {"example", "infobric.customer", "hosting.customer",
                                         "confect.customer"};
    (void)state;
    for (size_t k = 0; k < LENGTH(SILENT); k++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_ROOM);
        CLEANUP(words_free) struct words *words = words_new();
        struct problems problems = {.arena = arena};
        policy_load(arena, words, SILENT[k], &problems);
        for (size_t i = 0; i < problems.list.count; i++)
            print_error("%s:%u: %.*s %.*s\n", SILENT[k], problems.list.at[i].line,
                        STR_ARG(problems.list.at[i].rule), STR_ARG(problems.list.at[i].text));
        assert_int_equal(problems.list.count, 0);
    }
}

static void the_rules_are_the_codes_of_the_specification(void **state)
{
    (void)state;
    if (shared_folder() == NULL)
        skip();
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_ROOM);
    str text = shared_file(arena, "spec/capabilities.md");
    str line = {0};
    while (!str_starts(line, STR("## Linter rule codes")))
        assert_true(str_next(&text, '\n', &line));
    do {
        assert_true(str_next(&text, '\n', &line));
    } while (line.len == 0);
    size_t count = 0;
    str code;
    while (str_next(&line, ',', &code)) {
        code = str_trim(code);
        if (str_ends(code, STR(".")))
            code.len--;
        if (rule_find(code) == RULE_NONE)
            print_error("no rule %.*s\n", STR_ARG(code));
        assert_int_not_equal(rule_find(code), RULE_NONE);
        count++;
    }
    assert_int_equal(count, RULE_COUNT - 1);
}

static void the_manual_is_the_table_of_rules(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_ROOM);
    struct buf printed = buf_in(arena, 1 << 20);
    rules_print(&printed);
    str manual = shared_bytes(arena, "docs/linter.md");
    assert_non_null(manual.ptr);
    assert_true(str_equal(manual, buf_str(&printed)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cobuilder_has_its_thirty_findings),
        cmocka_unit_test(infobric_has_its_twenty_findings),
        cmocka_unit_test(cloudberries_has_its_fifteen_findings),
        cmocka_unit_test(hosting_has_its_nineteen_findings),
        cmocka_unit_test(confect_has_its_twenty_findings),
        cmocka_unit_test(the_example_and_the_customers_files_have_nothing_to_report),
        cmocka_unit_test(the_rules_are_the_codes_of_the_specification),
        cmocka_unit_test(the_manual_is_the_table_of_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
