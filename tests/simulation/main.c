/* Deterministic simulation: many worlds, each from a seed, each for some thousand steps.
 *
 *   simulation                       a bounded number of steps, for every build
 *   simulation --steps N --seconds S so many in all, or as many as fit in so many seconds
 *   simulation --side-by-side N      in so many processes, each with seeds of its own
 *   simulation --seed S --length N --trace
 *                                    one world, step by step: how a failure is looked at
 *
 * A failure prints seed and step, is made smaller by leaving steps out, and printed again. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crash_vfs.h"
#include "simulation.h"

enum {
    LENGTH_USUAL = 4000,
    STEPS_USUAL = 20000,
    TRIES_MOST = 150,
    PROCESSES_MOST = 16,
    MEMORY_KEPT = 256 << 20
};

struct options {
    uint64_t seed, steps, length, seconds, processes;
    bool one, trace, as_it_is;
};

static bool read_number(const char *text, uint64_t *number)
{
    return text != NULL && str_to_u64(str_from(text), number);
}

static bool read_options(int count, char **words, struct options *options)
{
    *options = (struct options){.seed = 1,
                                .steps = STEPS_USUAL,
                                .length = LENGTH_USUAL,
                                .seconds = UINT64_MAX,
                                .processes = 1};
    for (int i = 1; i < count; i++) {
        const char *next = i + 1 < count ? words[i + 1] : NULL;
        if (strcmp(words[i], "--trace") == 0)
            options->trace = true;
        else if (strcmp(words[i], "--no-shrink") == 0)
            options->as_it_is = true;
        else if (strcmp(words[i], "--seed") == 0 && read_number(next, &options->seed))
            options->one = true, i++;
        else if (strcmp(words[i], "--steps") == 0 && read_number(next, &options->steps))
            i++;
        else if (strcmp(words[i], "--length") == 0 && read_number(next, &options->length))
            i++;
        else if (strcmp(words[i], "--seconds") == 0 && read_number(next, &options->seconds))
            i++;
        else if (strcmp(words[i], "--side-by-side") == 0 && read_number(next, &options->processes))
            i++;
        else
            return false;
    }
    return options->processes > 0 && options->processes <= PROCESSES_MOST;
}

struct outcome_of {
    bool good;
    uint64_t step, digest;
    char why[2048];
    const char *policy;
};

static void run_world(uint64_t seed, uint64_t steps, const uint64_t *skip, size_t skip_count,
                      bool traced, struct tally *tally, struct outcome_of *outcome)
{
    struct run *run = calloc(1, sizeof(*run));
    if (run == NULL)
        abort();
    run->seed = seed;
    run->skip = skip;
    run->skip_count = skip_count;
    run->trace = traced;
    run->tally = tally;
    outcome->good =
        run_begin(run) && run_steps(run, steps) && check_all_entries(run) && check_log(run);
    outcome->step = run->step;
    outcome->digest = run->digest;
    outcome->policy = run->policy;
    memcpy(outcome->why, run->why, sizeof(outcome->why));
    run_end(run);
    free(run);
}

/* ---- making a failure smaller ---- */

/* Leaves out the steps of `skip` and those of [from, to). */
static bool still_fails(uint64_t seed, uint64_t last, const bool *out, size_t from, size_t to)
{
    struct tally ignored = {0};
    struct outcome_of outcome;
    uint64_t *skip = calloc(last + 1, sizeof(*skip));
    size_t count = 0;
    if (skip == NULL)
        abort();
    for (uint64_t i = 0; i < last; i++)
        if (out[i] || (i >= from && i < to))
            skip[count++] = i;
    run_world(seed, last + 1, skip, count, false, &ignored, &outcome);
    free(skip);
    return !outcome.good;
}

static void shrink(uint64_t seed, uint64_t last)
{
    bool *out = calloc(last + 1, sizeof(*out));
    if (out == NULL)
        abort();
    size_t tries = 0;
    for (size_t piece = last / 2; piece > 0; piece /= 2)
        for (size_t from = 0; from < last && tries < TRIES_MOST; from += piece, tries++) {
            size_t to = from + piece < last ? from + piece : last;
            if (!still_fails(seed, last, out, from, to))
                continue;
            for (size_t i = from; i < to; i++)
                out[i] = true;
        }
    uint64_t *skip = calloc(last + 1, sizeof(*skip));
    size_t count = 0;
    if (skip == NULL)
        abort();
    for (uint64_t i = 0; i < last; i++)
        if (out[i])
            skip[count++] = i;
    struct tally ignored = {0};
    struct outcome_of outcome;
    printf("smallest: %llu steps\n", (unsigned long long)(last + 1 - count));
    run_world(seed, last + 1, skip, count, true, &ignored, &outcome);
    printf("%s\n", outcome.why);
    free(skip);
    free(out);
}

/* ---- many worlds ---- */

static void print_tally(const struct tally *tally, double seconds)
{
    printf("%-18s %9s %9s %9s %9s\n", "asked", "times", "done", "refused", "else");
    for (size_t i = 0; i < OP_KIND_COUNT; i++)
        printf(
            "%-18s %9llu %8.0f%% %8.0f%% %8.0f%%\n", op_names[i],
            (unsigned long long)tally->asked[i],
            100.0 * (double)tally->allowed[i] / (double)(tally->asked[i] + (tally->asked[i] == 0)),
            100.0 * (double)tally->refused[i] / (double)(tally->asked[i] + (tally->asked[i] == 0)),
            100.0 * (double)tally->faults[i] / (double)(tally->asked[i] + (tally->asked[i] == 0)));
    printf("%llu steps in %llu turns, %.0f years; %llu comparisons, %llu values, %llu entries, "
           "%llu crashes (%llu undone), %llu restores, %llu versions, %llu files, %llu batches, "
           "%llu merges, %llu splits, %llu errands, %llu concerns, %llu spaces; %.1f s, %.1f us a "
           "step\n",
           (unsigned long long)tally->steps, (unsigned long long)tally->turns,
           (double)tally->simulated_ms / 1000 / 3600 / 24 / 365, (unsigned long long)tally->checks,
           (unsigned long long)tally->values, (unsigned long long)tally->entries,
           (unsigned long long)tally->crashes, (unsigned long long)tally->undone,
           (unsigned long long)tally->restores, (unsigned long long)tally->versions,
           (unsigned long long)tally->files, (unsigned long long)tally->batches,
           (unsigned long long)tally->merges, (unsigned long long)tally->splits,
           (unsigned long long)tally->errands, (unsigned long long)tally->concerns,
           (unsigned long long)tally->spaces, seconds,
           seconds * 1e6 / (double)(tally->steps + (tally->steps == 0)));
}

static void tally_add(struct tally *sum, const struct tally *one)
{
    for (size_t i = 0; i < OP_KIND_COUNT; i++) {
        sum->asked[i] += one->asked[i];
        sum->allowed[i] += one->allowed[i];
        sum->refused[i] += one->refused[i];
        sum->faults[i] += one->faults[i];
    }
    sum->steps += one->steps;
    sum->turns += one->turns;
    sum->checks += one->checks;
    sum->versions += one->versions;
    sum->files += one->files;
    sum->batches += one->batches;
    sum->merges += one->merges;
    sum->splits += one->splits;
    sum->errands += one->errands;
    sum->concerns += one->concerns;
    sum->spaces += one->spaces;
    sum->values += one->values;
    sum->entries += one->entries;
    sum->crashes += one->crashes;
    sum->undone += one->undone;
    sum->restores += one->restores;
    sum->simulated_ms += one->simulated_ms;
}

static bool run_one(const struct options *options, uint64_t seed, struct tally *tally)
{
    struct outcome_of outcome;
    run_world(seed, options->length, NULL, 0, options->trace, tally, &outcome);
    if (outcome.good)
        return true;
    printf("seed %llu step %llu (policy %s): %s\n", (unsigned long long)seed,
           (unsigned long long)outcome.step, outcome.policy, outcome.why);
    printf("again: simulation --seed %llu --length %llu --trace\n", (unsigned long long)seed,
           (unsigned long long)options->length);
    if (!options->trace && !options->as_it_is)
        shrink(seed, outcome.step);
    return false;
}

/* G10: the same seed, the same answers. */
static bool is_deterministic(uint64_t seed)
{
    struct tally ignored = {0};
    struct outcome_of first, second;
    run_world(seed, 600, NULL, 0, false, &ignored, &first);
    run_world(seed, 600, NULL, 0, false, &ignored, &second);
    bool same = first.digest == second.digest && first.good == second.good;
    if (!same)
        printf("G10: seed %llu gives other answers the second time\n", (unsigned long long)seed);
    return same;
}

/* ---- side by side ---- */

struct worlds {
    struct tally tally;
    bool good;
};

static double seconds_since(const struct timespec *from)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - from->tv_sec) + (double)(now.tv_nsec - from->tv_nsec) / 1e9;
}

/* Every nth seed, from the first of this process on. */
static void run_worlds(const struct options *options, uint64_t first, const struct timespec *from,
                       struct worlds *worlds)
{
    uint64_t steps = options->steps / options->processes;
    worlds->good = first > 1 || is_deterministic(1);
    for (uint64_t seed = first; worlds->good && worlds->tally.steps < steps &&
                                seconds_since(from) < (double)options->seconds;
         seed += options->processes)
        worlds->good = run_one(options, seed, &worlds->tally);
}

static bool run_all(const struct options *options, const struct timespec *from, struct tally *sum)
{
    size_t bytes = options->processes * sizeof(struct worlds);
    struct worlds *all =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool good = true;
    if (all == MAP_FAILED)
        abort();
    for (uint64_t i = 1; i < options->processes; i++) {
        pid_t pid = fork();
        if (pid < 0)
            abort();
        if (pid == 0) {
            run_worlds(options, i + 1, from, &all[i]);
            _exit(0);
        }
    }
    run_worlds(options, 1, from, &all[0]);
    while (wait(NULL) > 0)
        continue;
    for (uint64_t i = 0; i < options->processes; i++) {
        tally_add(sum, &all[i].tally);
        good &= all[i].good; /* false, too, where the process has stopped */
    }
    munmap(all, bytes);
    return good;
}

int main(int count, char **words)
{
    struct options options;
    struct tally tally = {0};
    struct timespec from;
    if (!read_options(count, words, &options)) {
        fprintf(stderr, "usage: simulation [--steps N] [--seconds N] [--side-by-side N] "
                        "[--length N] [--seed N] [--trace]\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    (void)mallopt(M_MMAP_THRESHOLD,
                  MEMORY_KEPT); /* arenas come and go with every turn: what they */
    (void)mallopt(M_TRIM_THRESHOLD, MEMORY_KEPT); /* give back is not given back to the system */
    crash_vfs_install();
    clock_gettime(CLOCK_MONOTONIC, &from);
    bool good =
        options.one ? run_one(&options, options.seed, &tally) : run_all(&options, &from, &tally);
    print_tally(&tally, seconds_since(&from));
    return good ? 0 : 1;
}
