/* merkle: the hash tree of RFC 6962 (also RFC 9162, section 2.1), and proofs about it.
 *
 *                 root of 5
 *                /         \
 *          node(2,0)        \          node(level, n) covers leaves n * 2^level ... ; it exists
 * once /       \         \         all of them do, and never changes after that.
 *     node(1,0)  node(1,1)    \
 *      /   \      /   \        \
 *     l0   l1    l2   l3       l4      leaf  = SHA-256(0x00 || entry)
 *                                      inner = SHA-256(0x01 || left || right)
 *
 * Holds: the root of n leaves commits to each of them and to their order; an inclusion proof shows
 * one leaf to the holder of a root, a consistency proof shows that a root extends an earlier one.
 * Does not hold: a root says nothing about who made it; signatures are in note.h.
 *
 * Size 0: the empty tree has a root (SHA-256 of nothing) and no proofs. A consistency proof from
 * size 0 would show nothing, as everything extends nothing, so both making and checking one is
 * refused, even between two empty trees. The published vectors of transparency-dev/merkle want the
 * same; the witness protocol takes an empty proof there, which a witness client must special-case.
 *
 * Memory: proofs are values. Threads: a hasher has one owner; everything else is pure.
 */
#ifndef VERN_MERKLE_H
#define VERN_MERKLE_H
#include "base.h"

enum { MERKLE_HASH_BYTES = 32, MERKLE_LEVELS = 64, MERKLE_PROOF_MAX = 64 };

typedef struct {
    unsigned char bytes[MERKLE_HASH_BYTES];
} merkle_hash;

#define MERKLE_EQUAL(a, b) (memcmp((a).bytes, (b).bytes, MERKLE_HASH_BYTES) == 0)

/* SHA-256 with its algorithm fetched once. Aborts when the library cannot give it. */
struct hasher;
struct hasher *hasher_new(void);
void hasher_free(struct hasher **hasher); /* fits CLEANUP; takes NULL */
merkle_hash hasher_sha256(struct hasher *hasher, str bytes);
/* The hash of several pieces in a row. */
merkle_hash hasher_sha256_of(struct hasher *hasher, const str *pieces, size_t count);
/* Of bytes that come in pieces: start, add as they come, end; nothing else of it in between. */
void hasher_start(struct hasher *hasher);
void hasher_add(struct hasher *hasher, str piece);
merkle_hash hasher_end(struct hasher *hasher);

merkle_hash merkle_leaf(struct hasher *hasher, str entry);
merkle_hash merkle_node(struct hasher *hasher, const merkle_hash *left, const merkle_hash *right);
merkle_hash merkle_empty(struct hasher *hasher);
/* The root over leaf (or node) hashes that lie side by side. Count 0 gives the empty tree's. */
merkle_hash merkle_root_of(struct hasher *hasher, const merkle_hash *hashes, size_t count);

/* The frontier of a growing tree: what is needed to add leaves and to tell the root, at most one
 * node a level. Zero is the empty tree. */
struct merkle_range {
    uint64_t size;
    merkle_hash node[MERKLE_LEVELS]; /* node[l] is meant where bit l of size is set */
};
void merkle_range_add(struct merkle_range *range, struct hasher *hasher, const merkle_hash *leaf);
merkle_hash merkle_range_root(const struct merkle_range *range, struct hasher *hasher);

struct merkle_proof {
    size_t count;
    merkle_hash at[MERKLE_PROOF_MAX];
};

/* Does the proof show that `leaf` is number `index` of the `size` leaves under `root`? */
MUST_CHECK bool merkle_included(struct hasher *hasher, uint64_t index, uint64_t size,
                                const merkle_hash *leaf, const struct merkle_proof *proof,
                                const merkle_hash *root);
/* Does it show that the tree of `size` leaves under `root` begins with that of `old_size`? Equal
 * sizes want an empty proof and equal roots. */
MUST_CHECK bool merkle_consistent(struct hasher *hasher, uint64_t old_size, uint64_t size,
                                  const merkle_hash *old_root, const merkle_hash *root,
                                  const struct merkle_proof *proof);

/* Where the nodes of a tree can be had: in memory, in tiles. */
struct merkle_source {
    void *self;
    struct hasher *hasher;
    status (*node)(void *self, unsigned level, uint64_t n, struct report *report,
                   merkle_hash *hash);
};
MUST_CHECK status merkle_root_at(const struct merkle_source *source, uint64_t size,
                                 struct report *report, merkle_hash *root);
/* Faults: INVALID when index >= size; and those of the source. */
MUST_CHECK status merkle_prove_inclusion(const struct merkle_source *source, uint64_t index,
                                         uint64_t size, struct report *report,
                                         struct merkle_proof *proof);
/* Faults: INVALID when old_size is 0 or above size; and those of the source. */
MUST_CHECK status merkle_prove_consistency(const struct merkle_source *source, uint64_t old_size,
                                           uint64_t size, struct report *report,
                                           struct merkle_proof *proof);
#endif
