/* The PostgreSQL driver: one session, which holds one register's schema.
 *
 *   BEGIN | mark | SAVEPOINT | writes ... | RELEASE | SAVEPOINT | writes ... | RELEASE | COMMIT
 *   `------------------------- sent without waiting --------------------------------' `- one answer
 *
 * A write is not waited for unless its count is asked for; a read takes along the answers of what
 * was sent before it. So a failure may be heard of later than it happened: while its operation
 * lasts, that is taken back alone; afterwards the whole turn is.
 *
 * The mark is the number of the turn, in the one row of the table turn, under the name of the
 * session that holds the register. It fails when another session took over. After a connection was
 * lost at COMMIT, the new session takes over first, which waits for whatever the old one still
 * does, and then the number says whether the turn was kept. */
#ifdef VERN_POSTGRES
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include "driver.h"
#include "postgres_internal.h"

enum {
    MARK = STATEMENT_COUNT, /* the slot of the statement that marks a turn, */
    APPEND,                 /* or says that it adds to the log alone */
    SLOTS,
    QUEUE_MOST = 512,
    ENTER_MOST = 3,
    HOLD_MOST = 20, /* looks for the end of a session that held the register */
    VERSION_LEAST = 150000,
};

struct sent {
    int slot;
    bool prepares;
    unsigned operation;
    struct ahead *ahead; /* NULL: whoever started it waits for it */
};

struct slot {
    char *sql;
    bool prepared; /* or on its way to be */
    PGresult *result;
    int row;
};

struct failure {
    enum fault_class fault; /* FAULT_NONE: there is none */
    unsigned operation;
    struct report report;
};

struct postgres {
    struct link link;
    struct baton *baton; /* of the data of a register that several serve at the same time */
    const struct world *world;
    enum db_schema schema;
    bool beside; /* it is one of several that serve at the same time */
    unsigned char holder[HOLDER_BYTES],
        next[HOLDER_BYTES]; /* of this session, of the one to come */
    bool next_there;
    uint64_t turn; /* the last that was kept */
    enum db_stay stay;
    bool resolves; /* it is asked what became of a COMMIT */
    bool appends;  /* the turn, or the next, adds to the log alone: its first entry is */
    uint64_t first;
    size_t first_len; /* 0: none was added yet */
    char first_bytes[LIMIT_ENTRY_BYTES];
    struct slot slots[SLOTS];
    struct sent queue[QUEUE_MOST];
    size_t queued;
    struct aheads aheads;
    unsigned operation, operations; /* the present one, 0 for none; how many there were */
    bool in_turn;
    bool kept;    /* COMMIT was answered as such */
    bool unknown; /* nobody can say whether a turn was kept */
    bool taken;   /* another session has the register now */
    bool met;     /* another's transaction stood in the way */
    struct failure failure;
    uint64_t changed;
};

static const struct {
    const char *prefix;
    int64_t owner;
} schemas[] = {[DB_DATA] = {"data", 0x56455264}, [DB_KEYS] = {"keys", 0x5645526B}};

/* ---- the session ---- */

static void session_gone(struct postgres *pg)
{
    link_cut(&pg->link);
    for (size_t i = 0; i < SLOTS; i++)
        pg->slots[i].prepared = false;
    pg->queued = 0;
    ahead_gone(&pg->aheads);
    pg->failure = (struct failure){0};
    pg->in_turn = false;
    pg->operation = 0;
}

/* How the next session is called: the same name in every try, so that none locks out the next. */
static void name_next(struct postgres *pg)
{
    if (!pg->next_there)
        world_random(pg->world, pg->next, sizeof(pg->next));
    pg->next_there = true;
}

static void name_session(struct postgres *pg)
{
    name_next(pg);
    memcpy(pg->holder, pg->next, HOLDER_BYTES);
    pg->next_there = false;
}

/* Takes the register for this session; *number is that of the last turn. LOCKED when another one
 * has it, which may be the one that this process had a moment ago: that is waited for. */
static status hold(struct postgres *pg, bool again, struct report *report, uint64_t *number)
{
    struct parameters in = {0};
    name_next(pg);
    struct value next = value_bytes(pg->next, HOLDER_BYTES);
    struct value last = value_bytes(pg->holder, HOLDER_BYTES);
    struct value pooled = value_integer(pg->link.place.pooled);
    parameter_add(&in, &next);
    parameter_add(&in, again ? &last : &pooled);
    for (int i = 0; i < HOLD_MOST; i++) {
        CLEANUP(result_clear) PGresult *result = NULL;
        TRY(link_ask(&pg->link, again ? "again.postgres.sql" : "hold.postgres.sql", &in, report,
                     &result));
        if (PQntuples(result) == 1) {
            *number = (uint64_t)link_column(result, 0, 0).integer;
            name_session(pg);
            return OK;
        }
        pg->taken |= again;
        if (again)
            break;
        poll(NULL, 0, WAIT_MS);
    }
    return fail(report, FAULT_LOCKED, "%s is held by another server", pg->link.name);
}

static status session_settings(struct postgres *pg, struct report *report)
{
    if (pg->link.place.pooled)
        return OK;
    TRY(link_script(&pg->link, "session.postgres.sql", report));
    return pg->beside ? link_script(&pg->link, "beside.postgres.sql", report) : OK;
}

static status enter_pipeline(struct postgres *pg, struct report *report)
{
    return PQenterPipelineMode(pg->link.connection) == 1 ? OK : link_lost(&pg->link, report);
}

/* Were the entries of a lost session kept? As if they had been a turn: *number is one more then. */
static status look_for_entries(struct postgres *pg, struct report *report, uint64_t *number)
{
    struct parameters in = {0};
    CLEANUP(result_clear) PGresult *waited = NULL, *there = NULL;
    struct value first = value_integer((int64_t)pg->first);
    struct value bytes = value_bytes(pg->first_bytes, pg->first_len);
    parameter_add(&in, &first);
    parameter_add(&in, &bytes);
    TRY(link_ask(&pg->link, "await.postgres.sql", NULL, report, &waited));
    TRY(link_ask(&pg->link, "appended.postgres.sql", &in, report, &there));
    *number = pg->turn + (PQntuples(there) == 1);
    return OK;
}

/* Another session in place of a lost one. What it says of the last turn is believed when the server
 * kept that on every standby that it waits for. Who shares the baton takes it from nobody. */
static status session_again(struct postgres *pg, struct report *report, uint64_t *number)
{
    session_gone(pg);
    TRY(link_connect(&pg->link, report));
    TRY(session_settings(pg, report));
    pg->link.warned = false;
    if (pg->stay == DB_ALONE)
        TRY(hold(pg, true, report, number));
    else if (pg->resolves)
        TRY(look_for_entries(pg, report, number));
    if (pg->stay == DB_SHARED)
        name_session(pg);
    if (pg->link.warned)
        return link_lost(&pg->link, report);
    return enter_pipeline(pg, report);
}

static status went_back(struct postgres *pg, struct report *report)
{
    session_gone(pg);
    pg->unknown = true;
    return fail(report, FAULT_CORRUPT,
                "%s: the database has lost turns that it had kept: is it another server's copy?",
                pg->link.name);
}

/* Between turns a lost session is replaced. */
static status session_there(struct postgres *pg, struct report *report)
{
    uint64_t number = pg->turn;
    if (pg->unknown)
        return fail(report, FAULT_STORE, "%s: what became of a turn is not known", pg->link.name);
    if (link_stands(&pg->link))
        return OK;
    status result = session_again(pg, report, &number);
    if (is_ok(result) && number != pg->turn)
        return went_back(pg, report);
    if (!is_ok(result))
        session_gone(pg);
    return result;
}

/* ---- what was sent and what came of it ---- */

static const char *slot_name(int slot)
{
    return slot == MARK     ? "turn_mark"
           : slot == APPEND ? "turn_append"
                            : statement_texts[slot].name;
}

static bool is_turns(int slot)
{
    return slot < MARK && strcmp(statement_texts[slot].file, "turn") == 0;
}

static status session_lost(struct postgres *pg, struct report *report)
{
    session_gone(pg);
    return link_lost(&pg->link, report);
}

/* What could not be serialized, who was taken out of a deadlock, and an entry whose number another
 * server has given, which lost the baton and did not know. */
static bool is_others(const struct sent *sent, const PGresult *result)
{
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return code != NULL && (strcmp(code, "40001") == 0 || strcmp(code, "40P01") == 0 ||
                            (strcmp(code, "23505") == 0 && sent->slot == STATEMENT_ENTRY_PUT));
}

static void note_failure(struct postgres *pg, const struct sent *sent, const PGresult *result)
{
    bool others = is_others(sent, result);
    pg->met |= others;
    if (pg->failure.fault != FAULT_NONE)
        return;
    pg->failure = (struct failure){.operation = sent->operation};
    status failed = link_failed(&pg->link, result, slot_name(sent->slot), &pg->failure.report);
    pg->failure.fault = others ? FAULT_STORE : failed.fault;
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    pg->taken |= sent->slot == MARK && code != NULL && strcmp(code, "23502") == 0;
}

/* Whoever would add to the log was not alone with those who share. */
static void note_changed(struct postgres *pg)
{
    pg->met = true;
    if (pg->failure.fault == FAULT_NONE)
        pg->failure.fault = fail(&pg->failure.report, FAULT_STORE,
                                 "%s: it was changed within a turn that changes nothing",
                                 pg->link.name)
                                .fault;
}

/* One answer, which is ours to clear. */
static void note_result(struct postgres *pg, const struct sent *sent, PGresult *result)
{
    struct slot *slot = &pg->slots[sent->slot];
    ExecStatusType how = PQresultStatus(result);
    if (how == PGRES_TUPLES_OK && sent->ahead != NULL) {
        ahead_answer(sent->ahead, result);
        return;
    }
    if (how == PGRES_TUPLES_OK && sent->slot == APPEND && PQntuples(result) == 0)
        note_changed(pg);
    if (how == PGRES_TUPLES_OK) {
        PQclear(slot->result);
        slot->result = result;
        slot->row = 0;
        return;
    }
    if (how != PGRES_COMMAND_OK && sent->prepares)
        slot->prepared = false;
    if (sent->ahead != NULL)
        ahead_answer(sent->ahead, NULL);
    if (how == PGRES_FATAL_ERROR)
        note_failure(pg, sent, result);
    if (how == PGRES_COMMAND_OK && !sent->prepares && sent->slot != MARK)
        pg->changed = strtoull(PQcmdTuples(result), NULL, 10);
    if (how == PGRES_COMMAND_OK && sent->slot == STATEMENT_TURN_COMMIT)
        pg->kept = strcmp(PQcmdStatus(result), "COMMIT") == 0;
    PQclear(result);
}

/* The answer to one thing that was sent, and the end of it. */
static status take_answer(struct postgres *pg, const struct sent *sent, struct report *report)
{
    for (;;) {
        if (!is_ok(link_wait(&pg->link, report)))
            return session_lost(pg, NULL);
        PGresult *result = PQgetResult(pg->link.connection);
        if (PQstatus(pg->link.connection) == CONNECTION_BAD) {
            PQclear(result);
            return session_lost(pg, report);
        }
        if (result == NULL)
            return OK;
        note_result(pg, sent, result);
    }
}

/* Waits for the answers to all that was sent; only a lost session is a fault. */
static status collect(struct postgres *pg, struct report *report)
{
    if (pg->queued == 0)
        return OK;
    if (pg->link.connection == NULL || PQpipelineSync(pg->link.connection) == 0)
        return session_lost(pg, report);
    pg->link.costs.round_trips++;
    for (size_t i = 0; i < pg->queued; i++)
        TRY(take_answer(pg, &pg->queue[i], report));
    pg->queued = 0;
    if (!is_ok(link_wait(&pg->link, report)))
        return session_lost(pg, NULL);
    PGresult *end = PQgetResult(pg->link.connection);
    bool in_step = PQresultStatus(end) == PGRES_PIPELINE_SYNC;
    PQclear(end);
    return in_step ? OK : session_lost(pg, report);
}

static status send(struct postgres *pg, int slot, const char *sql, const struct value *in,
                   int count, struct report *report);

/* Takes the transaction back. Whatever goes wrong, it is gone with the session. */
static void take_back(struct postgres *pg)
{
    status ended = collect(pg, NULL);
    if (is_ok(ended) && pg->in_turn) {
        ended = send(pg, STATEMENT_TURN_ROLLBACK, statement_texts[STATEMENT_TURN_ROLLBACK].postgres,
                     NULL, 0, NULL);
        if (is_ok(ended))
            ended = collect(pg, NULL);
    }
    ahead_let_go(&pg->aheads);
    pg->failure = (struct failure){0};
    pg->in_turn = false;
    pg->operation = 0;
}

/* Of an operation that was answered already: its own fault would mislead whoever hears of it now.
 */
static status late_failure(struct postgres *pg, struct report *report)
{
    struct failure failure = pg->failure;
    bool others = failure.fault == FAULT_CONFLICT || failure.fault == FAULT_LIMIT;
    take_back(pg);
    return fail(report, others && failure.operation != 0 ? FAULT_STORE : failure.fault, "%s",
                failure.report.text);
}

/* All that was sent has been done, or the first failure of it. */
static status settle(struct postgres *pg, struct report *report)
{
    TRY(collect(pg, report));
    if (pg->failure.fault == FAULT_NONE)
        return OK;
    if (pg->operation == 0 || pg->failure.operation != pg->operation)
        return late_failure(pg, report);
    return fail(report, pg->failure.fault, "%s", pg->failure.report.text);
}

static void push(struct postgres *pg, int slot, bool prepares)
{
    pg->queue[pg->queued++] = (struct sent){slot, prepares, pg->operation, NULL};
}

static bool send_named(struct postgres *pg, int slot, const char *sql, const struct parameters *in)
{
    char name[16];
    PGconn *to = pg->link.connection;
    snprintf(name, sizeof(name), "v%d", slot);
    if (!pg->slots[slot].prepared) {
        if (PQsendPrepare(to, name, sql, in->count, in->types) == 0)
            return false;
        pg->slots[slot].prepared = true;
        push(pg, slot, true);
    }
    return PQsendQueryPrepared(to, name, in->count, in->values, in->lengths, in->formats, 1) != 0;
}

static status send(struct postgres *pg, int slot, const char *sql, const struct value *in,
                   int count, struct report *report)
{
    struct parameters to = {0};
    for (int i = 0; i < count; i++)
        parameter_add(&to, &in[i]);
    if (pg->queued + 2 > QUEUE_MOST)
        TRY(settle(pg, report));
    if (pg->link.connection == NULL)
        return session_lost(pg, report);
    pg->link.costs.statements++;
    bool sent = pg->link.place.pooled || is_turns(slot)
                    ? PQsendQueryParams(pg->link.connection, sql, to.count, to.types, to.values,
                                        to.lengths, to.formats, 1) != 0
                    : send_named(pg, slot, sql, &to);
    if (!sent)
        return session_lost(pg, report);
    push(pg, slot, false);
    return OK;
}

static status send_statement(struct postgres *pg, enum statement number, const struct value *in,
                             struct report *report)
{
    struct slot *slot = &pg->slots[number];
    if (slot->sql == NULL)
        slot->sql = link_placed(&pg->link, statement_texts[number].placed);
    return send(pg, (int)number, slot->sql, in, statement_texts[number].in_count, report);
}

static status send_script(struct postgres *pg, int slot, const char *script, const struct value *in,
                          int count, struct report *report)
{
    if (pg->slots[slot].sql == NULL)
        pg->slots[slot].sql = link_placed(&pg->link, script_text(script));
    return send(pg, slot, pg->slots[slot].sql, in, count, report);
}

/* ---- turns ---- */

/* Nothing was numbered yet: all of it may be asked again. */
static status not_among_others(struct postgres *pg, struct report *report)
{
    pg->met = true;
    return fail(report, FAULT_STORE, "%s: the turn that others share was lost", pg->link.name);
}

/* What reads was sent before it would begin within the transaction. */
static status turn_begin(struct postgres *pg, struct report *report)
{
    if (pg->appends && !baton_stands(pg->baton))
        return not_among_others(pg, report);
    TRY(session_there(pg, report));
    TRY(settle(pg, report));
    struct value in[] = {value_integer((int64_t)(pg->turn + 1)),
                         value_bytes(pg->holder, HOLDER_BYTES)};
    struct value append[] = {value_integer((int64_t)pg->turn)};
    TRY(send_statement(pg, STATEMENT_TURN_BEGIN, NULL, report));
    pg->in_turn = true;
    return pg->appends ? send_script(pg, APPEND, "append.postgres.sql", append, 1, report)
                       : send_script(pg, MARK, "turn.postgres.sql", in, LENGTH(in), report);
}

static status unkept(struct postgres *pg, struct report *report)
{
    return fail(report, FAULT_STORE,
                "%s: the database was lost before the turn was kept; nothing of it was done",
                pg->link.name);
}

/* Tries for about a minute, however a server says nothing. */
static status ask_for_number(struct postgres *pg, uint64_t *number)
{
    struct link *link = &pg->link;
    link->silent_most = link->silent + RESOLVE_MOST;
    status found;
    do {
        struct report other = {0};
        found = session_again(pg, &other, number);
        if (is_ok(found) || found.fault == FAULT_LOCKED)
            break;
        link_pause(link, RESOLVE_PAUSE);
    } while (link->silent < link->silent_most);
    link->silent_most = UINT64_MAX;
    return found;
}

/* After a COMMIT without an answer that can be believed. */
static status resolve(struct postgres *pg, struct report *report)
{
    uint64_t number = 0;
    pg->resolves = true;
    status found = ask_for_number(pg, &number);
    pg->resolves = false;
    if (is_ok(found) && number == pg->turn)
        return unkept(pg, report);
    if (is_ok(found) && number != pg->turn + 1)
        return went_back(pg, report);
    if (is_ok(found)) {
        pg->turn = pg->appends ? pg->turn : number;
        return OK;
    }
    session_gone(pg);
    pg->unknown = true;
    return fail(
        report, found.fault,
        "%s: the database was lost while a turn was being kept, and what became of it is not "
        "known",
        pg->link.name);
}

static status turn_commit(struct postgres *pg, struct report *report)
{
    struct report lost = {0};
    pg->kept = pg->link.warned = false;
    status sent = send_statement(pg, STATEMENT_TURN_COMMIT, NULL, &lost);
    if (is_ok(sent))
        sent = collect(pg, &lost);
    if (pg->link.connection == NULL)
        return resolve(pg, report);
    if (pg->failure.fault != FAULT_NONE || !is_ok(sent))
        return pg->failure.fault != FAULT_NONE ? late_failure(pg, report)
                                               : fail(report, sent.fault, "%s", lost.text);
    pg->in_turn = false;
    pg->operation = 0;
    if (!pg->kept) {
        ahead_let_go(&pg->aheads);
        return unkept(pg, report);
    }
    if (pg->link.warned) /* kept here, and perhaps not by the standby that it must wait for */
        return resolve(pg, report);
    pg->turn += !pg->appends;
    return OK;
}

static status turn_rollback(struct postgres *pg)
{
    take_back(pg);
    return OK;
}

static status operation_begin(struct postgres *pg, struct report *report)
{
    pg->operation = ++pg->operations;
    return send_statement(pg, STATEMENT_OPERATION_BEGIN, NULL, report);
}

static status operation_end(struct postgres *pg, struct report *report)
{
    status sent = send_statement(pg, STATEMENT_OPERATION_END, NULL, report);
    pg->operation = 0;
    return sent;
}

/* What the operation sent is waited for: after a failure all that follows is skipped, and so would
 * be the taking back. */
static status operation_undo(struct postgres *pg, struct report *report)
{
    TRY(collect(pg, report));
    if (pg->failure.fault != FAULT_NONE && pg->failure.operation != pg->operation)
        return late_failure(pg, report);
    ahead_let_go(&pg->aheads);
    pg->failure = (struct failure){0};
    return send_statement(pg, STATEMENT_OPERATION_UNDO, NULL, report);
}

/* ---- statements ---- */

/* What was read is the same when it is read again: nothing of ours is under way. */
static status read_between_turns(struct postgres *pg, enum statement number, const struct value *in,
                                 struct report *report)
{
    status read = OK;
    for (int i = 0; i < 2; i++) {
        struct report other = {0};
        TRY(session_there(pg, report));
        read = send_statement(pg, number, in, &other);
        if (is_ok(read))
            read = settle(pg, &other);
        if (is_ok(read))
            return OK;
        if (pg->link.connection != NULL || i == 1)
            return fail(report, read.fault, "%s", other.text);
    }
    return read;
}

/* Was it sent already? Then its answer is here, or comes with all that is under way. What goes
 * wrong there is heard of by whoever starts it anew. */
static status take_ahead(struct postgres *pg, enum statement number, const struct value *in,
                         struct report *report, bool *taken)
{
    int count = statement_texts[number].in_count;
    struct ahead *ahead = ahead_find(&pg->aheads, (int)number, in, count);
    struct report other = {0};
    *taken = false;
    if (ahead != NULL && ahead->state == AHEAD_SENT) {
        status settled = settle(pg, &other);
        if (!is_ok(settled) && pg->in_turn)
            return fail(report, settled.fault, "%s", other.text);
        ahead = ahead_find(&pg->aheads, (int)number, in, count);
    }
    if (ahead == NULL)
        return OK;
    struct slot *slot = &pg->slots[number];
    PQclear(slot->result);
    slot->result = ahead_take(ahead);
    slot->row = 0;
    *taken = true;
    return OK;
}

/* By which it is known whether they were kept. */
static void note_first(struct postgres *pg, const struct value *in)
{
    size_t len = in[1].bytes.len;
    pg->first = (uint64_t)in[0].integer;
    pg->first_len = len < LIMIT_ENTRY_BYTES ? len : LIMIT_ENTRY_BYTES;
    memcpy(pg->first_bytes, in[1].bytes.ptr, pg->first_len);
}

static status run_statement(struct postgres *pg, enum statement number, const struct value *in,
                            struct report *report)
{
    if (pg->failure.fault != FAULT_NONE)
        return fail(report, FAULT_STORE, "%s: an earlier write of the operation failed",
                    pg->link.name);
    bool writes = statement_texts[number].writes, taken = false;
    if (writes && pg->appends && pg->first_len == 0)
        note_first(pg, in);
    if (writes)
        ahead_wrote(&pg->aheads, in, statement_texts[number].in_count);
    else
        TRY(take_ahead(pg, number, in, report, &taken));
    if (taken)
        return OK;
    if (!pg->in_turn)
        return read_between_turns(pg, number, in, report);
    TRY(send_statement(pg, number, in, report));
    return writes ? OK : settle(pg, report);
}

/* As far as there is room; what fails is heard of when it is started. */
static void postgres_ahead(void *connection, enum statement number, const struct value *in)
{
    struct postgres *pg = connection;
    int count = statement_texts[number].in_count;
    if (pg->link.connection == NULL || pg->failure.fault != FAULT_NONE ||
        pg->queued > QUEUE_MOST / 2 || ahead_find(&pg->aheads, (int)number, in, count) != NULL)
        return;
    struct ahead *ahead = ahead_add(&pg->aheads, (int)number, in, count);
    if (ahead != NULL && is_ok(send_statement(pg, number, in, NULL)))
        pg->queue[pg->queued - 1].ahead = ahead;
}

static void postgres_ahead_end(void *connection)
{
    ahead_let_go(&((struct postgres *)connection)->aheads);
}

static status postgres_start(void *connection, enum statement number, const struct value *in,
                             struct report *report)
{
    struct postgres *pg = connection;
    if (number == STATEMENT_TURN_BEGIN)
        return turn_begin(pg, report);
    if (number == STATEMENT_TURN_COMMIT)
        return turn_commit(pg, report);
    if (number == STATEMENT_TURN_ROLLBACK)
        return turn_rollback(pg);
    if (number == STATEMENT_OPERATION_UNDO)
        return operation_undo(pg, report);
    if (number == STATEMENT_OPERATION_BEGIN)
        return operation_begin(pg, report);
    if (number == STATEMENT_OPERATION_END && pg->failure.fault == FAULT_NONE)
        return operation_end(pg, report);
    return run_statement(pg, number, in, report);
}

static status postgres_next(void *connection, enum statement number, struct value *out, bool *row,
                            struct report *report)
{
    (void)report;
    struct slot *slot = &((struct postgres *)connection)->slots[number];
    *row = slot->result != NULL && slot->row < PQntuples(slot->result);
    for (int i = 0; *row && i < statement_texts[number].out_count; i++)
        out[i] = link_column(slot->result, slot->row, i);
    slot->row += *row;
    return OK;
}

static void postgres_finish(void *connection, enum statement number)
{
    result_clear(&((struct postgres *)connection)->slots[number].result);
}

static status postgres_changed(void *connection, struct report *report, uint64_t *changed)
{
    struct postgres *pg = connection;
    TRY(settle(pg, report));
    *changed = pg->changed;
    return OK;
}

static bool postgres_in_turn(void *connection)
{
    return ((struct postgres *)connection)->in_turn;
}

static status postgres_settle(void *connection, struct report *report)
{
    return settle(connection, report);
}

static bool postgres_unknown(void *connection)
{
    return ((struct postgres *)connection)->unknown;
}

static bool postgres_taken(void *connection)
{
    return ((struct postgres *)connection)->taken;
}

static bool postgres_met(void *connection)
{
    struct postgres *pg = connection;
    bool met = pg->met;
    pg->met = false;
    return met;
}

static struct db_costs postgres_costs(void *connection)
{
    const struct postgres *pg = connection;
    struct db_costs costs = pg->link.costs;
    if (pg->baton != NULL) {
        costs.statements += pg->baton->link.costs.statements;
        costs.round_trips += pg->baton->link.costs.round_trips;
    }
    return costs;
}

/* ---- opening ---- */

struct server {
    bool schema, tables;
};

static bool column_is(const PGresult *result, int column, const char *text)
{
    return str_is(link_column(result, 0, column).bytes, text);
}

/* A pooler lends the same session to several, so it does not say which one that is. */
static bool is_pooled(const struct link *link, const PGresult *server)
{
    return link_column(server, 0, 4).integer != PQbackendPID(link->connection);
}

static status look_at_server(struct link *link, struct report *report, struct server *server)
{
    char table[SCHEMA_ROOM + 16];
    struct parameters in = {0};
    CLEANUP(result_clear) PGresult *result = NULL;
    snprintf(table, sizeof(table), "%s.format", link->schema);
    struct value schema = value_text(str_from(link->schema)), format = value_text(str_from(table));
    parameter_add(&in, &schema);
    parameter_add(&in, &format);
    if (PQserverVersion(link->connection) < VERSION_LEAST)
        return fail(report, FAULT_STORE, "%s: PostgreSQL is older than 15", link->name);
    TRY(link_ask(link, "server.postgres.sql", &in, report, &result));
    if (!column_is(result, 0, "UTF8"))
        return fail(report, FAULT_STORE, "%s: the database's encoding is not UTF8", link->name);
    if (column_is(result, 1, "off"))
        return fail(
            report, FAULT_STORE,
            "%s: synchronous_commit is off for this role: what is acknowledged would not be "
            "durable",
            link->name);
    if (link->place.servers && is_pooled(link, result))
        return fail(report, FAULT_INVALID,
                    "%s: a pooler lies between, and several servers want none: through one nobody "
                    "sees whether another server lives",
                    link->name);
    *server = (struct server){.schema = column_is(result, 2, "true"),
                              .tables = column_is(result, 3, "true")};
    return OK;
}

/* ---- formats ---- */

/* What the row of the table format says. */
struct format {
    int64_t number, step; /* step: -1 where the row has no such column yet */
};

/* Is it the schema that this place means? `format` is its row. */
static bool has_mark(const struct link *link, const PGresult *format)
{
    const char *mark = link->place.mark;
    return mark[0] == '\0' || column_is(format, 2, mark);
}

static status read_format(struct postgres *pg, struct report *report, struct format *format)
{
    CLEANUP(result_clear) PGresult *result = NULL;
    TRY(link_ask(&pg->link, "format.postgres.sql", NULL, report, &result));
    if (PQntuples(result) != 1 || link_column(result, 0, 0).integer != schemas[pg->schema].owner)
        return fail(report, FAULT_CORRUPT, "%s: its schema holds something else", pg->link.name);
    if (!has_mark(&pg->link, result))
        return fail(report, FAULT_CORRUPT, "%s: its schema is another register's", pg->link.name);
    *format = (struct format){link_column(result, 0, 1).integer, link_column(result, 0, 3).integer};
    return OK;
}

/* The migration to a format; NULL when this program knows of none. */
static const char *migration_to(const struct postgres *pg, int64_t format)
{
    char name[64];
    snprintf(name, sizeof(name), "%s-%lld.postgres.sql", schemas[pg->schema].prefix,
             (long long)format);
    return script_text(name);
}

static int64_t formats_known(const struct postgres *pg)
{
    int64_t format = 1;
    while (migration_to(pg, format + 1) != NULL)
        format++;
    return format;
}

/* The transaction of a migration; what it makes is found in its schema. */
static status begin_in(struct postgres *pg, const char *script, struct report *report)
{
    char *begin = link_placed(&pg->link, script_text(script));
    status begun = link_run(&pg->link, begin, report);
    free(begin);
    return begun;
}

static status commit_it(struct postgres *pg, struct report *report)
{
    return link_run(&pg->link, statement_texts[STATEMENT_TURN_COMMIT].postgres, report);
}

static status put_mark(struct postgres *pg, struct report *report)
{
    struct parameters in = {0};
    CLEANUP(result_clear) PGresult *result = NULL;
    struct value mark = value_text(str_from(pg->link.place.mark));
    struct value format = value_integer(formats_known(pg));
    parameter_add(&in, &mark);
    parameter_add(&in, &format);
    return link_ask(&pg->link, "mark.postgres.sql", &in, report, &result);
}

/* All formats at once, since nobody is there yet. An administrator may have made the schema, empty.
 */
static status create_schema(struct postgres *pg, const struct server *server, struct report *report)
{
    if (server->tables)
        return fail(report, FAULT_CONFLICT, "%s: schema %s of the database is there already",
                    pg->link.name, pg->link.schema);
    TRY(begin_in(pg, server->schema ? "migrate.postgres.sql" : "create.postgres.sql", report));
    for (int64_t format = 1; format <= formats_known(pg); format++)
        TRY(link_run(&pg->link, migration_to(pg, format), report));
    TRY(link_run(&pg->link, script_text("columns.postgres.sql"), report));
    TRY(put_mark(pg, report));
    return commit_it(pg, report);
}

/* The statement of a script behind so many others, which end with ";\n"; *last: none follows. */
static str statement_behind(const char *script, int64_t others, bool *last)
{
    const char *end = strstr(script, ";\n");
    for (; others > 0 && end != NULL; others--) {
        script = end + 2;
        end = strstr(script, ";\n");
    }
    *last = end == NULL || strstr(end + 2, ";\n") == NULL;
    return end == NULL ? (str){NULL, 0} : (str){script, (size_t)(end - script)};
}

/* One statement of a migration and the count of it, in one transaction. Who comes second waits for
 * the first at the row, and finds that it was run. */
static status migrate_one(struct postgres *pg, const struct format *from, const char *migration,
                          struct report *report)
{
    bool last;
    struct parameters in = {0};
    CLEANUP(result_clear) PGresult *result = NULL;
    str statement = statement_behind(migration, from->step, &last);
    struct value values[] = {value_integer(from->number), value_integer(from->step),
                             value_integer(last ? from->number + 1 : from->number),
                             value_integer(last ? 0 : from->step + 1)};
    for (size_t i = 0; i < LENGTH(values); i++)
        parameter_add(&in, &values[i]);
    TRY(begin_in(pg, "migrate.postgres.sql", report));
    TRY(link_ask(&pg->link, "step.postgres.sql", &in, report, &result));
    if (PQntuples(result) == 1 && statement.ptr != NULL) {
        char *sql = strndup(statement.ptr, statement.len);
        if (sql == NULL)
            abort();
        status run = link_run(&pg->link, sql, report);
        free(sql);
        TRY(run);
    }
    return commit_it(pg, report);
}

static status add_columns(struct postgres *pg, struct report *report)
{
    TRY(begin_in(pg, "migrate.postgres.sql", report));
    TRY(link_run(&pg->link, script_text("columns.postgres.sql"), report));
    return commit_it(pg, report);
}

/* From whatever format to that of this program, a statement at a time: whoever is interrupted, or
 * stopped by a lock, goes on at the next start where it was. */
static status upgrade(struct postgres *pg, struct format format, struct report *report)
{
    if (format.step < 0) {
        TRY(add_columns(pg, report));
        TRY(read_format(pg, report, &format));
    }
    while (migration_to(pg, format.number + 1) != NULL) {
        TRY(migrate_one(pg, &format, migration_to(pg, format.number + 1), report));
        TRY(read_format(pg, report, &format));
    }
    if (format.number > formats_known(pg) || format.step > 0)
        return fail(report, FAULT_STORE, "%s has format %lld%s, and this program knows up to %lld",
                    pg->link.name, (long long)format.number,
                    format.step > 0 ? " and is on its way to the next" : "",
                    (long long)formats_known(pg));
    return OK;
}

/* Other servers are kept out; where several may serve at the same time, those that would be alone
 * are. A register of an older format has none beside it, and gets the present one alone. */
static status keep_others_out(struct postgres *pg, const struct format *format,
                              struct report *report)
{
    unsigned char server[HOLDER_BYTES];
    bool older = format->number < formats_known(pg) || format->step != 0;
    if (!pg->beside || older)
        TRY(hold(pg, false, report, &pg->turn));
    TRY(upgrade(pg, *format, report));
    if (pg->beside)
        name_session(pg);
    if (pg->beside || pg->schema != DB_DATA || !pg->link.place.servers)
        return OK;
    world_random(pg->world, server, sizeof(server));
    return link_present(&pg->link, server, true, report);
}

static status open_session(struct postgres *pg, bool create, struct report *report)
{
    struct server server;
    struct format format;
    TRY(link_connect(&pg->link, report));
    TRY(session_settings(pg, report));
    TRY(look_at_server(&pg->link, report, &server));
    if (create)
        TRY(create_schema(pg, &server, report));
    else if (!server.tables)
        return fail(report, FAULT_STORE, "%s: the database has no schema %s with tables of ours",
                    pg->link.name, pg->link.schema);
    TRY(read_format(pg, report, &format));
    TRY(keep_others_out(pg, &format, report));
    return enter_pipeline(pg, report);
}

static void postgres_close(void *connection)
{
    struct postgres *pg = connection;
    session_gone(pg);
    if (pg->baton != NULL)
        baton_close(pg->baton);
    free(pg->baton);
    for (size_t i = 0; i < SLOTS; i++) {
        free(pg->slots[i].sql);
        PQclear(pg->slots[i].result);
    }
    free(pg);
}

static status postgres_open(const struct world *world, const char *path,
                            const struct db_options *options, struct report *report,
                            void **connection)
{
    struct postgres *pg = calloc(1, sizeof(*pg));
    if (pg == NULL)
        abort();
    pg->world = world;
    pg->schema = options->schema;
    pg->beside = options->beside;
    if (pg->beside && pg->schema == DB_DATA)
        pg->baton = calloc(1, sizeof(*pg->baton));
    if (pg->baton != NULL)
        baton_open(pg->baton, world, path, options);
    link_init(&pg->link, path, options);
    status result = open_session(pg, options->create, report);
    if (!is_ok(result)) {
        postgres_close(pg);
        return result;
    }
    *connection = pg;
    return OK;
}

static status leave_pipeline(struct postgres *pg, struct report *report)
{
    TRY(session_there(pg, report));
    TRY(settle(pg, report));
    return PQexitPipelineMode(pg->link.connection) != 0 ? OK : session_lost(pg, report);
}

/* What is no statement of the catalogue is asked outside of the pipeline. */
static status ask_aside(struct postgres *pg, const char *script, const struct parameters *in,
                        struct report *report, PGresult **result)
{
    *result = NULL;
    TRY(leave_pipeline(pg, report));
    status asked = link_ask(&pg->link, script, in, report, result);
    if (pg->link.connection == NULL || !is_ok(enter_pipeline(pg, report)))
        session_gone(pg);
    return asked;
}

/* ---- turns among several servers ---- */

/* From here on the turns are ours, for which this server holds the baton. */
static status take_turns(struct postgres *pg, struct report *report)
{
    struct parameters in = {0};
    CLEANUP(result_clear) PGresult *result = NULL;
    bool stands = link_stands(&pg->link);
    if (!stands) {
        session_gone(pg);
        TRY(link_connect(&pg->link, report));
        TRY(session_settings(pg, report));
        name_session(pg);
    }
    struct value holder = value_bytes(pg->holder, HOLDER_BYTES);
    parameter_add(&in, &holder);
    TRY(stands ? ask_aside(pg, "take.postgres.sql", &in, report, &result)
               : link_ask(&pg->link, "take.postgres.sql", &in, report, &result));
    uint64_t number = (uint64_t)link_column(result, 0, 0).integer;
    if (number < pg->turn)
        return went_back(pg, report);
    pg->turn = number;
    return stands ? OK : enter_pipeline(pg, report);
}

static status postgres_take(void *connection, enum db_stay stay, bool moved, struct report *report)
{
    struct postgres *pg = connection;
    pg->stay = stay;
    pg->appends = false;
    if (stay == DB_SHARED)
        return session_there(pg, report);
    if (!moved)
        return OK;
    if (pg->unknown)
        return fail(report, FAULT_STORE, "%s: what became of a turn is not known", pg->link.name);
    status taken = take_turns(pg, report);
    if (!is_ok(taken))
        session_gone(pg);
    return taken;
}

/* What others did while they were alone is known by the number of their turns. */
static status enter_shared(struct postgres *pg, struct report *report, struct db_entered *entered)
{
    TRY(baton_take(pg->baton, DB_SHARED, pg->holder, report, entered));
    status there = postgres_take(pg, DB_SHARED, false, report);
    if (is_ok(there) && entered->number < pg->turn)
        there = went_back(pg, report);
    if (is_ok(there)) {
        entered->moved = entered->number != pg->turn;
        pg->turn = entered->number;
        return OK;
    }
    struct report other = {0};
    status ignored = baton_let_go(pg->baton, &other); /* cut where that fails */
    (void)ignored;
    return there;
}

static void postgres_append(void *connection)
{
    struct postgres *pg = connection;
    pg->appends = true;
    pg->first_len = 0;
}

/* What a dead server still had on its way may be kept while we take the turns: then what the baton
 * said is older, and is asked for again. */
static status postgres_enter(void *connection, enum db_stay stay, struct report *report,
                             struct db_entered *entered)
{
    struct postgres *pg = connection;
    bool moved = false;
    if (stay == DB_SHARED)
        return enter_shared(pg, report, entered);
    for (int i = 0; i < ENTER_MOST; i++) {
        TRY(baton_take(pg->baton, DB_ALONE, pg->holder, report, entered));
        moved |= entered->moved || !link_stands(&pg->link);
        status taken = postgres_take(connection, DB_ALONE, moved, report);
        entered->moved = moved;
        if (is_ok(taken) && pg->turn == entered->number)
            return OK;
        struct report other = {0};
        status ignored = baton_let_go(pg->baton, &other); /* cut where that fails */
        (void)ignored;
        TRY(taken);
    }
    return went_back(pg, report);
}

static status postgres_leave(void *connection, struct report *report)
{
    struct postgres *pg = connection;
    return pg->stay == DB_SHARED ? baton_leave(pg->baton, pg->turn, report)
                                 : baton_let_go(pg->baton, report);
}

static status postgres_duty(void *connection, struct report *report, bool *mine)
{
    return baton_duty(((struct postgres *)connection)->baton, report, mine);
}

static uint64_t postgres_number(void *connection)
{
    return ((struct postgres *)connection)->turn;
}

/* ---- the whole ---- */

static status postgres_checkpoint(void *connection, bool truncate, struct report *report)
{
    (void)connection; /* the journal is the server's */
    (void)truncate;
    (void)report;
    return OK;
}

static uint64_t postgres_journal_pages(void *connection)
{
    (void)connection;
    return 0;
}

static status postgres_check(void *connection, struct report *report)
{
    struct postgres *pg = connection;
    CLEANUP(result_clear) PGresult *result = NULL;
    return ask_aside(pg,
                     pg->schema == DB_DATA ? "check-data.postgres.sql" : "check-keys.postgres.sql",
                     NULL, report, &result);
}

static const char *shard_script(enum db_schema schema)
{
    return script_text(schema == DB_DATA ? "shard-data.postgres.sql" : "shard-keys.postgres.sql");
}

/* What fails leaves the session within a transaction: it goes with it. */
static status postgres_shard(void *connection, struct report *report)
{
    struct postgres *pg = connection;
    TRY(leave_pipeline(pg, report));
    char *statements = link_placed(&pg->link, shard_script(pg->schema));
    status spread = begin_in(pg, "migrate.postgres.sql", report);
    if (is_ok(spread))
        spread = link_run(&pg->link, statements, report);
    if (is_ok(spread))
        spread = commit_it(pg, report);
    free(statements);
    if (!is_ok(spread) || !is_ok(enter_pipeline(pg, report)))
        session_gone(pg);
    return spread;
}

static status postgres_bytes(void *connection, struct report *report, uint64_t *bytes)
{
    struct postgres *pg = connection;
    struct parameters in = {0};
    CLEANUP(result_clear) PGresult *result = NULL;
    struct value schema = value_text(str_from(pg->link.schema));
    parameter_add(&in, &schema);
    TRY(ask_aside(pg, "size.postgres.sql", &in, report, &result));
    *bytes = (uint64_t)link_column(result, 0, 0).integer;
    return OK;
}

/* ---- places ---- */

static void options_free(PQconninfoOption **options)
{
    PQconninfoFree(*options);
}

status db_address_take(str address, struct db_place *place, struct report *report)
{
    bool long_one = address.len >= sizeof(place->address);
    if (long_one || memchr(address.ptr, '\0', address.len) != NULL)
        return fail(report, FAULT_USAGE, "the address of the database is too long");
    snprintf(place->address, sizeof(place->address), "%.*s", STR_ARG(address));
    CLEANUP(options_free) PQconninfoOption *options = PQconninfoParse(place->address, NULL);
    for (const PQconninfoOption *at = options; at != NULL && at->keyword != NULL; at++)
        if (strcmp(at->keyword, "password") == 0 && at->val != NULL)
            return fail(
                report, FAULT_USAGE,
                "the address of the database holds a password, which others can see: put it "
                "into a file that passfile= or PGPASSFILE names");
    return options != NULL
               ? OK
               : fail(report, FAULT_USAGE,
                      "the address of the database is none: postgresql://USER@HOST/DATABASE");
}

status db_shard_text(const struct db_place *place, enum db_schema schema, struct arena *arena,
                     struct report *report, str *text)
{
    struct link link;
    link_init(&link, place->space, &(struct db_options){.place = place});
    char *placed = link_placed(&link, shard_script(schema));
    *text = arena_copy(arena, str_from(placed));
    free(placed);
    return text->ptr == NULL ? NO_MEMORY(report) : OK;
}

static status look_at_place(struct link *link, const struct db_place *place, struct report *report,
                            struct server *server)
{
    link_init(link, "the database", &(struct db_options){.place = place});
    TRY(link_connect(link, report));
    status looked = look_at_server(link, report, server);
    link_cut(link);
    return looked;
}

status db_place_look(const struct db_place *place, struct report *report)
{
    struct link link;
    struct server server;
    return look_at_place(&link, place, report, &server);
}

status db_place_free(const struct db_place *place, struct report *report)
{
    struct link link;
    struct server server;
    TRY(look_at_place(&link, place, report, &server));
    return server.tables ? fail(report, FAULT_CONFLICT,
                                "schema %s of the database is there already", link.schema)
                         : OK;
}

/* A schema without tables is nobody's: tables and mark are made with it. */
static status look_whose(struct link *link, struct report *report, bool *ours)
{
    struct server server;
    CLEANUP(result_clear) PGresult *format = NULL;
    TRY(look_at_server(link, report, &server));
    if (!server.tables)
        return OK;
    TRY(link_ask(link, "format.postgres.sql", NULL, report, &format));
    *ours = PQntuples(format) == 1 && has_mark(link, format);
    return OK;
}

status db_place_drop(const struct db_place *place, struct report *report)
{
    struct link link;
    bool ours = false;
    link_init(&link, place->space, &(struct db_options){.place = place});
    TRY(link_connect(&link, report));
    status dropped = look_whose(&link, report, &ours);
    char *drop = link_placed(&link, script_text("drop.postgres.sql"));
    if (is_ok(dropped) && ours)
        dropped = link_run(&link, drop, report);
    free(drop);
    link_cut(&link);
    return dropped;
}

const struct driver postgres_driver = {
    .name = "postgres",
    .open = postgres_open,
    .close = postgres_close,
    .start = postgres_start,
    .next = postgres_next,
    .finish = postgres_finish,
    .ahead = postgres_ahead,
    .ahead_end = postgres_ahead_end,
    .changed = postgres_changed,
    .in_turn = postgres_in_turn,
    .settle = postgres_settle,
    .unknown = postgres_unknown,
    .taken = postgres_taken,
    .met = postgres_met,
    .enter = postgres_enter,
    .take = postgres_take,
    .append = postgres_append,
    .leave = postgres_leave,
    .duty = postgres_duty,
    .number = postgres_number,
    .costs = postgres_costs,
    .bytes = postgres_bytes,
    .checkpoint = postgres_checkpoint,
    .journal_pages = postgres_journal_pages,
    .check = postgres_check,
    .shard = postgres_shard,
};
#else
typedef int nothing_without_libpq;
#endif
