/* mutants: every policy with one thing wrong.
 *
 *   tree of a policy --one change--> mutant --print--> text, and the tree is as before
 *
 * A change removes a key, a clause or a member of a list, or weakens a value: a longer time, a
 * `true` that becomes `false`, a list that becomes `all`. What only people read is left alone
 * (`says`, `covers`, addresses): no answer depends on it.
 *
 * Memory: texts live in the arena until the mutant has been looked at. Threads: one.
 */
#ifndef VERN_MUTANTS_H
#define VERN_MUTANTS_H
#include "yaml_tree.h"

struct mutant {
    str path;   /* "purposes.recruitment.keep" */
    str change; /* "removed", "removed basic.email", "all", "false" */
    str text;   /* the whole policy with the change */
};

/* Takes the top-level `says` out: it names clauses that a mutant has not. */
void mutants_drop_names(struct yaml_node *policy);
/* Calls `each` for every mutant of the policy, in the order of its file. False: out of memory. */
bool mutants_each(struct yaml_node *policy, struct arena *arena,
                  void (*each)(void *self, const struct mutant *mutant), void *self);

#endif
