/* A world: a register in a folder of memory, and what befalls it between two turns of requests:
 * time goes on, it stops and starts, dies in the middle, is backed up and put back. */
#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crash_vfs.h"
#include "file.h"
#include "instant.h"
#include "scratch.h"
#include "simulation.h"
#include "verify.h"

static const char *const POLICIES[] = {"confect", "cobuilder", "infobric", "hosting",
                                       "cloudberries"};
enum { POLICY_BYTES = 4 << 20, LOG_SEGMENT_BYTES = 64 << 10 };

bool wrong(struct run *run, const char *format, ...)
{
    va_list list;
    if (run->why[0] != '\0' || run->quiet) {
        run->why[0] = run->why[0] == '\0' ? '?' : run->why[0];
        return false;
    }
    va_start(list, format);
    vsnprintf(run->why, sizeof(run->why), format, list);
    va_end(list);
    return false;
}

void trace(struct run *run, const char *format, ...)
{
    va_list list;
    if (!run->trace)
        return;
    printf("%8llu  ", (unsigned long long)run->step);
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    printf("\n");
}

const struct plan *run_plan(const struct run *run)
{
    return reg_plan_now(run->reg);
}

instant run_now(const struct run *run)
{
    return reg_now(run->reg);
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
    (void)about;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void folder_remove(const char *path)
{
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
        abort();
}

/* ---- the simulated disk: it stops taking anything at the nth change ---- */

static status disk_seam(void *self, const char *name, struct report *report)
{
    (void)self;
    crash.count++;
    if (crash.mode == CRASH_NOT || crash.at == 0 || crash.count < crash.at)
        return OK;
    return report == NULL
               ? (status){FAULT_STORE}
               : fail(report, FAULT_STORE, "the simulated disk took no more at %s", name);
}

static void disk_dies(struct run *run, size_t within)
{
    crash = (struct crash){.mode = CRASH_FAIL_FROM, .at = 1 + below(&run->chance, within)};
}

static void disk_lives(void)
{
    crash = (struct crash){.mode = CRASH_NOT};
}

/* ---- opening ---- */

static struct engine_config config_of(const struct run *run)
{
    return (struct engine_config){.world = &run->world.world,
                                  .data_dir = run->data,
                                  .root_path = run->root,
                                  .vfs = CRASH_VFS,
                                  .log_segment_bytes = LOG_SEGMENT_BYTES};
}

static void close_engine(struct run *run)
{
    arena_reset(run->checking);
    run->name_count = words_count(reg_words(run->reg));
    run->names = ARENA_ARRAY(run->checking, str, run->name_count + 1);
    for (word w = 1; w <= run->name_count; w++)
        run->names[w] = arena_copy(run->checking, words_text(reg_words(run->reg), w));
    engine_close(&run->engine);
}

/* The words of a register are numbered anew when it opens. */
static void rename_words(struct run *run, struct model *before)
{
    word *renamed = ARENA_ARRAY(run->checking, word, run->name_count + 1);
    for (word w = 1; w <= run->name_count; w++)
        renamed[w] = words_intern(reg_words(run->reg), run->names[w]);
    model_rename(&run->model, renamed);
    for (size_t i = 0; i < BACKUPS_MOST; i++)
        model_rename(&run->backups[i].model, renamed);
    if (before != NULL)
        model_rename(before, renamed);
    run->wanted = 0;
    run->wanted_for = (struct operation){0};
    run->stolen_count = 0;
}

static bool open_engine(struct run *run, struct model *before)
{
    struct report report = {0};
    struct engine_config config = config_of(run);
    status opened = engine_open(&config, &report, &run->engine);
    NEED(run, is_ok(opened), "it does not start: %s", report.text);
    run->reg = engine_register(run->engine, str_from("sim"));
    NEED(run, run->reg != NULL, "the register is not there after a start");
    rename_words(run, before);
    return true;
}

static bool read_policy(struct run *run, const char *suffix, str *text)
{
    struct report report = {0};
    char path[96];
    snprintf(path, sizeof(path), "policies/%s%s.yaml", run->policy, suffix);
    *text = STR("");
    return file_exists(path) && is_ok(file_read(path, run->texts, POLICY_BYTES, &report, text));
}

/* Generated ones leave open when they are in force. */
str generated_policy(struct run *run, size_t index)
{
    struct policy_text *policy = &run->generated->policy[index];
    for (size_t i = 0; i < policy->count; i++) {
        char *line = policy->line[i].text;
        if (strcmp(line, "version: unspecified") == 0)
            snprintf(line, LINE_ROOM, "version: \"v%zu\"", index + 1);
        if (strcmp(line, "effective: unspecified") == 0)
            snprintf(line, LINE_ROOM, "effective: 2026-01-0%zu", index + 1);
    }
    return policy_yaml(policy, run->texts);
}

/* A generated policy, or one of the five. */
static bool choose_policy(struct run *run, struct register_create *create)
{
    run->policy = POLICIES[below(&run->chance, LENGTH(POLICIES))];
    create->policy_file = STR("policy.yaml");
    create->deployment_file = STR("deploy.yaml");
    if (in_100(&run->chance, 50)) {
        run->policy = "generated";
        run->generated = calloc(1, sizeof(*run->generated));
        make_policies(run->generated, &run->chance);
        run->generated_next = 1;
        create->policy = generated_policy(run, 0);
        create->deployment_file = STR("");
        return true;
    }
    (void)read_policy(run, ".deploy", &create->deployment);
    return read_policy(run, "", &create->policy);
}

static bool make_register(struct run *run)
{
    struct report report = {0};
    struct problems problems = {.arena = run->texts};
    struct register_create create = {.name = STR("sim"), .simulated = true};
    str token;
    if (!instant_parse(STR("2026-09-01T08:00:00Z"), &create.start) || !choose_policy(run, &create))
        return wrong(run, "no policy %s", run->policy);
    status made =
        engine_register_create(run->engine, &create, run->texts, &problems, &report, &token);
    NEED(run, is_ok(made), "no register: %s", report.text);
    run->versions[run->version_count++] = (struct policy_pair){create.policy, create.deployment};
    run->reg = engine_register(run->engine, create.name);
    known_start(&run->model.own, DOSSIER_REGISTER, run->reg->own, 0, create.start);
    return true;
}

bool run_begin(struct run *run)
{
    struct report report = {0};
    char registers[160];
    instant start;
    snprintf(run->folder, sizeof(run->folder), "%s/vern-sim-XXXXXX", scratch_folder());
    if (mkdtemp(run->folder) == NULL || !instant_parse(STR("2026-09-01T08:00:00Z"), &start))
        abort();
    snprintf(run->data, sizeof(run->data), "%s/data", run->folder);
    snprintf(run->root, sizeof(run->root), "%s/root.key", run->folder);
    snprintf(registers, sizeof(registers), "%s/registers", run->data);
    run->chance.state = run->seed * 0x9e3779b97f4a7c15u;
    world_sim(&run->world, run->seed, start);
    run->world.world.seam = disk_seam;
    disk_lives();
    run->arena = arena_new((size_t)1 << 30);
    run->texts = arena_new((size_t)1 << 30);
    run->checking = arena_new((size_t)64 << 20);
    if (!is_ok(dir_make(run->data, 0700, &report)) || !is_ok(dir_make(registers, 0700, &report)) ||
        !is_ok(keys_root_create(&run->world.world, run->root, &report)))
        abort();
    struct engine_config config = config_of(run);
    if (!is_ok(engine_open(&config, &report, &run->engine)))
        abort();
    return make_register(run);
}

void run_end(struct run *run)
{
    disk_lives();
    if (run->engine != NULL)
        engine_close(&run->engine);
    model_end(&run->model);
    for (size_t i = 0; i < BACKUPS_MOST; i++)
        model_end(&run->backups[i].model);
    free(run->generated);
    arena_free(&run->arena);
    arena_free(&run->texts);
    arena_free(&run->checking);
    folder_remove(run->folder);
}

/* ---- turns ---- */

static void chance_of_step(struct run *run)
{
    run->chance.state = run->seed * 0x9e3779b97f4a7c15u ^ (run->step + 1) * 0xd1b54a32d192ed03u;
    (void)chance_bits(&run->chance);
}

static bool is_skipped(struct run *run)
{
    while (run->skip_at < run->skip_count && run->skip[run->skip_at] < run->step)
        run->skip_at++;
    return run->skip_at < run->skip_count && run->skip[run->skip_at] == run->step;
}

struct turn {
    struct move *moves;
    size_t count;
    bool dies;
    struct model before;
};

static bool one_move(struct run *run, struct turn *turn)
{
    enum { DRAWS_MOST = 8 };
    struct move *move = &turn->moves[turn->count];
    size_t draws = 0;
    while (draws < DRAWS_MOST && !move_draw(run, move))
        draws++;
    if (draws == DRAWS_MOST)
        return true;
    run->tally->steps++;
    move_judge(run, move);
    move->log_before = audit_pending(run->reg->log);
    turn->count++;
    (void)move_ask(run, move).fault;
    return move_check(run, move);
}

static bool is_touched(const struct turn *turn, size_t before_, const struct known *known)
{
    for (size_t i = 0; i < before_; i++)
        if (turn->moves[i].person == known || turn->moves[i].other == known)
            return true;
    return false;
}

/* Once for each dossier, however many moves were about it: the turn is over. */
static bool check_touched(struct run *run, const struct turn *turn, size_t at, struct known *known)
{
    return known == NULL || known->arena == NULL || is_touched(turn, at, known) ||
           check_known(run, known);
}

static bool check_turn(struct run *run, const struct turn *turn)
{
    for (size_t i = 0; i < turn->count; i++) {
        const struct move *move = &turn->moves[i];
        if (!move_values(run, move))
            return false;
        if (!check_touched(run, turn, i, move->person) || !check_touched(run, turn, i, move->other))
            return false;
    }
    const struct move *first = &turn->moves[0];
    if (turn->count > 0 && first->person != NULL && first->person->arena != NULL)
        steal_from(run, first->person);
    size_t tokens = run->model.token_count;
    if (tokens > 0 && run->model.tokens[tokens - 1].expires.ms == 0 && !check_tokens(run))
        return false;
    return check_known(run, &run->model.own) && check_entries(run) && check_stolen(run);
}

static bool restart(struct run *run)
{
    close_engine(run);
    return open_engine(run, NULL);
}

/* G4: the turn is there as a whole, or not at all; and where it was answered, it is there. */
static bool after_death(struct run *run, struct turn *turn, bool answered)
{
    struct model *model = &run->model;
    close_engine(run);
    run->tally->crashes++;
    if (in_100(&run->chance, 20)) { /* and once more, while it mends */
        struct report report = {0};
        struct engine_config config = config_of(run);
        disk_dies(run, 60);
        if (is_ok(engine_open(&config, &report, &run->engine)))
            engine_close(&run->engine);
    }
    disk_lives();
    if (!open_engine(run, &turn->before))
        return false;
    run->quiet = !answered;
    bool done = check_everything(run);
    run->quiet = false;
    if (done || answered)
        return done && check_entries(run) && check_spaces(run);
    run->why[0] = '\0';
    model_end(model);
    *model = turn->before;
    turn->before = (struct model){0};
    run->tally->undone++;
    trace(run, "the turn was undone");
    return check_everything(run) && check_entries(run);
}

static bool finish_turn(struct run *run, struct turn *turn)
{
    struct report report = {0};
    bool answered = true;
    if (turn->dies)
        disk_dies(run, 40);
    status ended = engine_end(run->engine, &report);
    engine_rest(run->engine);
    run->tally->turns++;
    if (!turn->dies) {
        NEED(run, is_ok(ended), "a turn could not be kept: %s", report.text);
        return check_turn(run, turn);
    }
    for (size_t i = 0; i < turn->count; i++)
        answered &= turn->moves[i].done && turn->moves[i].result.fault != FAULT_STORE;
    trace(run, "the disk died; %s", answered && is_ok(ended) ? "all was answered" : "not answered");
    return after_death(run, turn, answered && is_ok(ended));
}

static bool one_turn(struct run *run, uint64_t steps)
{
    struct turn turn = {.dies = in_100(&run->chance, 2)};
    size_t size = 1 + below(&run->chance, in_100(&run->chance, 30) ? 4 : TURN_MOST);
    bool good = true;
    arena_reset(run->arena);
    turn.moves = ARENA_ARRAY(run->arena, struct move, TURN_MOST);
    if (turn.dies)
        model_copy(&turn.before, &run->model);
    engine_begin(run->engine);
    for (size_t i = 0; good && i < size && run->step < steps; i++, run->step++) {
        if (is_skipped(run))
            continue;
        if (i > 0)
            chance_of_step(run);
        good = one_move(run, &turn);
    }
    uint64_t last = run->step;
    run->step = last > 0 ? last - 1 : 0; /* what is wrong now belongs to the last one */
    good = good && finish_turn(run, &turn);
    if (good)
        run->step = last;
    model_end(&turn.before);
    return good;
}

/* ---- between turns ---- */

static bool swept(struct run *run)
{
    for (size_t i = 0; i < 2 * PEOPLE_MOST; i++) { /* who goes may have held what is another's */
        struct known *person = &run->model.people[i % PEOPLE_MOST];
        arena_reset(run->arena);
        if (person->arena != NULL && (i < PEOPLE_MOST || person->facts.concerns.count > 0))
            model_purge(&run->model, reg_plans(run->reg), person, run_now(run), run->arena);
    }
    return check_everything(run) && check_entries(run) && check_stolen(run) && check_errands(run);
}

/* The next instant at which something of somebody ends, or a millisecond before it. */
static instant an_edge(struct run *run)
{
    instant edge = NEVER;
    size_t start = below(&run->chance, PEOPLE_MOST);
    for (size_t i = 0; i < 4; i++) {
        const struct known *person = &run->model.people[(start + i) % PEOPLE_MOST];
        struct settled settled = {0};
        if (person->arena != NULL)
            model_settle(&run->model, reg_plans(run->reg), &person->facts, run_now(run), run->arena,
                         &settled);
        for (size_t s = 0; s < settled.count; s++)
            if (before(run_now(run), settled.items[s].end))
                edge = earlier(edge, settled.items[s].end);
    }
    return edge;
}

bool time_goes_on(struct run *run)
{
    static const int64_t HOUR = 3600 * 1000;
    static const size_t most[] = {3, 30, 24 * 10, 24 * 100, 24 * 500};
    struct report report = {0};
    struct swept result;
    arena_reset(run->arena);
    size_t far = below(&run->chance, 10);
    size_t kind = far < 4 ? 0 : far < 6 ? 1 : far < 8 ? 2 : far < 9 ? 3 : 4;
    instant from = run_now(run),
            to = {from.ms + HOUR * (int64_t)(1 + below(&run->chance, most[kind]))};
    instant edge = in_100(&run->chance, 40) ? an_edge(run) : NEVER;
    if (edge.ms - from.ms < (int64_t)4 * 365 * 24 * HOUR)
        to = (instant){edge.ms - (in_100(&run->chance, 50) && edge.ms - from.ms > 1)};
    status moved = engine_clock_set(run->engine, run->reg, to, &report, &result);
    trace(run, "the clock goes on by %lld h; %llu items and %llu people went",
          (long long)((to.ms - from.ms) / HOUR), (unsigned long long)result.items,
          (unsigned long long)result.dossiers);
    NEED(run, is_ok(moved), "the clock does not move: %s", report.text);
    run->tally->simulated_ms += to.ms - from.ms;
    return swept(run);
}

static void backup_path(const struct run *run, size_t which, char path[128])
{
    snprintf(path, 128, "%s/backup%zu", run->folder, which);
}

bool back_up(struct run *run)
{
    size_t which = below(&run->chance, BACKUPS_MOST);
    struct report report = {0};
    char path[128];
    backup_path(run, which, path);
    folder_remove(path);
    trace(run, "backup %zu", which);
    status made = engine_backup(run->reg, path, &report);
    NEED(run, is_ok(made), "no backup: %s", report.text);
    run->backups[which].there = true;
    run->backups[which].step = run->step;
    run->backups[which].versions = run->version_count;
    model_copy(&run->backups[which].model, &run->model);
    return true;
}

/* Lines to whoever became another since: the next sweep puts the other side back. */
static bool sweep_restored(struct run *run, size_t held)
{
    struct report report = {0};
    struct swept result = {0};
    if (!versions_again(run, held))
        return false;
    NEED(run, is_ok(engine_clock_set(run->engine, run->reg, run_now(run), &report, &result)),
         "no sweep after a restore: %s", report.text);
    return swept(run) && check_spaces(run);
}

bool put_back(struct run *run)
{
    size_t which = below(&run->chance, BACKUPS_MOST);
    struct report report = {0};
    char path[128];
    if (!run->backups[which].there)
        return true;
    backup_path(run, which, path);
    trace(run, "backup %zu is put back", which);
    if (!check_all_entries(run)) /* before it is forgotten who was there */
        return false;
    instant now = run_now(run);
    close_engine(run);
    struct engine_config config = config_of(run);
    status restored = engine_restore(&config, STR("sim"), path, &report);
    NEED(run, is_ok(restored), "no restore: %s", report.text);
    if (!open_engine(run, NULL))
        return false;
    run->tally->restores++;
    run->request_count = run->breach_count = 0; /* they may be lost */
    NEED(run, !before(now, run_now(run)), "a restore moved the clock on");
    struct model was = {0};
    model_copy(&was, &run->model);
    bool moved = concerns_moved_since(&run->backups[which].model, &was);
    model_restore(&run->model, &run->backups[which].model);
    model_references_restored(&run->model, &was);
    concerns_restored(run);
    model_end(&was);
    for (size_t i = 0; i < BACKUPS_MOST; i++) /* what an older one lost, a newer one would bring */
        run->backups[i].there &= run->backups[i].step <= run->backups[which].step;
    if (moved)
        return sweep_restored(run, run->backups[which].versions);
    return check_everything(run) && check_entries(run) && check_spaces(run) &&
           versions_again(run, run->backups[which].versions);
}

/* G6: as anyone may, from the files alone, with a checkpoint that they held. */
bool check_log(struct run *run)
{
    struct report report = {0};
    struct audit_verdict verdict = {0};
    char path[160];
    snprintf(path, sizeof(path), "%s/registers/sim/log", run->data);
    str verifier = arena_copy(run->texts, reg_verifier(run->reg));
    str note = arena_copy(run->texts, audit_note(run->reg->log));
    close_engine(run);
    status verified =
        audit_verify(&run->world.world, path, verifier, run->earlier_note, &report, &verdict);
    NEED(run, is_ok(verified), "G6: the log does not verify: %s", report.text);
    run->earlier_note = note;
    return open_engine(run, NULL);
}

bool stop_and_start(struct run *run)
{
    trace(run, "restart");
    bool good = in_100(&run->chance, 20) ? check_log(run) : restart(run);
    return good && check_everything(run) && check_entries(run) && check_spaces(run);
}

static const struct {
    size_t weight;
    bool (*does)(struct run *run);
} between[] = {
#define BETWEEN(name, weight) {weight, name},
#include "between.def"
#undef BETWEEN
};

bool run_steps(struct run *run, uint64_t steps)
{
    bool good = true;
    while (good && run->step < steps) {
        if (is_skipped(run)) {
            run->step++;
            continue;
        }
        chance_of_step(run);
        size_t what = below(&run->chance, 1000), i = 0;
        while (i < LENGTH(between) && what >= between[i].weight)
            what -= between[i++].weight;
        if (i == LENGTH(between)) {
            good = one_turn(run, steps);
            continue;
        }
        run->tally->steps++;
        good = between[i].does(run);
        run->step += good;
    }
    return good;
}
