/* Sessions: what opens one, what one may do, and all the ways in which it ends. */
#include "engine_fixture.h"

#include "session.h"

enum { MINUTE_MS = 60000 };

static struct fixture f;
static dossier_id anna, berit, member;
static record_id address;

static int open_all(void **state)
{
    (void)state;
    fixture_start(&f, 77, "2026-03-02T09:00:00Z");
    fixture_register(&f, "example", "2026-03-02T09:00:00Z");
    struct evidence_record weighed = {.type = STR("balancing"),
                                      .purpose = STR("support"),
                                      .asks = (struct particular[]){{STR("reference"), STR("w")}},
                                      .ask_count = 1};
    RUN_OK(&f, use_evidence, &weighed);
    const str roles[] = {STR("asker")};
    struct subject_create create = {.roles = roles, .role_count = 1};
    RUN_OK(&f, use_subject_create, &create);
    anna = f.call.outcome.id;
    RUN_OK(&f, use_subject_create, &create);
    berit = f.call.outcome.id;
    struct collect_value values[] = {{STR("contact.email"), STR("anna@example.org"), false},
                                     {STR("question.text"), STR("When?"), false}};
    struct collect_run collect = {.request = {.subject = anna,
                                              .intake = STR("contact_form"),
                                              .source = STR("person"),
                                              .channel = STR("web"),
                                              .values = values,
                                              .value_count = 2}};
    RUN_OK(&f, use_collect, &collect);
    address = collect.result.items[0];
    struct staff_create staff = {.role = STR("manager"), .name = STR("Dag")};
    RUN_OK(&f, use_staff_create, &staff);
    member = f.call.outcome.id;
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    fixture_stop(&f);
    return 0;
}

struct opening {
    struct session_open request;
    struct session_opened opened;
};
static status use_open(struct call *call, void *self)
{
    struct opening *opening = self;
    return engine_session_open(call, &opening->request, &opening->opened);
}
static status use_end(struct call *call, void *id)
{
    return engine_session_end(call, *(const dossier_id *)id);
}
static status use_list(struct call *call, void *list)
{
    return engine_session_list(call, (dossier_id){{0}}, 100, list);
}

static struct session_opened sign_in(dossier_id subject, dossier_id staff, str replaces)
{
    struct opening opening = {.request = {.subject = subject,
                                          .address = address,
                                          .staff = staff,
                                          .scopes = SCOPE_READ | SCOPE_OFFICER,
                                          .how = "link",
                                          .replaces = replaces}};
    RUN_OK(&f, use_open, &opening);
    return opening.opened;
}

static struct session_opened of_anna(void)
{
    return sign_in(anna, (dossier_id){{0}}, STR(""));
}

static enum fault_class ask_as(str cookie, str csrf, bool unsafe, const struct caller **caller)
{
    struct reg *reg;
    struct session_proof proof = {cookie, csrf, unsafe};
    f.report = (struct report){0};
    return engine_session_authenticate(f.engine, &proof, f.arena, &f.report, &reg, caller).fault;
}

static bool lives(const struct session_opened *session)
{
    const struct caller *caller;
    return ask_as(session->cookie, STR(""), false, &caller) == OK.fault;
}

static dossier_id id_of(const struct session_opened *session)
{
    dossier_id id;
    assert_true(id_parse(str_slice(session->cookie, 0, ID_TEXT), id.bytes));
    return id;
}

static void wait_minutes(int64_t minutes)
{
    char text[40];
    struct buf buf = buf_over(text, sizeof(text));
    buf_instant(&buf, (instant){reg_now(f.reg).ms + minutes * MINUTE_MS});
    buf_char(&buf, '\0');
    move_clock(&f, text);
}

static void a_session_acts_for_the_person_who_signed_in_and_on_nobody_else(void **state)
{
    (void)state;
    struct session_opened session = of_anna();
    const struct caller *caller;
    assert_int_equal(ask_as(session.cookie, session.csrf, true, &caller), OK.fault);
    assert_true(ID_EQUAL(caller->subject, anna));
    assert_true(ID_IS_ZERO(caller->actor));
    assert_true(str_is(caller->authenticated, "session"));
    struct call call;
    struct export_run mine = {.request = {.subject = anna}}, hers = {.request = {.subject = berit}};
    assert_true(
        is_ok(engine_run(f.engine, f.reg, caller, f.arena, &f.report, &call, use_export, &mine)));
    assert_int_equal(
        engine_run(f.engine, f.reg, caller, f.arena, &f.report, &call, use_export, &hers).fault,
        FAULT_NOT_FOUND);
}

static void a_session_of_a_member_has_the_members_role_and_ends_when_they_leave(void **state)
{
    (void)state;
    struct session_opened session = sign_in((dossier_id){{0}}, member, STR(""));
    const struct caller *caller;
    assert_int_equal(ask_as(session.cookie, session.csrf, true, &caller), OK.fault);
    assert_true(ID_EQUAL(caller->actor, member));
    assert_true(str_is(words_text(reg_words(f.reg), caller->staff), "manager"));
    assert_int_equal(caller->scopes, SCOPE_READ | SCOPE_OFFICER);
    assert_true(reg_caller_holds(f.reg, caller));
    RUN_OK(&f, use_staff_end, &member);
    assert_false(reg_caller_holds(f.reg, caller));
    assert_false(lives(&session));
}

/* A cookie that is changed anywhere, cut, doubled or made up is none. */
static void no_cookie_but_the_one_that_was_given_opens_anything(void **state)
{
    (void)state;
    struct session_opened session = of_anna(), other = of_anna();
    const struct caller *caller;
    for (size_t i = 0; i < session.cookie.len; i++) {
        char *copy = arena_take(f.arena, session.cookie.len);
        memcpy(copy, session.cookie.ptr, session.cookie.len);
        copy[i] = copy[i] == 'A' ? 'Q' : 'A';
        if (copy[i] == session.cookie.ptr[i])
            continue;
        assert_int_equal(ask_as((str){copy, session.cookie.len}, STR(""), false, &caller),
                         FAULT_UNAUTHENTICATED);
    }
    str crossed = arena_format(f.arena, "%.*s.%.*s", ID_TEXT, session.cookie.ptr, 43,
                               other.cookie.ptr + ID_TEXT + 1);
    assert_int_equal(ask_as(crossed, STR(""), false, &caller), FAULT_UNAUTHENTICATED);
    assert_int_equal(ask_as(STR(""), STR(""), false, &caller), FAULT_UNAUTHENTICATED);
    assert_int_equal(ask_as((str){0}, STR(""), false, &caller), FAULT_UNAUTHENTICATED);
    str cut = str_slice(session.cookie, 0, session.cookie.len - 1);
    assert_int_equal(ask_as(cut, STR(""), false, &caller), FAULT_UNAUTHENTICATED);
    assert_true(lives(&session));
}

static void what_changes_something_needs_the_csrf_value_of_this_very_session(void **state)
{
    (void)state;
    struct session_opened session = of_anna(), other = of_anna();
    const struct caller *caller;
    assert_int_equal(ask_as(session.cookie, (str){0}, true, &caller), FAULT_FORBIDDEN);
    assert_int_equal(ask_as(session.cookie, STR(""), true, &caller), FAULT_FORBIDDEN);
    assert_int_equal(ask_as(session.cookie, other.csrf, true, &caller), FAULT_FORBIDDEN);
    str cut = str_slice(session.csrf, 0, session.csrf.len - 1);
    assert_int_equal(ask_as(session.cookie, cut, true, &caller), FAULT_FORBIDDEN);
    assert_int_equal(ask_as(session.cookie, session.csrf, true, &caller), OK.fault);
    assert_int_equal(ask_as(session.cookie, (str){0}, false, &caller), OK.fault);
}

static void a_session_ends_unused_after_half_an_hour_and_used_after_twelve(void **state)
{
    (void)state;
    struct session_opened unused = of_anna(), used = of_anna();
    wait_minutes(29);
    assert_true(lives(&used));
    wait_minutes(1);
    assert_false(lives(&unused));
    for (int i = 0; i < 23; i++) {
        assert_true(lives(&used));
        wait_minutes(29);
    }
    assert_true(lives(&used));
    wait_minutes(24);
    assert_false(lives(&used));
}

static void signing_in_again_makes_another_session_and_ends_the_one_before(void **state)
{
    (void)state;
    struct session_opened first = of_anna();
    struct session_opened second = sign_in(anna, (dossier_id){{0}}, first.cookie);
    assert_false(lives(&first));
    assert_true(lives(&second));
    assert_false(str_equal(first.csrf, second.csrf));
}

static void a_person_has_eight_sessions_and_the_one_unused_longest_makes_room(void **state)
{
    (void)state;
    struct session_opened first = of_anna();
    for (int i = 0; i < SESSIONS_OF_ONE; i++) {
        wait_minutes(1);
        (void)of_anna();
    }
    assert_false(lives(&first));
    struct session_list list;
    RUN_OK(&f, use_list, &list);
    size_t hers = 0;
    for (size_t i = 0; i < list.count; i++)
        hers += ID_EQUAL(list.at[i].subject, anna) ? 1 : 0;
    assert_int_equal(hers, SESSIONS_OF_ONE);
}

static void people_see_and_end_their_own_and_officers_any(void **state)
{
    (void)state;
    struct session_opened mine = of_anna(), other = of_anna();
    struct session_opened staff = sign_in((dossier_id){{0}}, member, STR(""));
    dossier_id id = id_of(&staff), others = id_of(&other);
    const struct caller *caller;
    struct call call;
    assert_int_equal(ask_as(mine.cookie, mine.csrf, true, &caller), OK.fault);
    assert_int_equal(
        engine_run(f.engine, f.reg, caller, f.arena, &f.report, &call, use_end, &id).fault,
        FAULT_NOT_FOUND);
    assert_true(lives(&staff));
    assert_true(
        is_ok(engine_run(f.engine, f.reg, caller, f.arena, &f.report, &call, use_end, &others)));
    assert_false(lives(&other));
    struct session_list list;
    assert_true(
        is_ok(engine_run(f.engine, f.reg, caller, f.arena, &f.report, &call, use_list, &list)));
    for (size_t i = 0; i < list.count; i++)
        assert_true(ID_EQUAL(list.at[i].subject, anna));
    RUN_OK(&f, use_end, &id);
    assert_false(lives(&staff));
    RUN_FAULT(&f, use_end, &id, FAULT_NOT_FOUND);
}

static void nothing_of_a_session_outlives_a_restart(void **state)
{
    (void)state;
    struct session_opened session = of_anna();
    fixture_close(&f);
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("example"));
    assert_false(lives(&session));
}

/* Last, since she is gone then: a changed address, an erasure. */
static void
a_persons_sessions_end_with_the_address_that_was_proven_and_with_the_person(void **state)
{
    (void)state;
    struct session_opened session = of_anna();
    struct rectify rectify = {.subject = anna, .item = address, .value = STR("anna@example.net")};
    RUN_OK(&f, use_rectify, &rectify);
    assert_false(lives(&session));
    address = f.call.outcome.record;
    session = of_anna();
    assert_true(lives(&session));
    struct erase_run erase = {.request = {.subject = anna, .warned = true}};
    RUN_OK(&f, use_erase, &erase);
    assert_false(lives(&session));
    struct opening opening = {
        .request = {.subject = anna, .address = address, .how = "link", .replaces = STR("")}};
    RUN_FAULT(&f, use_open, &opening, FAULT_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_acts_for_the_person_who_signed_in_and_on_nobody_else),
        cmocka_unit_test(no_cookie_but_the_one_that_was_given_opens_anything),
        cmocka_unit_test(what_changes_something_needs_the_csrf_value_of_this_very_session),
        cmocka_unit_test(a_session_ends_unused_after_half_an_hour_and_used_after_twelve),
        cmocka_unit_test(signing_in_again_makes_another_session_and_ends_the_one_before),
        cmocka_unit_test(a_person_has_eight_sessions_and_the_one_unused_longest_makes_room),
        cmocka_unit_test(people_see_and_end_their_own_and_officers_any),
        cmocka_unit_test(nothing_of_a_session_outlives_a_restart),
        cmocka_unit_test(a_session_of_a_member_has_the_members_role_and_ends_when_they_leave),
        cmocka_unit_test(
            a_persons_sessions_end_with_the_address_that_was_proven_and_with_the_person),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
