/* Records of processing of each of the five policies as deployed: every item of article 30, in nb
 * and en; what lacks is named. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "document_internal.h"
#include "page_check.h"
#include "policy_bench.h"
#include "sample.h"

#define T(text)                                                                                    \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

enum { PAGE_ROOM = 8 << 20 };

static struct paper *recorded(struct bench *bench, const struct record_ask *ask)
{
    struct report report = {0};
    struct paper *paper;
    if (!is_ok(record_paper(ask, bench->arena, &report, &paper)))
        fail_msg("%s", report.text);
    return paper;
}

static void is_refused(struct bench *bench, const struct record_ask *ask, int fault,
                       const char *wanted)
{
    struct report report = {0};
    struct paper *paper;
    assert_int_equal(record_paper(ask, bench->arena, &report, &paper).fault, fault);
    if (strstr(report.text, wanted) == NULL)
        fail_msg("%s", report.text);
}

static bool says(const struct paper *paper, const char *path, const char *wanted)
{
    str said = paper_said(paper, path);
    if (memmem(said.ptr, said.len, wanted, strlen(wanted)) != NULL)
        return true;
    print_error("%s says: %.*s\n", path, STR_ARG(said));
    return false;
}

static str table_of(struct bench *bench, const struct paper *paper, const char *table)
{
    struct buf buf = buf_in(bench->arena, PAGE_ROOM);
    struct report report = {0};
    str csv;
    assert_true(is_ok(paper_csv(paper, table, &report, &buf)));
    assert_true(is_ok(buf_finish(&buf, &report, &csv)));
    return csv;
}

static void is_whole(struct bench *bench, const struct paper *paper, const char *language)
{
    struct buf buf = buf_in(bench->arena, PAGE_ROOM);
    struct report report = {0};
    size_t count;
    str page;
    const struct paper_item *items = paper_items(&count);
    for (size_t i = 0; i < count; i++) {
        if (items[i].kind == paper->kind && !paper_has(paper, items[i].path))
            fail_msg("%s in %s", items[i].path, language);
    }
    paper_html(paper, &buf);
    assert_true(is_ok(buf_finish(&buf, &report, &page)));
    page_is_sound(page, language);
}

static const struct {
    const char *policy;
    bool customer;
} POLICIES[] = {
    {"cobuilder", false}, {"infobric", true}, {"cloudberries", false},
    {"hosting", true},    {"confect", true},
};

static str firm(const struct plan *plan, plan_index index)
{
    return words_text(plan->words, plan->controller[index].clause.name);
}

/* INF-51: GDPR 30(1) */
static void each_controller_of_each_policy_has_its_record_whole_in_both_languages(void **state)
{
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        const struct plan *plan = loaded(bench, POLICIES[i].policy, true);
        for (plan_index k = 0; k < plan->controller_count; k++) {
            struct record_ask ask = {.plan = plan, .controller = firm(plan, k)};
            is_whole(bench, recorded(bench, &ask), "nb");
            ask.language = LANGUAGE_EN;
            struct paper *paper = recorded(bench, &ask);
            is_whole(bench, paper, "en");
            str name = plan->controller[k].name;
            assert_true(says(paper, "responsible.firm.name", arena_c_string(bench->arena, name)));
        }
    }
}

/* A row a purpose, none for what is closed. */
static void the_table_has_a_row_for_each_open_purpose_with_every_point_filled(void **state)
{
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        const struct plan *plan = loaded(bench, POLICIES[i].policy, true);
        struct record_ask ask = {.plan = plan, .controller = firm(plan, 0)};
        struct paper *paper = recorded(bench, &ask);
        str said = paper_said(paper, "activities.processing.purpose"), line;
        size_t rows = 0, open = 0;
        while (said.len > 0 && str_next(&said, '\n', &line))
            rows += line.len > 0;
        for (uint16_t p = 0; p < plan->purpose_count; p++)
            open += !plan->purpose[p].clause.closed;
        assert_int_equal(rows, open);
    }
}

static void tells_of(struct bench *bench, const struct paper *paper, const struct plan *customer,
                     const char *language)
{
    static const char *const columns[] = {"contacts",   "categories", "people", "data",
                                          "processors", "transfers",  "until"};
    str name = customer->controller[0].name;
    is_whole(bench, paper, language);
    assert_true(says(paper, "customers.processing.controller", arena_c_string(bench->arena, name)));
    for (size_t i = 0; i < LENGTH(columns); i++) {
        str path = arena_format(bench->arena, "customers.processing.%s", columns[i]);
        assert_true(paper_has(paper, arena_c_string(bench->arena, path)));
    }
    assert_false(paper_has(paper, "activities"));
}

/* GDPR 30(2): for whom, what, by whom, and the same measures */
static void a_firm_with_customers_has_its_record_as_processor(void **state)
{
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        const struct plan *plan = loaded(bench, POLICIES[i].policy, true);
        struct record_ask ask = {.plan = plan, .controller = firm(plan, 0), .processor = true};
        is_refused(bench, &ask, FAULT_INCOMPLETE, "customers lacks (spaces");
        if (!POLICIES[i].customer)
            continue;
        const struct plan *customer =
            loaded_with(bench, POLICIES[i].policy, ".customer.yaml", false, NULL, 0);
        const struct record_customer of = {.plan = customer};
        ask.customers = &of;
        ask.customer_count = 1;
        tells_of(bench, recorded(bench, &ask), customer, "nb");
        ask.language = LANGUAGE_EN;
        tells_of(bench, recorded(bench, &ask), customer, "en");
    }
}

/* GDPR 30(1): of several companies, the purposes of the one that the record is of */
static void a_record_tells_of_the_purposes_of_its_own_company(void **state)
{
    static const struct policy_override with[] = {
        {T("purposes.surveys.controllers"), T("[infobric_ab]")},
        {T("purposes.training_events.controllers"), T("[blastmanager]")}};
    struct bench *bench = *state;
    const struct plan *plan = loaded_with(bench, "infobric", ".yaml", true, with, LENGTH(with));
    struct record_ask ask = {.plan = plan, .language = LANGUAGE_EN};
    struct notice_ask notice = {.plan = plan, .language = LANGUAGE_EN};
    for (plan_index i = 0; i < plan->controller_count; i++) {
        struct report report = {0};
        struct paper *paper;
        ask.controller = notice.controller = firm(plan, i);
        bool ab = str_is(ask.controller, "infobric_ab"),
             blast = str_is(ask.controller, "blastmanager");
        str said = paper_said(recorded(bench, &ask), "activities.processing.purpose");
        assert_true((memmem(said.ptr, said.len, "Run surveys", 11) != NULL) == ab);
        assert_true((memmem(said.ptr, said.len, "Hold courses", 12) != NULL) == blast);
        assert_non_null(memmem(said.ptr, said.len, "Answer questions", 16));
        said = paper_said(recorded(bench, &ask), "recipients.kinds.recipient");
        assert_true((memmem(said.ptr, said.len, "A partner that takes", 20) != NULL) == blast);
        assert_true(is_ok(notice_paper(&notice, bench->arena, &report, &paper)));
        is_whole(bench, paper, "en");
        str page = paper_said(paper, "purposes");
        assert_null(memmem(page.ptr, page.len, "not in use", 10));
        said = paper_said(paper, "interests");
        assert_true((memmem(said.ptr, said.len, "courses and meetings", 20) != NULL) == blast);
    }
}

/* GDPR 30(2)(a): other processors by name, those of a customer's space too */
static void processors_inside_a_customers_space_are_named(void **state)
{
    static const struct record_party parties[] = {{.name = STR("Disken AS"), .recipient = 1},
                                                  {.name = STR("Skyen AS"), .recipient = 1},
                                                  {.name = STR("Retten"), .recipient = 2}};
    struct bench *bench = *state;
    struct record_customer of = {.plan = loaded(bench, "example", false)};
    struct record_ask ask = {.plan = loaded(bench, "hosting", true),
                             .processor = true,
                             .language = LANGUAGE_EN,
                             .customers = &of,
                             .customer_count = 1};
    str kinds = paper_said(recorded(bench, &ask), "customers.processing.processors");
    assert_true(str_is(kinds, "The host of the shop\n"));
    of.parties = parties;
    of.party_count = LENGTH(parties);
    struct paper *paper = recorded(bench, &ask);
    str named = paper_said(paper, "customers.processing.processors");
    assert_true(
        str_is(named, "Disken AS (The host of the shop)\nSkyen AS (The host of the shop)\n"));
    is_whole(bench, paper, "en");
}

static void
a_register_without_customers_says_so_and_one_without_spaces_has_no_such_record(void **state)
{
    struct bench *bench = *state;
    struct record_ask ask = {
        .plan = loaded(bench, "hosting", true), .processor = true, .live = true};
    assert_true(says(recorded(bench, &ask), "customers", "ingen kunders områder"));
    ask.plan = loaded(bench, "cobuilder", true);
    is_refused(bench, &ask, FAULT_INCOMPLETE, "customers lacks (spaces)");
}

static void a_record_names_the_item_and_the_clause_that_lacks(void **state)
{
    static const struct policy_override nameless[] = {{T("controllers.shop.name"),
                                                       T("unspecified")}},
                                        abroad[] = {{T("controllers.shop.country"), T("US")}};
    struct bench *bench = *state;
    struct record_ask ask = {.plan = loaded_with(bench, "example", ".yaml", false, nameless, 1)};
    is_refused(bench, &ask, FAULT_INCOMPLETE,
               "responsible.firm.name lacks (controllers.shop.name)");
    ask.plan = loaded_with(bench, "example", ".yaml", false, abroad, 1);
    is_refused(bench, &ask, FAULT_INCOMPLETE, "responsible.representative lacks (contacts)");
    ask.plan = loaded(bench, "cloudberries", false);
    is_refused(bench, &ask, FAULT_INCOMPLETE, "issue.version lacks (version)");
    const struct record_customer customer = {
        .plan = loaded_with(bench, "example", ".yaml", false, nameless, 1)};
    struct record_ask processor = {.plan = loaded(bench, "hosting", true),
                                   .processor = true,
                                   .customers = &customer,
                                   .customer_count = 1};
    is_refused(bench, &processor, FAULT_INCOMPLETE,
               "customers.processing.name lacks (controllers.shop.name)");
    ask.plan = loaded(bench, "example", false);
    ask.language = LANGUAGE_NN;
    is_refused(bench, &ask, FAULT_INCOMPLETE, "has no name in nn");
}

/* GDPR 30: whatever they hold */
static void a_record_reads_as_the_sample_of_it(void **state)
{
    static const struct record_proof proof[] = {{KIND_PROCESSOR_AGREEMENT, {1798758000000}},
                                                {KIND_SAFEGUARD, NEVER}};
    static const struct record_party parties[] = {
        {.name = T("Verten AS"),
         .recipient = 1,
         .zone = T("US"),
         .outside = true,
         .proofs = proof,
         .proof_count = LENGTH(proof)},
        {.name = T("Disken AS"), .recipient = 1, .under = T("Verten AS")}};
    struct bench *bench = *state;
    struct record_customer of = {.plan = loaded(bench, "example", false),
                                 .parties = parties,
                                 .party_count = LENGTH(parties)};
    struct record_ask ask = {.plan = of.plan,
                             .language = LANGUAGE_EN,
                             .live = true,
                             .parties = parties,
                             .party_count = LENGTH(parties)};
    paper_reads_as(bench->arena, "record.html", recorded(bench, &ask));
    ask = (struct record_ask){.plan = loaded(bench, "infobric", true),
                              .controller = STR("infobric_as"),
                              .language = LANGUAGE_EN};
    paper_reads_as(bench->arena, "record-joint.html", recorded(bench, &ask));
    ask = (struct record_ask){.plan = loaded(bench, "hosting", true),
                              .processor = true,
                              .language = LANGUAGE_EN,
                              .customers = &of,
                              .customer_count = 1};
    paper_reads_as(bench->arena, "record_processor.html", recorded(bench, &ask));
}

static void a_record_is_of_one_controller(void **state)
{
    struct bench *bench = *state;
    struct record_ask ask = {.plan = loaded(bench, "infobric", true)};
    is_refused(bench, &ask, FAULT_INVALID, "say which");
    ask.controller = STR("nobody");
    is_refused(bench, &ask, FAULT_NOT_FOUND, "no controller of that name");
    ask.controller = STR("infobric_as");
    assert_true(says(recorded(bench, &ask), "responsible.joint", "Infobric AB"));
}

/* COB-76, INF-51: what only a register knows */
static void parties_stand_with_their_agreements_ends_and_places(void **state)
{
    struct bench *bench = *state;
    const struct plan *plan = loaded(bench, "example", false);
    plan_index carrier = NONE;
    for (plan_index i = 0; i < plan->recipient_count && carrier == NONE; i++) {
        if (!plan->recipient[i].never && !plan->recipient[i].clause.closed)
            carrier = i;
    }
    const struct record_proof proof[] = {{KIND_PROCESSOR_AGREEMENT, {1798758000000}},
                                         {KIND_SAFEGUARD, NEVER}};
    const struct record_party parties[] = {
        {.name = STR("=Budet AS"),
         .recipient = carrier,
         .zone = STR("US"),
         .outside = true,
         .proofs = proof,
         .proof_count = 2},
        {.name = STR("Sjåføren AS"), .recipient = carrier, .under = STR("=Budet AS")}};
    struct record_ask ask = {
        .plan = plan, .live = true, .parties = parties, .party_count = LENGTH(parties)};
    struct paper *paper = recorded(bench, &ask);
    is_whole(bench, paper, "nb");
    assert_true(says(paper, "recipients.present.parties.agreements",
                     "databehandleravtalen, til 1. januar 2027"));
    assert_true(says(paper, "recipients.present.parties.agreements", "ingen i kraft"));
    assert_true(says(paper, "recipients.present.parties.place", "US (tredjeland)"));
    assert_true(says(paper, "recipients.present.parties.under", "=Budet AS"));
    assert_true(says(paper, "transfers", "=Budet AS (US)"));
    str csv = table_of(bench, paper, "parties");
    assert_non_null(memmem(csv.ptr, csv.len, "\"'=Budet AS\"", 12));
    ask.parties = NULL;
    ask.party_count = 0;
    assert_true(says(recorded(bench, &ask), "recipients.present", "kjenner ingen mottaker"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_open, bench_close)
    const struct CMUnitTest tests[] = {
        TEST(each_controller_of_each_policy_has_its_record_whole_in_both_languages),
        TEST(the_table_has_a_row_for_each_open_purpose_with_every_point_filled),
        TEST(a_firm_with_customers_has_its_record_as_processor),
        TEST(a_record_tells_of_the_purposes_of_its_own_company),
        TEST(processors_inside_a_customers_space_are_named),
        TEST(a_register_without_customers_says_so_and_one_without_spaces_has_no_such_record),
        TEST(a_record_names_the_item_and_the_clause_that_lacks),
        TEST(a_record_reads_as_the_sample_of_it),
        TEST(a_record_is_of_one_controller),
        TEST(parties_stand_with_their_agreements_ends_and_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
