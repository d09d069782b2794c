/* For tests: a file layer of SQLite's that counts what changes files, and fails or kills at one of
 * them.
 *
 * Call crash_vfs_install() once, open databases with `.vfs = CRASH_VFS`, and set `crash.at` to the
 * number (from 1) of the write, flush, cut or removal that is to go wrong. */
#ifndef VERN_CRASH_VFS_H
#define VERN_CRASH_VFS_H
#include <stdbool.h>
#include <stdint.h>

#define CRASH_VFS "crash"

enum crash_mode {
    CRASH_NOT,
    CRASH_FAIL,      /* that one call fails with an I/O error */
    CRASH_FAIL_FROM, /* it and all that follow */
    CRASH_FULL,      /* writes fail with a full disk from there on */
    CRASH_TEAR,      /* half of the write reaches the file, then the process is killed */
    CRASH_KILL       /* SIGKILL before the call */
};
struct crash {
    enum crash_mode mode;
    uint64_t at, count;
};
extern struct crash crash;

void crash_vfs_install(void);

#endif
