/* Decisions that a machine takes alone (article 22): only for a purpose that `decides`, on a
 * consent or an agreement, from items that may be used for it now; written down with what was
 * decided, by which logic and from what, for the access answer (HOS-61).
 *
 *   make --> stands --review asked--> without effect --a member of the staff--> upheld, or over
 *
 * A review is a task of the person's. While it is open the decision has no effect: whoever doubts
 * it is not to be harmed by it meanwhile. */
#include "always.h"
#include "calendar.h"
#include "engine_internal.h"
#include "json.h"

enum { INPUTS_MOST = 64 };

static word ruling_word(const struct call *call)
{
    return words_intern(call->reg->words, STR("automated_decision"));
}

/* ---- making ---- */

static status refuse(struct call *call, const struct facts *facts, const struct operation *op,
                     str rule, const struct covers *ids)
{
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    decision->reason = (struct reason){.rule = rule, .ids = *ids, .article = STR("GDPR 22(2)")};
    return call_refuse(call, facts, op, decision);
}

/* Article 22(2): an agreement that needs it, a law, a consent; and a purpose that says so. */
static status check_purpose(struct call *call, const struct facts *facts,
                            const struct operation *op)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct plan_purpose *purpose =
        &plan->purpose[plan_find(plan, plan->purpose_of, op->purpose)];
    const struct covers *ids = &purpose->clause.covers;
    bool lawful = purpose->basis == BASIS_CONSENT || purpose->basis == BASIS_CONTRACT ||
                  (purpose->basis == BASIS_LEGAL_DUTY && purpose->law.len > 0);
    if (!purpose->decides)
        return refuse(call, facts, op,
                      arena_format(call->arena, "%.*s.decides", STR_ARG(purpose->clause.path)),
                      ids);
    return lawful ? OK
                  : refuse(call, facts, op,
                           str_from(always_rule(ALWAYS_no_decision_without_ground)->path), ids);
}

static status ruling_json(struct call *call, const struct ruling_make *request,
                          const struct facts *facts, str *json)
{
    struct buf buf = buf_in(call->arena, 2 * LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "type");
    json_put_text(&out, "automated_decision");
    json_key(&out, "purpose");
    json_put_str(&out, request->purpose);
    json_key(&out, "outcome");
    json_put_str(&out, request->outcome);
    json_key(&out, "logic");
    json_put_str(&out, request->logic);
    json_key(&out, "policy");
    json_put_str(&out, reg_plan(call->reg, call->now)->version);
    json_key(&out, "made_from");
    json_open_array(&out);
    for (size_t i = 0; i < request->item_count; i++) {
        const struct fact_item *item = facts_find_item(facts, request->items[i]);
        json_open_object(&out);
        json_key(&out, "item");
        json_put_id(&out, request->items[i].bytes);
        json_key(&out, "field");
        json_put_str(&out, call_text(call, item->field));
        json_close_object(&out);
    }
    json_close_array(&out);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static status check_request(struct call *call, const struct ruling_make *request)
{
    const str texts[] = {request->outcome, request->logic};
    if (request->item_count == 0 || request->item_count > INPUTS_MOST)
        return fail_at(call->report, FAULT_INVALID, "/items",
                       "a decision names the items that it rests on, at most %d", INPUTS_MOST);
    TRY(call_said(call, "what was decided", request->outcome));
    TRY(call_said(call, "by which logic it was decided", request->logic));
    return call_check_texts(call, texts, LENGTH(texts));
}

status engine_ruling(struct call *call, const struct ruling_make *request)
{
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    TRY(check_request(call, request));
    const struct facts *facts = subject.dossier->facts;
    struct operation op = call_operation(call, ACTION_USE, request->subject);
    op.matter = request->matter;
    op.items = request->items;
    op.item_count = request->item_count;
    TRY(call_word(call, NAME_PURPOSE, request->purpose, &op.purpose));
    if (op.purpose == 0)
        return fail_at(call->report, FAULT_INVALID, "/purpose",
                       "a decision is taken for a purpose");
    TRY(call_controller(call, request->controller, &op));
    TRY(call_refuse_counted(call, facts, &op));
    TRY(check_purpose(call, facts, &op));
    const struct decision *decision;
    TRY(call_decide_all(call, &subject, &op, &decision));
    str json;
    TRY(ruling_json(call, request, facts, &json));
    const struct permit *permit;
    TRY(call_write(call, facts, &op, "automated_decision", decision, NULL, 0, &permit));
    struct binding bound[] = {{.slot = SLOT_SUBJECT, .id = request->subject},
                              {.slot = SLOT_PURPOSE, .name = op.purpose}};
    TRY(call_add_evidence(call, subject.dossier, permit, ruling_word(call), bound, LENGTH(bound),
                          call->now, NEVER, json));
    return call_store(call, &subject, permit);
}

/* ---- what became of it ---- */

static const struct fact_task *review_of(const struct facts *facts, record_id ruling)
{
    for (size_t i = 0; i < facts->tasks.count; i++) {
        const struct fact_task *task = &facts->tasks.at[i];
        if (task->kind == TASK_REVIEW && memcmp(task->other.bytes, ruling.bytes, ID_BYTES) == 0)
            return task;
    }
    return NULL;
}

static status find_ruling(struct call *call, dossier_id person, record_id id,
                          struct subject *subject, const struct fact_evidence **ruling)
{
    TRY(call_open(call, person, subject));
    *ruling = facts_find_evidence(subject->dossier->facts, id);
    if (*ruling == NULL || (*ruling)->type != ruling_word(call))
        return call_not_here(call);
    struct operation op = call_operation(call, ACTION_RECORD, person);
    return call_purpose_held(call, subject->dossier->facts, &op, (*ruling)->bound[1].name);
}

static void put_ruling(struct call *call, struct json_out *out, const struct facts *facts,
                       const struct fact_evidence *ruling)
{
    bool over = !before(call->now, ruling->until), open = review_of(facts, ruling->id) != NULL;
    json_open_object(out);
    json_key(out, "decision");
    json_put_id(out, ruling->id.bytes);
    json_key(out, "purpose");
    json_put_str(out, call_text(call, ruling->bound[1].name));
    json_key(out, "made");
    json_put_instant(out, ruling->since);
    json_key(out, "state");
    json_put_text(out, over ? "over" : open ? "under_review" : "stands");
    json_key(out, "in_effect");
    json_put_bool(out, !over && !open);
    json_close_object(out);
}

status engine_ruling_list(struct call *call, dossier_id person, str *document)
{
    struct subject subject;
    TRY(call_open(call, person, &subject));
    const struct facts *facts = subject.dossier->facts;
    struct operation op = call_operation(call, ACTION_NONE, person);
    TRY(call_whole_person(call, facts, &op));
    struct buf buf = buf_in(call->arena, 256 << 10);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "decisions");
    json_open_array(&out);
    for (size_t i = 0; i < facts->evidence.count; i++) {
        if (facts->evidence.at[i].type == ruling_word(call))
            put_ruling(call, &out, facts, &facts->evidence.at[i]);
    }
    json_close_array(&out);
    json_close_object(&out);
    TRY(buf_finish(&buf, call->report, document));
    return call_log(call, facts, &op, "show_decisions", decision_by_scope());
}

/* ---- review by a human (article 22(3)) ---- */

status engine_ruling_review(struct call *call, const struct ruling_end *request)
{
    struct subject subject;
    const struct fact_evidence *ruling;
    TRY(find_ruling(call, request->subject, request->ruling, &subject, &ruling));
    if (!before(call->now, ruling->until))
        return fail(call->report, FAULT_CONFLICT, "this decision is over");
    if (review_of(subject.dossier->facts, request->ruling) != NULL)
        return fail(call->report, FAULT_CONFLICT, "this decision is under review");
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    op.purpose = ruling->bound[1].name;
    op.by_subject = true;
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "decision_review", decision_by_scope(), NULL,
                   0, &permit));
    const struct zone *zone = reg_plan(call->reg, call->now)->zone;
    struct fact_task task = {.kind = TASK_REVIEW,
                             .name = op.purpose,
                             .due = instant_add_span(zone, call->now, 1, SPAN_MONTH)};
    memcpy(task.other.bytes, request->ruling.bytes, ID_BYTES);
    TRY(call_task_add(call, subject.dossier, permit, &task, STR("")));
    call->outcome.http = 201;
    return call_store(call, &subject, permit);
}

status engine_ruling_close(struct call *call, const struct ruling_end *request)
{
    struct subject subject;
    const struct fact_evidence *ruling;
    TRY(find_ruling(call, request->subject, request->ruling, &subject, &ruling));
    TRY(call_decider(call, subject.dossier->facts, MAY_DECIDE_REQUESTS, true));
    const struct fact_task *review = review_of(subject.dossier->facts, request->ruling);
    if (review == NULL)
        return fail(call->report, FAULT_CONFLICT, "nobody has asked for a review of this decision");
    if (str_is_empty(request->reasons))
        return fail_at(call->report, FAULT_INVALID, "/reasons", "a review gives its reasons");
    TRY(call_check_texts(call, &request->reasons, 1));
    struct binding bound[] = {{.slot = SLOT_SUBJECT, .id = request->subject},
                              {.slot = SLOT_PURPOSE, .name = ruling->bound[1].name}};
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    op.purpose = bound[1].name;
    str json, effect = request->upheld ? STR("decision:upheld") : STR("decision:over");
    TRY(call_reasoned(call,
                      &(struct reasoned){.type = "decision_review",
                                         .about = "decision",
                                         .id = request->ruling.bytes,
                                         .word = "upheld",
                                         .yes = request->upheld,
                                         .reasons = request->reasons},
                      &json));
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "decision_reviewed", decision_by_scope(),
                   &effect, 1, &permit));
    TRY(call_task_end(call, subject.dossier, review->id));
    if (!request->upheld)
        TRY(call_end_evidence(call, subject.dossier, request->ruling, call->now));
    TRY(call_add_evidence(call, subject.dossier, permit,
                          words_intern(call->reg->words, STR("decision_review")), bound,
                          LENGTH(bound), call->now, NEVER, json));
    call->outcome.http = 200;
    call->outcome.id = request->subject;
    call->outcome.record = request->ruling;
    return call_store(call, &subject, permit);
}
