/* Reading and writing CSV, see csv.h. */
#include "csv.h"

enum csv_state csv_next(enum csv_state state, char separator, char c)
{
    if (c == '\0' && state != CSV_BROKEN)
        return CSV_BROKEN;
    switch (state) {
    case CSV_CELL:
    case CSV_END:
        if (c == '"')
            return CSV_QUOTED;
        break;
    case CSV_PLAIN:
        if (c == '"')
            return CSV_BROKEN;
        break;
    case CSV_QUOTED:
        return c == '"' ? CSV_CLOSING : CSV_QUOTED;
    case CSV_CLOSING:
        if (c == '"')
            return CSV_QUOTED;
        if (c != separator && c != '\r' && c != '\n')
            return CSV_BROKEN;
        break;
    case CSV_RETURN:
        return c == '\n' ? CSV_END : CSV_BROKEN;
    case CSV_BROKEN:
        return c == '\n' ? CSV_END : CSV_BROKEN;
    }
    if (c == separator)
        return CSV_CELL;
    if (c == '\r')
        return CSV_RETURN;
    return c == '\n' ? CSV_END : CSV_PLAIN;
}

/* ---- a row ---- */

static const char *what_broke(enum csv_state state, char c)
{
    if (c == '\0')
        return "a NUL stands in the row";
    if (state == CSV_PLAIN)
        return "a quote stands in a cell that does not begin with one";
    if (state == CSV_RETURN)
        return "a CR stands alone";
    return "something stands behind the quote that ends a cell";
}

/* Without the quotes around it, and with one for two within. */
static status unquote(str text, struct arena *arena, struct report *report, str *cell)
{
    *cell = text;
    if (text.len == 0 || text.ptr[0] != '"')
        return OK;
    str inner = str_slice(text, 1, text.len - 1);
    *cell = inner;
    if (inner.len == 0 || memchr(inner.ptr, '"', inner.len) == NULL)
        return OK;
    char *made = arena_take(arena, inner.len);
    if (made == NULL)
        return NO_MEMORY(report);
    size_t length = 0;
    for (size_t i = 0; i < inner.len; i++) {
        made[length++] = inner.ptr[i];
        if (inner.ptr[i] == '"')
            i++; /* it stands twice: the reader saw to that */
    }
    *cell = (str){made, length};
    return OK;
}

static status add_cell(str text, struct arena *arena, struct report *report, struct csv_row *row)
{
    if (row->count == CSV_CELLS_MOST)
        return fail(report, FAULT_LIMIT, "a row has at most %d cells", CSV_CELLS_MOST);
    str cell;
    TRY(unquote(text, arena, report, &cell));
    if (!utf8_valid(cell))
        return fail(report, FAULT_SYNTAX, "a cell is not UTF-8");
    row->cells[row->count++] = cell;
    return OK;
}

static size_t count_separators(str text, char separator)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == separator ? 1 : 0;
    return count;
}

status csv_read_row(str text, char separator, struct arena *arena, struct report *report,
                    struct csv_row *row, size_t *column)
{
    size_t room = count_separators(text, separator) + 1, from = 0;
    *row = (struct csv_row){
        .cells = ARENA_ARRAY(arena, str, room < CSV_CELLS_MOST ? room : CSV_CELLS_MOST)};
    if (row->cells == NULL)
        return NO_MEMORY(report);
    enum csv_state state = CSV_CELL;
    for (size_t i = 0; i < text.len && state != CSV_RETURN && state != CSV_END; i++) {
        *column = row->count + 1;
        enum csv_state next = csv_next(state, separator, text.ptr[i]);
        if (next == CSV_BROKEN)
            return fail(report, FAULT_SYNTAX, "%s", what_broke(state, text.ptr[i]));
        if (next == CSV_CELL || next == CSV_RETURN || next == CSV_END) {
            TRY(add_cell(str_slice(text, from, i), arena, report, row));
            from = i + 1;
        }
        state = next;
    }
    *column = row->count + 1;
    if (state == CSV_RETURN && from < text.len && !str_is(str_slice(text, from, text.len), "\n"))
        return fail(report, FAULT_SYNTAX, "%s", what_broke(CSV_RETURN, ' '));
    if (state == CSV_RETURN || state == CSV_END)
        return OK;
    if (state == CSV_QUOTED)
        return fail(report, FAULT_SYNTAX, "a quote is not closed");
    return add_cell(str_slice(text, from, text.len), arena, report, row);
}

/* ---- for people ---- */

/* Would a spreadsheet calculate it? Full-width forms count: some programs fold them. */
static bool is_formula(str value)
{
    static const char *const starts[] = {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};
    for (size_t i = 0; i < LENGTH(starts); i++) {
        if (str_starts(value, str_from(starts[i])))
            return true;
    }
    return false;
}

static void put_quoted(struct buf *out, str value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"')
            buf_char(out, '"');
        buf_char(out, value.ptr[i]);
    }
}

static bool needs_quotes(str value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"' || value.ptr[i] == ',' || value.ptr[i] == ';' ||
            (unsigned char)value.ptr[i] < ' ')
            return true;
    }
    return false;
}

void csv_cell(struct buf *out, str value)
{
    bool formula = is_formula(value);
    if (!formula && !needs_quotes(value)) {
        buf_add(out, value);
        return;
    }
    buf_text(out, formula ? "\"'" : "\"");
    put_quoted(out, value);
    buf_char(out, '"');
}
