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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_shows_the_safe_and_the_legal_date_from_its_receipt),
        cmocka_unit_test(what_passes_its_dates_is_told_once_and_loudly),
        cmocka_unit_test(a_request_comes_in_by_any_way_that_there_is_and_by_no_other),
        cmocka_unit_test(a_request_that_says_nothing_or_too_much_is_not_taken),
        cmocka_unit_test(the_list_begins_with_what_is_to_be_answered_first),
        cmocka_unit_test(the_number_that_was_given_leads_to_the_request_however_it_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
