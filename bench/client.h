/* client: HTTP for the benchmarks: one connection, requests in a pipeline, answers in their order.
 *
 *   client_dial(&c, port, token);  client_ask(&c, "POST", path, body) ...  client_send(&c);
 *   client_answer(&c, &answer) ...
 *
 * What cannot go on ends the program. Memory: an answer lives until the next. Threads: one.
 */
#ifndef VERN_BENCH_CLIENT_H
#define VERN_BENCH_CLIENT_H
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"

struct client {
    int fd;
    const char *token, *controller;
    char *out, *in, *whole;
    size_t out_length, out_room, in_length, in_room, in_from, whole_room;
};
struct answer {
    int code;
    char *body; /* ends in a NUL */
    size_t length;
};

static inline void *client_room(void *memory, size_t *room, size_t need)
{
    if (need <= *room)
        return memory;
    *room = need * 2;
    memory = realloc(memory, *room);
    BENCH_MUST(memory != NULL, "no memory");
    return memory;
}

static inline int client_socket(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    BENCH_MUST(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0,
               "no server at port %d", port);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    return fd;
}

static inline void client_dial(struct client *client, int port, const char *token)
{
    *client = (struct client){.fd = client_socket(port), .token = token};
}

static inline void client_close(struct client *client)
{
    close(client->fd);
    free(client->out);
    free(client->in);
    free(client->whole);
}

/* Adds a request to those that client_send() sends. `body` may be NULL. */
static inline void client_ask(struct client *client, const char *method, const char *path,
                              const char *body)
{
    size_t length = body == NULL ? 0 : strlen(body), room = strlen(path) + 1024;
    bool named = client->controller != NULL;
    client->out = client_room(client->out, &client->out_room, client->out_length + length + room);
    int head = snprintf(client->out + client->out_length, room,
                        "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n%s%s%s"
                        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                        method, path, client->token, named ? "X-Vern-Controller: " : "",
                        named ? client->controller : "", named ? "\r\n" : "", length);
    BENCH_MUST(head > 0 && (size_t)head < room, "a head is too long");
    client->out_length += (size_t)head;
    if (body != NULL)
        memcpy(client->out + client->out_length, body, length);
    client->out_length += length;
}

static inline void client_send(struct client *client)
{
    for (size_t from = 0; from < client->out_length;) {
        ssize_t sent =
            send(client->fd, client->out + from, client->out_length - from, MSG_NOSIGNAL);
        BENCH_MUST(sent > 0, "the server has gone");
        from += (size_t)sent;
    }
    client->out_length = 0;
}

static inline void client_more(struct client *client)
{
    if (client->in_from > 0) {
        memmove(client->in, client->in + client->in_from, client->in_length - client->in_from);
        client->in_length -= client->in_from;
        client->in_from = 0;
    }
    client->in = client_room(client->in, &client->in_room, client->in_length + 65536);
    ssize_t got = recv(client->fd, client->in + client->in_length, 65536 - 1, 0);
    BENCH_MUST(got > 0, "an answer is cut");
    client->in_length += (size_t)got;
    client->in[client->in_length] = '\0';
}

/* Reads on until `mark` is there, from `from` bytes behind what was taken; gives its place. */
static inline size_t client_until(struct client *client, size_t from, const char *mark)
{
    for (;;) {
        size_t have = client->in_length - client->in_from;
        if (have > from) {
            char *start = client->in + client->in_from;
            char *at = memmem(start + from, have - from, mark, strlen(mark));
            if (at != NULL)
                return (size_t)(at - start);
        }
        client_more(client);
    }
}

static inline void client_need(struct client *client, size_t bytes)
{
    while (client->in_length - client->in_from < bytes)
        client_more(client);
}

static inline void client_chunks(struct client *client, size_t at, struct answer *answer)
{
    for (;;) {
        size_t line = client_until(client, at, "\r\n");
        size_t size = strtoul(client->in + client->in_from + at, NULL, 16);
        client_need(client, line + 2 + size + 2);
        client->whole = client_room(client->whole, &client->whole_room, answer->length + size + 1);
        memcpy(client->whole + answer->length, client->in + client->in_from + line + 2, size);
        answer->length += size;
        at = line + 2 + size + 2;
        if (size == 0)
            break;
    }
    client->in_from += at;
    client->whole[answer->length] = '\0';
    answer->body = client->whole;
}

static inline void client_answer(struct client *client, struct answer *answer)
{
    size_t head = client_until(client, 0, "\r\n\r\n") + 4;
    char *start = client->in + client->in_from;
    *answer = (struct answer){.code = (int)strtol(start + 9, NULL, 10)};
    start[head - 2] = '\0';
    const char *length = strcasestr(start, "\r\ncontent-length:");
    if (length == NULL) {
        client_chunks(client, head, answer);
        return;
    }
    answer->length = strtoul(length + 17, NULL, 10);
    client_need(client, head + answer->length);
    client->whole = client_room(client->whole, &client->whole_room, answer->length + 1);
    memcpy(client->whole, client->in + client->in_from + head, answer->length);
    client->whole[answer->length] = '\0';
    client->in_from += head + answer->length;
    answer->body = client->whole;
}

/* The text of the first member of this name from `from` on; false where there is none. */
static inline bool json_member(const char *from, const char *name, char *text, size_t room)
{
    char mark[64];
    (void)snprintf(mark, sizeof(mark), "\"%s\":\"", name);
    const char *at = from == NULL ? NULL : strstr(from, mark);
    if (at == NULL)
        return false;
    at += strlen(mark);
    size_t length = strcspn(at, "\"");
    if (length >= room)
        return false;
    memcpy(text, at, length);
    text[length] = '\0';
    return true;
}
#endif
