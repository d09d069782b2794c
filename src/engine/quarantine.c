/* Quarantine: what came in and may not be had (a category that the intake refuses, special
 * categories by e-mail) is sealed in a dossier of its own that no purpose reaches. An officer sees
 * that it is there, not what it says, and decides: to the right place, or away. After two weeks it
 * goes by itself.
 *
 *   collect --refused content--> quarantine --release--> collect, through the gates
 *                                   |------- erase, or QUARANTINE_DAYS ------> gone */
#include "always.h"
#include "engine_internal.h"
#include "json.h"

enum { QUARANTINE_DAYS = 14 };

static instant end_of(const struct facts *facts)
{
    return (instant){facts->created.ms + (int64_t)QUARANTINE_DAYS * 24 * 3600 * 1000};
}

/* ---- what may not be had ---- */

static bool is_kind(const struct plan *plan, plan_index category, enum category_kind kind)
{
    return category != NONE && plan->category[category].kind == kind;
}

static struct covers covers_of_always(const struct plan *plan, enum always rule)
{
    for (size_t i = 0; i < plan->always_count; i++) {
        if (str_is(words_text(plan->words, plan->always[i].clause.name), always_rule(rule)->name))
            return plan->always[i].clause.covers;
    }
    return (struct covers){0};
}

static struct reason secure_channel(const struct plan *plan)
{
    const struct always_rule *rule = always_rule(ALWAYS_secure_channel_for_special);
    return (struct reason){.rule = str_from(rule->path),
                           .ids = covers_of_always(plan, ALWAYS_secure_channel_for_special),
                           .article = str_from(rule->article)};
}

static bool is_open_channel(const struct call *call, word channel)
{
    str name = call_text(call, channel);
    return str_is(name, "email") || str_is(name, "sms");
}

/* Ways that nobody else reads on the way. One that is not said, or that the language has no word
 * for, is none of them. */
static bool is_secure_channel(const struct call *call, word channel)
{
    static const char *const ways[] = {"post", "phone", "web", "in_service", "in_person", "api"};
    str name = call_text(call, channel);
    for (size_t i = 0; channel != 0 && i < LENGTH(ways); i++) {
        if (str_is(name, ways[i]))
            return true;
    }
    return false;
}

status call_secure_channel(struct call *call, const struct facts *facts, const struct operation *op,
                           word channel, const word *fields, size_t count)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    for (size_t i = 0; !is_secure_channel(call, channel) && i < count; i++) {
        plan_index field = plan_find(plan, plan->field_of, fields[i]);
        if (field == NONE || !is_kind(plan, plan->field[field].category, CATEGORY_SPECIAL))
            continue;
        struct decision *decision = ARENA_NEW(call->arena, struct decision);
        if (decision == NULL)
            return NO_MEMORY(call->report);
        decision->reason = secure_channel(plan);
        return call_refuse(call, facts, op, decision);
    }
    return OK;
}

/* The category that a field's text is said to hold; empty: none. */
static str held_in(const struct collect *request, str field)
{
    for (size_t i = 0; i < request->hold_count; i++) {
        if (str_equal(request->holds[i].field, field))
            return request->holds[i].value;
    }
    return STR("");
}

/* Why a value is not taken although its field is, or why it is held back. */
static status look_at(struct call *call, const struct collect *request, const struct operation *op,
                      const struct plan_intake *intake, const struct collect_value *value,
                      struct part *part, word *held)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index field = plan_find(plan, plan->field_of, part->field);
    word named;
    TRY(call_word(call, NAME_CATEGORY, held_in(request, value->field), &named));
    plan_index category = named != 0      ? plan_find(plan, plan->category_of, named)
                          : field != NONE ? plan->field[field].category
                                          : (plan_index)NONE;
    *held = 0;
    if (category == NONE || is_kind(plan, category, CATEGORY_PAYMENT_CARD))
        return OK;
    const struct clause *clause = &plan->category[category].clause;
    bool refused = part->verdict == VERDICT_REFUSE;
    bool unwanted = bits_has(intake->refuses, category);
    word channel = op->channel != 0 ? op->channel : intake->channel;
    bool open = is_kind(plan, category, CATEGORY_SPECIAL) && is_open_channel(call, channel);
    str rule = arena_format(call->arena, "%.*s.refuses", STR_ARG(intake->clause.path));
    if (refused && !str_equal(part->reason.rule, rule) && !open)
        return OK;
    if (unwanted || open)
        *held = clause->name;
    else if (refused || named == 0 || plan->category[category].kind == CATEGORY_NORMAL ||
             (field != NONE && plan->field[field].category == category))
        return OK;
    struct reason of_kind = {.rule = arena_format(call->arena, "%.*s.kind", STR_ARG(clause->path)),
                             .ids = clause->covers,
                             .article = STR("GDPR 9(1)")};
    struct reason of_intake = {
        .rule = rule, .ids = intake->clause.covers, .article = STR("GDPR 5(1)(c)")};
    if (!refused)
        part->reason = unwanted ? of_intake : open ? secure_channel(plan) : of_kind;
    part->verdict = VERDICT_REFUSE;
    return OK;
}

static bool is_required(const struct plan *plan, const struct plan_intake *intake, word field)
{
    plan_index index = plan_find(plan, plan->field_of, field);
    return index != NONE && field_set_has(&intake->required, index);
}

status call_hold_back(struct call *call, const struct facts *facts, const struct operation *op,
                      const struct collect *request, const struct decision **decided, word **held)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->intake_of, op->intake);
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    struct part *parts = ARENA_ARRAY(call->arena, struct part, (*decided)->count + 1);
    *held = ARENA_ARRAY(call->arena, word, request->value_count + 1);
    if (decision == NULL || parts == NULL || *held == NULL)
        return NO_MEMORY(call->report);
    *decision = **decided;
    memcpy(parts, (*decided)->parts, (*decided)->count * sizeof(*parts));
    decision->parts = parts;
    bool taken = false, put_away = false;
    const struct part *missing = NULL; /* a required value that is not taken */
    for (size_t i = 0; index != NONE && i < decision->count && i < request->value_count; i++) {
        TRY(look_at(call, request, op, &plan->intake[index], &request->values[i], &parts[i],
                    &(*held)[i]));
        bool refused = parts[i].verdict == VERDICT_REFUSE;
        taken |= !refused;
        put_away |= (*held)[i] != 0;
        if (refused && missing == NULL && is_required(plan, &plan->intake[index], parts[i].field))
            missing = &parts[i];
    }
    bool all_or_nothing = index != NONE && !bits_empty(plan->intake[index].required.fields);
    if (missing == NULL && (taken || (put_away && !all_or_nothing))) {
        if (!taken)
            decision->verdict = VERDICT_REFUSE;
        *decided = decision;
        call->decision = decision;
        return OK;
    }
    if (missing != NULL && decision->verdict != VERDICT_REFUSE)
        decision->reason = missing->reason;
    else if (decision->reason.rule.len == 0 && decision->count > 0)
        decision->reason = parts[0].reason;
    decision->verdict = VERDICT_REFUSE;
    return call_refuse(call, facts, op, decision);
}

/* ---- putting it away ---- */

static status add_concern(struct call *call, struct facts *facts, record_id id, dossier_id other,
                          record_id item)
{
    struct fact_concern *concern = LIST_ADD(call->arena, &facts->concerns);
    if (concern == NULL)
        return NO_MEMORY(call->report);
    *concern = (struct fact_concern){.id = id,
                                     .kind = CONCERN_QUARANTINE,
                                     .other = other,
                                     .item = item,
                                     .since = call->now,
                                     .restricted = NEVER};
    return OK;
}

status call_quarantine(struct call *call, struct subject *subject, const struct operation *op,
                       const struct collect_value *value, word category)
{
    struct reg *reg = call->reg;
    struct outcome kept = call->outcome;
    struct dossier *dossier;
    word field;
    TRY(call_word(call, NAME_FIELD, value->field, &field));
    TRY(vault_new(reg->vault, DOSSIER_QUARANTINE, category, call->now, call->arena, call->report,
                  &dossier));
    struct operation record = call_operation(call, ACTION_RECORD, dossier->facts->id);
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &record, "quarantine", decision_by_scope(), NULL, 0,
                   &permit));
    struct fact_item header = {.id = call_record_id(call),
                               .field = field,
                               .source = op->source,
                               .intake = op->intake,
                               .channel = op->channel,
                               .controller = op->controller,
                               .matter = op->matter,
                               .collected = call->now};
    sealed bytes;
    TRY(vault_seal(reg->vault, dossier, &header, value->value, call->arena, call->report, &bytes));
    TRY(vault_put_item(reg->vault, permit, dossier, &header, bytes, call->arena, call->report));
    record_id id = call_record_id(call);
    TRY(add_concern(call, dossier->facts, id, subject->dossier->facts->id, header.id));
    TRY(add_concern(call, subject->dossier->facts, id, dossier->facts->id, header.id));
    struct vault_index index = {.next = end_of(dossier->facts)};
    TRY(vault_put(reg->vault, permit, dossier, &index, call->request, call->now, call->arena,
                  call->report));
    call_touched(call, dossier->facts->id);
    call->outcome = kept;
    return OK;
}

static status erase(struct call *call, struct dossier *dossier, const char *action)
{
    struct outcome kept = call->outcome;
    struct operation op = call_operation(call, ACTION_ERASE, dossier->facts->id);
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &op, action, decision_by_scope(), NULL, 0, &permit));
    TRY(vault_erase(call->reg->vault, permit, dossier, call->request, call->now, call->arena,
                    call->report));
    call_touched(call, dossier->facts->id);
    call->outcome = kept;
    return OK;
}

status call_quarantine_due(struct call *call, struct dossier *dossier)
{
    instant end = end_of(dossier->facts);
    if (!before(call->now, end))
        return erase(call, dossier, "quarantine_end");
    TRY(call_quarantine_mend(call, dossier->facts));
    return vault_due_again(call->reg->vault, dossier->facts->id, end, call->report);
}

/* The quarantine that a concern leads to; NULL when it leads to a person, or to nothing any more.
 */
static status load(struct call *call, dossier_id id, struct dossier **dossier)
{
    enum presence presence;
    struct dossier *there;
    bool exists;
    *dossier = NULL;
    TRY(vault_exists(call->reg->vault, id, call->report, &exists));
    if (!exists)
        return OK;
    TRY(vault_load(call->reg->vault, id, call->arena, call->report, &presence, &there));
    if (presence == PRESENCE_LIVE && there->facts->kind == DOSSIER_QUARANTINE)
        *dossier = there;
    return OK;
}

status call_quarantines_gone(struct call *call, const struct facts *facts)
{
    for (size_t i = 0; i < facts->concerns.count; i++) {
        struct dossier *dossier;
        TRY(load(call, facts->concerns.at[i].other, &dossier));
        if (dossier != NULL)
            TRY(erase(call, dossier, "quarantine_end"));
    }
    return OK;
}

status call_quarantine_move(struct call *call, dossier_id quarantine, dossier_id to)
{
    struct outcome kept = call->outcome;
    struct dossier *dossier;
    const struct permit *permit;
    TRY(load(call, quarantine, &dossier));
    if (dossier == NULL || dossier->facts->concerns.count == 0)
        return OK;
    struct operation op = call_operation(call, ACTION_RECORD, quarantine);
    struct vault_index index = {.next = end_of(dossier->facts)};
    struct edit edit = {
        .kind = EDIT_MOVE_CONCERN, .id = dossier->facts->concerns.at[0].id, .other = to};
    TRY(vault_edit(call->reg->vault, dossier, &edit, call->arena, call->report));
    TRY(call_write(call, dossier->facts, &op, "quarantine_move", decision_by_scope(), NULL, 0,
                   &permit));
    TRY(vault_put(call->reg->vault, permit, dossier, &index, call->request, call->now, call->arena,
                  call->report));
    call_touched(call, quarantine);
    call->outcome = kept;
    return OK;
}

/* ---- seeing that it is there ---- */

static void view_of(const struct call *call, const struct facts *facts,
                    struct quarantine_view *view)
{
    const struct fact_item *item = facts->items.count == 0 ? NULL : &facts->items.at[0];
    *view = (struct quarantine_view){.id = facts->id,
                                     .category = call_text(call, facts->name),
                                     .since = facts->created,
                                     .ends = end_of(facts)};
    if (item != NULL) {
        view->field = call_text(call, item->field);
        view->intake = call_text(call, item->intake);
        view->channel = call_text(call, item->channel);
    }
    if (facts->concerns.count > 0)
        view->subject = facts->concerns.at[0].other;
}

status call_quarantine_of(struct call *call, const struct fact_concern *concern,
                          struct quarantine_view *view, bool *is)
{
    struct dossier *dossier;
    TRY(load(call, concern->other, &dossier));
    *is = dossier != NULL && before(call->now, end_of(dossier->facts));
    if (*is)
        view_of(call, dossier->facts, view);
    return OK;
}

status engine_quarantine_list(struct call *call, dossier_id after, size_t limit,
                              struct quarantine_list *list)
{
    *list = (struct quarantine_list){0};
    TRY(call_whole_register(call));
    dossier_id *ids;
    size_t count;
    TRY(vault_list(call->reg->vault, DOSSIER_QUARANTINE, after, limit, call->arena, call->report,
                   &ids, &count));
    list->at = ARENA_ARRAY(call->arena, struct quarantine_view, count + 1);
    if (list->at == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < count; i++) {
        struct fact_concern concern = {.other = ids[i]};
        bool is;
        TRY(call_quarantine_of(call, &concern, &list->at[list->count], &is));
        list->count += is;
    }
    list->more = count == limit && count > 0;
    list->last = count == 0 ? after : ids[count - 1];
    struct operation op = call_operation(call, ACTION_NONE, (dossier_id){{0}});
    return call_log(call, NULL, &op, "quarantine_list", decision_by_scope());
}

/* ---- deciding ---- */

/* Opens what is to be moved: it goes nowhere but into the collection that follows. */
static status take_out(struct call *call, struct dossier *dossier, str *value)
{
    const struct fact_item *item = &dossier->facts->items.at[0];
    struct part *part = ARENA_NEW(call->arena, struct part);
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (part == NULL || decision == NULL)
        return NO_MEMORY(call->report);
    *part = (struct part){.item = item->id, .field = item->field, .verdict = VERDICT_ALLOW};
    *decision = (struct decision){.verdict = VERDICT_ALLOW, .parts = part, .count = 1};
    struct operation op = call_operation(call, ACTION_STORE, dossier->facts->id);
    const struct permit *permit;
    TRY(call_write(call, dossier->facts, &op, "quarantine_release", decision, NULL, 0, &permit));
    return vault_open_item(call->reg->vault, permit, dossier, item, call->arena, call->report,
                           value);
}

static status release(struct call *call, const struct quarantine_decision *request,
                      struct dossier *dossier, dossier_id subject)
{
    str value;
    TRY(take_out(call, dossier, &value));
    word field = words_find(call->reg->words, request->field);
    struct collect_value one = {request->field, value, .said_optional = true};
    struct collect collect = {.subject = subject,
                              .intake = request->intake,
                              .source = request->source,
                              .controller = call_text(call, dossier->facts->items.at[0].controller),
                              .matter = dossier->facts->items.at[0].matter,
                              .values = &one,
                              .value_count = 1,
                              .reference_count = call_is_external(call, field)};
    struct collected collected;
    TRY(engine_collect(call, &collect, &collected));
    if (collected.count == 1 && !ID_IS_ZERO(collected.items[0]))
        return OK;
    return fail(call->report, FAULT_CONFLICT, "this intake does not take it either");
}

static status note_decision(struct call *call, const struct quarantine_decision *request,
                            dossier_id id, dossier_id quarantine)
{
    struct subject subject;
    str json;
    TRY(call_open(call, id, &subject));
    TRY(call_reasoned(call,
                      &(struct reasoned){.type = "quarantine_decision",
                                         .word = "released",
                                         .yes = request->release,
                                         .reasons = request->reasons},
                      &json));
    struct operation op = call_operation(call, ACTION_RECORD, id);
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "quarantine_decide", decision_by_scope(),
                   NULL, 0, &permit));
    TRY(call_add_evidence(call, subject.dossier, permit,
                          words_intern(call->reg->words, STR("quarantine_decision")), NULL, 0,
                          call->now, NEVER, json));
    struct facts *facts = subject.dossier->facts;
    size_t kept = 0;
    for (size_t i = 0; i < facts->concerns.count; i++) {
        if (!ID_EQUAL(facts->concerns.at[i].other, quarantine))
            facts->concerns.at[kept++] = facts->concerns.at[i];
    }
    facts->concerns.count = kept;
    return call_store(call, &subject, permit);
}

status engine_quarantine_decide(struct call *call, const struct quarantine_decision *request)
{
    TRY(call_whole_register(call));
    if (str_is_empty(request->reasons))
        return fail_at(call->report, FAULT_INVALID, "/reasons", "a decision gives its reasons");
    TRY(call_check_texts(call, &request->reasons, 1));
    struct dossier *dossier;
    TRY(load(call, request->id, &dossier));
    if (dossier == NULL || !before(call->now, end_of(dossier->facts)) ||
        dossier->facts->concerns.count == 0 || dossier->facts->items.count == 0)
        return call_not_here(call);
    dossier_id subject = dossier->facts->concerns.at[0].other;
    if (request->release)
        TRY(release(call, request, dossier, subject));
    TRY(erase(call, dossier, request->release ? "quarantine_end" : "quarantine_erase"));
    TRY(note_decision(call, request, subject, request->id));
    call->outcome = (struct outcome){
        .id = subject, .record = call->outcome.record, .log_index = call->outcome.log_index};
    return OK;
}
