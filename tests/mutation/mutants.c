#include <stdio.h>

#include "mutants.h"

enum { TEXT_ROOM = 1 << 20, ARENA_BYTES = 8 << 20, PATH_ROOM = 512 };

struct maker {
    struct yaml_node *root;
    struct arena *arena;
    void (*each)(void *self, const struct mutant *mutant);
    void *self;
    char path[PATH_ROOM];
    size_t path_length;
    bool full;
};

/* ---- what no answer depends on ---- */

static bool is_one_of(str word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_is(word, list[i]))
            return true;
    }
    return false;
}

static bool is_for_readers(str key)
{
    static const char *const KEYS[] = {"says",    "covers",  "dpv",      "name", "number",
                                       "address", "country", "contacts", "role", "version"};
    return is_one_of(key, KEYS, LENGTH(KEYS));
}

static bool is_section_for_readers(str key)
{
    static const char *const KEYS[] = {
        "vern",      "policy",   "version", "effective", "timezone", "languages",   "covers",
        "documents", "contacts", "always",  "findings",  "acting",   "controllers", "statements"};
    return is_one_of(key, KEYS, LENGTH(KEYS));
}

/* ---- one mutant ---- */

static void show(struct maker *maker, const char *format, str detail)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct buf buf = buf_in(arena, TEXT_ROOM);
    struct report report = {0};
    struct mutant mutant = {.path = {maker->path, maker->path_length}};
    buf_yaml_flow(&buf, maker->root);
    buf_char(&buf, '\n');
    mutant.change = arena_format(arena, "%s%.*s", format, STR_ARG(detail));
    if (mutant.change.ptr == NULL || !is_ok(buf_finish(&buf, &report, &mutant.text)))
        maker->full = true;
    else
        maker->each(maker->self, &mutant);
}

static void without(struct maker *maker, struct yaml_node *parent, struct yaml_node *before,
                    struct yaml_node *child, const char *format, str detail)
{
    struct yaml_node **link = before == NULL ? &parent->first : &before->next;
    *link = child->next;
    parent->count--;
    show(maker, format, detail);
    *link = child;
    parent->count++;
}

static void with_text(struct maker *maker, struct yaml_node *scalar, str text)
{
    str kept = scalar->text;
    if (str_equal(text, kept))
        return;
    scalar->text = text;
    show(maker, "", text);
    scalar->text = kept;
}

static void with_all(struct maker *maker, struct yaml_node *list)
{
    struct yaml_node kept = *list;
    list->kind = YAML_SCALAR;
    list->text = STR("all");
    list->first = list->last = NULL;
    show(maker, "all", STR(""));
    *list = kept;
}

/* ---- scalars ---- */

/* The text with the words from `from` on, `gone` bytes of it, put as `put`. */
static str changed(struct maker *maker, str text, size_t from, size_t gone, str put)
{
    str rest = str_slice(text, from + gone, text.len);
    return arena_format(maker->arena, "%.*s%.*s%.*s", (int)from, text.ptr, STR_ARG(put),
                        STR_ARG(rest));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Each number one higher: what was to end, ends later. */
static void longer(struct maker *maker, struct yaml_node *scalar)
{
    str text = scalar->text;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.ptr[i]) || (i > 0 && is_digit(text.ptr[i - 1])))
            continue;
        size_t end = i;
        uint64_t value = 0;
        for (; end < text.len && is_digit(text.ptr[end]); end++)
            value = value * 10 + (uint64_t)(text.ptr[end] - '0');
        str put = arena_format(maker->arena, "%llu", (unsigned long long)value + 1);
        with_text(maker, scalar, changed(maker, text, i, end - i, put));
    }
}

static void swapped(struct maker *maker, struct yaml_node *scalar, const char *from, const char *to)
{
    str text = scalar->text, word = str_from(from);
    for (size_t i = 0; i + word.len <= text.len; i++) {
        if (str_equal(str_slice(text, i, i + word.len), word))
            with_text(maker, scalar, changed(maker, text, i, word.len, str_from(to)));
    }
}

/* What stands for less in a key that takes one of some words. */
static void weaker(struct maker *maker, struct yaml_node *scalar, str key)
{
    static const char *const WORDS[][3] = {{"objection", "absolute", "weighed"},
                                           {"objection", "weighed", "none"},
                                           {"kind", "indirect", "person"},
                                           {"kind", "observed", "person"},
                                           {"kind", "special", "normal"},
                                           {"kind", "criminal", "normal"},
                                           {"kind", "national_id", "normal"},
                                           {"kind", "payment_card", "normal"},
                                           {"kind", "authority", "controller"},
                                           {"kind", "processor", "controller"},
                                           {"kind", "group", "controller"},
                                           {"kind", "audience", "controller"},
                                           {"by", "subject", "any"},
                                           {"by", "staff", "any"},
                                           {"by", "other", "any"},
                                           {"basis", "consent", "legitimate_interest"},
                                           {"basis", "contract", "legitimate_interest"},
                                           {"basis", "legal_duty", "legitimate_interest"},
                                           {"basis", "legitimate_interest", "vital_interest"},
                                           {"marketing", "own", "partner"},
                                           {"marketing", "partner", "own"}};
    for (size_t i = 0; i < LENGTH(WORDS); i++) {
        if (str_is(key, WORDS[i][0]) && str_is(scalar->text, WORDS[i][1]))
            with_text(maker, scalar, str_from(WORDS[i][2]));
    }
}

static void scalar_mutants(struct maker *maker, struct yaml_node *scalar, str key)
{
    if (str_is(scalar->text, "true"))
        with_text(maker, scalar, STR("false"));
    else if (str_is(scalar->text, "false"))
        with_text(maker, scalar, STR("true"));
    weaker(maker, scalar, key);
    if (str_is(key, "keep") || str_is(key, "until")) {
        swapped(maker, scalar, "earliest", "latest");
        swapped(maker, scalar, "latest", "earliest");
        swapped(maker, scalar, "last ", "first ");
        swapped(maker, scalar, "first ", "last ");
    }
    if (str_is(key, "keep") || str_is(key, "until") || str_is(key, "valid") ||
        str_is(key, "within") || str_is(key, "counts_only"))
        longer(maker, scalar);
}

/* ---- lists and maps ---- */

static size_t deeper(struct maker *maker, str step)
{
    size_t kept = maker->path_length;
    bool index = step.len > 0 && step.ptr[0] == '[';
    if (kept + step.len + 1 >= PATH_ROOM) {
        maker->full = true;
        return kept;
    }
    if (kept > 0 && !index)
        maker->path[maker->path_length++] = '.';
    memcpy(maker->path + maker->path_length, step.ptr, step.len);
    maker->path_length += step.len;
    return kept;
}

static bool may_be_all(str key)
{
    static const char *const KEYS[] = {"uses", "roles", "for", "gives", "sees", "from", "who"};
    return is_one_of(key, KEYS, LENGTH(KEYS));
}

static void mutate(struct maker *maker, struct yaml_node *node, str key);

static void list_mutants(struct maker *maker, struct yaml_node *list, str key)
{
    struct yaml_node *before = NULL;
    if (may_be_all(key))
        with_all(maker, list);
    size_t index = 0;
    for (struct yaml_node *child = list->first; child != NULL;
         before = child, child = child->next) {
        if (child->kind == YAML_SCALAR) {
            if (list->count > 1)
                without(maker, list, before, child, "removed ", child->text);
            continue;
        }
        char step[32];
        (void)snprintf(step, sizeof(step), "[%zu]", index++);
        size_t kept = deeper(maker, str_from(step));
        if (list->count > 1)
            without(maker, list, before, child, "removed", STR(""));
        mutate(maker, child, key);
        maker->path_length = kept;
    }
}

static void map_mutants(struct maker *maker, struct yaml_node *map)
{
    struct yaml_node *before = NULL;
    for (struct yaml_node *child = map->first; child != NULL; before = child, child = child->next) {
        bool readers = maker->path_length == 0 ? is_section_for_readers(child->key)
                                               : is_for_readers(child->key);
        if (readers)
            continue;
        size_t kept = deeper(maker, child->key);
        if (kept > 0)
            without(maker, map, before, child, "removed", STR(""));
        mutate(maker, child, child->key);
        maker->path_length = kept;
    }
}

static void mutate(struct maker *maker, struct yaml_node *node, str key)
{
    switch (node->kind) {
    case YAML_SCALAR:
        scalar_mutants(maker, node, key);
        break;
    case YAML_LIST:
        list_mutants(maker, node, key);
        break;
    case YAML_MAP:
        map_mutants(maker, node);
        break;
    }
}

void mutants_drop_names(struct yaml_node *policy)
{
    struct yaml_node **link = &policy->first;
    while (*link != NULL && !str_is((*link)->key, "says"))
        link = &(*link)->next;
    if (*link != NULL)
        *link = (*link)->next;
}

bool mutants_each(struct yaml_node *policy, struct arena *arena,
                  void (*each)(void *self, const struct mutant *mutant), void *self)
{
    struct maker maker = {.root = policy, .arena = arena, .each = each, .self = self};
    mutate(&maker, policy, STR(""));
    return !maker.full;
}
