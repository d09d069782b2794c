/* The sweeper stands still for a year. Readability follows the clock and not the sweeper (G2): what
 * has ended is read by nobody, in no way; and the first sweep takes it all. */
#include "trouble.h"
#ifdef VERN_POSTGRES
#include "postgres_server.h"
#endif

static struct scene the_scene;

/* A year on, and no sweep in between. */
static void begin(struct fixture *f)
{
    scene_make(&the_scene, 3);
    fixture_over(f, the_scene.folder, 15);
    MUST(f, try_open(f, NULL));
    clock_alone(f, "2027-03-05T09:00:00Z");
    engine_close(&f->engine);
    MUST(f, try_open(f, NULL)); /* another process would find the same */
}

static void end(struct fixture *f)
{
    fixture_end(f);
    scene_end(&the_scene);
}

static bool says_what_ended(str text)
{
    static const char *const ended[] = {"canary-",     "Berit applies",    "Cato applies",
                                        "Cato Canary", "Berit Canaryname", "Anna Canaryname"};
    for (size_t i = 0; i < LENGTH(ended); i++) {
        if (text.len > 0 && memmem(text.ptr, text.len, ended[i], strlen(ended[i])) != NULL)
            return true;
    }
    return false;
}

/* Whoever they belong to; of a closed register. */
static size_t rows_there(struct fixture *f, const char *table)
{
#ifdef VERN_POSTGRES
    char sql[96];
    (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s WHERE ?1::text <> ''", table);
    if (in_postgres())
        return (size_t)postgres_count(getenv("VERN_TEST_DATABASE"), "vern_confect_data", sql, "x",
                                      1);
#endif
    return rows_of(f, table);
}

static void it_is_not_read(struct fixture *f, dossier_id subject, record_id item)
{
    static const char *const purposes[] = {"recruitment", "marketing_material", "support",
                                           "handle_requests", "security_maintenance"};
    for (size_t i = 0; i < LENGTH(purposes); i++) {
        struct read_run read = {.request = {.subject = subject,
                                            .purpose = str_from(purposes[i]),
                                            .controller = STR("confect"),
                                            .items = &item,
                                            .item_count = 1}};
        status got = run(f, use_read, &read);
        bool given =
            is_ok(got) && read.result.count == 1 && read.result.items[0].verdict != VERDICT_REFUSE;
        assert_false(given);
        if (is_ok(got) && read.result.count == 1)
            assert_int_equal(read.result.items[0].value.len, 0);
    }
}

static void nothing_ended_is_read(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    it_is_not_read(&f, the_scene.anna, the_scene.anna_cv);
    it_is_not_read(&f, the_scene.berit, the_scene.berit_cv);
    it_is_not_read(&f, the_scene.cato, the_scene.cato_cv);
    end(&f);
}

static void nothing_ended_is_exported(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    const dossier_id who[] = {the_scene.anna, the_scene.berit, the_scene.cato};
    for (size_t i = 0; i < LENGTH(who); i++) {
        for (int portability = 0; portability < 2; portability++) {
            struct export_run export = {.request = {.subject = who[i],
                                                    .portability = portability == 1,
                                                    .by_subject = true}};
            (void)run(&f, use_export, &export).fault;
            assert_false(says_what_ended(export.document));
        }
    }
    end(&f);
}

static void nothing_ended_is_shared(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct party_create create = {
        .kind = STR("subcontractor"), .name = STR("Cloud AS"), .zone = STR("eea")};
    RUN_OK(&f, use_party_create, &create);
    dossier_id party = f.call.outcome.id;
    struct particular document = {STR("document"), STR("dpa 1")};
    struct evidence_record evidence = {
        .type = STR("processing_agreement"), .party = party, .asks = &document, .ask_count = 1};
    RUN_OK(&f, use_evidence, &evidence);
    const dossier_id who[] = {the_scene.anna, the_scene.berit, the_scene.cato};
    for (size_t i = 0; i < LENGTH(who); i++) {
        struct share_run share = {.request = {.subject = who[i],
                                              .party = party,
                                              .purpose = STR("recruitment"),
                                              .recipient = STR("subcontractor"),
                                              .controller = STR("confect")}};
        status got = run(&f, use_share, &share);
        for (size_t j = 0; is_ok(got) && j < share.result.read.count; j++)
            assert_int_equal(share.result.read.items[j].value.len, 0);
    }
    end(&f);
}

/* A recruiter's token no longer finds who applied a year ago. */
static void nobody_is_found_by_what_has_ended(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    word recruitment = words_find(f.reg->words, STR("recruitment"));
    assert_true(recruitment != 0);
    struct caller recruiter = *engine_system();
    recruiter.scopes = SCOPE_READ;
    recruiter.purposes = &recruitment;
    recruiter.purpose_count = 1;
    const char *mails[] = {"anna@canary.test", "berit@canary.test", "cato@canary.test"};
    for (size_t i = 0; i < LENGTH(mails); i++) {
        struct find_run find = {.request = {STR("basic.email"), str_from(mails[i])}};
        f.report = (struct report){0};
        MUST(&f,
             engine_run(f.engine, f.reg, &recruiter, f.arena, &f.report, &f.call, use_find, &find));
        assert_int_equal(find.result.count, 0);
    }
    end(&f);
}

static void the_forecast_says_that_it_is_overdue(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct forecast_run forecast = {.days = 90};
    RUN_OK(&f, use_forecast, &forecast);
    assert_non_null(memmem(forecast.document.ptr, forecast.document.len, "overdue", 7));
    assert_false(says_what_ended(forecast.document));
    assert_null(memmem(forecast.document.ptr, forecast.document.len, "\"overdue\":0", 11));
    end(&f);
}

static void one_sweep_takes_it_all(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct picture before_it = picture_of(&f);
    assert_true(says_what_ended(before_it.text)); /* it was there all the year, unreadable */
    MUST(&f, run_sweep(&f, &the_scene));
    struct picture now = picture_of(&f);
    assert_false(says_what_ended(now.text));
    enum presence presence;
    struct dossier *dossier;
    MUST(&f, vault_load(f.reg->vault, the_scene.cato, f.arena, &f.report, &presence, &dossier));
    assert_int_equal(presence, PRESENCE_ERASED);
    engine_close(&f.engine);
    assert_int_equal(rows_there(&f, "item"), now.items);
    assert_int_equal(rows_there(&f, "dossier"), now.dossiers);
    end(&f);
}

int main(int count, char **words)
{
    if (count == 2)
        cmocka_set_test_filter(words[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_ended_is_read),
        cmocka_unit_test(nothing_ended_is_exported),
        cmocka_unit_test(nothing_ended_is_shared),
        cmocka_unit_test(nobody_is_found_by_what_has_ended),
        cmocka_unit_test(the_forecast_says_that_it_is_overdue),
        cmocka_unit_test(one_sweep_takes_it_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
