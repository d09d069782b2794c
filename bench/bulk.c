/* bulk: what many people cost, in process: import, reads, disk, start, sweep.
 *
 *   bench_bulk POLICY PEOPLE ROUNDS [kept]   run by bench/grow (which sweeps nobody), import, disk
 *                                            and sweep, which print of it
 *
 * A register of the policy of `bench gdpr` is filled with people of eight
 * items of 100 bytes, LINES to a turn; then it is read, closed and opened, and its clock set to
 * where all but what a role keeps has ended. Prints one row: people, items, imported items/s, read
 * us (p50, p99), a read in a group of 64 us, disk bytes an item, log bytes an item, anonymous KB,
 * opening ms, swept dossiers/s, swept items/s, and of the processor what an imported item, a
 * swept dossier and a read in a group took, in us. Everything is checked: values, and that after
 * the sweep nothing is there. */
#include "measure.h" /* first: base.h takes the clock away */

#include <sys/stat.h>

#include "engine_fixture.h"

enum {
    LINES = 250,
    ITEMS = 8,
    GROUP = 64,
    TOGETHER = 64, /* lines of an operation */
    KEPT_HOURS = 8,
    TEXT_BYTES = 100,
    PURPOSES = 25,
    TURN_MS = 20
};

static struct fixture f;
static struct arena *scratch;
static size_t people;
static dossier_id *ids;
static size_t held;

static struct call calls[LINES];
static struct report reports[LINES];
static struct read_run reads[GROUP];

static void must(status got, const char *what)
{
    BENCH_MUST(is_ok(got), "%s: %s", what, f.report.text);
}

static void call_done(void *self, struct call *call, status result)
{
    (void)self;
    BENCH_MUST(is_ok(result), "%s", call->report->text);
    held++;
}

static void begin_turn(void)
{
    arena_reset(scratch);
    held = 0;
    engine_begin(f.engine);
}

static void make_call(size_t i, status (*use)(struct call *call, void *request), void *request)
{
    reports[i] = (struct report){0};
    must(call_begin(f.engine, f.reg, engine_system(), scratch, &reports[i], &calls[i]), "a call");
    status got = call_end(&calls[i], use(&calls[i], request));
    BENCH_MUST(is_ok(got), "%s", reports[i].text);
}

static void add_call(size_t i, status (*use)(struct call *call, void *request), void *request)
{
    make_call(i, use, request);
    call_hold(&calls[i], call_done, NULL, OK);
}

static void end_turn(size_t count)
{
    must(engine_end(f.engine, &f.report), "a turn");
    BENCH_MUST(held == count, "%zu of %zu calls", held, count);
    engine_rest(f.engine); /* as the server does behind its replies, once a second a checkpoint */
    f.sim.clock.ms += TURN_MS;
}

/* ---- filling ---- */

/* Where the clock is not set at the end, time goes on with the turns. */
static void start(const char *policy, bool clock_is_set)
{
    fixture_start(&f, 5, "2026-01-01T00:00:00Z");
    scratch = arena_new((size_t)256 << 20);
    struct register_create create = {.name = STR("bulk"),
                                     .policy_file = STR("policy.yaml"),
                                     .policy = read_text(&f, policy),
                                     .simulated = clock_is_set,
                                     .start = at_time("2026-01-02T09:00:00Z")};
    struct problems problems = {.arena = f.arena};
    must(engine_register_create(f.engine, &create, f.arena, &problems, &f.report, &f.admin),
         "the register");
    f.reg = engine_register(f.engine, STR("bulk"));
    ids = calloc(people, sizeof(*ids));
    BENCH_MUST(ids != NULL, "no memory");
}

/* 100 letters that tell person and item. */
static void text_of(size_t n, uint32_t item, char text[TEXT_BYTES + 1])
{
    uint64_t state = ((uint64_t)n << 8 | item) + 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < TEXT_BYTES; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        text[i] = (char)('a' + (state >> 59) % 26);
    }
    text[TEXT_BYTES] = '\0';
}

static str line_of(size_t n)
{
    char value[TEXT_BYTES + 1];
    struct buf out = buf_in(scratch, 4096);
    str line;
    buf_format(&out,
               "{\"number\":\"u%zu\",\"collect\":[{\"intake\":\"form%zu\",\"source\":"
               "\"src1\",\"channel\":\"web\",\"said_optional\":true,\"values\":{",
               n, n % PURPOSES);
    for (uint32_t i = 0; i < ITEMS; i++) {
        text_of(n, i, value);
        buf_format(&out, "%s\"cat%u.data\":\"%s\"", i == 0 ? "" : ",", i, value);
    }
    buf_text(&out, "}}]}");
    must(buf_finish(&out, &f.report, &line), "a line");
    return line;
}

struct pace {
    double seconds, cpu_us; /* of the whole */
    uint64_t wall_from, cpu_from;
};

static void pace_begin(struct pace *pace)
{
    *pace = (struct pace){.wall_from = now_ns(), .cpu_from = cpu_ns()};
}

static void pace_end(struct pace *pace)
{
    pace->seconds = (double)(now_ns() - pace->wall_from) / 1e9;
    pace->cpu_us = (double)(cpu_ns() - pace->cpu_from) / 1e3;
}

/* Lines from..to-1 of the turn that begins with person n, as one operation, as the server takes
 * them. */
static void import_some(size_t n, size_t from, size_t to)
{
    static struct import_line lines[LINES];
    must(calls_together(f.reg, &f.report), "an operation");
    for (size_t i = from; i < to; i++) {
        lines[i] = (struct import_line){n + i + 1, line_of(n + i)};
        make_call(i, use_import, &lines[i]);
        ids[n + i] = calls[i].outcome.id;
    }
    must(calls_apart(f.reg, OK, &f.report), "an operation");
    for (size_t i = from; i < to; i++)
        call_hold(&calls[i], call_done, NULL, OK);
}

static void import_all(struct pace *pace)
{
    pace_begin(pace);
    for (size_t n = 0; n < people; n += held) {
        size_t count = people - n < LINES ? people - n : LINES;
        begin_turn();
        for (size_t i = 0; i < count; i += TOGETHER)
            import_some(n, i, count - i < TOGETHER ? count : i + TOGETHER);
        end_turn(count);
    }
    pace_end(pace);
}

/* ---- reading ---- */

static uint64_t dice = 3;
static size_t anyone(void)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(dice >> 33) % people;
}

static str purposes[GROUP];
static void read_request(size_t i, size_t who)
{
    purposes[i] = arena_format(scratch, "purpose%zu", who % PURPOSES);
    reads[i] = (struct read_run){.request = {.subject = ids[who], .purpose = purposes[i]}};
}

static void read_is_right(size_t i, size_t who)
{
    char value[TEXT_BYTES + 1];
    text_of(who, ITEMS - 1, value);
    bool found = false;
    for (size_t k = 0; k < reads[i].result.count; k++)
        found |= str_equal(reads[i].result.items[k].value, str_from(value));
    BENCH_MUST(reads[i].result.count == ITEMS && found, "person %zu is read wrongly", who);
}

static uint64_t read_cpu_ns; /* of all reads of the last read_in_groups() */

/* Each person once: from then on a page that is needed has been seen before. */
static void read_everybody(void)
{
    for (size_t n = 0; n < people; n += held) {
        size_t count = people - n < GROUP ? people - n : GROUP;
        begin_turn();
        for (size_t i = 0; i < count; i++) {
            read_request(i, n + i);
            add_call(i, use_read, &reads[i]);
        }
        end_turn(count);
    }
}

static struct samples read_in_groups(size_t size, size_t rounds)
{
    struct samples samples = samples_new(rounds);
    size_t who[GROUP];
    read_cpu_ns = 0;
    for (size_t n = 0; n < rounds; n++) {
        uint64_t from = now_ns(), cpu_from = cpu_ns();
        begin_turn();
        for (size_t i = 0; i < size; i++) {
            who[i] = anyone();
            read_request(i, who[i]);
            add_call(i, use_read, &reads[i]);
        }
        end_turn(size);
        samples_add(&samples, (now_ns() - from) / size);
        read_cpu_ns += cpu_ns() - cpu_from;
        for (size_t i = 0; i < size; i++)
            read_is_right(i, who[i]);
    }
    samples_sort(&samples);
    return samples;
}

/* ---- disk, memory, start ---- */

static uint64_t bytes_of(const char *what)
{
    char command[256], text[32] = "";
    (void)snprintf(command, sizeof(command), "du -cb '%s'/registers/bulk/%s | tail -1", f.data,
                   what);
    FILE *pipe = popen(command, "r");
    BENCH_MUST(pipe != NULL && fgets(text, sizeof(text), pipe) != NULL, "no size of %s", what);
    pclose(pipe);
    return strtoull(text, NULL, 10);
}

static uint64_t anonymous_kb(void)
{
    char line[256];
    uint64_t kb = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0)
            kb = strtoull(line + 8, NULL, 10);
    if (file != NULL)
        fclose(file);
    return kb;
}

/* Closing writes what is in the journals to its place: then the files are as large as they are. */
static double open_anew(double *disk)
{
    engine_close(&f.engine);
    *disk = (double)(bytes_of("data.db") + bytes_of("keys.db"));
    uint64_t from = now_ns();
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("bulk"));
    struct samples first = read_in_groups(1, 1);
    free(first.at);
    return (double)(now_ns() - from) / 1e6;
}

/* ---- the sweep ---- */

static struct swept sweep_all(struct pace *pace)
{
    struct swept swept;
    instant to = {reg_now(f.reg).ms + (int64_t)KEPT_HOURS * 3600000};
    pace_begin(pace);
    must(engine_clock_set(f.engine, f.reg, to, &f.report, &swept), "the sweep");
    pace_end(pace);
    BENCH_MUST(swept.items == people * ITEMS, "%llu items went", (unsigned long long)swept.items);
    return swept;
}

int main(int count, char **words)
{
    bool kept = count == 5 && strcmp(words[4], "kept") == 0; /* nobody is swept */
    BENCH_MUST(count == 4 || kept, "POLICY PEOPLE ROUNDS [kept]");
    people = strtoul(words[2], NULL, 10);
    size_t rounds = strtoul(words[3], NULL, 10);
    start(words[1], !kept);
    struct pace import, sweep = {0};
    import_all(&import);
    double items = (double)(people * ITEMS);
    read_everybody();
    struct samples one = read_in_groups(1, rounds), grouped = read_in_groups(GROUP, rounds / 8 + 1);
    double read_us = (double)read_cpu_ns / 1e3 / (double)GROUP / (double)(rounds / 8 + 1);
    double log = (double)bytes_of("log"), disk = 0;
    uint64_t memory = anonymous_kb();
    double opened = open_anew(&disk);
    struct swept swept = kept ? (struct swept){0} : sweep_all(&sweep);
    printf("%zu %.0f %.0f %.1f %.1f %.1f %.0f %.0f %llu %.1f %.0f %.0f %.1f %.1f %.1f\n", people,
           items, items / import.seconds, (double)samples_at(&one, 0.5) / 1e3,
           (double)samples_at(&one, 0.99) / 1e3, (double)samples_at(&grouped, 0.5) / 1e3,
           disk / items, log / items, (unsigned long long)memory, opened,
           kept ? 0 : (double)swept.settled / sweep.seconds,
           kept ? 0 : (double)swept.items / sweep.seconds, import.cpu_us / items,
           kept ? 0 : sweep.cpu_us / (double)swept.settled, read_us);
    free(one.at);
    free(grouped.at);
    free(ids);
    arena_free(&scratch);
    fixture_stop(&f);
    return 0;
}
