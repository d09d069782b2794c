/* Registers and customers' spaces that another server made or ended, where several serve at the
 * same time.
 *
 *   a server                                the others
 *     makes a space, notes it with its firm   open it when they next enter the firm's register
 *     notes that it ends                      answer by it no more, and
 *     keeps the baton until it is gone        find it gone, or are the next to have the baton: then
 *                                             the one that ended it died, and they go on
 *
 * Nothing is ended within a turn: what ends is marked there, and goes when the turn is over. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine_internal.h"
#include "file.h"
#include "json.h"

enum { NEWS_ARENA = 256 << 10, CARD_BYTES = 4096 };

/* ---- what is there ---- */

static const char *path_of(const struct engine *engine, const char *name, const char *leaf,
                           struct arena *arena)
{
    return arena_c_string(
        arena, arena_format(arena, "%.*s/registers/%s/%s", STR_ARG(engine->data_dir), name, leaf));
}

static bool is_there(const struct engine *engine, const char *name, const char *leaf,
                     struct arena *arena)
{
    const char *path = path_of(engine, name, leaf, arena);
    return path != NULL && file_exists(path);
}

str register_space_of(const struct engine *engine, const char *name, struct arena *arena)
{
    struct report odd = {0};
    const struct json *card;
    str text, firm = STR("");
    const char *path = path_of(engine, name, "register.json", arena);
    if (path == NULL || !is_ok(file_read(path, arena, CARD_BYTES, &odd, &text)) ||
        !is_ok(json_parse(arena, text, &odd, &card)) ||
        !json_str(json_get(card, "space_of"), &firm))
        return STR("");
    return firm;
}

/* Its folder says so; of a space that was never one there is none. */
static bool is_gone(const struct reg *reg)
{
    return register_is_retired(reg->dir) || !register_has(reg->dir, "register.json");
}

/* ---- what others say ---- */

static bool is_open(const struct engine *engine, str name)
{
    for (size_t i = 0; i < engine->reg_count; i++) {
        if (str_equal(engine->regs[i]->name, name))
            return true;
    }
    return false;
}

static status open_space(struct reg *firm, const char *name, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(NEWS_ARENA);
    struct engine *engine = firm->engine;
    str state;
    if (is_open(engine, str_from(name)) || is_there(engine, name, "retired.json", arena) ||
        !str_equal(register_space_of(engine, name, arena), firm->id))
        return OK;
    TRY(space_state(firm, str_from(name), arena, report, &state));
    return str_is(state, "made") ? engine_open_register(engine, str_from(name), report) : OK;
}

static int is_name(const struct dirent *entry)
{
    return register_name_valid(str_from(entry->d_name));
}

static status open_new(struct reg *firm, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(NEWS_ARENA);
    struct dirent **names = NULL;
    str path = arena_format(arena, "%.*s/registers", STR_ARG(firm->engine->data_dir));
    int count = scandir(arena_c_string(arena, path), &names, is_name, alphasort);
    status opened = OK;
    for (int i = 0; i < count; i++) {
        if (is_ok(opened))
            opened = open_space(firm, names[i]->d_name, report);
        free(names[i]);
    }
    free(names);
    return opened;
}

static status mark_ended(struct reg *firm, struct report *report)
{
    for (size_t i = 0; i < firm->engine->reg_count; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(NEWS_ARENA);
        struct reg *space = firm->engine->regs[i];
        str state;
        if (!str_equal(space->space_of, firm->id))
            continue;
        TRY(space_state(firm, space->name, arena, report, &state));
        space->ends |= str_is(state, "ended");
    }
    return OK;
}

status reg_hear(struct reg *reg, struct report *report)
{
    bool said;
    TRY(register_end_was_said(reg, report, &said));
    reg->ends |= said;
    if (!str_is_empty(reg->space_of))
        return OK;
    TRY(mark_ended(reg, report));
    return open_new(reg, report);
}

/* ---- one that ends ---- */

status reg_has_ended(const struct reg *reg, struct report *report)
{
    enum fault_class fault = str_is_empty(reg->space_of) ? FAULT_GONE : FAULT_UNAUTHENTICATED;
    return fail(report, fault, "%s", fault_text(fault));
}

status reg_not_entered(struct reg *reg, status why, struct report *report)
{
    struct report other = {0};
    if (!is_gone(reg))
        return why;
    if (!reg->ends)
        TRY(register_end_load(reg->engine, reg->dir, &other));
    reg->ends = true;
    *report = (struct report){0};
    return reg_has_ended(reg, report);
}

status reg_goes_on(struct reg *reg, status why, struct report *report)
{
    struct report other = {0};
    reg->stays = false;
    status left = reg_leave(reg, is_ok(why) ? report : &other);
    return is_ok(why) ? left : why;
}

status reg_enter_to_end(struct reg *reg, struct report *report, bool *gone)
{
    *gone = false;
    if (reg->still)
        return fail(report, FAULT_MOVING, "%s", fault_text(FAULT_MOVING));
    if (reg->vault == NULL || !vault_beside(reg->vault)) /* NULL: it is ended already */
        return OK;
    reg->ends = false; /* for us alone: the baton stays with us until it is gone */
    reg->stays = true;
    status entered = reg_enter(reg, report);
    *gone = !is_ok(entered) && is_gone(reg);
    reg->ends = false;
    if (*gone || is_ok(entered))
        return OK;
    return reg_goes_on(reg, entered, report);
}

/* What another server, or one that died, ended: goes on where that is. */
static status finish(struct reg *reg, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    return str_is_empty(reg->space_of) ? register_end_go_on(reg, arena, report)
                                       : reg_retire(reg, NULL, arena, report);
}

void engine_end_registers(struct engine *engine)
{
    if (engine->ending) /* the turn was one of these */
        return;
    engine->ending = true;
    for (size_t i = engine->reg_count; i > 0 && !engine->poisoned; i--) {
        struct report later_again = {0};
        struct reg *reg = engine->regs[i - 1]; /* one that goes moves those behind it */
        if (reg->ends && !is_ok(finish(reg, &later_again)))
            reg->ends = true;
    }
    engine->ending = false;
}
