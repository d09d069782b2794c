/* Access to a service: the purpose that delivers it is live and allowed for this person now. What
 * it takes is in the policy: the role (tied to the organisation), the agreement of the person or of
 * the organisation, what it `needs` and what it `requires`. No list of accounts is kept that could
 * say otherwise: when one of these ends, access has ended. */
#include "engine_internal.h"

enum { PEOPLE_LOOKED_AT = 64 };

/* ---- is it open? ---- */

static status required_fields(struct call *call, const struct plan_purpose *purpose,
                              struct operation *op)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    word *fields = ARENA_ARRAY(call->arena, word, plan->field_count + 1);
    if (fields == NULL)
        return NO_MEMORY(call->report);
    for (plan_index i = 0; purpose->requires.stated && i < plan->field_count; i++) {
        if (field_set_has(&purpose->requires, i))
            fields[op->field_count++] = plan->field[i].name;
    }
    op->fields = fields;
    return OK;
}

static status lacks(struct call *call, const struct plan_purpose *purpose, const char *clause,
                    word lacking, struct reason *reason)
{
    word *named = ARENA_NEW(call->arena, word);
    str rule = arena_format(call->arena, "%.*s.%s", STR_ARG(purpose->clause.path), clause);
    if (named == NULL || rule.ptr == NULL)
        return NO_MEMORY(call->report);
    *named = lacking;
    *reason = (struct reason){.rule = rule,
                              .ids = purpose->clause.covers,
                              .article = STR("GDPR 6(1)(b)"),
                              .lacks = named,
                              .lack_count = lacking == 0 ? 0 : 1};
    return OK;
}

static bool is_agreement(const struct call *call, const struct fact_evidence *evidence)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index type = plan_find(plan, plan->evidence_of, evidence->type);
    return type != NONE && plan->evidence[type].kind == KIND_AGREEMENT &&
           !before(call->now, evidence->since) && before(call->now, evidence->until);
}

/* Bound to this matter, or to none. */
static bool fits_matter(const struct fact_evidence *evidence, dossier_id matter)
{
    for (size_t i = 0; i < evidence->bound_count; i++) {
        if (evidence->bound[i].slot == SLOT_MATTER && !ID_EQUAL(evidence->bound[i].id, matter))
            return false;
    }
    return true;
}

/* Of the organisation that is asked about, or her own; another organisation's opens nothing here.
 */
static bool is_agreed(const struct call *call, const struct view *view, dossier_id matter)
{
    for (size_t i = 0; i < view->subject->evidence.count; i++) {
        const struct fact_evidence *own = &view->subject->evidence.at[i];
        if (is_agreement(call, own) && fits_matter(own, matter))
            return true;
    }
    for (size_t m = 0; m < view->matter_count; m++) {
        const struct facts *facts = view->matters[m];
        for (size_t i = 0; ID_EQUAL(facts->id, matter) && i < facts->evidence.count; i++) {
            if (is_agreement(call, &facts->evidence.at[i]))
                return true;
        }
    }
    return false;
}

/* Somebody recorded a role of hers for this matter, or for whichever: one that only came with a
 * form names her under nobody's agreement (COB-20). */
static bool is_named(const struct call *call, const struct plan_purpose *purpose,
                     const struct facts *facts, dossier_id matter)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; i < facts->roles.count; i++) {
        const struct fact_role *role = &facts->roles.at[i];
        plan_index index = plan_find(plan, plan->role_of, role->role);
        bool live = !before(call->now, role->since) && before(call->now, role->until);
        bool fits = ID_EQUAL(role->matter, matter) || (ID_IS_ZERO(role->matter) && !role->opened);
        if (index != NONE && live && fits && refs_has(&purpose->roles, index))
            return true;
    }
    return purpose->roles.all;
}

/* A required field of which no item may be used, or only an empty one. */
static word first_missing(const struct operation *op, const struct decision *decision,
                          const struct facts *facts)
{
    for (size_t f = 0; f < op->field_count; f++) {
        bool there = false;
        for (size_t i = 0; i < decision->count && !there; i++) {
            const struct part *part = &decision->parts[i];
            const struct fact_item *item = facts_find_item(facts, part->item);
            there = part->field == op->fields[f] && part->verdict != VERDICT_REFUSE &&
                    item != NULL && item->size > 0;
        }
        if (!there)
            return op->fields[f];
    }
    return 0;
}

static struct operation service_operation(const struct call *call, dossier_id subject,
                                          const struct plan_purpose *purpose, dossier_id matter)
{
    struct operation op = call_operation(call, ACTION_USE, subject);
    op.purpose = purpose->clause.name;
    op.matter = matter;
    op.staff = 0; /* it is the person who comes in, whoever asks for her */
    op.actor = (dossier_id){{0}};
    return op;
}

static word any_role(const struct call *call, const struct plan_purpose *purpose)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    return purpose->roles.count == 0 ? 0 : plan->role[purpose->roles.at[0]].clause.name;
}

/* No reason (its rule is empty): it is open. Nothing is logged. */
static status judge(struct call *call, const struct subject *subject,
                    const struct plan_purpose *purpose, const struct operation *asked,
                    struct reason *reason)
{
    struct view view;
    struct decision decision = {0};
    struct operation op = *asked;
    const struct facts *facts = subject->dossier->facts;
    *reason = (struct reason){0};
    if (counted_reason(reg_plan(call->reg, call->now), &op, call->arena, reason))
        return OK; /* to count is to serve nobody */
    if (!ID_IS_ZERO(op.matter) && !is_named(call, purpose, facts, op.matter))
        return lacks(call, purpose, "roles", any_role(call, purpose), reason);
    TRY(required_fields(call, purpose, &op));
    TRY(call_view(call, facts, &op, &view));
    TRY(decide(&view, &subject->settled, &op, call->now, call->arena, call->report, &decision));
    bool nothing = str_is(decision.reason.rule, "always.nothing_held");
    if (decision.verdict == VERDICT_REFUSE && !(nothing && op.field_count > 0)) {
        *reason = decision.reason;
        return OK;
    }
    word missing = first_missing(&op, &decision, facts);
    if (missing != 0)
        return lacks(call, purpose, "requires", missing, reason);
    bool contract = purpose->basis == BASIS_CONTRACT && !purpose->before_contract;
    if (contract && !ID_IS_ZERO(op.matter) && !is_agreed(call, &view, op.matter))
        return lacks(call, purpose, "basis", evidence_word(call, KIND_AGREEMENT), reason);
    return OK;
}

status engine_service(struct call *call, const struct service_ask *request,
                      struct service_answer *answer)
{
    *answer = (struct service_answer){0};
    const struct plan *plan = reg_plan(call->reg, call->now);
    struct subject subject;
    word name;
    TRY(call_open(call, request->subject, &subject));
    TRY(call_word(call, NAME_PURPOSE, request->purpose, &name));
    plan_index index = plan_find(plan, plan->purpose_of, name);
    if (index == NONE)
        return fail_at(call->report, FAULT_INVALID, "/purpose",
                       "a service is named by the purpose that delivers it");
    const struct plan_purpose *purpose = &plan->purpose[index];
    struct operation op = service_operation(call, request->subject, purpose, request->matter);
    const struct facts *facts = subject.dossier->facts;
    TRY(call_purpose_held(call, facts, &op, op.purpose));
    TRY(call_controller(call, request->controller, &op));
    TRY(call_check_named(call, &op));
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    TRY(judge(call, &subject, purpose, &op, &decision->reason));
    answer->open = str_is_empty(decision->reason.rule);
    answer->reason = answer->open ? NULL : &decision->reason;
    decision->verdict = answer->open ? VERDICT_ALLOW : VERDICT_REFUSE;
    return call_log(call, facts, &op, "service", decision);
}

/* ---- warning before an act that would close one (COB-95, HOS-52) ---- */

static status add_open(struct call *call, const struct subject *subject, plan_index purpose,
                       dossier_id matter, struct services *services)
{
    const struct plan_purpose *asked = &reg_plan(call->reg, call->now)->purpose[purpose];
    struct operation op = service_operation(call, subject->dossier->facts->id, asked, matter);
    struct reason reason;
    TRY(judge(call, subject, asked, &op, &reason));
    if (!str_is_empty(reason.rule))
        return OK;
    struct service *added = LIST_ADD(call->arena, &services->list);
    if (added == NULL)
        return NO_MEMORY(call->report);
    *added = (struct service){purpose, matter};
    return OK;
}

static bool seen_before(const struct facts *facts, size_t role)
{
    for (size_t i = 0; i < role; i++) {
        if (ID_EQUAL(facts->roles.at[i].matter, facts->roles.at[role].matter))
            return true;
    }
    return false;
}

status call_services(struct call *call, const struct subject *subject, struct services *services)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct facts *facts = subject->dossier->facts;
    for (plan_index p = 0; p < plan->purpose_count; p++) {
        const struct plan_purpose *purpose = &plan->purpose[p];
        if (!purpose->requires.stated || purpose->requires.hole || purpose->clause.closed)
            continue;
        for (size_t i = 0; i < facts->roles.count; i++) {
            if (!seen_before(facts, i))
                TRY(add_open(call, subject, p, facts->roles.at[i].matter, services));
        }
    }
    return OK;
}

status call_services_warn(struct call *call, struct subject *subject,
                          const struct services *before_)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    if (before_->list.count == 0)
        return OK;
    TRY(call_view(call, subject->dossier->facts, NULL, &subject->view));
    TRY(call_settle(call, subject));
    for (size_t i = 0; i < before_->list.count; i++) {
        const struct service *service = &before_->list.at[i];
        const struct plan_purpose *purpose = &plan->purpose[service->purpose];
        struct operation op =
            service_operation(call, subject->dossier->facts->id, purpose, service->matter);
        struct reason reason;
        TRY(judge(call, subject, purpose, &op, &reason));
        if (!str_is_empty(reason.rule))
            return fail(call->report, FAULT_CONFLICT,
                        "this would stop %.*s: warn first, then repeat with \"warned\": true",
                        STR_ARG(call_text(call, purpose->clause.name)));
    }
    return OK;
}

static status load_quietly(struct call *call, dossier_id id, struct subject *subject, bool *live)
{
    enum presence presence;
    *subject = (struct subject){0};
    TRY(vault_load(call->reg->vault, id, call->arena, call->report, &presence, &subject->dossier));
    *live = presence == PRESENCE_LIVE && subject->dossier->facts->kind == DOSSIER_SUBJECT;
    if (!*live)
        return OK;
    TRY(call_view(call, subject->dossier->facts, NULL, &subject->view));
    return call_settle(call, subject);
}

/* People of an organisation: those whose facts name the matter, the first some of them. */
status call_matter_services(struct call *call, dossier_id matter, struct matter_services *found)
{
    blind tag;
    dossier_id *ids;
    size_t count;
    keys_tag(vault_keys(call->reg->vault), STR("matter"), ID_STR(matter), &tag);
    TRY(vault_live(call->reg->vault, tag, (dossier_id){{0}}, PEOPLE_LOOKED_AT, call->arena,
                   call->report, &ids, &count));
    found->people = ARENA_ARRAY(call->arena, struct matter_person, count + 1);
    if (found->people == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < count; i++) {
        struct subject subject;
        bool live;
        struct matter_person *person = &found->people[found->count];
        TRY(load_quietly(call, ids[i], &subject, &live));
        if (!live)
            continue;
        *person = (struct matter_person){.id = ids[i]};
        TRY(call_services(call, &subject, &person->services));
        found->count += person->services.list.count > 0;
    }
    return OK;
}

status call_matter_services_warn(struct call *call, const struct matter_services *found)
{
    for (size_t i = 0; i < found->count; i++) {
        struct subject subject;
        bool live;
        TRY(load_quietly(call, found->people[i].id, &subject, &live));
        if (live)
            TRY(call_services_warn(call, &subject, &found->people[i].services));
    }
    return OK;
}
