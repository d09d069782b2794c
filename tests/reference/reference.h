/* reference: a second evaluator of docs/semantics.md, slow and obvious, for tests alone.
 *
 *   plans + facts + instant             --> reference_settle --> struct settled
 *   plans + facts + operation + instant --> reference_decide --> struct decision
 *
 * Every numbered rule of the document is one function that loops over facts and clauses; nothing is
 * prepared beforehand. It shares the types of decide.h and no code with src/decide, so that a
 * mistake must be made twice, in two ways of writing, to pass unseen.
 * Does not hold: `next` is not computed (a test checks it as a property), nor are `ids` and
 * `article` of reasons. Memory: results live in the arena; running out of it aborts.
 */
#ifndef VERN_REFERENCE_H
#define VERN_REFERENCE_H
#include "decide.h"

void reference_settle(const struct view *view, instant t, struct arena *arena,
                      struct settled *settled);
void reference_decide(const struct view *view, const struct operation *op, instant t,
                      struct arena *arena, struct decision *decision);

#endif
