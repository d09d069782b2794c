/* People sign in by a provider of OpenID Connect, over HTTP against the real server; the provider
 * is honest or not. The staff's is the same one, so that nothing but our own keeps the two apart.
 * What a provider that others wrote vouches for is in openid_test.c. */
#include "staff_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "provider.h"

static struct provider_double provider;
static char policy_path[] = "/tmp/vern-person-XXXXXX";
static unsigned clients;

/* The example, with numbers of identity. */
static const char *with_numbers(void)
{
    static const char before_[] = "categories:\n",
                      more[] = "  identity: { kind: national_id, fields: { national: id } }\n";
    CLEANUP(arena_free) struct arena *arena = arena_new(4 << 20);
    struct report report = {0};
    str policy;
    assert_true(is_ok(file_read("policies/example.yaml", arena, 1 << 20, &report, &policy)));
    const char *at_ = memmem(policy.ptr, policy.len, before_, strlen(before_));
    assert_non_null(at_);
    size_t split = (size_t)(at_ - policy.ptr) + strlen(before_);
    FILE *file = fdopen(mkstemp(policy_path), "w");
    assert_non_null(file);
    (void)fprintf(file, "%.*s%s%.*s", (int)split, policy.ptr, more, (int)(policy.len - split),
                  policy.ptr + split);
    assert_int_equal(fclose(file), 0);
    return policy_path;
}

static int open_server(void **state)
{
    char settings[1024];
    *state = NULL;
    provider_open(&provider);
    (void)snprintf(settings, sizeof(settings),
                   "oidc_issuer = %s\noidc_client = vern\n"
                   "people_oidc_issuer = %s\npeople_oidc_client = vern\n"
                   "people_oidc_secret = Qanary+secret\n"
                   "people_oidc_claim = preferred_username\npeople_oidc_proves = national_id\n"
                   "public_url = http://127.0.0.1:1\npublic_per_minute = 100000\n"
                   "proxies = 127.0.0.1\npost_ms = 2000\n",
                   provider.issuer, provider.issuer);
    process_open_under(&server, with_numbers(), settings);
    shop = public_id(server.token);
    other = public_id(server.other);
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    provider_close(&provider);
    (void)unlink(policy_path);
    return 0;
}

/* ---- people and browsers ---- */

static str somebody(const char *national)
{
    struct answer made =
        ask(&server, server.token, "POST", STR("/v1/subjects"),
            arena_format(server.arena,
                         "{\"identifiers\":[{\"kind\":\"identity.national\",\"value\":\"%s\"}],"
                         "\"roles\":[\"asker\"]}",
                         national));
    expect(&made, 201);
    return text_of(&made, "id");
}

static struct browser new_browser(void)
{
    clients++;
    return (struct browser){
        .address = arena_c_string(server.arena, arena_format(server.arena, "198.18.%u.%u",
                                                             clients / 250, clients % 250))};
}

static void vouches_for(const char *whom)
{
    provider.trick = TRICK_NONE;
    (void)snprintf(provider.login, sizeof(provider.login), "%s", whom);
}

/* The browser goes to the provider, which is told what it would have read. */
static str begin_at(struct browser *browser, str id, const char *leaf, const str *cookie)
{
    struct answer there = go(browser, "GET", at(id, leaf), STR(""));
    expect(&there, 303);
    str location = http_response_header(&there.response, "Location"), rest = *cookie, time;
    int64_t ms = 0;
    assert_true(str_starts(location, str_from(provider.issuer)));
    assert_true(str_next(&rest, '.', &time) && str_to_i64(time, &ms));
    provider.now = ms / 1000;
    (void)snprintf(provider.nonce, sizeof(provider.nonce), "%.*s",
                   STR_ARG(sent(location, "nonce")));
    return location;
}

static str begin(struct browser *browser, str id)
{
    return begin_at(browser, id, "openid", &browser->person);
}

static struct answer back_at(struct browser *browser, str id, const char *leaf, str code, str state)
{
    return go(browser, "GET",
              arena_format(server.arena, "%.*s?code=%.*s&state=%.*s", STR_ARG(at(id, leaf)),
                           STR_ARG(code), STR_ARG(state)),
              STR(""));
}

static struct answer back(struct browser *browser, str id, str code, str state)
{
    return back_at(browser, id, "openid/back", code, state);
}

static struct answer sign_in(struct browser *browser, const char *whom)
{
    vouches_for(whom);
    str location = begin(browser, shop);
    return back(browser, shop, STR("good"), sent(location, "state"));
}

/* The same code and bytes, whatever the cause. */
static void assert_not_in(struct browser *browser, const struct answer *answer)
{
    static str page = {NULL, 0};
    expect(answer, 403);
    if (page.ptr != NULL && !str_equal(page, answer->text))
        fail_msg("%.*s", STR_ARG(answer->text));
    page = answer->text;
    assert_int_equal(browser->session.len, 0);
    assert_int_equal(browser->person.len, 0);
}

static void assert_is(const struct browser *browser, str id)
{
    struct answer session = as(browser, "GET", "/v1/session", NULL);
    expect(&session, 200);
    assert_true(str_equal(text_of(&session, "subject"), id));
    assert_true(str_is(text_of(&session, "how"), "openid"));
}

static void assert_ended(const struct browser *browser)
{
    struct answer session = as(browser, "GET", "/v1/session", NULL);
    expect_problem(&session, 401, "/problems/unauthenticated");
}

/* ---- tests ---- */

/* Items 8 and 12 of the security requirements; HOS-40 */
static void a_person_signs_in_by_what_the_provider_vouches_for_and_is_no_member(void **state)
{
    (void)state;
    str anna = somebody("01819012345");
    struct browser browser = new_browser();
    struct answer page = go(&browser, "GET", at(shop, "sign-in"), STR(""));
    expect(&page, 200);
    assert_true(holds(page.text, STR("href=\"openid\"")));
    assert_false(holds(page.text, STR("<form"))); /* no mail goes out here */
    struct answer in = sign_in(&browser, "01819012345");
    expect(&in, 200);
    assert_true(holds(str_from(provider.asked), STR("openid%2Fback")));
    assert_false(holds(str_from(provider.asked), STR("staff")));
    assert_is(&browser, anna);
    struct answer staffs = as(&browser, "GET", "/v1/acts", NULL);
    expect_problem(&staffs, 401, "/problems/unauthenticated");
    assert_false(holds((str){server.log, server.log_len}, STR("01819012345")));
    assert_false(holds((str){server.log, server.log_len}, STR("Qanary")));
    assert_int_equal(tree_search(server.data, STR("01819012345")), 0);
}

static void a_provider_that_lies_or_stumbles_signs_nobody_in(void **state)
{
    (void)state;
    (void)somebody("02819012345");
    for (int trick = TRICK_NONE + 1; trick < TRICK_COUNT; trick++) {
        struct browser browser = new_browser();
        vouches_for("02819012345");
        if (trick == TRICK_HUGE_KEYS)
            provider_rotate(&provider); /* so that they are asked for */
        provider.trick = (enum trick)trick;
        str location = begin(&browser, shop);
        struct answer no = back(&browser, shop, STR("good"), sent(location, "state"));
        assert_not_in(&browser, &no);
    }
    struct browser browser = new_browser();
    struct answer in = sign_in(&browser, "02819012345");
    expect(&in, 200);
}

static void whoever_is_nobody_or_several_is_answered_as_any_failure(void **state)
{
    (void)state;
    static const char *const odd[] = {"03819012345", "03819012346", "03819012347", "x",
                                      "0381901234"};
    (void)somebody("03819012345");
    (void)somebody("03819012345"); /* two people */
    str gone = somebody("03819012346");
    struct answer erased = post_subject(&server, gone, "erase", "{\"warned\":true}");
    expect(&erased, 200);
    for (size_t i = 0; i < LENGTH(odd); i++) {
        struct browser browser = new_browser();
        struct answer no = sign_in(&browser, odd[i]);
        assert_not_in(&browser, &no);
    }
    /* A person of another register is nobody here. */
    str here = somebody("04819012345");
    struct browser browser = new_browser();
    vouches_for("04819012345");
    str location = begin(&browser, other);
    struct answer no = back(&browser, other, STR("good"), sent(location, "state"));
    assert_not_in(&browser, &no);
    browser = new_browser();
    struct answer in = sign_in(&browser, "04819012345");
    expect(&in, 200);
    assert_is(&browser, here);
}

static void a_session_ends_when_the_number_leads_to_nobody_or_to_two(void **state)
{
    (void)state;
    str bo = somebody("05819012345"), eva = somebody("06819012345");
    struct browser bos = new_browser(), evas = new_browser();
    struct answer in = sign_in(&bos, "05819012345");
    expect(&in, 200);
    in = sign_in(&evas, "06819012345");
    expect(&in, 200);
    assert_is(&bos, bo);
    assert_is(&evas, eva);
    (void)somebody("05819012345");
    assert_ended(&bos);
    assert_is(&evas, eva);
    struct answer erased = post_subject(&server, eva, "erase", "{\"warned\":true}");
    expect(&erased, 200);
    assert_ended(&evas);
}

static void an_answer_that_this_browser_did_not_ask_for_here_is_none(void **state)
{
    (void)state;
    (void)somebody("07819012345");
    vouches_for("07819012345");
    struct browser victim = new_browser(), thief = new_browser();
    str thiefs = sent(begin(&thief, shop), "state");
    str state_ = sent(begin(&victim, shop), "state");
    str kept = victim.person;
    unsigned asked = provider.tokens;
    struct answer no = back(&victim, shop, STR("good"), thiefs);
    assert_not_in(&victim, &no);
    no = back(&victim, shop, STR("good"), state_); /* the cookie was for one answer */
    assert_not_in(&victim, &no);
    static const char *const odd[] = {"", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    for (size_t i = 0; i < LENGTH(odd); i++) {
        victim.person = kept;
        no = back(&victim, shop, STR("good"), str_from(odd[i]));
        assert_not_in(&victim, &no);
    }
    victim.person = kept;
    no = back(&victim, other, STR("good"), state_); /* another register */
    assert_not_in(&victim, &no);
    victim.person = kept;
    no = back(&victim, shop, STR(""), state_);
    assert_not_in(&victim, &no);
    victim.person = STR("1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"); /* long ago */
    no = back(&victim, shop, STR("good"), state_);
    assert_not_in(&victim, &no);
    assert_int_equal(provider.tokens, asked); /* the provider was not even asked */
    victim.address = new_browser().address;
    victim.person = kept;
    no = back(&victim, shop, STR("used"), state_); /* a code that was used */
    assert_not_in(&victim, &no);
    victim.person = kept;
    struct answer in = back(&victim, shop, STR("good"), state_);
    expect(&in, 200);
}

/* Both have one provider and one client: what was begun for one side is nothing at the other. */
static void what_was_begun_for_people_signs_no_member_in_nor_the_other_way_round(void **state)
{
    (void)state;
    struct member olga = hire("08819012345", "\"read\"", false);
    str anna = somebody("08819012345");
    struct browser browser = new_browser();
    vouches_for("08819012345");
    str persons = sent(begin(&browser, shop), "state");
    str kept = browser.person;
    unsigned asked = provider.tokens;
    browser.openid = kept; /* the cookie of the one side under the name of the other */
    struct answer no = back_at(&browser, shop, "staff/openid/back", STR("good"), persons);
    expect(&no, 401);
    str members = sent(begin_at(&browser, shop, "staff/openid", &browser.openid), "state");
    str cookie = browser.openid;
    browser.person = cookie;
    no = back(&browser, shop, STR("good"), members);
    expect(&no, 403);
    assert_int_equal(provider.tokens, asked);
    assert_int_equal(browser.session.len, 0);
    browser.openid = cookie;
    struct answer in = back_at(&browser, shop, "staff/openid/back", STR("good"), members);
    expect(&in, 200);
    struct answer session = as(&browser, "GET", "/v1/session", NULL);
    assert_true(str_equal(text_of(&session, "staff"), olga.id));
    struct browser another = new_browser();
    in = sign_in(&another, "08819012345");
    expect(&in, 200);
    assert_is(&another, anna);
}

/* ---- a start without what it needs ---- */

/* What the server says as it ends, on the same folder; it has half a minute for that. */
static str said_by_a_start_with(const char *settings)
{
    char path[160], command[1024], said[4096];
    (void)snprintf(path, sizeof(path), "%s/people.conf", server.dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    str all = process_settings(&server, settings);
    fprintf(file, "public_url = http://127.0.0.1:1\npeople_oidc_issuer = %s\n%.*s",
            provider.issuer, STR_ARG(all));
    assert_int_equal(fclose(file), 0);
    (void)snprintf(command, sizeof(command),
                   "timeout 30 " VERN_BUILD
                   "/vern serve --data %s --root %s --listen 127.0.0.1:0 --config %s 2>&1",
                   server.data, server.root, path);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    size_t length = fread(said, 1, sizeof(said), output);
    int state = pclose(output);
    if (!WIFEXITED(state) || WEXITSTATUS(state) != 64)
        fail_msg("%s: %d: %.*s", settings, state, (int)length, said);
    return arena_copy(server.arena, (str){said, length});
}

static void a_start_that_leaves_open_who_is_signed_in_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *settings, *says;
    } tried[] = {
        {"people_oidc_client = vern\n", "people_oidc_claim and people_oidc_proves are needed"},
        {"people_oidc_client = vern\npeople_oidc_claim = pid\n", "are needed"},
        {"people_oidc_client = vern\npeople_oidc_proves = number\n", "are needed"},
        {"people_oidc_claim = pid\npeople_oidc_proves = number\n", "are needed"},
        {"people_oidc_client = vern\npeople_oidc_claim = pid\npeople_oidc_proves = phone\n",
         "one of number, email and national_id"},
        {"people_oidc_client = vern\npeople_oidc_claim = mail\npeople_oidc_proves = email\n",
         "people_oidc_claim = email"},
        {"people_oidc_client = vern\npeople_oidc_claim = email\npeople_oidc_proves = number\n",
         "people_oidc_claim = email"},
    };
    process_kill(&server);
    for (size_t i = 0; i < LENGTH(tried); i++) {
        str said = said_by_a_start_with(tried[i].settings);
        if (!holds(said, str_from(tried[i].says)))
            fail_msg("%s: %.*s", tried[i].settings, STR_ARG(said));
    }
    process_start(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_signs_in_by_what_the_provider_vouches_for_and_is_no_member),
        cmocka_unit_test(a_provider_that_lies_or_stumbles_signs_nobody_in),
        cmocka_unit_test(whoever_is_nobody_or_several_is_answered_as_any_failure),
        cmocka_unit_test(a_session_ends_when_the_number_leads_to_nobody_or_to_two),
        cmocka_unit_test(an_answer_that_this_browser_did_not_ask_for_here_is_none),
        cmocka_unit_test(what_was_begun_for_people_signs_no_member_in_nor_the_other_way_round),
        cmocka_unit_test(a_start_that_leaves_open_who_is_signed_in_is_refused),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
