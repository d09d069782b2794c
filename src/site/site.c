/* From a path to its file, in the form that the client reads. */
#include "site.h"

/* ---- which file ---- */

/* The first part of a path is the page's, the rest its script's: "/mine", "/mine/requests". */
static bool is_below(str path, const char *part)
{
    str prefix = str_from(part);
    return str_starts(path, prefix) && (path.len == prefix.len || path.ptr[prefix.len] == '/');
}

/* What a script of ours reads from a path is names and ids; nothing else is worth an answer. */
static bool is_plain(str path)
{
    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '/' && c != '-' && c != '_')
            return false;
    }
    return true;
}

static const struct site_file *file_at(const struct site *site, str path)
{
    for (size_t i = 0; i < site->count; i++) {
        const struct site_file *file = &site->files[i];
        bool page = file->policy != NULL;
        if (page ? is_below(path, file->path) && is_plain(path) : str_is(path, file->path))
            return file;
    }
    return NULL;
}

str site_plain(const struct site *site, const char *path)
{
    for (size_t i = 0; i < site->count; i++) {
        const struct site_file *file = &site->files[i];
        if (strcmp(file->path, path) == 0)
            return (str){(const char *)file->form[SITE_PLAIN].at,
                         (size_t)(file->form[SITE_PLAIN].end - file->form[SITE_PLAIN].at)};
    }
    return (str){0};
}

/* ---- what it is sent with ---- */

/* The smallest that the client names; what it does not name it need not read. */
static enum site_form form_of(const struct http_request *request)
{
    return http_reads(request, "br")     ? SITE_BROTLI
           : http_reads(request, "gzip") ? SITE_GZIP
                                         : SITE_PLAIN;
}

static bool names_tag(str known, str tag)
{
    str rest = known, one;
    while (rest.len > 0 && str_next(&rest, ',', &one)) {
        one = str_trim(one);
        if (str_starts(one, STR("W/")))
            one = str_slice(one, 2, one.len);
        if (str_is(one, "*") || str_equal(one, tag))
            return true;
    }
    return false;
}

enum { FIELDS_MOST = 10 };

static const struct http_field for_pages[] = {
    {{"Cross-Origin-Opener-Policy", 26}, {"same-origin", 11}},
    {{"X-Frame-Options", 15}, {"DENY", 4}},
    {{"X-Robots-Tag", 12}, {"noindex", 7}},
    {{"Permissions-Policy", 18},
     {"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()", 80}},
    {{"Integrity-Policy", 16}, {"blocked-destinations=(script)", 29}},
};

static size_t put_fields(const struct site_file *file, enum site_form form, str tag,
                         struct http_field *fields)
{
    static const char *const codings[] = {NULL, "gzip", "br"};
    size_t count = 0;
    fields[count++] = (struct http_field){STR("ETag"), tag};
    fields[count++] = (struct http_field){STR("Vary"), STR("Accept-Encoding")};
    fields[count++] = (struct http_field){
        STR("Cache-Control"),
        file->immutable ? STR("public, max-age=31536000, immutable") : STR("no-cache")};
    fields[count++] = (struct http_field){STR("Cross-Origin-Resource-Policy"), STR("same-origin")};
    if (form != SITE_PLAIN)
        fields[count++] = (struct http_field){STR("Content-Encoding"), str_from(codings[form])};
    return count;
}

static void give(const struct site_file *file, const struct http_request *request,
                 struct http_reply *reply)
{
    static const char *const suffixes[] = {"", "-gz", "-br"};
    struct http_field fields[FIELDS_MOST + LENGTH(for_pages)];
    enum site_form form = form_of(request);
    str tag = arena_format(request->arena, "\"%s%s\"", file->digest, suffixes[form]);
    size_t count = put_fields(file, form, tag, fields);
    if (file->policy != NULL) {
        fields[count++] =
            (struct http_field){STR("Content-Security-Policy"), str_from(file->policy)};
        for (size_t i = 0; i < LENGTH(for_pages); i++)
            fields[count++] = for_pages[i];
    }
    if (names_tag(http_header(request, "If-None-Match"), tag)) {
        http_answer(reply, 304, STR(""), fields, count, STR(""));
        return;
    }
    str body = {(const char *)file->form[form].at,
                (size_t)(file->form[form].end - file->form[form].at)};
    http_answer(reply, 200, str_from(file->media), fields, count, body);
}

/* ---- what is no file ---- */

static void refuse(struct http_reply *reply, int code, str text)
{
    struct http_field allow = {STR("Allow"), STR("GET, HEAD")};
    http_answer(reply, code, STR("text/plain; charset=utf-8"), &allow, code == 405 ? 1 : 0, text);
}

bool site_handle(const struct site *site, const struct http_request *request,
                 struct http_reply *reply)
{
    str path = request->path;
    if (!is_below(path, "/mine") && !is_below(path, "/admin") && !is_below(path, "/assets"))
        return false;
    const struct site_file *file = file_at(site, path);
    if (!str_is(request->method, "GET") && !str_is(request->method, "HEAD"))
        refuse(reply, 405, STR("this is read, and nothing else\n"));
    else if (site->count == 0)
        refuse(reply, 404, STR("this build of Vern has no pages: it was made without Node\n"));
    else if (file == NULL)
        refuse(reply, 404, STR("there is no such page\n"));
    else
        give(file, request, reply);
    return true;
}
