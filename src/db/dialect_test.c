/* The catalogue on PostgreSQL: every statement is sound there, too, and what shards is held by a
 * form of the schema that is spread over partitions by the hash of the subject. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "db_internal.h"

#ifndef VERN_POSTGRES
int main(void)
{
    print_message("SKIPPED: this build has no PostgreSQL (libpq-dev)\n");
    return 77;
}
#else
#include <libpq-fe.h>
#include "postgres_server.h"

enum { OID_BYTES_ = 17, OID_INTEGER = 20, OID_TEXT = 25, SQL_ROOM = 32 << 10 };

static struct postgres_server server;
static const char *const schemas[] = {"data", "keys"};

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static PGresult *asked(PGconn *to, const char *sql)
{
    PGresult *result = PQexec(to, sql);
    ExecStatusType how = PQresultStatus(result);
    if (how != PGRES_COMMAND_OK && how != PGRES_TUPLES_OK)
        fail_msg("%s\n%s", sql, PQerrorMessage(to));
    return result;
}

static void done(PGconn *to, const char *sql)
{
    PQclear(asked(to, sql));
}

/* The migrations of a schema, each given to `change` before it is run. */
static void migrated(PGconn *to, const char *schema, void (*change)(char *sql))
{
    for (int format = 1;; format++) {
        static char sql[SQL_ROOM];
        char name[64];
        snprintf(name, sizeof(name), "%s-%d.postgres.sql", schema, format);
        if (script_text(name) == NULL && format > 1)
            return;
        assert_non_null(script_text(name));
        snprintf(sql, sizeof(sql), "%s", script_text(name));
        if (change != NULL)
            change(sql);
        done(to, sql);
    }
}

static PGconn *schema_of(const char *schema, const char *suffix, void (*change)(char *sql))
{
    char sql[256];
    PGconn *to = PQconnectdb(server.address);
    assert_int_equal(PQstatus(to), CONNECTION_OK);
    snprintf(sql, sizeof(sql), "CREATE SCHEMA %s%s; SET search_path TO %s%s", schema, suffix,
             schema, suffix);
    done(to, sql);
    migrated(to, schema, change);
    return to;
}

static void schema_gone(PGconn *to, const char *schema, const char *suffix)
{
    char sql[128];
    snprintf(sql, sizeof(sql), "SET client_min_messages TO error; DROP SCHEMA %s%s CASCADE", schema,
             suffix);
    done(to, sql);
    PQfinish(to);
}

static bool is_of(const struct statement_text *text, const char *schema)
{
    return is(text->file, schema) || is(text->file, "both");
}

static bool is_plain_type(Oid type)
{
    return type == OID_BYTES_ || type == OID_INTEGER || type == OID_TEXT;
}

static void prepare(PGconn *to, const struct statement_text *text)
{
    PGresult *made = PQprepare(to, text->name, text->postgres, 0, NULL);
    if (PQresultStatus(made) != PGRES_COMMAND_OK)
        fail_msg("%s: %s", text->name, PQerrorMessage(to));
    PQclear(made);
}

static void compare_description(PGconn *to, const struct statement_text *text)
{
    PGresult *described = PQdescribePrepared(to, text->name);
    assert_int_equal(PQresultStatus(described), PGRES_COMMAND_OK);
    assert_int_equal(PQnparams(described), text->in_count);
    assert_int_equal(PQnfields(described), text->out_count);
    for (int i = 0; i < text->in_count; i++)
        if (!is_plain_type(PQparamtype(described, i)))
            fail_msg("%s: $%d is of type %u", text->name, i + 1, PQparamtype(described, i));
    for (int i = 0; i < text->out_count; i++)
        if (!is_plain_type(PQftype(described, i)))
            fail_msg("%s: %s is of type %u", text->name, PQfname(described, i),
                     PQftype(described, i));
    PQclear(described);
}

static void every_statement_prepares_with_its_parameters_and_columns(void **state)
{
    (void)state;
    for (size_t s = 0; s < LENGTH(schemas); s++) {
        PGconn *to = schema_of(schemas[s], "", NULL);
        for (size_t i = 0; i < STATEMENT_COUNT; i++) {
            if (!is_of(&statement_texts[i], schemas[s]))
                continue;
            prepare(to, &statement_texts[i]);
            compare_description(to, &statement_texts[i]);
        }
        schema_gone(to, schemas[s], "");
    }
}

/* The text as it is sent: its tables are found whatever the session's path is. */
static void every_statement_names_its_schema(void **state)
{
    (void)state;
    for (size_t s = 0; s < LENGTH(schemas); s++) {
        PGconn *to = schema_of(schemas[s], "", NULL);
        done(to, "SET search_path TO pg_catalog");
        for (size_t i = 0; i < STATEMENT_COUNT; i++) {
            const char *at = statement_texts[i].placed, *mark;
            char sql[2400] = "";
            if (!is_of(&statement_texts[i], schemas[s]))
                continue;
            for (; (mark = strstr(at, ":schema")) != NULL; at = mark + 7)
                snprintf(sql + strlen(sql), sizeof(sql) - strlen(sql), "%.*s%s", (int)(mark - at),
                         at, schemas[s]);
            snprintf(sql + strlen(sql), sizeof(sql) - strlen(sql), "%s", at);
            struct statement_text placed = statement_texts[i];
            placed.postgres = sql;
            prepare(to, &placed);
        }
        schema_gone(to, schemas[s], "");
    }
}

static void turns_and_operations_are_words_there_too(void **state)
{
    (void)state;
    static const enum statement whole[] = {STATEMENT_TURN_BEGIN,     STATEMENT_OPERATION_BEGIN,
                                           STATEMENT_OPERATION_UNDO, STATEMENT_OPERATION_END,
                                           STATEMENT_TURN_COMMIT,    STATEMENT_TURN_BEGIN,
                                           STATEMENT_TURN_ROLLBACK};
    PGconn *to = PQconnectdb(server.address);
    for (size_t i = 0; i < LENGTH(whole); i++)
        done(to, statement_texts[whole[i]].postgres);
    PQfinish(to);
}

/* What a key of each table begins with; tables that are about nobody have their own. */
static const char *first_of(const char *table)
{
    if (is(table, "meta"))
        return "name";
    if (is(table, "format"))
        return "owner";
    if (is(table, "turn") || is(table, "baton"))
        return "one";
    if (is(table, "server"))
        return "holder";
    if (is(table, "entry"))
        return "number";
    if (is(table, "manifest"))
        return "root";
    return is(table, "blind") ? "hash" : "subject";
}

static void the_subject_comes_first_in_every_key_about_people(void **state)
{
    (void)state;
    for (size_t s = 0; s < LENGTH(schemas); s++) {
        PGconn *to = schema_of(schemas[s], "", NULL);
        PGresult *keys = asked(
            to, "SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
                "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] "
                "WHERE i.indisunique AND c.relnamespace = current_schema()::regnamespace");
        assert_int_equal(PQntuples(keys), is(schemas[s], "data") ? 16 : 6);
        for (int i = 0; i < PQntuples(keys); i++)
            assert_string_equal(PQgetvalue(keys, i, 1), first_of(PQgetvalue(keys, i, 0)));
        PQclear(keys);
        schema_gone(to, schemas[s], "");
    }
}

/* ---- spread ---- */

static const char *column_of(const char *table)
{
    return is(table, "blind") ? "hash" : "subject";
}

/* Each table about people in two parts, by the hash of its first column. PostgreSQL refuses such a
 * table when one of its keys lacks that column. */
static void spread(char *sql)
{
    static char changed[SQL_ROOM];
    size_t len = 0;
    const char *at = sql, *table;
    while ((table = strstr(at, "CREATE TABLE ")) != NULL) {
        char name[64] = "";
        const char *end = strstr(table, ";\n"), *with = strstr(table, "\n) WITH");
        sscanf(table, "CREATE TABLE %63s", name);
        assert_non_null(end);
        if (with == NULL || with > end)
            with = end - 2; /* "\n)" */
        bool about_nobody = !is(first_of(name), column_of(name));
        if (about_nobody)
            with = end - 2;
        len += (size_t)snprintf(changed + len, SQL_ROOM - len, "%.*s", (int)(with + 2 - at), at);
        if (!about_nobody)
            len += (size_t)snprintf(
                changed + len, SQL_ROOM - len,
                " PARTITION BY HASH (%s);\n"
                "CREATE TABLE %s_part0 PARTITION OF %s FOR VALUES WITH (MODULUS 2, REMAINDER 0);\n"
                "CREATE TABLE %s_part1 PARTITION OF %s FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                column_of(name), name, name, name, name);
        at = end;
    }
    snprintf(changed + len, SQL_ROOM - len, "%s", at);
    snprintf(sql, SQL_ROOM, "%s", changed);
}

/* EXECUTE with values, so that the planner knows which part they lie in. */
static void write_execute(char *sql, size_t room, PGconn *to, const struct statement_text *text)
{
    PGresult *described = PQdescribePrepared(to, text->name);
    int len = snprintf(sql, room, "EXPLAIN EXECUTE \"%s\"", text->name);
    for (int i = 0; i < text->in_count; i++) {
        const char *value = PQparamtype(described, i) == OID_BYTES_    ? "'\\x07'"
                            : PQparamtype(described, i) == OID_INTEGER ? "1"
                                                                       : "'a'";
        len += snprintf(sql + len, room - (size_t)len, "%s%s", i == 0 ? "(" : ", ", value);
    }
    if (text->in_count > 0)
        snprintf(sql + len, room - (size_t)len, ")");
    PQclear(described);
}

/* How many of the two parts a plan names. */
static int parts_in(PGresult *plan)
{
    bool part[2] = {false, false};
    for (int i = 0; i < PQntuples(plan); i++)
        for (int p = 0; p < 2; p++)
            part[p] |= strstr(PQgetvalue(plan, i, 0), p == 0 ? "_part0" : "_part1") != NULL;
    return part[0] + part[1];
}

static void a_statement_without_a_mark_stays_in_one_part_of_a_schema_that_is_spread(void **state)
{
    (void)state;
    size_t one = 0, many = 0;
    for (size_t s = 0; s < LENGTH(schemas); s++) {
        PGconn *to = schema_of(schemas[s], "_spread", spread);
        for (size_t i = 0; i < STATEMENT_COUNT; i++) {
            const struct statement_text *text = &statement_texts[i];
            char sql[1024];
            if (!is_of(text, schemas[s]))
                continue;
            prepare(to, text);
            write_execute(sql, sizeof(sql), to, text);
            PGresult *plan = asked(to, sql);
            int parts = parts_in(plan);
            if (parts > 1 && !is(text->mark, "cross"))
                fail_msg("%s reads all parts:\n%s", text->name, PQgetvalue(plan, 0, 0));
            one += parts == 1;
            many += parts > 1;
            PQclear(plan);
        }
        schema_gone(to, schemas[s], "_spread");
    }
    assert_true(one > 25 && many > 10);
}

/* How often a script says a table: as its own word, behind the schema. */
static size_t times_said(const char *script, const char *begin, const char *table, const char *end)
{
    char word[128];
    size_t times = 0;
    snprintf(word, sizeof(word), "%s:schema.%s%s", begin, table, end);
    for (const char *at = script; (at = strstr(at, word)) != NULL; at++)
        times++;
    return times;
}

/* `vern db shard`: what is about people is spread by what its keys begin with. */
static void each_table_is_spread_once_or_said_to_stay(void **state)
{
    (void)state;
    for (size_t s = 0; s < LENGTH(schemas); s++) {
        char name[64];
        snprintf(name, sizeof(name), "shard-%s.postgres.sql", schemas[s]);
        const char *script = script_text(name);
        PGconn *to = schema_of(schemas[s], "_shard", NULL);
        PGresult *tables = asked(to, "SELECT relname FROM pg_class WHERE relkind = 'r' AND "
                                     "relnamespace = current_schema()::regnamespace");
        for (int i = 0; i < PQntuples(tables); i++) {
            const char *table = PQgetvalue(tables, i, 0);
            char by[64];
            snprintf(by, sizeof(by), "', '%s'", column_of(table));
            size_t spread_by = times_said(script, "create_distributed_table('", table, by),
                   everywhere = times_said(script, "create_reference_table('", table, "')"),
                   stays = times_said(script, "stays ", table, ":");
            if (spread_by + everywhere + stays != 1)
                fail_msg("%s: %s is not said once, but %zu times", name, table,
                         spread_by + everywhere + stays);
            if (spread_by != is(first_of(table), column_of(table)))
                fail_msg("%s: %s is not spread by its key", name, table);
        }
        PQclear(tables);
        schema_gone(to, schemas[s], "_shard");
    }
}

static void a_key_without_the_subject_is_refused_by_a_schema_that_is_spread(void **state)
{
    (void)state;
    char sql[SQL_ROOM] = "CREATE TABLE stray (\n    subject BYTEA NOT NULL,\n    entry BYTEA NOT "
                         "NULL PRIMARY KEY\n);\n";
    PGconn *to = PQconnectdb(server.address);
    spread(sql);
    PGresult *made = PQexec(to, sql);
    assert_int_equal(PQresultStatus(made), PGRES_FATAL_ERROR);
    assert_string_equal(PQresultErrorField(made, PG_DIAG_SQLSTATE), "0A000");
    PQclear(made);
    PQfinish(to);
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
        cmocka_unit_test(every_statement_prepares_with_its_parameters_and_columns),
        cmocka_unit_test(every_statement_names_its_schema),
        cmocka_unit_test(turns_and_operations_are_words_there_too),
        cmocka_unit_test(the_subject_comes_first_in_every_key_about_people),
        cmocka_unit_test(a_statement_without_a_mark_stays_in_one_part_of_a_schema_that_is_spread),
        cmocka_unit_test(each_table_is_spread_once_or_said_to_stay),
        cmocka_unit_test(a_key_without_the_subject_is_refused_by_a_schema_that_is_spread),
    };
    if (!postgres_server_start(&server, ""))
        return 77;
    return cmocka_run_group_tests(tests, NULL, stopped);
}
#endif
