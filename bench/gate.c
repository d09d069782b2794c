/* gate: a fixed set of operations in process, for callgrind to count their instructions.
 *
 *   valgrind --tool=callgrind --collect-atstart=no bench_gate       run by bench/gate
 *
 * Between two client requests lies nothing but the operation, RUNS times; each dump bears its name.
 * Clock and random bytes come from a seed, so that a count comes again to within a thousandth. */
#include <valgrind/callgrind.h>

#include "engine_ops.h"

enum { RUNS = 20, PEOPLE = 25, WARM = 3 };

/* What a run and its keys, rows and entries settle down to before it is counted. */
static void count(struct ops *ops, const struct op *op)
{
    for (size_t n = 0; n < WARM; n++)
        op->run(ops, n);
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
    for (size_t n = WARM; n < WARM + RUNS; n++)
        op->run(ops, n);
    CALLGRIND_TOGGLE_COLLECT;
    CALLGRIND_DUMP_STATS_AT(op->name);
    printf("%s|%zu\n", op->name, RUNS * op->each);
}

int main(void)
{
    static struct ops ops;
    ops_start(&ops, PEOPLE);
    for (size_t i = 0; i < LENGTH(OPS); i++)
        count(&ops, &OPS[i]);
    ops_stop(&ops);
    return 0;
}
