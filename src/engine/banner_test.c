/* What a banner asks: from the register of cookies and nothing else, and a hash that changes with
 * what a choice is about, and not with how it is put. */
#include "engine_fixture.h"

#include "engine_internal.h"

enum { BANNER_BYTES = 64 << 10 };

/* The example with `from` put as `to`. */
static struct reg *shop_with(struct fixture *f, const char *name, const char *from, const char *to)
{
    str policy = read_text(f, "policies/example.yaml");
    const char *at = memmem(policy.ptr, policy.len, from, strlen(from));
    assert_non_null(at);
    size_t before = (size_t)(at - policy.ptr), after = before + strlen(from);
    struct register_create create = {
        .name = str_from(name),
        .policy_file = STR("example.yaml"),
        .policy = arena_format(f->arena, "%.*s%s%.*s", (int)before, policy.ptr, to,
                               (int)(policy.len - after), policy.ptr + after),
        .simulated = true,
        .start = at_time("2026-02-01T09:00:00Z")};
    struct db_places places = fixture_places(create.name);
    create.places = &places;
    struct problems problems = {.arena = f->arena};
    str token;
    f->report = (struct report){0};
    if (!is_ok(engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &token)))
        fail_msg("%s: %s", name, f->report.text);
    return engine_register(f->engine, str_from(name));
}

static const struct json *asked(struct fixture *f, struct reg *reg, const char *language,
                                plan_index controller)
{
    struct banner_ask ask = {.language = str_from(language), .controller = controller};
    struct buf buf = buf_in(f->arena, BANNER_BYTES);
    struct json_out out = json_out_over(&buf);
    const struct json *json;
    json_open_object(&out);
    assert_true(is_ok(engine_banner(reg, &ask, f->arena, &f->report, &out)));
    json_close_object(&out);
    assert_true(is_ok(json_parse(f->arena, buf_str(&buf), &f->report, &json)));
    return json;
}

static str text_at(const struct json *object, const char *name)
{
    str text = {0};
    assert_true(json_str(json_get(object, name), &text));
    return text;
}

static const struct json *choice_of(const struct json *banner, const char *unit)
{
    for (JSON_EACH(choice, json_get(banner, "choices"))) {
        if (str_is(text_at(choice, "unit"), unit))
            return choice;
    }
    fail_msg("no choice of %s", unit);
    return NULL;
}

static bool lists(const struct json *list, const char *text)
{
    str one;
    for (JSON_EACH(entry, list)) {
        if (json_str(entry, &one) && str_is(one, text))
            return true;
    }
    return false;
}

static bool names(const struct json *cookies, const char *name)
{
    for (JSON_EACH(cookie, cookies)) {
        if (str_is(text_at(cookie, "name"), name))
            return true;
    }
    return false;
}

/* COB-96, COB-100 */
static void each_unit_stands_once_with_its_cookies_and_what_it_is_for(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 71, "2026-02-01T09:00:00Z");
    struct reg *reg = fixture_register(&f, "cobuilder", "2026-02-01T09:00:00Z");
    const struct json *banner = asked(&f, reg, "nb", NONE);
    assert_int_equal(json_get(banner, "choices")->count, 6);
    const struct json *one = choice_of(banner, "cookies.locale");
    assert_int_equal(json_get(one, "cookies")->count, 1);
    assert_true(names(json_get(one, "cookies"), "locale"));
    const struct json *shared = choice_of(banner, "purposes.gui_improvement");
    assert_true(names(json_get(shared, "cookies"), "usage"));
    assert_true(names(json_get(shared, "cookies"), "other_tracking"));
    assert_true(lists(json_get(shared, "to"), "Leverandører som behandler data for oss"));
    fixture_stop(&f);
}

/* CON-70 */
static void what_is_marketing_or_profiling_is_called_that_to_others(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 72, "2026-02-01T09:00:00Z");
    struct reg *reg = fixture_register(&f, "cobuilder", "2026-02-01T09:00:00Z");
    const struct json *banner = asked(&f, reg, "en", NONE);
    const struct json *offers =
        json_get(choice_of(banner, "purposes.personalised_offers"), "signals");
    assert_int_equal(offers->count, 3);
    assert_true(lists(offers, "ad_storage"));
    assert_true(lists(offers, "ad_user_data"));
    assert_true(lists(offers, "ad_personalization"));
    const struct json *better = json_get(choice_of(banner, "purposes.gui_improvement"), "signals");
    assert_int_equal(better->count, 1);
    assert_true(lists(better, "analytics_storage"));
    fixture_stop(&f);
}

/* COB-96, HOS-65 */
static void what_is_necessary_is_told_and_not_asked(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 73, "2026-02-01T09:00:00Z");
    const struct json *banner =
        asked(&f, fixture_register(&f, "example", "2026-02-01T09:00:00Z"), "en", NONE);
    assert_int_equal(json_get(banner, "choices")->count, 1);
    assert_true(names(json_get(banner, "needed"), "basket"));
    assert_true(str_is(text_at(choice_of(banner, "purposes.statistics"), "says"),
                       "See which pages are used"));
    fixture_stop(&f);
}

static void a_text_in_another_language_is_marked_with_it(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 74, "2026-02-01T09:00:00Z");
    struct reg *reg = fixture_register(&f, "example", "2026-02-01T09:00:00Z");
    const struct json *choice = choice_of(asked(&f, reg, "fi", NONE), "purposes.statistics");
    assert_true(str_is(text_at(choice, "says"), "Se hvilke sider som brukes"));
    assert_true(str_is(text_at(choice, "lang"), "nb"));
    assert_null(json_get(choice_of(asked(&f, reg, "en", NONE), "purposes.statistics"), "lang"));
    fixture_stop(&f);
}

/* What is another company's purpose is not asked on this one's site. */
static void a_purpose_of_another_company_is_left_out(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 75, "2026-02-01T09:00:00Z");
    struct reg *reg = shop_with(
        &f, "two", "    says:  { nb: Se hvilke sider som brukes, en: See which pages are used }\n",
        "    says:  { nb: Se hvilke sider som brukes, en: See which pages are used }\n"
        "    controllers: [shop]\n");
    assert_int_equal(json_get(asked(&f, reg, "nb", 0), "choices")->count, 1);
    assert_int_equal(json_get(asked(&f, reg, "nb", 1), "choices")->count, 0);
    fixture_stop(&f);
}

static void the_hash_changes_with_what_is_asked_and_not_with_its_words(void **state)
{
    static const struct {
        const char *name, *from, *to;
        bool asks_again;
    } rows[] = {
        {"same", "A small shop", "A smaller shop", false},
        {"worded", "nb: Se hvilke sider som brukes", "nb: Se kva sider som blir brukte", false},
        {"other", "orders:\n    dpv:   CustomerOrderManagement\n", "orders:\n", false},
        {"life", "reads: [visit.page], keep: 6 months", "reads: [visit.page], keep: 7 months",
         true},
        {"kind", "statistics: { kind: cookie,", "statistics: { kind: storage,", true},
        {"reads", "reads: [visit.page]", "reads: [visit.page, contact.name]", true},
        {"sells",
         "  statistics:\n    says:", "  statistics:\n    profiling: true\n    says:", true},
        {"told", "kind: processor, for: all, gives: all",
         "kind: processor, for: [orders], gives: all", true},
        {"more", "  statistics: { kind: cookie,",
         "  second: { kind: pixel, for: [statistics], keep: 1 day after collected }\n"
         "  statistics: { kind: cookie,",
         true},
    };
    (void)state;
    struct fixture f;
    fixture_start(&f, 76, "2026-02-01T09:00:00Z");
    struct reg *reg = fixture_register(&f, "example", "2026-02-01T09:00:00Z");
    str hash = text_at(asked(&f, reg, "nb", NONE), "hash");
    assert_int_equal(hash.len, 16);
    assert_true(str_equal(text_at(asked(&f, reg, "en", NONE), "hash"), hash));
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct reg *other = shop_with(&f, rows[i].name, rows[i].from, rows[i].to);
        bool again = !str_equal(text_at(asked(&f, other, "nb", NONE), "hash"), hash);
        if (again != rows[i].asks_again)
            fail_msg("%s", rows[i].name);
    }
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_unit_stands_once_with_its_cookies_and_what_it_is_for),
        cmocka_unit_test(what_is_marketing_or_profiling_is_called_that_to_others),
        cmocka_unit_test(what_is_necessary_is_told_and_not_asked),
        cmocka_unit_test(a_text_in_another_language_is_marked_with_it),
        cmocka_unit_test(a_purpose_of_another_company_is_left_out),
        cmocka_unit_test(the_hash_changes_with_what_is_asked_and_not_with_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
