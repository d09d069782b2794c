/* policy_check: loads a policy, and a deployment file if one is given, and prints what is wrong.
 *
 *   policy_check policies/confect.yaml [policies/confect.deploy.yaml]
 *   policy_check --print ...    prints the plan as canonical YAML
 *   policy_check --words        prints the vocabulary of the language
 *   policy_check --tests policies/tests/confect.yaml
 *                               checks tests against policies/NAME.yaml and NAME.deploy.yaml
 *
 * A tool for those who work on the loader and on policies; nothing else depends on it. Exits 1 when
 * there are errors. */
#include <stdio.h>
#include <unistd.h>
#include "testfile.h"
#include "vocabulary.h"

enum { FILE_ROOM = (1 << 20) + 1, ARENA_ROOM = 256 << 20 };

static bool file_text(const char *name, char *room, str *text)
{
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: cannot be read\n", name);
        return false;
    }
    *text = (str){room, fread(room, 1, FILE_ROOM, file)};
    fclose(file);
    return true;
}

static const char *severity_name(enum severity severity)
{
    static const char *const NAMES[] = {"error", "warning", "info"};
    return NAMES[severity];
}

static void problems_print(const struct problems *problems)
{
    for (size_t i = 0; i < problems->list.count; i++) {
        const struct problem *p = &problems->list.at[i];
        printf("%.*s:%u:%u: %s: %.*s: %.*s", STR_ARG(p->file), p->line, p->column,
               severity_name(p->severity), STR_ARG(p->rule), STR_ARG(p->text));
        if (p->suggestion.len > 0)
            printf(" (did you mean `%.*s`?)", STR_ARG(p->suggestion));
        printf("\n");
    }
}

static void text_print(void (*write)(struct buf *out, const void *subject), const void *subject,
                       struct arena *arena)
{
    struct buf out = buf_in(arena, 64 << 20);
    write(&out, subject);
    printf("%.*s", STR_ARG(buf_str(&out)));
}

static void write_plan(struct buf *out, const void *subject)
{
    plan_print(subject, out);
}

static void write_words(struct buf *out, const void *subject)
{
    (void)subject;
    plan_vocabulary_print(out);
}

static int check(int count, char **names, bool print, struct arena *arena)
{
    static char rooms[2][FILE_ROOM];
    struct policy_source sources[2];
    for (int i = 0; i < count; i++) {
        sources[i].name = str_from(names[i]);
        if (!file_text(names[i], rooms[i], &sources[i].text))
            return 1;
    }
    struct words *words = words_new();
    struct problems problems = {.arena = arena};
    struct report report = {0};
    const struct plan *plan = NULL;
    status loaded = plan_load(words, &sources[0], count > 1 ? &sources[1] : NULL, NULL, 0, arena,
                              &problems, &report, &plan);
    problems_print(&problems);
    if (!is_ok(loaded) && problems.list.count == 0)
        printf("%s: %s\n", names[0], report.text);
    if (is_ok(loaded) && print)
        text_print(write_plan, plan, arena);
    words_free(&words);
    return is_ok(loaded) ? 0 : 1;
}

static bool policy_of(const char *folder, str name, const char *ending, char *room,
                      struct policy_source *source, struct arena *arena)
{
    str path = arena_format(arena, "%s/%.*s%s", folder, STR_ARG(name), ending);
    source->name = path;
    return file_text(arena_c_string(arena, path), room, &source->text);
}

static bool has_deployment(const struct test *test, const char *folder, struct arena *arena)
{
    str path = arena_format(arena, "%s/%.*s.deploy.yaml", folder, STR_ARG(test->policy));
    return test->deploy && (test->deploy_stated || access(path.ptr, R_OK) == 0);
}

static bool bind_test(struct test *test, str file, const char *folder, struct arena *arena)
{
    bool deploy = has_deployment(test, folder, arena);
    static char rooms[2][FILE_ROOM];
    struct policy_source sources[2];
    struct words *words = words_new();
    struct problems problems = {.arena = arena};
    struct report report = {0};
    const struct plan *plan = NULL;
    bool ok = policy_of(folder, test->policy, ".yaml", rooms[0], &sources[0], arena) &&
              (!deploy ||
               policy_of(folder, test->policy, ".deploy.yaml", rooms[1], &sources[1], arena)) &&
              is_ok(plan_load(words, &sources[0], deploy ? &sources[1] : NULL, test->with,
                              test->with_count, arena, &problems, &report, &plan)) &&
              is_ok(testfile_bind(test, plan, file, arena, &problems, &report));
    problems_print(&problems);
    words_free(&words);
    return ok;
}

static int check_tests(const char *name, struct arena *arena)
{
    static char room[FILE_ROOM];
    struct policy_source source = {.name = str_from(name)};
    struct problems problems = {.arena = arena};
    struct report report = {0};
    struct test_file *file = NULL;
    if (!file_text(name, room, &source.text))
        return 1;
    status read = testfile_read(&source, arena, &problems, &report, &file);
    problems_print(&problems);
    if (!is_ok(read))
        return 1;
    str folder = str_ends(source.name, STR(".yaml")) ? source.name : STR("");
    for (int up = 0; up < 2; up++)
        while (folder.len > 0 && folder.ptr[--folder.len] != '/')
            ;
    bool ok = true;
    for (uint16_t i = 0; i < file->count; i++) {
        CLEANUP(arena_free) struct arena *one = arena_new(ARENA_ROOM);
        ok &= bind_test(&file->at[i], source.name,
                        folder.len == 0 ? "." : arena_c_string(one, folder), one);
    }
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_ROOM);
    bool print = argc > 1 && strcmp(argv[1], "--print") == 0;
    if (argc > 1 && strcmp(argv[1], "--words") == 0) {
        text_print(write_words, NULL, arena);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "--tests") == 0)
        return check_tests(argv[2], arena);
    int first = print ? 2 : 1;
    if (argc <= first || argc > first + 2) {
        fprintf(stderr,
                "usage: policy_check [--print] POLICY [DEPLOYMENT] | --words | --tests FILE\n");
        return 64;
    }
    return check(argc - first, argv + first, print, arena);
}
