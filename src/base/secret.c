/* Key material: wiping and comparing. */
#include <sodium.h>
#include "base.h"

void wipe(void *memory, size_t size)
{
    if (size > 0)
        sodium_memzero(memory, size);
}

void secret_wipe(secret *key)
{
    assert(key != NULL);
    wipe(key->bytes, KEY_BYTES);
}

bool secret_equal(const secret *a, const secret *b)
{
    assert(a != NULL);
    assert(b != NULL);
    return sodium_memcmp(a->bytes, b->bytes, KEY_BYTES) == 0;
}
