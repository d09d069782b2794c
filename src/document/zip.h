/* zip: an archive that goes out while it is made, and one that is read entry by entry.
 *
 *   zip_begin(name, size) -> zip_add(bytes) ... -> zip_begin() ... -> zip_end()
 *        every byte goes to take() at once: no more is held than what is being compressed
 *
 * Holds: a name is UTF-8 and stands as it is; an entry has the size that it was begun with, or the
 * archive fails. Does not hold: nothing is known beforehand of the size of the whole; what a
 * reader meets is hostile until it was checked (names too: it writes nothing anywhere).
 * Memory: libarchive's own, freed with it.
 */
#ifndef VERN_ZIP_H
#define VERN_ZIP_H
#include "base.h"
#include "instant.h"

struct zip_out;
/* What to put: `packed` is compressed, which files that come from people mostly are already. */
struct zip_entry {
    str name;
    uint64_t size;
    instant made;
    bool packed;
};
struct zip_out *zip_new(void *self, void (*take)(void *self, str bytes));
MUST_CHECK status zip_begin(struct zip_out *zip, const struct zip_entry *entry,
                            struct report *report);
MUST_CHECK status zip_add(struct zip_out *zip, str bytes, struct report *report);
MUST_CHECK status zip_end(struct zip_out *zip, struct report *report);
void zip_free(struct zip_out **zip); /* takes NULL; fits CLEANUP */

struct zip_in;
/* Faults: SYNTAX when it is no zip. */
MUST_CHECK status zip_open(const char *path, struct report *report, struct zip_in **zip);
/* The next entry; a name without ptr is the end. It lives until the next. Faults: CORRUPT. */
MUST_CHECK status zip_next(struct zip_in *zip, struct report *report, str *name);
/* Its next bytes; none is its end. Faults: CORRUPT. */
MUST_CHECK status zip_read(struct zip_in *zip, char *room, size_t size, struct report *report,
                           size_t *count);
void zip_close(struct zip_in **zip); /* takes NULL; fits CLEANUP */

#endif
