/* Holds the words of a test against the plan that it runs on. */
#include "testfile_internal.h"
#include "calendar.h"

/* ---- names of a plan ---- */

/* Kinds of name that a value may be. */
enum name_kind {
    NAME_DATA = 1, /* category, category.field, set, all */
    NAME_ITEM = 2, /* an item of this test */
    NAME_EVENT = 4,
    NAME_EVIDENCE = 8,
    NAME_PURPOSE = 16,
    NAME_COOKIE = 32,
    NAME_SWITCH = 64,
    NAME_ROLE = 128,
    NAME_MESSAGE = 256,
    NAME_RECIPIENT = 512,
    NAME_SOURCE = 1024,
    NAME_INTAKE = 2048,
    NAME_MATTER = 4096,
    NAME_STAFF = 8192,
    NAME_CONTROLLER = 16384,
    NAME_CHANNEL = 32768,
    NAME_SLOT = 65536,
    NAME_RIGHT = 131072,
    NAME_ANY = 262144,
    NAME_PARTICULAR = 524288 /* what a type of evidence asks for */
};

struct bind {
    struct test_load t;
    const struct plan *plan;
    const struct test *test;
};

struct name_table {
    enum name_kind kind;
    size_t table, array, size; /* offsets in struct plan, size of a clause */
};
#define TABLE(kind, table, array, type)                                                            \
    {                                                                                              \
        kind, offsetof(struct plan, table), offsetof(struct plan, array), sizeof(type)             \
    }
static const struct name_table TABLES[] = {
    TABLE(NAME_EVENT, event_of, event, struct plan_event),
    TABLE(NAME_EVIDENCE, evidence_of, evidence, struct plan_evidence),
    TABLE(NAME_PURPOSE, purpose_of, purpose, struct plan_purpose),
    TABLE(NAME_COOKIE, cookie_of, cookie, struct plan_cookie),
    TABLE(NAME_SWITCH, stop_of, stop, struct plan_switch),
    TABLE(NAME_ROLE, role_of, role, struct plan_role),
    TABLE(NAME_MESSAGE, message_of, message, struct plan_message),
    TABLE(NAME_RECIPIENT, recipient_of, recipient, struct plan_recipient),
    TABLE(NAME_SOURCE, source_of, source, struct plan_source),
    TABLE(NAME_INTAKE, intake_of, intake, struct plan_intake),
    TABLE(NAME_MATTER, matter_of, matter, struct plan_matter),
    TABLE(NAME_STAFF, staff_of, staff, struct plan_staff),
    TABLE(NAME_CONTROLLER, controller_of, controller, struct plan_controller),
    TABLE(NAME_DATA, category_of, category, struct plan_category),
};

static bool in_table(const struct plan *plan, const struct name_table *row, word w)
{
    plan_index *table;
    memcpy(&table, (const char *)plan + row->table, sizeof(table));
    return plan_find(plan, table, w) != NONE;
}

static void offer_table(struct nearest *nearest, const struct plan *plan,
                        const struct name_table *row)
{
    const char *array;
    uint16_t count;
    memcpy(&array, (const char *)plan + row->array, sizeof(array));
    memcpy(&count, (const char *)plan + row->array + sizeof(array), sizeof(count));
    for (uint16_t i = 0; i < count; i++) {
        const struct clause *clause = (const struct clause *)(const void *)(array + i * row->size);
        nearest_offer(nearest, words_text(plan->words, clause->name));
    }
}

static bool is_set(const struct plan *plan, word w)
{
    for (uint16_t i = 0; i < plan->set_count; i++)
        if (plan->set[i].clause.name == w)
            return true;
    return false;
}

static bool step_makes_item(const struct test_step *step, str name)
{
    const struct test_values *items = &step->slots[TEST_SLOT_ITEM];
    for (uint16_t i = 0; i < items->count; i++)
        if (step->verb == TEST_COLLECT && str_equal(items->at[i].text, name))
            return true;
    return false;
}

static bool is_item(const struct test *test, str name)
{
    for (uint16_t i = 0; i < test->given_count; i++)
        if (step_makes_item(&test->given[i], name))
            return true;
    for (uint16_t i = 0; i < test->when_count; i++)
        if (step_makes_item(&test->when[i], name))
            return true;
    return false;
}

static void offer_items(struct nearest *nearest, const struct test *test)
{
    for (uint16_t i = 0; i < test->given_count; i++) {
        const struct test_values *items = &test->given[i].slots[TEST_SLOT_ITEM];
        for (uint16_t j = 0; j < items->count; j++)
            nearest_offer(nearest, items->at[j].text);
    }
}

static bool is_particular(const struct plan *plan, word w)
{
    for (uint16_t i = 0; i < plan->evidence_count; i++)
        for (uint16_t j = 0; j < plan->evidence[i].ask_count; j++)
            if (plan->evidence[i].asks[j] == w)
                return true;
    return false;
}

static bool is_known(const struct bind *b, str name, unsigned kinds)
{
    word w = words_find(b->plan->words, name);
    unsigned value;
    for (size_t i = 0; i < LENGTH(TABLES); i++)
        if ((kinds & TABLES[i].kind) != 0 && in_table(b->plan, &TABLES[i], w))
            return true;
    if ((kinds & NAME_DATA) != 0 && (plan_find(b->plan, b->plan->field_of, w) != NONE ||
                                     (w != 0 && is_set(b->plan, w)) || str_is(name, "all")))
        return true;
    if ((kinds & NAME_ITEM) != 0 && is_item(b->test, name))
        return true;
    if ((kinds & NAME_CHANNEL) != 0 && vocabulary_word(LIST_channels, name, &value))
        return true;
    if ((kinds & NAME_PARTICULAR) != 0 && w != 0 && is_particular(b->plan, w))
        return true;
    if ((kinds & NAME_RIGHT) != 0 && vocabulary_word(LIST_rights, name, &value))
        return true;
    return (kinds & NAME_SLOT) != 0 && vocabulary_word(LIST_slots, name, &value);
}

static struct nearest nearest_known(const struct bind *b, str name, unsigned kinds)
{
    struct nearest nearest = nearest_to(name);
    for (size_t i = 0; i < LENGTH(TABLES); i++)
        if ((kinds & TABLES[i].kind) != 0)
            offer_table(&nearest, b->plan, &TABLES[i]);
    for (uint16_t i = 0; (kinds & NAME_DATA) != 0 && i < b->plan->field_count; i++)
        nearest_offer(&nearest, words_text(b->plan->words, b->plan->field[i].name));
    if ((kinds & NAME_ITEM) != 0)
        offer_items(&nearest, b->test);
    if ((kinds & NAME_CHANNEL) != 0)
        nearest_offer_words(&nearest, LIST_channels);
    if ((kinds & NAME_RIGHT) != 0)
        nearest_offer_words(&nearest, LIST_rights);
    if ((kinds & NAME_SLOT) != 0)
        nearest_offer_words(&nearest, LIST_slots);
    return nearest;
}

static status names_check(struct bind *b, const struct test_values *values, unsigned kinds,
                          const char *what)
{
    for (uint16_t i = 0; i < values->count && (kinds & NAME_ANY) == 0; i++) {
        const struct test_value *value = &values->at[i];
        if (is_known(b, value->name, kinds))
            continue;
        struct nearest nearest = nearest_known(b, value->name, kinds);
        TRY(test_problem(&b->t, value->line, value->column, "unknown-word", nearest.best,
                         "%s: the policy knows no `%.*s`", what, STR_ARG(value->name)));
    }
    return OK;
}

/* ---- steps ---- */

static unsigned verb_names(enum test_verb verb)
{
    switch (verb) {
    case TEST_NONE:
    case TEST_VERB_COUNT:
        return NAME_ANY;
    case TEST_COLLECT:
        return NAME_DATA;
    case TEST_EVENT:
        return NAME_EVENT;
    case TEST_EVIDENCE:
    case TEST_AGREE:
        return NAME_EVIDENCE;
    case TEST_CONSENT:
    case TEST_WITHDRAW:
        return NAME_PURPOSE | NAME_COOKIE | NAME_EVIDENCE;
    case TEST_OBJECT:
        return NAME_PURPOSE;
    case TEST_SWITCH:
        return NAME_SWITCH;
    case TEST_RESTRICT:
    case TEST_LIFT:
        return NAME_DATA | NAME_ITEM;
    case TEST_TELL:
        return NAME_PURPOSE | NAME_SOURCE | NAME_DATA;
    case TEST_END:
        return NAME_EVIDENCE | NAME_ROLE;
    case TEST_ROLE:
        return NAME_ROLE;
    case TEST_READ:
    case TEST_USE:
    case TEST_SHARE:
    case TEST_EXPORT:
    case TEST_ERASE:
    case TEST_ITEM:
        return NAME_DATA | NAME_ITEM;
    case TEST_SEND:
        return NAME_MESSAGE;
    case TEST_SET:
        return NAME_COOKIE;
    }
    return NAME_ANY;
}

static unsigned slot_names(unsigned slot)
{
    static const unsigned NAMES[TEST_SLOT_COUNT] = {
        [SLOT_ROLE] = NAME_ROLE,           [SLOT_PURPOSE] = NAME_PURPOSE,
        [SLOT_CATEGORY] = NAME_DATA,       [SLOT_FIELD] = NAME_DATA,
        [SLOT_SOURCE] = NAME_SOURCE,       [SLOT_INTAKE] = NAME_INTAKE,
        [SLOT_CHANNEL] = NAME_CHANNEL,     [SLOT_MESSAGE] = NAME_MESSAGE,
        [SLOT_RECIPIENT] = NAME_RECIPIENT, [SLOT_MATTER] = NAME_MATTER,
        [SLOT_ACTOR] = NAME_STAFF,         [SLOT_CONTROLLER] = NAME_CONTROLLER,
        [SLOT_COOKIE] = NAME_COOKIE};
    return NAMES[slot] == 0 ? NAME_ANY : NAMES[slot];
}

/* The key of a step that names the slot, for messages. */
static const char *slot_key(unsigned slot)
{
    static const char *const KEYS[TEST_SLOT_COUNT] = {
        [SLOT_ROLE] = "role",       [SLOT_PURPOSE] = "for",     [SLOT_CATEGORY] = "category",
        [SLOT_FIELD] = "field",     [SLOT_SOURCE] = "from",     [SLOT_INTAKE] = "intake",
        [SLOT_CHANNEL] = "channel", [SLOT_MESSAGE] = "message", [SLOT_RECIPIENT] = "to",
        [SLOT_MATTER] = "matter",   [SLOT_ACTOR] = "actor",     [SLOT_CONTROLLER] = "controller",
        [SLOT_COOKIE] = "cookie"};
    return KEYS[slot] == NULL ? "slot" : KEYS[slot];
}

static void time_bind(const struct plan *plan, struct test_time *time)
{
    if (!time->stated)
        return;
    const struct zone *zone = plan->zone != NULL ? plan->zone : zone_utc();
    int32_t seconds = (time->hour * 60 + time->minute) * 60 + time->second;
    struct date date = {time->year, time->month, time->day};
    time->at = local_to_instant(zone, date, seconds * 1000);
}

/* A step that collects must name the item's data and where it came in. */
static status collect_check(struct bind *b, const struct test_step *step)
{
    static const struct {
        unsigned slot;
        const char *key;
    } WANTED[] = {{SLOT_SUBJECT, "subject"}, {SLOT_INTAKE, "intake"}, {SLOT_SOURCE, "from"}};
    for (size_t i = 0; i < LENGTH(WANTED); i++)
        if (!step->slots[WANTED[i].slot].stated)
            TRY(test_problem(&b->t, step->line, step->column, "missing-key",
                             str_from(WANTED[i].key), "`collect` needs `%s`", WANTED[i].key));
    return OK;
}

/* A type that says what it asks for asks for nothing else. */
static status asks_check(struct bind *b, const struct test_step *step)
{
    bool records = step->verb == TEST_EVIDENCE || step->verb == TEST_AGREE;
    if (!records || step->object.count != 1)
        return OK;
    word name = words_find(b->plan->words, step->object.at[0].name);
    plan_index index = plan_find(b->plan, b->plan->evidence_of, name);
    if (index == NONE || b->plan->evidence[index].ask_count == 0)
        return OK;
    const struct plan_evidence *evidence = &b->plan->evidence[index];
    for (uint16_t i = 0; i < step->ask_count; i++) {
        struct nearest nearest = nearest_to(step->asks[i].name);
        bool known = false;
        for (uint16_t j = 0; j < evidence->ask_count; j++) {
            str asked = words_text(b->plan->words, evidence->asks[j]);
            known |= str_equal(asked, step->asks[i].name);
            nearest_offer(&nearest, asked);
        }
        if (!known)
            TRY(test_problem(&b->t, step->asks[i].line, step->asks[i].column, "unknown-word",
                             nearest.best, "`%.*s` does not ask for `%.*s`",
                             STR_ARG(step->object.at[0].name), STR_ARG(step->asks[i].name)));
    }
    return OK;
}

static status step_bind(struct bind *b, struct test_step *step, bool is_when)
{
    time_bind(b->plan, &step->at);
    time_bind(b->plan, &step->until);
    TRY(names_check(b, &step->object, verb_names(step->verb), test_verb_name(step->verb)));
    for (unsigned slot = 0; slot < TEST_SLOT_COUNT; slot++)
        TRY(names_check(b, &step->slots[slot], slot_names(slot), slot_key(slot)));
    TRY(names_check(b, &step->with_act, NAME_EVIDENCE, "with_act"));
    unsigned lacking = NAME_EVIDENCE | NAME_SLOT | NAME_PARTICULAR | NAME_ROLE | NAME_EVENT |
                       NAME_DATA; /* whatever a refusal can say that it lacks */
    TRY(names_check(b, &step->then.lacks, lacking, "lacks"));
    if (step->verb == TEST_COLLECT)
        TRY(collect_check(b, step));
    TRY(asks_check(b, step));
    if (is_when && test_verb_asks(step->verb) && step->then.outcome == THEN_NONE)
        TRY(test_problem(&b->t, step->line, step->column, "missing-key", STR("then"),
                         "`%s` is a question and has an answer: `then`",
                         test_verb_name(step->verb)));
    if (!is_when && test_verb_asks(step->verb))
        TRY(test_problem(&b->t, step->line, step->column, "question-in-given", STR("when"),
                         "`%s` is a question; questions stand in `when`",
                         test_verb_name(step->verb)));
    return OK;
}

static status steps_bind(struct bind *b, struct test_step *steps, uint16_t count, bool is_when)
{
    for (uint16_t i = 0; i < count; i++) {
        TRY(step_bind(b, &steps[i], is_when));
        if (i > 0 && steps[i].at.stated && before(steps[i].at.at, steps[i - 1].at.at))
            TRY(test_problem(&b->t, steps[i].at.line, steps[i].at.column, "order", STR(""),
                             "steps stand in the order of time"));
    }
    return OK;
}

status testfile_bind(struct test *test, const struct plan *plan, str file, struct arena *arena,
                     struct problems *problems, struct report *report)
{
    assert(test != NULL && plan != NULL && problems != NULL);

    if (problems->arena == NULL)
        problems->arena = arena;
    struct bind b = {.t = {.arena = arena,
                           .problems = problems,
                           .report = report,
                           .file = file,
                           .name = test->name},
                     .plan = plan,
                     .test = test};
    TRY(steps_bind(&b, test->given, test->given_count, false));
    TRY(steps_bind(&b, test->when, test->when_count, true));
    return b.t.errors == 0 ? OK
                           : fail(report, FAULT_INVALID,
                                  "%zu words of the test are not the policy's", b.t.errors);
}
