/* db: files of rows, changed turn by turn.
 *
 *   turn:  [ savepoint .. release ] [ savepoint .. undo ] [ savepoint .. release ]  commit
 *             one operation            taken back alone        one operation        one flush
 *
 * One connection holds one file, from open to close; a second process gets LOCKED. A turn begins
 * with its first write and ends with db_commit() or db_rollback(); reads see what the turn wrote.
 * What can be sent is the catalogue, statements.sql, and nothing else: each of its statements is a
 * typed function here (statements.gen.h), such as
 *
 *   TRY(db_item_put(db, &(struct db_item_put_in){.subject = id, .record = item, .sealed = bytes},
 *                   report));
 *
 * Holds: after db_commit() the turn survives kill and power loss, on storage that honours flush;
 * before it, nothing of the turn does. Deleted content is overwritten with zeros, and no plaintext
 * goes to temporary files. Does not hold: rows are bytes to it; it knows no people and no keys.
 * Faults: LOCKED (another process), MOVING (it is held still, db_hold_still()), FULL (disk), STORE
 * (it cannot be read or written, or is of a newer format), CORRUPT (damaged, or no file of ours),
 * CONFLICT (a key that is there already). When a write fails so badly that the whole turn is lost,
 * every later call of the turn gives STORE until db_rollback(). Memory: rows live in the arena that
 * you pass. Threads: one owner. Start reading at db_open() in db.c; sqlite.c and postgres.c are the
 * drivers.
 */
#ifndef VERN_DB_H
#define VERN_DB_H
#include "statements.gen.h"
#include "value.h"

struct db;

enum db_schema { DB_DATA, DB_KEYS };

/* Where a file's rows lie when they do not lie in the file: in a schema of a PostgreSQL database.
 */
enum { DB_ADDRESS_ROOM = 1024, DB_SPACE_ROOM = 64, DB_MARK_ROOM = 40 };
struct db_place {
    char address[DB_ADDRESS_ROOM]; /* as libpq takes it, without a password */
    char space[DB_SPACE_ROOM];     /* the schema */
    char mark[DB_MARK_ROOM]; /* random; it stands in the schema, too, and says whose that is */
    bool pooled;             /* a pooler lies between: no statement keeps a name */
    bool servers;            /* several servers may serve it, one after the other */
};

struct db_places {
    struct db_place at[2]; /* by enum db_schema; an empty address: in the file */
};
/* What DIR/database.json says; all in files where there is none. Faults: CORRUPT, STORE. */
MUST_CHECK status db_places_read(const char *dir, struct report *report, struct db_places *places);
MUST_CHECK status db_places_write(const struct world *world, const char *dir,
                                  const struct db_places *places, struct report *report);
/* NULL: in the file. */
const struct db_place *db_place_at(const struct db_places *places, enum db_schema schema);
/* The schemas of a register of that name, with a mark that no other register has. */
void db_places_name(const struct world *world, str name, struct db_places *places);
/* USAGE for what is no address of PostgreSQL, or holds a password: that has a file of its own. */
MUST_CHECK status db_address_take(str address, struct db_place *place, struct report *report);
/* Does the database answer, and is it fit? INVALID for one of several servers that is reached
 * through a pooler. Faults of db_open() besides. */
MUST_CHECK status db_place_look(const struct db_place *place, struct report *report);
/* The same; CONFLICT when it holds a register already. */
MUST_CHECK status db_place_free(const struct db_place *place, struct report *report);
/* The schema goes with all that is in it, if it bears the mark of the place, or the place has none.
 * One that is not there is as good as gone; one that is another's stays, and that is no fault. */
MUST_CHECK status db_place_drop(const struct db_place *place, struct report *report);

/* A register that is being moved says where to in moving.json, of the same form; not there: an
 * empty address each. See db_move() for what is moved. */
MUST_CHECK status db_moving_read(const char *dir, struct report *report, struct db_places *places);
/* The same of one that is void, moving-void.json. */
MUST_CHECK status db_void_read(const char *dir, struct report *report, struct db_places *places);
MUST_CHECK status db_moving_write(const struct world *world, const char *dir,
                                  const struct db_places *places, struct report *report);

struct db_options {
    enum db_schema schema;
    bool create;      /* makes the file, of mode 0600, which must not be there; else it must */
    const char *seam; /* "keys": the world's seam hears "keys.commit" and "keys.checkpoint" */
    const char *vfs; /* SQLite's file layer by name, NULL for the usual; tests fail calls with it */
    bool still;      /* a file that another process holds and does not write (db_hold_still()): it
                        is read, and never written; LOCKED when something is in its journal */
    const struct db_place *place; /* NULL: in the file at `path`, which else is a name in reports */
    bool beside;                  /* other servers have it open as well (db_enter()) */
};
MUST_CHECK status db_open(const struct world *world, const char *path,
                          const struct db_options *options, struct report *report, struct db **db);
void db_close(struct db **db); /* fits CLEANUP; rolls back what was not committed */

/* ---- turns ---- */

/* One operation. They do not nest. */
MUST_CHECK status db_savepoint(struct db *db, struct report *report);
MUST_CHECK status db_release(struct db *db, struct report *report);
void db_undo(struct db *db);
/* Nothing to do when nothing was written. On a fault the turn is rolled back: it did not happen,
 * or, when the flush itself failed, it may be found done after the next start. */
MUST_CHECK status db_commit(struct db *db, struct report *report);
void db_rollback(struct db *db);
bool db_dirty(const struct db *db); /* the turn has written */
bool db_lost(const struct db *db);  /* an earlier failure took back the whole turn */
/* Does db_x_ahead() save anything? To ask a file takes no time. */
bool db_asks_ahead(const struct db *db);
/* What db_x_ahead() said is of no use any more: another turn begins, and others may have written.
 */
void db_ahead_end(struct db *db);
/* All that the turn wrote has been done, and no more than the flush can fail. A database at the
 * other end of a wire is told of writes without waiting, and a write's fault may come with a later
 * call. */
MUST_CHECK status db_settle(struct db *db, struct report *report);
/* Another server has taken the register over: nothing more is written here. */
bool db_taken(const struct db *db);
/* Since this was last asked, another's transaction stood in the way of ours, or a turn that others
 * share: what failed with it did so for no reason of its own, and may be asked again as it was. */
bool db_met(struct db *db);
/* A flush failed, and nobody can say whether the turn was kept: only a new start finds out. */
bool db_unknown(const struct db *db);

struct db_costs {
    uint64_t statements, round_trips; /* since it was opened; of a file none */
};
struct db_costs db_costs(const struct db *db);
/* What it takes on its disk, here or at the other end of the wire. */
MUST_CHECK status db_bytes(struct db *db, struct report *report, uint64_t *bytes);

/* ---- beside other servers ----
 *
 *   db_enter(data)  [ what was read before is of no use when `moved`; db_take(keys), then ]
 *       reads, savepoint, write, release, db_commit ... as ever
 *   db_leave(data)
 *
 * Of a store that was opened `beside` others every read and every turn lies between the two. One
 * server is there alone, or several that share it: these read, and change nothing. A write there is
 * STORE, and db_met(): whoever asked for it may come again, alone. All that one of them may do is
 * to add to the log, one after the other:
 *
 *   db_append_begin  [ what others added meanwhile is read, db_entry_put ]  db_commit
 *
 * The data is opened before the keys, and entered with that. */
struct db_entered {
    bool moved;             /* another server was here meanwhile, or may have been */
    bool again;             /* the database was out of reach meanwhile */
    bool gone;              /* shared: whoever was alone last lives no more */
    uint64_t number, whole; /* of the last turn; how often the whole has changed (vault.h) */
    uint64_t entries;       /* of the log */
};
MUST_CHECK status db_enter(struct db *db, enum db_stay stay, struct report *report,
                           struct db_entered *entered);
/* The same of a store that is entered with another one. */
MUST_CHECK status db_take(struct db *db, enum db_stay stay, bool moved, struct report *report);
/* STORE, and db_met(), when somebody who was alone has kept a turn since this was entered. */
MUST_CHECK status db_append_begin(struct db *db, struct report *report);
/* A fault: others may have been here before this. */
MUST_CHECK status db_leave(struct db *db, struct report *report);
void db_left(struct db *db); /* of one that was taken */
/* Is it this server that does what one of them does? Becomes so where nobody else is. */
MUST_CHECK status db_duty(struct db *db, struct report *report, bool *mine);
uint64_t db_number(const struct db *db); /* of the last turn that was kept */

/* What spreads the tables of a schema over a cluster of Citus; and does it, in one transaction.
 * STORE where the database has no such cluster, INVALID in a file. */
MUST_CHECK status db_shard_text(const struct db_place *place, enum db_schema schema,
                                struct arena *arena, struct report *report, str *text);
MUST_CHECK status db_shard(struct db *db, struct report *report);

/* Between turns: the journal is written back and cut, and from here on every write is MOVING, until
 * db_go_on(). Meanwhile another process may open the file as one that is `still`. */
MUST_CHECK status db_hold_still(struct db *db, struct report *report);
void db_go_on(struct db *db);
/* MOVING while it is still. */
MUST_CHECK status db_may_write(const struct db *db, struct report *report);
/* Every row of one store that another lacks goes there, in the order of the keys and some rows at a
 * time: after a crash it goes on where it stood. Then all rows of both are compared: *rows.
 * CORRUPT when the other one holds what the first does not. Neither may be written meanwhile. */
MUST_CHECK status db_move(struct db *from, struct db *to, enum db_schema schema,
                          struct report *report, uint64_t *rows);

/* ---- between turns ---- */

/* The next turn is durable with the checkpoint that must follow it, and not before: one flush of
 * the journal serves both. On a fault of either, the file is to be opened anew before it is used.
 */
MUST_CHECK status db_flush_by_checkpoint(struct db *db, struct report *report);
/* Writes the journal back into the file where it is a fifth as long as a turn may leave it, so that
 * a turn that somebody waits for need not. */
MUST_CHECK status db_checkpoint_early(struct db *db, struct report *report, bool *did);
/* Writes the journal back into the file and cuts the journal to nothing. */
MUST_CHECK status db_checkpoint_truncate(struct db *db, struct report *report);
/* A consistent copy, flushed, of mode 0600; an older file of that name is replaced at the end.
 * INVALID where the rows lie in a database that is copied by its own tools. */
MUST_CHECK status db_backup(struct db *db, const char *path, struct report *report);
/* The same in steps, with turns between them: it is of what was committed when the last of them was
 * `done`. Then it is flushed and appears, for which another thread may do; the database is not
 * needed for that, nor for the end. */
struct db_copy;
MUST_CHECK status db_copy_start(struct db *db, const char *path, struct report *report,
                                struct db_copy **copy);
MUST_CHECK status db_copy_step(struct db_copy *copy, int pages, struct report *report, bool *done);
MUST_CHECK status db_copy_publish(struct db_copy *copy, struct report *report);
void db_copy_end(struct db_copy **copy); /* fits CLEANUP; a copy that is not done goes away */
/* Reads the whole file through: CORRUPT when it is damaged. */
MUST_CHECK status db_check(struct db *db, struct report *report);
/* Writes the whole file anew, so that no unused space of it keeps old bytes. */
MUST_CHECK status db_compact(struct db *db, struct report *report);

#endif
