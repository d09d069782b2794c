/* The answer of article 15, of the example's policy: every item of the law, in nb, nn and en, and
 * refused by the item's name without it. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "person_bench.h"
#include "sample.h"

/* clang-format off */
static const char anna[] =
    "{'document':'access','policy':'example','made':'2026-11-25T10:00:00Z',"
    "'reference':'AAAAAAAAAAAAAAAAAAAAAA','log_index':41,"
    "'items':[{'item':'i1','field':'contact.email','value':'anna@<example>.test','source':'person',"
    "'collected':'2026-11-01T10:00:00Z','ends':'2027-02-01T00:00:00Z',"
    "'purposes':[{'purpose':'orders','ends':null},{'purpose':'support','ends':"
    "'2027-02-01T00:00:00Z'}]},"
    "{'item':'i2','field':'visit.page','value':'=1+1','source':'site',"
    "'collected':'2026-11-02T10:00:00Z','ends':null,'purposes':[{'purpose':'orders','ends':null}]},"
    "{'item':'i3','field':'question.text','value':null,'withheld_by':'always.rights_of_others',"
    "'source':'person','collected':'2026-11-03T10:00:00Z','ends':null,'purposes':[]},"
    "{'item':'i4','field':'application.cv','value':null,'file':{'name':'cv.pdf','size':1234},"
    "'source':'person','collected':'2026-11-04T10:00:00Z','ends':null,'purposes':[]}],"
    "'purposes':[{'purpose':'orders'},{'purpose':'support'}],'roles':[{'role':'customer'}],"
    "'evidence':[{'type':'consent','purpose':'newsletter','since':'2026-11-01T10:00:00Z',"
    "'until':null,'details':{'wording':'May we write?'}},"
    "{'type':'automated_decision','since':'2026-11-07T10:00:00Z','details':{'purpose':'orders',"
    "'outcome':'refused','logic':'two unpaid bills'}}],"
    "'disclosures':[{'at':'2026-11-05T10:00:00Z','recipient':'carrier','name':'Posten','purpose':"
    "'orders','fields':['contact.email']}],'more_disclosures':false,"
    "'recipients':[{'recipient':'carrier','name':'Posten','zone':'NO','outside':false,"
    "'safeguards':[]},{'recipient':'web_host','name':'Hosters Inc','zone':'US','outside':true,"
    "'safeguards':[{'type':'safeguard','live':true}]}],"
    "'controllers':[{'name':'Eksempelbutikken AS','number':'310000701',"
    "'contacts':[{'kind':'email','at':'personvern@butikk.example'}]}],'answer_for_themselves':[],"
    "'rights':['access','rectify','erase','restrict','portability','object'],"
    "'complaint':'datatilsynet.no','quarantine':[{'category':'health'}],"
    "'concerns':[{'category':'question','value':'She was there','source':'person',"
    "'collected':'2026-11-06T10:00:00Z'}]}";
static const char nobody[] =
    "{'made':'2026-11-25T10:00:00Z','reference':'AAAAAAAAAAAAAAAAAAAAAA','items':[],"
    "'purposes':[],'evidence':[],'disclosures':[],'recipients':[],'concerns':[],'roles':[],"
    "'controllers':[{'name':'E AS','contacts':[{'kind':'email','at':'a@b.test'}]}],"
    "'rights':['rectify','erase','restrict','object'],'complaint':'datatilsynet.no'}";
/* clang-format on */

/* GDPR 15(1)(a)-(h), 15(2), 15(3), 15(4); HOS-47, CLO-28, CLO-29 */
static void a_copy_says_every_item_of_article_15_in_each_language(void **state)
{
    static const char *const BASIS[] = {"Nødvendig for en avtale", "Nødvendig for ein avtale",
                                        "Needed for a contract"},
                             *const RIGHTS[] = {"artikkel 17", "artikkel 17", "article 17"},
                             *const COURTS[] = {"domstolene", "domstolane", "the courts"},
                             *const ENDS[] = {"1. februar 2027", "1. februar 2027",
                                              "1 February 2027"},
                             *const NOTES[] = {"Ikke tatt med", "Ikkje teke med", "Left out"};
    struct bench *bench = *state;
    const struct json *data = parsed(bench, anna);
    for (enum language language = LANGUAGE_NB; language < LANGUAGE_COUNT; language++) {
        struct paper *paper = built(bench, access_paper, data, language);
        assert_true(says(paper, "issue.reference", "AAAAAAAAAAAAAAAAAAAAAA"));
        assert_true(says(paper, "issue.entry", "41"));
        assert_true(says(paper, "processed", "4"));
        assert_true(says(paper, "responsible.controller.name", "Eksempelbutikken AS"));
        assert_true(says(paper, "responsible.controller.contacts", "personvern@butikk.example"));
        assert_true(says(paper, "purposes.purpose.basis", BASIS[language]));
        assert_true(says(paper, "copy.data.value", "anna@<example>.test"));
        assert_true(says(paper, "copy.data.value", NOTES[language]));
        assert_true(says(paper, "copy.data.value", "cv.pdf"));
        assert_true(says(paper, "copy.data.ends", ENDS[language]));
        assert_true(says(paper, "recipients.who.name", "Posten"));
        assert_true(says(paper, "recipients.disclosures.to", "Posten"));
        assert_true(says(paper, "transfers.abroad.who", "Hosters Inc"));
        assert_true(says(paper, "transfers.abroad.safeguards", "46"));
        assert_true(says(paper, "record.evidence.wording", "May we write?"));
        assert_true(says(paper, "automated.taken.logic", "two unpaid bills"));
        assert_false(says(paper, "record.evidence.what", "automated_decision"));
        assert_true(says(paper, "others.concerning.value", "She was there"));
        assert_true(says(paper, "rights.list.erase", RIGHTS[language]));
        assert_true(says(paper, "complaint", COURTS[language]));
        str page = page_of(bench, paper);
        page_is_sound(page, language_tag(language));
        assert_non_null(memmem(page.ptr, page.len, "anna@&lt;example&gt;.test", 25));
    }
}

/* GDPR 15: whatever it holds */
static void an_answer_reads_as_the_sample_of_it(void **state)
{
    struct bench *bench = *state;
    paper_reads_as(bench->arena, "access.html",
                   built(bench, access_paper, parsed(bench, anna), LANGUAGE_EN));
    paper_reads_as(bench->arena, "access-nothing.html",
                   built(bench, access_paper, parsed(bench, nobody), LANGUAGE_EN));
}

/* GDPR 15: each line of the checklist */
static void an_answer_without_an_item_of_the_law_is_refused_by_its_name(void **state)
{
    struct bench *bench = *state;
    each_item_is_missed(bench, access_paper, parsed(bench, anna), PAPER_access);
}

/* GDPR 15: what the register did not say is no guess */
static void an_answer_whose_data_lack_is_refused_by_the_item(void **state)
{
    static const char *const MEMBERS[][2] = {
        {"items", "processed"},         {"purposes", "purposes"},   {"recipients", "recipients"},
        {"disclosures", "recipients"},  {"rights", "rights"},       {"complaint", "complaint"},
        {"controllers", "responsible"}, {"reference", "reference"}, {"made", "issue.made"},
        {"evidence", "record"},         {"concerns", "others"},
    };
    struct bench *bench = *state;
    const struct json *data = parsed(bench, anna);
    for (size_t i = 0; i < LENGTH(MEMBERS); i++)
        is_refused(bench, access_paper, without(bench, data, MEMBERS[i][0]), MEMBERS[i][1]);
    is_refused(bench, access_paper,
               parsed(bench, "{'items':[{'field':'contact.email','source':'person','value':7}]}"),
               "purposes");
}

/* GDPR 15(1)(h): the logic, where a machine decides */
static void a_machines_decision_without_its_logic_refuses_the_answer(void **state)
{
    struct bench *bench = *state;
    const struct plan *kept = bench->plan;
    bench->plan = bench_plan(bench, "    before_contract: true ",
                             "    decides: true\n    before_contract: true ");
    const struct json *data = parsed(bench, anna);
    (void)built(bench, access_paper, data, LANGUAGE_NB); /* nobody was decided about */
    struct buf buf = buf_in(bench->arena, 1 << 20);
    struct json_out out = json_out_over(&buf);
    json_put_tree(&out, data);
    str text = buf_str(&buf);
    const char *at = memmem(text.ptr, text.len, "{\"purpose\":\"support\"}]", 22);
    assert_non_null(at);
    size_t before = (size_t)(at - text.ptr);
    str with = arena_format(bench->arena, "%.*s{\"purpose\":\"recruitment\"},%s", (int)before,
                            text.ptr, at);
    is_refused(bench, access_paper, parsed(bench, arena_c_string(bench->arena, with)),
               "statements.recruitment");
    bench->plan = kept;
}

/* GDPR 15(1): with nothing held the answer says so, and is whole */
static void of_whom_nothing_is_held_gets_a_whole_answer_that_says_so(void **state)
{
    static const char *const NO[] = {"Nei, vi har ingen", "Nei, vi har ingen", "No, we hold no"};
    struct bench *bench = *state;
    const struct json *data = parsed(bench, nobody);
    for (enum language language = LANGUAGE_NB; language < LANGUAGE_COUNT; language++) {
        struct paper *paper = built(bench, access_paper, data, language);
        assert_true(says(paper, "processed", NO[language]));
        assert_true(paper_has(paper, "recipients"));
        page_is_sound(page_of(bench, paper), language_tag(language));
    }
}

/* A name that the policy no longer has stands as it is; one without a name in the language refuses.
 */
static void what_has_no_name_in_the_language_refuses_the_answer(void **state)
{
    struct bench *bench = *state;
    const struct plan *kept = bench->plan;
    bench->plan = bench_plan(bench, "nb: Levere det du har bestilt, ", "");
    is_refused(bench, access_paper, parsed(bench, anna), "purposes.orders");
    bench->plan = kept;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_copy_says_every_item_of_article_15_in_each_language,
                                        start, stop),
        cmocka_unit_test_setup_teardown(an_answer_reads_as_the_sample_of_it, start, stop),
        cmocka_unit_test_setup_teardown(an_answer_without_an_item_of_the_law_is_refused_by_its_name,
                                        start, stop),
        cmocka_unit_test_setup_teardown(an_answer_whose_data_lack_is_refused_by_the_item, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_machines_decision_without_its_logic_refuses_the_answer,
                                        start, stop),
        cmocka_unit_test_setup_teardown(of_whom_nothing_is_held_gets_a_whole_answer_that_says_so,
                                        start, stop),
        cmocka_unit_test_setup_teardown(what_has_no_name_in_the_language_refuses_the_answer, start,
                                        stop),
    };
    return cmocka_run_group_tests_name("access_paper", tests, NULL, NULL);
}
