/* Files that survive a crash. Every effect passes the world's seam first. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base_internal.h"
#include "file.h"

enum { PATH_ROOM = 4096 };

static const char *last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static enum fault_class fault_of(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return FAULT_FULL;
    case EWOULDBLOCK:
        return FAULT_LOCKED;
    default:
        return FAULT_STORE;
    }
}

status file_fault(struct report *report, int error, const char *action, const char *path)
{
    char room[128];
    return fail(report, fault_of(error), "cannot %s %s: %s", action, last_component(path),
                strerror_r(error, room, sizeof(room)));
}

void fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static int open_retrying(const char *path, int flags, mode_t mode)
{
    int fd;
    do
        fd = open(path, flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* ---- reading ---- */

status file_read(const char *path, struct arena *arena, size_t limit, struct report *report,
                 str *bytes)
{
    assert(path != NULL);
    assert(bytes != NULL);

    CLEANUP(fd_close) int fd = open_retrying(path, O_RDONLY | O_NOCTTY, 0);
    struct stat stat;
    if (fd < 0 && errno == ENOENT)
        return fail(report, FAULT_NOT_FOUND, "there is no file %s", last_component(path));
    if (fd < 0 || fstat(fd, &stat) != 0)
        return file_fault(report, errno, "read", path);
    if (S_ISDIR(stat.st_mode))
        return file_fault(report, EISDIR, "read", path);
    struct buf buf = buf_in(arena, limit);
    char chunk[8192];
    ssize_t got;
    while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
        if (got < 0 && errno != EINTR)
            return file_fault(report, errno, "read", path);
        if (got > 0)
            buf_add(&buf, (str){chunk, (size_t)got});
        if (buf.full)
            break;
    }
    wipe(chunk, sizeof(chunk)); /* it may have been a key */
    if (buf.full)
        return fail(report, FAULT_LIMIT, "%s is larger than the %zu bytes that are read",
                    last_component(path), limit);
    *bytes = buf_str(&buf);
    return OK;
}

/* ---- folders ---- */

status dir_sync(const char *path, struct report *report)
{
    CLEANUP(fd_close) int fd = open_retrying(path, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0 || fsync(fd) != 0)
        return file_fault(report, errno, "flush the folder", path);
    return OK;
}

/* Flushes the folder that `path` stands in. */
static status sync_parent(const char *path, struct report *report)
{
    char folder[PATH_ROOM];
    const char *name = last_component(path);
    size_t len = (size_t)(name - path);
    if (len == 0)
        return dir_sync(".", report);
    if (len >= sizeof(folder))
        return file_fault(report, ENAMETOOLONG, "flush the folder of", path);
    memcpy(folder, path, len);
    folder[len] = '\0';
    if (len > 1)
        folder[len - 1] = '\0'; /* the slash, save in "/" */
    return dir_sync(folder, report);
}

status dir_make(const char *path, mode_t mode, struct report *report)
{
    struct stat stat_of;
    assert(path != NULL);

    if (mkdir(path, mode) == 0)
        return sync_parent(path, report);
    if (errno != EEXIST)
        return file_fault(report, errno, "make the folder", path);
    if (stat(path, &stat_of) != 0)
        return file_fault(report, errno, "make the folder", path);
    if (!S_ISDIR(stat_of.st_mode))
        return file_fault(report, ENOTDIR, "make the folder", path);
    /* Whoever made it may have failed before its name was durable; unless that was not us. */
    struct report other = {0};
    status flushed = sync_parent(path, &other);
    return is_ok(flushed) || errno == EACCES ? OK : fail(report, flushed.fault, "%s", other.text);
}

/* ---- changing ---- */

static status seam(const struct file_change *change, struct report *report)
{
    return world_seam(change->world, change->seam, report);
}

/* Where the new bytes are written before they take the place of the old ones. */
static status path_beside(const char *path, char beside[PATH_ROOM], struct report *report)
{
    int len = snprintf(beside, PATH_ROOM, "%s.new", path);
    if (len < 0 || len >= PATH_ROOM)
        return file_fault(report, ENAMETOOLONG, "write", path);
    return OK;
}

static bool write_all(int fd, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t put = write(fd, bytes, count);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        bytes += put;
        count -= (size_t)put;
    }
    return true;
}

/* Writes and flushes the file beside the real one, which later takes its place. */
static status write_beside(const struct file_change *change, const char *beside, str bytes,
                           mode_t mode, struct report *report)
{
    TRY(seam(change, report));
    CLEANUP(fd_close)
    int fd = open_retrying(beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode);
    if (fd < 0 || fchmod(fd, mode) != 0 || !write_all(fd, bytes.ptr, bytes.len))
        return file_fault(report, errno, "write", change->path);
    TRY(seam(change, report));
    if (fsync(fd) != 0)
        return file_fault(report, errno, "flush", change->path);
    return OK;
}

static status move_and_sync(const struct file_change *change, const char *from, const char *to,
                            struct report *report)
{
    TRY(seam(change, report));
    if (rename(from, to) != 0)
        return file_fault(report, errno, "move", to);
    TRY(seam(change, report));
    return sync_parent(to, report);
}

status file_write_durable(const struct file_change *change, str bytes, mode_t mode,
                          struct report *report)
{
    assert(change != NULL);
    assert(change->path != NULL);

    char beside[PATH_ROOM];
    TRY(path_beside(change->path, beside, report));
    status done = write_beside(change, beside, bytes, mode, report);
    if (!is_ok(done)) {
        unlink(beside);
        return done;
    }
    done = move_and_sync(change, beside, change->path, report);
    if (!is_ok(done))
        unlink(beside); /* gone already when the move went through */
    return done;
}

static bool write_zeros(int fd, off_t size)
{
    static const char zeros[4096];
    while (size > 0) {
        size_t step = size < (off_t)sizeof(zeros) ? (size_t)size : sizeof(zeros);
        if (!write_all(fd, zeros, step))
            return false;
        size -= (off_t)step;
    }
    return true;
}

static status overwrite(const struct file_change *change, int fd, struct report *report)
{
    struct stat stat;
    TRY(seam(change, report));
    if (fstat(fd, &stat) != 0 || !write_zeros(fd, stat.st_size))
        return file_fault(report, errno, "overwrite", change->path);
    TRY(seam(change, report));
    if (fsync(fd) != 0)
        return file_fault(report, errno, "flush", change->path);
    return OK;
}

static status remove_one(const struct file_change *change, const char *path, struct report *report)
{
    CLEANUP(fd_close) int fd = open_retrying(path, O_WRONLY | O_NOFOLLOW, 0);
    if (fd < 0 && errno == ENOENT)
        return OK;
    if (fd < 0)
        return file_fault(report, errno, "remove", path);
    TRY(overwrite(change, fd, report));
    TRY(seam(change, report));
    if (unlink(path) != 0)
        return file_fault(report, errno, "remove", path);
    return OK;
}

/* The folder is flushed even where nothing was there: an earlier try may have stopped before it. */
status file_remove_durable(const struct file_change *change, struct report *report)
{
    assert(change != NULL);
    assert(change->path != NULL);

    char beside[PATH_ROOM];
    TRY(path_beside(change->path, beside, report));
    TRY(remove_one(change, beside, report));
    TRY(remove_one(change, change->path, report));
    TRY(seam(change, report));
    return sync_parent(change->path, report);
}

status file_rename_durable(const struct file_change *change, const char *to, struct report *report)
{
    assert(change != NULL);
    assert(to != NULL);

    TRY(move_and_sync(change, change->path, to, report));
    return sync_parent(change->path, report);
}

/* ---- locks ---- */

status lock_take(const char *path, struct report *report, int *fd)
{
    assert(path != NULL);
    assert(fd != NULL);

    CLEANUP(fd_close) int lock = open_retrying(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    if (lock < 0)
        return file_fault(report, errno, "open the lock", path);
    while (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        if (errno == EWOULDBLOCK)
            return fail(report, FAULT_LOCKED, "another process holds %s", last_component(path));
        return file_fault(report, errno, "lock", path);
    }
    *fd = lock;
    lock = -1;
    return OK;
}
