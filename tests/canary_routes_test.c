/* What comes in by any route that writes is searched for: in every file below the folder (data,
 * keys, log, manifests, backups, spaces, the operational log), and in every answer but those of
 * routes that give data out. The requests are those of the crash walk; each is then sent again with
 * the word in the place of each of its values, as whoever is wrong sends it. */
#include <strings.h>

#include "walk_trials.h"

static struct scene the_scene;
static char the_folder[64];

static const char word_[] = "qanary";

/* ---- looking ---- */

static const char *found_in;

static bool text_holds(str text)
{
    size_t length = sizeof(word_) - 1;
    for (size_t i = 0; i + length <= text.len; i++) {
        if (strncasecmp(text.ptr + i, word_, length) == 0)
            return true;
    }
    return false;
}

static int look_at(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
    (void)walk;
    if (kind != FTW_F || about->st_size == 0)
        return 0;
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)64 << 20);
    struct report report = {0};
    str bytes;
    assert_true(is_ok(file_read(path, arena, (size_t)32 << 20, &report, &bytes)));
    if (!text_holds(bytes))
        return 0;
    found_in = path;
    print_message("    it stands in %s\n", path);
    return 1;
}

/* Also in names of files. */
static bool stands_somewhere(const char *folder)
{
    found_in = NULL;
    return nftw(folder, look_at, 16, FTW_PHYS) != 0 || found_in != NULL;
}

/* ---- routes that give data out ---- */

static bool gives_out(str path)
{
    static const char *const ends[] = {
        "/read",      "/use",    "/access",    "/portability",   "/share",          "/view",
        "/v1/search", "/copy",   "/v1/export", "/v1/batch/read", "/v1/batch/share", "/v1/parties",
        "/v1/staff",  "/duties", "/v1/tasks" /* the firm's references, of external fields */};
    for (size_t i = 0; i < LENGTH(ends); i++) {
        if (str_ends(path, str_from(ends[i])))
            return true;
    }
    return false;
}

static unsigned spoken, given;

/* Apart from names of recipients, which answers tell whoever must tell them on. */
static bool answer_holds(str body)
{
    static const char party[] = "Qanary AS";
    size_t length = sizeof(party) - 1;
    str rest = body;
    for (const char *at = memmem(rest.ptr, rest.len, party, length); at != NULL;
         at = memmem(rest.ptr, rest.len, party, length)) {
        if (text_holds(str_slice(rest, 0, (size_t)(at - rest.ptr))))
            return true;
        rest = str_slice(rest, (size_t)(at - rest.ptr) + length, rest.len);
    }
    return text_holds(rest);
}

static void watch_answer(const struct walk_request *asked, int code, str body)
{
    bool gave = code < 400 && gives_out(asked->path);
    given += gave && text_holds(body);
    if (gave || !answer_holds(body))
        return;
    print_message("    the answer %d to %.*s %.*s holds it: %.*s\n", code, STR_ARG(asked->method),
                  STR_ARG(asked->path), STR_ARG(body));
    spoken++;
}

/* ---- the scene ---- */

static int set_scene(void **state)
{
    (void)state;
    watch.answer = watch_answer;
    watch.logs = true;
    folder_make(the_folder);
    walk_scene_make(&the_scene);
    return 0;
}

static int end_scene(void **state)
{
    (void)state;
    folder_remove(the_scene.folder);
    folder_remove(the_folder);
    return 0;
}

/* ---- tests ---- */

/* COB-106, COB-64: at rest all is sealed, whichever way it came. */
static void what_came_by_any_route_stands_in_no_file_and_no_answer(void **state)
{
    (void)state;
    char work[96];
    unsigned found = 0, planted = 0;
    (void)snprintf(work, sizeof(work), "%s/played", the_folder);
    for (size_t i = 0; i < LENGTH(trials); i++) {
        struct fixture f;
        folder_copy(the_scene.folder, work);
        fixture_over(&f, work, 2);
        MUST(&f, try_open(&f, NULL));
        if (trials[i].before != NULL)
            MUST(&f, play(&f, trials[i].before));
        MUST(&f, play(&f, trials[i].act));
        char backup[128];
        (void)snprintf(backup, sizeof(backup), "%s/copy", work);
        MUST(&f, engine_backup(f.reg, backup, &f.report));
        fixture_end(&f);
        planted += text_holds(str_from(trials[i].act));
        if (stands_somewhere(work)) {
            print_message("  %s\n", trials[i].name);
            found++;
        }
    }
    assert_int_equal(found + spoken, 0);
    assert_true(planted > 30 && given > 6); /* permitted reads give it */
}

/* The search finds what there is: the control. */
static void the_search_finds_what_is_written(void **state)
{
    (void)state;
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/control", the_folder);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(stands_somewhere(path));
    (void)snprintf(path, sizeof(path), "%s/control/file", the_folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("x Anna QANARYname", file);
    fclose(file);
    (void)snprintf(path, sizeof(path), "%s/control", the_folder);
    assert_true(stands_somewhere(path));
    folder_remove(path);
}

/* The nth text between quotes of a body, and the bytes about it. */
static bool quoted(str body, unsigned n, str *before_, str *after_)
{
    bool inside = false;
    for (size_t i = 0, start = 0, seen = 0; i < body.len; i++) {
        if (body.ptr[i] != '\'')
            continue;
        if (inside && seen++ == n) {
            *before_ = str_slice(body, 0, start);
            *after_ = str_slice(body, i, body.len);
            return true;
        }
        inside = !inside;
        start = i + 1;
    }
    return false;
}

/* The last request of a trial, with the word in the place of its nth text. */
static bool send_wrong(struct fixture *f, const struct trial *trial, unsigned n)
{
    str rest = str_from(trial->act), line, last = STR(""), before_, after_;
    while (str_next(&rest, '\n', &line))
        last = line.len > 0 ? line : last;
    if (str_is_empty(last) || !quoted(last, n, &before_, &after_))
        return false;
    str text = arena_format(f->arena, "%.*s%s Qanary 01819030037%.*s", STR_ARG(before_),
                            n % 2 == 0 ? "Anna" : "a@b.no", STR_ARG(after_));
    status answered_ = play(f, arena_c_string(f->arena, text));
    (void)answered_; /* mostly a no; what it says is watched */
    return true;
}

static void what_is_said_wrong_to_any_route_is_repeated_nowhere(void **state)
{
    (void)state;
    char work[96];
    unsigned found = 0, sent = 0;
    (void)snprintf(work, sizeof(work), "%s/wrong", the_folder);
    spoken = 0;
    for (size_t i = 0; i < LENGTH(trials); i++) {
        struct fixture f;
        folder_copy(the_scene.folder, work);
        fixture_over(&f, work, 2);
        MUST(&f, try_open(&f, NULL));
        if (trials[i].before != NULL)
            MUST(&f, play(&f, trials[i].before));
        for (unsigned n = 0; n < 40 && send_wrong(&f, &trials[i], n); n++)
            sent++;
        fixture_end(&f);
        if (stands_somewhere(work)) {
            print_message("  %s\n", trials[i].name);
            found++;
        }
    }
    print_message("  %u wrong requests\n", sent);
    assert_int_equal(found + spoken, 0);
    assert_true(sent > 300);
}

int main(int count, char **words)
{
    if (count == 2)
        cmocka_set_test_filter(words[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_search_finds_what_is_written),
        cmocka_unit_test(what_came_by_any_route_stands_in_no_file_and_no_answer),
        cmocka_unit_test(what_is_said_wrong_to_any_route_is_repeated_nowhere),
    };
    return cmocka_run_group_tests(tests, set_scene, end_scene);
}
