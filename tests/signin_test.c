/* Sign-in of people over HTTP: links by mail, sessions, what may be done and what may not. A real
 * server process; the mail goes to a real mail server on the loopback. */
#include "process.h"
#include "receiver.h"

#include <unistd.h>

#include "file.h"

enum { LINK_TEXT = 43 };

static struct process server;
static struct receiver mail;
static str shop, other; /* the registers' public ids */
static size_t clients;

static str register_id(str token)
{
    struct answer answer = ask(&server, token, "GET", STR("/v1/register"), STR(""));
    return text_of(&answer, "public");
}

static char policy_path[] = "/tmp/vern-signin-XXXXXX";

/* The example, and a number by which those are told apart who share an address; and a correction
 * asks for no more than a sign-in. */
static const char *with_second_proof(void)
{
    static const char *const more[][2] = {
        {"fields: { name: name, email: email, phone: phone }",
         "\n    second_proof: [contact.phone]"},
        {"rectify:     {", " needs: none "},
    };
    CLEANUP(arena_free) struct arena *arena = arena_new(4 << 20);
    struct report report = {0};
    str policy;
    assert_true(is_ok(file_read("policies/example.yaml", arena, 1 << 20, &report, &policy)));
    for (size_t i = 0; i < LENGTH(more); i++) {
        const char *at = memmem(policy.ptr, policy.len, more[i][0], strlen(more[i][0]));
        assert_non_null(at);
        size_t split = (size_t)(at - policy.ptr) + strlen(more[i][0]);
        policy = arena_format(arena, "%.*s%s%.*s", (int)split, policy.ptr, more[i][1],
                              (int)(policy.len - split), policy.ptr + split);
    }
    FILE *file = fdopen(mkstemp(policy_path), "w");
    assert_non_null(file);
    (void)fprintf(file, "%.*s", STR_ARG(policy));
    assert_int_equal(fclose(file), 0);
    return policy_path;
}

static int open_server(void **state)
{
    static char settings[512];
    *state = NULL;
    receiver_open(&mail, "tests/mailserver.py", (const char *const[]){"250", NULL});
    (void)snprintf(settings, sizeof(settings),
                   "smtp = smtp+plain://127.0.0.1:%u\nsmtp_from = vern@example.no\n"
                   "post_ms = 120000\npublic_url = https://stopp.example.no\n"
                   "public_per_minute = 1000\nproxies = 127.0.0.1\n",
                   mail.port);
    process_open_under(&server, with_second_proof(), settings);
    shop = register_id(server.token);
    other = register_id(server.other);
    struct answer weighed = post(&server, "/v1/evidence",
                                 "{\"type\":\"balancing\",\"purpose\":\"support\","
                                 "\"particulars\":{\"reference\":\"w\"}}");
    expect(&weighed, 201);
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    receiver_close(&mail);
    (void)unlink(policy_path);
    return 0;
}

/* ---- people ---- */

struct person {
    str id, address, item;
};

static str text(const char *format, ...) PRINTF_LIKE(1, 2);
static str text(const char *format, ...)
{
    va_list list;
    char room[4096];
    va_start(list, format);
    int length = vsnprintf(room, sizeof(room), format, list);
    va_end(list);
    assert_true(length >= 0 && (size_t)length < sizeof(room));
    return arena_copy(server.arena, (str){room, (size_t)length});
}

static struct person somebody(const char *number, const char *address)
{
    struct answer made = ask(&server, server.token, "POST", STR("/v1/subjects"),
                             text("{\"identifiers\":[{\"kind\":\"number\",\"value\":\"%s\"}],"
                                  "\"roles\":[\"asker\",\"subscriber\"]}",
                                  number));
    expect(&made, 201);
    struct person person = {.id = text_of(&made, "id"), .address = str_from(address)};
    str body = text("{\"intake\":\"contact_form\",\"source\":\"person\",\"channel\":\"web\","
                    "\"values\":{\"contact.email\":\"%s\",\"question.text\":\"When?\"}}",
                    address);
    struct answer got =
        post_subject(&server, person.id, "collect", arena_c_string(server.arena, body));
    expect(&got, 201);
    const struct json *items = json_get(got.json, "items");
    for (const struct json *row = items == NULL ? NULL : items->child; row != NULL;
         row = row->next) {
        str field;
        if (json_str(json_get(row, "field"), &field) && str_is(field, "contact.email"))
            (void)json_str(json_get(row, "id"), &person.item);
    }
    assert_int_equal(person.item.len, 22);
    return person;
}

static void move_clock(const char *to)
{
    struct answer moved =
        ask(&server, server.token, "POST", STR("/v1/clock"), text("{\"to\":\"%s\"}", to));
    expect(&moved, 200);
}

/* ---- a browser ---- */

struct browser {
    str asked, session, csrf, code; /* cookies, "name=value" */
    str from;                       /* its address */
};

static struct browser new_browser(void)
{
    clients++;
    return (struct browser){.from = text("198.18.%zu.%zu", clients / 250, clients % 250)};
}

static void keep_cookie(struct browser *browser, const struct answer *answer)
{
    str field = http_response_header(&answer->response, "Set-Cookie"), pair;
    if (field.ptr == NULL)
        return;
    assert_true(holds(field, STR("; Path=/; ")) && holds(field, STR("; Secure; HttpOnly; ")));
    assert_true(str_ends(field, STR("; SameSite=Strict")));
    assert_true(str_next(&field, ';', &pair));
    if (str_starts(pair, STR("__Host-vern-asked=")))
        browser->asked = pair;
    else if (str_starts(pair, STR("__Host-vern-session=")))
        browser->session = pair;
    else
        fail_msg("an odd cookie: %.*s", STR_ARG(pair));
}

static struct answer send(struct browser *browser, const char *method, str path, const char *media,
                          str body)
{
    struct http_field fields[3] = {{STR("X-Forwarded-For"), browser->from}};
    size_t count = 1;
    str cookies = browser->asked;
    if (browser->session.len > 0)
        cookies = browser->asked.len > 0
                      ? text("%.*s; %.*s", STR_ARG(browser->asked), STR_ARG(browser->session))
                      : browser->session;
    if (cookies.len > 0)
        fields[count++] = (struct http_field){STR("Cookie"), cookies};
    if (browser->csrf.len > 0)
        fields[count++] = (struct http_field){STR("X-Vern-CSRF"), browser->csrf};
    struct answer answer = ask_with(&server, method, path, media, body, fields, count);
    keep_cookie(browser, &answer);
    return answer;
}

static struct answer ask_link(struct browser *browser, str register_, str address)
{
    struct answer answer =
        send(browser, "POST", text("/r/%.*s%s?lang=en", STR_ARG(register_), "/sign-in"),
             "application/x-www-form-urlencoded", text("address=%.*s", STR_ARG(address)));
    const char *strong = memmem(answer.text.ptr, answer.text.len, "<strong>", 8);
    if (answer.code == 200) {
        assert_non_null(strong);
        browser->code = (str){strong + 8, 9};
    }
    return answer;
}

/* Two mails of one turn are sent by two threads, so that the second may come first: it is put by.
 */
static struct {
    str to, content;
} early[2];
static size_t early_count;

static bool take_early(str address, str *content)
{
    for (size_t i = 0; i < early_count; i++) {
        if (!str_equal(early[i].to, address))
            continue;
        *content = early[i].content;
        early[i] = early[--early_count];
        return true;
    }
    return false;
}

/* What stands in the next mail to this address. */
static str next_mail(str address)
{
    str content = {0};
    while (!take_early(address, &content)) {
        const struct json *got = receiver_next(&mail, "mail");
        str to = receiver_text(got, "to");
        if (early_count == LENGTH(early))
            fail_msg("mail to %.*s", STR_ARG(to));
        early[early_count].to = arena_copy(server.arena, to);
        early[early_count++].content = arena_copy(server.arena, receiver_text(got, "mail"));
    }
    return content;
}

static str mail_to(str address)
{
    str content = next_mail(address);
    assert_null(memmem(content.ptr, content.len, "List-Unsubscribe", 16));
    const char *at = memmem(content.ptr, content.len, "\r\n\r\n", 4);
    assert_non_null(at);
    struct buf buf = buf_in(server.arena, content.len);
    for (const char *c = at; c < content.ptr + content.len; c++) {
        if (*c > ' ')
            buf_char(&buf, *c);
    }
    char *plain = arena_take(server.arena, content.len);
    size_t length;
    assert_true(base64_decode(buf_str(&buf), plain, content.len, &length));
    return (str){plain, length};
}

/* The path of the link in it. */
static str link_in_mail(str address)
{
    str plain = mail_to(address);
    const char *at = memmem(plain.ptr, plain.len, "https://stopp.example.no", 24);
    assert_non_null(at);
    return (str){at + 24, strlen("/r//sign-in/") + 22 + LINK_TEXT};
}

static struct answer follow(struct browser *browser, str path, const char *code)
{
    return send(browser, "POST", text("%.*s?lang=en", STR_ARG(path)),
                "application/x-www-form-urlencoded",
                code == NULL ? STR("") : text("code=%s", code));
}

static void take_csrf(struct browser *browser)
{
    struct answer mine = send(browser, "GET", STR("/v1/session"), "", STR(""));
    expect(&mine, 200);
    browser->csrf = text_of(&mine, "csrf");
    assert_int_equal(browser->csrf.len, 43);
}

static struct browser signed_in(const struct person *person)
{
    struct browser browser = new_browser();
    struct answer asked = ask_link(&browser, shop, person->address);
    expect(&asked, 200);
    struct answer in = follow(&browser, link_in_mail(person->address), NULL);
    expect(&in, 200);
    take_csrf(&browser);
    return browser;
}

static bool is_in(struct browser *browser)
{
    struct answer mine = send(browser, "GET", STR("/v1/session"), "", STR(""));
    if (mine.code != 200)
        expect_problem(&mine, 401, "/problems/unauthenticated");
    return mine.code == 200;
}

static void same_refusal(const struct answer *a, const struct answer *b)
{
    expect(a, 403);
    expect(b, 403);
    assert_true(str_equal(a->text, b->text));
    assert_null(http_response_header(&a->response, "Set-Cookie").ptr);
    assert_null(http_response_header(&b->response, "Set-Cookie").ptr);
}

/* ---- links ---- */

static void a_link_signs_in_whoever_asked_and_only_once(void **state)
{
    (void)state;
    struct person anna = somebody("S-1", "anna@qanary.test");
    struct browser browser = new_browser(), late = new_browser();
    struct answer asked = ask_link(&browser, shop, anna.address);
    expect(&asked, 200);
    str link = link_in_mail(anna.address);
    struct answer page = send(&late, "GET", link, "", STR(""));
    expect(&page, 200);
    assert_true(holds(page.text, STR("<button")));
    assert_false(holds(page.text, STR("<script")));
    assert_true(str_is(http_response_header(&page.response, "Cache-Control"), "no-store"));
    assert_true(str_is(http_response_header(&page.response, "Referrer-Policy"), "no-referrer"));
    struct answer in = follow(&browser, link, NULL);
    expect(&in, 200);
    take_csrf(&browser);
    struct answer again = follow(&browser, link, NULL);
    struct answer forged = follow(&browser, text("%.*sA", (int)link.len - 1, link.ptr), NULL);
    same_refusal(&again, &forged);
    assert_true(is_in(&browser));
}

/* Known or not, shared or not: one answer but for the code, and it comes on a tick. */
static void whoever_asks_for_whomever_is_answered_alike(void **state)
{
    (void)state;
    struct person berit = somebody("S-2", "berit@qanary.test");
    (void)somebody("S-3", "both@qanary.test");
    (void)somebody("S-4", "both@qanary.test");
    static const char *const addresses[] = {"berit@qanary.test", "nobody@qanary.test",
                                            "both@qanary.test", "no address", ""};
    str first = {0};
    for (size_t i = 0; i < LENGTH(addresses); i++) {
        struct browser browser = new_browser();
        struct answer answer = ask_link(&browser, shop, str_from(addresses[i]));
        expect(&answer, 200);
        assert_true(browser.asked.len > 43);
        assert_false(holds(answer.text, STR("qanary")));
        const char *code = memmem(answer.text.ptr, answer.text.len, "<strong>", 8);
        assert_non_null(code);
        str rest = text("%.*s%s", (int)(code - answer.text.ptr), answer.text.ptr, code + 17);
        if (first.ptr != NULL)
            assert_true(str_equal(rest, first));
        first = rest;
    }
    (void)link_in_mail(berit.address);
    (void)link_in_mail(
        STR("both@qanary.test")); /* and to nobody else: the next is another test's */
}

/* ---- an address of several people ---- */

static struct person sharing(const char *number, const char *address, const char *phone)
{
    struct person person = somebody(number, address);
    str body = text("{\"intake\":\"contact_form\",\"source\":\"person\",\"channel\":\"web\","
                    "\"optional\":[\"contact.phone\"],\"values\":{\"contact.email\":\"%s\","
                    "\"question.text\":\"Why?\",\"contact.phone\":\"%s\"}}",
                    address, phone);
    struct answer got =
        post_subject(&server, person.id, "collect", arena_c_string(server.arena, body));
    expect(&got, 201);
    return person;
}

static struct answer prove(struct browser *browser, str path, const char *proof)
{
    return send(browser, "POST", text("%.*s?lang=en", STR_ARG(path)),
                "application/x-www-form-urlencoded", text("proof=%s", proof));
}

static void who_shares_an_address_signs_in_by_a_second_proof(void **state)
{
    (void)state;
    struct person ada = sharing("S-31", "twins@qanary.test", "+47 90 00 00 31");
    struct person bo = sharing("S-32", "twins@qanary.test", "90000032");
    struct browser browser = new_browser();
    struct answer asked = ask_link(&browser, shop, ada.address);
    expect(&asked, 200);
    str link = link_in_mail(ada.address);
    struct answer page = send(&browser, "GET", link, "", STR(""));
    expect(&page, 200);
    assert_true(holds(page.text, STR("name=\"proof\"")));
    struct answer none = follow(&browser, link, NULL), wrong = prove(&browser, link, "90000033");
    same_refusal(&none, &wrong);
    struct browser stranger = new_browser();
    struct answer elsewhere = prove(&stranger, link, "90000032");
    same_refusal(&elsewhere, &wrong);
    struct answer in = prove(&browser, link, "%2B4790000032");
    expect(&in, 200);
    struct answer mine = send(&browser, "GET", STR("/v1/me"), "", STR(""));
    expect(&mine, 200);
    struct answer is =
        ask(&server, server.token, "GET", text("/v1/subjects/%.*s", STR_ARG(bo.id)), STR(""));
    assert_true(str_equal(text_of(&mine, "reference"), text_of(&is, "reference")));
    struct answer again = prove(&browser, link, "90000032");
    same_refusal(&again, &wrong);
}

static void a_proof_of_two_people_is_none(void **state)
{
    (void)state;
    struct person one = sharing("S-33", "pair@qanary.test", "90000034");
    (void)sharing("S-34", "pair@qanary.test", "90000034");
    struct browser browser = new_browser();
    struct answer asked = ask_link(&browser, shop, one.address);
    expect(&asked, 200);
    struct answer no = prove(&browser, link_in_mail(one.address), "90000034");
    expect(&no, 403);
    assert_false(is_in(&browser));
}

static void proofs_are_guessed_five_times_a_link_and_ten_times_a_day(void **state)
{
    (void)state;
    struct person one = sharing("S-35", "crowd@qanary.test", "90000035");
    (void)sharing("S-36", "crowd@qanary.test", "90000036");
    for (size_t link_ = 0; link_ < 2; link_++) {
        struct browser browser = new_browser();
        struct answer asked = ask_link(&browser, shop, one.address);
        expect(&asked, 200);
        str link = link_in_mail(one.address);
        for (size_t i = 0; i < 5; i++) {
            struct answer no = prove(&browser, link, "90000099");
            expect(&no, 403);
        }
        struct answer late = prove(&browser, link, "90000035");
        expect(&late, 403);
    }
    struct browser later_ = new_browser();
    struct answer more = ask_link(&later_, shop, one.address);
    expect(&more, 200);
    struct person other_ = somebody("S-37", "another@qanary.test");
    (void)signed_in(&other_); /* the next mail is theirs */
}

static void another_browser_needs_the_code_and_has_five_tries(void **state)
{
    (void)state;
    struct person dag = somebody("S-5", "dag@qanary.test");
    struct browser asked = new_browser(), elsewhere = new_browser();
    struct answer answer = ask_link(&asked, shop, dag.address);
    expect(&answer, 200);
    str link = link_in_mail(dag.address);
    struct answer bare = follow(&elsewhere, link, NULL);
    struct answer wrong = follow(&elsewhere, link, "AAAA-AAAA");
    same_refusal(&bare, &wrong);
    char typed[16];
    (void)snprintf(typed, sizeof(typed), " %.*s", STR_ARG(asked.code));
    typed[5] = ' ';
    for (char *c = typed; *c != '\0'; c++)
        *c = *c == ' ' ? '+' : *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
    struct answer in = follow(&elsewhere, link, typed);
    expect(&in, 200);
    assert_true(is_in(&elsewhere));
    assert_false(is_in(&asked));
    answer = ask_link(&asked, shop, dag.address);
    link = link_in_mail(dag.address);
    for (int i = 0; i < 5; i++)
        wrong = follow(&elsewhere, link, "AAAA-AAAA");
    struct answer spent = follow(&asked, link, NULL);
    same_refusal(&wrong, &spent);
}

/* With a link and code of one's own, another site would sign its reader in as oneself. */
static void a_page_of_another_site_signs_nobody_in(void **state)
{
    (void)state;
    static const struct http_field whence[] = {{{"Sec-Fetch-Site", 14}, {"cross-site", 10}},
                                               {{"Sec-Fetch-Site", 14}, {"same-site", 9}},
                                               {{"Origin", 6}, {"https://evil.example", 20}}};
    struct person wanda = somebody("S-29", "wanda@qanary.test");
    struct browser thief = new_browser(), reader = new_browser();
    struct answer asked = ask_link(&thief, shop, wanda.address);
    expect(&asked, 200);
    str link = link_in_mail(wanda.address);
    const char *code = arena_c_string(server.arena, thief.code);
    struct answer none = follow(&reader, text("/r/%.*s/sign-in/x", STR_ARG(shop)), code);
    for (size_t i = 0; i < LENGTH(whence); i++) {
        struct http_field fields[] = {{STR("X-Forwarded-For"), reader.from}, whence[i]};
        struct answer no =
            ask_with(&server, "POST", text("%.*s?lang=en", STR_ARG(link)),
                     "application/x-www-form-urlencoded", text("code=%s", code), fields, 2);
        same_refusal(&none, &no);
    }
    struct http_field fields[] = {{STR("X-Forwarded-For"), reader.from},
                                  {STR("Sec-Fetch-Site"), STR("same-origin")},
                                  {STR("Origin"), STR("https://stopp.example.no")}};
    struct answer in =
        ask_with(&server, "POST", text("%.*s?lang=en", STR_ARG(link)),
                 "application/x-www-form-urlencoded", text("code=%s", code), fields, 3);
    expect(&in, 200); /* it was not spent by them */
}

static void a_link_of_one_register_is_none_in_another(void **state)
{
    (void)state;
    struct person eli = somebody("S-6", "eli@qanary.test");
    struct browser browser = new_browser();
    struct answer asked = ask_link(&browser, shop, eli.address);
    expect(&asked, 200);
    str link = link_in_mail(eli.address);
    str last = str_slice(link, link.len - LINK_TEXT, link.len);
    struct answer foreign =
        follow(&browser, text("/r/%.*s/sign-in/%.*s", STR_ARG(other), STR_ARG(last)), NULL);
    expect(&foreign, 403);
    struct answer in = follow(&browser, link, NULL);
    expect(&in, 200);
}

static void three_links_an_hour_go_to_an_address_and_the_answer_stays_the_same(void **state)
{
    (void)state;
    struct person finn = somebody("S-7", "finn@qanary.test");
    struct person gro = somebody("S-8", "gro@qanary.test");
    for (int i = 0; i < 4; i++) {
        struct browser browser = new_browser();
        struct answer asked = ask_link(&browser, shop, finn.address);
        expect(&asked, 200);
        if (i < 3)
            (void)link_in_mail(finn.address);
    }
    struct browser browser = new_browser();
    struct answer asked = ask_link(&browser, shop, gro.address);
    expect(&asked, 200);
    (void)link_in_mail(gro.address); /* and no fourth before it */
    move_clock("2026-03-01T11:00:00Z");
    asked = ask_link(&browser, shop, finn.address);
    (void)link_in_mail(finn.address);
}

static void one_client_asks_ten_times_a_minute(void **state)
{
    (void)state;
    struct browser browser = new_browser();
    int refused = 0;
    for (int i = 0; i < 40 && refused == 0; i++) {
        struct answer asked = ask_link(&browser, shop, STR("nobody@qanary.test"));
        if (asked.code != 200)
            expect_problem(&asked, 429, "/problems/rate");
        refused += asked.code != 200;
        assert_true(refused == 0 || i >= 10);
    }
    assert_int_equal(refused, 1);
}

static void a_link_is_over_after_a_quarter_of_an_hour(void **state)
{
    (void)state;
    struct person hege = somebody("S-9", "hege@qanary.test");
    struct browser browser = new_browser();
    move_clock("2026-03-01T12:00:00Z");
    struct answer asked = ask_link(&browser, shop, hege.address);
    expect(&asked, 200);
    str link = link_in_mail(hege.address);
    move_clock("2026-03-01T12:15:00Z");
    struct answer late = follow(&browser, link, NULL), none = follow(&browser, link, NULL);
    same_refusal(&late, &none);
}

static void a_link_of_someone_who_was_erased_is_none(void **state)
{
    (void)state;
    struct person ida = somebody("S-10", "ida@qanary.test");
    struct browser browser = new_browser();
    struct answer asked = ask_link(&browser, shop, ida.address);
    expect(&asked, 200);
    str link = link_in_mail(ida.address);
    struct answer erased = post_subject(&server, ida.id, "erase", "{\"warned\":true}");
    expect(&erased, 200);
    struct answer gone = follow(&browser, link, NULL), none = follow(&browser, link, NULL);
    same_refusal(&gone, &none);
}

/* ---- sessions ---- */

static void a_token_is_no_session_and_opens_nothing_of_anyones_own(void **state)
{
    (void)state;
    static const char *const routes[][2] = {{"GET", "/v1/session"},
                                            {"POST", "/v1/session/end"},
                                            {"GET", "/v1/me/sessions"},
                                            {"POST", "/v1/me/sessions/AAAAAAAAAAAAAAAAAAAAAA/end"}};
    for (size_t i = 0; i < LENGTH(routes); i++) {
        struct answer answer =
            ask(&server, server.token, routes[i][0], str_from(routes[i][1]), STR(""));
        expect_problem(&answer, 401, "/problems/unauthenticated");
    }
}

static void a_persons_session_opens_nothing_that_takes_a_token(void **state)
{
    (void)state;
    struct person jon = somebody("S-11", "jon@qanary.test");
    struct browser browser = signed_in(&jon);
    static const char *const routes[] = {"/v1/register", "/v1/subjects", "/v1/sessions",
                                         "/v1/tokens", "/v1/requests"};
    for (size_t i = 0; i < LENGTH(routes); i++) {
        struct answer answer = send(&browser, "GET", str_from(routes[i]), "", STR(""));
        expect_problem(&answer, 401, "/problems/unauthenticated");
    }
    struct answer read = send(&browser, "POST", text("/v1/subjects/%.*s/access", STR_ARG(jon.id)),
                              "application/json", STR("{}"));
    expect_problem(&read, 401, "/problems/unauthenticated");
}

static void without_the_csrf_value_nothing_changes(void **state)
{
    (void)state;
    struct person kari = somebody("S-12", "kari@qanary.test");
    struct browser browser = signed_in(&kari), bare = browser;
    bare.csrf = STR("");
    struct answer out = send(&bare, "POST", STR("/v1/session/end"), "", STR(""));
    expect_problem(&out, 403, "/problems/forbidden");
    bare.csrf = STR("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    out = send(&bare, "POST", STR("/v1/session/end"), "", STR(""));
    expect_problem(&out, 403, "/problems/forbidden");
    assert_true(is_in(&browser));
    struct browser kept = browser;
    out = send(&browser, "POST", STR("/v1/session/end"), "", STR(""));
    expect(&out, 200);
    assert_false(is_in(&kept));
}

/* Nobody can plant a session: two cookies of one name are none, and signing in makes a new one. */
static void a_planted_cookie_is_none_and_signing_in_makes_another(void **state)
{
    (void)state;
    struct person lars = somebody("S-13", "lars@qanary.test");
    struct browser browser = signed_in(&lars);
    struct browser twice = browser;
    twice.asked = browser.session;
    assert_false(is_in(&twice));
    struct browser next = browser;
    next.csrf = STR("");
    struct answer asked = ask_link(&next, shop, lars.address);
    expect(&asked, 200);
    struct answer in = follow(&next, link_in_mail(lars.address), NULL);
    expect(&in, 200);
    assert_false(str_equal(next.session, browser.session));
    assert_true(is_in(&next));
    browser.asked = STR("");
    assert_false(is_in(&browser));
}

static void officers_list_sessions_and_end_them(void **state)
{
    (void)state;
    struct person mari = somebody("S-14", "mari@qanary.test");
    struct browser browser = signed_in(&mari), second = signed_in(&mari);
    struct answer own = send(&browser, "GET", STR("/v1/me/sessions"), "", STR(""));
    expect(&own, 200);
    assert_int_equal(json_get(own.json, "sessions")->count, 2);
    assert_false(holds(own.text, STR("qanary")));
    struct answer mine = send(&browser, "GET", STR("/v1/session"), "", STR(""));
    str id = text_of(&mine, "id");
    struct answer seconds = send(&second, "GET", STR("/v1/session"), "", STR(""));
    struct answer left =
        send(&browser, "POST", text("/v1/me/sessions/%.*s/end", STR_ARG(text_of(&seconds, "id"))),
             "", STR(""));
    expect(&left, 200);
    assert_false(is_in(&second));
    struct answer list = ask(&server, server.token, "GET", STR("/v1/sessions"), STR(""));
    expect(&list, 200);
    assert_true(holds(list.text, id));
    struct answer ended =
        ask(&server, server.token, "POST", text("/v1/sessions/%.*s/end", STR_ARG(id)), STR(""));
    expect(&ended, 200);
    assert_false(is_in(&browser));
    struct answer foreign =
        ask(&server, server.other, "POST", text("/v1/sessions/%.*s/end", STR_ARG(id)), STR(""));
    expect_problem(&foreign, 404, "/problems/not_found");
}

/* ---- what one may do ---- */

static struct answer mine(struct browser *browser, const char *verb, str body)
{
    return send(browser, "POST", text("/v1/me/%s", verb), "application/json", body);
}

/* INF-30, CON-32 */
static void a_person_sees_what_is_held_and_says_yes_and_no(void **state)
{
    (void)state;
    struct person nils = somebody("S-20", "nils@qanary.test");
    struct browser browser = signed_in(&nils);
    struct answer held = send(&browser, "GET", STR("/v1/me"), "", STR(""));
    expect(&held, 200);
    assert_true(holds(held.text, STR("contact.email")));
    assert_false(holds(held.text, STR("qanary")));
    struct answer yes =
        mine(&browser, "consents", STR("{\"purpose\":\"newsletter\",\"wording\":\"Ja takk\"}"));
    expect(&yes, 201);
    struct answer no = mine(&browser, "withdrawals", STR("{\"purpose\":\"newsletter\"}"));
    expect(&no, 200);
    struct answer off = mine(&browser, "switches", STR("{\"switch\":\"newsletter\"}"));
    assert_true(off.code == 200 || off.code == 201);
    struct answer less =
        mine(&browser, "restrictions", STR("{\"reason\":\"accuracy\",\"fields\":[\"question\"]}"));
    assert_true(less.code == 200 || less.code == 201);
    struct answer against = mine(&browser, "objections", STR("{\"purpose\":\"support\"}"));
    assert_true(against.code == 200 || against.code == 201);
    struct answer guardian = mine(&browser, "consents",
                                  STR("{\"purpose\":\"newsletter\",\"wording\":\"Ja\","
                                      "\"guardian\":\"Mor\"}"));
    expect(&guardian, 422);
}

/* COB-93: of the data of one's account, what is wrong; an address that signs in waits for proof of
 * both, and what is put right with nothing is an erasure. */
static void a_person_who_is_signed_in_sees_and_changes_what_is_held(void **state)
{
    (void)state;
    struct person ebba = somebody("S-38", "ebba@qanary.test");
    struct browser browser = signed_in(&ebba);
    struct answer held = send(&browser, "GET", STR("/v1/me"), "", STR(""));
    expect(&held, 200);
    str question = STR("");
    for (JSON_EACH(item, json_get(held.json, "items"))) {
        str field = STR("");
        (void)json_str(json_get(item, "field"), &field);
        if (str_is(field, "question.text"))
            (void)json_str(json_get(item, "id"), &question);
    }
    struct answer right = mine(&browser, "rectify",
                               text("{\"item\":\"%.*s\",\"value\":\"Where?\"}", STR_ARG(question)));
    expect(&right, 200);
    struct answer copy = post_subject(&server, ebba.id, "access", "{}");
    expect(&copy, 200);
    assert_true(holds(copy.text, STR("Where?")) && !holds(copy.text, STR("When?")));
    struct answer none =
        mine(&browser, "rectify",
             text("{\"item\":\"%.*s\",\"value\":\"\"}", STR_ARG(text_of(&right, "record"))));
    expect_problem(&none, 403, "/problems/refused");
    struct answer address =
        mine(&browser, "rectify",
             text("{\"item\":\"%.*s\",\"value\":\"ebba2@qanary.test\"}", STR_ARG(ebba.item)));
    expect_problem(&address, 403, "/problems/forbidden");
}

/* What the page that verifies says of a receipt, by Node; true when all is well. */
static bool page_takes(str page, str receipt)
{
    char folder[] = "/tmp/vern-receipt-XXXXXX", command[256], said[64];
    assert_non_null(mkdtemp(folder));
    const char *at = arena_c_string(server.arena, text("%s/verify.html", folder));
    const char *file = arena_c_string(server.arena, text("%s/receipt.json", folder));
    const struct {
        const char *path;
        str bytes;
    } files[] = {{at, page}, {file, receipt}};
    for (size_t i = 0; i < LENGTH(files); i++) {
        FILE *out = fopen(files[i].path, "w");
        assert_non_null(out);
        assert_int_equal(fwrite(files[i].bytes.ptr, 1, files[i].bytes.len, out),
                         files[i].bytes.len);
        assert_int_equal(fclose(out), 0);
    }
    (void)snprintf(command, sizeof(command), "node tests/verify_package.cjs %s %s", at, file);
    FILE *node = popen(command, "r");
    assert_non_null(node);
    size_t length = fread(said, 1, sizeof(said), node);
    assert_int_equal(pclose(node), 0);
    for (size_t i = 0; i < LENGTH(files); i++)
        (void)unlink(files[i].path);
    (void)rmdir(folder);
    return length == 0;
}

static str with(str whole, const char *from, const char *to)
{
    const char *at = memmem(whole.ptr, whole.len, from, strlen(from));
    if (at == NULL)
        fail_msg("no %s in %.*s", from, STR_ARG(whole));
    size_t before_ = (size_t)(at - whole.ptr), after = before_ + strlen(from);
    return text("%.*s%s%.*s", (int)before_, whole.ptr, to, (int)(whole.len - after),
                whole.ptr + after);
}

/* G6. Item 12 of the security requirements: an entry about somebody else is none. */
static void a_receipt_is_of_ones_own_entries_and_verifies_offline(void **state)
{
    (void)state;
    struct person tuva = somebody("S-61", "tuva@qanary.test");
    struct person even = somebody("S-62", "even@qanary.test");
    struct browser browser = signed_in(&tuva), another = signed_in(&even);
    const str yes = STR("{\"purpose\":\"newsletter\",\"wording\":\"Yes\"}");
    struct answer said = mine(&browser, "consents", yes);
    struct answer theirs = mine(&another, "consents", yes);
    expect(&said, 201);
    expect(&theirs, 201);
    int64_t own = 0, foreign = 0;
    assert_true(json_i64(json_get(said.json, "log_index"), &own) &&
                json_i64(json_get(theirs.json, "log_index"), &foreign));
    struct answer got = mine(&browser, "receipts", text("{\"log_index\":%lld}", (long long)own));
    expect(&got, 200);
    struct answer restricted =
        mine(&browser, "restrictions", STR("{\"reason\":\"accuracy\",\"warned\":true}"));
    expect(&restricted, 201);
    struct answer view = send(&browser, "GET", STR("/v1/me/overview"), "", STR(""));
    const struct json *restrictions = json_get(view.json, "restrictions");
    assert_int_equal(restrictions->count, 1);
    assert_int_equal(json_get(restrictions->child, "fields")->count, 0); /* every item */
    assert_true(str_equal(text_of(&got, "reference"), text_of(&view, "reference")));
    assert_false(holds(got.text, STR("qanary")));
    const int64_t none[] = {foreign, 0, 1 << 20};
    for (size_t i = 0; i < LENGTH(none); i++) {
        struct answer no =
            mine(&browser, "receipts", text("{\"log_index\":%lld}", (long long)none[i]));
        expect_problem(&no, 404, "/problems/not_found");
        assert_false(holds(no.text, STR("checkpoint")));
    }
    struct answer page = send(&browser, "GET", text("/r/%.*s/verify", STR_ARG(shop)), "", STR(""));
    expect(&page, 200);
    str allowed = http_response_header(&page.response, "Content-Security-Policy");
    assert_true(holds(allowed, STR("script-src 'sha256-")) && !holds(allowed, STR("self")));
    assert_true(page_takes(page.text, got.text));
    static const char *const forged[][2] = {{"consent", "withdraw"},
                                            {"\"index\":", "\"index\":1"},
                                            {"\"size\":", "\"size\":1"},
                                            {"\"proof\":[\"", "\"proof\":[\"AAAA"},
                                            {"\"reference\":\"", "\"reference\":\"A"},
                                            {"\"key\":\"", "\"key\":\"a"},
                                            {"\"checkpoint\":\"", "\"checkpoint\":\"a"}};
    for (size_t i = 0; i < LENGTH(forged); i++) {
        str changed = with(got.text, forged[i][0], forged[i][1]);
        if (page_takes(page.text, changed))
            fail_msg("%s: %.*s", forged[i][1], STR_ARG(changed));
    }
}

/* By a member of the staff who may. */
static void grant(str request, const char *right)
{
    struct answer made = post(&server, "/v1/staff", "{\"role\":\"manager\",\"name\":\"Kari\"}");
    expect(&made, 201);
    str member = text_of(&made, "id");
    made = ask(&server, server.token, "POST", STR("/v1/evidence"),
               text("{\"type\":\"training\",\"actor\":\"%.*s\"}", STR_ARG(member)));
    expect(&made, 201);
    str token = new_token(
        &server, arena_c_string(server.arena,
                                text("\"scopes\":[\"all\"],\"staff\":\"%.*s\"", STR_ARG(member))));
    struct answer decided = ask(
        &server, token, "POST", text("/v1/requests/%.*s/decision", STR_ARG(request)),
        text("{\"right\":\"%s\",\"outcome\":\"granted\",\"reasons\":\"It is theirs.\"}", right));
    expect(&decided, 201);
}

/* HOS-58 */
/* In the policy's own words, and never a value. */
static void a_person_sees_what_each_item_is_for_and_who_used_it(void **state)
{
    (void)state;
    struct person yrsa = somebody("S-41", "yrsa@qanary.test");
    struct browser browser = signed_in(&yrsa);
    struct answer view = send(&browser, "GET", STR("/v1/me/overview"), "", STR(""));
    expect(&view, 200);
    assert_false(holds(view.text, STR("qanary")) || holds(view.text, STR("When?")));
    assert_true(
        holds(view.text, STR("\"field\":\"contact.email\",\"says\":{\"nb\":\"e-postadresse\"")));
    assert_true(holds(view.text, STR("\"source_kind\":\"person\"")));
    assert_true(holds(view.text, STR("\"purpose\":\"support\",\"basis\":\"legitimate_interest\"")));
    assert_true(holds(view.text, STR("\"asks_identity\":{\"access\":true")));
    assert_true(holds(view.text, STR("\"kind\":\"email\",\"change\":\"address\"")));
    assert_true(holds(view.text, STR("\"kind\":\"text\",\"change\":\"here\"")));
    assert_true(holds(view.text, STR("\"supervisors\":[\"datatilsynet.no\"]")));
    assert_true(holds(view.text, STR("\"waits\":false")));
    assert_true(holds(view.text, STR("\"consented\":false")));
    struct answer yes =
        mine(&browser, "consents", STR("{\"purpose\":\"newsletter\",\"wording\":\"Yes\"}"));
    expect(&yes, 201);
    view = send(&browser, "GET", STR("/v1/me/overview"), "", STR(""));
    assert_true(holds(view.text, STR("\"consented\":true")));
    struct answer uses = send(&browser, "GET", STR("/v1/me/uses"), "", STR(""));
    expect(&uses, 200);
    assert_non_null(json_get(uses.json, "uses"));
    struct answer given = send(&browser, "GET", STR("/v1/me/disclosures"), "", STR(""));
    expect(&given, 200);
    struct answer session = send(&browser, "GET", STR("/v1/session"), "", STR(""));
    assert_true(str_equal(text_of(&session, "register"), shop));
}

/* By `keep` alone a law holds on to it: the day is said before anyone asks for an erasure. */
static void a_person_sees_what_an_erasure_would_leave(void **state)
{
    (void)state;
    struct person vigdis = somebody("S-42", "vigdis@qanary.test");
    struct browser browser = signed_in(&vigdis);
    struct answer agreed =
        post(&server, "/v1/agreements",
             arena_c_string(server.arena, text("{\"subject\":\"%.*s\"}", STR_ARG(vigdis.id))));
    expect(&agreed, 201);
    struct answer role = post_subject(&server, vigdis.id, "roles", "{\"role\":\"customer\"}");
    expect(&role, 200);
    struct answer placed =
        post_subject(&server, vigdis.id, "collect",
                     "{\"intake\":\"checkout\",\"source\":\"person\",\"channel\":\"web\","
                     "\"values\":{\"contact.name\":\"E\",\"contact.email\":\"vigdis@qanary.test\","
                     "\"delivery.street\":\"A 1\"}}");
    expect(&placed, 201);
    struct answer order =
        post(&server, "/v1/matters", "{\"kind\":\"order_no\",\"number\":\"S-42-1\"}");
    expect(&order, 201);
    struct answer event = post_subject(
        &server, vigdis.id, "events",
        arena_c_string(server.arena,
                       text("{\"event\":\"order_placed\",\"matter\":\"%.*s\",\"by_subject\":true}",
                            STR_ARG(text_of(&order, "id")))));
    expect(&event, 201);
    struct answer view = send(&browser, "GET", STR("/v1/me/overview"), "", STR(""));
    expect(&view, 200);
    assert_true(
        holds(view.text,
              STR("\"stays\":{\"law\":\"bokf\xc3\xb8ringsloven \xc2\xa7 13\",\"until\":\"20")));
    assert_true(holds(view.text, STR("\"stays\":{}")));
    str path = text("/v1/subjects/%.*s/overview", STR_ARG(vigdis.id));
    struct answer officers = ask(&server, server.token, "GET", path, STR(""));
    expect(&officers, 200);
    assert_true(str_equal(officers.text, view.text));
    str app = new_token(&server, "\"scopes\":[\"read\",\"collect\"]");
    struct answer none = ask(&server, app, "GET", path, STR(""));
    expect_problem(&none, 403, "/problems/forbidden");
}

static void a_mailbox_is_no_proof_for_a_copy_where_the_policy_asks_for_identity(void **state)
{
    (void)state;
    struct person oda = somebody("S-21", "oda@qanary.test");
    struct browser browser = signed_in(&oda);
    static const char *const acts[] = {"access", "portability", "erase"};
    for (size_t i = 0; i < LENGTH(acts); i++) {
        struct answer no = mine(&browser, acts[i], STR("{}"));
        expect_problem(&no, 403, "/problems/refused");
        assert_true(str_is(text_of(&no, "rule"), "always.identity_first"));
        assert_false(holds(no.text, STR("qanary")));
    }
    struct answer asked =
        mine(&browser, "requests", STR("{\"rights\":[\"access\"],\"text\":\"All of it\"}"));
    expect(&asked, 201);
    struct answer list = send(&browser, "GET", STR("/v1/me/requests"), "", STR(""));
    expect(&list, 200);
    assert_int_equal(json_get(list.json, "requests")->count, 1);
    assert_true(holds(list.text, text_of(&asked, "number")));
    assert_true(holds(list.text, STR("\"identity\":\"mailbox\"")));
    struct answer seen = ask(&server, server.token, "GET", STR("/v1/requests"), STR(""));
    assert_true(holds(seen.text, text("\"signed_in\":\"%.*s\"", STR_ARG(oda.id))));
    str request = text_of(&asked, "id");
    struct answer proven =
        ask(&server, server.token, "POST", text("/v1/requests/%.*s/identity", STR_ARG(request)),
            text("{\"outcome\":\"proven\",\"method\":\"in_person\",\"subject\":\"%.*s\"}",
                 STR_ARG(oda.id)));
    expect(&proven, 201);
    struct answer paper =
        mine(&browser, "access", text("{\"case\":\"%.*s\",\"format\":\"poem\"}", STR_ARG(request)));
    expect_problem(&paper, 422, "/problems/invalid");
    paper =
        mine(&browser, "access",
             text("{\"case\":\"%.*s\",\"format\":\"html\",\"language\":\"en\"}", STR_ARG(request)));
    expect_problem(&paper, 403, "/problems/refused"); /* nobody has granted it */
    grant(request, "access");
    paper =
        mine(&browser, "access",
             text("{\"case\":\"%.*s\",\"format\":\"html\",\"language\":\"en\"}", STR_ARG(request)));
    expect(&paper, 200);
    assert_true(str_starts(paper.media, STR("text/html")));
    assert_true(holds(paper.text, STR("oda@qanary.test")));
    assert_true(holds(paper.text, STR("Datatilsynet")) || holds(paper.text, STR("datatilsynet")));
    struct person per = somebody("S-22", "per@qanary.test");
    struct browser stranger = signed_in(&per);
    paper = mine(&stranger, "access",
                 text("{\"case\":\"%.*s\",\"format\":\"html\"}", STR_ARG(request)));
    assert_true(paper.code >= 400 && !holds(paper.text, STR("oda@")));
    list = send(&stranger, "GET", STR("/v1/me/requests"), "", STR(""));
    assert_int_equal(json_get(list.json, "requests")->count, 0);
}

static void what_needs_no_identity_is_proven_by_the_sign_in(void **state)
{
    (void)state;
    struct person ole = somebody("S-23", "ole@qanary.test");
    struct browser browser = signed_in(&ole);
    struct answer asked = mine(&browser, "requests", STR("{\"rights\":[\"complain\"]}"));
    expect(&asked, 201);
    struct answer list = send(&browser, "GET", STR("/v1/me/requests"), "", STR(""));
    assert_true(holds(list.text, STR("\"identity\":\"proven\"")));
    struct answer odd = mine(&browser, "requests", STR("{\"rights\":[\"everything\"]}"));
    expect_problem(&odd, 422, "/problems/invalid");
    struct answer none = mine(&browser, "requests", STR("{\"rights\":[]}"));
    expect_problem(&none, 422, "/problems/invalid");
}

static void some_acts_take_a_sign_in_of_the_last_ten_minutes(void **state)
{
    (void)state;
    struct person pia = somebody("S-24", "pia@qanary.test");
    move_clock("2026-03-02T08:00:00Z");
    struct browser browser = signed_in(&pia);
    move_clock("2026-03-02T08:10:00Z");
    struct answer late = mine(&browser, "erase", STR("{}"));
    expect_problem(&late, 403, "/problems/forbidden");
    assert_true(holds(late.text, STR("sign in anew")));
    struct answer still = mine(&browser, "withdrawals", STR("{\"purpose\":\"newsletter\"}"));
    assert_true(still.code == 200 || still.code == 409);
}

/* ---- addresses ---- */

static str code_in_mail(str address)
{
    str plain = mail_to(address);
    assert_true(plain.len > 9);
    return str_slice(plain, plain.len - 9, plain.len - 1);
}

static str change(const struct person *person, const char *value, const char *more)
{
    return text("{\"item\":\"%.*s\",\"value\":\"%s\"%s}", STR_ARG(person->item), value, more);
}

static str with_codes(const struct person *person, const char *value, str old, str new)
{
    return text("{\"item\":\"%.*s\",\"value\":\"%s\",\"old_code\":\"%.*s\","
                "\"new_code\":\"%.*s\"}",
                STR_ARG(person->item), value, STR_ARG(old), STR_ARG(new));
}

static void an_address_that_signs_in_is_changed_by_proof_of_both_and_then_waits(void **state)
{
    (void)state;
    struct person rut = somebody("S-25", "rut@qanary.test");
    move_clock("2026-03-03T08:00:00Z");
    struct browser browser = signed_in(&rut);
    str right = new_token(&server, "\"scopes\":[\"rights\",\"read\"]");
    struct answer taken =
        ask(&server, right, "POST", text("/v1/subjects/%.*s/rectify", STR_ARG(rut.id)),
            change(&rut, "thief@qanary.test", ""));
    expect_problem(&taken, 403, "/problems/forbidden");
    struct answer asked =
        mine(&browser, "address", change(&rut, "rut2@qanary.test", ",\"language\":\"en\""));
    expect(&asked, 202);
    str old = code_in_mail(STR("rut@qanary.test")), new = code_in_mail(STR("rut2@qanary.test"));
    struct answer swapped =
        mine(&browser, "address/confirm", with_codes(&rut, "rut2@qanary.test", new, old));
    expect_problem(&swapped, 409, "/problems/conflict");
    struct answer one =
        mine(&browser, "address/confirm", with_codes(&rut, "rut2@qanary.test", old, old));
    expect_problem(&one, 409, "/problems/conflict");
    struct answer else_ =
        mine(&browser, "address/confirm", with_codes(&rut, "rut3@qanary.test", old, new));
    expect_problem(&else_, 409, "/problems/conflict");
    struct answer both =
        mine(&browser, "address/confirm", with_codes(&rut, "rut2@qanary.test", old, new));
    assert_true(both.code == 200 || both.code == 201);
    assert_false(is_in(&browser)); /* the address that opened it is gone */
    str told = mail_to(STR("rut@qanary.test"));
    assert_true(holds(told, STR("72")) || holds(told, STR("tre døgn")) ||
                holds(told, STR("three days")));
    struct answer wait = ask_link(&browser, shop, STR("rut2@qanary.test"));
    expect(&wait, 200);
    wait = ask_link(&browser, shop, STR("rut@qanary.test"));
    expect(&wait, 200);
    move_clock("2026-03-06T08:00:00Z");
    struct browser later_ = new_browser();
    wait = ask_link(&later_, shop, STR("rut2@qanary.test"));
    struct answer in = follow(&later_, link_in_mail(STR("rut2@qanary.test")), NULL);
    expect(&in, 200);
}

/* What may not be put in its place may not be taken away and put beside either; item 6 of the
 * security requirements. */
static void an_address_that_came_after_one_that_was_erased_waits_as_a_changed_one_does(void **state)
{
    (void)state;
    struct person tor = somebody("S-27", "tor@qanary.test");
    struct browser browser = signed_in(&tor);
    str app = new_token(&server, "\"scopes\":[\"rights\",\"collect\"]");
    struct answer erased =
        ask(&server, app, "POST", text("/v1/subjects/%.*s/erase", STR_ARG(tor.id)),
            STR("{\"warned\":true,\"fields\":[\"contact.email\"]}"));
    expect(&erased, 200);
    assert_false(is_in(&browser));
    struct answer put =
        ask(&server, app, "POST", text("/v1/subjects/%.*s/collect", STR_ARG(tor.id)),
            STR("{\"intake\":\"contact_form\",\"source\":\"person\",\"channel\":\"web\","
                "\"values\":{\"contact.email\":\"thief@qanary.test\","
                "\"question.text\":\"When?\"}}"));
    expect(&put, 201);
    struct browser thief = new_browser();
    struct answer asked = ask_link(&thief, shop, STR("thief@qanary.test"));
    expect(&asked, 200);
    struct person una = somebody("S-28", "una@qanary.test");
    (void)signed_in(&una); /* and the next mail is hers */
}

static void an_officer_changes_an_address_and_the_old_one_is_told(void **state)
{
    (void)state;
    struct person siv = somebody("S-26", "siv@qanary.test");
    struct browser browser = signed_in(&siv);
    struct answer changed =
        post_subject(&server, siv.id, "rectify",
                     arena_c_string(server.arena, change(&siv, "siv2@qanary.test", "")));
    assert_true(changed.code == 200 || changed.code == 201);
    assert_false(is_in(&browser));
    (void)mail_to(STR("siv@qanary.test"));
}

/* Last: what people were written to with stands sealed or nowhere. */
static void no_address_stands_in_any_file_or_line_of_the_log(void **state)
{
    (void)state;
    assert_int_equal(tree_search(server.data, STR("qanary")), 0);
    assert_null(memmem(server.log, server.log_len, "qanary", 6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_signs_in_whoever_asked_and_only_once),
        cmocka_unit_test(whoever_asks_for_whomever_is_answered_alike),
        cmocka_unit_test(who_shares_an_address_signs_in_by_a_second_proof),
        cmocka_unit_test(a_proof_of_two_people_is_none),
        cmocka_unit_test(proofs_are_guessed_five_times_a_link_and_ten_times_a_day),
        cmocka_unit_test(another_browser_needs_the_code_and_has_five_tries),
        cmocka_unit_test(a_page_of_another_site_signs_nobody_in),
        cmocka_unit_test(a_link_of_one_register_is_none_in_another),
        cmocka_unit_test(three_links_an_hour_go_to_an_address_and_the_answer_stays_the_same),
        cmocka_unit_test(one_client_asks_ten_times_a_minute),
        cmocka_unit_test(a_link_is_over_after_a_quarter_of_an_hour),
        cmocka_unit_test(a_link_of_someone_who_was_erased_is_none),
        cmocka_unit_test(a_token_is_no_session_and_opens_nothing_of_anyones_own),
        cmocka_unit_test(a_persons_session_opens_nothing_that_takes_a_token),
        cmocka_unit_test(without_the_csrf_value_nothing_changes),
        cmocka_unit_test(a_planted_cookie_is_none_and_signing_in_makes_another),
        cmocka_unit_test(officers_list_sessions_and_end_them),
        cmocka_unit_test(a_person_sees_what_is_held_and_says_yes_and_no),
        cmocka_unit_test(a_person_sees_what_each_item_is_for_and_who_used_it),
        cmocka_unit_test(a_person_sees_what_an_erasure_would_leave),
        cmocka_unit_test(a_person_who_is_signed_in_sees_and_changes_what_is_held),
        cmocka_unit_test(a_receipt_is_of_ones_own_entries_and_verifies_offline),
        cmocka_unit_test(a_mailbox_is_no_proof_for_a_copy_where_the_policy_asks_for_identity),
        cmocka_unit_test(what_needs_no_identity_is_proven_by_the_sign_in),
        cmocka_unit_test(some_acts_take_a_sign_in_of_the_last_ten_minutes),
        cmocka_unit_test(an_address_that_signs_in_is_changed_by_proof_of_both_and_then_waits),
        cmocka_unit_test(
            an_address_that_came_after_one_that_was_erased_waits_as_a_changed_one_does),
        cmocka_unit_test(an_officer_changes_an_address_and_the_old_one_is_told),
        cmocka_unit_test(no_address_stands_in_any_file_or_line_of_the_log),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
