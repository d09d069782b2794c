/* The record of processing of article 30, as of now: what the version in force says, with the
 * parties that receive data and the customers that the firm processes for, which only the register
 * knows. The paper itself is src/document/record.c. */
#include "engine_internal.h"
#include "processing.h"

enum { PARTIES_MOST = 1000, PAGE = 200 };

struct known {
    LIST(struct record_party) parties;
    LIST(const struct plan *) customers;
};
struct proofs {
    LIST(struct record_proof) list;
};

static bool is_proof(enum evidence_kind kind)
{
    return kind == KIND_PROCESSOR_AGREEMENT || kind == KIND_AGREEMENT || kind == KIND_SAFEGUARD ||
           kind == KIND_ADEQUACY;
}

/* Agreements and safeguards that are in force, with their ends. */
static status take_proofs(struct call *call, const struct facts *facts, struct proofs *proofs)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; facts != NULL && i < facts->evidence.count; i++) {
        const struct fact_evidence *there = &facts->evidence.at[i];
        plan_index type = plan_find(plan, plan->evidence_of, there->type);
        if (type == NONE || !is_proof(plan->evidence[type].kind))
            continue;
        instant until = evidence_until(plan, type, there);
        if (before(call->now, there->since) || !before(call->now, until))
            continue;
        struct record_proof *proof = LIST_ADD(call->arena, &proofs->list);
        if (proof == NULL)
            return NO_MEMORY(call->report);
        *proof = (struct record_proof){type, until};
    }
    return OK;
}

static str name_of(const struct call *call, const struct facts *party)
{
    word name = party_name(call, party);
    return name == 0 ? STR("") : call_text(call, name);
}

/* One of a kind that the policy no longer has receives nothing, and stands in no record. */
static status take_party(struct call *call, dossier_id id, struct known *known)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct facts *party, *above, *place;
    struct proofs proofs = {0};
    TRY(call_party(call, id, &party));
    plan_index kind = party == NULL ? NONE : plan_find(plan, plan->recipient_of, party->name);
    if (kind == NONE)
        return OK;
    word zone = party_zone(call, party);
    struct record_party made = {.name = name_of(call, party),
                                .recipient = kind,
                                .zone = zone == 0 ? STR("") : call_text(call, zone),
                                .outside = zone != 0 && !zone_is_home(plan, zone)};
    TRY(take_proofs(call, party, &proofs));
    TRY(reg_facts(call->reg, party_place(call, party), call->report, &place));
    TRY(take_proofs(call, place, &proofs));
    TRY(call_party(call, party_under(call, party), &above));
    if (above != NULL)
        made.under = name_of(call, above);
    made.proofs = proofs.list.at;
    made.proof_count = proofs.list.count;
    struct record_party *slot = LIST_ADD(call->arena, &known->parties);
    if (slot == NULL)
        return NO_MEMORY(call->report);
    *slot = made;
    return OK;
}

static status take_parties(struct call *call, struct known *known)
{
    dossier_id after = {{0}}, *ids;
    for (size_t count = PAGE, all = 0; count == PAGE;) {
        TRY(vault_list(call->reg->vault, DOSSIER_PARTY, after, PAGE, call->arena, call->report,
                       &ids, &count));
        for (size_t i = 0; i < count; i++)
            TRY(take_party(call, ids[i], known));
        all += count;
        if (count > 0)
            after = ids[count - 1];
        if (all > PARTIES_MOST)
            return fail(call->report, FAULT_LIMIT, "a record tells of at most %d parties",
                        PARTIES_MOST);
    }
    return OK;
}

/* Whoever has a space here is named by its own instructions. Nothing that lies in it is read. */
static status take_customers(struct call *call, struct known *known)
{
    const struct engine *engine = call->reg->engine;
    for (size_t i = 0; i < engine->reg_count; i++) {
        const struct reg *space = engine->regs[i];
        if (space->retired || space->space_of.len == 0 ||
            !str_equal(space->space_of, call->reg->id))
            continue;
        const struct plan **plan = LIST_ADD(call->arena, &known->customers);
        if (plan == NULL)
            return NO_MEMORY(call->report);
        *plan = reg_plan_now(space);
    }
    return OK;
}

status engine_processing(struct call *call, const struct processing *request, struct paper **paper)
{
    struct known known = {0};
    TRY(call_whole_register(call));
    TRY(take_parties(call, &known));
    TRY(take_customers(call, &known));
    const struct record_ask ask = {.plan = reg_plan(call->reg, call->now),
                                   .language = request->language,
                                   .controller = request->controller,
                                   .processor = request->processor,
                                   .live = true,
                                   .parties = known.parties.at,
                                   .party_count = known.parties.count,
                                   .customers = known.customers.at,
                                   .customer_count = known.customers.count};
    TRY(record_paper(&ask, call->arena, call->report, paper));
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log(call, NULL, &op, "processing", decision_by_scope());
}
