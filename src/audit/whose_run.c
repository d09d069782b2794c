/* whose_run.c: one sorted run as a file. */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "whose_internal.h"

#define HEAD_MAGIC STR("vernwho1")
enum { NUMBER_DIGITS = 20 };

void whose_path(char path[WHOSE_PATH], const struct whose_run *run)
{
    (void)snprintf(path, WHOSE_PATH, "whose/%0*llu-%0*llu-%u", NUMBER_DIGITS,
                   (unsigned long long)run->from, NUMBER_DIGITS, (unsigned long long)run->to,
                   run->tier);
}

bool whose_path_read(str name, struct whose_run *run)
{
    str rest = name, from, to, tier;
    uint64_t read_tier = 0;
    *run = (struct whose_run){0};
    if (!str_next(&rest, '-', &from) || !str_next(&rest, '-', &to) || !str_next(&rest, '-', &tier))
        return false;
    if (!str_to_u64(from, &run->from) || !str_to_u64(to, &run->to) ||
        !str_to_u64(tier, &read_tier) || read_tier > 64 || run->from >= run->to)
        return false;
    run->tier = (unsigned)read_tier;
    return true;
}

uint64_t whose_blocks(const struct whose_run *run)
{
    return (run->rows + WHOSE_BLOCK_ROWS - 1) / WHOSE_BLOCK_ROWS;
}

static void check_of(const struct whose *whose, const struct whose_run *run, uint64_t block,
                     const struct whose_block *of, unsigned char check[WHOSE_CHECK_BYTES])
{
    char place[3 * sizeof(uint64_t)];
    struct buf buf = buf_over(place, sizeof(place));
    crypto_generichash_state state;
    buf_be64(&buf, run->from);
    buf_be64(&buf, run->to);
    buf_be64(&buf, block);
    crypto_generichash_init(&state, whose->key, sizeof(whose->key), WHOSE_CHECK_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)place, sizeof(place));
    crypto_generichash_update(&state, (const unsigned char *)of->rows, sizeof(of->rows));
    crypto_generichash_final(&state, check, WHOSE_CHECK_BYTES);
}

void whose_seal(const struct whose *whose, const struct whose_run *run, uint64_t block,
                struct whose_block *sealed)
{
    check_of(whose, run, block, sealed, sealed->check);
}

void whose_head(const struct whose *whose, const struct whose_run *run, struct whose_block *head)
{
    *head = (struct whose_block){0};
    struct buf buf = buf_over((char *)head->rows, sizeof(head->rows));
    buf_add(&buf, HEAD_MAGIC);
    buf_be64(&buf, run->rows);
    whose_seal(whose, run, 0, head);
}

bool whose_block_read(const struct whose *whose, const struct whose_run *run, int file, uint64_t n,
                      struct whose_block *block)
{
    unsigned char check[WHOSE_CHECK_BYTES];
    if (pread(file, block, sizeof(*block), (off_t)(n * sizeof(*block))) != sizeof(*block))
        return false;
    check_of(whose, run, n, block, check);
    return memcmp(check, block->check, sizeof(check)) == 0;
}

static bool head_read(const struct whose *whose, struct whose_run *run, int file)
{
    struct whose_block head;
    struct stat facts;
    if (!whose_block_read(whose, run, file, 0, &head))
        return false;
    struct reader reader = reader_over((str){(const char *)head.rows, sizeof(head.rows)});
    if (!str_equal(read_bytes(&reader, HEAD_MAGIC.len), HEAD_MAGIC))
        return false;
    run->rows = read_be64(&reader);
    return fstat(file, &facts) == 0 &&
           (uint64_t)facts.st_size == (whose_blocks(run) + 1) * WHOSE_BLOCK_BYTES;
}

void whose_run_open(const struct whose *whose, struct whose_run *run, int *file)
{
    char path[WHOSE_PATH];
    whose_path(path, run);
    *file = openat(whose->shelf->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (*file >= 0 && !head_read(whose, run, *file))
        fd_close(file);
}

/* The rows of block n, from 1, that are in use. */
static size_t rows_in(const struct whose_run *run, uint64_t n)
{
    uint64_t before_it = (n - 1) * WHOSE_BLOCK_ROWS;
    return (size_t)(run->rows - before_it < WHOSE_BLOCK_ROWS ? run->rows - before_it
                                                             : WHOSE_BLOCK_ROWS);
}

static int compare_rows(const struct whose_row *a, const struct whose_row *b)
{
    return memcmp(a, b, sizeof(*a));
}

/* The last block that begins with `row` or before it; 1 when all begin behind. */
static bool block_of(const struct whose *whose, const struct whose_run *run, int file,
                     const struct whose_row *row, struct whose_block *block, uint64_t *n)
{
    uint64_t low = 1, high = whose_blocks(run);
    while (low < high) {
        uint64_t middle = low + (high - low + 1) / 2;
        if (!whose_block_read(whose, run, file, middle, block))
            return false;
        if (compare_rows(&block->rows[0], row) <= 0)
            low = middle;
        else
            high = middle - 1;
    }
    *n = low;
    return true;
}

static bool find_in(const struct whose *whose, const struct whose_run *run, int file,
                    const struct whose_row *from, size_t most, struct whose_numbers *numbers)
{
    struct whose_block block;
    uint64_t n = 0;
    if (run->rows == 0)
        return true;
    if (!block_of(whose, run, file, from, &block, &n))
        return false;
    for (; n <= whose_blocks(run); n++) {
        if (!whose_block_read(whose, run, file, n, &block))
            return false;
        for (size_t i = 0; i < rows_in(run, n); i++) {
            const struct whose_row *row = &block.rows[i];
            if (compare_rows(row, from) < 0)
                continue;
            if (!ID_EQUAL(row->handle, from->handle))
                return true;
            if (!numbers_add(numbers, whose_number(row), most))
                return true;
        }
    }
    return true;
}

/* As find_in(), from the last row before `to` down. */
static bool find_back_in(const struct whose *whose, const struct whose_run *run, int file,
                         const struct whose_row *to, size_t most, struct whose_numbers *numbers)
{
    struct whose_block block;
    uint64_t n = 0;
    if (run->rows == 0)
        return true;
    if (!block_of(whose, run, file, to, &block, &n))
        return false;
    for (; n > 0; n--) {
        if (!whose_block_read(whose, run, file, n, &block))
            return false;
        for (size_t i = rows_in(run, n); i-- > 0;) {
            const struct whose_row *row = &block.rows[i];
            if (compare_rows(row, to) >= 0)
                continue;
            if (!ID_EQUAL(row->handle, to->handle))
                return true;
            if (!numbers_add(numbers, whose_number(row), most))
                return true;
        }
    }
    return true;
}

static struct whose_row row_of(const audit_id *handle, uint64_t number)
{
    struct whose_row row = {.handle = *handle};
    struct buf buf = buf_over((char *)row.number, sizeof(row.number));
    buf_be64(&buf, number);
    return row;
}

bool whose_run_find(const struct whose *whose, const struct whose_run *run, const audit_id *handle,
                    uint64_t from, size_t most, struct whose_numbers *numbers)
{
    struct whose_run opened = *run;
    struct whose_row row = row_of(handle, from);
    CLEANUP(fd_close) int file = -1;
    whose_run_open(whose, &opened, &file);
    return file >= 0 && find_in(whose, &opened, file, &row, most, numbers);
}

bool whose_run_find_back(const struct whose *whose, const struct whose_run *run,
                         const audit_id *handle, uint64_t to, size_t most,
                         struct whose_numbers *numbers)
{
    struct whose_run opened = *run;
    struct whose_row row = row_of(handle, to);
    CLEANUP(fd_close) int file = -1;
    whose_run_open(whose, &opened, &file);
    return file >= 0 && find_back_in(whose, &opened, file, &row, most, numbers);
}
