#include "power_disk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* These take the place of the C library's, for the program and for the libraries that it loads. */
#define SEEN __attribute__((visibility("default")))

enum { SECTOR = 512, PATH_ROOM = 512, FILE_FLAGS = O_RDWR | O_CLOEXEC };

struct disk disk;

/* A write, or a change of the size. */
struct change {
    off_t at;
    size_t length, old_length;
    off_t size; /* of the file before it */
    unsigned char *old, *new;
    bool cut;     /* the size becomes `at` */
    bool doomed;  /* its flush failed */
    bool durable; /* flushed, and kept in the list because something doomed stands before it */
};

struct file {
    ino_t number;
    int fd;
    struct change *changes;
    size_t count, room;
};

enum name_kind { NAME_MADE, NAME_GONE, NAME_MOVED };
struct name {
    enum name_kind kind;
    ino_t folder;
    bool durable, done;
    char path[PATH_ROOM], to[PATH_ROOM];
    char kept[PATH_ROOM]; /* where what was removed is kept; empty: nothing was */
};

static struct {
    char folder[PATH_ROOM], grave[PATH_ROOM];
    dev_t device;
    struct file *files;
    struct name *names;
    size_t file_count, file_room, name_count, name_room, graves;
} watched;

/* ---- the system's own calls ---- */

static long give(long result)
{
    return result; /* syscall() has set errno */
}

static int sys_open(int folder, const char *path, int flags, mode_t mode)
{
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

static ssize_t sys_pread(int fd, void *to, size_t count, off_t at)
{
    return syscall(SYS_pread64, fd, to, count, at);
}

static ssize_t sys_pwrite(int fd, const void *from, size_t count, off_t at)
{
    return syscall(SYS_pwrite64, fd, from, count, at);
}

static int sys_truncate(int fd, off_t size)
{
    return (int)syscall(SYS_ftruncate, fd, size);
}

static int sys_rename(const char *from, const char *to)
{
    return (int)syscall(SYS_rename, from, to);
}

static void *grow(void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return list;
    *room = *room == 0 ? 64 : 2 * *room;
    list = realloc(list, *room * size);
    if (list == NULL)
        abort();
    return list;
}

/* ---- which call goes wrong ---- */

static uint64_t draw(void)
{
    uint64_t z = disk.seed += 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return z ^ z >> 31;
}

/* 0, or the errno that the call gives. */
static int change_comes(bool needs_room)
{
    disk.count++;
    bool here = disk.count == disk.at, from = disk.at > 0 && disk.count >= disk.at;
    if (disk.mode == DISK_LOSE && here) {
        disk_lose();
        (void)raise(SIGKILL);
    }
    if (disk.mode == DISK_FAIL && here)
        return EIO;
    return disk.mode == DISK_FULL && from && needs_room ? ENOSPC : 0;
}

static bool refused(bool needs_room)
{
    int code = change_comes(needs_room);
    errno = code == 0 ? errno : code;
    return code != 0;
}

/* ---- files ---- */

/* NULL for what is no file below the folder: a pipe, a terminal, another disk. */
static struct file *file_of(int fd)
{
    struct stat about;
    if (watched.folder[0] == '\0' || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) ||
        about.st_dev != watched.device)
        return NULL;
    for (size_t i = 0; i < watched.file_count; i++) {
        if (watched.files[i].number == about.st_ino)
            return &watched.files[i];
    }
    char link[64], path[PATH_ROOM];
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof(path) - 1);
    if (length <= 0 || strncmp(path, watched.folder, strlen(watched.folder)) != 0)
        return NULL;
    int own = sys_open(AT_FDCWD, link, FILE_FLAGS, 0);
    if (own < 0)
        abort();
    watched.files =
        grow(watched.files, watched.file_count, &watched.file_room, sizeof(*watched.files));
    watched.files[watched.file_count] = (struct file){.number = about.st_ino, .fd = own};
    return &watched.files[watched.file_count++];
}

static off_t size_of(int fd)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        abort();
    return about.st_size;
}

static unsigned char *bytes_at(int fd, off_t at, size_t length)
{
    unsigned char *bytes = malloc(length + 1);
    if (bytes == NULL || sys_pread(fd, bytes, length, at) != (ssize_t)length)
        abort();
    return bytes;
}

/* What lies at [at, at + length) now, as far as the file goes. */
static struct change *note(struct file *file, off_t at, size_t length)
{
    off_t size = size_of(file->fd);
    size_t there = at >= size ? 0 : (size_t)(size - at) < length ? (size_t)(size - at) : length;
    file->changes = grow(file->changes, file->count, &file->room, sizeof(*file->changes));
    struct change *made = &file->changes[file->count++];
    *made = (struct change){.at = at, .size = size, .old_length = there};
    made->old = bytes_at(file->fd, at, there);
    return made;
}

static void note_write(struct file *file, const void *bytes, size_t length, off_t at)
{
    struct change *made = note(file, at, length);
    made->length = length;
    made->new = malloc(length + 1);
    if (made->new == NULL)
        abort();
    memcpy(made->new, bytes, length);
}

static void note_size(struct file *file, off_t size)
{
    off_t now = size_of(file->fd);
    note(file, size, now > size ? (size_t)(now - size) : 0)->cut = true;
}

static void flushed(struct file *file, bool well)
{
    bool doomed = false;
    for (size_t i = 0; i < file->count; i++) {
        file->changes[i].doomed |= !well && !file->changes[i].durable;
        doomed |= file->changes[i].doomed;
    }
    for (size_t i = 0; i < file->count; i++) {
        file->changes[i].durable |= !file->changes[i].doomed;
        if (!doomed) {
            free(file->changes[i].old);
            free(file->changes[i].new);
        }
    }
    if (!doomed)
        file->count = 0;
}

/* ---- names ---- */

/* Fits PATH_ROOM, or the test ends. */
static void full_path(int folder, const char *path, char to[PATH_ROOM])
{
    char link[64], base[PATH_ROOM] = "";
    if (path[0] != '/') {
        (void)snprintf(link, sizeof(link),
                       folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
        ssize_t length = readlink(link, base, sizeof(base) - 2);
        if (length <= 0)
            abort();
        base[length] = '/';
        base[length + 1] = '\0';
    }
    int length = snprintf(to, PATH_ROOM, "%s%s", base, path);
    if (length < 0 || length >= PATH_ROOM)
        abort();
}

static bool is_watched(const char *path)
{
    size_t length = strlen(watched.folder);
    return length > 0 && strncmp(path, watched.folder, length) == 0 && path[length] == '/';
}

static bool is_there(const char *path)
{
    return syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
}

static ino_t folder_of(const char *path)
{
    char folder[PATH_ROOM];
    struct stat about;
    memcpy(folder, path, PATH_ROOM);
    *strrchr(folder, '/') = '\0';
    return stat(folder, &about) == 0 ? about.st_ino : 0;
}

static struct name *note_name(enum name_kind kind, const char *path)
{
    watched.names =
        grow(watched.names, watched.name_count, &watched.name_room, sizeof(*watched.names));
    struct name *made = &watched.names[watched.name_count++];
    *made = (struct name){.kind = kind, .folder = folder_of(path), .done = true};
    memcpy(made->path, path, PATH_ROOM);
    return made;
}

static void grave_of(char path[PATH_ROOM])
{
    (void)snprintf(path, PATH_ROOM, "%.400s/%zu", watched.grave, watched.graves++);
}

/* A second name for what is about to go. */
static void keep(const char *path, char kept[PATH_ROOM])
{
    grave_of(kept);
    if (syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, kept, 0) != 0)
        abort();
}

/* ---- the power goes ---- */

enum loss { LOST_ALL, LOST_SOME, LOST_LITTLE, LOST_FIRST, LOST_END, LOSS_COUNT };

static void undo_changes(const struct file *file)
{
    for (size_t i = file->count; i > 0; i--) {
        const struct change *one = &file->changes[i - 1];
        if (sys_truncate(file->fd, one->size) != 0 ||
            sys_pwrite(file->fd, one->old, one->old_length, one->at) != (ssize_t)one->old_length)
            abort();
    }
}

static bool sector_stays(enum loss loss, size_t number, size_t count)
{
    switch (loss) {
    case LOST_ALL:
        return false;
    case LOST_SOME:
        return draw() % 2 == 0;
    case LOST_LITTLE:
        return draw() % 8 != 0;
    case LOST_FIRST:
        return number >= count / 2;
    case LOST_END:
        return number + 1 < count || draw() % 2 == 0;
    case LOSS_COUNT:
        break;
    }
    return false;
}

static void do_write_again(const struct file *file, const struct change *one, enum loss loss,
                           size_t number)
{
    for (size_t from = 0, end; from < one->length; from = end) {
        end = from + SECTOR - (size_t)((one->at + (off_t)from) % SECTOR);
        end = end < one->length ? end : one->length;
        off_t at = one->at + (off_t)from;
        bool stays = one->durable || sector_stays(loss, number, file->count);
        if (stays && sys_pwrite(file->fd, one->new + from, end - from, at) < 0)
            abort();
        /* The size may have come to the disk before the bytes. */
        if (!stays && loss == LOST_SOME && size_of(file->fd) < at + (off_t)(end - from) &&
            draw() % 3 == 0 && sys_truncate(file->fd, at + (off_t)(end - from)) != 0)
            abort();
    }
}

static void do_again(const struct file *file, enum loss loss)
{
    for (size_t i = 0; i < file->count; i++) {
        const struct change *one = &file->changes[i];
        if (!one->cut)
            do_write_again(file, one, loss, i);
        else if ((one->durable || sector_stays(loss, i, file->count)) &&
                 sys_truncate(file->fd, one->at) != 0)
            abort();
    }
}

static void undo_name(struct name *one)
{
    if (one->kind == NAME_MADE)
        grave_of(one->kept);
    if (one->kind == NAME_MADE)
        one->done = sys_rename(one->path, one->kept) != 0;
    if (one->kind == NAME_MOVED)
        one->done = sys_rename(one->to, one->path) != 0;
    if (one->kind != NAME_MADE && one->kept[0] != '\0')
        (void)sys_rename(one->kept, one->kind == NAME_MOVED ? one->to : one->path);
    if (one->kind == NAME_GONE)
        one->done = false;
}

static void do_name_again(const struct name *one)
{
    if (one->kind == NAME_MADE)
        (void)sys_rename(one->kept, one->path);
    if (one->kind == NAME_MOVED)
        (void)sys_rename(one->path, one->to);
    if (one->kind == NAME_GONE)
        (void)sys_rename(one->path, one->kept);
}

/* The names of each folder as far as a drawn place in their order. */
static void lose_names(enum loss loss)
{
    for (size_t i = watched.name_count; i > 0; i--) {
        if (!watched.names[i - 1].durable)
            undo_name(&watched.names[i - 1]);
    }
    for (size_t i = 0; i < watched.name_count; i++) {
        struct name *one = &watched.names[i];
        bool ended = one->durable || one->done; /* done: it could not be undone */
        for (size_t k = 0; k < i && !ended; k++)
            ended = watched.names[k].folder == one->folder && !watched.names[k].done;
        if (ended || loss == LOST_ALL || (loss != LOST_END && draw() % 3 == 0))
            continue;
        do_name_again(one);
        one->done = true;
    }
}

static void remove_graves(void)
{
    char command[PATH_ROOM + 16];
    (void)snprintf(command, sizeof(command), "rm -rf '%.480s'", watched.grave);
    if (system(command) != 0)
        abort();
}

void disk_lose(void)
{
    if (watched.folder[0] == '\0')
        return;
    disk.mode = DISK_NOT;
    watched.folder[0] = '\0';
    enum loss loss = (enum loss)(draw() % LOSS_COUNT);
    for (size_t i = 0; i < watched.file_count; i++) {
        undo_changes(&watched.files[i]);
        do_again(&watched.files[i], loss);
    }
    lose_names(loss);
    remove_graves();
}

void disk_watch(const char *folder)
{
    struct stat about;
    (void)snprintf(watched.grave, sizeof(watched.grave), "%.400s.gone", folder);
    remove_graves();
    if (stat(folder, &about) != 0 || mkdir(watched.grave, 0700) != 0)
        abort();
    watched.device = about.st_dev;
    (void)snprintf(watched.folder, sizeof(watched.folder), "%s", folder);
}

/* ---- in the place of the C library's ---- */

static ssize_t write_at(int fd, const void *bytes, size_t count, off_t at)
{
    struct file *file = file_of(fd);
    if (file == NULL)
        return give(sys_pwrite(fd, bytes, count, at));
    if (refused(at + (off_t)count > size_of(fd)))
        return -1;
    note_write(file, bytes, count, at);
    return give(sys_pwrite(fd, bytes, count, at));
}

SEEN ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    return write_at(fd, bytes, count, at);
}

SEEN ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at)
{
    return write_at(fd, bytes, count, at);
}

SEEN ssize_t write(int fd, const void *bytes, size_t count)
{
    if (file_of(fd) == NULL)
        return syscall(SYS_write, fd, bytes, count);
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t done = write_at(fd, bytes, count, at);
    if (done > 0)
        (void)lseek(fd, at + done, SEEK_SET);
    return done;
}

static int set_size(int fd, off_t size)
{
    struct file *file = file_of(fd);
    if (file != NULL && refused(size > size_of(fd)))
        return -1;
    if (file != NULL)
        note_size(file, size);
    return sys_truncate(fd, size);
}

SEEN int ftruncate(int fd, off_t size)
{
    return set_size(fd, size);
}

SEEN int ftruncate64(int fd, off_t size)
{
    return set_size(fd, size);
}

SEEN int posix_fallocate(int fd, off_t at, off_t length)
{
    off_t size = size_of(fd);
    if (size < at + length && set_size(fd, at + length) != 0)
        return errno;
    return 0;
}

static int flush(int fd)
{
    struct file *file = file_of(fd);
    struct stat about;
    bool folder = watched.folder[0] != '\0' && fstat(fd, &about) == 0 && S_ISDIR(about.st_mode);
    if (file == NULL && !folder)
        return (int)syscall(SYS_fsync, fd);
    bool failed = refused(false);
    if (file != NULL)
        flushed(file, !failed);
    for (size_t i = 0; folder && !failed && i < watched.name_count; i++)
        watched.names[i].durable |= watched.names[i].folder == about.st_ino;
    return failed ? -1 : 0;
}

SEEN int fsync(int fd)
{
    return flush(fd);
}

SEEN int fdatasync(int fd)
{
    return flush(fd);
}

static int open_at(int folder, const char *path, int flags, mode_t mode)
{
    char full[PATH_ROOM] = "";
    if (watched.folder[0] != '\0' && (flags & (O_CREAT | O_TRUNC)) != 0)
        full_path(folder, path, full);
    if (!is_watched(full))
        return sys_open(folder, path, flags, mode);
    bool made = !is_there(full);
    if (made && (flags & O_CREAT) != 0 && refused(true))
        return -1;
    int fd = sys_open(folder, path, flags & ~O_TRUNC, mode);
    if (fd >= 0 && made)
        (void)note_name(NAME_MADE, full);
    if (fd >= 0 && !made && (flags & O_TRUNC) != 0 && size_of(fd) > 0 && set_size(fd, 0) != 0) {
        int code = errno;
        close(fd);
        errno = code;
        return -1;
    }
    return fd;
}

static mode_t mode_of(int flags, va_list more)
{
    return (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
}

#define OPEN(name)                                                                                 \
    SEEN int name(const char *path, int flags, ...)                                                \
    {                                                                                              \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        mode_t mode = mode_of(flags, more);                                                        \
        va_end(more);                                                                              \
        return open_at(AT_FDCWD, path, flags, mode);                                               \
    }
#define OPENAT(name)                                                                               \
    SEEN int name(int folder, const char *path, int flags, ...)                                    \
    {                                                                                              \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        mode_t mode = mode_of(flags, more);                                                        \
        va_end(more);                                                                              \
        return open_at(folder, path, flags, mode);                                                 \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

static int remove_at(int folder, const char *path, int flags)
{
    char full[PATH_ROOM] = "";
    if (watched.folder[0] != '\0')
        full_path(folder, path, full);
    if (!is_watched(full) || !is_there(full))
        return (int)syscall(SYS_unlinkat, folder, path, flags);
    if (refused(false))
        return -1;
    keep(full, note_name(NAME_GONE, full)->kept);
    return (int)syscall(SYS_unlinkat, folder, path, flags);
}

SEEN int unlink(const char *path)
{
    return remove_at(AT_FDCWD, path, 0);
}

SEEN int unlinkat(int folder, const char *path, int flags)
{
    return remove_at(folder, path, flags);
}

static int move_at(int from_folder, const char *from, int to_folder, const char *to)
{
    char source[PATH_ROOM] = "", target[PATH_ROOM] = "";
    if (watched.folder[0] != '\0') {
        full_path(from_folder, from, source);
        full_path(to_folder, to, target);
    }
    if (!is_watched(target) || !is_there(source))
        return (int)syscall(SYS_renameat, from_folder, from, to_folder, to);
    if (refused(false))
        return -1;
    struct name *made = note_name(NAME_MOVED, source);
    made->folder = folder_of(target);
    memcpy(made->to, target, PATH_ROOM);
    if (is_there(target))
        keep(target, made->kept);
    return (int)syscall(SYS_renameat, from_folder, from, to_folder, to);
}

SEEN int rename(const char *from, const char *to)
{
    return move_at(AT_FDCWD, from, AT_FDCWD, to);
}

SEEN int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return move_at(from_folder, from, to_folder, to);
}

static int make_at(int folder, const char *path, mode_t mode)
{
    char full[PATH_ROOM] = "";
    if (watched.folder[0] != '\0')
        full_path(folder, path, full);
    if (!is_watched(full) || is_there(full))
        return (int)syscall(SYS_mkdirat, folder, path, mode);
    if (refused(true))
        return -1;
    (void)note_name(NAME_MADE, full);
    return (int)syscall(SYS_mkdirat, folder, path, mode);
}

SEEN int mkdir(const char *path, mode_t mode)
{
    return make_at(AT_FDCWD, path, mode);
}

SEEN int mkdirat(int folder, const char *path, mode_t mode)
{
    return make_at(folder, path, mode);
}
