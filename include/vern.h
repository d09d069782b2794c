/* vern.h: Vern as a library. One call asks whatever the HTTP API can be asked, in this process.
 *
 *   vern_create()  a folder, a register under a policy, its first token
 *   vern_open() -> vern_ask(), vern_ask() ... vern_tick() ... -> vern_close()
 *
 * There is one way to ask: a method, a path, a token and a body, as docs/api.md and `vern api` list
 * them; the answers are those of the API, byte for byte. So every use case is here, with the same
 * checks of tokens and scopes, and a new route needs no new function.
 *
 * Holds: an answer that rests on an entry of the log comes after that entry is durable; each
 * vern_ask() is whole or has not happened. One folder has one owner: a second vern_open(), or a
 * server on it, is told VERN_STORE.
 * Does not hold: the library does not lock the process in as `vern serve` does (core files,
 * tracing); no mail, no public address.
 * Ownership: what you pass is borrowed for the call. A struct vern and the body of an answer are
 * yours to end, with vern_close() and vern_answer_end().
 * Threads: a struct vern belongs to one thread at a time. Fork only before vern_open().
 * Versions: symbols and structs change with the number of the library (soname) alone; set structs
 * to zero before you fill them.
 */
#ifndef VERN_H
#define VERN_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VERN_PUBLIC __attribute__((visibility("default")))

/* How a call of the library ended; the numbers are those with which `vern` exits. A request that
 * was answered with a no is VERN_OK, and its answer's code says no. */
enum vern_status {
    VERN_OK = 0,
    VERN_BAD_INPUT = 2, /* a policy or an argument that cannot be */
    VERN_DENIED = 3,
    VERN_STATE = 4, /* not there, there already, too large */
    VERN_STORE = 5, /* the disk, or another process holds the folder */
    VERN_KEYS = 6,  /* a key, a clock or stored bytes are not as they must be */
    VERN_USAGE = 64,
    VERN_BROKEN = 70 /* Vern broke a rule of its own, or memory ran out */
};

/* Why a call did not end with VERN_OK; never personal data. */
struct vern_error {
    char text[1024];
};

struct vern; /* an open folder of registers */

VERN_PUBLIC const char *vern_version(void); /* "0.1" */

struct vern_register {
    const char *name;       /* [a-z][a-z0-9_-]*, at most 40 */
    const char *policy;     /* the text of the policy file */
    const char *deployment; /* the text of the deployment file, or NULL */
    const char *simulated;  /* NULL: a real clock; else where it begins: "2026-09-01T00:00:00Z" */
    int strict;             /* refuse a policy with errors of the linter */
};
enum { VERN_TOKEN_BYTES = 256 };

/* Makes the folder and the root key where they are not there, and a register in it; gives its
 * administrator's first token, which ends after 90 days. `root` NULL: the file DATA.root. No
 * struct vern may be open on the folder. `error` may be NULL. */
VERN_PUBLIC enum vern_status vern_create(const char *data, const char *root,
                                         const struct vern_register *made,
                                         char token[VERN_TOKEN_BYTES], struct vern_error *error);

/* Opens every register of the folder and mends what a crash left. */
VERN_PUBLIC enum vern_status vern_open(const char *data, const char *root, struct vern **vern,
                                       struct vern_error *error);
VERN_PUBLIC void vern_close(struct vern *vern); /* takes NULL */

struct vern_request {
    const char *method; /* "GET", "POST", "DELETE" ... */
    const char *path;   /* "/v1/subjects/find", with a query where the route takes one */
    const char *token;  /* NULL: none */
    const void *body;   /* NULL: none */
    size_t body_bytes;
    const char *type;            /* of the body; NULL: application/json */
    const char *controller;      /* the company that acts, where the policy has several; or NULL */
    const char *human;           /* the member of the staff behind the application; or NULL */
    const char *idempotency_key; /* makes a write that is repeated the same write; or NULL */
};
struct vern_answer {
    int code;         /* as HTTP has them: 200, 403 ... */
    const char *type; /* of the body: application/json, application/problem+json ... */
    const char *body; /* ends in a NUL that is not counted */
    size_t body_bytes;
};

/* Asks, and gives the whole answer. A body may be as large as its route takes; an answer is held in
 * memory as a whole. Not VERN_OK, and there is no answer: VERN_USAGE where the request is none,
 * VERN_STORE once a flush failed (nothing more is answered: close and open anew). */
VERN_PUBLIC enum vern_status vern_ask(struct vern *vern, const struct vern_request *request,
                                      struct vern_answer *answer, struct vern_error *error);
VERN_PUBLIC void vern_answer_end(struct vern_answer *answer);

/* What a server does beside its requests: destroys what has ended, signs checkpoints, writes
 * heartbeats. Call it about once a second while the folder is open; what has ended is unreadable
 * without it, and its bytes go with it. */
VERN_PUBLIC enum vern_status vern_tick(struct vern *vern, struct vern_error *error);

#ifdef __cplusplus
}
#endif
#endif
