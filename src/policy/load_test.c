/* What the loader refuses, and where it points; what deployment files may do; what a plan holds. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "plan.h"
#include "file.h"
#include "vocabulary.h"

enum { BUDGET = 256 << 20, FILE_LIMIT = 32 << 20 };
#define BAD "tests/bad-policies"

struct world_of_words {
    struct arena *arena;
    struct words *words;
    struct problems problems;
    struct report report;
};

static struct world_of_words start(void)
{
    struct world_of_words w = {.arena = arena_new(BUDGET), .words = words_new()};
    w.problems.arena = w.arena;
    return w;
}

static void finish(struct world_of_words *w)
{
    words_free(&w->words);
    arena_free(&w->arena);
}

static status load(struct world_of_words *w, str policy, const char *deployment,
                   const struct plan **plan)
{
    struct policy_source first = {STR("policy.yaml"), policy};
    struct policy_source second = {STR("deploy.yaml"), str_from(deployment)};
    return plan_load(w->words, &first, deployment == NULL ? NULL : &second, NULL, 0, w->arena,
                     &w->problems, &w->report, plan);
}

static str file_text(struct world_of_words *w, const char *path)
{
    str text = {NULL, 0};
    status read = file_read(path, w->arena, FILE_LIMIT, &w->report, &text);
    if (!is_ok(read))
        fail_msg("%s: %s", path, w->report.text);
    return text;
}

/* ---- the table of bad files ---- */

struct expected {
    unsigned line, column;
    char rule[64], suggestion[128];
    bool others; /* a name that is not declared is missed wherever it is used */
};

/* "# 12:7 unknown-key -> purposes", with "and others" after it where one mistake draws more. */
static struct expected expectation(str text, const char *name)
{
    struct expected e = {0};
    char line[256] = {0};
    const char *end = memchr(text.ptr, '\n', text.len);
    assert_non_null(end);
    size_t len = (size_t)(end - text.ptr);
    assert_true(len < sizeof(line));
    memcpy(line, text.ptr, len);
    char *others = strstr(line, " and others");
    e.others = others != NULL;
    if (others != NULL)
        *others = '\0';
    int found = sscanf(line, "# %u:%u %63s -> %127[^\n]", &e.line, &e.column, e.rule, e.suggestion);
    if (found < 3)
        fail_msg("%s does not say what is expected: %s", name, line);
    return e;
}

static void problem_compare(const char *name, const struct problems *problems, struct expected e)
{
    char wanted[512], found[512] = "nothing";
    snprintf(wanted, sizeof(wanted), "%u:%u %s -> %s", e.line, e.column, e.rule, e.suggestion);
    if (problems->list.count > 0) {
        const struct problem *p = &problems->list.at[0];
        snprintf(found, sizeof(found), "%u:%u %.*s -> %.*s", p->line, p->column, STR_ARG(p->rule),
                 STR_ARG(p->suggestion));
    }
    if (strcmp(wanted, found) != 0)
        fail_msg("%s\n  expected %s\n  found    %s (%s)", name, wanted, found,
                 problems->list.count > 0
                     ? arena_c_string(problems->arena, problems->list.at[0].text)
                     : "");
    if ((problems->list.count > 1) != e.others)
        fail_msg("%s: one mistake is told as %zu", name, problems->list.count);
}

static void bad_file(const char *name)
{
    struct world_of_words w = start();
    char path[512];
    const struct plan *plan = NULL;
    snprintf(path, sizeof(path), BAD "/%s", name);
    str text = file_text(&w, path);
    bool deployment = strncmp(name, "deploy-", 7) == 0;
    struct expected e = expectation(text, name);
    status loaded =
        deployment ? load(&w, file_text(&w, BAD "/good.yaml"), arena_c_string(w.arena, text), &plan)
                   : load(&w, text, NULL, &plan);
    if (is_ok(loaded))
        fail_msg("%s was accepted", name);
    problem_compare(name, &w.problems, e);
    assert_int_equal(loaded.fault, w.report.fault);
    assert_null(plan);
    finish(&w);
}

/* COB-08, INF-05, CLO-09: no word declares data not personal (category-declared-not-personal) */
static void every_bad_policy_is_refused_at_its_place_with_the_nearest_word(void **state)
{
    (void)state;
    DIR *folder = opendir(BAD);
    assert_non_null(folder);
    size_t count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (!str_ends(str_from(entry->d_name), STR(".yaml")) ||
            strcmp(entry->d_name, "good.yaml") == 0)
            continue;
        bad_file(entry->d_name);
        count++;
    }
    closedir(folder);
    assert_true(count >= 100);
}

static void the_policy_that_deployments_are_tried_on_loads(void **state)
{
    (void)state;
    struct world_of_words w = start();
    const struct plan *plan = NULL;
    assert_true(is_ok(load(&w, file_text(&w, BAD "/good.yaml"), NULL, &plan)));
    assert_int_equal(w.problems.list.count, 0);
    finish(&w);
}

/* ---- limits ---- */

static void a_file_of_ten_megabytes_is_refused_by_its_size(void **state)
{
    (void)state;
    struct world_of_words w = start();
    size_t size = 10 << 20;
    char *text = arena_take(w.arena, size);
    memset(text, 'a', size);
    const struct plan *plan = NULL;
    status loaded = load(&w, (str){text, size}, NULL, &plan);
    assert_int_equal(loaded.fault, FAULT_LIMIT);
    assert_int_equal(w.problems.list.count, 1);
    finish(&w);
}

static void too_many_values_are_refused(void **state)
{
    (void)state;
    struct world_of_words w = start();
    struct buf text = buf_in(w.arena, 1 << 20);
    buf_text(&text, "roles: [");
    for (int i = 0; i < 100001; i++)
        buf_text(&text, "a,");
    buf_text(&text, "a]\n");
    const struct plan *plan = NULL;
    assert_int_equal(load(&w, buf_str(&text), NULL, &plan).fault, FAULT_LIMIT);
    finish(&w);
}

static void a_hundred_thousand_brackets_are_refused_by_depth(void **state)
{
    (void)state;
    struct world_of_words w = start();
    char *text = arena_take(w.arena, 100000);
    memset(text, '[', 100000);
    const struct plan *plan = NULL;
    assert_int_equal(load(&w, (str){text, 100000}, NULL, &plan).fault, FAULT_LIMIT);
    finish(&w);
}

static void sets_within_sets_end_at_a_depth(void **state)
{
    (void)state;
    struct world_of_words w = start();
    struct buf text = buf_in(w.arena, 1 << 20);
    buf_text(&text, "sets:\n");
    for (int i = 0; i < 20000; i++)
        buf_format(&text, " s%d: [s%d]\n", i, i + 1);
    buf_text(&text, " s20000: []\n");
    const struct plan *plan = NULL;
    assert_int_equal(load(&w, buf_str(&text), NULL, &plan).fault, FAULT_LIMIT);
    finish(&w);
}

static void a_policy_full_of_mistakes_lists_the_first_and_stops(void **state)
{
    (void)state;
    struct world_of_words w = start();
    struct buf text = buf_in(w.arena, 1 << 20);
    for (int i = 0; i < 5000; i++)
        buf_format(&text, "wrong%d: 1\n", i);
    const struct plan *plan = NULL;
    assert_int_equal(load(&w, buf_str(&text), NULL, &plan).fault, FAULT_INVALID);
    assert_int_equal(w.problems.list.count, 200);
    finish(&w);
}

static void a_small_budget_ends_in_a_limit_and_nothing_else(void **state)
{
    (void)state;
    struct world_of_words w = start();
    str text = file_text(&w, BAD "/good.yaml");
    struct policy_source source = {STR("p"), text};
    size_t refused = 0;
    bool loaded = false;
    for (size_t budget = 64; !loaded; budget += 1024) {
        CLEANUP(arena_free) struct arena *small = arena_new(budget);
        struct problems problems = {.arena = small};
        struct report report = {0};
        const struct plan *plan = NULL;
        status s = plan_load(w.words, &source, NULL, NULL, 0, small, &problems, &report, &plan);
        loaded = is_ok(s);
        if (!loaded && s.fault != FAULT_LIMIT)
            fail_msg("budget %zu: %s", budget, report.text);
        refused += !loaded;
    }
    assert_true(refused > 20);
    finish(&w);
}

/* ---- what a plan holds ---- */

static const char HEAD[] = "vern: 1\npolicy: p\nversion: unspecified\neffective: unspecified\n"
                           "timezone: Europe/Oslo\nlanguages: [nb]\nroles: [r]\n"
                           "categories: { a: { fields: { x: text, y: text } }, b: {} }\n";

static const struct plan *load_after_head(struct world_of_words *w, const char *rest,
                                          const char *deployment)
{
    str text = arena_format(w->arena, "%s%s", HEAD, rest);
    const struct plan *plan = NULL;
    if (!is_ok(load(w, text, deployment, &plan))) {
        const struct problem *p = w->problems.list.count > 0 ? &w->problems.list.at[0] : NULL;
        fail_msg("%s: %u:%u %.*s", w->report.text, p == NULL ? 0 : p->line,
                 p == NULL ? 0 : p->column, p == NULL ? 0 : (int)p->text.len,
                 p == NULL ? "" : p->text.ptr);
    }
    return plan;
}

static const struct plan_purpose *purpose_named(const struct plan *plan, const char *name)
{
    plan_index i = plan_find(plan, plan->purpose_of, words_find(plan->words, str_from(name)));
    assert_int_not_equal(i, NONE);
    return &plan->purpose[i];
}

static void a_hole_closes_its_clause_and_has_a_path(void **state)
{
    (void)state;
    struct world_of_words w = start();
    const struct plan *plan = load_after_head(
        &w,
        "purposes:\n"
        "  whole: unspecified\n"
        "  basis: { basis: unspecified, roles: all, uses: [a], keep: none }\n"
        "  text: { says: unspecified, basis: consent, roles: all, uses: [a], keep: none }\n"
        "  clock: { basis: consent, roles: [r], uses: [a, unspecified],\n"
        "           keep: [{ until: 1 day after unspecified }] }\n"
        "controllers: { c: { name: unspecified } }\n",
        NULL);
    assert_true(purpose_named(plan, "whole")->clause.closed);
    assert_true(purpose_named(plan, "basis")->clause.closed);
    assert_true(purpose_named(plan, "text")->clause.closed); /* not even said what it is */
    assert_int_equal(purpose_named(plan, "text")->clause.hole_count, 1);
    const struct plan_purpose *clock = purpose_named(plan, "clock");
    assert_true(clock->clause.closed);
    assert_int_equal(clock->clause.hole_count, 2);
    assert_true(str_is(clock->clause.holes[0], "purposes.clock.uses"));
    assert_true(str_is(clock->clause.holes[1], "purposes.clock.keep[0].until"));
    assert_false(plan->controller[0].clause.closed);
    assert_int_equal(plan->controller[0].clause.hole_count, 1);
    assert_int_equal(plan->effective.ms, NEVER.ms);
    finish(&w);
}

static void objection_follows_the_basis_and_is_made_stricter_only(void **state)
{
    (void)state;
    struct world_of_words w = start();
    const struct plan *plan = load_after_head(
        &w,
        "purposes:\n"
        "  i: { basis: legitimate_interest, roles: all, uses: [a], keep: none }\n"
        "  n: { basis: legitimate_interest, objection: none, roles: all, uses: [a], keep: none }\n"
        "  m: { basis: consent, marketing: own, roles: all, uses: [a], keep: none }\n"
        "  c: { basis: consent, roles: all, uses: [a], keep: none }\n"
        "  s: { basis: consent, objection: absolute, roles: all, uses: [a], keep: none }\n",
        NULL);
    assert_int_equal(purpose_named(plan, "i")->objection, OBJECTION_WEIGHED);
    assert_int_equal(purpose_named(plan, "n")->objection, OBJECTION_WEIGHED);
    assert_int_equal(purpose_named(plan, "m")->objection, OBJECTION_ABSOLUTE);
    assert_int_equal(purpose_named(plan, "c")->objection, OBJECTION_NONE);
    assert_int_equal(purpose_named(plan, "s")->objection, OBJECTION_ABSOLUTE);
    finish(&w);
}

static void references_to_data_become_fields(void **state)
{
    (void)state;
    struct world_of_words w = start();
    const struct plan *plan = load_after_head(
        &w,
        "sets: { inner: [a.y], outer: [inner, b] }\n"
        "purposes: { p: { basis: consent, roles: all, uses: [outer], keep: none } }\n",
        NULL);
    assert_int_equal(plan->field_count, 3);
    const struct field_set *uses = &plan->purpose[0].uses;
    assert_false(field_set_has(uses, 0));
    assert_true(field_set_has(uses, 1));
    assert_true(field_set_has(uses, 2));
    assert_int_equal(plan_find(plan, plan->field_of, words_find(w.words, STR("a.y"))), 1);
    assert_int_equal(plan_find(plan, plan->field_of, words_find(w.words, STR("b"))), 2);
    finish(&w);
}

static void each_field_finds_its_clock_in_each_purpose(void **state)
{
    (void)state;
    struct world_of_words w = start();
    const struct plan *plan = load_after_head(
        &w,
        "purposes:\n"
        "  two: { basis: consent, roles: all, uses: [a], covers: [C-1], keep: [\n"
        "         { of: [a.x], until: 1 day after collected, covers: [C-2] },\n"
        "         { until: end of consent }] }\n"
        "  one: { basis: consent, roles: all, uses: [a, b], keep: 1 day after collected }\n"
        "  hole: { basis: unspecified, roles: all, uses: [a], keep: 1 day after collected }\n"
        "  act: { basis: consent, reuses: true, roles: all, uses: [b], keep: none }\n",
        NULL);
    static const plan_index OF[][3] = {
        {0, 1, NONE}, {0, 0, 0}, {NONE, NONE, NONE}, {NONE, NONE, KEEP_NOTHING}};
    for (size_t p = 0; p < LENGTH(OF); p++)
        for (size_t f = 0; f < LENGTH(OF[p]); f++)
            assert_int_equal(plan_reach(plan, (plan_index)p, (plan_index)f)->entry, OF[p][f]);
    const struct keep_entry *two = plan->purpose[0].keep.at, *one = plan->purpose[1].keep.at;
    assert_true(two[0].moment == one[0].moment && two[0].moment != two[1].moment);
    assert_true(two[0].by_collected && !two[0].by_evidence);
    assert_true(two[1].by_evidence && !two[1].by_collected);
    assert_true(str_is(two[0].rule.path, "purposes.two.keep[0]"));
    assert_true(str_is(two[0].rule.ids.at[0], "C-2") && str_is(two[1].rule.ids.at[0], "C-1"));
    assert_true(str_is(plan->purpose[0].rule_of_basis.path, "purposes.two.basis"));
    assert_true(plan->reusing.count == 1 && plan->reusing.at[0] == 3);
    finish(&w);
}

static void fields_are_alike_that_no_purpose_tells_apart(void **state)
{
    (void)state;
    struct world_of_words w = start();
    const struct plan *plan = load_after_head(
        &w,
        "purposes:\n"
        "  p: { basis: consent, roles: all, uses: [a, b], keep: [\n"
        "       { of: [b], until: 1 day after collected }, { until: end of consent }] }\n"
        "  q: { basis: consent, roles: all, uses: [a], keep: none }\n",
        NULL);
    assert_int_equal(plan->field[0].like, plan->field[1].like);
    assert_int_not_equal(plan->field[0].like, plan->field[2].like);
    finish(&w);
}

static void a_declared_type_takes_the_place_of_the_built_in_kind_of_its_name(void **state)
{
    (void)state;
    struct world_of_words w = start();
    const struct plan *plan = load_after_head(
        &w, "evidence: { training: { valid: 6 months }, talk: { for: [] } }\n", NULL);
    plan_index training = plan_find(plan, plan->evidence_of, words_find(w.words, STR("training")));
    plan_index consent = plan_find(plan, plan->evidence_of, words_find(w.words, STR("consent")));
    assert_int_equal(training, KIND_COUNT);
    assert_int_equal(plan->evidence[training].kind, KIND_TRAINING);
    assert_int_equal(plan->evidence[training].binds, 1u << SLOT_ACTOR);
    assert_int_equal(consent, KIND_CONSENT);
    assert_true(plan->evidence[consent].builtin);
    finish(&w);
}

static void rights_take_what_they_do_not_say_from_all(void **state)
{
    (void)state;
    struct world_of_words w = start();
    const struct plan *plan =
        load_after_head(&w,
                        "contacts: { web: { kind: web, at: x.example } }\n"
                        "rights: { all: { at: [web], needs: [identity], within: 2 weeks },\n"
                        "          access: { within: 1 week }, processors: { needs: none } }\n",
                        NULL);
    assert_int_equal(plan->right[RIGHT_ERASE].needs.count, 1);
    assert_true(str_is(plan->right[RIGHT_ERASE].needs.all[0].path, "rights.all.needs.identity"));
    assert_int_equal(plan->right[RIGHT_ERASE].at.count, 1);
    assert_false(plan->right[RIGHT_ERASE].stated);
    assert_int_equal(plan->right[RIGHT_ACCESS].within.count, 1);
    assert_int_equal(plan->right[RIGHT_ERASE].within.count, 2);
    assert_int_equal(plan->right[RIGHT_PROCESSORS].needs.count, 0);
    finish(&w);
}

/* ---- deployment ---- */

static const char DEPLOY_HEAD[] = "vern: 1\ndeploys: { policy: p, version: unspecified }\n"
                                  "by: { name: Operator, date: 2026-01-02 }\n";

static void a_deployment_fills_holes_and_adds_clauses(void **state)
{
    (void)state;
    struct world_of_words w = start();
    str deployment = arena_format(
        w.arena, "%s%s", DEPLOY_HEAD,
        "set:\n"
        "  version: v7\n"
        "  effective: 2026-03-01\n"
        "  purposes.p.keep: earliest of 6 months after end of year of collected, end of consent\n"
        "  purposes.p.uses: [a, b]\n"
        "  purposes.p.needs[1]: notice\n"
        "add:\n"
        "  roles.guest: {}\n"
        "  events: { seen: {} }\n"
        "  purposes.q: { basis: consent, roles: [guest], uses: [b], keep: 1 day after seen }\n");
    const struct plan *plan =
        load_after_head(&w,
                        "purposes:\n"
                        "  p: { basis: consent, roles: [r], uses: [a, unspecified], needs: "
                        "[identity, unspecified],\n"
                        "       keep: 'earliest of unspecified, end of consent' }\n",
                        arena_c_string(w.arena, deployment));
    assert_true(str_is(plan->version, "v7"));
    assert_int_equal(plan->effective.ms, INT64_C(1772319600000)); /* 2026-03-01 in Oslo */
    assert_true(plan->deployed);
    assert_true(str_is(plan->deployed_by, "Operator"));
    const struct plan_purpose *p = purpose_named(plan, "p"), *q = purpose_named(plan, "q");
    assert_false(p->clause.closed);
    assert_false(p->clause.from_deployment);
    assert_true(q->clause.from_deployment);
    assert_true(field_set_has(&p->uses, 2));
    assert_int_equal(p->needs.count, 2);
    assert_int_equal(q->roles.at[0], 1);
    finish(&w);
}

static void what_things_are_called_may_stand_apart_and_in_a_deployment(void **state)
{
    (void)state;
    struct world_of_words w = start();
    const struct plan *plan;
    static const char deployment[] = "vern: 1\n"
                                     "deploys: { policy: shop, version: '1' }\n"
                                     "by: { name: Operator, date: 2026-01-02 }\n"
                                     "says:\n"
                                     "  roles.reader: { nn: lesar }\n"
                                     "  categories.contact.fields.name: { nn: namn }\n";
    str good = file_text(&w, BAD "/good.yaml");
    str said = arena_format(w.arena,
                            "%.*ssays:\n  roles.reader: { nb: leser }\n"
                            "  categories.contact.fields.name: { nb: navn }\n",
                            STR_ARG(good));
    assert_true(is_ok(load(&w, said, deployment, &plan)));
    const struct says *reader = &plan->role[1].clause.says;
    assert_int_equal(reader->count, 2);
    assert_true(str_is(reader->at[0].text, "leser"));
    assert_true(str_is(reader->at[1].text, "lesar"));
    plan_index name = plan_find(plan, plan->field_of, words_find(w.words, STR("contact.name")));
    assert_int_equal(plan->field[name].says.count, 2);
    assert_true(str_is(plan->field[name].says.at[0].text, "navn"));
    assert_int_equal(plan->language_count, 3);
    finish(&w);
}

static void a_value_replaced_for_one_test_counts(void **state)
{
    (void)state;
    struct world_of_words w = start();
    str text = arena_format(w.arena, "%s%s", HEAD,
                            "purposes: { p: { basis: consent, roles: [r], uses: [a],\n"
                            "                 keep: none } }\n");
    struct policy_source source = {STR("p"), text};
    struct policy_override with[] = {{STR("purposes.p.keep"), STR("2 years after collected")},
                                     {STR("purposes.p.requires"), STR("[a.x]")}};
    const struct plan *plan = NULL;
    assert_true(
        is_ok(plan_load(w.words, &source, NULL, with, 2, w.arena, &w.problems, &w.report, &plan)));
    assert_int_equal(plan->purpose[0].keep.at[0].until->span.count, 2);
    assert_true(field_set_has(&plan->purpose[0].requires, 0));
    with[0].path = STR("purposes.x.keep");
    assert_false(
        is_ok(plan_load(w.words, &source, NULL, with, 2, w.arena, &w.problems, &w.report, &plan)));
    finish(&w);
}

static void the_vocabulary_prints_every_section_key_and_word(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    struct buf out = buf_in(arena, 1 << 20);
    plan_vocabulary_print(&out);
    str rest = buf_str(&out), line;
    size_t sections = 0, keys = 0, words = 0;
    while (str_next(&rest, '\n', &line)) {
        sections += str_starts(line, STR("section\t"));
        keys += str_starts(line, STR("key\t"));
        words += str_starts(line, STR("word\t"));
        assert_true(line.len == 0 || line.ptr[line.len - 1] != '\t');
    }
    assert_int_equal(sections, SECTION_COUNT);
    assert_int_equal(keys, VOCABULARY_KEY_COUNT);
    assert_int_equal(words, VOCABULARY_WORD_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bad_policy_is_refused_at_its_place_with_the_nearest_word),
        cmocka_unit_test(the_policy_that_deployments_are_tried_on_loads),
        cmocka_unit_test(a_file_of_ten_megabytes_is_refused_by_its_size),
        cmocka_unit_test(too_many_values_are_refused),
        cmocka_unit_test(a_hundred_thousand_brackets_are_refused_by_depth),
        cmocka_unit_test(sets_within_sets_end_at_a_depth),
        cmocka_unit_test(a_policy_full_of_mistakes_lists_the_first_and_stops),
        cmocka_unit_test(a_small_budget_ends_in_a_limit_and_nothing_else),
        cmocka_unit_test(a_hole_closes_its_clause_and_has_a_path),
        cmocka_unit_test(objection_follows_the_basis_and_is_made_stricter_only),
        cmocka_unit_test(references_to_data_become_fields),
        cmocka_unit_test(each_field_finds_its_clock_in_each_purpose),
        cmocka_unit_test(fields_are_alike_that_no_purpose_tells_apart),
        cmocka_unit_test(a_declared_type_takes_the_place_of_the_built_in_kind_of_its_name),
        cmocka_unit_test(rights_take_what_they_do_not_say_from_all),
        cmocka_unit_test(a_deployment_fills_holes_and_adds_clauses),
        cmocka_unit_test(what_things_are_called_may_stand_apart_and_in_a_deployment),
        cmocka_unit_test(a_value_replaced_for_one_test_counts),
        cmocka_unit_test(the_vocabulary_prints_every_section_key_and_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
