/* C38: each rule of the linter on policies that it was not written for. tests/foreign/rules.txt
 * holds for each a small policy that breaks it and one that does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <ctype.h>
#include "check.h"
#include "file.h"
#include "json.h"

enum { ARENA_BYTES = 256 << 20, TEXT_BYTES = 1 << 20 };

static const char FILE_NAME[] = "tests/foreign/rules.txt";
static const char HEAD[] = "vern: 1\npolicy: fjord_gym\nversion: \"1\"\neffective: 2026-01-01\n"
                           "timezone: Europe/Stockholm\nlanguages: [sv]\n";

static struct arena *shape_arena; /* while a SARIF log is looked at */

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
            print_error("%u: %.*s\n", problems.list.at[i].line, STR_ARG(problems.list.at[i].text));
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

/* C38: each rule is explained in both languages, with what to write instead and by which article */
static void each_rule_is_explained_in_english_and_in_norwegian(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct report report = {0};
    str manual;
    assert_true(is_ok(file_read("docs/linter.md", arena, TEXT_BYTES, &report, &manual)));
    assert_int_equal(RULE_COUNT - 1, 76);
    for (unsigned rule = RULE_NONE + 1; rule < RULE_COUNT; rule++) {
        const struct rule_row *row = rule_row((enum rule)rule);
        const char *const texts[] = {row->en, row->nb, row->write, row->skriv};
        for (size_t i = 0; i < LENGTH(texts); i++) {
            if (strlen(texts[i]) < 8 ||
                memmem(manual.ptr, manual.len, texts[i], strlen(texts[i])) == NULL)
                fail_msg("%s: \"%s\" explains nothing, or not in the manual", row->code, texts[i]);
        }
        bool code = row->write[0] == '`' && row->write[strlen(row->write) - 1] == '`';
        if (strcmp(row->en, row->nb) == 0 || (!code && strcmp(row->write, row->skriv) == 0))
            fail_msg("%s says the same in both languages", row->code);
        assert_true(strlen(row->article) > 3);
    }
}

/* ---- SARIF 2.1.0, member by member: what its schema allows, and no other ---- */

struct shape {
    const char *path;     /* of the object, as below */
    const char *required; /* names, each with a blank behind it */
    const char *optional;
};

static const struct shape SHAPES[] = {
    {"log", "version runs ", "$schema "},
    {"run", "tool results ", "columnKind "},
    {"tool", "driver ", ""},
    {"driver", "name ", "version rules "},
    {"rule", "id ", "shortDescription help properties "},
    {"message", "text ", ""},
    {"result", "message ", "ruleId level locations properties "},
    {"location", "physicalLocation ", ""},
    {"physical", "artifactLocation ", "region "},
    {"artifact", "uri ", ""},
    {"region", "startLine ", "startColumn "},
};

static bool names(const char *list, str name)
{
    size_t len = name.len;
    for (const char *at = list; (at = strstr(at, arena_c_string(shape_arena, name))) != NULL;
         at++) {
        if ((at == list || at[-1] == ' ') && at[len] == ' ')
            return true;
    }
    return false;
}

static const struct json *shaped(const char *path, const struct json *json)
{
    const struct shape *shape = SHAPES;
    while (strcmp(shape->path, path) != 0)
        shape++;
    assert_non_null(json);
    assert_int_equal(json->kind, JSON_OBJECT);
    size_t required = 0, wanted = 0;
    for (JSON_EACH(member, json)) {
        bool must = names(shape->required, member->name);
        if (!must && !names(shape->optional, member->name))
            fail_msg("SARIF: %s has a member %.*s", path, STR_ARG(member->name));
        required += must;
    }
    for (const char *at = shape->required; *at != '\0'; at++)
        wanted += *at == ' ';
    assert_int_equal(required, wanted);
    return json;
}

static str said(const struct json *object, const char *name)
{
    str text;
    if (!json_str(json_get(object, name), &text) || text.len == 0)
        fail_msg("SARIF: %s is no text, or an empty one", name);
    return text;
}

static void rules_are_sarif(const struct json *driver)
{
    const struct json *rules = json_get(driver, "rules");
    for (JSON_EACH(rule, rules)) {
        str id = said(shaped("rule", rule), "id");
        const char *const messages[] = {"shortDescription", "help"};
        for (size_t i = 0; i < LENGTH(messages); i++) {
            const struct json *message = json_get(rule, messages[i]);
            if (message != NULL)
                (void)said(shaped("message", message), "text");
        }
        for (const struct json *other = rule->next; other != NULL; other = other->next)
            assert_false(str_equal(said(other, "id"), id));
    }
}

static void place_is_sarif(const struct json *location)
{
    int64_t line, column;
    const struct json *physical =
        shaped("physical", json_get(shaped("location", location), "physicalLocation"));
    str uri = said(shaped("artifact", json_get(physical, "artifactLocation")), "uri");
    for (size_t i = 0; i < uri.len; i++) {
        char c = uri.ptr[i];
        bool good = (c > ' ' && c < 127 && strchr("\"<>\\^`{|}:#?[]", c) == NULL);
        if (!good || (c == '%' && (i + 2 >= uri.len || !isxdigit((unsigned char)uri.ptr[i + 1]) ||
                                   !isxdigit((unsigned char)uri.ptr[i + 2]))))
            fail_msg("SARIF: %.*s is no reference", STR_ARG(uri));
    }
    const struct json *region = json_get(physical, "region");
    if (region == NULL)
        return;
    assert_true(json_i64(json_get(shaped("region", region), "startLine"), &line) && line >= 1);
    if (json_get(region, "startColumn") != NULL)
        assert_true(json_i64(json_get(region, "startColumn"), &column) && column >= 1);
}

static void result_is_sarif(const struct json *result, const struct json *rules)
{
    static const char *const levels[] = {"none", "note", "warning", "error"};
    str id, level = said(shaped("result", result), "level");
    bool known = false;
    for (size_t i = 0; i < LENGTH(levels); i++)
        known |= str_is(level, levels[i]);
    assert_true(known);
    (void)said(shaped("message", json_get(result, "message")), "text");
    if (json_str(json_get(result, "ruleId"), &id)) {
        known = false;
        for (JSON_EACH(rule, rules))
            known |= str_equal(said(rule, "id"), id);
        assert_true(known);
    }
    for (JSON_EACH(location, json_get(result, "locations")))
        place_is_sarif(location);
}

static size_t is_sarif(const struct problems *problems)
{
    struct buf buf = buf_in(shape_arena, TEXT_BYTES);
    struct report report = {0};
    const struct json *log;
    str text;
    problems_sarif(problems, "0.1", &buf);
    assert_true(is_ok(buf_finish(&buf, &report, &text)));
    assert_true(is_ok(json_parse(shape_arena, text, &report, &log)));
    assert_true(str_is(said(shaped("log", log), "version"), "2.1.0"));
    assert_int_equal(json_get(log, "runs")->count, 1);
    const struct json *run = shaped("run", json_get(log, "runs")->child);
    assert_true(str_is(said(run, "columnKind"), "unicodeCodePoints"));
    const struct json *driver =
        shaped("driver", json_get(shaped("tool", json_get(run, "tool")), "driver"));
    rules_are_sarif(driver);
    const struct json *results = json_get(run, "results");
    for (JSON_EACH(result, results))
        result_is_sarif(result, json_get(driver, "rules"));
    return results->count;
}

/* C38: what the linter says of any policy, and the loader of any that does not load, is SARIF as
 * code hosts read it; also of a file whose name must be written otherwise in a reference. */
static void whatever_is_found_is_sarif(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct samples samples = {.arena = arena};
    size_t results = 0;
    shape_arena = arena;
    read_samples(&samples);
    for (size_t i = 0; i < samples.list.count; i++) {
        CLEANUP(words_free) struct words *words = words_new();
        struct problems problems = {.arena = arena};
        struct report report = {0};
        str text = samples.list.at[i].text;
        struct policy_source source = {STR("min policy: 100% [ny]/løp.yaml"),
                                       i % 5 == 0 ? str_slice(text, 0, text.len / 2) : text};
        const struct plan *plan;
        if (is_ok(plan_load(words, &source, NULL, NULL, 0, arena, &problems, &report, &plan)))
            assert_true(is_ok(plan_check(plan, &problems, &report)));
        size_t count = is_sarif(&problems);
        assert_int_equal(count, problems.list.count);
        results += count;
    }
    assert_in_range(results, 200, 100000);
    assert_int_equal(is_sarif(&(struct problems){.arena = arena}), 0);
    shape_arena = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_finds_what_breaks_it_and_nothing_where_it_is_kept),
        cmocka_unit_test(each_finding_says_where_what_and_by_which_article),
        cmocka_unit_test(each_rule_is_explained_in_english_and_in_norwegian),
        cmocka_unit_test(whatever_is_found_is_sarif),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
