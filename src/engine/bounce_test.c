/* What was sent and came back: notices that told nobody, addresses that fail. */
#include "engine_fixture.h"

#include "engine_internal.h"

#define START "2026-03-01T09:00:00Z"

static status use_bounce(struct call *call, void *request)
{
    return engine_bounce(call, request);
}

static status use_clear(struct call *call, void *request)
{
    return engine_bounce_clear(call, request);
}

struct scene {
    dossier_id person;
    record_id email;
};

static struct scene begin(struct fixture *f, uint64_t seed)
{
    struct scene scene;
    fixture_start(f, seed, START);
    fixture_register(f, "example", START);
    struct evidence_record balancing = {.type = STR("balancing"), .purpose = STR("support")};
    RUN_OK(f, use_evidence, &balancing);
    RUN_OK(f, make_asker, NULL);
    scene.person = f->call.outcome.id;
    struct collect_value values[] = {{STR("contact.email"), STR("kari@example.test"), false},
                                     {STR("question.text"), STR("Why?"), false}};
    struct collect_run collect = {.request = {.subject = scene.person,
                                              .intake = STR("contact_form"),
                                              .values = values,
                                              .value_count = 2}};
    RUN_OK(f, use_collect, &collect);
    scene.email = collect.result.items[0];
    return scene;
}

static struct message answer_to(const struct scene *scene)
{
    return (struct message){.subject = scene->person,
                            .message = STR("answer"),
                            .channel = STR("email"),
                            .item = scene->email,
                            .queue = true,
                            .heading = STR("Your question"),
                            .text = STR("Because.")};
}

static size_t waiting(struct fixture *f)
{
    struct task_list list;
    RUN_OK(f, use_task_list, &list);
    return list.count;
}

static void an_address_fails_for_good_until_it_is_cleared(void **state)
{
    (void)state;
    struct fixture f;
    struct scene scene = begin(&f, 61);
    struct message message = answer_to(&scene);
    struct bounce bounce = {.subject = scene.person, .item = scene.email};
    RUN_OK(&f, use_bounce, &bounce); /* once, for now: nothing follows from that */
    RUN_OK(&f, use_message, &message);
    assert_int_equal(waiting(&f), 1);
    assert_int_equal(alarms_open(&f, "undelivered"), 0);
    bounce.permanent = true;
    RUN_OK(&f, use_bounce, &bounce);
    assert_int_equal(waiting(&f), 0); /* what waited for it is dropped */
    assert_int_equal(alarms_open(&f, "undelivered"), 1);
    RUN_FAULT(&f, use_message, &message, FAULT_REFUSED);
    assert_true(str_is(f.call.decision->reason.rule, "always.working_address"));
    message.item = (record_id){{0}}; /* by another way there is nothing against it */
    message.text = message.heading = STR("");
    RUN_OK(&f, use_message, &message);
    struct bounce_clear clear = {scene.person, scene.email};
    RUN_OK(&f, use_clear, &clear);
    assert_int_equal(alarms_open(&f, "undelivered"), 0);
    RUN_FAULT(&f, use_clear, &clear, FAULT_CONFLICT);
    message = answer_to(&scene);
    RUN_OK(&f, use_message, &message);
    fixture_stop(&f);
}

static void an_address_that_is_put_right_fails_no_more(void **state)
{
    (void)state;
    struct fixture f;
    struct scene scene = begin(&f, 62);
    struct bounce bounce = {.subject = scene.person, .item = scene.email, .permanent = true};
    RUN_OK(&f, use_bounce, &bounce);
    struct rectify rectify = {.subject = scene.person,
                              .item = scene.email,
                              .value = STR("kari.new@example.test"),
                              .warned = true};
    RUN_OK(&f, use_rectify, &rectify);
    scene.email = f.call.outcome.record;
    struct message message = answer_to(&scene);
    RUN_OK(&f, use_message, &message);
    fixture_stop(&f);
}

static void a_mail_is_known_by_its_message_id(void **state)
{
    (void)state;
    struct fixture f;
    struct scene scene = begin(&f, 63);
    char room[3 * ID_TEXT + 64];
    struct buf buf = buf_over(room, sizeof(room));
    record_id task = {{7}};
    buf_char(&buf, '<');
    buf_id(&buf, task.bytes);
    buf_char(&buf, '.');
    buf_id(&buf, scene.person.bytes);
    buf_char(&buf, '.');
    buf_id(&buf, scene.email.bytes);
    buf_text(&buf, "@example.no>");
    struct bounce bounce = {.message = buf_str(&buf), .permanent = true};
    RUN_OK(&f, use_bounce, &bounce);
    struct message message = answer_to(&scene);
    RUN_FAULT(&f, use_message, &message, FAULT_REFUSED);
    bounce.subject = scene.person; /* said twice */
    RUN_FAULT(&f, use_bounce, &bounce, FAULT_INVALID);
    static const char *const odd[] = {"<>", "<x@y>", "a.b.c", "<AAAA.BBBB.CCCC@example.no>",
                                      "@",  "."};
    for (size_t i = 0; i < LENGTH(odd); i++) {
        struct bounce wrong = {.message = str_from(odd[i]), .permanent = true};
        RUN_FAULT(&f, use_bounce, &wrong, FAULT_INVALID);
    }
    struct bounce nothing = {.permanent = true};
    RUN_FAULT(&f, use_bounce, &nothing, FAULT_INVALID);
    nothing.subject = scene.person;
    RUN_FAULT(&f, use_bounce, &nothing, FAULT_INVALID);
    nothing.item = task;
    RUN_FAULT(&f, use_bounce, &nothing, FAULT_NOT_FOUND);
    nothing.subject.bytes[0] ^= 1; /* nobody, and somebody hidden, answer alike */
    RUN_FAULT(&f, use_bounce, &nothing, FAULT_NOT_FOUND);
    fixture_stop(&f);
}

static void a_notice_that_came_back_told_nobody(void **state)
{
    (void)state;
    struct fixture f;
    struct scene scene = begin(&f, 64);
    struct evidence_record notice = {
        .type = STR("notice"), .subject = scene.person, .version = STR("2026-01")};
    RUN_OK(&f, use_evidence, &notice);
    record_id record = f.call.outcome.record;
    move_clock(&f, "2026-03-05T09:00:00Z");
    struct bounce bounce = {.subject = scene.person, .notice = scene.email};
    RUN_FAULT(&f, use_bounce, &bounce, FAULT_NOT_FOUND);
    struct evidence_record agreement = {.type = STR("agreement"), .subject = scene.person};
    RUN_OK(&f, use_evidence, &agreement);
    bounce.notice = f.call.outcome.record;
    RUN_FAULT(&f, use_bounce, &bounce, FAULT_INVALID);
    assert_string_equal(f.report.where, "/notice");
    assert_int_equal(alarms_open(&f, "undelivered"), 0);
    bounce.notice = record;
    RUN_OK(&f, use_bounce, &bounce);
    enum presence presence;
    struct dossier *dossier;
    assert_true(
        is_ok(vault_load(f.reg->vault, scene.person, f.arena, &f.report, &presence, &dossier)));
    const struct fact_evidence *there = facts_find_evidence(dossier->facts, record);
    assert_non_null(there);
    assert_int_equal(there->until.ms, there->since.ms); /* as if it had never been */
    assert_int_equal(alarms_open(&f, "undelivered"), 1);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_fails_for_good_until_it_is_cleared),
        cmocka_unit_test(an_address_that_is_put_right_fails_no_more),
        cmocka_unit_test(a_mail_is_known_by_its_message_id),
        cmocka_unit_test(a_notice_that_came_back_told_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
