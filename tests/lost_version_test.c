/* A backup from before a version of the policy is put back: the register closes until that version
 * is there again, for the older one may allow what the newer forbids, or let go what it keeps. */
#include "library.h"

static void backup(struct fixture *f, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", f->dir, name);
    if (!is_ok(engine_backup(f->reg, path, &f->report)))
        fail_msg("backup: %s", f->report.text);
}

static void put_back(struct fixture *f, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", f->dir, name);
    struct engine_config config = fixture_config(f);
    fixture_close(f);
    f->report = (struct report){0};
    if (!is_ok(engine_restore(&config, STR("library"), path, &f->report)))
        fail_msg("restore: %s", f->report.text);
    fixture_open(f);
    f->reg = engine_register(f->engine, STR("library"));
}

static void lacks(struct fixture *f, size_t count, const char *first)
{
    assert_int_equal(reg_lost_versions(f->reg), count);
    if (count > 0)
        assert_true(str_is(reg_lost_version(f->reg, 0), first));
    assert_int_equal(reg_destruction_stopped(f->reg), count > 0);
}

static bool tells(const struct fixture *f, const char *text)
{
    return strstr(f->report.text, text) != NULL;
}

/* ---- everything that uses data ---- */

static status explain_now(struct call *call, void *request)
{
    str document;
    return engine_explain(call, request, (instant){0}, &document);
}

static void is_closed(struct fixture *f, const struct borrower *who)
{
    struct read_run read = {
        .request = {
            .subject = who->id, .purpose = STR("lend"), .items = &who->loan, .item_count = 1}};
    RUN_FAULT(f, use_read, &read, FAULT_BEHIND);
    assert_true(tells(f, "must be applied again first"));
    read.request.use = true;
    RUN_FAULT(f, use_read, &read, FAULT_BEHIND);
    RUN_FAULT(f, explain_now, &read.request, FAULT_BEHIND);
    struct collect_value values[] = {{STR("loan.book"), STR("Sult"), true}};
    struct collect_run collect = {.request = {.subject = who->id,
                                              .intake = STR("desk"),
                                              .source = STR("person"),
                                              .values = values,
                                              .value_count = 1}};
    RUN_FAULT(f, use_collect, &collect, FAULT_BEHIND);
    struct export_run export = {.request = {.subject = who->id}};
    RUN_FAULT(f, use_export, &export, FAULT_BEHIND);
    struct erase_run erase = {.request = {.subject = who->id, .warned = true}};
    RUN_FAULT(f, use_erase, &erase, FAULT_BEHIND);
    struct forecast_run forecast = {.days = 30};
    RUN_FAULT(f, use_forecast, &forecast, FAULT_BEHIND);
}

/* What takes something away is taken as ever: the person does not wait for the firm (G1). */
static void noes_are_taken(struct fixture *f, const struct borrower *who)
{
    struct restriction restriction = {
        .subject = who->id, .reason = STR("accuracy"), .warned = true};
    RUN_OK(f, use_restrict, &restriction);
    struct restriction_lift lift = {who->id, f->call.outcome.record};
    RUN_OK(f, use_restriction_tell, &lift);
    RUN_OK(f, use_restriction_lift, &lift);
    struct withdrawal withdrawal = {.subject = who->id, .purpose = STR("guide")};
    RUN_OK(f, use_withdraw, &withdrawal);
}

static const char WITHOUT[] =
    HEAD("2", "2026-03-01") LEND("[contact, loan]", "24 months after collected");
#define GUIDED(version, effective)                                                                 \
    HEAD(version, effective)                                                                       \
    LEND("[contact, loan]", "24 months after collected")                                           \
    "  guide: { basis: consent, roles: [reader], uses: [loan], keep: end of consent }\n"
static const char GUIDE[] = GUIDED("g", "2026-02-10");

/* HOS-03, COB-108, INF-79: a version that the log has and the data has not closes the register; the
 * older one is never served in its place. */
static void a_backup_from_before_a_version_serves_nobody_until_it_is_there_again(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 21, true);
    (void)put_in_force(&f, GUIDE);
    move_clock(&f, "2026-02-11T09:00:00Z");
    struct borrower someone = borrower(&f);
    struct consent consent = {.subject = someone.id,
                              .purpose = STR("guide"),
                              .wording = STR("Yes, guide me."),
                              .given_by = STR("click")};
    RUN_OK(&f, use_consent, &consent);
    assert_true(str_is(refuses(&f, &someone, "guide"), ""));
    backup(&f, "monday");
    lacks(&f, 0, "");
    (void)put_in_force(&f, WITHOUT);
    move_clock(&f, "2026-03-02T09:00:00Z");
    assert_true(str_is(refuses(&f, &someone, "guide"), "purposes"));
    for (int i = 0; i < 3; i++) {
        if (i == 0)
            put_back(&f, "monday");
        else
            open_again(&f);
        lacks(&f, 1, "2");
        is_closed(&f, &someone);
        struct version_run other = version(&f, SHORTER), renamed = version(&f, WIDER);
        RUN_FAULT(&f, use_version, &other, FAULT_CONFLICT);
        assert_true(tells(&f, "version 2 comes first"));
        RUN_FAULT(&f, use_version, &renamed, FAULT_CONFLICT); /* its name, another text */
    }
    noes_are_taken(&f, &someone);
    (void)put_in_force(&f, WITHOUT);
    for (int i = 0; i < 2; i++) {
        lacks(&f, 0, "");
        assert_true(str_is(refuses(&f, &someone, "guide"), "purposes"));
        open_again(&f);
    }
    /* The same backup once more: the log has that version twice, and it is one. */
    put_back(&f, "monday");
    lacks(&f, 1, "2");
    (void)put_in_force(&f, WITHOUT);
    lacks(&f, 0, "");
    fixture_stop(&f);
}

static size_t items_of(struct fixture *f, dossier_id id)
{
    enum presence presence;
    struct dossier *dossier;
    assert_true(
        is_ok(vault_load(reg_vault(f->reg), id, f->arena, &f->report, &presence, &dossier)));
    assert_int_equal(presence, PRESENCE_LIVE);
    return dossier->facts->items.count;
}

/* CON-56, G2: nor is anything destroyed by a policy that was replaced */
static void nothing_is_destroyed_by_an_older_clock(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 22, true);
    (void)put_in_force(&f, SHORTER);
    move_clock(&f, "2026-03-02T09:00:00Z");
    struct borrower someone = borrower(&f);
    backup(&f, "monday");
    static const char kept[] =
        HEAD("k", "2026-03-03") LEND("[contact, loan]", "12 months after collected");
    (void)put_in_force(&f, kept);
    tell(&f, someone.id, "k");
    move_clock(&f, "2026-03-04T09:00:00Z");
    put_back(&f, "monday");
    move_clock(&f, "2026-04-03T09:00:00Z"); /* the month of the older one is over */
    lacks(&f, 1, "k");
    assert_int_equal(items_of(&f, someone.id), 1);
    (void)put_in_force(&f, kept);
    move_clock(&f, "2026-04-04T09:00:00Z"); /* by both: now it may */
    assert_int_equal(items_of(&f, someone.id), 0);
    fixture_stop(&f);
}

/* ---- which of them are missed ---- */

/* COB-108, INF-78 */
static void lost_versions_come_back_in_their_order(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 23, true);
    backup(&f, "monday");
    (void)put_in_force(&f, LATER);
    (void)put_in_force(&f, WIDER);
    put_back(&f, "monday");
    lacks(&f, 2, "4");
    struct version_run second = version(&f, WIDER);
    RUN_FAULT(&f, use_version, &second, FAULT_CONFLICT);
    (void)put_in_force(&f, LATER);
    lacks(&f, 1, "2");
    backup(&f, "tuesday"); /* in between */
    (void)put_in_force(&f, WIDER);
    lacks(&f, 0, "");
    put_back(&f, "tuesday");
    lacks(&f, 1, "2");
    (void)put_in_force(&f, WIDER);
    lacks(&f, 0, "");
    backup(&f, "wednesday");
    put_back(&f, "wednesday");
    lacks(&f, 0, "");
    assert_int_equal(reg_plans(f.reg)->count, 3);
    fixture_stop(&f);
}

/* CON-81 */
static void a_version_that_was_taken_back_since_is_not_missed(void **state)
{
    (void)state;
    struct fixture f;
    str second = STR("2"), fourth = STR("4");
    library(&f, 24, true);
    (void)put_in_force(&f, LATER);
    backup(&f, "monday");
    (void)put_in_force(&f, WIDER);
    RUN_OK(&f, use_version_withdraw, &second);
    RUN_OK(&f, use_version_withdraw, &fourth);
    put_back(&f, "monday");
    lacks(&f, 0, "");
    assert_int_equal(reg_plans(f.reg)->count, 1); /* what was taken back stays so */
    fixture_stop(&f);
}

/* INF-79 */
static void a_version_that_was_gone_back_to_since_is_missed(void **state)
{
    (void)state;
    struct fixture f;
    library(&f, 25, true);
    struct borrower someone = borrower(&f);
    (void)put_in_force(&f, WIDER);
    move_clock(&f, "2026-03-02T09:00:00Z");
    backup(&f, "monday");
    (void)put_in_force(&f, FIRST);
    assert_true(str_is(refuses(&f, &someone, "lend"), ""));
    put_back(&f, "monday");
    lacks(&f, 1, "1");
    is_closed(&f, &someone);
    (void)put_in_force(&f, FIRST);
    assert_true(str_is(refuses(&f, &someone, "lend"), ""));
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backup_from_before_a_version_serves_nobody_until_it_is_there_again),
        cmocka_unit_test(nothing_is_destroyed_by_an_older_clock),
        cmocka_unit_test(lost_versions_come_back_in_their_order),
        cmocka_unit_test(a_version_that_was_taken_back_since_is_not_missed),
        cmocka_unit_test(a_version_that_was_gone_back_to_since_is_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
