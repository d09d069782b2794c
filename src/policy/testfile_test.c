/* Policy tests as files: their form, and their words held against the plan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "testfile.h"
#include "file.h"

enum { BUDGET = 128 << 20, FILE_LIMIT = 4 << 20 };

static const char POLICY[] =
    "vern: 1\npolicy: p\nversion: v\neffective: 2026-01-01\ntimezone: Europe/Oslo\n"
    "languages: [nb]\nroles: [member]\nmatters: [order]\nsources: { person: { kind: person } }\n"
    "categories: { basic: { fields: { name: name, email: email } } }\n"
    "events: { seen: {} }\n"
    "evidence: { paper: { for: [case], asks: [number] } }\n"
    "purposes: { support: { basis: consent, roles: all, uses: all, keep: none } }\n"
    "intakes: { form: { from: [person], for: [support], optional: [basic] } }\n"
    "messages: { letter: { for: support, channels: { email: {} } } }\n"
    "recipients: { police: { kind: authority, for: all, gives: all } }\n"
    "staff: { clerk: { for: [support] } }\n";

struct scene {
    struct arena *arena;
    struct words *words;
    struct problems problems;
    struct report report;
    const struct plan *plan;
    struct test_file *file;
};

static struct scene scene_new(void)
{
    struct scene s = {.arena = arena_new(BUDGET), .words = words_new()};
    struct policy_source source = {STR("policy"), str_from(POLICY)};
    s.problems.arena = s.arena;
    if (!is_ok(
            plan_load(s.words, &source, NULL, NULL, 0, s.arena, &s.problems, &s.report, &s.plan)))
        fail_msg("%s", s.report.text);
    return s;
}

static void scene_free(struct scene *s)
{
    words_free(&s->words);
    arena_free(&s->arena);
}

static status read_file(struct scene *s, const char *text)
{
    struct policy_source source = {STR("tests.yaml"), str_from(text)};
    s->report = (struct report){0};
    return testfile_read(&source, s->arena, &s->problems, &s->report, &s->file);
}

/* Reads and binds a file of one test. */
static status check_file(struct scene *s, const char *text)
{
    status read = read_file(s, text);
    if (!is_ok(read))
        return read;
    assert_int_equal(s->file->count, 1);
    return testfile_bind(&s->file->at[0], s->plan, s->file->file, s->arena, &s->problems,
                         &s->report);
}

#define STEPS(given, when)                                                                         \
    "vern: 1\ntests:\n  - name: a\n    policy: p\n    given:\n" given "    when:\n" when

static void a_test_is_read_into_steps(void **state)
{
    (void)state;
    struct scene s = scene_new();
    status checked = check_file(
        &s,
        "vern: 1\ntests:\n"
        "  - name: plain\n"
        "    policy: p\n"
        "    deploy: false\n"
        "    with: { purposes.support.keep: 6 months after last seen,\n"
        "            purposes.support.uses: [basic.name] }\n"
        "    covers: [P-1, P-2]\n"
        "    given:\n"
        "      - { at: 2026-01-10, subject: a, collect: basic.email, intake: form, from: person,\n"
        "          matter: order/7, item: mail }\n"
        "      - { at: 2026-01-11, subject: a, role: member, until: 2026-12-31 }\n"
        "    when:\n"
        "      - { at: 2026-07-01T23:59:59, actor: clerk/k, subject: a, read: mail, role: member,\n"
        "          for: support, then: { refuse: P-1, lacks: [paper] } }\n"
        "      - { at: 2026-07-02, case: k1, evidence: paper, asks: { number: 26-1 } }\n"
        "      - { at: 2026-07-02, subject: a, share: [mail, basic.name], to: police/oslo,\n"
        "          with_act: [stop_link], then: { duty: [notice] } }\n"
        "      - { at: 2026-07-03, subject: a, item: mail, then: gone }\n");
    if (!is_ok(checked))
        fail_msg("%s", s.report.text);
    const struct test *test = &s.file->at[0];
    assert_false(test->deploy);
    assert_true(test->deploy_stated);
    assert_int_equal(test->with_count, 2);
    assert_true(str_is(test->with[0].value, "6 months after last seen"));
    assert_true(str_is(test->with[1].value, "[basic.name]"));
    assert_int_equal(test->covers.count, 2);
    assert_int_equal(test->given_count, 2);
    assert_int_equal(test->given[0].verb, TEST_COLLECT);
    assert_true(str_is(test->given[0].slots[SLOT_MATTER].at[0].name, "order"));
    assert_true(str_is(test->given[0].slots[SLOT_MATTER].at[0].id, "7"));
    assert_true(str_is(test->given[0].slots[TEST_SLOT_ITEM].at[0].text, "mail"));
    assert_int_equal(test->given[1].verb, TEST_ROLE);
    assert_true(test->given[1].until.stated);
    const struct test_step *read = &test->when[0];
    assert_int_equal(read->verb, TEST_READ);
    assert_true(str_is(read->slots[SLOT_ROLE].at[0].text, "member"));
    assert_int_equal(read->then.outcome, THEN_REFUSE);
    assert_true(str_is(read->then.refuse.at[0].text, "P-1"));
    assert_true(str_is(read->then.lacks.at[0].text, "paper"));
    assert_int_equal(read->at.at.ms, INT64_C(1782943199000)); /* 2026-07-01T21:59:59Z */
    assert_true(str_is(test->when[1].asks[0].value, "26-1"));
    assert_int_equal(test->when[2].object.count, 2);
    assert_true(str_is(test->when[2].slots[TEST_SLOT_PARTY].at[0].text, "oslo"));
    assert_int_equal(test->when[2].then.outcome, THEN_DUTY);
    assert_int_equal(test->when[3].verb, TEST_ITEM);
    assert_int_equal(test->when[3].then.outcome, THEN_GONE);
    scene_free(&s);
}

static void a_test_is_deployed_unless_it_says_otherwise(void **state)
{
    (void)state;
    struct scene s = scene_new();
    assert_true(is_ok(check_file(&s, "vern: 1\ntests: [{ name: a, policy: p, when: [] }]\n")));
    assert_true(s.file->at[0].deploy);
    assert_false(s.file->at[0].deploy_stated);
    scene_free(&s);
}

static void a_mistake_is_told_at_its_place_with_the_nearest_word(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t line, column;
        const char *rule, *suggestion;
    } CASES[] = {
        {"vern: 1\ntest: []\ntests: []\n", 2, 1, "unknown-key", "tests"},
        {"tests: []\n", 1, 1, "missing-key", "vern: 1"},
        {"vern: 1\ntests: [{ name: a, polcy: p, when: [] }]\n", 2, 20, "unknown-key", "policy"},
        {"vern: 1\ntests: [{ name: a, policy: p }]\n", 2, 9, "missing-key", "when"},
        {"vern: 1\ntests: [{ name: a, policy: p, deploy: ja, when: [] }]\n", 2, 39, "wrong-value",
         ""},
        {"vern: 1\ntests: [{ name: a, policy: p, when: [x] }]\n", 2, 38, "wrong-value", ""},
        {STEPS("      []\n", "      - { at: 2026-01-01, reed: mail, then: allow }\n"), 8, 9,
         "no-verb", ""},
        {STEPS("      []\n", "      - { at: 2026-1-1, item: basic, then: gone }\n"), 8, 15, "time",
         ""},
        {STEPS("      []\n", "      - { at: 2026-01-01T24:00:00, item: basic, then: gone }\n"), 8,
         15, "time", ""},
        {STEPS("      []\n", "      - { item: basic, then: gone }\n"), 8, 9, "missing-key", "at"},
        {STEPS("      []\n", "      - { at: 2026-01-01, read: basic, use: basic, then: gone }\n"),
         8, 40, "two-verbs", ""},
        {STEPS("      []\n", "      - { at: 2026-01-01, item: basic, then: gon }\n"), 8, 46,
         "unknown-word", "gone"},
        {STEPS("      []\n", "      - { at: 2026-01-01, item: basic, then: { refused: A } }\n"), 8,
         48, "unknown-word", "refuse"},
        {STEPS("      []\n",
               "      - { at: 2026-01-01, item: basic, then: { refuse: A, duty: [b] } }\n"),
         8, 59, "two-answers", ""},
        {STEPS("      []\n", "      - { at: 2026-01-01, item: basic }\n"), 8, 9, "missing-key",
         "then"},
        {STEPS("      - { at: 2026-01-01, item: basic }\n", "      []\n"), 6, 9,
         "question-in-given", "when"},
        {STEPS("      - { at: 2026-01-01, event: sean }\n", "      []\n"), 6, 34, "unknown-word",
         "seen"},
        {STEPS("      - { at: 2026-01-01, collect: basic.emial, intake: form, from: person,\n"
               "          subject: a }\n",
               "      []\n"),
         6, 36, "unknown-word", "basic.email"},
        {STEPS("      - { at: 2026-01-01, collect: basic.email, from: person, subject: a }\n",
               "      []\n"),
         6, 9, "missing-key", "intake"},
        {STEPS("      - { at: 2026-01-01, evidence: papers }\n", "      []\n"), 6, 37,
         "unknown-word", "paper"},
        {STEPS("      []\n", "      - { at: 2026-01-01, read: basic, for: suport, then: allow }\n"),
         8, 45, "unknown-word", "support"},
        {STEPS("      []\n",
               "      - { at: 2026-01-01, actor: klerk/k, read: basic, then: allow }\n"),
         8, 34, "unknown-word", "clerk"},
        {STEPS("      []\n",
               "      - { at: 2026-01-01, share: basic, to: polise/oslo, then: allow }\n"),
         8, 45, "unknown-word", "police"},
        {STEPS("      []\n",
               "      - { at: 2026-01-01, send: leter, channel: email, then: allow }\n"),
         8, 33, "unknown-word", "letter"},
        {STEPS("      []\n",
               "      - { at: 2026-01-01, send: letter, channel: emial, then: allow }\n"),
         8, 50, "unknown-word", "email"},
        {STEPS("      []\n", "      - { at: 2026-01-01, read: mails, then: allow }\n"), 8, 33,
         "unknown-word", ""},
        {STEPS("      []\n",
               "      - { at: 2026-01-01, read: basic, then: { refuse: A, lacks: [pper] } }\n"),
         8, 67, "unknown-word", "paper"},
        {STEPS("      - { at: 2026-01-01, evidence: paper, asks: { numer: 1 } }\n", "      []\n"),
         6, 52, "unknown-word", "number"},
        {STEPS("      - { at: 2026-01-02, event: seen }\n      - { at: 2026-01-01, event: seen }\n",
               "      []\n"),
         7, 15, "order", ""},
        {"vern: 1\ntests: &a []\n", 2, 8, "anchor", ""},
    };
    for (size_t i = 0; i < LENGTH(CASES); i++) {
        struct scene s = scene_new();
        status checked = check_file(&s, CASES[i].text);
        if (is_ok(checked))
            fail_msg("accepted:\n%s", CASES[i].text);
        assert_true(s.problems.list.count > 0);
        const struct problem *p = &s.problems.list.at[0];
        if (p->line != CASES[i].line || p->column != CASES[i].column ||
            !str_is(p->rule, CASES[i].rule) || !str_is(p->suggestion, CASES[i].suggestion))
            fail_msg("%s\nfound %u:%u %.*s `%.*s`: %.*s", CASES[i].text, p->line, p->column,
                     STR_ARG(p->rule), STR_ARG(p->suggestion), STR_ARG(p->text));
        scene_free(&s);
    }
}

/* ---- the policies' own tests ---- */

static str text_at(struct arena *arena, str path)
{
    struct report report = {0};
    str text = {NULL, 0};
    if (!is_ok(file_read(arena_c_string(arena, path), arena, FILE_LIMIT, &report, &text)))
        fail_msg("%.*s: %s", STR_ARG(path), report.text);
    return text;
}

static void bind_with_policy(struct test *test, const char *name)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    CLEANUP(words_free) struct words *words = words_new();
    struct problems problems = {.arena = arena};
    struct report report = {0};
    struct policy_source policy = {STR("policy"), STR("")}, deployment = {STR("deploy"), STR("")};
    const struct plan *plan = NULL;
    policy.text = text_at(arena, arena_format(arena, "policies/%.*s.yaml", STR_ARG(test->policy)));
    str path = arena_format(arena, "policies/%.*s.deploy.yaml", STR_ARG(test->policy));
    bool deploy = test->deploy && file_exists(arena_c_string(arena, path));
    if (deploy)
        deployment.text = text_at(arena, path);
    status s = plan_load(words, &policy, deploy ? &deployment : NULL, test->with, test->with_count,
                         arena, &problems, &report, &plan);
    if (is_ok(s))
        s = testfile_bind(test, plan, STR("tests"), arena, &problems, &report);
    if (!is_ok(s))
        fail_msg("%s, %.*s: %s: %.*s", name, STR_ARG(test->name), report.text,
                 problems.list.count == 0 ? 0 : (int)problems.list.at[0].text.len,
                 problems.list.count == 0 ? "" : problems.list.at[0].text.ptr);
}

static void the_tests_beside_the_policies_speak_their_words(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"cloudberries", "cobuilder", "confect", "hosting",
                                        "infobric"};
    for (size_t i = 0; i < LENGTH(NAMES); i++) {
        struct scene s = scene_new();
        str path = arena_format(s.arena, "policies/tests/%s.yaml", NAMES[i]);
        status read = read_file(&s, arena_c_string(s.arena, text_at(s.arena, path)));
        if (!is_ok(read))
            fail_msg("%s: %s", NAMES[i], s.report.text);
        assert_true(s.file->count > 10);
        for (uint16_t j = 0; j < s.file->count; j++)
            bind_with_policy(&s.file->at[j], NAMES[i]);
        scene_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_test_is_read_into_steps),
        cmocka_unit_test(a_test_is_deployed_unless_it_says_otherwise),
        cmocka_unit_test(a_mistake_is_told_at_its_place_with_the_nearest_word),
        cmocka_unit_test(the_tests_beside_the_policies_speak_their_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
