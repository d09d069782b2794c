/* The gate of cookies, pixels, storage and identifiers of devices: each is asked for before it is
 * set or read (ekomloven § 3-15). Known people are asked about by a token; browsers that are nobody
 * yet by what they chose (browser.c). */
#include "always.h"
#include "engine_internal.h"
#include "json.h"

/* ---- known people ---- */

static status refuse_by_browser(struct call *call, const struct facts *facts,
                                const struct operation *op, const struct plan_cookie *cookie)
{
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    decision->reason.rule = str_from(always_rule(ALWAYS_cookie_consent_first)->path);
    decision->reason.ids = cookie->clause.covers;
    decision->reason.article = STR("ekomloven § 3-15");
    return call_refuse(call, facts, op, decision);
}

status engine_cookie(struct call *call, const struct cookie_ask *request)
{
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    enum action action = request->reads ? ACTION_COOKIE_READ : ACTION_COOKIE_SET;
    struct operation op = call_operation(call, action, request->subject);
    TRY(call_word(call, NAME_COOKIE, request->cookie, &op.cookie));
    TRY(call_word(call, NAME_PURPOSE, request->purpose, &op.purpose));
    if (op.cookie == 0)
        return fail_at(call->report, FAULT_INVALID, "/cookie", "name the cookie");
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct plan_cookie *cookie = &plan->cookie[plan_find(plan, plan->cookie_of, op.cookie)];
    if (op.purpose == 0 && cookie->purposes.count == 1)
        op.purpose = plan->purpose[cookie->purposes.at[0]].clause.name;
    const struct decision *decision;
    TRY(call_decide(call, &subject, &op, &decision));
    if (request->browser_refuses && !cookie->necessary)
        return refuse_by_browser(call, subject.dossier->facts, &op, cookie);
    call->outcome.id = request->subject;
    return call_log(call, subject.dossier->facts, &op, action_name(action), decision);
}

/* ---- what a cookie tells ---- */

static status refuse_unread(struct call *call, const struct facts *facts,
                            const struct operation *collect, const struct plan_cookie *cookie)
{
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    decision->reason.rule = arena_format(call->arena, "%.*s.reads", STR_ARG(cookie->clause.path));
    decision->reason.ids = cookie->clause.covers;
    decision->reason.article = STR("GDPR 5(1)(c)");
    return call_refuse(call, facts, collect, decision);
}

status call_check_cookie(struct call *call, struct subject *subject, str name,
                         const struct operation *collect)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct facts *facts = subject->dossier->facts;
    struct operation op = call_operation(call, ACTION_COOKIE_READ, facts->id);
    TRY(call_word(call, NAME_COOKIE, name, &op.cookie));
    if (op.cookie == 0)
        return OK;
    plan_index index = plan_find(plan, plan->cookie_of, op.cookie);
    const struct plan_cookie *cookie = &plan->cookie[index];
    for (size_t i = 0; i < collect->offered_count; i++) {
        if (!field_set_has(&cookie->reads,
                           plan_find(plan, plan->field_of, collect->offered[i].field)))
            return refuse_unread(call, facts, collect, cookie);
    }
    bool may;
    TRY(call_may_cookie(call, &subject->view, index, &may));
    if (may || cookie->purposes.count == 0)
        return OK;
    const struct decision *decision; /* why not, for the first of its purposes */
    op.purpose = plan->purpose[cookie->purposes.at[0]].clause.name;
    return call_decide(call, subject, &op, &decision);
}

/* ---- what must go from browsers ---- */

status call_may_cookie(struct call *call, const struct view *view, plan_index cookie, bool *may)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct refs *purposes = &plan->cookie[cookie].purposes;
    *may = false;
    for (size_t i = 0; i < purposes->count && !*may; i++) {
        struct operation op = {.action = ACTION_COOKIE_READ,
                               .cookie = plan->cookie[cookie].clause.name,
                               .purpose = plan->purpose[purposes->at[i]].clause.name};
        if (view->subject != NULL)
            op.subject = view->subject->id;
        struct decision decision;
        TRY(decide(view, NULL, &op, call->now, call->arena, call->report, &decision));
        *may = decision.verdict != VERDICT_REFUSE;
    }
    return OK;
}

static status add_expired(struct call *call, str *expire, plan_index cookie)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    expire[call->expire_count++] = call_text(call, plan->cookie[cookie].clause.name);
    return OK;
}

status call_expire(struct call *call, const struct facts *facts, word purpose)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index stopped = plan_find(plan, plan->purpose_of, purpose);
    str *expire = ARENA_ARRAY(call->arena, str, (size_t)plan->cookie_count + 1);
    if (expire == NULL)
        return NO_MEMORY(call->report);
    struct view view;
    TRY(call_view(call, facts, NULL, &view));
    call->expire = expire;
    for (plan_index c = 0; c < plan->cookie_count; c++) {
        bool may = true;
        if (stopped != NONE && !plan->cookie[c].necessary &&
            refs_has(&plan->cookie[c].purposes, stopped))
            TRY(call_may_cookie(call, &view, c, &may));
        if (!may)
            TRY(add_expired(call, expire, c));
    }
    return OK;
}

/* ---- the register of cookies, for anyone to read ---- */

static void put_purposes(struct json_out *out, const struct plan *plan,
                         const struct plan_cookie *cookie)
{
    json_key(out, "purposes");
    json_open_array(out);
    for (size_t i = 0; i < cookie->purposes.count; i++) {
        const struct plan_purpose *purpose = &plan->purpose[cookie->purposes.at[i]];
        json_open_object(out);
        json_key(out, "purpose");
        json_put_str(out, words_text(plan->words, purpose->clause.name));
        says_put(out, "says", plan, &purpose->clause.says);
        json_key(out, "profiling"); /* collecting for a profile is labelled as such: CON-70 */
        json_put_bool(out, purpose->profiling);
        if (!cookie->necessary && browser_may_choose(cookie)) {
            json_key(out, "unit");
            json_put_str(out, browser_unit(plan, cookie, cookie->purposes.at[i]));
        }
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_life(struct json_out *out, const struct plan_cookie *cookie)
{
    static const char *const units[] = {[UNIT_HOUR] = "hours",
                                        [UNIT_DAY] = "days",
                                        [UNIT_WEEK] = "weeks",
                                        [UNIT_MONTH] = "months",
                                        [UNIT_YEAR] = "years"};
    const struct moment *until = cookie->keep.count == 0 ? NULL : cookie->keep.at[0].until;
    if (until == NULL || until->op != MOMENT_AFTER)
        return;
    json_key(out, "life");
    json_open_object(out);
    json_key(out, "count");
    json_put_u64(out, (uint64_t)until->span.count);
    json_key(out, "unit");
    json_put_text(out, units[until->span.unit]);
    json_close_object(out);
}

/* The data that it reads, each field by its name (article 13; ekomloven § 3-15). */
static void put_reads(struct json_out *out, const struct plan *plan,
                      const struct plan_cookie *cookie)
{
    json_key(out, "reads");
    json_open_array(out);
    for (plan_index f = 0; f < plan->field_count; f++) {
        if (field_set_has(&cookie->reads, f))
            json_put_str(out, words_text(plan->words, plan->field[f].name));
    }
    json_close_array(out);
}

static void put_cookie(struct json_out *out, const struct plan *plan,
                       const struct plan_cookie *cookie)
{
    static const char *const kinds[] = {[COOKIE_COOKIE] = "cookie",
                                        [COOKIE_PIXEL] = "pixel",
                                        [COOKIE_STORAGE] = "storage",
                                        [COOKIE_DEVICE_ID] = "device_id"};
    json_open_object(out);
    json_key(out, "name");
    json_put_str(out, words_text(plan->words, cookie->clause.name));
    json_key(out, "kind");
    json_put_text(out, kinds[cookie->kind]);
    json_key(out, "necessary");
    json_put_bool(out, cookie->necessary);
    put_life(out, cookie);
    put_reads(out, plan, cookie);
    put_purposes(out, plan, cookie);
    json_close_object(out);
}

status engine_cookie_register(struct reg *reg, struct arena *arena, struct report *report,
                              str *document)
{
    const struct plan *plan = reg_plan_now(reg);
    struct buf buf = buf_in(arena, 256 << 10);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "policy");
    json_put_str(&out, words_text(plan->words, plan->policy));
    json_key(&out, "version");
    json_put_str(&out, plan->version);
    json_key(&out, "cookies");
    json_open_array(&out);
    for (plan_index c = 0; c < plan->cookie_count; c++) {
        if (!plan->cookie[c].clause.closed)
            put_cookie(&out, plan, &plan->cookie[c]);
    }
    json_close_array(&out);
    json_close_object(&out);
    return buf_finish(&buf, report, document);
}
