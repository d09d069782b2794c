/* The guard of a table of counts against those who subtract. */
#include "cube.h"

uint64_t cube_least(uint32_t policy)
{
    uint64_t least = policy < CUBE_LEAST ? CUBE_LEAST : policy;
    return (least + CUBE_STEP - 1) / CUBE_STEP * CUBE_STEP;
}

uint64_t cube_rounded(uint64_t people)
{
    return (people + CUBE_STEP / 2) / CUBE_STEP * CUBE_STEP;
}

/* What can be found out about the withheld cells by subtracting the others from the total says no
 * more of any of them than that it is small, if it is. */
static bool is_enough(const struct cube_cell *cells, size_t count, uint64_t least)
{
    uint64_t people = 0, most = 0, withheld = 0, filled = 0;
    for (size_t i = 0; i < count; i++) {
        if (cells[i].shown)
            continue;
        withheld++;
        filled += cells[i].people > 0;
        people += cells[i].people;
        most = cells[i].people > most ? cells[i].people : most;
    }
    if (withheld == 0)
        return true;
    bool could_be_smaller = most >= least || people + least - 1 <= filled * (least - 1);
    return people >= 2 * least && could_be_smaller;
}

static bool withhold_last(struct cube_cell *cells, size_t count)
{
    for (size_t i = count; i-- > 0;) {
        if (!cells[i].shown)
            continue;
        cells[i].shown = false;
        return true;
    }
    return false;
}

void cube_guard(struct cube_cell *cells, size_t count, uint64_t total, uint64_t least)
{
    for (size_t i = 0; i < count; i++)
        cells[i].shown = total >= least && cells[i].people >= least;
    while (!is_enough(cells, count, least) && withhold_last(cells, count)) {
    }
}
