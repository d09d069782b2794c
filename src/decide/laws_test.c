/* Laws that hold for any facts: random dossiers on testdata/unit.yaml, each from a printed seed.
 * Guarantees G2, G5 and G10 of the README rest on these. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "calendar.h"
#include "decide.h"
#include "file.h"

enum { ARENA_BYTES = 64 << 20, TEXT_BYTES = 1 << 20, ROUNDS = 1500, PEOPLE = 4, OPERATIONS = 20 };
#define POLICY "src/decide/testdata/unit.yaml"

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}
#define ADD(list) ((typeof((list)->at))must(LIST_ADD(arena, (list))))

static void must_do(status s, const struct report *report)
{
    if (is_ok(s))
        return;
    printf("%s\n", report->text);
    abort();
}

struct dice {
    uint64_t state;
};

static uint64_t roll(struct dice *dice, uint64_t below)
{
    dice->state += 0x9e3779b97f4a7c15u;
    uint64_t z = dice->state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

static bool one_in(struct dice *dice, uint64_t n)
{
    return roll(dice, n) == 0;
}

/* ---- a plan ---- */

static const struct plan *load(struct words *words, struct arena *arena,
                               const struct policy_override *with, size_t with_count)
{
    struct report report = {0};
    struct problems problems = {.arena = arena};
    struct policy_source source = {.name = STR(POLICY)};
    const struct plan *plan = NULL;
    must_do(file_read(POLICY, arena, TEXT_BYTES, &report, &source.text), &report);
    must_do(plan_load(words, &source, NULL, with, with_count, arena, &problems, &report, &plan),
            &report);
    return must((void *)(uintptr_t)plan);
}

/* ---- random facts ---- */

static dossier_id number_id(uint64_t kind, uint64_t number)
{
    dossier_id id = {{0}};
    id.bytes[0] = (unsigned char)kind;
    id.bytes[1] = (unsigned char)(number + 1);
    return id;
}

static record_id new_record(struct dice *dice)
{
    record_id id;
    for (size_t i = 0; i < ID_BYTES; i++)
        id.bytes[i] = (unsigned char)roll(dice, 256);
    return id;
}

/* Mostly whole days within six years, so that edges meet. */
static instant roll_time(struct dice *dice)
{
    int64_t day = 86400000;
    int64_t ms = 1704067200000 + (int64_t)roll(dice, 6 * 365) * day;
    return (instant){one_in(dice, 3) ? ms + (int64_t)roll(dice, 86400000) : ms};
}

static instant roll_end(struct dice *dice, instant since)
{
    instant end = roll_time(dice);
    return one_in(dice, 2) || before(end, since) ? NEVER : end;
}

#define ANY_WORD(table, count)                                                                     \
    ((count) == 0 ? (word)0 : plan->table[roll(dice, (count))].clause.name)

static word roll_field(struct dice *dice, const struct plan *plan)
{
    return plan->field[roll(dice, plan->field_count)].name;
}

static dossier_id roll_matter(struct dice *dice)
{
    return one_in(dice, 2) ? (dossier_id){{0}} : number_id(DOSSIER_MATTER, roll(dice, 2));
}

static struct binding roll_binding(struct dice *dice, const struct plan *plan, enum slot slot)
{
    struct binding b = {.slot = slot};
    switch (slot) {
    case SLOT_PURPOSE:
        b.name = ANY_WORD(purpose, plan->purpose_count);
        break;
    case SLOT_SOURCE:
        b.name = ANY_WORD(source, plan->source_count);
        break;
    case SLOT_FIELD:
        b.name = roll_field(dice, plan);
        break;
    case SLOT_COOKIE:
        b.name = ANY_WORD(cookie, plan->cookie_count);
        break;
    case SLOT_MESSAGE:
        b.name = ANY_WORD(message, plan->message_count);
        break;
    case SLOT_RECIPIENT:
        b.id = number_id(DOSSIER_PARTY, roll(dice, 2));
        break;
    case SLOT_MATTER:
        b.id = number_id(DOSSIER_MATTER, roll(dice, 2));
        break;
    case SLOT_CASE:
        b.id = number_id(DOSSIER_CASE, 0);
        break;
    case SLOT_PLACE:
        b.id = number_id(DOSSIER_PLACE, 0);
        break;
    case SLOT_ACTOR:
        b.id = number_id(DOSSIER_STAFF, roll(dice, 2));
        break;
    case SLOT_SUBJECT:
        b.id = number_id(DOSSIER_SUBJECT, 0);
        break;
    case SLOT_NONE:
    case SLOT_ROLE:
    case SLOT_CATEGORY:
    case SLOT_INTAKE:
    case SLOT_CHANNEL:
    case SLOT_CONTROLLER:
    case SLOT_VERSION:
    case SLOT_COUNT:
        b.slot = SLOT_SUBJECT;
        b.id = number_id(DOSSIER_SUBJECT, 0);
        break;
    }
    return b;
}

/* `type` NONE: any. */
static struct fact_evidence roll_evidence(struct dice *dice, const struct plan *plan,
                                          struct arena *arena, plan_index type)
{
    if (type == NONE)
        type = one_in(dice, 3) ? (plan_index)KIND_CONSENT
                               : (plan_index)roll(dice, plan->evidence_count);
    const struct plan_evidence *clause = &plan->evidence[type];
    struct fact_evidence evidence = {.id = new_record(dice), .type = clause->clause.name};
    evidence.bound = must(ARENA_ARRAY(arena, struct binding, SLOT_COUNT));
    uint32_t binds = clause->binds;
    if (type == KIND_CONSENT)
        binds |= 1u << SLOT_PURPOSE | (one_in(dice, 3) ? 1u << SLOT_RECIPIENT : 0);
    if (clause->kind == KIND_AGREEMENT && one_in(dice, 2))
        binds |= 1u << SLOT_MATTER;
    for (unsigned slot = SLOT_NONE + 1; slot < SLOT_COUNT; slot++)
        if ((binds & (1u << slot)) != 0 && !(clause->builtin && one_in(dice, 4)))
            evidence.bound[evidence.bound_count++] = roll_binding(dice, plan, (enum slot)slot);
    evidence.since = roll_time(dice);
    evidence.until = roll_end(dice, evidence.since);
    return evidence;
}

/* Mostly a purpose that uses the field, so that something is allowed. */
static word roll_purpose_for(struct dice *dice, const struct plan *plan, word field)
{
    plan_index index = plan_find(plan, plan->field_of, field);
    for (int tries = 0; tries < 10; tries++) {
        size_t p = (size_t)roll(dice, plan->purpose_count);
        if (field_set_has(&plan->purpose[p].uses, index))
            return plan->purpose[p].clause.name;
    }
    return ANY_WORD(purpose, plan->purpose_count);
}

static struct fact_item roll_item(struct dice *dice, const struct plan *plan, struct arena *arena)
{
    struct fact_item item = {
        .id = new_record(dice),
        .field = roll_field(dice, plan),
        .source = ANY_WORD(source, plan->source_count),
        .intake = ANY_WORD(intake, plan->intake_count),
        .controller = ANY_WORD(controller, plan->controller_count),
        .matter = roll_matter(dice),
        .collected = roll_time(dice),
        .told = must(ARENA_ARRAY(arena, word, 4)),
    };
    for (uint64_t n = 1 + roll(dice, 3); n > 0; n--)
        item.told[item.told_count++] = roll_purpose_for(dice, plan, item.field);
    return item;
}

static void roll_events(struct dice *dice, const struct plan *plan, struct arena *arena,
                        struct facts *facts, uint64_t most)
{
    for (uint64_t n = roll(dice, most); n > 0; n--) {
        instant one = roll_time(dice), other = roll_time(dice);
        *ADD(&facts->events) = (struct fact_event){
            .event = ANY_WORD(event, plan->event_count),
            .matter = facts->kind == DOSSIER_SUBJECT ? roll_matter(dice) : (dossier_id){{0}},
            .first = earlier(one, other),
            .last = later(one, other),
        };
    }
}

static struct facts *roll_dossier(struct dice *dice, const struct plan *plan, struct arena *arena,
                                  enum dossier_kind kind, uint64_t number, uint64_t evidence)
{
    struct facts *facts = must(ARENA_NEW(arena, struct facts));
    facts->kind = kind;
    facts->id = number_id(kind, number);
    facts->created = (instant){0};
    facts->erase_asked = NEVER;
    for (uint64_t n = roll(dice, evidence); n > 0; n--)
        *ADD(&facts->evidence) = roll_evidence(dice, plan, arena, NONE);
    return facts;
}

static struct facts *roll_subject(struct dice *dice, const struct plan *plan, struct arena *arena)
{
    struct facts *facts = roll_dossier(dice, plan, arena, DOSSIER_SUBJECT, 0, 10);
    roll_events(dice, plan, arena, facts, 6);
    for (uint64_t n = 2 + roll(dice, 5); n > 0; n--) {
        struct fact_role role = {.id = new_record(dice),
                                 .role = ANY_WORD(role, plan->role_count),
                                 .matter = roll_matter(dice),
                                 .since = roll_time(dice),
                                 .opened = one_in(dice, 2)};
        role.until = roll_end(dice, role.since);
        *ADD(&facts->roles) = role;
    }
    for (uint64_t n = roll(dice, 8); n > 0; n--)
        *ADD(&facts->items) = roll_item(dice, plan, arena);
    for (uint64_t n = roll(dice, 2); n > 0; n--)
        *ADD(&facts->objections) =
            (struct fact_objection){.id = new_record(dice),
                                    .purpose = ANY_WORD(purpose, plan->purpose_count),
                                    .since = roll_time(dice),
                                    .state = (enum objection_state)roll(dice, 3)};
    for (uint64_t n = roll(dice, 2); n > 0; n--)
        *ADD(&facts->switches) = (struct fact_switch){.id = new_record(dice),
                                                      .stop = ANY_WORD(stop, plan->stop_count),
                                                      .since = roll_time(dice)};
    if (one_in(dice, 4)) {
        struct fact_restriction *restriction = ADD(&facts->restrictions);
        restriction->since = roll_time(dice);
        restriction->fields = must(ARENA_ARRAY(arena, word, 1));
        restriction->fields[restriction->field_count++] = roll_field(dice, plan);
    }
    if (one_in(dice, 5))
        facts->erase_asked = roll_time(dice);
    facts->had_items = true;
    return facts;
}

struct scene {
    struct plan_version version;
    struct plans plans;
    struct view view;
    struct facts *subject;
    struct facts *case_, *party, *place, *actor, *register_;
    const struct facts *matters[2];
};

static void roll_scene(struct dice *dice, const struct plan *plan, struct arena *arena,
                       struct scene *scene)
{
    scene->version = (struct plan_version){.plan = plan, .version = 1, .effective = ALWAYS};
    scene->plans = (struct plans){&scene->version, 1};
    scene->subject = roll_subject(dice, plan, arena);
    for (uint64_t i = 0; i < LENGTH(scene->matters); i++) {
        struct facts *matter = roll_dossier(dice, plan, arena, DOSSIER_MATTER, i, 3);
        matter->name = ANY_WORD(matter, plan->matter_count);
        roll_events(dice, plan, arena, matter, 3);
        scene->matters[i] = matter;
    }
    scene->case_ = roll_dossier(dice, plan, arena, DOSSIER_CASE, 0, 3);
    scene->party = roll_dossier(dice, plan, arena, DOSSIER_PARTY, 0, 4);
    scene->place = roll_dossier(dice, plan, arena, DOSSIER_PLACE, 0, 3);
    scene->actor = roll_dossier(dice, plan, arena, DOSSIER_STAFF, 0, 3);
    scene->register_ = roll_dossier(dice, plan, arena, DOSSIER_REGISTER, 0, 12);
    for (size_t i = 0; i < plan->purpose_count; i++) { /* most interests have been weighed */
        struct fact_evidence *weighed = one_in(dice, 3) ? NULL : ADD(&scene->register_->evidence);
        if (weighed == NULL)
            continue;
        *weighed = roll_evidence(dice, plan, arena, KIND_BALANCING);
        weighed->since = (instant){0};
        weighed->until = NEVER;
        weighed->bound_count = 1;
        weighed->bound[0] =
            (struct binding){.slot = SLOT_PURPOSE, .name = plan->purpose[i].clause.name};
    }
    scene->view = (struct view){
        .plans = &scene->plans,
        .subject = scene->subject,
        .matters = scene->matters,
        .matter_count = LENGTH(scene->matters),
        .case_ = scene->case_,
        .party = scene->party,
        .place = scene->place,
        .actor = scene->actor,
        .register_ = scene->register_,
    };
}

/* ---- random operations, for a purpose ---- */

static struct operation roll_operation(struct dice *dice, const struct plan *plan,
                                       struct arena *arena, const struct facts *subject)
{
    static const enum action actions[] = {ACTION_READ,   ACTION_USE,   ACTION_SHARE,
                                          ACTION_SEND,   ACTION_SHARE, ACTION_COOKIE_SET,
                                          ACTION_COLLECT};
    struct operation op = {
        .action = actions[roll(dice, LENGTH(actions))],
        .asking = one_in(dice, 3),
        .purpose = ANY_WORD(purpose, plan->purpose_count),
        .recipient = ANY_WORD(recipient, plan->recipient_count),
        .intake = ANY_WORD(intake, plan->intake_count),
        .source = ANY_WORD(source, plan->source_count),
        .message = ANY_WORD(message, plan->message_count),
        .cookie = ANY_WORD(cookie, plan->cookie_count),
        .channel = words_find(plan->words, one_in(dice, 2) ? STR("email") : STR("phone")),
        .controller = one_in(dice, 2) ? 0 : ANY_WORD(controller, plan->controller_count),
        .staff = !one_in(dice, 4) ? 0 : ANY_WORD(staff, plan->staff_count),
        .subject = number_id(DOSSIER_SUBJECT, 0),
        .party = number_id(DOSSIER_PARTY, roll(dice, 2)),
        .matter = roll_matter(dice),
        .case_ = one_in(dice, 2) ? (dossier_id){{0}} : number_id(DOSSIER_CASE, 0),
        .actor = number_id(DOSSIER_STAFF, 0),
        .party_name = STR("alfa_as"),
    };
    if (op.staff == 0)
        op.actor = (dossier_id){{0}};
    if (op.action == ACTION_SEND)
        op.purpose = 0;
    struct offered *offered = must(ARENA_ARRAY(arena, struct offered, 3));
    for (size_t i = 0; i < 3; i++)
        offered[op.offered_count++] = (struct offered){roll_field(dice, plan), !one_in(dice, 5)};
    op.offered = offered;
    if (one_in(dice, 3) || subject->items.count == 0)
        return op;
    const struct fact_item *item = &subject->items.at[roll(dice, subject->items.count)];
    if (op.action != ACTION_SEND)
        op.purpose = item->told[roll(dice, item->told_count)];
    op.controller = item->controller;
    return op;
}

/* ---- answers as text ---- */

static str decision_text(const struct plan *plan, const struct decision *decision,
                         struct arena *arena)
{
    struct buf out = buf_in(arena, 1 << 20);
    buf_format(&out, "%d", (int)decision->verdict);
    for (size_t i = 0; i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        buf_format(&out, "\n%d %.*s", (int)part->verdict, STR_ARG(part->reason.rule));
        for (size_t j = 0; j < part->reason.ids.count; j++)
            buf_format(&out, " %.*s", STR_ARG(part->reason.ids.at[j]));
        for (size_t j = 0; j < part->reason.lack_count; j++)
            buf_format(&out, " -%.*s", STR_ARG(words_text(plan->words, part->reason.lacks[j])));
        for (size_t j = 0; j < part->duty_count; j++)
            buf_format(&out, " !%.*s", STR_ARG(words_text(plan->words, part->duties[j])));
    }
    return buf_str(&out);
}

static str settled_text(const struct settled *settled, struct arena *arena)
{
    struct buf out = buf_in(arena, 1 << 20);
    buf_format(&out, "whole %d", settled->whole);
    for (size_t i = 0; i < settled->count; i++) {
        const struct settled_item *item = &settled->items[i];
        buf_format(&out, "\n%d %d %d %lld", item->alive, item->restricted, item->held,
                   (long long)item->end.ms);
        for (size_t g = 0; g < item->ground_count; g++)
            buf_format(&out, " [%u %lld %d %d %.*s]", item->grounds[g].purpose,
                       (long long)item->grounds[g].end.ms, item->grounds[g].keeps,
                       item->grounds[g].started, STR_ARG(item->grounds[g].rule->path));
    }
    return buf_str(&out);
}

static str settle_text(const struct view *view, instant t, struct arena *arena, instant *next)
{
    struct report report = {0};
    struct settled settled;
    must_do(settle(view, t, arena, &report, &settled), &report);
    *next = settled.next;
    return settled_text(&settled, arena);
}

/* ---- the laws ---- */

static void nothing_changes_before_the_next_instant(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *plan_arena = arena_new(ARENA_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    const struct plan *plan = load(words, plan_arena, NULL, 0);
    size_t changes = 0;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct dice dice = {seed};
        struct scene scene;
        instant next, later_next;
        roll_scene(&dice, plan, arena, &scene);
        instant t = roll_time(&dice);
        str now = settle_text(&scene.view, t, arena, &next);
        if (!before(t, next))
            fail_msg("seed %u: next is not later", (unsigned)seed);
        int64_t width = next.ms == NEVER.ms ? (int64_t)1 << 42 : next.ms - t.ms;
        const int64_t steps[] = {width - 1, (int64_t)roll(&dice, (uint64_t)width),
                                 (int64_t)roll(&dice, (uint64_t)width)};
        for (size_t i = 0; i < LENGTH(steps); i++) {
            instant u = {t.ms + steps[i]};
            str then = settle_text(&scene.view, u, arena, &later_next);
            if (!str_equal(now, then) || later_next.ms != next.ms)
                fail_msg("seed %u: at %lld and %lld, next %lld\n%.*s\n%.*s", (unsigned)seed,
                         (long long)t.ms, (long long)u.ms, (long long)next.ms, STR_ARG(now),
                         STR_ARG(then));
        }
        if (next.ms != NEVER.ms)
            changes += !str_equal(now, settle_text(&scene.view, next, arena, &later_next));
    }
    assert_true(changes > ROUNDS / 20); /* the law was tried on facts that do change */
}

/* Copies of what the person has, mostly of the one before, and mostly different in something. */
static void roll_copies(struct dice *dice, const struct plan *plan, struct arena *arena,
                        struct facts *subject)
{
    for (size_t n = subject->items.count * 3; n > 0; n--) {
        size_t last = subject->items.count - 1;
        struct fact_item copy = subject->items.at[one_in(dice, 3) ? roll(dice, last + 1) : last];
        struct fact_item other = roll_item(dice, plan, arena);
        copy.id = other.id;
        if (one_in(dice, 3))
            copy.field = other.field;
        if (one_in(dice, 3))
            copy.collected = other.collected;
        if (one_in(dice, 4))
            copy.matter = other.matter;
        if (one_in(dice, 6))
            copy.source = other.source;
        if (one_in(dice, 6))
            copy.controller = other.controller;
        if (one_in(dice, 5)) {
            copy.told = other.told;
            copy.told_count = other.told_count;
        }
        *ADD(&subject->items) = copy;
    }
    if (subject->items.count == 0 || !one_in(dice, 4))
        return;
    struct fact_limit *limit = ADD(&subject->limits);
    *limit = (struct fact_limit){.until = roll_time(dice), .item_count = 1};
    limit->items = must(ARENA_ARRAY(arena, record_id, 1));
    limit->items[0] = subject->items.at[roll(dice, subject->items.count)].id;
}

/* Settling shares what items have in common; alone, an item has nothing to share. */
static void an_item_settles_alone_as_it_does_among_others(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *plan_arena = arena_new(ARENA_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    const struct plan *plan = load(words, plan_arena, NULL, 0);
    size_t shared = 0;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct dice dice = {seed};
        struct report report = {0};
        struct scene scene;
        roll_scene(&dice, plan, arena, &scene);
        struct facts *subject = scene.subject;
        roll_copies(&dice, plan, arena, subject);
        instant t = roll_time(&dice);
        struct settled all, one;
        must_do(settle(&scene.view, t, arena, &report, &all), &report);
        for (size_t i = 0; i < all.count; i++) {
            struct facts alone = *subject;
            alone.items.at = &subject->items.at[i];
            alone.items.count = 1;
            struct view view = scene.view;
            view.subject = &alone;
            must_do(settle(&view, t, arena, &report, &one), &report);
            struct settled part = {.items = &all.items[i], .count = 1, .whole = one.whole};
            str among = settled_text(&part, arena), by_itself = settled_text(&one, arena);
            if (!str_equal(among, by_itself))
                fail_msg("seed %u, item %u\n%.*s\n%.*s", (unsigned)seed, (unsigned)i,
                         STR_ARG(among), STR_ARG(by_itself));
            shared += i > 0 && all.items[i].ground_count > 0 &&
                      all.items[i].grounds == all.items[i - 1].grounds;
        }
    }
    assert_true(shared > ROUNDS / 2); /* the law was tried on items that do share */
}

static void the_same_question_has_the_same_answer_with_its_reasons(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *plan_arena = arena_new(ARENA_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    const struct plan *plan = load(words, plan_arena, NULL, 0);
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct dice dice = {seed};
        struct report report = {0};
        struct scene scene;
        struct decision one, two;
        struct explanation explanation;
        roll_scene(&dice, plan, arena, &scene);
        struct operation op = roll_operation(&dice, plan, arena, scene.subject);
        instant t = roll_time(&dice);
        must_do(decide(&scene.view, NULL, &op, t, arena, &report, &one), &report);
        must_do(decide(&scene.view, NULL, &op, t, arena, &report, &two), &report);
        must_do(decide_explain(&scene.view, &op, t, arena, &report, &explanation), &report);
        str text = decision_text(plan, &one, arena);
        if (!str_equal(text, decision_text(plan, &two, arena)) ||
            !str_equal(text, decision_text(plan, &explanation.decision, arena)))
            fail_msg("seed %u", (unsigned)seed);
        for (size_t i = 0; i < one.count; i++) {
            const struct reason *reason = &one.parts[i].reason;
            if (one.parts[i].verdict == VERDICT_REFUSE &&
                (reason->rule.len == 0 || reason->ids.count == 0 || reason->article.len == 0))
                fail_msg("seed %u: a refusal without rule, id or article: %.*s", (unsigned)seed,
                         STR_ARG(reason->rule));
        }
        if (one.verdict == VERDICT_REFUSE && one.reason.rule.len == 0)
            fail_msg("seed %u: no reason", (unsigned)seed);
    }
}

static size_t allowed(const struct decision *decision, bool *which, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < decision->count && i < room; i++) {
        which[i] = decision->parts[i].verdict != VERDICT_REFUSE;
        count += which[i];
    }
    return count;
}

/* Every part that `less` allows, `more` allows too. */
static bool allows_no_less(const struct decision *less, const struct decision *more)
{
    bool a[64] = {0}, b[64] = {0};
    allowed(less, a, LENGTH(a));
    allowed(more, b, LENGTH(b));
    for (size_t i = 0; i < LENGTH(a); i++)
        if (a[i] && !b[i])
            return false;
    return true;
}

static void what_is_gone_is_never_opened(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *plan_arena = arena_new(ARENA_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    const struct plan *plan = load(words, plan_arena, NULL, 0);
    size_t opened = 0;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct dice dice = {seed};
        struct report report = {0};
        struct scene scene;
        struct settled settled;
        roll_scene(&dice, plan, arena, &scene);
        instant t = roll_time(&dice);
        must_do(settle(&scene.view, t, arena, &report, &settled), &report);
        for (int i = 0; i < OPERATIONS; i++) {
            struct operation op = roll_operation(&dice, plan, arena, scene.subject);
            struct decision decision;
            if (op.action == ACTION_SEND || op.action == ACTION_COLLECT ||
                op.action == ACTION_COOKIE_SET)
                continue;
            must_do(decide(&scene.view, &settled, &op, t, arena, &report, &decision), &report);
            for (size_t p = 0; p < decision.count; p++) {
                if (decision.parts[p].verdict == VERDICT_REFUSE)
                    continue;
                opened++;
                for (size_t s = 0; s < settled.count; s++)
                    if (ID_EQUAL(settled.items[s].item->id, decision.parts[p].item) &&
                        !settled.items[s].alive)
                        fail_msg("seed %u: opened what is gone", (unsigned)seed);
            }
        }
    }
    assert_true(opened > 100); /* something was opened at all */
}

/* Evidence that starts a purpose or lets one end is left out: it is made to take away. */
static bool only_opens(const struct plan *plan, plan_index type)
{
    for (size_t p = 0; p < plan->purpose_count; p++) {
        const struct plan_purpose *purpose = &plan->purpose[p];
        if (purpose->starts_evidence == type)
            return false;
        for (size_t k = 0; k < purpose->keep.count; k++)
            for (size_t n = 0; n < purpose->keep.at[k].needs.count; n++)
                for (size_t a = 0; a < purpose->keep.at[k].needs.all[n].count; a++)
                    if (purpose->keep.at[k].needs.all[n].any[a] == type)
                        return false;
    }
    return true;
}

static struct facts *home_of(struct scene *scene, const struct fact_evidence *evidence)
{
    struct facts *homes[SLOT_COUNT] = {[SLOT_SUBJECT] = scene->subject,
                                       [SLOT_CASE] = scene->case_,
                                       [SLOT_RECIPIENT] = scene->party,
                                       [SLOT_PLACE] = scene->place,
                                       [SLOT_ACTOR] = scene->actor};
    static const enum slot order[] = {SLOT_SUBJECT, SLOT_CASE, SLOT_RECIPIENT, SLOT_PLACE,
                                      SLOT_ACTOR};
    for (size_t o = 0; o < LENGTH(order); o++)
        for (size_t i = 0; i < evidence->bound_count; i++)
            if (evidence->bound[i].slot == order[o])
                return homes[order[o]];
    return scene->register_;
}

static void more_evidence_never_allows_less(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *plan_arena = arena_new(ARENA_BYTES);
    CLEANUP(words_free) struct words *words = words_new();
    const struct plan *plan = load(words, plan_arena, NULL, 0);
    size_t more_allowed = 0;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct dice dice = {seed};
        struct report report = {0};
        struct scene scene;
        roll_scene(&dice, plan, arena, &scene);
        instant t = roll_time(&dice);
        struct operation ops[OPERATIONS];
        struct decision first[OPERATIONS];
        for (size_t i = 0; i < LENGTH(ops); i++) {
            ops[i] = roll_operation(&dice, plan, arena, scene.subject);
            must_do(decide(&scene.view, NULL, &ops[i], t, arena, &report, &first[i]), &report);
        }
        for (int n = 0; n < 8; n++) {
            plan_index type = (plan_index)roll(&dice, plan->evidence_count);
            if (!only_opens(plan, type))
                continue;
            struct fact_evidence evidence = roll_evidence(&dice, plan, arena, type);
            evidence.since = (instant){t.ms - (int64_t)roll(&dice, 1000000)};
            evidence.until = NEVER;
            *ADD(&home_of(&scene, &evidence)->evidence) = evidence;
        }
        for (size_t i = 0; i < LENGTH(ops); i++) {
            struct decision second;
            must_do(decide(&scene.view, NULL, &ops[i], t, arena, &report, &second), &report);
            if (!allows_no_less(&first[i], &second))
                fail_msg("seed %u, operation %u\n%.*s\n%.*s", (unsigned)seed, (unsigned)i,
                         STR_ARG(decision_text(plan, &first[i], arena)),
                         STR_ARG(decision_text(plan, &second, arena)));
            more_allowed += !allows_no_less(&second, &first[i]);
        }
    }
    assert_true(more_allowed > 20); /* evidence made a difference */
}

/* Each takes something away from testdata/unit.yaml. */
static const struct policy_override takings[] = {
    {STR("purposes.support.roles"), STR("[lead]")},
    {STR("purposes.support.uses"), STR("[contact.name]")},
    {STR("purposes.marketing.uses"), STR("[contact.email]")},
    {STR("purposes.orders.uses"), STR("[contact.email]")},
    {STR("purposes.bookkeeping.uses"), STR("[contact.email]")},
    {STR("recipients.host.for"), STR("[orders]")},
    {STR("recipients.host.gives"), STR("[contact.name]")},
    {STR("recipients.partner.needs"), STR("[signed, consent]")},
    {STR("recipients.police.gives"), STR("[contact.name]")},
    {STR("intakes.lead_form.for"), STR("[support]")},
    {STR("intakes.bought.from"), STR("[list]")},
    {STR("intakes.order.optional"), STR("[contact.name]")},
    {STR("intakes.clicks.optional"), STR("[click]")},
    {STR("staff.clerk.sees"), STR("[contact.name]")},
    {STR("staff.clerk.for"), STR("[support]")},
    {STR("staff.clerk.may"), STR("[read]")},
    {STR("evidence.training.valid"), STR("1 month")},
    {STR("messages.offer.channels"), STR("{ phone: {} }")},
};

static void taking_a_permission_away_never_adds_one(void **state)
{
    (void)state;
    CLEANUP(words_free) struct words *words = words_new();
    CLEANUP(arena_free) struct arena *plan_arena = arena_new(ARENA_BYTES);
    const struct plan *plan = load(words, plan_arena, NULL, 0);
    size_t taken = 0;
    for (size_t k = 0; k < LENGTH(takings); k++) {
        const struct plan *smaller = load(words, plan_arena, &takings[k], 1);
        for (uint64_t seed = 1; seed <= ROUNDS / 10; seed++) {
            CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
            struct dice dice = {seed * 1000 + k};
            struct report report = {0};
            struct scene scene;
            roll_scene(&dice, plan, arena, &scene);
            instant t = roll_time(&dice);
            for (int i = 0; i < OPERATIONS; i++) {
                struct operation op = roll_operation(&dice, plan, arena, scene.subject);
                struct decision full, less;
                scene.version.plan = plan;
                must_do(decide(&scene.view, NULL, &op, t, arena, &report, &full), &report);
                scene.version.plan = smaller;
                must_do(decide(&scene.view, NULL, &op, t, arena, &report, &less), &report);
                if (!allows_no_less(&less, &full))
                    fail_msg("seed %u, without %.*s\n%.*s\n%.*s", (unsigned)dice.state,
                             STR_ARG(takings[k].path), STR_ARG(decision_text(plan, &less, arena)),
                             STR_ARG(decision_text(plan, &full, arena)));
                taken += !allows_no_less(&full, &less);
            }
        }
    }
    assert_true(taken > 20); /* the takings were felt */
}

static void zero_is_refuse(void **state)
{
    (void)state;
    CLEANUP(words_free) struct words *words = words_new();
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    const struct plan *plan = load(words, arena, NULL, 0);
    struct plan_version version = {.plan = plan, .version = 1, .effective = ALWAYS};
    struct plans plans = {&version, 1};
    struct facts nobody = {.erase_asked = NEVER};
    const struct view view = {.plans = &plans, .subject = &nobody};
    struct report report = {0};
    struct decision decision = {0};
    assert_int_equal(decision.verdict, VERDICT_REFUSE);
    for (unsigned action = ACTION_NONE; action < ACTION_COUNT; action++) {
        if (action == ACTION_LIFT)
            continue; /* there is nothing to lift */
        const struct operation op = {.action = (enum action)action};
        must_do(decide(&view, NULL, &op, (instant){0}, arena, &report, &decision), &report);
        if (decision.verdict != VERDICT_REFUSE || decision.reason.rule.len == 0)
            fail_msg("%s was allowed, or refused without a rule", action_name((enum action)action));
    }
    version.effective = (instant){1};
    const struct operation op = {.action = ACTION_READ};
    must_do(decide(&view, NULL, &op, (instant){0}, arena, &report, &decision), &report);
    assert_true(str_is(decision.reason.rule, "version"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_is_refuse),
        cmocka_unit_test(nothing_changes_before_the_next_instant),
        cmocka_unit_test(an_item_settles_alone_as_it_does_among_others),
        cmocka_unit_test(the_same_question_has_the_same_answer_with_its_reasons),
        cmocka_unit_test(what_is_gone_is_never_opened),
        cmocka_unit_test(more_evidence_never_allows_less),
        cmocka_unit_test(taking_a_permission_away_never_adds_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
