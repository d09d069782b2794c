/* whose_merge.c: neighbours of one tier become a run of the next, a piece at a time, since one may
 * have a hundred million rows. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "whose_internal.h"

enum { PIECE_ROWS = 2048 };
#define MERGING "whose/merging"

struct part {
    struct whose_run run;
    int file;
    uint64_t taken; /* rows */
    struct whose_block block;
};
struct whose_merge {
    struct whose_run into;
    int file;
    uint64_t written; /* rows */
    struct whose_block block;
    struct part parts[WHOSE_MERGED];
};

void whose_merge_drop(struct whose *whose)
{
    struct whose_merge *merge = whose->merge;
    if (merge == NULL)
        return;
    for (size_t i = 0; i < WHOSE_MERGED; i++)
        fd_close(&merge->parts[i].file);
    fd_close(&merge->file);
    free(merge);
    whose->merge = NULL;
}

/* The first of WHOSE_MERGED neighbours of one tier, or NULL. */
static const struct whose_run *find_neighbours(const struct whose *whose)
{
    size_t same = 0;
    for (size_t i = whose->count; i-- > 0;) {
        const struct whose_run *run = &whose->runs[i];
        bool neighbour = same > 0 && run->to == run[1].from && run->tier == run[1].tier;
        same = neighbour ? same + 1 : 1;
        if (same == WHOSE_MERGED)
            return run;
    }
    return NULL;
}

/* Reads a part's next block where the last is used up. */
static bool part_load(const struct whose *whose, struct part *part)
{
    if (part->taken == part->run.rows || part->taken % WHOSE_BLOCK_ROWS != 0)
        return true;
    return whose_block_read(whose, &part->run, part->file, part->taken / WHOSE_BLOCK_ROWS + 1,
                            &part->block);
}

static const struct whose_row *row_of(const struct part *part)
{
    return part->taken == part->run.rows ? NULL : &part->block.rows[part->taken % WHOSE_BLOCK_ROWS];
}

/* The part whose next row is the least; NULL when all are at their end. */
static struct part *least_of(struct whose_merge *merge)
{
    struct part *least = NULL;
    for (size_t i = 0; i < WHOSE_MERGED; i++) {
        const struct whose_row *row = row_of(&merge->parts[i]);
        if (row != NULL && (least == NULL || memcmp(row, row_of(least), sizeof(*row)) < 0))
            least = &merge->parts[i];
    }
    return least;
}

static void take_parts(struct whose *whose, const struct whose_run *first)
{
    struct whose_merge *merge = calloc(1, sizeof(*merge));
    if (merge == NULL)
        abort();
    merge->file = -1;
    merge->into = (struct whose_run){
        .from = first->from, .to = first[WHOSE_MERGED - 1].to, .tier = first->tier + 1};
    for (size_t i = 0; i < WHOSE_MERGED; i++) {
        merge->parts[i] = (struct part){.run = first[i], .file = -1};
        merge->into.rows += first[i].rows;
    }
    whose->merge = merge;
}

/* Opens all parts; one that is damaged goes, and with it the merge. */
static void open_parts(struct whose *whose)
{
    for (size_t i = 0; whose->merge != NULL && i < WHOSE_MERGED; i++) {
        struct part *part = &whose->merge->parts[i];
        whose_run_open(whose, &part->run, &part->file);
        if (part->file < 0 || !part_load(whose, part))
            whose_forget(whose, &part->run);
    }
}

static status begin(struct whose *whose, const struct whose_run *first, struct report *report)
{
    TRY(world_seam(whose->shelf->world, "log.whose", report));
    take_parts(whose, first);
    open_parts(whose);
    if (whose->merge == NULL)
        return OK;
    whose->merge->file =
        openat(whose->shelf->dir, MERGING, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return whose->merge->file < 0 ? shelf_fail(report, "make", MERGING) : OK;
}

static status write_block(const struct whose *whose, uint64_t n, struct whose_block *block,
                          struct report *report)
{
    struct whose_merge *merge = whose->merge;
    if (n > 0)
        whose_seal(whose, &merge->into, n, block);
    if (!write_all(merge->file, (const char *)block, sizeof(*block), (size_t)n * sizeof(*block)))
        return shelf_fail(report, "write", MERGING);
    *block = (struct whose_block){0};
    return OK;
}

/* Moves one row over. A damaged part ends the merge. */
static status take_row(struct whose *whose, struct part *from, struct report *report)
{
    struct whose_merge *merge = whose->merge;
    merge->block.rows[merge->written % WHOSE_BLOCK_ROWS] =
        from->block.rows[from->taken % WHOSE_BLOCK_ROWS];
    merge->written++;
    from->taken++;
    if (merge->written % WHOSE_BLOCK_ROWS == 0)
        TRY(write_block(whose, merge->written / WHOSE_BLOCK_ROWS, &merge->block, report));
    if (!part_load(whose, from))
        whose_forget(whose, &from->run);
    return OK;
}

/* The whole has its name before its parts lose theirs; it is flushed, since making it again from
 * the log would cost the most. */
static status end(struct whose *whose, struct report *report)
{
    char path[WHOSE_PATH];
    struct whose_block head;
    struct whose_merge *merge = whose->merge;
    struct whose_run into = merge->into;
    if (merge->written % WHOSE_BLOCK_ROWS != 0)
        TRY(write_block(whose, whose_blocks(&into), &merge->block, report));
    whose_head(whose, &into, &head);
    TRY(write_block(whose, 0, &head, report));
    TRY(world_seam(whose->shelf->world, "log.whose", report));
    if (fsync(merge->file) != 0)
        return shelf_fail(report, "flush", MERGING);
    whose_path(path, &into);
    if (renameat(whose->shelf->dir, MERGING, whose->shelf->dir, path) != 0)
        return shelf_fail(report, "make", path);
    TRY(shelf_sync_folder(whose->shelf, "whose", report));
    whose_replace(whose, &into, WHOSE_MERGED);
    return OK;
}

static status go_on(struct whose *whose, struct report *report)
{
    for (size_t i = 0; whose->merge != NULL && i < PIECE_ROWS; i++) {
        struct part *least = least_of(whose->merge);
        if (least == NULL)
            return end(whose, report);
        TRY(take_row(whose, least, report));
    }
    if (whose->merge != NULL) /* so that the flush at the end is short */
        (void)sync_file_range(whose->merge->file, 0, 0, SYNC_FILE_RANGE_WRITE);
    return OK;
}

status whose_merge_step(struct whose *whose, struct report *report, bool *did)
{
    const struct whose_run *first = whose->merge == NULL ? find_neighbours(whose) : NULL;
    *did = whose->merge != NULL || first != NULL;
    if (!*did)
        return OK;
    status went = first != NULL ? begin(whose, first, report) : go_on(whose, report);
    if (!is_ok(went))
        whose_merge_drop(whose);
    return went;
}
