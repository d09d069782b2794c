/* The public pages: no token, no script, one answer for everyone. A real server process. */
#include "process.h"

#include "file.h"

enum { PER_MINUTE = 40, BODY_MOST = 16 << 10 };

static struct process server;
static str shop, other; /* the registers' public ids */

static str register_id(str token)
{
    struct answer answer = ask(&server, token, "GET", STR("/v1/register"), STR(""));
    return text_of(&answer, "public");
}

static int open_server(void **state)
{
    *state = NULL;
    process_open(&server, "public_url = https://stopp.example.no\npublic_per_minute = 40\n"
                          "proxies = 127.0.0.1\n");
    shop = register_id(server.token);
    other = register_id(server.other);
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

/* ---- someone with a newsletter ---- */

static str subscriber(const char *number)
{
    str body = arena_format(server.arena,
                            "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"%s\"}],"
                            "\"roles\":[\"subscriber\"]}",
                            number);
    struct answer made = ask(&server, server.token, "POST", STR("/v1/subjects"), body);
    expect(&made, 201);
    str id = text_of(&made, "id");
    struct answer consent = post_subject(&server, id, "consents",
                                         "{\"purpose\":\"newsletter\",\"wording\":\"Ja takk\","
                                         "\"given_by\":\"click\"}");
    expect(&consent, 201);
    return id;
}

static struct answer newsletter(str id, const char *more)
{
    str body =
        arena_format(server.arena, "{\"message\":\"newsletter\",\"channel\":\"email\"%s}", more);
    return post_subject(&server, id, "messages", arena_c_string(server.arena, body));
}

/* The path of the stop link that the api gives. */
static str link_of(str id)
{
    struct answer asked = newsletter(id, ",\"asking\":true");
    expect(&asked, 200);
    str link = text_of(&asked, "stop_link"), base = STR("https://stopp.example.no");
    assert_true(str_starts(link, base));
    assert_true(holds(link, STR("/stop/")));
    return str_slice(link, base.len, link.len);
}

static bool may_get_it(str id)
{
    struct answer asked = newsletter(id, ",\"asking\":true");
    if (asked.code != 200)
        expect(&asked, 403);
    return asked.code == 200;
}

static struct answer get(str path)
{
    return ask_with(&server, "GET", path, "", STR(""), NULL, 0);
}

static struct answer submit(str path, const char *body)
{
    return ask_with(&server, "POST", path, "application/x-www-form-urlencoded", str_from(body),
                    NULL, 0);
}

static struct answer one_click(str path)
{
    return submit(path, "List-Unsubscribe=One-Click");
}

/* A link changed at one place. */
static str forged(str path, size_t at)
{
    char *copy = arena_take(server.arena, path.len);
    memcpy(copy, path.ptr, path.len);
    size_t place = path.len - 1 - at;
    copy[place] = copy[place] == 'A' ? 'Q' : 'A';
    return (str){copy, path.len};
}

static void same_bytes(const struct answer *a, const struct answer *b)
{
    expect(a, b->code);
    assert_true(str_equal(a->text, b->text));
    assert_true(str_equal(a->media, b->media));
}

static void is_strict(const struct answer *answer)
{
    static const char *const fields[][2] = {
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Content-Security-Policy",
         "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
         "base-uri 'none'"}};
    for (size_t i = 0; i < LENGTH(fields); i++) {
        str value = http_response_header(&answer->response, fields[i][0]);
        if (!str_is(value, fields[i][1]))
            fail_msg("%s is %.*s", fields[i][0], STR_ARG(value));
    }
    assert_true(str_is(answer->media, "text/html; charset=utf-8"));
    assert_false(holds(answer->text, STR("<script")));
    assert_false(holds(answer->text, STR(" on")) && holds(answer->text, STR("onclick")));
    assert_null(http_response_header(&answer->response, "Set-Cookie").ptr);
    assert_null(http_response_header(&answer->response, "X-Request-Id").ptr);
}

/* ---- what a link does ---- */

/* COB-34, INF-30, CON-76 */
static void one_click_turns_the_message_off_without_a_sign_in(void **state)
{
    (void)state;
    str id = subscriber("P-1"), path = link_of(id);
    struct answer asked = newsletter(id, ",\"asking\":true");
    assert_true(str_is(text_of(&asked, "list_unsubscribe_post"), "List-Unsubscribe=One-Click"));
    str header = text_of(&asked, "list_unsubscribe");
    assert_true(header.ptr[0] == '<' && header.ptr[header.len - 1] == '>');
    struct answer done = one_click(path);
    expect(&done, 200);
    is_strict(&done);
    assert_true(holds(done.text, STR("<html lang=\"nb\">")));
    assert_false(may_get_it(id));
}

/* INF-34, CON-76 */
static void a_mail_provider_may_post_multipart_and_people_may_choose_on_the_page(void **state)
{
    (void)state;
    str a = subscriber("P-2"), b = subscriber("P-3");
    struct answer done =
        ask_with(&server, "POST", link_of(a), "multipart/form-data; boundary=x7",
                 STR("--x7\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\n"
                     "One-Click\r\n--x7--\r\n"),
                 NULL, 0);
    expect(&done, 200);
    assert_false(may_get_it(a));
    str path = link_of(b);
    struct answer nothing = submit(path, "");
    expect(&nothing, 200);
    struct answer unknown = submit(path, "off=nothing_of_ours&off=newsletter.email.x");
    expect(&unknown, 200);
    assert_true(may_get_it(b));
    struct answer chosen = submit(path, "off=newsletter");
    same_bytes(&chosen, &nothing);
    assert_false(may_get_it(b));
}

/* COB-33 */
static void a_message_without_a_link_of_ours_is_refused_however_it_is_said(void **state)
{
    (void)state;
    str id = subscriber("P-4"), stranger = subscriber("P-5");
    struct answer none = newsletter(id, "");
    expect(&none, 403);
    assert_true(str_is(text_of(&none, "rule"), "messages.newsletter.needs.stop_link"));
    struct answer said = newsletter(id, ",\"supplied\":[\"stop_link\"]");
    expect(&said, 403);
    str path = link_of(id), theirs = link_of(stranger);
    struct answer wrong = newsletter(
        id, arena_c_string(server.arena,
                           arena_format(server.arena, ",\"stop_link\":\"%.*s\"", STR_ARG(theirs))));
    expect_problem(&wrong, 422, "/problems/invalid");
    struct answer sent = newsletter(
        id, arena_c_string(server.arena,
                           arena_format(server.arena, ",\"stop_link\":\"%.*s\"", STR_ARG(path))));
    expect(&sent, 200);
}

/* ---- what it never does ---- */

/* CON-76 */
static void a_scanner_that_opens_the_link_changes_nothing(void **state)
{
    (void)state;
    str id = subscriber("P-6"), path = link_of(id);
    int64_t before_ = log_size(&server, server.token);
    struct answer page = get(path);
    expect(&page, 200);
    is_strict(&page);
    struct answer head = ask_with(&server, "HEAD", path, "", STR(""), NULL, 0);
    expect(&head, 200);
    struct answer english = get(arena_format(server.arena, "%.*s?lang=en", STR_ARG(path)));
    expect(&english, 200);
    assert_true(holds(english.text, STR("<html lang=\"en\">")));
    assert_true(holds(english.text, STR("Turn off")));
    assert_true(holds(page.text, STR("lang=\"en\">In English</a>")));
    static const char *const methods[] = {"PUT", "DELETE", "PATCH", "OPTIONS"};
    for (size_t i = 0; i < LENGTH(methods); i++) {
        struct answer no = ask_with(&server, methods[i], path, "", STR(""), NULL, 0);
        expect(&no, 405);
    }
    assert_int_equal(log_size(&server, server.token), before_);
    assert_true(may_get_it(id));
}

/* G9 */
static void known_unknown_forged_and_erased_answer_with_the_same_bytes(void **state)
{
    (void)state;
    str id = subscriber("P-7"), gone = subscriber("P-8");
    str path = link_of(id), old = link_of(gone);
    struct answer erased = post_subject(&server, gone, "erase", "{\"warned\":true}");
    expect(&erased, 200);
    struct answer first = get(path), first_done = one_click(path);
    str there = str_slice(path, 3, 25); /* the register, in /r/<register>/stop/ */
    assert_true(str_equal(there, shop));
    str elsewhere = arena_format(server.arena, "/r/%.*s%.*s", STR_ARG(other),
                                 STR_ARG(str_slice(path, 25, path.len)));
    str paths[] = {old,
                   forged(path, 0),
                   forged(path, 30),
                   forged(path, 45),
                   str_slice(path, 0, path.len - 1),
                   arena_format(server.arena, "%.*sAAAA", STR_ARG(path)),
                   arena_format(server.arena, "/r/%.*s/stop/x/../y", STR_ARG(shop)),
                   path};
    for (size_t i = 0; i < LENGTH(paths); i++) {
        struct answer page = get(paths[i]), done = one_click(paths[i]);
        same_bytes(&page, &first);
        same_bytes(&done, &first_done);
        is_strict(&done);
    }
    /* Another register's link is none here: its page is that register's, and nothing is done. */
    str fresh = subscriber("P-9"), theirs = link_of(fresh);
    elsewhere = arena_format(server.arena, "/r/%.*s%.*s", STR_ARG(other),
                             STR_ARG(str_slice(theirs, 25, theirs.len)));
    struct answer done = one_click(elsewhere);
    expect(&done, 200);
    struct answer changed = one_click(forged(theirs, 20));
    expect(&changed, 200);
    assert_true(may_get_it(fresh));
}

/* COB-34 */
static void a_link_turns_nothing_on_and_shows_nothing(void **state)
{
    (void)state;
    str id = subscriber("P-10"), path = link_of(id);
    struct answer before_ = get(path), done = one_click(path), after = get(path);
    expect(&done, 200);
    same_bytes(&before_, &after); /* not even what is off already */
    assert_false(holds(after.text, id));
    static const char *const bodies[] = {
        "on=newsletter", "off=", "off=newsletter&consent=newsletter", "List-Unsubscribe=Subscribe"};
    for (size_t i = 0; i < LENGTH(bodies); i++) {
        struct answer answer = submit(path, bodies[i]);
        assert_true(answer.code == 200 || answer.code == 422);
        assert_false(may_get_it(id));
    }
}

/* ---- attacks ---- */

static void a_body_that_is_no_form_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    str id = subscriber("P-11"), path = link_of(id);
    static const struct {
        const char *media, *body;
        int code;
    } bad[] = {
        {"text/plain", "List-Unsubscribe=One-Click", 415},
        {"text/html", "x", 415},
        {"application/x-www-form-urlencoded", "off=%zz", 400},
        {"application/x-www-form-urlencoded", "off=%00", 400},
        {"application/x-www-form-urlencoded", "off=%ff", 400},
        {"application/x-www-form-urlencoded", "List-Unsubscribe=One-Click&List-Unsubscribe=x", 400},
        {"application/x-www-form-urlencoded", "List-Unsubscribe=one-click", 422},
        {"application/x-www-form-urlencoded", "purpose=newsletter", 422},
        {"multipart/form-data", "x", 400},
        {"multipart/form-data; boundary=\"", "--\"\r\n", 400},
        {"multipart/form-data; boundary=a", "--a\r\n", 400},
        {"multipart/form-data; boundary=a",
         "--a\r\nContent-Disposition: form-data; name=\"off\"; filename=\"x\"\r\n\r\nall\r\n--a--",
         400},
        {"application/json", "{\"off\":\"all\"}", 422},
        {"application/json", "{\"off\":[", 400},
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct answer answer =
            ask_with(&server, "POST", path, bad[i].media, str_from(bad[i].body), NULL, 0);
        if (answer.code != bad[i].code)
            fail_msg("%s: %d instead of %d", bad[i].body, answer.code, bad[i].code);
    }
    char *large = arena_take(server.arena, BODY_MOST + 2);
    memset(large, 'a', BODY_MOST + 1);
    struct answer answer = submit(path, large);
    expect(&answer, 413);
    struct buf many = buf_in(server.arena, BODY_MOST);
    for (size_t i = 0; i < 65; i++)
        buf_text(&many, "off=all&");
    struct answer too_many = submit(path, arena_c_string(server.arena, buf_str(&many)));
    expect(&too_many, 413);
    assert_true(may_get_it(id));
}

static struct answer from(const char *forwarded, str path)
{
    struct http_field field = {STR("X-Forwarded-For"), str_from(forwarded)};
    return ask_with(&server, "POST", path, "", STR(""), &field, 1);
}

/* Guessing is counted by address, behind a proxy by what the proxy saw; links of ours pass. */
static void a_flood_of_guesses_is_limited_by_address_and_links_still_work(void **state)
{
    (void)state;
    str id = subscriber("P-12"), path = link_of(id);
    str unknown = STR("/r/AAECAwQFBgcICQoLDA0ODw/stop/x");
    size_t refused = 0;
    server.alone = true;
    for (size_t i = 0; i < PER_MINUTE + 5; i++) {
        struct answer answer = from("198.51.100.1, 192.0.2.7", unknown);
        refused += answer.code == 429 ? 1 : 0;
        if (answer.code != 429)
            expect(&answer, 404);
    }
    assert_true(refused >= 5); /* a new minute may begin meanwhile, once */
    struct answer lied = from("203.0.113.9, 192.0.2.7", unknown);
    expect(&lied, 429);
    struct answer elsewhere = from("192.0.2.8", unknown);
    expect(&elsewhere, 404);
    struct answer own = from("192.0.2.7", path);
    expect(&own, 200);
    struct answer nonsense = from("not an address", unknown);
    assert_true(nonsense.code == 404 || nonsense.code == 429);
    server.alone = false;
}

/* The log says what happened and by whom it was not: no token, no name. */
static void what_a_link_did_and_what_it_did_not_stands_in_the_log(void **state)
{
    (void)state;
    str id = subscriber("P-13"), path = link_of(id);
    int64_t at = log_size(&server, server.token);
    struct answer done = one_click(path);
    expect(&done, 200);
    assert_int_equal(log_size(&server, server.token), at + 1);
    struct answer again = one_click(path);
    expect(&again, 200);
    assert_int_equal(log_size(&server, server.token), at + 1); /* it was off already */
    struct answer guessed = one_click(forged(path, 3));
    expect(&guessed, 200);
    assert_int_equal(log_size(&server, server.token), at + 2);
    struct answer access = post_subject(&server, id, "access", "{}");
    expect(&access, 200);
    assert_true(holds(access.text, STR("newsletter")));
}

/* ---- the public notice ---- */

static struct answer notice(const char *query, const char *name, const char *value)
{
    struct http_field more = {str_from(name), str_from(value)};
    str path = arena_format(server.arena, "/r/%.*s/notice%s", STR_ARG(shop), query);
    return ask_with(&server, "GET", path, "", STR(""), &more, 1);
}

/* COB-01: anyone, without an account */
static void anyone_reads_the_notice_as_a_page_in_the_language_they_like(void **state)
{
    (void)state;
    struct answer nb = notice("", "Accept-Language", "nb"),
                  en = notice("", "Accept-Language", "en"),
                  asked = notice("?lang=nb", "Accept-Language", "en");
    expect(&nb, 200);
    expect(&en, 200);
    assert_true(holds(nb.text, STR("<html lang=\"nb\">")));
    assert_true(holds(en.text, STR("<html lang=\"en\">")));
    assert_true(holds(en.text, STR("Eksempelbutikken AS")));
    assert_true(holds(en.text, STR("6 months after the last time you apply")));
    assert_true(str_equal(nb.text, asked.text));
    assert_true(str_is(nb.media, "text/html; charset=utf-8"));
    str policy = http_response_header(&nb.response, "Content-Security-Policy");
    assert_true(holds(policy, STR("default-src 'none'; style-src 'sha256-")));
    assert_false(holds(nb.text, STR("<script")));
    assert_true(holds(en.text, STR("<a href=\"?lang=en&amp;version=2026-01\">2026-01</a>")));
    assert_true(holds(en.text, STR("no end yet")));
    assert_null(http_response_header(&nb.response, "Set-Cookie").ptr);
}

static void the_notice_is_json_and_json_ld_for_those_who_ask(void **state)
{
    (void)state;
    struct answer json = notice("?format=json", "Accept", "text/html"),
                  linked = notice("", "Accept", "application/ld+json");
    expect(&json, 200);
    assert_true(holds(json.text, STR("\"document\":\"notice\"")));
    expect(&linked, 200);
    assert_true(str_is(linked.media, "application/ld+json"));
    assert_true(holds(linked.text, STR("dpv:PrivacyNotice")));
    assert_true(holds(linked.text, STR("https://w3id.org/dpv#DirectMarketing")));
}

static struct answer paper_at(const char *leaf)
{
    return get(arena_format(server.arena, "/r/%.*s/%s", STR_ARG(shop), leaf));
}

/* CON-47, CON-80 */
static void processors_and_changes_are_there_for_anyone(void **state)
{
    (void)state;
    struct answer page = paper_at("processors?lang=en"), csv = paper_at("processors?format=csv"),
                  none = paper_at("changes?lang=en"),
                  named = paper_at("changes?lang=en&since=2026-01&version=2026-01"),
                  lost = paper_at("changes?since=kanari"),
                  told = paper_at("notice?intake=checkout&lang=en"),
                  nowhere = paper_at("notice?intake=kanari");
    expect(&page, 200);
    assert_true(holds(page.text, STR("The host of the shop")));
    expect(&csv, 200);
    assert_true(str_is(csv.media, "text/csv; charset=utf-8"));
    assert_true(holds(csv.text, STR("\r\n")));
    expect(&none, 200);
    assert_true(holds(none.text, STR("Nothing that matters to you has changed")));
    expect(&named, 200);
    expect(&lost, 404);
    expect(&told, 200);
    assert_true(holds(told.text, STR("You order goods")));
    assert_false(holds(told.text, STR("Handle job applications")));
    expect(&nowhere, 404);
}

/* What the page calls its hash is the address at which that version stays. */
static void an_old_notice_is_kept_by_its_hash(void **state)
{
    (void)state;
    struct answer first = notice("?lang=en&version=2026-01", "Accept", "text/html"), again;
    char query[100];
    expect(&first, 200);
    const char *at = memmem(first.text.ptr, first.text.len, "?lang=en&amp;version=", 21);
    while (at != NULL && strspn(at + 21, "0123456789abcdef") != 64)
        at = memmem(at + 1, (size_t)(first.text.ptr + first.text.len - at - 1),
                    "?lang=en&amp;version=", 21);
    assert_non_null(at);
    (void)snprintf(query, sizeof(query), "?lang=en&version=%.64s", at + 21);
    again = notice(query, "Accept", "text/html");
    expect(&again, 200);
    assert_true(holds(again.text, STR("2026-01")));
    query[strlen(query) - 1] = query[strlen(query) - 1] == '0' ? '1' : '0';
    again = notice(query, "Accept", "text/html");
    expect(&again, 404);
}

static void a_notice_that_cannot_be_given_whole_is_refused_by_what_lacks(void **state)
{
    (void)state;
    struct answer nn = notice("?lang=nn", "Accept", "*/*"),
                  nobody = notice("?controller=kanari", "Accept", "*/*"),
                  none = notice("?version=kanari", "Accept", "*/*"),
                  form = notice("?format=kanari", "Accept", "*/*"),
                  this = notice("?controller=shop&version=2026-01", "Accept", "*/*");
    expect(&nn, 409);
    assert_true(holds(nn.text, STR("/problems/incomplete")));
    assert_true(holds(nn.text, STR("has no name in nn")));
    expect(&nobody, 404);
    expect(&none, 404);
    expect(&form, 422);
    expect(&this, 200);
    assert_false(holds(nobody.text, STR("kanari")) || holds(none.text, STR("kanari")) ||
                 holds(form.text, STR("kanari")));
}

/* ---- the link of a request ---- */

/* From an address of its own, which has asked for nothing else in this minute. */
static struct answer follow(str path)
{
    static const struct http_field from[] = {{{"X-Forwarded-For", 15}, {"192.0.2.77", 10}}};
    return ask_with(&server, "GET", path, "", STR(""), from, LENGTH(from));
}

static struct answer take_request(const char *more)
{
    struct answer taken =
        ask(&server, server.token, "POST", STR("/v1/requests"),
            arena_format(server.arena, "{\"channel\":\"phone\",\"rights\":[\"access\"]%s}", more));
    expect(&taken, 201);
    return taken;
}

static str follow_path(const struct answer *taken)
{
    str link = text_of(taken, "follow"), base = STR("https://stopp.example.no");
    assert_true(str_starts(link, base));
    assert_true(holds(link, STR("/request/")));
    return str_slice(link, base.len, link.len);
}

static struct answer request_step(const struct answer *taken, const char *step, const char *body)
{
    return ask(
        &server, server.token, "POST",
        arena_format(server.arena, "/v1/requests/%.*s/%s", STR_ARG(text_of(taken, "id")), step),
        str_from(body));
}

/* HOS-58, INF-73: whoever asked sees how it stands, and nothing that says what or who. */
static void a_request_is_followed_by_its_link_which_shows_state_and_dates_alone(void **state)
{
    (void)state;
    struct answer taken = take_request(",\"contact\":\"kanari@qanary.test\",\"text\":\"Kanari\"");
    str path = follow_path(&taken);
    struct answer page = follow(path);
    expect(&page, 200);
    assert_true(holds(page.text, STR("Vi har mottatt henvendelsen")));
    assert_true(holds(page.text, text_of(&taken, "legal")));
    assert_false(holds(page.text, text_of(&taken, "number")));
    assert_false(holds(page.text, STR("anari")));
    assert_false(holds(page.text, STR("innsyn")) || holds(page.text, STR("access")));
    struct answer asked =
        request_step(&taken, "identity", "{\"outcome\":\"asked\",\"reasons\":\"Kanari\"}");
    expect(&asked, 201);
    page = follow(arena_format(server.arena, "%.*s?lang=en", STR_ARG(path)));
    assert_true(holds(page.text, STR("asked for proof of who asks")));
    assert_false(holds(page.text, STR("anari")));
    assert_false(holds(page.text, STR("anari")));
}

static void a_link_that_is_none_forged_or_of_another_register_shows_the_same(void **state)
{
    (void)state;
    struct answer taken = take_request("");
    str path = follow_path(&taken);
    str last = path, part;
    while (last.len > 0 && str_next(&last, '/', &part))
        continue;
    struct answer none =
        follow(arena_format(server.arena, "/r/%.*s/request/nothing", STR_ARG(shop)));
    expect(&none, 200);
    assert_true(holds(none.text, STR("ikke en av våre")));
    for (size_t at = 0; at < 40; at += 13) {
        struct answer odd = follow(forged(path, at));
        same_bytes(&odd, &none);
    }
    struct answer elsewhere =
        follow(arena_format(server.arena, "/r/%.*s/request/%.*s", STR_ARG(other), STR_ARG(part)));
    expect(&elsewhere, 200);
    assert_true(holds(elsewhere.text, STR("ikke en av våre")));
    struct answer stop =
        follow(arena_format(server.arena, "/r/%.*s/request/%.*sAA", STR_ARG(shop), STR_ARG(part)));
    same_bytes(&stop, &none);
    struct answer posted = submit(path, "");
    expect(&posted, 405);
    struct answer before_ = follow(path);
    assert_true(holds(before_.text, STR("Vi har mottatt")));
    struct answer second = take_request("");
    str taken_back = follow_path(&second);
    before_ = follow(taken_back);
    assert_true(holds(before_.text, STR("Vi har mottatt")));
    for (int i = 0; i < 2; i++) { /* once more changes nothing */
        struct answer off = ask(&server, server.token, "POST",
                                arena_format(server.arena, "/v1/requests/%.*s/unfollow",
                                             STR_ARG(text_of(&second, "id"))),
                                STR(""));
        expect(&off, 201);
    }
    struct answer gone = follow(taken_back);
    same_bytes(&gone, &none);
    before_ = follow(path); /* another's is as it was */
    assert_true(holds(before_.text, STR("Vi har mottatt")));
    struct answer moved = ask(&server, server.token, "POST", STR("/v1/clock"),
                              STR("{\"to\":\"2026-08-29T09:00:00Z\"}"));
    expect(&moved, 200);
    struct answer late = follow(path); /* after 180 days; the tokens are over, too */
    same_bytes(&late, &none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anyone_reads_the_notice_as_a_page_in_the_language_they_like),
        cmocka_unit_test(the_notice_is_json_and_json_ld_for_those_who_ask),
        cmocka_unit_test(processors_and_changes_are_there_for_anyone),
        cmocka_unit_test(an_old_notice_is_kept_by_its_hash),
        cmocka_unit_test(a_notice_that_cannot_be_given_whole_is_refused_by_what_lacks),
        cmocka_unit_test(one_click_turns_the_message_off_without_a_sign_in),
        cmocka_unit_test(a_mail_provider_may_post_multipart_and_people_may_choose_on_the_page),
        cmocka_unit_test(a_message_without_a_link_of_ours_is_refused_however_it_is_said),
        cmocka_unit_test(a_scanner_that_opens_the_link_changes_nothing),
        cmocka_unit_test(known_unknown_forged_and_erased_answer_with_the_same_bytes),
        cmocka_unit_test(a_link_turns_nothing_on_and_shows_nothing),
        cmocka_unit_test(a_body_that_is_no_form_is_refused_and_changes_nothing),
        cmocka_unit_test(a_flood_of_guesses_is_limited_by_address_and_links_still_work),
        cmocka_unit_test(what_a_link_did_and_what_it_did_not_stands_in_the_log),
        cmocka_unit_test(a_request_is_followed_by_its_link_which_shows_state_and_dates_alone),
        cmocka_unit_test(a_link_that_is_none_forged_or_of_another_register_shows_the_same),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
