/* sign_in: one-time links by which a person signs in, at an address that is an item of theirs.
 *
 *   asked (address, browser) -> task beside the person -> mail, with a link made as it leaves
 *     -> used in that browser, or with the code that it showed -> session (session.h)
 *
 * Holds: what is asked answers alike for everyone (G9); what follows goes to the address on file.
 * A link has 256 random bits, of which a keyed hash is kept, in memory; it works for 15 minutes,
 * once, in one register, and for whoever asked. Of one address at most three are sent an hour. An
 * address of several people (at most seven) signs in the one of them whose second proof is typed: a
 * field that the policy names (`second_proof`); none where it names none. One that took the place
 * of another does so after ADDRESS_WAITS_MS. Does not hold: the link of a mail that was sent before
 * a restart works no more.
 */
#ifndef VERN_SIGN_IN_H
#define VERN_SIGN_IN_H
#include "session.h"

enum {
    LINK_MS = 15 * 60 * 1000,
    LINKS_AN_HOUR = 3,
    LINK_TRIES = 5,          /* of codes, and of second proofs */
    WRONG_PROOFS_A_DAY = 10, /* of one address */
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
/* Does the policy name fields by which people who share an address are told apart? */
struct plan;
bool sign_in_has_second_proof(const struct plan *plan);
struct sign_in_use {
    str link, browser, code; /* code: for a browser that is another */
    str proof;               /* where several people share the address */
    str replaces;            /* the session that this browser had */
};
/* `in`: the link was one, for this browser; it is none any more. Else nothing is opened. */
MUST_CHECK status engine_sign_in_use(struct call *call, const struct sign_in_use *request, bool *in,
                                     struct session_opened *opened);
/* What a provider of OpenID Connect vouches for leads to the one living person of whom the index of
 * identifiers knows it, else to nobody. An address does so under the conditions of a link: as an
 * item of theirs that does not wait. */
struct sign_in_vouched {
    str kind;  /* number (the firm's own), email, national_id */
    str value; /* empty: it vouches for nothing */
    str replaces;
};
bool sign_in_is_provable(str kind);
MUST_CHECK status engine_sign_in_vouched(struct call *call, const struct sign_in_vouched *request,
                                         bool *in, struct session_opened *opened);
/* myself.c: of the person who is signed in. May they have a copy, put something right, or be
 * erased? REFUSED where the policy asks for `identity`, unless it is done in the case of their
 * request; CONFLICT while an address is new. */
MUST_CHECK status engine_my_right(struct call *call, enum right right, dossier_id case_);
MUST_CHECK status engine_my_consent(struct call *call, struct consent *consent);
/* At the desk, by the portal. Where the policy asks for `identity`, a mailbox is none: the request
 * says who is signed in, and identity is still to be proven. */
MUST_CHECK status engine_my_request(struct call *call, struct request_take *request);
MUST_CHECK status engine_my_requests(struct call *call, struct request_list *list);

/* address.c: the person changes an address of theirs. First a code goes to it and another to the
 * new one; both, within a quarter of an hour, put the new one in its place. RATE past three an
 * hour; NOT_FOUND for an item that is no address of theirs; CONFLICT for other codes. */
struct address_change {
    record_id item;
    str value, language, old_code, new_code;
};
MUST_CHECK status engine_address_ask(struct call *call, const struct address_change *request);
MUST_CHECK status engine_address_confirm(struct call *call, const struct address_change *request);

/* Does this address of the person's wait until it signs in, and until when? (ALWAYS: no.) */
struct fact_item;
struct json;
/* address.c: what a mail with a code says; the code is made as it leaves. */
MUST_CHECK status call_code_text(struct call *call, const struct json *json, dossier_id subject,
                                 bool old, unsigned language, struct mail_content *content);
instant sign_in_waits(const struct call *call, const struct facts *facts, record_id item);

#endif
