/* What the files of base share and no other module sees. */
#ifndef VERN_BASE_INTERNAL_H
#define VERN_BASE_INTERNAL_H

#include "base.h"

/* Makes the memory at `old` (of `size` bytes, from this arena; NULL with 0 at first) `wanted` bytes
 * long, in place where it is the last one taken. The new bytes are zero. NULL at the budget, and
 * then the old memory stands as it was. */
void *arena_extend(struct arena *arena, void *old, size_t size, size_t wanted);

#endif
