/* Members of the staff, and people, sign in by a provider of OpenID Connect that others wrote: the
 * npm package oidc-provider, on loopback, with a browser that goes between the two
 * (openid_provider.mjs). What a provider does that lies is in staff_in_test.c and person_in_test.c.
 */
#include "staff_fixture.h"

#include <unistd.h>

#include "receiver.h"

static struct receiver provider;
static char settings_always[512];
static bool serving;

/* ---- the provider and its browser ---- */

/* One line of an order is answered by one line. */
static const struct json *order(str line)
{
    char *text = NULL;
    size_t room = 0;
    const struct json *json = NULL;
    struct report report = {0};
    str whole = arena_format(provider.arena, "%.*s\n", STR_ARG(line));
    assert_int_equal(write(provider.input, whole.ptr, whole.len), whole.len);
    ssize_t length = getline(&text, &room, provider.output);
    if (length <= 0)
        fail_msg("the provider has ended");
    str answer = arena_copy(provider.arena, (str){text, (size_t)length});
    free(text);
    if (!is_ok(json_parse(provider.arena, answer, &report, &json)) ||
        json_get(json, "failed") != NULL)
        fail_msg("the provider says: %.*s", STR_ARG(answer));
    return json;
}

static str back_to(str id)
{
    return arena_format(
        provider.arena, "http://127.0.0.1:1%.*s",
        STR_ARG(arena_format(provider.arena, "/r/%.*s/staff/openid/back", STR_ARG(id))));
}

/* Another provider at the same address, with new keys: `more` are members of its order. */
static void provide(const char *more)
{
    (void)order(arena_format(
        provider.arena,
        "{\"provider\":{\"redirects\":[\"%.*s\",\"%.*s\",\"http://127.0.0.1:1%.*s\"]%s%s}}",
        STR_ARG(back_to(shop)), STR_ARG(back_to(other)), STR_ARG(at(shop, "openid/back")),
        *more == '\0' ? "" : ",", more));
}

static void forget_cookies(void)
{
    (void)order(STR("{\"forget\":true}"));
}

static int64_t count_of(const struct json *counts, const char *what)
{
    int64_t count = -1;
    assert_true(json_i64(json_get(counts, what), &count));
    return count;
}

static const struct json *counts_now(void)
{
    return order(STR("{\"counts\":true}"));
}

/* ---- the server ---- */

static void serve_with(const char *more)
{
    char settings[1024];
    if (serving)
        process_close(&server);
    (void)snprintf(settings, sizeof(settings), "%s%s", settings_always, more);
    process_open(&server, settings);
    serving = true;
    shop = public_id(server.token);
    other = public_id(server.other);
}

static const char SECRET[] = "oidc_secret = Qanary+secret/of=a test\n";

static int open_all(void **state)
{
    static const char *const none[] = {NULL};
    *state = NULL;
    if (access("tests/node_modules/oidc-provider/package.json", R_OK) != 0) {
        print_error("tests/node_modules lacks oidc-provider: ./check installs it, or "
                    "npm ci --ignore-scripts in tests (Debian: nodejs, npm)\n");
        return -1;
    }
    receiver_open_by(&provider, "node", "tests/openid_provider.mjs", none);
    (void)snprintf(settings_always, sizeof(settings_always),
                   "oidc_issuer = http://127.0.0.1:%u\noidc_client = vern\n"
                   "public_url = http://127.0.0.1:1\npublic_per_minute = 100000\n"
                   "proxies = 127.0.0.1\npost_ms = 5000\n",
                   provider.port);
    serve_with(SECRET);
    provide("");
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    process_close(&server);
    receiver_close(&provider);
    return 0;
}

/* ---- signing in ---- */

static str sent_to(struct browser *browser)
{
    struct answer there = go(browser, "GET", at(shop, "staff/openid"), STR(""));
    expect(&there, 303);
    return http_response_header(&there.response, "Location");
}

static str quoted(str text)
{
    struct buf buf = buf_in(provider.arena, 8192);
    struct json_out out = json_out_over(&buf);
    json_put_str(&out, text);
    return buf_str(&buf);
}

/* Where the provider sends the browser back to, from the path on. */
static str back_by(str location, const char *as)
{
    str back;
    const struct json *came = order(
        arena_format(provider.arena, "{\"go\":%.*s,\"as\":%s}", STR_ARG(quoted(location)), as));
    if (!json_str(json_get(came, "back"), &back))
        fail_msg("the provider sends nobody back: as %s", as);
    size_t origin = strlen("http://127.0.0.1:1");
    return str_slice(back, origin, back.len);
}

static struct answer sign_in(struct browser *browser, const char *as)
{
    return go(browser, "GET", back_by(sent_to(browser), as), STR(""));
}

static void assert_not_in(struct browser *browser, const struct answer *answer)
{
    expect(answer, 401);
    assert_int_equal(browser->session.len, 0);
    assert_false(holds(answer->text, STR("Qanary")));
}

static const char OLGA[] = "{\"preferred_username\":\"olga.1\"}";

/* Items 8 and 12 of the security requirements; HOS-40 */
static void a_member_signs_in_by_a_real_provider_out_and_in_again(void **state)
{
    (void)state;
    struct member olga = hire("olga.1", "\"read\"", false);
    struct browser browser = {.address = "203.0.113.1"};
    (void)counts_now();
    struct answer in = sign_in(&browser, OLGA);
    expect(&in, 200);
    struct answer session = as(&browser, "GET", "/v1/session", NULL);
    expect(&session, 200);
    assert_true(str_equal(text_of(&session, "staff"), olga.id));
    assert_true(str_is(text_of(&session, "how"), "openid"));
    const struct json *counts = counts_now();
    assert_int_equal(count_of(counts, "asked"), 1);
    assert_int_equal(count_of(counts, "tokens"), 1);
    assert_int_equal(count_of(counts, "keys"), 1);
    assert_int_equal(count_of(counts, "users"), 0); /* the signed token alone is believed */
    str before_ = browser.session;
    struct answer out =
        go(&browser, "POST", at(shop, "staff/sign-out"),
           arena_format(server.arena, "csrf=%.*s", STR_ARG(text_of(&session, "csrf"))));
    expect(&out, 200);
    struct browser ended = {.address = browser.address, .session = before_};
    session = as(&ended, "GET", "/v1/session", NULL);
    expect_problem(&session, 401, "/problems/unauthenticated");
    in = sign_in(&browser, OLGA); /* the provider remembers whom it asked a moment ago */
    expect(&in, 200);
    assert_false(str_equal(browser.session, before_));
    assert_int_equal(count_of(counts_now(), "asked"), 0);
    forget_cookies(); /* signed out there, too */
    in = sign_in(&browser, OLGA);
    expect(&in, 200);
    assert_int_equal(count_of(counts_now(), "asked"), 1);
}

static void tokens_of_each_algorithm_that_we_take_are_read_and_no_others(void **state)
{
    (void)state;
    static const struct {
        const char *algorithm;
        bool taken;
    } tried[] = {{"ES256", true}, {"PS256", true},  {"EdDSA", true},
                 {"RS256", true}, {"HS256", false}, {"RS512", false}};
    (void)hire("olga-2", "\"read\"", false);
    for (size_t i = 0; i < LENGTH(tried); i++) {
        struct browser browser = {.address = "203.0.113.2"};
        provide(arena_c_string(provider.arena, arena_format(provider.arena, "\"algorithm\":\"%s\"",
                                                            tried[i].algorithm)));
        forget_cookies();
        struct answer in = sign_in(&browser, "{\"preferred_username\":\"olga-2\"}");
        if (in.code != (tried[i].taken ? 200 : 401))
            fail_msg("%s: %d", tried[i].algorithm, in.code);
    }
    provide("");
}

static void new_keys_are_fetched_once_and_the_old_ones_are_worth_nothing(void **state)
{
    (void)state;
    struct browser browser = {.address = "203.0.113.3"};
    (void)hire("olga-3", "\"read\"", false);
    static const char who[] = "{\"preferred_username\":\"olga-3\"}";
    struct answer in = sign_in(&browser, who);
    expect(&in, 200);
    (void)counts_now();
    in = sign_in(&browser, who);
    expect(&in, 200);
    assert_int_equal(count_of(counts_now(), "keys"), 0);
    provide(""); /* another key under another name */
    forget_cookies();
    in = sign_in(&browser, who);
    expect(&in, 200);
    const struct json *counts = counts_now();
    assert_int_equal(count_of(counts, "keys"), 1);
    assert_int_equal(count_of(counts, "discoveries"), 0);
}

static void a_wrong_secret_signs_nobody_in_and_is_repeated_nowhere(void **state)
{
    (void)state;
    struct browser browser = {.address = "203.0.113.4"};
    (void)hire("olga-4", "\"read\"", false);
    static const char who[] = "{\"preferred_username\":\"olga-4\"}";
    provide("\"client\":{\"client_secret\":\"another one\"}");
    struct answer no = sign_in(&browser, who);
    assert_not_in(&browser, &no);
    provide("");
    struct answer in = sign_in(&browser, who);
    expect(&in, 200);
    assert_false(holds((str){server.log, server.log_len}, STR("Qanary")));
    assert_int_equal(tree_search(server.data, STR("Qanary")), 0);
}

/* By a code that is spent, one that another browser got, one that another provider is said to have
 * given, and by a no. */
static void a_code_is_good_once_and_for_the_browser_that_asked(void **state)
{
    (void)state;
    struct browser victim = {.address = "203.0.113.5"}, thief = {.address = "203.0.113.6"};
    (void)hire("olga-5", "\"read\"", false);
    (void)hire("olga-6", "\"read\"", false);
    forget_cookies();
    str back = back_by(sent_to(&victim), "{\"preferred_username\":\"olga-5\"}");
    str kept = victim.openid;
    struct answer in = go(&victim, "GET", back, STR(""));
    expect(&in, 200);
    struct browser again = {.address = "203.0.113.5", .openid = kept};
    struct answer no = go(&again, "GET", back, STR(""));
    assert_not_in(&again, &no);
    /* The thief's own code under the victim's state: the provider wants the verifier of the one who
     * asked (PKCE). */
    forget_cookies();
    str thiefs = back_by(sent_to(&thief), "{\"sub\":\"18\",\"preferred_username\":\"olga-6\"}");
    struct browser fresh = {.address = "203.0.113.5"};
    str state_ = sent(sent_to(&fresh), "state"), code = sent(thiefs, "code");
    no = go(&fresh, "GET",
            arena_format(server.arena, "%.*s?code=%.*s&state=%.*s",
                         STR_ARG(at(shop, "staff/openid/back")), STR_ARG(code), STR_ARG(state_)),
            STR(""));
    assert_not_in(&fresh, &no);
    /* RFC 9207: an answer of another provider's never takes its code to ours. */
    fresh = (struct browser){.address = "203.0.113.7"};
    back = back_by(sent_to(&fresh), "{\"preferred_username\":\"olga-5\"}");
    str good = sent(back, "iss");
    (void)counts_now();
    str other_issuer =
        arena_format(server.arena, "%.*s?code=%.*s&state=%.*s&iss=https%%3A%%2F%%2Fevil.example",
                     STR_ARG(at(shop, "staff/openid/back")), STR_ARG(sent(back, "code")),
                     STR_ARG(sent(back, "state")));
    kept = fresh.openid;
    no = go(&fresh, "GET", other_issuer, STR(""));
    assert_not_in(&fresh, &no);
    assert_int_equal(count_of(counts_now(), "tokens"), 0);
    assert_true(good.len > 0);
    fresh.openid = kept;
    in = go(&fresh, "GET", back, STR(""));
    expect(&in, 200);
    /* And whoever says no at the provider. */
    fresh = (struct browser){.address = "203.0.113.7"};
    str location = sent_to(&fresh), refused;
    forget_cookies();
    const struct json *came = order(
        arena_format(provider.arena, "{\"go\":%.*s,\"refuses\":true}", STR_ARG(quoted(location))));
    assert_true(json_str(json_get(came, "back"), &refused));
    assert_true(holds(refused, STR("error=access_denied")));
    no = go(&fresh, "GET", str_slice(refused, strlen("http://127.0.0.1:1"), refused.len), STR(""));
    assert_not_in(&fresh, &no);
}

static void what_is_not_in_the_signed_token_is_not_asked_for_elsewhere(void **state)
{
    (void)state;
    struct browser browser = {.address = "203.0.113.8"};
    (void)hire("olga-8", "\"read\"", false);
    provide("\"strict\":true"); /* as OpenID Connect Core has it: names are at userinfo alone */
    forget_cookies();
    (void)counts_now();
    struct answer no = sign_in(&browser, "{\"preferred_username\":\"olga-8\"}");
    assert_not_in(&browser, &no);
    assert_int_equal(count_of(counts_now(), "users"), 0);
    provide("");
}

static void a_level_and_a_way_of_proof_that_are_asked_for_must_be_in_the_token(void **state)
{
    (void)state;
    static const struct {
        const char *as;
        int code;
    } people[] = {
        {"{\"preferred_username\":\"olga-9\"}", 401},
        {"{\"preferred_username\":\"olga-9\",\"acr\":\"one\",\"amr\":[\"pwd\",\"mfa\"]}", 401},
        {"{\"preferred_username\":\"olga-9\",\"acr\":\"two\"}", 401},
        {"{\"preferred_username\":\"olga-9\",\"acr\":\"two\",\"amr\":[\"pwd\"]}", 401},
        {"{\"preferred_username\":\"olga-9\",\"acr\":\"two\",\"amr\":[\"pwd\",\"hwk\"]}", 200},
    };
    serve_with(
        "oidc_secret = Qanary+secret/of=a test\noidc_acr = two, three\noidc_amr = mfa,hwk\n");
    provide("");
    (void)hire("olga-9", "\"read\"", false);
    for (size_t i = 0; i < LENGTH(people); i++) {
        struct browser browser = {.address = "203.0.113.9"};
        forget_cookies();
        str location = sent_to(&browser);
        assert_true(str_is(sent(location, "acr_values"), "two%20three"));
        struct answer in = go(&browser, "GET", back_by(location, people[i].as), STR(""));
        if (in.code != people[i].code)
            fail_msg("%s: %d", people[i].as, in.code);
    }
}

static void an_address_is_a_login_where_the_provider_has_verified_it(void **state)
{
    (void)state;
    static const struct {
        const char *as;
        int code;
    } people[] = {
        {"{\"email\":\"olga@example.org\",\"email_verified\":false}", 401},
        {"{\"email\":\"olga@example.org\"}", 401},
        {"{\"email\":\"olga@example.org\",\"email_verified\":\"true\"}", 401},
        {"{\"email\":\"olga-10\",\"email_verified\":true}", 401}, /* a login is no address */
        {"{\"email\":\"other@example.org\",\"email_verified\":true}", 401},
        {"{\"email_verified\":true,\"preferred_username\":\"olga-10\"}", 401},
        {"{\"email\":\"Olga@Example.org\",\"email_verified\":true}", 200},
    };
    serve_with("oidc_secret = Qanary+secret/of=a test\noidc_claim = email\n");
    provide("");
    struct answer made = post(&server, "/v1/staff",
                              "{\"role\":\"manager\",\"name\":\"O\",\"login\":\"olga-10\","
                              "\"email\":\"olga@example.org\"}");
    expect(&made, 201);
    struct answer account =
        ask(&server, server.token, "POST",
            arena_format(server.arena, "/v1/staff/%.*s/account", STR_ARG(text_of(&made, "id"))),
            STR("{\"scopes\":[\"read\"]}"));
    expect(&account, 201);
    struct answer twice = post(&server, "/v1/staff",
                               "{\"role\":\"manager\",\"name\":\"P\","
                               "\"email\":\"OLGA@example.org\"}");
    expect_problem(&twice, 409, "/problems/conflict");
    struct answer odd =
        post(&server, "/v1/staff", "{\"role\":\"manager\",\"name\":\"P\",\"email\":\"olga\"}");
    expect_problem(&odd, 422, "/problems/invalid");
    for (size_t i = 0; i < LENGTH(people); i++) {
        struct browser browser = {.address = "203.0.113.10"};
        forget_cookies();
        struct answer in = sign_in(&browser, people[i].as);
        if (in.code != people[i].code)
            fail_msg("%s: %d", people[i].as, in.code);
    }
    assert_int_equal(tree_search(server.data, STR("olga@example.org")), 0);
    assert_false(holds((str){server.log, server.log_len}, STR("olga@")));
}

static void
a_secret_goes_in_the_body_where_that_is_the_only_way_and_none_where_there_is_none(void **state)
{
    (void)state;
    struct browser browser = {.address = "203.0.113.11"};
    serve_with(SECRET);
    provide("\"ways\":[\"client_secret_post\"],"
            "\"client\":{\"token_endpoint_auth_method\":\"client_secret_post\"}");
    (void)hire("olga-11", "\"read\"", false);
    struct answer in = sign_in(&browser, "{\"preferred_username\":\"olga-11\"}");
    expect(&in, 200);
    serve_with("");
    provide("\"client\":{\"token_endpoint_auth_method\":\"none\"}");
    (void)hire("olga-11", "\"read\"", false);
    browser = (struct browser){.address = "203.0.113.11"};
    in = sign_in(&browser, "{\"preferred_username\":\"olga-11\"}");
    expect(&in, 200);
}

/* ---- people ---- */

static const char PEOPLE[] = "people_oidc_client = vern\n"
                             "people_oidc_secret = Qanary+secret/of=a test\n";

static void serve_people_by(const char *claim, const char *proves)
{
    serve_with(arena_c_string(provider.arena,
                              arena_format(provider.arena,
                                           "people_oidc_issuer = http://127.0.0.1:%u\n%s"
                                           "people_oidc_claim = %s\npeople_oidc_proves = %s\n",
                                           provider.port, PEOPLE, claim, proves)));
    provide("");
}

static struct answer person_signs_in(struct browser *browser, const char *as)
{
    struct answer there = go(browser, "GET", at(shop, "openid"), STR(""));
    expect(&there, 303);
    forget_cookies();
    return go(browser, "GET", back_by(http_response_header(&there.response, "Location"), as),
              STR(""));
}

static void writes_from(str id, const char *address)
{
    str body = arena_format(server.arena,
                            "{\"intake\":\"contact_form\",\"source\":\"person\","
                            "\"channel\":\"web\",\"values\":{\"contact.email\":\"%s\","
                            "\"question.text\":\"When?\"}}",
                            address);
    struct answer got = post_subject(&server, id, "collect", arena_c_string(server.arena, body));
    expect(&got, 201);
}

static struct answer person_called(const char *number, const char *address)
{
    struct answer made =
        ask(&server, server.token, "POST", STR("/v1/subjects"),
            arena_format(server.arena,
                         "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"%s\"}],"
                         "\"roles\":[\"asker\",\"subscriber\"]}",
                         number));
    expect(&made, 201);
    writes_from(text_of(&made, "id"), address);
    return made;
}

static void move_clock(const char *to)
{
    struct answer moved = ask(&server, server.token, "POST", STR("/v1/clock"),
                              arena_format(server.arena, "{\"to\":\"%s\"}", to));
    expect(&moved, 200);
}

struct vouched {
    const char *as;
    int code;
};

static void each_signs_in(const struct vouched *people, size_t count, str id)
{
    for (size_t i = 0; i < count; i++) {
        struct browser browser = {
            .address =
                arena_c_string(server.arena, arena_format(server.arena, "203.0.113.%zu", 20 + i))};
        struct answer in = person_signs_in(&browser, people[i].as);
        if (in.code != people[i].code)
            fail_msg("%s: %d", people[i].as, in.code);
        assert_true((in.code == 200) == (browser.session.len > 0));
        if (in.code != 200)
            continue;
        struct answer session = as(&browser, "GET", "/v1/session", NULL);
        expect(&session, 200);
        assert_true(str_equal(text_of(&session, "subject"), id));
    }
}

static void a_person_signs_in_by_the_firms_own_number(void **state)
{
    (void)state;
    static const struct vouched people[] = {
        {"{}", 403}, /* the claim is absent */
        {"{\"preferred_username\":17}", 403},
        {"{\"preferred_username\":\"C-18\"}", 403},
        {"{\"name\":\"C-17\",\"email\":\"mia@qanary.test\",\"email_verified\":true}", 403},
        {"{\"preferred_username\":\"mia@qanary.test\"}", 403},
        {"{\"preferred_username\":\"C-17\"}", 200},
    };
    serve_people_by("preferred_username", "number");
    struct answer mia = person_called("C-17", "mia@qanary.test");
    each_signs_in(people, LENGTH(people), text_of(&mia, "id"));
}

static void a_person_signs_in_by_an_address_that_is_verified_and_theirs_alone(void **state)
{
    (void)state;
    static const struct vouched people[] = {
        {"{\"email\":\"nora@qanary.test\"}", 403},
        {"{\"email\":\"nora@qanary.test\",\"email_verified\":false}", 403},
        {"{\"email\":\"nora@qanary.test\",\"email_verified\":\"true\"}", 403},
        {"{\"email\":\"C-19\",\"email_verified\":true}", 403},
        {"{\"email\":\"both@qanary.test\",\"email_verified\":true}", 403},
        {"{\"email\":\"Nora@Qanary.test\",\"email_verified\":true}", 200},
    };
    serve_people_by("email", "email");
    struct answer nora = person_called("C-19", "nora@qanary.test");
    (void)person_called("C-20", "both@qanary.test");
    (void)person_called("C-21", "both@qanary.test");
    each_signs_in(people, LENGTH(people), text_of(&nora, "id"));
    assert_false(holds((str){server.log, server.log_len}, STR("anary")));
}

/* Item 6 of the security requirements: whoever put it there may not be the person. */
static void an_address_that_is_new_waits_at_the_provider_too(void **state)
{
    (void)state;
    static const struct vouched people[] = {
        {"{\"email\":\"new@qanary.test\",\"email_verified\":true}", 403},
        {"{\"email\":\"old@qanary.test\",\"email_verified\":true}", 200},
    };
    serve_people_by("email", "email");
    struct answer rita = person_called("C-22", "old@qanary.test");
    move_clock("2026-03-02T10:00:00Z");
    writes_from(text_of(&rita, "id"), "new@qanary.test");
    each_signs_in(people, LENGTH(people), text_of(&rita, "id"));
    move_clock("2026-03-05T11:00:00Z");
    struct browser browser = {.address = "203.0.113.40"};
    struct answer in = person_signs_in(&browser, people[0].as);
    expect(&in, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_signs_in_by_a_real_provider_out_and_in_again),
        cmocka_unit_test(tokens_of_each_algorithm_that_we_take_are_read_and_no_others),
        cmocka_unit_test(new_keys_are_fetched_once_and_the_old_ones_are_worth_nothing),
        cmocka_unit_test(a_wrong_secret_signs_nobody_in_and_is_repeated_nowhere),
        cmocka_unit_test(a_code_is_good_once_and_for_the_browser_that_asked),
        cmocka_unit_test(what_is_not_in_the_signed_token_is_not_asked_for_elsewhere),
        cmocka_unit_test(a_level_and_a_way_of_proof_that_are_asked_for_must_be_in_the_token),
        cmocka_unit_test(an_address_is_a_login_where_the_provider_has_verified_it),
        cmocka_unit_test(
            a_secret_goes_in_the_body_where_that_is_the_only_way_and_none_where_there_is_none),
        cmocka_unit_test(a_person_signs_in_by_the_firms_own_number),
        cmocka_unit_test(a_person_signs_in_by_an_address_that_is_verified_and_theirs_alone),
        cmocka_unit_test(an_address_that_is_new_waits_at_the_provider_too),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
