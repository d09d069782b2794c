/* A register in files that is served holds still while another process moves it: the server's half
 * of register_move.c.
 *
 *   vern move                           the server, once a second
 *     move-asked, waits for               finds it: the journals are written back and cut, nothing
 *     lock-changes                        is changed any more, and lock-changes is given away
 *     copies, compares, database.json     answers whatever changes nothing
 *     gives lock-changes back             has it again: opens the register where it lies now, or
 *                                         goes on where it was, and the move is void
 *
 * Whoever has lock-changes may change the files; a process that dies has no locks. So that of two
 * that move a register one waits, moving.json is written by who has it. */
#include <stdio.h>

#include "engine_internal.h"
#include "file.h"

enum { STILL_LOOKS = 2 /* whoever asked has it by then */ };

static const char asked[] = "move-asked", changes[] = "lock-changes";

/* ---- the files ---- */

status register_changes_take(const char *dir, struct report *report, int *fd)
{
    char path[REGISTER_PATH];
    TRY(register_path(dir, changes, path, report));
    return lock_take(path, report, fd);
}

bool register_changes_known(const char *dir)
{
    return register_has(dir, changes);
}

status register_move_ask(const struct world *world, const char *dir, struct report *report)
{
    char path[REGISTER_PATH];
    if (register_has(dir, asked))
        return OK;
    TRY(register_path(dir, asked, path, report));
    struct file_change change = {world, "register.asked", path};
    return file_write_durable(&change, STR("{\"format\":1}\n"), 0600, report);
}

status register_move_asked_end(const struct world *world, const char *dir, struct report *report)
{
    return register_remove(world, dir, asked, "register.asked", report);
}

/* ---- the server ---- */

static status hold_still(struct reg *reg, struct report *report)
{
    TRY(register_move_asked_end(reg->world, reg->dir, report));
    TRY(vault_hold_still(reg->vault, report));
    reg->still = true;
    reg->still_looks = 0;
    fd_close(&reg->change_lock);
    return OK;
}

static status go_on(struct reg *reg, int fd, struct report *report)
{
    status settled = register_move_settle(reg->world, reg->dir, report);
    if (!is_ok(settled)) { /* the copy may not be gone on with, and nobody is told so */
        fd_close(&fd);
        return settled;
    }
    reg->change_lock = fd;
    reg->still = false;
    vault_go_on(reg->vault);
    return OK;
}

/* The struct stays, as that of a register that ended: callers and requests may still point at it.
 */
static void put_aside(struct engine *engine, size_t at, struct reg *fresh)
{
    struct reg *reg = engine->regs[at];
    engine->regs[at] = reg->moved = fresh;
    reg->retired = true;
    reg->next_retired = engine->moved;
    engine->moved = reg;
}

/* The lock goes from the one to the other. */
static status open_there(struct reg *reg, struct report *report)
{
    struct engine *engine = reg->engine;
    struct reg *fresh;
    size_t at = 0;
    int lock = reg->lock;
    while (engine->regs[at] != reg)
        at++;
    reg->lock = -1;
    reg_shut(reg);
    status opened = reg_open_held(engine, reg->name, lock, report, &fresh);
    engine->poisoned |= !is_ok(opened); /* it is in neither place: a start finds it */
    TRY(opened);
    put_aside(engine, at, fresh);
    return OK;
}

static status come_back(struct reg *reg, struct report *report, enum move_step *step)
{
    struct report other = {0};
    int fd = -1;
    status taken = register_changes_take(reg->dir, &other, &fd);
    if (taken.fault == FAULT_LOCKED)
        return OK;
    if (!is_ok(taken))
        return fail(report, taken.fault, "%s", other.text);
    if (!register_has(reg->dir, "database.json")) {
        TRY(go_on(reg, fd, report));
        *step = MOVE_VOID;
        return OK;
    }
    fd_close(&fd);
    TRY(open_there(reg, report));
    *step = MOVE_DONE;
    return OK;
}

struct reg *reg_current(struct reg *reg)
{
    while (reg->moved != NULL)
        reg = reg->moved;
    return reg;
}

bool reg_is_still(const struct reg *reg)
{
    return reg->still;
}

status reg_mind_move(struct reg *reg, struct report *report, enum move_step *step)
{
    *step = MOVE_NONE;
    if (reg->still)
        return ++reg->still_looks < STILL_LOOKS ? OK : come_back(reg, report, step);
    if (reg->change_lock < 0 || !register_has(reg->dir, asked))
        return OK;
    TRY(hold_still(reg, report));
    *step = MOVE_STILL;
    return OK;
}
