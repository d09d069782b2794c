/* tiles.c: see tiles_internal.h. */
#include <stdio.h>
#include <stdlib.h>

#include "tiles_internal.h"

void tile_path(char path[SHELF_PATH], int level, uint64_t n, unsigned width)
{
    struct buf buf = buf_over(path, SHELF_PATH - 1);
    if (level == TILE_ENTRIES)
        buf_text(&buf, "tile/entries/");
    else
        buf_format(&buf, "tile/%d/", level);
    uint64_t unit = 1;
    while (n / unit >= 1000)
        unit *= 1000;
    for (; unit > 1; unit /= 1000)
        buf_format(&buf, "x%03u/", (unsigned)(n / unit % 1000));
    buf_format(&buf, "%03u", (unsigned)(n % 1000));
    if (width > 0)
        buf_format(&buf, ".p/%u", width);
    assert(!buf.full);
    path[buf.len] = 0;
}

void tiles_free(struct tiles *tiles)
{
    free(tiles->places);
    tiles->places = NULL;
    bytes_free(&tiles->bundle);
    bytes_free(&tiles->entry);
    bytes_free(&tiles->scratch);
}

bool bundle_next(str *bundle, str *entry)
{
    struct reader reader = reader_over(*bundle);
    uint16_t length = read_be16(&reader);
    *entry = read_bytes(&reader, length);
    if (reader.bad)
        return false;
    *bundle = str_slice(*bundle, 2 + (size_t)length, bundle->len);
    return true;
}

static bool bundle_whole(str bundle)
{
    str entry;
    for (int i = 0; i < TILE_WIDTH; i++)
        if (!bundle_next(&bundle, &entry))
            return false;
    return bundle.len == 0;
}

status tiles_bundle(struct tiles *tiles, uint64_t n, struct report *report, str *bundle)
{
    char path[SHELF_PATH];
    bool found = true;
    if (!tiles->bundle_valid || tiles->bundle_n != n) {
        tile_path(path, TILE_ENTRIES, n, 0);
        tiles->bundle_valid = false;
        TRY(shelf_read(tiles->shelf, path, BUNDLE_BYTES_MOST, report, &tiles->bundle, &found));
        if (!found || !bundle_whole(bytes_str(&tiles->bundle)))
            return fail(report, FAULT_CORRUPT, "the log's %s, which holds entry %llu and on, is %s",
                        path, (unsigned long long)n * TILE_WIDTH, found ? "damaged" : "missing");
        tiles->bundle_valid = true;
        tiles->bundle_n = n;
    }
    *bundle = bytes_str(&tiles->bundle);
    return OK;
}

static struct bundle_places *places_of(struct tiles *tiles, uint64_t n)
{
    if (tiles->places == NULL)
        tiles->places = calloc(PLACES_KEPT, sizeof(*tiles->places));
    if (tiles->places == NULL)
        abort();
    return &tiles->places[n % PLACES_KEPT];
}

/* False where it is not there as it was when its bundle was read. */
static bool entry_at_place(struct tiles *tiles, const struct bundle_places *places, uint64_t index,
                           str *entry)
{
    char path[SHELF_PATH];
    size_t from = places->at[index % TILE_WIDTH], to = places->at[index % TILE_WIDTH + 1];
    tile_path(path, TILE_ENTRIES, places->n, 0);
    if (!shelf_read_part(tiles->shelf, path, from, to - from, &tiles->entry))
        return false;
    str record = bytes_str(&tiles->entry);
    return bundle_next(&record, entry) && record.len == 0;
}

static void note_places(struct bundle_places *places, uint64_t n, str bundle)
{
    str rest = bundle, entry;
    *places = (struct bundle_places){.known = true, .n = n};
    for (size_t i = 1; i <= TILE_WIDTH; i++) {
        (void)bundle_next(&rest, &entry);
        places->at[i] = (uint32_t)(bundle.len - rest.len);
    }
}

status tiles_entry(struct tiles *tiles, uint64_t index, struct report *report, str *entry)
{
    uint64_t n = index / TILE_WIDTH;
    size_t i = index % TILE_WIDTH;
    struct bundle_places *places = places_of(tiles, n);
    bool known = places->known && places->n == n;
    bool at_hand = tiles->bundle_valid && tiles->bundle_n == n;
    str bundle = {0};
    if (known && !at_hand && entry_at_place(tiles, places, index, entry))
        return OK;
    TRY(tiles_bundle(tiles, n, report, &bundle));
    if (!known || !at_hand)
        note_places(places, n, bundle);
    str record = str_slice(bundle, places->at[i], places->at[i + 1]);
    (void)bundle_next(&record, entry);
    return OK;
}

static status load_full(struct tiles *tiles, unsigned level, uint64_t n, struct report *report,
                        const merkle_hash **hashes);

/* Makes a full tile anew from what lies below it, and writes it. */
static status remake_full(struct tiles *tiles, unsigned level, uint64_t n, struct report *report,
                          merkle_hash *hashes)
{
    char path[SHELF_PATH];
    if (level == 0) {
        str bundle = {0}, entry;
        TRY(tiles_bundle(tiles, n, report, &bundle));
        for (size_t i = 0; bundle_next(&bundle, &entry); i++)
            hashes[i] = merkle_leaf(tiles->hasher, entry);
    } else {
        for (size_t i = 0; i < TILE_WIDTH; i++) {
            const merkle_hash *below = NULL;
            TRY(load_full(tiles, level - 1, n * TILE_WIDTH + i, report, &below));
            hashes[i] = merkle_root_of(tiles->hasher, below, TILE_WIDTH);
        }
    }
    tile_path(path, (int)level, n, 0);
    return shelf_write(tiles->shelf, "log.tile", path, (str){(const char *)hashes, TILE_BYTES},
                       false, report);
}

/* A full tile, from the cache, the disk or what lies below it. Valid until the next of its level.
 */
static status load_full(struct tiles *tiles, unsigned level, uint64_t n, struct report *report,
                        const merkle_hash **hashes)
{
    assert(level < TILE_LEVELS);
    struct tile_cache *cache = &tiles->cache[level];
    *hashes = cache->hash;
    if (cache->valid && cache->n == n)
        return OK;
    char path[SHELF_PATH];
    bool found = false;
    cache->valid = false;
    tile_path(path, (int)level, n, 0);
    TRY(shelf_read(tiles->shelf, path, TILE_BYTES + 1, report, &tiles->scratch, &found));
    if (found && tiles->scratch.len == TILE_BYTES)
        memcpy(cache->hash, tiles->scratch.ptr, TILE_BYTES);
    else
        TRY(remake_full(tiles, level, n, report, cache->hash));
    cache->valid = true;
    cache->n = n;
    return OK;
}

static status node_from_tile(struct tiles *tiles, unsigned level, uint64_t n, struct report *report,
                             merkle_hash *hash, bool *known)
{
    const struct tile_edge *edge = &tiles->edge[level];
    uint64_t first = level == 0 ? tiles->tiled : edge->first;
    *known = true;
    if (n < first) {
        const merkle_hash *hashes = NULL;
        TRY(load_full(tiles, level, n / TILE_WIDTH, report, &hashes));
        *hash = hashes[n % TILE_WIDTH];
        return OK;
    }
    if (level == 0)
        *hash = tiles->tail_leaf(tiles->owner, n);
    else if (n - first < edge->count)
        *hash = edge->hash[n - first];
    else
        *known = false;
    return OK;
}

static status node_of(void *self, unsigned level, uint64_t n, struct report *report,
                      merkle_hash *hash)
{
    struct tiles *tiles = self;
    assert(level < MERKLE_LEVELS);
    if (level % 8 == 0) {
        bool known = false;
        TRY(node_from_tile(tiles, level / 8, n, report, hash, &known));
        if (known)
            return OK;
    }
    merkle_hash left, right;
    TRY(node_of(self, level - 1, 2 * n, report, &left));
    TRY(node_of(self, level - 1, 2 * n + 1, report, &right));
    *hash = merkle_node(tiles->hasher, &left, &right);
    return OK;
}

struct merkle_source tiles_source(struct tiles *tiles)
{
    return (struct merkle_source){tiles, tiles->hasher, node_of};
}

status tiles_restore(struct tiles *tiles, uint64_t tiled, struct report *report)
{
    assert(tiled % TILE_WIDTH == 0);
    tiles->tiled = tiled;
    uint64_t count = tiled;
    for (unsigned level = 1; level < TILE_LEVELS; level++) {
        struct tile_edge *edge = &tiles->edge[level];
        count /= TILE_WIDTH;
        *edge = (struct tile_edge){.first = count - count % TILE_WIDTH};
        for (; edge->first + edge->count < count; edge->count++) {
            const merkle_hash *below = NULL;
            TRY(load_full(tiles, level - 1, edge->first + edge->count, report, &below));
            edge->hash[edge->count] = merkle_root_of(tiles->hasher, below, TILE_WIDTH);
        }
    }
    return OK;
}

static status write_tile(const struct shelf *shelf, int level, uint64_t n, unsigned width,
                         str content, struct report *report)
{
    char path[SHELF_PATH];
    tile_path(path, level, n, width);
    /* Tiles above level 0 are few and not flushed with a segment, so they are at once. */
    TRY(shelf_keep(shelf, "log.tile", path, content, level > 0 && width == 0, report));
    if (width == 0) {
        tile_path(path, level, n, 1);
        path[strlen(path) - 2] = 0; /* "NNN.p": its partial tiles are no longer needed */
        shelf_drop_folder(shelf, path);
        path[strlen(path) - 2] = 0;
        shelf_start(shelf, path); /* tiles_sync() comes when its segment is recycled */
    }
    return OK;
}

/* Where a level's tile is full: writes it and hands its root up, after making room there. */
static status settle(struct tiles *tiles, unsigned level, struct report *report)
{
    struct tile_edge *edge = &tiles->edge[level];
    assert(level + 1 < TILE_LEVELS); /* 2^64 entries fill level 7 */
    if (edge->count < TILE_WIDTH)
        return OK;
    TRY(settle(tiles, level + 1, report));
    TRY(write_tile(tiles->shelf, (int)level, edge->first / TILE_WIDTH, 0,
                   (str){(const char *)edge->hash, TILE_BYTES}, report));
    struct tile_edge *above = &tiles->edge[level + 1];
    above->hash[above->count++] = merkle_root_of(tiles->hasher, edge->hash, TILE_WIDTH);
    edge->first += TILE_WIDTH;
    edge->count = edge->written = 0;
    return settle(tiles, level + 1, report);
}

static void tail_hashes(const struct tiles *tiles, uint64_t from, size_t count, merkle_hash *hashes)
{
    for (size_t i = 0; i < count; i++)
        hashes[i] = tiles->tail_leaf(tiles->owner, from + i);
}

status tiles_write_full(const struct shelf *shelf, uint64_t n, str bundle,
                        const merkle_hash *leaves, struct report *report)
{
    TRY(write_tile(shelf, TILE_ENTRIES, n, 0, bundle, report));
    return write_tile(shelf, 0, n, 0, (str){(const char *)leaves, TILE_BYTES}, report);
}

status tiles_take_full(struct tiles *tiles, const merkle_hash *leaves, struct report *report)
{
    TRY(settle(tiles, 1, report));
    struct tile_edge *edge = &tiles->edge[1];
    edge->hash[edge->count++] = merkle_root_of(tiles->hasher, leaves, TILE_WIDTH);
    tiles->tiled += TILE_WIDTH;
    tiles->edge[0].written = 0;
    return settle(tiles, 1, report);
}

status tiles_publish_partial(struct tiles *tiles, uint64_t size, str bundle, struct report *report)
{
    assert(size >= tiles->tiled && size - tiles->tiled < TILE_WIDTH);
    merkle_hash hashes[TILE_WIDTH];
    unsigned width = (unsigned)(size - tiles->tiled);
    TRY(settle(tiles, 1, report));
    if (width > 0 && tiles->edge[0].written != width) {
        uint64_t n = tiles->tiled / TILE_WIDTH;
        tail_hashes(tiles, tiles->tiled, width, hashes);
        TRY(write_tile(tiles->shelf, TILE_ENTRIES, n, width, bundle, report));
        TRY(write_tile(tiles->shelf, 0, n, width,
                       (str){(const char *)hashes, (size_t)width * MERKLE_HASH_BYTES}, report));
        tiles->edge[0].written = width;
    }
    for (unsigned level = 1; level < TILE_LEVELS; level++) {
        struct tile_edge *edge = &tiles->edge[level];
        if (edge->count == 0 || edge->count == edge->written)
            continue;
        TRY(write_tile(tiles->shelf, (int)level, edge->first / TILE_WIDTH, (unsigned)edge->count,
                       (str){(const char *)edge->hash, edge->count * MERKLE_HASH_BYTES}, report));
        edge->written = edge->count;
    }
    return OK;
}

status tiles_sync(const struct shelf *shelf, uint64_t from, uint64_t to, bool all,
                  struct report *report)
{
    assert(from < to);
    uint64_t last = (to - 1) / TILE_WIDTH;
    char path[SHELF_PATH];
    for (uint64_t n = from / TILE_WIDTH; n <= last; n++) {
        bool folders =
            (all && n == last) || n % 1000 == 999; /* the last of its folder, or of all */
        tile_path(path, TILE_ENTRIES, n, 0);
        TRY(shelf_sync(shelf, path, folders, report));
        tile_path(path, 0, n, 0);
        TRY(shelf_sync(shelf, path, folders, report));
    }
    return OK;
}
