/* open.c: opening a log: what is on disk, what of it may be trusted, and what is written anew.
 *
 *   1  the checkpoint on disk and the caller's high-water mark say how far the log must reach
 *   2  the tree up to the first segment comes from the full tiles and bundles
 *   3  the segments give the rest, record by record
 *   4  the end must reach 1, and the roots there must be the same; only then is anything changed:
 *   5  a torn end is cut, an end that may not be durable is written again; derived files that are
 *      missing or wrong are written
 *
 * So a log that is refused is left as it was found. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "log_internal.h"

typedef unsigned long long ull;

static merkle_hash leaf_of(void *owner, uint64_t index)
{
    return log_tail(owner, index)->leaf;
}

static status make_folders(const struct shelf *shelf, struct report *report)
{
    static const char *const folders[] = {"segment", "tile", "tile/entries", "manifest"};
    TRY(world_seam(shelf->world, "log.segment", report));
    for (size_t i = 0; i < LENGTH(folders); i++)
        TRY(shelf_folder(shelf, folders[i], report));
    TRY(shelf_sync_folder(shelf, "segment", report)); /* one that was made, and not flushed */
    return shelf_sync_folder(shelf, ".", report);
}

static status read_checkpoint(struct audit_log *log, struct report *report)
{
    struct bytes note = {0};
    struct checkpoint checkpoint;
    bool found = false;
    status got =
        shelf_read(&log->shelf, "checkpoint", sizeof(log->published.note), report, &note, &found);
    if (is_ok(got) && found) {
        memcpy(log->published.note, note.ptr, note.len);
        log->published.length = note.len;
        struct report why = {0};
        got = checkpoint_open(audit_note(log), &log->signer.verifier, &why, &checkpoint);
        if (is_ok(got))
            log->published.mark = (struct audit_mark){checkpoint.size, checkpoint.root};
        else
            got = fail(report, got.fault == FAULT_SYNTAX ? FAULT_CORRUPT : got.fault,
                       "the log's checkpoint is damaged: %s", why.text);
    }
    bytes_free(&note);
    return got;
}

/* The entries that were durable for sure, so that fewer are damage and not a torn end. */
static uint64_t least_size(const struct audit_log *log, const struct audit_mark *high_water)
{
    return log->published.mark.size > high_water->size ? log->published.mark.size
                                                       : high_water->size;
}

static void add_entry(struct audit_log *log, const merkle_hash *leaf, size_t offset)
{
    tail_add(&log->tail, leaf, offset);
    merkle_range_add(&log->range, log->hasher, leaf);
    log->size++;
}

/* The tree and the tail up to the first segment. Between the last full bundle's border and the
 * segment's first entry, entries come from their bundle. */
static status restore_tree(struct audit_log *log, uint64_t first, struct report *report)
{
    uint64_t tiled = first - first % TILE_WIDTH;
    str bundle = {0}, entry;
    struct merkle_source source = tiles_source(&log->tiles);
    TRY(tiles_restore(&log->tiles, tiled, report));
    log->size = log->range.size = tiled;
    for (unsigned level = 0; level < MERKLE_LEVELS; level++)
        if ((tiled >> level) & 1)
            TRY(source.node(source.self, level, (tiled >> level) - 1, report,
                            &log->range.node[level]));
    if (first > tiled)
        TRY(tiles_bundle(&log->tiles, tiled / TILE_WIDTH, report, &bundle));
    while (log->size < first && bundle_next(&bundle, &entry)) {
        merkle_hash leaf = merkle_leaf(log->hasher, entry);
        add_entry(log, &leaf, 0);
    }
    return OK;
}

static status damaged(uint64_t index, uint64_t least, struct report *report)
{
    return fail(report, FAULT_CORRUPT,
                "entry %llu of the audit log is missing or damaged, and the log had at least %llu",
                (ull)index, (ull)(least > index ? least : index + 1));
}

/* Takes in the records of one segment; `used` is where they end. */
static status read_segment(struct audit_log *log, uint64_t first, struct report *report,
                           struct bytes *bytes, size_t *used)
{
    char path[SHELF_PATH];
    bool found = false;
    struct record record;
    segment_path(path, first);
    TRY(shelf_read(&log->shelf, path, UINT32_MAX, report, bytes, &found));
    if (!found || !segment_head_is(bytes_str(bytes), first))
        return fail(report, FAULT_CORRUPT, "the log's %s, from entry %llu on, is damaged", path,
                    (ull)first);
    *used = SEGMENT_HEAD_BYTES;
    while (record_next(log->hasher, bytes_str(bytes), log->size, used, &record) == RECORD_GOOD)
        add_entry(log, &record.leaf, record.offset);
    return OK;
}

/* All segments; the last one's bytes stay in `bytes`. Only the last may end early, and not where a
 * later record, the checkpoint or the high-water mark says that more was durable. */
static status read_segments(struct audit_log *log, uint64_t least, struct report *report,
                            struct bytes *bytes)
{
    for (size_t i = 0; i < log->segment_count; i++) {
        if (log->segments[i] != log->size)
            return damaged(log->size, log->segments[i], report);
        TRY(read_segment(log, log->segments[i], report, bytes, &log->used));
    }
    if (log->size < least || segment_attests(log->hasher, bytes_str(bytes), log->used, log->size))
        return damaged(log->size, least, report);
    return OK;
}

static status check_mark(struct audit_log *log, const struct audit_mark *mark, const char *what,
                         struct report *report)
{
    merkle_hash root;
    struct merkle_source source = tiles_source(&log->tiles);
    if (mark->size == 0)
        return OK;
    TRY(merkle_root_at(&source, mark->size, report, &root));
    if (!MERKLE_EQUAL(root, mark->root))
        return fail(report, FAULT_CORRUPT,
                    "the audit log's first %llu entries are not those of its %s; verifying the "
                    "log names the entry",
                    (ull)mark->size, what);
    return OK;
}

status audit_check_mark(struct audit_log *log, const struct audit_mark *mark, struct report *report)
{
    TRY(log_alive(log, report));
    return log->size < mark->size ? damaged(log->size, mark->size, report)
                                  : check_mark(log, mark, "high-water mark", report);
}

/* Behind the last entry that was durable for sure, what is read may stand in the system's memory
 * alone: whoever wrote it was killed before its flush, or that failed, and then only what is
 * written again is flushed again. Behind the last whole record come zeros, so that what is torn
 * never reads as one. */
static status settle_end(struct audit_log *log, uint64_t least, struct bytes *last,
                         struct report *report)
{
    uint64_t first = log->segments[log->segment_count - 1];
    uint64_t sure = least > first ? least : first;
    size_t from = log->size > sure ? log_tail(log, sure)->offset : log->used;
    bool torn = last->len < log->segment_bytes || !segment_is_zero(bytes_str(last), log->used);
    if (from == log->used && !torn)
        return OK;
    size_t end = torn ? last->len : log->used;
    TRY(world_seam(log->world, "log.append", report));
    memset(last->ptr + log->used, 0, last->len - log->used);
    if (!write_all(log->file, last->ptr + from, end - from, from) || fdatasync(log->file) != 0)
        return shelf_fail(report, "cut", "segment");
    return OK;
}

static status read_last_time(struct audit_log *log, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_ENTRY_BYTES + 64);
    struct audit_entry entry;
    str text = {0};
    if (log->size == 0)
        return OK;
    TRY(audit_read(log, log->size - 1, arena, report, &text));
    if (!is_ok(entry_parse(text, report, &entry)))
        return fail(report, FAULT_CORRUPT, "entry %llu of the audit log is no entry",
                    (ull)log->size - 1);
    log->last_time = entry.at;
    return OK;
}

/* A log that begins, or whose beginning stopped before its first segment. */
static status begin_log(struct audit_log *log, uint64_t least, struct report *report)
{
    if (least > 0)
        return damaged(0, least, report);
    if (faccessat(log->shelf.dir, "tile/entries/000", F_OK, 0) == 0)
        return fail(report, FAULT_CORRUPT, "the audit log has bundles and no segments");
    return log_roll(log, 0, report);
}

static status open_last(struct audit_log *log, struct report *report)
{
    char path[SHELF_PATH];
    segment_path(path, log->segments[log->segment_count - 1]);
    log->file = openat(log->shelf.dir, path, O_RDWR | O_CLOEXEC);
    return log->file < 0 ? shelf_fail(report, "open", path) : OK;
}

/* Steps 2 to 4: nothing is changed here, save hash tiles that were missing. */
static status take_in(struct audit_log *log, const struct audit_mark *high_water,
                      struct report *report, struct bytes *last)
{
    TRY(restore_tree(log, log->segments[0], report));
    TRY(read_segments(log, least_size(log, high_water), report, last));
    log->appended = log->tiles.size = log->size;
    TRY(check_mark(log, &log->published.mark, "checkpoint", report));
    TRY(check_mark(log, high_water, "high-water mark", report));
    return read_last_time(log, report);
}

static status recover(struct audit_log *log, const struct audit_mark *high_water,
                      struct report *report, struct bytes *last)
{
    TRY(take_in(log, high_water, report, last));
    TRY(open_last(log, report));
    TRY(settle_end(log, least_size(log, high_water), last, report));
    /* The tiles of the checkpoint on disk, should a crash have lost some. */
    return log->published.mark.size > log->tiles.tiled
               ? log_publish(log, log->published.mark.size, report)
               : OK;
}

static status open_all(struct audit_log *log, const char *dir, const struct audit_config *config,
                       struct report *report, struct bytes *last)
{
    TRY(note_signer_make(config->origin, &config->seed, report, &log->signer));
    TRY(shelf_open(log->world, dir, true, report, &log->shelf));
    TRY(make_folders(&log->shelf, report));
    (void)unlinkat(log->shelf.dir, SEGMENT_SPARE, 0); /* it may be half zeroed */
    TRY(read_checkpoint(log, report));
    TRY(segment_list(&log->shelf, report, &log->segments, &log->segment_count));
    if (log->segment_count == 0)
        return begin_log(log, least_size(log, &config->high_water), report);
    return recover(log, &config->high_water, report, last);
}

status audit_open(const struct world *world, const char *dir, const struct audit_config *config,
                  struct report *report, struct audit_log **log)
{
    size_t segment_bytes = config->segment_bytes == 0 ? AUDIT_SEGMENT_BYTES : config->segment_bytes;
    assert(segment_bytes >= AUDIT_SEGMENT_BYTES_LEAST);
    struct audit_log *opened = calloc(1, sizeof(*opened));
    if (opened == NULL)
        abort();
    opened->world = world;
    opened->segment_bytes = segment_bytes;
    opened->unpublished_most =
        config->unpublished == 0 ? LIMIT_UNPUBLISHED_ENTRIES : config->unpublished;
    opened->file = opened->shelf.dir = -1;
    opened->hasher = hasher_new();
    opened->ids.from = UINT64_MAX;
    opened->tiles.shelf = &opened->shelf;
    opened->tiles.hasher = opened->hasher;
    opened->tiles.owner = opened;
    opened->tiles.tail_leaf = leaf_of;
    opened->whose.shelf = &opened->shelf;
    opened->whose.entries = config->whose_entries == 0 ? WHOSE_ENTRIES : config->whose_entries;

    struct bytes last = {0};
    status got = open_all(opened, dir, config, report, &last);
    bytes_free(&last);
    if (is_ok(got))
        got = whose_open(&opened->whose, &config->seed, config->origin, opened->size, report);
    if (!is_ok(got))
        audit_close(&opened);
    *log = opened;
    return got;
}
