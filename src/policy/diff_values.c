/* How two values of one key compare: as sets of names where they are lists, by size where they are
 * numbers, else as they would be printed. */
#include <stdio.h>
#include "diff_internal.h"
#include "limits.h"

struct names {
    LIST(str) list;
    bool all, failed;
};

static void name_add(struct names *names, struct arena *arena, str name)
{
    str *added = LIST_ADD(arena, &names->list);
    if (added == NULL)
        names->failed = true;
    else
        *added = name;
}

static bool names_have(const struct names *names, str name)
{
    for (size_t i = 0; i < names->list.count; i++)
        if (str_equal(names->list.at[i], name))
            return true;
    return false;
}

/* ---- lists as sets of names ---- */

static void add_refs(struct names *names, struct arena *arena, struct side side,
                     enum section target, const struct refs *refs)
{
    names->all |= refs->all;
    for (uint16_t i = 0; i < refs->count; i++)
        name_add(
            names, arena,
            words_text(side.plan->words, section_clause(side.plan, target, refs->at[i])->name));
}

static void add_flag(struct names *names, struct arena *arena, bool flag, const char *name)
{
    if (flag)
        name_add(names, arena, str_from(name));
}

static void add_fields(struct names *names, struct arena *arena, struct side side,
                       const struct bits *fields)
{
    for (plan_index i = 0; i < side.plan->field_count; i++)
        if (bits_has(*fields, i))
            name_add(names, arena, words_text(side.plan->words, side.plan->field[i].name));
}

static void add_mask(struct names *names, struct arena *arena, enum word_list list, uint32_t mask)
{
    for (unsigned bit = 0; bit < 32; bit++) {
        const char *text = (mask >> bit & 1) != 0 ? vocabulary_word_text(list, bit) : NULL;
        if (text != NULL)
            name_add(names, arena, str_from(text));
    }
}

static void add_words(struct names *names, struct arena *arena, struct side side,
                      const void *member)
{
    word *const *list = member;
    const uint16_t *count = (const void *)((const char *)member + sizeof(*list));
    for (uint16_t i = 0; i < *count; i++)
        name_add(names, arena, words_text(side.plan->words, (*list)[i]));
}

static void add_stops(struct names *names, struct arena *arena, struct side side)
{
    const struct plan_switch *stop = side.base;
    const struct refs *lists[] = {&stop->stops_purposes, &stop->stops_messages,
                                  &stop->stops_recipients};
    static const enum section TARGETS[] = {SECTION_purposes, SECTION_messages, SECTION_recipients};
    for (size_t i = 0; i < LENGTH(lists); i++)
        for (uint16_t j = 0; j < section_count(side.plan, TARGETS[i]); j++)
            if (lists[i]->stated && refs_has(lists[i], j))
                name_add(names, arena, section_clause(side.plan, TARGETS[i], j)->path);
}

/* What a list is when it is not there. */
static bool unstated_is_all(const struct vocabulary_key *key)
{
    bool from = key->section == SECTION_purposes && strcmp(key->name, "from") == 0;
    bool roles = key->section == SECTION_cookies && strcmp(key->name, "roles") == 0;
    bool sees = key->section == SECTION_staff && strcmp(key->name, "sees") == 0;
    return from || roles || sees;
}

static void add_by(struct names *names, struct arena *arena, struct side side)
{
    const struct plan_evidence *evidence = side.base;
    bool anybody = !evidence->by_staff.stated && !evidence->by_subject && !evidence->by_other;
    names->all |= anybody;
    add_refs(names, arena, side, SECTION_staff, &evidence->by_staff);
    add_flag(names, arena, evidence->by_subject, "subject");
    add_flag(names, arena, evidence->by_other, "other");
}

static void add_ways(struct names *names, struct arena *arena, struct side side,
                     enum value_type type)
{
    const struct plan_switch *stop = side.base;
    const struct plan_right *right = side.base;
    bool is_switch = type == VALUE_SWITCH_AT;
    add_refs(names, arena, side, SECTION_contacts, is_switch ? &stop->at : &right->at);
    add_flag(names, arena, is_switch ? stop->at_stop_link : right->at_stop_link, "stop_link");
    add_flag(names, arena, !is_switch && right->at_portal, "portal");
}

static void add_named(struct names *names, struct arena *arena, struct side side)
{
    const struct plan_recipient *recipient = side.base;
    names->all |= !recipient->named_stated;
    for (uint16_t i = 0; i < recipient->named_count; i++)
        name_add(names, arena, recipient->named[i]);
}

static void add_channels(struct names *names, struct arena *arena, struct side side)
{
    const struct plan_message *message = side.base;
    for (uint16_t i = 0; i < message->channel_count; i++)
        name_add(names, arena, words_text(side.plan->words, message->channels[i].name));
}

static void add_field_set(struct names *names, struct arena *arena, struct side side,
                          const struct vocabulary_key *key, const struct field_set *set)
{
    names->all |= set->all || (!set->stated && unstated_is_all(key));
    add_fields(names, arena, side, &set->fields);
}

static void add_categories(struct names *names, struct arena *arena, struct side side,
                           const struct bits *categories)
{
    for (plan_index i = 0; i < side.plan->category_count; i++)
        if (bits_has(*categories, i))
            name_add(names, arena,
                     words_text(side.plan->words, side.plan->category[i].clause.name));
}

static void add_on_end(struct names *names, struct arena *arena, struct side side)
{
    const struct plan_space *space = side.base;
    add_flag(names, arena, space->on_end_return, "return");
    add_flag(names, arena, space->on_end_erase, "erase");
}

/* The names in a value; false when the value is no list. */
static bool names_of(struct names *names, struct arena *arena, struct side side,
                     const struct vocabulary_key *key)
{
    const void *member = (const char *)side.base + key->offset;
    const struct refs *refs = member;
    const uint32_t *mask = member;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
    switch (key->type) { /* the lists among the types; the rest is no list */
    case VALUE_REFS:
    case VALUE_REFS_ALL:
        names->all |= !refs->stated && unstated_is_all(key);
        add_refs(names, arena, side, (enum section)key->target, refs);
        return true;
    case VALUE_WHO:
        add_refs(names, arena, side, SECTION_controllers, refs);
        add_flag(names, arena, ((const struct plan_joint *)side.base)->acting, "acting");
        return true;
    case VALUE_EVIDENCE_BY:
        add_by(names, arena, side);
        return true;
    case VALUE_SWITCH_AT:
    case VALUE_RIGHT_AT:
        add_ways(names, arena, side, key->type);
        return true;
    case VALUE_FIELDS:
    case VALUE_FIELDS_ALL:
        add_field_set(names, arena, side, key, member);
        return true;
    case VALUE_CATEGORY_FIELDS:
        add_fields(names, arena, side, member);
        return true;
    case VALUE_CATEGORIES:
        add_categories(names, arena, side, member);
        return true;
    case VALUE_MASK:
    case VALUE_MAY:
        add_mask(names, arena, (enum word_list)key->target, *mask);
        return true;
    case VALUE_WORDS:
    case VALUE_WORD_LIST:
    case VALUE_CHANNEL_LIST:
        add_words(names, arena, side, member);
        return true;
    case VALUE_STOPS:
        add_stops(names, arena, side);
        return true;
    case VALUE_NAMED:
        add_named(names, arena, side);
        return true;
    case VALUE_ON_END:
        add_on_end(names, arena, side);
        return true;
    case VALUE_CHANNELS:
        add_channels(names, arena, side);
        return true;
    default:
        return false;
    }
#pragma GCC diagnostic pop
}

static bool put_missing(const struct names *from, const struct names *in, const char *verb,
                        struct buf *what)
{
    bool any = false;
    if (from->all && !in->all) {
        buf_format(what, "%s%s all", what->len > 0 ? "; " : "", verb);
        return true;
    }
    for (size_t i = 0; i < from->list.count && !in->all; i++) {
        if (names_have(in, from->list.at[i]))
            continue;
        if (any)
            buf_text(what, ", ");
        else
            buf_format(what, "%s%s ", what->len > 0 ? "; " : "", verb);
        buf_add(what, from->list.at[i]);
        any = true;
    }
    return any;
}

/* ---- needs ---- */

static bool any_has(const struct plan *plan, const struct need *need, str name)
{
    for (uint16_t i = 0; i < need->count; i++)
        if (str_equal(words_text(plan->words, plan->evidence[need->any[i]].clause.name), name))
            return true;
    return false;
}

/* True when meeting `strict` surely meets `loose`: its alternatives are among the loose ones. */
static bool need_implies(const struct plan *strict_plan, const struct need *strict,
                         const struct plan *loose_plan, const struct need *loose)
{
    for (uint16_t i = 0; i < strict->count; i++) {
        word name = strict_plan->evidence[strict->any[i]].clause.name;
        if (!any_has(loose_plan, loose, words_text(strict_plan->words, name)))
            return false;
    }
    return strict->count > 0;
}

static bool needs_imply(const struct plan *strict_plan, const struct needs *strict,
                        const struct plan *loose_plan, const struct need *loose)
{
    for (uint16_t i = 0; i < strict->count; i++)
        if (need_implies(strict_plan, &strict->all[i], loose_plan, loose))
            return true;
    return false;
}

struct compared compare_needs(const struct plan *old_plan, const struct needs *old,
                              const struct plan *new_plan, const struct needs *new)
{
    struct compared result = {.other = old->hole != new->hole};
    for (uint16_t i = 0; i < old->count; i++)
        result.less |= !needs_imply(new_plan, new, old_plan, &old->all[i]);
    for (uint16_t i = 0; i < new->count; i++)
        result.more |= !needs_imply(old_plan, old, new_plan, &new->all[i]);
    return result;
}

static struct compared needs_of_channels(struct side old, struct side new)
{
    const struct plan_message *was = old.base, *is = new.base;
    struct compared result = {0};
    for (uint16_t i = 0; i < was->channel_count; i++)
        for (uint16_t j = 0; j < is->channel_count; j++) {
            if (was->channels[i].name != is->channels[j].name)
                continue;
            struct compared needs =
                compare_needs(old.plan, &was->channels[i].needs, new.plan, &is->channels[j].needs);
            result.more |= needs.less; /* fewer needs open more */
            result.less |= needs.more;
            result.other |= needs.other;
        }
    return result;
}

/* ---- the other types ---- */

static struct compared compare_spans(const struct span *old, const struct span *new)
{
    if (!old->stated || !new->stated)
        return (struct compared){.more = old->stated, .less = new->stated};
    bool shorter = span_within(*new, *old), longer = span_within(*old, *new);
    return (struct compared){
        .more = longer && !shorter, .less = shorter && !longer, .other = !longer && !shorter};
}

/* A least group of none shows everything. */
static struct compared compare_counts(uint32_t old, uint32_t new)
{
    bool less = new < old || (new == 0 && old > 0);
    bool more = new > old;
    return (struct compared){.more = more, .less = less};
}

static struct compared compare_objections(enum objection old, enum objection new)
{
    static const int STRICTNESS[] = {
        [OBJECTION_NONE] = 0, [OBJECTION_WEIGHED] = 1, [OBJECTION_ABSOLUTE] = 2};
    return (struct compared){.more = STRICTNESS[new] > STRICTNESS[old],
                             .less = STRICTNESS[new] < STRICTNESS[old]};
}

static struct compared compare_home(const struct plan *old, const struct plan *new)
{
    const struct plan_places *was = &old->places, *is = &new->places;
    struct compared needs = compare_needs(old, &was->home_needs, new, &is->home_needs);
    struct compared result = {.more = needs.less, .less = needs.more, .other = needs.other};
    if (was->home == HOME_EU && is->home == HOME_EEA)
        result.more = true;
    else if (was->home == HOME_EEA && is->home == HOME_EU)
        result.less = true;
    else if (was->home != is->home)
        result.other = true;
    return result;
}

static struct compared compare_outside(const struct plan *old, const struct plan *new)
{
    const struct plan_places *was = &old->places, *is = &new->places;
    if (was->outside_stated != is->outside_stated)
        return (struct compared){.more = is->outside_stated, .less = was->outside_stated};
    struct compared needs = compare_needs(old, &was->outside_needs, new, &is->outside_needs);
    return (struct compared){.more = needs.less, .less = needs.more, .other = needs.other};
}

static struct compared compare_enums(const struct vocabulary_key *key, unsigned old, unsigned new)
{
    bool narrower = key->section == SECTION_events && new == BY_SUBJECT;
    return (struct compared){.less = narrower && old != new, .other = !narrower &&old != new};
}

static struct compared compare_keeps(const struct plan *old_plan, const struct keep *old,
                                     const struct plan *new_plan, const struct keep *new)
{
    bool shorter = keep_within(new_plan, new, old_plan, old);
    bool longer = keep_within(old_plan, old, new_plan, new);
    return (struct compared){.more = !shorter, .less = shorter && !longer};
}

/* A pointer to the member of one side. */
#define OF(side, type) ((const type *)(const void *)((const char *)(side).base + key->offset))

static struct compared compare_by_type(const struct vocabulary_key *key, struct side old,
                                       struct side new)
{
    struct compared needs;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
    switch (key->type) { /* the rest differs when it prints otherwise */
    case VALUE_FLAG:
    case VALUE_COOKIE_PER:
        return (struct compared){.more = *OF(new, bool) && !*OF(old, bool),
                                 .less = !*OF(new, bool) && *OF(old, bool)};
    case VALUE_COUNT:
        return compare_counts(*OF(old, uint32_t), *OF(new, uint32_t));
    case VALUE_SPAN:
        return compare_spans(OF(old, struct span), OF(new, struct span));
    case VALUE_NEEDS:
        needs = compare_needs(old.plan, OF(old, struct needs), new.plan, OF(new, struct needs));
        return needs;
    case VALUE_KEEP:
        return compare_keeps(old.plan, OF(old, struct keep), new.plan, OF(new, struct keep));
    case VALUE_OBJECTION:
        return compare_objections(*OF(old, enum objection), *OF(new, enum objection));
    case VALUE_HOME:
        return compare_home(old.plan, new.plan);
    case VALUE_OUTSIDE:
        return compare_outside(old.plan, new.plan);
    case VALUE_ENUM:
        return compare_enums(key, *OF(old, unsigned), *OF(new, unsigned));
    default:
        return (struct compared){.other = true};
    }
#pragma GCC diagnostic pop
}

static str printed(const struct vocabulary_key *key, struct side side, struct arena *arena,
                   bool *failed)
{
    struct buf text = buf_in(arena, LIMIT_POLICY_BYTES);
    plan_print_key(side.plan, key, side.clause, side.base, &text);
    *failed |= text.full;
    return text.len == 0 ? STR("") : buf_str(&text);
}

struct compared compare_values(const struct vocabulary_key *key, struct side old, struct side new,
                               struct arena *arena, struct buf *what)
{
    struct names was = {0}, is = {0};
    struct compared result = {0};
    bool failed = false;
    str old_text = printed(key, old, arena, &failed), new_text = printed(key, new, arena, &failed);
    bool same = !failed && str_equal(old_text, new_text);
    if (names_of(&was, arena, old, key) && names_of(&is, arena, new, key)) {
        result.more = put_missing(&is, &was, "adds", what);
        result.less = put_missing(&was, &is, "drops", what);
        result.other = was.failed || is.failed;
        if (key->type == VALUE_CATEGORY_FIELDS) /* the kind of a field is another */
            result.other |= !same && !result.more && !result.less;
        if (key->type == VALUE_CHANNELS) {
            struct compared needs = needs_of_channels(old, new);
            result.more |= needs.more;
            result.less |= needs.less;
            result.other |= needs.other;
        }
    } else if (!same) {
        result = compare_by_type(key, old, new);
    }
    if (what->len == 0 && !same)
        buf_format(what, "%.*s -> %.*s", STR_ARG(old_text.len > 0 ? old_text : STR("nothing")),
                   STR_ARG(new_text.len > 0 ? new_text : STR("nothing")));
    return result;
}
