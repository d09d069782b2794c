/* Printing: what is printed loads to the same plan, whatever the order of the clauses was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "plan.h"
#include "file.h"
#include "yaml_tree.h"

enum { BUDGET = 256 << 20, FILE_LIMIT = 1 << 20, PRINT_LIMIT = 8 << 20 };

static const char *const POLICIES[] = {"cloudberries", "cobuilder", "confect", "hosting",
                                       "infobric"};

static str file_text(struct arena *arena, const char *folder, const char *name, const char *ending)
{
    struct report report = {0};
    str text = {NULL, 0};
    str path = arena_format(arena, "%s/%s%s", folder, name, ending);
    if (!is_ok(file_read(arena_c_string(arena, path), arena, FILE_LIMIT, &report, &text)))
        fail_msg("%.*s: %s", STR_ARG(path), report.text);
    return text;
}

static const struct plan *loaded(struct words *words, struct arena *arena, str policy,
                                 str deployment)
{
    struct problems problems = {.arena = arena};
    struct report report = {0};
    struct policy_source first = {STR("policy"), policy}, second = {STR("deploy"), deployment};
    const struct plan *plan = NULL;
    status s = plan_load(words, &first, deployment.ptr == NULL ? NULL : &second, NULL, 0, arena,
                         &problems, &report, &plan);
    if (!is_ok(s))
        fail_msg("%s %s", report.where, report.text);
    return plan;
}

static str printed(struct arena *arena, const struct plan *plan)
{
    struct buf out = buf_in(arena, PRINT_LIMIT);
    struct report report = {0};
    str text;
    plan_print(plan, &out);
    assert_true(is_ok(buf_finish(&out, &report, &text)));
    return text;
}

static void same_after_printing(str policy, str deployment)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    CLEANUP(words_free) struct words *words = words_new();
    const struct plan *plan = loaded(words, arena, policy, deployment);
    str once = printed(arena, plan);
    const struct plan *again = loaded(words, arena, once, (str){NULL, 0});
    if (!str_equal(once, printed(arena, again)))
        fail_msg("%.*s\nprinted again:\n%.*s", STR_ARG(once), STR_ARG(printed(arena, again)));
    assert_memory_equal(plan->hash, again->hash, sizeof(plan->hash));
    assert_int_equal(plan->purpose_count, again->purpose_count);
    assert_int_equal(plan->field_count, again->field_count);
}

static void every_policy_prints_and_loads_to_the_same_plan(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
        str policy = file_text(arena, "policies", POLICIES[i], ".yaml");
        same_after_printing(policy, (str){NULL, 0});
        same_after_printing(policy, file_text(arena, "policies", POLICIES[i], ".deploy.yaml"));
    }
}

static void a_policy_of_holes_prints_and_loads_to_the_same_plan(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    same_after_printing(file_text(arena, "fuzz/corpus/policy", "holes", ""), (str){NULL, 0});
}

/* ---- order ---- */

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* Puts the children of a map in another order. */
static void shuffle(struct arena *arena, struct yaml_node *map, uint64_t *seed)
{
    if (map->count < 2)
        return;
    struct yaml_node **nodes = ARENA_ARRAY(arena, struct yaml_node *, (size_t)map->count);
    size_t count = 0;
    for (struct yaml_node *child = map->first; child != NULL; child = child->next)
        nodes[count++] = child;
    for (size_t i = count - 1; i > 0; i--) {
        size_t j = next_random(seed) % (i + 1);
        struct yaml_node *swap = nodes[i];
        nodes[i] = nodes[j];
        nodes[j] = swap;
    }
    for (size_t i = 0; i < count; i++)
        nodes[i]->next = i + 1 < count ? nodes[i + 1] : NULL;
    map->first = nodes[0];
    map->last = nodes[count - 1];
}

static str shuffled(struct arena *arena, str policy, uint64_t seed)
{
    struct yaml_faults faults = {0};
    struct report report = {0};
    struct yaml_node *root;
    assert_true(is_ok(yaml_read(policy, arena, &faults, &report, &root)));
    for (struct yaml_node *section = root->first; section != NULL; section = section->next)
        if (section->kind == YAML_MAP)
            shuffle(arena, section, &seed);
    shuffle(arena, root, &seed);
    struct buf out = buf_in(arena, FILE_LIMIT);
    buf_yaml_flow(&out, root);
    return buf_str(&out);
}

static void the_order_of_clauses_does_not_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(POLICIES); i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
        CLEANUP(words_free) struct words *words = words_new();
        str policy = file_text(arena, "policies", POLICIES[i], ".yaml");
        str expected = printed(arena, loaded(words, arena, policy, (str){NULL, 0}));
        for (uint64_t seed = 1; seed <= 5; seed++) {
            str other = shuffled(arena, policy, seed);
            str found = printed(arena, loaded(words, arena, other, (str){NULL, 0}));
            if (!str_equal(expected, found))
                fail_msg("%s, seed %d", POLICIES[i], (int)seed);
        }
    }
}

static void a_changed_word_changes_the_hash(void **state)
{
    (void)state;
    static const char HEAD[] = "vern: 1\npolicy: p\nversion: v\neffective: 2026-01-01\n"
                               "timezone: Europe/Oslo\nlanguages: [nb]\n";
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    CLEANUP(words_free) struct words *words = words_new();
    str one = arena_format(arena, "%sroles: [a, b]\n", HEAD);
    str two = arena_format(arena, "%sroles: [b, a] # another order\n", HEAD);
    str three = arena_format(arena, "%sroles: [a, c]\n", HEAD);
    const struct plan *first = loaded(words, arena, one, (str){NULL, 0});
    const struct plan *second = loaded(words, arena, two, (str){NULL, 0});
    const struct plan *third = loaded(words, arena, three, (str){NULL, 0});
    assert_memory_equal(first->hash, second->hash, sizeof(first->hash));
    assert_memory_not_equal(first->hash, third->hash, sizeof(first->hash));
}

static void texts_that_yaml_would_misread_are_quoted(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {"NO", "true", "a: b", "a #b", "- a",  "\"q\"", "\\n",
                                        "æ",  "{a}",  "",     " a ",  "a\nb", "null",  "1.5",
                                        "@x", "'",    "?",    "[a",   "a,b"};
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    for (size_t i = 0; i < LENGTH(TEXTS); i++) {
        struct buf out = buf_in(arena, FILE_LIMIT);
        struct yaml_faults faults = {0};
        struct report report = {0};
        struct yaml_node *root;
        buf_text(&out, "{k: [");
        buf_yaml_scalar(&out, str_from(TEXTS[i]));
        buf_text(&out, "]}");
        assert_true(is_ok(yaml_read(buf_str(&out), arena, &faults, &report, &root)));
        if (!str_is(root->first->first->text, TEXTS[i]))
            fail_msg("`%s` became `%.*s`", TEXTS[i], STR_ARG(root->first->first->text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_policy_prints_and_loads_to_the_same_plan),
        cmocka_unit_test(a_policy_of_holes_prints_and_loads_to_the_same_plan),
        cmocka_unit_test(the_order_of_clauses_does_not_matter),
        cmocka_unit_test(a_changed_word_changes_the_hash),
        cmocka_unit_test(texts_that_yaml_would_misread_are_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
