/* Which version of the policy, with which terms and annexes beside it, applied to a person at a
 * time. That they were accepted is never a consent. */
#include "engine_internal.h"
#include "json.h"

enum { DOCUMENTS_BYTES = 1 << 20 };

static bool was_there(instant since, instant until, instant t)
{
    return !before(t, since) && before(t, until);
}

/* Is the person tied to the matter then, by a role or by an agreement? */
static bool is_tied(const struct call *call, const struct facts *facts, dossier_id matter,
                    instant t)
{
    const struct plan *plan = reg_plan(call->reg, t);
    for (size_t i = 0; i < facts->roles.count; i++) {
        const struct fact_role *role = &facts->roles.at[i];
        if (ID_EQUAL(role->matter, matter) && was_there(role->since, role->until, t))
            return true;
    }
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *evidence = &facts->evidence.at[i];
        plan_index type = plan_find(plan, plan->evidence_of, evidence->type);
        if (type == NONE || plan->evidence[type].kind != KIND_AGREEMENT ||
            !was_there(evidence->since, evidence->until, t))
            continue;
        for (size_t b = 0; b < evidence->bound_count; b++) {
            if (evidence->bound[b].slot == SLOT_MATTER && ID_EQUAL(evidence->bound[b].id, matter))
                return true;
        }
    }
    return false;
}

static void put_document(struct json_out *out, const struct plan *plan,
                         const struct plan_document *document)
{
    json_open_object(out);
    json_key(out, "document");
    json_put_str(out, words_text(plan->words, document->clause.name));
    json_key(out, "kind");
    json_put_text(out, document->kind == DOCUMENT_TERMS       ? "terms"
                       : document->kind == DOCUMENT_AGREEMENT ? "agreement"
                                                              : "annex");
    json_key(out, "version");
    json_put_str(out, document->version);
}

/* A document `per` a kind of matter stands once for each matter of theirs. */
static void put_documents(const struct call *call, struct json_out *out, const struct plan *plan,
                          const struct subject *subject, instant t)
{
    const struct facts *facts = subject->dossier->facts;
    for (size_t i = 0; i < plan->document_count; i++) {
        const struct plan_document *document = &plan->document[i];
        if (document->per == NONE) {
            put_document(out, plan, document);
            json_close_object(out);
            continue;
        }
        for (size_t m = 0; m < subject->view.matter_count; m++) {
            const struct facts *matter = subject->view.matters[m];
            if (plan_find(plan, plan->matter_of, matter->name) != document->per ||
                !is_tied(call, facts, matter->id, t))
                continue;
            put_document(out, plan, document);
            json_key(out, "matter");
            json_put_id(out, matter->id.bytes);
            json_close_object(out);
        }
    }
}

static void put_version(struct json_out *out, const struct plan_version *version)
{
    json_key(out, "policy");
    json_put_str(out, words_text(version->plan->words, version->plan->policy));
    json_key(out, "version");
    json_put_str(out, version->plan->version);
    json_key(out, "effective");
    json_put_instant(out, version->effective);
}

status engine_documents(struct call *call, dossier_id id, instant at, str *document)
{
    struct subject subject;
    TRY(call_version_lost(call));
    TRY(call_open(call, id, &subject));
    const struct facts *facts = subject.dossier->facts;
    struct operation op = call_operation(call, ACTION_NONE, id);
    TRY(call_whole_person(call, facts, &op));
    instant t = at.ms == 0 ? call->now : at;
    const struct plan_version *version = plans_in_force(&call->reg->plans, t);
    struct buf buf = buf_in(call->arena, DOCUMENTS_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "at");
    json_put_instant(&out, t);
    if (version != NULL)
        put_version(&out, version);
    bool known[PLANS_MOST];
    plans_known(&call->reg->plans, facts, t, known);
    json_key(&out, "known"); /* came under it, or was told of it by then */
    json_put_bool(&out, version != NULL && known[version - call->reg->plans.at] &&
                            !before(t, facts->created));
    json_key(&out, "documents");
    json_open_array(&out);
    if (version != NULL)
        put_documents(call, &out, version->plan, &subject, t);
    json_close_array(&out);
    json_close_object(&out);
    TRY(buf_finish(&buf, call->report, document));
    return call_log(call, facts, &op, "documents", decision_by_scope());
}
