/* Reading for a purpose: decided and logged in phase one, opened in phase two, when the entry is
 * durable. */
#include "engine_internal.h"

enum { FETCH_FROM = 3 }; /* from so many items on, one query for all costs less */

struct reading {
    struct dossier *dossier;
    struct permit_wait wait;
    const struct decision *decision;
    struct read_result *result;
    bool without_values;
};

static status read_operation(struct call *call, const struct read *request, struct operation *op)
{
    *op = call_operation(call, request->use ? ACTION_USE : ACTION_READ, request->subject);
    op->matter = request->matter;
    if (str_is_empty(request->purpose))
        return fail_at(call->report, FAULT_INVALID, "/purpose", "a read names its purpose");
    TRY(call_purpose(call, request->purpose, &op->purpose));
    TRY(call_controller(call, request->controller, op));
    TRY(call_fields(call, request->fields, request->field_count, &op->fields, &op->field_count));
    op->items = request->items;
    op->item_count = request->item_count;
    return OK;
}

static void describe(const struct call *call, const struct fact_item *header,
                     const struct part *part, struct read_item *item)
{
    *item = (struct read_item){.id = part->item,
                               .field = call_text(call, part->field),
                               .verdict = part->verdict,
                               .reason = part->verdict == VERDICT_REFUSE ? &part->reason : NULL};
    if (header == NULL)
        return;
    item->matter = header->matter;
    item->collected = header->collected;
    item->source = call_text(call, header->source);
    item->version = call_text(call, header->version);
    item->external = header->external;
}

status call_again(struct call *call, struct dossier **dossier)
{
    struct vault *vault = call->reg->vault;
    if ((*dossier)->at == vault_changes(vault))
        return OK;
    enum presence presence;
    TRY(vault_load(vault, (*dossier)->facts->id, call->arena, call->report, &presence, dossier));
    if (presence == PRESENCE_LIVE)
        return OK;
    return fail(call->report, FAULT_NOT_FOUND, "%s", fault_text(FAULT_NOT_FOUND));
}

/* What a file is; its bytes are asked for by themselves. */
static status describe_file(struct call *call, const struct permit *permit,
                            const struct dossier *dossier, const struct fact_item *header,
                            struct read_item *item)
{
    struct vault_file file;
    TRY(vault_open_file(call->reg->vault, permit, dossier, header, call->arena, call->report,
                        &file));
    vault_file_wipe(&file);
    item->in_parts = true;
    item->size = header->size;
    item->media = file.media;
    item->name = file.name;
    return OK;
}

status call_describe(struct call *call, const struct facts *facts, const struct decision *decision,
                     struct read_result *result)
{
    *result = (struct read_result){
        .items = ARENA_ARRAY(call->arena, struct read_item, decision->count + 1)};
    if (result->items == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        const struct fact_item *header = facts_find_item(facts, part->item);
        if (header == NULL)
            continue;
        struct read_item *item = &result->items[result->count++];
        describe(call, header, part, item);
        item->end = part->end;
    }
    return OK;
}

/* Sealed rows of what will be opened, as soon as that is known: of all reads of a turn they come
 * together. */
static void open_parts_ahead(struct call *call, dossier_id id, const struct decision *decision)
{
    if (decision->count >= FETCH_FROM)
        vault_fetch_ahead(call->reg->vault, id);
    for (size_t i = 0; decision->count < FETCH_FROM && i < decision->count; i++)
        if (decision->parts[i].verdict != VERDICT_REFUSE)
            vault_item_ahead(call->reg->vault, id, decision->parts[i].item);
}

/* Of a read that names its items, they come along with the facts. */
static void named_ahead(struct call *call, const struct read *request)
{
    struct vault *vault = call->reg->vault;
    if (request->item_count == 0 || request->without_values)
        return;
    vault_load_ahead(vault, request->subject);
    if (request->item_count >= FETCH_FROM)
        vault_fetch_ahead(vault, request->subject);
    for (size_t i = 0; request->item_count < FETCH_FROM && i < request->item_count; i++)
        vault_item_ahead(vault, request->subject, request->items[i]);
}

/* Opens what the decision allowed; what a later call of the same turn erased is not there. */
status call_open_parts(struct call *call, struct dossier *dossier, const struct permit_wait *wait,
                       const struct decision *decision, struct read_result *result)
{
    struct reg *reg = call->reg;
    const struct permit *permit;
    TRY(permit_to_read(wait, reg->log, call->arena, call->report, &permit));
    TRY(call_again(call, &dossier));
    if (decision->count >= FETCH_FROM)
        TRY(vault_fetch(reg->vault, dossier, call->arena, call->report));
    result->items = ARENA_ARRAY(call->arena, struct read_item, decision->count + 1);
    if (result->items == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < decision->count; i++) {
        const struct part *part = &decision->parts[i];
        const struct fact_item *header = facts_find_item(dossier->facts, part->item);
        struct read_item *item = &result->items[result->count];
        describe(call, header, part, item);
        if (header == NULL)
            continue;
        result->count++;
        if (part->verdict == VERDICT_REFUSE)
            continue;
        TRY(header->chunks > 0 ? describe_file(call, permit, dossier, header, item)
                               : vault_open_item(reg->vault, permit, dossier, header, call->arena,
                                                 call->report, &item->value));
    }
    return OK;
}

static status read_finish(struct call *call)
{
    struct reading *reading = call->state;
    struct dossier *dossier = reading->dossier;
    const struct permit *permit;
    if (!reading->without_values)
        return call_open_parts(call, dossier, &reading->wait, reading->decision, reading->result);
    TRY(permit_to_read(&reading->wait, call->reg->log, call->arena, call->report, &permit));
    TRY(call_again(call, &dossier));
    return call_describe(call, dossier->facts, reading->decision, reading->result);
}

static bool all_allowed(const struct decision *decision)
{
    for (size_t i = 0; i < decision->count; i++) {
        if (decision->parts[i].verdict == VERDICT_REFUSE)
            return false;
    }
    return decision->verdict != VERDICT_REFUSE;
}

/* A matter was opened, not the person: the items that lie in it. */
static status only_of_matter(struct call *call, const struct facts *facts, struct operation *op)
{
    record_id *ids = ARENA_ARRAY(call->arena, record_id, facts->items.count + 1);
    size_t count = 0;
    if (ids == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < facts->items.count; i++) {
        const struct fact_item *item = &facts->items.at[i];
        bool asked = op->item_count == 0;
        for (size_t j = 0; j < op->item_count; j++)
            asked |= ID_EQUAL(op->items[j], item->id);
        if (asked && item->field != 0 && ID_EQUAL(item->matter, op->matter))
            ids[count++] = item->id;
    }
    if (count == 0)
        ids[count++] = (record_id){{0}}; /* none: nothing is held there */
    op->items = ids;
    op->item_count = count;
    return OK;
}

/* Who has broken the glass is asked by every gate but that of the staff. */
static status decide_read(struct call *call, struct subject *subject, const struct operation *op,
                          const struct decision **decision, bool *broken)
{
    struct operation outside = *op;
    outside.staff = 0;
    outside.actor = (dossier_id){{0}};
    bool matter;
    TRY(call_glass_is_broken(call, op, broken, &matter));
    if (!*broken)
        return call_decide(call, subject, op, decision);
    TRY(call_judge(call, subject, op, decision));
    *broken = !all_allowed(*decision);
    if (!*broken)
        return OK;
    if (matter)
        TRY(only_of_matter(call, subject->dossier->facts, &outside));
    return call_decide(call, subject, &outside, decision);
}

bool counted_reason(const struct plan *plan, const struct operation *op, struct arena *arena,
                    struct reason *reason)
{
    plan_index index = plan_find(plan, plan->purpose_of, op->purpose);
    if (op->action != ACTION_USE || index == NONE || plan->purpose[index].counts_only == 0)
        return false;
    const struct clause *clause = &plan->purpose[index].clause;
    *reason =
        (struct reason){.rule = arena_format(arena, "%.*s.counts_only", STR_ARG(clause->path)),
                        .ids = clause->covers,
                        .article = STR("GDPR 5(1)(c)")};
    return true;
}

status call_refuse_counted(struct call *call, const struct facts *facts, const struct operation *op)
{
    struct reason reason;
    if (!counted_reason(reg_plan(call->reg, call->now), op, call->arena, &reason))
        return OK;
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    decision->reason = reason;
    return call_refuse(call, facts, op, decision);
}

/* A word, since the log holds no text: what somebody would write is about the person. */
static status check_because(struct call *call, str because)
{
    static const char *const words[] = {"request", "question", "complaint",
                                        "mistake", "check",    "other"};
    for (size_t i = 0; i < LENGTH(words); i++) {
        if (str_is(because, words[i]))
            call->because = arena_format(call->arena, "because:%s", words[i]);
    }
    return str_is_empty(because) || !str_is_empty(call->because)
               ? OK
               : fail_at(call->report, FAULT_INVALID, "/because",
                         "because is request, question, complaint, mistake, check or other");
}

status engine_read(struct call *call, const struct read *request, struct read_result *result)
{
    *result = (struct read_result){0};
    struct subject subject;
    TRY(check_because(call, request->because));
    named_ahead(call, request);
    TRY(call_open(call, request->subject, &subject));
    struct operation op;
    TRY(read_operation(call, request, &op));
    TRY(call_refuse_counted(call, subject.dossier->facts, &op));
    struct reading *reading = ARENA_NEW(call->arena, struct reading);
    if (reading == NULL)
        return NO_MEMORY(call->report);
    reading->dossier = subject.dossier;
    reading->result = result;
    reading->without_values = request->without_values;
    bool broken;
    TRY(decide_read(call, &subject, &op, &reading->decision, &broken));
    const char *action = request->without_values ? "show" : action_name(op.action);
    TRY(call_ask(call, subject.dossier->facts, &op, broken ? "read_broken_glass" : action,
                 reading->decision, &reading->wait));
    if (!reading->without_values)
        open_parts_ahead(call, request->subject, reading->decision);
    call->state = reading;
    call->finish = read_finish;
    return OK;
}
