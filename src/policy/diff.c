/* Walks both plans by the rows of vocabulary.def and says of each change whether it is material. */
#include "diff_internal.h"
#include "json.h"

/* What makes a change of a key material. */
enum direction {
    FREE, /* nothing */
    MORE, /* a longer, larger, truer value: it allows more */
    LESS, /* a shorter, smaller, falser value: it protects less */
    ANY   /* every change */
};

static const enum direction BY_TYPE[VALUE_TYPE_COUNT] = {
    [VALUE_TEXT] = ANY,          [VALUE_WORD] = FREE,
    [VALUE_CHANNEL] = ANY,       [VALUE_ENUM] = ANY,
    [VALUE_FLAG] = MORE,         [VALUE_COUNT] = LESS,
    [VALUE_SPAN] = MORE,         [VALUE_MASK] = LESS,
    [VALUE_MAY] = MORE,          [VALUE_WORDS] = LESS,
    [VALUE_WORD_LIST] = LESS,    [VALUE_CHANNEL_LIST] = LESS,
    [VALUE_REF] = ANY,           [VALUE_REFS] = MORE,
    [VALUE_REFS_ALL] = MORE,     [VALUE_FIELDS] = MORE,
    [VALUE_FIELDS_ALL] = MORE,   [VALUE_CATEGORIES] = LESS,
    [VALUE_NEEDS] = LESS,        [VALUE_KEEP] = MORE,
    [VALUE_MOMENT] = MORE,       [VALUE_SAYS] = FREE,
    [VALUE_COVERS] = FREE,       [VALUE_PATH] = FREE,
    [VALUE_VERN] = FREE,         [VALUE_POLICY] = ANY,
    [VALUE_EFFECTIVE] = FREE,    [VALUE_TIMEZONE] = ANY,
    [VALUE_LANGUAGES] = FREE,    [VALUE_ACTING] = ANY,
    [VALUE_WHO] = ANY,           [VALUE_CATEGORY_FIELDS] = MORE,
    [VALUE_EVENT_OF] = ANY,      [VALUE_EVIDENCE_BY] = MORE,
    [VALUE_STARTS] = ANY,        [VALUE_OBJECTION] = LESS,
    [VALUE_COOKIE_PER] = LESS,   [VALUE_CHANNELS] = MORE,
    [VALUE_STOPS] = LESS,        [VALUE_SWITCH_AT] = LESS,
    [VALUE_RIGHT_AT] = LESS,     [VALUE_NAMED] = MORE,
    [VALUE_HOME] = MORE,         [VALUE_OUTSIDE] = MORE,
    [VALUE_REQUESTS_TO] = FREE,  [VALUE_ON_END] = LESS,
    [VALUE_SAYS_OF] = FREE,      [VALUE_FINDING_SAYS] = FREE, [VALUE_ALARM_TO] = FREE,
};

/* Keys that go another way than their type. */
static const struct {
    enum section section;
    const char *key;
    enum direction direction;
} EXCEPTIONS[] = {
    {SECTION_top, "version", FREE},
    {SECTION_top, "bases", MORE},
    {SECTION_controllers, "name", FREE},
    {SECTION_controllers, "address", FREE},
    {SECTION_controllers, "country", FREE},
    {SECTION_controllers, "contacts", FREE},
    {SECTION_contacts, "kind", FREE},
    {SECTION_contacts, "at", FREE},
    {SECTION_contacts, "role", FREE},
    {SECTION_joint, "for", ANY},
    {SECTION_categories, "never", LESS},
    {SECTION_events, "by", MORE},
    {SECTION_evidence, "standing", LESS},
    {SECTION_purposes, "requires", LESS},
    {SECTION_intakes, "live", LESS},
    {SECTION_switches, "erases", LESS},
    {SECTION_recipients, "never", LESS},
    {SECTION_rights, "needs", ANY}, /* more of them keep people out, fewer let others in */
    {SECTION_rights, "to_others", LESS},
    {SECTION_rights, "open", LESS},
};

static enum direction direction_of(enum section section, const struct vocabulary_key *key)
{
    for (size_t i = 0; i < LENGTH(EXCEPTIONS); i++)
        if (EXCEPTIONS[i].section == section && strcmp(EXCEPTIONS[i].key, key->name) == 0)
            return EXCEPTIONS[i].direction;
    return BY_TYPE[key->type];
}

/* Whether a whole clause that comes or goes is material. A name that no other clause uses opens
 * nothing by itself: roles, matters, contacts, sets, events, evidence. */
static const struct {
    bool added, removed;
} WHOLE[SECTION_COUNT] = {
    [SECTION_documents] = {true, false},  [SECTION_controllers] = {true, false},
    [SECTION_joint] = {true, true},       [SECTION_sources] = {true, false},
    [SECTION_categories] = {true, false}, [SECTION_purposes] = {true, false},
    [SECTION_intakes] = {true, false},    [SECTION_cookies] = {true, false},
    [SECTION_messages] = {true, false},   [SECTION_switches] = {false, true},
    [SECTION_recipients] = {true, false}, [SECTION_staff] = {true, false},
    [SECTION_rights] = {false, true},     [SECTION_spaces] = {true, false},
    [SECTION_places] = {true, true},      [SECTION_change] = {false, true},
    [SECTION_alarms] = {false, true},
};

struct diff {
    const struct plan *old, *new;
    struct arena *arena;   /* what is found */
    struct arena *scratch; /* what one key needs; emptied after each */
    struct plan_differences *differences;
    bool failed;
};

enum { SCRATCH_BYTES = 32 << 20, WHAT_BYTES = 3 << 20 };

static void difference_add(struct diff *d, enum section section, str path, str what, bool material,
                           const char *why, plan_index old_clause, plan_index new_clause)
{
    struct plan_difference *added = LIST_ADD(d->arena, &d->differences->list);
    if (added == NULL || path.ptr == NULL || what.ptr == NULL) {
        d->failed = true;
        return;
    }
    *added = (struct plan_difference){
        path,       what,      material, str_from(why), str_from(VOCABULARY_SECTIONS[section].name),
        old_clause, new_clause};
}

/* ---- one key ---- */

static const char *why_of(const struct vocabulary_key *key, struct compared compared,
                          enum direction direction, bool material)
{
    if (!material)
        return "allows nothing new and drops nothing";
    if (key->type == VALUE_KEEP)
        return "the clock is not surely as short as it was";
    if (strcmp(key->name, "basis") == 0)
        return "another basis";
    if (direction == MORE && compared.more)
        return "allows what was refused";
    if (key->type == VALUE_NEEDS && compared.less)
        return "drops a need";
    if (key->type == VALUE_RIGHT_AT)
        return "drops a way to use a right";
    if (key->type == VALUE_STOPS || key->type == VALUE_SWITCH_AT)
        return "drops a switch, or a way to it";
    if (key->type == VALUE_CHANNEL_LIST)
        return "drops a notice";
    if (direction == LESS && compared.less)
        return "protects less than before";
    return "cannot be shown to allow nothing new";
}

static bool is_material(struct compared compared, enum direction direction)
{
    switch (direction) {
    case FREE:
        return false;
    case MORE:
        return compared.more || compared.other;
    case LESS:
        return compared.less || compared.other;
    case ANY:
        return compared.more || compared.less || compared.other;
    }
    return true;
}

static bool has_hole(struct side side, enum section section, const struct vocabulary_key *key)
{
    str wanted = str_from(key->name);
    size_t skipped = section == SECTION_top ? 0 : side.clause->path.len + 1;
    for (uint16_t i = 0; i < side.clause->hole_count; i++) {
        str hole = side.clause->holes[i];
        if (section != SECTION_top && str_equal(hole, side.clause->path))
            return true;
        str rest = str_slice(hole, skipped, hole.len);
        if (str_starts(rest, wanted) &&
            (rest.len == wanted.len || rest.ptr[wanted.len] == '.' || rest.ptr[wanted.len] == '['))
            return true;
    }
    return false;
}

/* A hole keeps its clause closed, so filling one opens what was refused, and making one refuses. */
static bool hole_decides(enum section section, const struct vocabulary_key *key, struct side old,
                         struct side new, enum direction direction, bool *material,
                         const char **why)
{
    bool was = has_hole(old, section, key), is = has_hole(new, section, key);
    if (was == is || direction == FREE)
        return false;
    bool closes = (key->flags & KEY_CLOSES) != 0;
    *material = was || !closes;
    *why = was      ? "what was left open, and refused, is now said"
           : closes ? "the clause is closed by what is left open"
                    : "what was said is left open";
    return true;
}

/* What is said of a difference, in memory that stays. */
static str what_kept(struct diff *d, const struct buf *what)
{
    d->failed |= what->full;
    return arena_copy(d->arena, what->len > 0 ? buf_str(what) : STR("differs"));
}

static void key_compare(struct diff *d, enum section section, const struct vocabulary_key *key,
                        struct side old, struct side new, plan_index old_clause,
                        plan_index new_clause)
{
    struct buf what = buf_in(d->scratch, WHAT_BYTES);
    struct compared compared = compare_values(key, old, new, d->scratch, &what);
    if (compared.more || compared.less || compared.other || what.len > 0) {
        enum direction direction = direction_of(section, key);
        bool material = is_material(compared, direction);
        const char *why = why_of(key, compared, direction, material);
        hole_decides(section, key, old, new, direction, &material, &why);
        str path = section == SECTION_top
                       ? str_from(key->name)
                       : arena_format(d->arena, "%.*s.%s", STR_ARG(new.clause->path), key->name);
        difference_add(d, section, path, what_kept(d, &what), material, why, old_clause,
                       new_clause);
    }
    arena_reset(d->scratch);
}

static void keys_compare(struct diff *d, enum section section, struct side old, struct side new,
                         plan_index old_clause, plan_index new_clause)
{
    for (size_t i = 0; i < VOCABULARY_KEY_COUNT; i++) {
        const struct vocabulary_key *key = &VOCABULARY_KEYS[i];
        bool common = key->section == SECTION_any && vocabulary_has_common_keys(section);
        struct side was = old, is = new;
        if (key->section != section && !common)
            continue;
        if (common) {
            was.base = was.clause;
            is.base = is.clause;
        }
        key_compare(d, section, key, was, is, old_clause, new_clause);
    }
}

/* ---- clauses ---- */

/* The kinds of evidence that are built in stand before the file's own and are no clauses. */
static uint16_t first_clause(enum section section)
{
    return section == SECTION_evidence ? (uint16_t)KIND_COUNT : 0;
}

static plan_index same_clause(const struct plan *plan, enum section section,
                              const struct clause *clause)
{
    for (uint16_t i = first_clause(section); i < section_count(plan, section); i++)
        if (section_clause(plan, section, i)->name == clause->name)
            return i;
    return NONE;
}

/* What is never done is no permission: its row works the other way round. */
static bool is_never(const struct plan *plan, enum section section, plan_index index)
{
    if (section == SECTION_categories)
        return plan->category[index].never;
    return section == SECTION_recipients && plan->recipient[index].never;
}

static void clause_added(struct diff *d, enum section section, plan_index index)
{
    bool never = is_never(d->new, section, index);
    bool material = WHOLE[section].added && !never;
    difference_add(d, section, section_clause(d->new, section, index)->path, STR("is new"),
                   material,
                   material ? "allows what was refused"
                   : never  ? "what is never done allows nothing"
                            : "opens nothing by itself",
                   NONE, index);
}

static void clause_removed(struct diff *d, enum section section, plan_index index)
{
    bool never = is_never(d->old, section, index);
    bool material = WHOLE[section].removed || never;
    difference_add(d, section, section_clause(d->old, section, index)->path, STR("is gone"),
                   material,
                   never      ? "what was never done may be"
                   : material ? "drops a protection"
                              : "refuses what was allowed",
                   index, NONE);
}

static void set_compare(struct diff *d, plan_index old_index, plan_index new_index)
{
    static const struct vocabulary_key FIELDS = {.section = SECTION_sets,
                                                 .name = "fields",
                                                 .type = VALUE_FIELDS_ALL,
                                                 .offset = offsetof(struct plan_set, fields)};
    const struct plan_set *old = &d->old->set[old_index], *new = &d->new->set[new_index];
    struct buf what = buf_in(d->scratch, WHAT_BYTES);
    struct side was = {d->old, &old->clause, old}, is = {d->new, &new->clause, new};
    struct compared compared = compare_values(&FIELDS, was, is, d->scratch, &what);
    if (compared.more || compared.less || compared.other)
        difference_add(d, SECTION_sets, new->clause.path, what_kept(d, &what), false,
                       "each clause that uses it is compared by itself", old_index, new_index);
    arena_reset(d->scratch);
}

static void section_compare(struct diff *d, enum section section)
{
    uint16_t first = first_clause(section);
    for (uint16_t i = first; i < section_count(d->old, section); i++)
        if (same_clause(d->new, section, section_clause(d->old, section, i)) == NONE)
            clause_removed(d, section, i);
    for (uint16_t i = first; i < section_count(d->new, section); i++) {
        const struct clause *clause = section_clause(d->new, section, i);
        plan_index old = same_clause(d->old, section, clause);
        if (old == NONE) {
            clause_added(d, section, i);
        } else if (section == SECTION_sets) {
            set_compare(d, old, i);
        } else {
            const struct clause *before = section_clause(d->old, section, old);
            keys_compare(d, section, (struct side){d->old, before, before},
                         (struct side){d->new, clause, clause}, old, i);
        }
    }
}

static void rights_compare(struct diff *d)
{
    for (plan_index i = 0; i < RIGHT_COUNT; i++) {
        const struct plan_right *old = &d->old->right[i], *new = &d->new->right[i];
        if (old->stated && new->stated)
            keys_compare(d, SECTION_rights, (struct side){d->old, &old->clause, old},
                         (struct side){d->new, &new->clause, new}, i, i);
        else if (old->stated && i != RIGHT_ALL)
            difference_add(d, SECTION_rights, old->clause.path, STR("is gone"), true,
                           "drops a right", i, NONE);
        else if (old->stated)
            difference_add(d, SECTION_rights, old->clause.path, STR("is gone"), true,
                           "drops what holds for every right", i, NONE);
        else if (new->stated)
            difference_add(d, SECTION_rights, new->clause.path, STR("is new"), false,
                           "allows nothing new and drops nothing", NONE, i);
    }
}

static void single_compare(struct diff *d, enum section section)
{
    const size_t at = VOCABULARY_SECTIONS[section].array;
    const struct clause *old = (const void *)((const char *)d->old + at);
    const struct clause *new = (const void *)((const char *)d->new + at);
    bool was = old->line > 0, is = new->line > 0;
    if (was && is)
        keys_compare(d, section, (struct side){d->old, old, old}, (struct side){d->new, new, new},
                     0, 0);
    else if (was)
        difference_add(d, section, old->path, STR("is gone"), WHOLE[section].removed,
                       "drops a protection", 0, NONE);
    else if (is)
        difference_add(d, section, new->path, STR("is new"), WHOLE[section].added,
                       WHOLE[section].added ? "allows what was refused"
                                            : "allows nothing new and drops nothing",
                       NONE, 0);
}

status plan_diff(const struct plan *old, const struct plan *new, struct arena *arena,
                 struct report *report, struct plan_differences *differences)
{
    assert(old != NULL && new != NULL &&differences != NULL);
    assert(old->words == new->words);

    CLEANUP(arena_free) struct arena *scratch = arena_new(SCRATCH_BYTES);
    struct diff d = {old, new, arena, scratch, differences, false};
    keys_compare(&d, SECTION_top, (struct side){old, &old->top, old},
                 (struct side){new, &new->top, new}, NONE, NONE);
    for (unsigned s = 0; s < SECTION_COUNT; s++) {
        enum section section = (enum section)s;
        if (!vocabulary_is_top_level(section) || section == SECTION_findings)
            continue;
        if (VOCABULARY_SECTIONS[s].form == FORM_RIGHTS)
            rights_compare(&d);
        else if (VOCABULARY_SECTIONS[s].form == FORM_SINGLE)
            single_compare(&d, section);
        else
            section_compare(&d, section);
    }
    return d.failed ? NO_MEMORY(report) : OK;
}

void diff_json(const struct plan_differences *differences, struct buf *out)
{
    struct json_out json = json_out_over(out);
    json_open_array(&json);
    for (size_t i = 0; i < differences->list.count; i++) {
        const struct plan_difference *difference = &differences->list.at[i];
        json_open_object(&json);
        json_key(&json, "path");
        json_put_str(&json, difference->path);
        json_key(&json, "material");
        json_put_bool(&json, difference->material);
        json_key(&json, "what");
        json_put_str(&json, difference->what);
        json_key(&json, "why");
        json_put_str(&json, difference->why);
        json_close_object(&json);
    }
    json_close_array(&json);
}
