/* crowd: the clients (ledger.h) of a test that kills what they ask, all at once, and what it draws.
 *
 *   crowd_begin --> crowd_start(work) --> something is killed --> crowd_join --> it starts again
 *                                              --> crowd_start(check) --> crowd_join: all is well
 *
 * The moment of a kill is the only thing that is drawn in time; a seed says what is asked. */
#ifndef VERN_CROWD_H
#define VERN_CROWD_H
#include "process.h" /* first: base.h takes some of the libraries' names away */

#include <pthread.h>

#include "ledger.h"

enum { CROWD_MOST = 12 };

struct crowd {
    struct client clients[CROWD_MOST];
    pthread_t threads[CROWD_MOST];
    size_t count;
    uint64_t seed, drawn;
    const char *dir; /* of the server, to look into when something is wrong */
    uint64_t requests, acknowledged, refused, found_done, found_undone; /* of those that ended */
};

/* A number of the environment; `usual` where it says none. */
uint64_t number_said(const char *name, uint64_t usual);
void pass(uint64_t microseconds);
/* The seed that the environment says, or one that is drawn. */
void crowd_seed(struct crowd *crowd, const char *name);
uint64_t crowd_draw(struct crowd *crowd, uint64_t below);

/* So many clients of a server of tests/kill/kill.yaml, which weighs what it must have weighed. Each
 * life of a register asks something else. */
void crowd_begin(struct crowd *crowd, size_t count, uint64_t life, struct process *server);
/* One that stopped since it was answered 503, with nothing done: may it go on with its work? */
bool client_may_ask_again(struct client *client);
/* Each in a thread of its own, which is given the client. */
void crowd_start(struct crowd *crowd, void *(*what)(void *client));
/* Waits for all, and fails where one of them found something that is not as it must be. */
void crowd_join(struct crowd *crowd);
/* Counts what they did, and gives them back. */
void crowd_end(struct crowd *crowd);

#endif
