/* Memory of one event: chained blocks, a pointer that moves, a budget.
 *
 *   arena -> block (newest) -> block -> block (first)
 *            |used......|at      free|
 *
 * Bytes past `at` are zero at all times: fresh blocks are, and forgetting wipes what was used. So
 * taking need not clear, and nothing personal outlives its event. */
#include <stdio.h>
#include <stdlib.h>
#include <sodium.h>
#include "base_internal.h"

enum {
    ALIGNMENT = 16,
    FIRST_BLOCK_BYTES = 8 << 10,
    LARGEST_BLOCK_BYTES = 1 << 20, /* beyond it blocks grow no more */
    KEPT_BLOCK_BYTES = 64 << 10    /* what an idle arena may hold on to */
};

struct block {
    struct block *older;
    size_t room;
    size_t used; /* of a block that is no longer the newest */
    _Alignas(ALIGNMENT) unsigned char bytes[];
};

struct arena {
    unsigned char *at, *end; /* within the newest block */
    struct block *newest;
    size_t budget, used;
};

static_assert(sizeof(struct block) % ALIGNMENT == 0, "blocks start aligned");

struct arena *arena_new(size_t budget)
{
    struct arena *arena = calloc(1, sizeof(*arena));
    if (arena == NULL)
        abort();
    arena->budget = budget;
    return arena;
}

static void block_wipe(struct arena *arena, struct block *block)
{
    if (block == arena->newest)
        block->used = (size_t)(arena->at - block->bytes);
    sodium_memzero(block->bytes, block->used);
    block->used = 0;
}

void arena_free(struct arena **arena)
{
    assert(arena != NULL);

    if (*arena == NULL)
        return;
    struct block *block = (*arena)->newest;
    while (block != NULL) {
        struct block *older = block->older;
        block_wipe(*arena, block);
        free(block);
        block = older;
    }
    free(*arena);
    *arena = NULL;
}

/* The largest block that an idle arena may keep; NULL when there is none. */
static struct block *block_to_keep(const struct arena *arena)
{
    struct block *kept = NULL;
    for (struct block *block = arena->newest; block != NULL; block = block->older)
        if (block->room <= KEPT_BLOCK_BYTES && (kept == NULL || block->room > kept->room))
            kept = block;
    return kept;
}

void arena_reset(struct arena *arena)
{
    assert(arena != NULL);

    struct block *kept = block_to_keep(arena);
    struct block *block = arena->newest;
    while (block != NULL) {
        struct block *older = block->older;
        block_wipe(arena, block);
        if (block != kept)
            free(block);
        block = older;
    }
    arena->newest = kept;
    arena->used = 0;
    arena->at = arena->end = NULL;
    if (kept != NULL) {
        kept->older = NULL;
        arena->at = kept->bytes;
        arena->end = kept->bytes + kept->room;
    }
}

/* A new newest block with at least `size` bytes, twice as large as the last one. */
static void block_add(struct arena *arena, size_t size)
{
    size_t room = arena->newest == NULL ? FIRST_BLOCK_BYTES : arena->newest->room * 2;
    if (room > LARGEST_BLOCK_BYTES)
        room = LARGEST_BLOCK_BYTES;
    if (room < size)
        room = size;
    struct block *block = calloc(1, sizeof(*block) + room);
    if (block == NULL)
        abort();
    if (arena->newest != NULL)
        arena->newest->used = (size_t)(arena->at - arena->newest->bytes);
    block->older = arena->newest;
    block->room = room;
    arena->newest = block;
    arena->at = block->bytes;
    arena->end = block->bytes + room;
}

static size_t round_up(size_t size)
{
    return (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

void *arena_take(struct arena *arena, size_t size)
{
    assert(arena != NULL);

    size_t left = arena->budget - arena->used;
    if (size > left)
        return NULL;
    size = size == 0 ? ALIGNMENT : round_up(size);
    if (size > left)
        return NULL;
    if (size > (size_t)(arena->end - arena->at))
        block_add(arena, size);
    void *memory = arena->at;
    arena->at += size;
    arena->used += size;
    return memory;
}

void *arena_extend(struct arena *arena, void *old, size_t size, size_t wanted)
{
    assert(arena != NULL);
    assert(wanted >= size);

    size_t more = round_up(wanted) - round_up(size);
    bool last = size > 0 && (unsigned char *)old + round_up(size) == arena->at;
    if (last && more <= (size_t)(arena->end - arena->at)) {
        if (more > arena->budget - arena->used)
            return NULL;
        arena->at += more;
        arena->used += more;
        return old;
    }
    void *memory = arena_take(arena, wanted);
    if (memory != NULL && size > 0)
        memcpy(memory, old, size);
    return memory;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}

str arena_copy(struct arena *arena, str text)
{
    if (text.len == 0)
        return STR("");
    char *copy = arena_take(arena, text.len);
    if (copy == NULL)
        return (str){NULL, 0};
    memcpy(copy, text.ptr, text.len);
    return (str){copy, text.len};
}

const char *arena_c_string(struct arena *arena, str text)
{
    if (text.len == SIZE_MAX)
        return NULL;
    char *copy = arena_take(arena, text.len + 1);
    if (copy != NULL && text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return copy;
}

str arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (len < 0)
        return (str){NULL, 0};
    char *text = arena_take(arena, (size_t)len + 1);
    if (text == NULL)
        return (str){NULL, 0};
    va_start(arguments, format);
    vsnprintf(text, (size_t)len + 1, format, arguments);
    va_end(arguments);
    return (str){text, (size_t)len};
}

bool list_grow_(struct arena *arena, void **at, size_t *count, size_t *room, size_t size)
{
    if (*count == *room) {
        size_t wanted = *room == 0 ? 8 : *room * 2;
        if (wanted > SIZE_MAX / 2 / size)
            return false;
        void *grown = arena_extend(arena, *at, *room * size, wanted * size);
        if (grown == NULL)
            return false;
        *at = grown;
        *room = wanted;
    }
    memset((char *)*at + *count * size, 0, size);
    (*count)++;
    return true;
}
