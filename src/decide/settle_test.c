/* What settling shares between items and purposes, and what keeps them apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "calendar.h"
#include "decide.h"

enum { ARENA_BYTES = 16 << 20, DAY_MS = 86400000, CLOCKS = 40 };

#define FIRM(name)                                                                                 \
    name ": { name: Firm AS, number: \"310001104\", address: Veien 1, country: \"NO\", "           \
         "contacts: [post] }"
#define HEAD(version, effective)                                                                   \
    "vern: 1\npolicy: shares\nversion: \"" version "\"\neffective: " effective                     \
    "\ntimezone: Europe/Oslo\nlanguages: [en]\n"                                                   \
    "controllers:\n  " FIRM("firm") "\n  " FIRM(                                                   \
        "other") "\n"                                                                              \
                 "contacts:\n  post: { kind: email, at: post@two.example }\n"                      \
                 "roles: [user]\nsources:\n  person: { kind: person }\n  list: { kind: indirect "  \
                 "}\n"                                                                             \
                 "categories:\n  contact: { fields: { name: name, email: email } }\n"              \
                 "  place: { fields: { city: text } }\n"                                           \
                 "evidence:\n  paper: { for: [subject] }\n"                                        \
                 "purposes:\n"

static const char OLDER[] = HEAD(
    "1",
    "2026-01-01") "  serve: { basis: public_task, roles: all, uses: [contact, place], keep: [\n"
                  "           { of: [contact.name], until: 1 day after collected },\n"
                  "           { until: 9 days after collected }] }\n";
static const char NEWER[] = HEAD(
    "2", "2026-02-01") "  serve: { basis: public_task, roles: all, uses: [contact, place],\n"
                       "           keep: \"latest of 30 days after collected, end of paper\" }\n";

struct shares {
    struct arena *arena;
    struct words *words;
    struct plan_version versions[2];
    struct plans plans;
    struct facts subject;
    struct view view;
    instant now;
};

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

static const struct plan *load(struct shares *s, const char *text)
{
    struct report report = {0};
    struct problems problems = {.arena = s->arena};
    const struct policy_source source = {STR("shares.yaml"), str_from(text)};
    const struct plan *plan;
    if (is_ok(plan_load(s->words, &source, NULL, NULL, 0, s->arena, &problems, &report, &plan)))
        return plan;
    for (size_t i = 0; i < problems.list.count; i++)
        printf("%u: %.*s\n", problems.list.at[i].line, STR_ARG(problems.list.at[i].text));
    abort();
}

static word w(const struct shares *s, const char *text)
{
    return words_intern(s->words, str_from(text));
}

static void add_version(struct shares *s, const char *name, const char *text)
{
    const struct plan *plan = load(s, text);
    s->versions[s->plans.count++] =
        (struct plan_version){.plan = plan, .version = w(s, name), .effective = plan->effective};
}

static int set_up(void **state)
{
    struct shares *s = must(calloc(1, sizeof(*s)));
    s->arena = arena_new(ARENA_BYTES);
    s->words = words_new();
    s->plans.at = s->versions;
    s->subject = (struct facts){.kind = DOSSIER_SUBJECT, .erase_asked = NEVER, .had_items = true};
    s->view = (struct view){.plans = &s->plans, .subject = &s->subject};
    s->now = (instant){1772355600000}; /* 1 March 2026 */
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct shares *s = *state;
    words_free(&s->words);
    arena_free(&s->arena);
    free(s);
    return 0;
}

static struct fact_item *add_item(struct shares *s)
{
    struct fact_item *item = must(LIST_ADD(s->arena, &s->subject.items));
    *item = (struct fact_item){.field = w(s, "contact.email"),
                               .source = w(s, "person"),
                               .controller = w(s, "firm"),
                               .version = w(s, "2"),
                               .collected = {s->now.ms - DAY_MS},
                               .told = must(ARENA_ARRAY(s->arena, word, CLOCKS))};
    item->id.bytes[0] = (unsigned char)s->subject.items.count;
    item->told[item->told_count++] = w(s, "serve");
    return item;
}

static struct settled settle_now(struct shares *s)
{
    struct report report = {0};
    struct settled settled;
    assert_true(is_ok(settle(&s->view, s->now, s->arena, &report, &settled)));
    return settled;
}

static void items_that_nothing_tells_apart_share_their_grounds(void **state)
{
    struct shares *s = *state;
    add_version(s, "1", OLDER);
    add_version(s, "2", NEWER);
    (void)add_item(s);
    add_item(s)->field = w(s, "contact.name");
    struct settled settled = settle_now(s);
    assert_int_equal(settled.items[0].ground_count, 1);
    assert_ptr_equal(settled.items[0].grounds, settled.items[1].grounds);
}

static void an_older_version_that_tells_fields_apart_still_does(void **state)
{
    struct shares *s = *state;
    add_version(s, "1", OLDER);
    add_version(s, "2", NEWER);
    add_item(s)->version = w(s, "1");
    struct fact_item *name = add_item(s);
    name->version = w(s, "1");
    name->field = w(s, "contact.name");
    struct settled settled = settle_now(s);
    assert_true(before(settled.items[1].end, settled.items[0].end));
}

/* What a paper prolongs is the item that it is bound to, not the one like it. */
static void what_evidence_is_bound_to_tells_items_apart(void **state)
{
    static const struct {
        enum slot slot;
        const char *bound;
    } TELLS[] = {{SLOT_FIELD, "contact.name"},
                 {SLOT_CATEGORY, "place"},
                 {SLOT_SOURCE, "list"},
                 {SLOT_CONTROLLER, "other"}};
    struct shares *s = *state;
    add_version(s, "1", OLDER);
    add_version(s, "2", NEWER);
    (void)add_item(s);
    (void)add_item(s);
    struct fact_evidence *paper = must(LIST_ADD(s->arena, &s->subject.evidence));
    for (size_t i = 0; i < LENGTH(TELLS); i++) {
        struct binding bound = {.slot = TELLS[i].slot, .name = w(s, TELLS[i].bound)};
        *paper = (struct fact_evidence){.type = w(s, "paper"),
                                        .bound = &bound,
                                        .bound_count = 1,
                                        .since = {s->now.ms - DAY_MS},
                                        .until = {s->now.ms + (int64_t)1000 * DAY_MS}};
        struct fact_item *item = &s->subject.items.at[1], first = s->subject.items.at[0];
        first.id = item->id;
        *item = first;
        if (bound.slot == SLOT_FIELD)
            item->field = bound.name;
        if (bound.slot == SLOT_CATEGORY)
            item->field = w(s, "place.city");
        if (bound.slot == SLOT_SOURCE)
            item->source = bound.name;
        if (bound.slot == SLOT_CONTROLLER)
            item->controller = bound.name;
        struct settled settled = settle_now(s);
        if (!before(settled.items[0].end, settled.items[1].end))
            fail_msg("a paper bound to %s reaches what is bound to another", TELLS[i].bound);
    }
}

/* More clocks than settling remembers at once. */
static void each_of_many_purposes_has_its_own_clock(void **state)
{
    struct shares *s = *state;
    struct buf text = buf_in(s->arena, 1 << 16);
    buf_text(&text, HEAD("2", "2026-02-01"));
    for (int n = 0; n < CLOCKS; n++)
        buf_format(&text,
                   "  p%d: { basis: public_task, roles: all, uses: [contact], keep: %d days after "
                   "collected }\n",
                   n, n + 1);
    buf_char(&text, '\0');
    add_version(s, "2", buf_str(&text).ptr);
    struct fact_item *item = add_item(s);
    item->told_count = 0;
    for (int n = 0; n < CLOCKS; n++) {
        char name[8];
        (void)snprintf(name, sizeof(name), "p%d", n);
        item->told[item->told_count++] = w(s, name);
    }
    struct fact_item *other = add_item(s); /* which asks for the same once more */
    other->told = item->told;
    other->told_count = item->told_count;
    other->field = w(s, "contact.name");
    other->matter.bytes[0] = 1;
    struct settled settled = settle_now(s);
    for (size_t i = 0; i < settled.count; i++) {
        assert_int_equal(settled.items[i].ground_count, CLOCKS);
        for (uint32_t n = 0; n < CLOCKS; n++) {
            instant end =
                instant_add_span(s->versions[0].plan->zone, item->collected, n + 1, SPAN_DAY);
            assert_int_equal(settled.items[i].grounds[n].end.ms, end.ms);
        }
    }
}

/* `one` and `two` keep as long; what `one` came to is known when `two` is asked. */
static void add_two(struct shares *s, const char *until, const char *of_two)
{
    struct buf text = buf_in(s->arena, 1 << 14);
    buf_format(&text,
               HEAD("2", "2026-02-01") "  one: { basis: public_task, roles: all, uses: [contact, "
                                       "place], keep: \"%s\" }\n"
                                       "  two: { %s, roles: all, uses: [contact, place], keep: "
                                       "\"%s\" }\n",
               until, of_two, until);
    buf_char(&text, '\0');
    add_version(s, "2", buf_str(&text).ptr);
}

static struct fact_item *add_told(struct shares *s, const char *first, const char *second)
{
    struct fact_item *item = add_item(s);
    item->told[0] = w(s, first);
    item->told[1] = w(s, second);
    item->told_count = 2;
    return item;
}

/* A moment that is known ends what came when the first item did, and nothing else of the kind. */
static void a_known_moment_keeps_items_of_two_days_apart(void **state)
{
    struct shares *s = *state;
    add_two(s, "30 days after collected", "basis: public_task");
    (void)add_told(s, "one", "two");
    (void)add_told(s, "two", "one");
    add_told(s, "two", "one")->collected.ms -= 5 * (int64_t)DAY_MS;
    struct settled settled = settle_now(s);
    assert_int_equal(settled.items[0].end.ms, settled.items[1].end.ms);
    assert_true(before(settled.items[2].end, settled.items[0].end));
}

/* Where the moment is absent, what collects keeps for as long as it takes, and what takes up other
 * data does not. */
static void an_absent_moment_is_never_for_one_and_nothing_for_another(void **state)
{
    struct shares *s = *state;
    add_two(s, "end of user", "basis: public_task, reuses: true");
    (void)add_told(s, "one", "two");
    (void)add_told(s, "two", "one");
    struct settled settled = settle_now(s);
    for (size_t i = 0; i < settled.count; i++) {
        assert_int_equal(settled.items[i].ground_count, 2);
        assert_int_equal(settled.items[i].grounds[i == 0 ? 0 : 1].end.ms, NEVER.ms);
        assert_int_equal(settled.items[i].grounds[i == 0 ? 1 : 0].end.ms, ALWAYS.ms);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(items_that_nothing_tells_apart_share_their_grounds),
        TEST(an_older_version_that_tells_fields_apart_still_does),
        TEST(what_evidence_is_bound_to_tells_items_apart),
        TEST(each_of_many_purposes_has_its_own_clock),
        TEST(a_known_moment_keeps_items_of_two_days_apart),
        TEST(an_absent_moment_is_never_for_one_and_nothing_for_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
