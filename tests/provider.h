/* provider: a provider of OpenID Connect on loopback that a test makes honest or hostile. It
 * answers each connection in turn, in a thread of its own, and remembers what it was asked.
 *
 * Threads: what a test sets, it sets while nothing is asked. */
#ifndef VERN_TEST_PROVIDER_H
#define VERN_TEST_PROVIDER_H
#include <pthread.h>
#include <stdatomic.h>

#include "base.h"

enum trick {
    TRICK_NONE,
    TRICK_ALG_NONE,
    TRICK_AUDIENCE,
    TRICK_ISSUER,
    TRICK_EXPIRED,
    TRICK_NONCE,
    TRICK_NO_NONCE,
    TRICK_KID,       /* the token names a key that is nowhere */
    TRICK_SIGNATURE, /* of another key under the right name */
    TRICK_OLD_PROOF, /* whoever it is proved that a day ago */
    TRICK_LOGIN,     /* names nobody that could be a login */
    TRICK_NO_TOKEN,
    TRICK_NO_JSON,
    TRICK_REDIRECT, /* the token endpoint sends elsewhere */
    TRICK_FAULT,
    TRICK_ENDLESS, /* a body without an end */
    TRICK_HUGE_KEYS,
    TRICK_SILENT, /* takes the request and says nothing */
    TRICK_COUNT
};

struct provider_double {
    uint16_t port;
    char issuer[64];
    enum trick trick;
    char nonce[64], login[128];
    int64_t now;                                      /* seconds */
    atomic_uint tokens, keys, discoveries, elsewhere; /* how often each was asked for */
    char asked[8192]; /* the last request to the token endpoint, head and body */
    /* Its own: */
    int socket;
    pthread_t thread;
    void *key, *other;
    char kid[16];
};
void provider_open(struct provider_double *provider);
void provider_rotate(struct provider_double *provider); /* a new key under a new name */
void provider_close(struct provider_double *provider);

#endif
