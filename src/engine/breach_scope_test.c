/* Whom a breach concerned: by the log, by what is held, in steps, after erasures and amendments. */
#include "engine_fixture.h"

#include <string.h>

#include "engine_internal.h"

enum { PEOPLE = 7 };

static status use_revoke(struct call *call, void *request)
{
    return engine_token_revoke(call, *(const dossier_id *)request);
}

struct step_run {
    dossier_id breach;
    struct scoping *work;
    struct progress progress;
};

static status use_step(struct call *call, void *request)
{
    struct step_run *step = request;
    return engine_breach_scope_step(call, step->breach, &step->work, &step->progress);
}

struct people_run {
    struct breach_people request;
    struct breach_people_page page;
};

static status use_people(struct call *call, void *request)
{
    struct people_run *people = request;
    return engine_breach_people(call, &people->request, &people->page);
}

struct share_run {
    struct share request;
    struct shared shared;
};

static status use_share(struct call *call, void *request)
{
    struct share_run *share = request;
    return engine_share(call, &share->request, &share->shared);
}

static status make_person(struct call *call, void *request)
{
    (void)request;
    const str roles[] = {STR("subscriber"), STR("customer")};
    struct subject_create create = {.roles = roles, .role_count = 2};
    return engine_subject_create(call, &create);
}

static dossier_id make_customer(struct fixture *f)
{
    RUN_OK(f, make_person, NULL);
    dossier_id person = f->call.outcome.id;
    struct evidence_record agreement = {.type = STR("agreement"), .subject = person};
    const struct collect_value values[] = {{STR("contact.name"), STR("Kari"), false},
                                           {STR("contact.email"), STR("kari@example.test"), false},
                                           {STR("delivery.street"), STR("Veien 1"), false}};
    struct collect_run collect = {.request = {.subject = person,
                                              .intake = STR("checkout"),
                                              .channel = STR("web"),
                                              .values = values,
                                              .value_count = 3}};
    RUN_OK(f, use_evidence, &agreement);
    RUN_OK(f, use_collect, &collect);
    return person;
}

static void start(struct fixture *f, dossier_id people[PEOPLE])
{
    fixture_start(f, 62, "2026-03-01T09:00:00Z");
    fixture_register(f, "example", "2026-03-01T09:00:00Z");
    for (int i = 0; i < PEOPLE; i++)
        people[i] = make_customer(f);
    move_clock(f, "2026-03-02T09:00:00Z");
}

static const str nature[] = {{"confidentiality", 15}};

static struct breach_said said(const char *from, const char *to)
{
    struct breach_said breach = {
        .nature = nature, .nature_count = 1, .description = STR("it was read")};
    if (from != NULL)
        breach.from = at_time(from);
    if (to != NULL)
        breach.to = at_time(to);
    return breach;
}

static dossier_id breach_of(struct fixture *f, struct breach_said *breach)
{
    RUN_OK(f, use_breach, breach);
    return f->call.outcome.id;
}

static const struct json *scope_of(struct fixture *f, dossier_id id)
{
    const struct json *json;
    struct breach_show_run show = {.id = id};
    RUN_OK(f, use_breach_show, &show);
    assert_true(is_ok(json_parse(f->arena, show.document, &f->report, &json)));
    return json_get(json, "scope");
}

static void number_is(const struct json *json, const char *member, int64_t wanted)
{
    int64_t number = -1;
    (void)json_i64(json_get(json, member), &number);
    if (number != wanted)
        fail_msg("%s is %lld, wanted %lld", member, (long long)number, (long long)wanted);
}

static void state_is(struct fixture *f, dossier_id id, const char *wanted)
{
    str state;
    assert_true(json_str(json_get(scope_of(f, id), "state"), &state));
    if (!str_is(state, wanted))
        fail_msg("%.*s, wanted %s", STR_ARG(state), wanted);
}

/* Pages of two: how many are named, and is this person among them? */
static size_t named(struct fixture *f, dossier_id breach, dossier_id person, bool *there)
{
    struct people_run people = {.request = {.breach = breach, .limit = 2}};
    size_t count = 0;
    *there = false;
    do {
        const struct json *list;
        people.page = (struct breach_people_page){.more = false};
        RUN_OK(f, use_people, &people);
        assert_true(is_ok(json_parse(f->arena, people.page.people, &f->report, &list)));
        for (JSON_EACH(row, list)) {
            str id;
            dossier_id parsed;
            assert_true(json_str(json_get(row, "subject"), &id) && id_parse(id, parsed.bytes));
            *there |= ID_EQUAL(parsed, person);
            count++;
        }
        people.request.after = people.page.last;
    } while (people.page.more);
    return count;
}

static void read_as(struct fixture *f, const struct caller *caller, dossier_id person)
{
    struct read_run read = {.request = {.subject = person, .purpose = STR("orders")}};
    f->report = (struct report){0};
    assert_true(is_ok(
        engine_run(f->engine, f->reg, caller, f->arena, &f->report, &f->call, use_read, &read)));
}

static dossier_id thief(struct fixture *f, const struct caller **caller)
{
    struct token_run token = {.request = {.name = STR("shop"), .scopes = STR("read")}};
    struct reg *reg;
    RUN_OK(f, use_token, &token);
    dossier_id id = f->call.outcome.id;
    assert_true(is_ok(engine_authenticate(f->engine, token.text, &f->report, &reg, caller)));
    return id;
}

static void erase(struct fixture *f, dossier_id person)
{
    struct erase_run erasing = {.request = {.subject = person, .warned = true}};
    RUN_OK(f, use_erase, &erasing);
}

static bool is_there(struct fixture *f, dossier_id person)
{
    enum presence presence;
    struct dossier *dossier;
    assert_true(
        is_ok(vault_load(reg_vault(f->reg), person, f->arena, &f->report, &presence, &dossier)));
    return presence == PRESENCE_LIVE;
}

/* GDPR 33(3)(a), HOS-41: whom a stolen token opened, while it was stolen and neither before nor
 * after; also when it is revoked by now, and somebody is gone by now. */
static void misused_access_concerns_whom_the_log_tells_of_in_that_time(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    const struct caller *caller;
    start(&f, people);
    dossier_id token = thief(&f, &caller);
    read_as(&f, caller, people[0]); /* before */
    move_clock(&f, "2026-03-03T09:00:00Z");
    for (int i = 1; i <= 3; i++)
        read_as(&f, caller, people[i]);
    move_clock(&f, "2026-03-04T09:00:00Z");
    read_as(&f, caller, people[4]); /* after */
    struct breach_said breach = said("2026-03-03T00:00:00Z", "2026-03-03T23:00:00Z");
    breach.tokens = &token;
    breach.token_count = 1;
    dossier_id id = breach_of(&f, &breach);
    RUN_OK(&f, use_revoke, &token);
    state_is(&f, id, "not_computed");
    RUN_OK(&f, use_breach_scope, &id);
    assert_int_equal(f.call.outcome.count, 3);
    const struct json *scope = scope_of(&f, id);
    number_is(scope, "people", 3);
    number_is(scope, "erased_since", 0);
    assert_true(json_get(scope, "categories")->count > 0);
    assert_true(json_get(scope, "roles")->count > 0);
    bool there;
    assert_int_equal(named(&f, id, people[2], &there), 3);
    assert_true(there);
    fixture_stop(&f);
}

struct batch_run {
    struct batch request;
    struct batch_work *work;
    struct progress progress;
};

static status step_batch(struct call *call, void *request)
{
    struct batch_run *all = request;
    return engine_batch_step(call, &all->request, &all->work, &all->progress);
}

/* GDPR 33(3)(a): of many under one entry, those whom it gave; not whom it was refused. */
static void one_entry_about_many_concerns_each_whom_it_allowed(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    const struct caller *caller;
    start(&f, people);
    dossier_id token = thief(&f, &caller);
    static const str asker[] = {{"asker", 5}};
    struct subject_create create = {.roles = asker, .role_count = 1};
    RUN_OK(&f, use_subject_create, &create);
    const dossier_id asked[] = {people[0], people[3], f.call.outcome.id, people[6]};
    struct read orders = {.purpose = STR("orders")};
    struct batch_run all = {
        .request = {.read = &orders, .subjects = asked, .subject_count = LENGTH(asked)}};
    while (!all.progress.done) {
        f.report = (struct report){0};
        assert_true(is_ok(
            engine_run(f.engine, f.reg, caller, f.arena, &f.report, &f.call, step_batch, &all)));
    }
    engine_batch_end(&all.work);
    struct breach_said breach = said("2026-03-02T00:00:00Z", NULL);
    breach.tokens = &token;
    breach.token_count = 1;
    dossier_id id = breach_of(&f, &breach);
    RUN_OK(&f, use_breach_scope, &id);
    bool there;
    assert_int_equal(named(&f, id, people[3], &there), 3);
    assert_true(there);
    (void)named(&f, id, asked[2], &there);
    assert_false(there);
    (void)named(&f, id, people[1], &there);
    assert_false(there);
    fixture_stop(&f);
}

/* GDPR 33(3)(a), G3: who has been erased since is counted, and not named. */
static void who_is_gone_is_counted_and_not_named(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    static const str asker[] = {{"asker", 5}};
    struct subject_create create = {.roles = asker, .role_count = 1};
    RUN_OK(&f, use_subject_create, &create);
    dossier_id mere = f.call.outcome.id;
    const struct collect_value values[] = {{STR("contact.email"), STR("a@example.test"), false},
                                           {STR("question.text"), STR("When?"), false}};
    struct collect_run asks = {.request = {.subject = mere,
                                           .intake = STR("contact_form"),
                                           .source = STR("person"),
                                           .channel = STR("web"),
                                           .values = values,
                                           .value_count = 2}};
    RUN_OK(&f, use_collect, &asks);
    struct breach_said breach = said("2026-03-02T00:00:00Z", NULL);
    static const str contact[] = {{"contact", 7}};
    breach.categories = contact;
    breach.category_count = 1;
    dossier_id id = breach_of(&f, &breach);
    RUN_OK(&f, use_breach_scope, &id);
    bool there;
    assert_int_equal(named(&f, id, mere, &there), PEOPLE + 1);
    assert_true(there);
    move_clock(&f, "2026-03-02T10:00:00Z");
    erase(&f, mere);
    assert_false(is_there(&f, mere));
    assert_int_equal(named(&f, id, mere, &there), PEOPLE); /* the list names nobody who is gone */
    assert_false(there);
    struct breach_said more = said("2026-03-02T00:00:00Z", NULL);
    more.breach = id;
    more.categories = contact;
    more.category_count = 1;
    RUN_OK(&f, use_breach, &more);
    state_is(&f, id, "outdated");
    RUN_OK(&f, use_breach_scope, &id);
    state_is(&f, id, "computed");
    const struct json *scope = scope_of(&f, id);
    number_is(scope, "people", PEOPLE + 1);
    number_is(scope, "erased_since", 1);
    assert_int_equal(named(&f, id, mere, &there), PEOPLE);
    assert_false(there);
    fixture_stop(&f);
}

/* GDPR 33(3)(a): what came after it ended was not in it; a recipient had what it was ever given. */
static void only_what_was_there_then_is_in_it(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    struct party_create party = {.kind = STR("carrier"), .name = STR("Bil AS"), .zone = STR("eea")};
    RUN_OK(&f, use_party_create, &party);
    dossier_id carrier = f.call.outcome.id;
    struct share_run share = {.request = {.subject = people[5],
                                          .party = carrier,
                                          .purpose = STR("orders"),
                                          .recipient = STR("carrier")}};
    RUN_OK(&f, use_share, &share);
    move_clock(&f, "2026-03-05T09:00:00Z");
    dossier_id late = make_customer(&f);
    struct breach_said all = said("2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z");
    all.all = true;
    dossier_id everyone = breach_of(&f, &all);
    RUN_OK(&f, use_breach_scope, &everyone);
    bool there;
    assert_int_equal(named(&f, everyone, late, &there), PEOPLE);
    assert_false(there);
    struct breach_said theirs = said("2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z");
    theirs.recipients = &carrier;
    theirs.recipient_count = 1;
    dossier_id id = breach_of(&f, &theirs);
    RUN_OK(&f, use_breach_scope, &id);
    assert_int_equal(named(&f, id, people[5], &there), 1);
    assert_true(there);
    const struct json *scope = scope_of(&f, id);
    int64_t records;
    assert_true(json_i64(json_get(scope, "records"), &records));
    assert_in_range(records, 1, 3);
    fixture_stop(&f);
}

static void reopen(struct fixture *f, size_t step_rows)
{
    fixture_close(f);
    struct engine_config config = fixture_config(f);
    config.step_rows = step_rows;
    assert_true(is_ok(engine_open(&config, &f->report, &f->engine)));
    f->reg = engine_register(f->engine, STR("example"));
}

/* GDPR 33(3)(a): a list that cannot be whole is none, where nothing else would tell. */
static void more_people_than_are_kept_in_mind_are_not_half_a_list(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    struct token_run token = {.request = {.name = STR("shop"), .scopes = STR("all")}};
    RUN_OK(&f, use_token, &token);
    struct reg *reg;
    const struct caller *shop;
    assert_true(is_ok(engine_authenticate(f.engine, token.text, &f.report, &reg, &shop)));
    for (int i = 0; i < PEOPLE; i++) {
        struct read_run read = {.request = {.subject = people[i], .purpose = STR("orders")}};
        assert_true(
            is_ok(engine_run(f.engine, f.reg, shop, f.arena, &f.report, &f.call, use_read, &read)));
    }
    struct breach_said breach = said("2026-03-02T00:00:00Z", NULL);
    breach.tokens = &shop->token;
    breach.token_count = 1;
    dossier_id id = breach_of(&f, &breach);
    f.engine->breach_people = PEOPLE - 1;
    RUN_FAULT(&f, use_breach_scope, &id, FAULT_LIMIT);
    assert_non_null(strstr(f.report.text, "more than 6 people were met in the log"));
    state_is(&f, id, "not_computed");
    f.engine->breach_people = PEOPLE;
    RUN_OK(&f, use_breach_scope, &id);
    bool there;
    assert_int_equal(named(&f, id, people[PEOPLE - 1], &there), PEOPLE);
    assert_true(there);
    fixture_stop(&f);
}

/* G12: a computation goes in steps, and one that broke off goes on where its lines end. */
static void what_broke_off_goes_on_and_comes_to_the_same(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    reopen(&f, 1);
    struct breach_said breach = said(NULL, NULL);
    breach.all = true;
    dossier_id id = breach_of(&f, &breach);
    struct step_run step = {.breach = id};
    while (step.progress.looked < 4 || step.progress.of != PEOPLE)
        RUN_OK(&f, use_step, &step);
    assert_false(step.progress.done);
    reopen(&f, 1);
    state_is(&f, id, "begun");
    step = (struct step_run){.breach = id};
    size_t looked = 0;
    while (!step.progress.done) {
        RUN_OK(&f, use_step, &step);
        looked = step.progress.looked;
    }
    assert_in_range(looked, 1, PEOPLE - 1); /* not everyone again */
    number_is(scope_of(&f, id), "people", PEOPLE);
    number_is(scope_of(&f, id), "records", 3 * PEOPLE);
    bool there;
    assert_int_equal(named(&f, id, people[0], &there), PEOPLE);
    assert_true(there);
    fixture_stop(&f);
}

/* What becomes known in between is not computed past. */
static void more_that_becomes_known_ends_a_computation(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    start(&f, people);
    reopen(&f, 2);
    struct breach_said breach = said(NULL, NULL);
    breach.all = true;
    dossier_id id = breach_of(&f, &breach);
    struct people_run none = {.request = {.breach = id, .limit = 2}};
    RUN_FAULT(&f, use_people, &none, FAULT_CONFLICT);
    struct step_run step = {.breach = id};
    while (step.progress.looked < 4)
        RUN_OK(&f, use_step, &step);
    breach.breach = id;
    RUN_OK(&f, use_breach, &breach);
    status ended = OK;
    while (is_ok(ended) && !step.progress.done)
        ended = run(&f, use_step, &step);
    assert_int_equal(ended.fault, FAULT_CONFLICT);
    state_is(&f, id, "not_computed");
    RUN_OK(&f, use_breach_scope, &id);
    bool there;
    assert_int_equal(named(&f, id, people[1], &there), PEOPLE);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misused_access_concerns_whom_the_log_tells_of_in_that_time),
        cmocka_unit_test(one_entry_about_many_concerns_each_whom_it_allowed),
        cmocka_unit_test(who_is_gone_is_counted_and_not_named),
        cmocka_unit_test(only_what_was_there_then_is_in_it),
        cmocka_unit_test(more_people_than_are_kept_in_mind_are_not_half_a_list),
        cmocka_unit_test(what_broke_off_goes_on_and_comes_to_the_same),
        cmocka_unit_test(more_that_becomes_known_ends_a_computation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
