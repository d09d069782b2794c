/* Where tests make their folders: in memory where there is room, since what is tested is order
 * and not the medium. A container may have as little as 64 MB there, which a test fills. */
#ifndef VERN_SCRATCH_H
#define VERN_SCRATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/statvfs.h>
#include <unistd.h>

static inline const char *scratch_folder(void)
{
    static const uint64_t wanted = (uint64_t)1 << 30;
    struct statvfs about;
    bool room = statvfs("/dev/shm", &about) == 0 &&
                (uint64_t)about.f_bavail * about.f_frsize > wanted && access("/dev/shm", W_OK) == 0;
    return room ? "/dev/shm" : "/tmp";
}

#endif
