/* The server over real loopback sockets: it runs in a thread, the test is its client. */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>
#include <cmocka.h>
#include "http.h"
#include "limits.h"

enum { KEPT_MOST = 64, TEXT_MOST = 256 << 10 };

/* An application whose paths are its behaviours. The lock guards what the test looks at. */
struct app {
    struct http_server *server;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http_reply *held[LIMIT_BATCH_REQUESTS * 2], *kept[KEPT_MOST];
    char held_text[64];
    size_t held_count, kept_count, handled, turns, largest_turn, in_turn, aborted;
    size_t place_of_mine;                /* of /mine among all that were handled */
    bool let_go, stalled, told, lingers; /* lingers: over the last that was kept, until told */
    size_t rested, ticks, come_together;
    const struct http_request *kept_request;
    struct http_reply *paused;
    uint64_t streamed;
    size_t chunks_since_turn, most_chunk_bytes;
    struct http_reply *hungry; /* a reply whose stream wants more */
    size_t pieces, pieces_most, streams_ended;
    bool breaks;
};

static void answer_text(struct http_reply *reply, str text)
{
    http_answer(reply, 200, STR("text/plain"), NULL, 0, text);
}

static void changed(struct app *app)
{
    pthread_cond_broadcast(&app->changed);
}

/* ---- a reply of unknown length: a piece a turn ---- */

static void stream_wanted(void *self, struct http_reply *reply)
{
    struct app *app = self;
    pthread_mutex_lock(&app->lock);
    app->hungry = reply;
    pthread_mutex_unlock(&app->lock);
    http_wake(app->server);
}

static void stream_ended(void *self)
{
    struct app *app = self;
    pthread_mutex_lock(&app->lock);
    app->hungry = NULL;
    app->streams_ended++;
    changed(app);
    pthread_mutex_unlock(&app->lock);
}

static void begin_stream(struct app *app, struct http_reply *reply, size_t pieces, bool breaks)
{
    struct http_stream stream = {app, stream_wanted, stream_ended};
    app->pieces = 0;
    app->pieces_most = pieces;
    app->breaks = breaks;
    http_answer_stream(reply, 200, STR("text/plain"), NULL, 0, &stream);
}

static void feed_stream(struct app *app)
{
    static char large[64 << 10];
    struct http_reply *reply = app->hungry;
    app->hungry = NULL;
    if (app->pieces == app->pieces_most) {
        if (app->breaks)
            http_stream_break(reply);
        else
            http_stream_end(reply);
        return;
    }
    app->pieces++;
    http_piece(reply, STR(""));
    http_piece(reply, app->pieces_most > 3 ? (str){large, sizeof(large)} : STR("piece;"));
}

static void handle(void *self, const struct http_request *request, struct http_reply *reply)
{
    struct app *app = self;
    pthread_mutex_lock(&app->lock);
    app->handled++;
    app->in_turn++;
    if (str_is(request->path, "/hold")) {
        app->held[app->held_count++] = reply;
    } else if (str_is(request->path, "/keep")) {
        app->kept_request = request;
        app->kept[app->kept_count++] = reply;
    } else if (str_is(request->path, "/who")) {
        answer_text(reply, str_from(app->kept_request->peer));
    } else if (str_is(request->path, "/echo")) {
        answer_text(reply, request->body);
    } else if (str_is(request->path, "/pieces")) {
        begin_stream(app, reply, 3, false);
    } else if (str_is(request->path, "/broken")) {
        begin_stream(app, reply, 2, true);
    } else if (str_is(request->path, "/endless")) {
        begin_stream(app, reply, SIZE_MAX, false);
    } else if (str_is(request->path, "/split")) {
        struct http_field field = {STR("X-Name"), STR("a\r\nX-Evil: b")};
        http_answer(reply, 200, STR("text/plain"), &field, 1, STR("x"));
    } else if (str_is(request->path, "/slow")) {
        for (uint64_t from = uv_hrtime(); uv_hrtime() - from < 2000000;) {
        }
        answer_text(reply, request->path);
    } else if (str_is(request->path, "/stall")) {
        app->stalled = true;
        changed(app);
        while (app->stalled) /* the loop stands still */
            pthread_cond_wait(&app->changed, &app->lock);
        answer_text(reply, STR("late"));
    } else if (str_is(request->path, "/found")) {
        answer_text(reply, request->found == self ? STR("found") : STR("lost"));
    } else if (str_is(request->path, "/large")) {
        static char large[8 << 20];
        answer_text(reply, (str){large, sizeof(large)});
    } else {
        app->place_of_mine = str_is(request->path, "/mine") ? app->handled : app->place_of_mine;
        answer_text(reply, request->path);
    }
    changed(app);
    pthread_mutex_unlock(&app->lock);
}

static void batch_end(void *self)
{
    struct app *app = self;
    pthread_mutex_lock(&app->lock);
    app->turns++;
    app->largest_turn = app->in_turn > app->largest_turn ? app->in_turn : app->largest_turn;
    app->in_turn = app->chunks_since_turn = 0;
    for (size_t i = 0; i < app->held_count; i++)
        answer_text(app->held[i], STR("held"));
    app->held_count = 0;
    for (size_t i = 0; app->let_go && i < app->kept_count; i++) {
        answer_text(app->kept[i], STR("kept"));
        while (app->lingers && !app->told && i == app->kept_count - 1)
            pthread_cond_wait(&app->changed, &app->lock);
    }
    app->kept_count = app->let_go ? 0 : app->kept_count;
    if (app->paused != NULL)
        http_resume(app->paused);
    app->paused = NULL;
    changed(app);
    pthread_mutex_unlock(&app->lock);
    if (app->hungry != NULL)
        feed_stream(app);
}

static void sink_chunk(void *self, struct http_reply *reply, str bytes)
{
    struct app *app = self;
    app->streamed += bytes.len;
    app->chunks_since_turn++;
    if (bytes.len > app->most_chunk_bytes)
        app->most_chunk_bytes = bytes.len;
    if (bytes.ptr[0] == '!') {
        http_answer(reply, 422, STR("text/plain"), NULL, 0, STR("bad line"));
        return;
    }
    http_pause(reply);
    app->paused = reply;
}

static void sink_end(void *self, struct http_reply *reply)
{
    struct app *app = self;
    app->paused = NULL;
    char text[32];
    int length = snprintf(text, sizeof(text), "%llu", (unsigned long long)app->streamed);
    answer_text(reply, (str){text, (size_t)length});
}

static void sink_abort(void *self, struct http_reply *reply)
{
    (void)reply;
    struct app *app = self;
    pthread_mutex_lock(&app->lock);
    app->paused = NULL;
    app->aborted++;
    changed(app);
    pthread_mutex_unlock(&app->lock);
}

static bool admit(void *self, const struct http_request *request, struct http_reply *reply,
                  struct http_admission *admission)
{
    if (str_is(request->path, "/nowhere")) {
        struct report report = {0};
        status failed = fail(&report, FAULT_NOT_FOUND, "no such path");
        assert_false(is_ok(failed));
        http_answer_problem(reply, &report);
        return false;
    }
    if (str_is(request->path, "/stream")) {
        admission->body_limit = UINT64_MAX;
        admission->sink = (struct http_sink){self, sink_chunk, sink_end, sink_abort};
    }
    if (str_is(request->path, "/small"))
        admission->body_limit = 4;
    admission->found = str_is(request->path, "/found") ? self : NULL;
    return true;
}

static void *run_server(void *self)
{
    struct app *app = self;
    http_server_run(app->server);
    return NULL;
}

static void tell(struct app *app)
{
    pthread_mutex_lock(&app->lock);
    app->told = true;
    changed(app);
    pthread_mutex_unlock(&app->lock);
}

/* Stands still until the client says that it has its reply. */
static void rest_until_told(void *self)
{
    struct app *app = self;
    pthread_mutex_lock(&app->lock);
    while (!app->told)
        pthread_cond_wait(&app->changed, &app->lock);
    app->rested++;
    changed(app);
    pthread_mutex_unlock(&app->lock);
}

/* While requests that came together are still handed out. */
static void count_tick(void *self)
{
    struct app *app = self;
    pthread_mutex_lock(&app->lock);
    app->ticks += app->handled < app->come_together;
    pthread_mutex_unlock(&app->lock);
}

static void count_rest(void *self)
{
    struct app *app = self;
    pthread_mutex_lock(&app->lock);
    app->rested += app->handled < app->come_together && app->ticks > 0;
    pthread_mutex_unlock(&app->lock);
}

static struct app *start(struct http_config config)
{
    struct app *app = calloc(1, sizeof(*app));
    assert_non_null(app);
    pthread_mutex_init(&app->lock, NULL);
    pthread_cond_init(&app->changed, NULL);
    config.self = app;
    config.handle = handle;
    config.batch_end = batch_end;
    config.admit = admit;
    struct report report = {0};
    assert_true(is_ok(http_server_start(&config, &report, &app->server)));
    assert_int_equal(pthread_create(&app->thread, NULL, run_server, app), 0);
    return app;
}

static void stop(struct app *app)
{
    http_server_stop(app->server);
    pthread_join(app->thread, NULL);
    http_server_free(&app->server);
    pthread_cond_destroy(&app->changed);
    pthread_mutex_destroy(&app->lock);
    free(app);
}

/* Waits until the counter has reached `least`; the test runner's own limit ends a wait in vain. */
static void await(struct app *app, const size_t *counter, size_t least)
{
    pthread_mutex_lock(&app->lock);
    while (*counter < least)
        pthread_cond_wait(&app->changed, &app->lock);
    pthread_mutex_unlock(&app->lock);
}

static void let_go(struct app *app)
{
    pthread_mutex_lock(&app->lock);
    app->let_go = true;
    pthread_mutex_unlock(&app->lock);
    http_wake(app->server);
}

/* ---- the client ---- */

struct client {
    int socket;
    char text[TEXT_MOST];
    size_t len;
    char head[4096], body[TEXT_MOST];
};

static struct client *dial_from(struct app *app, uint32_t from)
{
    struct client *client = calloc(1, sizeof(*client));
    assert_non_null(client);
    client->socket = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval wait = {.tv_sec = 20};
    setsockopt(client->socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(http_port(app->server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in ours = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(from)};
    assert_int_equal(bind(client->socket, (struct sockaddr *)&ours, sizeof(ours)), 0);
    assert_int_equal(connect(client->socket, (struct sockaddr *)&address, sizeof(address)), 0);
    return client;
}

static struct client *dial(struct app *app)
{
    return dial_from(app, INADDR_LOOPBACK);
}

static void hang_up(struct client *client)
{
    close(client->socket);
    free(client);
}

/* At once, with nothing said. */
static void break_off(struct client *client)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    setsockopt(client->socket, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    hang_up(client);
}

static void say(struct client *client, const char *text)
{
    size_t length = strlen(text);
    assert_int_equal(send(client->socket, text, length, MSG_NOSIGNAL), length);
}

/* Reads more; false at the end of the connection. */
static bool hear(struct client *client)
{
    assert_true(client->len < sizeof(client->text) - 1);
    ssize_t count =
        recv(client->socket, client->text + client->len, sizeof(client->text) - 1 - client->len, 0);
    assert_true(count >= 0);
    client->len += (size_t)count;
    client->text[client->len] = '\0';
    return count > 0;
}

static void consume(struct client *client, size_t count)
{
    memmove(client->text, client->text + count, client->len - count + 1);
    client->len -= count;
}

/* Reads one reply and gives its code; its head and body are in the client. */
static int reply_of(struct client *client, bool has_body)
{
    char *end;
    while ((end = strstr(client->text, "\r\n\r\n")) == NULL)
        assert_true(hear(client));
    size_t head = (size_t)(end - client->text) + 4;
    assert_true(head < sizeof(client->head));
    memcpy(client->head, client->text, head);
    client->head[head] = '\0';
    consume(client, head);
    const char *said = strstr(client->head, "Content-Length: ");
    size_t length = said != NULL && has_body ? strtoul(said + 16, NULL, 10) : 0;
    while (client->len < length)
        assert_true(hear(client));
    memcpy(client->body, client->text, length);
    client->body[length] = '\0';
    consume(client, length);
    return (int)strtol(client->head + 9, NULL, 10);
}

static void expect_reply(struct client *client, int code, const char *body)
{
    assert_int_equal(reply_of(client, true), code);
    if (body != NULL)
        assert_string_equal(client->body, body);
}

static void expect_end(struct client *client)
{
    while (hear(client))
        continue;
    assert_int_equal(client->len, 0);
}

static void expect_problem(struct client *client, int code, const char *type)
{
    char wanted[96];
    snprintf(wanted, sizeof(wanted), "{\"type\":\"/problems/%s\"", type);
    expect_reply(client, code, NULL);
    assert_non_null(strstr(client->head, "Content-Type: application/problem+json\r\n"));
    assert_non_null(strstr(client->body, wanted));
}

/* One request that must be refused, after which the connection ends. */
static void expect_refusal(struct app *app, const char *request, int code, const char *type)
{
    struct client *client = dial(app);
    say(client, request);
    expect_problem(client, code, type);
    assert_non_null(strstr(client->head, "Connection: close\r\n"));
    expect_end(client);
    hang_up(client);
}

#define GET(path)     "GET " path " HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define POST(path, n) "POST " path " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " #n "\r\n\r\n"

/* The loop stands still in the middle of a request, until it is let go. */
static void stall(struct app *app, struct client *client, const char *text)
{
    say(client, text);
    pthread_mutex_lock(&app->lock);
    while (!app->stalled)
        pthread_cond_wait(&app->changed, &app->lock);
    pthread_mutex_unlock(&app->lock);
}

static void end_stall(struct app *app)
{
    pthread_mutex_lock(&app->lock);
    app->stalled = false;
    changed(app);
    pthread_mutex_unlock(&app->lock);
}

/* ---- what is promised ---- */

static void replies_say_that_they_are_private_and_are_kept_alive(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    for (int i = 0; i < 3; i++) {
        say(client, GET("/a"));
        expect_reply(client, 200, "/a");
        assert_non_null(strstr(client->head, "Cache-Control: no-store\r\n"));
        assert_non_null(strstr(client->head, "X-Content-Type-Options: nosniff\r\n"));
        assert_non_null(strstr(client->head, "Referrer-Policy: no-referrer\r\n"));
        assert_non_null(strstr(client->head, "\r\nContent-Security-Policy: default-src 'none'; "));
        assert_null(strstr(client->head, "Connection:"));
    }
    say(client, "GET /b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    expect_reply(client, 200, "/b");
    assert_non_null(strstr(client->head, "Connection: close\r\n"));
    expect_end(client);
    hang_up(client);
    stop(app);
}

static void what_admission_found_is_there_for_its_own_request(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    say(client, GET("/found") GET("/b"));
    expect_reply(client, 200, "found");
    expect_reply(client, 200, "/b");
    hang_up(client);
    stop(app);
}

static void what_nobody_waits_for_comes_when_the_replies_have_left(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){.rest = rest_until_told});
    struct client *client = dial(app);
    say(client, GET("/hold") GET("/b"));
    expect_reply(client, 200, "held");
    expect_reply(client, 200, "/b");
    tell(app);
    await(app, &app->rested, 1);
    say(client, GET("/c")); /* the server goes on */
    expect_reply(client, 200, "/c");
    hang_up(client);
    stop(app);
}

static void replies_leave_while_later_ones_are_still_made(void **state)
{
    (void)state;
    enum { CLIENTS = 10, WRITTEN = 8 };
    struct app *app = start((struct http_config){0});
    struct client *clients[CLIENTS];
    app->lingers = true;
    for (size_t i = 0; i < CLIENTS; i++) {
        clients[i] = dial(app);
        say(clients[i], GET("/keep"));
        await(app, &app->kept_count, i + 1);
    }
    let_go(app);
    for (size_t i = 0; i < WRITTEN; i++)
        expect_reply(clients[i], 200, "kept");
    tell(app);
    for (size_t i = 0; i < CLIENTS; i++) {
        if (i >= WRITTEN)
            expect_reply(clients[i], 200, "kept");
        say(clients[i], GET("/again"));
        expect_reply(clients[i], 200, "/again");
        hang_up(clients[i]);
    }
    stop(app);
}

static void pipelined_requests_share_a_turn_and_are_answered_in_order(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    say(client, GET("/hold") GET("/b") GET("/hold") GET("/d"));
    expect_reply(client, 200, "held");
    expect_reply(client, 200, "/b");
    expect_reply(client, 200, "held");
    expect_reply(client, 200, "/d");
    assert_int_equal(app->turns, 1);
    assert_int_equal(app->largest_turn, 4);
    hang_up(client);
    stop(app);
}

static void a_reply_that_waits_holds_back_those_behind_it(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app), *other = dial(app);
    say(client, GET("/keep") GET("/b"));
    await(app, &app->handled, 2);
    say(other, GET("/c"));
    expect_reply(other, 200, "/c");
    assert_int_equal(recv(client->socket, client->text, 1, MSG_DONTWAIT | MSG_PEEK), -1);
    let_go(app);
    expect_reply(client, 200, "kept");
    expect_reply(client, 200, "/b");
    hang_up(other);
    hang_up(client);
    stop(app);
}

static void a_deep_pipeline_is_served_whole_in_bounded_depth(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    enum { DEPTH = 1000 };
    static char text[DEPTH * 64];
    struct buf buf = buf_over(text, sizeof(text));
    for (int i = 0; i < DEPTH; i++)
        buf_format(&buf, "GET /%d HTTP/1.1\r\nHost: localhost\r\n\r\n", i);
    buf_char(&buf, '\0');
    say(client, text);
    for (int i = 0; i < DEPTH; i++) {
        char path[16];
        snprintf(path, sizeof(path), "/%d", i);
        expect_reply(client, 200, path);
    }
    assert_true(app->largest_turn <= LIMIT_PIPELINE);
    hang_up(client);
    stop(app);
}

/* A thousand requests of one; while the hundredth is served, one of another comes. */
static void who_sends_a_thousand_requests_at_once_holds_up_nobody(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *greedy = dial(app), *modest = dial(app);
    enum { DEPTH = 1000, STALLED = 100 };
    static char text[DEPTH * 64];
    struct buf buf = buf_over(text, sizeof(text));
    for (int i = 1; i <= DEPTH; i++)
        buf_text(&buf, i == STALLED ? GET("/stall") : GET("/a"));
    buf_char(&buf, '\0');
    stall(app, greedy, text);
    say(modest, GET("/mine"));
    end_stall(app);
    expect_reply(modest, 200, "/mine");
    for (int i = 1; i <= DEPTH; i++)
        expect_reply(greedy, 200, i == STALLED ? "late" : "/a");
    assert_in_range(app->place_of_mine, STALLED, STALLED + 2 * LIMIT_PIPELINE);
    hang_up(modest);
    hang_up(greedy);
    stop(app);
}

static void what_comes_while_requests_are_handed_out_shares_their_turn(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *first = dial(app), *late = dial(app);
    say(late, GET("/a"));
    expect_reply(late, 200, "/a");
    assert_int_equal(app->largest_turn, 1);
    stall(app, first, GET("/stall"));
    say(late, GET("/b"));
    end_stall(app);
    expect_reply(first, 200, "late");
    expect_reply(late, 200, "/b");
    assert_int_equal(app->largest_turn, 2);
    hang_up(first);
    hang_up(late);
    stop(app);
}

/* The timer never comes here; a turn that is full does. */
static void a_loop_that_does_not_come_round_ticks_and_rests_behind_a_full_turn(void **state)
{
    (void)state;
    enum { COUNT = 8 };
    struct app *app = start((struct http_config){.batch_requests = 2,
                                                 .late_ms = 1,
                                                 .tick_ms = 1u << 30,
                                                 .tick = count_tick,
                                                 .rest = count_rest});
    struct client *clients[COUNT], *first = dial(app);
    app->come_together = COUNT + 1;
    for (int i = 0; i < COUNT; i++)
        clients[i] = dial(app);
    stall(app, first, GET("/stall"));
    for (int i = 0; i < COUNT; i++)
        say(clients[i], GET("/slow"));
    end_stall(app);
    expect_reply(first, 200, "late");
    for (int i = 0; i < COUNT; i++)
        expect_reply(clients[i], 200, "/slow");
    assert_true(app->ticks > 0 && app->rested > 0);
    for (int i = 0; i < COUNT; i++)
        hang_up(clients[i]);
    hang_up(first);
    stop(app);
}

static void a_reply_to_a_client_that_has_gone_is_dropped_safely(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *gone = dial(app), *stays = dial(app);
    say(gone, GET("/keep"));
    await(app, &app->kept_count, 1);
    break_off(gone);
    say(stays, GET("/a"));
    expect_reply(stays, 200, "/a");
    let_go(app);
    say(stays, GET("/b"));
    expect_reply(stays, 200, "/b");
    hang_up(stays);
    stop(app);
}

/* The address sanitizer's build is what notices when it does not. */
static void a_request_knows_who_sent_it_when_its_client_has_gone(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *gone = dial_from(app, INADDR_LOOPBACK + 1), *stays = dial(app);
    say(gone, GET("/keep"));
    await(app, &app->kept_count, 1);
    break_off(gone);
    for (int i = 0; i < 2; i++) { /* the loop goes round, and the connection is gone */
        say(stays, GET("/a"));
        expect_reply(stays, 200, "/a");
    }
    say(stays, GET("/who"));
    expect_reply(stays, 200, "127.0.0.2");
    let_go(app);
    hang_up(stays);
    stop(app);
}

static void a_client_that_shuts_its_side_still_gets_its_replies(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    say(client, GET("/keep") "GET /unfinished HT");
    await(app, &app->kept_count, 1);
    shutdown(client->socket, SHUT_WR);
    let_go(app);
    expect_reply(client, 200, "kept");
    expect_end(client);
    hang_up(client);
    stop(app);
}

static void bodies_are_handed_over_whole(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    say(client, POST("/echo", 11) "hello ");
    say(client, "world");
    expect_reply(client, 200, "hello world");
    say(client, "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n");
    expect_reply(client, 200, "hello!");
    hang_up(client);
    stop(app);
}

static void head_is_answered_without_the_body(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    say(client, "HEAD /abc HTTP/1.1\r\nHost: localhost\r\n\r\n" GET("/d"));
    assert_int_equal(reply_of(client, false), 200);
    assert_non_null(strstr(client->head, "Content-Length: 4\r\n"));
    expect_reply(client, 200, "/d");
    say(client, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect_reply(client, 204, "");
    assert_non_null(strstr(client->head, "Allow: GET, "));
    hang_up(client);
    stop(app);
}

static void a_client_that_asks_first_is_told_to_go_on(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
#define ASK(path, n)                                                                               \
    "POST " path " HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: " #n     \
    "\r\n\r\n"
    say(client, ASK("/echo", 2));
    expect_reply(client, 100, "");
    say(client, "ab");
    expect_reply(client, 200, "ab");
    say(client, ASK("/small", 5));
    expect_problem(client, 413, "limit");
    expect_end(client);
    hang_up(client);
    client = dial(app);
    say(client, ASK("/nowhere", 5));
    expect_problem(client, 404, "not_found");
    expect_end(client);
    hang_up(client);
    stop(app);
}

static void an_early_refusal_reads_past_the_body_and_goes_on(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    say(client, POST("/nowhere", 5) "hello" GET("/next"));
    expect_problem(client, 404, "not_found");
    expect_reply(client, 200, "/next");
    assert_int_equal(app->handled, 1);
    hang_up(client);
    stop(app);
}

static void what_is_malformed_is_refused_and_ends_the_connection(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    expect_refusal(app, "GET / HTTP/1.1\nHost: localhost\n\n", 400, "syntax");
    expect_refusal(app, "GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n", 400, "syntax");
    expect_refusal(app, "GET / HTTP/1.1\r\n\r\n", 400, "syntax");
    expect_refusal(app, "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400,
                   "syntax");
    expect_refusal(app,
                   "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                   400, "syntax");
    expect_refusal(app, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, "misdirected");
    expect_refusal(app, "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 421,
                   "misdirected");
    expect_refusal(app, "CONNECT a:1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, "method");
    expect_refusal(app, "GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 505, "version");
    assert_int_equal(app->handled, 0);
    stop(app);
}

static void a_refusal_waits_for_the_replies_before_it(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    say(client, GET("/keep") "nonsense\r\n\r\n");
    await(app, &app->kept_count, 1);
    let_go(app);
    expect_reply(client, 200, "kept");
    expect_problem(client, 405, "method");
    expect_end(client);
    hang_up(client);
    stop(app);
}

static void what_is_too_large_is_refused(void **state)
{
    (void)state;
    struct app *app =
        start((struct http_config){.body_limit = 8, .header_limit = 512, .target_limit = 64});
    expect_refusal(app, POST("/echo", 9), 413, "limit");
    expect_refusal(app,
                   "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n",
                   413, "limit");
    char long_text[1024];
    struct buf buf = buf_over(long_text, sizeof(long_text));
    buf_text(&buf, "GET /");
    for (int i = 0; i < 64; i++)
        buf_char(&buf, 'a');
    buf_text(&buf, " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    buf_char(&buf, '\0');
    expect_refusal(app, long_text, 414, "target_long");
    buf = buf_over(long_text, sizeof(long_text));
    buf_text(&buf, "GET / HTTP/1.1\r\nHost: localhost\r\nA: ");
    for (int i = 0; i < 512; i++)
        buf_char(&buf, 'a');
    buf_char(&buf, '\0');
    expect_refusal(app, long_text, 431, "headers");
    stop(app);
}

static void unfinished_bodies_of_all_together_are_bounded(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){.body_total = 10});
    struct client *first = dial(app), *second = dial(app);
    say(first, POST("/echo", 8) "1234567");
    say(first, "");
    struct client *third = dial(app);
    say(third, GET("/a"));
    expect_reply(third, 200, "/a");
    say(second, POST("/echo", 8) "12345678");
    expect_problem(second, 503, "busy");
    say(first, "8");
    expect_reply(first, 200, "12345678");
    say(third, POST("/echo", 8) "12345678");
    expect_reply(third, 200, "12345678");
    hang_up(first);
    hang_up(second);
    hang_up(third);
    stop(app);
}

static void what_is_too_slow_is_refused_and_what_is_idle_is_closed(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){.header_ms = 30, .body_ms = 30, .idle_ms = 30});
    expect_refusal(app, "GET / HTTP/1.1\r\nHo", 408, "timeout");
    expect_refusal(app, POST("/echo", 5) "abc", 408, "timeout");
    struct client *client = dial(app);
    expect_end(client);
    hang_up(client);
    stop(app);
}

/* Until a connection without a word has been closed by another server: 60 ms at least. */
static void let_time_pass(void)
{
    struct app *app = start((struct http_config){.idle_ms = 60});
    struct client *client = dial(app);
    expect_end(client);
    hang_up(client);
    stop(app);
}

static bool is_open(struct client *client)
{
    char byte;
    return recv(client->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* Three connections that wait, and a server that then stands still. It may have let them go before,
 * when this program was not given its time: then anew. */
static void wait_while_it_stalls(struct app *app, struct client *waiting[3], struct client **other)
{
    for (;;) {
        for (size_t i = 0; i < 3; i++)
            waiting[i] = dial(app);
        *other = dial(app);
        stall(app, *other, GET("/stall"));
        if (is_open(waiting[0]) && is_open(waiting[1]) && is_open(waiting[2]))
            return;
        end_stall(app);
        hang_up(*other);
        for (size_t i = 0; i < 3; i++)
            hang_up(waiting[i]);
    }
}

static void when_the_server_itself_is_late_nobody_who_was_in_time_is_let_go(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){.header_ms = 30, .body_ms = 30, .idle_ms = 30});
    struct client *waiting[3], *other;
    wait_while_it_stalls(app, waiting, &other);
    say(waiting[0], GET("/first") GET("/second"));
    say(waiting[1], "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    say(waiting[2], POST("/echo", 3) "abc");
    let_time_pass();
    end_stall(app);
    expect_reply(other, 200, "late");
    expect_reply(waiting[0], 200, "/first");
    expect_reply(waiting[0], 200, "/second");
    assert_int_equal(reply_of(waiting[1], false), 200);
    expect_reply(waiting[2], 200, "abc");
    for (size_t i = 0; i < 3; i++) {
        expect_end(waiting[i]);
        hang_up(waiting[i]);
    }
    hang_up(other);
    stop(app);
}

/* The stop waits for the connection, and only the deadline of its write ends that. */
static void a_client_that_does_not_read_is_closed(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){.body_ms = 50, .stop_ms = 600000});
    struct client *client = dial(app);
    say(client, GET("/large") GET("/large"));
    await(app, &app->handled, 2);
    stop(app);
    hang_up(client);
}

static void a_large_reply_arrives_whole(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    say(client, "GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    uint64_t total = 0;
    ssize_t count;
    while ((count = recv(client->socket, client->text, sizeof(client->text), 0)) > 0)
        total += (uint64_t)count;
    assert_int_equal(count, 0);
    assert_true(total > 8 << 20);
    hang_up(client);
    stop(app);
}

static void connections_are_limited_by_address_and_in_all(void **state)
{
    (void)state;
    struct http_config by_address = {.connections_per_address = 2};
    struct http_config in_all = {.connections = 2};
    struct http_config configs[] = {by_address, in_all};
    for (size_t i = 0; i < LENGTH(configs); i++) {
        struct app *app = start(configs[i]);
        struct client *first = dial(app), *second = dial(app), *third = dial(app);
        expect_problem(third, 503, "busy");
        assert_non_null(strstr(third->head, "Retry-After: 5\r\n"));
        expect_end(third);
        say(first, GET("/a"));
        expect_reply(first, 200, "/a");
        say(second, "GET /b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        expect_reply(second, 200, "/b");
        hang_up(second);
        hang_up(third);
        hang_up(first);
        stop(app);
    }
}

/* More than are told of it at a time wait with the system, unaccepted, and come in when others go.
 */
static void who_comes_to_a_crowded_server_waits_until_others_have_gone(void **state)
{
    (void)state;
    enum { TOLD = 64, MORE = 40 };
    static struct client *clients[2 + TOLD + MORE];
    struct app *app = start((struct http_config){.connections = 2, .linger_ms = 600000});
    for (size_t i = 0; i < LENGTH(clients); i++)
        clients[i] = dial(app);
    for (size_t i = 2; i < 2 + TOLD; i++)
        expect_problem(clients[i], 503, "busy"); /* and it stays: it does not close its side */
    say(clients[0], GET("/a"));
    expect_reply(clients[0], 200, "/a");
    for (size_t i = 2 + TOLD; i < LENGTH(clients); i++)
        assert_true(is_open(clients[i]));
    hang_up(clients[0]);
    say(clients[2 + TOLD], GET("/b"));
    expect_reply(clients[2 + TOLD], 200, "/b");
    for (size_t i = 1; i < LENGTH(clients); i++)
        hang_up(clients[i]);
    stop(app);
}

#define THREE_PIECES "6\r\npiece;\r\n6\r\npiece;\r\n6\r\npiece;\r\n0\r\n\r\n"

static void a_reply_of_unknown_length_comes_in_chunks_and_the_connection_goes_on(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    say(client, GET("/pieces") GET("/b"));
    assert_int_equal(reply_of(client, true), 200);
    assert_non_null(strstr(client->head, "Transfer-Encoding: chunked\r\n"));
    assert_null(strstr(client->head, "Content-Length"));
    while (client->len < strlen(THREE_PIECES))
        assert_true(hear(client));
    assert_memory_equal(client->text, THREE_PIECES, strlen(THREE_PIECES));
    consume(client, strlen(THREE_PIECES));
    expect_reply(client, 200, "/b");
    await(app, &app->streams_ended, 1);
    hang_up(client);
    stop(app);
}

static void an_old_client_gets_it_until_the_connection_ends(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    say(client, "GET /pieces HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
    assert_int_equal(reply_of(client, false), 200);
    assert_null(strstr(client->head, "chunked"));
    assert_non_null(strstr(client->head, "Connection: close\r\n"));
    while (hear(client))
        continue;
    assert_string_equal(client->text, "piece;piece;piece;");
    hang_up(client);
    stop(app);
}

static void a_stream_that_breaks_shows_no_end(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    say(client, GET("/broken") GET("/b"));
    assert_int_equal(reply_of(client, true), 200);
    while (hear(client))
        continue;
    assert_string_equal(client->text, "6\r\npiece;\r\n6\r\npiece;\r\n");
    await(app, &app->streams_ended, 1);
    hang_up(client);
    stop(app);
}

static void a_stream_ends_when_its_client_goes_or_does_not_read(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){.body_ms = 100});
    struct client *gone = dial(app), *slow = dial(app), *other = dial(app);
    say(gone, GET("/endless"));
    assert_true(hear(gone));
    say(other, GET("/a"));
    expect_reply(other, 200, "/a"); /* others are served while it goes on */
    hang_up(gone);
    await(app, &app->streams_ended, 1);
    say(slow, GET("/endless"));
    await(app, &app->streams_ended, 2);
    hang_up(slow);
    hang_up(other);
    stop(app);
}

static void a_streamed_body_comes_in_bounded_pieces_between_turns(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){.body_limit = 16});
    struct client *client = dial(app);
    enum { PIECES = 64, PIECE = 100000 };
    static char piece[PIECE + 1];
    memset(piece, 'x', PIECE);
    say(client, POST("/stream", 6400000));
    for (int i = 0; i < PIECES; i++)
        say(client, piece);
    expect_reply(client, 200, "6400000");
    assert_true(app->most_chunk_bytes <= 64 << 10);
    assert_true(app->turns >= 6400000 / (64 << 10));
    say(client, GET("/next"));
    expect_reply(client, 200, "/next");
    hang_up(client);
    stop(app);
}

static void a_sink_may_answer_before_the_body_has_come(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    say(client, POST("/stream", 1000) "!bad");
    expect_reply(client, 422, "bad line");
    say(client, "more");
    expect_end(client);
    hang_up(client);
    assert_int_equal(app->aborted, 0);
    stop(app);
}

static void a_sink_is_told_when_its_client_goes(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    say(client, POST("/stream", 1000) "abc");
    hang_up(client);
    await(app, &app->aborted, 1);
    client = dial(app);
    say(client, "POST /stream HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                "3\r\nabc\r\nnonsense");
    expect_problem(client, 400, "syntax");
    await(app, &app->aborted, 2);
    hang_up(client);
    stop(app);
}

static void a_stop_finishes_what_is_in_flight(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *busy = dial(app), *idle = dial(app);
    say(idle, GET("/a"));
    expect_reply(idle, 200, "/a");
    say(busy, GET("/keep"));
    await(app, &app->kept_count, 1);
    http_server_stop(app->server);
    expect_end(idle);
    let_go(app);
    expect_reply(busy, 200, "kept");
    assert_non_null(strstr(busy->head, "Connection: close\r\n"));
    hang_up(busy);
    hang_up(idle);
    stop(app);
}

static void a_stop_does_not_wait_forever(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){.stop_ms = 20});
    struct client *client = dial(app);
    say(client, GET("/keep"));
    await(app, &app->kept_count, 1);
    http_server_stop(app->server);
    expect_end(client);
    hang_up(client);
    stop(app);
}

static void an_answer_cannot_be_split_by_a_line_break(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct client *client = dial(app);
    say(client, GET("/split"));
    expect_problem(client, 500, "internal");
    assert_null(strstr(client->head, "X-Evil"));
    hang_up(client);
    stop(app);
}

static void only_names_of_the_list_are_answered_for(void **state)
{
    (void)state;
    str names[] = {STR("vern.example"), STR("[::1]")};
    struct app *app = start((struct http_config){.hosts = names, .host_count = 2});
    struct client *client = dial(app);
    say(client, "GET /a HTTP/1.1\r\nHost: VERN.example:8080\r\n\r\n");
    expect_reply(client, 200, "/a");
    say(client, "GET /b HTTP/1.1\r\nHost: [::1]\r\n\r\n");
    expect_reply(client, 200, "/b");
    hang_up(client);
    expect_refusal(app, GET("/"), 421, "misdirected");
    expect_refusal(app, "GET / HTTP/1.1\r\nHost: vern.example:x\r\n\r\n", 421, "misdirected");
    expect_refusal(app, "GET / HTTP/1.1\r\nHost: vern.example.evil.example\r\n\r\n", 421,
                   "misdirected");
    expect_refusal(app, "GET / HTTP/1.1\r\nHost:\r\n\r\n", 421, "misdirected");
    stop(app);
}

static void a_taken_port_and_a_bad_address_are_named(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    struct report report = {0};
    struct http_server *server = NULL;
    struct http_config taken = {.port = http_port(app->server), .handle = handle};
    status result = http_server_start(&taken, &report, &server);
    assert_int_equal(result.fault, FAULT_LOCKED);
    report = (struct report){0};
    struct http_config bad = {.address = "example", .handle = handle};
    result = http_server_start(&bad, &report, &server);
    assert_int_equal(result.fault, FAULT_USAGE);
    assert_null(server);
    stop(app);
}

static void hundreds_of_connections_are_served_side_by_side(void **state)
{
    (void)state;
    struct app *app = start((struct http_config){0});
    enum { COUNT = 400 };
    static struct client *clients[COUNT];
    for (int i = 0; i < COUNT; i++)
        clients[i] = dial(app);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < COUNT; i++)
            say(clients[i], GET("/hold"));
        for (int i = 0; i < COUNT; i++)
            expect_reply(clients[i], 200, "held");
    }
    for (int i = 0; i < COUNT; i++)
        hang_up(clients[i]);
    stop(app);
}

int main(void)
{
    alarm(120);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_say_that_they_are_private_and_are_kept_alive),
        cmocka_unit_test(pipelined_requests_share_a_turn_and_are_answered_in_order),
        cmocka_unit_test(what_comes_while_requests_are_handed_out_shares_their_turn),
        cmocka_unit_test(a_loop_that_does_not_come_round_ticks_and_rests_behind_a_full_turn),
        cmocka_unit_test(a_reply_that_waits_holds_back_those_behind_it),
        cmocka_unit_test(a_deep_pipeline_is_served_whole_in_bounded_depth),
        cmocka_unit_test(who_sends_a_thousand_requests_at_once_holds_up_nobody),
        cmocka_unit_test(a_reply_to_a_client_that_has_gone_is_dropped_safely),
        cmocka_unit_test(a_request_knows_who_sent_it_when_its_client_has_gone),
        cmocka_unit_test(a_client_that_shuts_its_side_still_gets_its_replies),
        cmocka_unit_test(bodies_are_handed_over_whole),
        cmocka_unit_test(head_is_answered_without_the_body),
        cmocka_unit_test(a_client_that_asks_first_is_told_to_go_on),
        cmocka_unit_test(an_early_refusal_reads_past_the_body_and_goes_on),
        cmocka_unit_test(what_is_malformed_is_refused_and_ends_the_connection),
        cmocka_unit_test(a_refusal_waits_for_the_replies_before_it),
        cmocka_unit_test(what_is_too_large_is_refused),
        cmocka_unit_test(unfinished_bodies_of_all_together_are_bounded),
        cmocka_unit_test(what_is_too_slow_is_refused_and_what_is_idle_is_closed),
        cmocka_unit_test(when_the_server_itself_is_late_nobody_who_was_in_time_is_let_go),
        cmocka_unit_test(a_client_that_does_not_read_is_closed),
        cmocka_unit_test(a_large_reply_arrives_whole),
        cmocka_unit_test(connections_are_limited_by_address_and_in_all),
        cmocka_unit_test(who_comes_to_a_crowded_server_waits_until_others_have_gone),
        cmocka_unit_test(a_reply_of_unknown_length_comes_in_chunks_and_the_connection_goes_on),
        cmocka_unit_test(an_old_client_gets_it_until_the_connection_ends),
        cmocka_unit_test(a_stream_that_breaks_shows_no_end),
        cmocka_unit_test(a_stream_ends_when_its_client_goes_or_does_not_read),
        cmocka_unit_test(a_streamed_body_comes_in_bounded_pieces_between_turns),
        cmocka_unit_test(a_sink_may_answer_before_the_body_has_come),
        cmocka_unit_test(a_sink_is_told_when_its_client_goes),
        cmocka_unit_test(a_stop_finishes_what_is_in_flight),
        cmocka_unit_test(a_stop_does_not_wait_forever),
        cmocka_unit_test(an_answer_cannot_be_split_by_a_line_break),
        cmocka_unit_test(only_names_of_the_list_are_answered_for),
        cmocka_unit_test(what_admission_found_is_there_for_its_own_request),
        cmocka_unit_test(what_nobody_waits_for_comes_when_the_replies_have_left),
        cmocka_unit_test(replies_leave_while_later_ones_are_still_made),
        cmocka_unit_test(a_taken_port_and_a_bad_address_are_named),
        cmocka_unit_test(hundreds_of_connections_are_served_side_by_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
