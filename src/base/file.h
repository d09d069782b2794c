/* file: reading, and changing files so that a crash leaves the old state or the new one.
 *
 *   write temp -> fsync -> rename -> fsync folder      zeros -> fsync -> unlink -> fsync folder
 *
 * Before each arrow's effect the world's seam is called with the name that you pass; a fault from
 * it stands for the effect's failure, and the file is then as it was (or gone, or new: never half).
 * Faults: NOT_FOUND where a file to read is missing, FULL when the disk is, LOCKED, LIMIT, and
 * STORE for the rest. Reports name the last component of a path, never the folders before it. Does
 * not hold: overwriting with zeros reaches the medium only where the file system writes in place;
 * it is a courtesy, and what must vanish is encrypted under a key that goes.
 */
#ifndef VERN_FILE_H
#define VERN_FILE_H

#include <sys/types.h>
#include "base.h"

/* The whole file, of at most `limit` bytes (LIMIT beyond). */
MUST_CHECK status file_read(const char *path, struct arena *arena, size_t limit,
                            struct report *report, str *bytes);
bool file_exists(const char *path);

struct file_change {
    const struct world *world;
    const char *seam; /* the name that the seam is called with, before each effect */
    const char *path;
};
/* Puts `bytes` in the place of the file, or makes it, with `mode`. A path has one writer at a time.
 * A crash may leave "path.new" behind; the next write and the next removal take it along. */
MUST_CHECK status file_write_durable(const struct file_change *change, str bytes, mode_t mode,
                                     struct report *report);
/* Overwrites with zeros and removes. A file that is not there is as good as removed. */
MUST_CHECK status file_remove_durable(const struct file_change *change, struct report *report);
/* Moves `change->path` to `to`, in the same folder or another one of the same file system. */
MUST_CHECK status file_rename_durable(const struct file_change *change, const char *to,
                                      struct report *report);

/* Makes one folder, unless it is there. */
MUST_CHECK status dir_make(const char *path, mode_t mode, struct report *report);
/* Flushes what changed in a folder: names that came, went or moved. */
MUST_CHECK status dir_sync(const char *path, struct report *report);

/* Takes the exclusive lock that the file at `path` stands for, for as long as *fd is open. Another
 * holder gives LOCKED at once. */
MUST_CHECK status lock_take(const char *path, struct report *report, int *fd);

/* CLEANUP(fd_close) int fd = -1; */
void fd_close(int *fd);
/* A fault for the errno of a failed call on `path`: FULL, LOCKED or STORE. */
MUST_CHECK status file_fault(struct report *report, int error, const char *action,
                             const char *path);

#endif
