/* Mail against a real mail server on the loopback: what it takes, puts off, refuses or breaks off,
 * and servers that would have it in the clear or are somebody else. */
#include "process.h"
#include "receiver.h"

#include <unistd.h>

static struct process server;
static struct receiver mail;
static str hook;

/* A mail server that answers so, our server that knows it, an officer's address to write to. */
static void open_with(const char *smtp, const char *more, const char *const *words)
{
    char settings[512];
    receiver_open(&mail, "tests/mailserver.py", words);
    (void)snprintf(settings, sizeof(settings),
                   "smtp = %s:%u\nsmtp_from = vern@example.no\npost_ms = 2000\n"
                   "post_ca = tests/tls/trusted.pem\n%s",
                   smtp, mail.port, more);
    process_open(&server, settings);
    struct answer weighed = post(&server, "/v1/evidence",
                                 "{\"type\":\"balancing\",\"purpose\":\"support\","
                                 "\"particulars\":{\"reference\":\"w\"}}");
    expect(&weighed, 201);
    struct answer made = post(&server, "/v1/webhooks",
                              "{\"url\":\"mailto:officer@example.no\",\"events\":[\"task.made\"]}");
    expect(&made, 201);
    hook = text_of(&made, "id");
}

#define OPEN(smtp, more, ...) open_with(smtp, more, (const char *const[]){__VA_ARGS__, NULL})
#define PLAIN                 "smtp+plain://127.0.0.1"
#define SAFE                  "smtp://localhost"

static void close_all(void)
{
    process_close(&server);
    receiver_close(&mail);
}

static void make_task(void)
{
    struct answer made = post(&server, "/v1/subjects",
                              "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"QANARY-1\"}],"
                              "\"roles\":[\"asker\"]}");
    expect(&made, 201);
    struct answer queued =
        post_subject(&server, text_of(&made, "id"), "messages",
                     "{\"message\":\"answer\",\"channel\":\"email\",\"queue\":true}");
    expect(&queued, 202);
}

static void move_clock(const char *to)
{
    struct answer moved = ask(&server, server.token, "POST", STR("/v1/clock"),
                              arena_format(server.arena, "{\"to\":\"2026-03-%s:00Z\"}", to));
    expect(&moved, 200);
}

static int64_t code_once(const char *state)
{
    str path = arena_format(server.arena, "/v1/webhooks/%.*s/events", STR_ARG(hook));
    for (int i = 0; i < 10000; i++) {
        struct answer events = ask(&server, server.token, "GET", path, STR(""));
        const struct json *first = json_get(events.json, "events")->child;
        str said = STR("");
        int64_t code = 0;
        (void)json_str(json_get(first, "state"), &said);
        (void)json_i64(json_get(first, "code"), &code);
        if (str_is(said, state))
            return code;
    }
    fail_msg("it does not become %s", state);
}

static void an_officer_is_written_to_by_ids_and_kinds_alone(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "250");
    make_task();
    const struct json *got = receiver_next(&mail, "mail");
    str text = receiver_text(got, "mail");
    assert_true(str_is(receiver_text(got, "sender"), "vern@example.no"));
    assert_true(str_is(receiver_text(got, "to"), "officer@example.no"));
    assert_true(holds(text, STR("\r\nSubject: Vern shop: task.made (send)\r\n")));
    assert_true(holds(text, STR("\r\nAuto-Submitted: auto-generated\r\n")));
    assert_false(holds(text, STR("QANARY")));
    assert_int_equal(code_once("delivered"), 250);
    close_all();
}

static void with_a_server_elsewhere_all_is_within_tls_and_by_a_known_user(void **state)
{
    (void)state;
    OPEN(SAFE, "smtp_user = vern\nsmtp_password = hemmelig\n", "--starttls",
         "tests/tls/localhost.pem", "--auth", "vern:hemmelig", "250");
    make_task();
    const struct json *got = receiver_next(&mail, "mail");
    assert_true(str_is(receiver_text(got, "tls"), "yes"));
    assert_true(str_is(receiver_text(got, "user"), "vern"));
    assert_int_equal(code_once("delivered"), 250);
    close_all();
}

/* Nothing came but connections that ended; for the three days. */
static void expect_nothing(void)
{
    make_task();
    (void)receiver_next(&mail, "closed");
    move_clock("04T09:00");
    (void)code_once("failed");
    close(mail.input);
    mail.input = -1;
    char line[256];
    while (fgets(line, sizeof(line), mail.output) != NULL)
        assert_null(strstr(line, "\"mail\""));
    close_all();
}

static void a_server_that_offers_no_tls_gets_no_message(void **state)
{
    (void)state;
    OPEN(SAFE, "", "250");
    expect_nothing();
}

static void a_server_that_is_somebody_else_gets_no_message(void **state)
{
    (void)state;
    OPEN(SAFE, "", "--starttls", "tests/tls/stranger.pem", "250");
    expect_nothing();
}

static void what_is_put_off_is_sent_again_as_the_same_message(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "451", "drop", "250");
    make_task();
    str first = receiver_text(receiver_next(&mail, "mail"), "mail");
    (void)receiver_next(&mail, "closed");
    move_clock("01T10:00");
    (void)receiver_next(&mail, "closed"); /* cut, once the message began */
    move_clock("01T11:00");
    str again = receiver_text(receiver_next(&mail, "mail"), "mail");
    const char *id = memmem(first.ptr, first.len, "Message-ID: ", 12);
    assert_non_null(id);
    assert_true(holds(again, (str){id, 12 + 24 + 11}));
    assert_int_equal(code_once("delivered"), 250);
    close_all();
}

static void what_is_refused_for_good_is_not_sent_again(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "550");
    make_task();
    assert_int_equal(code_once("failed"), 550);
    struct answer alarms = ask(&server, server.token, "GET", STR("/v1/alarms"), STR(""));
    assert_true(holds(alarms.text, STR("undelivered")));
    close_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_officer_is_written_to_by_ids_and_kinds_alone),
        cmocka_unit_test(with_a_server_elsewhere_all_is_within_tls_and_by_a_known_user),
        cmocka_unit_test(a_server_that_offers_no_tls_gets_no_message),
        cmocka_unit_test(a_server_that_is_somebody_else_gets_no_message),
        cmocka_unit_test(what_is_put_off_is_sent_again_as_the_same_message),
        cmocka_unit_test(what_is_refused_for_good_is_not_sent_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
