/* The YAML that policies may be written in: what a tree holds, and what is no YAML of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "yaml_tree.h"
#include "limits.h"

enum { BUDGET = 64 << 20 };

struct reading {
    struct arena *arena;
    struct yaml_faults faults;
    struct report report;
    struct yaml_node *root;
};

static status read_text(struct reading *r, str text)
{
    *r = (struct reading){.arena = arena_new(BUDGET)};
    return yaml_read(text, r->arena, &r->faults, &r->report, &r->root);
}

static void finish(struct reading *r)
{
    arena_free(&r->arena);
}

static void scalars_stay_text_and_know_their_place(void **state)
{
    (void)state;
    struct reading r;
    assert_true(
        is_ok(read_text(&r, STR("country: NO\nlist: [1.50, 'yes',\n  ~]\nmap: {å: \"x\"}\n"))));
    assert_int_equal(r.root->kind, YAML_MAP);
    assert_int_equal(r.root->count, 3);
    struct yaml_node *country = yaml_get(r.root, STR("country"));
    assert_true(str_is(country->text, "NO"));
    assert_int_equal(country->column, 10);
    assert_int_equal(country->key_column, 1);
    struct yaml_node *list = yaml_get(r.root, STR("list"));
    assert_true(str_is(list->first->text, "1.50"));
    assert_true(list->first->next->quoted);
    assert_int_equal(list->last->line, 3);
    assert_int_equal(list->last->column, 3);
    struct yaml_node *map = yaml_get(r.root, STR("map"));
    assert_true(str_is(map->first->key, "å"));
    assert_int_equal(map->first->column, 10); /* in characters, not bytes */
    finish(&r);
}

static void a_text_that_says_nothing_is_an_empty_map(void **state)
{
    (void)state;
    struct reading r;
    assert_true(is_ok(read_text(&r, STR("# only a comment\n"))));
    assert_int_equal(r.root->kind, YAML_MAP);
    assert_int_equal(r.root->count, 0);
    finish(&r);
    assert_true(is_ok(read_text(&r, (str){NULL, 0})));
    finish(&r);
}

static void every_duplicate_key_is_listed(void **state)
{
    (void)state;
    struct reading r;
    assert_int_equal(read_text(&r, STR("a: 1\nb: 2\na: 3\nc: {x: 1, x: 2}\nb: 4\n")).fault,
                     FAULT_SYNTAX);
    assert_int_equal(r.faults.list.count, 3);
    assert_int_equal(r.faults.list.at[0].line, 4); /* inner maps end first */
    assert_int_equal(r.faults.list.at[1].line, 3);
    assert_int_equal(r.faults.list.at[2].line, 5);
    finish(&r);
}

static void keys_spelt_by_escapes_are_the_same_key(void **state)
{
    (void)state;
    struct reading r;
    assert_int_equal(read_text(&r, STR("name: 1\n\"n\\u0061me\": 2\n")).fault, FAULT_SYNTAX);
    assert_string_equal(r.faults.list.at[0].rule, "duplicate-key");
    finish(&r);
}

static void refused(str text, const char *rule)
{
    struct reading r;
    status s = read_text(&r, text);
    if (is_ok(s))
        fail_msg("`%.*s` was taken", STR_ARG(text));
    assert_true(r.faults.list.count > 0);
    assert_string_equal(r.faults.list.at[0].rule, rule);
    assert_null(r.root);
    finish(&r);
}

static void what_hides_or_repeats_is_refused(void **state)
{
    (void)state;
    refused(STR("a: &x 1\n"), "anchor");
    refused(STR("a: *x\n"), "alias");
    refused(STR("*x : 1\n"), "alias");
    refused(STR("&x a: 1\n"), "anchor");
    refused(STR("a: ! 1\n"), "tag");
    refused(STR("!!map {}\n"), "tag");
    refused(STR("a: !<tag:x> 1\n"), "tag");
    refused(STR("<<: {a: 1}\n"), "merge-key");
    refused(STR("a: {\"<<\": {b: 1}}\n"), "merge-key");
    refused(STR("%YAML 1.1\n---\na: 1\n"), "directive");
    refused(STR("%TAG ! !x\n---\na: 1\n"), "directive");
    refused(STR("a: 1\n---\nb: 1\n"), "second-document");
    refused(STR("a: 1\n...\n---\n"), "second-document");
    refused(STR("? [a]\n: 1\n"), "key");
    refused(STR("? {a: 1}\n: 1\n"), "key");
    refused(STR("a:\n\tb: 1\n"), "tab");
    refused(STR("# a\tcomment\n"), "tab");
    refused((str){"a: \0", 4}, "control-character");
    refused(STR("a: \x7f\n"), "control-character");
    refused(STR("a: \xc2\x85\n"), "control-character");
    refused(STR("# \xe2\x81\xa6\n"), "bidirectional-character");
    refused(STR("a: \"\\u2066\"\n"), "bidirectional-character");
    refused(STR("\"\\u200b\": 1\n"), "hidden-character");
    refused(STR("a: \"\\0\"\n"), "control-character");
    refused(STR("a: \"\\ud800\"\n"), "yaml");
    refused(STR("\xff\xfe"
                "a"),
            "invalid-utf8");
    refused(STR("a: \xc3"), "invalid-utf8");
    refused(STR("a: [1, 2\n"), "yaml");
    refused(STR("a: b: c\n"), "yaml");
    refused(STR("]\n"), "yaml");
}

static void windows_line_ends_are_taken(void **state)
{
    (void)state;
    struct reading r;
    assert_true(is_ok(read_text(&r, STR("a: 1\r\nb: 2\r\n"))));
    assert_true(str_is(yaml_get(r.root, STR("b"))->text, "2"));
    finish(&r);
}

static void a_document_of_full_depth_is_taken_and_one_deeper_is_not(void **state)
{
    (void)state;
    char text[2 * (LIMIT_POLICY_DEPTH + 1) + 1] = {0};
    for (int depth = LIMIT_POLICY_DEPTH; depth <= LIMIT_POLICY_DEPTH + 1; depth++) {
        struct reading r;
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        status s = read_text(&r, (str){text, (size_t)depth * 2});
        assert_int_equal(s.fault, depth == LIMIT_POLICY_DEPTH ? FAULT_NONE : FAULT_LIMIT);
        finish(&r);
    }
}

static void places_inside_a_text_follow_its_style(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset;
        uint32_t line, column;
    } CASES[] = {
        {"k: abc def", 4, 1, 8},
        {"k: abc def", 7, 1, 11},
        {"k: 'abc def'", 4, 1, 9},
        {"k: \"abc def\"", 0, 1, 5},
        {"k: abc\n  def\n  ghi", 8, 3, 3},
        {"k: |\n  abc\n  def\n", 4, 3, 3},
        {"k: >-\n\n  abc\n  def\n", 5, 4, 3},
        {"k: æø ab", 5, 1, 7},
    };
    for (size_t i = 0; i < LENGTH(CASES); i++) {
        struct reading r;
        uint32_t line, column;
        assert_true(is_ok(read_text(&r, str_from(CASES[i].text))));
        yaml_place(str_from(CASES[i].text), r.root->first, CASES[i].offset, &line, &column);
        if (line != CASES[i].line || column != CASES[i].column)
            fail_msg("`%s`: %u:%u", CASES[i].text, line, column);
        finish(&r);
    }
}

static void reading_with_little_memory_ends_in_a_limit(void **state)
{
    (void)state;
    bool read = false;
    size_t refusals = 0;
    for (size_t budget = 16; !read; budget += 64) {
        CLEANUP(arena_free) struct arena *arena = arena_new(budget);
        struct yaml_faults faults = {0};
        struct report report = {0};
        struct yaml_node *root = NULL;
        status s = yaml_read(STR("a: {b: [c, d], e: f}\n"), arena, &faults, &report, &root);
        read = is_ok(s);
        assert_true(read || s.fault == FAULT_LIMIT);
        refusals += !read;
    }
    assert_true(refusals > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_stay_text_and_know_their_place),
        cmocka_unit_test(a_text_that_says_nothing_is_an_empty_map),
        cmocka_unit_test(every_duplicate_key_is_listed),
        cmocka_unit_test(keys_spelt_by_escapes_are_the_same_key),
        cmocka_unit_test(what_hides_or_repeats_is_refused),
        cmocka_unit_test(windows_line_ends_are_taken),
        cmocka_unit_test(a_document_of_full_depth_is_taken_and_one_deeper_is_not),
        cmocka_unit_test(places_inside_a_text_follow_its_style),
        cmocka_unit_test(reading_with_little_memory_ends_in_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
