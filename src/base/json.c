/* Reading JSON: one pass, recursion bounded by LIMIT_JSON_DEPTH. Strings without escapes and the
 * literals of numbers borrow from the text. */
#include <stdio.h>
#include <stdlib.h>
#include "base_internal.h"
#include "json.h"
#include "limits.h"

struct parse {
    struct arena *arena;
    struct report *report;
    str text;
    size_t at;
    unsigned depth;
};

/* A SYNTAX fault at `offset`. The column counts characters: bytes that do not continue one. */
static status refuse_at(const struct parse *p, size_t offset, const char *what)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < offset; i++) {
        unsigned char c = (unsigned char)p->text.ptr[i];
        column += (c & 0xC0) != 0x80;
        if (c == '\n') {
            line++;
            column = 1;
        }
    }
    char where[48];
    snprintf(where, sizeof(where), "%zu:%zu", line, column);
    return fail_at(p->report, FAULT_SYNTAX, where, "%s", what);
}

static status refuse(const struct parse *p, const char *what)
{
    if (p->at == p->text.len)
        return refuse_at(p, p->at, "the JSON text ends too early");
    return refuse_at(p, p->at, what);
}

/* The byte to come; '\0' at the end, which no rule accepts. */
static char peek(const struct parse *p)
{
    return p->at < p->text.len ? p->text.ptr[p->at] : '\0';
}

static void skip_blanks(struct parse *p)
{
    while (p->at < p->text.len) {
        char c = p->text.ptr[p->at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            return;
        p->at++;
    }
}

static bool accept(struct parse *p, char c)
{
    if (p->at == p->text.len || p->text.ptr[p->at] != c)
        return false;
    p->at++;
    return true;
}

/* ---- strings ---- */

/* Moves to the quote that closes the string that starts at p->at, checking all but the escapes'
 * meaning, and says whether there are escapes. */
static status scan_string(struct parse *p, bool *escaped)
{
    const unsigned char *bytes = (const unsigned char *)p->text.ptr;
    *escaped = false;
    while (p->at < p->text.len && bytes[p->at] != '"') {
        unsigned char c = bytes[p->at];
        if (c < 0x20)
            return refuse(p, "a control character in a string must be written as an escape");
        if (c < 0x80 && c != '\\') {
            p->at++;
            continue;
        }
        if (c == '\\') {
            *escaped = true;
            p->at++;
            if (p->at == p->text.len)
                return refuse(p, "");
        }
        size_t step = utf8_step(bytes + p->at, p->text.len - p->at);
        if (step == 0)
            return refuse(p, "the text is not valid UTF-8");
        p->at += step;
    }
    if (p->at == p->text.len)
        return refuse(p, "");
    return OK;
}

static bool four_hex(str text, size_t at, unsigned *unit)
{
    unsigned char bytes[2];
    size_t len;
    if (!hex_decode(str_slice(text, at, at + 4), bytes, sizeof(bytes), &len) || len != 2)
        return false;
    *unit = (unsigned)bytes[0] << 8 | bytes[1];
    return true;
}

static size_t put_utf8(char *place, unsigned point)
{
    if (point < 0x80) {
        place[0] = (char)point;
        return 1;
    }
    size_t len = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; point >>= 6)
        place[i] = (char)(0x80 | (point & 0x3F));
    place[0] = (char)((0xF0U << (4 - len) & 0xFF) | point);
    return len;
}

static bool is_low_surrogate(unsigned unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Decodes the \u escape whose digits start at *at within `raw`; moves past it. */
static status take_unicode(const struct parse *p, str raw, size_t start, size_t *at,
                           unsigned *point)
{
    size_t offset = start + *at - 2;
    unsigned low;
    if (!four_hex(raw, *at, point))
        return refuse_at(p, offset, "\\u must be followed by four hexadecimal digits");
    *at += 4;
    if (is_low_surrogate(*point))
        return refuse_at(p, offset, "a low surrogate stands without its high one");
    if (*point < 0xD800 || *point > 0xDFFF)
        return OK;
    if (!str_equal(str_slice(raw, *at, *at + 2), STR("\\u")) || !four_hex(raw, *at + 2, &low) ||
        !is_low_surrogate(low))
        return refuse_at(p, offset, "a high surrogate stands without its low one");
    *at += 6;
    *point = 0x10000 + ((*point - 0xD800) << 10) + (low - 0xDC00);
    return OK;
}

/* The character that a one-letter escape stands for; '\0' when there is none. */
static char short_escape(char letter)
{
    switch (letter) {
    case '"':
    case '\\':
    case '/':
        return letter;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return '\0';
    }
}

/* Decodes the escapes of `raw`, which stands at `start` in the text. */
static status unescape(const struct parse *p, str raw, size_t start, str *value)
{
    char *out = arena_take(p->arena, raw.len); /* an escape is never shorter than what it means */
    size_t len = 0, at = 0;
    if (out == NULL)
        return NO_MEMORY(p->report);
    while (at < raw.len) {
        if (raw.ptr[at] != '\\') {
            out[len++] = raw.ptr[at++];
            continue;
        }
        char letter = raw.ptr[at + 1]; /* scan_string saw that it is there */
        at += 2;
        if (letter == 'u') {
            unsigned point;
            TRY(take_unicode(p, raw, start, &at, &point));
            len += put_utf8(out + len, point);
            continue;
        }
        out[len] = short_escape(letter);
        if (out[len++] == '\0')
            return refuse_at(p, start + at - 2, "a backslash is followed by no escape of JSON");
    }
    *value = (str){out, len};
    return OK;
}

static status parse_string(struct parse *p, str *value)
{
    bool escaped;
    if (!accept(p, '"'))
        return refuse(p, "expected a string in double quotes");
    size_t start = p->at;
    TRY(scan_string(p, &escaped));
    str raw = str_slice(p->text, start, p->at);
    p->at++;
    if (escaped)
        return unescape(p, raw, start, value);
    *value = raw;
    return OK;
}

/* ---- numbers ---- */

static str take_digits(struct parse *p)
{
    size_t start = p->at;
    while (peek(p) >= '0' && peek(p) <= '9')
        p->at++;
    return str_slice(p->text, start, p->at);
}

/* A number without its sign: whole.fraction * 10^exponent. */
struct decimal {
    str whole, fraction;
    int exponent;
};

static char digit_at(const struct decimal *d, size_t i)
{
    return i < d->whole.len ? d->whole.ptr[i] : d->fraction.ptr[i - d->whole.len];
}

/* Exactly, by its digits: a double could not tell 2^53 from 2^53 + 1. */
static bool is_beyond_2_53(const struct decimal *d)
{
    static const char most[] = "9007199254740992";
    size_t count = d->whole.len + d->fraction.len, zeros = 0;
    while (zeros < count && digit_at(d, zeros) == '0')
        zeros++;
    if (zeros == count)
        return false;
    int64_t point = (int64_t)d->whole.len + d->exponent - (int64_t)zeros; /* 0.ddd * 10^point */
    if (point != sizeof(most) - 1)
        return point > (int64_t)sizeof(most) - 1;
    for (size_t i = 0; zeros + i < count; i++) {
        char digit = digit_at(d, zeros + i), bound = i < sizeof(most) - 1 ? most[i] : '0';
        if (digit != bound)
            return digit > bound;
    }
    return false;
}

static status parse_exponent(struct parse *p, int *exponent)
{
    if (!accept(p, 'e') && !accept(p, 'E'))
        return OK;
    bool negative = accept(p, '-');
    if (!negative)
        accept(p, '+');
    str digits = take_digits(p);
    if (digits.len == 0)
        return refuse(p, "an exponent needs digits");
    uint64_t size;
    if (!str_to_u64(digits, &size) || size > 308)
        return refuse(p, "a number's exponent is too large");
    *exponent = negative ? -(int)size : (int)size;
    return OK;
}

static status parse_number(struct parse *p, struct json *value)
{
    struct decimal decimal = {.fraction = STR("")};
    size_t start = p->at;
    accept(p, '-');
    decimal.whole = take_digits(p);
    if (decimal.whole.len == 0)
        return refuse(p, "expected a digit");
    if (decimal.whole.len > 1 && *decimal.whole.ptr == '0')
        return refuse_at(p, start, "a number must not start with a needless zero");
    if (accept(p, '.')) {
        decimal.fraction = take_digits(p);
        if (decimal.fraction.len == 0)
            return refuse(p, "a decimal point needs digits after it");
    }
    TRY(parse_exponent(p, &decimal.exponent));
    if (is_beyond_2_53(&decimal))
        return refuse_at(p, start, "a number lies beyond 2^53, where integers are not exact");
    value->kind = JSON_NUMBER;
    value->text = str_slice(p->text, start, p->at);
    return OK;
}

/* ---- values ---- */

static status parse_value(struct parse *p, struct json *value);

static status parse_word(struct parse *p, struct json *value)
{
    static const struct {
        str word;
        enum json_kind kind;
        bool truth;
    } words[] = {{{"null", 4}, JSON_NULL, false},
                 {{"true", 4}, JSON_BOOL, true},
                 {{"false", 5}, JSON_BOOL, false}};
    str rest = str_slice(p->text, p->at, p->text.len);
    for (size_t i = 0; i < LENGTH(words); i++) {
        if (str_starts(rest, words[i].word)) {
            p->at += words[i].word.len;
            value->kind = words[i].kind;
            value->truth = words[i].truth;
            return OK;
        }
    }
    return refuse(p, "expected a JSON value");
}

static status new_child(struct parse *p, struct json *parent, const struct json ***link,
                        struct json **child)
{
    *child = ARENA_NEW(p->arena, struct json);
    if (*child == NULL)
        return NO_MEMORY(p->report);
    **link = *child;
    *link = &(*child)->next;
    parent->count++;
    return OK;
}

static status parse_array(struct parse *p, struct json *array)
{
    const struct json **link = &array->child;
    struct json *child;
    array->kind = JSON_ARRAY;
    p->at++;
    skip_blanks(p);
    if (accept(p, ']'))
        return OK;
    do {
        TRY(new_child(p, array, &link, &child));
        TRY(parse_value(p, child));
    } while (accept(p, ','));
    if (!accept(p, ']'))
        return refuse(p, "expected ',' or ']' after an element of an array");
    return OK;
}

static int by_name(const void *a, const void *b)
{
    const struct json *left = *(const struct json *const *)a;
    const struct json *right = *(const struct json *const *)b;
    int order = str_compare(left->name, right->name);
    return order != 0 ? order : (left->offset > right->offset) - (left->offset < right->offset);
}

/* The later of two members of one name, or NULL. Many members are sorted: a hostile text must not
 * buy quadratic work. */
static status find_twin(struct parse *p, const struct json *object, const struct json **twin)
{
    enum { FEW = 12 };
    *twin = NULL;
    if (object->count <= FEW) {
        for (JSON_EACH(a, object))
            for (const struct json *b = a->next; b != NULL; b = b->next)
                if (str_equal(a->name, b->name))
                    *twin = b;
        return OK;
    }
    const struct json **sorted = ARENA_ARRAY(p->arena, const struct json *, object->count);
    if (sorted == NULL)
        return NO_MEMORY(p->report);
    size_t count = 0;
    for (JSON_EACH(member, object))
        sorted[count++] = member;
    qsort(sorted, count, sizeof(*sorted), by_name);
    for (size_t i = 1; i < count && *twin == NULL; i++)
        if (str_equal(sorted[i - 1]->name, sorted[i]->name))
            *twin = sorted[i];
    return OK;
}

static status parse_member(struct parse *p, struct json *member)
{
    skip_blanks(p);
    TRY(parse_string(p, &member->name));
    skip_blanks(p);
    if (!accept(p, ':'))
        return refuse(p, "expected ':' after the name of a member");
    return parse_value(p, member);
}

static status parse_object(struct parse *p, struct json *object)
{
    const struct json **link = &object->child;
    const struct json *twin;
    struct json *child;
    object->kind = JSON_OBJECT;
    p->at++;
    skip_blanks(p);
    if (accept(p, '}'))
        return OK;
    do {
        TRY(new_child(p, object, &link, &child));
        TRY(parse_member(p, child));
    } while (accept(p, ','));
    if (!accept(p, '}'))
        return refuse(p, "expected ',' or '}' after a member of an object");
    TRY(find_twin(p, object, &twin));
    if (twin != NULL)
        return refuse_at(p, twin->offset, "an object has two members of the same name");
    return OK;
}

static status parse_nested(struct parse *p, struct json *value)
{
    if (p->depth == LIMIT_JSON_DEPTH)
        return refuse(p, "arrays and objects are nested deeper than 32 levels");
    p->depth++;
    TRY(peek(p) == '[' ? parse_array(p, value) : parse_object(p, value));
    p->depth--;
    return OK;
}

static status parse_plain(struct parse *p, struct json *value)
{
    char c = peek(p);
    if (c == '"') {
        value->kind = JSON_STRING;
        return parse_string(p, &value->text);
    }
    if (c == '-' || (c >= '0' && c <= '9'))
        return parse_number(p, value);
    return parse_word(p, value);
}

/* Reads a value with the blanks around it. */
static status parse_value(struct parse *p, struct json *value)
{
    skip_blanks(p);
    value->offset = p->at;
    bool nested = peek(p) == '[' || peek(p) == '{';
    TRY(nested ? parse_nested(p, value) : parse_plain(p, value));
    skip_blanks(p);
    return OK;
}

status json_parse(struct arena *arena, str text, struct report *report, const struct json **root)
{
    assert(arena != NULL);
    assert(root != NULL);

    struct parse p = {.arena = arena, .report = report, .text = text};
    if (text.ptr == NULL)
        p.text = STR("");
    struct json *value = ARENA_NEW(arena, struct json);
    if (value == NULL)
        return NO_MEMORY(report);
    TRY(parse_value(&p, value));
    if (p.at < p.text.len)
        return refuse(&p, "something follows the JSON value");
    *root = value;
    return OK;
}

/* ---- looking ---- */

const struct json *json_get(const struct json *object, const char *name)
{
    if (!json_is(object, JSON_OBJECT))
        return NULL;
    str wanted = str_from(name);
    for (JSON_EACH(member, object))
        if (str_equal(member->name, wanted))
            return member;
    return NULL;
}

bool json_is(const struct json *value, enum json_kind kind)
{
    return value != NULL && value->kind == kind;
}

bool json_is_string(const struct json *value)
{
    return json_is(value, JSON_STRING);
}

bool json_is_object(const struct json *value)
{
    return json_is(value, JSON_OBJECT);
}

bool json_is_array(const struct json *value)
{
    return json_is(value, JSON_ARRAY);
}

bool json_str(const struct json *value, str *text)
{
    if (!json_is(value, JSON_STRING))
        return false;
    *text = value->text;
    return true;
}

bool json_i64(const struct json *value, int64_t *number)
{
    return json_is(value, JSON_NUMBER) && str_to_i64(value->text, number);
}

bool json_bool(const struct json *value, bool *truth)
{
    if (!json_is(value, JSON_BOOL))
        return false;
    *truth = value->truth;
    return true;
}

bool json_instant(const struct json *value, instant *at)
{
    return json_is(value, JSON_STRING) && instant_parse(value->text, at);
}
