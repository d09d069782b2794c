/* Many people under one entry: what changes between the entry and the opening, and permits. */
#include "engine_fixture.h"

#include "engine_internal.h"

enum { PEOPLE = 7 };

struct batch_run {
    struct batch request;
    struct batch_work *work;
    struct progress progress;
    size_t steps, lines, allowed, changed, unknown;
    bool erasing; /* the last one goes after the decision and before the opening */
};

static status count_line(void *self, struct call *call, const struct batch_line *line)
{
    (void)call;
    struct batch_run *all = self;
    all->lines++;
    all->allowed += line->allowed;
    all->changed += line->changed;
    all->unknown += !line->known;
    return OK;
}

static status step_batch(struct call *call, void *request)
{
    struct batch_run *all = request;
    all->steps++;
    TRY(engine_batch_step(call, &all->request, &all->work, &all->progress));
    if (!all->progress.done || !all->erasing)
        return OK;
    status (*finish)(struct call *) = call->finish; /* the erasure has one, too */
    struct erase erase = {.subject = all->request.subjects[PEOPLE - 1], .warned = true};
    struct erase_result result;
    TRY(engine_erase(call, &erase, &result));
    call->finish = finish;
    call->state = all->work;
    return OK;
}

static status make_person(struct call *call, void *request)
{
    (void)request;
    const str roles[] = {STR("subscriber")};
    struct subject_create create = {.roles = roles, .role_count = 1};
    return engine_subject_create(call, &create);
}

/* All but the first consent. */
static void start(struct fixture *f, dossier_id people[PEOPLE])
{
    fixture_start(f, 61, "2026-03-01T09:00:00Z");
    fixture_register(f, "example", "2026-03-01T09:00:00Z");
    f->engine->step_rows = 2;
    for (int i = 0; i < PEOPLE; i++) {
        RUN_OK(f, make_person, NULL);
        people[i] = f->call.outcome.id;
        struct consent consent = {.subject = people[i],
                                  .purpose = STR("newsletter"),
                                  .wording = STR("Yes please"),
                                  .given_by = STR("click")};
        if (i > 0)
            RUN_OK(f, use_consent, &consent);
    }
}

static void run_batch(struct fixture *f, struct batch_run *all, const dossier_id *people,
                      size_t count)
{
    static const str supplied[] = {{"stop_link", 9}};
    static const struct message message = {.message = {"newsletter", 10},
                                           .channel = {"email", 5},
                                           .supplied = supplied,
                                           .supplied_count = 1};
    all->request = (struct batch){.message = &message,
                                  .subjects = people,
                                  .subject_count = count,
                                  .each = count_line,
                                  .self = all};
    while (!all->progress.done)
        RUN_OK(f, step_batch, all);
}

static void each_is_decided_in_steps_and_one_entry_is_made(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    struct batch_run all = {0};
    start(&f, people);
    uint64_t before_it = audit_size(reg_log(f.reg));
    run_batch(&f, &all, people, PEOPLE);
    assert_int_equal(all.steps, 4);
    assert_int_equal(all.lines, PEOPLE);
    assert_int_equal(all.allowed, PEOPLE - 1);
    assert_int_equal(audit_size(reg_log(f.reg)), before_it + 1);
    fixture_stop(&f);
}

/* INF-30 */
static void who_was_erased_after_the_entry_gets_nothing_and_it_is_said(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    struct batch_run all = {.erasing = true};
    start(&f, people);
    run_batch(&f, &all, people, PEOPLE);
    assert_int_equal(all.allowed, PEOPLE - 2);
    assert_int_equal(all.changed, 1);
    fixture_stop(&f);
}

static void who_is_not_here_is_in_no_manifest(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE], nobody = {{1, 2, 3}};
    struct batch_run all = {0};
    start(&f, people);
    run_batch(&f, &all, &nobody, 1);
    assert_int_equal(all.unknown, 1);
    str text;
    struct audit_entry entry;
    assert_true(
        is_ok(audit_read(reg_log(f.reg), f.call.outcome.log_index, f.arena, &f.report, &text)));
    assert_true(is_ok(entry_parse(text, &f.report, &entry)));
    assert_false(entry.has_manifest);
    assert_int_equal(entry.decision, AUDIT_REFUSE);
    fixture_stop(&f);
}

static status permits_of_a_manifest(struct call *call, void *request)
{
    (void)request;
    struct manifest_line lines[] = {{{2}, AUDIT_REFUSE}, {{1}, AUDIT_ALLOW}};
    struct operation op = call_operation(call, ACTION_READ, (dossier_id){{0}});
    struct audit_entry entry;
    const struct permit_many *many;
    const struct permit *permit;
    struct permit_wait wait;
    TRY(call_entry(call, NULL, &op, decision_by_scope(), &entry));
    entry.action = STR("read");
    TRY(permit_ask_many(call->reg->log, &entry, lines, 2, call->arena, call->report, &many));
    struct permit_scope scope = {.dossier = {{9}}, .decision = decision_by_scope()};
    lines[1].decision = AUDIT_ALLOW; /* what was written counts */
    const audit_id allowed = {{1}}, refused = {{2}}, other = {{3}};
    assert_int_equal(permit_ask_line(&scope, many, refused, call->report, &wait).fault,
                     FAULT_REFUSED);
    assert_int_equal(permit_ask_line(&scope, many, other, call->report, &wait).fault,
                     FAULT_REFUSED);
    TRY(permit_ask_line(&scope, many, allowed, call->report, &wait));
    assert_int_equal(
        permit_to_read(&wait, call->reg->log, call->arena, call->report, &permit).fault,
        FAULT_INTERNAL); /* the entry is not durable yet */
    return OK;
}

static void a_manifest_permits_whom_its_line_allows_and_not_before_it_is_durable(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    RUN_OK(&f, permits_of_a_manifest, NULL);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_decided_in_steps_and_one_entry_is_made),
        cmocka_unit_test(who_was_erased_after_the_entry_gets_nothing_and_it_is_said),
        cmocka_unit_test(who_is_not_here_is_in_no_manifest),
        cmocka_unit_test(a_manifest_permits_whom_its_line_allows_and_not_before_it_is_durable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
