/* What lies between: several hosts of which one takes writes, TLS that is held to a certificate, a
 * pooler that gives each transaction another session. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "db_internal.h"

#ifndef VERN_POSTGRES
int main(void)
{
    print_message("SKIPPED: this build has no PostgreSQL (libpq-dev)\n");
    return 77;
}
#else
#include "postgres_pooler.h"
#include "postgres_turns.h"

static struct postgres_server server, standby;
static char loopback[32]; /* with TLS; an address that no other test has, made of our process id */

/* ---- several hosts ---- */

static void a_standby_alone_is_said_to_take_no_writes(void **state)
{
    (void)state;
    struct db_place place = place_at(standby.address, "alone");
    expect_refusal(&place, true, FAULT_STORE, "read-only replicas");
}

static void of_several_hosts_the_one_that_takes_writes_is_found(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    struct report report;
    snprintf(address, sizeof(address), "postgresql:///postgres?host=/nowhere,%s,%s&user=vern",
             standby.dir, server.dir);
    struct db_place place = place_at(address, "several");
    struct db *db = opened(&place, true);
    assert_ok(turn(db, 1, &report), &report);
    db_close(&db);
    db = opened(&place, false);
    assert_generation(db, 1);
    db_close(&db);
    /* What the address asks for goes before what Vern would. */
    snprintf(address, sizeof(address),
             "host=%s,%s user=vern dbname=postgres target_session_attrs=standby", server.dir,
             standby.dir);
    struct db_place replica = place_at(address, "several");
    while (said(standby.address, "SELECT count(*) FROM pg_class WHERE relname = 'turn' AND "
                                 "relnamespace = to_regnamespace('several')") <= 0)
        poll(NULL, 0, 5);
    expect_refusal(&replica, false, FAULT_STORE, "takes no writes");
}

/* ---- TLS ---- */

static void place_of_tls(struct db_place *place, const char *host, const char *root)
{
    *place = place_at("", "tls");
    snprintf(place->address, sizeof(place->address),
             "host=%s hostaddr=%s user=vern dbname=postgres sslmode=verify-full "
             "sslrootcert=%s/%s.crt",
             host, loopback, server.dir, root);
}

static void a_certificate_is_held_to_its_name_and_to_who_signed_it(void **state)
{
    (void)state;
    struct db_place right, name, root;
    struct report report;
    place_of_tls(&right, "localhost", "server");
    struct db *db = opened(&right, true);
    assert_ok(turn(db, 1, &report), &report);
    assert_int_equal(said(server.address, "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity "
                                          "USING (pid) WHERE ssl AND application_name = 'vern'"),
                     1);
    db_close(&db);
    place_of_tls(&name, "db.other.test", "server");
    expect_refusal(&name, false, FAULT_STORE, "TLS");
    place_of_tls(&root, "localhost", "other");
    expect_refusal(&root, false, FAULT_STORE, "TLS");
    place_of_tls(&root, "localhost", "missing");
    expect_refusal(&root, false, FAULT_STORE, "TLS");
}

static void make_certificate(const char *name, const char *host)
{
    char command[512];
    snprintf(command, sizeof(command),
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
             "-keyout %s.key -out %s.crt -subj /CN=%s -addext subjectAltName=DNS:%s && "
             "chmod 600 %s.key && chmod 644 %s.crt && chmod 711 .",
             name, name, host, host, name, name);
    if (!postgres_server_does(&server, command))
        fail_msg("openssl makes no certificate");
}

/* ---- a pooler ---- */

/* Of several servers each has to see whether another one lives. */
static void expect_several_servers_to_be_refused(const char *address)
{
    struct report report = {0};
    struct db *db = NULL;
    struct db_place place = place_at(address, "pool_servers");
    struct db_options options = {
        .place = &place, .schema = DB_DATA, .create = true, .seam = "data"};
    place.servers = true;
    assert_int_equal(db_place_look(&place, &report).fault, FAULT_INVALID);
    assert_int_equal(db_open(world_real(), "data", &options, &report, &db).fault, FAULT_INVALID);
    if (strstr(report.text, "pooler") == NULL)
        fail_msg("\"%s\" does not say pooler", report.text);
    place = place_at(server.address, "pool_servers");
    place.servers = true;
    assert_ok(db_place_look(&place, &report), &report);
}

/* Somebody else has the session in which they were prepared. */
static void expect_named_statements_to_be_missed(const char *address)
{
    struct report report;
    struct db_place place = place_at(address, "pool_not_said");
    struct db *db = opened(&place, true);
    assert_ok(turn(db, 1, &report), &report);
    PGconn *other = PQconnectdb(address);
    PQclear(PQexec(other, "BEGIN"));
    assert_int_equal(turn(db, 2, &report).fault, FAULT_STORE);
    if (strstr(report.text, "--pooled") == NULL)
        fail_msg("\"%s\" does not say --pooled", report.text);
    PQclear(PQexec(other, "ROLLBACK"));
    PQfinish(other);
    db_close(&db);
}

/* Two registers over two sessions of the server, turn by turn: each gets the other's in between,
 * and what a session keeps would be met by the wrong one. */
static void behind_a_pooler_turns_are_whole_whichever_session_they_get(void **state)
{
    (void)state;
    char address[POSTGRES_ADDRESS_ROOM];
    struct report report = {0};
    pid_t pid = postgres_pooler_start(&server, address);
    if (pid == 0) {
        print_message("SKIPPED: pgbouncer is not installed\n");
        return;
    }
    struct db_place places[2] = {place_at(address, "pool_one"), place_at(address, "pool_two")};
    struct db *dbs[2];
    for (int i = 0; i < 2; i++) {
        places[i].pooled = true;
        dbs[i] = opened(&places[i], true);
    }
    for (int64_t generation = 1; generation < 40; generation++) {
        assert_ok(write_one(dbs[generation % 2], 0, generation, &report), &report);
        assert_ok(db_settle(dbs[generation % 2], &report), &report); /* it has a session now */
        assert_ok(turn(dbs[(generation + 1) % 2], generation, &report), &report);
        assert_ok(turn(dbs[generation % 2], generation, &report), &report);
    }
    for (int i = 0; i < 2; i++) {
        assert_generation(dbs[i], 39);
        assert_ok(db_check(dbs[i], &report), &report);
    }
    /* A later one takes it from the earlier. */
    struct db *later = opened(&places[0], false);
    assert_int_equal(turn(dbs[0], 40, &report).fault, FAULT_LOCKED);
    assert_ok(turn(later, 41, &report), &report);
    db_close(&later);
    db_close(&dbs[0]);
    db_close(&dbs[1]);
    expect_named_statements_to_be_missed(address);
    expect_several_servers_to_be_refused(address);
    postgres_pooler_stop(pid);
}

static int stopped(void **state)
{
    (void)state;
    postgres_server_stop(&standby);
    postgres_server_stop(&server);
    return 0;
}

int main(void)
{
    char settings[256];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_standby_alone_is_said_to_take_no_writes),
        cmocka_unit_test(of_several_hosts_the_one_that_takes_writes_is_found),
        cmocka_unit_test(a_certificate_is_held_to_its_name_and_to_who_signed_it),
        cmocka_unit_test(behind_a_pooler_turns_are_whole_whichever_session_they_get),
    };
    if (!postgres_server_start(&server, ""))
        return 77;
    make_certificate("server", "localhost");
    make_certificate("other", "localhost");
    postgres_server_crash(&server);
    snprintf(loopback, sizeof(loopback), "127.%d.%d.%d", 64 + (getpid() >> 16) % 128,
             (getpid() >> 8) & 255, getpid() & 255);
    snprintf(settings, sizeof(settings),
             "-c ssl=on -c ssl_cert_file=%s/server.crt -c ssl_key_file=%s/server.key "
             "-c listen_addresses=%s",
             server.dir, server.dir, loopback);
    postgres_server_resume(&server, settings);
    postgres_server_follow(&standby, &server, "");
    return cmocka_run_group_tests(tests, NULL, stopped);
}
#endif
