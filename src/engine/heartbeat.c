/* An entry an hour keeps a quiet firm's clock guard from taking silence for a leap (design 11). */
#include "engine_internal.h"

static status beat(struct call *call, void *request)
{
    (void)request;
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    /* What was kept to answer repeated writes has had its day. */
    TRY(vault_once_purge(call->reg->vault, call->now, call->report));
    return call_log(call, NULL, &op, "heartbeat", decision_by_scope());
}

status engine_heartbeat(struct engine *engine, struct reg *reg, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct call call;
    return engine_run(engine, reg, engine_system(), arena, report, &call, beat, NULL);
}
