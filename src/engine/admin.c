/* What an administrator does to a register is in its log under the administrator's own handle,
 * before it is done: moving the clock (sweep.c), backups, the word that lets destruction go on
 * (guard.c). */
#include <stdio.h>

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
    return log_act(call, request);
}

static status log_before(struct reg *reg, const struct caller *caller, const char *action,
                         struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct call call;
    char name[32];
    (void)snprintf(name, sizeof(name), "%s", action);
    return engine_run(reg->engine, reg, caller, arena, report, &call, log_backup, name);
}

status engine_backup_by(struct reg *reg, const struct caller *caller, const char *dir,
                        struct report *report)
{
    TRY(log_before(reg, caller, "backup", report));
    return engine_backup(reg, dir, report);
}

status engine_backup_keys_by(struct reg *reg, const struct caller *caller, const char *dir,
                             struct report *report)
{
    TRY(log_before(reg, caller, "backup_keys", report));
    return engine_backup_keys(reg, dir, report);
}
