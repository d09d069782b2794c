/* The log of a register that several servers may serve, one after the other. Its entries are kept
 * with the data, each in the transaction of what it tells; the files of the log are made of them.
 *
 *   entries of a turn --> rows, with their effects: COMMIT --> segment, tiles, checkpoint
 *                                |                               of the server that serves
 *                                `-- at a start: what the files of this server lack
 *
 * In a turn that several servers share entries are all that is written. Who ends one holds the row
 * of turns, takes in what others have added, and puts its own entries behind that:
 *
 *   lock, read theirs | append theirs, number ours | put ours, COMMIT --> segment, answers
 *
 * So the files are never ahead of the database, whichever server wrote them, and a server whose
 * disk is lost takes nothing along. A use of data is a transaction, too, before anything is opened:
 * a server that another has taken over from opens nothing more. */
#include "engine_internal.h"
#include "manifest.h"

enum { TAKE_PAGE = 512, TAKE_ARENA = 32 << 20 };

/* ---- keeping ---- */

static status keep_manifest(void *self, const merkle_hash *root, str lines, struct report *report)
{
    return vault_manifest_put(self, root->bytes, lines, report);
}

static status keep_entry(void *self, uint64_t index, str entry, struct report *report)
{
    return vault_entry_put(self, index, entry, report);
}

status reg_keep_entries(struct reg *reg, struct report *report)
{
    struct audit_keeper keeper = {reg->vault, keep_manifest, keep_entry};
    if (!vault_keeps_log(reg->vault) || audit_pending(reg->log) == audit_size(reg->log))
        return OK;
    status kept = audit_each_pending(reg->log, &keeper, report);
    if (!is_ok(kept))
        vault_rollback(reg->vault);
    return kept;
}

status reg_flush_log(struct reg *reg, struct report *report)
{
    if (reg->shared)
        return reg_flush_uses(reg, report);
    TRY(reg_keep_entries(reg, report));
    if (vault_keeps_log(reg->vault)) {
        TRY(vault_commit(reg->vault, report));
        TRY(vault_forget(reg->vault, report));
    }
    return audit_flush(reg->log, report);
}

/* ---- taking ---- */

static status forked(uint64_t number, struct report *report)
{
    return fail(report, FAULT_CORRUPT,
                "entry %llu of the log here is not that of the database: put this server's folder "
                "of logs away, and it is made anew",
                (unsigned long long)number);
}

status reg_check_entry(struct reg *reg, struct audit_log *log, uint64_t end, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(TAKE_ARENA);
    struct vault_entry *rows = NULL;
    size_t count;
    str here;
    uint64_t last = end - 1;
    if (end == 0)
        return OK;
    if (end > audit_size(log))
        return forked(last, report);
    TRY(vault_entries(reg->vault, last, 1, arena, report, &rows, &count));
    TRY(audit_read(log, last, arena, report, &here));
    return count == 1 && rows[0].number == last && str_equal(rows[0].bytes, here)
               ? OK
               : forked(last, report);
}

static status take_manifest(struct reg *reg, struct audit_log *log, str bytes, struct arena *arena,
                            struct report *report)
{
    str lines;
    struct audit_entry *entry = ARENA_NEW(arena, struct audit_entry);
    if (entry == NULL)
        return NO_MEMORY(report);
    if (!is_ok(entry_parse(bytes, report, entry)))
        return fail(report, FAULT_CORRUPT, "the database holds an entry that is none");
    if (!entry->has_manifest)
        return OK;
    TRY(vault_manifest(reg->vault, entry->manifest.bytes, arena, report, &lines));
    return audit_manifest_take(log, &entry->manifest, lines, report);
}

static status take_entry(struct reg *reg, struct audit_log *log, const struct vault_entry *row,
                         struct arena *arena, struct report *report)
{
    if (row->number != audit_pending(log))
        return fail(report, FAULT_CORRUPT, "the database lacks entry %llu of the log",
                    (unsigned long long)audit_pending(log));
    TRY(take_manifest(reg, log, row->bytes, arena, report));
    return audit_append(log, row->bytes, report, NULL);
}

static status take_rows(struct reg *reg, struct audit_log *log, struct report *report,
                        size_t *count)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(TAKE_ARENA);
    CLEANUP(arena_free) struct arena *one = arena_new(TAKE_ARENA);
    struct vault_entry *rows;
    TRY(vault_entries(reg->vault, audit_size(log), TAKE_PAGE, arena, report, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        arena_reset(one);
        TRY(take_entry(reg, log, &rows[i], one, report));
    }
    return OK;
}

static status flush_taken(struct audit_log *log, struct report *report)
{
    bool did = true;
    TRY(audit_flush(log, report));
    while (did)
        TRY(audit_tend(log, report, &did));
    return OK;
}

static status take_page(struct reg *reg, struct audit_log *log, struct report *report,
                        size_t *count)
{
    TRY(take_rows(reg, log, report, count));
    return flush_taken(log, report);
}

status reg_take_more(struct reg *reg, struct report *report)
{
    size_t count = TAKE_PAGE;
    while (count == TAKE_PAGE)
        TRY(take_page(reg, reg->log, report, &count));
    return OK;
}

/* Beside others nobody waits for more than one page of it. */
status reg_take_entries(struct reg *reg, struct audit_log *log, struct report *report)
{
    size_t count = TAKE_PAGE;
    if (!vault_keeps_log(reg->vault))
        return OK;
    TRY(reg_check_entry(reg, log, audit_size(log), report));
    while (count == TAKE_PAGE) {
        TRY(take_page(reg, log, report, &count));
        if (count == TAKE_PAGE)
            TRY(reg_breathe(reg, report));
    }
    return OK;
}

/* ---- in a turn that others share ---- */

struct putting {
    struct reg *reg;
    uint64_t from;
};

static status put_own(void *self, uint64_t index, str entry, struct report *report)
{
    const struct putting *putting = self;
    return index < putting->from ? OK : keep_entry(putting->reg->vault, index, entry, report);
}

static status put_manifest(void *self, const merkle_hash *root, str lines, struct report *report)
{
    const struct putting *putting = self;
    return keep_manifest(putting->reg->vault, root, lines, report);
}

/* What others have added, while nobody adds more. Who is far behind comes nearer first, since they
 * wait meanwhile. */
static status meet_others(struct reg *reg, struct report *report)
{
    size_t count;
    for (;;) {
        TRY(vault_append_begin(reg->vault, report));
        TRY(take_rows(reg, reg->log, report, &count));
        if (count < TAKE_PAGE)
            return OK;
        vault_append_undo(reg->vault);
        TRY(flush_taken(reg->log, report));
    }
}

static status append_own(struct reg *reg, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_FLUSH_BYTES * 2);
    struct audit_lifted lifted;
    TRY(audit_lift(reg->log, arena, report, &lifted));
    TRY(meet_others(reg, report));
    struct putting putting = {reg, audit_pending(reg->log)};
    struct audit_keeper keeper = {&putting, put_manifest, put_own};
    TRY(audit_lower(reg->log, &lifted, report));
    TRY(audit_each_pending(reg->log, &keeper, report));
    return vault_append_end(reg->vault, report);
}

status reg_append_entries(struct reg *reg, struct report *report)
{
    if (audit_pending(reg->log) == audit_size(reg->log))
        return OK;
    status appended = append_own(reg, report);
    if (!is_ok(appended))
        vault_append_undo(reg->vault);
    return appended;
}
