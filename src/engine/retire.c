/* A whole register goes: its epoch keys first, then its rings and its data. What stays is its log,
 * which names nobody and proves that it ended.
 *
 *   entry "retire" --> retired.json, durable --> register.json gone --> epoch/ keys.db data.db gone
 *
 * From retired.json on there is no way back: a start that finds it goes on destroying, and so do a
 * sweep and whoever asks for that end again.
 *
 * A space that was made and of which the firm's log says nothing is no space: its folder bears
 * unconfirmed.json until then, and goes as a whole (space.c). */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db.h"
#include "engine_internal.h"
#include "file.h"

static status remove_one(const struct world *world, const char *path, struct report *report)
{
    struct file_change change = {world, "register.retire", path};
    return file_remove_durable(&change, report);
}

static void dir_close(DIR **dir)
{
    if (*dir != NULL)
        closedir(*dir);
}

/* Every file of a folder, the folder itself stays. */
static status remove_files(const struct world *world, const char *folder, struct report *report)
{
    CLEANUP(dir_close) DIR *dir = opendir(folder);
    const struct dirent *entry;
    char path[REGISTER_PATH];
    if (dir == NULL)
        return OK;
    while ((entry = readdir(dir)) != NULL) {
        struct stat about;
        TRY(register_path(folder, entry->d_name, path, report));
        bool file = lstat(path, &about) == 0 && S_ISREG(about.st_mode);
        /* the log and its key stay; the lock is ours, the mark must outlive all that goes */
        if (!file || str_is(str_from(entry->d_name), "log.key") ||
            str_is(str_from(entry->d_name), "lock") ||
            str_is(str_from(entry->d_name), "retired.json"))
            continue;
        TRY(remove_one(world, path, report));
    }
    return OK;
}

bool register_is_retired(const char *dir)
{
    return register_has(dir, "retired.json");
}

static void take_out(struct engine *engine, struct reg *reg)
{
    size_t kept = 0;
    for (size_t i = 0; i < engine->reg_count; i++) {
        if (engine->regs[i] != reg)
            engine->regs[kept++] = engine->regs[i];
    }
    engine->reg_count = kept;
    reg->next_retired = engine->retired;
    engine->retired = reg;
}

/* ---- what was never confirmed ---- */

static const char unconfirmed[] = "unconfirmed.json";

bool register_is_unconfirmed(const char *dir)
{
    return register_has(dir, unconfirmed);
}

status register_doubt(const struct world *world, const char *dir, struct report *report)
{
    char path[REGISTER_PATH];
    TRY(register_path(dir, unconfirmed, path, report));
    struct file_change mark = {world, "register.doubt", path};
    return file_write_durable(&mark, STR("{\"format\":1}\n"), 0600, report);
}

status register_confirm(const struct world *world, const char *dir, struct report *report)
{
    char path[REGISTER_PATH];
    TRY(register_path(dir, unconfirmed, path, report));
    struct file_change mark = {world, "register.confirm", path};
    return file_remove_durable(&mark, report);
}

/* Everything below a folder but the mark; the folders within go, too. */
static status remove_below(const struct world *world, const char *folder, unsigned depth,
                           struct report *report)
{
    CLEANUP(dir_close) DIR *dir = opendir(folder);
    const struct dirent *entry;
    char path[REGISTER_PATH];
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        struct stat about;
        str name = str_from(entry->d_name);
        if (str_is(name, ".") || str_is(name, "..") || str_is(name, unconfirmed))
            continue;
        TRY(register_path(folder, entry->d_name, path, report));
        if (lstat(path, &about) != 0)
            continue;
        if (!S_ISDIR(about.st_mode)) {
            TRY(remove_one(world, path, report));
        } else if (depth > 0) {
            TRY(remove_below(world, path, depth - 1, report));
            (void)rmdir(path);
        }
    }
    return OK;
}

/* What lies elsewhere goes before the file that says where. That loses its name in one step, since
 * whoever is interrupted while it is overwritten could not read it again. */
static status drop_places(const struct world *world, const char *dir, struct report *report)
{
    struct db_places places;
    char path[REGISTER_PATH], gone[REGISTER_PATH];
    if (!register_has(dir, "database.json"))
        return OK;
    TRY(db_places_read(dir, report, &places));
    for (enum db_schema i = DB_DATA; i <= DB_KEYS; i++)
        if (db_place_at(&places, i) != NULL)
            TRY(db_place_drop(db_place_at(&places, i), report));
    TRY(register_path(dir, "database.json", path, report));
    TRY(register_path(dir, "database-gone.json", gone, report));
    struct file_change change = {world, "register.retire", path};
    return file_rename_durable(&change, gone, report);
}

status register_discard(const struct world *world, const char *dir, struct report *report)
{
    enum { DEPTH = 8 };
    char card[REGISTER_PATH];
    TRY(register_path(dir, "register.json", card, report));
    TRY(remove_one(world, card, report)); /* it is no register any more; the rest follows */
    TRY(drop_places(world, dir, report));
    TRY(remove_below(world, dir, DEPTH, report));
    TRY(register_confirm(world, dir, report)); /* the mark comes last: until then a start goes on */
    (void)rmdir(dir);
    return OK;
}

status reg_discard(struct reg *reg, struct report *report)
{
    take_out(reg->engine, reg);
    reg->retired = true;
    reg_shut(reg);
    return reg_destroy(reg, report);
}

status register_destroy(const struct world *world, const char *dir, struct report *report)
{
    char path[REGISTER_PATH];
    TRY(register_path(dir, "epoch", path, report));
    TRY(remove_files(world, path, report)); /* from here on nothing opens any more */
    TRY(drop_places(world, dir, report));
    return remove_files(world, dir, report);
}

static status use_retire(struct call *call, void *self)
{
    (void)self;
    struct operation op = call_operation(call, ACTION_ERASE, call->reg->own);
    if (vault_beside(call->reg->vault) && !str_is_empty(call->reg->space_of))
        TRY(register_end_say(call->reg, STR("erase"),
                             call->report)); /* who dies here is followed */
    return call_log(call, NULL, &op, "retire", decision_by_scope());
}

/* Up to its mark. */
static status mark_retired(struct reg *reg, const struct retirement *how, struct arena *arena,
                           struct report *report)
{
    struct call call;
    str what = STR("{\"format\":1}\n");
    TRY(engine_run(reg->engine, reg, engine_system(), arena, report, &call, use_retire, NULL));
    TRY(reg_checkpoint(reg, report));
    TRY(reg_leave_log(reg, report));
    if (how != NULL)
        TRY(register_end_texts(reg, how, arena, report, &what, how->certificate));
    str path = arena_format(arena, "%s/retired.json", reg->dir);
    const char *text = arena_c_string(arena, path);
    if (text == NULL)
        return NO_MEMORY(report);
    struct file_change mark = {reg->world, "register.retired", text};
    return file_write_durable(&mark, what, 0600, report);
}

status reg_retire(struct reg *reg, const struct retirement *how, struct arena *arena,
                  struct report *report)
{
    bool gone; /* another server was there first, and takes away what is left */
    TRY(reg_enter_to_end(reg, report, &gone));
    status marked = gone ? OK : mark_retired(reg, how, arena, report);
    if (!is_ok(marked))
        return reg_goes_on(reg, marked, report);
    take_out(reg->engine, reg);
    reg->retired = true;
    reg->stays = false;
    reg_shut(reg);
    return gone ? OK : reg_destroy(reg, report);
}

status reg_destroy(struct reg *reg, struct report *report)
{
    if (reg->destroyed_wholly)
        return OK;
    bool never = register_is_unconfirmed(reg->dir);
    TRY(never ? register_discard(reg->world, reg->dir, report)
              : register_destroy(reg->world, reg->dir, report));
    reg->destroyed_wholly = true;
    return OK;
}

status engine_destroy_retired(struct engine *engine, struct report *report)
{
    for (struct reg *reg = engine->retired; reg != NULL; reg = reg->next_retired)
        TRY(reg_destroy(reg, report));
    return OK;
}
