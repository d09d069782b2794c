/* Moves the simulated clock of a register that nobody serves, and sweeps nothing: what ended
 * meanwhile is swept once it is served again, a little at a time, as with a real clock.
 *   bench_load_clock DATA ROOT REGISTER DAYS */
#include <stdio.h>
#include <stdlib.h>

#include "engine_internal.h"

static status move_clock(struct call *call, void *request)
{
    char room[24];
    struct buf buf = buf_over(room, sizeof(room));
    const instant *to = request;
    buf_i64(&buf, to->ms);
    TRY(vault_meta_set(call->reg->vault, STR("clock"), buf_str(&buf), call->report));
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log_change(call, NULL, &op, "clock", decision_by_scope());
}

int main(int count, char **words)
{
    struct report report = {0};
    struct engine *engine = NULL;
    struct call call;
    uint64_t days;
    if (count != 5 || !str_to_u64(str_from(words[4]), &days)) {
        fprintf(stderr, "usage: bench_load_clock DATA ROOT REGISTER DAYS\n");
        return 64;
    }
    struct engine_config config = {
        .world = world_real(), .data_dir = words[1], .root_path = words[2]};
    struct arena *arena = arena_new(1 << 20);
    status moved = engine_open(&config, &report, &engine);
    struct reg *reg = is_ok(moved) ? engine_register(engine, str_from(words[3])) : NULL;
    if (reg != NULL) {
        instant to = {reg_now(reg).ms + (int64_t)days * 24 * 3600 * 1000};
        moved = engine_run(engine, reg, engine_system(), arena, &report, &call, move_clock, &to);
    }
    bool good = is_ok(moved) && reg != NULL;
    if (!good)
        fprintf(stderr, "%s\n", report.text);
    if (engine != NULL)
        engine_close(&engine);
    arena_free(&arena);
    return good ? 0 : 1;
}
