/* Members of the staff sign in, over HTTP against the real server: by password and code, and by a
 * provider of OpenID Connect that is honest or not. */
#include "staff_fixture.h"

#include <sodium.h>
#include <unistd.h>

#include "provider.h"

static struct provider_double provider;

static int open_server(void **state)
{
    char settings[512];
    *state = NULL;
    provider_open(&provider);
    (void)snprintf(settings, sizeof(settings),
                   "oidc_issuer = %s\noidc_client = vern\noidc_secret = Qanary+secret\n"
                   "public_url = http://127.0.0.1:1\npublic_per_minute = 100000\n"
                   "proxies = 127.0.0.1\npost_ms = 2000\n",
                   provider.issuer);
    process_open(&server, settings);
    shop = public_id(server.token);
    other = public_id(server.other);
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    provider_close(&provider);
    return 0;
}

/* The server's own time, in seconds: it stands in the cookie of a sign-in by the provider. */
static int64_t server_now(void)
{
    struct browser browser = {.address = "198.51.100.250"};
    struct answer answer = go(&browser, "GET", at(shop, "staff/openid"), STR(""));
    str rest = browser.openid, time;
    int64_t ms = 0;
    expect(&answer, 303);
    assert_true(str_next(&rest, '.', &time) && str_to_i64(time, &ms));
    return ms / 1000;
}

/* ---- by password and code ---- */

/* Items 8 and 12 of the security requirements; HOS-40 */
static void a_member_signs_in_acts_within_the_account_and_signs_out(void **state)
{
    (void)state;
    struct member mona = hire("mona-1", "\"read\",\"officer\"", true);
    struct browser browser = browser_at("198.51.100.1");
    struct answer in = enter(&browser, "mona-1", PASSWORD, code_at(&mona, server_now()));
    expect(&in, 200);
    assert_int_equal(browser.session.len, 66);
    struct answer session = as(&browser, "GET", "/v1/session", NULL);
    expect(&session, 200);
    assert_true(str_equal(text_of(&session, "staff"), mona.id));
    const char *csrf = arena_c_string(server.arena, text_of(&session, "csrf"));
    assert_true(holds(in.text, str_from(csrf)));
    struct answer acts = as(&browser, "GET", "/v1/acts", NULL);
    expect(&acts, 200);
    struct answer beyond = as(&browser, "GET", "/v1/staff", NULL); /* administers nothing */
    expect_problem(&beyond, 403, "/problems/forbidden");
    struct answer bare = as(&browser, "POST", "/v1/subjects/find", NULL);
    expect_problem(&bare, 403, "/problems/forbidden");
    struct answer first = go(&browser, "POST", at(shop, "staff/sign-out"), STR("csrf=wrong"));
    expect(&first, 200);
    session = as(&browser, "GET", "/v1/session", NULL);
    expect(&session, 200);
    struct answer out = go(&browser, "POST", at(shop, "staff/sign-out"),
                           arena_format(server.arena, "csrf=%s", csrf));
    expect(&out, 200);
    assert_true(str_equal(out.text, first.text));
    assert_int_equal(browser.session.len, 0);
}

static void a_new_account_ends_the_sessions_of_the_old_one(void **state)
{
    (void)state;
    struct member mona = hire("mona-2", "\"read\"", true);
    struct browser browser = browser_at("198.51.100.2");
    struct answer in = enter(&browser, "mona-2", PASSWORD, mona.recovery[0]);
    expect(&in, 200);
    struct answer session = as(&browser, "GET", "/v1/session", NULL);
    expect(&session, 200);
    struct answer end =
        ask(&server, server.token, "POST",
            arena_format(server.arena, "/v1/staff/%.*s/account/end", STR_ARG(mona.id)), STR("{}"));
    expect(&end, 200);
    session = as(&browser, "GET", "/v1/session", NULL);
    expect_problem(&session, 401, "/problems/unauthenticated");
}

/* G9: whoever is not let in learns nothing of the cause. */
static void whoever_is_not_let_in_gets_the_same_bytes(void **state)
{
    (void)state;
    struct member mona = hire("mona-3", "\"read\"", true);
    (void)hire("mona-4", "\"read\"", false);
    struct browser browser = browser_at("198.51.100.3");
    int64_t now = server_now();
    str right = code_at(&mona, now);
    struct answer in = enter(&browser, "mona-3", PASSWORD, right);
    expect(&in, 200);
    struct browser fresh = browser_at("198.51.100.4");
    struct answer first = enter(&fresh, "nobody-9", PASSWORD, right);
    expect(&first, 401);
    assert_true(str_is(first.media, "text/html; charset=utf-8"));
    struct answer others[] = {
        enter(&fresh, "mona-4", PASSWORD, right), /* by the provider alone */
        enter(&fresh, "mona-3", PASSWORD, right), /* the code was used */
        enter(&fresh, "mona-3", "correct+horse+batters", right),
        enter(&fresh, "mona-3", PASSWORD, STR("000000")),
        enter(&fresh, "mona-3", PASSWORD, STR("x")),
        enter(&fresh, "mona-3", PASSWORD, STR("1")), /* the fifth: locked from here */
        enter(&fresh, "mona-3", PASSWORD, mona.recovery[1]),
        enter(&fresh, "%C3%A5se%0A", "short", right),
    };
    for (size_t i = 0; i < LENGTH(others); i++) {
        if (others[i].code != 401 || !str_equal(others[i].text, first.text) ||
            others[i].response.field_count != first.response.field_count)
            fail_msg("%zu: %.*s", i, STR_ARG(others[i].text));
    }
    assert_int_equal(fresh.session.len, 0);
}

static void a_page_of_another_site_signs_nobody_in(void **state)
{
    (void)state;
    struct member mona = hire("mona-5", "\"read\"", true);
    struct browser browsers[4];
    for (size_t i = 0; i < LENGTH(browsers); i++)
        browsers[i] = browser_at("198.51.100.5");
    browsers[0].form = STR("");
    browsers[1].origin = "https://evil.example";
    browsers[2].site = "cross-site";
    browsers[3].site = "same-site";
    for (size_t i = 0; i < LENGTH(browsers); i++) {
        struct answer no = enter(&browsers[i], "mona-5", PASSWORD, mona.recovery[0]);
        expect_problem(&no, 403, "/problems/forbidden");
        assert_int_equal(browsers[i].session.len, 0);
    }
    struct browser ours = browser_at("198.51.100.5");
    ours.origin = "null"; /* as browsers say under no-referrer */
    ours.site = "same-origin";
    struct answer in = enter(&ours, "mona-5", PASSWORD, mona.recovery[0]);
    expect(&in, 200);
}

static void a_client_that_guesses_waits_and_others_do_not(void **state)
{
    (void)state;
    struct member mona = hire("mona-6", "\"read\"", true);
    struct browser guesser = browser_at("2001:db8:1::1");
    size_t tried = 0;
    for (; tried < 40; tried++) {
        struct answer answer = enter(&guesser, "nobody-9", "x", STR("1"));
        if (answer.code == 429)
            break;
        expect(&answer, 401);
    }
    assert_int_equal(tried, 10);
    struct browser neighbour = browser_at("2001:db8:1::2"); /* the same network */
    struct answer no = enter(&neighbour, "mona-6", PASSWORD, mona.recovery[0]);
    expect_problem(&no, 429, "/problems/rate");
    struct browser elsewhere = browser_at("2001:db8:2::1");
    struct answer in = enter(&elsewhere, "mona-6", PASSWORD, mona.recovery[0]);
    expect(&in, 200);
}

/* ---- a password of one's own ---- */

static struct answer choose(struct browser *browser, const char *given, const char *chosen,
                            const char *again)
{
    return go(browser, "POST", at(shop, "staff/password"),
              arena_format(server.arena, "password=%s&new=%s&again=%s", given, chosen, again));
}

static const char *csrf_of(const struct browser *browser)
{
    struct answer session = as(browser, "GET", "/v1/session", NULL);
    expect(&session, 200);
    return arena_c_string(server.arena, text_of(&session, "csrf"));
}

/* Every route that is asked with a token refuses; item 12 of the security requirements. */
static void assert_nothing_else_is_let_through(const struct browser *browser)
{
    static const struct {
        const char *method, *path;
    } routes[] = {
#define ROUTE(method, path, handler, scope, request, reply, flags, what) {method, path},
#include "routes.def"
#undef ROUTE
    };
    const char *csrf = csrf_of(browser);
    size_t asked = 0;
    for (size_t i = 0; i < LENGTH(routes); i++) {
        str path = str_from(routes[i].path), rest = path, part, target = STR("");
        if (!str_starts(path, STR("/v1/")) || str_starts(path, STR("/v1/me")) ||
            str_starts(path, STR("/v1/session")) || str_is(path, "/v1/account/password") ||
            str_is(path, "/v1/health") || str_is(path, "/v1/ready") ||
            str_is(path, "/v1/openapi.json"))
            continue;
        (void)str_next(&rest, '/', &part);
        while (str_next(&rest, '/', &part))
            target =
                arena_format(server.arena, "%.*s/%.*s", STR_ARG(target),
                             STR_ARG(part.ptr[0] == ':' ? STR("AAAAAAAAAAAAAAAAAAAAAA") : part));
        struct answer no =
            as(browser, routes[i].method, arena_c_string(server.arena, target), csrf);
        if (no.code != 403 && no.code != 415 && no.code != 400 && no.code != 422)
            fail_msg("%s %s: %d", routes[i].method, routes[i].path, no.code);
        asked += no.code == 403;
    }
    assert_true(asked > 150);
}

static void a_password_that_another_has_chosen_is_changed_before_anything_else(void **state)
{
    (void)state;
    struct member mona = hire_first("mona-7", "\"read\",\"officer\",\"administer\"", true);
    struct browser browser = browser_at("198.51.100.17");
    struct answer in = enter(&browser, "mona-7", FIRST, mona.recovery[0]);
    expect(&in, 200);
    assert_true(holds(in.text, STR("Somebody else has chosen your password.")));
    assert_true(holds(in.text, STR("action=\"password\"")));
    struct answer session = as(&browser, "GET", "/v1/session", NULL);
    bool first = false;
    assert_true(json_bool(json_get(session.json, "first"), &first) && first);
    assert_nothing_else_is_let_through(&browser);
    static const struct {
        const char *given, *chosen, *again;
        int code;
        const char *says;
    } tried[] = {
        {FIRST, "short one", "short one", 422, "too short"},
        {FIRST, "password1234", "password1234", 422, "tried first"},
        {FIRST, "mona-7mona-7", "mona-7mona-7", 422, "tried first"},
        {FIRST, PASSWORD, "correct horse batters", 422, "not the same"},
        {"another one, sir", PASSWORD, PASSWORD, 403, "is not right"},
        {"%0A", PASSWORD, PASSWORD, 403, "is not right"},
        {FIRST, PASSWORD, PASSWORD, 200, "The password is changed"},
    };
    for (size_t i = 0; i < LENGTH(tried); i++) {
        struct answer answer = choose(&browser, tried[i].given, tried[i].chosen, tried[i].again);
        if (answer.code != tried[i].code || !holds(answer.text, str_from(tried[i].says)))
            fail_msg("%zu: %d %.*s", i, answer.code, STR_ARG(answer.text));
        assert_false(holds(answer.text, STR("horse")));
    }
    struct answer acts = as(&browser, "GET", "/v1/acts", NULL);
    expect(&acts, 200);
    session = as(&browser, "GET", "/v1/session", NULL);
    assert_null(json_get(session.json, "first"));
    struct browser again = browser_at("198.51.100.18");
    struct answer no = enter(&again, "mona-7", FIRST, mona.recovery[1]);
    expect(&no, 401);
    in = enter(&again, "mona-7", PASSWORD, mona.recovery[1]);
    expect(&in, 200);
    assert_false(holds(in.text, STR("Somebody else")));
    assert_int_equal(tree_search(server.data, str_from(FIRST)), 0);
}

static void a_changed_password_ends_the_members_other_sessions(void **state)
{
    (void)state;
    struct member mona = hire("mona-8", "\"read\",\"officer\"", true);
    struct browser here = browser_at("198.51.100.19"), there = browser_at("198.51.100.20");
    struct answer in = enter(&here, "mona-8", PASSWORD, mona.recovery[0]);
    expect(&in, 200);
    in = enter(&there, "mona-8", PASSWORD, mona.recovery[1]);
    expect(&in, 200);
    struct answer done = choose(&here, PASSWORD, "en+lang+setning+til", "en+lang+setning+til");
    expect(&done, 200);
    struct answer session = as(&here, "GET", "/v1/session", NULL);
    expect(&session, 200);
    session = as(&there, "GET", "/v1/session", NULL);
    expect_problem(&session, 401, "/problems/unauthenticated");
    /* By a token: every session ends, and a code is needed. */
    str token = token_of_member(&mona);
    struct answer no = change_password(token, "en lang setning til", PASSWORD, STR(""));
    expect_problem(&no, 403, "/problems/forbidden");
    session = as(&here, "GET", "/v1/session", NULL);
    expect(&session, 200);
    done = change_password(token, "en lang setning til", PASSWORD, mona.recovery[2]);
    expect(&done, 200);
    session = as(&here, "GET", "/v1/session", NULL);
    expect_problem(&session, 401, "/problems/unauthenticated");
}

static void a_password_is_changed_here_by_who_is_signed_in_here(void **state)
{
    (void)state;
    struct member mona = hire("mona-9", "\"read\"", true);
    struct browser browser = browser_at("198.51.100.21");
    struct answer no = choose(&browser, PASSWORD, "en+lang+setning+til", "en+lang+setning+til");
    expect(&no, 401); /* nobody is signed in */
    struct answer in = enter(&browser, "mona-9", PASSWORD, mona.recovery[0]);
    expect(&in, 200);
    struct browser forged[3];
    for (size_t i = 0; i < LENGTH(forged); i++)
        forged[i] = browser;
    forged[0].form = STR("");
    forged[1].origin = "https://evil.example";
    forged[2].site = "same-site";
    for (size_t i = 0; i < LENGTH(forged); i++) {
        no = choose(&forged[i], PASSWORD, "en+lang+setning+til", "en+lang+setning+til");
        expect_problem(&no, 403, "/problems/forbidden");
    }
    no =
        go(&browser, "POST", at(other, "staff/password"), /* another register's page */
           arena_format(server.arena,
                        "password=%s&new=en+lang+setning+til&again=en+lang+setning+til", PASSWORD));
    expect(&no, 401);
    struct browser again = browser_at("198.51.100.22");
    in = enter(&again, "mona-9", PASSWORD, mona.recovery[1]);
    expect(&in, 200);
}

/* ---- what a session is not enough for ---- */

static void a_session_that_is_not_fresh_copies_erases_and_hands_on_nothing(void **state)
{
    (void)state;
    static const char *const targets[] = {"/v1/subjects/AAAAAAAAAAAAAAAAAAAAAA/access",
                                          "/v1/subjects/AAAAAAAAAAAAAAAAAAAAAA/portability",
                                          "/v1/subjects/AAAAAAAAAAAAAAAAAAAAAA/package",
                                          "/v1/subjects/AAAAAAAAAAAAAAAAAAAAAA/erase",
                                          "/v1/export",
                                          "/v1/tokens",
                                          "/v1/register/end",
                                          "/v1/spaces/end"};
    struct member mona = hire("mona-10", "\"all\"", true);
    struct browser browser = browser_at("198.51.100.23");
    struct answer in = enter(&browser, "mona-10", PASSWORD, mona.recovery[0]);
    expect(&in, 200);
    const char *csrf = csrf_of(&browser);
    for (size_t i = 0; i < LENGTH(targets); i++) {
        struct answer fresh = as(&browser, "POST", targets[i], csrf);
        assert_false(holds(fresh.text, STR("sign in anew")));
    }
    struct answer moved =
        post(&server, "/v1/clock", "{\"to\":\"2026-03-01T09:10:01Z\"}"); /* began at 09:00 */
    expect(&moved, 200);
    for (size_t i = 0; i < LENGTH(targets); i++) {
        struct answer late = as(&browser, "POST", targets[i], csrf);
        expect_problem(&late, 403, "/problems/forbidden");
        assert_true(holds(late.text, STR("sign in anew")));
    }
    /* Nor one's own password without a code. */
    struct answer no = choose(&browser, PASSWORD, "en+lang+setning+til", "en+lang+setning+til");
    expect(&no, 403);
    struct answer done =
        go(&browser, "POST", at(shop, "staff/password"),
           arena_format(server.arena,
                        "password=%s&new=en+lang+setning+til&again=en+lang+setning+til&code=%.*s",
                        PASSWORD, STR_ARG(mona.recovery[1])));
    expect(&done, 200);
}

static struct answer post_as(const struct browser *browser, str target, const char *body)
{
    struct http_field fields[] = {
        {STR("Cookie"),
         arena_format(server.arena, "__Host-vern-session=%.*s", STR_ARG(browser->session))},
        {STR("X-Vern-CSRF"), str_from(csrf_of(browser))}};
    return ask_with(&server, "POST", target, "application/json", str_from(body), fields, 2);
}

/* Item 16 of the security requirements: by whatever they are signed in, one person is one. */
static void a_second_session_or_token_of_the_same_member_is_no_second_pair_of_eyes(void **state)
{
    (void)state;
    struct member mona = hire("mona-12", "\"all\"", true), nils = hire("nils-12", "\"all\"", true);
    struct browser one = browser_at("198.51.100.25"), two = browser_at("198.51.100.26");
    struct browser his = browser_at("198.51.100.27");
    struct answer in = enter(&one, "mona-12", PASSWORD, mona.recovery[0]);
    expect(&in, 200);
    in = enter(&two, "mona-12", PASSWORD, mona.recovery[1]);
    expect(&in, 200);
    in = enter(&his, "nils-12", PASSWORD, nils.recovery[0]);
    expect(&in, 200);
    const struct member *both[] = {&mona, &nils};
    for (size_t i = 0; i < LENGTH(both); i++) {
        struct answer trained =
            ask(&server, server.token, "POST", STR("/v1/evidence"),
                arena_format(server.arena,
                             "{\"type\":\"training\",\"actor\":\"%.*s\",\"particulars\":{}}",
                             STR_ARG(both[i]->id)));
        expect(&trained, 201);
    }
    struct answer made = post(&server, "/v1/subjects", "{\"roles\":[\"asker\"]}");
    expect(&made, 201);
    str erase =
        arena_format(server.arena, "/v1/subjects/%.*s/erase", STR_ARG(text_of(&made, "id")));
    struct answer waits = post_as(&one, erase, "{\"warned\":true}");
    expect(&waits, 202);
    str approve =
        arena_format(server.arena, "/v1/acts/%.*s/approve", STR_ARG(text_of(&waits, "id")));
    struct answer no = post_as(&one, approve, "{}");
    expect_problem(&no, 403, "/problems/refused");
    no = post_as(&two, approve, "{}");
    expect_problem(&no, 403, "/problems/refused");
    no = ask(&server, token_of_member(&mona), "POST", approve, STR("{}"));
    assert_int_equal(no.code, 403);
    struct answer yes = post_as(&his, approve, "{}");
    expect(&yes, 200);
    struct answer done = post_as(&two, erase, "{\"warned\":true}");
    expect(&done, 200);
}

static void whoever_is_signed_in_acts_for_nobody_else(void **state)
{
    (void)state;
    struct member mona = hire("mona-11", "\"all\"", true);
    struct browser browser = browser_at("198.51.100.24");
    struct answer in = enter(&browser, "mona-11", PASSWORD, mona.recovery[0]);
    expect(&in, 200);
    struct http_field fields[] = {
        {STR("Cookie"),
         arena_format(server.arena, "__Host-vern-session=%.*s", STR_ARG(browser.session))},
        {STR("X-Vern-Human"), STR("mona-10")}};
    struct answer no = ask_with(&server, "GET", STR("/v1/acts"), "", STR(""), fields, 2);
    expect_problem(&no, 422, "/problems/invalid");
    struct answer acts = ask_with(&server, "GET", STR("/v1/acts"), "", STR(""), fields, 1);
    expect(&acts, 200);
}

/* ---- by a provider ---- */

/* The browser goes to the provider, which is told what it would have read. */
static str begin(struct browser *browser, str id)
{
    struct answer there = go(browser, "GET", at(id, "staff/openid"), STR(""));
    expect(&there, 303);
    str location = http_response_header(&there.response, "Location"), rest = browser->openid, time;
    int64_t ms = 0;
    assert_true(str_starts(location, str_from(provider.issuer)));
    assert_true(str_next(&rest, '.', &time) && str_to_i64(time, &ms));
    provider.now = ms / 1000;
    (void)snprintf(provider.nonce, sizeof(provider.nonce), "%.*s",
                   STR_ARG(sent(location, "nonce")));
    return location;
}

static struct answer back(struct browser *browser, str id, str code, str state)
{
    return go(browser, "GET",
              arena_format(server.arena, "%.*s?code=%.*s&state=%.*s",
                           STR_ARG(at(id, "staff/openid/back")), STR_ARG(code), STR_ARG(state)),
              STR(""));
}

static void named(const char *login)
{
    provider.trick = TRICK_NONE;
    (void)snprintf(provider.login, sizeof(provider.login), "%s", login);
}

static struct answer by_provider(struct browser *browser)
{
    str location = begin(browser, shop);
    return back(browser, shop, STR("good"), sent(location, "state"));
}

static void the_provider_signs_a_member_in_by_code_with_proof_of_the_key(void **state)
{
    (void)state;
    struct member olga = hire("olga-1", "\"read\"", false);
    struct browser browser = {.address = "203.0.113.1"};
    named("olga-1");
    str location = begin(&browser, shop);
    assert_true(str_is(sent(location, "response_type"), "code"));
    assert_true(str_is(sent(location, "client_id"), "vern"));
    assert_true(str_is(sent(location, "code_challenge_method"), "S256"));
    assert_true(holds(sent(location, "redirect_uri"), shop));
    struct answer in = back(&browser, shop, STR("good"), sent(location, "state"));
    expect(&in, 200);
    assert_int_equal(browser.openid.len, 0);
    struct answer session = as(&browser, "GET", "/v1/session", NULL);
    assert_true(str_equal(text_of(&session, "staff"), olga.id));
    assert_true(str_is(text_of(&session, "how"), "openid"));
    /* The verifier is that of the challenge, and the secret went as it should. */
    const char *verifier = strstr(provider.asked, "code_verifier=");
    assert_non_null(verifier);
    unsigned char hash[crypto_hash_sha256_BYTES];
    char room[64];
    struct buf challenge = buf_over(room, sizeof(room));
    crypto_hash_sha256(hash, (const unsigned char *)verifier + 14, 43);
    buf_base64url(&challenge, (str){(const char *)hash, sizeof(hash)});
    assert_true(str_equal(buf_str(&challenge), sent(location, "code_challenge")));
    assert_non_null(strstr(provider.asked, "Authorization: Basic dmVybjpRYW5hcnklMkJzZWNyZXQ="));
    assert_null(strstr(provider.asked, "client_secret"));
    assert_false(holds((str){server.log, server.log_len}, STR("Qanary")));
    assert_int_equal(tree_search(server.data, STR("Qanary")), 0);
}

static void assert_not_in(struct browser *browser, const struct answer *answer)
{
    static str page = {NULL, 0};
    expect(answer, 401);
    if (page.ptr != NULL && !str_equal(page, answer->text))
        fail_msg("%.*s", STR_ARG(answer->text));
    page = answer->text;
    assert_int_equal(browser->session.len, 0);
}

static void a_provider_that_lies_or_stumbles_signs_nobody_in(void **state)
{
    (void)state;
    char address[32];
    (void)hire("olga-2", "\"read\"", false);
    for (int trick = TRICK_NONE + 1; trick < TRICK_COUNT; trick++) {
        (void)snprintf(address, sizeof(address), "203.0.113.%d", 20 + trick);
        struct browser browser = {.address = address};
        named("olga-2");
        if (trick == TRICK_HUGE_KEYS)
            provider_rotate(&provider); /* so that they are asked for */
        provider.trick = (enum trick)trick;
        struct answer no = by_provider(&browser);
        if (no.code != 401)
            fail_msg("trick %d: %d", trick, no.code);
        assert_not_in(&browser, &no);
    }
    assert_int_equal(provider.elsewhere, 0); /* no redirect was followed */
    struct browser browser = {.address = "203.0.113.19"};
    named("olga-2");
    struct answer in = by_provider(&browser);
    expect(&in, 200);
}

static void nobody_gets_an_account_by_signing_in(void **state)
{
    (void)state;
    static const char *const logins[] = {"stranger-1", "olga-3", "gone-1"};
    struct answer made =
        post(&server, "/v1/staff", "{\"role\":\"manager\",\"name\":\"O\",\"login\":\"olga-3\"}");
    expect(&made, 201);
    struct member gone = hire("gone-1", "\"read\"", false);
    struct answer end =
        ask(&server, server.token, "DELETE",
            arena_format(server.arena, "/v1/staff/%.*s", STR_ARG(gone.id)), STR(""));
    expect(&end, 200);
    for (size_t i = 0; i < LENGTH(logins); i++) {
        struct browser browser = {.address = "203.0.113.2"};
        named(logins[i]);
        struct answer no = by_provider(&browser);
        assert_not_in(&browser, &no);
    }
}

static void an_answer_that_this_browser_did_not_ask_for_here_is_none(void **state)
{
    (void)state;
    (void)hire("olga-4", "\"read\"", false);
    named("olga-4");
    struct browser victim = {.address = "203.0.113.3"}, thief = {.address = "203.0.113.4"};
    str thiefs = sent(begin(&thief, shop), "state");
    str state_ = sent(begin(&victim, shop), "state");
    str kept = victim.openid;
    unsigned asked = provider.tokens;
    /* The thief's code and state, slipped to the victim: a login of somebody else's. */
    struct answer no = back(&victim, shop, STR("good"), thiefs);
    assert_not_in(&victim, &no);
    assert_int_equal(victim.openid.len, 0);
    no = back(&victim, shop, STR("good"), state_); /* the cookie was for one answer */
    assert_not_in(&victim, &no);
    static const char *const odd[] = {"", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    for (size_t i = 0; i < LENGTH(odd); i++) {
        victim.openid = kept;
        no = back(&victim, shop, STR("good"), str_from(odd[i]));
        assert_not_in(&victim, &no);
    }
    victim.openid = kept;
    no = back(&victim, other, STR("good"), state_); /* another register */
    assert_not_in(&victim, &no);
    victim.openid = kept;
    no = back(&victim, shop, STR(""), state_);
    assert_not_in(&victim, &no);
    victim.openid = kept;
    no = go(&victim, "GET",
            arena_format(server.arena, "/r/%.*s/staff/openid/back?error=access_denied&state=%.*s",
                         STR_ARG(shop), STR_ARG(state_)),
            STR(""));
    assert_not_in(&victim, &no);
    victim.openid = STR("1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"); /* long ago */
    no = back(&victim, shop, STR("good"), state_);
    assert_not_in(&victim, &no);
    assert_int_equal(provider.tokens, asked); /* the provider was not even asked */
    victim.address = "203.0.113.7";           /* the old one has tried too often by now */
    victim.openid = kept;
    no = back(&victim, shop, STR("used"), state_); /* a code that was used */
    assert_not_in(&victim, &no);
    victim.openid = kept;
    struct answer twice =
        go(&victim, "GET",
           arena_format(server.arena, "/r/%.*s/staff/openid/back?state=%.*s&state=%.*s&code=a",
                        STR_ARG(shop), STR_ARG(state_), STR_ARG(state_)),
           STR(""));
    expect(&twice, 400);
    victim.openid = kept;
    struct answer in = back(&victim, shop, STR("good"), state_);
    expect(&in, 200);
}

static void new_keys_of_the_provider_are_fetched_once_when_they_are_needed(void **state)
{
    (void)state;
    (void)hire("olga-5", "\"read\"", false);
    struct browser browser = {.address = "203.0.113.5"};
    named("olga-5");
    struct answer in = by_provider(&browser);
    expect(&in, 200);
    unsigned fetched = provider.keys, discovered = provider.discoveries;
    in = by_provider(&browser);
    expect(&in, 200);
    assert_int_equal(provider.keys, fetched);
    (void)snprintf(provider.kid, sizeof(provider.kid), "key-9");
    in = by_provider(&browser);
    expect(&in, 200);
    assert_int_equal(provider.keys, fetched + 1);
    struct browser unknown = {.address = "203.0.113.6"};
    provider.trick = TRICK_KID;
    struct answer no = by_provider(&unknown);
    assert_not_in(&unknown, &no);
    assert_int_equal(provider.keys, fetched + 2);
    assert_int_equal(provider.discoveries, discovered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_signs_in_acts_within_the_account_and_signs_out),
        cmocka_unit_test(a_new_account_ends_the_sessions_of_the_old_one),
        cmocka_unit_test(whoever_is_not_let_in_gets_the_same_bytes),
        cmocka_unit_test(a_page_of_another_site_signs_nobody_in),
        cmocka_unit_test(a_client_that_guesses_waits_and_others_do_not),
        cmocka_unit_test(a_password_that_another_has_chosen_is_changed_before_anything_else),
        cmocka_unit_test(a_changed_password_ends_the_members_other_sessions),
        cmocka_unit_test(a_password_is_changed_here_by_who_is_signed_in_here),
        cmocka_unit_test(a_session_that_is_not_fresh_copies_erases_and_hands_on_nothing),
        cmocka_unit_test(a_second_session_or_token_of_the_same_member_is_no_second_pair_of_eyes),
        cmocka_unit_test(whoever_is_signed_in_acts_for_nobody_else),
        cmocka_unit_test(the_provider_signs_a_member_in_by_code_with_proof_of_the_key),
        cmocka_unit_test(a_provider_that_lies_or_stumbles_signs_nobody_in),
        cmocka_unit_test(nobody_gets_an_account_by_signing_in),
        cmocka_unit_test(an_answer_that_this_browser_did_not_ask_for_here_is_none),
        cmocka_unit_test(new_keys_of_the_provider_are_fetched_once_when_they_are_needed),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
