/* Sets of small numbers. A shorter set is one whose missing words are zero. */
#include "plan.h"

struct bits bits_new(struct arena *arena, size_t count)
{
    size_t words64 = (count + 63) / 64;
    if (words64 == 0)
        return (struct bits){NULL, 0};
    uint64_t *at = ARENA_ARRAY(arena, uint64_t, words64);
    return (struct bits){at, at == NULL ? 0 : (uint32_t)words64};
}

bool bits_empty(struct bits b)
{
    for (uint32_t i = 0; i < b.words64; i++)
        if (b.at[i] != 0)
            return false;
    return true;
}

bool bits_overlap(struct bits a, struct bits b)
{
    for (uint32_t i = 0; i < a.words64 && i < b.words64; i++)
        if ((a.at[i] & b.at[i]) != 0)
            return true;
    return false;
}

bool bits_within(struct bits inner, struct bits outer)
{
    for (uint32_t i = 0; i < inner.words64; i++) {
        uint64_t allowed = i < outer.words64 ? outer.at[i] : 0;
        if ((inner.at[i] & ~allowed) != 0)
            return false;
    }
    return true;
}

bool refs_has(const struct refs *refs, plan_index index)
{
    if (refs->all)
        return true;
    for (uint16_t i = 0; i < refs->count; i++)
        if (refs->at[i] == index)
            return true;
    return false;
}
