/* RFC 4180 as it stands, what is refused of what comes instead, and what is safe to open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "csv.h"

enum { BUDGET = 1 << 20 };

/* The cells of a row, joined by "|"; or what is wrong with it, as "column: text". */
static str read_row(struct arena *arena, str text, char separator)
{
    struct report report = {0};
    struct csv_row row;
    size_t column = 0;
    struct buf buf = buf_in(arena, BUDGET);
    if (!is_ok(csv_read_row(text, separator, arena, &report, &row, &column))) {
        buf_format(&buf, "%zu: %s", column, report.text);
        return buf_str(&buf);
    }
    for (size_t i = 0; i < row.count; i++) {
        buf_text(&buf, i > 0 ? "|" : "");
        buf_add(&buf, row.cells[i]);
    }
    return buf_str(&buf);
}

static void reads(const char *text, const char *cells)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    str got = read_row(arena, str_from(text), ',');
    if (!str_is(got, cells))
        fail_msg("%s: %.*s", text, STR_ARG(got));
}

static void cells_are_read_as_the_standard_says(void **state)
{
    (void)state;
    reads("a,b,c", "a|b|c");
    reads("a,b,c\r\n", "a|b|c");
    reads("a,b,c\n", "a|b|c");
    reads("", "");
    reads(",", "|");
    reads("\"a\",\"\",\"b,\r\nc\"", "a||b,\r\nc");
    reads("\"say \"\"hi\"\"\",x", "say \"hi\"|x");
    reads("\"\"\"\"", "\"");
    reads(" a , b", " a | b");
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    assert_true(str_is(read_row(arena, STR("a,b;c"), ';'), "a,b|c"));
}

static void a_row_is_refused_at_the_column_where_it_is_odd(void **state)
{
    (void)state;
    reads("a,b\"c,d", "2: a quote stands in a cell that does not begin with one");
    reads("a,\"b\"c", "2: something stands behind the quote that ends a cell");
    reads("a,b,\"c", "3: a quote is not closed");
    reads("a\rb,c", "2: a CR stands alone");
    reads("a,\xff", "2: a cell is not UTF-8");
    CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
    static const char nul[] = "a,\"b\0c\"";
    str got = read_row(arena, (str){nul, sizeof(nul) - 1}, ',');
    assert_true(str_is(got, "2: a NUL stands in the row"));
    struct buf many = buf_in(arena, BUDGET);
    for (int i = 0; i < CSV_CELLS_MOST; i++)
        buf_char(&many, ',');
    struct report report = {0};
    struct csv_row row;
    size_t column;
    assert_int_equal(csv_read_row(buf_str(&many), ',', arena, &report, &row, &column).fault,
                     FAULT_LIMIT);
}

static size_t rows_of(const char *text)
{
    enum csv_state state = CSV_CELL;
    size_t rows = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        state = csv_next(state, ',', text[i]);
        rows += state == CSV_END ? 1 : 0;
    }
    return rows;
}

static void a_row_ends_outside_quotes_and_a_broken_one_with_its_line(void **state)
{
    (void)state;
    assert_int_equal(rows_of("a\nb\r\nc\n"), 3);
    assert_int_equal(rows_of("\"a\nb\"\nc\n"), 2);
    assert_int_equal(rows_of("a\"b\nc\n"), 2);
    assert_int_equal(rows_of("\"a\"b\nc\n"), 2);
    assert_int_equal(rows_of("\"a\nb\nc\n"), 0);
}

/* Any text survives being written and read, but for the apostrophe before a formula. */
static void what_is_written_is_read_as_the_same_text(void **state)
{
    (void)state;
    struct sim_world sim;
    world_sim(&sim, 46, (instant){0});
    static const char letters[] = "a\",;\n\r\t=+-@' ";
    for (int round = 0; round < 2000; round++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(BUDGET);
        unsigned char random[13];
        char text[12];
        world_random(&sim.world, random, sizeof(random));
        size_t length = random[12] % sizeof(text);
        for (size_t i = 0; i < length; i++)
            text[i] = letters[random[i] % (sizeof(letters) - 1)];
        struct buf buf = buf_in(arena, 1 << 10);
        csv_cell(&buf, (str){text, length});
        struct report report = {0};
        struct csv_row row;
        size_t column;
        assert_true(is_ok(csv_read_row(buf_str(&buf), ',', arena, &report, &row, &column)));
        assert_int_equal(row.count, 1);
        bool formula = length > 0 && strchr("=+-@\t\r", text[0]) != NULL;
        str got = formula ? str_slice(row.cells[0], 1, row.cells[0].len) : row.cells[0];
        assert_true(!formula || row.cells[0].ptr[0] == '\'');
        assert_true(str_equal(got, (str){text, length}));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_read_as_the_standard_says),
        cmocka_unit_test(a_row_is_refused_at_the_column_where_it_is_odd),
        cmocka_unit_test(a_row_ends_outside_quotes_and_a_broken_one_with_its_line),
        cmocka_unit_test(what_is_written_is_read_as_the_same_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
