/* The API over a real port, with a real engine on a folder of its own. The server runs in a thread
 * of its own; the test is its client. The register's clock is simulated, the server's too. */
#include <dirent.h>
#include <ftw.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "api_internal.h"
#include "client.h"
#include "file.h"
#include "places.h"
#include "shared_test.h"

enum { ANSWERS_BYTES = 64 << 20, FAILURES = 5, BODY_ROOM = 4096 };

struct fixture {
    char dir[64];
    char root[80], backup[80];
    struct sim_world sim;
    struct world world;
    bool fails; /* the next flush of the log does */
    int flushes, wakes; /* of the log; of a server that has more to do than what came in */
    struct arena *arena;
    struct engine *engine;
    struct api *api;
    struct http_server *server;
    struct http_client *client;
    pthread_t thread;
    str token, narrow; /* everything; collect and read for orders only */
    int fatal_calls;
};

/* ---- a world whose log can fail ---- */

static instant sim_now(void *self)
{
    struct fixture *f = self;
    return f->sim.clock;
}

static void sim_random(void *self, void *bytes, size_t count)
{
    struct fixture *f = self;
    world_random(&f->sim.world, bytes, count);
}

static status sim_seam(void *self, const char *name, struct report *report)
{
    struct fixture *f = self;
    f->flushes += strcmp(name, "log.flush") == 0;
    if (f->fails && strstr(name, "log") != NULL)
        return fail(report, FAULT_STORE, "the disk is gone");
    return OK;
}

static void on_fatal(void *self, const struct report *report)
{
    struct fixture *f = self;
    (void)report;
    f->fatal_calls++;
    http_server_stop(f->server);
}

static void on_wake(void *self)
{
    struct fixture *f = self;
    f->wakes++;
    http_wake(f->server);
}

/* ---- starting and stopping ---- */

static str read_policy(struct fixture *f)
{
    str text;
    struct report report = {0};
    assert_true(is_ok(file_read("policies/example.yaml", f->arena, 1 << 20, &report, &text)));
    return text;
}

static void create_register(struct fixture *f, str name, bool simulated, str *token)
{
    struct report report = {0};
    struct problems problems = {.arena = f->arena};
    struct db_places places = fixture_places(name);
    struct register_create create = {.name = name,
                                     .policy_file = STR("example.yaml"),
                                     .policy = read_policy(f),
                                     .simulated = simulated,
                                     .start = f->sim.clock,
                                     .places = &places};
    status made = engine_register_create(f->engine, &create, f->arena, &problems, &report, token);
    if (!is_ok(made))
        fail_msg("%s %s", report.where, report.text);
}

static void *serve(void *self)
{
    struct fixture *f = self;
    http_server_run(f->server);
    return NULL;
}

static void start_server(struct fixture *f)
{
    struct report report = {0};
    struct api_config config = {.engine = f->engine,
                                .world = &f->world,
                                .data_dir = f->dir,
                                .backup_dir = f->backup,
                                .failures_per_minute = FAILURES,
                                .fatal = on_fatal,
                                .wake = on_wake,
                                .self = f};
    f->api = api_new(&config);
    struct http_config http = {.self = f->api,
                               .handle = api_handle,
                               .batch_end = api_turn_end,
                               .rest = api_rest,
                               .admit = api_admit,
                               .tick = api_tick,
                               .stop_ms = 50};
    assert_true(is_ok(http_server_start(&http, &report, &f->server)));
    assert_int_equal(pthread_create(&f->thread, NULL, serve, f), 0);
    assert_true(is_ok(http_client_open("127.0.0.1", http_port(f->server), 0, &report, &f->client)));
}

static void open_engine(struct fixture *f)
{
    struct report report = {0};
    struct engine_config config = {.world = &f->world, .data_dir = f->dir, .root_path = f->root};
    if (!is_ok(engine_open(&config, &report, &f->engine)))
        fail_msg("open: %s", report.text);
}

static void stop_server(struct fixture *f)
{
    http_client_close(&f->client);
    http_server_stop(f->server);
    pthread_join(f->thread, NULL);
    http_server_free(&f->server);
    api_free(&f->api);
    engine_close(&f->engine);
}

/* The server ends and starts again. */
static void reopen(struct fixture *f)
{
    stop_server(f);
    open_engine(f);
    start_server(f);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct report report = {0};
    f->arena = arena_new(ANSWERS_BYTES);
    instant start;
    assert_true(instant_parse(STR("2026-03-01T09:00:00Z"), &start));
    world_sim(&f->sim, 7, start);
    f->world = (struct world){f, sim_now, sim_random, sim_seam};
    snprintf(f->dir, sizeof(f->dir), "/tmp/vern-api-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->root, sizeof(f->root), "%s.root", f->dir);
    snprintf(f->backup, sizeof(f->backup), "%s/backups", f->dir);
    assert_int_equal(mkdir(f->backup, 0700), 0);
    char registers[80];
    snprintf(registers, sizeof(registers), "%s/registers", f->dir);
    assert_int_equal(mkdir(registers, 0700), 0);
    assert_true(is_ok(keys_root_create(&f->world, f->root, &report)));
    open_engine(f);
    create_register(f, STR("shop"), true, &f->token);
    start_server(f);
    *state = f;
    return 0;
}

static int remove_entry(const char *path, const struct stat *stat_, int kind, struct FTW *walk)
{
    (void)stat_;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    stop_server(f);
    nftw(f->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    unlink(f->root);
    arena_free(&f->arena);
    free(f);
    return 0;
}

/* ---- asking ---- */

struct answer {
    int code;
    str text, media;
    const struct json *json; /* NULL when it is none */
    struct http_response response;
};

static struct answer send_with(struct fixture *f, const char *method, const char *target,
                               const char *media, str body, const struct http_field *fields,
                               size_t count)
{
    struct report report = {0};
    struct http_call call = {.method = method,
                             .target = str_from(target),
                             .fields = fields,
                             .field_count = count,
                             .content_type = body.len == 0 ? STR("") : str_from(media),
                             .body = body};
    struct answer answer = {0};
    status asked = http_client_call(f->client, &call, f->arena, &report, &answer.response);
    if (!is_ok(asked))
        fail_msg("%s %s: %s", method, target, report.text);
    answer.code = answer.response.code;
    answer.text = answer.response.body;
    answer.media = answer.response.content_type;
    struct report none = {0};
    if (!is_ok(json_parse(f->arena, answer.text, &none, &answer.json)))
        answer.json = NULL;
    return answer;
}

static struct answer send_as(struct fixture *f, str token, const char *method, const char *target,
                             str body)
{
    struct http_field field = {STR("Authorization"),
                               arena_format(f->arena, "Bearer %.*s", STR_ARG(token))};
    return send_with(f, method, target, "application/json", body, &field, 1);
}

static struct answer get(struct fixture *f, const char *target)
{
    return send_as(f, f->token, "GET", target, STR(""));
}

static struct answer post(struct fixture *f, const char *target, const char *body)
{
    return send_as(f, f->token, "POST", target, str_from(body));
}

static struct answer post_subject(struct fixture *f, str id, const char *verb, const char *body)
{
    char target[128];
    snprintf(target, sizeof(target), "/v1/subjects/%.*s/%s", STR_ARG(id), verb);
    return post(f, target, body);
}

static void expect(const struct answer *answer, int code)
{
    if (answer->code != code)
        fail_msg("%d instead of %d: %.*s", answer->code, code, STR_ARG(answer->text));
}

static str text_of(const struct answer *answer, const char *name)
{
    str text = STR("");
    if (!json_str(json_get(answer->json, name), &text))
        fail_msg("no text %s in %.*s", name, STR_ARG(answer->text));
    return text;
}

static int64_t number_of(const struct answer *answer, const char *name)
{
    int64_t number = -1;
    if (!json_i64(json_get(answer->json, name), &number))
        fail_msg("no number %s in %.*s", name, STR_ARG(answer->text));
    return number;
}

static int64_t log_size(struct fixture *f)
{
    struct answer answer = get(f, "/v1/register");
    expect(&answer, 200);
    return number_of(&answer, "log_size");
}

static str new_asker(struct fixture *f, const char *number)
{
    char body[256];
    snprintf(body, sizeof(body),
             "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"%s\"}],\"roles\":[\"asker\"]}",
             number);
    struct answer answer = post(f, "/v1/subjects", body);
    expect(&answer, 201);
    return text_of(&answer, "id");
}

static const char question[] = "{\"intake\":\"contact_form\",\"source\":\"person\","
                               "\"channel\":\"web\",\"values\":{\"contact.email\":"
                               "\"ola@example.org\",\"question.text\":\"When does it come?\"}}";

static str asker_with_question(struct fixture *f, const char *number)
{
    str id = new_asker(f, number);
    struct answer collected = post_subject(f, id, "collect", question);
    expect(&collected, 201);
    return id;
}

/* A purpose under which an asker's question can be read needs its balancing on file. */
static void put_balancing(struct fixture *f)
{
    struct answer answer = post(f, "/v1/evidence",
                                "{\"type\":\"balancing\",\"purpose\":\"support\","
                                "\"particulars\":{\"reference\":\"B-1\"}}");
    expect(&answer, 201);
}

/* ---- who asks ---- */

/* Well formed, and nobody's. */
#define UNKNOWN_TOKEN "vern_AAAAAAAAAAAAAAAAAAAAAA_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void a_request_without_a_token_is_told_nothing(void **state)
{
    struct fixture *f = *state;
    static const char *const tokens[] = {"", "vern_x", "nonsense", UNKNOWN_TOKEN};
    str first = {NULL, 0};
    for (size_t i = 0; i < LENGTH(tokens); i++) {
        struct answer answer = send_as(f, str_from(tokens[i]), "GET", "/v1/register", STR(""));
        expect(&answer, 401);
        assert_true(str_is(http_response_header(&answer.response, "WWW-Authenticate"), "Bearer"));
        if (first.ptr != NULL)
            assert_true(str_equal(first, answer.text));
        first = answer.text;
    }
    struct answer none = send_with(f, "GET", "/v1/register", "", STR(""), NULL, 0);
    expect(&none, 401);
    assert_true(str_equal(first, none.text));
}

static void guesses_are_limited_by_address_and_a_valid_token_still_passes(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < FAILURES; i++) {
        struct answer answer = send_as(f, STR("no"), "GET", "/v1/register", STR(""));
        expect(&answer, 401);
    }
    struct answer limited = send_as(f, STR("no"), "GET", "/v1/register", STR(""));
    expect(&limited, 429);
    struct answer passed = get(f, "/v1/register");
    expect(&passed, 200);
}

static void a_scope_that_is_lacking_is_refused_and_logged(void **state)
{
    struct fixture *f = *state;
    struct answer made = post(f, "/v1/tokens", "{\"name\":\"form\",\"scopes\":[\"collect\"]}");
    expect(&made, 201);
    str token = text_of(&made, "token");
    int64_t before_ = log_size(f);
    struct answer refused = send_as(f, token, "GET", "/v1/forecast", STR(""));
    expect(&refused, 403);
    assert_true(str_is(text_of(&refused, "type"), "/problems/forbidden"));
    assert_int_equal(log_size(f), before_ + 1);
    /* With a body that is not even JSON: the scope is judged first. */
    refused = send_as(f, token, "POST", "/v1/parties", STR("{"));
    expect(&refused, 403);
}

static void a_revoked_token_is_no_token(void **state)
{
    struct fixture *f = *state;
    struct answer made = post(f, "/v1/tokens", "{\"name\":\"form\",\"scopes\":[\"collect\"]}");
    char target[64];
    snprintf(target, sizeof(target), "/v1/tokens/%.*s", STR_ARG(text_of(&made, "id")));
    struct answer shown = send_as(f, text_of(&made, "token"), "GET", "/v1/register", STR(""));
    expect(&shown, 200);
    struct answer revoked = send_as(f, f->token, "DELETE", target, STR(""));
    expect(&revoked, 200);
    shown = send_as(f, text_of(&made, "token"), "GET", "/v1/register", STR(""));
    expect(&shown, 401);
}

/* The last entry of the register's log, once the engine is idle. */
static struct audit_entry last_entry(struct fixture *f)
{
    struct report report = {0};
    struct audit_entry entry;
    str text;
    struct audit_log *log = reg_log(engine_register(f->engine, STR("shop")));
    uint64_t size = (uint64_t)log_size(f);
    assert_true(is_ok(audit_read(log, size - 1, f->arena, &report, &text)));
    assert_true(is_ok(entry_parse(text, &report, &entry)));
    return entry;
}

static struct answer make_token(struct fixture *f, const char *body)
{
    struct answer made = post(f, "/v1/tokens", body);
    expect(&made, 201);
    return made;
}

static void a_token_is_valid_from_its_networks_alone_and_says_no_more_elsewhere(void **state)
{
    struct fixture *f = *state;
    struct answer here = make_token(f, "{\"name\":\"desk\",\"scopes\":[\"administer\",\"read\"],"
                                       "\"networks\":[\"10.0.0.0/8\",\"127.0.0.0/8\"]}");
    struct answer elsewhere = make_token(
        f,
        "{\"name\":\"vpn\",\"scopes\":[\"read\"],\"networks\":[\"10.0.0.0/8\",\"2001:db8::/32\"]}");
    struct answer shown = send_as(f, text_of(&here, "token"), "GET", "/v1/register", STR(""));
    expect(&shown, 200);
    struct answer refused =
        send_as(f, text_of(&elsewhere, "token"), "GET", "/v1/register", STR(""));
    expect(&refused, 401);
    struct answer unknown = send_as(f, STR(UNKNOWN_TOKEN), "GET", "/v1/register", STR(""));
    assert_true(str_equal(refused.text, unknown.text));
    struct answer slip = post(
        f, "/v1/tokens", "{\"name\":\"x\",\"scopes\":[\"read\"],\"networks\":[\"10.1.2.3/8\"]}");
    expect(&slip, 422);
    /* What is bound to networks makes nothing that reaches beyond them. */
    static const struct {
        const char *networks;
        int code;
    } wants[] = {{"[\"127.0.0.0/16\"]", 201},
                 {"[\"127.0.0.0/16\",\"10.1.0.0/16\"]", 201},
                 {"[]", 403},
                 {"[\"0.0.0.0/0\"]", 403},
                 {"[\"127.0.0.0/7\"]", 422},
                 {"[\"126.0.0.0/7\"]", 403}};
    for (size_t i = 0; i < LENGTH(wants); i++) {
        str body = arena_format(f->arena, "{\"name\":\"n\",\"scopes\":[\"read\"],\"networks\":%s}",
                                wants[i].networks);
        struct answer made = send_as(f, text_of(&here, "token"), "POST", "/v1/tokens", body);
        expect(&made, wants[i].code);
    }
}

static struct answer rotate(struct fixture *f, str by, str id, const char *body)
{
    char target[96];
    snprintf(target, sizeof(target), "/v1/tokens/%.*s/rotate", STR_ARG(id));
    return send_as(f, by, "POST", target, str_from(body));
}

static void expect_as(struct fixture *f, str token, int code)
{
    struct answer answer = send_as(f, token, "GET", "/v1/register", STR(""));
    expect(&answer, code);
}

static void a_token_is_succeeded_with_overlap_and_then_ends(void **state)
{
    struct fixture *f = *state;
    struct answer old = make_token(f, "{\"name\":\"form\",\"scopes\":[\"collect\",\"read\"],"
                                      "\"purposes\":[\"support\"],\"days\":300,"
                                      "\"networks\":[\"127.0.0.1\"]}");
    struct answer made = rotate(f, f->token, text_of(&old, "id"), "{\"overlap_hours\":2}");
    expect(&made, 201);
    assert_true(str_is(text_of(&made, "old_ends"), "2026-03-01T11:00:00Z"));
    expect_as(f, text_of(&old, "token"), 200);
    expect_as(f, text_of(&made, "token"), 200);
    struct answer moved = post(f, "/v1/clock", "{\"to\":\"2026-03-01T11:00:01Z\"}");
    expect(&moved, 200);
    expect_as(f, text_of(&old, "token"), 401);
    expect_as(f, text_of(&made, "token"), 200);
    reopen(f);
    expect_as(f, text_of(&old, "token"), 401);
    struct answer shown = send_as(f, text_of(&made, "token"), "GET", "/v1/register", STR(""));
    expect(&shown, 200);
    assert_int_equal(json_get(shown.json, "scopes")->count, 2);
    /* What it could not do its successor cannot. */
    struct answer wide = send_as(f, text_of(&made, "token"), "GET", "/v1/forecast", STR(""));
    expect(&wide, 403);
    struct answer ended = rotate(f, f->token, text_of(&old, "id"), "");
    expect(&ended, 409);
    struct answer none = rotate(f, f->token, STR("AAECAwQFBgcICQoLDA0ODw"), "");
    expect(&none, 404);
    struct answer at_once = rotate(f, f->token, text_of(&made, "id"), "{\"overlap_hours\":0}");
    expect(&at_once, 201);
    expect_as(f, text_of(&made, "token"), 401);
    expect_as(f, text_of(&at_once, "token"), 200);
    struct answer long_ = rotate(f, f->token, text_of(&at_once, "id"), "{\"overlap_hours\":721}");
    expect(&long_, 422);
}

static void a_narrow_administrator_gets_no_wider_token_by_succession_nor_sees_it(void **state)
{
    struct fixture *f = *state;
    struct answer narrow =
        make_token(f, "{\"name\":\"helper\",\"scopes\":[\"administer\",\"read\"]}");
    struct answer wide = make_token(f, "{\"name\":\"officer\",\"scopes\":[\"officer\"]}");
    struct answer plain = make_token(f, "{\"name\":\"reader\",\"scopes\":[\"read\"],"
                                        "\"networks\":[\"2001:db8::/32\"]}");
    str by = text_of(&narrow, "token");
    struct answer refused = rotate(f, by, text_of(&wide, "id"), "");
    expect(&refused, 403);
    struct audit_entry entry = last_entry(f);
    assert_int_equal(entry.decision, AUDIT_REFUSE);
    struct answer allowed = rotate(f, by, text_of(&plain, "id"), "");
    expect(&allowed, 201);
    struct answer list = send_as(f, by, "GET", "/v1/tokens", STR(""));
    expect(&list, 200);
    assert_int_equal(json_get(list.json, "tokens")->count, 3); /* itself, reader, its successor */
    assert_null(memmem(list.text.ptr, list.text.len, "officer", 7));
    assert_non_null(memmem(list.text.ptr, list.text.len, "2001:db8::/32", 13));
}

static void tokens_are_listed_page_by_page_without_secrets(void **state)
{
    struct fixture *f = *state;
    struct answer made[4];
    for (size_t i = 0; i < LENGTH(made); i++)
        made[i] = make_token(
            f, "{\"name\":\"form\",\"scopes\":[\"collect\"],\"purposes\":[\"support\"]}");
    size_t seen = 0, found = 0;
    str next = STR("");
    do {
        char target[160];
        snprintf(target, sizeof(target), "/v1/tokens?limit=2%s%.*s", next.len > 0 ? "&cursor=" : "",
                 STR_ARG(next));
        struct answer page = get(f, target);
        expect(&page, 200);
        for (JSON_EACH(one, json_get(page.json, "tokens")))
            seen++;
        for (size_t i = 0; i < LENGTH(made); i++) {
            str text = text_of(&made[i], "token"), id = text_of(&made[i], "id");
            found += memmem(page.text.ptr, page.text.len, id.ptr, id.len) != NULL;
            str secret_ = str_slice(text, text.len - 43, text.len);
            assert_null(memmem(page.text.ptr, page.text.len, secret_.ptr, secret_.len));
        }
        next = STR("");
        (void)json_str(json_get(page.json, "next"), &next);
    } while (next.len > 0);
    assert_int_equal(seen, 5);
    assert_int_equal(found, 4);
    assert_true(str_is(last_entry(f).action, "tokens"));
}

static void a_staff_member_who_has_left_has_no_token(void **state)
{
    struct fixture *f = *state;
    struct answer unknown =
        send_as(f, f->token, "DELETE", "/v1/staff/AAECAwQFBgcICQoLDA0ODw", STR(""));
    expect(&unknown, 404);
    struct answer kari = post(f, "/v1/staff", "{\"role\":\"shop_desk\",\"name\":\"Kari\"}");
    expect(&kari, 201);
    str body = arena_format(
        f->arena, "{\"name\":\"desk\",\"scopes\":[\"administer\",\"read\"],\"staff\":\"%.*s\"}",
        STR_ARG(text_of(&kari, "id")));
    struct answer desk = send_as(f, f->token, "POST", "/v1/tokens", body);
    expect(&desk, 201);
    expect_as(f, text_of(&desk, "token"), 200);
    /* Nobody's token would pass the gates of the staff. */
    struct answer wider = send_as(f, text_of(&desk, "token"), "POST", "/v1/tokens",
                                  STR("{\"name\":\"x\",\"scopes\":[\"read\"]}"));
    expect(&wider, 403);
    struct answer successor = rotate(f, text_of(&desk, "token"), text_of(&desk, "id"), "");
    expect(&successor, 201);
    char target[64];
    snprintf(target, sizeof(target), "/v1/staff/%.*s", STR_ARG(text_of(&kari, "id")));
    struct answer left = send_as(f, f->token, "DELETE", target, STR(""));
    expect(&left, 200);
    assert_int_equal(number_of(&left, "count"), 2);
    expect_as(f, text_of(&desk, "token"), 401);
    expect_as(f, text_of(&successor, "token"), 401);
}

static void a_purpose_that_the_token_does_not_hold_is_refused_and_logged(void **state)
{
    struct fixture *f = *state;
    put_balancing(f);
    str id = asker_with_question(f, "K-1");
    struct answer narrow =
        make_token(f, "{\"name\":\"desk\",\"scopes\":[\"read\"],\"purposes\":[\"support\"]}");
    char target[128];
    snprintf(target, sizeof(target), "/v1/subjects/%.*s/read", STR_ARG(id));
    struct answer refused =
        send_as(f, text_of(&narrow, "token"), "POST", target, STR("{\"purpose\":\"newsletter\"}"));
    expect(&refused, 403);
    assert_true(str_is(text_of(&refused, "type"), "/problems/forbidden"));
    struct audit_entry entry = last_entry(f);
    assert_int_equal(entry.decision, AUDIT_REFUSE);
    assert_true(str_is(entry.rule, "always.token_scope"));
    assert_true(str_is(entry.purpose, "newsletter"));
    assert_false(ID_IS_ZERO(entry.subject));
}

static void evidence_is_bound_to_a_place_and_a_party_may_lie_there(void **state)
{
    struct fixture *f = *state;
    struct answer place = post(f, "/v1/places", "{\"zone\":\"us\",\"name\":\"Data hall 3\"}");
    expect(&place, 201);
    str id = text_of(&place, "id");
    struct answer none = post(f, "/v1/places", "{\"zone\":\"\",\"name\":\"x\"}");
    expect(&none, 422);
    str evidence = arena_format(f->arena,
                                "{\"type\":\"adequacy\",\"place\":\"%.*s\",\"particulars\":"
                                "{\"reference\":\"D-1\",\"decision\":\"D-1\"}}",
                                STR_ARG(id));
    struct answer bound = send_as(f, f->token, "POST", "/v1/evidence", evidence);
    expect(&bound, 201);
    assert_true(str_equal(text_of(&bound, "id"), id));
    static const struct {
        const char *zone;
        int code;
    } parties[] = {{"", 201}, {"\"zone\":\"us\",", 201}, {"\"zone\":\"no\",", 422}};
    for (size_t i = 0; i < LENGTH(parties); i++) {
        str body = arena_format(f->arena,
                                "{\"kind\":\"web_host\",\"name\":\"Hosting\",%s\"place\":\"%.*s\"}",
                                parties[i].zone, STR_ARG(id));
        struct answer party = send_as(f, f->token, "POST", "/v1/parties", body);
        expect(&party, parties[i].code);
    }
    struct answer nowhere = post(f, "/v1/parties",
                                 "{\"kind\":\"web_host\",\"name\":\"Hosting\","
                                 "\"place\":\"AAECAwQFBgcICQoLDA0ODw\"}");
    expect(&nowhere, 404);
}

/* The host that lies at `place`, with its agreement on file. */
static str host_at(struct fixture *f, str place)
{
    str body =
        arena_format(f->arena, "{\"kind\":\"web_host\",\"name\":\"Hosting\",\"place\":\"%.*s\"}",
                     STR_ARG(place));
    struct answer party = send_as(f, f->token, "POST", "/v1/parties", body);
    expect(&party, 201);
    str agreement = arena_format(f->arena,
                                 "{\"type\":\"processing_agreement\",\"party\":\"%.*s\","
                                 "\"particulars\":{\"document\":\"A-1\"}}",
                                 STR_ARG(text_of(&party, "id")));
    struct answer agreed = send_as(f, f->token, "POST", "/v1/evidence", agreement);
    expect(&agreed, 201);
    return text_of(&party, "id");
}

static void what_goes_to_a_place_abroad_waits_for_evidence_about_that_place(void **state)
{
    struct fixture *f = *state;
    put_balancing(f);
    str id = asker_with_question(f, "K-1");
    struct answer place = post(f, "/v1/places", "{\"zone\":\"us\",\"name\":\"Data hall 3\"}");
    expect(&place, 201);
    struct answer elsewhere = post(f, "/v1/places", "{\"zone\":\"us\",\"name\":\"Data hall 4\"}");
    expect(&elsewhere, 201);
    str here = host_at(f, text_of(&place, "id")), there = host_at(f, text_of(&elsewhere, "id"));
    str safeguard = arena_format(f->arena,
                                 "{\"type\":\"safeguard\",\"place\":\"%.*s\",\"particulars\":"
                                 "{\"reference\":\"S-1\",\"kind\":\"clauses\"}}",
                                 STR_ARG(text_of(&place, "id")));
    char target[128];
    snprintf(target, sizeof(target), "/v1/subjects/%.*s/share", STR_ARG(id));
    static const char format[] =
        "{\"purpose\":\"support\",\"recipient\":\"web_host\",\"party\":\"%.*s\"}";
    str to_here = arena_format(f->arena, format, STR_ARG(here));
    str to_there = arena_format(f->arena, format, STR_ARG(there));
    struct answer refused = send_as(f, f->token, "POST", target, to_here);
    expect(&refused, 403);
    assert_true(str_starts(text_of(&refused, "rule"), STR("places.")));
    struct answer bound = send_as(f, f->token, "POST", "/v1/evidence", safeguard);
    expect(&bound, 201);
    struct answer shared = send_as(f, f->token, "POST", target, to_here);
    expect(&shared, 200);
    struct answer other = send_as(f, f->token, "POST", target, to_there);
    expect(&other, 403); /* the evidence is about the one place */
}

static void a_name_passed_along_must_look_like_an_id(void **state)
{
    struct fixture *f = *state;
    struct http_field fields[] = {
        {STR("Authorization"), arena_format(f->arena, "Bearer %.*s", STR_ARG(f->token))},
        {STR("X-Vern-Human"), STR("kari@example.org")}};
    struct answer answer = send_with(f, "GET", "/v1/register", "", STR(""), fields, 2);
    expect(&answer, 422);
    assert_null(memmem(answer.text.ptr, answer.text.len, "kari", 4));
    fields[1].value = STR("kari-17");
    answer = send_with(f, "GET", "/v1/register", "", STR(""), fields, 2);
    expect(&answer, 200);
}

/* Whoever stands in between adds no second name, and no name is cut to one that there is. */
static void a_header_of_ours_is_given_once_and_whole(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"X-Vern-Human", "X-Vern-Controller"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        struct http_field fields[] = {
            {STR("Authorization"), arena_format(f->arena, "Bearer %.*s", STR_ARG(f->token))},
            {str_from(names[i]), STR("shop")},
            {arena_format(f->arena, "x%s", names[i] + 1), STR("shop")}};
        struct answer once = send_with(f, "GET", "/v1/register", "", STR(""), fields, 2);
        expect(&once, 200);
        struct answer twice = send_with(f, "GET", "/v1/register", "", STR(""), fields, 3);
        expect(&twice, 400);
        fields[1].value = STR("");
        struct answer empty = send_with(f, "GET", "/v1/register", "", STR(""), fields, 2);
        expect(&empty, 422);
        fields[1].value = arena_format(f->arena, "shop%061d", 0);
        struct answer long_ = send_with(f, "GET", "/v1/register", "", STR(""), fields, 2);
        expect(&long_, 422);
    }
}

/* ---- what the log says of it ---- */

static struct audit_entry entry_as(struct fixture *f, const char *human)
{
    struct http_field fields[] = {
        {STR("Authorization"), arena_format(f->arena, "Bearer %.*s", STR_ARG(f->token))},
        {STR("X-Vern-Human"), str_from(human)}};
    struct answer answer =
        send_with(f, "POST", "/v1/matters/find", "application/json",
                  STR("{\"kind\":\"order_no\",\"number\":\"O-1\"}"), fields, human == NULL ? 1 : 2);
    expect(&answer, 200);
    return last_entry(f);
}

static void a_human_passed_along_is_recognised_and_not_named(void **state)
{
    struct fixture *f = *state;
    struct audit_entry none = entry_as(f, NULL), kari = entry_as(f, "kari-17"),
                       again = entry_as(f, "kari-17"), ola = entry_as(f, "ola-3");
    assert_true(ID_IS_ZERO(none.human));
    assert_true(str_is(none.authenticated, "token"));
    assert_true(str_is(kari.authenticated, "asserted"));
    assert_false(ID_IS_ZERO(kari.human));
    assert_true(ID_EQUAL(kari.human, again.human));
    assert_false(ID_EQUAL(kari.human, ola.human));
    /* The application still answers for it. */
    assert_true(ID_EQUAL(kari.actor, none.actor));
}

static void what_an_administrator_does_is_logged_under_the_administrator(void **state)
{
    struct fixture *f = *state;
    struct audit_entry someone = entry_as(f, NULL);
    static const struct {
        const char *path, *body, *action;
    } acts[] = {{"/v1/backup", "{\"name\":\"monday\"}", "backup"},
                {"/v1/destruction/confirm", "", "confirm_destruction"},
                {"/v1/clock", "{\"to\":\"2026-03-02T09:00:00Z\"}", "clock"}};
    for (size_t i = in_postgres() ? 1 : 0; i < LENGTH(acts); i++) { /* not the backup */
        struct answer done = post(f, acts[i].path, acts[i].body);
        expect(&done, 200);
        struct audit_entry entry = last_entry(f);
        assert_true(str_is(entry.action, acts[i].action));
        assert_true(ID_EQUAL(entry.actor, someone.actor));
        assert_true(str_is(entry.authenticated, "token"));
    }
}

/* ---- what is asked ---- */

/* G9: one body for what does not exist and for what is no path at all. */
static void what_is_not_there_answers_with_the_same_bytes(void **state)
{
    struct fixture *f = *state;
    struct answer path = get(f, "/v1/nothing");
    struct answer person = get(f, "/v1/subjects/AAECAwQFBgcICQoLDA0ODw");
    struct answer bad_id = get(f, "/v1/subjects/kari");
    struct answer tile = get(f, "/v1/log/tile/0/999");
    expect(&path, 404);
    expect(&person, 404);
    expect(&bad_id, 404);
    expect(&tile, 404);
    assert_true(str_equal(path.text, person.text));
    assert_true(str_equal(path.text, bad_id.text));
    assert_true(str_equal(path.text, tile.text));
}

/* G9: a token for orders learns nothing of someone who only asked a question. */
static void a_person_outside_the_tokens_purposes_answers_like_no_one(void **state)
{
    struct fixture *f = *state;
    str id = asker_with_question(f, "K-5");
    struct answer made = post(f, "/v1/tokens",
                              "{\"name\":\"orders\",\"scopes\":[\"read\",\"rights\"],"
                              "\"purposes\":[\"orders\"]}");
    str token = text_of(&made, "token");
    static const struct {
        const char *method, *verb, *body;
    } asks[] = {{"GET", "", ""},
                {"POST", "/read", "{\"purpose\":\"orders\"}"},
                {"POST", "/erase", "{}"},
                {"POST", "/access", "{}"}};
    for (size_t i = 0; i < LENGTH(asks); i++) {
        char known[128], unknown[128];
        snprintf(known, sizeof(known), "/v1/subjects/%.*s%s", STR_ARG(id), asks[i].verb);
        snprintf(unknown, sizeof(unknown), "/v1/subjects/AAECAwQFBgcICQoLDA0ODw%s", asks[i].verb);
        int64_t size = log_size(f);
        struct answer a = send_as(f, token, asks[i].method, known, str_from(asks[i].body));
        int64_t logged = log_size(f) - size;
        struct answer b = send_as(f, token, asks[i].method, unknown, str_from(asks[i].body));
        expect(&a, 404);
        expect(&b, 404);
        assert_true(str_equal(a.text, b.text));
        assert_int_equal(a.response.field_count, b.response.field_count);
        assert_int_equal(log_size(f) - size, 2 * logged);
        assert_int_equal(logged, 1);
    }
    struct answer found =
        send_as(f, token, "POST", "/v1/subjects/find",
                STR("{\"kind\":\"contact.email\",\"value\":\"ola@example.org\"}"));
    expect(&found, 200);
    assert_int_equal(json_get(found.json, "ids")->count, 0);
}

static void a_wrong_request_gets_the_right_problem_and_changes_nothing(void **state)
{
    struct fixture *f = *state;
    int64_t size = log_size(f);
    static const struct {
        const char *method, *target, *body, *type;
        int code;
    } bad[] = {
        {"POST", "/v1/subjects", "{", "/problems/syntax", 400},
        {"POST", "/v1/subjects", "{\"roles\":[],\"roles\":[]}", "/problems/syntax", 400},
        {"POST", "/v1/subjects", "{\"rolls\":[]}", "/problems/unknown_member", 422},
        {"POST", "/v1/subjects", "{\"roles\":\"asker\"}", "/problems/wrong_type", 422},
        {"POST", "/v1/subjects/find", "{\"kind\":\"number\"}", "/problems/missing_member", 422},
        {"PUT", "/v1/subjects", "", "/problems/method", 405},
        {"GET", "/v1/forecast?days=0", "", "/problems/invalid", 422},
        {"GET", "/v1/forecast?email=a", "", "/problems/invalid", 422},
        {"GET", "/v1/subjects?cursor=AAAA", "", "/problems/invalid", 422},
        {"POST", "/v1/backup", "{\"name\":\"../x\"}", "/problems/invalid", 422},
        {"POST", "/v1/subjects/AAAAAAAAAAAAAAAAAAAAAQ/explain",
         "{\"purpose\":\"answer\",\"at\":\"yesterday\"}", "/problems/wrong_type", 422},
        {"POST", "/v1/subjects/AAAAAAAAAAAAAAAAAAAAAQ/explain",
         "{\"purpose\":\"answer\",\"at\":\"2026-02-30T09:00:00Z\"}", "/problems/wrong_type", 422},
        {"POST", "/v1/subjects/AAAAAAAAAAAAAAAAAAAAAQ/explain",
         "{\"purpose\":\"answer\",\"at\":1767258000000}", "/problems/wrong_type", 422},
        {"POST", "/v1/subjects/AAAAAAAAAAAAAAAAAAAAAQ/documents", "{\"at\":\"now\"}",
         "/problems/wrong_type", 422},
        {"POST", "/v1/history", "{\"reference\":\"AAAA\"}", "/problems/invalid", 422},
        {"POST", "/v1/history", "{\"reference\":\"AAAAAAAAAAAAAAAAAAAAAQ\",\"at\":\"\"}",
         "/problems/wrong_type", 422},
        {"POST", "/v1/policy/withdraw", "{}", "/problems/missing_member", 422},
        {"POST", "/v1/policy/text", "{\"version\":\"none\"}", "/problems/invalid", 422},
        {"POST", "/v1/policy/text", "{\"version\":[\"1\"]}", "/problems/wrong_type", 422},
        {"POST", "/v1/policy/untold", "{\"version\":\"none\"}", "/problems/invalid", 422},
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct answer answer =
            send_as(f, f->token, bad[i].method, bad[i].target, str_from(bad[i].body));
        expect(&answer, bad[i].code);
        assert_true(str_is(text_of(&answer, "type"), bad[i].type));
        assert_true(str_is(answer.media, "application/problem+json"));
    }
    assert_int_equal(log_size(f), size);
}

static void a_body_that_is_not_said_to_be_json_is_not_read(void **state)
{
    struct fixture *f = *state;
    struct http_field field = {STR("Authorization"),
                               arena_format(f->arena, "Bearer %.*s", STR_ARG(f->token))};
    struct answer answer = send_with(f, "POST", "/v1/subjects", "text/plain", STR("{}"), &field, 1);
    expect(&answer, 415);
}

static void a_request_that_uses_up_its_memory_is_told_so(void **state)
{
    struct fixture *f = *state;
    enum { OBJECTS = 20000 };
    struct buf body = buf_in(f->arena, OBJECTS * 3 + 64);
    buf_text(&body, "{\"agreements\":[{}");
    for (int i = 1; i < OBJECTS; i++)
        buf_text(&body, ",{}");
    buf_text(&body, "]}");
    assert_false(body.full);
    struct answer answer = send_as(f, f->token, "POST", "/v1/subjects", buf_str(&body));
    expect(&answer, 413);
    assert_true(str_is(text_of(&answer, "type"), "/problems/limit"));
}

static int is_json_file(const struct dirent *entry)
{
    return str_ends(str_from(entry->d_name), STR(".json"));
}

/* The published suite on the real port: what must not parse is 400 and changes nothing, what must
 * parse is judged as a body. */
static void the_published_json_suite_is_judged_right_on_the_port(void **state)
{
    struct fixture *f = *state;
    if (shared_folder() == NULL)
        skip();
    str dir = arena_format(f->arena, "%s/vectors/json/test_parsing", shared_folder());
    struct dirent **names = NULL;
    int count = scandir(arena_c_string(f->arena, dir), &names, is_json_file, alphasort);
    assert_true(count > 200);
    int64_t size = log_size(f);
    for (int i = 0; i < count; i++) {
        str path = arena_format(f->arena, "%.*s/%s", STR_ARG(dir), names[i]->d_name);
        str body = shared_bytes(f->arena, arena_c_string(f->arena, path));
        struct answer answer = send_as(f, f->token, "POST", "/v1/subjects/find", body);
        bool refused = answer.code == 400, judged = answer.code == 422;
        /* Two rules of ours beyond the suite: numbers that a double cannot hold exactly, and names
         * that come twice. */
        bool ours = refused && (memmem(answer.text.ptr, answer.text.len, "2^53", 4) != NULL ||
                                memmem(answer.text.ptr, answer.text.len, "same name", 9) != NULL);
        char kind = names[i]->d_name[0];
        bool fits = kind == 'n'   ? refused || body.len == 0
                    : kind == 'y' ? judged || ours
                                  : refused || judged;
        if (!fits)
            fail_msg("%s: %d %.*s", names[i]->d_name, answer.code, STR_ARG(answer.text));
        free(names[i]);
    }
    free(names);
    assert_int_equal(log_size(f), size);
}

/* ---- people ---- */

static void a_person_is_created_found_collected_read_and_erased(void **state)
{
    struct fixture *f = *state;
    put_balancing(f);
    str id = asker_with_question(f, "K-1");
    struct answer found =
        post(f, "/v1/subjects/find", "{\"kind\":\"contact.email\",\"value\":\"OLA@example.org\"}");
    expect(&found, 200);
    assert_int_equal(json_get(found.json, "ids")->count, 1);
    struct answer read = post_subject(f, id, "read", "{\"purpose\":\"support\"}");
    expect(&read, 200);
    assert_int_equal(json_get(read.json, "items")->count, 2);
    assert_non_null(memmem(read.text.ptr, read.text.len, "When does it come?", 18));
    assert_true(str_is(http_response_header(&read.response, "Cache-Control"), "no-store"));
    struct answer erased = post_subject(f, id, "erase", "{\"warned\":true}");
    expect(&erased, 200);
    bool whole;
    assert_true(json_bool(json_get(erased.json, "whole"), &whole) && whole);
    assert_true(json_is_object(json_get(erased.json, "receipt")));
    read = post_subject(f, id, "read", "{\"purpose\":\"support\"}");
    expect(&read, 410);
}

static str asker_who_asks(struct fixture *f, const char *number, const char *text)
{
    char body[256];
    str id = new_asker(f, number);
    snprintf(body, sizeof(body),
             "{\"intake\":\"contact_form\",\"source\":\"person\",\"channel\":\"web\","
             "\"values\":{\"contact.email\":\"ola@example.org\",\"question.text\":\"%s\"}}",
             text);
    struct answer collected = post_subject(f, id, "collect", body);
    expect(&collected, 201);
    return id;
}

/* Requests as they go over the wire, the last of which closes; answers into `text`. */
static size_t send_raw(struct fixture *f, str requests, char *text, size_t room)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(http_port(f->server)),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(connection, (struct sockaddr *)&to, sizeof(to)), 0);
    assert_int_equal(write(connection, requests.ptr, requests.len), requests.len);
    size_t size = 0;
    for (ssize_t count; (count = read(connection, text + size, room - size)) > 0;)
        size += (size_t)count;
    close(connection);
    return size;
}

/* Both come before either is answered, so that they share a turn of the engine. */
static size_t read_two_at_once(struct fixture *f, str one, str other, char *text, size_t room)
{
    char request[1024];
    struct buf buf = buf_over(request, sizeof(request));
    for (int i = 0; i < 2; i++)
        buf_format(&buf,
                   "POST /v1/subjects/%.*s/read HTTP/1.1\r\nHost: localhost\r\n"
                   "Authorization: Bearer %.*s\r\nContent-Type: application/json\r\n"
                   "Content-Length: 21\r\n%s\r\n{\"purpose\":\"support\"}",
                   STR_ARG(i == 0 ? one : other), STR_ARG(f->token),
                   i == 0 ? "" : "Connection: close\r\n");
    return send_raw(f, buf_str(&buf), text, room);
}

static void reads_of_one_turn_hold_each_their_own_persons_values_and_leave_nothing(void **state)
{
    struct fixture *f = *state;
    char text[8192];
    put_balancing(f);
    str one = asker_who_asks(f, "K-1", "Where is the first?");
    str other = asker_who_asks(f, "K-2", "And the second?");
    size_t size = read_two_at_once(f, one, other, text, sizeof(text));
    const char *first = memmem(text, size, "Where is the first?", 19);
    const char *second = memmem(text, size, "And the second?", 15);
    assert_non_null(first);
    assert_non_null(second);
    assert_true(first < second);
    assert_null(memmem(first + 1, size - (size_t)(first + 1 - text), "Where is the first?", 19));
    assert_int_equal(arena_used(f->api->brief), 0);
}

/* What the log has of a few people is little: it is looked up in the turn in which it was asked
 * for, and one flush is for all. */
static void short_looks_of_one_turn_share_it(void **state)
{
    enum { LOOKS = 6 };
    struct fixture *f = *state;
    static char text[1 << 16];
    char requests[4096];
    struct buf buf = buf_over(requests, sizeof(requests));
    str id = asker_with_question(f, "K-1");
    struct answer shown =
        get(f, arena_c_string(f->arena, arena_format(f->arena, "/v1/subjects/%.*s", STR_ARG(id))));
    expect(&shown, 200);
    str body =
        arena_format(f->arena, "{\"reference\":\"%.*s\"}", STR_ARG(text_of(&shown, "reference")));
    for (int i = 0; i < LOOKS; i++)
        buf_format(&buf,
                   "POST /v1/history HTTP/1.1\r\nHost: localhost\r\n"
                   "Authorization: Bearer %.*s\r\nContent-Type: application/json\r\n"
                   "Content-Length: %zu\r\n%s\r\n%.*s",
                   STR_ARG(f->token), body.len, i == LOOKS - 1 ? "Connection: close\r\n" : "",
                   STR_ARG(body));
    f->flushes = f->wakes = 0;
    size_t size = send_raw(f, buf_str(&buf), text, sizeof(text));
    size_t answered = 0;
    for (const char *at = text; (at = memmem(at, size - (size_t)(at - text), "\"found\":", 8));
         at++)
        answered++;
    assert_int_equal(answered, LOOKS);
    assert_int_equal(f->flushes, 1);
    assert_int_equal(f->wakes, 0);
}

static void a_refusal_names_its_rule_and_what_would_make_it_a_yes(void **state)
{
    struct fixture *f = *state;
    str id = asker_with_question(f, "K-2");
    struct answer refused = post_subject(f, id, "read", "{\"purpose\":\"support\"}");
    expect(&refused, 403);
    assert_true(str_is(text_of(&refused, "type"), "/problems/refused"));
    assert_true(str_is(text_of(&refused, "rule"), "purposes.support.basis"));
    assert_true(str_is(text_of(&refused, "article"), "GDPR 6(1)(f)"));
    assert_int_equal(json_get(refused.json, "lacks")->count, 1);
    assert_true(str_is(text_of(&refused, "would_allow"), "on file: balancing"));
    assert_null(memmem(refused.text.ptr, refused.text.len, "ola@", 4));
}

/* Alternatives are joined by "or"; of roles the person needs one. */
static void a_refusal_for_want_of_a_role_offers_each_that_would_do(void **state)
{
    struct fixture *f = *state;
    str id = asker_with_question(f, "K-3");
    struct answer refused = post_subject(f, id, "read", "{\"purpose\":\"newsletter\"}");
    expect(&refused, 403);
    assert_true(str_is(text_of(&refused, "rule"), "purposes.newsletter.roles"));
    assert_true(
        str_is(text_of(&refused, "would_allow"), "a role of the person: subscriber or customer"));
}

static void evidence_that_is_not_whole_is_told_which_particulars_it_lacks(void **state)
{
    struct fixture *f = *state;
    struct answer party = post(f, "/v1/parties", "{\"kind\":\"web_host\",\"name\":\"Sky AS\"}");
    expect(&party, 201);
    str body = arena_format(f->arena, "{\"type\":\"processing_agreement\",\"party\":\"%.*s\"}",
                            STR_ARG(text_of(&party, "id")));
    struct answer refused = post(f, "/v1/evidence", arena_c_string(f->arena, body));
    expect(&refused, 403);
    assert_true(str_is(text_of(&refused, "would_allow"), "particulars of the record: document"));
}

static void a_refusal_by_a_built_in_rule_says_what_the_rule_holds(void **state)
{
    struct fixture *f = *state;
    str id = asker_with_question(f, "K-4");
    struct answer refused =
        post_subject(f, id, "collect",
                     "{\"intake\":\"newsletter_form\",\"source\":\"person\",\"channel\":\"web\","
                     "\"controller\":\"shop\",\"values\":{\"contact.email\":\"ola@example.org\"}}");
    expect(&refused, 403);
    assert_true(str_is(text_of(&refused, "rule"), "always.own_basis"));
    assert_true(
        str_is(text_of(&refused, "detail"),
               "refused by always.own_basis: every item has a purpose with a basis of its own"));
}

/* The written reply holds only what its form describes. */
static void a_reply_holds_what_its_description_says(void **state)
{
    struct fixture *f = *state;
    struct answer created = post(f, "/v1/subjects", "{}");
    expect(&created, 201);
    struct written written;
    struct report report = {0};
    assert_true(is_ok(bind_read(&written_form, created.json, f->arena, &report, &written)));
    assert_int_equal(written.reference.len, ID_TEXT);
    assert_int_equal(http_response_header(&created.response, "X-Request-Id").len, ID_TEXT);
    struct answer shown = get(f, "/v1/register");
    struct register_reply reply;
    assert_true(is_ok(bind_read(&register_form, shown.json, f->arena, &report, &reply)));
    assert_true(str_is(reply.clock, "simulated"));
}

static void a_summary_shows_fields_and_no_values(void **state)
{
    struct fixture *f = *state;
    str id = asker_with_question(f, "K-3");
    char target[64];
    snprintf(target, sizeof(target), "/v1/subjects/%.*s", STR_ARG(id));
    struct answer shown = get(f, target);
    expect(&shown, 200);
    assert_int_equal(json_get(shown.json, "items")->count, 2);
    assert_null(memmem(shown.text.ptr, shown.text.len, "ola@", 4));
}

static void the_persons_own_copy_holds_the_values(void **state)
{
    struct fixture *f = *state;
    str id = asker_with_question(f, "K-4");
    struct answer copy = post_subject(f, id, "access", "{}");
    expect(&copy, 200);
    assert_non_null(memmem(copy.text.ptr, copy.text.len, "When does it come?", 18));
    /* What rests on a legitimate interest is not portable. */
    struct answer portable = post_subject(f, id, "portability", "{}");
    expect(&portable, 200);
    assert_null(memmem(portable.text.ptr, portable.text.len, "When does it come?", 18));
}

/* GDPR 15, 12(1) */
static void the_persons_own_copy_is_also_a_page_or_a_text_in_her_language(void **state)
{
    static const char *const bodies[][3] = {
        {"{\"format\":\"html\",\"language\":\"nb\"}", "<html lang=\"nb\">", "text/html"},
        {"{\"format\":\"html\",\"language\":\"en\"}", "<html lang=\"en\">", "text/html"},
        {"{\"format\":\"text\"}", "Innsyn i opplysningene om deg\n", "text/plain"},
        {"{\"format\":\"json\"}", "\"document\":\"access\",\"language\":\"nb\"",
         "application/json"},
    };
    static const char *const wrong[] = {
        "{\"format\":\"pdf\"}",     "{\"format\":\"html\",\"language\":\"sv\"}",
        "{\"format\":\"consent\"}", "{\"language\":\"nb\"}",
        "{\"format\":7}",           "{\"form\":\"html\"}"};
    struct fixture *f = *state;
    str id = asker_with_question(f, "K-44");
    for (size_t i = 0; i < LENGTH(bodies); i++) {
        struct answer paper = post_subject(f, id, "access", bodies[i][0]);
        expect(&paper, 200);
        assert_non_null(memmem(paper.text.ptr, paper.text.len, "When does it come?", 18));
        assert_non_null(memmem(paper.text.ptr, paper.text.len, bodies[i][1], strlen(bodies[i][1])));
        assert_true(str_starts(paper.media, str_from(bodies[i][2])));
    }
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        struct answer refused = post_subject(f, id, "access", wrong[i]);
        assert_int_equal(refused.code, 422);
    }
    struct answer lacks =
        post_subject(f, id, "access", "{\"format\":\"html\",\"language\":\"nn\"}");
    assert_non_null(memmem(lacks.text.ptr, lacks.text.len, "has no name in nn", 17));
    assert_null(memmem(lacks.text.ptr, lacks.text.len, "When does it come?", 18));
}

/* ---- once ---- */

static struct answer post_once(struct fixture *f, const char *key, const char *body)
{
    struct http_field fields[] = {
        {STR("Authorization"), arena_format(f->arena, "Bearer %.*s", STR_ARG(f->token))},
        {STR("Idempotency-Key"), str_from(key)}};
    return send_with(f, "POST", "/v1/subjects", "application/json", str_from(body), fields, 2);
}

static struct answer erase_once(struct fixture *f, str id, const char *key, const char *body)
{
    char target[128];
    snprintf(target, sizeof(target), "/v1/subjects/%.*s/erase", STR_ARG(id));
    struct http_field fields[] = {
        {STR("Authorization"), arena_format(f->arena, "Bearer %.*s", STR_ARG(f->token))},
        {STR("Idempotency-Key"), str_from(key)}};
    return send_with(f, "POST", target, "application/json", str_from(body), fields, 2);
}

static str receipt_member(const struct answer *answer, const char *name)
{
    str text = STR("");
    if (!json_str(json_get(json_get(answer->json, "receipt"), name), &text))
        fail_msg("no %s in the receipt: %.*s", name, STR_ARG(answer->text));
    return text;
}

/* By the log's key alone, which the register gives to anybody who asks. */
static bool receipt_verifies(struct fixture *f, const struct answer *answer)
{
    struct note_verifier verifier;
    struct checkpoint checkpoint;
    struct merkle_proof proof = {0};
    int64_t index = 0;
    str text;
    struct report report = {0};
    struct answer key = get(f, "/v1/log/key");
    const struct json *receipt = json_get(answer->json, "receipt");
    if (!is_ok(note_verifier_parse(str_trim(key.text), &report, &verifier)) ||
        !is_ok(
            checkpoint_open(receipt_member(answer, "checkpoint"), &verifier, &report, &checkpoint)))
        fail_msg("%s", report.text);
    assert_true(json_i64(json_get(receipt, "index"), &index));
    for (JSON_EACH(one, json_get(receipt, "proof"))) {
        size_t length = 0;
        assert_true(json_str(one, &text));
        assert_true(base64_decode(text, proof.at[proof.count].bytes, MERKLE_HASH_BYTES, &length));
        assert_int_equal(length, MERKLE_HASH_BYTES);
        proof.count++;
    }
    struct hasher *hasher = hasher_new();
    merkle_hash leaf = merkle_leaf(hasher, receipt_member(answer, "entry"));
    bool in =
        merkle_included(hasher, (uint64_t)index, checkpoint.size, &leaf, &proof, &checkpoint.root);
    leaf.bytes[0] ^= 1;
    assert_false(
        merkle_included(hasher, (uint64_t)index, checkpoint.size, &leaf, &proof, &checkpoint.root));
    hasher_free(&hasher);
    return in;
}

/* A text with ' for " and each % filled in turn. */
static struct answer post_with(struct fixture *f, const char *target, const char *format, str one,
                               str two)
{
    char text[1024];
    struct buf buf = buf_over(text, sizeof(text) - 1);
    const str put[] = {one, two};
    size_t next = 0;
    for (const char *at = format; *at != '\0'; at++) {
        if (*at == '%')
            buf_add(&buf, put[next++ % 2]);
        else
            buf_char(&buf, *at == '\'' ? '"' : *at);
    }
    text[buf_str(&buf).len] = '\0';
    return post(f, target, text);
}

/* A customer whose order is with the carrier: the books stay, the rest may go. */
static str customer_with_order(struct fixture *f)
{
    char target[96];
    struct answer made = post(f, "/v1/subjects", "{\"roles\":[\"customer\"]}");
    str id = text_of(&made, "id"), none = STR("");
    made = post(f, "/v1/matters", "{\"kind\":\"order_no\",\"number\":\"O-1\"}");
    str order = text_of(&made, "id");
    made = post_with(f, "/v1/agreements", "{'subject':'%','matter':'%'}", id, order);
    expect(&made, 201);
    snprintf(target, sizeof(target), "/v1/subjects/%.*s/collect", STR_ARG(id));
    made = post_with(f, target,
                     "{'matter':'%','intake':'checkout','source':'person','channel':'web',"
                     "'optional':['purchase.goods'],'values':{'contact.name':'Kari Qanary',"
                     "'contact.email':'kari@qanary.test','delivery.street':'Qanary 5',"
                     "'purchase.goods':'a lamp'}}",
                     order, none);
    expect(&made, 201);
    snprintf(target, sizeof(target), "/v1/subjects/%.*s/events", STR_ARG(id));
    made = post_with(f, target, "{'matter':'%','event':'order_placed','by_subject':true}", order,
                     none);
    expect(&made, 201);
    made = post(f, "/v1/parties", "{\"kind\":\"carrier\",\"name\":\"Posten Test\"}");
    snprintf(target, sizeof(target), "/v1/subjects/%.*s/share", STR_ARG(id));
    made = post_with(f, target,
                     "{'party':'%','matter':'%','purpose':'orders','recipient':'carrier','fields':"
                     "['delivery']}",
                     text_of(&made, "id"), order);
    expect(&made, 200);
    return id;
}

static struct answer certificate_of(struct fixture *f, str reference, const char *rest)
{
    return post(f, "/v1/papers/erasure",
                arena_c_string(f->arena, arena_format(f->arena, "{\"reference\":\"%.*s\"%s}",
                                                      STR_ARG(reference), rest)));
}

static bool answer_says(const struct answer *answer, const char *text)
{
    return memmem(answer->text.ptr, answer->text.len, text, strlen(text)) != NULL;
}

/* GDPR 17, 19, 5(2), 12(3) */
static void an_erasure_is_certified_from_the_log_with_what_stays_and_who_was_told(void **state)
{
    struct fixture *f = *state;
    str id = customer_with_order(f);
    struct answer shown =
        get(f, arena_c_string(f->arena, arena_format(f->arena, "/v1/subjects/%.*s", STR_ARG(id))));
    str reference = text_of(&shown, "reference");
    struct answer nothing = certificate_of(f, reference, "");
    expect(&nothing, 404);
    struct answer erased = post_subject(f, id, "erase", "{\"warned\":true}");
    expect(&erased, 200);
    struct answer paper = certificate_of(f, reference, ",\"language\":\"nb\"");
    expect(&paper, 200);
    assert_true(receipt_verifies(f, &paper));
    static const char *const SAID[] = {"Leveringsadresse",     "Hva du har kjøpt",
                                       "bokføringsloven § 13", "Posten Test",
                                       "Transportører",        "ikke bekreftet ennå"};
    for (size_t i = 0; i < LENGTH(SAID); i++)
        assert_true(answer_says(&paper, SAID[i]));
    assert_false(answer_says(&paper, "anary"));
    assert_false(answer_says(&paper, arena_c_string(f->arena, id)));
    struct answer page = certificate_of(f, reference, ",\"format\":\"html\",\"language\":\"en\"");
    expect(&page, 200);
    assert_true(answer_says(&page, "<html lang=\"en\">"));
    static const char *const WRONG[] = {",\"format\":\"pdf\"", ",\"language\":\"sv\"",
                                        ",\"log_index\":3"};
    for (size_t i = 0; i < LENGTH(WRONG); i++)
        assert_int_equal(certificate_of(f, reference, WRONG[i]).code, 422);
    assert_int_equal(certificate_of(f, reference, ",\"language\":\"nn\"").code, 409);
    assert_int_equal(certificate_of(f, STR("AAAAAAAAAAAAAAAAAAAAAQ"), "").code, 404);
}

static struct answer consent_once(struct fixture *f, str id, const char *key, const char *rest)
{
    const char *target = arena_format(f->arena, "/v1/subjects/%.*s/consents", STR_ARG(id)).ptr;
    const struct http_field fields[] = {
        {STR("Authorization"), arena_format(f->arena, "Bearer %.*s", STR_ARG(f->token))},
        {STR("Idempotency-Key"), str_from(key)}};
    str body = arena_format(f->arena,
                            "{\"purpose\":\"newsletter\",\"wording\":\"CANARY-WORDING\","
                            "\"given_by\":\"click\"%s}",
                            rest);
    return send_with(f, "POST", target, "application/json", body, fields, 2);
}

/* CLO-18, COB-48, C06: whoever gave it can show it to anybody, and what was shown to her is hers to
 * show. */
static void a_consent_that_asks_for_it_has_a_receipt_that_verifies(void **state)
{
    struct fixture *f = *state;
    str id = asker_with_question(f, "K-1");
    struct answer plain = consent_once(f, id, "c-1", "");
    expect(&plain, 201);
    assert_null(json_get(plain.json, "receipt"));
    struct answer first = consent_once(f, id, "c-2", ",\"receipt\":true");
    expect(&first, 201);
    assert_true(receipt_verifies(f, &first));
    assert_true(str_is(receipt_member(&first, "receipt"), "consent"));
    str entry = receipt_member(&first, "entry");
    assert_non_null(memmem(entry.ptr, entry.len, "\"ac\":\"consent\"", 14));
    assert_non_null(memmem(entry.ptr, entry.len, "newsletter", 10));
    assert_null(memmem(first.text.ptr, first.text.len, "CANARY", 6));
    assert_true(str_equal(receipt_member(&first, "reference"), text_of(&first, "reference")));
    struct answer again = consent_once(f, id, "c-2", ",\"receipt\":true");
    expect(&again, 201);
    assert_true(receipt_verifies(f, &again));
    assert_true(str_equal(receipt_member(&again, "entry"), entry));
    struct answer other = consent_once(f, id, "c-1", "");
    assert_null(json_get(other.json, "receipt"));
    struct answer bad = consent_once(f, id, "c-3", ",\"receipt\":\"yes\"");
    expect(&bad, 422);
}

static const struct json *row_of(const struct json *rows, const char *member, const char *value)
{
    str text;
    for (JSON_EACH(row, rows)) {
        if (json_str(json_get(row, member), &text) && str_is(text, value))
            return row;
    }
    return NULL;
}

static bool row_says(const struct json *row, const char *member, const char *value)
{
    str text;
    return json_str(json_get(row, member), &text) && str_is(text, value);
}

/* Those, too, that no form asks anything for. */
static void a_page_has_a_word_for_whatever_the_policy_names(void **state)
{
    struct fixture *f = *state;
    static const struct { const char *list, *name, *says; } NAMED[] = {
        {"purposes", "authority_disclosure", "Utlevere det en domstol krever"},
        {"categories", "purchase", "Hva du har kjøpt"},
        {"fields", "contact.email", "e-postadresse"},
    };
    struct answer said = get(f, "/v1/policy/says");
    expect(&said, 200);
    for (size_t i = 0; i < LENGTH(NAMED); i++) {
        const struct json *list = json_get(said.json, NAMED[i].list);
        assert_non_null(list);
        const struct json *row = row_of(list, "name", NAMED[i].name);
        assert_non_null(row);
        assert_true(row_says(json_get(row, "says"), "nb", NAMED[i].says));
    }
    bool counted;
    const struct json *purpose = json_get(said.json, "purposes")->child;
    assert_true(json_bool(json_get(purpose, "only_counted"), &counted) && !counted);
}

/* Of everybody without a word of what was said; of one person word for word. */
static void consents_and_holds_are_listed_and_shown_as_they_were_worded(void **state)
{
    struct fixture *f = *state;
    str id = asker_with_question(f, "K-1"), other = asker_with_question(f, "K-2");
    struct answer first = consent_once(f, id, "c-1", ",\"language\":\"nb\"");
    struct answer second = consent_once(f, other, "c-2", "");
    expect(&first, 201);
    expect(&second, 201);
    struct answer withdrawn =
        post(f, arena_format(f->arena, "/v1/subjects/%.*s/withdrawals", STR_ARG(other)).ptr,
             "{\"purpose\":\"newsletter\"}");
    expect(&withdrawn, 200);
    struct answer held =
        post(f, arena_format(f->arena, "/v1/subjects/%.*s/holds", STR_ARG(id)).ptr,
             "{\"type\":\"claim\",\"until\":\"2027-01-01\",\"particulars\":{\"owner\":\"Legal\"}}");
    expect(&held, 201);
    struct answer consents = get(f, "/v1/consents"), holds = get(f, "/v1/holds");
    expect(&consents, 200);
    expect(&holds, 200);
    const struct json *rows = json_get(consents.json, "rows");
    assert_int_equal(rows->count, 2);
    assert_null(memmem(consents.text.ptr, consents.text.len, "CANARY", 6));
    const struct json *row = row_of(rows, "subject", arena_c_string(f->arena, id));
    assert_true(row_says(row, "state", "in_force") && row_says(row, "purpose", "newsletter"));
    row = row_of(rows, "subject", arena_c_string(f->arena, other));
    assert_true(row_says(row, "state", "ended"));
    rows = json_get(holds.json, "rows");
    assert_int_equal(rows->count, 1);
    assert_true(row_says(rows->child, "until", "2026-12-31T23:00:00Z"));
    const char *path = arena_format(f->arena, "/v1/subjects/%.*s/evidence", STR_ARG(id)).ptr;
    struct answer filed = get(f, path);
    expect(&filed, 200);
    rows = json_get(filed.json, "evidence");
    const struct json *consent = row_of(rows, "kind", "consent");
    const struct json *claim = row_of(rows, "kind", "claim");
    assert_true(row_says(json_get(consent, "details"), "wording", "CANARY-WORDING"));
    assert_true(row_says(json_get(json_get(claim, "details"), "particulars"), "owner", "Legal"));
}

/* A page is as long as asked, goes on by its cursor, and shows each once. */
static void the_ledger_of_consents_goes_on_page_by_page(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 5; i++) {
        char number[8];
        (void)snprintf(number, sizeof(number), "L-%d", i);
        struct answer given = consent_once(f, asker_with_question(f, number), number, "");
        expect(&given, 201);
    }
    size_t seen = 0, pages = 0;
    str path = STR("/v1/consents?limit=2"), next;
    for (;;) {
        struct answer page = get(f, arena_c_string(f->arena, path));
        expect(&page, 200);
        seen += json_get(page.json, "rows")->count;
        pages++;
        if (!json_str(json_get(page.json, "next"), &next))
            break;
        path = arena_format(f->arena, "/v1/consents?limit=2&cursor=%.*s", STR_ARG(next));
    }
    assert_int_equal(seen, 5);
    assert_true(pages >= 3);
}

static void a_member_of_the_staff_sees_what_they_may_and_an_application_is_none(void **state)
{
    struct fixture *f = *state;
    struct answer kari = post(f, "/v1/staff", "{\"role\":\"manager\",\"name\":\"Kari\"}");
    expect(&kari, 201);
    struct answer made = post(
        f, "/v1/tokens",
        arena_format(f->arena, "{\"name\":\"kari\",\"scopes\":[\"read\"],\"staff\":\"%.*s\"}",
                     STR_ARG(text_of(&kari, "id"))).ptr);
    expect(&made, 201);
    struct answer own = send_as(f, text_of(&made, "token"), "GET", "/v1/account", STR(""));
    expect(&own, 200);
    assert_true(row_says(own.json, "id", arena_c_string(f->arena, text_of(&kari, "id"))));
    assert_int_equal(json_get(own.json, "may")->count, 6);
    str lacks;
    assert_true(json_str(json_get(own.json, "lacks")->child, &lacks) && str_is(lacks, "training"));
    assert_null(json_get(own.json, "name"));
    struct answer nobody = get(f, "/v1/account");
    expect(&nobody, 404);
}

static void a_repeated_erasure_gives_its_receipt_again(void **state)
{
    struct fixture *f = *state;
    static const char *const bodies[] = {"{\"fields\":[\"question.text\"]}", "{}"};
    str id = asker_with_question(f, "K-1");
    for (size_t i = 0; i < LENGTH(bodies); i++) {
        const char *key = i == 0 ? "part" : "whole";
        struct answer first = erase_once(f, id, key, bodies[i]);
        expect(&first, 200);
        int64_t size = log_size(f);
        struct answer again = erase_once(f, id, key, bodies[i]);
        expect(&again, 200);
        assert_int_equal(log_size(f), size); /* nothing was done again */
        static const char *const same[] = {"receipt", "reference", "entry", "key"};
        for (size_t m = 0; m < LENGTH(same); m++)
            assert_true(
                str_equal(receipt_member(&first, same[m]), receipt_member(&again, same[m])));
        bool whole = false, repeated = false;
        (void)json_bool(json_get(again.json, "whole"), &whole);
        assert_int_equal(whole, i == 1);
        assert_true(json_bool(json_get(again.json, "repeated"), &repeated) && repeated);
        assert_null(json_get(again.json, "items"));
    }
}

static void a_repeated_write_is_done_once(void **state)
{
    struct fixture *f = *state;
    struct answer first = post_once(f, "k-1", "{\"roles\":[\"asker\"]}");
    struct answer again = post_once(f, "k-1", "{\"roles\":[\"asker\"]}");
    expect(&first, 201);
    expect(&again, 201);
    assert_true(str_equal(text_of(&first, "id"), text_of(&again, "id")));
    assert_true(str_equal(text_of(&first, "reference"), text_of(&again, "reference")));
    assert_int_equal(number_of(&first, "log_index"), number_of(&again, "log_index"));
    bool repeated;
    assert_true(json_bool(json_get(again.json, "repeated"), &repeated) && repeated);
    struct answer other = post_once(f, "k-1", "{\"roles\":[\"customer\"]}");
    expect(&other, 422);
    assert_true(str_is(text_of(&other, "type"), "/problems/reused"));
    struct answer people = get(f, "/v1/subjects");
    assert_int_equal(json_get(people.json, "ids")->count, 1);
}

/* ---- pages ---- */

static void pages_list_everyone_once_and_a_cursor_is_no_ones_invention(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 5; i++) {
        struct answer created = post(f, "/v1/subjects", "{}");
        expect(&created, 201);
    }
    size_t seen = 0;
    char target[128] = "/v1/subjects?limit=2";
    str next = STR("");
    for (int page = 0; page < 4; page++) {
        struct answer answer = get(f, target);
        expect(&answer, 200);
        seen += json_get(answer.json, "ids")->count;
        if (!json_str(json_get(answer.json, "next"), &next))
            break;
        snprintf(target, sizeof(target), "/v1/subjects?limit=2&cursor=%.*s", STR_ARG(next));
    }
    assert_int_equal(seen, 5);
    target[strlen("/v1/subjects?limit=2&cursor=")] ^= 1;
    struct answer forged = get(f, target);
    expect(&forged, 422);
}

static void no_work_waits_where_none_was_given_and_what_is_not_there_cannot_be_done(void **state)
{
    struct fixture *f = *state;
    struct answer tasks = get(f, "/v1/tasks?limit=2");
    expect(&tasks, 200);
    assert_int_equal(json_get(tasks.json, "tasks")->count, 0);
    struct answer done =
        post(f, "/v1/tasks/AAAAAAAAAAAAAAAAAAAAAA/BBBBBBBBBBBBBBBBBBBBBA/done", "");
    expect(&done, 404);
}

static void no_alarm_is_open_at_first_and_what_is_not_there_cannot_be_closed(void **state)
{
    struct fixture *f = *state;
    struct answer alarms = get(f, "/v1/alarms?limit=2");
    expect(&alarms, 200);
    assert_true(json_get(alarms.json, "alarms") != NULL);
    struct answer closed =
        post(f, "/v1/alarms/AAAAAAAAAAAAAAAAAAAAAA/close", "{\"why\":\"looked at\"}");
    expect(&closed, 404);
    closed = post(f, "/v1/alarms/AAAAAAAAAAAAAAAAAAAAAA/close", "{}");
    expect(&closed, 422);
}

/* C26, HOS-40 */
static void the_staff_are_listed_with_what_they_may_and_what_they_lack(void **state)
{
    struct fixture *f = *state;
    struct answer made =
        post(f, "/v1/staff", "{\"role\":\"accountant\",\"name\":\"Ann\",\"login\":\"ann-1\"}");
    expect(&made, 201);
    struct answer again =
        post(f, "/v1/staff", "{\"role\":\"accountant\",\"name\":\"Bo\",\"login\":\"ann-1\"}");
    expect(&again, 409);
    str id, name, lacks;
    assert_true(json_str(json_get(made.json, "id"), &id));
    char path[96];
    snprintf(path, sizeof(path), "/v1/staff/%.*s/roles", STR_ARG(id));
    struct answer granted = post(f, path, "{\"role\":\"recruiter\"}");
    expect(&granted, 200);
    struct answer unknown = post(f, path, "{\"role\":\"recruter\"}");
    expect(&unknown, 422);
    struct answer staff = get(f, "/v1/staff?limit=200");
    expect(&staff, 200);
    const struct json *member = json_get(staff.json, "staff")->child;
    assert_non_null(member);
    assert_true(json_str(json_get(member, "name"), &name) && str_is(name, "Ann"));
    assert_int_equal(json_get(member, "roles")->count, 2);
    assert_true(json_str(json_get(member, "lacks")->child, &lacks) && str_is(lacks, "training"));
    struct answer colleagues = get(f, "/v1/colleagues?limit=200");
    expect(&colleagues, 200);
    const struct json *colleague = json_get(colleagues.json, "staff")->child;
    assert_true(json_str(json_get(colleague, "name"), &name) && str_is(name, "Ann"));
    assert_true(json_get(colleague, "roles") == NULL && json_get(colleague, "lacks") == NULL);
    struct answer asked = post(f, "/v1/requests", "{\"channel\":\"post\",\"rights\":[\"access\"]}");
    str request, owner;
    char own[96], body[64];
    expect(&asked, 201);
    assert_true(json_str(json_get(asked.json, "id"), &request));
    snprintf(own, sizeof(own), "/v1/requests/%.*s/owner", STR_ARG(request));
    snprintf(body, sizeof(body), "{\"member\":\"%.*s\"}", STR_ARG(id));
    struct answer owned = post(f, own, body);
    expect(&owned, 201);
    struct answer listed = get(f, "/v1/requests");
    const struct json *first = json_get(listed.json, "requests")->child;
    assert_true(json_str(json_get(first, "owner"), &owner) && str_equal(owner, id));
    struct answer due = get(f, "/v1/evidence/due?days=30");
    expect(&due, 200);
    bool missing;
    assert_int_equal(json_get(due.json, "evidence")->count, 1);
    assert_true(json_bool(json_get(json_get(due.json, "evidence")->child, "missing"), &missing) &&
                missing);
    struct answer ended = post(f, path, "{\"role\":\"recruiter\",\"ends\":true}");
    expect(&ended, 200);
    ended = post(f, path, "{\"role\":\"recruiter\",\"ends\":true}");
    expect(&ended, 409);
    ended =
        send_with(f, "DELETE",
                  arena_c_string(f->arena, arena_format(f->arena, "/v1/staff/%.*s", STR_ARG(id))),
                  "", STR(""),
                  &(struct http_field){STR("Authorization"),
                                       arena_format(f->arena, "Bearer %.*s", STR_ARG(f->token))},
                  1);
    expect(&ended, 200);
}

static void no_act_waits_at_first_and_what_is_not_there_cannot_be_approved(void **state)
{
    struct fixture *f = *state;
    struct answer acts = get(f, "/v1/acts");
    expect(&acts, 200);
    assert_int_equal(json_get(acts.json, "acts")->count, 0);
    struct answer approved = post(f, "/v1/acts/AAAAAAAAAAAAAAAAAAAAAA/approve", "");
    expect(&approved, 404);
}

static void no_application_breaks_the_glass(void **state)
{
    struct fixture *f = *state;
    struct answer made = post(f, "/v1/subjects", "{\"roles\":[\"customer\"]}");
    expect(&made, 201);
    struct answer person =
        post_subject(f, text_of(&made, "id"), "break-glass", "{\"reason\":\"fire\"}");
    expect(&person, 403);
    struct answer matter =
        post(f, "/v1/matters/AAAAAAAAAAAAAAAAAAAAAA/break-glass", "{\"reason\":\"fire\"}");
    expect(&matter, 404);
}

/* ---- import ---- */

static struct answer import(struct fixture *f, str body)
{
    struct http_field field = {STR("Authorization"),
                               arena_format(f->arena, "Bearer %.*s", STR_ARG(f->token))};
    return send_with(f, "POST", "/v1/import", "application/x-ndjson", body, &field, 1);
}

static void an_import_keeps_good_lines_and_lists_bad_ones(void **state)
{
    struct fixture *f = *state;
    struct answer answer = import(f, STR("{\"number\":\"I-1\",\"roles\":[\"asker\"]}\n"
                                         "not json\n"
                                         "\n"
                                         "{\"number\":\"I-2\",\"roles\":[\"nobody\"]}\n"
                                         "{\"number\":\"I-3\",\"roles\":[\"customer\"]}"));
    expect(&answer, 200);
    assert_int_equal(number_of(&answer, "lines"), 5);
    assert_int_equal(number_of(&answer, "accepted"), 2);
    assert_int_equal(number_of(&answer, "rejected"), 2);
    const struct json *bad = json_get(answer.json, "bad");
    assert_int_equal(bad->count, 2);
    int64_t line;
    assert_true(json_i64(json_get(bad->child, "line"), &line));
    assert_int_equal(line, 2);
    assert_true(json_i64(json_get(bad->child->next, "line"), &line));
    assert_int_equal(line, 4);
    struct answer found = post(f, "/v1/subjects/find", "{\"kind\":\"number\",\"value\":\"I-3\"}");
    assert_int_equal(json_get(found.json, "ids")->count, 1);
}

/* They went together first, and each is asked again alone: but for that one all are there once. */
static void an_import_with_a_bad_line_among_many_takes_each_of_the_others_once(void **state)
{
    struct fixture *f = *state;
    struct buf buf = buf_in(f->arena, 1 << 20);
    for (int i = 0; i < 150; i++)
        buf_format(&buf, "{\"number\":\"B-%d\",\"roles\":[\"%s\"]}\n", i,
                   i == 70 ? "nobody" : "asker");
    struct answer answer = import(f, buf_str(&buf));
    expect(&answer, 200);
    assert_int_equal(number_of(&answer, "accepted"), 149);
    assert_int_equal(number_of(&answer, "known"), 0);
    assert_int_equal(number_of(&answer, "rejected"), 1);
    for (int i = 0; i < 150; i++) {
        char who[64];
        snprintf(who, sizeof(who), "{\"kind\":\"number\",\"value\":\"B-%d\"}", i);
        struct answer found = post(f, "/v1/subjects/find", who);
        assert_int_equal(json_get(found.json, "ids")->count, i == 70 ? 0 : 1);
    }
}

static void an_import_takes_more_lines_than_one_turn_holds(void **state)
{
    struct fixture *f = *state;
    struct buf buf = buf_in(f->arena, 4 << 20);
    for (int i = 0; i < 1500; i++)
        buf_format(&buf, "{\"number\":\"N-%d\",\"roles\":[\"asker\"]}\n", i);
    struct answer answer = import(f, buf_str(&buf));
    expect(&answer, 200);
    assert_int_equal(number_of(&answer, "accepted"), 1500);
    assert_null(json_get(answer.json, "bad"));
}

static void a_line_too_long_is_listed_and_the_next_is_read(void **state)
{
    struct fixture *f = *state;
    struct buf buf = buf_in(f->arena, 4 << 20);
    for (int i = 0; i < LIMIT_IMPORT_LINE_BYTES + 10; i++)
        buf_char(&buf, ' ');
    buf_text(&buf, "\n{\"number\":\"L-1\"}\n");
    struct answer answer = import(f, buf_str(&buf));
    expect(&answer, 200);
    assert_int_equal(number_of(&answer, "accepted"), 1);
    assert_int_equal(number_of(&answer, "rejected"), 1);
}

/* ---- the register ---- */

static void the_clock_of_a_simulated_register_moves_and_what_ends_is_gone(void **state)
{
    struct fixture *f = *state;
    put_balancing(f);
    str id = asker_with_question(f, "K-9");
    struct answer back = post(f, "/v1/clock", "{\"to\":\"2026-01-01T00:00:00Z\"}");
    expect(&back, 409);
    struct answer moved = post(f, "/v1/clock", "{\"to\":\"2027-06-01T00:00:00Z\"}");
    expect(&moved, 200);
    assert_true(str_is(text_of(&moved, "now"), "2027-06-01T00:00:00Z"));
    assert_true(number_of(&moved, "items") >= 2);
    /* The first token has ended by now, as every token does. */
    struct answer late = post_subject(f, id, "read", "{\"purpose\":\"support\"}");
    expect(&late, 401);
}

static void a_policy_that_does_not_load_lists_what_is_wrong(void **state)
{
    struct fixture *f = *state;
    struct answer answer = post(f, "/v1/policy/preview", "{\"policy\":\"vern: 1\\npolcy: x\\n\"}");
    assert_true(answer.code == 422 || answer.code == 400);
    assert_true(json_get(answer.json, "problems")->count > 0);
}

static void a_backup_is_made_once_by_name(void **state)
{
    struct fixture *f = *state;
    only_in_files();
    struct reg_health health;
    struct report report = {0};
    assert_true(is_ok(reg_health(engine_register(f->engine, STR("shop")), &report, &health)));
    assert_int_equal(health.backup_age_ms, HEALTH_NEVER);
    struct answer made = post(f, "/v1/backup", "{\"name\":\"first\"}");
    expect(&made, 200);
    assert_true(is_ok(reg_health(engine_register(f->engine, STR("shop")), &report, &health)));
    assert_true(health.backup_age_ms >= 0);
    char path[160];
    snprintf(path, sizeof(path), "%s/shop/first/data.db", f->backup);
    assert_true(file_exists(path));
    struct answer again = post(f, "/v1/backup", "{\"name\":\"first\"}");
    expect(&again, 409);
}

/* ---- the log ---- */

static void a_backup_is_encrypted_to_the_recipient_that_is_named(void **state)
{
    struct fixture *f = *state;
    only_in_files();
    struct report report = {0};
    struct recipient recipient;
    char identity[96], path[128];
    snprintf(identity, sizeof(identity), "%s/identity", f->dir);
    assert_true(is_ok(identity_make(&f->world, identity, &report, &recipient)));
    struct buf buf = buf_in(f->arena, 128);
    recipient_print(&recipient, &buf);
    str body = arena_format(f->arena, "{\"name\":\"sealed\",\"recipient\":\"%.*s\"}",
                            STR_ARG(buf_str(&buf)));
    struct answer made = send_as(f, f->token, "POST", "/v1/backup", body);
    expect(&made, 200);
    snprintf(path, sizeof(path), "%s/shop/sealed/data.db.archive", f->backup);
    assert_true(file_exists(path));
    snprintf(path, sizeof(path), "%s/shop/sealed/data.db", f->backup);
    assert_false(file_exists(path));
    struct answer slip =
        post(f, "/v1/backup", "{\"name\":\"b\",\"recipient\":\"vern-recipient-1-A\"}");
    expect(&slip, 422);
    assert_true(str_is(text_of(&slip, "where"), "/recipient"));
}

static void the_log_is_given_as_files_and_nothing_else_is(void **state)
{
    struct fixture *f = *state;
    struct answer created = post(f, "/v1/subjects", "{}");
    expect(&created, 201);
    struct answer note = get(f, "/v1/log/checkpoint");
    expect(&note, 200);
    assert_true(str_starts(note.text, STR("vern/simulated/")));
    struct answer key = get(f, "/v1/log/key");
    expect(&key, 200);
    static const char *const none[] = {
        "/v1/log/tile/entries",         "/v1/log/tile/0/00",
        "/v1/log/tile/0/x001/../000",   "/v1/log/tile/../checkpoint",
        "/v1/log/tile/..%2fcheckpoint", "/v1/log/tile/0/000/../../../../register.json",
        "/v1/log/tile/entries/000.p/",  "/v1/log/tile/entries/000.p/999",
        "/v1/log/tile/0//000",          "/v1/log/tile/64/000"};
    for (size_t i = 0; i < LENGTH(none); i++) {
        struct answer answer = get(f, none[i]);
        expect(&answer, 404);
    }
}

static void bundles_of_entries_are_for_officers(void **state)
{
    struct fixture *f = *state;
    struct answer made = post(f, "/v1/tokens", "{\"name\":\"x\",\"scopes\":[\"read\"]}");
    struct answer answer =
        send_as(f, text_of(&made, "token"), "GET", "/v1/log/tile/entries/000.p/1", STR(""));
    expect(&answer, 403);
    /* G9: nor for an officer's token that is bound to a purpose; entries tell of all of them. */
    made = post(f, "/v1/tokens",
                "{\"name\":\"x\",\"scopes\":[\"officer\"],\"purposes\":[\"support\"]}");
    expect(&made, 201);
    answer = send_as(f, text_of(&made, "token"), "GET", "/v1/log/tile/entries/000.p/1", STR(""));
    expect(&answer, 403);
}

/* G1: when the log cannot be written nothing is answered, and the process is told to stop. */
static void a_flush_that_fails_answers_nothing_more(void **state)
{
    struct fixture *f = *state;
    f->fails = true;
    struct report report = {0};
    struct http_response response;
    struct http_field field = {STR("Authorization"),
                               arena_format(f->arena, "Bearer %.*s", STR_ARG(f->token))};
    struct http_call call = {.method = "POST",
                             .target = STR("/v1/subjects"),
                             .fields = &field,
                             .field_count = 1,
                             .content_type = STR("application/json"),
                             .body = STR("{}")};
    status asked = http_client_call(f->client, &call, f->arena, &report, &response);
    assert_int_equal(asked.fault, FAULT_STORE);
    assert_int_equal(f->fatal_calls, 1);
    f->fails = false;
}

static void health_needs_no_token(void **state)
{
    struct fixture *f = *state;
    struct answer health = send_with(f, "GET", "/v1/health", "", STR(""), NULL, 0);
    struct answer ready = send_with(f, "GET", "/v1/ready", "", STR(""), NULL, 0);
    struct answer description = send_with(f, "GET", "/v1/openapi.json", "", STR(""), NULL, 0);
    expect(&health, 200);
    expect(&ready, 200);
    expect(&description, 200);
    assert_true(str_is(text_of(&description, "openapi"), "3.1.0"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_request_without_a_token_is_told_nothing),
        TEST(guesses_are_limited_by_address_and_a_valid_token_still_passes),
        TEST(a_scope_that_is_lacking_is_refused_and_logged),
        TEST(a_revoked_token_is_no_token),
        TEST(a_token_is_valid_from_its_networks_alone_and_says_no_more_elsewhere),
        TEST(a_token_is_succeeded_with_overlap_and_then_ends),
        TEST(a_narrow_administrator_gets_no_wider_token_by_succession_nor_sees_it),
        TEST(tokens_are_listed_page_by_page_without_secrets),
        TEST(a_staff_member_who_has_left_has_no_token),
        TEST(a_purpose_that_the_token_does_not_hold_is_refused_and_logged),
        TEST(evidence_is_bound_to_a_place_and_a_party_may_lie_there),
        TEST(what_goes_to_a_place_abroad_waits_for_evidence_about_that_place),
        TEST(a_name_passed_along_must_look_like_an_id),
        TEST(a_header_of_ours_is_given_once_and_whole),
        TEST(a_human_passed_along_is_recognised_and_not_named),
        TEST(what_an_administrator_does_is_logged_under_the_administrator),
        TEST(what_is_not_there_answers_with_the_same_bytes),
        TEST(a_person_outside_the_tokens_purposes_answers_like_no_one),
        TEST(a_wrong_request_gets_the_right_problem_and_changes_nothing),
        TEST(a_body_that_is_not_said_to_be_json_is_not_read),
        TEST(a_request_that_uses_up_its_memory_is_told_so),
        TEST(the_published_json_suite_is_judged_right_on_the_port),
        TEST(a_person_is_created_found_collected_read_and_erased),
        TEST(short_looks_of_one_turn_share_it),
        TEST(reads_of_one_turn_hold_each_their_own_persons_values_and_leave_nothing),
        TEST(a_refusal_names_its_rule_and_what_would_make_it_a_yes),
        TEST(a_refusal_for_want_of_a_role_offers_each_that_would_do),
        TEST(a_refusal_by_a_built_in_rule_says_what_the_rule_holds),
        TEST(evidence_that_is_not_whole_is_told_which_particulars_it_lacks),
        TEST(a_reply_holds_what_its_description_says),
        TEST(a_summary_shows_fields_and_no_values),
        TEST(the_persons_own_copy_holds_the_values),
        TEST(an_erasure_is_certified_from_the_log_with_what_stays_and_who_was_told),
        TEST(the_persons_own_copy_is_also_a_page_or_a_text_in_her_language),
        TEST(a_repeated_write_is_done_once),
        TEST(a_repeated_erasure_gives_its_receipt_again),
        TEST(a_consent_that_asks_for_it_has_a_receipt_that_verifies),
        TEST(pages_list_everyone_once_and_a_cursor_is_no_ones_invention),
        TEST(no_work_waits_where_none_was_given_and_what_is_not_there_cannot_be_done),
        TEST(no_alarm_is_open_at_first_and_what_is_not_there_cannot_be_closed),
        TEST(the_staff_are_listed_with_what_they_may_and_what_they_lack),
        TEST(a_page_has_a_word_for_whatever_the_policy_names),
        TEST(consents_and_holds_are_listed_and_shown_as_they_were_worded),
        TEST(the_ledger_of_consents_goes_on_page_by_page),
        TEST(a_member_of_the_staff_sees_what_they_may_and_an_application_is_none),
        TEST(no_act_waits_at_first_and_what_is_not_there_cannot_be_approved),
        TEST(no_application_breaks_the_glass),
        TEST(an_import_keeps_good_lines_and_lists_bad_ones),
        TEST(an_import_with_a_bad_line_among_many_takes_each_of_the_others_once),
        TEST(an_import_takes_more_lines_than_one_turn_holds),
        TEST(a_line_too_long_is_listed_and_the_next_is_read),
        TEST(the_clock_of_a_simulated_register_moves_and_what_ends_is_gone),
        TEST(a_policy_that_does_not_load_lists_what_is_wrong),
        TEST(a_backup_is_made_once_by_name),
        TEST(a_backup_is_encrypted_to_the_recipient_that_is_named),
        TEST(the_log_is_given_as_files_and_nothing_else_is),
        TEST(bundles_of_entries_are_for_officers),
        TEST(a_flush_that_fails_answers_nothing_more),
        TEST(health_needs_no_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
