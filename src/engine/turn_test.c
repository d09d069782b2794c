/* Turns: those that only read need bounded memory; what is changed stands with its entries, or
 * neither does. */
#include "engine_fixture.h"

#include "engine_internal.h"
#include "vault_internal.h"

enum { PEOPLE = 100, CACHED = 4 };

static status use_show(struct call *call, void *request)
{
    str shown;
    return engine_subject_show(call, *(dossier_id *)request, &shown);
}

/* A turn may load sixteen times what is kept from one to the next. */
static void whoever_is_read_without_a_write_between_is_read(void **state)
{
    (void)state;
    struct fixture f;
    static dossier_id people[PEOPLE];
    fixture_start(&f, 91, "2026-03-01T09:00:00Z");
    struct register_create made = {.name = STR("shop"),
                                   .policy_file = STR("example.yaml"),
                                   .policy = read_text(&f, "policies/example.yaml"),
                                   .simulated = true,
                                   .start = at_time("2026-03-01T09:00:00Z")};
    struct db_places places = fixture_places(made.name);
    made.places = &places;
    struct problems problems = {.arena = f.arena};
    assert_true(
        is_ok(engine_register_create(f.engine, &made, f.arena, &problems, &f.report, &f.admin)));
    f.reg = engine_register(f.engine, STR("shop"));
    const str roles[] = {STR("customer")};
    for (size_t i = 0; i < PEOPLE; i++) {
        struct subject_create create = {.roles = roles, .role_count = 1};
        RUN_OK(&f, use_subject_create, &create);
        people[i] = f.call.outcome.id;
    }
    engine_close(&f.engine);
    struct engine_config config = fixture_config(&f);
    config.rings_cached = CACHED;
    assert_true(is_ok(engine_open(&config, &f.report, &f.engine)));
    f.reg = engine_register_at(f.engine, 0);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < PEOPLE; i++)
            RUN_OK(&f, use_show, &people[i]);
    }
    fixture_stop(&f);
}

enum { ITEMS = 4, KEPT_BYTES = 2000 };

static dossier_id applicant(struct fixture *f)
{
    const str roles[] = {STR("candidate")};
    str events[] = {STR("application_received")};
    struct subject_create create = {.roles = roles, .role_count = 1};
    struct collect_value values[ITEMS] = {
        {STR("basic.name"), STR("Kari Prøve"), true},
        {STR("basic.email"), STR("kari@example.test"), true},
        {STR("job_application.application"), STR("Jeg søker."), true},
        {STR("job_application.cv"), STR("Ti år med prøvedata."), true}};
    RUN_OK(f, use_subject_create, &create);
    dossier_id person = f->call.outcome.id;
    struct collect_run collect = {.request = {.subject = person,
                                              .intake = STR("application"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .controller = STR("confect"),
                                              .values = values,
                                              .value_count = ITEMS,
                                              .events = events,
                                              .event_count = 1}};
    RUN_OK(f, use_collect, &collect);
    return person;
}

/* Many of them wait for one flush: what each holds meanwhile is what the processor has near. */
static void a_read_that_waits_holds_neither_what_it_settled_nor_sealed_bytes(void **state)
{
    (void)state;
    struct fixture f;
    struct call call;
    struct report ending = {0};
    fixture_start(&f, 92, "2026-03-01T09:00:00Z");
    fixture_register(&f, "confect", "2026-03-01T09:00:00Z");
    struct read_run read = {.request = {.subject = applicant(&f),
                                        .purpose = STR("recruitment"),
                                        .controller = STR("confect")}};
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    CLEANUP(arena_free) struct arena *brief = arena_new(1 << 20);
    engine_begin(f.engine);
    assert_true(is_ok(call_begin(f.engine, f.reg, engine_system(), arena, &f.report, &call)));
    call.brief = brief;
    assert_true(is_ok(call_end(&call, use_read(&call, &read))));
    assert_true(arena_used(brief) > 0);
    assert_in_range(arena_used(arena), 1, KEPT_BYTES);
    arena_reset(brief); /* as whoever lent it does */
    assert_true(is_ok(engine_end(f.engine, &ending)));
    call.arena = brief;
    assert_true(is_ok(call.finish(&call)));
    assert_int_equal(read.result.count, ITEMS);
    assert_true(str_is(read.result.items[0].value, "Kari Prøve"));
    fixture_stop(&f);
}

/* ---- changes and their entries ---- */

enum { MADE = 3 };

static void make_one(struct fixture *f, struct call *call, status ends)
{
    static const str roles[] = {{"candidate", 9}};
    struct subject_create create = {.roles = roles, .role_count = 1};
    assert_true(is_ok(call_begin(f->engine, f->reg, engine_system(), f->arena, &f->report, call)));
    assert_true(is_ok(use_subject_create(call, &create)));
    assert_int_equal(call_end(call, ends).fault, ends.fault);
}

static size_t people_of(struct fixture *f)
{
    dossier_id *ids;
    size_t count;
    assert_true(is_ok(vault_list(f->reg->vault, DOSSIER_SUBJECT, (dossier_id){{0}}, 10, f->arena,
                                 &f->report, &ids, &count)));
    return count;
}

struct book {
    struct fixture *f;
    uint64_t next; /* of the log */
};

static status is_next_of_the_log(void *self, str entry, struct report *report)
{
    struct book *book = self;
    str logged;
    TRY(audit_read(book->f->reg->log, book->next++, book->f->arena, report, &logged));
    assert_true(str_equal(entry, logged));
    return OK;
}

static uint64_t rows_of_the_outbox(struct fixture *f)
{
    bool found;
    struct db_outbox_count_row row;
    assert_true(is_ok(db_outbox_count(f->reg->vault->data, &f->report, &found, &row)));
    return row.count;
}

static void entries_of_a_turn_are_one_row_of_the_outbox_without_those_of_what_failed(void **state)
{
    (void)state;
    struct fixture f;
    struct call calls[MADE];
    struct report ending = {0};
    fixture_start(&f, 93, "2026-03-01T09:00:00Z");
    fixture_register(&f, "confect", "2026-03-01T09:00:00Z");
    for (int turns = 0; turns < 2; turns++) {
        struct book book = {&f, audit_size(f.reg->log)};
        engine_begin(f.engine);
        for (size_t i = 0; i < MADE; i++)
            make_one(&f, &calls[i], i == 1 ? (status){FAULT_CONFLICT} : OK);
        assert_true(is_ok(engine_end(f.engine, &ending)));
        assert_int_equal(audit_size(f.reg->log), book.next + MADE - 1);
        assert_int_equal(rows_of_the_outbox(&f), 1);
        assert_true(is_ok(vault_outbox_each(f.reg->vault, is_next_of_the_log, &book, &f.report)));
        assert_int_equal(book.next, audit_size(f.reg->log));
    }
    assert_int_equal(people_of(&f), 2 * (MADE - 1));
    fixture_stop(&f);
}

static void calls_that_go_together_are_kept_together_or_not_at_all(void **state)
{
    (void)state;
    struct fixture f;
    struct call calls[MADE];
    struct report ending = {0};
    fixture_start(&f, 94, "2026-03-01T09:00:00Z");
    fixture_register(&f, "confect", "2026-03-01T09:00:00Z");
    engine_begin(f.engine);
    make_one(&f, &calls[0], OK);
    uint64_t entries = audit_pending(f.reg->log);
    for (int kept = 0; kept < 2; kept++) {
        assert_true(is_ok(calls_together(f.reg, &f.report)));
        make_one(&f, &calls[1], OK);
        make_one(&f, &calls[2], kept ? OK : (status){FAULT_CONFLICT});
        status result = kept ? OK : (status){FAULT_CONFLICT};
        assert_int_equal(calls_apart(f.reg, result, &f.report).fault, result.fault);
        assert_int_equal(audit_pending(f.reg->log), entries + (kept ? 2 : 0));
        assert_int_equal(people_of(&f), kept ? 3 : 1);
    }
    assert_true(is_ok(engine_end(f.engine, &ending)));
    struct book book = {&f, entries - 1};
    assert_true(is_ok(vault_outbox_each(f.reg->vault, is_next_of_the_log, &book, &f.report)));
    assert_int_equal(book.next, entries + 2);
    fixture_stop(&f);
}

/* ---- what follows a turn, by a thread ---- */

static uint64_t marked(struct fixture *f)
{
    struct high_water high;
    assert_true(is_ok(keys_high_water(vault_keys(f->reg->vault), &f->report, &high)));
    return high.size;
}

static void run_chore(struct audit_chore *chore, struct report *report)
{
    assert_non_null(chore);
    audit_chore_run(chore);
    assert_true(is_ok(audit_chore_end(chore, report)));
}

static void a_second_later(struct fixture *f)
{
    struct subject_create create = {0};
    f->sim.clock.ms += 1000;
    RUN_OK(f, use_subject_create, &create);
}

/* On the loop nothing is signed, by those calls neither that are made there between two turns. */
static void a_thread_signs_and_the_mark_follows_it(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 95, "2026-03-01T09:00:00Z");
    fixture_register(&f, "confect", "2026-03-01T09:00:00Z");
    (void)engine_rest_apart(f.engine);
    a_second_later(&f);
    uint64_t was = marked(&f), size = audit_size(f.reg->log);
    assert_true(was < size && audit_mark_of(f.reg->log).size == was);
    struct audit_chore *chore = engine_rest_apart(f.engine);
    assert_int_equal(audit_mark_of(f.reg->log).size, was);
    run_chore(chore, &f.report);
    assert_int_equal(audit_mark_of(f.reg->log).size, size);
    assert_int_equal(marked(&f), was);
    assert_null(engine_rest_apart(f.engine));
    assert_int_equal(marked(&f), size);
    fixture_stop(&f);
}

static void a_mark_that_did_not_follow_yet_does_when_the_register_closes(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 96, "2026-03-01T09:00:00Z");
    fixture_register(&f, "confect", "2026-03-01T09:00:00Z");
    (void)engine_rest_apart(f.engine);
    a_second_later(&f);
    uint64_t was = marked(&f), size = audit_size(f.reg->log);
    run_chore(engine_rest_apart(f.engine), &f.report);
    assert_int_equal(marked(&f), was);
    engine_close(&f.engine);
    struct engine_config config = fixture_config(&f);
    assert_true(is_ok(engine_open(&config, &f.report, &f.engine)));
    f.reg = engine_register_at(f.engine, 0);
    assert_int_equal(marked(&f), size);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_is_read_without_a_write_between_is_read),
        cmocka_unit_test(a_read_that_waits_holds_neither_what_it_settled_nor_sealed_bytes),
        cmocka_unit_test(entries_of_a_turn_are_one_row_of_the_outbox_without_those_of_what_failed),
        cmocka_unit_test(calls_that_go_together_are_kept_together_or_not_at_all),
        cmocka_unit_test(a_thread_signs_and_the_mark_follows_it),
        cmocka_unit_test(a_mark_that_did_not_follow_yet_does_when_the_register_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
