/* Target: csv_next() and csv_read_row(), a mapping and what it makes of rows; input is a mapping up
 * to a NUL, then a CSV file.
 * Property: a row that is read has no NUL and is written and read as the same cells; a line that a
 * mapping makes of one is JSON that is read, of one object. */
#include <stdint.h>
#include <stdlib.h>

#include "json.h"
#include "mapping.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 64 << 20, ROW_BYTES = 1 << 20 };

static struct arena *arena;

static void check_cells(const struct csv_row *row)
{
    struct report report = {0};
    struct buf buf = buf_in(arena, ROW_BYTES);
    struct csv_row again;
    size_t column;
    for (size_t i = 0; i < row->count; i++) {
        buf_text(&buf, i > 0 ? "," : "");
        csv_cell(&buf, row->cells[i]);
    }
    if (buf.full)
        return;
    if (!is_ok(csv_read_row(buf_str(&buf), ',', arena, &report, &again, &column)) ||
        again.count != row->count)
        abort();
    for (size_t i = 0; i < row->count; i++) {
        if (!str_ends(again.cells[i], row->cells[i]) ||
            again.cells[i].len - row->cells[i].len > 1)
            abort();
    }
}

static void check_line(const struct mapping *mapping, const struct csv_row *row)
{
    struct report report = {0};
    str line;
    size_t column;
    const struct json *json;
    status made = mapping_line(mapping, row, arena, &report, &line, &column);
    if (!is_ok(made) && column > row->count)
        abort();
    if (is_ok(made) && !(is_ok(json_parse(arena, line, &report, &json)) && json_is_object(json)))
        abort();
}

static void take_row(struct mapping *mapping, str text, bool *headed)
{
    struct report report = {0};
    struct csv_row row;
    size_t column;
    if (!is_ok(csv_read_row(text, mapping_separator(mapping), arena, &report, &row, &column)))
        return;
    check_cells(&row);
    if (*headed)
        check_line(mapping, &row);
    else
        *headed = is_ok(mapping_take_header(mapping, &row, &report));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (arena == NULL)
        arena = arena_new(ARENA_BYTES);
    arena_reset(arena);
    if (size > 1 << 16)
        return 0;
    str all = arena_copy(arena, (str){(const char *)data, size}), yaml, rest = all;
    struct report report = {0};
    struct mapping *mapping;
    (void)str_next(&rest, '\0', &yaml);
    if (rest.ptr == NULL || !is_ok(mapping_read(yaml, arena, &report, &mapping)))
        return 0;
    enum csv_state state = CSV_CELL;
    size_t from = 0;
    bool headed = false;
    for (size_t i = 0; i < rest.len; i++) {
        state = csv_next(state, mapping_separator(mapping), rest.ptr[i]);
        if (state != CSV_END)
            continue;
        take_row(mapping, str_slice(rest, from, i), &headed);
        from = i + 1;
    }
    take_row(mapping, str_slice(rest, from, rest.len), &headed);
    return 0;
}
