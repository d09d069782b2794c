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

static status log_it(struct reg *reg, const struct caller *caller, const struct backup *backup,
                     struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct call call;
    struct backup asked = *backup;
    return engine_run(reg->engine, reg, caller, arena, report, &call, log_backup, &asked);
}

status engine_backup_begin(struct reg *reg, const struct caller *caller,
                           const struct backup *backup, struct report *report,
                           struct backup_job **job)
{
    *job = NULL;
    TRY(log_it(reg, caller, backup, report));
    return backup_begin(reg, backup, report, job);
}

status engine_backup_by(struct reg *reg, const struct caller *caller, const struct backup *backup,
                        struct report *report)
{
    TRY(log_it(reg, caller, backup, report));
    if (backup->keys)
        return backup->recipient != NULL ? engine_backup_sealed(reg, backup, report)
                                         : engine_backup_keys(reg, backup->dir, report);
    TRY(backup->recipient != NULL ? engine_backup_sealed(reg, backup, report)
                                  : engine_backup(reg, backup->dir, report));
    reg_backed_up(reg);
    return OK;
}
