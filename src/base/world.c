/* The two worlds: the machine's clock and random bytes, and one that a seed replays. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include "base.h"

enum { POOL_BYTES = 4096 };

/* Random bytes fetched ahead, one pool a thread. What was given out is wiped at once, and a child
 * process starts with an empty pool, so no byte is ever given twice. */
static _Thread_local struct {
    unsigned char bytes[POOL_BYTES];
    size_t left;
    unsigned process; /* generation of the process that filled it */
} pool;

static atomic_uint process_generation = 1;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void count_fork(void)
{
    atomic_fetch_add(&process_generation, 1);
}

static void watch_forks(void)
{
    if (pthread_atfork(NULL, NULL, count_fork) != 0)
        abort();
}

static void random_from_system(unsigned char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t got = getrandom(bytes, count, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort(); /* without random bytes no key is safe */
        bytes += got;
        count -= (size_t)got;
    }
}

static void real_random(void *self, void *bytes, size_t count)
{
    (void)self;
    pthread_once(&fork_once, watch_forks);
    if (count > POOL_BYTES) {
        random_from_system(bytes, count);
        return;
    }
    unsigned process = atomic_load_explicit(&process_generation, memory_order_relaxed);
    if (pool.left < count || pool.process != process) {
        random_from_system(pool.bytes, POOL_BYTES);
        pool.left = POOL_BYTES;
        pool.process = process;
    }
    pool.left -= count;
    memcpy(bytes, pool.bytes + pool.left, count);
    wipe(pool.bytes + pool.left, count);
}

static instant real_now(void *self)
{
    (void)self;
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        abort();
    return (instant){(int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000};
}

static status no_seam(void *self, const char *name, struct report *report)
{
    (void)self;
    (void)name;
    (void)report;
    return OK;
}

const struct world *world_real(void)
{
    static const struct world real = {.now = real_now, .random = real_random, .seam = no_seam};
    return &real;
}

static uint64_t rotate_left(uint64_t x, unsigned k)
{
    return x << k | x >> (64 - k);
}

/* xoshiro256** by Blackman and Vigna. */
static uint64_t sim_next(struct sim_world *sim)
{
    uint64_t *s = sim->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

static instant sim_now(void *self)
{
    return ((struct sim_world *)self)->clock;
}

static void sim_random(void *self, void *bytes, size_t count)
{
    unsigned char *at = bytes;
    while (count > 0) {
        uint64_t word = sim_next(self);
        size_t step = count < sizeof(word) ? count : sizeof(word);
        for (size_t i = 0; i < step; i++, word >>= 8)
            at[i] = (unsigned char)word;
        at += step;
        count -= step;
    }
}

static uint64_t split_mix(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return z ^ z >> 31;
}

void world_sim(struct sim_world *sim, uint64_t seed, instant start)
{
    assert(sim != NULL);

    *sim = (struct sim_world){
        .world = {.self = sim, .now = sim_now, .random = sim_random, .seam = no_seam},
        .clock = start,
    };
    for (size_t i = 0; i < LENGTH(sim->state); i++)
        sim->state[i] = split_mix(&seed);
}

status world_seam(const struct world *w, const char *name, struct report *report)
{
    assert(w != NULL);
    assert(name != NULL);

    return w->seam == NULL ? OK : w->seam(w->self, name, report);
}
