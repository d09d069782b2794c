/* A new address for signing in: what is asked for too often, too late, or wrongly. */
#include "engine_fixture.h"

#include <string.h>

#include "document.h"
#include "engine_internal.h"
#include "sign_in.h"

#define START "2026-03-02T09:00:00Z"

enum { WAITING_MOST = 256, ASKED_AN_HOUR = 3 };

static status use_ask(struct call *call, void *request)
{
    return engine_address_ask(call, request);
}

struct scene {
    struct fixture f;
    dossier_id anna;
    record_id item;
    struct caller as_anna;
};

static status add_asker(struct call *call, record_id *item)
{
    const str roles[] = {STR("asker")};
    struct subject_create create = {.roles = roles, .role_count = 1};
    TRY(engine_subject_create(call, &create));
    const struct collect_value values[] = {{STR("contact.email"), STR("anna@example.org"), false},
                                           {STR("question.text"), STR("When?"), false}};
    struct collect collect = {.subject = call->outcome.id,
                              .intake = STR("contact_form"),
                              .source = STR("person"),
                              .channel = STR("web"),
                              .values = values,
                              .value_count = 2};
    struct collected result;
    dossier_id id = call->outcome.id;
    TRY(engine_collect(call, &collect, &result));
    *item = result.items[0];
    call->outcome.id = id;
    return OK;
}

static status use_asker(struct call *call, void *request)
{
    return add_asker(call, request);
}

static void begin(struct scene *s)
{
    *s = (struct scene){0};
    struct fixture *f = &s->f;
    fixture_start(f, 83, START);
    fixture_register(f, "example", START);
    struct evidence_record weighed = {.type = STR("balancing"), .purpose = STR("support")};
    RUN_OK(f, use_evidence, &weighed);
    RUN_OK(f, use_asker, &s->item);
    s->anna = f->call.outcome.id;
    s->as_anna = *engine_system();
    s->as_anna.subject = s->anna;
}

static status ask(struct scene *s, const char *value)
{
    struct address_change change = {
        .item = s->item, .value = str_from(value), .language = STR("en")};
    s->f.report = (struct report){0};
    return engine_run(s->f.engine, s->f.reg, &s->as_anna, s->f.arena, &s->f.report, &s->f.call,
                      use_ask, &change);
}

static size_t letters(struct scene *s)
{
    enum presence presence;
    struct dossier *dossier;
    assert_true(is_ok(
        vault_load(reg_vault(s->f.reg), s->anna, s->f.arena, &s->f.report, &presence, &dossier)));
    return dossier->facts->tasks.count;
}

static void what_is_no_address_or_asked_for_too_often_sends_no_code(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    static const char *const odd[] = {"", "anna", "anna@", "@example.org", "a b@example.org"};
    for (size_t i = 0; i < LENGTH(odd); i++) {
        assert_int_equal(ask(&s, odd[i]).fault, FAULT_INVALID);
        assert_string_equal(s.f.report.where, "/value");
    }
    assert_int_equal(letters(&s), 0);
    for (int i = 0; i < ASKED_AN_HOUR; i++) {
        if (!is_ok(ask(&s, "anna.new@example.org")))
            fail_msg("%s", s.f.report.text);
    }
    size_t sent = letters(&s);
    assert_int_equal(ask(&s, "anna.new@example.org").fault, FAULT_RATE);
    assert_int_equal(letters(&s), sent);
    fixture_stop(&s.f);
}

/* Each is asked for by a person of their own, in one turn. */
static status ask_many(struct call *call, void *request)
{
    const struct caller *system = call->caller;
    for (size_t i = 0; i < *(const size_t *)request; i++) {
        record_id item;
        call->caller = system;
        TRY(add_asker(call, &item));
        struct caller one = *system;
        one.subject = call->outcome.id;
        call->caller = &one;
        struct address_change change = {
            .item = item, .value = STR("anna.new@example.org"), .language = STR("en")};
        status asked = engine_address_ask(call, &change);
        call->caller = system;
        TRY(asked);
    }
    return OK;
}

static void so_many_addresses_are_changed_at_a_time(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    size_t count = WAITING_MOST;
    RUN_OK(&s.f, ask_many, &count);
    assert_int_equal(ask(&s, "anna.new@example.org").fault, FAULT_LIMIT);
    assert_non_null(strstr(s.f.report.text, "too many addresses"));
    assert_int_equal(letters(&s), 0);
    fixture_stop(&s.f);
}

struct code_run {
    const char *json;
    dossier_id subject;
    struct mail_content content;
};

static status use_code(struct call *call, void *request)
{
    struct code_run *code = request;
    const struct json *json;
    TRY(json_parse(call->arena, str_from(code->json), call->report, &json));
    return call_code_text(call, json, code->subject, true, LANGUAGE_EN, &code->content);
}

static void a_mail_whose_change_is_over_or_damaged_has_no_code(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    char json[96], item[2 * ID_TEXT];
    struct buf buf = buf_over(item, sizeof(item));
    buf_id(&buf, s.item.bytes);
    buf_char(&buf, '\0');
    (void)snprintf(json, sizeof(json), "{\"item\":\"%s\"}", item);
    assert_true(is_ok(ask(&s, "anna.new@example.org")));
    struct code_run code = {.json = "{}", .subject = s.anna};
    RUN_FAULT(&s.f, use_code, &code, FAULT_CORRUPT);
    assert_non_null(strstr(s.f.report.text, "a mail that waits is damaged"));
    code.json = "{\"item\":\"no id\"}";
    RUN_FAULT(&s.f, use_code, &code, FAULT_CORRUPT);
    code.json = json;
    RUN_OK(&s.f, use_code, &code);
    assert_true(code.content.text.len > 0);
    code.subject.bytes[0] ^= 1;
    RUN_FAULT(&s.f, use_code, &code, FAULT_GONE);
    code.subject = s.anna;
    s.f.reg->clock = at_time("2026-03-03T09:00:00Z");
    RUN_FAULT(&s.f, use_code, &code, FAULT_GONE);
    fixture_stop(&s.f);
}

static status use_changed(struct call *call, void *request)
{
    const struct scene *s = request;
    struct subject subject;
    const struct permit *permit;
    TRY(call_open(call, s->anna, &subject));
    struct operation op = call_operation(call, ACTION_RECORD, s->anna);
    TRY(call_write(call, subject.dossier->facts, &op, "address", decision_by_scope(), NULL, 0,
                   &permit));
    TRY(call_address_changed(call, subject.dossier, s->item));
    return call_store(call, &subject, permit);
}

static status use_my_copy(struct call *call, void *request)
{
    (void)request;
    return engine_my_right(call, RIGHT_ACCESS, (dossier_id){{0}});
}

/* Whoever took over the mailbox takes nothing along before the person was told. */
static void what_is_whole_waits_for_three_days_after_an_address_was_changed(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    RUN_OK(&s.f, use_changed, &s);
    assert_int_equal(run_as(&s.f, &s.as_anna, use_my_copy, NULL).fault, FAULT_CONFLICT);
    assert_non_null(strstr(s.f.report.text, "an address was changed in the last 72 hours"));
    move_clock(&s.f, "2026-03-05T09:00:00Z");
    assert_int_equal(run_as(&s.f, &s.as_anna, use_my_copy, NULL).fault, FAULT_REFUSED);
    assert_true(str_is(s.f.call.decision->reason.rule, "always.identity_first"));
    fixture_stop(&s.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_address_or_asked_for_too_often_sends_no_code),
        cmocka_unit_test(so_many_addresses_are_changed_at_a_time),
        cmocka_unit_test(a_mail_whose_change_is_over_or_damaged_has_no_code),
        cmocka_unit_test(what_is_whole_waits_for_three_days_after_an_address_was_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
