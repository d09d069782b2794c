/* Under each of the five policies a person gets a copy of what is held, with its source and its
 * purposes, and a wrong value is put right everywhere: by herself and by the firm for her. */
#include "engine_fixture.h"

#include "document.h"
#include "engine_internal.h"

enum { VALUES_MOST = 4 };

struct play {
    const char *policy, *role, *intake, *source, *channel, *controller, *matter, *consent;
    const char *fields[VALUES_MOST]; /* the first is put right */
    const char *purpose;             /* that the copy names */
    bool agreement;                  /* which it rests on */
};

struct person {
    dossier_id id;
    record_id item;
};

static dossier_id matter_for(struct fixture *f, const struct play *play)
{
    if (play->matter == NULL)
        return (dossier_id){{0}};
    struct matter_create create = {.kind = str_from(play->matter), .number = STR("1")};
    RUN_OK(f, use_matter_create, &create);
    return f->call.outcome.id;
}

static dossier_id new_person(struct fixture *f, const struct play *play)
{
    str role = str_from(play->role);
    struct subject_create create = {.roles = &role, .role_count = 1};
    RUN_OK(f, use_subject_create, &create);
    dossier_id id = f->call.outcome.id;
    if (play->consent != NULL) {
        struct consent consent = {.subject = id,
                                  .purpose = str_from(play->consent),
                                  .wording = STR("Yes, you may."),
                                  .given_by = STR("click")};
        RUN_OK(f, use_consent, &consent);
    }
    return id;
}

static struct person begin(struct fixture *f, const struct play *play)
{
    fixture_start(f, 31, "2026-01-01T00:00:00Z");
    fixture_register(f, play->policy, "2026-01-10T09:00:00Z");
    f->company = play->controller;
    struct person person = {.id = new_person(f, play)};
    dossier_id matter = matter_for(f, play);
    struct evidence_record agreement = {
        .type = STR("agreement"), .subject = person.id, .matter = matter};
    if (play->agreement)
        RUN_OK(f, use_evidence, &agreement);
    str notice = STR("notice");
    struct collect_value values[VALUES_MOST];
    size_t count = 0;
    for (; count < VALUES_MOST && play->fields[count] != NULL; count++)
        values[count] =
            (struct collect_value){str_from(play->fields[count]),
                                   count == 0 ? STR("wrong value") : STR("b@example.org"), true};
    struct collect_run collect = {.request = {.subject = person.id,
                                              .matter = matter,
                                              .intake = str_from(play->intake),
                                              .source = str_from(play->source),
                                              .channel = str_from(play->channel),
                                              .controller = str_from(play->controller),
                                              .supplied = &notice,
                                              .supplied_count = play->consent == NULL ? 0 : 1,
                                              .values = values,
                                              .value_count = count}};
    RUN_OK(f, use_collect, &collect);
    person.item = collect.result.items[0];
    if (ID_IS_ZERO(person.item))
        fail_msg("%s: %s was not taken", play->policy, play->fields[0]);
    return person;
}

static str copy_for(struct fixture *f, dossier_id id)
{
    struct export_run export = {.request = {.subject = id, .by_subject = true}};
    RUN_OK(f, use_export, &export);
    return export.document;
}

static void expect_copy(struct fixture *f, const struct play *play, dossier_id id,
                        const char *value, const char *gone)
{
    str copy = copy_for(f, id);
    const char *wanted[] = {value, play->fields[0], play->source, play->purpose};
    for (size_t i = 0; i < LENGTH(wanted); i++) {
        if (!says(copy, wanted[i]))
            fail_msg("%s: the copy lacks %s: %.*s", play->policy, wanted[i], STR_ARG(copy));
    }
    if (gone != NULL && says(copy, gone))
        fail_msg("%s: the copy still has %s", play->policy, gone);
}

/* The answer of article 15 is whole under each policy, in each of its languages, and says the
 * value; in one that nobody speaks it is refused, and nothing of it was logged. */
static void expect_paper(struct fixture *f, const struct play *play, dossier_id id)
{
    static const char *const SPOKEN[] = {"nb", "nn", "en"};
    for (size_t i = 0; i < LENGTH(SPOKEN); i++) {
        struct paper *paper = NULL;
        struct export_run export = {.request = {.subject = id,
                                                .by_subject = true,
                                                .format = STR("html"),
                                                .language = str_from(SPOKEN[i]),
                                                .paper = &paper}};
        RUN_OK(f, use_export, &export);
        assert_true(paper_has(paper, "copy.data.ends"));
        if (!says(paper_said(paper, "copy"), "right at last"))
            fail_msg("%s: %.*s", play->policy, STR_ARG(paper_said(paper, "copy")));
    }
    struct paper *paper = NULL;
    struct export_run other = {.request = {.subject = id, .language = STR("sv"), .paper = &paper}};
    uint64_t size = audit_size(f->reg->log);
    RUN_FAULT(f, use_export, &other, FAULT_INVALID);
    assert_int_equal(audit_size(f->reg->log), size);
    assert_null(paper);
}

/* The copy before and after each of the two ways to put a value right. */
static void play_rights(const struct play *play)
{
    struct fixture f;
    struct person person = begin(&f, play);
    expect_copy(&f, play, person.id, "wrong value", NULL);
    struct rectify own = {
        .subject = person.id, .item = person.item, .value = STR("half right"), .by_subject = true};
    RUN_OK(&f, use_rectify, &own);
    record_id newer = f.call.outcome.record;
    expect_copy(&f, play, person.id, "half right", "wrong value");
    RUN_FAULT(&f, use_rectify, &own, FAULT_NOT_FOUND); /* the wrong one is there no more */
    struct rectify firm = {.subject = person.id, .item = newer, .value = STR("right at last")};
    RUN_OK(&f, use_rectify, &firm);
    expect_copy(&f, play, person.id, "right at last", "half right");
    expect_paper(&f, play, person.id);
    fixture_stop(&f);
}

/* CON-57, CON-58 */
static void a_candidate_gets_a_copy_and_has_it_put_right(void **state)
{
    (void)state;
    play_rights(&(struct play){.policy = "confect",
                               .role = "candidate",
                               .intake = "application",
                               .source = "person",
                               .channel = "web",
                               .controller = "confect",
                               .matter = "vacancy",
                               .fields = {"basic.name", "basic.email",
                                          "job_application.application", "job_application.cv"},
                               .purpose = "recruitment"});
}

/* COB-36, COB-92 */
static void a_named_person_changes_data_herself_and_through_support(void **state)
{
    (void)state;
    play_rights(&(struct play){.policy = "cobuilder",
                               .role = "named_person",
                               .intake = "contract",
                               .source = "person",
                               .channel = "post",
                               .controller = "cobuilder",
                               .fields = {"identity.person_name"},
                               .purpose = "contract_signing"});
}

/* COB-93: of whoever has an account, on the site of the firm */
static void a_registered_user_sees_and_changes_what_is_held(void **state)
{
    (void)state;
    play_rights(&(struct play){.policy = "cobuilder",
                               .role = "user",
                               .intake = "registration",
                               .source = "person",
                               .channel = "web",
                               .controller = "cobuilder",
                               .matter = "service",
                               .fields = {"identity.person_name", "contact.work_email"},
                               .purpose = "account_provisioning",
                               .agreement = true});
}

/* INF-64, INF-65 */
static void one_who_orders_has_a_wrong_value_put_right(void **state)
{
    (void)state;
    play_rights(&(struct play){.policy = "infobric",
                               .role = "order_maker",
                               .intake = "order",
                               .source = "person",
                               .channel = "web",
                               .controller = "infobric_as",
                               .fields = {"contact.name", "contact.work_email", "order.goods"},
                               .purpose = "orders"});
}

/* HOS-49, HOS-50 */
static void a_customer_changes_data_in_the_portal_and_through_the_company(void **state)
{
    (void)state;
    play_rights(&(struct play){.policy = "hosting",
                               .role = "customer",
                               .intake = "registration",
                               .source = "registration",
                               .channel = "web",
                               .controller = "hosting",
                               .matter = "service",
                               .fields = {"identification.name", "contact.email", "address.street"},
                               .purpose = "deliver_services",
                               .agreement = true});
}

/* CLO-27, CLO-28, CLO-29, CLO-33: source and purposes stand in the copy. */
static void one_who_is_interested_learns_source_and_purposes_and_has_data_put_right(void **state)
{
    (void)state;
    play_rights(&(struct play){.policy = "cloudberries",
                               .role = "interested",
                               .intake = "web_form",
                               .source = "person",
                               .channel = "web",
                               .controller = "cloudberries",
                               .consent = "sales",
                               .fields = {"contact.address", "contact.email"},
                               .purpose = "sales"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_candidate_gets_a_copy_and_has_it_put_right),
        cmocka_unit_test(a_named_person_changes_data_herself_and_through_support),
        cmocka_unit_test(a_registered_user_sees_and_changes_what_is_held),
        cmocka_unit_test(one_who_orders_has_a_wrong_value_put_right),
        cmocka_unit_test(a_customer_changes_data_in_the_portal_and_through_the_company),
        cmocka_unit_test(one_who_is_interested_learns_source_and_purposes_and_has_data_put_right),
    };
    return cmocka_run_group_tests_name("rights", tests, NULL, NULL);
}
