/* A register that one server alone could serve becomes one for several: its log goes into the
 * database, entry by entry, and then database.json says so, which is the switch. Until then the
 * rows are the beginning of a log that goes on without them, and the next try goes on behind them.
 */
#include "db.h"
#include "engine_internal.h"
#include "manifest.h"

enum { GIVE_PAGE = 512, GIVE_ARENA = 4 << 20 };

struct giving {
    struct reg *reg;
    uint64_t in_turn;
};

static status end_turn(struct giving *giving, struct report *report)
{
    giving->in_turn = 0;
    TRY(vault_commit(giving->reg->vault, report));
    return vault_forget(giving->reg->vault, report);
}

static status give_manifest(struct reg *reg, const struct audit_entry *entry, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(GIVE_ARENA);
    struct manifest_name name = {entry->manifest, entry->manifest_lines};
    const struct manifest_line *lines = NULL;
    if (!entry->has_manifest)
        return OK;
    TRY(audit_manifest_load(reg->log, &name, arena, report, &lines));
    str bytes = {(const char *)lines, name.lines * sizeof(*lines)};
    return vault_manifest_put(reg->vault, entry->manifest.bytes, bytes, report);
}

static status give_entry(void *self, uint64_t index, str text, struct report *report, bool *stop)
{
    struct giving *giving = self;
    struct audit_entry entry;
    (void)stop;
    TRY(entry_parse(text, report, &entry));
    TRY(give_manifest(giving->reg, &entry, report));
    TRY(vault_entry_put(giving->reg->vault, index, text, report));
    return ++giving->in_turn < GIVE_PAGE ? OK : end_turn(giving, report);
}

static status give_log(struct reg *reg, struct report *report)
{
    struct giving giving = {.reg = reg};
    uint64_t there;
    TRY(vault_entries_next(reg->vault, report, &there));
    TRY(reg_check_entry(reg, reg->log, there, report));
    status given = audit_scan(reg->log, there, give_entry, &giving, report);
    if (is_ok(given))
        return end_turn(&giving, report);
    vault_rollback(reg->vault);
    return given;
}

status register_share(struct reg *reg, struct report *report, bool *changed)
{
    struct db_places places;
    *changed = false;
    TRY(db_places_read(reg->dir, report, &places));
    const struct db_place *data = db_place_at(&places, DB_DATA);
    if (data == NULL || db_place_at(&places, DB_KEYS) == NULL)
        return fail(report, FAULT_INVALID,
                    "register %.*s has not its data and its keys in databases, which several "
                    "servers want",
                    STR_ARG(reg->name));
    if (data->pooled)
        return fail(report, FAULT_INVALID,
                    "register %.*s lies behind a pooler (--pooled), and several servers want none: "
                    "through one nobody sees whether another server lives",
                    STR_ARG(reg->name));
    if (data->servers)
        return OK;
    places.at[DB_DATA].servers = places.at[DB_KEYS].servers = true;
    TRY(db_place_look(&places.at[DB_DATA], report));
    TRY(db_place_look(&places.at[DB_KEYS], report));
    TRY(give_log(reg, report));
    TRY(db_places_write(reg->world, reg->dir, &places, report));
    *changed = true;
    return OK;
}
