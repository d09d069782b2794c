/* Notes and checkpoints, against the specification's own example and published signatures. */
#include "audit_test.h"
#include "json.h"
#include "note.h"

/* The example of C2SP's signed-note. */
#define EXAMPLE_KEY STR("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
#define EXAMPLE_NOTE                                                                               \
    STR("This is an example message.\n\n\xe2\x80\x94 example.com/foo "                             \
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72Ine"  \
        "yaQM=\n")

static const secret seed = {{7, 1, 9}};

static struct note_signer signer(void)
{
    struct report report = {0};
    struct note_signer made;
    assert_ok(note_signer_make(STR("vern.example/register"), &seed, &report, &made), &report);
    return made;
}

static void the_example_of_the_specification_opens(void **state)
{
    (void)state;
    struct report report = {0};
    struct note_verifier verifier;
    str text;
    char memory[256];
    struct buf printed = buf_over(memory, sizeof(memory));
    assert_ok(note_verifier_parse(EXAMPLE_KEY, &report, &verifier), &report);
    assert_ok(note_open(EXAMPLE_NOTE, &verifier, &report, &text), &report);
    assert_true(str_is(text, "This is an example message.\n"));
    note_verifier_print(&printed, &verifier);
    assert_true(str_equal(buf_str(&printed), EXAMPLE_KEY));
}

static void a_flip_anywhere_in_a_note_is_noticed(void **state)
{
    (void)state;
    struct report report = {0};
    struct note_verifier verifier;
    str text, note = EXAMPLE_NOTE;
    char changed[512];
    assert_ok(note_verifier_parse(EXAMPLE_KEY, &report, &verifier), &report);
    for (size_t at = 0; at < note.len; at++) {
        memcpy(changed, note.ptr, note.len);
        changed[at] = (char)(changed[at] ^ 1);
        if (is_ok(note_open((str){changed, note.len}, &verifier, &report, &text)))
            fail_msg("byte %zu was changed and the note opened", at);
    }
}

static void what_is_no_note_is_refused_as_such(void **state)
{
    (void)state;
    static const char *const odd[] = {"",
                                      "\n",
                                      "text\n",
                                      "text\n\n",
                                      "text\n\nx\n",
                                      "text\r\n\n\xe2\x80\x94 a AAAAAAA=\n",
                                      "text\n\n\xe2\x80\x94 a  AAAAAAA=\n",
                                      "text\n\n\xe2\x80\x94 a+b AAAAAAA=\n",
                                      "text\n\n\xe2\x80\x94 a AAAA\n",
                                      "text\n\n\xe2\x80\x94 a AAAAAAA=",
                                      "text\n\n\xe2\x80\x94 a\xc2\xa0z AAAAAAA=\n",
                                      "\xff\n\n\xe2\x80\x94 a AAAAAAA=\n"};
    struct note_signer with = signer();
    for (size_t i = 0; i < LENGTH(odd); i++) {
        struct report report = {0};
        str text;
        status got = note_open(str_from(odd[i]), &with.verifier, &report, &text);
        if (got.fault != FAULT_SYNTAX)
            fail_msg("note %zu: %s", i, fault_name(got.fault));
    }
    struct report report = {0};
    str text;
    assert_fault(
        note_open(STR("text\n\n\xe2\x80\x94 a AAAAAAA=\n"), &with.verifier, &report, &text),
        FAULT_KEY);
}

static void verifier_keys_that_are_not_exact_are_refused(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"};
    for (size_t i = 0; i < LENGTH(odd); i++) {
        struct report report = {0};
        struct note_verifier verifier;
        assert_fault(note_verifier_parse(str_from(odd[i]), &report, &verifier), FAULT_SYNTAX);
    }
}

static void a_checkpoint_prints_signs_and_opens_again(void **state)
{
    (void)state;
    struct report report = {0};
    struct note_signer with = signer();
    struct checkpoint made = {note_verifier_name(&with.verifier), 70000, {{1, 2, 3}}}, got;
    char text[CHECKPOINT_BYTES], note[CHECKPOINT_BYTES];
    struct buf body = buf_over(text, sizeof(text)), whole = buf_over(note, sizeof(note));
    checkpoint_print(&body, &made);
    note_sign(&whole, buf_str(&body), &with);
    assert_ok(checkpoint_open(buf_str(&whole), &with.verifier, &report, &got), &report);
    assert_int_equal(got.size, 70000);
    assert_memory_equal(got.root.bytes, made.root.bytes, MERKLE_HASH_BYTES);
    assert_true(str_equal(got.origin, made.origin));
}

static void checkpoints_have_one_spelling(void **state)
{
    (void)state;
#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    static const char *const odd[] = {"",
                                      "o\n1\n",
                                      "o\n1\n" ROOT,
                                      "o\n01\n" ROOT "\n",
                                      "o\n-1\n" ROOT "\n",
                                      "o\n\n" ROOT "\n",
                                      "\n1\n" ROOT "\n",
                                      "o\n1\n" ROOT "\nmore\n",
                                      "o\n1\n" ROOT "\n\n",
                                      "o\n1\nAAAA\n",
                                      "o\n18446744073709551616\n" ROOT "\n",
                                      "o p\n1\n" ROOT "\n"};
    struct report report = {0};
    struct checkpoint got;
    assert_ok(checkpoint_parse(STR("o\n0\n" ROOT "\n"), &report, &got), &report);
    for (size_t i = 0; i < LENGTH(odd); i++) {
        status parsed = checkpoint_parse(str_from(odd[i]), &report, &got);
        if (parsed.fault != FAULT_SYNTAX)
            fail_msg("checkpoint %zu was taken", i);
    }
}

static str member(const struct json *object, const char *name)
{
    str text = {0};
    if (!json_str(json_get(object, name), &text))
        fail_msg("the vectors lack %s", name);
    return text;
}

/* Gives whether the case was judged as published; 65 KB hold every message there. */
static bool case_holds(const unsigned char key[NOTE_KEY_BYTES], const struct json *test)
{
    static unsigned char message[1 << 16], signature[1 << 12];
    size_t message_length = 0, signature_length = 0;
    assert_true(hex_decode(member(test, "msg"), message, sizeof(message), &message_length));
    assert_true(hex_decode(member(test, "sig"), signature, sizeof(signature), &signature_length));
    bool valid = note_signature_valid(key, (str){(const char *)message, message_length},
                                      (str){(const char *)signature, signature_length});
    return valid == str_is(member(test, "result"), "valid");
}

static void published_ed25519_signatures_get_their_published_verdicts(void **state)
{
    (void)state;
    char path[1024];
    struct report report = {0};
    CLEANUP(arena_free) struct arena *arena = arena_new(8 << 20);
    const struct json *root = NULL;
    unsigned seen = 0;
    snprintf(path, sizeof(path), "%s/vectors/wycheproof/ed25519_test.json", test_shared());
    assert_ok(json_parse(arena, test_file(arena, path), &report, &root), &report);
    for (JSON_EACH(group, json_get(root, "testGroups"))) {
        unsigned char key[NOTE_KEY_BYTES];
        size_t length = 0;
        str hex = member(json_get(group, "publicKey"), "pk");
        assert_true(hex_decode(hex, key, sizeof(key), &length) && length == sizeof(key));
        for (JSON_EACH(test, json_get(group, "tests"))) {
            if (!case_holds(key, test))
                fail_msg("tcId %.*s", STR_ARG(json_get(test, "tcId")->text));
            seen++;
        }
    }
    assert_int_equal(seen, 151);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_specification_opens),
        cmocka_unit_test(a_flip_anywhere_in_a_note_is_noticed),
        cmocka_unit_test(what_is_no_note_is_refused_as_such),
        cmocka_unit_test(verifier_keys_that_are_not_exact_are_refused),
        cmocka_unit_test(a_checkpoint_prints_signs_and_opens_again),
        cmocka_unit_test(checkpoints_have_one_spelling),
        cmocka_unit_test(published_ed25519_signatures_get_their_published_verdicts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
