/* The rows of the log of a register that several servers may serve. */
#include "vault_internal.h"

bool vault_keeps_log(const struct vault *vault)
{
    return vault->keeps_log;
}

status vault_entry_put(struct vault *vault, uint64_t number, str bytes, struct report *report)
{
    struct db_entry_put_in in = {.number = number, .bytes = bytes};
    return db_entry_put(vault->data, &in, report);
}

status vault_manifest_put(struct vault *vault, const unsigned char root[32], str lines,
                          struct report *report)
{
    struct db_manifest_put_in in = {.lines = lines};
    memcpy(in.root.bytes, root, sizeof(in.root.bytes));
    return db_manifest_put(vault->data, &in, report);
}

status vault_entries(struct vault *vault, uint64_t from, size_t limit, struct arena *arena,
                     struct report *report, struct vault_entry **entries, size_t *count)
{
    struct db_entry_from_in in = {.number = from, .limit = (int64_t)limit};
    struct db_entry_from_row *rows = NULL;
    TRY(db_entry_from_all(vault->data, &in, arena, report, &rows, count));
    *entries = ARENA_ARRAY(arena, struct vault_entry, *count + 1);
    if (*entries == NULL)
        return NO_MEMORY(report);
    for (size_t i = 0; i < *count; i++)
        (*entries)[i] = (struct vault_entry){rows[i].number, rows[i].bytes};
    return OK;
}

status vault_entries_next(struct vault *vault, struct report *report, uint64_t *number)
{
    struct db_entry_next_row row = {0};
    bool found;
    TRY(db_entry_next(vault->data, report, &found, &row));
    *number = row.number;
    return OK;
}

status vault_append_begin(struct vault *vault, struct report *report)
{
    return db_append_begin(vault->data, report);
}

status vault_append_end(struct vault *vault, struct report *report)
{
    status kept = db_commit(vault->data, report);
    vault->half_done |= !is_ok(kept) && db_unknown(vault->data);
    return kept;
}

void vault_append_undo(struct vault *vault)
{
    db_rollback(vault->data);
}

status vault_manifest(struct vault *vault, const unsigned char root[32], struct arena *arena,
                      struct report *report, str *lines)
{
    struct db_manifest_get_in in;
    struct db_manifest_get_row row;
    bool found;
    memcpy(in.root.bytes, root, sizeof(in.root.bytes));
    TRY(db_manifest_get(vault->data, &in, arena, report, &found, &row));
    if (!found)
        return fail(report, FAULT_CORRUPT,
                    "the database lacks a list of people that the log names");
    *lines = row.lines;
    return OK;
}

bool vault_taken(const struct vault *vault)
{
    return keys_taken(vault->keys) || db_taken(vault->data);
}
