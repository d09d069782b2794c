/* api: HTTP requests become calls of the engine; one table says what can be asked.
 *
 *   request --route--> token, scope, type, size, ids --form--> struct --handler--> engine call
 *   turn end: engine_end() flushes once --> fill --> form --> JSON reply
 *   rest: the sweep, tiles, a checkpoint, when the replies have left
 *
 * Holds: token, scope, content type, size and path are checked before any handler runs; URLs hold
 * random ids only; a reply that rests on an entry leaves after that entry is durable (G1); what a
 * caller may not know of and what does not exist give one and the same answer (G9).
 * Does not hold: nothing here knows SQL, keys or the rules of a policy.
 * Memory: a request's data lives in the request's arena. Threads: one, that of the HTTP server.
 * Start reading at api_handle() in dispatch.c; routes.def lists everything that can be asked.
 */
#ifndef VERN_API_H
#define VERN_API_H
#include "engine.h"
#include "http.h"
#include "network.h"

struct api;

/* A line of the operational log: a level, an event and pairs of name and value. Values that do not
 * look like names, numbers or paths of ours are withheld by the writer, see oplog.h. */
struct oplog;

struct api_config {
    struct engine *engine;
    const struct world *world; /* the server's own clock: limits and lags, not the registers' */
    const char *data_dir;
    const char *backup_dir; /* NULL: the route of backups answers FORBIDDEN */
    const struct oplog *log;
    size_t sweep_limit;           /* dossiers settled per register and sweep; 0: 200 */
    uint32_t failures_per_minute; /* without a valid token, per address; 0: 60 */
    str origins; /* sites whose scripts may ask what a banner needs, separated by commas */
    uint32_t public_per_minute; /* public requests without a link of ours, likewise; 0: 60 */
    uint32_t sweep_ticks; /* every so many ticks a sweep; public answers leave on ticks; 0: 1 */
    const struct network *proxies; /* whose X-Forwarded-For is believed */
    size_t proxy_count;
    bool mails;     /* a mail server is set up: messages may come with their text */
    str post_hosts; /* whither webhooks of real registers may go, separated by commas */
    bool pages;     /* the portal and the console are served beside the api */
    str consent_script; /* of web/src/consent, built; empty: without Node */
    str public_url; /* where public pages are reached: "https://example.no"; empty: nowhere */
    /* Called when a flush failed: nothing more may be answered. The server does not return from it;
     * a test may, and the api is silent from then on. */
    void (*fatal)(void *self, const struct report *report);
    void (*wake)(void *self); /* asks for another turn soon (http_wake); may be NULL */
    void (*work)(void *self, struct http_work *work); /* http_work(); NULL: at once, in its place */
    void *self;
};
struct api *api_new(const struct api_config *config);
/* The provider by which members of the staff sign in, or people, and how it is asked (oidc.h:
 * oidc_begin, oidc_finish): by pointers, so that whoever has no provider links no client of one.
 * `oidc` must live as long. */
struct oidc;
struct oidc_ask;
enum api_side { SIDE_STAFF, SIDE_PEOPLE, SIDES };
struct api_provider {
    struct oidc *oidc;
    bool local; /* oidc_is_local() */
    void (*begin)(struct oidc *oidc, struct oidc_ask *ask);
    void (*finish)(struct oidc *oidc, struct oidc_ask *ask);
    str proves; /* of people: as which kind of identifier what it vouches for counts (sign_in.h) */
};
void api_set_provider(struct api *api, enum api_side side, const struct api_provider *provider);
void api_free(struct api **api); /* after the server has stopped; takes NULL */

/* The hooks of struct http_config; `self` is the api. */
void api_handle(void *self, const struct http_request *request, struct http_reply *reply);
bool api_admit(void *self, const struct http_request *request, struct http_reply *reply,
               struct http_admission *admission);
void api_turn_end(void *self);
void api_rest(void *self);
void api_batch_end(void *self); /* both, for whoever has no replies to write between them */
void api_tick(void *self); /* asks for a checkpoint and a sweep at the end of the turn */

/* What a request needs, as http_class() is told it: 0 where there is no such path; else public, a
 * session, any token, or a scope. For counting. */
enum { API_CLASSES = 13 };
str api_class_name(unsigned class); /* "none", "public", "session", "any", "collect" ... */

/* The OpenAPI 3.1 document of the table, indented, ending in a newline. */
MUST_CHECK status api_openapi(struct arena *arena, struct report *report, str *text);
#endif
