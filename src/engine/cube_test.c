/* The guard of tables of counts, against one who knows its rules and even the exact total. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cube.h"

enum { CELLS_MOST = 5, PEOPLE_MOST = 48, SEEN_MOST = 1 << 15, EMPTY = 63 };

/* What was shown, and all that may stand in each cell when that is what was shown. */
struct seen {
    uint64_t key;
    uint64_t possible[CELLS_MOST]; /* a bit for each number */
};

struct table {
    struct cube_cell cells[CELLS_MOST];
    size_t count;
    uint64_t total, least;
    bool zeros_known; /* to whoever looks at it, from elsewhere: which cells are empty, */
    bool exact_known; /* and what the numbers shown were before they were rounded */
    struct seen *seen;
};

static void guard(struct table *table)
{
    cube_guard(table->cells, table->count, table->total, table->least);
}

static uint64_t key_of(const struct table *table)
{
    uint64_t key = 1;
    for (size_t i = 0; i < table->count; i++) {
        const struct cube_cell *cell = &table->cells[i];
        uint64_t number =
            table->exact_known ? cell->people : cube_rounded(cell->people) / CUBE_STEP;
        bool known_zero = table->zeros_known && cell->people == 0;
        key = key << 6 | (known_zero ? EMPTY : cell->shown ? number : 0);
    }
    return key;
}

static struct seen *find_seen(struct table *table, uint64_t key)
{
    size_t at = (size_t)(key * 0x9e3779b97f4a7c15u >> 49);
    while (table->seen[at].key != 0 && table->seen[at].key != key)
        at = (at + 1) % SEEN_MOST;
    table->seen[at].key = key;
    return &table->seen[at];
}

static void note(struct table *table)
{
    guard(table);
    struct seen *seen = find_seen(table, key_of(table));
    for (size_t i = 0; i < table->count; i++)
        seen->possible[i] |= (uint64_t)1 << table->cells[i].people;
}

/* Every table of so many people, in so many cells. */
static void each_table(struct table *table, size_t cell, uint64_t left,
                       void (*visit)(struct table *table))
{
    if (cell + 1 == table->count) {
        table->cells[cell].people = left;
        visit(table);
        return;
    }
    for (uint64_t people = 0; people <= left; people++) {
        table->cells[cell].people = people;
        each_table(table, cell + 1, left - people, visit);
    }
}

/* What may be small at all may be each small number, save that it may be known not to be none. */
static void check_seen(const struct table *table, const struct seen *seen)
{
    uint64_t small = ((uint64_t)1 << table->least) - 1, each = small & ~(uint64_t)1;
    for (size_t i = 0; seen->key != 0 && i < table->count; i++) {
        bool withheld = (seen->key >> 6 * (table->count - 1 - i) & 63) == 0;
        bool may_be_small = (seen->possible[i] & small) != 0;
        if (withheld && may_be_small && (seen->possible[i] & each) != each)
            fail_msg("%u people, %zu cells: what is shown as %llx says too much of cell %zu",
                     (unsigned)table->total, table->count, (unsigned long long)seen->key, i);
    }
}

/* Who sees the table knows the exact total in any case: another table of the same people may tell.
 */
static void try_all(size_t cells, uint64_t people, uint64_t least)
{
    struct seen *seen = calloc(SEEN_MOST, sizeof(*seen));
    assert_non_null(seen);
    for (unsigned knows = 0; knows < 4; knows++) {
        struct table table = {.count = cells,
                              .least = least,
                              .zeros_known = (knows & 1) != 0,
                              .exact_known = (knows & 2) != 0,
                              .seen = seen};
        table.total = table.zeros_known ? 2 * least : least; /* fewer say it by themselves */
        for (; table.total <= people; table.total++) {
            memset(seen, 0, SEEN_MOST * sizeof(*seen));
            each_table(&table, 0, table.total, note);
            for (size_t i = 0; i < SEEN_MOST; i++)
                check_seen(&table, &seen[i]);
        }
    }
    free(seen);
}

/* COB-75, INF-42 */
static void whoever_knows_the_rules_and_the_exact_total_learns_no_small_number(void **state)
{
    (void)state;
    try_all(2, 62, 10);
    try_all(3, 62, 10);
    try_all(4, 52, 10);
    try_all(5, 38, 10);
    try_all(4, 54, 15);
}

static void hold_to_the_rules(struct table *table)
{
    guard(table);
    uint64_t withheld = 0;
    bool any = false, none = true;
    for (size_t i = 0; i < table->count; i++) {
        const struct cube_cell *cell = &table->cells[i];
        assert_false(cell->shown && (cell->people < table->least || table->total < table->least));
        any |= !cell->shown;
        none &= !cell->shown;
        withheld += cell->shown ? 0 : cell->people;
    }
    assert_true(!any || none || withheld >= 2 * table->least);
}

/* COB-75 */
static void no_small_group_is_shown_and_those_withheld_add_up_to_two(void **state)
{
    (void)state;
    struct table table = {.count = 4, .least = 10};
    for (table.total = 0; table.total <= 45; table.total++)
        each_table(&table, 0, table.total, hold_to_the_rules);
}

/* COB-75 */
static void one_person_more_shows_as_nothing_or_as_one_step(void **state)
{
    (void)state;
    for (uint64_t people = 0; people < 1000; people++) {
        uint64_t rounded = cube_rounded(people), next = cube_rounded(people + 1);
        assert_int_equal(rounded % CUBE_STEP, 0);
        assert_true(next == rounded || next == rounded + CUBE_STEP);
        assert_in_range(rounded + 2, people, people + 4);
    }
}

/* COB-75 */
static void the_least_group_is_never_under_ten_and_a_whole_step(void **state)
{
    (void)state;
    const uint64_t wanted[][2] = {
        {0, 10}, {1, 10}, {10, 10}, {11, 15}, {15, 15}, {16, 20}, {UINT32_MAX, 4294967295u}};
    for (size_t i = 0; i < LENGTH(wanted); i++)
        assert_int_equal(cube_least((uint32_t)wanted[i][0]), wanted[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_knows_the_rules_and_the_exact_total_learns_no_small_number),
        cmocka_unit_test(no_small_group_is_shown_and_those_withheld_add_up_to_two),
        cmocka_unit_test(one_person_more_shows_as_nothing_or_as_one_step),
        cmocka_unit_test(the_least_group_is_never_under_ten_and_a_whole_step),
    };
    return cmocka_run_group_tests_name("cube", tests, NULL, NULL);
}
