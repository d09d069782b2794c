/* For tests only: reading the published vectors where they are present. Includes <stdio.h> and
 * <stdlib.h> come before it, as all system headers do. */
#ifndef VERN_SHARED_TEST_H
#define VERN_SHARED_TEST_H

#include "base.h"

/* The folder of published data, or NULL, upon which the test skips itself. */
static inline const char *shared_folder(void)
{
    return getenv("VERN_SHARED");
}

/* The bytes of a file, in the arena; ptr NULL when it cannot be read. */
static inline str shared_bytes(struct arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return (str){NULL, 0};
    struct buf buf = buf_in(arena, 64 << 20);
    char chunk[4096];
    size_t count;
    while ((count = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buf_add(&buf, (str){chunk, count});
    fclose(file);
    return buf.full ? (str){NULL, 0} : buf_str(&buf);
}

/* A file of the published data, by its path there. */
static inline str shared_file(struct arena *arena, const char *path)
{
    str whole = arena_format(arena, "%s/%s", shared_folder(), path);
    return shared_bytes(arena, arena_c_string(arena, whole));
}

#endif
