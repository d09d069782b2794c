/* csv: RFC 4180, strict to read, safe to open.
 *
 *   bytes --csv_next()--> rows --csv_read_row()--> cells        csv_cell() --> a row for people
 *
 * Holds: a row ends where its line does, outside quotes; a quote stands only around a cell or
 * doubled within one, a CR only before the LF or within quotes, a NUL nowhere; cells are UTF-8. A
 * row that is broken outside quotes ends with its line, so that the next one is read. What
 * csv_cell() writes is read as the same text, but for the apostrophe before what a spreadsheet
 * would calculate.
 * Does not hold: how many cells a row has, and what the first row says, is the caller's to ask.
 * Memory: cells borrow from the row, or from the arena where a doubled quote was undone. Threads:
 * values are free.
 */
#ifndef VERN_CSV_H
#define VERN_CSV_H
#include "base.h"

enum csv_state {
    CSV_CELL,    /* a cell begins, or the row: where reading starts */
    CSV_PLAIN,   /* within a cell without quotes */
    CSV_QUOTED,  /* within quotes */
    CSV_CLOSING, /* behind a quote within quotes: a second one, or the cell's end */
    CSV_RETURN,  /* behind a CR: the LF comes */
    CSV_BROKEN,  /* until the end of the line */
    CSV_END      /* the row has ended with this byte */
};
/* The state behind one more byte. Of CSV_END: as from CSV_CELL. */
enum csv_state csv_next(enum csv_state state, char separator, char c);

enum { CSV_CELLS_MOST = 1024 };
struct csv_row {
    str *cells;
    size_t count;
};
/* The cells of one row, with or without its line end. Faults: SYNTAX with what is wrong; `*column`
 * is that of the cell, from 1. LIMIT past CSV_CELLS_MOST or the arena's budget. */
MUST_CHECK status csv_read_row(str text, char separator, struct arena *arena, struct report *report,
                               struct csv_row *row, size_t *column);

/* A cell for reading: in quotes where it must be, and behind an apostrophe where it would be
 * calculated (= + - @, tab, CR, full-width forms of these). */
void csv_cell(struct buf *out, str value);

#endif
