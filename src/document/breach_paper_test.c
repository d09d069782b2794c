/* The papers about a breach: each item of article 33(3) and 34(2) by its name, in three languages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>
#include "breach_paper.h"
#include "sample.h"

struct bench {
    struct arena *arena;
    struct words *words;
    const struct plan *plan;
    struct report report;
};

static const char POLICY[] = "vern: 1\n"
                             "policy: firm\n"
                             "version: a\n"
                             "effective: 2026-01-02\n"
                             "timezone: Europe/Oslo\n"
                             "languages: [en, nb]\n"
                             "controllers: { firm: { name: Firm AS } }\n"
                             "roles: [customer]\n"
                             "sources: { person: { kind: person } }\n"
                             "categories: { contact: { says: { nb: Kontakt, en: Contact data }, "
                             "fields: { name: name } } }\n";

static int start(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    if (bench == NULL || sodium_init() < 0)
        return -1;
    bench->arena = arena_new((size_t)64 << 20);
    bench->words = words_new();
    struct problems problems = {.arena = bench->arena};
    struct policy_source source = {STR("firm.yaml"), {POLICY, sizeof(POLICY) - 1}};
    if (!is_ok(plan_load(bench->words, &source, NULL, NULL, 0, bench->arena, &problems,
                         &bench->report, &bench->plan)))
        return -1;
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

static struct breach_paper whole(const struct bench *bench, enum language language)
{
    return (struct breach_paper){.plan = bench->plan,
                                 .language = language,
                                 .nature = {true, false, true},
                                 .what = STR("A list & <a letter> went out"),
                                 .from = ALWAYS,
                                 .to = NEVER,
                                 .aware = {1771405200000},
                                 .deadline = {1771664400000},
                                 .counted = true,
                                 .people = 12,
                                 .erased = 2,
                                 .records = 30,
                                 .role_count = 1,
                                 .category_count = 1,
                                 .contact = STR("The officer"),
                                 .consequences = STR("Calls"),
                                 .measures = STR("New keys")};
}

static bool says(const struct paper *paper, const char *path, const char *part)
{
    str text = paper_said(paper, path);
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* GDPR 33(3), 33(1), 33(4) */
static void the_notification_holds_each_item_in_each_language(void **state)
{
    static const char *const AWARE[] = {"18. februar 2026 kl. 10:00 (UTC+01:00)",
                                        "18. februar 2026 kl. 10:00 (UTC+01:00)",
                                        "18 February 2026 at 10:00 (UTC+01:00)"};
    static const char *const FROM[] = {"1. juli 2025 kl. 01:30 (UTC+02:00)",
                                       "1. juli 2025 kl. 01:30 (UTC+02:00)",
                                       "1 July 2025 at 01:30 (UTC+02:00)"};
    struct bench *bench = *state;
    for (enum language language = 0; language < LANGUAGE_COUNT; language++) {
        struct breach_paper breach = whole(bench, language);
        struct paper *paper;
        breach.from = (instant){1751326200000}; /* 2025-06-30T23:30:00Z */
        assert_true(
            is_ok(breach_notification_paper(&breach, bench->arena, &bench->report, &paper)));
        assert_true(paper_has(paper, "nature.kinds"));
        assert_true(says(paper, "nature.told.what", "letter"));
        assert_true(says(paper, "people.number", "12"));
        assert_true(says(paper, "people.erased", "2"));
        assert_true(says(paper, "people.kinds", "customer"));
        assert_true(says(paper, "people.records", "30"));
        assert_true(
            says(paper, "people.categories", language == LANGUAGE_NB ? "Kontakt" : "Conta") ||
            language == LANGUAGE_NN);
        assert_true(says(paper, "contact", "officer"));
        assert_true(says(paper, "consequences", "Calls"));
        assert_true(says(paper, "measures", "keys"));
        assert_true(says(paper, "time.aware", AWARE[language]));
        assert_true(says(paper, "nature.told.from", FROM[language])); /* in summer time */
        assert_true(paper_has(paper, "delay"));
        assert_true(paper_has(paper, "phase"));
        struct buf page = buf_in(bench->arena, 1 << 20);
        paper_html(paper, &page);
        str html = buf_str(&page);
        assert_null(memmem(html.ptr, html.len, "<a letter>", 10));
    }
}

static void lacks(struct bench *bench, const struct breach_paper *breach, const char *item)
{
    struct paper *paper;
    bench->report = (struct report){0};
    assert_int_equal(breach_notification_paper(breach, bench->arena, &bench->report, &paper).fault,
                     FAULT_INCOMPLETE);
    if (strstr(bench->report.text, item) == NULL)
        fail_msg("%s is not named: %s", item, bench->report.text);
    struct breach_paper phase = *breach;
    phase.phased = true;
    bench->report = (struct report){0};
    status issued = breach_notification_paper(&phase, bench->arena, &bench->report, &paper);
    bool delay =
        strcmp(item, "delay") == 0; /* a phase that is late gives its reasons all the same */
    assert_int_equal(issued.fault, delay ? FAULT_INCOMPLETE : FAULT_NONE);
    const char *names[5];
    assert_int_equal(breach_lacking(breach, names), 1);
    assert_string_equal(names[0], item);
}

/* GDPR 33(3), 33(4) */
static void what_is_not_known_is_named_or_follows_in_a_phase(void **state)
{
    struct bench *bench = *state;
    struct breach_paper breach = whole(bench, LANGUAGE_EN);
    breach.counted = false;
    lacks(bench, &breach, "people");
    breach = whole(bench, LANGUAGE_EN);
    breach.contact = STR("");
    lacks(bench, &breach, "contact");
    breach = whole(bench, LANGUAGE_EN);
    breach.consequences = STR("");
    lacks(bench, &breach, "consequences");
    breach = whole(bench, LANGUAGE_EN);
    breach.measures = STR("");
    lacks(bench, &breach, "measures");
    breach = whole(bench, LANGUAGE_EN);
    breach.late = true;
    lacks(bench, &breach, "delay");
}

/* GDPR 34(2) */
static void the_message_to_people_is_whole_or_is_not_issued(void **state)
{
    struct bench *bench = *state;
    for (enum language language = 0; language < LANGUAGE_COUNT; language++) {
        struct breach_paper breach = whole(bench, language);
        struct paper *paper;
        breach.phased = true; /* there are no phases of it */
        assert_true(is_ok(breach_message_paper(&breach, bench->arena, &bench->report, &paper)));
        assert_true(says(paper, "what", "letter") && says(paper, "contact", "officer") &&
                    says(paper, "consequences", "Calls") && says(paper, "measures", "keys"));
        breach.what = STR("");
        bench->report = (struct report){0};
        assert_int_equal(breach_message_paper(&breach, bench->arena, &bench->report, &paper).fault,
                         FAULT_INCOMPLETE);
        assert_non_null(strstr(bench->report.text, "what"));
    }
}

/* GDPR 33, 34: whatever they hold */
static void each_draft_reads_as_the_sample_of_it(void **state)
{
    struct bench *bench = *state;
    struct breach_paper breach = whole(bench, LANGUAGE_EN);
    struct paper *paper;
    assert_true(is_ok(breach_message_paper(&breach, bench->arena, &bench->report, &paper)));
    paper_reads_as(bench->arena, "breach_message.html", paper);
    assert_true(is_ok(breach_notification_paper(&breach, bench->arena, &bench->report, &paper)));
    paper_reads_as(bench->arena, "breach_notification.html", paper);
    struct breach_paper first = {.plan = bench->plan,
                                 .language = LANGUAGE_EN,
                                 .phased = true,
                                 .late = true,
                                 .nature = {true},
                                 .what = STR("A list went out"),
                                 .from = {1771232400000},
                                 .to = {1771318800000},
                                 .aware = breach.aware,
                                 .deadline = breach.deadline,
                                 .delay = STR("The log was sealed")};
    assert_true(is_ok(breach_notification_paper(&first, bench->arena, &bench->report, &paper)));
    paper_reads_as(bench->arena, "breach_notification-first.html", paper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_notification_holds_each_item_in_each_language),
        cmocka_unit_test(what_is_not_known_is_named_or_follows_in_a_phase),
        cmocka_unit_test(the_message_to_people_is_whole_or_is_not_issued),
        cmocka_unit_test(each_draft_reads_as_the_sample_of_it),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
