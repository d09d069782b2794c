#include "postgres_proxy.h"
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { ROOM = 256 << 10 };

/* One direction: what has come and was not passed on. */
struct way {
    int from, to;
    bool started; /* the first message of a client bears no letter */
    unsigned char bytes[ROOM];
    size_t len;
};

struct postgres_proxy {
    int listener, wake[2];
    char socket_path[108];
    pthread_t thread;
    pthread_mutex_t lock;
    enum cut cut;
    unsigned at, count;
    bool has_cut, silent;
    struct way asked, answered;
};

__attribute__((noreturn)) static void stop(const char *what)
{
    perror(what);
    exit(1);
}

static void hang_up(struct postgres_proxy *proxy)
{
    if (proxy->asked.from >= 0) {
        close(proxy->asked.from);
        close(proxy->asked.to);
    }
    proxy->asked.from = proxy->asked.to = proxy->answered.from = proxy->answered.to = -1;
}

static void take_call(struct postgres_proxy *proxy)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int client = accept(proxy->listener, NULL, NULL);
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(to.sun_path, sizeof(to.sun_path), "%s", proxy->socket_path);
    hang_up(proxy);
    if (client < 0 || connect(server, (const struct sockaddr *)&to, sizeof(to)) != 0) {
        close(client);
        close(server);
        return;
    }
    proxy->asked = (struct way){.from = client, .to = server};
    proxy->answered = (struct way){.from = server, .to = client, .started = true};
}

/* How long the first message is, 0 while that is not known. */
static size_t message_bytes(const struct way *way)
{
    size_t head = way->started ? 1 : 0;
    uint32_t size;
    if (way->len < head + sizeof(size))
        return 0;
    memcpy(&size, way->bytes + head, sizeof(size));
    return head + ntohl(size);
}

static bool pass(struct way *way, size_t count)
{
    size_t sent = 0;
    while (sent < count) {
        ssize_t now = send(way->to, way->bytes + sent, count - sent, MSG_NOSIGNAL);
        if (now <= 0)
            return false;
        sent += (size_t)now;
    }
    memmove(way->bytes, way->bytes + count, way->len - count);
    way->len -= count;
    return true;
}

/* Is this message the one to cut at? */
static bool is_the_one(struct postgres_proxy *proxy, bool answers)
{
    pthread_mutex_lock(&proxy->lock);
    bool counts =
        !proxy->silent && proxy->cut != CUT_NOWHERE && (proxy->cut == CUT_ANSWERED) == answers;
    bool it = counts && ++proxy->count == proxy->at;
    proxy->has_cut |= it;
    pthread_mutex_unlock(&proxy->lock);
    return it;
}

static bool is_silent(struct postgres_proxy *proxy)
{
    pthread_mutex_lock(&proxy->lock);
    bool silent = proxy->silent;
    pthread_mutex_unlock(&proxy->lock);
    return silent;
}

/* False when the line is to be hung up. A message that is longer than the room goes on in parts. */
static bool pass_messages(struct postgres_proxy *proxy, struct way *way)
{
    size_t size;
    while ((size = message_bytes(way)) != 0 && size <= way->len) {
        bool first = !way->started;
        bool cut = !first && is_the_one(proxy, way == &proxy->answered);
        way->started = true;
        if (is_silent(proxy))
            return true;
        if (cut && proxy->cut == CUT_HEARD)
            (void)pass(way, size);
        if (cut || !pass(way, size))
            return false;
    }
    return true;
}

/* What is said into a silence is lost, its end too. */
static void serve(struct postgres_proxy *proxy, struct way *way)
{
    ssize_t got = read(way->from, way->bytes + way->len, ROOM - way->len);
    if (got > 0 && is_silent(proxy))
        return;
    if (got > 0)
        way->len += (size_t)got;
    if (got <= 0 || !pass_messages(proxy, way))
        hang_up(proxy);
}

/* After a silence what was lost cannot be said again: the lines end. False when it is to stop. */
static bool woken(struct postgres_proxy *proxy)
{
    char why;
    if (read(proxy->wake[0], &why, 1) != 1 || why == 'x')
        return false;
    hang_up(proxy);
    return true;
}

static void *run(void *self)
{
    struct postgres_proxy *proxy = self;
    for (;;) {
        struct pollfd at[] = {{proxy->wake[0], POLLIN, 0},
                              {proxy->listener, POLLIN, 0},
                              {proxy->asked.from, POLLIN, 0},
                              {proxy->answered.from, POLLIN, 0}};
        if (poll(at, 4, -1) <= 0)
            continue;
        if (at[0].revents != 0 && !woken(proxy))
            return NULL;
        if (at[2].revents != 0)
            serve(proxy, &proxy->asked);
        if (at[3].revents != 0 && proxy->answered.from >= 0)
            serve(proxy, &proxy->answered);
        if (at[1].revents != 0)
            take_call(proxy);
    }
}

struct postgres_proxy *postgres_proxy_start(const struct postgres_server *server,
                                            char address[POSTGRES_ADDRESS_ROOM])
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(here);
    struct postgres_proxy *proxy = calloc(1, sizeof(*proxy));
    if (proxy == NULL || pipe(proxy->wake) != 0)
        stop("proxy");
    proxy->asked.from = proxy->answered.from = -1;
    snprintf(proxy->socket_path, sizeof(proxy->socket_path), "%s/.s.PGSQL.5432", server->dir);
    proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(proxy->listener, (const struct sockaddr *)&here, sizeof(here)) != 0 ||
        listen(proxy->listener, 8) != 0 ||
        getsockname(proxy->listener, (struct sockaddr *)&here, &size) != 0)
        stop("proxy");
    pthread_mutex_init(&proxy->lock, NULL);
    if (pthread_create(&proxy->thread, NULL, run, proxy) != 0)
        stop("proxy");
    snprintf(address, POSTGRES_ADDRESS_ROOM,
             "host=127.0.0.1 port=%u dbname=postgres user=vern sslmode=disable gssencmode=disable",
             ntohs(here.sin_port));
    return proxy;
}

void postgres_proxy_stop(struct postgres_proxy **proxy)
{
    struct postgres_proxy *closing = *proxy;
    if (write(closing->wake[1], "x", 1) != 1)
        stop("proxy");
    pthread_join(closing->thread, NULL);
    hang_up(closing);
    close(closing->listener);
    close(closing->wake[0]);
    close(closing->wake[1]);
    pthread_mutex_destroy(&closing->lock);
    free(closing);
    *proxy = NULL;
}

void postgres_proxy_arm(struct postgres_proxy *proxy, enum cut cut, unsigned at)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->cut = cut;
    proxy->at = at;
    proxy->count = 0;
    proxy->has_cut = proxy->silent = cut == CUT_SILENT;
    pthread_mutex_unlock(&proxy->lock);
}

bool postgres_proxy_disarm(struct postgres_proxy *proxy)
{
    pthread_mutex_lock(&proxy->lock);
    bool has_cut = proxy->has_cut, silent = proxy->silent;
    proxy->cut = CUT_NOWHERE;
    proxy->silent = false;
    pthread_mutex_unlock(&proxy->lock);
    if (silent && write(proxy->wake[1], "s", 1) != 1)
        stop("proxy");
    return has_cut;
}
