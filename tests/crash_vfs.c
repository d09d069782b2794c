#include "crash_vfs.h"
#include <assert.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct crash crash;

/* Our file, with the real one behind it in the same memory. */
struct crash_file {
    sqlite3_file base;
    sqlite3_file *real;
};

static sqlite3_vfs *usual;

/* Counts a change; not SQLITE_OK when it is the one to go wrong. */
static int change(bool writes, bool *tear)
{
    crash.count++;
    bool here = crash.count == crash.at, from = crash.at > 0 && crash.count >= crash.at;
    switch (crash.mode) {
    case CRASH_NOT:
        return SQLITE_OK;
    case CRASH_FAIL:
        return here ? SQLITE_IOERR_WRITE : SQLITE_OK;
    case CRASH_FAIL_FROM:
        return from ? SQLITE_IOERR_WRITE : SQLITE_OK;
    case CRASH_FULL:
        return from && writes ? SQLITE_FULL : SQLITE_OK;
    case CRASH_TEAR:
        if (here && writes)
            *tear = true;
        else if (here)
            raise(SIGKILL);
        return SQLITE_OK;
    case CRASH_KILL:
        if (here)
            raise(SIGKILL);
        return SQLITE_OK;
    }
    return SQLITE_OK;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct crash_file *)file)->real;
}

static int crash_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int crash_read(sqlite3_file *file, void *to, int count, sqlite3_int64 at)
{
    return real_of(file)->pMethods->xRead(real_of(file), to, count, at);
}

static int crash_write(sqlite3_file *file, const void *from, int count, sqlite3_int64 at)
{
    bool tear = false;
    int code = change(true, &tear);
    if (code != SQLITE_OK)
        return code;
    code = real_of(file)->pMethods->xWrite(real_of(file), from, tear ? count / 2 : count, at);
    if (tear)
        raise(SIGKILL);
    return code;
}

static int crash_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int code = change(false, NULL);
    return code != SQLITE_OK ? code : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int crash_sync(sqlite3_file *file, int flags)
{
    int code = change(false, NULL);
    return code != SQLITE_OK ? code : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int crash_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int crash_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int crash_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int crash_reserved(sqlite3_file *file, int *held)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), held);
}

static int crash_control(sqlite3_file *file, int what, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}

static int crash_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int crash_device(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int crash_fetch(sqlite3_file *file, sqlite3_int64 at, int count, void **memory)
{
    return real_of(file)->pMethods->xFetch(real_of(file), at, count, memory);
}

static int crash_unfetch(sqlite3_file *file, sqlite3_int64 at, void *memory)
{
    return real_of(file)->pMethods->xUnfetch(real_of(file), at, memory);
}

/* Without the shared-memory calls: one process holds the file. */
static const sqlite3_io_methods methods = {
    .iVersion = 3,
    .xClose = crash_close,
    .xRead = crash_read,
    .xWrite = crash_write,
    .xTruncate = crash_truncate,
    .xSync = crash_sync,
    .xFileSize = crash_size,
    .xLock = crash_lock,
    .xUnlock = crash_unlock,
    .xCheckReservedLock = crash_reserved,
    .xFileControl = crash_control,
    .xSectorSize = crash_sector,
    .xDeviceCharacteristics = crash_device,
    .xFetch = crash_fetch,
    .xUnfetch = crash_unfetch,
};

static int crash_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    struct crash_file *ours = (struct crash_file *)file;
    ours->real = (sqlite3_file *)(ours + 1);
    memset(ours->real, 0, (size_t)usual->szOsFile);
    int code = usual->xOpen(usual, name, ours->real, flags, out);
    ours->base.pMethods = ours->real->pMethods != NULL ? &methods : NULL;
    return code;
}

static int crash_delete(sqlite3_vfs *vfs, const char *name, int flush)
{
    (void)vfs;
    int code = change(false, NULL);
    return code != SQLITE_OK ? code : usual->xDelete(usual, name, flush);
}

void crash_vfs_install(void)
{
    static sqlite3_vfs vfs;
    if (usual != NULL)
        return;
    usual = sqlite3_vfs_find(NULL);
    assert(usual != NULL);
    vfs = *usual;
    vfs.pNext = NULL;
    vfs.zName = CRASH_VFS;
    vfs.szOsFile = (int)sizeof(struct crash_file) + usual->szOsFile;
    vfs.xOpen = crash_open;
    vfs.xDelete = crash_delete;
    sqlite3_vfs_register(&vfs, 0);
}
