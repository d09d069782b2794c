/* Identity numbers have a category of their own where the policy takes them, or lists them as what
 * it never takes: they stand in no other value (personopplysningsloven § 12). */
#include "engine_internal.h"
#include "norway.h"

/* The category of identity numbers, when the policy has one. */
static const struct plan_category *category_of(const struct call *call)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; i < plan->category_count; i++) {
        if (plan->category[i].kind == CATEGORY_NATIONAL_ID)
            return &plan->category[i];
    }
    return NULL;
}

bool call_looks_for_identity(const struct call *call, word field)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->field_of, field);
    if (category_of(call) == NULL || index == NONE ||
        plan->category[plan->field[index].category].kind == CATEGORY_NATIONAL_ID)
        return false;
    enum field_kind kind = plan->field[index].kind;
    /* A number of another kind may look like one. */
    return kind != FIELD_PHONE && kind != FIELD_ID && kind != FIELD_NUMBER && kind != FIELD_IP;
}

status call_refuse_identity(struct call *call)
{
    const struct plan_category *national = category_of(call);
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    decision->reason.rule = arena_format(call->arena, "%.*s.%s", STR_ARG(national->clause.path),
                                         national->never ? "never" : "kind");
    decision->reason.ids = national->clause.covers;
    decision->reason.article = STR("personopplysningsloven § 12");
    struct operation op = call_operation(call, ACTION_COLLECT, (dossier_id){{0}});
    call->decision = decision;
    TRY(call_log_refusal(call, NULL, &op, "collect", decision));
    return fail(call->report, FAULT_REFUSED,
                "a national identity number stands in a field that is not for one; nothing was "
                "stored");
}

status call_check_identity(struct call *call, word field, str value)
{
    struct card_search search = {0};
    bool found = call_looks_for_identity(call, field) && foedselsnummer_find(value, &search);
    wipe(&search, sizeof(search));
    return found ? call_refuse_identity(call) : OK;
}

/* Nor split over two fields, as a date of birth and what comes after it. */
status call_check_identities(struct call *call, const struct operation *op,
                             const struct collect *request)
{
    struct card_search search = {0};
    bool found = false;
    for (size_t i = 0; i < request->value_count; i++) {
        if (call_looks_for_identity(call, op->offered[i].field))
            found |= foedselsnummer_find(request->values[i].value, &search);
    }
    wipe(&search, sizeof(search));
    return found ? call_refuse_identity(call) : OK;
}
