/* Versions of the policy in one register: their order, who is told of what, going back, taking an
 * announcement back, and work that goes step by step. */
#include "library.h"

#include "json.h"

static str standing(struct fixture *f, size_t index)
{
    instant until;
    return reg_version_standing(f->reg, reg_version_at(f->reg, index), reg_now(f->reg), &until);
}

/* ---- order ---- */

/* COB-108, INF-78 */
static void versions_stand_in_the_order_of_their_dates_after_every_start(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) { /* their dossiers' ids are random */
        struct fixture f;
        library(&f, seed, true);
        struct borrower before_ = borrower(&f);
        (void)put_in_force(&f, LATER);
        (void)put_in_force(&f, WIDER); /* comes in between */
        for (int i = 0; i < 2; i++) {
            assert_int_equal(reg_plans(f.reg)->count, 3);
            const char *const wanted[] = {"1", "2", "4"};
            for (size_t v = 0; v < 3; v++)
                assert_true(str_is(reg_plans(f.reg)->at[v].plan->version, wanted[v]));
            open_again(&f);
        }
        move_clock(&f, "2026-03-02T09:00:00Z");
        open_again(&f);
        assert_true(str_is(refuses(&f, &before_, "lend"), "version"));
        tell(&f, before_.id, "2");
        assert_true(str_is(refuses(&f, &before_, "lend"), ""));
        move_clock(&f, "2026-09-02T09:00:00Z");
        open_again(&f);
        assert_true(str_is(refuses(&f, &before_, "lend"), "")); /* shorter again */
        fixture_stop(&f);
    }
}

/* HOS-03: operations dated earlier are not judged by a version */
static void a_version_counts_from_when_it_was_applied_at_the_earliest(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 7, true);
    move_clock(&f, "2026-05-01T09:00:00Z");
    struct borrower early = borrower(&f);
    move_clock(&f, "2026-06-01T09:00:00Z");
    struct version_effect effect = put_in_force(&f, WIDER);
    assert_int_equal(effect.effective.ms, at_time("2026-06-01T09:00:00Z").ms);
    assert_int_equal(reg_plans(f.reg)->at[1].effective.ms, effect.effective.ms);
    open_again(&f);
    assert_int_equal(reg_plans(f.reg)->at[1].effective.ms, effect.effective.ms);
    /* Came after the date in the file, and was told of nothing by then. */
    assert_true(str_is(refuses(&f, &early, "lend"), "version"));
    fixture_stop(&f);
}

/* ---- announced, and taken back ---- */

/* INF-80, CON-81 */
static void an_announced_version_closes_nothing_before_its_day_and_can_be_taken_back(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 8, true);
    struct borrower someone = borrower(&f);
    (void)put_in_force(&f, WIDER);
    assert_true(str_is(standing(&f, 0), "in_force"));
    assert_true(str_is(standing(&f, 1), "announced"));
    tell(&f, someone.id, "2");
    str name = STR("2"), first = STR("1"), none = STR("7");
    RUN_FAULT(&f, use_version_withdraw, &first, FAULT_CONFLICT);
    RUN_FAULT(&f, use_version_withdraw, &none, FAULT_INVALID);
    RUN_OK(&f, use_version_withdraw, &name);
    RUN_FAULT(&f, use_version_withdraw, &name, FAULT_INVALID);
    for (int i = 0; i < 2; i++) {
        assert_true(str_is(standing(&f, 1), "withdrawn"));
        assert_int_equal(reg_plans(f.reg)->count, 1);
        open_again(&f);
    }
    move_clock(&f, "2026-03-02T09:00:00Z");
    assert_true(str_is(refuses(&f, &someone, "lend"), ""));
    /* The name stands for one text for ever: who was told of it was told of that. */
    struct version_run other = version(&f, HEAD("2", "2026-04-01") ADVISE);
    RUN_FAULT(&f, use_version, &other, FAULT_CONFLICT);
    (void)put_in_force(&f, WIDER);
    assert_true(str_is(standing(&f, 2), "in_force"));
    assert_true(str_is(refuses(&f, &someone, "lend"), "")); /* told then */
    fixture_stop(&f);
}

/* ---- what was told stays readable ---- */

struct text_run {
    str version, document;
};

static status use_text(struct call *call, void *request)
{
    struct text_run *text = request;
    return engine_version_text(call, text->version, &text->document);
}

static void reads_as(struct fixture *f, const char *version_, const char *wanted)
{
    struct text_run text = {.version = str_from(version_)};
    const struct json *json;
    str policy;
    RUN_OK(f, use_text, &text);
    assert_true(is_ok(json_parse(f->arena, text.document, &f->report, &json)));
    assert_true(json_str(json_get(json, "policy"), &policy));
    assert_true(str_is(policy, wanted));
    const struct json *found = json_get(json, "problems"); /* these sample policies lack much */
    int64_t line;
    assert_true(found != NULL && found->count > 0);
    assert_true(json_i64(json_get(found->child, "line"), &line) && line > 0);
}

/* CON-80, INF-78, COB-108: past, in force, announced and taken back: word for word as applied */
static void every_version_stays_readable_word_for_word(void **state)
{
    (void)state;
    struct fixture f;
    str taken_back = STR("4");
    library(&f, 26, true);
    (void)put_in_force(&f, WIDER);
    (void)put_in_force(&f, LATER);
    RUN_OK(&f, use_version_withdraw, &taken_back);
    move_clock(&f, "2026-03-02T09:00:00Z");
    (void)put_in_force(&f, SHORTER);
    for (int i = 0; i < 2; i++) {
        reads_as(&f, "1", FIRST);
        reads_as(&f, "2", WIDER);
        reads_as(&f, "3", SHORTER);
        reads_as(&f, "4", LATER);
        open_again(&f);
    }
    struct text_run none = {.version = STR("5")}, empty = {.version = STR("")};
    RUN_FAULT(&f, use_text, &none, FAULT_INVALID);
    RUN_FAULT(&f, use_text, &empty, FAULT_INVALID);
    fixture_stop(&f);
}

/* ---- going back ---- */

/* INF-79, COB-108 */
static void going_back_closes_what_was_new_and_needs_no_notice_for_what_was_known(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 9, true);
    struct borrower told = borrower(&f), not_told = borrower(&f);
    tell(&f, told.id, "1");
    (void)put_in_force(&f, WIDER);
    tell(&f, told.id, "2");
    move_clock(&f, "2026-03-02T09:00:00Z");
    struct borrower newer = borrower(&f);
    assert_true(str_is(refuses(&f, &told, "lend"), ""));
    assert_true(str_is(refuses(&f, &not_told, "lend"), "version"));
    struct version_run again = version(&f, FIRST);
    again.request.effective = at_time("2026-04-01T00:00:00Z");
    RUN_OK(&f, use_version, &again);
    assert_true(again.effect.again);
    assert_int_equal(again.effect.untold, 0);
    (void)put_in_force(&f, FIRST);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(reg_plans(f.reg)->count, 3);
        assert_true(str_is(standing(&f, 0), "past"));
        assert_true(str_is(standing(&f, 1), "past"));
        assert_true(str_is(standing(&f, 2), "in_force"));
        assert_true(str_is(refuses(&f, &told, "lend"), ""));
        assert_true(str_is(refuses(&f, &not_told, "lend"), ""));
        assert_true(str_is(refuses(&f, &newer, "lend"), ""));
        assert_true(str_is(refuses(&f, &told, "advise"), "purposes"));
        open_again(&f);
    }
    struct version_run once_more = version(&f, FIRST);
    RUN_FAULT(&f, use_version, &once_more, FAULT_CONFLICT); /* it is the newest */
    /* And forward: who was told of the second knows it still, the other does not. */
    move_clock(&f, "2026-05-01T09:00:00Z");
    (void)put_in_force(&f, WIDER);
    assert_true(str_is(refuses(&f, &told, "lend"), ""));
    assert_true(str_is(refuses(&f, &not_told, "lend"), "version"));
    fixture_stop(&f);
}

/* ---- another basis ---- */

#define GUIDE(basis)                                                                               \
    "  guide: { basis: " basis                                                                     \
    ", roles: [reader], uses: [loan], keep: 24 months after collected }\n"

static const char ASKED[] =
    HEAD("5", "2026-03-01") LEND("[contact, loan]", "24 months after collected") GUIDE("consent");
static const char SWAPPED[] = HEAD("6", "2026-05-01")
    LEND("[contact, loan]", "24 months after collected") GUIDE("public_task");

static struct borrower who_agreed(struct fixture *f)
{
    struct borrower made = borrower(f);
    struct consent consent = {.subject = made.id,
                              .purpose = STR("guide"),
                              .wording = STR("Yes, guide me."),
                              .given_by = STR("click")};
    RUN_OK(f, use_consent, &consent);
    struct collect_value values[] = {{STR("loan.book"), STR("Pan"), true}};
    str purposes[] = {STR("lend"), STR("guide")};
    struct collect_run collect = {.request = {.subject = made.id,
                                              .intake = STR("desk"),
                                              .source = STR("person"),
                                              .purposes = purposes,
                                              .purpose_count = 2,
                                              .values = values,
                                              .value_count = 1}};
    RUN_OK(f, use_collect, &collect);
    made.loan = collect.result.items[0];
    return made;
}

static void take_back(struct fixture *f, const struct borrower *who)
{
    struct withdrawal withdrawal = {.subject = who->id, .purpose = STR("guide")};
    RUN_OK(f, use_withdraw, &withdrawal);
}

/* COB-44: what was collected on a consent is not carried over to another basis by a new text */
static void a_new_version_swaps_no_basis_under_what_was_collected_on_the_old_one(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 44, true);
    (void)put_in_force(&f, ASKED);
    move_clock(&f, "2026-03-02T09:00:00Z");
    struct borrower gone = who_agreed(&f), stays = who_agreed(&f);
    assert_true(str_is(refuses(&f, &gone, "guide"), ""));
    take_back(&f, &gone);
    assert_false(str_is_empty(refuses(&f, &gone, "guide")));
    (void)put_in_force(&f, SWAPPED);
    tell(&f, gone.id, "6");
    tell(&f, stays.id, "6");
    move_clock(&f, "2026-05-02T09:00:00Z");
    for (int i = 0; i < 2; i++) {
        assert_true(str_is(refuses(&f, &gone, "guide"), "purposes.guide.basis"));
        assert_true(str_is(refuses(&f, &stays, "guide"), ""));
        assert_true(str_is(refuses(&f, &gone, "lend"), ""));
        open_again(&f);
    }
    take_back(&f, &stays);
    assert_true(str_is(refuses(&f, &stays, "guide"), "purposes.guide.basis")); /* still her no */
    fixture_stop(&f);
}

/* ---- the brake ---- */

static void sweep(struct fixture *f, uint64_t items)
{
    struct swept swept;
    assert_true(is_ok(engine_heartbeat(f->engine, f->reg, &f->report)));
    if (!is_ok(engine_sweep(f->engine, f->reg, 1000, &f->report, &swept)))
        fail_msg("sweep: %s", f->report.text);
    assert_int_equal(swept.items, items);
}

static void days(struct fixture *f, const char *to)
{
    while (f->sim.clock.ms + 80000000 < at_time(to).ms) {
        f->sim.clock.ms += 80000000;
        sweep(f, 0);
    }
    f->sim.clock = at_time(to);
    sweep(f, 0);
}

static status use_confirm(struct call *call, void *request)
{
    (void)request;
    return engine_confirm_destruction(call);
}

/* CON-56: what a version ends waits three days, unreadable, and going back finds it again */
static void going_back_within_three_days_finds_what_a_version_had_ended(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 10, false);
    struct borrower someone = borrower(&f);
    days(&f, "2026-03-10T08:00:00Z");
    struct version_effect effect = put_in_force(&f, SHORTER);
    assert_int_equal(effect.erases, 1);
    assert_true(str_is(refuses(&f, &someone, "lend"), "purposes.lend.keep"));
    days(&f, "2026-03-12T08:00:00Z");
    (void)put_in_force(&f, FIRST);
    assert_true(str_is(refuses(&f, &someone, "lend"), ""));
    days(&f, "2026-03-20T08:00:00Z");
    assert_true(str_is(refuses(&f, &someone, "lend"), ""));
    /* Forward and back within three days: spared through both. */
    (void)put_in_force(&f, SHORTER);
    days(&f, "2026-03-21T08:00:00Z");
    struct version_run other =
        version(&f, HEAD("5", "2026-03-21") LEND("[contact, loan]", "2 weeks after collected"));
    RUN_OK(&f, use_version, &other);
    assert_int_equal(other.effect.erases, 0); /* it is dead already */
    (void)put_in_force(&f,
                       HEAD("5", "2026-03-21") LEND("[contact, loan]", "2 weeks after collected"));
    days(&f, "2026-03-22T08:00:00Z");
    RUN_OK(&f, use_confirm, NULL);
    open_again(&f); /* the word outlives a start, and so does the settling anew */
    sweep(&f, 1);
    fixture_stop(&f);
}

/* ---- step by step ---- */

struct stepping {
    struct version_run run;
    struct weighing *weighing;
    struct progress progress;
};

static status use_step(struct call *call, void *request)
{
    struct stepping *stepping = request;
    return engine_version_step(call, &stepping->run.request, &stepping->run.problems,
                               &stepping->weighing, &stepping->run.effect, &stepping->progress);
}

static void begin_stepping(struct fixture *f, uint64_t seed, struct stepping *stepping)
{
    library(f, seed, true);
    for (int i = 0; i < 7; i++)
        (void)borrower(f);
    move_clock(f, "2026-03-10T09:00:00Z");
    fixture_close(f);
    struct engine_config config = fixture_config(f);
    config.step_rows = 2;
    assert_true(is_ok(engine_open(&config, &f->report, &f->engine)));
    f->reg = engine_register(f->engine, STR("library"));
    *stepping = (struct stepping){.run = version(f, SHORTER)};
}

/* G12, COB-108 */
static void a_version_is_weighed_step_by_step_while_others_are_served(void **state)
{
    (void)state;
    struct fixture f;
    struct stepping stepping;
    begin_stepping(&f, 11, &stepping);
    int steps = 0;
    while (!stepping.progress.done) {
        RUN_OK(&f, use_step, &stepping);
        steps++;
        assert_in_range(stepping.progress.looked, steps * 2 - 1, steps * 2);
        assert_int_equal(stepping.progress.of, 7);
        if (steps == 1) { /* and what others do then stands */
            struct subject_create someone = {.role_count = 0};
            RUN_OK(&f, use_subject_create, &someone);
        }
    }
    assert_int_equal(steps, 4);
    assert_int_equal(stepping.run.effect.erases, 7);
    const struct version_clause *clauses = stepping.run.effect.clauses;
    assert_int_equal(stepping.run.effect.clause_count, 2);
    assert_true(str_is(clauses[0].clause, "purposes.lend"));
    assert_true(str_is(clauses[1].clause, "purposes.lend.keep"));
    assert_int_equal(clauses[0].closes, 7);
    assert_int_equal(clauses[1].erases, 7);
    assert_int_equal(clauses[1].people, 7);
    fixture_stop(&f);
}

/* COB-108 */
static void a_version_that_came_in_between_makes_the_weighing_begin_anew(void **state)
{
    (void)state;
    struct fixture f;
    struct stepping stepping;
    begin_stepping(&f, 12, &stepping);
    RUN_OK(&f, use_step, &stepping);
    (void)put_in_force(&f, LATER);
    RUN_FAULT(&f, use_step, &stepping, FAULT_CONFLICT);
    fixture_stop(&f);
}

/* G2, G4 */
static void settling_anew_goes_on_after_a_restart_and_takes_everyone(void **state)
{
    (void)state;
    struct fixture f;
    struct stepping stepping;
    begin_stepping(&f, 13, &stepping);
    (void)put_in_force(&f, SHORTER);
    struct swept swept;
    struct progress progress;
    uint64_t items = 0;
    for (int starts = 0; reg_settling(f.reg, &progress); starts++) {
        assert_in_range(starts, 0, 3);
        assert_true(is_ok(engine_sweep(f.engine, f.reg, 100, &f.report, &swept)));
        assert_true(swept.more || !reg_settling(f.reg, &progress));
        items += swept.items;
        fixture_close(&f);
        struct engine_config config = fixture_config(&f);
        config.step_rows = 2;
        assert_true(is_ok(engine_open(&config, &f.report, &f.engine)));
        f.reg = engine_register(f.engine, STR("library"));
    }
    do {
        assert_true(is_ok(engine_sweep(f.engine, f.reg, 100, &f.report, &swept)));
        items += swept.items;
    } while (swept.more);
    assert_int_equal(items, 7);
    fixture_stop(&f);
}

struct forecast_steps {
    struct forecasting *state;
    struct progress progress;
    str document;
};

static status use_forecast_step(struct call *call, void *request)
{
    struct forecast_steps *steps = request;
    return engine_forecast_step(call, 800, &steps->state, &steps->progress, &steps->document);
}

static int64_t number_of(struct fixture *f, str document, const char *member)
{
    const struct json *json;
    int64_t number;
    assert_true(is_ok(json_parse(f->arena, document, &f->report, &json)));
    assert_true(json_i64(json_get(json, member), &number));
    return number;
}

/* G12, CON-56: what goes in the days to come is looked for two people at a time */
static void a_forecast_goes_step_by_step_while_others_are_served(void **state)
{
    (void)state;
    struct fixture f;
    struct stepping unused;
    begin_stepping(&f, 51, &unused);
    struct forecast_steps steps = {.state = NULL};
    uint64_t looked = 0;
    int count = 0;
    while (!steps.progress.done) {
        RUN_OK(&f, use_forecast_step, &steps);
        assert_in_range(steps.progress.looked, looked, looked + 2);
        looked = steps.progress.looked;
        count++;
        struct subject_create someone = {.role_count = 0};
        RUN_OK(&f, use_subject_create, &someone);
        assert_in_range(count, 1, 20);
    }
    assert_in_range(count, 4, 20);
    assert_int_equal(number_of(&f, steps.document, "count"), 7);
    assert_int_equal(number_of(&f, steps.document, "people"), 7);
    struct forecast_run whole = {.days = 800};
    RUN_OK(&f, use_forecast, &whole);
    assert_int_equal(number_of(&f, whole.document, "count"), 7);
    fixture_stop(&f);
}

struct history_steps {
    struct history_ask ask;
    struct history *state;
    struct progress progress;
    str document;
};

static status use_history_step(struct call *call, void *request)
{
    struct history_steps *steps = request;
    return engine_history_step(call, &steps->ask, &steps->state, &steps->progress,
                               &steps->document);
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

/* G12, G3: two of the entries about them are read at a time, also by who waits for the end. */
static void a_history_goes_step_by_step_while_others_are_served(void **state)
{
    (void)state;
    struct fixture f;
    struct stepping unused;
    begin_stepping(&f, 52, &unused);
    struct borrower someone = borrower(&f);
    struct reference_run reference = {.id = someone.id};
    RUN_OK(&f, use_reference, &reference);
    struct history_steps steps = {.ask = {.reference = arena_copy(f.arena, reference.text)}};
    RUN_OK(&f, use_history_step, &steps); /* logs the question */
    uint64_t looked = 0;
    int count = 0;
    while (!steps.progress.done) {
        RUN_OK(&f, use_history_step, &steps);
        assert_true(steps.progress.looked > looked);
        looked = steps.progress.looked;
        if (count++ == 0)
            assert_true(str_is_empty(refuses(&f, &someone, "lend"))); /* and is told, too */
    }
    assert_in_range(count, 2, 5);
    struct history_run whole = {.reference = steps.ask.reference};
    RUN_OK(&f, use_history, &whole);
    assert_int_equal(number_of(&f, steps.document, "found"),
                     number_of(&f, whole.document, "found"));
    assert_in_range(number_of(&f, steps.document, "found"), 3, 5);
    fixture_stop(&f);
}

enum { HISTORY_ROOM = 32 };

/* The indexes of the entries of a history in pages of `limit`; no page has more. */
static size_t indexes_of(struct fixture *f, struct history_ask ask, int64_t at[HISTORY_ROOM])
{
    size_t count = 0;
    for (int64_t next = 1; next != 0; ask.from = (uint64_t)next) {
        struct history_steps page = {.ask = ask};
        do
            RUN_OK(f, use_history_step, &page);
        while (!page.progress.done);
        const struct json *json = NULL;
        size_t before_it = count;
        assert_true(is_ok(json_parse(f->arena, page.document, &f->report, &json)));
        for (JSON_EACH(one, json_get(json, "entries"))) {
            assert_in_range(count, 0, HISTORY_ROOM - 1);
            assert_true(json_i64(json_get(one, "index"), &at[count++]));
        }
        assert_true(ask.limit == 0 || count - before_it <= ask.limit);
        assert_int_equal(number_of(f, page.document, "found"), count - before_it);
        next = 0;
        (void)json_i64(json_get(json, "next"), &next);
    }
    return count;
}

/* G12, G3: whoever has a long history is told a page at a time, and of the newest first */
static void a_history_is_told_page_by_page_from_either_end(void **state)
{
    (void)state;
    struct fixture f;
    struct stepping unused;
    int64_t all[HISTORY_ROOM], paged[HISTORY_ROOM];
    begin_stepping(&f, 53, &unused);
    struct borrower someone = borrower(&f);
    struct reference_run reference = {.id = someone.id};
    RUN_OK(&f, use_reference, &reference);
    struct history_ask ask = {.reference = arena_copy(f.arena, reference.text)};
    for (int i = 0; i < 4; i++)
        assert_true(str_is_empty(refuses(&f, &someone, "lend")));
    size_t count = indexes_of(&f, ask, all);
    assert_in_range(count, 6, 12);
    for (size_t i = 1; i < count; i++)
        assert_true(all[i - 1] < all[i]);
    for (ask.limit = 1; ask.limit < 4; ask.limit++) {
        ask.newest = false;
        assert_int_equal(indexes_of(&f, ask, paged), count);
        assert_memory_equal(paged, all, count * sizeof(all[0]));
        ask.newest = true;
        assert_int_equal(indexes_of(&f, ask, paged), count);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(paged[i], all[count - 1 - i]);
    }
    struct history_steps wide = {.ask = {.reference = ask.reference, .limit = 10001}};
    RUN_FAULT(&f, use_history_step, &wide, FAULT_INVALID);
    fixture_stop(&f);
}

/* ---- who has still to be told, and first use ---- */

static status use_untold(struct call *call, void *request)
{
    return engine_version_untold(call, request);
}

static size_t untold_count(struct fixture *f, const char *version_)
{
    struct untold untold = {.version = str_from(version_), .limit = 100};
    size_t count = 0;
    do {
        RUN_OK(f, use_untold, &untold);
        count += untold.found.count;
        untold.after = untold.last;
    } while (untold.more);
    return count;
}

/* INF-80, CON-81: a notice that bounced is none */
static void who_has_still_to_be_told_is_listed_page_by_page_and_a_bounce_tells_nobody(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 14, true);
    struct borrower one = borrower(&f), two = borrower(&f);
    (void)borrower(&f);
    (void)put_in_force(&f, WIDER);
    struct untold unknown = {.version = STR("9"), .limit = 1};
    RUN_FAULT(&f, use_untold, &unknown, FAULT_INVALID);
    assert_int_equal(untold_count(&f, "1"), 0);
    assert_int_equal(untold_count(&f, "2"), 3);
    tell(&f, one.id, "2");
    struct evidence_record bounced = {
        .type = STR("notice"), .subject = two.id, .version = STR("2"), .bounced = true};
    RUN_OK(&f, use_evidence, &bounced);
    bounced.type = STR("seen");
    RUN_FAULT(&f, use_evidence, &bounced, FAULT_INVALID);
    assert_int_equal(untold_count(&f, "2"), 2);
    move_clock(&f, "2026-03-02T09:00:00Z");
    (void)borrower(&f); /* comes under it */
    assert_int_equal(untold_count(&f, "2"), 2);
    struct untold page = {.version = STR("2"), .limit = 1};
    RUN_OK(&f, use_untold, &page);
    assert_int_equal(page.found.count, 1);
    assert_true(page.more);
    fixture_stop(&f);
}

#define GUARDED(version, effective)                                                                \
    HEAD(version, effective)                                                                       \
    "  lend: { basis: public_task, roles: [reader], needs: [seen], uses: [contact, loan], keep: "  \
    "24 months after collected }\n"

static void acknowledge(struct fixture *f, dossier_id id, const char *of)
{
    struct evidence_record seen = {.type = STR("seen"), .subject = id, .version = str_from(of)};
    RUN_OK(f, use_evidence, &seen);
}

/* HOS-06, COB-03: not before the version in force was shown and acknowledged; never a consent */
static void a_service_waits_until_the_person_has_acknowledged_the_version(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 15, true);
    (void)put_in_force(&f, GUARDED("2", "2026-03-01"));
    move_clock(&f, "2026-03-02T09:00:00Z");
    struct borrower someone = borrower(&f);
    assert_true(str_is(refuses(&f, &someone, "lend"), "purposes.lend.needs.seen"));
    acknowledge(&f, someone.id, "1"); /* another one */
    assert_true(str_is(refuses(&f, &someone, "lend"), "purposes.lend.needs.seen"));
    acknowledge(&f, someone.id, "2");
    assert_true(str_is(refuses(&f, &someone, "lend"), ""));
    (void)put_in_force(&f, GUARDED("3", "2026-03-02"));
    struct borrower other = borrower(&f);
    assert_true(str_is(refuses(&f, &other, "lend"), "purposes.lend.needs.seen"));
    acknowledge(&f, other.id, "2");
    assert_true(str_is(refuses(&f, &other, "lend"), "purposes.lend.needs.seen"));
    fixture_stop(&f);
}

/* ---- documents ---- */

struct documents_run {
    dossier_id subject;
    instant at;
    str document;
};

static status use_documents(struct call *call, void *request)
{
    struct documents_run *documents = request;
    return engine_documents(call, documents->subject, documents->at, &documents->document);
}

static void texts_are(struct fixture *f, dossier_id id, const char *at, const char *wanted)
{
    struct documents_run documents = {.subject = id, .at = at_time(at)};
    RUN_OK(f, use_documents, &documents);
    if (memmem(documents.document.ptr, documents.document.len, wanted, strlen(wanted)) == NULL)
        fail_msg("%s: %.*s", at, STR_ARG(documents.document));
}

#define TERMS(version) "documents:\n  terms: { kind: terms, version: \"" version "\" }\n"

/* COB-03, HOS-02, COB-111: which version of the policy with which terms applied on a date */
static void the_pair_of_policy_and_terms_of_any_date_is_told(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 18, true);
    struct borrower someone = borrower(&f);
    (void)put_in_force(&f, HEAD("2", "2026-03-01")
                               LEND("[contact, loan]", "24 months after collected") TERMS("t2"));
    (void)put_in_force(&f, HEAD("3", "2026-05-01")
                               LEND("[contact, loan]", "24 months after collected") TERMS("t3"));
    texts_are(&f, someone.id, "2026-02-10T00:00:00Z", "\"version\":\"1\"");
    texts_are(&f, someone.id, "2026-02-10T00:00:00Z", "\"known\":true,\"documents\":[]");
    texts_are(&f, someone.id, "2026-02-28T22:59:59Z", "\"version\":\"1\"");
    texts_are(&f, someone.id, "2026-02-28T23:00:00Z", "\"version\":\"t2\"");
    texts_are(&f, someone.id, "2026-05-10T00:00:00Z", "\"version\":\"t3\"");
    texts_are(&f, someone.id, "2026-05-10T00:00:00Z", "\"known\":false");
    texts_are(&f, someone.id, "2025-05-10T00:00:00Z", "\"documents\":[]");
    fixture_stop(&f);
}

static status use_statistics(struct call *call, void *request)
{
    str document;
    return engine_statistics(call, request, &document);
}

static void a_purpose_that_is_to_come_counts_nobody_yet(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 96, true);
    (void)put_in_force(&f, WIDER);
    struct statistics_ask ask = {.purpose = STR("advise")};
    RUN_FAULT(&f, use_statistics, &ask, FAULT_REFUSED);
    assert_true(str_is(f.call.decision->reason.rule, "purposes"));
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_stand_in_the_order_of_their_dates_after_every_start),
        cmocka_unit_test(a_version_counts_from_when_it_was_applied_at_the_earliest),
        cmocka_unit_test(an_announced_version_closes_nothing_before_its_day_and_can_be_taken_back),
        cmocka_unit_test(every_version_stays_readable_word_for_word),
        cmocka_unit_test(going_back_closes_what_was_new_and_needs_no_notice_for_what_was_known),
        cmocka_unit_test(a_new_version_swaps_no_basis_under_what_was_collected_on_the_old_one),
        cmocka_unit_test(going_back_within_three_days_finds_what_a_version_had_ended),
        cmocka_unit_test(a_version_is_weighed_step_by_step_while_others_are_served),
        cmocka_unit_test(a_version_that_came_in_between_makes_the_weighing_begin_anew),
        cmocka_unit_test(settling_anew_goes_on_after_a_restart_and_takes_everyone),
        cmocka_unit_test(a_forecast_goes_step_by_step_while_others_are_served),
        cmocka_unit_test(a_history_goes_step_by_step_while_others_are_served),
        cmocka_unit_test(a_history_is_told_page_by_page_from_either_end),
        cmocka_unit_test(who_has_still_to_be_told_is_listed_page_by_page_and_a_bounce_tells_nobody),
        cmocka_unit_test(a_service_waits_until_the_person_has_acknowledged_the_version),
        cmocka_unit_test(the_pair_of_policy_and_terms_of_any_date_is_told),
        cmocka_unit_test(a_purpose_that_is_to_come_counts_nobody_yet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
