/* What papers say of a policy that says the most, and of one that says the least (testdata), held
 * to samples; and of the first with one thing taken away, what refuses the paper and where it would
 * stand. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "person_bench.h"
#include "sample.h"

#define T(text)                                                                                    \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const struct plan *load(struct bench *bench, const char *name,
                               const struct policy_override *with)
{
    struct problems problems = {.arena = bench->arena};
    struct report report = {0};
    str path = arena_format(bench->arena, "src/document/testdata/%s.yaml", name);
    struct policy_source policy = {.name = path};
    const struct plan *plan;
    if (!is_ok(file_read(arena_c_string(bench->arena, path), bench->arena, SAMPLE_ROOM, &report,
                         &policy.text)) ||
        !is_ok(plan_load(bench->words, &policy, NULL, with, with != NULL, bench->arena, &problems,
                         &report, &plan)))
        fail_msg("%s: %s", name,
                 problems.list.count > 0 ? arena_c_string(bench->arena, problems.list.at[0].text)
                                         : report.text);
    return plan;
}

/* ---- papers of a policy ---- */

typedef status builder(const struct plan *plan, struct arena *arena, struct report *report,
                       struct paper **paper);

static const struct record_proof agreed[] = {{KIND_PROCESSOR_AGREEMENT, NEVER}};
static const struct record_party parties[] = {{.name = T("Verten AS"),
                                               .recipient = 0,
                                               .public = true,
                                               .proofs = agreed,
                                               .proof_count = LENGTH(agreed)}};

#define POLICY_PAPER(name, builds)                                                                 \
    static status name(const struct plan *plan, struct arena *arena, struct report *report,        \
                       struct paper **paper)                                                       \
    {                                                                                              \
        struct policy_ask ask = {.plan = plan,                                                     \
                                 .language = LANGUAGE_EN,                                          \
                                 .live = true,                                                     \
                                 .parties = parties,                                               \
                                 .party_count = plan->recipient_count > 0 ? LENGTH(parties) : 0};  \
        return builds(&ask, arena, report, paper);                                                 \
    }
POLICY_PAPER(retention, retention_paper)
POLICY_PAPER(transfers, transfers_paper)
POLICY_PAPER(processors, processors_paper)
POLICY_PAPER(balancing, balancing_paper)
POLICY_PAPER(assessment, assessment_paper)

static status notice(const struct plan *plan, struct arena *arena, struct report *report,
                     struct paper **paper)
{
    struct notice_ask ask = {.plan = plan, .language = LANGUAGE_EN};
    return notice_paper(&ask, arena, report, paper);
}

static status record(const struct plan *plan, struct arena *arena, struct report *report,
                     struct paper **paper)
{
    struct record_ask ask = {.plan = plan, .language = LANGUAGE_EN};
    return record_paper(&ask, arena, report, paper);
}

static const struct {
    const char *name;
    builder *build;
} PAPERS[] = {{"notice", notice},        {"record", record},         {"retention", retention},
              {"transfers", transfers},  {"processors", processors}, {"balancing", balancing},
              {"assessment", assessment}};

static void reads_as_its_samples(struct bench *bench, const char *policy)
{
    const struct plan *plan = load(bench, policy, NULL);
    for (size_t i = 0; i < LENGTH(PAPERS); i++) {
        struct report report = {0};
        struct paper *paper;
        char name[64];
        if (!is_ok(PAPERS[i].build(plan, bench->arena, &report, &paper)))
            fail_msg("%s of %s: %s", PAPERS[i].name, policy, report.text);
        (void)snprintf(name, sizeof(name), "%s-%s.html", PAPERS[i].name, policy);
        paper_link_forms(paper, STR(""));
        paper_reads_as(bench->arena, name, paper);
        page_is_sound(page_of(bench, paper), "en");
    }
}

/* GDPR 13, 30 */
static void whatever_a_policy_may_say_stands_in_its_papers(void **state)
{
    reads_as_its_samples(*state, "most");
}

static void a_policy_that_says_little_has_papers_that_say_so(void **state)
{
    reads_as_its_samples(*state, "least");
}

/* GDPR 12(1): what came and what went */
static void from_the_most_to_the_least_and_back_reads_as_its_samples(void **state)
{
    struct bench *bench = *state;
    const struct plan *most = load(bench, "most", NULL), *least = load(bench, "least", NULL);
    struct policy_ask ask = {.plan = least, .language = LANGUAGE_EN};
    struct report report = {0};
    struct paper *paper;
    assert_true(is_ok(changes_paper(&ask, most, bench->arena, &report, &paper)));
    paper_reads_as(bench->arena, "changes-least.html", paper);
    ask.plan = most;
    assert_true(is_ok(changes_paper(&ask, least, bench->arena, &report, &paper)));
    paper_reads_as(bench->arena, "changes-most.html", paper);
}

static bool lacks_at(const struct paper *paper, const char *item, const char *path)
{
    size_t count;
    const struct paper_lack *lacks = paper_lacking(paper, &count);
    for (size_t i = 0; i < count; i++) {
        if (str_is(lacks[i].item, item) && str_is(lacks[i].path, path))
            return true;
    }
    return false;
}

#define HOLE(path)                                                                                 \
    {                                                                                              \
        T(path), T("unspecified")                                                                  \
    }

/* GDPR 13, 30: not what is wrong alone, but where to put it right */
static void what_lacks_in_a_policy_refuses_the_paper_by_its_place(void **state)
{
    static const struct {
        const char *policy;
        builder *build;
        struct policy_override with;
        const char *item, *path;
    } ROWS[] = {
        {"most", notice, HOLE("controllers.firm.contacts"), "responsible.controller.contacts",
         "controllers.firm.contacts"},
        {"most", notice, HOLE("effective"), "issue.since", "effective"},
        {"most", notice, HOLE("places.home"), "transfers", "places.home"},
        {"most", notice, HOLE("places.outside.needs"), "transfers.safeguards",
         "places.outside.needs"},
        {"most",
         notice,
         {T("purposes.teach.decides"), T("true")},
         "automated.logic",
         "statements.teach"},
        {"least", notice, HOLE("controllers.firm.contacts"), "rights.how.at", "rights.all.at"},
        {"most", record, HOLE("controllers.firm.contacts"), "responsible.firm.contacts",
         "controllers.firm.contacts"},
        {"most", record, HOLE("effective"), "issue.since", "effective"},
        {"most", record, HOLE("places.home"), "transfers.home", "places.home"},
        {"most", record, HOLE("places.outside.needs"), "transfers.outside", "places.outside.needs"},
        {"most", retention, HOLE("effective"), "issue.since", "effective"},
        {"most", transfers, HOLE("places.home"), "home", "places.home"},
        {"most", transfers, HOLE("places.outside.needs"), "outside", "places.outside.needs"},
        {"least", processors, HOLE("controllers.firm.contacts"), "contact", "rights.all.at"},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(ROWS); i++) {
        struct report report = {0};
        struct paper *paper;
        const struct plan *plan = load(bench, ROWS[i].policy, &ROWS[i].with);
        assert_int_equal(ROWS[i].build(plan, bench->arena, &report, &paper).fault,
                         FAULT_INCOMPLETE);
        if (!lacks_at(paper, ROWS[i].item, ROWS[i].path))
            fail_msg("%s, %s: %s", ROWS[i].item, ROWS[i].path, report.text);
    }
}

/* A link to a version whose name has what no address may have. */
static void a_version_of_any_name_is_linked_to(void **state)
{
    struct bench *bench = *state;
    const struct plan *plan =
        load(bench, "least", &(struct policy_override){T("version"), T("\"2026 01\"")});
    const struct version_span spans[] = {{plan, {1767222000000}, NEVER}};
    struct notice_ask ask = {
        .plan = plan, .language = LANGUAGE_EN, .versions = spans, .version_count = 1};
    struct report report = {0};
    struct paper *paper;
    assert_true(is_ok(notice_paper(&ask, bench->arena, &report, &paper)));
    str page = page_of(bench, paper);
    assert_non_null(memmem(page.ptr, page.len, "&amp;version=2026%2001\"", 23));
}

/* GDPR 12(1), 20(1): the same words for a mail, for a program and for a spreadsheet */
static void a_paper_reads_as_its_samples_in_each_form(void **state)
{
    struct bench *bench = *state;
    const struct plan *plan = load(bench, "most", NULL);
    struct report report = {0};
    struct buf text = buf_in(bench->arena, SAMPLE_ROOM), json = buf_in(bench->arena, SAMPLE_ROOM),
               table = buf_in(bench->arena, SAMPLE_ROOM), terms = buf_in(bench->arena, SAMPLE_ROOM);
    struct paper *paper;
    assert_true(is_ok(notice(plan, bench->arena, &report, &paper)));
    paper_text(paper, &text);
    reads_as(bench->arena, "notice-most.txt", buf_str(&text));
    paper_json(paper, &json);
    reads_as(bench->arena, "notice-most.json", buf_str(&json));
    assert_true(is_ok(paper_csv(paper, "held", &report, &table)));
    reads_as(bench->arena, "notice-most-held.csv", buf_str(&table));
    assert_true(is_ok(balancing(plan, bench->arena, &report, &paper)));
    assert_true(is_ok(paper_csv(paper, "purpose", &report, &terms)));
    reads_as(bench->arena, "balancing-most.csv", buf_str(&terms));
}

/* ---- papers of a person ---- */

/* clang-format off */
#define ABOUT                                                                                      \
    "'made':'2026-11-25T10:00:00Z','reference':'AAAAAAAAAAAAAAAAAAAAAA','log_index':41,"           \
    "'controllers':[{'name':'Alt AS','number':'310000809','address':'Altveien 8','country':'NO',"  \
    "'contacts':[{'kind':'email','at':'hei@alt.example'}]}],"
static const char profiled[] = "{" ABOUT
    "'items':[{'item':'i1','field':'interest.liking','value':'','source':'register','collected':"
    "'2026-11-01T10:00:00Z','ends':null,'purposes':[{'purpose':'suggest','ends':null}]}],"
    "'purposes':[{'purpose':'suggest'},{'purpose':'grade'}],'roles':[{'role':'pupil'}],"
    "'evidence':[],"
    "'disclosures':[{'at':'2026-11-05T10:00:00Z','recipient':'host','purpose':'suggest',"
    "'fields':['contact.name']}],"
    "'more_disclosures':true,'recipients':[{'recipient':'host','zone':'US','outside':true}],"
    "'concerns':[],"
    "'answer_for_themselves':[{'name':'Andre AS'}],'rights':['rectify','erase','restrict',"
    "'object'],'complaint':'datatilsynet.no'}";
static const char erased[] = "{" ABOUT
    "'at':'2026-11-20T10:00:00Z','whole':true,'complete':true,'categories':[],'kept':[],'epoch':"
    "{'erased_in':3,'present':4},'recipients':[],'elsewhere':[],'proof':{'index':41,'size':50,"
    "'checkpoint':'log\\n50\\nROOT=\\n\\n- x','key':'log+1234+abc'},'complaint':{'supervisors':["
    "'datatilsynet.no'],'contacts':[{'kind':'email','at':'ombud@alt.example'}]}}";
/* clang-format on */

/* GDPR 15(1)(h), 17 */
static void whatever_may_be_said_of_a_person_stands_in_the_papers(void **state)
{
    struct bench *bench = *state;
    bench->plan = load(bench, "most", NULL);
    paper_reads_as(bench->arena, "access-profiled.html",
                   built(bench, access_paper, parsed(bench, profiled), LANGUAGE_EN));
    paper_reads_as(bench->arena, "erasure-nothing.html",
                   built(bench, erasure_paper, parsed(bench, erased), LANGUAGE_EN));
}

static void lacks(struct bench *bench, const char *data, const char *says)
{
    struct report report = {0};
    struct paper *paper;
    struct person_ask ask = {
        .plan = bench->plan, .language = LANGUAGE_EN, .data = parsed(bench, data)};
    assert_int_equal(access_paper(&ask, bench->arena, &report, &paper).fault, FAULT_INCOMPLETE);
    if (strstr(report.text, says) == NULL)
        fail_msg("%s, not %s", report.text, says);
}

/* GDPR 15: what is said of an item, or of the policy, has a place in the answer */
static void what_lacks_in_an_answer_refuses_it_by_its_place(void **state)
{
    static const struct {
        const char *from, *to, *says;
    } ROWS[] = {
        {"{'purpose':'grade'}", "{'purpose':'gone'}", "purposes.purpose.basis lacks (gone)"},
        {"'field':'interest.liking',", "", "categories lacks"},
        {"'source':'register',", "", "sources lacks"},
    };
    struct bench *bench = *state;
    bench->plan = load(bench, "most", NULL);
    for (size_t i = 0; i < LENGTH(ROWS); i++) {
        const char *at = strstr(profiled, ROWS[i].from);
        assert_non_null(at);
        str text = arena_format(bench->arena, "%.*s%s%s", (int)(at - profiled), profiled,
                                ROWS[i].to, at + strlen(ROWS[i].from));
        lacks(bench, arena_c_string(bench->arena, text), ROWS[i].says);
    }
    bench->plan =
        load(bench, "most", &(struct policy_override){T("places.home"), T("unspecified")});
    lacks(bench, profiled, "transfers lacks (places.home)");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(whatever_a_policy_may_say_stands_in_its_papers),
        TEST(a_policy_that_says_little_has_papers_that_say_so),
        TEST(from_the_most_to_the_least_and_back_reads_as_its_samples),
        TEST(what_lacks_in_a_policy_refuses_the_paper_by_its_place),
        TEST(a_version_of_any_name_is_linked_to),
        TEST(a_paper_reads_as_its_samples_in_each_form),
        TEST(whatever_may_be_said_of_a_person_stands_in_the_papers),
        TEST(what_lacks_in_an_answer_refuses_it_by_its_place),
    };
    return cmocka_run_group_tests_name("sample", tests, NULL, NULL);
}
