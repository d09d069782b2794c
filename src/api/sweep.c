/* The sweep's turns: one register after the other until a step's time is up. */
#include "api_internal.h"

void sweep_ask(struct api *api)
{
    if (api->sweep_left == 0)
        api->sweep_left = engine_register_count(api->config.engine);
}

bool sweep_is_asked(const struct api *api)
{
    return api->sweep_left > 0;
}

/* False: nothing more is answered. */
static bool sweep_register(struct api *api, struct reg *reg, const struct step_room *room)
{
    struct report report = {0};
    struct swept swept = {0};
    status duty = reg_take_duty(reg, &report);
    if (engine_failed(api->config.engine)) {
        api_fatal(api, &report);
        return false;
    }
    if (!is_ok(duty) || !reg_on_duty(reg))
        return true; /* another server sweeps, or nobody can for now */
    status result = engine_sweep_step(api->config.engine, reg, room, &report, &swept);
    if (!is_ok(result))
        oplog_fault(api->config.log, "sweep_failed", report.fault, reg_name(reg));
    if (swept.braked)
        oplog_fault(api->config.log, "sweep_braked", FAULT_CONFLICT, reg_name(reg));
    api->sweep_again |= is_ok(result) && swept.more;
    if (!engine_failed(api->config.engine))
        return true;
    api_fatal(api, &report);
    return false;
}

/* Those that have more come again when all had their turn. */
void sweep_step(struct api *api, const struct step_room *room)
{
    instant began = world_now(api->config.world), now = began;
    size_t count = engine_register_count(api->config.engine);
    if (api->sweep_left > count)
        api->sweep_left = count; /* some were ended meanwhile */
    for (; api->sweep_left > 0 && now.ms - began.ms < room->ms; api->sweep_left--) {
        struct reg *reg = engine_register_at(api->config.engine, count - api->sweep_left);
        if (!sweep_register(api, reg, room))
            return;
        now = world_now(api->config.world);
    }
    if (api->sweep_left > 0 || !api->sweep_again)
        return;
    api->sweep_left = count;
    api->sweep_again = false;
}
