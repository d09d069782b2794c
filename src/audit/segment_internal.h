/* segment_internal: the files in which entries become durable.
 *
 *   head (16)            record             record                 zeros to the end
 *   "vernseg1" be64 first | be32 index be32 durable be16 length be64 check, entry | ... | 0 0 0 ...
 *
 *   index    low 32 bits of the entry's number
 *   durable  low 32 bits of the log's durable size when the record was made. Whoever finds a
 * damaged record and, behind it, one that says the first was durable, knows that this is no torn
 *            end but damage.
 *   check    first 8 bytes of the entry's leaf hash, xor (index, durable)
 *
 * The check finds accidents, the tree finds intent. */
#ifndef VERN_SEGMENT_INTERNAL_H
#define VERN_SEGMENT_INTERNAL_H
#include "merkle.h"
#include "shelf_internal.h"

enum { SEGMENT_HEAD_BYTES = 16, RECORD_HEAD_BYTES = 18, SEGMENT_NAME_DIGITS = 20 };
#define SEGMENT_SPARE "segment/spare"
#define SEGMENT_MAGIC STR("vernseg1")

struct record {
    str entry;
    merkle_hash leaf;
    size_t offset; /* of the record in its segment */
};

enum record_state { RECORD_GOOD, RECORD_END, RECORD_BAD };

void record_add(struct bytes *bytes, uint64_t index, uint64_t durable, str entry,
                const merkle_hash *leaf);
/* Reads the record at *at, which must be of entry `index`, and moves *at behind it. END means that
 * nothing was written here. */
enum record_state record_next(struct hasher *hasher, str segment, uint64_t index, size_t *at,
                              struct record *record);
/* Does a whole record behind `from` say that entry `index` was durable when it was written? */
bool segment_attests(struct hasher *hasher, str segment, size_t from, uint64_t index);
bool segment_is_zero(str segment, size_t from);
bool segment_head_is(str segment, uint64_t first);

void segment_path(char path[SHELF_PATH], uint64_t first);
/* The segments that are there, by their first index, ascending; names that are none are left out.
 * The array is malloc's. */
MUST_CHECK status segment_list(const struct shelf *shelf, struct report *report, uint64_t **firsts,
                               size_t *count);
/* Makes the spare, zeros of `size` bytes, a piece at a time: goes on at *zeroed, which is 0 at
 * first. When it has come to `size` the file is flushed. Seam: log.segment. */
MUST_CHECK status segment_zero(const struct shelf *shelf, size_t size, size_t *zeroed,
                               struct report *report);
/* Turns the spare into the segment that starts at `first` and opens it. Seam: log.segment. */
MUST_CHECK status segment_begin(const struct shelf *shelf, uint64_t first, struct report *report,
                                int *file);
/* Makes the segment the spare, yet to be zeroed, or removes it. Seam: log.segment. */
MUST_CHECK status segment_retire(const struct shelf *shelf, uint64_t first, bool to_spare,
                                 struct report *report);
#endif
