/* What is told from the live register: to whom data goes, on which ground, where it lies, and how
 * the person sees it herself; and what is not registered processes nothing. */
#include "engine_fixture.h"

#include <string.h>

#include "engine_internal.h"

static void start(struct fixture *f, const char *policy, const char *company)
{
    fixture_start(f, 51, "2026-03-02T09:00:00Z");
    fixture_register(f, policy, "2026-03-02T09:00:00Z");
    f->company = company;
}

static const struct json *parsed(struct fixture *f, str document)
{
    const struct json *json;
    if (!is_ok(json_parse(f->arena, document, &f->report, &json)))
        fail_msg("%.*s", STR_ARG(document));
    return json;
}

static str text_in(const struct json *object, const char *member)
{
    str text = STR("");
    (void)json_str(json_get(object, member), &text);
    return text;
}

static bool is_true(const struct json *object, const char *member)
{
    bool value = false;
    (void)json_bool(json_get(object, member), &value);
    return value;
}

static const struct json *row_of(const struct json *rows, const char *member, const char *value)
{
    for (JSON_EACH(one, rows)) {
        if (str_is(text_in(one, member), value))
            return one;
    }
    return NULL;
}

/* ---- recipients ---- */

static status use_recipients(struct call *call, void *request)
{
    return engine_recipient_list(call, request);
}

/* INF-51: of each recipient the categories, and the basis of each purpose */
static void each_recipient_is_listed_with_categories_and_basis(void **state)
{
    (void)state;
    struct fixture f;
    str document;
    size_t open = 0;
    start(&f, "infobric", "infobric_time");
    RUN_OK(&f, use_recipients, &document);
    const struct json *recipients = json_get(parsed(&f, document), "recipients");
    const struct plan *plan = reg_plan(f.reg, reg_now(f.reg));
    assert_int_equal(recipients->count, plan->recipient_count);
    for (JSON_EACH(one, recipients)) {
        const struct json *purposes = json_get(one, "purposes");
        if (is_true(one, "never") || is_true(one, "closed")) {
            assert_null(purposes);
            continue;
        }
        open++;
        assert_true(purposes->count > 0 && json_get(one, "categories")->count > 0);
        for (JSON_EACH(purpose, purposes)) {
            assert_false(str_is_empty(text_in(purpose, "basis")));
            assert_true(str_starts(text_in(purpose, "article"), STR("GDPR 6(1)")));
        }
    }
    assert_true(open > 1);
    const struct json *provider = row_of(recipients, "recipient", "provider");
    const struct json *apps = row_of(json_get(provider, "purposes"), "purpose", "deliver_apps");
    assert_true(str_is(text_in(apps, "basis"), "contract"));
    assert_true(json_get(json_get(apps, "says"), "nb") != NULL);
    fixture_stop(&f);
}

/* ---- parties ---- */

static dossier_id new_party(struct fixture *f, const char *kind, const char *name, const char *zone)
{
    struct party_create create = {
        .kind = str_from(kind), .name = str_from(name), .zone = str_from(zone)};
    RUN_OK(f, use_party_create, &create);
    return f->call.outcome.id;
}

static void record(struct fixture *f, struct evidence_record *request, const char *ask)
{
    struct particular asks[] = {{str_from(ask), STR("D-1")}, {STR("purposes"), STR("all")}};
    request->asks = asks;
    request->ask_count = LENGTH(asks);
    RUN_OK(f, use_evidence, request);
}

struct parties_run {
    struct party_list request;
    struct party_page page;
};

static status use_parties(struct call *call, void *request)
{
    struct parties_run *parties = request;
    return engine_party_list(call, &parties->request, &parties->page);
}

static const struct json *parties_of(struct fixture *f)
{
    struct parties_run parties = {.request = {.limit = 100}};
    RUN_OK(f, use_parties, &parties);
    return parsed(f, parties.page.parties);
}

/* CON-47: from the live register, so never out of date */
static void the_subcontractors_of_this_moment_are_listed_with_their_details(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "confect", NULL);
    assert_int_equal(parties_of(&f)->count, 0);
    dossier_id host = new_party(&f, "subcontractor", "Vert AS", "eea");
    struct party_create below = {
        .kind = STR("subcontractor"), .name = STR("Kjeller AS"), .zone = STR("eu"), .under = host};
    RUN_OK(&f, use_party_create, &below);
    const struct json *parties = parties_of(&f);
    assert_int_equal(parties->count, 2);
    assert_true(str_is(text_in(row_of(parties, "name", "Vert AS"), "zone"), "eea"));
    assert_int_equal(json_get(row_of(parties, "name", "Vert AS"), "agreements")->count, 0);
    assert_false(str_is_empty(text_in(row_of(parties, "name", "Kjeller AS"), "under")));
    struct evidence_record agreement = {.type = STR("processing_agreement"), .party = host};
    record(&f, &agreement, "document");
    record_id there = f.call.outcome.record;
    const struct json *agreements =
        json_get(row_of(parties_of(&f), "name", "Vert AS"), "agreements");
    assert_true(is_true(row_of(agreements, "type", "processing_agreement"), "live"));
    struct evidence_end end = {.dossier = host, .record = there};
    RUN_OK(&f, use_evidence_end, &end);
    agreements = json_get(row_of(parties_of(&f), "name", "Vert AS"), "agreements");
    assert_false(is_true(row_of(agreements, "type", "processing_agreement"), "live"));
    fixture_stop(&f);
}

/* ---- transfers ---- */

struct share_run {
    struct share request;
    struct shared result;
};

static status use_share(struct call *call, void *request)
{
    struct share_run *share = request;
    return engine_share(call, &share->request, &share->result);
}

/* Someone with an account in an app. */
static dossier_id account_holder(struct fixture *f)
{
    str role = STR("account_holder");
    struct matter_create create = {.kind = STR("app"), .number = STR("1")};
    struct subject_create person = {.roles = &role, .role_count = 1};
    RUN_OK(f, use_matter_create, &create);
    dossier_id app = f->call.outcome.id;
    struct evidence_record listed = {.type = STR("app_listed"), .matter = app};
    record(f, &listed, "link_to_policy");
    RUN_OK(f, use_subject_create, &person);
    dossier_id id = f->call.outcome.id;
    struct evidence_record agreement = {.type = STR("agreement"), .subject = id, .matter = app};
    RUN_OK(f, use_evidence, &agreement);
    struct collect_value values[] = {{STR("contact.name"), STR("Kari Prøve"), true},
                                     {STR("contact.work_email"), STR("kari@example.org"), true},
                                     {STR("account.login_id"), STR("kari-1"), true}};
    struct collect_run collect = {.request = {.subject = id,
                                              .matter = app,
                                              .intake = STR("app_account"),
                                              .source = STR("person"),
                                              .values = values,
                                              .value_count = LENGTH(values)}};
    RUN_OK(f, use_collect, &collect);
    return id;
}

static enum fault_class give(struct fixture *f, dossier_id person, dossier_id party)
{
    str field = STR("account.login_id");
    struct share_run share = {.request = {.subject = person,
                                          .party = party,
                                          .recipient = STR("provider"),
                                          .purpose = STR("deliver_apps"),
                                          .fields = &field,
                                          .field_count = 1}};
    return run(f, use_share, &share).fault;
}

static const struct json *copy_of(struct fixture *f, dossier_id person)
{
    struct export_run export = {.request = {.subject = person}};
    RUN_OK(f, use_export, &export);
    return parsed(f, export.document);
}

/* INF-77 */
static void the_copy_lists_the_countries_outside_and_the_safeguards_for_her_data(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "infobric", "infobric_time");
    dossier_id kari = account_holder(&f);
    dossier_id home = new_party(&f, "provider", "Hjemme AS", "eu"),
               away = new_party(&f, "provider", "Away Inc", "us"),
               never = new_party(&f, "provider", "Never Inc", "in");
    const dossier_id all[] = {home, away, never};
    for (size_t i = 0; i < LENGTH(all); i++) {
        struct evidence_record agreement = {.type = STR("provider_agreement"), .party = all[i]};
        record(&f, &agreement, "document");
    }
    if (give(&f, kari, home) != FAULT_NONE)
        fail_msg("%s", f.report.text);
    assert_int_equal(give(&f, kari, away), FAULT_REFUSED);
    assert_null(row_of(json_get(copy_of(&f, kari), "recipients"), "name", "Away Inc"));
    struct evidence_record transfer = {.type = STR("transfer_agreement"), .party = away};
    record(&f, &transfer, "document");
    assert_int_equal(give(&f, kari, away), FAULT_NONE);
    const struct json *recipients = json_get(copy_of(&f, kari), "recipients");
    assert_int_equal(recipients->count, 2); /* hers, and nobody else's */
    const struct json *out = row_of(recipients, "name", "Away Inc");
    assert_true(str_is(text_in(out, "zone"), "us") && is_true(out, "outside"));
    assert_true(is_true(row_of(json_get(out, "safeguards"), "type", "transfer_agreement"), "live"));
    const struct json *in = row_of(recipients, "name", "Hjemme AS");
    assert_true(str_is(text_in(in, "zone"), "eu") && !is_true(in, "outside"));
    fixture_stop(&f);
}

/* ---- until when ---- */

static dossier_id applicant(struct fixture *f)
{
    str role = STR("candidate");
    struct matter_create vacancy = {.kind = STR("vacancy"), .number = STR("1")};
    struct subject_create person = {.roles = &role, .role_count = 1};
    RUN_OK(f, use_matter_create, &vacancy);
    dossier_id matter = f->call.outcome.id;
    RUN_OK(f, use_subject_create, &person);
    dossier_id id = f->call.outcome.id;
    struct collect_value values[] = {{STR("basic.name"), STR("Kari Prøve"), true},
                                     {STR("basic.email"), STR("kari@example.org"), true},
                                     {STR("job_application.application"), STR("Hei"), true}};
    struct collect_run collect = {.request = {.subject = id,
                                              .matter = matter,
                                              .intake = STR("application"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .controller = STR("confect"),
                                              .values = values,
                                              .value_count = LENGTH(values)}};
    RUN_OK(f, use_collect, &collect);
    struct event_record came = {
        .event = STR("application_received"), .subject = id, .matter = matter, .by_subject = true};
    RUN_OK(f, use_event, &came);
    return id;
}

/* CON-56 */
static void the_copy_says_of_each_item_when_it_ends_and_by_which_clock(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "confect", "confect");
    const struct json *items = json_get(copy_of(&f, applicant(&f)), "items");
    assert_int_equal(items->count, 3);
    for (JSON_EACH(item, items)) {
        const struct json *ground = row_of(json_get(item, "purposes"), "purpose", "recruitment");
        assert_true(str_is(text_in(item, "ends"), "2026-09-01T22:00:00Z"));
        assert_true(str_is(text_in(ground, "ends"), "2026-09-01T22:00:00Z"));
        assert_true(str_starts(text_in(ground, "rule"), STR("purposes.recruitment.keep")));
    }
    fixture_stop(&f);
}

/* ---- seeing for oneself ---- */

/* HOS-48 */
static void the_copy_says_how_she_sees_her_data_herself(void **state)
{
    (void)state;
    struct fixture f;
    str role = STR("customer");
    struct subject_create create = {.roles = &role, .role_count = 1};
    start(&f, "hosting", NULL);
    RUN_OK(&f, use_subject_create, &create);
    dossier_id id = f.call.outcome.id;
    const struct json *how = json_get(copy_of(&f, id), "how_to_see");
    assert_true(is_true(how, "at_portal"));
    assert_true(str_starts(text_in(how, "nb"), STR("Logg inn i portalen")));
    assert_true(str_starts(text_in(how, "en"), STR("Sign in to the portal")));
    assert_non_null(row_of(json_get(how, "contacts"), "kind", "phone"));
    fixture_stop(&f);
    start(&f, "confect", NULL); /* which has no portal for it */
    struct subject_create nobody = {0};
    RUN_OK(&f, use_subject_create, &nobody);
    id = f.call.outcome.id;
    assert_false(is_true(json_get(copy_of(&f, id), "how_to_see"), "at_portal"));
    fixture_stop(&f);
}

/* ---- services ---- */

static enum fault_class registers(struct fixture *f, dossier_id person, dossier_id service,
                                  const char *intake)
{
    struct collect_value values[] = {{STR("identity.person_name"), STR("Gro Prøve"), true},
                                     {STR("contact.work_email"), STR("gro@example.org"), true}};
    struct collect_run collect = {.request = {.subject = person,
                                              .matter = service,
                                              .intake = str_from(intake),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .values = values,
                                              .value_count = LENGTH(values)}};
    return run(f, use_collect, &collect).fault;
}

/* COB-04 */
static void a_service_that_is_not_registered_processes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    str role = STR("user");
    struct subject_create create = {.roles = &role, .role_count = 1};
    start(&f, "cobuilder", NULL);
    RUN_OK(&f, use_subject_create, &create);
    dossier_id gro = f.call.outcome.id, unknown = {{7}};
    struct evidence_record agreement = {
        .type = STR("agreement"), .subject = gro, .matter = unknown};
    RUN_FAULT(&f, use_evidence, &agreement, FAULT_NOT_FOUND);
    assert_int_equal(registers(&f, gro, unknown, "registration"), FAULT_NOT_FOUND);
    assert_int_equal(registers(&f, gro, gro, "registration"), FAULT_NOT_FOUND); /* a person */
    struct matter_create other = {.kind = STR("side_business"), .number = STR("1")};
    RUN_FAULT(&f, use_matter_create, &other, FAULT_INVALID);
    struct matter_create service = {.kind = STR("service"), .number = STR("S-1")};
    RUN_OK(&f, use_matter_create, &service);
    agreement.matter = f.call.outcome.id;
    RUN_OK(&f, use_evidence, &agreement);
    assert_int_equal(registers(&f, gro, agreement.matter, "side_form"), FAULT_INVALID);
    assert_int_equal(json_get(copy_of(&f, gro), "items")->count, 0);
    assert_int_equal(registers(&f, gro, agreement.matter, "registration"), FAULT_NONE);
    assert_int_equal(json_get(copy_of(&f, gro), "items")->count, 2);
    fixture_stop(&f);
}

/* ---- what she was told ---- */

static str kept_text(struct fixture *f, dossier_id person)
{
    const struct json *evidence = json_get(copy_of(f, person), "evidence");
    const struct json *notice = row_of(evidence, "type", "notice");
    return text_in(json_get(notice, "details"), "text");
}

static bool holds(str text, str part)
{
    return part.len > 0 && memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
}

/* CON-08, CLO-30, COB-13: the text, in its language, with her reference, is kept and shown to her
 */
static void the_notice_that_was_given_is_kept_word_for_word(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "confect", "confect");
    str role = STR("candidate"), reference;
    struct subject_create create = {.roles = &role, .role_count = 1};
    RUN_OK(&f, use_subject_create, &create);
    dossier_id ola = f.call.outcome.id;
    RUN_OK(&f, use_subject_create, &create);
    dossier_id kari = f.call.outcome.id;
    struct evidence_record told = {
        .type = STR("notice"), .subject = ola, .told = STR("application"), .language = STR("en")};
    RUN_OK(&f, use_evidence, &told);
    assert_true(is_ok(engine_reference(&f.call, ola, &reference)));
    str text = kept_text(&f, ola);
    assert_true(holds(text, reference));
    assert_true(holds(text, STR("6 months after the last time you apply")));
    assert_true(holds(text, STR("Datatilsynet")));
    told.subject = kari;
    told.language = STR("");
    RUN_OK(&f, use_evidence, &told);
    text = kept_text(&f, kari);
    assert_true(holds(text, STR("6 måneder etter siste gang du søker")));
    assert_false(holds(text, reference));
    fixture_stop(&f);
}

/* In a language that the policy has no names in there is no notice, and no answer of article 15:
 * nothing of either stays, not even in the log. */
static void a_paper_in_a_language_that_the_policy_does_not_speak_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "example", NULL);
    str role = STR("candidate");
    struct subject_create create = {.roles = &role, .role_count = 1};
    RUN_OK(&f, use_subject_create, &create);
    dossier_id ola = f.call.outcome.id;
    struct evidence_record told = {
        .type = STR("notice"), .subject = ola, .told = STR("job_form"), .language = STR("nn")};
    RUN_FAULT(&f, use_evidence, &told, FAULT_INCOMPLETE);
    struct paper *paper = NULL;
    struct export_run export = {
        .request = {.subject = ola, .language = STR("nn"), .paper = &paper}};
    uint64_t size = audit_size(f.reg->log);
    RUN_FAULT(&f, use_export, &export, FAULT_INCOMPLETE);
    assert_int_equal(audit_size(f.reg->log), size);
    assert_null(paper);
    assert_int_equal(json_get(copy_of(&f, ola), "evidence")->count, 0);
    fixture_stop(&f);
}

/* What is no notice of ours is refused, and nothing of it stays. */
static void a_notice_that_we_do_not_have_is_not_recorded_as_given(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "confect", "confect");
    str role = STR("candidate");
    struct subject_create create = {.roles = &role, .role_count = 1};
    RUN_OK(&f, use_subject_create, &create);
    dossier_id ola = f.call.outcome.id;
    struct evidence_record told = {.type = STR("notice"), .subject = ola, .told = STR("kanari")};
    RUN_FAULT(&f, use_evidence, &told, FAULT_INVALID);
    told.told = STR("application");
    told.language = STR("sv");
    RUN_FAULT(&f, use_evidence, &told, FAULT_INVALID);
    told.told = STR("");
    RUN_FAULT(&f, use_evidence, &told, FAULT_INVALID);
    told = (struct evidence_record){
        .type = STR("sold_to_before"), .subject = ola, .told = STR("application")};
    RUN_FAULT(&f, use_evidence, &told, FAULT_INVALID);
    assert_int_equal(json_get(copy_of(&f, ola), "evidence")->count, 0);
    fixture_stop(&f);
}

static status put_under_itself(struct call *call, void *request)
{
    struct dossier *party;
    const struct permit *permit;
    struct binding bound = {.slot = SLOT_RECIPIENT, .id = *(const dossier_id *)request};
    TRY(call_open_dossier(call, bound.id, DOSSIER_PARTY, &party));
    struct operation op = call_operation(call, ACTION_RECORD, bound.id);
    TRY(call_write(call, party->facts, &op, "party", decision_by_scope(), NULL, 0, &permit));
    TRY(call_add_evidence(call, party, permit, words_intern(call->reg->words, STR("party.under")),
                          &bound, 1, call->now, NEVER, STR("")));
    return call_store_dossier(call, party, permit);
}

static void nothing_goes_along_a_chain_without_an_end(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "infobric", "infobric_time");
    dossier_id kari = account_holder(&f), home = new_party(&f, "provider", "Hjemme AS", "eu");
    struct evidence_record agreement = {.type = STR("provider_agreement"), .party = home};
    record(&f, &agreement, "document");
    RUN_OK(&f, put_under_itself, &home);
    assert_int_equal(give(&f, kari, home), FAULT_STORE);
    assert_non_null(strstr(f.report.text, "a party's chain does not end"));
    fixture_stop(&f);
}

/* CLO-15, GDPR 13(4): what she knows already is what a notice on file told her. */
static void that_she_knows_already_leads_to_the_notice_that_told_her(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 84, "2026-03-02T09:00:00Z");
    fixture_register(&f, "cloudberries", "2026-03-02T09:00:00Z");
    struct subject_create create = {0};
    RUN_OK(&f, use_subject_create, &create);
    dossier_id person = f.call.outcome.id;
    char link[ID_TEXT + 1] = "the leaflet";
    struct particular asks[] = {{STR("earlier_notice"), str_from(link)}};
    struct evidence_record known = {.type = STR("known_already"),
                                    .subject = person,
                                    .source = STR("person"),
                                    .asks = asks,
                                    .ask_count = 1};
    RUN_FAULT(&f, use_evidence, &known, FAULT_INVALID);
    known.source = STR("other"); /* of others there is more that excuses */
    RUN_OK(&f, use_evidence, &known);
    struct buf buf = buf_over(link, ID_TEXT);
    buf_id(&buf, f.call.outcome.record.bytes); /* that is no notice */
    asks[0].value = buf_str(&buf);
    RUN_FAULT(&f, use_evidence, &known, FAULT_INVALID);
    struct evidence_record notice = {
        .type = STR("notice"), .subject = person, .source = STR("person")};
    RUN_OK(&f, use_evidence, &notice);
    buf = buf_over(link, ID_TEXT);
    buf_id(&buf, f.call.outcome.record.bytes);
    asks[0].value = buf_str(&buf);
    RUN_FAULT(&f, use_evidence, &known, FAULT_INVALID); /* it told of another source */
    known.source = STR("person");
    RUN_OK(&f, use_evidence, &known);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_recipient_is_listed_with_categories_and_basis),
        cmocka_unit_test(the_subcontractors_of_this_moment_are_listed_with_their_details),
        cmocka_unit_test(the_copy_lists_the_countries_outside_and_the_safeguards_for_her_data),
        cmocka_unit_test(the_copy_says_of_each_item_when_it_ends_and_by_which_clock),
        cmocka_unit_test(the_copy_says_how_she_sees_her_data_herself),
        cmocka_unit_test(a_service_that_is_not_registered_processes_nothing),
        cmocka_unit_test(the_notice_that_was_given_is_kept_word_for_word),
        cmocka_unit_test(a_paper_in_a_language_that_the_policy_does_not_speak_is_refused),
        cmocka_unit_test(a_notice_that_we_do_not_have_is_not_recorded_as_given),
        cmocka_unit_test(nothing_goes_along_a_chain_without_an_end),
        cmocka_unit_test(that_she_knows_already_leads_to_the_notice_that_told_her),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
