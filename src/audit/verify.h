/* verify: checks a log from its files alone, trusting only the key that you bring.
 *
 *   bundles --> leaf hashes == tile/0 --> roots == tile/1 --> ... --> root == signed checkpoint
 *                                                             |
 *                              root at an earlier size == a checkpoint that you kept elsewhere
 *
 * Everything is computed anew; tiles are only compared, so that damage is found where it is. Also
 * checked: each entry is strictly an entry, times never go back, each manifest is there and whole,
 * and what still lies in segments is the same as in the bundles.
 *
 * It can be done in steps while the log goes on: what is verified is the log as its checkpoint said
 * when that began.
 *
 * Holds: a log that passes is, entry for entry, what its key signed; and with an earlier
 * checkpoint, extends that. Does not hold: without a checkpoint from outside, whoever has the key
 * could have made the whole log anew; `outside` says so. Memory and threads: nothing is kept but
 * what a struct audit_check holds, at most a segment and a tile for each level.
 */
#ifndef VERN_VERIFY_H
#define VERN_VERIFY_H
#include "audit.h"

struct audit_verdict {
    uint64_t size; /* of the signed checkpoint */
    merkle_hash root;
    instant first_time, last_time;
    uint64_t unsigned_entries; /* durable and well formed, behind the checkpoint */
    bool torn_end; /* behind them lies the rest of a write that was never acknowledged */
    uint64_t manifests;
    bool outside; /* an earlier checkpoint was given, and the log extends it */
    uint64_t outside_size;
    bool names_entry; /* on CORRUPT: `entry` is the first one that is damaged */
    uint64_t entry;
};

/* `verifier_key` as note_verifier_print() gives it; `earlier` is a checkpoint note of the same log
 * or empty. Faults: CORRUPT, with the entry in the verdict where there is one to name; SYNTAX for
 * the key or the earlier note; KEY when a note is another key's; STORE. */
MUST_CHECK status audit_verify(const struct world *world, const char *dir, str verifier_key,
                               str earlier, struct report *report, struct audit_verdict *verdict);

/* The same for whoever has other things to do meanwhile: begin, step until there is no more or a
 * fault, end. A step is one bundle of 256 entries, or about as much work on a manifest or a
 * segment: some 0.3 ms. Between two of them the log may grow, be signed anew and let segments go,
 * by the thread that steps. Faults: as above. */
struct audit_check;
MUST_CHECK status audit_check_begin(const struct world *world, const char *dir, str verifier_key,
                                    str earlier, struct report *report, struct audit_check **check);
MUST_CHECK status audit_check_step(struct audit_check *check, struct report *report, bool *more);
void audit_check_end(struct audit_check **check); /* fits CLEANUP; takes NULL */
/* What has been found so far. */
const struct audit_verdict *audit_check_verdict(const struct audit_check *check);
#endif
