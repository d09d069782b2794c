/* The sweeper: how many dossiers share a turn, and of whom the brake lets it take something. */
#include "engine_fixture.h"

#include "engine_internal.h"
#include "vault_internal.h"

enum { PEOPLE = 130, MANY = 2400 };

static str line_of(struct arena *arena, unsigned n)
{
    return arena_format(
        arena,
        "{\"number\":\"B-%u\",\"roles\":[\"candidate\"],\"collect\":[{\"intake\":\"application\","
        "\"source\":\"person\",\"channel\":\"web\",\"controller\":\"confect\",\"said_optional\":"
        "true,"
        "\"values\":{\"basic.name\":\"Kari Prøve\",\"basic.email\":\"b%u@example.test\","
        "\"basic.phone\":\"+47 9%07u\",\"basic.address\":\"Oslo\","
        "\"job_application.application\":\"Jeg søker.\",\"job_application.cv\":\"Prøvedata.\"},"
        "\"events\":[\"application_received\"]}]}",
        n, n, n);
}

/* Those from..to-1, many to a turn, which is flushed once. */
static void import_more(struct fixture *f, unsigned from, unsigned to)
{
    enum { A_TURN = 100 };
    static struct call calls[A_TURN];
    for (unsigned n = from; n < to;) {
        CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
        engine_begin(f->engine);
        for (unsigned i = 0; i < A_TURN && n < to; i++) {
            struct import_line line = {n + 1, line_of(arena, n + 1)};
            n++;
            status done =
                call_begin(f->engine, f->reg, engine_system(), arena, &f->report, &calls[i]);
            if (is_ok(done))
                done = call_end(&calls[i], use_import(&calls[i], &line));
            if (!is_ok(done))
                fail_msg("%s", f->report.text);
            arena_reset(arena);
        }
        assert_true(is_ok(engine_end(f->engine, &f->report)));
    }
}

static void import_people(struct fixture *f, unsigned count)
{
    import_more(f, 0, count);
}

/* What an import makes of a line is sealed and written once, with the line's first values. */
static void the_facts_of_an_imported_line_are_written_once(void **state)
{
    (void)state;
    struct fixture f;
    enum presence presence;
    struct dossier *dossier;
    fixture_start(&f, 12, "2026-03-02T09:00:00Z");
    fixture_register(&f, "confect", "2026-03-02T09:00:00Z");
    struct import_line line = {1, line_of(f.arena, 1)};
    RUN_OK(&f, use_import, &line);
    assert_true(is_ok(
        vault_load(f.reg->vault, f.call.outcome.id, f.arena, &f.report, &presence, &dossier)));
    assert_int_equal(presence, PRESENCE_LIVE);
    assert_int_equal(dossier->facts->version, 1);
    assert_int_equal(dossier->facts->items.count, 6);
    fixture_stop(&f);
}

/* Turns that a sweep of everybody takes, with what else a moved clock brings. */
static uint64_t turns_to_sweep(size_t step_rows)
{
    struct fixture f;
    struct swept swept;
    fixture_start(&f, 11, "2026-03-02T09:00:00Z");
    fixture_register(&f, "confect", "2026-03-02T09:00:00Z");
    f.engine->step_rows = step_rows;
    import_people(&f, PEOPLE);
    uint64_t before = f.engine->turns;
    assert_true(is_ok(
        engine_clock_set(f.engine, f.reg, at_time("2036-03-02T09:00:00Z"), &f.report, &swept)));
    assert_int_equal(swept.items, 6 * PEOPLE);
    uint64_t turns = f.engine->turns - before;
    fixture_stop(&f);
    return turns;
}

static void a_turn_of_the_sweep_takes_as_many_as_a_step_holds(void **state)
{
    (void)state;
    uint64_t in_one = turns_to_sweep(0); /* a step holds 1,000 */
    assert_int_equal(turns_to_sweep(50), in_one + 2);
}

/* A row that nobody can open. */
static void damage(struct fixture *f, dossier_id id)
{
    struct db_dossier_put_in put = {id, DOSSIER_SUBJECT, 9, STR("no facts")};
    assert_true(is_ok(db_dossier_put(f->reg->vault->data, &put, &f->report)));
    assert_true(is_ok(vault_commit(f->reg->vault, &f->report)));
}

/* All of a step go together; where one of them fails each is settled by itself. */
static void a_dossier_that_fails_holds_up_nobody_of_its_step(void **state)
{
    (void)state;
    enum { FEW = 20, ITEMS = 6 };
    struct fixture f;
    struct swept swept;
    dossier_id *ids;
    size_t count;
    fixture_start(&f, 16, "2026-03-02T09:00:00Z");
    fixture_register(&f, "confect", "2026-03-02T09:00:00Z");
    import_people(&f, FEW);
    assert_true(is_ok(vault_list(f.reg->vault, DOSSIER_SUBJECT, (dossier_id){{0}}, FEW, f.arena,
                                 &f.report, &ids, &count)));
    assert_int_equal(count, FEW);
    damage(&f, ids[FEW / 2]);
    uint64_t destroyed = f.reg->destroyed, entries = audit_size(f.reg->log);
    f.report = (struct report){0};
    status result =
        engine_clock_set(f.engine, f.reg, at_time("2036-03-02T09:00:00Z"), &f.report, &swept);
    assert_int_equal(result.fault, FAULT_CORRUPT);
    assert_int_equal(swept.settled, FEW - 1);
    assert_int_equal(swept.items, ITEMS * (FEW - 1));
    assert_int_equal(f.reg->destroyed - destroyed, FEW - 1);
    assert_int_equal(audit_size(f.reg->log), entries + 1 + (FEW - 1)); /* the clock, and each */
    fixture_stop(&f);
}

static void live_register(struct fixture *f)
{
    struct register_create create = {.name = STR("live"),
                                     .policy_file = STR("confect.yaml"),
                                     .policy = read_text(f, "policies/confect.yaml"),
                                     .deployment_file = STR("confect.deploy.yaml"),
                                     .deployment = read_text(f, "policies/confect.deploy.yaml")};
    struct db_places places = fixture_places(create.name);
    create.places = &places;
    struct problems problems = {.arena = f->arena};
    assert_true(is_ok(
        engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin)));
    f->reg = engine_register(f->engine, STR("live"));
}

/* Whoever loses something in the sweep and stays is not counted once more for it. */
static void
the_brake_lets_a_sweep_take_from_a_share_of_those_who_were_there_when_it_began(void **state)
{
    (void)state;
    struct fixture f;
    struct swept swept;
    fixture_start(&f, 12, "2026-03-02T09:00:00Z");
    live_register(&f);
    f.engine->step_rows = 50;
    import_people(&f, MANY);
    f.sim.clock = at_time("2036-03-02T09:00:00Z");
    assert_true(is_ok(engine_heartbeat(f.engine, f.reg, &f.report)));
    reg_confirm_destruction(f.reg); /* somebody has looked at the leap of the clock */
    do {
        assert_true(is_ok(engine_sweep(f.engine, f.reg, MANY, &f.report, &swept)));
        assert_int_equal(swept.dossiers, 0);
    } while (swept.more);
    assert_true(swept.braked);
    assert_int_equal(f.reg->destroyed, MANY / 20);
    fixture_stop(&f);
}

static void who_the_brake_takes_a_share_of_is_counted_again_when_it_is_used_up(void **state)
{
    (void)state;
    enum { SOME = 2200, MORE = 200, SHARE = SOME / 20 };
    struct fixture f;
    uint64_t room;
    fixture_start(&f, 17, "2026-03-02T09:00:00Z");
    live_register(&f);
    import_people(&f, SOME);
    assert_true(is_ok(reg_brake(f.reg, &f.report, &room)));
    assert_int_equal(room, SHARE);
    import_more(&f, SOME, SOME + MORE);
    f.reg->destroyed = SHARE - 1;
    assert_true(is_ok(reg_brake(f.reg, &f.report, &room)));
    assert_int_equal(room, 1);
    f.reg->destroyed = SHARE;
    f.reg->sweeping.started = true; /* in the middle of a sweep it stays what it was */
    assert_true(is_ok(reg_brake(f.reg, &f.report, &room)));
    assert_int_equal(room, 0);
    f.reg->sweeping.started = false;
    assert_true(is_ok(reg_brake(f.reg, &f.report, &room)));
    assert_int_equal(room, (SOME + MORE + SHARE) / 20 - SHARE);
    f.sim.clock.ms += 24 * 3600000;
    assert_true(is_ok(reg_brake(f.reg, &f.report, &room)));
    assert_int_equal(room, (SOME + MORE) / 20); /* another day */
    fixture_stop(&f);
}

/* Rows alone, with ids as they are drawn. */
static void add_dossiers(struct fixture *f, enum dossier_kind kind, unsigned count)
{
    struct db *data = f->reg->vault->data;
    struct db_dossier_add_in in = {.kind = (int64_t)kind, .version = 1, .sealed = STR("x")};
    for (unsigned i = 0; i < count; i++) {
        world_random(&f->sim.world, in.subject.bytes, ID_BYTES);
        assert_true(is_ok(db_dossier_add(data, &in, &f->report)));
    }
    assert_true(is_ok(db_commit(data, &f->report)));
}

static void assert_estimate(struct fixture *f, uint64_t least, uint64_t most)
{
    uint64_t count;
    assert_true(is_ok(vault_estimate(f->reg->vault, DOSSIER_SUBJECT, &f->report, &count)));
    assert_in_range(count, least, most);
}

/* Counted up to some thousand, and of more than that told within five standard errors. */
static void how_many_people_there_are_is_told_without_counting_all(void **state)
{
    (void)state;
    enum { LARGE = 60000, OFF = LARGE * 8 / 100 };
    struct fixture f;
    fixture_start(&f, 19, "2026-03-02T09:00:00Z");
    fixture_register(&f, "confect", "2026-03-02T09:00:00Z");
    add_dossiers(&f, DOSSIER_PARTY, VAULT_COUNTED);
    add_dossiers(&f, DOSSIER_SUBJECT, 1);
    assert_estimate(&f, 1, 1);
    add_dossiers(&f, DOSSIER_SUBJECT, VAULT_COUNTED - 1);
    assert_estimate(&f, VAULT_COUNTED, VAULT_COUNTED);
    add_dossiers(&f, DOSSIER_SUBJECT, LARGE - VAULT_COUNTED);
    assert_estimate(&f, LARGE - OFF, LARGE + OFF);
    fixture_stop(&f);
}

static int flushes, keys_checkpoints, checkpoints; /* the last: of either file */
static status count_flush(void *self, const char *name, struct report *report)
{
    (void)self;
    (void)report;
    flushes += strcmp(name, "log.append") != 0; /* which is not one */
    keys_checkpoints += strcmp(name, "keys.checkpoint") == 0;
    checkpoints += strstr(name, ".checkpoint") != NULL;
    return OK;
}

/* A step flushes keys.db, data.db and the log, and no more; what comes on top of that at times is a
 * step of its own, of fewer keys where a step is short. */
static void assert_flushes(int64_t ms, int at_once)
{
    enum { STEP = 4, BRAKE = 100 /* of a small register */ };
    struct fixture f;
    struct swept swept = {.more = true};
    struct step_room room = {.rows = STEP, .ms = ms};
    fixture_start(&f, 15, "2026-03-02T09:00:00Z");
    live_register(&f);
    f.engine->step_rows = STEP;
    import_people(&f, PEOPLE);
    f.sim.clock = at_time("2036-03-02T09:00:00Z");
    assert_true(is_ok(engine_heartbeat(f.engine, f.reg, &f.report)));
    reg_confirm_destruction(f.reg);
    f.sim.world.seam = count_flush;
    flushes = keys_checkpoints = checkpoints = 0;
    while (swept.more) {
        int flushed = flushes, cut = checkpoints;
        assert_true(is_ok(engine_sweep_step(f.engine, f.reg, &room, &f.report, &swept)));
        if (swept.more && checkpoints == cut)
            assert_int_equal(flushes - flushed, 3);
        else if (swept.more)
            assert_true(swept.settled == 0 && checkpoints == cut + 1);
    }
    assert_int_equal(f.reg->destroyed, BRAKE);
    assert_int_equal(keys_checkpoints, 2 * BRAKE / at_once + 1); /* two keys of each */
    assert_true(checkpoints > keys_checkpoints);
    assert_int_equal(keys_waiting(vault_keys(f.reg->vault)), 0);
    fixture_stop(&f);
}

static void a_step_has_three_flushes_and_checkpoints_have_their_own(void **state)
{
    (void)state;
    only_in_files(); /* the journal of PostgreSQL is PostgreSQL's */
    assert_flushes(20, 128);
    assert_flushes(1, 32);
}

static void while_everyone_is_settled_anew_what_has_ended_has_every_second_step(void **state)
{
    (void)state;
    enum { STEP = 10, STEPS = 6 };
    struct fixture f;
    struct swept swept;
    struct progress progress = {0};
    fixture_start(&f, 14, "2026-03-02T09:00:00Z");
    live_register(&f);
    f.engine->step_rows = STEP;
    import_people(&f, PEOPLE);
    f.sim.clock = at_time("2036-03-02T09:00:00Z");
    assert_true(is_ok(engine_heartbeat(f.engine, f.reg, &f.report)));
    reg_confirm_destruction(f.reg);
    reg_settle_begin(f.reg);
    for (int steps = 0; steps < STEPS;) {
        uint64_t looked = progress.looked, gone = f.reg->destroyed;
        assert_true(is_ok(engine_sweep(f.engine, f.reg, PEOPLE, &f.report, &swept)));
        assert_true(swept.more && reg_settling(f.reg, &progress));
        steps += progress.looked > looked || f.reg->destroyed > gone; /* and no checkpoint */
    }
    assert_int_equal(progress.looked, STEPS / 2 * STEP);
    assert_int_equal(f.reg->destroyed, STEPS / 2 * STEP);
    fixture_stop(&f);
}

/* More end at once than entries may wait to be published: they go on their way meanwhile. */
static void a_leap_of_a_clock_takes_from_however_many(void **state)
{
    (void)state;
    enum { ENDED = 300, UNPUBLISHED = 280 };
    struct fixture f;
    struct swept swept;
    fixture_start(&f, 18, "2026-03-02T09:00:00Z");
    fixture_register(&f, "confect", "2026-03-02T09:00:00Z");
    import_people(&f, ENDED);
    fixture_close(&f);
    struct engine_config config = fixture_config(&f);
    config.log_unpublished = UNPUBLISHED;
    config.step_rows = 10;
    assert_true(is_ok(engine_open(&config, &f.report, &f.engine)));
    f.reg = engine_register(f.engine, STR("confect"));
    uint64_t before = audit_size(f.reg->log);
    assert_true(is_ok(
        engine_clock_set(f.engine, f.reg, at_time("2036-03-02T09:00:00Z"), &f.report, &swept)));
    assert_int_equal(swept.items, 6 * ENDED);
    assert_true(audit_size(f.reg->log) - before > UNPUBLISHED);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_facts_of_an_imported_line_are_written_once),
        cmocka_unit_test(a_turn_of_the_sweep_takes_as_many_as_a_step_holds),
        cmocka_unit_test(a_dossier_that_fails_holds_up_nobody_of_its_step),
        cmocka_unit_test(a_step_has_three_flushes_and_checkpoints_have_their_own),
        cmocka_unit_test(while_everyone_is_settled_anew_what_has_ended_has_every_second_step),
        cmocka_unit_test(
            the_brake_lets_a_sweep_take_from_a_share_of_those_who_were_there_when_it_began),
        cmocka_unit_test(how_many_people_there_are_is_told_without_counting_all),
        cmocka_unit_test(who_the_brake_takes_a_share_of_is_counted_again_when_it_is_used_up),
        cmocka_unit_test(a_leap_of_a_clock_takes_from_however_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
