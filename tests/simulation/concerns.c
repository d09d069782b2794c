/* Items that are about two people: the model has the line of whose item it is, and what the other's
 * restrictions do to it. Whatever befalls either of them, the engine has the same lines, tells both
 * of the same, and half of one is nowhere. */
#include "simulation.h"

static bool covers(const struct run *run, const struct fact_restriction *one, word field)
{
    const struct plan *plan = run_plan(run);
    plan_index index = plan_find(plan, plan->field_of, field);
    word category = index == NONE ? 0 : plan->category[plan->field[index].category].clause.name;
    for (size_t i = 0; i < one->field_count; i++)
        if (one->fields[i] == field || (category != 0 && one->fields[i] == category))
            return true;
    return one->field_count == 0;
}

static bool restricts(const struct run *run, const struct known *known, word field)
{
    for (size_t i = 0; i < known->facts.restrictions.count; i++)
        if (covers(run, &known->facts.restrictions.at[i], field))
            return true;
    return false;
}

/* What they restrict is restricted where it lies with somebody else. */
void concerns_follow(struct run *run, const struct known *other)
{
    for (size_t p = 0; other->arena != NULL && p < PEOPLE_MOST; p++) {
        struct facts *home = &run->model.people[p].facts;
        for (size_t i = 0; run->model.people[p].arena != NULL && i < home->concerns.count; i++) {
            struct fact_concern *line = &home->concerns.at[i];
            if (!ID_EQUAL(line->other, other->facts.id))
                continue;
            if (!restricts(run, other, line->field))
                line->restricted = NEVER;
            else if (line->restricted.ms == NEVER.ms)
                line->restricted = run_now(run);
        }
    }
}

/* ---- what the model drops and renames ---- */

static void drop_lines(struct known *known, const record_id *item, const dossier_id *other)
{
    size_t kept = 0;
    for (size_t i = 0; i < known->facts.concerns.count; i++) {
        const struct fact_concern *line = &known->facts.concerns.at[i];
        if ((item != NULL && ID_EQUAL(line->item, *item)) ||
            (other != NULL && ID_EQUAL(line->other, *other)))
            continue;
        known->facts.concerns.at[kept++] = *line;
    }
    known->facts.concerns.count = kept;
}

void known_item_concerns_nobody(struct known *known, record_id item)
{
    drop_lines(known, &item, NULL);
}

void known_concerns_item(struct known *known, record_id item, record_id next)
{
    for (size_t i = 0; i < known->facts.concerns.count; i++) {
        struct fact_concern *line = &known->facts.concerns.at[i];
        if (!ID_EQUAL(line->item, item))
            continue;
        line->item = next;
        line->id = (record_id){{0}}; /* a new one, which the model is not told */
    }
}

void model_concerns_nobody(struct model *model, dossier_id other)
{
    for (size_t i = 0; i < PEOPLE_MOST; i++)
        drop_lines(&model->people[i], NULL, &other);
}

void model_concerns_move(struct model *model, dossier_id from, dossier_id to)
{
    for (size_t p = 0; p < PEOPLE_MOST; p++)
        for (size_t i = 0; i < model->people[p].facts.concerns.count; i++)
            if (ID_EQUAL(model->people[p].facts.concerns.at[i].other, from))
                model->people[p].facts.concerns.at[i].other = to;
}

/* Has somebody whom an item concerned when the backup was made become another since? */
bool concerns_moved_since(const struct model *backup, const struct model *now)
{
    for (size_t p = 0; p < PEOPLE_MOST; p++) {
        const struct facts *old = &backup->people[p].facts, *facts = &now->people[p].facts;
        for (size_t i = 0; i < old->concerns.count; i++)
            for (size_t n = 0; n < facts->concerns.count; n++)
                if (ID_EQUAL(old->concerns.at[i].id, facts->concerns.at[n].id) &&
                    !ID_EQUAL(old->concerns.at[i].other, facts->concerns.at[n].other))
                    return true;
    }
    return false;
}

/* A line to somebody whom the restore lost leads to nobody. */
static void drop_lines_to_nobody(struct run *run, struct known *known)
{
    size_t kept = 0;
    for (size_t i = 0; i < known->facts.concerns.count; i++)
        if (model_person(&run->model, known->facts.concerns.at[i].other) != NULL)
            known->facts.concerns.at[kept++] = known->facts.concerns.at[i];
    known->facts.concerns.count = kept;
}

void concerns_restored(struct run *run)
{
    for (size_t i = 0; i < PEOPLE_MOST; i++)
        drop_lines_to_nobody(run, &run->model.people[i]);
    for (size_t i = 0; i < PEOPLE_MOST; i++)
        concerns_follow(run, &run->model.people[i]);
}

/* A line counts while the item and both people are there. */
bool check_counts_concern(struct run *run, const struct fact_concern *line)
{
    bool there = false;
    for (size_t p = 0; p < PEOPLE_MOST; p++) {
        const struct known *person = &run->model.people[p];
        for (size_t i = 0; person->arena != NULL && i < person->facts.items.count; i++)
            there |= ID_EQUAL(person->facts.items.at[i].id, line->item);
    }
    return line->kind == CONCERN_HERE && there && model_person(&run->model, line->other) != NULL;
}

/* ---- what befalls ---- */

static struct known *some_person(struct run *run, bool with_lines, const struct known *but)
{
    size_t start = below(&run->chance, PEOPLE_MOST);
    for (size_t i = 0; i < PEOPLE_MOST; i++) {
        struct known *person = &run->model.people[(start + i) % PEOPLE_MOST];
        size_t count = with_lines ? person->facts.concerns.count : person->facts.items.count;
        if (person->arena != NULL && person != but && (count > 0 || but != NULL))
            return person;
    }
    return NULL;
}

static bool is_alive(struct run *run, const struct known *home, record_id item)
{
    struct settled settled;
    model_settle(&run->model, reg_plans(run->reg), &home->facts, run_now(run), run->arena,
                 &settled);
    for (size_t i = 0; i < settled.count; i++)
        if (ID_EQUAL(settled.items[i].item->id, item))
            return settled.items[i].alive;
    return false;
}

static status make_line(struct call *call, void *request)
{
    return engine_concern(call, request);
}

static bool is_new(const struct known *home, const struct concern_make *ask)
{
    for (size_t i = 0; i < home->facts.concerns.count; i++)
        if (ID_EQUAL(home->facts.concerns.at[i].item, ask->item) &&
            ID_EQUAL(home->facts.concerns.at[i].other, ask->other))
            return false;
    return true;
}

bool concern_is_made(struct run *run)
{
    struct report report = {0};
    struct call call;
    arena_reset(run->arena);
    struct known *home = some_person(run, false, NULL), *other = some_person(run, false, home);
    if (home == NULL || other == NULL)
        return true;
    const struct fact_item *item =
        &home->facts.items.at[below(&run->chance, home->facts.items.count)];
    struct concern_make ask = {home->facts.id, item->id, other->facts.id};
    bool alive = is_alive(run, home, item->id);
    status made = engine_run(run->engine, run->reg, engine_system(), run->arena, &report, &call,
                             make_line, &ask);
    trace(run, "an item of %02x%02x is about %02x%02x, too: %s", ask.subject.bytes[0],
          ask.subject.bytes[1], ask.other.bytes[0], ask.other.bytes[1],
          is_ok(made) ? "noted" : fault_name(made.fault));
    NEED(run, made.fault == (alive ? FAULT_NONE : FAULT_NOT_FOUND) || made.fault == FAULT_LIMIT,
         "an item that is %s concerns another: %s", alive ? "there" : "over", report.text);
    if (is_ok(made) && is_new(home, &ask)) {
        *ADDED(home->arena, &home->facts.concerns) =
            (struct fact_concern){.id = call.outcome.record,
                                  .kind = CONCERN_HERE,
                                  .other = ask.other,
                                  .item = ask.item,
                                  .field = item->field,
                                  .restricted = NEVER};
        concerns_follow(run, other);
        run->tally->concerns++;
    }
    return check_known(run, home) && check_known(run, other) && check_entries(run);
}

static status end_line(struct call *call, void *request)
{
    return engine_concern_end(call, request);
}

/* By either of the two. */
bool concern_is_over(struct run *run)
{
    struct report report = {0};
    struct call call;
    arena_reset(run->arena);
    struct known *home = some_person(run, true, NULL);
    if (home == NULL)
        return true;
    size_t at = below(&run->chance, home->facts.concerns.count);
    struct fact_concern line = home->facts.concerns.at[at];
    struct concern_end ask = {in_100(&run->chance, 50) ? home->facts.id : line.other, line.id};
    bool alive = is_alive(run, home, line.item);
    status ended = engine_run(run->engine, run->reg, engine_system(), run->arena, &report, &call,
                              end_line, &ask);
    trace(run, "an item of %02x%02x is not about %02x%02x: %s", home->facts.id.bytes[0],
          home->facts.id.bytes[1], line.other.bytes[0], line.other.bytes[1],
          is_ok(ended) ? "noted" : fault_name(ended.fault));
    NEED(run, ended.fault == (alive ? FAULT_NONE : FAULT_NOT_FOUND), "a concern does not end: %s",
         report.text);
    if (is_ok(ended))
        home->facts.concerns.at[at] = home->facts.concerns.at[--home->facts.concerns.count];
    return check_known(run, home) && check_entries(run);
}

/* ---- what both are told ---- */

struct listing {
    dossier_id subject;
    struct concern_list list;
};

static status list_lines(struct call *call, void *request)
{
    struct listing *listing = request;
    return engine_concern_list(call, listing->subject, &listing->list);
}

static bool is_told(struct run *run, const struct listing *listing, const struct fact_concern *line,
                    bool theirs)
{
    for (size_t i = 0; i < listing->list.count; i++) {
        const struct concern_view *view = &listing->list.at[i];
        if (!ID_EQUAL(view->id, line->id))
            continue;
        NEED(run, view->theirs == theirs && ID_EQUAL(view->item, line->item),
             "a concern is told of the wrong way round");
        NEED(run, view->restricted || line->restricted.ms == NEVER.ms,
             "what the other restricts is told of as if it were not");
        return true;
    }
    return wrong(run, "a concern is not told of");
}

bool concerns_are_told(struct run *run)
{
    struct report report = {0};
    struct call call;
    size_t expected = 0;
    arena_reset(run->arena);
    struct known *home = some_person(run, true, NULL);
    if (home == NULL)
        return true;
    struct known *person = in_100(&run->chance, 50)
                               ? home
                               : model_person(&run->model, home->facts.concerns.at[0].other);
    struct listing listing = {.subject = person->facts.id};
    NEED(run,
         is_ok(engine_run(run->engine, run->reg, engine_system(), run->arena, &report, &call,
                          list_lines, &listing)),
         "concerns are not listed: %s", report.text);
    for (size_t p = 0; p < PEOPLE_MOST; p++) {
        const struct known *one = &run->model.people[p];
        for (size_t i = 0; one->arena != NULL && i < one->facts.concerns.count; i++) {
            const struct fact_concern *line = &one->facts.concerns.at[i];
            bool theirs = ID_EQUAL(line->other, person->facts.id);
            if ((!theirs && one != person) || !is_alive(run, one, line->item))
                continue;
            expected++;
            if (!is_told(run, &listing, line, theirs))
                return false;
        }
    }
    NEED(run, listing.list.count == expected, "%zu concerns are told of, and not %zu",
         listing.list.count, expected);
    return check_entries(run);
}
