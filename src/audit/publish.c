/* publish.c: what follows a flush: bundles, tiles, the signed checkpoint, recycled segments.
 *
 * All of it is derived from durable entries. A fault leaves memory saying what is on disk, so the
 * next call goes on from there. */
#include "log_internal.h"

enum {
    SEGMENTS_KEPT = 2, /* the last, and one before: their bundles have time to reach the disk */
    STEP_BUNDLES = 4   /* that one step writes, or flushes */
};

/* Drops what is now in full bundles from the tail. */
static void tail_drop(struct tail *tail, size_t count)
{
    tail->start += count;
    tail->count -= count;
    if (tail->count == 0)
        tail->start = 0;
}

static status publish_full(struct audit_log *log, uint64_t size, struct report *report)
{
    struct tiles *tiles = &log->tiles;
    uint64_t before_it = tiles->tiled;
    str bundle = {0};
    TRY(log_bundle(log, tiles->tiled / TILE_WIDTH, size, report, &bundle));
    status published = tiles_publish_full(tiles, bundle, report);
    tail_drop(&log->tail, (size_t)(tiles->tiled - before_it));
    return published;
}

status log_publish(struct audit_log *log, uint64_t size, struct report *report)
{
    struct tiles *tiles = &log->tiles;
    str bundle = {0};
    assert(size <= log->size);
    while (size - tiles->tiled >= TILE_WIDTH)
        TRY(publish_full(log, size, report));
    if (size > tiles->tiled && tiles->edge[0].written != size - tiles->tiled)
        TRY(log_bundle(log, tiles->tiled / TILE_WIDTH, size, report, &bundle));
    return tiles_publish_partial(tiles, size, bundle, report);
}

/* Lets go of the first segment once all bundles of its entries are durable, some of them at a time.
 * It becomes the spare where there is none. */
static status retire_first(struct audit_log *log, struct report *report)
{
    uint64_t first = log->segments[0], end = log->segments[1];
    uint64_t from = log->synced > first ? log->synced : first;
    uint64_t to = from + (uint64_t)STEP_BUNDLES * TILE_WIDTH;
    to = to < end ? to : end;
    if (from < end)
        TRY(tiles_sync(&log->tiles, from, to, to == end, report));
    log->synced = to;
    if (to < end)
        return OK;
    bool to_spare = !log->have_spare && log->spare_zeroed == 0;
    TRY(segment_retire(&log->shelf, first, to_spare, report));
    log->segment_count--;
    memmove(log->segments, log->segments + 1, log->segment_count * sizeof(*log->segments));
    return OK;
}

/* Has a spare ready before the last segment is full, zeroed a piece at a time. */
static status zero_spare(struct audit_log *log, struct report *report)
{
    TRY(segment_zero(&log->shelf, log->segment_bytes, &log->spare_zeroed, report));
    log->have_spare = log->spare_zeroed == log->segment_bytes;
    return OK;
}

static status keep_segments(struct audit_log *log, struct report *report, bool *did)
{
    bool retires = log->segment_count > SEGMENTS_KEPT && log->segments[1] <= log->tiles.tiled;
    bool zeroes = !log->have_spare && log->used > log->segment_bytes / 2;
    *did = retires || zeroes;
    if (retires)
        TRY(retire_first(log, report));
    return zeroes ? zero_spare(log, report) : OK;
}

static status sign_now(struct audit_log *log, struct report *report, struct signed_note *out)
{
    char memory[CHECKPOINT_BYTES];
    struct buf text = buf_over(memory, sizeof(memory));
    struct buf note = buf_over(out->note, sizeof(out->note));
    struct checkpoint checkpoint = {note_verifier_name(&log->signer.verifier), log->size,
                                    audit_root(log)};
    str finished;
    checkpoint_print(&text, &checkpoint);
    note_sign(&note, buf_str(&text), &log->signer);
    TRY(buf_finish(&note, report, &finished));
    out->length = finished.len;
    out->mark = (struct audit_mark){checkpoint.size, checkpoint.root};
    return OK;
}

static status sign_and_write(struct audit_log *log, struct report *report)
{
    struct signed_note made;
    TRY(sign_now(log, report, &made));
    str note = {made.note, made.length};
    TRY(shelf_write(&log->shelf, "log.checkpoint", "checkpoint", note, true, report));
    log->published = made;
    return OK;
}

status audit_sign(struct audit_log *log, struct report *report, str *note)
{
    TRY(log_alive(log, report));
    id_set_drop(&log->ids); /* made again when asked for; it must not grow for ever */
    if (log->published.length == 0 || log->published.mark.size != log->size) {
        TRY(log_publish(log, log->size, report));
        TRY(sign_and_write(log, report));
    }
    *note = audit_note(log);
    return OK;
}

status audit_checkpoint(struct audit_log *log, struct report *report, str *note)
{
    TRY(audit_sign(log, report, note));
    for (bool did = true; did;)
        TRY(keep_segments(log, report, &did));
    return OK;
}

struct audit_mark audit_mark_of(const struct audit_log *log)
{
    return log->published.mark;
}

str audit_note(const struct audit_log *log)
{
    return (str){log->published.note, log->published.length};
}

status audit_attest(struct audit_log *log, uint64_t index, struct report *report, uint64_t *size,
                    str *note)
{
    TRY(log_alive(log, report));
    assert(index < log->size);
    const struct signed_note *made = &log->published;
    if (made->mark.size <= index) {
        if (log->given.mark.size <= index)
            TRY(sign_now(log, report, &log->given));
        made = &log->given;
    }
    *size = made->mark.size;
    *note = (str){made->note, made->length};
    return OK;
}

status audit_tend(struct audit_log *log, struct report *report, bool *did)
{
    bool published = false, kept = false, found = false;
    TRY(log_alive(log, report));
    for (int i = 0; i < STEP_BUNDLES && log->size - log->tiles.tiled >= TILE_WIDTH; i++) {
        TRY(publish_full(log, log->size, report));
        published = true;
    }
    TRY(keep_segments(log, report, &kept));
    TRY(log_whose_step(log, report, &found));
    *did = published || kept || found;
    return OK;
}
