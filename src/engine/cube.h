/* cube: what of a table of counts may be shown so that nobody finds a small group in it.
 *
 *   counts, each person in one cell --cube_guard--> cells shown, cells withheld
 *
 * Shown are counts rounded to five, of cells that hold at least `least` people. Where any cell is
 * withheld, more are, the last of the list first, until those withheld hold twice `least`
 * together, and until none of them need be as full as a small cell can be.
 * Holds: whoever knows these rules, what is shown, the exact sum, the exact numbers shown and which
 * cells are empty still takes each number from 1 to least - 1 for possible in each withheld cell
 * that may be small at all (cube_test.c tries every table up to a size). So no other table of the
 * same people adds to it that shares no more with it than the sum. Needs: the order of the list
 * does not depend on the counts. Does not hold against whoever knows from elsewhere how many people
 * a withheld cell holds. Memory: none of its own. Threads: free. */
#ifndef VERN_CUBE_H
#define VERN_CUBE_H
#include "base.h"

enum { CUBE_LEAST = 10, CUBE_STEP = 5 };

struct cube_cell {
    str value;
    uint64_t people;
    bool shown;
};
/* The least group, in people: no less than CUBE_LEAST and what the policy asks, in whole steps. */
uint64_t cube_least(uint32_t policy);
uint64_t cube_rounded(uint64_t people);
/* Sets `shown` of each cell. `total` is the sum of all; below `least` nothing is shown, nor may
 * the total be. */
void cube_guard(struct cube_cell *cells, size_t count, uint64_t total, uint64_t least);

#endif
