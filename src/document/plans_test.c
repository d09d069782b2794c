/* Plans and lists of a policy, and what a version changes, by their properties. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "document_internal.h"
#include "file.h"
#include "page_check.h"

#define T(text)                                                                                    \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

enum { ARENA_ROOM = 256 << 20, PAGE_ROOM = 8 << 20 };

struct bench {
    struct arena *arena;
    struct words *words;
};

static int start(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    if (bench == NULL)
        return -1;
    bench->arena = arena_new(ARENA_ROOM);
    bench->words = words_new();
    *state = bench;
    return 0;
}

static int stop(void **state)
{
    struct bench *bench = *state;
    words_free(&bench->words);
    arena_free(&bench->arena);
    free(bench);
    return 0;
}

static str file_text(struct bench *bench, const char *name, const char *tail)
{
    struct report report = {0};
    str text, path = arena_format(bench->arena, "policies/%s%s", name, tail);
    if (!is_ok(
            file_read(arena_c_string(bench->arena, path), bench->arena, 1 << 20, &report, &text)))
        fail_msg("%s", report.text);
    return text;
}

static const struct plan *changed(struct bench *bench, const char *name,
                                  const struct policy_override *with, size_t count)
{
    struct problems problems = {.arena = bench->arena};
    struct report report = {0};
    bool example = strcmp(name, "example") == 0;
    struct policy_source policy = {str_from(name), file_text(bench, name, ".yaml")},
                         deployment = {STR("deploy"),
                                       example ? STR("") : file_text(bench, name, ".deploy.yaml")};
    const struct plan *plan;
    if (!is_ok(plan_load(bench->words, &policy, example ? NULL : &deployment, with, count,
                         bench->arena, &problems, &report, &plan)))
        fail_msg("%s: %s", name, report.text);
    return plan;
}

static bool says(const struct paper *paper, const char *path, const char *wanted)
{
    str said = paper_said(paper, path);
    if (memmem(said.ptr, said.len, wanted, strlen(wanted)) != NULL)
        return true;
    print_error("%s says: %.*s\n", path, STR_ARG(said));
    return false;
}

static void is_whole(struct bench *bench, const struct paper *paper, const char *language)
{
    struct buf buf = buf_in(bench->arena, PAGE_ROOM);
    struct report report = {0};
    str page;
    size_t count;
    const struct paper_item *items = paper_items(&count);
    for (size_t i = 0; i < count; i++) {
        if (items[i].kind == paper->kind && !paper_has(paper, items[i].path))
            fail_msg("%s lacks %s", paper_kind_name(paper->kind), items[i].path);
    }
    paper_html(paper, &buf);
    assert_true(is_ok(buf_finish(&buf, &report, &page)));
    page_is_sound(page, language);
}

static const char *const POLICIES[] = {"cobuilder", "infobric", "cloudberries",
                                       "hosting",   "confect",  "example"};

/* CON-47, CON-51, HOS-36, INF-77 */
static void each_policy_gives_its_plans_and_lists_whole_in_both_languages(void **state)
{
    static status (*const papers[])(const struct policy_ask *ask, struct arena *arena,
                                    struct report *report, struct paper **paper) = {
        retention_paper, transfers_paper, processors_paper};
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        struct policy_ask ask = {changed(bench, POLICIES[i], NULL, 0), LANGUAGE_NB};
        for (size_t k = 0; k < LENGTH(papers) * 2; k++) {
            struct report report = {0};
            struct paper *paper;
            ask.language = k % 2 == 0 ? LANGUAGE_NB : LANGUAGE_EN;
            if (!is_ok(papers[k / 2](&ask, bench->arena, &report, &paper)))
                fail_msg("%s: %s", POLICIES[i], report.text);
            is_whole(bench, paper, language_tag(ask.language));
        }
    }
}

static void a_retention_plan_is_a_table_of_a_spreadsheet(void **state)
{
    struct bench *bench = *state;
    struct policy_ask ask = {changed(bench, "example", NULL, 0), LANGUAGE_EN};
    struct report report = {0};
    struct buf buf = buf_in(bench->arena, PAGE_ROOM);
    struct paper *paper;
    assert_true(is_ok(retention_paper(&ask, bench->arena, &report, &paper)));
    assert_true(is_ok(paper_csv(paper, "plan", &report, &buf)));
    assert_true(str_starts(buf_str(&buf), STR("Purpose,Data,Erased,Legal basis\r\n")));
    size_t rows = 0;
    for (size_t i = 0; i < buf.len; i++)
        rows += buf.ptr[i] == '\n';
    assert_int_equal(rows, 1 + ask.plan->purpose_count);
}

static void only_processors_stand_on_the_page_of_processors(void **state)
{
    struct bench *bench = *state;
    struct policy_ask ask = {changed(bench, "hosting", NULL, 0), LANGUAGE_NB};
    struct report report = {0};
    struct paper *paper;
    assert_true(is_ok(processors_paper(&ask, bench->arena, &report, &paper)));
    assert_true(says(paper, "used.given.recipient", "Leverandører av drift"));
    assert_true(says(paper, "used.given.terms", "databehandleravtalen"));
    str said = paper_said(paper, "used.given.recipient");
    assert_null(memmem(said.ptr, said.len, "Politiet", strlen("Politiet")));
}

/* CON-80, CON-81, INF-79 */
static void a_change_is_told_before_and_now_and_what_it_means(void **state)
{
    static const struct policy_override with[] = {
        {T("version"), T("\"2027-01\"")},
        {T("purposes.recruitment.keep"), T("12 months after last application_received")},
        {T("purposes.newsletter.uses"), T("[contact.email]")},
    };
    struct bench *bench = *state;
    const struct plan *old = changed(bench, "example", NULL, 0);
    struct policy_ask ask = {changed(bench, "example", with, LENGTH(with)), LANGUAGE_EN};
    struct report report = {0};
    struct paper *paper;
    assert_true(is_ok(changes_paper(&ask, old, bench->arena, &report, &paper)));
    is_whole(bench, paper, "en");
    assert_true(says(paper, "versions.new", "2027-01"));
    assert_true(says(paper, "versions.since", "2026-01"));
    assert_true(says(paper, "changed.list.thing", "Purpose: Handle job applications"));
    assert_true(says(paper, "changed.list.before", "6 months after the last time you apply"));
    assert_true(says(paper, "changed.list.now", "12 months after the last time you apply"));
    assert_true(says(paper, "changed.list.meaning", "holds for you once you were told"));
    assert_true(says(paper, "changed.list.meaning", "Allows nothing new"));
}

static void a_version_that_changes_nothing_says_so(void **state)
{
    struct bench *bench = *state;
    struct policy_ask ask = {changed(bench, "example", NULL, 0), LANGUAGE_NB};
    struct report report = {0};
    struct paper *paper;
    assert_true(is_ok(changes_paper(&ask, ask.plan, bench->arena, &report, &paper)));
    assert_true(says(paper, "changed", "Ingenting som betyr noe for deg, er endret"));
}

static void a_purpose_that_comes_or_goes_is_told(void **state)
{
    static const struct policy_override with[] = {
        {T("purposes.offers"),
         T("{ says: { nb: Tilbud, en: Offers }, basis: consent, marketing: own, roles: [customer], "
           "uses: [contact], keep: end of consent }")},
    };
    struct bench *bench = *state;
    const struct plan *small = changed(bench, "example", NULL, 0);
    const struct plan *large = changed(bench, "example", with, LENGTH(with));
    struct report report = {0};
    struct paper *paper;
    struct policy_ask ask = {large, LANGUAGE_EN};
    assert_true(is_ok(changes_paper(&ask, small, bench->arena, &report, &paper)));
    assert_true(says(paper, "changed.list.thing", "Purpose: Offers"));
    assert_true(says(paper, "changed.list.change", "is new"));
    ask.plan = small;
    assert_true(is_ok(changes_paper(&ask, large, bench->arena, &report, &paper)));
    assert_true(says(paper, "changed.list.change", "is gone"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(each_policy_gives_its_plans_and_lists_whole_in_both_languages),
        TEST(a_retention_plan_is_a_table_of_a_spreadsheet),
        TEST(only_processors_stand_on_the_page_of_processors),
        TEST(a_change_is_told_before_and_now_and_what_it_means),
        TEST(a_version_that_changes_nothing_says_so),
        TEST(a_purpose_that_comes_or_goes_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
