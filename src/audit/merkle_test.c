/* The tree against published proofs, and against the definition of RFC 6962 written as it reads. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit_test.h"
#include "json.h"
#include "merkle.h"

static struct hasher *hasher;

/* A few vectors stand with short words where hashes belong: those are filled up with zeros;
 * none at all is no hash. */
static merkle_hash hash_from(str base64, bool *fits)
{
    merkle_hash hash = {{0}};
    size_t length = 0;
    *fits = base64_decode(base64, hash.bytes, MERKLE_HASH_BYTES, &length) && length > 0;
    return hash;
}

/* A longer hash can never be part of our types: such a case counts as refused. */
static bool member_hash(const struct json *vector, const char *name, merkle_hash *hash)
{
    str text = {0};
    bool fits = false;
    json_str(json_get(vector, name), &text);
    *hash = hash_from(text, &fits);
    return fits;
}

static bool member_proof(const struct json *vector, struct merkle_proof *proof)
{
    const struct json *list = json_get(vector, "proof");
    bool fits = true, all = true;
    *proof = (struct merkle_proof){0};
    if (!json_is_array(list))
        return true;
    for (JSON_EACH(item, list)) {
        str text = {0};
        assert_true(json_str(item, &text));
        assert_true(proof->count < MERKLE_PROOF_MAX);
        proof->at[proof->count++] = hash_from(text, &fits);
        all &= fits;
    }
    return all;
}

static uint64_t member_number(const struct json *vector, const char *name)
{
    str text = {0};
    uint64_t number = 0;
    assert_true(json_str(json_get(vector, name), &text) && str_to_u64(text, &number));
    return number;
}

/* Some sizes lie beyond 2^53, which base's reader refuses: numbers are read as strings here. */
static str numbers_quoted(struct arena *arena, str text)
{
    struct buf quoted = buf_in(arena, text.len * 2);
    for (size_t i = 0; i < text.len; i++) {
        bool starts = i >= 2 && text.ptr[i - 2] == ':' && text.ptr[i - 1] == ' ';
        if (!starts || text.ptr[i] < '0' || text.ptr[i] > '9') {
            buf_char(&quoted, text.ptr[i]);
            continue;
        }
        buf_char(&quoted, '"');
        for (; text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
            buf_char(&quoted, text.ptr[i]);
        buf_text(&quoted, "\"");
        i--;
    }
    return buf_str(&quoted);
}

static bool judge(const struct json *vector)
{
    merkle_hash one, two;
    struct merkle_proof proof;
    if (!member_proof(vector, &proof))
        return false;
    if (json_get(vector, "leafIdx") != NULL) {
        uint64_t index = member_number(vector, "leafIdx");
        uint64_t size = member_number(vector, "treeSize");
        return member_hash(vector, "leafHash", &one) && member_hash(vector, "root", &two) &&
               merkle_included(hasher, index, size, &one, &proof, &two);
    }
    uint64_t old_size = member_number(vector, "size1"), size = member_number(vector, "size2");
    return member_hash(vector, "root1", &one) && member_hash(vector, "root2", &two) &&
           merkle_consistent(hasher, old_size, size, &one, &two, &proof);
}

static void check_vector(const char *path, unsigned *seen)
{
    struct report report = {0};
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    const struct json *vector = NULL;
    bool refused = false;
    assert_ok(json_parse(arena, numbers_quoted(arena, test_file(arena, path)), &report, &vector),
              &report);
    assert_true(json_bool(json_get(vector, "wantErr"), &refused));
    if (judge(vector) == refused)
        fail_msg("%s: the verdict is not the published one", path);
    (*seen)++;
}

static void walk_vectors(const char *folder, unsigned *seen)
{
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[1024];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (str_ends(str_from(path), STR(".json")))
            check_vector(path, seen);
        else if (entry->d_type == DT_DIR)
            walk_vectors(path, seen);
    }
    closedir(dir);
}

static void published_proofs_get_their_published_verdicts(void **state)
{
    (void)state;
    static const char *const folders[] = {"inclusion", "consistency"};
    for (size_t i = 0; i < LENGTH(folders); i++) {
        char path[1024];
        unsigned seen = 0;
        snprintf(path, sizeof(path), "%s/vectors/merkle/%s", test_shared(), folders[i]);
        walk_vectors(path, &seen);
        assert_int_equal(seen, 98);
    }
}

static void a_consistency_proof_from_size_zero_is_refused(void **state)
{
    (void)state;
    merkle_hash empty = merkle_empty(hasher), leaf = merkle_leaf(hasher, STR("one"));
    struct merkle_proof none = {0};
    assert_false(merkle_consistent(hasher, 0, 0, &empty, &empty, &none));
    assert_false(merkle_consistent(hasher, 0, 1, &empty, &leaf, &none));
    assert_true(merkle_consistent(hasher, 1, 1, &leaf, &leaf, &none));
}

/* The definition, read aloud. */
static merkle_hash plain_root(const merkle_hash *leaves, size_t count)
{
    if (count == 1)
        return leaves[0];
    size_t left = 1;
    while (left * 2 < count)
        left *= 2;
    merkle_hash a = plain_root(leaves, left), b = plain_root(leaves + left, count - left);
    return merkle_node(hasher, &a, &b);
}

static status plain_node(void *self, unsigned level, uint64_t n, struct report *report,
                         merkle_hash *hash)
{
    (void)report;
    const merkle_hash *leaves = self;
    *hash = plain_root(leaves + (n << level), (size_t)1 << level);
    return OK;
}

enum { MOST = 70 };

static void fill(merkle_hash leaves[MOST])
{
    for (size_t i = 0; i < MOST; i++) {
        char name = (char)i;
        leaves[i] = merkle_leaf(hasher, (str){&name, 1});
    }
}

static void the_frontier_tells_the_root_of_the_definition(void **state)
{
    (void)state;
    merkle_hash leaves[MOST];
    struct merkle_range range = {0};
    fill(leaves);
    struct merkle_source source = {leaves, hasher, plain_node};
    for (size_t size = 1; size <= MOST; size++) {
        struct report report = {0};
        merkle_range_add(&range, hasher, &leaves[size - 1]);
        merkle_hash root = merkle_range_root(&range, hasher), plain = plain_root(leaves, size);
        assert_memory_equal(root.bytes, plain.bytes, MERKLE_HASH_BYTES);
        assert_ok(merkle_root_at(&source, size, &report, &root), &report);
        assert_memory_equal(root.bytes, plain.bytes, MERKLE_HASH_BYTES);
    }
}

static void every_leaf_of_every_size_can_be_proved_and_no_other_in_its_place(void **state)
{
    (void)state;
    merkle_hash leaves[MOST];
    fill(leaves);
    struct merkle_source source = {leaves, hasher, plain_node};
    for (uint64_t size = 1; size <= MOST; size++) {
        merkle_hash root = plain_root(leaves, size);
        for (uint64_t i = 0; i < size; i++) {
            struct report report = {0};
            struct merkle_proof proof;
            assert_ok(merkle_prove_inclusion(&source, i, size, &report, &proof), &report);
            assert_true(merkle_included(hasher, i, size, &leaves[i], &proof, &root));
            if (size > 1)
                assert_false(
                    merkle_included(hasher, i, size, &leaves[(i + 1) % size], &proof, &root));
        }
    }
}

static void every_size_extends_every_earlier_one_provably(void **state)
{
    (void)state;
    merkle_hash leaves[MOST];
    fill(leaves);
    struct merkle_source source = {leaves, hasher, plain_node};
    for (uint64_t size = 1; size <= MOST; size++) {
        merkle_hash root = plain_root(leaves, size);
        for (uint64_t old = 1; old <= size; old++) {
            struct report report = {0};
            struct merkle_proof proof;
            merkle_hash old_root = plain_root(leaves, old);
            assert_ok(merkle_prove_consistency(&source, old, size, &report, &proof), &report);
            assert_true(merkle_consistent(hasher, old, size, &old_root, &root, &proof));
            old_root.bytes[7] ^= 1;
            assert_false(merkle_consistent(hasher, old, size, &old_root, &root, &proof));
        }
    }
}

static void what_is_not_there_cannot_be_proved(void **state)
{
    (void)state;
    merkle_hash leaves[MOST];
    fill(leaves);
    struct merkle_source source = {leaves, hasher, plain_node};
    struct merkle_proof proof;
    struct report report = {0};
    assert_fault(merkle_prove_inclusion(&source, 5, 5, &report, &proof), FAULT_INVALID);
    assert_fault(merkle_prove_consistency(&source, 0, 5, &report, &proof), FAULT_INVALID);
    assert_fault(merkle_prove_consistency(&source, 6, 5, &report, &proof), FAULT_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_proofs_get_their_published_verdicts),
        cmocka_unit_test(a_consistency_proof_from_size_zero_is_refused),
        cmocka_unit_test(the_frontier_tells_the_root_of_the_definition),
        cmocka_unit_test(every_leaf_of_every_size_can_be_proved_and_no_other_in_its_place),
        cmocka_unit_test(every_size_extends_every_earlier_one_provably),
        cmocka_unit_test(what_is_not_there_cannot_be_proved),
    };
    hasher = hasher_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hasher_free(&hasher);
    return failed;
}
