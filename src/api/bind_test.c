/* Bodies become structs, structs become replies, and what does not fit is named. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "bind.h"

struct pair {
    str name, value;
};
struct thing {
    str text;
    record_id id;
    instant at;
    bool flag, stated;
    uint32_t small;
    uint64_t large;
    const str *texts;
    size_t text_count;
    const record_id *ids;
    size_t id_count;
    const struct pair *pairs;
    size_t pair_count;
    const struct pair *map;
    size_t map_count;
};

static const struct bind_member pair_members[] = {
    B_TEXT("name", struct pair, name, REQUIRED, "a name"),
    B_TEXT("value", struct pair, value, OPTIONAL, "a value"),
};
static const struct bind_form pair_form = B_FORM("pair", struct pair, pair_members, "A pair.");

static const struct bind_member thing_members[] = {
    B_TEXT("purpose", struct thing, text, REQUIRED, "a text"),
    B_ID("id", struct thing, id, OPTIONAL, "an id"),
    B_INSTANT("at", struct thing, at, OPTIONAL, "a moment"),
    {.name = "flag",
     .type = BIND_BOOL,
     .offset = offsetof(struct thing, flag),
     .stated_offset = offsetof(struct thing, stated),
     .help = "a truth"},
    B_U32("small", struct thing, small, OPTIONAL, "a number"),
    B_U64("large", struct thing, large, OPTIONAL, "a number"),
    B_TEXTS("texts", struct thing, texts, text_count, OPTIONAL, "texts"),
    B_IDS("ids", struct thing, ids, id_count, OPTIONAL, "ids"),
    B_OBJECTS("pairs", struct thing, pairs, pair_count, OPTIONAL, &pair_form, "pairs"),
    B_MAP("map", struct thing, map, map_count, OPTIONAL, &pair_form, "names and values"),
};
static const struct bind_form thing_form = B_FORM("thing", struct thing, thing_members, "A thing.");

struct state {
    struct arena *arena;
    struct report report;
    struct thing thing;
};

static int setup(void **state)
{
    struct state *s = calloc(1, sizeof(*s));
    s->arena = arena_new(1 << 20);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct state *s = *state;
    arena_free(&s->arena);
    free(s);
    return 0;
}

static status take(struct state *s, const char *body)
{
    const struct json *json;
    s->report = (struct report){0};
    assert_true(is_ok(json_parse(s->arena, str_from(body), &s->report, &json)));
    return bind_read(&thing_form, json, s->arena, &s->report, &s->thing);
}

static void refuses(struct state *s, const char *body, const char *type, const char *where)
{
    status result = take(s, body);
    assert_int_equal(result.fault, FAULT_INVALID);
    assert_string_equal(s->report.type, type);
    assert_string_equal(s->report.where, where);
}

static const char whole[] =
    "{\"purpose\":\"p\",\"id\":\"AAECAwQFBgcICQoLDA0ODw\",\"at\":\"2026-09-01T12:00:00Z\","
    "\"flag\":true,\"small\":7,\"large\":9007199254740991,\"texts\":[\"a\",\"b\"],"
    "\"ids\":[\"AAECAwQFBgcICQoLDA0ODw\"],\"pairs\":[{\"name\":\"n\",\"value\":\"v\"}],"
    "\"map\":{\"x\":\"1\",\"y\":\"2\"}}";

static void a_body_fills_every_kind_of_member(void **state)
{
    struct state *s = *state;
    assert_true(is_ok(take(s, whole)));
    const struct thing *t = &s->thing;
    assert_true(str_is(t->text, "p"));
    assert_int_equal(t->id.bytes[15], 15);
    assert_int_equal(t->at.ms, 1788264000000);
    assert_true(t->flag && t->stated);
    assert_int_equal(t->small, 7);
    assert_int_equal(t->large, 9007199254740991);
    assert_int_equal(t->text_count, 2);
    assert_true(str_is(t->texts[1], "b"));
    assert_int_equal(t->id_count, 1);
    assert_int_equal(t->ids[0].bytes[1], 1);
    assert_true(str_is(t->pairs[0].value, "v"));
    assert_int_equal(t->map_count, 2);
    assert_true(str_is(t->map[1].name, "y") && str_is(t->map[1].value, "2"));
}

static void what_was_read_is_written_the_same(void **state)
{
    struct state *s = *state;
    assert_true(is_ok(take(s, whole)));
    struct buf buf = buf_in(s->arena, 4096);
    struct json_out out = json_out_over(&buf);
    bind_write(&thing_form, &s->thing, &out);
    assert_true(str_is(buf_str(&buf), whole));
}

static void empty_optional_members_are_left_out(void **state)
{
    struct state *s = *state;
    assert_true(is_ok(take(s, "{\"purpose\":\"\"}")));
    assert_false(s->thing.stated);
    struct buf buf = buf_in(s->arena, 4096);
    struct json_out out = json_out_over(&buf);
    bind_write(&thing_form, &s->thing, &out);
    assert_true(str_is(buf_str(&buf), "{\"purpose\":\"\"}"));
}

static void an_unknown_member_is_named_with_the_nearest(void **state)
{
    struct state *s = *state;
    refuses(s, "{\"purpose\":\"p\",\"smal\":1}", "unknown_member", "/smal");
    assert_non_null(strstr(s->report.text, "\"small\""));
}

static void an_unknown_member_that_is_near_to_none_is_told_which_there_are(void **state)
{
    struct state *s = *state;
    refuses(s, "{\"purpose\":\"p\",\"ola@example.org\":1}", "unknown_member", "");
    assert_non_null(strstr(s->report.text, "there are: purpose, "));
    assert_null(strstr(s->report.text, "ola"));
}

static void a_member_inside_a_list_is_named_by_its_place(void **state)
{
    struct state *s = *state;
    refuses(s, "{\"purpose\":\"p\",\"pairs\":[{\"name\":\"a\"},{\"nam\":\"b\"}]}", "unknown_member",
            "/pairs/1/nam");
    refuses(s, "{\"purpose\":\"p\",\"pairs\":[{\"value\":\"a\"}]}", "missing_member",
            "/pairs/0/name");
    refuses(s, "{\"purpose\":\"p\",\"ids\":[\"x\"]}", "wrong_type", "/ids/0");
}

static void a_missing_member_is_named(void **state)
{
    refuses(*state, "{}", "missing_member", "/purpose");
}

static void a_wrong_type_is_refused_for_every_kind(void **state)
{
    struct state *s = *state;
    refuses(s, "{\"purpose\":1}", "wrong_type", "/purpose");
    refuses(s, "{\"purpose\":null}", "wrong_type", "/purpose");
    refuses(s, "{\"purpose\":\"p\",\"id\":\"short\"}", "wrong_type", "/id");
    refuses(s, "{\"purpose\":\"p\",\"at\":\"2026-09-01\"}", "wrong_type", "/at");
    refuses(s, "{\"purpose\":\"p\",\"flag\":\"yes\"}", "wrong_type", "/flag");
    refuses(s, "{\"purpose\":\"p\",\"small\":4294967296}", "wrong_type", "/small");
    refuses(s, "{\"purpose\":\"p\",\"small\":-1}", "wrong_type", "/small");
    refuses(s, "{\"purpose\":\"p\",\"large\":1.5}", "wrong_type", "/large");
    refuses(s, "{\"purpose\":\"p\",\"texts\":\"a\"}", "wrong_type", "/texts");
    refuses(s, "{\"purpose\":\"p\",\"map\":{\"a\":1}}", "wrong_type", "/map");
    refuses(s, "[]", "wrong_type", "");
}

/* A card number or an address as a name of a member must not come back in the answer. */
static void what_is_no_name_is_never_repeated(void **state)
{
    struct state *s = *state;
    refuses(s, "{\"purpose\":\"p\",\"4111111111111111\":1}", "unknown_member", "");
    assert_null(strstr(s->report.text, "4111"));
    refuses(s, "{\"purpose\":\"p\",\"kari@example.org\":1}", "unknown_member", "");
    assert_null(strstr(s->report.text, "kari"));
    refuses(s, "{\"purpose\":\"p\",\"a4111111111111111\":1}", "unknown_member", "");
}

static void a_number_too_many_at_the_budget_is_a_limit(void **state)
{
    struct state *s = *state;
    const struct json *json;
    assert_true(is_ok(json_parse(s->arena, str_from(whole), &s->report, &json)));
    CLEANUP(arena_free) struct arena *tiny = arena_new(8);
    status result = bind_read(&thing_form, json, tiny, &s->report, &s->thing);
    assert_int_equal(result.fault, FAULT_LIMIT);
}

static void the_schema_says_what_is_read(void **state)
{
    struct state *s = *state;
    struct buf buf = buf_in(s->arena, 8192);
    struct json_out out = json_out_over(&buf);
    bind_schema(&thing_form, &out);
    const struct json *schema;
    assert_true(is_ok(json_parse(s->arena, buf_str(&buf), &s->report, &schema)));
    const struct json *properties = json_get(schema, "properties");
    assert_int_equal(properties->count, LENGTH(thing_members));
    assert_int_equal(json_get(schema, "required")->count, 1);
    bool open;
    assert_true(json_bool(json_get(schema, "additionalProperties"), &open));
    assert_false(open);
    str type;
    assert_true(json_str(json_get(json_get(properties, "texts"), "type"), &type));
    assert_true(str_is(type, "array"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_body_fills_every_kind_of_member),
        TEST(what_was_read_is_written_the_same),
        TEST(empty_optional_members_are_left_out),
        TEST(an_unknown_member_is_named_with_the_nearest),
        TEST(an_unknown_member_that_is_near_to_none_is_told_which_there_are),
        TEST(a_member_inside_a_list_is_named_by_its_place),
        TEST(a_missing_member_is_named),
        TEST(a_wrong_type_is_refused_for_every_kind),
        TEST(what_is_no_name_is_never_repeated),
        TEST(a_number_too_many_at_the_budget_is_a_limit),
        TEST(the_schema_says_what_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
