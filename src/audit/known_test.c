/* What is known of manifests: found by their root, and bounded. */
#include "audit_test.h"
#include "known_internal.h"

static merkle_hash root_of(uint64_t number)
{
    merkle_hash root = {{0}};
    uint64_t mixed = (number + 1) * 0x9E3779B97F4A7C15U;
    memcpy(root.bytes, &mixed, sizeof(mixed));
    memcpy(root.bytes + 8, &number, sizeof(number));
    return root;
}

static struct manifest_line line_of(uint64_t number)
{
    struct manifest_line line = {.decision = AUDIT_ALLOW};
    memcpy(line.handle, &number, sizeof(number));
    return line;
}

static bool knows(const struct known *known, uint64_t number)
{
    merkle_hash root = root_of(number);
    const struct known_manifest *manifest = known_find(known, &root);
    struct manifest_line line = line_of(number);
    audit_id handle;
    memcpy(handle.bytes, line.handle, sizeof(handle.bytes));
    return manifest != NULL && known_line(manifest, &handle) != NULL;
}

static void each_is_found_by_its_root_until_it_begins_anew(void **state)
{
    (void)state;
    struct known known = {0};
    assert_false(knows(&known, 0));
    for (uint64_t i = 0; i < 2 * KNOWN_PLACES; i++) {
        merkle_hash root = root_of(i);
        struct manifest_line line = line_of(i);
        known_add(&known, &root, &line, 1);
        assert_true(knows(&known, i));
        assert_true(known.count <= KNOWN_PLACES / 2);
        assert_false(known_kept(&known, &root)); /* it was only read */
    }
    assert_false(knows(&known, 0));
    known_free(&known);
}

static void bytes_are_bounded_and_long_ones_are_left_in_their_file(void **state)
{
    (void)state;
    static struct manifest_line lines[KNOWN_LINES + 1];
    struct known known = {0};
    for (uint64_t i = 0; i < 200; i++) {
        merkle_hash root = root_of(i);
        known_written(&known, &root, lines, KNOWN_LINES);
        assert_non_null(known_find(&known, &root));
        assert_true(known.bytes <= KNOWN_BYTES);
    }
    merkle_hash longer = root_of(1000);
    known_written(&known, &longer, lines, KNOWN_LINES + 1);
    assert_null(known_find(&known, &longer));
    assert_false(known_kept(&known, &longer));
    known_free(&known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_found_by_its_root_until_it_begins_anew),
        cmocka_unit_test(bytes_are_bounded_and_long_ones_are_left_in_their_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
