/* The watch: what must stand, what lapses, what a version needs, the log and the sweep's lag. */
#include "engine_fixture.h"

#include "engine_internal.h"

static void start(struct fixture *f, uint64_t seed, const char *policy)
{
    fixture_start(f, seed, "2026-03-02T09:00:00Z");
    fixture_register(f, policy, "2026-03-02T09:00:00Z");
}

struct due_run {
    uint32_t days;
    struct evidence_due_list list;
};

static status list_due(struct call *call, void *request)
{
    struct due_run *due = request;
    return engine_evidence_due(call, due->days, &due->list);
}

enum stands { STANDS, MISSING, LAPSED };

static enum stands how_it_stands(struct fixture *f, const char *type)
{
    struct due_run due = {.days = 1};
    RUN_OK(f, list_due, &due);
    for (size_t i = 0; i < due.list.count; i++) {
        if (str_is(due.list.at[i].type, type) && due.list.at[i].overdue)
            return due.list.at[i].missing ? MISSING : LAPSED;
    }
    return STANDS;
}

static void record_whole(struct fixture *f, const char *type, const char *version)
{
    const struct plan *plan = reg_plans(f->reg)->at[0].plan;
    plan_index index =
        plan_find(plan, plan->evidence_of, words_find(reg_words(f->reg), str_from(type)));
    struct particular asks[8];
    const struct plan_evidence *evidence = &plan->evidence[index];
    assert_in_range(evidence->ask_count, 0, LENGTH(asks));
    for (size_t i = 0; i < evidence->ask_count; i++)
        asks[i] = (struct particular){words_text(reg_words(f->reg), evidence->asks[i]), STR("D-1")};
    struct evidence_record record = {.type = str_from(type),
                                     .version = str_from(version),
                                     .asks = asks,
                                     .ask_count = evidence->ask_count};
    RUN_OK(f, use_evidence, &record);
}

static void must_stand(const char *policy, const char *type)
{
    struct fixture f;
    start(&f, 71, policy);
    assert_int_equal(how_it_stands(&f, type), MISSING);
    record_whole(&f, type, "");
    assert_int_equal(how_it_stands(&f, type), STANDS);
    move_clock(&f, "2029-03-03T09:00:00Z");
    assert_int_equal(how_it_stands(&f, type), LAPSED);
    fixture_stop(&f);
}

/* COB-66, COB-107, INF-07, INF-12, CLO-32, CLO-40, HOS-39, HOS-42 */
static void what_each_policy_says_must_stand_is_missed_recorded_and_lapses(void **state)
{
    (void)state;
    must_stand("cobuilder", "iso_27001");
    must_stand("cobuilder", "security_review");
    must_stand("infobric", "routines");
    must_stand("infobric", "shared_protection");
    must_stand("cloudberries", "accuracy_review");
    must_stand("cloudberries", "internal_control");
    must_stand("hosting", "network_layers");
    must_stand("hosting", "intrusion_protection");
}

/* ---- what a version needs ---- */

struct change_run {
    const char *version;
    bool waits;
};

static status may_change(struct call *call, void *request)
{
    struct change_run *change = request;
    struct plan coming = *reg_plan(call->reg, call->now);
    coming.version = str_from(change->version);
    return call_may_change(call, &coming, &change->waits);
}

static void needs_for_a_version(const char *policy, const char *type)
{
    struct fixture f;
    struct change_run this = {.version = "2027-01"}, another = {.version = "2027-02"};
    start(&f, 72, policy);
    RUN_FAULT(&f, may_change, &this, FAULT_REFUSED);
    assert_true(str_starts(f.call.decision->reason.rule, STR("change.needs.")));
    record_whole(&f, type, "2027-01");
    RUN_OK(&f, may_change, &this);
    RUN_FAULT(&f, may_change, &another, FAULT_REFUSED);
    fixture_stop(&f);
}

/* HOS-43: a design review per version, and for no other */
static void a_version_waits_for_what_the_policy_needs_of_it(void **state)
{
    (void)state;
    needs_for_a_version("hosting", "design_review");
}

struct decided {
    dossier_id manager;
};

static status management_decides(struct call *call, void *request)
{
    const struct decided *decided = request;
    struct caller manager = *call->caller;
    const struct particular asks[] = {{STR("approver"), STR("M")}, {STR("minutes"), STR("26-4")}};
    struct evidence_record record = {.type = STR("management_decision"),
                                     .version = STR("2027-01"),
                                     .asks = asks,
                                     .ask_count = LENGTH(asks)};
    manager.actor = decided->manager;
    manager.staff = words_find(call->reg->words, STR("management"));
    call->caller = &manager;
    status recorded = engine_evidence(call, &record);
    call->caller = engine_system();
    return recorded;
}

/* CON-82: management's decision is on record, and management alone records it */
static void an_important_change_needs_a_decision_of_the_management(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 73, "confect");
    struct change_run change = {.version = "2027-01"};
    RUN_FAULT(&f, may_change, &change, FAULT_REFUSED);
    assert_true(str_is(f.call.decision->reason.ids.at[1], "CON-82"));
    const struct particular asks[] = {{STR("approver"), STR("M")}, {STR("minutes"), STR("26-4")}};
    struct evidence_record by_nobody = {.type = STR("management_decision"),
                                        .version = STR("2027-01"),
                                        .asks = asks,
                                        .ask_count = LENGTH(asks)};
    RUN_FAULT(&f, use_evidence, &by_nobody, FAULT_REFUSED);
    struct staff_create create = {.role = STR("management"), .name = STR("M")};
    RUN_OK(&f, use_staff_create, &create);
    struct decided decided = {f.call.outcome.id};
    RUN_OK(&f, management_decides, &decided);
    RUN_OK(&f, may_change, &change);
    fixture_stop(&f);
}

/* ---- the log and the sweep ---- */

static size_t open_of(struct fixture *f, const char *kind)
{
    struct alarm_list list;
    size_t count = 0;
    RUN_OK(f, use_alarm_list, &list);
    for (size_t i = 0; i < list.count; i++)
        count += str_is(list.at[i].kind, kind) && list.at[i].closed.ms == NEVER.ms;
    return count;
}

static void sweep(struct fixture *f)
{
    struct swept swept;
    assert_true(is_ok(engine_sweep(f->engine, f->reg, 100, &f->report, &swept)));
}

/* HOS-41, G6 */
static void a_log_that_does_not_verify_raises_an_alarm_within_the_hour(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 74, "confect");
    assert_true(is_ok(engine_log_check(f.reg, &f.report)));
    char command[400];
    (void)snprintf(command, sizeof(command),
                   "f=$(find '%s' -path '*tile/entries*' -type f | head -1); "
                   "printf X | dd of=\"$f\" bs=1 seek=40 conv=notrunc status=none",
                   f.data);
    assert_int_equal(system(command), 0);
    assert_true(is_ok(engine_log_check(f.reg, &f.report))); /* not looked at yet */
    f.sim.clock.ms += 3600000;
    assert_int_equal(engine_log_check(f.reg, &f.report).fault, FAULT_CORRUPT);
    sweep(&f);
    assert_int_equal(open_of(&f, "broken_log"), 1);
    fixture_stop(&f);
}

/* G2 */
static void a_sweep_that_is_more_than_a_minute_late_raises_an_alarm(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 75, "confect");
    sweep(&f);
    assert_int_equal(reg_sweep_lag_ms(f.reg), 0);
    f.reg->destruction_stopped = true;
    move_clock(&f, "2026-03-02T09:01:00Z");
    assert_int_equal(reg_sweep_lag_ms(f.reg), 60000);
    assert_int_equal(open_of(&f, "overdue_erasure"), 0);
    move_clock(&f, "2026-03-02T09:01:01Z");
    assert_int_equal(open_of(&f, "overdue_erasure"), 1);
    f.reg->destruction_stopped = false;
    sweep(&f);
    assert_int_equal(reg_sweep_lag_ms(f.reg), 0);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_each_policy_says_must_stand_is_missed_recorded_and_lapses),
        cmocka_unit_test(a_version_waits_for_what_the_policy_needs_of_it),
        cmocka_unit_test(an_important_change_needs_a_decision_of_the_management),
        cmocka_unit_test(a_log_that_does_not_verify_raises_an_alarm_within_the_hour),
        cmocka_unit_test(a_sweep_that_is_more_than_a_minute_late_raises_an_alarm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
