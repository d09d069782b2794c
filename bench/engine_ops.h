/* engine_ops: a fixed set of operations of the engine in process, for `bench ops`, which measures
 * their time, and for the gate, which counts their instructions.
 *
 *   ops_start(&ops, people);  ops.at[i].run(&ops, n) ...  ops_stop(&ops)
 *
 * One register of policies/confect.yaml, on a clock and random bytes that a seed replays. Each
 * operation checks what it was answered: a wrong answer ends the program. Threads: one.
 */
#ifndef VERN_ENGINE_OPS_H
#define VERN_ENGINE_OPS_H
#include "measure.h" /* first: base.h takes the clock away */

#include "engine_fixture.h"
#include "large_plan.h"

enum { OPS_ITEMS = 8, OPS_GROUP = 64, OPS_MOST = 20000 };

struct ops {
    struct fixture f;
    struct arena *scratch;     /* of one operation, or one group of them */
    struct arena *large_arena; /* of decide and settle alone */
    struct large large;
    size_t people;
    dossier_id *person;
    record_id (*item)[OPS_ITEMS];
    str *reference;
    struct call calls[OPS_GROUP];
    struct report reports[OPS_GROUP];
    struct read_run reads[OPS_GROUP];
    size_t done;
};

struct op {
    const char *name;
    size_t each; /* operations that one run is */
    void (*run)(struct ops *ops, size_t n);
    bool once; /* for each person once, as erasure */
};

static inline void ops_run(struct ops *ops, status (*use)(struct call *call, void *request),
                           void *request, const char *what)
{
    struct for_company one = {use, request, STR("confect")};
    arena_reset(ops->scratch);
    ops->f.report = (struct report){0};
    status got = engine_run(ops->f.engine, ops->f.reg, engine_system(), ops->scratch,
                            &ops->f.report, &ops->f.call, use_for_company, &one);
    BENCH_MUST(is_ok(got), "%s: %s", what, ops->f.report.text);
}

static inline dossier_id ops_person(const struct ops *ops, size_t n)
{
    return ops->person[n % ops->people];
}

/* ---- decide and settle alone ---- */

static inline void ops_settle(struct ops *ops, const struct view *view)
{
    struct settled settled;
    arena_reset(ops->large_arena);
    status got = settle(view, ops->large.now, ops->large_arena, NULL, &settled);
    BENCH_MUST(is_ok(got) && settled.count == LARGE_ITEMS && settled.items[49].alive &&
                   settled.items[49].ground_count == LARGE_TOLD,
               "settle answers wrongly");
}

static inline void op_settle(struct ops *ops, size_t n)
{
    (void)n;
    ops_settle(ops, &ops->large.view);
}

static inline void op_settle_alike(struct ops *ops, size_t n)
{
    (void)n;
    ops_settle(ops, &ops->large.view_alike);
}

static inline void op_decide(struct ops *ops, size_t n)
{
    static struct settled settled;
    static struct arena *kept;
    if (kept == NULL) { /* what a dossier that is at hand has already */
        kept = arena_new(1 << 20);
        status got = settle(&ops->large.view, ops->large.now, kept, NULL, &settled);
        BENCH_MUST(is_ok(got), "settle fails");
    }
    const struct fact_item *item = &ops->large.person.items.at[n % LARGE_ITEMS];
    struct operation read = {.action = ACTION_READ,
                             .purpose = item->told[n % LARGE_TOLD],
                             .controller = item->controller,
                             .items = &item->id,
                             .item_count = 1};
    struct decision decision;
    arena_reset(ops->large_arena);
    status got = decide(&ops->large.view, &settled, &read, ops->large.now, ops->large_arena, NULL,
                        &decision);
    BENCH_MUST(is_ok(got) && decision.count == 1 && decision.verdict == VERDICT_ALLOW,
               "decide answers wrongly");
}

/* ---- people ---- */

static inline void op_create(struct ops *ops, size_t n)
{
    (void)n;
    str role = STR("candidate");
    struct subject_create create = {.roles = &role, .role_count = 1};
    ops_run(ops, use_subject_create, &create, "create");
}

static inline void ops_collect(struct ops *ops, dossier_id subject, struct collect_value *values,
                               size_t count, struct collect_run *collect)
{
    static str events[] = {STR("application_received")};
    *collect = (struct collect_run){.request = {.subject = subject,
                                                .intake = STR("application"),
                                                .source = STR("person"),
                                                .channel = STR("web"),
                                                .controller = STR("confect"),
                                                .values = values,
                                                .value_count = count,
                                                .events = events,
                                                .event_count = 1}};
    ops_run(ops, use_collect, collect, "collect");
    for (size_t i = 0; i < count; i++)
        BENCH_MUST(!ID_IS_ZERO(collect->result.items[i]), "value %zu was refused", i);
}

static inline void op_event(struct ops *ops, size_t n)
{
    struct event_record event = {
        .subject = ops_person(ops, n), .event = STR("activity"), .by_subject = true};
    ops_run(ops, use_event, &event, "event");
}

static inline void op_collect_three(struct ops *ops, size_t n)
{
    char email[64];
    (void)snprintf(email, sizeof(email), "b%zu@example.test", n % ops->people);
    struct collect_value values[] = {
        {STR("basic.name"), STR("Kari Prøve"), false},
        {STR("basic.email"), str_from(email), false},
        {STR("job_application.application"), STR("Jeg søker igjen, med 29 tegn."), false},
    };
    struct collect_run collect;
    ops_collect(ops, ops_person(ops, n), values, LENGTH(values), &collect);
}

static inline void ops_read_is_right(const struct read_run *read)
{
    BENCH_MUST(read->result.count == 1 &&
                   str_is(read->result.items[0].value, "Ten years of synthetic enterprises."),
               "a read gives another value than was collected");
}

static inline void op_read_item(struct ops *ops, size_t n)
{
    struct read_run read = {.request = {.subject = ops_person(ops, n),
                                        .purpose = STR("recruitment"),
                                        .controller = STR("confect"),
                                        .items = &ops->item[n % ops->people][3],
                                        .item_count = 1}};
    ops_run(ops, use_read, &read, "read");
    ops_read_is_right(&read);
}

static inline void op_read_eight(struct ops *ops, size_t n)
{
    struct read_run read = {.request = {.subject = ops_person(ops, n),
                                        .purpose = STR("recruitment"),
                                        .controller = STR("confect"),
                                        .items = ops->item[n % ops->people],
                                        .item_count = OPS_ITEMS}};
    ops_run(ops, use_read, &read, "read");
    BENCH_MUST(read.result.count == OPS_ITEMS && read.result.items[7].value.len > 0,
               "a read gives %zu items", read.result.count);
}

static inline void op_refused(struct ops *ops, size_t n)
{
    struct read_run read = {.request = {.subject = ops_person(ops, n),
                                        .purpose = STR("call_referees"),
                                        .controller = STR("confect"),
                                        .items = &ops->item[n % ops->people][3],
                                        .item_count = 1}};
    struct for_company one = {use_read, &read, STR("confect")};
    arena_reset(ops->scratch);
    status got = engine_run(ops->f.engine, ops->f.reg, engine_system(), ops->scratch,
                            &ops->f.report, &ops->f.call, use_for_company, &one);
    BENCH_MUST(got.fault == FAULT_REFUSED, "a read for a purpose that was not told is answered");
}

static inline void ops_read_done(void *self, struct call *call, status result)
{
    struct ops *ops = self;
    BENCH_MUST(is_ok(result), "read: %s", call->report->text);
    ops->done++;
}

/* 64 reads of eight items share one turn, and so one flush. */
static inline void op_read_grouped(struct ops *ops, size_t n)
{
    arena_reset(ops->scratch);
    ops->done = 0;
    engine_begin(ops->f.engine);
    for (size_t i = 0; i < OPS_GROUP; i++) /* as the api does */
        (void)reg_ahead(ops->f.reg, ops_person(ops, n * OPS_GROUP + i));
    for (size_t i = 0; i < OPS_GROUP; i++) {
        size_t who = (n * OPS_GROUP + i) % ops->people;
        struct call *call = &ops->calls[i];
        ops->reads[i] = (struct read_run){.request = {.subject = ops->person[who],
                                                      .purpose = STR("recruitment"),
                                                      .controller = STR("confect"),
                                                      .items = ops->item[who],
                                                      .item_count = OPS_ITEMS}};
        status got = call_begin(ops->f.engine, ops->f.reg, engine_system(), ops->scratch,
                                &ops->reports[i], call);
        BENCH_MUST(is_ok(got) && is_ok(engine_act_for(call, STR("confect"))), "no call");
        got = call_end(call, use_read(call, &ops->reads[i]));
        call_hold(call, ops_read_done, ops, got);
    }
    status ended = engine_end(ops->f.engine, &ops->f.report);
    BENCH_MUST(is_ok(ended) && ops->done == OPS_GROUP, "%zu of 64 reads", ops->done);
}

static inline void op_find(struct ops *ops, size_t n)
{
    char email[64];
    (void)snprintf(email, sizeof(email), "b%zu@example.test", n % ops->people);
    struct find_run find = {.request = {STR("basic.email"), str_from(email)}};
    ops_run(ops, use_find, &find, "find");
    BENCH_MUST(find.result.count == 1 && ID_EQUAL(find.result.ids[0], ops_person(ops, n)),
               "%s finds another", email);
}

static inline void op_rectify(struct ops *ops, size_t n)
{
    size_t who = n % ops->people;
    struct rectify rectify = {
        .subject = ops->person[who], .item = ops->item[who][5], .value = STR("Set right.")};
    ops_run(ops, use_rectify, &rectify, "rectify");
    ops->item[who][5] = ops->f.call.outcome.record;
}

static inline void op_restrict(struct ops *ops, size_t n)
{
    static str fields[] = {STR("basic.phone")};
    struct restriction restriction = {.subject = ops_person(ops, n),
                                      .fields = fields,
                                      .field_count = 1,
                                      .reason = STR("accuracy")};
    ops_run(ops, use_restrict, &restriction, "restrict");
}

static inline void op_copy(struct ops *ops, size_t n)
{
    struct export_run export = {.request = {.subject = ops_person(ops, n), .by_subject = true}};
    ops_run(ops, use_export, &export, "access");
    BENCH_MUST(memmem(export.document.ptr, export.document.len, "basic.email", 11) != NULL,
               "the copy lacks the address");
}

static inline void op_history(struct ops *ops, size_t n)
{
    struct history_run history = {.reference = ops->reference[n % ops->people]};
    ops_run(ops, use_history, &history, "history");
    BENCH_MUST(history.document.len > 2, "no history");
}

static inline void op_erase(struct ops *ops, size_t n)
{
    struct erase_run erase = {.request = {.subject = ops_person(ops, n)}};
    ops_run(ops, use_erase, &erase, "erase");
    BENCH_MUST(erase.result.whole, "something of the erased person stays");
}

static const struct op OPS[] = {
    {"decide, 200 purposes, 10,000 rules", 1, op_decide, false},
    {"settle, 50 items, 200 grounds", 1, op_settle, false},
    {"settle, 200 grounds of 4 purposes", 1, op_settle_alike, false},
    {"create a person", 1, op_create, false},
    {"record an event", 1, op_event, false},
    {"read one item", 1, op_read_item, false},
    {"read eight items", 1, op_read_eight, false},
    {"read eight items, 64 a flush", OPS_GROUP, op_read_grouped, false},
    {"a read that is refused", 1, op_refused, false},
    {"find by e-mail", 1, op_find, false},
    {"put a value right", 1, op_rectify, true},
    {"collect three items", 1, op_collect_three, true},
    {"restrict a field", 1, op_restrict, true},
    {"give the access copy", 1, op_copy, true},
    {"history of a person", 1, op_history, true},
    {"erase a person", 1, op_erase, true},
};

static inline void ops_fill(struct ops *ops, size_t i)
{
    char email[64];
    op_create(ops, i);
    ops->person[i] = ops->f.call.outcome.id;
    (void)snprintf(email, sizeof(email), "b%zu@example.test", i);
    struct collect_value values[OPS_ITEMS] = {
        {STR("basic.name"), STR("Kari Prøve"), true},
        {STR("basic.email"), str_from(email), true},
        {STR("job_application.application"), STR("Jeg søker."), true},
        {STR("job_application.cv"), STR("Ten years of synthetic enterprises."), true},
        {STR("job_application.reference"), STR("Ola Prøve"), true},
        {STR("job_application.other_document"), STR("Vitnemål"), true},
        {STR("basic.phone"), STR("+47 900 00 000"), true},
        {STR("basic.address"), STR("Eksempelveien 1, 0001 Oslo"), true},
    };
    struct collect_run collect;
    ops_collect(ops, ops->person[i], values, LENGTH(values), &collect);
    memcpy(ops->item[i], collect.result.items, sizeof(ops->item[i]));
}

static inline status ops_use_reference(struct call *call, void *request)
{
    struct ops *ops = request;
    str reference;
    TRY(engine_reference(call, ops->person[ops->done], &reference));
    ops->reference[ops->done] = arena_copy(ops->f.arena, reference);
    return OK;
}

static inline void ops_start(struct ops *ops, size_t people)
{
    fixture_start(&ops->f, 7, "2026-01-01T00:00:00Z");
    fixture_register(&ops->f, "confect", "2026-01-15T09:00:00Z");
    ops->scratch = arena_new((size_t)64 << 20);
    ops->large_arena = arena_new(1 << 20);
    large_make(&ops->large, ops->f.arena);
    ops->people = people;
    ops->person = calloc(people, sizeof(*ops->person));
    ops->item = calloc(people, sizeof(*ops->item));
    ops->reference = calloc(people, sizeof(*ops->reference));
    BENCH_MUST(ops->person != NULL && ops->item != NULL && ops->reference != NULL, "no memory");
    for (size_t i = 0; i < people; i++) {
        ops_fill(ops, i);
        ops->done = i;
        ops_run(ops, ops_use_reference, ops, "reference");
    }
}

static inline void ops_stop(struct ops *ops)
{
    free(ops->person);
    free(ops->item);
    free(ops->reference);
    words_free(&ops->large.words);
    arena_free(&ops->scratch);
    arena_free(&ops->large_arena);
    fixture_stop(&ops->f);
}
#endif
