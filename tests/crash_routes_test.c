/* Every route that changes something, ended at its steps (crash_walk.h), through the api in
 * process; and routes.def beside the list, so that a route that is in neither the walk nor the
 * exceptions fails.
 *
 * Which steps: all trials together reach every seam call there is, and each trial some of its own:
 * a kill at every fourth, a failure at every sixth, a full disk at every ninth, SQLite's writes
 * more seldom, from a place that moves from trial to trial. VERN_WALK=whole takes each,
 * VERN_TRIAL=NAME one trial alone. */
#include "crash_walk.h"
#include "walk_api.h"
#include "walk_trials.h"

/* ---- routes.def beside the list ---- */

/* Routes that are no GET and are not walked, each with its reason. */
static const struct {
    const char *route, *reason;
} unwalked[] = {
    {"POST /v1/subjects/find", "an entry alone, as a read's"},
    {"POST /v1/subjects/held", "an entry alone, as a read's"},
    {"POST /v1/matters/find", "an entry alone, as a read's"},
    {"POST /v1/requests/find", "an entry alone, as a read's"},
    {"POST /v1/subjects/:id/explain", "an entry alone, as a read's"},
    {"POST /v1/subjects/:id/documents", "an entry alone, as a read's"},
    {"POST /v1/history", "an entry alone, as a read's"},
    {"POST /v1/log/proof", "an entry alone, as a read's"},
    {"POST /v1/policy/text", "an entry alone, as a read's"},
    {"POST /v1/policy/preview", "counts, and changes nothing"},
    {"POST /v1/breaches/:id/notification", "an entry alone, as a read's"},
    {"POST /v1/breaches/:id/message", "an entry alone, as a read's"},
    {"POST /v1/breaches/:id/telling", "part of the tasks is a state; held by breach_tell_test.c"},
    {"POST /v1/breaches/:id/scope", "what is begun is a state; held by breach_scope_test.c"},
    {"POST /r/:register/sign-in/*", "a link lives in memory; held by signin_test.c"},
    {"POST /v1/me/receipts", "an entry alone, as a read's"},
    {"POST /v1/me/access", "an entry alone, as a read's"},
    {"POST /v1/me/portability", "an entry alone, as a read's"},
    {"POST /v1/me/erase", "by a session; the use case of /v1/subjects/:id/erase"},
    {"POST /v1/me/rectify", "by a session; the use case of /v1/subjects/:id/rectify"},
    {"POST /v1/me/consents", "by a session; the use case of /v1/subjects/:id/consents"},
    {"POST /v1/me/withdrawals", "by a session; the use case of /v1/subjects/:id/withdrawals"},
    {"POST /v1/me/objections", "by a session; the use case of /v1/subjects/:id/objections"},
    {"POST /v1/me/switches", "by a session; the use case of /v1/subjects/:id/switches"},
    {"POST /v1/me/restrictions", "by a session; the use case of /v1/subjects/:id/restrictions"},
    {"POST /v1/me/requests", "by a session; the use case of /v1/requests"},
    {"POST /v1/me/address", "by a session; one write, as that of /r/:register/sign-in"},
    {"POST /v1/me/address/confirm", "by a session; the use case of /v1/subjects/:id/rectify"},
    {"POST /v1/session/end", "an entry alone; sessions live in memory"},
    {"POST /v1/sessions/:id/end", "an entry alone; sessions live in memory"},
    {"POST /v1/me/sessions/:record/end", "an entry alone; sessions live in memory"},
    {"POST /v1/subjects/:id/package", "walked as portability, of which it is another form"},
    {"POST /v1/papers/erasure", "an entry alone, as a read's"},
    {"POST /v1/requests/:id/letter", "an entry alone, as a read's"},
    {"POST /r/:register/staff/sign-in", "an entry and a recovery code that ends, as any evidence"},
    {"POST /v1/account/password", "an account for another, as /v1/staff/:id/account is walked"},
    {"POST /r/:register/staff/password", "the use case of /v1/account/password"},
    {"POST /r/:register/staff/sign-out", "an entry alone; sessions live in memory"},
    {"POST /v1/register/end", "ends what the walk goes on with; walked by register_end_test.c"},
    {"POST /v1/policy/untold", "an entry alone, as a read's"},
};

/* "/v1/cases/<case>/decision" is "/v1/cases/:id/decision". */
static bool path_fits(str route, str path)
{
    str a, b;
    while (str_next(&route, '/', &a)) {
        if (str_is(a, "*"))
            return path.ptr != NULL;
        if (!str_next(&path, '/', &b))
            return false;
        bool hole = a.len > 0 && a.ptr[0] == ':';
        if (hole ? !(b.len > 0 && b.ptr[0] == '<') : !str_equal(a, b))
            return false;
    }
    return path.ptr == NULL;
}

static bool act_asks(const char *requests, str method, str route)
{
    str rest = str_from(requests), line;
    while (str_next(&rest, '\n', &line)) {
        struct walk_request asked = parse_request(line);
        str path = str_is(asked.path, "<link.stop_link>") ? STR("/r/<reg.public>/stop/<link>")
                                                          : asked.path;
        if (str_equal(asked.method, method) && path_fits(route, path))
            return true;
    }
    return false;
}

static bool is_walked(str method, str route)
{
    for (size_t i = 0; i < LENGTH(trials); i++) {
        if (act_asks(trials[i].act, method, route))
            return true;
    }
    return false;
}

static bool is_excepted(str method, str route)
{
    for (size_t i = 0; i < LENGTH(unwalked); i++) {
        str rest = str_from(unwalked[i].route), its;
        if (str_next(&rest, ' ', &its) && str_equal(its, method) && str_equal(rest, route))
            return true;
    }
    return false;
}

static const struct {
    const char *method, *path;
} routes[] = {
#define ROUTE(method, path, handler, scope, request, reply, flags, what) {method, path},
#include "routes.def"
#undef ROUTE
};

static void every_route_that_changes_something_is_walked(void **state)
{
    (void)state;
    unsigned lacking = 0, excepted = 0;
    for (size_t i = 0; i < LENGTH(routes); i++) {
        str method = str_from(routes[i].method), path = str_from(routes[i].path);
        if (str_is(method, "GET"))
            continue;
        bool except = is_excepted(method, path), there = is_walked(method, path);
        excepted += except;
        if (except == there) {
            print_message("%s %s: %s\n", routes[i].method, routes[i].path,
                          there ? "is excepted and walked" : "is not walked");
            lacking++;
        }
    }
    assert_int_equal(lacking, 0);
    assert_int_equal(excepted, LENGTH(unwalked));
}

/* ---- the scene ---- */

static struct scene the_scene;
static struct {
    char base[96];
    struct states states;
    struct names names; /* of what was made before it */
} ready[LENGTH(trials)];
static char the_folder[64];

static int set_scene(void **state)
{
    (void)state;
    crash_vfs_install();
    walked.play = play;
    walked.name = "firm";
    walked.whole_log = true;
    walk_scene_make(&the_scene);
    folder_make(the_folder);
    return 0;
}

static int end_scene(void **state)
{
    (void)state;
    folder_remove(the_scene.folder);
    folder_remove(the_folder);
    return 0;
}

/* ---- the walks ---- */

static status play_trial(struct fixture *f, const struct trial *trial)
{
    MUST(f, try_open(f, NULL));
    if (trial->before != NULL)
        TRY(play(f, trial->before));
    return play(f, trial->act);
}

static void every_trial_does_what_it_is_called(void **state)
{
    (void)state;
    char work[96];
    unsigned failed = 0;
    (void)snprintf(work, sizeof(work), "%s/played", the_folder);
    for (size_t i = 0; i < LENGTH(trials); i++) {
        struct fixture f;
        folder_copy(the_scene.folder, work);
        fixture_over(&f, work, 2);
        if (!is_ok(play_trial(&f, &trials[i]))) {
            print_message("%s: %s\n", trials[i].name, f.report.text);
            failed++;
        }
        fixture_end(&f);
    }
    assert_int_equal(failed, 0);
}

/* Each trial is prepared once, for all the walks. */
static void get_ready(size_t i)
{
    char work[96];
    if (ready[i].base[0] != '\0') {
        names = ready[i].names;
        return;
    }
    (void)snprintf(ready[i].base, sizeof(ready[i].base), "%s/base-%zu", the_folder, i);
    (void)snprintf(work, sizeof(work), "%s/work", the_folder);
    prepare(&trials[i], &the_scene, ready[i].base);
    ready[i].names = names;
    find_states(&ready[i].states, &trials[i], &the_scene, ready[i].base, work);
}

/* The trial and the step that come through a seam. */
static bool find_step(size_t seam, size_t *trial, unsigned *at)
{
    for (size_t i = 0; i < LENGTH(trials); i++) {
        const struct noted_steps *its = &ready[i].states.steps;
        for (size_t k = 0; k < its->count; k++) {
            if (its->at[k] == seam) {
                *trial = i;
                *at = (unsigned)k + 1;
                return true;
            }
        }
    }
    return false;
}

/* What the strides passed over. */
static unsigned walk_rest(enum walk how, const char *work)
{
    unsigned points = 0, at;
    size_t i;
    for (size_t seam = 0; seam < seams.count; seam++) {
        if (seams.ended[seam] || !find_step(seam, &i, &at))
            continue;
        get_ready(i);
        points +=
            walk(&trials[i], &the_scene, how, ready[i].base, work, &ready[i].states, at, 1u << 20);
    }
    return points;
}

static void walk_all(enum walk how, unsigned stride)
{
    const char *only = trial_asked();
    char work[96];
    unsigned all = 0;
    (void)snprintf(work, sizeof(work), "%s/work", the_folder);
    for (size_t i = 0; i < LENGTH(trials); i++) {
        if (only != NULL ? is_not_asked(trials[i].name) : is_left_out(i, how))
            continue;
        get_ready(i);
        unsigned step = stride_as_said(stride);
        all += walk(&trials[i], &the_scene, how, ready[i].base, work, &ready[i].states,
                    1 + (unsigned)i % step, step);
    }
    if (how == WALK_KILL && only == NULL)
        all += walk_rest(how, work);
    print_message("  %s: %zu trials, %u points.\n", walk_names[how], LENGTH(trials), all);
    if (how == WALK_KILL && only == NULL)
        every_seam_was_reached();
    walk_over();
}

static void a_kill_at_a_step_of_any_route_leaves_all_or_nothing(void **state)
{
    (void)state;
    walk_all(WALK_KILL, 4);
}

static void a_failing_step_of_any_route_is_answered_and_changes_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FAIL, 6);
}

static void a_full_disk_in_any_route_is_answered_and_changes_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FULL, 9);
}

static void a_kill_at_a_write_of_any_route_leaves_all_or_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FILE_KILL, 37);
}

static void a_torn_write_of_any_route_leaves_all_or_nothing(void **state)
{
    (void)state;
    walk_all(WALK_FILE_TEAR, 53);
}

static void lost_power_in_any_route_leaves_all_or_nothing(void **state)
{
    (void)state;
    walk_all(WALK_POWER, 41);
}

static void a_failing_call_in_any_route_is_answered_and_changes_nothing(void **state)
{
    (void)state;
    walk_all(WALK_CALL_FAIL, 67);
}

/* ---- a register that is still (register_still.c) ---- */

static struct {
    int code;
    char body[512];
} answered_last;

static void note_answer(const struct walk_request *asked, int code, str body)
{
    (void)asked;
    answered_last.code = code;
    (void)snprintf(answered_last.body, sizeof(answered_last.body), "%.*s", STR_ARG(body));
}

static enum move_step mind_move(struct fixture *f)
{
    enum move_step step;
    MUST(f, reg_mind_move(f->reg, &f->report, &step));
    return step;
}

static void hold_still(struct fixture *f)
{
    char path[200];
    (void)snprintf(path, sizeof(path), "%s/registers/%s/move-asked", f->data, walked.name);
    struct file_change asked = {f->reg->world, "test.asked", path};
    MUST(f, file_write_durable(&asked, STR("{}"), 0600, &f->report));
    MUST_BE(mind_move(f) == MOVE_STILL);
}

static void go_on(struct fixture *f)
{
    enum move_step step = MOVE_NONE;
    for (unsigned looks = 0; looks < 4 && step == MOVE_NONE; looks++)
        step = mind_move(f);
    MUST_BE(step == MOVE_VOID);
}

/* By a document, by a stream that is broken off, or to who is not asked by HTTP. */
static bool is_told_so(const struct fixture *f)
{
    if (strstr(f->report.text, fault_text(FAULT_MOVING)) != NULL)
        return true;
    return answered_last.code == 503 && (answered_last.body[0] == '\0' ||
                                         strstr(answered_last.body, "/problems/moving") != NULL);
}

/* NULL: all is well. What only the log tells of is done all the same. */
static const char *wrong_while_still(struct fixture *f, size_t i, bool *done)
{
    const struct states *states = &ready[i].states;
    status result = trial_run(&trials[i], f, &the_scene);
    *done = is_ok(result);
    if (*done && !str_equal(states->old.text, states->new.text))
        return "is done";
    if (!*done && !is_told_so(f))
        return "is answered otherwise";
    if (engine_failed(f->engine))
        return "ends the server";
    return str_equal(picture_of(f).text, states->old.text) ? NULL : "leaves a change";
}

static void what_would_change_a_still_register_is_told_so_and_is_done_when_it_goes_on(void **state)
{
    (void)state;
    char work[96];
    unsigned failed = 0, told = 0;
    (void)snprintf(work, sizeof(work), "%s/still", the_folder);
    watch.answer = note_answer;
    for (size_t i = 0; i < LENGTH(trials); i++) {
        struct fixture f;
        if (trials[i].offline || is_not_asked(trials[i].name))
            continue;
        get_ready(i);
        names = ready[i].names;
        folder_copy(ready[i].base, work);
        fixture_over(&f, work, 3);
        MUST(&f, try_open(&f, NULL));
        hold_still(&f);
        bool done;
        const char *wrong_ = wrong_while_still(&f, i, &done);
        go_on(&f);
        if (wrong_ == NULL && !done && !is_ok(trial_run(&trials[i], &f, &the_scene)))
            wrong_ = "is not done afterwards";
        if (wrong_ != NULL)
            print_message("%s %s: %d %s; %s\n", trials[i].name, wrong_, answered_last.code,
                          answered_last.body, f.report.text);
        failed += wrong_ != NULL;
        told += !done;
        fixture_end(&f);
    }
    watch.answer = NULL;
    print_message("  %u trials were told so\n", told);
    assert_int_equal(failed, 0);
    assert_true(trial_asked() != NULL || told > LENGTH(trials) / 2);
}

/* A path without ids, or with that of a person. */
static bool is_askable(const char *path)
{
    const char *id = strchr(path, ':');
    return strchr(path, '*') == NULL &&
           (id == NULL ||
            (strncmp(path, "/v1/subjects/:id", 16) == 0 && strchr(id + 1, ':') == NULL));
}

static const char *request_of(struct fixture *f, const char *path)
{
    const char *id = strchr(path, ':');
    str text = id == NULL ? arena_format(f->arena, "GET %s\n", path)
                          : arena_format(f->arena, "GET /v1/subjects/<anna>%s\n", id + 3);
    return arena_c_string(f->arena, text);
}

static void whoever_reads_a_still_register_is_answered(void **state)
{
    (void)state;
    char work[96];
    struct fixture f;
    unsigned failed = 0, well = 0;
    (void)snprintf(work, sizeof(work), "%s/read", the_folder);
    folder_copy(the_scene.folder, work);
    fixture_over(&f, work, 2);
    MUST(&f, try_open(&f, NULL));
    hold_still(&f);
    watch.answer = note_answer;
    for (size_t i = 0; i < LENGTH(routes); i++) {
        if (strcmp(routes[i].method, "GET") != 0 || !is_askable(routes[i].path))
            continue;
        (void)is_ok(play(&f, request_of(&f, routes[i].path))); /* it may want to know more */
        well += answered_last.code < 300;
        failed += answered_last.code >= 500;
        if (answered_last.code >= 500)
            print_message("%s: %d %s\n", routes[i].path, answered_last.code, answered_last.body);
    }
    MUST(&f, play(&f, "POST /v1/subjects/<anna>/read {'purpose':'support'}\n"
                      "POST /v1/subjects/<anna>/explain {'purpose':'support'}\n"
                      "POST /v1/subjects/find {'kind':'number','value':'A-1'}\n"
                      "POST /v1/subjects/<anna>/access {}\n"));
    watch.answer = NULL;
    print_message("  %u pages read\n", well);
    assert_int_equal(failed, 0);
    assert_true(well > 20);
    go_on(&f);
    fixture_end(&f);
}

int main(int count, char **words)
{
    if (count == 2)
        cmocka_set_test_filter(words[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_that_changes_something_is_walked),
        cmocka_unit_test(every_trial_does_what_it_is_called),
        cmocka_unit_test(what_would_change_a_still_register_is_told_so_and_is_done_when_it_goes_on),
        cmocka_unit_test(whoever_reads_a_still_register_is_answered),
        cmocka_unit_test(a_kill_at_a_step_of_any_route_leaves_all_or_nothing),
        cmocka_unit_test(a_failing_step_of_any_route_is_answered_and_changes_nothing),
        cmocka_unit_test(a_full_disk_in_any_route_is_answered_and_changes_nothing),
        cmocka_unit_test(a_kill_at_a_write_of_any_route_leaves_all_or_nothing),
        cmocka_unit_test(a_torn_write_of_any_route_leaves_all_or_nothing),
        cmocka_unit_test(lost_power_in_any_route_leaves_all_or_nothing),
        cmocka_unit_test(a_failing_call_in_any_route_is_answered_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, set_scene, end_scene);
}
