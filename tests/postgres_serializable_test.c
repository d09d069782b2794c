/* A real server whose turns are serializable (serializable.c), beside another who writes the same
 * rows: PostgreSQL itself raises 40001, in the middle of a turn and at its COMMIT. The server asks
 * the turn again by itself, and whatever it acknowledged is there once.
 *
 *   clients (ledger.h) --> vern serve --SERIALIZABLE--> PostgreSQL <--SERIALIZABLE-- another writer
 *
 * How often it was raised stands in PostgreSQL's own log. VERN_CONFLICTS says how many are waited
 * for (12), VERN_CONFLICT_SEED which seed. */
#include "postgres_shop.h"

#include <libpq-fe.h>
#include <poll.h>

#include "crowd.h"
#include "scratch.h"

enum { CLIENTS = 4, CONFLICTS = 12, ROUNDS = 2, POLL_MS = 2, LINE_ROOM = 4096 };

static struct crowd crowd;

/* ---- what PostgreSQL says ---- */

/* Lines of its log about the server's sessions. */
static unsigned logged(const char *what)
{
    char path[128], line[LINE_ROOM];
    unsigned count = 0;
    (void)snprintf(path, sizeof(path), "%s/log", postgres.dir);
    FILE *log = fopen(path, "re");
    assert_non_null(log);
    while (fgets(line, sizeof(line), log) != NULL)
        count += strncmp(line, "vern 40001 ", 11) == 0 && strstr(line, what) != NULL;
    (void)fclose(log);
    return count;
}

static unsigned conflicts(void)
{
    return logged("ERROR: ");
}

static unsigned conflicts_at_commit(void)
{
    return logged("STATEMENT:  COMMIT");
}

static bool server_waits_for(const char *what)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'vern' AND "
                   "wait_event_type = 'Lock' AND wait_event = '%s'",
                   what);
    return counted(sql) > 0;
}

static void until_server_waits_for(const char *what)
{
    while (!server_waits_for(what))
        poll(NULL, 0, POLL_MS);
}

static long turns(void)
{
    return counted("SELECT number FROM vern_shop_data.turn");
}

/* ---- one conflict ---- */

static void say(PGconn *to, const char *sql)
{
    PGresult *result = PQexec(to, sql);
    ExecStatusType how = PQresultStatus(result);
    if (how != PGRES_COMMAND_OK && how != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(to));
    PQclear(result);
}

static str person;

static struct answer write_more(void)
{
    return about(person, "collect",
                 "{'intake':'contact_form','source':'person','channel':'web','values':"
                 "{'contact.email':'a@canary.example','question.text':'Hei'}}");
}

/* What one collection adds: items, versions of the dossier, entries. */
struct added {
    long items, versions;
    int64_t entries;
};

static struct added now_there(void)
{
    return (struct added){counted("SELECT count(*) FROM vern_shop_data.item"),
                          counted("SELECT sum(version) FROM vern_shop_data.dossier"),
                          log_size(&server, server.token)};
}

static void expect_once(struct added before_it)
{
    struct added after = now_there();
    assert_int_equal(after.items - before_it.items, 2);
    assert_int_equal(after.versions - before_it.versions, 1);
    assert_int_equal(after.entries - before_it.entries, 1);
}

static PGconn *other;

/* It has changed a row that the turn comes to, and keeps that once the turn waits for it. */
static void *changes_the_row(void *self)
{
    until_server_waits_for("transactionid");
    say(other, "COMMIT");
    return self;
}

static void a_row_that_another_changed_meanwhile_is_written_once_by_a_turn_asked_again(void **state)
{
    (void)state;
    pthread_t thread;
    unsigned raised = conflicts(), at_commit = conflicts_at_commit();
    struct added before_it = now_there();
    say(other, "BEGIN; UPDATE vern_shop_data.dossier SET sealed = sealed");
    assert_int_equal(pthread_create(&thread, NULL, changes_the_row, NULL), 0);
    struct answer answer = write_more();
    pthread_join(thread, NULL);
    expect(&answer, 201);
    assert_int_equal(conflicts() - raised, 1);
    assert_int_equal(conflicts_at_commit(), at_commit);
    expect_once(before_it);
}

/* It reads what the turn has written and writes what the turn has read, while the turn's COMMIT has
 * begun: of the two the database keeps the other. */
static void *reads_and_writes(void *self)
{
    until_server_waits_for("advisory");
    say(other, "BEGIN; SELECT version FROM vern_shop_data.dossier; INSERT INTO vern_shop_data.live "
               "SELECT subject, '\\xff' FROM vern_shop_data.due; COMMIT");
    say(other, "SELECT pg_advisory_unlock(7)");
    return self;
}

static void a_commit_that_fails_since_another_read_and_wrote_meanwhile_is_asked_again(void **state)
{
    (void)state;
    pthread_t thread;
    unsigned at_commit = conflicts_at_commit();
    struct added before_it = now_there();
    say(other, "CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
               "PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$;"
               "CREATE CONSTRAINT TRIGGER at_commit AFTER UPDATE ON vern_shop_data.dossier "
               "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit()");
    say(other, "SELECT pg_advisory_lock(7)");
    assert_int_equal(pthread_create(&thread, NULL, reads_and_writes, NULL), 0);
    struct answer answer = write_more();
    pthread_join(thread, NULL);
    expect(&answer, 201);
    assert_int_equal(conflicts_at_commit() - at_commit, 1);
    expect_once(before_it);
    /* The turn was decided anew by what the other one had written. */
    assert_int_equal(counted("SELECT count(*) FROM vern_shop_data.live WHERE tag = '\\xff'"), 0);
    say(other, "DROP TRIGGER at_commit ON vern_shop_data.dossier");
}

/* ---- many ---- */

static bool enough;
static unsigned working; /* clients; one whose file was refused midway has nothing more to say */

static bool over(void)
{
    return __atomic_load_n(&enough, __ATOMIC_RELAXED);
}

/* Rows of one store and of the other in turns, each in a transaction that lasts until a turn waits
 * for it, or two have passed; between two of them some pass, too. */
static void *write_beside(void *self)
{
    static const char *const writes[] = {
        "BEGIN; SELECT max(version) FROM vern_shop_data.dossier; "
        "UPDATE vern_shop_data.live SET tag = tag",
        "BEGIN; SELECT max(version) FROM vern_shop_keys.fence; "
        "UPDATE vern_shop_keys.ring SET part = part",
    };
    PGconn *to = PQconnectdb(server.database);
    for (size_t i = 0; !over(); i++) {
        long from = turns();
        PQclear(PQexec(to, writes[i % LENGTH(writes)]));
        while (!over() && turns() < from + 2 && !server_waits_for("transactionid"))
            poll(NULL, 0, POLL_MS);
        PQclear(PQexec(to, "COMMIT"));
        while (!over() && turns() < from + 6)
            poll(NULL, 0, POLL_MS);
    }
    PQfinish(to);
    return self;
}

static void *work(void *self)
{
    do
        client_work(self, server.port);
    while (client_may_ask_again(self));
    __atomic_sub_fetch(&working, 1, __ATOMIC_RELAXED);
    return NULL;
}

static void *check_all(void *self)
{
    client_check_all(self, server.port);
    return NULL;
}

/* Where the keys of a turn were kept and its data could not be, the server stops, and its next
 * start puts that right. */
static void one_round(unsigned wanted, unsigned *stops)
{
    pthread_t writer;
    unsigned from = conflicts();
    enough = false;
    working = CLIENTS;
    assert_int_equal(pthread_create(&writer, NULL, write_beside, NULL), 0);
    crowd_start(&crowd, work);
    while (conflicts() < from + wanted && process_runs(&server) &&
           __atomic_load_n(&working, __ATOMIC_RELAXED) > 0)
        pass(20000);
    *stops += !process_runs(&server);
    __atomic_store_n(&enough, true, __ATOMIC_RELAXED);
    process_kill(&server);
    crowd_join(&crowd);
    pthread_join(writer, NULL);
    process_start(&server);
    crowd_start(&crowd, check_all);
    crowd_join(&crowd);
}

/* G3, G4 */
static void whatever_is_acknowledged_beside_one_who_writes_the_same_rows_is_there_once(void **state)
{
    (void)state;
    unsigned wanted = (unsigned)number_said("VERN_CONFLICTS", CONFLICTS), stops = 0;
    unsigned from = conflicts(), at_commit = conflicts_at_commit();
    process_close(&server);
    server.database[0] = '\0';
    crowd_seed(&crowd, "VERN_CONFLICT_SEED");
    process_open_in(&server, scratch_folder(), "tests/kill/kill.yaml", NULL);
    crowd_begin(&crowd, CLIENTS, 0, &server);
    for (unsigned i = 0; conflicts() < from + wanted || i < ROUNDS; i++)
        one_round(wanted / ROUNDS, &stops);
    crowd_end(&crowd);
    print_message("  seed %llu: %u conflicts, %u of them at COMMIT; %llu requests, %llu "
                  "acknowledged, 0 of them lost or doubled; %llu answered 503 and asked again; "
                  "%u stops\n",
                  (unsigned long long)crowd.seed, conflicts() - from,
                  conflicts_at_commit() - at_commit, (unsigned long long)crowd.requests,
                  (unsigned long long)crowd.acknowledged, (unsigned long long)crowd.refused, stops);
}

static int opened(void **state)
{
    (void)state;
    assert_int_equal(setenv("LD_PRELOAD", VERN_SERIALIZABLE, 1), 0);
    shop_open("sweep_seconds = 60\n");
    struct answer made = send_to(
        STR("/v1/subjects"),
        "{'roles':['asker'],'collect':{'intake':'contact_form','source':'person','channel':'web',"
        "'values':{'contact.email':'a@canary.example','question.text':'Hei'}}}");
    expect(&made, 201);
    person = text_of(&made, "id");
    other = PQconnectdb(server.database);
    return 0;
}

static int closed(void **state)
{
    PQfinish(other);
    return shop_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_row_that_another_changed_meanwhile_is_written_once_by_a_turn_asked_again),
        cmocka_unit_test(a_commit_that_fails_since_another_read_and_wrote_meanwhile_is_asked_again),
        cmocka_unit_test(
            whatever_is_acknowledged_beside_one_who_writes_the_same_rows_is_there_once),
    };
    if (!postgres_server_start(
            &postgres,
            "-c default_transaction_isolation=serializable "
            "-c deadlock_timeout=20ms -c log_min_messages=error -c log_line_prefix='%a %e '"))
        return 77;
    return cmocka_run_group_tests(tests, opened, closed);
}
