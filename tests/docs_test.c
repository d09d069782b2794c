/* Documents against code. What a document shows and the code knows is either printed here into the
 * document (between "<!-- name -->" and "<!-- end of name -->"; VERN_WRITE=1 writes it anew) or
 * looked up: commands, options, faults, limits, paths, and the tests that a promise names. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "always.h"
#include "check.h"
#include "cli_internal.h"
#include "file.h"
#include "schema.h"
#include "vocabulary.h"

enum { ROOM = 16 << 20, FILE_ROOM = 1 << 20, PATH_ROOM = 512, NAMES_MOST = 4096 };

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(ROOM);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static str read_document(const char *path)
{
    str text;
    struct report report = {0};
    if (!is_ok(file_read(path, arena, FILE_ROOM, &report, &text)))
        fail_msg("%s: %s", path, report.text);
    return text;
}

/* Where `part` begins in `text`; text.len when it is not there. */
static size_t place_of(str text, str part)
{
    for (size_t i = 0; part.len <= text.len && i <= text.len - part.len; i++) {
        if (memcmp(text.ptr + i, part.ptr, part.len) == 0)
            return i;
    }
    return text.len;
}

static bool holds(str text, str part)
{
    return place_of(text, part) < text.len;
}

static str copy_path(str path)
{
    str copy = arena_format(arena, "%.*s", STR_ARG(path));
    assert_non_null(copy.ptr);
    return copy;
}

static bool is_there(str pattern)
{
    glob_t found;
    bool there = glob(copy_path(pattern).ptr, 0, NULL, &found) == 0;
    globfree(&found);
    return there;
}

/* ---- sections that are printed ---- */

struct marked {
    str before, inside, after;
};

static struct marked find_marked(const char *path, str text, const char *name)
{
    str begin = arena_format(arena, "<!-- %s -->\n", name);
    str end = arena_format(arena, "<!-- end of %s -->", name);
    size_t from = place_of(text, begin) + begin.len, to = place_of(text, end);
    if (from > to || to >= text.len)
        fail_msg("%s has no section %s", path, name);
    return (struct marked){str_slice(text, 0, from), str_slice(text, from, to),
                           str_slice(text, to, text.len)};
}

static void write_section(const char *path, const struct marked *section, str printed)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fwrite(section->before.ptr, 1, section->before.len, file);
    fwrite(printed.ptr, 1, printed.len, file);
    fwrite(section->after.ptr, 1, section->after.len, file);
    assert_int_equal(fclose(file), 0);
}

static void hold_section(const char *path, const char *name, const struct buf *printed)
{
    str text = read_document(path);
    struct marked section = find_marked(path, text, name);
    if (str_equal(section.inside, buf_str(printed)))
        return;
    if (getenv("VERN_WRITE") != NULL)
        write_section(path, &section, buf_str(printed));
    else
        fail_msg("%s: the section %s is not what the code prints; VERN_WRITE=1 writes it anew",
                 path, name);
}

/* ---- the manual of the language ---- */

static void next_cell(str *row, str *cell)
{
    if (!str_next(row, '\t', cell))
        *cell = STR("");
}

static void put_fallback(struct buf *out, str text)
{
    if (holds(text, STR(" ")))
        buf_add(out, text);
    else if (!str_is_empty(text))
        buf_format(out, "`%.*s`", STR_ARG(text));
}

/* key  SECTION  NAME  TYPE  required|optional  fallback  explanation */
static void put_key(struct buf *out, str row)
{
    str name, type, needed, fallback, what;
    next_cell(&row, &name);
    next_cell(&row, &type);
    next_cell(&row, &needed);
    next_cell(&row, &fallback);
    next_cell(&row, &what);
    buf_format(out, "| `%.*s` | %.*s | ", STR_ARG(name), STR_ARG(type));
    if (str_is(needed, "required"))
        buf_text(out, "**required**");
    else
        put_fallback(out, fallback);
    buf_format(out, " | %.*s |\n", STR_ARG(what));
}

static void put_rows(struct buf *out, str printed, str kind, str of,
                     void (*put)(struct buf *out, str row))
{
    str line, cell;
    while (str_next(&printed, '\n', &line)) {
        next_cell(&line, &cell);
        if (!str_equal(cell, kind))
            continue;
        next_cell(&line, &cell);
        if (str_equal(cell, of))
            put(out, line);
    }
}

static void put_word(struct buf *out, str row)
{
    str name, what;
    next_cell(&row, &name);
    next_cell(&row, &what);
    buf_format(out, "| `%.*s` | %.*s |\n", STR_ARG(name), STR_ARG(what));
}

/* section  NAME  FORM  explanation */
static void put_section(struct buf *out, str printed, str row)
{
    str name, form, what;
    next_cell(&row, &name);
    next_cell(&row, &form);
    next_cell(&row, &what);
    buf_format(out, "### `%.*s`\n\n%.*s (%.*s)\n", STR_ARG(name), STR_ARG(what), STR_ARG(form));
    struct buf rows = buf_in(arena, FILE_ROOM);
    put_rows(&rows, printed, STR("key"), name, put_key);
    if (rows.len > 0)
        buf_format(out, "\n| key | value | when left out | what it says |\n|---|---|---|---|\n%.*s",
                   STR_ARG(buf_str(&rows)));
    buf_char(out, '\n');
}

static void put_sections(struct buf *out, str printed)
{
    str rest = printed, line, kind;
    while (str_next(&rest, '\n', &line)) {
        next_cell(&line, &kind);
        if (str_is(kind, "section"))
            put_section(out, printed, line);
    }
}

static void put_lists(struct buf *out, str printed)
{
    str rest = printed, line, kind, list, last = STR("");
    while (str_next(&rest, '\n', &line)) {
        next_cell(&line, &kind);
        next_cell(&line, &list);
        if (!str_is(kind, "word") || str_equal(list, last))
            continue;
        last = list;
        buf_format(out, "### Words of `%.*s`\n\n| word | what it says |\n|---|---|\n",
                   STR_ARG(list));
        put_rows(out, printed, STR("word"), list, put_word);
        buf_char(out, '\n');
    }
}

static void the_manual_has_the_words_that_the_loader_reads(void **state)
{
    (void)state;
    struct buf words = buf_in(arena, FILE_ROOM), out = buf_in(arena, FILE_ROOM);
    plan_vocabulary_print(&words);
    put_sections(&out, buf_str(&words));
    put_lists(&out, buf_str(&words));
    hold_section("docs/language.md", "words", &out);
}

static void the_manual_has_the_rules_that_are_built_in(void **state)
{
    (void)state;
    struct buf out = buf_in(arena, FILE_ROOM);
    buf_text(&out, "| rule | article | what it holds |\n|---|---|---|\n");
    for (int i = ALWAYS_NONE + 1; i < ALWAYS_COUNT; i++) {
        const struct always_rule *rule = always_rule((enum always)i);
        buf_format(&out, "| `%s` | %s | %s |\n", rule->name, rule->article, rule->meaning);
    }
    hold_section("docs/language.md", "built-in rules", &out);
}

static void the_manual_has_the_grammar_of_the_expressions(void **state)
{
    (void)state;
    str grammar = read_document("src/policy/moment.ebnf");
    size_t from = place_of(grammar, STR("*)")) + 2;
    struct buf out = buf_in(arena, FILE_ROOM);
    buf_format(&out, "```ebnf\n%.*s\n```\n",
               STR_ARG(str_trim(str_slice(grammar, from, grammar.len))));
    hold_section("docs/language.md", "grammar", &out);
}

static void the_linters_page_is_its_table_of_rules(void **state)
{
    (void)state;
    struct buf printed = buf_in(arena, FILE_ROOM);
    rules_print(&printed);
    if (str_equal(read_document("docs/linter.md"), buf_str(&printed)))
        return;
    struct marked nothing = {0};
    if (getenv("VERN_WRITE") != NULL)
        write_section("docs/linter.md", &nothing, buf_str(&printed));
    else
        fail_msg("docs/linter.md is not what the code prints; VERN_WRITE=1 writes it anew");
}

/* ---- operations ---- */

static void the_schema_for_editors_is_what_the_vocabulary_prints(void **state)
{
    (void)state;
    const char *path = "docs/policy.schema.json";
    struct buf printed = buf_in(arena, FILE_ROOM);
    policy_schema_print(&printed);
    if (file_exists(path) && str_equal(read_document(path), buf_str(&printed)))
        return;
    struct marked nothing = {0};
    if (getenv("VERN_WRITE") == NULL)
        fail_msg("%s is not what the code prints; VERN_WRITE=1 writes it anew", path);
    write_section(path, &nothing, buf_str(&printed));
}

static void the_manual_lists_every_command(void **state)
{
    (void)state;
    struct buf out = buf_in(arena, FILE_ROOM);
    buf_text(&out, "| command | options | what it does |\n|---|---|---|\n");
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *command = command_at(i);
        buf_format(&out, "| `vern %s%s%s` | ", command->name, *command->arguments ? " " : "",
                   command->arguments);
        for (int option = 0; option < OPTION_COUNT; option++) {
            if (takes(command, (enum option)option))
                buf_format(&out, "`--%s` ", option_row((enum option)option)->name);
        }
        buf_format(&out, "| %s |\n", command->what);
    }
    hold_section("docs/operations.md", "commands", &out);
}

/* A row that begins as given and has `cells` cells more, none of them empty. */
static void hold_row(const char *path, str begin, size_t cells)
{
    str rest = read_document(path), line, cell;
    while (str_next(&rest, '\n', &line)) {
        if (!str_starts(line, begin))
            continue;
        str after = str_slice(line, begin.len, line.len);
        size_t filled = 0;
        while (str_next(&after, '|', &cell))
            filled += str_trim(cell).len > 0;
        if (filled != cells)
            fail_msg("%s: the row %.*s has %zu cells of %zu", path, STR_ARG(begin), filled, cells);
        return;
    }
    fail_msg("%s lacks the row: %.*s", path, STR_ARG(begin));
}

static void every_fault_has_its_row_among_the_bad_days(void **state)
{
    (void)state;
    for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++) {
        enum fault_class fault = (enum fault_class)i;
        str begin = arena_format(arena, "| `%s` | %d | %d | %s |", fault_name(fault),
                                 fault_http(fault), fault_exit(fault), fault_text(fault));
        hold_row("docs/operations.md", begin, 2);
    }
}

/* "1 << 20" or "64": how limits.h writes its numbers. */
static uint64_t value_of(str text)
{
    uint64_t value = 0, shift = 0;
    size_t at = place_of(text, STR("<<"));
    assert_true(str_to_u64(str_trim(str_slice(text, 0, at)), &value));
    if (at < text.len)
        assert_true(str_to_u64(str_trim(str_slice(text, at + 2, text.len)), &shift));
    return value << shift;
}

static str size_text(str name, uint64_t value)
{
    if (str_ends(name, STR("_MS")))
        return arena_format(arena, "%llu s", (unsigned long long)value / 1000);
    bool bytes = str_ends(name, STR("_BYTES"));
    if (bytes && value % (1 << 20) == 0)
        return arena_format(arena, "%llu MiB", (unsigned long long)value >> 20);
    if (bytes && value % (1 << 10) == 0)
        return arena_format(arena, "%llu KiB", (unsigned long long)value >> 10);
    return arena_format(arena, "%llu%s", (unsigned long long)value, bytes ? " B" : "");
}

static void every_limit_has_its_row(void **state)
{
    (void)state;
    str rest = read_document("src/base/limits.h"), line;
    size_t count = 0;
    while (str_next(&rest, '\n', &line)) {
        line = str_trim(line);
        if (!str_starts(line, STR("LIMIT_")))
            continue;
        size_t equals = place_of(line, STR(" = "));
        assert_true(equals < line.len);
        str name = str_slice(line, 0, equals), value = str_slice(line, equals + 3, line.len);
        str end;
        assert_true(str_next(&value, ',', &end));
        str size = size_text(name, value_of(end));
        hold_row("docs/operations.md",
                 arena_format(arena, "| `%.*s` | %.*s |", STR_ARG(name), STR_ARG(size)), 1);
        count++;
    }
    assert_true(count > 20);
}

/* ---- what documents name ---- */

static const char *const documents[] = {
    "README.md",           "ARCHITECTURE.md",      "CONTRIBUTING.md",        "docs/language.md",
    "docs/operations.md",  "docs/threat-model.md", "docs/security-tests.md", "src/api/README.md",
    "src/audit/README.md", "src/db/README.md",     "src/decide/README.md",   "src/engine/README.md",
    "src/http/README.md",  "src/keys/README.md",   "src/policy/README.md",   "src/vault/README.md"};

static str folder_of(const char *path)
{
    str folder = str_from(path);
    while (folder.len > 0 && folder.ptr[folder.len - 1] != '/')
        folder.len--;
    return folder;
}

/* Calls `visit` for each piece between backticks on a line, and for each line of a fenced block;
 * a line of a block that ends in a backslash goes on in the next. */
static void each_code(const char *path, void (*visit)(const char *path, str code))
{
    str rest = read_document(path), line;
    bool fenced = false;
    struct buf joined = buf_in(arena, FILE_ROOM);
    while (str_next(&rest, '\n', &line)) {
        if (str_starts(str_trim(line), STR("```"))) {
            fenced = !fenced;
            continue;
        }
        if (fenced) {
            bool more = str_ends(line, STR("\\"));
            buf_add(&joined, str_slice(line, 0, line.len - more));
            if (more)
                continue;
            visit(path, buf_str(&joined));
            joined = buf_in(arena, FILE_ROOM);
            continue;
        }
        str piece;
        for (bool code = false; str_next(&line, '`', &piece); code = !code) {
            if (code)
                visit(path, piece);
        }
    }
    assert_false(fenced);
}

static const struct command *command_of(str words)
{
    const struct command *best = NULL;
    for (size_t i = 0; i < command_count(); i++) {
        str name = str_from(command_at(i)->name);
        bool is = str_starts(words, name) && (words.len == name.len || words.ptr[name.len] == ' ');
        if (is && (best == NULL || str_from(best->name).len < name.len))
            best = command_at(i);
    }
    return best;
}

static bool takes_named(const struct command *command, str name)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (str_is(name, option_row((enum option)i)->name))
            return takes(command, (enum option)i);
    }
    return false;
}

static size_t commands_seen;

static void hold_command(const char *path, str code)
{
    static const char *const starts[] = {"vern ", "build/vern ", "$ vern "};
    str words = {0};
    for (size_t i = 0; i < LENGTH(starts); i++) {
        if (str_starts(code, str_from(starts[i])))
            words = str_slice(code, str_from(starts[i]).len, code.len);
    }
    if (words.ptr == NULL)
        return;
    words = str_slice(words, 0, place_of(words, STR(" #")));
    const struct command *command = command_of(words);
    if (command == NULL)
        fail_msg("%s: there is no command `%.*s`", path, STR_ARG(code));
    commands_seen++;
    str part;
    while (str_next(&words, ' ', &part)) {
        if (str_starts(part, STR("--")) && !takes_named(command, str_slice(part, 2, part.len)))
            fail_msg("%s: vern %s does not take %.*s", path, command->name, STR_ARG(part));
    }
}

static void every_command_that_is_shown_exists_with_its_options(void **state)
{
    (void)state;
    commands_seen = 0;
    for (size_t i = 0; i < LENGTH(documents); i++)
        each_code(documents[i], hold_command);
    assert_true(commands_seen > 40);
}

static bool begins_in_the_tree(str code)
{
    static const char *const folders[] = {"src/",  "tests/", "docs/",  "policies/",
                                          "fuzz/", "bench/", "tools/", "include/"};
    for (size_t i = 0; i < LENGTH(folders); i++) {
        if (str_starts(code, str_from(folders[i])))
            return true;
    }
    return false;
}

/* "turn.c": a name without a folder is somewhere in the sources. */
static bool is_source_name(str code)
{
    static const char *const ends[] = {".c", ".h", ".def", ".sql", ".ebnf"};
    bool ends_so = false;
    for (size_t i = 0; i < LENGTH(ends); i++)
        ends_so |= str_ends(code, str_from(ends[i])) && code.len > str_from(ends[i]).len;
    return ends_so && place_of(code, STR("/")) == code.len && place_of(code, STR(" ")) == code.len;
}

static size_t paths_seen;

static void hold_path(const char *path, str code)
{
    bool template = holds(code, STR("<")) || holds(code, STR(" "));
    if (template || (!begins_in_the_tree(code) && !is_source_name(code)))
        return;
    paths_seen++;
    bool there = begins_in_the_tree(code)
                     ? is_there(code)
                     : is_there(arena_format(arena, "src/*/%.*s", STR_ARG(code))) ||
                           is_there(arena_format(arena, "t*s/%.*s", STR_ARG(code)));
    if (!there)
        fail_msg("%s names %.*s, which is not there", path, STR_ARG(code));
}

static void every_path_that_is_named_is_there(void **state)
{
    (void)state;
    paths_seen = 0;
    for (size_t i = 0; i < LENGTH(documents); i++)
        each_code(documents[i], hold_path);
    assert_true(paths_seen > 100);
}

/* [text](target): a file relative to the document's folder. */
static void every_link_leads_somewhere(void **state)
{
    (void)state;
    size_t seen = 0;
    for (size_t i = 0; i < LENGTH(documents); i++) {
        str rest = read_document(documents[i]);
        str folder = folder_of(documents[i]);
        for (;;) {
            size_t at = place_of(rest, STR("]("));
            if (at == rest.len)
                break;
            rest = str_slice(rest, at + 2, rest.len);
            str target = str_slice(rest, 0, place_of(rest, STR(")")));
            target = str_slice(target, 0, place_of(target, STR("#")));
            if (str_is_empty(target) || str_starts(target, STR("http")))
                continue;
            seen++;
            if (!is_there(arena_format(arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(target))))
                fail_msg("%s links to %.*s, which is not there", documents[i], STR_ARG(target));
        }
    }
    assert_true(seen > 10);
}

/* ---- what documents promise ---- */

static bool is_test_file(str code)
{
    return str_ends(code, STR(".c")) &&
           (str_starts(code, STR("src/")) || str_starts(code, STR("tests/")) ||
            str_starts(code, STR("fuzz/")));
}

static bool is_test_name(str code)
{
    for (size_t i = 0; i < code.len; i++) {
        bool plain = (code.ptr[i] >= 'a' && code.ptr[i] <= 'z') || code.ptr[i] == '_' ||
                     (code.ptr[i] >= '0' && code.ptr[i] <= '9');
        if (!plain)
            return false;
    }
    return code.len > 12 && holds(code, STR("_"));
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Does the name stand there whole? Tests may be made by a macro that adds to their names. */
static bool names_word(str text, str name)
{
    for (;;) {
        size_t at = place_of(text, name), end = at + name.len;
        if (at == text.len)
            return false;
        if ((at == 0 || !is_word_byte(text.ptr[at - 1])) &&
            (end == text.len || !is_word_byte(text.ptr[end])))
            return true;
        text = str_slice(text, end, text.len);
    }
}

/* A row names files of tests, and after each the tests in it: `src/x/y_test.c` `a_thing_holds`.
 * Gives the number of tests; `id` (or nothing) must be mentioned in one of the files. */
static size_t hold_tests(const char *path, str row, str id)
{
    str whole = row, piece, file = {0};
    size_t count = 0;
    bool mentioned = str_is_empty(id);
    for (bool code = false; str_next(&row, '`', &piece); code = !code) {
        if (!code)
            continue;
        if (is_test_file(piece)) {
            file = read_document(copy_path(piece).ptr);
            mentioned |= holds(file, id);
        } else if (is_test_name(piece)) {
            if (file.ptr == NULL || !names_word(file, piece))
                fail_msg("%s: there is no test %.*s in the file before it", path, STR_ARG(piece));
            count++;
        }
    }
    if (count > 0 && !mentioned)
        fail_msg("no test that this row names mentions %.*s: %.*s", STR_ARG(id), STR_ARG(whole));
    return count;
}

static void every_guarantee_names_tests_that_are_there_and_name_it(void **state)
{
    (void)state;
    enum { GUARANTEES = 12 };
    str text = read_document("README.md");
    for (int i = 1; i <= GUARANTEES; i++) {
        str begin = arena_format(arena, "| **G%d** |", i), rest = text, line;
        size_t tests = 0;
        while (str_next(&rest, '\n', &line)) {
            if (str_starts(line, begin))
                tests += hold_tests("README.md", line, arena_format(arena, "G%d", i));
        }
        if (tests == 0)
            fail_msg("README.md: G%d names no test", i);
    }
}

/* In the threat model a row ends with tests or with the words "not yet". */
static void every_pitfall_names_its_tests_or_says_not_yet(void **state)
{
    (void)state;
    str text = read_document("docs/threat-model.md");
    str rest = str_slice(text, place_of(text, STR("\n## Pitfalls")) + 1, text.len), line;
    size_t rows = 0;
    while (str_next(&rest, '\n', &line)) {
        if (!str_starts(line, STR("| ")) || str_starts(line, STR("| pitfall")))
            continue;
        rows++;
        if (hold_tests("docs/threat-model.md", line, STR("")) == 0 && !holds(line, STR("not yet")))
            fail_msg("docs/threat-model.md: no test, and not said so: %.*s", STR_ARG(line));
    }
    assert_true(rows >= 13);
}

/* Each of the 18 surfaces that security asks about has a row, and each row its tests or its reason.
 */
static void every_surface_names_the_tests_that_attack_it_or_says_not_built(void **state)
{
    (void)state;
    enum { SURFACES = 18 };
    const char *path = "docs/security-tests.md";
    str text = read_document(path);
    for (int i = 1; i <= SURFACES; i++) {
        str begin = arena_format(arena, "| %d |", i), rest = text, line;
        size_t rows = 0;
        while (str_next(&rest, '\n', &line)) {
            if (!str_starts(line, begin))
                continue;
            rows++;
            if (hold_tests(path, line, STR("")) == 0 && !holds(line, STR("not built")))
                fail_msg("%s: no test, and not said so: %.*s", path, STR_ARG(line));
        }
        if (rows == 0)
            fail_msg("%s says nothing of surface %d", path, i);
    }
}

/* ---- what is proved ---- */

/* What stands in the file behind `mark`, up to `end`. */
static str behind(const char *path, const char *mark, const char *end)
{
    str text = read_document(path);
    size_t at = place_of(text, str_from(mark)) + strlen(mark);
    if (at > text.len)
        fail_msg("%s does not say \"%s\" any more", path, mark);
    str rest = str_slice(text, at, text.len);
    return str_slice(rest, 0, place_of(rest, str_from(end)));
}

/* The number there, as people read it. */
static str number_behind(const char *path, const char *mark, const char *end)
{
    str digits = behind(path, mark, end);
    uint64_t number;
    if (!str_to_u64(digits, &number))
        fail_msg("%s: no number behind \"%s\": %.*s", path, mark, STR_ARG(digits));
    struct buf grouped = buf_in(arena, 64);
    for (size_t i = 0; i < digits.len; i++) {
        if (i > 0 && (digits.len - i) % 3 == 0)
            buf_char(&grouped, ',');
        buf_char(&grouped, digits.ptr[i]);
    }
    return buf_str(&grouped);
}

static void what_check_does_of_each_proof_is_what_its_page_says(void **state)
{
    (void)state;
    const char *tests = "tests/tests.cmake";
    struct buf out = buf_in(arena, FILE_ROOM);
    str all = behind(tests, "set(simulated ", ")");
    str steps = number_behind(tests, "set(simulated --steps ", " ");
    buf_text(&out, "| | in `./check` |\n|---|---|\n");
    buf_format(&out, "| `simulation` | %.*s steps, or as many as its seconds have: `%.*s` |\n",
               STR_ARG(steps), STR_ARG(all));
    buf_format(&out, "| `kill_test` | %.*s kills |\n",
               STR_ARG(number_behind("tests/kill_test.c", " KILLS = ", ",")));
    buf_format(&out, "| `damage_test` | %.*s bits and as many sectors or ends of each file |\n",
               STR_ARG(number_behind("tests/damage_test.c", " DRAWN = ", ",")));
    buf_format(&out, "| `load_test` | %.*s connections |\n",
               STR_ARG(number_behind("tests/load_test.c", " CONNECTIONS = ", ",")));
    buf_format(&out, "| `agree_test` | %.*s policies, %.*s questions of each |\n",
               STR_ARG(number_behind("tests/reference/agree_test.c", " POLICIES = ", ",")),
               STR_ARG(number_behind("tests/reference/agree_test.c", " OPERATIONS = ", ",")));
    hold_section("docs/proof.md", "short forms", &out);
}

/* Each test of a walk, and every how manyeth step it takes. */
static void put_walks(struct buf *out, const char *path)
{
    static const str begin = STR("static void "), end = STR("(void **state)");
    str text = read_document(path), line, test = {0};
    while (str_next(&text, '\n', &line)) {
        size_t walks = place_of(line, STR("walk_all(WALK_")), comma = place_of(line, STR(", "));
        if (str_starts(line, begin) && holds(line, end))
            test = str_slice(line, begin.len, place_of(line, end));
        else if (walks < line.len && comma < line.len && test.ptr != NULL)
            buf_format(out, "| `%.*s` | %.*s |\n", STR_ARG(test),
                       STR_ARG(str_slice(line, comma + 2, place_of(line, STR(");")))));
    }
}

static void the_walks_are_those_of_the_tests(void **state)
{
    (void)state;
    struct buf out = buf_in(arena, FILE_ROOM);
    buf_text(&out, "| of each use case: `crash_test` | one step in |\n|---|---:|\n");
    put_walks(&out, "tests/crash_test.c");
    buf_text(&out, "\n| of each route: `crash_routes_test` | one step in |\n|---|---:|\n");
    put_walks(&out, "tests/crash_routes_test.c");
    hold_section("docs/proof.md", "walks", &out);
}

/* The first paragraph of a file's head, as one line. */
static str head_of(const char *path)
{
    struct buf out = buf_in(arena, FILE_ROOM);
    str text = read_document(path), line;
    while (str_next(&text, '\n', &line)) {
        bool last = holds(line, STR("*/"));
        line = str_slice(line, str_starts(line, STR("/*")) ? 2 : 1, place_of(line, STR("*/")));
        line = str_trim(str_starts(line, STR("*")) ? str_slice(line, 1, line.len) : line);
        if (line.len > 0 && out.len > 0)
            buf_char(&out, ' ');
        buf_add(&out, line);
        if (last || line.len == 0)
            break;
    }
    return buf_str(&out);
}

static void put_target(struct buf *out, str row)
{
    static const str target = STR("Target: "), property = STR(" Property: ");
    size_t space = place_of(row, STR(" "));
    const char *path =
        arena_format(arena, "fuzz/fuzz_%.*s.c", STR_ARG(str_slice(row, 0, space))).ptr;
    str head = head_of(path);
    size_t at = place_of(head, property);
    if (!str_starts(head, target) || at == head.len)
        fail_msg("%s does not open with its target and its property", path);
    buf_format(out, "| `%.*s` | %.*s | %.*s | %.*s |\n", STR_ARG(str_slice(row, 0, space)),
               STR_ARG(str_slice(head, target.len, at)),
               STR_ARG(str_slice(head, at + property.len, head.len)),
               STR_ARG(number_behind(
                   "fuzz/run", arena_format(arena, "\n%.*s", (int)space + 1, row.ptr).ptr, "\n")));
}

static void the_fuzz_targets_are_those_that_run(void **state)
{
    (void)state;
    struct buf out = buf_in(arena, FILE_ROOM);
    str rows = behind("fuzz/run", "targets=\"\n", "\"\n"), row;
    buf_text(&out, "| | reads | whatever the bytes | executions |\n|---|---|---|---:|\n");
    while (str_next(&rows, '\n', &row))
        if (row.len > 0)
            put_target(&out, row);
    hold_section("docs/proof.md", "fuzz targets", &out);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_manual_has_the_words_that_the_loader_reads),
        TEST(the_manual_has_the_rules_that_are_built_in),
        TEST(the_manual_has_the_grammar_of_the_expressions),
        TEST(the_linters_page_is_its_table_of_rules),
        TEST(the_schema_for_editors_is_what_the_vocabulary_prints),
        TEST(the_manual_lists_every_command),
        TEST(every_fault_has_its_row_among_the_bad_days),
        TEST(every_limit_has_its_row),
        TEST(every_command_that_is_shown_exists_with_its_options),
        TEST(every_path_that_is_named_is_there),
        TEST(every_link_leads_somewhere),
        TEST(every_guarantee_names_tests_that_are_there_and_name_it),
        TEST(every_pitfall_names_its_tests_or_says_not_yet),
        TEST(every_surface_names_the_tests_that_attack_it_or_says_not_built),
        TEST(what_check_does_of_each_proof_is_what_its_page_says),
        TEST(the_walks_are_those_of_the_tests),
        TEST(the_fuzz_targets_are_those_that_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
