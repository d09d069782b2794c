/* Building text in a bounded buffer, and reading back what the binary writers wrote. */
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

/* Where the next `count` bytes go, or NULL when the buffer is full. */
static char *buf_reserve(struct buf *buf, size_t count)
{
    if (buf->full)
        return NULL;
    if (count > buf->room - buf->len) {
        if (count > SIZE_MAX - buf->len || !buf_grow(buf, buf->len + count)) {
            buf->full = true;
            return NULL;
        }
    }
    char *place = buf->ptr + buf->len;
    buf->len += count;
    return place;
}

void buf_add(struct buf *buf, str text)
{
    if (text.len == 0)
        return;
    char *place = buf_reserve(buf, text.len);
    if (place != NULL)
        memcpy(place, text.ptr, text.len);
}

void buf_char(struct buf *buf, char c)
{
    if (buf->full || buf->len == buf->room) {
        char *place = buf_reserve(buf, 1);
        if (place != NULL)
            *place = c;
        return;
    }
    buf->ptr[buf->len++] = c;
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

static void buf_big_endian(struct buf *buf, uint64_t value, size_t count)
{
    char *place = buf_reserve(buf, count);
    if (place == NULL)
        return;
    for (size_t i = count; i-- > 0; value >>= 8)
        place[i] = (char)(value & 0xFF);
}

void buf_be16(struct buf *buf, uint16_t value)
{
    buf_big_endian(buf, value, 2);
}

void buf_be32(struct buf *buf, uint32_t value)
{
    buf_big_endian(buf, value, 4);
}

void buf_be64(struct buf *buf, uint64_t value)
{
    buf_big_endian(buf, value, 8);
}

void buf_field(struct buf *buf, str bytes)
{
    if (bytes.len > UINT32_MAX) {
        buf->full = true;
        return;
    }
    buf_be32(buf, (uint32_t)bytes.len);
    buf_add(buf, bytes);
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

static uint64_t read_big_endian(struct reader *r, size_t count)
{
    str bytes = read_bytes(r, count);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.len; i++)
        value = value << 8 | (unsigned char)bytes.ptr[i];
    return value;
}

uint8_t read_u8(struct reader *r)
{
    if (r->bad || r->at == r->end) {
        r->bad = true;
        return 0;
    }
    return *r->at++;
}

uint16_t read_be16(struct reader *r)
{
    return (uint16_t)read_big_endian(r, 2);
}

uint32_t read_be32(struct reader *r)
{
    return (uint32_t)read_big_endian(r, 4);
}

uint64_t read_be64(struct reader *r)
{
    return read_big_endian(r, 8);
}

str read_field(struct reader *r)
{
    return read_bytes(r, read_be32(r));
}

bool reader_done(const struct reader *r)
{
    return !r->bad && r->at == r->end;
}
