/* How long a step of long work may take: other requests wait for its end. */
#include "engine_internal.h"

enum { STEP_ROWS = 1000, STEP_MS = 20 };

struct step step_begin(const struct reg *reg)
{
    size_t most = reg->engine->step_rows;
    return (struct step){
        .reg = reg, .most = most == 0 ? STEP_ROWS : most, .from = world_now(reg->world)};
}

bool step_goes_on(struct step *step)
{
    step->rows++;
    return step->rows < step->most && world_now(step->reg->world).ms - step->from.ms < STEP_MS;
}
