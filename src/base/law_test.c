/* The periods of the law, as dated data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "law.h"

static struct arena *memory;
static const struct zone *oslo;

static int load_oslo(void **state)
{
    (void)state;
    struct report report = {0};
    memory = arena_new(4 << 20);
    return is_ok(zone_load(STR("Europe/Oslo"), memory, &report, &oslo)) ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    arena_free(&memory);
    return 0;
}

static instant at(const char *text)
{
    instant made;
    assert_true(instant_parse(str_from(text), &made));
    return made;
}

static struct date day(const char *text)
{
    struct date date;
    assert_true(date_parse(str_from(text), &date));
    return date;
}

/* HOS-59: GDPR 12(3), 14(3), 33(1) */
static void each_period_has_a_source_and_a_row_from_the_first_day(void **state)
{
    (void)state;
    size_t count;
    const struct law_row *rows = law_rows(&count);
    for (unsigned period = 0; period < LAW_PERIOD_COUNT; period++) {
        const struct law_row *row = law_of(rows, count, (enum law_period)period, day("2018-07-20"));
        assert_non_null(row);
        assert_true(strlen(row->source) > 4);
        assert_true(row->count > 0);
        assert_int_equal(date_compare(row->from, day("2018-07-20")), 0);
    }
    for (size_t i = 1; i < count; i++) {
        assert_true(rows[i].period > rows[i - 1].period ||
                    (rows[i].period == rows[i - 1].period &&
                     date_compare(rows[i - 1].from, rows[i].from) < 0));
    }
}

static void a_later_row_holds_from_its_day_and_changes_nothing_before(void **state)
{
    (void)state;
    static const struct law_row rows[] = {
        {LAW_BREACH_NOTIFIED, {2018, 7, 20}, 72, SPAN_HOUR, "then"},
        {LAW_ANSWER, {2018, 7, 20}, 1, SPAN_MONTH, "other"},
        {LAW_BREACH_NOTIFIED, {2027, 1, 1}, 96, SPAN_HOUR, "a proposal"},
    };
    static const struct {
        const char *day;
        int64_t count;
    } cases[] = {{"2010-01-01", 72},
                 {"2018-07-20", 72},
                 {"2026-12-31", 72},
                 {"2027-01-01", 96},
                 {"2040-01-01", 96}};
    for (size_t i = 0; i < LENGTH(cases); i++)
        assert_int_equal(law_of(rows, LENGTH(rows), LAW_BREACH_NOTIFIED, day(cases[i].day))->count,
                         cases[i].count);
    assert_int_equal(law_of(rows, LENGTH(rows), LAW_ANSWER, day("2030-01-01"))->count, 1);
    assert_null(law_of(rows, LENGTH(rows), LAW_REQUEST_KEPT, day("2030-01-01")));
}

/* HOS-59: the cases of law.md */
static void ends_are_those_of_the_law(void **state)
{
    (void)state;
    static const struct {
        enum law_period period;
        const char *from, *safe, *legal;
    } cases[] = {
        {LAW_ANSWER, "2026-03-05T09:00:00Z", "2026-04-05", "2026-04-07"},
        {LAW_ANSWER, "2026-03-04T23:30:00Z", "2026-04-05", "2026-04-07"},
        {LAW_ANSWER_EXTENDED, "2026-11-30T09:00:00Z", "2027-02-28", "2027-03-01"},
        {LAW_ANSWER_EXTENDED, "2026-08-31T09:00:00Z", "2026-11-30", "2026-11-30"},
        {LAW_TOLD_OF_SOURCE, "2026-01-29T09:00:00Z", "2026-02-28", "2026-03-02"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        instant from = at(cases[i].from);
        struct law_end end = law_end(cases[i].period, oslo, from, from);
        assert_int_equal(date_compare(end.date.safe, day(cases[i].safe)), 0);
        assert_int_equal(date_compare(end.date.legal, day(cases[i].legal)), 0);
        assert_int_equal(end.passed.ms, date_passed(oslo, day(cases[i].legal)).ms);
        assert_int_equal(end.safe_passed.ms, date_passed(oslo, day(cases[i].safe)).ms);
    }
    instant aware = at("2026-10-23T13:00:00Z");
    struct law_end breach = law_end(LAW_BREACH_NOTIFIED, oslo, aware, aware);
    assert_int_equal(breach.passed.ms, at("2026-10-26T13:00:00Z").ms);
    assert_int_equal(breach.safe_passed.ms, breach.passed.ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_period_has_a_source_and_a_row_from_the_first_day),
        cmocka_unit_test(a_later_row_holds_from_its_day_and_changes_nothing_before),
        cmocka_unit_test(ends_are_those_of_the_law),
    };
    return cmocka_run_group_tests(tests, load_oslo, unload);
}
