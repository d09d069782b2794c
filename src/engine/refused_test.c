/* What is refused before anything is looked at: what is not named, is too long, is over. Each by
 * its own words, and nothing is written. */
#include "engine_fixture.h"

#include <string.h>

#include "engine_internal.h"
#include "session.h"

USE_CASE(decline, struct decline)
USE_CASE(quarantine_decide, struct quarantine_decision)
USE_CASE(ruling, struct ruling_make)
USE_CASE(staff_role, struct staff_role)

static status try_share(struct call *call, void *request)
{
    struct shared shared;
    return engine_share(call, request, &shared);
}

static status try_service(struct call *call, void *request)
{
    struct service_answer answer;
    return engine_service(call, request, &answer);
}

static status try_token(struct call *call, void *request)
{
    str token;
    return engine_token_create(call, request, &token);
}

static status try_webhook(struct call *call, void *request)
{
    str shown;
    return engine_webhook_create(call, request, &shown);
}

struct asking {
    struct fixture f;
    dossier_id person;
};

#define REFUSED(use, request, wanted, words) RUN_SAYS(&a->f, use, request, wanted, words)
#define INVALID(use, request, words)         REFUSED(use, request, FAULT_INVALID, words)

static int set_up(void **state)
{
    struct asking *a = calloc(1, sizeof(*a));
    assert_non_null(a);
    fixture_start(&a->f, 81, "2026-03-01T09:00:00Z");
    fixture_register(&a->f, "example", "2026-03-01T09:00:00Z");
    static const str roles[] = {{"customer", 8}};
    struct subject_create who = {.roles = roles, .role_count = 1};
    RUN_OK(&a->f, use_subject_create, &who);
    a->person = a->f.call.outcome.id;
    *state = a;
    return 0;
}

static int tear_down(void **state)
{
    struct asking *a = *state;
    fixture_stop(&a->f);
    free(a);
    return 0;
}

static void what_is_not_named_is_asked_for_by_name(void **state)
{
    struct asking *a = *state;
    struct event_record event = {.subject = a->person};
    struct matter_create matter = {.number = STR("A-1")};
    struct message message = {.subject = a->person};
    struct switch_set stop = {.subject = a->person};
    struct party_create party = {.name = STR("Post AS")};
    struct read read = {.subject = a->person};
    struct share share = {.subject = a->person};
    struct staff_create member = {.name = STR("Mona")};
    struct staff_role role = {.staff = a->person};
    struct role_change change = {.subject = a->person};
    struct service_ask service = {.subject = a->person};
    INVALID(use_event, &event, "an event has a name");
    INVALID(use_matter_create, &matter, "a matter names its kind");
    INVALID(use_message, &message, "name the message");
    INVALID(use_switch, &stop, "a switch has a name");
    INVALID(use_party_create, &party, "names its kind of recipient");
    INVALID(use_read, (&(struct read_run){.request = read}), "a read names its purpose");
    INVALID(try_share, &share, "names its purpose and its recipient");
    INVALID(use_staff_create, &member, "has a staff role");
    INVALID(use_staff_role, &role, "name a staff role of the policy");
    INVALID(use_role, &change, "a role has a name");
    INVALID(try_service, &service, "named by the purpose that delivers it");
}

static void what_a_decision_rests_on_is_said(void **state)
{
    struct asking *a = *state;
    struct ruling_make ruling = {.subject = a->person,
                                 .purpose = STR("accounts"),
                                 .outcome = STR("no"),
                                 .logic = STR("points")};
    struct quarantine_decision decision = {.id = a->person};
    struct decline none = {.subject = a->person};
    static const record_id item = {{1}};
    INVALID(use_ruling, &ruling, "names the items that it rests on");
    ruling.items = &item;
    ruling.item_count = 1;
    ruling.purpose = STR("");
    INVALID(use_ruling, &ruling, "a decision is taken for a purpose");
    INVALID(use_quarantine_decide, &decision, "a decision gives its reasons");
    INVALID(use_decline, &none, "fields are declined at a time");
}

static void names_that_are_too_long_or_in_no_list_are_not_repeated(void **state)
{
    struct asking *a = *state;
    char longer[66];
    memset(longer, 'x', sizeof(longer));
    struct evidence_record evidence = {
        .type = STR("agreement"), .subject = a->person, .version = {longer, 65}};
    INVALID(use_evidence, &evidence, "a version is at most 64 characters long");
    evidence.version = STR("2031-12");
    INVALID(use_evidence, &evidence, "the register has no such version");
    struct event_record event = {.subject = a->person, .event = STR("qqqqqqqqqqqqqqqqqqqqqq")};
    INVALID(use_event, &event, "the policy has no such event");
    assert_string_equal(a->f.report.text, "the policy has no such event");
}

static void a_number_is_of_one_matter(void **state)
{
    struct asking *a = *state;
    struct matter_create matter = {.kind = STR("order_no"), .number = STR("A-1")};
    RUN_OK(&a->f, use_matter_create, &matter);
    REFUSED(use_matter_create, &matter, FAULT_CONFLICT, "taken by another order_no");
    matter.kind = STR("vacancy"); /* of another kind it is another number */
    RUN_OK(&a->f, use_matter_create, &matter);
    matter.number = STR(" \t ");
    INVALID(use_matter_create, &matter, "the value is not a text");
}

static void whoever_has_no_such_role_loses_none(void **state)
{
    struct asking *a = *state;
    struct role_change change = {.subject = a->person, .role = STR("candidate"), .ends = true};
    REFUSED(use_role, &change, FAULT_CONFLICT, "does not hold that role");
    change.role = STR("customer");
    RUN_OK(&a->f, use_role, &change);
    REFUSED(use_role, &change, FAULT_CONFLICT, "does not hold that role");
}

static void an_event_of_a_person_names_the_person(void **state)
{
    struct asking *a = *state;
    struct event_record event = {.event = STR("question_answered")};
    INVALID(use_event, &event, "this event is a person's: name the subject");
}

static void what_has_too_much_is_told_how_much_there_may_be(void **state)
{
    struct asking *a = *state;
    static const str network = {"10.0.0.0/8", 10};
    str networks[65];
    for (size_t i = 0; i < LENGTH(networks); i++)
        networks[i] = network;
    struct token_create token = {.name = STR("shop"),
                                 .scopes = STR("read"),
                                 .networks = networks,
                                 .network_count = LENGTH(networks)};
    INVALID(try_token, &token, "at most 64 networks");
    struct import_line line = {.number = 1};
    char *text = malloc(LIMIT_IMPORT_LINE_BYTES + 1);
    assert_non_null(text);
    memset(text, ' ', LIMIT_IMPORT_LINE_BYTES + 1);
    line.text = (str){text, LIMIT_IMPORT_LINE_BYTES + 1};
    REFUSED(use_import, &line, FAULT_LIMIT, "a line is at most");
    free(text);
    struct forecast_run forecast = {.days = 0};
    INVALID(use_forecast, &forecast, "a forecast looks 1 to");
    forecast.days = 1 << 20;
    INVALID(use_forecast, &forecast, "a forecast looks 1 to");
    char name[201];
    memset(name, 'n', sizeof(name));
    struct party_create party = {.kind = STR("carrier"), .name = {name, sizeof(name)}};
    INVALID(use_party_create, &party, "a party's name has at most 200 bytes");
}

static void a_webhook_goes_to_https_or_to_this_machine(void **state)
{
    struct asking *a = *state;
    static const char *const urls[] = {"",
                                       "ftp://x.example/",
                                       "http://x.example/hook",
                                       "https://user@x.example/",
                                       "https://x.example/#part",
                                       "https://x.example/a b"};
    for (size_t i = 0; i < LENGTH(urls); i++) {
        struct webhook_create hook = {.url = str_from(urls[i])};
        INVALID(try_webhook, &hook, "a webhook goes to https://host/path");
    }
}

static void a_party_is_of_the_kind_that_is_named(void **state)
{
    struct asking *a = *state;
    struct share share = {.subject = a->person,
                          .purpose = STR("orders"),
                          .recipient = STR("carrier"),
                          .party = a->person};
    INVALID(try_share, &share, "no party of this kind has that id");
}

static status create(struct asking *a, const char *name, const char *policy, bool strict)
{
    struct register_create create = {.name = str_from(name),
                                     .policy_file = STR("policies/x.yaml"),
                                     .policy = str_from(policy),
                                     .strict = strict,
                                     .simulated = true,
                                     .start = at_time("2026-03-01T09:00:00Z")};
    struct problems problems = {.arena = a->f.arena};
    str token;
    a->f.report = (struct report){0};
    return engine_register_create(a->f.engine, &create, a->f.arena, &problems, &a->f.report,
                                  &token);
}

static void a_register_has_a_name_that_a_folder_can_have(void **state)
{
    struct asking *a = *state;
    str policy = read_text(&a->f, "policies/example.yaml");
    static const char longer[] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const char *const names[] = {"", "..", "A", "1a", "a/b", longer};
    for (size_t i = 0; i < LENGTH(names); i++) {
        assert_int_equal(create(a, names[i], arena_c_string(a->f.arena, policy), false).fault,
                         FAULT_INVALID);
        assert_non_null(strstr(a->f.report.text, "a register's name is"));
    }
}

static void a_policy_without_a_date_of_its_own_is_not_in_force(void **state)
{
    struct asking *a = *state;
    str policy = read_text(&a->f, "policies/confect.yaml"); /* its deployment says when */
    assert_int_equal(create(a, "alone", arena_c_string(a->f.arena, policy), false).fault,
                     FAULT_INVALID);
    assert_non_null(strstr(a->f.report.text, "no version or no effective date"));
    assert_int_equal(create(a, "strict", arena_c_string(a->f.arena, policy), true).fault,
                     FAULT_INVALID);
}

static void a_clock_that_is_real_or_ahead_is_not_set(void **state)
{
    struct asking *a = *state;
    struct swept swept;
    struct report report = {0};
    assert_int_equal(
        engine_clock_set(a->f.engine, a->f.reg, at_time("2026-02-01T09:00:00Z"), &report, &swept)
            .fault,
        FAULT_CLOCK);
    assert_non_null(strstr(report.text, "never goes back"));
    a->f.reg->simulated = false;
    report = (struct report){0};
    status set =
        engine_clock_set(a->f.engine, a->f.reg, at_time("2026-04-01T09:00:00Z"), &report, &swept);
    a->f.reg->simulated = true;
    assert_int_equal(set.fault, FAULT_FORBIDDEN);
    assert_non_null(strstr(report.text, "is real"));
}

/* The example with one of its lines said otherwise. */
static const char *example_with(struct asking *a, const char *from, const char *to)
{
    str text = read_text(&a->f, "policies/example.yaml");
    const char *at = memmem(text.ptr, text.len, from, strlen(from));
    assert_non_null(at);
    str first = {text.ptr, (size_t)(at - text.ptr)};
    str rest = str_slice(text, first.len + strlen(from), text.len);
    return arena_format(a->f.arena, "%.*s%s%.*s", STR_ARG(first), to, STR_ARG(rest)).ptr;
}

static void a_strict_register_has_no_findings_and_a_name_of_its_own(void **state)
{
    struct asking *a = *state;
    const char *lax = example_with(a, "  withdraw: ", "  # withdraw: ");
    assert_int_equal(create(a, "strict", lax, true).fault, FAULT_INVALID);
    assert_non_null(strstr(a->f.report.text, "refuses a policy with findings"));
    assert_true(is_ok(create(a, "lax", lax, false)));
    assert_int_equal(create(a, "lax", lax, false).fault, FAULT_CONFLICT);
    assert_non_null(strstr(a->f.report.text, "register lax exists already"));
}

static struct version_run version_of(struct asking *a, const char *policy)
{
    return (struct version_run){
        .request = {.policy_file = STR("x.yaml"), .policy = str_from(policy), .preview = true},
        .problems = {.arena = a->f.arena}};
}

static void a_version_follows_the_others_of_its_own_policy(void **state)
{
    struct asking *a = *state;
    struct version_run other = version_of(a, example_with(a, "policy: example", "policy: sample"));
    REFUSED(use_version, &other, FAULT_CONFLICT, "of the register's own policy");
    struct version_run next =
        version_of(a, example_with(a, "version: \"2026-01\"", "version: \"2026-02\""));
    next.request.effective = at_time("2026-04-01T00:00:00Z");
    INVALID(use_version, &next, "a new version says in its file when it comes into force");
    assert_true(is_ok(create(
        a, "later", example_with(a, "effective: 2026-01-01", "effective: 2026-12-01"), false)));
    a->f.reg = engine_register(a->f.engine, STR("later"));
    struct version_run first =
        version_of(a, example_with(a, "version: \"2026-01\" ", "version: \"2025-12\" "));
    REFUSED(use_version, &first, FAULT_CONFLICT, "the register's first version comes first");
}

static status try_recording(struct call *call, void *request)
{
    return engine_recording_start(call, request);
}

static status try_once(struct call *call, void *request)
{
    bool again;
    return call_once(call, *(const str *)request, STR("body"), &again);
}

static void what_is_not_said_as_it_must_be_is_named(void **state)
{
    struct asking *a = *state;
    static const char longer[] = {[255] = 'k'};
    const str keys[] = {{"", 0}, {longer, sizeof(longer)}};
    struct objection_make objection = {.subject = a->person};
    struct restriction restriction = {.subject = a->person, .reason = STR("because")};
    struct recording_start recording = {.subject = a->person};
    struct staff_create member = {
        .role = STR("shop_desk"), .name = STR("Mona"), .email = STR("mona")};
    struct evidence_record evidence = {.type = STR("training")};
    struct message message = {.subject = a->person,
                              .message = STR("answer"),
                              .channel = STR("email"),
                              .text = STR("Because.")};
    INVALID(use_object, &objection, "an objection names the purpose, or marketing");
    INVALID(use_restrict, &restriction, "a restriction's reason is accuracy");
    INVALID(try_recording, &recording, "a recording names the intake");
    INVALID(use_staff_create, &member, "this is no address");
    INVALID(use_evidence, &evidence, "training is bound to a actor: name it");
    INVALID(use_message, &message, "a text comes with what Vern queues and sends itself");
    for (size_t i = 0; i < LENGTH(keys); i++)
        INVALID(try_once, (void *)(uintptr_t)&keys[i], "an idempotency key has 1 to 255");
}

static status try_letter(struct call *call, void *request)
{
    return engine_letter(call, request);
}

static void a_letter_is_of_what_there_is(void **state)
{
    struct asking *a = *state;
    struct collect_value values[] = {{STR("contact.email"), STR("kari@example.test"), false},
                                     {STR("question.text"), STR("Why?"), false}};
    struct evidence_record balancing = {.type = STR("balancing"), .purpose = STR("support")};
    RUN_OK(&a->f, use_evidence, &balancing);
    struct collect_run collect = {.request = {.subject = a->person,
                                              .intake = STR("contact_form"),
                                              .source = STR("person"),
                                              .values = values,
                                              .value_count = 2}};
    RUN_OK(&a->f, use_collect, &collect);
    struct letter_ask letter = {
        .subject = a->person,
        .item = collect.result.items[0],
        .paper = STR("changes"),
        .notice = {.type = STR("bought_before"), .version = STR("2026-01")}};
    INVALID(try_letter, &letter, "this type is no notice");
    letter.notice.version = STR("2031-12");
    INVALID(try_letter, &letter, "the register has no such version");
}

static status try_session(struct call *call, void *request)
{
    struct session_view view;
    (void)request;
    return engine_session_show(call, STR("v1.nobody"), &view);
}

static void a_cookie_of_nobody_is_no_session(void **state)
{
    struct asking *a = *state;
    REFUSED(try_session, NULL, FAULT_UNAUTHENTICATED, fault_text(FAULT_UNAUTHENTICATED));
}

static void a_line_whose_members_are_of_another_type_is_not_read(void **state)
{
    struct asking *a = *state;
    static const char *const lines[] = {
        "{\"number\":\"7\",\"roles\":\"customer\"}",
        "{\"number\":\"7\",\"evidence\":[{\"type\":\"training\",\"asks\":[]}]}",
        "{\"number\":\"7\",\"evidence\":[{\"type\":\"training\",\"by_subject\":1}]}"};
    for (size_t i = 0; i < LENGTH(lines); i++) {
        struct import_line line = {.number = 1, .text = str_from(lines[i])};
        INVALID(use_import, &line, "is of another type");
    }
}

static void nothing_is_signed_for_a_webhook_that_is_none(void **state)
{
    struct asking *a = *state;
    char room[256];
    struct buf out = buf_over(room, sizeof(room));
    struct report report = {0};
    assert_int_equal(reg_webhook_sign(a->f.reg, a->person, STR("1.body"), &out, &report).fault,
                     FAULT_NOT_FOUND);
    assert_int_equal(out.len, 0);
}

/* What stands half done is finished by a new start, and by nothing else. */
static void what_could_not_be_finished_lets_nothing_more_be_answered(void **state)
{
    struct asking *a = *state;
    struct matter_create matter = {.kind = STR("order_no"), .number = STR("A-1")};
    a->f.engine->poisoned = true;
    REFUSED(use_matter_create, &matter, FAULT_STORE, "nothing more is answered until a new start");
    a->f.engine->poisoned = false;
    RUN_OK(&a->f, use_matter_create, &matter);
}

static status end_register(struct asking *a, struct reg *reg)
{
    struct register_end end = {.name = reg->name, .choice = STR("erase")};
    a->f.report = (struct report){0};
    struct register_ending work = {.reg = reg,
                                   .caller = engine_system(),
                                   .arena = a->f.arena,
                                   .report = &a->f.report,
                                   .request = &end};
    return engine_register_end(&work);
}

static status try_space_request(struct call *call, void *request)
{
    str document;
    return engine_space_request(call, request, &document);
}

static void a_space_ends_as_the_policy_offers_and_before_its_firm(void **state)
{
    struct asking *a = *state;
    struct reg *space = a->f.reg,
               *firm = fixture_register(&a->f, "hosting", "2026-03-01T09:00:00Z");
    struct matter_create matter = {.kind = STR("service"), .number = STR("N-1")};
    RUN_OK(&a->f, use_matter_create, &matter);
    dossier_id service = a->f.call.outcome.id;
    space->space_of = firm->id;
    space->space_matter = service;
    assert_int_equal(end_register(a, space).fault, FAULT_CONFLICT);
    assert_non_null(strstr(a->f.report.text, "a customer's space is ended by its firm"));
    assert_int_equal(end_register(a, firm).fault, FAULT_CONFLICT);
    assert_non_null(strstr(a->f.report.text, "end the spaces of its customers first"));
    struct space_end end = {
        .matter = service, .space = STR("customer_data"), .choice = STR("keep")};
    struct space_work work = {
        .firm = firm, .caller = engine_system(), .arena = a->f.arena, .report = &a->f.report};
    uint64_t index;
    a->f.report = (struct report){0};
    assert_int_equal(engine_space_end(&work, &end, &index).fault, FAULT_INVALID);
    assert_non_null(strstr(a->f.report.text, "does not offer this end of a space"));
    struct space_request asked = {
        .matter = service, .space = STR("customer_data"), .right = STR("see_all")};
    INVALID(try_space_request, &asked, "a right: access, erase");
}

struct work_told {
    dossier_id whom;
    record_id task;
};

static status be_told(struct call *call, void *request)
{
    struct work_told *told = request;
    struct dossier *dossier;
    enum presence presence;
    const struct permit *permit;
    struct fact_task task = {.kind = TASK_TELL, .name = 1, .due = NEVER};
    TRY(vault_load(call->reg->vault, told->whom, call->arena, call->report, &presence, &dossier));
    struct operation op = call_operation(call, ACTION_RECORD, told->whom);
    TRY(call_write(call, dossier->facts, &op, "told", decision_by_scope(), NULL, 0, &permit));
    TRY(call_task_add(call, dossier, permit, &task, STR("")));
    told->task = task.id;
    return call_store_dossier(call, dossier, permit);
}

static status try_drop(struct call *call, void *request)
{
    return engine_message_drop(call, request);
}

static void what_is_to_be_told_is_no_message_and_is_proved_duty_by_duty(void **state)
{
    struct asking *a = *state;
    struct work_told told = {.whom = a->person};
    RUN_OK(&a->f, be_told, &told);
    struct task_done done = {.dossier = told.whom, .task = told.task};
    REFUSED(try_drop, &done, FAULT_CONFLICT, "only a message that waits can be dropped");
    struct party_create party = {.kind = STR("carrier"), .name = STR("Post AS")};
    RUN_OK(&a->f, use_party_create, &party);
    told.whom = a->f.call.outcome.id;
    RUN_OK(&a->f, be_told, &told);
    done = (struct task_done){.dossier = told.whom, .task = told.task, .proof = STR("mail 7")};
    INVALID(use_task_done, &done, "only what was done for a person keeps its proof here");
    done.proof = STR("");
    REFUSED(use_task_done, &done, FAULT_CONFLICT, "closed by its duties, each with its proof");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_is_not_named_is_asked_for_by_name),
        TEST(what_a_decision_rests_on_is_said),
        TEST(names_that_are_too_long_or_in_no_list_are_not_repeated),
        TEST(a_number_is_of_one_matter),
        TEST(whoever_has_no_such_role_loses_none),
        TEST(an_event_of_a_person_names_the_person),
        TEST(what_has_too_much_is_told_how_much_there_may_be),
        TEST(a_webhook_goes_to_https_or_to_this_machine),
        TEST(a_party_is_of_the_kind_that_is_named),
        TEST(a_register_has_a_name_that_a_folder_can_have),
        TEST(a_policy_without_a_date_of_its_own_is_not_in_force),
        TEST(a_clock_that_is_real_or_ahead_is_not_set),
        TEST(a_strict_register_has_no_findings_and_a_name_of_its_own),
        TEST(a_version_follows_the_others_of_its_own_policy),
        TEST(what_is_not_said_as_it_must_be_is_named),
        TEST(a_letter_is_of_what_there_is),
        TEST(a_space_ends_as_the_policy_offers_and_before_its_firm),
        TEST(a_cookie_of_nobody_is_no_session),
        TEST(a_line_whose_members_are_of_another_type_is_not_read),
        TEST(nothing_is_signed_for_a_webhook_that_is_none),
        TEST(what_could_not_be_finished_lets_nothing_more_be_answered),
        TEST(what_is_to_be_told_is_no_message_and_is_proved_duty_by_duty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
