#include <stdlib.h>

#include "bytes.h"

enum { BYTES_FIRST = 1024 };

void bytes_reserve(struct bytes *bytes, size_t more)
{
    if (bytes->room - bytes->len >= more)
        return;
    size_t room = bytes->room < BYTES_FIRST ? BYTES_FIRST : bytes->room;
    while (room - bytes->len < more) {
        assert(room <= SIZE_MAX / 2);
        room *= 2;
    }
    char *ptr = realloc(bytes->ptr, room);
    if (ptr == NULL)
        abort();
    bytes->ptr = ptr;
    bytes->room = room;
}

void bytes_add(struct bytes *bytes, str text)
{
    if (text.len == 0)
        return;
    bytes_reserve(bytes, text.len);
    memcpy(bytes->ptr + bytes->len, text.ptr, text.len);
    bytes->len += text.len;
}

void bytes_free(struct bytes *bytes)
{
    if (bytes->len > 0)
        wipe(bytes->ptr, bytes->len);
    free(bytes->ptr);
    *bytes = (struct bytes){0};
}
