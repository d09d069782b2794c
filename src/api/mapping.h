/* mapping: how the rows of a firm's CSV file become lines of an import.
 *
 *   mapping: 1
 *   separator: ";"                     # of the file; "," when it is not said
 *   dates: dd.mm.yyyy                  # as the file writes them; yyyy-mm-dd when it is not said
 *   line:                              # a line of the import, in which
 *     number: {column: Kundenr}        # a cell stands for a text,
 *     roles: [customer]                # what is written here is the same in every line,
 *     collect:
 *       - intake: registration
 *         source: person
 *         at: {time: Registrert}       # a date is an instant,
 *         values:
 *           basic.name: {column: Navn}
 *           basic.born: {date: Født}   # or a date, as a text
 *           basic.country: NO
 *
 * An empty cell says nothing: its member is left out, and with it each object of which every cell
 * is empty, and each part of a list whose values are. The engine knows what a line may hold; what
 * the mapping says wrongly is found there, by every row.
 *
 * Holds: a column that the mapping does not name is not read; what a row becomes is one JSON object
 * in valid UTF-8. Memory: all of it lives in the arena of mapping_read(). Threads: one owner.
 */
#ifndef VERN_MAPPING_H
#define VERN_MAPPING_H
#include "csv.h"

struct mapping;
/* Faults: SYNTAX and INVALID with "line:column" of the mapping in report->where; LIMIT. */
MUST_CHECK status mapping_read(str text, struct arena *arena, struct report *report,
                               struct mapping **mapping);
char mapping_separator(const struct mapping *mapping);
/* Finds the columns by the first row of the file. INVALID, with the place in the mapping, for one
 * that is not there or there twice. */
MUST_CHECK status mapping_take_header(struct mapping *mapping, const struct csv_row *header,
                                      struct report *report);
/* A row as a line; `*column` (from 1; 0: none) is where it is wrong. Faults: INVALID, LIMIT. */
MUST_CHECK status mapping_line(const struct mapping *mapping, const struct csv_row *row,
                               struct arena *arena, struct report *report, str *line,
                               size_t *column);
/* Of the column that gives a member of this name, such as a field; 0 when none or several do. */
size_t mapping_column_of(const struct mapping *mapping, str name);

#endif
