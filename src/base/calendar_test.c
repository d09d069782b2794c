/* Dates, zones, periods, holidays, deadlines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>
#include "base.h"
#include "calendar.h"
#include "json.h"
#include "shared_test.h"

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

static const struct zone *loaded(const char *name)
{
    const struct zone *zone = NULL;
    struct report report = {0};
    status s = zone_load(str_from(name), memory, &report, &zone);
    if (!is_ok(s))
        fail_msg("%s: %s", name, report.text);
    return zone;
}

static instant moment(const char *text)
{
    instant at = {0};
    if (!instant_parse(str_from(text), &at))
        fail_msg("%s is no instant", text);
    return at;
}

static struct date day(const char *text)
{
    struct date date = {0, 1, 1};
    if (!date_parse(str_from(text), &date))
        fail_msg("%s is no date", text);
    return date;
}

static void same_instant(instant got, const char *expected)
{
    char room[40];
    struct buf buf = buf_over(room, sizeof(room));
    buf_instant(&buf, got);
    if (!str_is(buf_str(&buf), expected))
        fail_msg("%.*s is not %s", STR_ARG(buf_str(&buf)), expected);
}

static void same_date(struct date got, const char *expected)
{
    char room[40];
    struct buf buf = buf_over(room, sizeof(room));
    buf_date(&buf, got);
    if (!str_is(buf_str(&buf), expected))
        fail_msg("%.*s is not %s", STR_ARG(buf_str(&buf)), expected);
}

static void dates_are_read_strictly(void **state)
{
    (void)state;
    struct date date;
    static const char *const bad[] = {"",           "2026-9-01",  "2026-09-1",   "2026-02-29",
                                      "2026-00-01", "2026-01-00", "2026-13-01",  "2026-04-31",
                                      "2026/04/01", "20260401",   "2026-04-01 ", "+026-04-01"};
    for (size_t i = 0; i < LENGTH(bad); i++)
        assert_false(date_parse(str_from(bad[i]), &date));
    same_date(day("2028-02-29"), "2028-02-29");
    assert_true(date_compare(day("2026-09-01"), day("2026-10-01")) < 0);
    assert_true(date_compare(day("2026-09-02"), day("2026-09-01")) > 0);
    assert_true(date_compare(day("2025-12-31"), day("2026-01-01")) < 0);
    assert_int_equal(date_compare(day("2026-09-01"), day("2026-09-01")), 0);
}

static void every_day_of_four_centuries_follows_the_one_before(void **state)
{
    (void)state;
    struct date date = {1900, 1, 1};
    enum weekday weekday = MONDAY; /* 1 January 1900 */
    for (int64_t i = 0; i < 146097; i++) {
        assert_int_equal(date_weekday(date), weekday);
        assert_int_equal(date_days_between((struct date){1900, 1, 1}, date), i);
        struct date next = date_add_days(date, 1);
        assert_true(date_is_valid(next));
        assert_true(date_compare(next, date) > 0);
        assert_int_equal(date_compare(date_add_days(next, -1), date), 0);
        date = next;
        weekday = weekday == SUNDAY ? MONDAY : (enum weekday)(weekday + 1);
    }
    same_date(date, "2300-01-01");
}

static void months_are_clamped_to_the_last_day_of_a_shorter_month(void **state)
{
    (void)state;
    same_date(date_add_months(day("2026-08-31"), 6), "2027-02-28");
    same_date(date_add_months(day("2027-08-31"), 6), "2028-02-29");
    same_date(date_add_months(day("2028-02-29"), 12), "2029-02-28");
    same_date(date_add_months(day("2026-01-15"), -1), "2025-12-15");
    same_date(date_add_months(day("2026-03-31"), -13), "2025-02-28");
    same_date(date_add_months(day("2026-12-31"), 0), "2026-12-31");
}

static void a_period_of_months_ends_at_midnight_local_time(void **state)
{
    (void)state;
    /* 31 August + 6 months = 28 February, 00:00 in Oslo. */
    same_instant(instant_add_span(oslo, moment("2026-08-31T10:00:00Z"), 6, SPAN_MONTH),
                 "2027-02-27T23:00:00Z");
    /* The local date counts: 22:30 UTC is the next day in Oslo's summer. */
    same_instant(instant_add_span(oslo, moment("2026-08-30T22:30:00Z"), 1, SPAN_MONTH),
                 "2026-09-29T22:00:00Z");
    same_instant(instant_add_span(oslo, moment("2026-03-01T12:00:00Z"), 2, SPAN_WEEK),
                 "2026-03-14T23:00:00Z");
    same_instant(instant_add_span(oslo, moment("2026-03-28T12:00:00Z"), 2, SPAN_DAY),
                 "2026-03-29T22:00:00Z");
    same_instant(instant_add_span(oslo, moment("2020-05-05T12:00:00Z"), 60, SPAN_YEAR),
                 "2080-05-04T22:00:00Z");
    same_instant(instant_add_span(oslo, moment("2020-02-29T12:00:00Z"), 80, SPAN_YEAR),
                 "2100-02-27T23:00:00Z");
}

static void hours_are_elapsed_hours_also_over_a_clock_change(void **state)
{
    (void)state;
    same_instant(deadline_hours(moment("2026-10-23T15:00:00+02:00"), 72),
                 "2026-10-26T13:00:00Z"); /* 14:00 in Oslo */
    assert_int_equal(instant_to_local(oslo, moment("2026-10-26T13:00:00Z")).ms_of_day,
                     14 * 3600000);
    same_instant(instant_add_span(oslo, moment("2026-03-28T12:00:00Z"), 24, SPAN_HOUR),
                 "2026-03-29T12:00:00Z");
}

static void arithmetic_ends_at_never_and_always(void **state)
{
    (void)state;
    instant now = moment("2026-09-01T00:00:00Z");
    for (enum span_unit unit = SPAN_HOUR; unit <= SPAN_YEAR; unit++) {
        assert_true(instant_add_span(oslo, NEVER, 1, unit).ms == INT64_MAX);
        assert_true(instant_add_span(oslo, ALWAYS, 1, unit).ms == INT64_MIN);
        assert_true(instant_add_span(oslo, now, INT64_MAX, unit).ms == INT64_MAX);
        assert_true(instant_add_span(oslo, now, INT64_MIN, unit).ms == INT64_MIN);
    }
    assert_true(end_of_year(oslo, NEVER).ms == INT64_MAX);
    assert_true(instant_to_local(oslo, NEVER).date.year > 292000000);
    assert_true(instant_to_local(oslo, ALWAYS).date.year < -292000000);
}

static void a_year_ends_at_midnight_local_time(void **state)
{
    (void)state;
    instant end = end_of_year(oslo, moment("2026-05-05T00:00:00Z"));
    same_instant(end, "2026-12-31T23:00:00Z");
    same_instant(end_of_year(oslo, moment("2026-12-31T23:30:00Z")), "2027-12-31T23:00:00Z");
    same_instant(instant_add_span(oslo, end, 5, SPAN_YEAR), "2031-12-31T23:00:00Z");
    /* Accounting year 2026: secondary documentation until 1 July 2030. */
    same_instant(instant_add_span(oslo, end, 42, SPAN_MONTH), "2030-06-30T22:00:00Z");
}

static void skipped_hours_give_the_first_instant_after_and_doubled_ones_the_earlier(void **state)
{
    (void)state;
    struct date spring = day("2026-03-29"), autumn = day("2026-10-25");
    const int32_t half_past_two = (2 * 60 + 30) * 60000;
    same_instant(local_to_instant(oslo, spring, 2 * 3600000 - 1), "2026-03-29T00:59:59.999Z");
    same_instant(local_to_instant(oslo, spring, 2 * 3600000), "2026-03-29T01:00:00Z");
    same_instant(local_to_instant(oslo, spring, half_past_two + 1), "2026-03-29T01:00:00Z");
    same_instant(local_to_instant(oslo, spring, 3 * 3600000), "2026-03-29T01:00:00Z");
    same_instant(local_to_instant(oslo, spring, 3 * 3600000 + 1), "2026-03-29T01:00:00.001Z");
    same_instant(local_to_instant(oslo, autumn, half_past_two), "2026-10-25T00:30:00Z");
    same_instant(local_to_instant(oslo, autumn, 3 * 3600000), "2026-10-25T02:00:00Z");
    assert_int_equal(instant_to_local(oslo, moment("2026-10-25T00:30:00Z")).ms_of_day,
                     half_past_two);
    assert_int_equal(instant_to_local(oslo, moment("2026-10-25T01:30:00Z")).ms_of_day,
                     half_past_two);
    assert_int_equal(instant_to_local(oslo, moment("2026-10-25T00:30:00Z")).offset_seconds, 7200);
    assert_int_equal(instant_to_local(oslo, moment("2026-10-25T01:30:00Z")).offset_seconds, 3600);
}

static void the_rule_at_the_files_end_holds_far_years(void **state)
{
    (void)state;
    static const struct {
        const char *at;
        int32_t offset;
    } rows[] = {
        {"2038-03-28T00:59:59Z", 3600}, {"2038-03-28T01:00:00Z", 7200},
        {"2080-03-31T00:59:59Z", 3600}, {"2080-03-31T01:00:00Z", 7200},
        {"2080-10-27T00:59:59Z", 7200}, {"2080-10-27T01:00:00Z", 3600},
        {"2100-03-28T01:00:00Z", 7200}, {"2100-10-31T01:00:00Z", 3600},
        {"2199-07-01T00:00:00Z", 7200}, {"2200-07-01T00:00:00Z", 7200},
        {"2200-12-01T00:00:00Z", 3600}, {"2201-03-29T00:59:59Z", 3600},
        {"2201-03-29T01:00:00Z", 7200}, {"9000-07-01T00:00:00Z", 7200},
        {"1900-01-01T00:00:00Z", 3600}, {"1990-07-01T00:00:00Z", 7200},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        if (instant_to_local(oslo, moment(rows[i].at)).offset_seconds != rows[i].offset)
            fail_msg("%s", rows[i].at);
}

static void several_zones_work_side_by_side(void **state)
{
    (void)state;
    instant summer = moment("2026-07-01T00:00:00Z"), winter = moment("2050-01-01T00:00:00Z");
    static const struct {
        const char *name;
        int32_t summer, winter;
    } rows[] = {
        {"UTC", 0, 0},
        {"Europe/Helsinki", 10800, 7200},
        {"Europe/Dublin", 3600, 0}, /* its winter is the rule's negative summer time */
        {"America/New_York", -14400, -18000},
        {"America/St_Johns", -9000, -12600},
        {"Australia/Lord_Howe", 37800, 39600},
        {"Asia/Kolkata", 19800, 19800},
        {"America/Argentina/Buenos_Aires", -10800, -10800},
        {"Etc/GMT+5", -18000, -18000},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const struct zone *zone = loaded(rows[i].name);
        assert_int_equal(instant_to_local(zone, summer).offset_seconds, rows[i].summer);
        assert_int_equal(instant_to_local(zone, winter).offset_seconds, rows[i].winter);
        assert_int_equal(instant_to_local(oslo, summer).offset_seconds, 7200);
    }
}

static void a_day_that_a_zone_skips_gives_the_start_of_the_next(void **state)
{
    (void)state;
    const struct zone *apia = loaded("Pacific/Apia");
    same_instant(date_start(apia, day("2011-12-29")), "2011-12-29T10:00:00Z");
    same_instant(date_start(apia, day("2011-12-30")), "2011-12-30T10:00:00Z");
    same_instant(local_to_instant(apia, day("2011-12-30"), 43200000), "2011-12-30T10:00:00Z");
    same_instant(date_start(apia, day("2011-12-31")), "2011-12-30T10:00:00Z");
    /* Midnight itself is skipped in the Azores each spring: 00:00 is 01:00. */
    const struct zone *azores = loaded("Atlantic/Azores");
    same_instant(date_start(azores, day("2026-03-29")), "2026-03-29T01:00:00Z");
}

static void local_time_and_back_is_the_same_instant_or_its_earlier_twin(void **state)
{
    (void)state;
    static const char *const names[] = {"Europe/Oslo", "America/St_Johns", "Pacific/Apia",
                                        "Africa/Casablanca", "UTC"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        const struct zone *zone = loaded(names[i]);
        for (int64_t ms = INT64_C(-3000000000000); ms < INT64_C(9000000000000);
             ms += INT64_C(7654321987)) {
            struct local local = instant_to_local(zone, (instant){ms});
            instant back = local_to_instant(zone, local.date, local.ms_of_day);
            struct local again = instant_to_local(zone, back);
            assert_true(back.ms <= ms && ms - back.ms <= 86400000);
            assert_int_equal(date_compare(local.date, again.date), 0);
            assert_int_equal(local.ms_of_day, again.ms_of_day);
        }
    }
}

static void the_system_library_agrees_on_every_offset(void **state)
{
    (void)state;
    static const char *const names[] = {
        "Europe/Oslo",       "America/New_York", "Europe/Dublin", "Australia/Lord_Howe",
        "Africa/Casablanca", "America/Nuuk",     "Asia/Gaza"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        const struct zone *zone = loaded(names[i]);
        setenv("TZ", names[i], 1);
        tzset();
        for (time_t second = -2000000000; second < 8000000000; second += 1234567) {
            struct tm tm;
            assert_non_null(localtime_r(&second, &tm));
            struct local local = instant_to_local(zone, (instant){(int64_t)second * 1000});
            if (local.offset_seconds != tm.tm_gmtoff || local.date.day != tm.tm_mday)
                fail_msg("%s at %lld: %d is not %ld", names[i], (long long)second,
                         local.offset_seconds, tm.tm_gmtoff);
        }
    }
    unsetenv("TZ");
    tzset();
}

static void zone_names_cannot_leave_the_folder_of_zones(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "/etc/passwd",
                                      "../../../etc/passwd",
                                      "Europe/../Europe/Oslo",
                                      "./UTC",
                                      "Europe//Oslo",
                                      "Europe/",
                                      "Europe",
                                      "Europe/Osl",
                                      "Europe/Oslo ",
                                      "Europe/Oslo\n",
                                      "zone.tab",
                                      "leapseconds"};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        const struct zone *zone = NULL;
        struct report report = {0};
        status s = zone_load(str_from(bad[i]), memory, &report, &zone);
        assert_false(is_ok(s));
        assert_true(s.fault == FAULT_INVALID || s.fault == FAULT_CORRUPT);
        assert_null(zone);
    }
}

static void damaged_zone_files_are_refused(void **state)
{
    (void)state;
    str good = shared_bytes(memory, "/usr/share/zoneinfo/Europe/Oslo");
    assert_non_null(good.ptr);
    const struct zone *zone;
    struct report report = {0};
    status s = zone_read(good, memory, &report, &zone);
    assert_true(is_ok(s));
    for (size_t len = 0; len < good.len; len += 7) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        s = zone_read(str_slice(good, 0, len), arena, &report, &zone);
        assert_int_equal(s.fault, FAULT_CORRUPT);
    }
    for (size_t at = 0; at < good.len; at++) { /* whatever the byte: no crash, a clear answer */
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        char *copy = arena_take(arena, good.len);
        memcpy(copy, good.ptr, good.len);
        copy[at] = (char)(copy[at] ^ 0x81);
        s = zone_read((str){copy, good.len}, arena, &report, &zone);
        assert_true(is_ok(s) || s.fault == FAULT_CORRUPT);
        if (is_ok(s))
            instant_to_local(zone, (instant){INT64_C(1788300000000)});
    }
}

static void a_month_to_answer_counts_as_the_regulation_says(void **state)
{
    (void)state;
    static const struct {
        const char *received;
        int64_t months;
        const char *safe, *legal;
    } rows[] = {
        {"2026-03-05T12:00:00+01:00", 1, "2026-04-05", "2026-04-07"},
        {"2026-08-31T12:00:00+02:00", 1, "2026-09-30", "2026-09-30"},
        {"2026-01-29T12:00:00+01:00", 1, "2026-02-28", "2026-03-02"},
        {"2028-01-31T12:00:00+01:00", 1, "2028-02-29", "2028-02-29"},
        {"2026-04-14T12:00:00+02:00", 1, "2026-05-14", "2026-05-15"},
        {"2027-04-17T12:00:00+02:00", 1, "2027-05-17", "2027-05-18"},
        {"2026-11-25T12:00:00+01:00", 1, "2026-12-25", "2026-12-28"},
        {"2026-11-30T12:00:00+01:00", 3, "2027-02-28", "2027-03-01"},
        {"2026-08-31T12:00:00+02:00", 3, "2026-11-30", "2026-11-30"},
        {"2026-03-04T23:30:00Z", 1, "2026-04-05", "2026-04-07"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct deadline deadline = deadline_months(oslo, moment(rows[i].received), rows[i].months);
        same_date(deadline.safe, rows[i].safe);
        same_date(deadline.legal, rows[i].legal);
    }
    same_instant(date_passed(oslo, day("2026-04-07")), "2026-04-07T22:00:00Z");
}

static void days_to_answer_hold_at_least_two_working_days(void **state)
{
    (void)state;
    /* Friday + 3 days = Monday, one working day only: Tuesday. */
    struct deadline deadline = deadline_days(oslo, moment("2026-09-04T10:00:00Z"), 3);
    same_date(deadline.safe, "2026-09-07");
    same_date(deadline.legal, "2026-09-08");
    deadline = deadline_days(oslo, moment("2026-09-01T10:00:00Z"), 14);
    same_date(deadline.safe, "2026-09-15");
    same_date(deadline.legal, "2026-09-15");
    deadline = deadline_days(oslo, moment("2026-09-04T10:00:00Z"), 1);
    same_date(deadline.safe, "2026-09-05");
    same_date(deadline.legal, "2026-09-07");
}

static void the_published_holidays_are_these_and_no_others(void **state)
{
    (void)state;
    if (shared_folder() == NULL)
        skip();
    CLEANUP(arena_free) struct arena *arena = arena_new(4 << 20);
    str text = shared_file(arena, "vectors/norway/no-public-holidays-2020-2050.json");
    if (text.ptr == NULL)
        skip();
    const struct json *root;
    struct report report = {0};
    status s = json_parse(arena, text, &report, &root);
    assert_true(is_ok(s));
    assert_int_equal(root->count, 369);
    size_t found = 0;
    for (struct date date = day("2020-01-01"); date.year <= 2050; date = date_add_days(date, 1)) {
        char name[32];
        snprintf(name, sizeof(name), "%04d-%02d-%02d", date.year, date.month, date.day);
        bool published = json_get(root, name) != NULL;
        if (is_public_holiday_no(date) != published)
            fail_msg("%s", name);
        found += published;
    }
    assert_int_equal(found, 369);
    assert_false(is_public_holiday_no(day("2026-12-24")));
    assert_false(is_public_holiday_no(day("2026-04-04")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_read_strictly),
        cmocka_unit_test(every_day_of_four_centuries_follows_the_one_before),
        cmocka_unit_test(months_are_clamped_to_the_last_day_of_a_shorter_month),
        cmocka_unit_test(a_period_of_months_ends_at_midnight_local_time),
        cmocka_unit_test(hours_are_elapsed_hours_also_over_a_clock_change),
        cmocka_unit_test(arithmetic_ends_at_never_and_always),
        cmocka_unit_test(a_year_ends_at_midnight_local_time),
        cmocka_unit_test(skipped_hours_give_the_first_instant_after_and_doubled_ones_the_earlier),
        cmocka_unit_test(the_rule_at_the_files_end_holds_far_years),
        cmocka_unit_test(several_zones_work_side_by_side),
        cmocka_unit_test(a_day_that_a_zone_skips_gives_the_start_of_the_next),
        cmocka_unit_test(local_time_and_back_is_the_same_instant_or_its_earlier_twin),
        cmocka_unit_test(the_system_library_agrees_on_every_offset),
        cmocka_unit_test(zone_names_cannot_leave_the_folder_of_zones),
        cmocka_unit_test(damaged_zone_files_are_refused),
        cmocka_unit_test(a_month_to_answer_counts_as_the_regulation_says),
        cmocka_unit_test(days_to_answer_hold_at_least_two_working_days),
        cmocka_unit_test(the_published_holidays_are_these_and_no_others),
    };
    return cmocka_run_group_tests(tests, load_oslo, unload);
}
