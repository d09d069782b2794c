/* Statistics: who is counted, what is withheld, and that a day has one set of tables. */
#include "engine_fixture.h"

#include "engine_internal.h"

#define START "2026-03-01T09:00:00Z"
#define LATER "2026-03-03T09:00:00Z" /* the midnight before, everybody is there */

/* A firm that counts whom it serves, by the role in which they came. */
#define COUNTING(least)                                                                            \
    "  head_count:\n    says: { nb: Telle, en: Count }\n    basis: legitimate_interest\n"          \
    "    reuses: true\n    roles: all\n    uses: [contact, question]\n"                            \
    "    counts_only: " least "\n    keep: none\n"

static str with_counting(struct fixture *f, const char *counting)
{
    str text = read_text(f, "policies/example.yaml");
    const char *before_ = "  authority_disclosure:\n    says", *staff = "  shop_desk:";
    const char *at = memmem(text.ptr, text.len, before_, strlen(before_));
    const char *desk = memmem(text.ptr, text.len, staff, strlen(staff));
    assert_non_null(at);
    assert_non_null(desk);
    return arena_format(f->arena,
                        "%.*s%s%.*s  counter: { for: [head_count], needs: [training] }\n%.*s",
                        (int)(at - text.ptr), text.ptr, counting, (int)(desk - at), at,
                        (int)(text.ptr + text.len - desk), desk);
}

static void begin(struct fixture *f, uint64_t seed, const char *counting)
{
    fixture_start(f, seed, "2026-01-01T00:00:00Z");
    struct register_create create = {.name = STR("shop"),
                                     .policy_file = STR("shop.yaml"),
                                     .policy = with_counting(f, counting),
                                     .simulated = true,
                                     .start = at_time(START)};
    struct problems problems = {.arena = f->arena};
    if (!is_ok(
            engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin)))
        fail_msg("register: %s", problems.list.count > 0 ? "problems" : f->report.text);
    f->reg = engine_register(f->engine, STR("shop"));
    struct evidence_record weighed = {.type = STR("balancing"), .purpose = STR("head_count")};
    RUN_OK(f, use_evidence, &weighed);
}

/* ---- people ---- */

struct crowd {
    const char *role;
    size_t count;
    dossier_id ids[64];
};

static status come(struct call *call, void *request)
{
    struct crowd *crowd = request;
    static const struct collect_value values[] = {
        {.field = {"contact.email", 13}, .value = {"canary@secret.example", 21}},
        {.field = {"question.text", 13}, .value = {"CANARY-QUESTION", 15}}};
    const str roles[] = {str_from(crowd->role)};
    for (size_t i = 0; i < crowd->count; i++) {
        struct subject_create create = {.roles = roles, .role_count = LENGTH(roles)};
        TRY(engine_subject_create(call, &create));
        crowd->ids[i] = call->outcome.id;
        struct collect collect = {.subject = crowd->ids[i],
                                  .intake = STR("contact_form"),
                                  .values = values,
                                  .value_count = LENGTH(values)};
        struct collected collected;
        TRY(engine_collect(call, &collect, &collected));
    }
    return OK;
}

static struct crowd let_come(struct fixture *f, const char *role, size_t count)
{
    struct crowd crowd = {.role = role, .count = count};
    RUN_OK(f, come, &crowd);
    return crowd;
}

/* ---- asking ---- */

struct asking {
    struct statistics_ask ask;
    struct counting *work;
    struct progress progress;
    str document;
};

static status use_whole(struct call *call, void *request)
{
    struct asking *asking = request;
    return engine_statistics(call, &asking->ask, &asking->document);
}

static status use_step(struct call *call, void *request)
{
    struct asking *asking = request;
    return engine_statistics_step(call, &asking->ask, &asking->work, &asking->progress,
                                  &asking->document);
}

static struct asking by(const char *dimension)
{
    return (struct asking){.ask = {.purpose = STR("head_count"), .by = str_from(dimension)}};
}

static str table(struct fixture *f, const char *dimension)
{
    struct asking asking = by(dimension);
    RUN_OK(f, use_whole, &asking);
    return arena_copy(f->arena, asking.document);
}

/* What stands for people in all or in a cell; -1: it is withheld. */
static int people(struct fixture *f, str document, const char *cell)
{
    const struct json *json, *found = NULL;
    assert_true(is_ok(json_parse(f->arena, document, &f->report, &json)));
    for (JSON_EACH(one, json_get(json, "cells"))) {
        str value;
        if (cell != NULL && json_str(json_get(one, "value"), &value) && str_is(value, cell))
            found = json_get(one, "people");
    }
    found = cell == NULL ? json_get(json, "people") : found;
    assert_non_null(found);
    int64_t number;
    return json_i64(found, &number) ? (int)number : -1;
}

static str last_entry(struct fixture *f)
{
    str entry = STR("");
    uint64_t index = audit_size(reg_log(f->reg)) - 1;
    assert_true(is_ok(audit_read(reg_log(f->reg), index, f->arena, &f->report, &entry)));
    return entry;
}

/* ---- tests ---- */

/* COB-75, INF-42 */
static void counts_are_rounded_and_a_small_group_is_withheld_with_another(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 71, COUNTING("unspecified"));
    struct asking closed = by("none");
    RUN_FAULT(&f, use_whole, &closed, FAULT_REFUSED); /* the least group is not said */
    assert_true(str_is(f.call.decision->reason.rule, "purposes.head_count"));
    fixture_stop(&f);
    begin(&f, 71, COUNTING("10"));
    (void)let_come(&f, "customer", 23);
    (void)let_come(&f, "asker", 17);
    (void)let_come(&f, "candidate", 3);
    assert_int_equal(people(&f, table(&f, "none"), NULL), -1); /* today's midnight knew nobody */
    move_clock(&f, LATER);
    str roles = table(&f, "role");
    assert_int_equal(people(&f, roles, NULL), 45);
    assert_int_equal(people(&f, roles, "customer"), 25);
    assert_int_equal(people(&f, roles, "asker"), -1); /* else 45 - 25 - 15 would tell of three */
    assert_int_equal(people(&f, roles, "candidate"), -1);
    assert_int_equal(people(&f, roles, "subscriber"), -1);
    assert_int_equal(people(&f, roles, "(several)"), -1);
    assert_true(says(last_entry(&f), "by:role"));
    assert_true(says(last_entry(&f), "people:45"));
    assert_true(says(last_entry(&f), "\"head_count\""));
    assert_false(says(last_entry(&f), "\"su\""));
    assert_false(says(roles, "\":23") || says(roles, "\":17") || says(roles, "\":43"));
    fixture_stop(&f);
}

/* COB-75 */
static void tables_of_one_day_are_of_the_same_people(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 72, COUNTING("10"));
    (void)let_come(&f, "customer", 31);
    struct crowd askers = let_come(&f, "asker", 22);
    move_clock(&f, LATER);
    str first = table(&f, "role");
    struct objection_make objection = {.purpose = STR("head_count")};
    for (size_t i = 0; i < 10; i++) {
        objection.subject = askers.ids[i];
        RUN_OK(&f, use_object, &objection);
    }
    (void)let_come(&f, "customer", 20);
    assert_true(str_equal(table(&f, "role"), first));
    assert_int_equal(people(&f, table(&f, "none"), NULL), 55);
    assert_int_equal(people(&f, table(&f, "source"), NULL), 55);
    assert_int_equal(people(&f, table(&f, "month"), NULL), 55);
    move_clock(&f, "2026-03-03T22:59:59Z"); /* 23:59:59 in Oslo */
    assert_true(str_equal(table(&f, "role"), first));
    move_clock(&f, "2026-03-03T23:00:00Z");
    str next = table(&f, "role");
    assert_int_equal(people(&f, next, NULL), 65); /* 31 + 20 + 22 - 10 */
    assert_true(says(next, "\"day\":\"2026-03-04\",\"as_of\":\"2026-03-03T23:00:00Z\""));
    fixture_stop(&f);
}

/* COB-75, INF-22, INF-58 */
static void who_said_no_today_is_not_counted_and_who_came_today_not_yet(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 73, COUNTING("10"));
    struct crowd all = let_come(&f, "customer", 60);
    move_clock(&f, LATER);
    for (size_t i = 0; i < 10; i++) {
        struct objection_make objection = {.subject = all.ids[i], .purpose = STR("head_count")};
        RUN_OK(&f, use_object, &objection);
        struct restriction restriction = {
            .subject = all.ids[10 + i], .reason = STR("accuracy"), .warned = true};
        RUN_OK(&f, use_restrict, &restriction);
        struct erase_run erase = {.request = {.subject = all.ids[20 + i], .warned = true}};
        RUN_OK(&f, use_erase, &erase);
    }
    (void)let_come(&f, "asker", 40);
    assert_int_equal(people(&f, table(&f, "none"), NULL), 30);
    move_clock(&f, "2026-03-04T09:00:00Z");
    assert_int_equal(people(&f, table(&f, "none"), NULL), 70);
    fixture_stop(&f);
}

/* COB-75 */
static void each_person_stands_in_one_cell_of_each_table(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 74, COUNTING("12"));
    struct crowd both = let_come(&f, "asker", 30);
    (void)let_come(&f, "customer", 40);
    for (size_t i = 0; i < both.count; i++) {
        struct role_change role = {.subject = both.ids[i], .role = STR("subscriber")};
        RUN_OK(&f, use_role, &role);
    }
    move_clock(&f, "2026-04-02T09:00:00Z");
    str roles = table(&f, "role");
    assert_true(says(roles, "\"least\":15"));
    assert_int_equal(people(&f, roles, "customer"), 40);
    assert_int_equal(people(&f, roles, "asker"), -1);
    assert_int_equal(people(&f, roles, "(several)"), -1); /* of the list's last that is shown */
    str months = table(&f, "month");
    assert_int_equal(people(&f, months, "2026-04"), -1);
    assert_int_equal(people(&f, months, "2026-03"), -1); /* all or nobody is no statistic, either */
    assert_int_equal(people(&f, months, "(earlier)"), -1);
    assert_int_equal(people(&f, table(&f, "category"), "contact"), -1);
    fixture_stop(&f);
}

/* COB-75, COB-40 */
static void what_cannot_be_counted_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 75, COUNTING("10"));
    struct crowd some = let_come(&f, "customer", 12);
    move_clock(&f, LATER);
    static const char *const purposes[] = {"support", "newsletter", "authority_disclosure"};
    for (size_t i = 0; i < LENGTH(purposes); i++) {
        struct asking other = {.ask = {.purpose = str_from(purposes[i])}};
        RUN_FAULT(&f, use_whole, &other, FAULT_REFUSED);
        assert_true(says(str_from(f.report.text), ".counts_only"));
        assert_true(says(last_entry(&f), ".counts_only"));
    }
    struct asking unknown = {.ask = {.purpose = STR("head_counts")}};
    RUN_FAULT(&f, use_whole, &unknown, FAULT_INVALID);
    struct asking nothing = {.ask = {.by = STR("role")}};
    RUN_FAULT(&f, use_whole, &nothing, FAULT_INVALID);
    static const char *const dimensions[] = {"email",      "contact.email", "Role", "role,month",
                                             "role month", "none\n",        "age",  "subject"};
    for (size_t i = 0; i < LENGTH(dimensions); i++) {
        struct asking odd = by(dimensions[i]);
        RUN_FAULT(&f, use_whole, &odd, FAULT_INVALID);
        assert_int_equal(odd.document.len, 0);
    }
    const struct collect_value made = {.field = STR("question.text"), .value = STR("a guess")};
    struct derive_run derive = {.request = {.subject = some.ids[0],
                                            .purpose = STR("head_count"),
                                            .items = &(record_id){{1}},
                                            .item_count = 1,
                                            .values = &made,
                                            .value_count = 1}};
    RUN_FAULT(&f, use_derive, &derive, FAULT_REFUSED);
    assert_true(says(str_from(f.report.text), "purposes.head_count.counts_only"));
    struct read_run use = {
        .request = {.subject = some.ids[0], .purpose = STR("head_count"), .use = true}};
    RUN_FAULT(&f, use_read, &use, FAULT_REFUSED);
    fixture_stop(&f);
}

static const struct caller *caller(struct fixture *f, const char *purpose, dossier_id staff)
{
    const str purposes[] = {str_from(purpose)};
    struct token_run run_ = {.request = {.name = STR("test"),
                                         .scopes = STR("read"),
                                         .staff = staff,
                                         .purposes = purposes,
                                         .purpose_count = purpose[0] == '\0' ? 0 : 1}};
    RUN_OK(f, use_token, &run_);
    struct reg *reg;
    const struct caller *found = NULL;
    assert_true(is_ok(engine_authenticate(f->engine, run_.text, &f->report, &reg, &found)));
    return found;
}

static enum fault_class asks(struct fixture *f, const struct caller *who)
{
    struct asking asking = by("none");
    f->report = (struct report){0};
    return engine_run(f->engine, f->reg, who, f->arena, &f->report, &f->call, use_whole, &asking)
        .fault;
}

/* COB-75, COB-39 */
static void who_asks_needs_the_purpose_and_a_role_that_is_open(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 76, COUNTING("10"));
    (void)let_come(&f, "customer", 12);
    move_clock(&f, LATER);
    struct staff_create staff = {.role = STR("counter"), .name = STR("Kari Prove")};
    RUN_OK(&f, use_staff_create, &staff);
    dossier_id member = f.call.outcome.id;
    staff.role = STR("recruiter");
    RUN_OK(&f, use_staff_create, &staff);
    dossier_id other = f.call.outcome.id;
    assert_int_equal(asks(&f, caller(&f, "support", (dossier_id){{0}})), FAULT_FORBIDDEN);
    assert_int_equal(asks(&f, caller(&f, "", member)), FAULT_REFUSED); /* no training on file */
    struct evidence_record training = {.type = STR("training"), .actor = other};
    RUN_OK(&f, use_evidence, &training);
    assert_int_equal(asks(&f, caller(&f, "", other)), FAULT_REFUSED); /* for another purpose */
    training.actor = member;
    RUN_OK(&f, use_evidence, &training);
    assert_int_equal(asks(&f, caller(&f, "", member)), FAULT_NONE);
    assert_int_equal(asks(&f, caller(&f, "head_count", (dossier_id){{0}})), FAULT_NONE);
    assert_int_equal(asks(&f, caller(&f, "support", member)), FAULT_FORBIDDEN); /* kept or not */
    fixture_stop(&f);
}

static void reopen(struct fixture *f, size_t step_rows)
{
    fixture_close(f);
    struct engine_config config = fixture_config(f);
    config.step_rows = step_rows;
    assert_true(is_ok(engine_open(&config, &f->report, &f->engine)));
    f->reg = engine_register(f->engine, STR("shop"));
}

/* COB-75, G12 */
static void people_are_counted_step_by_step_while_others_are_served(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 77, COUNTING("10"));
    struct crowd all = let_come(&f, "customer", 41);
    move_clock(&f, LATER);
    reopen(&f, 2);
    struct asking asking = by("none");
    int steps = 0;
    while (!asking.progress.done) {
        RUN_OK(&f, use_step, &asking);
        steps++;
        if (asking.progress.done)
            break;
        assert_int_equal(asking.progress.looked, 2 * steps);
        assert_int_equal(asking.document.len, 0);
        if (steps != 1)
            continue;
        (void)let_come(&f, "asker", 20); /* none of them is counted today */
        for (size_t i = 0; i < 20; i++) {
            struct erase_run erase = {.request = {.subject = all.ids[i], .warned = true}};
            RUN_OK(&f, use_erase, &erase);
        }
    }
    assert_true(steps > 15);
    assert_in_range(people(&f, asking.document, NULL), 20, 25); /* 21, and who was counted before */
    fixture_stop(&f);
}

/* COB-75 */
static void two_who_count_at_once_publish_one_set_of_tables(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 78, COUNTING("10"));
    struct crowd all = let_come(&f, "customer", 43);
    move_clock(&f, LATER);
    reopen(&f, 2);
    struct asking slow = by("none");
    RUN_OK(&f, use_step, &slow);
    for (size_t i = 0; i < 30; i++) {
        struct objection_make objection = {.subject = all.ids[i], .purpose = STR("head_count")};
        RUN_OK(&f, use_object, &objection);
    }
    str first = table(&f, "none");
    assert_in_range(people(&f, first, NULL), 10, 15);
    RUN_OK(&f, use_step, &slow);
    assert_true(slow.progress.done);
    assert_true(str_equal(slow.document, first));
    fixture_stop(&f);
}

/* COB-75, G4 */
static void a_restart_midway_leaves_nothing_and_after_it_all_is_kept(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 79, COUNTING("10"));
    (void)let_come(&f, "customer", 33);
    move_clock(&f, LATER);
    reopen(&f, 2);
    struct asking asking = by("none");
    RUN_OK(&f, use_step, &asking);
    RUN_OK(&f, use_step, &asking);
    reopen(&f, 0);
    str whole = table(&f, "role");
    assert_int_equal(people(&f, whole, NULL), 35);
    (void)let_come(&f, "customer", 30);
    reopen(&f, 0);
    assert_true(str_equal(table(&f, "role"), whole));
    fixture_stop(&f);
}

/* COB-75 */
static void a_count_that_meets_midnight_begins_anew(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 80, COUNTING("10"));
    (void)let_come(&f, "customer", 21);
    move_clock(&f, LATER);
    reopen(&f, 2);
    (void)let_come(&f, "customer", 20);
    struct asking asking = by("none");
    RUN_OK(&f, use_step, &asking);
    move_clock(&f, "2026-03-04T09:00:00Z");
    while (!asking.progress.done)
        RUN_OK(&f, use_step, &asking);
    assert_int_equal(people(&f, asking.document, NULL), 40);
    assert_true(says(asking.document, "2026-03-04"));
    fixture_stop(&f);
}

struct applying {
    struct version_apply request;
    struct problems problems;
    struct version_effect effect;
};
static status use_apply(struct call *call, void *request)
{
    struct applying *applying = request;
    return engine_version_apply(call, &applying->request, &applying->problems, &applying->effect);
}

/* COB-75 */
static void
a_day_counted_for_smaller_groups_is_not_told_after_the_policy_asks_for_larger(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 81, COUNTING("10"));
    (void)let_come(&f, "customer", 40);
    move_clock(&f, LATER);
    (void)table(&f, "none");
    str text = with_counting(&f, COUNTING("50"));
    const char *version = memmem(text.ptr, text.len, "version: ", 9);
    assert_non_null(version);
    const char *line = memchr(version, '\n', (size_t)(text.ptr + text.len - version));
    struct applying applying = {
        .request = {.policy_file = STR("shop2.yaml"),
                    .erases_stated = true,
                    .policy = arena_format(f.arena, "%.*sversion: \"next\"%.*s",
                                           (int)(version - text.ptr), text.ptr,
                                           (int)(text.ptr + text.len - line), line)},
        .problems = {.arena = f.arena}};
    RUN_OK(&f, use_apply, &applying);
    struct asking asking = by("none");
    RUN_FAULT(&f, use_whole, &asking, FAULT_CONFLICT);
    move_clock(&f, "2026-03-04T09:00:00Z");
    assert_int_equal(people(&f, table(&f, "none"), NULL), -1);
    fixture_stop(&f);
}

static void kept_tables_that_are_not_what_was_kept_are_none(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 95, COUNTING("10"));
    struct asking whole = by("none");
    str name = arena_format(f.arena, "statistics:head_count:%.*s:none", STR_ARG(company_of(&f)));
    assert_true(is_ok(vault_meta_set(f.reg->vault, name, STR("2026-03-01 ten"), &f.report)));
    RUN_SAYS(&f, use_whole, &whole, FAULT_CORRUPT, "not what was kept");
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_rounded_and_a_small_group_is_withheld_with_another),
        cmocka_unit_test(tables_of_one_day_are_of_the_same_people),
        cmocka_unit_test(who_said_no_today_is_not_counted_and_who_came_today_not_yet),
        cmocka_unit_test(each_person_stands_in_one_cell_of_each_table),
        cmocka_unit_test(what_cannot_be_counted_is_refused),
        cmocka_unit_test(who_asks_needs_the_purpose_and_a_role_that_is_open),
        cmocka_unit_test(people_are_counted_step_by_step_while_others_are_served),
        cmocka_unit_test(two_who_count_at_once_publish_one_set_of_tables),
        cmocka_unit_test(a_restart_midway_leaves_nothing_and_after_it_all_is_kept),
        cmocka_unit_test(a_count_that_meets_midnight_begins_anew),
        cmocka_unit_test(
            a_day_counted_for_smaller_groups_is_not_told_after_the_policy_asks_for_larger),
        cmocka_unit_test(kept_tables_that_are_not_what_was_kept_are_none),
    };
    return cmocka_run_group_tests_name("statistics", tests, NULL, NULL);
}
