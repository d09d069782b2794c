/* Receipts of browsers: of one size, gone in thirty days or a year, and nothing that the brake on
 * destruction counts. */
#include "engine_fixture.h"

#include "engine_internal.h"
#include "limits.h"

struct asking {
    struct browser_ask request;
    struct browser_answer answer;
};

static status use_browser(struct call *call, void *request)
{
    struct asking *asking = request;
    return engine_browser(call, &asking->request, &asking->answer);
}

static void begin(struct fixture *f, uint64_t seed)
{
    fixture_start(f, seed, "2026-02-01T09:00:00Z");
    fixture_register(f, "cobuilder", "2026-02-01T09:00:00Z");
}

static dossier_id chosen(struct fixture *f, const char *accept)
{
    str unit = str_from(accept);
    struct asking asking = {
        .request = {.chooses = true, .accept = &unit, .accept_count = unit.len > 0}};
    RUN_OK(f, use_browser, &asking);
    assert_false(ID_IS_ZERO(asking.answer.receipt));
    return asking.answer.receipt;
}

static struct browser_answer shown(struct fixture *f, dossier_id receipt)
{
    struct asking asking = {.request = {.receipt = receipt}};
    RUN_OK(f, use_browser, &asking);
    return asking.answer;
}

static size_t size_of(struct fixture *f, dossier_id id)
{
    enum presence presence;
    struct dossier *dossier;
    struct buf buf = buf_in(f->arena, LIMIT_FACTS_BYTES);
    assert_true(
        is_ok(vault_load(reg_vault(f->reg), id, f->arena, &f->report, &presence, &dossier)));
    assert_int_equal(presence, PRESENCE_LIVE);
    assert_true(is_ok(facts_write(dossier->facts, reg_words(f->reg), &buf, &f->report)));
    return buf.len;
}

static uint64_t receipts(struct fixture *f)
{
    uint64_t count;
    assert_true(is_ok(vault_count(reg_vault(f->reg), DOSSIER_BROWSER, &f->report, &count)));
    return count;
}

/* COB-100 */
static void a_receipt_of_refusals_has_the_size_of_one_that_accepts(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 61);
    size_t none = size_of(&f, chosen(&f, ""));
    assert_int_equal(size_of(&f, chosen(&f, "all")), none);
    assert_int_equal(size_of(&f, chosen(&f, "cookies.locale")), none);
    fixture_stop(&f);
}

/* COB-100 */
static void a_receipt_goes_unseen_for_thirty_days_or_a_year_after_the_choice(void **state)
{
    (void)state;
    static const char *const days[] = {"2026-03-31", "2026-04-29", "2026-05-28", "2026-06-26",
                                       "2026-07-25", "2026-08-23", "2026-09-21", "2026-10-20",
                                       "2026-11-18", "2026-12-17", "2027-01-15"};
    struct fixture f;
    begin(&f, 62);
    dossier_id away = chosen(&f, "all"), back = chosen(&f, "cookies.locale");
    move_clock(&f, "2026-03-02T09:00:00Z");
    assert_int_equal(shown(&f, back).allowed_count, 1);
    move_clock(&f, "2026-03-03T10:00:00Z");
    assert_int_equal(receipts(&f), 1); /* nobody came with the other for thirty days */
    struct browser_answer gone = shown(&f, away);
    assert_true(gone.ask && gone.allowed_count == 0 && ID_IS_ZERO(gone.receipt));
    for (size_t i = 0; i < LENGTH(days); i++) {
        char at[32];
        (void)snprintf(at, sizeof(at), "%sT00:00:00Z", days[i]);
        move_clock(&f, at);
        assert_int_equal(shown(&f, back).allowed_count, 1);
    }
    move_clock(&f, "2027-01-31T22:59:59Z");
    assert_int_equal(shown(&f, back).allowed_count, 1);
    move_clock(&f, "2027-01-31T23:00:00Z"); /* 00:00 local of the first of February */
    assert_true(shown(&f, back).ask);
    assert_int_equal(receipts(&f), 0);
    fixture_stop(&f);
}

/* COB-100 */
static void receipts_that_end_pull_no_brake_and_do_not_come_back(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 63);
    for (int i = 0; i < 150; i++)
        (void)chosen(&f, "");
    assert_int_equal(receipts(&f), 150);
    move_clock(&f, "2026-03-04T00:00:00Z");
    assert_int_equal(receipts(&f), 0);
    assert_false(reg_destruction_stopped(f.reg));
    fixture_close(&f);
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("cobuilder"));
    assert_int_equal(receipts(&f), 0);
    fixture_stop(&f);
}

/* The example with a cookie for another purpose. */
static str with_another_cookie(struct fixture *f)
{
    str text = read_text(f, "policies/example.yaml"), line;
    struct buf buf = buf_in(f->arena, 2 * text.len);
    while (str_next(&text, '\n', &line)) {
        if (str_starts(str_trim(line), STR("version: \"2026-01\"")))
            line = STR("version: \"2026-02\"");
        buf_add(&buf, line);
        buf_char(&buf, '\n');
        if (str_is(line, "cookies:"))
            buf_text(&buf, "  letters: { kind: pixel, for: [newsletter], keep: 1 day after "
                           "collected }\n");
    }
    return buf_str(&buf);
}

/* COB-100, CON-10 */
static void a_browser_is_asked_again_for_what_is_new_and_keeps_what_it_chose(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, 64, "2026-02-01T09:00:00Z");
    fixture_register(&f, "example", "2026-02-01T09:00:00Z");
    dossier_id receipt = chosen(&f, "purposes.statistics");
    assert_false(shown(&f, receipt).ask);
    struct version_run version = {
        .problems = {.arena = f.arena},
        .request = {.policy_file = STR("example.yaml"), .policy = with_another_cookie(&f)}};
    version.request.erases_stated = true;
    RUN_OK(&f, use_version, &version);
    struct browser_answer later = shown(&f, receipt);
    assert_true(later.ask);
    bool statistics = false, letters = false;
    for (size_t i = 0; i < later.allowed_count; i++) {
        statistics |= str_is(later.allowed[i], "statistics");
        letters |= str_is(later.allowed[i], "letters");
    }
    assert_true(statistics && !letters);
    assert_false(shown(&f, chosen(&f, "")).ask);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_receipt_of_refusals_has_the_size_of_one_that_accepts),
        cmocka_unit_test(a_receipt_goes_unseen_for_thirty_days_or_a_year_after_the_choice),
        cmocka_unit_test(a_browser_is_asked_again_for_what_is_new_and_keeps_what_it_chose),
        cmocka_unit_test(receipts_that_end_pull_no_brake_and_do_not_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
