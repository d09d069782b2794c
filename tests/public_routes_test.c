/* Every route that needs no token, with odd addresses, queries, methods and headers, byte by byte.
 * The routes come from the table. A real server process.
 *
 * What is held of each answer, errors included: the headers that make it inert, none that was sent
 * in, nothing of what was sent in its body; and what was not asked well is answered alike. */
#include "process.h"

#include "every_route.h"

enum { ROUTE_ARENA = 256 << 20 };

static struct process server;
static struct known known;
static size_t asked;

static int open_server(void **state)
{
    *state = NULL;
    process_open(&server, "sweep_seconds = 1\npublic_per_minute = 1000000\n"
                          "public_url = https://stopp.example.no\n"
                          "origins = https://www.example.no\n");
    struct answer answer = ask(&server, server.token, "GET", STR("/v1/register"), STR(""));
    known = (struct known){.arena = server.arena, .reg = text_of(&answer, "public")};
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

/* ---- one exchange ---- */

struct reply {
    int code;
    str all, head, body;
};

static str text(const char *format, ...) PRINTF_LIKE(1, 2);
static str text(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char room[16 << 10];
    int length = vsnprintf(room, sizeof(room), format, list);
    va_end(list);
    assert_true(length >= 0 && (size_t)length < sizeof(room));
    return arena_copy(server.arena, (str){room, (size_t)length});
}

static struct reply reply_of(str all)
{
    uint64_t code = 0;
    const char *end = memmem(all.ptr, all.len, "\r\n\r\n", 4);
    if (all.len < 12 || end == NULL || !str_to_u64(str_slice(all, 9, 12), &code))
        fail_msg("no answer: %.*s", STR_ARG(all));
    size_t length = (size_t)(end - all.ptr);
    return (struct reply){(int)code, all, str_slice(all, 0, length + 2),
                          str_slice(all, length + 4, all.len)};
}

static int send_to(const char *method, str target, str more)
{
    int socket = raw_connect(&server);
    struct buf buf = buf_in(server.arena, target.len + more.len + 128);
    buf_format(&buf, "%s ", method);
    buf_add(&buf, target);
    buf_text(&buf, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    buf_add(&buf, more);
    buf_text(&buf, "\r\n");
    assert_false(buf.full);
    raw_send(socket, buf_str(&buf));
    return socket;
}

/* ---- what is held of each ---- */

static void must_hold(const struct reply *reply, const char *field)
{
    if (!holds(reply->head, str_from(field)))
        fail_msg("no %s in %.*s", field, STR_ARG(reply->head));
}

static void must_not_hold(const struct reply *reply, str where, const char *part)
{
    if (holds(where, str_from(part)))
        fail_msg("%s in %.*s", part, STR_ARG(reply->all));
}

static void hold_reply(const struct reply *reply)
{
    if (reply->code < 200 || reply->code >= 500)
        fail_msg("a fault of ours: %.*s", STR_ARG(reply->all));
    must_hold(reply, "\r\nX-Content-Type-Options: nosniff\r\n");
    must_hold(reply, "\r\nReferrer-Policy: no-referrer\r\n");
    must_hold(reply, "\r\nContent-Security-Policy: default-src 'none'; ");
    must_hold(reply, "frame-ancestors 'none'");
    bool script = holds(reply->head, STR("\r\nContent-Type: text/javascript; charset=utf-8\r\n"));
    must_hold(reply, script ? "\r\nCache-Control: public, max-age=600\r\n"
                            : "\r\nCache-Control: no-store\r\n");
    bool form = holds(reply->head, STR("\r\nSet-Cookie: __Host-vern-form=1; Path=/; "));
    if (!form) /* the mark of a form, the same for everyone */
        must_not_hold(reply, reply->head, "Set-Cookie");
    must_not_hold(reply, reply->head, "Location");
    must_not_hold(reply, reply->head, "X-Request-Id");
    must_not_hold(reply, reply->all, "anari");
    must_not_hold(reply, reply->all, "ordkvist");
    bool verifies = holds(reply->head, STR("; script-src 'sha256-"));
    must_not_hold(reply, verifies ? reply->head : reply->body, verifies ? "'self'" : "<script");
    must_not_hold(reply, reply->head, "connect-src"); /* the script of that page asks nobody */
    if (reply->code >= 400)
        must_hold(reply, "\r\nContent-Type: application/problem+json\r\n");
    asked++;
}

static struct reply get(const char *method, str target, str more)
{
    struct reply reply = reply_of(raw_read_all(&server, send_to(method, target, more)));
    hold_reply(&reply);
    return reply;
}

static void same(const struct reply *a, const struct reply *b)
{
    if (a->code != b->code || !str_equal(a->body, b->body))
        fail_msg("%.*s\n\nis not\n\n%.*s", STR_ARG(a->all), STR_ARG(b->all));
}

static bool is_public(const struct route *route)
{
    return (route->flags & (ROUTE_PUBLIC | ROUTE_OPEN)) != 0;
}

static bool is_get(const struct route *route)
{
    return strcmp(route->method, "GET") == 0;
}

static void each_public(void (*attack)(const struct route *route, str path))
{
    size_t routes = 0;
    int64_t before_ = log_size(&server, server.token), others = log_size(&server, server.other);
    asked = 0;
    for (size_t i = 0; i < route_count(); i++) {
        if (!is_public(route_at(i)))
            continue;
        struct arena *kept = server.arena;
        server.arena = known.arena = arena_new(ROUTE_ARENA);
        attack(route_at(i), route_path(&known, route_at(i)));
        arena_free(&server.arena);
        server.arena = known.arena = kept;
        routes++;
    }
    print_message("  %zu requests to %zu routes\n", asked, routes);
    assert_true(routes > 8);
    assert_true(process_runs(&server));
    assert_int_equal(log_size(&server, server.token), before_);
    assert_int_equal(log_size(&server, server.other), others);
}

/* ---- addresses ---- */

/* A letter of the path said by its number: no other name of a route is one. */
static str encoded(str path, size_t at)
{
    return text("%.*s%%%02x%.*s", (int)at, path.ptr, (unsigned)(unsigned char)path.ptr[at],
                (int)(path.len - at - 1), path.ptr + at + 1);
}

static void attack_address(const struct route *route, str path)
{
    const char *method = route->method;
    struct reply none = get(method, STR("/Kanari"), STR(""));
    assert_int_equal(none.code, 404);
    const char *star = strchr(route->path, '*');
    size_t fixed = star == NULL ? path.len : path.len - strlen("0/000");
    for (size_t i = 1; i < fixed; i++) {
        struct reply reply = get(method, encoded(path, i), STR(""));
        same(&reply, &none);
    }
    static const char *const wrong[] = {"/",
                                        "/.",
                                        "/..",
                                        "/%2e%2e",
                                        "%2f",
                                        "/%2f",
                                        ";Kanari",
                                        "/%252e%252e",
                                        "%20",
                                        "%0d%0aX:%20Kanari",
                                        "/%c0%ae",
                                        "/%ff",
                                        "/../../etc/Kanari"};
    for (size_t i = 0; star == NULL && i < LENGTH(wrong); i++) {
        struct reply reply = get(method, text("%.*s%s", STR_ARG(path), wrong[i]), STR(""));
        same(&reply, &none);
    }
    struct reply slashes = get(method, text("/%.*s", STR_ARG(path)), STR(""));
    same(&slashes, &none);
    struct reply dots = get(method, text("/x/..%.*s", STR_ARG(path)), STR(""));
    same(&dots, &none);
}

/* What cannot be an address at all. */
static void attack_by_no_address(const struct route *route, str path)
{
    static const char *const broken[] = {"%00", "%",       "%zz",      "%0",      "\\Kanari",
                                         "\"",  "<Kanari", "{Kanari}", "\x7f",    "Kanari\xe6",
                                         "^",   "`",       "|",        "#Kanari", "\tKanari"};
    for (size_t i = 0; i < LENGTH(broken); i++) {
        struct reply in_path =
            get(route->method, text("%.*s/%s", STR_ARG(path), broken[i]), STR(""));
        assert_int_equal(in_path.code, 400);
        struct reply in_query =
            get(route->method, text("%.*s?lang=%s", STR_ARG(path), broken[i]), STR(""));
        assert_int_equal(in_query.code, 400);
    }
    struct reply long_ = get(route->method, text("%.*s/%0*d", STR_ARG(path), 9000, 0), STR(""));
    assert_int_equal(long_.code, 414);
    struct reply two = get(route->method, text("%.*s Kanari", STR_ARG(path)), STR(""));
    assert_int_equal(two.code, 400);
}

static void another_name_of_a_public_address_is_none(void **state)
{
    (void)state;
    each_public(attack_address);
    assert_true(asked > 300);
}

static void what_is_no_address_is_refused_on_every_public_route(void **state)
{
    (void)state;
    each_public(attack_by_no_address);
    assert_true(asked > 200);
}

/* Whatever stands where a link does is answered as any link is (G9). */
static void attack_link(const struct route *route, str path)
{
    if ((route->flags & ROUTE_LINK) == 0 || !is_get(route))
        return;
    static const char *const links[] = {"x",
                                        "%41",
                                        "..",
                                        "%2e%2e%2f",
                                        "%252e",
                                        "a/b/../",
                                        "%c0%ae",
                                        "%ff%fe",
                                        "%e2%80%ae",
                                        ";a=b",
                                        "a//b",
                                        "%0d%0aX:%20Kanari",
                                        "%3Cscript%3E",
                                        "+"};
    str base = str_slice(path, 0, path.len - strlen("0/000"));
    struct reply first = get("GET", path, STR(""));
    assert_int_equal(first.code, 200);
    for (size_t i = 0; i < LENGTH(links); i++) {
        struct reply reply = get("GET", text("%.*s%s", STR_ARG(base), links[i]), STR(""));
        same(&reply, &first);
    }
    struct reply long_ = get("GET", text("%.*s%0*d", STR_ARG(base), 6000, 0), STR(""));
    same(&long_, &first);
}

static void whatever_stands_for_a_link_has_the_same_page(void **state)
{
    (void)state;
    each_public(attack_link);
    assert_true(asked > 10);
}

/* An id that no register has, and what cannot be one. */
static void attack_register(const struct route *route, str path)
{
    if ((route->flags & ROUTE_OPEN) == 0)
        return;
    static const char *const ids[] = {
        "AAECAwQFBgcICQoLDA0ODw", "Kanari", "-", "%2e%2e", "AAECAwQFBgcICQoLDA0ODwA", "..",
        "AAECAwQFBgcICQoLDA0OD="};
    struct reply first = {0};
    for (size_t i = 0; i < LENGTH(ids); i++) {
        str rest = str_slice(path, strlen("/r/") + ID_TEXT, path.len);
        struct reply reply = get(route->method, text("/r/%s%.*s", ids[i], STR_ARG(rest)), STR(""));
        assert_int_equal(reply.code, 404);
        if (i > 0)
            same(&reply, &first);
        first = reply;
    }
}

static void registers_that_are_none_are_answered_alike(void **state)
{
    (void)state;
    each_public(attack_register);
    assert_true(asked > 30);
}

/* ---- queries ---- */

static void attack_query(const struct route *route, str path)
{
    static const char *const queries[] = {
        "Kanari=Nordkvist", "utm_source=Kanari", "%6cang=en",   "lang=en&Kanari=1",
        "LANG=en",          "=Kanari",           "limit=1",     "cursor=Kanari",
        "lang=en&lang=nb",  "lang=%ff",          "lang=%c0%ae", "token=vern_Kanari"};
    bool open = (route->flags & ROUTE_OPEN) != 0;
    for (size_t i = 0; i < LENGTH(queries); i++) {
        struct reply reply =
            get(route->method, text("%.*s?%s", STR_ARG(path), queries[i]), STR(""));
        if (reply.code != 400 && reply.code != 422)
            fail_msg("?%s: %.*s", queries[i], STR_ARG(reply.all));
    }
    if (!open || !is_get(route))
        return;
    static const char *const languages[] = {
        "", "Kanari", "nb%0d%0aX:%20Kanari", "..%2f..", "%3Cscript%3E", "sv", "%E2%80%AE"};
    struct reply plain = get("GET", path, STR(""));
    for (size_t i = 0; i < LENGTH(languages); i++) {
        if ((route->flags & ROUTE_SCRIPT) != 0 && strcmp(languages[i], "sv") == 0)
            continue; /* the banner speaks it */
        struct reply reply = get("GET", text("%.*s?lang=%s", STR_ARG(path), languages[i]), STR(""));
        same(&reply, &plain);
    }
}

static void a_query_that_no_public_route_takes_is_refused(void **state)
{
    (void)state;
    each_public(attack_query);
    assert_true(asked > 100);
}

/* ---- methods ---- */

static void attack_method(const struct route *route, str path)
{
    static const char *const methods[] = {"PUT",   "DELETE",  "PATCH",  "OPTIONS", "PROPFIND",
                                          "TRACE", "CONNECT", "Kanari", "get",     "G\xc6T"};
    (void)route;
    for (size_t i = 0; i < LENGTH(methods); i++) {
        struct reply reply = get(methods[i], path, STR(""));
        if (reply.code != 405 && reply.code != 400)
            fail_msg("%s: %.*s", methods[i], STR_ARG(reply.all));
    }
}

static void a_public_route_has_no_method_but_its_own(void **state)
{
    (void)state;
    each_public(attack_method);
    assert_true(asked > 80);
}

static void attack_head(const struct route *route, str path)
{
    if (!is_get(route))
        return;
    struct reply head = get("HEAD", path, STR("")), whole = get("GET", path, STR(""));
    assert_int_equal(head.code, whole.code);
    assert_int_equal(head.body.len, 0);
    assert_true(str_equal(head.head, whole.head));
}

static void a_head_of_a_public_route_is_its_answer_without_the_body(void **state)
{
    (void)state;
    each_public(attack_head);
    assert_true(asked > 10);
}

/* ---- headers ---- */

static void attack_header(const struct route *route, str path)
{
    static const char *const fields[] = {"Accept-Language: Kanari\r\n",
                                         "Accept-Language: \xff\xfe\r\n",
                                         "Accept-Language: ,,,;;;q=\r\n",
                                         "Accept-Language: ../../etc/Kanari\r\n",
                                         "Accept: application/Kanari\r\n",
                                         "Accept-Encoding: gzip, br\r\n",
                                         "Cookie: Kanari=Nordkvist\r\n",
                                         "Authorization: Bearer Kanari\r\n",
                                         "Referer: https://Kanari.example/\r\n",
                                         "X-Forwarded-For: Kanari\r\n",
                                         "X-Forwarded-Host: Kanari.example\r\n",
                                         "Forwarded: for=Kanari;host=Kanari.example\r\n",
                                         "X-Original-URL: /Kanari\r\n",
                                         "X-HTTP-Method-Override: DELETE\r\n",
                                         "If-None-Match: *\r\n",
                                         "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT\r\n",
                                         "Range: bytes=0-0\r\n",
                                         "Upgrade: h2c\r\nHTTP2-Settings: Kanari\r\n",
                                         "Sec-Fetch-Site: cross-site\r\n",
                                         "X-Vern-Controller: Kanari\r\nX-Vern-Human: Kanari\r\n"};
    struct reply plain = get(route->method, path,
                             STR("Content-Length: 0\r\n"
                                 "Content-Type: text/Kanari\r\n"));
    for (size_t i = 0; i < LENGTH(fields); i++) {
        str more = text("Content-Length: 0\r\nContent-Type: text/Kanari\r\n%s", fields[i]);
        struct reply reply = get(route->method, path, more);
        bool packed = holds(reply.head, STR("\r\nContent-Encoding: br\r\n"));
        if (packed && (route->flags & ROUTE_SCRIPT) != 0 && strstr(fields[i], "br") != NULL)
            continue;
        same(&reply, &plain);
    }
    static const char *const origins[] = {"null",
                                          "*",
                                          "https://Kanari.example",
                                          "http://www.example.no",
                                          "https://www.example.no.Kanari.example",
                                          "https://www.example.no:8443",
                                          "https://WWW.example.no/Kanari",
                                          "https://www.example.no, https://Kanari.example",
                                          ""};
    bool banner = (route->flags & ROUTE_BANNER) != 0;
    for (size_t i = 0; (is_get(route) || banner) && i < LENGTH(origins); i++) {
        struct reply reply = get(route->method, path, text("Origin: %s\r\n", origins[i]));
        must_not_hold(&reply, reply.head, "Access-Control-Allow");
        if (banner && reply.code != 403)
            fail_msg("from %s: %.*s", origins[i], STR_ARG(reply.all));
    }
}

static void an_odd_header_changes_no_answer_of_a_public_route(void **state)
{
    (void)state;
    each_public(attack_header);
    assert_true(asked > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_name_of_a_public_address_is_none),
        cmocka_unit_test(what_is_no_address_is_refused_on_every_public_route),
        cmocka_unit_test(whatever_stands_for_a_link_has_the_same_page),
        cmocka_unit_test(registers_that_are_none_are_answered_alike),
        cmocka_unit_test(a_query_that_no_public_route_takes_is_refused),
        cmocka_unit_test(a_public_route_has_no_method_but_its_own),
        cmocka_unit_test(a_head_of_a_public_route_is_its_answer_without_the_body),
        cmocka_unit_test(an_odd_header_changes_no_answer_of_a_public_route),
    };
    return cmocka_run_group_tests_name("public routes", tests, open_server, close_server);
}
