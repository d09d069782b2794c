/* Algorithms against published vectors, and what sealing promises.
 * Guarantees G8 and G11 of the README rest on these. */
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "keys_test.h"
#include "json.h"
#include "shared_test.h"

/* ---- published vectors ---- */

static const struct json *vectors(const char *name)
{
    const struct json *root = NULL;
    struct arena *arena = here.arena;
    if (shared_folder() == NULL)
        skip();
    str text = shared_file(arena, name);
    assert_non_null(text.ptr);
    assert_ok(json_parse(arena, text, &here.report, &root));
    return json_get(root, "testGroups");
}

static str hex_member(const struct json *test, const char *name)
{
    str text = {0};
    size_t len = 0;
    assert_true(json_str(json_get(test, name), &text));
    unsigned char *bytes = arena_take(here.arena, text.len / 2 + 1);
    assert_true(hex_decode(text, bytes, text.len / 2, &len));
    return (str){(const char *)bytes, len};
}

static int64_t number_member(const struct json *group, const char *name)
{
    int64_t number = -1;
    assert_true(json_i64(json_get(group, name), &number));
    return number;
}

static bool is_valid(const struct json *test)
{
    str result = {0};
    assert_true(json_str(json_get(test, "result"), &result));
    return str_is(result, "valid");
}

static secret secret_of(str bytes)
{
    secret key = {0};
    assert_int_equal(bytes.len, KEY_BYTES);
    memcpy(key.bytes, bytes.ptr, KEY_BYTES);
    return key;
}

static void gcm_vector(const struct json *test)
{
    str iv = hex_member(test, "iv"), data = hex_member(test, "aad"), msg = hex_member(test, "msg"),
        ct = hex_member(test, "ct"), tag = hex_member(test, "tag");
    secret key = secret_of(hex_member(test, "key"));
    unsigned char out[1024], made[TAG_BYTES];
    assert_true(msg.len <= sizeof(out) && ct.len <= sizeof(out));
    const unsigned char *nonce = (const unsigned char *)iv.ptr;
    bool opened =
        aead_open(here.keys->crypto, &key, nonce, data, ct, (const unsigned char *)tag.ptr, out);
    assert_int_equal(opened, is_valid(test));
    if (!opened)
        return;
    assert_memory_equal(out, msg.ptr, msg.len);
    aead_seal(here.keys->crypto, &key, nonce, data, msg, out, made);
    assert_memory_equal(out, ct.ptr, ct.len);
    assert_memory_equal(made, tag.ptr, TAG_BYTES);
}

static void aes_gcm_agrees_with_the_published_vectors(void **state)
{
    (void)state;
    size_t seen = 0;
    for (JSON_EACH(group, vectors("vectors/wycheproof/aes_gcm_test.json"))) {
        if (number_member(group, "keySize") != 256 || number_member(group, "ivSize") != 96 ||
            number_member(group, "tagSize") != 128)
            continue;
        for (JSON_EACH(test, json_get(group, "tests"))) {
            crypto_by_processor(here.keys->crypto, seen % 2 == 0);
            gcm_vector(test);
            crypto_by_processor(here.keys->crypto, seen % 2 != 0);
            gcm_vector(test);
            seen++;
        }
    }
    assert_true(seen > 50);
}

/* One seals in place what the other opens in place. */
static void assert_both_seal(const secret *key, size_t len, bool processor_first)
{
    enum { MOST = 600 };
    unsigned char plain[MOST], bytes[MOST], tag[TAG_BYTES], nonce[NONCE_BYTES];
    struct crypto *crypto = here.keys->crypto;
    str data = {(const char *)plain, len / 3}, text = {(const char *)bytes, len};
    assert_true(len <= MOST);
    memset(nonce, (int)len, sizeof(nonce));
    for (size_t i = 0; i < MOST; i++)
        plain[i] = (unsigned char)(i * 7 + len);
    memcpy(bytes, plain, MOST);
    crypto_by_processor(crypto, processor_first);
    aead_seal(crypto, key, nonce, data, text, bytes, tag);
    crypto_by_processor(crypto, !processor_first);
    assert_true(aead_open(crypto, key, nonce, data, text, tag, bytes));
    assert_memory_equal(bytes, plain, MOST);
    tag[len % TAG_BYTES] ^= 1;
    assert_false(aead_open(crypto, key, nonce, data, text, tag, bytes));
    for (size_t i = 0; i < len; i++)
        assert_int_equal(bytes[i], 0);
}

static void both_ways_of_sealing_give_the_same_bytes(void **state)
{
    (void)state;
    secret key = {{1}}, other = {{2}};
    for (size_t len = 0; len <= 600; len++) {
        assert_both_seal(len % 3 == 0 ? &key : &other, len, len % 2 == 0);
        assert_both_seal(&key, len, len % 2 != 0);
    }
    crypto_cleanse(here.keys->crypto);
    assert_both_seal(&key, 64, true);
}

static void hmac_agrees_with_the_published_vectors(void **state)
{
    (void)state;
    size_t seen = 0;
    for (JSON_EACH(group, vectors("vectors/wycheproof/hmac_sha256_test.json"))) {
        if (number_member(group, "keySize") != 256)
            continue;
        for (JSON_EACH(test, json_get(group, "tests"))) {
            secret key = secret_of(hex_member(test, "key"));
            str tag = hex_member(test, "tag");
            unsigned char hash[HMAC_BYTES];
            hmac_sha256(here.keys->crypto, &key, hex_member(test, "msg"), hash);
            assert_int_equal(memcmp(hash, tag.ptr, tag.len) == 0, is_valid(test));
            seen++;
        }
    }
    assert_true(seen > 50);
}

static void hkdf_agrees_with_the_published_vectors(void **state)
{
    (void)state;
    size_t seen = 0;
    for (JSON_EACH(group, vectors("vectors/wycheproof/hkdf_sha256_test.json"))) {
        for (JSON_EACH(test, json_get(group, "tests"))) {
            if (!is_valid(test))
                continue; /* longer than HKDF can give */
            unsigned char out[255 * HMAC_BYTES];
            size_t size = (size_t)number_member(test, "size");
            str okm = hex_member(test, "okm");
            hkdf_sha256(here.keys->crypto, hex_member(test, "ikm"), hex_member(test, "salt"),
                        hex_member(test, "info"), out, size);
            assert_int_equal(okm.len, size);
            assert_memory_equal(out, okm.ptr, size);
            seen++;
        }
    }
    assert_true(seen > 50);
}

/* ---- sealing ---- */

static void lengths_are_hidden_in_steps(void **state)
{
    (void)state;
    assert_int_equal(padded_size(0), 16);
    assert_int_equal(padded_size(15), 16);
    assert_int_equal(padded_size(16), 32);
    assert_int_equal(padded_size(100), 128);
    assert_int_equal(padded_size(65535), 65536);
    assert_int_equal(padded_size(65536), 65536 + 8192);
    for (size_t len = 0; len < 300000; len += 37) {
        size_t size = padded_size(len);
        assert_true(size > len);
        assert_int_equal(padded_size(size - 1), size);
        assert_true(len < 65536 || size - len <= len / 8 + 1);
    }
}

static void what_was_sealed_opens_and_shows_neither_text_nor_length(void **state)
{
    (void)state;
    struct ring *ring = ring_made(1);
    uint32_t number = key_of(ring, "firm/basic");
    char text[3000];
    memset(text, 'A', sizeof(text));
    for (size_t len = 0; len <= sizeof(text); len += 1 + len / 3) {
        str plain = {0};
        sealed bytes = seal_text(ring, number, 1, (str){text, len});
        assert_int_equal(bytes.bytes.len, SEAL_EXTRA_BYTES + padded_size(len));
        assert_true(len < 8 || !holds_bytes(bytes.bytes, STR("AAAAAAAA")));
        assert_int_equal(opening(ring, 1, bytes, &plain), FAULT_NONE);
        assert_true(str_equal(plain, (str){text, len}));
        uint32_t named = 0;
        assert_ok(sealed_key(bytes, &here.report, &named));
        assert_int_equal(named, number);
    }
}

static void the_same_text_seals_differently_each_time(void **state)
{
    (void)state;
    struct ring *ring = ring_made(1);
    uint32_t number = key_of(ring, "firm/basic");
    sealed a = seal_text(ring, number, 1, STR("same")), b = seal_text(ring, number, 1, STR("same"));
    assert_false(holds_bytes(b.bytes, str_slice(a.bytes, 6, 18)));
    assert_false(holds_bytes(b.bytes, str_slice(a.bytes, 18, 34)));
}

static void a_record_moved_to_another_place_does_not_open(void **state)
{
    (void)state;
    struct ring *ring = ring_made(1);
    sealed bytes = seal_text(ring, key_of(ring, "firm/basic"), 1, STR("value"));
    struct seal_place right = place_of(1), wrong[7];
    for (size_t i = 0; i < LENGTH(wrong); i++)
        wrong[i] = right;
    wrong[0].kind = STR("facts");
    wrong[1].controller = STR("fir");
    wrong[2].category = STR("special");
    wrong[3].matter.bytes[15] = 1;
    wrong[4].item.bytes[0] = 4;
    wrong[5].version = 2;
    wrong[6].part = 1;
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        str plain = {0};
        assert_fault(ring_open(here.keys, ring, &wrong[i], bytes, here.arena, &here.report, &plain),
                     FAULT_CORRUPT);
        assert_null(plain.ptr);
    }
    /* Fields that run into each other are told apart. */
    wrong[0] = right;
    wrong[0].controller = STR("firmb");
    wrong[0].category = STR("asic");
    str plain = {0};
    assert_fault(ring_open(here.keys, ring, &wrong[0], bytes, here.arena, &here.report, &plain),
                 FAULT_CORRUPT);
}

static void one_persons_record_does_not_open_as_anothers(void **state)
{
    (void)state;
    struct ring *one = ring_made(1), *two = ring_made(2);
    str plain = {0};
    sealed bytes = seal_text(one, key_of(one, "firm/basic"), 1, STR("value"));
    assert_int_equal(key_of(two, "firm/basic"), 1);
    assert_int_equal(opening(two, 2, bytes, &plain), FAULT_CORRUPT);
}

static void a_record_with_any_bit_changed_or_cut_anywhere_does_not_open(void **state)
{
    (void)state;
    struct ring *ring = ring_made(1);
    str plain = {0};
    sealed bytes = seal_text(ring, key_of(ring, "firm/basic"), 1, STR("value"));
    char copy[128];
    assert_true(bytes.bytes.len <= sizeof(copy));
    for (size_t bit = 0; bit < bytes.bytes.len * 8; bit++) {
        memcpy(copy, bytes.bytes.ptr, bytes.bytes.len);
        copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
        enum fault_class fault = opening(ring, 1, (sealed){{copy, bytes.bytes.len}}, &plain);
        assert_int_equal(fault, bit / 8 >= 2 && bit / 8 < 6 ? FAULT_KEY : FAULT_CORRUPT);
    }
    for (size_t len = 0; len < bytes.bytes.len; len++)
        assert_int_equal(opening(ring, 1, (sealed){{bytes.bytes.ptr, len}}, &plain), FAULT_CORRUPT);
}

static void another_register_or_kind_of_clock_opens_nothing(void **state)
{
    (void)state;
    struct ring *ring = ring_made(1);
    str plain = {0};
    sealed bytes = seal_text(ring, key_of(ring, "firm/basic"), 1, STR("value"));
    here.keys->simulated = false;
    assert_int_equal(opening(ring, 1, bytes, &plain), FAULT_CORRUPT);
    here.keys->simulated = true;
    here.keys->register_id[0] = 'R';
    assert_int_equal(opening(ring, 1, bytes, &plain), FAULT_CORRUPT);
    here.keys->register_id[0] = 'r';
    assert_int_equal(opening(ring, 1, bytes, &plain), FAULT_NONE);
}

static void a_key_seals_no_more_than_it_may(void **state)
{
    (void)state;
    struct ring *ring = ring_made(1);
    uint32_t number = key_of(ring, "firm/basic");
    sealed bytes = {0};
    struct seal_place place = place_of(1);
    ring->body->at[0].key.messages = UINT32_MAX;
    assert_fault(
        ring_seal(here.keys, ring, number, &place, STR("x"), here.arena, &here.report, &bytes),
        FAULT_LIMIT);
}

#define WITH_KEYS(test) cmocka_unit_test_setup_teardown(test, new_keys, place_gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_KEYS(aes_gcm_agrees_with_the_published_vectors),
        WITH_KEYS(both_ways_of_sealing_give_the_same_bytes),
        WITH_KEYS(hmac_agrees_with_the_published_vectors),
        WITH_KEYS(hkdf_agrees_with_the_published_vectors),
        WITH_KEYS(lengths_are_hidden_in_steps),
        WITH_KEYS(what_was_sealed_opens_and_shows_neither_text_nor_length),
        WITH_KEYS(the_same_text_seals_differently_each_time),
        WITH_KEYS(a_record_moved_to_another_place_does_not_open),
        WITH_KEYS(one_persons_record_does_not_open_as_anothers),
        WITH_KEYS(a_record_with_any_bit_changed_or_cut_anywhere_does_not_open),
        WITH_KEYS(another_register_or_kind_of_clock_opens_nothing),
        WITH_KEYS(a_key_seals_no_more_than_it_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
