/* verify.c: see verify.h. One pass over the bundles in order, then one over the segments. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "manifest.h"
#include "segment_internal.h"
#include "tiles_internal.h"
#include "verify.h"

typedef unsigned long long ull;

/* The hashes of one level that await their tile. */
struct level {
    uint64_t n; /* of the tile */
    size_t count;
    merkle_hash hash[TILE_WIDTH];
};

struct verifier {
    struct shelf shelf;
    struct hasher *hasher;
    struct note_verifier key;
    struct checkpoint now, earlier;
    struct bytes note, bundle, tile, manifest;
    struct level level[TILE_LEVELS]; /* from 1 on; [0] is the bundle at hand */
    struct merkle_range bundle_range, tile_range;
    bool stands_in; /* what was read last is a full tile in place of a partial one */
    struct audit_verdict *verdict;
    struct report *report;
};

static status bad_entry(struct verifier *v, uint64_t entry, const char *what)
{
    v->verdict->names_entry = true;
    v->verdict->entry = entry;
    return fail(v->report, FAULT_CORRUPT, "entry %llu of the audit log: %s", (ull)entry, what);
}

static status bad_tile(struct verifier *v, unsigned level, uint64_t n, uint64_t hash)
{
    uint64_t entry = (n * TILE_WIDTH + hash) << (8 * level);
    char path[SHELF_PATH];
    tile_path(path, (int)level, n, 0);
    v->verdict->names_entry = true;
    v->verdict->entry = entry;
    return fail(v->report, FAULT_CORRUPT,
                "entry %llu of the audit log, or its hash in %s, is damaged", (ull)entry, path);
}

/* Reads a tile or bundle of `width`, or the full one in its place, as the specification lets. */
static status read_tile(struct verifier *v, int level, uint64_t n, unsigned width,
                        struct bytes *bytes, bool *found)
{
    char path[SHELF_PATH];
    size_t most = level == TILE_ENTRIES ? BUNDLE_BYTES_MOST : TILE_BYTES;
    v->stands_in = false;
    tile_path(path, level, n, width % TILE_WIDTH);
    TRY(shelf_read(&v->shelf, path, most, v->report, bytes, found));
    if (*found || width == TILE_WIDTH)
        return OK;
    tile_path(path, level, n, 0);
    v->stands_in = true;
    return shelf_read(&v->shelf, path, most, v->report, bytes, found);
}

/* Compares the first `count` hashes of a tile of `width` with computed ones. */
static status compare_tile(struct verifier *v, unsigned level, uint64_t n,
                           const merkle_hash *hashes, size_t count, unsigned width)
{
    bool found = false;
    TRY(read_tile(v, (int)level, n, width, &v->tile, &found));
    for (size_t i = 0; i < count; i++) {
        size_t at = i * MERKLE_HASH_BYTES;
        bool same = found && v->tile.len >= at + MERKLE_HASH_BYTES &&
                    memcmp(v->tile.ptr + at, hashes[i].bytes, MERKLE_HASH_BYTES) == 0;
        if (!same)
            return bad_tile(v, level, n, i);
    }
    size_t right = v->stands_in ? (size_t)TILE_BYTES : (size_t)width * MERKLE_HASH_BYTES;
    return v->tile.len == right || count < width ? OK : bad_tile(v, level, n, count - 1);
}

/* Takes in one hash of a level above the leaves; a full tile is compared and handed up. */
static status add_to_level(struct verifier *v, unsigned level, const merkle_hash *hash)
{
    for (merkle_hash rising = *hash; level < TILE_LEVELS; level++) {
        struct level *at = &v->level[level];
        at->hash[at->count++] = rising;
        if (at->count < TILE_WIDTH)
            return OK;
        TRY(compare_tile(v, level, at->n, at->hash, TILE_WIDTH, TILE_WIDTH));
        rising = merkle_root_of(v->hasher, at->hash, TILE_WIDTH);
        at->n++;
        at->count = 0;
    }
    return OK;
}

/* The root so far: whole tiles above, the bundle at hand below. */
static merkle_hash root_so_far(struct verifier *v)
{
    struct merkle_range range = {.size = v->tile_range.size * TILE_WIDTH + v->bundle_range.size};
    memcpy(range.node, v->bundle_range.node, 8 * sizeof(range.node[0]));
    memcpy(range.node + 8, v->tile_range.node, (MERKLE_LEVELS - 8) * sizeof(range.node[0]));
    return merkle_range_root(&range, v->hasher);
}

static status check_manifest(struct verifier *v, uint64_t index, const struct audit_entry *entry)
{
    char path[SHELF_PATH];
    bool found = false;
    merkle_hash root;
    size_t size = (size_t)entry->manifest_lines * MANIFEST_LINE_BYTES;
    manifest_path(path, &entry->manifest);
    TRY(shelf_read(&v->shelf, path, size + 1, v->report, &v->manifest, &found));
    if (!found || v->manifest.len != size ||
        !manifest_root(v->hasher, bytes_str(&v->manifest), &root) ||
        !MERKLE_EQUAL(root, entry->manifest))
        return bad_entry(v, index, "its manifest is missing or damaged");
    v->verdict->manifests++;
    return OK;
}

static status check_entry(struct verifier *v, uint64_t index, str text)
{
    struct audit_entry entry;
    struct report why = {0};
    if (!is_ok(entry_parse(text, &why, &entry)))
        return bad_entry(v, index, "it is no audit entry");
    if (before(entry.at, v->verdict->last_time))
        return bad_entry(v, index, "its time lies before that of the entry before it");
    if (index == 0)
        v->verdict->first_time = entry.at;
    v->verdict->last_time = entry.at;
    return entry.has_manifest ? check_manifest(v, index, &entry) : OK;
}

static status check_earlier(struct verifier *v, uint64_t size)
{
    if (v->earlier.size != size || !v->verdict->outside)
        return OK;
    merkle_hash root = root_so_far(v);
    if (!MERKLE_EQUAL(root, v->earlier.root))
        return fail(v->report, FAULT_CORRUPT,
                    "the log was rewritten: its first %llu entries are not those of the earlier "
                    "checkpoint",
                    (ull)size);
    return OK;
}

/* One bundle with its level-0 tile, `width` entries. Bytes are compared before they are read as
 * entries, so that damage shows at its entry. */
static status check_bundle(struct verifier *v, uint64_t n, unsigned width)
{
    bool found = false;
    TRY(read_tile(v, TILE_ENTRIES, n, width, &v->bundle, &found));
    str bundle = found ? bytes_str(&v->bundle) : (str){0}, entry;
    bool stands_in = v->stands_in;
    struct level *leaves = &v->level[0];
    v->bundle_range = (struct merkle_range){0};
    for (leaves->count = 0; leaves->count < width; leaves->count++) {
        uint64_t index = n * TILE_WIDTH + leaves->count;
        if (!bundle_next(&bundle, &entry)) {
            TRY(compare_tile(v, 0, n, leaves->hash, leaves->count, width));
            return bad_entry(v, index, "its bundle is missing or damaged");
        }
        leaves->hash[leaves->count] = merkle_leaf(v->hasher, entry);
    }
    if (bundle.len > 0 && !stands_in)
        return bad_entry(v, n * TILE_WIDTH + width - 1, "its bundle goes on behind it");
    TRY(compare_tile(v, 0, n, leaves->hash, width, width));
    bundle = bytes_str(&v->bundle);
    for (unsigned i = 0; i < width && bundle_next(&bundle, &entry); i++) {
        TRY(check_entry(v, n * TILE_WIDTH + i, entry));
        merkle_range_add(&v->bundle_range, v->hasher, &leaves->hash[i]);
        if (i + 1 < TILE_WIDTH)
            TRY(check_earlier(v, n * TILE_WIDTH + i + 1));
    }
    return OK;
}

/* A full bundle becomes one hash of the levels above. */
static status close_bundle(struct verifier *v, uint64_t n)
{
    merkle_hash root = v->bundle_range.node[8];
    v->bundle_range = (struct merkle_range){0};
    merkle_range_add(&v->tile_range, v->hasher, &root);
    TRY(check_earlier(v, (n + 1) * TILE_WIDTH));
    return add_to_level(v, 1, &root);
}

static status check_bundles(struct verifier *v)
{
    for (uint64_t n = 0; n * TILE_WIDTH < v->now.size; n++) {
        uint64_t left = v->now.size - n * TILE_WIDTH;
        TRY(check_bundle(v, n, left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH));
        if (left >= TILE_WIDTH)
            TRY(close_bundle(v, n));
    }
    for (unsigned level = 1; level < TILE_LEVELS; level++) {
        const struct level *at = &v->level[level];
        if (at->count > 0)
            TRY(compare_tile(v, level, at->n, at->hash, at->count, (unsigned)at->count));
    }
    return OK;
}

static status check_root(struct verifier *v)
{
    merkle_hash root = root_so_far(v);
    if (!MERKLE_EQUAL(root, v->now.root))
        return fail(v->report, FAULT_CORRUPT,
                    "the log's entries and tiles agree with each other, and not with the root "
                    "that was signed: entries were changed");
    return OK;
}

/* ---- segments: what lies there must be what the bundles say, or come after them ---- */

static status check_record(struct verifier *v, uint64_t index, const struct record *record)
{
    bool found = false;
    if (index >= v->now.size) {
        v->verdict->unsigned_entries++;
        return check_entry(v, index, record->entry);
    }
    uint64_t n = index / TILE_WIDTH, left = v->now.size - n * TILE_WIDTH;
    if (index % TILE_WIDTH == 0 || v->tile.len == 0)
        TRY(read_tile(v, 0, n, left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH, &v->tile, &found));
    size_t at = index % TILE_WIDTH * MERKLE_HASH_BYTES;
    if (v->tile.len < at + MERKLE_HASH_BYTES ||
        memcmp(v->tile.ptr + at, record->leaf.bytes, MERKLE_HASH_BYTES) != 0)
        return bad_entry(v, index, "its segment and its bundle differ");
    return OK;
}

static status check_segment(struct verifier *v, uint64_t first, bool last, uint64_t *index)
{
    char path[SHELF_PATH];
    bool found = false;
    struct record record;
    size_t at = SEGMENT_HEAD_BYTES;
    segment_path(path, first);
    if (first != *index)
        return bad_entry(v, *index, "it is missing from its segment, or damaged there");
    TRY(shelf_read(&v->shelf, path, UINT32_MAX, v->report, &v->bundle, &found));
    str bytes = bytes_str(&v->bundle);
    if (!found || !segment_head_is(bytes, first))
        return bad_entry(v, first, "its segment is damaged");
    v->tile.len = 0;
    for (; record_next(v->hasher, bytes, *index, &at, &record) == RECORD_GOOD; (*index)++)
        TRY(check_record(v, *index, &record));
    /* A torn end is no damage: it was never acknowledged. Rubbish behind whole segments is. */
    bool torn = *index >= v->now.size && !segment_attests(v->hasher, bytes, at, *index);
    if (last ? !torn : !segment_is_zero(bytes, at))
        return bad_entry(v, *index, "it is damaged in its segment");
    v->verdict->torn_end = last && !segment_is_zero(bytes, at);
    return OK;
}

static status check_segments(struct verifier *v)
{
    uint64_t *firsts = NULL, index;
    size_t count = 0;
    if (faccessat(v->shelf.dir, "segment", F_OK, 0) != 0)
        return OK; /* a copy of the public part */
    TRY(segment_list(&v->shelf, v->report, &firsts, &count));
    status checked = OK;
    index = count > 0 ? firsts[0] : 0;
    for (size_t i = 0; i < count && is_ok(checked); i++)
        checked = check_segment(v, firsts[i], i + 1 == count, &index);
    free(firsts);
    return checked;
}

static status check_all(struct verifier *v, str earlier)
{
    bool found = false;
    TRY(shelf_read(&v->shelf, "checkpoint", NOTE_BYTES, v->report, &v->note, &found));
    if (!found)
        return fail(v->report, FAULT_CORRUPT, "the log has no checkpoint");
    status opened = checkpoint_open(bytes_str(&v->note), &v->key, v->report, &v->now);
    if (opened.fault == FAULT_SYNTAX)
        return (status){FAULT_CORRUPT};
    TRY(opened);
    v->verdict->size = v->now.size;
    v->verdict->root = v->now.root;
    if (!str_is_empty(earlier)) {
        TRY(checkpoint_open(earlier, &v->key, v->report, &v->earlier));
        v->verdict->outside = true;
        v->verdict->outside_size = v->earlier.size;
        if (v->earlier.size > v->now.size)
            return fail(v->report, FAULT_CORRUPT,
                        "the log was cut: it has %llu entries and had %llu at the earlier "
                        "checkpoint",
                        (ull)v->now.size, (ull)v->earlier.size);
    }
    TRY(check_earlier(v, 0));
    TRY(check_bundles(v));
    TRY(check_root(v));
    return check_segments(v);
}

status audit_verify(const struct world *world, const char *dir, str verifier_key, str earlier,
                    struct report *report, struct audit_verdict *verdict)
{
    *verdict = (struct audit_verdict){0};
    struct verifier *v = calloc(1, sizeof(*v));
    if (v == NULL)
        abort();
    v->verdict = verdict;
    v->report = report;
    v->shelf.dir = -1;
    v->hasher = hasher_new();
    status checked = note_verifier_parse(verifier_key, report, &v->key);
    if (is_ok(checked))
        checked = shelf_open(world, dir, false, report, &v->shelf);
    if (is_ok(checked))
        checked = check_all(v, earlier);
    if (!is_ok(checked))
        verdict->outside = false;
    shelf_close(&v->shelf);
    hasher_free(&v->hasher);
    bytes_free(&v->note);
    bytes_free(&v->bundle);
    bytes_free(&v->tile);
    bytes_free(&v->manifest);
    free(v);
    return checked;
}
