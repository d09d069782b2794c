/* Holes: a clause with `unspecified` where its gate looks opens nothing until a firm says a value.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "calendar.h"
#include "decide.h"

enum { ARENA_BYTES = 16 << 20, TEXT_BYTES = 4096 };

/* %1$s: the kind of the source, %2$s: the channels' needs of the message */
static const char POLICY[] =
    "vern: 1\npolicy: holes\nversion: \"1\"\neffective: 2026-01-01\ntimezone: Europe/Oslo\n"
    "languages: [en]\n"
    "controllers:\n  firm: { name: Firm AS, number: \"310001104\", address: Veien 1, country: "
    "\"NO\", contacts: [post] }\n"
    "contacts:\n  post: { kind: email, at: post@holes.example }\n"
    "roles: [user]\nsources:\n  person: { kind: %s }\n"
    "categories:\n  contact: { fields: { name: name, email: email } }\n"
    "rights:\n  all: { at: [post] }\n"
    "purposes:\n  serve: { basis: public_task, roles: [user], uses: [contact], keep: 24 months "
    "after collected }\n"
    "intakes:\n  form: { from: [person], for: all, required: [contact.name] }\n"
    "messages:\n  status: %s\n";

struct asking {
    struct arena *arena;
    struct words *words;
    struct decision decision;
};

static const struct plan *load(struct asking *a, const char *kind, const char *message)
{
    struct report report = {0};
    struct problems problems = {.arena = a->arena};
    const struct policy_source source = {STR("holes.yaml"),
                                         arena_format(a->arena, POLICY, kind, message)};
    const struct plan *plan = NULL;
    (void)plan_load(a->words, &source, NULL, NULL, 0, a->arena, &problems, &report, &plan).fault;
    for (size_t i = 0; i < problems.list.count; i++)
        print_message("%u: %.*s\n", problems.list.at[i].line, STR_ARG(problems.list.at[i].text));
    assert_non_null(plan);
    return plan;
}

static word w(const struct asking *a, const char *text)
{
    return words_intern(a->words, str_from(text));
}

/* What is decided of a user on the policy's first summer. */
static void ask(struct asking *a, const struct plan *plan, const struct operation *op)
{
    instant t;
    assert_true(instant_parse(STR("2026-07-01T10:00:00Z"), &t));
    struct report report = {0};
    struct plan_version version = {
        .plan = plan, .version = w(a, "1"), .effective = plan->effective};
    struct plans plans = {&version, 1};
    struct fact_role role = {.role = w(a, "user"), .since = plan->effective, .until = NEVER};
    struct facts subject = {.erase_asked = NEVER, .created = plan->effective};
    struct facts own = {.erase_asked = NEVER};
    subject.roles.at = &role;
    subject.roles.count = 1;
    struct view view = {.plans = &plans, .subject = &subject, .register_ = &own};
    assert_true(is_ok(decide(&view, NULL, op, t, a->arena, &report, &a->decision)));
}

static void collect_by_form(struct asking *a, const char *kind)
{
    const struct plan *plan = load(a, kind, "{ for: serve, channels: { email: {} } }");
    struct offered offered = {.field = w(a, "contact.name")};
    const struct operation op = {.action = ACTION_COLLECT,
                                 .intake = w(a, "form"),
                                 .source = w(a, "person"),
                                 .by_subject = true,
                                 .told = &(word){w(a, "serve")},
                                 .told_count = 1,
                                 .offered = &offered,
                                 .offered_count = 1};
    ask(a, plan, &op);
}

static void send_status(struct asking *a, const char *message)
{
    const struct plan *plan = load(a, "person", message);
    const struct operation op = {
        .action = ACTION_SEND, .message = w(a, "status"), .channel = w(a, "email")};
    ask(a, plan, &op);
}

static void refused_by(const struct asking *a, const char *rule)
{
    const struct reason *reason = a->decision.count > 0 && str_is_empty(a->decision.reason.rule)
                                      ? &a->decision.parts[0].reason
                                      : &a->decision.reason;
    assert_int_equal(a->decision.verdict, VERDICT_REFUSE);
    if (!str_is(reason->rule, rule))
        fail_msg("refused by %.*s, not by %s", STR_ARG(reason->rule), rule);
}

static int set_up(void **state)
{
    struct asking *a = calloc(1, sizeof(*a));
    assert_non_null(a);
    a->arena = arena_new(ARENA_BYTES);
    a->words = words_new();
    *state = a;
    return 0;
}

static int tear_down(void **state)
{
    struct asking *a = *state;
    words_free(&a->words);
    arena_free(&a->arena);
    free(a);
    return 0;
}

static void a_source_of_an_unsaid_kind_takes_nothing_in(void **state)
{
    struct asking *a = *state;
    collect_by_form(a, "person");
    assert_int_equal(a->decision.verdict, VERDICT_ALLOW);
    collect_by_form(a, "unspecified");
    refused_by(a, "sources.person");
}

static void a_message_left_unsaid_is_not_sent(void **state)
{
    struct asking *a = *state;
    send_status(a, "{ for: serve, channels: { email: {} } }");
    assert_int_equal(a->decision.verdict, VERDICT_ALLOW);
    send_status(a, "{ for: serve, channels: { email: {} }, needs: unspecified }");
    refused_by(a, "messages.status");
}

/* As names of a version that is no more in force. */
static void what_is_in_no_list_of_the_policy_opens_nothing(void **state)
{
    struct asking *a = *state;
    const struct plan *plan = load(a, "person", "{ for: serve, channels: { email: {} } }");
    struct operation op = {
        .action = ACTION_SEND, .message = w(a, "reminder"), .channel = w(a, "email")};
    ask(a, plan, &op);
    refused_by(a, "messages");
    op = (struct operation){.action = ACTION_COOKIE_SET, .cookie = w(a, "seen")};
    ask(a, plan, &op);
    refused_by(a, "cookies");
    op = (struct operation){.action = ACTION_SEND,
                            .message = w(a, "status"),
                            .channel = w(a, "email"),
                            .staff = w(a, "clerk"),
                            .actor = {{7}}};
    ask(a, plan, &op);
    refused_by(a, "staff");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_source_of_an_unsaid_kind_takes_nothing_in),
        TEST(a_message_left_unsaid_is_not_sent),
        TEST(what_is_in_no_list_of_the_policy_opens_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
