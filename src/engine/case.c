/* Cases: a request of a person or of an authority, a complaint, a question, a claim. What an
 * authority asks for is its scope: under this case nothing else is given, and to nobody but who
 * asks. What the policy wants first (an authenticity check, a statute, a decision of a court) is
 * evidence bound to the case; who decided stands in every entry about it.
 *
 * A request may come by any way (phone, post, e-mail, support) before it is known who asks: the
 * person is linked later. A case of a right is decided by staff who may, a complaint by whom the
 * policy names for it, each once, and by nobody whom it is about. */
#include "always.h"
#include "engine_internal.h"
#include "json.h"

static const char scope_type[] = "case.scope", requester_type[] = "case.requester",
                  granted_type[] = "case.granted", refused_type[] = "case.refused",
                  channel_type[] = "case.channel", subject_type[] = "case.subject",
                  member_type[] = "case.member";

static const struct fact_evidence *fact_of(const struct call *call, const struct facts *facts,
                                           const char *type)
{
    word wanted = words_find(call->reg->words, str_from(type));
    for (size_t i = 0; wanted != 0 && facts != NULL && i < facts->evidence.count; i++) {
        if (facts->evidence.at[i].type == wanted)
            return &facts->evidence.at[i];
    }
    return NULL;
}

static status add_fact(struct call *call, struct dossier *dossier, const struct permit *permit,
                       const char *type, const struct binding *bound, size_t count, str details)
{
    return call_add_evidence(call, dossier, permit, words_intern(call->reg->words, str_from(type)),
                             bound, (uint16_t)count, call->now, NEVER, details);
}

/* ---- opening ---- */

static status put_scope(struct call *call, struct dossier *dossier,
                        const struct case_create *request)
{
    const word *fields;
    size_t count;
    TRY(call_fields(call, request->scope, request->scope_count, &fields, &count));
    if (count == 0)
        return OK;
    struct binding *bound = ARENA_ARRAY(call->arena, struct binding, count);
    if (bound == NULL || count > UINT16_MAX)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < count; i++)
        bound[i] = (struct binding){.slot = SLOT_FIELD, .name = fields[i]};
    return add_fact(call, dossier, NULL, scope_type, bound, count, STR(""));
}

static status requester_json(struct call *call, const struct case_create *request, str *json)
{
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "their_reference");
    json_put_str(&out, request->reference);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static status put_requester(struct call *call, struct dossier *dossier, const struct permit *permit,
                            const struct case_create *request)
{
    const struct facts *party;
    if (ID_IS_ZERO(request->requester) && str_is_empty(request->reference))
        return OK;
    TRY(call_party(call, request->requester, &party));
    if (party == NULL)
        return fail_at(call->report, FAULT_INVALID, "/requester",
                       "who requests is a party of this register");
    str json = STR("");
    if (!str_is_empty(request->reference))
        TRY(requester_json(call, request, &json));
    struct binding bound = {.slot = SLOT_RECIPIENT, .id = request->requester};
    return add_fact(call, dossier, permit, requester_type, &bound, 1, json);
}

static status put_channel(struct call *call, struct dossier *dossier,
                          const struct case_create *request)
{
    struct binding bound = {.slot = SLOT_CHANNEL};
    TRY(call_name(call, "channel", request->channel, &bound.name)); /* the desk's own word */
    return bound.name == 0 ? OK : add_fact(call, dossier, NULL, channel_type, &bound, 1, STR(""));
}

static status put_member(struct call *call, struct dossier *dossier, dossier_id member)
{
    struct binding bound = {.slot = SLOT_ACTOR, .id = member};
    const struct facts *facts = NULL;
    bool exists = false;
    if (ID_IS_ZERO(member))
        return OK;
    TRY(vault_exists(call->reg->vault, member, call->report, &exists));
    if (exists)
        TRY(reg_facts(call->reg, member, call->report, &facts));
    if (facts == NULL || facts->kind != DOSSIER_STAFF)
        return fail_at(call->report, FAULT_INVALID, "/member",
                       "the member is one of the staff of this register");
    return add_fact(call, dossier, NULL, member_type, &bound, 1, STR(""));
}

/* Someone whom the caller may not know of is as unknown here as anywhere. */
static status check_subject(struct call *call, dossier_id id)
{
    struct subject subject;
    return ID_IS_ZERO(id) ? OK : call_open(call, id, &subject);
}

static status put_subject(struct call *call, struct dossier *dossier, dossier_id id)
{
    struct binding bound = {.slot = SLOT_SUBJECT, .id = id};
    return ID_IS_ZERO(id) ? OK : add_fact(call, dossier, NULL, subject_type, &bound, 1, STR(""));
}

status engine_case_create(struct call *call, const struct case_create *request)
{
    word name;
    struct dossier *dossier;
    const struct permit *permit;
    TRY(call_check_texts(call, &request->reference, 1));
    TRY(call_said(call, "the kind of the case", request->kind));
    if (str_is(request->kind, "breach"))
        return fail_at(call->report, FAULT_INVALID, "/kind",
                       "breaches have a register of their own: /v1/breaches");
    TRY(call_name(call, "kind of case", request->kind, &name));
    TRY(check_subject(call, request->subject));
    TRY(call_create_numbered(call, DOSSIER_CASE, name, request->number, "case", &dossier, &permit));
    struct outcome outcome = call->outcome;
    TRY(put_scope(call, dossier, request));
    TRY(put_requester(call, dossier, permit, request));
    TRY(put_channel(call, dossier, request));
    TRY(put_member(call, dossier, request->member));
    TRY(put_subject(call, dossier, request->subject));
    call->outcome = outcome;
    return call_store_dossier(call, dossier, permit);
}

static status check_open(struct call *call, const struct dossier *dossier)
{
    if (call_is_request(call, dossier->facts))
        return fail(call->report, FAULT_CONFLICT,
                    "a person's request goes its own way: /v1/requests");
    if (facts_are_breach(call, dossier->facts))
        return fail(call->report, FAULT_CONFLICT, "a breach is no request: nothing is granted");
    if (fact_of(call, dossier->facts, granted_type) != NULL ||
        fact_of(call, dossier->facts, refused_type) != NULL)
        return fail(call->report, FAULT_CONFLICT, "this case is decided already");
    return OK;
}

status engine_case_link(struct call *call, const struct case_link *request)
{
    struct dossier *dossier;
    const struct permit *permit;
    if (ID_IS_ZERO(request->subject))
        return fail_at(call->report, FAULT_INVALID, "/subject", "name the person");
    TRY(call_whole_register(call));
    TRY(call_open_dossier(call, request->case_, DOSSIER_CASE, &dossier));
    TRY(check_open(call, dossier));
    if (fact_of(call, dossier->facts, subject_type) != NULL)
        return fail(call->report, FAULT_CONFLICT, "this case is about a person already");
    TRY(check_subject(call, request->subject));
    TRY(put_subject(call, dossier, request->subject));
    struct operation op = call_operation(call, ACTION_RECORD, request->case_);
    TRY(call_write(call, dossier->facts, &op, "case_link", decision_by_scope(), NULL, 0, &permit));
    call->outcome.id = request->case_;
    call->outcome.http = 0;
    return call_store_dossier(call, dossier, permit);
}

/* ---- deciding ---- */

static status decision_json(struct call *call, const struct case_decision *request, str *json)
{
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "granted");
    json_put_bool(&out, request->granted);
    json_key(&out, "reasons");
    json_put_str(&out, request->reasons);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static const struct plan_right *right_of(const struct call *call, word kind)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++) {
        if (str_is(call_text(call, kind), right_name((enum right)i)))
            return &plan->right[i];
    }
    return NULL;
}

static status refuse_decider(struct call *call, const struct facts *facts,
                             const struct plan_right *right, const struct operation *op)
{
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    decision->reason = (struct reason){
        .rule = arena_format(call->arena, "%.*s.closed_by", STR_ARG(right->clause.path)),
        .article = str_from(always_rule(ALWAYS_staff_by_role)->article),
        .ids = right->clause.covers};
    return call_refuse(call, facts, op, decision);
}

/* What the policy says of who closes complaints, it says of these; what persons ask for besides is
 * decided by staff who may, where the policy has such staff. */
static status check_decider(struct call *call, const struct facts *facts,
                            const struct plan_right *right, const struct operation *op)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct fact_evidence *about = fact_of(call, facts, member_type);
    const struct facts *member = NULL;
    uint32_t offered = 0;
    if (about != NULL)
        TRY(call_not_oneself(call, about->bound[0].id));
    if (right == NULL)
        return OK;
    if (right != &plan->right[RIGHT_COMPLAIN])
        return call_decider(call, facts, MAY_DECIDE_REQUESTS, false);
    if (right->closed_by.stated || right->closed_by.hole) {
        if (!ID_IS_ZERO(call->caller->actor))
            TRY(reg_facts(call->reg, call->caller->actor, call->report, &member));
        if (member == NULL || !staff_may_as(call, member, MAY_CLOSE_COMPLAINTS, &right->closed_by))
            return refuse_decider(call, facts, right, op);
        return OK;
    }
    for (size_t i = 0; i < plan->staff_count; i++)
        offered |= plan->staff[i].may;
    bool closers = (offered & MAY_CLOSE_COMPLAINTS) != 0;
    return call_decider(call, facts, closers ? MAY_CLOSE_COMPLAINTS : MAY_DECIDE_REQUESTS, false);
}

status call_may_decide(struct call *call, const struct facts *facts, enum right right)
{
    struct operation op = call_operation(call, ACTION_RECORD, facts->id);
    op.case_ = facts->id;
    return check_decider(call, facts, &reg_plan(call->reg, call->now)->right[right], &op);
}

status engine_case_decide(struct call *call, const struct case_decision *request)
{
    struct dossier *dossier;
    str json;
    TRY(call_whole_register(call));
    TRY(call_said(call, "why it was decided so", request->reasons));
    TRY(call_check_texts(call, &request->reasons, 1));
    TRY(call_open_dossier(call, request->case_, DOSSIER_CASE, &dossier));
    TRY(check_open(call, dossier));
    TRY(decision_json(call, request, &json));
    struct operation op = call_operation(call, ACTION_RECORD, request->case_);
    op.case_ = request->case_;
    TRY(check_decider(call, dossier->facts, right_of(call, dossier->facts->name), &op));
    str effect = request->granted ? STR("case:granted") : STR("case:refused");
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &op, "case_decide", decision_by_scope(), &effect, 1,
                   &permit));
    dossier_id who = ID_IS_ZERO(call->caller->actor) ? call->caller->token : call->caller->actor;
    struct binding bound = {.slot = SLOT_ACTOR, .id = who};
    TRY(add_fact(call, dossier, permit, request->granted ? granted_type : refused_type, &bound,
                 !ID_IS_ZERO(who), json));
    return call_store_dossier(call, dossier, permit);
}

/* ---- what a case says of an operation ---- */

static status refuse_case(struct call *call, const struct facts *subject,
                          const struct operation *op, enum always rule, const char *lacking)
{
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    word *lacks = ARENA_NEW(call->arena, word);
    str *id = ARENA_NEW(call->arena, str);
    if (decision == NULL || lacks == NULL || id == NULL)
        return NO_MEMORY(call->report);
    *id = str_from(always_rule(rule)->law);
    *lacks = words_intern(call->reg->words, str_from(lacking));
    decision->reason = (struct reason){.rule = str_from(always_rule(rule)->path),
                                       .article = str_from(always_rule(rule)->article),
                                       .ids = {id, 1},
                                       .lacks = lacks,
                                       .lack_count = 1};
    return call_refuse(call, subject, op, decision);
}

static status take_scope(struct call *call, const struct facts *facts, struct operation *op)
{
    const struct fact_evidence *scope = fact_of(call, facts, scope_type);
    if (scope == NULL)
        return OK;
    word *fields = ARENA_ARRAY(call->arena, word, scope->bound_count);
    if (fields == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < scope->bound_count; i++)
        fields[i] = scope->bound[i].name;
    op->scope = fields;
    op->scope_count = scope->bound_count;
    return OK;
}

status call_take_case(struct call *call, const struct facts *subject, struct operation *op)
{
    const struct facts *facts;
    TRY(reg_facts(call->reg, op->case_, call->report, &facts));
    if (facts == NULL || facts->kind != DOSSIER_CASE)
        return OK; /* call_check_named() answers */
    TRY(take_scope(call, facts, op));
    const struct fact_evidence *requester = fact_of(call, facts, requester_type);
    if (requester != NULL && !ID_EQUAL(op->party, requester->bound[0].id))
        return refuse_case(call, subject, op, ALWAYS_authority_by_case, "requester");
    if (fact_of(call, facts, refused_type) != NULL)
        return refuse_case(call, subject, op, ALWAYS_decision_recorded, "decision");
    return OK;
}

status call_case_decider(struct call *call, dossier_id case_, dossier_id *decider)
{
    const struct facts *facts;
    *decider = (dossier_id){{0}};
    TRY(reg_facts(call->reg, case_, call->report, &facts));
    const struct fact_evidence *decided = fact_of(call, facts, granted_type);
    if (decided == NULL)
        decided = fact_of(call, facts, refused_type);
    for (size_t i = 0; decided == NULL && facts != NULL && i < facts->evidence.count; i++) {
        str type = call_text(call, facts->evidence.at[i].type);
        if (str_starts(type, STR("granted:")) || str_starts(type, STR("partly:")) ||
            str_starts(type, STR("refused:")))
            decided = &facts->evidence.at[i]; /* of a request */
    }
    if (decided != NULL && decided->bound_count > 0)
        *decider = decided->bound[0].id;
    return OK;
}
