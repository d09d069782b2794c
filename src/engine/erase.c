/* Erasure that the person asks for: what may go goes at once; what the law keeps is named, with the
 * rule and the date, and serves that law alone from then on. */
#include "engine_internal.h"
#include "json.h"

struct erasing {
    struct erase_result *result;
    audit_id handle; /* the reference; read before the ring goes */
    uint64_t index;  /* of the entry that the receipt proves */
    bool whole;
};

static status erase_operation(struct call *call, const struct erase *request, struct operation *op)
{
    *op = call_operation(call, ACTION_ERASE, request->subject);
    /* A member of the staff who does it for the person needs a role that may. */
    op->by_subject = call_by_subject(call, true);
    op->case_ = request->case_;
    return call_fields(call, request->fields, request->field_count, &op->fields, &op->field_count);
}

static const struct settled_item *settled_of(const struct subject *subject, record_id id)
{
    for (size_t i = 0; i < subject->settled.count; i++) {
        if (ID_EQUAL(subject->settled.items[i].item->id, id))
            return &subject->settled.items[i];
    }
    return NULL;
}

/* What a law keeps: the statute, and how long it does at the least. */
static void name_law(struct call *call, const struct settled_item *settled,
                     struct erased_item *item)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; settled != NULL && i < settled->ground_count; i++) {
        const struct ground *ground = &settled->grounds[i];
        const struct plan_purpose *purpose = &plan->purpose[ground->purpose];
        if (purpose->basis != BASIS_LEGAL_DUTY ||
            !str_equal(ground->rule->path, item->reason->rule))
            continue;
        item->law = purpose->law;
        item->until = ground->end.ms == NEVER.ms ? ground->least : ground->end;
        return;
    }
}

/* What another controller holds is not the caller's to know of. */
static bool is_others(const struct call *call, const struct subject *subject,
                      const struct part *part)
{
    const struct settled_item *settled = settled_of(subject, part->item);
    return settled != NULL && call_is_others(call, part, settled->item->controller);
}

/* Refused by a law or a claim, not by who asks or what the request lacks. */
static bool is_kept(const struct call *call, const struct subject *subject, const struct part *part)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct settled_item *settled = settled_of(subject, part->item);
    if (part->verdict != VERDICT_REFUSE || settled == NULL || is_others(call, subject, part))
        return false;
    if (str_is(part->reason.rule, "always.hold_limits_use"))
        return true;
    for (size_t i = 0; i < settled->ground_count; i++) {
        const struct ground *ground = &settled->grounds[i];
        if (plan->purpose[ground->purpose].basis == BASIS_LEGAL_DUTY && ground->keeps &&
            str_equal(ground->rule->path, part->reason.rule))
            return true;
    }
    return false;
}

static status list_items(struct call *call, const struct subject *subject,
                         const struct decision *decision, struct erase_result *result)
{
    result->items = ARENA_ARRAY(call->arena, struct erased_item, decision->count + 1);
    if (result->items == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        const struct settled_item *settled = settled_of(subject, part->item);
        if (is_others(call, subject, part))
            continue;
        bool external = settled != NULL && settled->item->external;
        result->items[result->count++] =
            (struct erased_item){.id = part->item,
                                 .field = call_text(call, part->field),
                                 .erased = part->verdict != VERDICT_REFUSE,
                                 .external = external,
                                 .reason = &part->reason,
                                 .until = settled == NULL ? NEVER : settled->end};
        if (part->verdict == VERDICT_REFUSE)
            name_law(call, settled, &result->items[result->count - 1]);
    }
    return OK;
}

/* What stays serves only the legal duties that keep it: the purposes told that it keeps, and
 * whether that is fewer than it had. */
static status kept_told(struct call *call, const struct settled_item *settled, struct edit *edit,
                        bool *fewer)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    word *names = ARENA_ARRAY(call->arena, word, settled->ground_count + 1);
    if (names == NULL)
        return NO_MEMORY(call->report);
    *edit = (struct edit){.kind = EDIT_CUT_TOLD, .id = settled->item->id, .names = names};
    for (size_t i = 0; i < settled->ground_count; i++) {
        const struct plan_purpose *purpose = &plan->purpose[settled->grounds[i].purpose];
        if (purpose->basis == BASIS_LEGAL_DUTY && before(call->now, settled->grounds[i].end))
            names[edit->name_count++] = purpose->clause.name;
    }
    *fewer = false;
    for (size_t i = 0; i < settled->item->told_count; i++) {
        bool stays = false;
        for (size_t j = 0; j < edit->name_count; j++)
            stays |= names[j] == settled->item->told[i];
        *fewer |= !stays;
    }
    return OK;
}

/* Does erasing take anything away, be it only purposes of what must stay? */
static status takes_something(struct call *call, const struct subject *subject,
                              const struct decision *decision, bool *takes)
{
    *takes = decision->verdict != VERDICT_REFUSE;
    for (size_t i = 0; i < decision->count && !*takes; i++) {
        struct edit edit;
        if (is_kept(call, subject, &decision->parts[i]))
            TRY(kept_told(call, settled_of(subject, decision->parts[i].item), &edit, takes));
    }
    return OK;
}

static status cut_told(struct call *call, struct subject *subject, record_id id)
{
    struct edit edit;
    bool fewer;
    TRY(kept_told(call, settled_of(subject, id), &edit, &fewer));
    return fewer ? vault_edit(call->reg->vault, subject->dossier, &edit, call->arena, call->report)
                 : OK;
}

static status erase_parts(struct call *call, struct subject *subject,
                          const struct decision *decision, bool everything,
                          const struct permit **permit)
{
    record_id *ids = ARENA_ARRAY(call->arena, record_id, decision->count + 1);
    if (ids == NULL)
        return NO_MEMORY(call->report);
    size_t count = 0;
    for (size_t i = 0; i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        if (part->verdict != VERDICT_REFUSE && !ID_IS_ZERO(part->item))
            ids[count++] = part->item;
        else if (is_kept(call, subject, part))
            TRY(cut_told(call, subject, part->item));
    }
    call->outcome.count = count;
    if (count > 0)
        TRY(call_erase_items(call, subject->dossier, ids, count, permit));
    /* A request to one of several companies is no request to the others. */
    if (!everything || reg_plan(call->reg, call->now)->controller_count > 1)
        return OK;
    struct edit asked = {.kind = EDIT_ERASE_ASKED, .at = call->now};
    return vault_edit(call->reg->vault, subject->dossier, &asked, call->arena, call->report);
}

static bool all_allowed(const struct decision *decision)
{
    for (size_t i = 0; i < decision->count; i++) {
        if (decision->parts[i].verdict == VERDICT_REFUSE)
            return false;
    }
    return true;
}

static bool is_claim(const struct call *call, const struct fact_evidence *evidence)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index type = plan_find(plan, plan->evidence_of, evidence->type);
    return type != NONE && plan->evidence[type].kind == KIND_CLAIM &&
           before(call->now, evidence->until);
}

/* A claim keeps the dossier, be there items or none. */
static bool held(const struct call *call, const struct subject *subject)
{
    const struct facts *facts = subject->dossier->facts;
    for (size_t i = 0; i < subject->settled.count; i++) {
        if (subject->settled.items[i].held)
            return true;
    }
    for (size_t i = 0; i < facts->evidence.count; i++) {
        if (is_claim(call, &facts->evidence.at[i]))
            return true;
    }
    return false;
}

static bool holds_nothing(const struct facts *facts)
{
    for (size_t i = 0; i < facts->items.count; i++) {
        if (facts->items.at[i].field != 0)
            return false;
    }
    return true;
}

/* Asked about nothing, so that no item answers before what the request lacks or the staff may. */
static status may_erase(struct call *call, struct subject *subject, const struct operation *op)
{
    static const word nothing = 0;
    struct operation bare = *op;
    bare.fields = &nothing;
    bare.field_count = 1;
    const struct decision *decision;
    TRY(call_judge(call, subject, &bare, &decision));
    if (str_is(decision->reason.rule, "always.nothing_held"))
        return OK;
    return call_refuse(call, subject->dossier->facts, op, decision);
}

status call_may_answer(struct call *call, struct subject *subject, dossier_id case_)
{
    struct operation op = call_operation(call, ACTION_ERASE, subject->dossier->facts->id);
    op.by_subject = call_by_subject(call, true);
    TRY(may_erase(call, subject, &op));
    op.case_ = case_;
    return call_check_named(call, &op);
}

/* Everything refused by a law is no refusal while there are purposes to cut. */
static status judge(struct call *call, struct subject *subject, const struct operation *op,
                    const struct decision **decision)
{
    const struct facts *facts = subject->dossier->facts;
    TRY(may_erase(call, subject, op));
    if (holds_nothing(facts)) { /* nothing that a rule could keep */
        *decision = decision_by_scope();
        return OK;
    }
    bool takes;
    TRY(call_judge(call, subject, op, decision));
    TRY(takes_something(call, subject, *decision, &takes));
    return takes ? OK : call_refuse(call, facts, op, *decision);
}

/* ---- the receipt ---- */

/* The erasure is durable and stands whatever becomes of its receipt: where the proof cannot be made
 * now (the checkpoint finds no room), the answer comes without one. */
static status erase_finish(struct call *call)
{
    struct erasing *erasing = call->state;
    struct report *kept = call->report;
    struct report quiet = {0};
    call->report = &quiet;
    status made =
        call_receipt(call, erasing->index, erasing->handle,
                     erasing->whole ? "erased" : "erased_in_part", &erasing->result->receipt);
    call->report = kept;
    if (!is_ok(made))
        erasing->result->receipt = STR("");
    return OK;
}

static status start_receipt(struct call *call, struct erase_result *result, bool whole)
{
    struct erasing *erasing = ARENA_NEW(call->arena, struct erasing);
    if (erasing == NULL)
        return NO_MEMORY(call->report);
    erasing->result = result;
    erasing->whole = whole;
    erasing->index = call->outcome.log_index;
    call->state = erasing;
    call->finish = erase_finish;
    return OK;
}

/* Why an item stays: the purpose whose law keeps it, else the rule. */
static str kept_by(const struct call *call, const struct subject *subject,
                   const struct erased_item *item)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct settled_item *settled = settled_of(subject, item->id);
    for (size_t i = 0; settled != NULL && i < settled->ground_count; i++) {
        if (str_equal(settled->grounds[i].rule->path, item->reason->rule))
            return call_text(call, plan->purpose[settled->grounds[i].purpose].clause.name);
    }
    return item->reason->rule;
}

static status part_words(struct call *call, const struct subject *subject,
                         const struct erase_result *result, struct erasure_words *words)
{
    for (size_t i = 0; i < result->count; i++) {
        const struct erased_item *item = &result->items[i];
        word category = call_category_of(call, words_find(call->reg->words, item->field));
        str why = item->erased ? STR("") : kept_by(call, subject, item);
        if (category != 0)
            TRY(call_erasure_word(call, words, item->erased ? "category" : "kept",
                                  call_text(call, category), why));
    }
    return call_erasure_epoch(call, words);
}

static status log_part(struct call *call, struct subject *subject, const struct operation *op,
                       const struct decision *decision, const struct erase_result *result,
                       const struct permit **permit)
{
    struct erasure_words words = {0};
    TRY(part_words(call, subject, result, &words));
    return call_write(call, subject->dossier->facts, op, "erase_part",
                      decision->verdict == VERDICT_REFUSE ? decision_by_scope() : decision,
                      words.at, words.count, permit);
}

status engine_erase(struct call *call, const struct erase *request, struct erase_result *result)
{
    *result = (struct erase_result){0};
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    struct operation op;
    TRY(erase_operation(call, request, &op));
    bool everything = request->field_count == 0;
    TRY(call_whole_person(call, subject.dossier->facts, &op));
    TRY(call_check_warning(call, &subject, op.fields, op.field_count, request->warned));
    audit_id handle;
    TRY(vault_handle(call->reg->vault, request->subject, call->report, handle.bytes));
    const struct decision *decision;
    TRY(judge(call, &subject, &op, &decision));
    bool waits = false;
    if (everything)
        TRY(call_second_pair(call, ACT_ERASE_WHOLE, request->subject, &waits));
    if (waits)
        return OK;
    TRY(call_request_act(call, request->case_, RIGHT_ERASE, request->subject));
    TRY(list_items(call, &subject, decision, result));
    call->outcome.id = request->subject;
    result->concerned = concerns_there(subject.dossier->facts);
    if (request->suppress)
        TRY(call_suppress(call, subject.dossier->facts, true));
    result->whole = everything && all_allowed(decision) && !held(call, &subject);
    if (result->whole) {
        call->outcome.count = decision->count;
        TRY(call_erase_whole(call, subject.dossier));
    } else {
        const struct permit *permit = NULL;
        TRY(erase_parts(call, &subject, decision, everything, &permit));
        TRY(log_part(call, &subject, &op, decision, result, &permit));
        TRY(call_store_and_purge(call, &subject, permit));
    }
    TRY(start_receipt(call, result, result->whole));
    ((struct erasing *)call->state)->handle = handle;
    return OK;
}
