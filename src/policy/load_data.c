/* Loads references to data: categories, fields and sets become sets of fields. */
#include "load_values_internal.h"

static status bits_make(struct load *l, size_t count, struct bits *bits)
{
    *bits = bits_new(l->arena, count);
    return count > 0 && bits->at == NULL ? NO_MEMORY(l->report) : OK;
}

static void bits_join(struct bits into, struct bits from)
{
    for (uint32_t i = 0; i < into.words64 && i < from.words64; i++)
        into.at[i] |= from.at[i];
}

static status set_resolve(struct load *l, plan_index set);

static status data_unknown(struct load *l, const struct value_at *at, const struct yaml_node *node)
{
    struct nearest nearest = nearest_to(node->text);
    nearest_offer_clauses(&nearest, l, SECTION_categories);
    nearest_offer_clauses(&nearest, l, SECTION_sets);
    for (uint16_t i = 0; i < l->plan->field_count; i++)
        nearest_offer(&nearest, words_text(l->words, l->plan->field[i].name));
    return load_unknown_word(l, at, node, "category, field or set", nearest);
}

static status field_add(struct load *l, const struct value_at *at, const struct yaml_node *item,
                        struct field_set *set)
{
    if (node_is_hole(item)) {
        set->hole = true;
        return load_hole(l, at);
    }
    word name = words_find(l->words, item->text);
    plan_index category = plan_find(l->plan, l->plan->category_of, name);
    if (category != NONE) {
        bits_join(set->fields, l->plan->category[category].fields);
        return OK;
    }
    plan_index field = plan_find(l->plan, l->plan->field_of, name);
    if (field != NONE) {
        bits_set(set->fields, field);
        return OK;
    }
    plan_index other = plan_find(l->plan, l->set_of, name);
    if (other == NONE)
        return data_unknown(l, at, item);
    if (l->set_state[other] == 1)
        return load_problem(l, place_of(item), "cycle", at->path, STR(""),
                            "the set `%.*s` would contain itself", STR_ARG(item->text));
    TRY(set_resolve(l, other));
    bits_join(set->fields, l->plan->set[other].fields.fields);
    set->all |= l->plan->set[other].fields.all;
    return OK;
}

status load_fields(struct load *l, const struct value_at *at, const struct yaml_node *node,
                   void *member)
{
    struct field_set *set = member;
    bool is;
    set->stated = true;
    TRY(bits_make(l, l->plan->field_count, &set->fields));
    if (node->kind == YAML_SCALAR && str_is(node->text, "all")) {
        set->all = at->key->type == VALUE_FIELDS_ALL;
        return set->all
                   ? OK
                   : load_problem(l, place_of(node), "all-not-legal", at->path, STR(""),
                                  "`%s` names its data; `all` is not legal here", at->key->name);
    }
    TRY(load_need_list(l, at, node, "a list of categories, fields and sets", &is));
    for (const struct yaml_node *item = node->first; is && item != NULL; item = item->next)
        TRY(field_add(l, at, item, set));
    return OK;
}

enum { SETS_DEEP = 32 };

static const struct vocabulary_key SET_KEY = {
    .section = SECTION_sets, .name = "sets", .type = VALUE_FIELDS_ALL};

static status set_resolve(struct load *l, plan_index index)
{
    struct plan_set *set = &l->plan->set[index];
    if (l->set_state[index] == 2)
        return OK;
    if (l->set_depth == SETS_DEEP)
        return fail(l->report, FAULT_LIMIT, "sets within sets more than %d deep", SETS_DEEP);
    l->set_depth++;
    l->set_state[index] = 1;
    const struct yaml_node *node =
        yaml_get(yaml_get(l->root, STR("sets")), words_text(l->words, set->clause.name));
    struct value_at at = {&set->clause, set->clause.path, &SET_KEY};
    TRY(bits_make(l, l->plan->field_count, &set->fields.fields));
    if (node != NULL)
        TRY(load_value(l, &at, node, &set->fields));
    l->set_state[index] = 2;
    l->set_depth--;
    return OK;
}

status load_sets(struct load *l, const struct yaml_node *sets)
{
    (void)sets;
    for (plan_index i = 0; i < l->plan->set_count; i++)
        TRY(set_resolve(l, i));
    return OK;
}

status load_categories(struct load *l, const struct value_at *at, const struct yaml_node *node,
                       void *member)
{
    struct refs refs = {0};
    TRY(bits_make(l, l->plan->category_count, member));
    TRY(load_refs_to(l, at, node, SECTION_categories, &refs));
    for (uint16_t i = 0; i < refs.count; i++)
        bits_set(*(struct bits *)member, refs.at[i]);
    return OK;
}

/* The fields themselves were declared before; here their kinds are read. */
status load_category_fields(struct load *l, const struct value_at *at, const struct yaml_node *node,
                            void *member)
{
    struct plan_category *category = OWNER_OF(member, struct plan_category, fields);
    if (node->kind != YAML_MAP)
        return load_wrong_shape(l, at, node, "a map: field -> kind", STR(""));
    plan_index field = category->first_field;
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next, field++) {
        struct value_at item_at = *at;
        unsigned value = FIELD_TEXT;
        TRY(load_path(l, at->path, item->key, &item_at.path));
        if (node_is_hole(item)) {
            TRY(load_hole(l, &item_at));
            continue;
        }
        TRY(load_enum(l, &item_at, item, &value));
        if (field < l->plan->field_count)
            l->plan->field[field].kind = (enum field_kind)value;
    }
    return OK;
}
