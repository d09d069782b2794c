/* From libyaml's events to a tree; refuses what the policy language does not take. libyaml itself
 * lets duplicate keys, aliases, tags and stray characters through. */
#include <stdlib.h>
#include <yaml.h>
#include "yaml_tree.h"
#include "limits.h"

enum { KEPT_FAULTS = 50 }; /* beyond this many, a file is not worth reading on */

struct yaml_reading {
    yaml_parser_t *parser;
    struct arena *arena;
    struct yaml_faults *faults;
    struct report *report;
    struct yaml_node *stack[LIMIT_POLICY_DEPTH]; /* the open lists and maps */
    size_t depth, events;
    struct yaml_node *root;
    struct yaml_node pending; /* its key has been read, its value not */
    bool has_key;
    bool root_seen;
};

/* ---- saying what is wrong ---- */

static status fault_add(struct yaml_reading *r, const char *rule, uint32_t line, uint32_t column,
                        str text)
{
    if (r->faults->list.count < KEPT_FAULTS) {
        struct yaml_fault *fault = LIST_ADD(r->arena, &r->faults->list);
        if (fault == NULL)
            return NO_MEMORY(r->report);
        *fault = (struct yaml_fault){rule, line, column, text, false};
    }
    return OK;
}

static status refuse(struct yaml_reading *r, const char *rule, uint32_t line, uint32_t column,
                     str text)
{
    TRY(fault_add(r, rule, line, column, text));
    return fail(r->report, FAULT_SYNTAX, "%.*s", STR_ARG(text));
}

static uint32_t line_of(const yaml_mark_t *mark)
{
    return (uint32_t)mark->line + 1;
}

static uint32_t column_of(const yaml_mark_t *mark)
{
    return (uint32_t)mark->column + 1;
}

static status refuse_at(struct yaml_reading *r, const char *rule, const yaml_mark_t *mark, str text)
{
    return refuse(r, rule, line_of(mark), column_of(mark), text);
}

static status limit_at(struct yaml_reading *r, uint32_t line, uint32_t column, str text)
{
    TRY(fault_add(r, "limit", line, column, text));
    if (r->faults->list.count > 0)
        r->faults->list.at[r->faults->list.count - 1].limit = true;
    return fail(r->report, FAULT_LIMIT, "%.*s", STR_ARG(text));
}

/* ---- characters ---- */

struct character_range {
    uint32_t first, last;
    const char *rule;
};

/* Characters that a reader cannot see, or that turn the order of what is seen. */
static const struct character_range REFUSED[] = {
    {0x00, 0x08, "control-character"},           {0x09, 0x09, "tab"},
    {0x0b, 0x1f, "control-character"},           {0x7f, 0x9f, "control-character"},
    {0x00ad, 0x00ad, "hidden-character"},        {0x061c, 0x061c, "bidirectional-character"},
    {0x180e, 0x180e, "hidden-character"},        {0x200b, 0x200d, "hidden-character"},
    {0x200e, 0x200f, "bidirectional-character"}, {0x2028, 0x2029, "control-character"},
    {0x202a, 0x202e, "bidirectional-character"}, {0x2060, 0x2064, "hidden-character"},
    {0x2066, 0x2069, "bidirectional-character"}, {0xfeff, 0xfeff, "hidden-character"},
    {0xfffe, 0xffff, "control-character"},       {0xe0000, 0xe007f, "hidden-character"},
};

/* The rule that refuses a character, or NULL. */
static const char *character_rule(uint32_t c)
{
    if (c == '\n' || (c >= 0x20 && c < 0x7f))
        return NULL;
    for (size_t i = 0; i < LENGTH(REFUSED); i++)
        if (c >= REFUSED[i].first && c <= REFUSED[i].last)
            return REFUSED[i].rule;
    return NULL;
}

static size_t character_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xe0)
        return 2;
    return lead < 0xf0 ? 3 : 4;
}

/* Decodes the character at the start of valid UTF-8. */
static uint32_t character_decode(const char *at, size_t length)
{
    static const unsigned char LEAD_MASK[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t c = (unsigned char)at[0] & LEAD_MASK[length];
    for (size_t i = 1; i < length; i++)
        c = c << 6 | ((unsigned char)at[i] & 0x3f);
    return c;
}

/* A carriage return is taken only as part of a line's end. */
static const char *character_rule_at(str text, size_t at, size_t length)
{
    if (text.ptr[at] == '\r' && at + 1 < text.len && text.ptr[at + 1] == '\n')
        return NULL;
    return character_rule(character_decode(text.ptr + at, length));
}

static status check_characters(struct yaml_reading *r, str text)
{
    uint32_t line = 1, column = 1;
    for (size_t at = 0; at < text.len;) {
        size_t length = character_length((unsigned char)text.ptr[at]);
        if (at + length > text.len || !utf8_valid(str_slice(text, at, at + length)))
            return refuse(r, "invalid-utf8", line, column, STR("this byte is not UTF-8"));
        const char *rule = character_rule_at(text, at, length);
        if (rule != NULL) {
            str said = arena_format(r->arena, "the character U+%04X is not allowed in a policy",
                                    character_decode(text.ptr + at, length));
            return refuse(r, rule, line, column, said);
        }
        if (text.ptr[at] == '\n') {
            line++;
            column = 0;
        }
        column++;
        at += length;
    }
    return OK;
}

/* Escapes may name characters that the text itself may not hold. */
static status check_scalar(struct yaml_reading *r, const yaml_event_t *event, str text)
{
    for (size_t at = 0; at < text.len;) {
        size_t length = character_length((unsigned char)text.ptr[at]);
        const char *rule = character_rule(character_decode(text.ptr + at, length));
        if (rule != NULL)
            return refuse_at(r, rule, &event->start_mark,
                             STR("an escape in this text names a character that is not allowed"));
        at += length;
    }
    return OK;
}

/* ---- the tree ---- */

static status node_add(struct yaml_reading *r, const yaml_event_t *event, enum yaml_kind kind,
                       str text, struct yaml_node **node)
{
    *node = ARENA_NEW(r->arena, struct yaml_node);
    if (*node == NULL)
        return NO_MEMORY(r->report);
    **node = r->pending;
    r->pending = (struct yaml_node){0};
    r->has_key = false;
    (*node)->kind = kind;
    (*node)->line = line_of(&event->start_mark);
    (*node)->column = column_of(&event->start_mark);
    (*node)->text = text;
    if (r->depth == 0) {
        r->root = *node;
        return OK;
    }
    struct yaml_node *parent = r->stack[r->depth - 1];
    if (parent->first == NULL)
        parent->first = *node;
    else
        parent->last->next = *node;
    parent->last = *node;
    parent->count++;
    return OK;
}

static bool wants_key(const struct yaml_reading *r)
{
    return r->depth > 0 && r->stack[r->depth - 1]->kind == YAML_MAP && !r->has_key;
}

static status key_take(struct yaml_reading *r, const yaml_event_t *event, str text)
{
    if (str_is(text, "<<"))
        return refuse_at(r, "merge-key", &event->start_mark,
                         STR("merge keys are not part of the language"));
    r->pending = (struct yaml_node){.key = text,
                                    .key_line = line_of(&event->start_mark),
                                    .key_column = column_of(&event->start_mark)};
    r->has_key = true;
    return OK;
}

static status scalar_take(struct yaml_reading *r, const yaml_event_t *event)
{
    str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    text = arena_copy(r->arena, text);
    if (text.ptr == NULL)
        return NO_MEMORY(r->report);
    TRY(check_scalar(r, event, text));
    if (wants_key(r))
        return key_take(r, event, text);
    struct yaml_node *node;
    TRY(node_add(r, event, YAML_SCALAR, text, &node));
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return OK;
}

static status collection_open(struct yaml_reading *r, const yaml_event_t *event,
                              enum yaml_kind kind)
{
    if (wants_key(r))
        return refuse_at(r, "key", &event->start_mark, STR("a key is one word"));
    if (r->depth == LIMIT_POLICY_DEPTH)
        return limit_at(r, line_of(&event->start_mark), column_of(&event->start_mark),
                        STR("nested more than 32 deep"));
    struct yaml_node *node;
    TRY(node_add(r, event, kind, (str){0}, &node));
    r->stack[r->depth++] = node;
    return OK;
}

/* ---- keys that stand twice ---- */

static int compare_keys(const void *left, const void *right)
{
    const struct yaml_node *a = *(const struct yaml_node *const *)left;
    const struct yaml_node *b = *(const struct yaml_node *const *)right;
    int order = str_compare(a->key, b->key);
    if (order != 0)
        return order;
    if (a->key_line != b->key_line)
        return a->key_line < b->key_line ? -1 : 1;
    return (a->key_column > b->key_column) - (a->key_column < b->key_column);
}

static status check_keys(struct yaml_reading *r, const struct yaml_node *map)
{
    if (map->count < 2)
        return OK;
    struct yaml_node **sorted = ARENA_ARRAY(r->arena, struct yaml_node *, map->count);
    if (sorted == NULL)
        return NO_MEMORY(r->report);
    size_t count = 0;
    for (struct yaml_node *child = map->first; child != NULL; child = child->next)
        sorted[count++] = child;
    qsort(sorted, count, sizeof(struct yaml_node *), compare_keys);
    for (size_t i = 1; i < count; i++) {
        if (!str_equal(sorted[i - 1]->key, sorted[i]->key))
            continue;
        str text = arena_format(r->arena, "`%.*s` stands twice; the first is on line %u",
                                STR_ARG(sorted[i]->key), sorted[i - 1]->key_line);
        TRY(fault_add(r, "duplicate-key", sorted[i]->key_line, sorted[i]->key_column, text));
    }
    return OK;
}

/* ---- events ---- */

static status check_tag(struct yaml_reading *r, const yaml_event_t *event, const void *anchor,
                        const void *tag)
{
    if (anchor != NULL)
        return refuse_at(r, "anchor", &event->start_mark,
                         STR("anchors are not part of the language"));
    if (tag != NULL)
        return refuse_at(r, "tag", &event->start_mark, STR("tags are not part of the language"));
    return OK;
}

static status document_open(struct yaml_reading *r, const yaml_event_t *event)
{
    if (r->root_seen)
        return refuse_at(r, "second-document", &event->start_mark,
                         STR("a file holds one document"));
    r->root_seen = true;
    if (event->data.document_start.version_directive != NULL ||
        event->data.document_start.tag_directives.start !=
            event->data.document_start.tag_directives.end)
        return refuse_at(r, "directive", &event->start_mark,
                         STR("directives are not part of the language"));
    return OK;
}

static status event_take(struct yaml_reading *r, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return OK;
    case YAML_DOCUMENT_START_EVENT:
        return document_open(r, event);
    case YAML_ALIAS_EVENT:
        return refuse_at(r, "alias", &event->start_mark,
                         STR("aliases are not part of the language"));
    case YAML_SCALAR_EVENT:
        TRY(check_tag(r, event, event->data.scalar.anchor, event->data.scalar.tag));
        return scalar_take(r, event);
    case YAML_SEQUENCE_START_EVENT:
        TRY(check_tag(r, event, event->data.sequence_start.anchor, event->data.sequence_start.tag));
        return collection_open(r, event, YAML_LIST);
    case YAML_MAPPING_START_EVENT:
        TRY(check_tag(r, event, event->data.mapping_start.anchor, event->data.mapping_start.tag));
        return collection_open(r, event, YAML_MAP);
    case YAML_SEQUENCE_END_EVENT:
        r->depth--;
        return OK;
    case YAML_MAPPING_END_EVENT:
        return check_keys(r, r->stack[--r->depth]);
    }
    return fail(r->report, FAULT_INTERNAL, "libyaml gave an event that it does not declare");
}

static status parser_fault(struct yaml_reading *r)
{
    const yaml_parser_t *parser = r->parser;
    const char *problem = parser->problem != NULL ? parser->problem : "this is not YAML";
    str text = parser->context != NULL ? arena_format(r->arena, "%s, %s", parser->context, problem)
                                       : arena_format(r->arena, "%s", problem);
    return refuse_at(r, "yaml", &parser->problem_mark, text);
}

static status events_read(struct yaml_reading *r)
{
    for (;;) {
        CLEANUP(yaml_event_delete) yaml_event_t event = {0};
        if (!yaml_parser_parse(r->parser, &event))
            return parser_fault(r);
        if (event.type == YAML_STREAM_END_EVENT)
            return OK;
        if (++r->events > LIMIT_POLICY_EVENTS)
            return limit_at(r, line_of(&event.start_mark), column_of(&event.start_mark),
                            STR("more than 100000 values in one file"));
        TRY(event_take(r, &event));
    }
}

status yaml_read(str text, struct arena *arena, struct yaml_faults *faults, struct report *report,
                 struct yaml_node **root)
{
    assert(arena != NULL);
    assert(faults != NULL);
    assert(root != NULL);

    struct yaml_reading r = {.arena = arena, .faults = faults, .report = report};
    if (text.len > LIMIT_POLICY_BYTES)
        return limit_at(&r, 1, 1, STR("the file is larger than 1 MB"));
    TRY(check_characters(&r, text));

    CLEANUP(yaml_parser_delete) yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        abort();
    r.parser = &parser;
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)(text.len == 0 ? "" : text.ptr),
                                 text.len);
    TRY(events_read(&r));

    if (r.root == NULL) {
        r.root = ARENA_NEW(arena, struct yaml_node);
        if (r.root == NULL)
            return NO_MEMORY(report);
        *r.root = (struct yaml_node){.kind = YAML_MAP, .line = 1, .column = 1};
    }
    if (faults->list.count > 0)
        return fail(report, FAULT_SYNTAX, "%.*s", STR_ARG(faults->list.at[0].text));
    *root = r.root;
    return OK;
}

/* ---- finding things again ---- */

struct yaml_node *yaml_get(const struct yaml_node *map, str key)
{
    if (map == NULL || map->kind != YAML_MAP)
        return NULL;
    for (struct yaml_node *child = map->first; child != NULL; child = child->next)
        if (str_equal(child->key, key))
            return child;
    return NULL;
}

/* Byte offset of a line and column, both from 1. */
static size_t offset_of(str text, uint32_t line, uint32_t column)
{
    size_t at = 0;
    for (uint32_t i = 1; i < line && at < text.len; i++) {
        const char *end = memchr(text.ptr + at, '\n', text.len - at);
        at = end == NULL ? text.len : (size_t)(end - text.ptr) + 1;
    }
    for (uint32_t i = 1; i < column && at < text.len; i++)
        at += character_length((unsigned char)text.ptr[at]);
    return at < text.len ? at : text.len;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r';
}

/* Folding changes spaces only, so that the nth visible byte of the text is the nth visible byte in
 * the file. Escapes in double quotes are not followed: the place is then a little early. */
void yaml_place(str file_text, const struct yaml_node *scalar, size_t offset, uint32_t *line,
                uint32_t *column)
{
    *line = scalar->line;
    *column = scalar->column;
    size_t visible = 0;
    for (size_t i = 0; i < offset && i < scalar->text.len; i++)
        visible += !is_space(scalar->text.ptr[i]);
    size_t at = offset_of(file_text, scalar->line, scalar->column);
    bool block = at < file_text.len && (file_text.ptr[at] == '|' || file_text.ptr[at] == '>');
    if (scalar->quoted && block) {
        *line += 1;
        *column = 1;
        at = offset_of(file_text, *line, 1);
    } else if (scalar->quoted) {
        *column += 1;
        at += 1;
    }
    size_t all = 0;
    for (size_t i = 0; i < scalar->text.len; i++)
        all += !is_space(scalar->text.ptr[i]);
    bool past_end = visible == all && all > 0; /* right behind the last visible byte */
    visible -= past_end;
    for (; at < file_text.len; at++) {
        char c = file_text.ptr[at];
        if (!is_space(c) && visible-- == 0)
            break;
        if (c == '\n') {
            *line += 1;
            *column = 1;
        } else if (((unsigned char)c & 0xc0) != 0x80) {
            *column += 1;
        }
    }
    *column += past_end;
}

/* ---- writing ---- */

/* Words that other readers of YAML would not take as text. */
static bool reads_as_other(str text)
{
    static const char *const WORDS[] = {"true", "false", "null", "yes", "no", "on",
                                        "off",  "y",     "n",    "~",   "NO"};
    for (size_t i = 0; i < LENGTH(WORDS); i++)
        if (str_is(text, WORDS[i]))
            return true;
    return false;
}

static bool is_plain(str text)
{
    if (text.len == 0 || text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ' ||
        reads_as_other(text))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool digit = c >= '0' && c <= '9';
        bool inner = i > 0 && (c == '-' || c == ' ' || c == '(' || c == ')' || c == '/');
        if (!letter && !digit && !inner && c != '_' && c != '.')
            return false;
    }
    return true;
}

void buf_yaml_scalar(struct buf *out, str text)
{
    if (is_plain(text)) {
        buf_add(out, text);
        return;
    }
    buf_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"' || c == '\\')
            buf_char(out, '\\');
        if (c == '\n')
            buf_text(out, "\\n");
        else
            buf_char(out, c);
    }
    buf_char(out, '"');
}

void buf_yaml_flow(struct buf *out, const struct yaml_node *node)
{
    if (node->kind == YAML_SCALAR) {
        buf_yaml_scalar(out, node->text);
        return;
    }
    buf_char(out, node->kind == YAML_LIST ? '[' : '{');
    for (const struct yaml_node *child = node->first; child != NULL; child = child->next) {
        if (node->kind == YAML_MAP) {
            buf_yaml_scalar(out, child->key);
            buf_text(out, ": ");
        }
        buf_yaml_flow(out, child);
        buf_text(out, child->next == NULL ? "" : ", ");
    }
    buf_char(out, node->kind == YAML_LIST ? ']' : '}');
}
