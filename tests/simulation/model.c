/* The model of the state: what was acknowledged, as facts, and what the second evaluator says of
 * them. */
#include <stdlib.h>

#include "simulation.h"

static const size_t BUDGET = (size_t)64 << 20;

void known_start(struct known *known, enum dossier_kind kind, dossier_id id, word name,
                 instant created)
{
    known_end(known);
    known->arena = arena_new(BUDGET);
    known->facts = (struct facts){
        .kind = kind, .id = id, .name = name, .created = created, .erase_asked = NEVER};
}

void known_end(struct known *known)
{
    arena_free(&known->arena);
    *known = (struct known){0};
}

static void *copied(struct arena *arena, const void *from, size_t bytes)
{
    void *to = arena_take(arena, bytes + 1);
    assert(to != NULL);
    if (bytes > 0)
        memcpy(to, from, bytes);
    return to;
}
#define COPY_LIST(to, from, list)                                                                  \
    ((to)->list.at =                                                                               \
         copied((to)->arena, (from)->list.at, (from)->list.count * sizeof(*(from)->list.at)),      \
     (to)->list.room = (to)->list.count = (from)->list.count)

void known_copy(struct known *to, const struct known *from)
{
    known_end(to);
    *to = *from;
    if (from->arena == NULL)
        return;
    to->arena = arena_new(BUDGET);
    COPY_LIST(to, from, facts.roles);
    COPY_LIST(to, from, facts.evidence);
    COPY_LIST(to, from, facts.events);
    COPY_LIST(to, from, facts.items);
    COPY_LIST(to, from, facts.objections);
    COPY_LIST(to, from, facts.switches);
    COPY_LIST(to, from, facts.restrictions);
    COPY_LIST(to, from, facts.limits);
    COPY_LIST(to, from, facts.concerns);
    COPY_LIST(to, from, values);
    COPY_LIST(to, from, made);
    COPY_LIST(to, from, dismissed);
    to->scope = copied(to->arena, from->scope, from->scope_count * sizeof(word));
    for (size_t i = 0; i < to->facts.evidence.count; i++) {
        struct fact_evidence *one = &to->facts.evidence.at[i];
        one->bound = copied(to->arena, one->bound, one->bound_count * sizeof(*one->bound));
    }
    for (size_t i = 0; i < to->facts.items.count; i++) {
        struct fact_item *one = &to->facts.items.at[i];
        one->told = copied(to->arena, one->told, one->told_count * sizeof(word));
    }
    for (size_t i = 0; i < to->facts.restrictions.count; i++) {
        struct fact_restriction *one = &to->facts.restrictions.at[i];
        one->fields = copied(to->arena, one->fields, one->field_count * sizeof(word));
    }
    for (size_t i = 0; i < to->facts.limits.count; i++) {
        struct fact_limit *one = &to->facts.limits.at[i];
        one->items = copied(to->arena, one->items, one->item_count * sizeof(*one->items));
        one->purposes = copied(to->arena, one->purposes, one->purpose_count * sizeof(word));
    }
    for (size_t i = 0; i < to->made.count; i++) {
        struct fact_restriction *one = &to->made.at[i];
        one->fields = copied(to->arena, one->fields, one->field_count * sizeof(word));
    }
}

typedef void each_pair(struct known *to, const struct known *from);
static void each(struct model *to, const struct model *from, each_pair *what)
{
    for (size_t i = 0; i < PEOPLE_MOST; i++)
        what(&to->people[i], &from->people[i]);
    for (size_t i = 0; i < OTHERS_MOST; i++) {
        what(&to->matters[i], &from->matters[i]);
        what(&to->parties[i], &from->parties[i]);
        what(&to->staff[i], &from->staff[i]);
        what(&to->cases[i], &from->cases[i]);
    }
    what(&to->own, &from->own);
}

static void end_one(struct known *to, const struct known *from)
{
    (void)from;
    known_end(to);
}

void model_end(struct model *model)
{
    each(model, model, end_one);
    *model = (struct model){0};
}

void model_copy(struct model *to, const struct model *from)
{
    each(to, from, known_copy);
    memcpy(to->gone, from->gone, sizeof(to->gone));
    to->gone_count = from->gone_count;
    memcpy(to->tokens, from->tokens, sizeof(to->tokens));
    to->token_count = from->token_count;
    memcpy(to->references, from->references, sizeof(to->references));
    to->reference_count = from->reference_count;
}

static bool is_there(const struct known *known, dossier_id id)
{
    return known->arena != NULL && ID_EQUAL(known->facts.id, id);
}

struct known *model_person(struct model *model, dossier_id id)
{
    for (size_t i = 0; i < PEOPLE_MOST; i++)
        if (is_there(&model->people[i], id))
            return &model->people[i];
    return NULL;
}

struct known *model_find(struct model *model, dossier_id id)
{
    for (size_t i = 0; i < OTHERS_MOST; i++) {
        if (is_there(&model->matters[i], id))
            return &model->matters[i];
        if (is_there(&model->parties[i], id))
            return &model->parties[i];
        if (is_there(&model->staff[i], id))
            return &model->staff[i];
        if (is_there(&model->cases[i], id))
            return &model->cases[i];
    }
    return is_there(&model->own, id) ? &model->own : model_person(model, id);
}

void model_is_gone(struct model *model, struct known *person)
{
    model->gone[model->gone_count++ % GONE_KEPT] = person->facts.id;
    model_concerns_nobody(model, person->facts.id);
    known_end(person);
}

/* ---- small changes ---- */

void known_add_role(struct known *known, word role, dossier_id matter, instant since, bool opened)
{
    for (size_t i = 0; i < known->facts.roles.count; i++) {
        const struct fact_role *there = &known->facts.roles.at[i];
        if (there->role == role && ID_EQUAL(there->matter, matter) && before(since, there->until))
            return;
    }
    *ADDED(known->arena, &known->facts.roles) = (struct fact_role){
        .role = role, .matter = matter, .since = since, .until = NEVER, .opened = opened};
}

void known_add_event(struct known *known, word event, dossier_id matter, instant at)
{
    for (size_t i = 0; i < known->facts.events.count; i++) {
        struct fact_event *there = &known->facts.events.at[i];
        if (there->event != event || !ID_EQUAL(there->matter, matter))
            continue;
        there->first = earlier(there->first, at);
        there->last = later(there->last, at);
        return;
    }
    *ADDED(known->arena, &known->facts.events) = (struct fact_event){event, matter, at, at};
}

struct fact_evidence *known_add_evidence(struct known *known, word type,
                                         const struct binding *bound, size_t count, instant since,
                                         instant until)
{
    struct fact_evidence *added = ADDED(known->arena, &known->facts.evidence);
    *added = (struct fact_evidence){.type = type,
                                    .bound = copied(known->arena, bound, count * sizeof(*bound)),
                                    .bound_count = (uint16_t)count,
                                    .since = since,
                                    .until = until,
                                    .until_counts = until.ms != NEVER.ms};
    return added;
}

void known_add_same_evidence(struct known *known, const struct fact_evidence *evidence)
{
    struct fact_evidence *added = ADDED(known->arena, &known->facts.evidence);
    *added = *evidence;
    added->bound =
        copied(known->arena, evidence->bound, evidence->bound_count * sizeof(*evidence->bound));
    added->details = (record_id){{0}};
}

/* What of a category of a company survives, when something of it is taken away, is sealed anew: an
 * older copy of it opens for nobody. `size` says which key (a hash of the two), `key` its turn. */
static void seal_anew(struct known *known, record_id id)
{
    uint32_t slot = 0;
    for (size_t i = 0; i < known->facts.items.count; i++)
        if (ID_EQUAL(known->facts.items.at[i].id, id))
            slot = known->facts.items.at[i].size;
    known->keys++;
    for (size_t i = 0; i < known->facts.items.count; i++)
        if (known->facts.items.at[i].size == slot)
            known->facts.items.at[i].key = known->keys;
}

static void forget_item(struct known *known, record_id id)
{
    size_t kept = 0;
    for (size_t i = 0; i < known->facts.items.count; i++)
        if (!ID_EQUAL(known->facts.items.at[i].id, id))
            known->facts.items.at[kept++] = known->facts.items.at[i];
    known->facts.items.count = kept;
    kept = 0;
    for (size_t i = 0; i < known->values.count; i++)
        if (!ID_EQUAL(known->values.at[i].id, id))
            known->values.at[kept++] = known->values.at[i];
    known->values.count = kept;
    known_item_concerns_nobody(known, id);
}

void known_drop_item(struct known *known, record_id id)
{
    seal_anew(known, id);
    forget_item(known, id);
}

void known_set_value(struct known *known, record_id id, str value)
{
    *ADDED(known->arena, &known->values) = (struct known_value){id, value};
}

str known_value_of(const struct known *known, record_id id)
{
    for (size_t i = 0; i < known->values.count; i++)
        if (ID_EQUAL(known->values.at[i].id, id))
            return known->values.at[i].value;
    return STR("");
}

/* ---- what the semantics say ---- */

struct matter_ids {
    dossier_id at[64];
    size_t count;
};

static void mention(struct matter_ids *ids, dossier_id id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (ID_EQUAL(ids->at[i], id))
            return;
    if (!ID_IS_ZERO(id) && ids->count < LENGTH(ids->at))
        ids->at[ids->count++] = id;
}

static void mentioned(const struct facts *facts, struct matter_ids *ids)
{
    for (size_t i = 0; i < facts->items.count; i++)
        mention(ids, facts->items.at[i].matter);
    for (size_t i = 0; i < facts->events.count; i++)
        mention(ids, facts->events.at[i].matter);
    for (size_t i = 0; i < facts->roles.count; i++)
        mention(ids, facts->roles.at[i].matter);
    for (size_t i = 0; i < facts->evidence.count; i++)
        for (size_t b = 0; b < facts->evidence.at[i].bound_count; b++)
            if (facts->evidence.at[i].bound[b].slot == SLOT_MATTER)
                mention(ids, facts->evidence.at[i].bound[b].id);
}

static const struct facts *facts_of(struct model *model, dossier_id id)
{
    struct known *known = ID_IS_ZERO(id) ? NULL : model_find(model, id);
    return known == NULL ? NULL : &known->facts;
}

void model_view(struct model *model, const struct plans *plans, const struct facts *subject,
                const struct operation *op, struct arena *arena, struct view *view)
{
    struct matter_ids ids = {0};
    if (subject != NULL)
        mentioned(subject, &ids);
    if (op != NULL)
        mention(&ids, op->matter);
    const struct facts **matters = ARENA_ARRAY(arena, const struct facts *, ids.count + 1);
    *view = (struct view){
        .plans = plans, .subject = subject, .matters = matters, .register_ = &model->own.facts};
    for (size_t i = 0; i < ids.count; i++) {
        const struct facts *matter = facts_of(model, ids.at[i]);
        if (matter != NULL)
            matters[view->matter_count++] = matter;
    }
    if (op == NULL)
        return;
    view->party = facts_of(model, op->party);
    view->place = facts_of(model, op->place);
    view->case_ = facts_of(model, op->case_);
    view->actor = facts_of(model, op->actor);
}

void model_settle(struct model *model, const struct plans *plans, const struct facts *subject,
                  instant now, struct arena *arena, struct settled *settled)
{
    struct view view;
    *settled = (struct settled){0};
    model_view(model, plans, subject, NULL, arena, &view);
    reference_settle(&view, now, arena, settled);
}

void model_purge(struct model *model, const struct plans *plans, struct known *person, instant now,
                 struct arena *arena)
{
    struct settled settled;
    model_settle(model, plans, &person->facts, now, arena, &settled);
    if (settled.whole) {
        model_is_gone(model, person);
        return;
    }
    record_id *ids = ARENA_ARRAY(arena, record_id, settled.count + 1);
    size_t count = 0;
    for (size_t i = 0; i < settled.count; i++)
        if (!settled.items[i].alive)
            ids[count++] = settled.items[i].item->id;
    for (size_t i = 0; i < count; i++)
        known_drop_item(person, ids[i]);
}

#define FIND(list, one_id)                                                                         \
    ({                                                                                             \
        size_t at_ = 0;                                                                            \
        while (at_ < (list).count && !ID_EQUAL((list).at[at_].id, (one_id)))                       \
            at_++;                                                                                 \
        at_ == (list).count ? NULL : &(list).at[at_];                                              \
    })

static void copy_restriction(struct known *known, struct fact_restriction *to,
                             const struct fact_restriction *from)
{
    *to = *from;
    to->fields = copied(known->arena, from->fields, from->field_count * sizeof(word));
}

void known_note_restriction(struct known *known, const struct fact_restriction *restriction)
{
    if (FIND(known->made, restriction->id) == NULL)
        copy_restriction(known, ADDED(known->arena, &known->made), restriction);
}

void known_restrict(struct known *known, const struct fact_restriction *restriction)
{
    copy_restriction(known, ADDED(known->arena, &known->facts.restrictions), restriction);
    copy_restriction(known, ADDED(known->arena, &known->made), restriction);
}

/* ---- a restore ---- */

static void cut_told(struct fact_item *item, const struct fact_item *now)
{
    uint16_t kept = 0;
    for (size_t t = 0; t < item->told_count; t++)
        for (size_t n = 0; n < now->told_count; n++)
            if (item->told[t] == now->told[n]) {
                item->told[kept++] = item->told[t];
                break;
            }
    item->told_count = kept;
}

static void take_items_away(struct known *old, const struct known *now)
{
    for (size_t i = old->facts.items.count; i > 0; i--) {
        struct fact_item *item = &old->facts.items.at[i - 1];
        const struct fact_item *there = FIND(now->facts.items, item->id);
        if (there == NULL || there->key != item->key)
            forget_item(old, item->id);
        else
            cut_told(item, there);
    }
}

static bool came_dismissed(const struct known *known, record_id id)
{
    for (size_t i = 0; i < known->dismissed.count; i++)
        if (ID_EQUAL(known->dismissed.at[i], id))
            return true;
    return false;
}

/* What was noted since is lost, and what ended since does not come back. */
static void take_concerns_away(struct known *old, const struct known *now)
{
    size_t kept = 0;
    for (size_t i = 0; i < old->facts.concerns.count; i++) {
        struct fact_concern line = old->facts.concerns.at[i];
        const struct fact_concern *there = FIND(now->facts.concerns, line.id);
        if (there == NULL)
            continue;
        line.other = there->other; /* who they became since */
        old->facts.concerns.at[kept++] = line;
    }
    old->facts.concerns.count = kept;
}

static void take_rest_away(struct known *old, const struct known *now)
{
    for (size_t i = 0; i < old->facts.evidence.count; i++) {
        struct fact_evidence *one = &old->facts.evidence.at[i];
        const struct fact_evidence *there = FIND(now->facts.evidence, one->id);
        if (there != NULL)
            one->until = earlier(one->until, there->until);
    }
    for (size_t i = 0; i < old->facts.roles.count; i++) {
        struct fact_role *one = &old->facts.roles.at[i];
        const struct fact_role *there = FIND(now->facts.roles, one->id);
        if (there != NULL)
            one->until = earlier(one->until, there->until);
    }
    for (size_t i = 0; i < now->facts.objections.count; i++) {
        const struct fact_objection *one = &now->facts.objections.at[i];
        struct fact_objection *there = FIND(old->facts.objections, one->id);
        if (there == NULL) { /* a dismissal gives back, and is lost */
            there = ADDED(old->arena, &old->facts.objections);
            *there = *one;
            bool came = came_dismissed(now, one->id);
            bool stays = one->state == OBJECTION_UPHELD || came;
            there->state = stays ? one->state : OBJECTION_OPEN;
            if (came) /* by an edit: the next restore keeps it, too */
                *ADDED(old->arena, &old->dismissed) = one->id;
        } else if (one->state == OBJECTION_UPHELD) {
            there->state = OBJECTION_UPHELD;
        }
    }
    for (size_t i = 0; i < now->facts.switches.count; i++) {
        struct fact_switch *there = FIND(old->facts.switches, now->facts.switches.at[i].id);
        if (there == NULL)
            there = ADDED(old->arena, &old->facts.switches);
        *there = now->facts.switches.at[i];
    }
    for (size_t i = 0; i < now->made.count; i++) { /* lifting gives back, and is lost */
        const struct fact_restriction *one = &now->made.at[i];
        if (FIND(old->made, one->id) == NULL)
            known_restrict(old, one);
    }
    if (now->facts.erase_asked.ms != NEVER.ms)
        old->facts.erase_asked = now->facts.erase_asked;
}

static void restore_one(struct known *now, const struct known *backup)
{
    struct known old = {0};
    if (now->arena == NULL)
        return; /* erased since: it stays so */
    if (backup->arena == NULL || !ID_EQUAL(backup->facts.id, now->facts.id)) {
        known_end(now); /* made since: lost */
        return;
    }
    known_copy(&old, backup);
    take_items_away(&old, now);
    take_concerns_away(&old, now);
    old.keys = now->keys;
    take_rest_away(&old, now);
    known_end(now);
    *now = old;
}

void model_restore(struct model *now, const struct model *backup)
{
    each(now, backup, restore_one);
    for (size_t i = 0; i < now->token_count; i++) {
        bool was = i < backup->token_count && ID_EQUAL(backup->tokens[i].id, now->tokens[i].id);
        now->tokens[i].revoked |= !was; /* made since: lost */
    }
}

/* ---- a restart numbers the words anew ---- */

static const word *new_words;

static void rename_one(struct known *known, const struct known *same)
{
    struct facts *facts = &known->facts;
    (void)same;
    if (known->arena == NULL)
        return;
    facts->name = new_words[facts->name];
    known->zone = new_words[known->zone];
    for (size_t i = 0; i < known->scope_count; i++)
        known->scope[i] = new_words[known->scope[i]];
    for (size_t i = 0; i < facts->roles.count; i++)
        facts->roles.at[i].role = new_words[facts->roles.at[i].role];
    for (size_t i = 0; i < facts->events.count; i++)
        facts->events.at[i].event = new_words[facts->events.at[i].event];
    for (size_t i = 0; i < facts->objections.count; i++)
        facts->objections.at[i].purpose = new_words[facts->objections.at[i].purpose];
    for (size_t i = 0; i < facts->switches.count; i++) {
        facts->switches.at[i].stop = new_words[facts->switches.at[i].stop];
        facts->switches.at[i].channel = new_words[facts->switches.at[i].channel];
    }
    for (size_t i = 0; i < facts->restrictions.count; i++)
        for (size_t f = 0; f < facts->restrictions.at[i].field_count; f++)
            facts->restrictions.at[i].fields[f] = new_words[facts->restrictions.at[i].fields[f]];
    for (size_t i = 0; i < facts->concerns.count; i++)
        facts->concerns.at[i].field = new_words[facts->concerns.at[i].field];
    for (size_t i = 0; i < facts->limits.count; i++)
        for (size_t p = 0; p < facts->limits.at[i].purpose_count; p++)
            facts->limits.at[i].purposes[p] = new_words[facts->limits.at[i].purposes[p]];
    for (size_t i = 0; i < known->made.count; i++)
        for (size_t f = 0; f < known->made.at[i].field_count; f++)
            known->made.at[i].fields[f] = new_words[known->made.at[i].fields[f]];
    for (size_t i = 0; i < facts->evidence.count; i++) {
        struct fact_evidence *one = &facts->evidence.at[i];
        one->type = new_words[one->type];
        for (size_t b = 0; b < one->bound_count; b++)
            one->bound[b].name = new_words[one->bound[b].name];
    }
    for (size_t i = 0; i < facts->items.count; i++) {
        struct fact_item *one = &facts->items.at[i];
        word *const words[] = {&one->field,   &one->source,     &one->intake,
                               &one->channel, &one->controller, &one->version};
        for (size_t w = 0; w < LENGTH(words); w++)
            *words[w] = new_words[*words[w]];
        for (size_t t = 0; t < one->told_count; t++)
            one->told[t] = new_words[one->told[t]];
    }
}

void model_rename(struct model *model, const word *renamed)
{
    new_words = renamed;
    each(model, model, rename_one);
    new_words = NULL;
}
