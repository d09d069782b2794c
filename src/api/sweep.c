/* When the sweep has its turn, and for how long: reads stay quick, and what has ended goes on the
 * day that was promised, however many ask. */
#include "api_internal.h"

enum {
    ALONE_MS = 20,    /* a step when nobody else is served; its flushes come on top */
    BESIDE_MS = 4,    /* one that others wait for, */
    BESIDE_ROWS = 64, /* in which it takes up no more than so many */
    BESIDE_SHARE = 4, /* and one part in so many of the time is the sweep's, flushes and all */
    SERVED_MS = 250   /* for so long after a request more are expected */
};

static bool is_alone(const struct api *api)
{
    return world_now(api->config.world).ms - api->served.ms >= SERVED_MS;
}

struct step_room api_sweep_room(const struct api *api)
{
    size_t most = api->config.sweep_limit;
    if (is_alone(api))
        return (struct step_room){most, ALONE_MS};
    return (struct step_room){most < BESIDE_ROWS ? most : BESIDE_ROWS, BESIDE_MS};
}

void api_sweep_ask(struct api *api)
{
    if (api->sweep_left == 0)
        api->sweep_left = engine_register_count(api->config.engine);
}

/* False: nothing more is answered. */
static bool sweep_register(struct api *api, struct reg *reg, const struct step_room *room)
{
    struct report report = {0};
    struct swept swept = {0};
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

/* One register after the other until the step's time is up; those that have more come again when
 * all had their turn. */
static void sweep_some(struct api *api, instant began)
{
    struct step_room room = api_sweep_room(api);
    size_t count = engine_register_count(api->config.engine);
    instant now = began;
    if (api->sweep_left > count)
        api->sweep_left = count; /* some were ended meanwhile */
    for (; api->sweep_left > 0 && now.ms - began.ms < room.ms; api->sweep_left--) {
        struct reg *reg = engine_register_at(api->config.engine, count - api->sweep_left);
        if (!sweep_register(api, reg, &room))
            return;
        now = world_now(api->config.world);
    }
    if (api->sweep_left > 0 || !api->sweep_again)
        return;
    api->sweep_left = count;
    api->sweep_again = false;
}

/* What a step took others have several times over before the next one, and no longer. A clock that
 * was set back ends the pause. */
static bool is_paused(const struct api *api, instant now)
{
    int64_t since = now.ms - api->sweep_ended.ms;
    return !is_alone(api) && since >= 0 && since < api->sweep_took_ms * (BESIDE_SHARE - 1);
}

/* While others are served turns come by themselves, and ticks; else the rest has the next turn.
 * That nobody was served while a step went on is not because nobody came. */
void api_sweep(struct api *api)
{
    instant began = world_now(api->config.world);
    if (api->failed || api->sweep_left == 0 || is_paused(api, began))
        return;
    sweep_some(api, began);
    api->sweep_ended = world_now(api->config.world);
    api->sweep_took_ms = api->sweep_ended.ms - began.ms;
    api->served.ms += api->sweep_took_ms;
    if (!api->failed && api->sweep_left > 0 && is_alone(api) && api->config.wake != NULL)
        api->config.wake(api->config.self);
}
