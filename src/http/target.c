/* What a handler asks of a request: its headers and the decoded parts of its target. */
#include <strings.h>
#include "http.h"

str http_header(const struct http_request *request, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < request->field_count; i++) {
        str field = request->fields[i].name;
        if (field.len == length && strncasecmp(field.ptr, name, length) == 0)
            return request->fields[i].value;
    }
    return (str){0};
}

static bool is_target_char(unsigned char c)
{
    return c > 0x20 && c < 0x7f && strchr("\"#<>\\^`{|}", c) == NULL;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool http_target_valid(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_target_char((unsigned char)text.ptr[i]))
            return false;
        if (text.ptr[i] != '%')
            continue;
        if (text.len - i < 3)
            return false;
        int high = hex_digit(text.ptr[i + 1]), low = hex_digit(text.ptr[i + 2]);
        if (high < 0 || low < 0 || high + low == 0)
            return false;
        i += 2;
    }
    return true;
}

/* Decodes one escape at the start of `text`; false when it is none or stands for NUL. */
static bool escape_decode(str text, char *byte)
{
    size_t len = 0;
    return text.len >= 3 && hex_decode(str_slice(text, 1, 3), byte, 1, &len) && *byte != '\0';
}

status http_decode(str encoded, bool plus, struct arena *arena, struct report *report, str *text)
{
    char *out = arena_take(arena, encoded.len + 1);
    if (out == NULL)
        return NO_MEMORY(report);
    size_t len = 0;
    for (size_t i = 0; i < encoded.len; i++) {
        char c = encoded.ptr[i];
        if (c == '\0')
            return fail(report, FAULT_SYNTAX, "the address holds a NUL");
        if (c == '%') {
            if (!escape_decode(str_slice(encoded, i, encoded.len), &c))
                return fail(report, FAULT_SYNTAX, "the address holds a bad percent escape");
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        out[len++] = c;
    }
    *text = (str){out, len};
    return utf8_valid(*text)
               ? OK
               : fail(report, FAULT_SYNTAX, "the address holds text that is not UTF-8");
}

status http_query(const struct http_request *request, const char *name, struct report *report,
                  str *value)
{
    *value = (str){0};
    str rest = request->query, pair;
    while (rest.len > 0 && str_next(&rest, '&', &pair)) {
        str key, decoded, encoded = pair;
        if (!str_next(&encoded, '=', &key))
            continue;
        TRY(http_decode(key, true, request->arena, report, &decoded));
        if (!str_is(decoded, name))
            continue;
        if (value->ptr != NULL)
            return fail(report, FAULT_SYNTAX, "the query parameter %s is given twice", name);
        TRY(http_decode(encoded, true, request->arena, report, value));
    }
    return OK;
}
