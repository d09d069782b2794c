/* Rows in memory by themselves, where the test says what the file has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "kept.h"

static struct kept *kept;

static int begin(void **state)
{
    (void)state;
    kept = kept_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    kept_free(&kept);
    return 0;
}

static struct value subject(unsigned number)
{
    static dossier_id id;
    id = (dossier_id){
        {(unsigned char)number, (unsigned char)(number >> 8), (unsigned char)(number >> 16)}};
    return value_bytes(id.bytes, ID_BYTES);
}

/* As db.c does: what is not kept comes of the file, which has one item of so many bytes. */
static bool read_items(unsigned number, size_t len)
{
    static const char text[KEPT_BYTES_MOST / 64 + 1];
    static const record_id record = {{9}};
    struct value in = subject(number);
    struct value row[2] = {value_bytes(record.bytes, ID_BYTES), value_bytes(text, len)}, out[2];
    bool given = kept_start(kept, STATEMENT_ITEM_LIST, &in);
    if (given) {
        assert_true(kept_next(kept, STATEMENT_ITEM_LIST, out));
        assert_int_equal(out[1].bytes.len, len);
        assert_false(kept_next(kept, STATEMENT_ITEM_LIST, out));
    } else {
        kept_saw(kept, STATEMENT_ITEM_LIST, row);
        kept_saw(kept, STATEMENT_ITEM_LIST, NULL);
    }
    kept_finish(kept, STATEMENT_ITEM_LIST);
    return given;
}

static void what_is_asked_for_twice_is_given_from_then_on(void **state)
{
    (void)state;
    assert_false(read_items(1, 100));
    assert_false(read_items(1, 100));
    assert_true(read_items(1, 100));
    assert_false(read_items(2, 100));
    assert_true(read_items(1, 100));
}

static void a_write_forgets_its_subject_alone(void **state)
{
    (void)state;
    struct value put[3];
    for (int i = 0; i < 3; i++) {
        read_items(1, 100);
        read_items(2, 100);
    }
    put[0] = subject(1);
    kept_forget(kept, STATEMENT_ITEM_PUT, put);
    assert_false(read_items(1, 200));
    assert_true(read_items(2, 100));
}

static void a_write_while_rows_are_read_leaves_them_to_their_reader_alone(void **state)
{
    (void)state;
    struct value out[2], in = subject(1);
    for (int i = 0; i < 2; i++)
        read_items(1, 100);
    assert_true(kept_start(kept, STATEMENT_ITEM_LIST, &in));
    kept_forget(kept, STATEMENT_ITEM_DROP_ALL, &in);
    assert_true(kept_next(kept, STATEMENT_ITEM_LIST, out));
    assert_int_equal(out[1].bytes.len, 100);
    kept_finish(kept, STATEMENT_ITEM_LIST);
    assert_false(read_items(1, 200));
}

static void what_was_read_beside_a_write_is_not_kept(void **state)
{
    (void)state;
    struct value in = subject(1);
    read_items(1, 100);
    assert_false(kept_start(kept, STATEMENT_ITEM_LIST, &in));
    kept_forget(kept, STATEMENT_ITEM_PUT, &in);
    kept_saw(kept, STATEMENT_ITEM_LIST, NULL);
    kept_finish(kept, STATEMENT_ITEM_LIST);
    assert_false(read_items(1, 100));
}

static void rows_that_break_off_are_not_kept(void **state)
{
    (void)state;
    struct value in = subject(1);
    read_items(1, 100);
    assert_false(kept_start(kept, STATEMENT_ITEM_LIST, &in));
    kept_finish(kept, STATEMENT_ITEM_LIST); /* a fault before the last row */
    assert_false(read_items(1, 100));
}

static void memory_has_an_end_and_one_subject_does_not_take_it_all(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        read_items(i, 3000);
        read_items(i, 3000);
        assert_true(kept_bytes(kept) <= KEPT_BYTES_MOST);
    }
    assert_true(kept_bytes(kept) > KEPT_BYTES_MOST / 2);
    assert_true(read_items(19999, 3000));
    for (int i = 0; i < 3; i++)
        assert_false(read_items(1 << 20, KEPT_BYTES_MOST / 64 + 1));
}

/* Of one set: the low bits of their ids are the same. */
static unsigned alike(unsigned i)
{
    return 5 + (i << 13);
}

static void subjects_of_one_set_do_not_drive_each_other_out(void **state)
{
    (void)state;
    enum { WAYS = 4 };
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < WAYS; i++)
            assert_false(read_items(alike(i), 100));
    }
    for (unsigned i = 0; i < WAYS; i++)
        assert_true(read_items(alike(i), 100));
    assert_false(read_items(alike(WAYS), 100)); /* once is nothing */
    for (unsigned i = 0; i < WAYS; i++)
        assert_true(read_items(alike(i), 100));
    unsigned there = 0;
    assert_false(read_items(alike(WAYS), 100)); /* and twice drives one out */
    for (unsigned i = 0; i <= WAYS; i++)
        there += read_items(alike(i), 100);
    assert_int_equal(there, WAYS);
}

/* Who is asked for once each, as by whoever goes through everybody, takes no room. */
static void whoever_reads_everybody_once_keeps_nobody(void **state)
{
    (void)state;
    for (unsigned i = 1; i < 100000; i++)
        assert_false(read_items(i, 100));
    assert_int_equal(kept_bytes(kept), 0);
}

#define BY_ITSELF(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BY_ITSELF(what_is_asked_for_twice_is_given_from_then_on),
        BY_ITSELF(a_write_forgets_its_subject_alone),
        BY_ITSELF(a_write_while_rows_are_read_leaves_them_to_their_reader_alone),
        BY_ITSELF(what_was_read_beside_a_write_is_not_kept),
        BY_ITSELF(rows_that_break_off_are_not_kept),
        BY_ITSELF(memory_has_an_end_and_one_subject_does_not_take_it_all),
        BY_ITSELF(subjects_of_one_set_do_not_drive_each_other_out),
        BY_ITSELF(whoever_reads_everybody_once_keeps_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
