/* From a merged tree to a plan: first every name is declared, so that the order of clauses does not
 * matter; then each clause's keys are read by the rows of vocabulary.def. */
#include <stdio.h>
#include <stdlib.h>
#include <sodium.h>
#include "load_internal.h"
#include "limits.h"

enum { KEPT_PROBLEMS = 200 };

/* ---- problems and places ---- */

struct place place_of(const struct yaml_node *node)
{
    return (struct place){node->file, node->line, node->column};
}

struct place place_of_key(const struct yaml_node *node)
{
    if (node->key.ptr == NULL)
        return place_of(node);
    return (struct place){node->file, node->key_line, node->key_column};
}

struct place place_inside(const struct load *l, const struct yaml_node *scalar, size_t offset)
{
    struct place place = {.file = scalar->file};
    yaml_place(l->files[scalar->file].text, scalar, offset, &place.line, &place.column);
    return place;
}

status problems_add(struct problems *problems, const struct problem *problem, struct report *report)
{
    struct problem copy = *problem;
    str *texts[] = {&copy.rule, &copy.id,         &copy.file,   &copy.path,
                    &copy.text, &copy.suggestion, &copy.article};
    for (size_t i = 0; i < LENGTH(texts); i++) {
        *texts[i] = arena_copy(problems->arena, *texts[i]);
        if (texts[i]->ptr == NULL)
            return NO_MEMORY(report);
    }
    struct problem *added = LIST_ADD(problems->arena, &problems->list);
    if (added == NULL)
        return NO_MEMORY(report);
    *added = copy;
    return OK;
}

static status problem_list(struct load *l, struct problem problem)
{
    if (l->problems->list.count >= KEPT_PROBLEMS)
        return fail(l->report, FAULT_INVALID, "more than %d mistakes; only the first are listed",
                    KEPT_PROBLEMS);
    TRY(problems_add(l->problems, &problem, l->report));
    l->errors++;
    return OK;
}

status load_problem(struct load *l, struct place place, const char *rule, str path, str suggestion,
                    const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (len < 0)
        len = 0;
    if ((size_t)len >= sizeof(text))
        len = (int)sizeof(text) - 1;
    return problem_list(l, (struct problem){
                               .severity = SEVERITY_ERROR,
                               .rule = str_from(rule),
                               .file = l->files[place.file].name,
                               .line = place.line,
                               .column = place.column,
                               .path = path,
                               .text = {text, (size_t)len},
                               .suggestion = suggestion,
                           });
}

status load_path(struct load *l, str path, str name, str *joined)
{
    *joined = arena_format(l->arena, "%.*s.%.*s", STR_ARG(path), STR_ARG(name));
    return joined->ptr == NULL ? NO_MEMORY(l->report) : OK;
}

bool node_is_hole(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && str_is(node->text, "unspecified");
}

status load_hole(struct load *l, const struct value_at *at)
{
    struct clause *clause = at->clause;
    if ((at->key->flags & KEY_CLOSES) != 0)
        clause->closed = true;
    for (uint16_t i = 0; i < clause->hole_count; i++)
        if (str_equal(clause->holes[i], at->path))
            return OK;
    size_t count = clause->hole_count;
    if (count + 1 == NONE)
        return fail(l->report, FAULT_LIMIT, "more than 65534 holes in one clause");
    if ((count & (count - 1)) == 0) { /* full at each power of two */
        str *holes = ARENA_ARRAY(l->arena, str, count == 0 ? 1 : count * 2);
        if (holes == NULL)
            return NO_MEMORY(l->report);
        if (count > 0)
            memcpy(holes, clause->holes, count * sizeof(str));
        clause->holes = holes;
    }
    clause->holes[clause->hole_count++] = at->path;
    return OK;
}

/* ---- sections ---- */

static void *section_array(const struct plan *plan, enum section section)
{
    const char *at = (const char *)plan + VOCABULARY_SECTIONS[section].array;
    void *array;
    memcpy(&array, at, sizeof(array));
    return array;
}

uint16_t section_count(const struct plan *plan, enum section section)
{
    const char *at = (const char *)plan + VOCABULARY_SECTIONS[section].array + sizeof(void *);
    uint16_t count;
    memcpy(&count, at, sizeof(count));
    return count;
}

struct clause *section_clause(const struct plan *plan, enum section section, uint16_t index)
{
    char *array = section_array(plan, section);
    return (struct clause *)(void *)(array + VOCABULARY_SECTIONS[section].size * index);
}

static bool has_array(enum section section)
{
    enum section_form form = VOCABULARY_SECTIONS[section].form;
    return vocabulary_is_top_level(section) && form != FORM_SINGLE && form != FORM_RIGHTS;
}

static plan_index *section_table(const struct load *l, enum section section)
{
    if (section == SECTION_sets)
        return l->set_of;
    if (VOCABULARY_SECTIONS[section].table == VOCABULARY_NOWHERE)
        return NULL;
    plan_index *table;
    memcpy(&table, (const char *)l->plan + VOCABULARY_SECTIONS[section].table, sizeof(table));
    return table;
}

plan_index load_find(const struct load *l, enum section section, str name)
{
    return plan_find(l->plan, section_table(l, section), words_find(l->words, name));
}

void nearest_offer_clauses(struct nearest *nearest, const struct load *l, enum section section)
{
    for (uint16_t i = 0; i < section_count(l->plan, section); i++)
        nearest_offer(nearest, words_text(l->words, section_clause(l->plan, section, i)->name));
}

/* ---- declaring ---- */

static status name_check(struct load *l, enum section section, str name, struct place place)
{
    str path = str_from(VOCABULARY_SECTIONS[section].name);
    unsigned value;
    if (section == SECTION_always && !vocabulary_word(LIST_always, name, &value)) {
        struct nearest nearest = nearest_to(name);
        nearest_offer_words(&nearest, LIST_always);
        return load_problem(l, place, "unknown-word", path, nearest.best,
                            "there is no built-in rule `%.*s`", STR_ARG(name));
    }
    if (!plan_is_id(name))
        return load_problem(l, place, "name", path, STR(""),
                            "`%.*s` is no name: small letters, digits and _", STR_ARG(name));
    if (vocabulary_is_reserved(name))
        return load_problem(l, place, "name", path, STR(""),
                            "`%.*s` is a word of the language and names no clause", STR_ARG(name));
    return OK;
}

static status clause_declare(struct load *l, enum section section, const struct yaml_node *item,
                             uint16_t index)
{
    bool listed = item->key.ptr == NULL;
    str name = listed ? item->text : item->key;
    struct clause *clause = section_clause(l->plan, section, index);
    const char *section_name = VOCABULARY_SECTIONS[section].name;
    clause->line = place_of_key(item).line;
    clause->column = place_of_key(item).column;
    clause->from_deployment = item->file == FILE_DEPLOYMENT;
    if (VOCABULARY_SECTIONS[section].form == FORM_ITEMS) {
        clause->path = arena_format(l->arena, "%s[%u]", section_name, index);
        return clause->path.ptr == NULL ? NO_MEMORY(l->report) : OK;
    }
    if (listed && (item->kind != YAML_SCALAR || item->text.len == 0))
        return load_problem(l, place_of(item), "wrong-value", str_from(section_name), STR(""),
                            "`%s` takes a list of names", section_name);
    TRY(name_check(l, section, name, place_of_key(item)));
    clause->name = words_intern(l->words, name);
    return load_path(l, str_from(section_name), name, &clause->path);
}

/* The value of a section, if it is one that holds clauses. */
static status section_node(struct load *l, enum section section, struct yaml_node **node)
{
    const struct vocabulary_section *row = &VOCABULARY_SECTIONS[section];
    struct yaml_node *found = yaml_get(l->root, str_from(row->name));
    *node = NULL;
    if (found == NULL || node_is_hole(found))
        return OK;
    bool list = row->form == FORM_ITEMS || row->form == FORM_NAMES;
    bool map = row->form != FORM_ITEMS;
    if ((found->kind == YAML_LIST && list) || (found->kind == YAML_MAP && map)) {
        *node = found;
        return OK;
    }
    return load_problem(l, place_of(found), "wrong-value", str_from(row->name), STR(""),
                        "`%s` takes %s", row->name,
                        list && map ? "a list of names, [a, b], or a map: name -> clause"
                        : map       ? "a map: name -> clause"
                                    : "a list of clauses");
}

static status section_declare(struct load *l, enum section section)
{
    struct yaml_node *node;
    TRY(section_node(l, section, &node));
    const struct vocabulary_section *row = &VOCABULARY_SECTIONS[section];
    uint16_t first = section == SECTION_evidence ? (uint16_t)KIND_COUNT : 0;
    size_t count = first + (node == NULL ? 0 : node->count);
    if (count >= NONE)
        return fail(l->report, FAULT_LIMIT, "more than 65534 clauses in `%s`", row->name);
    void *array = count > SIZE_MAX / row->size ? NULL : arena_take(l->arena, count * row->size);
    if (array == NULL)
        return NO_MEMORY(l->report);
    uint16_t stored = (uint16_t)count;
    memcpy((char *)l->plan + row->array, &array, sizeof(array));
    memcpy((char *)l->plan + row->array + sizeof(void *), &stored, sizeof(stored));
    uint16_t index = first;
    for (const struct yaml_node *item = node == NULL ? NULL : node->first; item != NULL;
         item = item->next)
        TRY(clause_declare(l, section, item, index++));
    return OK;
}

static void builtin_evidence(struct load *l)
{
    static const uint32_t BINDS[KIND_COUNT] = {
        [KIND_CONSENT] = 1u << SLOT_SUBJECT | 1u << SLOT_PURPOSE,
        [KIND_AGREEMENT] = 1u << SLOT_SUBJECT | 1u << SLOT_MATTER,
        [KIND_NOTICE] = 1u << SLOT_SUBJECT | 1u << SLOT_PURPOSE | 1u << SLOT_VERSION,
        [KIND_ACKNOWLEDGEMENT] = 1u << SLOT_SUBJECT | 1u << SLOT_PURPOSE | 1u << SLOT_VERSION,
        [KIND_NOTICE_EXCEPTION] = 1u << SLOT_SUBJECT | 1u << SLOT_SOURCE,
        [KIND_IDENTITY] = 1u << SLOT_CASE,
        [KIND_STOP_LINK] = 1u << SLOT_MESSAGE,
        [KIND_EXISTING_CUSTOMER] = 1u << SLOT_SUBJECT,
        [KIND_BALANCING] = 1u << SLOT_PURPOSE,
        [KIND_LEGAL_GROUND] = 1u << SLOT_CASE,
        [KIND_CLAIM] = 1u << SLOT_SUBJECT,
        [KIND_PROCESSOR_AGREEMENT] = 1u << SLOT_RECIPIENT,
        [KIND_SAFEGUARD] = 1u << SLOT_RECIPIENT | 1u << SLOT_PLACE,
        [KIND_ADEQUACY] = 1u << SLOT_PLACE,
        [KIND_TRAINING] = 1u << SLOT_ACTOR,
        [KIND_APPROVAL] = 1u << SLOT_VERSION,
        [KIND_COMPATIBILITY] = 1u << SLOT_PURPOSE,
    };
    for (enum evidence_kind kind = 0; kind < KIND_COUNT; kind++) {
        struct plan_evidence *evidence = &l->plan->evidence[kind];
        evidence->kind = kind;
        evidence->builtin = true;
        evidence->binds = BINDS[kind];
        evidence->clause.name = words_intern(l->words, str_from(evidence_kind_name(kind)));
        evidence->clause.path = str_from(evidence_kind_name(kind));
    }
}

static status field_declare(struct load *l, plan_index category, str short_name, str full_name,
                            struct place place)
{
    struct plan_field *field = &l->plan->field[l->plan->field_count++];
    field->category = category;
    field->name = words_intern(l->words, full_name);
    field->short_name = words_intern(l->words, short_name);
    bool implicit = str_equal(short_name, full_name); /* the category's, which was checked */
    if (implicit || (plan_is_id(short_name) && !vocabulary_is_reserved(short_name)))
        return OK;
    return load_problem(l, place, "name", l->plan->category[category].clause.path, STR(""),
                        "`%.*s` is no name of a field", STR_ARG(short_name));
}

/* Fields lie in one array, those of one category side by side. */
static status category_declare_fields(struct load *l, plan_index index,
                                      const struct yaml_node *item)
{
    struct plan_category *category = &l->plan->category[index];
    const struct yaml_node *fields = yaml_get(item, STR("fields"));
    str name = words_text(l->words, category->clause.name);
    category->first_field = l->plan->field_count;
    if (fields == NULL) {
        TRY(field_declare(l, index, name, name, place_of_key(item)));
    } else if (fields->kind == YAML_MAP) {
        for (const struct yaml_node *field = fields->first; field != NULL; field = field->next) {
            str full = arena_format(l->arena, "%.*s.%.*s", STR_ARG(name), STR_ARG(field->key));
            if (full.ptr == NULL)
                return NO_MEMORY(l->report);
            TRY(field_declare(l, index, field->key, full, place_of_key(field)));
        }
    }
    category->field_count = (uint16_t)(l->plan->field_count - category->first_field);
    return OK;
}

static size_t fields_count(const struct yaml_node *categories)
{
    size_t count = 0;
    for (const struct yaml_node *item = categories == NULL ? NULL : categories->first; item != NULL;
         item = item->next) {
        const struct yaml_node *fields = yaml_get(item, STR("fields"));
        count += fields == NULL ? 1 : fields->count;
    }
    return count;
}

static status fields_declare(struct load *l)
{
    const struct yaml_node *categories = yaml_get(l->root, STR("categories"));
    if (categories == NULL || categories->kind != YAML_MAP)
        return OK;
    size_t count = fields_count(categories);
    if (count >= NONE)
        return fail(l->report, FAULT_LIMIT, "more than 65534 fields");
    l->plan->field = ARENA_ARRAY(l->arena, struct plan_field, count);
    if (l->plan->field == NULL)
        return NO_MEMORY(l->report);
    plan_index index = 0;
    for (const struct yaml_node *item = categories->first; item != NULL; item = item->next)
        TRY(category_declare_fields(l, index++, item));
    for (plan_index i = 0; i < l->plan->category_count; i++) {
        struct plan_category *category = &l->plan->category[i];
        category->fields = bits_new(l->arena, count);
        if (count > 0 && category->fields.at == NULL)
            return NO_MEMORY(l->report);
        for (uint16_t j = 0; j < category->field_count; j++)
            bits_set(category->fields, (plan_index)(category->first_field + j));
    }
    return OK;
}

static status table_new(struct load *l, plan_index **table)
{
    *table = ARENA_ARRAY(l->arena, plan_index, l->plan->word_room);
    if (*table == NULL)
        return NO_MEMORY(l->report);
    memset(*table, 0xff, l->plan->word_room * sizeof(plan_index));
    return OK;
}

static status tables_fill(struct load *l)
{
    l->plan->word_room = (uint32_t)words_count(l->words) + 1;
    TRY(table_new(l, &l->set_of));
    TRY(table_new(l, &l->plan->field_of));
    for (plan_index i = 0; i < l->plan->field_count; i++)
        l->plan->field_of[l->plan->field[i].name] = i;
    for (enum section s = 0; s < SECTION_COUNT; s++) {
        const struct vocabulary_section *row = &VOCABULARY_SECTIONS[s];
        if (!has_array(s))
            continue;
        plan_index *table = l->set_of;
        if (s != SECTION_sets && row->table == VOCABULARY_NOWHERE)
            continue;
        if (s != SECTION_sets) {
            TRY(table_new(l, &table));
            memcpy((char *)l->plan + row->table, &table, sizeof(table));
        }
        for (uint16_t i = 0; i < section_count(l->plan, s); i++)
            if (section_clause(l->plan, s, i)->name != 0)
                table[section_clause(l->plan, s, i)->name] = i;
    }
    l->set_state = ARENA_ARRAY(l->arena, unsigned char, l->plan->set_count);
    return l->set_state == NULL ? NO_MEMORY(l->report) : OK;
}

static status declare_all(struct load *l)
{
    for (enum section s = 0; s < SECTION_COUNT; s++)
        if (has_array(s))
            TRY(section_declare(l, s));
    builtin_evidence(l);
    TRY(fields_declare(l));
    return tables_fill(l);
}

/* ---- clauses ---- */

static status unknown_key(struct load *l, enum section section, const struct yaml_node *item,
                          str path)
{
    struct nearest nearest = nearest_to(item->key);
    nearest_offer_keys(&nearest, section);
    return load_problem(l, place_of_key(item), "unknown-key", path, nearest.best,
                        "unknown key `%.*s` in %.*s", STR_ARG(item->key), STR_ARG(path));
}

static status required_keys(struct load *l, enum section section, const struct yaml_node *map,
                            str path, struct place place)
{
    for (size_t i = 0; i < VOCABULARY_KEY_COUNT; i++) {
        const struct vocabulary_key *key = &VOCABULARY_KEYS[i];
        if (key->section != section || (key->flags & KEY_REQUIRED) == 0 ||
            yaml_get(map, str_from(key->name)) != NULL)
            continue;
        str suggestion = arena_format(l->problems->arena, "%s: unspecified", key->name);
        TRY(load_problem(l, place, "missing-key", path, suggestion, "%.*s has no `%s`: %s",
                         STR_ARG(path), key->name, key->explanation));
    }
    return OK;
}

status load_clause(struct load *l, enum section section, const struct yaml_node *map, void *base,
                   struct clause *clause, str path, struct place place)
{
    for (const struct yaml_node *item = map->first; item != NULL; item = item->next) {
        const struct vocabulary_key *key = vocabulary_key(section, item->key);
        if (key == NULL) {
            TRY(unknown_key(l, section, item, path));
            continue;
        }
        struct value_at at = {clause, STR(""), key};
        TRY(load_path(l, path, item->key, &at.path));
        void *owner = key->section == SECTION_any ? (void *)clause : base;
        TRY(load_value(l, &at, item, MEMBER_AT(owner, key->offset, void)));
    }
    return required_keys(l, section, map, path, place);
}

/* A whole clause that is `unspecified` is closed and has one hole: itself. */
static status clause_hole(struct load *l, struct clause *clause)
{
    static const struct vocabulary_key WHOLE = {.name = "clause", .flags = KEY_CLOSES};
    struct value_at at = {clause, clause->path, &WHOLE};
    return load_hole(l, &at);
}

static status clause_of_item(struct load *l, enum section section, const struct yaml_node *item,
                             struct clause *clause)
{
    if (item->kind == YAML_MAP)
        return load_clause(l, section, item, clause, clause, clause->path, place_of_key(item));
    if (node_is_hole(item) && item->key.ptr != NULL)
        return clause_hole(l, clause);
    if (VOCABULARY_SECTIONS[section].form == FORM_NAMES && item->key.ptr == NULL)
        return OK;
    return load_problem(l, place_of(item), "wrong-value", clause->path, STR("{}"),
                        "%.*s takes a map of keys", STR_ARG(clause->path));
}

static status always_load(struct load *l, const struct yaml_node *item, struct clause *clause)
{
    struct value_at at = {clause, clause->path, vocabulary_key(SECTION_any, STR("covers"))};
    return load_value(l, &at, item, &clause->covers);
}

/* References that are not there must not read as clause 0. */
static void references_clear(struct plan *plan)
{
    for (uint16_t i = 0; i < plan->document_count; i++)
        plan->document[i].per = NONE;
    for (uint16_t i = 0; i < plan->event_count; i++)
        plan->event[i].of = NONE;
    for (uint16_t i = 0; i < plan->purpose_count; i++)
        plan->purpose[i].starts_event = plan->purpose[i].starts_evidence = NONE;
    for (uint16_t i = 0; i < plan->message_count; i++)
        plan->message[i].purpose = NONE;
    for (uint16_t i = 0; i < plan->space_count; i++)
        plan->space[i].of = NONE;
}

static status section_load(struct load *l, enum section section)
{
    struct yaml_node *node = yaml_get(l->root, str_from(VOCABULARY_SECTIONS[section].name));
    if (node == NULL || node->first == NULL)
        return OK;
    uint16_t index = section == SECTION_evidence ? (uint16_t)KIND_COUNT : 0;
    if (index + node->count != section_count(l->plan, section))
        return OK; /* its shape was wrong, which has been said */
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        struct clause *clause = section_clause(l->plan, section, index++);
        if (clause->path.ptr == NULL || clause->path.len == 0)
            continue;
        if (section == SECTION_always)
            TRY(always_load(l, item, clause));
        else
            TRY(clause_of_item(l, section, item, clause));
    }
    return OK;
}

static status rights_load(struct load *l)
{
    struct yaml_node *node;
    TRY(section_node(l, SECTION_rights, &node));
    for (enum right right = 0; right < RIGHT_COUNT; right++) {
        struct clause *clause = &l->plan->right[right].clause;
        clause->name = words_intern(l->words, str_from(right_name(right)));
        TRY(load_path(l, STR("rights"), str_from(right_name(right)), &clause->path));
    }
    for (const struct yaml_node *item = node == NULL ? NULL : node->first; item != NULL;
         item = item->next) {
        unsigned value;
        if (!vocabulary_word(LIST_rights, item->key, &value)) {
            struct nearest nearest = nearest_to(item->key);
            nearest_offer_words(&nearest, LIST_rights);
            TRY(load_problem(l, place_of_key(item), "unknown-word", STR("rights"), nearest.best,
                             "there is no right `%.*s`", STR_ARG(item->key)));
            continue;
        }
        struct plan_right *right = &l->plan->right[value];
        right->stated = true;
        right->clause.line = item->key_line;
        right->clause.column = item->key_column;
        right->clause.from_deployment = item->file == FILE_DEPLOYMENT;
        TRY(clause_of_item(l, SECTION_rights, item, &right->clause));
    }
    return OK;
}

static status single_load(struct load *l, enum section section)
{
    struct clause *clause = MEMBER_AT(l->plan, VOCABULARY_SECTIONS[section].array, struct clause);
    str name = str_from(VOCABULARY_SECTIONS[section].name);
    struct yaml_node *node = yaml_get(l->root, name);
    clause->name = words_intern(l->words, name);
    clause->path = name;
    if (node == NULL)
        return OK;
    clause->line = node->key_line;
    clause->column = node->key_column;
    clause->from_deployment = node->file == FILE_DEPLOYMENT;
    return clause_of_item(l, section, node, clause);
}

/* ---- the file ---- */

static status top_key(struct load *l, const struct vocabulary_key *key)
{
    const struct yaml_node *node = yaml_get(l->root, str_from(key->name));
    struct value_at at = {&l->plan->top, str_from(key->name), key};
    return node == NULL ? OK : load_value(l, &at, node, MEMBER_AT(l->plan, key->offset, void));
}

/* Keys of the file are `top` rows or sections. The zone comes before the dates that need it. */
static status top_load(struct load *l)
{
    struct plan *plan = l->plan;
    plan->top.path = STR("policy");
    plan->top.line = plan->top.column = 1;
    plan->effective = NEVER;
    plan->bases = (1u << BASIS_COUNT) - 2;
    for (const struct yaml_node *item = l->root->first; item != NULL; item = item->next)
        if (vocabulary_key(SECTION_top, item->key) == NULL &&
            vocabulary_section(item->key) == SECTION_COUNT)
            TRY(unknown_key(l, SECTION_top, item, STR("the policy")));
    TRY(top_key(l, vocabulary_key(SECTION_top, STR("timezone"))));
    for (size_t i = 0; i < VOCABULARY_KEY_COUNT; i++)
        if (VOCABULARY_KEYS[i].section == SECTION_top &&
            strcmp(VOCABULARY_KEYS[i].name, "timezone") != 0)
            TRY(top_key(l, &VOCABULARY_KEYS[i]));
    plan->top.name = plan->policy;
    struct place place = {FILE_POLICY, 1, 1};
    return required_keys(l, SECTION_top, l->root, STR("the policy"), place);
}

static status section_holes(struct load *l)
{
    static const struct vocabulary_key OPEN = {.name = "section"};
    for (enum section s = 0; s < SECTION_COUNT; s++) {
        if (!vocabulary_is_top_level(s) || VOCABULARY_SECTIONS[s].form == FORM_SINGLE)
            continue;
        str name = str_from(VOCABULARY_SECTIONS[s].name);
        const struct yaml_node *node = yaml_get(l->root, name);
        struct value_at at = {&l->plan->top, name, &OPEN};
        if (node != NULL && node_is_hole(node))
            TRY(load_hole(l, &at));
    }
    return OK;
}

static status tree_load(struct load *l)
{
    if (l->root->kind != YAML_MAP)
        return load_problem(l, place_of(l->root), "wrong-value", STR(""), STR("vern: 1"),
                            "a policy is a map of keys");
    TRY(declare_all(l));
    references_clear(l->plan);
    TRY(top_load(l));
    TRY(load_sets(l, l->root));
    for (enum section s = 0; s < SECTION_COUNT; s++) {
        if (!vocabulary_is_top_level(s) || s == SECTION_sets || s == SECTION_rights)
            continue;
        TRY(VOCABULARY_SECTIONS[s].form == FORM_SINGLE ? single_load(l, s) : section_load(l, s));
    }
    TRY(rights_load(l));
    TRY(section_holes(l));
    return load_rules(l);
}

status load_file(struct load *l, uint16_t file, struct yaml_node **root)
{
    struct yaml_faults faults = {0};
    *root = NULL;
    status read = yaml_read(l->files[file].text, l->arena, &faults, l->report, root);
    for (size_t i = 0; i < faults.list.count; i++) {
        const struct yaml_fault *fault = &faults.list.at[i];
        struct place place = {file, fault->line, fault->column};
        if (!is_ok(load_problem(l, place, fault->rule, STR(""), STR(""), "%.*s",
                                STR_ARG(fault->text))))
            break;
    }
    return read;
}

static void file_mark(struct yaml_node *node, uint16_t file)
{
    for (; node != NULL; node = node->next) {
        node->file = file;
        file_mark(node->first, file);
    }
}

static status trees_merge(struct load *l, bool deployment, const struct policy_override *with,
                          size_t with_count)
{
    TRY(load_file(l, FILE_POLICY, &l->root));
    TRY(merge_says(l, yaml_get(l->root, STR("says"))));
    if (deployment) {
        struct yaml_node *tree;
        TRY(load_file(l, FILE_DEPLOYMENT, &tree));
        file_mark(tree, FILE_DEPLOYMENT);
        TRY(merge_deployment(l, tree));
    }
    for (size_t i = 0; i < with_count; i++) {
        struct yaml_node *tree;
        uint16_t file = (uint16_t)(FILE_WITH + i);
        TRY(load_file(l, file, &tree));
        file_mark(tree, file);
        TRY(merge_with(l, &with[i], tree, file));
    }
    return OK;
}

static status plan_hash(struct plan *plan, struct arena *arena, struct report *report)
{
    struct buf text = buf_in(arena, 8 << 20);
    str printed;
    plan_print(plan, &text);
    TRY(buf_finish(&text, report, &printed));
    crypto_hash_sha256(plan->hash, (const unsigned char *)printed.ptr, printed.len);
    return OK;
}

static int compare_problems(const void *left, const void *right)
{
    const struct problem *a = left, *b = right;
    int order = str_compare(a->file, b->file);
    if (order != 0)
        return order;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->column > b->column) - (a->column < b->column);
}

/* In the order in which a reader meets them; problems that were there before stay in front. */
static void problems_sort(struct load *l)
{
    size_t first = l->problems->list.count - l->errors;
    if (l->errors > 1)
        qsort(l->problems->list.at + first, l->errors, sizeof(struct problem), compare_problems);
}

static status load_all(struct load *l, bool deployment, const struct policy_override *with,
                       size_t with_count)
{
    TRY(trees_merge(l, deployment, with, with_count));
    TRY(tree_load(l));
    if (l->errors == 0) {
        TRY(load_ends(l->plan, l->arena, l->report));
        return plan_hash(l->plan, l->arena, l->report);
    }
    problems_sort(l);
    const struct problem *first = &l->problems->list.at[l->problems->list.count - l->errors];
    char where[256];
    snprintf(where, sizeof(where), "%.*s:%u:%u", STR_ARG(first->file), first->line, first->column);
    return fail_at(l->report, FAULT_INVALID, where, "%.*s", STR_ARG(first->text));
}

status plan_load(struct words *words, const struct policy_source *policy,
                 const struct policy_source *deployment, const struct policy_override *with,
                 size_t with_count, struct arena *arena, struct problems *problems,
                 struct report *report, const struct plan **plan)
{
    assert(words != NULL && policy != NULL && problems != NULL && plan != NULL);

    if (with_count > 1000)
        return fail(report, FAULT_LIMIT, "more than 1000 values to replace");
    struct load l = {.words = words, .arena = arena, .problems = problems, .report = report};
    l.file_count = FILE_WITH + with_count;
    l.files = ARENA_ARRAY(arena, struct policy_source, l.file_count);
    l.plan = ARENA_NEW(arena, struct plan);
    if (problems->arena == NULL)
        problems->arena = arena;
    if (l.files == NULL || l.plan == NULL)
        return NO_MEMORY(report);
    l.files[FILE_POLICY] = *policy;
    if (deployment != NULL)
        l.files[FILE_DEPLOYMENT] = *deployment;
    for (size_t i = 0; i < with_count; i++)
        l.files[FILE_WITH + i] = (struct policy_source){
            arena_format(arena, "with %.*s", STR_ARG(with[i].path)), with[i].value};
    l.plan->words = words;
    for (unsigned slot = SLOT_NONE + 1; slot < SLOT_COUNT; slot++) /* refusals name slots */
        words_intern(words, str_from(slot_name((enum slot)slot)));
    l.plan->file = arena_copy(arena, policy->name);
    l.plan->deployed = deployment != NULL;
    l.plan->deployment_file = deployment == NULL ? STR("") : arena_copy(arena, deployment->name);
    status loaded = load_all(&l, deployment != NULL, with, with_count);
    problems_sort(&l);
    if (is_ok(loaded))
        *plan = l.plan;
    return loaded;
}
