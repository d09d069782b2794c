/* Who has said no to marketing stays away from it: after an objection and after an erasure,
 * whatever list, backup or new record brings her again; and what is kept for that tells of nobody.
 */
#include "trouble.h"

static struct scene the_scene;

static int set_scene(void **state)
{
    (void)state;
    scene_make(&the_scene, 31);
    return 0;
}

static int end_scene(void **state)
{
    (void)state;
    scene_end(&the_scene);
    return 0;
}

static void begin(struct fixture *f)
{
    char folder[64];
    scene_again(&the_scene, folder);
    fixture_over(f, folder, 13);
    MUST(f, try_open(f, NULL));
}

static void end(struct fixture *f)
{
    char folder[64];
    memcpy(folder, f->dir, sizeof(folder));
    fixture_end(f);
    folder_remove(folder);
}

static size_t suppressions(struct fixture *f)
{
    dossier_id *ids, after = {{0}};
    size_t count;
    MUST(f, vault_list(f->reg->vault, DOSSIER_SUPPRESSION, after, 100, f->arena, &f->report, &ids,
                       &count));
    return count;
}

static const struct facts *facts_of(struct fixture *f, dossier_id id)
{
    enum presence presence;
    struct dossier *dossier;
    MUST(f, vault_load(f->reg->vault, id, f->arena, &f->report, &presence, &dossier));
    assert_int_equal(presence, PRESENCE_LIVE);
    return dossier->facts;
}

static bool objects_to(struct fixture *f, dossier_id id, const char *purpose)
{
    const struct facts *facts = facts_of(f, id);
    for (size_t i = 0; i < facts->objections.count; i++) {
        if (str_is(word_of(f, facts->objections.at[i].purpose), purpose) &&
            facts->objections.at[i].state == OBJECTION_UPHELD)
            return true;
    }
    return false;
}

static void erase_person(struct fixture *f, dossier_id who, bool suppress)
{
    struct erase_run erase = {.request = {.subject = who, .warned = true, .suppress = suppress}};
    RUN_OK(f, use_erase, &erase);
    assert_true(erase.result.whole);
}

/* A new record that a list, an import or a form makes of the same address. */
static dossier_id come_again(struct fixture *f, const char *mail)
{
    struct identifier known = {STR("basic.email"), str_from(mail)};
    struct subject_create create = {.identifiers = &known, .identifier_count = 1};
    RUN_OK(f, use_subject_create, &create);
    return f->call.outcome.id;
}

static status import(struct fixture *f, const char *text)
{
    struct import_line line = {1, str_from(text)};
    return run(f, use_import, &line);
}

static bool is_told_of(struct fixture *f, dossier_id who, const char *purpose)
{
    const struct facts *facts = facts_of(f, who);
    for (size_t i = 0; i < facts->items.count; i++) {
        for (size_t t = 0; t < facts->items.at[i].told_count; t++) {
            if (str_is(word_of(f, facts->items.at[i].told[t]), purpose))
                return true;
        }
    }
    return false;
}

/* CON-63, INF-70 */
static void an_objection_keeps_the_next_list_away_after_erasure(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(suppressions(&f), 0);
    MUST(&f, run_object(&f, &the_scene));
    assert_int_equal(suppressions(&f), 1);
    erase_person(&f, the_scene.anna, false);
    assert_int_equal(suppressions(&f), 1);
    assert_int_equal(found_by(&f, "anna@canary.test"), 0); /* it is nobody */
    dossier_id again = come_again(&f, "ANNA@canary.test");
    assert_true(objects_to(&f, again, "marketing_material"));
    take_part(&f, again, "anna@canary.test");
    assert_false(is_told_of(&f, again, "marketing_material"));
    assert_true(is_told_of(&f, again, "elearning_webinars_reports"));
    end(&f);
}

/* Who had no address in the record yet is known by the first value that leads to her. */
static void the_address_is_looked_at_before_the_collection_is_decided(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    MUST(&f, run_object(&f, &the_scene));
    erase_person(&f, the_scene.anna, false);
    dossier_id again = make_subject(&f);
    take_part(&f, again, "anna@canary.test");
    assert_true(objects_to(&f, again, "marketing_material"));
    assert_false(is_told_of(&f, again, "marketing_material"));
    dossier_id other = make_subject(&f);
    take_part(&f, other, "someone.else@canary.test");
    assert_true(is_told_of(&f, other, "marketing_material"));
    struct identify identify = {other, {STR("basic.email"), STR("anna@canary.test")}};
    RUN_OK(&f, use_identify, &identify);
    assert_true(objects_to(&f, other, "marketing_material"));
    end(&f);
}

static void an_import_neither_brings_her_back_nor_consents_for_her(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    MUST(&f, run_object(&f, &the_scene));
    erase_person(&f, the_scene.anna, false);
    status said =
        import(&f, "{\"number\":\"L-1\",\"identifiers\":[{\"kind\":\"basic.email\","
                   "\"value\":\"anna@canary.test\"}],\"consents\":[{\"purpose\":"
                   "\"marketing_material\",\"wording\":\"News?\",\"given_by\":\"click\"}]}");
    assert_int_equal(said.fault, FAULT_REFUSED);
    assert_int_equal(found_by(&f, "anna@canary.test"), 0);
    MUST(&f, import(&f, "{\"number\":\"L-1\",\"identifiers\":[{\"kind\":\"basic.email\","
                        "\"value\":\"anna@canary.test\"}]}"));
    assert_true(objects_to(&f, f.call.outcome.id, "marketing_material"));
    MUST(&f, import(&f, "{\"number\":\"L-2\",\"consents\":[{\"purpose\":\"marketing_material\","
                        "\"wording\":\"News?\",\"given_by\":\"click\"}]}"));
    end(&f);
}

static void the_number_of_someone_suppressed_is_nobodys_number(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct identify number = {the_scene.anna, {STR("number"), STR("K-77")}};
    RUN_OK(&f, use_identify, &number);
    MUST(&f, run_object(&f, &the_scene));
    erase_person(&f, the_scene.anna, false);
    MUST(&f, import(&f, "{\"number\":\"K-77\"}"));
    assert_int_equal(f.call.outcome.count, 1); /* made, not known already */
    assert_true(objects_to(&f, f.call.outcome.id, "marketing_material"));
    end(&f);
}

static void whoever_is_erased_may_ask_not_to_be_found_again(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    erase_person(&f, the_scene.cato, true);
    assert_int_equal(suppressions(&f), 1);
    assert_true(objects_to(&f, come_again(&f, "cato@canary.test"), "marketing_material"));
    erase_person(&f, the_scene.berit, false);
    assert_int_equal(suppressions(&f), 1);
    assert_false(objects_to(&f, come_again(&f, "berit@canary.test"), "marketing_material"));
    end(&f);
}

static void only_her_own_new_consent_ends_it(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    MUST(&f, run_object(&f, &the_scene));
    erase_person(&f, the_scene.anna, false);
    dossier_id again = come_again(&f, "anna@canary.test");
    move_clock(&f, "2026-04-01T09:00:00Z");
    static const char *const purposes[] = {"marketing_material", "interest_profiles",
                                           "quotes_to_customers"};
    for (size_t i = 0; i < LENGTH(purposes); i++) {
        struct consent consent = {.subject = again,
                                  .purpose = str_from(purposes[i]),
                                  .wording = STR("News again?"),
                                  .given_by = STR("click"),
                                  .channel = STR("web")};
        assert_int_equal(suppressions(&f), 1);
        RUN_OK(&f, use_consent, &consent);
    }
    take_part(&f, again, "anna@canary.test");
    assert_true(is_told_of(&f, again, "marketing_material"));
    assert_int_equal(suppressions(&f), 0);
    end(&f);
}

static void put_back(struct fixture *f, const char *path)
{
    struct engine_config config = trouble_config(f, NULL);
    engine_close(&f->engine);
    MUST(f, engine_restore(&config, STR("confect"), path, &f->report));
    MUST(f, try_open(f, NULL));
}

/* The backup knows neither of the objection nor of what is kept for it. */
static void a_backup_from_before_the_objection_does_not_undo_it(void **state)
{
    (void)state;
    only_in_files();
    struct fixture f;
    begin(&f);
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/backup", f.dir);
    MUST(&f, engine_backup(f.reg, path, &f.report));
    MUST(&f, run_object(&f, &the_scene));
    erase_person(&f, the_scene.anna, false);
    put_back(&f, path);
    assert_int_equal(suppressions(&f), 1);
    assert_true(objects_to(&f, come_again(&f, "anna@canary.test"), "marketing_material"));
    struct picture now = picture_of(&f);
    assert_int_equal(now.stray_rings, 0);
    put_back(&f, path); /* a second time it is made once more, and once */
    assert_int_equal(suppressions(&f), 1);
    end(&f);
}

static void a_backup_from_before_the_consent_does_not_bring_it_back(void **state)
{
    (void)state;
    only_in_files();
    struct fixture f;
    begin(&f);
    MUST(&f, run_object(&f, &the_scene));
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/backup", f.dir);
    MUST(&f, engine_backup(f.reg, path, &f.report));
    move_clock(&f, "2026-04-01T09:00:00Z");
    static const char *const purposes[] = {"marketing_material", "interest_profiles",
                                           "quotes_to_customers"};
    for (size_t i = 0; i < LENGTH(purposes); i++) {
        struct consent consent = {.subject = the_scene.anna,
                                  .purpose = str_from(purposes[i]),
                                  .wording = STR("News again?"),
                                  .given_by = STR("click")};
        RUN_OK(&f, use_consent, &consent);
    }
    assert_int_equal(suppressions(&f), 0);
    put_back(&f, path);
    assert_int_equal(suppressions(&f), 0); /* it was erased whole, by a fence */
    end(&f);
}

static void it_holds_hashes_and_purposes_and_nothing_else(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    MUST(&f, run_object(&f, &the_scene));
    erase_person(&f, the_scene.anna, false);
    dossier_id *ids, after = {{0}};
    size_t count;
    MUST(&f, vault_list(f.reg->vault, DOSSIER_SUPPRESSION, after, 100, f.arena, &f.report, &ids,
                        &count));
    assert_int_equal(count, 1);
    const struct facts *facts = facts_of(&f, ids[0]);
    assert_int_equal(facts->items.count + facts->evidence.count + facts->roles.count +
                         facts->events.count + facts->concerns.count,
                     0);
    assert_true(facts->hashes.count > 0 && facts->objections.count > 0);
    RUN_FAULT(&f, use_consent,
              (&(struct consent){.subject = ids[0],
                                 .purpose = STR("marketing_material"),
                                 .wording = STR("?"),
                                 .given_by = STR("click")}),
              FAULT_NOT_FOUND); /* no person has this id */
    end(&f);
}

#define TEST(name) cmocka_unit_test(name)

/* What a collection of that address takes of its arena: each dossier that it looked at, too. */
static size_t taken_by_collection(struct fixture *f, const char *mail)
{
    dossier_id who = make_subject(f);
    size_t before_ = arena_used(f->arena);
    take_part(f, who, mail);
    return arena_used(f->arena) - before_;
}

/* A family's, a firm's: there may be thousands. */
static void an_address_that_many_share_costs_a_collection_no_more(void **state)
{
    (void)state;
    enum { SHARING = 200 };
    struct fixture f;
    begin(&f);
    size_t first = taken_by_collection(&f, "post@canary.test"), last = 0;
    for (size_t i = 0; i < SHARING; i++)
        last = taken_by_collection(&f, "post@canary.test");
    if (last > first + first / 10)
        fail_msg("%zu bytes for the first, %zu for the last", first, last);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_objection_keeps_the_next_list_away_after_erasure),
        TEST(the_address_is_looked_at_before_the_collection_is_decided),
        TEST(an_import_neither_brings_her_back_nor_consents_for_her),
        TEST(the_number_of_someone_suppressed_is_nobodys_number),
        TEST(whoever_is_erased_may_ask_not_to_be_found_again),
        TEST(only_her_own_new_consent_ends_it),
        TEST(a_backup_from_before_the_objection_does_not_undo_it),
        TEST(a_backup_from_before_the_consent_does_not_bring_it_back),
        TEST(it_holds_hashes_and_purposes_and_nothing_else),
        cmocka_unit_test(an_address_that_many_share_costs_a_collection_no_more),
    };
    return cmocka_run_group_tests(tests, set_scene, end_scene);
}
