/* How long a step of long work may take: other requests wait for its end. */
#include "engine_internal.h"

enum { STEP_ROWS = 1000 };

struct step step_within(const struct reg *reg, const struct step_room *room)
{
    size_t most = reg->engine->step_rows;
    return (struct step){.reg = reg,
                         .most = most == 0 || room->rows < most ? room->rows : most,
                         .ms = room->ms,
                         .from = world_now(reg->world)};
}

struct step step_begin(const struct reg *reg)
{
    size_t most = reg->engine->step_rows;
    struct step_room room = {.rows = most == 0 ? STEP_ROWS : most, .ms = STEP_MS};
    return step_within(reg, &room);
}

bool step_goes_on(struct step *step)
{
    step->rows++;
    return step->rows < step->most && world_now(step->reg->world).ms - step->from.ms < step->ms;
}
