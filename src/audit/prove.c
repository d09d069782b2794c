/* prove.c: roots of earlier sizes and proofs, made from whatever can give nodes.
 *
 * Every subtree that RFC 6962 speaks of is a run of leaves [from, to) whose left part is whole; so
 * each is a fold of whole nodes, and three short recursions are all there is. */
#include "merkle.h"

/* The largest power of two below n, for n > 1. */
static uint64_t split_of(uint64_t n)
{
    assert(n > 1);
    return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

/* The hash over leaves [from, from + count): the nodes of its binary digits, folded from the right.
 * `from` is a multiple of the first node's width, as everywhere in such a tree. */
static status hash_of(const struct merkle_source *source, uint64_t from, uint64_t count,
                      struct report *report, merkle_hash *hash)
{
    assert(count > 0);
    bool any = false;
    for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
        if (((count >> level) & 1) == 0)
            continue;
        uint64_t above = level == 63 ? 0 : (count >> (level + 1)) << (level + 1);
        merkle_hash node;
        TRY(source->node(source->self, level, (from + above) >> level, report, &node));
        *hash = any ? merkle_node(source->hasher, &node, hash) : node;
        any = true;
    }
    return OK;
}

status merkle_root_at(const struct merkle_source *source, uint64_t size, struct report *report,
                      merkle_hash *root)
{
    if (size == 0) {
        *root = merkle_empty(source->hasher);
        return OK;
    }
    return hash_of(source, 0, size, report, root);
}

static status add_hash(const struct merkle_source *source, uint64_t from, uint64_t count,
                       struct report *report, struct merkle_proof *proof)
{
    assert(proof->count < MERKLE_PROOF_MAX);
    return hash_of(source, from, count, report, &proof->at[proof->count++]);
}

static void reverse(struct merkle_proof *proof)
{
    for (size_t i = 0, j = proof->count; i + 1 < j; i++) {
        j--;
        merkle_hash kept = proof->at[i];
        proof->at[i] = proof->at[j];
        proof->at[j] = kept;
    }
}

status merkle_prove_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
                              struct report *report, struct merkle_proof *proof)
{
    *proof = (struct merkle_proof){0};
    if (index >= size)
        return fail(report, FAULT_INVALID, "entry %llu is not among the first %llu",
                    (unsigned long long)index, (unsigned long long)size);
    uint64_t from = 0, count = size;
    while (count > 1) {
        uint64_t left = split_of(count);
        if (index - from < left) {
            TRY(add_hash(source, from + left, count - left, report, proof));
            count = left;
        } else {
            TRY(add_hash(source, from, left, report, proof));
            from += left;
            count -= left;
        }
    }
    reverse(proof);
    return OK;
}

status merkle_prove_consistency(const struct merkle_source *source, uint64_t old_size,
                                uint64_t size, struct report *report, struct merkle_proof *proof)
{
    *proof = (struct merkle_proof){0};
    if (old_size == 0 || old_size > size)
        return fail(report, FAULT_INVALID, "there is no proof from size %llu to size %llu",
                    (unsigned long long)old_size, (unsigned long long)size);
    uint64_t from = 0, count = size, old = old_size;
    bool whole = true; /* the old tree is still the whole left edge, so its root is known */
    while (old != count) {
        uint64_t left = split_of(count);
        if (old <= left) {
            TRY(add_hash(source, from + left, count - left, report, proof));
            count = left;
        } else {
            TRY(add_hash(source, from, left, report, proof));
            from += left;
            count -= left;
            old -= left;
            whole = false;
        }
    }
    if (!whole)
        TRY(add_hash(source, from, count, report, proof));
    reverse(proof);
    return OK;
}
