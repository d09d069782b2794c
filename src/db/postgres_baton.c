/* The baton: the lock of a table, held in a session of its own. Of several servers that serve a
 * register at the same time the one that holds it has its turn, from its first read to its last;
 * or several share it, which change nothing.
 *
 *   server A: [baton   reads, writes, COMMIT, forgets ]                 waits ...    [baton ...
 *   server B:          waits ...                       [shared   reads, adds to the log ]
 *   server C:          waits ...                       [shared   reads ...       ]
 *
 * Who waits has a place in the queue: those who come later to share it do so after who waits alone.
 *
 * It decides who may begin, and not whether what was begun is kept: that is decided by the row of
 * turns, which names the session that may write (take.postgres.sql). So a server that lost the
 * baton within its turn, and has not noticed, writes nothing more. Who shares it writes nothing
 * there: when it leaves the row has the number that it had, or what was read is of no use. */
#ifdef VERN_POSTGRES
#include <stdio.h>
#include <stdlib.h>
#include "postgres_internal.h"

status link_present(struct link *link, const unsigned char server[HOLDER_BYTES], bool alone,
                    struct report *report)
{
    struct parameters in = {0};
    CLEANUP(result_clear) PGresult *taken = NULL, *there = NULL;
    struct value values[] = {value_bytes(server, HOLDER_BYTES), value_integer(alone)};
    for (size_t i = 0; i < LENGTH(values); i++)
        parameter_add(&in, &values[i]);
    TRY(link_rows(link, "baton.postgres.sql", report, &taken));
    TRY(link_ask(link, "present.postgres.sql", &in, report, &there));
    bool present = PQntuples(there) == 1;
    TRY(link_run(link, "COMMIT", report));
    return present ? OK : fail(report, FAULT_LOCKED, "%s is held by another server", link->name);
}

/* ---- the session ---- */

static status session_there(struct baton *baton, struct report *report)
{
    if (link_stands(&baton->link))
        return OK;
    baton->again = true;
    TRY(link_connect(&baton->link, report));
    TRY(link_script(&baton->link, "session.postgres.sql", report));
    TRY(link_script(&baton->link, "beside.postgres.sql", report));
    TRY(link_script(&baton->link, "baton-session.postgres.sql", report));
    return link_present(&baton->link, baton->server, false, report);
}

void baton_open(struct baton *baton, const struct world *world, const char *path,
                const struct db_options *options)
{
    *baton = (struct baton){0};
    link_init(&baton->link, path, options);
    world_random(world, baton->server, sizeof(baton->server));
}

void baton_close(struct baton *baton)
{
    link_cut(&baton->link);
}

/* ---- holding ---- */

static bool same_holder(const char *hex, const unsigned char holder[HOLDER_BYTES])
{
    char text[2 * HOLDER_BYTES + 1];
    for (size_t i = 0; i < HOLDER_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", holder[i]);
    return strcmp(hex, text) == 0;
}

static status read_state(struct baton *baton, const unsigned char holder[HOLDER_BYTES],
                         const PGresult *state, struct report *report, struct db_entered *entered)
{
    str number = {0}, whole = {0}, entries = {0};
    if (PQntuples(state) == 1 && PQnfields(state) == 5) {
        number = str_from(PQgetvalue(state, 0, 0));
        whole = str_from(PQgetvalue(state, 0, 2));
        entries = str_from(PQgetvalue(state, 0, 3));
    }
    if (!str_to_u64(number, &entered->number) || !str_to_u64(whole, &entered->whole) ||
        !str_to_u64(entries, &entered->entries))
        return fail(report, FAULT_CORRUPT, "%s: the row of turns is damaged", baton->link.name);
    entered->moved = !same_holder(PQgetvalue(state, 0, 1), holder);
    entered->gone = strcmp(PQgetvalue(state, 0, 4), "0") == 0;
    return OK;
}

status baton_take(struct baton *baton, enum db_stay stay, const unsigned char holder[HOLDER_BYTES],
                  struct report *report, struct db_entered *entered)
{
    CLEANUP(result_clear) PGresult *state = NULL;
    const char *script = stay == DB_ALONE ? "baton.postgres.sql" : "baton-shared.postgres.sql";
    *entered = (struct db_entered){0};
    status taken = session_there(baton, report);
    if (is_ok(taken))
        taken = link_rows(&baton->link, script, report, &state);
    if (is_ok(taken))
        taken = read_state(baton, holder, state, report, entered);
    if (!is_ok(taken)) {
        link_cut(&baton->link); /* and with it whatever it holds */
        return taken;
    }
    entered->again = baton->again;
    baton->again = false;
    return OK;
}

status baton_let_go(struct baton *baton, struct report *report)
{
    if (baton->link.connection == NULL)
        return link_lost(&baton->link, report);
    status gone = link_run(&baton->link, "COMMIT", report);
    if (!is_ok(gone))
        link_cut(&baton->link);
    return gone;
}

status baton_leave(struct baton *baton, uint64_t number, struct report *report)
{
    CLEANUP(result_clear) PGresult *left = NULL;
    uint64_t now = 0;
    if (baton->link.connection == NULL)
        return link_lost(&baton->link, report);
    status gone = link_rows(&baton->link, "baton-leave.postgres.sql", report, &left);
    if (!is_ok(gone)) {
        link_cut(&baton->link);
        return gone;
    }
    return PQntuples(left) == 1 && str_to_u64(str_from(PQgetvalue(left, 0, 0)), &now) &&
                   now == number
               ? OK
               : fail(report, FAULT_STORE, "%s: it was changed within a turn that changes nothing",
                      baton->link.name);
}

bool baton_stands(struct baton *baton)
{
    return link_stands(&baton->link);
}

status baton_duty(struct baton *baton, struct report *report, bool *mine)
{
    struct parameters in = {0};
    CLEANUP(result_clear) PGresult *result = NULL;
    struct value server = value_bytes(baton->server, HOLDER_BYTES);
    parameter_add(&in, &server);
    TRY(link_ask(&baton->link, "duty.postgres.sql", &in, report, &result));
    *mine = PQntuples(result) == 1;
    return OK;
}
#else
typedef int nothing_without_libpq;
#endif
