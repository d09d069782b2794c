/* AES-256-GCM, HMAC-SHA-256 and HKDF over OpenSSL: algorithms are fetched once and contexts kept,
 * since fetching costs more than sealing a small record. A failure inside OpenSSL other than a tag
 * that does not fit means a broken library, and the process stops.
 *
 * Where the processor has AES of its own, libsodium seals and opens: byte for byte the same, at a
 * third of what OpenSSL takes for a small record, most of which is not AES. */
#include <openssl/evp.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <sodium.h>
#include <stdlib.h>
#include "keys_internal.h"

struct crypto {
    EVP_CIPHER *cipher;
    EVP_CIPHER_CTX *sealing, *opening;
    EVP_MAC *mac;
    EVP_MAC_CTX *hashing;
    secret sealing_key, opening_key, hashing_key; /* of the contexts; zeros at first */
    bool sealing_keyed, opening_keyed, hashing_keyed;
    crypto_aead_aes256gcm_state expanded; /* of expanded_key, by libsodium */
    secret expanded_key;
    bool expanded_keyed, by_processor;
};

static void must(int result)
{
    if (result != 1)
        abort();
}

status crypto_new(struct report *report, struct crypto **crypto)
{
    CLEANUP(crypto_free) struct crypto *made = calloc(1, sizeof(*made));
    if (made == NULL)
        abort();
    if (sodium_init() < 0)
        return fail(report, FAULT_INTERNAL, "libsodium cannot start");
    made->by_processor = crypto_aead_aes256gcm_is_available() == 1;
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    made->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    made->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    made->sealing = EVP_CIPHER_CTX_new();
    made->opening = EVP_CIPHER_CTX_new();
    made->hashing = made->mac == NULL ? NULL : EVP_MAC_CTX_new(made->mac);
    if (made->cipher == NULL || made->sealing == NULL || made->opening == NULL ||
        made->hashing == NULL || EVP_MAC_CTX_set_params(made->hashing, parameters) != 1 ||
        EVP_EncryptInit_ex2(made->sealing, made->cipher, NULL, NULL, NULL) != 1 ||
        EVP_DecryptInit_ex2(made->opening, made->cipher, NULL, NULL, NULL) != 1)
        return fail(report, FAULT_INTERNAL, "the cryptographic library has no AES-256-GCM or HMAC");
    *crypto = made;
    made = NULL;
    return OK;
}

static void expanded_wipe(struct crypto *crypto)
{
    wipe(&crypto->expanded, sizeof(crypto->expanded));
    secret_wipe(&crypto->expanded_key);
    crypto->expanded_keyed = false;
}

void crypto_by_processor(struct crypto *crypto, bool yes)
{
    crypto->by_processor = yes && crypto_aead_aes256gcm_is_available() == 1;
}

void crypto_free(struct crypto **crypto)
{
    if (*crypto == NULL)
        return;
    EVP_CIPHER_CTX_free((*crypto)->sealing);
    EVP_CIPHER_CTX_free((*crypto)->opening);
    EVP_CIPHER_free((*crypto)->cipher);
    EVP_MAC_CTX_free((*crypto)->hashing);
    EVP_MAC_free((*crypto)->mac);
    secret_wipe(&(*crypto)->sealing_key);
    secret_wipe(&(*crypto)->opening_key);
    secret_wipe(&(*crypto)->hashing_key);
    expanded_wipe(*crypto);
    free(*crypto);
    *crypto = NULL;
}

void crypto_cleanse(struct crypto *crypto)
{
    secret_wipe(&crypto->sealing_key);
    secret_wipe(&crypto->opening_key);
    secret_wipe(&crypto->hashing_key);
    expanded_wipe(crypto);
    crypto->sealing_keyed = crypto->opening_keyed = crypto->hashing_keyed = false;
    static const unsigned char zeros[KEY_BYTES];
    must(EVP_EncryptInit_ex2(crypto->sealing, NULL, zeros, zeros, NULL));
    must(EVP_DecryptInit_ex2(crypto->opening, NULL, zeros, zeros, NULL));
    must(EVP_MAC_init(crypto->hashing, zeros, KEY_BYTES, NULL));
}

static const unsigned char *bytes_of(str text)
{
    return (const unsigned char *)(text.ptr == NULL ? "" : text.ptr);
}

/* As secret_equal(), all of both are looked at, but eight bytes at a time: it is done for each
 * record that is opened. */
static bool is_same_key(const secret *a, const secret *b)
{
    uint64_t differ = 0;
    static_assert(KEY_BYTES % sizeof(differ) == 0, "whole words");
    for (size_t i = 0; i < KEY_BYTES; i += sizeof(differ)) {
        uint64_t mine, theirs;
        memcpy(&mine, a->bytes + i, sizeof(mine));
        memcpy(&theirs, b->bytes + i, sizeof(theirs));
        differ |= mine ^ theirs;
    }
    return differ == 0;
}

/* The key to give to the context: none when it has this one already. The records of one category
 * lie side by side and all tags are under one key, and expanding a key costs as much as a small
 * record. */
static const unsigned char *new_key(const secret *key, secret *present, bool *keyed)
{
    if (*keyed && is_same_key(key, present))
        return NULL;
    *present = *key;
    *keyed = true;
    return key->bytes;
}

static const crypto_aead_aes256gcm_state *expand(struct crypto *crypto, const secret *key)
{
    if (new_key(key, &crypto->expanded_key, &crypto->expanded_keyed) != NULL)
        crypto_aead_aes256gcm_beforenm(&crypto->expanded, key->bytes);
    return &crypto->expanded;
}

static void seal_by_openssl(struct crypto *crypto, const secret *key, const unsigned char *nonce,
                            str data, str plain, unsigned char *cipher, unsigned char *tag)
{
    EVP_CIPHER_CTX *context = crypto->sealing;
    int len = 0;
    assert(data.len <= INT32_MAX && plain.len <= INT32_MAX);
    const unsigned char *given = new_key(key, &crypto->sealing_key, &crypto->sealing_keyed);
    must(EVP_EncryptInit_ex2(context, NULL, given, nonce, NULL));
    must(EVP_EncryptUpdate(context, NULL, &len, bytes_of(data), (int)data.len));
    must(EVP_EncryptUpdate(context, cipher, &len, bytes_of(plain), (int)plain.len));
    must(EVP_EncryptFinal_ex(context, cipher + len, &len));
    must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, tag));
}

void aead_seal(struct crypto *crypto, const secret *key, const unsigned char nonce[NONCE_BYTES],
               str data, str plain, unsigned char *cipher, unsigned char tag[TAG_BYTES])
{
    if (crypto->by_processor)
        crypto_aead_aes256gcm_encrypt_detached_afternm(cipher, tag, NULL, bytes_of(plain),
                                                       plain.len, bytes_of(data), data.len, NULL,
                                                       nonce, expand(crypto, key));
    else
        seal_by_openssl(crypto, key, nonce, data, plain, cipher, tag);
}

static bool open_by_openssl(struct crypto *crypto, const secret *key, const unsigned char *nonce,
                            str data, str cipher, const unsigned char *tag, unsigned char *plain)
{
    EVP_CIPHER_CTX *context = crypto->opening;
    unsigned char expected[TAG_BYTES];
    int len = 0;
    assert(data.len <= INT32_MAX && cipher.len <= INT32_MAX);
    memcpy(expected, tag, TAG_BYTES);
    const unsigned char *given = new_key(key, &crypto->opening_key, &crypto->opening_keyed);
    must(EVP_DecryptInit_ex2(context, NULL, given, nonce, NULL));
    must(EVP_DecryptUpdate(context, NULL, &len, bytes_of(data), (int)data.len));
    must(EVP_DecryptUpdate(context, plain, &len, bytes_of(cipher), (int)cipher.len));
    must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, expected));
    return EVP_DecryptFinal_ex(context, plain + len, &len) == 1;
}

static bool open_by_processor(struct crypto *crypto, const secret *key, const unsigned char *nonce,
                              str data, str cipher, const unsigned char *tag, unsigned char *plain)
{
    return crypto_aead_aes256gcm_decrypt_detached_afternm(plain, NULL, bytes_of(cipher), cipher.len,
                                                          tag, bytes_of(data), data.len, nonce,
                                                          expand(crypto, key)) == 0;
}

bool aead_open(struct crypto *crypto, const secret *key, const unsigned char nonce[NONCE_BYTES],
               str data, str cipher, const unsigned char tag[TAG_BYTES], unsigned char *plain)
{
    bool fits = crypto->by_processor
                    ? open_by_processor(crypto, key, nonce, data, cipher, tag, plain)
                    : open_by_openssl(crypto, key, nonce, data, cipher, tag, plain);
    if (!fits)
        wipe(plain, cipher.len);
    return fits;
}

void hmac_sha256(struct crypto *crypto, const secret *key, str bytes,
                 unsigned char hash[HMAC_BYTES])
{
    size_t len = 0;
    const unsigned char *given = new_key(key, &crypto->hashing_key, &crypto->hashing_keyed);
    must(EVP_MAC_init(crypto->hashing, given, given == NULL ? 0 : KEY_BYTES, NULL));
    must(EVP_MAC_update(crypto->hashing, bytes_of(bytes), bytes.len));
    must(EVP_MAC_final(crypto->hashing, hash, &len, HMAC_BYTES));
}

/* As above, for a key of any length and a text in three pieces. */
static void hmac_pieces(struct crypto *crypto, str key, const str pieces[3],
                        unsigned char hash[HMAC_BYTES])
{
    static const unsigned char zeros[KEY_BYTES];
    size_t len = 0;
    const unsigned char *key_bytes = key.len == 0 ? zeros : bytes_of(key);
    crypto->hashing_keyed = false;
    must(EVP_MAC_init(crypto->hashing, key_bytes, key.len == 0 ? KEY_BYTES : key.len, NULL));
    for (size_t i = 0; i < 3; i++)
        must(EVP_MAC_update(crypto->hashing, bytes_of(pieces[i]), pieces[i].len));
    must(EVP_MAC_final(crypto->hashing, hash, &len, HMAC_BYTES));
}

void hkdf_sha256(struct crypto *crypto, str material, str salt, str info, unsigned char *out,
                 size_t count)
{
    CLEANUP(secret_wipe) secret key = {0};
    CLEANUP(secret_wipe) secret block = {0};
    const str none = STR("");
    static_assert((int)HMAC_BYTES == (int)KEY_BYTES, "a block is a key");
    assert(count <= (size_t)255 * HMAC_BYTES);
    hmac_pieces(crypto, salt, (const str[3]){material, none, none}, key.bytes);
    str last = none;
    for (unsigned char number = 1; count > 0; number++) {
        str number_text = {(const char *)&number, 1};
        hmac_pieces(crypto, (str){(const char *)key.bytes, KEY_BYTES},
                    (const str[3]){last, info, number_text}, block.bytes);
        size_t step = count < HMAC_BYTES ? count : HMAC_BYTES;
        memcpy(out, block.bytes, step);
        out += step;
        count -= step;
        last = (str){(const char *)block.bytes, HMAC_BYTES};
    }
}
