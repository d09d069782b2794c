/* measure: what the benchmark programs share: a clock, percentiles, rows of a table in Markdown.
 *
 *   struct samples s = samples_new(1000);  samples_add(&s, ns) ...  samples_at(&s, 0.99)
 *
 * Times are nanoseconds of CLOCK_MONOTONIC; what the processor gave the program is told apart,
 * since on a busy machine it says more. Memory: samples are malloc'ed and live until the program
 * ends. Threads: one.
 */
#ifndef VERN_MEASURE_H
#define VERN_MEASURE_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Of the processor, in this process and in the system for it. */
static inline uint64_t cpu_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

struct samples {
    uint64_t *at;
    size_t count, room;
};

static inline struct samples samples_new(size_t room)
{
    struct samples samples = {.at = calloc(room, sizeof(uint64_t)), .room = room};
    if (samples.at == NULL)
        abort();
    return samples;
}

static inline void samples_add(struct samples *samples, uint64_t value)
{
    if (samples->count == samples->room) {
        samples->room = samples->room * 2 + 16;
        samples->at = realloc(samples->at, samples->room * sizeof(uint64_t));
        if (samples->at == NULL)
            abort();
    }
    samples->at[samples->count++] = value;
}

static inline int samples_compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static inline void samples_sort(struct samples *samples)
{
    if (samples->count > 0)
        qsort(samples->at, samples->count, sizeof(uint64_t), samples_compare);
}

/* Of sorted samples the value below which this share of them lies; 0 where there are none. */
static inline uint64_t samples_at(const struct samples *samples, double share)
{
    if (samples->count == 0)
        return 0;
    size_t i = (size_t)(share * (double)samples->count);
    return samples->at[i < samples->count ? i : samples->count - 1];
}

/* What a program measured must also be right: says what was not, and ends. */
#define BENCH_MUST(holds, ...)                                                                     \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                        \
            fprintf(stderr, __VA_ARGS__);                                                          \
            fprintf(stderr, "\n");                                                                 \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)
#endif
