/* What the files of the PostgreSQL driver share: postgres_link.c knows how to reach a server and to
 * wait for it, postgres.c what a turn is, postgres_baton.c whose turn it is. */
#ifndef VERN_POSTGRES_INTERNAL_H
#define VERN_POSTGRES_INTERNAL_H
#include <libpq-fe.h>
#include "db_internal.h"
#include "limits.h"

enum {
    HOLDER_BYTES = 16,
    SCHEMA_ROOM = 2 * DB_SPACE_ROOM,
    PARAMETERS_MOST = 16,
    WAIT_MS = 100,      /* one look at a silent server */
    SILENCE_MOST = 300, /* looks: half a minute without a byte, and it is lost */
    CONNECT_MOST = 50,  /* of a try to reach one host */
    RESOLVE_MOST = 600, /* of all tries to learn what became of a commit: a minute */
    RESOLVE_PAUSE = 10, /* between two of them */
};

/* One server's session, its schema and what is sent there. */
struct link {
    PGconn *connection; /* NULL: there is none */
    struct db_place place;
    char name[128];               /* the file that it stands for: what a report may name */
    char schema[SCHEMA_ROOM];     /* quoted */
    bool warned;                  /* the server warned since this was last set to false */
    uint64_t silent, silent_most; /* looks in vain so far; at so many no wait goes on */
    struct db_costs costs;
};

/* Parameters as libpq takes them: all binary. */
struct parameters {
    int count;
    Oid types[PARAMETERS_MOST];
    const char *values[PARAMETERS_MOST];
    int lengths[PARAMETERS_MOST], formats[PARAMETERS_MOST];
    char integers[PARAMETERS_MOST][8];
};
void parameter_add(struct parameters *to, const struct value *value);
struct value link_column(const PGresult *result, int row, int column);

/* STORE when none of the servers of the address answers as one that takes writes. */
MUST_CHECK status link_connect(struct link *link, struct report *report);
void link_cut(struct link *link);
bool link_stands(struct link *link);
void link_pause(struct link *link, int looks);
void link_init(struct link *link, const char *path, const struct db_options *options);
/* SQL with the schema for ":schema"; malloc's. */
char *link_placed(const struct link *link, const char *text);

/* Waits until PQgetResult() would not; STORE, and the link is cut, when the server is lost. */
MUST_CHECK status link_wait(struct link *link, struct report *report);
/* One script with parameters, outside of a pipeline. *result may be NULL'ed with PQclear(). */
MUST_CHECK status link_ask(struct link *link, const char *script, const struct parameters *in,
                           struct report *report, PGresult **result);
/* Several statements without parameters, as one. */
MUST_CHECK status link_run(struct link *link, const char *sql, struct report *report);
/* A script of statements without parameters; and the rows of the last that gives some, as text. */
MUST_CHECK status link_script(struct link *link, const char *script, struct report *report);
MUST_CHECK status link_rows(struct link *link, const char *script, struct report *report,
                            PGresult **result);
/* What a failed result says, without any value of a row. `doing` names a statement. */
status link_failed(const struct link *link, const PGresult *result, const char *doing,
                   struct report *report);
MUST_CHECK status link_lost(struct link *link, struct report *report);

/* ---- what will be asked in a moment ----
 *
 *   ahead: dossier 7, dossier 8, items of 7     start: dossier 7 --one round trip--> all three
 *                                               start: dossier 8 --> it is there
 *
 * A statement that reads may be sent before somebody starts it, and its answer comes with the next
 * one that is waited for. What is written under its subject meanwhile, an operation that is taken
 * back and the end of the turn make it void: then whoever starts it asks for himself. */
enum { AHEAD_MOST = 256, AHEAD_KEY = 2 * ID_BYTES };
enum ahead_state { AHEAD_FREE, AHEAD_SENT, AHEAD_THERE, AHEAD_VOID };
struct ahead {
    enum ahead_state state;
    int slot;
    char key[AHEAD_KEY]; /* its parameters, the subject first */
    size_t key_len;
    PGresult *result;
};
struct aheads {
    struct ahead at[AHEAD_MOST];
    size_t used;
};
/* NULL: it was not sent, or is void. */
struct ahead *ahead_find(struct aheads *aheads, int slot, const struct value *in, int count);
/* NULL: there is no room for one more. */
struct ahead *ahead_add(struct aheads *aheads, int slot, const struct value *in, int count);
void ahead_answer(struct ahead *ahead, PGresult *result); /* NULL: it failed */
PGresult *ahead_take(struct ahead *ahead);
void ahead_wrote(struct aheads *aheads, const struct value *in, int count);
void ahead_let_go(struct aheads *aheads); /* all */
void ahead_gone(struct aheads *aheads);   /* and no answer comes any more */

/* ---- postgres_baton.c ---- */

struct baton {
    struct link link;
    unsigned char server[HOLDER_BYTES]; /* how this server is called */
    bool again;                         /* its session is another than at the last turn */
};
/* Says that a server has the register open; LOCKED when another one is in its way. */
MUST_CHECK status link_present(struct link *link, const unsigned char server[HOLDER_BYTES],
                               bool alone, struct report *report);
void baton_open(struct baton *baton, const struct world *world, const char *path,
                const struct db_options *options);
void baton_close(struct baton *baton);
/* Waits for it. `holder` is the session of this server that had a turn alone last. On a fault it is
 * not held. */
MUST_CHECK status baton_take(struct baton *baton, enum db_stay stay,
                             const unsigned char holder[HOLDER_BYTES], struct report *report,
                             struct db_entered *entered);
/* A fault: nobody can say how long it was held. */
MUST_CHECK status baton_let_go(struct baton *baton, struct report *report);
/* The same of who shared it while the last turn was that one: a fault, too, when it is not. */
MUST_CHECK status baton_leave(struct baton *baton, uint64_t number, struct report *report);
/* False: it was lost. True says only that nothing was heard of that. */
bool baton_stands(struct baton *baton);
MUST_CHECK status baton_duty(struct baton *baton, struct report *report, bool *mine);

static inline void result_clear(PGresult **result)
{
    PQclear(*result);
    *result = NULL;
}

#endif
