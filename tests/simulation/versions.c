/* The policy changes while it is lived by: what a new version would erase is counted first, by the
 * engine and by the model; a backup from before it brings an older policy back, and then nothing is
 * answered until each lost version has been applied again. */
#include "simulation.h"

#include "calendar.h"

enum { FILE_ROOM = 256 << 10, KEEPS_MOST = 64 };

/* ---- the text ---- */

static bool is_number(char c)
{
    return c >= '0' && c <= '9';
}

/* Where a number stands behind a `keep:`. */
static size_t find_keeps(str text, size_t at[KEEPS_MOST])
{
    size_t count = 0;
    for (size_t i = 0; i + 6 < text.len && count < KEEPS_MOST; i++) {
        if (!str_starts(str_slice(text, i, text.len), STR("keep:")))
            continue;
        size_t number = i + 5;
        while (number < text.len && text.ptr[number] == ' ')
            number++;
        if (number < text.len && is_number(text.ptr[number]))
            at[count++] = number;
    }
    return count;
}

static str some_day(struct run *run)
{
    instant day = {run_now(run).ms + (int64_t)below(&run->chance, 40) * 24 * 3600 * 1000};
    struct buf buf = buf_in(run->arena, 16);
    buf_date(&buf, instant_date(run_plan(run)->zone, day));
    return buf_str(&buf);
}

/* The same under another name and date, and with one span of another length. */
static str changed(struct run *run, str text)
{
    size_t keeps[KEEPS_MOST], count = find_keeps(text, keeps);
    size_t other = count == 0 ? SIZE_MAX : keeps[below(&run->chance, count)];
    struct buf buf = buf_in(run->texts, FILE_ROOM);
    str rest = text, line;
    while (rest.len > 0) {
        size_t from = text.len - rest.len;
        (void)str_next(&rest, '\n', &line);
        if (str_starts(line, STR("version:")))
            buf_format(&buf, "version: \"sim-%zu\"", run->version_count + 1);
        else if (str_starts(line, STR("effective:")))
            buf_format(&buf, "effective: %.*s", STR_ARG(some_day(run)));
        else if (other >= from && other < from + line.len) {
            size_t end = other - from;
            buf_add(&buf, str_slice(line, 0, end));
            while (end < line.len && is_number(line.ptr[end]))
                end++;
            buf_format(&buf, "%zu", 1 + below(&run->chance, 20));
            buf_add(&buf, str_slice(line, end, line.len));
        } else {
            buf_add(&buf, line);
        }
        buf_char(&buf, '\n');
    }
    return buf_str(&buf);
}

/* ---- what it takes, by the model ---- */

static uint64_t items_it_ends(struct run *run, const struct plans *old, instant at)
{
    uint64_t ends = 0;
    for (size_t i = 0; i < PEOPLE_MOST; i++) {
        struct known *person = &run->model.people[i];
        struct settled was, is;
        if (person->arena == NULL)
            continue;
        model_settle(&run->model, old, &person->facts, at, run->arena, &was);
        model_settle(&run->model, reg_plans(run->reg), &person->facts, at, run->arena, &is);
        for (size_t k = 0; k < was.count; k++)
            ends += was.items[k].alive && !is.items[k].alive;
    }
    return ends;
}

/* ---- applying ---- */

struct applying {
    struct version_apply ask;
    struct version_effect effect;
    struct problems problems;
};

static status apply_version(struct call *call, void *request)
{
    struct applying *applying = request;
    return engine_version_apply(call, &applying->ask, &applying->problems, &applying->effect);
}

static status try_apply(struct run *run, struct applying *applying, struct report *report)
{
    struct call call;
    return engine_run(run->engine, run->reg, engine_system(), run->arena, report, &call,
                      apply_version, applying);
}

/* Counted first, and then in force. A policy may ask for something on file before. */
static bool apply_text(struct run *run, const struct policy_pair *text, bool *applied)
{
    struct report report = {0};
    struct applying applying = {.ask = {.policy_file = STR("policy.yaml"),
                                        .policy = text->policy,
                                        .deployment_file = STR("deploy.yaml"),
                                        .deployment = text->deployment,
                                        .preview = true},
                                .problems = {.arena = run->arena}};
    const struct plans *now = reg_plans(run->reg);
    struct plans old = {.count = now->count};
    struct plan_version *copy = ARENA_ARRAY(run->arena, struct plan_version, now->count);
    memcpy(copy, now->at, now->count * sizeof(*copy));
    old.at = copy;
    *applied = false;
    status counted = try_apply(run, &applying, &report);
    if (counted.fault == FAULT_SYNTAX || counted.fault == FAULT_INVALID)
        return true; /* what was drawn is no policy */
    NEED(run, is_ok(counted), "a version cannot be weighed: %s", report.text);
    applying.ask.preview = false;
    applying.ask.erases_stated = true;
    applying.ask.erases = applying.effect.erases;
    status done = try_apply(run, &applying, &report);
    if (done.fault == FAULT_REFUSED)
        return true;
    NEED(run, is_ok(done), "a version is not applied: %s", report.text);
    uint64_t ends = items_it_ends(run, &old, applying.effect.effective);
    NEED(run, ends == applying.effect.erases, "a version ends %llu items, by the model %llu",
         (unsigned long long)applying.effect.erases, (unsigned long long)ends);
    *applied = true;
    return true;
}

bool new_version(struct run *run)
{
    struct policy_pair *text = &run->versions[run->version_count];
    bool applied;
    arena_reset(run->arena);
    if (run->version_count == VERSIONS_MOST)
        return true;
    *text =
        (struct policy_pair){changed(run, run->versions[0].policy), run->versions[0].deployment};
    if (run->generated != NULL && run->generated_next < run->generated->policy_count)
        *text = (struct policy_pair){generated_policy(run, run->generated_next++), STR("")};
    if (!apply_text(run, text, &applied))
        return false;
    trace(run, "version %zu is %s", run->version_count + 1, applied ? "applied" : "not applied");
    run->version_count += applied;
    run->tally->versions += applied;
    return check_everything(run) && check_entries(run);
}

/* Nobody is answered while a version is lost. */
static bool nothing_is_answered(struct run *run)
{
    for (size_t i = 0; i < PEOPLE_MOST; i++) {
        struct move move = {.kind = OP_read, .person = &run->model.people[i]};
        const struct plan *plan = run_plan(run);
        if (move.person->arena == NULL || plan->purpose_count == 0)
            continue;
        move.subject = move.person->facts.id;
        move.caller = *engine_system();
        move.ask.read =
            (struct read){.subject = move.subject,
                          .purpose = words_text(reg_words(run->reg), plan->purpose[0].clause.name)};
        struct report report = {0};
        engine_begin(run->engine);
        (void)move_ask(run, &move).fault;
        NEED(run, is_ok(engine_end(run->engine, &report)), "a turn could not be kept");
        NEED(run, move.result.fault == FAULT_BEHIND, "a version is lost, and a read is answered %s",
             is_ok(move.result) ? "yes" : fault_name(move.result.fault));
        return true;
    }
    return true;
}

bool versions_again(struct run *run, size_t held)
{
    arena_reset(run->arena);
    NEED(run, reg_lost_versions(run->reg) == run->version_count - held,
         "a restore lost %zu versions, and says %zu", run->version_count - held,
         reg_lost_versions(run->reg));
    if (held < run->version_count && !nothing_is_answered(run))
        return false;
    for (size_t i = held; i < run->version_count; i++) {
        bool applied;
        if (!apply_text(run, &run->versions[i], &applied))
            return false;
        NEED(run, applied, "a version that was lost cannot be applied again");
    }
    NEED(run, reg_lost_versions(run->reg) == 0, "versions are lost still");
    return true;
}
