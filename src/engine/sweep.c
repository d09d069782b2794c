/* The sweeper: settles what is due and destroys what has ended. Reads never wait for it: settle
 * runs on every read, so what has ended is unreadable whether or not this has run. */
#include "engine_internal.h"

enum { SWEEP_PAGE = 512, FORGET_AT_ONCE = 128, FORGET_A_MS = 32 /* keys, of a step's time */ };

/* ---- one dossier ---- */

struct sweeping {
    dossier_id id;
    uint64_t room; /* people from whom the brake still lets something go today */
    uint64_t items;
    bool whole, braked;
};

static status sweep_one(struct call *call, void *request)
{
    struct sweeping *sweeping = request;
    enum presence presence;
    struct subject subject = {0};
    TRY(vault_load(call->reg->vault, sweeping->id, call->arena, call->report, &presence,
                   &subject.dossier));
    if (presence == PRESENCE_LIVE && subject.dossier->facts->kind == DOSSIER_ALARM)
        return call_alarm_due(call, subject.dossier);
    if (presence == PRESENCE_LIVE && subject.dossier->facts->kind == DOSSIER_QUARANTINE)
        return call_quarantine_due(call, subject.dossier);
    if (presence == PRESENCE_LIVE && subject.dossier->facts->kind == DOSSIER_ACT)
        return call_act_due(call, subject.dossier);
    if (presence == PRESENCE_LIVE && subject.dossier->facts->kind == DOSSIER_BROWSER)
        return call_browser_due(call, subject.dossier);
    if (presence == PRESENCE_LIVE && subject.dossier->facts->kind == DOSSIER_ERRAND)
        return call_errand_due(call, subject.dossier);
    if (presence == PRESENCE_LIVE && facts_are_breach(call, subject.dossier->facts))
        return call_breach_due(call, subject.dossier);
    if (presence == PRESENCE_LIVE && subject.dossier->facts->kind == DOSSIER_CASE)
        return call_request_due(call, subject.dossier);
    if (presence != PRESENCE_LIVE || subject.dossier->facts->kind != DOSSIER_SUBJECT)
        return vault_not_due(call->reg->vault, sweeping->id, call->report);
    TRY(call_view(call, subject.dossier->facts, NULL, &subject.view));
    TRY(call_settle(call, &subject));
    struct going going;
    TRY(call_going(call, &subject, &going));
    sweeping->braked = sweeping->room == 0 && (going.whole || going.count > 0);
    if (sweeping->braked)
        return OK; /* it stays due */
    const struct permit *permit = NULL;
    const char *mended;
    TRY(call_concerns_mend(call, subject.dossier, &mended));
    TRY(call_purge(call, &subject, &permit, &sweeping->items, &sweeping->whole));
    if (sweeping->whole)
        return OK;
    TRY(call_notice_overdue(call, subject.dossier->facts));
    if (sweeping->items > 0)
        return call_store(call, &subject, permit);
    size_t dropped;
    TRY(call_drop_messages(call, &subject, &dropped));
    if (dropped > 0 || mended != NULL) {
        struct operation op = call_operation(call, ACTION_NONE, sweeping->id);
        TRY(call_write(call, subject.dossier->facts, &op, dropped > 0 ? "drop_messages" : mended,
                       decision_by_scope(), NULL, 0, &permit));
        return call_store(call, &subject, permit);
    }
    return vault_due_again(call->reg->vault, sweeping->id, call_next(call, &subject), call->report);
}

static status sweep_call(struct engine *engine, struct reg *reg, struct arena *arena,
                         struct sweeping *sweeping, struct report *report)
{
    struct call call;
    TRY(call_begin(engine, reg, engine_system(), arena, report, &call));
    return call_end(&call, sweep_one(&call, sweeping));
}

/* What is due, and how far a step came with it. */
struct due_page {
    struct vault_due_cursor *at;
    size_t count, done;
    struct swept swept;
    uint64_t touched; /* people from whom something went */
};

static void count_swept(const struct sweeping *sweeping, struct due_page *due)
{
    due->swept.settled++;
    due->swept.items += sweeping->items;
    due->swept.dossiers += sweeping->whole;
    due->touched += sweeping->whole || sweeping->items > 0;
}

/* As many of them as fit into a step. A dossier that fails stays due, and its fault is told at the
 * end; it ends the step of those that go together. */
static status sweep_some(struct reg *reg, const struct step_room *room, uint64_t brake,
                         struct due_page *due, struct report *report)
{
    struct step step = step_within(reg, room);
    bool goes_on = true;
    status first = OK;
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    for (; due->done < due->count && goes_on && !due->swept.braked; due->done++) {
        arena_reset(arena);
        uint64_t left = brake == UINT64_MAX ? brake : brake - due->touched;
        struct sweeping sweeping = {.id = due->at[due->done].id, .room = left};
        struct report own = {0};
        status result = sweep_call(reg->engine, reg, arena, &sweeping, &own);
        goes_on = step_goes_on(&step) && (is_ok(result) || !reg->together);
        if (!is_ok(result) && is_ok(first)) {
            first = result;
            *report = own;
        }
        due->swept.braked = is_ok(result) && sweeping.braked;
        if (is_ok(result) && !sweeping.braked)
            count_swept(&sweeping, due);
    }
    return first;
}

/* All of a step are one operation: that is the only one of its turn, for which nothing is copied.
 */
static status sweep_together(struct reg *reg, const struct step_room *room, uint64_t brake,
                             struct due_page *due)
{
    struct report ignored = {0};
    TRY(calls_together(reg, &ignored));
    return calls_apart(reg, sweep_some(reg, room, brake, due, &ignored), &ignored);
}

/* Where one fails, each is an operation of its own: it does not hold up the others. */
static status sweep_all(struct reg *reg, const struct step_room *room, uint64_t brake,
                        struct due_page *due, struct report *report)
{
    struct due_page page = *due;
    if (is_ok(sweep_together(reg, room, brake, due)))
        return OK;
    *due = page;
    return sweep_some(reg, room, brake, due, report);
}

static void take_count(struct reg *reg, const struct due_page *due, struct swept *swept)
{
    for (uint64_t i = 0; i < due->touched; i++)
        reg_brake_count(reg);
    reg->cut_due |= due->touched > 0;
    if (due->swept.braked)
        reg_brake_pull(reg);
    swept->settled += due->swept.settled;
    swept->items += due->swept.items;
    swept->dossiers += due->swept.dossiers;
    swept->braked |= due->swept.braked;
}

/* One turn: a step of them, since a turn of many is flushed as often as a turn of few. */
static status sweep_batch(struct reg *reg, const struct step_room *room, struct due_page *due,
                          struct report *report, struct swept *swept)
{
    struct engine *engine = reg->engine;
    uint64_t brake;
    TRY(reg_enter(reg, report));
    TRY(reg_brake(reg, report, &brake));
    engine_begin(engine);
    status first = sweep_all(reg, room, brake, due, report);
    take_count(reg, due, swept);
    if (reg->guard_changed)
        TRY(reg_guard_store(reg, report));
    struct report ending = {0};
    reg->forgets_later = true;
    status ended = engine_end(engine, &ending);
    reg->forgets_later = false;
    if (is_ok(ended))
        ended = reg->turn;
    if (is_ok(ended))
        return first;
    *report = ending.fault == FAULT_NONE ? reg->turn_report : ending;
    return ended;
}

/* A sweep is done when what it took away is out of the journal too; a cut that failed is made up
 * for by the next sweep. */
static status cut_journal(struct reg *reg, struct report *report)
{
    if (!reg->cut_due)
        return OK;
    TRY(vault_cut(reg->vault, report));
    reg->cut_due = false;
    return OK;
}

/* Those that are due, from where the last step came to; `over`: it has seen the last of them. */
static status sweep_page(struct reg *reg, const struct step_room *room, struct report *report,
                         struct swept *swept, bool *over)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    size_t page = room->rows < SWEEP_PAGE ? room->rows : SWEEP_PAGE;
    struct due_page due = {0};
    if (!reg->sweeping.started) {
        reg->sweep_began = reg_now(reg);
        reg->sweep_failed = false;
    }
    TRY(reg_enter(reg, report));
    TRY(vault_due_page(reg->vault, reg_now(reg), page, reg->sweeping, arena, report, &due.at,
                       &due.count));
    status result = due.count == 0 ? OK : sweep_batch(reg, room, &due, report, swept);
    if (reg->engine->poisoned)
        return result;
    reg->sweep_failed |= !is_ok(result);
    if (due.done > 0)
        reg->sweeping = due.at[due.done - 1];
    *over = due.done == due.count && due.count < page;
    swept->more = due.done > 0 && !swept->braked && !*over;
    return result;
}

/* What is left to do behind the last of them; the next sweep begins anew. */
static status sweep_ends(struct reg *reg, struct report *report, struct swept *swept)
{
    bool files;
    reg->sweeping = (struct vault_due_cursor){0};
    TRY(reg_sweep_files(reg, report, &files));
    swept->more = reg->settling || files;
    if (files)
        return OK;
    TRY(cut_journal(reg, report));
    if (!reg->settling && !reg->sweep_failed)
        reg->swept = reg->sweep_began;
    return OK;
}

/* Nobody was told that these keys are gone, so those of many dossiers go under one checkpoint: in a
 * step of their own, and those that are left when there is no other. */
static status forget(struct reg *reg, struct report *report)
{
    status forgotten = keys_forget_waiting(vault_keys(reg->vault), report);
    reg->engine->poisoned |= !is_ok(forgotten);
    return forgotten;
}

/* What others would wait for on top of a step has one of its own, and its room says how long. */
static status tidy(struct reg *reg, const struct step_room *room, struct report *report, bool *did)
{
    size_t most = (size_t)room->ms * FORGET_A_MS;
    most = most < FORGET_AT_ONCE ? most : FORGET_AT_ONCE;
    *did = keys_waiting(vault_keys(reg->vault)) >= most;
    return *did ? forget(reg, report) : vault_checkpoint_early(reg->vault, report, did);
}

static status sweep_due(struct reg *reg, const struct step_room *room, struct report *report,
                        struct swept *swept)
{
    bool over = false;
    TRY(tidy(reg, room, report, &swept->more));
    if (swept->more)
        return OK;
    reg_guard_clock(reg);
    swept->braked = reg_destruction_stopped(reg);
    if (reg->settling && (swept->braked || !reg->settled_last)) {
        TRY(reg_settle_step(reg, room, report));
        reg->settled_last = reg->settling;
        swept->more = reg->settling;
        if (reg->settling)
            return OK; /* the next step is for what has ended, which need not wait for this */
    }
    reg->settled_last = false;
    if (swept->braked)
        return OK;
    status result = sweep_page(reg, room, report, swept, &over);
    if (!over || reg->engine->poisoned)
        return result;
    struct report own = {0};
    status ended = sweep_ends(reg, &own, swept);
    if (!is_ok(result) || is_ok(ended))
        return result;
    *report = own;
    return ended;
}

static status sweep_and_watch(struct engine *engine, struct reg *reg, const struct step_room *room,
                              struct report *report, struct swept *swept)
{
    *swept = (struct swept){0};
    struct report own = {0};
    status result = sweep_due(reg, room, report, swept);
    if (engine->poisoned)
        return result;
    if (!swept->more)
        TRY(forget(reg, report));
    reg_watch_lag(reg);
    status written = engine_destroy_retired(engine, &own);
    if (is_ok(written))
        written = reg_watch(engine, reg, &own);
    if (is_ok(written))
        written = engine_alarms(engine, reg, &own);
    if (!is_ok(result) || is_ok(written))
        return result;
    *report = own;
    return written;
}

status engine_sweep_step(struct engine *engine, struct reg *reg, const struct step_room *room,
                         struct report *report, struct swept *swept)
{
    struct report own = {0};
    status result = sweep_and_watch(engine, reg, room, report, swept);
    if (engine->poisoned)
        return result;
    status left = engine_leave(engine, &own);
    if (!is_ok(result) || is_ok(left))
        return result;
    *report = own;
    return left;
}

status engine_sweep(struct engine *engine, struct reg *reg, size_t limit, struct report *report,
                    struct swept *swept)
{
    struct step_room room = {.rows = limit, .ms = STEP_MS};
    return engine_sweep_step(engine, reg, &room, report, swept);
}

/* ---- the simulated clock ---- */

static status set_clock(struct call *call, void *request)
{
    const instant *to = request;
    char room[24];
    struct buf buf = buf_over(room, sizeof(room));
    buf_i64(&buf, to->ms);
    TRY(vault_meta_set(call->reg->vault, STR("clock"), buf_str(&buf), call->report));
    TRY(vault_once_purge(call->reg->vault, *to, call->report));
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log_change(call, NULL, &op, "clock", decision_by_scope());
}

status engine_clock_set(struct engine *engine, struct reg *reg, instant to, struct report *report,
                        struct swept *swept)
{
    return engine_clock_set_by(engine, reg, engine_system(), to, report, swept);
}

status engine_clock_set_by(struct engine *engine, struct reg *reg, const struct caller *caller,
                           instant to, struct report *report, struct swept *swept)
{
    *swept = (struct swept){0};
    if (!reg->simulated)
        return fail(report, FAULT_FORBIDDEN, "this register's clock is real and cannot be set");
    TRY(reg_enter(reg, report));
    if (before(to, reg->clock))
        return fail(report, FAULT_CLOCK, "a clock never goes back");
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct call call;
    TRY(engine_run(engine, reg, caller, arena, report, &call, set_clock, &to));
    reg->clock = to;
    status first = OK;
    bool more = true;
    while (more && !engine->poisoned) {
        struct swept round;
        struct report own = {0};
        status result = engine_sweep(engine, reg, 1u << 20, &own, &round);
        if (!is_ok(result) && is_ok(first)) {
            first = result;
            *report = own;
        }
        swept->settled += round.settled;
        swept->items += round.items;
        swept->dossiers += round.dossiers;
        more = round.more;
        engine_rest(engine); /* or their entries would wait until too many do */
    }
    return first;
}
