/* Memory for key material: blocks that are locked, kept out of core files, and cut into pieces of
 * powers of two. Locking may be refused (RLIMIT_MEMLOCK); the start of the server says so, and swap
 * must then be off or encrypted anyway. */
#include <sodium.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "keys_internal.h"

enum { BLOCK_BYTES = 256 << 10, SMALLEST = 6, CLASSES = 20 }; /* 64 bytes to 32 MB */

struct piece {
    struct piece *next;
};

struct block {
    struct block *next;
    size_t size;
};

struct locked {
    struct piece *free[CLASSES];
    struct block *blocks;
    unsigned char *at, *end; /* what is left of the newest block */
};

struct locked *locked_new(void)
{
    struct locked *locked = calloc(1, sizeof(*locked));
    if (locked == NULL)
        abort();
    return locked;
}

void locked_free(struct locked **locked)
{
    if (*locked == NULL)
        return;
    struct block *block = (*locked)->blocks;
    while (block != NULL) {
        struct block *next = block->next;
        size_t size = block->size;
        sodium_munlock(block, size); /* wipes */
        munmap(block, size);
        block = next;
    }
    free(*locked);
    *locked = NULL;
}

static unsigned class_of(size_t size)
{
    unsigned class = 0;
    while ((size_t)1 << (class + SMALLEST) < size)
        class ++;
    assert(class < CLASSES);
    return class;
}

static void block_add(struct locked *locked, size_t size)
{
    size_t wanted = size + SMALLEST + sizeof(struct block) < BLOCK_BYTES
                        ? BLOCK_BYTES
                        : (size + 2 * sizeof(struct block) + 4095) & ~(size_t)4095;
    struct block *block =
        mmap(NULL, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
        abort();
    (void)sodium_mlock(block, wanted); /* also MADV_DONTDUMP, even where locking is refused */
    (void)madvise(block, wanted, MADV_DONTFORK);
    block->size = wanted;
    block->next = locked->blocks;
    locked->blocks = block;
    locked->at = (unsigned char *)block + 64;
    locked->end = (unsigned char *)block + wanted;
}

void *locked_take(struct locked *locked, size_t size)
{
    unsigned class = class_of(size);
    size_t step = (size_t)1 << (class + SMALLEST);
    struct piece *piece = locked->free[class];
    if (piece != NULL) {
        locked->free[class] = piece->next;
        piece->next = NULL;
        return piece;
    }
    if ((size_t)(locked->end - locked->at) < step)
        block_add(locked, step);
    void *memory = locked->at;
    locked->at += step;
    return memory;
}

void locked_give(struct locked *locked, void *memory, size_t size)
{
    if (memory == NULL)
        return;
    unsigned class = class_of(size);
    wipe(memory, (size_t)1 << (class + SMALLEST));
    struct piece *piece = memory;
    piece->next = locked->free[class];
    locked->free[class] = piece;
}
