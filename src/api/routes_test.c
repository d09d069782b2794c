/* Laws over the table of routes, and the description that is printed from it. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "api_internal.h"
#include "file.h"

enum { DOCUMENT_BYTES = 4 << 20 };

/* security.md 3: whoever is looked up by a value is looked up by POST. */
static void a_url_holds_random_ids_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(); i++) {
        str rest = str_from(route_at(i)->path), part;
        while (str_next(&rest, '/', &part)) {
            if (part.len == 0)
                continue;
            bool is_id = str_is(part, ":id") || str_is(part, ":record") || str_is(part, ":dossier");
            bool is_tile =
                str_is(part, "*") && str_starts(str_from(route_at(i)->path), STR("/v1/log/tile/"));
            bool is_open = (route_at(i)->flags & ROUTE_OPEN) != 0;
            bool is_link = str_is(part, "*") && is_open;
            assert_true(is_id || is_tile || is_link || (is_open && str_is(part, ":register")) ||
                        (part.ptr[0] != ':' && part.ptr[0] != '*'));
        }
        bool is_open = (route_at(i)->flags & ROUTE_OPEN) != 0;
        if (strcmp(route_at(i)->path, "/.well-known/gpc.json") == 0)
            continue; /* where Global Privacy Control has it */
        assert_true(
            str_starts(str_from(route_at(i)->path), is_open ? STR("/r/:register/") : STR("/v1/")));
    }
}

static void only_what_shows_no_one_needs_no_scope(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        bool own = strcmp(route->path, "/v1/account") == 0; /* what the member who asks may do */
        if (route->scope == 0 && !own)
            assert_true((route->flags &
                         (ROUTE_PLAIN | ROUTE_PUBLIC | ROUTE_OPEN | ROUTE_SIGNED_IN |
                          ROUTE_FIRST)) != 0); /* or one's own password */
        if ((route->flags & ROUTE_SIGNED_IN) != 0)
            assert_int_equal(route->flags & (ROUTE_PLAIN | ROUTE_STREAM | ROUTE_AFTER), 0);
        if ((route->flags & ROUTE_PUBLIC) != 0)
            assert_string_equal(route->method, "GET");
    }
}

/* Item 12 of the security requirements: by a session, what gives a copy away, erases, or hands on
 * access takes a sign-in of the last minutes. */
static void what_copies_erases_or_hands_on_access_takes_a_fresh_sign_in(void **state)
{
    (void)state;
    static const char *const ends[] = {"/access", "/portability", "/package", "/erase", "/export"};
    static const char *const whole[] = {"/v1/spaces/end",        "/v1/register/end",
                                        "/v1/tokens",            "/v1/tokens/:id/rotate",
                                        "/v1/staff/:id/account", "/v1/me/address",
                                        "/v1/me/address/confirm"};
    size_t found = 0;
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        bool wants = false;
        for (size_t k = 0; k < LENGTH(ends); k++)
            wants |= str_ends(str_from(route->path), str_from(ends[k]));
        for (size_t k = 0; k < LENGTH(whole); k++)
            wants |= strcmp(route->path, whole[k]) == 0;
        if (!wants || strcmp(route->method, "POST") != 0)
            continue;
        found++;
        if ((route->flags & ROUTE_FRESH) == 0)
            fail_msg("%s takes any session", route->path);
    }
    assert_true(found >= 8 + LENGTH(whole));
}

static void a_get_changes_nothing_and_takes_no_body(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        if (strcmp(route->method, "GET") != 0)
            continue;
        assert_null(route->request);
        assert_int_equal(route->flags & ROUTE_IDEMPOTENT, 0);
    }
}

static void no_two_routes_are_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(); i++) {
        for (size_t j = 0; j < i; j++)
            assert_false(strcmp(route_at(i)->path, route_at(j)->path) == 0 &&
                         strcmp(route_at(i)->method, route_at(j)->method) == 0);
    }
}

static bool form_is_described(const struct bind_form *form)
{
    for (size_t i = 0; i < form_count(); i++) {
        if (form_at(i) == form)
            return true;
    }
    return form == NULL;
}

static void every_form_of_a_route_is_described(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(); i++) {
        assert_true(form_is_described(route_at(i)->request));
        assert_true(form_is_described(route_at(i)->reply));
    }
    for (size_t i = 0; i < form_count(); i++) {
        for (size_t m = 0; m < form_at(i)->count; m++) {
            const struct bind_member *member = &form_at(i)->members[m];
            assert_non_null(member->help);
            if (member->type == BIND_OBJECT || member->type == BIND_OBJECTS)
                assert_true(form_is_described(member->form));
        }
    }
}

/* A repeated write is answered in the form of `written`, which every such reply begins with. */
static void the_reply_of_a_repeatable_write_holds_what_a_repeat_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        if ((route->flags & ROUTE_IDEMPOTENT) == 0)
            continue;
        assert_non_null(route->reply);
        assert_true(route->reply->count >= written_form.count);
        for (size_t m = 0; m < written_form.count; m++)
            assert_string_equal(route->reply->members[m].name, written_form.members[m].name);
    }
}

static void a_path_finds_its_route_and_its_ids(void **state)
{
    (void)state;
    struct path_match match;
    route_match(STR("POST"),
                STR("/v1/subjects/AAECAwQFBgcICQoLDA0ODw/restrictions/"
                    "AQECAwQFBgcICQoLDA0ODw/lift"),
                &match);
    assert_non_null(match.route);
    assert_true(match.ids_valid);
    assert_int_equal(match.id.bytes[0], 0);
    assert_int_equal(match.record.bytes[0], 1);
    assert_true(match.route->handler == restriction_lift);
}

static void a_path_that_is_none_finds_nothing(void **state)
{
    (void)state;
    static const char *const none[] = {"/",
                                       "/v1",
                                       "/v1/",
                                       "/v1/subjects/",
                                       "/v1/subjects//read",
                                       "/v1//subjects",
                                       "/v1/subjects/AAECAwQFBgcICQoLDA0ODw/read/",
                                       "/v1/subjects/../health",
                                       "/v2/health",
                                       "/v1/log/tile",
                                       "/v1/log/tile/",
                                       "/v1/health/x",
                                       "/V1/health",
                                       "/v1/%68ealth"};
    for (size_t i = 0; i < LENGTH(none); i++) {
        struct path_match match;
        route_match(STR("GET"), str_from(none[i]), &match);
        assert_null(match.route);
        route_match(STR("POST"), str_from(none[i]), &match);
        assert_null(match.route);
    }
}

static void a_wrong_method_is_told_which_are_right(void **state)
{
    (void)state;
    struct path_match match;
    route_match(STR("PUT"), STR("/v1/subjects"), &match);
    assert_null(match.route);
    assert_true(match.path_known);
    assert_string_equal(match.allowed, "POST, GET");
}

static void a_bad_id_in_a_path_is_seen(void **state)
{
    (void)state;
    struct path_match match;
    route_match(STR("GET"), STR("/v1/subjects/kari@example.org"), &match);
    assert_non_null(match.route);
    assert_false(match.ids_valid);
}

static void media_types_are_taken_whole(void **state)
{
    (void)state;
    assert_true(media_is(STR("application/json"), STR("application/json")));
    assert_true(media_is(STR("application/json; charset=UTF-8"), STR("application/json")));
    assert_false(media_is(STR("application/json; charset=latin1"), STR("application/json")));
    assert_false(media_is(STR("application/jsonx"), STR("application/json")));
    assert_false(media_is(STR("text/plain"), STR("application/json")));
    assert_false(media_is((str){NULL, 0}, STR("application/json")));
}

/* docs/openapi.json is `vern api --openapi`. */
static void the_description_in_the_manual_is_the_one_that_is_printed(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(DOCUMENT_BYTES * 4);
    struct report report = {0};
    str printed, kept;
    assert_true(is_ok(api_openapi(arena, &report, &printed)));
    assert_true(is_ok(file_read("docs/openapi.json", arena, DOCUMENT_BYTES, &report, &kept)));
    size_t same = 0;
    while (same < printed.len && same < kept.len && printed.ptr[same] == kept.ptr[same])
        same++;
    if (same != printed.len || same != kept.len)
        fail_msg("differs from byte %zu on; print it anew with vern api --openapi: %.60s", same,
                 printed.ptr + same);
}

static void the_description_names_each_route_once(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(DOCUMENT_BYTES * 8);
    struct report report = {0};
    str printed;
    const struct json *document;
    assert_true(is_ok(api_openapi(arena, &report, &printed)));
    assert_true(is_ok(json_parse(arena, printed, &report, &document)));
    size_t operations = 0;
    for (JSON_EACH(path, json_get(document, "paths")))
        operations += path->count;
    assert_int_equal(operations, route_count());
}

static bool has_line(str text, const char *line)
{
    str rest = text, one;
    while (str_next(&rest, '\n', &one)) {
        if (str_is(one, line))
            return true;
    }
    return false;
}

static void row_of(const struct route *route, char *line, size_t room)
{
    char scopes[128];
    struct buf buf = buf_over(scopes, sizeof(scopes));
    for (uint32_t bit = 1; bit < SCOPE_ALL; bit <<= 1) {
        if ((route->scope & bit) == 0)
            continue;
        buf_text(&buf, buf.len > 0 ? ", " : "");
        buf_add(&buf, scope_name((enum scope)bit));
    }
    if (buf.len == 0)
        buf_text(&buf, (route->flags & ROUTE_SIGNED_IN) != 0                ? "session"
                       : (route->flags & (ROUTE_PUBLIC | ROUTE_OPEN)) != 0 ? "none"
                                                                           : "any");
    buf_char(&buf, '\0');
    snprintf(line, room, "| `%s %s` | %s | %s |", route->method, route->path, scopes, route->what);
}

/* Lines that begin like a row of routes or of problems: one that no table gives is stale. */
static size_t rows_of(str manual)
{
    static const char *const BEGINNINGS[] = {"| `GET /", "| `POST /", "| `PUT /", "| `DELETE /",
                                             "| `/problems/"};
    size_t count = 0;
    str line;
    while (str_next(&manual, '\n', &line)) {
        for (size_t i = 0; i < LENGTH(BEGINNINGS); i++)
            count += str_starts(line, str_from(BEGINNINGS[i])) ? 1 : 0;
    }
    return count;
}

static void the_manual_lists_every_route_and_every_problem(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(DOCUMENT_BYTES);
    struct report report = {0};
    str manual;
    char line[512];
    assert_true(is_ok(file_read("docs/api.md", arena, DOCUMENT_BYTES, &report, &manual)));
    for (size_t i = 0; i < route_count(); i++) {
        row_of(route_at(i), line, sizeof(line));
        if (!has_line(manual, line))
            fail_msg("docs/api.md lacks: %s", line);
    }
    for (int fault = FAULT_NONE + 1; fault < FAULT_COUNT; fault++) {
        enum fault_class class = (enum fault_class)fault;
        snprintf(line, sizeof(line), "| `/problems/%s` | %d | %d | %s |", fault_name(class),
                 fault_http(class), fault_exit(class), fault_text(class));
        if (!has_line(manual, line))
            fail_msg("docs/api.md lacks: %s", line);
    }
    assert_int_equal(rows_of(manual), route_count() + FAULT_COUNT - 1);
}

static size_t required_members(const struct bind_form *form)
{
    size_t count = 0;
    for (size_t i = 0; i < form->count; i++)
        count += form->members[i].need == REQUIRED ? 1 : 0;
    return count;
}

/* COB-49, COB-71, CLO-20, CON-32: withdrawing asks for no more than giving did, and no earlier. */
static void taking_a_consent_back_takes_no_more_than_giving_it(void **state)
{
    (void)state;
    assert_true(required_members(&withdrawal_form) <= required_members(&consent_form));
    assert_true(withdrawal_form.count <= consent_form.count);
    assert_int_equal(required_members(&switch_form), 1);
    assert_int_equal(required_members(&objection_form), 1);
    assert_int_equal(required_members(&stop_form), 0); /* by a link: nothing at all */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_holds_random_ids_only),
        cmocka_unit_test(only_what_shows_no_one_needs_no_scope),
        cmocka_unit_test(what_copies_erases_or_hands_on_access_takes_a_fresh_sign_in),
        cmocka_unit_test(a_get_changes_nothing_and_takes_no_body),
        cmocka_unit_test(no_two_routes_are_the_same),
        cmocka_unit_test(every_form_of_a_route_is_described),
        cmocka_unit_test(the_reply_of_a_repeatable_write_holds_what_a_repeat_answers),
        cmocka_unit_test(a_path_finds_its_route_and_its_ids),
        cmocka_unit_test(a_path_that_is_none_finds_nothing),
        cmocka_unit_test(a_wrong_method_is_told_which_are_right),
        cmocka_unit_test(a_bad_id_in_a_path_is_seen),
        cmocka_unit_test(media_types_are_taken_whole),
        cmocka_unit_test(the_description_in_the_manual_is_the_one_that_is_printed),
        cmocka_unit_test(the_description_names_each_route_once),
        cmocka_unit_test(taking_a_consent_back_takes_no_more_than_giving_it),
        cmocka_unit_test(the_manual_lists_every_route_and_every_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
