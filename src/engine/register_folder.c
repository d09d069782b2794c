/* What lies in the folder of a register, by name. */
#include <stdio.h>

#include "engine_internal.h"
#include "file.h"

status register_path(const char *dir, const char *leaf, char path[REGISTER_PATH],
                     struct report *report)
{
    int length = snprintf(path, REGISTER_PATH, "%s/%s", dir, leaf);
    if (length < 0 || length >= REGISTER_PATH)
        return fail(report, FAULT_STORE, "a path is too long");
    return OK;
}

bool register_has(const char *dir, const char *leaf)
{
    struct report report = {0};
    char path[REGISTER_PATH];
    return is_ok(register_path(dir, leaf, path, &report)) && file_exists(path);
}

status register_remove(const struct world *world, const char *dir, const char *leaf,
                       const char *seam, struct report *report)
{
    char path[REGISTER_PATH];
    TRY(register_path(dir, leaf, path, report));
    struct file_change change = {world, seam, path};
    return file_remove_durable(&change, report);
}
