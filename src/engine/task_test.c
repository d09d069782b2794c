/* Tasks: what waits for the firm's own systems, as facts of the person whom it concerns. */
#include "engine_fixture.h"

#include "engine_internal.h"

static status make_person(struct call *call, void *request)
{
    (void)request;
    const str roles[] = {STR("subscriber")};
    struct subject_create create = {.roles = roles, .role_count = 1};
    return engine_subject_create(call, &create);
}

struct opening {
    dossier_id subject;
    struct fact_task task;
};

static status open_task(struct call *call, void *request)
{
    struct opening *opening = request;
    struct subject subject;
    TRY(call_open(call, opening->subject, &subject));
    struct operation op = call_operation(call, ACTION_SEND, opening->subject);
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "queue", decision_by_scope(), NULL, 0,
                   &permit));
    opening->task.kind = TASK_SEND;
    opening->task.name = words_intern(call->reg->words, STR("newsletter"));
    opening->task.channel = words_intern(call->reg->words, STR("email"));
    opening->task.due = NEVER;
    TRY(call_task_add(call, subject.dossier, permit, &opening->task, STR("{\"template\":\"t1\"}")));
    return call_store(call, &subject, permit);
}

static status list_tasks(struct call *call, void *request)
{
    return engine_task_list(call, (dossier_id){{0}}, 10, request);
}

static dossier_id with_task(struct fixture *f, struct opening *opening)
{
    RUN_OK(f, make_person, NULL);
    *opening = (struct opening){.subject = f->call.outcome.id};
    struct consent consent = {.subject = opening->subject,
                              .purpose = STR("newsletter"),
                              .wording = STR("Yes please"),
                              .given_by = STR("click")};
    RUN_OK(f, use_consent, &consent); /* else it is dropped at once */
    RUN_OK(f, open_task, opening);
    return opening->subject;
}

static void open_tasks_are(struct fixture *f, size_t count)
{
    struct task_list list;
    RUN_OK(f, list_tasks, &list);
    assert_int_equal(list.count, count);
}

static void a_task_is_listed_until_it_is_done_and_its_particulars_go_with_it(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 41, "2026-03-01T09:00:00Z");
    fixture_register(&f, "example", "2026-03-01T09:00:00Z");
    struct opening opening;
    dossier_id person = with_task(&f, &opening);
    with_task(&f, &(struct opening){0});
    open_tasks_are(&f, 2);
    struct task_done done = {.dossier = person, .task = opening.task.id};
    RUN_OK(&f, use_task_done, &done);
    open_tasks_are(&f, 1);
    RUN_FAULT(&f, use_task_done, &done, FAULT_NOT_FOUND);
    fixture_stop(&f);
}

/* C08: a task that has ended is not opened again by an older copy. */
static void a_restore_opens_no_task_that_has_ended(void **state)
{
    (void)state;
    struct fixture f;
    only_in_files();
    fixture_start(&f, 42, "2026-03-01T09:00:00Z");
    fixture_register(&f, "example", "2026-03-01T09:00:00Z");
    struct opening opening;
    dossier_id person = with_task(&f, &opening);
    char backup[128];
    (void)snprintf(backup, sizeof(backup), "%s/backup", f.dir);
    assert_true(is_ok(engine_backup(f.reg, backup, &f.report)));
    struct task_done done = {.dossier = person, .task = opening.task.id};
    RUN_OK(&f, use_task_done, &done);
    fixture_close(&f);
    struct engine_config config = fixture_config(&f);
    assert_true(is_ok(engine_restore(&config, STR("example"), backup, &f.report)));
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("example"));
    assert_non_null(f.reg);
    open_tasks_are(&f, 0);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_is_listed_until_it_is_done_and_its_particulars_go_with_it),
        cmocka_unit_test(a_restore_opens_no_task_that_has_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
