/* log.c: appending and flushing.
 *
 * Appending only touches memory, so a fault there leaves the log as it was. Flushing writes the
 * records in as few writes as there are segments to write to, and flushes each before the next
 * begins; so only the last segment can have a torn end. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "log_internal.h"
#include "manifest.h"

status log_alive(const struct audit_log *log, struct report *report)
{
    if (log->poisoned)
        return fail(report, FAULT_STORE,
                    "the audit log could not be flushed; nothing more is "
                    "answered until it is opened anew");
    return OK;
}

bool audit_poisoned(const struct audit_log *log)
{
    return log->poisoned;
}

uint64_t audit_size(const struct audit_log *log)
{
    return log->size;
}

merkle_hash audit_root(const struct audit_log *log)
{
    return merkle_range_root(&log->range, log->hasher);
}

instant audit_last_time(const struct audit_log *log)
{
    return log->last_time;
}

const struct note_verifier *audit_verifier(const struct audit_log *log)
{
    return &log->signer.verifier;
}

void tail_add(struct tail *tail, const merkle_hash *leaf, size_t offset)
{
    if (tail->start + tail->count == tail->room) {
        if (tail->start > tail->room / 2) {
            memmove(tail->at, tail->at + tail->start, tail->count * sizeof(*tail->at));
            tail->start = 0;
        } else {
            tail->room = tail->room == 0 ? 1024 : tail->room * 2;
            tail->at = realloc(tail->at, tail->room * sizeof(*tail->at));
            if (tail->at == NULL)
                abort();
        }
    }
    tail->at[tail->start + tail->count++] = (struct tail_entry){*leaf, (uint32_t)offset};
}

struct tail_entry *log_tail(const struct audit_log *log, uint64_t index)
{
    assert(index >= log->tiles.tiled);
    assert(index - log->tiles.tiled < log->tail.count);
    return &log->tail.at[log->tail.start + (size_t)(index - log->tiles.tiled)];
}

static status append_checked(struct audit_log *log, str text, const struct audit_entry *entry,
                             struct report *report)
{
    if (log->appended - log->size >= LIMIT_FLUSH_ENTRIES ||
        log->pending.len + text.len + RECORD_HEAD_BYTES > LIMIT_FLUSH_BYTES)
        return fail(report, FAULT_LIMIT, "too many audit entries wait for one flush");
    if (log->tail.count >= log->unpublished_most)
        return fail(report, FAULT_LIMIT, "too many audit entries wait for a checkpoint");
    merkle_hash leaf = merkle_leaf(log->hasher, text);
    record_add(&log->pending, log->appended, log->size, text, &leaf);
    tail_add(&log->tail, &leaf, 0);
    if (id_set_asked(&log->ids))
        id_set_add(&log->ids, &entry->random);
    whose_note(&log->whose, log->appended, entry);
    log->last_time = entry->at;
    log->appended++;
    return OK;
}

/* An entry that waited for its transaction comes under the last entry's time and keeps its own. */
static status append_late(struct audit_log *log, const struct audit_entry *entry,
                          struct report *report)
{
    char memory[LIMIT_ENTRY_BYTES];
    struct buf buf = buf_over(memory, sizeof(memory));
    struct audit_entry late = *entry;
    if (late.made.ms == 0)
        late.made = late.at;
    late.at = log->last_time;
    TRY(entry_write(&buf, &late, report));
    return append_checked(log, buf_str(&buf), &late, report);
}

static status append(struct audit_log *log, str text, const struct audit_entry *entry,
                     struct report *report, uint64_t *index)
{
    if (index != NULL)
        *index = log->appended;
    return before(entry->at, log->last_time) ? append_late(log, entry, report)
                                             : append_checked(log, text, entry, report);
}

status audit_append(struct audit_log *log, str text, struct report *report, uint64_t *index)
{
    struct audit_entry entry;
    TRY(log_alive(log, report));
    if (!is_ok(entry_parse(text, report, &entry)))
        return fail(report, FAULT_INVALID, "only audit entries go into the log");
    return append(log, text, &entry, report, index);
}

status audit_write(struct audit_log *log, const struct audit_entry *entry,
                   char room[LIMIT_ENTRY_BYTES], struct report *report, str *text, uint64_t *index)
{
    struct buf buf = buf_over(room, LIMIT_ENTRY_BYTES);
    TRY(log_alive(log, report));
    TRY(entry_write(&buf, entry, report));
    *text = buf_str(&buf);
    return append(log, *text, entry, report, index);
}

status log_roll(struct audit_log *log, uint64_t first, struct report *report)
{
    if (!log->have_spare) /* it may be under way */
        log_chore_settle(log);
    while (log->spare_zeroed < log->segment_bytes)
        TRY(segment_zero(&log->shelf, log->segment_bytes, &log->spare_zeroed, report));
    log->have_spare = true;
    int file = -1;
    TRY(segment_begin(&log->shelf, first, report, &file));
    log->have_spare = false;
    log->spare_zeroed = 0;
    if (log->file >= 0)
        close(log->file);
    log->file = file;
    log->used = SEGMENT_HEAD_BYTES;
    log->segments = realloc(log->segments, (log->segment_count + 1) * sizeof(*log->segments));
    if (log->segments == NULL)
        abort();
    log->segments[log->segment_count++] = first;
    return OK;
}

/* Finds how many records from `from` on fit into `room` bytes and notes where each will lie. */
static size_t place_records(struct audit_log *log, size_t from, uint64_t *index, size_t room)
{
    size_t at = from;
    while (at < log->pending.len) {
        str head = {log->pending.ptr + at + 8, 2};
        struct reader reader = reader_over(head);
        size_t record = RECORD_HEAD_BYTES + (size_t)read_be16(&reader);
        if (at - from + record > room)
            break;
        log_tail(log, *index)->offset = (uint32_t)(log->used + at - from);
        (*index)++;
        at += record;
    }
    return at - from;
}

static status write_records(struct audit_log *log, size_t from, size_t count, struct report *report)
{
    TRY(world_seam(log->world, "log.append", report));
    if (!write_all(log->file, log->pending.ptr + from, count, log->used))
        return shelf_fail(report, "write", "segment");
    log->used += count;
    TRY(world_seam(log->world, "log.flush", report));
    if (fdatasync(log->file) != 0)
        return shelf_fail(report, "flush", "segment");
    return OK;
}

static status flush_pending(struct audit_log *log, struct report *report)
{
    uint64_t index = log->size;
    for (size_t at = 0; at < log->pending.len;) {
        size_t room = log->used < log->segment_bytes ? log->segment_bytes - log->used : 0;
        size_t count = place_records(log, at, &index, room);
        if (count == 0) {
            TRY(log_roll(log, index, report));
            continue;
        }
        TRY(write_records(log, at, count, report));
        at += count;
    }
    assert(index == log->appended);
    return OK;
}

status audit_flush(struct audit_log *log, struct report *report)
{
    TRY(log_alive(log, report));
    if (log->pending.len == 0)
        return OK;
    status flushed = audit_manifest_flush(log, report); /* no entry is there before its manifest */
    if (is_ok(flushed))
        flushed = flush_pending(log, report);
    log->poisoned = !is_ok(flushed);
    if (log->poisoned)
        return flushed;
    for (; log->size < log->appended; log->size++)
        merkle_range_add(&log->range, log->hasher, &log_tail(log, log->size)->leaf);
    log->tiles.size = log->size;
    log->pending.len = 0;
    known_flushed(&log->known);
    return OK;
}

void audit_close(struct audit_log **log)
{
    if (*log == NULL)
        return;
    struct audit_log *closing = *log;
    log_chore_close(closing);
    if (closing->file >= 0)
        close(closing->file);
    shelf_close(&closing->shelf);
    note_signer_wipe(&closing->signer);
    hasher_free(&closing->hasher);
    tiles_free(&closing->tiles);
    bytes_free(&closing->pending);
    bytes_free(&closing->scratch);
    id_set_drop(&closing->ids);
    whose_close(&closing->whose);
    known_free(&closing->known);
    free(closing->manifests);
    free(closing->tail.at);
    free(closing->segments);
    free(closing);
    *log = NULL;
}
