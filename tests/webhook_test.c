/* Webhooks against a real receiver on the loopback: signed, tried again, given up, sent again, kept
 * over a kill; and receivers that hang, redirect, flood or are not who they should be. Time is the
 * register's clock, which the tests move once the receiver has seen the connection end. */
#include <openssl/hmac.h>
#include <unistd.h>

#include "process.h"
#include "receiver.h"

static struct process server;
static int64_t hours; /* that the clock has been moved */

static int open_with(const char *settings)
{
    process_open(&server, settings);
    struct answer weighed = post(&server, "/v1/evidence",
                                 "{\"type\":\"balancing\",\"purpose\":\"support\","
                                 "\"particulars\":{\"reference\":\"w\"}}");
    expect(&weighed, 201);
    return 0;
}

/* A try has all the time that a busy machine may need. */
static int open_server(void **state)
{
    (void)state;
    return open_with("post_ms = 120000\npost_ca = tests/tls/trusted.pem\n");
}

static int open_impatient(void **state)
{
    (void)state;
    return open_with("post_ms = 1000\n");
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

/* ---- what the tests share ---- */

static struct answer webhook_to(const char *url)
{
    return ask(&server, server.token, "POST", STR("/v1/webhooks"),
               arena_format(server.arena, "{\"url\":\"%s\",\"events\":[\"task.made\"]}", url));
}

struct hooked {
    struct receiver receiver;
    str id, key;
};

static struct hooked hook_on(const char *scheme, const char *const *words)
{
    struct hooked hooked;
    char url[128];
    receiver_open(&hooked.receiver, "tests/receiver.py", words);
    (void)snprintf(url, sizeof(url), "%s:%u/told", scheme, hooked.receiver.port);
    struct answer made = webhook_to(url);
    expect(&made, 201);
    hooked.id = text_of(&made, "id");
    hooked.key = text_of(&made, "secret");
    assert_true(str_starts(hooked.key, STR("whsec_")));
    return hooked;
}

#define HOOK(...) hook_on("http://127.0.0.1", (const char *const[]){__VA_ARGS__, NULL})

static str hook_path(const struct hooked *hooked, const char *verb)
{
    return arena_format(server.arena, "/v1/webhooks/%.*s%s", STR_ARG(hooked->id), verb);
}

static void unhook(struct hooked *hooked)
{
    struct answer ended = ask(&server, server.token, "DELETE", hook_path(hooked, ""), STR(""));
    expect(&ended, 200);
    receiver_close(&hooked->receiver);
}

static str queue_message(void)
{
    static unsigned number;
    str body = arena_format(server.arena,
                            "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"WH-%u\"}],"
                            "\"roles\":[\"asker\"]}",
                            ++number);
    struct answer made = ask(&server, server.token, "POST", STR("/v1/subjects"), body);
    expect(&made, 201);
    str id = text_of(&made, "id");
    struct answer queued = post_subject(
        &server, id, "messages", "{\"message\":\"answer\",\"channel\":\"email\",\"queue\":true}");
    expect(&queued, 202);
    return id;
}

static void move_clock(int64_t by)
{
    hours += by;
    int64_t day = 1 + (9 + hours) / 24, hour = (9 + hours) % 24;
    str body =
        arena_format(server.arena, "{\"to\":\"2026-03-%02dT%02d:00:00Z\"}", (int)day, (int)hour);
    struct answer moved = ask(&server, server.token, "POST", STR("/v1/clock"), body);
    expect(&moved, 200);
}

static struct answer events_of(const struct hooked *hooked)
{
    struct answer events = ask(&server, server.token, "GET", hook_path(hooked, "/events"), STR(""));
    expect(&events, 200);
    return events;
}

/* What the first event of the list says, once it is in this state: each question is a turn, in
 * which what came back is kept. */
static const struct json *event_in(const struct hooked *hooked, const char *state)
{
    for (int i = 0; i < 10000; i++) {
        struct answer events = events_of(hooked);
        const struct json *first = json_get(events.json, "events")->child;
        str said = STR("");
        (void)json_str(json_get(first, "state"), &said);
        if (str_is(said, state))
            return first;
    }
    fail_msg("no event is %s", state);
}

static int64_t code_of(const struct json *event)
{
    int64_t code = 0;
    (void)json_i64(json_get(event, "code"), &code);
    return code;
}

static size_t open_alarms(const struct hooked *hooked)
{
    struct answer alarms = ask(&server, server.token, "GET", STR("/v1/alarms"), STR(""));
    size_t count = 0;
    expect(&alarms, 200);
    for (JSON_EACH(alarm, json_get(alarms.json, "alarms"))) {
        str kind, actor = STR("");
        assert_true(json_str(json_get(alarm, "kind"), &kind));
        (void)json_str(json_get(alarm, "actor"), &actor);
        count += str_is(kind, "undelivered") && str_equal(actor, hooked->id) &&
                 json_get(alarm, "closed") == NULL;
    }
    return count;
}

/* ---- signatures ---- */

/* By another implementation than the server's, and by the published vector of Standard Webhooks. */
static str signature_of(str key_text, str id, str timestamp, str body)
{
    unsigned char key[64], mac[32];
    size_t length;
    unsigned size = 0;
    assert_true(base64_decode(str_slice(key_text, 6, key_text.len), key, sizeof(key), &length));
    str text = arena_format(server.arena, "%.*s.%.*s.%.*s", STR_ARG(id), STR_ARG(timestamp),
                            STR_ARG(body));
    assert_non_null(HMAC(EVP_sha256(), key, (int)length, (const unsigned char *)text.ptr, text.len,
                         mac, &size));
    struct buf buf = buf_in(server.arena, 128);
    buf_text(&buf, "v1,");
    buf_base64(&buf, (str){(const char *)mac, size});
    return buf_str(&buf);
}

static str signature_on(str key_text, const struct json *got)
{
    return signature_of(key_text, receiver_text(got, "id"), receiver_text(got, "timestamp"),
                        receiver_text(got, "body"));
}

static void signatures_are_those_of_the_published_vector(void **state)
{
    (void)state;
    str made = signature_of(STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                            STR("msg_p5jXN8AQM9LWM0D4loKWxJek"), STR("1614265330"),
                            STR("{\"test\": 2432232314}"));
    assert_true(str_is(made, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
}

static void an_event_is_told_at_once_signed_and_without_data(void **state)
{
    (void)state;
    struct hooked hooked = HOOK("204");
    str person = queue_message();
    const struct json *got = receiver_next(&hooked.receiver, "body");
    assert_true(str_is(receiver_text(got, "line"), "POST /told HTTP/1.1"));
    assert_true(str_is(receiver_text(got, "event"), "task.made"));
    assert_true(holds(receiver_text(got, "body"), person));
    assert_false(holds(receiver_text(got, "body"), STR("WH-")));
    assert_true(str_equal(receiver_text(got, "signature"), signature_on(hooked.key, got)));
    const struct json *kept = event_in(&hooked, "delivered");
    assert_int_equal(code_of(kept), 204);
    assert_true(str_equal(receiver_text(kept, "id"), receiver_text(got, "id")));
    unhook(&hooked);
}

static void after_a_rotation_both_secrets_sign_for_a_while(void **state)
{
    (void)state;
    struct hooked hooked = HOOK("200");
    struct answer rotated = ask(&server, server.token, "POST", hook_path(&hooked, "/rotate"),
                                STR("{\"overlap_hours\":2}"));
    expect(&rotated, 201);
    str next = text_of(&rotated, "secret");
    assert_false(str_equal(next, hooked.key));
    (void)queue_message();
    const struct json *got = receiver_next(&hooked.receiver, "body");
    str both = arena_format(server.arena, "%.*s %.*s", STR_ARG(signature_on(next, got)),
                            STR_ARG(signature_on(hooked.key, got)));
    assert_true(str_equal(receiver_text(got, "signature"), both));
    move_clock(2);
    (void)queue_message();
    got = receiver_next(&hooked.receiver, "body");
    assert_true(str_equal(receiver_text(got, "signature"), signature_on(next, got)));
    unhook(&hooked);
}

/* ---- trying again ---- */

static void what_was_answered_500_is_sent_again_under_the_same_id(void **state)
{
    (void)state;
    struct hooked hooked = HOOK("500", "503", "200");
    (void)queue_message();
    str id = receiver_text(receiver_next(&hooked.receiver, "body"), "id");
    for (int tries = 0; tries < 2; tries++) {
        receiver_closed(&hooked.receiver, &server);
        move_clock(1);
        str again = receiver_text(receiver_next(&hooked.receiver, "body"), "id");
        assert_true(str_equal(id, again));
    }
    assert_int_equal(code_of(event_in(&hooked, "delivered")), 200);
    assert_int_equal(open_alarms(&hooked), 0);
    unhook(&hooked);
}

static void after_three_days_it_has_failed_with_an_alarm_and_may_be_sent_again(void **state)
{
    (void)state;
    struct hooked hooked = HOOK("500", "500", "200");
    (void)queue_message();
    str id = receiver_text(receiver_next(&hooked.receiver, "body"), "id");
    receiver_closed(&hooked.receiver, &server);
    move_clock(72);
    receiver_closed(&hooked.receiver, &server);
    const struct json *kept = event_in(&hooked, "failed");
    assert_int_equal(code_of(kept), 500);
    assert_int_equal(open_alarms(&hooked), 1);
    str body = arena_format(server.arena, "{\"event\":\"%.*s\"}", STR_ARG(id));
    struct answer replayed =
        ask(&server, server.token, "POST", hook_path(&hooked, "/replay"), body);
    expect(&replayed, 202);
    const struct json *got = receiver_next(&hooked.receiver, "body");
    assert_true(str_equal(receiver_text(got, "id"), id));
    assert_true(str_equal(receiver_text(got, "signature"), signature_on(hooked.key, got)));
    assert_int_equal(code_of(event_in(&hooked, "delivered")), 200);
    unhook(&hooked);
}

static void a_receiver_that_says_gone_is_not_asked_again(void **state)
{
    (void)state;
    struct hooked hooked = HOOK("410");
    (void)queue_message();
    assert_int_equal(code_of(event_in(&hooked, "failed")), 410);
    assert_int_equal(open_alarms(&hooked), 1);
    unhook(&hooked);
}

static void what_waits_outlives_a_kill_and_is_neither_lost_nor_made_up(void **state)
{
    (void)state;
    struct hooked hooked = HOOK("500", "200");
    (void)queue_message();
    str id = receiver_text(receiver_next(&hooked.receiver, "body"), "id");
    (void)receiver_next(&hooked.receiver, "closed");
    process_kill(&server);
    process_start(&server);
    const struct json *got = receiver_next(&hooked.receiver, "body");
    assert_true(str_equal(receiver_text(got, "id"), id));
    assert_true(str_equal(receiver_text(got, "signature"), signature_on(hooked.key, got)));
    (void)event_in(&hooked, "delivered");
    struct answer events = events_of(&hooked);
    assert_int_equal(json_get(events.json, "events")->count, 1);
    unhook(&hooked);
}

/* ---- receivers that do harm ---- */

static void expect_failing(struct hooked *hooked, int64_t code)
{
    (void)queue_message();
    receiver_closed(&hooked->receiver, &server);
    move_clock(72);
    receiver_closed(&hooked->receiver, &server);
    assert_int_equal(code_of(event_in(hooked, "failed")), code);
    unhook(hooked);
}

static void a_receiver_that_hangs_is_left_and_holds_nobody_up(void **state)
{
    (void)state;
    struct hooked hooked = HOOK("hang");
    (void)queue_message();
    (void)receiver_next(&hooked.receiver, "body"); /* it has the request and says nothing */
    struct answer shown = ask(&server, server.token, "GET", STR("/v1/register"), STR(""));
    expect(&shown, 200);
    receiver_closed(&hooked.receiver, &server);
    move_clock(72);
    receiver_closed(&hooked.receiver, &server);
    assert_int_equal(code_of(event_in(&hooked, "failed")), 0);
    unhook(&hooked);
}

static void a_receiver_that_cuts_the_connection_has_received_nothing(void **state)
{
    (void)state;
    struct hooked hooked = HOOK("drop");
    expect_failing(&hooked, 0);
}

static void a_redirect_is_not_followed(void **state)
{
    (void)state;
    struct hooked other = HOOK("200");
    char how[64];
    (void)snprintf(how, sizeof(how), "302:http://127.0.0.1:%u/", other.receiver.port);
    struct answer ended = ask(&server, server.token, "DELETE", hook_path(&other, ""), STR(""));
    expect(&ended, 200);
    struct hooked hooked = HOOK(how);
    expect_failing(&hooked, 302);
    /* Nobody came to the other one: what it says last is that it ends. */
    close(other.receiver.input);
    assert_int_equal(fgetc(other.receiver.output), EOF);
    other.receiver.input = -1;
    receiver_close(&other.receiver);
}

static void of_an_answer_without_end_its_first_line_counts(void **state)
{
    (void)state;
    struct hooked hooked = HOOK("huge");
    (void)queue_message();
    receiver_closed(&hooked.receiver, &server);
    assert_int_equal(code_of(event_in(&hooked, "delivered")), 200);
    unhook(&hooked);
}

static void only_who_proves_to_be_the_host_is_told(void **state)
{
    (void)state;
    static const char *const odd[] = {"tests/tls/untrusted.pem", "tests/tls/stranger.pem"};
    for (size_t i = 0; i < LENGTH(odd); i++) {
        struct hooked hooked =
            hook_on("https://localhost", (const char *const[]){"--tls", odd[i], "200", NULL});
        expect_failing(&hooked, 0);
    }
    struct hooked hooked =
        hook_on("https://localhost",
                (const char *const[]){"--tls", "tests/tls/localhost.pem", "200", NULL});
    (void)queue_message();
    (void)receiver_next(&hooked.receiver, "body");
    assert_int_equal(code_of(event_in(&hooked, "delivered")), 200);
    unhook(&hooked);
}

/* ---- bad input ---- */

static void only_addresses_that_are_what_they_seem_are_taken(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "ftp://127.0.0.1/",
        "https://",
        "https:///x",
        "https://user@127.0.0.1/",
        "https://127.0.0.1:99999/",
        "https://127.0.0.1:0/",
        "https://127.0.0.1/#f",
        "https://127.0.0.1/a b",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://localhost./",
        "https://[::1/",
        "https://[127.0.0.1]/",
        "https://[::1]x/",
        "https://LOCALHOST/",
        "https://127.0.0.1\\\\@example.org/",
        "http://example.org/",
        "https://example.org/", /* a simulated register reaches loopback alone */
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::ffff:10.0.0.1]/",
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct answer answer = webhook_to(bad[i]);
        if (answer.code != 422)
            fail_msg("%s: %d", bad[i], answer.code);
        expect_problem(&answer, 422, "/problems/invalid");
    }
    struct answer said = webhook_to("https://example.org/");
    assert_true(holds(said.text, STR("nothing but to loopback")));
}

static void what_is_asked_of_webhooks_is_checked(void **state)
{
    (void)state;
    struct hooked hooked = HOOK("200");
    struct answer answer = post(&server, "/v1/webhooks",
                                "{\"url\":\"http://127.0.0.1/\",\"events\":[\"person.named\"]}");
    expect_problem(&answer, 422, "/problems/invalid");
    answer = post(&server, "/v1/webhooks", "{\"url\":\"http://127.0.0.1/\",\"events\":[]}");
    expect_problem(&answer, 422, "/problems/invalid");
    answer = ask(&server, server.token, "POST", hook_path(&hooked, "/rotate"),
                 STR("{\"overlap_hours\":721}"));
    expect_problem(&answer, 422, "/problems/invalid");
    answer = ask(&server, server.token, "POST", hook_path(&hooked, "/replay"),
                 STR("{\"event\":\"AAECAwQFBgcICQoLDA0ODw\"}"));
    expect_problem(&answer, 404, "/problems/not_found");
    str bound = new_token(&server, "\"scopes\":[\"administer\"],\"purposes\":[\"support\"]");
    answer = ask(&server, bound, "GET", STR("/v1/webhooks"), STR(""));
    expect_problem(&answer, 403, "/problems/forbidden");
    answer = ask(&server, bound, "GET", hook_path(&hooked, "/events"), STR(""));
    expect_problem(&answer, 403, "/problems/forbidden");
    answer = ask(&server, server.other, "DELETE", hook_path(&hooked, ""), STR(""));
    expect_problem(&answer, 404, "/problems/not_found");
    struct answer list = ask(&server, server.token, "GET", STR("/v1/webhooks"), STR(""));
    expect(&list, 200);
    assert_int_equal(json_get(list.json, "webhooks")->count, 1);
    assert_false(holds(list.text, STR("whsec_")));
    unhook(&hooked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_those_of_the_published_vector),
        cmocka_unit_test(an_event_is_told_at_once_signed_and_without_data),
        cmocka_unit_test(after_a_rotation_both_secrets_sign_for_a_while),
        cmocka_unit_test(what_was_answered_500_is_sent_again_under_the_same_id),
        cmocka_unit_test(after_three_days_it_has_failed_with_an_alarm_and_may_be_sent_again),
        cmocka_unit_test(a_receiver_that_says_gone_is_not_asked_again),
        cmocka_unit_test(what_waits_outlives_a_kill_and_is_neither_lost_nor_made_up),
        cmocka_unit_test(a_receiver_that_cuts_the_connection_has_received_nothing),
        cmocka_unit_test(a_redirect_is_not_followed),
        cmocka_unit_test(of_an_answer_without_end_its_first_line_counts),
        cmocka_unit_test(only_who_proves_to_be_the_host_is_told),
        cmocka_unit_test(only_addresses_that_are_what_they_seem_are_taken),
        cmocka_unit_test(what_is_asked_of_webhooks_is_checked),
    };
    const struct CMUnitTest impatient[] = {
        cmocka_unit_test(a_receiver_that_hangs_is_left_and_holds_nobody_up),
    };
    return cmocka_run_group_tests(tests, open_server, close_server) +
           cmocka_run_group_tests(impatient, open_impatient, close_server);
}
