/* A whole register goes: its epoch keys first, then its rings and its data. What stays is its log,
 * which names nobody and proves that it ended.
 *
 *   entry "retire" --> retired.json, durable --> register.json gone --> epoch/ keys.db data.db gone
 *
 * From retired.json on there is no way back: a start that finds it goes on destroying. */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine_internal.h"
#include "file.h"

enum { RETIRE_PATH = 4096 };

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
    char path[RETIRE_PATH];
    if (dir == NULL)
        return OK;
    while ((entry = readdir(dir)) != NULL) {
        struct stat about;
        int length = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (length < 0 || (size_t)length >= sizeof(path))
            return fail(report, FAULT_STORE, "a path is too long");
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
    char path[RETIRE_PATH];
    int length = snprintf(path, sizeof(path), "%s/retired.json", dir);
    return length > 0 && (size_t)length < sizeof(path) && file_exists(path);
}

status register_destroy(const struct world *world, const char *dir, struct report *report)
{
    char path[RETIRE_PATH];
    int length = snprintf(path, sizeof(path), "%s/epoch", dir);
    if (length < 0 || (size_t)length >= sizeof(path))
        return fail(report, FAULT_STORE, "a path is too long");
    TRY(remove_files(world, path, report)); /* from here on nothing opens any more */
    return remove_files(world, dir, report);
}

static status use_retire(struct call *call, void *self)
{
    (void)self;
    struct operation op = call_operation(call, ACTION_ERASE, call->reg->own);
    return call_log(call, NULL, &op, "retire", decision_by_scope());
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

status reg_retire(struct reg *reg, struct arena *arena, struct report *report)
{
    struct engine *engine = reg->engine;
    struct call call;
    TRY(engine_run(engine, reg, engine_system(), arena, report, &call, use_retire, NULL));
    TRY(reg_checkpoint(reg, report));
    str path = arena_format(arena, "%s/retired.json", reg->dir);
    const char *text = arena_c_string(arena, path);
    if (text == NULL)
        return NO_MEMORY(report);
    struct file_change mark = {reg->world, "register.retired", text};
    TRY(file_write_durable(&mark, STR("{\"format\":1}\n"), 0600, report));
    take_out(engine, reg);
    reg->retired = true;
    reg_shut(reg);
    return register_destroy(reg->world, reg->dir, report);
}
