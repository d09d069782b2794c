/* Consent records: every member of one, in terms that the vocabulary has, or refused by the item.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "person_bench.h"
#include "sample.h"
#include "shared_test.h"

/* clang-format off */
static const char consents[] =
    "{'reference':'AAAAAAAAAAAAAAAAAAAAAA','made':'2026-11-25T10:00:00Z',"
    "'controllers':[{'name':'E AS'}],'evidence':[{'type':'consent','purpose':'newsletter',"
    "'recipient':'carrier',"
    "'since':'2026-11-01T10:00:00Z','until':'2026-11-20T10:00:00Z','details':{"
    "'purpose':'newsletter','wording':'May we write?','language':'en','act':'click',"
    "'channel':'web','policy':'2026-01'}},{'type':'consent','purpose':'statistics',"
    "'since':'2026-11-02T10:00:00Z','until':'2027-11-02T10:00:00Z','details':{"
    "'purpose':'statistics','wording':'May we count?','act':'spoken','guardian':'Mother',"
    "'policy':'2026-01'}},{'type':'agreement','since':'2026-11-03T10:00:00Z','until':null}]}";
/* clang-format on */

static str records_of(struct bench *bench, const struct json *data, enum language language)
{
    struct report report = {0};
    struct person_ask ask = {.plan = bench->plan, .language = language, .data = data};
    struct buf buf = buf_in(bench->arena, 1 << 20);
    if (!is_ok(consents_jsonld(&ask, bench->arena, &report, &buf)))
        fail_msg("%s", report.text);
    return buf_str(&buf);
}

/* GDPR 7(1): ISO/IEC TS 27560 */
static void a_consent_is_a_record_with_notice_wording_purpose_when_and_how(void **state)
{
    static const char *const PATHS[] = {
        "May we write?",        "2026-01", "click", "newsletter", "2026-11-01T10:00:00Z",
        "2026-11-20T10:00:00Z", "Mother"};
    struct bench *bench = *state;
    for (enum language language = LANGUAGE_NB; language < LANGUAGE_COUNT; language++) {
        struct report report = {0};
        const struct json *root;
        str text = records_of(bench, parsed(bench, consents), language);
        assert_true(is_ok(json_parse(bench->arena, text, &report, &root)));
        const struct json *records = json_get(root, "dct:hasPart");
        assert_int_equal(records->count, 2);
        /* Withdrawn; and one that runs: its end lies ahead. */
        assert_int_equal(json_get(records->child, "dpv:hasConsentStatus")->count, 2);
        assert_int_equal(json_get(records->child->next, "dpv:hasConsentStatus")->count, 1);
        for (size_t i = 0; i < LENGTH(PATHS); i++)
            assert_non_null(memmem(text.ptr, text.len, PATHS[i], strlen(PATHS[i])));
    }
}

/* GDPR 7(1): whatever it holds */
static void records_read_as_the_sample_of_them(void **state)
{
    struct bench *bench = *state;
    reads_as(bench->arena, "consents.jsonld",
             records_of(bench, parsed(bench, consents), LANGUAGE_EN));
}

static void a_record_that_lacks_something_is_refused_by_the_item(void **state)
{
    static const struct {
        const char *from, *to, *item;
    } ROWS[] = {
        {"'wording':'May we write?',", "", "consents.wording"},
        {"'act':'click',", "", "consents.how"},
        {",'policy':'2026-01'}},{", "}},{", "consents.notice"},
        {"'since':'2026-11-01T10:00:00Z',", "", "consents.given"},
        {"'name':'E AS'", "", "consents.controller"},
        {"'reference':'AAAAAAAAAAAAAAAAAAAAAA',", "", "consents.reference"},
        {"'evidence'", "'other'", "consents"},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(ROWS); i++) {
        const char *at = strstr(consents, ROWS[i].from);
        struct report report = {0};
        struct buf buf = buf_in(bench->arena, 1 << 20);
        assert_non_null(at);
        str text = arena_format(bench->arena, "%.*s%s%s", (int)(at - consents), consents,
                                ROWS[i].to, at + strlen(ROWS[i].from));
        struct person_ask ask = {.plan = bench->plan,
                                 .data = parsed(bench, arena_c_string(bench->arena, text))};
        assert_int_equal(consents_jsonld(&ask, bench->arena, &report, &buf).fault,
                         FAULT_INCOMPLETE);
        if (strstr(report.text, ROWS[i].item) == NULL)
            fail_msg("%s: %s", ROWS[i].item, report.text);
    }
}

static void its_terms_are_those_of_the_vocabulary(void **state)
{
    struct bench *bench = *state;
    struct report report = {0};
    str text = records_of(bench, parsed(bench, consents), LANGUAGE_EN), csv;
    if (shared_folder() == NULL)
        skip();
    str path = arena_format(bench->arena, "%s/vectors/dpv/dpv.csv", shared_folder());
    assert_true(is_ok(
        file_read(arena_c_string(bench->arena, path), bench->arena, 16 << 20, &report, &csv)));
    size_t terms = 0;
    for (size_t i = 0; i + 5 < text.len; i++) {
        str rest = str_slice(text, i, text.len), term;
        if (!str_starts(rest, STR("\"dpv:")))
            continue;
        rest = str_slice(rest, 5, rest.len);
        assert_true(str_next(&rest, '"', &term));
        str row = arena_format(bench->arena, "\n\"%.*s\",", STR_ARG(term));
        if (memmem(csv.ptr, csv.len, row.ptr, row.len) == NULL)
            fail_msg("dpv:%.*s", STR_ARG(term));
        terms++;
    }
    assert_true(terms > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_consent_is_a_record_with_notice_wording_purpose_when_and_how, start, stop),
        cmocka_unit_test_setup_teardown(records_read_as_the_sample_of_them, start, stop),
        cmocka_unit_test_setup_teardown(a_record_that_lacks_something_is_refused_by_the_item, start,
                                        stop),
        cmocka_unit_test_setup_teardown(its_terms_are_those_of_the_vocabulary, start, stop),
    };
    return cmocka_run_group_tests_name("consent_ld", tests, NULL, NULL);
}
