/* ID tokens, keys and discovery: what is taken, and that nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <cjose/cjose.h>
#include <sodium.h>

#include "claims.h"

static struct arena *arena;
static cjose_jwk_t *rsa, *ec, *other;
static char rsa_text[1024], ec_text[512];

static cjose_jwk_t *new_rsa(void)
{
    cjose_err error;
    uint8_t exponent[] = {1, 0, 1};
    cjose_jwk_t *key = cjose_jwk_create_RSA_random(2048, exponent, sizeof(exponent), &error);
    assert_non_null(key);
    return key;
}

static void public_text(cjose_jwk_t *key, const char *more, char *out, size_t size)
{
    cjose_err error;
    char *text = cjose_jwk_to_json(key, false, &error);
    assert_non_null(text);
    (void)snprintf(out, size, "%.*s%s}", (int)strlen(text) - 1, text, more);
    free(text);
}

static int make_keys(void **state)
{
    cjose_err error;
    *state = NULL;
    arena = arena_new(32 << 20);
    rsa = new_rsa();
    other = new_rsa();
    ec = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error);
    assert_non_null(ec);
    public_text(rsa, ",\"kid\":\"one\",\"use\":\"sig\"", rsa_text, sizeof(rsa_text));
    public_text(ec, ",\"kid\":\"two\",\"alg\":\"ES256\"", ec_text, sizeof(ec_text));
    return 0;
}

static int drop_keys(void **state)
{
    (void)state;
    cjose_jwk_release(rsa);
    cjose_jwk_release(ec);
    cjose_jwk_release(other);
    arena_free(&arena);
    return 0;
}

static const struct json *keys_of(const char *format)
{
    const struct json *keys;
    struct report report = {0};
    str text = arena_format(arena, "{\"keys\":[%s]}", format);
    assert_true(is_ok(keys_read(text, arena, &report, &keys)));
    return keys;
}

static const struct json *both_keys(void)
{
    return keys_of(arena_c_string(arena, arena_format(arena, "%s,%s", rsa_text, ec_text)));
}

/* ---- tokens ---- */

static const char CLAIMS[] =
    "\"iss\":\"https://id.example.no\",\"sub\":\"248289\",\"aud\":\"vern\",\"exp\":1772445900,"
    "\"iat\":1772445600,\"nonce\":\"n-0S6_WzA2Mj\",\"preferred_username\":\"olga-1\"";

static struct id_rules rules_now(void)
{
    return (struct id_rules){.issuer = STR("https://id.example.no"),
                             .client = STR("vern"),
                             .nonce = STR("n-0S6_WzA2Mj"),
                             .claim = STR("preferred_username"),
                             .access_token = STR(""),
                             .now = {1772445610000},
                             .since = {1772445590000}};
}

static str sign(cjose_jwk_t *key, const char *algorithm, const char *kid, const char *claims)
{
    cjose_err error;
    const char *text;
    cjose_header_t *header = cjose_header_new(&error);
    str body = arena_format(arena, "{%s}", claims);
    assert_true(cjose_header_set(header, CJOSE_HDR_ALG, algorithm, &error));
    if (kid != NULL)
        assert_true(cjose_header_set(header, CJOSE_HDR_KID, kid, &error));
    cjose_jws_t *jws = cjose_jws_sign(key, header, (const uint8_t *)body.ptr, body.len, &error);
    assert_non_null(jws);
    assert_true(cjose_jws_export(jws, &text, &error));
    str token = arena_copy(arena, str_from(text));
    cjose_jws_release(jws);
    cjose_header_release(header);
    return token;
}

static status check_by(str token, const struct json *keys, const struct id_rules *rules,
                       bool *unknown, str *login)
{
    struct report report = {0};
    status result = id_token_check(token, keys, rules, arena, &report, unknown, login);
    assert_true(is_ok(result) || strstr(report.text, "olga") == NULL);
    return result;
}

static void assert_taken(str token)
{
    struct id_rules rules = rules_now();
    bool unknown;
    str login;
    assert_true(is_ok(check_by(token, both_keys(), &rules, &unknown, &login)));
    assert_true(str_is(login, "olga-1"));
}

static void assert_refused_by(str token, const struct id_rules *rules)
{
    bool unknown;
    str login;
    status result = check_by(token, both_keys(), rules, &unknown, &login);
    if (result.fault != FAULT_UNAUTHENTICATED)
        fail_msg("taken: %.*s", STR_ARG(token));
}

static void assert_refused(str token)
{
    struct id_rules rules = rules_now();
    assert_refused_by(token, &rules);
}

static void a_token_of_the_provider_names_the_login_in_each_algorithm_of_the_list(void **state)
{
    (void)state;
    assert_taken(sign(rsa, "RS256", "one", CLAIMS));
    assert_taken(sign(rsa, "PS256", "one", CLAIMS));
    assert_taken(sign(ec, "ES256", "two", CLAIMS));
    assert_taken(sign(ec, "ES256", NULL, CLAIMS)); /* the only key of its kind */
}

static str made_by_hand(const char *header, const char *claims, str signature)
{
    struct buf buf = buf_in(arena, 16 << 10);
    str text;
    struct report report = {0};
    buf_base64url(&buf, str_from(header));
    buf_char(&buf, '.');
    buf_base64url(&buf, arena_format(arena, "{%s}", claims));
    buf_char(&buf, '.');
    buf_base64url(&buf, signature);
    assert_true(is_ok(buf_finish(&buf, &report, &text)));
    return text;
}

/* HS256 with the public key as the secret, as a library that takes any algorithm would check it. */
static str confused(void)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state hmac;
    str unsigned_ = made_by_hand("{\"alg\":\"HS256\",\"kid\":\"one\"}", CLAIMS, STR(""));
    crypto_auth_hmacsha256_init(&hmac, (const unsigned char *)rsa_text, strlen(rsa_text));
    crypto_auth_hmacsha256_update(&hmac, (const unsigned char *)unsigned_.ptr, unsigned_.len - 1);
    crypto_auth_hmacsha256_final(&hmac, mac);
    return made_by_hand("{\"alg\":\"HS256\",\"kid\":\"one\"}", CLAIMS,
                        (str){(const char *)mac, sizeof(mac)});
}

static void a_token_that_is_unsigned_or_signed_otherwise_is_refused(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "{\"alg\":\"none\"}",
        "{\"alg\":\"None\",\"kid\":\"one\"}",
        "{\"alg\":\"\",\"kid\":\"one\"}",
        "{\"kid\":\"one\"}",
        "{\"alg\":[\"RS256\"],\"kid\":\"one\"}",
        "{\"alg\":\"RS256\",\"alg\":\"none\",\"kid\":\"one\"}",
        "{\"alg\":\"RS256\",\"kid\":\"one\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"RS256\",\"kid\":\"one\",\"jwk\":{}}",
        "{\"alg\":\"RS256\",\"kid\":{}}",
        "[]",
        "",
    };
    for (size_t i = 0; i < LENGTH(headers); i++) {
        assert_refused(made_by_hand(headers[i], CLAIMS, STR("")));
        assert_refused(made_by_hand(headers[i], CLAIMS, STR("some signature")));
    }
    assert_refused(confused());
    assert_refused(sign(other, "RS256", "one", CLAIMS));
    assert_refused(sign(rsa, "RS512", "one", CLAIMS));
    assert_refused(sign(rsa, "RS256", "two", CLAIMS));
    assert_refused(sign(ec, "ES256", "one", CLAIMS));
    str good = sign(rsa, "RS256", "one", CLAIMS);
    assert_refused(str_slice(good, 0, good.len - 4));
    assert_refused(arena_format(arena, "%.*s.", STR_ARG(good)));
    assert_refused(arena_format(arena, "%.*s=", STR_ARG(good)));
    assert_refused(arena_format(arena, " %.*s", STR_ARG(good)));
    assert_refused(STR(""));
    assert_refused(STR(".."));
    assert_refused(STR("a.b"));
}

static void a_key_that_nobody_knows_is_said_so_and_a_weak_one_is_none(void **state)
{
    (void)state;
    struct id_rules rules = rules_now();
    bool unknown;
    str login;
    str token = sign(other, "RS256", "three", CLAIMS);
    assert_false(is_ok(check_by(token, both_keys(), &rules, &unknown, &login)));
    assert_true(unknown);
    token = sign(other, "RS256", "one", CLAIMS);
    assert_false(is_ok(check_by(token, both_keys(), &rules, &unknown, &login)));
    assert_false(unknown);
    static const char *const keys[] = {
        "{\"kty\":\"RSA\",\"kid\":\"one\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"kid\":\"one\"}",
        "{\"kty\":\"oct\",\"kid\":\"one\",\"k\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"kid\":\"one\",\"n\":\"\\\"}\",\"e\":\"AQAB\"}",
        "{\"kty\":\"EC\",\"kid\":\"one\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
        "17,null,\"RSA\",[]",
        "",
    };
    for (size_t i = 0; i < LENGTH(keys); i++) {
        str good = sign(rsa, "RS256", "one", CLAIMS);
        assert_false(is_ok(check_by(good, keys_of(keys[i]), &rules, &unknown, &login)));
    }
    /* One that is for encryption, or for another algorithm, signs nothing. */
    char enc[1024], alg[1024];
    public_text(rsa, ",\"kid\":\"one\",\"use\":\"enc\"", enc, sizeof(enc));
    public_text(rsa, ",\"kid\":\"one\",\"alg\":\"PS256\"", alg, sizeof(alg));
    str good = sign(rsa, "RS256", "one", CLAIMS);
    assert_false(is_ok(check_by(good, keys_of(enc), &rules, &unknown, &login)));
    assert_false(is_ok(check_by(good, keys_of(alg), &rules, &unknown, &login)));
    /* Without a name, one of two is not guessed. */
    char first[1024], second[1024];
    public_text(rsa, "", first, sizeof(first));
    public_text(other, "", second, sizeof(second));
    good = sign(rsa, "RS256", NULL, CLAIMS);
    const char *pair = arena_c_string(arena, arena_format(arena, "%s,%s", first, second));
    assert_true(is_ok(check_by(good, keys_of(first), &rules, &unknown, &login)));
    assert_false(is_ok(check_by(good, keys_of(pair), &rules, &unknown, &login)));
}

/* CLAIMS with one member replaced, or another put behind them. */
static str with_claim(const char *from, const char *to)
{
    const char *at = strstr(CLAIMS, from);
    assert_non_null(at);
    str claims = arena_format(arena, "%.*s%s%s", (int)(at - CLAIMS), CLAIMS, to, at + strlen(from));
    return sign(rsa, "RS256", "one", arena_c_string(arena, claims));
}

static str with_more(const char *more)
{
    return sign(rsa, "RS256", "one",
                arena_c_string(arena, arena_format(arena, "%s,%s", CLAIMS, more)));
}

static void a_token_of_another_issuer_client_time_or_sign_in_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"https://id.example.no", "https://id.example.no/"},
        {"https://id.example.no", "https://evil.example"},
        {"\"vern\"", "\"other\""},
        {"\"vern\"", "[\"other\"]"},
        {"\"vern\"", "[\"vern\",\"other\"]"},
        {"\"vern\"", "[]"},
        {"\"vern\"", "[\"vern\",17]"},
        {"\"vern\"", "{\"vern\":1}"},
        {"\"exp\":1772445900", "\"exp\":1772445550"},
        {"\"exp\":1772445900", "\"exp\":\"1772445900\""},
        {"\"exp\":1772445900", "\"exp\":-1"},
        {"\"exp\":1772445900", "\"exp\":9007199254740991"},
        {"\"exp\":1772445900", "\"exp\":1772445900.5"},
        {"\"exp\":1772445900,", ""},
        {"\"iat\":1772445600", "\"iat\":1772445700"},
        {"\"iat\":1772445600", "\"iat\":1772445500"}, /* before this sign-in began */
        {"\"iat\":1772445600,", ""},
        {"n-0S6_WzA2Mj", "n-0S6_WzA2Mk"},
        {"n-0S6_WzA2Mj", ""},
        {"\"nonce\":\"n-0S6_WzA2Mj\",", ""},
        {"\"sub\":\"248289\",", ""},
        {"\"sub\":\"248289\"", "\"sub\":\"\""},
        {"\"olga-1\"", "\"olga 1\""},
        {"\"olga-1\"", "\"olga-1\\u0000\""},
        {"\"olga-1\"", "\"\""},
        {"\"olga-1\"", "[\"olga-1\"]"},
        {"preferred_username", "Preferred_username"},
    };
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_refused(with_claim(wrong[i][0], wrong[i][1]));
    assert_refused(with_more("\"azp\":\"other\""));
    assert_refused(with_more("\"nbf\":1772445700"));
    assert_refused(with_more("\"at_hash\":\"AAAAAAAAAAAAAAAAAAAAAA\""));
    assert_refused(with_more("\"nonce\":\"n-0S6_WzA2Mj\"")); /* twice */
    assert_taken(with_more("\"azp\":\"vern\""));
    assert_taken(with_claim("\"vern\"", "[\"vern\"]"));
    assert_taken(with_claim("\"exp\":1772445900", "\"exp\":1772445590")); /* clocks go apart */
    assert_taken(with_more("\"address\":{\"street\":\"x\"},\"amr\":[\"pwd\",\"otp\"]"));
}

static void an_access_token_must_be_the_one_that_the_id_token_came_with(void **state)
{
    (void)state;
    struct id_rules rules = rules_now();
    bool unknown;
    str login;
    /* The example of OpenID Connect Core 1.0, appendix A.3. */
    rules.access_token = STR("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
    str token = with_more("\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RQ\"");
    assert_true(is_ok(check_by(token, both_keys(), &rules, &unknown, &login)));
    rules.access_token = STR("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Z");
    assert_refused_by(token, &rules);
}

static void who_it_is_was_proven_lately(void **state)
{
    (void)state;
    struct id_rules rules = rules_now();
    bool unknown;
    str login;
    rules.proven_ms = 600000;
    assert_refused_by(sign(rsa, "RS256", "one", CLAIMS), &rules);
    assert_refused_by(with_more("\"auth_time\":1772440000"), &rules);
    assert_refused_by(with_more("\"auth_time\":1772449000"), &rules);
    str token = with_more("\"auth_time\":1772445000"); /* ten minutes ago */
    assert_true(is_ok(check_by(token, both_keys(), &rules, &unknown, &login)));
    assert_refused_by(with_more("\"auth_time\":1772444949"), &rules);
}

/* ---- Ed25519 ---- */

static unsigned char ed_public[crypto_sign_PUBLICKEYBYTES], ed_secret[crypto_sign_SECRETKEYBYTES];

static str encoded(const void *bytes, size_t count)
{
    struct buf buf = buf_in(arena, 2 * count + 8);
    buf_base64url(&buf, (str){bytes, count});
    return buf_str(&buf);
}

/* Signed by another library than the one that checks. */
static str sign_ed25519(const char *header, str claims)
{
    unsigned char signature[crypto_sign_BYTES];
    str body = arena_format(arena, "{%.*s}", STR_ARG(claims));
    str text = arena_format(arena, "%.*s.%.*s", STR_ARG(encoded(header, strlen(header))),
                            STR_ARG(encoded(body.ptr, body.len)));
    assert_int_equal(
        crypto_sign_detached(signature, NULL, (const unsigned char *)text.ptr, text.len, ed_secret),
        0);
    return arena_format(arena, "%.*s.%.*s", STR_ARG(text),
                        STR_ARG(encoded(signature, sizeof(signature))));
}

static bool ed25519_taken(str token, const char *key_format)
{
    struct id_rules rules = rules_now();
    bool unknown;
    str login, x = encoded(ed_public, sizeof(ed_public));
    str key = arena_format(arena, "{\"kid\":\"ed\",%s,\"x\":\"%.*s\"}", key_format, STR_ARG(x));
    rules.access_token = STR("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
    return is_ok(check_by(token, keys_of(arena_c_string(arena, key)), &rules, &unknown, &login));
}

static void a_token_signed_by_ed25519_is_held_against_its_key_and_curve(void **state)
{
    (void)state;
    static const char good[] = "\"kty\":\"OKP\",\"crv\":\"Ed25519\"";
    static const char header[] = "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}";
    unsigned char hash[crypto_hash_sha512_BYTES];
    crypto_sign_keypair(ed_public, ed_secret);
    str token = sign_ed25519(header, str_from(CLAIMS));
    assert_true(ed25519_taken(token, good));
    static const char *const odd_keys[] = {"\"kty\":\"OKP\",\"crv\":\"Ed448\"",
                                           "\"kty\":\"OKP\",\"crv\":\"X25519\"",
                                           "\"kty\":\"OKP\"",
                                           "\"kty\":\"EC\",\"crv\":\"Ed25519\"",
                                           "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":\"enc\"",
                                           "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"ES256\""};
    for (size_t i = 0; i < LENGTH(odd_keys); i++)
        assert_false(ed25519_taken(token, odd_keys[i]));
    static const char *const odd_headers[] = {"{\"alg\":\"RS256\",\"kid\":\"ed\"}",
                                              "{\"alg\":\"eddsa\",\"kid\":\"ed\"}",
                                              "{\"alg\":\"EdDSA\",\"kid\":\"one\"}"};
    for (size_t i = 0; i < LENGTH(odd_headers); i++)
        assert_false(ed25519_taken(sign_ed25519(odd_headers[i], str_from(CLAIMS)), good));
    assert_false(ed25519_taken(str_slice(token, 0, token.len - 2), good));
    assert_false(ed25519_taken(arena_format(arena, "%.*sAA", STR_ARG(token)), good));
    const char *other_letter = token.ptr[token.len - 20] == 'A' ? "B" : "A";
    assert_false(ed25519_taken(arena_format(arena, "%.*s%s%.*s", (int)token.len - 20, token.ptr,
                                            other_letter, 19, token.ptr + token.len - 19),
                               good));
    /* The hash of the access token is of SHA-512, as the signature is. */
    static const char access[] = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    crypto_hash_sha512(hash, (const unsigned char *)access, strlen(access));
    str with = arena_format(arena, "%s,\"at_hash\":\"%.*s\"", CLAIMS, STR_ARG(encoded(hash, 32)));
    assert_true(ed25519_taken(sign_ed25519(header, with), good));
    with = arena_format(arena, "%s,\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RQ\"", CLAIMS);
    assert_false(ed25519_taken(sign_ed25519(header, with), good));
}

/* ---- how it was proven, and by what name ---- */

static status check_with(const char *more, const struct id_rules *rules, str *login)
{
    bool unknown;
    return check_by(with_more(more), both_keys(), rules, &unknown, login);
}

static void a_level_and_ways_of_proof_count_where_they_are_asked_for(void **state)
{
    (void)state;
    str login;
    struct id_rules rules = rules_now();
    rules.acr = STR("gold, silver");
    static const char *const odd[] = {"\"x\":1",
                                      "\"acr\":\"bronze\"",
                                      "\"acr\":\"\"",
                                      "\"acr\":\"gold, silver\"",
                                      "\"acr\":[\"gold\"]",
                                      "\"acr\":\"Gold\""};
    for (size_t i = 0; i < LENGTH(odd); i++)
        assert_false(is_ok(check_with(odd[i], &rules, &login)));
    assert_true(is_ok(check_with("\"acr\":\"silver\"", &rules, &login)));
    rules.acr = STR("");
    rules.amr = STR("mfa,hwk");
    static const char *const ways[] = {"\"x\":1", "\"amr\":\"mfa\"", "\"amr\":[]",
                                       "\"amr\":[\"pwd\",\"\",7]", "\"amr\":{\"mfa\":1}"};
    for (size_t i = 0; i < LENGTH(ways); i++)
        assert_false(is_ok(check_with(ways[i], &rules, &login)));
    assert_true(is_ok(check_with("\"amr\":[\"pwd\",\"hwk\"]", &rules, &login)));
}

static void an_address_is_a_name_where_it_was_verified_and_asked_for(void **state)
{
    (void)state;
    str login;
    struct id_rules rules = rules_now();
    static const char good[] = "\"email\":\"olga@example.org\",\"email_verified\":true";
    rules.claim = STR("email");
    assert_true(is_ok(check_with(good, &rules, &login)));
    assert_true(str_is(login, "olga@example.org"));
    static const char *const odd[] = {
        "\"email\":\"olga@example.org\"",
        "\"email\":\"olga@example.org\",\"email_verified\":false",
        "\"email\":\"olga@example.org\",\"email_verified\":\"true\"",
        "\"email\":\"olga@example.org\",\"email_verified\":1",
        "\"email\":\"olga-1\",\"email_verified\":true",
        "\"email\":\"\",\"email_verified\":true",
        "\"email\":\"a@b\\u0000@example.org\",\"email_verified\":true",
        "\"email\":\"a @example.org\",\"email_verified\":true",
        "\"email\":[\"olga@example.org\"],\"email_verified\":true",
        "\"email_verified\":true"};
    for (size_t i = 0; i < LENGTH(odd); i++)
        assert_false(is_ok(check_with(odd[i], &rules, &login)));
    rules.claim = STR("preferred_username"); /* an address stays none where none is asked for */
    str mail = with_claim("olga-1", "olga@example.org");
    assert_refused_by(mail, &rules);
}

/* ---- documents ---- */

static const char DISCOVERY[] =
    "{\"issuer\":\"https://id.example.no\",\"authorization_endpoint\":\"https://id.example.no/"
    "auth\","
    "\"token_endpoint\":\"https://id.example.no/token\",\"jwks_uri\":\"https://keys.example.no/k\","
    "\"code_challenge_methods_supported\":[\"plain\",\"S256\"]}";

static status discover(str document, struct provider *provider)
{
    struct report report = {0};
    struct provider_rules rules = {.issuer = STR("https://id.example.no"),
                                   .hosts = STR("keys.example.no, x.example")};
    return provider_read(document, &rules, arena, &report, provider);
}

static void discovery_is_of_our_issuer_and_leads_to_hosts_that_are_named(void **state)
{
    (void)state;
    struct provider provider;
    assert_true(is_ok(discover(str_from(DISCOVERY), &provider)));
    assert_string_equal(provider.keys, "https://keys.example.no/k");
    static const char *const wrong[][2] = {
        {"\"https://id.example.no\"", "\"https://id.example.no/\""},
        {"https://id.example.no/auth", "https://evil.example/auth"},
        {"https://id.example.no/auth", "javascript:alert(1)"},
        {"https://id.example.no/token", "http://id.example.no/token"},
        {"https://id.example.no/token", "http://127.0.0.1/token"},
        {"https://id.example.no/token", "https://127.0.0.1/token"},
        {"https://id.example.no/token", "https://id.example.no@evil.example/token"},
        {"https://id.example.no/token", "https://id.example.no.evil.example/token"},
        {"https://id.example.no/token", "mailto:a@id.example.no"},
        {"https://keys.example.no/k", "https://keys.example.no/k\\r\\nX: y"},
        {"https://keys.example.no/k", "file:///etc/passwd"},
        {"\"S256\"", "\"S512\""},
        {"\"jwks_uri\"", "\"jwks\""},
    };
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        const char *at = strstr(DISCOVERY, wrong[i][0]);
        str document = arena_format(arena, "%.*s%s%s", (int)(at - DISCOVERY), DISCOVERY,
                                    wrong[i][1], at + strlen(wrong[i][0]));
        if (discover(document, &provider).fault != FAULT_UNAUTHENTICATED)
            fail_msg("taken: %.*s", STR_ARG(document));
    }
    assert_false(is_ok(discover(STR("<html>"), &provider)));
    assert_false(is_ok(discover(STR("[]"), &provider)));
    assert_false(is_ok(discover(STR(""), &provider)));
}

static void a_set_of_keys_has_a_bound_and_an_answer_has_an_id_token(void **state)
{
    (void)state;
    struct report report = {0};
    const struct json *keys;
    struct buf buf = buf_in(arena, 4096);
    str text, id, access;
    buf_text(&buf, "{\"keys\":[0");
    for (int i = 0; i < CLAIMS_KEYS; i++)
        buf_text(&buf, ",0");
    buf_text(&buf, "]}");
    assert_true(is_ok(buf_finish(&buf, &report, &text)));
    assert_false(is_ok(keys_read(text, arena, &report, &keys)));
    assert_false(is_ok(keys_read(STR("{\"keys\":{}}"), arena, &report, &keys)));
    assert_false(is_ok(tokens_read(STR("{\"access_token\":\"x\"}"), arena, &report, &id, &access)));
    assert_false(is_ok(tokens_read(STR("{\"id_token\":17}"), arena, &report, &id, &access)));
    assert_true(is_ok(tokens_read(STR("{\"id_token\":\"a.b.c\",\"token_type\":\"Bearer\"}"), arena,
                                  &report, &id, &access)));
    assert_true(str_is(id, "a.b.c"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_of_the_provider_names_the_login_in_each_algorithm_of_the_list),
        cmocka_unit_test(a_token_that_is_unsigned_or_signed_otherwise_is_refused),
        cmocka_unit_test(a_key_that_nobody_knows_is_said_so_and_a_weak_one_is_none),
        cmocka_unit_test(a_token_of_another_issuer_client_time_or_sign_in_is_refused),
        cmocka_unit_test(an_access_token_must_be_the_one_that_the_id_token_came_with),
        cmocka_unit_test(who_it_is_was_proven_lately),
        cmocka_unit_test(a_token_signed_by_ed25519_is_held_against_its_key_and_curve),
        cmocka_unit_test(a_level_and_ways_of_proof_count_where_they_are_asked_for),
        cmocka_unit_test(an_address_is_a_name_where_it_was_verified_and_asked_for),
        cmocka_unit_test(discovery_is_of_our_issuer_and_leads_to_hosts_that_are_named),
        cmocka_unit_test(a_set_of_keys_has_a_bound_and_an_answer_has_an_id_token),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
