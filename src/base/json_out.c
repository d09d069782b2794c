/* Writing JSON: plain, and canonical by RFC 8785. */
#include <stdlib.h>
#include "base_internal.h"
#include "json.h"

enum { DEEPEST = 63 };

/* What a string's byte needs: nothing, an escape by letter, an escape by number, a closer look. */
enum care { PLAIN, LETTER, NUMBER, LOOK };

static const unsigned char cares[256] = {
    [0] = NUMBER,    [1] = NUMBER,    [2] = NUMBER,         [3] = NUMBER,    [4] = NUMBER,
    [5] = NUMBER,    [6] = NUMBER,    [7] = NUMBER,         ['\b'] = LETTER, ['\t'] = LETTER,
    ['\n'] = LETTER, ['\v'] = NUMBER, ['\f'] = LETTER,      ['\r'] = LETTER, [14 ... 31] = NUMBER,
    ['"'] = LETTER,  ['\\'] = LETTER, [128 ... 255] = LOOK,
};

static enum care care_of(unsigned char c)
{
    return (enum care)cares[c];
}

static void put_letter_escape(struct buf *buf, unsigned char c)
{
    static const char letters[] = "btn?fr"; /* from '\b' to '\r' */
    buf_char(buf, '\\');
    buf_char(buf, c <= '\r' ? letters[c - '\b'] : (char)c);
}

static void put_number_escape(struct buf *buf, unsigned char c)
{
    buf_text(buf, "\\u00");
    buf_hex(buf, (str){(const char *)&c, 1});
}

/* The two line ends of Unicode break JavaScript and line-based tools; RFC 8785 wants them plain. */
static bool is_line_end(str sequence)
{
    return str_is(sequence, "\u2028") || str_is(sequence, "\u2029");
}

/* Writes the sequence at the front of `rest` that is not ASCII and gives its length. */
static size_t put_wide(struct buf *buf, str rest, bool canonical)
{
    size_t step = utf8_step((const unsigned char *)rest.ptr, rest.len);
    if (step == 0) {
        buf_text(buf, "\uFFFD");
        return 1;
    }
    str sequence = str_slice(rest, 0, step);
    if (!canonical && is_line_end(sequence))
        buf_text(buf, sequence.ptr[2] == '\xA8' ? "\\u2028" : "\\u2029");
    else
        buf_add(buf, sequence);
    return step;
}

/* How many bytes at the front need no care. */
static size_t plain_run(str text)
{
    size_t at = 0;
    while (at < text.len && care_of((unsigned char)text.ptr[at]) == PLAIN)
        at++;
    return at;
}

/* Room for a text between quotes that are there; NULL when the buffer is full. */
static char *quoted_room(struct buf *buf, size_t len)
{
    char *place = buf_room(buf, len + 2);
    if (place == NULL)
        return NULL;
    place[0] = '"';
    place[1 + len] = '"';
    return place + 1;
}

static void put_plain(struct buf *buf, str text)
{
    char *place = quoted_room(buf, text.len);
    if (place != NULL && text.len > 0)
        memcpy(place, text.ptr, text.len);
}

static void put_string(struct buf *buf, str text, bool canonical)
{
    size_t at = plain_run(text);
    if (at == text.len) {
        put_plain(buf, text);
        return;
    }
    buf_char(buf, '"');
    buf_add(buf, str_slice(text, 0, at));
    while (at < text.len) {
        str rest = str_slice(text, at, text.len);
        size_t taken = 1;
        switch (care_of((unsigned char)*rest.ptr)) {
        case PLAIN:
            taken = plain_run(rest);
            buf_add(buf, str_slice(rest, 0, taken));
            break;
        case LETTER:
            put_letter_escape(buf, (unsigned char)*rest.ptr);
            break;
        case NUMBER:
            put_number_escape(buf, (unsigned char)*rest.ptr);
            break;
        case LOOK:
            taken = put_wide(buf, rest, canonical);
            break;
        }
        at += taken;
    }
    buf_char(buf, '"');
}

struct json_out json_out_over(struct buf *buf)
{
    assert(buf != NULL);
    return (struct json_out){.buf = buf};
}

static uint64_t level(const struct json_out *out)
{
    return UINT64_C(1) << out->depth;
}

static bool in_object(const struct json_out *out)
{
    return (out->objects & level(out)) != 0;
}

/* A comma where something stands before on the same level. */
static void separate(struct json_out *out)
{
    if ((out->filled & level(out)) != 0) {
        assert(out->depth > 0); /* one value at the top */
        buf_char(out->buf, ',');
    }
    out->filled |= level(out);
}

static void before_value(struct json_out *out)
{
    assert(in_object(out) == out->keyed);
    if (!out->keyed)
        separate(out);
    out->keyed = false;
}

static void open_level(struct json_out *out, bool object)
{
    before_value(out);
    assert(out->depth < DEEPEST);
    out->depth++;
    out->filled &= ~level(out);
    out->objects = object ? out->objects | level(out) : out->objects & ~level(out);
    buf_char(out->buf, object ? '{' : '[');
}

static void close_level(struct json_out *out, bool object)
{
    assert(out->depth > 0);
    assert(in_object(out) == object);
    assert(!out->keyed);
    out->depth--;
    buf_char(out->buf, object ? '}' : ']');
}

void json_open_object(struct json_out *out)
{
    open_level(out, true);
}

void json_close_object(struct json_out *out)
{
    close_level(out, true);
}

void json_open_array(struct json_out *out)
{
    open_level(out, false);
}

void json_close_array(struct json_out *out)
{
    close_level(out, false);
}

void json_key_str(struct json_out *out, str name)
{
    assert(in_object(out));
    assert(!out->keyed);
    separate(out);
    put_string(out->buf, name, false);
    buf_char(out->buf, ':');
    out->keyed = true;
}

/* A name that stands in the program: nothing in it needs an escape. */
void json_key(struct json_out *out, const char *name)
{
    assert(in_object(out));
    assert(!out->keyed);
    size_t length = strlen(name), comma = (out->filled & level(out)) != 0;
    char *place = buf_room(out->buf, comma + length + 3);
    out->filled |= level(out);
    out->keyed = true;
    if (place == NULL)
        return;
    if (comma)
        *place++ = ',';
    place[0] = '"';
    memcpy(place + 1, name, length);
    memcpy(place + 1 + length, "\":", 2);
}

void json_put_str(struct json_out *out, str text)
{
    before_value(out);
    put_string(out->buf, text, false);
}

void json_put_text(struct json_out *out, const char *c_string)
{
    if (c_string == NULL)
        json_put_null(out);
    else
        json_put_str(out, str_from(c_string));
}

void json_put_i64(struct json_out *out, int64_t value)
{
    before_value(out);
    buf_i64(out->buf, value);
}

void json_put_u64(struct json_out *out, uint64_t value)
{
    before_value(out);
    buf_u64(out->buf, value);
}

void json_put_bool(struct json_out *out, bool value)
{
    json_put_raw(out, value ? STR("true") : STR("false"));
}

void json_put_null(struct json_out *out)
{
    json_put_raw(out, STR("null"));
}

void json_put_instant(struct json_out *out, instant at)
{
    if (!instant_has_text(at)) {
        json_put_null(out);
        return;
    }
    before_value(out);
    char *place = quoted_room(out->buf, instant_text_length(at));
    if (place != NULL)
        instant_text(at, place);
}

void json_put_id(struct json_out *out, const unsigned char bytes[ID_BYTES])
{
    before_value(out);
    char *place = quoted_room(out->buf, ID_TEXT);
    if (place != NULL)
        id_text(bytes, place);
}

void json_put_raw(struct json_out *out, str json)
{
    assert(json.len > 0);
    before_value(out);
    buf_add(out->buf, json);
}

void json_put_tree(struct json_out *out, const struct json *value)
{
    assert(value != NULL);
    switch (value->kind) {
    case JSON_NULL:
        json_put_null(out);
        break;
    case JSON_BOOL:
        json_put_bool(out, value->truth);
        break;
    case JSON_NUMBER:
        json_put_raw(out, value->text);
        break;
    case JSON_STRING:
        json_put_str(out, value->text);
        break;
    case JSON_ARRAY:
        json_open_array(out);
        for (JSON_EACH(element, value))
            json_put_tree(out, element);
        json_close_array(out);
        break;
    case JSON_OBJECT:
        json_open_object(out);
        for (JSON_EACH(member, value)) {
            json_key_str(out, member->name);
            json_put_tree(out, member);
        }
        json_close_object(out);
        break;
    }
}

/* ---- canonical ---- */

/* The order of UTF-16 code units over UTF-8. It differs from the order of bytes in one place:
 * characters past U+FFFF (lead byte F0 and up) are surrogates there and come before U+E000 to
 * U+FFFF (lead bytes EE and EF). */
static int compare_utf16(str a, str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < shorter; i++) {
        unsigned char x = (unsigned char)a.ptr[i], y = (unsigned char)b.ptr[i];
        if (x == y)
            continue;
        bool swapped = x >= 0xEE && y >= 0xEE && (x >= 0xF0) != (y >= 0xF0);
        return (x < y) == swapped ? 1 : -1;
    }
    return (a.len > b.len) - (a.len < b.len);
}

static int by_utf16_name(const void *a, const void *b)
{
    return compare_utf16((*(const struct json *const *)a)->name,
                         (*(const struct json *const *)b)->name);
}

static status canonical_number(const struct json *value, struct buf *buf, struct report *report)
{
    int64_t number;
    if (!json_i64(value, &number))
        return fail(report, FAULT_INVALID, "a canonical document holds no number but integers");
    buf_i64(buf, number);
    return OK;
}

static status canonical_array(struct arena *arena, const struct json *value, struct buf *buf,
                              struct report *report)
{
    buf_char(buf, '[');
    for (JSON_EACH(element, value)) {
        if (element != value->child)
            buf_char(buf, ',');
        TRY(json_canonical(arena, element, buf, report));
    }
    buf_char(buf, ']');
    return OK;
}

static status canonical_object(struct arena *arena, const struct json *value, struct buf *buf,
                               struct report *report)
{
    const struct json **sorted = ARENA_ARRAY(arena, const struct json *, value->count);
    size_t count = 0;
    if (sorted == NULL)
        return NO_MEMORY(report);
    for (JSON_EACH(member, value))
        sorted[count++] = member;
    qsort(sorted, count, sizeof(*sorted), by_utf16_name);
    buf_char(buf, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_char(buf, ',');
        put_string(buf, sorted[i]->name, true);
        buf_char(buf, ':');
        TRY(json_canonical(arena, sorted[i], buf, report));
    }
    buf_char(buf, '}');
    return OK;
}

status json_canonical(struct arena *arena, const struct json *value, struct buf *buf,
                      struct report *report)
{
    assert(value != NULL);

    switch (value->kind) {
    case JSON_NULL:
        buf_text(buf, "null");
        return OK;
    case JSON_BOOL:
        buf_text(buf, value->truth ? "true" : "false");
        return OK;
    case JSON_NUMBER:
        return canonical_number(value, buf, report);
    case JSON_STRING:
        put_string(buf, value->text, true);
        return OK;
    case JSON_ARRAY:
        return canonical_array(arena, value, buf, report);
    case JSON_OBJECT:
        return canonical_object(arena, value, buf, report);
    }
    return fail(report, FAULT_INTERNAL, "a JSON value of no kind");
}
