/* Every route with broken bodies and with broken frames about whole ones. Routes and bodies come
 * from the tables, so that a new route is attacked without being named. A real server process.
 *
 * What is held: an answer of 4xx, a problem of a known type, with nothing in it of what was sent;
 * and not one entry in the log, so nothing came of it (G1). */
#include "process.h"

#include <sys/socket.h>

#include "every_route.h"

enum { ROUTE_ARENA = 512 << 20, BODIES_MOST = 64, DEEP = 100000, DIGITS = 20000 };

static struct process server;
static struct known known;
static size_t asked;

static int open_server(void **state)
{
    *state = NULL;
    process_open(&server, "sweep_seconds = 1\npublic_per_minute = 1000000\n");
    struct answer answer = ask(&server, server.token, "GET", STR("/v1/register"), STR(""));
    known = (struct known){.arena = server.arena, .reg = text_of(&answer, "public")};
    struct answer person =
        ask(&server, server.token, "POST", STR("/v1/subjects"), STR("{\"roles\":[\"customer\"]}"));
    expect(&person, 201);
    known.person = text_of(&person, "id");
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

static bool is_open(const struct route *route)
{
    return (route->flags & (ROUTE_PUBLIC | ROUTE_OPEN)) != 0;
}

static bool is_stream(const struct route *route)
{
    return (route->flags & ROUTE_STREAM) != 0;
}

/* ---- what is held of each answer ---- */

static bool is_known_type(str body)
{
    static const char *const others[] = {"wrong_type",  "unknown_member", "missing_member",
                                         "target_long", "expect",         "misdirected"};
    for (size_t i = 0; i < LENGTH(others); i++) {
        if (holds(body, arena_format(server.arena, "\"/problems/%s\"", others[i])))
            return true;
    }
    for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++) {
        if (holds(body,
                  arena_format(server.arena, "\"/problems/%s\"", fault_name((enum fault_class)i))))
            return true;
    }
    return false;
}

static bool repeats(str text)
{
    return holds(text, STR("anari")) || holds(text, STR("ordkvist")) ||
           holds(text, STR("01819030037"));
}

static void hold_answer(const struct route *route, const char *what, int code, str all)
{
    const char *wrong = code < 400 || code >= 500                      ? "no refusal"
                        : !holds(all, STR("application/problem+json")) ? "no problem"
                        : !is_known_type(all)                          ? "unknown type"
                        : repeats(all)                                 ? "it repeats"
                        : !holds(all, STR("Content-Security-Policy: default-src 'none'")) ? "no CSP"
                                                                                          : NULL;
    if (wrong != NULL)
        fail_msg("%s: %s %s, %s: %d %.*s", wrong, route->method, route->path, what, code,
                 (int)(all.len > 2000 ? 2000 : all.len), all.ptr);
    asked++;
}

/* ---- one exchange, byte by byte as it is said here ---- */

static int code_of(str reply)
{
    uint64_t code = 0;
    return reply.len > 12 && str_to_u64(str_slice(reply, 9, 12), &code) ? (int)code : 0;
}

static str head_of(const struct route *route, const char *more)
{
    str token = is_open(route) ? STR("")
                               : arena_format(server.arena, "Authorization: Bearer %.*s\r\n",
                                              STR_ARG(server.token));
    return arena_format(server.arena, "%s %.*s HTTP/1.1\r\nHost: localhost\r\n%.*s%s\r\n",
                        route->method, STR_ARG(route_path(&known, route)), STR_ARG(token), more);
}

static str joined(str a, str b)
{
    struct buf buf = buf_in(server.arena, a.len + b.len + 1);
    buf_add(&buf, a);
    buf_add(&buf, b);
    return buf_str(&buf);
}

/* `half`: our side is shut behind the text. */
static str exchange(str text, bool half)
{
    int socket = raw_connect(&server);
    raw_send(socket, text);
    if (half)
        assert_int_equal(shutdown(socket, SHUT_WR), 0);
    return raw_read_all(&server, socket);
}

static void each_route(bool with_body, void (*attack)(const struct route *route))
{
    asked = 0;
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        if ((route->flags & ROUTE_SIGNED_IN) != 0)
            continue; /* no token is for these: tests/signin_test.c */
        if (with_body && (route->request == NULL || is_stream(route)))
            continue;
        struct arena *kept = server.arena;
        server.arena = known.arena = arena_new(ROUTE_ARENA);
        int64_t before_ = log_size(&server, server.token);
        attack(route);
        if (log_size(&server, server.token) != before_)
            fail_msg("%s %s: something came of it", route->method, route->path);
        arena_free(&server.arena);
        server.arena = known.arena = kept;
    }
    assert_true(process_runs(&server));
}

/* ---- bodies ---- */

struct bodies {
    struct {
        const char *what, *media;
        str body;
    } at[BODIES_MOST];
    size_t count;
};
static const char json[] = "application/json";

static void add(struct bodies *bodies, const char *what, const char *media, str body)
{
    assert_true(bodies->count < BODIES_MOST);
    bodies->at[bodies->count].what = what;
    bodies->at[bodies->count].media = media;
    bodies->at[bodies->count++].body = body;
}

static str many(const char *piece, size_t count, const char *end)
{
    struct buf buf = buf_in(server.arena, count * strlen(piece) + strlen(end) + 1);
    for (size_t i = 0; i < count; i++)
        buf_text(&buf, piece);
    buf_text(&buf, end);
    return buf_str(&buf);
}

/* Of a whole body: cut, said twice, with more before and behind it, in another coding. */
static void add_changed(struct bodies *bodies, str whole)
{
    str inner = str_slice(whole, 1, whole.len - 1);
    const char *comma = inner.len > 0 ? "," : "";
    for (size_t part = 1; part < 4; part++)
        add(bodies, "cut", json, str_slice(whole, 0, whole.len * part / 4));
    add(bodies, "without its end", json, str_slice(whole, 0, whole.len - 1));
    add(bodies, "a name twice", json,
        arena_format(server.arena, "{%.*s%s\"Kanari\":1,\"Kanari\":2}", STR_ARG(inner), comma));
    add(bodies, "a name twice, once escaped", json,
        arena_format(server.arena, "{%.*s%s\"Kanari\":1,\"\\u004banari\":2}", STR_ARG(inner),
                     comma));
    if (inner.len > 0)
        add(bodies, "each name twice", json,
            arena_format(server.arena, "{%.*s,%.*s}", STR_ARG(inner), STR_ARG(inner)));
    add(bodies, "a comma too many", json, arena_format(server.arena, "{%.*s,}", STR_ARG(inner)));
    add(bodies, "text behind it", json, joined(whole, STR(" Kanari Nordkvist")));
    add(bodies, "another behind it", json, joined(whole, whole));
    add(bodies, "NUL behind it", json, joined(whole, (str){"\0", 1}));
    add(bodies, "a byte order mark", json, joined(STR("\xef\xbb\xbf"), whole));
    add(bodies, "in a list", json, arena_format(server.arena, "[%.*s]", STR_ARG(whole)));
    struct buf wide = buf_in(server.arena, 2 * whole.len + 1);
    for (size_t i = 0; i < whole.len; i++) {
        buf_char(&wide, whole.ptr[i]);
        buf_char(&wide, '\0');
    }
    add(bodies, "UTF-16", json, buf_str(&wide));
    add(bodies, "UTF-16, as it says", "application/json; charset=utf-16", buf_str(&wide));
}

static void add_media(struct bodies *bodies, str whole, bool open)
{
    static const char *const media[] = {"",
                                        "json",
                                        "text/plain",
                                        "text/json",
                                        "application/jsonp",
                                        "application/json, text/plain",
                                        "application/json; charset=latin1",
                                        "application/json; charset=utf-8; charset=latin1",
                                        "application/json; Kanari=Nordkvist",
                                        "application/xml",
                                        "application/x-ndjson",
                                        "application/octet-stream"};
    static const char *const forms[] = {"application/x-www-form-urlencoded",
                                        "multipart/form-data; boundary=a"};
    for (size_t i = 0; i < LENGTH(media); i++)
        add(bodies, media[i], media[i], whole);
    for (size_t i = 0; !open && i < LENGTH(forms); i++)
        add(bodies, forms[i], forms[i], whole);
}

static void add_odd(struct bodies *bodies)
{
    static const char *const odd[] = {"null",
                                      "\"Kanari Nordkvist\"",
                                      "17",
                                      "Kanari Nordkvist",
                                      "{\"Kanari Nordkvist\"}",
                                      "{'Kanari':1}",
                                      "{Kanari:1}",
                                      "{\"x\":NaN}",
                                      "{\"x\":-Infinity}",
                                      "{\"x\":01}",
                                      "{\"x\":0x10}",
                                      "{\"x\":1e400}",
                                      "{\"x\":9007199254740993}",
                                      "{\"Kanari\":\"\xff\"}",
                                      "{\"Kanari\":\"\xc0\xaf\"}",
                                      "{\"Kanari\":\"\xed\xa0\x80\"}",
                                      "{\"Kanari\xf4\x90\x80\x80\":1}",
                                      "{\"Kanari\":\"\\ud800\"}",
                                      "{\"Kanari\":\"\\udc00\\ud800\"}",
                                      "{\"Kanari\":\"\\u00\"}",
                                      "{\"Kanari\":\"\\x41\"}",
                                      "{\"Kanari\":\"a\nb\"}",
                                      "{\"__proto__\":{\"Kanari\":1}}",
                                      "/* Kanari */ {}",
                                      "<Kanari>01819030037</Kanari>"};
    for (size_t i = 0; i < LENGTH(odd); i++)
        add(bodies, odd[i], json, str_from(odd[i]));
    add(bodies, "NUL in a text", json, STR("{\"Kanari\":\"a\0b\"}"));
    add(bodies, "NUL alone", json, (str){"\0", 1});
    add(bodies, "brackets", json, many("[", DEEP, ""));
    add(bodies, "objects", json, many("{\"a\":", DEEP, ""));
    add(bodies, "a number of many digits", json, many("7", DIGITS, ""));
    add(bodies, "a name of many letters", json, joined(STR("{\""), many("k", DIGITS, "\":1}")));
    add(bodies, "blanks", json, many(" ", DIGITS, ""));
    add(bodies, "nothing where JSON is said to be", json, STR(""));
}

static void attack_bodies(const struct route *route)
{
    struct bodies bodies = {.count = 0};
    add_changed(&bodies, least_body(&known, route));
    add_media(&bodies, least_body(&known, route), is_open(route));
    add_odd(&bodies);
    for (size_t i = 0; i < bodies.count; i++) {
        str type = bodies.at[i].media[0] == '\0'
                       ? STR("")
                       : arena_format(server.arena, "Content-Type: %s\r\n", bodies.at[i].media);
        str more = arena_format(server.arena, "Connection: close\r\n%.*sContent-Length: %zu\r\n",
                                STR_ARG(type), bodies.at[i].body.len);
        str text = joined(head_of(route, arena_c_string(server.arena, more)), bodies.at[i].body);
        str reply = exchange(text, false);
        hold_answer(route, bodies.at[i].what, code_of(reply), reply);
    }
}

static void a_broken_body_on_any_route_is_a_problem_and_nothing_comes_of_it(void **state)
{
    (void)state;
    each_route(true, attack_bodies);
    print_message("  %zu bodies\n", asked);
    assert_true(asked > 3000);
}

/* ---- frames ---- */

static void attack_frames(const struct route *route)
{
    static const char *const frames[][2] = {
        {"Content-Length: -1\r\n", "{}"},
        {"Content-Length: +2\r\n", "{}"},
        {"Content-Length: 0x2\r\n", "{}"},
        {"Content-Length: 2, 2\r\n", "{}"},
        {"Content-Length: 2 Kanari\r\n", "{}"},
        {"Content-Length: \r\n", "{}"},
        {"Content-Length: 2\r\nContent-Length: 2\r\n", "{}"},
        {"Content-Length: 18446744073709551616\r\n", "{}"},
        {"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"},
        {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"},
        {"Transfer-Encoding: chunked\r\n", "Z\r\n{}\r\n0\r\n\r\n"},
        {"Transfer-Encoding: chunked\r\n", "-2\r\n{}\r\n0\r\n\r\n"},
        {"Transfer-Encoding: chunked\r\n", "0x2\r\n{}\r\n0\r\n\r\n"},
        {"Transfer-Encoding: chunked\r\n", " 2\r\n{}\r\n0\r\n\r\n"},
        {"Transfer-Encoding: chunked\r\n", "2\n{}\n0\n\n"},
        {"Transfer-Encoding: chunked\r\n", "1\r\n{}\r\n0\r\n\r\n"},
        {"Transfer-Encoding: chunked\r\n", "10000000000000000\r\n{}\r\n0\r\n\r\n"},
        {"Transfer-Encoding: chunked\r\n", "\r\n{}\r\n0\r\n\r\n"},
        {"Content-Length: 2\r\nContent-Type: application/json\r\nContent-Type: text/plain\r\n",
         "{}"},
        {"Content-Length : 2\r\n", "{}"},
        {"Content-Length: 2\r\nX-Kanari\r\n", "{}"},
        {"Content-Length: 2\r\nX-Kanari: a\rb\r\n", "{}"},
        {"Content-Length: 2\r\nX-Kanari: a\r\n b\r\n", "{}"},
        {"Content-Length: 2\r\nExpect: Kanari\r\n", "{}"},
    };
    for (size_t i = 0; i < LENGTH(frames); i++) {
        bool media = strstr(frames[i][0], "Content-Type") == NULL;
        str more = arena_format(server.arena, "%s%s",
                                !media              ? ""
                                : !is_stream(route) ? "Content-Type: application/json\r\n"
                                : (route->flags & ROUTE_BYTES) != 0
                                    ? "Content-Type: application/octet-stream\r\n"
                                    : "Content-Type: application/x-ndjson\r\n",
                                frames[i][0]);
        str reply = exchange(
            joined(head_of(route, arena_c_string(server.arena, more)), str_from(frames[i][1])),
            true);
        hold_answer(route, frames[i][0], code_of(reply), reply);
    }
}

/* ---- headers that say who is meant ---- */

static void attack_names(const struct route *route)
{
    static const char *const names[] = {"X-Vern-Controller", "X-Vern-Human"};
    str values[] = {
        STR(""),
        STR("Kanari Nordkvist"),
        STR("kanari@nordkvist.test"),
        STR("shop,shop"),
        STR("../shop"),
        STR("Kanari\xff\xfe"),
        STR("Kanari\0"),
        STR("Kanari\r"),
        many("k", 65, ""),
        many("Kanari", 1000, ""),
        STR("shop\r\nX-Vern-Controller: shop\r\nX-Vern-Human: shop\r\nX-Vern-Human: a")};
    if (is_open(route))
        return; /* nobody is meant by whoever asks these */
    str body = least_body(&known, route);
    const char *media = (route->flags & ROUTE_BYTES) != 0 ? "application/octet-stream"
                        : is_stream(route)                ? "application/x-ndjson"
                                                          : json;
    for (size_t i = 0; i < 2 * LENGTH(values); i++) {
        str field = joined(arena_format(server.arena, "%s: ", names[i % 2]), values[i / 2]);
        str more = arena_format(server.arena, "\r\n%s%s%sContent-Length: %zu\r\n",
                                body.len > 0 || is_stream(route) ? "Content-Type: " : "",
                                body.len > 0 || is_stream(route) ? media : "",
                                body.len > 0 || is_stream(route) ? "\r\n" : "", body.len);
        str head = head_of(route, "");
        str text = joined(joined(str_slice(head, 0, head.len - 2), field),
                          joined(more, joined(STR("Connection: close\r\n\r\n"), body)));
        str reply = exchange(text, false);
        hold_answer(route, names[i % 2], code_of(reply), reply);
    }
}

static void an_odd_name_in_a_header_of_ours_is_refused_on_every_route(void **state)
{
    (void)state;
    each_route(false, attack_names);
    print_message("  %zu names\n", asked);
    assert_true(asked > 1500);
}

/* A company that the policy does not have: whatever uses anything of anyone is refused. */
static void attack_by_company(const struct route *route)
{
    struct http_field fields[] = {
        {STR("Authorization"), arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))},
        {STR("X-Vern-Controller"), STR("Kanari-Nordkvist")}};
    if (is_open(route) || is_stream(route) || (route->flags & (ROUTE_PLAIN | ROUTE_AFTER)) != 0)
        return; /* no company has a part in these, or they say so by line */
    str body = least_body(&known, route);
    struct answer answer = ask_with(&server, route->method, route_path(&known, route),
                                    body.len > 0 ? json : "", body, fields, 2);
    if (answer.code != 422 || repeats(answer.text))
        fail_msg("%s %s: %d %.*s", route->method, route->path, answer.code, STR_ARG(answer.text));
    asked++;
}

static void a_company_that_the_policy_does_not_have_is_refused_on_every_route(void **state)
{
    (void)state;
    each_route(false, attack_by_company);
    assert_true(asked > 80);
}

/* ---- whoever leaves ---- */

/* Less comes than was said, and the client goes: there is nobody to answer, and nothing to do. */
static void attack_by_leaving(const struct route *route)
{
    str body = least_body(&known, route);
    const char *media = "Content-Type: application/json\r\n";
    str more = arena_format(server.arena, "%sContent-Length: %zu\r\n", media, body.len + 1);
    str reply = exchange(joined(head_of(route, arena_c_string(server.arena, more)), body), true);
    assert_int_equal(reply.len, 0);
    more = arena_format(server.arena, "%sTransfer-Encoding: chunked\r\n", media);
    str chunk = arena_format(server.arena, "%zx\r\n%.*s\r\n", body.len, STR_ARG(body));
    reply = exchange(joined(head_of(route, arena_c_string(server.arena, more)), chunk), true);
    assert_int_equal(reply.len, 0);
    asked += 2;
}

static void a_broken_frame_on_any_route_is_a_problem_and_nothing_comes_of_it(void **state)
{
    (void)state;
    each_route(false, attack_frames);
    print_message("  %zu frames\n", asked);
    assert_true(asked > 2000);
}

static void a_body_that_does_not_come_to_its_end_is_none(void **state)
{
    (void)state;
    each_route(true, attack_by_leaving);
    assert_true(asked > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broken_body_on_any_route_is_a_problem_and_nothing_comes_of_it),
        cmocka_unit_test(a_broken_frame_on_any_route_is_a_problem_and_nothing_comes_of_it),
        cmocka_unit_test(an_odd_name_in_a_header_of_ours_is_refused_on_every_route),
        cmocka_unit_test(a_company_that_the_policy_does_not_have_is_refused_on_every_route),
        cmocka_unit_test(a_body_that_does_not_come_to_its_end_is_none),
    };
    return cmocka_run_group_tests_name("bodies", tests, open_server, close_server);
}
