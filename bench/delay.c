/* A wire of a given length: passes on what comes, each way so many microseconds later.
 *
 *   delay MICROSECONDS FROM_PORT TO_PORT COUNT_FILE     both on the loopback
 *
 * The length is added to whatever is under way, so that much may be: a round trip takes twice as
 * long, and nothing else does. Into COUNT_FILE goes, now and then, how many there were: a client of
 * PostgreSQL waits for what it asked before a Sync, or in a simple query. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WIRES_MOST = 64, ROOM = 64 << 10, COUNT_MS = 50 };

struct piece {
    struct piece *next;
    int64_t due;
    size_t len, gone;
    unsigned char bytes[];
};

/* One direction. */
struct way {
    struct piece *first, **end;
};

struct wire {
    int ends[2]; /* of the client, of the server; -1: no wire */
    struct way ways[2];
    unsigned char head[5]; /* of the client's message: its letter, its length; */
    size_t has, left;      /* so much of the head, and so many bytes behind it */
    bool started;          /* the first messages of all bear no letter */
};

static struct wire wires[WIRES_MOST];
static uint64_t trips;
static int64_t length;

__attribute__((noreturn)) static void stop(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t number(const char *text)
{
    return strtoll(text, NULL, 10);
}

static int64_t now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static void at_once(int socket)
{
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void hang_up(struct wire *wire)
{
    for (int i = 0; i < 2; i++) {
        close(wire->ends[i]);
        wire->ends[i] = -1;
        for (struct piece *at = wire->ways[i].first, *next; at != NULL; at = next) {
            next = at->next;
            free(at);
        }
        wire->ways[i].first = NULL;
    }
}

static void call(int listener, uint16_t port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int client = accept(listener, NULL, NULL), server = socket(AF_INET, SOCK_STREAM, 0);
    size_t i = 0;
    while (i < WIRES_MOST && wires[i].ends[0] >= 0)
        i++;
    if (client < 0 || i == WIRES_MOST || connect(server, (struct sockaddr *)&to, sizeof(to)) != 0)
        stop("call");
    at_once(client);
    at_once(server);
    wires[i] = (struct wire){.ends = {client, server}, .has = 1};
}

static void count_trips(struct wire *wire, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t skips = wire->left < len - i ? wire->left : len - i;
        wire->left -= skips;
        i += skips;
        if (i == len)
            return;
        wire->head[wire->has++] = bytes[i++];
        if (wire->has < sizeof(wire->head))
            continue;
        size_t length_said = (size_t)wire->head[1] << 24 | (size_t)wire->head[2] << 16 |
                             (size_t)wire->head[3] << 8 | wire->head[4];
        trips += wire->started && (wire->head[0] == 'S' || wire->head[0] == 'Q');
        wire->left = length_said - 4;
        wire->started |= length_said > 8; /* it asks for TLS first */
        wire->has = wire->started ? 0 : 1;
    }
}

/* What came; false when its end hangs up, and nothing is on its way. */
static bool take(struct wire *wire, int from)
{
    struct way *way = &wire->ways[from];
    struct piece *piece = malloc(sizeof(*piece) + ROOM);
    if (piece == NULL)
        abort();
    ssize_t got = recv(wire->ends[from], piece->bytes, ROOM, MSG_DONTWAIT);
    if (got <= 0) {
        free(piece);
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    if (from == 0)
        count_trips(wire, piece->bytes, (size_t)got);
    *piece = (struct piece){.due = now() + length, .len = (size_t)got};
    if (way->first == NULL)
        way->end = &way->first;
    *way->end = piece;
    way->end = &piece->next;
    return true;
}

/* What is due; false when the other end has hung up. */
static bool give(struct wire *wire, int from, int64_t time, int64_t *next)
{
    struct way *way = &wire->ways[from];
    while (way->first != NULL && way->first->due <= time) {
        struct piece *piece = way->first;
        ssize_t put = send(wire->ends[1 - from], piece->bytes + piece->gone,
                           piece->len - piece->gone, MSG_NOSIGNAL);
        if (put < 0)
            return false;
        piece->gone += (size_t)put;
        if (piece->gone < piece->len)
            continue;
        way->first = piece->next;
        free(piece);
    }
    if (way->first != NULL && way->first->due < *next)
        *next = way->first->due;
    return true;
}

static void write_count(const char *path)
{
    char other[4096];
    snprintf(other, sizeof(other), "%s.new", path);
    FILE *file = fopen(other, "we");
    if (file == NULL || fprintf(file, "%llu\n", (unsigned long long)trips) < 0 ||
        fclose(file) != 0 || rename(other, path) != 0)
        stop(path);
}

static int listen_at(uint16_t port)
{
    struct sockaddr_in here = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&here, sizeof(here)) != 0 || listen(listener, 64) != 0)
        stop("listen");
    return listener;
}

/* Gives what is due, and waits until more is, or something comes. */
static void wait_for_more(struct pollfd at[2 * WIRES_MOST + 1])
{
    int64_t time = now(), next = time + COUNT_MS * 1000;
    for (size_t i = 0; i < WIRES_MOST; i++) {
        struct wire *wire = &wires[i];
        if (wire->ends[0] >= 0 && (!give(wire, 0, time, &next) || !give(wire, 1, time, &next)))
            hang_up(wire);
        for (size_t j = 0; j < 2; j++)
            at[2 * i + j + 1] = (struct pollfd){.fd = wire->ends[j], .events = POLLIN};
    }
    int64_t left = next - now();
    struct timespec wait = {.tv_nsec = left > 0 ? left * 1000 : 0};
    if (ppoll(at, 2 * WIRES_MOST + 1, &wait, NULL) < 0 && errno != EINTR)
        stop("poll");
}

int main(int count, char **words)
{
    struct pollfd at[2 * WIRES_MOST + 1];
    int64_t counted = 0;
    if (count != 5)
        return 64;
    length = number(words[1]);
    at[0] = (struct pollfd){.fd = listen_at((uint16_t)number(words[2])), .events = POLLIN};
    for (size_t i = 0; i < WIRES_MOST; i++)
        wires[i].ends[0] = wires[i].ends[1] = -1;
    for (;;) {
        if (now() - counted >= COUNT_MS * 1000) {
            write_count(words[4]);
            counted = now();
        }
        wait_for_more(at);
        if (at[0].revents != 0)
            call(at[0].fd, (uint16_t)number(words[3]));
        for (size_t i = 0; i < 2 * WIRES_MOST; i++)
            if (at[i + 1].revents != 0 && wires[i / 2].ends[0] >= 0 &&
                !take(&wires[i / 2], (int)(i % 2)))
                hang_up(&wires[i / 2]);
    }
}
