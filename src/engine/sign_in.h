/* sign_in: one-time links by which a person signs in, at an address that is an item of theirs.
 *
 *   asked (address, browser) -> task beside the person -> mail, with a link made as it leaves
 *     -> used in that browser, or with the code that it showed -> session (session.h)
 *
 * Holds: what is asked answers alike for everyone (G9); what follows goes to the address on file.
 * A link has 256 random bits, of which a keyed hash is kept, in memory; it works for 15 minutes,
 * once, in one register, and for whoever asked. Of one address at most three are sent an hour. An
 * address of several people signs in none of them. One that took the place of another does so after
 * ADDRESS_WAITS_MS. Does not hold: the link of a mail that was sent before a restart works no more.
 */
#ifndef VERN_SIGN_IN_H
#define VERN_SIGN_IN_H
#include "session.h"

enum {
    LINK_MS = 15 * 60 * 1000,
    LINKS_AN_HOUR = 3,
    LINK_TRIES = 5, /* of codes */
    ADDRESS_WAITS_MS = 72 * 3600 * 1000,
    BROWSER_TEXT = 43, /* the secret of the browser that asks */
    CODE_TEXT = 9      /* "K7M2-XQ4T" */
};

/* A new secret for the cookie of a browser that asks, and the code that it shows. */
MUST_CHECK status engine_sign_in_browser(struct call *call, str *browser, str *code);
struct sign_in_ask {
    str address, browser;
    str language; /* of the mail: nb, nn, en */
};
/* OK whoever it is about; faults are the store's. */
MUST_CHECK status engine_sign_in_ask(struct call *call, const struct sign_in_ask *request);
struct sign_in_use {
    str link, browser, code; /* code: for a browser that is another */
    str replaces;            /* the session that this browser had */
};
/* `in`: the link was one, for this browser; it is none any more. Else nothing is opened. */
MUST_CHECK status engine_sign_in_use(struct call *call, const struct sign_in_use *request, bool *in,
                                     struct session_opened *opened);
/* Does this address of the person's wait until it signs in, and until when? (ALWAYS: no.) */
struct fact_item;
instant sign_in_waits(const struct call *call, const struct facts *facts, record_id item);

#endif
