/* For tests that kill the server: clients that write down what was acknowledged to each, and hold a
 * server that has started again to it.
 *
 *   client --one request at a time--> server          ledger: people, as they must be now
 *          <--acknowledged-- : the ledger changes             one request that was not answered
 *
 * After a start each person in the ledger is as it says. The person of the request that was not
 * answered may be as before it or as after it, in all of its parts: values, consents, and the log's
 * entries about them. Then the same request goes out again under its Idempotency-Key, and from
 * there on everything is as after it, done once.
 *
 * A client belongs to one thread at a time. */
#ifndef VERN_LEDGER_H
#define VERN_LEDGER_H
#include "base.h"
#include "client.h"
#include "json.h"

enum {
    LEDGER_PEOPLE = 4096,
    LEDGER_ITEMS = 24,
    LEDGER_ID = 24,
    LEDGER_TEXT = 64,
    LEDGER_FILE_BYTES = 150000 /* three parts */
};

enum ledger_op {
    OP_NONE,
    OP_CREATE,
    OP_COLLECT,
    OP_CONSENT,
    OP_WITHDRAW,
    OP_RECTIFY,
    OP_ERASE_PART,
    OP_ERASE,
    OP_FILE_OPEN,
    OP_FILE_SEND,
    OP_READ,
    /* of the operator */
    OP_VISIT, /* somebody comes whose data ends in a day */
    OP_VISIT_COLLECT,
    OP_CLOCK, /* and the sweep that follows */
    OP_BACKUP,
    OP_VERSION,
    OP_COUNT
};
extern const char *const ledger_op_names[OP_COUNT];

/* Entries that say of a change that it was made. */
enum { LEDGER_ACTIONS = 8 };

struct ledger_item {
    char id[LEDGER_ID]; /* empty: not told yet */
    char field[LEDGER_TEXT], value[LEDGER_TEXT];
    char end[LEDGER_TEXT]; /* as the server says it; visits' alone are looked at */
};
struct ledger_person {
    char id[LEDGER_ID], reference[LEDGER_ID], number[LEDGER_TEXT];
    bool gone, consent, touched;
    struct ledger_item items[LEDGER_ITEMS];
    size_t count;
    unsigned entries[LEDGER_ACTIONS];
};

struct ledger_request {
    enum ledger_op op; /* OP_NONE: none is open */
    size_t person;
    char method[8], target[128], body[512], key[LEDGER_TEXT];
    struct ledger_person after; /* the person as it is when this was done */
    char text[LEDGER_TEXT];     /* a name of a backup or of a version, an instant */
};

/* Several servers of one register: each request goes to any of them but those of an upload, which
 * go where it began. Shared by clients; changed while they work. */
enum { LEDGER_SERVERS = 8 };
struct ledger_servers {
    uint16_t ports[LEDGER_SERVERS];
    unsigned alive; /* a bit for each that may be asked */
    bool over;      /* no more is asked */
};

struct client {
    unsigned number;
    struct ledger_servers *servers; /* NULL: the one that is told */
    unsigned asked;                 /* of them, the last */
    bool operates;
    uint64_t random;
    const char *token;
    struct http_client *http;
    struct arena *arena;
    struct ledger_person *people; /* LEDGER_PEOPLE */
    size_t count;
    struct ledger_request open;
    uint64_t serial, requests, acknowledged, refused, found_done, found_undone;
    /* of the operator */
    char clock[LEDGER_TEXT]; /* the latest that was acknowledged */
    unsigned versions;
    char backup[LEDGER_TEXT]; /* the latest that was acknowledged; taken by the test */
    char wrong[1024];         /* the first thing that is not as it must be; empty: all is well */
};

void client_begin(struct client *client, unsigned number, uint64_t seed, const char *token);
void client_end(struct client *client);

/* Request after request, until one is not answered. */
void client_work(struct client *client, uint16_t port);
/* After a start: all that was touched since the last time, some that was not, and the request that
 * was not answered. */
void client_check(struct client *client, uint16_t port);
/* Everybody in the ledger. */
void client_check_all(struct client *client, uint16_t port);

#endif
