/* Accounts: who is let in, who is not, and that nobody learns why. */
#include "engine_fixture.h"

#include <sodium.h>
#include <string.h>

#include "engine_internal.h"

static const unsigned char SALT[PASSWORD_SALT] = "a salt of a test";
static const char RIGHT[] = "correct horse battery";

static dossier_id hire(struct fixture *f, const char *login)
{
    struct staff_create create = {
        .role = STR("officer"), .name = STR("Somebody"), .login = str_from(login)};
    RUN_OK(f, use_staff_create, &create);
    return f->call.outcome.id;
}

struct make_run {
    struct account_make request;
    struct account_made made;
};

static status make_account(struct call *call, void *request)
{
    struct make_run *run_ = request;
    return engine_account_make(call, &run_->request, &run_->made);
}

static const char *hash_of(const char *text)
{
    static char hash[PASSWORD_TEXT];
    struct report report = {0};
    struct password password;
    assert_true(is_ok(password_choose(str_from(text), &report, &password)));
    assert_true(is_ok(password_hash(&password, SALT, hash, &report)));
    return hash;
}

static struct account_made account(struct fixture *f, dossier_id staff)
{
    struct make_run one = {
        .request = {.staff = staff, .scopes = STR("read,officer"), .hash = hash_of(RIGHT)}};
    RUN_OK(f, make_account, &one);
    return one.made;
}

struct enter_run {
    struct account_enter request;
    struct account_let_in in;
};

static status enter_account(struct call *call, void *request)
{
    struct enter_run *run_ = request;
    return engine_account_enter(call, &run_->request, &run_->in);
}

/* Tries it as the page does, by whoever comes; `in` is filled when that is let in. */
static status enter(struct fixture *f, const char *login, const char *password, str code,
                    struct account_let_in *in)
{
    struct account_try tried;
    struct password given;
    f->report = (struct report){0};
    assert_true(is_ok(password_read(str_from(password), &f->report, &given)));
    reg_account_try(f->reg, str_from(login), &tried);
    struct enter_run one = {.request = {.account = tried.account,
                                        .fits = password_fits(&given, tried.hash),
                                        .code = code}};
    status result = engine_run(f->engine, f->reg, engine_public(), f->arena, &f->report, &f->call,
                               enter_account, &one);
    if (in != NULL)
        *in = one.in;
    return result;
}

/* The code of now, from the secret as it was given. */
static str code_now(struct fixture *f, str base32)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char bytes[TOTP_SECRET];
    uint32_t held = 0;
    size_t count = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < base32.len; i++) {
        held = held << 5 | (uint32_t)(strchr(letters, base32.ptr[i]) - letters);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            bytes[count++] = (char)(held >> bits);
        }
    }
    assert_int_equal(count, TOTP_SECRET);
    int64_t step = totp_step(world_now(&f->sim.world));
    return arena_format(f->arena, "%06u", totp_code((str){bytes, TOTP_SECRET}, step, TOTP_SHA1, 6));
}

static void later_by(struct fixture *f, int64_t seconds)
{
    f->sim.clock.ms += seconds * 1000;
}

static void start(struct fixture *f, uint64_t seed)
{
    assert_true(sodium_init() >= 0);
    fixture_start(f, seed, "2026-03-02T09:00:00Z");
    fixture_register(f, "confect", "2026-03-02T09:00:00Z");
}

static void assert_out(struct fixture *f, status result)
{
    assert_int_equal(result.fault, FAULT_UNAUTHENTICATED);
    assert_string_equal(f->report.text, fault_text(FAULT_UNAUTHENTICATED));
    assert_string_equal(f->report.where, "");
}

static void password_and_code_let_in_with_the_scopes_of_the_account(void **state)
{
    (void)state;
    struct fixture f;
    struct account_let_in in;
    start(&f, 71);
    dossier_id olga = hire(&f, "olga-1");
    struct account_made made = account(&f, olga);
    assert_int_equal(made.totp.len, 32);
    assert_true(is_ok(enter(&f, "olga-1", RIGHT, code_now(&f, made.totp), &in)));
    assert_true(ID_EQUAL(in.staff, olga));
    assert_int_equal(in.scopes, SCOPE_READ | SCOPE_OFFICER);
    fixture_stop(&f);
}

static void whoever_is_not_let_in_is_answered_alike(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 72);
    dossier_id olga = hire(&f, "olga-1");
    struct account_made made = account(&f, olga);
    (void)hire(&f, "otto-2"); /* without an account */
    str right = code_now(&f, made.totp);
    assert_out(&f, enter(&f, "nobody-9", RIGHT, right, NULL));
    assert_out(&f, enter(&f, "otto-2", RIGHT, right, NULL));
    assert_out(&f, enter(&f, "olga-1", "correct horse batters", right, NULL));
    assert_out(&f, enter(&f, "olga-1", RIGHT, STR("000000"), NULL));
    assert_out(&f, enter(&f, "olga-1", RIGHT, STR(""), NULL));
    assert_out(&f, enter(&f, "Olga-1", RIGHT, right, NULL));
    assert_out(&f, enter(&f, "", RIGHT, right, NULL));
    assert_true(is_ok(enter(&f, "olga-1", RIGHT, right, NULL)));
    assert_out(&f, enter(&f, "olga-1", RIGHT, right, NULL)); /* the same code again */
    later_by(&f, 30);
    assert_out(&f, enter(&f, "olga-1", RIGHT, right, NULL)); /* while it would be in time */
    assert_true(is_ok(enter(&f, "olga-1", RIGHT, code_now(&f, made.totp), NULL)));
    fixture_stop(&f);
}

static void five_wrong_tries_lock_and_each_more_for_twice_as_long(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 73);
    dossier_id olga = hire(&f, "olga-1");
    struct account_made made = account(&f, olga);
    for (int i = 0; i < 5; i++)
        assert_out(&f, enter(&f, "olga-1", "wrong password", STR("000000"), NULL));
    for (int64_t wait = 30; wait <= 3600; wait = wait < 3600 && wait * 2 > 3600 ? 3600 : wait * 2) {
        later_by(&f, wait - 1);
        assert_out(&f, enter(&f, "olga-1", RIGHT, code_now(&f, made.totp), NULL));
        later_by(&f, 1);
        if (wait == 3600)
            break;
        assert_out(&f, enter(&f, "olga-1", "wrong password", STR("000000"), NULL));
    }
    assert_true(is_ok(enter(&f, "olga-1", RIGHT, code_now(&f, made.totp), NULL)));
    for (int i = 0; i < 4; i++) /* and it counts from the start again */
        assert_out(&f, enter(&f, "olga-1", "wrong password", STR("000000"), NULL));
    later_by(&f, 30);
    assert_true(is_ok(enter(&f, "olga-1", RIGHT, code_now(&f, made.totp), NULL)));
    fixture_stop(&f);
}

static void a_recovery_code_lets_in_once_also_after_a_restart(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 74);
    dossier_id olga = hire(&f, "olga-1");
    struct account_made made = account(&f, olga);
    assert_int_equal(made.recovery_count, RECOVERY_CODES);
    assert_out(&f, enter(&f, "olga-1", "correct horse batters", made.recovery[3], NULL));
    assert_true(is_ok(enter(&f, "olga-1", RIGHT, made.recovery[3], NULL)));
    assert_out(&f, enter(&f, "olga-1", RIGHT, made.recovery[3], NULL));
    fixture_close(&f);
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("confect"));
    assert_out(&f, enter(&f, "olga-1", RIGHT, made.recovery[3], NULL));
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        if (i != 3)
            assert_true(is_ok(enter(&f, "olga-1", RIGHT, made.recovery[i], NULL)));
    }
    fixture_stop(&f);
}

static void after_a_restart_no_code_is_taken_that_may_have_been_taken_before(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 75);
    dossier_id olga = hire(&f, "olga-1");
    struct account_made made = account(&f, olga);
    str used = code_now(&f, made.totp);
    assert_true(is_ok(enter(&f, "olga-1", RIGHT, used, NULL)));
    fixture_close(&f);
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("confect"));
    assert_out(&f, enter(&f, "olga-1", RIGHT, used, NULL));
    later_by(&f, 60);
    assert_true(is_ok(enter(&f, "olga-1", RIGHT, code_now(&f, made.totp), NULL)));
    fixture_stop(&f);
}

static status end_account(struct call *call, void *request)
{
    return engine_account_end(call, *(const dossier_id *)request);
}

static status end_member(struct call *call, void *request)
{
    return engine_staff_end(call, *(const dossier_id *)request);
}

static void an_account_goes_with_its_member_with_a_new_one_or_by_itself(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 76);
    dossier_id olga = hire(&f, "olga-1"), otto = hire(&f, "otto-2");
    struct account_made old = account(&f, olga), fresh = account(&f, olga);
    struct account_made other = account(&f, otto);
    assert_out(&f, enter(&f, "olga-1", RIGHT, old.recovery[0], NULL));
    assert_true(is_ok(enter(&f, "olga-1", RIGHT, fresh.recovery[0], NULL)));
    RUN_OK(&f, end_account, &olga);
    assert_out(&f, enter(&f, "olga-1", RIGHT, fresh.recovery[1], NULL));
    RUN_FAULT(&f, end_account, &olga, FAULT_CONFLICT);
    RUN_OK(&f, end_member, &otto);
    assert_out(&f, enter(&f, "otto-2", RIGHT, other.recovery[0], NULL));
    fixture_close(&f);
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("confect"));
    assert_out(&f, enter(&f, "olga-1", RIGHT, fresh.recovery[1], NULL));
    assert_out(&f, enter(&f, "otto-2", RIGHT, other.recovery[0], NULL));
    fixture_stop(&f);
}

static void nobody_makes_an_account_that_is_wider_than_their_token(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 77);
    dossier_id olga = hire(&f, "olga-1"), otto = hire(&f, "otto-2"), plain = hire(&f, "");
    struct token_run of_otto = {
        .request = {.name = STR("o"), .scopes = STR("administer,read"), .staff = otto}};
    struct reg *reg;
    const struct caller *caller;
    RUN_OK(&f, use_token, &of_otto);
    assert_true(is_ok(engine_authenticate(f.engine, of_otto.text, &f.report, &reg, &caller)));
    static const struct {
        const char *scopes;
        bool own;
        enum fault_class fault;
    } tries[] = {
        {"read", false, FAULT_FORBIDDEN}, /* for another */
        {"read,officer", true, FAULT_FORBIDDEN},
        {"all", true, FAULT_FORBIDDEN},
        {"read", true, FAULT_NONE},
        {"everything", true, FAULT_INVALID},
    };
    for (size_t i = 0; i < LENGTH(tries); i++) {
        struct make_run one = {
            .request = {.staff = tries[i].own ? otto : olga, .scopes = str_from(tries[i].scopes)}};
        f.report = (struct report){0};
        status result =
            engine_run(f.engine, f.reg, caller, f.arena, &f.report, &f.call, make_account, &one);
        assert_int_equal(result.fault, tries[i].fault);
    }
    struct make_run nameless = {.request = {.staff = plain, .scopes = STR("read")}};
    RUN_FAULT(&f, make_account, &nameless, FAULT_CONFLICT);
    struct make_run unknown = {.request = {.staff = {{7}}, .scopes = STR("read")}};
    RUN_FAULT(&f, make_account, &unknown, FAULT_NOT_FOUND);
    fixture_stop(&f);
}

struct vouch_run {
    const char *login;
    struct account_let_in in;
};

static status vouch(struct call *call, void *request)
{
    struct vouch_run *run_ = request;
    return engine_account_vouched(call, str_from(run_->login), &run_->in);
}

static status make_two(struct call *call, void *request)
{
    TRY(make_account(call, request));
    return make_account(call, request);
}

static status end_and_make(struct call *call, void *request)
{
    struct make_run *run_ = request;
    TRY(engine_account_end(call, run_->request.staff));
    return make_account(call, request);
}

/* What a turn made is known once it is durable: of two in one turn none would end the other. */
static void a_turn_makes_or_ends_one_account(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 79);
    struct make_run one = {.request = {.staff = hire(&f, "olga-1"), .scopes = STR("read")}};
    RUN_FAULT(&f, make_two, &one, FAULT_RATE);
    assert_int_equal(f.reg->accounts.count, 0);
    RUN_OK(&f, make_account, &one);
    assert_int_equal(f.reg->accounts.count, 1);
    RUN_FAULT(&f, end_and_make, &one, FAULT_RATE);
    struct vouch_run known = {.login = "olga-1"};
    RUN_OK(&f, vouch, &known); /* the end was taken back with the rest of its turn */
    fixture_stop(&f);
}

static void a_register_makes_so_many_accounts_and_reads_none_that_is_damaged(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 80);
    struct make_run one = {.request = {.staff = hire(&f, "olga-1"), .scopes = STR("read")}};
    static const char *const damaged[] = {
        "{}", "{\"staff\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"scopes\":1,\"hash\":\"\",\"totp\":\"\"}"};
    for (size_t i = 0; i < LENGTH(damaged); i++) {
        f.report = (struct report){0};
        status read = reg_add_account(f.reg, (dossier_id){{9}}, str_from(damaged[i]), &f.report);
        assert_int_equal(read.fault, FAULT_CORRUPT);
        assert_non_null(strstr(f.report.text, "an account is damaged"));
    }
    assert_int_equal(f.reg->accounts.count, 0);
    RUN_OK(&f, make_account, &one);
    struct account *first = f.reg->accounts.at[0];
    while (f.reg->accounts.count < REG_TOKENS) {
        struct account **added = LIST_ADD(f.reg->arena, &f.reg->accounts);
        if (added == NULL)
            fail_msg("no memory");
        else
            *added = first;
    }
    RUN_FAULT(&f, make_account, &one, FAULT_LIMIT);
    assert_non_null(strstr(f.report.text, "accounts at a time"));
    assert_int_equal(f.reg->accounts.count, REG_TOKENS);
    fixture_stop(&f);
}

static void whom_a_provider_vouches_for_is_let_in_by_an_account_and_never_makes_one(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 78);
    dossier_id olga = hire(&f, "olga-1");
    (void)hire(&f, "otto-2");
    struct make_run one = {.request = {.staff = olga, .scopes = STR("read")}};
    RUN_OK(&f, make_account, &one);
    assert_int_equal(one.made.recovery_count, 0);
    struct vouch_run known = {.login = "olga-1"}, none = {.login = "otto-2"}, who = {.login = "x"};
    RUN_OK(&f, vouch, &known);
    assert_true(ID_EQUAL(known.in.staff, olga));
    RUN_FAULT(&f, vouch, &none, FAULT_UNAUTHENTICATED);
    RUN_FAULT(&f, vouch, &who, FAULT_UNAUTHENTICATED);
    /* And without a password there is none that fits. */
    assert_out(&f, enter(&f, "olga-1", RIGHT, STR("000000"), NULL));
    fixture_stop(&f);
}

/* ---- one's own password ---- */

static const char NEXT[] = "kvifor ikkje i morgon?";

struct change_run {
    struct account_change request;
};

static status change_account(struct call *call, void *request)
{
    struct change_run *run_ = request;
    return engine_account_change(call, &run_->request);
}

static const struct caller *token_of(struct fixture *f, dossier_id staff)
{
    struct token_run made = {.request = {.name = STR("o"), .scopes = STR("read"), .staff = staff}};
    struct reg *reg;
    const struct caller *caller;
    RUN_OK(f, use_token, &made);
    assert_true(is_ok(engine_authenticate(f->engine, made.text, &f->report, &reg, &caller)));
    return caller;
}

static status change(struct fixture *f, const struct caller *caller, const char *given, str code)
{
    struct account_try tried;
    struct password password;
    struct change_run one;
    f->report = (struct report){0};
    assert_true(is_ok(password_read(str_from(given), &f->report, &password)));
    reg_account_own(f->reg, caller, &tried);
    one.request = (struct account_change){.account = tried.account,
                                          .fits = password_fits(&password, tried.hash),
                                          .code = code,
                                          .hash = hash_of(NEXT)};
    return engine_run(f->engine, f->reg, caller, f->arena, &f->report, &f->call, change_account,
                      &one);
}

static void reopen(struct fixture *f)
{
    fixture_close(f);
    fixture_open(f);
    f->reg = engine_register(f->engine, STR("confect"));
}

static void a_member_changes_their_password_by_the_old_one_and_a_code(void **state)
{
    (void)state;
    struct fixture f;
    struct account_let_in in;
    start(&f, 81);
    dossier_id olga = hire(&f, "olga-1");
    struct account_made made = account(&f, olga);
    const struct caller *caller = token_of(&f, olga);
    assert_true(is_ok(enter(&f, "olga-1", RIGHT, made.recovery[4], &in)));
    assert_true(in.first); /* whoever made it knows it */
    str code = code_now(&f, made.totp);
    assert_int_equal(change(&f, caller, "correct horse batters", code).fault, FAULT_FORBIDDEN);
    assert_int_equal(change(&f, caller, RIGHT, STR("000000")).fault, FAULT_FORBIDDEN);
    assert_int_equal(change(&f, caller, RIGHT, STR("")).fault, FAULT_FORBIDDEN);
    assert_int_equal(change(&f, caller, RIGHT, made.recovery[4]).fault, FAULT_FORBIDDEN);
    assert_true(is_ok(change(&f, caller, RIGHT, code)));
    for (int round = 0; round < 2; round++) { /* and the same after a restart */
        assert_out(&f, enter(&f, "olga-1", RIGHT, made.recovery[5], NULL));
        assert_out(&f, enter(&f, "olga-1", NEXT, code, NULL)); /* it was taken */
        assert_out(&f, enter(&f, "olga-1", NEXT, made.recovery[4], NULL));
        assert_true(is_ok(enter(&f, "olga-1", NEXT, made.recovery[round], &in)));
        assert_false(in.first);
        assert_int_equal(in.scopes, SCOPE_READ | SCOPE_OFFICER);
        reopen(&f);
    }
    later_by(&f, 60);
    assert_true(is_ok(enter(&f, "olga-1", NEXT, code_now(&f, made.totp), NULL)));
    fixture_stop(&f);
}

static void a_recovery_code_that_changed_a_password_is_spent(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 82);
    dossier_id olga = hire(&f, "olga-1");
    struct account_made made = account(&f, olga);
    assert_true(is_ok(change(&f, token_of(&f, olga), RIGHT, made.recovery[7])));
    assert_out(&f, enter(&f, "olga-1", NEXT, made.recovery[7], NULL));
    reopen(&f);
    assert_out(&f, enter(&f, "olga-1", NEXT, made.recovery[7], NULL));
    assert_true(is_ok(enter(&f, "olga-1", NEXT, made.recovery[8], NULL)));
    fixture_stop(&f);
}

static void guesses_at_ones_own_password_lock_as_those_at_the_sign_in_do(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 83);
    dossier_id olga = hire(&f, "olga-1"), otto = hire(&f, "otto-2");
    struct account_made made = account(&f, olga);
    const struct caller *caller = token_of(&f, olga);
    for (int i = 0; i < 5; i++)
        assert_int_equal(change(&f, caller, "wrong password", STR("0")).fault, FAULT_FORBIDDEN);
    str code = code_now(&f, made.totp);
    assert_int_equal(change(&f, caller, RIGHT, code).fault, FAULT_FORBIDDEN);
    assert_out(&f, enter(&f, "olga-1", RIGHT, code, NULL)); /* one count for both */
    later_by(&f, 30);
    assert_true(is_ok(change(&f, caller, RIGHT, code_now(&f, made.totp))));
    /* Nobody changes another's, or one that is not there. */
    assert_int_equal(change(&f, token_of(&f, otto), RIGHT, STR("0")).fault, FAULT_CONFLICT);
    struct account_try tried;
    reg_account_own(f.reg, caller, &tried);
    struct change_run stolen = {
        .request = {
            .account = tried.account, .fits = true, .code = STR("1"), .hash = hash_of(NEXT)}};
    f.report = (struct report){0};
    status no = engine_run(f.engine, f.reg, token_of(&f, otto), f.arena, &f.report, &f.call,
                           change_account, &stolen);
    assert_int_equal(no.fault, FAULT_CONFLICT);
    RUN_FAULT(&f, change_account, &stolen, FAULT_FORBIDDEN); /* an application */
    fixture_stop(&f);
}

static void a_password_of_the_members_own_names_is_none(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, 84);
    dossier_id olga = hire(&f, "olga.nordmann-1");
    static const struct {
        const char *text;
        bool taken;
    } tried[] = {{"olga.nordmann-1!!", false},        {"OLGA.nordmann-1 2026", false},
                 {"confect confect 2026", false},     {"xx olga.nordmann-1 x", false},
                 {"olga.nordmann-1 liker ost", true}, {"otto.nordmann-1!!", true}};
    for (size_t i = 0; i < LENGTH(tried); i++) {
        struct password password;
        f.report = (struct report){0};
        assert_true(is_ok(password_choose(str_from(tried[i].text), &f.report, &password)));
        status checked = reg_password_check(f.reg, olga, &password, &f.report);
        if (is_ok(checked) != tried[i].taken)
            fail_msg("%s", tried[i].text);
        assert_null(strstr(f.report.text, "nordmann"));
    }
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(password_and_code_let_in_with_the_scopes_of_the_account),
        cmocka_unit_test(whoever_is_not_let_in_is_answered_alike),
        cmocka_unit_test(five_wrong_tries_lock_and_each_more_for_twice_as_long),
        cmocka_unit_test(a_recovery_code_lets_in_once_also_after_a_restart),
        cmocka_unit_test(after_a_restart_no_code_is_taken_that_may_have_been_taken_before),
        cmocka_unit_test(an_account_goes_with_its_member_with_a_new_one_or_by_itself),
        cmocka_unit_test(nobody_makes_an_account_that_is_wider_than_their_token),
        cmocka_unit_test(a_turn_makes_or_ends_one_account),
        cmocka_unit_test(a_register_makes_so_many_accounts_and_reads_none_that_is_damaged),
        cmocka_unit_test(whom_a_provider_vouches_for_is_let_in_by_an_account_and_never_makes_one),
        cmocka_unit_test(a_member_changes_their_password_by_the_old_one_and_a_code),
        cmocka_unit_test(a_recovery_code_that_changed_a_password_is_spent),
        cmocka_unit_test(guesses_at_ones_own_password_lock_as_those_at_the_sign_in_do),
        cmocka_unit_test(a_password_of_the_members_own_names_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
