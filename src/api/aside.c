/* What is done beside answering: when it has its turn, and for how long. Reads stay quick, and what
 * has to be done is done, however many ask.
 *
 *   api_rest --> api_aside: one step of one row of asides[], if its time has come */
#include "api_internal.h"

enum {
    ALONE_MS = 20,    /* a step when nobody else is served; its flushes come on top */
    BESIDE_MS = 1,    /* one that others wait for, */
    BESIDE_ROWS = 64, /* in which it takes up no more than so many */
    BESIDE_SHARE = 4, /* and one part in so many of the time is for all of these, flushes and all */
    SERVED_MS = 250   /* for so long after a request more are expected */
};

struct aside {
    bool (*is_asked)(const struct api *api);
    void (*step)(struct api *api, const struct step_room *room);
};

static const struct aside asides[] = {
    {sweep_is_asked, sweep_step},
    {log_check_is_asked, log_check_step},
    {backup_is_asked, backup_step},
};

static bool is_alone(const struct api *api)
{
    return world_now(api->config.world).ms - api->served.ms >= SERVED_MS;
}

struct step_room api_aside_room(const struct api *api)
{
    size_t most = api->config.sweep_limit;
    if (is_alone(api))
        return (struct step_room){most, ALONE_MS};
    return (struct step_room){most < BESIDE_ROWS ? most : BESIDE_ROWS, BESIDE_MS};
}

/* What a step took others have several times over before the next one, and no longer. A clock that
 * was set back ends the pause. */
static bool is_paused(const struct api *api, instant now)
{
    int64_t since = now.ms - api->aside_ended.ms;
    return !is_alone(api) && since >= 0 && since < api->aside_took_ms * (BESIDE_SHARE - 1);
}

/* They take turns. */
static const struct aside *next_asked(struct api *api)
{
    for (size_t i = 0; i < LENGTH(asides); i++) {
        const struct aside *aside = &asides[api->aside_next++ % LENGTH(asides)];
        if (aside->is_asked(api))
            return aside;
    }
    return NULL;
}

static bool any_asked(const struct api *api)
{
    bool any = false;
    for (size_t i = 0; i < LENGTH(asides); i++)
        any |= asides[i].is_asked(api);
    return any;
}

/* While others are served turns come by themselves, and ticks; else the rest has the next turn.
 * That nobody was served while a step went on is not because nobody came. */
void api_aside(struct api *api)
{
    instant began = world_now(api->config.world);
    const struct aside *aside = api->failed || is_paused(api, began) ? NULL : next_asked(api);
    if (aside == NULL)
        return;
    struct step_room room = api_aside_room(api);
    aside->step(api, &room);
    api->aside_ended = world_now(api->config.world);
    api->aside_took_ms = api->aside_ended.ms - began.ms;
    api->served.ms += api->aside_took_ms;
    if (!api->failed && any_asked(api) && is_alone(api) && api->config.wake != NULL)
        api->config.wake(api->config.self);
}

/* ---- the logs, verified one after the other ---- */

void log_check_ask(struct api *api)
{
    if (api->log_checks_left == 0)
        api->log_checks_left = engine_register_count(api->config.engine);
}

bool log_check_is_asked(const struct api *api)
{
    return api->log_checks_left > 0;
}

void log_check_step(struct api *api, const struct step_room *room)
{
    struct report report = {0};
    bool more = false;
    size_t count = engine_register_count(api->config.engine);
    if (api->log_checks_left > count)
        api->log_checks_left = count; /* some were ended meanwhile */
    if (api->log_checks_left == 0)
        return;
    struct reg *reg = engine_register_at(api->config.engine, count - api->log_checks_left);
    if (!is_ok(engine_log_check_step(reg, room, &report, &more)))
        oplog_fault(api->config.log, "log_broken", report.fault, reg_name(reg));
    if (!more)
        api->log_checks_left--;
}
