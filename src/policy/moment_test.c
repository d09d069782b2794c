/* The expressions: the grammar file against the parser, and what the expressions mean. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "moment.h"
#include "file.h"

enum { BUDGET = 32 << 20, FILE_LIMIT = 1 << 20 };

/* ---- the grammar file ---- */

static str file_text(struct arena *arena, const char *path)
{
    struct report report = {0};
    str text = {NULL, 0};
    if (!is_ok(file_read(path, arena, FILE_LIMIT, &report, &text)))
        fail_msg("%s: %s", path, report.text);
    return text;
}

/* Runs of blanks, and the stars that comments begin their lines with, become one blank. */
static str squeezed(struct arena *arena, str text)
{
    struct buf out = buf_in(arena, FILE_LIMIT);
    bool blank = true;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool star = c == '*' && i >= 2 && text.ptr[i - 1] == ' ' && text.ptr[i - 2] == '\n';
        if (c == ' ' || c == '\n' || star) {
            if (!blank)
                buf_char(&out, ' ');
            blank = true;
            continue;
        }
        buf_char(&out, c);
        blank = false;
    }
    return buf_str(&out);
}

static str sources(struct arena *arena)
{
    struct buf all = buf_in(arena, 8 * FILE_LIMIT);
    DIR *folder = opendir("src/policy");
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        str name = str_from(entry->d_name);
        if (!str_ends(name, STR(".c")) || str_ends(name, STR("_test.c")))
            continue;
        str path = arena_format(arena, "src/policy/%s", entry->d_name);
        buf_add(&all, file_text(arena, arena_c_string(arena, path)));
    }
    closedir(folder);
    return squeezed(arena, buf_str(&all));
}

static bool contains(str text, str part)
{
    return memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
}

/* A production's comment must stand right before the function of its name. */
static void production_check(struct arena *arena, str code, str production)
{
    str rest = production, name;
    assert_true(str_next(&rest, '=', &name));
    name = str_trim(name);
    str comment = arena_format(arena, "/* %.*s ; */ static ", STR_ARG(production));
    const char *found = memmem(code.ptr, code.len, comment.ptr, comment.len);
    if (found == NULL)
        fail_msg("no function repeats: %.*s ;", STR_ARG(production));
    str after = {found + comment.len, (size_t)(code.ptr + code.len - found) - comment.len};
    str function = arena_format(arena, "parse_%.*s(", STR_ARG(name));
    if (!contains(str_slice(after, 0, 40), function))
        fail_msg("the comment of `%.*s` does not stand before %.*s)", STR_ARG(name),
                 STR_ARG(function));
}

static void every_production_of_the_grammar_is_the_comment_of_its_parser(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    str code = sources(arena);
    str grammar = file_text(arena, "src/policy/moment.ebnf");
    const char *end = memmem(grammar.ptr, grammar.len, "*)", 2);
    assert_non_null(end);
    size_t start = (size_t)(end - grammar.ptr) + 2;
    str rest = squeezed(arena, str_slice(grammar, start, grammar.len)), production;
    size_t count = 0;
    while (str_next(&rest, ';', &production)) {
        production = str_trim(production);
        if (production.len == 0)
            continue;
        production_check(arena, code, production);
        count++;
    }
    assert_int_equal(count, 10);
}

static void every_parser_has_its_production_in_the_grammar(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    str code = file_text(arena, "src/policy/moment.c");
    str grammar = squeezed(arena, file_text(arena, "src/policy/moment.ebnf"));
    static const char START[] = "\nstatic status parse_";
    size_t count = 0;
    for (size_t i = 0; i + sizeof(START) < code.len; i++) {
        if (memcmp(code.ptr + i, START, sizeof(START) - 1) != 0)
            continue;
        str rest = str_slice(code, i + sizeof(START) - 1, code.len), name;
        assert_true(str_next(&rest, '(', &name));
        if (str_is(name, "event_name"))
            continue;
        if (!contains(grammar, arena_format(arena, " %.*s = ", STR_ARG(name))))
            fail_msg("the grammar has no `%.*s`", STR_ARG(name));
        count++;
    }
    assert_true(count >= 7);
}

/* ---- expressions ---- */

struct scene {
    struct arena *arena;
    struct words *words;
    const struct plan *plan;
};

static struct scene scene_new(void)
{
    static const char POLICY[] =
        "vern: 1\npolicy: p\nversion: v\neffective: 2026-01-01\ntimezone: UTC\nlanguages: [nb]\n"
        "roles: [member]\nevents: { seen: {}, year_over: {}, done: {} }\n"
        "evidence: { paper: { for: [subject] } }\n";
    struct scene s = {.arena = arena_new(BUDGET), .words = words_new()};
    struct problems problems = {.arena = s.arena};
    struct report report = {0};
    struct policy_source source = {STR("p"), STR("")};
    source.text = str_from(POLICY);
    status loaded =
        plan_load(s.words, &source, NULL, NULL, 0, s.arena, &problems, &report, &s.plan);
    if (!is_ok(loaded))
        fail_msg("%s", report.text);
    return s;
}

static void scene_free(struct scene *s)
{
    words_free(&s->words);
    arena_free(&s->arena);
}

static struct keep_read read_keep(struct scene *s, const char *text, struct expression_fault *fault)
{
    struct report report = {0};
    struct keep_read keep;
    *fault = (struct expression_fault){0};
    assert_true(is_ok(expression_keep(str_from(text), s->plan, s->arena, &report, fault, &keep)));
    return keep;
}

static void expressions_print_as_they_were_written(void **state)
{
    (void)state;
    struct scene s = scene_new();
    static const char *const TEXTS[] = {
        "collected",
        "seen",
        "first seen",
        "last seen",
        "end of paper",
        "end of member",
        "end of consent",
        "1 hour after collected",
        "36 months after last seen",
        "end of year of seen",
        "5 years after end of year of last seen",
        "end of year of end of year of end of paper",
        "earliest of seen, done",
        "latest of (earliest of seen, 6 months after last done), end of paper",
        "earliest of (latest of seen, (earliest of done, collected)), unspecified",
        "2 weeks after unspecified",
    };
    for (size_t i = 0; i < LENGTH(TEXTS); i++) {
        struct expression_fault fault;
        struct keep_read keep = read_keep(&s, TEXTS[i], &fault);
        if (fault.found)
            fail_msg("%s: %.*s", TEXTS[i], STR_ARG(fault.text));
        struct buf out = buf_in(s.arena, 1024);
        buf_moment(&out, s.plan, keep.moment);
        if (!str_is(buf_str(&out), TEXTS[i]))
            fail_msg("%s printed as %.*s", TEXTS[i], STR_ARG(buf_str(&out)));
    }
    scene_free(&s);
}

static void units_take_one_or_many_and_brackets_around_one_vanish(void **state)
{
    (void)state;
    struct scene s = scene_new();
    struct expression_fault fault;
    struct buf out = buf_in(s.arena, 1024);
    buf_moment(&out, s.plan, read_keep(&s, "((2 month after (collected)))", &fault).moment);
    assert_true(fault.found); /* `after` takes an anchor, not brackets */
    struct keep_read keep = read_keep(&s, "((1 years after collected))", &fault);
    assert_false(fault.found);
    out = buf_in(s.arena, 1024);
    buf_moment(&out, s.plan, keep.moment);
    assert_true(str_is(buf_str(&out), "1 year after collected"));
    scene_free(&s);
}

static void a_fault_points_at_the_very_word(void **state)
{
    (void)state;
    struct scene s = scene_new();
    static const struct {
        const char *text;
        size_t offset;
        const char *suggestion;
    } CASES[] = {
        {"sean", 0, "seen"},
        {"earliest of seen, dune", 18, "done"},
        {"6 mouths after seen", 2, "month"},
        {"6 months afterwards seen", 9, ""},
        {"x6 months after seen", 0, ""},
        {"0 days after seen", 0, ""},
        {"100001 days after seen", 0, ""},
        {"99999999999999999999 days after seen", 0, ""},
        {"end of papers", 7, "paper"},
        {"paper", 0, "end of paper"},
        {"last member", 5, "end of member"},
        {"first collected", 6, "collected"},
        {"none of it", 0, "done"},
        {"seen, done", 4, ""},
        {"earliest seen, done", 9, ""},
        {"(seen", 5, ""},
        {"", 0, ""},
    };
    for (size_t i = 0; i < LENGTH(CASES); i++) {
        struct expression_fault fault;
        read_keep(&s, CASES[i].text, &fault);
        if (!fault.found)
            fail_msg("`%s` was taken", CASES[i].text);
        if (fault.offset != CASES[i].offset || !str_is(fault.suggestion, CASES[i].suggestion))
            fail_msg("`%s`: at %zu `%.*s`: %.*s", CASES[i].text, fault.offset,
                     STR_ARG(fault.suggestion), STR_ARG(fault.text));
    }
    scene_free(&s);
}

static void brackets_end_at_a_depth(void **state)
{
    (void)state;
    struct scene s = scene_new();
    for (int depth = 1; depth <= 5000; depth += depth < 40 ? 1 : 999) {
        struct buf text = buf_in(s.arena, 64 << 10);
        for (int i = 0; i < depth; i++)
            buf_char(&text, '(');
        buf_text(&text, "seen");
        for (int i = 0; i < depth; i++)
            buf_char(&text, ')');
        struct expression_fault fault;
        read_keep(&s, arena_c_string(s.arena, buf_str(&text)), &fault);
        assert_int_equal(fault.found, depth > 32);
    }
    scene_free(&s);
}

static void a_hole_is_filled_by_an_operand_and_the_rest_stays(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    static const struct {
        const char *holed, *filled;
        bool fills;
    } CASES[] = {
        {"earliest of unspecified, end of consent", "earliest of seen, end of consent", true},
        {"earliest of unspecified, end of consent",
         "earliest of (latest of seen, done), end of consent", true},
        {"6 months after unspecified", "6 months after last seen", true},
        {"6 months after unspecified", "7 months after last seen", false},
        {"earliest of unspecified, end of consent", "latest of seen, end of consent", false},
        {"earliest of unspecified, end of consent", "earliest of seen, end of paper", false},
        {"earliest of unspecified, end of consent", "earliest of seen, done, end of consent",
         false},
        {"earliest of seen, unspecified", "earliest of seen", false},
        {"earliest of seen, done", "earliest of seen, done", false},
    };
    for (size_t i = 0; i < LENGTH(CASES); i++)
        if (expression_fills(str_from(CASES[i].holed), str_from(CASES[i].filled), arena) !=
            CASES[i].fills)
            fail_msg("%s / %s", CASES[i].holed, CASES[i].filled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_production_of_the_grammar_is_the_comment_of_its_parser),
        cmocka_unit_test(every_parser_has_its_production_in_the_grammar),
        cmocka_unit_test(expressions_print_as_they_were_written),
        cmocka_unit_test(units_take_one_or_many_and_brackets_around_one_vanish),
        cmocka_unit_test(a_fault_points_at_the_very_word),
        cmocka_unit_test(brackets_end_at_a_depth),
        cmocka_unit_test(a_hole_is_filled_by_an_operand_and_the_rest_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
