/* permit: a decision that has been logged; the only thing that opens the vault.
 *
 *   decision + entry --permit_to_write--> outbox row in the open transaction   --> permit
 *   decision + entry --permit_ask-------> appended --flush--> permit_to_read   --> permit
 *
 * Holds: no permit without a decision that allows and an entry in the log: for reading the entry is
 * durable before the permit exists; for writing it lies in the very transaction that it permits. An
 * entry with a manifest permits of each person what their line allows, and of nobody else.
 * `struct permit` is complete in permit.c only, so nobody else can make one.
 * Does not hold: a permit says nothing about time after its turn; keep none.
 * Memory: permits live in the arena you pass. Threads: one owner.
 */
#ifndef VERN_PERMIT_H
#define VERN_PERMIT_H
#include "audit.h"
#include "decide.h"
#include "manifest.h"

struct permit;

/* What is permitted: one dossier (and, for a matter's change, those it carries along), one action.
 */
struct permit_scope {
    dossier_id dossier;
    enum action action;
    word purpose;
    const struct decision *decision; /* must allow, or allow with duties that are met */
};

/* Where a write's entry goes: the outbox of the open transaction. */
struct permit_sink {
    void *self;
    status (*put)(void *self, dossier_id dossier, record_id entry, str bytes,
                  struct report *report);
};
/* Faults: REFUSED when the decision does not allow; those of the sink; LIMIT. The entry is also
 * appended to `log` (not yet durable), which gives its index. */
MUST_CHECK status permit_to_write(const struct permit_scope *scope, const struct permit_sink *sink,
                                  struct audit_log *log, const struct audit_entry *entry,
                                  struct arena *arena, struct report *report,
                                  const struct permit **permit);

/* One entry for many people: its manifest (manifest.h) says who, and what was decided of each. */
struct permit_many;

/* A read that waits for its entry to be durable. */
struct permit_wait {
    struct permit_scope scope;
    uint64_t index;
    bool asked;
};
/* `sink` where something was written beside it, whose entry stands in the outbox: then this one
 * does, too, so that a crash leaves both or neither. NULL: it stands in the log alone. */
MUST_CHECK status permit_ask(const struct permit_scope *scope, const struct permit_sink *sink,
                             struct audit_log *log, const struct audit_entry *entry,
                             struct report *report, struct permit_wait *wait);
/* Faults: INTERNAL when the entry is not durable yet. */
MUST_CHECK status permit_to_read(const struct permit_wait *wait, const struct audit_log *log,
                                 struct arena *arena, struct report *report,
                                 const struct permit **permit);

/* Of whom it says something: sorted by permit_ask_many(). */
struct permit_list {
    struct manifest_line *lines;
    size_t count;
};
/* The outbox of the open transaction, and the dossier under which the entry of many stands there.
 */
struct permit_book {
    dossier_id dossier;
    const struct permit_sink *sink;
};
/* Writes the manifest and appends the entry that names it. With a `book` it stands in the outbox,
 * too, and permits what is written in that very transaction; NULL: it stands in the log alone.
 * Faults: those of audit_manifest_write(), audit_append() and the sink. */
MUST_CHECK status permit_ask_many(const struct permit_book *book, struct audit_log *log,
                                  struct audit_entry *entry, struct permit_list list,
                                  struct arena *arena, struct report *report,
                                  const struct permit_many **many);
/* What the one entry permits of one person. Faults: REFUSED when the decision, or the manifest's
 * line under this handle, does not allow, or there is no such line. */
MUST_CHECK status permit_ask_line(const struct permit_scope *scope, const struct permit_many *many,
                                  audit_id handle, struct report *report, struct permit_wait *wait);
/* The same for what is written: beside a person for its sake, as what was given, in a later turn
 * than the entry's; or, when it has a book, in its own. Faults: as above; INTERNAL when the entry
 * is neither durable nor in the open transaction. */
MUST_CHECK status permit_write_line(const struct permit_scope *scope,
                                    const struct permit_many *many, audit_id handle,
                                    const struct audit_log *log, struct arena *arena,
                                    struct report *report, const struct permit **permit);
uint64_t permit_many_index(const struct permit_many *many);

dossier_id permit_dossier(const struct permit *permit);
enum action permit_action(const struct permit *permit);
uint64_t permit_index(const struct permit *permit); /* of its entry in the log */
bool permit_writes(const struct permit *permit);
/* Does it open this item of this dossier? */
bool permit_covers(const struct permit *permit, dossier_id dossier, record_id item);

#endif
