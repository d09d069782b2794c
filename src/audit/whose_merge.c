/* whose_merge.c: neighbours of one tier become a run of the next, a piece at a time, since one may
 * have a hundred million rows. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "whose_internal.h"

#define MERGING "whose/merging"

/* It takes rows until it is whole and has its name; then its parts, which nothing reads any more,
 * go. */
enum stage { STAGE_NEW, STAGE_TAKING, STAGE_WHOLE, STAGE_LEAVING, STAGE_DONE, STAGE_FAILED };

struct part {
    struct whose_run run;
    int file;
    uint64_t taken; /* rows */
    bool damaged;
    struct whose_block block;
};
struct whose_merge {
    enum stage stage;
    bool out;      /* between begin and end: another thread may have it */
    bool given_up; /* meanwhile */
    struct whose_run into;
    int file;
    uint64_t written; /* rows */
    struct whose_block block;
    struct part parts[WHOSE_MERGED];
};

static void merge_free(struct whose *whose)
{
    struct whose_merge *merge = whose->merge;
    for (size_t i = 0; i < WHOSE_MERGED; i++)
        fd_close(&merge->parts[i].file);
    fd_close(&merge->file);
    free(merge);
    whose->merge = NULL;
}

void whose_merge_drop(struct whose *whose)
{
    if (whose->merge != NULL && whose->merge->out)
        whose->merge->given_up = true;
    else if (whose->merge != NULL)
        merge_free(whose);
}

void whose_merge_close(struct whose *whose)
{
    if (whose->merge != NULL)
        merge_free(whose);
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
static void part_load(const struct whose *whose, struct part *part)
{
    if (part->taken == part->run.rows || part->taken % WHOSE_BLOCK_ROWS != 0)
        return;
    uint64_t n = part->taken / WHOSE_BLOCK_ROWS + 1;
    part->damaged |=
        part->file < 0 || !whose_block_read(whose, &part->run, part->file, n, &part->block);
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

static struct part *damaged_of(struct whose_merge *merge)
{
    for (size_t i = 0; i < WHOSE_MERGED; i++) {
        if (merge->parts[i].damaged)
            return &merge->parts[i];
    }
    return NULL;
}

static void merge_new(struct whose *whose, const struct whose_run *first)
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
        merge->into.everybody |= first[i].everybody;
    }
    whose->merge = merge;
}

/* One that failed, or was given up, begins anew. */
bool whose_merge_begin(struct whose *whose)
{
    if (whose->merge != NULL && (whose->merge->stage == STAGE_FAILED || whose->merge->given_up))
        merge_free(whose);
    const struct whose_run *first = whose->merge == NULL ? find_neighbours(whose) : NULL;
    if (first != NULL)
        merge_new(whose, first);
    if (whose->merge == NULL)
        return false;
    whose->merge->out = true;
    return true;
}

/* ---- a piece of it, in any thread ---- */

static status open_all(const struct whose *whose, struct report *report)
{
    struct whose_merge *merge = whose->merge;
    TRY(world_seam(whose->shelf->world, "log.whose", report));
    for (size_t i = 0; i < WHOSE_MERGED; i++) {
        whose_run_open(whose, &merge->parts[i].run, &merge->parts[i].file);
        part_load(whose, &merge->parts[i]);
    }
    merge->file = openat(whose->shelf->dir, MERGING, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    merge->stage = STAGE_TAKING;
    return merge->file < 0 ? shelf_fail(report, "make", MERGING) : OK;
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

/* Moves one row over. */
static status take_row(const struct whose *whose, struct part *from, struct report *report)
{
    struct whose_merge *merge = whose->merge;
    merge->block.rows[merge->written % WHOSE_BLOCK_ROWS] =
        from->block.rows[from->taken % WHOSE_BLOCK_ROWS];
    merge->written++;
    from->taken++;
    if (merge->written % WHOSE_BLOCK_ROWS == 0)
        TRY(write_block(whose, merge->written / WHOSE_BLOCK_ROWS, &merge->block, report));
    part_load(whose, from);
    return OK;
}

/* The whole has its name before its parts lose theirs; it is flushed, since making it again from
 * the log would cost the most. */
static status make_whole(const struct whose *whose, struct report *report)
{
    char path[WHOSE_PATH];
    struct whose_block head;
    struct whose_merge *merge = whose->merge;
    if (merge->written % WHOSE_BLOCK_ROWS != 0)
        TRY(write_block(whose, whose_blocks(&merge->into), &merge->block, report));
    whose_head(whose, &merge->into, &head);
    TRY(write_block(whose, 0, &head, report));
    TRY(world_seam(whose->shelf->world, "log.whose", report));
    if (fsync(merge->file) != 0)
        return shelf_fail(report, "flush", MERGING);
    whose_path(path, &merge->into);
    if (renameat(whose->shelf->dir, MERGING, whose->shelf->dir, path) != 0)
        return shelf_fail(report, "make", path);
    merge->stage = STAGE_WHOLE;
    return shelf_sync_folder(whose->shelf, "whose", report);
}

static status take_rows(const struct whose *whose, size_t rows, struct report *report)
{
    struct whose_merge *merge = whose->merge;
    for (size_t i = 0; i < rows && damaged_of(merge) == NULL; i++) {
        struct part *least = least_of(merge);
        if (least == NULL)
            return make_whole(whose, report);
        TRY(take_row(whose, least, report));
    }
    (void)sync_file_range(merge->file, 0, 0,
                          SYNC_FILE_RANGE_WRITE); /* the flush at the end is short */
    return OK;
}

/* A file that lost its name gives up its pages when it is closed, 9 ms for 25 MB: here, where
 * nobody waits. */
static void remove_parts(const struct whose *whose)
{
    struct whose_merge *merge = whose->merge;
    for (size_t i = 0; i < WHOSE_MERGED; i++) {
        whose_remove(whose, &merge->parts[i].run);
        fd_close(&merge->parts[i].file);
    }
    merge->stage = STAGE_DONE;
}

static status go_on(const struct whose *whose, size_t rows, struct report *report)
{
    if (whose->merge->stage == STAGE_NEW)
        TRY(open_all(whose, report));
    if (whose->merge->stage == STAGE_TAKING)
        return take_rows(whose, rows, report);
    remove_parts(whose);
    return OK;
}

status whose_merge_run(const struct whose *whose, size_t rows, struct report *report)
{
    status went = go_on(whose, rows, report);
    if (!is_ok(went))
        whose->merge->stage = STAGE_FAILED;
    return went;
}

/* A part that is damaged goes, and with it the merge. */
void whose_merge_end(struct whose *whose)
{
    struct whose_merge *merge = whose->merge;
    const struct part *damaged = damaged_of(merge);
    merge->out = false;
    if (merge->given_up || merge->stage == STAGE_DONE) {
        merge_free(whose);
    } else if (damaged != NULL) {
        whose_forget(whose, &damaged->run);
    } else if (merge->stage == STAGE_WHOLE) {
        whose_replace(whose, &merge->into, WHOSE_MERGED);
        merge->stage = STAGE_LEAVING;
    }
}
