/* publish.c: what follows a flush: bundles, tiles, the signed checkpoint, recycled segments.
 *
 * All of it is derived from durable entries. A fault leaves memory saying what is on disk, so the
 * next call goes on from there. */
#include "log_internal.h"

/* Drops what is now in full bundles from the tail. */
static void tail_drop(struct tail *tail, size_t count)
{
    tail->start += count;
    tail->count -= count;
    if (tail->count == 0)
        tail->start = 0;
}

void log_leaves(const struct audit_log *log, uint64_t first, merkle_hash leaves[TILE_WIDTH])
{
    for (size_t i = 0; i < TILE_WIDTH; i++)
        leaves[i] = log_tail(log, first + i)->leaf;
}

status log_take_full(struct audit_log *log, const merkle_hash *leaves, struct report *report)
{
    uint64_t before_it = log->tiles.tiled;
    status taken = tiles_take_full(&log->tiles, leaves, report);
    tail_drop(&log->tail, (size_t)(log->tiles.tiled - before_it));
    return taken;
}

static status publish_full(struct audit_log *log, uint64_t size, struct report *report)
{
    merkle_hash leaves[TILE_WIDTH];
    uint64_t first = log->tiles.tiled;
    str bundle = {0};
    TRY(log_bundle(log, first / TILE_WIDTH, size, report, &bundle));
    log_leaves(log, first, leaves);
    TRY(tiles_write_full(&log->shelf, first / TILE_WIDTH, bundle, leaves, report));
    return log_take_full(log, leaves, report);
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
    log_chore_settle(log);
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
    return log_keep_segments(log, report);
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
