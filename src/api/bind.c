/* Reads, writes and describes structs by their tables. */
#include <stdio.h>

#include "bind.h"

enum { POINTER_BYTES = 200, NEAR_MOST = 3, DIGIT_RUN = 6 };

/* Where in the body we are, as a JSON pointer. */
struct place {
    char text[POINTER_BYTES + 1];
    size_t len;
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool bind_is_vetted(str text)
{
    if (text.len == 0 || text.len > 64)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!is_letter(c) && !is_digit(c) && c != '_' && c != '-')
            return false;
    }
    return true;
}

bool bind_is_name(str text)
{
    if (text.len == 0 || text.len > 64 || !is_letter(text.ptr[0]))
        return false;
    size_t digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        digits = is_digit(c) ? digits + 1 : 0;
        if (digits > DIGIT_RUN ||
            (!is_letter(c) && !is_digit(c) && c != '_' && c != '-' && c != '.'))
            return false;
    }
    return true;
}

/* ---- places ---- */

/* Goes one step down; the caller puts `len` back afterwards. A name that may not be repeated is
 * left out, so the pointer then ends at its parent. */
static void step_name(struct place *place, str name)
{
    if (!bind_is_name(name) || place->len + name.len + 1 > POINTER_BYTES)
        return;
    place->text[place->len++] = '/';
    memcpy(place->text + place->len, name.ptr, name.len);
    place->len += name.len;
    place->text[place->len] = '\0';
}

static void step_index(struct place *place, size_t index)
{
    char text[24];
    int length = snprintf(text, sizeof(text), "/%zu", index);
    if (place->len + (size_t)length > POINTER_BYTES)
        return;
    memcpy(place->text + place->len, text, (size_t)length + 1);
    place->len += (size_t)length;
}

static void step_back(struct place *place, size_t len)
{
    place->len = len;
    place->text[len] = '\0';
}

/* ---- reading ---- */

struct binding_in {
    struct arena *arena;
    struct report *report;
    struct place place;
};

static status read_object(struct binding_in *in, const struct bind_form *form,
                          const struct json *body, void *into);

static status typed(struct binding_in *in, const char *type, status failed)
{
    if (in->report != NULL)
        snprintf(in->report->type, sizeof(in->report->type), "%s", type);
    return failed;
}

static status wrong_type(struct binding_in *in, const char *wanted)
{
    return typed(in, "wrong_type",
                 fail_at(in->report, FAULT_INVALID, in->place.text, "this must be %s", wanted));
}

static const char *nearest_member(const struct bind_form *form, str name)
{
    const char *best = NULL;
    unsigned least = NEAR_MOST + 1;
    for (size_t i = 0; i < form->count; i++) {
        unsigned distance = str_distance(name, str_from(form->members[i].name));
        if (distance < least) {
            least = distance;
            best = form->members[i].name;
        }
    }
    return best;
}

struct member_names {
    char text[256];
};

/* The names of a form, as many as there is room for. */
static struct member_names all_members(const struct bind_form *form)
{
    struct member_names out;
    struct buf buf = buf_over(out.text, sizeof(out.text) - sizeof(", ..."));
    size_t whole = 0;
    for (size_t i = 0; i < form->count && !buf.full; i++) {
        buf_text(&buf, i == 0 ? "" : ", ");
        buf_text(&buf, form->members[i].name);
        if (!buf.full)
            whole = buf_str(&buf).len;
    }
    memcpy(out.text + whole, buf.full ? ", ..." : "", buf.full ? sizeof(", ...") : 1);
    return out;
}

static status unknown_member(struct binding_in *in, const struct bind_form *form, str name)
{
    const char *near = nearest_member(form, name);
    if (near != NULL) { /* a slip of the pen; anything else may be data, and is not repeated */
        step_name(&in->place, name);
        return typed(in, "unknown_member",
                     fail_at(in->report, FAULT_INVALID, in->place.text,
                             "there is no such member here; did you mean \"%s\"?", near));
    }
    return typed(in, "unknown_member",
                 fail_at(in->report, FAULT_INVALID, in->place.text,
                         "there is no such member here; there are: %s", all_members(form).text));
}

static status missing_member(struct binding_in *in, const char *name)
{
    step_name(&in->place, str_from(name));
    return typed(in, "missing_member",
                 fail_at(in->report, FAULT_INVALID, in->place.text, "\"%s\" is missing", name));
}

static status read_id(struct binding_in *in, const struct json *value, void *into)
{
    str text;
    if (!json_str(value, &text) || !id_parse(text, into))
        return wrong_type(in, "an id of 22 characters");
    return OK;
}

static status read_u64(struct binding_in *in, const struct json *value, int64_t most, int64_t *into)
{
    if (!json_i64(value, into) || *into < 0 || *into > most)
        return wrong_type(in, "a whole number that is not negative");
    return OK;
}

/* A new array for a list; its pointer and count are put into the struct. */
static status new_array(struct binding_in *in, const struct bind_member *member,
                        const struct json *value, size_t size, void *into, char **array)
{
    *array = arena_take(in->arena, size * value->count + 1);
    if (*array == NULL)
        return NO_MEMORY(in->report);
    memcpy((char *)into + member->offset, array, sizeof(*array));
    memcpy((char *)into + member->count_offset, &value->count, sizeof(value->count));
    return OK;
}

static status read_element(struct binding_in *in, const struct bind_member *member,
                           const struct json *value, void *into)
{
    if (member->type == BIND_IDS)
        return read_id(in, value, into);
    if (member->type == BIND_OBJECTS)
        return read_object(in, member->form, value, into);
    return json_str(value, into) ? OK : wrong_type(in, "a text");
}

static size_t element_size(const struct bind_member *member)
{
    if (member->type == BIND_IDS)
        return ID_BYTES;
    return member->type == BIND_TEXTS ? sizeof(str) : member->form->size;
}

static status read_list(struct binding_in *in, const struct bind_member *member,
                        const struct json *value, void *into)
{
    if (!json_is_array(value))
        return wrong_type(in, "a list");
    if (member->filled && value->count == 0)
        return wrong_type(in, "a list with something in it, or left out for all");
    char *array;
    size_t size = element_size(member), len = in->place.len, index = 0;
    TRY(new_array(in, member, value, size, into, &array));
    for (JSON_EACH(element, value)) {
        step_index(&in->place, index);
        TRY(read_element(in, member, element, array + size * index));
        step_back(&in->place, len);
        index++;
    }
    return OK;
}

static status read_map(struct binding_in *in, const struct bind_member *member,
                       const struct json *value, void *into)
{
    if (!json_is_object(value))
        return wrong_type(in, "an object of texts");
    char *array;
    size_t size = member->form->size, index = 0;
    TRY(new_array(in, member, value, size, into, &array));
    for (JSON_EACH(entry, value)) {
        str text;
        if (!json_str(entry, &text)) /* the place is the map's: its names are the client's */
            return wrong_type(in, "an object of texts");
        char *element = array + size * index++;
        memcpy(element + member->form->members[0].offset, &entry->name, sizeof(str));
        memcpy(element + member->form->members[1].offset, &text, sizeof(str));
    }
    return OK;
}

static status read_number(struct binding_in *in, const struct bind_member *member,
                          const struct json *value, void *into)
{
    int64_t number;
    TRY(read_u64(in, value, member->type == BIND_U32 ? UINT32_MAX : INT64_MAX, &number));
    uint32_t narrow = (uint32_t)number;
    uint64_t wide = (uint64_t)number;
    if (member->type == BIND_U32)
        memcpy(into, &narrow, sizeof(narrow));
    else
        memcpy(into, &wide, sizeof(wide));
    return OK;
}

static status read_one(struct binding_in *in, const struct bind_member *member,
                       const struct json *value, void *into)
{
    void *made = arena_take(in->arena, member->form->size);
    if (made == NULL)
        return NO_MEMORY(in->report);
    memcpy(into, &made, sizeof(made));
    return read_object(in, member->form, value, made);
}

static status read_member(struct binding_in *in, const struct bind_member *member,
                          const struct json *value, void *whole)
{
    void *into = (char *)whole + member->offset;
    switch (member->type) {
    case BIND_TEXT:
        return json_str(value, into) ? OK : wrong_type(in, "a text");
    case BIND_ID:
        return read_id(in, value, into);
    case BIND_INSTANT:
        return json_instant(value, into) ? OK : wrong_type(in, "a moment: 2026-09-01T12:00:00Z");
    case BIND_BOOL:
        return json_bool(value, into) ? OK : wrong_type(in, "true or false");
    case BIND_U32:
    case BIND_U64:
        return read_number(in, member, value, into);
    case BIND_TEXTS:
    case BIND_IDS:
    case BIND_OBJECTS:
        return read_list(in, member, value, whole);
    case BIND_MAP:
        return read_map(in, member, value, whole);
    case BIND_OBJECT:
        return read_one(in, member, value, into);
    case BIND_JSON:
        break;
    }
    return fail(in->report, FAULT_INTERNAL, "a member for replies stands in a request");
}

static const struct bind_member *find_member(const struct bind_form *form, str name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (str_is(name, form->members[i].name))
            return &form->members[i];
    }
    return NULL;
}

static status check_missing(struct binding_in *in, const struct bind_form *form,
                            const struct json *body)
{
    for (size_t i = 0; i < form->count; i++) {
        if (form->members[i].need == REQUIRED && json_get(body, form->members[i].name) == NULL)
            return missing_member(in, form->members[i].name);
    }
    return OK;
}

static status read_object(struct binding_in *in, const struct bind_form *form,
                          const struct json *body, void *into)
{
    if (!json_is_object(body))
        return wrong_type(in, "an object");
    size_t len = in->place.len;
    memset(into, 0, form->size);
    for (JSON_EACH(value, body)) {
        const struct bind_member *member = find_member(form, value->name);
        if (member == NULL)
            return unknown_member(in, form, value->name);
        step_name(&in->place, value->name);
        TRY(read_member(in, member, value, into));
        if (member->stated_offset != 0)
            *((bool *)into + member->stated_offset) = true;
        step_back(&in->place, len);
    }
    return check_missing(in, form, body);
}

status bind_read(const struct bind_form *form, const struct json *body, struct arena *arena,
                 struct report *report, void *into)
{
    assert(form != NULL && into != NULL);
    struct binding_in in = {.arena = arena, .report = report};
    return read_object(&in, form, body, into);
}

/* ---- what was read ---- */

static size_t count_of(const struct bind_member *member, const void *whole)
{
    size_t count;
    memcpy(&count, (const char *)whole + member->count_offset, sizeof(count));
    return count;
}

static const char *pointer_of(const struct bind_member *member, const void *whole)
{
    const char *pointer;
    memcpy(&pointer, (const char *)whole + member->offset, sizeof(pointer));
    return pointer;
}

static str text_at(const void *from)
{
    str text;
    memcpy(&text, from, sizeof(text));
    return text;
}

static uint64_t number_at(const struct bind_member *member, const void *from)
{
    uint32_t narrow;
    uint64_t wide;
    if (member->type == BIND_U32) {
        memcpy(&narrow, from, sizeof(narrow));
        return narrow;
    }
    memcpy(&wide, from, sizeof(wide));
    return wide;
}

static instant instant_at(const void *from)
{
    instant at;
    memcpy(&at, from, sizeof(at));
    return at;
}

static bool find_in_object(const struct bind_form *form, const void *from, const char *text,
                           struct place *place);

static bool find_in_list(const struct bind_member *member, const void *whole, const char *text,
                         struct place *place)
{
    const char *array = pointer_of(member, whole);
    size_t size = element_size(member), len = place->len;
    for (size_t i = 0; i < count_of(member, whole); i++) {
        const char *element = array + size * i;
        step_index(place, i);
        if (member->type == BIND_TEXTS ? text_at(element).ptr == text
                                       : find_in_object(member->form, element, text, place))
            return true;
        step_back(place, len);
    }
    return false;
}

static bool find_in_map(const struct bind_member *member, const void *whole, const char *text)
{
    const struct bind_member *pair = member->form->members;
    const char *array = pointer_of(member, whole);
    for (size_t i = 0; i < count_of(member, whole); i++) {
        const char *element = array + member->form->size * i;
        if (text_at(element + pair[0].offset).ptr == text ||
            text_at(element + pair[1].offset).ptr == text)
            return true;
    }
    return false;
}

static bool find_in_member(const struct bind_member *member, const void *whole, const char *text,
                           struct place *place)
{
    switch (member->type) {
    case BIND_TEXT:
        return text_at((const char *)whole + member->offset).ptr == text;
    case BIND_TEXTS:
    case BIND_OBJECTS:
        return find_in_list(member, whole, text, place);
    case BIND_MAP:
        return find_in_map(member, whole, text);
    case BIND_OBJECT: {
        const char *made = pointer_of(member, whole);
        return made != NULL && find_in_object(member->form, made, text, place);
    }
    case BIND_ID:
    case BIND_INSTANT:
    case BIND_BOOL:
    case BIND_U32:
    case BIND_U64:
    case BIND_IDS:
    case BIND_JSON:
        break;
    }
    return false;
}

static bool find_in_object(const struct bind_form *form, const void *from, const char *text,
                           struct place *place)
{
    size_t len = place->len;
    for (size_t i = 0; i < form->count; i++) {
        step_name(place, str_from(form->members[i].name));
        if (find_in_member(&form->members[i], from, text, place))
            return true;
        step_back(place, len);
    }
    return false;
}

bool bind_place(const struct bind_form *form, const void *from, const char *text, char *pointer,
                size_t room)
{
    struct place place = {0};
    if (text == NULL || !find_in_object(form, from, text, &place))
        return false;
    snprintf(pointer, room, "%s", place.text);
    return true;
}

/* ---- writing ---- */

static bool is_empty(const struct bind_member *member, const void *whole)
{
    const char *from = (const char *)whole + member->offset;
    static const unsigned char none[ID_BYTES];
    switch (member->type) {
    case BIND_TEXT:
    case BIND_JSON:
        return text_at(from).len == 0;
    case BIND_ID:
        return memcmp(from, none, ID_BYTES) == 0;
    case BIND_INSTANT:
        return instant_at(from).ms == 0 || !before(instant_at(from), NEVER);
    case BIND_BOOL:
        return *from == 0;
    case BIND_U32:
    case BIND_U64:
        return number_at(member, from) == 0;
    case BIND_TEXTS:
    case BIND_IDS:
    case BIND_OBJECTS:
    case BIND_MAP:
        return count_of(member, whole) == 0;
    case BIND_OBJECT:
        return pointer_of(member, whole) == NULL;
    }
    return false;
}

static void write_list(const struct bind_member *member, const void *whole, struct json_out *out)
{
    const char *array = pointer_of(member, whole);
    size_t count = count_of(member, whole), size = element_size(member);
    json_open_array(out);
    for (size_t i = 0; i < count; i++) {
        const char *element = array + size * i;
        if (member->type == BIND_TEXTS)
            json_put_str(out, text_at(element));
        else if (member->type == BIND_IDS)
            json_put_id(out, (const unsigned char *)element);
        else
            bind_write(member->form, element, out);
    }
    json_close_array(out);
}

static void write_map(const struct bind_member *member, const void *whole, struct json_out *out)
{
    const char *array = pointer_of(member, whole);
    json_open_object(out);
    for (size_t i = 0; i < count_of(member, whole); i++) {
        const char *element = array + member->form->size * i;
        json_key_str(out, text_at(element + member->form->members[0].offset));
        json_put_str(out, text_at(element + member->form->members[1].offset));
    }
    json_close_object(out);
}

static void write_member(const struct bind_member *member, const void *whole, struct json_out *out)
{
    const char *from = (const char *)whole + member->offset;
    switch (member->type) {
    case BIND_TEXT:
        json_put_str(out, text_at(from));
        return;
    case BIND_JSON:
        json_put_raw(out, text_at(from).len == 0 ? STR("null") : text_at(from));
        return;
    case BIND_ID:
        json_put_id(out, (const unsigned char *)from);
        return;
    case BIND_INSTANT:
        json_put_instant(out, instant_at(from));
        return;
    case BIND_BOOL:
        json_put_bool(out, *from != 0);
        return;
    case BIND_U32:
    case BIND_U64:
        json_put_u64(out, number_at(member, from));
        return;
    case BIND_TEXTS:
    case BIND_IDS:
    case BIND_OBJECTS:
        write_list(member, whole, out);
        return;
    case BIND_MAP:
        write_map(member, whole, out);
        return;
    case BIND_OBJECT:
        bind_write(member->form, pointer_of(member, whole), out);
        return;
    }
}

void bind_write(const struct bind_form *form, const void *from, struct json_out *out)
{
    assert(form != NULL && from != NULL);
    json_open_object(out);
    for (size_t i = 0; i < form->count; i++) {
        const struct bind_member *member = &form->members[i];
        if (member->need == OPTIONAL && is_empty(member, from))
            continue;
        json_key(out, member->name);
        write_member(member, from, out);
    }
    json_close_object(out);
}

/* ---- describing ---- */

static void put_pair(struct json_out *out, const char *name, const char *text)
{
    json_key(out, name);
    json_put_text(out, text);
}

static void put_id_schema(struct json_out *out)
{
    put_pair(out, "type", "string");
    put_pair(out, "pattern", "^[A-Za-z0-9_-]{22}$");
}

static void put_reference(const struct bind_form *form, struct json_out *out)
{
    char text[96];
    snprintf(text, sizeof(text), "#/components/schemas/%s", form->name);
    put_pair(out, "$ref", text);
}

static void put_items(const struct bind_member *member, struct json_out *out)
{
    put_pair(out, "type", "array");
    if (member->filled) {
        json_key(out, "minItems");
        json_put_u64(out, 1);
    }
    json_key(out, "items");
    json_open_object(out);
    if (member->type == BIND_OBJECTS)
        put_reference(member->form, out);
    else if (member->type == BIND_IDS)
        put_id_schema(out);
    else
        put_pair(out, "type", "string");
    json_close_object(out);
}

static void put_number(struct json_out *out)
{
    put_pair(out, "type", "integer");
    json_key(out, "minimum");
    json_put_u64(out, 0);
}

static void put_type(const struct bind_member *member, struct json_out *out)
{
    switch (member->type) {
    case BIND_TEXT:
        put_pair(out, "type", "string");
        return;
    case BIND_ID:
        put_id_schema(out);
        return;
    case BIND_INSTANT:
        put_pair(out, "type", "string");
        put_pair(out, "format", "date-time");
        return;
    case BIND_BOOL:
        put_pair(out, "type", "boolean");
        return;
    case BIND_U32:
    case BIND_U64:
        put_number(out);
        return;
    case BIND_TEXTS:
    case BIND_IDS:
    case BIND_OBJECTS:
        put_items(member, out);
        return;
    case BIND_MAP:
        put_pair(out, "type", "object");
        json_key(out, "additionalProperties");
        json_open_object(out);
        put_pair(out, "type", "string");
        json_close_object(out);
        return;
    case BIND_OBJECT:
        put_reference(member->form, out);
        return;
    case BIND_JSON:
        return; /* any value */
    }
}

static void put_required(const struct bind_form *form, struct json_out *out)
{
    bool any = false;
    for (size_t i = 0; i < form->count; i++)
        any |= form->members[i].need == REQUIRED;
    if (!any)
        return;
    json_key(out, "required");
    json_open_array(out);
    for (size_t i = 0; i < form->count; i++) {
        if (form->members[i].need == REQUIRED)
            json_put_text(out, form->members[i].name);
    }
    json_close_array(out);
}

void bind_schema(const struct bind_form *form, struct json_out *out)
{
    json_open_object(out);
    put_pair(out, "type", "object");
    put_pair(out, "description", form->help);
    json_key(out, "additionalProperties");
    json_put_bool(out, false);
    put_required(form, out);
    json_key(out, "properties");
    json_open_object(out);
    for (size_t i = 0; i < form->count; i++) {
        json_key(out, form->members[i].name);
        json_open_object(out);
        put_type(&form->members[i], out);
        put_pair(out, "description", form->members[i].help);
        json_close_object(out);
    }
    json_close_object(out);
    json_close_object(out);
}
