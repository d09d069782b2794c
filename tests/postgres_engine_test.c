/* The engine over PostgreSQL: where a register's rows lie, what becomes of them when it ends, and
 * an answer while the server is away. */
#include "engine_fixture.h"

#include "engine_internal.h"
#include "postgres_server.h"

static struct postgres_server data_server, keys_server;

static void places_of(struct db_places *places, const char *data, const char *keys)
{
    struct report report = {0};
    *places = (struct db_places){0};
    if (!is_ok(db_address_take(str_from(data), &places->at[DB_DATA], &report)) ||
        (keys != NULL && !is_ok(db_address_take(str_from(keys), &places->at[DB_KEYS], &report))))
        fail_msg("%s", report.text);
}

static void register_at(struct fixture *f, const char *name, const char *data, const char *keys)
{
    struct db_places places;
    places_of(&places, data, keys);
    struct register_create create = {.name = str_from(name),
                                     .policy_file = STR("policies/example.yaml"),
                                     .simulated = true,
                                     .start = at_time("2026-03-01T09:00:00Z"),
                                     .places = &places};
    fixture_start(f, 7, "2026-03-01T09:00:00Z");
    struct problems problems = {.arena = f->arena};
    create.policy = read_text(f, "policies/example.yaml");
    if (!is_ok(
            engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin)))
        fail_msg("%s", f->report.text);
    f->reg = engine_register(f->engine, str_from(name));
}

static void again(struct fixture *f, const char *name)
{
    fixture_close(f);
    fixture_open(f);
    f->reg = engine_register(f->engine, str_from(name));
    assert_non_null(f->reg);
}

static dossier_id new_subject(struct fixture *f)
{
    struct subject_create create = {0};
    RUN_OK(f, use_subject_create, &create);
    return f->call.outcome.id;
}

static long schemas(const struct postgres_server *server, const char *name)
{
    return postgres_count(
        server->address, "public",
        "SELECT count(*) FROM pg_namespace WHERE nspname = convert_from(?1, 'UTF8')", name,
        strlen(name));
}

static long stored(const struct postgres_server *server, const char *schema, dossier_id id)
{
    return postgres_count(server->address, schema,
                          "SELECT count(*) FROM dossier WHERE subject = ?1", id.bytes, ID_BYTES);
}

static bool has_file(struct fixture *f, const char *name, const char *leaf)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/registers/%s/%s", f->data, name, leaf);
    return file_exists(path);
}

static void data_and_keys_may_lie_in_two_clusters(void **state)
{
    (void)state;
    struct fixture f;
    register_at(&f, "two", data_server.address, keys_server.address);
    dossier_id id = new_subject(&f);
    again(&f, "two");
    (void)new_subject(&f);
    assert_int_equal(stored(&data_server, "vern_two_data", id), 1);
    assert_int_equal(schemas(&data_server, "vern_two_keys"), 0);
    assert_int_equal(schemas(&keys_server, "vern_two_keys"), 1);
    assert_false(has_file(&f, "two", "data.db") || has_file(&f, "two", "keys.db"));
    fixture_stop(&f);
}

static void keys_may_stay_in_their_file(void **state)
{
    (void)state;
    struct fixture f;
    register_at(&f, "half", data_server.address, NULL);
    dossier_id id = new_subject(&f);
    again(&f, "half");
    assert_int_equal(stored(&data_server, "vern_half_data", id), 1);
    assert_true(has_file(&f, "half", "keys.db"));
    assert_false(has_file(&f, "half", "data.db"));
    fixture_stop(&f);
}

static void a_register_that_ends_takes_its_schemas_along(void **state)
{
    (void)state;
    struct fixture f;
    register_at(&f, "ending", data_server.address, keys_server.address);
    (void)new_subject(&f);
    assert_int_equal(schemas(&data_server, "vern_ending_data"), 1);
    status ended = reg_retire(f.reg, NULL, f.arena, &f.report);
    if (!is_ok(ended))
        fail_msg("%s", f.report.text);
    assert_int_equal(schemas(&data_server, "vern_ending_data"), 0);
    assert_int_equal(schemas(&keys_server, "vern_ending_keys"), 0);
    assert_false(has_file(&f, "ending", "database.json"));
    fixture_stop(&f);
}

static status (*meanwhile)(void *self, const char *seam, struct report *report);

/* Creates in another folder, which knows of no register; gives the fault. */
static enum fault_class making(struct fixture *f, const char *name, const char *data,
                               const char *keys)
{
    struct db_places places;
    fixture_start(f, 8, "2026-03-01T09:00:00Z");
    f->sim.world.seam = meanwhile;
    struct problems problems = {.arena = f->arena};
    places_of(&places, data, keys);
    struct register_create create = {.name = str_from(name),
                                     .policy_file = STR("policies/example.yaml"),
                                     .policy = read_text(f, "policies/example.yaml"),
                                     .simulated = true,
                                     .start = at_time("2026-03-01T09:00:00Z"),
                                     .places = &places};
    return engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin)
        .fault;
}

static void a_register_that_could_not_be_made_leaves_what_is_others(void **state)
{
    (void)state;
    struct fixture f, other;
    register_at(&f, "taken", data_server.address, keys_server.address);
    dossier_id id = new_subject(&f);
    assert_int_equal(making(&other, "taken", data_server.address, NULL), FAULT_CONFLICT);
    assert_non_null(strstr(other.report.text, "there already"));
    fixture_stop(&other);
    assert_int_equal(making(&other, "new", "host=/nowhere/at/all dbname=x", keys_server.address),
                     FAULT_STORE);
    assert_non_null(strstr(other.report.text, "cannot be reached"));
    fixture_close(&other);
    fixture_open(&other); /* nothing is left there that would have to be reached */
    fixture_stop(&other);
    assert_int_equal(stored(&data_server, "vern_taken_data", id), 1);
    (void)new_subject(&f);
    fixture_stop(&f);
}

/* ---- two at the same moment ---- */

static struct fixture theirs;
static bool they_made;

/* They make it when ours has seen that the name is free, and has made nothing yet. */
static status they_make_it(void *self, const char *seam, struct report *report)
{
    (void)self;
    (void)report;
    if (!they_made && strcmp(seam, "register.places") == 0) {
        they_made = true;
        register_at(&theirs, "both", data_server.address, keys_server.address);
    }
    return OK;
}

static void of_two_that_make_one_name_at_the_same_moment_one_has_it_whole(void **state)
{
    (void)state;
    struct fixture ours;
    meanwhile = they_make_it;
    assert_int_equal(making(&ours, "both", data_server.address, keys_server.address),
                     FAULT_CONFLICT);
    meanwhile = NULL;
    assert_true(they_made);
    fixture_close(&ours);
    fixture_open(&ours);
    assert_null(engine_register(ours.engine, STR("both")));
    fixture_stop(&ours);
    dossier_id id = new_subject(&theirs);
    again(&theirs, "both");
    assert_int_equal(stored(&data_server, "vern_both_data", id), 1);
    fixture_stop(&theirs);
}

static void a_schema_of_another_register_is_not_opened(void **state)
{
    (void)state;
    struct fixture f;
    struct engine_config config;
    register_at(&f, "swapped", data_server.address, keys_server.address);
    fixture_close(&f);
    (void)postgres_count(data_server.address, "vern_swapped_data",
                         "UPDATE format SET mark = 'others' WHERE ?1::text <> '' RETURNING 1", "x",
                         1);
    config = fixture_config(&f);
    f.report = (struct report){0};
    assert_int_equal(engine_open(&config, &f.report, &f.engine).fault, FAULT_CORRUPT);
    assert_non_null(strstr(f.report.text, "another register's"));
    fixture_stop(&f);
}

/* ---- what lies there went back ---- */

/* The tables of a schema, as a dump has them; and put back, by hand. */
static void dump(const char *schema)
{
    char sql[512];
    (void)snprintf(sql, sizeof(sql),
                   "CREATE SCHEMA old_%s; DO $$ DECLARE it text; BEGIN FOR it IN SELECT tablename "
                   "FROM pg_tables WHERE schemaname = '%s' LOOP EXECUTE format('CREATE TABLE "
                   "old_%s.%%I AS TABLE %s.%%I', it, it); END LOOP; END $$",
                   schema, schema, schema, schema);
    postgres_run(data_server.address, sql);
}

static void put_back(const char *schema)
{
    char sql[512];
    (void)snprintf(
        sql, sizeof(sql),
        "DO $$ DECLARE it text; BEGIN FOR it IN SELECT tablename FROM pg_tables WHERE "
        "schemaname = '%s' LOOP EXECUTE format('DELETE FROM %s.%%I', it); EXECUTE "
        "format('INSERT INTO %s.%%I SELECT * FROM old_%s.%%I', it, it); END LOOP; END $$",
        schema, schema, schema, schema);
    postgres_run(data_server.address, sql);
}

static void data_that_went_back_behind_its_keys_is_not_opened(void **state)
{
    (void)state;
    struct fixture f;
    struct engine_config config;
    register_at(&f, "older", data_server.address, data_server.address);
    dossier_id person = new_subject(&f);
    fixture_close(&f);
    dump("vern_older_data");
    fixture_open(&f);
    f.reg = engine_register(f.engine, STR("older"));
    struct erase_run erased = {.request = {.subject = person, .warned = true}};
    RUN_OK(&f, use_erase, &erased);
    (void)new_subject(&f);
    fixture_close(&f);
    put_back("vern_older_data");
    config = fixture_config(&f);
    assert_int_equal(engine_open(&config, &f.report, &f.engine).fault, FAULT_CORRUPT);
    if (strstr(f.report.text, "the database has lost turns") == NULL)
        fail_msg("%s", f.report.text);
    fixture_stop(&f);
}

static void refused(struct fixture *f, status got)
{
    if (got.fault != FAULT_INVALID || strstr(f->report.text, "lies in PostgreSQL") == NULL)
        fail_msg("%s: %s", fault_name(got.fault), f->report.text);
    f->report = (struct report){0};
}

/* There PostgreSQL's own tools do it: half of it would be worse than nothing. */
static void a_backup_and_a_restore_are_refused_and_leave_all_as_it_was(void **state)
{
    (void)state;
    struct fixture f;
    char into[96];
    register_at(&f, "copied", data_server.address, data_server.address);
    dossier_id person = new_subject(&f);
    uint64_t size = audit_size(f.reg->log);
    (void)snprintf(into, sizeof(into), "%s/backup", f.dir);
    struct restore restore = {.dir = into};
    refused(&f, engine_backup(f.reg, into, &f.report));
    refused(&f, engine_backup_keys(f.reg, into, &f.report));
    assert_int_equal(audit_size(f.reg->log), size);
    (void)new_subject(&f);
    fixture_close(&f);
    struct engine_config config = fixture_config(&f);
    refused(&f, engine_restore_check(&config, STR("copied"), &restore, &f.report));
    refused(&f, engine_restore(&config, STR("copied"), into, &f.report));
    fixture_open(&f);
    assert_int_equal(stored(&data_server, "vern_copied_data", person), 1);
    fixture_stop(&f);
}

static void what_schemas_take_is_in_its_health(void **state)
{
    (void)state;
    struct fixture f;
    struct reg_health health;
    register_at(&f, "healthy", data_server.address, keys_server.address);
    if (!is_ok(reg_health(f.reg, &f.report, &health)))
        fail_msg("%s", f.report.text);
    assert_true(health.data_bytes > 10000 && health.keys_bytes > 10000);
    (void)new_subject(&f);
    fixture_stop(&f);
}

static void while_the_server_is_away_calls_are_refused_and_then_all_goes_on(void **state)
{
    (void)state;
    struct fixture f;
    struct subject_create create = {0};
    register_at(&f, "away", data_server.address, keys_server.address);
    dossier_id before_it = new_subject(&f);
    postgres_server_crash(&data_server);
    RUN_FAULT(&f, use_subject_create, &create, FAULT_STORE);
    RUN_FAULT(&f, use_subject_create, &create, FAULT_STORE);
    assert_false(engine_failed(f.engine));
    postgres_server_resume(&data_server, "");
    dossier_id after_it = new_subject(&f);
    again(&f, "away");
    assert_int_equal(stored(&data_server, "vern_away_data", before_it), 1);
    assert_int_equal(stored(&data_server, "vern_away_data", after_it), 1);
    fixture_stop(&f);
}

/* ---- a list that is older than what it lists ---- */

static long in_loose(const char *sql)
{
    return postgres_count(data_server.address, "vern_loose_data", sql, "x", 1);
}

static void sweep_loose(struct fixture *f)
{
    struct vault_loose loose = {0};
    assert_true(is_ok(vault_sweep_loose(f->reg->vault, &loose, f->arena, &f->report)));
    assert_true(is_ok(vault_commit(f->reg->vault, &f->report)));
}

/* The row that calls parts loose is taken first; whoever finds it gone leaves the parts. */
static void parts_that_an_item_has_by_now_are_left(void **state)
{
    (void)state;
    struct fixture f;
    register_at(&f, "loose", data_server.address, keys_server.address);
    in_loose("INSERT INTO loose SELECT decode(repeat('07', 16), 'hex'), decode(repeat('08', 16), "
             "'hex') WHERE ?1::text <> '' RETURNING 1");
    in_loose("INSERT INTO chunk SELECT subject, record, 0, record FROM loose WHERE ?1::text <> '' "
             "RETURNING 1");
    postgres_server_set(&data_server, "CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS "
                                      "$$ BEGIN RETURN NULL; END $$");
    postgres_server_set(&data_server, "CREATE TRIGGER gone BEFORE DELETE ON vern_loose_data.loose "
                                      "FOR EACH ROW EXECUTE FUNCTION gone()");
    sweep_loose(&f);
    assert_int_equal(in_loose("SELECT count(*) FROM chunk WHERE ?1::text <> ''"), 1);
    postgres_server_set(&data_server, "DROP TRIGGER gone ON vern_loose_data.loose");
    sweep_loose(&f);
    assert_int_equal(in_loose("SELECT count(*) FROM chunk WHERE ?1::text <> ''"), 0);
    assert_int_equal(in_loose("SELECT count(*) FROM loose WHERE ?1::text <> ''"), 0);
    fixture_stop(&f);
}

static int stopped(void **state)
{
    (void)state;
    postgres_server_stop(&data_server);
    postgres_server_stop(&keys_server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_and_keys_may_lie_in_two_clusters),
        cmocka_unit_test(keys_may_stay_in_their_file),
        cmocka_unit_test(a_register_that_ends_takes_its_schemas_along),
        cmocka_unit_test(a_register_that_could_not_be_made_leaves_what_is_others),
        cmocka_unit_test(of_two_that_make_one_name_at_the_same_moment_one_has_it_whole),
        cmocka_unit_test(a_schema_of_another_register_is_not_opened),
        cmocka_unit_test(data_that_went_back_behind_its_keys_is_not_opened),
        cmocka_unit_test(a_backup_and_a_restore_are_refused_and_leave_all_as_it_was),
        cmocka_unit_test(what_schemas_take_is_in_its_health),
        cmocka_unit_test(parts_that_an_item_has_by_now_are_left),
        cmocka_unit_test(while_the_server_is_away_calls_are_refused_and_then_all_goes_on),
    };
    if (!postgres_server_start(&data_server, "") || !postgres_server_start(&keys_server, ""))
        return 77;
    return cmocka_run_group_tests(tests, NULL, stopped);
}
