/* The certificate of an erasure: whole in nb, nn and en, or refused by the item that lacks. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "person_bench.h"
#include "sample.h"

static const char
    whole[] =
        "{'reference':'AAAAAAAAAAAAAAAAAAAAAA','made':'2026-11-25T10:00:00Z','at':"
        "'2026-11-20T10:00:00Z','whole':true,'complete':true,'categories':['contact','question'],"
        "'kept':[],'epoch':{'erased_in':3,'present':4},'recipients':[],'elsewhere':[],'proof':{'"
        "index':41,'size':"
        "50,"
        "'checkpoint':'log\\n50\\nROOT=\\n\\n- x','key':'log+1234+abc'},'controllers':[{'name':'E "
        "AS',"
        "'contacts':[{'kind':'email','at':'a@b.test'}]}],'complaint':{'supervisors':["
        "'datatilsynet.no']}}",
    part[] = "{'reference':'AAAAAAAAAAAAAAAAAAAAAA','made':'2026-11-25T10:00:00Z','at':"
             "'2026-11-20T10:00:00Z','whole':false,'complete':true,'categories':['question'],"
             "'kept':[{'category':'purchase','by':'bookkeeping'},{'category':'contact','by':"
             "'always.hold_limits_use'}],'epoch':{'erased_in':3,'present':3},'recipients':[{'name':"
             "'Posten',"
             "'recipient':'carrier','since':'2026-11-20T10:00:00Z','told':'2026-11-22T10:00:00Z'},{"
             "'party':"
             "'x','since':'2026-11-20T10:00:00Z','told':null}],'elsewhere':[{'field':'question."
             "text','since':"
             "'2026-11-20T10:00:00Z','confirmed':'2026-11-23T10:00:00Z'},{'field':'gone.field',"
             "'since':'2026-11-20T10:00:00Z','confirmed':null}],'proof':{'index':41,'size':50,"
             "'checkpoint':'log\\n50\\nROOT=\\n\\n- "
             "x','key':'log+1234+abc'},'controllers':[{'name':'E AS',"
             "'contacts':[{'kind':'email','at':'a@b.test'}]}],'complaint':{'supervisors':["
             "'datatilsynet.no']}}";

/* GDPR 17, 19, 5(2) */
static void a_certificate_says_what_went_what_stays_and_who_was_told(void **state)
{
    static const char *const
        BOOKS[] = {"bokføringsloven § 13", "bokføringsloven § 13", "bokføringsloven § 13"},
        *const LETTER_B[] = {"forordningen artikkel 17 nr. 3 bokstav b",
                             "forordninga artikkel 17 nr. 3 bokstav b", "GDPR article 17(3)(b)"},
        *const LETTER_E[] = {"artikkel 17 nr. 3 bokstav e", "artikkel 17 nr. 3 bokstav e",
                             "article 17(3)(e)"},
        *const TOLD[] = {"22. november 2026", "22. november 2026", "22 November 2026"},
        *const ELSEWHERE[] = {"23. november 2026", "23. november 2026", "23 November 2026"},
        *const WAITS[] = {"ikke bekreftet ennå", "ikkje stadfesta enno", "not confirmed yet"},
        *const RUNS[] = {"nøkkelperiode 3 er avsluttet", "nøkkelperiode 3 er avslutta",
                         "key epoch 3 has ended"},
        *const OVER[] = {"Nøkkelperiode 3 er avsluttet", "Nøkkelperiode 3 er avslutta",
                         "Key epoch 3 has ended"};
    struct bench *bench = *state;
    for (enum language language = LANGUAGE_NB; language < LANGUAGE_COUNT; language++) {
        struct paper *paper = built(bench, erasure_paper, parsed(bench, part), language);
        assert_true(says(paper, "kept.what.exception", BOOKS[language]));
        assert_true(says(paper, "kept.what.exception", LETTER_B[language]));
        assert_true(says(paper, "kept.what.exception", LETTER_E[language]));
        assert_true(says(paper, "recipients.who.name", "Posten"));
        assert_true(says(paper, "recipients.who.told", TOLD[language]));
        assert_true(says(paper, "elsewhere.fields.confirmed", ELSEWHERE[language]));
        assert_true(says(paper, "elsewhere.fields.confirmed", WAITS[language]));
        assert_true(says(paper, "elsewhere.fields.field", "gone.field"));
        assert_true(says(paper, "keys.backups", RUNS[language]));
        page_is_sound(page_of(bench, paper), language_tag(language));
        paper = built(bench, erasure_paper, parsed(bench, whole), language);
        assert_true(says(paper, "keys.backups", OVER[language]));
        assert_true(says(paper, "proof.root", "ROOT="));
        assert_true(says(paper, "proof.entry", "41"));
        assert_true(says(paper, "issue.reference", "AAAAAAAAAAAAAAAAAAAAAA"));
        page_is_sound(page_of(bench, paper), language_tag(language));
    }
}

/* GDPR 17, 5(2): what a later version calls it, or has no more, says nothing of what was erased */
static void what_was_erased_is_called_as_it_was_called_then(void **state)
{
    struct bench *bench = *state;
    struct report report = {0};
    struct paper *paper;
    struct person_ask ask = {
        .plan = bench_plan(bench, "Søknadspapirer, en: Application papers", "Papirer, en: Papers"),
        .then = bench->plan,
        .language = LANGUAGE_EN};
    const char *at = strstr(part, "['question']");
    assert_non_null(at);
    str text = arena_format(bench->arena, "%.*s['question','application','lost']%s",
                            (int)(at - part), part, at + strlen("['question']"));
    ask.data = parsed(bench, arena_c_string(bench->arena, text));
    assert_true(is_ok(erasure_paper(&ask, bench->arena, &report, &paper)));
    assert_true(says(paper, "erased.categories", "Application papers"));
    assert_true(says(paper, "erased.categories", "lost"));
    ask.then = NULL;
    assert_true(is_ok(erasure_paper(&ask, bench->arena, &report, &paper)));
    assert_true(says(paper, "erased.categories", "Papers"));
    assert_false(says(paper, "erased.categories", "Application papers"));
}

/* A purpose that a later version has no more still says why something was kept. */
static void what_is_kept_by_a_purpose_that_is_gone_says_why_all_the_same(void **state)
{
    static const char more[] = "  taxes:\n"
                               "    says:  { nb: Skatt, nn: Skatt, en: Taxes }\n"
                               "    basis: legal_duty\n"
                               "    law:   skatteloven § 1\n"
                               "    roles: [customer]\n"
                               "    uses:  [purchase]\n"
                               "    keep:  1 year after collected\n"
                               "  statistics:\n    says: ";
    struct bench *bench = *state;
    struct report report = {0};
    struct paper *paper;
    struct person_ask ask = {
        .plan = bench_plan(bench, "complain:    { at: [", "complain:    { at: [post, "),
        .then = bench_plan(bench, "  statistics:\n    says: ", more),
        .language = LANGUAGE_EN};
    const char *at = strstr(part, "'bookkeeping'");
    assert_non_null(at);
    str text = arena_format(bench->arena, "%.*s'taxes'%s", (int)(at - part), part,
                            at + strlen("'bookkeeping'"));
    ask.data = parsed(bench, arena_c_string(bench->arena, text));
    assert_true(is_ok(erasure_paper(&ask, bench->arena, &report, &paper)));
    assert_true(says(paper, "kept.what.exception", "Taxes: A legal duty: skatteloven § 1"));
    assert_true(says(paper, "kept.what.until", "1 year after we received the data"));
    assert_true(says(paper, "complaint", "personvern@butikk.example")); /* as the policy is now */
    ask.then = NULL;
    assert_true(is_ok(erasure_paper(&ask, bench->arena, &report, &paper)));
    assert_false(says(paper, "kept.what.exception", "skatteloven"));
}

/* GDPR 17, 19: whatever it holds */
static void a_certificate_reads_as_the_sample_of_it(void **state)
{
    struct bench *bench = *state;
    paper_reads_as(bench->arena, "erasure.html",
                   built(bench, erasure_paper, parsed(bench, part), LANGUAGE_EN));
    paper_reads_as(bench->arena, "erasure-whole.html",
                   built(bench, erasure_paper, parsed(bench, whole), LANGUAGE_EN));
}

/* GDPR 17, 19: each line of the checklist */
static void a_certificate_without_an_item_is_refused_by_its_name(void **state)
{
    struct bench *bench = *state;
    each_item_is_missed(bench, erasure_paper, parsed(bench, whole), PAPER_erasure);
    each_item_is_missed(bench, erasure_paper, parsed(bench, part), PAPER_erasure);
}

static void a_certificate_whose_data_lack_is_refused_by_the_item(void **state)
{
    static const char *const MEMBERS[][2] = {
        {"categories", "erased.categories"},
        {"complete", "erased.categories"},
        {"at", "erased.at"},
        {"epoch", "keys"},
        {"recipients", "recipients"},
        {"elsewhere", "elsewhere"},
        {"kept", "kept"},
        {"proof", "proof.entry"},
        {"reference", "issue.reference"},
        {"complaint", "complaint"},
        {"controllers", "responsible"},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(MEMBERS); i++)
        is_refused(bench, erasure_paper, without(bench, parsed(bench, whole), MEMBERS[i][0]),
                   MEMBERS[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_certificate_says_what_went_what_stays_and_who_was_told,
                                        start, stop),
        cmocka_unit_test_setup_teardown(what_was_erased_is_called_as_it_was_called_then, start,
                                        stop),
        cmocka_unit_test_setup_teardown(
            what_is_kept_by_a_purpose_that_is_gone_says_why_all_the_same, start, stop),
        cmocka_unit_test_setup_teardown(a_certificate_reads_as_the_sample_of_it, start, stop),
        cmocka_unit_test_setup_teardown(a_certificate_without_an_item_is_refused_by_its_name, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_certificate_whose_data_lack_is_refused_by_the_item, start,
                                        stop),
    };
    return cmocka_run_group_tests_name("erasure_paper", tests, NULL, NULL);
}
