/* What an administrator does to a register is in its log under the administrator's own handle,
 * before it is done: moving the clock (sweep.c), backups, the word that lets destruction go on
 * (guard.c). */
#include "engine_internal.h"

audit_id engine_human(struct reg *reg, str name)
{
    blind tag;
    audit_id human;
    keys_tag(vault_keys(reg->vault), STR("human"), name, &tag);
    memcpy(human.bytes, tag.bytes, sizeof(human.bytes));
    return human;
}

static status log_act(struct call *call, const char *action)
{
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log(call, NULL, &op, action, decision_by_scope());
}

/* ---- backups ---- */

static status log_backup(struct call *call, void *request)
{
    const struct backup *backup = request;
    return log_act(call, backup->keys ? "backup_keys" : "backup");
}

static status copy(struct reg *reg, const struct backup *backup, struct report *report)
{
    if (backup->recipient != NULL)
        return engine_backup_sealed(reg, backup, report);
    return backup->keys ? engine_backup_keys(reg, backup->dir, report)
                        : engine_backup(reg, backup->dir, report);
}

status engine_backup_by(struct reg *reg, const struct caller *caller, const struct backup *backup,
                        struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct call call;
    struct backup asked = *backup;
    TRY(engine_run(reg->engine, reg, caller, arena, report, &call, log_backup, &asked));
    bool whole = engine_backup_there(backup->dir);
    status made = copy(reg, backup, report);
    if (is_ok(made) && !backup->keys)
        reg_backed_up(reg);
    else if (!is_ok(made) && !backup->keys && !whole)
        engine_backup_undo(backup->dir);
    return made;
}
