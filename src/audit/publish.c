/* publish.c: what follows a flush: bundles, tiles, the signed checkpoint, recycled segments.
 *
 * All of it is derived from durable entries. A fault leaves memory saying what is on disk, so the
 * next call goes on from there. */
#include <stdlib.h>

#include "log_internal.h"

/* Drops what is now in full bundles from the tail. */
static void tail_drop(struct tail *tail, size_t count)
{
    tail->start += count;
    tail->count -= count;
    if (tail->count == 0)
        tail->start = 0;
}

static status publish_next(struct audit_log *log, uint64_t size, struct report *report)
{
    merkle_hash leaves[TILE_WIDTH];
    uint64_t first = log->tiles.tiled;
    str bundle = {0};
    TRY(log_bundle(log, first / TILE_WIDTH, size, report, &bundle));
    for (size_t i = 0; i < TILE_WIDTH; i++)
        leaves[i] = log_tail(log, first + i)->leaf;
    TRY(tiles_write_full(&log->shelf, first / TILE_WIDTH, bundle, leaves, report));
    status taken = tiles_take_full(&log->tiles, leaves, report);
    tail_drop(&log->tail, (size_t)(log->tiles.tiled - first));
    return taken;
}

status log_publish_full(struct audit_log *log, uint64_t size, struct report *report)
{
    assert(size <= log->size);
    while (size - log->tiles.tiled >= TILE_WIDTH)
        TRY(publish_next(log, size, report));
    return OK;
}

status log_publish_some(struct audit_log *log, uint64_t bundles, struct report *report, bool *did)
{
    uint64_t count = (log->size - log->tiles.tiled) / TILE_WIDTH;
    count = count < bundles ? count : bundles;
    *did |= count > 0;
    return log_publish_full(log, log->tiles.tiled + count * TILE_WIDTH, report);
}

status log_publish(struct audit_log *log, uint64_t size, struct report *report)
{
    struct tiles *tiles = &log->tiles;
    str bundle = {0};
    TRY(log_publish_full(log, size, report));
    if (size > tiles->tiled && tiles->edge[0].written != size - tiles->tiled)
        TRY(log_bundle(log, tiles->tiled / TILE_WIDTH, size, report, &bundle));
    return tiles_publish_partial(tiles, size, bundle, report);
}

/* ---- by another thread: on a copy ---- */

struct audit_log *log_copy_new(const struct audit_log *log, const struct shelf *shelf)
{
    struct audit_log *copy = calloc(1, sizeof(*copy));
    if (copy == NULL)
        abort();
    copy->shelf = *shelf;
    copy->hasher = hasher_new();
    copy->tiles.shelf = &copy->shelf;
    copy->tiles.hasher = copy->hasher;
    copy->tiles.owner = copy;
    copy->tiles.tail_leaf = log->tiles.tail_leaf;
    return copy;
}

static void drop_lists(struct audit_log *copy)
{
    free(copy->tail.at);
    free(copy->segments);
    copy->tail = (struct tail){0};
    copy->segments = NULL;
}

void log_copy_free(struct audit_log *copy)
{
    if (copy == NULL)
        return;
    drop_lists(copy);
    hasher_free(&copy->hasher);
    tiles_free(&copy->tiles);
    bytes_free(&copy->scratch);
    free(copy);
}

static void *copy_of(const void *list, size_t count, size_t each)
{
    void *copy = malloc(count * each + 1);
    if (copy == NULL)
        abort();
    return count == 0 ? copy : memcpy(copy, list, count * each);
}

void log_copy(const struct audit_log *log, uint64_t to, struct audit_log *copy)
{
    size_t count = (size_t)(to - log->tiles.tiled);
    drop_lists(copy);
    copy->tail.at = copy_of(log->tail.at + log->tail.start, count, sizeof(*log->tail.at));
    copy->tail.count = copy->tail.room = count;
    copy->segments = copy_of(log->segments, log->segment_count, sizeof(*log->segments));
    copy->segment_count = log->segment_count;
    copy->size = log->size;
    copy->tiles.size = to;
    copy->tiles.tiled = log->tiles.tiled;
    memcpy(copy->tiles.edge, log->tiles.edge, sizeof(log->tiles.edge));
}

void log_take_copy(struct audit_log *log, struct audit_log *copy)
{
    tail_drop(&log->tail, (size_t)(copy->tiles.tiled - log->tiles.tiled));
    log->tiles.tiled = copy->tiles.tiled;
    memcpy(log->tiles.edge, copy->tiles.edge, sizeof(log->tiles.edge));
    drop_lists(copy);
}

/* ---- the checkpoint ---- */

status log_sign(const struct audit_log *log, struct report *report, struct signed_note *out)
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

status log_write_note(const struct audit_log *log, const struct signed_note *made,
                      struct report *report)
{
    str note = {made->note, made->length};
    return shelf_write(&log->shelf, "log.checkpoint", "checkpoint", note, true, report);
}

void log_signed(struct audit_log *log, const struct signed_note *made)
{
    log->published = *made;
    log->asked = false;
}

static bool is_signed(const struct audit_log *log)
{
    return log->published.length > 0 && log->published.mark.size == log->size;
}

static status sign_and_write(struct audit_log *log, struct report *report)
{
    struct signed_note made;
    TRY(log_publish(log, log->size, report));
    TRY(log_sign(log, report, &made));
    TRY(log_write_note(log, &made, report));
    log_signed(log, &made);
    return OK;
}

status audit_sign(struct audit_log *log, struct report *report, str *note)
{
    TRY(log_alive(log, report));
    id_set_drop(&log->ids); /* made again when asked for; it must not grow for ever */
    log_chore_settle(log);
    if (!is_signed(log))
        TRY(sign_and_write(log, report));
    *note = audit_note(log);
    return OK;
}

void audit_ask(struct audit_log *log)
{
    id_set_drop(&log->ids);
    log->asked = !is_signed(log);
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
            TRY(log_sign(log, report, &log->given));
        made = &log->given;
    }
    *size = made->mark.size;
    *note = (str){made->note, made->length};
    return OK;
}
