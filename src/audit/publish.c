/* publish.c: what follows a flush: bundles, tiles, the signed checkpoint, recycled segments.
 *
 * All of it is derived from durable entries. A fault leaves memory saying what is on disk, so the
 * next call goes on from there. */
#include "log_internal.h"

enum {
    SEGMENTS_KEPT = 2
}; /* the last, and one before: their bundles have time to reach the disk */

/* Drops what is now in full bundles from the tail. */
static void tail_drop(struct tail *tail, size_t count)
{
    tail->start += count;
    tail->count -= count;
    if (tail->count == 0)
        tail->start = 0;
}

status log_publish(struct audit_log *log, uint64_t size, struct report *report)
{
    struct tiles *tiles = &log->tiles;
    str bundle = {0};
    assert(size <= log->size);
    while (size - tiles->tiled >= TILE_WIDTH) {
        uint64_t before_it = tiles->tiled;
        TRY(log_bundle(log, tiles->tiled / TILE_WIDTH, size, report, &bundle));
        status published = tiles_publish_full(tiles, bundle, report);
        tail_drop(&log->tail, (size_t)(tiles->tiled - before_it));
        TRY(published);
    }
    if (size > tiles->tiled && tiles->edge[0].written != size - tiles->tiled)
        TRY(log_bundle(log, tiles->tiled / TILE_WIDTH, size, report, &bundle));
    return tiles_publish_partial(tiles, size, bundle, report);
}

/* Lets go of segments whose entries lie in full bundles, once these are durable; and has a spare
 * ready before the last segment is full. */
static status keep_segments(struct audit_log *log, struct report *report)
{
    while (log->segment_count > SEGMENTS_KEPT && log->segments[1] <= log->tiles.tiled) {
        uint64_t first = log->segments[0];
        TRY(tiles_sync(&log->tiles, first, log->segments[1], report));
        status retired =
            segment_retire(&log->shelf, first, log->segment_bytes, log->have_spare, report);
        bool had_spare = log->have_spare;
        log->have_spare = had_spare || is_ok(retired);
        TRY(retired);
        log->segment_count--;
        memmove(log->segments, log->segments + 1, log->segment_count * sizeof(*log->segments));
    }
    if (!log->have_spare && log->used > log->segment_bytes / 2) {
        TRY(segment_spare(&log->shelf, log->segment_bytes, report));
        log->have_spare = true;
    }
    return OK;
}

static status sign_and_write(struct audit_log *log, struct report *report)
{
    char memory[CHECKPOINT_BYTES], signed_memory[CHECKPOINT_BYTES];
    struct buf text = buf_over(memory, sizeof(memory));
    struct buf note = buf_over(signed_memory, sizeof(signed_memory));
    struct checkpoint checkpoint = {note_verifier_name(&log->signer.verifier), log->size,
                                    audit_root(log)};
    str finished;
    checkpoint_print(&text, &checkpoint);
    note_sign(&note, buf_str(&text), &log->signer);
    TRY(buf_finish(&note, report, &finished));
    TRY(shelf_write(&log->shelf, "log.checkpoint", "checkpoint", finished, true, report));
    memcpy(log->note, finished.ptr, finished.len);
    log->note_length = finished.len;
    log->mark = (struct audit_mark){checkpoint.size, checkpoint.root};
    return OK;
}

status audit_checkpoint(struct audit_log *log, struct report *report, str *note)
{
    TRY(log_alive(log, report));
    id_set_drop(&log->ids); /* made again when asked for; it must not grow for ever */
    if (log->note_length == 0 || log->mark.size != log->size) {
        TRY(log_publish(log, log->size, report));
        TRY(keep_segments(log, report));
        TRY(sign_and_write(log, report));
    }
    *note = audit_note(log);
    return OK;
}

struct audit_mark audit_mark_of(const struct audit_log *log)
{
    return log->mark;
}

str audit_note(const struct audit_log *log)
{
    return (str){log->note, log->note_length};
}
