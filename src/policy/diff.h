/* diff: what one version of a policy changes in another, and whether it is material.
 *
 *   old plan, new plan --> {path, what, material, why}, clause by clause
 *
 * A change is material when the new plan allows something that the old one refused, or drops a
 * right, a need, a notice or a switch. What the comparison does not understand is material. Texts,
 * contacts, covers and findings are not.
 * Holds: a plan does not differ from itself. Both plans must share their table of words.
 * Memory: the arena that you pass. Threads: free.
 */
#ifndef VERN_DIFF_H
#define VERN_DIFF_H
#include "plan.h"

struct plan_difference {
    str path; /* "purposes.recruitment.keep" */
    str what; /* "keep: 6 months after collected -> keep: 1 year after collected" */
    bool material;
    str why;
    str section;                       /* "purposes" */
    plan_index old_clause, new_clause; /* numbers in their section; NONE when not there */
};
struct plan_differences {
    LIST(struct plan_difference) list;
};

MUST_CHECK status plan_diff(const struct plan *old, const struct plan *new, struct arena *arena,
                            struct report *report, struct plan_differences *differences);

/* What is materially new, as sets over the clauses of the new plan: closed for a person until they
 * were told of the new version.
 *
 * A purpose is also new when a message or cookie for it, an event of its clock, evidence that it
 * needs, or a switch that stopped it changed materially; a source or recipient when evidence that
 * it needs did. Rights, places, intakes and staff have no set of their own: an intake gives the
 * notice when it collects, and the others close nothing for one person. */
MUST_CHECK status plan_materially_new(const struct plan *old, const struct plan *new,
                                      struct arena *arena, struct report *report,
                                      struct bits *purposes, struct bits *sources,
                                      struct bits *recipients, struct bits *fields);

/* A JSON array of {path, material, what, why}. */
void diff_json(const struct plan_differences *differences, struct buf *out);

#endif
