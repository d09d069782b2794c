/* Prints data, needs, clocks, texts, and values with a form of their own. */
#include <stdlib.h>
#include "print_internal.h"

/* ---- data ---- */

static bool holds_category(const struct field_set *set, const struct plan_category *category)
{
    for (uint16_t i = 0; i < category->field_count; i++)
        if (!bits_has(set->fields, (plan_index)(category->first_field + i)))
            return false;
    return category->field_count > 0;
}

void print_field_set(struct printing *p, const struct field_set *set)
{
    const struct plan *plan = p->plan;
    if (p->out->full)
        return; /* nothing more is taken, so the work would be in vain */
    if (set->all) {
        buf_text(p->out, "all");
        return;
    }
    if (set->hole && bits_empty(set->fields)) {
        buf_text(p->out, "unspecified");
        return;
    }
    CLEANUP(print_scratch_free) str *names = print_scratch(plan->field_count, sizeof(str));
    size_t count = 0;
    for (plan_index c = 0; c < plan->category_count; c++) {
        const struct plan_category *category = &plan->category[c];
        bool whole = holds_category(set, category);
        if (whole)
            names[count++] = print_text_of(p, category->clause.name);
        for (uint16_t i = 0; !whole && i < category->field_count; i++)
            if (bits_has(set->fields, (plan_index)(category->first_field + i)))
                names[count++] = print_text_of(p, plan->field[category->first_field + i].name);
    }
    print_names(p, names, count, set->hole);
}

bool print_fields(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct field_set *set = member;
    if (set->stated)
        print_field_set(p, set);
    return set->stated;
}

bool print_categories(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct bits *bits = member;
    if (bits_empty(*bits))
        return false;
    CLEANUP(print_scratch_free) str *names = print_scratch(p->plan->category_count, sizeof(str));
    size_t count = 0;
    for (plan_index i = 0; i < p->plan->category_count; i++)
        if (bits_has(*bits, i))
            names[count++] = print_clause_name(p, SECTION_categories, i);
    print_names(p, names, count, false);
    return true;
}

struct named_field {
    str name;
    enum field_kind kind;
    bool hole;
};

bool print_category_fields(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct plan_category *category = OWNER_CONST(member, struct plan_category, fields);
    const struct plan_field *field = &p->plan->field[category->first_field];
    if (category->field_count == 1 && field->name == category->clause.name)
        return false;
    CLEANUP(print_scratch_free)
    struct named_field *fields = print_scratch(category->field_count, sizeof(*fields));
    for (uint16_t i = 0; i < category->field_count; i++) {
        char path[256];
        struct buf name = buf_over(path, sizeof(path));
        buf_format(&name, "%.*s.fields.%.*s", STR_ARG(category->clause.path),
                   STR_ARG(print_text_of(p, field[i].short_name)));
        fields[i] = (struct named_field){print_text_of(p, field[i].short_name), field[i].kind,
                                         print_has_hole(&category->clause, buf_str(&name))};
    }
    qsort(fields, category->field_count, sizeof(*fields), print_compare_texts);
    buf_char(p->out, '{');
    for (uint16_t i = 0; i < category->field_count; i++)
        buf_format(p->out, "%s%.*s: %s", i == 0 ? "" : ", ", STR_ARG(fields[i].name),
                   fields[i].hole ? "unspecified"
                                  : vocabulary_word_text(LIST_field_kinds, fields[i].kind));
    buf_char(p->out, '}');
    return true;
}

/* ---- needs, keep, texts ---- */

void print_needs_list(struct printing *p, const struct needs *needs)
{
    if (needs->hole && needs->count == 0) {
        buf_text(p->out, "unspecified");
        return;
    }
    if (needs->count == 0) {
        buf_text(p->out, "none");
        return;
    }
    buf_char(p->out, '[');
    for (uint16_t i = 0; i < needs->count; i++) {
        buf_text(p->out, i == 0 ? "" : ", ");
        for (uint16_t j = 0; j < needs->all[i].count; j++) {
            buf_text(p->out, j == 0 ? "" : " or ");
            buf_add(p->out, print_clause_name(p, SECTION_evidence, needs->all[i].any[j]));
        }
    }
    buf_text(p->out, needs->hole ? ", unspecified]" : "]");
}

bool print_needs(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    const struct needs *needs = member;
    const struct needs *all = &p->plan->right[RIGHT_ALL].needs;
    bool inherited = key->section == SECTION_rights && needs != all && needs->all == all->all &&
                     needs->count == all->count && needs->hole == all->hole;
    if (!needs->stated || inherited)
        return false;
    print_needs_list(p, needs);
    return true;
}

static void print_scalar_moment(struct printing *p, const struct moment *moment)
{
    buf_char(p->out, '"');
    buf_moment(p->out, p->plan, moment);
    buf_char(p->out, '"');
}

void print_covers_list(struct printing *p, const struct covers *covers)
{
    print_texts(p, covers->at, covers->count);
}

static void print_keep_entry(struct printing *p, const struct keep_entry *entry)
{
    buf_text(p->out, "{until: ");
    print_scalar_moment(p, entry->until);
    if (entry->of.stated) {
        buf_text(p->out, ", of: ");
        print_field_set(p, &entry->of);
    }
    if (entry->needs.stated) {
        buf_text(p->out, ", needs: ");
        print_needs_list(p, &entry->needs);
    }
    if (entry->covers.count > 0) {
        buf_text(p->out, ", covers: ");
        print_covers_list(p, &entry->covers);
    }
    buf_char(p->out, '}');
}

/* A scalar's entry has the path of its key; a list's ends in a number. */
static bool is_scalar_keep(const struct keep *keep)
{
    return keep->count == 1 && !str_ends(keep->at[0].path, STR("]"));
}

bool print_keep(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct keep *keep = member;
    if (keep->hole || keep->none) {
        buf_text(p->out, keep->hole ? "unspecified" : "none");
        return true;
    }
    if (keep->count == 0)
        return false;
    if (is_scalar_keep(keep)) {
        print_scalar_moment(p, keep->at[0].until);
        return true;
    }
    buf_char(p->out, '[');
    for (uint16_t i = 0; i < keep->count; i++) {
        buf_text(p->out, i == 0 ? "" : ", ");
        print_keep_entry(p, &keep->at[i]);
    }
    buf_char(p->out, ']');
    return true;
}

void print_says_map(struct printing *p, const struct says *says)
{
    CLEANUP(print_scratch_free) str *languages = print_scratch(says->count, sizeof(str));
    for (uint16_t i = 0; i < says->count; i++)
        languages[i] = print_text_of(p, says->at[i].language);
    qsort(languages, says->count, sizeof(str), print_compare_texts);
    buf_char(p->out, '{');
    for (uint16_t i = 0; i < says->count; i++) {
        buf_text(p->out, i == 0 ? "" : ", ");
        buf_yaml_scalar(p->out, languages[i]);
        buf_text(p->out, ": ");
        for (uint16_t j = 0; j < says->count; j++)
            if (str_equal(print_text_of(p, says->at[j].language), languages[i]))
                buf_yaml_scalar(p->out, says->at[j].text);
    }
    buf_char(p->out, '}');
}

bool print_says(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct says *says = member;
    if (says->count > 0)
        print_says_map(p, says);
    return says->count > 0;
}

struct said_field {
    str name;
    const struct plan_field *field;
};

bool print_says_of(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    (void)member;
    CLEANUP(print_scratch_free)
    struct said_field *fields = print_scratch(p->plan->field_count, sizeof(*fields));
    size_t count = 0;
    for (uint16_t i = 0; i < p->plan->field_count; i++) {
        const struct plan_field *field = &p->plan->field[i];
        if (field->says.count > 0)
            fields[count++] = (struct said_field){print_text_of(p, field->name), field};
    }
    if (count == 0)
        return false;
    qsort(fields, count, sizeof(*fields), print_compare_texts);
    buf_char(p->out, '{');
    for (size_t i = 0; i < count; i++) {
        const struct plan_category *category = &p->plan->category[fields[i].field->category];
        buf_format(p->out, "%s%.*s.fields.%.*s: ", i == 0 ? "" : ", ",
                   STR_ARG(category->clause.path),
                   STR_ARG(print_text_of(p, fields[i].field->short_name)));
        print_says_map(p, &fields[i].field->says);
    }
    buf_char(p->out, '}');
    return true;
}

bool print_finding_says(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    if (print_text(p, key, member))
        return true;
    return print_says(p, key, &p->clause->says);
}

bool print_covers(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct covers *covers = member;
    if (covers->count > 0)
        print_covers_list(p, covers);
    return covers->count > 0;
}

bool print_named(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct plan_recipient *r = OWNER_CONST(member, struct plan_recipient, named);
    if (r->named_stated)
        print_texts(p, r->named, r->named_count);
    return r->named_stated;
}

/* ---- values with a form of their own ---- */

bool print_vern(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    (void)member;
    buf_char(p->out, '1');
    return true;
}

bool print_effective(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)member;
    return print_text(p, key, &p->plan->effective_text);
}

bool print_acting(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    if (*(const bool *)member)
        buf_text(p->out, "processor");
    return *(const bool *)member;
}

/* What an objection does by law is not said; what is stricter is. */
bool print_objection(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    const struct plan_purpose *purpose = OWNER_CONST(member, struct plan_purpose, objection);
    bool weighed =
        purpose->basis == BASIS_LEGITIMATE_INTEREST || purpose->basis == BASIS_PUBLIC_TASK;
    enum objection by_law = purpose->marketing == MARKETING_OWN ? OBJECTION_ABSOLUTE
                            : weighed                           ? OBJECTION_WEIGHED
                                                                : OBJECTION_NONE;
    if (purpose->objection == by_law)
        return false;
    buf_text(p->out, vocabulary_word_text((enum word_list)key->target, purpose->objection));
    return true;
}

static int compare_channels(const void *left, const void *right)
{
    const struct plan_channel *a = *(const struct plan_channel *const *)left;
    const struct plan_channel *b = *(const struct plan_channel *const *)right;
    return str_compare(a->path, b->path); /* same parent, so the channel decides */
}

bool print_channels(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct plan_message *message = OWNER_CONST(member, struct plan_message, channels);
    if (message->channels == NULL)
        return false;
    CLEANUP(print_scratch_free)
    const struct plan_channel **sorted = print_scratch(message->channel_count, sizeof(*sorted));
    for (uint16_t i = 0; i < message->channel_count; i++)
        sorted[i] = &message->channels[i];
    qsort(sorted, message->channel_count, sizeof(*sorted), compare_channels);
    buf_char(p->out, '{');
    for (uint16_t i = 0; i < message->channel_count; i++) {
        buf_format(p->out, "%s%.*s: {", i == 0 ? "" : ", ",
                   STR_ARG(print_text_of(p, sorted[i]->name)));
        bool needs = sorted[i]->needs.stated, covers = sorted[i]->covers.count > 0;
        if (needs) {
            buf_text(p->out, "needs: ");
            print_needs_list(p, &sorted[i]->needs);
        }
        if (covers) {
            buf_text(p->out, needs ? ", covers: " : "covers: ");
            print_covers_list(p, &sorted[i]->covers);
        }
        buf_char(p->out, '}');
    }
    buf_char(p->out, '}');
    return true;
}

static void print_inner_key(struct printing *p, const char *name, bool *first)
{
    buf_format(p->out, "%s%s: ", *first ? "" : ", ", name);
    *first = false;
}

bool print_stops(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct plan_switch *stop = OWNER_CONST(member, struct plan_switch, stops_purposes);
    if (!stop->stops_purposes.stated && !stop->stops_messages.stated &&
        !stop->stops_recipients.stated)
        return false;
    static const char *const NAMES[] = {"purposes", "messages", "recipients"};
    const struct refs *refs[] = {&stop->stops_purposes, &stop->stops_messages,
                                 &stop->stops_recipients};
    bool first = true;
    buf_char(p->out, '{');
    for (size_t i = 0; i < LENGTH(NAMES); i++) {
        if (!refs[i]->stated)
            continue;
        print_inner_key(p, NAMES[i], &first);
        print_refs(p, vocabulary_key(SECTION_stops, str_from(NAMES[i])), refs[i]);
    }
    buf_char(p->out, '}');
    return true;
}

bool print_home(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)member;
    const struct plan_places *places = &p->plan->places;
    bool hole = print_has_hole(&places->clause, STR("places.home.zone"));
    bool first = true;
    buf_char(p->out, '{');
    if (places->home != HOME_ANY || hole) {
        print_inner_key(p, "zone", &first);
        buf_text(p->out, hole ? "unspecified"
                              : vocabulary_word_text((enum word_list)key->target, places->home));
    }
    if (places->home_needs.stated) {
        print_inner_key(p, "needs", &first);
        print_needs_list(p, &places->home_needs);
    }
    if (places->home_covers.count > 0) {
        print_inner_key(p, "covers", &first);
        print_covers_list(p, &places->home_covers);
    }
    if (places->home_says.count > 0) {
        print_inner_key(p, "says", &first);
        print_says_map(p, &places->home_says);
    }
    buf_char(p->out, '}');
    return true;
}

bool print_outside(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    (void)member;
    const struct plan_places *places = &p->plan->places;
    if (!places->outside_stated)
        return false;
    bool first = true;
    buf_char(p->out, '{');
    if (places->outside_needs.stated) {
        print_inner_key(p, "needs", &first);
        print_needs_list(p, &places->outside_needs);
    }
    if (places->outside_covers.count > 0) {
        print_inner_key(p, "covers", &first);
        print_covers_list(p, &places->outside_covers);
    }
    if (places->outside_says.count > 0) {
        print_inner_key(p, "says", &first);
        print_says_map(p, &places->outside_says);
    }
    buf_char(p->out, '}');
    return true;
}
