/* log_internal: what log.c (append, flush), open.c (recovery), publish.c (checkpoints) and read.c
 * share.
 *
 *   entries   0 ........ tiled ................ size ........ appended
 *             bundles    |<- tail: leaf hash and place in memory ->|
 *                        |<- in segments ------>|<- in memory ---->|
 */
#ifndef VERN_LOG_INTERNAL_H
#define VERN_LOG_INTERNAL_H
#include "audit.h"
#include "known_internal.h"
#include "segment_internal.h"
#include "tiles_internal.h"
#include "whose_internal.h"

struct tail_entry {
    merkle_hash leaf;
    uint32_t offset; /* of the record in its segment; meaningless while it is only in memory */
};

/* Entries not yet in full bundles, from tiles.tiled on; at[start] is the first. */
struct tail {
    struct tail_entry *at;
    size_t start, count, room;
};

/* The set of `x` of the entries from `from` to `to` - 1, and of those appended since it was asked
 * or waiting then; empty and from == UINT64_MAX until asked. */
struct id_set {
    audit_id *at;
    size_t room, count;
    uint64_t from, to;
    instant time; /* of entry `from` */
};

/* Entries that were appended from `from` on lie from `to` on (lift.c). */
struct moved {
    uint64_t from, count, to;
};

struct signed_note {
    char note[CHECKPOINT_BYTES];
    size_t length;
    struct audit_mark mark;
};

struct audit_log {
    const struct world *world;
    struct shelf shelf;
    struct hasher *hasher;
    struct note_signer signer;
    bool poisoned;

    size_t segment_bytes, unpublished_most;
    uint64_t *segments; /* first indices, ascending */
    size_t segment_count;
    int file;    /* the last segment */
    size_t used; /* bytes of it */
    bool have_spare;
    size_t spare_zeroed; /* of the spare that is being made */
    uint64_t synced;     /* bundles of entries before it are durable, so that segments may go */

    uint64_t size, appended;
    instant last_time;
    struct merkle_range range; /* of the durable part */
    struct tail tail;
    struct moved moved;     /* before the last flush */
    struct bytes pending;   /* records of size..appended-1 */
    merkle_hash *manifests; /* written and not flushed yet */
    size_t manifest_count, manifest_room;
    struct known known;
    struct tiles tiles;
    struct id_set ids;
    struct whose whose;
    struct bytes scratch; /* bundles put together from segments */

    struct audit_chore *chore; /* NULL until there was one */
    bool asked;                /* for a checkpoint */

    struct signed_note published, given; /* on disk; since then, to whoever asked for a proof */
};

/* Every call goes through this first. */
MUST_CHECK status log_alive(const struct audit_log *log, struct report *report);
void tail_add(struct tail *tail, const merkle_hash *leaf, size_t offset);
struct tail_entry *log_tail(const struct audit_log *log, uint64_t index);
/* Adds the segment that begins at `first`, from the spare, and makes it the last one. */
MUST_CHECK status log_roll(struct audit_log *log, uint64_t first, struct report *report);

/* Writes tiles and bundles up to `size`; only the full ones; at most so many of them. */
MUST_CHECK status log_publish(struct audit_log *log, uint64_t size, struct report *report);
MUST_CHECK status log_publish_full(struct audit_log *log, uint64_t size, struct report *report);
MUST_CHECK status log_publish_some(struct audit_log *log, uint64_t bundles, struct report *report,
                                   bool *did);
/* What another thread needs of the log to publish entries up to `to`, and what that changes; what
 * it changed, taken in. A copy has no more than that. */
struct audit_log *log_copy_new(const struct audit_log *log, const struct shelf *shelf);
void log_copy_free(struct audit_log *copy);
void log_copy(const struct audit_log *log, uint64_t to, struct audit_log *copy);
void log_take_copy(struct audit_log *log, struct audit_log *copy);
/* Signs the durable size; writes that, once its tiles are there; it is written. */
MUST_CHECK status log_sign(const struct audit_log *log, struct report *report,
                           struct signed_note *made);
MUST_CHECK status log_write_note(const struct audit_log *log, const struct signed_note *made,
                                 struct report *report);
void log_signed(struct audit_log *log, const struct signed_note *made);
/* chore.c: takes in what is being done elsewhere, after waiting for it; the same when the log goes;
 * lets segments go and has a spare, all at once. */
void log_chore_settle(struct audit_log *log);
void log_chore_close(struct audit_log *log);
MUST_CHECK status log_keep_segments(struct audit_log *log, struct report *report);
/* Bundle `n` of a log of `size` entries: from its file when full, else from segments. Valid until
 * the next call. */
MUST_CHECK status log_bundle(struct audit_log *log, uint64_t n, uint64_t size,
                             struct report *report, str *bundle);

/* One durable entry; valid until the next call. */
MUST_CHECK status log_entry(struct audit_log *log, uint64_t index, struct report *report,
                            str *entry);
struct log_visitor {
    audit_visit *visit;
    void *self;
};
/* Shows the durable entries *next..to-1 and moves *next behind the last that was shown. */
MUST_CHECK status log_scan(struct audit_log *log, uint64_t *next, uint64_t to,
                           const struct log_visitor *by, struct report *report, bool *stop);
/* Gathers the rows of the next run of handles; *has says whether there is one to make. */
MUST_CHECK status log_whose_begin(struct audit_log *log, struct whose_made *made,
                                  struct report *report, bool *has);
/* What of it is slow, for any thread: reads the manifests of entries of many. */
void log_whose_fill(const struct shelf *shelf, struct whose_made *made);
/* A manifest's whole file, checked against its root. Any thread that has a hasher. Faults: as
 * audit_manifest_load(). */
struct manifest_name;
MUST_CHECK status manifest_read(const struct shelf *shelf, struct hasher *hasher,
                                const struct manifest_name *name, struct bytes *bytes,
                                struct report *report, str *file);

void id_set_add(struct id_set *ids, const audit_id *id);
void id_set_drop(struct id_set *ids);
bool id_set_asked(const struct id_set *ids);
#endif
