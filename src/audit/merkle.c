/* merkle.c: hashes, the growing frontier, and checking proofs. Making proofs is in prove.c. */
#include <openssl/evp.h>
#include <stdlib.h>

#include "merkle.h"

struct hasher {
    EVP_MD *algorithm;
    EVP_MD_CTX *context;
};

struct hasher *hasher_new(void)
{
    struct hasher *hasher = calloc(1, sizeof(*hasher));
    if (hasher == NULL)
        abort();
    hasher->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    hasher->context = EVP_MD_CTX_new();
    if (hasher->algorithm == NULL || hasher->context == NULL)
        abort();
    if (EVP_DigestInit_ex(hasher->context, hasher->algorithm, NULL) != 1)
        abort();
    return hasher;
}

void hasher_free(struct hasher **hasher)
{
    if (*hasher == NULL)
        return;
    EVP_MD_CTX_free((*hasher)->context);
    EVP_MD_free((*hasher)->algorithm);
    free(*hasher);
    *hasher = NULL;
}

/* A digest cannot fail once its context stands, so a failure is a broken library: stop. */
static void must_work(int good)
{
    if (good != 1)
        abort();
}

void hasher_start(struct hasher *hasher)
{
    must_work(EVP_DigestInit_ex(hasher->context, NULL, NULL));
}

void hasher_add(struct hasher *hasher, str piece)
{
    must_work(EVP_DigestUpdate(hasher->context, piece.ptr, piece.len));
}

merkle_hash hasher_end(struct hasher *hasher)
{
    merkle_hash hash;
    must_work(EVP_DigestFinal_ex(hasher->context, hash.bytes, NULL));
    return hash;
}

merkle_hash hasher_sha256_of(struct hasher *hasher, const str *pieces, size_t count)
{
    hasher_start(hasher);
    for (size_t i = 0; i < count; i++)
        hasher_add(hasher, pieces[i]);
    return hasher_end(hasher);
}

merkle_hash hasher_sha256(struct hasher *hasher, str bytes)
{
    return hasher_sha256_of(hasher, &bytes, 1);
}

merkle_hash merkle_leaf(struct hasher *hasher, str entry)
{
    return hasher_sha256_of(hasher, (str[]){{"\0", 1}, entry}, 2);
}

merkle_hash merkle_node(struct hasher *hasher, const merkle_hash *left, const merkle_hash *right)
{
    char pair[1 + 2 * MERKLE_HASH_BYTES];
    pair[0] = 1;
    memcpy(pair + 1, left->bytes, MERKLE_HASH_BYTES);
    memcpy(pair + 1 + MERKLE_HASH_BYTES, right->bytes, MERKLE_HASH_BYTES);
    return hasher_sha256(hasher, (str){pair, sizeof(pair)});
}

merkle_hash merkle_empty(struct hasher *hasher)
{
    return hasher_sha256(hasher, STR(""));
}

merkle_hash merkle_root_of(struct hasher *hasher, const merkle_hash *hashes, size_t count)
{
    struct merkle_range range = {0};
    for (size_t i = 0; i < count; i++)
        merkle_range_add(&range, hasher, &hashes[i]);
    return merkle_range_root(&range, hasher);
}

void merkle_range_add(struct merkle_range *range, struct hasher *hasher, const merkle_hash *leaf)
{
    merkle_hash carry = *leaf;
    unsigned level = 0;
    for (; (range->size >> level) & 1; level++)
        carry = merkle_node(hasher, &range->node[level], &carry);
    range->node[level] = carry;
    range->size++;
}

merkle_hash merkle_range_root(const struct merkle_range *range, struct hasher *hasher)
{
    if (range->size == 0)
        return merkle_empty(hasher);
    unsigned level = (unsigned)__builtin_ctzll(range->size);
    merkle_hash root = range->node[level];
    for (level++; level < MERKLE_LEVELS; level++)
        if ((range->size >> level) & 1)
            root = merkle_node(hasher, &range->node[level], &root);
    return root;
}

bool merkle_included(struct hasher *hasher, uint64_t index, uint64_t size, const merkle_hash *leaf,
                     const struct merkle_proof *proof, const merkle_hash *root)
{
    if (index >= size || proof->count > MERKLE_PROOF_MAX)
        return false;
    uint64_t n = index, last = size - 1;
    merkle_hash hash = *leaf;
    for (size_t i = 0; i < proof->count; i++) {
        if (last == 0)
            return false;
        if ((n & 1) == 0 && n < last) {
            hash = merkle_node(hasher, &hash, &proof->at[i]);
        } else {
            /* The last node of a level with no sibling rises until it is a right child. */
            for (; (n & 1) == 0 && n != 0; n >>= 1)
                last >>= 1;
            if (n == 0)
                return false;
            hash = merkle_node(hasher, &proof->at[i], &hash);
        }
        n >>= 1;
        last >>= 1;
    }
    return last == 0 && MERKLE_EQUAL(hash, *root);
}

/* Walks the proof from the last node of the old tree upwards, growing both roots at once. */
static bool walk_consistency(struct hasher *hasher, uint64_t n, uint64_t last,
                             const struct merkle_proof *proof, size_t from, merkle_hash roots[2])
{
    for (size_t i = from; i < proof->count; i++) {
        if (last == 0)
            return false;
        if ((n & 1) == 1 || n == last) {
            roots[0] = merkle_node(hasher, &proof->at[i], &roots[0]);
            roots[1] = merkle_node(hasher, &proof->at[i], &roots[1]);
            for (; (n & 1) == 0 && n != 0; n >>= 1)
                last >>= 1;
        } else {
            roots[1] = merkle_node(hasher, &roots[1], &proof->at[i]);
        }
        n >>= 1;
        last >>= 1;
    }
    return last == 0;
}

bool merkle_consistent(struct hasher *hasher, uint64_t old_size, uint64_t size,
                       const merkle_hash *old_root, const merkle_hash *root,
                       const struct merkle_proof *proof)
{
    if (old_size == 0 || old_size > size || proof->count > MERKLE_PROOF_MAX)
        return false;
    if (old_size == size)
        return proof->count == 0 && MERKLE_EQUAL(*old_root, *root);
    if (proof->count == 0)
        return false;
    uint64_t n = old_size - 1, last = size - 1;
    for (; (n & 1) == 1; n >>= 1)
        last >>= 1;
    /* A whole old tree is its own first node, and the proof leaves it out. */
    bool whole = (old_size & (old_size - 1)) == 0;
    merkle_hash first = whole ? *old_root : proof->at[0];
    merkle_hash roots[2] = {first, first};
    if (!walk_consistency(hasher, n, last, proof, whole ? 0 : 1, roots))
        return false;
    return MERKLE_EQUAL(roots[0], *old_root) && MERKLE_EQUAL(roots[1], *root);
}
