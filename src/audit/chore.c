/* chore.c: what follows a flush when nobody waits, cut into pieces whose slow part, making and
 * flushing files, another thread may do while the log goes on.
 *
 *   audit_chore_begin --> audit_chore_run (any thread) --> audit_chore_end
 *   decides, copies       files alone                      takes it in
 *
 * A log has one chore. Until it is taken in nothing in memory says that it was done; whoever needs
 * bundles, tiles and segments as memory says they are (a checkpoint that is signed at once, a
 * segment that is full) takes it in first, by log_chore_settle(), and so does a close. */
#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>

#include "log_internal.h"

enum {
    SEGMENTS_KEPT = 2,  /* the last, and one before: their bundles have time to reach the disk */
    STEP_BUNDLES = 4,   /* that are written in place, or flushed, in one go */
    APART_BUNDLES = 64, /* that a thread writes in one go: as many as came while nobody asked it, */
    APART_FLUSHED = 16, /* and that it flushes, when it is behind */
    STEP_ROWS = 2048,   /* of runs that become one */
    APART_ROWS = 32768
};

enum kind { KIND_PUBLISH, KIND_RETIRE, KIND_SPARE, KIND_RUN, KIND_MERGE };

struct audit_chore {
    struct audit_log *log; /* NULL: it was closed meanwhile */
    struct shelf shelf;    /* the log's folder, with a temporary file of its own */
    unsigned kind;
    bool out;   /* between begin and end */
    bool taken; /* what came of it is in the log's memory */
    sem_t ran;
    status result;
    struct report report;

    uint64_t from, to;      /* the entries that it is about */
    struct audit_log *copy; /* of what publishing them needs and changes */
    bool signs;             /* and the copy's checkpoint is written behind them */
    uint64_t segment;
    bool whole, to_spare; /* the segment is let go of, and becomes the spare; or that is made */
    size_t zeroed;
    struct whose_made made;
};

static bool is_apart(const struct audit_chore *chore)
{
    return chore->copy != NULL;
}

/* ---- full bundles and their tiles, and the checkpoint that was asked for ---- */

/* Where a thread cannot keep up, the loop helps before nothing more may be appended. */
static status help(struct audit_log *log, struct report *report)
{
    bool did = false;
    return log->tail.count <= log->unpublished_most / 2
               ? OK
               : log_publish_some(log, APART_BUNDLES, report, &did);
}

/* A checkpoint covers all that is durable, so it waits until no more is left than goes at once. */
static status publish_begin(struct audit_chore *chore, struct report *report, bool *has)
{
    struct audit_log *log = chore->log;
    TRY(help(log, report));
    uint64_t count = (log->size - log->tiles.tiled) / TILE_WIDTH;
    chore->signs = log->asked && count <= APART_BUNDLES;
    count = count < APART_BUNDLES ? count : APART_BUNDLES;
    chore->to = chore->signs ? log->size : log->tiles.tiled + count * TILE_WIDTH;
    *has = chore->signs || count > 0;
    if (*has)
        log_copy(log, chore->to, chore->copy);
    return chore->signs ? log_sign(log, report, &chore->copy->published) : OK;
}

static status publish_run(struct audit_chore *chore, struct report *report)
{
    struct audit_log *copy = chore->copy;
    if (!chore->signs)
        return log_publish_full(copy, chore->to, report);
    TRY(log_publish(copy, chore->to, report));
    return log_write_note(copy, &copy->published, report);
}

static status publish_end(struct audit_chore *chore, struct report *report)
{
    (void)report;
    log_take_copy(chore->log, chore->copy);
    if (chore->signs)
        log_signed(chore->log, &chore->copy->published);
    return OK;
}

/* ---- the first segment goes, once all bundles of its entries are durable ---- */

static status retire_begin(struct audit_chore *chore, struct report *report, bool *has)
{
    struct audit_log *log = chore->log;
    (void)report;
    *has = log->segment_count > SEGMENTS_KEPT && log->segments[1] <= log->tiles.tiled;
    if (!*has)
        return OK;
    uint64_t first = log->segments[0], end = log->segments[1];
    chore->from = log->synced > first ? log->synced : first;
    bool behind = log->segment_count > SEGMENTS_KEPT + 1 && is_apart(chore);
    uint64_t to = chore->from + (uint64_t)(behind ? APART_FLUSHED : STEP_BUNDLES) * TILE_WIDTH;
    chore->to = to < end ? to : end;
    chore->whole = chore->to == end;
    chore->to_spare = !log->have_spare && log->spare_zeroed == 0;
    chore->segment = first;
    return OK;
}

/* It becomes the spare where there is none. */
static status retire_run(struct audit_chore *chore, struct report *report)
{
    if (chore->from < chore->to)
        TRY(tiles_sync(&chore->shelf, chore->from, chore->to, chore->whole, report));
    return chore->whole ? segment_retire(&chore->shelf, chore->segment, chore->to_spare, report)
                        : OK;
}

static status retire_end(struct audit_chore *chore, struct report *report)
{
    struct audit_log *log = chore->log;
    (void)report;
    log->synced = chore->to;
    if (!chore->whole)
        return OK;
    log->segment_count--;
    memmove(log->segments, log->segments + 1, log->segment_count * sizeof(*log->segments));
    return OK;
}

/* ---- a spare is there before the last segment is full ---- */

/* One that fails begins anew: after a flush that failed nothing says what of it is on disk. */
static status spare_begin(struct audit_chore *chore, struct report *report, bool *has)
{
    struct audit_log *log = chore->log;
    (void)report;
    *has = !log->have_spare && log->used > log->segment_bytes / 2;
    if (!*has)
        return OK;
    chore->zeroed = log->spare_zeroed;
    chore->whole = is_apart(chore) && log->used > log->segment_bytes / 4 * 3;
    log->spare_zeroed = 0;
    return OK;
}

static status spare_run(struct audit_chore *chore, struct report *report)
{
    size_t size = chore->log->segment_bytes;
    TRY(segment_zero(&chore->shelf, size, &chore->zeroed, report));
    while (chore->whole && chore->zeroed < size)
        TRY(segment_zero(&chore->shelf, size, &chore->zeroed, report));
    return OK;
}

static status spare_end(struct audit_chore *chore, struct report *report)
{
    struct audit_log *log = chore->log;
    (void)report;
    log->spare_zeroed = chore->zeroed;
    log->have_spare = log->spare_zeroed == log->segment_bytes;
    return OK;
}

/* ---- whose the entries are ---- */

static status run_begin(struct audit_chore *chore, struct report *report, bool *has)
{
    return log_whose_begin(chore->log, &chore->made, report, has);
}

static status run_run(struct audit_chore *chore, struct report *report)
{
    log_whose_fill(&chore->shelf, &chore->made);
    return whose_write(&chore->log->whose, &chore->shelf, &chore->made, report);
}

static status run_end(struct audit_chore *chore, struct report *report)
{
    (void)report;
    whose_take(&chore->log->whose, &chore->made);
    return OK;
}

static status merge_begin(struct audit_chore *chore, struct report *report, bool *has)
{
    (void)report;
    *has = whose_merge_begin(&chore->log->whose);
    return OK;
}

static status merge_run(struct audit_chore *chore, struct report *report)
{
    return whose_merge_run(&chore->log->whose, is_apart(chore) ? APART_ROWS : STEP_ROWS, report);
}

static status merge_end(struct audit_chore *chore, struct report *report)
{
    (void)report;
    whose_merge_end(&chore->log->whose);
    return OK;
}

/* ---- the kinds, in turns ---- */

static const struct {
    status (*begin)(struct audit_chore *chore, struct report *report, bool *has);
    status (*run)(struct audit_chore *chore,
                  struct report *report); /* looks at nothing that changes */
    status (*end)(struct audit_chore *chore, struct report *report);
    bool aside; /* its files are whose entries are: no bundle, tile or segment */
} kinds[] = {
    [KIND_PUBLISH] = {publish_begin, publish_run, publish_end, false},
    [KIND_RETIRE] = {retire_begin, retire_run, retire_end, false},
    [KIND_SPARE] = {spare_begin, spare_run, spare_end, false},
    [KIND_RUN] = {run_begin, run_run, run_end, true},
    [KIND_MERGE] = {merge_begin, merge_run, merge_end, true},
};

static struct audit_chore *chore_new(struct audit_log *log)
{
    struct audit_chore *chore = calloc(1, sizeof(*chore));
    if (chore == NULL)
        abort();
    chore->log = log;
    chore->shelf = log->shelf;
    chore->shelf.beside = true;
    return chore;
}

/* What is done in place publishes without a copy. */
static struct audit_chore *chore_new_apart(struct audit_log *log)
{
    struct audit_chore *chore = chore_new(log);
    chore->copy = log_copy_new(log, &chore->shelf);
    return chore;
}

static void chore_empty(struct audit_chore *chore)
{
    whose_made_free(&chore->made);
}

static void chore_free(struct audit_chore *chore)
{
    chore_empty(chore);
    log_copy_free(chore->copy);
    free(chore);
}

static status begin_kind(struct audit_chore *chore, unsigned kind, struct report *report, bool *has)
{
    TRY(kinds[kind].begin(chore, report, has));
    if (!*has)
        return OK;
    chore->kind = kind;
    chore->out = true;
    chore->taken = false;
    chore->report = (struct report){0};
    sem_init(&chore->ran, 0, 0);
    return OK;
}

status audit_chore_begin(struct audit_log *log, struct report *report, struct audit_chore **chore)
{
    bool has = false;
    *chore = NULL;
    TRY(log_alive(log, report));
    struct audit_chore *next = log->chore = log->chore != NULL ? log->chore : chore_new_apart(log);
    if (next->out)
        return OK;
    for (unsigned i = 1, last = next->kind; i <= LENGTH(kinds) && !has; i++)
        TRY(begin_kind(next, (last + i) % LENGTH(kinds), report, &has));
    *chore = has ? next : NULL;
    return OK;
}

void audit_chore_run(struct audit_chore *chore)
{
    chore->result = kinds[chore->kind].run(chore, &chore->report);
    sem_post(&chore->ran);
}

/* A signal's handler may run meanwhile. */
static void wait_for_run(struct audit_chore *chore)
{
    while (sem_wait(&chore->ran) != 0)
        assert(errno == EINTR);
}

static status take_in(struct audit_chore *chore, struct report *report)
{
    status result = chore->result;
    chore->taken = true;
    sem_destroy(&chore->ran);
    if (is_ok(result))
        result = kinds[chore->kind].end(chore, report);
    else
        *report = chore->report;
    chore_empty(chore);
    return result;
}

status audit_chore_end(struct audit_chore *chore, struct report *report)
{
    status ended = OK;
    chore->out = false;
    if (!chore->taken) {
        wait_for_run(chore);
        ended = take_in(chore, report);
    }
    if (chore->log == NULL)
        chore_free(chore);
    return ended;
}

/* What failed is to be done again, by whoever needs it. */
static void settle(struct audit_log *log)
{
    struct audit_chore *chore = log->chore;
    struct report later_again = {0};
    if (chore == NULL || !chore->out || chore->taken)
        return;
    wait_for_run(chore);
    (void)is_ok(take_in(chore, &later_again));
}

/* For a run, and for a merge, which may be flushing a file of gigabytes, nobody waits. */
void log_chore_settle(struct audit_log *log)
{
    if (log->chore != NULL && !kinds[log->chore->kind].aside)
        settle(log);
}

/* Whoever has it still, ends it, and with it its memory. */
void log_chore_close(struct audit_log *log)
{
    settle(log);
    if (log->chore == NULL)
        return;
    log->chore->log = NULL;
    if (!log->chore->out)
        chore_free(log->chore);
    log->chore = NULL;
}

/* ---- in place: the log's own may still be out, though it is taken in ---- */

static status do_one(struct audit_chore *chore, unsigned kind, struct report *report, bool *did)
{
    TRY(begin_kind(chore, kind, report, did));
    if (!*did)
        return OK;
    audit_chore_run(chore);
    return audit_chore_end(chore, report);
}

status log_keep_segments(struct audit_log *log, struct report *report)
{
    struct audit_chore *own = chore_new(log);
    bool did = true;
    status kept = OK;
    while (is_ok(kept) && did)
        kept = do_one(own, KIND_RETIRE, report, &did);
    for (did = true; is_ok(kept) && did;)
        kept = do_one(own, KIND_SPARE, report, &did);
    chore_free(own);
    return kept;
}

static status do_each(struct audit_chore *chore, struct report *report, bool *any)
{
    bool did = false;
    TRY(log_publish_some(chore->log, STEP_BUNDLES, report, any));
    for (unsigned kind = KIND_RETIRE; kind < LENGTH(kinds); kind++) {
        TRY(do_one(chore, kind, report, &did));
        *any |= did;
    }
    return OK;
}

status audit_tend(struct audit_log *log, struct report *report, bool *did)
{
    *did = false;
    TRY(log_alive(log, report));
    settle(log);
    struct audit_chore *own = chore_new(log);
    status done = do_each(own, report, did);
    chore_free(own);
    return done;
}
