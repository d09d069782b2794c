/* A plan as canonical YAML: the rows of vocabulary.def once more, this time for writing. Clauses
 * and names stand in the order of the alphabet, so that two files that say the same print the same;
 * what is as it would be without being said is left out. */
#include <stdlib.h>
#include "load_internal.h"

struct printing {
    const struct plan *plan;
    struct buf *out;
    const struct clause *clause; /* whose keys are being printed */
    bool in_flow;                /* inside { } */
    bool first;                  /* no key of this map yet */
};

typedef bool printer(struct printing *p, const struct vocabulary_key *key, const void *member);

/* ---- small parts ---- */

static str text_of(const struct printing *p, word w)
{
    return words_text(p->plan->words, w);
}

static bool clause_has_hole(const struct clause *clause, str path)
{
    for (uint16_t i = 0; i < clause->hole_count; i++)
        if (str_equal(clause->holes[i], path))
            return true;
    return false;
}

static int compare_texts(const void *left, const void *right)
{
    return str_compare(*(const str *)left, *(const str *)right);
}

/* Prints names in the order of the alphabet, each once. */
static void print_names(struct printing *p, str *names, size_t count, bool hole)
{
    if (count > 1)
        qsort(names, count, sizeof(*names), compare_texts);
    buf_char(p->out, '[');
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && str_equal(names[i - 1], names[i]))
            continue;
        buf_text(p->out, first ? "" : ", ");
        first = false;
        buf_yaml_scalar(p->out, names[i]);
    }
    if (hole)
        buf_text(p->out, first ? "unspecified" : ", unspecified");
    buf_char(p->out, ']');
}

static void *scratch(size_t count, size_t size)
{
    void *memory = calloc(count + 4, size);
    if (memory == NULL)
        abort();
    return memory;
}

static void scratch_free(void *memory)
{
    free(*(void **)memory);
}

static void print_texts(struct printing *p, const str *texts, uint16_t count)
{
    buf_char(p->out, '[');
    for (uint16_t i = 0; i < count; i++) {
        buf_text(p->out, i == 0 ? "" : ", ");
        buf_yaml_scalar(p->out, texts[i]);
    }
    buf_char(p->out, ']');
}

/* ---- scalars: each returns false when there is nothing to say ---- */

static bool print_text(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const str *text = member;
    if (text->ptr == NULL)
        return false;
    buf_yaml_scalar(p->out, *text);
    return true;
}

static bool print_word(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    word w = *(const word *)member;
    if (w != 0)
        buf_yaml_scalar(p->out, text_of(p, w));
    return w != 0;
}

/* Optional enums hold 0 when they are not said. */
static bool print_enum(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    unsigned value = *(const unsigned *)member;
    const char *text = vocabulary_word_text((enum word_list)key->target, value);
    if (*text == '\0' || (value == 0 && (key->flags & KEY_REQUIRED) == 0))
        return false;
    buf_text(p->out, text);
    return true;
}

static bool print_evidence_kind(struct printing *p, const struct vocabulary_key *key,
                                const void *member)
{
    unsigned by_name = KIND_RECORD;
    (void)vocabulary_word(LIST_kinds, text_of(p, p->clause->name), &by_name);
    if (*(const unsigned *)member == by_name)
        return false;
    buf_text(p->out, vocabulary_word_text((enum word_list)key->target, *(const unsigned *)member));
    return true;
}

static bool print_flag(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    if (*(const bool *)member)
        buf_text(p->out, "true");
    return *(const bool *)member;
}

static bool print_count(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    uint32_t count = *(const uint32_t *)member;
    if (count > 0)
        buf_u64(p->out, count);
    return count > 0;
}

static bool print_span(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct span *span = member;
    if (!span->stated)
        return false;
    if (span->hole)
        buf_text(p->out, "unspecified");
    else
        buf_span(p->out, *span);
    return true;
}

static bool print_within(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    const struct span *span = member, *all = &p->plan->right[RIGHT_ALL].within;
    bool same = span->count == all->count && span->unit == all->unit && span->hole == all->hole;
    bool usual = span->count == 1 && span->unit == UNIT_MONTH && !span->hole;
    bool of_all = p->clause == &p->plan->right[RIGHT_ALL].clause;
    return (of_all ? usual : same) ? false : print_span(p, key, member);
}

/* ---- lists of words ---- */

static void print_mask_of(struct printing *p, enum word_list list, uint32_t mask)
{
    str names[32];
    size_t count = 0;
    for (unsigned bit = 0; bit < 32; bit++)
        if ((mask >> bit & 1) != 0 && *vocabulary_word_text(list, bit) != '\0')
            names[count++] = str_from(vocabulary_word_text(list, bit));
    print_names(p, names, count, false);
}

static bool print_mask(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    uint32_t mask = *(const uint32_t *)member;
    bool every_basis = key->target == LIST_bases && mask == (1u << BASIS_COUNT) - 2;
    bool always = key->target == LIST_slots || key->target == LIST_bases;
    if (every_basis || (mask == 0 && !always))
        return false;
    print_mask_of(p, (enum word_list)key->target, mask);
    return true;
}

static bool print_may(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    const struct plan_staff *staff = OWNER_CONST(member, struct plan_staff, may);
    uint32_t usual = staff->purposes.stated ? MAY_READ | MAY_CHANGE : 0;
    if (staff->may == usual)
        return false;
    print_mask_of(p, (enum word_list)key->target, staff->may);
    return true;
}

static bool print_cookie_per(struct printing *p, const struct vocabulary_key *key,
                             const void *member)
{
    (void)key;
    if (*(const bool *)member)
        buf_text(p->out, "[cookie]");
    return *(const bool *)member;
}

static bool print_on_end(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    const bool *ends = member;
    uint32_t mask = (ends[0] ? 1u : 0) | (ends[1] ? 2u : 0);
    if (mask == 0)
        return false;
    print_mask_of(p, (enum word_list)key->target, mask);
    return true;
}

static bool print_words(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const word *list = *(const word *const *)member;
    uint16_t count = *MEMBER_CONST(member, sizeof(list), uint16_t);
    if (count == 0)
        return false;
    buf_char(p->out, '[');
    for (uint16_t i = 0; i < count; i++) {
        buf_text(p->out, i == 0 ? "" : ", ");
        buf_yaml_scalar(p->out, text_of(p, list[i]));
    }
    buf_char(p->out, ']');
    return true;
}

static bool print_channel_list(struct printing *p, const struct vocabulary_key *key,
                               const void *member)
{
    if (print_words(p, key, member))
        return true;
    bool stated = *MEMBER_CONST(member, sizeof(word *) + sizeof(uint16_t), bool);
    if (stated)
        buf_text(p->out, "[]");
    return stated;
}

/* ---- references ---- */

static str clause_name(const struct printing *p, enum section section, plan_index index)
{
    return text_of(p, section_clause(p->plan, section, index)->name);
}

static bool print_refs_with(struct printing *p, const struct vocabulary_key *key,
                            const struct refs *refs, const char *own, const char *other)
{
    if (!refs->stated)
        return false;
    if (refs->all) {
        buf_text(p->out, "all");
        return true;
    }
    if (refs->hole && refs->count == 0 && own == NULL && other == NULL) {
        buf_text(p->out, "unspecified");
        return true;
    }
    CLEANUP(scratch_free) str *names = scratch(refs->count, sizeof(str));
    size_t count = 0;
    for (uint16_t i = 0; i < refs->count; i++)
        names[count++] = clause_name(p, (enum section)key->target, refs->at[i]);
    if (own != NULL)
        names[count++] = str_from(own);
    if (other != NULL)
        names[count++] = str_from(other);
    print_names(p, names, count, refs->hole);
    return true;
}

static bool print_refs(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    return print_refs_with(p, key, member, NULL, NULL);
}

static bool print_ref(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    plan_index index = *(const plan_index *)member;
    if (index != NONE)
        buf_add(p->out, clause_name(p, (enum section)key->target, index));
    return index != NONE;
}

static bool print_starts(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const plan_index *starts = member;
    if (starts[0] != NONE)
        buf_add(p->out, clause_name(p, SECTION_events, starts[0]));
    else if (starts[1] != NONE)
        buf_add(p->out, clause_name(p, SECTION_evidence, starts[1]));
    return starts[0] != NONE || starts[1] != NONE;
}

static bool print_who(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    const struct plan_joint *joint = OWNER_CONST(member, struct plan_joint, who);
    return print_refs_with(p, key, &joint->who, joint->acting ? "acting" : NULL, NULL);
}

static bool print_evidence_by(struct printing *p, const struct vocabulary_key *key,
                              const void *member)
{
    const struct plan_evidence *e = OWNER_CONST(member, struct plan_evidence, by_staff);
    return print_refs_with(p, key, &e->by_staff, e->by_subject ? "subject" : NULL,
                           e->by_other ? "other" : NULL);
}

static bool print_switch_at(struct printing *p, const struct vocabulary_key *key,
                            const void *member)
{
    const struct plan_switch *stop = OWNER_CONST(member, struct plan_switch, at);
    return print_refs_with(p, key, &stop->at, stop->at_stop_link ? "stop_link" : NULL, NULL);
}

static bool print_right_at(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    const struct plan_right *right = OWNER_CONST(member, struct plan_right, at);
    const struct plan_right *all = &p->plan->right[RIGHT_ALL];
    if (right != all && right->at.at == all->at.at && right->at.hole == all->at.hole &&
        right->at_stop_link == all->at_stop_link && right->at_portal == all->at_portal)
        return false;
    return print_refs_with(p, key, &right->at, right->at_stop_link ? "stop_link" : NULL,
                           right->at_portal ? "portal" : NULL);
}

static bool print_event_of(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    return print_ref(p, key, member);
}

/* ---- data ---- */

static bool holds_category(const struct field_set *set, const struct plan_category *category)
{
    for (uint16_t i = 0; i < category->field_count; i++)
        if (!bits_has(set->fields, (plan_index)(category->first_field + i)))
            return false;
    return category->field_count > 0;
}

static void print_field_set(struct printing *p, const struct field_set *set)
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
    CLEANUP(scratch_free) str *names = scratch(plan->field_count, sizeof(str));
    size_t count = 0;
    for (plan_index c = 0; c < plan->category_count; c++) {
        const struct plan_category *category = &plan->category[c];
        bool whole = holds_category(set, category);
        if (whole)
            names[count++] = text_of(p, category->clause.name);
        for (uint16_t i = 0; !whole && i < category->field_count; i++)
            if (bits_has(set->fields, (plan_index)(category->first_field + i)))
                names[count++] = text_of(p, plan->field[category->first_field + i].name);
    }
    print_names(p, names, count, set->hole);
}

static bool print_fields(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct field_set *set = member;
    if (set->stated)
        print_field_set(p, set);
    return set->stated;
}

static bool print_categories(struct printing *p, const struct vocabulary_key *key,
                             const void *member)
{
    (void)key;
    const struct bits *bits = member;
    if (bits_empty(*bits))
        return false;
    CLEANUP(scratch_free) str *names = scratch(p->plan->category_count, sizeof(str));
    size_t count = 0;
    for (plan_index i = 0; i < p->plan->category_count; i++)
        if (bits_has(*bits, i))
            names[count++] = clause_name(p, SECTION_categories, i);
    print_names(p, names, count, false);
    return true;
}

struct named_field {
    str name;
    enum field_kind kind;
    bool hole;
};

static bool print_category_fields(struct printing *p, const struct vocabulary_key *key,
                                  const void *member)
{
    (void)key;
    const struct plan_category *category = OWNER_CONST(member, struct plan_category, fields);
    const struct plan_field *field = &p->plan->field[category->first_field];
    if (category->field_count == 1 && field->name == category->clause.name)
        return false;
    CLEANUP(scratch_free)
    struct named_field *fields = scratch(category->field_count, sizeof(*fields));
    for (uint16_t i = 0; i < category->field_count; i++) {
        char path[256];
        struct buf name = buf_over(path, sizeof(path));
        buf_format(&name, "%.*s.fields.%.*s", STR_ARG(category->clause.path),
                   STR_ARG(text_of(p, field[i].short_name)));
        fields[i] = (struct named_field){text_of(p, field[i].short_name), field[i].kind,
                                         clause_has_hole(&category->clause, buf_str(&name))};
    }
    qsort(fields, category->field_count, sizeof(*fields), compare_texts);
    buf_char(p->out, '{');
    for (uint16_t i = 0; i < category->field_count; i++)
        buf_format(p->out, "%s%.*s: %s", i == 0 ? "" : ", ", STR_ARG(fields[i].name),
                   fields[i].hole ? "unspecified"
                                  : vocabulary_word_text(LIST_field_kinds, fields[i].kind));
    buf_char(p->out, '}');
    return true;
}

/* ---- needs, keep, texts ---- */

static void print_needs_list(struct printing *p, const struct needs *needs)
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
            buf_add(p->out, clause_name(p, SECTION_evidence, needs->all[i].any[j]));
        }
    }
    buf_text(p->out, needs->hole ? ", unspecified]" : "]");
}

static bool print_needs(struct printing *p, const struct vocabulary_key *key, const void *member)
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

static void print_covers_list(struct printing *p, const struct covers *covers)
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

static bool print_keep(struct printing *p, const struct vocabulary_key *key, const void *member)
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

static void print_says_map(struct printing *p, const struct says *says)
{
    CLEANUP(scratch_free) str *languages = scratch(says->count, sizeof(str));
    for (uint16_t i = 0; i < says->count; i++)
        languages[i] = text_of(p, says->at[i].language);
    qsort(languages, says->count, sizeof(str), compare_texts);
    buf_char(p->out, '{');
    for (uint16_t i = 0; i < says->count; i++) {
        buf_text(p->out, i == 0 ? "" : ", ");
        buf_yaml_scalar(p->out, languages[i]);
        buf_text(p->out, ": ");
        for (uint16_t j = 0; j < says->count; j++)
            if (str_equal(text_of(p, says->at[j].language), languages[i]))
                buf_yaml_scalar(p->out, says->at[j].text);
    }
    buf_char(p->out, '}');
}

static bool print_says(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct says *says = member;
    if (says->count > 0)
        print_says_map(p, says);
    return says->count > 0;
}

static bool print_finding_says(struct printing *p, const struct vocabulary_key *key,
                               const void *member)
{
    if (print_text(p, key, member))
        return true;
    return print_says(p, key, &p->clause->says);
}

static bool print_covers(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct covers *covers = member;
    if (covers->count > 0)
        print_covers_list(p, covers);
    return covers->count > 0;
}

static bool print_named(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct plan_recipient *r = OWNER_CONST(member, struct plan_recipient, named);
    if (r->named_stated)
        print_texts(p, r->named, r->named_count);
    return r->named_stated;
}

/* ---- values with a form of their own ---- */

static bool print_vern(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    (void)member;
    buf_char(p->out, '1');
    return true;
}

static bool print_effective(struct printing *p, const struct vocabulary_key *key,
                            const void *member)
{
    (void)member;
    return print_text(p, key, &p->plan->effective_text);
}

static bool print_acting(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    if (*(const bool *)member)
        buf_text(p->out, "processor");
    return *(const bool *)member;
}

/* What an objection does by law is not said; what is stricter is. */
static bool print_objection(struct printing *p, const struct vocabulary_key *key,
                            const void *member)
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

static bool print_channels(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)key;
    const struct plan_message *message = OWNER_CONST(member, struct plan_message, channels);
    if (message->channels == NULL)
        return false;
    CLEANUP(scratch_free)
    const struct plan_channel **sorted = scratch(message->channel_count, sizeof(*sorted));
    for (uint16_t i = 0; i < message->channel_count; i++)
        sorted[i] = &message->channels[i];
    qsort(sorted, message->channel_count, sizeof(*sorted), compare_channels);
    buf_char(p->out, '{');
    for (uint16_t i = 0; i < message->channel_count; i++) {
        buf_format(p->out, "%s%.*s: {", i == 0 ? "" : ", ", STR_ARG(text_of(p, sorted[i]->name)));
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

static bool print_stops(struct printing *p, const struct vocabulary_key *key, const void *member)
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

static bool print_home(struct printing *p, const struct vocabulary_key *key, const void *member)
{
    (void)member;
    const struct plan_places *places = &p->plan->places;
    bool hole = clause_has_hole(&places->clause, STR("places.home.zone"));
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

static bool print_outside(struct printing *p, const struct vocabulary_key *key, const void *member)
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

/* ---- dispatch ---- */

static printer *const PRINTERS[VALUE_TYPE_COUNT] = {
    [VALUE_TEXT] = print_text,
    [VALUE_WORD] = print_word,
    [VALUE_CHANNEL] = print_word,
    [VALUE_ENUM] = print_enum,
    [VALUE_FLAG] = print_flag,
    [VALUE_COUNT] = print_count,
    [VALUE_SPAN] = print_span,
    [VALUE_MASK] = print_mask,
    [VALUE_MAY] = print_may,
    [VALUE_WORDS] = print_words,
    [VALUE_WORD_LIST] = print_words,
    [VALUE_CHANNEL_LIST] = print_channel_list,
    [VALUE_REF] = print_ref,
    [VALUE_REFS] = print_refs,
    [VALUE_REFS_ALL] = print_refs,
    [VALUE_FIELDS] = print_fields,
    [VALUE_FIELDS_ALL] = print_fields,
    [VALUE_CATEGORIES] = print_categories,
    [VALUE_NEEDS] = print_needs,
    [VALUE_KEEP] = print_keep,
    [VALUE_MOMENT] = NULL, /* within a keep entry, which prints itself */
    [VALUE_SAYS] = print_says,
    [VALUE_COVERS] = print_covers,
    [VALUE_PATH] = print_text,
    [VALUE_VERN] = print_vern,
    [VALUE_POLICY] = print_word,
    [VALUE_EFFECTIVE] = print_effective,
    [VALUE_TIMEZONE] = print_text,
    [VALUE_LANGUAGES] = print_words,
    [VALUE_ACTING] = print_acting,
    [VALUE_WHO] = print_who,
    [VALUE_CATEGORY_FIELDS] = print_category_fields,
    [VALUE_EVENT_OF] = print_event_of,
    [VALUE_EVIDENCE_BY] = print_evidence_by,
    [VALUE_STARTS] = print_starts,
    [VALUE_OBJECTION] = print_objection,
    [VALUE_COOKIE_PER] = print_cookie_per,
    [VALUE_CHANNELS] = print_channels,
    [VALUE_STOPS] = print_stops,
    [VALUE_SWITCH_AT] = print_switch_at,
    [VALUE_RIGHT_AT] = print_right_at,
    [VALUE_NAMED] = print_named,
    [VALUE_HOME] = print_home,
    [VALUE_OUTSIDE] = print_outside,
    [VALUE_REQUESTS_TO] = print_word,
    [VALUE_ON_END] = print_on_end,
    [VALUE_FINDING_SAYS] = print_finding_says,
    [VALUE_ALARM_TO] = print_words,
};

static printer *printer_of(const struct vocabulary_key *key)
{
    if (key->section == SECTION_evidence && key->type == VALUE_ENUM)
        return print_evidence_kind;
    if (key->section == SECTION_rights && key->type == VALUE_SPAN)
        return print_within;
    return PRINTERS[key->type];
}

static bool key_is_hole(const struct clause *clause, str prefix, const char *name)
{
    for (uint16_t i = 0; i < clause->hole_count; i++) {
        str path = clause->holes[i];
        size_t tail = prefix.len == 0 ? 0 : prefix.len + 1;
        if (path.len == tail + strlen(name) && str_starts(path, prefix) &&
            (prefix.len == 0 || path.ptr[prefix.len] == '.') &&
            str_is(str_slice(path, tail, path.len), name))
            return true;
    }
    return false;
}

/* Types that print the hole in themselves, since more than the hole may stand there. */
static bool prints_own_hole(enum value_type type)
{
    return type == VALUE_REFS || type == VALUE_REFS_ALL || type == VALUE_FIELDS ||
           type == VALUE_FIELDS_ALL || type == VALUE_NEEDS || type == VALUE_KEEP ||
           type == VALUE_SPAN || type == VALUE_WHO || type == VALUE_EVIDENCE_BY ||
           type == VALUE_SWITCH_AT || type == VALUE_RIGHT_AT;
}

/* Prints one key of a clause, if it says anything. The key is written first and taken back when the
 * value turns out to be silent. */
static void print_key(struct printing *p, const struct vocabulary_key *key, const void *base,
                      str prefix)
{
    size_t before_key = p->out->len;
    buf_text(p->out, p->in_flow ? (p->first ? "" : ", ") : "");
    buf_format(p->out, "%s: ", key->name);
    const void *member = MEMBER_CONST(base, key->offset, void);
    bool said;
    if (key_is_hole(p->clause, prefix, key->name) && !prints_own_hole(key->type)) {
        buf_text(p->out, "unspecified");
        said = true;
    } else {
        said = printer_of(key)(p, key, member);
    }
    if (!said) {
        p->out->len = before_key;
        return;
    }
    buf_text(p->out, p->in_flow ? "" : "\n");
    p->first = false;
}

/* ---- clauses and sections ---- */

static void print_clause_keys(struct printing *p, enum section section, const struct clause *clause)
{
    p->clause = clause;
    p->in_flow = true;
    p->first = true;
    buf_char(p->out, '{');
    for (size_t i = 0; i < VOCABULARY_KEY_COUNT; i++) {
        const struct vocabulary_key *key = &VOCABULARY_KEYS[i];
        bool common = key->section == SECTION_any && vocabulary_has_common_keys(section);
        if (key->section == section || common)
            print_key(p, key, clause, clause->path);
    }
    buf_char(p->out, '}');
}

static bool is_whole_hole(const struct clause *clause)
{
    return clause_has_hole(clause, clause->path);
}

static void print_value(struct printing *p, enum section section, const struct clause *clause)
{
    if (section == SECTION_sets)
        print_field_set(p, &((const struct plan_set *)(const void *)clause)->fields);
    else if (section == SECTION_always)
        print_covers_list(p, &clause->covers);
}

static void print_clause(struct printing *p, enum section section, const struct clause *clause)
{
    if (VOCABULARY_SECTIONS[section].form == FORM_ITEMS)
        buf_text(p->out, "  - ");
    else
        buf_format(p->out, "  %.*s: ", STR_ARG(text_of(p, clause->name)));
    if (section != SECTION_sets && is_whole_hole(clause))
        buf_text(p->out, "unspecified");
    else if (VOCABULARY_SECTIONS[section].form == FORM_VALUES)
        print_value(p, section, clause);
    else
        print_clause_keys(p, section, clause);
    buf_char(p->out, '\n');
}

struct sorted_clause {
    str name;
    const struct clause *clause;
};

static str sort_name(const struct printing *p, enum section section, const struct clause *clause)
{
    if (section == SECTION_findings)
        return ((const struct plan_finding *)(const void *)clause)->id;
    return text_of(p, clause->name);
}

static void print_clauses(struct printing *p, enum section section)
{
    uint16_t first = section == SECTION_evidence ? (uint16_t)KIND_COUNT : 0;
    uint16_t count = section_count(p->plan, section);
    if (key_is_hole(&p->plan->top, STR(""), VOCABULARY_SECTIONS[section].name)) {
        buf_format(p->out, "%s: unspecified\n", VOCABULARY_SECTIONS[section].name);
        return;
    }
    if (count <= first)
        return;
    CLEANUP(scratch_free) struct sorted_clause *sorted = scratch(count, sizeof(*sorted));
    size_t shown = 0;
    for (uint16_t i = first; i < count; i++) {
        const struct clause *clause = section_clause(p->plan, section, i);
        sorted[shown++] = (struct sorted_clause){sort_name(p, section, clause), clause};
    }
    qsort(sorted, shown, sizeof(*sorted), compare_texts);
    buf_format(p->out, "%s:\n", VOCABULARY_SECTIONS[section].name);
    for (size_t i = 0; i < shown; i++)
        print_clause(p, section, sorted[i].clause);
}

static void print_rights(struct printing *p)
{
    bool any = false;
    if (key_is_hole(&p->plan->top, STR(""), "rights")) {
        buf_text(p->out, "rights: unspecified\n");
        return;
    }
    for (enum right right = 0; right < RIGHT_COUNT; right++) {
        if (!p->plan->right[right].stated)
            continue;
        buf_text(p->out, any ? "" : "rights:\n");
        any = true;
        print_clause(p, SECTION_rights, &p->plan->right[right].clause);
    }
}

static void print_single(struct printing *p, enum section section)
{
    const struct clause *clause =
        MEMBER_CONST(p->plan, VOCABULARY_SECTIONS[section].array, struct clause);
    if (clause->line == 0)
        return;
    buf_format(p->out, "%s: ", VOCABULARY_SECTIONS[section].name);
    if (is_whole_hole(clause))
        buf_text(p->out, "unspecified");
    else
        print_clause_keys(p, section, clause);
    buf_char(p->out, '\n');
}

void plan_print(const struct plan *plan, struct buf *out)
{
    struct printing p = {.plan = plan, .out = out, .clause = &plan->top, .first = true};
    for (size_t i = 0; i < VOCABULARY_KEY_COUNT; i++)
        if (VOCABULARY_KEYS[i].section == SECTION_top)
            print_key(&p, &VOCABULARY_KEYS[i], plan, STR(""));
    for (enum section s = 0; s < SECTION_COUNT; s++) {
        if (!vocabulary_is_top_level(s))
            continue;
        if (s == SECTION_rights)
            print_rights(&p);
        else if (VOCABULARY_SECTIONS[s].form == FORM_SINGLE)
            print_single(&p, s);
        else
            print_clauses(&p, s);
    }
}

void plan_print_key(const struct plan *plan, const struct vocabulary_key *key,
                    const struct clause *clause, const void *base, struct buf *out)
{
    bool top = key->section == SECTION_top;
    struct printing p = {
        .plan = plan, .out = out, .clause = clause, .in_flow = true, .first = true};
    print_key(&p, key, base, top ? STR("") : clause->path);
}
