/* Who looks at others: what a question lacks, whom nobody is shown to, and a search without the
 * memory that it needs. */
#include "engine_fixture.h"

#include <string.h>

#include "engine_internal.h"

#define START "2026-03-01T09:00:00Z"

struct search_run {
    struct search request;
    struct search_result result;
};

static status use_search(struct call *call, void *request)
{
    struct search_run *search = request;
    return engine_search(call, &search->request, &search->result);
}

/* The policy of a directory of users, with one part put in place of another. */
static void start(struct fixture *f, const char *from, const char *to)
{
    fixture_start(f, 81, START);
    str text = read_text(f, "policies/cobuilder.yaml");
    const char *there = memmem(text.ptr, text.len, from, strlen(from));
    assert_non_null(there);
    size_t at = (size_t)(there - text.ptr);
    struct register_create create = {
        .name = STR("users"),
        .policy_file = STR("users.yaml"),
        .policy = arena_format(f->arena, "%.*s%s%.*s", (int)at, text.ptr, to,
                               STR_ARG(str_slice(text, at + strlen(from), text.len))),
        .deployment_file = STR("users.deploy.yaml"),
        .deployment = read_text(f, "policies/cobuilder.deploy.yaml"),
        .simulated = true,
        .start = at_time(START)};
    struct problems problems = {.arena = f->arena};
    if (!is_ok(
            engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin)))
        fail_msg("%s %s", f->report.where, f->report.text);
    f->reg = engine_register(f->engine, STR("users"));
    struct evidence_record weighed = {.type = STR("balancing"), .purpose = STR("user_directory")};
    RUN_OK(f, use_evidence, &weighed);
}

static dossier_id user(struct fixture *f, const char *name, const char *email)
{
    const str roles[] = {STR("user")};
    struct subject_create create = {.roles = roles, .role_count = 1};
    RUN_OK(f, use_subject_create, &create);
    dossier_id id = f->call.outcome.id;
    struct evidence_record agreement = {.type = STR("agreement"), .subject = id};
    RUN_OK(f, use_evidence, &agreement);
    const struct collect_value values[] = {{STR("identity.person_name"), str_from(name), false},
                                           {STR("contact.work_email"), str_from(email), false}};
    struct collect_run collect = {.request = {.subject = id,
                                              .intake = STR("registration"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .values = values,
                                              .value_count = 2}};
    RUN_OK(f, use_collect, &collect);
    return id;
}

static struct search_run looks(dossier_id viewer, const char *audience)
{
    return (struct search_run){.request = {.viewer = viewer,
                                           .audience = str_from(audience),
                                           .text = STR("kari.nordmann@firm.example")}};
}

/* COB-73 */
static void a_question_names_its_audience_and_one_of_its_purposes(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "for: [user_directory], gives: [contact], searchable",
          "for: [user_directory, support], gives: [contact], searchable");
    dossier_id vera = user(&f, "Vera", "vera@firm.example");
    (void)user(&f, "Kari", "kari.nordmann@firm.example");
    uint64_t before_it = audit_size(reg_log(f.reg));
    struct search_run nobody = looks(vera, "");
    RUN_FAULT(&f, use_search, &nobody, FAULT_INVALID);
    assert_string_equal(f.report.where, "/audience");
    assert_non_null(strstr(f.report.text, "name the audience"));
    struct search_run several = looks(vera, "users_search");
    RUN_FAULT(&f, use_search, &several, FAULT_INVALID);
    assert_string_equal(f.report.where, "/purpose");
    assert_non_null(strstr(f.report.text, "several purposes"));
    assert_int_equal(audit_size(reg_log(f.reg)), before_it);
    several.request.purpose = STR("user_directory");
    RUN_OK(&f, use_search, &several);
    assert_int_equal(several.result.count, 1);
    fixture_stop(&f);
}

/* COB-74: what the policy closes is closed to everyone, and says so rather than who one must be. */
static void an_audience_that_gets_nothing_is_refused_by_its_own_clause(void **state)
{
    (void)state;
    struct fixture f;
    start(&f,
          "kind: audience, who: [user], for: [user_directory], gives: [contact], searchable: true",
          "kind: audience, who: [user], for: [user_directory], gives: [contact], never: true");
    dossier_id vera = user(&f, "Vera", "vera@firm.example");
    struct search_run closed = looks(vera, "users_search");
    RUN_FAULT(&f, use_search, &closed, FAULT_REFUSED);
    if (!str_is(f.call.decision->reason.rule, "recipients.users_search"))
        fail_msg("refused by %.*s", STR_ARG(f.call.decision->reason.rule));
    assert_int_equal(closed.result.count, 0);
    fixture_stop(&f);
}

/* G12: a search that could not look at everyone says so, and shows nobody in part. */
static void a_search_without_room_to_look_at_somebody_fails(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "vern:", "vern:");
    dossier_id vera = user(&f, "Vera", "vera@firm.example");
    (void)user(&f, "Kari", "kari.nordmann@firm.example");
    size_t failed = 0;
    bool found = false;
    for (size_t room = 1 << 10; room < 1 << 20 && !found; room += 256) {
        CLEANUP(arena_free) struct arena *arena = arena_new(room);
        struct search_run search = looks(vera, "users_search");
        struct for_company one = {use_search, &search, company_of(&f)};
        f.reg->clock.ms += 3600000; /* so many an hour */
        f.report = (struct report){0};
        status done = engine_run(f.engine, f.reg, engine_system(), arena, &f.report, &f.call,
                                 use_for_company, &one);
        found = is_ok(done);
        failed += !found;
        assert_int_equal(search.result.count, found);
        assert_int_equal(done.fault, found ? FAULT_NONE : FAULT_LIMIT);
    }
    assert_true(found && failed > 1);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_names_its_audience_and_one_of_its_purposes),
        cmocka_unit_test(an_audience_that_gets_nothing_is_refused_by_its_own_clause),
        cmocka_unit_test(a_search_without_room_to_look_at_somebody_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
