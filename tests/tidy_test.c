/* Style that can be checked: what no file may hold, and what must stand in several places at once.
 *
 *   file --> the text with comments blanked, or the text of its literals alone --> rules
 *
 * Upward includes are the build's to refuse, unused functions the compilers'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <cmocka.h>
#include <dirent.h>

#include "base.h"
#include "file.h"

enum { ARENA_BYTES = 256 << 20, FILE_BYTES = 8 << 20, LINE_MOST = 100, FUNCTION_MOST = 70 };

struct source {
    str path, text;
    str code;     /* comments and the insides of literals blanked out */
    str literals; /* everything but the insides of string literals blanked out */
};
struct sources {
    struct arena *arena;
    LIST(struct source) list;
};

static struct sources sources;
static size_t faults;

/* ---- reading ---- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

enum state { CODE, COMMENT, LINE_COMMENT, STRING, CHARACTER };

static enum state state_after(enum state state, const char *c, const char *end)
{
    char next = c + 1 < end ? c[1] : '\0';
    switch (state) {
    case CODE:
        if (*c == '/' && (next == '*' || next == '/'))
            return next == '*' ? COMMENT : LINE_COMMENT;
        return *c == '"' ? STRING : *c == '\'' ? CHARACTER : CODE;
    case COMMENT:
        return *c == '/' && c[-1] == '*' ? CODE : COMMENT;
    case LINE_COMMENT:
        return *c == '\n' ? CODE : LINE_COMMENT;
    case STRING:
        return *c == '"' ? CODE : STRING;
    case CHARACTER:
        return *c == '\'' ? CODE : CHARACTER;
    }
    return CODE;
}

/* Both views have the length and the line ends of the text. */
static void part(struct source *source)
{
    char *code = arena_take(sources.arena, source->text.len + 1);
    char *literals = arena_take(sources.arena, source->text.len + 1);
    if (code == NULL || literals == NULL)
        abort();
    enum state state = CODE;
    const char *end = source->text.ptr + source->text.len;
    for (size_t i = 0; i < source->text.len; i++) {
        const char *c = source->text.ptr + i;
        bool escaped =
            (state == STRING || state == CHARACTER) && *c == '\\' && i + 1 < source->text.len;
        enum state after = escaped ? state : state_after(state, c, end);
        code[i] = *c == '\n' || (state == CODE && after == CODE) || *c == '"' ? *c : ' ';
        literals[i] = *c == '\n' || (state == STRING && after == STRING) ? *c : ' ';
        if (escaped) {
            i++;
            code[i] = ' ';
            literals[i] = state == STRING ? source->text.ptr[i] : ' ';
        }
        state = after;
    }
    source->code = (str){code, source->text.len};
    source->literals = (str){literals, source->text.len};
}

static str read_text(const char *path)
{
    str text = STR("");
    struct report report = {0};
    if (!is_ok(file_read(path, sources.arena, FILE_BYTES, &report, &text)))
        fail_msg("%s: %s", path, report.text);
    return text;
}

static void take_file(str path)
{
    struct source *source = LIST_ADD(sources.arena, &sources.list);
    if (source == NULL)
        abort();
    source->path = path;
    source->text = read_text(arena_c_string(sources.arena, path));
    part(source);
}

/* Calls `each` for every name in a folder that does not begin with a dot, and is ours. */
static void each_name(const char *folder, void (*each)(const char *folder, const char *name))
{
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, "node_modules") != 0)
            each(folder, entry->d_name);
    }
    closedir(dir);
}

static void take_entry(const char *folder, const char *name)
{
    str path = arena_format(sources.arena, "%s/%s", folder, name);
    const char *whole = arena_c_string(sources.arena, path);
    struct stat info;
    if (stat(whole, &info) != 0)
        return;
    if (S_ISDIR(info.st_mode))
        each_name(whole, take_entry);
    else if (str_ends(path, STR(".c")) || str_ends(path, STR(".h")) || str_ends(path, STR(".def")))
        take_file(path);
}

static int read_sources(void **state)
{
    static const char *const folders[] = {"src", "include", "tests", "tools", "fuzz", "bench"};
    *state = NULL;
    sources.arena = arena_new(ARENA_BYTES);
    for (size_t i = 0; i < LENGTH(folders); i++)
        each_name(folders[i], take_entry);
    assert_true(sources.list.count > 100);
    return 0;
}

static int free_sources(void **state)
{
    (void)state;
    arena_free(&sources.arena);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    faults = 0;
    return 0;
}

/* ---- saying where ---- */

static size_t line_of(str text, size_t at)
{
    size_t line = 1;
    for (size_t i = 0; i < at && i < text.len; i++)
        line += text.ptr[i] == '\n' ? 1 : 0;
    return line;
}

static void complain(const struct source *source, size_t line, const char *what)
{
    print_error("%.*s:%zu: %s\n", STR_ARG(source->path), line, what);
    faults++;
}

static size_t find_from(str text, size_t at, str what)
{
    const char *found =
        at > text.len ? NULL : memmem(text.ptr + at, text.len - at, what.ptr, what.len);
    return found == NULL ? text.len : (size_t)(found - text.ptr);
}

/* Every place where `what` stands as a word of its own. */
static void forbid_word(const struct source *source, str view, str what, const char *why)
{
    for (size_t at = find_from(view, 0, what); at < view.len;
         at = find_from(view, at + what.len, what)) {
        bool begins = at == 0 || !is_word(view.ptr[at - 1]);
        bool ends = at + what.len == view.len || !is_word(view.ptr[at + what.len]) ||
                    !is_word(what.ptr[what.len - 1]);
        if (begins && ends)
            complain(source, line_of(view, at), why);
    }
}

static bool in_folder(const struct source *source, const char *folder)
{
    return str_starts(source->path, str_from(folder));
}

static bool is_test(const struct source *source)
{
    return in_folder(source, "tests/") || str_ends(source->path, STR("_test.c")) ||
           str_ends(source->path, STR("_test.h"));
}

#define EACH(source)                                                                               \
    const struct source *source = sources.list.at;                                                 \
    (source) < sources.list.at + sources.list.count;                                               \
    (source)++

/* ---- lines and functions ---- */

static size_t columns(str line)
{
    size_t count = 0;
    for (size_t i = 0; i < line.len; i++)
        count += ((unsigned char)line.ptr[i] & 0xc0) != 0x80 ? 1 : 0;
    return count;
}

static void no_line_is_longer_than_a_hundred_columns(void **state)
{
    (void)state;
    for (EACH(source)) {
        size_t number = 0;
        str line;
        for (str rest = source->text; str_next(&rest, '\n', &line);) {
            number++;
            if (columns(line) > LINE_MOST && !str_ends(source->path, STR(".def")))
                complain(source, number, "a line is longer than 100 columns");
        }
    }
    assert_int_equal(faults, 0);
}

/* A function's body begins with "{" alone on a line and ends with "}" in the first column. */
static void no_function_is_longer_than_seventy_lines(void **state)
{
    (void)state;
    for (EACH(source)) {
        if (is_test(source)) /* a scenario may be a long story */
            continue;
        for (size_t at = find_from(source->text, 0, STR("\n{\n")); at < source->text.len;
             at = find_from(source->text, at + 1, STR("\n{\n"))) {
            size_t end = find_from(source->text, at, STR("\n}"));
            size_t lines = line_of(source->text, end + 1) - line_of(source->text, at + 1) + 1;
            if (lines > FUNCTION_MOST)
                complain(source, line_of(source->text, at), "a function is longer than 70 lines");
        }
    }
    assert_int_equal(faults, 0);
}

static void no_tab_and_no_blank_ends_a_line(void **state)
{
    (void)state;
    for (EACH(source)) {
        for (size_t i = 0; i + 1 < source->text.len; i++) {
            char c = source->text.ptr[i];
            if (c == '\t' || (c == ' ' && source->text.ptr[i + 1] == '\n'))
                complain(source, line_of(source->text, i),
                         "a tab, or a blank at the end of a line");
        }
    }
    assert_int_equal(faults, 0);
}

/* ---- what may not be called or written ---- */

static void nothing_calls_what_is_banned(void **state)
{
    (void)state;
    static const char *const banned[] = {
        "strcpy(", "strcat(", "sprintf(", "vsprintf(", "strtok(",    "gets(",   "atoi(",
        "atol(",   "rand(",   "srand(",   "time(",     "localtime(", "gmtime(", "tmpnam(",
        "mktemp(", "alloca(", "longjmp(", "strncpy(",  "strncat("};
    for (EACH(source)) {
        for (size_t i = 0; i < LENGTH(banned); i++)
            forbid_word(source, source->code, str_from(banned[i]), banned[i]);
        if (in_folder(source, "src/") && !is_test(source)) {
            forbid_word(source, source->code, STR("system("), "no shell");
            forbid_word(source, source->code, STR("popen("), "no shell");
        }
    }
    assert_int_equal(faults, 0);
}

static void only_base_reads_a_clock_or_random_bytes(void **state)
{
    (void)state;
    static const char *const words[] = {"clock_gettime(", "gettimeofday(",    "getrandom(",
                                        "getentropy(",    "randombytes_buf(", "RAND_bytes("};
    for (EACH(source)) {
        for (size_t i = 0; i < LENGTH(words); i++) {
            if (in_folder(source, "src/") && !in_folder(source, "src/base/") && !is_test(source))
                forbid_word(source, source->code, str_from(words[i]), words[i]);
        }
    }
    assert_int_equal(faults, 0);
}

static void no_test_sleeps(void **state)
{
    (void)state;
    static const char *const words[] = {"sleep(", "usleep(", "nanosleep("};
    for (EACH(source)) {
        for (size_t i = 0; is_test(source) && i < LENGTH(words); i++)
            forbid_word(source, source->code, str_from(words[i]), words[i]);
    }
    assert_int_equal(faults, 0);
}

static void nothing_is_left_to_be_done_later(void **state)
{
    (void)state;
    static const char *const marks[] = {"FIX"
                                        "ME",
                                        "TO"
                                        "DO",
                                        "HA"
                                        "CK",
                                        "XX"
                                        "X"};
    for (EACH(source)) {
        for (size_t i = 0; i < LENGTH(marks); i++)
            forbid_word(source, source->text, str_from(marks[i]), marks[i]);
    }
    assert_int_equal(faults, 0);
}

static void no_sql_stands_outside_the_catalogue(void **state)
{
    (void)state;
    static const char *const words[] = {"SELECT ", "INSERT ", "UPDATE ", "DELETE ",
                                        "CREATE ", "DROP ",   "PRAGMA ", "REPLACE ",
                                        "ALTER ",  "ATTACH ", "VACUUM",  "SAVEPOINT "};
    for (EACH(source)) {
        bool ours = in_folder(source, "src/") && str_ends(source->path, STR(".c"));
        for (size_t i = 0; ours && !is_test(source) && i < LENGTH(words); i++)
            forbid_word(source, source->literals, str_from(words[i]), "SQL outside the catalogue");
    }
    assert_int_equal(faults, 0);
}

/* A permit is made in one place; a cast would make one elsewhere. */
static void no_cast_makes_a_permit(void **state)
{
    (void)state;
    static const char *const casts[] = {"(struct permit *)", "(const struct permit *)"};
    for (EACH(source)) {
        for (size_t i = 0; !in_folder(source, "src/permit/") && i < LENGTH(casts); i++) {
            if (find_from(source->code, 0, str_from(casts[i])) < source->code.len)
                complain(source, 1, "a cast to a permit");
        }
    }
    assert_int_equal(faults, 0);
}

/* ---- G8: the same program for every policy ---- */

static void forbid_policy(const char *folder, const char *name)
{
    (void)folder;
    str file = str_from(name), stem;
    bool policy =
        str_ends(file, STR(".yaml")) && str_next(&file, '.', &stem) && str_equal(file, STR("yaml"));
    if (!policy || str_is(stem, "example"))
        return;
    for (EACH(source)) {
        if (is_test(source) || !(in_folder(source, "src/") || in_folder(source, "include/")))
            continue;
        char *view = arena_take(sources.arena, source->text.len + 1);
        if (view == NULL)
            abort();
        for (size_t i = 0; i < source->text.len; i++) {
            char c = source->text.ptr[i];
            view[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        }
        str text = {view, source->text.len};
        size_t at = find_from(text, 0, stem);
        if (at < text.len)
            complain(source, line_of(text, at), "a policy's own name in the program (G8)");
    }
}

/* G8: no policy's name stands in the program. */
static void the_program_knows_no_policy_by_name(void **state)
{
    (void)state;
    each_name("policies", forbid_policy);
    assert_int_equal(faults, 0);
}

/* ---- what must stand in two places ---- */

static bool tests_hold(str what)
{
    for (EACH(source)) {
        if (is_test(source) && find_from(source->text, 0, what) < source->text.len)
            return true;
    }
    return false;
}

/* A test names the path, or what stands behind its last id, as a literal. */
static bool route_is_tested(str path)
{
    size_t last = path.len, from = path.len;
    for (size_t i = 0; i + 1 < path.len; i++) {
        if (path.ptr[i] == ':')
            last = i;
    }
    if (last == path.len)
        return tests_hold(arena_format(sources.arena, "%.*s", STR_ARG(path)));
    for (size_t i = last; i < path.len && from == path.len; i++) {
        if (path.ptr[i] == '/')
            from = i + 1;
    }
    if (from == path.len) /* ends with the id */
        return tests_hold(arena_format(sources.arena, "%.*s%%", (int)last, path.ptr));
    str verb = str_slice(path, from, path.len);
    return tests_hold(arena_format(sources.arena, "\"%.*s\"", STR_ARG(verb))) ||
           tests_hold(arena_format(sources.arena, "/%.*s\"", STR_ARG(verb)));
}

static void every_route_is_asked_for_by_a_test(void **state)
{
    (void)state;
    str rest = read_text("src/api/routes.def"), start = STR("ROUTE(\"");
    size_t routes = 0;
    for (size_t at = find_from(rest, 0, start); at < rest.len;
         at = find_from(rest, at + 1, start)) {
        str line = str_slice(rest, at + start.len, rest.len), method = {0}, between, path = {0};
        assert_true(str_next(&line, '"', &method) && str_next(&line, '"', &between) &&
                    str_next(&line, '"', &path));
        if (str_ends(path, STR("*")))
            path = str_slice(path, 0, path.len - 1);
        routes++;
        if (!route_is_tested(path)) {
            print_error("no test asks for %.*s %.*s\n", STR_ARG(method), STR_ARG(path));
            faults++;
        }
    }
    assert_true(routes > 40);
    assert_int_equal(faults, 0);
}

static bool file_holds(const char *path, str what)
{
    str text = read_text(path);
    return find_from(text, 0, what) < text.len;
}

/* In the walk's list, or among its exceptions; crash_routes_test looks at them more closely. */
static bool route_is_walked(str method, str path)
{
    static const char walked[] = "tests/walk_trials.h";
    struct arena *arena = sources.arena;
    str whole = arena_format(arena, "%.*s %.*s", STR_ARG(method), STR_ARG(path));
    size_t last = path.len, end;
    if (file_holds("tests/crash_routes_test.c", arena_format(arena, "{\"%.*s\"", STR_ARG(whole))))
        return true;
    for (size_t i = 0; i < path.len; i++)
        last = path.ptr[i] == ':' ? i : last;
    if (last == path.len)
        return file_holds(walked, whole);
    if (path.ptr[path.len - 1] == '*')
        return file_holds(walked, STR("stop_link> "));
    for (end = last; end < path.len && path.ptr[end] != '/'; end++)
        continue;
    str tail = str_slice(path, end, path.len), head = str_slice(path, 0, last);
    return tail.len == 0 ? file_holds(walked, arena_format(arena, "%.*s %.*s<", STR_ARG(method),
                                                           STR_ARG(head)))
                         : file_holds(walked, arena_format(arena, ">%.*s", STR_ARG(tail)));
}

static void every_route_that_writes_is_in_the_crash_walk(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path;
    } rows[] = {
#define ROUTE(method, path, handler, scope, request, reply, flags, what) {method, path},
#include "../src/api/routes.def"
#undef ROUTE
    };
    unsigned lacking = 0;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        if (strcmp(rows[i].method, "GET") == 0 ||
            route_is_walked(str_from(rows[i].method), str_from(rows[i].path)))
            continue;
        print_message("%s %s: neither in tests/walk_trials.h nor excepted in "
                      "tests/crash_routes_test.c\n",
                      rows[i].method, rows[i].path);
        lacking++;
    }
    assert_int_equal(lacking, 0);
}

static size_t counted;

static void count_name(const char *folder, const char *name)
{
    (void)folder;
    (void)name;
    counted++;
}

/* "vern_fuzz(name corpus ..." in fuzz.cmake */
static void every_fuzz_target_is_built_and_has_a_corpus(void **state)
{
    (void)state;
    str build = read_text("fuzz/fuzz.cmake");
    size_t targets = 0;
    for (EACH(source)) {
        str path = source->path;
        if (!str_starts(path, STR("fuzz/fuzz_")) || !str_ends(path, STR(".c")))
            continue;
        str name = str_slice(path, strlen("fuzz/fuzz_"), path.len - 2), corpus;
        str row = arena_format(sources.arena, "vern_fuzz(%.*s ", STR_ARG(name));
        size_t at = find_from(build, 0, row);
        str rest = str_slice(build, at + row.len, build.len);
        targets++;
        counted = 0;
        if (at < build.len && str_next(&rest, ' ', &corpus))
            each_name(arena_c_string(sources.arena, arena_format(sources.arena, "fuzz/corpus/%.*s",
                                                                 STR_ARG(corpus))),
                      count_name);
        if (counted == 0)
            complain(source, 1, "this target is not built, or has no corpus");
        if (find_from(source->text, 0, STR("roperty:")) == source->text.len)
            complain(source, 1, "this target does not say its property");
    }
    assert_true(targets >= 7);
    assert_int_equal(faults, 0);
}

/* The log is append only: no function of its headers says otherwise. */
static void the_log_offers_nothing_that_changes_an_entry(void **state)
{
    (void)state;
    static const char *const words[] = {"audit_update",   "audit_delete",  "audit_remove",
                                        "audit_erase",    "audit_rewrite", "audit_replace",
                                        "audit_truncate", "log_update",    "log_delete"};
    for (EACH(source)) {
        for (size_t i = 0; in_folder(source, "src/audit/") && i < LENGTH(words); i++) {
            if (find_from(source->code, 0, str_from(words[i])) < source->code.len)
                complain(source, 1, words[i]);
        }
    }
    assert_int_equal(faults, 0);
}

static void every_header_is_guarded_by_its_own_name(void **state)
{
    (void)state;
    for (EACH(source)) {
        if (str_ends(source->path, STR(".h")) &&
            find_from(source->code, 0, STR("#ifndef VERN_")) == source->code.len &&
            !str_ends(source->path, STR("banned.h")))
            complain(source, 1, "no guard that begins with VERN_");
    }
    assert_int_equal(faults, 0);
}

/* health_needs_no_token, not test_health. */
static void every_tests_name_is_a_sentence(void **state)
{
    (void)state;
    str start = STR("cmocka_unit_test(");
    for (EACH(source)) {
        for (size_t at = find_from(source->code, 0, start); at < source->code.len;
             at = find_from(source->code, at + 1, start)) {
            size_t words = 1, i = at + start.len;
            str name = str_slice(source->code, i, source->code.len);
            for (; i < source->code.len && is_word(source->code.ptr[i]); i++)
                words += source->code.ptr[i] == '_' ? 1 : 0;
            bool macro = i == at + start.len || source->code.ptr[i] != ')' || words == 1;
            if ((!macro && words < 3) || str_starts(name, STR("test_")))
                complain(source, line_of(source->code, at), "a test's name is a sentence");
        }
    }
    assert_int_equal(faults, 0);
}

int main(void)
{
#define RULE(name) cmocka_unit_test_setup(name, begin)
    const struct CMUnitTest tests[] = {
        RULE(no_line_is_longer_than_a_hundred_columns),
        RULE(no_function_is_longer_than_seventy_lines),
        RULE(no_tab_and_no_blank_ends_a_line),
        RULE(nothing_calls_what_is_banned),
        RULE(only_base_reads_a_clock_or_random_bytes),
        RULE(no_test_sleeps),
        RULE(nothing_is_left_to_be_done_later),
        RULE(no_sql_stands_outside_the_catalogue),
        RULE(no_cast_makes_a_permit),
        RULE(the_program_knows_no_policy_by_name),
        RULE(every_route_is_asked_for_by_a_test),
        RULE(every_route_that_writes_is_in_the_crash_walk),
        RULE(every_fuzz_target_is_built_and_has_a_corpus),
        RULE(the_log_offers_nothing_that_changes_an_entry),
        RULE(every_header_is_guarded_by_its_own_name),
        RULE(every_tests_name_is_a_sentence),
    };
    return cmocka_run_group_tests_name("tidy", tests, read_sources, free_sources);
}
