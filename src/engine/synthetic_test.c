/* Synthetic people come into a register of each policy by the import, the same for the same seed,
 * and nothing about them could be anybody's. */
#include "engine_fixture.h"

#include "json.h"
#include "norway.h"
#include "synthetic.h"

enum { PEOPLE = 60, LINE_BYTES = 256 << 10 };

static const char now[] = "2026-03-02T09:00:00Z";

static const char *const policies[] = {"cloudberries", "cobuilder", "confect",
                                       "hosting",      "infobric",  "example"};

static str line_of(struct fixture *f, struct synthetic *synthetic)
{
    struct buf line = buf_in(f->arena, LINE_BYTES);
    assert_true(synthetic_person(synthetic, f->arena, &line));
    return buf_str(&line);
}

/* An eleven-digit number in a value has its month raised by 80; an address is of example.test. */
static void nobodys(str value)
{
    bool digits = value.len == 11;
    for (size_t i = 0; i < value.len; i++)
        digits = digits && value.ptr[i] >= '0' && value.ptr[i] <= '9';
    if (digits && !foedselsnummer_is_synthetic(value))
        fail_msg("%.*s", STR_ARG(value));
    if (memchr(value.ptr, '@', value.len) != NULL && !str_ends(value, STR("@example.test")))
        fail_msg("%.*s", STR_ARG(value));
}

static void look_at(struct fixture *f, str line)
{
    const struct json *json;
    struct report report = {0};
    assert_true(is_ok(json_parse(f->arena, line, &report, &json)));
    for (JSON_EACH(collect, json_get(json, "collect"))) {
        for (JSON_EACH(value, json_get(collect, "values")))
            nobodys(value->text);
    }
}

static void load_into(struct fixture *f, const char *policy)
{
    struct synthetic synthetic, again;
    fixture_start(f, 46, now);
    fixture_register(f, policy, now);
    const struct plan *plan = reg_plan_now(f->reg);
    synthetic_start(&synthetic, plan, 7, at_time(now), STR("T-"));
    synthetic_start(&again, plan, 7, at_time(now), STR("T-"));
    for (int i = 0; i < PEOPLE; i++) {
        struct import_line line = {(uint64_t)i + 1, line_of(f, &synthetic)};
        assert_true(str_equal(line.text, line_of(f, &again)));
        look_at(f, line.text);
        RUN_OK(f, use_import, &line);
        assert_int_equal(f->call.outcome.count, 1);
        RUN_OK(f, use_import, &line);
        assert_int_equal(f->call.outcome.count, 0);
    }
    uint64_t people;
    assert_true(is_ok(vault_count(reg_vault(f->reg), DOSSIER_SUBJECT, &f->report, &people)));
    assert_int_equal(people, PEOPLE);
    fixture_stop(f);
}

static void they_load_into_a_register_of_each_policy_and_a_second_time_add_nothing(void **state)
{
    (void)state;
    struct fixture f;
    for (size_t i = 0; i < LENGTH(policies); i++)
        load_into(&f, policies[i]);
}

static void another_seed_gives_others(void **state)
{
    (void)state;
    struct fixture f;
    struct synthetic one, other;
    fixture_start(&f, 46, now);
    fixture_register(&f, "example", now);
    synthetic_start(&one, reg_plan_now(f.reg), 1, at_time(now), STR("T-"));
    synthetic_start(&other, reg_plan_now(f.reg), 2, at_time(now), STR("T-"));
    size_t same = 0;
    for (int i = 0; i < PEOPLE; i++)
        same += str_equal(line_of(&f, &one), line_of(&f, &other)) ? 1 : 0;
    assert_true(same < PEOPLE / 4);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_load_into_a_register_of_each_policy_and_a_second_time_add_nothing),
        cmocka_unit_test(another_seed_gives_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
