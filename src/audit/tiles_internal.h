/* tiles_internal: the tree and the entries as C2SP's tlog-tiles lays them out.
 *
 *   level 1   tile/1/000.p/2     [ root of tile 0/0 | root of tile 0/1 ]
 *   level 0   tile/0/000  256 leaf hashes   tile/0/001   tile/0/002.p/17
 *             tile/entries/000  256 entries ...
 *
 * `tiled` entries lie in full bundles and full level-0 tiles; behind them is the tail, whose leaf
 * hashes the log holds in memory. Of each level above, the tile that is not yet full is held too.
 *
 * Holds: a full tile or bundle is written before anything refers to it; publishing again after a
 * fault goes on where it stopped. */
#ifndef VERN_TILES_INTERNAL_H
#define VERN_TILES_INTERNAL_H
#include "limits.h"
#include "merkle.h"
#include "shelf_internal.h"

enum {
    TILE_WIDTH = 256,
    TILE_BYTES = TILE_WIDTH * MERKLE_HASH_BYTES,
    TILE_LEVELS = 8,
    BUNDLE_BYTES_MOST = TILE_WIDTH * (2 + LIMIT_ENTRY_BYTES),
    PLACES_KEPT = 1024 /* bundles, 1 KB each: a quarter of a million entries */
};
#define TILE_ENTRIES (-1) /* the "level" of entry bundles in a path */

/* Width 0 means full. */
void tile_path(char path[SHELF_PATH], int level, uint64_t n, unsigned width);

/* The unfinished tile of a level: hashes number first, first + 1, ... of that level. */
struct tile_edge {
    uint64_t first;
    size_t count;
    size_t written; /* width of the partial tile on disk, as far as is known */
    merkle_hash hash[TILE_WIDTH];
};

struct tile_cache {
    bool valid;
    uint64_t n;
    merkle_hash hash[TILE_WIDTH];
};

/* Where the entries of a full bundle begin in its file, so that one can be read without the others.
 */
struct bundle_places {
    bool known;
    uint64_t n;
    uint32_t at[TILE_WIDTH + 1]; /* the last is the file's end */
};

/* Where the tail's leaves are; the log lends them. */
struct tiles {
    const struct shelf *shelf;
    struct hasher *hasher;
    uint64_t tiled;
    uint64_t size; /* of the durable log: tail leaves reach up to here */
    void *owner;
    merkle_hash (*tail_leaf)(void *owner, uint64_t index);
    struct tile_edge edge[TILE_LEVELS]; /* [0] holds only `written` */
    struct tile_cache cache[TILE_LEVELS];
    struct bytes bundle; /* the bundle read last */
    bool bundle_valid;
    uint64_t bundle_n;
    struct bundle_places *places; /* PLACES_KEPT, by number; made when the first is known */
    struct bytes entry;           /* read by its place */
    struct bytes scratch;
};

void tiles_free(struct tiles *tiles);
/* A source of nodes for roots and proofs. */
struct merkle_source tiles_source(struct tiles *tiles);
/* Sets the edges for `tiled` entries, a multiple of 256, from the full tiles below them. Faults:
 * CORRUPT when bundles are missing; STORE. */
MUST_CHECK status tiles_restore(struct tiles *tiles, uint64_t tiled, struct report *report);
/* Writes a full bundle and its tile. Any thread. */
MUST_CHECK status tiles_write_full(const struct shelf *shelf, uint64_t n, str bundle,
                                   const merkle_hash *leaves, struct report *report);
/* Adds the next full bundle and its tile, which were written: entries tiled to tiled + 255. */
MUST_CHECK status tiles_take_full(struct tiles *tiles, const merkle_hash *leaves,
                                  struct report *report);
/* Writes the partial tiles for `size`, whose last, unfilled bundle is `bundle`. */
MUST_CHECK status tiles_publish_partial(struct tiles *tiles, uint64_t size, str bundle,
                                        struct report *report);
/* Flushes the bundles and level-0 tiles of entries from..to-1, all published full. Their names are
 * durable when it was done for the last of them with `all` set. Any thread. */
MUST_CHECK status tiles_sync(const struct shelf *shelf, uint64_t from, uint64_t to, bool all,
                             struct report *report);
/* The full bundle `n`, valid until the next call; it parses as 256 entries. */
MUST_CHECK status tiles_bundle(struct tiles *tiles, uint64_t n, struct report *report, str *bundle);

/* One entry of a full bundle, valid until the next call of either. The first of a bundle reads all
 * of it, as tiles_bundle() does; the others read themselves, and all of it again where they are not
 * at their place any more. */
MUST_CHECK status tiles_entry(struct tiles *tiles, uint64_t index, struct report *report,
                              str *entry);

/* Takes the next entry from the front of a bundle; false at its end or where it is odd. */
bool bundle_next(str *bundle, str *entry);
#endif
