/* Turns that only read: however many people they open, one after another, memory is bounded. */
#include "engine_fixture.h"

#include "engine_internal.h"

enum { PEOPLE = 100, CACHED = 4 };

static status use_show(struct call *call, void *request)
{
    str shown;
    return engine_subject_show(call, *(dossier_id *)request, &shown);
}

/* A turn may load sixteen times what is kept from one to the next. */
static void whoever_is_read_without_a_write_between_is_read(void **state)
{
    (void)state;
    struct fixture f;
    static dossier_id people[PEOPLE];
    fixture_start(&f, 91, "2026-03-01T09:00:00Z");
    struct register_create made = {.name = STR("shop"),
                                   .policy_file = STR("example.yaml"),
                                   .policy = read_text(&f, "policies/example.yaml"),
                                   .simulated = true,
                                   .start = at_time("2026-03-01T09:00:00Z")};
    struct db_places places = fixture_places(made.name);
    made.places = &places;
    struct problems problems = {.arena = f.arena};
    assert_true(
        is_ok(engine_register_create(f.engine, &made, f.arena, &problems, &f.report, &f.admin)));
    f.reg = engine_register(f.engine, STR("shop"));
    const str roles[] = {STR("customer")};
    for (size_t i = 0; i < PEOPLE; i++) {
        struct subject_create create = {.roles = roles, .role_count = 1};
        RUN_OK(&f, use_subject_create, &create);
        people[i] = f.call.outcome.id;
    }
    engine_close(&f.engine);
    struct engine_config config = fixture_config(&f);
    config.rings_cached = CACHED;
    assert_true(is_ok(engine_open(&config, &f.report, &f.engine)));
    f.reg = engine_register_at(f.engine, 0);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < PEOPLE; i++)
            RUN_OK(&f, use_show, &people[i]);
    }
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_is_read_without_a_write_between_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
