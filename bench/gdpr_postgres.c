/* PostgreSQL: a row is a record; indexes on what is asked by; values encrypted by pgcrypto; every
 * statement in the server's log; what has ended is deleted once a second by a process of its own.
 *
 * Environment: PG_CONNECT (a connection string). */
#include <libpq-fe.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "gdpr.h"

#define KEY "'0123456789abcdef'::bytea"
static PGconn *connection;
static struct world *world;

static PGresult *must(PGresult *result, const char *what)
{
    ExecStatusType status = PQresultStatus(result);
    BENCH_MUST(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, "%s: %s", what,
               PQresultErrorMessage(result));
    return result;
}

static void run(const char *sql)
{
    PQclear(must(PQexec(connection, sql), sql));
}

static PGconn *dial(void)
{
    PGconn *made = PQconnectdb(getenv("PG_CONNECT"));
    BENCH_MUST(PQstatus(made) == CONNECTION_OK, "%s", PQerrorMessage(made));
    return made;
}

static const char *const STATEMENTS[][2] = {
    {"insert", "INSERT INTO records VALUES ($1,$2,$3::int,$4,$5,$6,$7,$8,$9,$10,"
               "encrypt($11::bytea," KEY ",'aes'),to_timestamp($12::float8/1000))"},
    {"read", "SELECT convert_from(decrypt(data," KEY ",'aes'),'UTF8') FROM records "
             "WHERE key=$1 AND pur=$2"},
    {"by_user", "SELECT key, pur, ttl, usr, shr, src, cat FROM records WHERE usr=$1"},
    {"by_purpose", "SELECT key, pur, ttl, usr, shr, src, cat FROM records WHERE pur=$1"},
    {"update", "UPDATE records SET data=encrypt($2::bytea," KEY ",'aes') WHERE key=$1"},
    {"share_user", "UPDATE records SET shr=$2 WHERE usr=$1"},
    {"share_purpose", "UPDATE records SET shr=$2 WHERE pur=$1"},
    {"delete", "DELETE FROM records WHERE key=$1"},
    {"gone", "SELECT 1 FROM records WHERE key=$1"},
    {"log", "SELECT pg_read_file(f, greatest(0, (pg_stat_file(f)).size - 16384), 16384) "
            "FROM pg_current_logfile('csvlog') f"},
};

static void postgres_connect(struct world *shared)
{
    world = shared;
    connection = dial();
    for (size_t i = 0; i < sizeof(STATEMENTS) / sizeof(STATEMENTS[0]); i++)
        PQclear(must(PQprepare(connection, STATEMENTS[i][0], STATEMENTS[i][1], 0, NULL),
                     STATEMENTS[i][0]));
}

static void postgres_hang_up(void)
{
    PQfinish(connection);
}

/* What the paper adds to the server: a daemon that deletes once a second what has ended. */
static void expire_for_ever(void)
{
    pid_t parent = getppid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    connection = dial();
    while (getppid() == parent) {
        run("DELETE FROM records WHERE expiry <= now()");
        sleep(1);
    }
    _exit(0);
}

static void postgres_prepare(struct world *shared)
{
    (void)shared;
    connection = dial();
    run("CREATE EXTENSION IF NOT EXISTS pgcrypto");
    run("CREATE TABLE records (key text PRIMARY KEY, pur text, ttl int, usr text, obj text,"
        " dec text, acl text, shr text, src text, cat text, data bytea, expiry timestamptz)");
    run("CREATE INDEX by_purpose ON records (pur)");
    run("CREATE INDEX by_user ON records (usr)");
    run("CREATE INDEX by_expiry ON records (expiry)");
    PQfinish(connection);
    if (fork() == 0)
        expire_for_ever();
}

static PGresult *execute(const char *name, int count, const char *const *values)
{
    return must(PQexecPrepared(connection, name, count, values, NULL, NULL, 0), name);
}

/* ---- operations ---- */

static char texts[12][VALUE_BYTES + 1];
static const char *const TEXTS[] = {texts[0], texts[1], texts[2], texts[3], texts[4],  texts[5],
                                    texts[6], texts[7], texts[8], texts[9], texts[10], texts[11]};
#define TEXT(i, ...) (void)snprintf(texts[i], sizeof(texts[i]), __VA_ARGS__)

static const char *share_text(bool shared)
{
    return shared ? "shared" : "kept";
}

static void postgres_insert(uint32_t n, const char *value)
{
    world->expires[n] = real_ms() + life_of(world, n);
    TEXT(0, "key%u", n);
    TEXT(1, "purpose%u", purpose_of(n));
    TEXT(2, "%u", (unsigned)(life_of(world, n) / 1000));
    TEXT(3, "user%u", user_of(n));
    TEXT(4, "obj%u", n % 100);
    TEXT(5, "dec%u", n % 2);
    TEXT(6, "acl%u", n % 10);
    TEXT(7, "%s", share_text(world->shared[user_of(n)]));
    TEXT(8, "src%u", n % 10);
    TEXT(9, "cat%u", n % 10);
    TEXT(10, "%s", value);
    TEXT(11, "%llu", (unsigned long long)world->expires[n]);
    PQclear(execute("insert", 12, TEXTS));
}

static void postgres_load(struct world *shared, uint32_t worker, uint32_t workers)
{
    char value[VALUE_BYTES + 1];
    uint32_t open = 0;
    for (uint32_t n = 0; n < shared->records; n++) {
        if (purpose_of(n) % workers != worker)
            continue;
        if (open++ % 1000 == 0)
            run(open == 1 ? "BEGIN" : "COMMIT; BEGIN");
        value_of(n, 0, value);
        postgres_insert(n, value);
    }
    run("COMMIT");
}

static bool postgres_read(uint32_t n, uint32_t purpose, char value[VALUE_BYTES + 1])
{
    TEXT(0, "key%u", n);
    TEXT(1, "purpose%u", purpose);
    PGresult *rows = execute("read", 2, TEXTS);
    bool found = PQntuples(rows) == 1;
    if (found)
        (void)snprintf(value, VALUE_BYTES + 1, "%s", PQgetvalue(rows, 0, 0));
    PQclear(rows);
    return found;
}

static bool is_told(const PGresult *rows, int row, int column, const char *name, uint32_t number)
{
    return is_field(PQgetvalue(rows, row, column), (size_t)PQgetlength(rows, row, column), name,
                    number);
}

static bool is_record(const PGresult *rows, int row, uint32_t n)
{
    return is_told(rows, row, 1, "purpose", purpose_of(n)) &&
           is_told(rows, row, 2, "", (uint32_t)(life_of(world, n) / 1000)) &&
           is_told(rows, row, 3, "user", user_of(n)) &&
           strcmp(PQgetvalue(rows, row, 4), share_text(world->shared[user_of(n)])) == 0 &&
           is_told(rows, row, 5, "src", n % 10) && is_told(rows, row, 6, "cat", n % 10);
}

static void see_rows(const char *name, struct seen *seen)
{
    PGresult *rows = execute(name, 1, TEXTS);
    for (int i = 0; i < PQntuples(rows); i++) {
        uint32_t n = (uint32_t)strtoul(PQgetvalue(rows, i, 0) + 3, NULL, 10);
        seen->wrong |= !is_record(rows, i, n);
        seen_add(seen, n);
    }
    PQclear(rows);
}

static void postgres_by_user(uint32_t user, struct seen *seen)
{
    TEXT(0, "user%u", user);
    see_rows("by_user", seen);
}

static void postgres_by_purpose(uint32_t purpose, struct seen *seen)
{
    TEXT(0, "purpose%u", purpose);
    see_rows("by_purpose", seen);
}

static bool changed_one(const char *name, int count)
{
    PGresult *result = execute(name, count, TEXTS);
    bool one = strcmp(PQcmdTuples(result), "1") == 0;
    PQclear(result);
    return one;
}

static bool postgres_update(uint32_t n, const char *value)
{
    TEXT(0, "key%u", n);
    TEXT(1, "%s", value);
    return changed_one("update", 2);
}

static bool postgres_delete(uint32_t n)
{
    TEXT(0, "key%u", n);
    return changed_one("delete", 1);
}

static void postgres_share_user(uint32_t user, bool shared)
{
    TEXT(0, "user%u", user);
    TEXT(1, "%s", share_text(shared));
    PQclear(execute("share_user", 2, TEXTS));
}

static void postgres_share_purpose(uint32_t purpose, bool shared)
{
    TEXT(0, "purpose%u", purpose);
    TEXT(1, "%s", share_text(shared));
    PQclear(execute("share_purpose", 2, TEXTS));
}

static bool postgres_read_log(uint32_t user)
{
    (void)user;
    PGresult *rows = execute("log", 0, NULL);
    bool found = PQntuples(rows) == 1 && strstr(PQgetvalue(rows, 0, 0), "execute") != NULL;
    PQclear(rows);
    return found;
}

static bool postgres_is_gone(uint32_t n)
{
    TEXT(0, "key%u", n);
    PGresult *rows = execute("gone", 1, TEXTS);
    bool gone = PQntuples(rows) == 0;
    PQclear(rows);
    return gone;
}

static void postgres_space(void)
{
    PGresult *rows = must(
        PQexec(connection,
               "SELECT 'values and metadata (table)', pg_table_size('records')/1024 UNION ALL "
               "SELECT 'indexes', pg_indexes_size('records')/1024 UNION ALL "
               "SELECT 'write-ahead log', sum(size)::bigint/1024 FROM pg_ls_waldir() UNION ALL "
               "SELECT 'statement log', sum(size)::bigint/1024 FROM pg_ls_logdir()"),
        "space");
    for (int i = 0; i < PQntuples(rows); i++)
        printf("| PostgreSQL | %s | %s |\n", PQgetvalue(rows, i, 0), PQgetvalue(rows, i, 1));
    PQclear(rows);
}

const struct store store_postgres = {
    .name = "PostgreSQL",
    .slack_ms = 10000, /* a second of the daemon's, and what it takes on a busy machine */
    .prepare = postgres_prepare,
    .connect = postgres_connect,
    .hang_up = postgres_hang_up,
    .load = postgres_load,
    .read = postgres_read,
    .by_user = postgres_by_user,
    .by_purpose = postgres_by_purpose,
    .update = postgres_update,
    .share_user = postgres_share_user,
    .share_purpose = postgres_share_purpose,
    .insert = postgres_insert,
    .delete = postgres_delete,
    .read_log = postgres_read_log,
    .is_gone = postgres_is_gone,
    .space = postgres_space,
};
