/* What people read on a terminal: nothing in it can move the cursor or turn the text around. */
#include <stdio.h>
#include <unistd.h>

#include "cli_internal.h"

enum { LINE_BYTES = 4096 };

/* The length of the character that begins here, and its number; broken bytes come singly. */
static size_t character(str text, uint32_t *code)
{
    unsigned char first = (unsigned char)text.ptr[0];
    for (size_t n = 1; n <= 4 && n <= text.len; n++) {
        if (!utf8_valid(str_slice(text, 0, n)))
            continue;
        *code = n == 1 ? first : n == 2 ? first & 0x1fu : n == 3 ? first & 0x0fu : first & 0x07u;
        for (size_t i = 1; i < n; i++)
            *code = *code << 6 | ((unsigned char)text.ptr[i] & 0x3fu);
        return n;
    }
    *code = 0xfffd;
    return 1;
}

static bool is_unsafe(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c ||
           (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xfeff || code == 0xfffd;
}

void put_safe(FILE *out, str text)
{
    while (text.len > 0) {
        uint32_t code;
        size_t length = character(text, &code);
        if (is_unsafe(code))
            fprintf(out, "\\u{%x}", code);
        else
            fwrite(text.ptr, 1, length, out);
        text = str_slice(text, length, text.len);
    }
}

void put_json_text(FILE *out, str text)
{
    while (text.len > 0) {
        uint32_t code;
        size_t length = character(text, &code);
        if (is_unsafe(code) && code != '\n' && code != '\t' && code != '\r')
            fprintf(out, "\\u%04x", code);
        else
            fwrite(text.ptr, 1, length, out);
        text = str_slice(text, length, text.len);
    }
}

void put_plain(struct cli *cli, str text)
{
    str line;
    bool terminal = fileno(cli->out) >= 0 && isatty(fileno(cli->out)) == 1;
    if (!terminal) {
        fwrite(text.ptr, 1, text.len, cli->out);
        return;
    }
    while (str_next(&text, '\n', &line)) {
        put_safe(cli->out, line);
        if (text.ptr != NULL)
            fputc('\n', cli->out);
    }
}

void put_line(FILE *out, const char *format, ...)
{
    char room[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(room, sizeof(room), format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    size_t size = (size_t)length < sizeof(room) ? (size_t)length : sizeof(room) - 1;
    put_safe(out, (str){room, size});
    fputc('\n', out);
}

/* ---- JSON for people ---- */

static void put_value(FILE *out, const struct json *value, unsigned depth);

static void indent(FILE *out, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        fputs("  ", out);
}

static bool is_simple(const struct json *value)
{
    return (!json_is_object(value) && !json_is_array(value)) || value->count == 0;
}

static void put_scalar(FILE *out, const struct json *value)
{
    switch (value->kind) {
    case JSON_NULL:
        fputs("-", out);
        return;
    case JSON_BOOL:
        fputs(value->truth ? "yes" : "no", out);
        return;
    case JSON_NUMBER:
    case JSON_STRING:
        put_safe(out, value->text);
        return;
    case JSON_ARRAY:
    case JSON_OBJECT:
        fputs("none", out);
        return;
    }
}

static bool is_short_list(const struct json *value)
{
    if (!json_is_array(value) || value->count == 0)
        return false;
    for (JSON_EACH(element, value)) {
        if (!is_simple(element))
            return false;
    }
    return true;
}

static void put_short_list(FILE *out, const struct json *value)
{
    for (JSON_EACH(element, value)) {
        put_scalar(out, element);
        if (element->next != NULL)
            fputs(", ", out);
    }
    fputc('\n', out);
}

static void put_member(FILE *out, const struct json *member, unsigned depth)
{
    put_safe(out, member->name);
    fputc(':', out);
    if (is_simple(member)) {
        fputc(' ', out);
        put_scalar(out, member);
        fputc('\n', out);
        return;
    }
    if (is_short_list(member)) {
        fputc(' ', out);
        put_short_list(out, member);
        return;
    }
    fputc('\n', out);
    put_value(out, member, depth + 1);
}

static void put_object(FILE *out, const struct json *value, unsigned depth, bool first_is_placed)
{
    for (JSON_EACH(member, value)) {
        if (member != value->child || !first_is_placed)
            indent(out, depth);
        put_member(out, member, depth);
    }
}

/* A few simple members make a row: long lists are then read down, and searched by line. */
static bool is_row(const struct json *value)
{
    enum { ROW_MEMBERS = 5 };
    if (!json_is_object(value) || value->count == 0 || value->count > ROW_MEMBERS)
        return false;
    for (JSON_EACH(member, value)) {
        if (!is_simple(member))
            return false;
    }
    return true;
}

static void put_row(FILE *out, const struct json *value)
{
    for (JSON_EACH(member, value)) {
        put_safe(out, member->name);
        fputs(": ", out);
        put_scalar(out, member);
        fputs(member->next == NULL ? "\n" : "  ", out);
    }
}

static void put_value(FILE *out, const struct json *value, unsigned depth)
{
    if (json_is_object(value)) {
        put_object(out, value, depth, false);
        return;
    }
    if (!json_is_array(value)) {
        put_scalar(out, value);
        fputc('\n', out);
        return;
    }
    for (JSON_EACH(element, value)) {
        indent(out, depth);
        fputs("- ", out);
        if (is_row(element))
            put_row(out, element);
        else if (json_is_object(element) && element->count > 0)
            put_object(out, element, depth + 1, true);
        else
            put_value(out, element, depth + 1);
    }
}

void put_json(FILE *out, const struct json *value)
{
    put_value(out, value, 0);
}
