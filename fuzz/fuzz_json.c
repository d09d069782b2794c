/* Target: json_parse() and the writers, on bytes that anybody may send.
 * Property: whatever is accepted prints as JSON that is accepted and prints the same; its canonical
 * form, where it has one, is accepted and is its own canonical form. */
#include <stdint.h>
#include <stdlib.h>
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 64 << 20, PRINT_BYTES = 16 << 20 };

static const struct json *parse_again(struct arena *arena, str text)
{
    const struct json *root;
    struct report report = {0};
    if (!is_ok(json_parse(arena, text, &report, &root)))
        abort();
    return root;
}

static str print_tree(struct arena *arena, const struct json *root)
{
    struct buf buf = buf_in(arena, PRINT_BYTES);
    struct json_out out = json_out_over(&buf);
    json_put_tree(&out, root);
    if (buf.full)
        abort();
    return buf_str(&buf);
}

/* False when the value has no canonical form: it holds a number that is no integer. */
static bool canonical(struct arena *arena, const struct json *root, str *text)
{
    struct buf buf = buf_in(arena, PRINT_BYTES);
    struct report report = {0};
    if (!is_ok(json_canonical(arena, root, &buf, &report)))
        return false;
    *text = buf_str(&buf);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    if (arena == NULL)
        arena = arena_new(ARENA_BYTES);
    arena_reset(arena);
    struct report report = {0};
    const struct json *root;
    if (size > 1 << 16 ||
        !is_ok(json_parse(arena, (str){(const char *)data, size}, &report, &root)))
        return 0;
    str printed = print_tree(arena, root), first, second;
    const struct json *again = parse_again(arena, printed);
    if (!str_equal(printed, print_tree(arena, again)))
        abort();
    if (!canonical(arena, root, &first))
        return 0;
    if (!canonical(arena, parse_again(arena, first), &second) || !str_equal(first, second))
        abort();
    if (!canonical(arena, again, &second) || !str_equal(first, second))
        abort();
    return 0;
}
