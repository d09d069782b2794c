/* Reaching a PostgreSQL server, waiting for it, and saying what it says without any value of a row:
 * its messages quote them, so only its codes are read. */
#ifdef VERN_POSTGRES
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include "postgres_internal.h"

enum { TYPE_BYTES = 17, TYPE_INTEGER = 20, TYPE_TEXT = 25, BINARY = 1, SQL_ROOM = 8192 };

/* ---- values ---- */

void parameter_add(struct parameters *to, const struct value *value)
{
    assert(to->count < PARAMETERS_MOST);
    int i = to->count++;
    struct buf buf = buf_over(to->integers[i], sizeof(to->integers[i]));
    to->formats[i] = BINARY;
    switch (value->kind) {
    case VALUE_INTEGER:
        buf_be64(&buf, (uint64_t)value->integer);
        to->types[i] = TYPE_INTEGER;
        to->values[i] = to->integers[i];
        to->lengths[i] = (int)sizeof(to->integers[i]);
        return;
    case VALUE_BYTES:
    case VALUE_TEXT:
        to->types[i] = value->kind == VALUE_BYTES ? TYPE_BYTES : TYPE_TEXT;
        to->values[i] = value->bytes.ptr == NULL ? "" : value->bytes.ptr;
        to->lengths[i] = (int)value->bytes.len;
        return;
    }
}

struct value link_column(const PGresult *result, int row, int column)
{
    const char *bytes = PQgetvalue(result, row, column);
    size_t len = (size_t)PQgetlength(result, row, column);
    if (PQftype(result, column) != TYPE_INTEGER || len != 8)
        return value_bytes(bytes, len);
    struct reader r = reader_over((str){bytes, len});
    return value_integer((int64_t)read_be64(&r));
}

/* ---- what it says ---- */

/*   code or its class, fault, what the operator reads */
static const struct code {
    const char *code;
    enum fault_class fault;
    const char *text;
} codes[] = {
    {"53100", FAULT_FULL, "the database's disk is full"},
    {"23505", FAULT_CONFLICT, "a key is there already"},
    {"42P06", FAULT_CONFLICT, "the schema is there already"},
    {"42P07", FAULT_CONFLICT, "the schema holds such a table already"},
    {"23502", FAULT_LOCKED, "another server has taken the register over"},
    {"25006", FAULT_STORE, "the database takes no writes: it is a read-only replica"},
    {"42501", FAULT_STORE, "the role lacks a right in the database (docs/postgresql.md)"},
    {"40001", FAULT_STORE, "another transaction stood in the way; nothing was done"},
    {"40P01", FAULT_STORE, "another transaction stood in the way; nothing was done"},
    {"55P03", FAULT_LOCKED, "somebody holds a lock in the database"},
    {"57014", FAULT_STORE, "somebody ended the statement in the database"},
    {"26000", FAULT_STORE, "a named statement is gone: behind a pooler, init with --pooled"},
    {"42P05", FAULT_STORE, "a statement's name is taken: behind a pooler, init with --pooled"},
    {"42P01", FAULT_CORRUPT, "a table is gone"},
    {"42883", FAULT_STORE, "a function is not there: is the extension citus in this database?"},
    {"42P16", FAULT_CONFLICT, "the tables are spread already"},
    {"3F000", FAULT_CORRUPT, "the schema is gone"},
    {"54", FAULT_LIMIT, "a limit of the database was reached"},
    {"53", FAULT_STORE, "the database lacks memory, connections or space"},
    {"XX0", FAULT_CORRUPT, "the database says that its own files are damaged"},
    {"", FAULT_STORE, "the database refuses"},
};

static const struct code *code_of(const char *code)
{
    size_t i = 0;
    while (strncmp(codes[i].code, code, strlen(codes[i].code)) != 0)
        i++;
    return &codes[i];
}

status link_failed(const struct link *link, const PGresult *result, const char *doing,
                   struct report *report)
{
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const struct code *known = code_of(code == NULL ? "" : code);
    return fail(report, known->fault, "%s: %s (PostgreSQL says %s to %s)", link->name, known->text,
                code == NULL ? "nothing" : code, doing);
}

status link_lost(struct link *link, struct report *report)
{
    link_cut(link);
    return fail(report, FAULT_STORE, "%s: the connection to the database is lost", link->name);
}

/* A cancelled wait for a standby is a success with a warning. */
static void notice(void *self, const PGresult *result)
{
    struct link *link = self;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    link->warned |= severity == NULL || strcmp(severity, "WARNING") == 0;
}

/* ---- waiting ---- */

/* False when it stays silent for so many looks. */
static bool socket_ready(struct link *link, short events, int looks)
{
    for (int i = 0; i < looks && link->silent < link->silent_most; i++) {
        struct pollfd at = {.fd = PQsocket(link->connection), .events = events};
        if (poll(&at, 1, WAIT_MS) > 0)
            return true;
        link->silent++;
    }
    return false;
}

void link_pause(struct link *link, int looks)
{
    for (int i = 0; i < looks && link->silent < link->silent_most; i++) {
        poll(NULL, 0, WAIT_MS);
        link->silent++;
    }
}

status link_wait(struct link *link, struct report *report)
{
    for (;;) {
        int unsent = link->connection == NULL ? -1 : PQflush(link->connection);
        if (unsent < 0 && link->connection == NULL)
            return link_lost(link, report);
        if (unsent <= 0 && PQisBusy(link->connection) == 0)
            return OK;
        short events = (short)(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
        if (!socket_ready(link, events, SILENCE_MOST) || PQconsumeInput(link->connection) == 0)
            return link_lost(link, report);
    }
}

/* ---- reaching it ---- */

void link_init(struct link *link, const char *path, const struct db_options *options)
{
    *link = (struct link){.place = *options->place, .silent_most = UINT64_MAX};
    snprintf(link->name, sizeof(link->name), "%s", path_last(path));
    char *to = link->schema;
    *to++ = '"';
    for (const char *at = link->place.space; *at != '\0'; at++) {
        if (*at == '"')
            *to++ = '"';
        *to++ = *at;
    }
    *to = '"';
}

void link_cut(struct link *link)
{
    PQfinish(link->connection);
    link->connection = NULL;
}

bool link_stands(struct link *link)
{
    /* Twice: what a server says before it goes hides that it is gone. */
    return link->connection != NULL && PQconsumeInput(link->connection) != 0 &&
           PQconsumeInput(link->connection) != 0 && PQstatus(link->connection) == CONNECTION_OK;
}

static bool handshake(struct link *link)
{
    int looks = 0;
    for (;;) {
        PostgresPollingStatusType now = PQconnectPoll(link->connection);
        if (now == PGRES_POLLING_OK || now == PGRES_POLLING_FAILED)
            return now == PGRES_POLLING_OK;
        short events = now == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
        if (!socket_ready(link, events, CONNECT_MOST - looks++))
            return false;
    }
}

/* An address may name several hosts. They are tried one by one here: libpq's own way goes on to the
 * next when one says no, and waits without end for one that says nothing. */
struct hosts {
    PQconninfoOption *options;
    const char *names[3], *lists[3]; /* host, hostaddr, port */
    int count;
};

static int parts_of(const char *list)
{
    int count = 1;
    for (; (list = strchr(list, ',')) != NULL; list++)
        count++;
    return count;
}

static void read_hosts(const struct link *link, struct hosts *hosts)
{
    *hosts = (struct hosts){.names = {"host", "hostaddr", "port"}, .count = 1};
    hosts->options = PQconninfoParse(link->place.address, NULL);
    for (const PQconninfoOption *at = hosts->options; at != NULL && at->keyword != NULL; at++) {
        for (size_t i = 0; i < LENGTH(hosts->names); i++)
            if (strcmp(at->keyword, hosts->names[i]) == 0)
                hosts->lists[i] = at->val;
    }
    for (size_t i = 0; i < 2; i++)
        if (hosts->lists[i] != NULL && parts_of(hosts->lists[i]) > hosts->count)
            hosts->count = parts_of(hosts->lists[i]);
}

static void hosts_free(struct hosts *hosts)
{
    PQconninfoFree(hosts->options);
}

/* One port may serve all hosts. */
static const char *nth_part(const char *list, int number, char room[DB_ADDRESS_ROOM])
{
    if (list == NULL)
        return NULL;
    for (int i = 0; i < number && strchr(list, ',') != NULL; i++)
        list = strchr(list, ',') + 1;
    snprintf(room, DB_ADDRESS_ROOM, "%.*s", (int)strcspn(list, ","), list);
    return room;
}

/* What the address does not say comes before it, and what is said of it once more after it. */
static void try_host(struct link *link, const struct hosts *hosts, int number)
{
    char rooms[3][DB_ADDRESS_ROOM];
    const char *words[8] = {"target_session_attrs", "application_name", "dbname",
                            "client_encoding"};
    const char *values[8] = {"read-write", "vern", link->place.address, "UTF8"};
    for (size_t i = 0; i < LENGTH(hosts->names); i++) {
        words[4 + i] = hosts->names[i];
        values[4 + i] = nth_part(hosts->lists[i], number, rooms[i]);
    }
    link->connection = PQconnectStartParams(words, values, 1);
    if (link->connection == NULL)
        abort();
}

/* What libpq says of a try holds addresses and names; which of our own words fits it? */
static const char *why_not(const char *said, const char *before)
{
    if (strstr(said, "read-only") != NULL)
        return "only read-only replicas of the database answer";
    if (strstr(said, "certificate") != NULL || strstr(said, "SSL error") != NULL ||
        strstr(said, "not support SSL") != NULL)
        return "the database's TLS is not what sslmode and sslrootcert ask for";
    return before;
}

status link_connect(struct link *link, struct report *report)
{
    bool there = false;
    const char *why = "the database cannot be reached, or lets this role not in";
    CLEANUP(hosts_free) struct hosts hosts;
    link_cut(link);
    read_hosts(link, &hosts);
    for (int i = 0; i < hosts.count && !there; i++) {
        link_cut(link);
        try_host(link, &hosts, i);
        there = PQstatus(link->connection) != CONNECTION_BAD && handshake(link);
        why = why_not(PQerrorMessage(link->connection), why);
    }
    if (!there) {
        link_cut(link);
        return fail(report, FAULT_STORE, "%s: %s", link->name, why);
    }
    PQsetNoticeReceiver(link->connection, notice, link);
    PQsetnonblocking(link->connection, 1);
    return OK;
}

/* ---- asking it ---- */

char *link_placed(const struct link *link, const char *text)
{
    static const char word[] = ":schema";
    char room[SQL_ROOM];
    struct buf buf = buf_over(room, sizeof(room));
    const char *found;
    for (; (found = strstr(text, word)) != NULL; text = found + strlen(word)) {
        buf_add(&buf, (str){text, (size_t)(found - text)});
        buf_text(&buf, link->schema);
    }
    buf_text(&buf, text);
    buf_char(&buf, '\0');
    str whole;
    struct report report = {0};
    char *copy = is_ok(buf_finish(&buf, &report, &whole)) ? strdup(whole.ptr) : NULL;
    if (copy == NULL)
        abort();
    return copy;
}

/* The last result with rows, or the first, of what was sent; and the first fault. */
static status last_result(struct link *link, const char *doing, struct report *report,
                          PGresult **result)
{
    status first = OK;
    *result = NULL;
    for (;;) {
        TRY(link_wait(link, report));
        PGresult *next = PQgetResult(link->connection);
        if (next == NULL)
            break;
        if (is_ok(first) && PQresultStatus(next) == PGRES_FATAL_ERROR)
            first = link_failed(link, next, doing, report);
        PGresult *other = next;
        if (PQntuples(next) > 0 || *result == NULL) {
            other = *result;
            *result = next;
        }
        PQclear(other);
    }
    link->costs.round_trips++;
    return *result == NULL ? link_lost(link, report) : first;
}

status link_ask(struct link *link, const char *script, const struct parameters *in,
                struct report *report, PGresult **result)
{
    static const struct parameters none = {0};
    if (in == NULL)
        in = &none;
    *result = NULL;
    if (link->connection == NULL)
        return link_lost(link, report);
    char *sql = link_placed(link, script_text(script));
    int sent = PQsendQueryParams(link->connection, sql, in->count, in->types, in->values,
                                 in->lengths, in->formats, BINARY);
    free(sql);
    if (sent == 0)
        return link_lost(link, report);
    link->costs.statements++;
    return last_result(link, script, report, result);
}

status link_run(struct link *link, const char *sql, struct report *report)
{
    CLEANUP(result_clear) PGresult *result = NULL;
    if (link->connection == NULL || PQsendQuery(link->connection, sql) == 0)
        return link_lost(link, report);
    return last_result(link, "a script", report, &result);
}

status link_rows(struct link *link, const char *script, struct report *report, PGresult **result)
{
    *result = NULL;
    char *sql = link_placed(link, script_text(script));
    int sent = link->connection == NULL ? 0 : PQsendQuery(link->connection, sql);
    free(sql);
    if (sent == 0)
        return link_lost(link, report);
    link->costs.statements++;
    return last_result(link, script, report, result);
}

status link_script(struct link *link, const char *script, struct report *report)
{
    CLEANUP(result_clear) PGresult *result = NULL;
    return link_rows(link, script, report, &result);
}
#else
typedef int nothing_without_libpq;
#endif
