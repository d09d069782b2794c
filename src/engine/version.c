/* Applying a version of the policy: what it would close and erase is counted first, and the number
 * of erasures must be repeated to make it happen. */
#include "diff.h"
#include "engine_internal.h"

enum { VERSION_PAGE = 256 };

struct weighing {
    struct plans with; /* the versions there are, and the new one */
    instant at;
    bool apply;
    struct version_effect *effect;
};

static status plans_with(struct call *call, const struct plan *plan, struct plans *with)
{
    struct reg *reg = call->reg;
    if (reg->plans.count == REG_VERSIONS)
        return fail(call->report, FAULT_LIMIT, "a register holds at most %d versions",
                    REG_VERSIONS);
    struct plan_version *list = ARENA_ARRAY(call->arena, struct plan_version, reg->plans.count + 1);
    if (list == NULL)
        return NO_MEMORY(call->report);
    struct plan_version fresh = {.plan = plan,
                                 .version = words_intern(reg->words, plan->version),
                                 .effective = plan->effective};
    size_t count = 0;
    bool placed = false;
    for (size_t i = 0; i < reg->plans.count; i++) {
        if (!placed && before(plan->effective, reg->plans.at[i].effective)) {
            list[count++] = fresh;
            placed = true;
        }
        list[count++] = reg->plans.at[i];
    }
    if (!placed)
        list[count++] = fresh;
    *with = (struct plans){list, count};
    return OK;
}

static size_t live_grounds(const struct settled_item *item, instant t)
{
    size_t count = 0;
    for (size_t i = 0; i < item->ground_count; i++)
        count += before(t, item->grounds[i].end);
    return count;
}

static bool weigh(const struct settled *before_it, const struct settled *after_it, instant t,
                  struct version_effect *effect)
{
    bool touched = false;
    for (size_t i = 0; i < before_it->count; i++) {
        const struct settled_item *old = &before_it->items[i];
        const struct settled_item *now = &after_it->items[i];
        bool gone = old->alive && !now->alive;
        bool closed = live_grounds(now, t) < live_grounds(old, t);
        effect->erases += gone;
        effect->closes += closed;
        touched |= gone || closed;
    }
    effect->people += touched;
    return touched;
}

static status weigh_subject(struct call *call, struct weighing *weighing, dossier_id id)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct call own = *call;
    own.arena = arena;
    enum presence presence;
    struct subject subject = {0};
    TRY(vault_load(call->reg->vault, id, arena, call->report, &presence, &subject.dossier));
    if (presence != PRESENCE_LIVE)
        return OK;
    TRY(call_view(&own, subject.dossier->facts, NULL, &subject.view));
    struct settled old, now;
    TRY(settle(&subject.view, weighing->at, arena, call->report, &old));
    subject.view.plans = &weighing->with;
    TRY(settle(&subject.view, weighing->at, arena, call->report, &now));
    if (!weigh(&old, &now, weighing->at, weighing->effect) || !weighing->apply)
        return OK;
    /* Unreadable at once, since settle runs on every read; the sweeper says when it is destroyed.
     */
    return vault_due_again(call->reg->vault, id, call->now, call->report);
}

static status weigh_all(struct call *call, struct weighing *weighing)
{
    *weighing->effect = (struct version_effect){0};
    dossier_id after = {{0}};
    for (;;) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        dossier_id *ids;
        size_t count;
        TRY(vault_list(call->reg->vault, DOSSIER_SUBJECT, after, VERSION_PAGE, arena,
                       call->report, &ids, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(weigh_subject(call, weighing, ids[i]));
            after = ids[i];
        }
        if (count < VERSION_PAGE)
            return OK;
    }
}

static status diff_text(struct call *call, const struct plan *plan, str *diff)
{
    struct plan_differences changes = {0};
    TRY(plan_diff(reg_plan(call->reg, call->now), plan, call->arena, call->report, &changes));
    struct buf buf = buf_in(call->arena, 4 << 20);
    diff_json(&changes, &buf);
    return buf_finish(&buf, call->report, diff);
}

static bool version_known(const struct reg *reg, const struct plan *plan)
{
    for (size_t i = 0; i < reg->plans.count; i++) {
        if (str_equal(reg->plans.at[i].plan->version, plan->version))
            return true;
    }
    return reg->coming != NULL && str_equal(reg->coming->version, plan->version);
}

/* In force once it is durable: until then every other call of the turn lives by what is. */
static status apply_finish(struct call *call)
{
    return reg_add_plan(call->reg, call->state, call->now, call->report);
}

/* The plan that stays lies with the register, as does the text that it points into. */
static status compile_to_stay(struct call *call, const struct version_apply *request,
                              struct plan **plan)
{
    struct arena *arena = call->reg->arena;
    struct policy_source policy = {arena_copy(arena, request->policy_file),
                                   arena_copy(arena, request->policy)};
    struct policy_source deployment = {arena_copy(arena, request->deployment_file),
                                       arena_copy(arena, request->deployment)};
    struct problems quiet = {.arena = call->arena};
    const struct plan *compiled;
    if (policy.text.ptr == NULL || deployment.text.ptr == NULL)
        return NO_MEMORY(call->report);
    TRY(reg_compile(call->reg, &policy, &deployment, arena, &quiet, call->report, &compiled));
    *plan = ARENA_NEW(arena, struct plan);
    if (*plan == NULL)
        return NO_MEMORY(call->report);
    **plan = *compiled;
    return OK;
}

static status apply(struct call *call, const struct version_apply *request,
                    struct weighing *weighing)
{
    if (!request->erases_stated || request->erases != weighing->effect->erases)
        return fail(call->report, FAULT_CONFLICT,
                    "this version would erase %llu items: repeat that number as \"erases\"",
                    (unsigned long long)weighing->effect->erases);
    struct plan *plan;
    TRY(compile_to_stay(call, request, &plan));
    weighing->apply = true;
    TRY(weigh_all(call, weighing));
    struct policy_source policy = {request->policy_file, request->policy};
    struct policy_source deployment = {request->deployment_file, request->deployment};
    TRY(call_store_version(call, &policy, &deployment, plan));
    call->outcome.count = weighing->effect->erases;
    call->outcome.http = 201;
    call->reg->coming = plan;
    call->state = plan;
    call->finish = apply_finish;
    return OK;
}

status engine_version_apply(struct call *call, const struct version_apply *request,
                            struct problems *problems, struct version_effect *effect)
{
    struct reg *reg = call->reg;
    struct policy_source policy = {request->policy_file, request->policy};
    struct policy_source deployment = {request->deployment_file, request->deployment};
    const struct plan *plan;
    TRY(call_whole_register(call));
    TRY(reg_compile(reg, &policy, &deployment, call->arena, problems, call->report, &plan));
    if (plan->policy != reg->versions[0].plan->policy)
        return fail(call->report, FAULT_CONFLICT, "a version must be of the register's own policy");
    if (version_known(reg, plan))
        return fail(call->report, FAULT_CONFLICT, "this version is already in the register");
    struct weighing weighing = {.at = later(call->now, plan->effective), .effect = effect};
    TRY(plans_with(call, plan, &weighing.with));
    TRY(weigh_all(call, &weighing));
    TRY(diff_text(call, plan, &effect->diff));
    str diff = effect->diff;
    if (!request->preview)
        TRY(apply(call, request, &weighing));
    effect->diff = diff;
    return OK;
}
