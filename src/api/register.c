/* Routes about the register: matters and those around, tokens, versions, clock. */
#include <stdio.h>
#include <sys/stat.h>

#include "api_internal.h"
#include "file.h"

enum { PATH_BYTES = 4096, SCOPES = 9 };

/* ---- matters and those around ---- */

status matter_create(struct ask *ask)
{
    return engine_matter_create(&ask->call, ask->body);
}

status matter_event(struct ask *ask)
{
    struct event_record *event = ask->body;
    if (!ID_IS_ZERO(event->matter))
        return fail_at(&ask->report, FAULT_INVALID, "/matter", "the path names the matter");
    event->matter = ask->id;
    return engine_event(&ask->call, event);
}

status staff_create(struct ask *ask)
{
    return engine_staff_create(&ask->call, ask->body);
}

status staff_end(struct ask *ask)
{
    return engine_staff_end(&ask->call, ask->id);
}

/* ---- tokens ---- */

static status fill_token(struct ask *ask)
{
    const str *text = ask->result;
    struct token_reply *reply = ARENA_NEW(ask->arena, struct token_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct token_reply){.written = written_of(ask), .token = *text};
    ask->answer = reply;
    return OK;
}

status join_texts(struct ask *ask, const str *texts, size_t count, str *list)
{
    struct buf buf = buf_in(ask->arena, 4096);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_char(&buf, ',');
        buf_add(&buf, texts[i]);
    }
    return buf_finish(&buf, &ask->report, list);
}

status token_create(struct ask *ask)
{
    struct token_body *body = ask->body;
    str *text = ARENA_NEW(ask->arena, str);
    if (text == NULL)
        return NO_MEMORY(&ask->report);
    TRY(join_texts(ask, body->scopes, body->scope_count, &body->token.scopes));
    ask->result = text;
    ask->fill = fill_token;
    return engine_token_create(&ask->call, &body->token, text);
}

static status fill_rotated(struct ask *ask)
{
    const struct token_rotated *rotated = ask->result;
    struct token_reply *reply = ARENA_NEW(ask->arena, struct token_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct token_reply){.written = written_of(ask),
                                  .token = rotated->text,
                                  .expires = rotated->expires,
                                  .old_ends = rotated->old_ends};
    ask->answer = reply;
    return OK;
}

status token_rotate(struct ask *ask)
{
    struct token_rotate *request = ask->body;
    struct token_rotated *rotated = ARENA_NEW(ask->arena, struct token_rotated);
    if (rotated == NULL)
        return NO_MEMORY(&ask->report);
    request->token = ask->id;
    ask->result = rotated;
    ask->fill = fill_rotated;
    return engine_token_rotate(&ask->call, request, rotated);
}

static status fill_tokens(struct ask *ask)
{
    const struct token_list *list = ask->result;
    struct tokens_reply *reply = ARENA_NEW(ask->arena, struct tokens_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct tokens_reply){.tokens = list->at, .token_count = list->count};
    if (list->count == ask->limit)
        TRY(cursor_write(ask, list->at[list->count - 1].id, &reply->next));
    ask->answer = reply;
    return OK;
}

status token_list(struct ask *ask)
{
    struct token_list *list = ARENA_NEW(ask->arena, struct token_list);
    if (list == NULL)
        return NO_MEMORY(&ask->report);
    ask->result = list;
    ask->fill = fill_tokens;
    return engine_token_list(&ask->call, ask->after, ask->limit, list);
}

status token_revoke(struct ask *ask)
{
    return engine_token_revoke(&ask->call, ask->id);
}

/* ---- versions of the policy ---- */

enum { FEW = 10 };

/* Few people in one clause could be guessed at: their number is an officer's to know. */
static status fill_clauses(struct ask *ask, const struct version_effect *effect,
                           struct version_effect_reply *reply)
{
    struct version_clause_reply *clauses =
        ARENA_ARRAY(ask->arena, struct version_clause_reply, effect->clause_count + 1);
    bool exact = (ask->caller->scopes & SCOPE_OFFICER) != 0;
    if (clauses == NULL)
        return NO_MEMORY(&ask->report);
    for (size_t i = 0; i < effect->clause_count; i++) {
        const struct version_clause *clause = &effect->clauses[i];
        bool few = !exact && clause->people < FEW;
        clauses[i].clause = clause->clause;
        if (few)
            clauses[i].fewer_than = FEW;
        else
            clauses[i] = (struct version_clause_reply){
                .clause = clause->clause,
                .people = clause->people,
                .closes = clause->closes,
                .opens = clause->opens,
                .erases = clause->erases,
                .untold = clause->untold,
            };
    }
    reply->clauses = clauses;
    reply->clause_count = effect->clause_count;
    return OK;
}

static status fill_effect(struct ask *ask)
{
    const struct version_effect *effect = ask->result;
    struct version_effect_reply *reply = ARENA_NEW(ask->arena, struct version_effect_reply);
    const struct problem_reply *problems = problems_reply_of(ask);
    if (reply == NULL || problems == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct version_effect_reply){.written = written_of(ask),
                                           .people = effect->people,
                                           .closes = effect->closes,
                                           .opens = effect->opens,
                                           .erases = effect->erases,
                                           .untold = effect->untold,
                                           .effective = effect->effective,
                                           .again = effect->again,
                                           .diff = effect->diff,
                                           .problems = problems,
                                           .problem_count = ask->problems.list.count};
    ask->answer = reply;
    return fill_clauses(ask, effect, reply);
}

/* It is repeated in problems, so it is a name and no text. */
static status name_file(struct ask *ask, const char *member, str *name, str fallback)
{
    if (str_is_empty(*name))
        *name = fallback;
    if (!bind_is_name(*name))
        return fail_at(&ask->report, FAULT_INVALID, member,
                       "the name of a file is letters, digits, _, - and ., at most 64");
    return OK;
}

static status apply(struct ask *ask, bool preview)
{
    struct version_apply *request = ask->body;
    if (ask->result == NULL)
        ask->result = ARENA_NEW(ask->arena, struct version_effect);
    if (ask->result == NULL)
        return NO_MEMORY(&ask->report);
    request->preview = preview;
    TRY(name_file(ask, "/policy_file", &request->policy_file, STR("policy.yaml")));
    TRY(name_file(ask, "/deployment_file", &request->deployment_file, STR("deploy.yaml")));
    ask->fill = fill_effect;
    struct weighing *weighing = ask->steps;
    status stepped = engine_version_step(&ask->call, request, &ask->problems, &weighing,
                                         ask->result, &ask->progress);
    ask->steps = weighing;
    ask->unfinished = !ask->progress.done;
    return stepped;
}

status policy_preview(struct ask *ask)
{
    return apply(ask, true);
}

status policy_apply(struct ask *ask)
{
    return apply(ask, false);
}

status policy_withdraw(struct ask *ask)
{
    const struct version_name_body *body = ask->body;
    return engine_version_withdraw(&ask->call, body->version);
}

status policy_text(struct ask *ask)
{
    const struct version_name_body *body = ask->body;
    str *document;
    TRY(ask_new_document(ask, &document));
    return engine_version_text(&ask->call, body->version, document);
}

status policy_says(struct ask *ask)
{
    return engine_says(ask->reg, ask->arena, &ask->report, &ask->document);
}

static status fill_untold(struct ask *ask)
{
    const struct untold *untold = ask->result;
    struct found_reply *reply = ARENA_NEW(ask->arena, struct found_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    *reply = (struct found_reply){.ids = untold->found.ids, .id_count = untold->found.count};
    if (untold->more)
        TRY(cursor_write(ask, untold->last, &reply->next));
    ask->answer = reply;
    return OK;
}

status policy_untold(struct ask *ask)
{
    const struct version_name_body *body = ask->body;
    struct untold *untold = ARENA_NEW(ask->arena, struct untold);
    if (untold == NULL)
        return NO_MEMORY(&ask->report);
    *untold = (struct untold){.version = body->version, .after = ask->after, .limit = ask->limit};
    ask->result = untold;
    ask->fill = fill_untold;
    return engine_version_untold(&ask->call, untold);
}

static str hash_text(struct ask *ask, const unsigned char hash[32])
{
    struct buf buf = buf_in(ask->arena, 65);
    buf_hex(&buf, (str){(const char *)hash, 32});
    return buf_str(&buf);
}

static struct version_reply version_reply_of(struct ask *ask, const struct version_state *state)
{
    const struct plan *plan = state->plan;
    instant until, now = reg_now(ask->reg);
    str standing = reg_version_standing(ask->reg, state, now, &until);
    return (struct version_reply){
        .policy = words_text(plan->words, plan->policy),
        .version = plan->version,
        .hash = hash_text(ask, plan->hash),
        .standing = standing,
        .effective = state->effective,
        .applied = state->applied,
        .until = until.ms == NEVER.ms ? (instant){0} : until,
        .in_force = str_is(standing, "in_force"),
        .deployed = plan->deployed,
    };
}

/* By the date from which they count; one that was withdrawn stands where it would have. */
status policy_show(struct ask *ask)
{
    size_t count = reg_version_count(ask->reg);
    struct policy_reply *reply = ARENA_NEW(ask->arena, struct policy_reply);
    struct version_reply *versions = ARENA_ARRAY(ask->arena, struct version_reply, count + 1);
    if (reply == NULL || versions == NULL)
        return NO_MEMORY(&ask->report);
    for (size_t i = 0; i < count; i++) {
        struct version_reply next = version_reply_of(ask, reg_version_at(ask->reg, i));
        size_t at = i;
        for (; at > 0 && before(next.effective, versions[at - 1].effective); at--)
            versions[at] = versions[at - 1];
        versions[at] = next;
    }
    *reply = (struct policy_reply){.versions = versions, .version_count = count};
    ask->answer = reply;
    return OK;
}

/* ---- the register ---- */

/* What goes on step by step in this register, and how far it has come. */
static status fill_works(struct ask *ask, struct register_reply *reply)
{
    const struct api *api = ask->api;
    struct work_reply *works = ARENA_ARRAY(ask->arena, struct work_reply, LONGS_MOST + 1);
    if (works == NULL)
        return NO_MEMORY(&ask->report);
    for (size_t i = 0; i < api->long_count; i++) {
        const struct ask *work = api->longs[i];
        if (work->reg == ask->reg)
            works[reply->work_count++] = (struct work_reply){
                str_from(work->route->path), work->progress.looked, work->progress.of};
    }
    struct progress settling;
    if (reg_settling(ask->reg, &settling))
        works[reply->work_count++] =
            (struct work_reply){STR("settling"), settling.looked, settling.of};
    reply->works = works;
    return OK;
}

status register_show(struct ask *ask)
{
    struct register_reply *reply = ARENA_NEW(ask->arena, struct register_reply);
    str *scopes = ARENA_ARRAY(ask->arena, str, SCOPES);
    size_t lost_count = reg_lost_versions(ask->reg);
    str *lost = ARENA_ARRAY(ask->arena, str, lost_count + 1);
    if (reply == NULL || scopes == NULL || lost == NULL)
        return NO_MEMORY(&ask->report);
    for (size_t i = 0; i < lost_count; i++)
        lost[i] = reg_lost_version(ask->reg, i);
    const struct plan_version *now = plans_in_force(reg_plans(ask->reg), reg_now(ask->reg));
    *reply = (struct register_reply){
        .name = reg_name(ask->reg),
        .public_id = reg_public_id(ask->reg),
        .clock = reg_simulated(ask->reg) ? STR("simulated") : STR("real"),
        .now = reg_now(ask->reg),
        .version = now == NULL ? STR("") : now->plan->version,
        .log_key = reg_verifier(ask->reg),
        .log_size = audit_size(reg_log(ask->reg)),
        .destruction_stopped = reg_destruction_stopped(ask->reg),
        .sweep_lag_ms = reg_sweep_lag_ms(ask->reg),
        .lost_versions = lost,
        .lost_version_count = lost_count,
        .scopes = scopes,
    };
    TRY(fill_works(ask, reply));
    for (uint32_t bit = 1; bit < SCOPE_ALL; bit <<= 1) {
        if ((ask->caller->scopes & bit) != 0)
            scopes[reply->scope_count++] = scope_name((enum scope)bit);
    }
    ask->answer = reply;
    return OK;
}

/* ---- customers' spaces ---- */

static struct space_work space_work_of(struct ask *ask)
{
    return (struct space_work){
        .firm = ask->reg, .caller = ask->caller, .arena = ask->arena, .report = &ask->report};
}

status space_create(struct ask *ask)
{
    struct space_work work = space_work_of(ask);
    struct space_made made = {0};
    struct space_made_reply *reply = ARENA_NEW(ask->arena, struct space_made_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    status result = engine_space_create(&work, ask->body, &ask->problems, &made);
    ask->call.decision = work.decision;
    TRY(result);
    *reply = (struct space_made_reply){made.name, made.token, made.log_index};
    ask->answer = reply;
    return OK;
}

status space_request(struct ask *ask)
{
    str *document;
    TRY(ask_new_document(ask, &document));
    return engine_space_request(&ask->call, ask->body, document);
}

status space_end(struct ask *ask)
{
    struct space_work work = space_work_of(ask);
    struct written *reply = ARENA_NEW(ask->arena, struct written);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    status result = engine_space_end(&work, ask->body, &reply->log_index);
    ask->call.decision = work.decision;
    TRY(result);
    ask->answer = reply;
    return OK;
}

/* What waits for a second person says so, as other acts do; else the certificate. */
status register_finish(struct ask *ask)
{
    struct register_ending work = {
        .reg = ask->reg,
        .caller = ask->caller,
        .arena = ask->arena,
        .report = &ask->report,
        .request = ask->body,
        .asked = {ask->request->method, ask->request->path, ask->request->body}};
    TRY(engine_register_end(&work));
    ask->document = work.certificate;
    if (!work.waits)
        return OK;
    ask->call.outcome = work.outcome;
    struct written written = written_of(ask);
    struct buf buf = buf_in(ask->arena, 4096);
    struct json_out out = json_out_over(&buf);
    bind_write(&written_form, &written, &out);
    return buf_finish(&buf, &ask->report, &ask->document);
}

status contacts_show(struct ask *ask)
{
    return engine_directory(ask->reg, ask->arena, &ask->report, &ask->document);
}

status destruction_confirm(struct ask *ask)
{
    ask->fill = register_show;
    return engine_confirm_destruction(&ask->call);
}

status clock_set(struct ask *ask)
{
    const struct clock_body *body = ask->body;
    struct clock_reply *reply = ARENA_NEW(ask->arena, struct clock_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    struct swept swept = {0};
    if (before(body->to, reg_now(ask->reg)))
        return fail_at(&ask->report, FAULT_CONFLICT, "/to", "a clock never goes back");
    TRY(engine_clock_set_by(ask->api->config.engine, ask->reg, ask->caller, body->to, &ask->report,
                            &swept));
    *reply = (struct clock_reply){.now = reg_now(ask->reg),
                                  .settled = swept.settled,
                                  .items = swept.items,
                                  .dossiers = swept.dossiers,
                                  .braked = swept.braked};
    ask->answer = reply;
    return OK;
}

/* ---- without a token ---- */

status health_show(struct ask *ask)
{
    static const struct health_reply fine = {.status = {"ok", 2}};
    ask->answer = &fine;
    return OK;
}

status ready_show(struct ask *ask)
{
    struct health_reply *reply = ARENA_NEW(ask->arena, struct health_reply);
    if (reply == NULL)
        return NO_MEMORY(&ask->report);
    reply->status = STR("ok");
    reply->registers = engine_register_count(ask->api->config.engine);
    if (reply->registers == 0)
        return fail(&ask->report, FAULT_STORE, "no register is open");
    for (size_t i = 0; i < reply->registers; i++) {
        uint64_t lag = reg_sweep_lag_ms(engine_register_at(ask->api->config.engine, i));
        reply->sweep_lag_ms = lag > reply->sweep_lag_ms ? lag : reply->sweep_lag_ms;
    }
    ask->answer = reply;
    return OK;
}

status openapi_show(struct ask *ask)
{
    struct api *api = ask->api;
    if (api->openapi.ptr == NULL)
        TRY(api_openapi(api->arena, &ask->report, &api->openapi));
    ask->document = api->openapi;
    return OK;
}
