/* Mail against a real mail server on the loopback: what it takes, puts off, refuses or breaks off,
 * and servers that would have it in the clear or are somebody else. */
#include "process.h"
#include "receiver.h"

#include <unistd.h>

static struct process server;
static struct receiver mail;
static str hook;
static unsigned failures;

/* How often the server has said that a try failed. */
static unsigned failures_said(void)
{
    unsigned count = 0;
    pthread_mutex_lock(&server.lock);
    for (const char *at = server.log; at != NULL && (at = strstr(at, "\"event\":\"")) != NULL;
         at++) {
        const char *event = at + 9;
        count += strncmp(event, "mail_failed\"", 12) == 0 ||
                 strncmp(event, "mail_refused\"", 13) == 0 ||
                 strncmp(event, "webhook_failed\"", 15) == 0 ||
                 strncmp(event, "webhook_refused\"", 16) == 0;
    }
    pthread_mutex_unlock(&server.lock);
    return count;
}

/* The next try that fails has ended, and the server has noted it: a clock moved before that would
 * count the one after it from then on. */
static void a_try_failed(void)
{
    (void)receiver_next(&mail, "closed");
    failures++;
    for (int i = 0; i < 100000; i++) {
        struct answer about = ask(&server, server.token, "GET", STR("/v1/register"), STR(""));
        expect(&about, 200);
        if (failures_said() >= failures)
            return;
    }
    fail_msg("nothing failed");
}

/* A mail server that answers so, our server that knows it, an officer's address to write to. */
static void open_with(const char *smtp, const char *more, const char *const *words)
{
    char settings[512];
    failures = 0;
    receiver_open(&mail, "tests/mailserver.py", words);
    (void)snprintf(settings, sizeof(settings),
                   "smtp = %s:%u\nsmtp_from = vern@example.no\npost_ms = 120000\n"
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
    a_try_failed();
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
    a_try_failed();
    move_clock("01T10:00");
    a_try_failed(); /* cut, once the message began */
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

/* ---- mail to the people in the register ---- */

struct person {
    str id, address; /* the item that holds it */
};

static struct person asker(const char *number, const char *address)
{
    struct answer made =
        ask(&server, server.token, "POST", STR("/v1/subjects"),
            arena_format(server.arena,
                         "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"%s\"}],"
                         "\"roles\":[\"asker\"]}",
                         number));
    expect(&made, 201);
    struct person person = {.id = text_of(&made, "id")};
    str body = arena_format(server.arena,
                            "{\"intake\":\"contact_form\",\"source\":\"person\","
                            "\"channel\":\"web\",\"values\":{\"contact.email\":\"%s\","
                            "\"question.text\":\"When?\"}}",
                            address);
    struct answer got =
        post_subject(&server, person.id, "collect", arena_c_string(server.arena, body));
    expect(&got, 201);
    for (const struct json *list = got.json->child; list != NULL; list = list->next) {
        const struct json *row = json_is_array(list) ? list->child : NULL;
        if (row != NULL && (json_str(json_get(row, "record"), &person.address) ||
                            json_str(json_get(row, "id"), &person.address)))
            return person;
    }
    fail_msg("no item in %.*s", STR_ARG(got.text));
}

static struct answer write_to(const struct person *person, const char *heading, const char *text)
{
    str body = arena_format(server.arena,
                            "{\"message\":\"answer\",\"channel\":\"email\",\"queue\":true,"
                            "\"item\":\"%.*s\",\"heading\":\"%s\",\"text\":\"%s\"}",
                            STR_ARG(person->address), heading, text);
    return post_subject(&server, person->id, "messages", arena_c_string(server.arena, body));
}

static void end_hook(void)
{
    struct answer ended =
        ask(&server, server.token, "DELETE",
            arena_format(server.arena, "/v1/webhooks/%.*s", STR_ARG(hook)), STR(""));
    expect(&ended, 200);
}

/* Until no task is open: each question is a turn, in which what came back is kept. */
static void expect_no_tasks(void)
{
    for (int i = 0; i < 10000; i++) {
        struct answer tasks = ask(&server, server.token, "GET", STR("/v1/tasks"), STR(""));
        if (json_get(tasks.json, "tasks")->count == 0)
            return;
    }
    fail_msg("a task stays open");
}

static bool copy_holds(const struct person *person, const char *part)
{
    struct answer copy = post_subject(&server, person->id, "access", "{\"by_subject\":true}");
    expect(&copy, 200);
    return holds(copy.text, str_from(part));
}

/* The Message-ID of a mail, as the mailbox of the firm has it. */
static str name_of_mail(str sent)
{
    const char *id = memmem(sent.ptr, sent.len, "Message-ID: <", 13);
    assert_non_null(id);
    str rest = str_slice(sent, (size_t)(id - sent.ptr) + 13, sent.len);
    const char *end = memchr(rest.ptr, '>', rest.len);
    assert_non_null(end);
    rest.len = (size_t)(end - rest.ptr);
    return rest;
}

static struct answer came_back(str name)
{
    return post(
        &server, "/v1/bounces",
        arena_c_string(server.arena,
                       arena_format(server.arena, "{\"message\":\"<%.*s>\",\"permanent\":true}",
                                    STR_ARG(name))));
}

/* Of a member of the staff who decides. */
static str manager_token(void)
{
    struct answer made = post(&server, "/v1/staff", "{\"role\":\"manager\",\"name\":\"Kari\"}");
    expect(&made, 201);
    str member = text_of(&made, "id");
    made = post(
        &server, "/v1/evidence",
        arena_c_string(server.arena, arena_format(server.arena,
                                                  "{\"type\":\"training\",\"actor\":\"%.*s\","
                                                  "\"particulars\":{\"course\":\"c\",\"until\":"
                                                  "\"2027-01-01\"}}",
                                                  STR_ARG(member))));
    expect(&made, 201);
    return new_token(&server, arena_c_string(server.arena,
                                             arena_format(server.arena,
                                                          "\"scopes\":[\"all\"],\"staff\":\"%.*s\"",
                                                          STR_ARG(member))));
}

static void a_person_is_written_to_and_the_servers_reply_is_the_proof(void **state)
{
    (void)state;
    OPEN(PLAIN, "public_url = https://privacy.example.no\n", "250");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test");
    struct answer queued = write_to(&anna, "Svar p\u00e5 sp\u00f8rsm\u00e5l", "I morgen.");
    expect(&queued, 202);
    const struct json *got = receiver_next(&mail, "mail");
    str text = receiver_text(got, "mail");
    assert_true(str_is(receiver_text(got, "to"), "anna@qanary.test"));
    assert_true(holds(text, STR("\r\nSubject: =?utf-8?B?U3ZhciBww6Ugc3DDuHJzbcOlbA==?=\r\n")));
    assert_true(holds(text, STR("\r\n\r\nSSBtb3JnZW4u"))); /* the text, in base64 */
    assert_true(holds(text, STR("\r\nList-Unsubscribe: <https://privacy.example.no/r/")));
    expect_no_tasks();
    assert_true(copy_holds(&anna, "taken by the mail server: 250"));
    close_all();
}

static struct answer drop_as(str token, const struct person *person, str record)
{
    return ask(&server, token, "POST",
               arena_format(server.arena, "/v1/tasks/%.*s/%.*s/drop", STR_ARG(person->id),
                            STR_ARG(record)),
               STR(""));
}

static void a_message_that_waits_is_dropped_by_an_officers_word(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "451");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test"), berit = asker("M-2", "b@qanary.test");
    str body = arena_format(server.arena,
                            "{\"message\":\"answer\",\"channel\":\"email\",\"queue\":true,"
                            "\"item\":\"%.*s\"}",
                            STR_ARG(anna.address));
    struct answer queued =
        post_subject(&server, anna.id, "messages", arena_c_string(server.arena, body));
    expect(&queued, 202);
    str record = text_of(&queued, "record");
    str narrow = new_token(&server, "\"scopes\":[\"share\"]");
    struct answer no = drop_as(narrow, &anna, record);
    expect_problem(&no, 403, "/problems/forbidden");
    no = drop_as(server.token, &berit, record);
    expect_problem(&no, 404, "/problems/not_found");
    no = drop_as(server.other, &anna, record);
    expect_problem(&no, 404, "/problems/not_found");
    struct answer dropped = drop_as(server.token, &anna, record);
    expect(&dropped, 200);
    expect_no_tasks();
    no = drop_as(server.token, &anna, record);
    expect_problem(&no, 404, "/problems/not_found");
    queued = write_to(&berit, "Heading", "Text"); /* one that is being sent stays */
    expect(&queued, 202);
    (void)receiver_next(&mail, "mail");
    no = drop_as(server.token, &berit, text_of(&queued, "record"));
    expect_problem(&no, 409, "/problems/conflict");
    close_all();
}

static void a_mail_that_waits_is_sealed_and_goes_with_the_person(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "451", "250");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test");
    struct person berit = asker("M-2", "berit@qanary.test");
    struct answer queued = write_to(&anna, "Qanary heading", "Qanary text");
    expect(&queued, 202);
    assert_true(str_is(receiver_text(receiver_next(&mail, "mail"), "to"), "anna@qanary.test"));
    a_try_failed();
    assert_int_equal(tree_search(server.data, STR("Qanary")), 0);
    assert_int_equal(tree_search(server.data, STR("qanary.test")), 0);
    struct answer taken = ask(&server, server.token, "POST",
                              arena_format(server.arena, "/v1/tasks/%.*s/%.*s/send",
                                           STR_ARG(anna.id), STR_ARG(text_of(&queued, "record"))),
                              STR(""));
    expect_problem(&taken, 409, "/problems/conflict");
    struct answer erased = post_subject(&server, anna.id, "erase", "{\"warned\":true}");
    expect(&erased, 200);
    move_clock("01T12:00");
    queued = write_to(&berit, "To the other", "Text");
    expect(&queued, 202);
    assert_true(str_is(receiver_text(receiver_next(&mail, "mail"), "to"), "berit@qanary.test"));
    expect_no_tasks();
    close_all();
}

static void what_is_put_off_comes_again_after_a_while_and_a_kill(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "451", "250");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test");
    struct answer queued = write_to(&anna, "Heading", "Text");
    expect(&queued, 202);
    (void)receiver_next(&mail, "mail");
    (void)receiver_next(&mail, "closed");
    process_kill(&server);
    process_start(&server);
    move_clock("01T10:00");
    (void)receiver_next(&mail, "mail");
    expect_no_tasks();
    assert_true(copy_holds(&anna, "taken by the mail server: 250"));
    close_all();
}

enum { ASKING_BYTES = 8 << 20 };

static void an_address_that_the_server_refuses_raises_an_alarm(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "550");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test");
    struct answer queued = write_to(&anna, "Heading", "Text");
    expect(&queued, 202);
    expect_no_tasks();
    struct answer alarms = ask(&server, server.token, "GET", STR("/v1/alarms"), STR(""));
    assert_true(holds(alarms.text, STR("undelivered")));
    assert_true(holds(alarms.text, anna.id));
    assert_true(copy_holds(&anna, "not taken by the mail server: 550"));
    queued = write_to(&anna, "Heading", "Once more"); /* the address fails from then on */
    expect_problem(&queued, 403, "/problems/refused");
    assert_true(holds(queued.text, STR("always.working_address")));
    close_all();
}

/* By the Message-ID of the mail, as the mailbox of the firm has it. */
static void a_mail_that_comes_back_later_closes_its_address(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "250");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test");
    struct answer answer = write_to(&anna, "Heading", "Text");
    expect(&answer, 202);
    str name = name_of_mail(receiver_text(receiver_next(&mail, "mail"), "mail"));
    expect_no_tasks();
    answer = came_back(name);
    expect(&answer, 200);
    str item = text_of(&answer, "record");
    answer = write_to(&anna, "Heading", "Once more");
    expect_problem(&answer, 403, "/problems/refused");
    str clear = arena_format(server.arena, "{\"subject\":\"%.*s\",\"item\":\"%.*s\"}",
                             STR_ARG(anna.id), STR_ARG(item));
    answer = post(&server, "/v1/bounces/clear", arena_c_string(server.arena, clear));
    expect(&answer, 200);
    answer = write_to(&anna, "Heading", "Once more");
    expect(&answer, 202);
    answer = post(&server, "/v1/bounces", "{\"message\":\"<x.y@z>\",\"permanent\":true}");
    expect_problem(&answer, 422, "/problems/invalid");
    close_all();
}

static void only_a_mail_that_can_be_one_is_queued(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "250");
    struct person anna = asker("M-1", "anna@qanary.test");
    struct answer answer = write_to(&anna, "Two\\r\\nlines", "Text");
    expect_problem(&answer, 422, "/problems/invalid");
    answer = write_to(&anna, "", "Text");
    expect_problem(&answer, 422, "/problems/invalid");
    answer = write_to(&anna, "Heading", "My card is 4111 1111 1111 1111");
    assert_true(answer.code == 403 || answer.code == 422);
    static const char *const bad[] = {
        "{\"message\":\"answer\",\"channel\":\"email\",\"heading\":\"H\",\"text\":\"T\"}",
        "{\"message\":\"answer\",\"channel\":\"email\",\"queue\":true,\"heading\":\"H\","
        "\"text\":\"T\"}",
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        answer = post_subject(&server, anna.id, "messages", bad[i]);
        expect_problem(&answer, 422, "/problems/invalid");
    }
    close_all();
}

/* ---- papers of the policy's texts ---- */

static struct answer letter_to(const struct person *person, str item, const char *rest)
{
    str body = arena_format(server.arena, "{\"item\":\"%.*s\",%s}", STR_ARG(item), rest);
    return post_subject(&server, person->id, "letters", arena_c_string(server.arena, body));
}

/* The text of a mail, which goes as base64. */
static str text_of_mail(str mail_)
{
    static const char LETTERS[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = memmem(mail_.ptr, mail_.len, "\r\n\r\n", 4);
    struct buf out = buf_in(server.arena, 64 << 10);
    uint32_t bits = 0;
    unsigned held = 0;
    assert_non_null(at);
    for (at += 4; at < mail_.ptr + mail_.len; at++) {
        const char *letter = *at == '\0' ? NULL : strchr(LETTERS, *at);
        if (letter == NULL)
            continue;
        bits = bits << 6 | (uint32_t)(letter - LETTERS);
        held += 6;
        if (held >= 8)
            buf_char(&out, (char)(bits >> (held -= 8)));
    }
    return buf_str(&out);
}

static void expect_in_copy(const struct person *person, const char *part)
{
    for (int i = 0; i < 10000; i++) {
        if (copy_holds(person, part))
            return;
    }
    fail_msg("the copy does not say %s", part);
}

/* Whoever asks the server for something else. */
static void a_mail_server_that_takes_its_time_keeps_nobody_waiting(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "wait");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test");
    struct answer queued = write_to(&anna, "Heading", "Text");
    expect(&queued, 202);
    (void)receiver_next(&mail, "mail");
    struct answer about = ask(&server, server.token, "GET", STR("/v1/register"), STR(""));
    expect(&about, 200);
    close_all(); /* nor does it keep the server from ending */
}

/* Another process asks for the register's files, and does not come for them: a few seconds. */
static void ask_to_move(void)
{
    char path[160];
    (void)snprintf(path, sizeof(path), "%s/registers/shop/move-asked", server.data);
    FILE *asked = fopen(path, "w");
    assert_non_null(asked);
    assert_int_equal(fclose(asked), 0);
}

/* The server looks once a second: that is many answers. */
static void ask_until(int code)
{
    struct arena *kept = server.arena;
    int got = 0;
    server.arena = arena_new(ASKING_BYTES);
    while (got != code) {
        arena_reset(server.arena);
        got = post(&server, "/v1/subjects", "{\"roles\":[\"asker\"]}").code;
    }
    arena_free(&server.arena);
    server.arena = kept;
}

static void a_mail_that_is_under_way_while_its_register_is_still_goes_once(void **state)
{
    (void)state;
    if (getenv("VERN_TEST_DATABASE") != NULL)
        skip(); /* only files are moved */
    OPEN(PLAIN, "", "wait", "250");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test");
    struct answer queued = write_to(&anna, "Heading", "Text");
    expect(&queued, 202);
    (void)receiver_next(&mail, "mail");
    ask_to_move();
    ask_until(503);
    assert_int_equal(write(mail.input, "\n", 1), 1);
    (void)receiver_next(&mail, "closed");
    ask_until(201);
    expect_in_copy(&anna, "taken by the mail server: 250");
    expect_no_tasks();
    move_clock("02T09:00"); /* when it would be due again */
    close(mail.input);
    mail.input = -1;
    char line[256];
    while (fgets(line, sizeof(line), mail.output) != NULL)
        assert_null(strstr(line, "\"mail\""));
    close_all();
}

/* CON-08, CLO-30, HOS-23 */
static void a_notice_is_written_by_vern_and_on_file_once_it_was_sent(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "451", "250");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test");
    struct answer shown =
        ask(&server, server.token, "GET",
            arena_format(server.arena, "/v1/subjects/%.*s", STR_ARG(anna.id)), STR(""));
    struct answer queued =
        letter_to(&anna, anna.address,
                  "\"paper\":\"notice\",\"intake\":\"contact_form\",\"language\":\"en\"");
    expect(&queued, 202);
    (void)receiver_next(&mail, "mail");
    a_try_failed();
    assert_false(copy_holds(&anna, "\"notice\""));
    assert_int_equal(tree_search(server.data, STR("qanary.test")), 0);
    move_clock("01T10:00");
    str sent = receiver_text(receiver_next(&mail, "mail"), "mail");
    assert_true(holds(sent, STR("\r\nSubject: Your personal data: You ask us something\r\n")));
    assert_true(holds(sent, STR("\r\nContent-Type: text/plain; charset=utf-8\r\n")));
    str text = text_of_mail(sent);
    assert_true(holds(text, STR("Eksempelbutikken AS")));
    assert_true(holds(text, STR("What you ask us about")));
    assert_true(holds(text, text_of(&shown, "reference")));
    expect_in_copy(&anna, "taken by the mail server: 250");
    assert_true(copy_holds(&anna, "\"notice\""));
    assert_true(copy_holds(&anna, "What you ask us about")); /* the text as it was sent */
    close_all();
}

/* The copy of her data: is there a notice that counts still? */
static bool has_notice(const struct person *person)
{
    struct answer copy = post_subject(&server, person->id, "access", "{\"by_subject\":true}");
    expect(&copy, 200);
    for (JSON_EACH(one, json_get(copy.json, "evidence"))) {
        str type, since, until;
        if (!json_str(json_get(one, "type"), &type) || !str_is(type, "notice"))
            continue;
        assert_true(json_str(json_get(one, "since"), &since));
        if (!json_str(json_get(one, "until"), &until) || !str_equal(since, until))
            return true;
    }
    return false;
}

/* What did not arrive told nobody, though the server took it. */
static void a_mailed_notice_that_comes_back_is_none(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "250");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test");
    struct answer answer =
        letter_to(&anna, anna.address, "\"paper\":\"notice\",\"intake\":\"contact_form\"");
    expect(&answer, 202);
    str name = name_of_mail(receiver_text(receiver_next(&mail, "mail"), "mail"));
    expect_in_copy(&anna, "taken by the mail server: 250");
    assert_true(has_notice(&anna));
    answer = came_back(name);
    expect(&answer, 200);
    assert_false(has_notice(&anna));
    struct answer alarms = ask(&server, server.token, "GET", STR("/v1/alarms"), STR(""));
    assert_true(holds(alarms.text, STR("undelivered")));
    answer = letter_to(&anna, anna.address, "\"paper\":\"notice\",\"intake\":\"contact_form\"");
    expect_problem(&answer, 403, "/problems/refused"); /* the address fails from then on */
    close_all();
}

/* What waits for one dossier is sent to the person whom it became part of, and is on file there. */
static void a_letter_that_waits_goes_along_when_its_dossier_is_merged(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "451", "250");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test"), also = asker("M-2", "also@qanary.test");
    struct answer answer =
        letter_to(&also, also.address, "\"paper\":\"notice\",\"intake\":\"contact_form\"");
    expect(&answer, 202);
    (void)receiver_next(&mail, "mail");
    a_try_failed();
    str kept = server.token;
    server.token = manager_token();
    str from = arena_format(server.arena, "{\"from\":\"%.*s\",\"preview\":true}", STR_ARG(also.id));
    answer = post_subject(&server, anna.id, "merge", arena_c_string(server.arena, from));
    expect(&answer, 200);
    from = arena_format(server.arena,
                        "{\"from\":\"%.*s\",\"reason\":\"One and the same.\",\"conflicts\":%zu}",
                        STR_ARG(also.id), json_get(answer.json, "conflicts")->count);
    answer = post_subject(&server, anna.id, "merge", arena_c_string(server.arena, from));
    server.token = kept;
    assert_true(answer.code < 300);
    assert_false(has_notice(&anna));
    move_clock("01T10:00");
    const struct json *got = receiver_next(&mail, "mail");
    assert_true(str_is(receiver_text(got, "to"), "also@qanary.test"));
    expect_in_copy(&anna, "taken by the mail server: 250");
    assert_true(has_notice(&anna));
    expect_no_tasks();
    close_all();
}

/* INF-79, CON-80, COB-108 */
static void what_a_version_changes_is_mailed_and_then_the_person_knows_it(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "250");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test");
    struct answer queued =
        letter_to(&anna, anna.address, "\"paper\":\"changes\",\"version\":\"2026-01\"");
    expect(&queued, 202);
    (void)receiver_next(&mail, "mail");
    expect_in_copy(&anna, "taken by the mail server: 250");
    assert_true(copy_holds(&anna, "2026-01"));
    close_all();
}

static struct answer breach_step(str breach, const char *step, const char *body)
{
    return ask(&server, server.token, "POST",
               arena_format(server.arena, "/v1/breaches/%.*s/%s", STR_ARG(breach), step),
               str_from(body));
}

/* By a member of the staff, who says so. */
static void assess_high(str breach)
{
    str kept = server.token;
    server.token = manager_token();
    struct answer made = breach_step(breach, "assessments",
                                     "{\"risk\":\"high\",\"reasons\":\"A stranger has it.\"}");
    expect(&made, 200);
    server.token = kept;
}

/* GDPR 34: who is told by mail has no task any more, and the others keep theirs. */
static void a_breach_is_told_by_mail_to_whom_it_concerned(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "250");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test");
    struct answer made = post(&server, "/v1/breaches",
                              "{\"nature\":[\"confidentiality\"],\"description\":\"Lost.\","
                              "\"all\":true}");
    expect(&made, 201);
    str breach = text_of(&made, "id");
    struct person berit = asker("M-2", "berit@qanary.test");
    const char *rest = arena_c_string(
        server.arena,
        arena_format(server.arena, "\"paper\":\"breach\",\"language\":\"en\",\"breach\":\"%.*s\"",
                     STR_ARG(breach)));
    struct answer answer = letter_to(&anna, anna.address, rest);
    expect_problem(&answer, 409, "/problems/conflict"); /* nobody is to be told of it yet */
    answer = breach_step(breach, "account",
                         "{\"language\":\"en\",\"contact\":\"The officer\",\"what\":\"A list "
                         "was sent astray.\",\"consequences\":\"Calls.\"}");
    expect(&answer, 200);
    assess_high(breach);
    answer = breach_step(breach, "scope", "");
    expect(&answer, 200);
    answer = breach_step(breach, "telling", "{\"language\":\"en\",\"mail\":\"contact.email\"}");
    expect_problem(&answer, 409, "/problems/incomplete"); /* measures */
    assert_true(holds(answer.text, STR("measures")));
    answer = breach_step(breach, "account",
                         "{\"language\":\"en\",\"contact\":\"The officer\",\"what\":\"A list "
                         "was sent astray.\",\"consequences\":\"Calls.\",\"measures\":\"It is "
                         "back.\"}");
    expect(&answer, 200);
    answer = breach_step(breach, "telling", "{\"language\":\"en\",\"mail\":\"question.text\"}");
    expect_problem(&answer, 422, "/problems/invalid");
    answer = post_subject(&server, berit.id, "erase", "{\"warned\":true,\"fields\":[\"contact\"]}");
    answer = breach_step(breach, "telling", "{\"language\":\"en\",\"mail\":\"contact.email\"}");
    expect(&answer, 200);
    str sent = receiver_text(receiver_next(&mail, "mail"), "mail");
    assert_true(holds(text_of_mail(sent), STR("A list was sent astray.")));
    expect_in_copy(&anna, "breach.told");
    struct answer tasks = ask(&server, server.token, "GET", STR("/v1/tasks"), STR(""));
    assert_int_equal(json_get(tasks.json, "tasks")->count, 1); /* who has no address */
    assert_true(holds(tasks.text, berit.id));
    answer = letter_to(&anna, anna.address, rest);
    expect_problem(&answer, 409, "/problems/conflict"); /* nobody is told twice */
    close_all();
}

static void a_mail_that_waits_is_tried_now_by_an_officers_word(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "451", "250");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test"), berit = asker("M-2", "b@qanary.test");
    struct answer queued =
        letter_to(&anna, anna.address, "\"paper\":\"notice\",\"intake\":\"contact_form\"");
    expect(&queued, 202);
    (void)receiver_next(&mail, "mail");
    a_try_failed();
    str record = text_of(&queued, "record");
    struct answer tasks = ask(&server, server.token, "GET", STR("/v1/tasks"), STR(""));
    assert_true(holds(tasks.text, STR("\"letter\"")));
    str path =
        arena_format(server.arena, "/v1/tasks/%.*s/%.*s/retry", STR_ARG(anna.id), STR_ARG(record));
    str wrong =
        arena_format(server.arena, "/v1/tasks/%.*s/%.*s/retry", STR_ARG(berit.id), STR_ARG(record));
    struct answer answer = ask(&server, server.other, "POST", path, STR(""));
    expect_problem(&answer, 404, "/problems/not_found");
    answer = ask(&server, new_token(&server, "\"scopes\":[\"share\"]"), "POST", path, STR(""));
    expect_problem(&answer, 403, "/problems/forbidden");
    answer = ask(&server, server.token, "POST", wrong, STR(""));
    expect_problem(&answer, 404, "/problems/not_found");
    answer = ask(&server, server.token, "POST", path, STR(""));
    expect(&answer, 202);
    (void)receiver_next(&mail, "mail"); /* and no clock was moved */
    expect_no_tasks();
    answer = ask(&server, server.token, "POST", path, STR(""));
    expect_problem(&answer, 404, "/problems/not_found");
    queued = post_subject(&server, anna.id, "messages",
                          "{\"message\":\"answer\",\"channel\":\"email\",\"queue\":true}");
    expect(&queued, 202); /* somebody else's to send */
    path = arena_format(server.arena, "/v1/tasks/%.*s/%.*s/retry", STR_ARG(anna.id),
                        STR_ARG(text_of(&queued, "record")));
    answer = ask(&server, server.token, "POST", path, STR(""));
    expect_problem(&answer, 409, "/problems/conflict");
    close_all();
}

static void an_event_that_waits_is_tried_now_by_hand(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "451", "250");
    make_task();
    (void)receiver_next(&mail, "mail");
    a_try_failed();
    str path = arena_format(server.arena, "/v1/webhooks/%.*s/events", STR_ARG(hook));
    struct answer events = ask(&server, server.token, "GET", path, STR(""));
    str event = STR("");
    (void)json_str(json_get(json_get(events.json, "events")->child, "id"), &event);
    struct answer answer =
        ask(&server, server.token, "POST",
            arena_format(server.arena, "/v1/webhooks/%.*s/replay", STR_ARG(hook)),
            arena_format(server.arena, "{\"event\":\"%.*s\"}", STR_ARG(event)));
    expect(&answer, 202);
    (void)receiver_next(&mail, "mail");
    assert_int_equal(code_once("delivered"), 250);
    close_all();
}

static void only_a_letter_that_can_be_one_is_queued(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "250");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test"), berit = asker("M-2", "b@qanary.test");
    static const char *const bad[] = {
        "\"paper\":\"poem\"",
        "\"paper\":\"notice\"",
        "\"paper\":\"notice\",\"intake\":\"nowhere\"",
        "\"paper\":\"notice\",\"intake\":\"contact_form\",\"language\":\"fr\"",
        "\"paper\":\"notice\",\"intake\":\"contact_form\",\"type\":\"balancing\"",
        "\"paper\":\"notice\",\"intake\":\"contact_form\",\"version\":\"1999\"",
        "\"paper\":\"notice\",\"intake\":\"contact_form\",\"breach\":\"BBBBBBBBBBBBBBBBBBBBBA\"",
        "\"paper\":\"changes\"",
        "\"paper\":\"changes\",\"version\":\"1999\"",
        "\"paper\":\"changes\",\"version\":\"2026-01\",\"intake\":\"contact_form\"",
        "\"paper\":\"breach\"",
        "\"paper\":\"breach\",\"type\":\"notice\"",
        "\"paper\":\"notice\",\"intake\":\"contact_form\",\"heading\":\"Mine\"",
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct answer answer = letter_to(&anna, anna.address, bad[i]);
        if (answer.code != 422 && answer.code != 400)
            fail_msg("%s: %d", bad[i], answer.code);
    }
    static const char good[] = "\"paper\":\"notice\",\"intake\":\"contact_form\"";
    struct answer answer = letter_to(&anna, anna.address,
                                     "\"paper\":\"notice\",\"intake\":\"contact_form\","
                                     "\"language\":\"nn\"");
    expect_problem(&answer, 409, "/problems/incomplete"); /* the policy has no names in it */
    assert_true(holds(answer.text, STR("intakes.contact_form")));
    answer = letter_to(&anna, berit.address, good);
    expect_problem(&answer, 404, "/problems/not_found");
    answer = letter_to(&anna, STR("AAAAAAAAAAAAAAAAAAAAAA"), good);
    expect_problem(&answer, 404, "/problems/not_found");
    str kept = server.token;
    server.token = new_token(&server, "\"scopes\":[\"share\"]");
    answer = letter_to(&anna, anna.address, good);
    expect_problem(&answer, 403, "/problems/forbidden");
    server.token = server.other;
    answer = letter_to(&anna, anna.address, good);
    expect_problem(&answer, 404, "/problems/not_found");
    server.token = kept;
    answer = letter_to(&anna, anna.address, good);
    expect(&answer, 202);
    assert_true(holds(receiver_text(receiver_next(&mail, "mail"), "to"), STR("anna@qanary.test")));
    close_all();
}

static void an_address_that_fails_gets_no_letter_and_one_refused_is_alarmed(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "550");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test");
    static const char good[] = "\"paper\":\"notice\",\"intake\":\"contact_form\"";
    struct answer queued = letter_to(&anna, anna.address, good);
    expect(&queued, 202);
    (void)receiver_next(&mail, "mail");
    a_try_failed();
    for (int i = 0; i < 10000 && queued.code == 202; i++)
        queued = letter_to(&anna, anna.address, good);
    expect_problem(&queued, 403, "/problems/refused");
    assert_true(holds(queued.text, STR("always.working_address")));
    assert_false(copy_holds(&anna, "\"notice\"")); /* nobody was told */
    struct answer alarms = ask(&server, server.token, "GET", STR("/v1/alarms"), STR(""));
    assert_true(holds(alarms.text, STR("undelivered")));
    close_all();
}

/* GDPR 12(3), 12(4), 12(6): that it came, that proof is asked, what was decided. */
static struct answer mail_of_request(str request, const char *body)
{
    return ask(&server, server.token, "POST",
               arena_format(server.arena, "/v1/requests/%.*s/mail", STR_ARG(request)),
               str_from(body));
}

static struct answer step_of_request(str request, const char *step, str body)
{
    return ask(&server, server.token, "POST",
               arena_format(server.arena, "/v1/requests/%.*s/%s", STR_ARG(request), step), body);
}

static void decide_no(str request)
{
    str kept = server.token;
    server.token = manager_token();
    struct answer answer =
        step_of_request(request, "decision",
                        STR("{\"right\":\"erase\",\"outcome\":\"refused\",\"exception\":"
                            "\"no_ground\",\"reasons\":\"There is a ground still.\"}"));
    expect(&answer, 201);
    server.token = kept;
}

static str item_body(const struct person *person)
{
    return arena_format(server.arena, "{\"item\":\"%.*s\",\"language\":\"en\"}",
                        STR_ARG(person->address));
}

static void whoever_makes_a_request_hears_by_mail_that_it_came_and_what_was_decided(void **state)
{
    (void)state;
    OPEN(PLAIN, "", "250");
    end_hook();
    struct person anna = asker("M-1", "anna@qanary.test"), berit = asker("M-2", "b@qanary.test");
    struct answer taken = post(&server, "/v1/requests",
                               "{\"channel\":\"email\",\"rights\":[\"erase\"],"
                               "\"contact\":\"stranger@qanary.test\",\"text\":\"Qanary\"}");
    expect(&taken, 201);
    str request = text_of(&taken, "id");
    struct answer answer = mail_of_request(request, arena_c_string(server.arena, item_body(&anna)));
    expect_problem(&answer, 409, "/problems/conflict"); /* nobody knows that it is hers */
    answer = mail_of_request(request, "{\"language\":\"fr\"}");
    expect_problem(&answer, 422, "/problems/invalid");
    answer = mail_of_request(request, "{\"language\":\"en\"}");
    expect(&answer, 202);
    const struct json *got = receiver_next(&mail, "mail");
    assert_true(str_is(receiver_text(got, "to"), "stranger@qanary.test"));
    str text = text_of_mail(receiver_text(got, "mail"));
    assert_true(holds(text, text_of(&taken, "number")));
    assert_false(holds(text, STR("Qanary")));
    expect_no_tasks();
    answer = step_of_request(
        request, "identity",
        arena_format(server.arena,
                     "{\"outcome\":\"proven\",\"method\":\"in_person\",\"subject\":\"%.*s\"}",
                     STR_ARG(anna.id)));
    expect(&answer, 201);
    answer = mail_of_request(request, arena_c_string(server.arena, item_body(&berit)));
    expect_problem(&answer, 404, "/problems/not_found"); /* another's address */
    answer = mail_of_request(request, arena_c_string(server.arena, item_body(&anna)));
    expect(&answer, 202);
    got = receiver_next(&mail, "mail");
    assert_true(str_is(receiver_text(got, "to"), "anna@qanary.test"));
    expect_in_copy(&anna, "taken by the mail server: 250");
    expect_no_tasks();
    decide_no(request);
    answer = mail_of_request(request, arena_c_string(server.arena, item_body(&anna)));
    expect(&answer, 202);
    text = text_of_mail(receiver_text(receiver_next(&mail, "mail"), "mail"));
    assert_true(holds(text, STR("Our answer to your request")));
    assert_true(holds(text, STR("There is a ground still."))); /* the reasons */
    assert_true(holds(text, STR("17(1)")));                    /* the exception */
    assert_true(holds(text, STR("Datatilsynet")));             /* whom to complain to */
    assert_true(holds(text, text_of(&taken, "number")));
    expect_no_tasks();
    struct answer without = post(&server, "/v1/requests",
                                 "{\"channel\":\"phone\",\"rights\":[\"access\"],"
                                 "\"contact\":\"22 00 00 00\"}");
    expect(&without, 201);
    answer = mail_of_request(text_of(&without, "id"), "{}");
    expect_problem(&answer, 422, "/problems/invalid");
    str kept = server.token;
    server.token = server.other;
    answer = mail_of_request(request, "{}");
    expect_problem(&answer, 404, "/problems/not_found");
    server.token = new_token(&server, "\"scopes\":[\"share\",\"rights\"]");
    answer = mail_of_request(request, "{}");
    server.token = kept;
    assert_true(answer.code == 403 || answer.code == 401);
    assert_int_equal(tree_search(server.data, STR("qanary.test")), 0);
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
        cmocka_unit_test(a_person_is_written_to_and_the_servers_reply_is_the_proof),
        cmocka_unit_test(a_message_that_waits_is_dropped_by_an_officers_word),
        cmocka_unit_test(a_mail_that_waits_is_sealed_and_goes_with_the_person),
        cmocka_unit_test(what_is_put_off_comes_again_after_a_while_and_a_kill),
        cmocka_unit_test(a_mail_server_that_takes_its_time_keeps_nobody_waiting),
        cmocka_unit_test(a_mail_that_is_under_way_while_its_register_is_still_goes_once),
        cmocka_unit_test(an_address_that_the_server_refuses_raises_an_alarm),
        cmocka_unit_test(a_mail_that_comes_back_later_closes_its_address),
        cmocka_unit_test(only_a_mail_that_can_be_one_is_queued),
        cmocka_unit_test(a_notice_is_written_by_vern_and_on_file_once_it_was_sent),
        cmocka_unit_test(a_mailed_notice_that_comes_back_is_none),
        cmocka_unit_test(a_letter_that_waits_goes_along_when_its_dossier_is_merged),
        cmocka_unit_test(what_a_version_changes_is_mailed_and_then_the_person_knows_it),
        cmocka_unit_test(a_breach_is_told_by_mail_to_whom_it_concerned),
        cmocka_unit_test(only_a_letter_that_can_be_one_is_queued),
        cmocka_unit_test(whoever_makes_a_request_hears_by_mail_that_it_came_and_what_was_decided),
        cmocka_unit_test(a_mail_that_waits_is_tried_now_by_an_officers_word),
        cmocka_unit_test(an_event_that_waits_is_tried_now_by_hand),
        cmocka_unit_test(an_address_that_fails_gets_no_letter_and_one_refused_is_alarmed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
