/* Every member of each route that is not public is attacked in a body that is otherwise whole, so
 * that the handlers themselves are reached (tokens that should not and what is no body:
 * requests_test.c). Paths and bodies come from the tables, so that a new route comes in by itself.
 * A real server process.
 *
 * What is held of each answer that is no success: a problem of a known type, of a known status,
 * with nothing of what was sent; and no entry of the log says that anything came of it. */
#include "process.h"

#include "every_route.h"

enum { FAILED_MOST = 1 << 16, LONG_TEXT = LIMIT_VALUE_BYTES + 1, MANY = 20000 };

static struct process server;
static struct known known;

/* Requests that were answered with a problem, by their ids in the log. */
static struct failed {
    char id[ID_TEXT + 1];
    const struct route *route;
} failed[FAILED_MOST];
static size_t failed_count;

static str new_person(void)
{
    static unsigned number;
    str body = arena_format(server.arena,
                            "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"T-%u\"}],"
                            "\"roles\":[\"asker\",\"customer\"]}",
                            ++number);
    struct answer answer = ask(&server, server.token, "POST", STR("/v1/subjects"), body);
    expect(&answer, 201);
    return text_of(&answer, "id");
}

static str made(const char *path, const char *body)
{
    struct answer answer = post(&server, path, body);
    expect(&answer, 201);
    return text_of(&answer, "id");
}

static int open_server(void **state)
{
    *state = NULL;
    process_open(&server, "sweep_seconds = 1\npublic_per_minute = 1000000\n");
    struct answer answer = ask(&server, server.token, "GET", STR("/v1/register"), STR(""));
    known = (struct known){.arena = server.arena,
                           .reg = text_of(&answer, "public"),
                           .matter = made("/v1/matters", "{\"kind\":\"order_no\"}"),
                           .party = made("/v1/parties", "{\"kind\":\"carrier\",\"name\":\"P\"}"),
                           .place = made("/v1/places", "{\"zone\":\"eea\",\"name\":\"P\"}"),
                           .staff = made("/v1/staff", "{\"role\":\"shop_desk\",\"name\":\"S\"}"),
                           .case_ = made("/v1/cases", "{\"kind\":\"request\",\"number\":\"C-1\"}")};
    struct answer balanced =
        post(&server, "/v1/evidence", "{\"type\":\"balancing\",\"purpose\":\"support\"}");
    expect(&balanced, 201);
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

/* ---- values ---- */

static str repeated(const char *begin, const char *piece, const char *between, const char *end,
                    size_t count)
{
    size_t size = strlen(begin) + strlen(end) + count * (strlen(piece) + strlen(between));
    struct buf buf = buf_in(server.arena, size + 1);
    buf_text(&buf, begin);
    for (size_t i = 0; i < count; i++) {
        buf_text(&buf, i == 0 ? "" : between);
        buf_text(&buf, piece);
    }
    buf_text(&buf, end);
    return buf_str(&buf);
}

struct values {
    str at[40];
    size_t count;
};

static void add(struct values *values, str value)
{
    assert_true(values->count < LENGTH(values->at));
    values->at[values->count++] = value;
}

static void add_texts(struct values *values, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add(values, str_from(texts[i]));
}

static void add_odd_texts(struct values *values)
{
    static const char *const texts[] = {"\"a\\u0000b\"",
                                        "\"a\\r\\nSet-Cookie: x=y\"",
                                        "\"\\u202ekari\\u001b[2J\"",
                                        "\"\"",
                                        "\"  \"",
                                        "\"../../../../etc/passwd\"",
                                        "\"%s%n'; DROP TABLE due; --\"",
                                        "\"4111 1111 1111 1111\"",
                                        "\"a\xff\"",
                                        "\"\\ud800\"",
                                        "\"Kanari-Nordkvist\"",
                                        "\"Kanari Nordkvist 01819030037\""};
    add_texts(values, texts, LENGTH(texts));
    add(values, repeated("\"", "a", "", "\"", 100));
    add(values, repeated("\"", "a", "", "\"", LONG_TEXT));
}

static void add_numbers(struct values *values)
{
    static const char *const numbers[] = {"0",
                                          "-0",
                                          "-9007199254740991",
                                          "4294967295",
                                          "4294967296",
                                          "9007199254740991",
                                          "9007199254740993",
                                          "1e999",
                                          "18446744073709551616"};
    add_texts(values, numbers, LENGTH(numbers));
}

static void add_instants(struct values *values)
{
    static const char *const instants[] = {
        "\"0001-01-01T00:00:00Z\"", "\"1969-12-31T23:59:59Z\"", "\"9999-12-31T23:59:59Z\"",
        "\"2026-03-01T09:00:00.1234567890Z\"", "\"Kanari Nordkvist 01819030037\""};
    add_texts(values, instants, LENGTH(instants));
}

static void add_ids(struct values *values, bool list)
{
    str ids[] = {str_from(nobodys_id), known.person, known.matter, known.staff};
    for (size_t i = 0; i < LENGTH(ids); i++)
        add(values, arena_format(server.arena, list ? "[\"%.*s\"]" : "\"%.*s\"", STR_ARG(ids[i])));
    if (!list)
        return;
    add(values,
        arena_format(server.arena, "[\"%.*s\",\"%.*s\"]", STR_ARG(ids[0]), STR_ARG(ids[0])));
    add(values, repeated("[", "\"AAECAwQFBgcICQoLDA0ODw\"", ",", "]", MANY));
}

static struct values values_for(enum bind_type type)
{
    static const char *const maps[] = {"{}",
                                       "{\"\":\"\"}",
                                       "{\"Kanari-Nordkvist\":\"a\"}",
                                       "{\"contact.email\":\"Kanari Nordkvist 01819030037\"}",
                                       "{\"a\":\"1\",\"a\":\"2\"}",
                                       "{\"Kanari Nordkvist 01819030037\":\"a\"}"};
    static const char *const lists[] = {"[]",
                                        "[\"\"]",
                                        "[\"Kanari-Nordkvist\"]",
                                        "[\"a\\u0000\"]",
                                        "[\"Kanari Nordkvist 01819030037\"]",
                                        "[\"customer\",\"customer\"]"};
    struct values values = {0};
    switch (type) {
    case BIND_TEXT:
        add_odd_texts(&values);
        break;
    case BIND_ID:
        add_ids(&values, false);
        break;
    case BIND_INSTANT:
        add_instants(&values);
        break;
    case BIND_BOOL:
        add(&values, STR("false"));
        break;
    case BIND_U32:
    case BIND_U64:
        add_numbers(&values);
        break;
    case BIND_TEXTS:
        add_texts(&values, lists, LENGTH(lists));
        add(&values, repeated("[", "\"x\"", ",", "]", MANY));
        break;
    case BIND_IDS:
        add_ids(&values, true);
        break;
    case BIND_OBJECTS:
        add(&values, STR("[]"));
        add(&values, repeated("[", "{}", ",", "]", MANY));
        break;
    case BIND_MAP:
        add_texts(&values, maps, LENGTH(maps));
        break;
    case BIND_OBJECT:
    case BIND_JSON:
        break;
    }
    add(&values, repeated("", "[", "", "", 1000));
    return values;
}

/* ---- what is held of each answer ---- */

static bool is_known_type(str type)
{
    static const char *const finer[] = {"wrong_type", "unknown_member", "missing_member"};
    str prefix = STR("/problems/");
    if (!str_starts(type, prefix))
        return false;
    str word_ = str_slice(type, prefix.len, type.len);
    for (size_t i = 0; i < LENGTH(finer); i++) {
        if (str_is(word_, finer[i]))
            return true;
    }
    for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++) {
        if (str_is(word_, fault_name((enum fault_class)i)))
            return true;
    }
    return false;
}

static bool holds_canary(str text)
{
    return holds(text, STR("Kanari")) || holds(text, STR("ordkvist")) ||
           holds(text, STR("01819030037"));
}

static void note_failed(const struct route *route, const struct answer *answer)
{
    str id = http_response_header(&answer->response, "X-Request-Id");
    if (id.len != ID_TEXT)
        return;
    assert_true(failed_count < FAILED_MOST);
    struct failed *one = &failed[failed_count++];
    memcpy(one->id, id.ptr, ID_TEXT);
    one->id[ID_TEXT] = '\0';
    one->route = route;
}

/* The name of a policy's file is one that its administrator gives, to find it again in problems. */
static bool names_a_file(const struct place_in_body *place, str value)
{
    return str_ends(place->pointer, STR("_file")) && str_is(value, "\"Kanari-Nordkvist\"");
}

static const char *wrong_with(const struct place_in_body *place, str value,
                              const struct answer *answer)
{
    if (answer->code >= 500)
        return "a fault of ours";
    if (!str_is(answer->media, "application/problem+json"))
        return "no problem document";
    if (!is_known_type(text_of(answer, "type")) || number_of(answer, "status") != answer->code)
        return "an unknown type";
    if (answer->code == 422 && json_get(answer->json, "where") == NULL)
        return "no place";
    if (holds_canary(answer->text) && !names_a_file(place, value))
        return "it repeats what was sent";
    for (size_t i = 0; i < answer->response.field_count; i++) {
        if (holds_canary(answer->response.fields[i].value))
            return "a header repeats what was sent";
    }
    return NULL;
}

static void hold_answer(const struct place_in_body *place, str value, const struct answer *answer)
{
    if (answer->code < 400)
        return;
    const char *wrong = wrong_with(place, value, answer);
    if (wrong != NULL)
        fail_msg("%s: %s %s %.*s with %.*s: %d %.*s", wrong, place->route->method,
                 place->route->path, STR_ARG(place->pointer),
                 (int)(value.len > 80 ? 80 : value.len), value.ptr, answer->code,
                 STR_ARG(answer->text));
    note_failed(place->route, answer);
}

static size_t asked;

static void attack(void *self, const struct place_in_body *place)
{
    (void)self;
    struct values values = values_for(place->member->type);
    bool is_clock = strcmp(place->route->path, "/v1/clock") == 0;
    for (size_t i = 0; i < values.count; i++) {
        if (is_clock && holds(values.at[i], STR("9999")))
            continue; /* a good question, after which no token would be one */
        str body = arena_format(server.arena, "%.*s%.*s%.*s", STR_ARG(place->before),
                                STR_ARG(values.at[i]), STR_ARG(place->after));
        struct answer answer = ask(&server, server.token, place->route->method,
                                   route_path(&known, place->route), body);
        hold_answer(place, values.at[i], &answer);
        asked++;
    }
}

static void every_member_of_every_route_takes_odd_values_or_says_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        if ((route->flags & ROUTE_SIGNED_IN) != 0)
            continue; /* no token is for these: tests/signin_test.c */
        if (route->request == NULL || (route->flags & ROUTE_OPEN) != 0)
            continue;
        known.person = new_person();
        struct arena *kept = server.arena;
        server.arena = known.arena = arena_new(512 << 20);
        each_member(&known, route, attack, NULL);
        arena_free(&server.arena);
        server.arena = known.arena = kept;
    }
    assert_true(asked > 2000);
    assert_true(process_runs(&server));
}

/* ---- the log ---- */

static bool is_failed(str id)
{
    for (size_t i = 0; i < failed_count; i++) {
        if (str_is(id, failed[i].id))
            return true;
    }
    return false;
}

static void hold_entry(str text, size_t *seen)
{
    struct report report = {0};
    const struct json *entry;
    str request, decision;
    assert_true(is_ok(json_parse(server.arena, text, &report, &entry)));
    if (!json_str(json_get(entry, "rq"), &request) || !is_failed(request))
        return;
    (*seen)++;
    assert_true(json_str(json_get(entry, "de"), &decision));
    if (!str_is(decision, "refuse") || json_get(entry, "ef") != NULL)
        fail_msg("a request that was answered with a problem left %.*s", STR_ARG(text));
}

/* A bundle: each entry behind its length as two bytes. */
static void hold_bundle(str bundle, size_t *seen)
{
    while (bundle.len > 2) {
        size_t length = (size_t)(unsigned char)bundle.ptr[0] << 8 | (unsigned char)bundle.ptr[1];
        hold_entry(str_slice(bundle, 2, 2 + length), seen);
        bundle = str_slice(bundle, 2 + length, bundle.len);
    }
}

/* Every write has its entry (G1): what left none but a refusal changed nothing. */
static void what_was_answered_with_a_problem_left_at_most_a_refusal(void **state)
{
    (void)state;
    size_t seen = 0;
    (void)process_digest(&server); /* all is signed and in bundles */
    uint64_t size = (uint64_t)log_size(&server, server.token);
    for (uint64_t first = 0; first < size; first += 256) {
        char part[16] = "";
        if (size - first < 256)
            (void)snprintf(part, sizeof(part), ".p/%u", (unsigned)(size - first));
        str path = arena_format(server.arena, "/v1/log/tile/entries/%03u%s",
                                (unsigned)(first / 256), part);
        struct answer bundle = ask(&server, server.token, "GET", path, STR(""));
        expect(&bundle, 200);
        hold_bundle(bundle.text, &seen);
    }
    assert_true(failed_count > 100);
    assert_true(seen > 50);
}

static void what_was_planted_in_requests_stands_in_no_line_of_the_servers_own_log(void **state)
{
    (void)state;
    pthread_mutex_lock(&server.lock);
    str log = {server.log, server.log_len};
    assert_true(holds(log, STR("\"event\":\"serving\"")));
    assert_false(holds_canary(log));
    pthread_mutex_unlock(&server.lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_of_every_route_takes_odd_values_or_says_what_is_wrong),
        cmocka_unit_test(what_was_answered_with_a_problem_left_at_most_a_refusal),
        cmocka_unit_test(what_was_planted_in_requests_stands_in_no_line_of_the_servers_own_log),
    };
    return cmocka_run_group_tests_name("attacks", tests, open_server, close_server);
}
