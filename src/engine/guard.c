/* The guards of live registers (a simulated clock is moved on purpose): a clock that leaps and a
 * sweep that takes too much stop destruction until an operator has looked. What they know is kept
 * in data.db, so that a restart is no way around them. */
#include "engine_internal.h"

enum {
    DAY_MS = 86400000,
    BRAKE_LEAST = 100, /* people a day */
    BRAKE_PERCENT = 5
};

/* To be written with the next turn. */
static void changed(struct reg *reg)
{
    reg->guard_changed = !reg->simulated;
    reg->guard_stored = false;
}

void reg_guard_clock(struct reg *reg)
{
    if (reg->simulated || reg->destruction_stopped)
        return;
    instant last = audit_last_time(reg->log);
    if (last.ms == 0 || world_now(reg->world).ms - last.ms <= DAY_MS)
        return;
    reg->destruction_stopped = true;
    changed(reg);
}

static void begin_day(struct reg *reg)
{
    instant now = reg_now(reg);
    if (now.ms - reg->today.ms < DAY_MS)
        return;
    reg->today = (instant){now.ms - now.ms % DAY_MS};
    reg->destroyed = reg->share_of = 0;
    changed(reg);
}

static uint64_t most_a_day(const struct reg *reg)
{
    uint64_t most = reg->share_of * BRAKE_PERCENT / 100;
    return most < BRAKE_LEAST ? BRAKE_LEAST : most;
}

/* Told once a day, and again when a sweep begins with nothing left of that day's share, as more may
 * have come. Within a sweep the share stays, so that who lost something in it is not counted twice.
 */
static status share_of(struct reg *reg, struct report *report)
{
    if (reg->share_of != 0 && (reg->sweeping.started || reg->destroyed < most_a_day(reg)))
        return OK;
    TRY(vault_estimate(reg->vault, DOSSIER_SUBJECT, report, &reg->share_of));
    reg->share_of += reg->destroyed;
    return OK;
}

status reg_brake(struct reg *reg, struct report *report, uint64_t *room)
{
    *room = UINT64_MAX;
    if (reg->simulated)
        return OK;
    begin_day(reg);
    TRY(share_of(reg, report));
    uint64_t most = most_a_day(reg);
    *room = reg->destroyed < most ? most - reg->destroyed : 0;
    return OK;
}

void reg_brake_pull(struct reg *reg)
{
    struct alarm_cause brake = {.kind = ALARM_OVERDUE_ERASURE,
                                .name = words_intern(reg->words, STR("brake"))};
    reg_alarm(reg, &brake);
    reg->destruction_stopped = true;
    changed(reg);
}

void reg_brake_count(struct reg *reg)
{
    reg->destroyed++;
    changed(reg);
}

void reg_confirm_destruction(struct reg *reg)
{
    reg->destruction_stopped = false;
    reg->destroyed = reg->share_of = 0;
    reg->confirmed = reg_now(reg);
    changed(reg);
}

/* The word counts once it is durable. What a version made unreadable need not wait its three days
 * any longer. */
static status confirm_finish(struct call *call)
{
    reg_confirm_destruction(call->reg);
    reg_settle_begin(call->reg);
    return OK;
}

/* What will be known then, into the open turn; until then all stays as it was. */
static status store_confirmed(struct reg *reg, struct report *report)
{
    bool stopped = reg->destruction_stopped;
    uint64_t destroyed = reg->destroyed;
    instant confirmed = reg->confirmed;
    reg_confirm_destruction(reg);
    status stored = reg_guard_store(reg, report);
    reg->destruction_stopped = stopped;
    reg->destroyed = destroyed;
    reg->confirmed = confirmed;
    return stored;
}

status engine_confirm_destruction(struct call *call)
{
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    TRY(call_log_change(call, NULL, &op, "confirm_destruction", decision_by_scope()));
    call->finish = confirm_finish;
    TRY(store_confirmed(call->reg, call->report));
    return call_settle_anew(call);
}

bool reg_destruction_stopped(const struct reg *reg)
{
    return reg->destruction_stopped || reg->lost_count > 0;
}

/* "stopped today destroyed confirmed" */
status reg_guard_store(struct reg *reg, struct report *report)
{
    if (!reg->guard_changed || reg->still) /* it is written when it goes on */
        return OK;
    char room[96];
    struct buf buf = buf_over(room, sizeof(room));
    buf_char(&buf, reg->destruction_stopped ? '1' : '0');
    buf_char(&buf, ' ');
    buf_u64(&buf, (uint64_t)reg->today.ms);
    buf_char(&buf, ' ');
    buf_u64(&buf, reg->destroyed);
    buf_char(&buf, ' ');
    buf_u64(&buf, (uint64_t)reg->confirmed.ms);
    TRY(vault_meta_set(reg->vault, STR("guard"), buf_str(&buf), report));
    reg->guard_stored = true;
    return OK;
}

void reg_guard_kept(struct reg *reg)
{
    reg->guard_changed &= !reg->guard_stored;
    reg->guard_stored = false;
}

status reg_guard_load(struct reg *reg, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(64 << 10);
    str text, stopped, today, destroyed;
    uint64_t at, confirmed;
    TRY(vault_meta(reg->vault, STR("guard"), arena, report, &text));
    if (!str_is_empty(text)) {
        if (!str_next(&text, ' ', &stopped) || !str_next(&text, ' ', &today) ||
            !str_next(&text, ' ', &destroyed) || !str_to_u64(today, &at) ||
            !str_to_u64(destroyed, &reg->destroyed) || !str_to_u64(text, &confirmed))
            return fail(report, FAULT_CORRUPT, "data.db: what the guards know is damaged");
        reg->destruction_stopped = str_is(stopped, "1");
        reg->today = (instant){(int64_t)at};
        reg->confirmed = (instant){(int64_t)confirmed};
    }
    reg_guard_clock(reg);
    if (!reg->guard_changed || reg->shared) /* who shares a turn comes again alone */
        return OK;
    TRY(reg_guard_store(reg, report)); /* before the entry "start" moves the last time */
    TRY(vault_commit(reg->vault, report));
    reg_guard_kept(reg);
    return OK;
}
