/* Versions of a policy: which is in force, what is new for whom, and whose clock counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "calendar.h"
#include "decide.h"

enum { ARENA_BYTES = 16 << 20 };

#define HEAD(version, effective)                                                                   \
    "vern: 1\npolicy: two\nversion: \"" version "\"\neffective: " effective                        \
    "\ntimezone: Europe/Oslo\nlanguages: [en]\n"                                                   \
    "controllers:\n  firm: { name: Firm AS, number: \"310001104\", address: Veien 1, country: "    \
    "\"NO\", contacts: [post] }\n"                                                                 \
    "contacts:\n  post: { kind: email, at: post@two.example }\n"                                   \
    "roles: [user]\nmatters: [order_no]\nsources:\n  person: { kind: person }\n"                   \
    "categories:\n  contact: { fields: { name: name, email: email } }\n"                           \
    "rights:\n  all: { at: [post] }\n"                                                             \
    "intakes:\n  form: { from: [person], for: all, optional: [contact] }\n"

static const char FIRST[] =
    HEAD("1", "2026-01-01") "purposes:\n"
                            "  serve: { basis: public_task, roles: [user], uses: [contact], keep: "
                            "24 months after collected }\n"
                            "  books: { basis: legal_duty, law: law 1, roles: [user], uses: "
                            "[contact.name], keep: 5 years "
                            "after collected }\n";
static const char SECOND[] =
    HEAD("2", "2026-09-01") "purposes:\n"
                            "  serve: { basis: public_task, roles: [user], uses: [contact], keep: "
                            "12 months after collected }\n"
                            "  books: { basis: legal_duty, law: law 1, roles: [user], uses: "
                            "[contact.name], keep: 3 years "
                            "after collected }\n"
                            "  scoring: { basis: public_task, roles: [user], uses: [contact], "
                            "keep: 12 months after "
                            "collected }\n";

struct register_ {
    struct arena *arena;
    struct words *words;
    struct plan_version versions[2];
    struct plan_news news;
    struct plans plans;
    struct facts *subject, *own;
    struct view view;
};

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}
#define ADD(r, list) ((typeof((list)->at))must(LIST_ADD((r)->arena, (list))))

static const struct plan *load(struct register_ *r, const char *text)
{
    struct report report = {0};
    struct problems problems = {.arena = r->arena};
    const struct policy_source source = {STR("two.yaml"), str_from(text)};
    const struct plan *plan;
    if (is_ok(plan_load(r->words, &source, NULL, NULL, 0, r->arena, &problems, &report, &plan)))
        return plan;
    for (size_t i = 0; i < problems.list.count; i++)
        printf("%u: %.*s\n", problems.list.at[i].line, STR_ARG(problems.list.at[i].text));
    abort();
}

static word w(const struct register_ *r, const char *text)
{
    return words_intern(r->words, str_from(text));
}

static instant day(const struct register_ *r, const char *text)
{
    struct date date;
    if (!date_parse(str_from(text), &date))
        abort();
    return date_start(r->versions[0].plan->zone, date);
}

static int set_up(void **state)
{
    struct register_ *r = must(calloc(1, sizeof(*r)));
    r->arena = arena_new(ARENA_BYTES);
    r->words = words_new();
    const struct plan *first = load(r, FIRST), *second = load(r, SECOND);
    r->versions[0] =
        (struct plan_version){.plan = first, .version = w(r, "1"), .effective = first->effective};
    r->versions[1] =
        (struct plan_version){.plan = second, .version = w(r, "2"), .effective = second->effective};
    r->news.purposes = bits_new(r->arena, second->purpose_count);
    bits_set(r->news.purposes, second->purpose_of[w(r, "scoring")]);
    r->versions[1].news = &r->news;
    r->plans = (struct plans){r->versions, 2};
    r->subject = must(ARENA_NEW(r->arena, struct facts));
    r->own = must(ARENA_NEW(r->arena, struct facts));
    r->subject->erase_asked = r->own->erase_asked = NEVER;
    r->subject->created = day(r, "2026-02-01");
    *ADD(r, &r->subject->roles) =
        (struct fact_role){.role = w(r, "user"), .since = day(r, "2026-02-01"), .until = NEVER};
    r->view = (struct view){.plans = &r->plans, .subject = r->subject, .register_ = r->own};
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    struct register_ *r = *state;
    words_free(&r->words);
    arena_free(&r->arena);
    free(r);
    return 0;
}

static record_id add_item(struct register_ *r, const char *field, const char *version,
                          const char *collected)
{
    static const char *const purposes[] = {"serve", "books", "scoring"};
    struct fact_item *item = ADD(r, &r->subject->items);
    *item = (struct fact_item){.field = w(r, field),
                               .source = w(r, "person"),
                               .version = w(r, version),
                               .collected = day(r, collected)};
    item->id.bytes[0] = (unsigned char)r->subject->items.count;
    item->told = must(ARENA_ARRAY(r->arena, word, LENGTH(purposes)));
    for (size_t i = 0; i < LENGTH(purposes); i++)
        if (i < 2 || str_is(str_from(version), "2"))
            item->told[item->told_count++] = w(r, purposes[i]);
    return item->id;
}

static void add_evidence(struct register_ *r, struct facts *facts, const char *type, enum slot slot,
                         const char *bound, const char *since)
{
    struct fact_evidence *evidence = ADD(r, &facts->evidence);
    struct binding *binding = must(ARENA_NEW(r->arena, struct binding));
    *binding = (struct binding){.slot = slot, .name = w(r, bound)};
    *evidence = (struct fact_evidence){.type = w(r, type),
                                       .bound = binding,
                                       .bound_count = 1,
                                       .since = day(r, since),
                                       .until = NEVER};
}

static struct decision read_item(struct register_ *r, record_id item, const char *purpose,
                                 instant t)
{
    struct report report = {0};
    struct decision decision;
    const struct operation op = {
        .action = ACTION_READ, .purpose = w(r, purpose), .items = &item, .item_count = 1};
    assert_true(is_ok(decide(&r->view, NULL, &op, t, r->arena, &report, &decision)));
    return decision;
}

static bool lacks(const struct register_ *r, const struct decision *decision, const char *what)
{
    for (size_t i = 0; i < decision->reason.lack_count; i++)
        if (decision->reason.lacks[i] == words_find(r->words, str_from(what)))
            return true;
    return false;
}

static void a_new_purpose_opens_when_it_is_in_force_and_told(void **state)
{
    struct register_ *r = *state;
    record_id item = add_item(r, "contact.email", "2", "2026-09-01");
    instant change = day(r, "2026-09-01");
    struct decision before_change = read_item(r, item, "scoring", (instant){change.ms - 1});
    assert_int_equal(before_change.verdict, VERDICT_REFUSE);
    struct decision untold = read_item(r, item, "scoring", change);
    assert_int_equal(untold.verdict, VERDICT_REFUSE);
    assert_true(str_is(untold.reason.rule, "version"));
    assert_true(lacks(r, &untold, "notice"));
    add_evidence(r, r->subject, "notice", SLOT_VERSION, "1", "2026-08-15");
    assert_int_equal(read_item(r, item, "scoring", change).verdict, VERDICT_REFUSE);
    add_evidence(r, r->subject, "notice", SLOT_VERSION, "2", "2026-08-15");
    assert_int_equal(read_item(r, item, "scoring", change).verdict, VERDICT_ALLOW);
    assert_int_equal(read_item(r, item, "serve", change).verdict, VERDICT_ALLOW);
}

static void who_came_under_a_version_met_it_at_collection(void **state)
{
    struct register_ *r = *state;
    r->subject->created = day(r, "2026-09-01");
    record_id item = add_item(r, "contact.email", "2", "2026-09-01");
    assert_int_equal(read_item(r, item, "scoring", day(r, "2026-09-02")).verdict, VERDICT_ALLOW);
}

static void data_of_an_older_version_waits_for_compatibility_or_consent(void **state)
{
    struct register_ *r = *state;
    record_id item = add_item(r, "contact.email", "1", "2026-03-01");
    add_evidence(r, r->subject, "notice", SLOT_VERSION, "2", "2026-08-15");
    instant t = day(r, "2026-09-02");
    struct decision closed = read_item(r, item, "scoring", t);
    assert_int_equal(closed.verdict, VERDICT_REFUSE);
    assert_true(lacks(r, &closed, "compatibility") && lacks(r, &closed, "consent"));
    add_evidence(r, r->own, "compatibility", SLOT_PURPOSE, "scoring", "2026-09-02");
    assert_int_equal(read_item(r, item, "scoring", t).verdict, VERDICT_ALLOW);
}

static void told_of_a_purpose_that_its_version_lacked_an_item_still_waits(void **state)
{
    struct register_ *r = *state;
    record_id item = add_item(r, "contact.email", "1", "2026-03-01");
    struct fact_item *fact = &r->subject->items.at[0];
    fact->told[fact->told_count - 1] = w(r, "scoring");
    add_evidence(r, r->subject, "notice", SLOT_VERSION, "2", "2026-08-15");
    struct decision closed = read_item(r, item, "scoring", day(r, "2026-09-02"));
    assert_int_equal(closed.verdict, VERDICT_REFUSE);
    assert_true(str_is(closed.reason.rule, "version"));
}

static void going_back_to_the_old_text_closes_the_purpose_again(void **state)
{
    struct register_ *r = *state;
    struct plan_version versions[3] = {r->versions[0], r->versions[1], r->versions[0]};
    versions[2].version = w(r, "3");
    versions[2].effective = day(r, "2026-10-01");
    r->plans = (struct plans){versions, 3};
    record_id item = add_item(r, "contact.email", "2", "2026-09-01");
    add_evidence(r, r->subject, "notice", SLOT_VERSION, "2", "2026-08-15");
    assert_int_equal(read_item(r, item, "scoring", day(r, "2026-09-30")).verdict, VERDICT_ALLOW);
    struct decision closed = read_item(r, item, "scoring", day(r, "2026-10-01"));
    assert_int_equal(closed.verdict, VERDICT_REFUSE);
    assert_true(str_is(closed.reason.rule, "purposes"));
}

/* Both versions ask for a record that is bound to a version: what is on file for the one in force
 * counts also while the clauses of an older one are asked. */
static void what_is_on_file_for_the_version_in_force_counts_for_an_older_item(void **state)
{
    static const char asks[] = "evidence:\n  paper: { as: record, for: [version] }\n"
                               "purposes:\n  serve: { basis: public_task, roles: [user], uses: "
                               "[contact], keep: 24 months after collected, needs: [paper] }\n";
    struct register_ *r = *state;
    struct buf first = buf_in(r->arena, 4096), second = buf_in(r->arena, 4096);
    buf_format(&first, HEAD("1", "2026-01-01") "%s%c", asks, '\0');
    buf_format(&second, HEAD("2", "2026-09-01") "%s%c", asks, '\0');
    r->versions[0].plan = load(r, buf_str(&first).ptr);
    r->versions[1].plan = load(r, buf_str(&second).ptr);
    r->news.purposes = bits_new(r->arena, r->versions[1].plan->purpose_count);
    record_id item = add_item(r, "contact.email", "1", "2026-03-01");
    instant t = day(r, "2026-09-02");
    assert_int_equal(read_item(r, item, "serve", t).verdict, VERDICT_REFUSE);
    add_evidence(r, r->own, "paper", SLOT_VERSION, "2", "2026-09-01");
    assert_int_equal(read_item(r, item, "serve", t).verdict, VERDICT_ALLOW);
}

static instant end_of(struct register_ *r, instant t)
{
    struct report report = {0};
    struct settled settled;
    assert_true(is_ok(settle(&r->view, t, r->arena, &report, &settled)));
    return settled.items[0].end;
}

static void the_shorter_retention_counts(void **state)
{
    struct register_ *r = *state;
    add_item(r, "contact.email", "1", "2026-03-01");
    assert_int_equal(end_of(r, day(r, "2026-08-31")).ms, day(r, "2028-03-01").ms);
    assert_int_equal(end_of(r, day(r, "2026-09-01")).ms, day(r, "2027-03-01").ms);
}

static void a_legal_duty_keeps_for_the_longer_time(void **state)
{
    struct register_ *r = *state;
    add_item(r, "contact.name", "1", "2026-03-01");
    assert_int_equal(end_of(r, day(r, "2026-09-01")).ms, day(r, "2031-03-01").ms);
}

static void before_the_first_version_nothing_is_allowed_and_nothing_goes(void **state)
{
    struct register_ *r = *state;
    record_id item = add_item(r, "contact.name", "1", "2025-03-01");
    instant t = day(r, "2025-12-31");
    struct decision decision = read_item(r, item, "serve", t);
    assert_int_equal(decision.verdict, VERDICT_REFUSE);
    assert_true(str_is(decision.reason.rule, "version"));
    struct report report = {0};
    struct settled settled;
    assert_true(is_ok(settle(&r->view, t, r->arena, &report, &settled)));
    assert_true(settled.items[0].alive);
    assert_int_equal(settled.next.ms, day(r, "2026-01-01").ms);
    static const struct operation nothing;
    static const struct clause clause;
    static const struct needs needs;
    decision.verdict = VERDICT_ALLOW;
    assert_true(
        is_ok(decide_clause(&r->view, &clause, &needs, &nothing, t, r->arena, &report, &decision)));
    assert_int_equal(decision.verdict, VERDICT_REFUSE);
    assert_true(str_is(decision.reason.rule, "version"));
    decision.verdict = VERDICT_ALLOW;
    assert_true(is_ok(decide_staff(&r->view, &nothing, t, r->arena, &report, &decision)));
    assert_int_equal(decision.verdict, VERDICT_REFUSE);
    assert_true(str_is(decision.reason.rule, "version"));
}

static const char OF_MATTERS[] =
    HEAD("1", "2026-01-01") "evidence:\n  receipt: { for: [matter, field] }\n"
                            "purposes:\n"
                            "  serve: { basis: public_task, roles: [user], uses: [contact], keep: "
                            "[{ until: 1 month after collected, needs: [receipt] }] }\n";

/* What was made of one item of a matter is remembered for the next, and must not be for this one.
 */
static void what_a_matter_has_on_file_for_one_field_ends_no_other(void **state)
{
    struct register_ *r = *state;
    const struct plan *plan = load(r, OF_MATTERS);
    struct facts matter = {.id = {{7}}, .kind = DOSSIER_MATTER, .erase_asked = NEVER};
    const struct facts *matters[] = {&matter};
    struct settled settled;
    struct report report = {0};
    r->versions[0].plan = plan;
    r->plans.count = 1;
    r->view.matters = matters;
    r->view.matter_count = 1;
    add_item(r, "contact.email", "1", "2026-03-01");
    add_item(r, "contact.name", "1", "2026-03-01");
    for (size_t i = 0; i < r->subject->items.count; i++)
        r->subject->items.at[i].matter = matter.id;
    add_evidence(r, &matter, "receipt", SLOT_FIELD, "contact.email", "2026-03-02");
    assert_true(is_ok(settle(&r->view, day(r, "2026-06-01"), r->arena, &report, &settled)));
    assert_false(settled.items[0].alive);
    assert_true(settled.items[1].alive);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_new_purpose_opens_when_it_is_in_force_and_told),
        TEST(who_came_under_a_version_met_it_at_collection),
        TEST(data_of_an_older_version_waits_for_compatibility_or_consent),
        TEST(told_of_a_purpose_that_its_version_lacked_an_item_still_waits),
        TEST(going_back_to_the_old_text_closes_the_purpose_again),
        TEST(what_is_on_file_for_the_version_in_force_counts_for_an_older_item),
        TEST(the_shorter_retention_counts),
        TEST(a_legal_duty_keeps_for_the_longer_time),
        TEST(what_a_matter_has_on_file_for_one_field_ends_no_other),
        TEST(before_the_first_version_nothing_is_allowed_and_nothing_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
