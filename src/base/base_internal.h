/* What the files of base share and no other module sees. */
#ifndef VERN_BASE_INTERNAL_H
#define VERN_BASE_INTERNAL_H

#include "base.h"

struct date;

/* Makes the memory at `old` (of `size` bytes, from this arena; NULL with 0 at first) `wanted` bytes
 * long, in place where it is the last one taken. The new bytes are zero. NULL at the budget, and
 * then the old memory stands as it was. */
void *arena_extend(struct arena *arena, void *old, size_t size, size_t wanted);

/* As buf_room(), where what is there does not do. */
char *buf_more_room(struct buf *buf, size_t count);
/* Where the next `count` bytes of the text go, for the caller to fill; NULL when it is full. */
static inline char *buf_room(struct buf *buf, size_t count)
{
    if (buf->full || count > buf->room - buf->len)
        return buf_more_room(buf, count);
    buf->len += count;
    return buf->ptr + buf->len - count;
}

/* The length of the UTF-8 sequence at `at` with `left` bytes to come (at least one); 0 when it is
 * none. */
size_t utf8_step(const unsigned char *at, size_t left);

/* An id and a moment as text, the latter where instant_has_text(); gives its length, which is known
 * beforehand: `text` has as much room. */
void id_text(const unsigned char bytes[ID_BYTES], char text[ID_TEXT]);
enum { INSTANT_TEXT = 24 };
size_t instant_text(instant at, char *text);
size_t instant_text_length(instant at);

/* Days since 1970-01-01 in the proleptic Gregorian calendar, and back; any year that fits. */
int64_t days_from_civil(int64_t year, unsigned month, unsigned day);
void civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day);
unsigned days_in_month(int64_t year, unsigned month);
struct date date_from_days(int64_t days);
#endif
