/* Commands about policy files; nothing is stored, no server is asked. */
#include <stdio.h>

#include "check.h"
#include "cli_internal.h"
#include "diff.h"
#include "file.h"
#include "schema.h"
#include "testrun.h"

enum { EXIT_FINDINGS = 1, EXIT_UNLOADED = 2, FILE_ARENA = 256 << 20, JSON_BYTES = 16 << 20 };

static bool counts(const struct problem *problem, bool strict)
{
    return problem->severity == SEVERITY_ERROR || (strict && problem->severity == SEVERITY_WARNING);
}

static void worse(struct cli *cli, int code)
{
    cli->code = code > cli->code ? code : cli->code;
}

static status put_found(struct cli *cli, const struct problems *problems, bool more)
{
    if (!cli->given[OPTION_json]) {
        put_problems(cli, problems);
        return OK;
    }
    struct buf buf = buf_in(cli->arena, JSON_BYTES);
    problems_json(problems, &buf);
    str text;
    TRY(buf_finish(&buf, &cli->report, &text));
    fwrite(text.ptr, 1, text.len, cli->out);
    fputs(more ? ",\n" : "\n", cli->out);
    return OK;
}

/* The deployment file that --deployment names; text empty when it does not. */
static status deployment_of(struct cli *cli, struct policy_source *deployment)
{
    *deployment = (struct policy_source){0};
    if (cli->option[OPTION_deployment].ptr == NULL)
        return OK;
    return read_source(cli, cli->option[OPTION_deployment], deployment);
}

/* Adds what is wrong with one file to `problems`. */
static status check_file(struct cli *cli, str path, const struct policy_source *deployment,
                         struct problems *problems)
{
    CLEANUP(words_free) struct words *words = words_new();
    size_t before = problems->list.count;
    struct policy_source policy;
    const struct plan *plan;
    struct report report = {0};
    TRY(read_source(cli, path, &policy));
    status loaded = plan_load(words, &policy, deployment->text.ptr == NULL ? NULL : deployment,
                              NULL, 0, cli->arena, problems, &report, &plan);
    if (is_ok(loaded))
        TRY(plan_check(plan, problems, &cli->report));
    else
        worse(cli, EXIT_UNLOADED);
    for (size_t i = before; i < problems->list.count; i++) {
        if (counts(&problems->list.at[i], cli->given[OPTION_strict]))
            worse(cli, EXIT_FINDINGS);
    }
    if (!is_ok(loaded) && problems->list.count == before)
        put_line(cli->err, "%.*s: %s", STR_ARG(path), report.text);
    return OK;
}

static status put_sarif(struct cli *cli, const struct problems *problems)
{
    struct buf buf = buf_in(cli->arena, JSON_BYTES);
    problems_sarif(problems, VERN_VERSION, &buf);
    str text;
    TRY(buf_finish(&buf, &cli->report, &text));
    fwrite(text.ptr, 1, text.len, cli->out);
    return OK;
}

/* Text and JSON come file by file, SARIF at the end for all. */
status command_check(struct cli *cli)
{
    struct policy_source deployment;
    struct problems all = {.arena = cli->arena};
    str language = cli->option[OPTION_language];
    bool norwegian = str_is(language, "nb") || str_is(language, "nn");
    if (language.ptr != NULL && !norwegian && !str_is(language, "en"))
        return fail(&cli->report, FAULT_USAGE, "--language is nb, nn or en");
    bool sarif = cli->given[OPTION_sarif];
    TRY(deployment_of(cli, &deployment));
    bool many = cli->argument_count > 1 && cli->given[OPTION_json] && !sarif;
    if (many)
        fputs("[", cli->out);
    for (size_t i = 0; i < cli->argument_count; i++) {
        struct problems own = {.arena = cli->arena};
        TRY(check_file(cli, cli->arguments[i], &deployment, sarif ? &all : &own));
        if (norwegian)
            problems_in_norwegian(sarif ? &all : &own);
        if (!sarif)
            TRY(put_found(cli, &own, many && i + 1 < cli->argument_count));
    }
    if (many)
        fputs("]\n", cli->out);
    return sarif ? put_sarif(cli, &all) : OK;
}

status command_schema(struct cli *cli)
{
    struct buf buf = buf_in(cli->arena, JSON_BYTES);
    policy_schema_print(&buf);
    str text;
    TRY(buf_finish(&buf, &cli->report, &text));
    fwrite(text.ptr, 1, text.len, cli->out);
    return OK;
}

status command_print(struct cli *cli)
{
    CLEANUP(words_free) struct words *words = words_new();
    struct problems problems = {.arena = cli->arena};
    struct policy_source policy, deployment;
    const struct plan *plan;
    TRY(read_source(cli, cli->arguments[0], &policy));
    TRY(deployment_of(cli, &deployment));
    status loaded = plan_load(words, &policy, deployment.text.ptr == NULL ? NULL : &deployment,
                              NULL, 0, cli->arena, &problems, &cli->report, &plan);
    if (!is_ok(loaded)) {
        put_problems(cli, &problems);
        return loaded;
    }
    struct buf buf = buf_in(cli->arena, JSON_BYTES);
    plan_print(plan, &buf);
    str text;
    TRY(buf_finish(&buf, &cli->report, &text));
    fwrite(text.ptr, 1, text.len, cli->out);
    return OK;
}

/* ---- tests ---- */

/* A test in DIR/tests/x.yaml runs on DIR/POLICY.yaml, with DIR/POLICY.deploy.yaml where there is
 * one; a test in DIR/x.yaml on files of the same folder. */
static bool find_source(struct cli *cli, str test_file, str policy, const char *tail,
                        struct policy_source *source)
{
    size_t slash = test_file.len;
    while (slash > 0 && test_file.ptr[slash - 1] != '/')
        slash--;
    str folder = slash == 0 ? STR("./") : str_slice(test_file, 0, slash);
    const char *const from[] = {"../", ""};
    for (size_t i = 0; i < LENGTH(from); i++) {
        str path = arena_format(cli->arena, "%.*s%s%.*s%s", STR_ARG(folder), from[i],
                                STR_ARG(policy), tail);
        struct report missing = {0};
        source->name = path;
        if (is_ok(file_read(c_string(cli, path), cli->arena, FILE_ARENA / 8, &missing,
                            &source->text)))
            return true;
    }
    return false;
}

static void put_failed_steps(struct cli *cli, str file, const struct test_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        const struct step_result *step = &result->steps[i];
        if (!step->passed)
            put_line(cli->out, "  %.*s:%u: expected %.*s, got %.*s", STR_ARG(file),
                     step->step->line, STR_ARG(step->expected), STR_ARG(step->actual));
    }
}

static status run_test(struct cli *cli, struct test *test, str file, bool explains,
                       struct test_result *result, struct words *words, struct problems *problems)
{
    struct policy_source policy, deployment;
    if (!find_source(cli, file, test->policy, ".yaml", &policy))
        return fail(&cli->report, FAULT_NOT_FOUND, "%.*s:%u: there is no policy %.*s beside it",
                    STR_ARG(file), test->line, STR_ARG(test->policy));
    bool deployed = find_source(cli, file, test->policy, ".deploy.yaml", &deployment);
    struct report report = {0};
    status ran = (explains ? testrun_explain : testrun_load)(test, file, &policy,
                                                             deployed ? &deployment : NULL, words,
                                                             cli->arena, problems, &report, result);
    if (!is_ok(ran) && ran.fault != FAULT_INVALID && ran.fault != FAULT_SYNTAX)
        return fail(&cli->report, ran.fault, "%s", report.text);
    return OK;
}

static status test_one(struct cli *cli, struct test *test, str file, size_t *failed)
{
    CLEANUP(words_free) struct words *words = words_new();
    struct problems problems = {.arena = cli->arena};
    struct test_result result = {0};
    TRY(run_test(cli, test, file, false, &result, words, &problems));
    if (result.passed)
        return OK;
    (*failed)++;
    put_line(cli->out, "%.*s:%u: failed: %.*s", STR_ARG(file), test->line, STR_ARG(test->name));
    put_problems(cli, &problems);
    put_failed_steps(cli, file, &result);
    return OK;
}

static status read_tests(struct cli *cli, str path, struct test_file **file)
{
    struct problems problems = {.arena = cli->arena};
    struct policy_source source;
    TRY(read_source(cli, path, &source));
    status read = testfile_read(&source, cli->arena, &problems, &cli->report, file);
    if (!is_ok(read))
        put_problems(cli, &problems);
    return read;
}

status command_test(struct cli *cli)
{
    size_t failed = 0, count = 0;
    for (size_t i = 0; i < cli->argument_count; i++) {
        struct test_file *file;
        TRY(read_tests(cli, cli->arguments[i], &file));
        for (size_t t = 0; t < file->count; t++)
            TRY(test_one(cli, &file->at[t], cli->arguments[i], &failed));
        count += file->count;
    }
    fprintf(cli->out, "%zu tests, %zu failed\n", count, failed);
    cli->code = failed > 0 ? EXIT_FINDINGS : 0;
    return OK;
}

/* ---- explain ---- */

static void put_reason(struct cli *cli, const struct reason *reason, const struct words *words)
{
    fputs("  ", cli->out);
    put_safe(cli->out, reason->rule);
    for (size_t i = 0; i < reason->ids.count; i++) {
        fputs(i == 0 ? " (" : ", ", cli->out);
        put_safe(cli->out, reason->ids.at[i]);
    }
    if (reason->ids.count > 0)
        fputs(")", cli->out);
    if (!str_is_empty(reason->article)) {
        fputs("  ", cli->out);
        put_safe(cli->out, reason->article);
    }
    for (size_t i = 0; i < reason->lack_count; i++) {
        fputs(i == 0 ? "  would be a yes with: " : ", ", cli->out);
        put_safe(cli->out, words_text(words, reason->lacks[i]));
    }
}

static void put_gate(struct cli *cli, const struct gate_answer *gate, const struct words *words)
{
    fprintf(cli->out, "    %s %-16s ", gate->passed ? "yes" : "no ", gate->gate);
    put_safe(cli->out, words_text(words, gate->field));
    if (!gate->passed)
        put_reason(cli, &gate->reason, words);
    fputc('\n', cli->out);
}

static void put_explained(struct cli *cli, str file, const struct test_result *result,
                          const struct words *words)
{
    for (size_t i = 0; i < result->count; i++) {
        const struct step_result *step = &result->steps[i];
        if (step->explanation == NULL)
            continue;
        put_line(cli->out, "%.*s:%u: %s: %.*s%s", STR_ARG(file), step->step->line,
                 test_verb_name(step->step->verb), STR_ARG(step->actual),
                 step->passed ? "" : " (not as expected)");
        for (size_t g = 0; g < step->explanation->gates.count; g++)
            put_gate(cli, &step->explanation->gates.at[g], words);
    }
}

status command_explain(struct cli *cli)
{
    str path = cli->arguments[0], name = cli->arguments[1];
    struct test_file *file;
    TRY(read_tests(cli, path, &file));
    for (size_t t = 0; t < file->count; t++) {
        if (!str_equal(file->at[t].name, name))
            continue;
        CLEANUP(words_free) struct words *words = words_new();
        struct problems problems = {.arena = cli->arena};
        struct test_result result = {0};
        TRY(run_test(cli, &file->at[t], path, true, &result, words, &problems));
        put_problems(cli, &problems);
        put_explained(cli, path, &result, words);
        cli->code = result.passed ? 0 : EXIT_FINDINGS;
        return OK;
    }
    return fail(&cli->report, FAULT_NOT_FOUND, "%.*s has no test of that name", STR_ARG(path));
}

/* ---- diff ---- */

/* Each side with its deployment file: --deployment, and --new-deployment where the second has
 * another one. */
static status load_side(struct cli *cli, str path, enum option option, struct words *words,
                        const struct plan **plan)
{
    struct problems problems = {.arena = cli->arena};
    struct policy_source source, deployment = {0};
    TRY(read_source(cli, path, &source));
    if (cli->option[option].ptr != NULL)
        TRY(read_source(cli, cli->option[option], &deployment));
    status loaded = plan_load(words, &source, deployment.text.ptr == NULL ? NULL : &deployment,
                              NULL, 0, cli->arena, &problems, &cli->report, plan);
    if (!is_ok(loaded))
        put_problems(cli, &problems);
    return loaded;
}

static void put_difference(struct cli *cli, const struct plan_difference *difference)
{
    fputs(difference->material ? "material  " : "          ", cli->out);
    put_safe(cli->out, difference->path);
    fputs(": ", cli->out);
    put_safe(cli->out, difference->what);
    if (difference->material && !str_is_empty(difference->why)) {
        fputs("; ", cli->out);
        put_safe(cli->out, difference->why);
    }
    fputc('\n', cli->out);
}

/* Ends with 0 when the two are the same to the reader, 1 when something is material. */
status command_diff(struct cli *cli)
{
    CLEANUP(words_free) struct words *words = words_new();
    const struct plan *old, *new;
    struct plan_differences differences = {0};
    bool other = cli->given[OPTION_new_deployment];
    TRY(load_side(cli, cli->arguments[0], OPTION_deployment, words, &old));
    TRY(load_side(cli, cli->arguments[1], other ? OPTION_new_deployment : OPTION_deployment, words,
                  &new));
    TRY(plan_diff(old, new, cli->arena, &cli->report, &differences));
    for (size_t i = 0; i < differences.list.count; i++) {
        if (differences.list.at[i].material)
            worse(cli, EXIT_FINDINGS);
        if (!cli->given[OPTION_json])
            put_difference(cli, &differences.list.at[i]);
    }
    if (!cli->given[OPTION_json])
        return OK;
    struct buf buf = buf_in(cli->arena, JSON_BYTES);
    diff_json(&differences, &buf);
    str text;
    TRY(buf_finish(&buf, &cli->report, &text));
    fprintf(cli->out, "%.*s\n", STR_ARG(text));
    return OK;
}
