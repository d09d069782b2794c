/* gdpr: what the stores of `bench gdpr` have in common: the records, and what each store can do.
 *
 *   record n  -> key, purpose, user, time to live ... : functions of n
 *   struct store: one of gdpr_vern.c, gdpr_postgres.c, gdpr_redis.c
 *
 * A store says what it found; gdpr.c knows what it should have found. A worker calls `connect`
 * after the fork, so that each has a connection of its own.
 */
#ifndef VERN_GDPR_H
#define VERN_GDPR_H
#include <stdbool.h>
#include <string.h>

#include "measure.h"

enum {
    PURPOSES = 25,
    USERS = 10000,
    VALUE_BYTES = 100,
    DEPTH = 64, /* requests in a pipeline */
};

/* What a store keeps between processes; one for all, in shared memory. */
struct world {
    size_t records, room; /* loaded; and with those that are inserted */
    uint64_t shortest_ms; /* time to live of every tenth record */
    uint64_t *expires;    /* of each record, in ms of the real clock; 0: not there */
    uint16_t *generation; /* of its value */
    bool *shared;         /* of each user */
    char (*item)[24], (*subject)[24], (*reference)[24]; /* Vern's ids */
    uint32_t *record_of;                                /* by a hash of an item's id: n + 1 */
    size_t table;                                       /* its size, a power of two */
};

/* Records as an answer names them. */
struct seen {
    uint32_t *n;
    size_t count, room;
    bool wrong; /* metadata that should not be */
};

struct store {
    const char *name;
    uint64_t slack_ms; /* by how much later than its end a record may still be there */
    void (*prepare)(struct world *world);
    void (*connect)(struct world *world);
    void (*hang_up)(void);
    void (*load)(struct world *world, uint32_t worker, uint32_t workers);
    bool (*read)(uint32_t n, uint32_t purpose, char value[VALUE_BYTES + 1]);
    void (*by_user)(uint32_t user, struct seen *seen);
    void (*by_purpose)(uint32_t purpose, struct seen *seen);
    bool (*update)(uint32_t n, const char *value);
    void (*share_user)(uint32_t user, bool shared);
    void (*share_purpose)(uint32_t purpose, bool shared);
    void (*insert)(uint32_t n, const char *value);
    bool (*delete)(uint32_t n);
    bool (*read_log)(uint32_t user);
    bool (*is_gone)(uint32_t n);
    void (*space)(void); /* rows of a table */
};
extern const struct store store_vern, store_postgres, store_redis;

static inline uint32_t purpose_of(uint32_t n)
{
    return n % PURPOSES;
}

static inline uint32_t user_of(uint32_t n)
{
    return n % USERS;
}

/* Time to live in ms. */
static inline uint64_t life_of(const struct world *world, uint32_t n)
{
    static const uint32_t SECONDS[] = {30,    10000, 12000, 14000, 16000,
                                       18000, 20000, 22000, 24000, 1000000};
    return n % 10 == 0 ? world->shortest_ms : SECONDS[n % 10] * 1000u;
}

/* 100 letters that tell record and generation; no digits, which a store might take for a number of
 * a card. */
static inline void value_of(uint32_t n, uint32_t generation, char value[VALUE_BYTES + 1])
{
    uint64_t state = ((uint64_t)n << 20 | generation) + 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < VALUE_BYTES; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        value[i] = (char)('a' + (state >> 59) % 26);
    }
    value[VALUE_BYTES] = '\0';
}

/* Whether `text` is such a field of a record: its name and a number. */
static inline bool is_field(const char *text, size_t length, const char *name, uint32_t number)
{
    size_t at = strlen(name);
    if (length <= at || memcmp(text, name, at) != 0)
        return false;
    uint64_t told = 0;
    for (; at < length; at++)
        told = told * 10 + (uint64_t)(text[at] - '0');
    return told == number;
}

static inline uint64_t real_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (uint64_t)time.tv_sec * 1000u + (uint64_t)time.tv_nsec / 1000000u;
}

static inline void seen_add(struct seen *seen, uint32_t n)
{
    if (seen->count == seen->room) {
        seen->room = seen->room * 2 + 64;
        seen->n = realloc(seen->n, seen->room * sizeof(seen->n[0]));
        BENCH_MUST(seen->n != NULL, "no memory");
    }
    seen->n[seen->count++] = n;
}
#endif
