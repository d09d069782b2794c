/* Objections to tasks in the public interest, and links as the engine reads them. */
#include "engine_fixture.h"

#include "engine_internal.h"

/* The example policy with one part put in place of another. */
static void open_changed(struct fixture *f, const char *from, const char *to)
{
    str text = read_text(f, "policies/example.yaml");
    const char *there = memmem(text.ptr, text.len, from, strlen(from));
    assert_non_null(there);
    size_t at = (size_t)(there - text.ptr);
    struct register_create create = {
        .name = STR("changed"),
        .policy_file = STR("example.yaml"),
        .policy = arena_format(f->arena, "%.*s%s%.*s", (int)at, text.ptr, to,
                               STR_ARG(str_slice(text, at + strlen(from), text.len))),
        .simulated = true,
        .start = at_time("2026-03-01T09:00:00Z")};
    struct problems problems = {.arena = f->arena};
    status made =
        engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin);
    if (!is_ok(made))
        fail_msg("%s %s", f->report.where, f->report.text);
    f->reg = engine_register(f->engine, STR("changed"));
}

static status use_decide_objection(struct call *call, void *request)
{
    return engine_objection_decide(call, request);
}

static dossier_id asker_with_question(struct fixture *f)
{
    const str roles[] = {STR("asker")};
    struct subject_create create = {.roles = roles, .role_count = 1};
    RUN_OK(f, use_subject_create, &create);
    dossier_id id = f->call.outcome.id;
    const struct collect_value values[] = {
        {.field = STR("contact.email"), .value = STR("ola@example.org")},
        {.field = STR("question.text"), .value = STR("When?")}};
    struct collect_run collect = {.request = {.subject = id,
                                              .intake = STR("contact_form"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .values = values,
                                              .value_count = 2}};
    RUN_OK(f, use_collect, &collect);
    return id;
}

static void support_reads(struct fixture *f, dossier_id id, enum fault_class wanted)
{
    struct read_run read = {.request = {.subject = id, .purpose = STR("support")}};
    status got = run(f, use_read, &read);
    if (got.fault != wanted)
        fail_msg("%s: %s", fault_name(got.fault), f->report.text);
    if (wanted == FAULT_REFUSED)
        assert_true(str_is(f->call.decision->reason.rule, "rights.object"));
}

/* CON-64, CON-62: a task in the public interest is objected to and weighed as an interest is; it
 * needs no balancing on file, and what is upheld is off for good. */
static void a_task_in_the_public_interest_can_be_objected_to(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 51, "2026-03-01T09:00:00Z");
    open_changed(&f, "basis: legitimate_interest", "basis: public_task        ");
    dossier_id id = asker_with_question(&f);
    support_reads(&f, id, FAULT_NONE);
    struct objection_make object = {.subject = id, .purpose = STR("support")};
    RUN_OK(&f, use_object, &object);
    struct objection_decision decision = {
        .subject = id, .objection = f.call.outcome.record, .reasons = STR("It must be done")};
    support_reads(&f, id, FAULT_REFUSED); /* while it is weighed */
    RUN_OK(&f, use_decide_objection, &decision);
    support_reads(&f, id, FAULT_NONE);
    RUN_OK(&f, use_object, &object);
    decision.objection = f.call.outcome.record;
    decision.upheld = true;
    RUN_OK(&f, use_decide_objection, &decision);
    status after = run(&f, use_object, &object); /* nothing is held for it any more */
    assert_true(is_ok(after) || after.fault == FAULT_NOT_FOUND || after.fault == FAULT_GONE);
    struct read_run read = {.request = {.subject = id, .purpose = STR("support")}};
    assert_false(is_ok(run(&f, use_read, &read)));
    fixture_stop(&f);
}

/* COB-34, CON-76 */
static void a_link_is_of_one_register_person_message_and_channel(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 52, "2026-03-01T09:00:00Z");
    struct reg *first = fixture_register(&f, "example", "2026-03-01T09:00:00Z");
    open_changed(&f, "basis: legitimate_interest", "basis: public_task        ");
    dossier_id id = {{7}};
    str links[4];
    assert_true(is_ok(
        engine_link(first, id, STR("newsletter"), STR("email"), f.arena, &f.report, &links[0])));
    assert_true(is_ok(
        engine_link(first, id, STR("newsletter"), STR("fax"), f.arena, &f.report, &links[1])));
    assert_true(is_ok(
        engine_link(f.reg, id, STR("newsletter"), STR("email"), f.arena, &f.report, &links[2])));
    assert_true(
        is_ok(engine_link(first, id, STR("answer"), STR("email"), f.arena, &f.report, &links[3])));
    struct stop_link link;
    assert_true(engine_link_read(first, links[0], &link));
    assert_true(ID_EQUAL(link.subject, id));
    assert_true(str_is(words_text(reg_words(first), link.message), "newsletter"));
    assert_true(str_is(words_text(reg_words(first), link.channel), "email"));
    assert_false(engine_link_read(first, links[1], &link)); /* no channel of any version */
    assert_false(engine_link_read(first, links[2], &link)); /* another register's */
    assert_true(engine_link_read(first, links[3], &link));
    assert_false(str_equal(links[0], links[3]));
    /* No bit of it can be another. */
    for (size_t i = 0; i < links[0].len; i++) {
        char *copy = arena_take(f.arena, links[0].len);
        memcpy(copy, links[0].ptr, links[0].len);
        copy[i] = copy[i] == 'x' ? 'y' : 'x';
        assert_false(engine_link_read(first, (str){copy, links[0].len}, &link));
    }
    /* It is the same after a restart: good for ever. */
    fixture_close(&f);
    fixture_open(&f);
    first = engine_register(f.engine, STR("example"));
    assert_true(engine_link_read(first, links[0], &link));
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_in_the_public_interest_can_be_objected_to),
        cmocka_unit_test(a_link_is_of_one_register_person_message_and_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
