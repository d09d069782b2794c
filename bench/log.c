/* bench log: how fast entries become durable, and how fast a log is verified.
 *
 *   bench_log [FOLDER [ENTRIES]]
 *
 * FOLDER (the current one by default) says which disk; a new folder is made in it and removed. The
 * table is of one process: one thread, a flush for each group, after it a small step of what
 * follows and once a second a checkpoint, as the server does. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "audit.h"
#include "verify.h"

enum { DEFAULT_ENTRIES = 200000, FLUSH_GROUP = 64, OF_EACH = 20, ASKED = 200 };

static uint64_t people = 1; /* OF_EACH entries of each, spread over the log */

static int64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void must(status got, const struct report *report)
{
    if (is_ok(got))
        return;
    fprintf(stderr, "bench log: %s: %s\n", fault_name(got.fault), report->text);
    exit(fault_exit(got.fault));
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts;
    (void)kind;
    (void)place;
    return remove(path);
}

static void row(const char *what, uint64_t count, int64_t ns)
{
    double seconds = (double)ns / 1e9;
    printf("| %-46s | %9llu | %8.3f | %10.0f | %8.2f |\n", what, (unsigned long long)count, seconds,
           (double)count / seconds, (double)ns / 1e3 / (double)count);
}

static audit_id some_id(uint64_t a, uint64_t b)
{
    uint64_t mixed[2] = {(a + 1) * 0x9E3779B97F4A7C15U, (a + b + 1) * 0xD1B54A32D192ED03U};
    audit_id id;
    memcpy(id.bytes, mixed, sizeof(id));
    return id;
}

/* A read of two categories: the entry that a register writes most. */
static str make_entry(struct audit_entry *entry, uint64_t number, char *memory)
{
    struct report report = {0};
    struct buf buf = buf_over(memory, LIMIT_ENTRY_BYTES);
    entry->at = (instant){1764054000000 + (int64_t)(number / 50)};
    entry->subject = some_id(number % people, 1);
    entry->request = some_id(number, 2);
    entry->random = some_id(number, 3);
    must(entry_write(&buf, entry, &report), &report);
    return buf_str(&buf);
}

static struct audit_entry template(void)
{
    return (struct audit_entry){.actor = some_id(1, 9),
                                .policy = some_id(2, 9),
                                .authenticated = STR("token"),
                                .action = STR("read"),
                                .purpose = STR("customer-care"),
                                .decision = AUDIT_ALLOW,
                                .rule = STR("purposes.customer-care"),
                                .controller = STR("shop"),
                                .category_count = 2,
                                .categories = {STR("contact"), STR("orders")}};
}

static void measure_writing(uint64_t count)
{
    static struct audit_entry entry;
    char memory[LIMIT_ENTRY_BYTES];
    entry = template();
    int64_t start = now_ns();
    uint64_t bytes = 0;
    for (uint64_t i = 0; i < count; i++)
        bytes += make_entry(&entry, i, memory).len;
    int64_t end = now_ns();
    printf("An entry takes %llu bytes.\n\n", (unsigned long long)(bytes / count));
    printf("| %-46s | %9s | %8s | %10s | %8s |\n", "what", "entries", "seconds", "a second",
           "us each");
    printf("|------------------------------------------------|----------:|---------:|-----------:|"
           "---------:|\n");
    row("write an entry as JSON", count, end - start);
}

static void measure_appending(struct audit_log *log, uint64_t count, uint64_t group,
                              const char *what)
{
    static struct audit_entry entry;
    char memory[LIMIT_ENTRY_BYTES];
    struct report report = {0};
    str note;
    entry = template();
    uint64_t first = audit_size(log);
    int64_t start = now_ns(), last_checkpoint = start;
    for (uint64_t i = first; i < first + count; i++) {
        must(audit_append(log, make_entry(&entry, i, memory), &report, NULL), &report);
        if ((i + 1 - first) % group != 0 && i + 1 != first + count)
            continue;
        bool did;
        must(audit_flush(log, &report), &report);
        must(audit_tend(log, &report, &did), &report);
        if (now_ns() - last_checkpoint < 1000000000)
            continue;
        must(audit_sign(log, &report, &note), &report);
        last_checkpoint = now_ns();
    }
    must(audit_checkpoint(log, &report, &note), &report);
    row(what, count, now_ns() - start);
}

/* What a server does between requests, until nothing of it is left. */
static void measure_resting(struct audit_log *log)
{
    struct report report = {0};
    int64_t start = now_ns();
    for (bool did = true; did;)
        must(audit_tend(log, &report, &did), &report);
    row("what was left for a quiet minute", audit_size(log), now_ns() - start);
}

struct tally {
    audit_id handle;
    uint64_t found, seen;
};

static status count_theirs(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    (void)index;
    (void)stop;
    struct tally *tally = self;
    struct audit_entry entry;
    TRY(entry_parse(text, report, &entry));
    tally->found += ID_EQUAL(entry.subject, tally->handle);
    tally->seen++;
    return OK;
}

/* By the runs of handles as they are, and by reading everything. */
static void measure_finding(struct audit_log *log)
{
    struct report report = {0};
    struct tally by_runs = {0}, by_all = {.handle = some_id(0, 1)};
    int64_t start = now_ns();
    for (uint64_t i = 0; i < ASKED; i++) {
        by_runs.handle = some_id(i * 7919 % people, 1);
        struct audit_people asked = {&by_runs.handle, 1};
        for (uint64_t next = 0; next < audit_size(log);)
            must(audit_scan_whose(log, &asked, &next, count_theirs, &by_runs, &report), &report);
    }
    row("find a person's entries", ASKED, now_ns() - start);
    start = now_ns();
    must(audit_scan(log, 0, count_theirs, &by_all, &report), &report);
    row("find a person's entries in the whole log", 1, now_ns() - start);
    uint64_t size = audit_size(log), least = size / people, most = least + 1;
    if (by_all.found < least || by_all.found > most || by_runs.found < least * ASKED ||
        by_runs.found > most * ASKED)
        must(fail(&report, FAULT_INTERNAL, "%llu of a person are there and %llu of %d were found",
                  (unsigned long long)by_all.found, (unsigned long long)by_runs.found, ASKED),
             &report);
}

static void measure_reading(const char *dir, const struct audit_config *config, const char *key)
{
    struct report report = {0};
    struct audit_log *log = NULL;
    int64_t start = now_ns();
    must(audit_open(world_real(), dir, config, &report, &log), &report);
    row("open the log", audit_size(log), now_ns() - start);
    measure_finding(log);
    struct merkle_proof proof;
    uint64_t size = audit_size(log), proofs = 2000;
    start = now_ns();
    for (uint64_t i = 0; i < proofs; i++)
        must(audit_prove(log, i * 7919 % size, size, &report, &proof), &report);
    row("prove an entry, at random", proofs, now_ns() - start);
    audit_close(&log);
    struct audit_verdict verdict;
    start = now_ns();
    must(audit_verify(world_real(), dir, str_from(key), STR(""), &report, &verdict), &report);
    row("verify the whole log", verdict.size, now_ns() - start);
}

int main(int count, char **arguments)
{
    char dir[512], key[512];
    uint64_t entries = DEFAULT_ENTRIES;
    struct report report = {0};
    struct utsname machine;
    struct audit_config config = {.origin = STR("vern.example/bench"), .seed = {{1}}};
    struct audit_log *log = NULL;
    snprintf(dir, sizeof(dir), "%s/vern-bench-log-XXXXXX", count > 1 ? arguments[1] : ".");
    if (count > 2 && (!str_to_u64(str_from(arguments[2]), &entries) || entries < 1000)) {
        fprintf(stderr, "usage: bench_log [FOLDER [ENTRIES, at least 1000]]\n");
        return 64;
    }
    if (uname(&machine) != 0 || mkdtemp(dir) == NULL) {
        fprintf(stderr, "bench log: cannot make a folder there\n");
        return 5;
    }
    printf("bench log: %s %s, %ld processors, %s, %llu entries\n", machine.sysname, machine.machine,
           sysconf(_SC_NPROCESSORS_ONLN), OpenSSL_version(OPENSSL_VERSION),
           (unsigned long long)entries);
    people = entries * 2 / OF_EACH;
    measure_writing(entries);
    must(audit_open(world_real(), dir, &config, &report, &log), &report);
    struct buf buf = buf_over(key, sizeof(key) - 1);
    note_verifier_print(&buf, audit_verifier(log));
    key[buf.len] = 0;
    measure_appending(log, entries / 1000, 1, "write, append, flush each");
    measure_appending(log, entries, FLUSH_GROUP, "write, append, flush each 64, checkpoints");
    measure_appending(log, entries, 1024, "write, append, flush each 1024, checkpoints");
    measure_resting(log);
    audit_close(&log);
    measure_reading(dir, &config, key);
    nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return 0;
}
