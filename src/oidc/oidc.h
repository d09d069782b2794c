/* oidc: a provider says who a member of the staff is, or a person (OpenID Connect Core 1.0, code
 * flow with PKCE). Vern is the relying party, and believes nothing but a signed ID token.
 *
 *   oidc_begin --discovery--> where the browser goes      browser --code--> oidc_finish --token
 *                                                          endpoint, keys--> login of the member
 *
 * Holds: the issuer comes from the configuration; what it tells of (endpoints, keys) is fetched
 * over https from the issuer's host or one of `hosts`, from addresses that are checked when they
 * are connected to, without a redirect, a proxy, more than 64 KiB or more than 10 s. Plain http and
 * loopback are for an issuer on this machine, which serves simulated registers alone. A token
 * counts with an algorithm of the list (RS256, PS256, ES256, EdDSA by Ed25519), the key that it
 * names, our issuer, audience, nonce and time, and where `acr` or `amr` asks for it, proven so; for
 * a key that nobody knows the keys are fetched once again. Does not
 * hold: that the provider is right. Whom it names must be there already. Memory:
 * OIDC_ASKS_MOST at a time; documents until they are an hour old. Threads: that of the loop. Start
 * reading at oidc_finish() in oidc.c, then id_token_check() in claims.c.
 */
#ifndef VERN_OIDC_H
#define VERN_OIDC_H
#include "engine.h"

struct oidc;
struct uv_loop_s;

/* Whoever is at the browser has proven that to the provider within so many seconds, or does anew.
 */
enum { OIDC_PROVEN_SECONDS = 600 };
enum { OIDC_ASKS_MOST = 16, OIDC_URL = 4096, OIDC_LOGIN = 254 };

struct oidc_config {
    const struct world *world;
    struct uv_loop_s *loop;
    str issuer, client, secret_text; /* the secret may be empty: PKCE alone */
    /* Of the ID token: it holds the login of the member or the identifier of the person; "email": a
     * verified address. */
    str claim;
    str acr, amr; /* of which one must be there, separated by commas; empty: nothing is asked */
    str hosts;    /* of endpoints, beside the issuer's; separated by commas */
    const struct network *networks; /* private addresses that they may lie in */
    size_t network_count;
    const char *ca_file; /* whom TLS trusts; NULL: whom the system does */
    uint64_t timeout_ms;
};
/* Faults: USAGE for an issuer that is no https address, or http of this machine; STORE. */
MUST_CHECK status oidc_new(const struct oidc_config *config, struct report *report,
                           struct oidc **oidc);
/* Breaks off what is under way, without done(); the loop must run once more. Takes NULL. */
void oidc_free(struct oidc **oidc);
/* Is the issuer on this machine? Then it serves simulated registers, else real ones. */
bool oidc_is_local(const struct oidc *oidc);

/* One step of a sign-in; the caller's until done(), which comes once, on the loop. */
struct oidc_ask {
    /* Given: texts that live until done(). */
    str redirect;               /* where the browser comes back */
    str state, nonce, verifier; /* base64url, 43 letters */
    str code;                   /* to finish */
    str issuer;                 /* by whom the answer says that it is; empty when it does not */
    instant since;              /* when it began */
    void (*done)(struct oidc_ask *ask);
    void *self;
    /* Answered. UNAUTHENTICATED: the provider says no, or is not believed. STORE: it cannot be
     * reached. RATE: too many at a time. The report has no word of the provider's. */
    status result;
    struct report report;
    char url[OIDC_URL]; /* to begin: where the browser goes */
    char login[OIDC_LOGIN + 1];
};
void oidc_begin(struct oidc *oidc, struct oidc_ask *ask);
void oidc_finish(struct oidc *oidc, struct oidc_ask *ask);

#endif
