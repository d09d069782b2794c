/* What things are called, apart from the things: `says: { roles.candidate: { nb: ..., en: ... } }`.
 * Each text goes to its clause as if it had stood there; those of fields stay in the list, since a
 * field has no clause of its own. A deployment file may say more, in further languages too; nobody
 * says a thing twice in one language. */
#include "load_internal.h"

static void append(struct yaml_node *parent, struct yaml_node *child)
{
    child->next = NULL;
    if (parent->first == NULL)
        parent->first = child;
    else
        parent->last->next = child;
    parent->last = child;
    parent->count++;
}

static void take_out(struct yaml_node *parent, struct yaml_node *child)
{
    struct yaml_node *before = NULL;
    for (struct yaml_node *at = parent->first; at != child; at = at->next)
        before = at;
    if (before == NULL)
        parent->first = child->next;
    else
        before->next = child->next;
    if (parent->last == child)
        parent->last = before;
    parent->count--;
}

static status nothing_there(struct load *l, const struct yaml_node *item,
                            const struct yaml_node *stopped, str part)
{
    struct nearest nearest = nearest_to(part);
    for (const struct yaml_node *child = stopped->kind == YAML_MAP ? stopped->first : NULL;
         child != NULL; child = child->next)
        nearest_offer(&nearest, child->key);
    return load_problem(l, place_of_key(item), "says-of-nothing", item->key, nearest.best,
                        "`%.*s` is not in the policy, so nothing can be said of it", STR_ARG(part));
}

/* Texts in further languages join those that are there. */
static status join(struct load *l, struct yaml_node *into, const struct yaml_node *item)
{
    for (struct yaml_node *text = item->first, *next; text != NULL; text = next) {
        next = text->next;
        const struct yaml_node *there = yaml_get(into, text->key);
        if (there != NULL)
            TRY(load_problem(l, place_of_key(text), "overwrites", item->key, STR(""),
                             "`%.*s` says this in `%.*s` already, at %.*s:%u", STR_ARG(item->key),
                             STR_ARG(text->key), STR_ARG(l->files[there->file].name),
                             there->key_line));
        else
            append(into, text);
    }
    return OK;
}

static status says_of_field(struct load *l, struct yaml_node *item)
{
    struct yaml_node *kept = yaml_get(l->root, STR("says")), *there;
    if (kept == NULL) {
        kept = ARENA_NEW(l->arena, struct yaml_node);
        if (kept == NULL)
            return NO_MEMORY(l->report);
        *kept = (struct yaml_node){.kind = YAML_MAP,
                                   .key = STR("says"),
                                   .file = item->file,
                                   .line = item->line,
                                   .column = item->column,
                                   .key_line = item->key_line,
                                   .key_column = item->key_column};
        append(l->root, kept);
    }
    there = yaml_get(kept, item->key);
    if (there != NULL)
        return join(l, there, item);
    append(kept, item);
    return OK;
}

static status says_of_clause(struct load *l, struct yaml_node *clause, struct yaml_node *item)
{
    if (clause->kind != YAML_MAP)
        return load_problem(l, place_of_key(item), "says-of-nothing", item->key, STR(""),
                            "`%.*s` is no clause and no field, so nothing can be said of it",
                            STR_ARG(item->key));
    struct yaml_node *there = yaml_get(clause, STR("says"));
    if (there != NULL && there->kind == YAML_MAP)
        return join(l, there, item);
    if (there != NULL)
        return load_problem(l, place_of_key(item), "overwrites", item->key, STR(""),
                            "what `%.*s` says is stated at %.*s:%u", STR_ARG(item->key),
                            STR_ARG(l->files[there->file].name), there->key_line);
    item->key = STR("says");
    append(clause, item);
    return OK;
}

static status says_item(struct load *l, struct yaml_node *item)
{
    struct yaml_node *node = l->root;
    str rest = item->key, part;
    size_t depth = 0;
    bool in_fields = false;
    if (item->kind != YAML_MAP)
        return load_problem(l, place_of(item), "wrong-value", item->key, STR("{ nb: ... }"),
                            "`says` takes path: { language: text }");
    while (str_next(&rest, '.', &part)) {
        enum section section = depth == 0 ? vocabulary_section(part) : SECTION_COUNT;
        struct yaml_node *child = yaml_get(node, part);
        if (child == NULL)
            return nothing_there(l, item, node, part);
        if (section != SECTION_COUNT && VOCABULARY_SECTIONS[section].form == FORM_NAMES)
            merge_names_to_map(child);
        in_fields =
            depth == 2 && str_is(part, "fields") && str_starts(item->key, STR("categories."));
        bool field = depth == 3 && node->kind == YAML_MAP && node->key.ptr != NULL &&
                     str_is(node->key, "fields");
        node = child;
        depth++;
        if (field && rest.ptr == NULL)
            return says_of_field(l, item);
    }
    if (depth < 2 || in_fields)
        return nothing_there(l, item, node, item->key);
    return says_of_clause(l, node, item);
}

/* A deployment file may speak a language that the policy does not. */
static status language_add(struct load *l, const struct yaml_node *text)
{
    struct yaml_node *languages = yaml_get(l->root, STR("languages"));
    if (languages == NULL || languages->kind != YAML_LIST)
        return OK;
    for (const struct yaml_node *known = languages->first; known != NULL; known = known->next) {
        if (str_equal(known->text, text->key))
            return OK;
    }
    struct yaml_node *added = ARENA_NEW(l->arena, struct yaml_node);
    if (added == NULL)
        return NO_MEMORY(l->report);
    *added = *text;
    added->kind = YAML_SCALAR;
    added->key = (str){0};
    added->text = text->key;
    added->first = added->last = NULL;
    append(languages, added);
    return OK;
}

status merge_says(struct load *l, struct yaml_node *says)
{
    if (says == NULL || l->root->kind != YAML_MAP)
        return OK;
    bool own = yaml_get(l->root, STR("says")) == says;
    if (says->kind != YAML_MAP)
        return load_problem(l, place_of(says), "wrong-value", STR("says"), STR(""),
                            "`says` takes a map: path -> { language: text }");
    if (own)
        take_out(l->root, says);
    for (struct yaml_node *item = says->first, *next; item != NULL; item = next) {
        next = item->next;
        for (const struct yaml_node *text = own ? NULL : item->first; text != NULL;
             text = text->next)
            TRY(language_add(l, text));
        TRY(says_item(l, item));
    }
    return OK;
}
