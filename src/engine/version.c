/* Applying a version of the policy: what it would close, open and erase is counted first, step by
 * step, and the number of erasures must be repeated to make it happen. */
#include "diff.h"
#include "engine_internal.h"

enum { VERSION_PAGE = 256, CLAUSES_MOST = 4096 };

struct weighing {
    const struct plan *plan;
    bool again;
    struct plans with; /* the versions there are, and the new one */
    size_t fresh;      /* its place among them */
    instant at;
    uint64_t versions; /* that the register had at the beginning */
    uint64_t people, looked;
    dossier_id after;
    struct version_effect effect;
    LIST(struct version_clause) clauses;
    struct arena *arena;
    bool done;
};

/* ---- which version it is ---- */

static bool same_text(const struct plan *a, const struct plan *b)
{
    return memcmp(a->hash, b->hash, sizeof(a->hash)) == 0;
}

/* A name stands for one text for ever: notices and items carry it. */
static status check_name(struct call *call, const struct version_apply *request,
                         struct weighing *weighing)
{
    struct reg *reg = call->reg;
    const struct plan *plan = weighing->plan;
    for (size_t i = 0; i < reg->history_count; i++) {
        const struct version_state *there = &reg->history[i];
        if (!str_equal(there->plan->version, plan->version))
            continue;
        if (!same_text(there->plan, plan))
            return fail(call->report, FAULT_CONFLICT,
                        "the register has another text under this version's name");
        weighing->plan = there->plan;
        weighing->again |= there->withdrawn.ms == NEVER.ms;
    }
    if (reg->versions[reg->plans.count - 1].plan == weighing->plan)
        return fail(call->report, FAULT_CONFLICT,
                    "this version is already in the register, and none comes after it");
    if (!weighing->again && request->effective.ms != 0)
        return fail_at(call->report, FAULT_INVALID, "/effective",
                       "a new version says in its file when it comes into force");
    if (reg->history_count == REG_VERSIONS)
        return fail(call->report, FAULT_LIMIT, "a register holds at most %d versions",
                    REG_VERSIONS);
    return OK;
}

static status plans_with(struct call *call, struct weighing *weighing)
{
    struct reg *reg = call->reg;
    size_t count = reg->history_count;
    struct version_state *list = ARENA_ARRAY(call->arena, struct version_state, count + 1);
    struct plan_version *versions = ARENA_ARRAY(call->arena, struct plan_version, count + 1);
    size_t *order = ARENA_ARRAY(call->arena, size_t, count + 1);
    if (list == NULL || versions == NULL || order == NULL)
        return NO_MEMORY(call->report);
    memcpy(list, reg->history, count * sizeof(*list));
    list[count] = (struct version_state){.plan = weighing->plan,
                                         .effective = weighing->effect.effective,
                                         .applied = call->now,
                                         .withdrawn = NEVER};
    TRY(versions_order(reg, list, count + 1, call->arena, call->report, versions, order,
                       &weighing->with.count));
    weighing->with.at = versions;
    while (order[weighing->fresh] != count)
        weighing->fresh++;
    return OK;
}

static status diff_text(struct call *call, struct weighing *weighing)
{
    struct plan_differences changes = {0};
    const struct plan *before_it = weighing->with.at[weighing->fresh - 1].plan;
    TRY(plan_diff(before_it, weighing->plan, call->arena, call->report, &changes));
    struct buf buf = buf_in(call->arena, 4 << 20);
    diff_json(&changes, &buf);
    return buf_finish(&buf, call->report, &weighing->effect.diff);
}

static status begin_weighing(struct call *call, const struct version_apply *request,
                             struct problems *problems, struct weighing **out)
{
    struct reg *reg = call->reg;
    struct policy_source policy = {request->policy_file, request->policy};
    struct policy_source deployment = {request->deployment_file, request->deployment};
    struct weighing *weighing = ARENA_NEW(call->arena, struct weighing);
    if (weighing == NULL)
        return NO_MEMORY(call->report);
    TRY(call_whole_register(call));
    TRY(reg_compile(reg, &policy, &deployment, call->arena, problems, call->report,
                    &weighing->plan));
    if (weighing->plan->policy != reg->versions[0].plan->policy)
        return fail(call->report, FAULT_CONFLICT, "a version must be of the register's own policy");
    TRY(call_lost_comes_first(call, weighing->plan));
    TRY(check_name(call, request, weighing));
    instant wanted = weighing->again ? request->effective : weighing->plan->effective;
    weighing->arena = call->arena;
    weighing->versions = reg->history_count;
    weighing->at = reg_effective(reg, wanted, call->now);
    weighing->effect.effective = weighing->at;
    weighing->effect.again = weighing->again;
    TRY(vault_count(reg->vault, DOSSIER_SUBJECT, call->report, &weighing->people));
    TRY(plans_with(call, weighing));
    if (weighing->fresh == 0)
        return fail(call->report, FAULT_CONFLICT, "the register's first version comes first");
    TRY(diff_text(call, weighing));
    *out = weighing;
    return OK;
}

/* ---- counting ---- */

static status clause_of(struct weighing *weighing, str path, struct report *report,
                        struct version_clause **clause)
{
    for (size_t i = 0; i < weighing->clauses.count; i++) {
        *clause = &weighing->clauses.at[i];
        if (str_equal((*clause)->clause, path))
            return OK;
    }
    if (weighing->clauses.count == CLAUSES_MOST)
        return fail(report, FAULT_LIMIT, "a version that changes more than %d clauses",
                    CLAUSES_MOST);
    *clause = LIST_ADD(weighing->arena, &weighing->clauses);
    str copy = arena_copy(weighing->arena, path);
    if (*clause == NULL || copy.ptr == NULL)
        return NO_MEMORY(report);
    **clause = (struct version_clause){.clause = copy};
    return OK;
}

static void count_person(const struct weighing *weighing, struct version_clause *clause)
{
    clause->people += clause->person != weighing->looked;
    clause->person = weighing->looked;
}

/* Has the item a live ground for the purpose of this name? */
static bool is_ground(const struct settled_item *item, const struct plan *plan, word purpose,
                      instant t)
{
    for (size_t i = 0; i < item->ground_count; i++) {
        if (before(t, item->grounds[i].end) &&
            plan->purpose[item->grounds[i].purpose].clause.name == purpose)
            return true;
    }
    return false;
}

struct side {
    const struct plan *plan;
    const struct settled_item *item;
};

/* The grounds that one side has and the other lacks. */
static status count_lacking(struct weighing *weighing, struct side has, struct side lacks,
                            bool opens, struct report *report, bool *any)
{
    *any = false;
    for (size_t i = 0; i < has.item->ground_count; i++) {
        const struct ground *ground = &has.item->grounds[i];
        word name = has.plan->purpose[ground->purpose].clause.name;
        if (!before(weighing->at, ground->end) ||
            is_ground(lacks.item, lacks.plan, name, weighing->at))
            continue;
        struct version_clause *clause;
        TRY(clause_of(weighing, has.plan->purpose[ground->purpose].clause.path, report, &clause));
        clause->opens += opens;
        clause->closes += !opens;
        count_person(weighing, clause);
        *any = true;
    }
    return OK;
}

static status count_item(struct weighing *weighing, struct side old, struct side now,
                         struct report *report, bool *touched)
{
    bool closed, opened, gone = old.item->alive && !now.item->alive;
    TRY(count_lacking(weighing, old, now, false, report, &closed));
    TRY(count_lacking(weighing, now, old, true, report, &opened));
    weighing->effect.closes += closed;
    weighing->effect.opens += opened;
    weighing->effect.erases += gone;
    *touched |= gone || closed || opened;
    if (!gone)
        return OK;
    struct version_clause *clause;
    TRY(clause_of(weighing, now.item->rule->path, report, &clause));
    clause->erases++;
    count_person(weighing, clause);
    return OK;
}

/* Purposes that reach something of theirs and stay closed until they are told. */
static status count_untold(struct weighing *weighing, const struct facts *facts,
                           const struct settled *now, struct report *report)
{
    const struct plan *plan = weighing->plan;
    bool known[PLANS_MOST];
    plans_known(&weighing->with, facts, weighing->at, known);
    weighing->effect.untold += plans_have_news(&weighing->with, weighing->fresh, known);
    for (plan_index p = 0; p < plan->purpose_count; p++) {
        bool reaches = false;
        if (!plans_is_news(&weighing->with, weighing->fresh, known, NEWS_PURPOSE, p))
            continue;
        for (size_t i = 0; i < now->count; i++)
            reaches |= is_ground(&now->items[i], plan, plan->purpose[p].clause.name, weighing->at);
        struct version_clause *clause;
        if (!reaches)
            continue;
        TRY(clause_of(weighing, plan->purpose[p].clause.path, report, &clause));
        clause->untold++;
        count_person(weighing, clause);
    }
    return OK;
}

static status weigh_subject(struct call *outer, struct weighing *weighing, dossier_id id)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct call call = *outer;
    enum presence presence;
    struct subject subject = {0};
    call.arena = arena;
    weighing->looked++;
    TRY(vault_load(call.reg->vault, id, arena, call.report, &presence, &subject.dossier));
    if (presence != PRESENCE_LIVE)
        return OK;
    const struct facts *facts = subject.dossier->facts;
    TRY(call_view(&call, facts, NULL, &subject.view));
    struct settled old, now;
    TRY(settle(&subject.view, weighing->at, arena, call.report, &old));
    subject.view.plans = &weighing->with;
    TRY(settle(&subject.view, weighing->at, arena, call.report, &now));
    const struct plan *before_it = weighing->with.at[weighing->fresh - 1].plan;
    bool touched = false;
    for (size_t i = 0; i < old.count; i++)
        TRY(count_item(weighing, (struct side){before_it, &old.items[i]},
                       (struct side){weighing->plan, &now.items[i]}, call.report, &touched));
    weighing->effect.people += touched;
    return count_untold(weighing, facts, &now, call.report);
}

static status weigh_some(struct call *call, struct weighing *weighing)
{
    struct step step = step_begin(call->reg);
    for (bool goes_on = true; goes_on && !weighing->done;) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        dossier_id *ids;
        size_t count, i = 0;
        TRY(vault_list(call->reg->vault, DOSSIER_SUBJECT, weighing->after, VERSION_PAGE, arena,
                       call->report, &ids, &count));
        for (; i < count && goes_on; i++) {
            TRY(weigh_subject(call, weighing, ids[i]));
            weighing->after = ids[i];
            goes_on = step_goes_on(&step);
        }
        weighing->done = i == count && count < VERSION_PAGE;
    }
    return OK;
}

/* ---- applying ---- */

/* In force once it is durable: until then every other call of the turn lives by what is. */
static status apply_finish(struct call *call)
{
    const struct version_state *applied = call->state;
    reg_settle_begin(call->reg);
    reg_lost_is_back(call->reg);
    return reg_add_version(call->reg, applied, call->report);
}

/* The plan that stays lies with the register, as does the text that it points into. */
static status compile_to_stay(struct call *call, const struct version_apply *request,
                              const struct plan **plan)
{
    struct arena *arena = call->reg->arena;
    struct policy_source policy = {arena_copy(arena, request->policy_file),
                                   arena_copy(arena, request->policy)};
    struct policy_source deployment = {arena_copy(arena, request->deployment_file),
                                       arena_copy(arena, request->deployment)};
    struct problems quiet = {.arena = call->arena};
    if (policy.text.ptr == NULL || deployment.text.ptr == NULL)
        return NO_MEMORY(call->report);
    return reg_compile(call->reg, &policy, &deployment, arena, &quiet, call->report, plan);
}

static bool is_stored(const struct reg *reg, const struct plan *plan)
{
    for (size_t i = 0; i < reg->history_count; i++) {
        if (reg->history[i].plan == plan)
            return true;
    }
    return false;
}

static status apply(struct call *call, const struct version_apply *request,
                    struct weighing *weighing)
{
    if (!request->erases_stated || request->erases != weighing->effect.erases)
        return fail(call->report, FAULT_CONFLICT,
                    "this version would erase %llu items: repeat that number as \"erases\"",
                    (unsigned long long)weighing->effect.erases);
    bool waits;
    TRY(call_may_change(call, weighing->plan, &waits));
    if (waits)
        return OK;
    struct version_state *version = ARENA_NEW(call->arena, struct version_state);
    if (version == NULL)
        return NO_MEMORY(call->report);
    *version = (struct version_state){.plan = weighing->plan,
                                      .effective = later(weighing->at, call->now),
                                      .applied = call->now,
                                      .withdrawn = NEVER};
    if (!is_stored(call->reg, weighing->plan))
        TRY(compile_to_stay(call, request, &version->plan));
    struct policy_source policy = {request->policy_file, request->policy};
    struct policy_source deployment = {request->deployment_file, request->deployment};
    TRY(call_store_version(call, &policy, &deployment, version->plan, version->effective,
                           &version->id));
    TRY(call_settle_anew(call));
    TRY(call_lost_is_back(call));
    call->outcome.count = weighing->effect.erases;
    call->outcome.http = 201;
    call->reg->coming = true;
    call->state = version;
    call->finish = apply_finish;
    return OK;
}

static status nothing_between(struct call *call, const struct weighing *weighing)
{
    if (!call->reg->coming && (weighing == NULL || weighing->versions == call->reg->history_count))
        return OK;
    return fail(call->report, FAULT_CONFLICT,
                "the versions of the policy have changed meanwhile: ask again");
}

status engine_version_step(struct call *call, const struct version_apply *request,
                           struct problems *problems, struct weighing **state,
                           struct version_effect *effect, struct progress *progress)
{
    TRY(nothing_between(call, *state));
    if (*state == NULL)
        TRY(begin_weighing(call, request, problems, state));
    struct weighing *weighing = *state;
    TRY(weigh_some(call, weighing));
    *progress = (struct progress){weighing->looked, weighing->people, weighing->done};
    if (!weighing->done)
        return OK;
    weighing->effect.clauses = weighing->clauses.at;
    weighing->effect.clause_count = weighing->clauses.count;
    *effect = weighing->effect;
    return request->preview ? OK : apply(call, request, weighing);
}

status engine_version_apply(struct call *call, const struct version_apply *request,
                            struct problems *problems, struct version_effect *effect)
{
    struct weighing *weighing = NULL;
    struct progress progress = {0};
    while (!progress.done)
        TRY(engine_version_step(call, request, problems, &weighing, effect, &progress));
    return OK;
}

/* ---- who has still to be told ---- */

static status find_version(struct call *call, str version, size_t *index)
{
    const struct plans *plans = &call->reg->plans;
    for (size_t i = plans->count; i > 0; i--) {
        *index = i - 1;
        if (str_equal(plans->at[*index].plan->version, version))
            return OK;
    }
    return fail_at(call->report, FAULT_INVALID, "/version", "the register has no such version");
}

static status is_untold(struct call *outer, size_t version, dossier_id id, bool *untold)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct reg *reg = outer->reg;
    enum presence presence;
    struct dossier *dossier;
    *untold = false;
    TRY(vault_load(reg->vault, id, arena, outer->report, &presence, &dossier));
    if (presence != PRESENCE_LIVE)
        return OK;
    /* As if no other came after it. */
    const struct plans plans = {reg->plans.at, version + 1};
    instant at = later(outer->now, plans.at[version].effective);
    bool known[PLANS_MOST];
    plans_known(&plans, dossier->facts, at, known);
    *untold = plans_have_news(&plans, version, known);
    return OK;
}

status engine_version_untold(struct call *call, struct untold *untold)
{
    size_t version = 0, count;
    dossier_id *ids;
    struct step step = step_begin(call->reg);
    TRY(call_whole_register(call));
    TRY(find_version(call, untold->version, &version));
    TRY(vault_list(call->reg->vault, DOSSIER_SUBJECT, untold->after, step.most, call->arena,
                   call->report, &ids, &count));
    untold->found = (struct found){.ids = ids};
    untold->last = untold->after;
    untold->more = count == step.most;
    bool goes_on = true;
    for (size_t i = 0; i < count; i++) {
        bool is = false;
        if (!goes_on || untold->found.count == untold->limit) {
            untold->more = true;
            break;
        }
        TRY(is_untold(call, version, ids[i], &is));
        untold->last = ids[i];
        if (is)
            ids[untold->found.count++] = untold->last;
        goes_on = step_goes_on(&step);
    }
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log(call, NULL, &op, "untold", decision_by_scope());
}

/* ---- taking an announcement back ---- */

struct withdrawing {
    size_t index;
    instant at;
};

static status withdraw_finish(struct call *call)
{
    const struct withdrawing *withdrawing = call->state;
    struct reg *reg = call->reg;
    reg->history[withdrawing->index].withdrawn = withdrawing->at;
    reg_settle_begin(reg);
    return reg_order_versions(reg, call->report);
}

static status find_announced(struct call *call, str version, size_t *index)
{
    const struct reg *reg = call->reg;
    for (size_t i = reg->history_count; i > 0; i--) {
        const struct version_state *there = &reg->history[i - 1];
        if (!str_equal(there->plan->version, version) || there->withdrawn.ms != NEVER.ms)
            continue;
        *index = i - 1;
        if (before(call->now, there->effective) && reg->plans.count > 1)
            return OK;
        return fail(call->report, FAULT_CONFLICT,
                    "this version is in force already, or was: apply the one that is to come "
                    "after it");
    }
    return fail_about(call->report, FAULT_INVALID, version, "the register has no such version");
}

/* It stays in the list; that it was taken back is an edit, which a restore does not undo. */
status engine_version_withdraw(struct call *call, str version)
{
    struct withdrawing *withdrawing = ARENA_NEW(call->arena, struct withdrawing);
    if (withdrawing == NULL)
        return NO_MEMORY(call->report);
    TRY(call_whole_register(call));
    TRY(nothing_between(call, NULL));
    TRY(find_announced(call, version, &withdrawing->index));
    withdrawing->at = call->now;
    struct dossier *dossier;
    dossier_id id = call->reg->history[withdrawing->index].id;
    bool waits;
    TRY(call_may_withdraw(call, id, &waits));
    if (waits)
        return OK;
    TRY(call_open_dossier(call, id, DOSSIER_VERSION, &dossier));
    struct operation op = call_operation(call, ACTION_RECORD, id);
    str effects[VERSION_EFFECTS];
    size_t count;
    TRY(call_version_effects(call, call->reg->history[withdrawing->index].plan, effects, &count));
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &op, "version_withdrawn", decision_by_scope(), effects,
                   count, &permit));
    struct edit edit = {.kind = EDIT_ERASE_ASKED, .at = call->now};
    TRY(vault_edit(call->reg->vault, dossier, &edit, call->arena, call->report));
    TRY(call_store_dossier(call, dossier, permit));
    TRY(call_settle_anew(call));
    call->outcome.id = id;
    call->reg->coming = true;
    call->state = withdrawing;
    call->finish = withdraw_finish;
    return OK;
}
