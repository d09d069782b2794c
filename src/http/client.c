#include <arpa/inet.h>
#include <errno.h>
#include <llhttp.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include "client.h"
#include "parse_internal.h"

enum { CHUNK_BYTES = 64 << 10, READ_STEP = 16 << 10, TIMEOUT_MS = 30000 };

struct http_client {
    struct sockaddr_storage address;
    socklen_t address_length;
    char host[64]; /* for the Host header */
    uint64_t timeout_ms;
    int socket; /* -1: not connected */
    struct bytes out;
};

/* ---- the socket ---- */

static void disconnect(struct http_client *client)
{
    if (client->socket >= 0)
        close(client->socket);
    client->socket = -1;
}

static status unreachable(const char *what, struct report *report)
{
    return fail(report, FAULT_STORE, "%s: %s", what, strerror(errno));
}

static status connect_now(struct http_client *client, struct report *report)
{
    client->socket = socket(client->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->socket < 0)
        return unreachable("no socket", report);
    struct timeval wait = {.tv_sec = (time_t)(client->timeout_ms / 1000),
                           .tv_usec = (suseconds_t)(client->timeout_ms % 1000 * 1000)};
    int on = 1;
    setsockopt(client->socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    setsockopt(client->socket, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(client->socket, (struct sockaddr *)&client->address, client->address_length) == 0)
        return OK;
    status result = unreachable("the server cannot be reached", report);
    disconnect(client);
    return result;
}

/* A kept connection that the server has closed shows its end, or what was never asked for. */
static status ensure_connected(struct http_client *client, struct report *report)
{
    char byte;
    if (client->socket >= 0 && (recv(client->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
                                (errno != EAGAIN && errno != EWOULDBLOCK)))
        disconnect(client);
    return client->socket >= 0 ? OK : connect_now(client, report);
}

/* False when the server stopped listening; it may still have answered. */
static bool send_all(struct http_client *client, str text)
{
    while (text.len > 0) {
        ssize_t sent = send(client->socket, text.ptr, text.len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        text = str_slice(text, (size_t)sent, text.len);
    }
    return true;
}

static bool parse_address(const char *address, uint16_t port, struct http_client *client)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    bool is_six = inet_pton(AF_INET6, address, &six.sin6_addr) == 1;
    if (!is_six && inet_pton(AF_INET, address, &four.sin_addr) != 1)
        return false;
    client->address_length = is_six ? sizeof(six) : sizeof(four);
    memcpy(&client->address, is_six ? (void *)&six : (void *)&four, client->address_length);
    struct buf host = buf_over(client->host, sizeof(client->host));
    buf_format(&host, is_six ? "[%s]:%u" : "%s:%u", address, port);
    buf_char(&host, '\0');
    return !host.full;
}

status http_client_open(const char *address, uint16_t port, uint64_t timeout_ms,
                        struct report *report, struct http_client **client)
{
    struct http_client *made = calloc(1, sizeof(*made));
    if (made == NULL)
        abort();
    made->socket = -1;
    made->timeout_ms = timeout_ms != 0 ? timeout_ms : TIMEOUT_MS;
    status result = parse_address(address, port, made)
                        ? connect_now(made, report)
                        : fail(report, FAULT_USAGE, "the server's address is not numeric");
    if (!is_ok(result))
        http_client_close(&made);
    *client = made;
    return result;
}

void http_client_close(struct http_client **client)
{
    if (*client == NULL)
        return;
    disconnect(*client);
    bytes_free(&(*client)->out);
    free(*client);
    *client = NULL;
}

/* ---- sending ---- */

static void add_field(struct bytes *out, str name, str value)
{
    bytes_add(out, name);
    bytes_add(out, STR(": "));
    bytes_add(out, value);
    bytes_add(out, STR("\r\n"));
}

static bool has_line_break(str text)
{
    return text.len > 0 &&
           (memchr(text.ptr, '\r', text.len) != NULL || memchr(text.ptr, '\n', text.len) != NULL);
}

static bool is_method(const char *method)
{
    size_t length = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return length > 0 && method[length] == '\0';
}

static bool is_target(str target)
{
    bool good = target.len > 0;
    for (size_t i = 0; i < target.len; i++)
        good = good && target.ptr[i] > 0x20 && target.ptr[i] < 0x7f;
    return good;
}

static status check_call(const struct http_call *call, struct report *report)
{
    bool bad =
        !is_method(call->method) || !is_target(call->target) || has_line_break(call->content_type);
    for (size_t i = 0; i < call->field_count; i++)
        bad = bad || has_line_break(call->fields[i].name) || has_line_break(call->fields[i].value);
    return bad ? fail(report, FAULT_USAGE, "a header or the target of the request is malformed")
               : OK;
}

static void write_head(struct http_client *client, const struct http_call *call)
{
    struct bytes *out = &client->out;
    out->len = 0;
    bytes_add(out, str_from(call->method));
    bytes_add(out, STR(" "));
    bytes_add(out, call->target);
    bytes_add(out, STR(" HTTP/1.1\r\n"));
    add_field(out, STR("Host"), str_from(client->host));
    if (call->content_type.len > 0)
        add_field(out, STR("Content-Type"), call->content_type);
    for (size_t i = 0; i < call->field_count; i++)
        add_field(out, call->fields[i].name, call->fields[i].value);
    char number[24];
    struct buf length = buf_over(number, sizeof(number));
    buf_u64(&length, call->body.len);
    bool bodiless = call->body.len == 0 &&
                    (strcmp(call->method, "GET") == 0 || strcmp(call->method, "HEAD") == 0);
    if (call->more != NULL)
        add_field(out, STR("Transfer-Encoding"), STR("chunked"));
    else if (!bodiless)
        add_field(out, STR("Content-Length"), buf_str(&length));
    bytes_add(out, STR("\r\n"));
}

static bool send_chunks(struct http_client *client, const struct http_call *call)
{
    enum { PREFIX = 16 };
    struct bytes *out = &client->out;
    for (;;) {
        out->len = 0;
        bytes_reserve(out, PREFIX + CHUNK_BYTES + 2);
        size_t count = call->more(call->self, out->ptr + PREFIX, CHUNK_BYTES);
        if (count == 0)
            return send_all(client, STR("0\r\n\r\n"));
        struct buf prefix = buf_over(out->ptr, PREFIX);
        buf_format(&prefix, "%x\r\n", (unsigned)count);
        memcpy(out->ptr + PREFIX + count, "\r\n", 2);
        if (!send_all(client, buf_str(&prefix)) ||
            !send_all(client, (str){out->ptr + PREFIX, count + 2}))
            return false;
    }
}

static bool send_call(struct http_client *client, const struct http_call *call)
{
    write_head(client, call);
    if (call->more == NULL)
        bytes_add(&client->out, call->body);
    return send_all(client, (str){client->out.ptr, client->out.len}) &&
           (call->more == NULL || send_chunks(client, call));
}

/* ---- receiving ---- */

struct receiving {
    struct arena *arena;
    const struct http_call *call;
    struct http_response *response;
    LIST(struct http_field) fields;
    struct buf text; /* of the name or value that is being read */
    struct buf body;
    bool head_method, complete, keep_alive, memory_out;
};

static int on_name(llhttp_t *parser, const char *at, size_t length)
{
    struct receiving *receiving = parser->data;
    buf_add(&receiving->text, (str){at, length});
    receiving->memory_out = receiving->memory_out || receiving->text.full;
    return receiving->memory_out ? -1 : 0;
}

static str take_text(struct receiving *receiving)
{
    str text = buf_str(&receiving->text);
    receiving->memory_out = receiving->memory_out || receiving->text.full;
    receiving->text = buf_in(receiving->arena, LIMIT_HEADER_BYTES);
    return text.ptr == NULL ? STR("") : text;
}

static int on_name_end(llhttp_t *parser)
{
    struct receiving *receiving = parser->data;
    struct http_field *field = LIST_ADD(receiving->arena, &receiving->fields);
    if (field == NULL || receiving->fields.count > LIMIT_HEADER_FIELDS) {
        receiving->memory_out = true;
        return -1;
    }
    field->name = take_text(receiving);
    field->value = STR("");
    return 0;
}

static int on_value_end(llhttp_t *parser)
{
    struct receiving *receiving = parser->data;
    receiving->fields.at[receiving->fields.count - 1].value = str_trim(take_text(receiving));
    return receiving->memory_out ? -1 : 0;
}

static int on_head_end(llhttp_t *parser)
{
    struct receiving *receiving = parser->data;
    if (parser->status_code < 200)
        receiving->fields.count = 0;
    return receiving->head_method ? 1 : 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t length)
{
    struct receiving *receiving = parser->data;
    if (receiving->call->take != NULL && parser->status_code == 200) {
        receiving->call->take(receiving->call->taker, (str){at, length});
        return 0;
    }
    buf_add(&receiving->body, (str){at, length});
    receiving->memory_out = receiving->body.full;
    return receiving->memory_out ? -1 : 0;
}

/* 100 Continue and its like are not the answer. */
static int on_end(llhttp_t *parser)
{
    struct receiving *receiving = parser->data;
    if (parser->status_code < 200)
        return 0;
    receiving->complete = true;
    receiving->keep_alive = llhttp_should_keep_alive(parser);
    receiving->response->code = parser->status_code;
    return HPE_PAUSED;
}

static const llhttp_settings_t response_settings = {
    .on_header_field = on_name,
    .on_header_field_complete = on_name_end,
    .on_header_value = on_name,
    .on_header_value_complete = on_value_end,
    .on_headers_complete = on_head_end,
    .on_body = on_body,
    .on_message_complete = on_end,
};

static status receive_step(struct http_client *client, llhttp_t *parser, struct report *report)
{
    struct receiving *receiving = parser->data;
    char memory[READ_STEP];
    ssize_t count = recv(client->socket, memory, sizeof(memory), 0);
    if (count < 0 && errno == EINTR)
        return OK;
    if (count < 0)
        return unreachable("the server did not answer", report);
    if (count == 0) {
        llhttp_finish(parser); /* a body without length ends here, and only then this completes */
        if (receiving->complete)
            return OK;
        return fail(report, FAULT_STORE, "the server closed the connection before its answer");
    }
    llhttp_errno_t error = llhttp_execute(parser, memory, (size_t)count);
    if (receiving->memory_out)
        return fail(report, FAULT_LIMIT, "the server's answer is too large");
    if (error != HPE_OK && !(error == HPE_PAUSED && receiving->complete))
        return fail(report, FAULT_SYNTAX, "the server's answer is not HTTP");
    return OK;
}

static status receive(struct http_client *client, struct receiving *receiving,
                      struct report *report)
{
    llhttp_t parser;
    llhttp_init(&parser, HTTP_RESPONSE, &response_settings);
    parser.data = receiving;
    receiving->text = buf_in(receiving->arena, LIMIT_HEADER_BYTES);
    receiving->body = buf_in(receiving->arena, SIZE_MAX / 2);
    while (!receiving->complete)
        TRY(receive_step(client, &parser, report));
    struct http_response *response = receiving->response;
    response->fields = receiving->fields.at;
    response->field_count = receiving->fields.count;
    response->body = buf_str(&receiving->body);
    if (response->body.ptr == NULL)
        response->body = STR("");
    response->content_type = http_response_header(response, "content-type");
    return OK;
}

status http_client_call(struct http_client *client, const struct http_call *call,
                        struct arena *arena, struct report *report, struct http_response *response)
{
    TRY(check_call(call, report));
    TRY(ensure_connected(client, report));
    struct receiving receiving = {.arena = arena,
                                  .call = call,
                                  .response = response,
                                  .head_method = strcmp(call->method, "HEAD") == 0};
    bool sent = send_call(client, call);
    status result = receive(client, &receiving, report);
    if (!is_ok(result) || !sent || !receiving.keep_alive)
        disconnect(client);
    return result;
}

str http_response_header(const struct http_response *response, const char *name)
{
    struct http_request fields = {.fields = response->fields, .field_count = response->field_count};
    return http_header(&fields, name);
}
