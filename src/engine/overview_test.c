/* What a person sees of their choices where a consent is one for each recipient or field. */
#include "engine_fixture.h"

#include <string.h>

#include "engine_internal.h"
#include "json.h"

#define START "2026-03-01T09:00:00Z"

static void start(struct fixture *f)
{
    fixture_start(f, 82, START);
    struct register_create create = {
        .name = STR("users"),
        .policy_file = STR("users.yaml"),
        .policy = read_text(f, "policies/cobuilder.yaml"),
        .deployment_file = STR("users.deploy.yaml"),
        .deployment = read_text(f, "policies/cobuilder.deploy.yaml"),
        .simulated = true,
        .start = at_time(START)};
    struct db_places places = fixture_places(create.name);
    create.places = &places;
    struct problems problems = {.arena = f->arena};
    if (!is_ok(
            engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin)))
        fail_msg("%s %s", f->report.where, f->report.text);
    f->reg = engine_register(f->engine, STR("users"));
}

static dossier_id user(struct fixture *f)
{
    const str roles[] = {STR("user")};
    struct subject_create create = {.roles = roles, .role_count = 1};
    RUN_OK(f, use_subject_create, &create);
    dossier_id id = f->call.outcome.id;
    struct evidence_record agreement = {.type = STR("agreement"), .subject = id};
    RUN_OK(f, use_evidence, &agreement);
    const struct collect_value values[] = {
        {STR("identity.person_name"), STR("Kari Prøve"), false},
        {STR("contact.work_email"), STR("kari@firm.example"), false}};
    struct collect_run collect = {.request = {.subject = id,
                                              .intake = STR("registration"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .values = values,
                                              .value_count = 2}};
    RUN_OK(f, use_collect, &collect);
    return id;
}

struct overview_run {
    dossier_id id;
    str document;
};

static status use_overview(struct call *call, void *request)
{
    struct overview_run *run = request;
    return engine_overview(call, run->id, &run->document);
}

/* What the overview says of a purpose. */
static const struct json *seen(struct fixture *f, dossier_id id, const char *purpose)
{
    struct overview_run show = {.id = id};
    const struct json *all;
    RUN_OK(f, use_overview, &show);
    assert_true(is_ok(json_parse(f->arena, show.document, &f->report, &all)));
    for (JSON_EACH(one, json_get(all, "purposes"))) {
        str name;
        if (json_str(json_get(one, "purpose"), &name) && str_is(name, purpose))
            return one;
    }
    fail_msg("%s is not shown", purpose);
    return NULL;
}

static size_t rows(const struct json *object, const char *member)
{
    const struct json *list = json_get(object, member);
    return list == NULL ? 0 : list->count;
}

/* The first row of the list. */
static bool row_says(const struct json *object, const char *list, const char *key, const char *text)
{
    str said;
    return json_str(json_get(json_get(object, list)->child, key), &said) && str_is(said, text);
}

static dossier_id producer(struct fixture *f, const char *name)
{
    struct party_create create = {.kind = STR("manufacturer"), .name = str_from(name)};
    RUN_OK(f, use_party_create, &create);
    return f->call.outcome.id;
}

/* COB-48, COB-49: yes to one of them is seen as that, and no to it leaves the others. */
static void a_consent_for_each_recipient_is_seen_by_its_name(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    dossier_id kari = user(&f), first = producer(&f, "Dører AS"), second = producer(&f, "Tak AS");
    const struct json *before_it = seen(&f, kari, "third_party_product_info");
    assert_int_equal(rows(before_it, "per"), 1);
    assert_int_equal(rows(before_it, "given"), 0);
    const dossier_id both[] = {first, second};
    for (size_t i = 0; i < 2; i++) {
        struct consent consent = {.subject = kari,
                                  .party = both[i],
                                  .purpose = STR("third_party_product_info"),
                                  .wording = STR("Send me what you make"),
                                  .given_by = STR("click"),
                                  .channel = STR("web"),
                                  .language = STR("nb")};
        RUN_OK(&f, use_consent, &consent);
    }
    const struct json *given = seen(&f, kari, "third_party_product_info");
    assert_int_equal(rows(given, "given"), 2);
    assert_true(row_says(given, "given", "party_name", "Dører AS"));
    struct withdrawal no = {
        .subject = kari, .purpose = STR("third_party_product_info"), .party = first};
    RUN_OK(&f, use_withdraw, &no);
    const struct json *left = seen(&f, kari, "third_party_product_info");
    assert_int_equal(rows(left, "given"), 1);
    assert_true(row_says(left, "given", "party_name", "Tak AS"));
    fixture_stop(&f);
}

/* COB-74: what can be chosen is what the purpose uses and the person has. */
static void a_consent_for_each_field_names_the_fields_to_choose_from(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    dossier_id kari = user(&f);
    struct consent consent = {.subject = kari,
                              .purpose = STR("profile_visibility"),
                              .field = STR("identity.person_name"),
                              .wording = STR("Show my name"),
                              .given_by = STR("click"),
                              .channel = STR("web"),
                              .language = STR("nb")};
    RUN_OK(&f, use_consent, &consent);
    const struct json *given = seen(&f, kari, "profile_visibility");
    assert_int_equal(rows(given, "fields"), 1); /* her address is no part of the purpose */
    assert_true(row_says(given, "fields", "field", "identity.person_name"));
    assert_int_equal(rows(given, "given"), 1);
    assert_true(row_says(given, "given", "field", "identity.person_name"));
    assert_int_equal(rows(seen(&f, kari, "user_directory"), "per"), 0);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_consent_for_each_recipient_is_seen_by_its_name),
        cmocka_unit_test(a_consent_for_each_field_names_the_fields_to_choose_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
