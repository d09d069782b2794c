/* Staff: nobody grants to themselves, and acts that need a second pair of eyes get one. */
#include "engine_fixture.h"

#include <string.h>

#include "engine_internal.h"

struct actor {
    dossier_id id;
    const struct caller *caller;
};

static const struct caller *caller_of(struct fixture *f, str text)
{
    struct reg *reg;
    const struct caller *caller;
    assert_true(is_ok(engine_authenticate(f->engine, text, &f->report, &reg, &caller)));
    return caller;
}

static const struct caller *another_token(struct fixture *f, dossier_id staff)
{
    struct token_run token = {
        .request = {.name = STR("desk"), .scopes = STR("all"), .staff = staff}};
    RUN_OK(f, use_token, &token);
    return caller_of(f, token.text);
}

static struct actor hire(struct fixture *f, const char *role, const char *login)
{
    struct staff_create create = {
        .role = str_from(role), .name = STR("Somebody"), .login = str_from(login)};
    RUN_OK(f, use_staff_create, &create);
    struct actor actor = {.id = f->call.outcome.id};
    actor.caller = another_token(f, actor.id);
    return actor;
}

#define AS_OK(f, caller, use, request)                                                             \
    do {                                                                                           \
        if (!is_ok(run_as((f), (caller), (use), (request))))                                       \
            fail_msg("%s:%d: %s", __FILE__, __LINE__, (f)->report.text);                           \
    } while (0)
#define AS_FAULT(f, caller, use, request, wanted)                                                  \
    do {                                                                                           \
        status got_ = run_as((f), (caller), (use), (request));                                     \
        if (got_.fault != (wanted))                                                                \
            fail_msg("%s:%d: wanted %s, got %s: %s", __FILE__, __LINE__, fault_name(wanted),       \
                     fault_name(got_.fault), (f)->report.text);                                    \
    } while (0)

static void start(struct fixture *f, uint64_t seed, const char *policy)
{
    fixture_start(f, seed, "2026-03-02T09:00:00Z");
    fixture_register(f, policy, "2026-03-02T09:00:00Z");
}

/* ---- nobody grants to themselves ---- */

static status give_role(struct call *call, void *request)
{
    return engine_staff_role(call, request);
}

static status record(struct call *call, void *request)
{
    return engine_evidence(call, request);
}

/* HOS-40, CLO-22: item 16 of the security requirements */
static void nobody_grants_a_role_to_themselves_by_whatever_token(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 61, "confect");
    struct actor officer = hire(&f, "officer", "olga-1"), other = hire(&f, "officer", "otto-2");
    struct staff_role own = {.staff = officer.id, .role = STR("management")};
    AS_FAULT(&f, officer.caller, give_role, &own, FAULT_REFUSED);
    AS_FAULT(&f, another_token(&f, officer.id), give_role, &own, FAULT_REFUSED);
    struct caller application = *caller_of(&f, f.admin);
    application.human = engine_human(f.reg, STR("olga-1"));
    AS_FAULT(&f, &application, give_role, &own, FAULT_REFUSED);
    application.human = engine_human(f.reg, STR("otto-2"));
    AS_OK(&f, &application, give_role, &own);
    assert_true(caller_of(&f, f.admin)->staff == 0);
    struct staff_role back = own;
    back.ends = true;
    AS_OK(&f, other.caller, give_role, &back);
    AS_OK(&f, other.caller, give_role, &own);
    fixture_stop(&f);
}

/* HOS-44, HOS-45 */
static void an_application_that_acts_for_a_member_records_no_training_of_theirs(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 62, "hosting");
    struct actor member = hire(&f, "support", "siri-1");
    struct evidence_record training = {.type = STR("training"), .actor = member.id};
    AS_FAULT(&f, member.caller, record, &training, FAULT_REFUSED);
    struct caller application = *caller_of(&f, f.admin);
    application.human = engine_human(f.reg, STR("siri-1"));
    AS_FAULT(&f, &application, record, &training, FAULT_REFUSED);
    application.human = engine_human(f.reg, STR("somebody-else"));
    AS_OK(&f, &application, record, &training);
    fixture_stop(&f);
}

/* ---- a second pair of eyes ---- */

struct erasing {
    struct erase request;
    struct erase_result result;
    const char *body;
};

static status erase(struct call *call, void *request)
{
    struct erasing *erasing = request;
    call->asked = (struct asked){STR("POST"), STR("/v1/subjects/x/erase"), str_from(erasing->body)};
    return engine_erase(call, &erasing->request, &erasing->result);
}

static status approve(struct call *call, void *request)
{
    return engine_act_approve(call, *(const dossier_id *)request);
}

static status make_person(struct call *call, void *request)
{
    (void)request;
    return engine_subject_create(call, &(struct subject_create){0});
}

static struct erasing whole(struct fixture *f)
{
    RUN_OK(f, make_person, NULL);
    return (struct erasing){.request = {.subject = f->call.outcome.id, .warned = true},
                            .body = "{\"warned\":true}"};
}

static dossier_id asked_for(struct fixture *f, const struct caller *caller, struct erasing *erasing)
{
    AS_OK(f, caller, erase, erasing);
    assert_int_equal(f->call.outcome.http, 202);
    assert_false(erasing->result.whole);
    return f->call.outcome.id;
}

/* CON-82, COB-84: another person, once, for this very request */
static void an_erasure_by_staff_waits_for_another_and_goes_through_once(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 63, "confect");
    struct actor officer = hire(&f, "officer", ""), second = hire(&f, "officer", "");
    struct actor manager = hire(&f, "management", ""), marketer = hire(&f, "marketer", "");
    struct erasing erasing = whole(&f);
    dossier_id act = asked_for(&f, officer.caller, &erasing);
    assert_true(ID_EQUAL(act, asked_for(&f, officer.caller, &erasing)));
    AS_FAULT(&f, officer.caller, approve, &act, FAULT_REFUSED);
    AS_FAULT(&f, another_token(&f, officer.id), approve, &act, FAULT_REFUSED);
    AS_FAULT(&f, caller_of(&f, f.admin), approve, &act, FAULT_REFUSED);
    AS_FAULT(&f, marketer.caller, approve, &act, FAULT_REFUSED);
    AS_FAULT(&f, second.caller, approve, &act, FAULT_REFUSED);
    AS_OK(&f, manager.caller, approve, &act);
    AS_FAULT(&f, manager.caller, approve, &act, FAULT_CONFLICT);
    struct erasing another_body = erasing;
    another_body.body = "{\"warned\":true }";
    assert_false(ID_EQUAL(act, asked_for(&f, officer.caller, &another_body)));
    assert_false(ID_EQUAL(act, asked_for(&f, second.caller, &erasing)));
    struct erasing another_person = whole(&f);
    assert_false(ID_EQUAL(act, asked_for(&f, officer.caller, &another_person)));
    AS_OK(&f, another_token(&f, officer.id), erase, &erasing);
    assert_true(erasing.result.whole);
    AS_FAULT(&f, officer.caller, erase, &erasing, FAULT_GONE);
    AS_FAULT(&f, manager.caller, approve, &act, FAULT_NOT_FOUND);
    fixture_stop(&f);
}

static void an_approval_counts_for_fifteen_minutes_and_survives_a_restart(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 64, "confect");
    struct actor officer = hire(&f, "officer", ""), manager = hire(&f, "management", "");
    struct erasing in_time = whole(&f), too_late = whole(&f);
    dossier_id act = asked_for(&f, officer.caller, &in_time);
    AS_OK(&f, manager.caller, approve, &act);
    dossier_id late = asked_for(&f, officer.caller, &too_late);
    AS_OK(&f, manager.caller, approve, &late);
    fixture_close(&f);
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("confect"));
    officer.caller = another_token(&f, officer.id);
    move_clock(&f, "2026-03-02T09:14:59Z");
    AS_OK(&f, officer.caller, erase, &in_time);
    assert_true(in_time.result.whole);
    move_clock(&f, "2026-03-02T09:15:00Z");
    assert_false(ID_EQUAL(late, asked_for(&f, officer.caller, &too_late)));
    fixture_stop(&f);
}

static void what_was_asked_for_is_approved_within_the_fifteen_minutes(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 69, "confect");
    struct actor officer = hire(&f, "officer", ""), manager = hire(&f, "management", "");
    struct erasing erasing = whole(&f);
    dossier_id act = asked_for(&f, officer.caller, &erasing);
    f.reg->clock = at_time("2026-03-02T09:15:00Z"); /* no sweep has taken it yet */
    AS_FAULT(&f, manager.caller, approve, &act, FAULT_CONFLICT);
    assert_non_null(strstr(f.report.text, "the fifteen minutes are over"));
    f.reg->clock = at_time("2026-03-02T09:14:59Z");
    AS_OK(&f, manager.caller, approve, &act);
    fixture_stop(&f);
}

static void without_anybody_who_approves_nothing_waits(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 65, "confect");
    struct actor officer = hire(&f, "officer", "");
    struct erasing erasing = whole(&f);
    AS_OK(&f, officer.caller, erase, &erasing);
    assert_true(erasing.result.whole);
    fixture_stop(&f);
}

struct pair_run {
    bool waits;
};

static status change_policy(struct call *call, void *request)
{
    struct pair_run *pair = request;
    call->asked = (struct asked){STR("POST"), STR("/v1/policy/apply"), STR("{}")};
    return call_second_pair(call, ACT_POLICY_APPLY, (dossier_id){{0}}, &pair->waits);
}

static dossier_id change_waits(struct fixture *f, const struct caller *caller)
{
    struct pair_run pair = {0};
    AS_OK(f, caller, change_policy, &pair);
    assert_true(pair.waits);
    return f->call.outcome.id;
}

static void the_human_behind_an_application_is_no_second_pair(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 66, "confect");
    struct actor mona = hire(&f, "management", "mona-1"), nils = hire(&f, "management", "nils-2");
    struct caller application = *caller_of(&f, f.admin);
    application.human = engine_human(f.reg, STR("mona-1"));
    dossier_id act = change_waits(&f, &application);
    AS_FAULT(&f, mona.caller, approve, &act, FAULT_REFUSED);
    AS_OK(&f, nils.caller, approve, &act);
    struct pair_run pair = {0};
    AS_OK(&f, &application, change_policy, &pair);
    assert_false(pair.waits);
    AS_OK(&f, &application, change_policy, &pair);
    assert_true(pair.waits); /* an approval is used once */
    fixture_stop(&f);
}

struct back_run {
    dossier_id version;
    bool waits;
};

static status take_back(struct call *call, void *request)
{
    struct back_run *back = request;
    call->asked = (struct asked){STR("POST"), STR("/v1/policy/withdraw"), STR("{}")};
    return call_may_withdraw(call, back->version, &back->waits);
}

/* CON-81, CON-82: what people were told of is taken back by those who change the policy, two of
 * them, and this one version alone */
static void an_announced_version_is_taken_back_by_two(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 68, "confect");
    struct actor mona = hire(&f, "management", ""), nils = hire(&f, "management", "");
    struct actor officer = hire(&f, "officer", "");
    struct back_run one = {.version = {{1}}}, another = {.version = {{2}}};
    AS_FAULT(&f, officer.caller, take_back, &one, FAULT_REFUSED);
    assert_true(str_is(f.call.decision->reason.rule, "change.by"));
    AS_OK(&f, mona.caller, take_back, &one);
    assert_true(one.waits);
    dossier_id act = f.call.outcome.id;
    AS_FAULT(&f, mona.caller, approve, &act, FAULT_REFUSED);
    AS_FAULT(&f, officer.caller, approve, &act, FAULT_REFUSED);
    AS_OK(&f, nils.caller, approve, &act);
    AS_OK(&f, mona.caller, take_back, &another);
    assert_true(another.waits);
    AS_OK(&f, nils.caller, take_back, &one);
    assert_true(one.waits); /* asked by another */
    AS_OK(&f, mona.caller, take_back, &one);
    assert_false(one.waits);
    fixture_stop(&f);
}

/* CLO-41: what the delegate alone may approve needs a dated delegation, and ends with it. */
static void a_delegate_approves_while_the_delegation_counts(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 67, "cloudberries");
    struct actor delegate = hire(&f, "controller_delegate", "");
    struct actor executive = hire(&f, "chief_executive", "");
    dossier_id act = change_waits(&f, executive.caller);
    AS_FAULT(&f, delegate.caller, approve, &act, FAULT_REFUSED);
    const struct particular asks[] = {{STR("from"), STR("the chief executive")},
                                      {STR("to"), STR("the technical director")},
                                      {STR("document"), STR("D-1")}};
    struct evidence_record delegation = {.type = STR("delegation"),
                                         .actor = delegate.id,
                                         .asks = asks,
                                         .ask_count = LENGTH(asks),
                                         .until = STR("2026-06-01")};
    AS_FAULT(&f, delegate.caller, record, &delegation, FAULT_REFUSED);
    AS_OK(&f, executive.caller, record, &delegation);
    AS_OK(&f, delegate.caller, approve, &act);
    struct pair_run pair = {0};
    AS_OK(&f, executive.caller, change_policy, &pair);
    assert_false(pair.waits);
    move_clock(&f, "2026-05-31T21:50:00Z");
    executive.caller = another_token(&f, executive.id);
    delegate.caller = another_token(&f, delegate.id);
    act = change_waits(&f, executive.caller);
    move_clock(&f, "2026-05-31T22:00:00Z"); /* 00:00 local */
    AS_FAULT(&f, delegate.caller, approve, &act, FAULT_REFUSED);
    fixture_stop(&f);
}

static status use_glass(struct call *call, void *request)
{
    return engine_glass_break(call, request);
}

static void the_glass_is_broken_once_until_it_is_reviewed_and_by_whoever_has_a_role(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 66, "confect");
    struct subject_create nobody = {0};
    RUN_OK(&f, use_subject_create, &nobody);
    struct glass_break glass = {.subject = f.call.outcome.id, .reason = STR("a life is at stake")};
    struct actor member = hire(&f, "service", "mona");
    struct glass_break silent = {.subject = glass.subject, .reason = STR(" ")};
    AS_FAULT(&f, member.caller, use_glass, &silent, FAULT_INVALID);
    assert_non_null(strstr(f.report.text, "say why, in at most"));
    AS_OK(&f, member.caller, use_glass, &glass);
    AS_FAULT(&f, member.caller, use_glass, &glass, FAULT_CONFLICT);
    assert_non_null(strstr(f.report.text, "has not been reviewed yet"));
    struct actor former = hire(&f, "service", "nils");
    struct staff_role change = {.staff = former.id, .role = STR("service"), .ends = true};
    RUN_OK(&f, give_role, &change);
    AS_FAULT(&f, former.caller, use_glass, &glass, FAULT_REFUSED);
    assert_true(str_is(f.call.decision->reason.rule, "always.staff_by_role"));
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_grants_a_role_to_themselves_by_whatever_token),
        cmocka_unit_test(an_application_that_acts_for_a_member_records_no_training_of_theirs),
        cmocka_unit_test(an_erasure_by_staff_waits_for_another_and_goes_through_once),
        cmocka_unit_test(an_approval_counts_for_fifteen_minutes_and_survives_a_restart),
        cmocka_unit_test(what_was_asked_for_is_approved_within_the_fifteen_minutes),
        cmocka_unit_test(without_anybody_who_approves_nothing_waits),
        cmocka_unit_test(the_human_behind_an_application_is_no_second_pair),
        cmocka_unit_test(an_announced_version_is_taken_back_by_two),
        cmocka_unit_test(a_delegate_approves_while_the_delegation_counts),
        cmocka_unit_test(the_glass_is_broken_once_until_it_is_reviewed_and_by_whoever_has_a_role),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
