/* Target: engine_authenticate(), on what came behind "Bearer".
 * Property: nothing is a token but the text that was given out, whole and unchanged.
 *
 * The first byte says how the rest is used: even, as it stands; odd, as changes (XOR) to a genuine
 * token, whose end it may also cut (3) or prolong (5). */
#include "small_register.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 4096 };

static str text_of(const uint8_t *data, size_t size, char room[ROOM])
{
    if (data[0] % 2 == 0 || size > small.token.len + 1)
        return (str){(const char *)data + 1, size - 1};
    size_t len = small.token.len;
    for (size_t i = 0; i < len; i++)
        room[i] = (char)(small.token.ptr[i] ^ (i + 1 < size ? data[i + 1] : 0));
    if (data[0] == 3)
        len = size - 1;
    if (data[0] == 5)
        room[len++] = 'A';
    return (str){room, len};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char room[ROOM];
    struct report report = {0};
    struct reg *reg = NULL;
    const struct caller *caller = NULL;
    small_open();
    if (size == 0 || size > ROOM)
        return 0;
    str text = text_of(data, size, room);
    status known = engine_authenticate(small.engine, text, &report, &reg, &caller);
    if (is_ok(known) != str_equal(text, small.token))
        abort();
    if (is_ok(known) && (reg != small.reg || caller == NULL))
        abort();
    if (!is_ok(known) && (known.fault != FAULT_UNAUTHENTICATED || caller != NULL))
        abort();
    return 0;
}
