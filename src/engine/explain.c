/* Why, why not, and what would make it a yes: every gate's answer to a read, without doing it. */
#include "engine_internal.h"
#include "json.h"

static void put_reason(struct call *call, struct json_out *out, const struct reason *reason)
{
    json_key(out, "rule");
    json_put_str(out, reason->rule);
    json_key(out, "ids");
    json_open_array(out);
    for (size_t i = 0; i < reason->ids.count; i++)
        json_put_str(out, reason->ids.at[i]);
    json_close_array(out);
    json_key(out, "article");
    json_put_str(out, reason->article);
    json_key(out, "would_allow");
    json_open_array(out);
    for (size_t i = 0; i < reason->lack_count; i++)
        json_put_str(out, call_text(call, reason->lacks[i]));
    json_close_array(out);
}

static void put_gate(struct call *call, struct json_out *out, const struct gate_answer *gate)
{
    json_open_object(out);
    json_key(out, "gate");
    json_put_text(out, gate->gate);
    json_key(out, "field");
    json_put_str(out, call_text(call, gate->field));
    json_key(out, "passed");
    json_put_bool(out, gate->passed);
    if (!gate->passed)
        put_reason(call, out, &gate->reason);
    json_close_object(out);
}

static status explain_operation(struct call *call, const struct read *request,
                                struct operation *op)
{
    *op = call_operation(call, request->use ? ACTION_USE : ACTION_READ, request->subject);
    op->matter = request->matter;
    op->asking = true;
    TRY(call_purpose(call, request->purpose, &op->purpose));
    TRY(call_controller(call, request->controller, op));
    TRY(call_fields(call, request->fields, request->field_count, &op->fields, &op->field_count));
    op->items = request->items;
    op->item_count = request->item_count;
    return OK;
}

status engine_explain(struct call *call, const struct read *request, instant at, str *document)
{
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    struct operation op;
    TRY(explain_operation(call, request, &op));
    TRY(call_purpose_held(call, subject.dossier->facts, &op, op.purpose));
    if (op.purpose == 0)
        TRY(call_whole_person(call, subject.dossier->facts, &op));
    TRY(call_check_named(call, &op));
    TRY(call_view(call, subject.dossier->facts, &op, &subject.view));
    struct explanation explanation = {0};
    instant when = at.ms == 0 ? call->now : at;
    TRY(decide_explain(&subject.view, &op, when, call->arena, call->report, &explanation));
    struct buf buf = buf_in(call->arena, 4 << 20);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "at");
    json_put_instant(&out, when);
    json_key(&out, "allowed");
    json_put_bool(&out, explanation.decision.verdict != VERDICT_REFUSE);
    if (explanation.decision.verdict == VERDICT_REFUSE)
        put_reason(call, &out, &explanation.decision.reason);
    json_key(&out, "gates");
    json_open_array(&out);
    for (size_t i = 0; i < explanation.gates.count; i++)
        put_gate(call, &out, &explanation.gates.at[i]);
    json_close_array(&out);
    json_close_object(&out);
    TRY(buf_finish(&buf, call->report, document));
    return call_log(call, subject.dossier->facts, &op, "explain", decision_by_scope());
}
