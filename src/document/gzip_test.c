/* A packed text is the text, the same bytes each time, or no bytes at all. */
#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gzip.h"

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
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    char *room = arena_take(arena, ROOM);
    assert_int_equal(archive_read_support_filter_gzip(archive), ARCHIVE_OK);
    assert_int_equal(archive_read_support_format_raw(archive), ARCHIVE_OK);
    assert_int_equal(archive_read_open_memory(archive, packed.ptr, packed.len), ARCHIVE_OK);
    assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_OK);
    la_ssize_t len = archive_read_data(archive, room, ROOM);
    assert_true(len >= 0);
    (void)archive_read_free(archive);
    return (str){room, (size_t)len};
}

static void a_packed_text_is_the_text_in_fewer_bytes(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    str text = text_of(arena);
    struct buf one = buf_in(arena, ROOM), other = buf_in(arena, ROOM);
    assert_true(gzip_pack(text, &one));
    assert_true(gzip_pack(text, &other));
    assert_true(str_equal(buf_str(&one), buf_str(&other)));
    assert_true(one.len < text.len / 4);
    assert_true(str_equal(unpacked(arena, buf_str(&one)), text));
    arena_free(&arena);
}

static void what_has_no_room_is_not_packed(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct buf small = buf_in(arena, 20);
    assert_false(gzip_pack(text_of(arena), &small));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packed_text_is_the_text_in_fewer_bytes),
        cmocka_unit_test(what_has_no_room_is_not_packed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
