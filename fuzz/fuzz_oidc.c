/* Target: provider_read(), keys_read(), tokens_read() and id_token_check(), on what a provider
 * says. Property: none of it is taken: without our issuer there is no provider, and without a key
 * of ours no ID token names anybody; what keys and tokens are read, are within their bounds.
 *
 * The first byte says which document it is; of a token, the key set stands before the first NUL. */
#include <stdlib.h>

#include "claims.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_token(str text, struct arena *arena)
{
    struct report report = {0};
    struct id_rules rules = {.issuer = STR("https://id.example.no"),
                             .client = STR("vern"),
                             .nonce = STR("a nonce that nobody guesses"),
                             .claim = STR("sub"),
                             .now = {1772445610000}};
    const struct json *keys;
    str document = text, token = STR(""), login;
    bool unknown;
    const char *end = memchr(text.ptr, 0, text.len);
    if (end != NULL) {
        document = str_slice(text, 0, (size_t)(end - text.ptr));
        token = str_slice(text, document.len + 1, text.len);
    }
    if (!is_ok(keys_read(document, arena, &report, &keys)))
        return;
    if (keys->count > CLAIMS_KEYS ||
        is_ok(id_token_check(token, keys, &rules, arena, &report, &unknown, &login)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(4 << 20);
    struct provider_rules rules = {.issuer = STR("https://a"), .hosts = STR("b,c")};
    struct report report = {0};
    struct provider provider;
    str id_token, access_token;
    if (size == 0 || size > 64 << 10)
        return 0;
    str text = {(const char *)data + 1, size - 1};
    if (data[0] % 3 == 0) {
        if (is_ok(provider_read(text, &rules, arena, &report, &provider)) &&
            strncmp(provider.token, "https://", 8) != 0)
            abort();
    } else if (data[0] % 3 == 1) {
        if (is_ok(tokens_read(text, arena, &report, &id_token, &access_token)) &&
            id_token.len > CLAIMS_TOKEN_BYTES)
            abort();
    } else {
        try_token(text, arena);
    }
    return 0;
}
