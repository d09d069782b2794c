/* Scenario S25's walk of the use cases that change most, each at every step: a kill or a failing
 * disk, and what is found afterwards is all of it or nothing of it. A kill is walked at every call
 * of the seam, a failure at every second, a full disk at every third, and SQLite's writes by
 * strides, from a place that moves from trial to trial. crash_routes_test.c walks every route of
 * the API. */
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

/* ---- two people under one entry ---- */

struct batch_trial {
    struct batch request;
    struct batch_work *work;
    struct progress progress;
};

static status use_batch(struct call *call, void *self)
{
    struct batch_trial *trial = self;
    return engine_batch_step(call, &trial->request, &trial->work, &trial->progress);
}

static void keep_status(void *self, struct call *call, status result)
{
    (void)call;
    status *kept = self;
    *kept = result;
}

/* Each in a call of their own, all in one turn. */
static status give_all(struct fixture *f, struct batch_work *work)
{
    enum { MOST = 2 };
    struct call calls[MOST];
    struct batch_line lines[MOST];
    status given = OK, results[MOST];
    size_t count = 0;
    engine_begin(f->engine);
    while (is_ok(given) && engine_batch_left(work) > 0 && count < MOST) {
        struct call *call = &calls[count];
        given = call_begin(f->engine, f->reg, engine_system(), f->arena, &f->report, call);
        if (!is_ok(given))
            break;
        call->company = words_intern(reg_words(f->reg), STR("confect"));
        given = call_end(call, engine_batch_give(call, work, &lines[count]));
        call_hold(call, keep_status, &results[count], given);
        count++;
    }
    struct report ending = {0};
    TRY(engine_end(f->engine, &ending));
    for (size_t i = 0; i < count && is_ok(given); i++)
        given = results[i];
    return given;
}

/* Decided in one turn, recorded and opened in the next; between them the log says what was allowed
 * and nobody has anything. */
static status run_batch_of(struct fixture *f, const struct scene *scene, struct batch request)
{
    const dossier_id people[] = {scene->anna, scene->berit};
    struct batch_trial trial = {.request = request};
    trial.request.subjects = people;
    trial.request.subject_count = 2;
    f->report = (struct report){0};
    status result = run(f, use_batch, &trial);
    if (is_ok(result))
        result = give_all(f, trial.work);
    MUST_BE(!is_ok(result) || f->call.outcome.count > 0);
    engine_batch_end(&trial.work);
    return result;
}

static status run_batch_share(struct fixture *f, const struct scene *scene)
{
    struct share share = {.party = the_party,
                          .purpose = STR("recruitment"),
                          .recipient = STR("subcontractor"),
                          .controller = STR("confect")};
    return run_batch_of(f, scene, (struct batch){.share = &share});
}

static void weigh_marketing(struct fixture *f, const struct scene *scene)
{
    struct particular reference = {STR("reference"), STR("weighed 1")};
    struct evidence_record weighing = {.type = STR("balancing"),
                                       .purpose = STR("marketing_material"),
                                       .asks = &reference,
                                       .ask_count = 1};
    struct role_change role = {.subject = scene->anna, .role = STR("lead")};
    RUN_OK(f, use_evidence, &weighing);
    RUN_OK(f, use_role, &role);
}

static status run_batch_queue(struct fixture *f, const struct scene *scene)
{
    const str link = STR("stop_link");
    struct message message = {.message = STR("marketing"),
                              .channel = STR("social"),
                              .supplied = &link,
                              .supplied_count = 1,
                              .queue = true};
    return run_batch_of(f, scene, (struct batch){.message = &message});
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
    {.name = "give many to a recipient", .prepare = make_processor, .run = run_batch_share},
    {.name = "queue a message to many", .prepare = weigh_marketing, .run = run_batch_queue},
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

/* Strides of 1 stay; VERN_WALK=whole takes every step of the others too, VERN_TRIAL=NAME one trial
 * alone. */
static void walk_all(enum walk how, unsigned stride)
{
    char folder[64], base[96], work[96];
    unsigned all = 0, step = stride == 1 ? 1 : stride_as_said(stride);
    folder_make(folder);
    (void)snprintf(base, sizeof(base), "%s/base", folder);
    (void)snprintf(work, sizeof(work), "%s/work", folder);
    for (size_t i = 0; i < LENGTH(trials); i++) {
        struct states states = {0};
        if (is_not_asked(trials[i].name) ||
            (stride != 1 && trial_asked() == NULL && is_left_out(i, how)))
            continue;
        prepare(&trials[i], &the_scene, base);
        find_states(&states, &trials[i], &the_scene, base, work);
        unsigned points =
            walk(&trials[i], &the_scene, how, base, work, &states, 1 + (unsigned)i % step, step);
        print_message("    %-50s %4u points\n", trials[i].name, points);
        arena_free(&states.f.arena);
        all += points;
    }
    print_message("  %s: %u points, every %u.\n", walk_names[how], all, step);
    folder_remove(folder);
    if (stride == 1 && trial_asked() == NULL)
        every_seam_was_reached();
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
    walk_all(WALK_FAIL, 2);
}

static void a_full_disk_is_answered_and_changes_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FULL, 3);
}

static void a_kill_at_any_write_leaves_all_or_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FILE_KILL, 6);
}

static void a_torn_write_leaves_all_or_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FILE_TEAR, 13);
}

static void a_failing_write_is_answered_and_changes_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FILE_FAIL, 11);
}

static void a_disk_that_fills_up_is_answered_and_changes_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FILE_FULL, 17);
}

/* COB-65 */
static void lost_power_leaves_all_or_nothing(void **state)
{
    (void)state;
    walk_all(WALK_POWER, 7);
}

static void a_failing_call_is_answered_and_changes_nothing(void **state)
{
    (void)state;
    walk_all(WALK_CALL_FAIL, 13);
}

static void a_disk_that_is_full_from_a_call_on_changes_nothing(void **state)
{
    (void)state;
    walk_all(WALK_CALL_FULL, 19);
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
        cmocka_unit_test(lost_power_leaves_all_or_nothing),
        cmocka_unit_test(a_failing_call_is_answered_and_changes_nothing),
        cmocka_unit_test(a_disk_that_is_full_from_a_call_on_changes_nothing),
    };
    return cmocka_run_group_tests(tests, set_scene, end_scene);
}
