/* What the process gives up at start. */
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "oplog.h"
#include "server.h"

enum { SWAPS_BYTES = 64 << 10, LOCKED_BYTES_LEAST = 1 << 20 };

/* The first line of /proc/swaps is a heading; each further one is an area in use. */
bool swap_is_on(str swaps)
{
    str rest = swaps, line;
    size_t areas = 0;
    while (str_next(&rest, '\n', &line))
        areas += str_trim(line).len > 0;
    return areas > 1;
}

static void warn(const struct oplog *log, const char *event)
{
    oplog(log, "warning", event, NULL, 0);
}

static void check_swap(const struct oplog *log)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(SWAPS_BYTES * 2);
    struct report unknown = {0};
    str swaps;
    if (!is_ok(file_read("/proc/swaps", arena, SWAPS_BYTES, &unknown, &swaps)))
        warn(log, "swap_unknown");
    else if (swap_is_on(swaps))
        warn(log, "swap_is_on_and_must_be_encrypted");
}

void harden(const struct oplog *log)
{
    umask(077);
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        warn(log, "core_files_stay_on");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        warn(log, "tracing_stays_on");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        warn(log, "new_privileges_stay_possible");
    struct rlimit locked;
    if (getrlimit(RLIMIT_MEMLOCK, &locked) == 0 && locked.rlim_cur < LOCKED_BYTES_LEAST)
        warn(log, "memory_for_keys_may_not_be_locked");
    check_swap(log);
}

status become_user(str user, struct arena *arena, struct report *report)
{
    if (user.len == 0)
        return OK;
    const char *name = arena_c_string(arena, user);
    struct passwd *entry = name == NULL ? NULL : getpwnam(name);
    if (entry == NULL)
        return fail(report, FAULT_USAGE, "there is no user of the name in `user`");
    if (geteuid() == entry->pw_uid)
        return OK;
    if (setgroups(0, NULL) != 0 || setgid(entry->pw_gid) != 0 || setuid(entry->pw_uid) != 0)
        return fail(report, FAULT_USAGE, "the process may not become the user in `user`");
    /* Becoming another clears what forbids dumps. */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    return OK;
}
