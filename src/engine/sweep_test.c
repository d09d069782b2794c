/* The sweeper: how many dossiers share a turn. */
#include "engine_fixture.h"

#include "engine_internal.h"

enum { PEOPLE = 130 };

static void import_people(struct fixture *f)
{
    for (unsigned i = 1; i <= PEOPLE; i++) {
        struct import_line line = {
            i, arena_format(f->arena,
                            "{\"number\":\"B-%u\",\"roles\":[\"candidate\"],\"collect\":[{"
                            "\"intake\":\"application\",\"source\":\"person\",\"channel\":\"web\","
                            "\"controller\":\"confect\",\"said_optional\":true,\"values\":{"
                            "\"basic.name\":\"Kari Prøve\",\"basic.email\":\"b%u@example.test\","
                            "\"basic.phone\":\"+47 900 00 000\",\"basic.address\":\"Oslo\","
                            "\"job_application.application\":\"Jeg søker.\","
                            "\"job_application.cv\":\"Prøvedata.\"},"
                            "\"events\":[\"application_received\"]}]}",
                            i, i)};
        RUN_OK(f, use_import, &line);
    }
}

/* Turns that a sweep of everybody takes, with what else a moved clock brings. */
static uint64_t turns_to_sweep(size_t step_rows)
{
    struct fixture f;
    struct swept swept;
    fixture_start(&f, 11, "2026-03-02T09:00:00Z");
    fixture_register(&f, "confect", "2026-03-02T09:00:00Z");
    f.engine->step_rows = step_rows;
    import_people(&f);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_turn_of_the_sweep_takes_as_many_as_a_step_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
