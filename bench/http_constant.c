/* The constant reply: what the HTTP layer costs with nothing behind it. Every ratio of `bench http`
 * is taken against this program.
 *
 *   http_constant PORT BODY_BYTES [held]
 *
 * With "held" the replies are given in batch_end(), as those of the real server are. Ends on
 * SIGTERM or SIGINT and then says how many requests shared a turn. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "http.h"
#include "limits.h"

enum { HELD_MOST = 1 << 16 };

struct bench {
    str body;
    bool hold;
    struct http_reply *held[HELD_MOST];
    size_t held_count;
    uint64_t requests, turns;
};

static struct http_server *running;

static void on_signal(int number)
{
    (void)number;
    http_server_stop(running);
}

static void answer(struct bench *bench, struct http_reply *reply)
{
    http_answer(reply, 200, STR("application/json"), NULL, 0, bench->body);
}

static void handle(void *self, const struct http_request *request, struct http_reply *reply)
{
    (void)request;
    struct bench *bench = self;
    bench->requests++;
    if (bench->hold && bench->held_count < HELD_MOST) {
        bench->held[bench->held_count++] = reply;
        return;
    }
    answer(bench, reply);
}

static void batch_end(void *self)
{
    struct bench *bench = self;
    bench->turns++;
    for (size_t i = 0; i < bench->held_count; i++)
        answer(bench, bench->held[i]);
    bench->held_count = 0;
}

static int serve(struct bench *bench, uint16_t port)
{
    struct report report = {0};
    struct http_config config = {
        .port = port, .self = bench, .handle = handle, .batch_end = batch_end};
    if (!is_ok(http_server_start(&config, &report, &running))) {
        fprintf(stderr, "%s\n", report.text);
        return fault_exit(report.fault);
    }
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    printf("http://127.0.0.1:%u/\n", http_port(running));
    fflush(stdout);
    http_server_run(running);
    http_server_free(&running);
    printf("%llu requests, %.1f a turn\n", (unsigned long long)bench->requests,
           bench->turns == 0 ? 0.0 : (double)bench->requests / (double)bench->turns);
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t port = 0, size = 0;
    if (argc < 3 || !str_to_u64(str_from(argv[1]), &port) || port > UINT16_MAX ||
        !str_to_u64(str_from(argv[2]), &size) || size > LIMIT_BODY_BYTES) {
        fprintf(stderr, "usage: http_constant PORT BODY_BYTES [held]\n");
        return 64;
    }
    static struct bench bench;
    char *body = malloc(size + 1);
    if (body == NULL)
        return 70;
    memset(body, 'x', size);
    bench.body = (str){body, size};
    bench.hold = argc > 3 && strcmp(argv[3], "held") == 0;
    int code = serve(&bench, (uint16_t)port);
    free(body);
    return code;
}
