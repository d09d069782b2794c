/* Past instants: was this use lawful then, under which version, on which ground; against what the
 * log says was decided, and with what is known no more. */
#include "library.h"

#include "json.h"

#define RICH(version, effective, keep)                                                             \
    HEAD(version, effective)                                                                       \
    LEND("[contact, loan]", keep)                                                                  \
    "  guide: { basis: consent, roles: [reader], uses: [loan], keep: end of consent }\n"           \
    "  remind: { basis: legitimate_interest, roles: [reader], uses: [loan],"                       \
    " keep: 6 months after last borrowed }\n"                                                      \
    "events: { borrowed: {} }\n"                                                                   \
    "switches:\n  quiet: { stops: { purposes: [remind] }, at: [post] }\n"

static const char RICH_FIRST[] = RICH("r1", "2026-02-01", "36 months after collected");
static const char RICH_WIDER[] = RICH("r2", "2026-02-02", "48 months after collected");

struct told_then {
    struct history_ask ask;
    struct history *state;
    struct progress progress;
    str document;
};

static status use_history_then(struct call *call, void *request)
{
    struct told_then *told = request;
    return engine_history_step(call, &told->ask, &told->state, &told->progress, &told->document);
}

struct reference_run {
    dossier_id id;
    str text;
};

static status use_reference(struct call *call, void *request)
{
    struct reference_run *reference = request;
    return engine_reference(call, reference->id, &reference->text);
}

/* ---- past instants ---- */

struct explain_run {
    struct read request;
    instant at;
    str document;
};

static status use_explain(struct call *call, void *request)
{
    struct explain_run *explain = request;
    return engine_explain(call, &explain->request, explain->at, &explain->document);
}

struct then {
    bool allowed, certain;
    str version, rule, decided, basis;
};

static struct then explain_at(struct fixture *f, const struct borrower *borrower,
                              const char *purpose, instant at)
{
    struct explain_run run_ = {.request = {.subject = borrower->id,
                                           .purpose = str_from(purpose),
                                           .items = &borrower->loan,
                                           .item_count = 1},
                               .at = at};
    RUN_OK(f, use_explain, &run_);
    const struct json *json;
    struct then then = {.certain = true};
    assert_true(is_ok(json_parse(f->arena, run_.document, &f->report, &json)));
    assert_true(json_bool(json_get(json, "allowed"), &then.allowed));
    (void)json_bool(json_get(json, "certain"), &then.certain);
    (void)json_str(json_get(json, "version"), &then.version);
    (void)json_str(json_get(json, "rule"), &then.rule);
    (void)json_str(json_get(json_get(json, "decided"), "decision"), &then.decided);
    (void)json_str(json_get(json_get(json, "ground"), "basis"), &then.basis);
    return then;
}

static struct then explain(struct fixture *f, const struct borrower *borrower, const char *at)
{
    return explain_at(f, borrower, "lend", at_time(at));
}

/* C19: was this use lawful then, under which version, by which ground */
static void what_was_lawful_is_told_of_each_version_with_what_the_log_decided(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 16, true);
    struct borrower someone = borrower(&f);
    (void)put_in_force(&f, WIDER);
    move_clock(&f, "2026-02-10T09:00:00Z");
    assert_true(str_is(refuses(&f, &someone, "lend"), ""));
    move_clock(&f, "2026-03-05T09:00:00Z");
    assert_true(str_is(refuses(&f, &someone, "lend"), "version"));
    move_clock(&f, "2026-03-07T09:00:00Z");
    tell(&f, someone.id, "2");
    move_clock(&f, "2026-03-10T09:00:00Z");
    struct then before_ = explain(&f, &someone, "2026-01-20T09:00:00Z");
    assert_false(before_.allowed); /* the item was not there yet */
    struct then first = explain(&f, &someone, "2026-02-10T10:00:00Z");
    assert_true(first.allowed && first.certain && str_is(first.version, "1"));
    assert_true(str_is(first.decided, "allow") && str_is(first.basis, "public_task"));
    struct then second = explain(&f, &someone, "2026-03-05T10:00:00Z");
    assert_true(!second.allowed && str_is(second.version, "2") && str_is(second.rule, "version"));
    assert_true(str_is(second.decided, "refuse"));
    struct then told = explain(&f, &someone, "2026-03-08T10:00:00Z");
    assert_true(told.allowed && told.certain && str_is(told.version, "2"));
    assert_true(str_is_empty(told.decided)); /* nothing was asked within a day */
    struct then ahead = explain(&f, &someone, "2031-03-08T10:00:00Z");
    assert_true(!ahead.allowed && str_is(ahead.rule, "purposes.lend.keep"));
    fixture_stop(&f);
}

/* C19: what is not known any more is said */
static void
a_restriction_that_was_lifted_makes_the_past_uncertain_and_the_log_tells_it(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 17, true);
    struct borrower someone = borrower(&f);
    struct restriction restrict_ = {
        .subject = someone.id, .reason = STR("accuracy"), .warned = true};
    RUN_OK(&f, use_restrict, &restrict_);
    struct restriction_lift lift = {someone.id, f.call.outcome.record};
    assert_true(str_is(refuses(&f, &someone, "lend"), "rights.restrict"));
    struct then then = explain(&f, &someone, "2026-02-01T09:00:00Z");
    assert_false(then.allowed);
    move_clock(&f, "2026-02-05T09:00:00Z");
    RUN_OK(&f, use_restriction_tell, &lift);
    RUN_OK(&f, use_restriction_lift, &lift);
    move_clock(&f, "2026-02-06T09:00:00Z");
    then = explain(&f, &someone, "2026-02-01T09:00:00Z");
    assert_false(then.certain);
    assert_true(str_is(then.decided, "refuse")); /* what was decided then stands */
    then = explain(&f, &someone, "2026-02-05T10:00:00Z");
    assert_true(then.allowed && then.certain);
    fixture_stop(&f);
}

/* ---- what ended since ---- */

static str rule_then(struct fixture *f, const struct borrower *who, const char *purpose,
                     const char *at)
{
    return explain_at(f, who, purpose, at_time(at)).rule;
}

/* CON-32, COB-31: a consent counts from its act to its withdrawal, also when asked years later */
static void a_consent_counts_at_the_instants_between_its_act_and_its_withdrawal(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 31, true);
    (void)put_in_force(&f, RICH_FIRST);
    struct borrower someone = borrower(&f);
    struct consent consent = {.subject = someone.id,
                              .purpose = STR("guide"),
                              .wording = STR("Yes, guide me."),
                              .given_by = STR("click")};
    struct withdrawal withdrawal = {.subject = someone.id, .purpose = STR("guide")};
    move_clock(&f, "2026-02-10T09:00:00Z");
    RUN_OK(&f, use_consent, &consent);
    move_clock(&f, "2026-02-20T09:00:00Z");
    RUN_OK(&f, use_withdraw, &withdrawal);
    move_clock(&f, "2027-02-20T09:00:00Z");
    assert_true(
        str_is(rule_then(&f, &someone, "guide", "2026-02-10T08:59:59.999Z"), "purposes.guide"));
    struct then given = explain_at(&f, &someone, "guide", at_time("2026-02-10T09:00:00Z"));
    assert_true(given.allowed && given.certain && str_is(given.basis, "consent"));
    assert_true(str_is_empty(rule_then(&f, &someone, "guide", "2026-02-20T08:59:59.999Z")));
    assert_true(str_is(rule_then(&f, &someone, "guide", "2026-02-20T09:00:00Z"), "purposes.guide"));
    fixture_stop(&f);
}

static void a_role_that_ended_since_counts_before_its_end(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 32, true);
    struct borrower someone = borrower(&f);
    move_clock(&f, "2026-02-10T09:00:00Z");
    struct role_change end = {
        .subject = someone.id, .role = STR("reader"), .ends = true, .warned = true};
    RUN_OK(&f, use_role, &end);
    move_clock(&f, "2026-02-20T09:00:00Z");
    assert_true(str_is_empty(rule_then(&f, &someone, "lend", "2026-02-10T08:59:59.999Z")));
    struct then after_ = explain(&f, &someone, "2026-02-10T09:00:00Z");
    assert_true(!after_.allowed && after_.certain && str_is(after_.rule, "purposes.lend.roles"));
    fixture_stop(&f);
}

/* G1, C19: nothing of what was erased comes back; the log alone tells that it was lawful */
static void of_an_item_that_was_erased_since_the_log_tells_and_nothing_is_sure(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 33, true);
    struct borrower someone = borrower(&f);
    assert_true(str_is_empty(refuses(&f, &someone, "lend")));
    move_clock(&f, "2026-02-10T09:00:00Z");
    str fields[] = {STR("loan")};
    struct erase_run erase = {
        .request = {.subject = someone.id, .fields = fields, .field_count = 1, .warned = true}};
    RUN_OK(&f, use_erase, &erase);
    struct then then = explain(&f, &someone, "2026-02-01T09:00:00Z");
    assert_true(!then.allowed && !then.certain && str_is(then.decided, "allow"));
    assert_true(str_is(then.rule, "always.nothing_held"));
    then = explain(&f, &someone, "2026-02-10T09:00:00Z");
    assert_true(!then.allowed && then.certain);
    fixture_stop(&f);
}

static size_t found_by(struct fixture *f, str reference, const char *at, bool *erased)
{
    struct told_then told = {.ask = {.reference = reference, .at = at_time(at)}};
    do
        RUN_OK(f, use_history_then, &told);
    while (!told.progress.done);
    const struct json *json;
    int64_t found;
    assert_true(is_ok(json_parse(f->arena, told.document, &f->report, &json)));
    assert_true(json_i64(json_get(json, "found"), &found));
    assert_true(json_bool(json_get(json, "erased"), erased));
    return (size_t)found;
}

/* CON-59, G3: an erased person is not explained; who has the reference is told what the log has */
static void an_erased_person_is_told_by_reference_what_was_decided_by_then(void **state)
{
    (void)state;
    struct fixture f;
    bool erased;
    library(&f, 34, true);
    struct borrower someone = borrower(&f);
    struct reference_run reference = {.id = someone.id};
    RUN_OK(&f, use_reference, &reference);
    str known = arena_copy(f.arena, reference.text);
    assert_true(str_is_empty(refuses(&f, &someone, "lend")));
    move_clock(&f, "2026-02-10T09:00:00Z");
    size_t before_ = found_by(&f, known, "2026-02-09T09:00:00Z", &erased);
    assert_in_range(before_, 3, 10); /* made, collected, read */
    assert_false(erased);
    struct erase_run erase = {.request = {.subject = someone.id, .warned = true}};
    RUN_OK(&f, use_erase, &erase);
    struct explain_run run_ = {.request = {.subject = someone.id, .purpose = STR("lend")},
                               .at = at_time("2026-02-01T09:00:00Z")};
    RUN_FAULT(&f, use_explain, &run_, FAULT_GONE);
    assert_int_equal(found_by(&f, known, "2026-02-09T09:00:00Z", &erased), before_);
    assert_false(erased);
    assert_in_range(found_by(&f, known, "2026-02-10T09:00:00Z", &erased), before_ + 1, 20);
    assert_true(erased);
    assert_int_equal(found_by(&f, STR("AAAAAAAAAAAAAAAAAAAAAA"), "2026-02-10T09:00:00Z", &erased),
                     0);
    struct told_then odd = {.ask = {.reference = STR("no reference")}};
    RUN_FAULT(&f, use_history_then, &odd, FAULT_INVALID);
    fixture_stop(&f);
}

/* C19: what was there is told, also when nobody had written it down yet; and what was decided */
static void what_is_recorded_later_with_an_earlier_date_counts_from_that_date(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 36, true);
    (void)put_in_force(&f, RICH_FIRST);
    struct borrower someone = borrower_for(&f, "remind");
    move_clock(&f, "2026-02-10T09:00:00Z");
    assert_true(str_is(refuses(&f, &someone, "remind"), "purposes.remind.basis"));
    move_clock(&f, "2026-02-20T09:00:00Z");
    struct evidence_record weighed = {.type = STR("balancing"),
                                      .purpose = STR("remind"),
                                      .since = at_time("2026-02-05T09:00:00Z")};
    RUN_OK(&f, use_evidence, &weighed);
    struct then then = explain_at(&f, &someone, "remind", at_time("2026-02-10T09:00:00Z"));
    assert_true(then.allowed && str_is(then.decided, "refuse"));
    then = explain_at(&f, &someone, "remind", at_time("2026-02-05T08:59:59Z"));
    assert_false(then.allowed);
    fixture_stop(&f);
}

/* HOS-03: nothing was lawful under a policy that was not in force */
static void before_the_register_nothing_was_lawful_and_no_version_in_force(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 35, true);
    struct borrower someone = borrower(&f);
    move_clock(&f, "2026-02-10T09:00:00Z");
    static const char *const instants[] = {"2025-12-31T22:59:59Z", "1970-01-01T00:00:01Z",
                                           "0001-01-01T00:00:00Z"};
    for (size_t i = 0; i < LENGTH(instants); i++) {
        struct then then = explain(&f, &someone, instants[i]);
        assert_true(!then.allowed && str_is_empty(then.version) && str_is_empty(then.basis));
        assert_true(str_is_empty(then.decided));
    }
    struct then last = explain(&f, &someone, "9999-12-31T23:59:59Z");
    assert_true(!last.allowed && str_is(last.version, "1"));
    fixture_stop(&f);
}

/* ---- whatever happens ---- */

enum { STEPS = 120, SEEDS = 8, ITEMS = 8 };

struct asked_then {
    instant at;
    record_id item;
    const char *purpose;
    bool allowed;
    str rule, version;
};

struct life {
    struct fixture f;
    struct borrower who;
    record_id items[ITEMS];
    size_t item_count;
    record_id restriction, balancing;
    dossier_id weighed_in; /* of the balancing */
    struct asked_then asked[STEPS];
    size_t asked_count;
    bool plain; /* nothing happens that facts forget: each instant can be told */
    bool borrowed;
    int version; /* of RICH that is in force: how often it changed */
};

static uint32_t draw(struct life *life, uint32_t below)
{
    uint32_t number;
    world_random(&life->f.sim.world, &number, sizeof(number));
    return number % below;
}

static void ask_for(struct life *life)
{
    static const char *const purposes[] = {"lend", "guide", "remind", "remind"};
    struct fixture *f = &life->f;
    struct borrower who = {life->who.id, life->items[draw(life, (uint32_t)life->item_count)]};
    struct asked_then *then = &life->asked[life->asked_count++];
    *then = (struct asked_then){reg_now(f->reg), who.loan, purposes[draw(life, 4)],
                                false,           STR(""),  STR("")};
    str rule = refuses(f, &who, then->purpose);
    then->allowed = str_is_empty(rule);
    then->rule = arena_copy(f->arena, rule);
    then->version = plans_in_force(reg_plans(f->reg), then->at)->plan->version;
}

static void lend_another(struct life *life)
{
    struct collect_value values[] = {{STR("loan.book"), STR("Victoria"), true}};
    struct collect_run collect = {.request = {.subject = life->who.id,
                                              .intake = STR("desk"),
                                              .source = STR("person"),
                                              .values = values,
                                              .value_count = 1}};
    str purposes[] = {STR("lend"), STR("guide"), STR("remind")};
    collect.request.purposes = purposes;
    collect.request.purpose_count = LENGTH(purposes);
    if (life->item_count < ITEMS && is_ok(run(&life->f, use_collect, &collect)))
        life->items[life->item_count++] = collect.result.items[0];
}

static void correct(struct life *life)
{
    size_t at = draw(life, (uint32_t)life->item_count);
    struct rectify rectify = {.subject = life->who.id,
                              .item = life->items[at],
                              .value = STR("Markens grøde"),
                              .by_subject = true,
                              .warned = true};
    if (is_ok(run(&life->f, use_rectify, &rectify)) && life->item_count < ITEMS)
        life->items[life->item_count++] = life->f.call.outcome.record;
}

static void restrict_or_lift(struct life *life)
{
    struct fixture *f = &life->f;
    struct restriction restriction = {
        .subject = life->who.id, .reason = STR("accuracy"), .warned = true};
    if (ID_IS_ZERO(life->restriction)) {
        RUN_OK(f, use_restrict, &restriction);
        life->restriction = f->call.outcome.record;
        return;
    }
    struct restriction_lift lift = {life->who.id, life->restriction};
    RUN_OK(f, use_restriction_tell, &lift);
    RUN_OK(f, use_restriction_lift, &lift);
    life->restriction = (record_id){{0}};
}

static void weigh_or_not(struct life *life)
{
    struct fixture *f = &life->f;
    struct evidence_record record = {.type = STR("balancing"), .purpose = STR("remind")};
    if (ID_IS_ZERO(life->balancing)) {
        RUN_OK(f, use_evidence, &record);
        life->balancing = f->call.outcome.record;
        life->weighed_in = f->call.outcome.id;
        return;
    }
    struct evidence_end end = {
        .dossier = life->weighed_in, .record = life->balancing, .warned = true};
    RUN_OK(f, use_evidence_end, &end);
    life->balancing = (record_id){{0}};
}

static void change_version(struct life *life)
{
    (void)put_in_force(&life->f, life->version++ % 2 == 0 ? RICH_WIDER : RICH_FIRST);
    if (draw(life, 2) == 0)
        tell(&life->f, life->who.id, life->version % 2 == 1 ? "r2" : "r1");
}

static void do_something(struct life *life)
{
    struct fixture *f = &life->f;
    dossier_id id = life->who.id;
    struct consent consent = {.subject = id,
                              .purpose = STR("guide"),
                              .wording = STR("Yes, guide me."),
                              .given_by = STR("click")};
    struct withdrawal withdrawal = {.subject = id, .purpose = STR("guide")};
    struct objection_make objection = {.subject = id, .purpose = STR("remind")};
    struct switch_set quiet = {.subject = id, .stop = STR("quiet")};
    struct event_record event = {.subject = id, .event = STR("borrowed")};
    struct role_change role = {.subject = id, .role = STR("reader"), .warned = true};
    switch (draw(life, 20)) {
    case 0:
    case 1:
        (void)is_ok(run(f, use_consent, &consent));
        return;
    case 2:
        (void)is_ok(run(f, use_withdraw, &withdrawal));
        return;
    case 3:
        if (draw(life, 3) == 0)
            (void)is_ok(run(f, use_object, &objection));
        return;
    case 4:
        if (!life->plain && draw(life, 3) == 0)
            (void)is_ok(run(f, use_switch, &quiet));
        return;
    case 5:
        if (!life->plain || !life->borrowed)
            (void)is_ok(run(f, use_event, &event));
        life->borrowed = true;
        return;
    case 6:
        role.ends = draw(life, 3) == 0;
        (void)is_ok(run(f, use_role, &role));
        return;
    case 7:
        if (draw(life, 3) == 0 && (!life->plain || ID_IS_ZERO(life->restriction)))
            restrict_or_lift(life);
        return;
    case 8:
        weigh_or_not(life);
        return;
    case 9:
        lend_another(life);
        return;
    case 10:
        if (!life->plain && draw(life, 6) == 0)
            correct(life);
        return;
    case 11:
        if (draw(life, 3) == 0)
            change_version(life);
        return;
    default:
        ask_for(life);
    }
}

static void some_time(struct life *life)
{
    struct swept swept;
    instant to = {reg_now(life->f.reg).ms + 60000 + (int64_t)draw(life, 6 * 86400) * 1000};
    if (!is_ok(engine_clock_set(life->f.engine, life->f.reg, to, &life->f.report, &swept)))
        fail_msg("clock: %s", life->f.report.text);
}

static void live(struct life *life, uint64_t seed)
{
    struct fixture *f = &life->f;
    *life = (struct life){.plain = seed % 2 == 0};
    library(f, seed, true);
    (void)put_in_force(f, RICH_FIRST);
    some_time(life);
    life->who = borrower(f);
    life->items[life->item_count++] = life->who.loan;
    for (int i = 0; i < STEPS; i++) {
        some_time(life);
        do_something(life);
    }
    some_time(life);
}

/* What is said of an instant now is what was decided then; or it says that this is not sure, and
 * tells from the log what was decided. Gives whether it is sure. */
static bool agrees(struct life *life, const struct asked_then *asked, uint64_t seed)
{
    struct fixture *f = &life->f;
    struct borrower who = {life->who.id, asked->item};
    struct then then = explain_at(f, &who, asked->purpose, asked->at);
    bool same_verdict = then.allowed == asked->allowed;
    bool same_rule = str_equal(then.rule, asked->rule);
    if (!str_equal(then.version, asked->version) ||
        !str_is(then.decided, asked->allowed ? "allow" : "refuse"))
        fail_msg("seed %d: %s: the log's is %.*s under %.*s", (int)seed, asked->purpose,
                 STR_ARG(then.decided), STR_ARG(then.version));
    if (then.certain && (!same_verdict || !same_rule))
        fail_msg("seed %d: %s was %s by %.*s, and is told as %s by %.*s", (int)seed, asked->purpose,
                 asked->allowed ? "allowed" : "refused", STR_ARG(asked->rule),
                 then.allowed ? "allowed" : "refused", STR_ARG(then.rule));
    return then.certain;
}

/* C19: over whatever happens to a person and to the policy, for every decision that the log has */
static void what_is_said_of_the_past_is_what_was_decided_or_is_said_to_be_unsure(void **state)
{
    (void)state;
    size_t all = 0, sure = 0, allowed = 0, plain = 0;
    for (uint64_t seed = 300; seed < 300 + SEEDS; seed++) {
        static struct life life;
        live(&life, seed);
        for (size_t i = 0; i < life.asked_count; i++) {
            all++;
            plain += life.plain;
            allowed += life.asked[i].allowed;
            sure += agrees(&life, &life.asked[i], seed);
        }
        fixture_stop(&life.f);
    }
    assert_in_range(sure, plain, all - 1); /* both are met */
    assert_in_range(allowed, all / 10, all - all / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_lawful_is_told_of_each_version_with_what_the_log_decided),
        cmocka_unit_test(
            a_restriction_that_was_lifted_makes_the_past_uncertain_and_the_log_tells_it),
        cmocka_unit_test(a_consent_counts_at_the_instants_between_its_act_and_its_withdrawal),
        cmocka_unit_test(a_role_that_ended_since_counts_before_its_end),
        cmocka_unit_test(of_an_item_that_was_erased_since_the_log_tells_and_nothing_is_sure),
        cmocka_unit_test(an_erased_person_is_told_by_reference_what_was_decided_by_then),
        cmocka_unit_test(what_is_recorded_later_with_an_earlier_date_counts_from_that_date),
        cmocka_unit_test(before_the_register_nothing_was_lawful_and_no_version_in_force),
        cmocka_unit_test(what_is_said_of_the_past_is_what_was_decided_or_is_said_to_be_unsure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
