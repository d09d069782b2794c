/* The ledgers that an officer keeps an eye on: consents, and holds for claims. Of everybody, page
 * by page, a row says whose it is, for what, since and until when, and how it stands; nothing is
 * opened for it. What was said, shown or reasoned lies sealed with each, and is shown of one
 * person. */
#include "engine_internal.h"
#include "json.h"

/* ---- of everybody ---- */

static word bound_name(const struct fact_evidence *evidence, enum slot slot)
{
    for (size_t i = 0; i < evidence->bound_count; i++) {
        if (evidence->bound[i].slot == slot)
            return evidence->bound[i].name;
    }
    return 0;
}

/* An end that was agreed on runs out; any other end is somebody's act. */
static const char *state_of(const struct fact_evidence *evidence, instant now)
{
    if (before(now, evidence->until))
        return "in_force";
    return evidence->until_counts ? "expired" : "ended";
}

static status add_row(struct call *call, const struct facts *facts,
                      const struct fact_evidence *evidence, struct ledger *ledger)
{
    word purpose = bound_name(evidence, SLOT_PURPOSE);
    struct ledger_row *row = LIST_ADD(call->arena, &ledger->rows);
    if (row == NULL)
        return NO_MEMORY(call->report);
    *row = (struct ledger_row){.subject = facts->id,
                               .record = evidence->id,
                               .type = call_text(call, evidence->type),
                               .purpose = purpose == 0 ? STR("") : call_text(call, purpose),
                               .state = str_from(state_of(evidence, call->now)),
                               .since = evidence->since,
                               .until = evidence->until};
    return OK;
}

static status rows_of(struct call *call, dossier_id id, struct ledger *ledger)
{
    CLEANUP(arena_free) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    const struct plan *plan = reg_plan(call->reg, call->now);
    enum presence presence;
    struct dossier *dossier;
    TRY(vault_load(call->reg->vault, id, scratch, call->report, &presence, &dossier));
    for (size_t i = 0; presence == PRESENCE_LIVE && i < dossier->facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &dossier->facts->evidence.at[i];
        plan_index type = plan_find(plan, plan->evidence_of, evidence->type);
        if (type != NONE && plan->evidence[type].kind == ledger->kind)
            TRY(add_row(call, dossier->facts, evidence, ledger));
    }
    return OK;
}

/* A page ends with a person: all of theirs stand on it. */
status engine_ledger(struct call *call, dossier_id after, size_t limit, struct ledger *ledger)
{
    struct step step = step_begin(call->reg);
    dossier_id *ids;
    size_t count, at = 0;
    bool goes_on = true;
    ledger->last = after;
    TRY(call_whole_register(call));
    TRY(vault_list(call->reg->vault, DOSSIER_SUBJECT, after, step.most, call->arena, call->report,
                   &ids, &count));
    for (; at < count && goes_on && ledger->rows.count < limit; at++) {
        TRY(rows_of(call, ids[at], ledger));
        ledger->last = ids[at];
        goes_on = step_goes_on(&step);
    }
    ledger->more = at < count || count == step.most;
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log(call, NULL, &op, "ledger", decision_by_scope());
}

/* ---- of one person, as it was said ---- */

struct filed {
    struct permit_wait wait;
    dossier_id id;
    str *document;
};

static void put_bound(const struct call *call, const struct fact_evidence *evidence,
                      struct json_out *out)
{
    for (size_t i = 0; i < evidence->bound_count; i++) {
        const struct binding *bound = &evidence->bound[i];
        if (bound->slot == SLOT_SUBJECT)
            continue;
        json_key(out, slot_name(bound->slot));
        if (bound->name != 0)
            json_put_str(out, call_text(call, bound->name));
        else
            json_put_id(out, bound->id.bytes);
    }
}

static status put_details(struct call *call, const struct permit *permit,
                          const struct dossier *dossier, const struct fact_evidence *evidence,
                          struct json_out *out)
{
    const struct fact_item *record = facts_find_item(dossier->facts, evidence->details);
    str details;
    if (ID_IS_ZERO(evidence->details) || record == NULL)
        return OK;
    TRY(vault_open_item(call->reg->vault, permit, dossier, record, call->arena, call->report,
                        &details));
    json_key(out, "details");
    json_put_raw(out, details);
    return OK;
}

static status put_filed(struct call *call, const struct permit *permit,
                        const struct dossier *dossier, const struct fact_evidence *evidence,
                        struct json_out *out)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index type = plan_find(plan, plan->evidence_of, evidence->type);
    json_open_object(out);
    json_key(out, "record");
    json_put_id(out, evidence->id.bytes);
    json_key(out, "type");
    json_put_str(out, call_text(call, evidence->type));
    json_key(out, "kind");
    json_put_text(out, evidence_kind_name(type == NONE ? KIND_RECORD : plan->evidence[type].kind));
    json_key(out, "state");
    json_put_text(out, state_of(evidence, call->now));
    json_key(out, "since");
    json_put_instant(out, evidence->since);
    json_key(out, "until");
    json_put_instant(out, evidence->until);
    put_bound(call, evidence, out);
    TRY(put_details(call, permit, dossier, evidence, out));
    json_close_object(out);
    return OK;
}

static status filed_finish(struct call *call)
{
    const struct filed *filed = call->state;
    struct buf buf = buf_in(call->arena, LIMIT_REQUEST_ARENA_BYTES / 4);
    struct json_out out = json_out_over(&buf);
    struct permit_wait wait = filed->wait;
    const struct permit *permit;
    enum presence presence;
    struct dossier *dossier;
    wait.scope.dossier = filed->id;
    TRY(permit_to_read(&wait, call->reg->log, call->arena, call->report, &permit));
    TRY(vault_load(call->reg->vault, filed->id, call->arena, call->report, &presence, &dossier));
    if (presence != PRESENCE_LIVE)
        return call_not_here(call);
    json_open_object(&out);
    json_key(&out, "evidence");
    json_open_array(&out);
    for (size_t i = 0; i < dossier->facts->evidence.count; i++)
        TRY(put_filed(call, permit, dossier, &dossier->facts->evidence.at[i], &out));
    json_close_array(&out);
    json_close_object(&out);
    buf_char(&buf, '\n');
    return buf_finish(&buf, call->report, filed->document);
}

status engine_filed(struct call *call, dossier_id id, str *document)
{
    struct subject subject;
    struct filed *filed = ARENA_NEW(call->arena, struct filed);
    if (filed == NULL)
        return NO_MEMORY(call->report);
    TRY(call_whole_register(call));
    TRY(call_open(call, id, &subject));
    *filed = (struct filed){.id = id, .document = document};
    struct operation op = call_operation(call, ACTION_READ, id);
    TRY(call_ask(call, subject.dossier->facts, &op, "evidence_list", decision_by_scope(),
                 &filed->wait));
    call->state = filed;
    call->finish = filed_finish;
    return OK;
}
