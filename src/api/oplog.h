/* oplog: the operational log, one JSON object a line on a file descriptor.
 *
 *   {"t":"2026-09-01T12:00:00Z","level":"error","event":"flush","fault":"store","register":"a"}
 *
 * Holds: no personal data and no client's string: a value is written only when it consists of
 * letters, digits and `_-./: ` (at most 128), which our own names do; any other is "(withheld)".
 */
#ifndef VERN_OPLOG_H
#define VERN_OPLOG_H
#include "base.h"

struct oplog {
    const struct world *world;
    int fd; /* -1: nothing is written */
};
struct oplog_pair {
    const char *name;
    str value;
};
enum { OPLOG_PAIRS = 8 };
/* `log` may be NULL. */
void oplog(const struct oplog *log, const char *level, const char *event,
           const struct oplog_pair *pairs, size_t count);
/* A fault: its name and, where one is known, the register. Its text stays with the caller. */
void oplog_fault(const struct oplog *log, const char *event, enum fault_class fault,
                 str register_name);
#endif
