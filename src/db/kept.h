/* kept: rows of single subjects, as a file has them, in memory.
 *
 * Holds: what is given is what the file would give: rows are taken in only while no turn is open,
 * and leave with the first write to their table about their subject, or about nobody in particular.
 * Rows are bytes as they lie in the file, sealed where they are sealed there.
 * Does not hold: nothing here knows what a row means; no row is in memory because it must be.
 * Memory: KEPT_BYTES_MOST and tables of a fixed size. Threads: one owner. Start reading at
 * kept_start(). */
#ifndef VERN_KEPT_H
#define VERN_KEPT_H
#include "db_internal.h"

enum { KEPT_BYTES_MOST = 32 << 20 };

struct kept;
struct kept *kept_new(void);
void kept_free(struct kept **kept); /* takes NULL; fits CLEANUP */
/* True: kept_next() gives the rows until kept_finish(). False: the driver does, and kept_saw() is
 * told of each. */
bool kept_start(struct kept *kept, enum statement statement, const struct value *in);
bool kept_gives(const struct kept *kept, enum statement statement);
bool kept_next(struct kept *kept, enum statement statement, struct value *out);
/* `out` NULL: there is no further row. */
void kept_saw(struct kept *kept, enum statement statement, const struct value *out);
void kept_finish(struct kept *kept, enum statement statement);
size_t kept_bytes(const struct kept *kept); /* of all rows, KEPT_BYTES_MOST at most */
/* Before a statement that forgets. */
void kept_forget(struct kept *kept, enum statement statement, const struct value *in);

#endif
