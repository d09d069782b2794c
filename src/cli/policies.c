/* Commands about policy files; nothing is stored, no server is asked. */
#include <stdio.h>

#include "check.h"
#include "cli_internal.h"
#include "file.h"
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

static status check_file(struct cli *cli, str path, const struct policy_source *deployment,
                         bool more)
{
    CLEANUP(words_free) struct words *words = words_new();
    struct problems problems = {.arena = cli->arena};
    struct policy_source policy;
    const struct plan *plan;
    struct report report = {0};
    TRY(read_source(cli, path, &policy));
    status loaded = plan_load(words, &policy, deployment->text.ptr == NULL ? NULL : deployment,
                              NULL, 0, cli->arena, &problems, &report, &plan);
    if (is_ok(loaded))
        TRY(plan_check(plan, &problems, &cli->report));
    else
        worse(cli, EXIT_UNLOADED);
    for (size_t i = 0; i < problems.list.count; i++) {
        if (counts(&problems.list.at[i], cli->given[OPTION_strict]))
            worse(cli, EXIT_FINDINGS);
    }
    TRY(put_found(cli, &problems, more));
    if (!is_ok(loaded) && problems.list.count == 0)
        put_line(cli->err, "%.*s: %s", STR_ARG(path), report.text);
    return OK;
}

status command_check(struct cli *cli)
{
    struct policy_source deployment;
    TRY(deployment_of(cli, &deployment));
    bool many = cli->argument_count > 1 && cli->given[OPTION_json];
    if (many)
        fputs("[", cli->out);
    for (size_t i = 0; i < cli->argument_count; i++)
        TRY(check_file(cli, cli->arguments[i], &deployment, many && i + 1 < cli->argument_count));
    if (many)
        fputs("]\n", cli->out);
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

static status run_test(struct cli *cli, struct test *test, str file, struct test_result *result,
                       struct words *words, struct problems *problems)
{
    struct policy_source policy, deployment;
    if (!find_source(cli, file, test->policy, ".yaml", &policy))
        return fail(&cli->report, FAULT_NOT_FOUND, "%.*s:%u: there is no policy %.*s beside it",
                    STR_ARG(file), test->line, STR_ARG(test->policy));
    bool deployed = find_source(cli, file, test->policy, ".deploy.yaml", &deployment);
    struct report report = {0};
    status ran = testrun_load(test, file, &policy, deployed ? &deployment : NULL, words, cli->arena,
                              problems, &report, result);
    if (!is_ok(ran) && ran.fault != FAULT_INVALID && ran.fault != FAULT_SYNTAX)
        return fail(&cli->report, ran.fault, "%s", report.text);
    return OK;
}

static status test_one(struct cli *cli, struct test *test, str file, size_t *failed)
{
    CLEANUP(words_free) struct words *words = words_new();
    struct problems problems = {.arena = cli->arena};
    struct test_result result = {0};
    TRY(run_test(cli, test, file, &result, words, &problems));
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
