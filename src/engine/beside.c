/* A register that several servers serve at the same time: one of them has a turn at a time, or
 * several have a turn of uses together, and what another one did since the last is read anew before
 * anything is looked at.
 *
 *   reg_enter                          what came of others' turns
 *     nobody else was here             nothing
 *     another one was                  facts and rings are dropped, the log's files take in its
 *                                      entries, clock, guards and settling are read
 *     and it changed the whole         versions, tokens, accounts and webhooks, in place
 *     and it left a turn half done     is mended, as at a start: by who is alone
 *     others shared turns              alone: the log's files take in their entries; else it does
 *                                      when this one's are added (kept_log.c)
 *   calls of a turn, their flush, their answers
 *   reg_leave                          at the end of the turn (engine_end())
 *
 * A register of one server is always entered. */
#include "engine_internal.h"

/* What follows from what others did, and is looked at again. */
static void look_again(struct reg *reg)
{
    reg_facts_forget_all(reg);
    reg->alarms_counted = false;
    reg->watch_again = reg->mail_news = reg->webhook_news = true;
    reg->sweeping = (struct vault_due_cursor){0};
    reg->share_of = 0;
}

static status mend(struct reg *reg, struct report *report)
{
    struct vault_mend mend = {.self = reg, .logged = reg_logged};
    struct vault_mended mended;
    return vault_mend(reg->vault, &mend, report, &mended);
}

static status take_in(struct reg *reg, const struct vault_entered *entered, struct report *report)
{
    look_again(reg);
    TRY(reg_take_more(reg, report));
    if (entered->cut_short && !reg->shared)
        TRY(mend(reg, report));
    if (reg->simulated)
        TRY(reg_read_clock(reg, report));
    TRY(reg_guard_load(reg, report));
    TRY(reg_settle_load(reg, report));
    if (entered->whole || reg->whole_stale) {
        TRY(reg_load_own_anew(reg, report));
        TRY(reg_hear(reg, report));
    }
    reg->whole_stale = false;
    return reg_brief_take(reg, report);
}

/* What was not read to the end is read again by the next who enters. */
static status fail_to_enter(struct reg *reg, const struct vault_entered *entered, status why)
{
    struct report other = {0};
    reg->stale = true;
    reg->whole_stale |= entered->whole;
    vault_rollback(reg->vault);
    if (!audit_poisoned(reg->log))
        audit_drop(reg->log, audit_size(reg->log));
    reg->engine->poisoned |= vault_half_done(reg->vault) || audit_poisoned(reg->log);
    status left = reg_leave(reg, &other);
    (void)left; /* nothing was answered yet */
    return why;
}

/* That was heard just now. */
static status leave_ended(struct reg *reg, struct report *report)
{
    TRY(reg_leave(reg, report));
    return reg_has_ended(reg, report);
}

static status know_others(struct reg *reg, const struct vault_entered *entered,
                          struct report *report)
{
    if (entered->moved || reg->stale)
        return take_in(reg, entered, report);
    bool more = !reg->shared && entered->entries > audit_size(reg->log);
    return more ? reg_take_more(reg, report) : OK;
}

/* `left`: something is to be put right, by who is alone. */
static status enter_as(struct reg *reg, enum db_stay stay, struct report *report, bool *left)
{
    struct vault_entered entered;
    status here = vault_enter(reg->vault, stay, report, &entered);
    *left = false;
    if (!is_ok(here))
        here = reg_not_entered(reg, here, report);
    reg->engine->poisoned |= here.fault == FAULT_KEY; /* an epoch that a start takes in */
    TRY(here);
    reg->entered = true;
    reg->shared = stay == DB_SHARED;
    reg->on_duty &= !entered.again;
    bool broken = reg->shared && entered.cut_short;
    status known = broken ? OK : know_others(reg, &entered, report);
    if (!is_ok(known))
        return fail_to_enter(reg, &entered, known);
    reg->stale = *left = broken || (reg->shared && reg->guard_changed);
    reg->whole_stale |= *left && entered.whole;
    if (*left)
        return reg_leave(reg, report);
    return reg->ends && !reg->stays ? leave_ended(reg, report) : OK;
}

status reg_enter(struct reg *reg, struct report *report)
{
    bool left = true;
    if (reg->vault == NULL || !vault_beside(reg->vault) || reg->entered)
        return OK;
    if (reg->engine->poisoned)
        return fail(report, FAULT_STORE, "nothing more is answered until a new start");
    if (reg->ends && !reg->stays)
        return reg_has_ended(reg, report);
    if (reg->engine->shares)
        TRY(enter_as(reg, DB_SHARED, report, &left));
    return left ? enter_as(reg, DB_ALONE, report, &left) : OK;
}

status reg_leave(struct reg *reg, struct report *report)
{
    if (!reg->entered || reg->stays)
        return OK;
    reg->entered = reg->shared = false;
    return vault_leave(reg->vault, report);
}

status reg_breathe(struct reg *reg, struct report *report)
{
    struct vault_entered entered; /* what was cut short is looked for when the files are whole */
    if (!reg->entered)
        return OK;
    TRY(reg_leave(reg, report));
    TRY(vault_enter(reg->vault, DB_ALONE, report, &entered));
    reg->entered = true;
    return OK;
}

status engine_enter(struct reg *reg, struct report *report)
{
    return reg_enter(reg, report);
}

/* What came of making the answers. */
static status keep_rest(struct reg *reg, struct report *report)
{
    if (!reg->entered || !is_ok(reg->turn))
        return OK;
    status kept = audit_pending(reg->log) > audit_size(reg->log) ? reg_flush_log(reg, report) : OK;
    if (is_ok(kept) && !reg->shared)
        kept = reg_brief_keep(reg, report);
    reg->engine->poisoned |= !is_ok(kept); /* nobody knows what the others will know */
    return kept;
}

/* Answers that rest on what was read alone go out only if nobody else was here meanwhile. */
status engine_leave(struct engine *engine, struct report *report)
{
    status first = OK;
    for (size_t i = 0; i < engine->reg_count; i++) {
        struct report own = {0}, other = {0};
        status kept = keep_rest(engine->regs[i], &own);
        status left = reg_leave(engine->regs[i], is_ok(kept) ? &own : &other);
        left = is_ok(kept) ? left : kept;
        if (is_ok(left) || !is_ok(engine->regs[i]->turn) || !is_ok(first))
            continue;
        first = left;
        *report = own;
    }
    return first;
}

/* ---- who sends, sweeps and watches ---- */

bool reg_on_duty(const struct reg *reg)
{
    return !reg->still && (!vault_beside(reg->vault) || reg->on_duty);
}

/* To ask for it, nobody need be alone: the row of the baton decides. */
static status enter_to_ask(struct reg *reg, struct report *report)
{
    bool shares = reg->engine->shares;
    reg->engine->shares = true;
    status entered = reg_enter(reg, report);
    reg->engine->shares = shares;
    return entered;
}

status reg_take_duty(struct reg *reg, struct report *report)
{
    bool was = reg->on_duty;
    if (!vault_beside(reg->vault))
        return OK;
    TRY(enter_to_ask(reg, report));
    status asked = vault_duty(reg->vault, report, &reg->on_duty);
    reg->on_duty &= is_ok(asked);
    if (reg->on_duty && !was)
        look_again(reg);
    TRY(reg_leave(reg, report));
    return asked;
}
