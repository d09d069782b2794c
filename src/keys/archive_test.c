/* Archives: what goes in comes out, to the right identity alone, whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "archive.h"
#include "file.h"

enum { ROOM = 16 << 20, HEAD = 8 + 16 + 80 + 24, CARD = 4096 + 17, CHUNK = 65536 + 17 };

struct fixture {
    char dir[64], plain[80], sealed[80], out[80], identity[80];
    struct sim_world sim;
    struct arena *arena;
    struct recipient recipient;
    secret key;
    struct report report;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->arena = arena_new(ROOM);
    world_sim(&f->sim, 11, (instant){1});
    snprintf(f->dir, sizeof(f->dir), "/tmp/vern-archive-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->plain, sizeof(f->plain), "%s/plain", f->dir);
    snprintf(f->sealed, sizeof(f->sealed), "%s/sealed", f->dir);
    snprintf(f->out, sizeof(f->out), "%s/out", f->dir);
    snprintf(f->identity, sizeof(f->identity), "%s/identity", f->dir);
    assert_true(is_ok(identity_make(&f->sim.world, f->identity, &f->report, &f->recipient)));
    assert_true(is_ok(identity_read(f->identity, &f->report, &f->key)));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    const char *const files[] = {f->plain, f->sealed, f->out, f->identity};
    for (size_t i = 0; i < LENGTH(files); i++)
        unlink(files[i]);
    assert_int_equal(rmdir(f->dir), 0); /* and nothing else lies there */
    arena_free(&f->arena);
    free(f);
    return 0;
}

static str read_all(struct fixture *f, const char *path)
{
    str bytes;
    if (!is_ok(file_read(path, f->arena, 1 << 20, &f->report, &bytes)))
        fail_msg("%s", f->report.text);
    return bytes;
}

static void write_all(const char *path, str bytes)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    fclose(file);
}

static str some_bytes(struct fixture *f, size_t size)
{
    char *bytes = arena_take(f->arena, size + 1);
    world_random(&f->sim.world, bytes, size);
    return (str){bytes, size};
}

static str seal(struct fixture *f, size_t size)
{
    str plain = some_bytes(f, size);
    write_all(f->plain, plain);
    struct archive_job job = {&f->sim.world, f->plain, f->sealed};
    if (!is_ok(archive_seal(&job, &f->recipient, STR("{\"register\":\"x\"}"), &f->report)))
        fail_msg("%s", f->report.text);
    return plain;
}

static status open_to(struct fixture *f, const secret *key, const char *to)
{
    str card;
    f->report = (struct report){0};
    struct archive_job job = {&f->sim.world, f->sealed, to};
    status opened = archive_open(&job, key, f->arena, &f->report, &card);
    if (is_ok(opened))
        assert_true(str_is(card, "{\"register\":\"x\"}"));
    return opened;
}

static void a_file_of_any_length_comes_out_as_it_went_in(void **state)
{
    struct fixture *f = *state;
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 3 * 65536, 200000};
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        str plain = seal(f, sizes[i]);
        assert_true(is_ok(open_to(f, &f->key, NULL))); /* looks, and leaves nothing */
        assert_true(is_ok(open_to(f, &f->key, f->out)));
        assert_true(str_equal(read_all(f, f->out), plain));
        struct stat stat_;
        assert_int_equal(stat(f->out, &stat_), 0);
        assert_int_equal(stat_.st_mode & 0777, 0600);
    }
}

static void nothing_of_the_plain_text_is_in_the_archive(void **state)
{
    struct fixture *f = *state;
    char text[4096];
    memset(text, 'k', sizeof(text));
    memcpy(text + 100, "kari.nordmann@example.org", 25);
    write_all(f->plain, (str){text, sizeof(text)});
    struct archive_job job = {&f->sim.world, f->plain, f->sealed};
    str archives[2];
    for (size_t i = 0; i < LENGTH(archives); i++) {
        assert_true(is_ok(archive_seal(&job, &f->recipient, STR("{}"), &f->report)));
        archives[i] = read_all(f, f->sealed);
        assert_null(memmem(archives[i].ptr, archives[i].len, "nordmann", 8));
        assert_null(memmem(archives[i].ptr, archives[i].len, "kkkkkkkk", 8));
    }
    assert_false(str_equal(archives[0], archives[1])); /* a key of its own each time */
}

static void another_identity_opens_nothing(void **state)
{
    struct fixture *f = *state;
    secret other = f->key;
    other.bytes[7] ^= 4;
    seal(f, 1000);
    assert_int_equal(open_to(f, &other, f->out).fault, FAULT_KEY);
    assert_false(file_exists(f->out));
}

static void a_byte_that_was_flipped_is_found_wherever_it_is(void **state)
{
    struct fixture *f = *state;
    static const size_t places[] = {0,
                                    7,
                                    24,
                                    60,
                                    103,
                                    104,
                                    127,
                                    HEAD,
                                    HEAD + 4000,
                                    HEAD + CARD,
                                    HEAD + CARD + 1,
                                    HEAD + CARD + 40000,
                                    HEAD + CARD + CHUNK - 1,
                                    HEAD + CARD + CHUNK,
                                    HEAD + CARD + CHUNK + 20};
    seal(f, 65536 + 100);
    str whole = read_all(f, f->sealed);
    for (size_t i = 0; i < LENGTH(places); i++) {
        assert_true(places[i] < whole.len);
        char *copy = arena_take(f->arena, whole.len);
        memcpy(copy, whole.ptr, whole.len);
        copy[places[i]] ^= 1;
        write_all(f->sealed, (str){copy, whole.len});
        if (open_to(f, &f->key, f->out).fault != FAULT_CORRUPT || file_exists(f->out))
            fail_msg("byte %zu", places[i]);
    }
}

static void an_archive_that_was_cut_or_goes_on_is_found(void **state)
{
    struct fixture *f = *state;
    seal(f, 2 * 65536 + 100);
    str whole = read_all(f, f->sealed);
    const size_t ends[] = {
        0, 5, 100, HEAD, HEAD + CARD, HEAD + CARD + CHUNK, HEAD + CARD + 2 * CHUNK, whole.len - 1};
    for (size_t i = 0; i < LENGTH(ends); i++) {
        write_all(f->sealed, str_slice(whole, 0, ends[i]));
        if (open_to(f, &f->key, f->out).fault != FAULT_CORRUPT || file_exists(f->out))
            fail_msg("cut at %zu", ends[i]);
    }
    char *longer = arena_take(f->arena, whole.len + 1);
    memcpy(longer, whole.ptr, whole.len);
    longer[whole.len] = 0;
    write_all(f->sealed, (str){longer, whole.len + 1});
    assert_int_equal(open_to(f, &f->key, f->out).fault, FAULT_CORRUPT);
    assert_false(file_exists(f->out));
}

static void chunks_that_changed_places_are_found(void **state)
{
    struct fixture *f = *state;
    seal(f, 2 * 65536 + 100);
    str whole = read_all(f, f->sealed);
    char *copy = arena_take(f->arena, whole.len);
    memcpy(copy, whole.ptr, whole.len);
    memcpy(copy + HEAD + CARD, whole.ptr + HEAD + CARD + CHUNK, CHUNK);
    memcpy(copy + HEAD + CARD + CHUNK, whole.ptr + HEAD + CARD, CHUNK);
    write_all(f->sealed, (str){copy, whole.len});
    assert_int_equal(open_to(f, &f->key, f->out).fault, FAULT_CORRUPT);
}

static void a_recipient_with_a_slip_is_none(void **state)
{
    struct fixture *f = *state;
    char room[128];
    struct buf buf = buf_over(room, sizeof(room));
    struct recipient read;
    recipient_print(&f->recipient, &buf);
    assert_true(is_ok(recipient_parse(buf_str(&buf), &f->report, &read)));
    assert_memory_equal(read.key, f->recipient.key, sizeof(read.key));
    for (size_t i = 0; i < buf.len; i++) {
        char kept = room[i];
        room[i] = kept == 'A' ? 'B' : 'A';
        assert_int_equal(recipient_parse(buf_str(&buf), &f->report, &read).fault, FAULT_KEY);
        room[i] = kept;
    }
    str identity = read_all(f, f->identity);
    assert_int_equal(recipient_parse(identity, &f->report, &read).fault, FAULT_KEY);
}

static void an_identity_is_made_once_and_for_its_owner_alone(void **state)
{
    struct fixture *f = *state;
    struct recipient again;
    struct stat stat_;
    assert_true(is_ok(identity_make(&f->sim.world, f->identity, &f->report, &again)));
    assert_memory_equal(again.key, f->recipient.key, sizeof(again.key));
    assert_int_equal(stat(f->identity, &stat_), 0);
    assert_int_equal(stat_.st_mode & 0777, 0600);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_file_of_any_length_comes_out_as_it_went_in),
        TEST(nothing_of_the_plain_text_is_in_the_archive),
        TEST(another_identity_opens_nothing),
        TEST(a_byte_that_was_flipped_is_found_wherever_it_is),
        TEST(an_archive_that_was_cut_or_goes_on_is_found),
        TEST(chunks_that_changed_places_are_found),
        TEST(a_recipient_with_a_slip_is_none),
        TEST(an_identity_is_made_once_and_for_its_owner_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
