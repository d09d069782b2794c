/* whose_internal: which entries are about whom: sorted runs beside the log, made of it and thrown
 * away at will.
 *
 *   entries   0 ............ 2048 ........ 4096 ............. size
 *             [ run        ] [ run       ]  hole  |<- recent, many: rows in memory
 *
 *   whose/<from>-<to>-<tier>    head | block | block ...     4096 bytes each
 *   block                       170 rows of a handle (16) and an entry's number (8), a check (16)
 *
 * A row says that an entry has this handle as its subject or in its manifest. Rows are sorted, so
 * that those of one person lie together; sixteen neighbours of a tier become one of the next, and
 * what a look-up costs follows the person's own entries and the logarithm of the log.
 *
 * Blocks of the runs of the first tiers that were looked into stay in memory, checked: each look-up
 * comes to them, and to check one anew costs more than to find something in it.
 *
 * Holds: an entry that no run and no recent row covers lies in a hole, and a hole is read from the
 * log itself; so a lost, late or damaged file costs time and never an answer. The check is keyed by
 * the log's own seed: who cannot sign the log cannot leave an entry out here. Handles stand here as
 * they do in the log, and nothing else does.
 * Does not hold: a file is not flushed before its name is there, save one merged from others. */
#ifndef VERN_WHOSE_INTERNAL_H
#define VERN_WHOSE_INTERNAL_H
#include "entry.h"
#include "shelf_internal.h"

enum {
    WHOSE_ENTRIES = 2048,      /* of a run of tier 0 */
    WHOSE_MERGED = 16,         /* neighbours that become one */
    WHOSE_ROWS_MOST = 1 << 16, /* where a run of tier 0 ends early, for a manifest has many */
    WHOSE_RECENT_MOST = 1 << 18,
    WHOSE_KEY_BYTES = 32,
    WHOSE_CHECK_BYTES = 16,
    WHOSE_BLOCK_ROWS = 170,
    WHOSE_BLOCK_BYTES = 4096
};

struct whose_row {
    audit_id handle; /* zero: of an entry whose manifest could not be looked into */
    unsigned char number[8];
};
struct whose_block {
    struct whose_row rows[WHOSE_BLOCK_ROWS];
    unsigned char check[WHOSE_CHECK_BYTES];
};
static_assert(sizeof(struct whose_block) == WHOSE_BLOCK_BYTES, "as on disk");

struct whose_rows {
    struct whose_row *at;
    size_t count, room;
};

/* An entry whose manifest is yet to be looked into. */
struct whose_many {
    uint64_t number;
    merkle_hash root;
    uint32_t lines;
};
struct whose_manies {
    struct whose_many *at;
    size_t count, room;
};

/* Entries from..to-1. Most runs have no row of everybody, which need not be looked for then. */
struct whose_run {
    uint64_t from, to, rows;
    unsigned tier;
    bool everybody;
};

struct whose_numbers {
    uint64_t *at;
    size_t count, room;
};

struct whose_known; /* blocks in memory */
struct whose_merge;
struct whose {
    const struct shelf *shelf;
    unsigned char key[WHOSE_KEY_BYTES];
    uint64_t entries;
    struct whose_run *runs; /* ascending, none over another */
    size_t count;
    struct whose_rows recent; /* of entries from `recent_from` on */
    struct whose_manies many; /* the same */
    uint64_t recent_from;
    struct whose_known *known; /* NULL: none yet */
    struct whose_merge *merge;
};

/* ---- whose.c: what there is, and what becomes of it ---- */

/* Takes in the runs that are whole, for a log of `size` entries; the others are removed. */
MUST_CHECK status whose_open(struct whose *whose, const secret *seed, str origin, uint64_t size,
                             struct report *report);
void whose_close(struct whose *whose);
/* Entry `index` was appended, or all from it on were taken back. */
void whose_note(struct whose *whose, uint64_t index, const struct audit_entry *entry);
void whose_drop(struct whose *whose, uint64_t index);
/* The run that covers an entry, or NULL; *end is where the run, the hole or the log ends. */
const struct whose_run *whose_covers(const struct whose *whose, uint64_t index, uint64_t size,
                                     uint64_t *end);
/* The run that covers the entry before `to`, or NULL; *from is where the run, the hole or what is
 * in memory begins. */
const struct whose_run *whose_covers_before(const struct whose *whose, uint64_t to, uint64_t *from);
/* A file that is not as it was written goes; its entries are a hole. */
void whose_forget(struct whose *whose, const struct whose_run *run);
/* `by` stands in the place of `count` neighbours, from its own first entry on; their files stay. */
void whose_replace(struct whose *whose, const struct whose_run *by, size_t count);
/* A run's file goes, if it can. Any thread. */
void whose_remove(const struct whose *whose, const struct whose_run *run);
/* A run that is being made: rows of entries about one person, and entries of many, whose rows are
 * yet to be read. Sorts its rows and writes them; any thread, since of `whose` it reads the key
 * alone. Seam: log.whose. Then it is taken in. */
struct whose_made {
    struct whose_run run;
    struct whose_rows rows;
    struct whose_manies many;
};
MUST_CHECK status whose_write(const struct whose *whose, const struct shelf *shelf,
                              struct whose_made *made, struct report *report);
void whose_take(struct whose *whose, const struct whose_made *made);
void whose_made_free(struct whose_made *made);
void whose_many_add(struct whose_manies *many, uint64_t index, const merkle_hash *root,
                    uint32_t lines);
void whose_rows_add(struct whose_rows *rows, const audit_id *handle, uint64_t number);
uint64_t whose_number(const struct whose_row *row);
bool numbers_add(struct whose_numbers *numbers, uint64_t number, size_t most);

/* ---- whose_run.c: one file ---- */

enum { WHOSE_PATH = SHELF_PATH };
void whose_path(char path[WHOSE_PATH], const struct whose_run *run);
MUST_CHECK bool whose_path_read(str name, struct whose_run *run);
uint64_t whose_blocks(const struct whose_run *run);
/* Block 0 is the head, which says what the run is. */
void whose_seal(const struct whose *whose, const struct whose_run *run, uint64_t block,
                struct whose_block *sealed);
void whose_head(const struct whose *whose, const struct whose_run *run, struct whose_block *head);
/* Opens a run's file; *file is -1 when it is not whole. `run` gets its number of rows. */
void whose_run_open(const struct whose *whose, struct whose_run *run, int *file);
MUST_CHECK bool whose_block_read(const struct whose *whose, const struct whose_run *run, int file,
                                 uint64_t n, struct whose_block *block);
/* Adds the numbers of a handle's entries from `from` on, at most `most`; false for damage, or where
 * the file cannot be read. *file is -1 until it is needed, and the caller's to close. */
MUST_CHECK bool whose_run_find(struct whose *whose, const struct whose_run *run, int *file,
                               const audit_id *handle, uint64_t from, size_t most,
                               struct whose_numbers *numbers);
/* The same before `to`, the last first. */
MUST_CHECK bool whose_run_find_back(struct whose *whose, const struct whose_run *run, int *file,
                                    const audit_id *handle, uint64_t to, size_t most,
                                    struct whose_numbers *numbers);
/* What is in memory of runs over these entries goes: another run stands there, or none. */
void whose_known_forget(struct whose *whose, uint64_t from, uint64_t to);
void whose_known_free(struct whose *whose);

/* ---- whose_merge.c: neighbours become one, a piece at a time ---- */

/* A piece is begun, done (by any thread, since the list of runs is not looked at; at most `rows`
 * rows), and where that went well taken in. Begin tells whether there is one to do. Seam:
 * log.whose. */
MUST_CHECK bool whose_merge_begin(struct whose *whose);
MUST_CHECK status whose_merge_run(const struct whose *whose, size_t rows, struct report *report);
void whose_merge_end(struct whose *whose);
/* Gives up what is being merged, at once or when the piece that is out ends. */
void whose_merge_drop(struct whose *whose);
/* No piece is out any more, or it failed. */
void whose_merge_close(struct whose *whose);
#endif
