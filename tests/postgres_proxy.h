/* postgres_proxy: stands between a client and a PostgreSQL on the loopback, and cuts the line at
 * one of their messages.
 *
 *   client --TCP--> 127.0.0.1:port  [thread]  socket in the server's folder --> server
 *
 * One connection at a time; after a cut the next one goes through. */
#ifndef VERN_TEST_POSTGRES_PROXY_H
#define VERN_TEST_POSTGRES_PROXY_H
#include "postgres_server.h"

struct postgres_proxy;

enum cut {
    CUT_NOWHERE,
    CUT_ASKED,    /* before the server hears the nth message */
    CUT_HEARD,    /* once the server has heard it, and nobody hears an answer */
    CUT_ANSWERED, /* before the client hears the nth message */
    CUT_SILENT,   /* as a network that went: from now on nothing is passed on, not to whoever calls
                     anew either, and nobody hangs up until disarmed */
};

/* `address` of the database through the proxy. */
struct postgres_proxy *postgres_proxy_start(const struct postgres_server *server,
                                            char address[POSTGRES_ADDRESS_ROOM]);
void postgres_proxy_stop(struct postgres_proxy **proxy);
/* Counts from now on. */
void postgres_proxy_arm(struct postgres_proxy *proxy, enum cut cut, unsigned at);
/* Has it cut since? It does not after this. */
bool postgres_proxy_disarm(struct postgres_proxy *proxy);
#endif
