/* The OpenAPI document, printed from routes.def and forms.c: what runs is what is described. */
#include <stdio.h>

#include "api_internal.h"

enum { DOCUMENT_BYTES = 2 << 20 };

static void pair(struct json_out *out, const char *name, const char *text)
{
    json_key(out, name);
    json_put_text(out, text);
}

static void open(struct json_out *out, const char *name)
{
    json_key(out, name);
    json_open_object(out);
}

static void put_schema_ref(struct json_out *out, const char *name)
{
    char text[96];
    snprintf(text, sizeof(text), "#/components/schemas/%s", name);
    open(out, "schema");
    pair(out, "$ref", text);
    json_close_object(out);
}

static void put_content(struct json_out *out, const char *media, const struct bind_form *form)
{
    open(out, "content");
    open(out, media);
    if (form != NULL) {
        put_schema_ref(out, form->name);
    } else {
        open(out, "schema");
        json_close_object(out);
    }
    json_close_object(out);
    json_close_object(out);
}

/* ---- paths ---- */

/* "/v1/subjects/:id/read" is "/v1/subjects/{id}/read" there. */
static void path_text(const char *path, char *text, size_t room)
{
    struct buf buf = buf_over(text, room);
    str rest = str_from(path), part;
    bool first = true;
    while (str_next(&rest, '/', &part)) {
        if (!first)
            buf_char(&buf, '/');
        first = false;
        bool is_id = part.len > 0 && part.ptr[0] == ':';
        if (is_id)
            buf_format(&buf, "{%.*s}", STR_ARG(str_slice(part, 1, part.len)));
        else
            buf_add(&buf, str_is(part, "*") ? STR("{path}") : part);
    }
    buf_char(&buf, '\0');
}

static void put_parameter(struct json_out *out, str name, const char *where, bool required,
                          const char *pattern, const char *help)
{
    json_open_object(out);
    json_key(out, "name");
    json_put_str(out, name);
    pair(out, "in", where);
    json_key(out, "required");
    json_put_bool(out, required);
    pair(out, "description", help);
    open(out, "schema");
    pair(out, "type", pattern == NULL ? "integer" : "string");
    if (pattern != NULL)
        pair(out, "pattern", pattern);
    json_close_object(out);
    json_close_object(out);
}

static void put_path_parameters(struct json_out *out, const struct route *route)
{
    str rest = str_from(route->path), part;
    while (str_next(&rest, '/', &part)) {
        if (part.len > 0 && part.ptr[0] == ':')
            put_parameter(out, str_slice(part, 1, part.len), "path", true, "^[A-Za-z0-9_-]{22}$",
                          "a random id");
        if (str_is(part, "*") && (route->flags & ROUTE_OPEN) != 0)
            put_parameter(out, STR("path"), "path", true, "^[A-Za-z0-9_-]+$",
                          "a link as the server made it");
        else if (str_is(part, "*"))
            put_parameter(out, STR("path"), "path", true, "^[0-9a-z/.]+$",
                          "the tile, as C2SP tlog-tiles names it");
    }
}

static void put_record_parameters(struct json_out *out)
{
    put_parameter(out, STR("lang"), "query", false, "^(nb|nn|en)$",
                  "the language of the record; else as Accept-Language says");
    put_parameter(out, STR("controller"), "query", false, "^[a-z][a-z0-9_]*$",
                  "whose record, by its name in the policy; needed where there are several; not of "
                  "other papers");
    put_parameter(out, STR("format"), "query", false, "^(html|json|csv)$", "else as Accept says");
}

static void put_parameters(struct json_out *out, const struct route *route)
{
    json_key(out, "parameters");
    json_open_array(out);
    put_path_parameters(out, route);
    if ((route->flags & ROUTE_IDEMPOTENT) != 0)
        put_parameter(out, STR("Idempotency-Key"), "header", false, "^[!-~]{1,255}$",
                      "makes a repeated request answer what the first one did, for 24 hours");
    if ((route->flags & ROUTE_OPEN) != 0)
        put_parameter(out, STR("lang"), "query", false,
                      (route->flags & ROUTE_SCRIPT) != 0 ? "^(nb|nn|en|sv|da|fi)$" : "^(nb|nn|en)$",
                      "the page's language; else as Accept-Language says");
    if ((route->flags & ROUTE_PAPER) != 0) {
        put_parameter(out, STR("controller"), "query", false, "^[a-z][a-z0-9_]*$",
                      "of one company of the policy, by its name there; else of all");
        put_parameter(out, STR("version"), "query", false, NULL,
                      "of that version; else of the one in force");
        put_parameter(out, STR("intake"), "query", false, "^[a-z][a-z0-9_]*$",
                      "of the notice: what is told at that point of collection");
        put_parameter(out, STR("since"), "query", false, NULL,
                      "of changes: since that version; else since the one before");
        put_parameter(out, STR("format"), "query", false, "^(html|json|jsonld|csv)$",
                      "else as Accept says");
    }
    if ((route->flags & ROUTE_SCRIPT) != 0)
        put_parameter(out, STR("controller"), "query", false, "^[a-z][a-z0-9_]*$",
                      "of one company of the policy, by its name there; else of all");
    if ((route->flags & ROUTE_RECORD) != 0)
        put_record_parameters(out);
    if ((route->flags & (ROUTE_PUBLIC | ROUTE_OPEN)) == 0)
        put_parameter(out, STR("X-Vern-Human"), "header", false, "^[A-Za-z0-9_-]{1,64}$",
                      "who asks, as the application says; the log says asserted");
    if ((route->flags & (ROUTE_PUBLIC | ROUTE_OPEN | ROUTE_ME)) == 0)
        put_parameter(out, STR("X-Vern-Controller"), "header", false, "^[A-Za-z0-9_-]{1,64}$",
                      "the company that acts, where the policy has several, by its name there");
    if ((route->flags & (ROUTE_STREAM | ROUTE_BYTES)) == ROUTE_STREAM) {
        put_parameter(out, STR("X-Vern-Mapping"), "header", false, "^[A-Za-z0-9_-]+$",
                      "with text/csv: which column is what, as YAML in base64url");
        put_parameter(out, STR("X-Vern-Dry-Run"), "header", false, "^true$",
                      "nothing is taken; the answer says what would be");
    }
    if ((route->flags & ROUTE_DAYS) != 0)
        put_parameter(out, STR("days"), "query", false, NULL, "how far to look; 90");
    if ((route->flags & ROUTE_SHOW) != 0) {
        put_parameter(out, STR("show"), "query", false, "^(open|due|overdue|closed)$",
                      "which ones; open ones when left out");
        put_parameter(out, STR("kind"), "query", false, "^[a-z_]{1,32}$",
                      "those that ask this right");
        put_parameter(out, STR("controller"), "query", false, "^[a-z][a-z0-9_]*$",
                      "those that were made to this company, by its name in the policy");
    }
    if ((route->flags & ROUTE_PAGE) != 0) {
        put_parameter(out, STR("limit"), "query", false, NULL, "rows of a page, at most 200");
        put_parameter(out, STR("cursor"), "query", false, "^[A-Za-z0-9_-]{43}$",
                      "`next` of the page before");
    }
    json_close_array(out);
}

/* ---- operations ---- */

static void put_request(struct json_out *out, const struct route *route)
{
    bool stream = (route->flags & ROUTE_STREAM) != 0;
    if (route->request == NULL && !stream)
        return;
    open(out, "requestBody");
    json_key(out, "required");
    json_put_bool(out, true);
    const char *media = (route->flags & ROUTE_OPEN) != 0    ? "application/x-www-form-urlencoded"
                        : (route->flags & ROUTE_BYTES) != 0 ? "application/octet-stream"
                        : stream                            ? "application/x-ndjson"
                                                            : "application/json";
    put_content(out, media, route->request);
    json_close_object(out);
}

static void put_answer(struct json_out *out, const char *code, const char *help, const char *media,
                       const struct bind_form *form)
{
    open(out, code);
    pair(out, "description", help);
    put_content(out, media, form);
    json_close_object(out);
}

static const char *reply_media(const struct route *route)
{
    if ((route->flags & ROUTE_OPEN) != 0 && route->reply == NULL)
        return "text/html";
    return (route->flags & ROUTE_TEXT) != 0 ? "*/*" : "application/json";
}

static void put_answers(struct json_out *out, const struct route *route)
{
    open(out, "responses");
    put_answer(out, "2XX", route->reply != NULL ? route->reply->help : "The document.",
               reply_media(route), route->reply);
    put_answer(out, "default", "A problem.", "application/problem+json", &problem_document_form);
    json_close_object(out);
}

static void put_scopes(struct json_out *out, const struct route *route)
{
    json_key(out, "x-vern-scopes");
    json_open_array(out);
    for (uint32_t bit = 1; bit < SCOPE_ALL; bit <<= 1) {
        if ((route->scope & bit) != 0)
            json_put_str(out, scope_name((enum scope)bit));
    }
    json_close_array(out);
}

static void put_security(struct json_out *out, const struct route *route)
{
    json_key(out, "security");
    json_open_array(out);
    if ((route->flags & (ROUTE_PUBLIC | ROUTE_OPEN)) == 0) {
        json_open_object(out);
        json_key(out, (route->flags & ROUTE_SIGNED_IN) != 0 ? "session" : "token");
        json_open_array(out);
        json_close_array(out);
        json_close_object(out);
    }
    json_close_array(out);
}

/* "post_v1_subjects_id_read": stable, and unique because method and path are. */
static void put_operation_id(struct json_out *out, const struct route *route)
{
    char text[160];
    struct buf buf = buf_over(text, sizeof(text));
    for (const char *c = route->method; *c != '\0'; c++)
        buf_char(&buf, (char)(*c + 32));
    for (const char *c = route->path; *c != '\0'; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');
        if (plain)
            buf_char(&buf, *c);
        else if (*c == '/')
            buf_char(&buf, '_');
    }
    json_key(out, "operationId");
    json_put_str(out, buf_str(&buf));
}

static void put_operation(struct json_out *out, const struct route *route)
{
    char method[16];
    struct buf buf = buf_over(method, sizeof(method));
    for (const char *c = route->method; *c != '\0'; c++)
        buf_char(&buf, (char)(*c + 32));
    buf_char(&buf, '\0');
    open(out, method);
    put_operation_id(out, route);
    pair(out, "summary", route->what);
    put_security(out, route);
    put_scopes(out, route);
    put_parameters(out, route);
    put_request(out, route);
    put_answers(out, route);
    json_close_object(out);
}

static bool path_was_before(size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(route_at(i)->path, route_at(index)->path) == 0)
            return true;
    }
    return false;
}

static void put_paths(struct json_out *out)
{
    open(out, "paths");
    for (size_t i = 0; i < route_count(); i++) {
        if (path_was_before(i))
            continue;
        char text[160];
        path_text(route_at(i)->path, text, sizeof(text));
        open(out, text);
        for (size_t j = i; j < route_count(); j++) {
            if (strcmp(route_at(j)->path, route_at(i)->path) == 0)
                put_operation(out, route_at(j));
        }
        json_close_object(out);
    }
    json_close_object(out);
}

/* ---- the whole ---- */

static void put_components(struct json_out *out)
{
    open(out, "components");
    open(out, "securitySchemes");
    open(out, "token");
    pair(out, "type", "http");
    pair(out, "scheme", "bearer");
    pair(out, "description", "a token of one register: vern_...");
    json_close_object(out);
    open(out, "session");
    pair(out, "type", "apiKey");
    pair(out, "in", "cookie");
    pair(out, "name", SESSION_COOKIE);
    pair(out, "description",
         "of whoever is signed in; with the header X-Vern-CSRF on what is no GET");
    json_close_object(out);
    json_close_object(out);
    open(out, "schemas");
    for (size_t i = 0; i < form_count(); i++) {
        json_key(out, form_at(i)->name);
        bind_schema(form_at(i), out);
    }
    json_close_object(out);
    json_close_object(out);
}

static void put_document(struct json_out *out)
{
    json_open_object(out);
    pair(out, "openapi", "3.1.0");
    open(out, "info");
    pair(out, "title", "Vern");
    pair(out, "version", "1");
    pair(out, "description",
         "Holds personal data under a policy: every use is a question, answered by the policy and "
         "logged before anything is shown.");
    json_close_object(out);
    put_paths(out);
    put_components(out);
    json_close_object(out);
}

/* ---- indenting ---- */

static void new_line(struct buf *buf, size_t depth)
{
    buf_char(buf, '\n');
    for (size_t i = 0; i < depth; i++)
        buf_text(buf, "  ");
}

/* Of JSON that we wrote, which has no blanks outside texts. */
static void indent(str json, struct buf *buf)
{
    size_t depth = 0;
    bool in_text = false;
    for (size_t i = 0; i < json.len; i++) {
        char c = json.ptr[i], next = i + 1 < json.len ? json.ptr[i + 1] : '\0';
        if (in_text) {
            buf_char(buf, c);
            if (c == '\\')
                buf_char(buf, json.ptr[++i]);
            in_text = c != '"';
            continue;
        }
        in_text = c == '"';
        bool closes = c == '}' || c == ']', opens = c == '{' || c == '[';
        bool empty = opens && (next == '}' || next == ']');
        if (closes && json.ptr[i - 1] != '{' && json.ptr[i - 1] != '[')
            new_line(buf, --depth);
        buf_char(buf, c);
        if (c == ':')
            buf_char(buf, ' ');
        if (c == ',' || (opens && !empty))
            new_line(buf, opens ? ++depth : depth);
    }
    buf_char(buf, '\n');
}

status api_openapi(struct arena *arena, struct report *report, str *text)
{
    struct buf compact = buf_in(arena, DOCUMENT_BYTES);
    struct json_out out = json_out_over(&compact);
    put_document(&out);
    str json;
    TRY(buf_finish(&compact, report, &json));
    struct buf pretty = buf_in(arena, DOCUMENT_BYTES);
    indent(json, &pretty);
    return buf_finish(&pretty, report, text);
}
