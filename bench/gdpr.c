/* bench gdpr: GDPRbench's records, key choosers and four mixes of roles, against one store, with an
 * oracle that knows what every answer must be.
 *
 *   bench_gdpr vern|postgres|redis RECORDS OPERATIONS WORKERS SHORTEST_SECONDS
 *
 * Every worker is a process with a connection of its own and owns the users and purposes of some
 * remainders, so that what it is answered can be known exactly. A wrong answer ends the program
 * with 1. Prints a row that begins with T, and rows of space that begin with a bar. */
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gdpr.h"

enum { WORKERS_MOST = 16, POLL_US = 2000 };

static const struct store *store;
static struct world *world;
static uint32_t workers, worker, operations;
static pthread_barrier_t *barrier;
static uint64_t dice;
static uint32_t next_record; /* that this worker inserts */
static uint8_t *marked;
static struct seen seen;

/* ---- choosing keys ---- */

static uint64_t roll(uint64_t below)
{
    dice += 0x9e3779b97f4a7c15u;
    uint64_t z = dice;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

static double zeta_all, zeta_two;
#define THETA 0.99

static void zipf_prepare(size_t records)
{
    for (size_t i = 1; i <= records; i++)
        zeta_all += 1 / pow((double)i, THETA);
    zeta_two = 1 + 1 / pow(2, THETA);
}

/* Gray's method, then scrambled over the keys. */
static uint64_t zipf(size_t records)
{
    double n = (double)records, u = (double)roll(1u << 30) / (1u << 30), uz = u * zeta_all;
    uint64_t rank = 0;
    if (uz >= zeta_two) {
        double eta = (1 - pow(2 / n, 1 - THETA)) / (1 - zeta_two / zeta_all);
        rank = (uint64_t)(n * pow(eta * u - eta + 1, 1 / (1 - THETA)));
    } else if (uz >= 1) {
        rank = 1;
    }
    uint64_t hash = 1469598103934665603u;
    for (int i = 0; i < 8; i++)
        hash = (hash ^ (rank >> (8 * i) & 0xff)) * 1099511628211u;
    return hash % records;
}

static uint32_t own_purpose(void)
{
    uint32_t purpose;
    do
        purpose = (uint32_t)roll(PURPOSES);
    while (purpose % workers != worker);
    return purpose;
}

/* A key as the role draws it, moved to a purpose of this worker's. */
static uint32_t draw(bool by_zipf)
{
    uint32_t n = (uint32_t)(by_zipf ? zipf(world->records) : roll(world->records));
    while (purpose_of(n) % workers != worker)
        n = n + 1 < world->records ? n + 1 : 0;
    return n;
}

/* ---- the oracle ---- */

enum there { GONE, MAYBE, THERE };

static enum there there(uint32_t n, uint64_t asked_ms)
{
    uint64_t ends = world->expires[n];
    if (ends == 0 || asked_ms > ends + store->slack_ms)
        return GONE;
    return real_ms() < ends ? THERE : MAYBE;
}

static void check(bool holds, const char *what, uint32_t n)
{
    BENCH_MUST(holds, "%s: wrong answer to %s (%u)", store->name, what, n);
}

static void check_found(bool found, const char *what, uint32_t n, uint64_t asked_ms)
{
    enum there wanted = there(n, asked_ms);
    check(wanted == MAYBE || found == (wanted == THERE), what, n);
}

/* What was seen is all that is there of a class, and each once. */
static void check_seen(const char *what, uint32_t first, uint32_t step, uint64_t asked_ms)
{
    check(!seen.wrong, what, first);
    for (size_t i = 0; i < seen.count; i++) {
        uint32_t n = seen.n[i];
        check(n % step == first % step && !marked[n] && there(n, asked_ms) != GONE, what, n);
        marked[n] = 1;
    }
    for (uint32_t n = first; n < world->room; n += step)
        check(marked[n] || there(n, asked_ms) != THERE, what, n);
    for (size_t i = 0; i < seen.count; i++)
        marked[seen.n[i]] = 0;
}

/* ---- operations ---- */

static void read_one(uint32_t n)
{
    char value[VALUE_BYTES + 1], wanted[VALUE_BYTES + 1];
    uint64_t asked = real_ms();
    bool found = store->read(n, purpose_of(n), value);
    check_found(found, "a read", n, asked);
    value_of(n, world->generation[n], wanted);
    check(!found || strcmp(value, wanted) == 0, "a read's value", n);
}

static void read_refused(uint32_t n)
{
    char value[VALUE_BYTES + 1];
    uint32_t other = (purpose_of(n) + 1 + (uint32_t)roll(PURPOSES - 1)) % PURPOSES;
    check(!store->read(n, other, value), "a read for another purpose", n);
}

static void list_user(uint32_t n)
{
    uint64_t asked = real_ms();
    seen.count = 0;
    seen.wrong = false;
    store->by_user(user_of(n), &seen);
    check_seen("metadata by user", user_of(n), USERS, asked);
}

static void list_purpose(uint32_t n)
{
    uint64_t asked = real_ms();
    seen.count = 0;
    seen.wrong = false;
    store->by_purpose(purpose_of(n), &seen);
    check_seen("metadata by purpose", purpose_of(n), PURPOSES, asked);
}

static void update_one(uint32_t n)
{
    char value[VALUE_BYTES + 1];
    uint64_t asked = real_ms();
    value_of(n, world->generation[n] + 1u, value);
    bool done = store->update(n, value);
    check_found(done, "an update", n, asked);
    world->generation[n] = (uint16_t)(world->generation[n] + done);
}

static void share_user(uint32_t n)
{
    bool to = !world->shared[user_of(n)];
    store->share_user(user_of(n), to);
    world->shared[user_of(n)] = to;
}

static void share_purpose(uint32_t n)
{
    bool to = roll(2) == 0;
    store->share_purpose(purpose_of(n), to);
    for (uint32_t user = purpose_of(n); user < USERS && user < world->records; user += PURPOSES)
        world->shared[user] = to;
}

static void insert_one(uint32_t n)
{
    char value[VALUE_BYTES + 1];
    (void)n;
    while (purpose_of(next_record) % workers != worker)
        next_record++;
    BENCH_MUST(next_record < world->room, "no room for records");
    value_of(next_record, 0, value);
    store->insert(next_record++, value);
}

static void delete_one(uint32_t n)
{
    uint64_t asked = real_ms();
    check_found(store->delete (n), "a deletion", n, asked);
    world->expires[n] = 0;
}

static void read_log(uint32_t n)
{
    check(store->read_log(user_of(n)), "a reading of the log", n);
}

static void verify_gone(uint32_t n)
{
    uint64_t asked = real_ms();
    check_found(!store->is_gone(n), "a verification", n, asked);
}

/* ---- roles ---- */

struct share {
    unsigned percent;
    void (*run)(uint32_t n);
};
struct role {
    const char *name;
    bool by_zipf;
    struct share mix[8];
};
static const struct role ROLES[] = {
    {"processor", false, {{20, read_one}, {40, list_purpose}, {40, list_user}}},
    {"processor, a fifth refused",
     false,
     {{20, read_refused}, {16, read_one}, {32, list_purpose}, {32, list_user}}},
    {"customer",
     true,
     {{20, read_one},
      {10, list_purpose},
      {10, list_user},
      {20, update_one},
      {10, share_purpose},
      {10, share_user},
      {20, delete_one}}},
    {"regulator", true, {{46, list_user}, {31, read_log}, {23, verify_gone}}},
    {"controller",
     false,
     {{25, share_purpose}, {25, share_user}, {25, insert_one}, {25, delete_one}}},
};
enum { ROLE_COUNT = sizeof(ROLES) / sizeof(ROLES[0]) };

static void play(const struct role *role)
{
    for (uint32_t i = worker; i < operations; i += workers) {
        uint32_t n = draw(role->by_zipf), at = (uint32_t)roll(100);
        if (!role->by_zipf)
            n = n - n % PURPOSES + own_purpose();
        if (n >= world->records)
            n -= PURPOSES;
        const struct share *share = role->mix;
        while (at >= share->percent)
            at -= share++->percent;
        share->run(n);
    }
}

static void wait_all(void)
{
    int got = pthread_barrier_wait(barrier);
    BENCH_MUST(got == 0 || got == PTHREAD_BARRIER_SERIAL_THREAD, "no barrier");
}

static _Noreturn void work(void)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dice = 77 + worker;
    next_record = (uint32_t)world->records;
    marked = calloc(world->room, 1);
    BENCH_MUST(marked != NULL, "no memory");
    store->connect(world);
    wait_all();
    store->load(world, worker, workers);
    wait_all();
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        wait_all();
        play(&ROLES[i]);
        wait_all();
    }
    store->hang_up();
    exit(0);
}

/* ---- the parent ---- */

static void *shared_room(size_t bytes)
{
    void *room = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    BENCH_MUST(room != MAP_FAILED, "no memory");
    return room;
}

static void make_world(size_t records, uint64_t shortest_ms)
{
    world = shared_room(sizeof(*world));
    *world = (struct world){
        .records = records, .room = records + operations + 1000, .shortest_ms = shortest_ms};
    world->expires = shared_room(world->room * sizeof(world->expires[0]));
    world->generation = shared_room(world->room * sizeof(world->generation[0]));
    world->shared = shared_room(USERS * sizeof(world->shared[0]));
    world->item = shared_room(world->room * sizeof(world->item[0]));
    world->subject = shared_room(USERS * sizeof(world->subject[0]));
    world->reference = shared_room(USERS * sizeof(world->reference[0]));
    for (world->table = 1024; world->table < 4 * (world->room + operations);)
        world->table *= 2;
    world->record_of = shared_room(world->table * sizeof(world->record_of[0]));
    pthread_barrierattr_t kind;
    barrier = shared_room(sizeof(*barrier));
    pthread_barrierattr_init(&kind);
    pthread_barrierattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
    BENCH_MUST(pthread_barrier_init(barrier, &kind, workers + 1) == 0, "no barrier");
}

static void on_child(int number)
{
    int status, before = 0;
    (void)number;
    (void)before;
    while (waitpid(-1, &status, WNOHANG) > 0)
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            _exit(1); /* it has said why */
}

/* From the end of the record that ends last of those with the shortest life, until it is not read
 * any more, in ms. */
static double until_gone(void)
{
    uint32_t last = 0;
    char value[VALUE_BYTES + 1];
    for (uint32_t n = 0; n < world->records; n += 10)
        if (world->expires[n] > world->expires[last])
            last = n;
    store->connect(world);
    while (store->read(last, purpose_of(last), value))
        usleep(POLL_US);
    double late = (double)real_ms() - (double)world->expires[last];
    check(late >= -1, "a record that should be there", last);
    return late;
}

static double timed(void)
{
    wait_all();
    uint64_t from = now_ns();
    wait_all();
    return (double)(now_ns() - from) / 1e9;
}

int main(int count, char **words)
{
    BENCH_MUST(count == 6, "STORE RECORDS OPERATIONS WORKERS SHORTEST_SECONDS");
    store = strcmp(words[1], "vern") == 0       ? &store_vern
            : strcmp(words[1], "postgres") == 0 ? &store_postgres
                                                : &store_redis;
    size_t records = strtoul(words[2], NULL, 10);
    operations = (uint32_t)strtoul(words[3], NULL, 10);
    workers = (uint32_t)strtoul(words[4], NULL, 10);
    BENCH_MUST(records >= 100 && workers >= 1 && workers <= WORKERS_MOST, "too few or too many");
    make_world(records, strtoul(words[5], NULL, 10) * 1000);
    zipf_prepare(records);
    store->prepare(world);
    signal(SIGCHLD, on_child);
    for (worker = 0; worker < workers; worker++)
        if (fork() == 0)
            work();
    double load = timed(), late = until_gone(), sum = 0, took[ROLE_COUNT];
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        took[i] = timed();
        sum += i == 1 ? 0 : took[i];
    }
    printf("T| %s | %zu | %.2f |", store->name, records, load);
    for (size_t i = 0; i < ROLE_COUNT; i++)
        printf(" %.2f |", took[i]);
    printf(" %.2f | %.0f | all |\n", sum, late < 0 ? 0 : late);
    store->space();
    return 0;
}
