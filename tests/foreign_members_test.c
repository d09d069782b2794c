/* Each member of each body that asks for an id, with ids of another register and with those of a
 * person of another company: the answer has the very bytes of one about an id of nobody (G9), as
 * many entries come of it, and none in the other register. Bodies come from the tables; all else in
 * them, and the path, is of whoever asks. Paths: foreign_routes_test.c. A real server process. */
#include "process.h"

#include <unistd.h>

#include "every_route.h"
#include "file.h"

enum { MEMBER_ARENA = 64 << 20, POLICY_BYTES = 1 << 20 };

static struct process server;
static str sister;         /* a token of the other company, in the first register */
static struct known shops; /* what is the first company's in the first register */
static str item;           /* of its person */

/* ---- who asks ---- */

struct asker {
    str token, company; /* company: said in a header, where the token says none */
    str home;           /* the administrator's token of the register that it is of */
};
static struct asker asker;

static struct answer ask_as(const struct asker *as, const char *method, str path, str body)
{
    struct http_field fields[] = {
        {STR("Authorization"), arena_format(server.arena, "Bearer %.*s", STR_ARG(as->token))},
        {STR("X-Vern-Controller"), as->company}};
    return ask_with(&server, method, path, body.len == 0 ? "" : "application/json", body, fields,
                    as->company.len == 0 ? 1 : 2);
}

static str made(const struct asker *as, const char *path, str body, const char *member)
{
    struct answer answer = ask_as(as, "POST", str_from(path), body);
    expect(&answer, 201);
    return text_of(&answer, member);
}

static str person_of(const struct asker *as, str *item_)
{
    static unsigned number;
    str body = arena_format(server.arena,
                            "{\"identifiers\":[{\"kind\":\"number\",\"value\":\"M-%u\"}],"
                            "\"roles\":[\"asker\",\"customer\"]}",
                            ++number);
    str id = made(as, "/v1/subjects", body, "id");
    struct answer collected = ask_as(
        as, "POST", arena_format(server.arena, "/v1/subjects/%.*s/collect", STR_ARG(id)),
        STR("{\"intake\":\"contact_form\",\"source\":\"person\",\"channel\":\"web\","
            "\"values\":{\"contact.email\":\"a@example.org\",\"question.text\":\"When?\"}}"));
    expect(&collected, 201);
    const struct json *items = json_get(collected.json, "items");
    assert_non_null(items);
    assert_true(json_str(json_get(items->child, "id"), item_));
    return id;
}

static struct known all_of(const struct asker *as)
{
    struct known known = {
        .arena = server.arena,
        .matter = made(as, "/v1/matters", STR("{\"kind\":\"order_no\"}"), "id"),
        .party = made(as, "/v1/parties", STR("{\"kind\":\"carrier\",\"name\":\"P\"}"), "id"),
        .place = made(as, "/v1/places", STR("{\"zone\":\"eea\",\"name\":\"P\"}"), "id"),
        .staff = made(as, "/v1/staff", STR("{\"role\":\"shop_desk\",\"name\":\"S\"}"), "id"),
        .case_ = made(as, "/v1/cases", STR("{\"kind\":\"request\"}"), "id")};
    struct answer balanced = ask_as(as, "POST", STR("/v1/evidence"),
                                    STR("{\"type\":\"balancing\",\"purpose\":\"support\"}"));
    expect(&balanced, 201);
    return known;
}

/* ---- the server: two registers, and in each two companies ---- */

/* A file beside which nothing needs to lie. */
static void write_policy(char path[64])
{
    struct arena *arena = arena_new(2 * POLICY_BYTES);
    struct report report = {0};
    str policy;
    static const char mark[] = "\ncontrollers:\n";
    assert_true(is_ok(file_read("policies/example.yaml", arena, POLICY_BYTES, &report, &policy)));
    const char *at = memmem(policy.ptr, policy.len, mark, sizeof(mark) - 1);
    assert_non_null(at);
    size_t before_ = (size_t)(at - policy.ptr) + sizeof(mark) - 1;
    (void)snprintf(path, 64, "/tmp/vern-policy-XXXXXX");
    int file = mkstemp(path);
    assert_true(file >= 0);
    FILE *out = fdopen(file, "w");
    assert_non_null(out);
    fprintf(out,
            "%.*s  sister: { name: Søsterbutikken AS, number: \"310000702\", country: \"NO\", "
            "contacts: [post] }\n%.*s",
            (int)before_, policy.ptr, (int)(policy.len - before_), policy.ptr + before_);
    assert_int_equal(fclose(out), 0);
    arena_free(&arena);
}

static int open_server(void **state)
{
    char path[64];
    *state = NULL;
    write_policy(path);
    process_open_under(&server, path, "sweep_seconds = 1\n");
    assert_int_equal(unlink(path), 0);
    struct asker shop = {server.token, STR("shop"), server.token};
    shops = all_of(&shop);
    shops.person = person_of(&shop, &item);
    sister = new_token(&server, "\"scopes\":[\"all\"],\"controller\":\"sister\"");
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    process_close(&server);
    return 0;
}

/* ---- what is compared ---- */

static bool is_id_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
}

static bool is_count_of_entries(str body, size_t at)
{
    static const char mark[] = "\"log_index\":";
    size_t length = sizeof(mark) - 1;
    return at >= length && memcmp(body.ptr + at - length, mark, length) == 0;
}

/* Without ids, secrets and places in the log, which are new each time. */
static str plain(str body)
{
    struct buf buf = buf_in(server.arena, body.len + 1);
    for (size_t i = 0; i < body.len;) {
        size_t end = i;
        while (end < body.len && is_id_char(body.ptr[end]))
            end++;
        if (end - i >= ID_TEXT || is_count_of_entries(body, i))
            buf_char(&buf, '#');
        else
            buf_add(&buf, str_slice(body, i, end));
        if (end < body.len)
            buf_char(&buf, body.ptr[end]);
        i = end + 1;
    }
    return buf_str(&buf);
}

struct got {
    int code;
    str text;
    int64_t entries;
};

static struct known own;
static size_t asked, differ;

struct nth {
    size_t wanted, seen;
    struct place_in_body place;
};

static void find_nth(void *self, const struct place_in_body *place)
{
    struct nth *nth = self;
    if (place->member->type != BIND_ID && place->member->type != BIND_IDS)
        return;
    if (nth->seen++ == nth->wanted)
        nth->place = *place;
}

static bool nth_id(const struct route *route, size_t n, struct place_in_body *place)
{
    struct nth nth = {.wanted = n};
    each_member(&own, route, find_nth, &nth);
    *place = nth.place;
    return nth.place.member != NULL;
}

/* The rest is the asker's own, and a person of theirs to whom nothing has happened: a new one
 * after each request that was not refused. */
static struct got try_id(const struct route *route, size_t n, str id)
{
    static int64_t size; /* of the log */
    str unused;
    struct place_in_body place;
    if (own.person.len == 0) {
        own.person = person_of(&asker, &unused);
        size = log_size(&server, asker.home);
    }
    assert_true(nth_id(route, n, &place));
    bool list = place.member->type == BIND_IDS;
    str body = arena_format(server.arena, "%.*s%s\"%.*s\"%s%.*s", STR_ARG(place.before),
                            list ? "[" : "", STR_ARG(id), list ? "]" : "", STR_ARG(place.after));
    struct answer answer = ask_as(&asker, route->method, route_path(&own, route), body);
    int64_t before_ = size;
    size = log_size(&server, asker.home);
    if (answer.code < 400)
        own.person = STR("");
    return (struct got){answer.code, plain(answer.text), size - before_};
}

static bool same(const struct got *one, const struct got *other)
{
    return one->code == other->code && str_equal(one->text, other->text) &&
           one->entries == other->entries;
}

/* An alarm that the server writes down meanwhile is an entry, too: it comes once. */
static void compare(const struct route *route, size_t n, const char *whose, str id)
{
    struct got theirs = try_id(route, n, id), nobodys = try_id(route, n, str_from(nobodys_id));
    if (theirs.entries != nobodys.entries) {
        theirs = try_id(route, n, id);
        nobodys = try_id(route, n, str_from(nobodys_id));
    }
    asked++;
    if (same(&theirs, &nobodys))
        return;
    differ++;
    if (whose == NULL)
        return;
    struct place_in_body place;
    (void)nth_id(route, n, &place);
    fail_msg("%s %s %.*s, a %s: %d %.*s (%d entries)\nnobody: %d %.*s (%d entries)", route->method,
             route->path, STR_ARG(place.pointer), whose, theirs.code, STR_ARG(theirs.text),
             (int)theirs.entries, nobodys.code, STR_ARG(nobodys.text), (int)nobodys.entries);
}

struct other {
    const char *whose; /* NULL: they may differ, and are counted */
    str id;
};

static void compare_all(const struct other *others, size_t count)
{
    struct place_in_body place;
    asked = differ = 0;
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        if ((route->flags & ROUTE_SIGNED_IN) != 0)
            continue; /* no token is for these: tests/signin_test.c */
        if ((route->flags & (ROUTE_PUBLIC | ROUTE_OPEN)) != 0)
            continue;
        struct arena *kept = server.arena;
        server.arena = own.arena = arena_new(MEMBER_ARENA);
        for (size_t n = 0; nth_id(route, n, &place); n++) {
            for (size_t j = 0; j < count; j++)
                compare(route, n, others[j].whose, others[j].id);
        }
        arena_free(&server.arena);
        server.arena = own.arena = kept;
        own.person = STR("");
    }
    print_message("  %zu ids, %zu of them known\n", asked, differ);
    assert_true(asked > 50 * count);
}

/* ---- tests ---- */

/* The control: what is one's own is answered otherwise, so those members are looked at. */
static void ones_own_ids_are_no_ids_of_nobody(void **state)
{
    (void)state;
    asker = (struct asker){server.token, STR("shop"), server.token};
    own = shops;
    own.person = STR("");
    const struct other mine[] = {
        {NULL, shops.person}, {NULL, shops.matter}, {NULL, shops.party}, {NULL, shops.staff}};
    compare_all(mine, LENGTH(mine));
    assert_true(differ > 20);
}

/* G9 */
static void ids_of_another_register_in_any_member_are_ids_of_nobody(void **state)
{
    (void)state;
    const struct other others[] = {{"person", shops.person}, {"item", item},
                                   {"matter", shops.matter}, {"party", shops.party},
                                   {"place", shops.place},   {"member of the staff", shops.staff},
                                   {"case", shops.case_}};
    asker = (struct asker){server.other, STR("shop"), server.other};
    own = all_of(&asker);
    (void)process_digest(&server); /* all that comes of what was made has come */
    int64_t before_ = log_size(&server, server.token);
    compare_all(others, LENGTH(others));
    assert_int_equal(log_size(&server, server.token), before_);
}

/* G9, INF-13 */
static void ids_of_another_companys_people_in_any_member_are_ids_of_nobody(void **state)
{
    (void)state;
    const struct other others[] = {{"person", shops.person}, {"item", item}};
    struct asker admin = {server.token, STR("sister"), server.token};
    asker = (struct asker){sister, STR(""), server.token};
    own = all_of(&admin);
    (void)process_digest(&server);
    compare_all(others, LENGTH(others));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_another_register_in_any_member_are_ids_of_nobody),
        cmocka_unit_test(ids_of_another_companys_people_in_any_member_are_ids_of_nobody),
        cmocka_unit_test(ones_own_ids_are_no_ids_of_nobody),
    };
    return cmocka_run_group_tests_name("foreign members", tests, open_server, close_server);
}
