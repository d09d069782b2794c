/* obligations: which obligation is fulfilled by which clause and proved by which test.
 *
 *   obligations SHARED SOURCE BUILD      writes BUILD/obligations.json
 *
 *   the page of a policy         --> id, mode
 *   spec/capabilities.md         --> capability
 *   policies/<policy>.yaml       --> clauses that cite the id
 *   the files of policies/tests  --> tests whose `covers` names it, run here
 *   C files of src and tests     --> test functions that name it, in their body or in the comment
 *                                    above; whether each passed is what ctest's log in BUILD says
 *
 * No row is made by hand. A row has passed when it has a test and each of its tests did; a C test
 * that did not run has not passed. Fails when a clause cites what no page has, or when an
 * obligation of a page is cited by no clause of its policy. Runs from any folder; run it after the
 * tests. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "check.h"
#include "file.h"
#include "json.h"
#include "testrun.h"

enum { ARENA_BYTES = 1 << 30, RUN_BYTES = 256 << 20, FILE_BYTES = 64 << 20, OUT_BYTES = 32 << 20 };

struct proof {
    str name; /* "policy:test" or "program:function" */
    bool passed;
};
struct row {
    str id, policy;
    char mode;
    LIST(str) capabilities;
    LIST(str) clauses;
    LIST(struct proof) tests;
};
struct program { /* a C test that stands under another name than its file's */
    str path, name;
};
struct table {
    struct arena *arena;
    const char *shared, *source, *build;
    LIST(struct row) rows;
    LIST(str) policies; /* "confect": those that have a page */
    LIST(struct program) programs;
    str log; /* of the tests; empty when none ran */
    size_t faults, policy_tests, c_tests;
};

/* ---- small things ---- */

PRINTF_LIKE(2, 3) static void complain(struct table *table, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    table->faults++;
}

static const char *path_of(struct table *table, const char *root, str rest)
{
    str path = arena_format(table->arena, "%s/%.*s", root, STR_ARG(rest));
    return arena_c_string(table->arena, path);
}

static bool read_whole(struct table *table, const char *path, str *text)
{
    struct report report = {0};
    return is_ok(file_read(path, table->arena, FILE_BYTES, &report, text));
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_letter(c) || is_digit(c) || c == '_' || c == '-' || (c >= 'a' && c <= 'z');
}

/* The next id ("CON-53": three capitals, a dash, two digits or three) at or after `*at`. */
static bool next_id(str text, size_t *at, str *id)
{
    for (size_t i = *at; i + 6 <= text.len; i++) {
        const char *c = text.ptr + i;
        bool begins = i == 0 || !is_word(c[-1]);
        if (!begins || !is_letter(c[0]) || !is_letter(c[1]) || !is_letter(c[2]) || c[3] != '-')
            continue;
        size_t len = 4;
        while (i + len < text.len && is_digit(c[len]))
            len++;
        bool ends = i + len == text.len || !is_word(c[len]);
        if (len < 6 || len > 7 || !ends)
            continue;
        *id = (str){c, len};
        *at = i + len;
        return true;
    }
    return false;
}

static struct row *row_find(struct table *table, str id)
{
    for (size_t i = 0; i < table->rows.count; i++) {
        if (str_equal(table->rows.at[i].id, id))
            return &table->rows.at[i];
    }
    return NULL;
}

#define ADD(table, list, value)                                                                    \
    do {                                                                                           \
        __typeof__((list)->at) place_ = LIST_ADD((table)->arena, list);                            \
        if (place_ == NULL)                                                                        \
            abort();                                                                               \
        *place_ = (value);                                                                         \
    } while (0)

static bool has_text(const str *texts, size_t count, str text)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(texts[i], text))
            return true;
    }
    return false;
}

/* Names of a folder in the order of the alphabet, so that the output does not depend on the disk.
 */
struct names {
    LIST(str) list;
};

static int compare_names(const void *a, const void *b)
{
    return str_compare(*(const str *)a, *(const str *)b);
}

static struct names names_in(struct table *table, const char *path)
{
    struct names names = {0};
    DIR *folder = path == NULL ? NULL : opendir(path);
    if (folder == NULL)
        return names;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] != '.')
            ADD(table, &names.list, arena_copy(table->arena, str_from(entry->d_name)));
    }
    closedir(folder);
    if (names.list.count > 0)
        qsort(names.list.at, names.list.count, sizeof(str), compare_names);
    return names;
}

/* ---- the pages ---- */

/* "| COB-01 | notice | T | Publish ... |" */
static void add_obligation(struct table *table, str policy, str line)
{
    str rest = line, before, id, kind, mode;
    if (!str_next(&rest, '|', &before) || !str_next(&rest, '|', &id) ||
        !str_next(&rest, '|', &kind) || !str_next(&rest, '|', &mode))
        return;
    id = str_trim(id);
    mode = str_trim(mode);
    size_t at = 0;
    str found;
    if (!next_id(id, &at, &found) || found.len != id.len)
        return;
    if (mode.len != 1 || memchr("EATX", mode.ptr[0], 4) == NULL)
        complain(table, "%.*s: the mode is \"%.*s\"\n", STR_ARG(id), STR_ARG(mode));
    else if (row_find(table, id) != NULL)
        complain(table, "%.*s stands twice in %.*s\n", STR_ARG(id), STR_ARG(policy));
    else
        ADD(table, &table->rows, ((struct row){.id = id, .policy = policy, .mode = mode.ptr[0]}));
}

static void read_page(struct table *table, str name)
{
    str text, line, policy = str_slice(name, 0, name.len - 3);
    str path = arena_format(table->arena, "spec/%.*s", STR_ARG(name));
    if (!read_whole(table, path_of(table, table->shared, path), &text))
        return;
    size_t before = table->rows.count;
    for (str rest = text; str_next(&rest, '\n', &line);) {
        if (str_starts(line, STR("| ")))
            add_obligation(table, policy, line);
    }
    if (table->rows.count > before)
        ADD(table, &table->policies, policy);
}

static void read_pages(struct table *table)
{
    struct names pages = names_in(table, path_of(table, table->shared, STR("spec")));
    for (size_t i = 0; i < pages.list.count; i++) {
        if (str_ends(pages.list.at[i], STR(".md")))
            read_page(table, pages.list.at[i]);
    }
}

/* "**C01 Policy as a loadable file.** ..." and, below it, "Covers: COB-02 COB-03 ..." */
static void read_capabilities(struct table *table)
{
    str text, line, capability = STR("");
    if (!read_whole(table, path_of(table, table->shared, STR("spec/capabilities.md")), &text))
        return;
    for (str rest = text; str_next(&rest, '\n', &line);) {
        if (line.len > 5 && str_starts(line, STR("**C")) && is_digit(line.ptr[3]))
            capability = str_slice(line, 2, 5);
        if (!str_starts(line, STR("Covers:")))
            continue;
        str id;
        for (size_t at = 0; next_id(line, &at, &id);) {
            struct row *row = row_find(table, id);
            if (row == NULL)
                complain(table, "capability %.*s covers %.*s, which no page has\n",
                         STR_ARG(capability), STR_ARG(id));
            else if (!has_text(row->capabilities.at, row->capabilities.count, capability))
                ADD(table, &row->capabilities, capability);
        }
    }
}

/* ---- the clauses ---- */

struct citing {
    struct table *table;
    str policy;
};

static void on_clause(void *context, str id, str path)
{
    struct citing *citing = context;
    struct row *row = row_find(citing->table, id);
    if (row == NULL || !str_equal(row->policy, citing->policy)) {
        complain(citing->table, "a clause of %.*s cites %.*s, which its page does not have\n",
                 STR_ARG(citing->policy), STR_ARG(id));
        return;
    }
    str clause = str_is_empty(path) ? STR("(the file)") : arena_copy(citing->table->arena, path);
    if (!has_text(row->clauses.at, row->clauses.count, clause))
        ADD(citing->table, &row->clauses, clause);
}

static bool source_of(struct table *table, str policy, const char *tail,
                      struct policy_source *source)
{
    source->name = arena_format(table->arena, "policies/%.*s%s", STR_ARG(policy), tail);
    return read_whole(table, path_of(table, table->source, source->name), &source->text);
}

static void read_clauses(struct table *table, str policy)
{
    CLEANUP(words_free) struct words *words = words_new();
    CLEANUP(arena_free) struct arena *arena = arena_new(RUN_BYTES);
    struct policy_source file, deployment;
    struct problems problems = {.arena = arena};
    struct report report = {0};
    const struct plan *plan;
    if (!source_of(table, policy, ".yaml", &file)) {
        complain(table, "there is no policy %.*s\n", STR_ARG(policy));
        return;
    }
    bool deployed = source_of(table, policy, ".deploy.yaml", &deployment);
    status loaded = plan_load(words, &file, deployed ? &deployment : NULL, NULL, 0, arena,
                              &problems, &report, &plan);
    if (!is_ok(loaded)) {
        complain(table, "%.*s does not load: %s\n", STR_ARG(policy), report.text);
        return;
    }
    struct citing citing = {table, policy};
    plan_covers(plan, on_clause, &citing);
}

static void check_cited(struct table *table)
{
    for (size_t i = 0; i < table->rows.count; i++) {
        const struct row *row = &table->rows.at[i];
        if (row->clauses.count == 0)
            complain(table, "%.*s is cited by no clause of %.*s\n", STR_ARG(row->id),
                     STR_ARG(row->policy));
    }
}

/* ---- the policy tests, run here ---- */

static bool run_test(struct table *table, struct test *test, str file)
{
    CLEANUP(words_free) struct words *words = words_new();
    CLEANUP(arena_free) struct arena *arena = arena_new(RUN_BYTES);
    struct policy_source policy, deployment;
    struct problems problems = {.arena = arena};
    struct report report = {0};
    struct test_result result = {0};
    if (!source_of(table, test->policy, ".yaml", &policy))
        return false;
    bool deployed = source_of(table, test->policy, ".deploy.yaml", &deployment);
    status ran = testrun_load(test, file, &policy, deployed ? &deployment : NULL, words, arena,
                              &problems, &report, &result);
    return is_ok(ran) && result.passed;
}

static void add_policy_test(struct table *table, struct test *test, str file)
{
    bool passed = run_test(table, test, file);
    table->policy_tests++;
    if (!passed)
        complain(table, "%.*s: \"%.*s\" failed\n", STR_ARG(test->policy), STR_ARG(test->name));
    str name = arena_format(table->arena, "%.*s:%.*s", STR_ARG(test->policy), STR_ARG(test->name));
    for (uint16_t i = 0; i < test->covers.count; i++) {
        struct row *row = row_find(table, test->covers.at[i]);
        if (row == NULL)
            complain(table, "%.*s: covers %.*s, which no page has\n", STR_ARG(file),
                     STR_ARG(test->covers.at[i]));
        else
            ADD(table, &row->tests, ((struct proof){name, passed}));
    }
}

static void read_policy_tests(struct table *table)
{
    struct names files = names_in(table, path_of(table, table->source, STR("policies/tests")));
    for (size_t i = 0; i < files.list.count; i++) {
        struct policy_source source;
        struct problems problems = {.arena = table->arena};
        struct report report = {0};
        struct test_file *file;
        source.name = arena_format(table->arena, "policies/tests/%.*s", STR_ARG(files.list.at[i]));
        if (!str_ends(source.name, STR(".yaml")))
            continue;
        if (!read_whole(table, path_of(table, table->source, source.name), &source.text) ||
            !is_ok(testfile_read(&source, table->arena, &problems, &report, &file))) {
            complain(table, "%.*s: %s\n", STR_ARG(source.name), report.text);
            continue;
        }
        for (uint16_t j = 0; j < file->count; j++)
            add_policy_test(table, &file->at[j], source.name);
    }
}

/* ---- the tests in C ---- */

/* While ctest runs, its log has another name than afterwards. */
static void read_log(struct table *table)
{
    static const char *const NAMES[] = {"Testing/Temporary/LastTest.log.tmp",
                                        "Testing/Temporary/LastTest.log"};
    table->log = STR("");
    for (size_t i = 0; i < LENGTH(NAMES); i++) {
        if (read_whole(table, path_of(table, table->build, str_from(NAMES[i])), &table->log))
            return;
    }
}

static size_t find_from(str text, size_t at, str what)
{
    const char *found =
        at > text.len ? NULL : memmem(text.ptr + at, text.len - at, what.ptr, what.len);
    return found == NULL ? text.len : (size_t)(found - text.ptr);
}

/* What the log says of one program: from its "Testing: name" line to the next one's. */
static str log_section(struct table *table, str program)
{
    str head = arena_format(table->arena, " Testing: %.*s\n", STR_ARG(program));
    size_t from = find_from(table->log, 0, head);
    size_t to = find_from(table->log, from + head.len, STR(" Testing: "));
    return str_slice(table->log, from, to);
}

static bool function_passed(struct table *table, str program, str function)
{
    str line = arena_format(table->arena, "[       OK ] %.*s\n", STR_ARG(function));
    str section = log_section(table, program);
    return find_from(section, 0, line) < section.len;
}

static void add_program(struct table *table, str line)
{
    str start = STR("vern_test("), name, path;
    if (!str_starts(line, start))
        return;
    str words = str_slice(line, start.len, line.len);
    if (str_next(&words, ' ', &name) && str_next(&words, ' ', &path))
        ADD(table, &table->programs, ((struct program){str_trim(path), str_trim(name)}));
}

/* tests/tests.cmake and those beside it: "vern_test(NAME PATH ..." */
static void read_programs(struct table *table)
{
    struct names files = names_in(table, path_of(table, table->source, STR("tests")));
    for (size_t i = 0; i < files.list.count; i++) {
        str path = arena_format(table->arena, "tests/%.*s", STR_ARG(files.list.at[i])), text, line;
        if (!str_ends(path, STR(".cmake")) ||
            !read_whole(table, path_of(table, table->source, path), &text))
            continue;
        for (str rest = text; str_next(&rest, '\n', &line);)
            add_program(table, line);
    }
}

/* src/policy/load_test.c is the program policy_load_test. */
static str program_of(struct table *table, str path)
{
    for (size_t i = 0; i < table->programs.count; i++) {
        if (str_equal(table->programs.at[i].path, path))
            return table->programs.at[i].name;
    }
    str rest = path, top, module = STR(""), file = STR("");
    (void)(str_next(&rest, '/', &top) && str_next(&rest, '/', &module));
    file = str_slice(rest, 0, rest.len < 2 ? 0 : rest.len - 2);
    return arena_format(table->arena, "%.*s_%.*s", STR_ARG(module), STR_ARG(file));
}

static void add_c_test(struct table *table, str program, str function, str text)
{
    bool passed = function_passed(table, program, function), counted = false;
    str name = arena_format(table->arena, "%.*s:%.*s", STR_ARG(program), STR_ARG(function)), id;
    for (size_t at = 0; next_id(text, &at, &id);) {
        struct row *row = row_find(table, id);
        bool there = row == NULL;
        for (size_t i = 0; row != NULL && i < row->tests.count; i++)
            there |= str_equal(row->tests.at[i].name, name);
        if (there)
            continue;
        ADD(table, &row->tests, ((struct proof){name, passed}));
        table->c_tests += counted ? 0 : 1;
        counted = true;
    }
}

/* Where the comment that ends right above `at` begins; `at` itself when there is none. */
static size_t comment_above(str text, size_t at)
{
    size_t end = at > 0 ? at - 1 : 0; /* no blank line between them */
    if (end < 2 || memcmp(text.ptr + end - 2, "*/", 2) != 0)
        return at;
    for (size_t i = end - 2; i-- > 0;) {
        if (memcmp(text.ptr + i, "/*", 2) == 0)
            return i;
    }
    return at;
}

static void read_c_file(struct table *table, str path)
{
    str text, start = STR("\nstatic void "), tail = STR("(void **state)\n{");
    if (!read_whole(table, path_of(table, table->source, path), &text))
        return;
    str program = program_of(table, path);
    for (size_t at = find_from(text, 0, start); at < text.len;
         at = find_from(text, at + start.len, start)) {
        size_t name = at + start.len, name_end = name;
        while (name_end < text.len && is_word(text.ptr[name_end]))
            name_end++;
        if (!str_starts(str_slice(text, name_end, text.len), tail))
            continue;
        size_t end = find_from(text, name_end, STR("\n}\n"));
        add_c_test(table, program, str_slice(text, name, name_end),
                   str_slice(text, comment_above(text, at + 1), end));
    }
}

static void read_c_tests(struct table *table, str folder)
{
    const char *path = path_of(table, table->source, folder);
    struct names names = names_in(table, path);
    for (size_t i = 0; i < names.list.count; i++) {
        str inner =
            arena_format(table->arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(names.list.at[i]));
        struct stat info;
        const char *whole = path_of(table, table->source, inner);
        if (whole == NULL || stat(whole, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode))
            read_c_tests(table, inner);
        else if (str_ends(inner, STR(".c")))
            read_c_file(table, inner);
    }
}

/* ---- the answer ---- */

static bool row_passed(const struct row *row)
{
    bool passed = row->tests.count > 0;
    for (size_t i = 0; i < row->tests.count; i++)
        passed &= row->tests.at[i].passed;
    return passed;
}

static void put_texts(struct json_out *out, const char *key, const str *texts, size_t count)
{
    json_key(out, key);
    json_open_array(out);
    for (size_t i = 0; i < count; i++)
        json_put_str(out, texts[i]);
    json_close_array(out);
}

static void put_row(struct json_out *out, const struct row *row)
{
    char mode[2] = {row->mode, '\0'};
    json_open_object(out);
    json_key(out, "id");
    json_put_str(out, row->id);
    json_key(out, "mode");
    json_put_text(out, mode);
    put_texts(out, "capability", row->capabilities.at, row->capabilities.count);
    put_texts(out, "clauses", row->clauses.at, row->clauses.count);
    json_key(out, "tests");
    json_open_array(out);
    for (size_t i = 0; i < row->tests.count; i++)
        json_put_str(out, row->tests.at[i].name);
    json_close_array(out);
    json_key(out, "passed");
    json_put_bool(out, row_passed(row));
    json_close_object(out);
}

static bool write_rows(struct table *table)
{
    struct buf buf = buf_in(table->arena, OUT_BYTES);
    buf_char(&buf, '[');
    for (size_t i = 0; i < table->rows.count; i++) {
        struct json_out out = json_out_over(&buf);
        buf_text(&buf, i == 0 ? "\n" : ",\n");
        put_row(&out, &table->rows.at[i]);
    }
    buf_text(&buf, "\n]\n");
    FILE *file = fopen(path_of(table, table->build, STR("obligations.json")), "wb");
    bool written = file != NULL && !buf.full && fwrite(buf.ptr, 1, buf.len, file) == buf.len;
    return (file == NULL || fclose(file) == 0) && written;
}

static void print_summary(const struct table *table)
{
    size_t passed = 0, unproved = 0, empty = 0, failed = 0;
    for (size_t i = 0; i < table->rows.count; i++) {
        const struct row *row = &table->rows.at[i];
        bool here = row_passed(row);
        passed += here ? 1 : 0;
        failed += !here && row->tests.count > 0 ? 1 : 0;
        unproved += row->clauses.count > 0 && row->tests.count == 0 ? 1 : 0;
        empty += row->clauses.count == 0 && row->tests.count == 0 ? 1 : 0;
    }
    printf("%zu obligations: %zu with tests that passed, %zu with one that did not, "
           "%zu with a clause and no test, %zu empty\n",
           table->rows.count, passed, failed, unproved, empty);
    printf("%zu policy tests run, %zu tests in C that name an obligation\n", table->policy_tests,
           table->c_tests);
    if (unproved == 0)
        return;
    printf("no test yet:");
    for (size_t i = 0; i < table->rows.count; i++) {
        const struct row *row = &table->rows.at[i];
        if (row->tests.count == 0)
            printf(" %.*s(%c)", STR_ARG(row->id), row->mode);
    }
    printf("\n");
}

int main(int count, char **arguments)
{
    if (count != 4) {
        fprintf(stderr, "obligations SHARED SOURCE BUILD\n");
        return 2;
    }
    struct table table = {.arena = arena_new(ARENA_BYTES),
                          .shared = arguments[1],
                          .source = arguments[2],
                          .build = arguments[3]};
    read_pages(&table);
    if (table.rows.count == 0) {
        printf("the specification is not there: nothing to compare with\n");
        arena_free(&table.arena);
        return 77; /* skipped */
    }
    read_capabilities(&table);
    for (size_t i = 0; i < table.policies.count; i++)
        read_clauses(&table, table.policies.at[i]);
    check_cited(&table);
    read_policy_tests(&table);
    read_log(&table);
    read_programs(&table);
    read_c_tests(&table, STR("src"));
    read_c_tests(&table, STR("tests"));
    bool written = write_rows(&table);
    if (!written)
        printf("obligations.json could not be written\n");
    print_summary(&table);
    bool good = written && table.faults == 0;
    arena_free(&table.arena);
    return good ? 0 : 1;
}
