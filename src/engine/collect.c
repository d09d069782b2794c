/* Collecting: values come in through an intake, each as an item with its source and its purposes.
 */
#include "engine_internal.h"
#include "norway.h"

/* Card numbers never land, whatever the policy says, also not split over two fields (COB-81). */
static status refuse_cards(struct call *call, const str *texts, size_t count)
{
    struct card_search search = {0};
    bool found = false;
    for (size_t i = 0; i < count; i++)
        found |= card_number_find(texts[i], &search);
    wipe(&search, sizeof(search));
    return found ? call_refuse_card(call) : OK;
}

status call_refuse_card(struct call *call)
{
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    const struct plan *plan = reg_plan(call->reg, call->now);
    decision->reason.rule = STR("always.no_card_numbers");
    for (size_t i = 0; i < plan->category_count; i++) {
        if (plan->category[i].kind == CATEGORY_PAYMENT_CARD) {
            decision->reason.rule = plan->category[i].clause.path;
            decision->reason.ids = plan->category[i].clause.covers;
        }
    }
    call->decision = decision;
    struct operation op = call_operation(call, ACTION_COLLECT, (dossier_id){{0}});
    TRY(call_log_refusal(call, NULL, &op, "collect", decision));
    return fail(call->report, FAULT_REFUSED,
                "a payment card number stands in the values; nothing was stored");
}

status call_check_texts(struct call *call, const str *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (texts[i].len > LIMIT_VALUE_BYTES)
            return fail_about(call->report, FAULT_LIMIT, texts[i], "a value is at most %d bytes",
                              LIMIT_VALUE_BYTES);
        if (!utf8_valid(texts[i]))
            return fail_about(call->report, FAULT_INVALID, texts[i], "a value is UTF-8");
    }
    return refuse_cards(call, texts, count);
}

status call_check_values(struct call *call, const struct collect_value *values, size_t count)
{
    if (count == 0)
        return OK;
    str *texts = ARENA_ARRAY(call->arena, str, count);
    if (texts == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < count; i++)
        texts[i] = values[i].value;
    return call_check_texts(call, texts, count);
}

status call_open_to_store(struct call *call, dossier_id id, size_t count, struct subject *subject)
{
    TRY(call_open(call, id, subject));
    if (count == 0)
        return fail_at(call->report, FAULT_INVALID, "/values", "there is nothing to store");
    return OK;
}

/* What was made of other data names that data (derive.c): it is not collected. */
static status refuse_derived(struct call *call, const struct operation *op)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; i < op->offered_count; i++) {
        plan_index field = plan_find(plan, plan->field_of, op->offered[i].field);
        if (field != NONE && plan->category[plan->field[field].category].made_from.stated)
            return call_refuse_making(call, op, plan->field[field].category);
    }
    return OK;
}

static bool is_reference(const struct collect *request, size_t value)
{
    return value >= request->value_count - request->reference_count;
}

static status offered_fields(struct call *call, const struct collect *request, struct operation *op)
{
    struct offered *offered = ARENA_ARRAY(call->arena, struct offered, request->value_count);
    if (offered == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < request->value_count; i++) {
        TRY(call_word(call, NAME_FIELD, request->values[i].field, &offered[i].field));
        offered[i].said_optional = request->values[i].said_optional;
        TRY(call_check_reference(call, offered[i].field, request->values[i].value,
                                 is_reference(request, i), "/values"));
    }
    op->offered = offered;
    op->offered_count = request->value_count;
    return refuse_derived(call, op);
}

/* Every item says where it came from: the intake's only source when it has one. */
status call_source_of_intake(struct call *call, struct operation *op)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->intake_of, op->intake);
    if (op->source != 0 || index == NONE)
        return OK;
    const struct refs *from = &plan->intake[index].from;
    if (from->all || from->count != 1)
        return fail_at(call->report, FAULT_INVALID, "/source",
                       "this intake takes several sources: name one");
    op->source = plan->source[from->at[0]].clause.name;
    return OK;
}

static status collect_operation(struct call *call, const struct collect *request,
                                struct operation *op)
{
    *op = call_operation(call, ACTION_COLLECT, request->subject);
    op->matter = request->matter;
    TRY(call_word(call, NAME_INTAKE, request->intake, &op->intake));
    TRY(call_word(call, NAME_SOURCE, request->source, &op->source));
    TRY(call_source_of_intake(call, op));
    TRY(call_channel(call, request->channel, &op->channel));
    TRY(call_controller(call, request->controller, op));
    if (op->controller == 0)
        return fail_at(call->report, FAULT_INVALID, "/controller",
                       "the policy has several controllers: name the one that collects");
    TRY(call_words(call, NAME_PURPOSE, request->purposes, request->purpose_count, &op->told));
    op->told_count = request->purpose_count;
    TRY(call_words(call, NAME_EVIDENCE, request->supplied, request->supplied_count, &op->supplied));
    /* What is captured live waits for a notice on file: one that is handed over with the piece came
     * too late (INF-44). */
    op->supplied_count = call_is_live(call, op->intake) ? 0 : request->supplied_count;
    return offered_fields(call, request, op);
}

/* The part of the decision about the value: parts come in the order of what was offered. */
static const struct part *part_of(const struct decision *decision, size_t index)
{
    return index < decision->count ? &decision->parts[index] : NULL;
}

static status put_value(struct call *call, struct subject *subject, const struct permit *permit,
                        const struct operation *op, const struct part *part, str value,
                        const struct whole_file *file, instant at, record_id *id)
{
    const struct plan_version *version = plans_in_force(&call->reg->plans, call->now);
    struct fact_item header = {.id = call_record_id(call),
                               .field = part->field,
                               .source = op->source,
                               .intake = op->intake,
                               .channel = op->channel,
                               .controller = op->controller,
                               .version = version == NULL ? 0 : version->version,
                               .matter = op->matter,
                               .collected = at,
                               .told = part->told,
                               .told_count = part->told_count,
                               .external = call_is_external(call, part->field)};
    subject->dossier->facts->had_items = true;
    if (file != NULL) {
        *id = header.id = file->id;
        return vault_upload_end(call->reg->vault, permit, subject->dossier, &header, file->upload,
                                file->media, file->name, call->arena, call->report);
    }
    sealed bytes;
    TRY(vault_seal(call->reg->vault, subject->dossier, &header, value, call->arena, call->report,
                   &bytes));
    *id = header.id;
    return vault_put_item(call->reg->vault, permit, subject->dossier, &header, bytes, call->arena,
                          call->report);
}

/* The hash of a value of an identifying kind; of other kinds there is none. */
static status hash_of_value(struct call *call, word field, str value, bool *has, blind *hash)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct plan_field *known = &plan->field[plan_find(plan, plan->field_of, field)];
    *has = known->kind == FIELD_EMAIL || known->kind == FIELD_PHONE || known->kind == FIELD_ID;
    if (!*has)
        return OK;
    struct report odd = {0};
    status made =
        keys_blind(vault_keys(call->reg->vault), blind_kind(plan, known), value, &odd, hash);
    return made.fault == FAULT_INVALID
               ? fail_about(call->report, FAULT_INVALID, value, "%s", odd.text)
               : made;
}

/* A value of an identifying kind also leads to the person. */
status call_index_value(struct call *call, struct subject *subject, word field, str value)
{
    bool has;
    blind hash;
    TRY(hash_of_value(call, field, value, &has, &hash));
    return has ? vault_identify(call->reg->vault, subject->dossier, field, hash, call->arena,
                                call->report)
               : OK;
}

status call_inherit_by_value(struct call *call, struct subject *subject, word field, str value)
{
    bool has = false, inherited = false;
    blind hash;
    if (field != 0)
        TRY(hash_of_value(call, field, value, &has, &hash));
    if (has)
        TRY(call_inherit(call, subject->dossier, hash, &inherited));
    return inherited ? call_settle(call, subject) : OK;
}

static status put_values(struct call *call, struct subject *subject, const struct permit *permit,
                         const struct operation *op, const struct decision *decision,
                         const struct collect *request, instant at, struct collected *result)
{
    result->items = ARENA_ARRAY(call->arena, record_id, request->value_count);
    if (result->items == NULL)
        return NO_MEMORY(call->report);
    result->count = request->value_count;
    for (size_t i = 0; i < request->value_count; i++) {
        const struct part *part = part_of(decision, i);
        if (part == NULL || part->verdict == VERDICT_REFUSE)
            continue;
        TRY(put_value(call, subject, permit, op, part, request->values[i].value, request->file, at,
                      &result->items[i]));
        TRY(call_search_forget(call, subject->dossier, part->field));
        if (!is_reference(request, i))
            TRY(call_index_value(call, subject, part->field, request->values[i].value));
        call->outcome.count++;
    }
    return OK;
}

/* Whom else the values concern; of what was refused or put away there is nothing to say. */
static status put_concerns(struct call *call, struct subject *subject,
                           const struct collect *request, const struct collected *result)
{
    for (size_t i = 0; i < request->concern_count; i++) {
        const struct concern_of *concern = &request->concerns[i];
        for (size_t v = 0; v < request->value_count; v++) {
            record_id line;
            if (str_equal(request->values[v].field, concern->field) &&
                !ID_IS_ZERO(result->items[v]))
                TRY(call_concern_add(call, subject, result->items[v], concern->subject, &line));
        }
    }
    return OK;
}

static status put_away(struct call *call, struct subject *subject, const struct operation *op,
                       const struct collect *request, const word *held, struct collected *result)
{
    result->held = held;
    for (size_t i = 0; i < request->value_count; i++) {
        if (held[i] != 0)
            TRY(call_quarantine(call, subject, op, &request->values[i], held[i]));
    }
    return OK;
}

static status open_roles_and_events(struct call *call, struct subject *subject,
                                    const struct decision *decision, const struct collect *request,
                                    instant at)
{
    struct facts *facts = subject->dossier->facts;
    for (size_t i = 0; i < decision->role_count; i++) {
        size_t there = facts->roles.count;
        TRY(facts_add_role(call, facts, decision->roles[i], (dossier_id){{0}}, at));
        if (facts->roles.count > there) /* nobody recorded it: it does not keep the dossier */
            facts->roles.at[there].opened = true;
    }
    const word *events;
    TRY(call_words(call, NAME_EVENT, request->events, request->event_count, &events));
    for (size_t i = 0; i < request->event_count; i++)
        TRY(facts_add_event(call, facts, events[i], request->matter, at));
    return OK;
}

static bool is_new(const struct collected *result, record_id id)
{
    for (size_t i = 0; i < result->count; i++) {
        if (ID_EQUAL(result->items[i], id))
            return true;
    }
    return false;
}

/* What no ground holds from its first instant on (an agreement not made yet) is not taken in: it
 * would go with the next sweep, after the caller was told that it is kept (COB-30). What an import
 * brings from earlier may have ended since; that goes the ordinary way. */
status call_refuse_stillborn(struct call *call, struct subject *subject, const struct operation *op,
                             const struct collected *result)
{
    for (size_t i = 0; i < subject->settled.count; i++) {
        const struct settled_item *item = &subject->settled.items[i];
        if (item->alive || item->item->field == 0 || !is_new(result, item->item->id))
            continue;
        struct decision *decision = ARENA_NEW(call->arena, struct decision);
        if (decision == NULL)
            return NO_MEMORY(call->report);
        decision->reason = (struct reason){
            .rule = str_is_empty(item->rule->path) ? STR("always.own_basis") : item->rule->path,
            .ids = item->rule->ids,
            .article = STR("GDPR 5(1)(e)")};
        return call_refuse(call, subject->dossier->facts, op, decision);
    }
    return OK;
}

/* A file comes after the form that it belongs to: fields that the same intake took, of the same
 * matter, are offered with it, so that the intake's required ones are there. They are not stored
 * again. */
static status offer_form(struct call *call, const struct subject *subject, struct operation *op)
{
    size_t count = op->offered_count;
    struct offered *offered =
        ARENA_ARRAY(call->arena, struct offered, count + subject->settled.count + 1);
    if (offered == NULL)
        return NO_MEMORY(call->report);
    memcpy(offered, op->offered, count * sizeof(*offered));
    for (size_t i = 0; i < subject->settled.count; i++) {
        const struct settled_item *item = &subject->settled.items[i];
        bool there = !item->alive || item->item->intake != op->intake || item->item->field == 0 ||
                     !ID_EQUAL(item->item->matter, op->matter);
        for (size_t j = 0; j < count && !there; j++)
            there = offered[j].field == item->item->field;
        if (!there)
            offered[count++] = (struct offered){item->item->field, true};
    }
    op->offered = offered;
    op->offered_count = count;
    return OK;
}

status call_judge_collect(struct call *call, const struct collect *request, instant at,
                          struct subject *subject, struct operation *op,
                          const struct decision **decision, word **held)
{
    TRY(call_open_to_store(call, request->subject, request->value_count, subject));
    TRY(collect_operation(call, request, op));
    TRY(call_check_identities(call, op, request));
    for (size_t i = 0; i < request->value_count; i++) {
        if (!is_reference(request, i))
            TRY(call_inherit_by_value(call, subject, op->offered[i].field,
                                      request->values[i].value));
    }
    if (request->joins_form)
        TRY(offer_form(call, subject, op));
    TRY(call_judge(call, subject, op, decision));
    if (held != NULL)
        TRY(call_hold_back(call, subject->dossier->facts, op, request, decision, held));
    else if ((*decision)->verdict == VERDICT_REFUSE)
        return call_refuse(call, subject->dossier->facts, op, *decision);
    return call_check_live(call, subject->dossier->facts, op, at);
}

status engine_collect(struct call *call, const struct collect *request, struct collected *result)
{
    *result = (struct collected){0};
    TRY(call_check_values(call, request->values, request->value_count));
    instant at;
    TRY(call_instant(call, "/at", request->at, &at));
    struct subject subject;
    struct operation op;
    const struct decision *decision;
    word *held;
    TRY(call_judge_collect(call, request, at, &subject, &op, &decision, &held));
    TRY(call_check_cookie(call, &subject, request->cookie, &op));
    bool none = decision->verdict == VERDICT_REFUSE; /* all of it goes to quarantine */
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, none ? "collect_none" : "collect",
                   none ? decision_by_scope() : decision, NULL, 0, &permit));
    TRY(put_values(call, &subject, permit, &op, decision, request, at, result));
    TRY(put_concerns(call, &subject, request, result));
    TRY(put_away(call, &subject, &op, request, held, result));
    TRY(open_roles_and_events(call, &subject, decision, request, at));
    call->outcome.http = none ? 202 : 201;
    call->outcome.items = result->items;
    call->outcome.item_count = result->count;
    TRY(call_suppress(call, subject.dossier->facts, false));
    TRY(call_store(call, &subject, permit));
    return before(at, call->now) ? OK : call_refuse_stillborn(call, &subject, &op, result);
}
