/* Plans and lists of a policy, and what a version changes, by their properties. */
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

static const struct plan *undeployed(struct bench *bench, const char *name)
{
    struct problems problems = {.arena = bench->arena};
    struct report report = {0};
    struct policy_source policy = {str_from(name), file_text(bench, name, ".yaml")};
    const struct plan *plan;
    if (!is_ok(plan_load(bench->words, &policy, NULL, NULL, 0, bench->arena, &problems, &report,
                         &plan)))
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
        retention_paper, transfers_paper, processors_paper, assessment_paper};
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        struct policy_ask ask = {.plan = changed(bench, POLICIES[i], NULL, 0),
                                 .language = LANGUAGE_NB};
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
    struct policy_ask ask = {.plan = changed(bench, "example", NULL, 0), .language = LANGUAGE_EN};
    struct report report = {0};
    struct buf buf = buf_in(bench->arena, PAGE_ROOM);
    struct paper *paper;
    assert_true(is_ok(retention_paper(&ask, bench->arena, &report, &paper)));
    paper_reads_as(bench->arena, "retention.html", paper);
    assert_true(is_ok(paper_csv(paper, "plan", &report, &buf)));
    assert_true(str_starts(buf_str(&buf),
                           STR("Purpose,Data,Period,Counts from,Erased,Legal basis,What then "
                               "happens\r\n")));
    size_t rows = 0;
    for (size_t i = 0; i < buf.len; i++)
        rows += buf.ptr[i] == '\n';
    assert_int_equal(rows, 1 + ask.plan->purpose_count);
    assert_true(says(paper, "purposes.plan.period", "6 months"));
    assert_true(says(paper, "purposes.plan.counts_from", "the last time you apply"));
    assert_true(says(paper, "purposes.plan.end", "erased when no other purpose"));
    assert_true(says(paper, "categories.kept.by", "Handle job applications"));
    assert_true(says(paper, "categories.kept.by", "never taken"));
    assert_true(says(paper, "unsettled", "Every purpose is settled"));
    assert_true(says(paper, "issue.since", "1 January 2026"));
}

/* GDPR 5(1)(e): a hole keeps nothing. */
static void a_period_that_is_not_set_is_read_as_no_ground_to_keep(void **state)
{
    static const struct policy_override open[] = {{T("purposes.support.keep"), T("unspecified")}};
    struct bench *bench = *state;
    struct policy_ask ask = {.plan = changed(bench, "example", open, 1), .language = LANGUAGE_EN};
    struct report report = {0};
    struct paper *paper;
    assert_true(is_ok(retention_paper(&ask, bench->arena, &report, &paper)));
    is_whole(bench, paper, "en");
    assert_true(says(paper, "unsettled", "no ground to keep"));
    assert_true(says(paper, "unsettled.holes.lacks", "purposes.support.keep"));
    str said = paper_said(paper, "purposes.plan.purpose");
    assert_null(memmem(said.ptr, said.len, "Answer questions", 16));
    said = paper_said(paper, "categories.kept.by");
    assert_null(memmem(said.ptr, said.len, "Answer questions", 16));
    assert_true(says(paper, "categories.kept.by", "nothing: it is erased at once"));
}

static void papers_without_a_version_or_a_date_are_refused(void **state)
{
    static const struct policy_override open[] = {{T("version"), T("unspecified")},
                                                  {T("effective"), T("unspecified")}};
    static status (*const papers[])(const struct policy_ask *ask, struct arena *arena,
                                    struct report *report, struct paper **paper) = {
        retention_paper, transfers_paper, processors_paper, balancing_paper, assessment_paper};
    struct bench *bench = *state;
    struct policy_ask ask = {.plan = changed(bench, "example", open, 2)};
    for (size_t i = 0; i < LENGTH(papers); i++) {
        struct report report = {0};
        struct paper *paper;
        assert_int_equal(papers[i](&ask, bench->arena, &report, &paper).fault, FAULT_INCOMPLETE);
        assert_non_null(strstr(report.text, "issue.version lacks (version); 1 more lack"));
    }
}

static const struct plan *in_three_languages(struct bench *bench)
{
    struct problems problems = {.arena = bench->arena};
    struct report report = {0};
    struct policy_source policy = {STR("example"), file_text(bench, "example", ".yaml")},
                         more = {STR("nn"), file_text(bench, "example", ".nn.deploy.yaml")};
    const struct plan *plan;
    if (!is_ok(plan_load(bench->words, &policy, &more, NULL, 0, bench->arena, &problems, &report,
                         &plan)))
        fail_msg("%s", report.text);
    return plan;
}

static void every_paper_is_whole_in_nynorsk_once_things_have_their_names(void **state)
{
    static status (*const papers[])(const struct policy_ask *ask, struct arena *arena,
                                    struct report *report, struct paper **paper) = {
        retention_paper, transfers_paper, processors_paper, balancing_paper, assessment_paper};
    struct bench *bench = *state;
    struct policy_ask ask = {.plan = in_three_languages(bench)};
    struct report report = {0};
    struct paper *paper;
    for (unsigned in = 0; in < LANGUAGE_COUNT; in++) {
        ask.language = (enum language)in;
        for (size_t i = 0; i < LENGTH(papers); i++) {
            if (!is_ok(papers[i](&ask, bench->arena, &report, &paper)))
                fail_msg("%s: %s", language_tag(ask.language), report.text);
            is_whole(bench, paper, language_tag(ask.language));
        }
    }
    struct notice_ask notice = {.plan = ask.plan, .language = LANGUAGE_NN};
    assert_true(is_ok(notice_paper(&notice, bench->arena, &report, &paper)));
    is_whole(bench, paper, "nn");
    assert_true(says(paper, "interests.stated", "hugse svaret"));
}

static void what_is_said_of_a_purpose_is_not_said_again_beside_it(void **state)
{
    struct bench *bench = *state;
    struct notice_ask ask = {.plan = changed(bench, "example", NULL, 0), .language = LANGUAGE_EN};
    struct report report = {0};
    struct paper *paper;
    assert_true(is_ok(notice_paper(&ask, bench->arena, &report, &paper)));
    assert_true(says(paper, "interests.stated", "Answer questions: We want to answer"));
    str said = paper_said(paper, "security.said");
    assert_null(memmem(said.ptr, said.len, "needs the question", 18));
}

/* ---- what was weighed ---- */

/* GDPR 6(1)(f): CON-62 */
static void a_weighing_says_interest_necessity_balance_safeguards_and_objection(void **state)
{
    static const struct purpose_proof held[] = {
        {KIND_BALANCING, 2, {1767222000000}, {1798758000000}}};
    struct bench *bench = *state;
    struct policy_ask ask = {
        .plan = changed(bench, "example", NULL, 0), .language = LANGUAGE_EN, .live = true};
    struct report report = {0};
    struct buf csv = buf_in(bench->arena, PAGE_ROOM);
    struct paper *paper;
    assert_int_equal(ask.plan->purpose[2].basis, BASIS_LEGITIMATE_INTEREST);
    assert_true(is_ok(balancing_paper(&ask, bench->arena, &report, &paper)));
    is_whole(bench, paper, "en");
    assert_true(says(paper, "purposes.purpose.interest", "We want to answer"));
    assert_true(says(paper, "purposes.purpose.necessity", "An answer needs the question"));
    assert_true(says(paper, "purposes.purpose.balance", "surprises nobody"));
    assert_true(says(paper, "purposes.purpose.safeguards", "Only those who answer"));
    assert_true(says(paper, "purposes.purpose.objection", "Use stops while the objection"));
    assert_true(says(paper, "purposes.purpose.objection", "personvern@butikk.example"));
    assert_true(says(paper, "purposes.purpose.on_file", "not on file: the purpose opens nothing"));
    ask.proofs = held;
    ask.proof_count = 1;
    assert_true(is_ok(balancing_paper(&ask, bench->arena, &report, &paper)));
    assert_true(says(paper, "purposes.purpose.on_file",
                     "on file since 1 January 2026, valid until 1 January 2027"));
    paper_reads_as(bench->arena, "balancing.html", paper);
    assert_true(is_ok(paper_csv(paper, "purpose", &report, &csv)));
    assert_true(str_starts(buf_str(&csv), STR("Purpose,The interest,Necessity,The balance,")));
}

static void each_text_of_a_weighing_that_lacks_is_named_and_the_paper_refused(void **state)
{
    static const char *const ITEMS[] = {"interest", "necessity", "balance", "safeguards"};
    struct bench *bench = *state;
    struct policy_ask ask = {.plan = undeployed(bench, "confect")}; /* the operator weighs */
    struct report report = {0};
    struct paper *paper;
    size_t count, found = 0, weighed = 0;
    assert_int_equal(balancing_paper(&ask, bench->arena, &report, &paper).fault, FAULT_INCOMPLETE);
    const struct paper_lack *lacks = paper_lacking(paper, &count);
    for (uint16_t i = 0; i < ask.plan->purpose_count; i++)
        weighed += ask.plan->purpose[i].basis == BASIS_LEGITIMATE_INTEREST &&
                   !ask.plan->purpose[i].clause.closed;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < LENGTH(ITEMS); k++)
            found += str_starts(lacks[i].path, STR("statements.")) &&
                     str_ends(lacks[i].path, str_from(ITEMS[k])) &&
                     str_ends(lacks[i].item, str_from(ITEMS[k]));
    }
    assert_true(weighed > 3);
    assert_int_equal(found, 4 * weighed);
}

static void a_policy_that_weighs_nothing_says_so(void **state)
{
    static const struct policy_override with[] = {{T("purposes.support.basis"), T("contract")}};
    struct bench *bench = *state;
    struct policy_ask ask = {.plan = changed(bench, "example", with, 1), .language = LANGUAGE_EN};
    struct report report = {0};
    struct buf csv = buf_in(bench->arena, PAGE_ROOM);
    struct paper *paper;
    assert_true(is_ok(balancing_paper(&ask, bench->arena, &report, &paper)));
    assert_true(says(paper, "purposes", "None of the purposes rests on legitimate interest"));
    assert_int_equal(paper_csv(paper, "purpose", &report, &csv).fault, FAULT_NOT_FOUND);
}

/* ---- what needs an assessment ---- */

static const struct part *row_in(const struct part *parent, const char *purpose)
{
    for (const struct part *part = parent->first; part != NULL; part = part->next) {
        bool row = part->kind == PART_ROW && part->first != NULL && part->first->first != NULL;
        if (row && str_is(part->first->first->text, purpose))
            return part;
        const struct part *inner = row_in(part, purpose);
        if (inner != NULL)
            return inner;
    }
    return NULL;
}

static bool row_says(const struct paper *paper, const char *purpose, size_t column,
                     const char *wanted)
{
    const struct part *row = row_in(&paper->root, purpose);
    const struct part *cell = row == NULL ? NULL : part_at(row, PART_CELL, column);
    for (const struct part *value = cell == NULL ? NULL : cell->first; value != NULL;
         value = value->next) {
        if (memmem(value->text.ptr, value->text.len, wanted, strlen(wanted)) != NULL)
            return true;
    }
    return false;
}

/* GDPR 35(1), 35(3) */
static void two_criteria_of_nine_flag_a_purpose_and_each_is_read_from_the_policy(void **state)
{
    static const struct {
        struct policy_override with;
        const char *criterion;
    } shown[] = {
        {{T("purposes.support.profiling"), T("true")}, "Evaluation or scoring: profiles"},
        {{T("purposes.support.decides"), T("true")}, "Automated decisions"},
        {{T("intakes.contact_form.from"), T("[person, site]")}, "Systematic monitoring"},
        {{T("cookies.statistics.for"), T("[statistics, support]")},
         "Systematic monitoring: tracking (statistics)"},
        {{T("purposes.support.uses"), T("[contact, question, health]")},
         "Sensitive or highly personal data: Health data"},
        {{T("statements.support_large_scale"), T("{ says: { nb: Mange, en: Every household } }")},
         "Large scale: Every household"},
        {{T("purposes.support.reuses"), T("true")}, "Combining data"},
        {{T("roles.asker"), T("{ says: { nb: barn, en: a child }, under: 15 }")},
         "Vulnerable people, such as children: a child"},
        {{T("statements.support_new_technology"), T("{ says: { nb: Ny, en: A language model } }")},
         "New technology or new solutions: A language model"},
        {{T("statements.support_exclusion"), T("{ says: { nb: Ja, en: No answer no help } }")},
         "Keeps people from a right"},
    };
    struct bench *bench = *state;
    struct report report = {0};
    struct paper *paper;
    struct policy_ask ask = {.plan = changed(bench, "example", NULL, 0), .language = LANGUAGE_EN};
    assert_true(is_ok(assessment_paper(&ask, bench->arena, &report, &paper)));
    assert_true(row_says(paper, "Answer questions", 2, "0"));
    for (size_t i = 0; i < LENGTH(shown); i++) {
        ask.plan = changed(bench, "example", &shown[i].with, 1);
        if (!is_ok(assessment_paper(&ask, bench->arena, &report, &paper)))
            fail_msg("%s: %s", shown[i].criterion, report.text);
        if (!row_says(paper, "Answer questions", 1, shown[i].criterion))
            fail_msg("not found: %s", shown[i].criterion);
        assert_true(row_says(paper, "Answer questions", 2, "1"));
        assert_true(row_says(paper, "Answer questions", 4, i == 0 ? "yes" : "no"));
    }
    const struct policy_override two[] = {shown[4].with, shown[5].with};
    ask.plan = changed(bench, "example", two, 2);
    assert_true(is_ok(assessment_paper(&ask, bench->arena, &report, &paper)));
    assert_true(row_says(paper, "Answer questions", 2, "2"));
    assert_true(row_says(paper, "Answer questions", 4, "yes"));
    assert_true(says(paper, "needed", "An assessment is needed for: Answer questions"));
}

#define STATED(name)                                                                               \
    {                                                                                              \
        T("statements.support_" name), T("{ says: { nb: Ja, en: So it is } }")                     \
    }

/* GDPR 35(4) */
static void one_row_of_the_authoritys_list_flags_a_purpose(void **state)
{
    static const struct {
        struct policy_override with;
        bool another; /* only with another criterion */
        const char *text;
    } ROWS[] = {
        {STATED("from_others"), true,
         "Data from others than the person, and another criterion: So"},
        {STATED("biometric"), true, "Biometric data"},
        {STATED("genetic"), true, "Genetic data"},
        {STATED("innovative"), true, "Innovative technology"},
        {STATED("employees_watched"), false, "Systematic monitoring of employees: So it is"},
        {STATED("research"), true, "Scientific or historical purposes"},
        {STATED("location"), true, "Location data"},
        {STATED("learning"), false, "Assessing learning"},
        {STATED("public_area"), false, "where the public has access"},
        {STATED("school_cameras"), false, "Cameras in schools"},
        {STATED("training"), false, "to train algorithms"},
        {STATED("abilities"), false, "Systematic monitoring of skills"},
        {STATED("predicting"), false, "that predict interests"},
        {STATED("things"), false, "Internet of things"},
    };
    static const struct policy_override scale = STATED("large_scale");
    struct bench *bench = *state;
    struct report report = {0};
    struct paper *paper;
    struct policy_ask ask = {.language = LANGUAGE_EN};
    for (size_t i = 0; i < LENGTH(ROWS); i++) {
        const struct policy_override with[] = {ROWS[i].with, scale};
        ask.plan = changed(bench, "example", with, 1);
        assert_true(is_ok(assessment_paper(&ask, bench->arena, &report, &paper)));
        assert_true(says(paper, "method.listed", "Genetic data, and another criterion"));
        assert_true(row_says(paper, "Answer questions", 4, ROWS[i].another ? "no" : "yes"));
        ask.plan = changed(bench, "example", with, 2);
        assert_true(is_ok(assessment_paper(&ask, bench->arena, &report, &paper)));
        assert_true(row_says(paper, "Answer questions", 2, "1"));
        assert_true(row_says(paper, "Answer questions", 3, ROWS[i].text));
        assert_true(row_says(paper, "Answer questions", 4, "yes"));
    }
}

/* GDPR 35(4) */
static void what_is_listed_is_read_from_the_policy_where_it_shows_it(void **state)
{
    static const struct policy_override others[] =
        {{T("sources.site"),
          T("{ kind: indirect, needs: [notice], says: { nb: Andre, en: Neighbours } }")},
         {T("intakes.contact_form.from"), T("[person, site]")},
         STATED("exclusion")},
                                        profiling = {T("purposes.support.profiling"), T("true")},
                                        technology[] = {STATED("new_technology"), STATED("scale")};
    struct bench *bench = *state;
    struct report report = {0};
    struct paper *paper;
    struct policy_ask ask = {.plan = changed(bench, "example", others, 3), .language = LANGUAGE_EN};
    assert_true(is_ok(assessment_paper(&ask, bench->arena, &report, &paper)));
    assert_true(row_says(paper, "Answer questions", 3, "another criterion: Neighbours"));
    assert_true(row_says(paper, "Handle job applications", 3, "none"));
    ask.plan = changed(bench, "example", &profiling, 1);
    assert_true(is_ok(assessment_paper(&ask, bench->arena, &report, &paper)));
    assert_true(row_says(paper, "Answer questions", 3, "and the like: profiles are made"));
    ask.plan = changed(bench, "example", technology, 1);
    assert_true(is_ok(assessment_paper(&ask, bench->arena, &report, &paper)));
    assert_true(row_says(paper, "Answer questions", 3, "none"));
}

/* GDPR 35(4): the decision is of 16 March 2019 */
static void before_its_day_the_list_is_not_there(void **state)
{
    static const struct policy_override profiling = {T("purposes.support.profiling"), T("true")};
    struct bench *bench = *state;
    struct report report = {0};
    struct paper *paper;
    struct policy_ask ask = {.plan = changed(bench, "example", &profiling, 1),
                             .language = LANGUAGE_EN,
                             .now = {1552690799999}}; /* the last millisecond of the day before */
    assert_true(is_ok(assessment_paper(&ask, bench->arena, &report, &paper)));
    assert_true(says(paper, "method", "The authority had no list on this day"));
    assert_true(row_says(paper, "Answer questions", 4, "no"));
    is_whole(bench, paper, "en");
    ask.now.ms++;
    assert_true(is_ok(assessment_paper(&ask, bench->arena, &report, &paper)));
    assert_true(says(paper, "method", "18/03670, 16 March 2019"));
    assert_true(row_says(paper, "Answer questions", 4, "yes"));
    is_whole(bench, paper, "en");
}

/* GDPR 35(7) */
static void an_assessment_is_on_file_or_said_to_lack(void **state)
{
    static const struct policy_override flagged[] = {{T("purposes.support.profiling"), T("true")},
                                                     {T("purposes.support.reuses"), T("true")}};
    struct bench *bench = *state;
    struct report report = {0};
    struct paper *paper;
    struct policy_ask ask = {.plan = changed(bench, "example", flagged, 2),
                             .language = LANGUAGE_EN};
    const struct plan *plan = ask.plan;
    assert_true(is_ok(assessment_paper(&ask, bench->arena, &report, &paper)));
    assert_true(row_says(paper, "Answer questions", 5, "must be on file in the register"));
    ask.live = true;
    assert_true(is_ok(assessment_paper(&ask, bench->arena, &report, &paper)));
    assert_true(row_says(paper, "Answer questions", 5, "lacking: no assessment is on file"));
    const struct purpose_proof proofs[] = {
        {plan_find(plan, plan->evidence_of, words_find(bench->words, STR("impact_assessment"))),
         2,
         {1767222000000},
         NEVER},
        {KIND_BALANCING, 3, {1767222000000}, NEVER}};
    ask.proofs = proofs;
    ask.proof_count = LENGTH(proofs);
    assert_true(is_ok(assessment_paper(&ask, bench->arena, &report, &paper)));
    assert_true(row_says(paper, "Answer questions", 5, "on file since 1 January 2026"));
    static const struct policy_override ordered[] = {
        {T("purposes.deliver_services.profiling"), T("true")},
        {T("purposes.deliver_services.reuses"), T("true")}};
    ask.plan = changed(bench, "hosting", ordered, 2);
    ask.proof_count = 0;
    assert_true(is_ok(assessment_paper(&ask, bench->arena, &report, &paper)));
    assert_true(says(paper, "purposes.found.assessment", "no such evidence (evidence.impact"));
    ask.plan = changed(bench, "cobuilder", NULL, 0);
    assert_true(is_ok(assessment_paper(&ask, bench->arena, &report, &paper)));
    paper_reads_as(bench->arena, "assessment.html", paper);
}

/* ---- who is named ---- */

/* CON-47 */
static void only_those_that_may_be_named_are_named_on_the_public_page(void **state)
{
    struct bench *bench = *state;
    struct report report = {0};
    struct paper *paper;
    struct policy_ask ask = {.plan = changed(bench, "example", NULL, 0), .language = LANGUAGE_EN};
    assert_true(is_ok(processors_paper(&ask, bench->arena, &report, &paper)));
    assert_true(says(paper, "names", "None of them is named publicly"));
    const struct record_party parties[] = {
        {.name = STR("=Verten AS"), .recipient = 1, .zone = STR("NO"), .public = true},
        {.name = STR("Skyen AS"), .recipient = 1, .under = STR("=Verten AS"), .public = true},
        {.name = STR("Disken AS"), .recipient = 1, .under = STR("Hemmelig AS"), .public = true},
        {.name = STR("Hemmelig AS"), .recipient = 1, .zone = STR("SE")},
        {.name = STR("Budet AS"), .recipient = 0, .public = true}};
    ask.parties = parties;
    ask.party_count = LENGTH(parties);
    assert_true(is_ok(processors_paper(&ask, bench->arena, &report, &paper)));
    is_whole(bench, paper, "en");
    assert_true(says(paper, "names.named.name", "Verten AS"));
    assert_true(says(paper, "names.named.under", "Verten AS"));
    assert_true(says(paper, "names.named.under", "a processor that is not named"));
    paper_reads_as(bench->arena, "processors.html", paper);
    struct buf json = buf_in(bench->arena, PAGE_ROOM), csv = buf_in(bench->arena, PAGE_ROOM);
    paper_json(paper, &json);
    assert_null(memmem(json.ptr, json.len, "Hemmelig", 8));
    assert_null(memmem(json.ptr, json.len, "Budet", 5)); /* no processor */
    assert_true(is_ok(paper_csv(paper, "named", &report, &csv)));
    assert_non_null(memmem(csv.ptr, csv.len, "\"'=Verten AS\"", 13));
}

static void a_name_in_the_policy_is_public_as_the_policy_is(void **state)
{
    static const struct policy_override with[] = {
        {T("recipients.web_host.named"), T("[Verten AS, Skyen AS]")}};
    static const struct record_party parties[] = {
        {.name = {"Verten AS", 9}, .recipient = 1, .zone = {"NO", 2}, .public = true}};
    struct bench *bench = *state;
    struct report report = {0};
    struct paper *paper;
    struct policy_ask ask = {
        .plan = changed(bench, "example", with, 1), .parties = parties, .party_count = 1};
    assert_true(is_ok(processors_paper(&ask, bench->arena, &report, &paper)));
    str said = paper_said(paper, "names.named.name");
    assert_true(str_equal(said, STR("Skyen AS\nVerten AS\n")));
    ask.language = LANGUAGE_EN;
    assert_true(is_ok(processors_paper(&ask, bench->arena, &report, &paper)));
    paper_reads_as(bench->arena, "processors-named.html", paper);
}

/* GDPR 44 to 49 */
static void a_transfer_stands_with_country_recipient_and_safeguard_or_that_none_is(void **state)
{
    static const struct record_proof proof[] = {{KIND_SAFEGUARD, {1798758000000}}},
                                     agreed[] = {{KIND_PROCESSOR_AGREEMENT, NEVER}};
    struct bench *bench = *state;
    struct report report = {0};
    struct paper *paper;
    const struct record_party parties[] = {
        {.name = STR("Cloud Inc"),
         .recipient = 1,
         .zone = STR("US"),
         .outside = true,
         .proofs = proof,
         .proof_count = 1},
        {.name = STR("Nube SA"),
         .recipient = 1,
         .zone = STR("BR"),
         .outside = true,
         .proofs = agreed,
         .proof_count = 1},
        {.name = STR("Budet AS"), .recipient = 0, .zone = STR("NO")}};
    struct policy_ask ask = {
        .plan = changed(bench, "example", NULL, 0), .language = LANGUAGE_EN, .live = true};
    assert_true(is_ok(transfers_paper(&ask, bench->arena, &report, &paper)));
    assert_true(says(paper, "present", "knows no recipient by name"));
    ask.parties = parties;
    ask.party_count = LENGTH(parties);
    assert_true(is_ok(transfers_paper(&ask, bench->arena, &report, &paper)));
    is_whole(bench, paper, "en");
    assert_true(
        says(paper, "present", "In third countries at present: Cloud Inc (US) and Nube SA"));
    assert_true(says(paper, "present.parties.place", "BR (third country)"));
    assert_true(says(paper, "present.parties.safeguards",
                     "a transfer safeguard under GDPR article 46, until 1 January 2027"));
    assert_true(says(paper, "present.parties.safeguards", "no safeguard in force: nothing"));
    assert_true(says(paper, "present.parties.purposes", "Deliver what you have ordered"));
    paper_reads_as(bench->arena, "transfers.html", paper);
}

static void only_processors_stand_on_the_page_of_processors(void **state)
{
    struct bench *bench = *state;
    struct policy_ask ask = {.plan = changed(bench, "hosting", NULL, 0), .language = LANGUAGE_NB};
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
    struct policy_ask ask = {.plan = changed(bench, "example", with, LENGTH(with)),
                             .language = LANGUAGE_EN};
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
    paper_reads_as(bench->arena, "changes.html", paper);
}

/* CON-80, INF-79, COB-108 */
static void each_kind_of_change_is_told_with_its_name_and_both_its_sides(void **state)
{
    static const struct {
        struct policy_override with;
        const char *thing, *change, *before, *now;
    } ROWS[] = {
        {{T("purposes.bookkeeping.law"), T("skatteloven § 1")},
         "Purpose: Keep accounts",
         "Legal basis",
         "bokføringsloven § 13",
         "skatteloven § 1"},
        {{T("purposes.support.roles"), T("[asker]")},
         "Purpose: Answer questions",
         "Concerns you if you are",
         "a customer",
         "somebody who asks us something"},
        {{T("purposes.newsletter.profiling"), T("true")},
         "Purpose: Send the newsletter",
         "Profiling",
         "no",
         "yes"},
        {{T("recipients.carrier.needs"), T("[processing_agreement]")},
         "Recipient: Carriers",
         "Terms",
         "–",
         "the processing agreement"},
        {{T("recipients.carrier.kind"), T("processor")},
         "Recipient: Carriers",
         "Role",
         "controller in its own right",
         "processor for us"},
        {{T("controllers.shop.address"), T("Nyveien 1")},
         "Controller: Eksempelbutikken AS",
         "Address",
         "Butikkveien 5",
         "Nyveien 1"},
        {{T("intakes.checkout.required"), T("[contact.email]")},
         "Point of collection: You order goods",
         "Must be given",
         "Delivery address (street)",
         "(e-mail address)"},
        {{T("cookies.statistics.keep"), T("3 months after collected")},
         "Cookie: statistics",
         "Erased",
         "6 months",
         "3 months"},
        {{T("messages.answer.channels"), T("{ email: {} }")},
         "Message: Answer questions",
         "Channels",
         "telephone",
         "e-mail"},
        {{T("switches.newsletter.at"), T("[stop_link]")},
         "Choice",
         "Contact",
         "min-side",
         "the link in our message"},
        {{T("rights.withdraw.at"), T("[post]")},
         "Right: Withdrawing consent",
         "Contact",
         "the link in our message",
         "personvern@butikk.example"},
        {{T("intakes.checkout.from"), T("[site]")},
         "Point of collection: You order goods",
         "Source",
         "You yourself",
         "Your use of services"},
        {{T("intakes.checkout.channel"), T("email")},
         "Point of collection: You order goods",
         "Channels",
         "web",
         "e-mail"},
        {{T("rights.all.within"), T("2 weeks")},
         "Right: Your rights",
         "Dates",
         "1 month",
         "2 weeks"},
        {{T("places.home"), T("eu")},
         "Countries",
         "Where the data are",
         "Economic Area",
         "European Union"},
        {{T("categories.contact.fields"), T("{ name: name, email: email }")},
         "Category of data: Name, e-mail and phone",
         "Data",
         "phone number",
         "e-mail address"},
    };
    struct bench *bench = *state;
    const struct plan *old = changed(bench, "example", NULL, 0);
    for (size_t i = 0; i < LENGTH(ROWS); i++) {
        struct policy_override with[] = {ROWS[i].with, /* what else names the field that goes */
                                         {T("intakes.checkout.optional"), T("[purchase]")},
                                         {T("intakes.contact_form.optional"), T("[contact.name]")},
                                         {T("intakes.job_form.optional"), T("[application]")},
                                         {T("recipients.carrier.gives"), T("[contact.name]")}};
        bool field = i + 1 == LENGTH(ROWS);
        struct policy_ask ask = {.plan = changed(bench, "example", with, field ? 5 : 1),
                                 .language = LANGUAGE_EN};
        struct report report = {0};
        struct paper *paper;
        if (!is_ok(changes_paper(&ask, old, bench->arena, &report, &paper)))
            fail_msg("%s: %s", ROWS[i].thing, report.text);
        is_whole(bench, paper, "en");
        if (!says(paper, "changed.list.thing", ROWS[i].thing) ||
            !row_says(paper, ROWS[i].thing, 1, ROWS[i].change) ||
            !row_says(paper, ROWS[i].thing, 2, ROWS[i].before) ||
            !row_says(paper, ROWS[i].thing, 3, ROWS[i].now))
            fail_msg("%s: %s", ROWS[i].thing, ROWS[i].change);
    }
}

static void a_version_that_has_ended_says_until_when_it_held(void **state)
{
    static status (*const papers[])(const struct policy_ask *ask, struct arena *arena,
                                    struct report *report, struct paper **paper) = {
        retention_paper, transfers_paper, processors_paper, balancing_paper, assessment_paper};
    struct bench *bench = *state;
    struct policy_ask ask = {.plan = changed(bench, "example", NULL, 0),
                             .language = LANGUAGE_EN,
                             .until = {1798758000000}};
    struct report report = {0};
    struct paper *paper;
    for (size_t i = 0; i < LENGTH(papers); i++) {
        ask.until = (instant){1798758000000};
        assert_true(is_ok(papers[i](&ask, bench->arena, &report, &paper)));
        assert_true(says(paper, "issue.until", "1 January 2027"));
        ask.until = NEVER;
        assert_true(is_ok(papers[i](&ask, bench->arena, &report, &paper)));
        assert_false(paper_has(paper, "issue.until"));
    }
    ask.until = (instant){1798758000000};
    assert_true(is_ok(changes_paper(&ask, ask.plan, bench->arena, &report, &paper)));
    assert_true(says(paper, "versions.until", "1 January 2027"));
}

static void a_version_that_changes_nothing_says_so(void **state)
{
    struct bench *bench = *state;
    struct policy_ask ask = {.plan = changed(bench, "example", NULL, 0), .language = LANGUAGE_NB};
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
    struct policy_ask ask = {.plan = large, .language = LANGUAGE_EN};
    assert_true(is_ok(changes_paper(&ask, small, bench->arena, &report, &paper)));
    assert_true(says(paper, "changed.list.thing", "Purpose: Offers"));
    assert_true(says(paper, "changed.list.change", "is new"));
    assert_true(row_says(paper, "Purpose: Offers", 3, "Your consent"));
    assert_true(row_says(paper, "Purpose: Offers", 3, "when your consent ends"));
    assert_true(row_says(paper, "Purpose: Offers", 2, "–"));
    ask.plan = small;
    assert_true(is_ok(changes_paper(&ask, large, bench->arena, &report, &paper)));
    assert_true(says(paper, "changed.list.change", "is gone"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_open, bench_close)
    const struct CMUnitTest tests[] = {
        TEST(each_policy_gives_its_plans_and_lists_whole_in_both_languages),
        TEST(a_retention_plan_is_a_table_of_a_spreadsheet),
        TEST(a_period_that_is_not_set_is_read_as_no_ground_to_keep),
        TEST(papers_without_a_version_or_a_date_are_refused),
        TEST(every_paper_is_whole_in_nynorsk_once_things_have_their_names),
        TEST(what_is_said_of_a_purpose_is_not_said_again_beside_it),
        TEST(a_weighing_says_interest_necessity_balance_safeguards_and_objection),
        TEST(each_text_of_a_weighing_that_lacks_is_named_and_the_paper_refused),
        TEST(a_policy_that_weighs_nothing_says_so),
        TEST(two_criteria_of_nine_flag_a_purpose_and_each_is_read_from_the_policy),
        TEST(one_row_of_the_authoritys_list_flags_a_purpose),
        TEST(what_is_listed_is_read_from_the_policy_where_it_shows_it),
        TEST(before_its_day_the_list_is_not_there),
        TEST(an_assessment_is_on_file_or_said_to_lack),
        TEST(only_those_that_may_be_named_are_named_on_the_public_page),
        TEST(a_name_in_the_policy_is_public_as_the_policy_is),
        TEST(a_transfer_stands_with_country_recipient_and_safeguard_or_that_none_is),
        TEST(only_processors_stand_on_the_page_of_processors),
        TEST(a_change_is_told_before_and_now_and_what_it_means),
        TEST(each_kind_of_change_is_told_with_its_name_and_both_its_sides),
        TEST(a_version_that_has_ended_says_until_when_it_held),
        TEST(a_version_that_changes_nothing_says_so),
        TEST(a_purpose_that_comes_or_goes_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
