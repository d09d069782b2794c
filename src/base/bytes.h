/* bytes: memory that grows and is used again, for what outlives one event: a connection's input, a
 * log's pending records. What has a budget and an end lives in an arena instead. */
#ifndef VERN_BYTES_H
#define VERN_BYTES_H
#include "base.h"

struct bytes {
    char *ptr;
    size_t len, room;
};
void bytes_reserve(struct bytes *bytes, size_t more); /* aborts when the OS has no memory */
void bytes_add(struct bytes *bytes, str text);
void bytes_free(struct bytes *bytes); /* wipes what was used */
static inline str bytes_str(const struct bytes *bytes)
{
    return (str){bytes->ptr, bytes->len};
}

#endif
