/* Building text in a bounded buffer, and reading back what the binary writers wrote. */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include "base_internal.h"

enum { FIRST_ROOM = 256, FORMAT_ROOM = 512 };

struct buf buf_over(char *memory, size_t room)
{
    return (struct buf){.ptr = memory, .room = room};
}

struct buf buf_in(struct arena *arena, size_t limit)
{
    assert(arena != NULL);
    return (struct buf){.arena = arena, .limit = limit};
}

static bool buf_grow(struct buf *buf, size_t wanted)
{
    if (buf->arena == NULL || wanted > buf->limit)
        return false;
    size_t room = buf->room == 0 ? FIRST_ROOM : buf->room * 2;
    if (room < wanted)
        room = wanted;
    if (room > buf->limit)
        room = buf->limit;
    char *grown = arena_extend(buf->arena, buf->ptr, buf->room, room);
    if (grown == NULL)
        return false;
    buf->ptr = grown;
    buf->room = room;
    return true;
}

char *buf_more_room(struct buf *buf, size_t count)
{
    if (buf->full)
        return NULL;
    if (count > SIZE_MAX - buf->len || !buf_grow(buf, buf->len + count)) {
        buf->full = true;
        return NULL;
    }
    buf->len += count;
    return buf->ptr + buf->len - count;
}

void buf_add(struct buf *buf, str text)
{
    if (text.len == 0)
        return;
    char *place = buf_room(buf, text.len);
    if (place != NULL)
        memcpy(place, text.ptr, text.len);
}

void buf_char(struct buf *buf, char c)
{
    char *place = buf_room(buf, 1);
    if (place != NULL)
        *place = c;
}

void buf_text(struct buf *buf, const char *c_string)
{
    buf_add(buf, str_from(c_string));
}

void buf_u64(struct buf *buf, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buf_add(buf, (str){digits + at, sizeof(digits) - at});
}

void buf_i64(struct buf *buf, int64_t value)
{
    if (value < 0)
        buf_char(buf, '-');
    buf_u64(buf, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void buf_format(struct buf *buf, const char *format, ...)
{
    char near[FORMAT_ROOM];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(near, sizeof(near), format, arguments);
    va_end(arguments);
    if (len < 0) {
        buf->full = true;
        return;
    }
    if ((size_t)len < sizeof(near)) {
        buf_add(buf, (str){near, (size_t)len});
        return;
    }
    char *far = malloc((size_t)len + 1);
    if (far == NULL)
        abort();
    va_start(arguments, format);
    vsnprintf(far, (size_t)len + 1, format, arguments);
    va_end(arguments);
    buf_add(buf, (str){far, (size_t)len});
    wipe(far, (size_t)len);
    free(far);
}

void buf_be16(struct buf *buf, uint16_t value)
{
    char *place = buf_room(buf, sizeof(value));
    value = htobe16(value);
    if (place != NULL)
        memcpy(place, &value, sizeof(value));
}

void buf_be32(struct buf *buf, uint32_t value)
{
    char *place = buf_room(buf, sizeof(value));
    value = htobe32(value);
    if (place != NULL)
        memcpy(place, &value, sizeof(value));
}

void buf_be64(struct buf *buf, uint64_t value)
{
    char *place = buf_room(buf, sizeof(value));
    value = htobe64(value);
    if (place != NULL)
        memcpy(place, &value, sizeof(value));
}

void buf_field(struct buf *buf, str bytes)
{
    if (bytes.len > UINT32_MAX) {
        buf->full = true;
        return;
    }
    char *place = buf_room(buf, sizeof(uint32_t) + bytes.len);
    if (place == NULL)
        return;
    uint32_t length = htobe32((uint32_t)bytes.len);
    memcpy(place, &length, sizeof(length));
    if (bytes.len > 0)
        memcpy(place + sizeof(length), bytes.ptr, bytes.len);
}

str buf_str(const struct buf *buf)
{
    return buf->ptr == NULL ? STR("") : (str){buf->ptr, buf->len};
}

status buf_finish(const struct buf *buf, struct report *report, str *text)
{
    assert(buf != NULL);
    assert(text != NULL);

    if (buf->full)
        return fail(report, FAULT_LIMIT, "the text to be written is longer than its limit allows");
    *text = buf_str(buf);
    return OK;
}

struct reader reader_over(str bytes)
{
    str real = bytes.ptr == NULL ? STR("") : bytes;
    const unsigned char *start = (const unsigned char *)real.ptr;
    return (struct reader){.at = start, .end = start + real.len};
}

str read_bytes(struct reader *r, size_t count)
{
    if (r->bad || count > (size_t)(r->end - r->at)) {
        r->bad = true;
        return STR("");
    }
    str bytes = {(const char *)r->at, count};
    r->at += count;
    return bytes;
}

uint8_t read_u8(struct reader *r)
{
    if (r->bad || r->at == r->end) {
        r->bad = true;
        return 0;
    }
    return *r->at++;
}

/* The next bytes as they lie, zeros when there are not so many. */
static void read_raw(struct reader *r, void *value, size_t count)
{
    str bytes = read_bytes(r, count);
    if (bytes.len == count)
        memcpy(value, bytes.ptr, count);
}

uint16_t read_be16(struct reader *r)
{
    uint16_t value = 0;
    read_raw(r, &value, sizeof(value));
    return be16toh(value);
}

uint32_t read_be32(struct reader *r)
{
    uint32_t value = 0;
    read_raw(r, &value, sizeof(value));
    return be32toh(value);
}

uint64_t read_be64(struct reader *r)
{
    uint64_t value = 0;
    read_raw(r, &value, sizeof(value));
    return be64toh(value);
}

str read_field(struct reader *r)
{
    return read_bytes(r, read_be32(r));
}

bool reader_done(const struct reader *r)
{
    return !r->bad && r->at == r->end;
}
