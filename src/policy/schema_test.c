/* The JSON Schema of policies says what the loader says of keys, words and forms: the policies fit
 * it, and what is misspelt does not. The validator here knows the keywords that the schema uses and
 * fails at any other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <regex.h>
#include <stdio.h>
#include "file.h"
#include "json.h"
#include "schema.h"
#include "yaml_tree.h"

enum { ARENA_BYTES = 64 << 20, TEXT_BYTES = 1 << 20 };

struct validator {
    struct arena *arena;
    const struct json *root;
};

static bool fits(const struct validator *v, const struct json *schema,
                 const struct yaml_node *node);

static str text_of(const struct json *json)
{
    str text = STR("");
    assert_true(json_str(json, &text));
    return text;
}

/* "#/definitions/id" */
static const struct json *definition(const struct validator *v, const struct json *ref)
{
    str path = text_of(ref), head = STR("#/definitions/");
    assert_true(str_starts(path, head));
    const char *name = arena_c_string(v->arena, str_slice(path, head.len, path.len));
    const struct json *found = json_get(json_get(v->root, "definitions"), name);
    if (found == NULL)
        fail_msg("the schema has no %s", name);
    return found;
}

static bool is_number(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    }
    return text.len > 0;
}

static bool is_type(str type, const struct yaml_node *node)
{
    if (str_is(type, "object"))
        return node->kind == YAML_MAP;
    if (str_is(type, "array"))
        return node->kind == YAML_LIST;
    if (node->kind != YAML_SCALAR)
        return false;
    if (str_is(type, "integer"))
        return is_number(node->text);
    if (str_is(type, "boolean"))
        return str_is(node->text, "true") || str_is(node->text, "false");
    assert_true(str_is(type, "string") || str_is(type, "number"));
    return true;
}

static bool is_one_type(const struct json *types, const struct yaml_node *node)
{
    if (types->kind == JSON_STRING)
        return is_type(text_of(types), node);
    for (const struct json *type = types->child; type != NULL; type = type->next) {
        if (is_type(text_of(type), node))
            return true;
    }
    return false;
}

static bool is_const(const struct json *value, const struct yaml_node *node)
{
    int64_t number;
    if (node->kind != YAML_SCALAR)
        return false;
    if (json_i64(value, &number)) {
        char room[32];
        (void)snprintf(room, sizeof(room), "%lld", (long long)number);
        return str_is(node->text, room);
    }
    return str_equal(text_of(value), node->text);
}

static bool matches(const struct validator *v, const struct json *pattern, str text)
{
    regex_t regex;
    assert_int_equal(
        regcomp(&regex, arena_c_string(v->arena, text_of(pattern)), REG_EXTENDED | REG_NOSUB), 0);
    bool yes = regexec(&regex, arena_c_string(v->arena, text), 0, NULL, 0) == 0;
    regfree(&regex);
    return yes;
}

static bool fits_any(const struct validator *v, const struct json *schemas,
                     const struct yaml_node *node)
{
    for (const struct json *schema = schemas->child; schema != NULL; schema = schema->next) {
        if (fits(v, schema, node))
            return true;
    }
    return false;
}

static bool has_required(const struct validator *v, const struct json *names,
                         const struct yaml_node *node)
{
    (void)v;
    for (const struct json *name = names->child; name != NULL; name = name->next) {
        if (node->kind == YAML_MAP && yaml_get(node, text_of(name)) == NULL)
            return false;
    }
    return true;
}

static bool has_names(const struct validator *v, const struct json *schema,
                      const struct yaml_node *node)
{
    for (const struct yaml_node *child = node->first; child != NULL; child = child->next) {
        struct yaml_node name = {.kind = YAML_SCALAR, .text = child->key};
        if (!fits(v, schema, &name))
            return false;
    }
    return true;
}

static bool has_members(const struct validator *v, const struct json *schema,
                        const struct yaml_node *node)
{
    const struct json *known = json_get(schema, "properties");
    const struct json *others = json_get(schema, "additionalProperties");
    for (const struct yaml_node *child = node->first; node->kind == YAML_MAP && child != NULL;
         child = child->next) {
        const struct json *own =
            known == NULL ? NULL : json_get(known, arena_c_string(v->arena, child->key));
        if (own == NULL && others != NULL && others->kind == JSON_BOOL)
            return false;
        if (own == NULL)
            own = others;
        if (own != NULL && !fits(v, own, child))
            return false;
    }
    return true;
}

static bool has_items(const struct validator *v, const struct json *schema,
                      const struct yaml_node *node)
{
    for (const struct yaml_node *child = node->first; node->kind == YAML_LIST && child != NULL;
         child = child->next) {
        if (!fits(v, schema, child))
            return false;
    }
    return true;
}

static bool keyword_fits(const struct validator *v, const struct json *schema,
                         const struct json *word, const struct yaml_node *node)
{
    str name = word->name;
    if (str_is(name, "$ref"))
        return fits(v, definition(v, word), node);
    if (str_is(name, "anyOf") || str_is(name, "oneOf"))
        return fits_any(v, word, node);
    if (str_is(name, "type"))
        return is_one_type(word, node);
    if (str_is(name, "const"))
        return is_const(word, node);
    if (str_is(name, "pattern"))
        return node->kind != YAML_SCALAR || matches(v, word, node->text);
    if (str_is(name, "required"))
        return has_required(v, word, node);
    if (str_is(name, "propertyNames"))
        return node->kind != YAML_MAP || has_names(v, word, node);
    if (str_is(name, "properties"))
        return has_members(v, schema, node);
    if (str_is(name, "additionalProperties"))
        return json_get(schema, "properties") != NULL || has_members(v, schema, node);
    if (str_is(name, "items"))
        return has_items(v, word, node);
    if (str_is(name, "minimum"))
        return !str_is(node->text, "0");
    if (!str_is(name, "description") && !str_is(name, "title") && !str_is(name, "$schema") &&
        !str_is(name, "definitions"))
        fail_msg("the schema uses %.*s, which this test does not know", STR_ARG(name));
    return true;
}

static bool fits(const struct validator *v, const struct json *schema, const struct yaml_node *node)
{
    assert_int_equal(schema->kind, JSON_OBJECT);
    for (const struct json *word = schema->child; word != NULL; word = word->next) {
        if (!keyword_fits(v, schema, word, node))
            return false;
    }
    return true;
}

static void read_schema(struct validator *v)
{
    struct buf buf = buf_in(v->arena, TEXT_BYTES);
    struct report report = {0};
    str text;
    policy_schema_print(&buf);
    assert_true(is_ok(buf_finish(&buf, &report, &text)));
    assert_true(is_ok(json_parse(v->arena, text, &report, &v->root)));
}

static bool text_fits(const struct validator *v, str text)
{
    struct yaml_faults faults = {0};
    struct report report = {0};
    struct yaml_node *root;
    assert_true(is_ok(yaml_read(text, v->arena, &faults, &report, &root)));
    return fits(v, v->root, root);
}

static str policy_text(const struct validator *v, const char *path)
{
    struct report report = {0};
    str text;
    if (!is_ok(file_read(path, v->arena, TEXT_BYTES, &report, &text)))
        fail_msg("%s: %s", path, report.text);
    return text;
}

static void the_policies_fit_the_schema(void **state)
{
    (void)state;
    static const char *const PATHS[] = {
        "policies/cobuilder.yaml",         "policies/infobric.yaml",
        "policies/cloudberries.yaml",      "policies/hosting.yaml",
        "policies/confect.yaml",           "policies/example.yaml",
        "policies/confect.customer.yaml",  "policies/hosting.customer.yaml",
        "policies/infobric.customer.yaml",
    };
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct validator v = {.arena = arena};
    read_schema(&v);
    for (size_t i = 0; i < LENGTH(PATHS); i++) {
        if (!text_fits(&v, policy_text(&v, PATHS[i])))
            fail_msg("%s does not fit the schema", PATHS[i]);
    }
}

/* The example with one text put in the place of another. */
static bool example_fits_with(const struct validator *v, const char *from, const char *to)
{
    str text = policy_text(v, "policies/example.yaml"), old = str_from(from);
    for (size_t i = 0; i + old.len <= text.len; i++) {
        if (!str_equal(str_slice(text, i, i + old.len), old))
            continue;
        str rest = str_slice(text, i + old.len, text.len);
        return text_fits(v,
                         arena_format(v->arena, "%.*s%s%.*s", (int)i, text.ptr, to, STR_ARG(rest)));
    }
    fail_msg("the example does not say %s", from);
    return false;
}

static void what_is_misspelt_or_missing_does_not_fit_the_schema(void **state)
{
    (void)state;
    static const char *const CHANGES[][2] = {
        {"basis: contract", "basis: contrakt"},
        {"basis: contract", "basis: [contract]"},
        {"roles: [customer]", "rolls: [customer]"},
        {"    basis: consent\n", ""},
        {"marketing: own", "marketing: their"},
        {"valid: 12 months", "valid: 12 moons"},
        {"before_contract: true", "before_contract: maybe"},
        {"purposes:\n  orders:", "purposes:\n  Orders:"},
        {"\nrights:", "\nright:"},
        {"policy: example", "policy: Example"},
        {"channel: web", "channel: pigeon"},
    };
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct validator v = {.arena = arena};
    read_schema(&v);
    assert_true(example_fits_with(&v, "basis: contract", "basis: unspecified"));
    for (size_t i = 0; i < LENGTH(CHANGES); i++) {
        if (example_fits_with(&v, CHANGES[i][0], CHANGES[i][1]))
            fail_msg("\"%s\" passes for \"%s\"", CHANGES[i][1], CHANGES[i][0]);
    }
}

#define BAD "tests/bad-policies"

/* "# 31:15 unknown-key -> needs": whose form the loader does not take. */
static bool breaks_the_form(str text)
{
    static const char *const FORM[] = {"unknown-key", "missing-key", "unknown-word",
                                       "wrong-value", "name",        "all-not-legal"};
    char code[64] = "";
    const char *end = memchr(text.ptr, '\n', text.len);
    char line[256] = "";
    assert_non_null(end);
    size_t len = (size_t)(end - text.ptr);
    memcpy(line, text.ptr, len < sizeof(line) ? len : sizeof(line) - 1);
    if (sscanf(line, "# %*u:%*u %63s", code) != 1)
        return false; /* good.yaml */
    for (size_t i = 0; i < LENGTH(FORM); i++) {
        if (strcmp(code, FORM[i]) == 0)
            return true;
    }
    return false;
}

/* What the schema cannot say: of a name whether it is declared, of a key whether another one calls
 * for it, of a text what stands in it. */
static bool needs_the_loader(const char *file)
{
    static const char *const FILES[] = {
        "unknown-role.yaml",
        "unknown-category.yaml",
        "unknown-staff.yaml",
        "unknown-alarm-receiver.yaml",
        "unknown-purpose.yaml",
        "unknown-controller.yaml",
        "unknown-built-in-rule.yaml",
        "unknown-contact.yaml",
        "unknown-message.yaml",
        "unknown-evidence-in-or.yaml",
        "unknown-evidence.yaml",
        "unknown-matter.yaml",
        "unknown-start.yaml",
        "unknown-field.yaml",
        "missing-for-of-a-record.yaml",
        "missing-gives.yaml",
        "switch-that-does-nothing.yaml",
        "name-is-word-of-the-language.yaml",
        "keep-none-in-entry.yaml",
        "wrong-date.yaml",
    };
    if (str_starts(str_from(file), STR("moment-")))
        return true;
    for (size_t i = 0; i < LENGTH(FILES); i++) {
        if (str_is(str_from(file), FILES[i]))
            return true;
    }
    return false;
}

/* C38: what an editor marks by the schema is what the loader refuses for its form */
static void each_bad_policy_that_breaks_the_shape_does_not_fit_the_schema(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct validator v = {.arena = arena};
    size_t count = 0;
    read_schema(&v);
    DIR *folder = opendir(BAD);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (!str_ends(str_from(entry->d_name), STR(".yaml")))
            continue;
        char path[300];
        (void)snprintf(path, sizeof(path), BAD "/%s", entry->d_name);
        str text = policy_text(&v, path);
        struct yaml_faults faults = {0};
        struct report report = {0};
        struct yaml_node *root;
        bool reads = is_ok(yaml_read(text, arena, &faults, &report, &root));
        if (!reads || !breaks_the_form(text) || needs_the_loader(entry->d_name))
            continue;
        count++;
        if (fits(&v, v.root, root))
            fail_msg("%s fits the schema", path);
    }
    closedir(folder);
    assert_in_range(count, 40, 200);
}

#define FOREIGN "tests/foreign/rules.txt"

/* C38, C01: policies of other firms fit it, also those in which the linter finds something */
static void small_policies_of_other_firms_fit_the_schema(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct validator v = {.arena = arena};
    str head = STR("vern: 1\npolicy: fjord_gym\nversion: \"1\"\neffective: 2026-01-01\n"
                   "timezone: Europe/Stockholm\nlanguages: [sv]\n");
    str rest = policy_text(&v, FOREIGN), line, whole = STR("whole\n");
    size_t count = 0;
    read_schema(&v);
    while (str_next(&rest, '\n', &line)) {
        if (!str_starts(line, STR("== ")))
            continue;
        const char *next = memmem(rest.ptr, rest.len, "\n== ", 4);
        str text = {rest.ptr, next == NULL ? rest.len : (size_t)(next - rest.ptr) + 1};
        text = str_starts(text, whole)
                   ? str_slice(text, whole.len, text.len)
                   : arena_format(arena, "%.*s%.*s", STR_ARG(head), STR_ARG(text));
        count++;
        if (!text_fits(&v, text))
            fail_msg("the policy for %.*s does not fit the schema", STR_ARG(line));
    }
    assert_in_range(count, 140, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_policies_fit_the_schema),
        cmocka_unit_test(small_policies_of_other_firms_fit_the_schema),
        cmocka_unit_test(each_bad_policy_that_breaks_the_shape_does_not_fit_the_schema),
        cmocka_unit_test(what_is_misspelt_or_missing_does_not_fit_the_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
