/* Cases: whoever asks, by whichever way; who closes them, and who never does. */
#include "engine_fixture.h"

#include <string.h>

#include "engine_internal.h"

struct member {
    dossier_id id;
    const struct caller *caller;
};

static status use_link(struct call *call, void *request)
{
    return engine_case_link(call, request);
}

static status use_decide(struct call *call, void *request)
{
    return engine_case_decide(call, request);
}

static const struct caller *token_of(struct fixture *f, dossier_id staff)
{
    struct token_run token = {
        .request = {.name = STR("desk"), .scopes = STR("all"), .staff = staff}};
    struct reg *reg;
    const struct caller *caller;
    RUN_OK(f, use_token, &token);
    assert_true(is_ok(engine_authenticate(f->engine, token.text, &f->report, &reg, &caller)));
    return caller;
}

static struct member hire(struct fixture *f, const char *role)
{
    struct staff_create create = {.role = str_from(role), .name = STR("Somebody")};
    RUN_OK(f, use_staff_create, &create);
    struct member member = {.id = f->call.outcome.id};
    member.caller = token_of(f, member.id);
    return member;
}

static void start(struct fixture *f, const char *policy)
{
    fixture_start(f, 38, "2026-03-02T09:00:00Z");
    fixture_register(f, policy, "2026-03-02T09:00:00Z");
}

static dossier_id open_case(struct fixture *f, const char *kind, const char *channel,
                            dossier_id member)
{
    struct case_create create = {
        .kind = str_from(kind), .channel = str_from(channel), .member = member};
    RUN_OK(f, use_case_create, &create);
    return f->call.outcome.id;
}

static enum fault_class judged(struct fixture *f, const struct caller *caller, dossier_id case_)
{
    struct case_decision decision = {
        .case_ = case_, .granted = false, .reasons = STR("CANARY-REASON of their own")};
    f->report = (struct report){0};
    return engine_run(f->engine, f->reg, caller, f->arena, &f->report, &f->call, use_decide,
                      &decision)
        .fault;
}

static void refused_by(struct fixture *f, const char *rule, const char *id)
{
    const struct reason *reason = &f->call.decision->reason;
    if (!str_is(reason->rule, rule))
        fail_msg("refused by %.*s", STR_ARG(reason->rule));
    for (size_t i = 0; id != NULL && i < reason->ids.count; i++) {
        if (str_is(reason->ids.at[i], id))
            return;
    }
    assert_null(id);
}

/* The entry names who decided, and none of the words. */
static void entry_names(struct fixture *f, dossier_id who)
{
    str entry;
    unsigned char handle[ID_BYTES];
    char room[2 * ID_BYTES + 1], wanted[64];
    assert_true(is_ok(vault_handle(reg_vault(f->reg), who, &f->report, handle)));
    struct buf buf = buf_over(room, sizeof(room));
    buf_base64url(&buf, (str){(const char *)handle, ID_BYTES});
    str text = buf_str(&buf);
    assert_true(is_ok(
        audit_read(reg_log(f->reg), f->call.outcome.log_index, f->arena, &f->report, &entry)));
    (void)snprintf(wanted, sizeof(wanted), "\"di\":\"%.*s\"", STR_ARG(text));
    if (!says(entry, wanted) || says(entry, "CANARY"))
        fail_msg("%s: %.*s", wanted, STR_ARG(entry));
}

/* COB-38 */
static void a_complaint_by_any_way_is_closed_by_the_officer_alone(void **state)
{
    (void)state;
    static const char *const ways[] = {"phone", "email", "support"};
    struct fixture f;
    start(&f, "cobuilder");
    struct member legal = hire(&f, "legal"), officer = hire(&f, "dpo_role");
    const struct caller *application = token_of(&f, (dossier_id){{0}});
    for (size_t i = 0; i < LENGTH(ways); i++) {
        dossier_id complaint = open_case(&f, "complain", ways[i], (dossier_id){{0}});
        assert_int_equal(judged(&f, legal.caller, complaint), FAULT_REFUSED);
        refused_by(&f, "rights.complain.closed_by", "COB-38");
        assert_int_equal(judged(&f, application, complaint), FAULT_REFUSED);
        refused_by(&f, "rights.complain.closed_by", "COB-38");
        assert_int_equal(judged(&f, engine_system(), complaint), FAULT_REFUSED);
        assert_int_equal(judged(&f, officer.caller, complaint), FAULT_NONE);
        entry_names(&f, officer.id);
        assert_int_equal(judged(&f, officer.caller, complaint), FAULT_CONFLICT);
    }
    fixture_stop(&f);
}

/* COB-38 */
static void nobody_closes_a_complaint_about_themselves(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "cobuilder");
    struct member officer = hire(&f, "dpo_role"), other = hire(&f, "dpo_role");
    dossier_id complaint = open_case(&f, "complain", "phone", officer.id);
    assert_int_equal(judged(&f, officer.caller, complaint), FAULT_REFUSED);
    refused_by(&f, "always.no_self_record", NULL);
    assert_int_equal(judged(&f, other.caller, complaint), FAULT_NONE);
    struct case_create nobody = {.kind = STR("complain"), .member = complaint};
    RUN_FAULT(&f, use_case_create, &nobody, FAULT_INVALID); /* a case is no member of the staff */
    fixture_stop(&f);
}

static void train(struct fixture *f, dossier_id member)
{
    struct evidence_record training = {.type = STR("training"), .actor = member};
    RUN_OK(f, use_evidence, &training);
}

/* HOS-69, HOS-59 */
static void each_question_opens_a_case_and_each_request_is_judged_on_its_own(void **state)
{
    (void)state;
    static const char *const ways[] = {"email", "phone", "support_system"};
    struct fixture f;
    start(&f, "hosting");
    struct member support = hire(&f, "support"), legal = hire(&f, "legal");
    dossier_id cases[LENGTH(ways)], none = {{0}};
    train(&f, support.id);
    for (size_t i = 0; i < LENGTH(ways); i++) {
        cases[i] = open_case(&f, "question", ways[i], none);
        assert_int_equal(judged(&f, legal.caller, cases[i]), FAULT_NONE); /* free: answered */
        cases[i] = open_case(&f, "erase", ways[i], none);
    }
    assert_int_equal(judged(&f, support.caller, cases[0]), FAULT_REFUSED);
    refused_by(&f, "always.staff_by_role", NULL);
    assert_int_equal(judged(&f, legal.caller, cases[0]), FAULT_REFUSED); /* without training */
    train(&f, legal.id);
    struct case_decision silent = {.case_ = cases[0], .granted = true};
    RUN_FAULT(&f, use_decide, &silent, FAULT_INVALID); /* no reasons */
    for (size_t i = 0; i < LENGTH(ways); i++) {
        assert_int_equal(judged(&f, legal.caller, cases[i]), FAULT_NONE);
        entry_names(&f, legal.id);
        for (size_t j = 0; j <= i; j++)
            assert_int_equal(judged(&f, legal.caller, cases[j]), FAULT_CONFLICT);
    }
    fixture_stop(&f);
}

/* INF-73 */
static void a_request_by_phone_or_post_is_a_case_before_it_is_known_who_asks(void **state)
{
    (void)state;
    static const char *const ways[] = {"ab_phone", "ab_post", "oslo_post"};
    struct fixture f;
    start(&f, "infobric");
    struct member legal = hire(&f, "legal");
    struct subject_create person = {0};
    RUN_OK(&f, use_subject_create, &person);
    dossier_id asks = f.call.outcome.id, none = {{0}};
    for (size_t i = 0; i < LENGTH(ways); i++) {
        dossier_id request = open_case(&f, "access", ways[i], none);
        struct case_link link = {.case_ = request, .subject = request};
        RUN_FAULT(&f, use_link, &link, FAULT_NOT_FOUND); /* a case is nobody */
        link.subject = none;
        RUN_FAULT(&f, use_link, &link, FAULT_INVALID);
        link.subject = asks;
        RUN_OK(&f, use_link, &link);
        RUN_FAULT(&f, use_link, &link, FAULT_CONFLICT);
        assert_int_equal(judged(&f, legal.caller, request), FAULT_NONE);
        RUN_FAULT(&f, use_link, &link, FAULT_CONFLICT);
    }
    struct case_create stranger = {.kind = STR("access"), .subject = legal.id};
    RUN_FAULT(&f, use_case_create, &stranger, FAULT_NOT_FOUND);
    struct case_create card = {.kind = STR("access"), .channel = STR("4111 1111 1111 1111")};
    RUN_FAULT(&f, use_case_create, &card, FAULT_INVALID);
    fixture_stop(&f);
}

static status use_request(struct call *call, void *request)
{
    return engine_request_take(call, request);
}

/* COB-38, GDPR 12(3): a request has deadlines of its own, and a case of the desk's decides none. */
static void a_persons_request_is_linked_and_decided_as_a_request_only(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, "infobric");
    struct member legal = hire(&f, "legal");
    struct subject_create person = {0};
    RUN_OK(&f, use_subject_create, &person);
    dossier_id asks = f.call.outcome.id;
    static const str access[] = {{"access", 6}};
    struct request_take take = {.channel = STR("phone"), .rights = access, .right_count = 1};
    RUN_OK(&f, use_request, &take);
    dossier_id request = f.call.outcome.id;
    struct case_link link = {.case_ = request, .subject = asks};
    RUN_FAULT(&f, use_link, &link, FAULT_CONFLICT);
    assert_non_null(strstr(f.report.text, "/v1/requests"));
    assert_int_equal(judged(&f, legal.caller, request), FAULT_CONFLICT);
    assert_non_null(strstr(f.report.text, "/v1/requests"));
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_complaint_by_any_way_is_closed_by_the_officer_alone),
        cmocka_unit_test(nobody_closes_a_complaint_about_themselves),
        cmocka_unit_test(each_question_opens_a_case_and_each_request_is_judged_on_its_own),
        cmocka_unit_test(a_persons_request_is_linked_and_decided_as_a_request_only),
        cmocka_unit_test(a_request_by_phone_or_post_is_a_case_before_it_is_known_who_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
