/* crash_walk: one operation ended at each of its steps, by a kill or by a disk that fails.
 *
 * A child copies a register, opens it, and runs the operation; at step n it dies or that fails.
 *
 * The parent opens what is left: the state before or the state after, never half; after, when the
 * operation had been acknowledged; the log verifies and speaks of it exactly when it is there; and
 * a second opening (of every third) finds nothing more to do.
 *
 * Steps are all calls of the world's seam (keys.db, data.db, log, epoch and other files), a sample
 * of the writes, flushes, cuts and removals of SQLite below it, and a sample of all the system's
 * calls that change files (power_disk.h): there the power goes, and takes along what was not
 * flushed; or one fails, or the disk is full, and the power goes when the operation has ended. */
#ifndef VERN_CRASH_WALK_H
#define VERN_CRASH_WALK_H
#include "trouble.h"

#include "crash_vfs.h"
#include "power_disk.h"

enum walk {
    WALK_KILL,      /* at the nth seam call */
    WALK_FAIL,      /* the nth seam call fails */
    WALK_FULL,      /* the nth seam call and all after it find a full disk */
    WALK_FILE_KILL, /* at SQLite's nth change of a file */
    WALK_FILE_TEAR, /* half of the nth write reaches the disk */
    WALK_FILE_FAIL, /* the nth fails */
    WALK_FILE_FULL, /* writes fail from the nth on */
    WALK_POWER,     /* the power goes before the nth call */
    WALK_CALL_FAIL, /* the nth call fails */
    WALK_CALL_FULL, /* the disk is full from the nth call on */
    WALK_COUNT
};
static const char *const walk_names[WALK_COUNT] = {
    "killed at a step",          "a step fails",   "disk full from a step on",
    "killed at a write",         "torn write",     "a write fails",
    "disk full from a write on", "the power goes", "a call fails",
    "disk full from a call on"};

static bool walk_kills(enum walk walk)
{
    return walk == WALK_KILL || walk == WALK_FILE_KILL || walk == WALK_FILE_TEAR ||
           walk == WALK_POWER;
}

static bool walk_is_of_files(enum walk walk)
{
    return walk >= WALK_FILE_KILL && walk <= WALK_FILE_FULL;
}

static bool walk_is_of_calls(enum walk walk)
{
    return walk >= WALK_POWER;
}

/* What plays requests, and what the register is called; set by the test. */
static struct {
    status (*play)(struct fixture *f, const char *requests);
    const char *name;
    unsigned failures; /* told as they come; walk_over() fails by them */
    bool whole_log;    /* how many entries there are at all, instead of those of some actions */
} walked;

static inline status trial_run(const struct trial *trial, struct fixture *f,
                               const struct scene *scene)
{
    return trial->run != NULL ? trial->run(f, scene) : walked.play(f, trial->act);
}

/* ---- the seam ---- */

static struct {
    enum walk walk;
    unsigned at, count; /* 0: not armed */
    const char *name;   /* count only this one */
    bool noting;        /* only to learn which steps there are */
} steps;

/* Every seam that some trial comes through, and whether a walk has ended one there. */
enum { SEAMS_MOST = 64, STEPS_NOTED = 64 };
static struct {
    char name[SEAMS_MOST][40];
    bool ended[SEAMS_MOST];
    size_t count;
} seams;

/* The seams of one trial's first steps, by their places among all of them. */
struct noted_steps {
    unsigned char at[STEPS_NOTED];
    size_t count;
};
static struct noted_steps noted;

static void note_step(const char *name)
{
    size_t i = 0;
    while (i < seams.count && strcmp(seams.name[i], name) != 0)
        i++;
    MUST_BE(i < SEAMS_MOST);
    (void)snprintf(seams.name[i], sizeof(seams.name[i]), "%s", name);
    seams.count += i == seams.count;
    if (noted.count < STEPS_NOTED)
        noted.at[noted.count++] = (unsigned char)i;
}

static status step_seam(void *self, const char *name, struct report *report)
{
    (void)self;
    if (steps.noting)
        note_step(name);
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
    static const enum disk_mode of_disk[WALK_COUNT] = {
        [WALK_POWER] = DISK_LOSE, [WALK_CALL_FAIL] = DISK_FAIL, [WALK_CALL_FULL] = DISK_FULL};
    bool seam = !walk_is_of_files(walk) && !walk_is_of_calls(walk);
    steps.walk = walk;
    steps.count = 0;
    steps.at = seam ? at : 0;
    crash = (struct crash){.mode = modes[walk], .at = walk_is_of_files(walk) ? at : 0};
    disk = (struct disk){
        .mode = of_disk[walk], .at = walk_is_of_calls(walk) ? at : 0, .seed = 7 * at + walk};
}

static bool disarm(void)
{
    bool came = steps.at > 0  ? steps.count >= steps.at
                : disk.at > 0 ? disk.count >= disk.at
                              : crash.count >= crash.at;
    steps.at = 0;
    crash.mode = CRASH_NOT;
    disk.mode = DISK_NOT;
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
    if (!point->trial->offline && !point->trial->resumable) {
        struct picture now = picture_of(f);
        if (!str_equal(now.text, point->old))
            give_up(__FILE__, __LINE__, point->trial->name,
                    "a failure was answered and left a change");
    }
    MUST(f, trial_run(point->trial, f, point->scene));
}

/* A process that answers nothing more ends and starts again, on what the system's memory holds:
 * what it then finds done is what people are told, so that no power may take it any more. */
static enum answer start_again(struct fixture *f, const struct point *point)
{
    engine_close(&f->engine);
    MUST(f, try_open(f, NULL));
    bool is_old = str_equal(picture_of(f).text, point->old);
    return is_old || point->trial->resumable ? SAID_POISONED : SAID_DONE;
}

/* Without a close: that is the parent's to find. */
static void leave(void)
{
    disk_lose();
    _exit(0);
}

static void child(const struct point *point)
{
    struct fixture f;
    in_child = true;
    fixture_over(&f, point->folder, 1000 + point->at);
    f.sim.world.seam = step_seam;
    bool offline = point->trial->offline;
    if (walk_is_of_calls(point->walk))
        disk_watch(point->folder);
    if (!offline)
        MUST(&f, try_open(&f, CRASH_VFS));
    arm(point->walk, point->at);
    status result = trial_run(point->trial, &f, point->scene);
    if (is_ok(result) && walk_kills(point->walk))
        say(point, SAID_DONE);
    bool came = disarm();
    if (!is_ok(result) && !came)
        give_up(__FILE__, __LINE__, point->trial->name, f.report.text);
    if (!is_ok(result) && !offline && engine_failed(f.engine)) {
        say(point, start_again(&f, point));
        leave();
    }
    if (!is_ok(result))
        try_again(&f, point);
    say(point, came ? SAID_DONE : SAID_BEYOND);
    leave();
}

static void wrong(const struct point *point, const char *what, str found)
{
    print_message("%s, %s, step %u: %s; found:\n%.*s\n", point->trial->name,
                  walk_names[point->walk], point->at, what, STR_ARG(found));
    walked.failures++;
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
        wrong(point, "the child did not end as it should", STR(""));
    return (enum answer)last;
}

/* ---- the parent ---- */

struct states {
    struct noted_steps steps;
    struct picture old, new;
    size_t old_entries[2], new_entries[2];
    struct fixture f; /* owns the texts */
};

static void count_entries(struct fixture *f, const struct trial *trial, size_t counts[2])
{
    if (walked.whole_log && trial->entries[0] == NULL) {
        counts[0] = audit_size(reg_log(f->reg)) - tally_of(f, "start").count;
        counts[1] = 0;
        return;
    }
    for (size_t i = 0; i < LENGTH(trial->entries); i++)
        counts[i] = trial->entries[i] == NULL ? 0 : tally_of(f, trial->entries[i]).count;
}

static status print_entry(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    (void)self;
    (void)report;
    (void)stop;
    print_message("    %zu: %.*s\n", (size_t)index, STR_ARG(text));
    return OK;
}

/* What changes nothing but the log is told by it alone. */
/* What goes on in several turns may have got as far as it had, and begins anew when tried again. */
static bool on_its_way(const struct point *point, const struct states *states, size_t count)
{
    size_t old = states->old_entries[0], new = states->new_entries[0];
    return point->trial->resumable && walked.whole_log && count >= old && count <= 2 * new - old;
}

static void check_entries(const struct point *point, struct fixture *f, const struct states *states,
                          bool is_new, bool alike)
{
    size_t counts[2];
    count_entries(f, point->trial, counts);
    if (alike && !is_new)
        is_new = counts[0] != states->old_entries[0];
    const size_t *wanted = is_new ? states->new_entries : states->old_entries;
    if (walked.whole_log && counts[0] != wanted[0] && !on_its_way(point, states, counts[0]))
        MUST(f, audit_scan(reg_log(f->reg), states->old_entries[0], print_entry, NULL, &f->report));
    for (size_t i = 0; i < LENGTH(counts); i++) {
        if (counts[i] == wanted[i] || on_its_way(point, states, counts[i]))
            continue;
        print_message("%s, %s, step %u: %zu entries of %s where %zu belong to the %s state\n",
                      point->trial->name, walk_names[point->walk], point->at, counts[i],
                      point->trial->entries[i] == NULL ? "all actions" : point->trial->entries[i],
                      wanted[i], is_new ? "new" : "old");
        walked.failures++;
    }
}

/* Nothing is left to be done: a second opening changes nothing. */
static void open_again(struct fixture *f, const struct picture *now)
{
    MUST(f, try_open(f, NULL));
    struct vault_mended mended = f->reg->mended;
    assert_int_equal(mended.replayed + mended.erased + mended.undone + mended.lost, 0);
    struct picture again = picture_of(f);
    assert_true(str_equal(now->text, again.text));
}

/* Opens what the child left; every third time twice. */
static void check_opened(const struct point *point, const struct states *states, enum answer said)
{
    struct fixture f;
    fixture_over(&f, point->folder, 2000 + point->at);
    if (!is_ok(try_open(&f, NULL))) {
        wrong(point, "it does not open", str_from(f.report.text));
        fixture_end(&f);
        return;
    }
    struct picture now = picture_of(&f);
    bool is_old = str_equal(now.text, states->old.text);
    bool is_new = str_equal(now.text, states->new.text);
    assert_int_equal(now.stray_rings, 0);
    if (!is_old && !is_new)
        wrong(point, "neither the old state nor the new one", now.text);
    bool acknowledged = said == SAID_DONE || said == SAID_BEYOND, alike = is_old && is_new;
    if (acknowledged && !is_new)
        wrong(point, "what was acknowledged is not there", now.text);
    check_entries(point, &f, states, is_new && (!alike || acknowledged), alike);
    str verifier = arena_copy(f.arena, reg_verifier(f.reg));
    engine_close(&f.engine);
    log_verifies(&f, walked.name, verifier);
    assert_int_equal(rows_in(&f, walked.name, "item"), now.items);
    assert_int_equal(rows_in(&f, walked.name, "dossier"), now.dossiers);
    if ((point->at + (unsigned)point->walk) % 3 == 0)
        open_again(&f, &now);
    fixture_end(&f);
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
    f.sim.world.seam = step_seam;
    if (!trial->offline)
        MUST(&f, try_open(&f, NULL));
    noted.count = 0;
    steps.noting = true;
    MUST(&f, trial_run(trial, &f, scene));
    steps.noting = false;
    states->steps = noted;
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
    if (trial->before != NULL)
        MUST(&f, walked.play(&f, trial->before));
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

/* VERN_WALK: `whole` ends each step; `seldom` every eighth of those that are ended otherwise, and
 * of every fourth trial alone, another one in each walk (sanitizers). */
static bool walk_is(const char *asked)
{
    const char *said = getenv("VERN_WALK");
    return said != NULL && strcmp(said, asked) == 0;
}

static unsigned stride_as_said(unsigned stride)
{
    return walk_is("whole") ? 1 : walk_is("seldom") ? 8 * stride : stride;
}

static bool is_left_out(size_t trial, enum walk how)
{
    return walk_is("seldom") && (trial + (size_t)how) % 4 != 0;
}

/* VERN_TRIAL=NAME: that trial alone, whatever VERN_WALK says of it. NULL: all of them. */
static const char *trial_asked(void)
{
    return getenv("VERN_TRIAL");
}

static bool is_not_asked(const char *name)
{
    return trial_asked() != NULL && strcmp(trial_asked(), name) != 0;
}

/* All steps of one operation in one way, from `first` on; `stride` 1 takes each. Gives how many
 * were walked. */
static unsigned walk(const struct trial *trial, const struct scene *scene, enum walk how,
                     const char *base, const char *work, const struct states *states,
                     unsigned first, unsigned stride)
{
    unsigned points = 0;
    for (unsigned at = first;; at += stride) {
        struct point point = {.trial = trial,
                              .scene = scene,
                              .walk = how,
                              .at = at,
                              .folder = work,
                              .old = states->old.text};
        folder_copy(base, work);
        enum answer said = run_child(&point);
        check_opened(&point, states, said);
        if (!walk_is_of_files(how) && !walk_is_of_calls(how) && at <= states->steps.count)
            seams.ended[states->steps.at[at - 1]] = true;
        if (said == SAID_BEYOND || walked.failures > 0)
            return points;
        points++;
        if (points == 2000)
            fail_msg("%s: no end of steps", trial->name);
    }
}

/* The walks together have ended something at every seam there is. */
static void every_seam_was_reached(void)
{
    for (size_t i = 0; i < seams.count; i++) {
        if (!seams.ended[i])
            print_message("nothing was ended at %s\n", seams.name[i]);
        walked.failures += !seams.ended[i];
    }
}

static void walk_over(void)
{
    unsigned failures = walked.failures;
    walked.failures = 0;
    assert_int_equal(failures, 0);
}
#endif
