/* The client against the server of this module, and against a peer that misbehaves. */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>
#include "client.h"

struct service {
    struct http_server *server;
    pthread_t thread;
};

static uint64_t connections_seen;

/* Answers with what it was asked. */
static void handle(void *self, const struct http_request *request, struct http_reply *reply)
{
    (void)self;
    connections_seen = request->connection + 1;
    struct http_field fields[] = {{STR("X-Method"), request->method},
                                  {STR("X-Query"), request->query}};
    http_answer(reply, str_is(request->path, "/missing") ? 404 : 200, request->content_type, fields,
                2, request->body);
}

static void *run(void *server)
{
    http_server_run(server);
    return NULL;
}

static void start(struct service *service, uint64_t idle_ms)
{
    struct report report = {0};
    struct http_config config = {.handle = handle, .idle_ms = idle_ms, .body_limit = 1 << 24};
    assert_true(is_ok(http_server_start(&config, &report, &service->server)));
    assert_int_equal(pthread_create(&service->thread, NULL, run, service->server), 0);
}

static void stop(struct service *service)
{
    http_server_stop(service->server);
    pthread_join(service->thread, NULL);
    http_server_free(&service->server);
}

static struct http_client *open_client(uint16_t port)
{
    struct report report = {0};
    struct http_client *client = NULL;
    assert_true(is_ok(http_client_open("127.0.0.1", port, 0, &report, &client)));
    return client;
}

static struct http_response call(struct http_client *client, const struct http_call *asked,
                                 struct arena *arena)
{
    struct report report = {0};
    struct http_response response = {0};
    status result = http_client_call(client, asked, arena, &report, &response);
    assert_string_equal(report.text, "");
    assert_true(is_ok(result));
    return response;
}

static void requests_and_responses_come_through_whole_on_one_connection(void **state)
{
    (void)state;
    struct service service;
    start(&service, 0);
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    CLEANUP(http_client_close) struct http_client *client = open_client(http_port(service.server));
    for (int i = 0; i < 3; i++) {
        struct http_response response = call(client,
                                             &(struct http_call){.method = "POST",
                                                                 .target = STR("/a?b=c"),
                                                                 .content_type = STR("text/plain"),
                                                                 .body = STR("hello")},
                                             arena);
        assert_int_equal(response.code, 200);
        assert_true(str_is(response.body, "hello"));
        assert_true(str_is(response.content_type, "text/plain"));
        assert_true(str_is(http_response_header(&response, "x-query"), "b=c"));
    }
    struct http_call head = {.method = "HEAD", .target = STR("/missing")};
    struct http_response response = call(client, &head, arena);
    assert_int_equal(response.code, 404);
    assert_int_equal(response.body.len, 0);
    assert_true(str_is(http_response_header(&response, "x-method"), "HEAD"));
    assert_int_equal(connections_seen, 1);
    stop(&service);
}

static size_t more_bytes(void *self, char *room, size_t size)
{
    size_t *left = self;
    size_t count = size < *left ? size : *left;
    memset(room, 'y', count);
    *left -= count;
    return count;
}

static void a_body_of_any_length_is_sent_in_chunks(void **state)
{
    (void)state;
    struct service service;
    start(&service, 0);
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 24);
    CLEANUP(http_client_close) struct http_client *client = open_client(http_port(service.server));
    size_t left = 3000000;
    struct http_call upload = {
        .method = "POST", .target = STR("/up"), .more = more_bytes, .self = &left};
    struct http_response response = call(client, &upload, arena);
    assert_int_equal(response.body.len, 3000000);
    assert_int_equal(response.body.ptr[2999999], 'y');
    stop(&service);
}

static void a_connection_that_the_server_closed_is_opened_anew(void **state)
{
    (void)state;
    struct service service;
    start(&service, 0);
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    CLEANUP(http_client_close) struct http_client *client = open_client(http_port(service.server));
    struct http_call get = {.method = "GET", .target = STR("/")};
    struct http_field goodbye = {STR("Connection"), STR("close")};
    struct http_call last = {
        .method = "GET", .target = STR("/"), .fields = &goodbye, .field_count = 1};
    call(client, &last, arena);
    assert_int_equal(call(client, &get, arena).code, 200);
    assert_int_equal(connections_seen, 2);
    stop(&service);
}

static void an_answer_beyond_the_arena_is_a_limit(void **state)
{
    (void)state;
    struct service service;
    start(&service, 0);
    CLEANUP(arena_free) struct arena *arena = arena_new(64 << 10);
    CLEANUP(http_client_close) struct http_client *client = open_client(http_port(service.server));
    size_t left = 200000;
    struct http_call upload = {
        .method = "POST", .target = STR("/up"), .more = more_bytes, .self = &left};
    struct report report = {0};
    struct http_response response;
    status result = http_client_call(client, &upload, arena, &report, &response);
    assert_int_equal(result.fault, FAULT_LIMIT);
    stop(&service);
}

/* Accepts once, reads once, says `text`, closes. */
struct peer {
    int listener;
    const char *text;
};

static void *misbehave(void *self)
{
    struct peer *peer = self;
    char memory[1024];
    int socket = accept(peer->listener, NULL, NULL);
    ssize_t count = recv(socket, memory, sizeof(memory), 0);
    if (count > 0 && send(socket, peer->text, strlen(peer->text), MSG_NOSIGNAL) > 0)
        shutdown(socket, SHUT_WR);
    close(socket);
    return NULL;
}

static enum fault_class ask_peer(const char *text)
{
    struct peer peer = {.listener = socket(AF_INET, SOCK_STREAM, 0), .text = text};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    assert_int_equal(bind(peer.listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(peer.listener, 1), 0);
    getsockname(peer.listener, (struct sockaddr *)&address, &length);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, misbehave, &peer), 0);
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    CLEANUP(http_client_close) struct http_client *client = open_client(ntohs(address.sin_port));
    struct report report = {0};
    struct http_response response;
    struct http_call get = {.method = "GET", .target = STR("/")};
    status result = http_client_call(client, &get, arena, &report, &response);
    pthread_join(thread, NULL);
    close(peer.listener);
    return result.fault;
}

static void a_peer_that_misbehaves_is_a_fault_and_never_a_wrong_answer(void **state)
{
    (void)state;
    assert_int_equal(ask_peer("nonsense"), FAULT_SYNTAX);
    assert_int_equal(ask_peer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"), FAULT_STORE);
    assert_int_equal(ask_peer("HTTP/1.1 200 O"), FAULT_STORE);
    assert_int_equal(ask_peer("HTTP/1.1 100 Continue\r\n\r\n"), FAULT_STORE);
    assert_int_equal(ask_peer("HTTP/1.1 200 OK\r\n\r\nuntil the end"), FAULT_NONE);
}

static void what_would_break_the_request_is_not_sent(void **state)
{
    (void)state;
    struct service service;
    start(&service, 0);
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    CLEANUP(http_client_close) struct http_client *client = open_client(http_port(service.server));
    struct http_field field = {STR("X"), STR("a\r\nY: b")};
    struct http_call calls[] = {
        {.method = "GET", .target = STR("/a b")},
        {.method = "GET", .target = STR("/a\r\n")},
        {.method = "GET", .target = STR("")},
        {.method = "GET", .target = STR("/"), .fields = &field, .field_count = 1},
    };
    for (size_t i = 0; i < LENGTH(calls); i++) {
        struct report report = {0};
        struct http_response response;
        status result = http_client_call(client, &calls[i], arena, &report, &response);
        assert_int_equal(result.fault, FAULT_USAGE);
    }
    stop(&service);
}

static void a_server_that_is_not_there_is_named_a_fault_of_the_store(void **state)
{
    (void)state;
    struct service service;
    start(&service, 0);
    uint16_t port = http_port(service.server);
    stop(&service);
    struct report report = {0};
    struct http_client *client = NULL;
    status result = http_client_open("127.0.0.1", port, 0, &report, &client);
    assert_int_equal(result.fault, FAULT_STORE);
    assert_null(client);
    report = (struct report){0};
    result = http_client_open("localhost", port, 0, &report, &client);
    assert_int_equal(result.fault, FAULT_USAGE);
}

int main(void)
{
    alarm(60);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_and_responses_come_through_whole_on_one_connection),
        cmocka_unit_test(a_body_of_any_length_is_sent_in_chunks),
        cmocka_unit_test(a_connection_that_the_server_closed_is_opened_anew),
        cmocka_unit_test(an_answer_beyond_the_arena_is_a_limit),
        cmocka_unit_test(a_peer_that_misbehaves_is_a_fault_and_never_a_wrong_answer),
        cmocka_unit_test(what_would_break_the_request_is_not_sent),
        cmocka_unit_test(a_server_that_is_not_there_is_named_a_fault_of_the_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
