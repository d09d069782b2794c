/* One turn: many calls, one flush. The order is the whole of crash safety:
 *
 *   1 keys.db   rings and fences             4 keys.db   what is forgotten, journal truncated
 *   2 data.db   changes and their entries    5           reads are opened, replies released
 *   3 log       entries, one flush           6           tiles, a checkpoint: nobody waits for them
 *
 * Of a turn of the sweep stage 4 comes later, with that of others (sweep.c).
 * Between any two of them the process may die: a fence without its change is replayed at start, an
 * entry in the outbox that the log lacks is appended, a marked key is dropped. */
#include <stdio.h>
#include <stdlib.h>

#include "engine_internal.h"
#include "manifest.h"

void engine_begin(struct engine *engine)
{
    assert(engine != NULL && !engine->poisoned);
    engine->turns++;
    engine->shares = false;
    for (size_t i = 0; i < engine->reg_count; i++) {
        reg_facts_let_go(engine->regs[i]);
        vault_ahead_end(engine->regs[i]->vault);
    }
}

void engine_begin_uses(struct engine *engine)
{
    engine_begin(engine);
    engine->shares = true;
}

bool engine_is_beside(const struct engine *engine)
{
    return engine->beside;
}

static status not_answering(struct report *report)
{
    return fail(report, FAULT_STORE,
                "an operation could not be finished; nothing more is answered until a new start");
}

bool reg_ahead(struct reg *reg, dossier_id id)
{
    if (reg->retired || !vault_is_far(reg->vault))
        return false;
    vault_load_ahead(reg->vault, id);
    return true;
}

static status come_in(struct reg *reg, struct report *report)
{
    if (reg->engine->poisoned)
        return not_answering(report);
    TRY(reg_enter(reg, report));
    if (reg->ends)
        return reg_has_ended(reg, report);
    if (reg->moved != NULL)
        return fail(report, FAULT_MOVING, "%s", fault_text(FAULT_MOVING));
    if (reg->retired) /* meanwhile, under one who came before */
        return fail(report, FAULT_UNAUTHENTICATED, "%s", fault_text(FAULT_UNAUTHENTICATED));
    return OK;
}

status call_begin(struct engine *engine, struct reg *reg, const struct caller *caller,
                  struct arena *arena, struct report *report, struct call *call)
{
    TRY(come_in(reg, report));
    *call = (struct call){.engine = engine,
                          .reg = reg,
                          .caller = caller,
                          .arena = arena,
                          .report = report,
                          .now = reg_now(reg)};
    world_random(reg->world, call->request.bytes, ID_BYTES);
    reg_guard_clock(reg);
    TRY(reg_guard_store(reg, report));
    call->log_mark = audit_pending(reg->log);
    return reg->together ? OK : vault_savepoint(reg->vault, report);
}

/* Facts that this call read from the cache may have been changed by it. */
static void forget_touched(struct call *call)
{
    for (size_t i = 0; i < call->touched_count; i++)
        reg_facts_forget(call->reg, call->touched[i]);
    if (call->touched_more)
        reg_facts_forget_all(call->reg);
    call->touched_count = 0;
}

status call_end(struct call *call, status result)
{
    struct reg *reg = call->reg;
    forget_touched(call);
    if (reg->together)
        return result;
    if (is_ok(result))
        result = vault_release(reg->vault, call->report);
    if (is_ok(result))
        return OK;
    vault_undo(reg->vault);
    if (!call->logged_refusal) /* a refusal's entry stays: it is the only one that the call made */
        audit_drop(reg->log, call->log_mark);
    return result;
}

status calls_together(struct reg *reg, struct report *report)
{
    assert(!reg->together);
    TRY(come_in(reg, report));
    reg->together_from = audit_pending(reg->log);
    TRY(vault_savepoint(reg->vault, report));
    reg->together = true;
    return OK;
}

status calls_apart(struct reg *reg, status result, struct report *report)
{
    assert(reg->together);
    reg->together = false;
    if (is_ok(result))
        result = vault_release(reg->vault, report);
    if (is_ok(result))
        return OK;
    vault_undo(reg->vault);
    audit_drop(reg->log, reg->together_from);
    reg_facts_forget_all(reg);
    return result;
}

void call_hold(struct call *call, void (*done)(void *self, struct call *call, status result),
               void *self, status result)
{
    struct engine *engine = call->engine;
    if (engine->held_count == engine->held_room) {
        engine->held_room = engine->held_room == 0 ? 64 : engine->held_room * 2;
        engine->held = realloc(engine->held, engine->held_room * sizeof(*engine->held));
        if (engine->held == NULL)
            abort();
    }
    engine->held[engine->held_count++] = (struct held){call, done, self, result};
}

/* An entry in the outbox may come into the log from there: its manifest must be durable by then. */
static status flush_manifests(struct reg *reg, struct report *report)
{
    status flushed = audit_manifest_flush(reg->log, report);
    if (is_ok(flushed))
        return OK;
    vault_rollback(reg->vault);
    reg->engine->poisoned = true; /* a flush that failed once says nothing when it is tried again */
    return flushed;
}

/* Of a turn that others share: its entries are all that it writes. */
status reg_flush_uses(struct reg *reg, struct report *report)
{
    status appended = reg_append_entries(reg, report);
    reg->engine->poisoned |= vault_half_done(reg->vault);
    TRY(appended);
    status flushed = audit_flush(reg->log, report);
    reg->engine->poisoned |= !is_ok(flushed);
    keys_trim(vault_keys(reg->vault));
    return flushed;
}

static status reg_flush(struct reg *reg, struct report *report)
{
    if (reg->shared)
        return reg_flush_uses(reg, report);
    TRY(reg_keep_entries(reg, report));
    bool dirty = vault_dirty(reg->vault);
    if (dirty) {
        TRY(flush_manifests(reg, report));
        status kept = vault_commit(reg->vault, report);
        reg->engine->poisoned |= vault_half_done(reg->vault);
        TRY(kept);
        reg_guard_kept(reg);
    }
    if (audit_pending(reg->log) > audit_size(reg->log)) {
        status flushed = audit_flush(reg->log, report);
        if (!is_ok(flushed)) {
            reg->engine->poisoned = true;
            return flushed;
        }
    }
    if (!dirty) {
        keys_trim(vault_keys(reg->vault));
        return OK;
    }
    if (reg->forgets_later && !vault_beside(reg->vault)) {
        vault_forget_later(reg->vault);
        return OK;
    }
    /* The change is durable and logged; while its keys cannot be forgotten, nothing may be said of
     * it. The next start goes on from here. */
    status forgotten = vault_forget(reg->vault, report);
    reg->engine->poisoned |= !is_ok(forgotten);
    return forgotten;
}

/* The high-water mark follows the signed checkpoint. Of the data it says what is durable: as it is,
 * or within a turn as it was marked last. */
static status follow(struct reg *reg, struct report *report)
{
    struct high_water high;
    struct keys *keys = vault_keys(reg->vault);
    struct audit_mark mark = audit_mark_of(reg->log);
    TRY(keys_high_water(keys, report, &high));
    high.size = mark.size;
    memcpy(high.root, mark.root.bytes, sizeof(high.root));
    if (!vault_dirty(reg->vault))
        TRY(vault_last_place(reg->vault, report, &high.place));
    TRY(keys_high_water_set(keys, &high, report));
    TRY(keys_commit(keys, report));
    reg->followed = mark.size;
    return OK;
}

status reg_checkpoint(struct reg *reg, struct report *report)
{
    str note;
    TRY(audit_sign(reg->log, report, &note));
    TRY(follow(reg, report));
    reg->marked = world_now(reg->world);
    return OK;
}

static status enter_and(struct reg *reg, status (*act)(struct reg *reg, struct report *report),
                        struct report *report)
{
    TRY(reg_enter(reg, report));
    status acted = act(reg, report);
    status left = reg_leave(reg, report);
    return is_ok(acted) ? left : acted;
}

/* The mark is of the one log, whoever signs a checkpoint of it: whoever is on duty moves it. */
static status sign_own(struct reg *reg, struct report *report)
{
    str note;
    TRY(audit_sign(reg->log, report, &note));
    reg->marked = world_now(reg->world);
    return OK;
}

static bool mark_is_due(const struct reg *reg)
{
    return world_now(reg->world).ms - reg->marked.ms >= 1000;
}

/* At most once a second. */
static status reg_mark(struct reg *reg, struct report *report)
{
    if (!mark_is_due(reg) || audit_size(reg->log) == audit_mark_of(reg->log).size)
        return OK;
    return reg_on_duty(reg) ? enter_and(reg, reg_checkpoint, report) : sign_own(reg, report);
}

/* A turn that could not be kept: its rows are gone already, its entries and answers follow. */
static void reg_abandon(struct reg *reg)
{
    reg_facts_forget_all(reg);
    if (!audit_poisoned(reg->log))
        audit_drop(reg->log, audit_size(reg->log));
}

static void release(struct engine *engine)
{
    for (size_t i = 0; i < engine->held_count; i++) {
        struct held *held = &engine->held[i];
        struct call *call = held->call;
        status result = held->result;
        if (call->reg->shared)
            call->outcome.log_index = audit_where(call->reg->log, call->outcome.log_index);
        if (!is_ok(call->reg->turn)) {
            result = call->reg->turn;
            *call->report = call->reg->turn_report;
        } else if (is_ok(result) && call->finish != NULL) {
            call->arena = call->brief != NULL ? call->brief : call->arena;
            result = call->finish(call);
        }
        held->done(held->self, call, result);
    }
    engine->held_count = 0;
}

/* Of a register that several servers may serve. What this one knows of it is of no use any more. */
static void notice_taken(struct reg *reg)
{
    if (!vault_keeps_log(reg->vault) || !vault_taken(reg->vault))
        return;
    reg->turn_report = (struct report){0};
    reg->turn = fail(&reg->turn_report, FAULT_LOCKED, "another server has taken the register over");
    reg->engine->poisoned = true;
}

bool reg_met(struct reg *reg)
{
    if (reg->vault != NULL)
        reg->met |= vault_met(reg->vault);
    return reg->met;
}

status engine_end(struct engine *engine, struct report *report)
{
    for (size_t i = 0; i < engine->reg_count; i++) {
        struct reg *reg = engine->regs[i];
        reg->turn_report = (struct report){0};
        reg->coming = false;
        reg->turn = reg_flush(reg, &reg->turn_report);
        notice_taken(reg);
        reg->met = vault_met(reg->vault);
        if (engine->poisoned) {
            *report = reg->turn_report;
            return reg->turn; /* nothing is released: the process stops answering */
        }
        if (!is_ok(reg->turn)) {
            reg_abandon(reg);
        }
    }
    bool told = engine->held_count > 0;
    release(engine);
    status left = engine_leave(engine, report); /* before any of the answers goes out */
    engine->shares = false;
    engine->poisoned |= told && !is_ok(left);
    return engine->poisoned ? left : OK;
}

/* What fails here is tried again in a later turn; the entries are durable. */
static void rest_mark(struct reg *reg)
{
    struct report later_again = {0};
    if (!audit_poisoned(reg->log) && !is_ok(reg_mark(reg, &later_again)))
        reg->marked = world_now(reg->world);
}

/* The same where a chore signs, which nobody waits for: the mark follows when that was taken in. */
static void rest_ask(struct reg *reg)
{
    struct report with_the_next = {0};
    if (audit_poisoned(reg->log))
        return;
    if (mark_is_due(reg)) {
        audit_ask(reg->log);
        reg->marked = world_now(reg->world);
    }
    uint64_t size = audit_mark_of(reg->log).size;
    if (reg->followed != size && reg_on_duty(reg))
        (void)is_ok(enter_and(reg, follow, &with_the_next));
    reg->followed = size;
}

void engine_rest(struct engine *engine)
{
    for (size_t i = 0; i < engine->reg_count && !engine->poisoned; i++) {
        struct reg *reg = engine->regs[i];
        struct report later_again = {0};
        bool did;
        rest_mark(reg);
        (void)is_ok(audit_tend(reg->log, &later_again, &did));
    }
    engine_end_registers(engine);
}

struct audit_chore *engine_rest_apart(struct engine *engine)
{
    struct audit_chore *chore = NULL;
    engine->rests_apart = true;
    for (size_t i = 0; i < engine->reg_count && !engine->poisoned; i++)
        rest_ask(engine->regs[i]);
    engine_end_registers(engine);
    for (size_t i = 0; i < engine->reg_count && !engine->poisoned && chore == NULL; i++) {
        struct report later_again = {0};
        struct reg *reg = engine->regs[engine->rested++ % engine->reg_count];
        (void)is_ok(audit_chore_begin(reg->log, &later_again, &chore));
    }
    return chore;
}

static void run_done(void *self, struct call *call, status result)
{
    (void)call;
    *(status *)self = result;
}

status engine_run(struct engine *engine, struct reg *reg, const struct caller *caller,
                  struct arena *arena, struct report *report, struct call *call,
                  status (*use)(struct call *call, void *request), void *request)
{
    if (engine->poisoned)
        return not_answering(report);
    engine_begin(engine);
    status result = call_begin(engine, reg, caller, arena, report, call);
    if (is_ok(result)) {
        result = call_end(call, use(call, request));
        call_hold(call, run_done, &result, result);
    }
    struct report ending = {0};
    status ended = engine_end(engine, &ending);
    if (!engine->rests_apart) /* where it does, the next one does what this turn left */
        engine_rest(engine);
    if (is_ok(ended))
        return result;
    *report = ending;
    return ended;
}
