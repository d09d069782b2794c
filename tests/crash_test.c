/* Scenario S25's walk of the use cases that change most, each at every step: a kill or a failing
 * disk, and what is found afterwards is all of it or nothing of it. crash_routes_test.c walks every
 * route of the API. */
#include "crash_walk.h"

static void take_back_before_restore(struct fixture *f, const struct scene *scene)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/backup", f->dir);
    MUST(f, engine_backup(f->reg, path, &f->report));
    MUST(f, run_withdraw(f, scene));
    MUST(f, run_erase_whole(f, scene));
    MUST(f, run_erase_part(f, scene));
}

static status run_restore(struct fixture *f, const struct scene *scene)
{
    (void)scene;
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/backup", f->dir);
    struct engine_config config = trouble_config(f, crash.mode == CRASH_NOT ? NULL : CRASH_VFS);
    f->report = (struct report){0};
    engine_close(&f->engine);
    TRY(engine_restore(&config, STR("confect"), path, &f->report));
    return try_open(f, config.vfs);
}

static status run_open(struct fixture *f, const struct scene *scene)
{
    (void)scene;
    engine_close(&f->engine);
    return try_open(f, crash.mode == CRASH_NOT ? NULL : CRASH_VFS);
}

static status use_file_open(struct call *call, void *request)
{
    return engine_file_open(call, request);
}

static status use_part(struct call *call, void *request)
{
    return engine_upload_part(call, request);
}

static status use_upload_end(struct call *call, void *request)
{
    return engine_upload_end(call, request);
}

static status send_parts(struct fixture *f, struct upload *upload, str bytes)
{
    while (bytes.len > 0) {
        bool full;
        bytes = str_slice(bytes, engine_upload_bytes(upload, bytes, &full), bytes.len);
        if (full)
            TRY(run(f, use_part, upload));
    }
    return run(f, use_upload_end, upload);
}

/* Turn after turn; only the last makes an item. */
static status run_upload(struct fixture *f, const struct scene *scene)
{
    enum { BYTES = 2 * VAULT_PART_BYTES + 100 };
    struct file_open request = {.collect = {.subject = scene->anna,
                                            .matter = scene->vacancy,
                                            .intake = STR("application"),
                                            .source = STR("person"),
                                            .channel = STR("web"),
                                            .controller = STR("confect")},
                                .field = STR("job_application.cv"),
                                .said_optional = true,
                                .media = STR("application/pdf"),
                                .size = BYTES};
    TRY(run(f, use_file_open, &request));
    char *bytes = malloc(BYTES);
    MUST_BE(bytes != NULL);
    memset(bytes, 'v', BYTES);
    struct upload *upload = NULL;
    status sent = engine_upload_take(f->reg, engine_system(), scene->anna, f->call.outcome.record,
                                     &f->report, &upload);
    if (is_ok(sent))
        sent = send_parts(f, upload, (str){bytes, BYTES});
    engine_upload_drop(f->reg, &upload);
    free(bytes);
    return sent;
}

/* Anna's CV is about Cato, too: two dossiers in one operation. */
static void make_concerned(struct fixture *f, const struct scene *scene)
{
    struct concern_make make = {scene->anna, scene->anna_cv, scene->cato};
    MUST(f, run(f, use_concern, &make));
}

static const struct trial trials[] = {
    {.name = "create a person", .run = run_create, .entries = {"create"}},
    {.name = "collect", .run = run_collect, .entries = {"collect"}},
    {.name = "upload a file", .run = run_upload, .entries = {"collect"}},
    {.name = "withdraw a consent", .run = run_withdraw, .entries = {"withdraw"}},
    {.name = "object to marketing", .run = run_object, .entries = {"object", "suppress"}},
    {.name = "rectify a value", .run = run_rectify, .entries = {"rectify"}},
    {.name = "rectify an address", .run = run_rectify_mail, .entries = {"rectify"}},
    {.name = "erase a part", .run = run_erase_part, .entries = {"erase_part", "erase"}},
    {.name = "erase a person", .run = run_erase_whole, .entries = {"erase_whole", "erase"}},
    {.name = "give to a recipient",
     .prepare = make_processor,
     .run = run_share,
     .entries = {"disclose"}},
    {.name = "erase what a recipient has",
     .prepare = make_disclosed,
     .run = run_erase_part,
     .entries = {"erase_part", "tell"}},
    {.name = "rectify what concerns another",
     .prepare = make_concerned,
     .run = run_rectify,
     .entries = {"rectify", "concern"}},
    {.name = "erase whom an item concerns",
     .prepare = make_concerned,
     .run = run_erase_whole,
     .entries = {"erase_whole", "concern_end"}},
    {.name = "recover from a kill in the erasure of whom an item concerns",
     .prepare = make_concerned,
     .seam = "data.commit",
     .seam_at = 1,
     .killed = run_erase_whole,
     .run = run_open,
     .offline = true},
    {.name = "rotate the epoch", .run = run_rotate},
    {.name = "sweep what is due",
     .clock = "2026-09-01T22:00:00Z",
     .run = run_sweep,
     .resumable = true,
     .entries = {"erase_whole", "erase"}},
    {.name = "restore", .prepare = take_back_before_restore, .run = run_restore, .offline = true},
    {.name = "recover from a kill before the data",
     .seam = "data.commit",
     .seam_at = 1,
     .killed = run_rectify_mail,
     .run = run_open,
     .offline = true},
    {.name = "recover from a kill in an objection",
     .seam = "data.commit",
     .seam_at = 1,
     .killed = run_object,
     .run = run_open,
     .offline = true},
    {.name = "recover from a kill before the log",
     .seam = "log.append",
     .seam_at = 1,
     .killed = run_erase_whole,
     .run = run_open,
     .offline = true},
    {.name = "recover from a kill before the keys are forgotten",
     .seam = "keys.commit",
     .seam_at = 2,
     .killed = run_erase_part,
     .run = run_open,
     .offline = true},
};

static struct scene the_scene;

static int set_scene(void **state)
{
    (void)state;
    crash_vfs_install();
    walked.name = "confect";
    scene_make(&the_scene, 25);
    return 0;
}

static int end_scene(void **state)
{
    (void)state;
    scene_end(&the_scene);
    return 0;
}

static void walk_all(enum walk how, unsigned stride)
{
    char folder[64], base[96], work[96];
    unsigned all = 0;
    folder_make(folder);
    (void)snprintf(base, sizeof(base), "%s/base", folder);
    (void)snprintf(work, sizeof(work), "%s/work", folder);
    for (size_t i = 0; i < LENGTH(trials); i++) {
        struct states states = {0};
        prepare(&trials[i], &the_scene, base);
        find_states(&states, &trials[i], &the_scene, base, work);
        unsigned points = walk(&trials[i], &the_scene, how, base, work, &states, 1, stride);
        print_message("    %-50s %4u points\n", trials[i].name, points);
        arena_free(&states.f.arena);
        all += points;
    }
    print_message("  %s: %u points, every %u.\n", walk_names[how], all, stride);
    folder_remove(folder);
    walk_over();
}

static void a_kill_at_any_step_leaves_all_or_nothing(void **state)
{
    (void)state;
    walk_all(WALK_KILL, 1);
}

static void a_failing_step_is_answered_and_changes_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FAIL, 1);
}

static void a_full_disk_is_answered_and_changes_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FULL, 1);
}

static void a_kill_at_any_write_leaves_all_or_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FILE_KILL, 4);
}

static void a_torn_write_leaves_all_or_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FILE_TEAR, 11);
}

static void a_failing_write_is_answered_and_changes_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FILE_FAIL, 7);
}

static void a_disk_that_fills_up_is_answered_and_changes_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FILE_FULL, 11);
}

int main(int count, char **words)
{
    if (count == 2)
        cmocka_set_test_filter(words[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_at_any_step_leaves_all_or_nothing),
        cmocka_unit_test(a_failing_step_is_answered_and_changes_nothing),
        cmocka_unit_test(a_full_disk_is_answered_and_changes_nothing),
        cmocka_unit_test(a_kill_at_any_write_leaves_all_or_nothing),
        cmocka_unit_test(a_torn_write_leaves_all_or_nothing),
        cmocka_unit_test(a_failing_write_is_answered_and_changes_nothing),
        cmocka_unit_test(a_disk_that_fills_up_is_answered_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, set_scene, end_scene);
}
