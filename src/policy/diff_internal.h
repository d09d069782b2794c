/* What the files of the diff share: how two values of one key compare. */
#ifndef VERN_DIFF_INTERNAL_H
#define VERN_DIFF_INTERNAL_H
#include "diff.h"
#include "load_internal.h"

struct side { /* one of the two plans, and the clause that is looked at */
    const struct plan *plan;
    const struct clause *clause;
    const void *base; /* the clause's struct, or the plan for keys of the file */
};

/* How the new value stands to the old one. `more`: it has something that the old one had not (a
 * longer list, a longer time, a true flag). `less`: it lacks something. `other`: it is different,
 * and neither can be said. */
struct compared {
    bool more, less, other;
};

struct compared compare_values(const struct vocabulary_key *key, struct side old, struct side new,
                               struct arena *arena, struct buf *what);
struct compared compare_needs(const struct plan *old_plan, const struct needs *old,
                              const struct plan *new_plan, const struct needs *new);
/* True when data kept by `new` is surely gone no later than by `old`. */
bool keep_within(const struct plan *new_plan, const struct keep *new, const struct plan *old_plan,
                 const struct keep *old);
bool moment_within(const struct plan *new_plan, const struct moment *new,
                   const struct plan *old_plan, const struct moment *old);
/* True when `new` is no longer than `old`, in every calendar. */
bool span_within(struct span new, struct span old);

#endif
