/* The public notice of each of the five policies as deployed, and of the example: every item of its
 * checklist, in nb and en, as a page that is sound; what a policy as written lacks is named. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "document_internal.h"
#include "json.h"
#include "page_check.h"
#include "policy_bench.h"
#include "sample.h"

enum { PAGE_ROOM = 8 << 20 };

static struct paper *noticed(struct bench *bench, const struct plan *plan, enum language language,
                             const char *controller)
{
    struct notice_ask ask = {
        .plan = plan, .language = language, .controller = str_from(controller)};
    struct report report = {0};
    struct paper *paper;
    if (!is_ok(notice_paper(&ask, bench->arena, &report, &paper)))
        fail_msg("%s", report.text);
    return paper;
}

static bool says(const struct paper *paper, const char *path, const char *wanted)
{
    str said = paper_said(paper, path);
    if (memmem(said.ptr, said.len, wanted, strlen(wanted)) != NULL)
        return true;
    print_error("%s says: %.*s\n", path, STR_ARG(said));
    return false;
}

static bool holds(str text, const char *wanted)
{
    return memmem(text.ptr, text.len, wanted, strlen(wanted)) != NULL;
}

static str page_of(struct bench *bench, const struct paper *paper)
{
    struct buf buf = buf_in(bench->arena, PAGE_ROOM);
    struct report report = {0};
    str page;
    paper_html(paper, &buf);
    assert_true(is_ok(buf_finish(&buf, &report, &page)));
    return page;
}

static const char *const POLICIES[] = {"cobuilder", "infobric", "cloudberries", "hosting",
                                       "confect"};

/* COB-01, INF-01, CLO-01, HOS-01, CON-01 */
static void each_policy_gives_its_notice_whole_in_both_languages(void **state)
{
    struct bench *bench = *state;
    size_t count;
    const struct paper_item *items = paper_items(&count);
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        const struct plan *plan = loaded(bench, POLICIES[i], true);
        for (enum language in = LANGUAGE_NB; in < LANGUAGE_COUNT; in++) {
            if (in == LANGUAGE_NN)
                continue;
            struct paper *paper = noticed(bench, plan, in, "");
            for (size_t k = 0; k < count; k++) {
                if (items[k].kind == PAPER_notice && !paper_has(paper, items[k].path))
                    fail_msg("%s in %s lacks %s", POLICIES[i], language_tag(in), items[k].path);
            }
            page_is_sound(page_of(bench, paper), language_tag(in));
        }
    }
}

/* Nothing that runs is left out, nothing that is closed is said to be done. */
static void each_open_purpose_stands_in_the_notice_with_basis_and_end(void **state)
{
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        const struct plan *plan = loaded(bench, POLICIES[i], true);
        struct paper *paper = noticed(bench, plan, LANGUAGE_NB, "");
        const struct part *purposes = NULL;
        for (const struct part *part = paper->root.first; part != NULL; part = part->next) {
            if (part->key != NULL && strcmp(part->key, "purposes") == 0)
                purposes = part;
        }
        assert_non_null(purposes);
        for (uint16_t p = 0; p < plan->purpose_count; p++) {
            const struct clause *clause = &plan->purpose[p].clause;
            bool found = false;
            for (const struct part *part = purposes->first; part != NULL; part = part->next)
                found |= part->each && str_equal(part->text, paper_label(paper, clause));
            if (found == clause->closed && !str_is(clause->path, "purposes.intelligence_gathering"))
                fail_msg("%.*s of %s", STR_ARG(clause->path), POLICIES[i]);
        }
    }
}

static void a_policy_as_written_is_refused_with_the_item_that_lacks(void **state)
{
    static const struct {
        const char *policy, *says;
    } WANTED[] = {
        {"confect", "issue.version lacks (version)"},
        {"cloudberries", "issue.version lacks (version)"},
        {"infobric", "issue.version lacks (version)"},
        {"hosting", "responsible.controller.name lacks (controllers.hosting.name)"},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(WANTED); i++) {
        struct notice_ask ask = {.plan = loaded(bench, WANTED[i].policy, false)};
        struct report report = {0};
        struct paper *paper;
        assert_int_equal(notice_paper(&ask, bench->arena, &report, &paper).fault, FAULT_INCOMPLETE);
        if (strstr(report.text, WANTED[i].says) == NULL)
            fail_msg("%s: %s", WANTED[i].policy, report.text);
    }
}

static void a_language_that_the_policy_does_not_speak_is_refused_by_place(void **state)
{
    struct bench *bench = *state;
    struct notice_ask ask = {.plan = loaded(bench, "example", false), .language = LANGUAGE_NN};
    struct report report = {0};
    struct paper *paper;
    assert_int_equal(notice_paper(&ask, bench->arena, &report, &paper).fault, FAULT_INCOMPLETE);
    assert_non_null(strstr(report.text, "has no name in nn"));
}

/* GDPR 12(1) */
static void a_notice_says_in_short_what_most_want_to_know(void **state)
{
    struct bench *bench = *state;
    struct notice_ask ask = {.plan = loaded(bench, "example", false),
                             .language = LANGUAGE_EN,
                             .portal = STR("https://x.example/mine/in/r")};
    struct report report = {0};
    struct paper *paper;
    struct buf buf = buf_in(bench->arena, PAGE_ROOM);
    assert_true(is_ok(notice_paper(&ask, bench->arena, &report, &paper)));
    assert_true(says(paper, "summary.points", "Keep accounts"));
    assert_true(says(paper, "summary.points",
                     "Only if you say yes: Send the newsletter and See which pages are used"));
    assert_true(says(paper, "summary.points", "Carriers"));
    paper_link_forms(paper, STR("&controller=shop"));
    paper_html(paper, &buf);
    str page = buf_str(&buf);
    assert_true(holds(page, "href=\"https://x.example/mine/in/r\""));
    assert_true(holds(page, "href=\"?lang=nb&amp;controller=shop\""));
    assert_true(holds(page, "href=\"?format=json&amp;lang=en&amp;controller=shop\""));
    const char *short_ = memmem(page.ptr, page.len, "id=\"summary\"", 12);
    const char *contents = memmem(page.ptr, page.len, "id=\"contents\"", 13);
    const char *first = memmem(page.ptr, page.len, "id=\"responsible\"", 16);
    assert_non_null(short_);
    assert_true(short_ < contents && contents < first);
    page_is_sound(page, "en");
}

/* CON-80, INF-78: what was told stays readable, and is found */
static void a_notice_lists_the_versions_of_its_register_with_when_each_held(void **state)
{
    struct bench *bench = *state;
    const struct plan *plan = loaded(bench, "example", false),
                      *next = loaded(bench, "confect", true);
    const struct version_span spans[] = {{plan, {1767222000000}, {1798758000000}},
                                         {next, {1798758000000}, NEVER}};
    struct notice_ask ask = {.plan = plan,
                             .language = LANGUAGE_EN,
                             .versions = spans,
                             .version_count = LENGTH(spans),
                             .changes = STR("./changes")};
    struct report report = {0};
    struct buf buf = buf_in(bench->arena, PAGE_ROOM);
    struct paper *paper;
    assert_true(is_ok(notice_paper(&ask, bench->arena, &report, &paper)));
    assert_true(says(paper, "issue.until", "1 January 2027"));
    assert_true(says(paper, "versions.list.version", "2024-01"));
    assert_true(says(paper, "versions.list.since", "1 January 2026"));
    assert_true(says(paper, "versions.list.until", "no end yet"));
    paper_html(paper, &buf);
    assert_true(holds(buf_str(&buf), "href=\"?lang=en&amp;version=2024-01\""));
    assert_true(holds(buf_str(&buf), "href=\"./changes?lang=en\""));
    page_is_sound(buf_str(&buf), "en");
    ask.version_count = 1; /* nothing has changed yet */
    assert_true(is_ok(notice_paper(&ask, bench->arena, &report, &paper)));
    buf = buf_in(bench->arena, PAGE_ROOM);
    paper_html(paper, &buf);
    assert_false(holds(buf_str(&buf), "./changes"));
    ask.version_count = 0;
    assert_true(is_ok(notice_paper(&ask, bench->arena, &report, &paper)));
    assert_false(paper_has(paper, "versions"));
}

/* GDPR 13, 14: whatever they hold */
static void a_notice_reads_as_the_sample_of_it(void **state)
{
    struct bench *bench = *state;
    const struct plan *plan = loaded(bench, "example", false);
    const struct version_span spans[] = {{plan, {1767222000000}, {1798758000000}},
                                         {loaded(bench, "confect", true), {1798758000000}, NEVER}};
    struct notice_ask ask = {.plan = plan,
                             .language = LANGUAGE_EN,
                             .versions = spans,
                             .version_count = LENGTH(spans),
                             .changes = STR("./changes")};
    struct report report = {0};
    struct buf linked = buf_in(bench->arena, PAGE_ROOM);
    struct paper *paper;
    assert_true(is_ok(notice_paper(&ask, bench->arena, &report, &paper)));
    paper_reads_as(bench->arena, "notice.html", paper);
    assert_true(is_ok(notice_jsonld(&ask, bench->arena, &report, &linked)));
    reads_as(bench->arena, "notice.jsonld", buf_str(&linked));
    paper_reads_as(bench->arena, "notice-several.html",
                   noticed(bench, loaded(bench, "infobric", true), LANGUAGE_EN, ""));
    ask = (struct notice_ask){.plan = loaded(bench, "confect", true),
                              .language = LANGUAGE_EN,
                              .intake = STR("application"),
                              .reference = STR("AbC-1")};
    assert_true(is_ok(notice_paper(&ask, bench->arena, &report, &paper)));
    paper_reads_as(bench->arena, "collection.html", paper);
}

/* GDPR 12(1), 13(1)(c) */
static void a_law_is_called_as_a_statement_calls_it_in_the_language(void **state)
{
    static const char *const LAWS[] = {"Plikt etter lov: bokføringsloven § 13 (",
                                       "Plikt etter lov: bokføringslova § 13 (",
                                       "A legal duty: the Bookkeeping Act (bokføringsloven)"};
    struct bench *bench = *state;
    const struct plan *plan = loaded(bench, "infobric", true);
    for (enum language in = LANGUAGE_NB; in < LANGUAGE_COUNT; in++)
        assert_true(says(noticed(bench, plan, in, ""), "purposes.purpose.basis", LAWS[in]));
    struct paper *plain = noticed(bench, loaded(bench, "example", false), LANGUAGE_EN, "");
    assert_true(says(plain, "purposes.purpose.basis", "A legal duty: bokføringsloven § 13 ("));
}

static void a_controller_has_a_notice_of_its_own(void **state)
{
    struct bench *bench = *state;
    const struct plan *plan = loaded(bench, "infobric", true);
    struct paper *paper = noticed(bench, plan, LANGUAGE_NB, "blastmanager");
    assert_true(says(paper, "responsible.controller.name", "BlastManager AS"));
    assert_false(holds(paper_said(paper, "responsible.controller"), "Infobric Time AS"));
    struct notice_ask ask = {.plan = plan, .controller = STR("nobody")};
    struct report report = {0};
    assert_int_equal(notice_paper(&ask, bench->arena, &report, &paper).fault, FAULT_NOT_FOUND);
}

static void periods_are_said_in_words_that_people_read(void **state)
{
    struct bench *bench = *state;
    struct paper *paper = noticed(bench, loaded(bench, "confect", true), LANGUAGE_NB, "");
    assert_true(
        says(paper, "purposes.purpose.kept",
             "det som kommer sist av dette: (det som kommer først av dette: når ansettelsen "
             "er avsluttet; eller 6 måneder etter siste gang du søker); eller når avtalen "
             "med deg om å oppbevare papirene lenger tar slutt"));
    assert_true(says(paper, "purposes.purpose.kept",
                     "5 år etter utgangen av året for siste gang du bestiller"));
    assert_true(says(paper, "purposes.purpose.kept",
                     "24 måneder etter siste gang du selv er aktiv hos oss"));
    paper = noticed(bench, loaded(bench, "confect", true), LANGUAGE_EN, "");
    assert_true(says(paper, "purposes.purpose.kept", "6 months after the last time you apply"));
    assert_true(says(paper, "purposes.purpose.kept",
                     "5 years after the end of the year of the last time you order"));
    paper = noticed(bench, loaded(bench, "infobric", true), LANGUAGE_EN, "");
    assert_true(
        says(paper, "purposes.purpose.kept", "12 months after you are no longer a contact person"));
}

/* A withdrawn consent ends what rests on it, whatever else the clock says. */
static void a_consent_that_ends_is_always_among_the_ends(void **state)
{
    struct bench *bench = *state;
    struct paper *paper = noticed(bench, loaded(bench, "cloudberries", true), LANGUAGE_EN, "");
    assert_true(
        says(paper, "purposes.purpose.kept", "and in any case when you withdraw your consent"));
}

/* ---- for machines ---- */

static bool is_published(struct bench *bench, const char *file, const char *prefix, str term)
{
    const char *shared = getenv("VERN_SHARED");
    struct report report = {0};
    str text,
        path = arena_format(bench->arena, "%s/vectors/dpv/%s", shared == NULL ? "" : shared, file);
    if (!file_exists(arena_c_string(bench->arena, path)))
        skip();
    assert_true(is_ok(
        file_read(arena_c_string(bench->arena, path), bench->arena, 8 << 20, &report, &text)));
    str wanted = arena_format(bench->arena, "\"%s%.*s\"", prefix, STR_ARG(term));
    return memmem(text.ptr, text.len, wanted.ptr, wanted.len) != NULL;
}

static void every_term_of_the_linked_notice_is_one_of_the_vocabulary(void **state)
{
    struct bench *bench = *state;
    struct notice_ask ask = {.plan = loaded(bench, "confect", true), .language = LANGUAGE_EN};
    struct report report = {0};
    struct buf buf = buf_in(bench->arena, PAGE_ROOM);
    const struct json *root;
    str text, at;
    assert_true(is_ok(notice_jsonld(&ask, bench->arena, &report, &buf)));
    assert_true(is_ok(buf_finish(&buf, &report, &text)));
    assert_true(is_ok(json_parse(bench->arena, text, &report, &root)));
    size_t terms = 0;
    for (size_t i = 0; i + 6 < text.len; i++) {
        if (memcmp(text.ptr + i, "\"dpv:", 5) != 0)
            continue;
        str rest = str_slice(text, i + 5, text.len);
        assert_true(str_next(&rest, '"', &at));
        if (!is_published(bench, "dpv.csv", "https://w3id.org/dpv#", at))
            fail_msg("dpv:%.*s", STR_ARG(at));
        i += 200;
        terms++;
    }
    assert_true(terms > 20);
    assert_true(holds(text, "https://w3id.org/dpv/legal/eu/gdpr#A6-1-f"));
    assert_true(holds(text, "\"label\":\"6 months after we received the data\""));
}

/* ---- at one point of collection ---- */

/* CON-08, CLO-30: what is told there is about that alone, and bears the person's reference */
static void each_open_intake_has_a_notice_of_its_own_purposes(void **state)
{
    struct bench *bench = *state;
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        const struct plan *plan = loaded(bench, POLICIES[i], true);
        for (uint16_t k = 0; k < plan->intake_count; k++) {
            str name = words_text(plan->words, plan->intake[k].clause.name);
            struct notice_ask ask = {.plan = plan, .intake = name, .reference = STR("AbC-1")};
            struct report report = {0};
            struct paper *paper;
            status built = notice_paper(&ask, bench->arena, &report, &paper);
            if (is_ok(built)) {
                assert_true(says(paper, "issue.reference", "AbC-1"));
                page_is_sound(page_of(bench, paper), "nb");
            } else if (strstr(report.text, "intakes.") == NULL && !plan->intake[k].clause.closed &&
                       strstr(report.text, "purposes.purpose.basis lacks") == NULL) {
                fail_msg("%s of %s: %s", arena_c_string(bench->arena, name), POLICIES[i],
                         report.text);
            }
        }
    }
}

static void an_application_is_told_of_recruitment_and_of_nothing_else(void **state)
{
    struct bench *bench = *state;
    struct notice_ask ask = {.plan = loaded(bench, "confect", true), .intake = STR("application")};
    struct report report = {0};
    struct paper *paper;
    assert_true(is_ok(notice_paper(&ask, bench->arena, &report, &paper)));
    assert_true(str_is(paper_said_title(paper), "Personopplysninger: Du søker jobb hos oss"));
    assert_true(says(paper, "purposes.purpose.kept", "siste gang du søker"));
    assert_false(holds(paper_said(paper, "purposes"), "bestiller"));
    assert_true(says(paper, "required.given.fields", "søknad"));
    assert_true(says(paper, "required.given.refusal", "Vi kan ikke inngå eller oppfylle avtalen"));
    assert_false(holds(paper_said(paper, "recipients"), "Sosiale medier"));
    ask.intake = STR("kanari");
    assert_int_equal(notice_paper(&ask, bench->arena, &report, &paper).fault, FAULT_NOT_FOUND);
}

/* ---- obligations of texts, each by its id ---- */

/* COB-109 */
static void linked_sites_of_others_are_said_to_be_outside(void **state)
{
    struct bench *bench = *state;
    const struct plan *plan = loaded(bench, "cobuilder", true);
    assert_true(says(noticed(bench, plan, LANGUAGE_NB, ""), "security.said",
                     "Nettsteder som andre driver og som vi lenker til, er utenfor vårt ansvar"));
    assert_true(says(noticed(bench, plan, LANGUAGE_EN, ""), "security.said",
                     "Sites of others that we link to are outside our responsibility"));
    plan = loaded(bench, "confect", true);
    assert_false(
        holds(paper_said(noticed(bench, plan, LANGUAGE_NB, ""), "security.said"), "lenker til"));
}

/* COB-110 */
static void questions_go_to_the_support_address(void **state)
{
    struct bench *bench = *state;
    struct paper *paper = noticed(bench, loaded(bench, "cobuilder", true), LANGUAGE_NB, "");
    assert_true(says(paper, "contact.points", "support@cobuilder.no"));
    assert_true(says(paper, "responsible.controller.contacts", "support@cobuilder.no"));
    assert_true(says(paper, "officer", "DPO@cobuilder.com"));
}

/* CON-01, COB-01 */
static void a_notice_says_what_is_collected_why_and_how_it_is_handled_and_deleted(void **state)
{
    struct bench *bench = *state;
    struct paper *paper = noticed(bench, loaded(bench, "confect", true), LANGUAGE_NB, "");
    assert_true(says(paper, "categories.held.category", "Søknadspapirer"));
    assert_true(says(paper, "categories.held.fields", "CV"));
    assert_true(says(paper, "purposes.purpose.basis", "Berettiget interesse"));
    assert_true(says(paper, "security", "kryptert"));
    assert_true(says(paper, "transfers", "EUs standardkontrakter"));
    assert_true(says(paper, "recipients.given.recipient", "Underleverandører av skylagring og IT"));
    assert_true(says(paper, "required.given.fields", "e-postadresse"));
}

/* CON-41 */
static void posters_answer_for_their_posts_and_the_controller_for_its_duties(void **state)
{
    struct bench *bench = *state;
    const struct plan *plan = loaded(bench, "confect", true);
    assert_true(says(noticed(bench, plan, LANGUAGE_NB, ""), "security.said",
                     "Den som skriver i forumet, svarer selv"));
    assert_true(says(noticed(bench, plan, LANGUAGE_EN, ""), "security.said",
                     "Whoever posts in the forum answers for the content"));
}

/* CON-48, CON-83 */
static void contact_details_stand_at_the_end_and_come_from_the_file(void **state)
{
    struct bench *bench = *state;
    struct paper *paper = noticed(bench, loaded(bench, "confect", true), LANGUAGE_NB, "");
    assert_string_equal(paper->root.last->key, "contact");
    assert_true(says(paper, "contact.points", "confect.se"));
    assert_true(says(paper, "contact.points", "support@confect.example"));
}

/* HOS-01, HOS-46, HOS-70 */
static void the_hosts_notice_states_use_storage_sharing_rights_and_contacts(void **state)
{
    static const char *const rights[] = {"rights.list.access",      "rights.list.rectify",
                                         "rights.list.erase",       "rights.list.restrict",
                                         "rights.list.portability", "rights.list.object"};
    struct bench *bench = *state;
    struct paper *paper = noticed(bench, loaded(bench, "hosting", true), LANGUAGE_NB, "");
    for (size_t i = 0; i < LENGTH(rights); i++)
        assert_true(paper_has(paper, rights[i]));
    assert_true(says(paper, "rights.list.access", "portal.vertskap.example"));
    assert_true(says(paper, "rights.how", "hvem du er"));
    assert_true(says(paper, "contact.points", "kundeservice@vertskap.example"));
    assert_true(says(paper, "contact.points", "+47 22 00 00 01"));
    assert_true(says(paper, "recipients.given.recipient", "Domeneregistrarer og registre"));
    assert_true(says(paper, "transfers.safeguards", "tekniske garantier hos mottakeren"));
}

/* HOS-08 */
static void the_least_intrusive_default_is_said(void **state)
{
    struct bench *bench = *state;
    const struct plan *plan = loaded(bench, "hosting", true);
    assert_true(says(noticed(bench, plan, LANGUAGE_NB, ""), "security.said",
                     "det som griper minst inn i privatlivet ditt"));
    assert_true(says(noticed(bench, plan, LANGUAGE_EN, ""), "security.said",
                     "what intrudes least on your private life"));
}

/* INF-01, INF-04, INF-63 */
static void what_is_done_as_a_processor_is_pointed_to_and_rights_are_stated(void **state)
{
    struct bench *bench = *state;
    struct paper *paper = noticed(bench, loaded(bench, "infobric", true), LANGUAGE_NB, "");
    assert_true(says(paper, "security.said", "som databehandler"));
    assert_true(says(paper, "rights", "Personvernforordningen gir deg disse rettighetene"));
    assert_true(says(paper, "complaint", "Datatilsynet"));
    assert_true(says(paper, "responsible.joint", "felles ansvarlige"));
}

static bool term_says(const struct part *purpose, const char *key)
{
    for (const struct part *terms = purpose->first; terms != NULL; terms = terms->next) {
        for (const struct part *term = terms->first; term != NULL; term = term->next) {
            if (term->key != NULL && strcmp(term->key, key) == 0)
                return term->first != NULL && term->first->text.len > 0;
        }
    }
    return false;
}

/* INF-23 */
static void of_each_purpose_the_data_and_the_basis_are_listed(void **state)
{
    struct bench *bench = *state;
    const struct plan *plan = loaded(bench, "infobric", true);
    const struct part *purposes = noticed(bench, plan, LANGUAGE_EN, "")->root.first;
    size_t open = 0, listed = 0;
    for (uint16_t i = 0; i < plan->purpose_count; i++)
        open += !plan->purpose[i].clause.closed;
    while (purposes->key == NULL || strcmp(purposes->key, "purposes") != 0)
        purposes = purposes->next;
    for (const struct part *one = purposes->first; one != NULL; one = one->next) {
        if (!one->each)
            continue;
        assert_true(term_says(one, "basis") && term_says(one, "categories"));
        listed++;
    }
    assert_int_equal(listed, open);
}

/* CLO-01, CLO-16 */
static void the_general_rules_are_published_with_the_warning_on_mail(void **state)
{
    struct bench *bench = *state;
    struct paper *paper = noticed(bench, loaded(bench, "cloudberries", true), LANGUAGE_EN, "");
    assert_true(says(paper, "security.said", "may become known to others"));
    assert_true(says(paper, "withdrawal", "personvern@cloudberries.example"));
    assert_true(says(paper, "sources.from.source", "Others than you"));
    assert_true(says(paper, "sources.from.kind", "we tell you within a month"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_open, bench_close)
    const struct CMUnitTest tests[] = {
        TEST(each_policy_gives_its_notice_whole_in_both_languages),
        TEST(each_open_purpose_stands_in_the_notice_with_basis_and_end),
        TEST(a_policy_as_written_is_refused_with_the_item_that_lacks),
        TEST(a_language_that_the_policy_does_not_speak_is_refused_by_place),
        TEST(a_notice_says_in_short_what_most_want_to_know),
        TEST(a_notice_lists_the_versions_of_its_register_with_when_each_held),
        TEST(a_notice_reads_as_the_sample_of_it),
        TEST(a_law_is_called_as_a_statement_calls_it_in_the_language),
        TEST(a_controller_has_a_notice_of_its_own),
        TEST(periods_are_said_in_words_that_people_read),
        TEST(a_consent_that_ends_is_always_among_the_ends),
        TEST(every_term_of_the_linked_notice_is_one_of_the_vocabulary),
        TEST(each_open_intake_has_a_notice_of_its_own_purposes),
        TEST(an_application_is_told_of_recruitment_and_of_nothing_else),
        TEST(linked_sites_of_others_are_said_to_be_outside),
        TEST(questions_go_to_the_support_address),
        TEST(a_notice_says_what_is_collected_why_and_how_it_is_handled_and_deleted),
        TEST(posters_answer_for_their_posts_and_the_controller_for_its_duties),
        TEST(contact_details_stand_at_the_end_and_come_from_the_file),
        TEST(the_hosts_notice_states_use_storage_sharing_rights_and_contacts),
        TEST(the_least_intrusive_default_is_said),
        TEST(what_is_done_as_a_processor_is_pointed_to_and_rights_are_stated),
        TEST(of_each_purpose_the_data_and_the_basis_are_listed),
        TEST(the_general_rules_are_published_with_the_warning_on_mail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
