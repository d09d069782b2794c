/* Those whom a breach concerned are told once each, whatever breaks off, goes or becomes known. */
#include "engine_fixture.h"

#include "engine_internal.h"

enum { PEOPLE = 5 };

USE_CASE(breach_account, struct breach_account)
USE_CASE(breach_assess, struct breach_assessment)
USE_CASE(breach_close, struct breach_close)
USE_CASE(breach_phase, struct breach_phase)
USE_CASE(breach_tell, struct breach_tell)

struct telling_run {
    struct breach_tell request;
    struct telling_all *work;
    struct progress progress;
};

static status use_step(struct call *call, void *request)
{
    struct telling_run *telling = request;
    return engine_breach_tell_step(call, &telling->request, &telling->work, &telling->progress);
}

static const struct caller *officer_of(struct fixture *f)
{
    struct staff_create staff = {.role = STR("dpo_role"), .name = STR("Kari")};
    RUN_OK(f, use_staff_create, &staff);
    struct token_run token = {
        .request = {.name = STR("desk"), .scopes = STR("all"), .staff = f->call.outcome.id}};
    RUN_OK(f, use_token, &token);
    struct reg *reg;
    const struct caller *caller;
    assert_true(is_ok(engine_authenticate(f->engine, token.text, &f->report, &reg, &caller)));
    return caller;
}

static status as(struct fixture *f, const struct caller *caller,
                 status (*use)(struct call *call, void *request), void *request)
{
    f->report = (struct report){0};
    return engine_run(f->engine, f->reg, caller, f->arena, &f->report, &f->call, use, request);
}

static dossier_id person(struct fixture *f)
{
    struct subject_create create = {0};
    RUN_OK(f, use_subject_create, &create);
    return f->call.outcome.id;
}

static void assess(struct fixture *f, const struct caller *officer, dossier_id breach,
                   const char *risk)
{
    struct breach_assessment assessment = {
        .breach = breach, .risk = str_from(risk), .reasons = STR("as it is")};
    assert_true(is_ok(as(f, officer, use_breach_assess, &assessment)));
}

static struct breach_said everything(dossier_id breach)
{
    static const str nature[] = {{"confidentiality", 15}};
    return (struct breach_said){.breach = breach,
                                .nature = nature,
                                .nature_count = 1,
                                .description = STR("a list went out"),
                                .all = true};
}

/* A breach of everyone's data, at a high risk, ready to be told of. */
static dossier_id ready(struct fixture *f, dossier_id people[PEOPLE], const struct caller **officer)
{
    fixture_start(f, 63, "2026-03-02T09:00:00Z");
    fixture_register(f, "cobuilder", "2026-03-02T09:00:00Z");
    *officer = officer_of(f);
    for (int i = 0; i < PEOPLE; i++)
        people[i] = person(f);
    struct breach_said said = everything((dossier_id){{0}});
    RUN_OK(f, use_breach, &said);
    dossier_id breach = f->call.outcome.id;
    struct breach_account account = {.breach = breach,
                                     .language = STR("en"),
                                     .contact = STR("The officer"),
                                     .what = STR("A list was sent to a stranger."),
                                     .consequences = STR("Somebody may call you."),
                                     .measures = STR("We have asked for it back.")};
    RUN_OK(f, use_breach_account, &account);
    struct breach_phase phase = {.breach = breach, .language = STR("en")};
    RUN_OK(f, use_breach_phase, &phase);
    assess(f, *officer, breach, "high");
    RUN_OK(f, use_breach_scope, &breach);
    return breach;
}

static struct facts *facts_of(struct fixture *f, dossier_id id)
{
    enum presence presence;
    struct dossier *dossier;
    assert_true(
        is_ok(vault_load(reg_vault(f->reg), id, f->arena, &f->report, &presence, &dossier)));
    assert_int_equal(presence, PRESENCE_LIVE);
    return dossier->facts;
}

static void is_told(struct fixture *f, dossier_id id)
{
    const struct facts *facts = facts_of(f, id);
    struct task_done done = {
        .dossier = id, .task = facts->tasks.at[0].id, .proof = STR("a letter")};
    RUN_OK(f, use_task_done, &done);
}

static size_t told_of(struct fixture *f, dossier_id id)
{
    const struct facts *facts = facts_of(f, id);
    size_t count = 0;
    for (size_t i = 0; i < facts->evidence.count; i++)
        count += str_is(words_text(reg_words(f->reg), facts->evidence.at[i].type), "breach.told");
    return count;
}

static status close_it(struct fixture *f, const struct caller *officer, dossier_id breach)
{
    struct breach_close close = {.breach = breach, .reasons = STR("all is done")};
    return as(f, officer, use_breach_close, &close);
}

static void reopen(struct fixture *f, size_t step_rows)
{
    fixture_close(f);
    struct engine_config config = fixture_config(f);
    config.step_rows = step_rows;
    assert_true(is_ok(engine_open(&config, &f->report, &f->engine)));
    f->reg = engine_register(f->engine, STR("cobuilder"));
}

/* GDPR 34(1), G12: what broke off goes on, and nobody gets a task twice. */
static void each_gets_one_task_also_when_it_broke_off(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    const struct caller *officer;
    dossier_id breach = ready(&f, people, &officer);
    reopen(&f, 1);
    struct telling_run telling = {.request = {.breach = breach, .language = STR("en")}};
    while (telling.progress.looked < 3)
        RUN_OK(&f, use_step, &telling);
    reopen(&f, 2);
    RUN_OK(&f, use_breach_tell, &telling.request);
    assert_int_equal(f.call.outcome.count, PEOPLE - 3);
    for (int i = 0; i < PEOPLE; i++)
        assert_int_equal(facts_of(&f, people[i])->tasks.count, 1);
    RUN_OK(&f, use_breach_tell, &telling.request);
    assert_int_equal(f.call.outcome.count, 0);
    fixture_stop(&f);
}

/* GDPR 34(1), G3: who is told has it on file, who is gone need not be told, who is neither keeps
 * the breach open. */
static void a_breach_stays_open_until_nobody_is_left_to_be_told(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    const struct caller *officer;
    dossier_id breach = ready(&f, people, &officer);
    assert_int_equal(close_it(&f, officer, breach).fault, FAULT_CONFLICT); /* no telling */
    struct breach_tell tell = {.breach = breach, .language = STR("en")};
    RUN_OK(&f, use_breach_tell, &tell);
    for (int i = 1; i < PEOPLE; i++) {
        is_told(&f, people[i]);
        assert_int_equal(told_of(&f, people[i]), 1);
        assert_int_equal(facts_of(&f, people[i])->tasks.count, 0);
    }
    assert_int_equal(close_it(&f, officer, breach).fault, FAULT_CONFLICT);
    struct erase_run erasing = {.request = {.subject = people[0], .warned = true}};
    RUN_OK(&f, use_erase, &erasing);
    RUN_OK(&f, use_breach_tell, &tell); /* nobody a second time */
    assert_int_equal(f.call.outcome.count, 0);
    assert_true(is_ok(close_it(&f, officer, breach)));
    fixture_stop(&f);
}

/* GDPR 34(1): more becomes known, and concerns more people: these are told, too. */
static void who_turns_out_to_be_concerned_later_is_told_later(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    const struct caller *officer;
    dossier_id breach = ready(&f, people, &officer);
    struct breach_tell tell = {.breach = breach, .language = STR("en")};
    RUN_OK(&f, use_breach_tell, &tell);
    for (int i = 0; i < PEOPLE; i++)
        is_told(&f, people[i]);
    dossier_id late = person(&f);
    struct breach_said more = everything(breach);
    RUN_OK(&f, use_breach, &more);
    RUN_FAULT(&f, use_breach_tell, &tell, FAULT_CONFLICT); /* whom it concerned is not known */
    assert_int_equal(close_it(&f, officer, breach).fault, FAULT_CONFLICT);
    RUN_OK(&f, use_breach_scope, &breach);
    RUN_OK(&f, use_breach_tell, &tell);
    assert_int_equal(f.call.outcome.count, 1);
    assert_int_equal(close_it(&f, officer, breach).fault, FAULT_CONFLICT);
    is_told(&f, late);
    assert_true(is_ok(close_it(&f, officer, breach)));
    fixture_stop(&f);
}

/* GDPR 34(1): what was computed anew meanwhile is another list, and is told from its start. */
static void a_telling_ends_when_more_became_known_meanwhile(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    const struct caller *officer;
    dossier_id breach = ready(&f, people, &officer);
    reopen(&f, 1);
    struct telling_run telling = {.request = {.breach = breach, .language = STR("en")}};
    while (telling.progress.looked < 2)
        RUN_OK(&f, use_step, &telling);
    struct breach_said more = everything(breach);
    RUN_OK(&f, use_breach, &more);
    RUN_OK(&f, use_breach_scope, &breach);
    RUN_FAULT(&f, use_step, &telling, FAULT_CONFLICT);
    assert_non_null(strstr(f.report.text, "more became known meanwhile"));
    assert_int_equal(telling.progress.looked, 2);
    fixture_stop(&f);
}

/* GDPR 34(1), 34(2): nobody is told where there is no risk, or with half a message. */
static void nobody_is_told_without_a_risk_or_a_whole_message(void **state)
{
    (void)state;
    struct fixture f;
    dossier_id people[PEOPLE];
    const struct caller *officer;
    dossier_id breach = ready(&f, people, &officer);
    struct breach_tell tell = {.breach = breach, .language = STR("nb")};
    RUN_FAULT(&f, use_breach_tell, &tell, FAULT_INCOMPLETE);
    struct breach_account half = {
        .breach = breach, .language = STR("nb"), .what = STR("En liste kom bort.")};
    RUN_OK(&f, use_breach_account, &half);
    RUN_FAULT(&f, use_breach_tell, &tell, FAULT_INCOMPLETE);
    assert_non_null(strstr(f.report.text, "consequences"));
    half = (struct breach_account){.breach = breach, .language = STR("nb"), .what = STR("  ")};
    RUN_FAULT(&f, use_breach_account, &half, FAULT_INVALID);
    half = (struct breach_account){.breach = breach, .language = STR("sv"), .what = STR("x")};
    RUN_FAULT(&f, use_breach_account, &half, FAULT_INVALID);
    half = (struct breach_account){
        .breach = breach, .language = STR("nb"), .what = STR("4111 1111 1111 1111")};
    RUN_FAULT(&f, use_breach_account, &half, FAULT_REFUSED);
    assess(&f, officer, breach, "none");
    tell.language = STR("en");
    RUN_FAULT(&f, use_breach_tell, &tell, FAULT_CONFLICT);
    for (int i = 0; i < PEOPLE; i++)
        assert_int_equal(facts_of(&f, people[i])->tasks.count, 0);
    struct breach_phase odd = {
        .breach = breach, .language = STR("en"), .sent = at_time("2026-03-02T09:00:01Z")};
    RUN_FAULT(&f, use_breach_phase, &odd, FAULT_INVALID);
    odd.sent = at_time("2026-03-01T09:00:00Z"); /* before the firm was aware */
    RUN_FAULT(&f, use_breach_phase, &odd, FAULT_INVALID);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_gets_one_task_also_when_it_broke_off),
        cmocka_unit_test(a_breach_stays_open_until_nobody_is_left_to_be_told),
        cmocka_unit_test(who_turns_out_to_be_concerned_later_is_told_later),
        cmocka_unit_test(a_telling_ends_when_more_became_known_meanwhile),
        cmocka_unit_test(nobody_is_told_without_a_risk_or_a_whole_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
