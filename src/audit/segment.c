/* segment.c: records within a segment, and the segments as files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "limits.h"
#include "segment_internal.h"

enum { ZERO_PIECE = 512 << 10 };

static uint64_t check_of(const merkle_hash *leaf, uint32_t index, uint32_t durable)
{
    struct reader reader = reader_over((str){(const char *)leaf->bytes, 8});
    return read_be64(&reader) ^ ((uint64_t)index << 32 | durable);
}

void record_add(struct bytes *bytes, uint64_t index, uint64_t durable, str entry,
                const merkle_hash *leaf)
{
    bytes_reserve(bytes, RECORD_HEAD_BYTES + entry.len);
    struct buf head = buf_over(bytes->ptr + bytes->len, RECORD_HEAD_BYTES);
    buf_be32(&head, (uint32_t)index);
    buf_be32(&head, (uint32_t)durable);
    buf_be16(&head, (uint16_t)entry.len);
    buf_be64(&head, check_of(leaf, (uint32_t)index, (uint32_t)durable));
    bytes->len += RECORD_HEAD_BYTES;
    bytes_add(bytes, entry);
}

struct record_head {
    uint32_t index, durable;
    uint16_t length;
    uint64_t check;
};

static bool head_read(str segment, size_t at, struct record_head *head)
{
    struct reader reader = reader_over(str_slice(segment, at, at + RECORD_HEAD_BYTES));
    head->index = read_be32(&reader);
    head->durable = read_be32(&reader);
    head->length = read_be16(&reader);
    head->check = read_be64(&reader);
    return !reader.bad;
}

/* Is the whole record there, with the entry that its check was made of? */
static bool body_read(struct hasher *hasher, str segment, size_t at, const struct record_head *head,
                      struct record *record)
{
    size_t body = at + RECORD_HEAD_BYTES;
    if (head->length == 0 || head->length > LIMIT_ENTRY_BYTES || head->length > segment.len - body)
        return false;
    record->offset = at;
    record->entry = str_slice(segment, body, body + head->length);
    record->leaf = merkle_leaf(hasher, record->entry);
    return check_of(&record->leaf, head->index, head->durable) == head->check;
}

enum record_state record_next(struct hasher *hasher, str segment, uint64_t index, size_t *at,
                              struct record *record)
{
    struct record_head head;
    if (!head_read(segment, *at, &head))
        return segment_is_zero(segment, *at) ? RECORD_END : RECORD_BAD;
    if (head.index == 0 && head.durable == 0 && head.length == 0 && head.check == 0)
        return RECORD_END;
    if (head.index != (uint32_t)index || !body_read(hasher, segment, *at, &head, record))
        return RECORD_BAD;
    *at += RECORD_HEAD_BYTES + head.length;
    return RECORD_GOOD;
}

/* Where the zeros from `at` on end. Segments are zeroed ahead, so this runs over megabytes at every
 * start: eight bytes at a time. */
static size_t zeros_end(str segment, size_t at)
{
    uint64_t eight;
    while (at + sizeof(eight) <= segment.len) {
        memcpy(&eight, segment.ptr + at, sizeof(eight));
        if (eight != 0)
            break;
        at += sizeof(eight);
    }
    while (at < segment.len && segment.ptr[at] == 0)
        at++;
    return at;
}

bool segment_attests(struct hasher *hasher, str segment, size_t from, uint64_t index)
{
    struct record_head head;
    struct record record;
    for (size_t at = from; head_read(segment, at, &head); at++) {
        if (head.length == 0) { /* no head is: go to the first that holds something */
            size_t end = zeros_end(segment, at);
            if (end - at >= RECORD_HEAD_BYTES)
                at = end - RECORD_HEAD_BYTES;
            continue;
        }
        /* Both counted from `index`, so that a wrap of the low 32 bits does not matter. */
        uint32_t number = head.index - (uint32_t)index, durable = head.durable - (uint32_t)index;
        bool says_so = number > 0 && number <= segment.len && durable > 0 && durable <= number;
        if (says_so && body_read(hasher, segment, at, &head, &record))
            return true;
    }
    return false;
}

bool segment_is_zero(str segment, size_t from)
{
    return zeros_end(segment, from) >= segment.len;
}

bool segment_head_is(str segment, uint64_t first)
{
    struct reader reader = reader_over(segment);
    return str_equal(read_bytes(&reader, SEGMENT_MAGIC.len), SEGMENT_MAGIC) &&
           read_be64(&reader) == first && !reader.bad;
}

void segment_path(char path[SHELF_PATH], uint64_t first)
{
    snprintf(path, SHELF_PATH, "segment/%0*llu", SEGMENT_NAME_DIGITS, (unsigned long long)first);
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;
    return one < two ? -1 : one > two;
}

status segment_list(const struct shelf *shelf, struct report *report, uint64_t **firsts,
                    size_t *count)
{
    int folder = openat(shelf->dir, "segment", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = folder < 0 ? NULL : fdopendir(folder);
    *firsts = NULL;
    *count = 0;
    if (list == NULL)
        return shelf_fail(report, "list", "segment");
    for (struct dirent *file; (file = readdir(list)) != NULL;) {
        uint64_t first;
        str name = str_from(file->d_name);
        if (name.len != SEGMENT_NAME_DIGITS || !str_to_u64(name, &first))
            continue;
        *firsts = realloc(*firsts, (*count + 1) * sizeof(**firsts));
        if (*firsts == NULL)
            abort();
        (*firsts)[(*count)++] = first;
    }
    closedir(list);
    if (*count > 1)
        qsort(*firsts, *count, sizeof(**firsts), compare_u64);
    return OK;
}

static void close_file(int *file)
{
    if (*file >= 0)
        close(*file);
}

static status take_room(int file, size_t size, struct report *report)
{
    int refused = posix_fallocate(file, 0, (off_t)size);
    errno = refused;
    return refused != 0 && refused != EOPNOTSUPP && refused != EINVAL
               ? shelf_fail(report, "make", SEGMENT_SPARE)
               : OK;
}

/* Zeros are written, not only promised: a flush of a written block needs no journal. */
static status fill_zero(int file, size_t size, size_t *zeroed, struct report *report)
{
    static const char zeros[64 << 10];
    for (size_t end = *zeroed + ZERO_PIECE; *zeroed < size && *zeroed < end;) {
        size_t count = size - *zeroed < sizeof(zeros) ? size - *zeroed : sizeof(zeros);
        if (!write_all(file, zeros, count, *zeroed))
            return shelf_fail(report, "write", SEGMENT_SPARE);
        *zeroed += count;
    }
    if (*zeroed < size) {
        (void)sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE);
        return OK;
    }
    if (ftruncate(file, (off_t)size) == 0 && fsync(file) == 0)
        return OK;
    *zeroed = 0;
    return shelf_fail(report, "flush", SEGMENT_SPARE);
}

status segment_zero(const struct shelf *shelf, size_t size, size_t *zeroed, struct report *report)
{
    TRY(world_seam(shelf->world, "log.segment", report));
    CLEANUP(close_file)
    int file = openat(shelf->dir, SEGMENT_SPARE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return shelf_fail(report, "make", SEGMENT_SPARE);
    if (*zeroed == 0)
        TRY(take_room(file, size, report));
    return fill_zero(file, size, zeroed, report);
}

status segment_begin(const struct shelf *shelf, uint64_t first, struct report *report, int *file)
{
    char memory[SEGMENT_HEAD_BYTES], path[SHELF_PATH];
    struct buf head = buf_over(memory, sizeof(memory));
    TRY(world_seam(shelf->world, "log.segment", report));
    CLEANUP(close_file) int opened = openat(shelf->dir, SEGMENT_SPARE, O_RDWR | O_CLOEXEC);
    if (opened < 0)
        return shelf_fail(report, "open", SEGMENT_SPARE);
    buf_add(&head, SEGMENT_MAGIC);
    buf_be64(&head, first);
    if (!write_all(opened, memory, sizeof(memory), 0) || fdatasync(opened) != 0)
        return shelf_fail(report, "write", SEGMENT_SPARE);
    segment_path(path, first);
    if (renameat(shelf->dir, SEGMENT_SPARE, shelf->dir, path) != 0)
        return shelf_fail(report, "make", path);
    TRY(shelf_sync_folder(shelf, "segment", report));
    *file = opened;
    opened = -1;
    return OK;
}

status segment_retire(const struct shelf *shelf, uint64_t first, bool to_spare,
                      struct report *report)
{
    char path[SHELF_PATH];
    segment_path(path, first);
    TRY(world_seam(shelf->world, "log.segment", report));
    int gone = to_spare ? renameat(shelf->dir, path, shelf->dir, SEGMENT_SPARE)
                        : unlinkat(shelf->dir, path, 0);
    if (gone != 0 && errno != ENOENT) /* not there: an earlier try came this far */
        return shelf_fail(report, "retire", path);
    return shelf_sync_folder(shelf, "segment", report);
}
