/* What comes in, is made of what is there, is consented to, and what may not: each by its own
 * words.
 */
#include "engine_fixture.h"

#include <string.h>

#include "engine_internal.h"

#define START "2026-01-10T09:00:00Z"

static void start(struct fixture *f, const char *policy)
{
    fixture_start(f, 82, START);
    fixture_register(f, policy, START);
}

static str changed(struct fixture *f, str text, const char *from, const char *to)
{
    const char *there = memmem(text.ptr, text.len, from, strlen(from));
    assert_non_null(there);
    size_t at = (size_t)(there - text.ptr);
    return arena_format(f->arena, "%.*s%s%.*s", (int)at, text.ptr, to,
                        STR_ARG(str_slice(text, at + strlen(from), text.len)));
}

/* The policy, where profiles keep nothing alive and nothing else does. */
static void start_without_keep(struct fixture *f)
{
    fixture_start(f, 82, START);
    str text = read_text(f, "policies/confect.yaml");
    text =
        changed(f, text, "profile]\n    keep:  24 months after last activity\n    covers: [CON-23",
                "profile]\n    keep:  none\n    covers: [CON-23");
    text = changed(f, text, "for: [improvement, interest_profiles, marketing_material]",
                   "for: [improvement, interest_profiles]");
    struct register_create create = {.name = STR("changed"),
                                     .policy_file = STR("changed.yaml"),
                                     .policy = text,
                                     .deployment_file = STR("changed.deploy.yaml"),
                                     .deployment = read_text(f, "policies/confect.deploy.yaml"),
                                     .simulated = true,
                                     .start = at_time(START)};
    struct problems problems = {.arena = f->arena};
    if (!is_ok(
            engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin)))
        fail_msg("%s %s", f->report.where, f->report.text);
    f->reg = engine_register(f->engine, STR("changed"));
}

static dossier_id person(struct fixture *f, const char *role)
{
    const str roles[] = {str_from(role)};
    struct subject_create create = {.roles = roles, .role_count = 1};
    RUN_OK(f, use_subject_create, &create);
    return f->call.outcome.id;
}

/* The use case fails at this place, with these words, and nothing was written, not even a no. */
static void is_wrong(struct fixture *f, status (*use)(struct call *call, void *request),
                     void *request, enum fault_class fault, const char *where, const char *said)
{
    uint64_t size = audit_size(reg_log(f->reg));
    RUN_FAULT(f, use, request, fault);
    if (strcmp(f->report.where, where) != 0 || strstr(f->report.text, said) == NULL)
        fail_msg("wanted %s %s: %s %s", where, said, f->report.where, f->report.text);
    assert_int_equal(audit_size(reg_log(f->reg)), size);
}

static void is_refused_by(struct fixture *f, status (*use)(struct call *call, void *request),
                          void *request, const char *rule)
{
    RUN_FAULT(f, use, request, FAULT_REFUSED);
    if (!str_is(f->call.decision->reason.rule, rule))
        fail_msg("refused by %.*s", STR_ARG(f->call.decision->reason.rule));
}

static size_t items_of(struct fixture *f, dossier_id id)
{
    enum presence presence;
    struct dossier *dossier;
    assert_true(
        is_ok(vault_load(reg_vault(f->reg), id, f->arena, &f->report, &presence, &dossier)));
    assert_int_equal(presence, PRESENCE_LIVE);
    return dossier->facts->items.count;
}

/* ---- collecting ---- */

/* COB-81, CON-08 */
static void a_value_that_is_too_long_or_no_text_is_not_stored(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "confect");
    dossier_id id = person(&f, "lead");
    str big = arena_format(f.arena, "%*s", LIMIT_VALUE_BYTES + 1, "x");
    struct collect_value value = {STR("basic.name"), big, true};
    struct collect_run collect = {.request = {.subject = id,
                                              .intake = STR("general"),
                                              .source = STR("person"),
                                              .controller = STR("confect"),
                                              .values = &value,
                                              .value_count = 1}};
    is_wrong(&f, use_collect, &collect, FAULT_LIMIT, "", "a value is at most 65536 bytes");
    value.value = STR("K\xC3(ri");
    is_wrong(&f, use_collect, &collect, FAULT_INVALID, "", "a value is UTF-8");
    value.value = STR("Kari");
    collect.request.value_count = 0;
    is_wrong(&f, use_collect, &collect, FAULT_INVALID, "/values", "there is nothing to store");
    collect.request.value_count = 1;
    collect.request.source = STR("");
    is_wrong(&f, use_collect, &collect, FAULT_INVALID, "/source", "takes several sources");
    assert_int_equal(items_of(&f, id), 0);
    fixture_stop(&f);
}

/* ---- deriving ---- */

struct scene {
    struct fixture f;
    dossier_id id;
    record_id click, name;
    struct collect_value made;
    struct derive_run derive;
};

static record_id collect_one(struct scene *s, const char *intake, const char *source,
                             const char *field)
{
    struct collect_value value = {str_from(field), STR("boats"), true};
    struct collect_run collect = {.request = {.subject = s->id,
                                              .intake = str_from(intake),
                                              .source = str_from(source),
                                              .controller = STR("confect"),
                                              .values = &value,
                                              .value_count = 1}};
    RUN_OK(&s->f, use_collect, &collect);
    return collect.result.items[0];
}

/* Somebody whose clicks make an interest. */
static void profiled(struct scene *s, bool kept)
{
    *s = (struct scene){.made = {STR("profile.interest"), STR("boats"), false}};
    struct fixture *f = &s->f;
    if (kept)
        start(f, "confect");
    else
        start_without_keep(f);
    s->id = person(f, "visitor");
    struct evidence_record review = {.type = STR("work_tool_review"),
                                     .purpose = STR("interest_profiles"),
                                     .asks = &(struct particular){STR("reason"), STR("a tool")},
                                     .ask_count = 1};
    RUN_OK(f, use_evidence, &review);
    struct evidence_record weighed = {.type = STR("balancing"),
                                      .purpose = STR("interest_profiles")};
    RUN_OK(f, use_evidence, &weighed);
    s->click = collect_one(s, "site_use", "tracking", "behaviour.click");
    struct event_record active = {.subject = s->id, .event = STR("activity"), .by_subject = true};
    RUN_OK(f, use_event, &active);
    s->derive = (struct derive_run){.request = {.subject = s->id,
                                                .purpose = STR("interest_profiles"),
                                                .items = &s->click,
                                                .item_count = 1,
                                                .values = &s->made,
                                                .value_count = 1}};
}

/* CON-69, CON-71, CON-77 */
static void what_is_made_is_of_the_purpose_and_of_items_that_may_all_be_used(void **state)
{
    (void)state;
    struct scene s;
    profiled(&s, true);
    struct derive_run derive = s.derive;
    derive.request.purpose = STR("");
    is_wrong(&s.f, use_derive, &derive, FAULT_INVALID, "/purpose", "derived for a purpose");
    derive = s.derive;
    s.made.field = STR("basic.name"); /* not used by it */
    is_refused_by(&s.f, use_derive, &derive, "purposes.interest_profiles.uses");
    s.made.field = STR("profile.interest");
    size_t there = items_of(&s.f, s.id);
    const record_id both[] = {s.click, {{7}}};
    derive.request.items = both;
    derive.request.item_count = 2;
    RUN_FAULT(&s.f, use_derive, &derive, FAULT_REFUSED);
    assert_int_equal(items_of(&s.f, s.id), there);
    RUN_OK(&s.f, use_derive, &s.derive);
    assert_int_equal(items_of(&s.f, s.id), there + 1);
    fixture_stop(&s.f);
}

/* COB-30, CON-23: a purpose that opens use and keeps nothing makes nothing that would stay. */
static void what_nothing_would_keep_is_not_made(void **state)
{
    (void)state;
    struct scene s;
    profiled(&s, false);
    size_t there = items_of(&s.f, s.id);
    is_refused_by(&s.f, use_derive, &s.derive, "always.ends_with_last_purpose");
    assert_int_equal(items_of(&s.f, s.id), there);
    fixture_stop(&s.f);
}

/* ---- consent, and what else names one thing ---- */

static status use_cookie(struct call *call, void *request)
{
    return engine_cookie(call, request);
}

/* CON-75, CON-09 */
static void consents_withdrawals_and_cookies_name_what_they_are_about(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "example");
    dossier_id id = person(&f, "subscriber");
    struct consent consent = {.subject = id,
                              .wording = STR("Yes please"),
                              .given_by = STR("click"),
                              .language = STR("nb")};
    is_wrong(&f, use_consent, &consent, FAULT_INVALID, "/purpose", "a consent is for one purpose");
    consent.purpose = STR("newsletter");
    static const char *const odd[] = {"NB", "n b", "norwegian-bokmaal", "nb_NO"};
    for (size_t i = 0; i < LENGTH(odd); i++) {
        consent.language = str_from(odd[i]);
        is_wrong(&f, use_consent, &consent, FAULT_INVALID, "/language", "a language is a tag");
    }
    consent.language = STR("nb");
    consent.until = STR("some day");
    is_wrong(&f, use_consent, &consent, FAULT_INVALID, "", "an end is a date");
    consent.until = STR("");
    RUN_OK(&f, use_consent, &consent);
    struct withdrawal withdrawal = {.subject = id};
    is_wrong(&f, use_withdraw, &withdrawal, FAULT_INVALID, "/purpose", "names the purpose");
    struct cookie_ask cookie = {.subject = id};
    is_wrong(&f, use_cookie, &cookie, FAULT_INVALID, "/cookie", "name the cookie");
    fixture_stop(&f);
}

/* ---- copies ---- */

struct copy_run {
    struct copy request;
    struct read_result result;
};

static status use_copy(struct call *call, void *request)
{
    struct copy_run *copy = request;
    return engine_copy(call, &copy->request, &copy->result);
}

static void of_whom_nothing_is_held_there_is_no_copy(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "example");
    struct copy_run copy = {.request = {.subject = person(&f, "subscriber")}};
    is_refused_by(&f, use_copy, &copy, "always.nothing_held");
    assert_int_equal(copy.result.count, 0);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_that_is_too_long_or_no_text_is_not_stored),
        cmocka_unit_test(what_is_made_is_of_the_purpose_and_of_items_that_may_all_be_used),
        cmocka_unit_test(what_nothing_would_keep_is_not_made),
        cmocka_unit_test(consents_withdrawals_and_cookies_name_what_they_are_about),
        cmocka_unit_test(of_whom_nothing_is_held_there_is_no_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
