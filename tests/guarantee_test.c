/* The guarantees against those who hold a token: what is logged, who learns what, what a
 * controller, a member of the staff and a narrow token may not do, and what stays within its
 * limits. In process. */
#include "engine_fixture.h"

#include "engine_internal.h"

#define START "2026-01-10T09:00:00Z"

static void begin(struct fixture *f, uint64_t seed, const char *policy)
{
    fixture_start(f, seed, "2026-01-01T00:00:00Z");
    fixture_register(f, policy, START);
}

/* ---- who asks ---- */

static const struct caller *caller_of(struct fixture *f, str text)
{
    struct reg *reg;
    const struct caller *caller = NULL;
    return is_ok(engine_authenticate(f->engine, text, NULL, &reg, &caller)) ? caller : NULL;
}

/* A token with these scopes, for one purpose and one controller unless they are empty. */
static const struct caller *token(struct fixture *f, const char *scopes, const char *purpose,
                                  const char *controller)
{
    str purposes[] = {str_from(purpose)};
    struct token_run run_ = {.request = {.name = STR("test"),
                                         .scopes = str_from(scopes),
                                         .controller = str_from(controller),
                                         .purposes = purposes,
                                         .purpose_count = purpose[0] == '\0' ? 0 : 1}};
    RUN_OK(f, use_token, &run_);
    const struct caller *caller = caller_of(f, run_.text);
    assert_non_null(caller);
    return caller;
}

#define AS_FAULT(f, caller, use, request, wanted)                                                  \
    do {                                                                                           \
        status got_ = run_as((f), (caller), (use), (request));                                     \
        if (got_.fault != (wanted))                                                                \
            fail_msg("%s:%d: wanted %s, got %s: %s", __FILE__, __LINE__, fault_name(wanted),       \
                     fault_name(got_.fault), (f)->report.text);                                    \
    } while (0)
#define AS_OK(f, caller, use, request) AS_FAULT(f, caller, use, request, FAULT_NONE)

/* ---- the log ---- */

static str entry_at(struct fixture *f, uint64_t index)
{
    str entry = STR("");
    assert_true(is_ok(audit_read(reg_log(f->reg), index, f->arena, &f->report, &entry)));
    return entry;
}

static bool last_refuses(struct fixture *f, const char *rule)
{
    str entry = entry_at(f, audit_size(reg_log(f->reg)) - 1);
    return says(entry, "\"de\":\"refuse\"") && says(entry, rule);
}

/* ---- what is there ---- */

static const struct facts *facts_of(struct fixture *f, dossier_id id)
{
    enum presence presence;
    struct dossier *dossier;
    assert_true(
        is_ok(vault_load(reg_vault(f->reg), id, f->arena, &f->report, &presence, &dossier)));
    return presence == PRESENCE_LIVE ? dossier->facts : NULL;
}

static dossier_id person(struct fixture *f, const char *role)
{
    str roles[] = {str_from(role)};
    struct subject_create create = {.roles = roles, .role_count = role[0] == '\0' ? 0 : 1};
    RUN_OK(f, use_subject_create, &create);
    return f->call.outcome.id;
}

static void weigh(struct fixture *f, const char *purpose)
{
    struct evidence_record record = {.type = STR("balancing"), .purpose = str_from(purpose)};
    RUN_OK(f, use_evidence, &record);
}

static record_id evidence(struct fixture *f, dossier_id id, const char *type)
{
    struct evidence_record record = {.type = str_from(type), .subject = id};
    RUN_OK(f, use_evidence, &record);
    return f->call.outcome.record;
}

static status offer(struct fixture *f, dossier_id id, const char *intake, const char *controller,
                    struct collect_value *values, size_t count, const char *at,
                    struct collect_run *collect)
{
    *collect = (struct collect_run){.request = {.subject = id,
                                                .intake = str_from(intake),
                                                .source = STR("person"),
                                                .channel = STR("web"),
                                                .controller = str_from(controller),
                                                .values = values,
                                                .value_count = count}};
    if (at != NULL)
        collect->request.at = at_time(at);
    return run(f, use_collect, collect);
}

static record_id ask_question(struct fixture *f, dossier_id id, const char *at)
{
    struct collect_value values[] = {{STR("contact.email"), STR("ola@example.test"), true},
                                     {STR("question.text"), STR("Where is it?"), true}};
    struct collect_run collect;
    if (!is_ok(offer(f, id, "contact_form", "", values, 2, at, &collect)))
        fail_msg("collect: %s", f->report.text);
    return collect.result.items[1];
}

static record_id order_goods(struct fixture *f, dossier_id id)
{
    struct collect_value values[] = {{STR("contact.name"), STR("Kari Prøve"), true},
                                     {STR("contact.email"), STR("kari@example.test"), true},
                                     {STR("delivery.street"), STR("Gata 1"), true}};
    struct collect_run collect;
    if (!is_ok(offer(f, id, "checkout", "", values, 3, NULL, &collect)))
        fail_msg("collect: %s", f->report.text);
    return collect.result.items[0];
}

static status read_for(struct fixture *f, const struct caller *caller, dossier_id id,
                       const char *purpose, struct read_run *read)
{
    *read = (struct read_run){.request = {.subject = id, .purpose = str_from(purpose)}};
    return run_as(f, caller, use_read, read);
}

struct list_run {
    struct found found;
};
static status use_list(struct call *call, void *request)
{
    struct list_run *list = request;
    return engine_subject_list(call, (dossier_id){{0}}, 10, &list->found);
}

/* ---- G1, G9: a token that is bound to purposes ---- */

static void g9_who_is_not_a_tokens_is_answered_like_nobody_in_every_way(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 11, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker"), nobody = {{7}};
    (void)ask_question(&f, id, NULL);
    const struct caller *letters = token(&f, "all", "newsletter", "");
    const struct caller *support = token(&f, "all", "support", "");
    struct read_run read;
    assert_int_equal(read_for(&f, support, id, "support", &read).fault, FAULT_NONE);
    assert_int_equal(read.result.count, 2);

    const dossier_id both[] = {id, nobody};
    char told[2][sizeof(f.report.text)];
    for (size_t i = 0; i < 2; i++) {
        uint64_t before_ = audit_size(reg_log(f.reg));
        assert_int_equal(read_for(&f, letters, both[i], "newsletter", &read).fault,
                         FAULT_NOT_FOUND);
        memcpy(told[i], f.report.text, sizeof(told[i]));
        assert_int_equal(audit_size(reg_log(f.reg)), before_ + 1);
        assert_true(last_refuses(&f, "always.existence"));
    }
    assert_string_equal(told[0], told[1]);
    const char *const values[] = {"ola@example.test", "nobody@example.test"};
    for (size_t i = 0; i < 2; i++) {
        struct find_run find = {.request = {STR("contact.email"), str_from(values[i])}};
        uint64_t before_ = audit_size(reg_log(f.reg));
        AS_OK(&f, letters, use_find, &find);
        assert_int_equal(find.result.count, 0);
        assert_int_equal(audit_size(reg_log(f.reg)), before_ + 1);
    }
    fixture_stop(&f);
}

static void g9_a_consent_makes_the_person_known_for_its_purpose_and_for_no_other(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 12, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker");
    (void)ask_question(&f, id, NULL);
    const struct caller *letters = token(&f, "all", "newsletter", "");
    const struct caller *pages = token(&f, "all", "statistics", "");
    struct read_run read;
    assert_int_equal(read_for(&f, letters, id, "newsletter", &read).fault, FAULT_NOT_FOUND);
    struct consent consent = {.subject = id,
                              .purpose = STR("newsletter"),
                              .wording = STR("Yes, write to me"),
                              .given_by = STR("click")};
    RUN_OK(&f, use_consent, &consent);
    assert_int_equal(read_for(&f, letters, id, "newsletter", &read).fault, FAULT_REFUSED);
    assert_int_equal(read_for(&f, pages, id, "statistics", &read).fault, FAULT_NOT_FOUND);
    fixture_stop(&f);
}

static void g9_only_an_officer_of_everything_is_told_that_someone_was_erased(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 13, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker");
    (void)ask_question(&f, id, NULL);
    struct erase_run erase = {.request = {.subject = id}};
    RUN_OK(&f, use_erase, &erase);
    assert_true(erase.result.whole);
    struct read_run read;
    assert_int_equal(read_for(&f, token(&f, "all", "support", ""), id, "support", &read).fault,
                     FAULT_NOT_FOUND);
    assert_int_equal(read_for(&f, token(&f, "all", "", ""), id, "support", &read).fault,
                     FAULT_GONE);
    fixture_stop(&f);
}

static void g9_a_bound_token_does_not_reach_the_register_or_a_person_as_a_whole(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 14, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker");
    (void)ask_question(&f, id, NULL);
    const struct caller *support = token(&f, "all", "support", "");
    struct list_run list;
    struct forecast_run forecast = {.days = 90};
    struct history_run history = {.reference = STR("AAAAAAAAAAAAAAAAAAAAAA")};
    struct import_line line = {1, STR("{\"number\":\"1\"}")};
    struct export_run access = {.request = {.subject = id, .by_subject = true}};
    struct erase_run erase = {.request = {.subject = id}};
    const struct {
        status (*use)(struct call *call, void *request);
        void *request;
    } all[] = {{use_list, &list},   {use_forecast, &forecast}, {use_history, &history},
               {use_import, &line}, {use_export, &access},     {use_erase, &erase}};
    for (size_t i = 0; i < LENGTH(all); i++) {
        AS_FAULT(&f, support, all[i].use, all[i].request, FAULT_FORBIDDEN);
        assert_true(last_refuses(&f, "always.token_scope")); /* G1: refusals too */
    }
    assert_int_equal(facts_of(&f, id)->items.count, 2);
    fixture_stop(&f);
}

static void
g1_a_purpose_that_the_token_lacks_is_refused_in_the_log_and_nothing_changes(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 15, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker");
    (void)ask_question(&f, id, NULL);
    const struct caller *support = token(&f, "all", "support", "");
    struct consent consent = {.subject = id,
                              .purpose = STR("newsletter"),
                              .wording = STR("Yes, write to me"),
                              .given_by = STR("click")};
    struct withdrawal withdrawal = {.subject = id, .purpose = STR("newsletter")};
    struct objection_make objection = {.subject = id, .purpose = STR("newsletter")};
    struct evidence_record weighing = {.type = STR("balancing"), .purpose = STR("newsletter")};
    struct read_run read = {.request = {.subject = id, .purpose = STR("newsletter")}};
    const struct {
        status (*use)(struct call *call, void *request);
        void *request;
    } all[] = {{use_consent, &consent},
               {use_withdraw, &withdrawal},
               {use_object, &objection},
               {use_evidence, &weighing},
               {use_read, &read}};
    for (size_t i = 0; i < LENGTH(all); i++) {
        uint64_t before_ = audit_size(reg_log(f.reg));
        AS_FAULT(&f, support, all[i].use, all[i].request, FAULT_FORBIDDEN);
        assert_int_equal(audit_size(reg_log(f.reg)), before_ + 1);
        assert_true(last_refuses(&f, "always.token_scope"));
    }
    assert_int_equal(facts_of(&f, id)->evidence.count, 0);
    assert_int_equal(facts_of(&f, id)->objections.count, 0);
    fixture_stop(&f);
}

static void g9_a_token_for_a_purpose_without_a_name_is_not_made(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 16, "example");
    str nothing[] = {STR("")};
    struct token_run run_ = {
        .request = {.scopes = STR("all"), .purposes = nothing, .purpose_count = 1}};
    RUN_FAULT(&f, use_token, &run_, FAULT_INVALID);
    fixture_stop(&f);
}

static status import_refused_late(struct call *call, void *request)
{
    return engine_import_line(call, request);
}

static void g1_what_a_refused_line_had_done_before_is_undone_in_the_log_too(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 17, "example");
    uint64_t before_ = audit_size(reg_log(f.reg));
    struct import_line line = {
        1, STR("{\"number\":\"N-1\",\"roles\":[\"customer\"],\"consents\":[{\"purpose\":"
               "\"newsletter\",\"wording\":\"yes\",\"given_by\":\"prefilled\"}]}")};
    RUN_FAULT(&f, import_refused_late, &line, FAULT_REFUSED);
    assert_int_equal(audit_size(reg_log(f.reg)), before_ + 1);
    assert_true(last_refuses(&f, "always.consent_is_an_act"));
    fixture_stop(&f);
}

static status use_explain(struct call *call, void *request)
{
    str document;
    return engine_explain(call, request, (instant){0}, &document);
}

static void g9_why_not_is_told_of_the_tokens_own_purposes_only(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 18, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker");
    (void)ask_question(&f, id, NULL);
    const struct caller *support = token(&f, "officer", "support", "");
    struct read read = {.subject = id, .purpose = STR("support")};
    AS_OK(&f, support, use_explain, &read);
    read.purpose = STR("newsletter");
    AS_FAULT(&f, support, use_explain, &read, FAULT_FORBIDDEN);
    read.purpose = STR("");
    AS_FAULT(&f, support, use_explain, &read, FAULT_FORBIDDEN);
    fixture_stop(&f);
}

static status make_token_and_fail(struct call *call, void *request)
{
    TRY(use_token(call, request));
    return fail(call->report, FAULT_CONFLICT, "undone");
}

static void a_token_whose_making_was_undone_opens_nothing(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 19, "example");
    struct token_run run_ = {.request = {.scopes = STR("all")}};
    uint64_t before_ = audit_size(reg_log(f.reg));
    RUN_FAULT(&f, make_token_and_fail, &run_, FAULT_CONFLICT);
    assert_null(caller_of(&f, run_.text));
    assert_int_equal(audit_size(reg_log(f.reg)), before_); /* G1: nor does the log tell of it */
    fixture_stop(&f);
}

/* ---- controllers ---- */

static void an_item_belongs_to_the_only_controller_and_else_to_the_one_named(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 21, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker");
    (void)ask_question(&f, id, NULL);
    assert_true(
        str_is(words_text(reg_words(f.reg), facts_of(&f, id)->items.at[0].controller), "shop"));
    fixture_stop(&f);

    begin(&f, 22, "confect");
    id = person(&f, "candidate");
    struct collect_value values[] = {{STR("basic.name"), STR("Kari Prøve"), true},
                                     {STR("basic.email"), STR("kari@example.test"), true},
                                     {STR("job_application.application"), STR("I apply."), true}};
    struct collect_run collect;
    collect = (struct collect_run){.request = {.subject = id,
                                               .intake = STR("application"),
                                               .values = values,
                                               .value_count = LENGTH(values)}};
    AS_FAULT(&f, engine_system(), use_collect, &collect, FAULT_INVALID);
    assert_int_equal(facts_of(&f, id)->items.count, 0);
    assert_int_equal(offer(&f, id, "application", "confect", values, 3, NULL, &collect).fault,
                     FAULT_NONE);
    fixture_stop(&f);
}

static dossier_id applied_at(struct fixture *f, const char *controller)
{
    dossier_id id = person(f, "candidate");
    struct collect_value values[] = {{STR("basic.name"), STR("Kari Prøve"), true},
                                     {STR("basic.email"), STR("kari@example.test"), true},
                                     {STR("job_application.application"), STR("I apply."), true}};
    struct collect_run collect;
    if (!is_ok(offer(f, id, "application", controller, values, 3, NULL, &collect)))
        fail_msg("collect: %s", f->report.text);
    struct event_record received = {
        .subject = id, .event = STR("application_received"), .by_subject = true};
    RUN_OK(f, use_event, &received);
    return id;
}

static void g9_a_token_of_one_controller_knows_nobody_of_the_other_and_names_no_other(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 23, "confect");
    dossier_id theirs = applied_at(&f, "confect"), ours = applied_at(&f, "subsidiary");
    const struct caller *subsidiary = token(&f, "all", "", "subsidiary");
    struct read_run read;
    assert_int_equal(read_for(&f, subsidiary, theirs, "recruitment", &read).fault, FAULT_NOT_FOUND);
    assert_int_equal(read_for(&f, subsidiary, ours, "recruitment", &read).fault, FAULT_NONE);
    assert_int_equal(read.result.count, 3);
    read.request.controller = STR("confect");
    AS_FAULT(&f, subsidiary, use_read, &read, FAULT_FORBIDDEN);
    assert_true(last_refuses(&f, "always.token_scope"));
    struct list_run list;
    AS_FAULT(&f, subsidiary, use_list, &list, FAULT_FORBIDDEN);
    fixture_stop(&f);
}

static void a_request_to_one_controller_takes_nothing_from_the_other_and_tells_nothing(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 24, "confect");
    dossier_id id = applied_at(&f, "confect");
    struct collect_value values[] = {{STR("basic.name"), STR("Kari Prøve"), true},
                                     {STR("basic.email"), STR("kari@example.test"), true},
                                     {STR("job_application.application"), STR("Again."), true}};
    struct collect_run collect;
    assert_true(is_ok(offer(&f, id, "application", "subsidiary", values, 3, NULL, &collect)));
    const struct caller *subsidiary = token(&f, "all", "", "subsidiary");
    struct erase_run erase = {.request = {.subject = id, .warned = true}};
    AS_OK(&f, subsidiary, use_erase, &erase);
    assert_false(erase.result.whole);
    assert_int_equal(erase.result.count, 3);
    const struct facts *facts = facts_of(&f, id);
    assert_int_equal(facts->items.count, 3);
    assert_int_equal(facts->items.at[0].told_count, 1);
    struct read_run read;
    assert_int_equal(read_for(&f, engine_system(), id, "recruitment", &read).fault, FAULT_REFUSED);
    read.request.controller = STR("confect");
    AS_OK(&f, engine_system(), use_read, &read);
    assert_int_equal(read.result.count, 3);
    fixture_stop(&f);
}

/* INF-13: where a register has several companies, whoever names none uses nothing of anyone's. */
static void g5_a_use_for_which_no_company_answers_is_refused_and_stands_in_the_log(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 25, "confect");
    dossier_id id = applied_at(&f, "confect");
    record_id item = facts_of(&f, id)->items.at[0].id;
    const struct caller *nobody = token(&f, "all", "", "");
    struct read_run read;
    assert_int_equal(read_for(&f, nobody, id, "recruitment", &read).fault, FAULT_REFUSED);
    assert_true(last_refuses(&f, "\"controllers\""));
    struct export_run access = {.request = {.subject = id, .by_subject = true}};
    AS_FAULT(&f, nobody, use_export, &access, FAULT_REFUSED);
    access.request.portability = true;
    AS_FAULT(&f, nobody, use_export, &access, FAULT_REFUSED);
    assert_true(last_refuses(&f, "\"controllers\""));
    struct rectify rectify = {.subject = id, .item = item, .value = STR("Kari Ny")};
    AS_FAULT(&f, nobody, use_rectify, &rectify, FAULT_REFUSED);
    struct erase_run erase = {.request = {.subject = id, .warned = true}};
    AS_FAULT(&f, nobody, use_erase, &erase, FAULT_REFUSED);
    assert_true(last_refuses(&f, "\"controllers\""));
    assert_int_equal(facts_of(&f, id)->items.count, 3);
    /* What only takes a use away needs no company: it binds them all. */
    struct objection_make objection = {.subject = id, .purpose = STR("marketing")};
    AS_OK(&f, nobody, use_object, &objection);
    fixture_stop(&f);
}

/* ---- staff ---- */

static dossier_id hire(struct fixture *f, const char *role)
{
    struct staff_create create = {.role = str_from(role), .name = STR("Someone")};
    RUN_OK(f, use_staff_create, &create);
    return f->call.outcome.id;
}

static void the_tokens_of_one_who_leaves_stop_at_once_and_the_register_opens_again(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 31, "example");
    dossier_id clerk = hire(&f, "shop_desk");
    struct token_run run_ = {.request = {.scopes = STR("read"), .staff = clerk}};
    RUN_OK(&f, use_token, &run_);
    assert_non_null(caller_of(&f, run_.text));
    RUN_OK(&f, use_staff_end, &clerk);
    assert_int_equal(f.call.outcome.count, 1);
    assert_null(caller_of(&f, run_.text));
    RUN_FAULT(&f, use_token, &run_, FAULT_NOT_FOUND); /* nobody's token can be made either */
    fixture_close(&f);
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("example"));
    assert_null(caller_of(&f, run_.text));
    assert_non_null(caller_of(&f, f.admin));
    fixture_stop(&f);
}

static void nobody_records_training_of_their_own(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 32, "example");
    dossier_id manager = hire(&f, "manager"), other = hire(&f, "shop_desk");
    struct token_run run_ = {.request = {.scopes = STR("record"), .staff = manager}};
    RUN_OK(&f, use_token, &run_);
    const struct caller *caller = caller_of(&f, run_.text);
    struct evidence_record training = {.type = STR("training"), .actor = manager};
    AS_FAULT(&f, caller, use_evidence, &training, FAULT_REFUSED);
    RUN_OK(&f, use_evidence, &training); /* somebody else did */
    training.actor = other;
    AS_OK(&f, caller, use_evidence, &training);
    fixture_stop(&f);
}

static void a_member_of_the_staff_erases_for_a_person_only_as_their_role_may(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 33, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker"), clerk = hire(&f, "shop_desk");
    (void)ask_question(&f, id, NULL);
    struct token_run run_ = {.request = {.scopes = STR("all"), .staff = clerk}};
    RUN_OK(&f, use_token, &run_);
    const struct caller *caller = caller_of(&f, run_.text);
    struct erase_run erase = {.request = {.subject = id}};
    AS_FAULT(&f, caller, use_erase, &erase, FAULT_REFUSED);
    assert_non_null(facts_of(&f, id));
    struct evidence_record training = {.type = STR("training"), .actor = clerk};
    RUN_OK(&f, use_evidence, &training);
    AS_OK(&f, caller, use_erase, &erase);
    assert_null(facts_of(&f, id));
    fixture_stop(&f);
}

static void a_token_of_the_staff_does_not_act_as_the_person(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 36, "example");
    dossier_id id = person(&f, "customer"), clerk = hire(&f, "shop_desk");
    struct token_run run_ = {.request = {.scopes = STR("all"), .staff = clerk}};
    RUN_OK(&f, use_token, &run_);
    const struct caller *caller = caller_of(&f, run_.text);
    struct event_record placed = {.subject = id, .event = STR("order_placed"), .by_subject = true};
    AS_FAULT(&f, caller, use_event, &placed, FAULT_REFUSED);
    RUN_OK(&f, use_event, &placed);
    struct export_run access = {.request = {.subject = id, .by_subject = true}};
    AS_FAULT(&f, caller, use_export, &access, FAULT_REFUSED); /* no training on file */
    struct role_change role = {.subject = id, .role = STR("asker")};
    AS_FAULT(&f, caller, use_role, &role, FAULT_REFUSED);
    struct evidence_record training = {.type = STR("training"), .actor = clerk};
    RUN_OK(&f, use_evidence, &training);
    AS_OK(&f, caller, use_export, &access);
    AS_OK(&f, caller, use_role, &role);
    fixture_stop(&f);
}

static void g3_a_switch_destroys_nothing_that_a_claim_holds(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 46, "confect");
    dossier_id id = person(&f, "visitor");
    struct evidence_record review = {.type = STR("work_tool_review"),
                                     .purpose = STR("interest_profiles"),
                                     .asks = &(struct particular){STR("reason"), STR("a tool")},
                                     .ask_count = 1};
    RUN_OK(&f, use_evidence, &review);
    weigh(&f, "interest_profiles");
    struct collect_value values[] = {{STR("behaviour.click"), STR("boats"), true}};
    struct collect_run collect = {.request = {.subject = id,
                                              .intake = STR("site_use"),
                                              .source = STR("tracking"),
                                              .controller = STR("confect"),
                                              .values = values,
                                              .value_count = 1}};
    RUN_OK(&f, use_collect, &collect);
    struct event_record active = {.subject = id, .event = STR("activity"), .by_subject = true};
    RUN_OK(&f, use_event, &active);
    struct collect_value made[] = {{STR("profile.interest"), STR("boats"), false}};
    struct derive_run derive = {.request = {.subject = id,
                                            .purpose = STR("interest_profiles"),
                                            .items = collect.result.items,
                                            .item_count = 1,
                                            .values = made,
                                            .value_count = 1}};
    RUN_OK(&f, use_derive, &derive);
    record_id claim = evidence(&f, id, "claim");
    struct switch_set off = {.subject = id, .stop = STR("profiling")};
    RUN_OK(&f, use_switch, &off);
    assert_non_null(facts_find_item(facts_of(&f, id), derive.result.items[0]));
    struct evidence_end end = {.dossier = id, .record = claim};
    RUN_OK(&f, use_evidence_end, &end); /* with the last hold it goes in the same run */
    const struct facts *facts = facts_of(&f, id);
    assert_true(facts == NULL || facts_find_item(facts, derive.result.items[0]) == NULL);
    fixture_stop(&f);
}

static void g2_when_a_compatibility_ends_whoever_it_let_reach_is_due(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 47, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker");
    (void)ask_question(&f, id, NULL);
    move_clock(&f, "2026-12-01T00:00:00Z");
    struct event_record received = {
        .subject = id, .event = STR("application_received"), .by_subject = true};
    RUN_OK(&f, use_event, &received);
    struct particular asks[] = {{STR("reason"), STR("asked for")}};
    struct evidence_record compatible = {
        .type = STR("compatibility"), .purpose = STR("recruitment"), .asks = asks, .ask_count = 1};
    RUN_OK(&f, use_evidence, &compatible);
    struct evidence_end end = {.dossier = f.call.outcome.id, .record = f.call.outcome.record};
    move_clock(&f, "2027-02-01T00:00:00Z"); /* the question is gone, the address is not */
    assert_int_equal(facts_of(&f, id)->items.count, 1);
    RUN_OK(&f, use_evidence_end, &end);
    struct swept swept;
    assert_true(is_ok(engine_sweep(f.engine, f.reg, 100, &f.report, &swept)));
    assert_int_equal(swept.items, 1);
    fixture_stop(&f);
}

static void g9_a_record_that_is_not_there_answers_alike_wherever_it_is_looked_for(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 37, "example");
    dossier_id id = person(&f, "asker"), clerk = hire(&f, "shop_desk");
    const dossier_id where[] = {id, clerk, f.reg->own, {{9}}};
    for (size_t i = 0; i < LENGTH(where); i++) {
        struct evidence_end end = {.dossier = where[i], .record = {{1}}};
        uint64_t before_ = audit_size(reg_log(f.reg));
        RUN_FAULT(&f, use_evidence_end, &end, FAULT_NOT_FOUND);
        assert_int_equal(audit_size(reg_log(f.reg)), before_ + 1);
        assert_true(last_refuses(&f, "always.existence"));
    }
    fixture_stop(&f);
}

static void a_hold_is_an_officers_and_a_consent_is_recorded_as_one(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 34, "example");
    dossier_id id = person(&f, "asker");
    const struct caller *recorder = token(&f, "record", "", "");
    struct evidence_record claim = {.type = STR("claim"), .subject = id};
    AS_FAULT(&f, recorder, use_evidence, &claim, FAULT_FORBIDDEN);
    RUN_OK(&f, use_evidence, &claim);
    struct evidence_end end = {.dossier = id, .record = f.call.outcome.record};
    AS_FAULT(&f, recorder, use_evidence_end, &end, FAULT_FORBIDDEN);
    RUN_OK(&f, use_evidence_end, &end);
    struct evidence_record consent = {
        .type = STR("consent"), .subject = id, .purpose = STR("newsletter")};
    AS_FAULT(&f, recorder, use_evidence, &consent, FAULT_INVALID);
    fixture_stop(&f);
}

static void g9_what_an_operation_names_must_be_there_and_of_its_kind(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 35, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker"), clerk = hire(&f, "shop_desk");
    struct matter_create matter = {STR("order_no"), STR("1")};
    RUN_OK(&f, use_matter_create, &matter);
    dossier_id order = f.call.outcome.id;
    const dossier_id wrong[] = {{{9}}, clerk, id};
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        struct role_change role = {.subject = id, .role = STR("customer"), .matter = wrong[i]};
        RUN_FAULT(&f, use_role, &role, FAULT_NOT_FOUND);
        struct read_run read = {
            .request = {.subject = id, .purpose = STR("support"), .matter = wrong[i]}};
        RUN_FAULT(&f, use_read, &read, FAULT_NOT_FOUND);
    }
    struct role_change role = {.subject = id, .role = STR("customer"), .matter = order};
    RUN_OK(&f, use_role, &role);
    fixture_stop(&f);
}

/* ---- G2, G3: what ends goes, and what is kept is kept for one reason ---- */

static void what_a_law_keeps_of_an_erased_person_serves_that_law_alone(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 41, "example");
    dossier_id id = person(&f, "customer");
    (void)evidence(&f, id, "agreement");
    record_id name = order_goods(&f, id);
    struct event_record placed = {.subject = id, .event = STR("order_placed"), .by_subject = true};
    RUN_OK(&f, use_event, &placed);
    struct read_run read;
    assert_int_equal(read_for(&f, engine_system(), id, "orders", &read).fault, FAULT_NONE);
    /* Only what the law keeps is asked for: nothing goes, and yet the other purpose ends. */
    str fields[] = {STR("contact.name")};
    struct erase_run erase = {
        .request = {.subject = id, .fields = fields, .field_count = 1, .warned = true}};
    RUN_OK(&f, use_erase, &erase);
    assert_int_equal(erase.result.count, 1);
    assert_false(erase.result.items[0].erased);
    read = (struct read_run){
        .request = {.subject = id, .purpose = STR("orders"), .items = &name, .item_count = 1}};
    RUN_FAULT(&f, use_read, &read, FAULT_REFUSED);
    read.request.purpose = STR("bookkeeping");
    RUN_OK(&f, use_read, &read);
    RUN_FAULT(&f, use_erase, &erase, FAULT_REFUSED); /* nothing is left to take */
    fixture_stop(&f);
}

static void g3_someone_with_consents_alone_is_erased_whole_unless_a_claim_stands(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 42, "example");
    dossier_id id = person(&f, "subscriber"), held = person(&f, "subscriber");
    const dossier_id both[] = {id, held};
    for (size_t i = 0; i < 2; i++) {
        struct consent consent = {.subject = both[i],
                                  .purpose = STR("newsletter"),
                                  .wording = STR("Yes, write to me"),
                                  .given_by = STR("click")};
        RUN_OK(&f, use_consent, &consent);
    }
    (void)evidence(&f, held, "claim");
    struct erase_run erase = {.request = {.subject = id}};
    RUN_OK(&f, use_erase, &erase);
    assert_true(erase.result.whole);
    assert_null(facts_of(&f, id));
    erase = (struct erase_run){.request = {.subject = held}};
    RUN_OK(&f, use_erase, &erase);
    assert_false(erase.result.whole);
    assert_non_null(facts_of(&f, held));
    fixture_stop(&f);
}

static void g2_what_came_in_past_its_end_is_due_at_once(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 43, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker");
    (void)ask_question(&f, id, "2024-01-01T00:00:00Z");
    struct read_run read;
    assert_int_equal(read_for(&f, engine_system(), id, "support", &read).fault, FAULT_REFUSED);
    struct swept swept;
    assert_true(is_ok(engine_sweep(f.engine, f.reg, 100, &f.report, &swept)));
    assert_int_equal(swept.items, 2);
    assert_int_equal(facts_of(&f, id)->items.count, 0);
    fixture_stop(&f);
}

static void g2_with_the_last_role_the_empty_dossier_goes(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 44, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker");
    (void)ask_question(&f, id, NULL);
    move_clock(&f, "2027-02-01T00:00:00Z");
    assert_int_equal(facts_of(&f, id)->items.count, 0);
    struct role_change ends = {.subject = id, .role = STR("asker"), .ends = true};
    RUN_OK(&f, use_role, &ends);
    assert_null(facts_of(&f, id));
    fixture_stop(&f);
}

static void a_dismissed_objection_is_over_and_its_reasons_are_in_the_persons_copy(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 45, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker");
    (void)ask_question(&f, id, NULL);
    struct objection_make object = {.subject = id, .purpose = STR("support")};
    RUN_OK(&f, use_object, &object);
    struct read_run read;
    assert_int_equal(read_for(&f, engine_system(), id, "support", &read).fault, FAULT_REFUSED);
    struct objection_decision decide_ = {.subject = id,
                                         .objection = f.call.outcome.record,
                                         .reasons = STR("An answer is still owed.")};
    decide_.objection = facts_of(&f, id)->objections.at[0].id;
    f.report = (struct report){0};
    struct call call;
    assert_true(is_ok(engine_run(f.engine, f.reg, engine_system(), f.arena, &f.report, &call,
                                 (status(*)(struct call *, void *))(void *)engine_objection_decide,
                                 &decide_)));
    assert_int_equal(read_for(&f, engine_system(), id, "support", &read).fault, FAULT_NONE);
    move_clock(&f, "2026-01-11T00:00:00Z");
    struct export_run access = {.request = {.subject = id, .by_subject = true}};
    RUN_OK(&f, use_export, &access);
    assert_true(says(access.document, "An answer is still owed."));
    fixture_stop(&f);
}

static size_t found_by(struct fixture *f, const char *value)
{
    struct find_run find = {.request = {STR("contact.email"), str_from(value)}};
    RUN_OK(f, use_find, &find);
    return find.result.count;
}

static record_id mail_of(struct fixture *f, dossier_id id, const char *mail)
{
    struct collect_value values[] = {{STR("contact.email"), str_from(mail), true},
                                     {STR("question.text"), STR("Where is it?"), true}};
    struct collect_run collect;
    if (!is_ok(offer(f, id, "contact_form", "", values, 2, NULL, &collect)))
        fail_msg("collect: %s", f->report.text);
    return collect.result.items[0];
}

static void
g3_of_two_addresses_the_one_that_goes_leads_to_nobody_and_the_other_still_does(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 48, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker");
    record_id old = mail_of(&f, id, "old@example.test");
    (void)mail_of(&f, id, "other@example.test");
    struct rectify rectify = {.subject = id, .item = old, .value = STR("new@example.test")};
    RUN_OK(&f, use_rectify, &rectify);
    assert_int_equal(found_by(&f, "old@example.test"), 0);
    assert_int_equal(found_by(&f, "new@example.test"), 1);
    assert_int_equal(found_by(&f, "other@example.test"), 1);
    move_clock(&f, "2026-06-01T00:00:00Z");
    (void)mail_of(&f, id, "late@example.test");
    (void)mail_of(&f, id, "other@example.test");
    move_clock(&f, "2027-01-20T00:00:00Z"); /* the first ones have ended */
    assert_int_equal(found_by(&f, "new@example.test"), 0);
    assert_int_equal(found_by(&f, "late@example.test"), 1);
    assert_int_equal(found_by(&f, "other@example.test"), 1);
    fixture_stop(&f);
}

/* ---- G12: limits ---- */

static void g12_callers_cannot_make_the_register_know_names_without_end(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 51, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker");
    for (int i = 0; words_count(reg_words(f.reg)) < REG_FREE_NAMES; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "n%d", i);
        (void)words_intern(reg_words(f.reg), str_from(name));
    }
    struct collect_value values[] = {{STR("contact.email"), STR("ola@example.test"), true},
                                     {STR("question.text"), STR("Where is it?"), true}};
    struct collect_run collect = {.request = {.subject = id,
                                              .intake = STR("contact_form"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .values = values,
                                              .value_count = 2}};
    struct case_create create = {.kind = STR("a-new-kind")};
    RUN_FAULT(&f, use_case_create, &create, FAULT_LIMIT);
    RUN_OK(&f, use_collect, &collect);
    fixture_stop(&f);
}

static void g12_a_full_dossier_takes_no_more_and_still_lets_the_person_withdraw(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 52, "example");
    dossier_id id = person(&f, "subscriber");
    struct consent consent = {.subject = id,
                              .purpose = STR("newsletter"),
                              .wording = STR("Yes, write to me"),
                              .given_by = STR("click")};
    RUN_OK(&f, use_consent, &consent);
    status got = OK;
    size_t recorded = 0;
    while (is_ok(got) && ++recorded < 2000) {
        struct evidence_record record = {.type = STR("agreement"), .subject = id};
        got = run(&f, use_evidence, &record);
    }
    assert_int_equal(got.fault, FAULT_LIMIT);
    assert_int_equal(facts_of(&f, id)->evidence.count, recorded); /* the consent, and all but one */
    struct withdrawal withdrawal = {.subject = id, .purpose = STR("newsletter")};
    RUN_OK(&f, use_withdraw, &withdrawal);
    assert_int_equal(f.call.outcome.count, 1);
    fixture_stop(&f);
}

struct once_run {
    struct collect_run collect;
    bool again;
};
static status use_once(struct call *call, void *request)
{
    struct once_run *once = request;
    TRY(call_once(call, STR("key-1"), STR("the same request"), &once->again));
    if (once->again)
        return OK;
    TRY(engine_collect(call, &once->collect.request, &once->collect.result));
    return call_remember(call);
}

static void a_repeated_collection_gives_its_ids_for_a_day_and_only_to_its_token(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 53, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker");
    const struct caller *one = token(&f, "all", "", ""), *two = token(&f, "all", "", "");
    struct collect_value values[] = {{STR("contact.email"), STR("ola@example.test"), true},
                                     {STR("question.text"), STR("Where is it?"), true}};
    struct once_run once = {.collect.request = {.subject = id,
                                                .intake = STR("contact_form"),
                                                .source = STR("person"),
                                                .values = values,
                                                .value_count = 2}};
    AS_OK(&f, one, use_once, &once);
    AS_OK(&f, one, use_once, &once);
    assert_true(once.again);
    assert_int_equal(f.call.outcome.item_count, 2);
    assert_non_null(facts_find_item(facts_of(&f, id), f.call.outcome.items[1]));
    assert_int_equal(facts_of(&f, id)->items.count, 2);
    AS_OK(&f, two, use_once, &once);
    assert_false(once.again);
    move_clock(&f, "2026-01-12T11:00:00Z");
    AS_OK(&f, one, use_once, &once);
    assert_false(once.again);
    assert_int_equal(facts_of(&f, id)->items.count, 6);
    fixture_stop(&f);
}

/* ---- versions ---- */

/* The policy with a shorter life for questions: 12 months become one. */
static str stricter(struct fixture *f)
{
    str text = read_text(f, "policies/example.yaml");
    struct buf buf = buf_in(f->arena, 2 * text.len);
    str line;
    while (str_next(&text, '\n', &line)) {
        if (says(line, "version: \"2026-01\""))
            line = STR("version: \"2026-02\"");
        else if (says(line, "3 months after question_answered, 12 months"))
            line = STR(
                "    keep:  earliest of 3 months after question_answered, 1 day after collected");
        buf_add(&buf, line);
        buf_char(&buf, '\n');
    }
    return buf_str(&buf);
}

static void a_version_that_is_shown_or_counted_wrongly_leaves_nothing_behind(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 61, "example");
    weigh(&f, "support");
    dossier_id id = person(&f, "asker");
    (void)ask_question(&f, id, NULL);
    move_clock(&f, "2026-01-20T00:00:00Z");
    struct version_run version = {
        .problems = {.arena = f.arena},
        .request = {.policy_file = STR("example.yaml"), .policy = stricter(&f), .preview = true}};
    size_t used = arena_used(f.reg->arena);
    RUN_OK(&f, use_version, &version);
    assert_int_equal(version.effect.erases, 2);
    version.request.preview = false;
    version.request.erases_stated = true;
    version.request.erases = 1;
    for (int i = 0; i < 3; i++)
        RUN_FAULT(&f, use_version, &version, FAULT_CONFLICT);
    assert_int_equal(arena_used(f.reg->arena), used);
    assert_int_equal(reg_plans(f.reg)->count, 1);
    struct read_run read;
    assert_int_equal(read_for(&f, engine_system(), id, "support", &read).fault, FAULT_NONE);

    version.request.erases = 2;
    RUN_OK(&f, use_version, &version);
    assert_int_equal(reg_plans(f.reg)->count, 2);
    assert_int_equal(read_for(&f, engine_system(), id, "support", &read).fault, FAULT_REFUSED);
    fixture_stop(&f);
}

static void real_register(struct fixture *f)
{
    struct register_create create = {.name = STR("example"),
                                     .policy_file = STR("example.yaml"),
                                     .policy = read_text(f, "policies/example.yaml")};
    struct db_places places = fixture_places(create.name);
    create.places = &places;
    struct problems problems = {.arena = f->arena};
    if (!is_ok(
            engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin)))
        fail_msg("register: %s", f->report.text);
    f->reg = engine_register(f->engine, STR("example"));
}

static void sweep_once(struct fixture *f, uint64_t items)
{
    struct swept swept;
    assert_true(is_ok(engine_heartbeat(f->engine, f->reg, &f->report)));
    if (!is_ok(engine_sweep(f->engine, f->reg, 1000, &f->report, &swept)))
        fail_msg("sweep: %s", f->report.text);
    assert_false(swept.braked);
    assert_int_equal(swept.items, items);
}

static void on(struct fixture *f, const char *now)
{
    f->sim.clock = at_time(now);
}

static void a_version_makes_unreadable_at_once_and_destroys_after_three_days(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 62, START);
    real_register(&f);
    weigh(&f, "support");
    dossier_id id = person(&f, "asker");
    (void)ask_question(&f, id, NULL);
    on(&f, "2026-01-11T08:00:00Z");
    sweep_once(&f, 0);
    on(&f, "2026-01-12T07:00:00Z");
    struct version_run version = {.problems = {.arena = f.arena},
                                  .request = {.policy_file = STR("example.yaml"),
                                              .policy = stricter(&f),
                                              .erases_stated = true,
                                              .erases = 2}};
    RUN_OK(&f, use_version, &version);
    struct read_run read;
    assert_int_equal(read_for(&f, engine_system(), id, "support", &read).fault, FAULT_REFUSED);
    sweep_once(&f, 0);
    /* Something else makes the person due: what the version ended is spared all the same. */
    struct event_record answered = {.subject = id, .event = STR("question_answered")};
    RUN_OK(&f, use_event, &answered);
    sweep_once(&f, 0);
    fixture_close(&f); /* nor does a new start shorten it */
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("example"));
    on(&f, "2026-01-13T06:00:00Z");
    sweep_once(&f, 0);
    on(&f, "2026-01-14T05:00:00Z");
    sweep_once(&f, 0);
    on(&f, "2026-01-15T04:00:00Z");
    sweep_once(&f, 0);
    on(&f, "2026-01-15T08:00:00Z");
    sweep_once(&f, 2);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(g9_who_is_not_a_tokens_is_answered_like_nobody_in_every_way),
        cmocka_unit_test(g9_a_consent_makes_the_person_known_for_its_purpose_and_for_no_other),
        cmocka_unit_test(g9_only_an_officer_of_everything_is_told_that_someone_was_erased),
        cmocka_unit_test(g9_a_bound_token_does_not_reach_the_register_or_a_person_as_a_whole),
        cmocka_unit_test(
            g1_a_purpose_that_the_token_lacks_is_refused_in_the_log_and_nothing_changes),
        cmocka_unit_test(g9_a_token_for_a_purpose_without_a_name_is_not_made),
        cmocka_unit_test(g1_what_a_refused_line_had_done_before_is_undone_in_the_log_too),
        cmocka_unit_test(g9_why_not_is_told_of_the_tokens_own_purposes_only),
        cmocka_unit_test(a_token_whose_making_was_undone_opens_nothing),
        cmocka_unit_test(an_item_belongs_to_the_only_controller_and_else_to_the_one_named),
        cmocka_unit_test(g9_a_token_of_one_controller_knows_nobody_of_the_other_and_names_no_other),
        cmocka_unit_test(
            a_request_to_one_controller_takes_nothing_from_the_other_and_tells_nothing),
        cmocka_unit_test(g5_a_use_for_which_no_company_answers_is_refused_and_stands_in_the_log),
        cmocka_unit_test(the_tokens_of_one_who_leaves_stop_at_once_and_the_register_opens_again),
        cmocka_unit_test(nobody_records_training_of_their_own),
        cmocka_unit_test(a_member_of_the_staff_erases_for_a_person_only_as_their_role_may),
        cmocka_unit_test(a_token_of_the_staff_does_not_act_as_the_person),
        cmocka_unit_test(g3_a_switch_destroys_nothing_that_a_claim_holds),
        cmocka_unit_test(g2_when_a_compatibility_ends_whoever_it_let_reach_is_due),
        cmocka_unit_test(g9_a_record_that_is_not_there_answers_alike_wherever_it_is_looked_for),
        cmocka_unit_test(a_hold_is_an_officers_and_a_consent_is_recorded_as_one),
        cmocka_unit_test(g9_what_an_operation_names_must_be_there_and_of_its_kind),
        cmocka_unit_test(what_a_law_keeps_of_an_erased_person_serves_that_law_alone),
        cmocka_unit_test(g3_someone_with_consents_alone_is_erased_whole_unless_a_claim_stands),
        cmocka_unit_test(g2_what_came_in_past_its_end_is_due_at_once),
        cmocka_unit_test(g2_with_the_last_role_the_empty_dossier_goes),
        cmocka_unit_test(a_dismissed_objection_is_over_and_its_reasons_are_in_the_persons_copy),
        cmocka_unit_test(
            g3_of_two_addresses_the_one_that_goes_leads_to_nobody_and_the_other_still_does),
        cmocka_unit_test(g12_callers_cannot_make_the_register_know_names_without_end),
        cmocka_unit_test(g12_a_full_dossier_takes_no_more_and_still_lets_the_person_withdraw),
        cmocka_unit_test(a_repeated_collection_gives_its_ids_for_a_day_and_only_to_its_token),
        cmocka_unit_test(a_version_that_is_shown_or_counted_wrongly_leaves_nothing_behind),
        cmocka_unit_test(a_version_makes_unreadable_at_once_and_destroys_after_three_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
