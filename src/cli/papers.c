/* Commands that print the papers of a policy; nothing is stored, no server is asked. */
#include <stdio.h>

#include "cli_internal.h"
#include "document.h"
#include "synthetic.h"

enum { PAPER_BYTES = 4 << 20, LINE_BYTES = 256 << 10, SYNTHETIC_MOST = 1000000 };

static status load_plan(struct cli *cli, struct words *words, str file, str deployment_file,
                        const struct plan **plan)
{
    struct problems problems = {.arena = cli->arena};
    struct policy_source policy, deployment = {0};
    bool deployed = deployment_file.ptr != NULL;
    TRY(read_source(cli, file, &policy));
    if (deployed)
        TRY(read_source(cli, deployment_file, &deployment));
    status loaded = plan_load(words, &policy, deployed ? &deployment : NULL, NULL, 0, cli->arena,
                              &problems, &cli->report, plan);
    if (!is_ok(loaded))
        put_problems(cli, &problems);
    return loaded;
}

/* Everything that lacks, not only the first. */
static void put_lacking(struct cli *cli, const struct paper *paper)
{
    size_t count;
    const struct paper_lack *lacks = paper_lacking(paper, &count);
    for (size_t i = 0; i < count; i++) {
        if (lacks[i].label)
            put_line(cli->err, "%.*s has no name in %s", STR_ARG(lacks[i].path),
                     language_tag(paper_language(paper)));
        else
            put_line(cli->err, "%.*s lacks%s%.*s", STR_ARG(lacks[i].item),
                     lacks[i].path.len > 0 ? ": " : "", STR_ARG(lacks[i].path));
    }
}

static status language_of(struct cli *cli, const struct plan *plan, enum language *language)
{
    return language_pick(plan, cli->option[OPTION_language], STR(""), &cli->report, language);
}

static status print(struct cli *cli, const struct buf *buf)
{
    str text;
    TRY(buf_finish(buf, &cli->report, &text));
    fwrite(text.ptr, 1, text.len, cli->out);
    return OK;
}

/* `table`: the one that is written as CSV; NULL when there is none. */
static status write_paper(struct cli *cli, const struct paper *paper, const char *table)
{
    struct buf buf = buf_in(cli->arena, PAPER_BYTES);
    str format = cli->option[OPTION_format];
    if (table != NULL && str_is(format, "csv"))
        TRY(paper_csv(paper, table, &cli->report, &buf));
    else if (str_is(format, "json"))
        paper_json(paper, &buf);
    else if (format.ptr == NULL || str_is(format, "html"))
        paper_html(paper, &buf);
    else
        return fail(&cli->report, FAULT_USAGE, "this document has no form --format %.*s",
                    STR_ARG(format));
    return print(cli, &buf);
}

static status issued(struct cli *cli, status built, const struct paper *paper, const char *table)
{
    if (built.fault == FAULT_INCOMPLETE)
        put_lacking(cli, paper);
    TRY(built);
    return write_paper(cli, paper, table);
}

status command_notice(struct cli *cli)
{
    CLEANUP(words_free) struct words *words = words_new();
    struct notice_ask ask = {.controller = cli->option[OPTION_controller],
                             .intake = cli->option[OPTION_intake]};
    struct paper *paper = NULL;
    TRY(load_plan(cli, words, cli->arguments[0], cli->option[OPTION_deployment], &ask.plan));
    TRY(language_of(cli, ask.plan, &ask.language));
    status built = notice_paper(&ask, cli->arena, &cli->report, &paper);
    if (!is_ok(built) || !str_is(cli->option[OPTION_format], "jsonld"))
        return issued(cli, built, paper, NULL);
    struct buf buf = buf_in(cli->arena, PAPER_BYTES);
    TRY(notice_jsonld(&ask, cli->arena, &cli->report, &buf));
    return print(cli, &buf);
}

static const struct {
    const char *kind, *table;
    status (*build)(const struct policy_ask *ask, struct arena *arena, struct report *report,
                    struct paper **paper);
} PAPERS[] = {
    {"retention", "plan", retention_paper},    {"transfers", "given", transfers_paper},
    {"processors", "given", processors_paper}, {"balancing", "purpose", balancing_paper},
    {"assessment", "found", assessment_paper},
};

status command_paper(struct cli *cli)
{
    CLEANUP(words_free) struct words *words = words_new();
    struct policy_ask ask = {0};
    struct paper *paper = NULL;
    for (size_t i = 0; i < LENGTH(PAPERS); i++) {
        if (!str_is(cli->arguments[0], PAPERS[i].kind))
            continue;
        TRY(load_plan(cli, words, cli->arguments[1], cli->option[OPTION_deployment], &ask.plan));
        TRY(language_of(cli, ask.plan, &ask.language));
        status built = PAPERS[i].build(&ask, cli->arena, &cli->report, &paper);
        return issued(cli, built, paper, PAPERS[i].table);
    }
    return fail(&cli->report, FAULT_USAGE,
                "a paper is retention, transfers, processors, balancing or "
                "assessment");
}

status command_changes(struct cli *cli)
{
    CLEANUP(words_free) struct words *words = words_new();
    struct policy_ask ask = {0};
    const struct plan *old;
    struct paper *paper = NULL;
    bool other = cli->option[OPTION_new_deployment].ptr != NULL;
    TRY(load_plan(cli, words, cli->arguments[0], cli->option[OPTION_deployment], &old));
    TRY(load_plan(cli, words, cli->arguments[1],
                  cli->option[other ? OPTION_new_deployment : OPTION_deployment], &ask.plan));
    TRY(language_of(cli, ask.plan, &ask.language));
    status built = changes_paper(&ask, old, cli->arena, &cli->report, &paper);
    return issued(cli, built, paper, "list");
}

static status take_customers(struct cli *cli, struct words *words, struct record_ask *ask)
{
    size_t count = cli->argument_count - 1;
    struct record_customer *customers = ARENA_ARRAY(cli->arena, struct record_customer, count + 1);
    if (customers == NULL)
        return NO_MEMORY(&cli->report);
    if (!ask->processor && count > 0)
        return fail(&cli->report, FAULT_USAGE, "only a record as processor tells of customers");
    for (size_t i = 0; i < count; i++)
        TRY(load_plan(cli, words, cli->arguments[i + 1], (str){0}, &customers[i].plan));
    ask->customers = customers;
    ask->customer_count = count;
    return OK;
}

status command_record(struct cli *cli)
{
    CLEANUP(words_free) struct words *words = words_new();
    str as = cli->option[OPTION_as];
    struct record_ask ask = {.controller = cli->option[OPTION_controller],
                             .processor = str_is(as, "processor")};
    struct paper *paper = NULL;
    if (as.ptr != NULL && !ask.processor && !str_is(as, "controller"))
        return fail(&cli->report, FAULT_USAGE, "--as is controller or processor");
    TRY(load_plan(cli, words, cli->arguments[0], cli->option[OPTION_deployment], &ask.plan));
    TRY(take_customers(cli, words, &ask));
    TRY(language_of(cli, ask.plan, &ask.language));
    status built = record_paper(&ask, cli->arena, &cli->report, &paper);
    return issued(cli, built, paper, "processing");
}

/* Of the day that begins at --at, or of today: the same files, seed and day give the same people.
 */
static status synthetic_day(struct cli *cli, instant *day)
{
    str at = cli->option[OPTION_at];
    *day = world_now(world_real());
    if (at.ptr != NULL && !instant_parse(at, day))
        return fail(&cli->report, FAULT_USAGE, "--at is a time: 2026-09-01T00:00:00Z");
    if (at.ptr == NULL)
        day->ms -= day->ms % 86400000;
    return OK;
}

/* The number of a person becomes part of an e-mail address. */
static bool is_prefix(str text)
{
    bool good = text.len > 0 && text.len <= 20;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        good = good && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '-');
    }
    return good;
}

static status put_people(struct cli *cli, struct synthetic *synthetic, uint64_t people)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(4 * LINE_BYTES);
    for (uint64_t i = 0; i < people; i++) {
        arena_reset(arena);
        struct buf line = buf_in(arena, LINE_BYTES);
        if (!synthetic_person(synthetic, arena, &line))
            return fail(&cli->report, FAULT_CONFLICT,
                        "no intake of this policy can be played: each waits for more than a "
                        "notice, an agreement or a consent");
        fwrite(line.ptr, 1, line.len, cli->out);
        fputc('\n', cli->out);
    }
    return OK;
}

status command_synthetic(struct cli *cli)
{
    CLEANUP(words_free) struct words *words = words_new();
    const struct plan *plan;
    uint64_t people, seed;
    instant day;
    str prefix = cli->argument_count > 3 ? cli->arguments[3] : STR("S");
    TRY(load_plan(cli, words, cli->arguments[0], cli->option[OPTION_deployment], &plan));
    if (!str_to_u64(cli->arguments[1], &people) || people == 0 || people > SYNTHETIC_MOST)
        return fail(&cli->report, FAULT_USAGE, "PEOPLE is a number up to %d", SYNTHETIC_MOST);
    if (!str_to_u64(cli->arguments[2], &seed))
        return fail(&cli->report, FAULT_USAGE, "SEED is a number");
    if (!is_prefix(prefix))
        return fail(&cli->report, FAULT_USAGE, "PREFIX is letters, digits and -, at most 20");
    TRY(synthetic_day(cli, &day));
    struct synthetic synthetic;
    synthetic_start(&synthetic, plan, seed, day, prefix);
    return put_people(cli, &synthetic, people);
}
