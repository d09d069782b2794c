/* The log of a register that several servers may serve, one after the other. Its entries are kept
 * with the data, each in the transaction of what it tells; the files of the log are made of them.
 *
 *   entries of a turn --> rows, with their effects: COMMIT --> segment, tiles, checkpoint
 *                                |                               of the server that serves
 *                                `-- at a start: what the files of this server lack
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

static status take_page(struct reg *reg, struct audit_log *log, struct report *report,
                        size_t *count)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(TAKE_ARENA);
    CLEANUP(arena_free) struct arena *one = arena_new(TAKE_ARENA);
    struct vault_entry *rows;
    bool did = true;
    TRY(vault_entries(reg->vault, audit_size(log), TAKE_PAGE, arena, report, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        arena_reset(one);
        TRY(take_entry(reg, log, &rows[i], one, report));
    }
    TRY(audit_flush(log, report));
    while (did)
        TRY(audit_tend(log, report, &did));
    return OK;
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
