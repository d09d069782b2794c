/* Walks a policy's tree by the vocabulary and notes each place where an id stands; the text is then
 * written again with those places replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rename.h"
#include "vocabulary.h"
#include "yaml_tree.h"

enum { TEXT_BYTES = 1 << 20, ID_LETTERS = 9 };

struct patch {
    size_t from, length; /* in the text */
    str to;
};
struct rewrite {
    struct names *names;
    str text;
    LIST(struct patch) patches;
};

/* ---- names ---- */

static uint64_t draw(struct names *names)
{
    names->state ^= names->state << 13;
    names->state ^= names->state >> 7;
    names->state ^= names->state << 17;
    return names->state;
}

static const struct renamed *look_up(const struct names *names, str section, str from)
{
    for (size_t i = 0; i < names->list.count; i++) {
        const struct renamed *one = &names->list.at[i];
        if (str_equal(one->section, section) && str_equal(one->from, from))
            return one;
    }
    return NULL;
}

static str new_id(struct names *names, str from)
{
    if (names->state == 0)
        return arena_copy(names->arena, from);
    char text[ID_LETTERS];
    for (size_t i = 0; i < ID_LETTERS; i++)
        text[i] = (char)('a' + (char)(draw(names) % 26));
    return arena_copy(names->arena, (str){text, ID_LETTERS});
}

static void add_to(struct names *names, const char *section, str from, str to)
{
    if (look_up(names, str_from(section), from) != NULL)
        return;
    struct renamed *added = LIST_ADD(names->arena, &names->list);
    if (added == NULL)
        fail_msg("too many names");
    *added = (struct renamed){str_from(section), arena_copy(names->arena, from), to};
}

static bool is_kind(str id)
{
    unsigned ignored;
    return vocabulary_word(LIST_kinds, id, &ignored);
}

static void add(struct names *names, const char *section, str from)
{
    bool stays = strcmp(section, "evidence") == 0 && is_kind(from);
    add_to(names, section, from, stays ? arena_copy(names->arena, from) : new_id(names, from));
}

str names_find(const struct names *names, str section, str from)
{
    const struct renamed *found = look_up(names, section, from);
    if (found == NULL)
        fail_msg("the policy has no %.*s.%.*s", STR_ARG(section), STR_ARG(from));
    return found->to;
}

/* ---- collecting ---- */

static str dotted_name(struct names *names, str category, str field)
{
    return arena_format(names->arena, "%.*s.%.*s", STR_ARG(category), STR_ARG(field));
}

/* A category without `fields` is one field of its own name. */
static void collect_fields(struct names *names, str category, const struct yaml_node *fields)
{
    str to = names_find(names, STR("categories"), category);
    if (fields == NULL)
        add_to(names, "fields", dotted_name(names, category, category), dotted_name(names, to, to));
    for (const struct yaml_node *field = fields == NULL ? NULL : fields->first; field != NULL;
         field = field->next)
        add_to(names, "fields", dotted_name(names, category, field->key),
               dotted_name(names, to, new_id(names, field->key)));
}

static void collect_asks(struct names *names, const struct yaml_node *evidence)
{
    const struct yaml_node *asks = yaml_get(evidence, STR("asks"));
    for (const struct yaml_node *one = asks == NULL ? NULL : asks->first; one != NULL;
         one = one->next) {
        if (str_is(one->text, "until"))
            add_to(names, "asks", one->text, one->text);
        else
            add(names, "asks", one->text);
    }
}

static void collect_clause(struct names *names, str section, const struct yaml_node *clause)
{
    const char *name = arena_c_string(names->arena, section);
    add(names, name, clause->key.ptr != NULL ? clause->key : clause->text);
    if (str_is(section, "categories"))
        collect_fields(names, clause->key, yaml_get(clause, STR("fields")));
    if (str_is(section, "evidence"))
        collect_asks(names, clause);
}

static bool has_ids(str section)
{
    enum section s = vocabulary_section(section);
    if (s == SECTION_COUNT || s == SECTION_always || !vocabulary_is_top_level(s))
        return false;
    enum section_form form = VOCABULARY_SECTIONS[s].form;
    return form == FORM_CLAUSES || form == FORM_NAMES || form == FORM_VALUES;
}

static struct yaml_node *read_tree(struct names *names, str text)
{
    struct yaml_faults faults = {0};
    struct report report = {0};
    struct yaml_node *root;
    if (!is_ok(yaml_read(text, names->arena, &faults, &report, &root)))
        fail_msg("a policy does not read: %s", report.text);
    return root;
}

/* "events.order_placed" of a deployment's `add`. */
static void collect_added(struct names *names, struct yaml_node *node)
{
    str rest = node->key, section, id;
    if (!str_next(&rest, '.', &section) || !str_next(&rest, '.', &id) || !has_ids(section))
        return;
    str whole = node->key;
    node->key = id;
    collect_clause(names, section, node);
    node->key = whole;
}

void names_collect(struct names *names, str policy, str deployment)
{
    struct yaml_node *root = read_tree(names, policy);
    for (struct yaml_node *section = root->first; section != NULL; section = section->next) {
        if (str_is(section->key, "policy")) {
            names->policy_from = section->text;
            names->policy_to = new_id(names, section->text);
        }
        if (!has_ids(section->key))
            continue;
        for (struct yaml_node *one = section->first; one != NULL; one = one->next)
            collect_clause(names, section->key, one);
    }
    if (str_is_empty(deployment))
        return;
    const struct yaml_node *root_of = read_tree(names, deployment);
    const struct yaml_node *set = yaml_get(root_of, STR("set"));
    for (struct yaml_node *one = set == NULL ? NULL : set->first; one != NULL; one = one->next) {
        str rest = one->key, section, id; /* "categories.contact.fields" */
        if (str_starts(one->key, STR("categories.")) && str_ends(one->key, STR(".fields")) &&
            str_next(&rest, '.', &section) && str_next(&rest, '.', &id))
            collect_fields(names, id, one);
    }
    const struct yaml_node *added = yaml_get(root_of, STR("add"));
    for (struct yaml_node *one = added == NULL ? NULL : added->first; one != NULL; one = one->next)
        collect_added(names, one);
}

/* ---- places in the text ---- */

static size_t offset_of(str text, uint32_t line, uint32_t column)
{
    size_t at = 0;
    for (uint32_t l = 1; l < line; l++)
        while (text.ptr[at++] != '\n') {
        }
    for (uint32_t c = 1; c < column; c++) {
        at++;
        while (at < text.len && ((unsigned char)text.ptr[at] & 0xc0) == 0x80)
            at++;
    }
    return at;
}

static void patch(struct rewrite *work, size_t from, size_t length, str to)
{
    struct patch *added = LIST_ADD(work->names->arena, &work->patches);
    if (added == NULL)
        fail_msg("too many places");
    *added = (struct patch){from, length, to};
}

static bool id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* The next run of id characters (with dots, when `dotted`) at or after *at. */
static bool next_id(str text, size_t *at, bool dotted, str *id)
{
    size_t from = *at;
    while (from < text.len && !id_char(text.ptr[from]))
        from++;
    size_t to = from;
    while (to < text.len && (id_char(text.ptr[to]) || (dotted && text.ptr[to] == '.')))
        to++;
    *id = str_slice(text, from, to);
    *at = to;
    return from < to;
}

static str in_sections(const struct rewrite *work, str id, const char *const *sections)
{
    for (size_t i = 0; sections[i] != NULL; i++) {
        const struct renamed *found = look_up(work->names, str_from(sections[i]), id);
        if (found != NULL)
            return found->to;
    }
    return id; /* a word of the language */
}

/* Replaces the ids of a scalar that stands at `place`: its text and the file's have the same ids in
 * the same order, whatever blanks and line ends are between them. */
static void patch_ids(struct rewrite *work, size_t place, str value, bool dotted,
                      const char *const *sections)
{
    size_t at = 0, there = place;
    str id, found;
    while (next_id(value, &at, dotted, &id)) {
        do {
            bool more = next_id(work->text, &there, dotted, &found);
            assert_true(more);
        } while (!str_equal(found, id));
        patch(work, there - id.len, id.len, in_sections(work, id, sections));
    }
}

static const char *const data_words[] = {"fields", "categories", "sets", NULL};
static const char *const moment_words[] = {"events", "evidence", "roles", NULL};
static const char *const evidence_words[] = {"evidence", NULL};
static const char *const start_words[] = {"events", "evidence", NULL};

static size_t value_place(const struct rewrite *work, const struct yaml_node *node)
{
    return offset_of(work->text, node->line, node->column);
}

static size_t key_place(const struct rewrite *work, const struct yaml_node *node)
{
    return offset_of(work->text, node->key_line, node->key_column);
}

/* Every scalar of a value: itself, or the elements of a list. */
static void patch_scalars(struct rewrite *work, const struct yaml_node *node, bool dotted,
                          const char *const *sections)
{
    if (node->kind == YAML_SCALAR) {
        if (!str_is(node->text, "unspecified") && !str_is(node->text, "all") &&
            !str_is(node->text, "none"))
            patch_ids(work, value_place(work, node), node->text, dotted, sections);
        return;
    }
    for (const struct yaml_node *one = node->first; one != NULL; one = one->next)
        patch_scalars(work, one, dotted, sections);
}

/* ---- walking ---- */

static void walk_clause(struct rewrite *work, enum section section, const struct yaml_node *clause);

static void walk_keep(struct rewrite *work, const struct yaml_node *node)
{
    if (node->kind == YAML_SCALAR) {
        patch_scalars(work, node, false, moment_words);
        return;
    }
    for (const struct yaml_node *entry = node->first; entry != NULL; entry = entry->next)
        walk_clause(work, SECTION_keep, entry);
}

static void walk_category_fields(struct rewrite *work, const struct yaml_node *fields, str category)
{
    for (const struct yaml_node *field = fields->first; field != NULL; field = field->next) {
        str from = dotted_name(work->names, category, field->key);
        str to = names_find(work->names, STR("fields"), from), head;
        assert_true(str_next(&to, '.', &head));
        patch(work, key_place(work, field), field->key.len, to);
    }
}

/* A path names a section, an id of it, and then keys. */
static size_t patch_path(struct rewrite *work, size_t place, str path)
{
    str rest = path, section, id, key, field;
    if (!str_next(&rest, '.', &section) || !str_next(&rest, '.', &id) || !has_ids(section))
        return place;
    const char *const in[] = {arena_c_string(work->names->arena, section), NULL};
    size_t at = place + section.len + 1;
    patch(work, at, id.len, in_sections(work, id, in));
    if (str_is(section, "categories") && str_next(&rest, '.', &key) && str_is(key, "fields") &&
        str_next(&rest, '.', &field)) {
        str from = dotted_name(work->names, id, field);
        str to = names_find(work->names, STR("fields"), from), head;
        assert_true(str_next(&to, '.', &head));
        patch(work, at + id.len + 1 + key.len + 1, field.len, to);
    }
    return at;
}

static const char *section_name(const struct rewrite *work, int section)
{
    (void)work;
    return VOCABULARY_SECTIONS[section].name;
}

static void walk_value(struct rewrite *work, const struct vocabulary_key *key,
                       const struct yaml_node *node)
{
    const char *target[] = {NULL, NULL, NULL};
    switch (key->type) {
    case VALUE_REF:
    case VALUE_REFS:
    case VALUE_REFS_ALL:
    case VALUE_CATEGORIES:
    case VALUE_WHO:
    case VALUE_EVENT_OF:
    case VALUE_EVIDENCE_BY:
    case VALUE_SWITCH_AT:
    case VALUE_RIGHT_AT:
    case VALUE_REQUESTS_TO:
        target[0] = section_name(work, key->target);
        patch_scalars(work, node, false, target);
        return;
    case VALUE_ALARM_TO:
        target[0] = "contacts";
        target[1] = "staff";
        patch_scalars(work, node, false, target);
        return;
    case VALUE_FIELDS:
    case VALUE_FIELDS_ALL:
        patch_scalars(work, node, true, data_words);
        return;
    case VALUE_NEEDS:
        patch_scalars(work, node, false, evidence_words);
        return;
    case VALUE_STARTS:
        patch_scalars(work, node, false, start_words);
        return;
    case VALUE_WORDS:
        target[0] = "asks";
        patch_scalars(work, node, false, target);
        return;
    case VALUE_MOMENT:
        patch_scalars(work, node, false, moment_words);
        return;
    case VALUE_KEEP:
        walk_keep(work, node);
        return;
    case VALUE_PATH:
        patch_path(work, value_place(work, node) + node->quoted, node->text);
        return;
    case VALUE_CHANNELS:
        for (const struct yaml_node *one = node->first; one != NULL; one = one->next)
            walk_clause(work, SECTION_channel, one);
        return;
    case VALUE_STOPS:
        walk_clause(work, SECTION_stops, node);
        return;
    case VALUE_HOME:
    case VALUE_OUTSIDE:
        if (node->kind == YAML_MAP && yaml_get(node, STR("needs")) != NULL)
            patch_scalars(work, yaml_get(node, STR("needs")), false, evidence_words);
        return;
    case VALUE_SAYS_OF:
        for (const struct yaml_node *one = node->first; one != NULL; one = one->next)
            (void)patch_path(work, key_place(work, one), one->key);
        return;
    case VALUE_POLICY:
        patch(work, value_place(work, node), node->text.len, work->names->policy_to);
        return;
    case VALUE_TEXT:
    case VALUE_WORD:
    case VALUE_CHANNEL:
    case VALUE_ENUM:
    case VALUE_FLAG:
    case VALUE_COUNT:
    case VALUE_SPAN:
    case VALUE_MASK:
    case VALUE_MAY:
    case VALUE_WORD_LIST:
    case VALUE_CHANNEL_LIST:
    case VALUE_SAYS:
    case VALUE_COVERS:
    case VALUE_VERN:
    case VALUE_EFFECTIVE:
    case VALUE_TIMEZONE:
    case VALUE_LANGUAGES:
    case VALUE_ACTING:
    case VALUE_CATEGORY_FIELDS: /* the clause knows its category */
    case VALUE_OBJECTION:
    case VALUE_COOKIE_PER:
    case VALUE_NAMED:
    case VALUE_ON_END:
    case VALUE_FINDING_SAYS:
    case VALUE_TYPE_COUNT:
        return;
    }
}

static void walk_clause(struct rewrite *work, enum section section, const struct yaml_node *clause)
{
    if (clause->kind != YAML_MAP)
        return;
    for (const struct yaml_node *one = clause->first; one != NULL; one = one->next) {
        const struct vocabulary_key *key = vocabulary_key(section, one->key);
        if (key != NULL)
            walk_value(work, key, one);
    }
}

static void walk_named_clause(struct rewrite *work, enum section section,
                              const struct yaml_node *clause, str id)
{
    walk_clause(work, section, clause);
    const struct yaml_node *fields =
        section == SECTION_categories ? yaml_get(clause, STR("fields")) : NULL;
    if (fields != NULL && fields->kind == YAML_MAP)
        walk_category_fields(work, fields, id);
    if (section == SECTION_sets)
        patch_scalars(work, clause, true, data_words);
}

static void walk_section(struct rewrite *work, enum section section, const struct yaml_node *node)
{
    const char *const own[] = {VOCABULARY_SECTIONS[section].name, NULL};
    enum section_form form = VOCABULARY_SECTIONS[section].form;
    if (form == FORM_SINGLE) {
        walk_clause(work, section, node);
        return;
    }
    for (const struct yaml_node *one = node->first; one != NULL; one = one->next) {
        if (one->key.ptr == NULL && form == FORM_NAMES) {
            patch_scalars(work, one, false, own);
            continue;
        }
        if (has_ids(str_from(own[0])))
            patch_ids(work, key_place(work, one), one->key, false, own);
        walk_named_clause(work, section, one, one->key);
    }
}

/* ---- deployment files ---- */

/* What stands at "purposes.recruitment.keep[0].until". */
static const struct vocabulary_key *key_at(str path)
{
    str rest = path, section_word, part, key;
    if (!str_next(&rest, '.', &section_word))
        return NULL;
    enum section section = vocabulary_section(section_word);
    if (section == SECTION_COUNT)
        return vocabulary_key(SECTION_top, section_word);
    bool single = VOCABULARY_SECTIONS[section].form == FORM_SINGLE;
    if (!single && !str_next(&rest, '.', &part))
        return NULL;
    if (!str_next(&rest, '.', &key))
        return NULL;
    if (str_starts(key, STR("keep[")) && str_next(&rest, '.', &part))
        return vocabulary_key(SECTION_keep, part);
    return vocabulary_key(section, key);
}

static void walk_set(struct rewrite *work, const struct yaml_node *one)
{
    patch_path(work, key_place(work, one), one->key);
    if (str_starts(one->key, STR("sets.")))
        patch_scalars(work, one, true, data_words);
    if (str_ends(one->key, STR(".needs"))) {
        patch_scalars(work, one, false, evidence_words);
        return;
    }
    const struct vocabulary_key *key = key_at(one->key);
    str rest = one->key, section, id;
    if (key == NULL)
        return;
    walk_value(work, key, one);
    if (key->type == VALUE_CATEGORY_FIELDS && str_next(&rest, '.', &section) &&
        str_next(&rest, '.', &id))
        walk_category_fields(work, one, id);
}

static void walk_add(struct rewrite *work, const struct yaml_node *one)
{
    str rest = one->key, section, id;
    if (!str_next(&rest, '.', &section) || !str_next(&rest, '.', &id))
        fail_msg("a deployment adds %.*s", STR_ARG(one->key));
    patch_path(work, key_place(work, one), one->key);
    walk_named_clause(work, vocabulary_section(section), one, id);
}

static void walk_deployment(struct rewrite *work, const struct yaml_node *root)
{
    const struct yaml_node *of = yaml_get(yaml_get(root, STR("deploys")), STR("policy"));
    patch(work, value_place(work, of), of->text.len, work->names->policy_to);
    const struct yaml_node *set = yaml_get(root, STR("set")), *added = yaml_get(root, STR("add"));
    for (const struct yaml_node *one = set == NULL ? NULL : set->first; one != NULL;
         one = one->next)
        walk_set(work, one);
    for (const struct yaml_node *one = added == NULL ? NULL : added->first; one != NULL;
         one = one->next)
        walk_add(work, one);
    const struct yaml_node *says = yaml_get(root, STR("says"));
    if (says != NULL)
        walk_value(work, vocabulary_key(SECTION_top, STR("says")), says);
}

static void walk_policy(struct rewrite *work, const struct yaml_node *root)
{
    for (const struct yaml_node *one = root->first; one != NULL; one = one->next) {
        enum section section = vocabulary_section(one->key);
        if (section == SECTION_always)
            continue;
        const struct vocabulary_key *key = vocabulary_key(SECTION_top, one->key);
        if (section != SECTION_COUNT)
            walk_section(work, section, one);
        else if (key != NULL)
            walk_value(work, key, one);
    }
}

/* ---- writing ---- */

static int by_place(const void *a, const void *b)
{
    const struct patch *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

str names_rewrite(struct names *names, str text)
{
    struct rewrite work = {.names = names, .text = text};
    const struct yaml_node *root = read_tree(names, text);
    if (yaml_get(root, STR("deploys")) != NULL)
        walk_deployment(&work, root);
    else
        walk_policy(&work, root);
    qsort(work.patches.at, work.patches.count, sizeof(struct patch), by_place);
    struct buf out = buf_in(names->arena, TEXT_BYTES);
    size_t at = 0;
    for (size_t i = 0; i < work.patches.count; i++) {
        const struct patch *one = &work.patches.at[i];
        assert_true(one->from >= at);
        buf_add(&out, str_slice(text, at, one->from));
        buf_add(&out, one->to);
        at = one->from + one->length;
    }
    buf_add(&out, str_slice(text, at, text.len));
    struct report report = {0};
    str written;
    assert_true(is_ok(buf_finish(&out, &report, &written)));
    return written;
}
