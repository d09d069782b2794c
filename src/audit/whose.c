/* whose.c: the runs that there are, and what was appended since. */
#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "whose_internal.h"

static void *grown(void *at, size_t count, size_t size)
{
    void *more = reallocarray(at, count, size);
    if (more == NULL)
        abort();
    return more;
}

void whose_rows_add(struct whose_rows *rows, const audit_id *handle, uint64_t number)
{
    if (rows->count == rows->room) {
        rows->room = rows->room == 0 ? 256 : rows->room * 2;
        rows->at = grown(rows->at, rows->room, sizeof(*rows->at));
    }
    struct whose_row *row = &rows->at[rows->count++];
    row->handle = *handle;
    struct buf buf = buf_over((char *)row->number, sizeof(row->number));
    buf_be64(&buf, number);
}

void whose_many_add(struct whose_manies *many, uint64_t index, const merkle_hash *root,
                    uint32_t lines)
{
    if (many->count == many->room) {
        many->room = many->room == 0 ? 64 : many->room * 2;
        many->at = grown(many->at, many->room, sizeof(*many->at));
    }
    many->at[many->count++] = (struct whose_many){index, *root, lines};
}

uint64_t whose_number(const struct whose_row *row)
{
    struct reader reader = reader_over((str){(const char *)row->number, sizeof(row->number)});
    return read_be64(&reader);
}

bool numbers_add(struct whose_numbers *numbers, uint64_t number, size_t most)
{
    if (numbers->count == most)
        return false;
    if (numbers->count == numbers->room) {
        numbers->room = numbers->room == 0 ? 64 : numbers->room * 2;
        numbers->at = grown(numbers->at, numbers->room, sizeof(*numbers->at));
    }
    numbers->at[numbers->count++] = number;
    return true;
}

/* ---- runs ---- */

static void insert(struct whose *whose, const struct whose_run *run)
{
    size_t at = whose->count;
    whose->runs = grown(whose->runs, whose->count + 1, sizeof(*whose->runs));
    for (; at > 0 && whose->runs[at - 1].from > run->from; at--)
        whose->runs[at] = whose->runs[at - 1];
    whose->runs[at] = *run;
    whose->count++;
}

void whose_remove(const struct whose *whose, const struct whose_run *run)
{
    char path[WHOSE_PATH];
    whose_path(path, run);
    (void)unlinkat(whose->shelf->dir, path, 0); /* what stays is looked at again at the next open */
}

void whose_forget(struct whose *whose, const struct whose_run *run)
{
    struct whose_run gone = *run;
    size_t at = 0;
    whose_merge_drop(whose); /* it may be one of its parts */
    while (at < whose->count && whose->runs[at].from != gone.from)
        at++;
    assert(at < whose->count);
    whose->count--;
    memmove(whose->runs + at, whose->runs + at + 1, (whose->count - at) * sizeof(*whose->runs));
    whose_known_forget(whose, gone.from, gone.to);
    whose_remove(whose, &gone);
}

const struct whose_run *whose_covers(const struct whose *whose, uint64_t index, uint64_t size,
                                     uint64_t *end)
{
    *end = index < whose->recent_from && whose->recent_from < size ? whose->recent_from : size;
    for (size_t i = 0; i < whose->count; i++) {
        const struct whose_run *run = &whose->runs[i];
        if (run->to <= index)
            continue;
        *end = run->from > index ? run->from : run->to;
        return run->from > index ? NULL : run;
    }
    return NULL;
}

const struct whose_run *whose_covers_before(const struct whose *whose, uint64_t to, uint64_t *from)
{
    *from = to > whose->recent_from ? whose->recent_from : 0;
    for (size_t i = whose->count; i > 0 && *from == 0; i--) {
        const struct whose_run *run = &whose->runs[i - 1];
        if (run->from >= to)
            continue;
        *from = run->to >= to ? run->from : run->to;
        return run->to >= to ? run : NULL;
    }
    return NULL;
}

void whose_replace(struct whose *whose, const struct whose_run *by, size_t count)
{
    size_t at = 0;
    while (at < whose->count && whose->runs[at].from != by->from)
        at++;
    assert(at + count <= whose->count && whose->runs[at + count - 1].to == by->to);
    whose_known_forget(whose, by->from, by->to);
    whose->runs[at] = *by;
    whose->count -= count - 1;
    memmove(whose->runs + at + 1, whose->runs + at + count,
            (whose->count - at - 1) * sizeof(*whose->runs));
}

static int compare_rows(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct whose_row));
}

status whose_write(const struct whose *whose, const struct shelf *shelf, struct whose_made *made,
                   struct report *report)
{
    struct whose_rows *rows = &made->rows;
    char path[WHOSE_PATH];
    if (rows->count > 1)
        qsort(rows->at, rows->count, sizeof(*rows->at), compare_rows);
    made->run.everybody = rows->count > 0 && ID_IS_ZERO(rows->at[0].handle);
    uint64_t blocks = whose_blocks(&made->run);
    struct whose_block *file = calloc(blocks + 1, sizeof(*file));
    if (file == NULL)
        abort();
    whose_head(whose, &made->run, &file[0]);
    for (uint64_t n = 1; n <= blocks; n++) {
        size_t first = (n - 1) * WHOSE_BLOCK_ROWS, left = rows->count - first;
        size_t count = left < WHOSE_BLOCK_ROWS ? left : WHOSE_BLOCK_ROWS;
        memcpy(file[n].rows, rows->at + first, count * sizeof(*rows->at));
        whose_seal(whose, &made->run, n, &file[n]);
    }
    whose_path(path, &made->run);
    str content = {(const char *)file, (blocks + 1) * sizeof(*file)};
    status written = shelf_write(shelf, "log.whose", path, content, false, report);
    free(file);
    return written;
}

/* What is in memory of them is needed no more. */
static void let_go_recent(struct whose *whose, uint64_t to)
{
    struct whose_rows *recent = &whose->recent;
    struct whose_manies *many = &whose->many;
    size_t rows = 0, manies = 0;
    while (rows < recent->count && whose_number(&recent->at[rows]) < to)
        rows++;
    while (manies < many->count && many->at[manies].number < to)
        manies++;
    recent->count -= rows;
    many->count -= manies;
    if (rows > 0)
        memmove(recent->at, recent->at + rows, recent->count * sizeof(*recent->at));
    if (manies > 0)
        memmove(many->at, many->at + manies, many->count * sizeof(*many->at));
    whose->recent_from = to;
}

void whose_take(struct whose *whose, const struct whose_made *made)
{
    whose_known_forget(whose, made->run.from, made->run.to);
    insert(whose, &made->run);
    if (made->run.from <= whose->recent_from && made->run.to > whose->recent_from)
        let_go_recent(whose, made->run.to);
}

void whose_made_free(struct whose_made *made)
{
    free(made->rows.at);
    free(made->many.at);
    *made = (struct whose_made){0};
}

/* ---- opening ---- */

/* By where they begin, the widest first. */
static int compare_runs(const void *a, const void *b)
{
    const struct whose_run *one = a, *two = b;
    if (one->from != two->from)
        return one->from < two->from ? -1 : 1;
    return one->to > two->to ? -1 : one->to < two->to;
}

static void list_runs(struct whose *whose, DIR *list)
{
    struct whose_run run;
    for (struct dirent *file; (file = readdir(list)) != NULL;) {
        if (!whose_path_read(str_from(file->d_name), &run))
            continue;
        whose->runs = grown(whose->runs, whose->count + 1, sizeof(*whose->runs));
        whose->runs[whose->count++] = run;
    }
    if (whose->count > 1)
        qsort(whose->runs, whose->count, sizeof(*whose->runs), compare_runs);
}

/* Keeps those that are whole. What lies in a wider one was its part when the process ended. */
static void keep_whole(struct whose *whose, uint64_t size)
{
    size_t kept = 0;
    uint64_t covered = 0;
    for (size_t i = 0; i < whose->count; i++) {
        struct whose_run run = whose->runs[i];
        CLEANUP(fd_close) int file = -1;
        if (run.from >= covered && run.to <= size)
            whose_run_open(whose, &run, &file);
        if (file < 0) {
            whose_remove(whose, &run);
            continue;
        }
        covered = run.to;
        whose->runs[kept++] = run;
    }
    whose->count = kept;
}

status whose_open(struct whose *whose, const secret *seed, str origin, uint64_t size,
                  struct report *report)
{
    crypto_generichash(whose->key, sizeof(whose->key), (const unsigned char *)origin.ptr,
                       origin.len, seed->bytes, sizeof(seed->bytes));
    whose->recent_from = size;
    TRY(shelf_folder(whose->shelf, "whose", report));
    (void)unlinkat(whose->shelf->dir, "whose/merging", 0);
    int folder = openat(whose->shelf->dir, "whose", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = folder < 0 ? NULL : fdopendir(folder);
    if (list == NULL)
        return shelf_fail(report, "list", "whose");
    list_runs(whose, list);
    closedir(list);
    keep_whole(whose, size);
    return OK;
}

void whose_close(struct whose *whose)
{
    whose_merge_close(whose);
    whose_known_free(whose);
    sodium_memzero(whose->key, sizeof(whose->key));
    free(whose->runs);
    free(whose->recent.at);
    free(whose->many.at);
}

/* ---- what was appended ---- */

void whose_note(struct whose *whose, uint64_t index, const struct audit_entry *entry)
{
    if (whose->recent.count + whose->many.count >= WHOSE_RECENT_MOST) {
        whose->recent.count = whose->many.count = 0; /* nothing has made a run of them for long */
        whose->recent_from = index;
    }
    if (entry->has_manifest)
        whose_many_add(&whose->many, index, &entry->manifest, entry->manifest_lines);
    if (!ID_IS_ZERO(entry->subject))
        whose_rows_add(&whose->recent, &entry->subject, index);
}

void whose_drop(struct whose *whose, uint64_t index)
{
    struct whose_rows *recent = &whose->recent;
    struct whose_manies *many = &whose->many;
    while (recent->count > 0 && whose_number(&recent->at[recent->count - 1]) >= index)
        recent->count--;
    while (many->count > 0 && many->at[many->count - 1].number >= index)
        many->count--;
    if (whose->recent_from > index)
        whose->recent_from = index;
}
