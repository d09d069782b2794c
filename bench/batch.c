/* bench batch: reads of the same people one by one, 64 in a pipeline, and as one batch.
 *
 *   bench_batch PORT TOKEN IDS SERVER_PID       run by bench/batch, which makes the register
 *
 * IDS is a file of ids, one a line. All rows come from one run: wall time as the client sees it,
 * and the server's own processor time. Each way is run ROUNDS times; the table gives the medians.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base.h"

enum { PEOPLE_MOST = 65536, ROUNDS = 5, DEPTH = 64, ROOM = 1 << 20, REQUEST = 512, TICKS = 100 };

static char ids[PEOPLE_MOST][ID_TEXT + 1];
static size_t people;
static const char *token;
static int pid, connection;
static char room[ROOM];

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "bench batch: %s\n", what);
    exit(1);
}

/* The server's processor time so far, in seconds. */
static double server_cpu(void)
{
    char path[64];
    long long user = 0, system_ = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL ||
        fscanf(file, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld", &user,
               &system_) != 2)
        give_up("no server");
    fclose(file);
    return (double)(user + system_) / TICKS;
}

static void read_ids(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        give_up("no ids");
    while (people < PEOPLE_MOST && fscanf(file, "%22s", ids[people]) == 1)
        people++;
    fclose(file);
}

static void dial(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection, (struct sockaddr *)&address, sizeof(address)) != 0)
        give_up("the server cannot be reached");
}

static void say(const char *text, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(connection, text, length, MSG_NOSIGNAL);
        if (sent <= 0)
            give_up("the server has gone");
        text += sent;
        length -= (size_t)sent;
    }
}

/* Reads until `count` answers have come that end with `mark`. */
static void hear(const char *mark, size_t count)
{
    size_t held = 0, long_ = strlen(mark);
    while (count > 0) {
        ssize_t got = recv(connection, room + held, sizeof(room) - held, 0);
        if (got <= 0)
            give_up("an answer is cut");
        size_t end = held + (size_t)got, from = 0;
        char *at;
        while (count > 0 && (at = memmem(room + from, end - from, mark, long_)) != NULL) {
            from = (size_t)(at - room) + long_;
            count--;
        }
        held = end - from < long_ ? end - from : long_ - 1;
        memmove(room, room + end - held, held);
    }
}

static void write_head(struct buf *buf, const char *target, size_t length)
{
    buf_format(buf,
               "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
               "X-Vern-Controller: confect\r\nContent-Type: application/json\r\n"
               "Content-Length: %zu\r\n\r\n",
               target, token, length);
}

static void read_by(size_t depth)
{
    static const char body[] = "{\"purpose\":\"recruitment\"}";
    char text[DEPTH * REQUEST], target[64];
    for (size_t i = 0; i < people;) {
        struct buf buf = buf_over(text, sizeof(text));
        size_t count = 0;
        for (; count < depth && i < people; count++, i++) {
            (void)snprintf(target, sizeof(target), "/v1/subjects/%s/read", ids[i]);
            write_head(&buf, target, sizeof(body) - 1);
            buf_text(&buf, body);
        }
        say(buf.ptr, buf.len);
        hear("}]}\n", count);
    }
}

static void read_one_by_one(void)
{
    read_by(1);
}

static void read_in_a_pipeline(void)
{
    read_by(DEPTH);
}

static void read_as_a_batch(void)
{
    static char text[PEOPLE_MOST * (ID_TEXT + 3) + 64];
    char head[REQUEST];
    struct buf body = buf_over(text, sizeof(text)), first = buf_over(head, sizeof(head));
    buf_text(&body, "{\"purpose\":\"recruitment\",\"subjects\":[");
    for (size_t i = 0; i < people; i++)
        buf_format(&body, "%s\"%s\"", i == 0 ? "" : ",", ids[i]);
    buf_text(&body, "]}");
    write_head(&first, "/v1/batch/read", body.len);
    say(first.ptr, first.len);
    say(body.ptr, body.len);
    hear("\r\n0\r\n\r\n", 1);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *what, void (*run)(void), double *first)
{
    double wall[ROUNDS], cpu = server_cpu();
    for (int i = 0; i < ROUNDS; i++) {
        double from = now_s();
        run();
        wall[i] = now_s() - from;
    }
    cpu = (server_cpu() - cpu) / ROUNDS;
    qsort(wall, ROUNDS, sizeof(wall[0]), compare);
    double each = wall[ROUNDS / 2] * 1e6 / (double)people;
    if (*first == 0)
        *first = each;
    printf("| %-24s | %8zu | %10.1f | %10.1f | %6.2f |\n", what, people, each,
           cpu * 1e6 / (double)people, *first / each);
}

int main(int count, char **words)
{
    if (count != 5)
        give_up("PORT TOKEN IDS SERVER_PID");
    token = words[2];
    pid = (int)strtol(words[4], NULL, 10);
    read_ids(words[3]);
    dial((int)strtol(words[1], NULL, 10));
    read_in_a_pipeline(); /* warm */
    double first = 0;
    printf("| %-24s | %8s | %10s | %10s | %6s |\n|---|---:|---:|---:|---:|\n", "reads of", "people",
           "us each", "cpu us each", "ratio");
    measure("one by one", read_one_by_one, &first);
    measure("64 in a pipeline", read_in_a_pipeline, &first);
    measure("one batch", read_as_a_batch, &first);
    return 0;
}
