/* The JSON Schema of policy files, for editors: which keys may stand where, which words, and what
 * each of them says. Written from the vocabulary. It knows no names of the file itself: whether a
 * purpose exists is the loader's to say. */
#include "schema.h"
#include "json.h"
#include "vocabulary.h"

#define ID_PATTERN "^[a-z][a-z0-9_]*$"

static const char *const LIST_NAMES[LIST_COUNT] = {
#define WORDS(list) #list,
#include "vocabulary.def"
};

static void put(struct json_out *out, const char *key, const char *text)
{
    json_key(out, key);
    json_put_text(out, text);
}

static void open_schema(struct json_out *out, const char *key)
{
    json_key(out, key);
    json_open_object(out);
}

static void open_list(struct json_out *out, const char *key)
{
    json_key(out, key);
    json_open_array(out);
}

/* ---- values ---- */

static void put_ref(struct json_out *out, const char *kind, const char *name)
{
    char room[96];
    struct buf buf = buf_over(room, sizeof(room));
    buf_format(&buf, "#/definitions/%s%s", kind, name);
    json_key(out, "$ref");
    json_put_str(out, buf_str(&buf));
}

static void put_array_of(struct json_out *out, const char *kind, const char *name)
{
    put(out, "type", "array");
    open_schema(out, "items");
    put_ref(out, kind, name);
    json_close_object(out);
}

struct alternative {
    const char *kind; /* "ref", "array", "word" */
    const char *prefix, *name;
};

static void put_alternative(struct json_out *out, const struct alternative *alternative)
{
    json_open_object(out);
    if (str_is(str_from(alternative->kind), "ref"))
        put_ref(out, alternative->prefix, alternative->name);
    else if (str_is(str_from(alternative->kind), "array"))
        put_array_of(out, alternative->prefix, alternative->name);
    else
        put(out, "const", alternative->name);
    json_close_object(out);
}

/* `unspecified` may stand in the place of any value. `second` may be NULL. */
static void put_any_of(struct json_out *out, const struct alternative *first,
                       const struct alternative *second)
{
    static const struct alternative unspecified = {"word", "", "unspecified"};
    const struct alternative *all[] = {first, second, &unspecified};
    open_list(out, "anyOf");
    for (size_t i = 0; i < LENGTH(all); i++) {
        if (all[i] != NULL)
            put_alternative(out, all[i]);
    }
    json_close_array(out);
}

enum shape { ONE, LIST_OF, ONE_OR_LIST, WORD_OR_LIST, MAP_OF };
struct value_schema {
    enum shape shape;
    const char *prefix, *name; /* of the definition; the name may be the key's list */
    const char *word;          /* WORD_OR_LIST: "all" */
};

/* Types whose words are those of the key's own list have no name here. */
static const struct value_schema VALUES[VALUE_TYPE_COUNT] = {
    [VALUE_TEXT] = {ONE, "", "text", NULL},
    [VALUE_WORD] = {ONE, "", "text", NULL},
    [VALUE_CHANNEL] = {ONE, "words.", NULL, NULL},
    [VALUE_ENUM] = {ONE, "words.", NULL, NULL},
    [VALUE_FLAG] = {ONE, "", "flag", NULL},
    [VALUE_COUNT] = {ONE, "", "count", NULL},
    [VALUE_SPAN] = {ONE, "", "span", NULL},
    [VALUE_MASK] = {LIST_OF, "words.", NULL, NULL},
    [VALUE_MAY] = {LIST_OF, "words.", NULL, NULL},
    [VALUE_WORDS] = {LIST_OF, "", "id", NULL},
    [VALUE_WORD_LIST] = {LIST_OF, "words.", NULL, NULL},
    [VALUE_CHANNEL_LIST] = {LIST_OF, "words.", NULL, NULL},
    [VALUE_REF] = {ONE, "", "id", NULL},
    [VALUE_REFS] = {LIST_OF, "", "id", NULL},
    [VALUE_REFS_ALL] = {WORD_OR_LIST, "", "id", "all"},
    [VALUE_FIELDS] = {LIST_OF, "", "data", NULL},
    [VALUE_FIELDS_ALL] = {WORD_OR_LIST, "", "data", "all"},
    [VALUE_CATEGORIES] = {LIST_OF, "", "id", NULL},
    [VALUE_NEEDS] = {WORD_OR_LIST, "", "need", "none"},
    [VALUE_KEEP] = {ONE_OR_LIST, "", "moment", NULL},
    [VALUE_MOMENT] = {ONE, "", "moment", NULL},
    [VALUE_SAYS] = {MAP_OF, "", "text", NULL},
    [VALUE_COVERS] = {LIST_OF, "", "text", NULL},
    [VALUE_PATH] = {ONE, "", "text", NULL},
    [VALUE_VERN] = {ONE, "", "one", NULL},
    [VALUE_POLICY] = {ONE, "", "id", NULL},
    [VALUE_EFFECTIVE] = {ONE, "", "text", NULL},
    [VALUE_TIMEZONE] = {ONE, "", "text", NULL},
    [VALUE_LANGUAGES] = {LIST_OF, "", "text", NULL},
    [VALUE_ACTING] = {ONE, "words.", NULL, NULL},
    [VALUE_WHO] = {WORD_OR_LIST, "", "id", "acting"},
    [VALUE_CATEGORY_FIELDS] = {MAP_OF, "words.", NULL, NULL},
    [VALUE_EVENT_OF] = {ONE, "", "id", NULL},
    [VALUE_EVIDENCE_BY] = {ONE_OR_LIST, "", "id", NULL},
    [VALUE_STARTS] = {ONE, "", "id", NULL},
    [VALUE_OBJECTION] = {ONE, "words.", NULL, NULL},
    [VALUE_COOKIE_PER] = {LIST_OF, "words.", NULL, NULL},
    [VALUE_CHANNELS] = {MAP_OF, "clause.", "channel", NULL},
    [VALUE_STOPS] = {ONE, "clause.", "stops", NULL},
    [VALUE_SWITCH_AT] = {LIST_OF, "", "id", NULL},
    [VALUE_RIGHT_AT] = {LIST_OF, "", "id", NULL},
    [VALUE_NAMED] = {LIST_OF, "", "text", NULL},
    [VALUE_HOME] = {ONE, "", "home", NULL},
    [VALUE_OUTSIDE] = {ONE, "", "outside", NULL},
    [VALUE_REQUESTS_TO] = {ONE, "", "id", NULL},
    [VALUE_ON_END] = {LIST_OF, "words.", NULL, NULL},
    [VALUE_ALARM_TO] = {ONE_OR_LIST, "", "id", NULL},
    [VALUE_SAYS_OF] = {MAP_OF, "", "says", NULL},
    [VALUE_FINDING_SAYS] = {ONE, "", "finding_says", NULL},
};

static void put_map_of(struct json_out *out, enum value_type type, const char *name)
{
    const struct value_schema *value = &VALUES[type];
    open_list(out, "anyOf");
    json_open_object(out);
    put(out, "type", "object");
    if (type == VALUE_CATEGORY_FIELDS || type == VALUE_CHANNELS) {
        open_schema(out, "propertyNames");
        if (type == VALUE_CHANNELS)
            put_ref(out, "words.", LIST_NAMES[LIST_channels]);
        else
            put(out, "pattern", ID_PATTERN);
        json_close_object(out);
    }
    open_schema(out, "additionalProperties");
    put_ref(out, value->prefix, name);
    json_close_object(out);
    json_close_object(out);
    json_open_object(out);
    put(out, "const", "unspecified");
    json_close_object(out);
    json_close_array(out);
}

static void put_value(struct json_out *out, const struct vocabulary_key *key)
{
    const struct value_schema *value = &VALUES[key->type];
    const char *name = value->name != NULL ? value->name : LIST_NAMES[key->target];
    const struct alternative one = {"ref", value->prefix, name};
    const struct alternative list = {"array", value->prefix, name};
    const struct alternative alone = {"word", "", value->word};
    const struct alternative clocks = {"array", "clause.", "keep"};
    switch (value->shape) {
    case ONE:
        put_any_of(out, &one, NULL);
        break;
    case LIST_OF:
        put_any_of(out, &list, NULL);
        break;
    case ONE_OR_LIST:
        put_any_of(out, &one, key->type == VALUE_KEEP ? &clocks : &list);
        break;
    case WORD_OR_LIST:
        put_any_of(out, &alone, &list);
        break;
    case MAP_OF:
        put_map_of(out, key->type, name);
        break;
    }
}

/* ---- clauses ---- */

static void put_key(struct json_out *out, const struct vocabulary_key *key)
{
    open_schema(out, key->name);
    if (*key->fallback == '\0') {
        put(out, "description", key->explanation);
    } else {
        char room[512];
        struct buf buf = buf_over(room, sizeof(room));
        buf_format(&buf, "%s (when left out: %s)", key->explanation, key->fallback);
        json_key(out, "description");
        json_put_str(out, buf_str(&buf));
    }
    put_value(out, key);
    json_close_object(out);
}

static bool stands_in(const struct vocabulary_key *key, enum section section)
{
    return key->section == section ||
           (key->section == SECTION_any && vocabulary_has_common_keys(section));
}

static void put_required(struct json_out *out, enum section section)
{
    size_t count = 0;
    for (size_t i = 0; i < VOCABULARY_KEY_COUNT; i++)
        count +=
            VOCABULARY_KEYS[i].section == section && (VOCABULARY_KEYS[i].flags & KEY_REQUIRED) != 0;
    if (count == 0)
        return;
    open_list(out, "required");
    for (size_t i = 0; i < VOCABULARY_KEY_COUNT; i++) {
        const struct vocabulary_key *key = &VOCABULARY_KEYS[i];
        if (key->section == section && (key->flags & KEY_REQUIRED) != 0)
            json_put_text(out, key->name);
    }
    json_close_array(out);
}

static void put_clause(struct json_out *out, enum section section)
{
    char room[96];
    struct buf buf = buf_over(room, sizeof(room));
    buf_format(&buf, "clause.%s", VOCABULARY_SECTIONS[section].name);
    json_key_str(out, buf_str(&buf));
    json_open_object(out);
    put(out, "type", "object");
    put(out, "description", VOCABULARY_SECTIONS[section].explanation);
    json_key(out, "additionalProperties");
    json_put_bool(out, false);
    put_required(out, section);
    open_schema(out, "properties");
    for (size_t i = 0; i < VOCABULARY_KEY_COUNT; i++) {
        if (stands_in(&VOCABULARY_KEYS[i], section))
            put_key(out, &VOCABULARY_KEYS[i]);
    }
    json_close_object(out);
    json_close_object(out);
}

/* ---- sections ---- */

/* `names` NULL: ids that the file chooses. */
static void put_named_clauses(struct json_out *out, const char *names, const char *clause)
{
    put(out, "type", "object");
    open_schema(out, "propertyNames");
    if (names == NULL)
        put(out, "pattern", ID_PATTERN);
    else
        put_ref(out, "words.", names);
    json_close_object(out);
    open_schema(out, "additionalProperties");
    put_ref(out, "clause.", clause);
    json_close_object(out);
}

static void put_names(struct json_out *out, const char *clause)
{
    open_list(out, "anyOf");
    json_open_object(out);
    put_array_of(out, "", "id");
    json_close_object(out);
    json_open_object(out);
    put_named_clauses(out, NULL, clause);
    json_close_object(out);
    json_close_array(out);
}

static void put_values(struct json_out *out)
{
    const struct alternative list = {"array", "", "text"};
    put(out, "type", "object");
    open_schema(out, "additionalProperties");
    put_any_of(out, &list, NULL);
    json_close_object(out);
}

static void put_section(struct json_out *out, enum section section)
{
    const struct vocabulary_section *row = &VOCABULARY_SECTIONS[section];
    open_schema(out, row->name);
    put(out, "description", row->explanation);
    switch (row->form) {
    case FORM_CLAUSES:
        put_named_clauses(out, NULL, row->name);
        break;
    case FORM_RIGHTS:
        put_named_clauses(out, LIST_NAMES[LIST_rights], row->name);
        break;
    case FORM_NAMES:
        put_names(out, row->name);
        break;
    case FORM_VALUES:
        put_values(out);
        break;
    case FORM_ITEMS:
        put_array_of(out, "clause.", row->name);
        break;
    case FORM_SINGLE:
        put_ref(out, "clause.", row->name);
        break;
    }
    json_close_object(out);
}

/* ---- definitions ---- */

static void put_pattern(struct json_out *out, const char *name, const char *pattern,
                        const char *description)
{
    open_schema(out, name);
    put(out, "type", "string");
    put(out, "pattern", pattern);
    put(out, "description", description);
    json_close_object(out);
}

static void put_types(struct json_out *out, const char *name, const char *description)
{
    static const char *const TYPES[] = {"string", "number", "boolean"};
    open_schema(out, name);
    put(out, "description", description);
    open_list(out, "type");
    for (size_t i = 0; i < LENGTH(TYPES); i++)
        json_put_text(out, TYPES[i]);
    json_close_array(out);
    json_close_object(out);
}

static void put_place_key(struct json_out *out, const char *name, const struct alternative *first,
                          const struct alternative *second)
{
    open_schema(out, name);
    put_any_of(out, first, second);
    json_close_object(out);
}

static void put_zone_clause(struct json_out *out, const char *name, bool zone)
{
    const struct alternative zones = {"ref", "words.", LIST_NAMES[LIST_zones]};
    const struct alternative none = {"word", "", "none"}, needs = {"array", "", "need"};
    const struct alternative ids = {"array", "", "text"};
    open_schema(out, name);
    open_list(out, "anyOf");
    if (zone) {
        json_open_object(out);
        put_ref(out, "words.", LIST_NAMES[LIST_zones]);
        json_close_object(out);
    }
    json_open_object(out);
    put(out, "type", "object");
    json_key(out, "additionalProperties");
    json_put_bool(out, false);
    open_schema(out, "properties");
    if (zone)
        put_place_key(out, "zone", &zones, NULL);
    put_place_key(out, "needs", &none, &needs);
    put_place_key(out, "covers", &ids, NULL);
    open_schema(out, "says");
    put(out, "type", "object");
    json_close_object(out);
    json_close_object(out);
    json_close_object(out);
    json_close_array(out);
    json_close_object(out);
}

static void put_basics(struct json_out *out)
{
    put_types(out, "text", "text; scalars are read as they are written");
    put_pattern(out, "id", ID_PATTERN, "a name: small letters, digits, _");
    put_pattern(out, "data", "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)?$",
                "a category, category.field or a set");
    put_pattern(out, "need", "^[a-z][a-z0-9_]*( or [a-z][a-z0-9_]*)*$",
                "evidence, or several with `or` between");
    put_pattern(out, "span", "^[1-9][0-9]* (hour|day|week|month|year)s?$", "6 months");
    open_schema(out, "moment");
    put(out, "type", "string");
    put(out, "description", "6 months after last application_received; end of agreement; none");
    json_close_object(out);
    open_schema(out, "flag");
    put(out, "type", "boolean");
    json_close_object(out);
    open_schema(out, "count");
    put(out, "type", "integer");
    json_key(out, "minimum");
    json_put_u64(out, 1);
    json_close_object(out);
    open_schema(out, "one");
    json_key(out, "const");
    json_put_u64(out, 1);
    json_close_object(out);
    put_zone_clause(out, "home", true);
    put_zone_clause(out, "outside", false);
    open_schema(out, "says");
    put(out, "type", "object");
    open_schema(out, "additionalProperties");
    put_ref(out, "", "text");
    json_close_object(out);
    json_close_object(out);
    open_schema(out, "finding_says");
    open_list(out, "type");
    json_put_text(out, "string");
    json_put_text(out, "object");
    json_close_array(out);
    json_close_object(out);
}

static void put_words(struct json_out *out, enum word_list list)
{
    char room[96];
    struct buf buf = buf_over(room, sizeof(room));
    buf_format(&buf, "words.%s", LIST_NAMES[list]);
    json_key_str(out, buf_str(&buf));
    json_open_object(out);
    open_list(out, "oneOf");
    for (size_t i = 0; i < VOCABULARY_WORD_COUNT; i++) {
        if (VOCABULARY_WORDS[i].list != list)
            continue;
        json_open_object(out);
        put(out, "const", VOCABULARY_WORDS[i].text);
        put(out, "description", VOCABULARY_WORDS[i].explanation);
        json_close_object(out);
    }
    json_close_array(out);
    json_close_object(out);
}

void policy_schema_print(struct buf *buf)
{
    struct json_out out = json_out_over(buf);
    json_open_object(&out);
    put(&out, "$schema", "http://json-schema.org/draft-07/schema#");
    put(&out, "title", "A policy for Vern");
    put(&out, "type", "object");
    json_key(&out, "additionalProperties");
    json_put_bool(&out, false);
    put_required(&out, SECTION_top);
    open_schema(&out, "properties");
    for (size_t i = 0; i < VOCABULARY_KEY_COUNT; i++) {
        if (VOCABULARY_KEYS[i].section == SECTION_top)
            put_key(&out, &VOCABULARY_KEYS[i]);
    }
    for (enum section section = 0; section < SECTION_COUNT; section++) {
        if (vocabulary_is_top_level(section))
            put_section(&out, section);
    }
    json_close_object(&out);
    open_schema(&out, "definitions");
    put_basics(&out);
    for (enum word_list list = 0; list < LIST_COUNT; list++)
        put_words(&out, list);
    for (enum section section = 0; section < SECTION_COUNT; section++) {
        if (section != SECTION_any && section != SECTION_top)
            put_clause(&out, section);
    }
    json_close_object(&out);
    json_close_object(&out);
    buf_char(buf, '\n');
}
