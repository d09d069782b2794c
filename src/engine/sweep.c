/* The sweeper: settles what is due and destroys what has ended. Reads never wait for it: settle runs
 * on every read, so what has ended is unreadable whether or not this has run. */
#include "engine_internal.h"

enum {
    SWEEP_BATCH = 64,
    DAY_MS = 86400000,
    BRAKE_LEAST = 100,  /* people a day */
    BRAKE_PERCENT = 5
};

/* ---- guards of live registers (a simulated clock is moved on purpose) ---- */

/* A leap of more than a day since the last entry stops destruction until an operator confirms. */
static void clock_guard(struct reg *reg)
{
    if (reg->simulated)
        return;
    instant last = audit_last_time(reg->log);
    if (last.ms != 0 && world_now(reg->world).ms - last.ms > DAY_MS)
        reg->destruction_stopped = true;
}

static status brake(struct reg *reg, struct report *report)
{
    if (reg->simulated)
        return OK;
    instant now = reg_now(reg);
    if (now.ms - reg->today.ms >= DAY_MS) {
        reg->today = (instant){now.ms - now.ms % DAY_MS};
        reg->destroyed = 0;
    }
    if (reg->destroyed <= BRAKE_LEAST)
        return OK;
    uint64_t people;
    TRY(vault_count(reg->vault, DOSSIER_SUBJECT, report, &people));
    if (reg->destroyed * 100 > (people + reg->destroyed) * BRAKE_PERCENT)
        reg->destruction_stopped = true;
    return OK;
}

void reg_confirm_destruction(struct reg *reg)
{
    reg->destruction_stopped = false;
    reg->destroyed = 0;
}

bool reg_destruction_stopped(const struct reg *reg)
{
    return reg->destruction_stopped;
}

/* ---- one dossier ---- */

struct sweeping {
    dossier_id id;
    uint64_t items;
    bool whole;
};

static status sweep_one(struct call *call, void *request)
{
    struct sweeping *sweeping = request;
    enum presence presence;
    struct subject subject = {0};
    TRY(vault_load(call->reg->vault, sweeping->id, call->arena, call->report, &presence,
                   &subject.dossier));
    if (presence != PRESENCE_LIVE || subject.dossier->facts->kind != DOSSIER_SUBJECT)
        return vault_not_due(call->reg->vault, sweeping->id, call->report);
    TRY(call_view(call, subject.dossier->facts, NULL, &subject.view));
    TRY(call_settle(call, &subject));
    const struct permit *permit = NULL;
    TRY(call_purge(call, &subject, &permit, &sweeping->items, &sweeping->whole));
    if (sweeping->whole)
        return OK;
    if (sweeping->items > 0)
        return call_store(call, &subject, permit);
    return vault_due_again(call->reg->vault, sweeping->id, subject.settled.next, call->report);
}

static status sweep_call(struct engine *engine, struct reg *reg, struct arena *arena,
                         struct sweeping *sweeping, struct report *report)
{
    struct call call;
    TRY(call_begin(engine, reg, engine_system(), arena, report, &call));
    return call_end(&call, sweep_one(&call, sweeping));
}

static status sweep_batch(struct engine *engine, struct reg *reg, const dossier_id *ids,
                          size_t count, struct report *report, struct swept *swept)
{
    engine_begin(engine);
    for (size_t i = 0; i < count; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
        struct sweeping sweeping = {.id = ids[i]};
        TRY(sweep_call(engine, reg, arena, &sweeping, report));
        swept->settled++;
        swept->items += sweeping.items;
        swept->dossiers += sweeping.whole;
        reg->destroyed += sweeping.whole || sweeping.items > 0;
    }
    return engine_end(engine, report);
}

status engine_sweep(struct engine *engine, struct reg *reg, size_t limit, struct report *report,
                    struct swept *swept)
{
    *swept = (struct swept){0};
    clock_guard(reg);
    while (swept->settled < limit) {
        TRY(brake(reg, report));
        if (reg->destruction_stopped) {
            swept->braked = true;
            return OK;
        }
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        dossier_id *ids;
        size_t count;
        TRY(vault_due(reg->vault, reg_now(reg), SWEEP_BATCH, arena, report, &ids, &count));
        if (count == 0)
            return OK;
        uint64_t before_batch = swept->items + swept->dossiers;
        TRY(sweep_batch(engine, reg, ids, count, report, swept));
        /* Those of the running hour stay due; when nothing went, the rest waits for its minute. */
        if (count < SWEEP_BATCH || swept->items + swept->dossiers == before_batch)
            return OK;
    }
    swept->more = true;
    return OK;
}

/* ---- the simulated clock ---- */

static status set_clock(struct call *call, void *request)
{
    const instant *to = request;
    char room[24];
    struct buf buf = buf_over(room, sizeof(room));
    buf_i64(&buf, to->ms);
    TRY(vault_meta_set(call->reg->vault, STR("clock"), buf_str(&buf), call->report));
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log(call, NULL, &op, "clock", decision_by_scope());
}

status engine_clock_set(struct engine *engine, struct reg *reg, instant to, struct report *report,
                        struct swept *swept)
{
    *swept = (struct swept){0};
    if (!reg->simulated)
        return fail(report, FAULT_FORBIDDEN, "this register's clock is real and cannot be set");
    if (before(to, reg->clock))
        return fail(report, FAULT_CLOCK, "a clock never goes back");
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct call call;
    TRY(engine_run(engine, reg, engine_system(), arena, report, &call, set_clock, &to));
    reg->clock = to;
    bool more = true;
    while (more) {
        struct swept round;
        TRY(engine_sweep(engine, reg, 1u << 20, report, &round));
        swept->settled += round.settled;
        swept->items += round.items;
        swept->dossiers += round.dossiers;
        more = round.more;
    }
    return OK;
}
