/* When the sweep and the verification of logs have their turns: the test is the loop, and each
 * durable effect takes a while. */
#include "engine_fixture.h"

#include <sys/stat.h>
#include <unistd.h>

#include "api_internal.h"
#include "engine_internal.h"
#include "reply_stand_in.h"

enum {
    PEOPLE = 90,
    STEP = 8,
    FLUSH_MS = 2,
    A_TURN_MS = 16,
    TIDY_STEPS = 3 /* checkpoints */,
    SHORT_TIDY_STEPS = 8
};

static void on_fatal(void *self, const struct report *report)
{
    (void)self;
    fail_msg("%s", report->text);
}

static void on_wake(void *self)
{
    if (self != NULL)
        ++*(int *)self;
}

static int64_t flush_ms = FLUSH_MS;

static status slow_disk(void *self, const char *name, struct report *report)
{
    struct sim_world *sim = self;
    (void)name;
    (void)report;
    sim->clock.ms += flush_ms;
    return OK;
}

static struct api *api_of(struct fixture *f, size_t limit, int *wakes)
{
    struct api_config config = {.engine = f->engine,
                                .world = &f->sim.world,
                                .data_dir = f->data,
                                .sweep_limit = limit,
                                .fatal = on_fatal,
                                .wake = on_wake,
                                .self = wakes};
    return api_new(&config);
}

/* Its first turn asks for the logs to be verified. */
static void verify_logs(struct api *api)
{
    do
        api_batch_end(api);
    while (log_check_is_asked(api));
}

static void import_person(struct fixture *f, unsigned n)
{
    str line = arena_format(
        f->arena,
        "{\"number\":\"B-%u\",\"roles\":[\"candidate\"],\"collect\":[{\"intake\":"
        "\"application\",\"source\":\"person\",\"channel\":\"web\",\"controller\":\"confect\","
        "\"said_optional\":true,\"values\":{\"basic.name\":\"Kari Prøve\","
        "\"basic.email\":\"b%u@example.test\",\"basic.phone\":\"+47 9%07u\","
        "\"basic.address\":\"Oslo\",\"job_application.application\":\"Jeg søker.\","
        "\"job_application.cv\":\"Prøvedata.\"},\"events\":[\"application_received\"]}]}",
        n, n, n);
    struct import_line import = {n, line};
    RUN_OK(f, use_import, &import);
}

/* A register with a real clock. */
static void fill(struct fixture *f)
{
    fixture_start(f, 21, "2026-03-02T09:00:00Z");
    struct register_create create = {.name = STR("live"),
                                     .policy_file = STR("confect.yaml"),
                                     .policy = read_text(f, "policies/confect.yaml"),
                                     .deployment_file = STR("confect.deploy.yaml"),
                                     .deployment = read_text(f, "policies/confect.deploy.yaml")};
    struct problems problems = {.arena = f->arena};
    assert_true(is_ok(
        engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin)));
    f->reg = engine_register(f->engine, STR("live"));
    for (unsigned n = 1; n <= PEOPLE; n++)
        import_person(f, n);
}

/* In which everything of everybody has ended. */
static void start(struct fixture *f)
{
    fill(f);
    f->sim.clock = at_time("2036-03-02T09:00:00Z");
    assert_true(is_ok(engine_heartbeat(f->engine, f->reg, &f->report)));
    reg_confirm_destruction(f->reg); /* somebody has looked at the leap of the clock */
    f->sim.world.seam = slow_disk;
}

static void what_a_step_takes_up_depends_on_whether_others_are_served(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 22, "2026-03-02T09:00:00Z");
    struct api *api = api_of(&f, 0, NULL);
    struct step_room alone = api_aside_room(api);
    assert_true(alone.rows == 200 && alone.ms == 20);
    api->served = f.sim.clock;
    struct step_room beside = api_aside_room(api);
    assert_true(beside.rows == 64 && beside.ms == 1);
    f.sim.clock.ms += 249;
    assert_int_equal(api_aside_room(api).ms, 1);
    f.sim.clock.ms++;
    assert_int_equal(api_aside_room(api).ms, 20);
    api->served = f.sim.clock;
    api->config.sweep_limit = 3; /* the operator's, where it is less still */
    assert_int_equal(api_aside_room(api).rows, 3);
    api_free(&api);
    fixture_stop(&f);
}

/* In each turn somebody is served. Steps are small, others have three times as long as each of them
 * took, and hardly longer than that; so what has ended goes all the same. */
static void beside_others_the_sweep_has_a_quarter_of_the_time_and_ends(void **state)
{
    (void)state;
    struct fixture f;
    int steps = 0;
    start(&f);
    struct api *api = api_of(&f, STEP, NULL);
    verify_logs(api);
    sweep_ask(api);
    for (int turns = 0; api->sweep_left > 0; turns++) {
        assert_true(turns < 100000);
        uint64_t gone = f.reg->destroyed;
        instant ended = api->aside_ended;
        int64_t took = api->aside_took_ms;
        api->served = f.sim.clock;
        api_batch_end(api);
        assert_in_range(f.reg->destroyed - gone, 0, STEP);
        if (api->aside_ended.ms != ended.ms && steps++ > 0) {
            int64_t others = api->aside_ended.ms - api->aside_took_ms - ended.ms;
            assert_in_range(others, 3 * took, 3 * took + A_TURN_MS);
        }
        f.sim.clock.ms++;
    }
    assert_int_equal(f.reg->destroyed, PEOPLE);
    assert_in_range(steps, PEOPLE / STEP + 1, PEOPLE / STEP + 1 + SHORT_TIDY_STEPS);
    api_free(&api);
    fixture_stop(&f);
}

static void alone_a_step_follows_the_other(void **state)
{
    (void)state;
    struct fixture f;
    int wakes = 0;
    start(&f);
    struct api *api = api_of(&f, STEP, &wakes);
    verify_logs(api);
    wakes = 0;
    sweep_ask(api);
    int turns = 0;
    do {
        api_batch_end(api);
        turns++;
    } while (wakes == turns);
    assert_in_range(turns, PEOPLE / STEP + 1, PEOPLE / STEP + 1 + TIDY_STEPS);
    assert_int_equal(f.reg->destroyed, PEOPLE);
    api_free(&api);
    fixture_stop(&f);
}

static void a_clock_that_was_set_back_does_not_hold_up_the_sweep(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    struct api *api = api_of(&f, STEP, NULL);
    verify_logs(api);
    sweep_ask(api);
    api->served = f.sim.clock;
    api_batch_end(api);
    uint64_t gone = f.reg->destroyed;
    api->aside_ended.ms += 3600000; /* by a clock that was an hour ahead */
    api->served = f.sim.clock;
    api_batch_end(api);
    assert_true(f.reg->destroyed > gone);
    api_free(&api);
    fixture_stop(&f);
}

/* Nobody can be served meanwhile, which is not to say that nobody waits. */
static void a_step_that_took_long_is_no_time_in_which_nobody_came(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    struct api *api = api_of(&f, STEP, NULL);
    verify_logs(api);
    sweep_ask(api);
    api->served = f.sim.clock;
    flush_ms = 1000;
    api_aside(api);
    assert_true(api->aside_took_ms >= 3000);
    assert_int_equal(api_aside_room(api).ms, 1);
    f.sim.clock.ms += 250;
    assert_int_equal(api_aside_room(api).ms, 20);
    flush_ms = FLUSH_MS;
    api_free(&api);
    fixture_stop(&f);
}

/* A long log is many steps; in each turn somebody is served, and reads meanwhile. */
static void a_log_is_verified_in_steps_beside_others(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    struct api *api = api_of(&f, 1, NULL);
    api_batch_end(api); /* the other register's: two bundles at most */
    int steps = 0;
    for (int turns = 0; log_check_is_asked(api); turns++) {
        assert_true(turns < 1000);
        api->served = f.sim.clock;
        const struct audit_check *before_it = f.reg->log_check;
        api_batch_end(api);
        steps += f.reg->log_check != NULL && before_it != NULL;
        f.sim.clock.ms++;
    }
    assert_true(steps >= 2);
    assert_null(f.reg->log_check);
    api_free(&api);
    fixture_stop(&f);
}

/* G6 */
static void damage_that_a_step_finds_raises_the_alarm(void **state)
{
    (void)state;
    struct fixture f;
    char command[400];
    start(&f);
    struct api *api = api_of(&f, STEP, NULL);
    verify_logs(api);
    (void)snprintf(command, sizeof(command),
                   "for f in $(find '%s/registers/live' -path '*tile/entries*' -type f); do "
                   "printf X | dd of=\"$f\" bs=1 seek=40 conv=notrunc status=none; done",
                   f.data);
    assert_int_equal(system(command), 0);
    f.reg->verified = (instant){0};
    log_check_ask(api);
    while (log_check_is_asked(api))
        api_aside(api);
    assert_null(f.reg->log_check);
    assert_int_equal(f.reg->found_count, 1);
    assert_int_equal(f.reg->found[0].kind, ALARM_BROKEN_LOG);
    api_free(&api);
    fixture_stop(&f);
}

/* ---- backups ---- */

enum { TINY = 1 /* a step takes as few pages as it can */ };

/* Somebody asks for a backup named `name`. */
static void ask_for_backup(struct fixture *f, struct api *api, const char *name,
                           struct http_reply *reply)
{
    struct http_request *request = ARENA_NEW(f->arena, struct http_request);
    *request = (struct http_request){.method = STR("POST"),
                                     .path = STR("/v1/backup"),
                                     .body = arena_format(f->arena, "{\"name\":\"%s\"}", name),
                                     .host = STR("127.0.0.1"),
                                     .content_type = STR("application/json"),
                                     .authorization =
                                         arena_format(f->arena, "Bearer %.*s", STR_ARG(f->admin)),
                                     .peer = "127.0.0.1",
                                     .arena = f->arena};
    *reply = (struct http_reply){.arena = f->arena, .body = buf_in(f->arena, 4096)};
    api_handle(api, request, reply);
}

static struct api *start_for_backups(struct fixture *f, char dir[256])
{
    fill(f);
    (void)snprintf(dir, 256, "%s/backups", f->dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    struct api *api = api_of(f, TINY, NULL);
    api->config.backup_dir = dir;
    verify_logs(api);
    return api;
}

/* People come while it is copied; it is of what was there at the last step, and says so. */
static void a_backup_is_copied_in_steps_while_others_are_served(void **state)
{
    (void)state;
    struct fixture f;
    struct http_reply reply, again;
    char dir[256], name[300], card[512] = {0}, size[64];
    struct api *api = start_for_backups(&f, dir);
    ask_for_backup(&f, api, "one", &reply);
    ask_for_backup(&f, api, "one", &again);
    unsigned turns = 0;
    uint64_t log_size = 0;
    for (; !reply.answered; turns++) {
        assert_true(turns < 100);
        log_size = audit_size(f.reg->log);
        api_batch_end(api);
        if (!reply.answered && api->backup_count > 0)
            import_person(&f, PEOPLE + 1 + turns);
    }
    assert_int_equal(reply.code, 200);
    assert_int_equal(again.code, 409); /* it is being made already */
    assert_true(turns > 3);
    (void)snprintf(name, sizeof(name), "%s/live/one", dir);
    assert_true(engine_backup_there(name));
    (void)snprintf(name, sizeof(name), "%s/live/one/backup.json", dir);
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    assert_true(fread(card, 1, sizeof(card) - 1, file) > 0);
    fclose(file);
    (void)snprintf(size, sizeof(size), "\"log_size\":%llu,", (unsigned long long)log_size);
    assert_non_null(strstr(card, size));
    api_free(&api);
    (void)snprintf(name, sizeof(name), "%s/live/one", dir);
    fixture_close(&f);
    struct engine_config config = fixture_config(&f);
    assert_true(is_ok(engine_restore(&config, STR("live"), name, &f.report)));
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("live"));
    uint64_t people;
    assert_true(is_ok(vault_count(f.reg->vault, DOSSIER_SUBJECT, &f.report, &people)));
    assert_int_equal(people, PEOPLE + turns - 2);
    fixture_stop(&f);
}

/* G3 */
static void a_backup_that_is_stopped_midway_is_none(void **state)
{
    (void)state;
    for (int ended = 0; ended < 2; ended++) {
        struct fixture f;
        struct http_reply reply, later;
        char dir[256], name[300];
        struct api *api = start_for_backups(&f, dir);
        ask_for_backup(&f, api, "one", &reply);
        ask_for_backup(&f, api, "two", &later);
        api_batch_end(api);
        assert_non_null(f.reg->backup);
        f.reg->retired = ended; /* as a register is that ends */
        if (ended)
            reg_shut(f.reg);
        else
            api_free(&api);
        assert_null(f.reg->backup);
        for (int turns = 0; ended && turns < 2; turns++)
            backup_step(api, &(struct step_room){1, 1});
        (void)snprintf(name, sizeof(name), "%s/live/one", dir);
        assert_false(engine_backup_there(name));
        (void)snprintf(name, sizeof(name), "%s/live/one/data.db", dir);
        assert_int_equal(access(name, F_OK), -1);
        api_free(&api);
        fixture_stop(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_step_takes_up_depends_on_whether_others_are_served),
        cmocka_unit_test(beside_others_the_sweep_has_a_quarter_of_the_time_and_ends),
        cmocka_unit_test(alone_a_step_follows_the_other),
        cmocka_unit_test(a_step_that_took_long_is_no_time_in_which_nobody_came),
        cmocka_unit_test(a_clock_that_was_set_back_does_not_hold_up_the_sweep),
        cmocka_unit_test(a_log_is_verified_in_steps_beside_others),
        cmocka_unit_test(damage_that_a_step_finds_raises_the_alarm),
        cmocka_unit_test(a_backup_is_copied_in_steps_while_others_are_served),
        cmocka_unit_test(a_backup_that_is_stopped_midway_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
