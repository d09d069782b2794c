/* read.c: reading entries back, from bundles where they are full and from segments otherwise, and
 * finding an entry by its random id. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "log_internal.h"

static void close_file(int *file)
{
    if (*file >= 0)
        close(*file);
}

static status read_range(int file, struct bytes *bytes, size_t offset, size_t count,
                         struct report *report)
{
    return read_part(file, bytes, offset, count) ? OK : shelf_fail(report, "read", "segment");
}

/* Reads the records of entries from..to-1, which lie in one segment, behind one another. */
static status read_records(const struct audit_log *log, uint64_t segment, uint64_t from,
                           uint64_t to, struct bytes *bytes, struct report *report)
{
    char path[SHELF_PATH];
    segment_path(path, segment);
    CLEANUP(close_file) int file = openat(log->shelf.dir, path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return shelf_fail(report, "open", path);
    size_t start = log_tail(log, from)->offset, last = log_tail(log, to - 1)->offset;
    bytes->len = 0;
    TRY(read_range(file, bytes, last, RECORD_HEAD_BYTES, report));
    struct reader reader = reader_over((str){bytes->ptr + 8, 2});
    size_t end = last + RECORD_HEAD_BYTES + (size_t)read_be16(&reader);
    bytes->len = 0;
    return read_range(file, bytes, start, end - start, report);
}

/* The segment that entry `index` lies in, and the first index behind that segment. */
static uint64_t segment_of(const struct audit_log *log, uint64_t index, uint64_t *end)
{
    size_t i = log->segment_count - 1;
    *end = log->size;
    for (; i > 0 && log->segments[i] > index; i--)
        *end = log->segments[i];
    return log->segments[i];
}

static void add_to_bundle(struct bytes *bundle, str entry)
{
    char memory[2];
    struct buf length = buf_over(memory, sizeof(memory));
    buf_be16(&length, (uint16_t)entry.len);
    bytes_add(bundle, buf_str(&length));
    bytes_add(bundle, entry);
}

/* After an opening, the first entries of the tail may lie before the first segment: their full
 * bundle is there, or the segment that held them would be. */
static status gather_before_segments(struct audit_log *log, uint64_t *from, uint64_t to,
                                     struct report *report)
{
    str bundle = {0}, entry;
    uint64_t index = *from - *from % TILE_WIDTH;
    TRY(tiles_bundle(&log->tiles, index / TILE_WIDTH, report, &bundle));
    for (; *from < to && bundle_next(&bundle, &entry); index++) {
        if (index < *from)
            continue;
        add_to_bundle(&log->scratch, entry);
        (*from)++;
    }
    return OK;
}

/* Takes entries *from..to-1 from one segment, each checked against its leaf hash. */
static status gather_segment(struct audit_log *log, uint64_t segment, uint64_t *from, uint64_t to,
                             struct report *report)
{
    struct bytes *records = &log->tiles.scratch;
    struct record record;
    size_t at = 0;
    TRY(read_records(log, segment, *from, to, records, report));
    for (; *from < to; (*from)++) {
        if (record_next(log->hasher, bytes_str(records), *from, &at, &record) != RECORD_GOOD ||
            !MERKLE_EQUAL(record.leaf, log_tail(log, *from)->leaf))
            return fail(report, FAULT_CORRUPT, "entry %llu of the audit log is damaged",
                        (unsigned long long)*from);
        add_to_bundle(&log->scratch, record.entry);
    }
    return OK;
}

/* Puts entries from..to-1 of the tail together as a bundle. */
static status gather(struct audit_log *log, uint64_t from, uint64_t to, struct report *report)
{
    uint64_t first = log->segments[0];
    log->scratch.len = 0;
    if (from < first)
        TRY(gather_before_segments(log, &from, first < to ? first : to, report));
    while (from < to) {
        uint64_t end, segment = segment_of(log, from, &end);
        TRY(gather_segment(log, segment, &from, end < to ? end : to, report));
    }
    return OK;
}

status log_bundle(struct audit_log *log, uint64_t n, uint64_t size, struct report *report,
                  str *bundle)
{
    uint64_t from = n * TILE_WIDTH, to = from + TILE_WIDTH < size ? from + TILE_WIDTH : size;
    if (from + TILE_WIDTH <= log->tiles.tiled)
        return tiles_bundle(&log->tiles, n, report, bundle);
    TRY(gather(log, from, to, report));
    *bundle = bytes_str(&log->scratch);
    return OK;
}

status log_entry(struct audit_log *log, uint64_t index, struct report *report, str *entry)
{
    if (index < log->tiles.tiled)
        return tiles_entry(&log->tiles, index, report, entry);
    TRY(gather(log, index, index + 1, report));
    str bundle = bytes_str(&log->scratch);
    (void)bundle_next(&bundle, entry);
    return OK;
}

status audit_read(struct audit_log *log, uint64_t index, struct arena *arena, struct report *report,
                  str *entry)
{
    str found = {0};
    TRY(log_alive(log, report));
    if (index >= log->size)
        return fail(report, FAULT_NOT_FOUND, "the audit log has no entry %llu",
                    (unsigned long long)index);
    TRY(log_entry(log, index, report, &found));
    *entry = arena_copy(arena, found);
    return entry->ptr == NULL ? NO_MEMORY(report) : OK;
}

status log_scan(struct audit_log *log, uint64_t *next, uint64_t to, const struct log_visitor *by,
                struct report *report, bool *stop)
{
    uint64_t from = *next;
    for (uint64_t n = from / TILE_WIDTH; *next < to && !*stop; n++) {
        str bundle = {0}, entry;
        TRY(log_bundle(log, n, log->size, report, &bundle));
        for (uint64_t i = n * TILE_WIDTH; i < to && !*stop && bundle_next(&bundle, &entry); i++) {
            if (i < from)
                continue;
            TRY(by->visit(by->self, i, entry, report, stop));
            *next = i + 1;
        }
    }
    return OK;
}

status audit_scan(struct audit_log *log, uint64_t from, audit_visit *visit, void *self,
                  struct report *report)
{
    bool stop = false;
    struct log_visitor by = {visit, self};
    TRY(log_alive(log, report));
    return log_scan(log, &from, log->size, &by, report, &stop);
}

/* ---- entries by their random id ---- */

bool id_set_asked(const struct id_set *ids)
{
    return ids->from != UINT64_MAX;
}

void id_set_drop(struct id_set *ids)
{
    free(ids->at);
    *ids = (struct id_set){.from = UINT64_MAX};
}

/* The place of `id`, or the free place where it belongs. The bytes are random, so they hash
 * themselves. */
static audit_id *id_place(const struct id_set *ids, const audit_id *id)
{
    uint64_t hash;
    memcpy(&hash, id->bytes, sizeof(hash));
    size_t at = (size_t)hash & (ids->room - 1);
    while (!ID_IS_ZERO(ids->at[at]) && !ID_EQUAL(ids->at[at], *id))
        at = (at + 1) & (ids->room - 1);
    return &ids->at[at];
}

static void id_set_grow(struct id_set *ids)
{
    struct id_set grown = *ids;
    grown.room = ids->room == 0 ? 1024 : ids->room * 2;
    grown.at = calloc(grown.room, sizeof(*grown.at));
    if (grown.at == NULL)
        abort();
    for (size_t i = 0; i < ids->room; i++)
        if (!ID_IS_ZERO(ids->at[i]))
            *id_place(&grown, &ids->at[i]) = ids->at[i];
    free(ids->at);
    *ids = grown;
}

void id_set_add(struct id_set *ids, const audit_id *id)
{
    if (ids->count * 2 >= ids->room)
        id_set_grow(ids);
    audit_id *place = id_place(ids, id);
    ids->count += ID_IS_ZERO(*place);
    *place = *id;
}

static status add_text(struct audit_log *log, str text, struct report *report, instant *time)
{
    struct audit_entry entry;
    TRY(entry_parse(text, report, &entry));
    id_set_add(&log->ids, &entry.random);
    *time = entry.at;
    return OK;
}

/* Where the bundle begins from which on all entries are of `made` or later. */
static status first_bundle_since(struct audit_log *log, instant made, struct report *report,
                                 uint64_t *from)
{
    uint64_t low = 0, high = (log->size + TILE_WIDTH - 1) / TILE_WIDTH;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct audit_entry entry;
        str text = {0};
        TRY(log_entry(log, middle * TILE_WIDTH, report, &text));
        TRY(entry_parse(text, report, &entry));
        if (before(entry.at, made))
            low = middle + 1;
        else
            high = middle;
    }
    *from = low * TILE_WIDTH < log->size ? low * TILE_WIDTH : log->size;
    return OK;
}

/* Begins with what waits for its flush. */
static status ask_ids(struct audit_log *log, instant made, struct report *report)
{
    struct record record;
    instant time;
    size_t at = 0;
    uint64_t from;
    TRY(first_bundle_since(log, made, report, &from));
    log->ids.from = log->ids.to = from;
    log->ids.time = log->last_time; /* no earlier than that of `from` */
    for (uint64_t i = log->size; i < log->appended; i++) {
        if (record_next(log->hasher, bytes_str(&log->pending), i, &at, &record) != RECORD_GOOD)
            return fail(report, FAULT_INTERNAL, "an appended audit entry was lost");
        TRY(add_text(log, record.entry, report, &time));
    }
    return OK;
}

/* Adds entries from..to-1, which lie in one bundle; `first` is the time of the first. */
static status add_bundle(struct audit_log *log, uint64_t from, uint64_t to, struct report *report,
                         instant *first)
{
    str bundle = {0}, entry;
    instant time;
    uint64_t i = from - from % TILE_WIDTH;
    TRY(log_bundle(log, i / TILE_WIDTH, log->size, report, &bundle));
    for (; i < to && bundle_next(&bundle, &entry); i++) {
        TRY(add_text(log, entry, report, &time));
        if (i == from)
            *first = time;
    }
    return OK;
}

static status add_before(struct audit_log *log, struct report *report)
{
    struct id_set *ids = &log->ids;
    uint64_t from = (ids->from - 1) - (ids->from - 1) % TILE_WIDTH;
    TRY(add_bundle(log, from, ids->from, report, &ids->time));
    ids->from = from;
    return OK;
}

static status add_behind(struct audit_log *log, struct report *report)
{
    struct id_set *ids = &log->ids;
    uint64_t end = ids->to - ids->to % TILE_WIDTH + TILE_WIDTH;
    uint64_t to = end < log->size ? end : log->size;
    instant first;
    TRY(add_bundle(log, ids->to, to, report, &first));
    ids->to = to;
    return OK;
}

static bool id_set_has(const struct id_set *ids, const audit_id *id)
{
    return ids->room > 0 && !ID_IS_ZERO(*id) && !ID_IS_ZERO(*id_place(ids, id));
}

status audit_contains_id(struct audit_log *log, audit_id random, instant made,
                         struct report *report, bool *present)
{
    TRY(log_alive(log, report));
    *present = false;
    if (!id_set_asked(&log->ids))
        TRY(ask_ids(log, made, report));
    while (log->ids.from > 0 && !before(log->ids.time, made))
        TRY(add_before(log, report));
    while (log->ids.to < log->size && !id_set_has(&log->ids, &random))
        TRY(add_behind(log, report));
    *present = id_set_has(&log->ids, &random);
    return OK;
}

/* ---- proofs ---- */

static status within(const struct audit_log *log, uint64_t size, struct report *report)
{
    TRY(log_alive(log, report));
    if (size > log->size)
        return fail(report, FAULT_INVALID, "the audit log has %llu entries, not %llu",
                    (unsigned long long)log->size, (unsigned long long)size);
    return OK;
}

status audit_prove(struct audit_log *log, uint64_t index, uint64_t size, struct report *report,
                   struct merkle_proof *proof)
{
    struct merkle_source source = tiles_source(&log->tiles);
    TRY(within(log, size, report));
    return merkle_prove_inclusion(&source, index, size, report, proof);
}

status audit_prove_consistency(struct audit_log *log, uint64_t old_size, uint64_t size,
                               struct report *report, struct merkle_proof *proof)
{
    struct merkle_source source = tiles_source(&log->tiles);
    TRY(within(log, size, report));
    return merkle_prove_consistency(&source, old_size, size, report, proof);
}

status audit_root_at(struct audit_log *log, uint64_t size, struct report *report, merkle_hash *root)
{
    struct merkle_source source = tiles_source(&log->tiles);
    TRY(within(log, size, report));
    return merkle_root_at(&source, size, report, root);
}
