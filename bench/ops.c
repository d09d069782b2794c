/* bench ops: each use case of the engine in process, in nanoseconds, with percentiles; decide and
 * settle alone.
 *
 *   bench_ops ROUNDS PEOPLE        run by bench/run ops
 *
 * Every operation is a turn of its own, so that whatever must be durable is flushed before its time
 * ends; "64 a flush" shares one. Prints a table in Markdown. */
#include "engine_ops.h"

static void measure(struct ops *ops, const struct op *op, size_t rounds)
{
    struct samples samples = samples_new(rounds);
    size_t runs = op->once ? (rounds < ops->people ? rounds : ops->people) : rounds;
    for (size_t n = 0; n < runs; n++) {
        uint64_t from = now_ns();
        op->run(ops, n);
        samples_add(&samples, (now_ns() - from) / op->each);
    }
    samples_sort(&samples);
    printf("| %s | %zu | %llu | %llu | %llu | %llu |\n", op->name, runs * op->each,
           (unsigned long long)samples_at(&samples, 0),
           (unsigned long long)samples_at(&samples, 0.5),
           (unsigned long long)samples_at(&samples, 0.9),
           (unsigned long long)samples_at(&samples, 0.99));
    free(samples.at);
}

int main(int count, char **words)
{
    static struct ops ops;
    size_t rounds = count > 1 ? (size_t)strtoul(words[1], NULL, 10) : 1000;
    size_t people = count > 2 ? (size_t)strtoul(words[2], NULL, 10) : 1000;
    ops_start(&ops, people);
    printf("| operation | times | least ns | p50 ns | p90 ns | p99 ns |\n");
    printf("|---|---:|---:|---:|---:|---:|\n");
    for (size_t i = 0; i < LENGTH(OPS); i++)
        measure(&ops, &OPS[i], rounds);
    ops_stop(&ops);
    return 0;
}
