/* Commands that print the papers of a policy; nothing is stored, no server is asked. */
#include <stdio.h>

#include "cli_internal.h"
#include "document.h"

enum { PAPER_BYTES = 4 << 20 };

static status load_plan(struct cli *cli, struct words *words, const struct plan **plan)
{
    struct problems problems = {.arena = cli->arena};
    struct policy_source policy, deployment = {0};
    bool deployed = cli->option[OPTION_deployment].ptr != NULL;
    TRY(read_source(cli, cli->arguments[0], &policy));
    if (deployed)
        TRY(read_source(cli, cli->option[OPTION_deployment], &deployment));
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

static status write_notice(struct cli *cli, const struct notice_ask *ask, struct buf *buf)
{
    str format = cli->option[OPTION_format];
    struct paper *paper = NULL;
    bool json = str_is(format, "json"), linked = str_is(format, "jsonld");
    if (format.ptr != NULL && !json && !linked && !str_is(format, "html"))
        return fail(&cli->report, FAULT_USAGE, "--format is html, json or jsonld");
    status built = notice_paper(ask, cli->arena, &cli->report, &paper);
    if (built.fault == FAULT_INCOMPLETE)
        put_lacking(cli, paper);
    TRY(built);
    if (linked)
        return notice_jsonld(ask, cli->arena, &cli->report, buf);
    (json ? paper_json : paper_html)(paper, buf);
    return OK;
}

status command_notice(struct cli *cli)
{
    CLEANUP(words_free) struct words *words = words_new();
    struct notice_ask ask = {.controller = cli->option[OPTION_controller]};
    struct buf buf = buf_in(cli->arena, PAPER_BYTES);
    str text;
    TRY(load_plan(cli, words, &ask.plan));
    TRY(language_pick(ask.plan, cli->option[OPTION_language], STR(""), &cli->report,
                      &ask.language));
    TRY(write_notice(cli, &ask, &buf));
    TRY(buf_finish(&buf, &cli->report, &text));
    fwrite(text.ptr, 1, text.len, cli->out);
    return OK;
}
