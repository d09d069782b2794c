/* Three real servers on one database that answer at the same time.
 *
 *   crowd (ledger.h) --each request to any of them--> A   B   C     (one: SIGKILL, under load)
 *   this test: a change by one, acknowledged ----------^   ^-- and at once a read by another
 *
 * What one of them acknowledged is so for each of the others from then on. While it is asked a
 * crowd keeps all of them busy, so that each has its memory full of what the others change.
 * VERN_TOGETHER_ROUNDS says how many rounds (8) there are of each kind and how many kills (1),
 * VERN_TOGETHER_SEED which seed. */
#include "process.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crowd.h"
#include "file.h"
#include "postgres_server.h"
#include "receiver.h"
#include "scratch.h"
#include "verify.h"

enum {
    SERVERS = 3,
    CLIENTS = 2,
    ROUNDS = 8,
    KILL_AFTER = 40,
    ANSWER_MS = 60000,
    TRIES_MOST = 1000,
    PAUSE = 10000,
    TOLD = 9
};

static struct postgres_server database;
static struct process servers[SERVERS];
static struct ledger_servers shared;
static struct crowd crowd;
static unsigned numbers; /* of people, so far */

/* ---- servers ---- */

static void settings_of(unsigned i, char *settings, size_t room)
{
    (void)snprintf(settings, room, "log_dir = %s-logs-%u\ntogether = yes\n", database.dir, i);
}

static void serves(unsigned i)
{
    shared.ports[i] = servers[i].port;
    __atomic_fetch_or(&shared.alive, 1u << i, __ATOMIC_SEQ_CST);
}

static int begin(void **state)
{
    char settings[160];
    (void)state;
    crowd_seed(&crowd, "VERN_TOGETHER_SEED");
    settings_of(0, settings, sizeof(settings));
    process_open_in(&servers[0], scratch_folder(), "tests/kill/kill.yaml", settings);
    serves(0);
    crowd_begin(&crowd, CLIENTS, 0, &servers[0]);
    for (unsigned i = 1; i < SERVERS; i++) {
        settings_of(i, settings, sizeof(settings));
        process_beside(&servers[i], &servers[0], scratch_folder(), 0, settings);
        process_start(&servers[i]);
        serves(i);
    }
    for (size_t i = 0; i < crowd.count; i++)
        crowd.clients[i].servers = &shared;
    return 0;
}

/* ---- the crowd ---- */

/* Until it is over; what was not answered, since its server was killed, is looked for with another
 * one, which knows whether it was done, and is asked again there. */
static void *work(void *self)
{
    struct client *client = self;
    while (!shared.over && client->wrong[0] == '\0') {
        client_work(client, shared.ports[0]);
        client_check(client, shared.ports[0]);
    }
    return NULL;
}

static void *check_all(void *self)
{
    client_check_all(self, shared.ports[0]);
    return NULL;
}

static void crowd_comes(void)
{
    shared.over = false;
    crowd_start(&crowd, work);
}

static void crowd_goes(void)
{
    __atomic_store_n(&shared.over, true, __ATOMIC_SEQ_CST);
    crowd_join(&crowd);
}

/* ---- who is asked ---- */

static struct process *one(void)
{
    return &servers[crowd_draw(&crowd, SERVERS)];
}

static struct process *other(const struct process *than)
{
    struct process *drawn = one();
    while (drawn == than)
        drawn = one();
    return drawn;
}

static str new_person(struct process *at)
{
    struct answer made = post(at, "/v1/subjects", "{\"roles\":[\"asker\"]}");
    expect(&made, 201);
    char body[512];
    (void)snprintf(body, sizeof(body),
                   "{\"intake\":\"form\",\"source\":\"person\",\"channel\":\"web\","
                   "\"optional\":[\"contact.name\"],\"values\":{\"contact.email\":"
                   "\"p%u@example.test\",\"contact.name\":\"Kari Prøve %u\"}}",
                   numbers, numbers);
    numbers++;
    str id = text_of(&made, "id");
    struct answer collected = post_subject(at, id, "collect", body);
    expect(&collected, 201);
    return id;
}

static struct answer reads(struct process *at, str id, const char *purpose)
{
    char body[64];
    (void)snprintf(body, sizeof(body), "{\"purpose\":\"%s\"}", purpose);
    return post_subject(at, id, "read", body);
}

static void shows(struct process *at, str id, const char *purpose, bool wanted)
{
    struct answer answer = reads(at, id, purpose);
    bool shown = answer.code == 200 && holds(answer.text, STR("Kari Pr"));
    if (shown != wanted)
        fail_msg("a server %s what another one changed a moment before: %d %.*s",
                 wanted ? "does not show" : "shows", answer.code, STR_ARG(answer.text));
}

/* ---- what one changes another knows ---- */

static void changes(struct process *at, str id, const char *verb, const char *body)
{
    struct answer answer = post_subject(at, id, verb, body);
    if (answer.code != 200 && answer.code != 201)
        fail_msg("%s: %d %.*s", verb, answer.code, STR_ARG(answer.text));
}

static void erased(struct process *a, struct process *b, str id)
{
    changes(a, id, "erase", "{}");
    shows(b, id, "support", false);
}

static void restricted(struct process *a, struct process *b, str id)
{
    changes(a, id, "restrictions", "{\"reason\":\"accuracy\"}");
    shows(b, id, "support", false);
}

static void withdrawn(struct process *a, struct process *b, str id)
{
    changes(a, id, "consents",
            "{\"purpose\":\"newsletter\",\"wording\":\"Ja.\",\"language\":\"nb\","
            "\"given_by\":\"click\"}");
    shows(b, id, "newsletter", true);
    changes(a, id, "withdrawals", "{\"purpose\":\"newsletter\"}");
    shows(b, id, "newsletter", false);
}

static void objected(struct process *a, struct process *b, str id)
{
    changes(a, id, "objections", "{\"purpose\":\"support\"}");
    shows(b, id, "support", false);
}

static void a_read_never_shows_what_another_server_took_away_a_moment_before(void **state)
{
    static void (*const kinds[])(struct process * a, struct process * b,
                                 str id) = {erased, restricted, withdrawn, objected};
    uint64_t rounds = number_said("VERN_TOGETHER_ROUNDS", ROUNDS);
    (void)state;
    crowd_comes();
    for (uint64_t i = 0; i < rounds * LENGTH(kinds); i++) {
        struct process *a = one(), *b = other(a);
        str id = new_person(one());
        shows(b, id, "support", true); /* its memory is full of this person */
        shows(a, id, "support", true);
        kinds[i % LENGTH(kinds)](a, b, id);
    }
    crowd_goes();
}

static void a_token_of_one_server_counts_at_the_others_until_one_of_them_revokes_it(void **state)
{
    uint64_t rounds = number_said("VERN_TOGETHER_ROUNDS", ROUNDS) / 4;
    (void)state;
    crowd_comes();
    for (uint64_t i = 0; i < rounds; i++) {
        struct process *a = one(), *b = other(a), *c = other(b);
        struct answer made = post(a, "/v1/tokens", "{\"name\":\"t\",\"scopes\":[\"officer\"]}");
        expect(&made, 201);
        str token = text_of(&made, "token");
        char path[96];
        (void)snprintf(path, sizeof(path), "/v1/tokens/%.22s", token.ptr + 5);
        struct answer answer = ask(b, token, "GET", STR("/v1/subjects"), STR(""));
        expect(&answer, 200);
        answer = ask(c, c->token, "DELETE", str_from(path), STR(""));
        expect(&answer, 200);
        answer = ask(b, token, "GET", STR("/v1/subjects"), STR(""));
        expect(&answer, 401);
        answer = ask(a, token, "GET", STR("/v1/subjects"), STR(""));
        expect(&answer, 401);
    }
    crowd_goes();
}

/* ---- a version ---- */

static str policy_with_helpers(struct process *at)
{
    struct report report = {0};
    str text;
    assert_true(is_ok(file_read("tests/kill/kill.yaml", at->arena, 1 << 20, &report, &text)));
    str mark = STR("version: \"1\"\neffective: 2026-01-01"), roles = STR("roles: [asker, guest]");
    const char *from = memmem(text.ptr, text.len, mark.ptr, mark.len);
    const char *what = memmem(text.ptr, text.len, roles.ptr, roles.len);
    assert_true(from != NULL && what != NULL && from < what);
    const char *rest = from + mark.len;
    return arena_format(
        at->arena,
        "%.*sversion: \"2\"\neffective: 2026-01-02%.*sroles: [asker, guest, helper]%s"
        "messages:\n  answer: { for: support, channels: { email: {} } }\n",
        (int)(from - text.ptr), text.ptr, (int)(what - rest), rest, what + roles.len);
}

static void takes_helpers(struct process *at, int code)
{
    struct answer answer = post(at, "/v1/subjects", "{\"roles\":[\"helper\"]}");
    expect(&answer, code);
}

static void a_version_that_one_server_applies_binds_the_others_at_once(void **state)
{
    (void)state;
    struct buf buf = buf_in(servers[1].arena, 1 << 16);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "policy");
    json_put_str(&out, policy_with_helpers(&servers[1]));
    json_key(&out, "erases");
    json_put_u64(&out, 0);
    json_close_object(&out);
    for (unsigned i = 0; i < SERVERS; i++)
        takes_helpers(&servers[i], 422);
    struct answer applied =
        ask(&servers[1], servers[1].token, "POST", STR("/v1/policy/apply"), buf_str(&buf));
    expect(&applied, 201);
    takes_helpers(&servers[2], 201);
    takes_helpers(&servers[0], 201);
}

/* ---- what one of them sends ---- */

static void tells(struct process *at, str id)
{
    struct answer queued = post_subject(
        at, id, "messages", "{\"message\":\"answer\",\"channel\":\"email\",\"queue\":true}");
    expect(&queued, 202);
}

/* The ids of events by which a receiver knows what it has. */
static void received(struct receiver *receiver, str *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ids[i] = receiver_text(receiver_next(receiver, "id"), "id");
        for (size_t j = 0; j < i; j++)
            if (str_equal(ids[i], ids[j]))
                fail_msg("an event was told twice");
    }
}

/* Whoever made what is told of. The last one comes when all that may be sent twice had its turn. */
static void each_event_is_told_once_by_the_server_on_duty(void **state)
{
    struct receiver receiver;
    str ids[TOLD + 1];
    (void)state;
    receiver_open(&receiver, "tests/receiver.py", (const char *const[]){"200", NULL});
    struct answer made = ask(&servers[1], servers[1].token, "POST", STR("/v1/webhooks"),
                             arena_format(servers[1].arena,
                                          "{\"url\":\"http://127.0.0.1:%u/told\","
                                          "\"events\":[\"task.made\"]}",
                                          receiver.port));
    expect(&made, 201);
    for (unsigned i = 0; i < TOLD; i++) {
        struct process *at = &servers[i % SERVERS];
        tells(at, new_person(at));
    }
    received(&receiver, ids, TOLD);
    tells(&servers[0], new_person(&servers[0]));
    received(&receiver, ids + TOLD, 1);
    for (unsigned i = 0; i < TOLD; i++)
        assert_false(str_equal(ids[i], ids[TOLD]));
    receiver_close(&receiver);
}

/* ---- bad days ---- */

static long turns(void)
{
    return postgres_count(servers[0].database, "vern_shop_data",
                          "SELECT number FROM turn WHERE ?1::text <> ''", "x", 1);
}

/* G3, G4 */
static void one_that_is_killed_under_load_takes_nothing_along_and_the_others_go_on(void **state)
{
    uint64_t kills = number_said("VERN_TOGETHER_ROUNDS", ROUNDS) / ROUNDS;
    (void)state;
    for (uint64_t i = 0; i < kills; i++) {
        unsigned killed = 1 + (unsigned)crowd_draw(&crowd, SERVERS - 1);
        crowd_comes();
        for (long from = turns(); turns() < from + KILL_AFTER;)
            pass(1000 + crowd_draw(&crowd, 20000));
        __atomic_fetch_and(&shared.alive, ~(1u << killed), __ATOMIC_SEQ_CST);
        process_kill(&servers[killed]);
        for (long from = turns(); turns() < from + KILL_AFTER;)
            pass(1000);
        process_start(&servers[killed]);
        serves(killed);
        crowd_goes();
    }
}

/* Everybody in the ledger, as one server has them. */
static void what_was_acknowledged_is_there(void **state)
{
    (void)state;
    unsigned alive = shared.alive;
    shared.alive = 1;
    crowd_start(&crowd, check_all);
    crowd_join(&crowd);
    shared.alive = alive;
}

/* False: not done, or not known to be. A server that cannot say whether others were there within
 * its turn answers nothing, and ends: whoever watches over it starts it again. */
static bool takes_person(struct process *at)
{
    struct http_client *client = NULL;
    struct report report = {0};
    struct http_response response = {0};
    struct http_field field = {STR("Authorization"),
                               arena_format(at->arena, "Bearer %.*s", STR_ARG(at->token))};
    struct http_call call = {.method = "POST",
                             .target = STR("/v1/subjects"),
                             .fields = &field,
                             .field_count = 1,
                             .content_type = STR("application/json"),
                             .body = STR("{\"roles\":[\"asker\"]}")};
    if (process_ended(at))
        process_start(at);
    bool answered = is_ok(http_client_open("127.0.0.1", at->port, ANSWER_MS, &report, &client)) &&
                    is_ok(http_client_call(client, &call, at->arena, &report, &response));
    http_client_close(&client);
    if (answered && response.code != 201 && response.code != 503)
        fail_msg("%d %.*s", response.code, STR_ARG(response.body));
    return answered && response.code == 201;
}

/* All sessions of the database end at once, and each server goes on without hands. */
static void a_database_that_cuts_everybody_off_is_found_again(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SERVERS; i++) {
        postgres_run(servers[0].database,
                     "DO $$ BEGIN PERFORM pg_terminate_backend(pid) FROM pg_stat_activity "
                     "WHERE pid <> pg_backend_pid() AND application_name = 'vern'; END $$");
        for (unsigned j = 0; j < SERVERS; j++) {
            struct process *at = &servers[(i + j) % SERVERS];
            unsigned tries = 0;
            while (
                !takes_person(at)) { /* one that ends takes no connection, and has not ended yet */
                assert_true(++tries < TRIES_MOST);
                pass(PAUSE);
            }
        }
    }
    for (unsigned i = 0; i < SERVERS; i++)
        shows(&servers[i], new_person(&servers[(i + 1) % SERVERS]), "support", true);
}

/* ---- the logs ---- */

static str text_of_file(struct arena *arena, const char *path)
{
    struct report report = {0};
    str text;
    if (!is_ok(file_read(path, arena, 64 << 10, &report, &text)))
        fail_msg("%s", report.text);
    return text;
}

static void verify_log(struct arena *arena, unsigned i)
{
    char dir[160], path[192];
    struct audit_verdict verdict = {0};
    struct report report = {0};
    (void)snprintf(dir, sizeof(dir), "%s-logs-%u/shop/log", database.dir, i);
    (void)snprintf(path, sizeof(path), "%s/registers/shop/log.key", servers[0].data);
    str key = str_trim(text_of_file(arena, path));
    if (!is_ok(audit_verify(world_real(), dir, key, STR(""), &report, &verdict)))
        fail_msg("server %u: %s", i, report.text);
}

static void the_log_of_each_verifies_and_all_are_one(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    int64_t size = log_size(&servers[0], servers[0].token);
    for (unsigned i = 0; i < SERVERS; i++) {
        assert_true(log_size(&servers[i], servers[i].token) >= size);
        assert_false(holds((str){servers[i].log, servers[i].log_len}, STR("log_broken")));
        process_end(&servers[i]);
        verify_log(arena, i);
    }
    arena_free(&arena);
}

static int stopped(void **state)
{
    char command[160];
    (void)state;
    crowd_end(&crowd);
    print_message(
        "  seed %llu: %llu requests, %llu acknowledged, 0 of them lost; of those on their "
        "way at a kill %llu were done, %llu not\n",
        (unsigned long long)crowd.seed, (unsigned long long)crowd.requests,
        (unsigned long long)crowd.acknowledged, (unsigned long long)crowd.found_done,
        (unsigned long long)crowd.found_undone);
    for (unsigned i = SERVERS; i > 0; i--)
        process_remove(&servers[i - 1]);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'-logs-*", database.dir);
    assert_int_equal(system(command), 0);
    postgres_server_stop(&database);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_never_shows_what_another_server_took_away_a_moment_before),
        cmocka_unit_test(a_token_of_one_server_counts_at_the_others_until_one_of_them_revokes_it),
        cmocka_unit_test(one_that_is_killed_under_load_takes_nothing_along_and_the_others_go_on),
        cmocka_unit_test(what_was_acknowledged_is_there),
        cmocka_unit_test(a_version_that_one_server_applies_binds_the_others_at_once),
        cmocka_unit_test(each_event_is_told_once_by_the_server_on_duty),
        cmocka_unit_test(a_database_that_cuts_everybody_off_is_found_again),
        cmocka_unit_test(the_log_of_each_verifies_and_all_are_one),
    };
    if (!postgres_server_start(&database, ""))
        return 77;
    assert(setenv("VERN_TEST_DATABASE", database.address, 1) == 0);
    assert(setenv("VERN_TEST_SERVERS", "1", 1) == 0);
    return cmocka_run_group_tests(tests, begin, stopped);
}
