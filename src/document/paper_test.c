/* The catalogue of texts, the tree of a paper, its checklist, and the three ways of writing it. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <sodium.h>
#include "csv.h"
#include "document_internal.h"
#include "json.h"
#include "page_check.h"

enum { ARENA_ROOM = 64 << 20, PAGE_ROOM = 4 << 20 };

struct bench {
    struct arena *arena;
    struct words *words;
    const struct plan *plan;
};

static const char POLICY[] =
    "vern: 1\n"
    "policy: firm\n"
    "version: a\n"
    "effective: 2026-01-02\n"
    "timezone: Europe/Oslo\n"
    "languages: [en, nb]\n"
    "controllers: { firm: { name: Firm AS } }\n"
    "roles: [customer]\n"
    "sources: { person: { kind: person } }\n"
    "categories: { contact: { says: { nb: Kontakt }, fields: { name: name } } }\n";

static int start(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    if (bench == NULL || sodium_init() < 0)
        return -1;
    bench->arena = arena_new(ARENA_ROOM);
    bench->words = words_new();
    struct problems problems = {.arena = bench->arena};
    struct report report = {0};
    struct policy_source source = {STR("firm.yaml"), {POLICY, sizeof(POLICY) - 1}};
    if (!is_ok(plan_load(bench->words, &source, NULL, NULL, 0, bench->arena, &problems, &report,
                         &bench->plan)))
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

static struct paper *begin(struct bench *bench, enum language language)
{
    struct paper_start from = {PAPER_specimen, bench->plan, language};
    struct paper *paper = paper_begin(&from, bench->arena);
    assert_non_null(paper);
    return paper;
}

/* ---- texts ---- */

static unsigned places_in(str text)
{
    unsigned places = 0;
    for (size_t i = 0; i + 2 < text.len; i++) {
        if (text.ptr[i] == '{' && text.ptr[i + 2] == '}') {
            assert_in_range(text.ptr[i + 1], '1', '9');
            places |= 1u << (text.ptr[i + 1] - '1');
        }
    }
    return places;
}

static void every_text_stands_in_each_language_with_the_same_places(void **state)
{
    (void)state;
    for (enum text text = TEXT_none + 1; text < TEXT_COUNT; text++) {
        unsigned places = places_in(text_in(text, LANGUAGE_NB));
        for (enum language in = LANGUAGE_NB; in < LANGUAGE_COUNT; in++) {
            str words = text_in(text, in);
            if (words.len == 0 || !utf8_valid(words) || places_in(words) != places)
                fail_msg("%s in %s", text_id(text), language_tag(in));
        }
        if ((places & (places + 1)) != 0) /* {1}, {2} ... without a gap */
            fail_msg("%s leaves a place out", text_id(text));
    }
}

static void a_language_is_asked_for_or_liked_or_the_first_of_the_policy(void **state)
{
    struct bench *bench = *state;
    struct report report = {0};
    enum language is;
    assert_true(is_ok(language_pick(bench->plan, STR("nn"), STR("en"), &report, &is)));
    assert_int_equal(is, LANGUAGE_NN);
    assert_true(is_ok(language_pick(bench->plan, STR(""), STR("sv, nn;q=0.9, no"), &report, &is)));
    assert_int_equal(is, LANGUAGE_NB);
    assert_true(is_ok(language_pick(bench->plan, STR(""), STR("sv"), &report, &is)));
    assert_int_equal(is, LANGUAGE_EN);
    assert_int_equal(language_pick(bench->plan, STR("sv"), STR("nb"), &report, &is).fault,
                     FAULT_INVALID);
}

/* ---- the checklist ---- */

static void a_paper_without_an_item_is_refused_and_the_item_is_named(void **state)
{
    struct bench *bench = *state;
    struct report report = {0};
    struct paper *paper = begin(bench, LANGUAGE_NB);
    paper_section(paper, "firm", TEXT_notice_title);
    paper_terms(paper, NULL);
    paper_term(paper, "name", TEXT_notice_title, STR("Firm AS"));
    assert_true(paper_has(paper, "firm.name"));
    assert_false(paper_has(paper, "firm.contacts"));
    assert_int_equal(paper_finish(paper, &report).fault, FAULT_INCOMPLETE);
    assert_non_null(strstr(report.text, "firm.contacts lacks"));
    size_t count;
    const struct paper_lack *lacks = paper_lacking(paper, &count);
    assert_int_equal(count, 3);
    assert_string_equal(lacks[0].item.ptr, "firm.contacts");
}

static void an_item_that_is_there_and_says_nothing_is_a_blank(void **state)
{
    struct bench *bench = *state;
    struct paper *paper = begin(bench, LANGUAGE_NB);
    paper_section(paper, "firm", TEXT_notice_title);
    paper_terms(paper, NULL);
    paper_term(paper, "name", TEXT_notice_title, STR(""));
    assert_false(paper_has(paper, "firm.name"));
    paper_also(paper, STR(""));
    assert_false(paper_has(paper, "firm.name"));
    paper_section(paper, "sources", TEXT_notice_title);
    paper_table(paper, "rows", TEXT_notice_title);
    paper_column(paper, "who", TEXT_notice_title);
    paper_column(paper, "what", TEXT_notice_title);
    assert_false(paper_has(paper, "sources"));
    assert_false(paper_has(paper, "sources.rows.what"));
    paper_row(paper);
    paper_cell(paper, STR("a"));
    paper_cell(paper, STR("b"));
    assert_true(paper_has(paper, "sources.rows.what"));
    paper_row(paper);
    paper_cell(paper, STR("c"));
    assert_true(paper_has(paper, "sources.rows.who"));
    assert_false(paper_has(paper, "sources.rows.what"));
}

static void a_clause_without_a_name_in_the_language_is_refused_by_its_place(void **state)
{
    struct bench *bench = *state;
    struct report report = {0};
    struct paper *paper = begin(bench, LANGUAGE_EN);
    (void)paper_label(paper, &bench->plan->category[0].clause);
    assert_int_equal(paper_finish(paper, &report).fault, FAULT_INCOMPLETE);
    assert_non_null(strstr(report.text, "categories.contact has no name in en"));
    paper = begin(bench, LANGUAGE_NB);
    assert_true(str_is(paper_label(paper, &bench->plan->category[0].clause), "Kontakt"));
}

static void a_paper_too_large_for_its_arena_is_refused(void **state)
{
    struct bench *bench = *state;
    struct report report = {0};
    CLEANUP(arena_free) struct arena *small = arena_new(4096);
    struct paper_start from = {PAPER_specimen, bench->plan, LANGUAGE_NB};
    struct paper *paper = paper_begin(&from, small);
    for (unsigned i = 0; paper != NULL && i < 100; i++) {
        paper_each(paper, "purpose", STR("one"));
        paper_table(paper, "rows", TEXT_notice_title);
        paper_column(paper, "who", TEXT_notice_title);
        paper_row(paper);
        paper_cell(paper, STR("a"));
        paper_also(paper, STR("b"));
        paper_link(paper, STR("#a"));
        paper_list(paper, "list");
        paper_point(paper, STR("c"));
        paper_terms(paper, "terms");
        paper_term(paper, "term", TEXT_notice_title, STR("d"));
    }
    assert_non_null(paper);
    assert_int_equal(paper_finish(paper, &report).fault, FAULT_LIMIT);
}

/* ---- writing ---- */

/* A paper with every kind of part, and with what must be escaped in each. */
static struct paper *whole(struct bench *bench)
{
    struct report report = {0};
    struct paper *paper = begin(bench, LANGUAGE_NB);
    str odd = STR("<script>alert('&\"')</script>");
    paper_title(paper, odd);
    paper_section(paper, "firm", TEXT_notice_title);
    paper_terms(paper, NULL);
    paper_term(paper, "name", TEXT_notice_title, odd);
    paper_term(paper, "contacts", TEXT_notice_title, STR("a@firm.example"));
    paper_link(paper, STR("mailto:a@firm.example"));
    paper_also(paper, STR("page"));
    paper_link(paper, STR("javascript:alert(1)"));
    paper_section(paper, "purposes", TEXT_notice_title);
    for (unsigned i = 0; i < 2; i++) {
        paper_each(paper, "purpose", odd);
        paper_terms(paper, NULL);
        paper_term(paper, "basis", TEXT_notice_title, STR("b"));
        paper_term(paper, "kept", TEXT_notice_title, STR("k"));
        paper_term(paper, "categories", TEXT_notice_title, STR("c"));
    }
    paper_section(paper, "rights", TEXT_notice_title);
    paper_paragraph(paper, odd);
    paper_list(paper, "list");
    paper_point(paper, STR("one"));
    paper_subsection(paper, "how", STR("how"));
    paper_table(paper, "rows", TEXT_notice_title);
    paper_column(paper, "who", TEXT_notice_title);
    paper_columns(paper, "what", TEXT_join_and);
    paper_row(paper);
    paper_cell(paper, STR("=1+2"));
    paper_cell(paper, STR("a \"b\", c"));
    paper_also(paper, STR("d"));
    if (!is_ok(paper_finish(paper, &report)))
        fail_msg("%s", report.text);
    return paper;
}

static str written(struct bench *bench, const struct paper *paper,
                   void (*write)(const struct paper *paper, struct buf *out))
{
    struct buf buf = buf_in(bench->arena, PAGE_ROOM);
    struct report report = {0};
    str text;
    write(paper, &buf);
    assert_true(is_ok(buf_finish(&buf, &report, &text)));
    return text;
}

static bool holds(str text, const char *wanted)
{
    return memmem(text.ptr, text.len, wanted, strlen(wanted)) != NULL;
}

static void a_page_is_sound_and_holds_no_script_whatever_it_was_given(void **state)
{
    struct bench *bench = *state;
    str page = written(bench, whole(bench), paper_html);
    page_is_sound(page, "nb");
    assert_false(holds(page, "<script"));
    assert_false(holds(page, "javascript:"));
    assert_true(holds(page, "&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;"));
    assert_true(holds(page, "<a href=\"mailto:a@firm.example\">a@firm.example</a>"));
    assert_true(holds(page, "<th scope=\"col\">"));
    assert_true(holds(page, "<th scope=\"row\">=1+2</th>"));
}

static void the_style_sheet_is_the_one_whose_hash_is_allowed(void **state)
{
    (void)state;
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)paper_style, strlen(paper_style));
    char memory[128];
    struct buf buf = buf_over(memory, sizeof(memory));
    buf_text(&buf, "sha256-");
    buf_base64(&buf, (str){(const char *)hash, sizeof(hash)});
    buf_char(&buf, '\0');
    assert_string_equal(memory, PAPER_STYLE_HASH);
}

static void as_json_each_item_is_a_named_member(void **state)
{
    struct bench *bench = *state;
    struct report report = {0};
    const struct json *root;
    str text = written(bench, whole(bench), paper_json), value;
    assert_true(is_ok(json_parse(bench->arena, text, &report, &root)));
    const struct json *items = json_get(root, "items");
    assert_true(json_str(json_get(json_get(items, "firm"), "name"), &value));
    assert_true(str_is(value, "<script>alert('&\"')</script>"));
    assert_int_equal(json_get(json_get(items, "firm"), "contacts")->count, 2);
    const struct json *purposes = json_get(json_get(items, "purposes"), "purpose");
    assert_true(json_is_array(purposes));
    assert_int_equal(purposes->count, 2);
    const struct json *rows = json_get(json_get(json_get(items, "rights"), "how"), "rows");
    assert_true(json_str(json_get(rows->child, "who"), &value));
    assert_true(str_is(value, "=1+2"));
    assert_int_equal(json_get(rows->child, "what")->count, 2);
    assert_int_equal(json_get(json_get(items, "rights"), "list")->count, 1);
}

static void as_csv_no_cell_is_a_formula_and_every_cell_reads_back(void **state)
{
    struct bench *bench = *state;
    struct report report = {0};
    struct buf buf = buf_in(bench->arena, PAGE_ROOM);
    const struct paper *paper = whole(bench);
    assert_true(is_ok(paper_csv(paper, "rows", &report, &buf)));
    assert_true(str_is(buf_str(&buf), "Personvernerklæring,{1} og {2}\r\n"
                                      "\"'=1+2\",\"a \"\"b\"\", c; d\"\r\n"));
    assert_int_equal(paper_csv(paper, "none", &report, &buf).fault, FAULT_NOT_FOUND);
    static const char *const formulas[] = {"=1", "+1", "-1", "@a", "\ta", "\ra", "＝1", "＠a"};
    for (size_t i = 0; i < LENGTH(formulas); i++) {
        buf = buf_in(bench->arena, 64);
        csv_cell(&buf, str_from(formulas[i]));
        assert_true(str_starts(buf_str(&buf), STR("\"'")));
    }
    buf = buf_in(bench->arena, 64);
    csv_cell(&buf, STR("a\nb"));
    assert_true(str_is(buf_str(&buf), "\"a\nb\""));
    buf = buf_in(bench->arena, 64);
    csv_cell(&buf, STR("plain 1"));
    assert_true(str_is(buf_str(&buf), "plain 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_stands_in_each_language_with_the_same_places),
        cmocka_unit_test_setup_teardown(a_language_is_asked_for_or_liked_or_the_first_of_the_policy,
                                        start, stop),
        cmocka_unit_test_setup_teardown(a_paper_without_an_item_is_refused_and_the_item_is_named,
                                        start, stop),
        cmocka_unit_test_setup_teardown(an_item_that_is_there_and_says_nothing_is_a_blank, start,
                                        stop),
        cmocka_unit_test_setup_teardown(
            a_clause_without_a_name_in_the_language_is_refused_by_its_place, start, stop),
        cmocka_unit_test_setup_teardown(a_paper_too_large_for_its_arena_is_refused, start, stop),
        cmocka_unit_test_setup_teardown(a_page_is_sound_and_holds_no_script_whatever_it_was_given,
                                        start, stop),
        cmocka_unit_test(the_style_sheet_is_the_one_whose_hash_is_allowed),
        cmocka_unit_test_setup_teardown(as_json_each_item_is_a_named_member, start, stop),
        cmocka_unit_test_setup_teardown(as_csv_no_cell_is_a_formula_and_every_cell_reads_back,
                                        start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
