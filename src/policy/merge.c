/* A deployment file fills holes and adds clauses; it never changes what is stated. */
#include "load_internal.h"

struct path {
    str text;
    struct path_part *parts;
    size_t count;
};

/* ---- paths in the tree ---- */

static status path_take(struct load *l, const struct yaml_node *item, struct path *path)
{
    struct expression_fault fault = {0};
    *path = (struct path){.text = item->key};
    TRY(expression_path(item->key, l->arena, l->report, &fault, &path->parts, &path->count));
    if (!fault.found)
        return OK;
    path->count = 0;
    struct place place = place_of_key(item);
    place.column += (uint32_t)fault.offset;
    return load_problem(l, place, "path", item->key, fault.suggestion, "%.*s", STR_ARG(fault.text));
}

static struct yaml_node *step(const struct yaml_node *from, const struct path_part *part)
{
    if (part->name.len > 0)
        return yaml_get(from, part->name);
    struct yaml_node *child = from->kind == YAML_LIST ? from->first : NULL;
    for (uint32_t i = 0; child != NULL && i < part->index; i++)
        child = child->next;
    return child;
}

/* The node at a path, or NULL with `stopped` the last node on the way and `at` the part missed. */
static struct yaml_node *walk(struct yaml_node *from, const struct path *path,
                              struct yaml_node **stopped, size_t *at)
{
    struct yaml_node *node = from;
    for (size_t i = 0; i < path->count; i++) {
        struct yaml_node *child = step(node, &path->parts[i]);
        if (child == NULL) {
            *stopped = node;
            *at = i;
            return NULL;
        }
        node = child;
    }
    *stopped = node;
    *at = path->count;
    return node;
}

static struct nearest nearest_child(const struct yaml_node *node, str name)
{
    struct nearest nearest = nearest_to(name);
    for (const struct yaml_node *child = node->kind == YAML_MAP ? node->first : NULL; child != NULL;
         child = child->next)
        nearest_offer(&nearest, child->key);
    return nearest;
}

static void node_replace(struct yaml_node *target, const struct yaml_node *value)
{
    struct yaml_node *next = target->next;
    str key = target->key;
    *target = *value;
    target->key = key;
    target->next = next;
}

static void node_append(struct yaml_node *parent, struct yaml_node *child)
{
    child->next = NULL;
    if (parent->first == NULL)
        parent->first = child;
    else
        parent->last->next = child;
    parent->last = child;
    parent->count++;
}

/* ---- filling ---- */

enum likeness { DIFFERENT, SAME, FILLED };

static enum likeness compare(struct load *l, const struct yaml_node *holed,
                             const struct yaml_node *value);

static enum likeness joined(enum likeness a, enum likeness b)
{
    if (a == DIFFERENT || b == DIFFERENT)
        return DIFFERENT;
    return a == FILLED || b == FILLED ? FILLED : SAME;
}

/* One hole in a list stands for one or more values; what is around it stays. */
static enum likeness compare_lists(struct load *l, const struct yaml_node *holed,
                                   const struct yaml_node *value)
{
    enum likeness so_far = SAME;
    const struct yaml_node *a = holed->first, *b = value->first;
    uint32_t spare = value->count >= holed->count ? value->count - holed->count : 0;
    bool same_count = value->count == holed->count;
    for (; a != NULL; a = a->next, b = b->next) {
        if (b == NULL)
            return DIFFERENT;
        if (node_is_hole(a)) {
            so_far = joined(so_far, FILLED);
            for (; spare > 0; spare--)
                b = b->next;
            same_count = true;
            continue;
        }
        so_far = joined(so_far, compare(l, a, b));
        if (so_far == DIFFERENT)
            return DIFFERENT;
    }
    return same_count && b == NULL ? so_far : DIFFERENT;
}

static enum likeness compare_maps(struct load *l, const struct yaml_node *holed,
                                  const struct yaml_node *value)
{
    enum likeness so_far = holed->count == value->count ? SAME : DIFFERENT;
    for (const struct yaml_node *a = holed->first; a != NULL && so_far != DIFFERENT; a = a->next) {
        const struct yaml_node *b = yaml_get(value, a->key);
        so_far = b == NULL ? DIFFERENT : joined(so_far, compare(l, a, b));
    }
    return so_far;
}

static enum likeness compare(struct load *l, const struct yaml_node *holed,
                             const struct yaml_node *value)
{
    if (node_is_hole(holed))
        return FILLED;
    if (holed->kind != value->kind)
        return DIFFERENT;
    if (holed->kind == YAML_LIST)
        return compare_lists(l, holed, value);
    if (holed->kind == YAML_MAP)
        return compare_maps(l, holed, value);
    if (str_equal(holed->text, value->text))
        return SAME;
    return expression_fills(holed->text, value->text, l->arena) ? FILLED : DIFFERENT;
}

static bool holds_hole(struct load *l, const struct yaml_node *node)
{
    if (node_is_hole(node))
        return true;
    for (const struct yaml_node *child = node->first; child != NULL; child = child->next)
        if (holds_hole(l, child))
            return true;
    /* A scalar holds one when something other than itself could stand in its place. */
    static const char HOLE[] = "unspecified";
    for (size_t i = 0; node->kind == YAML_SCALAR && i + sizeof(HOLE) - 1 < node->text.len; i++)
        if (memcmp(node->text.ptr + i, HOLE, sizeof(HOLE) - 1) == 0)
            return true;
    return false;
}

static status overwrites(struct load *l, const struct yaml_node *item, str path,
                         const struct yaml_node *target)
{
    struct place there = target->key.ptr == NULL ? place_of(target) : place_of_key(target);
    const char *why = holds_hole(l, target) ? "differs from the policy outside its hole, stated at"
                                            : "is stated already, at";
    return load_problem(l, place_of_key(item), "overwrites", path, STR(""),
                        "`%.*s` %s %.*s:%u:%u; a deployment never changes what is stated",
                        STR_ARG(path), why, STR_ARG(l->files[there.file].name), there.line,
                        there.column);
}

static status nothing_to_fill(struct load *l, const struct yaml_node *item, const struct path *path,
                              const struct yaml_node *stopped, size_t at)
{
    const struct path_part *part = &path->parts[at];
    if (part->name.len == 0)
        return load_problem(l, place_of_key(item), "nothing-to-fill", path->text, STR(""),
                            "there is no entry [%u]", part->index);
    return load_problem(l, place_of_key(item), "nothing-to-fill", path->text,
                        nearest_child(stopped, part->name).best,
                        "`%.*s` is not in the policy, so there is no hole to fill",
                        STR_ARG(part->name));
}

static status set_item(struct load *l, struct yaml_node *from, struct yaml_node *item)
{
    struct path path;
    struct yaml_node *stopped;
    size_t at;
    TRY(path_take(l, item, &path));
    if (path.count == 0)
        return OK;
    struct yaml_node *target = walk(from, &path, &stopped, &at);
    if (target == NULL)
        return nothing_to_fill(l, item, &path, stopped, at);
    if (compare(l, target, item) == FILLED) {
        node_replace(target, item);
        return OK;
    }
    if (target->kind != YAML_MAP || item->kind != YAML_MAP || item->count == 0)
        return overwrites(l, item, path.text, target);
    for (struct yaml_node *child = item->first; child != NULL; child = child->next)
        TRY(set_item(l, target, child));
    return OK;
}

/* ---- adding ---- */

void merge_names_to_map(struct yaml_node *section)
{
    if (section->kind != YAML_LIST)
        return;
    for (struct yaml_node *child = section->first; child != NULL; child = child->next) {
        if (child->kind != YAML_SCALAR)
            return;
        child->key = child->text;
        child->key_line = child->line;
        child->key_column = child->column;
        child->kind = YAML_MAP;
    }
    section->kind = YAML_MAP;
}

static status add_clause(struct load *l, enum section section, str id, struct yaml_node *item)
{
    str name = str_from(VOCABULARY_SECTIONS[section].name);
    str path;
    TRY(load_path(l, name, id, &path));
    if (VOCABULARY_SECTIONS[section].form == FORM_ITEMS)
        return load_problem(l, place_of_key(item), "add", path, STR(""),
                            "`%.*s` has no ids, so nothing can be added to it", STR_ARG(name));
    struct yaml_node *into = yaml_get(l->root, name);
    if (into == NULL) {
        into = ARENA_NEW(l->arena, struct yaml_node);
        if (into == NULL)
            return NO_MEMORY(l->report);
        *into = (struct yaml_node){.kind = YAML_MAP,
                                   .key = name,
                                   .file = item->file,
                                   .line = item->line,
                                   .column = item->column,
                                   .key_line = item->key_line,
                                   .key_column = item->key_column};
        node_append(l->root, into);
    }
    if (into->kind == YAML_LIST && VOCABULARY_SECTIONS[section].form == FORM_NAMES)
        merge_names_to_map(into);
    const struct yaml_node *there = yaml_get(into, id);
    if (there != NULL || into->kind != YAML_MAP)
        return overwrites(l, item, path, there != NULL ? there : into);
    item->key = id;
    node_append(into, item);
    return OK;
}

static status add_item(struct load *l, struct yaml_node *item)
{
    struct path path;
    TRY(path_take(l, item, &path));
    if (path.count == 0)
        return OK;
    enum section section = vocabulary_section(path.parts[0].name);
    if (section == SECTION_COUNT) {
        struct nearest nearest = nearest_to(path.parts[0].name);
        nearest_offer_keys(&nearest, SECTION_top);
        return load_problem(l, place_of_key(item), "unknown-key", path.text, nearest.best,
                            "`%.*s` holds no clauses", STR_ARG(path.parts[0].name));
    }
    if (path.count == 2 && path.parts[1].name.len > 0)
        return add_clause(l, section, path.parts[1].name, item);
    if (path.count != 1 || item->kind != YAML_MAP)
        return load_problem(l, place_of_key(item), "add", path.text, STR("purposes.new_name"),
                            "`add` brings whole clauses: section.name");
    for (struct yaml_node *child = item->first, *next; child != NULL; child = next) {
        next = child->next;
        TRY(add_clause(l, section, child->key, child));
    }
    return OK;
}

/* ---- the file ---- */

static status deploys_check(struct load *l, const struct yaml_node *deploys)
{
    static const char *const KEYS[] = {"policy", "version"};
    for (size_t i = 0; i < LENGTH(KEYS); i++) {
        const struct yaml_node *said = yaml_get(deploys, str_from(KEYS[i]));
        const struct yaml_node *is = yaml_get(l->root, str_from(KEYS[i]));
        str actual = is == NULL || is->kind != YAML_SCALAR ? STR("") : is->text;
        if (said == NULL || said->kind != YAML_SCALAR)
            TRY(load_problem(l, place_of(deploys), "missing-key", STR("deploys"), actual,
                             "`deploys` takes the policy's `%s`", KEYS[i]));
        else if (!str_equal(said->text, actual))
            TRY(load_problem(l, place_of(said), "deploys-other", STR("deploys"), actual,
                             "this deployment is for %s `%.*s`", KEYS[i], STR_ARG(said->text)));
    }
    return OK;
}

static status file_key(struct load *l, struct yaml_node *item)
{
    if (str_is(item->key, "vern")) {
        if (item->kind == YAML_SCALAR && str_is(item->text, "1"))
            return OK;
        return load_problem(l, place_of(item), "wrong-value", item->key, STR("1"),
                            "`vern` takes the version of the language, which is 1");
    }
    if (str_is(item->key, "deploys"))
        return deploys_check(l, item);
    if (str_is(item->key, "by")) {
        const struct yaml_node *name = yaml_get(item, STR("name"));
        if (name != NULL && name->kind == YAML_SCALAR)
            l->plan->deployed_by = name->text;
        return name != NULL ? OK
                            : load_problem(l, place_of_key(item), "missing-key", item->key,
                                           STR("name"), "`by` takes `name` and `date`");
    }
    if (str_is(item->key, "says")) /* after what is added: see merge_deployment() */
        return OK;
    bool set = str_is(item->key, "set");
    if (!set && !str_is(item->key, "add")) {
        static const char *const KEYS[] = {"vern", "deploys", "by", "set", "add", "says"};
        struct nearest nearest = nearest_to(item->key);
        for (size_t i = 0; i < LENGTH(KEYS); i++)
            nearest_offer(&nearest, str_from(KEYS[i]));
        return load_problem(l, place_of_key(item), "unknown-key", item->key, nearest.best,
                            "unknown key `%.*s` in a deployment file", STR_ARG(item->key));
    }
    if (item->kind != YAML_MAP)
        return load_problem(l, place_of(item), "wrong-value", item->key, STR(""),
                            "`%.*s` takes a map of paths", STR_ARG(item->key));
    for (struct yaml_node *child = item->first, *next; child != NULL; child = next) {
        next = child->next;
        TRY(set ? set_item(l, l->root, child) : add_item(l, child));
    }
    return OK;
}

status merge_deployment(struct load *l, struct yaml_node *deployment)
{
    struct place start = {FILE_DEPLOYMENT, 1, 1};
    if (deployment->kind != YAML_MAP || yaml_get(deployment, STR("deploys")) == NULL ||
        yaml_get(deployment, STR("vern")) == NULL)
        return load_problem(l, start, "missing-key", STR(""),
                            STR("deploys: { policy: ..., version: ... }"),
                            "a deployment file has `vern` and `deploys`");
    if (l->root->kind != YAML_MAP)
        return OK;
    for (struct yaml_node *item = deployment->first; item != NULL; item = item->next)
        TRY(file_key(l, item));
    return merge_says(l, yaml_get(deployment, STR("says")));
}

status merge_with(struct load *l, const struct policy_override *with, struct yaml_node *value,
                  uint16_t file)
{
    struct yaml_node item = *value;
    struct yaml_node *stopped;
    size_t at;
    struct path path;
    item.key = arena_copy(l->arena, with->path);
    item.key_line = item.key_column = 1;
    item.file = file;
    if (item.key.ptr == NULL)
        return NO_MEMORY(l->report);
    TRY(path_take(l, &item, &path));
    if (path.count == 0)
        return OK;
    struct yaml_node *target = walk(l->root, &path, &stopped, &at);
    if (target != NULL) {
        node_replace(target, &item);
        return OK;
    }
    str name = path.parts[at].name;
    if (at + 1 != path.count || name.len == 0 || stopped->kind != YAML_MAP)
        return nothing_to_fill(l, &item, &path, stopped, at);
    struct yaml_node *added = ARENA_NEW(l->arena, struct yaml_node);
    if (added == NULL)
        return NO_MEMORY(l->report);
    *added = item;
    added->key = name;
    node_append(stopped, added);
    return OK;
}
