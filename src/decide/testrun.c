/* A policy test, run in memory. The little world below holds one dossier for each name that the
 * test uses; ids are numbers in the order of first mention. */
#include "calendar.h"
#include "testrun.h"

enum { MOST_NAMES = 64 };

struct named {
    enum dossier_kind kind;
    str name;
    struct facts *facts;
};
struct named_item {
    str name;
    const struct facts *owner;
    record_id id;
};

struct run {
    const struct test *test;
    const struct plan *plan;
    struct arena *arena;
    struct plan_version version;
    struct plans plans;
    LIST(struct named) dossiers;
    LIST(struct named_item) items;
    uint32_t last_id;
    bool no_memory;
    bool explains;              /* keep each question's gates */
    struct step_result *result; /* of the step that runs */
};

/* ---- names ---- */

static void new_id(struct run *run, unsigned char bytes[ID_BYTES])
{
    uint32_t number = ++run->last_id;
    memset(bytes, 0, ID_BYTES);
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(number >> (8 * i));
}

static struct facts *find_dossier(const struct run *run, enum dossier_kind kind, str name)
{
    for (size_t i = 0; i < run->dossiers.count; i++)
        if (run->dossiers.at[i].kind == kind && str_equal(run->dossiers.at[i].name, name))
            return run->dossiers.at[i].facts;
    return NULL;
}

/* The dossier of that name, made when it is mentioned first. NULL at the budget only. */
static struct facts *dossier(struct run *run, enum dossier_kind kind, str name, instant at)
{
    struct facts *facts = find_dossier(run, kind, name);
    if (facts != NULL)
        return facts;
    struct named *named = LIST_ADD(run->arena, &run->dossiers);
    facts = ARENA_NEW(run->arena, struct facts);
    if (named == NULL || facts == NULL) {
        run->no_memory = true;
        return NULL;
    }
    *named = (struct named){kind, name, facts};
    facts->kind = kind;
    new_id(run, facts->id.bytes);
    facts->created = at;
    facts->erase_asked = NEVER;
    return facts;
}

static word word_of(const struct run *run, str text)
{
    return text.len == 0 ? 0 : words_intern(run->plan->words, text);
}

static str slot_name_of(const struct test_step *step, unsigned slot)
{
    return step->slots[slot].count > 0 ? step->slots[slot].at[0].name : (str){NULL, 0};
}

static str slot_text(const struct test_step *step, unsigned slot)
{
    return step->slots[slot].count > 0 ? step->slots[slot].at[0].text : (str){NULL, 0};
}

static word slot_word(const struct run *run, const struct test_step *step, unsigned slot)
{
    return word_of(run, slot_name_of(step, slot));
}

static str slot_id(const struct test_step *step, unsigned slot)
{
    return step->slots[slot].count > 0 ? step->slots[slot].at[0].id : (str){NULL, 0};
}

static struct facts *subject_of(struct run *run, const struct test_step *step)
{
    str name = slot_text(step, SLOT_SUBJECT);
    return name.len == 0 ? NULL : dossier(run, DOSSIER_SUBJECT, name, step->at.at);
}

static struct facts *matter_of(struct run *run, const struct test_step *step)
{
    str name = slot_text(step, SLOT_MATTER);
    if (name.len == 0)
        return NULL;
    struct facts *matter = dossier(run, DOSSIER_MATTER, name, step->at.at);
    if (matter != NULL)
        matter->name = slot_word(run, step, SLOT_MATTER);
    return matter;
}

static struct facts *case_of(struct run *run, const struct test_step *step)
{
    str name = slot_text(step, SLOT_CASE);
    return name.len == 0 ? NULL : dossier(run, DOSSIER_CASE, name, step->at.at);
}

/* A party may be a person of the test: then the audience's roles are looked for there. */
static struct facts *party_of(struct run *run, const struct test_step *step)
{
    str name = slot_id(step, SLOT_RECIPIENT);
    if (name.len == 0)
        return NULL;
    struct facts *person = find_dossier(run, DOSSIER_SUBJECT, name);
    if (person != NULL)
        return person;
    struct facts *party = dossier(run, DOSSIER_PARTY, name, step->at.at);
    if (party != NULL)
        party->name = slot_word(run, step, SLOT_RECIPIENT);
    return party;
}

static struct facts *actor_of(struct run *run, const struct test_step *step)
{
    str name = slot_text(step, SLOT_ACTOR);
    return name.len == 0 ? NULL : dossier(run, DOSSIER_STAFF, name, step->at.at);
}

/* "NO", "server/no": the zone is the word before the slash. */
static struct facts *place_of(struct run *run, const struct test_step *step)
{
    str name = slot_text(step, SLOT_PLACE);
    if (name.len == 0)
        return NULL;
    struct facts *place = dossier(run, DOSSIER_PLACE, name, step->at.at);
    if (place != NULL)
        place->name = slot_word(run, step, SLOT_PLACE);
    return place;
}

static struct facts *the_register(struct run *run)
{
    return dossier(run, DOSSIER_REGISTER, STR("register"), ALWAYS);
}

/* The subject's item of that name; of several the one collected last. */
static const struct named_item *find_item(const struct run *run, const struct test_step *step,
                                          str name)
{
    const struct facts *subject = find_dossier(run, DOSSIER_SUBJECT, slot_text(step, SLOT_SUBJECT));
    for (size_t i = run->items.count; i > 0; i--)
        if (str_equal(run->items.at[i - 1].name, name) && run->items.at[i - 1].owner == subject)
            return &run->items.at[i - 1];
    return NULL;
}

/* ---- the view and the operation of a step ---- */

static status make_view(struct run *run, const struct test_step *step, struct view *view,
                        struct report *report)
{
    size_t count = 0;
    const struct facts **matters =
        ARENA_ARRAY(run->arena, const struct facts *, run->dossiers.count + 1);
    *view = (struct view){
        .plans = &run->plans,
        .subject = subject_of(run, step),
        .case_ = case_of(run, step),
        .party = party_of(run, step),
        .place = place_of(run, step),
        .actor = actor_of(run, step),
        .register_ = the_register(run),
    };
    for (size_t i = 0; matters != NULL && i < run->dossiers.count; i++)
        if (run->dossiers.at[i].kind == DOSSIER_MATTER)
            matters[count++] = run->dossiers.at[i].facts;
    view->matters = matters;
    view->matter_count = count;
    return matters == NULL || run->no_memory ? NO_MEMORY(report) : OK;
}

static dossier_id id_of(const struct facts *facts)
{
    return facts == NULL ? (dossier_id){{0}} : facts->id;
}

static word *words_of(struct run *run, const struct test_values *values, size_t *count)
{
    *count = 0;
    word *at = ARENA_ARRAY(run->arena, word, (size_t)values->count + 1);
    if (at == NULL) {
        run->no_memory = true;
        return NULL;
    }
    for (size_t i = 0; i < values->count; i++)
        at[(*count)++] = word_of(run, values->at[i].text);
    return at;
}

static word *words_of_asks(struct run *run, const struct test_step *step, size_t *count)
{
    *count = 0;
    word *at = ARENA_ARRAY(run->arena, word, (size_t)step->ask_count + 1);
    if (at == NULL) {
        run->no_memory = true;
        return NULL;
    }
    for (size_t i = 0; i < step->ask_count; i++)
        at[(*count)++] = word_of(run, step->asks[i].name);
    return at;
}

static struct operation make_operation(struct run *run, const struct test_step *step,
                                       const struct view *view)
{
    struct operation op = {
        .asking = step->then.outcome == THEN_DUTY,
        .purpose = slot_word(run, step, SLOT_PURPOSE),
        .source = slot_word(run, step, SLOT_SOURCE),
        .intake = slot_word(run, step, SLOT_INTAKE),
        .channel = slot_word(run, step, SLOT_CHANNEL),
        .message = slot_word(run, step, SLOT_MESSAGE),
        .recipient = slot_word(run, step, SLOT_RECIPIENT),
        .cookie = slot_word(run, step, SLOT_COOKIE),
        .controller = slot_word(run, step, SLOT_CONTROLLER),
        .staff = slot_word(run, step, SLOT_ACTOR),
        .zone = slot_word(run, step, SLOT_PLACE),
        .subject = id_of(view->subject),
        .party = id_of(view->party),
        .place = id_of(view->place),
        .matter = id_of(matter_of(run, step)),
        .case_ = id_of(view->case_),
        .actor = id_of(view->actor),
        .by_subject = step->slots[SLOT_ACTOR].count == 0 && step->slots[SLOT_SUBJECT].count > 0 &&
                      step->slots[SLOT_PURPOSE].count == 0,
        .party_name = slot_id(step, SLOT_RECIPIENT),
    };
    op.supplied = words_of(run, &step->with_act, &op.supplied_count);
    op.particulars = words_of_asks(run, step, &op.particular_count);
    return op;
}

/* The object of a reading: items by name, else data. False when an item was never stored. */
static bool name_object(struct run *run, const struct test_step *step, struct operation *op)
{
    record_id *items = ARENA_ARRAY(run->arena, record_id, (size_t)step->object.count + 1);
    word *fields = ARENA_ARRAY(run->arena, word, (size_t)run->plan->field_count + MOST_NAMES);
    if (items == NULL || fields == NULL) {
        run->no_memory = true;
        return false;
    }
    op->items = items;
    op->fields = fields;
    for (size_t i = 0; i < step->object.count; i++) {
        str text = step->object.at[i].text;
        const struct named_item *item = find_item(run, step, text);
        if (item != NULL)
            items[op->item_count++] = item->id;
        else if (plan_find(run->plan, run->plan->field_of, word_of(run, text)) != NONE ||
                 plan_find(run->plan, run->plan->category_of, word_of(run, text)) != NONE)
            fields[op->field_count++] = word_of(run, text);
        else if (!str_is(text, "all"))
            return false;
        if (op->field_count == MOST_NAMES)
            break;
    }
    return true;
}

/* ---- telling what was expected and what came ---- */

static void add_list(struct buf *out, const char *label, const struct test_values *values)
{
    if (values->count == 0)
        return;
    buf_text(out, label);
    for (size_t i = 0; i < values->count; i++) {
        buf_char(out, ' ');
        buf_add(out, values->at[i].text);
    }
}

static str expected_text(struct run *run, const struct test_then *then)
{
    static const char *const outcomes[] = {
        [THEN_NONE] = "that the fact is taken",
        [THEN_ALLOW] = "allow",
        [THEN_GONE] = "gone",
        [THEN_REFUSE] = "refuse",
        [THEN_DUTY] = "duty",
    };
    struct buf out = buf_in(run->arena, 4096);
    buf_text(&out, outcomes[then->outcome]);
    add_list(&out, "", &then->refuse);
    add_list(&out, " lacks", &then->lacks);
    add_list(&out, "", &then->duties);
    return buf_str(&out);
}

static void add_reason(const struct run *run, struct buf *out, const struct reason *reason)
{
    buf_text(out, "refuse ");
    buf_add(out, reason->rule);
    buf_text(out, " (");
    for (size_t i = 0; i < reason->ids.count; i++)
        buf_format(out, "%s%.*s", i == 0 ? "" : " ", STR_ARG(reason->ids.at[i]));
    buf_text(out, ")");
    for (size_t i = 0; i < reason->lack_count; i++)
        buf_format(out, "%s %.*s", i == 0 ? " lacks" : "",
                   STR_ARG(words_text(run->plan->words, reason->lacks[i])));
}

static str decision_text(struct run *run, const struct decision *decision)
{
    struct buf out = buf_in(run->arena, 4096);
    for (size_t i = 0; i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        buf_text(&out, i == 0 ? "" : "; ");
        if (part->verdict == VERDICT_REFUSE) {
            add_reason(run, &out, &part->reason);
            continue;
        }
        buf_text(&out, part->verdict == VERDICT_ALLOW ? "allow" : "duty");
        for (size_t d = 0; d < part->duty_count; d++)
            buf_format(&out, " %.*s", STR_ARG(words_text(run->plan->words, part->duties[d])));
    }
    return buf_str(&out);
}

static void judge(struct run *run, bool passed, str actual)
{
    run->result->passed = passed;
    run->result->expected = expected_text(run, &run->result->step->then);
    run->result->actual = actual;
}

/* ---- comparing ---- */

static bool names_rule(str expected, str rule)
{
    if (!str_starts(rule, expected))
        return false;
    return rule.len == expected.len || rule.ptr[expected.len] == '.' ||
           rule.ptr[expected.len] == '[';
}

static bool reason_matches(const struct run *run, const struct reason *reason,
                           const struct test_then *then)
{
    bool named = then->refuse.count == 0;
    for (size_t i = 0; i < then->refuse.count; i++) {
        named |= names_rule(then->refuse.at[i].text, reason->rule);
        for (size_t j = 0; j < reason->ids.count; j++)
            named |= str_equal(then->refuse.at[i].text, reason->ids.at[j]);
    }
    for (size_t i = 0; named && i < then->lacks.count; i++) {
        bool lacking = false;
        for (size_t j = 0; j < reason->lack_count; j++)
            lacking |=
                str_equal(words_text(run->plan->words, reason->lacks[j]), then->lacks.at[i].text);
        named = lacking;
    }
    return named;
}

static bool owes(const struct run *run, const struct part *part, str duty)
{
    for (size_t i = 0; i < part->duty_count; i++)
        if (str_equal(words_text(run->plan->words, part->duties[i]), duty))
            return true;
    return false;
}

static bool part_matches(const struct run *run, const struct part *part,
                         const struct test_then *then)
{
    switch (then->outcome) {
    case THEN_NONE:
    case THEN_ALLOW:
        return part->verdict == VERDICT_ALLOW;
    case THEN_GONE:
        return part->verdict == VERDICT_REFUSE;
    case THEN_REFUSE:
        return part->verdict == VERDICT_REFUSE && reason_matches(run, &part->reason, then);
    case THEN_DUTY:
        for (size_t i = 0; i < then->duties.count; i++)
            if (!owes(run, part, then->duties.at[i].text))
                return false;
        return part->verdict == VERDICT_DUTY;
    }
    return false;
}

/* What is named item by item must hold for each; of data in general one part is enough to allow,
 * and a refusal refuses all. */
static bool decision_matches(const struct run *run, const struct decision *decision,
                             const struct test_then *then, bool each)
{
    bool any = false, all = decision->count > 0;
    for (size_t i = 0; i < decision->count; i++) {
        bool one = part_matches(run, &decision->parts[i], then);
        any |= one;
        all &= one;
    }
    if (then->outcome == THEN_REFUSE || then->outcome == THEN_GONE)
        return decision->verdict == VERDICT_REFUSE && any;
    return each ? all : any;
}

/* ---- facts ---- */

static struct facts *home_of(struct run *run, const struct test_step *step, uint32_t bound)
{
    if ((bound & (1u << SLOT_SUBJECT)) != 0)
        return subject_of(run, step);
    if ((bound & (1u << SLOT_MATTER)) != 0)
        return matter_of(run, step);
    if ((bound & (1u << SLOT_CASE)) != 0)
        return case_of(run, step);
    if ((bound & (1u << SLOT_RECIPIENT)) != 0 && slot_id(step, SLOT_RECIPIENT).len > 0)
        return party_of(run, step);
    if ((bound & (1u << SLOT_PLACE)) != 0)
        return place_of(run, step);
    if ((bound & (1u << SLOT_ACTOR)) != 0)
        return actor_of(run, step);
    return the_register(run);
}

/* The slot as the step fills it; false when it does not. */
static bool bind_slot(struct run *run, const struct test_step *step, enum slot slot,
                      struct binding *binding)
{
    const struct facts *facts = NULL;
    *binding = (struct binding){.slot = slot};
    if (step->slots[slot].count == 0)
        return false;
    switch (slot) {
    case SLOT_SUBJECT:
        facts = subject_of(run, step);
        break;
    case SLOT_MATTER:
        facts = matter_of(run, step);
        break;
    case SLOT_CASE:
        facts = case_of(run, step);
        break;
    case SLOT_ACTOR:
        facts = actor_of(run, step);
        break;
    case SLOT_PLACE:
        facts = place_of(run, step);
        break;
    case SLOT_RECIPIENT:
        facts = party_of(run, step);
        break;
    case SLOT_NONE:
    case SLOT_ROLE:
    case SLOT_PURPOSE:
    case SLOT_CATEGORY:
    case SLOT_FIELD:
    case SLOT_SOURCE:
    case SLOT_INTAKE:
    case SLOT_CHANNEL:
    case SLOT_MESSAGE:
    case SLOT_CONTROLLER:
    case SLOT_VERSION:
    case SLOT_COOKIE:
    case SLOT_COUNT:
        break;
    }
    if (facts != NULL)
        binding->id = facts->id;
    else
        binding->name = slot_word(run, step, slot);
    return facts != NULL || binding->name != 0;
}

/* An `until` given as a date ends at 00:00 local of it. */
static instant until_of(const struct run *run, const struct test_step *step)
{
    struct date date;
    for (size_t i = 0; i < step->ask_count; i++)
        if (str_is(step->asks[i].name, "until") && date_parse(step->asks[i].value, &date))
            return date_start(run->plan->zone, date);
    return step->until.stated ? step->until.at : NEVER;
}

/* Adds a record of `type` bound to those of `slots` that the step fills. */
static void add_evidence(struct run *run, const struct test_step *step, word type, uint32_t slots)
{
    struct binding *bound = ARENA_ARRAY(run->arena, struct binding, SLOT_COUNT);
    if (bound == NULL) {
        run->no_memory = true;
        return;
    }
    uint16_t count = 0;
    uint32_t filled = 0;
    for (unsigned slot = SLOT_NONE + 1; slot < SLOT_COUNT; slot++)
        if ((slots & (1u << slot)) != 0 && bind_slot(run, step, (enum slot)slot, &bound[count])) {
            filled |= 1u << slot;
            count++;
        }
    struct facts *home = home_of(run, step, filled);
    struct fact_evidence *evidence = home == NULL ? NULL : LIST_ADD(run->arena, &home->evidence);
    if (evidence == NULL) {
        run->no_memory = true;
        return;
    }
    *evidence = (struct fact_evidence){
        .type = type, .bound = bound, .bound_count = count, .since = step->at.at};
    new_id(run, evidence->id.bytes);
    evidence->until = until_of(run, step);
    evidence->until_counts = evidence->until.ms != NEVER.ms;
}

static uint32_t binds_of(const struct run *run, word type)
{
    plan_index index = plan_find(run->plan, run->plan->evidence_of, type);
    return index == NONE ? 0 : run->plan->evidence[index].binds;
}

/* The step with its object in a slot, for verbs whose object is a purpose, a cookie or a source. */
static struct test_step with_object(const struct test_step *step, enum slot slot)
{
    struct test_step copy = *step;
    copy.slots[slot] = step->object;
    return copy;
}

static word kind_word(const struct run *run, enum evidence_kind kind)
{
    return run->plan->evidence[kind].clause.name;
}

/* consent: purpose | cookie | type of evidence */
static struct test_step consent_step(const struct run *run, const struct test_step *step,
                                     word *type, uint32_t *slots)
{
    const struct plan *plan = run->plan;
    word object = word_of(run, step->object.at[0].name);
    plan_index purpose = plan_find(plan, plan->purpose_of, object);
    plan_index cookie = plan_find(plan, plan->cookie_of, object);
    *type = kind_word(run, KIND_CONSENT);
    *slots = 1u << SLOT_SUBJECT | 1u << SLOT_PURPOSE;
    if (purpose != NONE) {
        *slots |= plan->purpose[purpose].per | 1u << SLOT_COOKIE;
        if ((plan->purpose[purpose].per & (1u << SLOT_FIELD)) != 0)
            *slots |= 1u << SLOT_CATEGORY;
        return with_object(step, SLOT_PURPOSE);
    }
    if (cookie != NONE) {
        *slots |= 1u << SLOT_COOKIE;
        return with_object(step, SLOT_COOKIE);
    }
    *type = object;
    *slots = binds_of(run, object);
    return *step;
}

static void tell_consent(struct run *run, const struct test_step *step)
{
    word type;
    uint32_t slots;
    struct test_step filled = consent_step(run, step, &type, &slots);
    add_evidence(run, &filled, type, slots);
}

/* What the step would bind a record to, every bound slot that it names must match. */
static bool step_names(struct run *run, const struct test_step *step,
                       const struct fact_evidence *evidence)
{
    for (size_t i = 0; i < evidence->bound_count; i++) {
        struct binding wanted;
        if (bind_slot(run, step, evidence->bound[i].slot, &wanted) &&
            (wanted.name != evidence->bound[i].name || !ID_EQUAL(wanted.id, evidence->bound[i].id)))
            return false;
    }
    return true;
}

static instant end_of_step(const struct test_step *step)
{
    return step->until.stated ? step->until.at : step->at.at;
}

static size_t end_evidence(struct run *run, const struct test_step *step, word type)
{
    size_t ended = 0;
    for (size_t d = 0; d < run->dossiers.count; d++) {
        struct facts *facts = run->dossiers.at[d].facts;
        for (size_t i = 0; i < facts->evidence.count; i++) {
            struct fact_evidence *evidence = &facts->evidence.at[i];
            if (evidence->type != type || !before(step->at.at, evidence->until) ||
                !step_names(run, step, evidence))
                continue;
            evidence->until = end_of_step(step);
            ended++;
        }
    }
    return ended;
}

static size_t end_role(struct run *run, const struct test_step *step, word role)
{
    struct facts *subject = subject_of(run, step);
    size_t ended = 0;
    for (size_t i = 0; subject != NULL && i < subject->roles.count; i++) {
        struct fact_role *held = &subject->roles.at[i];
        if (held->role == role && before(step->at.at, held->until)) {
            held->until = end_of_step(step);
            ended++;
        }
    }
    return ended;
}

static void tell_end(struct run *run, const struct test_step *step)
{
    word object = word_of(run, step->object.at[0].name);
    bool is_role = plan_find(run->plan, run->plan->role_of, object) != NONE;
    size_t ended = is_role ? end_role(run, step, object) : end_evidence(run, step, object);
    if (ended == 0)
        judge(run, false, STR("there is nothing to end"));
}

static void tell_withdrawal(struct run *run, const struct test_step *step)
{
    word type;
    uint32_t slots;
    struct test_step filled = consent_step(run, step, &type, &slots);
    if (end_evidence(run, &filled, type) == 0)
        judge(run, false, STR("there is no such consent to withdraw"));
}

static void add_event(struct run *run, struct facts *facts, word event, dossier_id matter,
                      instant at)
{
    for (size_t i = 0; facts != NULL && i < facts->events.count; i++) {
        struct fact_event *old = &facts->events.at[i];
        if (old->event == event && ID_EQUAL(old->matter, matter)) {
            old->first = earlier(old->first, at);
            old->last = later(old->last, at);
            return;
        }
    }
    struct fact_event *made = facts == NULL ? NULL : LIST_ADD(run->arena, &facts->events);
    if (made == NULL) {
        run->no_memory = true;
        return;
    }
    *made = (struct fact_event){event, matter, at, at};
}

/* An event of a matter is kept with the matter; of a person, too, when one is named. */
static void tell_event(struct run *run, const struct test_step *step)
{
    word event = word_of(run, step->object.at[0].name);
    struct facts *subject = subject_of(run, step), *matter = matter_of(run, step);
    plan_index index = plan_find(run->plan, run->plan->event_of, event);
    if (index != NONE && run->plan->event[index].of != NONE && matter != NULL)
        add_event(run, matter, event, (dossier_id){{0}}, step->at.at);
    if (subject != NULL)
        add_event(run, subject, event, id_of(matter), step->at.at);
}

static void tell_role(struct run *run, const struct test_step *step)
{
    struct facts *subject = subject_of(run, step);
    struct fact_role *role = subject == NULL ? NULL : LIST_ADD(run->arena, &subject->roles);
    if (role == NULL) {
        run->no_memory = true;
        return;
    }
    *role = (struct fact_role){.role = word_of(run, step->object.at[0].name),
                               .matter = id_of(matter_of(run, step)),
                               .since = step->at.at,
                               .until = step->until.stated ? step->until.at : NEVER};
    new_id(run, role->id.bytes);
}

static void tell_objection(struct run *run, const struct test_step *step)
{
    struct facts *subject = subject_of(run, step);
    for (size_t i = 0; subject != NULL && i < step->object.count; i++) {
        struct fact_objection *objection = LIST_ADD(run->arena, &subject->objections);
        if (objection == NULL) {
            run->no_memory = true;
            return;
        }
        objection->purpose = word_of(run, step->object.at[i].name);
        objection->since = step->at.at;
        new_id(run, objection->id.bytes);
    }
}

static void tell_switch(struct run *run, const struct test_step *step)
{
    struct facts *subject = subject_of(run, step);
    struct fact_switch *set = subject == NULL ? NULL : LIST_ADD(run->arena, &subject->switches);
    if (set == NULL) {
        run->no_memory = true;
        return;
    }
    *set = (struct fact_switch){.stop = word_of(run, step->object.at[0].name),
                                .channel = slot_word(run, step, SLOT_CHANNEL),
                                .recipient = id_of(party_of(run, step)),
                                .since = step->at.at};
    new_id(run, set->id.bytes);
}

/* Data or items, as fields. */
static word *fields_of_object(struct run *run, const struct test_step *step, uint16_t *count)
{
    *count = 0;
    word *fields = ARENA_ARRAY(run->arena, word, (size_t)step->object.count + 1);
    if (fields == NULL) {
        run->no_memory = true;
        return NULL;
    }
    for (size_t i = 0; i < step->object.count; i++) {
        const struct named_item *named = find_item(run, step, step->object.at[i].text);
        word name = word_of(run, step->object.at[i].text);
        for (size_t j = 0; named != NULL && j < named->owner->items.count; j++)
            if (ID_EQUAL(named->owner->items.at[j].id, named->id))
                name = named->owner->items.at[j].field;
        if (!str_is(step->object.at[i].text, "all"))
            fields[(*count)++] = name;
    }
    return fields;
}

static void tell_restriction(struct run *run, const struct test_step *step)
{
    struct facts *subject = subject_of(run, step);
    struct fact_restriction *restriction =
        subject == NULL ? NULL : LIST_ADD(run->arena, &subject->restrictions);
    if (restriction == NULL) {
        run->no_memory = true;
        return;
    }
    restriction->fields = fields_of_object(run, step, &restriction->field_count);
    restriction->since = step->at.at;
    new_id(run, restriction->id.bytes);
}

static bool shares_field(const struct fact_restriction *restriction, const word *fields,
                         size_t count)
{
    if (restriction->field_count == 0 || count == 0)
        return true;
    for (size_t i = 0; i < restriction->field_count; i++)
        for (size_t j = 0; j < count; j++)
            if (restriction->fields[i] == fields[j])
                return true;
    return false;
}

static void tell_lift(struct run *run, const struct test_step *step)
{
    struct facts *subject = subject_of(run, step);
    uint16_t count;
    const word *fields = fields_of_object(run, step, &count);
    size_t kept = 0;
    for (size_t i = 0; subject != NULL && i < subject->restrictions.count; i++)
        if (!shares_field(&subject->restrictions.at[i], fields, count))
            subject->restrictions.at[kept++] = subject->restrictions.at[i];
    if (subject != NULL)
        subject->restrictions.count = kept;
}

/* tell: a purpose, a source, or data whose restriction is to be lifted. */
static void tell_notice(struct run *run, const struct test_step *step)
{
    const struct plan *plan = run->plan;
    word object = word_of(run, step->object.at[0].text);
    uint32_t slots = 1u << SLOT_SUBJECT | 1u << SLOT_PURPOSE | 1u << SLOT_VERSION |
                     1u << SLOT_SOURCE | 1u << SLOT_MATTER;
    struct test_step filled = *step;
    if (plan_find(plan, plan->purpose_of, object) != NONE)
        filled = with_object(step, SLOT_PURPOSE);
    else if (plan_find(plan, plan->source_of, object) != NONE)
        filled = with_object(step, SLOT_SOURCE);
    add_evidence(run, &filled, kind_word(run, KIND_NOTICE), slots);
    struct facts *subject = subject_of(run, step);
    uint16_t count;
    const word *fields = fields_of_object(run, step, &count);
    for (size_t i = 0; subject != NULL && i < subject->restrictions.count; i++)
        if (shares_field(&subject->restrictions.at[i], fields, count))
            subject->restrictions.at[i].told = true;
}

/* ---- collecting ---- */

static struct offered *offers_of(struct run *run, const struct test_step *step, size_t *count)
{
    const struct plan *plan = run->plan;
    *count = 0;
    struct offered *at =
        ARENA_ARRAY(run->arena, struct offered, (size_t)step->object.count + plan->field_count);
    if (at == NULL) {
        run->no_memory = true;
        return NULL;
    }
    for (size_t i = 0; i < step->object.count; i++)
        at[(*count)++] = (struct offered){word_of(run, step->object.at[i].text), true};
    if (step->then.outcome != THEN_NONE)
        return at;
    plan_index intake = plan_find(plan, plan->intake_of, slot_word(run, step, SLOT_INTAKE));
    for (size_t f = 0; intake != NONE && f < plan->field_count; f++) {
        bool there = false;
        for (size_t i = 0; i < step->object.count; i++)
            there |= at[i].field == plan->field[f].name;
        if (!there && field_set_has(&plan->intake[intake].required, (plan_index)f))
            at[(*count)++] = (struct offered){plan->field[f].name, true};
    }
    return at;
}

static void store_part(struct run *run, const struct test_step *step, const struct operation *op,
                       const struct part *part, size_t number)
{
    struct facts *subject = subject_of(run, step);
    struct fact_item *item = LIST_ADD(run->arena, &subject->items);
    struct named_item *named = LIST_ADD(run->arena, &run->items);
    if (item == NULL || named == NULL) {
        run->no_memory = true;
        return;
    }
    *item = (struct fact_item){
        .field = part->field,
        .source = op->source,
        .intake = op->intake,
        .channel = op->channel,
        .controller = op->controller,
        .version = run->version.version,
        .matter = op->matter,
        .collected = step->at.at,
        .told = part->told,
        .told_count = part->told_count,
    };
    new_id(run, item->id.bytes);
    const struct test_values *names = &step->slots[TEST_SLOT_ITEM];
    str name = number < names->count ? names->at[number].text : (str){NULL, 0};
    *named = (struct named_item){name, subject, item->id};
    subject->had_items = true;
}

static void open_roles(struct run *run, const struct test_step *step,
                       const struct decision *decision)
{
    struct facts *subject = subject_of(run, step);
    for (size_t i = 0; i < decision->role_count; i++) {
        bool held = false;
        for (size_t r = 0; r < subject->roles.count; r++)
            held |= subject->roles.at[r].role == decision->roles[i] &&
                    before(step->at.at, subject->roles.at[r].until);
        struct fact_role *role = held ? NULL : LIST_ADD(run->arena, &subject->roles);
        if (role == NULL)
            continue;
        *role = (struct fact_role){
            .role = decision->roles[i], .since = step->at.at, .until = NEVER, .opened = true};
        new_id(run, role->id.bytes);
    }
}

/* A collection that is told as a fact stands for a whole form: its required fields were there. */
static status run_collect(struct run *run, const struct test_step *step, struct report *report)
{
    struct view view;
    struct decision decision;
    TRY(make_view(run, step, &view, report));
    struct operation op = make_operation(run, step, &view);
    op.action = ACTION_COLLECT;
    op.offered = offers_of(run, step, &op.offered_count);
    op.told = words_of(run, &step->slots[SLOT_PURPOSE], &op.told_count);
    if (run->no_memory)
        return NO_MEMORY(report);
    TRY(decide(&view, NULL, &op, step->at.at, run->arena, report, &decision));
    decision.count = step->object.count; /* what stood for the rest of the form is not stored */
    const struct test_then *then = &step->then;
    judge(run, decision_matches(run, &decision, then, true), decision_text(run, &decision));
    for (size_t i = 0; i < step->object.count; i++)
        if (decision.parts[i].verdict != VERDICT_REFUSE)
            store_part(run, step, &op, &decision.parts[i], i);
    open_roles(run, step, &decision);
    return OK;
}

/* ---- recording ---- */

/* Evidence about a member of staff names whom it is about; who records it is someone else. */
static bool is_about_actor(const struct run *run, word type)
{
    return (binds_of(run, type) & (1u << SLOT_ACTOR)) != 0;
}

/* Whether the record may be made; a step that neither has an answer nor names who acts is a fact.
 */
static status may_record(struct run *run, const struct test_step *step, word type, bool *may,
                         struct report *report)
{
    bool acted = step->slots[SLOT_ACTOR].count > 0 && !is_about_actor(run, type);
    *may = true;
    if (step->then.outcome == THEN_NONE && !acted)
        return OK;
    struct view view;
    struct decision decision;
    TRY(make_view(run, step, &view, report));
    struct operation op = make_operation(run, step, &view);
    op.action = ACTION_RECORD;
    op.by_subject = !acted && step->slots[SLOT_SUBJECT].count > 0;
    op.evidence = type;
    if (!acted)
        op.actor = (dossier_id){{0}}, op.staff = 0;
    TRY(decide(&view, NULL, &op, step->at.at, run->arena, report, &decision));
    judge(run, decision_matches(run, &decision, &step->then, true), decision_text(run, &decision));
    *may = decision.verdict != VERDICT_REFUSE;
    return OK;
}

static status run_evidence(struct run *run, const struct test_step *step, struct report *report)
{
    bool may;
    word type = word_of(run, step->object.at[0].name);
    TRY(may_record(run, step, type, &may, report));
    if (may)
        add_evidence(run, step, type, binds_of(run, type));
    return OK;
}

static status run_event(struct run *run, const struct test_step *step, struct report *report)
{
    bool may;
    TRY(may_record(run, step, word_of(run, step->object.at[0].name), &may, report));
    if (may)
        tell_event(run, step);
    return OK;
}

static status run_lift(struct run *run, const struct test_step *step, struct report *report)
{
    if (step->then.outcome != THEN_NONE) {
        struct view view;
        struct decision decision;
        uint16_t count;
        TRY(make_view(run, step, &view, report));
        struct operation op = make_operation(run, step, &view);
        op.action = ACTION_LIFT;
        op.fields = fields_of_object(run, step, &count);
        op.field_count = count;
        TRY(decide(&view, NULL, &op, step->at.at, run->arena, report, &decision));
        judge(run, decision_matches(run, &decision, &step->then, true),
              decision_text(run, &decision));
        if (decision.verdict == VERDICT_REFUSE)
            return OK;
    }
    tell_lift(run, step);
    return OK;
}

/* ---- questions ---- */

static bool is_stored(const struct run *run, const struct test_step *step)
{
    for (size_t i = 0; i < step->object.count; i++) {
        const struct named_item *named = find_item(run, step, step->object.at[i].text);
        bool there = false;
        for (size_t j = 0; named != NULL && j < named->owner->items.count; j++)
            there |= ID_EQUAL(named->owner->items.at[j].id, named->id);
        if (!there)
            return false;
    }
    return true;
}

/* item: is it alive? */
static status run_item(struct run *run, const struct test_step *step, struct report *report)
{
    struct view view;
    struct settled settled;
    TRY(make_view(run, step, &view, report));
    bool alive = is_stored(run, step);
    str rule = STR("it is not stored");
    if (view.subject == NULL) {
        judge(run, false, STR("the step names no subject"));
        return OK;
    }
    TRY(settle(&view, step->at.at, run->arena, report, &settled));
    for (size_t o = 0; o < step->object.count; o++) {
        const struct named_item *named = find_item(run, step, step->object.at[o].text);
        for (size_t i = 0; named != NULL && i < settled.count; i++) {
            if (!ID_EQUAL(settled.items[i].item->id, named->id))
                continue;
            alive &= settled.items[i].alive;
            rule = settled.items[i].rule->path;
        }
    }
    struct buf out = buf_in(run->arena, 1024);
    buf_text(&out, alive ? "alive, until " : "gone, by ");
    buf_add(&out, rule);
    bool expects_gone = step->then.outcome == THEN_GONE || step->then.outcome == THEN_REFUSE;
    judge(run, alive != expects_gone, buf_str(&out));
    return OK;
}

/* What was erased is gone; what was refused stays for the statutes that hold it. */
static void erase_parts(struct run *run, const struct test_step *step,
                        const struct settled *settled, const struct decision *decision,
                        struct report *report)
{
    struct facts *subject = subject_of(run, step);
    for (size_t i = 0; i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        struct edit edit = {.kind = EDIT_DROP_ITEM, .id = part->item};
        word kept[MOST_NAMES];
        if (part->verdict == VERDICT_REFUSE) {
            edit.kind = EDIT_CUT_TOLD;
            edit.names = kept;
        }
        for (size_t s = 0; part->verdict == VERDICT_REFUSE && s < settled->count; s++) {
            const struct settled_item *item = &settled->items[s];
            for (size_t g = 0; ID_EQUAL(item->item->id, part->item) && g < item->ground_count;
                 g++) {
                const struct plan_purpose *purpose = &run->plan->purpose[item->grounds[g].purpose];
                if (purpose->basis == BASIS_LEGAL_DUTY && item->grounds[g].keeps &&
                    item->grounds[g].started && edit.name_count < MOST_NAMES)
                    kept[edit.name_count++] = purpose->clause.name;
            }
        }
        run->no_memory |= !is_ok(facts_edit(subject, &edit, run->arena, report));
    }
}

static const struct action_of_verb {
    enum test_verb verb;
    enum action action;
} actions[] = {
    {TEST_READ, ACTION_READ},   {TEST_USE, ACTION_USE},        {TEST_SHARE, ACTION_SHARE},
    {TEST_SEND, ACTION_SEND},   {TEST_SET, ACTION_COOKIE_SET}, {TEST_EXPORT, ACTION_EXPORT},
    {TEST_ERASE, ACTION_ERASE},
};

static enum action action_of(enum test_verb verb)
{
    for (size_t i = 0; i < LENGTH(actions); i++)
        if (actions[i].verb == verb)
            return actions[i].action;
    return ACTION_NONE;
}

static status explain(struct run *run, const struct view *view, const struct operation *op,
                      instant at, struct report *report)
{
    if (!run->explains)
        return OK;
    struct explanation *explanation = ARENA_NEW(run->arena, struct explanation);
    if (explanation == NULL)
        return NO_MEMORY(report);
    run->result->explanation = explanation;
    return decide_explain(view, op, at, run->arena, report, explanation);
}

static status run_ask(struct run *run, const struct test_step *step, struct report *report)
{
    struct view view;
    struct settled settled;
    struct decision decision;
    TRY(make_view(run, step, &view, report));
    struct operation op = make_operation(run, step, &view);
    op.action = action_of(step->verb);
    if (step->verb == TEST_SEND)
        op.message = word_of(run, step->object.at[0].name);
    else if (step->verb == TEST_SET)
        op.cookie = word_of(run, step->object.at[0].name);
    else if (!name_object(run, step, &op)) {
        judge(run, step->then.outcome == THEN_GONE, STR("it was never stored"));
        return run->no_memory ? NO_MEMORY(report) : OK;
    }
    if (op.action != ACTION_READ)
        op.by_subject = false;
    TRY(settle(&view, step->at.at, run->arena, report, &settled));
    TRY(decide(&view, &settled, &op, step->at.at, run->arena, report, &decision));
    TRY(explain(run, &view, &op, step->at.at, report));
    bool each = op.item_count > 0 || step->verb == TEST_SEND || step->verb == TEST_SET;
    judge(run, decision_matches(run, &decision, &step->then, each), decision_text(run, &decision));
    if (step->verb == TEST_ERASE && view.subject != NULL)
        erase_parts(run, step, &settled, &decision, report);
    return OK;
}

/* ---- a step, a test ---- */

static status run_step(struct run *run, const struct test_step *step, struct report *report)
{
    switch (step->verb) {
    case TEST_COLLECT:
        return run_collect(run, step, report);
    case TEST_EVENT:
        return run_event(run, step, report);
    case TEST_EVIDENCE:
    case TEST_AGREE:
        return run_evidence(run, step, report);
    case TEST_CONSENT:
        tell_consent(run, step);
        return OK;
    case TEST_WITHDRAW:
        tell_withdrawal(run, step);
        return OK;
    case TEST_OBJECT:
        tell_objection(run, step);
        return OK;
    case TEST_SWITCH:
        tell_switch(run, step);
        return OK;
    case TEST_RESTRICT:
        tell_restriction(run, step);
        return OK;
    case TEST_LIFT:
        return run_lift(run, step, report);
    case TEST_TELL:
        tell_notice(run, step);
        return OK;
    case TEST_END:
        tell_end(run, step);
        return OK;
    case TEST_ROLE:
        tell_role(run, step);
        return OK;
    case TEST_READ:
    case TEST_USE:
    case TEST_SHARE:
    case TEST_SEND:
    case TEST_SET:
    case TEST_EXPORT:
    case TEST_ERASE:
        return run_ask(run, step, report);
    case TEST_ITEM:
        return run_item(run, step, report);
    case TEST_NONE:
    case TEST_VERB_COUNT:
        break;
    }
    return OK;
}

static status run_steps(struct run *run, const struct test_step *steps, size_t count,
                        struct report *report, struct test_result *result)
{
    for (size_t i = 0; i < count; i++) {
        run->result = &result->steps[result->count++];
        *run->result = (struct step_result){.step = &steps[i], .passed = true};
        TRY(run_step(run, &steps[i], report));
        if (run->no_memory)
            return NO_MEMORY(report);
        result->passed &= run->result->passed;
    }
    return OK;
}

static status run_test(const struct test *test, const struct plan *plan, bool explains,
                       struct arena *arena, struct report *report, struct test_result *result)
{
    assert(test != NULL);
    assert(plan != NULL);
    *result = (struct test_result){.test = test, .passed = true};
    result->steps =
        ARENA_ARRAY(arena, struct step_result, (size_t)test->given_count + test->when_count + 1);
    if (result->steps == NULL)
        return NO_MEMORY(report);
    struct run run = {.test = test, .plan = plan, .arena = arena, .explains = explains};
    run.version = (struct plan_version){
        .plan = plan,
        .version =
            words_intern(plan->words, plan->version.len > 0 ? plan->version : STR("unspecified")),
        .effective = ALWAYS,
    };
    run.plans = (struct plans){&run.version, 1};
    TRY(run_steps(&run, test->given, test->given_count, report, result));
    return run_steps(&run, test->when, test->when_count, report, result);
}

status testrun(const struct test *test, const struct plan *plan, struct arena *arena,
               struct report *report, struct test_result *result)
{
    return run_test(test, plan, false, arena, report, result);
}

static status load_and_run(struct test *test, str file, const struct policy_source *policy,
                           const struct policy_source *deployment, struct words *words,
                           bool explains, struct arena *arena, struct problems *problems,
                           struct report *report, struct test_result *result)
{
    const struct plan *plan;
    TRY(plan_load(words, policy, test->deploy ? deployment : NULL, test->with, test->with_count,
                  arena, problems, report, &plan));
    TRY(testfile_bind(test, plan, file, arena, problems, report));
    return run_test(test, plan, explains, arena, report, result);
}

status testrun_load(struct test *test, str file, const struct policy_source *policy,
                    const struct policy_source *deployment, struct words *words,
                    struct arena *arena, struct problems *problems, struct report *report,
                    struct test_result *result)
{
    return load_and_run(test, file, policy, deployment, words, false, arena, problems, report,
                        result);
}

status testrun_explain(struct test *test, str file, const struct policy_source *policy,
                       const struct policy_source *deployment, struct words *words,
                       struct arena *arena, struct problems *problems, struct report *report,
                       struct test_result *result)
{
    return load_and_run(test, file, policy, deployment, words, true, arena, problems, report,
                        result);
}
