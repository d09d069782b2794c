/* Reads what HTML forms and mail providers post. */
#include "form_body.h"
#include "http.h"

enum { JSON_ROOM = 256 << 10, BOUNDARY_BYTES = 70 };

struct form_pair {
    str name, value;
};
struct form_pairs {
    struct form_pair at[FORM_PAIRS];
    size_t count;
};

static status broken(struct report *report)
{
    return fail(report, FAULT_SYNTAX, "the form is not written as its type says");
}

static status add_pair(struct form_pairs *pairs, str name, str value, struct report *report)
{
    if (pairs->count == FORM_PAIRS)
        return fail(report, FAULT_LIMIT, "a form has at most %d fields", FORM_PAIRS);
    pairs->at[pairs->count++] = (struct form_pair){name, value};
    return OK;
}

/* ---- application/x-www-form-urlencoded ---- */

static status read_urlencoded(str body, struct arena *arena, struct report *report,
                              struct form_pairs *pairs)
{
    str rest = body, piece;
    while (rest.len > 0 && str_next(&rest, '&', &piece)) {
        str value = piece, name;
        if (piece.len == 0)
            continue;
        (void)str_next(&value, '=', &name);
        str decoded[2];
        struct report quiet = {0};
        if (!is_ok(http_decode(name, true, arena, &quiet, &decoded[0])) ||
            !is_ok(
                http_decode(value.ptr == NULL ? STR("") : value, true, arena, &quiet, &decoded[1])))
            return quiet.fault == FAULT_LIMIT ? NO_MEMORY(report) : broken(report);
        TRY(add_pair(pairs, decoded[0], decoded[1], report));
    }
    return OK;
}

/* ---- multipart/form-data, plain fields only ---- */

static bool find(str text, str part, size_t *at)
{
    const char *there = text.len == 0 ? NULL : memmem(text.ptr, text.len, part.ptr, part.len);
    *at = there == NULL ? 0 : (size_t)(there - text.ptr);
    return there != NULL;
}

static bool boundary_of(str content_type, str *boundary)
{
    size_t at;
    if (!find(content_type, STR("boundary="), &at))
        return false;
    str text = str_trim(str_slice(content_type, at + 9, content_type.len));
    if (text.len > 1 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"')
        text = str_slice(text, 1, text.len - 1);
    *boundary = text;
    return text.len > 0 && text.len <= BOUNDARY_BYTES && memchr(text.ptr, '"', text.len) == NULL &&
           memchr(text.ptr, ';', text.len) == NULL;
}

/* `Content-Disposition: form-data; name="off"`, and no file name. */
static bool field_name(str head, str *name)
{
    size_t at, end;
    if (!find(head, STR("form-data; name=\""), &at) || find(head, STR("filename"), &end))
        return false;
    str rest = str_slice(head, at + 17, head.len);
    if (!find(rest, STR("\""), &end))
        return false;
    *name = str_slice(rest, 0, end);
    return true;
}

static bool is_text(str text)
{
    return utf8_valid(text) && (text.len == 0 || memchr(text.ptr, '\0', text.len) == NULL);
}

static status read_multipart(str content_type, str body, struct arena *arena, struct report *report,
                             struct form_pairs *pairs)
{
    str boundary;
    if (!boundary_of(content_type, &boundary))
        return broken(report);
    str first = arena_format(arena, "--%.*s", STR_ARG(boundary));
    str later_ = arena_format(arena, "\r\n--%.*s", STR_ARG(boundary));
    if (first.ptr == NULL || later_.ptr == NULL)
        return NO_MEMORY(report);
    if (!str_starts(body, first))
        return broken(report);
    str rest = str_slice(body, first.len, body.len);
    while (str_starts(rest, STR("\r\n"))) {
        size_t head, end;
        str name;
        rest = str_slice(rest, 2, rest.len);
        if (!find(rest, STR("\r\n\r\n"), &head) || !field_name(str_slice(rest, 0, head), &name))
            return broken(report);
        rest = str_slice(rest, head + 4, rest.len);
        if (!find(rest, later_, &end))
            return broken(report);
        str value = str_slice(rest, 0, end);
        if (!is_text(name) || !is_text(value))
            return broken(report);
        TRY(add_pair(pairs, name, value, report));
        rest = str_slice(rest, end + later_.len, rest.len);
    }
    return str_starts(rest, STR("--")) ? OK : broken(report);
}

/* ---- as JSON ---- */

static enum bind_type type_of(const struct bind_form *form, str name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (str_is(name, form->members[i].name))
            return form->members[i].type;
    }
    return BIND_TEXT;
}

static bool came_before(const struct form_pairs *pairs, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (str_equal(pairs->at[i].name, pairs->at[index].name))
            return true;
    }
    return false;
}

static void put_list(const struct form_pairs *pairs, size_t first, struct json_out *out)
{
    json_open_array(out);
    for (size_t i = first; i < pairs->count; i++) {
        if (str_equal(pairs->at[i].name, pairs->at[first].name))
            json_put_str(out, pairs->at[i].value);
    }
    json_close_array(out);
}

static status put_pairs(const struct bind_form *form, const struct form_pairs *pairs,
                        struct json_out *out, struct report *report)
{
    json_open_object(out);
    for (size_t i = 0; i < pairs->count; i++) {
        enum bind_type type = type_of(form, pairs->at[i].name);
        bool again = came_before(pairs, i);
        if (again && type != BIND_TEXTS)
            return broken(report);
        if (again)
            continue;
        json_key_str(out, pairs->at[i].name);
        str value = pairs->at[i].value;
        if (type == BIND_TEXTS)
            put_list(pairs, i, out);
        else if (type == BIND_BOOL && (str_is(value, "on") || str_is(value, "true")))
            json_put_bool(out, true);
        else
            json_put_str(out, value);
    }
    json_close_object(out);
    return OK;
}

static bool media_begins(str content_type, str wanted)
{
    str rest = content_type, media;
    return str_next(&rest, ';', &media) && str_equal(str_trim(media), wanted);
}

bool form_body_media(str content_type)
{
    return media_begins(content_type, STR("application/x-www-form-urlencoded")) ||
           media_begins(content_type, STR("multipart/form-data"));
}

status form_body_read(const struct bind_form *form, str content_type, str body, struct arena *arena,
                      struct report *report, str *json)
{
    struct form_pairs *pairs = ARENA_NEW(arena, struct form_pairs);
    if (pairs == NULL)
        return NO_MEMORY(report);
    if (media_begins(content_type, STR("multipart/form-data")))
        TRY(read_multipart(content_type, body, arena, report, pairs));
    else
        TRY(read_urlencoded(body, arena, report, pairs));
    struct buf buf = buf_in(arena, JSON_ROOM);
    struct json_out out = json_out_over(&buf);
    TRY(put_pairs(form, pairs, &out, report));
    return buf_finish(&buf, report, json);
}
