/* What db.c, the drivers and the generated functions share. */
#ifndef VERN_DB_INTERNAL_H
#define VERN_DB_INTERNAL_H
#include "db.h"

struct statement_text {
    const char *name, *file, *mark;
    int in_count, out_count;
    bool writes, ahead; /* ahead: it may be asked before somebody starts it */
    bool one;     /* gives one row or none */
    int kept;     /* its number among those whose rows are kept; 0: they are not */
    bool forgets; /* writes what one of these reads */
    int subject;  /* the place of that parameter; -1: it has none */
    const char *sqlite, *postgres;
    const char *placed; /* as postgres, each table in ":schema" */
};
extern const struct statement_text statement_texts[STATEMENT_COUNT];

struct script {
    const char *name, *text; /* "data-1.sqlite.sql" */
};
extern const struct script scripts[];
extern const size_t script_count;
const char *script_text(const char *name); /* NULL when there is none */

/* The last component of a path: what a report may name. */
const char *path_last(const char *path);

/* A statement's run; what writes opens the turn first. */
MUST_CHECK status db_start_(struct db *db, enum statement statement, const struct value *in,
                            struct report *report);
/* It will be started with these parameters: a wish, which nobody hears of again. */
void db_ahead_(struct db *db, enum statement statement, const struct value *in);
MUST_CHECK status db_next_(struct db *db, enum statement statement, struct value *out, bool *row,
                           struct report *report);
void db_finish_(struct db *db, enum statement statement);
MUST_CHECK status db_changed_(struct db *db, struct report *report, uint64_t *changed);

/* Columns into fields; CORRUPT when one is not of its type. Without an arena text is borrowed. */
MUST_CHECK status db_take_bytes_(struct db *db, const struct value *from, void *to, size_t size,
                                 struct report *report);
MUST_CHECK status db_take_text_(struct db *db, const struct value *from, struct arena *arena,
                                struct report *report, str *to);
MUST_CHECK status db_take_int_(struct db *db, const struct value *from, struct report *report,
                               int64_t *to);
MUST_CHECK status db_take_count_(struct db *db, const struct value *from, struct report *report,
                                 uint64_t *to);
MUST_CHECK status db_take_instant_(struct db *db, const struct value *from, struct report *report,
                                   instant *to);

#endif
