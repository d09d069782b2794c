/* A real server under load: as many connections as it may have, clients that are slow, a sweep, an
 * export and a backup while people are served. Of what is right, never of how long it takes; that
 * is bench/load. */
#include "process.h"

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine_internal.h"
#include "exposition.h"

enum { CONNECTIONS = 4096, FEW_FILES = 64, FILES_BESIDE = 64 };
/* OTHERS: connections besides those of the slow readers, at the most. */
enum { OTHERS = 4, READERS = 32, FILE_BYTES = 8 << 20, READER_BYTES = 64 << 10 };
enum { GUESTS = 300, ASKERS = 20 };

static struct process server;
static uint16_t monitor;

static void open_with(const char *settings)
{
    char all[512];
    (void)snprintf(all, sizeof(all), "metrics = 127.0.0.1:0\n%s", settings);
    process_open_under(&server, "tests/kill/kill.yaml", all);
    struct answer weighed = post(
        &server, "/v1/evidence",
        "{\"type\":\"balancing\",\"purpose\":\"support\",\"particulars\":{\"reference\":\"w\"}}");
    expect(&weighed, 201);
    weighed = post(
        &server, "/v1/evidence",
        "{\"type\":\"balancing\",\"purpose\":\"visiting\",\"particulars\":{\"reference\":\"w\"}}");
    expect(&weighed, 201);
}

static void find_monitor(void)
{
    pthread_mutex_lock(&server.lock);
    const char *at = strstr(server.log, "\"metrics\":\"");
    monitor = at == NULL ? 0 : (uint16_t)strtoul(at + 11, NULL, 10);
    pthread_mutex_unlock(&server.lock);
    assert_true(monitor != 0);
}

static double metric(const char *name)
{
    struct http_client *client;
    struct http_response got;
    struct report report = {0};
    struct http_call call = {.method = "GET", .target = STR("/metrics")};
    double value = -1;
    find_monitor();
    struct exposition *text = malloc(sizeof(*text));
    assert_non_null(text);
    assert_true(is_ok(http_client_open("127.0.0.1", monitor, 0, &report, &client)));
    assert_true(is_ok(http_client_call(client, &call, server.arena, &report, &got)));
    http_client_close(&client);
    exposition_read(got.body, text);
    if (!exposition_find(text, name, "", &value))
        fail_msg("no %s", name);
    free(text);
    return value;
}

/* ---- requests as text ---- */

static str request_text(const char *method, str target, str body)
{
    return arena_format(server.arena,
                        "%s %.*s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %.*s\r\n"
                        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%.*s",
                        method, STR_ARG(target), STR_ARG(server.token), body.len, STR_ARG(body));
}

/* The code of one answer, and nothing of the next; 0 when the connection has ended. */
static int code_of(int socket, char *room, size_t size)
{
    size_t length = 0, body = 0;
    char *end = NULL;
    while (end == NULL || length < (size_t)(end - room) + 4 + body) {
        ssize_t count = recv(socket, room + length, size - 1 - length, 0);
        if (count <= 0)
            return 0;
        length += (size_t)count;
        room[length] = '\0';
        end = strstr(room, "\r\n\r\n");
        const char *said = end == NULL ? NULL : strstr(room, "Content-Length: ");
        body = said == NULL ? 0 : strtoul(said + 16, NULL, 10);
    }
    return (int)strtol(room + 9, NULL, 10);
}

static void expect_code(int socket, int code)
{
    static char room[64 << 10];
    int got = code_of(socket, room, sizeof(room));
    if (got != code)
        fail_msg("%d instead of %d: %s", got, code, room);
}

/* ---- connections ---- */

/* This program may have as many files open as it can; the server begins with few and raises that
 * itself. Gives how many connections there is room for. */
static size_t open_with_few_files(void)
{
    struct rlimit was, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    few = (struct rlimit){FEW_FILES, was.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    open_with("connections_per_address = 4096\n");
    was.rlim_cur = was.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
    bool enough = was.rlim_max > CONNECTIONS + 1024;
    return enough ? CONNECTIONS : (size_t)was.rlim_max - 1024;
}

static void four_thousand_connections_are_served_and_one_more_is_told_to_come_later(void **state)
{
    (void)state;
    static int sockets[CONNECTIONS];
    static char room[4096];
    size_t count = open_with_few_files() - 1; /* one is the test's own */
    str text = request_text("GET", STR("/v1/register"), STR(""));
    for (size_t i = 0; i < count; i++)
        sockets[i] = raw_connect(&server);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < count; i++)
            raw_send(sockets[i], text);
        for (size_t i = 0; i < count; i++)
            expect_code(sockets[i], 200);
    }
    double resident = metric("vern_resident_bytes");
    assert_true(metric("vern_connections") >= (double)(count - count % 10));
    if (count + 1 == CONNECTIONS) {
        int one_more = raw_connect(&server);
        assert_int_equal(code_of(one_more, room, sizeof(room)), 503);
        assert_non_null(strstr(room, "\r\nRetry-After: "));
        assert_int_equal(code_of(one_more, room, sizeof(room)), 0);
        close(one_more);
    }
    for (size_t i = 0; i < count; i++)
        close(sockets[i]);
    print_message("  %zu connections: %.0f MB resident\n", count + 1, resident / (1 << 20));
    struct answer still = ask(&server, server.token, "GET", STR("/v1/register"), STR(""));
    expect(&still, 200);
    process_close(&server);
}

/* ---- slow clients ---- */

static str new_asker(unsigned number)
{
    struct answer made = post(&server, "/v1/subjects", "{\"roles\":[\"asker\"]}");
    expect(&made, 201);
    str id = text_of(&made, "id");
    struct answer told = post_subject(
        &server, id, "collect",
        arena_c_string(
            server.arena,
            arena_format(server.arena,
                         "{\"intake\":\"form\",\"source\":\"person\",\"channel\":\"web\","
                         "\"values\":{\"contact.email\":\"a%u@load.example\"}}",
                         number)));
    expect(&told, 201);
    return id;
}

/* Its file, by the path under which it is read. */
static str new_file(str id)
{
    static char bytes[FILE_BYTES];
    str body =
        arena_format(server.arena,
                     "{\"field\":\"paper.cv\",\"optional\":true,\"intake\":\"form\",\"source\":"
                     "\"person\",\"channel\":\"web\",\"media\":\"application/pdf\",\"size\":%d}",
                     FILE_BYTES);
    struct answer opened = post_subject(&server, id, "files", arena_c_string(server.arena, body));
    expect(&opened, 201);
    str record = text_of(&opened, "record");
    struct http_field field = {STR("Authorization"),
                               arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))};
    memset(bytes, 'v', sizeof(bytes));
    struct answer sent =
        ask_with(&server, "PUT",
                 arena_format(server.arena, "/v1/subjects/%.*s/files/%.*s/bytes", STR_ARG(id),
                              STR_ARG(record)),
                 "application/octet-stream", (str){bytes, sizeof(bytes)}, &field, 1);
    expect(&sent, 201);
    return arena_format(server.arena, "/v1/subjects/%.*s/files/%.*s/read", STR_ARG(id),
                        STR_ARG(record));
}

static size_t bytes_until_the_end(int socket)
{
    static char room[64 << 10];
    size_t all = 0;
    ssize_t count;
    while ((count = recv(socket, room, sizeof(room), 0)) > 0)
        all += (size_t)count;
    close(socket);
    return all;
}

/* A body that does not come is waited for as long as an answer that is not taken: when it has been
 * refused, so much time has passed. */
static void let_the_deadline_of_a_body_pass(void)
{
    int slow = raw_connect(&server);
    raw_send(slow,
             STR("POST /v1/subjects HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"));
    expect_code(slow, 408);
    close(slow);
}

static void slow_clients_are_cut_and_the_others_served(void **state)
{
    (void)state;
    open_with("header_ms = 400\nbody_ms = 400\n");
    str file = new_file(new_asker(1)),
        read = request_text("POST", file, STR("{\"purpose\":\"support\"}"));
    int head = raw_connect(&server), readers[READERS];
    raw_send(head, STR("GET /v1/register HTTP/1.1\r\nHo"));
    double before_ = metric("vern_resident_bytes"), more = 0;
    for (size_t i = 0; i < READERS; i++) {
        readers[i] = raw_connect(&server);
        /* or the system itself takes the whole of it for who does not read */
        setsockopt(readers[i], SOL_SOCKET, SO_RCVBUF, &(int){READER_BYTES}, sizeof(int));
        raw_send(readers[i], read);
    }
    /* Each is cut once nothing was taken for so long; on a busy machine it is begun late. */
    for (size_t i = 0; i < 4 || (i < 100 && metric("vern_connections") > OTHERS); i++) {
        let_the_deadline_of_a_body_pass();
        struct answer served = ask(&server, server.token, "GET", STR("/v1/register"), STR(""));
        expect(&served, 200);
        if (i == 3)
            more = metric("vern_resident_bytes") - before_;
    }
    expect_code(head, 408);
    close(head);
    for (size_t i = 0; i < READERS; i++)
        assert_in_range(bytes_until_the_end(readers[i]), 1, FILE_BYTES - 1);
    assert_true(metric("vern_connections") <= OTHERS);
    print_message("  %d who take %d MB each slowly: %.0f MB more\n", READERS, FILE_BYTES >> 20,
                  more / (1 << 20));
    assert_true(more < READERS / 2.0 * FILE_BYTES);
    process_close(&server);
}

/* ---- a sweep, an export, a backup while people are served ---- */

static str askers[ASKERS];

static void import_guests(void)
{
    struct buf buf = buf_in(server.arena, 1 << 20);
    for (unsigned i = 0; i < GUESTS; i++)
        buf_format(&buf,
                   "{\"number\":\"G-%u\",\"roles\":[\"guest\"],\"collect\":[{\"intake\":\"door\","
                   "\"source\":\"person\",\"channel\":\"web\",\"said_optional\":true,\"values\":"
                   "{\"visit.page\":\"page %u\"}}]}\n",
                   i, i);
    struct http_field field = {STR("Authorization"),
                               arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))};
    struct answer took = ask_with(&server, "POST", STR("/v1/import"), "application/x-ndjson",
                                  buf_str(&buf), &field, 1);
    expect(&took, 200);
    assert_int_equal(number_of(&took, "accepted"), GUESTS);
}

static status move_clock(struct call *call, void *request)
{
    char room[24];
    struct buf buf = buf_over(room, sizeof(room));
    const instant *to = request;
    buf_i64(&buf, to->ms);
    TRY(vault_meta_set(call->reg->vault, STR("clock"), buf_str(&buf), call->report));
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log_change(call, NULL, &op, "clock", decision_by_scope());
}

/* While nobody serves, two days pass: what ended meanwhile is swept once it serves again, a little
 * at a time. */
static void let_two_days_pass(void)
{
    struct report report = {0};
    struct engine_config config = {
        .world = world_real(), .data_dir = server.data, .root_path = server.root};
    struct engine *engine;
    struct call call;
    assert_true(is_ok(engine_open(&config, &report, &engine)));
    struct reg *reg = engine_register(engine, STR("shop"));
    instant to = {reg_now(reg).ms + (int64_t)48 * 3600 * 1000};
    if (!is_ok(engine_run(engine, reg, engine_system(), server.arena, &report, &call, move_clock,
                          &to)))
        fail_msg("%s", report.text);
    engine_close(&engine);
}

/* Each asker is read whole, each time. */
static void everybody_is_read(void)
{
    for (size_t i = 0; i < ASKERS; i++) {
        struct answer read = post_subject(&server, askers[i], "read", "{\"purpose\":\"support\"}");
        expect(&read, 200);
        str wanted = arena_format(server.arena, "\"a%zu@load.example\"", i);
        if (!holds(read.text, wanted))
            fail_msg("no %.*s in %.*s", STR_ARG(wanted), STR_ARG(read.text));
    }
}

/* What a guest said is read while it lasts, and from its end on by nobody, swept or not. */
static void guests_are_read(bool still)
{
    for (unsigned i = 0; i < GUESTS; i += 60) {
        str body = arena_format(server.arena, "{\"kind\":\"number\",\"value\":\"G-%u\"}", i);
        str id = STR("");
        struct answer found =
            post(&server, "/v1/subjects/find", arena_c_string(server.arena, body));
        const struct json *ids = json_get(found.json, "ids");
        assert_true(ids != NULL && ids->count == 1 && json_str(ids->child, &id));
        struct answer read = post_subject(&server, id, "read", "{\"purpose\":\"visiting\"}");
        assert_int_equal(holds(read.text, STR("\"page ")), still);
    }
}

static void begin_with_people(const char *settings)
{
    open_with(settings);
    for (unsigned i = 0; i < ASKERS; i++)
        askers[i] = new_asker(i);
    import_guests();
}

static void people_are_served_right_while_many_are_swept(void **state)
{
    (void)state;
    begin_with_people("sweep_limit = 10\n");
    guests_are_read(true);
    process_kill(&server);
    let_two_days_pass();
    process_start(&server);
    size_t rounds = 0;
    do {
        everybody_is_read();
        guests_are_read(false);
        rounds++;
    } while (metric("vern_due") > 0); /* fewer than ten are left */
    print_message("  %d guests swept while %d others were read %zu times\n", GUESTS, ASKERS,
                  rounds);
    process_close(&server);
}

/* Lines of the export that are about somebody. */
static void *export_everything(void *self)
{
    struct http_client *client;
    struct http_response got;
    struct report report = {0};
    struct arena *arena = arena_new(64 << 20);
    size_t *lines = self;
    struct http_field field = {STR("Authorization"),
                               arena_format(arena, "Bearer %.*s", STR_ARG(server.token))};
    struct http_call call = {.method = "POST",
                             .target = STR("/v1/export"),
                             .fields = &field,
                             .field_count = 1,
                             .content_type = STR("application/json"),
                             .body = STR("{\"purpose\":\"support\"}")};
    if (is_ok(http_client_open("127.0.0.1", server.port, 0, &report, &client)) &&
        is_ok(http_client_call(client, &call, arena, &report, &got)) && got.code == 200) {
        str rest = got.body, line;
        while (str_next(&rest, '\n', &line))
            *lines += holds(line, STR("@load.example"));
    }
    http_client_close(&client);
    arena_free(&arena);
    return NULL;
}

static void people_are_served_right_while_everything_is_exported_and_backed_up(void **state)
{
    (void)state;
    begin_with_people("");
    for (unsigned round = 0; round < 3; round++) {
        pthread_t thread;
        size_t lines = 0;
        assert_int_equal(pthread_create(&thread, NULL, export_everything, &lines), 0);
        everybody_is_read();
        struct answer backed = post(
            &server, "/v1/backup",
            arena_c_string(server.arena, arena_format(server.arena, "{\"name\":\"b%u\"}", round)));
        assert_true(backed.code == 200 || backed.code == 201);
        everybody_is_read();
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(lines, ASKERS);
    }
    process_close(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_thousand_connections_are_served_and_one_more_is_told_to_come_later),
        cmocka_unit_test(slow_clients_are_cut_and_the_others_served),
        cmocka_unit_test(people_are_served_right_while_many_are_swept),
        cmocka_unit_test(people_are_served_right_while_everything_is_exported_and_backed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
