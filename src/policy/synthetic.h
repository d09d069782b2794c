/* synthetic: people who are nobody, one NDJSON line each, as an import takes them.
 *
 *   plan, seed, instant --> {"number":"K1","roles":[...],"evidence":[...],"collect":[...], ...}
 *
 * The policy decides what a person has: an intake of theirs, its required fields and some optional
 * ones, the agreement or consent that its purposes rest on, the events that start them. Names are
 * drawn from short lists, mail goes to example.test, addresses are invented, and identity numbers
 * have the month raised by 80, which no real one has.
 *
 * Holds: the same plan, seed, instant and prefix give the same lines; nothing comes from a
 * register. Does not hold: that a policy has an intake that can be played. Memory: a line's texts
 * lie in the arena, which may be reset between two lines. Threads: one owner.
 */
#ifndef VERN_SYNTHETIC_H
#define VERN_SYNTHETIC_H
#include "plan.h"

struct json_out;
struct synthetic {
    struct sim_world world;
    const struct plan *plan;
    struct arena *arena;
    struct json_out *out;
    instant now;
    uint64_t number;
    str prefix;
};
/* `now`: nothing is later. `prefix` stands before each number and is borrowed. */
void synthetic_start(struct synthetic *m, const struct plan *plan, uint64_t seed, instant now,
                     str prefix);
/* The next person as one line, without its end. False: no intake of this policy can be played (it
 * waits for more than a notice, an agreement or a consent), or the line does not fit. */
bool synthetic_person(struct synthetic *m, struct arena *arena, struct buf *line);
/* The next balancing test that a purpose on legitimate interest needs before any use, as a body of
 * POST /v1/evidence; `*at` begins at 0. False: there are no more. */
bool synthetic_balancing(struct synthetic *m, size_t *at, struct buf *line);

#endif
