/* claims: what a provider says, read and held against what we know; all pure but for memory.
 *
 * Holds: none of these takes a document that is not whole; a report never repeats it. */
#ifndef VERN_CLAIMS_H
#define VERN_CLAIMS_H
#include "json.h"

enum {
    CLAIMS_URL = 1024,
    CLAIMS_KEYS = 32,
    CLAIMS_TOKEN_BYTES = 16 << 10,
    CLAIMS_LEEWAY_MS = 60000,
    CLAIMS_ADDRESS = 254
};
/* The one claim that names an address instead of a login. */
#define CLAIMS_EMAIL "email"

struct provider {
    char authorization[CLAIMS_URL], token[CLAIMS_URL], keys[CLAIMS_URL];
    bool by_post; /* the secret goes in the body: it takes no other way */
};
struct provider_rules {
    str issuer, hosts;
};
/* The document of discovery. UNAUTHENTICATED for one of another issuer, without PKCE or an
 * algorithm of ours where it tells of them, or with an endpoint at a host that is not ours to ask.
 */
MUST_CHECK status provider_read(str document, const struct provider_rules *rules,
                                struct arena *arena, struct report *report,
                                struct provider *provider);

/* Keys, of which those that we cannot use are passed over. The tree borrows from `document`. */
MUST_CHECK status keys_read(str document, struct arena *arena, struct report *report,
                            const struct json **keys);

/* The answer of the token endpoint. */
MUST_CHECK status tokens_read(str document, struct arena *arena, struct report *report,
                              str *id_token, str *access_token);

struct id_rules {
    str issuer, client, nonce, claim, access_token;
    str acr, amr; /* of which one is to be there, separated by commas; empty: nothing is asked */
    instant now, since;
    int64_t
        proven_ms; /* how long ago whoever it is may have proven that (auth_time); 0: any time */
};
/* UNAUTHENTICATED unless all of it holds; `unknown_key`: it names a key that is not among these.
 * `login`, in the arena, is a vetted id, or an address of at most CLAIMS_ADDRESS bytes that the
 * provider has verified, where the claim is CLAIMS_EMAIL. */
MUST_CHECK status id_token_check(str token, const struct json *keys, const struct id_rules *rules,
                                 struct arena *arena, struct report *report, bool *unknown_key,
                                 str *login);

#endif
