/* The record of processing of article 30 and the other papers of a register, as of now: what the
 * version in force says, with the parties that receive data, the customers that the firm processes
 * for and what is on file for purposes, which only the register knows. The papers themselves are in
 * src/document. */
#include "engine_internal.h"
#include "processing.h"

enum { PARTIES_MOST = 1000, PAGE = 200 };

struct known {
    LIST(struct record_party) parties;
    LIST(struct record_customer) customers;
    size_t in_spaces; /* parties of all of them */
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

/* That everyone may know it: a live record of this type, if the policy has one. */
static bool may_be_named(const struct call *call, const struct facts *party)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; i < party->evidence.count; i++) {
        const struct fact_evidence *there = &party->evidence.at[i];
        plan_index type = plan_find(plan, plan->evidence_of, there->type);
        if (type != NONE && str_is(call_text(call, there->type), "may_be_named") &&
            !before(call->now, there->since) &&
            before(call->now, evidence_until(plan, type, there)))
            return true;
    }
    return false;
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
                                .outside = zone != 0 && !zone_is_home(plan, zone),
                                .public = may_be_named(call, party)};
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

/* Parties that a space knows: firms, which its record of processing names (article 30(2)(a)). */
static status take_parties_of(struct call *call, struct reg *space, struct known *known,
                              struct record_customer *customer)
{
    struct known inside = {0};
    struct call there = {.engine = call->engine,
                         .reg = space,
                         .caller = engine_public(),
                         .arena = call->arena,
                         .report = call->report,
                         .now = reg_now(space)};
    TRY(take_parties(&there, &inside));
    customer->parties = inside.parties.at;
    customer->party_count = inside.parties.count;
    known->in_spaces += inside.parties.count;
    return known->in_spaces <= PARTIES_MOST
               ? OK
               : fail(call->report, FAULT_LIMIT, "a record tells of at most %d parties",
                      PARTIES_MOST);
}

/* Whoever has a space here is named by its own instructions. No person in it is looked at. */
static status take_customers(struct call *call, struct known *known)
{
    const struct engine *engine = call->reg->engine;
    for (size_t i = 0; i < engine->reg_count; i++) {
        struct reg *space = engine->regs[i];
        if (space->retired || space->space_of.len == 0 ||
            !str_equal(space->space_of, call->reg->id))
            continue;
        struct record_customer *customer = LIST_ADD(call->arena, &known->customers);
        if (customer == NULL)
            return NO_MEMORY(call->report);
        *customer = (struct record_customer){.plan = reg_plan_now(space)};
        TRY(take_parties_of(call, space, known, customer));
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

/* ---- the other papers ---- */

struct purpose_proofs {
    LIST(struct purpose_proof) list;
};

/* What is on file for purposes lies with the register itself. */
static status take_purpose_proofs(struct call *call, struct purpose_proofs *proofs)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct facts *own;
    TRY(reg_facts(call->reg, call->reg->own, call->report, &own));
    for (size_t i = 0; own != NULL && i < own->evidence.count; i++) {
        const struct fact_evidence *there = &own->evidence.at[i];
        plan_index type = plan_find(plan, plan->evidence_of, there->type), purpose = NONE;
        for (size_t k = 0; k < there->bound_count; k++) {
            if (there->bound[k].slot == SLOT_PURPOSE)
                purpose = plan_find(plan, plan->purpose_of, there->bound[k].name);
        }
        if (type == NONE || purpose == NONE || before(call->now, there->since) ||
            !before(call->now, evidence_until(plan, type, there)))
            continue;
        struct purpose_proof *proof = LIST_ADD(call->arena, &proofs->list);
        if (proof == NULL)
            return NO_MEMORY(call->report);
        *proof =
            (struct purpose_proof){type, purpose, there->since, evidence_until(plan, type, there)};
    }
    return OK;
}

/* When the next version comes, of those that are applied. */
static instant version_ends(const struct call *call)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    instant found = NEVER;
    for (size_t i = 0; i < reg_version_count(call->reg); i++) {
        const struct version_state *version = reg_version_at(call->reg, i);
        instant until;
        str standing = reg_version_standing(call->reg, version, call->now, &until);
        if (version->plan == plan && str_is(standing, "in_force"))
            found = until;
    }
    return found;
}

status engine_paper(struct call *call, enum register_paper kind, enum language language,
                    struct paper **paper)
{
    static status (*const builders[REGISTER_PAPER_COUNT])(
        const struct policy_ask *ask, struct arena *arena, struct report *report,
        struct paper **paper) = {[REGISTER_RETENTION] = retention_paper,
                                 [REGISTER_TRANSFERS] = transfers_paper,
                                 [REGISTER_PROCESSORS] = processors_paper,
                                 [REGISTER_BALANCING] = balancing_paper,
                                 [REGISTER_ASSESSMENT] = assessment_paper};
    struct known known = {0};
    struct purpose_proofs proofs = {0};
    TRY(call_whole_register(call));
    TRY(take_parties(call, &known));
    TRY(take_purpose_proofs(call, &proofs));
    const struct policy_ask ask = {.plan = reg_plan(call->reg, call->now),
                                   .language = language,
                                   .live = true,
                                   .now = call->now,
                                   .until = version_ends(call),
                                   .parties = known.parties.at,
                                   .party_count = known.parties.count,
                                   .proofs = proofs.list.at,
                                   .proof_count = proofs.list.count};
    TRY(builders[kind](&ask, call->arena, call->report, paper));
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log(call, NULL, &op, "processing", decision_by_scope());
}

status engine_processors(struct reg *reg, struct policy_ask *ask, struct arena *arena,
                         struct report *report, struct paper **paper)
{
    struct known known = {0};
    struct call call = {.engine = reg->engine,
                        .reg = reg,
                        .caller = engine_public(),
                        .arena = arena,
                        .report = report,
                        .now = reg_now(reg)};
    if (ask->plan == reg_plan(reg, call.now)) /* the kinds of an older version are others */
        TRY(take_parties(&call, &known));
    ask->parties = known.parties.at;
    ask->party_count = known.parties.count;
    return processors_paper(ask, arena, report, paper);
}
