/* Seals: of one document, by one key, and no checkpoint. */
#include "audit_test.h"
#include "seal.h"

static struct note_signer signer_of(unsigned char first)
{
    secret seed = {{first, 4, 2}};
    struct report report = {0};
    struct note_signer made;
    assert_ok(note_signer_make(STR("vern.example/register"), &seed, &report, &made), &report);
    return made;
}

static void a_seal_opens_for_its_document_and_its_key_alone(void **state)
{
    (void)state;
    char room[512];
    struct report report = {0};
    struct note_signer mine = signer_of(1), other = signer_of(2);
    struct buf note = buf_over(room, sizeof(room));
    struct checkpoint checkpoint;
    seal_sign(&note, STR("what was erased"), &mine);
    str seal = buf_str(&note);
    assert_ok(seal_open(seal, &mine.verifier, STR("what was erased"), &report), &report);
    assert_int_equal(seal_open(seal, &mine.verifier, STR("what was kept"), &report).fault,
                     FAULT_CORRUPT);
    assert_int_equal(seal_open(seal, &other.verifier, STR("what was erased"), &report).fault,
                     FAULT_KEY);
    assert_int_equal(checkpoint_open(seal, &mine.verifier, &report, &checkpoint).fault,
                     FAULT_SYNTAX);
    for (size_t at = 0; at < seal.len; at++) {
        room[at] = (char)(room[at] ^ 1);
        assert_false(is_ok(seal_open(seal, &mine.verifier, STR("what was erased"), &report)));
        room[at] = (char)(room[at] ^ 1);
    }
}

/* A checkpoint is no seal either, whatever it is held against. */
static void what_the_key_signed_for_the_log_is_no_seal(void **state)
{
    (void)state;
    char room[512], text[256];
    struct report report = {0};
    struct note_signer mine = signer_of(1);
    struct checkpoint checkpoint = {.origin = STR("vern.example/register"), .size = 7};
    struct buf printed = buf_over(text, sizeof(text)), note = buf_over(room, sizeof(room));
    checkpoint_print(&printed, &checkpoint);
    note_sign(&note, buf_str(&printed), &mine);
    assert_int_equal(seal_open(buf_str(&note), &mine.verifier, buf_str(&printed), &report).fault,
                     FAULT_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seal_opens_for_its_document_and_its_key_alone),
        cmocka_unit_test(what_the_key_signed_for_the_log_is_no_seal),
    };
    return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
