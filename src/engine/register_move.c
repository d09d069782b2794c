/* A register moves from its files into PostgreSQL.
 *
 *   moving.json --> rows copied, then compared --> database.json --> it opens --> files and
 *   where to         page by page, resumable       the switch        there        moving.json go
 *
 * Up to database.json the files are the register, from it on PostgreSQL is: it is one file, written
 * whole or not at all. A start before it makes the move void (moving.json becomes
 * moving-void.json), since the files may change from then on: the next move drops what was copied
 * and begins anew.
 *
 * Where somebody serves it, that is asked to hold still (register_still.c) and opens it at the end.
 */
#include <stdio.h>

#include "db.h"
#include "engine_internal.h"
#include "file.h"

static const char *const stores[] = {[DB_DATA] = "data.db", [DB_KEYS] = "keys.db"};

/* ---- what a move left over ---- */

static status make_void(const struct world *world, const char *dir, struct report *report)
{
    char from[REGISTER_PATH], to[REGISTER_PATH];
    TRY(register_path(dir, "moving.json", from, report));
    TRY(register_path(dir, "moving-void.json", to, report));
    struct file_change change = {world, "register.void", from};
    return file_rename_durable(&change, to, report);
}

static status remove_files(const struct world *world, const char *dir,
                           const struct db_places *places, struct report *report)
{
    static const char *const beside[] = {"-wal", "-shm", ""};
    char leaf[32];
    for (enum db_schema i = DB_DATA; i <= DB_KEYS; i++) {
        for (size_t j = 0; j < LENGTH(beside) && db_place_at(places, i) != NULL; j++) {
            (void)snprintf(leaf, sizeof(leaf), "%s%s", stores[i], beside[j]);
            TRY(register_remove(world, dir, leaf, "register.moved", report));
        }
    }
    return OK;
}

status register_move_settle(const struct world *world, const char *dir, struct report *report)
{
    struct db_places places;
    if (!register_has(dir, "moving.json"))
        return OK;
    if (!register_has(dir, "database.json"))
        return make_void(world, dir, report);
    TRY(db_places_read(dir, report, &places));
    TRY(remove_files(world, dir, &places, report));
    return register_remove(world, dir, "moving.json", "register.moved", report);
}

/* ---- a move ---- */

static status drop_void(const struct world *world, const char *dir, struct report *report)
{
    struct db_places places;
    if (!register_has(dir, "moving-void.json"))
        return OK;
    TRY(db_void_read(dir, report, &places));
    for (enum db_schema i = DB_DATA; i <= DB_KEYS; i++)
        if (db_place_at(&places, i) != NULL)
            TRY(db_place_drop(db_place_at(&places, i), report));
    return register_remove(world, dir, "moving-void.json", "register.moved", report);
}

static bool same_places(const struct db_places *one, const struct db_places *other)
{
    bool same = true;
    for (enum db_schema i = DB_DATA; i <= DB_KEYS; i++)
        same &= strcmp(one->at[i].address, other->at[i].address) == 0 &&
                one->at[i].pooled == other->at[i].pooled;
    return same;
}

/* The move that was begun, or a new one, which nobody has anything of yet. */
static status begin(const struct world *world, const char *dir, struct register_move *move,
                    struct report *report)
{
    struct db_places begun;
    TRY(db_moving_read(dir, report, &begun));
    if (register_has(dir, "moving.json") && same_places(&begun, move->places)) {
        *move->places = begun;
        return OK;
    }
    if (register_has(dir, "moving.json"))
        TRY(make_void(world, dir, report));
    TRY(drop_void(world, dir, report));
    db_places_name(world, move->name, move->places);
    for (enum db_schema i = DB_DATA; i <= DB_KEYS; i++)
        if (db_place_at(move->places, i) != NULL)
            TRY(db_place_free(db_place_at(move->places, i), report));
    return db_moving_write(world, dir, move->places, report);
}

static status open_there(const struct world *world, const char *path, enum db_schema schema,
                         const struct db_place *place, struct report *report, struct db **db)
{
    struct report other = {0};
    status is_free = db_place_free(place, &other);
    if (!is_ok(is_free) && is_free.fault != FAULT_CONFLICT)
        return fail(report, is_free.fault, "%s", other.text);
    struct db_options options = {
        .schema = schema, .create = is_ok(is_free), .seam = "moved", .place = place};
    return db_open(world, path, &options, report, db);
}

static status move_store(const struct world *world, const char *dir, enum db_schema schema,
                         const struct register_move *move, struct report *report, uint64_t *rows)
{
    char path[REGISTER_PATH];
    const struct db_place *place = db_place_at(move->places, schema);
    struct db_options here = {.schema = schema, .seam = "moving", .still = move->served};
    CLEANUP(db_close) struct db *from = NULL;
    CLEANUP(db_close) struct db *to = NULL;
    if (place == NULL)
        return OK;
    TRY(register_path(dir, stores[schema], path, report));
    TRY(db_open(world, path, &here, report, &from));
    TRY(open_there(world, path, schema, place, report, &to));
    return db_move(from, to, schema, report, rows);
}

static status move_all(const struct world *world, const char *dir, struct register_move *move,
                       struct report *report)
{
    TRY(begin(world, dir, move, report));
    TRY(move_store(world, dir, DB_DATA, move, report, &move->data_rows));
    TRY(move_store(world, dir, DB_KEYS, move, report, &move->key_rows));
    return db_places_write(world, dir, move->places, report);
}

/* ---- who may change the files ---- */

enum { ASK_TRIES = 600 };

/* Nobody serves it, or who does holds still. */
static status take_changes(const struct world *world, const char *dir,
                           const struct register_move *move, struct report *report, int *changes)
{
    status taken = register_changes_take(dir, report, changes);
    for (int tries = 0; taken.fault == FAULT_LOCKED && move->wait != NULL && tries < ASK_TRIES;
         tries++) {
        TRY(register_move_ask(world, dir, report));
        move->wait(move->self);
        *report = (struct report){0};
        taken = register_changes_take(dir, report, changes);
    }
    if (!move->served)
        return taken;
    struct report other = {0};
    status ended = register_move_asked_end(world, dir, is_ok(taken) ? report : &other);
    if (is_ok(taken) || !is_ok(ended))
        return ended;
    *report = (struct report){0};
    return fail(report, FAULT_LOCKED, "whoever holds register %.*s does not hold still",
                STR_ARG(move->name));
}

static status take_lock(const char *dir, struct report *report, int *lock)
{
    char path[REGISTER_PATH];
    TRY(register_path(dir, "lock", path, report));
    return lock_take(path, report, lock);
}

/* Until the server has opened it where it lies now; one that ended leaves that to the caller. */
static status await_server(const char *dir, struct register_move *move, struct report *report)
{
    while (register_has(dir, "moving.json")) {
        CLEANUP(fd_close) int lock = -1;
        struct report other = {0};
        status alone = take_lock(dir, &other, &lock);
        move->served = alone.fault == FAULT_LOCKED;
        if (!move->served)
            return is_ok(alone) ? OK : fail(report, alone.fault, "%s", other.text);
        move->wait(move->self);
    }
    return OK;
}

/* Whoever had the files may have ended without having held still: then they are opened as at any
 * start, and *lock is ours. */
static status look_who_serves(const char *dir, struct register_move *move, struct report *report,
                              int *lock)
{
    struct report other = {0};
    status alone = move->served ? take_lock(dir, &other, lock) : OK;
    move->served &= alone.fault == FAULT_LOCKED;
    return is_ok(alone) || move->served ? OK : fail(report, alone.fault, "%s", other.text);
}

static status move_alone(const struct world *world, const char *dir, struct register_move *move,
                         struct report *report)
{
    CLEANUP(fd_close) int changes = -1;
    CLEANUP(fd_close) int lock = -1;
    TRY(take_changes(world, dir, move, report, &changes));
    TRY(look_who_serves(dir, move, report, &lock));
    if (register_has(dir, "database.json"))
        return fail(report, FAULT_INVALID, "register %.*s lies in PostgreSQL already",
                    STR_ARG(move->name));
    return move_all(world, dir, move, report);
}

static status move_served(const struct world *world, const char *dir, struct register_move *move,
                          struct report *report)
{
    if (!register_changes_known(dir) && !register_has(dir, "database.json"))
        return fail(report, FAULT_LOCKED,
                    "the server that holds register %.*s is of an older version: stop it first",
                    STR_ARG(move->name));
    TRY(move_alone(world, dir, move, report));
    return move->served ? await_server(dir, move, report) : OK;
}

status engine_register_move(const struct engine_config *config, struct arena *arena,
                            struct report *report, struct register_move *move)
{
    str text = arena_format(arena, "%s/registers/%.*s", config->data_dir, STR_ARG(move->name));
    const char *dir = arena_c_string(arena, text);
    if (dir == NULL)
        return NO_MEMORY(report);
    if (!register_name_valid(move->name) || !register_has(dir, "register.json"))
        return fail(report, FAULT_NOT_FOUND, "there is no register %.*s in this folder",
                    STR_ARG(move->name));
    CLEANUP(fd_close) int held = -1;
    status alone = take_lock(dir, report, &held);
    move->served = alone.fault == FAULT_LOCKED && move->wait != NULL;
    if (!move->served)
        return is_ok(alone) ? move_alone(config->world, dir, move, report) : alone;
    *report = (struct report){0};
    return move_served(config->world, dir, move, report);
}
