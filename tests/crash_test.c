/* Scenario S25's walk: every operation that changes something is ended at each of its steps, by a
 * kill or by a disk that fails, and what is found afterwards is all of it or nothing of it.
 *
 * A child copies a register, opens it, and runs the operation; at step n it dies or that fails.
 *
 * The parent opens what is left: the state before or the state after, never half; after, when the
 * operation had been acknowledged; the log verifies and speaks of it exactly when it is there; and
 * a second opening finds nothing more to do.
 *
 * Steps are all calls of the world's seam (keys.db, data.db, log, epoch and other files), and a
 * sample of the writes, flushes, cuts and removals of SQLite below it. */
#include "trouble.h"

#include "crash_vfs.h"

enum walk {
    WALK_KILL,      /* at the nth seam call */
    WALK_FAIL,      /* the nth seam call fails */
    WALK_FULL,      /* the nth seam call and all after it find a full disk */
    WALK_FILE_KILL, /* at SQLite's nth change of a file */
    WALK_FILE_TEAR, /* half of the nth write reaches the disk */
    WALK_FILE_FAIL, /* the nth fails */
    WALK_FILE_FULL, /* writes fail from the nth on */
    WALK_COUNT
};
static const char *const walk_names[WALK_COUNT] = {
    "killed at a step", "a step fails",  "disk full from a step on", "killed at a write",
    "torn write",       "a write fails", "disk full from a write on"};

static bool walk_kills(enum walk walk)
{
    return walk == WALK_KILL || walk == WALK_FILE_KILL || walk == WALK_FILE_TEAR;
}

static bool walk_is_of_files(enum walk walk)
{
    return walk >= WALK_FILE_KILL;
}

struct trial {
    const char *name;
    const char *clock; /* where it stands before, without a sweep */
    void (*prepare)(struct fixture *f, const struct scene *scene);
    status (*run)(struct fixture *f, const struct scene *scene);
    bool offline;           /* the operation opens the register itself */
    bool resumable;         /* what fails late is taken up by the next try; only half is wrong */
    const char *entries[2]; /* actions of which the log has more afterwards */
    const char *seam;       /* the register was killed here the last time... */
    unsigned seam_at;       /* ...when it came for this often */
    status (*killed)(struct fixture *f, const struct scene *scene); /* ...in this operation */
};

/* ---- the seam ---- */

static struct {
    enum walk walk;
    unsigned at, count; /* 0: not armed */
    const char *name;   /* count only this one */
} steps;

static status step_seam(void *self, const char *name, struct report *report)
{
    (void)self;
    if (steps.at == 0 || (steps.name != NULL && strcmp(name, steps.name) != 0))
        return OK;
    steps.count++;
    bool here = steps.count == steps.at;
    if (here && steps.walk == WALK_KILL)
        (void)raise(SIGKILL);
    if (here && steps.walk == WALK_FAIL)
        return fail(report, FAULT_STORE, "the step %s failed", name);
    if (steps.count >= steps.at && steps.walk == WALK_FULL)
        return fail(report, FAULT_FULL, "no room for the step %s", name);
    return OK;
}

static void arm(enum walk walk, unsigned at)
{
    static const enum crash_mode modes[WALK_COUNT] = {[WALK_FILE_KILL] = CRASH_KILL,
                                                      [WALK_FILE_TEAR] = CRASH_TEAR,
                                                      [WALK_FILE_FAIL] = CRASH_FAIL,
                                                      [WALK_FILE_FULL] = CRASH_FULL};
    steps.walk = walk;
    steps.count = 0;
    steps.at = walk_is_of_files(walk) ? 0 : at;
    crash = (struct crash){.mode = modes[walk], .at = walk_is_of_files(walk) ? at : 0};
}

static bool disarm(void)
{
    bool came = steps.at > 0 ? steps.count >= steps.at : crash.count >= crash.at;
    steps.at = 0;
    crash.mode = CRASH_NOT;
    return came;
}

/* ---- the child ---- */

enum answer {
    SAID_NOTHING = 0,
    SAID_DONE = 'd',    /* acknowledged, and the step was reached */
    SAID_BEYOND = 'b',  /* acknowledged, and there were fewer steps */
    SAID_POISONED = 'p' /* the process stops answering */
};

struct point {
    const struct trial *trial;
    const struct scene *scene;
    enum walk walk;
    unsigned at;
    const char *folder;
    str old;
    int pipe;
};

static void say(const struct point *point, enum answer said)
{
    char c = (char)said;
    MUST_BE(write(point->pipe, &c, 1) == 1);
}

/* The failure was answered: all is as it was, and nothing is in the way of another try. */
static void try_again(struct fixture *f, const struct point *point)
{
    if (!point->trial->offline) {
        struct picture now = picture_of(f);
        if (!str_equal(now.text, point->old) && !point->trial->resumable)
            give_up(__FILE__, __LINE__, point->trial->name,
                    "a failure was answered and left a change");
    }
    MUST(f, point->trial->run(f, point->scene));
}

static void child(const struct point *point)
{
    struct fixture f;
    in_child = true;
    fixture_over(&f, point->folder, 1000 + point->at);
    f.sim.world.seam = step_seam;
    bool offline = point->trial->offline;
    if (!offline)
        MUST(&f, try_open(&f, CRASH_VFS));
    arm(point->walk, point->at);
    status result = point->trial->run(&f, point->scene);
    if (is_ok(result) && walk_kills(point->walk))
        say(point, SAID_DONE);
    bool came = disarm();
    if (!is_ok(result) && !came)
        give_up(__FILE__, __LINE__, point->trial->name, f.report.text);
    if (!is_ok(result) && !offline && engine_failed(f.engine)) {
        say(point, SAID_POISONED);
        _exit(0);
    }
    if (!is_ok(result))
        try_again(&f, point);
    say(point, came ? SAID_DONE : SAID_BEYOND);
    _exit(0); /* without a close: that is the parent's to find */
}

static enum answer run_child(struct point *point)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    (void)fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(ends[0]);
        point->pipe = ends[1];
        child(point);
    }
    close(ends[1]);
    char c, last = SAID_NOTHING;
    while (read(ends[0], &c, 1) == 1)
        last = c;
    close(ends[0]);
    int how;
    assert_int_equal(waitpid(pid, &how, 0), pid);
    bool killed = WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL;
    if (!(killed && walk_kills(point->walk)) && !(WIFEXITED(how) && WEXITSTATUS(how) == 0))
        fail_msg("%s, %s, step %u: the child ended with %d", point->trial->name,
                 walk_names[point->walk], point->at, how);
    return (enum answer)last;
}

/* ---- the parent ---- */

struct states {
    struct picture old, new;
    size_t old_entries[2], new_entries[2];
    struct fixture f; /* owns the texts */
};

static void count_entries(struct fixture *f, const struct trial *trial, size_t counts[2])
{
    for (size_t i = 0; i < LENGTH(trial->entries); i++)
        counts[i] = trial->entries[i] == NULL ? 0 : tally_of(f, trial->entries[i]).count;
}

static void wrong(const struct point *point, const char *what, str found)
{
    fail_msg("%s, %s, step %u: %s; found:\n%.*s", point->trial->name, walk_names[point->walk],
             point->at, what, STR_ARG(found));
}

static void check_entries(const struct point *point, struct fixture *f, const struct states *states,
                          bool is_new)
{
    size_t counts[2];
    count_entries(f, point->trial, counts);
    const size_t *wanted = is_new ? states->new_entries : states->old_entries;
    for (size_t i = 0; i < LENGTH(counts); i++) {
        if (counts[i] != wanted[i])
            fail_msg("%s, %s, step %u: %zu entries of %s where %zu belong to the %s state",
                     point->trial->name, walk_names[point->walk], point->at, counts[i],
                     point->trial->entries[i], wanted[i], is_new ? "new" : "old");
    }
}

/* Opens what the child left; gives whether the change is there. */
static bool check_opened(const struct point *point, const struct states *states, enum answer said)
{
    struct fixture f;
    fixture_over(&f, point->folder, 2000 + point->at);
    if (!is_ok(try_open(&f, NULL)))
        wrong(point, "it does not open", str_from(f.report.text));
    struct picture now = picture_of(&f);
    bool is_old = str_equal(now.text, states->old.text);
    bool is_new = str_equal(now.text, states->new.text);
    assert_int_equal(now.stray_rings, 0);
    if (!is_old && !is_new)
        wrong(point, "neither the old state nor the new one", now.text);
    if ((said == SAID_DONE || said == SAID_BEYOND) && !is_new)
        wrong(point, "what was acknowledged is not there", now.text);
    if (is_old != is_new)
        check_entries(point, &f, states, is_new);
    str verifier = arena_copy(f.arena, reg_verifier(f.reg));
    engine_close(&f.engine);
    log_verifies(&f, "confect", verifier);
    assert_int_equal(rows_of(&f, "item"), now.items);
    assert_int_equal(rows_of(&f, "dossier"), now.dossiers);
    /* Nothing is left to be done: a second opening changes nothing. */
    MUST(&f, try_open(&f, NULL));
    struct vault_mended mended = f.reg->mended;
    assert_int_equal(mended.replayed + mended.erased + mended.undone + mended.lost, 0);
    struct picture again = picture_of(&f);
    assert_true(str_equal(now.text, again.text));
    fixture_end(&f);
    return is_new;
}

static struct picture look(struct fixture *f, const struct trial *trial, const char *folder,
                           size_t counts[2])
{
    fixture_over(f, folder, 5);
    MUST(f, try_open(f, NULL));
    struct picture picture = picture_of(f);
    count_entries(f, trial, counts);
    engine_close(&f->engine);
    return picture;
}

/* The states before and after, from two copies. */
static void find_states(struct states *states, const struct trial *trial, const struct scene *scene,
                        const char *base, const char *work)
{
    struct fixture before, f;
    folder_copy(base, work);
    states->old = look(&before, trial, work, states->old_entries);
    folder_copy(base, work);
    fixture_over(&f, work, 3);
    if (!trial->offline)
        MUST(&f, try_open(&f, NULL));
    MUST(&f, trial->run(&f, scene));
    fixture_end(&f);
    states->new = look(&states->f, trial, work, states->new_entries);
    states->old.text = arena_copy(states->f.arena, states->old.text);
    fixture_end(&before);
}

/* The register as it is before the operation; killed in another one, where the trial says so. */
static void prepare(const struct trial *trial, const struct scene *scene, const char *base)
{
    struct fixture f;
    folder_copy(scene->folder, base);
    fixture_over(&f, base, 2);
    MUST(&f, try_open(&f, NULL));
    if (trial->clock != NULL)
        clock_alone(&f, trial->clock);
    if (trial->prepare != NULL)
        trial->prepare(&f, scene);
    fixture_end(&f);
    if (trial->seam == NULL)
        return;
    struct trial killed = {.name = trial->name, .run = trial->killed};
    steps.name = trial->seam;
    struct point point = {
        .trial = &killed, .scene = scene, .at = trial->seam_at, .folder = base, .walk = WALK_KILL};
    enum answer said = run_child(&point);
    steps.name = NULL;
    assert_int_equal(said, SAID_NOTHING);
}

/* All steps of one operation in one way; `stride` 1 takes each. Gives how many were walked. */
static unsigned walk(const struct trial *trial, const struct scene *scene, enum walk how,
                     const char *base, const char *work, const struct states *states,
                     unsigned stride)
{
    unsigned points = 0;
    for (unsigned at = 1;; at += stride) {
        struct point point = {.trial = trial,
                              .scene = scene,
                              .walk = how,
                              .at = at,
                              .folder = work,
                              .old = states->old.text};
        folder_copy(base, work);
        enum answer said = run_child(&point);
        (void)check_opened(&point, states, said);
        if (said == SAID_BEYOND)
            return points;
        points++;
        if (points == 2000)
            fail_msg("%s: no end of steps", trial->name);
    }
}

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
        unsigned points = walk(&trials[i], &the_scene, how, base, work, &states, stride);
        print_message("    %-50s %4u points\n", trials[i].name, points);
        arena_free(&states.f.arena);
        all += points;
    }
    print_message("  %s: %u points, every %u.\n", walk_names[how], all, stride);
    folder_remove(folder);
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
