/* whose_run.c: one sorted run as a file. */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
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

/* They come first. */
static bool everybody_read(const struct whose *whose, struct whose_run *run, int file)
{
    struct whose_block block;
    run->everybody = false;
    if (run->rows == 0)
        return true;
    if (!whose_block_read(whose, run, file, 1, &block))
        return false;
    run->everybody = ID_IS_ZERO(block.rows[0].handle);
    return true;
}

static int run_file(const struct whose *whose, const struct whose_run *run)
{
    char path[WHOSE_PATH];
    whose_path(path, run);
    return openat(whose->shelf->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

void whose_run_open(const struct whose *whose, struct whose_run *run, int *file)
{
    *file = run_file(whose, run);
    if (*file >= 0 && !(head_read(whose, run, *file) && everybody_read(whose, run, *file)))
        fd_close(file);
}

/* The rows of block n, from 1, that are in use. */
static size_t rows_in(const struct whose_run *run, uint64_t n)
{
    uint64_t before_it = (n - 1) * WHOSE_BLOCK_ROWS;
    return (size_t)(run->rows - before_it < WHOSE_BLOCK_ROWS ? run->rows - before_it
                                                             : WHOSE_BLOCK_ROWS);
}

/* ---- blocks in memory ---- */

enum {
    KNOWN_BLOCKS = 2048,   /* 8 MB */
    KNOWN_RUN_BLOCKS = 256 /* of a larger run a look-up seldom finds the same one again */
};

struct known_block {
    uint64_t from, to, n; /* n 0: free */
    struct whose_block block;
};
struct whose_known {
    struct known_block at[KNOWN_BLOCKS];
};

void whose_known_forget(struct whose *whose, uint64_t from, uint64_t to)
{
    for (size_t i = 0; whose->known != NULL && i < KNOWN_BLOCKS; i++) {
        struct known_block *known = &whose->known->at[i];
        if (known->n > 0 && known->from < to && from < known->to)
            known->n = 0;
    }
}

void whose_known_free(struct whose *whose)
{
    free(whose->known);
    whose->known = NULL;
}

static bool is_block(const struct known_block *known, const struct whose_run *run, uint64_t n)
{
    return known->n == n && known->from == run->from && known->to == run->to;
}

/* Where the block is or may come: it has two places. */
static struct known_block *known_place(struct whose *whose, const struct whose_run *run, uint64_t n)
{
    if (whose->known == NULL)
        whose->known = calloc(1, sizeof(*whose->known));
    if (whose->known == NULL)
        abort();
    uint64_t mixed = (run->from + n * 0x9E3779B97F4A7C15U) * 0xD6E8FEB86659FD93U;
    struct known_block *one = &whose->known->at[(mixed >> 32) % KNOWN_BLOCKS];
    struct known_block *other = &whose->known->at[(mixed >> 48) % KNOWN_BLOCKS];
    if (is_block(other, run, n) || (!is_block(one, run, n) && one->n > 0 && other->n == 0))
        return other;
    return one;
}

/* Block n, from memory or in `room`; NULL for damage. */
static const struct whose_block *block_get(struct whose *whose, const struct whose_run *run,
                                           int *file, uint64_t n, struct whose_block *room)
{
    bool keeps = whose_blocks(run) <= KNOWN_RUN_BLOCKS;
    struct known_block *known = keeps ? known_place(whose, run, n) : NULL;
    if (keeps && is_block(known, run, n))
        return &known->block;
    if (*file < 0)
        *file = run_file(whose, run);
    if (*file < 0 || !whose_block_read(whose, run, *file, n, room))
        return NULL;
    if (keeps)
        *known = (struct known_block){run->from, run->to, n, *room};
    return room;
}

/* ---- finding ---- */

static int compare_rows(const struct whose_row *a, const struct whose_row *b)
{
    return memcmp(a, b, sizeof(*a));
}

/* Where a search stands: the block is one of low..high. Keys are the first bytes of what block
 * `low` begins with, and of what the one behind `high` does, as far as that was read. */
struct search {
    uint64_t low, high, low_key, high_key;
    bool low_read, halves;
};

static uint64_t key_of(const struct whose_row *row)
{
    struct reader reader = reader_over((str){(const char *)row->handle.bytes, ID_BYTES});
    return read_be64(&reader);
}

/* Handles are drawn evenly, so that a row's place is told by its first bytes, give or take the root
 * of the number of rows. Where they are not even, as few people have most entries, every second
 * guess is the middle. */
static uint64_t guess(const struct search *search, uint64_t key)
{
    uint64_t low = search->low + search->low_read, blocks = search->high - search->low + 1;
    double all = (double)(search->high_key - search->low_key);
    if (search->halves || key < search->low_key || key >= search->high_key)
        return low + (search->high - low) / 2;
    uint64_t at = search->low + (uint64_t)((double)(key - search->low_key) / all * (double)blocks);
    return at < low ? low : at > search->high ? search->high : at;
}

/* What block `at` says of the row's place. */
static void narrow(struct search *search, uint64_t at, const struct whose_row *first,
                   const struct whose_row *last, const struct whose_row *row)
{
    uint64_t span = search->high - search->low;
    if (compare_rows(first, row) > 0) {
        search->high = at > search->low ? at - 1 : at;
        search->high_key = key_of(first);
    } else {
        search->low = at;
        search->low_key = key_of(first);
        search->low_read = true;
    }
    if (at == search->low && compare_rows(row, last) <= 0)
        search->high = at; /* it lies within, or before all of block 1 */
    search->halves = !search->halves && search->high - search->low > span / 2;
}

/* Where a run is looked into: the block at hand. */
struct looking {
    struct whose *whose;
    const struct whose_run *run;
    int *file;
    const struct whose_block *block;
    struct whose_block room;
};

static void look_begin(struct looking *looking, struct whose *whose, const struct whose_run *run,
                       int *file)
{
    looking->whose = whose;
    looking->run = run;
    looking->file = file;
    looking->block = NULL;
}

static bool look_into(struct looking *looking, uint64_t n)
{
    looking->block = block_get(looking->whose, looking->run, looking->file, n, &looking->room);
    return looking->block != NULL;
}

/* The last block that begins with `row` or before it; block 1 when all begin behind. */
static bool block_of(struct looking *looking, const struct whose_row *row, uint64_t *n)
{
    const struct whose_run *run = looking->run;
    struct search search = {.low = 1, .high = whose_blocks(run), .high_key = UINT64_MAX};
    for (*n = 0; search.low < search.high;) {
        *n = guess(&search, key_of(row));
        if (!look_into(looking, *n))
            return false;
        const struct whose_row *rows = looking->block->rows;
        narrow(&search, *n, &rows[0], &rows[rows_in(run, *n) - 1], row);
    }
    if (*n == search.low)
        return true;
    *n = search.low;
    return look_into(looking, *n);
}

static bool find_in(struct looking *looking, const struct whose_row *from, size_t most,
                    struct whose_numbers *numbers)
{
    const struct whose_run *run = looking->run;
    uint64_t n = 0;
    if (run->rows == 0)
        return true;
    if (!block_of(looking, from, &n))
        return false;
    for (uint64_t first = n; n <= whose_blocks(run); n++) {
        if (n > first && !look_into(looking, n))
            return false;
        for (size_t i = 0; i < rows_in(run, n); i++) {
            const struct whose_row *row = &looking->block->rows[i];
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
static bool find_back_in(struct looking *looking, const struct whose_row *to, size_t most,
                         struct whose_numbers *numbers)
{
    const struct whose_run *run = looking->run;
    uint64_t n = 0;
    if (run->rows == 0)
        return true;
    if (!block_of(looking, to, &n))
        return false;
    for (uint64_t last = n; n > 0; n--) {
        if (n < last && !look_into(looking, n))
            return false;
        for (size_t i = rows_in(run, n); i-- > 0;) {
            const struct whose_row *row = &looking->block->rows[i];
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

bool whose_run_find(struct whose *whose, const struct whose_run *run, int *file,
                    const audit_id *handle, uint64_t from, size_t most,
                    struct whose_numbers *numbers)
{
    struct looking looking; /* its room is for the file to fill */
    look_begin(&looking, whose, run, file);
    struct whose_row row = row_of(handle, from);
    return find_in(&looking, &row, most, numbers);
}

bool whose_run_find_back(struct whose *whose, const struct whose_run *run, int *file,
                         const audit_id *handle, uint64_t to, size_t most,
                         struct whose_numbers *numbers)
{
    struct looking looking; /* its room is for the file to fill */
    look_begin(&looking, whose, run, file);
    struct whose_row row = row_of(handle, to);
    return find_back_in(&looking, &row, most, numbers);
}
