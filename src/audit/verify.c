/* verify.c: see verify.h. One pass over the bundles in order, then one over the segments.
 *
 *   bundle --> its entries --+--> next bundle ... --> root --> segment --> its records --> next ...
 *                            |                                                |
 *                            +--> lines of a manifest, and back <-------------+
 *
 * Each arrow can be the end of a step. What may change between two of them: partial tiles give way
 * to full ones, which stand in for them; segments go, whose entries are in bundles by then. */
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

enum {
    STEP_LINES = 512, /* of a manifest */
    STEP_RECORDS = TILE_WIDTH
};

enum place { AT_BUNDLE, AT_ENTRIES, AT_SEGMENT, AT_RECORDS, AT_END };

struct audit_check {
    struct shelf shelf;
    struct hasher *hasher;
    struct note_verifier key;
    struct checkpoint now, earlier;
    struct bytes note, bundle, tile, manifest;
    struct level level[TILE_LEVELS]; /* from 1 on; [0] is the bundle at hand */
    struct merkle_range bundle_range, tile_range;
    bool stands_in; /* what was read last is a full tile in place of a partial one */
    enum place place;
    uint64_t n; /* of the bundle at hand, */
    unsigned width, entry;
    str rest; /* of it, from `entry` on */
    bool in_manifest;
    uint64_t manifest_of; /* the entry that names it */
    merkle_hash manifest_root;
    struct manifest_pass lines;
    bool in_segments, is_last; /* the segment at hand is */
    uint64_t last_segment;     /* when the first one was looked for: later ones are not looked at */
    uint64_t index;            /* of the record that comes next, */
    size_t offset;             /* and where it begins in its segment */
    struct audit_verdict verdict;
    struct report *report;
};

static status bad_entry(struct audit_check *v, uint64_t entry, const char *what)
{
    v->verdict.names_entry = true;
    v->verdict.entry = entry;
    return fail(v->report, FAULT_CORRUPT, "entry %llu of the audit log: %s", (ull)entry, what);
}

static status bad_tile(struct audit_check *v, unsigned level, uint64_t n, uint64_t hash)
{
    uint64_t entry = (n * TILE_WIDTH + hash) << (8 * level);
    char path[SHELF_PATH];
    tile_path(path, (int)level, n, 0);
    v->verdict.names_entry = true;
    v->verdict.entry = entry;
    return fail(v->report, FAULT_CORRUPT,
                "entry %llu of the audit log, or its hash in %s, is damaged", (ull)entry, path);
}

/* Reads a tile or bundle of `width`, or the full one in its place, as the specification lets. */
static status read_tile(struct audit_check *v, int level, uint64_t n, unsigned width,
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
static status compare_tile(struct audit_check *v, unsigned level, uint64_t n,
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
static status add_to_level(struct audit_check *v, unsigned level, const merkle_hash *hash)
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
static merkle_hash root_so_far(struct audit_check *v)
{
    struct merkle_range range = {.size = v->tile_range.size * TILE_WIDTH + v->bundle_range.size};
    memcpy(range.node, v->bundle_range.node, 8 * sizeof(range.node[0]));
    memcpy(range.node + 8, v->tile_range.node, (MERKLE_LEVELS - 8) * sizeof(range.node[0]));
    return merkle_range_root(&range, v->hasher);
}

static status bad_manifest(struct audit_check *v)
{
    return bad_entry(v, v->manifest_of, "its manifest is missing or damaged");
}

/* Its lines are for the steps that follow. */
static status read_manifest(struct audit_check *v, uint64_t index, const struct audit_entry *entry)
{
    char path[SHELF_PATH];
    bool found = false;
    size_t size = (size_t)entry->manifest_lines * MANIFEST_LINE_BYTES;
    manifest_path(path, &entry->manifest);
    v->manifest_of = index;
    v->manifest_root = entry->manifest;
    v->lines = (struct manifest_pass){0};
    TRY(shelf_read(&v->shelf, path, size + 1, v->report, &v->manifest, &found));
    v->in_manifest = found && size > 0 && v->manifest.len == size;
    return v->in_manifest ? OK : bad_manifest(v);
}

static status step_manifest(struct audit_check *v)
{
    size_t count = v->manifest.len / MANIFEST_LINE_BYTES, to = v->lines.line + STEP_LINES;
    if (!manifest_pass(&v->lines, v->hasher, bytes_str(&v->manifest), to < count ? to : count))
        return bad_manifest(v);
    if (v->lines.line < count)
        return OK;
    merkle_hash root = merkle_range_root(&v->lines.range, v->hasher);
    if (!MERKLE_EQUAL(root, v->manifest_root))
        return bad_manifest(v);
    v->in_manifest = false;
    v->verdict.manifests++;
    return OK;
}

static status check_entry(struct audit_check *v, uint64_t index, str text)
{
    struct audit_entry entry;
    struct report why = {0};
    if (!is_ok(entry_parse(text, &why, &entry)))
        return bad_entry(v, index, "it is no audit entry");
    if (before(entry.at, v->verdict.last_time))
        return bad_entry(v, index, "its time lies before that of the entry before it");
    if (index == 0)
        v->verdict.first_time = entry.at;
    v->verdict.last_time = entry.at;
    return entry.has_manifest ? read_manifest(v, index, &entry) : OK;
}

static status check_earlier(struct audit_check *v, uint64_t size)
{
    if (v->earlier.size != size || !v->verdict.outside)
        return OK;
    merkle_hash root = root_so_far(v);
    if (!MERKLE_EQUAL(root, v->earlier.root))
        return fail(v->report, FAULT_CORRUPT,
                    "the log was rewritten: its first %llu entries are not those of the earlier "
                    "checkpoint",
                    (ull)size);
    return OK;
}

/* One bundle with its level-0 tile. Bytes are compared before they are read as entries, so that
 * damage shows at its entry. */
static status read_bundle(struct audit_check *v)
{
    bool found = false;
    TRY(read_tile(v, TILE_ENTRIES, v->n, v->width, &v->bundle, &found));
    str bundle = found ? bytes_str(&v->bundle) : (str){0}, entry;
    bool stands_in = v->stands_in;
    struct level *leaves = &v->level[0];
    v->bundle_range = (struct merkle_range){0};
    for (leaves->count = 0; leaves->count < v->width; leaves->count++) {
        uint64_t index = v->n * TILE_WIDTH + leaves->count;
        if (!bundle_next(&bundle, &entry)) {
            TRY(compare_tile(v, 0, v->n, leaves->hash, leaves->count, v->width));
            return bad_entry(v, index, "its bundle is missing or damaged");
        }
        leaves->hash[leaves->count] = merkle_leaf(v->hasher, entry);
    }
    if (bundle.len > 0 && !stands_in)
        return bad_entry(v, v->n * TILE_WIDTH + v->width - 1, "its bundle goes on behind it");
    TRY(compare_tile(v, 0, v->n, leaves->hash, v->width, v->width));
    v->rest = bytes_str(&v->bundle);
    v->entry = 0;
    v->place = AT_ENTRIES;
    return OK;
}

/* A full bundle becomes one hash of the levels above. */
static status close_bundle(struct audit_check *v, uint64_t n)
{
    merkle_hash root = v->bundle_range.node[8];
    v->bundle_range = (struct merkle_range){0};
    merkle_range_add(&v->tile_range, v->hasher, &root);
    TRY(check_earlier(v, (n + 1) * TILE_WIDTH));
    return add_to_level(v, 1, &root);
}

/* Up to the bundle's end, or to an entry that names a manifest. */
static status step_entries(struct audit_check *v)
{
    str entry;
    while (v->entry < v->width && !v->in_manifest && bundle_next(&v->rest, &entry)) {
        uint64_t index = v->n * TILE_WIDTH + v->entry;
        merkle_range_add(&v->bundle_range, v->hasher, &v->level[0].hash[v->entry++]);
        TRY(check_entry(v, index, entry));
        if (v->entry < TILE_WIDTH)
            TRY(check_earlier(v, index + 1));
    }
    if (v->entry < v->width)
        return OK;
    if (v->width == TILE_WIDTH)
        TRY(close_bundle(v, v->n));
    v->n++;
    v->place = AT_BUNDLE;
    return OK;
}

/* What is above the bundles and not full yet. */
static status check_edges(struct audit_check *v)
{
    for (unsigned level = 1; level < TILE_LEVELS; level++) {
        const struct level *at = &v->level[level];
        if (at->count > 0)
            TRY(compare_tile(v, level, at->n, at->hash, at->count, (unsigned)at->count));
    }
    return OK;
}

static status check_root(struct audit_check *v)
{
    merkle_hash root = root_so_far(v);
    if (!MERKLE_EQUAL(root, v->now.root))
        return fail(v->report, FAULT_CORRUPT,
                    "the log's entries and tiles agree with each other, and not with the root "
                    "that was signed: entries were changed");
    return OK;
}

static status step_bundle(struct audit_check *v)
{
    uint64_t left = v->now.size - v->n * TILE_WIDTH;
    if (v->n * TILE_WIDTH >= v->now.size) {
        v->place = AT_SEGMENT;
        TRY(check_edges(v));
        return check_root(v);
    }
    v->width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
    TRY(read_bundle(v));
    return step_entries(v);
}

/* ---- segments: what lies there must be what the bundles say, or come after them ---- */

static status check_record(struct audit_check *v, uint64_t index, const struct record *record)
{
    bool found = false;
    if (index >= v->now.size) {
        v->verdict.unsigned_entries++;
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

static status read_segment(struct audit_check *v)
{
    char path[SHELF_PATH];
    bool found = false;
    segment_path(path, v->index);
    TRY(shelf_read(&v->shelf, path, UINT32_MAX, v->report, &v->bundle, &found));
    if (!found || !segment_head_is(bytes_str(&v->bundle), v->index))
        return bad_entry(v, v->index, "its segment is damaged");
    v->offset = SEGMENT_HEAD_BYTES;
    v->tile.len = 0;
    v->place = AT_RECORDS;
    return OK;
}

/* The segment that goes on where the one before it ended. The first ones may have gone since, and
 * with them those of their entries that were to be compared. */
static status find_segment(struct audit_check *v, const uint64_t *firsts, size_t count)
{
    size_t i = 0;
    if (!v->in_segments && count > 0)
        v->last_segment = firsts[count - 1];
    if (count == 0 || firsts[0] > v->last_segment) {
        v->place = AT_END;
        return OK;
    }
    if (!v->in_segments || firsts[0] > v->index)
        v->index = firsts[0];
    v->in_segments = true;
    while (i < count && firsts[i] != v->index)
        i++;
    if (i == count)
        return bad_entry(v, v->index, "it is missing from its segment, or damaged there");
    v->is_last = i + 1 == count;
    return read_segment(v);
}

static status step_segment(struct audit_check *v)
{
    uint64_t *firsts = NULL;
    size_t count = 0;
    if (faccessat(v->shelf.dir, "segment", F_OK, 0) != 0) { /* a copy of the public part */
        v->place = AT_END;
        return OK;
    }
    TRY(segment_list(&v->shelf, v->report, &firsts, &count));
    status found = find_segment(v, firsts, count);
    free(firsts);
    return found;
}

/* A torn end is no damage: it was never acknowledged. Rubbish behind whole segments is. */
static status check_end(struct audit_check *v, str bytes)
{
    bool torn = v->index >= v->now.size && !segment_attests(v->hasher, bytes, v->offset, v->index);
    if (v->is_last ? !torn : !segment_is_zero(bytes, v->offset))
        return bad_entry(v, v->index, "it is damaged in its segment");
    v->verdict.torn_end = v->is_last && !segment_is_zero(bytes, v->offset);
    v->place = v->index > v->last_segment || v->is_last ? AT_END : AT_SEGMENT;
    return OK;
}

/* From the segment as it was when it was read. */
static status step_records(struct audit_check *v)
{
    str bytes = bytes_str(&v->bundle);
    struct record record;
    for (size_t i = 0; i < STEP_RECORDS && !v->in_manifest; i++) {
        if (record_next(v->hasher, bytes, v->index, &v->offset, &record) != RECORD_GOOD)
            return check_end(v, bytes);
        TRY(check_record(v, v->index++, &record));
    }
    return OK;
}

static status step(struct audit_check *v)
{
    if (v->in_manifest)
        return step_manifest(v);
    switch (v->place) {
    case AT_BUNDLE:
        return step_bundle(v);
    case AT_ENTRIES:
        return step_entries(v);
    case AT_SEGMENT:
        return step_segment(v);
    case AT_RECORDS:
        return step_records(v);
    case AT_END:
        return OK;
    }
    return OK;
}

/* ---- from its checkpoint on ---- */

static status read_checkpoint(struct audit_check *v)
{
    bool found = false;
    TRY(shelf_read(&v->shelf, "checkpoint", NOTE_BYTES, v->report, &v->note, &found));
    if (!found)
        return fail(v->report, FAULT_CORRUPT, "the log has no checkpoint");
    status opened = checkpoint_open(bytes_str(&v->note), &v->key, v->report, &v->now);
    if (opened.fault == FAULT_SYNTAX)
        return (status){FAULT_CORRUPT};
    TRY(opened);
    v->verdict.size = v->now.size;
    v->verdict.root = v->now.root;
    return OK;
}

static status read_earlier(struct audit_check *v, str earlier)
{
    if (str_is_empty(earlier))
        return OK;
    TRY(checkpoint_open(earlier, &v->key, v->report, &v->earlier));
    v->verdict.outside = true;
    v->verdict.outside_size = v->earlier.size;
    if (v->earlier.size <= v->now.size)
        return check_earlier(v, 0);
    return fail(v->report, FAULT_CORRUPT,
                "the log was cut: it has %llu entries and had %llu at the earlier checkpoint",
                (ull)v->now.size, (ull)v->earlier.size);
}

static status begin(struct audit_check *v, const char *dir, str key, str earlier)
{
    TRY(note_verifier_parse(key, v->report, &v->key));
    TRY(shelf_open(v->shelf.world, dir, false, v->report, &v->shelf));
    TRY(read_checkpoint(v));
    return read_earlier(v, earlier);
}

/* What was held against an earlier checkpoint extends it only if all is well. */
static status told(struct audit_check *v, status checked)
{
    v->report = NULL;
    if (!is_ok(checked))
        v->verdict.outside = false;
    return checked;
}

status audit_check_begin(const struct world *world, const char *dir, str verifier_key, str earlier,
                         struct report *report, struct audit_check **check)
{
    struct audit_check *v = calloc(1, sizeof(*v));
    if (v == NULL)
        abort();
    v->shelf = (struct shelf){.world = world, .dir = -1};
    v->hasher = hasher_new();
    v->report = report;
    *check = v;
    return told(v, begin(v, dir, verifier_key, earlier));
}

status audit_check_step(struct audit_check *check, struct report *report, bool *more)
{
    check->report = report;
    status checked = told(check, step(check));
    *more = is_ok(checked) && check->place != AT_END;
    return checked;
}

const struct audit_verdict *audit_check_verdict(const struct audit_check *check)
{
    return &check->verdict;
}

void audit_check_end(struct audit_check **check)
{
    struct audit_check *v = *check;
    if (v == NULL)
        return;
    shelf_close(&v->shelf);
    hasher_free(&v->hasher);
    bytes_free(&v->note);
    bytes_free(&v->bundle);
    bytes_free(&v->tile);
    bytes_free(&v->manifest);
    free(v);
    *check = NULL;
}

status audit_verify(const struct world *world, const char *dir, str verifier_key, str earlier,
                    struct report *report, struct audit_verdict *verdict)
{
    CLEANUP(audit_check_end) struct audit_check *check = NULL;
    bool more = true;
    status checked = audit_check_begin(world, dir, verifier_key, earlier, report, &check);
    while (is_ok(checked) && more)
        checked = audit_check_step(check, report, &more);
    *verdict = check->verdict;
    return checked;
}
