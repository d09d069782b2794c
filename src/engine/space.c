/* Customers' spaces: where the firm is a processor. A space is a register of its own, with its
 * files, keys, log, tokens and policy: the customer's instruction file. Nothing of the firm's
 * policy is valid inside, and nothing goes from the one to the other (C20).
 *
 *   firm's register                      space, a register of its own
 *     matter (the customer's service) <---- register.json: space_of, matter
 *     agreement, request, end               the customer's policy, data, log
 *
 * What becomes of a space is noted in the firm's log and, in the same operation, in the firm's data
 * ("space:NAME" is "made" or "ended"). That note decides: a space without it is discarded at the
 * next start, one whose end was noted is retired there, if a crash came in between. */
#include <stdio.h>

#include "engine_internal.h"

static const struct plan_space *space_clause(struct call *call, str name)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; i < plan->space_count; i++) {
        if (str_equal(words_text(plan->words, plan->space[i].clause.name), name))
            return &plan->space[i];
    }
    return NULL;
}

struct reg *space_of_matter(const struct reg *firm, dossier_id matter)
{
    const struct engine *engine = firm->engine;
    for (size_t i = 0; i < engine->reg_count; i++) {
        struct reg *reg = engine->regs[i];
        if (ID_EQUAL(reg->space_matter, matter) && str_equal(reg->space_of, firm->id) &&
            !ID_IS_ZERO(matter) && !reg->ends)
            return reg;
    }
    return NULL;
}

/* The clause and the matter that it is for: a matter of its kind. */
static status open_clause(struct call *call, str name, dossier_id matter,
                          const struct plan_space **space, struct dossier **dossier)
{
    TRY(call_whole_register(call));
    *space = space_clause(call, name);
    if (*space == NULL)
        return fail_at(call->report, FAULT_INVALID, "/space", "the policy has no such space");
    TRY(call_open_dossier(call, matter, DOSSIER_MATTER, dossier));
    const struct plan *plan = reg_plan(call->reg, call->now);
    if ((*space)->of == NONE || plan->matter[(*space)->of].clause.name != (*dossier)->facts->name)
        return fail_at(call->report, FAULT_INVALID, "/matter",
                       "this space is for another kind of matter");
    return OK;
}

static status judge_needs(struct call *call, const struct plan_space *space,
                          const struct operation *op, const struct decision **out)
{
    struct view view;
    TRY(call_view(call, NULL, op, &view));
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    *out = decision;
    return decide_clause(&view, &space->clause, &space->needs, op, call->now, call->arena,
                         call->report, decision);
}

/* ---- making one ---- */

/* A space without its agreement is not made, whoever asks (CON-27). */
static status use_may_create(struct call *call, void *self)
{
    const struct space_create *request = self;
    const struct plan_space *space;
    struct dossier *dossier;
    const struct decision *decision;
    TRY(open_clause(call, request->space, request->matter, &space, &dossier));
    struct operation op = call_operation(call, ACTION_RECORD, (dossier_id){{0}});
    op.matter = request->matter;
    TRY(judge_needs(call, space, &op, &decision));
    if (decision->verdict == VERDICT_REFUSE)
        return call_refuse(call, dossier->facts, &op, decision);
    if (space_of_matter(call->reg, request->matter) != NULL)
        return fail(call->report, FAULT_CONFLICT, "this matter has a space already");
    return OK;
}

struct space_note {
    dossier_id matter;
    str space;         /* its register's name */
    const char *state; /* "made", "ended" */
    const char *action;
    str effects[3];
    size_t effect_count;
};

static str state_name(struct arena *arena, str space)
{
    return arena_format(arena, "space:%.*s", STR_ARG(space));
}

status space_state(struct reg *firm, str space, struct arena *arena, struct report *report,
                   str *state)
{
    return vault_meta(firm->vault, state_name(arena, space), arena, report, state);
}

/* Another server may have been there first. */
static status check_only_one(struct call *call, const struct space_note *note)
{
    const struct reg *there = space_of_matter(call->reg, note->matter);
    if (there == NULL || str_equal(there->name, note->space) ||
        str_is(str_from(note->state), "ended"))
        return OK;
    return fail(call->report, FAULT_CONFLICT, "this matter has a space already");
}

/* What became of the space stands in the firm's log, under the matter. */
static status use_note(struct call *call, void *self)
{
    const struct space_note *note = self;
    struct dossier *dossier;
    TRY(check_only_one(call, note));
    TRY(call_open_dossier(call, note->matter, DOSSIER_MATTER, &dossier));
    struct operation op = call_operation(call, ACTION_RECORD, note->matter);
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &op, note->action, decision_by_scope(), note->effects,
                   note->effect_count, &permit));
    call->outcome.id = note->matter;
    TRY(vault_meta_set(call->reg->vault, state_name(call->arena, note->space),
                       str_from(note->state), call->report));
    TRY(vault_count_whole(call->reg->vault, call->report));
    return call_store_dossier(call, dossier, permit);
}

static str new_name(struct reg *firm, struct arena *arena)
{
    unsigned char random[8];
    world_random(firm->world, random, sizeof(random));
    struct buf buf = buf_in(arena, 64);
    buf_text(&buf, "space-");
    buf_hex(&buf, (str){(const char *)random, sizeof(random)});
    return buf_str(&buf);
}

static status run_after(struct space_work *work, status (*use)(struct call *call, void *request),
                        void *request, struct outcome *outcome)
{
    struct call call;
    status result = engine_run(work->firm->engine, work->firm, work->caller, work->arena,
                               work->report, &call, use, request);
    *outcome = call.outcome;
    work->decision = call.decision;
    return result;
}

status engine_space_create(struct space_work *work, const struct space_create *request,
                           struct problems *problems, struct space_made *made)
{
    struct reg *firm = work->firm;
    struct outcome outcome;
    TRY(run_after(work, use_may_create, (void *)(uintptr_t)request, &outcome));
    struct register_create create = {.name = new_name(firm, work->arena),
                                     .policy_file = STR("instructions.yaml"),
                                     .policy = request->policy,
                                     .deployment_file = STR("instructions.deploy.yaml"),
                                     .deployment = request->deployment,
                                     .simulated = firm->simulated,
                                     .start = reg_now(firm),
                                     .space_of = firm->id,
                                     .space_matter = request->matter};
    TRY(engine_register_create(firm->engine, &create, work->arena, problems, work->report,
                               &made->token));
    made->name = create.name;
    struct space_note note = {
        .matter = request->matter,
        .space = create.name,
        .state = "made",
        .action = "space",
        .effects = {arena_format(work->arena, "register:%.*s", STR_ARG(create.name))},
        .effect_count = 1};
    struct reg *space = engine_register(firm->engine, create.name);
    struct report other = {0};
    status noted = run_after(work, use_note, &note, &outcome);
    if (!is_ok(noted) && !engine_failed(firm->engine)) {
        status discarded =
            reg_discard(space, &other); /* what stays goes with a sweep, or a start */
        (void)discarded;
    }
    TRY(noted);
    made->log_index = outcome.log_index;
    status confirmed = register_confirm(space->world, space->dir, &other);
    (void)confirmed; /* a mark that cannot be taken away now goes at the next start */
    return OK;
}

/* ---- a person asks the firm about what lies in a space ---- */

static void put_answer(struct call *call, const struct plan_space *space, dossier_id matter,
                       struct json_out *out)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct reg *reg = space_of_matter(call->reg, matter);
    json_key(out, "passed_to");
    json_put_str(out, words_text(plan->words, space->requests_to));
    json_key(out, "told");
    json_put_text(out,
                  "What a customer keeps with us is the customer's to answer for. Your request "
                  "was passed on to them; we say nothing of what they keep.");
    plan_index contact = plan_find(plan, plan->contact_of, space->requests_to);
    json_key(out, "contacts");
    json_open_array(out);
    if (contact != NONE)
        directory_put_contact(plan, &plan->contact[contact], out);
    json_close_array(out);
    json_key(out, "customers");
    json_open_array(out);
    const struct plan *theirs = reg == NULL ? NULL : reg_plan(reg, reg_now(reg));
    for (size_t i = 0; theirs != NULL && i < theirs->controller_count; i++)
        directory_put_controller(theirs, &theirs->controller[i], out);
    json_close_array(out);
}

static status answer_of(struct call *call, const struct plan_space *space, dossier_id matter,
                        str *document)
{
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "id");
    json_put_id(&out, call->outcome.id.bytes);
    json_key(&out, "log_index");
    json_put_u64(&out, call->outcome.log_index);
    put_answer(call, space, matter, &out);
    json_close_object(&out);
    buf_char(&buf, '\n');
    return buf_finish(&buf, call->report, document);
}

/* The request as a case of the firm's: what was asked by which way, to be passed on. */
static status request_json(struct call *call, const struct space_request *request, str *json)
{
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "type");
    json_put_text(&out, "space_request");
    json_key(&out, "right");
    json_put_str(&out, request->right);
    json_key(&out, "channel");
    json_put_str(&out, request->channel);
    json_key(&out, "text");
    json_put_str(&out, request->text);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static status check_right(struct call *call, str right)
{
    for (unsigned i = RIGHT_ACCESS; i < RIGHT_COUNT; i++) {
        if (str_is(right, right_name((enum right)i)))
            return OK;
    }
    return fail_at(call->report, FAULT_INVALID, "/right", "a right: access, erase, ...");
}

status engine_space_request(struct call *call, const struct space_request *request, str *document)
{
    const struct plan_space *space;
    struct dossier *matter, *dossier;
    const struct permit *permit;
    word channel;
    TRY(open_clause(call, request->space, request->matter, &space, &matter));
    TRY(check_right(call, request->right));
    TRY(call_name(call, "channel", request->channel, &channel));
    TRY(call_check_texts(call, &request->text, 1));
    word kind = words_intern(call->reg->words, STR("space_request"));
    TRY(call_create_numbered(call, DOSSIER_CASE, kind, STR(""), "space_request", &dossier,
                             &permit));
    str json;
    TRY(request_json(call, request, &json));
    struct binding bound[2] = {{SLOT_CASE, 0, dossier->facts->id},
                               {SLOT_MATTER, 0, request->matter}};
    TRY(call_add_evidence(call, dossier, permit, kind, bound, 2, call->now, NEVER, json));
    struct fact_task task = {.kind = TASK_TELL,
                             .name = words_intern(call->reg->words, request->right),
                             .channel = channel,
                             .other = request->matter,
                             .due = NEVER};
    TRY(call_task_add(call, dossier, permit, &task, STR("")));
    TRY(call_store_dossier(call, dossier, permit));
    return answer_of(call, space, request->matter, document);
}

/* ---- its end ---- */

struct ending {
    const struct space_end *request;
    struct reg *space;
};

static status count_people(struct call *call, struct reg *space, uint64_t *people)
{
    dossier_id after = {{0}}, *ids;
    size_t count = LIMIT_PAGE_ROWS;
    *people = 0;
    while (count == LIMIT_PAGE_ROWS) {
        TRY(vault_list(space->vault, DOSSIER_SUBJECT, after, LIMIT_PAGE_ROWS, call->arena,
                       call->report, &ids, &count));
        *people += count;
        if (count > 0)
            after = ids[count - 1];
    }
    return OK;
}

static status check_choice(struct call *call, const struct plan_space *space,
                           const struct ending *ending)
{
    const struct space_end *request = ending->request;
    bool erase = str_is(request->choice, "erase"), back = str_is(request->choice, "return");
    if ((!erase && !back) || (erase && !space->on_end_erase) || (back && !space->on_end_return))
        return fail_at(call->report, FAULT_INVALID, "/choice",
                       "the policy does not offer this end of a space");
    uint64_t people = 0;
    if (back) {
        TRY(reg_enter(ending->space, call->report));
        TRY(count_people(call, ending->space, &people));
    }
    if (back && people != request->returned)
        return fail_at(call->report, FAULT_CONFLICT, "/returned",
                       "a space is returned whole: say how many people were handed over");
    return OK;
}

/* One whose end was begun and not finished: to ask for it again goes on with it. */
static struct reg *half_destroyed(const struct reg *firm, dossier_id matter)
{
    for (struct reg *reg = firm->engine->retired; reg != NULL; reg = reg->next_retired) {
        if (!reg->destroyed_wholly && !register_is_unconfirmed(reg->dir) &&
            ID_EQUAL(reg->space_matter, matter) && str_equal(reg->space_of, firm->id))
            return reg;
    }
    return NULL;
}

static status use_may_end(struct call *call, void *self)
{
    struct ending *ending = self;
    const struct space_end *request = ending->request;
    const struct plan_space *space;
    struct dossier *dossier;
    const struct decision *decision;
    TRY(open_clause(call, request->space, request->matter, &space, &dossier));
    ending->space = space_of_matter(call->reg, request->matter);
    if (ending->space == NULL)
        ending->space = half_destroyed(call->reg, request->matter);
    if (ending->space == NULL)
        return call_not_here(call);
    struct operation op = call_operation(call, ACTION_RECORD, (dossier_id){{0}});
    op.matter = request->matter;
    TRY(judge_needs(call, space, &op, &decision));
    if (decision->verdict != VERDICT_REFUSE)
        return fail(call->report, FAULT_CONFLICT,
                    "the agreement that the space rests on still runs");
    return ending->space->retired ? OK : check_choice(call, space, ending);
}

/* Left at once: who has both registers has the firm's first. */
static status all_confirmed(struct reg *space, uint64_t said, struct report *report)
{
    TRY(reg_enter(space, report));
    status confirmed = reg_all_confirmed(space, said, report);
    status left = reg_leave(space, report);
    return is_ok(confirmed) ? left : confirmed;
}

status engine_space_end(struct space_work *work, const struct space_end *request,
                        uint64_t *log_index)
{
    struct ending ending = {.request = request};
    struct outcome outcome;
    TRY(run_after(work, use_may_end, &ending, &outcome));
    if (!ending.space->retired) {
        TRY(reg_tell_elsewhere(ending.space, work->report));
        TRY(all_confirmed(ending.space, request->unconfirmed, work->report));
    }
    struct space_note note = {
        .matter = request->matter,
        .space = ending.space->name,
        .state = "ended",
        .action = "space_end",
        .effects = {arena_format(work->arena, "register:%.*s", STR_ARG(ending.space->name)),
                    arena_format(work->arena, "choice:%.*s", STR_ARG(request->choice)),
                    arena_format(work->arena, "unconfirmed:%llu",
                                 (unsigned long long)request->unconfirmed)},
        .effect_count = 3};
    TRY(run_after(work, use_note, &note, &outcome));
    *log_index = outcome.log_index;
    return ending.space->retired ? reg_destroy(ending.space, work->report)
                                 : reg_retire(ending.space, NULL, work->arena, work->report);
}

/* ---- at a start ---- */

static struct reg *firm_of(const struct engine *engine, const struct reg *space)
{
    for (size_t i = 0; i < engine->reg_count; i++) {
        if (str_equal(engine->regs[i]->id, space->space_of))
            return engine->regs[i];
    }
    return NULL;
}

static status resume_one(struct reg *space, struct reg *firm, struct report *report)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    str state;
    TRY(space_state(firm, space->name, arena, report, &state));
    if (str_is(state, "ended"))
        return reg_retire(space, NULL, arena, report);
    if (!register_is_unconfirmed(space->dir))
        return OK;
    return str_is(state, "made") ? register_confirm(space->world, space->dir, report)
                                 : reg_discard(space, report);
}

status spaces_resume(struct engine *engine, struct report *report)
{
    for (size_t i = engine->reg_count; i > 0; i--) { /* one that goes moves those behind it */
        struct reg *space = engine->regs[i - 1];
        struct reg *firm = str_is_empty(space->space_of) ? NULL : firm_of(engine, space);
        if (firm != NULL)
            TRY(resume_one(space, firm, report));
    }
    return OK;
}
