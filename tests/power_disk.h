/* For tests: the disk under this process, whose power can go. It stands between the program (SQLite
 * with it) and the system's calls that change files:
 *
 *   pwrite, ftruncate ... --> the file, at once             (this process sees it, as from a cache)
 *                         \-> a list of what is not flushed, with the bytes that were there before
 *   fsync, fdatasync      --> the file's list ends; a folder's: the names made and moved in it
 *   the power goes        --> all that is listed is undone, and a drawn part of it done again
 *
 * The part is drawn by sectors of 512 bytes of each write: none, some, the later without the
 * earlier, all but a torn end; the names of a folder come and go in their order. A flush that
 * failed keeps what it was to keep in the list for ever, as Linux does. A name is durable when its
 * folder was flushed and not before. What is mapped as shared memory is not watched (SQLite maps
 * its index only where several processes share a file, and here is one).
 *
 * Besides, the nth call can fail, or from the nth on the disk is full. */
#ifndef VERN_POWER_DISK_H
#define VERN_POWER_DISK_H
#include <stdbool.h>
#include <stdint.h>

enum disk_mode {
    DISK_NOT,
    DISK_LOSE, /* the power goes before the call: the process ends by SIGKILL */
    DISK_FAIL, /* that one call gives EIO */
    DISK_FULL  /* it and all that follow, where they need room, give ENOSPC */
};
struct disk {
    enum disk_mode mode;
    uint64_t at, count; /* calls, from 1 */
    uint64_t seed;      /* of what is lost */
};
extern struct disk disk;

/* From now on; what is in the folder is taken to be durable. Once a process. */
void disk_watch(const char *folder);
/* The power goes now: the folder is left as a start would find it. Does nothing where nothing is
 * watched. Nothing may be written afterwards. */
void disk_lose(void);

#endif
