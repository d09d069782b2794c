/* audit: an append-only log that can prove it was not rewritten.
 *
 *   entry --append--> memory --flush--> segment --checkpoint--> bundles, tiles, signed checkpoint
 *                              (durable)              (derived, for others to check)
 *
 *   DIR/checkpoint                    the latest signed note         (C2SP tlog-checkpoint)
 *   DIR/tile/<L>/<N>[.p/<W>]          hashes of the tree             (C2SP tlog-tiles)
 *   DIR/tile/entries/<N>[.p/<W>]      the entries, 256 a bundle
 *   DIR/segment/<first index>         where entries become durable; pre-zeroed, recycled
 *   DIR/manifest/<root>               lists of people of bulk entries (manifest.h)
 *   DIR/whose/<from>-<to>-<tier>      which entries are about whom; made of the log at will
 *
 * Appending keeps the entry in memory; one flush makes all that was appended durable at once. Tiles
 * and bundles follow at a checkpoint and are derived: those of entries that still lie in segments
 * are written anew at open when missing or wrong. A segment is recycled once its entries' bundles
 * are durable, so from then on the bundles are the only copy.
 *
 * Holds: entry n never changes; the root of m is a commitment to the root of n for n <= m; the size
 * never goes back below the checkpoint on disk or the caller's high-water mark; entries parse
 * strictly (entry.h) and their times never go back. After a failed flush every call fails (G1).
 * Does not hold: nothing here hides entries; they carry handles only because their format has no
 * room for more. An unacknowledged entry (appended, flush not yet done) may be there or not after a
 * crash.
 * Memory: what is read lies in the arena you pass. Threads: a log belongs to one thread at a time,
 * save audit_chore_run(); who shares it brings the lock. Start reading at audit_append() in log.c.
 */
#ifndef VERN_AUDIT_H
#define VERN_AUDIT_H
#include "entry.h"
#include "merkle.h"
#include "note.h"

struct audit_log;

/* The size and root that the caller knows the log to have reached. Zero: nothing is known. */
struct audit_mark {
    uint64_t size;
    merkle_hash root;
};

struct audit_config {
    str origin;  /* names the log and its key, as note_name_valid() says */
    secret seed; /* of the Ed25519 key */
    struct audit_mark high_water;
    size_t segment_bytes;   /* 0: 4 MB; tests take less */
    uint64_t whose_entries; /* 0: 2048 in a run of handles; tests take less */
    size_t unpublished;     /* 0: LIMIT_UNPUBLISHED_ENTRIES may wait; likewise */
};

enum { AUDIT_SEGMENT_BYTES = 4 << 20, AUDIT_SEGMENT_BYTES_LEAST = 16 << 10 };

/* Opens the log in `dir`, which is made if missing. An unflushed, torn end is cut back to the last
 * whole entry. Faults: CORRUPT, naming the entry, when one that was durable is missing or damaged,
 * or when the log does not extend the checkpoint on disk or the high-water mark; STORE; FULL;
 * INVALID for an odd origin; KEY when the checkpoint on disk is another key's. */
MUST_CHECK status audit_open(const struct world *world, const char *dir,
                             const struct audit_config *config, struct report *report,
                             struct audit_log **log);
void audit_close(struct audit_log **log); /* fits CLEANUP; takes NULL; flushes nothing */

/* Appends `entry` in memory and gives the index that it will have. An entry whose time lies before
 * the last one's (it was made earlier and waited for its transaction) is kept under the last one's
 * time, with its own as `made`; so what audit_read() gives may differ from what came in.
 * Faults: INVALID for what is no entry; LIMIT when LIMIT_FLUSH_ENTRIES, LIMIT_FLUSH_BYTES or
 * LIMIT_UNPUBLISHED_ENTRIES wait: flush, or let a checkpoint through. `index` may be NULL. */
MUST_CHECK status audit_append(struct audit_log *log, str entry, struct report *report,
                               uint64_t *index);
/* The same with an entry that is not text yet: it is written into `room`, where `text` borrows it,
 * and not read again. */
MUST_CHECK status audit_write(struct audit_log *log, const struct audit_entry *entry,
                              char room[LIMIT_ENTRY_BYTES], struct report *report, str *text,
                              uint64_t *index);
/* The index that the next appended entry will have; the durable size when nothing waits. */
uint64_t audit_pending(const struct audit_log *log);
/* Takes back what was appended from `index` on and is not durable yet: its change was undone. */
void audit_drop(struct audit_log *log, uint64_t index);
/* What was appended and is not durable yet, for whoever keeps it elsewhere, too: first the
 * manifests that were written, then the entries in their order. */
struct audit_keeper {
    void *self;
    status (*manifest)(void *self, const merkle_hash *root, str lines, struct report *report);
    status (*entry)(void *self, uint64_t index, str entry, struct report *report);
};
MUST_CHECK status audit_each_pending(struct audit_log *log, const struct audit_keeper *keeper,
                                     struct report *report);
/* Takes out what was appended and is not durable yet, so that what was appended elsewhere comes
 * first; and appends it again. INTERNAL when a manifest waits. What audit_append() has told of an
 * index then is that of another entry: audit_where() gives the new one, until this is done again.
 */
struct audit_lifted {
    uint64_t from;
    LIST(str) entries;
};
MUST_CHECK status audit_lift(struct audit_log *log, struct arena *arena, struct report *report,
                             struct audit_lifted *lifted);
MUST_CHECK status audit_lower(struct audit_log *log, const struct audit_lifted *lifted,
                              struct report *report);
uint64_t audit_where(const struct audit_log *log, uint64_t index);
/* CORRUPT unless the log has reached this mark, with the entries that it stands for. */
MUST_CHECK status audit_check_mark(struct audit_log *log, const struct audit_mark *mark,
                                   struct report *report);
/* Makes all that was appended durable. On a fault the log is poisoned and must be closed. */
MUST_CHECK status audit_flush(struct audit_log *log, struct report *report);
bool audit_poisoned(const struct audit_log *log);

/* The durable part of the log. */
uint64_t audit_size(const struct audit_log *log);
merkle_hash audit_root(const struct audit_log *log);
/* The latest time of any entry, appended ones included; ms 0 in an empty log. */
instant audit_last_time(const struct audit_log *log);
const struct note_verifier *audit_verifier(const struct audit_log *log);

/* Writes what tiles and bundles the durable size asks for, signs a checkpoint and writes it
 * durably; `note` is valid until the next call. The caller then stores audit_mark_of() as its
 * high-water mark. A fault leaves the log in order: try again later. Faults: STORE, FULL, CORRUPT.
 */
MUST_CHECK status audit_sign(struct audit_log *log, struct report *report, str *note);
/* The same, and lets go of the segments that are needed no more, which audit_tend() does piece by
 * piece. */
MUST_CHECK status audit_checkpoint(struct audit_log *log, struct report *report, str *note);
/* Asks for one: a chore that begins later signs what is durable then, and audit_mark_of() tells
 * when it is on disk. Nothing is written here. */
void audit_ask(struct audit_log *log);
/* Size and root of the latest checkpoint; zero when there is none. */
struct audit_mark audit_mark_of(const struct audit_log *log);
/* The latest checkpoint note; empty when there is none. */
str audit_note(const struct audit_log *log);
/* A signed checkpoint that covers the durable entry `index`, for its proof, and its size: the
 * latest, or one that is signed now and given out before its tiles are there; audit_sign()
 * publishes what extends it. `note` is valid until the next call. */
MUST_CHECK status audit_attest(struct audit_log *log, uint64_t index, struct report *report,
                               uint64_t *size, str *note);

/* One small step of what follows a flush when nobody waits: full bundles and their tiles, segments
 * that go, a spare one, runs of handles, a piece of sixteen that become one. *did says whether
 * there was something to do. A fault leaves the log in order: try again later. */
MUST_CHECK status audit_tend(struct audit_log *log, struct report *report, bool *did);
/* The same for whoever has another thread: a chore is decided here (NULL: there is none, or one is
 * out), run by any thread while the log goes on, and ended here, once, also when the log was closed
 * meanwhile. What needs the files whole (audit_sign(), a full segment, a close) waits until it ran.
 */
struct audit_chore;
MUST_CHECK status audit_chore_begin(struct audit_log *log, struct report *report,
                                    struct audit_chore **chore);
void audit_chore_run(struct audit_chore *chore);
MUST_CHECK status audit_chore_end(struct audit_chore *chore, struct report *report);

/* Reads a durable entry. Faults: NOT_FOUND past the end, CORRUPT, STORE, LIMIT. */
MUST_CHECK status audit_read(struct audit_log *log, uint64_t index, struct arena *arena,
                             struct report *report, str *entry);
/* Calls `visit` for each durable entry from `from` on, until it gives a fault (which is handed on)
 * or sets *stop. The entry is borrowed for the call, in which
 * only manifests may be read of the same log. */
typedef status audit_visit(void *self, uint64_t index, str entry, struct report *report,
                           bool *stop);
MUST_CHECK status audit_scan(struct audit_log *log, uint64_t from, audit_visit *visit, void *self,
                             struct report *report);
/* As audit_scan() from *next on, for whoever looks for people: shows each entry that has one of the
 * handles as its subject or in its manifest, and may show others. It reads these people's entries
 * and not the log, save where no run of handles covers it yet. Moves *next behind what was looked
 * at: to the durable size when nothing stopped it. */
struct audit_people {
    const audit_id *handles;
    size_t count;
};
MUST_CHECK status audit_scan_whose(struct audit_log *log, const struct audit_people *people,
                                   uint64_t *next, audit_visit *visit, void *self,
                                   struct report *report);
/* The same from the entry before *before down to the first: the newest first. Moves *before down to
 * the last that was looked at: to 0 when nothing stopped it. */
MUST_CHECK status audit_scan_whose_back(struct audit_log *log, const struct audit_people *people,
                                        uint64_t *before, audit_visit *visit, void *self,
                                        struct report *report);
/* Is an entry with this `x` in the log, appended ones included, given that it was made at `made`?
 * Exact: the log's times are never earlier than the entries' own. It reads on from the entries of
 * that time until it finds it, so that only what is not there takes reading to the end. */
MUST_CHECK status audit_contains_id(struct audit_log *log, audit_id random, instant made,
                                    struct report *report, bool *present);

/* Proofs over the durable part. Faults: INVALID when there is no such proof; CORRUPT, STORE. */
MUST_CHECK status audit_prove(struct audit_log *log, uint64_t index, uint64_t size,
                              struct report *report, struct merkle_proof *proof);
MUST_CHECK status audit_prove_consistency(struct audit_log *log, uint64_t old_size, uint64_t size,
                                          struct report *report, struct merkle_proof *proof);
MUST_CHECK status audit_root_at(struct audit_log *log, uint64_t size, struct report *report,
                                merkle_hash *root);
#endif
