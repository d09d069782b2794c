/* The log of a register that several servers may serve: its entries are kept with the data, each
 * in the transaction of what it tells, and a server with an empty folder of its own has the same
 * log. */
#include "engine_fixture.h"

#include "engine_internal.h"
#include "manifest.h"
#include "postgres_pooler.h"
#include "postgres_server.h"
#include "verify.h"

static struct postgres_server server;
static const char *const start = "2026-03-01T09:00:00Z";
static const char *const entries = "SELECT count(*) FROM entry WHERE ?1::text <> ''";

static long count(const char *name, const char *sql)
{
    char schema[64];
    (void)snprintf(schema, sizeof(schema), "vern_%s_data", name);
    return postgres_count(server.address, schema, sql, "x", 1);
}

static void register_of(struct fixture *f, const char *name, bool servers, bool simulated)
{
    struct db_places places = {0};
    for (size_t i = 0; i < LENGTH(places.at); i++) {
        if (!is_ok(db_address_take(str_from(server.address), &places.at[i], &f->report)))
            fail_msg("%s", f->report.text);
        places.at[i].servers = servers;
    }
    struct register_create create = {.name = str_from(name),
                                     .policy_file = STR("policies/example.yaml"),
                                     .simulated = simulated,
                                     .start = at_time(start),
                                     .places = &places};
    fixture_start(f, 7, start);
    struct problems problems = {.arena = f->arena};
    create.policy = read_text(f, "policies/example.yaml");
    if (!is_ok(
            engine_register_create(f->engine, &create, f->arena, &problems, &f->report, &f->admin)))
        fail_msg("%s", f->report.text);
    f->reg = engine_register(f->engine, str_from(name));
}

static void register_for(struct fixture *f, const char *name, bool servers)
{
    register_of(f, name, servers, true);
}

/* The server that keeps its files of the logs in this folder; NULL: beside the registers. */
static status open_as(struct fixture *f, const char *folder, struct engine **engine)
{
    struct engine_config config = fixture_config(f);
    char path[160];
    (void)snprintf(path, sizeof(path), "%s/%s", f->dir, folder == NULL ? "" : folder);
    config.log_dir = folder == NULL ? NULL : path;
    f->report = (struct report){0};
    return engine_open(&config, &f->report, engine);
}

static void serve_as(struct fixture *f, const char *folder, const char *name)
{
    if (!is_ok(open_as(f, folder, &f->engine)))
        fail_msg("%s", f->report.text);
    f->reg = engine_register(f->engine, str_from(name));
    assert_non_null(f->reg);
}

static dossier_id new_subject(struct fixture *f)
{
    struct subject_create create = {0};
    RUN_OK(f, use_subject_create, &create);
    return f->call.outcome.id;
}

/* An entry about two people. */
static status use_many(struct call *call, void *self)
{
    struct manifest_line lines[] = {{{2}, AUDIT_ALLOW}, {{1}, AUDIT_REFUSE}};
    struct operation op = call_operation(call, ACTION_READ, call->reg->own);
    struct audit_entry entry;
    char room[LIMIT_ENTRY_BYTES];
    struct buf buf = buf_over(room, sizeof(room));
    merkle_hash *root = self;
    TRY(audit_manifest_write(call->reg->log, lines, LENGTH(lines), call->report, root));
    TRY(call_entry(call, NULL, &op, decision_by_scope(), &entry));
    entry.action = STR("many");
    entry.has_manifest = true;
    entry.manifest = *root;
    entry.manifest_lines = LENGTH(lines);
    TRY(entry_write(&buf, &entry, call->report));
    return audit_append(call->reg->log, buf_str(&buf), call->report, NULL);
}

static status use_refuse(struct call *call, void *self)
{
    struct operation op = call_operation(call, ACTION_READ, call->reg->own);
    (void)self;
    return call_beyond_token(call, NULL, &op, "a thing");
}

static void verify_log(struct fixture *f)
{
    struct audit_verdict verdict;
    str note;
    if (!is_ok(audit_sign(f->reg->log, &f->report, &note)) ||
        !is_ok(audit_verify(&f->sim.world, reg_log_dir(f->reg), reg_verifier(f->reg), STR(""),
                            &f->report, &verdict)))
        fail_msg("%s", f->report.text);
    assert_int_equal(verdict.size, audit_size(f->reg->log));
}

static void every_entry_is_kept_with_what_it_tells(void **state)
{
    (void)state;
    struct fixture f;
    merkle_hash root;
    register_for(&f, "kept", true);
    uint64_t at_first = audit_size(f.reg->log);
    assert_true(at_first > 0);
    assert_int_equal(count("kept", entries), at_first);
    (void)new_subject(&f);
    RUN_FAULT(&f, use_refuse, NULL, FAULT_FORBIDDEN); /* undone, and its entry stays */
    RUN_OK(&f, use_many, &root);
    assert_int_equal(audit_size(f.reg->log), at_first + 3);
    assert_int_equal(count("kept", entries), at_first + 3);
    assert_int_equal(count("kept", "SELECT count(*) FROM manifest WHERE ?1::text <> ''"), 1);
    fixture_stop(&f);
}

static void a_register_of_one_server_keeps_none_there(void **state)
{
    (void)state;
    struct fixture f;
    register_for(&f, "alone", false);
    (void)new_subject(&f);
    assert_int_equal(count("alone", entries), 0);
    fixture_stop(&f);
}

static void a_server_with_an_empty_folder_has_the_same_log(void **state)
{
    (void)state;
    struct fixture f;
    merkle_hash root, first, root_there;
    const struct manifest_line *lines = NULL;
    register_for(&f, "moving", true);
    (void)new_subject(&f);
    RUN_OK(&f, use_many, &root);
    uint64_t size = audit_size(f.reg->log);
    first = audit_root(f.reg->log);
    fixture_close(&f);

    serve_as(&f, "b", "moving");
    assert_true(audit_size(f.reg->log) > size); /* it says that it started */
    assert_non_null(strstr(reg_log_dir(f.reg), "/b/moving/log"));
    assert_true(is_ok(audit_root_at(f.reg->log, size, &f.report, &root_there)));
    assert_true(MERKLE_EQUAL(first, root_there));
    struct manifest_name named = {root, 2};
    assert_true(is_ok(audit_manifest_load(f.reg->log, &named, f.arena, &f.report, &lines)));
    verify_log(&f);
    (void)new_subject(&f);
    size = audit_size(f.reg->log);
    fixture_close(&f);

    serve_as(&f, NULL, "moving"); /* and back, behind what the other one wrote */
    assert_true(audit_size(f.reg->log) > size);
    verify_log(&f);
    assert_int_equal(count("moving", entries), audit_size(f.reg->log));
    fixture_stop(&f);
}

/* Each has a clock of its own: one that is behind goes on at the log's last instant, and one that
 * is ahead by more than a day takes nothing away until somebody has looked. */
static void
a_server_whose_clock_is_not_the_others_neither_takes_time_back_nor_data_away(void **state)
{
    (void)state;
    enum { HOUR_MS = 3600000 };
    struct fixture f;
    register_of(&f, "clocks", true, false);
    f.sim.clock.ms += 10 * (int64_t)HOUR_MS;
    (void)new_subject(&f);
    instant last = audit_last_time(f.reg->log), there = f.sim.clock;
    fixture_close(&f);

    f.sim.clock.ms -= 5 * (int64_t)HOUR_MS;
    serve_as(&f, "behind", "clocks");
    assert_true(reg_now(f.reg).ms >= last.ms);
    (void)new_subject(&f);
    assert_true(audit_last_time(f.reg->log).ms >= last.ms);
    assert_false(reg_destruction_stopped(f.reg));
    verify_log(&f);
    fixture_close(&f);

    f.sim.clock.ms = there.ms + 30 * (int64_t)HOUR_MS;
    serve_as(&f, "ahead", "clocks");
    (void)new_subject(&f);
    assert_true(reg_destruction_stopped(f.reg));
    verify_log(&f);
    fixture_close(&f);

    f.sim.clock = there;
    serve_as(&f, "behind", "clocks"); /* what the one that was ahead has said counts here, too */
    assert_true(reg_destruction_stopped(f.reg));
    assert_true(reg_now(f.reg).ms >= there.ms + 30 * (int64_t)HOUR_MS);
    assert_int_equal(count("clocks", entries), audit_size(f.reg->log));
    fixture_stop(&f);
}

static void many_entries_come_a_page_at_a_time(void **state)
{
    (void)state;
    struct fixture f;
    register_for(&f, "long", true);
    for (int i = 0; i < 1100; i++)
        RUN_FAULT(&f, use_refuse, NULL, FAULT_FORBIDDEN);
    fixture_close(&f);
    serve_as(&f, "b", "long");
    assert_true(audit_size(f.reg->log) > 1100);
    verify_log(&f);
    fixture_stop(&f);
}

/* What was acknowledged is in the database: a server whose folder did not get it takes it there. */
static status files_fail(void *self, const char *seam, struct report *report)
{
    (void)self;
    return strcmp(seam, "log.append") == 0 ? fail(report, FAULT_STORE, "the disk is gone") : OK;
}

static void a_turn_whose_files_fail_is_in_the_log_of_the_next_server(void **state)
{
    (void)state;
    struct fixture f;
    struct subject_create create = {0};
    register_for(&f, "disk", true);
    uint64_t size = audit_size(f.reg->log);
    f.sim.world.seam = files_fail;
    RUN_FAULT(&f, use_subject_create, &create, FAULT_STORE);
    f.sim.world.seam = NULL;
    assert_true(engine_failed(f.engine)); /* nothing is answered: it goes */
    fixture_close(&f);
    assert_int_equal(count("disk", entries), size + 1);
    assert_int_equal(
        count("disk", "SELECT count(*) FROM dossier WHERE kind = 1 AND ?1::text <> ''"), 1);
    serve_as(&f, "b", "disk");
    verify_log(&f);
    fixture_stop(&f);
}

static void while_one_serves_another_waits_and_touches_nothing(void **state)
{
    (void)state;
    struct fixture f;
    struct engine *other = NULL;
    char half_made[192];
    register_for(&f, "served", true);
    (void)snprintf(half_made, sizeof(half_made), "%s/registers/a_space", f.data);
    assert_true(is_ok(dir_make(half_made, 0700, &f.report)));
    assert_true(is_ok(register_doubt(&f.sim.world, half_made, &f.report)));
    assert_int_equal(open_as(&f, "b", &other).fault, FAULT_LOCKED);
    assert_null(other);
    assert_true(register_is_unconfirmed(half_made)); /* which the one that serves may be making */
    (void)new_subject(&f);
    fixture_close(&f);
    serve_as(&f, "b", "served");
    assert_false(register_is_unconfirmed(half_made));
    fixture_stop(&f);
}

/* Its sessions end, as when nobody hears of a server any more, and it lives on. */
static void cut_off(void)
{
    (void)postgres_count(server.address, "public",
                         "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
                         "pid <> pg_backend_pid() AND backend_type = 'client backend' AND "
                         "?1::text <> ''",
                         "x", 1);
}

static status use_nothing(struct call *call, void *self)
{
    struct operation op = call_operation(call, ACTION_READ, call->reg->own);
    (void)self;
    return call_log(call, NULL, &op, "look", decision_by_scope());
}

static void a_server_that_another_took_over_from_opens_nothing_more(void **state)
{
    (void)state;
    struct fixture f;
    struct engine *other = NULL;
    struct subject_create create = {0};
    register_for(&f, "taken", true);
    cut_off();
    if (!is_ok(open_as(&f, "b", &other)))
        fail_msg("%s", f.report.text);
    long before_it = count("taken", entries);
    RUN_FAULT(&f, use_nothing, NULL, FAULT_LOCKED);
    assert_true(engine_failed(f.engine));
    RUN_FAULT(&f, use_subject_create, &create, FAULT_STORE);
    assert_int_equal(count("taken", entries), before_it);
    fixture_close(&f);
    f.engine = other;
    f.reg = engine_register(other, STR("taken"));
    (void)new_subject(&f);
    verify_log(&f);
    fixture_stop(&f);
}

static void a_folder_of_logs_is_for_registers_of_several_servers(void **state)
{
    (void)state;
    struct fixture f;
    register_for(&f, "single", false);
    fixture_close(&f);
    assert_int_equal(open_as(&f, "b", &f.engine).fault, FAULT_INVALID);
    assert_non_null(strstr(f.report.text, "not for several servers"));
    fixture_stop(&f);
}

/* ---- no pooler ---- */

static void places_of(struct fixture *f, const char *name, char dir[192], struct db_places *places)
{
    (void)snprintf(dir, 192, "%s/registers/%s", f->data, name);
    if (!is_ok(db_places_read(dir, &f->report, places)))
        fail_msg("%s", f->report.text);
}

static void put_places(struct fixture *f, const char *dir, const struct db_places *places)
{
    if (!is_ok(db_places_write(&f->sim.world, dir, places, &f->report)))
        fail_msg("%s", f->report.text);
}

static void refused_as(struct fixture *f, status got, enum fault_class wanted, const char *words)
{
    if (got.fault != wanted || strstr(f->report.text, words) == NULL)
        fail_msg("wanted %s, got %s: %s", words, fault_name(got.fault), f->report.text);
    f->report = (struct report){0};
}

static status shares(struct fixture *f)
{
    bool changed = false;
    status shared = register_share(f->reg, &f->report, &changed);
    assert_false(changed);
    return shared;
}

/* As it is opened it is taken from whoever serves it, since nobody sees that one. */
static void
a_register_behind_a_pooler_is_none_of_several_servers_and_stays_whose_it_is(void **state)
{
    (void)state;
    struct fixture f;
    struct db_places places;
    struct engine_config config;
    struct engine *other = NULL;
    char dir[192], logs[96];
    register_for(&f, "pooled", false);
    places_of(&f, "pooled", dir, &places);
    places.at[DB_DATA].pooled = places.at[DB_KEYS].pooled = true;
    put_places(&f, dir, &places);
    refused_as(&f, shares(&f), FAULT_INVALID, "behind a pooler (--pooled)");
    config = fixture_config(&f);
    (void)snprintf(logs, sizeof(logs), "%s/other", f.dir);
    config.log_dir = logs;
    for (unsigned beside = 0; beside < 2; beside++) {
        config.beside = beside == 1;
        refused_as(&f, engine_open(&config, &f.report, &other), FAULT_INVALID,
                   "not for several servers");
        (void)new_subject(&f);
    }
    places.at[DB_DATA].servers = places.at[DB_KEYS].servers = true; /* by hand */
    put_places(&f, dir, &places);
    refused_as(&f, engine_open(&config, &f.report, &other), FAULT_CORRUPT, "pooled and servers");
    (void)new_subject(&f);
    fixture_stop(&f);
}

static void a_pooler_that_nobody_spoke_of_is_found_before_a_register_is_for_several(void **state)
{
    (void)state;
    struct fixture f;
    struct db_places places;
    char dir[192], address[POSTGRES_ADDRESS_ROOM];
    pid_t pooler = postgres_pooler_start(&server, address);
    if (pooler == 0)
        skip();
    register_for(&f, "unsaid", false);
    places_of(&f, "unsaid", dir, &places);
    for (size_t i = 0; i < LENGTH(places.at); i++) {
        struct db_places with = places;
        (void)snprintf(with.at[i].address, sizeof(with.at[i].address), "%s", address);
        put_places(&f, dir, &with);
        refused_as(&f, shares(&f), FAULT_INVALID, "a pooler lies between");
    }
    assert_int_equal(count("unsaid", entries), 0);
    fixture_stop(&f);
    postgres_pooler_stop(pooler);
}

static status places_fail(void *self, const char *seam, struct report *report)
{
    (void)self;
    return strcmp(seam, "register.places") == 0 ? fail(report, FAULT_STORE, "no") : OK;
}

static void a_register_of_one_server_may_become_one_for_several(void **state)
{
    (void)state;
    struct fixture f;
    merkle_hash root, first, there;
    bool changed = false;
    register_for(&f, "later", false);
    (void)new_subject(&f);
    RUN_OK(&f, use_many, &root);
    f.sim.world.seam = places_fail; /* the power goes before the switch */
    assert_int_equal(register_share(f.reg, &f.report, &changed).fault, FAULT_STORE);
    f.sim.world.seam = NULL;
    fixture_close(&f);
    serve_as(&f, NULL, "later");
    (void)new_subject(&f); /* it goes on as it was */
    assert_true(count("later", entries) < (long)audit_size(f.reg->log));
    if (!is_ok(register_share(f.reg, &f.report, &changed)))
        fail_msg("%s", f.report.text);
    assert_true(changed);
    uint64_t size = audit_size(f.reg->log);
    first = audit_root(f.reg->log);
    assert_int_equal(count("later", entries), size);
    fixture_close(&f);

    serve_as(&f, "b", "later");
    assert_true(is_ok(audit_root_at(f.reg->log, size, &f.report, &there)));
    assert_true(MERKLE_EQUAL(first, there));
    verify_log(&f);
    assert_true(is_ok(register_share(f.reg, &f.report, &changed)));
    assert_false(changed);
    fixture_stop(&f);
}

static void a_register_in_files_is_for_one_server(void **state)
{
    (void)state;
    struct fixture f;
    bool changed = false;
    fixture_start(&f, 7, start);
    (void)fixture_register(&f, "example", start);
    assert_int_equal(register_share(f.reg, &f.report, &changed).fault, FAULT_INVALID);
    fixture_stop(&f);
}

static void files_of_another_log_are_refused(void **state)
{
    (void)state;
    struct fixture f;
    register_for(&f, "forked", true);
    (void)new_subject(&f);
    fixture_close(&f);
    (void)count("forked", "WITH gone AS (DELETE FROM entry WHERE number = (SELECT max(number) FROM "
                          "entry) AND ?1::text <> '' RETURNING 1) SELECT count(*) FROM gone");
    assert_int_equal(open_as(&f, NULL, &f.engine).fault, FAULT_CORRUPT);
    assert_non_null(strstr(f.report.text, "is not that of the database"));
    /* And a folder without any files cannot hide what the keys know of. */
    assert_int_equal(open_as(&f, "b", &f.engine).fault, FAULT_CORRUPT);
    fixture_stop(&f);
}

static void the_log_of_a_register_that_ended_stays_with_it(void **state)
{
    (void)state;
    struct fixture f;
    char left[192];
    register_for(&f, "ending", true);
    fixture_close(&f);
    serve_as(&f, "b", "ending");
    (void)new_subject(&f);
    char key[256];
    (void)snprintf(key, sizeof(key), "%.*s", STR_ARG(reg_verifier(f.reg)));
    if (!is_ok(reg_retire(f.reg, NULL, f.arena, &f.report)))
        fail_msg("%s", f.report.text);
    (void)snprintf(left, sizeof(left), "%s/registers/ending/log", f.data);
    struct audit_verdict verdict;
    if (!is_ok(audit_verify(&f.sim.world, left, str_from(key), STR(""), &f.report, &verdict)))
        fail_msg("%s", f.report.text);
    assert_true(verdict.size > 2 && verdict.unsigned_entries == 0);
    fixture_stop(&f);
}

static int stopped(void **state)
{
    (void)state;
    postgres_server_stop(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_is_kept_with_what_it_tells),
        cmocka_unit_test(a_register_of_one_server_keeps_none_there),
        cmocka_unit_test(a_server_with_an_empty_folder_has_the_same_log),
        cmocka_unit_test(
            a_server_whose_clock_is_not_the_others_neither_takes_time_back_nor_data_away),
        cmocka_unit_test(many_entries_come_a_page_at_a_time),
        cmocka_unit_test(a_turn_whose_files_fail_is_in_the_log_of_the_next_server),
        cmocka_unit_test(while_one_serves_another_waits_and_touches_nothing),
        cmocka_unit_test(a_server_that_another_took_over_from_opens_nothing_more),
        cmocka_unit_test(a_folder_of_logs_is_for_registers_of_several_servers),
        cmocka_unit_test(
            a_register_behind_a_pooler_is_none_of_several_servers_and_stays_whose_it_is),
        cmocka_unit_test(a_pooler_that_nobody_spoke_of_is_found_before_a_register_is_for_several),
        cmocka_unit_test(a_register_of_one_server_may_become_one_for_several),
        cmocka_unit_test(a_register_in_files_is_for_one_server),
        cmocka_unit_test(files_of_another_log_are_refused),
        cmocka_unit_test(the_log_of_a_register_that_ended_stays_with_it),
    };
    if (!postgres_server_start(&server, ""))
        return 77;
    return cmocka_run_group_tests(tests, NULL, stopped);
}
