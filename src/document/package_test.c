/* The page of the package: whole in nb, nn and en, or refused by the item that lacks. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "package.h"
#include "person_bench.h"
#include "sample.h"

/* clang-format off */
static const char taken[] =
    "{'document':'portability','reference':'AAAAAAAAAAAAAAAAAAAAAA','made':'2026-11-25T10:00:00Z',"
    "'items':[{'item':'i1','field':'contact.email','value':'=cmd','source':'person','intake':"
    "'newsletter_form','channel':'web','collected':'2026-11-01T10:00:00Z'},{'item':"
    "'AAAAAAAAAAAAAAAAAAAAAQ','field':'application.cv','value':null,'file':{'size':3,'name':"
    "'../a:b.pdf','sha256':'abc'},'source':'person','intake':'job_form','collected':"
    "'2026-11-02T10:00:00Z'}],'roles':[{'role':'subscriber'}],'controllers':[{'name':"
    "'E AS','contacts':[{'kind':'email','at':'a@b.test'}]}],'complaint':'datatilsynet.no'}";
/* clang-format on */

static status made(struct bench *bench, const struct json *data, enum language language,
                   struct report *report, struct package *package)
{
    struct person_ask ask = {.plan = bench->plan, .language = language, .data = data};
    return package_make(&ask, STR("{}"), STR("log+1+k"), bench->arena, report, package);
}

static str file_of(const struct package *package, const char *name)
{
    for (size_t i = 0; i < package->files.count; i++) {
        if (str_is(package->files.at[i].name, name))
            return package->files.at[i].text;
    }
    fail_msg("no %s", name);
    return (str){0};
}

static bool holds(str text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* GDPR 20(1) */
static void a_package_holds_data_line_tables_pages_and_manifest_in_each_language(void **state)
{
    static const char *const PAGES[] = {"les-meg.html", "les-meg.html", "read-me.html"};
    struct bench *bench = *state;
    for (enum language language = LANGUAGE_NB; language < LANGUAGE_COUNT; language++) {
        struct report report = {0};
        struct package package;
        const struct json *line;
        if (!is_ok(made(bench, parsed(bench, taken), language, &report, &package)))
            fail_msg("%s", report.text);
        page_is_sound(file_of(&package, PAGES[language]), language_tag(language));
        assert_true(holds(file_of(&package, "csv/contact.csv"), "\"'=cmd\""));
        assert_true(holds(file_of(&package, "csv/application.csv"), "application.cv"));
        assert_true(
            is_ok(json_parse(bench->arena, file_of(&package, "import.ndjson"), &report, &line)));
        assert_int_equal(json_get(line, "collect")->count, 1); /* a file is had by its path */
        str manifest = file_of(&package, "manifest.json"), page = file_of(&package, "verify.html");
        assert_true(holds(manifest, "{\"name\":\"files/1-.._a_b.pdf\",\"bytes\":3,\"sha256\":"
                                    "\"abc\",\"item\":\"AAAAAAAAAAAAAAAAAAAAAQ\"}"));
        assert_true(holds(file_of(&package, "csv/application.csv"), ",files/1-.._a_b.pdf,"));
        assert_true(holds(file_of(&package, PAGES[language]), "files/1-.._a_b.pdf"));
        assert_true(holds(manifest, "\"verify.html\"") && holds(manifest, "\"data.json\""));
        assert_true(str_is(package.files.at[package.files.count - 1].name, "manifest.json"));
        assert_true(holds(page, "default-src 'none'; script-src 'sha256-"));
        assert_false(holds(page, "http://") || holds(page, "https://"));
    }
}

/* GDPR 20(1): whatever they hold */
static void what_is_read_of_a_package_reads_as_the_sample_of_it(void **state)
{
    struct bench *bench = *state;
    struct report report = {0};
    struct package package;
    assert_true(is_ok(made(bench, parsed(bench, taken), LANGUAGE_EN, &report, &package)));
    reads_as(bench->arena, "package.html", file_of(&package, "read-me.html"));
    reads_as(bench->arena, "package-import.ndjson", file_of(&package, "import.ndjson"));
    reads_as(bench->arena, "package-manifest.json", file_of(&package, "manifest.json"));
    reads_as(bench->arena, "package-verify.html", file_of(&package, "verify.html"));
    reads_as(bench->arena, "package-contact.csv", file_of(&package, "csv/contact.csv"));
}

static void a_package_whose_page_lacks_an_item_is_not_made(void **state)
{
    static const char *const MEMBERS[][2] = {{"reference", "issue.reference"},
                                             {"made", "issue.made"},
                                             {"items", "holds"},
                                             {"controllers", "responsible"},
                                             {"complaint", "complaint"}};
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(MEMBERS); i++) {
        struct report report = {0};
        struct package package;
        const struct json *data = without(bench, parsed(bench, taken), MEMBERS[i][0]);
        assert_int_equal(made(bench, data, LANGUAGE_NB, &report, &package).fault, FAULT_INCOMPLETE);
        if (strstr(report.text, MEMBERS[i][1]) == NULL)
            fail_msg("%s: %s", MEMBERS[i][1], report.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_package_holds_data_line_tables_pages_and_manifest_in_each_language, start, stop),
        cmocka_unit_test_setup_teardown(what_is_read_of_a_package_reads_as_the_sample_of_it, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_package_whose_page_lacks_an_item_is_not_made, start,
                                        stop),
    };
    return cmocka_run_group_tests_name("package", tests, NULL, NULL);
}
