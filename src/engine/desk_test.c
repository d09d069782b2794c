/* The rights desk: what comes in by any way, until when it is to be answered, and who is told what.
 */
#include "engine_fixture.h"

#include <string.h>

#include "engine_internal.h"

/* ---- what the tests share ---- */

static status use_take(struct call *call, void *request)
{
    return engine_request_take(call, request);
}

struct viewing {
    dossier_id id;
    struct request_view view;
};
static status use_view(struct call *call, void *request)
{
    struct viewing *viewing = request;
    return engine_request_view(call, viewing->id, &viewing->view);
}

struct listing {
    struct request_query query;
    struct request_list list;
};
static status use_list(struct call *call, void *request)
{
    struct listing *listing = request;
    return engine_request_list(call, &listing->query, &listing->list);
}

struct alarm_run {
    dossier_id after;
    struct alarm_list list;
};
static status use_alarms(struct call *call, void *request)
{
    struct alarm_run *run = request;
    return engine_alarm_list(call, run->after, 200, &run->list);
}

static void start(struct fixture *f, const char *policy, const char *now)
{
    fixture_start(f, 71, now);
    fixture_register(f, policy, now);
}

static void clock_to(struct fixture *f, const char *to)
{
    struct swept swept;
    assert_true(is_ok(engine_clock_set(f->engine, f->reg, at_time(to), &f->report, &swept)));
}

static struct request_view view(struct fixture *f, dossier_id id)
{
    struct viewing viewing = {.id = id};
    RUN_OK(f, use_view, &viewing);
    return viewing.view;
}

static dossier_id take(struct fixture *f, const char *right, const char *received)
{
    str rights[] = {str_from(right)};
    struct request_take request = {.channel = STR("phone"),
                                   .rights = rights,
                                   .right_count = 1,
                                   .contact = STR("CANARY-CONTACT"),
                                   .text = STR("CANARY-TEXT")};
    if (received != NULL)
        request.received = at_time(received);
    RUN_OK(f, use_take, &request);
    return f->call.outcome.id;
}

/* Open alarms about a request; of how many the name is this. */
static size_t alarms_named(struct fixture *f, dossier_id id, const char *name)
{
    struct alarm_run listing = {0};
    size_t count = 0;
    do {
        RUN_OK(f, use_alarms, &listing);
        for (size_t i = 0; i < listing.list.count; i++) {
            const struct alarm_view *alarm = &listing.list.at[i];
            count += alarm->closed.ms == NEVER.ms && ID_EQUAL(alarm->case_, id) &&
                     str_is(alarm->kind, "overdue_request") && str_is(alarm->name, name);
        }
        listing.after = listing.list.last;
    } while (listing.list.more);
    return count;
}

/* ---- dates ---- */

/* CON-66, HOS-59: GDPR 12(3) by Regulation 1182/71, in the policy's zone */
static void a_request_shows_the_safe_and_the_legal_date_from_its_receipt(void **state)
{
    (void)state;
    static const struct {
        const char *received, *safe, *legal, *overdue;
    } rows[] = {
        {"2026-03-05T12:00:00+01:00", "2026-04-05", "2026-04-07", "2026-04-08T00:00:00+02:00"},
        {"2026-08-31T12:00:00+02:00", "2026-09-30", "2026-09-30", "2026-10-01T00:00:00+02:00"},
        {"2026-01-29T12:00:00+01:00", "2026-02-28", "2026-03-02", "2026-03-03T00:00:00+01:00"},
        {"2028-01-31T12:00:00+01:00", "2028-02-29", "2028-02-29", "2028-03-01T00:00:00+01:00"},
        {"2026-04-14T12:00:00+02:00", "2026-05-14", "2026-05-15", "2026-05-16T00:00:00+02:00"},
        {"2027-04-17T12:00:00+02:00", "2027-05-17", "2027-05-18", "2027-05-19T00:00:00+02:00"},
        {"2026-11-25T12:00:00+01:00", "2026-12-25", "2026-12-28", "2026-12-29T00:00:00+01:00"},
        {"2026-03-04T23:30:00Z", "2026-04-05", "2026-04-07", "2026-04-08T00:00:00+02:00"},
        {"2026-03-04T22:30:00Z", "2026-04-04", "2026-04-07", "2026-04-08T00:00:00+02:00"},
    };
    struct fixture f;
    start(&f, "hosting", "2028-03-02T09:00:00Z");
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct request_view seen = view(&f, take(&f, "access", rows[i].received));
        if (!str_is(seen.safe, rows[i].safe) || !str_is(seen.legal, rows[i].legal) ||
            seen.overdue_from.ms != at_time(rows[i].overdue).ms)
            fail_msg("%s: %.*s, %.*s", rows[i].received, STR_ARG(seen.safe), STR_ARG(seen.legal));
        assert_true(seen.overdue);
    }
    fixture_stop(&f);
}

/* HOS-59, HOS-69 */
static void what_passes_its_dates_is_told_once_and_loudly(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "hosting", "2026-01-29T11:00:00Z");
    dossier_id id = take(&f, "access", NULL);
    clock_to(&f, "2026-02-28T22:59:59Z");
    assert_false(view(&f, id).due);
    assert_int_equal(alarms_named(&f, id, "safe_date"), 0);
    clock_to(&f, "2026-02-28T23:00:00Z");
    assert_true(view(&f, id).due);
    assert_false(view(&f, id).overdue);
    assert_int_equal(alarms_named(&f, id, "safe_date"), 1);
    clock_to(&f, "2026-03-02T22:59:59Z");
    assert_false(view(&f, id).overdue);
    assert_int_equal(alarms_named(&f, id, "legal_date"), 0);
    clock_to(&f, "2026-03-02T23:00:00Z"); /* 00:00 of 3 March in Oslo */
    assert_true(view(&f, id).overdue);
    assert_int_equal(alarms_named(&f, id, "legal_date"), 1);
    assert_int_equal(alarms_named(&f, id, "safe_date"), 0);
    clock_to(&f, "2026-03-09T09:00:00Z");
    assert_int_equal(alarms_named(&f, id, "legal_date"), 1);
    fixture_stop(&f);
}

/* The example policy with some of its lines put otherwise. */
static void start_with(struct fixture *f, const char *const (*lines)[2], size_t count,
                       const char *now)
{
    fixture_start(f, 72, now);
    str text = read_text(f, "policies/example.yaml");
    for (size_t i = 0; i < count; i++) {
        const char *at = memmem(text.ptr, text.len, lines[i][0], strlen(lines[i][0]));
        assert_non_null(at);
        size_t before = (size_t)(at - text.ptr), rest = before + strlen(lines[i][0]);
        text = arena_format(f->arena, "%.*s%s%.*s", (int)before, text.ptr, lines[i][1],
                            (int)(text.len - rest), text.ptr + rest);
    }
    struct register_create create = {.name = STR("shop"),
                                     .policy_file = STR("shop.yaml"),
                                     .policy = text,
                                     .simulated = true,
                                     .start = at_time(now)};
    struct db_places places = fixture_places(create.name);
    create.places = &places;
    struct problems problems = {.arena = f->arena};
    if (!is_ok(
            engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin)))
        fail_msg("register: %s", f->report.text);
    f->reg = engine_register(f->engine, STR("shop"));
}

/* HOS-59: GDPR 12(3); a policy may promise more, never less */
static void a_stricter_promise_of_the_policy_moves_the_dates(void **state)
{
    static const char *const lines[][2] = {{"access:      {}", "access:      { within: 10 days }"},
                                           {"rectify:     {}", "rectify:     { within: 48 hours }"},
                                           {"erase:       {}", "erase:       { within: 2 weeks }"},
                                           {"object:      {}", "object:      { within: 1 month }"}};
    static const struct {
        const char *right, *safe, *legal, *overdue;
    } rows[] = {
        {"access", "2026-03-28", "2026-03-30", "2026-03-30T22:00:00Z"}, /* a Saturday rolls */
        {"rectify", "2026-03-20", "2026-03-20", "2026-03-20T09:00:00Z"},
        {"erase", "2026-04-01", "2026-04-01", "2026-04-01T22:00:00Z"},
        {"object", "2026-04-18", "2026-04-20", "2026-04-20T22:00:00Z"},
        {"restrict", "2026-04-18", "2026-04-20", "2026-04-20T22:00:00Z"}, /* the law's */
    };
    (void)state;
    struct fixture f;
    start_with(&f, lines, LENGTH(lines), "2026-03-18T09:00:00Z");
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct request_view seen = view(&f, take(&f, rows[i].right, NULL));
        if (!str_is(seen.safe, rows[i].safe) || !str_is(seen.legal, rows[i].legal) ||
            seen.overdue_from.ms != at_time(rows[i].overdue).ms)
            fail_msg("%s: %.*s, %.*s", rows[i].right, STR_ARG(seen.safe), STR_ARG(seen.legal));
    }
    str both[] = {STR("restrict"), STR("rectify")};
    struct request_take take_both = {.channel = STR("phone"), .rights = both, .right_count = 2};
    RUN_OK(&f, use_take, &take_both);
    assert_true(str_is(view(&f, f.call.outcome.id).legal, "2026-03-20")); /* the first of them */
    fixture_stop(&f);
}

/* HOS-59: a week before the safe date, and never of what came in later than that */
static void the_desk_is_reminded_a_week_before_the_safe_date(void **state)
{
    static const char *const lines[][2] = {{"access:      {}", "access:      { within: 3 days }"}};
    (void)state;
    struct fixture f;
    start_with(&f, lines, 1, "2026-01-29T11:00:00Z");
    dossier_id id = take(&f, "erase", NULL), hasty = take(&f, "access", NULL);
    clock_to(&f, "2026-02-21T22:59:59Z");
    assert_int_equal(alarms_named(&f, id, "reminder"), 0);
    clock_to(&f, "2026-02-21T23:00:00Z");
    assert_int_equal(alarms_named(&f, id, "reminder"), 1);
    assert_int_equal(alarms_named(&f, hasty, "reminder"), 0);
    assert_int_equal(alarms_named(&f, hasty, "legal_date"), 1);
    clock_to(&f, "2026-02-28T23:00:00Z");
    assert_int_equal(alarms_named(&f, id, "reminder"), 0); /* the safe date says it now */
    assert_int_equal(alarms_named(&f, id, "safe_date"), 1);
    fixture_stop(&f);
}

/* ---- coming in ---- */

/* HOS-69, INF-73, COB-35 */
static void a_request_comes_in_by_any_way_that_there_is_and_by_no_other(void **state)
{
    (void)state;
    static const char *const ways[] = {"email",   "phone", "support_system", "portal",
                                       "support", "post",  "in_person",      "chat"};
    static const char *const none[] = {"", " ", "pigeon", "Phone", "purposes"};
    str rights[] = {STR("access")};
    struct fixture f;
    start(&f, "hosting", "2026-03-02T09:00:00Z");
    for (size_t i = 0; i < LENGTH(ways); i++) {
        struct request_take request = {
            .channel = str_from(ways[i]), .rights = rights, .right_count = 1};
        RUN_OK(&f, use_take, &request);
        assert_true(str_is(view(&f, f.call.outcome.id).channel, ways[i]));
    }
    for (size_t i = 0; i < LENGTH(none); i++) {
        struct request_take request = {
            .channel = str_from(none[i]), .rights = rights, .right_count = 1};
        RUN_FAULT(&f, use_take, &request, FAULT_INVALID);
    }
    fixture_stop(&f);
}

/* HOS-59 */
static void a_request_that_says_nothing_or_too_much_is_not_taken(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"all", NULL}, {"access", "access"}, {"Access", NULL}, {"", NULL}, {"erase", "hack"}};
    struct fixture f;
    start(&f, "hosting", "2026-03-02T09:00:00Z");
    struct request_take request = {.channel = STR("phone")};
    RUN_FAULT(&f, use_take, &request, FAULT_INVALID);
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        str rights[] = {str_from(wrong[i][0]), STR("")};
        if (wrong[i][1] != NULL)
            rights[1] = str_from(wrong[i][1]);
        request.rights = rights;
        request.right_count = wrong[i][1] != NULL ? 2 : 1;
        RUN_FAULT(&f, use_take, &request, FAULT_INVALID);
    }
    str one[] = {STR("access")};
    request.rights = one;
    request.right_count = 1;
    request.received = at_time("2026-03-02T09:00:01Z");
    RUN_FAULT(&f, use_take, &request, FAULT_INVALID);
    request.received = (instant){0};
    request.text = STR("my card is 4111 1111 1111 1111");
    RUN_FAULT(&f, use_take, &request, FAULT_REFUSED);
    static char longer[32769];
    memset(longer, 'x', sizeof(longer));
    request.text = (str){longer, sizeof(longer)};
    RUN_SAYS(&f, use_take, &request, FAULT_INVALID, "at most 32768 bytes");
    request.text = STR("");
    request.contact = (str){longer, 1025};
    RUN_SAYS(&f, use_take, &request, FAULT_INVALID, "at most 1024 bytes");
    struct listing listing = {.query = {.limit = 10}};
    RUN_OK(&f, use_list, &listing);
    assert_int_equal(listing.list.count, 0);
    fixture_stop(&f);
}

static void shown(struct fixture *f, const char *show, const char *kind, const dossier_id *ids,
                  size_t count)
{
    struct listing listing = {
        .query = {.show = str_from(show), .kind = str_from(kind), .limit = 2}};
    size_t seen = 0;
    do {
        RUN_OK(f, use_list, &listing);
        for (size_t i = 0; i < listing.list.count; i++, seen++) {
            assert_true(seen < count);
            assert_true(ID_EQUAL(listing.list.at[i].id, ids[seen]));
        }
        listing.query.after = listing.list.last;
    } while (listing.list.more);
    assert_int_equal(seen, count);
}

/* HOS-59 */
static void the_list_begins_with_what_is_to_be_answered_first(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "hosting", "2026-03-20T09:00:00Z");
    dossier_id late = take(&f, "erase", "2026-02-10T09:00:00Z");
    dossier_id last = take(&f, "access", "2026-03-19T09:00:00Z");
    dossier_id soon = take(&f, "access", "2026-02-23T09:00:00Z");
    dossier_id next = take(&f, "rectify", "2026-03-02T09:00:00Z");
    const dossier_id all[] = {late, soon, next, last}, due[] = {late, soon},
                     copies[] = {soon, last};
    shown(&f, "", "", all, 4);
    shown(&f, "open", "", all, 4);
    shown(&f, "due", "", due, 2);
    shown(&f, "overdue", "", due, 1);
    shown(&f, "", "access", copies, 2);
    shown(&f, "overdue", "access", NULL, 0);
    shown(&f, "closed", "", NULL, 0);
    struct listing odd = {.query = {.show = STR("all"), .limit = 2}};
    RUN_FAULT(&f, use_list, &odd, FAULT_INVALID);
    odd.query = (struct request_query){.kind = STR("everything"), .limit = 2};
    RUN_FAULT(&f, use_list, &odd, FAULT_INVALID);
    fixture_stop(&f);
}

/* INF-13: several companies, one desk */
static void the_list_is_of_one_company_when_one_is_named(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "infobric", "2026-03-20T09:00:00Z");
    f.company = "infobric_ab";
    dossier_id one = take(&f, "access", NULL);
    f.company = "infobric_as";
    dossier_id other = take(&f, "erase", NULL);
    f.company = "";
    dossier_id nobodys = take(&f, "erase", NULL);
    struct listing listing = {.query = {.controller = STR("infobric_as"), .limit = 10}};
    RUN_OK(&f, use_list, &listing);
    assert_int_equal(listing.list.count, 1);
    assert_true(ID_EQUAL(listing.list.at[0].id, other));
    assert_true(str_is(listing.list.at[0].controller, "infobric_as"));
    listing.query.controller = STR("infobric_ab");
    RUN_OK(&f, use_list, &listing);
    assert_int_equal(listing.list.count, 1);
    assert_true(ID_EQUAL(listing.list.at[0].id, one));
    listing.query.controller = STR("");
    RUN_OK(&f, use_list, &listing);
    assert_int_equal(listing.list.count, 3);
    assert_int_equal(view(&f, nobodys).controller.len, 0);
    listing.query.controller = STR("nobody");
    RUN_FAULT(&f, use_list, &listing, FAULT_INVALID);
    fixture_stop(&f);
}

struct finding {
    str number;
    struct found found;
};
static status use_number(struct call *call, void *request)
{
    struct finding *finding = request;
    return engine_request_find(call, finding->number, &finding->found);
}

/* HOS-69 */
static void the_number_that_was_given_leads_to_the_request_however_it_is_written(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "hosting", "2026-03-20T09:00:00Z");
    dossier_id id = take(&f, "access", NULL);
    str number = view(&f, id).number;
    assert_int_equal(number.len, 11);
    char typed[24];
    size_t at = 0;
    for (size_t i = 0; i < number.len; i++) {
        char c = number.ptr[i];
        if (c == '-')
            c = ' ';
        typed[at++] = c == '0' ? 'o' : c == '1' ? 'l' : (char)(c >= 'A' ? c - 'A' + 'a' : c);
    }
    struct finding finding = {.number = {typed, at}};
    RUN_OK(&f, use_number, &finding);
    assert_int_equal(finding.found.count, 1);
    assert_true(ID_EQUAL(finding.found.ids[0], id));
    finding.number = STR("00000-00000");
    RUN_OK(&f, use_number, &finding);
    assert_int_equal(finding.found.count, 0);
    finding.number = STR("00000-000000");
    RUN_FAULT(&f, use_number, &finding, FAULT_INVALID);
    fixture_stop(&f);
}

/* ---- who asks, and who decides ---- */

static status use_identity(struct call *call, void *request)
{
    return engine_request_identity(call, request);
}
static status use_extend(struct call *call, void *request)
{
    return engine_request_extend(call, request);
}
static status use_decide(struct call *call, void *request)
{
    return engine_request_decide(call, request);
}
static status use_close(struct call *call, void *request)
{
    return engine_request_close(call, request);
}

struct showing {
    dossier_id id;
    str document;
};
static status use_show(struct call *call, void *request)
{
    struct showing *one = request;
    return engine_request_show(call, one->id, &one->document);
}

static const struct caller *token_of(struct fixture *f, const char *scopes, dossier_id staff)
{
    struct token_run token = {
        .request = {.name = STR("desk"), .scopes = str_from(scopes), .staff = staff}};
    struct reg *reg;
    const struct caller *caller;
    RUN_OK(f, use_token, &token);
    assert_true(is_ok(engine_authenticate(f->engine, token.text, &f->report, &reg, &caller)));
    return caller;
}

static const struct caller *hire(struct fixture *f, const char *role)
{
    struct staff_create create = {.role = str_from(role), .name = STR("Somebody")};
    RUN_OK(f, use_staff_create, &create);
    dossier_id id = f->call.outcome.id;
    struct evidence_record training = {.type = STR("training"), .actor = id};
    RUN_OK(f, use_evidence, &training);
    return token_of(f, "all", id);
}

static enum fault_class as(struct fixture *f, const struct caller *caller,
                           status (*use)(struct call *call, void *request), void *request)
{
    f->report = (struct report){0};
    struct for_company one = {use, request, company_of(f)};
    return engine_run(f->engine, f->reg, caller, f->arena, &f->report, &f->call, use_for_company,
                      &one)
        .fault;
}

static dossier_id person(struct fixture *f)
{
    struct subject_create create = {0};
    RUN_OK(f, use_subject_create, &create);
    return f->call.outcome.id;
}

static enum fault_class prove(struct fixture *f, const struct caller *caller, dossier_id request,
                              dossier_id subject, const char *method)
{
    struct request_identity identity = {.request = request,
                                        .outcome = STR("proven"),
                                        .subject = subject,
                                        .method = str_from(method)};
    return as(f, caller, use_identity, &identity);
}

static enum fault_class judge(struct fixture *f, const struct caller *caller, dossier_id request,
                              const char *right, const char *outcome, const char *exception)
{
    struct request_decide decision = {.request = request,
                                      .right = str_from(right),
                                      .outcome = str_from(outcome),
                                      .exception = str_from(exception),
                                      .reasons = STR("CANARY-REASONS")};
    return as(f, caller, use_decide, &decision);
}

static str shown_whole(struct fixture *f, dossier_id id)
{
    struct showing showing = {.id = id};
    RUN_OK(f, use_show, &showing);
    return showing.document;
}

/* HOS-58 */
static void nothing_is_decided_before_it_is_proven_who_asks(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "hosting", "2026-03-20T09:00:00Z");
    const struct caller *legal = hire(&f, "legal");
    dossier_id id = take(&f, "access", NULL), asks = person(&f), none = {{0}};
    assert_int_equal(judge(&f, legal, id, "access", "granted", ""), FAULT_REFUSED);
    assert_int_equal(judge(&f, legal, id, "access", "refused", "excessive"), FAULT_REFUSED);
    assert_int_equal(prove(&f, legal, id, asks, "gut_feeling"), FAULT_INVALID);
    assert_int_equal(prove(&f, legal, id, asks, "signed_in"), FAULT_INVALID);
    assert_int_equal(prove(&f, legal, id, asks, "training"), FAULT_INVALID);
    assert_int_equal(prove(&f, legal, id, asks, ""), FAULT_INVALID);
    assert_int_equal(prove(&f, legal, id, none, "eid"), FAULT_INVALID);
    assert_int_equal(prove(&f, legal, id, id, "eid"), FAULT_NOT_FOUND);
    assert_int_equal(prove(&f, legal, asks, asks, "eid"), FAULT_NOT_FOUND);
    assert_true(str_is(view(&f, id).identity, "none"));
    assert_int_equal(prove(&f, legal, id, asks, "identity"), FAULT_NONE);
    assert_true(ID_EQUAL(view(&f, id).subject, asks));
    assert_int_equal(prove(&f, legal, id, person(&f), "eid"), FAULT_CONFLICT);
    assert_int_equal(judge(&f, legal, id, "access", "granted", ""), FAULT_NONE);
    assert_int_equal(judge(&f, legal, id, "access", "granted", ""), FAULT_CONFLICT);
    fixture_stop(&f);
}

/* HOS-58: asking for more stops no clock; both times are shown */
static void asking_for_more_proof_stops_no_clock(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "hosting", "2026-01-29T11:00:00Z");
    const struct caller *legal = hire(&f, "legal");
    dossier_id id = take(&f, "access", NULL), asks = person(&f);
    struct request_identity more = {.request = id, .outcome = STR("asked")};
    assert_int_equal(as(&f, legal, use_identity, &more), FAULT_INVALID);
    more.reasons = STR("a copy of a document");
    assert_int_equal(as(&f, legal, use_identity, &more), FAULT_NONE);
    clock_to(&f, "2026-02-10T09:00:00Z");
    legal = hire(&f, "legal");
    assert_int_equal(prove(&f, legal, id, asks, "document"), FAULT_NONE);
    assert_true(str_is(view(&f, id).legal, "2026-03-02"));
    str whole = shown_whole(&f, id);
    assert_true(says(whole, "\"due\":{\"safe\":\"2026-02-28\",\"legal\":\"2026-03-02\""));
    assert_true(
        says(whole, "\"due_from_proof\":{\"safe\":\"2026-03-10\",\"legal\":\"2026-03-10\""));
    fixture_stop(&f);
}

/* Also where no role of the policy is said to answer people. */
static void no_application_decides(void **state)
{
    (void)state;
    struct fixture f;
    static const char *const lines[][2] = {{"share, decide_requests, record", "share, record"}};
    start_with(&f, lines, 1, "2026-03-20T09:00:00Z");
    const struct caller *application = token_of(&f, "all", (dossier_id){{0}});
    dossier_id id = take(&f, "complain", NULL);
    assert_int_equal(judge(&f, application, id, "complain", "granted", ""), FAULT_REFUSED);
    assert_true(str_is(f.call.decision->reason.rule, "always.staff_by_role"));
    fixture_stop(&f);
}

static status use_mail(struct call *call, void *request)
{
    return engine_request_mail(call, request);
}

static void what_was_decided_is_mailed_to_nobody_in_particular(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "hosting", "2026-03-20T09:00:00Z");
    const struct caller *legal = hire(&f, "legal");
    dossier_id id = take(&f, "complain", NULL), asks = person(&f);
    struct request_mail mail = {.request = id};
    assert_int_equal(judge(&f, legal, id, "complain", "granted", ""), FAULT_NONE);
    RUN_SAYS(&f, use_mail, &mail, FAULT_CONFLICT, "once it is proven who asks");
    struct request_identity identity = {.request = id,
                                        .outcome = STR("proven"),
                                        .subject = asks,
                                        .method = STR("eid"),
                                        .member = asks};
    RUN_SAYS(&f, use_identity, &identity, FAULT_INVALID, "one of the staff of this register");
    identity.outcome = STR("perhaps");
    RUN_SAYS(&f, use_identity, &identity, FAULT_INVALID, "proven, asked or refused");
    fixture_stop(&f);
}

static status take_away(struct call *call, void *request)
{
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_open_dossier(call, *(const dossier_id *)request, DOSSIER_CASE, &dossier));
    struct operation op = call_operation(call, ACTION_RECORD, dossier->facts->id);
    TRY(call_write(call, dossier->facts, &op, "gone", decision_by_scope(), NULL, 0, &permit));
    call_touched(call, dossier->facts->id);
    return vault_erase(call->reg->vault, permit, dossier, (record_id){{0}}, call->now, call->arena,
                       call->report);
}

/* Its entry is not durable before the turn ends, and by then it is gone. */
static void a_request_that_goes_in_the_same_turn_is_not_shown(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "example", "2026-03-20T09:00:00Z");
    struct showing showing = {.id = take(&f, "access", NULL)};
    assert_int_equal(run_meanwhile(&f, use_show, &showing, take_away, &showing.id).fault,
                     FAULT_NOT_FOUND);
    fixture_stop(&f);
}

/* HOS-58, COB-39: a request that ends without proof ends with reasons and the ways to complain */
static void a_request_without_proof_ends_with_reasons(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "hosting", "2026-01-29T11:00:00Z");
    const struct caller *legal = hire(&f, "legal");
    dossier_id id = take(&f, "access", NULL);
    struct request_identity no = {.request = id, .outcome = STR("refused")};
    assert_int_equal(as(&f, legal, use_identity, &no), FAULT_INVALID);
    no.reasons = STR("the copy is of another");
    assert_int_equal(as(&f, engine_system(), use_identity, &no), FAULT_REFUSED);
    assert_int_equal(as(&f, legal, use_identity, &no), FAULT_NONE);
    assert_true(str_is(view(&f, id).state, "identity"));
    str whole = shown_whole(&f, id);
    assert_true(says(whole, "datatilsynet.no"));
    assert_true(says(whole, "courts"));
    assert_int_equal(prove(&f, legal, id, person(&f), "eid"), FAULT_CONFLICT);
    clock_to(&f, "2026-04-01T09:00:00Z");
    assert_int_equal(alarms_named(&f, id, "legal_date"), 0);
    fixture_stop(&f);
}

/* HOS-59: judged by a member of the staff who may, each right by itself */
static void a_decision_is_a_humans_who_may_and_not_about_themselves(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "hosting", "2026-03-20T09:00:00Z");
    const struct caller *legal = hire(&f, "legal"), *support = hire(&f, "support"),
                        *application = token_of(&f, "all", (dossier_id){{0}});
    dossier_id id = take(&f, "access", NULL), asks = person(&f);
    struct request_identity identity = {.request = id,
                                        .outcome = STR("proven"),
                                        .subject = asks,
                                        .method = STR("in_person"),
                                        .member = legal->actor};
    assert_int_equal(as(&f, application, use_identity, &identity), FAULT_NONE);
    assert_int_equal(judge(&f, application, id, "access", "granted", ""), FAULT_REFUSED);
    assert_int_equal(judge(&f, engine_system(), id, "access", "granted", ""), FAULT_REFUSED);
    assert_int_equal(judge(&f, support, id, "access", "granted", ""), FAULT_REFUSED);
    assert_int_equal(judge(&f, legal, id, "access", "granted", ""), FAULT_REFUSED);
    const struct caller *other = hire(&f, "legal");
    assert_int_equal(judge(&f, other, id, "erase", "granted", ""), FAULT_INVALID);
    assert_int_equal(judge(&f, other, id, "access", "granted", ""), FAULT_NONE);
    fixture_stop(&f);
}

/* CON-65, CON-66, COB-39: what is not granted names the exception and its article */
static void a_no_names_its_exception_and_where_to_complain(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {{"refused", ""},          {"partly", ""},
                                           {"refused", "no_time"},   {"refused", "legal_claims"},
                                           {"granted", "excessive"}, {"denied", "excessive"},
                                           {"partly", "not_wrong"}};
    struct fixture f;
    start(&f, "hosting", "2026-03-20T09:00:00Z");
    const struct caller *legal = hire(&f, "legal");
    dossier_id id = take(&f, "access", NULL);
    assert_int_equal(prove(&f, legal, id, person(&f), "eid"), FAULT_NONE);
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_int_equal(judge(&f, legal, id, "access", wrong[i][0], wrong[i][1]), FAULT_INVALID);
    struct request_decide silent = {
        .request = id, .right = STR("access"), .outcome = STR("granted"), .reasons = STR("  ")};
    assert_int_equal(as(&f, legal, use_decide, &silent), FAULT_INVALID);
    assert_false(says(shown_whole(&f, id), "courts"));
    assert_int_equal(judge(&f, legal, id, "access", "refused", "rights_of_others"), FAULT_NONE);
    str whole = shown_whole(&f, id);
    assert_true(says(whole, "GDPR 15(4)"));
    assert_true(says(whole, "CANARY-REASONS"));
    assert_true(says(whole, "datatilsynet.no"));
    assert_true(says(whole, "courts"));
    struct request_close close = {.request = id};
    assert_int_equal(as(&f, legal, use_close, &close), FAULT_NONE);
    assert_int_equal(as(&f, legal, use_close, &close), FAULT_CONFLICT);
    fixture_stop(&f);
}

/* ---- more time ---- */

static enum fault_class extend(struct fixture *f, const struct caller *caller, dossier_id id,
                               const char *reasons, const char *told)
{
    struct request_extend more = {.request = id, .reasons = str_from(reasons)};
    if (told != NULL)
        more.told = at_time(told);
    return as(f, caller, use_extend, &more);
}

/* HOS-59: article 12(3), three months from receipt */
static void more_time_counts_once_the_person_was_told_before_the_first_deadline(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "hosting", "2026-08-31T10:00:00Z");
    dossier_id id = take(&f, "access", NULL), late = take(&f, "access", NULL);
    const struct caller *legal = hire(&f, "legal");
    assert_int_equal(extend(&f, legal, id, "", NULL), FAULT_INVALID);
    assert_int_equal(extend(&f, legal, id, "", "2026-08-31T10:00:00Z"), FAULT_INVALID);
    assert_int_equal(extend(&f, engine_system(), id, "many systems", NULL), FAULT_REFUSED);
    assert_int_equal(extend(&f, legal, id, "many systems", NULL), FAULT_NONE);
    assert_true(str_is(view(&f, id).legal, "2026-09-30")); /* nobody has been told */
    assert_int_equal(extend(&f, legal, id, "", NULL), FAULT_INVALID);
    assert_int_equal(extend(&f, legal, id, "", "2026-08-31T10:00:01Z"), FAULT_INVALID);
    assert_int_equal(extend(&f, legal, id, "", "2026-08-31T09:59:59Z"), FAULT_INVALID);
    clock_to(&f, "2026-09-30T21:59:59Z");
    assert_int_equal(extend(&f, legal, id, "", "2026-09-15T10:00:00Z"), FAULT_NONE);
    assert_true(str_is(view(&f, id).safe, "2026-11-30")); /* not 30 September and two months */
    assert_true(str_is(view(&f, id).legal, "2026-11-30"));
    assert_true(view(&f, id).extended);
    assert_int_equal(extend(&f, legal, id, "more", "2026-09-15T10:00:00Z"), FAULT_CONFLICT);
    clock_to(&f, "2026-09-30T22:00:00Z");
    assert_int_equal(extend(&f, legal, late, "many systems", "2026-09-15T10:00:00Z"),
                     FAULT_CONFLICT);
    assert_int_equal(alarms_named(&f, late, "legal_date"), 1);
    assert_int_equal(alarms_named(&f, id, "legal_date"), 0);
    clock_to(&f, "2026-11-30T23:00:00Z");
    assert_int_equal(alarms_named(&f, id, "legal_date"), 1);
    fixture_stop(&f);
}

/* ---- acts ---- */

/* HOS-59: what was granted is done under the request, and the request knows */
static void a_request_is_answered_when_what_was_granted_is_done(void **state)
{
    (void)state;
    str rights[] = {STR("access"), STR("restrict")};
    struct fixture f;
    start(&f, "hosting", "2026-03-20T09:00:00Z");
    const struct caller *legal = hire(&f, "legal");
    struct request_take both = {.channel = STR("post"), .rights = rights, .right_count = 2};
    RUN_OK(&f, use_take, &both);
    dossier_id id = f.call.outcome.id, asks = person(&f), other = person(&f);
    assert_int_equal(prove(&f, legal, id, asks, "eid"), FAULT_NONE);
    struct request_close close = {.request = id};
    struct export_run copy = {.request = {.subject = asks, .case_ = id}};
    struct restriction restrict_ = {.subject = asks, .reason = STR("accuracy"), .case_ = id};
    assert_int_equal(as(&f, legal, use_close, &close), FAULT_CONFLICT);
    assert_int_equal(as(&f, legal, use_export, &copy), FAULT_REFUSED); /* not decided */
    assert_int_equal(judge(&f, legal, id, "access", "granted", ""), FAULT_NONE);
    assert_int_equal(judge(&f, legal, id, "restrict", "refused", "no_ground"), FAULT_NONE);
    assert_int_equal(as(&f, legal, use_close, &close), FAULT_CONFLICT); /* not done */
    assert_int_equal(as(&f, legal, use_restrict, &restrict_), FAULT_REFUSED);
    copy.request.subject = other;
    assert_int_equal(as(&f, legal, use_export, &copy), FAULT_REFUSED); /* not who asked */
    copy.request = (struct export_request){.subject = asks, .case_ = id, .portability = true};
    assert_int_equal(as(&f, legal, use_export, &copy), FAULT_REFUSED); /* not asked for */
    copy.request.portability = false;
    assert_int_equal(as(&f, legal, use_export, &copy), FAULT_NONE);
    close.answered = at_time("2026-03-20T08:59:59Z");
    assert_int_equal(as(&f, legal, use_close, &close), FAULT_INVALID);
    close.answered = at_time("2026-03-20T09:00:00Z");
    assert_int_equal(as(&f, legal, use_close, &close), FAULT_NONE);
    assert_true(str_is(view(&f, id).state, "answered"));
    assert_int_equal(as(&f, legal, use_export, &copy), FAULT_CONFLICT); /* it is closed */
    fixture_stop(&f);
}

/* ---- acts under a request ---- */

static status use_objection(struct call *call, void *request)
{
    return engine_object(call, request);
}
static status use_withdrawal(struct call *call, void *request)
{
    return engine_withdraw(call, request);
}
static status use_rectification(struct call *call, void *request)
{
    return engine_rectify(call, request);
}

/* A reader of the newsletter, and the address that they gave. */
static dossier_id reader(struct fixture *f, record_id *item)
{
    str role = STR("subscriber"), notice = STR("notice");
    struct subject_create create = {.roles = &role, .role_count = 1};
    RUN_OK(f, use_subject_create, &create);
    dossier_id id = f->call.outcome.id;
    struct consent consent = {.subject = id,
                              .purpose = STR("newsletter"),
                              .wording = STR("Yes, you may."),
                              .given_by = STR("click")};
    RUN_OK(f, use_consent, &consent);
    struct collect_value value = {STR("contact.email"), STR("wrong@example.org"), true};
    struct collect_run collect = {.request = {.subject = id,
                                              .intake = STR("newsletter_form"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .supplied = &notice,
                                              .supplied_count = 1,
                                              .values = &value,
                                              .value_count = 1}};
    RUN_OK(f, use_collect, &collect);
    *item = collect.result.items[0];
    assert_false(ID_IS_ZERO(*item));
    return id;
}

/* A request for one right that somebody has proven to have made. */
static dossier_id asked_by(struct fixture *f, const struct caller *manager, dossier_id who,
                           const char *right)
{
    dossier_id id = take(f, right, NULL);
    assert_int_equal(prove(f, manager, id, who, "identity"), FAULT_NONE);
    return id;
}

static bool is_done(struct fixture *f, dossier_id id)
{
    return says(shown_whole(f, id), "\"done\":true");
}

/* HOS-59: GDPR 16, 18: what is granted is done under the request, by whoever may, for who asked */
static void
a_rectification_and_a_restriction_are_done_under_the_request_that_granted_them(void **state)
{
    static const char *const lines[][2] = {{"for: [authority_disclosure], may: [read, share,",
                                            "for: all, may: [read, change, share,"}};
    (void)state;
    struct fixture f;
    start_with(&f, lines, 1, "2026-03-20T09:00:00Z");
    const struct caller *manager = hire(&f, "manager");
    record_id item, others;
    dossier_id who = reader(&f, &item), other = reader(&f, &others);
    dossier_id right_it = asked_by(&f, manager, who, "rectify");
    struct rectify rectify = {
        .subject = who, .case_ = right_it, .item = item, .value = STR("right@example.org")};
    assert_int_equal(as(&f, manager, use_rectification, &rectify), FAULT_REFUSED);
    assert_int_equal(judge(&f, manager, right_it, "rectify", "granted", ""), FAULT_NONE);
    struct rectify wrong = {
        .subject = other, .case_ = right_it, .item = others, .value = STR("x@example.org")};
    assert_int_equal(as(&f, manager, use_rectification, &wrong), FAULT_REFUSED);
    assert_false(is_done(&f, right_it));
    assert_int_equal(as(&f, manager, use_rectification, &rectify), FAULT_NONE);
    assert_true(is_done(&f, right_it));
    dossier_id keep_still = asked_by(&f, manager, who, "restrict");
    struct restriction restrict_ = {
        .subject = who, .reason = STR("accuracy"), .case_ = keep_still, .warned = true};
    assert_int_equal(as(&f, manager, use_restrict, &restrict_), FAULT_REFUSED);
    assert_int_equal(judge(&f, manager, keep_still, "restrict", "granted", ""), FAULT_NONE);
    restrict_.case_ = right_it; /* asks something else */
    assert_int_equal(as(&f, manager, use_restrict, &restrict_), FAULT_REFUSED);
    restrict_.case_ = keep_still;
    assert_int_equal(as(&f, manager, use_restrict, &restrict_), FAULT_NONE);
    assert_true(is_done(&f, keep_still));
    struct request_close close = {.request = keep_still};
    assert_int_equal(as(&f, manager, use_close, &close), FAULT_NONE);
    fixture_stop(&f);
}

/* HOS-59: GDPR 7(3), 21(3): at once, and no decision is waited for; a no says */
static void
a_withdrawal_and_an_objection_wait_for_no_decision_and_stand_in_their_request(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "example", "2026-03-20T09:00:00Z");
    const struct caller *manager = hire(&f, "manager");
    record_id item;
    dossier_id who = reader(&f, &item), stranger = person(&f);
    dossier_id back = asked_by(&f, manager, who, "withdraw");
    struct withdrawal withdrawal = {
        .subject = stranger, .purpose = STR("newsletter"), .case_ = back};
    assert_int_equal(as(&f, manager, use_withdrawal, &withdrawal), FAULT_REFUSED);
    withdrawal.subject = who;
    assert_int_equal(as(&f, manager, use_withdrawal, &withdrawal), FAULT_NONE);
    assert_true(is_done(&f, back));
    struct request_close close = {.request = back};
    assert_int_equal(as(&f, manager, use_close, &close),
                     FAULT_CONFLICT); /* its decision stands out */
    assert_int_equal(judge(&f, manager, back, "withdraw", "granted", ""), FAULT_NONE);
    assert_int_equal(as(&f, manager, use_close, &close), FAULT_NONE);
    dossier_id against = asked_by(&f, manager, stranger, "object");
    struct objection_make objection = {
        .subject = stranger, .purpose = STR("support"), .case_ = back};
    assert_int_equal(as(&f, manager, use_objection, &objection), FAULT_CONFLICT); /* closed */
    objection.case_ = against;
    assert_int_equal(as(&f, manager, use_objection, &objection), FAULT_NONE);
    assert_true(is_done(&f, against));
    dossier_id refused = asked_by(&f, manager, who, "object");
    assert_int_equal(judge(&f, manager, refused, "object", "refused", "no_ground"), FAULT_NONE);
    objection =
        (struct objection_make){.subject = who, .purpose = STR("support"), .case_ = refused};
    assert_int_equal(as(&f, manager, use_objection, &objection), FAULT_REFUSED);
    assert_false(is_done(&f, refused));
    fixture_stop(&f);
}

/* ---- who deals with it ---- */

static status use_own(struct call *call, void *request)
{
    return engine_request_own(call, request);
}

/* HOS-59 */
static void a_request_is_dealt_with_by_one_member_until_another_does(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "hosting", "2026-03-20T09:00:00Z");
    const struct caller *legal = hire(&f, "legal"), *other = hire(&f, "legal");
    dossier_id first = legal->actor, second = other->actor, id = take(&f, "access", NULL);
    struct request_own own = {.request = id, .member = first};
    assert_true(ID_IS_ZERO(view(&f, id).owner));
    assert_int_equal(as(&f, legal, use_own, &own), FAULT_NONE);
    assert_int_equal(as(&f, legal, use_own, &own), FAULT_CONFLICT);
    assert_true(ID_EQUAL(view(&f, id).owner, first));
    own.member = second;
    assert_int_equal(as(&f, legal, use_own, &own), FAULT_NONE);
    assert_true(ID_EQUAL(view(&f, id).owner, second));
    own.member = (dossier_id){{0}};
    assert_int_equal(as(&f, other, use_own, &own), FAULT_NONE);
    assert_int_equal(as(&f, other, use_own, &own), FAULT_CONFLICT);
    assert_true(ID_IS_ZERO(view(&f, id).owner));
    own.member = first;
    assert_int_equal(as(&f, other, use_own, &own), FAULT_NONE);
    assert_true(says(shown_whole(&f, id), "\"step\":\"owner:none\""));
    RUN_OK(&f, use_staff_end, &first); /* whoever leaves owns nothing */
    assert_true(ID_IS_ZERO(view(&f, id).owner));
    fixture_stop(&f);
}

static void nobody_else_than_the_staff_owns_a_request_and_nobody_their_own(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "hosting", "2026-03-20T09:00:00Z");
    const struct caller *legal = hire(&f, "legal"), *other = hire(&f, "legal");
    dossier_id asks = person(&f), id = take(&f, "access", NULL);
    struct request_own own = {.request = id, .member = asks};
    assert_int_equal(as(&f, legal, use_own, &own), FAULT_INVALID);
    struct request_identity proof = {.request = id,
                                     .outcome = STR("proven"),
                                     .subject = asks,
                                     .method = STR("eid"),
                                     .member = other->actor};
    assert_int_equal(as(&f, legal, use_identity, &proof), FAULT_NONE);
    own.member = other->actor;
    assert_int_equal(as(&f, legal, use_own, &own), FAULT_INVALID);
    assert_int_equal(judge(&f, legal, id, "access", "refused", "excessive"), FAULT_NONE);
    struct request_close close = {.request = id};
    assert_int_equal(as(&f, legal, use_close, &close), FAULT_NONE);
    own.member = legal->actor;
    assert_int_equal(as(&f, legal, use_own, &own), FAULT_CONFLICT);
    fixture_stop(&f);
}

/* ---- duplicates ---- */

/* HOS-59: both receipts stand, and the first deadline */
static void the_same_asked_twice_is_one_with_the_first_deadline(void **state)
{
    (void)state;
    str rights[] = {STR("access"), STR("erase")};
    struct fixture f;
    start(&f, "hosting", "2026-03-20T09:00:00Z");
    const struct caller *legal = hire(&f, "legal");
    dossier_id asks = person(&f), second = take(&f, "access", "2026-03-18T09:00:00Z");
    assert_int_equal(prove(&f, legal, second, asks, "eid"), FAULT_NONE);
    struct request_take both = {.channel = STR("post"), .rights = rights, .right_count = 2};
    RUN_OK(&f, use_take, &both);
    dossier_id third = f.call.outcome.id;
    assert_int_equal(prove(&f, legal, third, asks, "eid"), FAULT_NONE);
    assert_int_equal(judge(&f, legal, third, "access", "granted", ""), FAULT_CONFLICT);
    assert_true(str_is(view(&f, third).state, "open")); /* erasure is its own */
    /* A letter that came before both is typed in last: the others join it. */
    dossier_id first = take(&f, "access", "2026-03-02T09:00:00Z");
    assert_int_equal(prove(&f, legal, first, asks, "eid"), FAULT_NONE);
    assert_true(str_is(view(&f, second).state, "joined"));
    assert_true(str_is(view(&f, first).state, "open"));
    assert_true(str_is(view(&f, first).legal, "2026-04-07"));
    assert_true(str_is(view(&f, second).safe, "2026-04-18")); /* its receipt stands */
    dossier_id stranger = take(&f, "access", NULL);
    assert_int_equal(prove(&f, legal, stranger, person(&f), "eid"), FAULT_NONE);
    assert_true(str_is(view(&f, stranger).state, "open"));
    fixture_stop(&f);
}

/* ---- what the person sees, and what stays when they go ---- */

/* HOS-47 */
static void the_copy_lists_what_was_asked_and_what_became_of_it(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "hosting", "2026-03-20T09:00:00Z");
    const struct caller *legal = hire(&f, "legal");
    dossier_id asks = person(&f), id = take(&f, "restrict", NULL);
    struct export_run copy = {.request = {.subject = asks}};
    RUN_OK(&f, use_export, &copy);
    assert_true(says(copy.document, "\"requests\":[]")); /* not proven to be theirs */
    assert_int_equal(prove(&f, legal, id, asks, "eid"), FAULT_NONE);
    assert_int_equal(judge(&f, legal, id, "restrict", "refused", "no_ground"), FAULT_NONE);
    RUN_OK(&f, use_export, &copy);
    str number = view(&f, id).number;
    char wanted[64];
    (void)snprintf(wanted, sizeof(wanted), "\"requests\":[{\"number\":\"%.*s\"", STR_ARG(number));
    assert_true(says(copy.document, wanted));
    assert_true(says(copy.document, "\"outcome\":\"refused\""));
    fixture_stop(&f);
}

/* HOS-55, HOS-59 */
static void whoever_is_erased_leaves_the_proof_and_no_words(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "hosting", "2026-03-20T09:00:00Z");
    const struct caller *legal = hire(&f, "legal");
    dossier_id asks = person(&f), earlier = take(&f, "access", NULL), id = take(&f, "erase", NULL);
    assert_int_equal(prove(&f, legal, earlier, asks, "eid"), FAULT_NONE);
    assert_int_equal(judge(&f, legal, earlier, "access", "refused", "excessive"), FAULT_NONE);
    struct request_close close = {.request = earlier};
    assert_int_equal(as(&f, legal, use_close, &close), FAULT_NONE);
    assert_true(says(shown_whole(&f, earlier), "CANARY-CONTACT"));
    assert_int_equal(prove(&f, legal, id, asks, "eid"), FAULT_NONE);
    assert_int_equal(judge(&f, legal, id, "erase", "granted", ""), FAULT_NONE);
    struct erase_run erase = {.request = {.subject = asks, .case_ = id, .warned = true}};
    RUN_OK(&f, use_erase, &erase);
    assert_true(erase.result.whole);
    assert_false(says(shown_whole(&f, earlier), "CANARY-CONTACT"));
    assert_true(says(shown_whole(&f, id), "CANARY-CONTACT")); /* the answer has to go somewhere */
    close.request = id;
    assert_int_equal(as(&f, legal, use_close, &close), FAULT_NONE);
    str whole = shown_whole(&f, id);
    assert_false(says(whole, "CANARY-CONTACT") || says(whole, "CANARY-TEXT"));
    assert_true(says(whole, "granted:erase") && says(whole, "CANARY-REASONS"));
    clock_to(&f, "2029-03-18T09:00:00Z");
    assert_true(str_is(view(&f, id).state, "answered"));
    clock_to(&f, "2029-03-20T09:00:00Z"); /* three years of 365 days are over */
    struct viewing gone = {.id = id};
    RUN_FAULT(&f, use_view, &gone, FAULT_NOT_FOUND);
    fixture_stop(&f);
}

/* HOS-49, HOS-58: a signed-in person has proven who asks */
static void a_sign_in_proves_who_asks(void **state)
{
    (void)state;
    str rights[] = {STR("access")};
    struct fixture f;
    start(&f, "hosting", "2026-03-20T09:00:00Z");
    const struct caller *portal = token_of(&f, "rights,record", (dossier_id){{0}}),
                        *desk = token_of(&f, "record", (dossier_id){{0}}),
                        *legal = hire(&f, "legal");
    struct request_take own = {
        .channel = STR("portal"), .rights = rights, .right_count = 1, .subject = person(&f)};
    assert_int_equal(as(&f, desk, use_take, &own), FAULT_FORBIDDEN);
    assert_int_equal(as(&f, legal, use_take, &own), FAULT_INVALID);
    assert_int_equal(as(&f, portal, use_take, &own), FAULT_NONE);
    struct request_view seen = view(&f, f.call.outcome.id);
    assert_true(str_is(seen.identity, "proven"));
    assert_true(ID_EQUAL(seen.subject, own.subject));
    own.subject = seen.id;
    assert_int_equal(as(&f, portal, use_take, &own), FAULT_NOT_FOUND);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_shows_the_safe_and_the_legal_date_from_its_receipt),
        cmocka_unit_test(what_passes_its_dates_is_told_once_and_loudly),
        cmocka_unit_test(a_stricter_promise_of_the_policy_moves_the_dates),
        cmocka_unit_test(the_desk_is_reminded_a_week_before_the_safe_date),
        cmocka_unit_test(the_list_is_of_one_company_when_one_is_named),
        cmocka_unit_test(
            a_rectification_and_a_restriction_are_done_under_the_request_that_granted_them),
        cmocka_unit_test(
            a_withdrawal_and_an_objection_wait_for_no_decision_and_stand_in_their_request),
        cmocka_unit_test(a_request_comes_in_by_any_way_that_there_is_and_by_no_other),
        cmocka_unit_test(a_request_that_says_nothing_or_too_much_is_not_taken),
        cmocka_unit_test(the_list_begins_with_what_is_to_be_answered_first),
        cmocka_unit_test(nothing_is_decided_before_it_is_proven_who_asks),
        cmocka_unit_test(asking_for_more_proof_stops_no_clock),
        cmocka_unit_test(a_request_without_proof_ends_with_reasons),
        cmocka_unit_test(a_decision_is_a_humans_who_may_and_not_about_themselves),
        cmocka_unit_test(no_application_decides),
        cmocka_unit_test(what_was_decided_is_mailed_to_nobody_in_particular),
        cmocka_unit_test(a_request_that_goes_in_the_same_turn_is_not_shown),
        cmocka_unit_test(a_no_names_its_exception_and_where_to_complain),
        cmocka_unit_test(more_time_counts_once_the_person_was_told_before_the_first_deadline),
        cmocka_unit_test(a_request_is_answered_when_what_was_granted_is_done),
        cmocka_unit_test(a_request_is_dealt_with_by_one_member_until_another_does),
        cmocka_unit_test(nobody_else_than_the_staff_owns_a_request_and_nobody_their_own),
        cmocka_unit_test(the_same_asked_twice_is_one_with_the_first_deadline),
        cmocka_unit_test(the_copy_lists_what_was_asked_and_what_became_of_it),
        cmocka_unit_test(whoever_is_erased_leaves_the_proof_and_no_words),
        cmocka_unit_test(a_sign_in_proves_who_asks),
        cmocka_unit_test(the_number_that_was_given_leads_to_the_request_however_it_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
