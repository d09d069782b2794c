/* session: who is signed in by a browser, a person or a member of the staff; it acts as a token
 * does.
 *
 *   proven --engine_session_open--> cookie ID.SECRET, in the browser alone; its hash, in memory
 *   request --engine_session_authenticate--> struct caller, as a token gives one
 *
 * Holds: a session is never on disk, so that no backup has it, no restore revives it, and a restart
 * ends it; only a keyed hash of its secret is kept. It ends by itself (unused for SESSION_IDLE_MS,
 * SESSION_MS after it began), by sign-out, by an officer; that of a person as soon as the address
 * that was proven is no item of theirs any more (changed, erased), or the identifier leads to
 * nobody or to somebody besides; that of a member when they leave. It acts in its own register and,
 * of a person, on that person alone. Signing in again is a new session with a new secret: none is
 * ever taken over from before a sign-in. Time: the register's clock. Memory: SESSIONS_MOST a
 * register and SESSIONS_OF_ONE of one person or member; past that the one that was used longest ago
 * ends.
 *
 * To sign a member of the staff in, once password and second factor (or the provider's answer) are
 * proven, last in the use case's call:
 *
 *   struct session_open open = {.staff = member, .scopes = what the account may ask for,
 *                               .how = "password", .replaces = the browser's cookie or STR("")};
 *   TRY(engine_session_open(call, &open, &opened));
 *
 * and the handler gives opened.cookie to ask_set_session() (api_internal.h), which makes the cookie
 * __Host-vern-session. From then on every route that takes a token takes the cookie instead, with
 * X-Vern-CSRF (opened.csrf, or GET /v1/session) on whatever is no GET. The caller has `actor`, the
 * member's role and the log's handle of the member, as a token of the member's has; authenticated
 * is "session". Re-authentication is the same call again, with `replaces`: routes that are
 * ROUTE_FRESH ask for a sign-in of the last SESSION_FRESH_MS.
 */
#ifndef VERN_SESSION_H
#define VERN_SESSION_H
#include "engine.h"

enum { SESSIONS_MOST = 2048, SESSIONS_OF_ONE = 8 };
enum {
    SESSION_FRESH_MS = 10 * 60 * 1000,
    SESSION_IDLE_MS = 30 * 60 * 1000,
    SESSION_MS = 12 * 3600 * 1000
};

struct session_open {
    dossier_id subject; /* a person, with the item whose mailbox was proven; */
    record_id address;
    hash32 identifier; /* where there is no such item: the hash that leads to them; or */
    dossier_id staff; /* a member of the staff, for whom it may ask what `scopes` say */
    uint32_t scopes;
    bool first; /* the password is another's choice: nothing but a change of it is let through */
    const char *how; /* a short word for the log: "link", "password", "openid" */
    str replaces;    /* the cookie that the browser had, whose session ends; may be empty */
};
struct session_opened {
    str cookie; /* given once */
    str csrf;   /* the same as long as the session lives */
    instant expires;
};
/* Logs "sign_in". Faults: NOT_FOUND for a person or member who is not there; INTERNAL. */
MUST_CHECK status engine_session_open(struct call *call, const struct session_open *request,
                                      struct session_opened *opened);

struct session_proof {
    str cookie;  /* as the browser sent it */
    str csrf;    /* the header; */
    bool unsafe; /* asked for when the method changes something */
};
/* The caller, in `arena`, as it is now. UNAUTHENTICATED for anything but a session that lives;
 * FORBIDDEN for one that lives, without its CSRF value. */
MUST_CHECK status engine_session_authenticate(struct engine *engine,
                                              const struct session_proof *proof,
                                              struct arena *arena, struct report *report,
                                              struct reg **reg, const struct caller **caller);
/* What its holder may know of the session that asks: of the cookie's, CSRF value included. */
struct session_view {
    dossier_id id, subject, staff;
    str how, csrf;
    str public_id; /* of the register, where its public pages are */
    instant since, used, fresh_until, expires;
    bool own;   /* the one that asks */
    bool first; /* it waits for a password of the member's own */
};
MUST_CHECK status engine_session_show(struct call *call, str cookie, struct session_view *view);
struct session_list {
    struct session_view *at;
    size_t count;
};
/* Those that live, in the order of their ids after `after`: of a person only their own, else all;
 * never a secret. */
MUST_CHECK status engine_session_list(struct call *call, dossier_id after, size_t limit,
                                      struct session_list *list);
/* Ends one; a person ends their own, an officer any. NOT_FOUND for any other. */
MUST_CHECK status engine_session_end(struct call *call, dossier_id session);

#endif
