/* C38: each rule of the linter on policies that it was not written for. tests/foreign/rules.txt
 * holds for each a small policy that breaks it and one that does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "check.h"
#include "file.h"

enum { ARENA_BYTES = 256 << 20, TEXT_BYTES = 1 << 20 };

static const char FILE_NAME[] = "tests/foreign/rules.txt";
static const char HEAD[] = "vern: 1\npolicy: fjord_gym\nversion: \"1\"\neffective: 2026-01-01\n"
                           "timezone: Europe/Stockholm\nlanguages: [sv]\n";

struct sample { /* one section of the file */
    str rule, text;
    bool sound;
};
struct samples {
    struct arena *arena;
    LIST(struct sample) list;
};

static void add_sample(struct samples *samples, str title, str text)
{
    struct sample *sample = LIST_ADD(samples->arena, &samples->list);
    str whole = STR("whole\n"), sound = STR(" sound");
    if (sample == NULL) {
        fail_msg("no memory");
        return;
    }
    sample->sound = str_ends(title, sound);
    sample->rule = str_slice(title, 0, title.len - (sample->sound ? sound.len : 0));
    sample->text = str_starts(text, whole)
                       ? str_slice(text, whole.len, text.len)
                       : arena_format(samples->arena, "%s%.*s", HEAD, STR_ARG(text));
}

static void read_samples(struct samples *samples)
{
    struct report report = {0};
    str text, line, title = STR("");
    if (!is_ok(file_read(FILE_NAME, samples->arena, TEXT_BYTES, &report, &text)))
        fail_msg("%s: %s", FILE_NAME, report.text);
    str rest = text;
    const char *from = text.ptr;
    while (str_next(&rest, '\n', &line)) {
        if (!str_starts(line, STR("== ")))
            continue;
        if (title.len > 0)
            add_sample(samples, title, (str){from, (size_t)(line.ptr - from)});
        title = str_slice(line, 3, line.len);
        from = rest.ptr;
    }
    add_sample(samples, title, (str){from, (size_t)(text.ptr + text.len - from)});
}

/* The first problem of the rule, or NULL. */
static const struct problem *found(const struct sample *sample, struct arena *arena)
{
    CLEANUP(words_free) struct words *words = words_new();
    struct problems problems = {.arena = arena};
    struct report report = {0};
    struct policy_source source = {sample->rule, sample->text};
    const struct plan *plan;
    status loaded = plan_load(words, &source, NULL, NULL, 0, arena, &problems, &report, &plan);
    if (!is_ok(loaded)) {
        for (size_t i = 0; i < problems.list.count; i++)
            print_error("%u: %.*s\n", problems.list.at[i].line,
                        STR_ARG(problems.list.at[i].text));
        fail_msg("the policy for %.*s%s does not load", STR_ARG(sample->rule),
                 sample->sound ? " (sound)" : "");
    }
    assert_true(is_ok(plan_check(plan, &problems, &report)));
    for (size_t i = 0; i < problems.list.count; i++) {
        if (str_equal(problems.list.at[i].rule, sample->rule))
            return &problems.list.at[i];
    }
    return NULL;
}

/* COB-32, COB-40, COB-47, COB-71, COB-78, COB-79, COB-86, CLO-11, HOS-04, HOS-29 */
static void each_rule_finds_what_breaks_it_and_nothing_where_it_is_kept(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct samples samples = {.arena = arena};
    unsigned broken[RULE_COUNT] = {0}, kept[RULE_COUNT] = {0}, wrong = 0;
    read_samples(&samples);
    for (size_t i = 0; i < samples.list.count; i++) {
        const struct sample *sample = &samples.list.at[i];
        enum rule rule = rule_find(sample->rule);
        if (rule == RULE_NONE)
            fail_msg("%s: there is no rule %.*s", FILE_NAME, STR_ARG(sample->rule));
        (sample->sound ? kept : broken)[rule]++;
        const struct problem *problem = found(sample, arena);
        if ((problem == NULL) == sample->sound)
            continue;
        wrong++;
        print_error("%.*s: %s\n", STR_ARG(sample->rule),
                    sample->sound ? "found where it is kept" : "not found where it is broken");
    }
    for (unsigned rule = RULE_NONE + 1; rule < RULE_COUNT; rule++) {
        if (broken[rule] != 1 || kept[rule] != 1)
            fail_msg("%s has no pair for %s", FILE_NAME, rule_row((enum rule)rule)->code);
    }
    assert_int_equal(wrong, 0);
}

/* What is found has a place, a text, an article and something to write instead. */
static void each_finding_says_where_what_and_by_which_article(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct samples samples = {.arena = arena};
    read_samples(&samples);
    for (size_t i = 0; i < samples.list.count; i++) {
        const struct sample *sample = &samples.list.at[i];
        if (sample->sound)
            continue;
        const struct problem *problem = found(sample, arena);
        if (problem == NULL)
            continue;
        assert_true(problem->line > 0 && problem->column > 0);
        assert_false(str_is_empty(problem->text));
        assert_false(str_is_empty(problem->article));
        assert_false(str_is_empty(problem->suggestion));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_finds_what_breaks_it_and_nothing_where_it_is_kept),
        cmocka_unit_test(each_finding_says_where_what_and_by_which_article),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
