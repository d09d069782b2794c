/* monitor: the port for those who watch the process: /metrics, /healthz and /readyz, to GET and
 * HEAD.
 *
 * Holds: it shares the loop of the public port and nothing else: its own connections, limits and
 * Host names; nothing of it is on the public port. It says nothing of a person (metrics.h).
 * Does not hold: who asks is not asked for a token; the address that it listens at is the guard.
 * Memory: the caller's, until monitor_free(). Threads: one, that of the loop.
 */
#ifndef VERN_MONITOR_H
#define VERN_MONITOR_H
#include "metrics.h"
#include "server.h"

struct monitor {
    struct metrics metrics;
    struct engine *engine;
    const struct world *world;
    struct http_server *beside; /* the public one */
    struct http_server *http;   /* NULL: there is none */
};
/* Listens where the setting `metrics` says, on the loop of `beside`; with an empty one it does
 * nothing. Faults: those of http_server_start(). */
MUST_CHECK status monitor_start(struct monitor *monitor, const struct settings *settings,
                                struct http_server *beside, struct arena *arena,
                                struct report *report);
void monitor_free(struct monitor *monitor); /* before the server whose loop it shares */
#endif
