/* After the versions of the policy changed, when each dossier is due is computed anew, a step at a
 * time. Reads are right at once, since settle runs on every read; this is for the sweeper. How far
 * it has come is kept in data.db, so a restart goes on from there. */
#include "engine_internal.h"

enum { ANEW_PAGE = 64 };

static status keep_cursor(struct reg *reg, dossier_id at, struct report *report)
{
    char room[ID_TEXT + 1];
    struct buf buf = buf_over(room, sizeof(room));
    buf_id(&buf, at.bytes);
    return vault_meta_set(reg->vault, STR("settling"), buf_str(&buf), report);
}

status call_settle_anew(struct call *call)
{
    return keep_cursor(call->reg, (dossier_id){{0}}, call->report);
}

void reg_settle_begin(struct reg *reg)
{
    reg->settling = true;
    reg->settled_to = (dossier_id){{0}};
    reg->settled_count = 0;
}

bool reg_settling(struct reg *reg, struct progress *progress)
{
    struct report ignored = {0};
    *progress = (struct progress){.looked = reg->settled_count, .done = !reg->settling};
    if (!reg->settling)
        return false;
    if (!is_ok(vault_count(reg->vault, DOSSIER_SUBJECT, &ignored, &progress->of)))
        progress->of = 0;
    return true;
}

status reg_settle_load(struct reg *reg, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(64 << 10);
    str text;
    TRY(vault_meta(reg->vault, STR("settling"), arena, report, &text));
    reg->settling = !str_is_empty(text);
    if (reg->settling && !id_parse(text, reg->settled_to.bytes))
        return fail(report, FAULT_CORRUPT, "data.db says oddly how far settling has come");
    return OK;
}

static status settle_one(struct call *outer, dossier_id id)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct call call = *outer;
    struct subject subject = {0};
    enum presence presence;
    call.arena = arena;
    TRY(vault_load(call.reg->vault, id, arena, call.report, &presence, &subject.dossier));
    if (presence != PRESENCE_LIVE)
        return OK;
    TRY(call_view(&call, subject.dossier->facts, NULL, &subject.view));
    TRY(call_settle(&call, &subject));
    return vault_due_again(call.reg->vault, id, call_next(&call, &subject), call.report);
}

static status settle_some(struct call *call, const struct step_room *room, dossier_id *at,
                          uint64_t *count, bool *over)
{
    struct step step = step_within(call->reg, room);
    for (bool goes_on = true; goes_on && !*over;) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        dossier_id *ids;
        size_t found;
        TRY(vault_list(call->reg->vault, DOSSIER_SUBJECT, *at, ANEW_PAGE, arena, call->report, &ids,
                       &found));
        size_t i = 0;
        for (; i < found && goes_on; i++) {
            TRY(settle_one(call, ids[i]));
            *at = ids[i];
            *count += 1;
            goes_on = step_goes_on(&step);
        }
        *over = i == found && found < ANEW_PAGE;
    }
    if (*over)
        return vault_meta_set(call->reg->vault, STR("settling"), STR(""), call->report);
    return keep_cursor(call->reg, *at, call->report);
}

/* One turn of its own. */
status reg_settle_step(struct reg *reg, const struct step_room *room, struct report *report)
{
    assert(reg->settling);

    struct engine *engine = reg->engine;
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    dossier_id at = reg->settled_to;
    uint64_t count = reg->settled_count;
    bool over = false;
    struct call call;
    engine_begin(engine);
    status result = call_begin(engine, reg, engine_system(), arena, report, &call);
    if (is_ok(result))
        result = call_end(&call, settle_some(&call, room, &at, &count, &over));
    struct report ending = {0};
    status ended = engine_end(engine, &ending);
    if (is_ok(ended) && !is_ok(reg->turn)) {
        ended = reg->turn;
        ending = reg->turn_report;
    }
    if (!is_ok(ended)) {
        *report = ending;
        return ended;
    }
    TRY(result);
    reg->settled_to = at;
    reg->settled_count = count;
    reg->settling = !over;
    return OK;
}
