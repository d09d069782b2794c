/* Alarms: opened once for a cause, closed by somebody else with a reason, gone a year later. */
#include "engine_fixture.h"

#include "engine_internal.h"

static status raise_it(struct call *call, void *request)
{
    return call_alarm(call, request);
}

static status is_over(struct call *call, void *request)
{
    return call_alarm_over(call, request);
}

struct listing {
    dossier_id after;
    struct alarm_list list;
};

static status list_them(struct call *call, void *request)
{
    struct listing *listing = request;
    return engine_alarm_list(call, listing->after, 200, &listing->list);
}

static status close_one(struct call *call, void *request)
{
    return engine_alarm_close(call, request);
}

static size_t open_alarms(struct fixture *f, struct alarm_view *first)
{
    struct listing listing = {0};
    size_t count = 0;
    do {
        RUN_OK(f, list_them, &listing);
        for (size_t i = 0; i < listing.list.count; i++) {
            if (listing.list.at[i].closed.ms != NEVER.ms)
                continue;
            if (count++ == 0 && first != NULL)
                *first = listing.list.at[i];
        }
        listing.after = listing.list.last;
    } while (listing.list.more);
    return count;
}

static void start(struct fixture *f, uint64_t seed)
{
    fixture_start(f, seed, "2026-03-01T09:00:00Z");
    fixture_register(f, "example", "2026-03-01T09:00:00Z");
}

static struct alarm_cause overdue(struct fixture *f, const char *name)
{
    struct alarm_cause cause = {.kind = ALARM_OVERDUE_EVIDENCE,
                                .name = words_intern(reg_words(f->reg), str_from(name))};
    return cause;
}

/* HOS-41: an alarm is an event of its own, and the same cause does not flood. */
static void a_cause_that_recurs_opens_one_alarm_until_that_is_closed(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 51);
    struct alarm_cause cause = overdue(&f, "yearly_review");
    for (int i = 0; i < 3; i++)
        RUN_OK(&f, raise_it, &cause);
    struct alarm_view view;
    assert_int_equal(open_alarms(&f, &view), 1);
    assert_true(str_is(view.kind, "overdue_evidence"));
    assert_true(str_is(view.name, "yearly_review"));
    assert_int_equal(view.to_count, 1);
    struct alarm_close close = {.alarm = view.id, .why = STR("reviewed on paper")};
    RUN_OK(&f, close_one, &close);
    assert_int_equal(open_alarms(&f, NULL), 0);
    RUN_FAULT(&f, close_one, &close, FAULT_CONFLICT);
    RUN_OK(&f, raise_it, &cause);
    assert_int_equal(open_alarms(&f, NULL), 1);
    RUN_OK(&f, is_over, &cause);
    assert_int_equal(open_alarms(&f, NULL), 0);
    RUN_OK(&f, is_over, &cause);
    fixture_stop(&f);
}

/* HOS-41 */
static void what_no_law_asks_for_is_raised_when_the_policy_lists_it(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 52);
    struct alarm_cause unlisted = {.kind = ALARM_MASS_READ};
    struct alarm_cause by_law = {.kind = ALARM_OVERDUE_NOTICE};
    RUN_OK(&f, raise_it, &unlisted);
    assert_int_equal(open_alarms(&f, NULL), 0);
    RUN_OK(&f, raise_it, &by_law);
    struct alarm_view view;
    assert_int_equal(open_alarms(&f, &view), 1);
    assert_true(str_is_empty(view.rule));
    fixture_stop(&f);
}

/* HOS-41, G12 */
static void of_one_kind_so_many_are_open_and_one_stands_for_the_rest(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 53);
    for (int i = 0; i < ALARMS_OPEN_OF_KIND + 20; i++) {
        struct alarm_cause cause = {.kind = ALARM_OVERDUE_NOTICE};
        dossier_id person = {{(unsigned char)(1 + i % 250), (unsigned char)(1 + i / 250)}};
        alarm_about(&cause, SLOT_SUBJECT, person);
        RUN_OK(&f, raise_it, &cause);
    }
    assert_int_equal(open_alarms(&f, NULL), ALARMS_OPEN_OF_KIND + 1);
    fixture_stop(&f);
}

/* HOS-41: what was found where nothing could be written is written in the next turn. */
static void what_was_found_outside_a_call_is_written_by_the_next_sweep(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 54);
    struct alarm_cause cause = overdue(&f, "yearly_review");
    reg_alarm(f.reg, &cause);
    reg_alarm(f.reg, &cause);
    assert_int_equal(open_alarms(&f, NULL), 0);
    struct swept swept;
    assert_true(is_ok(engine_sweep(f.engine, f.reg, 10, &f.report, &swept)));
    assert_int_equal(open_alarms(&f, NULL), 1);
    fixture_stop(&f);
}

/* HOS-41, G3 */
static void a_closed_alarm_stays_closed_after_a_restore_and_goes_after_a_year(void **state)
{
    (void)state;
    struct fixture f;
    only_in_files();
    start(&f, 55);
    struct alarm_cause cause = overdue(&f, "yearly_review");
    RUN_OK(&f, raise_it, &cause);
    struct alarm_view view;
    assert_int_equal(open_alarms(&f, &view), 1);
    char backup[128];
    (void)snprintf(backup, sizeof(backup), "%s/backup", f.dir);
    assert_true(is_ok(engine_backup(f.reg, backup, &f.report)));
    struct alarm_close close = {.alarm = view.id, .why = STR("done")};
    RUN_OK(&f, close_one, &close);
    fixture_close(&f);
    struct engine_config config = fixture_config(&f);
    assert_true(is_ok(engine_restore(&config, STR("example"), backup, &f.report)));
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("example"));
    assert_int_equal(open_alarms(&f, NULL), 0);
    RUN_OK(&f, raise_it, &cause);
    assert_int_equal(open_alarms(&f, &view), 1);
    close.alarm = view.id;
    RUN_OK(&f, close_one, &close);
    uint64_t count;
    move_clock(&f, "2027-03-01T08:59:59Z");
    assert_true(is_ok(vault_count(reg_vault(f.reg), DOSSIER_ALARM, &f.report, &count)));
    assert_int_equal(count, 2);
    move_clock(&f, "2027-03-01T10:00:00Z");
    assert_true(is_ok(vault_count(reg_vault(f.reg), DOSSIER_ALARM, &f.report, &count)));
    assert_in_range(count, 0, 1);
    fixture_stop(&f);
}

/* HOS-41: an application closes no alarm about itself, as no member does. */
static void an_alarm_is_closed_by_no_token_that_it_is_about(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 57);
    struct reg *reg;
    const struct caller *application;
    assert_true(is_ok(engine_authenticate(f.engine, f.admin, &f.report, &reg, &application)));
    struct alarm_cause cause = overdue(&f, "yearly_review");
    alarm_about(&cause, SLOT_ACTOR, application->token);
    RUN_OK(&f, raise_it, &cause);
    struct alarm_view view;
    assert_int_equal(open_alarms(&f, &view), 1);
    struct alarm_close close = {.alarm = view.id, .why = STR("all is well")};
    f.report = (struct report){0};
    status closed =
        engine_run(f.engine, f.reg, application, f.arena, &f.report, &f.call, close_one, &close);
    assert_int_equal(closed.fault, FAULT_REFUSED);
    assert_true(str_is(f.call.decision->reason.rule, "always.no_self_record"));
    assert_int_equal(open_alarms(&f, NULL), 1);
    RUN_OK(&f, close_one, &close);
    fixture_stop(&f);
}

/* HOS-41, COB-81 */
static void closing_says_why_and_holds_no_card_number(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 56);
    struct alarm_cause cause = overdue(&f, "yearly_review");
    RUN_OK(&f, raise_it, &cause);
    struct alarm_view view;
    assert_int_equal(open_alarms(&f, &view), 1);
    struct alarm_close close = {.alarm = view.id, .why = STR(" ")};
    RUN_FAULT(&f, close_one, &close, FAULT_INVALID);
    close.why = STR("seen: 4111 1111 1111 1111");
    RUN_FAULT(&f, close_one, &close, FAULT_REFUSED);
    close.alarm = (dossier_id){{7}};
    close.why = STR("nothing there");
    RUN_FAULT(&f, close_one, &close, FAULT_NOT_FOUND);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cause_that_recurs_opens_one_alarm_until_that_is_closed),
        cmocka_unit_test(what_no_law_asks_for_is_raised_when_the_policy_lists_it),
        cmocka_unit_test(of_one_kind_so_many_are_open_and_one_stands_for_the_rest),
        cmocka_unit_test(what_was_found_outside_a_call_is_written_by_the_next_sweep),
        cmocka_unit_test(a_closed_alarm_stays_closed_after_a_restore_and_goes_after_a_year),
        cmocka_unit_test(an_alarm_is_closed_by_no_token_that_it_is_about),
        cmocka_unit_test(closing_says_why_and_holds_no_card_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
