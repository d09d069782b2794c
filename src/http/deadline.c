/* Deadlines without a timer for each connection: within one class all deadlines have the same
 * length, so a list in order of arrival is in order of time. One timer looks at the heads.
 *
 * It looks twice: when the loop itself is late, what came in time still lies unread, and whoever
 * sent it is not slow. So what has run out is noted first, the loop reads, and what did not come
 * ends. */
#include "server_internal.h"

static uint64_t class_length(const struct http_server *server, enum deadline_class class)
{
    switch (class) {
    case DEADLINE_IDLE:
        return server->config.idle_ms;
    case DEADLINE_HEAD:
        return server->config.header_ms;
    case DEADLINE_BODY:
    case DEADLINE_WRITE:
        return server->config.body_ms;
    case DEADLINE_LINGER:
        return server->config.linger_ms;
    case DEADLINE_NONE:
    case DEADLINE_COUNT:
        break;
    }
    return 0;
}

static void on_deadline(uv_timer_t *timer);

/* Arms the timer for `when` if it is idle. An armed one fires no later than the earliest head,
 * since deadlines are only ever added at the ends or taken away; it then arms itself anew. */
static void arm(struct http_server *server, uint64_t when)
{
    if (uv_is_active((uv_handle_t *)&server->deadline) || server->handles_closed)
        return;
    uint64_t now = uv_now(server->loop);
    uv_timer_start(&server->deadline, on_deadline, when > now ? when - now : 1, 0);
}

static void shorten(struct http_server *server, uint64_t when)
{
    uint64_t now = uv_now(server->loop);
    bool active = uv_is_active((uv_handle_t *)&server->deadline);
    if (active && uv_timer_get_due_in(&server->deadline) > (when > now ? when - now : 0))
        uv_timer_stop(&server->deadline);
    arm(server, when);
}

void deadline_set(struct connection *connection, enum deadline_class class, bool again)
{
    struct http_server *server = connection->server;
    if (connection->class == class && !again)
        return;
    if (connection->class != DEADLINE_NONE)
        TAILQ_REMOVE(&server->timed[connection->class], connection, timed);
    connection->class = class;
    if (class == DEADLINE_NONE)
        return;
    connection->deadline = uv_now(server->loop) + class_length(server, class);
    TAILQ_INSERT_TAIL(&server->timed[class], connection, timed);
    shorten(server, connection->deadline);
}

static void expire(struct connection *connection)
{
    enum deadline_class class = connection->class;
    deadline_set(connection, DEADLINE_NONE, false);
    if (class == DEADLINE_HEAD || class == DEADLINE_BODY) {
        connection_refuse(connection, &refuse_slow);
        return;
    }
    connection_close(connection);
}

/* What had run out before the loop read last ends; gives when the next runs out. */
static uint64_t expire_all(struct http_server *server, uint64_t now)
{
    uint64_t earliest = UINT64_MAX;
    for (int class = DEADLINE_NONE + 1; class < DEADLINE_COUNT; class ++) {
        struct connection *first;
        while ((first = TAILQ_FIRST(&server->timed[class])) != NULL && first->deadline <= now)
            expire(first);
        if (first != NULL && first->deadline < earliest)
            earliest = first->deadline;
    }
    return earliest;
}

static void on_deadline(uv_timer_t *timer)
{
    struct http_server *server = timer->data;
    if (server->looked_ms == 0) {
        server->looked_ms = uv_now(server->loop);
        uv_timer_start(timer, on_deadline, 1, 0); /* the loop reads before a timer of 1 ms is due */
        return;
    }
    uint64_t earliest = expire_all(server, server->looked_ms);
    server->looked_ms = 0;
    if (earliest != UINT64_MAX)
        shorten(server, earliest);
}

void deadline_start(struct http_server *server)
{
    for (int class = 0; class < DEADLINE_COUNT; class ++)
        TAILQ_INIT(&server->timed[class]);
    uv_timer_init(server->loop, &server->deadline);
    server->deadline.data = server;
}
