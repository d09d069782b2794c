/* Breaches: the register of all of them, the clock of seventy-two hours, who assesses what. */
#include "engine_fixture.h"

#include <string.h>

#include "breach.h"

struct member {
    dossier_id id, token;
    const struct caller *caller;
};

static status use_assess(struct call *call, void *request)
{
    return engine_breach_assess(call, request);
}

static status use_close(struct call *call, void *request)
{
    return engine_breach_close(call, request);
}

static status use_case_decide(struct call *call, void *request)
{
    return engine_case_decide(call, request);
}

struct listing_run {
    struct breach_list request;
    struct breach_page page;
};

static status use_list(struct call *call, void *request)
{
    struct listing_run *listing = request;
    return engine_breach_list(call, &listing->request, &listing->page);
}

struct alarms_run {
    struct alarm_list list;
};

static status use_alarms(struct call *call, void *request)
{
    struct alarms_run *alarms = request;
    return engine_alarm_list(call, (dossier_id){{0}}, 200, &alarms->list);
}

static struct member hire(struct fixture *f, const char *role)
{
    struct staff_create staff = {.role = str_from(role), .name = STR("Kari CANARY-STAFF")};
    RUN_OK(f, use_staff_create, &staff);
    struct member member = {.id = f->call.outcome.id};
    struct token_run token = {
        .request = {.name = STR("desk"), .scopes = STR("all"), .staff = member.id}};
    RUN_OK(f, use_token, &token);
    member.token = f->call.outcome.id;
    struct reg *reg;
    assert_true(
        is_ok(engine_authenticate(f->engine, token.text, &f->report, &reg, &member.caller)));
    return member;
}

static void start(struct fixture *f, const char *now)
{
    fixture_start(f, 61, now);
    fixture_register(f, "infobric", now);
}

static struct breach_said said(const char *description)
{
    static const str nature[] = {{"confidentiality", 15}};
    return (struct breach_said){
        .nature = nature, .nature_count = 1, .description = str_from(description), .all = true};
}

static dossier_id report(struct fixture *f, const char *aware)
{
    struct breach_said breach = said("CANARY-BREACH a list went out");
    if (aware != NULL)
        breach.aware = at_time(aware);
    RUN_OK(f, use_breach, &breach);
    return f->call.outcome.id;
}

static const struct json *shown(struct fixture *f, dossier_id id)
{
    const struct json *json;
    struct breach_show_run show = {.id = id};
    RUN_OK(f, use_breach_show, &show);
    assert_true(is_ok(json_parse(f->arena, show.document, &f->report, &json)));
    return json;
}

static void text_is(const struct json *json, const char *member, const char *wanted)
{
    str text = STR("(none)");
    (void)json_str(json_get(json, member), &text);
    if (!str_is(text, wanted))
        fail_msg("%s: wanted %s, got %.*s", member, wanted, STR_ARG(text));
}

/* The open alarms of this name about the breach. */
static size_t rings(struct fixture *f, dossier_id breach, const char *name)
{
    struct alarms_run alarms;
    size_t count = 0;
    RUN_OK(f, use_alarms, &alarms);
    for (size_t i = 0; i < alarms.list.count; i++) {
        const struct alarm_view *view = &alarms.list.at[i];
        count += view->closed.ms == NEVER.ms && str_is(view->name, name) &&
                 ID_EQUAL(view->case_, breach);
    }
    return count;
}

static enum fault_class judged(struct fixture *f, const struct caller *caller, dossier_id breach,
                               const char *risk)
{
    struct breach_assessment assessment = {
        .breach = breach, .risk = str_from(risk), .reasons = STR("CANARY-REASON: as it is")};
    f->report = (struct report){0};
    return engine_run(f->engine, f->reg, caller, f->arena, &f->report, &f->call, use_assess,
                      &assessment)
        .fault;
}

/* HOS-41: GDPR 33(1), Regulation 1182/71: elapsed hours, over the end of summer time. */
static void seventy_two_hours_are_elapsed_ones_also_when_clocks_go_back(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "2026-10-23T14:00:00Z");
    dossier_id breach = report(&f, "2026-10-23T15:00:00+02:00");
    text_is(shown(&f, breach), "deadline", "2026-10-26T13:00:00Z"); /* 14:00 local, by then +01 */
    text_is(shown(&f, breach), "clock", "running");
    fixture_stop(&f);
}

/* HOS-41: GDPR 33(1) */
static void an_alarm_when_a_day_is_left_and_another_when_the_time_is_over(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "2026-03-02T09:00:00Z");
    dossier_id breach = report(&f, NULL);
    assert_int_equal(rings(&f, breach, "breach_deadline_near"), 0);
    move_clock(&f, "2026-03-04T08:59:59Z");
    assert_int_equal(rings(&f, breach, "breach_deadline_near"), 0);
    move_clock(&f, "2026-03-04T09:00:00Z");
    assert_int_equal(rings(&f, breach, "breach_deadline_near"), 1);
    text_is(shown(&f, breach), "clock", "near");
    move_clock(&f, "2026-03-05T08:59:59Z");
    assert_int_equal(rings(&f, breach, "breach_not_notified"), 0);
    move_clock(&f, "2026-03-05T09:00:00Z");
    assert_int_equal(rings(&f, breach, "breach_not_notified"), 1);
    assert_int_equal(rings(&f, breach, "breach_deadline_near"), 0);
    text_is(shown(&f, breach), "clock", "passed");
    fixture_stop(&f);
}

/* HOS-41: what comes to light late rings at once. */
static void a_breach_that_is_recorded_late_has_no_more_time_for_it(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "2026-03-10T09:00:00Z");
    dossier_id near = report(&f, "2026-03-08T08:00:00Z");
    assert_int_equal(rings(&f, near, "breach_deadline_near"), 1);
    dossier_id late = report(&f, "2026-03-07T09:00:00Z");
    assert_int_equal(rings(&f, late, "breach_not_notified"), 1);
    struct breach_said later = said("they had known before");
    later.breach = near;
    later.aware = at_time("2026-03-09T09:00:00Z");
    RUN_FAULT(&f, use_breach, &later, FAULT_INVALID); /* no amendment buys time */
    later.aware = at_time("2026-03-06T09:00:00Z");
    RUN_OK(&f, use_breach, &later);
    text_is(shown(&f, near), "deadline", "2026-03-09T09:00:00Z");
    assert_int_equal(rings(&f, near, "breach_not_notified"), 1);
    assert_int_equal(rings(&f, near, "breach_deadline_near"), 0);
    fixture_stop(&f);
}

static size_t assessments(struct fixture *f, dossier_id breach)
{
    const struct json *list = json_get(shown(f, breach), "assessments");
    assert_true(json_is_array(list));
    return list->count;
}

/* GDPR 33(1), 33(5): no risk means no notification, and the register and the reasons all the same;
 * each assessment stays. */
static void no_risk_stops_the_clock_and_a_new_assessment_starts_it_again(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "2026-03-02T09:00:00Z");
    struct member legal = hire(&f, "legal");
    dossier_id breach = report(&f, NULL);
    text_is(shown(&f, breach), "risk", "not_assessed");
    assert_int_equal(judged(&f, legal.caller, breach, "none"), FAULT_NONE);
    move_clock(&f, "2026-03-09T09:00:00Z");
    text_is(shown(&f, breach), "clock", "not_needed");
    assert_int_equal(rings(&f, breach, "breach_not_notified"), 0);
    assert_int_equal(judged(&f, legal.caller, breach, "high"), FAULT_NONE);
    text_is(shown(&f, breach), "risk", "high");
    text_is(shown(&f, breach), "clock", "passed");
    assert_int_equal(rings(&f, breach, "breach_not_notified"), 1);
    assert_int_equal(judged(&f, legal.caller, breach, "none"), FAULT_NONE);
    assert_int_equal(rings(&f, breach, "breach_not_notified"), 0);
    assert_int_equal(assessments(&f, breach), 3);
    struct listing_run all = {.request = {.limit = 10}};
    RUN_OK(&f, use_list, &all);
    assert_non_null(memmem(all.page.breaches.ptr, all.page.breaches.len, "not_needed", 10));
    fixture_stop(&f);
}

/* HOS-42: the assessment is a human's, in a role that decides, and nobody's about themselves. */
static void who_assesses_is_of_the_staff_and_not_whose_access_was_misused(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "2026-03-02T09:00:00Z");
    struct member legal = hire(&f, "legal"), other = hire(&f, "legal");
    struct member seller = hire(&f, "marketer");
    struct breach_said breach = said("somebody read too much");
    breach.all = false;
    breach.tokens = &legal.token;
    breach.token_count = 1;
    RUN_OK(&f, use_breach, &breach);
    dossier_id id = f.call.outcome.id;
    assert_int_equal(judged(&f, legal.caller, id, "none"), FAULT_REFUSED);
    assert_int_equal(judged(&f, seller.caller, id, "none"), FAULT_REFUSED);
    assert_int_equal(judged(&f, engine_system(), id, "none"), FAULT_REFUSED);
    assert_int_equal(judged(&f, other.caller, id, "none"), FAULT_NONE);
    assert_int_equal(assessments(&f, id), 1);
    /* The member leaves, the token with them: the handles in the log stay with the breach. */
    RUN_OK(&f, use_staff_end, &legal.id);
    const struct json *known = json_get(shown(&f, id), "known");
    const struct json *actors = json_get(json_get(known->child, "where"), "actors");
    assert_int_equal(actors->count, 1);
    breach.breach = id;
    RUN_FAULT(&f, use_breach, &breach, FAULT_NONE); /* named again while it is still known */
    fixture_stop(&f);
}

/* GDPR 33(5): nothing that was said is taken away, neither by an amendment nor by other routes. */
static void what_is_known_grows_and_what_was_said_stays(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "2026-03-02T09:00:00Z");
    struct member legal = hire(&f, "legal");
    dossier_id id = report(&f, NULL);
    static const str nature[] = {{"integrity", 9}, {"availability", 12}};
    struct breach_said more = {.breach = id,
                               .nature = nature,
                               .nature_count = 2,
                               .description = STR("and the list was changed"),
                               .from = at_time("2026-02-27T10:00:00Z"),
                               .to = at_time("2026-03-01T10:00:00Z"),
                               .all = true};
    RUN_OK(&f, use_breach, &more);
    const struct json *known = json_get(shown(&f, id), "known");
    assert_int_equal(known->count, 2);
    text_is(known->child, "description", "CANARY-BREACH a list went out");
    text_is(known->child->next, "from", "2026-02-27T10:00:00Z");
    const struct facts *facts;
    assert_true(is_ok(reg_facts(f.reg, id, &f.report, &facts)));
    struct evidence_end end = {.dossier = id, .record = facts->evidence.at[0].id};
    RUN_FAULT(&f, use_evidence_end, &end, FAULT_NOT_FOUND);
    struct case_decision grant = {.case_ = id, .granted = true, .reasons = STR("no")};
    RUN_FAULT(&f, use_case_decide, &grant, FAULT_CONFLICT);
    struct case_create other = {.kind = STR("breach")};
    RUN_FAULT(&f, use_case_create, &other, FAULT_INVALID);
    struct breach_close close = {.breach = id, .reasons = STR("enough")};
    f.report = (struct report){0};
    assert_int_equal(
        engine_run(f.engine, f.reg, legal.caller, f.arena, &f.report, &f.call, use_close, &close)
            .fault,
        FAULT_CONFLICT); /* nobody has assessed it */
    fixture_stop(&f);
}

static void is_refused(struct fixture *f, struct breach_said breach, enum fault_class fault,
                       const char *said_of_it)
{
    uint64_t before_, after_;
    assert_true(is_ok(vault_count(reg_vault(f->reg), DOSSIER_CASE, &f->report, &before_)));
    RUN_FAULT(f, use_breach, &breach, fault);
    if (strstr(f->report.text, said_of_it) == NULL)
        fail_msg("wanted %s: %s", said_of_it, f->report.text);
    assert_true(is_ok(vault_count(reg_vault(f->reg), DOSSIER_CASE, &f->report, &after_)));
    assert_int_equal(before_, after_);
}

/* HOS-41, COB-81 */
static void what_cannot_be_is_refused_and_leaves_nothing(void **state)
{
    (void)state;
    static const str twice[] = {{"integrity", 9}, {"integrity", 9}}, odd[] = {{"theft", 5}};
    static const str nowhere[] = {{"no_such_category", 16}};
    struct fixture f;
    start(&f, "2026-03-02T09:00:00Z");
    instant future = at_time("2026-03-02T09:00:01Z"), past = at_time("2026-03-01T09:00:00Z");
    struct breach_said b = said("x");
    b.aware = future;
    is_refused(&f, b, FAULT_INVALID, "nobody is aware of it before it is");
    b = said("x"), b.from = future;
    is_refused(&f, b, FAULT_INVALID, "cannot lie in the future");
    b = said("x"), b.from = past, b.to = future;
    is_refused(&f, b, FAULT_INVALID, "the end lies in the future");
    b = said("x"), b.from = at_time("2026-03-02T08:00:00Z"), b.to = past;
    is_refused(&f, b, FAULT_INVALID, "ended no earlier");
    b = said("x"), b.aware = past, b.from = at_time("2026-03-01T10:00:00Z");
    is_refused(&f, b, FAULT_INVALID, "began no later");
    b = said("x"), b.nature = twice, b.nature_count = 2;
    is_refused(&f, b, FAULT_INVALID, "each once");
    b = said("x"), b.nature = odd;
    is_refused(&f, b, FAULT_INVALID, "each once");
    b = said("x"), b.nature_count = 0;
    is_refused(&f, b, FAULT_INVALID, "say what was broken");
    b = said(" ");
    is_refused(&f, b, FAULT_INVALID, "what happened");
    b = said("paid by 4111 1111 1111 1111");
    is_refused(&f, b, FAULT_REFUSED, "card number");
    b = said("x"), b.all = false;
    is_refused(&f, b, FAULT_INVALID, "say where");
    b = said("x"), b.categories = nowhere, b.category_count = 1;
    is_refused(&f, b, FAULT_INVALID, "say where"); /* all, and a part of it */
    b.all = false;
    is_refused(&f, b, FAULT_INVALID, "has no such category");
    fixture_stop(&f);
}

/* HOS-41: where it was is what this register knows, and no longer a list than is read. */
static void a_breach_names_tokens_that_are_known_and_at_most_so_many_places(void **state)
{
    (void)state;
    enum { PLACES = 65 };
    struct fixture f;
    dossier_id stranger = {{7}};
    record_id handles[PLACES];
    start(&f, "2026-03-02T09:00:00Z");
    struct breach_said b = said("x");
    b.all = false, b.tokens = &stranger, b.token_count = 1;
    is_refused(&f, b, FAULT_NOT_FOUND, "no token of this register");
    for (size_t i = 0; i < PLACES; i++)
        handles[i] = (record_id){{(unsigned char)(i + 1)}};
    b = said("x"), b.all = false, b.actors = handles, b.actor_count = PLACES;
    is_refused(&f, b, FAULT_LIMIT, "at most 64 places");
    b.actor_count = PLACES - 1;
    RUN_OK(&f, use_breach, &b);
    fixture_stop(&f);
}

static status close_by(struct fixture *f, const struct caller *caller, dossier_id breach)
{
    struct breach_close close = {.breach = breach, .reasons = STR("enough")};
    f->report = (struct report){0};
    return engine_run(f->engine, f->reg, caller, f->arena, &f->report, &f->call, use_close, &close);
}

/* GDPR 33(1), 33(5): assessed as one of three, and closed only when the authority knows. */
static void a_breach_is_assessed_and_told_of_before_it_is_closed(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "2026-03-02T09:00:00Z");
    struct member legal = hire(&f, "legal");
    dossier_id id = report(&f, NULL);
    assert_int_equal(close_by(&f, legal.caller, id).fault, FAULT_CONFLICT);
    assert_non_null(strstr(f.report.text, "the risk has not been assessed"));
    assert_int_equal(judged(&f, legal.caller, id, "grave"), FAULT_INVALID);
    assert_string_equal(f.report.where, "/risk");
    assert_non_null(strstr(f.report.text, "none, risk or high"));
    assert_int_equal(assessments(&f, id), 0);
    assert_int_equal(judged(&f, legal.caller, id, "risk"), FAULT_NONE);
    assert_int_equal(close_by(&f, legal.caller, id).fault, FAULT_CONFLICT);
    assert_non_null(strstr(f.report.text, "the authority has not been told"));
    text_is(shown(&f, id), "risk", "risk");
    assert_null(json_get(shown(&f, id), "closed"));
    fixture_stop(&f);
}

/* ---- between the entry and the answer ---- */

static status use_draft(struct call *call, void *request)
{
    static str document;
    return engine_breach_draft(call, request, &document);
}

static status use_people(struct call *call, void *request)
{
    static struct breach_people_page page;
    return engine_breach_people(call, request, &page);
}

/* The first phase in a turn of its own, while its answer waits. */
static void ask(struct fixture *f, struct call *call,
                status (*use)(struct call *call, void *request), void *request)
{
    struct for_company one = {use, request, company_of(f)};
    f->report = (struct report){0};
    engine_begin(f->engine);
    assert_true(is_ok(call_begin(f->engine, f->reg, engine_system(), f->arena, &f->report, call)));
    if (!is_ok(call_end(call, use_for_company(call, &one))))
        fail_msg("ask: %s", f->report.text);
    assert_true(is_ok(engine_end(f->engine, &f->report)));
}

static void is_not_found(struct fixture *f, struct call *call)
{
    assert_int_equal(call->finish(call).fault, FAULT_NOT_FOUND);
    assert_string_equal(f->report.text, fault_text(FAULT_NOT_FOUND));
    f->report = (struct report){0};
}

/* G3, G9: what went between the entry and the answer is answered like what never was. */
static void a_breach_that_went_before_the_answer_was_made_is_not_found(void **state)
{
    (void)state;
    struct fixture f;
    struct call show_call, draft_call, people_call;
    start(&f, "2026-03-02T09:00:00Z");
    struct member legal = hire(&f, "legal");
    dossier_id id = report(&f, NULL);
    assert_int_equal(judged(&f, legal.caller, id, "none"), FAULT_NONE);
    RUN_OK(&f, use_breach_scope, &id);
    assert_true(is_ok(close_by(&f, legal.caller, id)));
    move_clock(&f, "2031-03-01T22:59:00Z");
    struct breach_show_run show = {.id = id};
    struct breach_draft draft = {.breach = id, .language = STR("en")};
    struct breach_people people = {.breach = id, .limit = 10};
    ask(&f, &show_call, use_breach_show, &show);
    ask(&f, &draft_call, use_draft, &draft);
    ask(&f, &people_call, use_people, &people);
    move_clock(&f, "2031-03-01T23:01:00Z");
    is_not_found(&f, &show_call);
    is_not_found(&f, &draft_call);
    is_not_found(&f, &people_call);
    assert_true(str_is_empty(show.document));
    fixture_stop(&f);
}

static status forge_scope(struct call *call, void *request)
{
    struct dossier *dossier;
    const struct permit *permit;
    struct breach_piece piece = {
        .part = BREACH_SCOPE, .since = call->now, .until = NEVER, .json = STR("{}")};
    TRY(breach_open(call, *(const dossier_id *)request, &dossier));
    TRY(breach_write(call, dossier->facts, "breach_scope", STR(""), &permit));
    TRY(breach_add(call, dossier, permit, &piece));
    return breach_store(call, dossier, permit);
}

/* GDPR 33(3)(a): half a list is no list. */
static void a_scope_that_is_damaged_names_nobody(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "2026-03-02T09:00:00Z");
    dossier_id id = report(&f, NULL);
    struct breach_people people = {.breach = id, .limit = 10};
    RUN_OK(&f, forge_scope, &id);
    RUN_FAULT(&f, use_people, &people, FAULT_CORRUPT);
    assert_non_null(strstr(f.report.text, "scope is damaged"));
    fixture_stop(&f);
}

/* G3: the register of breaches outlives a restart, and one that is closed goes five years later. */
static void a_closed_breach_takes_no_more_and_goes_after_five_years(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "2026-03-02T09:00:00Z");
    struct member legal = hire(&f, "legal");
    dossier_id id = report(&f, NULL);
    assert_int_equal(judged(&f, legal.caller, id, "none"), FAULT_NONE);
    struct breach_close close = {.breach = id, .reasons = STR("nobody saw it")};
    f.report = (struct report){0};
    assert_true(is_ok(
        engine_run(f.engine, f.reg, legal.caller, f.arena, &f.report, &f.call, use_close, &close)));
    assert_int_equal(judged(&f, legal.caller, id, "high"), FAULT_CONFLICT);
    fixture_close(&f);
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("infobric"));
    text_is(shown(&f, id), "closed", "2026-03-02T09:00:00Z");
    move_clock(&f, "2031-03-01T22:59:00Z");
    text_is(shown(&f, id), "risk", "none");
    move_clock(&f, "2031-03-01T23:01:00Z");
    struct breach_show_run show = {.id = id};
    RUN_FAULT(&f, use_breach_show, &show, FAULT_NOT_FOUND);
    struct listing_run all = {.request = {.limit = 10}};
    RUN_OK(&f, use_list, &all);
    assert_true(str_is(all.page.breaches, "[]"));
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seventy_two_hours_are_elapsed_ones_also_when_clocks_go_back),
        cmocka_unit_test(an_alarm_when_a_day_is_left_and_another_when_the_time_is_over),
        cmocka_unit_test(a_breach_that_is_recorded_late_has_no_more_time_for_it),
        cmocka_unit_test(no_risk_stops_the_clock_and_a_new_assessment_starts_it_again),
        cmocka_unit_test(who_assesses_is_of_the_staff_and_not_whose_access_was_misused),
        cmocka_unit_test(what_is_known_grows_and_what_was_said_stays),
        cmocka_unit_test(what_cannot_be_is_refused_and_leaves_nothing),
        cmocka_unit_test(a_breach_names_tokens_that_are_known_and_at_most_so_many_places),
        cmocka_unit_test(a_breach_is_assessed_and_told_of_before_it_is_closed),
        cmocka_unit_test(a_breach_that_went_before_the_answer_was_made_is_not_found),
        cmocka_unit_test(a_scope_that_is_damaged_names_nobody),
        cmocka_unit_test(a_closed_breach_takes_no_more_and_goes_after_five_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
