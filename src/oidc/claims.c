/* What a provider says. Signatures are cjose's, those by Ed25519 OpenSSL's; everything around them
 * is ours: either is given one key of the kind that the algorithm asks for, so that there is
 * nothing to confuse. */
#include <cjose/cjose.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>

#include "claims.h"
#include "webhook.h"

enum {
    RSA_LEAST = 256,
    RSA_MOST = 1024,
    EC_BYTES = 32,
    ED_BYTES = 32,
    ED_SIGNATURE = 64,
    KID_MOST = 256,
    LOGIN_MOST = 64
};

static status no(struct report *report, const char *what)
{
    return fail(report, FAULT_UNAUTHENTICATED, "the provider's %s", what);
}

static status read_object(str document, struct arena *arena, struct report *report,
                          const struct json **object)
{
    struct report odd = {0};
    if (!is_ok(json_parse(arena, document, &odd, object)) || !json_is_object(*object))
        return no(report, "answer is no JSON object");
    return OK;
}

static bool lists(const struct json *list, const char *wanted)
{
    str text;
    if (!json_is_array(list))
        return false;
    for (JSON_EACH(one, list)) {
        if (json_str(one, &text) && str_is(text, wanted))
            return true;
    }
    return false;
}

/* ---- discovery ---- */

/* Whoever may be asked: the issuer's host, or one that the configuration names. */
static bool read_url(const struct json *document, const char *name,
                     const struct provider_rules *rules, char out[CLAIMS_URL])
{
    struct webhook_url issuer, parts;
    str url;
    if (!json_str(json_get(document, name), &url) || url.len >= CLAIMS_URL ||
        !webhook_url_parse(url, &parts) || !webhook_url_parse(rules->issuer, &issuer) ||
        parts.mail || parts.https != issuer.https || parts.loopback != issuer.loopback ||
        (!str_equal(parts.host, issuer.host) && !webhook_host_listed(rules->hosts, parts.host)))
        return false;
    (void)snprintf(out, CLAIMS_URL, "%.*s", STR_ARG(url));
    return true;
}

status provider_read(str document, const struct provider_rules *rules, struct arena *arena,
                     struct report *report, struct provider *provider)
{
    const struct json *json;
    str issuer;
    *provider = (struct provider){.by_post = false};
    TRY(read_object(document, arena, report, &json));
    if (!json_str(json_get(json, "issuer"), &issuer) || !str_equal(issuer, rules->issuer))
        return no(report, "discovery is of another issuer");
    if (!read_url(json, "authorization_endpoint", rules, provider->authorization) ||
        !read_url(json, "token_endpoint", rules, provider->token) ||
        !read_url(json, "jwks_uri", rules, provider->keys))
        return no(report, "discovery names an endpoint that may not be asked");
    const struct json *pkce = json_get(json, "code_challenge_methods_supported");
    if (pkce != NULL && !lists(pkce, "S256"))
        return no(report, "discovery has no PKCE by S256");
    const struct json *ways = json_get(json, "token_endpoint_auth_methods_supported");
    provider->by_post =
        ways != NULL && !lists(ways, "client_secret_basic") && lists(ways, "client_secret_post");
    return OK;
}

status keys_read(str document, struct arena *arena, struct report *report, const struct json **keys)
{
    const struct json *json;
    TRY(read_object(document, arena, report, &json));
    *keys = json_get(json, "keys");
    if (!json_is_array(*keys) || (*keys)->count > CLAIMS_KEYS)
        return no(report, "keys are none, or too many");
    return OK;
}

status tokens_read(str document, struct arena *arena, struct report *report, str *id_token,
                   str *access_token)
{
    const struct json *json;
    str kind;
    TRY(read_object(document, arena, report, &json));
    *access_token = STR("");
    (void)json_str(json_get(json, "access_token"), access_token);
    if (!json_str(json_get(json, "id_token"), id_token) || id_token->len > CLAIMS_TOKEN_BYTES)
        return no(report, "answer has no ID token");
    if (json_str(json_get(json, "token_type"), &kind) && kind.len != 6)
        return no(report, "token is of another type");
    return OK;
}

/* ---- keys ---- */

struct algorithm {
    const char *name, *kind;
};
static const struct algorithm ALGORITHMS[] = {
    {"RS256", "RSA"}, {"PS256", "RSA"}, {"ES256", "EC"}, {"EdDSA", "OKP"}, {"Ed25519", "OKP"}};

static bool is_ed25519(const struct algorithm *algorithm)
{
    return strcmp(algorithm->kind, "OKP") == 0;
}

static const struct algorithm *algorithm_of(str name)
{
    for (size_t i = 0; i < LENGTH(ALGORITHMS); i++) {
        if (str_is(name, ALGORITHMS[i].name))
            return &ALGORITHMS[i];
    }
    return NULL;
}

/* A number of the key, of so many bytes: it goes on as it was read, so it is base64url alone. */
static bool number_of(const struct json *key, const char *name, size_t least, size_t most,
                      str *text)
{
    unsigned char bytes[RSA_MOST + 1];
    size_t length = 0;
    return json_str(json_get(key, name), text) &&
           base64url_decode(*text, bytes, sizeof(bytes), &length) && length >= least &&
           length <= most;
}

static bool says(const struct json *key, const char *name, const char *wanted, bool must)
{
    str text;
    const struct json *member = json_get(key, name);
    return member == NULL ? !must : json_str(member, &text) && str_is(text, wanted);
}

static bool key_fits(const struct json *key, const struct algorithm *algorithm, str kid)
{
    str text;
    if (!json_is_object(key) || !says(key, "kty", algorithm->kind, true) ||
        !says(key, "use", "sig", false) || !says(key, "alg", algorithm->name, false))
        return false;
    return kid.ptr == NULL || (json_str(json_get(key, "kid"), &text) && str_equal(text, kid));
}

/* The key that is named; without a name, the only one that fits. NULL: none, or several. */
static const struct json *find_key(const struct json *keys, const struct algorithm *algorithm,
                                   str kid)
{
    const struct json *found = NULL;
    for (JSON_EACH(key, keys)) {
        if (!key_fits(key, algorithm, kid))
            continue;
        if (found != NULL)
            return NULL;
        found = key;
    }
    return found;
}

/* The public numbers alone, in a text of our own. */
static status key_text(const struct json *key, const struct algorithm *algorithm,
                       struct arena *arena, struct report *report, str *text)
{
    str n, e, x, y;
    if (strcmp(algorithm->kind, "RSA") == 0) {
        if (!number_of(key, "n", RSA_LEAST, RSA_MOST, &n) || !number_of(key, "e", 1, 8, &e))
            return no(report, "key cannot be used");
        *text = arena_format(arena, "{\"kty\":\"RSA\",\"n\":\"%.*s\",\"e\":\"%.*s\"}", STR_ARG(n),
                             STR_ARG(e));
    } else {
        if (!says(key, "crv", "P-256", true) || !number_of(key, "x", EC_BYTES, EC_BYTES, &x) ||
            !number_of(key, "y", EC_BYTES, EC_BYTES, &y))
            return no(report, "key cannot be used");
        *text =
            arena_format(arena, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%.*s\",\"y\":\"%.*s\"}",
                         STR_ARG(x), STR_ARG(y));
    }
    return text->ptr == NULL ? NO_MEMORY(report) : OK;
}

/* EdDSA of RFC 8037 with its one curve that we take. */
static bool ed25519_fits(str token, const struct json *key)
{
    unsigned char point[ED_BYTES], signature[ED_SIGNATURE];
    size_t length = 0, dot = token.len;
    str x;
    while (dot > 0 && token.ptr[dot - 1] != '.')
        dot--;
    if (dot == 0 || !says(key, "crv", "Ed25519", true) ||
        !number_of(key, "x", ED_BYTES, ED_BYTES, &x) ||
        !base64url_decode(x, point, sizeof(point), &length) ||
        !base64url_decode(str_slice(token, dot, token.len), signature, sizeof(signature),
                          &length) ||
        length != ED_SIGNATURE)
        return false;
    EVP_PKEY *public = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, point, sizeof(point));
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool fits = public != NULL && context != NULL &&
                EVP_DigestVerifyInit(context, NULL, NULL, NULL, public) == 1 &&
                EVP_DigestVerify(context, signature, sizeof(signature),
                                 (const unsigned char *)token.ptr, dot - 1) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(public);
    return fits;
}

static bool signature_fits(str token, str key)
{
    cjose_err error = {0};
    cjose_jwk_t *jwk = cjose_jwk_import(key.ptr, key.len, &error);
    cjose_jws_t *jws = jwk == NULL ? NULL : cjose_jws_import(token.ptr, token.len, &error);
    bool fits = jws != NULL && cjose_jws_verify(jws, jwk, &error);
    cjose_jws_release(jws);
    cjose_jwk_release(jwk);
    return fits;
}

/* ---- the token ---- */

struct checked {
    bool unknown_key, ed25519;
};

static status decode_part(str part, struct arena *arena, struct report *report,
                          const struct json **json)
{
    size_t room = part.len + 1, length;
    char *bytes = arena_take(arena, room);
    if (bytes == NULL)
        return NO_MEMORY(report);
    if (!base64url_decode(part, bytes, room, &length))
        return no(report, "ID token is not one");
    return read_object((str){bytes, length}, arena, report, json);
}

static status check_signature(str token, const struct json *header, const struct json *keys,
                              struct arena *arena, struct report *report, struct checked *checked)
{
    str name, kid = {NULL, 0}, text;
    const struct algorithm *algorithm = NULL;
    bool fits;
    if (json_str(json_get(header, "alg"), &name))
        algorithm = algorithm_of(name);
    if (algorithm == NULL || json_get(header, "crit") != NULL || json_get(header, "zip") != NULL)
        return no(report, "ID token is signed in a way that is not taken");
    if (json_get(header, "kid") != NULL &&
        (!json_str(json_get(header, "kid"), &kid) || kid.len > KID_MOST))
        return no(report, "ID token names no key");
    const struct json *key = find_key(keys, algorithm, kid);
    checked->unknown_key = key == NULL;
    checked->ed25519 = is_ed25519(algorithm);
    if (key == NULL)
        return no(report, "ID token is signed with a key that is not the provider's");
    if (checked->ed25519) {
        fits = ed25519_fits(token, key);
    } else {
        TRY(key_text(key, algorithm, arena, report, &text));
        fits = signature_fits(token, text);
    }
    return fits ? OK : no(report, "ID token has another signature");
}

static bool is_for(const struct json *claims, str client)
{
    str text, party;
    const struct json *audience = json_get(claims, "aud");
    size_t count = 0;
    bool named = false;
    if (json_get(claims, "azp") != NULL &&
        (!json_str(json_get(claims, "azp"), &party) || !str_equal(party, client)))
        return false;
    if (json_str(audience, &text))
        return str_equal(text, client);
    if (!json_is_array(audience))
        return false;
    for (JSON_EACH(one, audience)) {
        if (!json_str(one, &text))
            return false;
        named = named || str_equal(text, client);
        count++;
    }
    return named && (count == 1 || json_get(claims, "azp") != NULL);
}

/* Seconds since 1970, as whole numbers; none of a far year, so that nothing overflows. */
static bool seconds_of(const struct json *claims, const char *name, instant *at)
{
    int64_t seconds;
    if (!json_i64(json_get(claims, name), &seconds) || seconds < 0 || seconds > 253402300799)
        return false;
    at->ms = seconds * 1000;
    return true;
}

static bool in_time(const struct json *claims, const struct id_rules *rules)
{
    instant exp, iat, nbf, proven;
    instant early = {rules->now.ms - CLAIMS_LEEWAY_MS}, late = {rules->now.ms + CLAIMS_LEEWAY_MS};
    if (!seconds_of(claims, "exp", &exp) || !before(early, exp) ||
        !seconds_of(claims, "iat", &iat) || before(late, iat) ||
        before(iat, (instant){rules->since.ms - CLAIMS_LEEWAY_MS}))
        return false;
    if (json_get(claims, "nbf") != NULL && (!seconds_of(claims, "nbf", &nbf) || before(late, nbf)))
        return false;
    return rules->proven_ms == 0 ||
           (seconds_of(claims, "auth_time", &proven) && !before(late, proven) &&
            !before(proven, (instant){early.ms - rules->proven_ms}));
}

/* By the hash that belongs to the algorithm of the token: half of SHA-256, with Ed25519 of SHA-512.
 */
static bool hash_fits(const struct json *claims, str access_token, bool ed25519)
{
    unsigned char hash[crypto_hash_sha512_BYTES];
    const unsigned char *bytes = (const unsigned char *)access_token.ptr;
    char room[64];
    str said;
    struct buf half = buf_over(room, sizeof(room));
    if (json_get(claims, "at_hash") == NULL)
        return true;
    if (ed25519)
        crypto_hash_sha512(hash, bytes, access_token.len);
    else
        crypto_hash_sha256(hash, bytes, access_token.len);
    size_t length = ed25519 ? crypto_hash_sha512_BYTES : crypto_hash_sha256_BYTES;
    buf_base64url(&half, (str){(const char *)hash, length / 2});
    return json_str(json_get(claims, "at_hash"), &said) && str_equal(said, buf_str(&half));
}

static bool equals(const struct json *claims, const char *name, str wanted)
{
    str text;
    return json_str(json_get(claims, name), &text) && text.len == wanted.len &&
           sodium_memcmp(text.ptr, wanted.ptr, wanted.len) == 0;
}

static bool is_login(str text)
{
    if (text.len == 0 || text.len > LOGIN_MOST)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '-' || c == '.'))
            return false;
    }
    return true;
}

static bool listed(str list, str wanted)
{
    str rest = list, one;
    while (rest.len > 0 && str_next(&rest, ',', &one)) {
        if (str_equal(str_trim(one), wanted) && wanted.len > 0)
            return true;
    }
    return false;
}

/* How it was proven, where the configuration asks that. */
static bool proven_well(const struct json *claims, const struct id_rules *rules)
{
    str text;
    bool found = str_is_empty(rules->amr);
    const struct json *ways = json_get(claims, "amr");
    if (!str_is_empty(rules->acr) &&
        (!json_str(json_get(claims, "acr"), &text) || !listed(rules->acr, text)))
        return false;
    if (found || !json_is_array(ways))
        return found;
    for (JSON_EACH(one, ways))
        found = found || (json_str(one, &text) && listed(rules->amr, text));
    return found;
}

static bool is_address(str text)
{
    bool at = false;
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] <= ' ')
            return false;
        at = at || text.ptr[i] == '@';
    }
    return at && text.len <= CLAIMS_ADDRESS;
}

/* An address counts where the provider has verified that it is theirs, and says so. */
static bool names_login(const struct json *claims, str claim, str *login)
{
    bool verified = false;
    str subject;
    const struct json *named = NULL;
    if (!json_str(json_get(claims, "sub"), &subject) || subject.len == 0)
        return false;
    for (JSON_EACH(one, claims)) {
        if (str_equal(one->name, claim))
            named = one;
    }
    if (!json_str(named, login))
        return false;
    if (!str_is(claim, CLAIMS_EMAIL))
        return is_login(*login);
    return json_bool(json_get(claims, "email_verified"), &verified) && verified &&
           is_address(*login);
}

static status check_claims(const struct json *claims, const struct id_rules *rules, bool ed25519,
                           struct report *report, str *login)
{
    if (!equals(claims, "iss", rules->issuer) || !is_for(claims, rules->client))
        return no(report, "ID token is of another issuer or for another client");
    if (!in_time(claims, rules))
        return no(report, "ID token is not of now");
    if (rules->nonce.len == 0 || !equals(claims, "nonce", rules->nonce) ||
        !hash_fits(claims, rules->access_token, ed25519))
        return no(report, "ID token is of another sign-in");
    if (!proven_well(claims, rules))
        return no(report, "ID token does not say that it was proven as we ask");
    return names_login(claims, rules->claim, login)
               ? OK
               : no(report, "ID token names nobody by a login");
}

status id_token_check(str token, const struct json *keys, const struct id_rules *rules,
                      struct arena *arena, struct report *report, bool *unknown_key, str *login)
{
    const struct json *header, *claims;
    struct checked checked = {.unknown_key = false};
    str rest = token, parts[3];
    *unknown_key = false;
    if (token.len > CLAIMS_TOKEN_BYTES)
        return no(report, "ID token is too long");
    for (size_t i = 0; i < LENGTH(parts); i++) {
        if (!str_next(&rest, '.', &parts[i]))
            return no(report, "ID token is not one");
    }
    if (rest.ptr != NULL)
        return no(report, "ID token is not one");
    unsigned char signature[RSA_MOST];
    size_t length;
    if (!base64url_decode(parts[2], signature, sizeof(signature), &length)) /* cjose is laxer */
        return no(report, "ID token is not one");
    TRY(decode_part(parts[0], arena, report, &header));
    TRY(decode_part(parts[1], arena, report, &claims));
    status signed_ = check_signature(token, header, keys, arena, report, &checked);
    *unknown_key = checked.unknown_key;
    TRY(signed_);
    return check_claims(claims, rules, checked.ed25519, report, login);
}
