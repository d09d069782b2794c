/* What the files of the post share. */
#ifndef VERN_POST_INTERNAL_H
#define VERN_POST_INTERNAL_H
#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>
#include <uv.h>

#include "post.h"

/* ---- loop.c: transfers of libcurl on a libuv loop ---- */

struct transfers;
struct transfer {
    CURL *easy;
    void (*done)(struct transfer *transfer, CURLcode result); /* it is out of the loop by then */
    struct apart *apart; /* it has a thread of its own; NULL: it is the loop's */
    pthread_t thread;
    atomic_bool dropped;
    CURLcode result;
    TAILQ_ENTRY(transfer) link;
};
MUST_CHECK status transfers_new(uv_loop_t *loop, struct report *report,
                                struct transfers **transfers);
/* The easy handle is the caller's: done() or transfers_drop() comes first, then it may go. */
MUST_CHECK status transfers_add(struct transfers *transfers, struct transfer *transfer,
                                struct report *report);
/* The same in a thread of its own; done() comes on the loop. */
MUST_CHECK status transfers_add_apart(struct transfers *transfers, struct transfer *transfer,
                                      struct report *report);
/* One in a thread is waited for, which is a second at most. */
void transfers_drop(struct transfers *transfers, struct transfer *transfer);
/* All that have threads end by themselves; they are to be dropped all the same. */
void transfers_end(struct transfers *transfers);
/* None may be left in it. */
void transfers_free(struct transfers **transfers);

/* ---- apart.c: transfers in threads of their own, for loop.c ---- */

struct apart {
    uv_async_t async;
    pthread_mutex_t lock;
    TAILQ_HEAD(, transfer) over; /* under the lock: whose threads are at their end */
    atomic_bool ends;
};
struct apart *apart_new(uv_loop_t *loop);
MUST_CHECK status apart_add(struct apart *apart, struct transfer *transfer, struct report *report);
void apart_drop(struct apart *apart, struct transfer *transfer);
void apart_free(struct apart *apart);

/* ---- address.c ---- */

enum reach { REACH_LOOPBACK, REACH_PUBLIC };
/* May a connection be made to this address? With REACH_LOOPBACK to this machine alone; else to
 * what is neither private, local, mapped, reserved nor for many, and to `networks`. */
bool address_allowed(const struct sockaddr *address, enum reach reach,
                     const struct network *networks, size_t count);

/* ---- delay.c ---- */

/* How long to wait after so many tries that failed: 5 s, four times as long each time, at most six
 * hours, a quarter less or more by chance. */
int64_t retry_after_ms(unsigned tries, uint32_t chance);

#endif
