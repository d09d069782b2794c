/* Every bad request gets the right status and a problem document, reveals nothing about who exists,
 * and changes nothing. A real server process, asked over the loopback. */
#include "process.h"

#include <dirent.h>

#include "api_internal.h"
#include "file.h"
#include "limits.h"
#include "shared_test.h"

static struct process server; /* shared by the tests of this program */
static str public_id;         /* of its register */

static int open_server(void **state)
{
    *state = NULL;
    process_open(&server,
                 "sweep_seconds = 1\npublic_per_minute = 100000\nproxies = 127.0.0.1\n");
    struct answer answer = ask(&server, server.token, "GET", STR("/v1/register"), STR(""));
    public_id = text_of(&answer, "public");
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

/* ---- what the tests share ---- */

static const char unknown_id[] = "AAECAwQFBgcICQoLDA0ODw";

static str new_person(const char *number, const char *role)
{
    str body = arena_format(server.arena,
                            "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"%s\"}],"
                            "\"roles\":[\"%s\"]}",
                            number, role);
    struct answer answer = ask(&server, server.token, "POST", STR("/v1/subjects"), body);
    expect(&answer, 201);
    return text_of(&answer, "id");
}

/* The route's path with ids put in: `id` for the person, a random one elsewhere. */
static str path_with(const struct route *route, str id)
{
    struct buf buf = buf_in(server.arena, 512);
    str rest = str_from(route->path), part;
    bool first = true;
    while (str_next(&rest, '/', &part)) {
        if (!first)
            buf_char(&buf, '/');
        first = false;
        if (str_is(part, ":id"))
            buf_add(&buf, id);
        else if (str_is(part, ":register"))
            buf_add(&buf, public_id);
        else if (part.len > 0 && part.ptr[0] == ':')
            buf_text(&buf, unknown_id);
        else
            buf_add(&buf, str_is(part, "*") ? STR("0/000") : part);
    }
    return buf_str(&buf);
}

static str route_name(const struct route *route)
{
    return arena_format(server.arena, "%s %s", route->method, route->path);
}

/* A word that the policy has, where the member asks for one. */
static const char *word_for(const char *member)
{
    static const char *const words[][2] = {
        {"purpose", "orders"},      {"event", "question_answered"}, {"role", "customer"},
        {"switch", "newsletter"},   {"recipient", "carrier"},       {"message", "newsletter"},
        {"channel", "email"},       {"media", "application/pdf"},   {"kind", "contact.email"},
        {"value", "a@example.org"}, {"reason", "accuracy"},         {"given_by", "click"},
        {"type", "claim"},          {"audience", "carrier"}};
    for (size_t i = 0; i < LENGTH(words); i++) {
        if (strcmp(words[i][0], member) == 0)
            return words[i][1];
    }
    return "x";
}

/* A body that binds: every required member. */
static void put_least_body(struct json_out *out, const struct bind_form *form)
{
    json_open_object(out);
    for (size_t i = 0; form != NULL && i < form->count; i++) {
        const struct bind_member *member = &form->members[i];
        if (member->need != REQUIRED)
            continue;
        json_key(out, member->name);
        switch (member->type) {
        case BIND_TEXT:
            json_put_text(out, word_for(member->name));
            break;
        case BIND_ID:
            json_put_text(out, unknown_id);
            break;
        case BIND_INSTANT:
            json_put_text(out, "2026-03-01T09:00:00Z");
            break;
        case BIND_BOOL:
            json_put_bool(out, true);
            break;
        case BIND_U32:
        case BIND_U64:
            json_put_u64(out, 1);
            break;
        case BIND_TEXTS:
        case BIND_IDS:
        case BIND_OBJECTS:
            json_open_array(out);
            json_close_array(out);
            break;
        case BIND_MAP:
            json_open_object(out);
            json_key(out, "contact.email");
            json_put_text(out, "a@example.org");
            json_close_object(out);
            break;
        case BIND_OBJECT:
        case BIND_JSON:
            fail_msg("a request holds a member that only replies may hold");
        }
    }
    json_close_object(out);
}

static str least_body(const struct route *route)
{
    if (route->request == NULL)
        return STR("");
    struct buf buf = buf_in(server.arena, 4096);
    struct json_out out = json_out_over(&buf);
    put_least_body(&out, route->request);
    return buf_str(&buf);
}

/* ---- JSON ---- */

/* Refused on purpose: names given twice, and numbers that a double would not hold. */
static bool is_refused_on_purpose(const char *name)
{
    static const char *const names[] = {"y_object_duplicated_key.json",
                                        "y_object_duplicated_key_and_value.json",
                                        "y_number.json",
                                        "y_number_real_capital_e.json",
                                        "y_object_extreme_numbers.json",
                                        "y_number_real_exponent.json",
                                        "y_number_real_fraction_exponent.json"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

static void judge_json_file(const char *name, size_t counts[3])
{
    str path = arena_format(server.arena, "vectors/json/test_parsing/%s", name);
    str text = shared_file(server.arena, arena_c_string(server.arena, path));
    assert_non_null(text.ptr);
    struct http_field field = {STR("Authorization"),
                               arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))};
    struct answer answer =
        ask_with(&server, "POST", STR("/v1/subjects/find"), "application/json", text, &field, 1);
    bool refused = answer.code == 400;
    if (name[0] == 'y' && refused != is_refused_on_purpose(name))
        fail_msg("%s: %d: %.*s", name, answer.code, STR_ARG(answer.text));
    if (name[0] == 'n' && !refused)
        fail_msg("%s: %d: %.*s", name, answer.code, STR_ARG(answer.text));
    if (refused)
        expect_problem(&answer, 400, "/problems/syntax");
    else
        expect(&answer, 422); /* JSON, and no question that one can ask */
    counts[name[0] == 'y' ? 0 : name[0] == 'n' ? 1 : 2]++;
}

static void published_json_is_taken_or_refused_as_it_should_be_and_changes_nothing(void **state)
{
    (void)state;
    if (shared_folder() == NULL)
        skip();
    const char *path = arena_c_string(
        server.arena, arena_format(server.arena, "%s/vectors/json/test_parsing", shared_folder()));
    DIR *folder = opendir(path);
    if (folder == NULL)
        skip();
    uint64_t before_ = process_digest(&server);
    size_t counts[3] = {0};
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (str_ends(str_from(entry->d_name), STR(".json")))
            judge_json_file(entry->d_name, counts);
    }
    closedir(folder);
    assert_int_equal(counts[0], 95);
    assert_int_equal(counts[1], 188);
    assert_int_equal(counts[2], 35);
    assert_true(process_runs(&server));
    assert_true(process_digest(&server) == before_);
}

/* ---- members ---- */

struct walk {
    const struct route *route;
    str id; /* of a person who is there */
    size_t asked;
};

/* Values of every other type than the one that is due. */
static const char *const *wrong_values(enum bind_type type)
{
    static const char *const text[] = {"null", "true", "17", "[]", "{}", NULL};
    static const char *const id[] = {
        "null", "17", "\"kari\"", "\"AAECAwQFBgcICQoLDA0OD\"", "\"AAECAwQFBgcICQoLDA0OD=\"",
        "[]",   NULL};
    static const char *const at[] = {"null",           "17", "\"now\"", "\"2026-02-30T00:00:00Z\"",
                                     "\"2026-03-01\"", "{}", NULL};
    static const char *const truth[] = {"null", "0", "\"true\"", "[]", NULL};
    static const char *const number[] = {"null", "-1", "1.5", "\"3\"", "1e1", "[]", NULL};
    static const char *const texts[] = {"null", "\"a\"", "{}", "[17]", "[null]", "[[]]", NULL};
    static const char *const objects[] = {"null", "\"a\"", "{}", "[17]", "[[]]", NULL};
    static const char *const object[] = {"null", "\"a\"", "[]", "17", NULL};
    static const char *const map[] = {"null", "\"a\"", "[]", "{\"a\":1}", "{\"a\":{}}", NULL};
    switch (type) {
    case BIND_TEXT:
        return text;
    case BIND_ID:
        return id;
    case BIND_INSTANT:
        return at;
    case BIND_BOOL:
        return truth;
    case BIND_U32:
    case BIND_U64:
        return number;
    case BIND_TEXTS:
    case BIND_IDS:
        return texts;
    case BIND_OBJECTS:
        return objects;
    case BIND_MAP:
        return map;
    case BIND_OBJECT:
        return object;
    case BIND_JSON:
        break;
    }
    fail_msg("a request holds a member that only replies may hold");
}

/* Sends `open`value`close` and expects the problem at a pointer that begins with `pointer`. */
static void expect_at(struct walk *walk, str body, str pointer, const char *type)
{
    struct answer answer =
        ask(&server, server.token, walk->route->method, path_with(walk->route, walk->id), body);
    if (answer.code != 422 || !str_is(text_of(&answer, "type"), type) ||
        !str_starts(text_of(&answer, "where"), pointer))
        fail_msg("%.*s %.*s: %d %.*s", STR_ARG(route_name(walk->route)), STR_ARG(body), answer.code,
                 STR_ARG(answer.text));
    assert_true(str_is(answer.media, "application/problem+json"));
    walk->asked++;
}

static void walk_form(struct walk *walk, const struct bind_form *form, str open, str close,
                      str pointer)
{
    for (size_t i = 0; i < form->count; i++) {
        const struct bind_member *member = &form->members[i];
        str here = arena_format(server.arena, "%.*s/%s", STR_ARG(pointer), member->name);
        for (const char *const *value = wrong_values(member->type); *value != NULL; value++)
            expect_at(walk,
                      arena_format(server.arena, "%.*s{\"%s\":%s}%.*s", STR_ARG(open), member->name,
                                   *value, STR_ARG(close)),
                      here, "/problems/wrong_type");
        if (member->type == BIND_OBJECTS)
            walk_form(walk, member->form,
                      arena_format(server.arena, "%.*s{\"%s\":[", STR_ARG(open), member->name),
                      arena_format(server.arena, "]}%.*s", STR_ARG(close)),
                      arena_format(server.arena, "%.*s/0", STR_ARG(here)));
        if (member->type == BIND_OBJECT)
            walk_form(walk, member->form,
                      arena_format(server.arena, "%.*s{\"%s\":", STR_ARG(open), member->name),
                      arena_format(server.arena, "}%.*s", STR_ARG(close)), here);
    }
}

static void a_wrong_type_in_any_member_is_named_by_its_place_and_changes_nothing(void **state)
{
    (void)state;
    struct walk walk = {.id = new_person("W-1", "asker")};
    uint64_t before_ = process_digest(&server);
    for (size_t i = 0; i < route_count(); i++) {
        walk.route = route_at(i);
        if ((walk.route->flags & ROUTE_SIGNED_IN) != 0)
            continue;
        if (walk.route->request != NULL)
            walk_form(&walk, walk.route->request, STR(""), STR(""), STR(""));
    }
    assert_true(walk.asked > 500);
    assert_true(process_digest(&server) == before_);
}

static void a_number_too_large_for_its_member_is_a_wrong_type(void **state)
{
    (void)state;
    struct answer answer = post(&server, "/v1/tokens", "{\"days\":4294967296}");
    expect_problem(&answer, 422, "/problems/wrong_type");
    assert_true(str_is(text_of(&answer, "where"), "/days"));
}

static bool suggests(const struct answer *answer, const struct bind_form *form, str name)
{
    str detail = text_of(answer, "detail");
    for (size_t i = 0; i < form->count; i++) {
        str quoted = arena_format(server.arena, "\"%s\"", form->members[i].name);
        if (holds(detail, quoted))
            return str_distance(name, str_from(form->members[i].name)) <= 1;
    }
    return false;
}

static void an_unknown_member_is_refused_with_the_nearest_name(void **state)
{
    (void)state;
    struct walk walk = {.id = new_person("W-2", "asker")};
    uint64_t before_ = process_digest(&server);
    for (size_t i = 0; i < route_count(); i++) {
        const struct bind_form *form = route_at(i)->request;
        if ((route_at(i)->flags & ROUTE_SIGNED_IN) != 0)
            continue;
        for (size_t j = 0; form != NULL && j < form->count; j++) {
            str name = arena_format(server.arena, "%sx", form->members[j].name);
            struct answer answer =
                ask(&server, server.token, route_at(i)->method, path_with(route_at(i), walk.id),
                    arena_format(server.arena, "{\"%.*s\":1}", STR_ARG(name)));
            expect_problem(&answer, 422, "/problems/unknown_member");
            assert_true(suggests(&answer, form, name));
        }
    }
    assert_true(process_digest(&server) == before_);
}

static void a_member_that_is_missing_is_named(void **state)
{
    (void)state;
    struct walk walk = {.id = new_person("W-3", "asker")};
    uint64_t before_ = process_digest(&server);
    for (size_t i = 0; i < route_count(); i++) {
        walk.route = route_at(i);
        if ((walk.route->flags & ROUTE_SIGNED_IN) != 0)
            continue;
        const struct bind_form *form = walk.route->request;
        for (size_t j = 0; form != NULL && j < form->count; j++) {
            if (form->members[j].need != REQUIRED)
                continue;
            expect_at(&walk, STR("{}"), STR("/"), "/problems/missing_member");
            break;
        }
    }
    assert_true(walk.asked > 20);
    assert_true(process_digest(&server) == before_);
}

/* What a client wrote is not repeated: a name that might be data is left out of the answer. */
static void a_problem_never_repeats_what_might_be_personal(void **state)
{
    (void)state;
    static const char *const bodies[] = {"{\"kari.nordmann@example.org\":1}",
                                         "{\"Kari Nordmann\":1}", "{\"12345678901\":1}",
                                         "{\"values\":{\"kari.nordmann@example.org\":17}}",
                                         "{\"identifiers\":[{\"Kari Nordmann\":1}]}"};
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        if ((route->flags & ROUTE_SIGNED_IN) != 0)
            continue; /* no token is for these: tests/signin_test.c */
        for (size_t j = 0; route->request != NULL && j < LENGTH(bodies); j++) {
            struct answer answer = ask(&server, server.token, route->method,
                                       path_with(route, str_from(unknown_id)), str_from(bodies[j]));
            assert_int_equal(answer.code, 422);
            assert_false(holds(answer.text, STR("ordmann")));
            assert_false(holds(answer.text, STR("12345678901")));
        }
    }
}

static void a_body_for_a_path_that_takes_none_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        if ((route->flags & ROUTE_SIGNED_IN) != 0)
            continue; /* no token is for these: tests/signin_test.c */
        if (route->request != NULL || (route->flags & (ROUTE_STREAM | ROUTE_AFTER)) != 0 ||
            strcmp(route->path, "/v1/destruction/confirm") == 0)
            continue;
        struct answer answer = ask(&server, server.token, route->method,
                                   path_with(route, str_from(unknown_id)), STR("{\"a\":1}"));
        expect_problem(&answer, 422, "/problems/invalid");
    }
}

static void another_media_type_is_not_read(void **state)
{
    (void)state;
    struct http_field field = {STR("Authorization"),
                               arena_format(server.arena, "Bearer %.*s", STR_ARG(server.token))};
    static const char *const media[] = {"text/plain", "application/x-www-form-urlencoded",
                                        "application/json; charset=latin1", "application/jsonx",
                                        "multipart/form-data; boundary=a"};
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        if ((route->flags & ROUTE_SIGNED_IN) != 0)
            continue; /* no token is for these: tests/signin_test.c */
        bool stream = (route->flags & ROUTE_STREAM) != 0;
        for (size_t j = 0; (stream || route->request != NULL) && j < LENGTH(media); j++) {
            bool form = strstr(media[j], "form") != NULL; /* people post these */
            if (form && (route->flags & ROUTE_OPEN) != 0)
                continue;
            struct answer answer =
                ask_with(&server, route->method, path_with(route, str_from(unknown_id)), media[j],
                         STR("{}"), &field, 1);
            expect_problem(&answer, 415, "/problems/media");
        }
    }
}

/* ---- tokens ---- */

/* With each of what is no token, from an address of its own: one address is told 429 after 60. */
static struct answer ask_without(const struct route *route, str token, size_t address)
{
    struct http_field fields[] = {
        {STR("X-Forwarded-For"),
         arena_format(server.arena, "198.18.%zu.%zu", address / 250, address % 250)},
        {STR("Authorization"), token}};
    str body = least_body(route);
    return ask_with(&server, route->method, path_with(route, str_from(unknown_id)),
                    body.len == 0 ? "" : "application/json", body, fields, token.len == 0 ? 1 : 2);
}

/* All that is no token answers alike, on every route that needs one, and changes nothing. */
static void without_a_valid_token_every_route_answers_the_same(void **state)
{
    (void)state;
    str made = new_token(&server, "\"scopes\":[\"collect\"]");
    str changed = arena_format(server.arena, "%.*s%s", (int)made.len - 1, made.ptr,
                               made.ptr[made.len - 1] == 'A' ? "E" : "A");
    str said[] = {STR(""), /* nothing at all */
                  STR("Bearer"),
                  STR("Bearer x"),
                  arena_format(server.arena, "Basic %.*s", STR_ARG(made)),
                  arena_format(server.arena, "Bearer %.*s", STR_ARG(changed)),
                  arena_format(server.arena, "Bearer %.*s", (int)made.len - 1, made.ptr),
                  arena_format(server.arena, "Bearer %.*sA", STR_ARG(made)),
                  arena_format(server.arena, "Bearer %.*s %.*s", STR_ARG(made), STR_ARG(made)),
                  STR("Bearer vern_AAECAwQFBgcICQoLDA0ODw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                      "AAA")};
    uint64_t before_ = process_digest(&server);
    str first = {NULL, 0};
    size_t asked = 0, routes = 0;
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        bool needs_none = (route->flags & (ROUTE_PUBLIC | ROUTE_OPEN)) != 0;
        routes += needs_none ? 0 : 1;
        for (size_t j = 0; !needs_none && j < LENGTH(said); j++) {
            struct answer answer = ask_without(route, said[j], asked++);
            expect_problem(&answer, 401, "/problems/unauthenticated");
            if (first.ptr != NULL)
                assert_true(str_equal(first, answer.text));
            first = answer.text;
            assert_true(
                str_is(http_response_header(&answer.response, "WWW-Authenticate"), "Bearer"));
        }
    }
    assert_int_equal(asked, routes * LENGTH(said));
    assert_true(routes > 90);
    assert_true(process_digest(&server) == before_);
}

static void an_expired_token_and_a_revoked_one_are_no_tokens(void **state)
{
    (void)state;
    struct answer made = ask(&server, server.other, "POST", STR("/v1/tokens"),
                             STR("{\"name\":\"a\",\"scopes\":[\"read\"],\"days\":1}"));
    expect(&made, 201);
    str token = text_of(&made, "token");
    struct answer shown = ask(&server, token, "GET", STR("/v1/register"), STR(""));
    expect(&shown, 200);
    struct answer moved = ask(&server, server.other, "POST", STR("/v1/clock"),
                              STR("{\"to\":\"2026-03-02T08:59:59.999Z\"}"));
    expect(&moved, 200);
    shown = ask(&server, token, "GET", STR("/v1/register"), STR(""));
    expect(&shown, 200);
    moved = ask(&server, server.other, "POST", STR("/v1/clock"),
                STR("{\"to\":\"2026-03-02T09:00:00Z\"}"));
    expect(&moved, 200);
    shown = ask(&server, token, "GET", STR("/v1/register"), STR(""));
    expect_problem(&shown, 401, "/problems/unauthenticated");
    made = ask(&server, server.other, "POST", STR("/v1/tokens"),
               STR("{\"name\":\"b\",\"scopes\":[\"read\"]}"));
    str path = arena_format(server.arena, "/v1/tokens/%.*s", STR_ARG(text_of(&made, "id")));
    struct answer revoked = ask(&server, server.other, "DELETE", path, STR(""));
    expect(&revoked, 200);
    struct answer late = ask(&server, text_of(&made, "token"), "GET", STR("/v1/register"), STR(""));
    expect_problem(&late, 401, "/problems/unauthenticated");
    assert_true(str_equal(late.text, shown.text));
}

static const char *scope_text(uint32_t scope)
{
    return arena_c_string(server.arena, scope_name((enum scope)scope));
}

/* Every scope but one; who may audit looks like an officer. */
static str token_without(uint32_t scope)
{
    struct buf buf = buf_in(server.arena, 512);
    buf_text(&buf, "\"scopes\":[");
    for (uint32_t bit = 1; bit < SCOPE_ALL; bit <<= 1) {
        if (bit != scope && (scope != SCOPE_OFFICER || bit != SCOPE_AUDIT))
            buf_format(&buf, "%s\"%s\"", buf.ptr[buf.len - 1] == '[' ? "" : ",", scope_text(bit));
    }
    buf_text(&buf, "]");
    return new_token(&server, arena_c_string(server.arena, buf_str(&buf)));
}

static void every_route_refuses_a_token_without_its_scope_and_logs_that(void **state)
{
    (void)state;
    size_t asked = 0;
    str without[8] = {{NULL, 0}};
    for (size_t i = 0; i < LENGTH(without); i++)
        without[i] = token_without((uint32_t)1 << i);
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        if ((route->flags & ROUTE_SIGNED_IN) != 0)
            continue; /* no token is for these: tests/signin_test.c */
        if (route->scope == 0)
            continue;
        size_t bit = 0;
        while ((route->scope >> bit & 1) == 0)
            bit++;
        int64_t size = log_size(&server, server.token);
        struct answer answer = ask(&server, without[bit], route->method,
                                   path_with(route, str_from(unknown_id)), least_body(route));
        expect_problem(&answer, 403, "/problems/forbidden");
        assert_true(holds(answer.text, scope_name((enum scope)route->scope)));
        assert_int_equal(log_size(&server, server.token), size + 1);
        asked++;
    }
    assert_true(asked > 40);
}

/* Who audits has what an officer looks at, and nothing that changes anything. */
static void who_audits_looks_where_an_officer_may_and_changes_nothing(void **state)
{
    (void)state;
    str officer = new_token(&server, "\"scopes\":[\"officer\",\"administer\"]");
    struct answer made = ask(&server, officer, "POST", STR("/v1/tokens"),
                             STR("{\"name\":\"auditor\",\"scopes\":[\"audit\"]}"));
    expect(&made, 201);
    str auditor = text_of(&made, "token");
    size_t looked = 0, refused = 0;
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        if ((route->flags & ROUTE_SIGNED_IN) != 0 || route->scope == 0)
            continue; /* for sessions, or for anybody */
        bool looks = str_is(str_from(route->method), "GET") || (route->flags & ROUTE_LOOKS) != 0;
        struct answer answer = ask(&server, auditor, route->method,
                                   path_with(route, str_from(unknown_id)), least_body(route));
        bool passed = answer.code != 403;
        if (passed != (looks && route->scope == SCOPE_OFFICER))
            fail_msg("%.*s answers who audits %d", STR_ARG(route_name(route)), answer.code);
        looked += passed;
        refused += !passed;
    }
    assert_true(looked > 25);
    assert_true(refused > 80);
    struct answer entries =
        ask(&server, auditor, "GET", STR("/v1/log/tile/entries/000.p/1"), STR(""));
    assert_int_not_equal(entries.code, 403);
    struct answer wider = ask(&server, auditor, "POST", STR("/v1/tokens"),
                              STR("{\"name\":\"w\",\"scopes\":[\"officer\"]}"));
    expect_problem(&wider, 403, "/problems/forbidden");
}

static void a_token_makes_none_that_is_wider_than_itself(void **state)
{
    (void)state;
    str narrow =
        new_token(&server, "\"scopes\":[\"administer\",\"read\"],\"purposes\":[\"orders\"],"
                           "\"controller\":\"shop\"");
    static const char *const wider[] = {
        "{\"name\":\"w\",\"scopes\":[\"all\"],\"purposes\":[\"orders\"],\"controller\":\"shop\"}",
        "{\"name\":\"w\",\"scopes\":[\"collect\"],\"purposes\":[\"orders\"],\"controller\":"
        "\"shop\"}",
        "{\"name\":\"w\",\"scopes\":[\"read\"],\"controller\":\"shop\"}",
        "{\"name\":\"w\",\"scopes\":[\"read\"],\"purposes\":[\"orders\",\"support\"],"
        "\"controller\":\"shop\"}",
        "{\"name\":\"w\",\"scopes\":[\"read\"],\"purposes\":[\"orders\"]}",
    };
    for (size_t i = 0; i < LENGTH(wider); i++) {
        struct answer answer = ask(&server, narrow, "POST", STR("/v1/tokens"), str_from(wider[i]));
        expect_problem(&answer, 403, "/problems/forbidden");
    }
    struct answer same = ask(&server, narrow, "POST", STR("/v1/tokens"),
                             STR("{\"name\":\"w\",\"scopes\":[\"read\"],\"purposes\":[\"orders\"],"
                                 "\"controller\":\"shop\"}"));
    expect(&same, 201);
}

static void a_staff_members_token_makes_none_for_another_or_for_nobody(void **state)
{
    (void)state;
    struct answer first = post(&server, "/v1/staff", "{\"role\":\"manager\",\"name\":\"First\"}");
    struct answer second = post(&server, "/v1/staff", "{\"role\":\"manager\",\"name\":\"Second\"}");
    expect(&first, 201);
    expect(&second, 201);
    str members = arena_format(server.arena, "\"scopes\":[\"all\"],\"staff\":\"%.*s\"",
                               STR_ARG(text_of(&first, "id")));
    str token = new_token(&server, arena_c_string(server.arena, members));
    struct answer nobody = ask(&server, token, "POST", STR("/v1/tokens"),
                               STR("{\"name\":\"w\",\"scopes\":[\"read\"]}"));
    expect_problem(&nobody, 403, "/problems/forbidden");
    struct answer another =
        ask(&server, token, "POST", STR("/v1/tokens"),
            arena_format(server.arena, "{\"name\":\"w\",\"scopes\":[\"read\"],\"staff\":\"%.*s\"}",
                         STR_ARG(text_of(&second, "id"))));
    expect_problem(&another, 403, "/problems/forbidden");
    struct answer same =
        ask(&server, token, "POST", STR("/v1/tokens"),
            arena_format(server.arena, "{\"name\":\"w\",\"scopes\":[\"read\"],\"staff\":\"%.*s\"}",
                         STR_ARG(text_of(&first, "id"))));
    expect(&same, 201);
    const struct answer *members_here[] = {&first, &second};
    for (size_t i = 0; i < LENGTH(members_here); i++) { /* what comes next has no staff */
        struct answer left = ask(&server, server.token, "DELETE",
                                 arena_format(server.arena, "/v1/staff/%.*s",
                                              STR_ARG(text_of(members_here[i], "id"))),
                                 STR(""));
        expect(&left, 200);
    }
}

/* ---- who exists (G9) ---- */

struct hidden {
    str unknown, erased, outside, foreign; /* ids */
    str token;                             /* knows none of them */
};

static str person_with_mail(const char *number, const char *mail)
{
    str id = new_person(number, "asker");
    str body =
        arena_format(server.arena,
                     "{\"intake\":\"contact_form\",\"source\":\"person\",\"channel\":\"web\","
                     "\"values\":{\"contact.email\":\"%s\",\"question.text\":\"When?\"}}",
                     mail);
    struct answer collected =
        post_subject(&server, id, "collect", arena_c_string(server.arena, body));
    expect(&collected, 201);
    return id;
}

static void identify(str id, const char *mail)
{
    str body = arena_format(server.arena, "{\"kind\":\"contact.email\",\"value\":\"%s\"}", mail);
    struct answer named =
        post_subject(&server, id, "identifiers", arena_c_string(server.arena, body));
    expect(&named, 200);
}

static struct hidden hide(const char *tag)
{
    struct hidden hidden = {.unknown = str_from(unknown_id)};
    const char *number = arena_c_string(server.arena, arena_format(server.arena, "G9-%s-1", tag));
    hidden.erased = person_with_mail(number, "erased@example.org");
    identify(hidden.erased, "erased@example.org");
    struct answer erased = post_subject(&server, hidden.erased, "erase", "{\"warned\":true}");
    expect(&erased, 200);
    number = arena_c_string(server.arena, arena_format(server.arena, "G9-%s-2", tag));
    hidden.outside = person_with_mail(number, "outside@example.org");
    identify(hidden.outside, "outside@example.org");
    struct answer foreign =
        ask(&server, server.other, "POST", STR("/v1/subjects"), STR("{\"roles\":[\"customer\"]}"));
    expect(&foreign, 201);
    hidden.foreign = text_of(&foreign, "id");
    hidden.token = new_token(&server, "\"scopes\":[\"collect\",\"read\",\"record\",\"rights\","
                                      "\"share\",\"import\"],\"purposes\":[\"orders\"]");
    return hidden;
}

static void expect_alike(struct hidden *hidden, const struct route *route, str body)
{
    const str *ids[] = {&hidden->unknown, &hidden->erased, &hidden->outside, &hidden->foreign};
    str first = {NULL, 0};
    int64_t growth = -1;
    for (size_t i = 0; i < LENGTH(ids); i++) {
        int64_t size = log_size(&server, server.token);
        struct http_field field = {
            STR("Authorization"),
            arena_format(server.arena, "Bearer %.*s", STR_ARG(hidden->token))};
        struct answer answer =
            (route->flags & ROUTE_BYTES) != 0
                ? ask_with(&server, route->method, path_with(route, *ids[i]),
                           "application/octet-stream", STR("x"), &field, 1)
                : ask(&server, hidden->token, route->method, path_with(route, *ids[i]), body);
        int64_t grown = log_size(&server, server.token) - size;
        if (answer.code != 404 || (i > 0 && !str_equal(first, answer.text)) ||
            (i > 0 && grown != growth))
            fail_msg("%.*s, person %zu: %d %.*s", STR_ARG(route_name(route)), i, answer.code,
                     STR_ARG(answer.text));
        first = answer.text;
        growth = grown;
    }
}

/* Unknown, erased, outside the token's purposes, of another register: the same bytes on every route
 * about a person, and as many entries in the log. */
static void nobody_learns_who_exists(void **state)
{
    (void)state;
    struct hidden hidden = hide("routes");
    size_t asked = 0;
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        if ((route->flags & ROUTE_SIGNED_IN) != 0)
            continue; /* no token is for these: tests/signin_test.c */
        if (!str_starts(str_from(route->path), STR("/v1/subjects/:id")) ||
            route->scope == SCOPE_OFFICER)
            continue;
        expect_alike(&hidden, route, least_body(route));
        asked++;
    }
    assert_true(asked > 15);
}

static void looking_for_someone_hidden_is_like_looking_for_nobody(void **state)
{
    (void)state;
    struct hidden hidden = hide("find");
    static const char *const mails[] = {"nobody@example.org", "erased@example.org",
                                        "outside@example.org"};
    str first = {NULL, 0};
    for (size_t i = 0; i < LENGTH(mails); i++) {
        int64_t size = log_size(&server, server.token);
        struct answer answer = ask(
            &server, hidden.token, "POST", STR("/v1/subjects/find"),
            arena_format(server.arena, "{\"kind\":\"contact.email\",\"value\":\"%s\"}", mails[i]));
        expect(&answer, 200);
        assert_int_equal(json_get(answer.json, "ids")->count, 0);
        if (i > 0)
            assert_true(str_equal(first, answer.text));
        first = answer.text;
        assert_int_equal(log_size(&server, server.token), size + 1);
    }
}

static void evidence_about_someone_hidden_is_like_evidence_about_nobody(void **state)
{
    (void)state;
    struct hidden hidden = hide("evidence");
    const str *ids[] = {&hidden.unknown, &hidden.erased, &hidden.outside, &hidden.foreign};
    static const char *const paths[] = {"/v1/evidence", "/v1/agreements", "/v1/notices"};
    for (size_t i = 0; i < LENGTH(paths); i++) {
        str first = {NULL, 0};
        for (size_t j = 0; j < LENGTH(ids); j++) {
            struct answer answer =
                ask(&server, hidden.token, "POST", str_from(paths[i]),
                    arena_format(server.arena, "{\"type\":\"identity\",\"subject\":\"%.*s\"}",
                                 STR_ARG(*ids[j])));
            if (answer.code < 400 || (j > 0 && !str_equal(first, answer.text)))
                fail_msg("%s, person %zu: %d %.*s", paths[i], j, answer.code, STR_ARG(answer.text));
            first = answer.text;
        }
    }
}

/* ---- once ---- */

static struct answer post_once(str token, const char *target, str key, const char *body)
{
    struct http_field fields[] = {
        {STR("Authorization"), arena_format(server.arena, "Bearer %.*s", STR_ARG(token))},
        {STR("Idempotency-Key"), key}};
    return ask_with(&server, "POST", str_from(target), "application/json", str_from(body), fields,
                    2);
}

static void a_repeated_write_is_done_once_and_a_key_serves_one_request_of_one_token(void **state)
{
    (void)state;
    str key = STR("requests-1");
    struct answer first = post_once(server.token, "/v1/subjects", key, "{\"roles\":[\"asker\"]}");
    expect(&first, 201);
    uint64_t before_ = process_digest(&server);
    struct answer again = post_once(server.token, "/v1/subjects", key, "{\"roles\":[\"asker\"]}");
    expect(&again, 201);
    assert_true(str_equal(text_of(&first, "id"), text_of(&again, "id")));
    struct answer body = post_once(server.token, "/v1/subjects", key, "{\"roles\":[ \"asker\"]}");
    expect_problem(&body, 422, "/problems/reused");
    struct answer path = post_once(server.token, "/v1/matters", key, "{\"kind\":\"order_no\"}");
    expect_problem(&path, 422, "/problems/reused");
    assert_true(process_digest(&server) == before_);
    str other = new_token(&server, "\"scopes\":[\"collect\"]");
    struct answer theirs = post_once(other, "/v1/subjects", key, "{\"roles\":[\"asker\"]}");
    expect(&theirs, 201);
    assert_false(str_equal(text_of(&first, "id"), text_of(&theirs, "id")));
}

static void a_key_of_no_length_or_too_much_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    char room[256];
    memset(room, 'k', sizeof(room));
    uint64_t before_ = process_digest(&server);
    struct answer long_ =
        post_once(server.token, "/v1/subjects", (str){room, sizeof(room)}, "{\"roles\":[]}");
    expect_problem(&long_, 422, "/problems/invalid");
    assert_true(process_digest(&server) == before_);
    struct answer fits =
        post_once(server.token, "/v1/subjects", (str){room, sizeof(room) - 1}, "{\"roles\":[]}");
    expect(&fits, 201);
}

static void a_write_that_failed_may_be_sent_again_under_its_key(void **state)
{
    (void)state;
    str key = STR("requests-2");
    struct answer bad = post_once(server.token, "/v1/subjects", key, "{\"roles\":[\"nobody\"]}");
    expect_problem(&bad, 422, "/problems/invalid");
    struct answer good = post_once(server.token, "/v1/subjects", key, "{\"roles\":[\"asker\"]}");
    expect(&good, 201);
}

/* ---- size, method, path ---- */

static str spaces(size_t count)
{
    char *room = arena_take(server.arena, count + 2);
    assert_non_null(room);
    memset(room, ' ', count);
    memcpy(room + count, "{}", 2);
    return (str){room, count + 2};
}

static void what_is_too_large_is_refused_by_size_alone(void **state)
{
    (void)state;
    uint64_t before_ = process_digest(&server);
    struct answer fits =
        ask(&server, server.token, "POST", STR("/v1/subjects/find"), spaces(LIMIT_BODY_BYTES - 2));
    expect_problem(&fits, 422, "/problems/missing_member");
    struct answer body =
        ask(&server, server.token, "POST", STR("/v1/subjects/find"), spaces(LIMIT_BODY_BYTES - 1));
    expect_problem(&body, 413, "/problems/limit");
    struct answer policy =
        ask(&server, server.token, "POST", STR("/v1/policy/preview"), spaces(LARGE_BODY_BYTES - 1));
    expect_problem(&policy, 413, "/problems/limit");
    str target = arena_format(server.arena, "/v1/%0*d", LIMIT_TARGET_BYTES, 0);
    struct answer path = ask(&server, server.token, "GET", target, STR(""));
    expect_problem(&path, 414, "/problems/target_long");
    struct http_field field = {STR("X-Filler"),
                               arena_format(server.arena, "%0*d", LIMIT_HEADER_BYTES, 0)};
    struct answer head = ask_with(&server, "GET", STR("/v1/health"), "", STR(""), &field, 1);
    expect_problem(&head, 431, "/problems/headers");
    assert_true(process_digest(&server) == before_);
}

static void deep_nesting_is_refused_at_its_limit(void **state)
{
    (void)state;
    struct buf buf = buf_in(server.arena, 1 << 20);
    for (int i = 0; i < 100000; i++)
        buf_char(&buf, '[');
    struct answer answer = ask(&server, server.token, "POST", STR("/v1/subjects"), buf_str(&buf));
    expect_problem(&answer, 400, "/problems/syntax");
}

static void another_method_is_told_which_there_are(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(); i++) {
        str path = path_with(route_at(i), str_from(unknown_id));
        struct answer answer = ask(&server, server.token, "PATCH", path, STR(""));
        expect_problem(&answer, 405, "/problems/method");
        assert_true(
            holds(http_response_header(&answer.response, "Allow"), str_from(route_at(i)->method)));
    }
}

static void a_query_takes_only_what_its_route_names(void **state)
{
    (void)state;
    static const char *const bad[] = {"/v1/forecast?days=0",
                                      "/v1/forecast?days=-1",
                                      "/v1/forecast?days=99999999999999999999",
                                      "/v1/forecast?days=",
                                      "/v1/forecast?limit=5",
                                      "/v1/subjects?limit=201",
                                      "/v1/subjects?days=5",
                                      "/v1/subjects?email=kari@example.org",
                                      "/v1/subjects?cursor=",
                                      "/v1/register?x=1"};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct answer answer = ask(&server, server.token, "GET", str_from(bad[i]), STR(""));
        expect_problem(&answer, 422, "/problems/invalid");
        assert_false(holds(answer.text, STR("kari")));
    }
    static const char *const broken[] = {"/v1/forecast?days=%zz", "/v1/forecast?days=1&days=2"};
    for (size_t i = 0; i < LENGTH(broken); i++) {
        struct answer answer = ask(&server, server.token, "GET", str_from(broken[i]), STR(""));
        expect_problem(&answer, 400, "/problems/syntax");
    }
}

/* ---- versions of the policy ---- */

/* The example policy under another version, as a member of JSON; `erases` goes with it. */
static str version_body(const char *version, const char *erases)
{
    struct report report = {0};
    str text;
    assert_true(is_ok(file_read("policies/example.yaml", server.arena, 1 << 20, &report, &text)));
    struct buf policy = buf_in(server.arena, 1 << 20), body = buf_in(server.arena, 1 << 20);
    str mark = STR("version: \"2026-01\""), effective = STR("effective: 2026-01-01");
    const char *at = memmem(text.ptr, text.len, mark.ptr, mark.len);
    const char *date = memmem(text.ptr, text.len, effective.ptr, effective.len);
    assert_true(at != NULL && date != NULL && at < date);
    buf_add(&policy, str_slice(text, 0, (size_t)(at - text.ptr)));
    buf_format(&policy, "version: \"%s\"", version);
    buf_add(&policy,
            str_slice(text, (size_t)(at - text.ptr) + mark.len, (size_t)(date - text.ptr)));
    buf_text(&policy, "effective: 2026-03-15");
    buf_add(&policy, str_slice(text, (size_t)(date - text.ptr) + effective.len, text.len));
    struct json_out out = json_out_over(&body);
    json_open_object(&out);
    json_key(&out, "policy");
    json_put_str(&out, buf_str(&policy));
    if (erases != NULL) {
        json_key(&out, "erases");
        json_put_raw(&out, str_from(erases));
    }
    json_close_object(&out);
    return buf_str(&body);
}

static void a_version_is_applied_only_with_the_number_that_its_preview_gives(void **state)
{
    (void)state;
    uint64_t before_ = process_digest(&server);
    struct answer preview = ask(&server, server.token, "POST", STR("/v1/policy/preview"),
                                version_body("2026-02", NULL));
    expect(&preview, 200);
    assert_int_equal(number_of(&preview, "erases"), 0);
    struct answer silent =
        ask(&server, server.token, "POST", STR("/v1/policy/apply"), version_body("2026-02", NULL));
    struct answer wrong =
        ask(&server, server.token, "POST", STR("/v1/policy/apply"), version_body("2026-02", "3"));
    assert_true(silent.code >= 400 && silent.code < 500);
    assert_true(wrong.code >= 400 && wrong.code < 500);
    assert_true(str_is(silent.media, "application/problem+json"));
    assert_true(str_is(wrong.media, "application/problem+json"));
    assert_true(process_digest(&server) == before_);
    struct answer applied =
        ask(&server, server.token, "POST", STR("/v1/policy/apply"), version_body("2026-02", "0"));
    expect(&applied, 201);
    struct answer shown = ask(&server, server.token, "GET", STR("/v1/policy"), STR(""));
    expect(&shown, 200);
    assert_int_equal(json_get(shown.json, "versions")->count, 2);
}

/* INF-78, CON-81 */
static void a_version_is_shown_as_announced_and_taken_back_before_its_day_only(void **state)
{
    (void)state;
    struct answer shown = ask(&server, server.token, "GET", STR("/v1/policy"), STR(""));
    expect(&shown, 200);
    const struct json *first = json_get(shown.json, "versions")->child;
    str standing;
    assert_true(json_str(json_get(first, "standing"), &standing) && str_is(standing, "in_force"));
    assert_true(json_str(json_get(first->next, "standing"), &standing));
    assert_true(str_is(standing, "announced"));
    const struct {
        const char *body;
        int code;
    } wants[] = {{"{\"version\":\"2026-01\"}", 409}, {"{\"version\":\"none\"}", 422},
                 {"{\"version\":7}", 422},           {"{}", 422},
                 {"{\"version\":\"2026-02\"}", 200}, {"{\"version\":\"2026-02\"}", 422}};
    for (size_t i = 0; i < LENGTH(wants); i++) {
        struct answer got =
            ask(&server, server.token, "POST", STR("/v1/policy/withdraw"), str_from(wants[i].body));
        expect(&got, wants[i].code);
    }
    shown = ask(&server, server.token, "GET", STR("/v1/policy"), STR(""));
    assert_true(
        json_str(json_get(json_get(shown.json, "versions")->child->next, "standing"), &standing) &&
        str_is(standing, "withdrawn"));
}

/* ---- words that the policy does not know ---- */

static void a_word_that_the_policy_does_not_have_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    str id = new_person("P-1", "asker");
    uint64_t before_ = process_digest(&server);
    static const struct {
        const char *verb, *body;
    } bad[] = {
        {"roles", "{\"role\":\"nobody\"}"},
        {"events", "{\"event\":\"nothing\"}"},
        {"collect", "{\"intake\":\"no_form\",\"values\":{\"contact.email\":\"a@example.org\"}}"},
        {"collect", "{\"intake\":\"contact_form\",\"values\":{\"contact.shoe\":\"43\"}}"},
        {"read", "{\"purpose\":\"curiosity\"}"},
        {"read", "{\"purpose\":\"support\",\"fields\":[\"contact.shoe\"]}"},
        {"consents", "{\"purpose\":\"curiosity\",\"wording\":\"a\",\"given_by\":\"click\"}"},
        {"withdrawals", "{\"purpose\":\"curiosity\"}"},
        {"switches", "{\"switch\":\"light\"}"},
        {"share", "{\"purpose\":\"orders\",\"recipient\":\"neighbour\"}"},
        {"messages", "{\"message\":\"gossip\",\"channel\":\"email\"}"},
        {"holds", "{\"type\":\"grudge\"}"},
        {"erase", "{\"fields\":[\"contact.shoe\"]}"},
        {"restrictions", "{\"reason\":\"boredom\"}"},
        {"identifiers", "{\"kind\":\"contact.shoe\",\"value\":\"43\"}"},
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct answer answer = post_subject(&server, id, bad[i].verb, bad[i].body);
        if (answer.code != 422)
            fail_msg("%s %s: %d %.*s", bad[i].verb, bad[i].body, answer.code, STR_ARG(answer.text));
        assert_true(str_is(answer.media, "application/problem+json"));
    }
    assert_true(process_digest(&server) == before_);
}

/* ---- broken HTTP ---- */

static int code_of(str reply)
{
    uint64_t code = 0;
    return reply.len > 12 && str_to_u64(str_slice(reply, 9, 12), &code) ? (int)code : 0;
}

static void what_is_not_http_is_refused_and_closed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
    } bad[] = {
        {"GET /v1/health\r\n\r\n", 400},
        {"BREW /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n", 405},
        {"GET /v1/health HTTP/1.1\r\n\r\n", 400}, /* no Host */
        {"GET /v1/health HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
        {"GET /v1/health HTTP/1.1\nHost: localhost\n\n", 400},
        {"GET /v1/health HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n", 400},
        {"POST /v1/subjects HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
         "Transfer-Encoding: chunked\r\n\r\n{}",
         400},
        {"POST /v1/subjects HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400},
        {"POST /v1/subjects HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
         "Content-Length: 2\r\n\r\n{}",
         400},
        {"GET /v1/health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400},
    };
    uint64_t before_ = process_digest(&server);
    for (size_t i = 0; i < LENGTH(bad); i++) {
        int socket = raw_connect(&server);
        raw_send(socket, str_from(bad[i].text));
        str reply = raw_read_all(&server, socket);
        if (code_of(reply) != bad[i].code)
            fail_msg("%s: %.*s", bad[i].text, STR_ARG(reply));
        assert_true(holds(reply, STR("application/problem+json")));
    }
    assert_true(process_digest(&server) == before_);
    assert_true(process_runs(&server));
}

/* ---- too slow, too many: a server whose limits are small ---- */

static void who_is_too_slow_is_told_and_let_go(void **state)
{
    (void)state;
    struct process quick;
    process_open(&quick, "header_ms = 50\nbody_ms = 50\nsweep_seconds = 1\n");
    uint64_t before_ = process_digest(&quick);
    int head = raw_connect(&quick);
    raw_send(head, STR("GET /v1/health HTTP/1.1\r\nHost: local"));
    str reply = raw_read_all(&quick, head);
    assert_int_equal(code_of(reply), 408);
    assert_true(holds(reply, STR("application/problem+json")));
    int body = raw_connect(&quick);
    str start = arena_format(quick.arena,
                             "POST /v1/subjects HTTP/1.1\r\nHost: localhost\r\n"
                             "Content-Type: application/json\r\nAuthorization: Bearer %.*s\r\n"
                             "Content-Length: 20\r\n\r\n{\"roles\"",
                             STR_ARG(quick.token));
    raw_send(body, start);
    reply = raw_read_all(&quick, body);
    assert_int_equal(code_of(reply), 408);
    assert_true(process_digest(&quick) == before_);
    process_close(&quick);
}

/* Nothing is asked of this server: a connection that is kept might be closed just then. */
static void who_says_nothing_is_let_go_without_a_word(void **state)
{
    (void)state;
    struct process quick;
    process_open(&quick, "idle_ms = 50\nsweep_seconds = 1\n");
    int idle = raw_connect(&quick);
    assert_int_equal(raw_read_all(&quick, idle).len, 0);
    process_close(&quick);
}

static void a_connection_too_many_is_told_and_those_before_it_are_served(void **state)
{
    (void)state;
    struct process small;
    process_open(&small, "connections_per_address = 4\nsweep_seconds = 1\n");
    struct answer alive = ask(&small, small.token, "GET", STR("/v1/register"), STR(""));
    expect(&alive, 200);
    int held[3];
    for (size_t i = 0; i < LENGTH(held); i++) {
        held[i] = raw_connect(&small);
        raw_send(held[i], STR("GET /v1/he"));
    }
    int last = raw_connect(&small);
    str reply = raw_read_all(&small, last);
    assert_int_equal(code_of(reply), 503);
    assert_true(holds(reply, STR("/problems/busy")));
    alive = ask(&small, small.token, "GET", STR("/v1/register"), STR(""));
    expect(&alive, 200);
    for (size_t i = 0; i < LENGTH(held); i++) {
        raw_send(held[i], STR("alth HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        assert_int_equal(code_of(raw_read_all(&small, held[i])), 200);
    }
    process_close(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_json_is_taken_or_refused_as_it_should_be_and_changes_nothing),
        cmocka_unit_test(a_wrong_type_in_any_member_is_named_by_its_place_and_changes_nothing),
        cmocka_unit_test(a_number_too_large_for_its_member_is_a_wrong_type),
        cmocka_unit_test(an_unknown_member_is_refused_with_the_nearest_name),
        cmocka_unit_test(a_member_that_is_missing_is_named),
        cmocka_unit_test(a_problem_never_repeats_what_might_be_personal),
        cmocka_unit_test(a_body_for_a_path_that_takes_none_is_refused),
        cmocka_unit_test(another_media_type_is_not_read),
        cmocka_unit_test(every_route_refuses_a_token_without_its_scope_and_logs_that),
        cmocka_unit_test(who_audits_looks_where_an_officer_may_and_changes_nothing),
        cmocka_unit_test(a_token_makes_none_that_is_wider_than_itself),
        cmocka_unit_test(a_staff_members_token_makes_none_for_another_or_for_nobody),
        cmocka_unit_test(nobody_learns_who_exists),
        cmocka_unit_test(looking_for_someone_hidden_is_like_looking_for_nobody),
        cmocka_unit_test(evidence_about_someone_hidden_is_like_evidence_about_nobody),
        cmocka_unit_test(a_repeated_write_is_done_once_and_a_key_serves_one_request_of_one_token),
        cmocka_unit_test(a_key_of_no_length_or_too_much_is_refused_and_changes_nothing),
        cmocka_unit_test(a_write_that_failed_may_be_sent_again_under_its_key),
        cmocka_unit_test(what_is_too_large_is_refused_by_size_alone),
        cmocka_unit_test(deep_nesting_is_refused_at_its_limit),
        cmocka_unit_test(another_method_is_told_which_there_are),
        cmocka_unit_test(a_query_takes_only_what_its_route_names),
        cmocka_unit_test(a_word_that_the_policy_does_not_have_is_refused_and_changes_nothing),
        cmocka_unit_test(a_version_is_applied_only_with_the_number_that_its_preview_gives),
        cmocka_unit_test(a_version_is_shown_as_announced_and_taken_back_before_its_day_only),
        cmocka_unit_test(what_is_not_http_is_refused_and_closed),
        cmocka_unit_test(an_expired_token_and_a_revoked_one_are_no_tokens),
        cmocka_unit_test(without_a_valid_token_every_route_answers_the_same),
        cmocka_unit_test(who_is_too_slow_is_told_and_let_go),
        cmocka_unit_test(who_says_nothing_is_let_go_without_a_word),
        cmocka_unit_test(a_connection_too_many_is_told_and_those_before_it_are_served),
    };
    return cmocka_run_group_tests_name("requests", tests, open_server, close_server);
}
