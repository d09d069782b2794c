/* Tokens over time: what shortened a life holds after a restart and after a restore. */
#include "engine_fixture.h"

#include "engine_internal.h"

enum { HOUR_MS = 3600000 };

struct rotating {
    struct token_rotate request;
    struct token_rotated rotated;
};

static status use_rotate(struct call *call, void *request)
{
    struct rotating *rotating = request;
    return engine_token_rotate(call, &rotating->request, &rotating->rotated);
}

static bool passes(struct fixture *f, str text)
{
    struct report report = {0};
    struct reg *reg;
    const struct caller *caller;
    return is_ok(engine_authenticate(f->engine, text, &report, &reg, &caller));
}

static void reopen(struct fixture *f)
{
    fixture_close(f);
    fixture_open(f);
    f->reg = engine_register(f->engine, STR("example"));
    assert_non_null(f->reg);
}

static void a_life_that_was_shortened_stays_short_after_a_restore(void **state)
{
    (void)state;
    struct fixture f;
    only_in_files();
    fixture_start(&f, 31, "2026-03-01T09:00:00Z");
    fixture_register(&f, "example", "2026-03-01T09:00:00Z");
    str admin = arena_copy(f.arena, f.admin);
    struct token_run old = {.request = {.name = STR("form"), .scopes = STR("collect")}};
    RUN_OK(&f, use_token, &old);
    struct rotating rotating = {
        .request = {.token = f.call.outcome.id, .overlap_hours = 2, .overlap_stated = true}};
    char backup[128];
    (void)snprintf(backup, sizeof(backup), "%s/backup", f.dir);
    assert_true(is_ok(engine_backup(f.reg, backup, &f.report)));
    RUN_OK(&f, use_rotate, &rotating);
    assert_int_equal(rotating.rotated.old_ends.ms, reg_now(f.reg).ms + 2 * HOUR_MS);
    fixture_close(&f);
    struct engine_config config = fixture_config(&f);
    f.report = (struct report){0};
    assert_true(is_ok(engine_restore(&config, STR("example"), backup, &f.report)));
    reopen(&f);
    assert_true(passes(&f, old.text));               /* its overlap goes on */
    assert_false(passes(&f, rotating.rotated.text)); /* what was added is lost */
    move_clock(&f, "2026-03-01T11:00:01Z");
    assert_false(passes(&f, old.text)); /* and the end of it is not */
    assert_true(passes(&f, admin));
    reopen(&f);
    assert_false(passes(&f, old.text));
    fixture_stop(&f);
}

static void a_successor_lives_as_asked_and_the_old_token_never_longer(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 32, "2026-03-01T09:00:00Z");
    fixture_register(&f, "example", "2026-03-01T09:00:00Z");
    struct token_run old = {.request = {.name = STR("form"), .scopes = STR("collect"), .days = 1}};
    RUN_OK(&f, use_token, &old);
    struct rotating rotating = {
        .request = {
            .token = f.call.outcome.id, .overlap_hours = 100, .overlap_stated = true, .days = 7}};
    RUN_OK(&f, use_rotate, &rotating);
    assert_int_equal(rotating.rotated.old_ends.ms, reg_now(f.reg).ms + (int64_t)24 * HOUR_MS);
    assert_int_equal(rotating.rotated.expires.ms, reg_now(f.reg).ms + (int64_t)7 * 24 * HOUR_MS);
    rotating.request.days = 367;
    RUN_FAULT(&f, use_rotate, &rotating, FAULT_INVALID);
    fixture_stop(&f);
}

static void a_token_bound_to_networks_is_none_where_no_address_is_known(void **state)
{
    (void)state;
    struct fixture f;
    struct reg *reg;
    const struct caller *caller;
    fixture_start(&f, 33, "2026-03-01T09:00:00Z");
    fixture_register(&f, "example", "2026-03-01T09:00:00Z");
    str network = STR("192.0.2.0/24");
    struct token_run making = {.request = {.name = STR("form"),
                                           .scopes = STR("collect"),
                                           .networks = &network,
                                           .network_count = 1}};
    RUN_OK(&f, use_token, &making);
    for (int i = 0; i < 2; i++) { /* and again when its record was read anew */
        assert_false(passes(&f, making.text));
        assert_true(is_ok(engine_authenticate_from(f.engine, making.text, "192.0.2.9", &f.report,
                                                   &reg, &caller)));
        struct report report = {0};
        assert_int_equal(
            engine_authenticate_from(f.engine, making.text, "192.0.3.9", &report, &reg, &caller)
                .fault,
            FAULT_UNAUTHENTICATED);
        assert_string_equal(report.text, fault_text(FAULT_UNAUTHENTICATED));
        reopen(&f);
    }
    fixture_stop(&f);
}

static status put_without_life(struct call *call, void *request)
{
    struct dossier *dossier;
    const struct permit *permit;
    TRY(vault_new(call->reg->vault, DOSSIER_TOKEN, 0, call->now, call->arena, call->report,
                  &dossier));
    struct operation op = call_operation(call, ACTION_RECORD, dossier->facts->id);
    TRY(call_write(call, dossier->facts, &op, "token", decision_by_scope(), NULL, 0, &permit));
    *(dossier_id *)request = dossier->facts->id;
    return call_store_dossier(call, dossier, permit);
}

static void a_token_whose_life_is_on_no_record_has_no_successor(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 94, "2026-03-01T09:00:00Z");
    fixture_register(&f, "example", "2026-03-01T09:00:00Z");
    struct rotating rotating = {0};
    RUN_OK(&f, put_without_life, &rotating.request.token);
    str json = STR("{\"name\":\"shop\",\"scopes\":1,\"expires\":1893456000000,\"hash\":"
                   "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"staff\":"
                   "\"AAAAAAAAAAAAAAAAAAAAAA\",\"controller\":\"\"}");
    assert_true(is_ok(reg_add_token(f.reg, rotating.request.token, json, &f.report)));
    RUN_SAYS(&f, use_rotate, &rotating, FAULT_CONFLICT, "cannot be succeeded; make another");
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_life_that_was_shortened_stays_short_after_a_restore),
        cmocka_unit_test(a_successor_lives_as_asked_and_the_old_token_never_longer),
        cmocka_unit_test(a_token_bound_to_networks_is_none_where_no_address_is_known),
        cmocka_unit_test(a_token_whose_life_is_on_no_record_has_no_successor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
