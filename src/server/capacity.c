/* How many connections there are file descriptors for: each takes one, and what runs out of them
 * accepts nobody and tells nobody why. */
#include <sys/resource.h>

#include "limits.h"
#include "server.h"

/* The process's own: standard streams, the loop, the monitor's port, deliveries, a backup; and what
 * a register keeps open: two stores with their journals, the log, the lock, an upload. */
enum { FILES_OF_PROCESS = 128, FILES_OF_REGISTER = 16 };

uint64_t files_allowed(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return 0;
    struct rlimit all = {files.rlim_max, files.rlim_max};
    return setrlimit(RLIMIT_NOFILE, &all) == 0 ? files.rlim_max : files.rlim_cur;
}

uint64_t connections_within(uint64_t wanted, uint64_t files, size_t registers)
{
    uint64_t taken = FILES_OF_PROCESS + FILES_OF_REGISTER * (uint64_t)registers;
    if (files <= taken)
        return 0;
    return files - taken < wanted ? files - taken : wanted;
}
