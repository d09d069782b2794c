/* people: synthetic people for the demo, the tests and the benchmarks (src/policy/synthetic.h).
 *
 *   people POLICY [DEPLOYMENT] --count N --seed S [--prefix P]    lines for an import
 *   people POLICY [DEPLOYMENT] --setup                            balancing tests to record first
 */
#include <stdio.h>
#include <stdlib.h>

#include "file.h"
#include "instant.h"
#include "synthetic.h"

enum { ARENA = 256 << 20, LINE = 256 << 10, FILE_BYTES = 2 << 20 };

struct options {
    const char *files[2];
    size_t file_count;
    uint64_t count, seed;
    const char *prefix;
    const char *now;
    bool setup;
};

static bool number_option(const char *text, uint64_t *value)
{
    return text != NULL && str_to_u64(str_from(text), value);
}

static bool read_options(int argc, char **argv, struct options *options)
{
    for (int i = 1; i < argc; i++) {
        const char *word_ = argv[i];
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(word_, "--setup") == 0)
            options->setup = true;
        else if (strcmp(word_, "--count") == 0 && number_option(next, &options->count))
            i++;
        else if (strcmp(word_, "--seed") == 0 && number_option(next, &options->seed))
            i++;
        else if (strcmp(word_, "--prefix") == 0 && next != NULL)
            options->prefix = argv[++i];
        else if (strcmp(word_, "--now") == 0 && next != NULL)
            options->now = argv[++i];
        else if (word_[0] != '-' && options->file_count < 2)
            options->files[options->file_count++] = word_;
        else
            return false;
    }
    return options->file_count > 0;
}

static status load(const struct options *options, struct arena *arena, struct report *report,
                   struct words *words, const struct plan **plan)
{
    struct policy_source sources[2] = {0};
    for (size_t i = 0; i < options->file_count; i++) {
        sources[i].name = str_from(options->files[i]);
        TRY(file_read(options->files[i], arena, FILE_BYTES, report, &sources[i].text));
    }
    struct problems problems = {.arena = arena};
    return plan_load(words, &sources[0], options->file_count == 2 ? &sources[1] : NULL, NULL, 0,
                     arena, &problems, report, plan);
}

int main(int argc, char **argv)
{
    struct options options = {
        .count = 100, .seed = 1, .prefix = "K", .now = "2026-01-15T09:00:00Z"};
    if (!read_options(argc, argv, &options)) {
        fprintf(stderr, "use: people POLICY [DEPLOYMENT] [--count N] [--seed S] [--prefix P] "
                        "[--now T] [--setup]\n");
        return 64;
    }
    struct arena *arena = arena_new(ARENA);
    struct words *words = words_new();
    struct report report = {0};
    const struct plan *plan = NULL;
    instant now = {0};
    status loaded = load(&options, arena, &report, words, &plan);
    if (!is_ok(loaded) || !instant_parse(str_from(options.now), &now)) {
        fprintf(stderr, "people: %s\n", report.text);
        return fault_exit(loaded.fault);
    }
    struct synthetic m;
    synthetic_start(&m, plan, options.seed, now, str_from(options.prefix));
    char *room = arena_take(arena, LINE);
    struct buf buf = buf_over(room, LINE);
    size_t at = 0;
    while (options.setup && synthetic_balancing(&m, &at, &buf)) {
        printf("%.*s\n", STR_ARG(buf_str(&buf)));
        buf.len = 0;
    }
    for (uint64_t i = 0; !options.setup && i < options.count; i++) {
        buf.len = 0;
        if (!synthetic_person(&m, arena, &buf)) {
            fprintf(stderr, "people: no intake of this policy can be played\n");
            return 1;
        }
        printf("%.*s\n", STR_ARG(buf_str(&buf)));
    }
    words_free(&words);
    arena_free(&arena);
    return 0;
}
