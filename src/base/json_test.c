/* The reader against the published suite and our own strictness; the writer; instants. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base.h"
#include "json.h"
#include "shared_test.h"

enum { BUDGET = 16 << 20 };

static bool takes(struct arena *arena, str text, struct report *report)
{
    const struct json *root;
    *report = (struct report){0};
    status s = json_parse(arena, text, report, &root);
    assert_true(is_ok(s) || s.fault == report->fault);
    return is_ok(s);
}

static void refused(const char *text, const char *where, const char *why)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    struct report report;
    assert_false(takes(arena, str_from(text), &report));
    assert_int_equal(report.fault, FAULT_SYNTAX);
    assert_string_equal(report.where, where);
    if (strstr(report.text, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", report.text, why);
}

static const struct json *parsed(struct arena *arena, const char *text)
{
    const struct json *root;
    struct report report = {0};
    status s = json_parse(arena, str_from(text), &report, &root);
    assert_true(is_ok(s));
    return root;
}

/* The accepted files of the suite that are refused here on purpose. */
static bool is_refused_on_purpose(const char *name)
{
    static const char *const names[] = {
        "y_object_duplicated_key.json",
        "y_object_duplicated_key_and_value.json",
        "y_number.json",
        "y_number_real_capital_e.json",
        "y_object_extreme_numbers.json",
        "y_number_real_exponent.json",
        "y_number_real_fraction_exponent.json",
    };
    for (size_t i = 0; i < LENGTH(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void judge(struct arena *arena, const char *name, unsigned counts[3])
{
    struct report report;
    str path = arena_format(arena, "vectors/json/test_parsing/%s", name);
    str text = shared_file(arena, arena_c_string(arena, path));
    assert_non_null(text.ptr);
    bool taken = takes(arena, text, &report);
    if (!taken)
        assert_int_equal(report.fault, FAULT_SYNTAX);
    switch (name[0]) {
    case 'y':
        counts[0]++;
        if (taken == is_refused_on_purpose(name))
            fail_msg("%s: %s", name, taken ? "taken" : report.text);
        break;
    case 'n':
        counts[1]++;
        if (taken)
            fail_msg("%s: taken", name);
        break;
    default:
        counts[2]++;
        break;
    }
}

static void the_published_suite_is_judged_as_it_says(void **state)
{
    (void)state;
    if (shared_folder() == NULL)
        skip();
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    char folder[512];
    unsigned counts[3] = {0};
    snprintf(folder, sizeof(folder), "%s/vectors/json/test_parsing", shared_folder());
    DIR *dir = opendir(folder);
    if (dir == NULL)
        skip();
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        judge(arena, entry->d_name, counts);
        arena_reset(arena);
    }
    closedir(dir);
    assert_int_equal(counts[0], 95);
    assert_int_equal(counts[1], 188);
    assert_int_equal(counts[2], 35);
}

static void a_refusal_names_line_and_column_and_never_the_content(void **state)
{
    (void)state;
    refused("", "1:1", "ends too early");
    refused("{\"a\": 1,\n \"secret\" 2}", "2:11", "expected ':'");
    refused("[\"\u00e6\u00f8\", x]", "1:8", "expected a JSON value");
    refused("[1 2]", "1:4", "',' or ']'");
    refused("{\"a\":1 2}", "1:8", "',' or '}'");
    refused("{1:2}", "1:2", "double quotes");
    refused("[1] x", "1:5", "follows");
    refused("[\"a", "1:4", "ends too early");
    refused("[\"a\\", "1:5", "ends too early");
    refused("[\"a\tb\"]", "1:4", "control character");
    refused("[\"\\x\"]", "1:3", "backslash");
    refused("\xEF\xBB\xBF{}", "1:1", "expected a JSON value");
    refused("[\"a\xFF\"]", "1:4", "UTF-8");
    refused("[01]", "1:2", "needless zero");
    refused("[1.]", "1:4", "decimal point");
    refused("[1e]", "1:4", "exponent");
    refused("[-]", "1:3", "digit");
}

static void a_name_twice_in_one_object_is_refused_also_among_many(void **state)
{
    (void)state;
    refused("{\"a\":1,\"b\":2,\"\\u0061\":3}", "1:23", "same name");
    char text[4000];
    struct buf buf = buf_over(text, sizeof(text) - 1);
    buf_char(&buf, '{');
    for (int i = 0; i < 200; i++)
        buf_format(&buf, "\"n%d\":0,", i);
    size_t fine = buf.len - 1;
    buf_text(&buf, "\"n77\":0}");
    text[buf.len] = '\0';
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    struct report report;
    assert_false(takes(arena, str_from(text), &report));
    assert_non_null(strstr(report.text, "same name"));
    text[fine] = '}';
    assert_true(takes(arena, (str){text, fine + 1}, &report));
    assert_true(takes(arena, STR("{\"a\":{\"a\":1}}"), &report));
}

static void numbers_end_at_two_to_the_fifty_third(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    struct report report;
    static const char *const good[] = {"9007199254740992",
                                       "-9007199254740992",
                                       "9007199254740992.0",
                                       "0.9007199254740992e16",
                                       "9007199254740991.9999",
                                       "0.00000000000000000000000001e40",
                                       "0e308",
                                       "1e-300",
                                       "900719925474099200e-2",
                                       "-0"};
    static const char *const bad[] = {"9007199254740993",
                                      "-9007199254740993",
                                      "9007199254740992.01",
                                      "0.90071992547409921e16",
                                      "1e16",
                                      "9.1e15",
                                      "1e309",
                                      "0e99999999999999999999",
                                      "1e-400",
                                      "123456789012345678901234567890"};
    for (size_t i = 0; i < LENGTH(good); i++)
        if (!takes(arena, str_from(good[i]), &report))
            fail_msg("%s: %s", good[i], report.text);
    for (size_t i = 0; i < LENGTH(bad); i++)
        if (takes(arena, str_from(bad[i]), &report))
            fail_msg("%s was taken", bad[i]);
}

static void lone_surrogates_are_refused(void **state)
{
    (void)state;
    refused("[\"\\ud800\"]", "1:3", "high surrogate");
    refused("[\"\\ud800x\\udc00\"]", "1:3", "high surrogate");
    refused("[\"\\ud800\\u0061\"]", "1:3", "high surrogate");
    refused("[\"a\\udc00\"]", "1:4", "low surrogate");
    refused("[\"\\u00g0\"]", "1:3", "hexadecimal");
    refused("[\"\\u00\"]", "1:3", "hexadecimal");
}

static void thirty_two_levels_are_taken_and_one_more_is_not(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    struct report report;
    char text[66];
    memset(text, '[', 32);
    memset(text + 32, ']', 32);
    assert_true(takes(arena, (str){text, 64}, &report));
    memset(text, '[', 33);
    memset(text + 33, ']', 33);
    assert_false(takes(arena, (str){text, 66}, &report));
    assert_string_equal(report.where, "1:33");
}

static void a_small_budget_gives_a_limit(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1000);
    struct report report;
    char text[401];
    for (size_t i = 0; i < 400; i += 2)
        memcpy(text + i, ",1", 2);
    text[0] = '[';
    text[400] = ']';
    assert_false(takes(arena, (str){text, 401}, &report));
    assert_int_equal(report.fault, FAULT_LIMIT);
}

static void a_tree_gives_its_values_by_name_and_kind(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    const struct json *root =
        parsed(arena, "{\"s\":\"a\\n\\u00e6\\ud83d\\ude00\\/\", \"n\":-12, \"f\":1.5, \"t\":true,"
                      "\"a\":[1,null,{}], \"when\":\"2026-09-01T22:00:00Z\"}");
    str text;
    int64_t number;
    bool truth;
    instant at;
    assert_int_equal(root->count, 6);
    assert_true(json_str(json_get(root, "s"), &text));
    assert_true(str_is(text, "a\n\u00e6\U0001F600/"));
    assert_true(json_i64(json_get(root, "n"), &number) && number == -12);
    assert_false(json_i64(json_get(root, "f"), &number));
    assert_true(str_is(json_get(root, "f")->text, "1.5"));
    assert_true(json_bool(json_get(root, "t"), &truth) && truth);
    assert_true(json_instant(json_get(root, "when"), &at) && at.ms == INT64_C(1788300000000));
    const struct json *array = json_get(root, "a");
    assert_true(json_is_array(array) && array->count == 3);
    assert_true(json_is(array->child->next, JSON_NULL));
    assert_true(json_is_object(array->child->next->next));
    assert_int_equal(array->offset, 63);
    assert_null(json_get(root, "absent"));
    assert_null(json_get(NULL, "absent"));
    assert_null(json_get(array, "0"));
    assert_true(json_str(parsed(arena, "\"a\\u0000b\""), &text) && text.len == 3);
    assert_false(json_str(NULL, &text) || json_i64(NULL, &number) || json_bool(NULL, &truth));
    assert_false(json_str(array, &text) || json_instant(json_get(root, "s"), &at));
}

static void the_writer_places_commas_and_escapes_what_could_break_a_line(void **state)
{
    (void)state;
    char memory[500];
    struct buf buf = buf_over(memory, sizeof(memory));
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key_str(&out, STR("s\""));
    json_put_str(&out, STR("\"\\/\b\f\n\r\t\x01\x1f\v\x7f\u00e6\u2028\u2029\xFFz"));
    json_key(&out, "a");
    json_open_array(&out);
    json_put_i64(&out, -5);
    json_put_u64(&out, 5);
    json_open_object(&out);
    json_close_object(&out);
    json_open_array(&out);
    json_close_array(&out);
    json_put_bool(&out, true);
    json_put_null(&out);
    json_put_text(&out, NULL);
    json_put_instant(&out, (instant){1500});
    json_put_instant(&out, NEVER);
    json_put_raw(&out, STR("[1]"));
    json_close_array(&out);
    json_key(&out, "id");
    json_put_id(&out, (unsigned char[ID_BYTES]){0});
    json_close_object(&out);
    assert_true(str_is(buf_str(&buf),
                       "{\"s\\\"\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u000b\x7f\u00e6"
                       "\\u2028\\u2029\uFFFDz\",\"a\":[-5,5,{},[],true,null,null,"
                       "\"1970-01-01T00:00:01.500Z\",null,[1]],"
                       "\"id\":\"AAAAAAAAAAAAAAAAAAAAAA\"}"));
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    struct report report;
    assert_true(takes(arena, buf_str(&buf), &report));
}

static void every_character_survives_writing_and_reading(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    char text[0x800 * 2], memory[0x4000];
    size_t len = 0;
    for (unsigned point = 1; point < 0x800; point++) {
        if (point >= 0x80)
            text[len++] = (char)(0xC0 | point >> 6);
        text[len++] = point < 0x80 ? (char)point : (char)(0x80 | (point & 0x3F));
    }
    struct buf buf = buf_over(memory, sizeof(memory));
    struct json_out out = json_out_over(&buf);
    json_put_str(&out, (str){text, len});
    const struct json *root;
    struct report report = {0};
    str back;
    status s = json_parse(arena, buf_str(&buf), &report, &root);
    assert_true(is_ok(s));
    assert_true(json_str(root, &back) && str_equal(back, (str){text, len}));
}

static void a_tree_is_written_as_it_was_read(void **state)
{
    (void)state;
    static const char text[] = "{\"b\":[1.50,-0,1e3,\"x\\n\"],\"a\":{\"t\":true,\"n\":null}}";
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    char memory[100];
    struct buf buf = buf_over(memory, sizeof(memory));
    struct json_out out = json_out_over(&buf);
    json_put_tree(&out, parsed(arena, text));
    assert_true(str_is(buf_str(&buf), text));
}

static void the_canonical_form_is_that_of_rfc_8785(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    char memory[500];
    struct report report = {0};
    struct buf buf = buf_over(memory, sizeof(memory));
    /* The sorting example of the RFC, 3.2.3, and its string, 3.2.2.2. */
    const struct json *root = parsed(
        arena, "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew Letter "
               "Dalet With Dagesh\",\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\","
               "\"\\u0080\":\"Control\",\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}");
    status s = json_canonical(arena, root, &buf, &report);
    assert_true(is_ok(s));
    assert_true(str_is(
        buf_str(&buf),
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xC2\x80\":\"Control\",\"\u00f6\":\"Latin "
        "Small Letter O With Diaeresis\",\"\u20ac\":\"Euro Sign\",\"\U0001F600\":\"Emoji: "
        "Grinning Face\",\"\uFB33\":\"Hebrew Letter Dalet With Dagesh\"}"));
    buf.len = 0;
    root = parsed(arena, "[ -0, 12, true, false, null, {} , \"\\u20ac$\\u000F\\u000aA'\\u0042"
                         "\\u0022\\u005c\\\\\\\"\\/\\u2028\\u007f\" ]");
    s = json_canonical(arena, root, &buf, &report);
    assert_true(is_ok(s));
    assert_true(str_is(buf_str(&buf), "[0,12,true,false,null,{},\"\u20ac$\\u000f\\nA'B\\\"\\\\"
                                      "\\\\\\\"/\u2028\x7f\"]"));
    s = json_canonical(arena, parsed(arena, "[1.5]"), &buf, &report);
    assert_int_equal(s.fault, FAULT_INVALID);
}

static void instants_are_written_and_read_to_the_millisecond(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {INT64_C(1788300000000), "2026-09-01T22:00:00Z"},
        {INT64_C(951782400001), "2000-02-29T00:00:00.001Z"},
        {INT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
        {INT64_C(-62167219200000), "0000-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char memory[40];
        struct buf buf = buf_over(memory, sizeof(memory));
        instant at;
        buf_instant(&buf, (instant){rows[i].ms});
        assert_true(str_is(buf_str(&buf), rows[i].text));
        assert_true(instant_parse(str_from(rows[i].text), &at));
        assert_true(at.ms == rows[i].ms);
    }
    char memory[40];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_instant(&buf, NEVER);
    buf_instant(&buf, ALWAYS);
    assert_true(str_is(buf_str(&buf), "neveralways"));
}

/* Days that were written lately are remembered, and take each other's places. */
static void instants_of_many_days_are_each_written_as_their_own(void **state)
{
    (void)state;
    static const int64_t day = 86400000;
    uint64_t chance = 7;
    for (int i = 0; i < 20000; i++) {
        char memory[40];
        struct buf buf = buf_over(memory, sizeof(memory));
        chance = chance * 6364136223846793005U + 1442695040888963407U;
        int64_t days = (int64_t)(chance >> 40) % (i % 2 == 0 ? 40 : 2000000) - 20;
        instant wanted = {days * day + (int64_t)(chance % 86400000)}, at;
        if (!instant_has_text(wanted))
            continue;
        buf_instant(&buf, wanted);
        assert_true(instant_parse(buf_str(&buf), &at) && at.ms == wanted.ms);
    }
}

static void instants_with_an_offset_or_a_fraction_are_read(void **state)
{
    (void)state;
    instant at;
    assert_true(instant_parse(STR("2026-10-23T15:00:00+02:00"), &at));
    assert_true(at.ms == INT64_C(1792760400000));
    assert_true(instant_parse(STR("1969-12-31T19:00:00.25-05:00"), &at) && at.ms == 250);
    assert_true(instant_parse(STR("1970-01-01T00:00:00.123999999Z"), &at) && at.ms == 123);
}

static void what_is_not_quite_rfc_3339_is_no_instant(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "2026-09-01",
                                      "2026-09-01T22:00:00",
                                      "2026-09-01T22:00Z",
                                      "2026-09-01 22:00:00Z",
                                      "2026-09-01t22:00:00Z",
                                      "2026-09-01T22:00:00z",
                                      "2026-02-29T00:00:00Z",
                                      "1900-02-29T00:00:00Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-01-00T00:00:00Z",
                                      "2026-04-31T00:00:00Z",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T23:60:00Z",
                                      "2026-01-01T23:59:60Z",
                                      "2026-01-01T00:00:00.Z",
                                      "2026-01-01T00:00:00.0123456789Z",
                                      "2026-01-01T00:00:00+0200",
                                      "2026-01-01T00:00:00+24:00",
                                      "2026-01-01T00:00:00+02:60",
                                      "2026-01-01T00:00:00Zx",
                                      "-026-01-01T00:00:00Z",
                                      "+2026-01-01T00:00:00Z"};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        instant at;
        if (instant_parse(str_from(bad[i]), &at))
            fail_msg("%s was taken", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_suite_is_judged_as_it_says),
        cmocka_unit_test(a_refusal_names_line_and_column_and_never_the_content),
        cmocka_unit_test(a_name_twice_in_one_object_is_refused_also_among_many),
        cmocka_unit_test(numbers_end_at_two_to_the_fifty_third),
        cmocka_unit_test(lone_surrogates_are_refused),
        cmocka_unit_test(thirty_two_levels_are_taken_and_one_more_is_not),
        cmocka_unit_test(a_small_budget_gives_a_limit),
        cmocka_unit_test(a_tree_gives_its_values_by_name_and_kind),
        cmocka_unit_test(the_writer_places_commas_and_escapes_what_could_break_a_line),
        cmocka_unit_test(every_character_survives_writing_and_reading),
        cmocka_unit_test(a_tree_is_written_as_it_was_read),
        cmocka_unit_test(the_canonical_form_is_that_of_rfc_8785),
        cmocka_unit_test(instants_are_written_and_read_to_the_millisecond),
        cmocka_unit_test(instants_of_many_days_are_each_written_as_their_own),
        cmocka_unit_test(instants_with_an_offset_or_a_fraction_are_read),
        cmocka_unit_test(what_is_not_quite_rfc_3339_is_no_instant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
