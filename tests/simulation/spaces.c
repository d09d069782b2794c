/* Customers' spaces, where the firm is a processor: each is a register of its own beside the
 * firm's, with somebody in it. It is made only on an agreement of its matter and ended only without
 * one; whatever befalls the firm's register, the space holds whom it held, and one that was ended
 * does not come back. */
#include "simulation.h"

#include "file.h"

enum { FILE_BYTES = 1 << 20 };

static struct known_space *space_of(struct run *run, dossier_id matter)
{
    for (size_t i = 0; i < run->space_count; i++)
        if (!run->spaces[i].ended && ID_EQUAL(run->spaces[i].matter, matter))
            return &run->spaces[i];
    return NULL;
}

/* ---- the agreement ---- */

static bool is_live(const struct run *run, const struct fact_evidence *one)
{
    return !before(run_now(run), one->since) && before(run_now(run), one->until);
}

/* A record of the matter that the need names; NULL: none is live. */
static struct fact_evidence *find_needed(struct run *run, const struct known *matter,
                                         const struct need *need)
{
    const struct plan *plan = run_plan(run);
    for (size_t i = 0; i < matter->facts.evidence.count; i++)
        for (size_t n = 0; n < need->count; n++)
            if (matter->facts.evidence.at[i].type == plan->evidence[need->any[n]].clause.name &&
                is_live(run, &matter->facts.evidence.at[i]))
                return &matter->facts.evidence.at[i];
    return NULL;
}

static bool is_agreed(struct run *run, const struct known *matter, const struct needs *needs)
{
    for (size_t i = 0; i < needs->count; i++)
        if (find_needed(run, matter, &needs->all[i]) == NULL)
            return false;
    return true;
}

static status file_evidence(struct call *call, void *request)
{
    return engine_evidence(call, request);
}

static status end_evidence(struct call *call, void *request)
{
    return engine_evidence_end(call, request);
}

/* What the clause needs is put on file, where the application may. */
static void agree(struct run *run, struct known *matter, const struct need *need)
{
    struct call call;
    struct report report = {0};
    const struct plan_evidence *type = &run_plan(run)->evidence[need->any[0]];
    struct particular *asks = ARENA_ARRAY(run->arena, struct particular, type->ask_count + 1);
    struct words *words = reg_words(run->reg);
    for (size_t i = 0; i < type->ask_count; i++)
        asks[i] = (struct particular){words_text(words, type->asks[i]), STR("as agreed")};
    struct evidence_record ask = {.type = words_text(words, type->clause.name),
                                  .matter = matter->facts.id,
                                  .asks = asks,
                                  .ask_count = type->ask_count};
    struct binding bound = {.slot = SLOT_MATTER, .id = matter->facts.id};
    if (!is_ok(engine_run(run->engine, run->reg, engine_system(), run->arena, &report, &call,
                          file_evidence, &ask)))
        return;
    known_add_evidence(matter, type->clause.name, &bound, 1, run_now(run), NEVER)->id =
        call.outcome.record;
}

static void agree_no_more(struct run *run, struct known *matter, const struct need *need)
{
    struct call call;
    struct report report = {0};
    struct fact_evidence *one = find_needed(run, matter, need);
    if (one == NULL)
        return;
    struct evidence_end ask = {.dossier = matter->facts.id, .record = one->id, .warned = true};
    if (is_ok(engine_run(run->engine, run->reg, engine_system(), run->arena, &report, &call,
                         end_evidence, &ask)))
        one->until = run_now(run);
}

/* A clause of the policy, and a matter of its kind. */
static bool draw_space(struct run *run, const struct plan_space **clause, struct known **matter)
{
    const struct plan *plan = run_plan(run);
    size_t start = below(&run->chance, OTHERS_MOST);
    for (size_t s = 0; s < plan->space_count; s++)
        for (size_t i = 0; i < OTHERS_MOST && plan->space[s].of != NONE; i++) {
            *clause = &plan->space[s];
            *matter = &run->model.matters[(start + i) % OTHERS_MOST];
            if ((*matter)->arena != NULL &&
                (*matter)->facts.name == plan->matter[plan->space[s].of].clause.name)
                return true;
        }
    return false;
}

static status make_somebody(struct call *call, void *request)
{
    return engine_subject_create(call, request);
}

static bool somebody_comes(struct run *run, struct known_space *space)
{
    struct subject_create create = {0};
    struct report report = {0};
    struct call call;
    status made = engine_run(run->engine, engine_register(run->engine, space->name),
                             engine_system(), run->arena, &report, &call, make_somebody, &create);
    NEED(run, is_ok(made), "nobody comes into a space: %s", report.text);
    space->person = call.outcome.id;
    return true;
}

static struct space_work work_of(struct run *run, struct report *report)
{
    return (struct space_work){
        .firm = run->reg, .caller = engine_system(), .arena = run->arena, .report = report};
}

/* ---- what holds ---- */

static bool is_in(struct run *run, struct reg *reg, dossier_id person, bool *live)
{
    struct report report = {0};
    enum presence presence;
    struct dossier *dossier;
    arena_reset(run->checking);
    NEED(run,
         is_ok(vault_load(reg_vault(reg), person, run->checking, &report, &presence, &dossier)),
         "a dossier of a space does not load: %s", report.text);
    *live = presence == PRESENCE_LIVE;
    return true;
}

static bool check_space(struct run *run, const struct known_space *space)
{
    struct reg *reg = engine_register(run->engine, space->name), *of;
    const struct caller *caller;
    struct report report = {0};
    bool there, elsewhere;
    status let_in = engine_authenticate(run->engine, space->token, &report, &of, &caller);
    run->tally->checks++;
    if (space->ended) {
        NEED(run, reg == NULL, "G3: a space that was ended is there");
        NEED(run, !is_ok(let_in), "G3: a token of a space that was ended lets somebody in");
        return true;
    }
    NEED(run, reg != NULL, "G4: a space is not there any more");
    NEED(run, is_ok(let_in) && of == reg, "a token of a space does not lead there");
    if (!is_in(run, reg, space->person, &there) || !is_in(run, run->reg, space->person, &elsewhere))
        return false;
    NEED(run, there, "G4: who is in a space is not there any more");
    NEED(run, !elsewhere, "G8: who is in a space is in the firm's register");
    return true;
}

bool check_spaces(struct run *run)
{
    for (size_t i = 0; i < run->space_count; i++)
        if (!check_space(run, &run->spaces[i]))
            return false;
    return true;
}

/* ---- what befalls ---- */

bool space_is_made(struct run *run)
{
    struct report report = {0};
    struct problems problems = {.arena = run->arena};
    struct space_made made;
    const struct plan_space *clause;
    struct known *matter;
    char path[96];
    str text;
    arena_reset(run->arena);
    if (run->space_count == SPACES_MOST || !draw_space(run, &clause, &matter))
        return true;
    snprintf(path, sizeof(path), "policies/%s.customer.yaml", run->policy);
    NEED(run, is_ok(file_read(path, run->arena, FILE_BYTES, &report, &text)), "no %s", path);
    for (size_t i = 0; i < clause->needs.count && in_100(&run->chance, 50); i++)
        agree(run, matter, &clause->needs.all[i]);
    bool agreed = is_agreed(run, matter, &clause->needs),
         there = space_of(run, matter->facts.id) != NULL;
    struct space_create ask = {.matter = matter->facts.id,
                               .space = words_text(reg_words(run->reg), clause->clause.name),
                               .policy = text};
    struct space_work work = work_of(run, &report);
    status done = engine_space_create(&work, &ask, &problems, &made);
    trace(run, "a space for the matter %02x%02x: %s", ask.matter.bytes[0], ask.matter.bytes[1],
          is_ok(done) ? "made" : fault_name(done.fault));
    NEED(run, !is_ok(done) || (agreed && !there), "a space is made %s",
         agreed ? "beside one that is there" : "without its agreement");
    NEED(run, is_ok(done) || done.fault == FAULT_REFUSED || (there && done.fault == FAULT_CONFLICT),
         "no space: %s", report.text);
    if (!is_ok(done))
        return check_known(run, matter) && check_entries(run);
    struct known_space *space = &run->spaces[run->space_count++];
    *space = (struct known_space){.matter = ask.matter,
                                  .name = arena_copy(run->texts, made.name),
                                  .token = arena_copy(run->texts, made.token)};
    run->tally->spaces++;
    return somebody_comes(run, space) && check_known(run, matter) && check_spaces(run) &&
           check_entries(run);
}

bool space_is_over(struct run *run)
{
    struct report report = {0};
    const struct plan_space *clause;
    struct known *matter;
    uint64_t index;
    arena_reset(run->arena);
    if (run->space_count == 0 || !draw_space(run, &clause, &matter))
        return true;
    struct known_space *space = space_of(run, matter->facts.id);
    for (size_t i = 0; i < clause->needs.count && in_100(&run->chance, 30); i++)
        agree_no_more(run, matter, &clause->needs.all[i]);
    bool back = in_100(&run->chance, 30), agreed = is_agreed(run, matter, &clause->needs);
    struct space_end ask = {.matter = matter->facts.id,
                            .space = words_text(reg_words(run->reg), clause->clause.name),
                            .choice = back ? STR("return") : STR("erase"),
                            .returned = back};
    struct space_work work = work_of(run, &report);
    status done = engine_space_end(&work, &ask, &index);
    trace(run, "the space of the matter %02x%02x: %s", ask.matter.bytes[0], ask.matter.bytes[1],
          is_ok(done) ? "over" : fault_name(done.fault));
    NEED(run, !is_ok(done) || space != NULL, "a space ended that was not there");
    NEED(run, !is_ok(done) || !agreed, "a space ended while its agreement runs");
    NEED(run, space != NULL || done.fault == FAULT_NOT_FOUND, "of a space that is not there: %s",
         report.text);
    NEED(run, space == NULL || is_ok(done) || done.fault == FAULT_CONFLICT, "no end of a space: %s",
         report.text);
    if (is_ok(done))
        space->ended = true;
    return check_known(run, matter) && check_spaces(run) && check_entries(run);
}
