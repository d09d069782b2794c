/* metrics: what a monitor may know of this process, in the text that Prometheus reads (0.0.4).
 *
 * Holds: no label but closed words (classes of routes, outcomes, built-in rules, sections of a
 * policy, kinds of alarms): no register, person, application, address or path. Every count that
 * grows with what people do is shown in whole tens, so that neither a count under ten nor one more
 * of them can be read off; what must be seen at once is a 0 or a 1 beside it. Of several registers
 * counts are summed, and of ages the worst is given.
 * Cost: counting is an addition; the indexes of the registers are asked at most once a second.
 * Memory: the caller's. Threads: one. Start reading at metrics_write().
 */
#ifndef VERN_METRICS_H
#define VERN_METRICS_H
#include "api.h"

enum { METRIC_CODES = 600, TURN_BUCKETS = 12 };

struct metrics {
    uint64_t answers[API_CLASSES][METRIC_CODES]; /* by class of route and status */
    uint64_t turns[TURN_BUCKETS + 1];            /* by length; the last: longer than all */
    uint64_t turn_ns;
    struct http_load load; /* of the public port */
    instant gathered; /* when `state` was true; 0: never */
    struct metrics_state {
        struct reg_health health; /* of all registers together */
        bool failed;              /* one could not be asked */
        uint64_t resident_bytes;
    } state;
};
void metrics_answered(struct metrics *metrics, unsigned class, int code);
void metrics_turned(struct metrics *metrics, uint64_t nanoseconds);
/* Asks the registers, unless that was done in this second. */
void metrics_gather(struct metrics *metrics, struct engine *engine, instant now);
void metrics_write(const struct metrics *metrics, const struct engine_tally *tally,
                   struct buf *out);
#endif
