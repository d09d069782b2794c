/* What happens to a request: who asks is proven, or not; the time is extended; it is passed on to
 * a customer; the answer is given. Decisions are in desk_decide.c. */
#include <stdio.h>

#include "desk.h"

enum { SAID_BYTES = LIMIT_VALUE_BYTES };

/* ---- what the steps share ---- */

status desk_words(struct call *call, const struct desk_word *words, size_t count, str *json)
{
    struct buf buf = buf_in(call->arena, 2 * SAID_BYTES);
    struct json_out out = json_out_over(&buf);
    str *texts = ARENA_ARRAY(call->arena, str, count + 1);
    if (texts == NULL)
        return NO_MEMORY(call->report);
    json_open_object(&out);
    for (size_t i = 0; i < count; i++) {
        texts[i] = words[i].text;
        if (str_is_empty(words[i].text))
            continue;
        json_key(&out, words[i].name);
        json_put_str(&out, words[i].text);
    }
    json_close_object(&out);
    TRY(call_check_texts(call, texts, count));
    return buf_finish(&buf, call->report, json);
}

struct binding desk_who(const struct call *call)
{
    if (!ID_IS_ZERO(call->caller->subject)) /* the person: no dossier of those who act */
        return (struct binding){.slot = SLOT_ACTOR};
    dossier_id who = ID_IS_ZERO(call->caller->actor) ? call->caller->token : call->caller->actor;
    return (struct binding){.slot = SLOT_ACTOR, .id = who};
}

status desk_write(struct call *call, struct dossier *dossier, const char *action,
                  const char *effect, const struct permit **permit)
{
    struct operation op = call_operation(call, ACTION_RECORD, dossier->facts->id);
    dossier_id subject = desk_subject(call, dossier->facts);
    str said = str_from(effect);
    if (!ID_IS_ZERO(subject))
        op.subject = subject;
    return call_write(call, dossier->facts, &op, action, decision_by_scope(), &said,
                      said.len > 0 ? 1 : 0, permit);
}

status desk_store(struct call *call, struct dossier *dossier, const struct permit *permit)
{
    TRY(call_store_dossier(call, dossier, permit));
    TRY(call_request_alarms(call, dossier->facts));
    call->outcome =
        (struct outcome){.id = dossier->facts->id, .log_index = permit_index(permit), .http = 201};
    return OK;
}

/* Claimed contact and text; what proves that the request was handled stays. */
static status drop_words(struct call *call, struct dossier *dossier)
{
    const struct fact_evidence *came = desk_find(call, dossier->facts, "request:received");
    if (ID_IS_ZERO(came->details) || facts_find_item(dossier->facts, came->details) == NULL)
        return OK;
    return vault_drop_item(call->reg->vault, dossier, came->details, call->arena, call->report);
}

status call_requests_gone(struct call *call, const struct facts *person)
{
    struct outcome kept = call->outcome;
    dossier_id *ids;
    size_t count;
    TRY(call_requests_by(call, person, &ids, &count));
    for (size_t i = 0; i < count; i++) {
        struct dossier *dossier;
        const struct permit *permit;
        TRY(desk_open(call, ids[i], &dossier));
        if (desk_closed(call, dossier->facts, NULL) == NULL ||
            !ID_EQUAL(desk_subject(call, dossier->facts), person->id))
            continue;
        TRY(desk_write(call, dossier, "request_forget", "", &permit));
        TRY(drop_words(call, dossier));
        TRY(call_store_dossier(call, dossier, permit));
    }
    call->outcome = kept;
    return OK;
}

/* Whoever has been erased meanwhile is not to be reached any more. */
static status forget_the_gone(struct call *call, struct dossier *dossier)
{
    dossier_id subject = desk_subject(call, dossier->facts);
    bool there = true;
    if (!ID_IS_ZERO(subject))
        TRY(vault_exists(call->reg->vault, subject, call->report, &there));
    return there ? OK : drop_words(call, dossier);
}

status desk_close(struct call *call, struct dossier *dossier, const struct permit *permit,
                  const char *how, instant at, str details)
{
    char type[64];
    struct binding who = desk_who(call);
    (void)snprintf(type, sizeof(type), "closed:%s", how);
    TRY(forget_the_gone(call, dossier));
    return desk_add(call, dossier, permit, type, &who, ID_IS_ZERO(who.id) ? 0 : 1, at, details);
}

/* ---- who asks ---- */

static bool is_identity(const struct plan *plan, plan_index type)
{
    return type != NONE && plan->evidence[type].kind == KIND_IDENTITY;
}

/* Ways of proving it that a policy need not name. What it asks for besides is evidence. */
static bool is_method(str text)
{
    static const char *const METHODS[] = {"signed_in", "eid",           "document",
                                          "in_person", "known_contact", "call_back"};
    for (size_t i = 0; i < LENGTH(METHODS); i++) {
        if (str_is(text, METHODS[i]))
            return true;
    }
    return false;
}

static status check_method(struct call *call, str method, plan_index *type)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    word name = words_find(call->reg->words, method);
    *type = name == 0 ? (plan_index)NONE : plan_find(plan, plan->evidence_of, name);
    if (is_identity(plan, *type))
        return OK;
    *type = NONE;
    if (is_method(method))
        return OK;
    return fail_about(call->report, FAULT_INVALID, method,
                      "who asks is proven by evidence of the policy of kind identity, or by eid, "
                      "document, in_person, known_contact or call_back");
}

static status put_proof(struct call *call, const struct request_identity *request, plan_index type)
{
    const struct plan_evidence *evidence = &reg_plan(call->reg, call->now)->evidence[type];
    struct dossier *dossier;
    TRY(desk_open(call, request->request, &dossier));
    for (size_t i = 0; i < dossier->facts->evidence.count; i++) {
        const struct fact_evidence *there = &dossier->facts->evidence.at[i];
        if (there->type == evidence->clause.name && before(call->now, there->until))
            return OK; /* it was put on file before */
    }
    struct evidence_record record = {.type = call_text(call, evidence->clause.name),
                                     .asks = request->particulars,
                                     .ask_count = request->particular_count,
                                     .by_subject = request->signed_in};
    if ((evidence->binds & 1u << SLOT_CASE) != 0)
        record.case_ = request->request;
    if ((evidence->binds & 1u << SLOT_SUBJECT) != 0)
        record.subject = request->subject;
    return engine_evidence(call, &record);
}

/* What the rights that are asked need as proof of who asks; each is put on file once. */
static status put_proofs(struct call *call, const struct facts *facts,
                         const struct request_identity *request, plan_index named)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    bool *wanted = ARENA_ARRAY(call->arena, bool, (size_t)plan->evidence_count + 1);
    if (wanted == NULL)
        return NO_MEMORY(call->report);
    if (named != NONE)
        wanted[named] = true;
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT && named == NONE; i++) {
        const struct needs *needs = &plan->right[i].needs;
        for (size_t n = 0; desk_asks(call, facts, (enum right)i) && n < needs->count; n++) {
            if (needs->all[n].count > 0 && is_identity(plan, needs->all[n].any[0]))
                wanted[needs->all[n].any[0]] = true;
        }
    }
    for (plan_index i = 0; i < plan->evidence_count; i++) {
        if (wanted[i])
            TRY(put_proof(call, request, i));
    }
    return OK;
}

static status put_member(struct call *call, struct dossier *dossier, dossier_id member)
{
    const struct facts *facts;
    struct binding bound = {.slot = SLOT_ACTOR, .id = member};
    if (ID_IS_ZERO(member))
        return OK;
    TRY(reg_facts(call->reg, member, call->report, &facts));
    if (facts == NULL || facts->kind != DOSSIER_STAFF)
        return fail_at(call->report, FAULT_INVALID, "/member",
                       "the member is one of the staff of this register");
    return desk_add(call, dossier, NULL, "case.member", &bound, 1, call->now, STR(""));
}

status desk_prove(struct call *call, const struct request_identity *request)
{
    struct dossier *dossier;
    struct subject subject;
    const struct permit *permit;
    plan_index named;
    str json;
    struct desk_word words[] = {{"method", request->method}, {"reasons", request->reasons}};
    TRY(check_method(call, request->method, &named));
    if (ID_IS_ZERO(request->subject))
        return fail_at(call->report, FAULT_INVALID, "/subject", "name the person");
    TRY(desk_words(call, words, LENGTH(words), &json));
    TRY(call_open(call, request->subject, &subject));
    TRY(desk_open(call, request->request, &dossier));
    TRY(put_proofs(call, dossier->facts, request, named));
    TRY(desk_open(call, request->request, &dossier)); /* the proof lies in it */
    struct binding bound[] = {{.slot = SLOT_SUBJECT, .id = request->subject}, desk_who(call)};
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    str effect = STR("identity:proven");
    TRY(call_write(call, dossier->facts, &op, "request_identity", decision_by_scope(), &effect, 1,
                   &permit));
    TRY(put_member(call, dossier, request->member));
    TRY(desk_add(call, dossier, permit, "identity:proven", bound, ID_IS_ZERO(bound[1].id) ? 1 : 2,
                 call->now, json));
    return desk_store(call, dossier, permit);
}

static status ask_for_proof(struct call *call, struct dossier *dossier, str json)
{
    const struct permit *permit;
    struct binding who = desk_who(call);
    TRY(desk_write(call, dossier, "request_identity", "identity:asked", &permit));
    TRY(desk_add(call, dossier, permit, "identity:asked", &who, ID_IS_ZERO(who.id) ? 0 : 1,
                 call->now, json));
    return desk_store(call, dossier, permit);
}

static status refuse_identity(struct call *call, struct dossier *dossier, str json)
{
    const struct permit *permit;
    TRY(desk_may_decide(call, dossier, RIGHT_ALL));
    struct binding who = desk_who(call);
    TRY(desk_write(call, dossier, "request_identity", "identity:refused", &permit));
    TRY(desk_add(call, dossier, permit, "identity:refused", &who, 1, call->now, json));
    TRY(desk_close(call, dossier, permit, "identity", call->now, STR("")));
    return desk_store(call, dossier, permit);
}

status engine_request_identity(struct call *call, const struct request_identity *request)
{
    struct dossier *dossier;
    str json;
    struct desk_word words[] = {{"reasons", request->reasons}};
    bool proven = str_is(request->outcome, "proven"), asked = str_is(request->outcome, "asked");
    if (!proven && !asked && !str_is(request->outcome, "refused"))
        return fail_at(call->report, FAULT_INVALID, "/outcome", "proven, asked or refused");
    TRY(desk_open_live(call, request->request, &dossier));
    if (desk_find(call, dossier->facts, "identity:proven") != NULL)
        return fail(call->report, FAULT_CONFLICT, "it is proven already who asks");
    if (proven && str_is(request->method, "signed_in"))
        return fail_at(call->report, FAULT_INVALID, "/method",
                       "only the person's own sign-in proves that");
    if (proven) {
        TRY(desk_prove(call, request));
        return desk_join(call, request->request);
    }
    TRY(call_said(call, asked ? "what is asked for" : "why it is not proven", request->reasons));
    TRY(desk_words(call, words, LENGTH(words), &json));
    return asked ? ask_for_proof(call, dossier, json) : refuse_identity(call, dossier, json);
}

/* ---- more time ---- */

/* Three months from receipt, once the person has been told, with reasons, before the first
 * deadline has passed; a reason alone moves nothing. */
status engine_request_extend(struct call *call, const struct request_extend *request)
{
    struct dossier *dossier;
    const struct permit *permit;
    instant told = call->now;
    str json;
    struct desk_word words[] = {{"reasons", request->reasons}};
    TRY(desk_open_live(call, request->request, &dossier));
    bool reasoned = desk_find(call, dossier->facts, "extension:reasoned") != NULL;
    bool tells = request->told.ms != 0;
    if (desk_find(call, dossier->facts, "extension:told") != NULL)
        return fail(call->report, FAULT_CONFLICT, "the time has been extended already");
    if (!before(call->now, desk_due(call, dossier->facts).passed))
        return fail(call->report, FAULT_CONFLICT, "the first deadline has passed");
    if (!reasoned || !str_is_empty(request->reasons))
        TRY(call_said(call, "why it takes longer", request->reasons));
    else if (!tells)
        return fail_at(call->report, FAULT_INVALID, "/told", "say when the person was told");
    if (tells)
        TRY(call_instant(call, "/told", request->told, &told));
    if (before(told, desk_received(call, dossier->facts)))
        return fail_at(call->report, FAULT_INVALID, "/told", "nobody was told before they asked");
    TRY(desk_may_decide(call, dossier, RIGHT_ALL));
    TRY(desk_words(call, words, LENGTH(words), &json));
    struct binding who = desk_who(call);
    TRY(desk_write(call, dossier, "request_extend", tells ? "extension:told" : "extension:reasoned",
                   &permit));
    if (!str_is_empty(request->reasons))
        TRY(desk_add(call, dossier, permit, "extension:reasoned", &who, 1, call->now, json));
    if (tells)
        TRY(desk_add(call, dossier, permit, "extension:told", &who, 1, told, STR("")));
    return desk_store(call, dossier, permit);
}

/* ---- to the customer whose data it is about ---- */

/* What was written goes into what is passed on, and nowhere else. */
static status words_of(struct call *call, struct dossier *dossier, const struct permit *permit,
                       str *text)
{
    const struct fact_evidence *came = desk_find(call, dossier->facts, "request:received");
    const struct fact_item *item = facts_find_item(dossier->facts, came->details);
    const struct json *json;
    str sealed_text;
    *text = STR("");
    if (item == NULL)
        return OK;
    TRY(vault_open_item(call->reg->vault, permit, dossier, item, call->arena, call->report,
                        &sealed_text));
    TRY(json_parse(call->arena, sealed_text, call->report, &json));
    (void)json_str(json_get(json, "text"), text);
    return OK;
}

status engine_request_pass_on(struct call *call, const struct request_pass_on *request,
                              str *document)
{
    struct dossier *dossier;
    const struct permit *permit;
    struct space_request space = {.space = request->space, .matter = request->matter};
    str json;
    TRY(desk_open_live(call, request->request, &dossier));
    TRY(desk_write(call, dossier, "request_pass_on", "", &permit));
    TRY(words_of(call, dossier, permit, &space.text));
    const struct fact_evidence *came = desk_find(call, dossier->facts, "request:received");
    space.channel = call_text(call, came->bound[0].name);
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++) {
        space.right = str_from(right_name((enum right)i));
        if (desk_asks(call, dossier->facts, (enum right)i))
            TRY(engine_space_request(call, &space, document));
    }
    struct desk_word words[] = {{"space", request->space}};
    TRY(desk_words(call, words, LENGTH(words), &json)); /* of the letter to the person */
    TRY(desk_close(call, dossier, permit, "passed_on", call->now, json));
    TRY(desk_store(call, dossier, permit));
    call->outcome.http = 200;
    return OK;
}

/* ---- the answer ---- */

static bool has_act(enum right right)
{
    return right != RIGHT_COMPLAIN && right != RIGHT_PROCESSORS;
}

static status check_answered(struct call *call, const struct facts *facts)
{
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++) {
        enum right right = (enum right)i;
        const char *outcome = "";
        if (!desk_asks(call, facts, right))
            continue;
        if (desk_outcome(call, facts, right, &outcome) == NULL)
            return fail(call->report, FAULT_CONFLICT, "%s is not decided yet", right_name(right));
        bool grants = outcome[0] == 'g' || outcome[0] == 'p';
        if (grants && has_act(right) && desk_find_of(call, facts, "done", right) == NULL)
            return fail(call->report, FAULT_CONFLICT,
                        "%s was granted and has not been done under this request",
                        right_name(right));
    }
    return OK;
}

status engine_request_close(struct call *call, const struct request_close *request)
{
    struct dossier *dossier;
    const struct permit *permit;
    instant answered;
    TRY(desk_open_live(call, request->request, &dossier));
    TRY(check_answered(call, dossier->facts));
    TRY(call_instant(call, "/answered", request->answered, &answered));
    if (before(answered, desk_received(call, dossier->facts)))
        return fail_at(call->report, FAULT_INVALID, "/answered",
                       "nothing is answered before it is asked");
    TRY(desk_write(call, dossier, "request_close", "closed:answered", &permit));
    TRY(desk_close(call, dossier, permit, "answered", answered, STR("")));
    TRY(desk_store(call, dossier, permit));
    call->outcome.http = 200;
    return OK;
}
