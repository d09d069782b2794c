/* shelf_internal: the files of one log directory. Each effect on them passes the world's seam
 * first, under the name that the caller gives, so that tests can fail or stop at each.
 *
 * Holds: a file written here is whole or absent, never half (a temporary file is renamed into
 * place). Paths are relative to the directory; folders on the way are made. */
#ifndef VERN_SHELF_INTERNAL_H
#define VERN_SHELF_INTERNAL_H
#include "bytes.h"

enum { SHELF_PATH = 128 };

struct shelf {
    const struct world *world;
    int dir;
    bool beside; /* for another thread: its temporary file has a name of its own */
};

/* FULL for a full disk, STORE for the rest; the text says what and why. */
MUST_CHECK status shelf_fail(struct report *report, const char *what, const char *path);

MUST_CHECK status shelf_open(const struct world *world, const char *dir, bool make,
                             struct report *report, struct shelf *shelf);
void shelf_close(struct shelf *shelf);
MUST_CHECK status shelf_folder(const struct shelf *shelf, const char *path, struct report *report);
/* Reads a whole file; *found is false when there is none. Files over `most` bytes are CORRUPT. */
MUST_CHECK status shelf_read(const struct shelf *shelf, const char *path, size_t most,
                             struct report *report, struct bytes *bytes, bool *found);
/* Reads a part of a file; false when it cannot be read, or ends before. */
MUST_CHECK bool shelf_read_part(const struct shelf *shelf, const char *path, size_t offset,
                                size_t count, struct bytes *bytes);
/* Writes a whole file; `durable` flushes it and its folder before the call returns. */
MUST_CHECK status shelf_write(const struct shelf *shelf, const char *seam, const char *path,
                              str content, bool durable, struct report *report);
/* As shelf_write(), and leaves a file that is right already alone. */
MUST_CHECK status shelf_keep(const struct shelf *shelf, const char *seam, const char *path,
                             str content, bool durable, struct report *report);
/* Lets the disk begin with a file that will be flushed later. Only a hint. */
void shelf_start(const struct shelf *shelf, const char *path);
/* Flushes a file that was written earlier; with `folders` also those on the way to it. */
MUST_CHECK status shelf_sync(const struct shelf *shelf, const char *path, bool folders,
                             struct report *report);
/* Flushes a folder: names made, moved or removed in it are durable. */
MUST_CHECK status shelf_sync_folder(const struct shelf *shelf, const char *path,
                                    struct report *report);
/* Removes a folder of plain files if it is there. Best effort: what stays is only unneeded. */
void shelf_drop_folder(const struct shelf *shelf, const char *path);
MUST_CHECK bool write_all(int file, const char *bytes, size_t count, size_t offset);
/* Adds so many bytes of a file to `bytes`; false when it cannot be read, or ends before. */
MUST_CHECK bool read_part(int file, struct bytes *bytes, size_t offset, size_t count);
#endif
