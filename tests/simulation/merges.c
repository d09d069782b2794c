/* Two dossiers become one, and some of one becomes another's. What comes out is the engine's to say
 * (docs/semantics.md 10 leaves it choices that the model does not repeat); it is taken over once it
 * is certain that nothing came into it that was in neither, that nothing serves or lasts longer
 * than it did, and that no wish was lost. */
#include "simulation.h"
#include "keys_internal.h"
#include "vault_internal.h"

struct merging {
    struct merge merge;
    struct split split;
    struct merge_effect effect;
};

static status do_merge(struct call *call, void *request)
{
    struct merging *merging = request;
    return engine_merge(call, &merging->merge, &merging->effect);
}

static status do_split(struct call *call, void *request)
{
    struct merging *merging = request;
    return engine_split(call, &merging->split, &merging->effect);
}

/* Looked at first, then done as it was counted. */
static status preview_and_do(struct run *run, const struct caller *caller, struct merging *merging,
                             status (*use)(struct call *call, void *request), struct report *report)
{
    struct call call;
    *report = (struct report){0};
    merging->merge.preview = merging->split.preview = true;
    TRY(engine_run(run->engine, run->reg, caller, run->arena, report, &call, use, merging));
    merging->merge.preview = merging->split.preview = false;
    merging->merge.conflicts_stated = merging->split.conflicts_stated = true;
    merging->merge.conflicts = merging->split.conflicts = merging->effect.conflict_count;
    return engine_run(run->engine, run->reg, caller, run->arena, report, &call, use, merging);
}

/* By whoever may: where the policy has staff who decide, one of them, else the application. */
static status by_whoever_may(struct run *run, struct merging *merging,
                             status (*use)(struct call *call, void *request), struct report *report)
{
    struct caller caller = *engine_system();
    status done = preview_and_do(run, &caller, merging, use, report);
    for (size_t i = 0; done.fault == FAULT_REFUSED && i < OTHERS_MOST; i++) {
        const struct known *member = &run->model.staff[i];
        if (member->arena == NULL)
            continue;
        caller.actor = member->facts.id;
        caller.staff = member->facts.name;
        caller.handle = member->handle;
        caller.authenticated = STR("token");
        done = preview_and_do(run, &caller, merging, use, report);
    }
    return done;
}

/* ---- what may be in what came out ---- */

struct sources {
    struct known *of[2];
    struct settled settled[2];
    size_t count;
};

static void add_source(struct run *run, struct sources *sources, struct known *known)
{
    sources->of[sources->count] = known;
    model_settle(&run->model, reg_plans(run->reg), &known->facts, run_now(run), run->arena,
                 &sources->settled[sources->count++]);
}

static const struct settled_item *item_in(const struct settled *settled, record_id id)
{
    for (size_t i = 0; i < settled->count; i++)
        if (ID_EQUAL(settled->items[i].item->id, id))
            return &settled->items[i];
    return NULL;
}

/* Of the dossier that had it. */
static const struct settled_item *source_of(const struct sources *sources, record_id id,
                                            struct known **from)
{
    for (size_t i = 0; i < sources->count; i++) {
        const struct settled_item *item = item_in(&sources->settled[i], id);
        *from = sources->of[i];
        if (item != NULL)
            return item;
    }
    return NULL;
}

static bool served_as_long(const struct settled_item *before_, plan_index purpose, instant end)
{
    for (size_t i = 0; i < before_->ground_count; i++)
        if (before_->grounds[i].purpose == purpose && !before(before_->grounds[i].end, end))
            return true;
    return false;
}

/* always.merge_opens_nothing */
static bool opens_nothing(struct run *run, const struct sources *sources, const struct facts *after)
{
    struct settled settled;
    model_settle(&run->model, reg_plans(run->reg), after, run_now(run), run->arena, &settled);
    for (size_t i = 0; i < settled.count; i++) {
        const struct settled_item *item = &settled.items[i];
        struct known *from;
        if (item->item->field == 0)
            continue;
        const struct settled_item *was = source_of(sources, item->item->id, &from);
        NEED(run, was != NULL, "an item came out that was in neither");
        if (item->held && !was->held) /* a claim of either stores all of it (semantics.md 10) */
            continue;
        for (size_t g = 0; g < item->ground_count; g++)
            NEED(run,
                 !before(run_now(run), item->grounds[g].end) ||
                     served_as_long(was, item->grounds[g].purpose, item->grounds[g].end),
                 "an item serves %.*s longer than it did",
                 STR_ARG(run_plan(run)->purpose[item->grounds[g].purpose].clause.path));
    }
    return true;
}

static bool has_objection(const struct facts *facts, word purpose)
{
    for (size_t i = 0; i < facts->objections.count; i++)
        if (facts->objections.at[i].purpose == purpose &&
            facts->objections.at[i].state != OBJECTION_DISMISSED)
            return true;
    return false;
}

static bool has_switch(const struct facts *facts, const struct fact_switch *set)
{
    for (size_t i = 0; i < facts->switches.count; i++)
        if (facts->switches.at[i].stop == set->stop &&
            facts->switches.at[i].channel == set->channel &&
            ID_EQUAL(facts->switches.at[i].recipient, set->recipient))
            return true;
    return false;
}

/* A restriction of these fields, or of all. */
static bool has_restriction(const struct facts *facts, const struct fact_restriction *one)
{
    for (size_t i = 0; i < facts->restrictions.count; i++) {
        const struct fact_restriction *there = &facts->restrictions.at[i];
        if (there->field_count == 0 || (one->field_count > 0 && there->fields[0] == one->fields[0]))
            return true;
    }
    return false;
}

static bool keeps_wishes(struct run *run, const struct sources *sources, const struct facts *after)
{
    for (size_t s = 0; s < sources->count; s++) {
        const struct facts *was = &sources->of[s]->facts;
        for (size_t i = 0; i < was->objections.count; i++)
            NEED(run,
                 was->objections.at[i].state == OBJECTION_DISMISSED ||
                     has_objection(after, was->objections.at[i].purpose),
                 "an objection was lost");
        for (size_t i = 0; i < was->switches.count; i++)
            NEED(run, has_switch(after, &was->switches.at[i]), "a switch was lost");
        for (size_t i = 0; i < was->restrictions.count; i++)
            NEED(run, has_restriction(after, &was->restrictions.at[i]), "a restriction was lost");
        NEED(run, was->erase_asked.ms == NEVER.ms || after->erase_asked.ms != NEVER.ms,
             "a wish to be erased was lost");
    }
    return true;
}

/* What lived is there still, or ends by it, as was counted. */
static bool loses_nothing(struct run *run, const struct sources *sources,
                          const struct facts *const after[2], uint64_t ends)
{
    uint64_t missing = 0;
    for (size_t s = 0; s < sources->count; s++)
        for (size_t i = 0; i < sources->settled[s].count; i++) {
            const struct settled_item *item = &sources->settled[s].items[i];
            bool there = false;
            for (size_t a = 0; a < 2 && after[a] != NULL; a++)
                for (size_t k = 0; k < after[a]->items.count; k++)
                    there |= ID_EQUAL(after[a]->items.at[k].id, item->item->id);
            missing += item->alive && !there;
        }
    NEED(run, missing <= ends, "%llu items went, and %llu were to", (unsigned long long)missing,
         (unsigned long long)ends);
    return true;
}

/* ---- taking over ---- */

static bool load(struct run *run, dossier_id id, const struct facts **facts, bool *whole)
{
    struct report report = {0};
    enum presence presence;
    struct dossier *dossier;
    NEED(run, is_ok(vault_load(reg_vault(run->reg), id, run->arena, &report, &presence, &dossier)),
         "a dossier does not load: %s", report.text);
    *whole = presence != PRESENCE_LIVE; /* all of it has ended by it */
    *facts = dossier == NULL || *whole ? NULL : dossier->facts;
    return true;
}

/* In the dossier that it was in it is sealed as before; in another by the present key there. */
static void take_item(struct run *run, struct known *to, const struct fact_item *item,
                      const struct known *from, const struct known *now)
{
    struct fact_item *copy = ADDED(to->arena, &to->facts.items);
    str value = known_value_of(from, item->id);
    *copy = *item;
    copy->told = ARENA_ARRAY(to->arena, word, item->told_count + 1u);
    memcpy(copy->told, item->told, item->told_count * sizeof(word));
    copy->made_from = NULL;
    copy->made_from_count = 0;
    copy->size = known_slot(run, item->controller, item->field);
    copy->key = 0;
    copy->key = known_present_key(to, copy->size);
    for (size_t i = 0; i < now->facts.items.count; i++)
        if (ID_EQUAL(now->facts.items.at[i].id, item->id))
            copy->key = now->facts.items.at[i].key;
    if (value.len > 0)
        known_set_value(to, item->id, value);
}

/* What was dismissed here before is lost by a restore; what came so is not. */
static void note_dismissed(const struct known *was, struct known *now,
                           const struct fact_objection *objection)
{
    for (size_t i = 0; i < was->facts.objections.count; i++)
        if (ID_EQUAL(was->facts.objections.at[i].id, objection->id))
            return;
    *ADDED(now->arena, &now->dismissed) = objection->id;
}

static void drop_what_went(struct known *known, const struct facts *facts)
{
    for (size_t i = known->facts.items.count; i > 0; i--) {
        record_id id = known->facts.items.at[i - 1].id;
        bool there = false;
        for (size_t k = 0; k < facts->items.count; k++)
            there |= ID_EQUAL(facts->items.at[k].id, id);
        if (!there)
            known_drop_item(known, id);
    }
}

/* Those that are about other people's items are not modelled. */
static void keep_own_lines(struct run *run, struct facts *facts)
{
    size_t kept = 0;
    for (size_t i = 0; i < facts->concerns.count; i++)
        if (check_counts_concern(run, &facts->concerns.at[i]))
            facts->concerns.at[kept++] = facts->concerns.at[i];
    facts->concerns.count = kept;
}

/* `known` as the engine has it now; what its items were sealed by, and their values, from where
 * they were before. */
static void take_over(struct run *run, struct known *known, const struct facts *facts,
                      const struct sources *sources)
{
    drop_what_went(known, facts);
    struct known next = {.arena = known->arena,
                         .facts = *facts,
                         .keys = known->keys,
                         .made = known->made,
                         .dismissed = known->dismissed,
                         .handle = known->handle},
                 made = {0};
    next.facts.hashes.count = next.facts.tasks.count = 0;
    next.facts.items.count = next.facts.evidence.count = 0;
    known_copy(&made, &next);
    keep_own_lines(run, &made.facts);
    for (size_t i = 0; i < facts->evidence.count; i++)
        if (check_counts_evidence(run, &facts->evidence.at[i]))
            known_add_same_evidence(&made, &facts->evidence.at[i]);
    for (size_t i = 0; i < facts->items.count; i++) {
        const struct fact_item *item = &facts->items.at[i];
        struct known *from = NULL;
        if (item->field != 0 && source_of(sources, item->id, &from) != NULL)
            take_item(run, &made, item, from, known);
    }
    for (size_t i = 0; i < made.facts.restrictions.count; i++)
        known_note_restriction(&made, &made.facts.restrictions.at[i]);
    for (size_t i = 0; i < made.facts.objections.count; i++)
        if (made.facts.objections.at[i].state == OBJECTION_DISMISSED)
            note_dismissed(known, &made, &made.facts.objections.at[i]);
    known_end(known);
    *known = made;
}

/* ---- merge ---- */

static struct known *draw_person(struct run *run, const struct known *but)
{
    size_t start = below(&run->chance, PEOPLE_MOST);
    for (size_t i = 0; i < PEOPLE_MOST; i++) {
        struct known *person = &run->model.people[(start + i) % PEOPLE_MOST];
        if (person->arena != NULL && person != but)
            return person;
    }
    return NULL;
}

static bool is_told_of(struct run *run, dossier_id from)
{
    struct report report = {0};
    const struct plan *plan = run_plan(run);
    if (plan->purpose_count == 0)
        return true;
    struct move move = {.kind = OP_read};
    move.ask.read = (struct read){
        .subject = from, .purpose = words_text(reg_words(run->reg), plan->purpose[0].clause.name)};
    move.caller = *engine_system();
    engine_begin(run->engine);
    (void)move_ask(run, &move).fault;
    NEED(run, is_ok(engine_end(run->engine, &report)), "a turn could not be kept");
    NEED(run, move.result.fault == FAULT_MERGED || move.result.fault == FAULT_GONE,
         "who was merged into another is answered %s",
         is_ok(move.result) ? "yes" : fault_name(move.result.fault));
    return true;
}

/* A request of theirs is open, or the dossier would be too large; or nobody is there who may. */
static bool may_fail(status result)
{
    return result.fault == FAULT_CONFLICT || result.fault == FAULT_LIMIT ||
           result.fault == FAULT_REFUSED;
}

bool merge_two(struct run *run)
{
    struct report report = {0};
    struct sources sources = {0};
    arena_reset(run->arena);
    struct known *subject = draw_person(run, NULL), *from = draw_person(run, subject);
    CLEANUP(known_end) struct known was = {0};
    if (subject == NULL || from == NULL ||
        from->facts.items.count + subject->facts.items.count > 40)
        return true;
    known_copy(&was, subject);
    add_source(run, &sources, &was);
    add_source(run, &sources, from);
    struct merging merging = {.merge = {.subject = subject->facts.id,
                                        .from = from->facts.id,
                                        .reason = STR("one and the same")}};
    status done = by_whoever_may(run, &merging, do_merge, &report);
    trace(run, "%02x%02x into %02x%02x: %s", from->facts.id.bytes[0], from->facts.id.bytes[1],
          subject->facts.id.bytes[0], subject->facts.id.bytes[1],
          is_ok(done) ? "merged" : fault_name(done.fault));
    NEED(run, is_ok(done) || may_fail(done), "no merge: %s", report.text);
    if (!is_ok(done))
        return check_everything(run);
    const struct facts *after[2] = {NULL, NULL};
    bool whole;
    run->tally->merges++;
    if (!load(run, subject->facts.id, &after[0], &whole))
        return false;
    dossier_id gone = from->facts.id;
    if (whole) {
        model_is_gone(&run->model, subject);
        known_end(from);
        return check_everything(run) && check_entries(run);
    }
    if (!opens_nothing(run, &sources, after[0]) || !keeps_wishes(run, &sources, after[0]) ||
        !loses_nothing(run, &sources, after, merging.effect.ends))
        return false;
    take_over(run, subject, after[0], &sources);
    known_end(from);
    model_concerns_move(&run->model, gone, subject->facts.id);
    concerns_follow(run, subject);
    return is_told_of(run, gone) && check_everything(run) && check_entries(run) &&
           check_stolen(run);
}

/* ---- split ---- */

static struct known *room_for_one(struct run *run)
{
    for (size_t i = 0; i < PEOPLE_MOST; i++)
        if (run->model.people[i].arena == NULL)
            return &run->model.people[i];
    return NULL;
}

/* Some of the items, at most two. */
static void draw_items(struct run *run, const struct known *person, struct split *split)
{
    record_id *items = ARENA_ARRAY(run->arena, record_id, 2);
    size_t count = person->facts.items.count, first = below(&run->chance, count);
    items[split->item_count++] = person->facts.items.at[first].id;
    if (count > 1 && in_100(&run->chance, 50))
        items[split->item_count++] = person->facts.items.at[(first + 1) % count].id;
    split->items = items;
}

static bool check_split(struct run *run, struct sources *sources, struct known *person,
                        struct known *other, const struct merging *merging)
{
    const struct facts *after[2];
    bool whole[2];
    dossier_id new = merging->effect.subject;
    if (!load(run, person->facts.id, &after[0], &whole[0]) || !load(run, new, &after[1], &whole[1]))
        return false;
    NEED(run, !whole[1], "who was made by a split is not there");
    if (!opens_nothing(run, sources, after[1]) || !keeps_wishes(run, sources, after[1]))
        return false;
    if (!whole[0] &&
        (!opens_nothing(run, sources, after[0]) || !keeps_wishes(run, sources, after[0]) ||
         !loses_nothing(run, sources, after, merging->effect.ends)))
        return false;
    struct report report = {0};
    known_start(other, DOSSIER_SUBJECT, new, 0, run_now(run));
    NEED(run, is_ok(vault_handle(reg_vault(run->reg), new, &report, other->handle.bytes)),
         "no handle of who was made by a split");
    take_over(run, other, after[1], sources);
    if (whole[0])
        model_is_gone(&run->model, person);
    else
        take_over(run, person, after[0], sources);
    return true;
}

bool split_one(struct run *run)
{
    struct report report = {0};
    struct sources sources = {0};
    arena_reset(run->arena);
    struct known *person = draw_person(run, NULL), *other = room_for_one(run), was = {0};
    if (person == NULL || other == NULL || person->facts.items.count == 0)
        return true;
    known_copy(&was, person);
    add_source(run, &sources, &was);
    struct merging merging = {.split = {.subject = person->facts.id, .reason = STR("two people")}};
    draw_items(run, person, &merging.split);
    status done = by_whoever_may(run, &merging, do_split, &report);
    trace(run, "%zu items of %02x%02x are somebody else's: %s", merging.split.item_count,
          person->facts.id.bytes[0], person->facts.id.bytes[1],
          is_ok(done) ? "split" : fault_name(done.fault));
    bool good = is_ok(done) || may_fail(done) || wrong(run, "no split: %s", report.text);
    if (good && is_ok(done)) {
        run->tally->splits++;
        good = check_split(run, &sources, person, other, &merging);
    }
    known_end(&was);
    return good && check_everything(run) && check_entries(run) && check_stolen(run);
}
