/* What the engine's tests share: an engine in a folder of its own with a world that a seed replays,
 * and calls that say what they expect. */
#ifndef VERN_ENGINE_FIXTURE_H
#define VERN_ENGINE_FIXTURE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "db.h"
#include "engine.h"
#include "file.h"
#include "instant.h"
#include "places.h"

struct fixture {
    char dir[64], data[128], root[128], logs[128];
    struct sim_world sim;
    struct engine *engine;
    struct reg *reg;
    struct arena *arena;
    struct report report;
    struct call call;
    str admin;
    const char *company; /* that calls act for; NULL: the first of the policy */
};

static inline instant at_time(const char *text)
{
    instant at;
    assert_true(instant_parse(str_from(text), &at));
    return at;
}

static inline str read_text(struct fixture *f, const char *path)
{
    str text;
    if (!is_ok(file_read(path, f->arena, 4 << 20, &f->report, &text)))
        fail_msg("%s: %s", path, f->report.text);
    return text;
}

static inline struct engine_config fixture_config(struct fixture *f)
{
    bool together = getenv("VERN_TEST_TOGETHER") != NULL;
    (void)snprintf(f->logs, sizeof(f->logs), "%s/logs", f->dir);
    return (struct engine_config){.world = &f->sim.world,
                                  .data_dir = f->data,
                                  .root_path = f->root,
                                  .log_dir = together ? f->logs : NULL,
                                  .beside = together};
}

static inline void fixture_open(struct fixture *f)
{
    struct engine_config config = fixture_config(f);
    f->report = (struct report){0};
    if (!is_ok(engine_open(&config, &f->report, &f->engine)))
        fail_msg("open: %s", f->report.text);
}

static inline void fixture_start(struct fixture *f, uint64_t seed, const char *now)
{
    *f = (struct fixture){0};
    (void)snprintf(f->dir, sizeof(f->dir), "/tmp/vern-test-XXXXXX");
    if (mkdtemp(f->dir) == NULL)
        fail_msg("no folder for the test");
    (void)snprintf(f->data, sizeof(f->data), "%s/data", f->dir);
    (void)snprintf(f->root, sizeof(f->root), "%s/root.key", f->dir);
    char registers[160];
    (void)snprintf(registers, sizeof(registers), "%s/registers", f->data);
    world_sim(&f->sim, seed, at_time(now));
    f->arena = arena_new((size_t)512 << 20);
    if (!is_ok(dir_make(f->data, 0700, &f->report)) ||
        !is_ok(dir_make(registers, 0700, &f->report)) ||
        !is_ok(keys_root_create(&f->sim.world, f->root, &f->report)))
        fail_msg("start: %s", f->report.text);
    fixture_open(f);
}

static inline struct reg *fixture_register(struct fixture *f, const char *policy, const char *now)
{
    char path[96], deploy[96];
    (void)snprintf(path, sizeof(path), "policies/%s.yaml", policy);
    (void)snprintf(deploy, sizeof(deploy), "policies/%s.deploy.yaml", policy);
    struct register_create create = {.name = str_from(policy),
                                     .policy_file = str_from(path),
                                     .policy = read_text(f, path),
                                     .simulated = true,
                                     .start = at_time(now)};
    if (file_exists(deploy)) {
        create.deployment_file = str_from(deploy);
        create.deployment = read_text(f, deploy);
    }
    struct db_places places = fixture_places(create.name);
    create.places = &places;
    struct problems problems = {.arena = f->arena};
    f->report = (struct report){0};
    if (!is_ok(engine_register_create(f->engine, &create, f->arena, &problems, &f->report,
                                      &f->admin))) {
        for (size_t i = 0; i < problems.list.count; i++)
            print_message("%.*s:%u: %.*s\n", STR_ARG(problems.list.at[i].file),
                          problems.list.at[i].line, STR_ARG(problems.list.at[i].text));
        fail_msg("register: %s", f->report.text);
    }
    f->reg = engine_register(f->engine, str_from(policy));
    return f->reg;
}

static inline void fixture_close(struct fixture *f)
{
    engine_close(&f->engine);
}

static inline void fixture_stop(struct fixture *f)
{
    fixture_close(f);
    arena_free(&f->arena);
    char command[128];
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
    if (system(command) != 0)
        fail_msg("%s stays", f->dir);
}

/* Where the policy has several companies, a test acts for the first unless it says otherwise. */
struct for_company {
    status (*use)(struct call *call, void *request);
    void *request;
    str company;
};
static inline status use_for_company(struct call *call, void *self)
{
    struct for_company *one = self;
    status known = engine_act_for(call, one->company);
    return is_ok(known) ? one->use(call, one->request) : known;
}
static inline str company_of(struct fixture *f)
{
    if (f->company != NULL)
        return str_from(f->company);
    const struct plan_version *version = plans_in_force(reg_plans(f->reg), reg_now(f->reg));
    if (version == NULL)
        return STR("");
    return words_text(version->plan->words, version->plan->controller[0].clause.name);
}

/* Runs one use case; gives its status, the explanation in f->report. */
static inline status run(struct fixture *f, status (*use)(struct call *call, void *request),
                         void *request)
{
    f->report = (struct report){0};
    struct for_company one = {use, request, company_of(f)};
    return engine_run(f->engine, f->reg, engine_system(), f->arena, &f->report, &f->call,
                      use_for_company, &one);
}

#define RUN_OK(f, use, request)                                                                    \
    do {                                                                                           \
        status got_ = run((f), (use), (request));                                                  \
        if (!is_ok(got_))                                                                          \
            fail_msg("%s:%d: %s: %s", __FILE__, __LINE__, fault_name(got_.fault),                  \
                     (f)->report.text);                                                            \
    } while (0)
#define RUN_FAULT(f, use, request, wanted)                                                         \
    do {                                                                                           \
        status got_ = run((f), (use), (request));                                                  \
        if (got_.fault != (wanted))                                                                \
            fail_msg("%s:%d: wanted %s, got %s: %s", __FILE__, __LINE__, fault_name(wanted),       \
                     fault_name(got_.fault), (f)->report.text);                                    \
    } while (0)
/* Refused with this fault, in a text that holds these words. */
#define RUN_SAYS(f, use, request, wanted, words)                                                   \
    do {                                                                                           \
        status got_ = run((f), (use), (request));                                                  \
        if (got_.fault != (wanted) || strstr((f)->report.text, (words)) == NULL)                   \
            fail_msg("%s:%d: wanted %s \"%s\", got %s: %s", __FILE__, __LINE__,                    \
                     fault_name(wanted), (words), fault_name(got_.fault), (f)->report.text);       \
    } while (0)

/* As `caller`, who is not the system itself. */
static inline status run_as(struct fixture *f, const struct caller *caller,
                            status (*use)(struct call *call, void *request), void *request)
{
    f->report = (struct report){0};
    return engine_run(f->engine, f->reg, caller, f->arena, &f->report, &f->call, use, request);
}

/* One that reads, and in the same turn another: what the first says when the turn has ended. */
static inline status run_meanwhile(struct fixture *f,
                                   status (*use)(struct call *call, void *request), void *request,
                                   status (*other)(struct call *call, void *request), void *its)
{
    struct call call;
    struct report ending = {0};
    f->report = (struct report){0};
    engine_begin(f->engine);
    assert_true(is_ok(call_begin(f->engine, f->reg, engine_system(), f->arena, &f->report, &call)));
    assert_true(is_ok(call_end(&call, use(&call, request))));
    assert_true(
        is_ok(call_begin(f->engine, f->reg, engine_system(), f->arena, &f->report, &f->call)));
    if (!is_ok(call_end(&f->call, other(&f->call, its))))
        fail_msg("meanwhile: %s", f->report.text);
    assert_true(is_ok(engine_end(f->engine, &ending)));
    assert_non_null(call.finish);
    return call.finish(&call);
}

static inline bool says(str text, const char *words)
{
    return memmem(text.ptr, text.len, words, strlen(words)) != NULL;
}

static inline void move_clock(struct fixture *f, const char *to)
{
    struct swept swept;
    f->report = (struct report){0};
    status moved = engine_clock_set(f->engine, f->reg, at_time(to), &f->report, &swept);
    if (!is_ok(moved))
        fail_msg("clock: %s", f->report.text);
}

/* ---- use cases with one signature; a test declares the others that it needs in the same way ----
 */
#define USE_CASE(name, type)                                                                       \
    static inline status use_##name(struct call *call, void *request)                              \
    {                                                                                              \
        return engine_##name(call, (const type *)request);                                         \
    }
USE_CASE(subject_create, struct subject_create)
USE_CASE(identify, struct identify)
USE_CASE(role, struct role_change)
USE_CASE(matter_create, struct matter_create)
USE_CASE(event, struct event_record)
USE_CASE(evidence, struct evidence_record)
USE_CASE(evidence_end, struct evidence_end)
USE_CASE(consent, struct consent)
USE_CASE(withdraw, struct withdrawal)
USE_CASE(object, struct objection_make)
USE_CASE(switch, struct switch_set)
USE_CASE(restrict, struct restriction)
USE_CASE(restriction_tell, struct restriction_lift)
USE_CASE(restriction_lift, struct restriction_lift)
USE_CASE(rectify, struct rectify)
USE_CASE(party_create, struct party_create)
USE_CASE(staff_create, struct staff_create)
USE_CASE(concern, struct concern_make)
USE_CASE(concern_decide, struct concern_decision)
USE_CASE(concern_end, struct concern_end)
USE_CASE(breach, struct breach_said)
USE_CASE(case_create, struct case_create)
USE_CASE(task_done, struct task_done)

static inline status use_message(struct call *call, void *request)
{
    struct sending sending;
    return engine_message(call, (const struct message *)request, &sending);
}

struct collect_run {
    struct collect request;
    struct collected result;
};
static inline status use_collect(struct call *call, void *request)
{
    struct collect_run *collect = request;
    return engine_collect(call, &collect->request, &collect->result);
}
struct derive_run {
    struct derive request;
    struct collected result;
};
static inline status use_derive(struct call *call, void *request)
{
    struct derive_run *derive = request;
    return engine_derive(call, &derive->request, &derive->result);
}
struct read_run {
    struct read request;
    struct read_result result;
};
static inline status use_read(struct call *call, void *request)
{
    struct read_run *read = request;
    return engine_read(call, &read->request, &read->result);
}
struct erase_run {
    struct erase request;
    struct erase_result result;
};
static inline status use_erase(struct call *call, void *request)
{
    struct erase_run *erase = request;
    return engine_erase(call, &erase->request, &erase->result);
}
struct find_run {
    struct identifier request;
    struct found result;
};
static inline status use_find(struct call *call, void *request)
{
    struct find_run *find = request;
    return engine_subject_find(call, &find->request, &find->result);
}
struct export_run {
    struct export_request request;
    str document;
};
static inline status use_export(struct call *call, void *request)
{
    struct export_run *export = request;
    return engine_export(call, &export->request, &export->document);
}
struct history_run {
    str reference, document;
};
static inline status use_history(struct call *call, void *request)
{
    struct history_run *history = request;
    return engine_history(call, history->reference, &history->document);
}
static inline status use_import(struct call *call, void *request)
{
    return engine_import_line(call, (const struct import_line *)request);
}
struct forecast_run {
    uint32_t days;
    str document;
};
static inline status use_forecast(struct call *call, void *request)
{
    struct forecast_run *forecast = request;
    return engine_forecast(call, forecast->days, &forecast->document);
}
struct token_run {
    struct token_create request;
    str text;
};
static inline status use_token(struct call *call, void *request)
{
    struct token_run *token = request;
    return engine_token_create(call, &token->request, &token->text);
}
struct version_run {
    struct version_apply request;
    struct problems problems;
    struct version_effect effect;
};
static inline status use_version(struct call *call, void *request)
{
    struct version_run *version = request;
    return engine_version_apply(call, &version->request, &version->problems, &version->effect);
}
static inline status use_staff_end(struct call *call, void *request)
{
    return engine_staff_end(call, *(const dossier_id *)request);
}
static inline status use_breach_scope(struct call *call, void *request)
{
    return engine_breach_scope(call, *(const dossier_id *)request);
}
struct breach_show_run {
    dossier_id id;
    str document;
};
static inline status use_breach_show(struct call *call, void *request)
{
    struct breach_show_run *show = request;
    return engine_breach_show(call, show->id, &show->document);
}
static inline status use_task_list(struct call *call, void *request)
{
    return engine_task_list(call, (dossier_id){{0}}, 100, request);
}
static inline status use_alarm_list(struct call *call, void *request)
{
    return engine_alarm_list(call, (dossier_id){{0}}, 200, request);
}

/* How many alarms of that kind nobody has closed yet. */
static inline size_t alarms_open(struct fixture *f, const char *kind)
{
    struct alarm_list list;
    size_t count = 0;
    RUN_OK(f, use_alarm_list, &list);
    for (size_t i = 0; i < list.count; i++)
        count += str_is(list.at[i].kind, kind) && list.at[i].closed.ms == NEVER.ms;
    return count;
}

/* On this machine, where nobody listens; told of tasks. */
static inline status make_webhook(struct call *call, void *request)
{
    str shown;
    (void)request;
    const str event = STR("task.made");
    struct webhook_create create = {
        .url = STR("http://127.0.0.1:9/hook"), .events = &event, .event_count = 1};
    return engine_webhook_create(call, &create, &shown);
}

/* Somebody who asks a question, in the example. */
static inline status make_asker(struct call *call, void *request)
{
    (void)request;
    const str roles[] = {STR("asker")};
    return engine_subject_create(call, &(struct subject_create){.roles = roles, .role_count = 1});
}
#endif
