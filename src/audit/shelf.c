/* shelf.c: see shelf_internal.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shelf_internal.h"

status shelf_fail(struct report *report, const char *what, const char *path)
{
    int why = errno;
    char text[128];
    bool full = why == ENOSPC || why == EDQUOT;
    return fail(report, full ? FAULT_FULL : FAULT_STORE, "cannot %s the log's %s: %s", what, path,
                strerror_r(why, text, sizeof(text)));
}

static void close_file(int *file)
{
    if (*file >= 0)
        close(*file);
}

status shelf_open(const struct world *world, const char *dir, bool make, struct report *report,
                  struct shelf *shelf)
{
    *shelf = (struct shelf){.world = world, .dir = -1};
    if (make && mkdir(dir, 0700) != 0 && errno != EEXIST)
        return shelf_fail(report, "make", "folder");
    shelf->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return shelf->dir < 0 ? shelf_fail(report, "open", "folder") : OK;
}

void shelf_close(struct shelf *shelf)
{
    close_file(&shelf->dir);
    shelf->dir = -1;
}

status shelf_folder(const struct shelf *shelf, const char *path, struct report *report)
{
    if (mkdirat(shelf->dir, path, 0700) != 0 && errno != EEXIST)
        return shelf_fail(report, "make", path);
    return OK;
}

/* Reads to the end, whatever the size that the file claims. */
static bool read_all(int file, size_t most, struct bytes *bytes)
{
    for (bytes->len = 0; bytes->len <= most;) {
        bytes_reserve(bytes, bytes->len == 0 ? 16 << 10 : bytes->len);
        ssize_t got = read(file, bytes->ptr + bytes->len, bytes->room - bytes->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        bytes->len += (size_t)got;
    }
    return true;
}

status shelf_read(const struct shelf *shelf, const char *path, size_t most, struct report *report,
                  struct bytes *bytes, bool *found)
{
    CLEANUP(close_file) int file = openat(shelf->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    *found = file >= 0;
    bytes->len = 0;
    if (file < 0)
        return errno == ENOENT ? OK : shelf_fail(report, "open", path);
    if (!read_all(file, most, bytes))
        return shelf_fail(report, "read", path);
    if (bytes->len > most)
        return fail(report, FAULT_CORRUPT, "the log's %s is longer than it can be", path);
    return OK;
}

bool read_part(int file, struct bytes *bytes, size_t offset, size_t count)
{
    bytes_reserve(bytes, count);
    for (size_t done = 0; done < count;) {
        ssize_t got = pread(file, bytes->ptr + bytes->len, count - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        bytes->len += (size_t)got;
        done += (size_t)got;
    }
    return true;
}

bool shelf_read_part(const struct shelf *shelf, const char *path, size_t offset, size_t count,
                     struct bytes *bytes)
{
    CLEANUP(close_file) int file = openat(shelf->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bytes->len = 0;
    return file >= 0 && read_part(file, bytes, offset, count);
}

bool write_all(int file, const char *bytes, size_t count, size_t offset)
{
    while (count > 0) {
        ssize_t wrote = pwrite(file, bytes, count, (off_t)offset);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        bytes += wrote;
        count -= (size_t)wrote;
        offset += (size_t)wrote;
    }
    return true;
}

static const char *temporary(const struct shelf *shelf)
{
    return shelf->beside ? "tmp.beside" : "tmp";
}

static status write_temporary(const struct shelf *shelf, str content, bool durable,
                              struct report *report)
{
    CLEANUP(close_file)
    int file = openat(shelf->dir, temporary(shelf), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return shelf_fail(report, "make", temporary(shelf));
    if (!write_all(file, content.ptr, content.len, 0) || (durable && fdatasync(file) != 0))
        return shelf_fail(report, "write", temporary(shelf));
    return OK;
}

/* The folders on the way to a file, one by one from the top: cuts `path` at each slash. */
static status make_folders(const struct shelf *shelf, const char *path, struct report *report)
{
    char part[SHELF_PATH];
    for (size_t at = 0; path[at] != 0; at++) {
        if (path[at] == '/') {
            part[at] = 0;
            TRY(shelf_folder(shelf, part, report));
        }
        part[at] = path[at];
    }
    return OK;
}

status shelf_sync_folder(const struct shelf *shelf, const char *path, struct report *report)
{
    CLEANUP(close_file) int folder = openat(shelf->dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || fsync(folder) != 0)
        return shelf_fail(report, "flush", path);
    return OK;
}

static status sync_folders(const struct shelf *shelf, const char *path, struct report *report)
{
    char part[SHELF_PATH];
    TRY(shelf_sync_folder(shelf, ".", report));
    for (size_t at = 0; path[at] != 0; at++) {
        if (path[at] == '/') {
            part[at] = 0;
            TRY(shelf_sync_folder(shelf, part, report));
        }
        part[at] = path[at];
    }
    return OK;
}

status shelf_write(const struct shelf *shelf, const char *seam, const char *path, str content,
                   bool durable, struct report *report)
{
    TRY(world_seam(shelf->world, seam, report));
    TRY(write_temporary(shelf, content, durable, report));
    int moved = renameat(shelf->dir, temporary(shelf), shelf->dir, path);
    if (moved != 0 && errno == ENOENT) {
        TRY(make_folders(shelf, path, report));
        moved = renameat(shelf->dir, temporary(shelf), shelf->dir, path);
    }
    if (moved != 0)
        return shelf_fail(report, "write", path);
    return durable ? sync_folders(shelf, path, report) : OK;
}

status shelf_keep(const struct shelf *shelf, const char *seam, const char *path, str content,
                  bool durable, struct report *report)
{
    char there[64 << 10];
    CLEANUP(close_file) int file = openat(shelf->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat facts;
    bool same = file >= 0 && fstat(file, &facts) == 0 && (size_t)facts.st_size == content.len;
    for (size_t at = 0; same && at < content.len;) {
        size_t most = content.len - at < sizeof(there) ? content.len - at : sizeof(there);
        ssize_t got = pread(file, there, most, (off_t)at);
        same = got > 0 && memcmp(there, content.ptr + at, (size_t)got) == 0;
        at += got > 0 ? (size_t)got : 0;
    }
    if (!same)
        return shelf_write(shelf, seam, path, content, durable, report);
    /* Whoever wrote it may have failed before it was durable. */
    return durable ? shelf_sync(shelf, path, true, report) : OK;
}

void shelf_start(const struct shelf *shelf, const char *path)
{
    CLEANUP(close_file) int file = openat(shelf->dir, path, O_RDONLY | O_CLOEXEC);
    if (file >= 0)
        (void)sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE);
}

status shelf_sync(const struct shelf *shelf, const char *path, bool folders, struct report *report)
{
    CLEANUP(close_file) int file = openat(shelf->dir, path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fsync(file) != 0)
        return shelf_fail(report, "flush", path);
    return folders ? sync_folders(shelf, path, report) : OK;
}

void shelf_drop_folder(const struct shelf *shelf, const char *path)
{
    int folder = openat(shelf->dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = folder < 0 ? NULL : fdopendir(folder);
    if (list == NULL) {
        close_file(&folder);
        return;
    }
    for (struct dirent *file; (file = readdir(list)) != NULL;)
        if (file->d_name[0] != '.')
            (void)unlinkat(folder, file->d_name, 0);
    closedir(list);
    (void)unlinkat(shelf->dir, path, AT_REMOVEDIR);
}
