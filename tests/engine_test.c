/* The engine from end to end, in process: what goes in comes out for its purpose, and goes when its
 * time is over. */
#include "engine_fixture.h"

static dossier_id new_subject(struct fixture *f)
{
    struct subject_create create = {0};
    RUN_OK(f, use_subject_create, &create);
    return f->call.outcome.id;
}

static dossier_id new_matter(struct fixture *f, const char *kind, const char *number)
{
    struct matter_create create = {str_from(kind), str_from(number)};
    RUN_OK(f, use_matter_create, &create);
    return f->call.outcome.id;
}

/* A candidate applies for a vacancy: CON-52 to CON-54, scenario S01. */
static record_id apply_for(struct fixture *f, dossier_id subject, dossier_id vacancy,
                           const char *cv)
{
    struct collect_value values[] = {
        {STR("basic.name"), STR("Kari Prøve"), true},
        {STR("basic.email"), STR("kari@example.test"), true},
        {STR("job_application.application"), STR("I apply."), true},
        {STR("job_application.cv"), str_from(cv), true},
    };
    str events[] = {STR("application_received")};
    struct collect_run collect = {.request = {.subject = subject,
                                              .matter = vacancy,
                                              .intake = STR("application"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .controller = STR("confect"),
                                              .values = values,
                                              .value_count = LENGTH(values),
                                              .events = events,
                                              .event_count = 1}};
    RUN_OK(f, use_collect, &collect);
    assert_int_equal(collect.result.count, 4);
    return collect.result.items[3];
}

static status read_cv(struct fixture *f, dossier_id subject, record_id item, str *value)
{
    struct read_run read = {.request = {.subject = subject,
                                        .purpose = STR("recruitment"),
                                        .controller = STR("confect"),
                                        .items = &item,
                                        .item_count = 1}};
    status got = run(f, use_read, &read);
    *value = is_ok(got) && read.result.count == 1 ? read.result.items[0].value : STR("");
    return got;
}

static void a_cv_is_read_for_its_purpose_and_goes_on_its_day(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 1, "2026-01-01T00:00:00Z");
    fixture_register(&f, "confect", "2026-01-10T09:00:00Z");
    dossier_id a = new_subject(&f);
    dossier_id vacancy = new_matter(&f, "vacancy", "1");
    record_id cv = apply_for(&f, a, vacancy, "CV of 2026");
    str value;
    status got = read_cv(&f, a, cv, &value);
    if (!is_ok(got))
        fail_msg("read: %s", f.report.text);
    assert_true(str_is(value, "CV of 2026"));

    move_clock(&f, "2026-03-02T09:00:00Z");
    dossier_id second = new_matter(&f, "vacancy", "2");
    (void)apply_for(&f, a, second, "CV again");
    move_clock(&f, "2026-09-01T21:59:59Z");
    got = read_cv(&f, a, cv, &value);
    if (!is_ok(got))
        fail_msg("read on the last day: %s", f.report.text);
    move_clock(&f, "2026-09-01T22:00:00Z");
    got = read_cv(&f, a, cv, &value);
    assert_false(is_ok(got));
    fixture_stop(&f);
}

static void a_register_opens_again_with_what_it_held(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 2, "2026-01-01T00:00:00Z");
    fixture_register(&f, "confect", "2026-01-10T09:00:00Z");
    dossier_id a = new_subject(&f);
    record_id cv = apply_for(&f, a, new_matter(&f, "vacancy", "1"), "kept");
    fixture_close(&f);
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("confect"));
    assert_non_null(f.reg);
    str value;
    status got = read_cv(&f, a, cv, &value);
    if (!is_ok(got))
        fail_msg("read after reopening: %s", f.report.text);
    assert_true(str_is(value, "kept"));
    struct reg *reg;
    const struct caller *caller;
    assert_true(is_ok(engine_authenticate(f.engine, f.admin, &f.report, &reg, &caller)));
    assert_ptr_equal(reg, f.reg);
    fixture_stop(&f);
}

static void an_import_line_with_one_refused_value_adds_nothing(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 3, "2026-01-01T00:00:00Z");
    fixture_register(&f, "confect", "2026-01-10T09:00:00Z");
    struct import_line line = {
        1, STR("{\"number\":\"K-1\",\"roles\":[\"candidate\"],\"collect\":[{\"intake\":"
               "\"application\",\"source\":\"person\",\"channel\":\"web\",\"controller\":"
               "\"confect\",\"said_optional\":false,\"values\":{\"basic.name\":\"Kari Prøve\","
               "\"basic.email\":\"kari@example.test\",\"job_application.application\":\"Ja\","
               "\"basic.phone\":\"+47 900 00 000\"}}]}")};
    RUN_FAULT(&f, use_import, &line, FAULT_REFUSED);
    assert_non_null(strstr(f.report.text, "value 4 of 4"));
    struct find_run find = {.request = {STR("number"), STR("K-1")}};
    RUN_OK(&f, use_find, &find);
    assert_int_equal(find.result.count, 0);
    fixture_stop(&f);
}

/* COB-30: nothing is stored that no purpose holds; COB-20, COB-45: a contract needs its agreement.
 */
static void what_no_ground_would_hold_is_refused_at_the_door(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 4, "2026-01-01T00:00:00Z");
    fixture_register(&f, "cobuilder", "2026-01-10T09:00:00Z");
    str roles[] = {STR("trainee")};
    struct subject_create create = {.roles = roles, .role_count = 1};
    RUN_OK(&f, use_subject_create, &create);
    dossier_id a = f.call.outcome.id;
    struct collect_value values[] = {{STR("contact.work_email"), STR("kari@example.test"), false}};
    struct collect_run collect = {.request = {.subject = a,
                                              .intake = STR("material"),
                                              .channel = STR("web"),
                                              .controller = STR("cobuilder"),
                                              .values = values,
                                              .value_count = 1}};
    RUN_FAULT(&f, use_collect, &collect, FAULT_REFUSED);
    struct evidence_record agreement = {.type = STR("agreement"), .subject = a};
    RUN_OK(&f, use_evidence, &agreement);
    RUN_OK(&f, use_collect, &collect);
    assert_int_equal(collect.result.count, 1);
    fixture_stop(&f);
}

/* Who was only told something has given nothing yet, and stays until that record has ended: they
 * are not swept away before the values come that the notice is about. */
static void whoever_was_told_before_giving_anything_stays(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 3, "2026-03-02T09:00:00Z");
    fixture_register(&f, "confect", "2026-03-02T09:00:00Z");
    struct subject_create create = {0};
    RUN_OK(&f, use_subject_create, &create);
    dossier_id told = f.call.outcome.id;
    struct evidence_record notice = {.type = STR("notice"), .subject = told};
    RUN_OK(&f, use_evidence, &notice);
    record_id record = f.call.outcome.record;
    move_clock(&f, "2026-03-09T09:00:00Z");
    struct role_change role = {.subject = told, .role = STR("candidate")};
    RUN_OK(&f, use_role, &role);
    role.ends = role.warned = true;
    RUN_OK(&f, use_role, &role);
    struct evidence_end end = {.dossier = told, .record = record, .warned = true};
    RUN_OK(&f, use_evidence_end, &end);
    RUN_FAULT(&f, use_role, &role, FAULT_GONE);
    fixture_stop(&f);
}

/* What a second call of the same change costs: an entry, and no row of the person's. */
static void a_role_that_is_held_already_or_not_at_all_changes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 3, "2026-03-02T09:00:00Z");
    fixture_register(&f, "confect", "2026-03-02T09:00:00Z");
    struct subject_create create = {0};
    RUN_OK(&f, use_subject_create, &create);
    struct role_change role = {.subject = f.call.outcome.id, .role = STR("candidate")};
    struct role_change end = {
        .subject = role.subject, .role = role.role, .ends = true, .warned = true};
    uint64_t entries = audit_size(reg_log(f.reg));
    RUN_FAULT(&f, use_role, &end, FAULT_CONFLICT);
    assert_int_equal(audit_size(reg_log(f.reg)), entries);
    RUN_OK(&f, use_role, &role);
    uint64_t changes = vault_changes(reg_vault(f.reg));
    RUN_OK(&f, use_role, &role);
    assert_int_equal(vault_changes(reg_vault(f.reg)), changes);
    assert_int_equal(audit_size(reg_log(f.reg)), entries + 2);
    RUN_OK(&f, use_role, &end);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_that_is_held_already_or_not_at_all_changes_nothing),
        cmocka_unit_test(a_cv_is_read_for_its_purpose_and_goes_on_its_day),
        cmocka_unit_test(a_register_opens_again_with_what_it_held),
        cmocka_unit_test(an_import_line_with_one_refused_value_adds_nothing),
        cmocka_unit_test(what_no_ground_would_hold_is_refused_at_the_door),
        cmocka_unit_test(whoever_was_told_before_giving_anything_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
