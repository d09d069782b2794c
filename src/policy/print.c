/* A plan as canonical YAML: the rows of vocabulary.def once more, this time for writing. Clauses
 * and names stand in the order of the alphabet, so that two files that say the same print the same;
 * what is as it would be without being said is left out. */
#include <stdlib.h>
#include "print_internal.h"

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
    [VALUE_SAYS_OF] = print_says_of,
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
    buf_text(p->out, key->name);
    buf_text(p->out, ": ");
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
    return print_has_hole(clause, clause->path);
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
        buf_format(p->out, "  %.*s: ", STR_ARG(print_text_of(p, clause->name)));
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
    return print_text_of(p, clause->name);
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
    CLEANUP(print_scratch_free)
    struct sorted_clause *sorted = print_scratch(count, sizeof(*sorted));
    size_t shown = 0;
    for (uint16_t i = first; i < count; i++) {
        const struct clause *clause = section_clause(p->plan, section, i);
        sorted[shown++] = (struct sorted_clause){sort_name(p, section, clause), clause};
    }
    qsort(sorted, shown, sizeof(*sorted), print_compare_texts);
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
