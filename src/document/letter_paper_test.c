/* Letters about a request: each with every item of the law in nb, nn and en, refused by the item's
 * name without it. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "person_bench.h"
#include "sample.h"

#define HEAD(state)                                                                                \
    "{'number':'7K3M9-QXTPB','state':'" state "','received':'2026-03-05T11:00:00Z','due':{'safe':" \
    "'2026-04-05','legal':'2026-04-07'},'made':'2026-03-20T10:00:00Z','controllers':[{'name':"     \
    "'E AS','contacts':[{'kind':'email','at':'a@b.test'}]}],'complaint':{'supervisors':["          \
    "'datatilsynet.no'],'contacts':[]},"
#define RIGHT(name, outcome)                                                                       \
    "{'right':'" name "','outcome':'" outcome "','due':{'safe':'2026-04-05','legal':"              \
    "'2026-04-07'}}"
#define STEP(name, said) "{'step':'" name "','at':'2026-03-19T10:00:00Z','said':{" said "}}"
#define CAME             STEP("request:received", "'contact':'CANARY-CONTACT','text':'CANARY-TEXT'")

/* clang-format off */
static const char receipt[] =
    HEAD("open") "'rights':[" RIGHT("access", "open") "],'steps':[" CAME "]}";
static const char proof[] =
    HEAD("open") "'rights':[" RIGHT("access", "open") "],'steps':[" CAME ","
    STEP("identity:asked", "'reasons':'A copy of your card'") "]}";
static const char unproven[] =
    HEAD("identity") "'rights':[" RIGHT("access", "open") "],'steps':[" CAME ","
    STEP("identity:asked", "'reasons':'A copy'") ","
    STEP("identity:refused", "'reasons':'Nothing came'") "," STEP("closed:identity", "") "]}";
static const char extension[] =
    HEAD("open") "'rights':[" RIGHT("erase", "open") "],'steps':[" CAME ","
    STEP("identity:proven", "'method':'eid'") ","
    STEP("extension:reasoned", "'reasons':'Seven systems are searched'") "]}";
static const char passed_on[] =
    HEAD("passed_on") "'rights':[" RIGHT("access", "open") "],'steps':[" CAME ","
    STEP("closed:passed_on", "'space':'storage'") "]}";
static const char outcome[] =
    HEAD("open") "'rights':[" RIGHT("access", "granted") "," RIGHT("erase", "partly") ","
    RIGHT("object", "refused") "," RIGHT("rectify", "joined") "," RIGHT("withdraw", "open") "],"
    "'steps':[" CAME "," STEP("granted:access", "'reasons':'It is yours'") ","
    STEP("partly:erase", "'reasons':'Five years of books','exception':'legal_duty','article':"
                         "'GDPR 17(3)(b)'") ","
    STEP("refused:object", "'reasons':'A claim runs','exception':'legal_claims','article':"
                           "'GDPR 21(1)'") "]}";
/* clang-format on */

static const struct {
    const char *data;
    enum paper_kind kind;
} LETTERS[] = {
    {receipt, PAPER_letter_receipt},     {proof, PAPER_letter_proof},
    {unproven, PAPER_letter_unproven},   {extension, PAPER_letter_extension},
    {passed_on, PAPER_letter_passed_on}, {outcome, PAPER_letter_outcome},
};

/* GDPR 12(1), 12(3), 12(4) */
static void each_letter_is_whole_in_each_language_and_says_where_to_complain(void **state)
{
    static const char *const COURTS[] = {"domstolene", "domstolane", "the courts"},
                             *const LAST[] = {"7. april 2026", "7. april 2026", "7 April 2026"};
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(LETTERS); i++) {
        for (enum language language = LANGUAGE_NB; language < LANGUAGE_COUNT; language++) {
            struct paper *paper =
                built(bench, letter_paper, parsed(bench, LETTERS[i].data), language);
            assert_int_equal(paper->kind, LETTERS[i].kind);
            assert_true(says(paper, "issue.number", "7K3M9-QXTPB"));
            assert_true(says(paper, "complaint", "Datatilsynet"));
            assert_true(says(paper, "complaint", COURTS[language]));
            assert_true(says(paper, "responsible.controller.contacts", "a@b.test"));
            bool dated = paper_has(paper, "dates");
            assert_true(!dated || says(paper, "dates.legal", LAST[language]));
            str page = page_of(bench, paper);
            page_is_sound(page, language_tag(language));
            assert_null(memmem(page.ptr, page.len, "CANARY", 6));
        }
    }
}

/* GDPR 12: whatever they hold */
static void each_letter_reads_as_the_sample_of_it(void **state)
{
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(LETTERS); i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "%s.html", paper_kind_name(LETTERS[i].kind));
        paper_reads_as(bench->arena, name,
                       built(bench, letter_paper, parsed(bench, LETTERS[i].data), LANGUAGE_EN));
    }
}

/* GDPR 12: each line of the checklist */
static void a_letter_without_an_item_of_the_law_is_refused_by_its_name(void **state)
{
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(LETTERS); i++)
        each_item_is_missed(bench, letter_paper, parsed(bench, LETTERS[i].data), LETTERS[i].kind);
}

/* GDPR 12(4); HOS-59, CON-65, CON-66 */
static void an_outcome_names_exception_article_and_reasons_right_by_right(void **state)
{
    static const char
        *const PARTLY[] = {"Delvis innvilget", "Delvis innvilga", "Granted in part"},
               *const ERASE[] = {"(personvernforordningen artikkel 17 nr. 3 bokstav b)",
                                 "(personvernforordninga artikkel 17 nr. 3 bokstav b)",
                                 "(GDPR article 17(3)(b))"},
               *const OBJECT[] = {"artikkel 21 nr. 1)", "artikkel 21 nr. 1)", "article 21(1))"},
               *const LAW[] = {"En lov pålegger oss", "Ei lov pålegg oss", "A law obliges us"};
    struct bench *bench = *state;
    for (enum language language = LANGUAGE_NB; language < LANGUAGE_COUNT; language++) {
        struct paper *paper = built(bench, letter_paper, parsed(bench, outcome), language);
        assert_true(says(paper, "answers.answer.outcome", PARTLY[language]));
        assert_true(says(paper, "answers.answer.exception", LAW[language]));
        assert_true(says(paper, "answers.answer.exception", ERASE[language]));
        assert_true(says(paper, "answers.answer.exception", OBJECT[language]));
        assert_true(says(paper, "answers.answer.reasons", "Five years of books"));
        assert_true(says(paper, "answers.answer.reasons", "A claim runs"));
    }
}

/* The text of the data with one part of it taken out or replaced. */
static const struct json *changed(struct bench *bench, const char *data, const char *from,
                                  const char *to)
{
    const char *at = strstr(data, from);
    assert_non_null(at);
    str text =
        arena_format(bench->arena, "%.*s%s%s", (int)(at - data), data, to, at + strlen(from));
    return parsed(bench, arena_c_string(bench->arena, text));
}

/* GDPR 12(4): a no without its exception or its reasons is no answer */
static void a_refusal_that_does_not_say_why_is_not_issued(void **state)
{
    static const struct {
        const char *data, *from, *to, *item;
    } ROWS[] = {
        {outcome, "'article':'GDPR 21(1)'", "'x':'y'", "answers.answer.exception"},
        {outcome, "'exception':'legal_duty'", "'exception':'because'", "answers.answer.exception"},
        {outcome, "'reasons':'A claim runs',", "", "answers.answer.reasons"},
        {outcome, "'reasons':'It is yours'", "", "answers.answer.reasons"},
        {outcome, "'outcome':'granted'", "'outcome':'fine'", "answers.answer.outcome"},
        {extension, "'reasons':'Seven systems are searched'", "", "extension.reasons"},
        {extension, "'received':'2026-03-05T11:00:00Z'", "'received':null", "issue.received"},
        {proof, "'reasons':'A copy of your card'", "", "proof.reasons"},
        {unproven, "'reasons':'Nothing came'", "", "unproven.reasons"},
        {passed_on, "'space':'storage'", "", "passed.service"},
        {receipt, "'legal':'2026-04-07'},'made'", "'legal':'soon'},'made'", "dates.legal"},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(ROWS); i++)
        is_refused(bench, letter_paper, changed(bench, ROWS[i].data, ROWS[i].from, ROWS[i].to),
                   ROWS[i].item);
}

/* GDPR 12(3): three months from receipt, by Regulation 1182/71 */
static void an_extension_names_the_new_last_day_from_receipt(void **state)
{
    struct bench *bench = *state;
    struct paper *paper = built(
        bench, letter_paper,
        changed(bench, extension, "2026-03-05T11:00:00Z", "2026-11-30T11:00:00Z"), LANGUAGE_EN);
    assert_true(says(paper, "extension.until", "1 March 2027"));
    assert_true(says(paper, "extension.reasons", "Seven systems"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            each_letter_is_whole_in_each_language_and_says_where_to_complain, start, stop),
        cmocka_unit_test_setup_teardown(each_letter_reads_as_the_sample_of_it, start, stop),
        cmocka_unit_test_setup_teardown(a_letter_without_an_item_of_the_law_is_refused_by_its_name,
                                        start, stop),
        cmocka_unit_test_setup_teardown(
            an_outcome_names_exception_article_and_reasons_right_by_right, start, stop),
        cmocka_unit_test_setup_teardown(a_refusal_that_does_not_say_why_is_not_issued, start, stop),
        cmocka_unit_test_setup_teardown(an_extension_names_the_new_last_day_from_receipt, start,
                                        stop),
    };
    return cmocka_run_group_tests_name("letter_paper", tests, NULL, NULL);
}
