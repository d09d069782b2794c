/* What the tests of a person's papers share: the example's policy in nb, nn and en, papers built of
 * JSON, and the law's checklist taken away item by item. Include it after cmocka.h. */
#ifndef VERN_PERSON_BENCH_H
#define VERN_PERSON_BENCH_H
#include "document_internal.h"
#include "file.h"
#include "page_check.h"
#include "person.h"

enum { ARENA_ROOM = 256 << 20, PAGE_ROOM = 8 << 20 };

struct bench {
    struct arena *arena;
    struct words *words;
    const struct plan *plan;
};

typedef status person_builder(const struct person_ask *ask, struct arena *arena,
                              struct report *report, struct paper **paper);

/* Whatever the file says in nb it also says in nn: "nb: x, en: y" becomes "nb: x, nn: x, en: y",
 * and a line "nb: x" is followed by "nn: x". */
static void put_nynorsk(struct buf *buf, str line)
{
    const char *said = memmem(line.ptr, line.len, "nb: ", 4);
    const char *end = memmem(line.ptr, line.len, ", en: ", 6);
    size_t before = said == NULL ? 0 : (size_t)(said - line.ptr);
    if (str_starts(line, STR("languages: [nb, en]"))) {
        buf_text(buf, "languages: [nb, nn, en]\n");
    } else if (said == NULL) {
        buf_format(buf, "%.*s\n", STR_ARG(line));
    } else if (end == NULL) {
        buf_format(buf, "%.*s\n%.*snn: %.*s\n", STR_ARG(line), (int)before, line.ptr,
                   (int)(line.len - before - 4), said + 4);
    } else {
        size_t len = (size_t)(end - said) - 4;
        buf_format(buf, "%.*s, nn: %.*s%.*s\n", (int)(end - line.ptr), line.ptr, (int)len, said + 4,
                   (int)(line.len - (size_t)(end - line.ptr)), end);
    }
}

static str with_nynorsk(struct bench *bench, str text)
{
    struct buf buf = buf_in(bench->arena, 1 << 20);
    str rest = text, line;
    while (str_next(&rest, '\n', &line))
        put_nynorsk(&buf, line);
    return buf_str(&buf);
}

static const struct plan *bench_plan(struct bench *bench, const char *from, const char *to)
{
    struct problems problems = {.arena = bench->arena};
    struct report report = {0};
    struct policy_source source = {.name = STR("example.yaml")};
    const struct plan *plan;
    if (!is_ok(file_read("policies/example.yaml", bench->arena, 1 << 20, &report, &source.text)))
        fail_msg("%s", report.text);
    source.text = with_nynorsk(bench, source.text);
    if (from != NULL) {
        const char *at = memmem(source.text.ptr, source.text.len, from, strlen(from));
        assert_non_null(at);
        size_t before = (size_t)(at - source.text.ptr);
        source.text =
            arena_format(bench->arena, "%.*s%s%.*s", (int)before, source.text.ptr, to,
                         (int)(source.text.len - before - strlen(from)), at + strlen(from));
    }
    if (!is_ok(plan_load(bench->words, &source, NULL, NULL, 0, bench->arena, &problems, &report,
                         &plan)))
        fail_msg("%s", problems.list.count > 0
                           ? arena_c_string(bench->arena, problems.list.at[0].text)
                           : report.text);
    return plan;
}

static int start(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    if (bench == NULL)
        return -1;
    bench->arena = arena_new(ARENA_ROOM);
    bench->words = words_new();
    bench->plan = bench_plan(bench, NULL, NULL);
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

/* JSON with ' for ". */
static const struct json *parsed(struct bench *bench, const char *text)
{
    struct report report = {0};
    const struct json *data;
    struct buf buf = buf_in(bench->arena, 1 << 20);
    for (const char *at = text; *at != '\0'; at++)
        buf_char(&buf, *at == '\'' ? '"' : *at);
    if (!is_ok(json_parse(bench->arena, buf_str(&buf), &report, &data)))
        fail_msg("%s", report.text);
    return data;
}

static inline struct paper *built(struct bench *bench, person_builder *build,
                                  const struct json *data, enum language language)
{
    struct report report = {0};
    struct person_ask ask = {.plan = bench->plan, .language = language, .data = data};
    struct paper *paper;
    if (!is_ok(build(&ask, bench->arena, &report, &paper)))
        fail_msg("%s: %s", language_tag(language), report.text);
    return paper;
}

static inline void is_refused(struct bench *bench, person_builder *build, const struct json *data,
                              const char *wanted)
{
    struct report report = {0};
    struct person_ask ask = {.plan = bench->plan, .data = data};
    struct paper *paper;
    assert_int_equal(build(&ask, bench->arena, &report, &paper).fault, FAULT_INCOMPLETE);
    if (strstr(report.text, wanted) == NULL)
        fail_msg("%s, not %s", report.text, wanted);
}

/* The data without that member of its root. */
static inline const struct json *without(struct bench *bench, const struct json *data,
                                         const char *member)
{
    struct buf buf = buf_in(bench->arena, 1 << 20);
    struct json_out out = json_out_over(&buf);
    struct report report = {0};
    const struct json *left;
    json_open_object(&out);
    for (JSON_EACH(one, data)) {
        if (str_is(one->name, member))
            continue;
        json_key_str(&out, one->name);
        json_put_tree(&out, one);
    }
    json_close_object(&out);
    assert_non_null(json_get(data, member));
    assert_true(is_ok(json_parse(bench->arena, buf_str(&buf), &report, &left)));
    return left;
}

static inline bool says(const struct paper *paper, const char *path, const char *wanted)
{
    str said = paper_said(paper, path);
    if (memmem(said.ptr, said.len, wanted, strlen(wanted)) != NULL)
        return true;
    print_error("%s says: %.*s\n", path, STR_ARG(said));
    return false;
}

static inline str page_of(struct bench *bench, const struct paper *paper)
{
    struct buf buf = buf_in(bench->arena, PAGE_ROOM);
    struct report report = {0};
    str page;
    paper_html(paper, &buf);
    assert_true(is_ok(buf_finish(&buf, &report, &page)));
    return page;
}

static inline void cut_column(struct part *table, size_t column)
{
    for (struct part *row = table->first; row != NULL; row = row->next) {
        size_t at = 0;
        for (struct part *cell = row->kind == PART_ROW ? row->first : NULL; cell != NULL;
             cell = cell->next) {
            if (at++ == column)
                cell->first = cell->last = NULL;
        }
    }
}

/* Takes all that stands below a path out of the tree. */
static inline void cut(struct part *parent, str path)
{
    str rest = path, key;
    if (!str_next(&rest, '.', &key))
        return;
    size_t column = 0;
    for (struct part *part = parent->first; part != NULL; part = part->next) {
        bool named = part->key != NULL && str_is(key, part->key);
        if (part->kind == PART_COLUMN && named && rest.ptr == NULL)
            cut_column(parent, column);
        else if (part->kind != PART_COLUMN && named && rest.ptr == NULL)
            part->first = part->last = NULL;
        else if (part->kind != PART_COLUMN)
            cut(part, named ? rest : path);
        column += part->kind == PART_COLUMN;
    }
}

/* Each line of the checklist, taken out of a whole paper, refuses it by its name: in each language.
 */
static inline void each_item_is_missed(struct bench *bench, person_builder *build,
                                       const struct json *data, enum paper_kind kind)
{
    size_t count, tried = 0;
    const struct paper_item *items = paper_items(&count);
    for (size_t i = 0; i < count; i++) {
        for (enum language language = LANGUAGE_NB;
             items[i].kind == kind && language < LANGUAGE_COUNT; language++) {
            struct report report = {0};
            struct paper *paper = built(bench, build, data, language);
            assert_int_equal(paper->kind, kind);
            paper->finished = false;
            cut(&paper->root, str_from(items[i].path));
            assert_int_equal(paper_finish(paper, &report).fault, FAULT_INCOMPLETE);
            if (strstr(report.text, items[i].path) == NULL)
                fail_msg("%s: %s", items[i].path, report.text);
            tried++;
        }
    }
    assert_true(tried >= 3 * 5);
}

#endif
