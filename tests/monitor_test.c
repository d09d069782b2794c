/* The port of metrics and health of a real server: what it says, to whom, and what it never says.
 */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "process.h"

#include "exposition.h"

static struct process server;
static uint16_t port; /* of the monitor */

static int open_server(void **state)
{
    (void)state;
    process_open(&server, "metrics = 127.0.0.1:0\n");
    pthread_mutex_lock(&server.lock);
    const char *at = strstr(server.log, "\"metrics\":\"");
    pthread_mutex_unlock(&server.lock);
    assert_non_null(at);
    port = (uint16_t)strtoul(at + 11, NULL, 10);
    assert_true(port != 0 && port != server.port);
    server.alone = true; /* each counts what it was asked itself */
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

static struct http_response get_as(const char *method, const char *path)
{
    struct http_client *client;
    struct http_response response;
    struct report report = {0};
    struct http_call call = {.method = method, .target = str_from(path)};
    assert_true(is_ok(http_client_open("127.0.0.1", port, 0, &report, &client)));
    if (!is_ok(http_client_call(client, &call, server.arena, &report, &response)))
        fail_msg("%s %s: %s", method, path, report.text);
    http_client_close(&client);
    return response;
}

static double metric(const char *name, const char *labels)
{
    struct exposition *text = malloc(sizeof(*text));
    struct http_response got = get_as("GET", "/metrics");
    double value = -1;
    assert(text != NULL);
    assert_int_equal(got.code, 200);
    exposition_read(got.body, text);
    (void)exposition_find(text, name, labels, &value);
    free(text);
    return value;
}

static int dial(void)
{
    struct process monitor = server;
    monitor.port = port;
    return raw_connect(&monitor);
}

/* ---- what it says ---- */

static void metrics_are_well_formed_and_of_their_type(void **state)
{
    (void)state;
    struct http_response got = get_as("GET", "/metrics");
    assert_int_equal(got.code, 200);
    assert_true(str_is(got.content_type, "text/plain; version=0.0.4; charset=utf-8"));
    assert_true(metric("vern_epoch_age_seconds", "") >= 0);
    assert_true(metric("vern_store_bytes", "store=\"data\"") > 1000);
    assert_true(metric("vern_resident_bytes", "") > 1000000);
    assert_true(isinf(metric("vern_backup_age_seconds", "")));
    assert_true(metric("vern_unread", "") == 0);
    assert_true(metric("vern_behind", "") == 0);
}

static void health_and_readiness_are_said(void **state)
{
    (void)state;
    struct http_response health = get_as("GET", "/healthz"), ready = get_as("GET", "/readyz");
    struct http_response head = get_as("HEAD", "/metrics");
    assert_int_equal(health.code, 200);
    assert_true(str_is(health.body, "ok\n"));
    assert_int_equal(ready.code, 200);
    assert_true(str_is(ready.body, "ready\n"));
    assert_int_equal(head.code, 200);
    assert_int_equal(head.body.len, 0);
}

static void what_is_asked_is_counted_by_class_and_in_tens(void **state)
{
    (void)state;
    double before_ = metric("vern_answers_total", "class=\"none\",code=\"404\"");
    for (int i = 0; i < 25; i++) {
        struct answer none = ask(&server, server.token, "GET", STR("/v1/nothing"), STR(""));
        expect(&none, 404);
    }
    double after = metric("vern_answers_total", "class=\"none\",code=\"404\"");
    before_ = before_ < 0 ? 0 : before_;
    assert_true(after - before_ == 20 || after - before_ == 30);
    assert_true(metric("vern_turn_seconds_count", "") >= 20);
}

static void refusals_are_counted_by_rule(void **state)
{
    (void)state;
    struct answer made = post(&server, "/v1/subjects",
                              "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"K-QANARY\"}]}");
    expect(&made, 201);
    str id = text_of(&made, "id");
    for (int i = 0; i < 12; i++) {
        struct answer no = post_subject(&server, id, "read",
                                        "{\"purpose\":\"support\",\"fields\":[\"contact.email\"]}");
        assert_true(no.code == 403 || no.code == 404);
    }
    assert_true(metric("vern_decisions_total", "outcome=\"refuse\"") >= 10);
    struct exposition *text = malloc(sizeof(*text));
    assert(text != NULL);
    exposition_read(get_as("GET", "/metrics").body, text);
    double refused = 0;
    for (size_t i = 0; i < text->count; i++)
        refused += str_is(text->at[i].name, "vern_refusals_total") ? text->at[i].value : 0;
    free(text);
    assert_true(refused >= 10);
}

/* ---- what it never says ---- */

static void nothing_of_a_person_or_a_register_is_in_it(void **state)
{
    (void)state;
    struct answer made = post(&server, "/v1/subjects",
                              "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"K-QANARY-7\"}]}");
    expect(&made, 201);
    for (int i = 0; i < 12; i++) {
        struct answer none = ask(&server, server.token, "GET", STR("/v1/subjects/QANARY"), STR(""));
        assert_true(none.code >= 400);
    }
    static const char *const paths[] = {"/metrics", "/healthz", "/readyz", "/QANARY"};
    for (size_t i = 0; i < LENGTH(paths); i++) {
        str body = get_as("GET", paths[i]).body;
        assert_false(holds(body, STR("QANARY")));
        assert_false(holds(body, text_of(&made, "id")));
        assert_false(holds(body, STR("shop")));
        assert_false(holds(body, STR("127.0.0.1")));
    }
}

static void nothing_of_it_is_on_the_public_port(void **state)
{
    (void)state;
    static const char *const paths[] = {"/metrics", "/healthz", "/readyz"};
    for (size_t i = 0; i < LENGTH(paths); i++) {
        struct answer none = ask(&server, server.token, "GET", str_from(paths[i]), STR(""));
        expect(&none, 404);
    }
    assert_int_equal(get_as("GET", "/v1/register").code, 404);
    assert_int_equal(get_as("POST", "/v1/subjects").code, 404);
}

/* ---- attacks ---- */

static void expect_raw(const char *sent, const char *begins)
{
    int socket = dial();
    raw_send(socket, str_from(sent));
    (void)shutdown(socket, SHUT_WR);
    str got = raw_read_all(&server, socket);
    close(socket);
    if (!str_starts(got, str_from(begins)))
        fail_msg("%.40s: %.*s", sent, STR_ARG(str_slice(got, 0, 80)));
}

static void other_methods_bodies_and_names_are_refused(void **state)
{
    (void)state;
    static const char *const methods[] = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"};
    for (size_t i = 0; i < LENGTH(methods); i++) {
        struct http_response no = get_as(methods[i], "/metrics");
        assert_int_equal(no.code, 405);
        assert_true(str_is(http_response_header(&no, "Allow"), "GET, HEAD"));
    }
    expect_raw("GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
               "HTTP/1.1 421");
    expect_raw("GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 400");
    expect_raw("GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n123456789",
               "HTTP/1.1 413");
    expect_raw("GET /metrics/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
               "HTTP/1.1 404");
    expect_raw("GET /metrics?name=x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
               "HTTP/1.1 404");
    expect_raw("nonsense\r\n\r\n", "HTTP/1.1 405");
}

static void long_heads_and_targets_are_refused(void **state)
{
    (void)state;
    static char text[16 << 10];
    struct buf buf = buf_over(text, sizeof(text));
    buf_text(&buf, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Long: ");
    for (int i = 0; i < 8000; i++)
        buf_char(&buf, 'a');
    buf_text(&buf, "\r\n\r\n");
    buf_char(&buf, '\0');
    expect_raw(text, "HTTP/1.1 431");
    buf = buf_over(text, sizeof(text));
    buf_text(&buf, "GET /");
    for (int i = 0; i < 500; i++)
        buf_char(&buf, 'a');
    buf_text(&buf, " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    buf_char(&buf, '\0');
    expect_raw(text, "HTTP/1.1 414");
}

/* Those who fill the monitor's port take nothing from the public one. */
static void too_many_connections_are_refused_and_leave_the_public_port_alone(void **state)
{
    (void)state;
    int sockets[32];
    for (size_t i = 0; i < LENGTH(sockets); i++) {
        sockets[i] = dial();
        raw_send(sockets[i], STR("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        char first;
        assert_int_equal(read(sockets[i], &first, 1), 1); /* it is accepted and stays */
    }
    expect_raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 503");
    struct answer still = ask(&server, server.token, "GET", STR("/v1/register"), STR(""));
    expect(&still, 200);
    for (size_t i = 0; i < LENGTH(sockets); i++)
        close(sockets[i]);
}

/* ---- where it listens ---- */

static void without_the_setting_there_is_no_such_port(void **state)
{
    (void)state;
    struct process plain;
    process_open(&plain, NULL);
    pthread_mutex_lock(&plain.lock);
    assert_null(strstr(plain.log, "\"metrics\""));
    pthread_mutex_unlock(&plain.lock);
    process_close(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_are_well_formed_and_of_their_type),
        cmocka_unit_test(health_and_readiness_are_said),
        cmocka_unit_test(what_is_asked_is_counted_by_class_and_in_tens),
        cmocka_unit_test(refusals_are_counted_by_rule),
        cmocka_unit_test(nothing_of_a_person_or_a_register_is_in_it),
        cmocka_unit_test(nothing_of_it_is_on_the_public_port),
        cmocka_unit_test(other_methods_bodies_and_names_are_refused),
        cmocka_unit_test(long_heads_and_targets_are_refused),
        cmocka_unit_test(too_many_connections_are_refused_and_leave_the_public_port_alone),
        cmocka_unit_test(without_the_setting_there_is_no_such_port),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
