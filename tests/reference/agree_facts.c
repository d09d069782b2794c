/* Random facts and operations about a loaded case. */
#include <stdio.h>

#include "agree.h"
#include "calendar.h"

#define PICK(chance, list) ((list)[below((chance), LENGTH(list))])

static word word_of(struct agree_case *c, const char *text)
{
    return words_intern(c->words, str_from(text));
}

static dossier_id id_of(char kind, size_t number)
{
    dossier_id id = {{0}};
    id.bytes[0] = (unsigned char)kind;
    id.bytes[1] = (unsigned char)(number + 1);
    return id;
}

static record_id record_of(char kind, size_t number)
{
    record_id id = {{0}};
    id.bytes[0] = (unsigned char)kind;
    id.bytes[1] = (unsigned char)(number + 1);
    return id;
}

/* ---- loading ---- */

static void mark(struct bits bits, const plan_index *table, const struct plan *plan,
                 struct words *words, const char *const names[NAMES_OF_BITS])
{
    for (size_t i = 0; i < NAMES_OF_BITS && names[i] != NULL; i++) {
        plan_index at = plan_find(plan, table, words_find(words, str_from(names[i])));
        if (at != NONE)
            bits_set(bits, at);
    }
}

static void mark_new(struct agree_case *c, size_t i, struct arena *arena)
{
    const struct plan *plan = c->version[i].plan;
    for (size_t before = 0; before < i; before++) {
        struct plan_news *news = &c->news[i][before];
        const char *const(*fresh)[NAMES_OF_BITS] = c->policy[i].fresh[before];
        news->purposes = bits_new(arena, plan->purpose_count);
        news->sources = bits_new(arena, plan->source_count);
        news->recipients = bits_new(arena, plan->recipient_count);
        news->fields = bits_new(arena, plan->field_count);
        mark(news->purposes, plan->purpose_of, plan, c->words, fresh[0]);
        mark(news->sources, plan->source_of, plan, c->words, fresh[1]);
        mark(news->recipients, plan->recipient_of, plan, c->words, fresh[2]);
        mark(news->fields, plan->field_of, plan, c->words, fresh[3]);
    }
    c->version[i].news = c->news[i];
}

static void build_view(struct agree_case *c)
{
    for (size_t i = 0; i < MATTERS; i++)
        c->matters[i] = &c->matter[i];
    c->plans = (struct plans){c->version, c->policy_count};
    c->view = (struct view){.plans = &c->plans,
                            .subject = &c->subject,
                            .matters = c->matters,
                            .matter_count = MATTERS - 1, /* the last has no dossier */
                            .register_ = &c->register_};
    c->view.case_ = ID_IS_ZERO(c->op.case_) ? NULL : &c->case_;
    c->view.party = ID_IS_ZERO(c->op.party) ? NULL : &c->party;
    c->view.place = ID_IS_ZERO(c->op.place) ? NULL : &c->place;
    c->view.actor = ID_IS_ZERO(c->op.actor) ? NULL : &c->actor;
}

bool case_load(struct agree_case *c, struct arena *arena, char *why, size_t room)
{
    for (size_t i = 0; i < c->policy_count; i++) {
        struct problems problems = {.arena = arena};
        struct report report = {0};
        struct policy_source source = {STR("p.yaml"), policy_yaml(&c->policy[i], arena)};
        const struct plan *plan = NULL;
        if (!is_ok(plan_load(c->words, &source, NULL, NULL, 0, arena, &problems, &report, &plan))) {
            const struct problem *first = problems.list.count > 0 ? &problems.list.at[0] : NULL;
            snprintf(why, room, "%s: line %u: %.*s", report.text, first == NULL ? 0 : first->line,
                     first == NULL ? 0 : (int)first->text.len,
                     first == NULL ? "" : first->text.ptr);
            return false;
        }
        char name[8];
        snprintf(name, sizeof(name), "v%zu", i + 1);
        c->version[i] = (struct plan_version){
            .plan = plan, .version = word_of(c, name), .effective = c->policy[i].effective};
        mark_new(c, i, arena);
    }
    build_view(c);
    return true;
}

/* ---- instants: few, and near to edges ---- */

static instant some_instant(struct agree_case *c, struct chance *chance)
{
    static const struct date DATES[] = {{2026, 3, 29},  {2026, 3, 28}, {2026, 10, 25},
                                        {2025, 10, 26}, {2026, 1, 31}, {2024, 2, 29},
                                        {2025, 12, 31}, {2026, 2, 28}, {2025, 6, 30}};
    static const int32_t TIMES[] = {0, 0, 9000000, 43200000, 86399999};
    struct date date = PICK(chance, DATES);
    return local_to_instant(c->version[0].plan->zone, date, PICK(chance, TIMES));
}

static instant near_to(instant at, struct chance *chance)
{
    if (at.ms == NEVER.ms || at.ms == ALWAYS.ms)
        return at;
    return (instant){at.ms + (int64_t)below(chance, 3) - 1};
}

/* ---- facts ---- */

#define KEEP(c, list, value)                                                                       \
    do {                                                                                           \
        __typeof__((list).at) new_ = LIST_ADD((c)->arena, &(list));                                \
        assert(new_ != NULL);                                                                      \
        *new_ = (value);                                                                           \
    } while (0)

static const char *const PURPOSES[] = {"pa", "pb", "pc", "pd", "pe"};
static const char *const FIELDS[] = {"ca.fa", "ca.fb", "cb.fc", "cb.fd", "cc", "cd"};
static const char *const CATEGORIES[] = {"ca", "cb", "cc", "cd"};
static const char *const SOURCES[] = {"sa", "sa", "sb", "sc"};
static const char *const INTAKES[] = {"ia", "ib"};
static const char *const CHANNELS[] = {"email", "sms", "phone", "post"};
static const char *const MESSAGES[] = {"na", "nb"};
static const char *const RECIPIENTS[] = {"ga", "gb", "gc", "gd"};
static const char *const ZONES[] = {"eu", "eea", "NO", "DE", "US"};
static const char *const STAFF[] = {"ua", "ub", "uc"};
static const char *const ROLES[] = {"ra", "rb"};
static const char *const CONTROLLERS[] = {"xa", "xa", "xb", "xc"};
static const char *const VERSIONS[] = {"v1", "v2", "v3"};
static const char *const COOKIES[] = {"ka", "kb"};
static const char *const EVENTS[] = {"ea", "eb", "ec", "ed"};
static const char *const SWITCHES[] = {"wa", "wb"};

static dossier_id some_matter(struct chance *chance)
{
    return id_of('M', below(chance, MATTERS));
}

static struct binding bind(struct agree_case *c, struct chance *chance, enum slot slot)
{
    struct binding b = {.slot = slot};
    bool by_id = in_100(chance, 60);
    switch (slot) {
    case SLOT_SUBJECT:
        b.id = c->subject.id;
        break;
    case SLOT_ROLE:
        b.name = word_of(c, PICK(chance, ROLES));
        break;
    case SLOT_PURPOSE:
        b.name = word_of(c, PICK(chance, PURPOSES));
        break;
    case SLOT_CATEGORY:
        b.name = word_of(c, PICK(chance, CATEGORIES));
        break;
    case SLOT_FIELD:
        b.name = word_of(c, PICK(chance, FIELDS));
        break;
    case SLOT_SOURCE:
        b.name = word_of(c, PICK(chance, SOURCES));
        break;
    case SLOT_INTAKE:
        b.name = word_of(c, PICK(chance, INTAKES));
        break;
    case SLOT_CHANNEL:
        b.name = word_of(c, PICK(chance, CHANNELS));
        break;
    case SLOT_MESSAGE:
        b.name = word_of(c, PICK(chance, MESSAGES));
        break;
    case SLOT_RECIPIENT:
        if (by_id)
            b.id = c->party.id;
        else
            b.name = word_of(c, PICK(chance, RECIPIENTS));
        break;
    case SLOT_PLACE:
        if (by_id)
            b.id = c->place.id;
        else
            b.name = word_of(c, PICK(chance, ZONES));
        break;
    case SLOT_MATTER:
        b.id = some_matter(chance);
        break;
    case SLOT_CASE:
        b.id = c->case_.id;
        break;
    case SLOT_ACTOR:
        if (by_id)
            b.id = c->actor.id;
        else
            b.name = word_of(c, PICK(chance, STAFF));
        break;
    case SLOT_CONTROLLER:
        b.name = word_of(c, PICK(chance, CONTROLLERS));
        break;
    case SLOT_VERSION:
        b.name = word_of(c, PICK(chance, VERSIONS));
        break;
    case SLOT_COOKIE:
        b.name = word_of(c, PICK(chance, COOKIES));
        break;
    case SLOT_NONE:
    case SLOT_COUNT:
        break;
    }
    return b;
}

static const struct binding *bound_in(const struct fact_evidence *record, enum slot slot)
{
    for (uint16_t i = 0; i < record->bound_count; i++)
        if (record->bound[i].slot == slot)
            return &record->bound[i];
    return NULL;
}

/* "Evidence is kept in the dossier of the most particular thing it is bound to". */
static struct facts *home_of(struct agree_case *c, const struct fact_evidence *record)
{
    const struct binding *matter = bound_in(record, SLOT_MATTER);
    if (bound_in(record, SLOT_SUBJECT) != NULL)
        return &c->subject;
    for (size_t i = 0; matter != NULL && i < MATTERS; i++)
        if (ID_EQUAL(matter->id, c->matter[i].id))
            return &c->matter[i];
    if (bound_in(record, SLOT_CASE) != NULL)
        return &c->case_;
    if (bound_in(record, SLOT_RECIPIENT) != NULL)
        return &c->party;
    if (bound_in(record, SLOT_PLACE) != NULL)
        return &c->place;
    if (bound_in(record, SLOT_ACTOR) != NULL)
        return &c->actor;
    return &c->register_;
}

static void some_span(struct agree_case *c, struct chance *chance, instant *since, instant *until)
{
    *since = near_to(some_instant(c, chance), chance);
    *until = NEVER;
    if (in_100(chance, 35)) {
        *until = near_to(some_instant(c, chance), chance);
        if (before(*until, *since))
            *until = *since;
    }
}

static bool binds_slot(struct chance *chance, const struct plan_evidence *type, enum slot slot)
{
    if ((type->binds >> slot & 1) != 0)
        return in_100(chance, 94);
    return in_100(chance,
                  slot == SLOT_MATTER || slot == SLOT_CATEGORY || slot == SLOT_COOKIE ? 5 : 1);
}

static void add_evidence(struct agree_case *c, struct chance *chance)
{
    static const char *const OFTEN[] = {"consent", "consent",   "agreement", "balancing", "notice",
                                        "claim",   "balancing", "tc",        "td",        "te"};
    const struct plan *plan = c->version[below(chance, c->policy_count)].plan;
    plan_index often =
        plan_find(plan, plan->evidence_of, words_find(c->words, str_from(PICK(chance, OFTEN))));
    plan_index any = (plan_index)below(chance, plan->evidence_count);
    const struct plan_evidence *type =
        &plan->evidence[often != NONE && in_100(chance, 60) ? often : any];
    struct fact_evidence record = {.type = type->clause.name};
    record.bound = ARENA_ARRAY(c->arena, struct binding, SLOT_COUNT);
    assert(record.bound != NULL);
    for (enum slot slot = SLOT_SUBJECT; slot < SLOT_COUNT; slot++)
        if (binds_slot(chance, type, slot))
            record.bound[record.bound_count++] = bind(c, chance, slot);
    some_span(c, chance, &record.since, &record.until);
    struct facts *home = home_of(c, &record);
    record.id = record_of('e', (size_t)below(chance, 200));
    if (in_100(chance, 30))
        record.details = record_of('i', below(chance, 5));
    KEEP(c, home->evidence, record);
}

static void add_task(struct agree_case *c, struct chance *chance)
{
    struct fact_task task = {.id = record_of('t', (size_t)below(chance, 200)),
                             .kind = TASK_SEND,
                             .since = some_instant(c, chance),
                             .due = NEVER,
                             .details = record_of('i', below(chance, 5))};
    KEEP(c, c->subject.tasks, task);
}

static void add_event(struct agree_case *c, struct chance *chance)
{
    size_t which = below(chance, LENGTH(EVENTS));
    struct fact_event event = {.event = word_of(c, EVENTS[which])};
    event.first = near_to(some_instant(c, chance), chance);
    event.last = in_100(chance, 60) ? event.first : near_to(some_instant(c, chance), chance);
    if (before(event.last, event.first))
        event.last = event.first;
    struct facts *to = &c->subject;
    size_t matter = below(chance, MATTERS);
    if (in_100(chance, 40))
        event.matter = c->matter[matter].id;
    if ((which == 1 || which == 3) && in_100(chance, 70)) {
        to = &c->matter[matter];
        event.matter = in_100(chance, 50) ? to->id : (dossier_id){{0}};
    }
    KEEP(c, to->events, event);
}

static void add_item(struct agree_case *c, struct chance *chance, size_t number)
{
    struct fact_item item = {.id = record_of('i', number)};
    item.field = word_of(c, PICK(chance, FIELDS));
    item.source = word_of(c, PICK(chance, SOURCES));
    item.intake = word_of(c, PICK(chance, INTAKES));
    item.controller = in_100(chance, 10) ? 0 : word_of(c, PICK(chance, CONTROLLERS));
    item.version = word_of(c, VERSIONS[below(chance, c->policy_count)]);
    if (in_100(chance, 3))
        item.version = word_of(c, "v9");
    if (in_100(chance, 3))
        item.field = word_of(c, "lost.field");
    if (in_100(chance, 5))
        item.field = 0;
    if (in_100(chance, 55))
        item.matter = some_matter(chance);
    item.collected = near_to(some_instant(c, chance), chance);
    item.told = ARENA_ARRAY(c->arena, word, LENGTH(PURPOSES));
    assert(item.told != NULL);
    for (size_t i = 0; i < LENGTH(PURPOSES); i++)
        if (in_100(chance, 50))
            item.told[item.told_count++] = word_of(c, PURPOSES[i]);
    item.made_from = ARENA_ARRAY(c->arena, record_id, 2);
    assert(item.made_from != NULL);
    for (size_t i = 1; i <= 2 && item.told_count % 4 >= i; i++) /* of those before it, or itself */
        item.made_from[item.made_from_count++] = record_of('i', number - number * i / 4);
    KEEP(c, c->subject.items, item);
}

static void add_role(struct agree_case *c, struct chance *chance)
{
    struct fact_role role = {.role = word_of(c, PICK(chance, ROLES))};
    if (in_100(chance, 30))
        role.matter = some_matter(chance);
    some_span(c, chance, &role.since, &role.until);
    role.opened = in_100(chance, 40);
    struct facts *to = &c->subject;
    if (in_100(chance, 25)) {
        to = in_100(chance, 50) ? &c->actor : &c->party;
        if (to == &c->actor)
            role.role = word_of(c, PICK(chance, STAFF));
    }
    KEEP(c, to->roles, role);
}

static void add_objection(struct agree_case *c, struct chance *chance)
{
    struct fact_objection fact = {.purpose = word_of(c, PICK(chance, PURPOSES)),
                                  .since = near_to(some_instant(c, chance), chance),
                                  .state = (enum objection_state)below(chance, 3)};
    KEEP(c, c->subject.objections, fact);
}

static void add_switch(struct agree_case *c, struct chance *chance)
{
    struct fact_switch fact = {.stop = word_of(c, PICK(chance, SWITCHES)),
                               .since = near_to(some_instant(c, chance), chance)};
    if (in_100(chance, 30))
        fact.channel = word_of(c, PICK(chance, CHANNELS));
    if (in_100(chance, 15))
        fact.recipient = c->party.id;
    KEEP(c, c->subject.switches, fact);
}

static void add_restriction(struct agree_case *c, struct chance *chance)
{
    struct fact_restriction fact = {.since = near_to(some_instant(c, chance), chance),
                                    .told = in_100(chance, 50)};
    fact.fields = ARENA_ARRAY(c->arena, word, 3);
    assert(fact.fields != NULL);
    fact.field_count = (uint16_t)below(chance, 3);
    for (uint16_t i = 0; i < fact.field_count; i++)
        fact.fields[i] = in_100(chance, 70) ? word_of(c, PICK(chance, FIELDS))
                                            : word_of(c, PICK(chance, CATEGORIES));
    KEEP(c, c->subject.restrictions, fact);
}

static void add_limit(struct agree_case *c, struct chance *chance)
{
    struct fact_limit fact = {.until = near_to(some_instant(c, chance), chance),
                              .use_only = in_100(chance, 50)};
    fact.items = ARENA_ARRAY(c->arena, record_id, 2);
    fact.purposes = ARENA_ARRAY(c->arena, word, 2);
    assert(fact.items != NULL && fact.purposes != NULL);
    size_t items = c->subject.items.count == 0 ? 0 : below(chance, 3);
    for (; fact.item_count < items; fact.item_count++)
        fact.items[fact.item_count] = c->subject.items.at[below(chance, c->subject.items.count)].id;
    for (size_t n = below(chance, 3); fact.purpose_count < n; fact.purpose_count++)
        fact.purposes[fact.purpose_count] = word_of(c, PICK(chance, PURPOSES));
    KEEP(c, c->subject.limits, fact);
}

static void add_concern(struct agree_case *c, struct chance *chance)
{
    struct fact_concern fact = {.kind = in_100(chance, 80) ? CONCERN_HERE : CONCERN_THERE,
                                .other = id_of('S', 1),
                                .restricted =
                                    in_100(chance, 70) ? near_to(some_instant(c, chance), chance)
                                                       : NEVER};
    if (c->subject.items.count > 0)
        fact.item = c->subject.items.at[below(chance, c->subject.items.count)].id;
    KEEP(c, c->subject.concerns, fact);
}

static struct facts empty_facts(enum dossier_kind kind, char letter, size_t number)
{
    return (struct facts){
        .kind = kind, .id = id_of(letter, number), .erase_asked = NEVER, .created = ALWAYS};
}

static void empty_dossiers(struct agree_case *c)
{
    c->subject = empty_facts(DOSSIER_SUBJECT, 'S', 0);
    for (size_t i = 0; i < MATTERS; i++)
        c->matter[i] = empty_facts(DOSSIER_MATTER, 'M', i);
    c->case_ = empty_facts(DOSSIER_CASE, 'C', 0);
    c->party = empty_facts(DOSSIER_PARTY, 'P', 0);
    c->place = empty_facts(DOSSIER_PLACE, 'L', 0);
    c->actor = empty_facts(DOSSIER_STAFF, 'A', 0);
    c->register_ = empty_facts(DOSSIER_REGISTER, 'R', 0);
    c->matter[0].name = word_of(c, "ma");
    c->matter[1].name = word_of(c, "mb");
    c->matter[2].name = word_of(c, "ma");
}

void make_facts(struct agree_case *c, struct chance *chance)
{
    empty_dossiers(c);
    c->party.name = word_of(c, PICK(chance, RECIPIENTS));
    c->place.name = word_of(c, PICK(chance, ZONES));
    for (size_t i = 0; i < c->policy_count; i++) {
        instant least = i == 0 ? ALWAYS : c->policy[i - 1].effective;
        instant at = i == 0 && in_100(chance, 85) ? ALWAYS : some_instant(c, chance);
        c->policy[i].effective = c->version[i].effective = later(least, at);
    }
    for (size_t i = below(chance, 5); i > 0; i--)
        add_role(c, chance);
    for (size_t i = below(chance, 16); i > 0; i--)
        add_evidence(c, chance);
    for (size_t i = below(chance, 7); i > 0; i--)
        add_event(c, chance);
    for (size_t i = in_100(chance, 30); i > 0; i = in_100(chance, 30))
        add_task(c, chance);
    for (size_t i = below(chance, 5), k = 0; k < i; k++)
        add_item(c, chance, k);
    for (size_t i = in_100(chance, 35); i > 0; i = in_100(chance, 30))
        add_objection(c, chance);
    for (size_t i = in_100(chance, 35); i > 0; i = in_100(chance, 30))
        add_switch(c, chance);
    for (size_t i = in_100(chance, 20); i > 0; i = in_100(chance, 20))
        add_restriction(c, chance);
    for (size_t i = in_100(chance, 20); i > 0; i = in_100(chance, 20))
        add_concern(c, chance);
    for (size_t i = in_100(chance, 20); i > 0; i = in_100(chance, 30))
        add_limit(c, chance);
    if (in_100(chance, 12))
        c->subject.erase_asked = near_to(some_instant(c, chance), chance);
    c->subject.had_items = c->subject.items.count > 0 || in_100(chance, 50);
    c->subject.created = in_100(chance, 60) ? ALWAYS : some_instant(c, chance);
    c->t = near_to(some_instant(c, chance), chance);
    build_view(c);
}

/* ---- operations ---- */

static const word *some_words(struct agree_case *c, struct chance *chance, const char *const *from,
                              size_t count, size_t *out)
{
    word *list = ARENA_ARRAY(c->arena, word, 4);
    assert(list != NULL);
    *out = 1 + below(chance, 3);
    for (size_t i = 0; i < *out; i++)
        list[i] = word_of(c, from[below(chance, count)]);
    return list;
}

static void about_items(struct agree_case *c, struct chance *chance)
{
    struct operation *op = &c->op;
    if (in_100(chance, 30)) {
        record_id *items = ARENA_ARRAY(c->arena, record_id, 2);
        assert(items != NULL);
        op->item_count = 1 + below(chance, 2);
        for (size_t i = 0; i < op->item_count; i++)
            items[i] = record_of('i', (below(chance, 2) * 3 + i) % 5);
        op->items = items;
    }
    if (in_100(chance, 20))
        op->fields = some_words(c, chance, FIELDS, LENGTH(FIELDS), &op->field_count);
    if (in_100(chance, 12))
        op->scope = some_words(c, chance, in_100(chance, 60) ? FIELDS : CATEGORIES,
                               LENGTH(CATEGORIES), &op->scope_count);
}

static void offer(struct agree_case *c, struct chance *chance)
{
    struct offered *offered = ARENA_ARRAY(c->arena, struct offered, LENGTH(FIELDS));
    size_t first = below(chance, LENGTH(FIELDS));
    assert(offered != NULL);
    c->op.offered_count = below(chance, 5);
    for (size_t i = 0; i < c->op.offered_count; i++) {
        const char *field = FIELDS[(first + i) % LENGTH(FIELDS)];
        offered[i].field = word_of(c, in_100(chance, 3) ? "lost.field" : field);
        offered[i].said_optional = in_100(chance, 80);
    }
    c->op.offered = offered;
    c->op.intake = in_100(chance, 3) ? 0 : word_of(c, PICK(chance, INTAKES));
    c->op.source = in_100(chance, 30) ? 0 : word_of(c, PICK(chance, SOURCES));
    if (in_100(chance, 30))
        c->op.told = some_words(c, chance, PURPOSES, LENGTH(PURPOSES), &c->op.told_count);
    if (in_100(chance, 70))
        c->op.purpose = 0;
}

static void record_something(struct agree_case *c, struct chance *chance)
{
    static const char *const RECORDS[] = {"ta", "tb", "tc", "td",      "te",       "tf",
                                          "tg", "th", "ti", "consent", "training", "ea",
                                          "ec", "ed", "ra", "zz"};
    static const char *const PARTICULARS[] = {"document", "number"};
    struct operation *op = &c->op;
    op->evidence = word_of(c, PICK(chance, RECORDS));
    if (in_100(chance, 60))
        op->particulars =
            some_words(c, chance, PARTICULARS, LENGTH(PARTICULARS), &op->particular_count);
    if (in_100(chance, 40))
        op->concerned = in_100(chance, 50) ? c->actor.id : id_of('A', 7);
    if (in_100(chance, 70))
        op->purpose = 0;
}

static void share_with(struct agree_case *c, struct chance *chance)
{
    static const char *const NAMES[] = {"Alfa", "Beta", "Gamma"};
    struct operation *op = &c->op;
    op->recipient = in_100(chance, 3) ? 0 : word_of(c, PICK(chance, RECIPIENTS));
    if (in_100(chance, 75))
        op->party = c->party.id;
    op->party_name = str_from(PICK(chance, NAMES));
}

static void who_acts(struct agree_case *c, struct chance *chance)
{
    struct operation *op = &c->op;
    if (in_100(chance, 25))
        op->staff = in_100(chance, 5) ? word_of(c, "zz") : word_of(c, PICK(chance, STAFF));
    if (in_100(chance, 20))
        op->actor = c->actor.id;
    op->by_subject = in_100(chance, 25);
}

static void cut_operation(struct agree_case *c, struct chance *chance)
{
    static const char *const SUPPLIED[] = {"notice", "te", "stop_link", "acknowledgement"};
    struct operation *op = &c->op;
    op->purpose = in_100(chance, 5) ? 0 : word_of(c, PICK(chance, PURPOSES));
    if (in_100(chance, 2))
        op->purpose = word_of(c, "zz");
    if (in_100(chance, 40))
        op->matter = some_matter(chance);
    if (in_100(chance, 40))
        op->case_ = c->case_.id;
    if (in_100(chance, 25))
        op->zone = word_of(c, PICK(chance, ZONES));
    if (in_100(chance, 15))
        op->place = c->place.id;
    if (in_100(chance, 20))
        op->controller = word_of(c, PICK(chance, CONTROLLERS));
    if (in_100(chance, 25))
        op->channel = word_of(c, PICK(chance, CHANNELS));
    if (in_100(chance, 20))
        op->supplied = some_words(c, chance, SUPPLIED, LENGTH(SUPPLIED), &op->supplied_count);
    op->asking = in_100(chance, 50);
}

void make_operation(struct agree_case *c, struct chance *chance)
{
    static const enum action OFTEN[] = {ACTION_READ,  ACTION_READ,    ACTION_USE,     ACTION_SHARE,
                                        ACTION_SHARE, ACTION_COLLECT, ACTION_COLLECT, ACTION_SEND};
    struct operation *op = &c->op;
    *op = (struct operation){.subject = c->subject.id};
    op->action = in_100(chance, 50) ? PICK(chance, OFTEN)
                                    : (enum action)(1 + below(chance, ACTION_COUNT - 1));
    cut_operation(c, chance);
    who_acts(c, chance);
    if (op->action == ACTION_COLLECT)
        offer(c, chance);
    else
        about_items(c, chance);
    if (op->action == ACTION_RECORD)
        record_something(c, chance);
    if (op->action == ACTION_SHARE)
        share_with(c, chance);
    if (op->action == ACTION_SEND) {
        op->message = in_100(chance, 2) ? word_of(c, "zz") : word_of(c, PICK(chance, MESSAGES));
        op->channel = word_of(c, PICK(chance, CHANNELS));
        if (in_100(chance, 90))
            op->purpose = 0;
    }
    if (op->action == ACTION_COOKIE_SET || op->action == ACTION_COOKIE_READ) {
        op->cookie = in_100(chance, 2) ? word_of(c, "zz") : word_of(c, PICK(chance, COOKIES));
        if (in_100(chance, 40))
            op->purpose = 0;
    }
    if (op->by_subject &&
        (op->action == ACTION_READ || op->action == ACTION_EXPORT || op->action == ACTION_ERASE ||
         op->action == ACTION_RECTIFY) &&
        in_100(chance, 70))
        op->purpose = 0;
    build_view(c);
}
