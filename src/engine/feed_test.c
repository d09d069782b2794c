/* The feed of changes: what happened to whom, page by page, never a value. */
#include "engine_fixture.h"

#include "engine_internal.h"

#define START "2026-03-01T09:00:00Z"

struct page {
    uint64_t from;
    size_t limit;
    struct feed feed;
};

static status use_feed(struct call *call, void *request)
{
    struct page *page = request;
    return engine_feed(call, page->from, page->limit, &page->feed);
}

static record_id handle_of(struct fixture *f, dossier_id person)
{
    record_id handle;
    assert_true(is_ok(vault_handle(f->reg->vault, person, &f->report, handle.bytes)));
    return handle;
}

static struct collect_run collect_of(dossier_id person, struct collect_value *values)
{
    return (struct collect_run){
        .request = {
            .subject = person, .intake = STR("contact_form"), .values = values, .value_count = 2}};
}

/* Everything from `from` on, in pages of this size; gives where it ended. */
static uint64_t changes(struct fixture *f, uint64_t from, size_t limit, char *said, size_t size)
{
    struct page page = {.from = from, .limit = limit, .feed = {.more = true}};
    uint64_t last = 0;
    said[0] = '\0';
    while (page.feed.more) {
        RUN_OK(f, use_feed, &page);
        assert_in_range(page.feed.count, 0, limit);
        for (size_t i = 0; i < page.feed.count; i++) {
            const struct feed_change *change = &page.feed.at[i];
            assert_true(last == 0 || change->index > last);
            last = change->index;
            size_t length = strlen(said);
            (void)snprintf(said + length, size - length, "%.*s ", STR_ARG(change->change));
        }
        if (page.feed.count == 0 && page.feed.next + 1 >= audit_size(f->reg->log))
            break; /* what is left is the question itself */
        page.from = page.feed.next;
    }
    return page.feed.next;
}

static void changes_come_in_their_order_and_end_where_they_go_on(void **state)
{
    (void)state;
    struct fixture f;
    char said[512], again[512];
    fixture_start(&f, 71, START);
    fixture_register(&f, "example", START);
    RUN_OK(&f, make_asker, NULL);
    dossier_id person = f.call.outcome.id;
    record_id handle = handle_of(&f, person);
    struct collect_value values[] = {{STR("contact.email"), STR("kari@example.test"), false},
                                     {STR("question.text"), STR("Why?"), false}};
    struct collect_run collect = collect_of(person, values);
    RUN_OK(&f, use_collect, &collect);
    struct evidence_record balancing = {.type = STR("balancing"), .purpose = STR("support")};
    RUN_OK(&f, use_evidence, &balancing); /* of nobody */
    struct read_run read = {.request = {.subject = person, .purpose = STR("support")}};
    RUN_OK(&f, use_read, &read); /* no change */
    read.request.purpose = STR("newsletter");
    RUN_FAULT(&f, use_read, &read, FAULT_REFUSED); /* nor is a no */
    uint64_t next = changes(&f, 0, 100, said, sizeof(said));
    assert_string_equal(said, "created kept ");
    (void)changes(&f, 0, 1, again, sizeof(again));
    assert_string_equal(again, said);

    struct erase_run erase = {.request = {.subject = person}};
    RUN_OK(&f, use_erase, &erase);
    struct page page = {.from = next, .limit = 100};
    RUN_OK(&f, use_feed, &page);
    assert_int_equal(page.feed.count, 2);
    assert_true(str_is(page.feed.at[0].change, "ended"));
    assert_int_equal(page.feed.at[0].item_count, 2);
    assert_true(str_is(page.feed.at[1].change, "erased"));
    assert_true(ID_EQUAL(page.feed.at[1].reference, handle));
    page.from = UINT64_MAX; /* of a log that is longer than this one ever was */
    RUN_OK(&f, use_feed, &page);
    assert_int_equal(page.feed.count, 0);
    fixture_stop(&f);
}

static void what_a_person_says_is_a_change(void **state)
{
    (void)state;
    struct fixture f;
    char said[512];
    fixture_start(&f, 72, START);
    fixture_register(&f, "example", START);
    RUN_OK(&f, make_asker, NULL);
    dossier_id person = f.call.outcome.id;
    struct consent consent = {.subject = person,
                              .purpose = STR("newsletter"),
                              .wording = STR("Yes please"),
                              .given_by = STR("click")};
    RUN_OK(&f, use_consent, &consent);
    struct withdrawal withdrawal = {.subject = person, .purpose = STR("newsletter")};
    RUN_OK(&f, use_withdraw, &withdrawal);
    struct restriction restriction = {.subject = person, .reason = STR("accuracy")};
    RUN_OK(&f, use_restrict, &restriction);
    struct evidence_record claim = {.type = STR("claim"), .subject = person};
    RUN_OK(&f, use_evidence, &claim);
    (void)changes(&f, 0, 100, said, sizeof(said));
    assert_string_equal(said, "created consented withdrawn restricted held ");
    fixture_stop(&f);
}

static void who_is_bound_sees_nothing_of_it(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 73, START);
    fixture_register(&f, "example", START);
    word purpose = words_intern(f.reg->words, STR("support"));
    struct caller caller = *engine_system();
    caller.purposes = &purpose;
    caller.purpose_count = 1;
    struct page page = {.limit = 10};
    f.report = (struct report){0};
    status got = engine_run(f.engine, f.reg, &caller, f.arena, &f.report, &f.call, use_feed, &page);
    assert_int_equal(got.fault, FAULT_FORBIDDEN);
    assert_int_equal(page.feed.count, 0);
    fixture_stop(&f);
}

/* ---- by id ---- */

struct asked_held {
    struct held_ask ask;
    struct held_people people;
};

static status use_held(struct call *call, void *request)
{
    struct asked_held *asked = request;
    asked->people = (struct held_people){0};
    return engine_held(call, &asked->ask, &asked->people);
}

static struct held_copy held_one(struct fixture *f, const struct caller *caller, dossier_id id)
{
    struct asked_held asked = {.ask = {&id, 1}};
    f->report = (struct report){0};
    assert_true(is_ok(
        engine_run(f->engine, f->reg, caller, f->arena, &f->report, &f->call, use_held, &asked)));
    assert_int_equal(asked.people.count, 1);
    assert_true(ID_EQUAL(asked.people.at[0].subject, id));
    return asked.people.at[0];
}

static bool same_answer(const struct held_copy *a, const struct held_copy *b)
{
    return a->held == b->held && a->item_count == b->item_count &&
           a->restricted_count == b->restricted_count &&
           ID_IS_ZERO(a->goes_by) == ID_IS_ZERO(b->goes_by);
}

/* G9: of one who is hidden, who was erased and who never was it is told the same. */
static void a_bound_token_is_told_what_it_may_still_see_of_whom_it_holds(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 75, START);
    fixture_register(&f, "example", START);
    RUN_OK(&f, make_asker, NULL);
    dossier_id person = f.call.outcome.id, nobody = {{9, 9}};
    struct collect_value values[] = {{STR("contact.email"), STR("kari@example.test"), false},
                                     {STR("question.text"), STR("Why?"), false}};
    struct collect_run collect = collect_of(person, values);
    RUN_OK(&f, use_collect, &collect);
    struct caller support = *engine_system(), news = *engine_system();
    word purposes[] = {words_intern(f.reg->words, STR("support")),
                       words_intern(f.reg->words, STR("newsletter"))};
    support.purposes = &purposes[0];
    news.purposes = &purposes[1];
    support.purpose_count = news.purpose_count = 1;
    uint64_t entries = audit_size(f.reg->log);
    struct held_copy seen = held_one(&f, &support, person), hidden = held_one(&f, &news, person),
                     none = held_one(&f, &news, nobody);
    assert_int_equal(audit_size(f.reg->log), entries + 3); /* one for each that was asked */
    assert_true(seen.held && seen.item_count == 2 && seen.restricted_count == 0);
    assert_true(ID_EQUAL(seen.items[0], collect.result.items[0]));
    assert_false(hidden.held);
    assert_true(same_answer(&hidden, &none));

    static const str fields[] = {{"question.text", 13}};
    struct restriction restriction = {.subject = person,
                                      .fields = fields,
                                      .field_count = 1,
                                      .reason = STR("accuracy"),
                                      .warned = true};
    RUN_OK(&f, use_restrict, &restriction);
    seen = held_one(&f, &support, person);
    assert_true(seen.item_count == 1 && seen.restricted_count == 1);
    assert_true(ID_EQUAL(seen.restricted[0], collect.result.items[1]));
    struct erase_run erase = {.request = {.subject = person, .warned = true}};
    RUN_OK(&f, use_erase, &erase);
    struct held_copy gone = held_one(&f, &support, person);
    assert_true(same_answer(&gone, &none));
    gone = held_one(&f, engine_system(), person);
    assert_true(same_answer(&gone, &none));
    fixture_stop(&f);
}

static void at_most_a_page_of_people_is_asked_about(void **state)
{
    (void)state;
    struct fixture f;
    static dossier_id many[LIMIT_PAGE_ROWS + 1];
    struct asked_held asked = {.ask = {many, LIMIT_PAGE_ROWS}};
    fixture_start(&f, 76, START);
    fixture_register(&f, "example", START);
    RUN_OK(&f, use_held, &asked);
    assert_int_equal(asked.people.count, LIMIT_PAGE_ROWS);
    asked.ask.subject_count++;
    RUN_FAULT(&f, use_held, &asked, FAULT_INVALID);
    asked.ask.subject_count = 0;
    RUN_FAULT(&f, use_held, &asked, FAULT_INVALID);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_come_in_their_order_and_end_where_they_go_on),
        cmocka_unit_test(what_a_person_says_is_a_change),
        cmocka_unit_test(who_is_bound_sees_nothing_of_it),
        cmocka_unit_test(a_bound_token_is_told_what_it_may_still_see_of_whom_it_holds),
        cmocka_unit_test(at_most_a_page_of_people_is_asked_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
