/* What the tests of the PostgreSQL driver share: places, refusals, and turns of one generation,
 *
 *   turn(db, 7): person 0 -> 7, person 1 -> 7, person 2 -> 7, each an operation
 *
 * so that a half turn would be seen as two generations side by side. */
#ifndef VERN_TEST_POSTGRES_TURNS_H
#define VERN_TEST_POSTGRES_TURNS_H
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include "db.h"
#include "postgres_server.h"

enum { ROWS = 3 };

static inline void assert_ok(status result, const struct report *report)
{
    if (!is_ok(result))
        fail_msg("%s: %s", fault_name(result.fault), report->text);
}

static inline struct db_place place_at(const char *address, const char *space)
{
    struct db_place place = {.pooled = false};
    snprintf(place.address, sizeof(place.address), "%s", address);
    snprintf(place.space, sizeof(place.space), "%s", space);
    return place;
}

static inline status opening(const struct db_place *place, bool create, struct report *report,
                             struct db **db)
{
    struct db_options options = {
        .schema = DB_DATA, .create = create, .seam = "data", .place = place};
    *report = (struct report){0};
    return db_open(world_real(), "data.db", &options, report, db);
}

static inline struct db *opened(const struct db_place *place, bool create)
{
    struct report report;
    struct db *db = NULL;
    assert_ok(opening(place, create, &report, &db), &report);
    return db;
}

static inline void expect_refusal(const struct db_place *place, bool create, enum fault_class fault,
                                  const char *text)
{
    struct report report;
    struct db *db = NULL;
    assert_int_equal(opening(place, create, &report, &db).fault, fault);
    if (strstr(report.text, text) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", report.text, text);
}

/* SQL of a test's own, in a session that ends with it. Gives the first value, or -1. */
static inline long said(const char *address, const char *sql)
{
    PGconn *to = PQconnectdb(address);
    PGresult *result = PQexec(to, sql);
    ExecStatusType how = PQresultStatus(result);
    if (how != PGRES_COMMAND_OK && how != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(to));
    long value = PQntuples(result) > 0 ? strtol(PQgetvalue(result, 0, 0), NULL, 10) : -1;
    PQclear(result);
    PQfinish(to);
    return value;
}

/* ---- turns of one generation ---- */

static inline dossier_id person(unsigned number)
{
    return (dossier_id){{(unsigned char)(number + 1), 9}};
}

/* One operation: it writes, and it reads what an earlier one wrote. */
static inline status write_one(struct db *db, unsigned number, int64_t generation,
                               struct report *report)
{
    struct db_due_put_in put = {.subject = person(number), .hour = generation};
    struct db_due_get_in get = {.subject = person(0)};
    struct db_due_get_row row;
    bool found;
    TRY(db_savepoint(db, report));
    status result = db_due_put(db, &put, report);
    if (is_ok(result) && number == 1)
        result = db_due_get(db, &get, report, &found, &row);
    if (is_ok(result))
        result = db_release(db, report);
    if (!is_ok(result))
        db_undo(db);
    return result;
}

static inline status turn(struct db *db, int64_t generation, struct report *report)
{
    *report = (struct report){0};
    for (unsigned i = 0; i < ROWS; i++) {
        status result = write_one(db, i, generation, report);
        if (!is_ok(result)) {
            db_rollback(db);
            return result;
        }
    }
    return db_commit(db, report);
}

static inline void assert_generation(struct db *db, int64_t generation)
{
    struct report report = {0};
    for (unsigned i = 0; i < ROWS; i++) {
        struct db_due_get_in in = {.subject = person(i)};
        struct db_due_get_row row = {0};
        bool found = false;
        assert_ok(db_due_get(db, &in, &report, &found, &row), &report);
        assert_int_equal(found ? row.hour : 0, generation);
    }
}
#endif
