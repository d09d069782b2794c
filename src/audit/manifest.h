/* manifest: the list of people behind one bulk entry of the log.
 *
 *   entry n:  ... "mn":3,"mr":"<root>" ...
 *                            |
 *   DIR/manifest/<root hex>: [ handle (16) decision (1) ] [ handle decision ] [ handle decision ]
 *                              sorted by handle, no handle twice, 17 bytes a person
 *
 * Each line is a leaf of a tree as in merkle.h, and the root in the entry commits to all of them;
 * so one line can be proved to somebody without showing them the others.
 *
 * Holds: a manifest is whole when audit_manifest_write() returns, and durable before any entry
 * that is appended after it: audit_flush() flushes first the manifests of all that wait, and their
 * folder once. What audit_manifest_load() gives hashes to the root that was asked for.
 * Does not hold: nothing says that an entry names a manifest; audit_verify() checks the other way.
 * Memory: lines live in the arena you pass. Threads: as the log.
 */
#ifndef VERN_MANIFEST_H
#define VERN_MANIFEST_H
#include "audit.h"

enum { MANIFEST_LINE_BYTES = ID_BYTES + 1 };

struct manifest_line {
    unsigned char handle[ID_BYTES];
    unsigned char decision; /* enum audit_decision */
};
static_assert(sizeof(struct manifest_line) == MANIFEST_LINE_BYTES, "as on disk");

/* Sorts the lines and writes them, unless the same ones are known to lie there. Faults: INVALID for
 * none, an unknown decision or a handle twice; LIMIT over LIMIT_MANIFEST_LINES; STORE, FULL. Seam:
 * log.manifest. */
MUST_CHECK status audit_manifest_write(struct audit_log *log, struct manifest_line *lines,
                                       size_t count, struct report *report, merkle_hash *root);
/* Makes those that wait durable before audit_flush() does: for an entry that stands elsewhere, too,
 * and may come from there after a crash. */
MUST_CHECK status audit_manifest_flush(struct audit_log *log, struct report *report);
/* One that was written elsewhere, whose root is said. CORRUPT when it has another. */
MUST_CHECK status audit_manifest_take(struct audit_log *log, const merkle_hash *root, str lines,
                                      struct report *report);
/* What an entry says of its manifest. */
struct manifest_name {
    merkle_hash root;
    uint32_t lines;
};
/* All lines, checked against the root. Faults: CORRUPT, also where the file is missing or has
 * another length than the entry says; STORE. */
MUST_CHECK status audit_manifest_load(struct audit_log *log, const struct manifest_name *name,
                                      struct arena *arena, struct report *report,
                                      const struct manifest_line **lines);
/* Looks one handle up, of a long manifest without reading the rest, and so without checking it: in
 * memory where it was written or looked into lately. Faults: as above. */
MUST_CHECK status audit_manifest_find(struct audit_log *log, const struct manifest_name *name,
                                      audit_id handle, struct report *report, bool *found,
                                      enum audit_decision *decision);

struct manifest_proof {
    struct manifest_line line;
    uint64_t index, count;
    struct merkle_proof path;
};
/* Proves one handle's line. Faults: NOT_FOUND when the handle is not there; as above. */
MUST_CHECK status audit_manifest_prove(struct audit_log *log, const struct manifest_name *name,
                                       audit_id handle, struct report *report,
                                       struct manifest_proof *proof);
MUST_CHECK bool manifest_proved(struct hasher *hasher, const struct manifest_proof *proof,
                                const merkle_hash *root);

/* The root over lines as they lie in a file; false when they are no manifest. */
MUST_CHECK bool manifest_root(struct hasher *hasher, str file, merkle_hash *root);
/* The same in pieces, for files whose size was looked at: begins at zero, takes the lines up to
 * number `to` of the same file each time. */
struct manifest_pass {
    size_t line;
    struct merkle_range range;
};
MUST_CHECK bool manifest_pass(struct manifest_pass *pass, struct hasher *hasher, str file,
                              size_t to);
void manifest_path(char path[128], const merkle_hash *root);
#endif
