/* A packed text is the text, the same bytes each time, or no bytes at all. */
#include <brotli/decode.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "brotli.h"

enum { ROOM = 64 << 10 };

static str text_of(struct arena *arena)
{
    struct buf buf = buf_in(arena, ROOM);
    for (int i = 0; i < 1000; i++)
        buf_format(&buf, "line %d of a text\n", i);
    return buf_str(&buf);
}

static str unpacked(struct arena *arena, str packed)
{
    size_t length = ROOM;
    char *room = arena_take(arena, ROOM);
    assert_int_equal(
        BrotliDecoderDecompress(packed.len, (const uint8_t *)packed.ptr, &length, (uint8_t *)room),
        BROTLI_DECODER_RESULT_SUCCESS);
    return (str){room, length};
}

static void a_packed_text_is_the_text_in_fewer_bytes_after_what_was_there(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    str text = text_of(arena);
    struct buf one = buf_in(arena, ROOM), other = buf_in(arena, ROOM);
    buf_text(&other, "before");
    assert_true(brotli_pack(text, &one));
    assert_true(brotli_pack(text, &other));
    assert_true(str_equal(buf_str(&one), str_slice(buf_str(&other), 6, other.len)));
    assert_true(one.len < text.len / 5);
    assert_true(str_equal(unpacked(arena, buf_str(&one)), text));
    arena_free(&arena);
}

static void what_has_no_room_is_not_packed(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct buf small = buf_in(arena, 20);
    assert_false(brotli_pack(text_of(arena), &small));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packed_text_is_the_text_in_fewer_bytes_after_what_was_there),
        cmocka_unit_test(what_has_no_room_is_not_packed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
