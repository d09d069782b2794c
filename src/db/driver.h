/* What a database must be able to do. db.c is the only caller; sqlite.c and postgres.c are there.
 */
#ifndef VERN_DRIVER_H
#define VERN_DRIVER_H
#include "db.h"

struct driver {
    const char *name;
    bool turns_are_operations; /* a turn can be rolled back and begun anew as cheaply as a part */
    /* Opens the file and holds it: no other process gets in. An empty one is made into the schema.
     */
    status (*open)(const struct world *world, const char *path, const struct db_options *options,
                   struct report *report, void **connection);
    void (*close)(void *connection);
    /* A statement's run: start, next until `*row` is false, finish. What `next` gives is borrowed
     * until the following call. */
    status (*start)(void *connection, enum statement statement, const struct value *in,
                    struct report *report);
    status (*next)(void *connection, enum statement statement, struct value *out, bool *row,
                   struct report *report);
    void (*finish)(void *connection, enum statement statement);
    /* A statement that will be started in this turn with these parameters, as far as anybody knows:
     * it may be sent with others. And the turn's end. NULL: to ask takes no time. */
    void (*ahead)(void *connection, enum statement statement, const struct value *in);
    void (*ahead_end)(void *connection);
    /* Rows, by the last statement that wrote. */
    status (*changed)(void *connection, struct report *report, uint64_t *changed);
    bool (*in_turn)(void *connection); /* some failures end a transaction by themselves */
    status (*settle)(void *connection, struct report *report); /* all that was sent is done */
    bool (*unknown)(void *connection); /* it cannot say whether a turn was kept */
    bool (*taken)(void *connection);   /* another process has it now; NULL: none can */
    /* Since it was last asked, another's transaction stood in the way. NULL: there is none. */
    bool (*met)(void *connection);
    /* Of several servers that serve at the same time (db_enter()); NULL: it lies in a file. */
    status (*enter)(void *connection, enum db_stay stay, struct report *report,
                    struct db_entered *entered);
    status (*take)(void *connection, enum db_stay stay, bool moved, struct report *report);
    void (*append)(void *connection); /* the turn that begins next adds to the log, and no more */
    status (*leave)(void *connection, struct report *report);
    status (*duty)(void *connection, struct report *report, bool *mine);
    uint64_t (*number)(void *connection); /* of the last turn that was kept */
    struct db_costs (*costs)(void *connection);
    /* NULL: those of the file. */
    status (*bytes)(void *connection, struct report *report, uint64_t *bytes);
    /* Commits are durable with the next checkpoint, or each again. NULL: always each. */
    status (*flush_later)(void *connection, bool later, struct report *report);
    status (*checkpoint)(void *connection, bool truncate, struct report *report);
    uint64_t (*journal_pages)(void *connection); /* committed since the last checkpoint */
    status (*compact)(void *connection, struct report *report); /* NULL: it does that by itself */
    status (*check)(void *connection, struct report *report);
    /* Spreads the tables over a cluster. NULL: it lies in a file. */
    status (*shard)(void *connection, struct report *report);
    /* A copy, `pages` at a time. NULL: copies are made beside it, with its own tools. */
    status (*copy_start)(void *connection, const char *path, struct report *report, void **copy);
    status (*copy_step)(void *copy, int pages, bool *done, struct report *report);
    void (*copy_end)(void *copy);
};

extern const struct driver sqlite_driver;
#ifdef VERN_POSTGRES
extern const struct driver postgres_driver;
#endif

#endif
