/* External fields: their values stay in the firm's own system, which is told what to do with them,
 * confirms it, and is not let off by a restore. */
#include "engine_fixture.h"

#include "engine_internal.h"

#define START "2026-03-01T09:00:00Z"

static str swapped(struct fixture *f, str text, const char *from, const char *to)
{
    const char *at = memmem(text.ptr, text.len, from, strlen(from));
    assert_non_null(at);
    str first = {text.ptr, (size_t)(at - text.ptr)};
    str rest = str_slice(text, first.len + strlen(from), text.len);
    return arena_format(f->arena, "%.*s%s%.*s", STR_ARG(first), to, STR_ARG(rest));
}

/* The example, whose questions lie in the shop's help desk. */
static void begin(struct fixture *f, uint64_t seed)
{
    fixture_start(f, seed, START);
    struct register_create create = {
        .name = STR("example"),
        .policy_file = STR("example.yaml"),
        .policy = swapped(f, read_text(f, "policies/example.yaml"), "    fields: { text: text }",
                          "    fields: { text: text }\n    external: [question.text]\n"
                          "    external_within: 5 days"),
        .simulated = true,
        .start = at_time(START)};
    struct db_places places = fixture_places(create.name);
    create.places = &places;
    struct problems problems = {.arena = f->arena};
    if (!is_ok(
            engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin)))
        fail_msg("register: %s",
                 problems.list.count > 0 ? problems.list.at[0].text.ptr : f->report.text);
    f->reg = engine_register(f->engine, STR("example"));
}

struct questioner {
    dossier_id person;
    record_id email, question;
    str reference;
};

static struct collect_run question(dossier_id person, struct collect_value values[2],
                                   size_t references)
{
    return (struct collect_run){.request = {.subject = person,
                                            .intake = STR("contact_form"),
                                            .values = values,
                                            .value_count = 2,
                                            .reference_count = references}};
}

static status use_reference(struct call *call, void *request)
{
    struct questioner *asked = request;
    return engine_reference(call, asked->person, &asked->reference);
}

static struct questioner ask_question(struct fixture *f)
{
    struct questioner asked;
    RUN_OK(f, make_asker, NULL);
    asked.person = f->call.outcome.id;
    RUN_OK(f, use_reference, &asked);
    struct collect_value values[] = {{STR("contact.email"), STR("kari@example.test"), false},
                                     {STR("question.text"), STR("desk/4711"), false}};
    struct collect_run collect = question(asked.person, values, 1);
    RUN_OK(f, use_collect, &collect);
    asked.email = collect.result.items[0];
    asked.question = collect.result.items[1];
    struct evidence_record balancing = {.type = STR("balancing"), .purpose = STR("support")};
    RUN_OK(f, use_evidence, &balancing);
    return asked;
}

static struct task_list tasks(struct fixture *f)
{
    struct task_list list;
    RUN_OK(f, use_task_list, &list);
    return list;
}

struct certificate_run {
    struct erasure_ask ask;
    struct erasing_paper *work;
    struct progress progress;
    struct erasure_papers papers;
};

static status use_certificate(struct call *call, void *request)
{
    struct certificate_run *run = request;
    return engine_erasure_step(call, &run->ask, &run->work, &run->progress, &run->papers);
}

static void certificate_says(struct fixture *f, str reference, const char *part)
{
    struct certificate_run made = {.ask = {.reference = reference, .language = STR("en")}};
    while (!made.progress.done)
        RUN_OK(f, use_certificate, &made);
    if (memmem(made.papers.document.ptr, made.papers.document.len, part, strlen(part)) == NULL)
        fail_msg("%s is not in %.*s", part, STR_ARG(made.papers.document));
}

static void erase_all(struct fixture *f, const struct questioner *asked, struct erase_run *erase)
{
    *erase = (struct erase_run){.request = {.subject = asked->person}};
    RUN_OK(f, use_erase, erase);
    assert_true(erase->result.whole);
}

static void is_errand(const struct task_view *task, const char *name,
                      const struct questioner *asked)
{
    assert_true(str_is(task->kind, "errand") && str_is(task->name, name));
    assert_true(str_is(task->field, "question.text") && str_is(task->reference, "desk/4711"));
    assert_true(ID_EQUAL(task->record, asked->question) && ID_IS_ZERO(task->other));
}

static void a_reference_is_kept_and_read_in_the_place_of_a_value(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 51);
    struct questioner asked = ask_question(&f);
    struct read_run read = {.request = {.subject = asked.person, .purpose = STR("support")}};
    RUN_OK(&f, use_read, &read);
    assert_int_equal(read.result.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct read_item *item = &read.result.items[i];
        bool external = str_is(item->field, "question.text");
        assert_int_equal(item->external, external);
        assert_true(str_is(item->value, external ? "desk/4711" : "kari@example.test"));
        assert_int_equal(item->verdict, VERDICT_ALLOW);
    }
    read.request.purpose = STR("newsletter"); /* decided as ever */
    RUN_FAULT(&f, use_read, &read, FAULT_REFUSED);
    fixture_stop(&f);
}

static void a_value_is_no_reference_and_a_reference_no_value(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 52);
    RUN_OK(&f, make_asker, NULL);
    dossier_id person = f.call.outcome.id;
    struct collect_value values[] = {{STR("contact.email"), STR("kari@example.test"), false},
                                     {STR("question.text"), STR("desk/4711"), false}};
    struct collect_run collect = question(person, values, 0); /* a value of what is external */
    RUN_FAULT(&f, use_collect, &collect, FAULT_INVALID);
    collect = question(person, values, 2); /* a reference of what is not */
    RUN_FAULT(&f, use_collect, &collect, FAULT_INVALID);
    static const char *const odd[] = {"", "two words", "line\n", "bl\xc3\xa5"};
    char much[LIMIT_REFERENCE_BYTES + 2] = {0};
    memset(much, 'a', LIMIT_REFERENCE_BYTES + 1);
    for (size_t i = 0; i <= LENGTH(odd); i++) {
        values[1].value = str_from(i == LENGTH(odd) ? much : odd[i]);
        collect = question(person, values, 1);
        RUN_FAULT(&f, use_collect, &collect, FAULT_INVALID);
    }
    values[1].value = STR("4111111111111111"); /* and no reference is a card number (COB-81) */
    collect = question(person, values, 1);
    RUN_FAULT(&f, use_collect, &collect, FAULT_REFUSED);
    fixture_stop(&f);
}

static void held(void *self, struct call *call, status result)
{
    (void)call;
    *(size_t *)self += is_ok(result);
}

/* So many entries about the person, a hundred to a flush. */
static void look_often(struct fixture *f, dossier_id person, size_t times)
{
    enum { GROUP = 100 };
    static struct call calls[GROUP];
    static struct report reports[GROUP];
    static str shown[GROUP];
    size_t done = 0;
    for (size_t n = 0; n < times; n += GROUP) {
        CLEANUP(arena_free) struct arena *arena = arena_new((size_t)64 << 20);
        engine_begin(f->engine);
        for (size_t i = 0; i < GROUP; i++) {
            assert_true(is_ok(
                call_begin(f->engine, f->reg, engine_system(), arena, &reports[i], &calls[i])));
            status said = call_end(&calls[i], engine_subject_show(&calls[i], person, &shown[i]));
            call_hold(&calls[i], held, &done, said);
        }
        assert_true(is_ok(engine_end(f->engine, &f->report)));
    }
    assert_int_equal(done, times);
}

/* G7: however often somebody was looked at, their erasure is certified. */
static void an_erasure_is_certified_behind_any_number_of_entries(void **state)
{
    (void)state;
    struct fixture f;
    struct erase_run erase;
    begin(&f, 54);
    struct questioner asked = ask_question(&f);
    look_often(&f, asked.person, 10100);
    erase_all(&f, &asked, &erase);
    certificate_says(&f, asked.reference, "\"confirmed\":\"not confirmed yet");
    struct task_done done = {.dossier = tasks(&f).at[0].dossier, .task = asked.question};
    RUN_OK(&f, use_task_done, &done);
    certificate_says(&f, asked.reference, "\"confirmed\":\"1 March 2026\"");
    fixture_stop(&f);
}

static void what_is_erased_here_is_to_be_erased_there_until_that_is_confirmed(void **state)
{
    (void)state;
    struct fixture f;
    struct erase_run erase;
    begin(&f, 53);
    struct questioner asked = ask_question(&f);
    erase_all(&f, &asked, &erase);
    for (size_t i = 0; i < erase.result.count; i++)
        assert_int_equal(erase.result.items[i].external,
                         ID_EQUAL(erase.result.items[i].id, asked.question));
    struct task_list list = tasks(&f);
    assert_int_equal(list.count, 1);
    is_errand(&list.at[0], "erase", &asked);
    assert_int_equal(list.at[0].due.ms, at_time("2026-03-05T23:00:00Z").ms);
    certificate_says(&f, asked.reference, "\"confirmed\":\"not confirmed yet");
    struct task_done done = {.dossier = list.at[0].dossier, .task = asked.email};
    RUN_FAULT(&f, use_task_done, &done, FAULT_NOT_FOUND);
    done.task = asked.question;
    RUN_OK(&f, use_task_done, &done);
    assert_int_equal(tasks(&f).count, 0);
    RUN_FAULT(&f, use_task_done, &done, FAULT_GONE);
    certificate_says(&f, asked.reference, "\"confirmed\":\"1 March 2026\"");
    fixture_stop(&f);
}

static void
what_ends_by_itself_is_erased_there_too_and_late_is_alarmed_until_it_is_done(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 54);
    struct questioner asked = ask_question(&f);
    move_clock(&f, "2027-03-02T00:00:00Z"); /* twelve months after it was collected */
    struct task_list list = tasks(&f);
    assert_int_equal(list.count, 1);
    is_errand(&list.at[0], "erase", &asked);
    assert_int_equal(alarms_open(&f, "overdue_erasure"), 0);
    move_clock(&f, "2027-03-09T00:00:00Z");
    assert_int_equal(alarms_open(&f, "overdue_erasure"), 1);
    assert_int_equal(tasks(&f).count, 1);
    struct task_done done = {.dossier = list.at[0].dossier, .task = asked.question};
    RUN_OK(&f, use_task_done, &done);
    assert_int_equal(alarms_open(&f, "overdue_erasure"), 0);
    move_clock(&f, "2027-04-09T00:00:00Z");
    assert_int_equal(alarms_open(&f, "overdue_erasure"), 0);
    fixture_stop(&f);
}

static void what_is_put_right_or_restricted_here_is_there_too(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 55);
    struct questioner asked = ask_question(&f);
    struct restriction restrict_ = {
        .subject = asked.person, .reason = STR("accuracy"), .warned = true};
    RUN_OK(&f, use_restrict, &restrict_);
    struct restriction_lift lift = {.subject = asked.person, .restriction = f.call.outcome.record};
    struct task_list list = tasks(&f);
    assert_int_equal(list.count, 1);
    is_errand(&list.at[0], "restrict", &asked);
    RUN_OK(&f, use_task_done,
           (&(struct task_done){list.at[0].dossier, list.at[0].record, STR("")}));
    RUN_OK(&f, use_restriction_tell, &lift);
    RUN_OK(&f, use_restriction_lift, &lift);
    list = tasks(&f);
    is_errand(&list.at[0], "lift", &asked);
    RUN_OK(&f, use_task_done,
           (&(struct task_done){list.at[0].dossier, list.at[0].record, STR("")}));
    struct rectify rectify = {
        .subject = asked.person, .item = asked.question, .value = STR("no value"), .warned = true};
    RUN_FAULT(&f, use_rectify, &rectify, FAULT_INVALID);
    rectify.value = STR("");
    rectify.reference = STR("desk/4712");
    RUN_OK(&f, use_rectify, &rectify);
    list = tasks(&f);
    is_errand(&list.at[0], "rectify", &asked);
    struct read_run read = {.request = {.subject = asked.person, .purpose = STR("support")}};
    RUN_OK(&f, use_read, &read);
    assert_true(str_is(read.result.items[1].value, "desk/4712"));
    fixture_stop(&f);
}

/* ---- a restore ---- */

static void backup(struct fixture *f)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/backup", f->dir);
    if (!is_ok(engine_backup(f->reg, path, &f->report)))
        fail_msg("backup: %s", f->report.text);
}

static void restore(struct fixture *f)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/backup", f->dir);
    struct engine_config config = fixture_config(f);
    fixture_close(f);
    if (!is_ok(engine_restore(&config, STR("example"), path, &f->report)))
        fail_msg("restore: %s", f->report.text);
    fixture_open(f);
    f->reg = engine_register(f->engine, STR("example"));
}

static void an_errand_that_is_not_confirmed_comes_again_after_a_restore(void **state)
{
    (void)state;
    struct fixture f;
    struct erase_run erase;
    only_in_files();
    begin(&f, 56);
    struct questioner asked = ask_question(&f);
    backup(&f); /* with the person, without the errand */
    erase_all(&f, &asked, &erase);
    restore(&f);
    move_clock(&f, "2026-03-01T10:00:00Z");
    struct task_list list = tasks(&f);
    assert_int_equal(list.count, 1);
    is_errand(&list.at[0], "erase",
              &asked); /* by its reference, although nobody has that any more */
    struct task_done done = {.dossier = list.at[0].dossier, .task = asked.question};
    RUN_OK(&f, use_task_done, &done);
    assert_int_equal(tasks(&f).count, 0);
    fixture_stop(&f);
}

static void an_errand_that_is_confirmed_stays_so_after_a_restore(void **state)
{
    (void)state;
    struct fixture f;
    struct erase_run erase;
    only_in_files();
    begin(&f, 57);
    struct questioner asked = ask_question(&f);
    erase_all(&f, &asked, &erase);
    backup(&f); /* with the errand open */
    struct task_done done = {.dossier = tasks(&f).at[0].dossier, .task = asked.question};
    RUN_OK(&f, use_task_done, &done);
    restore(&f);
    move_clock(&f, "2026-03-09T10:00:00Z");
    assert_int_equal(tasks(&f).count, 0);
    assert_int_equal(alarms_open(&f, "overdue_erasure"), 0);
    RUN_FAULT(&f, use_task_done, &done, FAULT_GONE);
    fixture_stop(&f);
}

/* ---- the end of the register ---- */

static status end_all(struct fixture *f, uint64_t unconfirmed, str *certificate)
{
    uint64_t people;
    f->report = (struct report){0};
    if (!is_ok(vault_count(f->reg->vault, DOSSIER_SUBJECT, &f->report, &people)))
        return (status){FAULT_STORE};
    struct register_end request = {.name = STR("example"),
                                   .choice = STR("erase"),
                                   .people = people,
                                   .unconfirmed = unconfirmed};
    struct register_ending work = {.reg = f->reg,
                                   .caller = engine_system(),
                                   .arena = f->arena,
                                   .report = &f->report,
                                   .request = &request};
    status ended = engine_register_end(&work);
    *certificate = work.certificate;
    return ended;
}

static bool text_holds(str text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* GDPR 17(1), 19: what lies elsewhere is told before nothing here could remember it. */
static void the_end_of_a_register_waits_for_what_lies_elsewhere(void **state)
{
    (void)state;
    struct fixture f;
    str certificate;
    begin(&f, 58);
    struct questioner first = ask_question(&f);
    (void)ask_question(&f);
    assert_int_equal(end_all(&f, 0, &certificate).fault, FAULT_CONFLICT);
    assert_non_null(strstr(f.report.text, "2 values lie in your own systems"));
    struct task_list list = tasks(&f);
    assert_int_equal(list.count, 2);
    for (size_t i = 0; i < list.count; i++)
        assert_true(str_is(list.at[i].kind, "errand") && str_is(list.at[i].name, "erase"));
    struct task_done done = {.task = first.question};
    for (size_t i = 0; i < list.count; i++)
        done.dossier = ID_EQUAL(list.at[i].record, done.task) ? list.at[i].dossier : done.dossier;
    RUN_OK(&f, use_task_done, &done);
    assert_int_equal(end_all(&f, 0, &certificate).fault, FAULT_CONFLICT);
    assert_int_equal(tasks(&f).count, 1); /* asked again it tells nothing twice */
    assert_int_equal(end_all(&f, 2, &certificate).fault, FAULT_CONFLICT);
    assert_non_null(engine_register(f.engine, STR("example")));
    assert_true(is_ok(end_all(&f, 1, &certificate)));
    assert_true(text_holds(certificate, "\"unconfirmed\":1"));
    assert_null(engine_register(f.engine, STR("example")));
    fixture_stop(&f);
}

static void a_register_whose_own_systems_confirmed_ends_with_none_unconfirmed(void **state)
{
    (void)state;
    struct fixture f;
    str certificate;
    begin(&f, 59);
    struct questioner asked = ask_question(&f);
    assert_int_equal(end_all(&f, 0, &certificate).fault, FAULT_CONFLICT);
    struct task_done done = {.dossier = tasks(&f).at[0].dossier, .task = asked.question};
    RUN_OK(&f, use_task_done, &done);
    assert_true(is_ok(end_all(&f, 0, &certificate)));
    assert_true(text_holds(certificate, "\"unconfirmed\":0"));
    fixture_stop(&f);
}

/* ---- wherever it breaks off ---- */

static unsigned step, fails_at;

static status count_step(void *self, const char *name, struct report *report)
{
    (void)self;
    return ++step == fails_at ? fail(report, FAULT_STORE, "the step %s failed", name) : OK;
}

static void broken_off_at_any_step_it_tells_once_and_ends_in_the_end(void **state)
{
    (void)state;
    bool whole = false;
    for (fails_at = 1; !whole; fails_at += 3) {
        struct fixture f;
        str certificate;
        begin(&f, 60);
        (void)ask_question(&f);
        step = 0;
        f.sim.world.seam = count_step;
        status told = end_all(&f, 0, &certificate);
        f.sim.world.seam = NULL;
        whole = told.fault == FAULT_CONFLICT;
        fixture_close(&f);
        fixture_open(&f);
        f.reg = engine_register(f.engine, STR("example"));
        assert_non_null(f.reg);
        assert_int_equal(end_all(&f, 0, &certificate).fault, FAULT_CONFLICT);
        assert_int_equal(tasks(&f).count, 1);
        assert_true(is_ok(end_all(&f, 1, &certificate)));
        fixture_stop(&f);
    }
    assert_true(fails_at > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reference_is_kept_and_read_in_the_place_of_a_value),
        cmocka_unit_test(a_value_is_no_reference_and_a_reference_no_value),
        cmocka_unit_test(what_is_erased_here_is_to_be_erased_there_until_that_is_confirmed),
        cmocka_unit_test(an_erasure_is_certified_behind_any_number_of_entries),
        cmocka_unit_test(
            what_ends_by_itself_is_erased_there_too_and_late_is_alarmed_until_it_is_done),
        cmocka_unit_test(what_is_put_right_or_restricted_here_is_there_too),
        cmocka_unit_test(an_errand_that_is_not_confirmed_comes_again_after_a_restore),
        cmocka_unit_test(an_errand_that_is_confirmed_stays_so_after_a_restore),
        cmocka_unit_test(the_end_of_a_register_waits_for_what_lies_elsewhere),
        cmocka_unit_test(a_register_whose_own_systems_confirmed_ends_with_none_unconfirmed),
        cmocka_unit_test(broken_off_at_any_step_it_tells_once_and_ends_in_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
