/* hook: one try to deliver one event to one webhook.
 *
 * Holds: one request, signed; the answer's status is all that is taken from it.
 * Memory: the caller's, until done() or hook_drop(). */
#ifndef VERN_HOOK_H
#define VERN_HOOK_H
#include "post_internal.h"

enum { HOOK_BODY_BYTES = 2048 };

struct hook {
    struct transfer transfer; /* the first member */
    struct curl_slist *headers;
    char body[HOOK_BODY_BYTES];
    size_t body_len, taken;
    enum reach reach;
    const struct post_config *config;
    bool refused;  /* the address may not be connected to */
    unsigned code; /* of the answer; 0: none came */
    bool over;     /* the receiver says that trying again is of no use */
    bool mail;
    char *message; /* of mail: all of it; freed by hook_end() */
    size_t message_len, given;
};
struct hook_request {
    struct reg *reg;
    dossier_id webhook;
    record_id event;
    str url;
};
/* Faults: NOT_FOUND when the webhook is no more; FORBIDDEN when it may not go there; STORE. */
MUST_CHECK status hook_begin(struct transfers *transfers, struct hook *hook,
                             const struct hook_request *request, struct report *report);
/* After done(): was it delivered? Frees what the try held. */
bool hook_end(struct hook *hook, CURLcode result);
bool hook_set_limits(CURL *easy, const struct hook *hook);
void hook_let_go(struct hook *hook);
void hook_drop(struct transfers *transfers, struct hook *hook); /* while it is under way */

#endif
