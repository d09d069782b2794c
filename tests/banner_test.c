/* What a banner asks for, attacked from outside: foreign sites, forged and strange receipts, odd
 * headers, floods. A real server process. */
#include "process.h"

enum { PER_MINUTE = 10 };
#define SITE "https://www.butikk.example"

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
    process_open(&server,
                 "public_url = https://valg.example\npublic_per_minute = 10\nproxies = 127.0.0.1\n"
                 "origins = https://a.example, " SITE "\n");
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

/* ---- asking ---- */

/* Each asks from an address of its own, so that no limit is met by chance. */
static struct answer ask_as(const char *method, str reg, const char *leaf, const char *media,
                            const char *body, const char *header, const char *value)
{
    static unsigned address;
    str from = arena_format(server.arena, "192.0.2.%u", 1 + address++ % 200);
    struct http_field fields[] = {{STR("X-Forwarded-For"), from},
                                  {header == NULL ? STR("Accept") : str_from(header),
                                   header == NULL ? STR("*/*") : str_from(value)}};
    str path = arena_format(server.arena, "/r/%.*s/%s", STR_ARG(reg), leaf);
    return ask_with(&server, method, path, media, str_from(body), fields, LENGTH(fields));
}

static struct answer say(const char *leaf, const char *body, const char *header, const char *value)
{
    return ask_as("POST", shop, leaf, "application/json", body, header, value);
}

static const char *shown(str receipt)
{
    return arena_c_string(server.arena,
                          arena_format(server.arena, "{\"receipt\":\"%.*s\"}", STR_ARG(receipt)));
}

static bool names(const struct answer *answer, const char *member, const char *name)
{
    str one;
    bool found = false;
    expect(answer, answer->code < 300 ? answer->code : 200);
    for (JSON_EACH(entry, json_get(answer->json, member)))
        found |= json_str(entry, &one) && str_is(one, name);
    return found;
}

static str accepted(void)
{
    struct answer answer = say("choices", "{\"accept\":[\"purposes.statistics\"]}", NULL, NULL);
    expect(&answer, 201);
    assert_true(names(&answer, "allowed", "statistics"));
    return text_of(&answer, "receipt");
}

static const struct http_field *field_of(const struct answer *answer, const char *name)
{
    for (size_t i = 0; i < answer->response.field_count; i++) {
        if (str_is(answer->response.fields[i].name, name))
            return &answer->response.fields[i];
    }
    return NULL;
}

/* ---- tests ---- */

/* COB-96, HOS-65 */
static void the_register_of_cookies_says_name_purposes_and_life(void **state)
{
    (void)state;
    struct answer answer = ask_as("GET", shop, "cookies.json", "", "", NULL, NULL);
    expect(&answer, 200);
    const char *wanted[] = {"\"name\":\"statistics\"",
                            "\"kind\":\"cookie\"",
                            "\"necessary\":false",
                            "\"necessary\":true",
                            "\"life\":{\"count\":6,\"unit\":\"months\"}",
                            "\"unit\":\"purposes.statistics\"",
                            "\"nb\":\"",
                            "\"en\":\""};
    for (size_t i = 0; i < LENGTH(wanted); i++) {
        if (!holds(answer.text, str_from(wanted[i])))
            fail_msg("%s is not in %.*s", wanted[i], STR_ARG(answer.text));
    }
}

static str value_of(const struct answer *answer, const char *name)
{
    const struct http_field *field = field_of(answer, name);
    return field == NULL ? STR("") : field->value;
}

/* COB-96, COB-100: with or without the pages in the build */
static void the_script_of_the_banner_asks_what_the_register_of_cookies_says(void **state)
{
    (void)state;
    struct answer answer = ask_as("GET", shop, "consent.js?lang=en", "", "", NULL, NULL);
    assert_int_equal(answer.code, 200);
    const char *wanted[] = {"{const vernPolicy={",
                            "\"language\":\"en\"",
                            "\"unit\":\"purposes.statistics\"",
                            "\"keep\":[6,\"month\"]",
                            "\"says\":\"See which pages are used\"",
                            "\"refuse\":\"Refuse all\"",
                            "\"needed\":[{\"name\":\"basket\""};
    for (size_t i = 0; i < LENGTH(wanted); i++) {
        if (!holds(answer.text, str_from(wanted[i])))
            fail_msg("%s is not in %.*s", wanted[i], STR_ARG(answer.text));
    }
    assert_true(str_is(value_of(&answer, "Cache-Control"), "public, max-age=600"));
    answer = ask_as("GET", shop, "consent.js", "", "", "Accept-Language", "xx, fi-FI;q=0.5, en");
    assert_true(holds(answer.text, STR("\"refuse\":\"Hylkää kaikki\"")));
    answer = ask_as("GET", shop, "consent.js?controller=shop", "", "", NULL, NULL);
    assert_int_equal(answer.code, 200);
    answer = ask_as("GET", shop, "consent.js?controller=CANARY", "", "", NULL, NULL);
    assert_int_equal(answer.code, 404);
    assert_false(holds(answer.text, STR("CANARY")));
}

static void the_script_comes_as_brotli_or_gzip_where_that_is_read(void **state)
{
    (void)state;
    struct answer plain = ask_as("GET", shop, "consent.js", "", "", "Accept-Encoding", "gzip;q=0");
    struct answer packed =
        ask_as("GET", shop, "consent.js", "", "", "Accept-Encoding", "br;q=0, gzip");
    struct answer least = ask_as("GET", shop, "consent.js", "", "", "Accept-Encoding", "gzip, br");
    struct answer again = ask_as("GET", shop, "consent.js", "", "", "Accept-Encoding", "br");
    assert_null(field_of(&plain, "Content-Encoding"));
    assert_true(str_is(value_of(&packed, "Content-Encoding"), "gzip"));
    assert_true(packed.text.len < plain.text.len);
    assert_memory_equal(packed.text.ptr, "\x1f\x8b", 2);
    assert_true(str_is(value_of(&least, "Content-Encoding"), "br"));
    assert_true(least.text.len < packed.text.len);
    assert_true(str_equal(again.text, least.text));
}

/* COB-100, HOS-64 */
static void
global_privacy_control_is_said_to_be_honoured_where_its_specification_looks(void **state)
{
    (void)state;
    struct answer here =
        ask_with(&server, "GET", STR("/.well-known/gpc.json"), "", STR(""), NULL, 0);
    struct answer ours = ask_as("GET", shop, "gpc.json", "", "", NULL, NULL);
    const struct answer *both[] = {&here, &ours};
    for (size_t i = 0; i < LENGTH(both); i++) {
        bool gpc = false;
        expect(both[i], 200);
        assert_true(str_is(both[i]->media, "application/json"));
        assert_true(json_bool(json_get(both[i]->json, "gpc"), &gpc) && gpc);
        assert_int_equal(text_of(both[i], "lastUpdate").len, 10);
    }
}

/* COB-100 */
static void a_refusal_and_a_yes_take_the_same_and_what_is_not_named_is_refused(void **state)
{
    (void)state;
    struct answer yes = say("choices", "{\"accept\":[\"all\"]}", NULL, NULL);
    struct answer no = say("choices", "{\"refuse\":[\"all\"]}", NULL, NULL);
    struct answer nothing = say("choices", "{}", NULL, NULL);
    struct answer both = say("choices", "{\"accept\":[\"all\"],\"refuse\":[\"all\"]}", NULL, NULL);
    assert_true(names(&yes, "allowed", "statistics"));
    const struct answer *noes[] = {&no, &nothing, &both};
    for (size_t i = 0; i < LENGTH(noes); i++) {
        expect(noes[i], 201);
        assert_true(names(noes[i], "expire", "statistics"));
        assert_false(names(noes[i], "allowed", "statistics"));
    }
}

/* COB-100, HOS-64 */
static void a_no_in_a_header_counts_among_several_and_beats_a_yes_in_the_body(void **state)
{
    (void)state;
    str receipt = accepted();
    str path = arena_format(server.arena, "/r/%.*s/gate", STR_ARG(shop));
    struct http_field fields[] = {{STR("sec-gpc"), STR("0")}, {STR("SEC-GPC"), STR("1")}};
    struct answer several = ask_with(&server, "POST", path, "application/json",
                                     str_from(shown(receipt)), fields, LENGTH(fields));
    assert_true(names(&several, "expire", "statistics"));
    struct answer chosen = say("choices", "{\"accept\":[\"all\"]}", "Sec-GPC", "1");
    expect(&chosen, 201);
    assert_true(names(&chosen, "expire", "statistics"));
    struct answer later = say("gate", shown(text_of(&chosen, "receipt")), NULL, NULL);
    assert_true(names(&later, "expire", "statistics"));
}

/* Security item 12 */
static void only_our_sites_may_ask_from_scripts(void **state)
{
    (void)state;
    static const char *const foreign[] = {
        "https://evil.example", "null", "https://www.butikk.example.evil.example",
        "http://www.butikk.example", "https://www.butikk.example/"};
    for (size_t i = 0; i < LENGTH(foreign); i++) {
        struct answer refused = say("choices", "{\"accept\":[\"all\"]}", "Origin", foreign[i]);
        expect_problem(&refused, 403, "/problems/forbidden");
        assert_null(field_of(&refused, "Access-Control-Allow-Origin"));
    }
    struct answer ours = ask_as("POST", shop, "choices", "application/x-www-form-urlencoded",
                                "accept=all", "Origin", SITE);
    expect(&ours, 201);
    const struct http_field *allowed = field_of(&ours, "Access-Control-Allow-Origin");
    assert_true(allowed != NULL && str_is(allowed->value, SITE));
    assert_null(field_of(&ours, "Access-Control-Allow-Credentials"));
    struct http_field from = {STR("Origin"), STR(SITE)};
    struct answer api = ask_with(&server, "GET", STR("/v1/health"), "", STR(""), &from, 1);
    assert_null(field_of(&api, "Access-Control-Allow-Origin"));
}

/* Security item 13 */
static void a_receipt_that_is_none_answers_as_no_receipt_does(void **state)
{
    (void)state;
    struct answer none = say("gate", "{}", NULL, NULL);
    struct answer made = post(&server, "/v1/subjects", "{\"roles\":[\"subscriber\"]}");
    expect(&made, 201);
    str receipt = accepted();
    struct answer again =
        say("choices",
            arena_c_string(server.arena,
                           arena_format(server.arena, "{\"refuse\":[\"all\"],\"receipt\":\"%.*s\"}",
                                        STR_ARG(receipt))),
            NULL, NULL);
    expect(&again, 201);
    const char *strange[] = {
        "{\"receipt\":\"AAECAwQFBgcICQoLDA0ODw\"}", /* forged */
        shown(text_of(&made, "id")),                /* a person's id */
        shown(receipt),                             /* a choice that was replaced */
    };
    for (size_t i = 0; i < LENGTH(strange); i++) {
        struct answer answer = say("gate", strange[i], NULL, NULL);
        expect(&answer, 200);
        assert_true(str_equal(answer.text, none.text));
    }
    struct answer elsewhere = ask_as("POST", other, "gate", "application/json",
                                     shown(text_of(&again, "receipt")), NULL, NULL);
    assert_true(str_equal(elsewhere.text, none.text));
    struct answer as_person =
        ask(&server, server.token, "GET",
            arena_format(server.arena, "/v1/subjects/%.*s", STR_ARG(text_of(&again, "receipt"))),
            STR(""));
    expect_problem(&as_person, 404, "/problems/not_found");
    struct answer names_her = say("choices", shown(text_of(&made, "id")), NULL, NULL);
    expect(&names_her, 201);
    struct answer still =
        post_subject(&server, text_of(&made, "id"), "roles", "{\"role\":\"asker\"}");
    expect(&still, 200); /* a choice that names a person erases nobody */
}

/* Security item 13 */
static void bad_choices_change_nothing_and_repeat_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"accept\":[\"purposes.CANARY\"]}",
        "{\"accept\":\"all\"}",
        "{\"accept\":[1]}",
        "{\"receipt\":\"short\"}",
        "{\"receipt\":\"CANARY\"}",
        "{\"CANARY\":true}",
        "{\"refuse\":[\"cookies.basket\"]}",
        "[]",
        "{\"accept\":[\"all\"]",
    };
    int64_t before = log_size(&server, server.token);
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct answer answer = say("choices", bad[i], NULL, NULL);
        assert_in_range(answer.code, 400, 422);
        assert_false(holds(answer.text, STR("CANARY")));
    }
    char *large = arena_take(server.arena, 20000);
    memset(large, ' ', 19999);
    memcpy(large, "{}", 2);
    large[19999] = '\0';
    struct answer oversize = say("choices", large, NULL, NULL);
    assert_int_equal(oversize.code, 413);
    assert_int_equal(log_size(&server, server.token), before);
}

/* Security item 13 */
static void a_flood_of_choices_is_stopped_by_address(void **state)
{
    (void)state;
    struct http_field from = {STR("X-Forwarded-For"), STR("198.51.100.7")};
    str path = arena_format(server.arena, "/r/%.*s/choices", STR_ARG(shop));
    int stopped = 0;
    for (int i = 0; i < 3 * PER_MINUTE; i++) {
        struct answer answer =
            ask_with(&server, "POST", path, "application/json", STR("{}"), &from, 1);
        stopped += answer.code == 429;
        if (answer.code != 429)
            expect(&answer, 201);
    }
    assert_in_range(stopped, PER_MINUTE, 2 * PER_MINUTE); /* the minute may turn in between */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_register_of_cookies_says_name_purposes_and_life),
        cmocka_unit_test(the_script_of_the_banner_asks_what_the_register_of_cookies_says),
        cmocka_unit_test(the_script_comes_as_brotli_or_gzip_where_that_is_read),
        cmocka_unit_test(
            global_privacy_control_is_said_to_be_honoured_where_its_specification_looks),
        cmocka_unit_test(a_refusal_and_a_yes_take_the_same_and_what_is_not_named_is_refused),
        cmocka_unit_test(a_no_in_a_header_counts_among_several_and_beats_a_yes_in_the_body),
        cmocka_unit_test(only_our_sites_may_ask_from_scripts),
        cmocka_unit_test(a_receipt_that_is_none_answers_as_no_receipt_does),
        cmocka_unit_test(bad_choices_change_nothing_and_repeat_nothing),
        cmocka_unit_test(a_flood_of_choices_is_stopped_by_address),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
