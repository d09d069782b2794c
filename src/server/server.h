/* server: one process, one folder of data, one port.
 *
 *   settings --> harden --> engine_open --> api --> http loop --> signal --> stop --> close
 *
 * Holds: nothing is served before every register is open and mended; SIGTERM and SIGINT finish the
 * requests in flight, sign a checkpoint and end with 0; when a flush fails the process ends at once
 * (G1). The log on stderr is one JSON object a line, without personal data (oplog.h).
 * Does not hold: no TLS; a proxy in front brings it.
 * Memory: settings live as long as the arena they were read into. Threads: one.
 * Start reading at server_run() in serve.c.
 */
#ifndef VERN_SERVER_H
#define VERN_SERVER_H
#include "api.h"

struct setting_row {
    const char *name, *fallback, *what;
};
enum setting {
#define SETTING(name, fallback, what) SET_##name,
#include "settings.def"
#undef SETTING
    SETTING_COUNT
};
const struct setting_row *setting_row(enum setting setting);

struct settings {
    str at[SETTING_COUNT]; /* never ptr NULL once read */
};
/* Reads what the options left open: environment, *_FILE, the configuration file (NULL: none), the
 * defaults. `given[i]` with ptr NULL was not given as an option. Faults: USAGE for an unknown or
 * repeated key (with file:line:column and the nearest), for a setting given twice in the
 * environment; those of reading a file. */
MUST_CHECK status settings_read(const str given[SETTING_COUNT], const char *file,
                                char *const *environment, struct arena *arena,
                                struct report *report, struct settings *settings);
/* "127.0.0.1:8787", "[::1]:8787". Faults: USAGE. */
MUST_CHECK status listen_parse(str text, struct arena *arena, struct report *report,
                               const char **address, uint16_t *port);
/* DATA.root unless the setting names a file. */
const char *settings_root(const struct settings *settings, struct arena *arena);

/* No core files, no tracing by others, no new privileges, files for the owner only; tells on the
 * log what weakens this: swap that is on, memory that cannot be locked. */
void harden(const struct oplog *log);
/* Becomes `user` for good. Faults: USAGE when there is no such user or the process may not. */
MUST_CHECK status become_user(str user, struct arena *arena, struct report *report);
/* Is swap on, by the text of /proc/swaps? */
bool swap_is_on(str swaps);

/* Raises the limit of open files as far as the system lets it, and gives it. */
uint64_t files_allowed(void);
/* As many of the wanted connections as that leaves room for beside so many registers. */
uint64_t connections_within(uint64_t wanted, uint64_t files, size_t registers);

/* Tells a service manager "READY=1" or "STOPPING=1" at the socket that it named ($NOTIFY_SOCKET);
 * a name that is none, or a manager that does not listen, is no fault. */
void notify_manager(str socket_name, str state);

/* Serves until a signal; gives 0, or the exit code of the fault that `report` explains. `ready`
 * (may be NULL) is told the port. */
int server_run(const struct settings *settings, struct arena *arena,
               void (*ready)(void *self, uint16_t port), void *self, struct report *report);
#endif
