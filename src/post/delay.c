/* When to try again. */
#include "post_internal.h"

int64_t retry_after_ms(unsigned tries, uint32_t chance)
{
    enum { FIRST_MS = 5000, MOST_MS = 6 * 3600 * 1000, FACTOR = 4 };
    int64_t wait = FIRST_MS;
    for (unsigned i = 1; i < tries && wait < MOST_MS; i++)
        wait *= FACTOR;
    wait = wait < MOST_MS ? wait : MOST_MS;
    return wait - wait / 4 + (int64_t)(chance % 1000) * (wait / 2) / 999;
}
