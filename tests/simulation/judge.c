/* What must be answered, and what is so afterwards: docs/semantics.md over the model's facts. What
 * a use case does around decide is here in its shortest form. */
#include "simulation.h"

#include "calendar.h"
#include "instant.h"

static word word_of(const struct run *run, str text)
{
    return text.len == 0 ? 0 : words_find(reg_words(run->reg), text);
}

static struct operation operation(const struct run *run, const struct move *move,
                                  enum action action)
{
    return (struct operation){.action = action,
                              .subject = move->subject,
                              .controller = word_of(run, move->company),
                              .staff = move->caller.staff,
                              .actor = move->caller.actor};
}

static void refuse(struct move *move, const char *rule)
{
    move->fault = FAULT_REFUSED;
    move->rule = str_from(rule);
}

static void decide_about(struct run *run, const struct facts *person, const struct operation *op,
                         struct decision *decision)
{
    struct view view;
    *decision = (struct decision){0};
    model_view(&run->model, reg_plans(run->reg), person, op, run->arena, &view);
    reference_decide(&view, op, run_now(run), run->arena, decision);
    run->tally->checks++;
}

/* By the second evaluator; `person` is NULL where it is about none. */
static void judge(struct run *run, struct move *move, const struct facts *person)
{
    decide_about(run, person, &move->op, &move->decision);
    if (move->decision.verdict != VERDICT_REFUSE)
        return;
    move->fault = FAULT_REFUSED;
    move->rule = move->decision.reason.rule;
}

static bool is_allowed(const struct move *move)
{
    return move->fault == FAULT_NONE;
}

static const struct plan_purpose *purpose_named(const struct run *run, str name)
{
    const struct plan *plan = run_plan(run);
    plan_index index = plan_find(plan, plan->purpose_of, word_of(run, name));
    return index == NONE ? NULL : &plan->purpose[index];
}

static bool is_child(const struct run *run, const struct facts *facts)
{
    const struct plan *plan = run_plan(run);
    for (size_t i = 0; i < facts->roles.count; i++) {
        const struct fact_role *role = &facts->roles.at[i];
        plan_index index = plan_find(plan, plan->role_of, role->role);
        if (index != NONE && plan->role[index].under > 0 && !before(run_now(run), role->since) &&
            before(run_now(run), role->until))
            return true;
    }
    return false;
}

static instant at_or_now(const struct run *run, instant at)
{
    return at.ms == 0 ? run_now(run) : at;
}

static instant until_of(const struct run *run, str text)
{
    struct date date;
    if (!date_parse(text, &date))
        return NEVER;
    return date_start(run_plan(run)->zone, date);
}

/* ---- what may be read ---- */

static void may_read(struct run *run, struct move *move, const struct decision *decision)
{
    move->may = ARENA_ARRAY(run->arena, struct known_value, decision->count + 1);
    for (size_t i = 0; i < decision->count; i++) {
        if (decision->parts[i].verdict == VERDICT_REFUSE)
            continue;
        record_id item = decision->parts[i].item;
        str value = known_value_of(move->person, item);
        if (value.len > 0)
            move->may[move->may_count++] = (struct known_value){item, value};
    }
}

/* ---- judging ---- */

static void judge_record(struct run *run, struct move *move)
{
    move->op = operation(run, move, ACTION_RECORD);
    move->op.evidence = word_of(run, move->ask.role.role);
    move->op.matter = move->ask.role.matter;
    judge(run, move, &move->person->facts);
    if (move->kind != OP_role_end || !is_allowed(move))
        return;
    const struct facts *facts = &move->person->facts;
    for (size_t i = 0; i < facts->roles.count; i++) {
        const struct fact_role *there = &facts->roles.at[i];
        if (there->role == move->op.evidence && before(run_now(run), there->until) &&
            (ID_IS_ZERO(move->op.matter) || ID_EQUAL(there->matter, move->op.matter)))
            return;
    }
    move->fault = FAULT_CONFLICT;
}

static bool is_of_matter(const struct run *run, str event)
{
    const struct plan *plan = run_plan(run);
    plan_index index = plan_find(plan, plan->event_of, word_of(run, event));
    return index != NONE && plan->event[index].of != NONE;
}

static void judge_event(struct run *run, struct move *move)
{
    const struct event_record *ask = &move->ask.event;
    move->op = operation(run, move, ACTION_RECORD);
    move->op.subject = ask->subject;
    move->op.matter = ask->matter;
    move->op.evidence = word_of(run, ask->event);
    move->op.by_subject = ask->by_subject && ID_IS_ZERO(move->caller.actor);
    if (is_of_matter(run, ask->event) && !ID_IS_ZERO(ask->matter))
        judge(run, move, NULL);
    if (is_allowed(move) && !ID_IS_ZERO(ask->subject))
        judge(run, move, &move->person->facts);
}

static struct known *home_of(struct run *run, const struct evidence_record *ask)
{
    const dossier_id ids[] = {ask->subject, ask->matter, ask->case_,
                              ask->party,   ask->place,  ask->actor};
    for (size_t i = 0; i < LENGTH(ids); i++)
        if (!ID_IS_ZERO(ids[i]))
            return model_find(&run->model, ids[i]);
    return &run->model.own;
}

static uint32_t slots_named(const struct evidence_record *ask)
{
    const struct {
        enum slot slot;
        dossier_id id;
    } ids[] = {{SLOT_SUBJECT, ask->subject}, {SLOT_MATTER, ask->matter}, {SLOT_CASE, ask->case_},
               {SLOT_RECIPIENT, ask->party}, {SLOT_PLACE, ask->place},   {SLOT_ACTOR, ask->actor}};
    const struct {
        enum slot slot;
        str name;
    } names[] = {{SLOT_PURPOSE, ask->purpose}, {SLOT_CATEGORY, ask->category},
                 {SLOT_FIELD, ask->field},     {SLOT_SOURCE, ask->source},
                 {SLOT_INTAKE, ask->intake},   {SLOT_MESSAGE, ask->message},
                 {SLOT_COOKIE, ask->cookie},   {SLOT_CONTROLLER, ask->controller},
                 {SLOT_CHANNEL, ask->channel}, {SLOT_VERSION, ask->version}};
    uint32_t slots = 0;
    for (size_t i = 0; i < LENGTH(ids); i++)
        slots |= ID_IS_ZERO(ids[i].id) ? 0 : 1u << ids[i].slot;
    for (size_t i = 0; i < LENGTH(names); i++)
        slots |= names[i].name.len == 0 ? 0 : 1u << names[i].slot;
    return slots;
}

static bool is_direct(const struct run *run, str source)
{
    const struct plan *plan = run_plan(run);
    plan_index index = plan_find(plan, plan->source_of, word_of(run, source));
    return index != NONE && plan->source[index].kind != SOURCE_INDIRECT;
}

static void judge_evidence(struct run *run, struct move *move)
{
    const struct evidence_record *ask = &move->ask.evidence;
    const struct plan *plan = run_plan(run);
    word type = word_of(run, ask->type);
    const struct plan_evidence *clause = &plan->evidence[plan_find(plan, plan->evidence_of, type)];
    enum evidence_kind kind = clause->kind;
    if ((clause->binds & ~evidence_optional_slots(kind) & ~slots_named(ask)) != 0) {
        move->fault = FAULT_INVALID;
        return;
    }
    move->op = operation(run, move, ACTION_RECORD);
    move->op.subject = ask->subject;
    move->op.matter = ask->matter;
    move->op.party = ask->party;
    move->op.case_ = ask->case_;
    move->op.concerned = ask->actor;
    move->op.evidence = type;
    move->op.by_subject = ask->by_subject && ID_IS_ZERO(move->caller.actor);
    word *names = ARENA_ARRAY(run->arena, word, ask->ask_count + 1);
    for (size_t i = 0; i < ask->ask_count; i++)
        names[move->op.particular_count++] = word_of(run, ask->asks[i].name);
    if (ask->until.len > 0)
        names[move->op.particular_count++] = words_intern(reg_words(run->reg), STR("until"));
    move->op.particulars = names;
    bool person = !ID_IS_ZERO(ask->subject);
    judge(run, move, person ? &move->person->facts : NULL);
    if (!is_allowed(move))
        return;
    if (kind == KIND_NOTICE_EXCEPTION && person) {
        move->loose = "always.indirect_notice";
        if (is_direct(run, ask->source)) /* and no earlier notice is named */
            move->fault = FAULT_INVALID;
    }
    if (kind == KIND_CONSENT && person && is_child(run, &move->person->facts))
        refuse(move, "always.guardian_consents");
    if (!ID_IS_ZERO(ask->actor) && ID_EQUAL(ask->actor, move->caller.actor))
        refuse(move, "");
}

static uint32_t consented_per(const struct run *run, str name)
{
    const struct plan_purpose *purpose = purpose_named(run, name);
    return purpose == NULL ? 0 : purpose->per;
}

static void judge_consent(struct run *run, struct move *move)
{
    const struct consent *ask = &move->ask.consent;
    bool child = is_child(run, &move->person->facts);
    uint32_t per = consented_per(run, ask->purpose);
    uint32_t named = 1u << SLOT_SUBJECT | 1u << SLOT_PURPOSE;
    named |= ID_IS_ZERO(ask->party) ? 0 : 1u << SLOT_RECIPIENT;
    named |= ID_IS_ZERO(ask->matter) ? 0 : 1u << SLOT_MATTER;
    named |= ask->field.len == 0 ? 0 : 1u << SLOT_FIELD;
    named |= ask->cookie.len == 0 ? 0 : 1u << SLOT_COOKIE;
    named |= ask->channel.len == 0 ? 0 : 1u << SLOT_CHANNEL;
    if (ask->guardian.len > 0 && !child)
        refuse(move, "always.consent_is_an_act");
    else if ((per & ~named) != 0)
        move->fault = FAULT_INVALID;
    else if (ask->guardian.len == 0 && child)
        refuse(move, "always.guardian_consents");
}

static void judge_object(struct run *run, struct move *move)
{
    const struct plan_purpose *purpose = purpose_named(run, move->ask.object.purpose);
    if (purpose == NULL || purpose->objection != OBJECTION_NONE) {
        if (purpose == NULL && !str_is(move->ask.object.purpose, "marketing"))
            move->fault = FAULT_INVALID;
        return;
    }
    move->fault = FAULT_REFUSED;
    move->rule = arena_format(run->arena, "%.*s.objection", STR_ARG(purpose->clause.path));
}

static struct fact_objection *objection_of(const struct move *move)
{
    struct facts *facts = &move->person->facts;
    for (size_t i = 0; i < facts->objections.count; i++)
        if (ID_EQUAL(facts->objections.at[i].id, move->ask.objection.objection))
            return &facts->objections.at[i];
    abort();
}

static void judge_objection_decide(struct run *run, struct move *move)
{
    (void)run;
    if (objection_of(move)->state != OBJECTION_OPEN)
        move->fault = FAULT_CONFLICT;
}

static struct fact_restriction *restriction_of(const struct move *move)
{
    struct facts *facts = &move->person->facts;
    for (size_t i = 0; i < facts->restrictions.count; i++)
        if (ID_EQUAL(facts->restrictions.at[i].id, move->ask.lift.restriction))
            return &facts->restrictions.at[i];
    abort();
}

static void judge_lift(struct run *run, struct move *move)
{
    (void)run;
    if (!restriction_of(move)->told)
        refuse(move, "rights.restrict.lift");
}

/* "A file comes after the form that it belongs to": what the same intake took, of the same matter,
 * is offered with it. */
static void offer_form(struct run *run, struct move *move, struct offered *offered)
{
    struct settled settled;
    model_settle(&run->model, reg_plans(run->reg), &move->person->facts, run_now(run), run->arena,
                 &settled);
    for (size_t i = 0; i < settled.count; i++) {
        const struct fact_item *item = settled.items[i].item;
        bool there = !settled.items[i].alive || item->intake != move->op.intake ||
                     item->field == 0 || !ID_EQUAL(item->matter, move->op.matter);
        for (size_t j = 0; j < move->op.offered_count; j++)
            there |= offered[j].field == item->field;
        if (!there)
            offered[move->op.offered_count++] = (struct offered){item->field, true};
    }
}

static void judge_collect(struct run *run, struct move *move)
{
    const struct collect *ask = &move->ask.collect;
    const struct plan *plan = run_plan(run);
    const struct plan_intake *intake =
        &plan->intake[plan_find(plan, plan->intake_of, word_of(run, ask->intake))];
    move->op = operation(run, move, ACTION_COLLECT);
    move->op.matter = ask->matter;
    move->op.intake = intake->clause.name;
    move->op.source = word_of(run, ask->source);
    move->op.channel = word_of(run, ask->channel);
    word *words = ARENA_ARRAY(run->arena, word, ask->purpose_count + ask->supplied_count + 1);
    for (size_t i = 0; i < ask->purpose_count; i++)
        words[i] = word_of(run, ask->purposes[i]);
    move->op.told = words;
    move->op.told_count = ask->purpose_count;
    for (size_t i = 0; i < ask->supplied_count; i++)
        words[ask->purpose_count + i] = word_of(run, ask->supplied[i]);
    move->op.supplied = words + ask->purpose_count;
    move->op.supplied_count = intake->live ? 0 : ask->supplied_count;
    size_t room = ask->value_count + move->person->facts.items.count + 1;
    struct offered *offered = ARENA_ARRAY(run->arena, struct offered, room);
    for (size_t i = 0; i < ask->value_count; i++)
        offered[i] =
            (struct offered){word_of(run, ask->values[i].field), ask->values[i].said_optional};
    move->op.offered = offered;
    move->op.offered_count = ask->value_count;
    if (ask->joins_form)
        offer_form(run, move, offered);
    judge(run, move, &move->person->facts);
    if (is_allowed(move) && intake->live) { /* no recording runs in this world */
        move->fault = FAULT_REFUSED;
        move->rule = arena_format(run->arena, "%.*s.live", STR_ARG(intake->clause.path));
    }
}

static void judge_read(struct run *run, struct move *move)
{
    const struct read *ask = &move->ask.read;
    const struct plan_purpose *purpose = purpose_named(run, ask->purpose);
    move->op = operation(run, move, ask->use ? ACTION_USE : ACTION_READ);
    move->op.purpose = word_of(run, ask->purpose);
    move->op.items = ask->items;
    move->op.item_count = ask->item_count;
    judge(run, move, &move->person->facts);
    if (ask->use && purpose != NULL && purpose->counts_only > 0) {
        move->fault = FAULT_REFUSED;
        move->rule = arena_format(run->arena, "%.*s.counts_only", STR_ARG(purpose->clause.path));
    }
    if (is_allowed(move))
        may_read(run, move, &move->decision);
}

static bool is_special(const struct run *run, word field)
{
    const struct plan *plan = run_plan(run);
    plan_index index = plan_find(plan, plan->field_of, field);
    return index != NONE && plan->category[plan->field[index].category].kind == CATEGORY_SPECIAL;
}

static void judge_share(struct run *run, struct move *move)
{
    const struct share *ask = &move->ask.share;
    move->op = operation(run, move, ACTION_SHARE);
    move->op.party = ask->party;
    move->op.purpose = word_of(run, ask->purpose);
    move->op.recipient = word_of(run, ask->recipient);
    move->op.party_name = move->other->called;
    move->op.zone = move->other->zone;
    move->op.case_ = ask->case_;
    const struct known *asked = ID_IS_ZERO(ask->case_) ? NULL : model_find(&run->model, ask->case_);
    if (asked != NULL) {
        move->op.scope = asked->scope;
        move->op.scope_count = asked->scope_count;
    }
    judge(run, move, &move->person->facts);
    if (asked != NULL && !ID_IS_ZERO(asked->requester) && !ID_EQUAL(asked->requester, ask->party)) {
        refuse(move, "always.authority_by_case");
        return;
    }
    for (size_t i = 0; is_allowed(move) && i < move->decision.count; i++)
        if (move->decision.parts[i].verdict != VERDICT_REFUSE &&
            is_special(run, move->decision.parts[i].field) && !str_is(ask->channel, "post"))
            refuse(move, "always.secure_channel_for_special");
    if (is_allowed(move))
        may_read(run, move, &move->decision);
}

/* Nothing that the purpose held of the person is left. */
static bool all_has_ended(struct run *run, const struct move *move)
{
    const struct facts *facts = &move->person->facts;
    const struct plan *plan = run_plan(run);
    plan_index purpose = plan_find(plan, plan->purpose_of, move->op.purpose);
    struct settled settled;
    if (!facts->had_items || purpose == NONE || plan->purpose[purpose].basis == BASIS_LEGAL_DUTY)
        return false;
    model_settle(&run->model, reg_plans(run->reg), facts, run_now(run), run->arena, &settled);
    for (size_t i = 0; i < settled.count; i++)
        for (size_t g = 0; settled.items[i].alive && g < settled.items[i].ground_count; g++)
            if (settled.items[i].grounds[g].purpose == purpose &&
                before(run_now(run), settled.items[i].grounds[g].end))
                return false;
    return true;
}

static void judge_message(struct run *run, struct move *move)
{
    const struct message *ask = &move->ask.message;
    const struct plan *plan = run_plan(run);
    move->op = operation(run, move, ACTION_SEND);
    move->op.asking = ask->asking;
    move->op.message = word_of(run, ask->message);
    plan_index index = plan_find(plan, plan->message_of, move->op.message);
    if (plan->message[index].purpose != NONE)
        move->op.purpose = plan->purpose[plan->message[index].purpose].clause.name;
    move->op.channel = words_intern(reg_words(run->reg), ask->channel);
    word *supplied = ARENA_ARRAY(run->arena, word, 2);
    if (ask->supplied_count > 0)
        supplied[0] = word_of(run, ask->supplied[0]);
    move->op.supplied = supplied;
    move->op.supplied_count = ask->supplied_count;
    judge(run, move, &move->person->facts);
    if (is_allowed(move) && all_has_ended(run, move))
        refuse(move, "always.nothing_held");
}

/* What the browser says by a header overrides a yes, but not what is necessary. */
static void judge_cookie(struct run *run, struct move *move)
{
    const struct cookie_ask *ask = &move->ask.cookie;
    const struct plan *plan = run_plan(run);
    move->op = operation(run, move, ask->reads ? ACTION_COOKIE_READ : ACTION_COOKIE_SET);
    move->op.cookie = word_of(run, ask->cookie);
    move->op.purpose = word_of(run, ask->purpose);
    const struct plan_cookie *cookie =
        &plan->cookie[plan_find(plan, plan->cookie_of, move->op.cookie)];
    if (move->op.purpose == 0 && cookie->purposes.count == 1)
        move->op.purpose = plan->purpose[cookie->purposes.at[0]].clause.name;
    judge(run, move, &move->person->facts);
    if (is_allowed(move) && ask->browser_refuses && !cookie->necessary)
        refuse(move, "always.cookie_consent_first");
}

static void judge_rectify(struct run *run, struct move *move)
{
    move->op = operation(run, move, ACTION_RECTIFY);
    move->op.by_subject = move->ask.rectify.by_subject && ID_IS_ZERO(move->caller.actor);
    move->op.items = &move->ask.rectify.item;
    move->op.item_count = 1;
    judge(run, move, &move->person->facts);
}

/* May the request be made at all, whatever is held? */
static bool may_ask(struct run *run, struct move *move)
{
    static const word nothing = 0;
    struct decision decision;
    move->op = operation(run, move, ACTION_ERASE);
    move->op.by_subject = true;
    move->op.fields = &nothing;
    move->op.field_count = 1;
    decide_about(run, &move->person->facts, &move->op, &decision);
    if (str_is(decision.reason.rule, "always.nothing_held"))
        return true;
    move->fault = FAULT_REFUSED;
    move->rule = decision.reason.rule;
    return false;
}

static bool is_kept(const struct run *run, const struct settled_item *item, const struct part *part)
{
    const struct plan *plan = run_plan(run);
    if (part->verdict != VERDICT_REFUSE || str_is(part->reason.rule, "always.own_records"))
        return false;
    if (str_is(part->reason.rule, "always.hold_limits_use"))
        return true;
    for (size_t i = 0; i < item->ground_count; i++)
        if (plan->purpose[item->grounds[i].purpose].basis == BASIS_LEGAL_DUTY &&
            item->grounds[i].keeps && str_equal(item->grounds[i].rule->path, part->reason.rule))
            return true;
    return false;
}

static const struct settled_item *settled_of(const struct settled *settled, record_id id)
{
    for (size_t i = 0; i < settled->count; i++)
        if (ID_EQUAL(settled->items[i].item->id, id))
            return &settled->items[i];
    return NULL;
}

static bool stays_told(const struct run *run, const struct settled_item *item, word purpose)
{
    const struct plan *plan = run_plan(run);
    for (size_t g = 0; g < item->ground_count; g++) {
        const struct plan_purpose *one = &plan->purpose[item->grounds[g].purpose];
        if (one->clause.name == purpose && one->basis == BASIS_LEGAL_DUTY &&
            before(run_now(run), item->grounds[g].end))
            return true;
    }
    return false;
}

/* Cuts what it was told for to the duties that keep it, or says whether that would be fewer. */
static bool cut_told(const struct run *run, const struct settled_item *item, struct fact_item *cut)
{
    uint16_t kept = 0;
    for (uint16_t t = 0; t < item->item->told_count; t++) {
        word purpose = item->item->told[t];
        if (!stays_told(run, item, purpose))
            continue;
        if (cut != NULL)
            cut->told[kept] = purpose;
        kept++;
    }
    bool fewer = kept < item->item->told_count;
    if (cut != NULL)
        cut->told_count = kept;
    return fewer;
}

static struct fact_item *item_of(struct known *person, record_id id)
{
    for (size_t i = 0; i < person->facts.items.count; i++)
        if (ID_EQUAL(person->facts.items.at[i].id, id))
            return &person->facts.items.at[i];
    abort();
}

static void judge_erase(struct run *run, struct move *move)
{
    const struct facts *facts = &move->person->facts;
    word *fields = ARENA_ARRAY(run->arena, word, 2);
    if (!may_ask(run, move))
        return;
    move->op.fields = fields;
    move->op.field_count = move->ask.erase.field_count;
    if (move->op.field_count > 0)
        fields[0] = word_of(run, move->ask.erase.fields[0]);
    if (facts->items.count == 0)
        return; /* nothing that a rule could keep */
    struct settled settled;
    model_settle(&run->model, reg_plans(run->reg), facts, run_now(run), run->arena, &settled);
    decide_about(run, facts, &move->op, &move->decision);
    bool takes = move->decision.verdict != VERDICT_REFUSE;
    for (size_t i = 0; i < move->decision.count && !takes; i++) {
        const struct part *part = &move->decision.parts[i];
        const struct settled_item *item = settled_of(&settled, part->item);
        takes = item != NULL && is_kept(run, item, part) && cut_told(run, item, NULL);
    }
    if (takes)
        return;
    move->fault = FAULT_REFUSED;
    move->rule = move->decision.reason.rule;
}

static void judge_export(struct run *run, struct move *move)
{
    bool portability = move->ask.export.portability;
    if (!may_ask(run, move))
        return;
    struct operation op = operation(run, move, portability ? ACTION_EXPORT : ACTION_READ);
    op.by_subject = true;
    move->op = op;
    decide_about(run, &move->person->facts, &op, &move->decision);
    may_read(run, move, &move->decision); /* an empty copy is no refusal */
}

static void judge_stranger(struct run *run, struct move *move)
{
    bool was = false;
    for (size_t i = 0; i < GONE_KEPT; i++)
        was |= ID_EQUAL(run->model.gone[i], move->subject);
    move->fault = was ? FAULT_GONE : FAULT_NOT_FOUND;
}

static void judge_nothing(struct run *run, struct move *move)
{
    (void)run;
    move->unjudged = true;
}

typedef void judging(struct run *run, struct move *move);
static judging *const judges[OP_KIND_COUNT] = {
    [OP_role] = judge_record,
    [OP_role_end] = judge_record,
    [OP_event] = judge_event,
    [OP_evidence] = judge_evidence,
    [OP_consent] = judge_consent,
    [OP_object] = judge_object,
    [OP_objection_decide] = judge_objection_decide,
    [OP_lift] = judge_lift,
    [OP_collect] = judge_collect,
    [OP_read] = judge_read,
    [OP_use] = judge_read,
    [OP_share] = judge_share,
    [OP_message] = judge_message,
    [OP_cookie] = judge_cookie,
    [OP_rectify] = judge_rectify,
    [OP_erase] = judge_erase,
    [OP_export] = judge_export,
    [OP_stranger] = judge_stranger,
    [OP_request] = judge_nothing,
    [OP_request_decide] = judge_nothing,
    [OP_breach] = judge_nothing,
    [OP_breach_assess] = judge_nothing,
};

void move_judge(struct run *run, struct move *move)
{
    if (judges[move->kind] != NULL)
        judges[move->kind](run, move);
}

/* ---- what is so afterwards ---- */

static void purge(struct run *run, struct move *move)
{
    model_purge(&run->model, reg_plans(run->reg), move->person, run_now(run), run->arena);
}

static void fresh(struct run *run, struct known *known, struct move *move, enum dossier_kind kind,
                  word name)
{
    struct report ignored = {0};
    known_start(known, kind, move->call.outcome.id, name, run_now(run));
    bool known_handle = is_ok(
        vault_handle(reg_vault(run->reg), move->call.outcome.id, &ignored, known->handle.bytes));
    assert(known_handle);
}

static void after_create(struct run *run, struct move *move)
{
    const struct subject_create *ask = &move->ask.create;
    size_t i = 0;
    while (run->model.people[i].arena != NULL)
        i++;
    move->person = &run->model.people[i];
    move->subject = move->call.outcome.id;
    fresh(run, move->person, move, DOSSIER_SUBJECT, 0);
    for (size_t r = 0; r < ask->role_count; r++)
        known_add_role(move->person, word_of(run, ask->roles[r]), (dossier_id){{0}}, run_now(run),
                       false);
}

static void after_matter(struct run *run, struct move *move)
{
    fresh(run, move->other, move, DOSSIER_MATTER, word_of(run, move->ask.matter.kind));
}

static void after_party(struct run *run, struct move *move)
{
    fresh(run, move->other, move, DOSSIER_PARTY, word_of(run, move->ask.party.kind));
    move->other->zone = word_of(run, move->ask.party.zone);
    move->other->called = move->ask.party.name;
}

static void after_case(struct run *run, struct move *move)
{
    const struct case_create *ask = &move->ask.case_;
    fresh(run, move->other, move, DOSSIER_CASE, word_of(run, ask->kind));
    move->other->requester = ask->requester;
    move->other->scope = ARENA_ARRAY(move->other->arena, word, 2);
    if (move->other->scope == NULL)
        abort();
    if (ask->scope_count > 0)
        move->other->scope[0] = word_of(run, ask->scope[0]);
    move->other->scope_count = ask->scope_count;
}

static void after_staff(struct run *run, struct move *move)
{
    fresh(run, move->other, move, DOSSIER_STAFF, word_of(run, move->ask.staff.role));
    known_add_role(move->other, move->other->facts.name, (dossier_id){{0}}, run_now(run), false);
}

static void end_evidence(struct fact_evidence *evidence, instant at)
{
    if (!before(at, evidence->until))
        return;
    evidence->until = at;
    evidence->until_counts = false;
}

static bool is_consent_for(const struct run *run, const struct fact_evidence *evidence,
                           word purpose)
{
    if (evidence->type != words_find(reg_words(run->reg), STR("consent")))
        return false;
    for (size_t b = 0; b < evidence->bound_count; b++)
        if (evidence->bound[b].slot == SLOT_PURPOSE)
            return purpose == 0 || evidence->bound[b].name == purpose;
    return false;
}

static size_t end_consents(struct run *run, struct known *person, word purpose)
{
    size_t ended = 0;
    for (size_t i = 0; i < person->facts.evidence.count; i++) {
        struct fact_evidence *one = &person->facts.evidence.at[i];
        if (!is_consent_for(run, one, purpose) || !before(run_now(run), one->until))
            continue;
        end_evidence(one, run_now(run));
        ended++;
    }
    return ended;
}

static void after_role(struct run *run, struct move *move)
{
    const struct role_change *ask = &move->ask.role;
    const struct plan *plan = run_plan(run);
    plan_index role = plan_find(plan, plan->role_of, move->op.evidence);
    known_add_role(move->person, move->op.evidence, ask->matter, at_or_now(run, ask->at), false);
    size_t ended = 0;
    for (size_t p = 0; plan->role[role].under > 0 && p < plan->purpose_count; p++)
        ended += end_consents(run, move->person, plan->purpose[p].clause.name);
    if (ended > 0)
        purge(run, move);
}

static void after_role_end(struct run *run, struct move *move)
{
    for (size_t i = 0; i < move->person->facts.roles.count; i++) {
        struct fact_role *there = &move->person->facts.roles.at[i];
        if (there->role == move->op.evidence && before(run_now(run), there->until) &&
            (ID_IS_ZERO(move->op.matter) || ID_EQUAL(there->matter, move->op.matter)))
            there->until = run_now(run);
    }
    purge(run, move);
}

static void after_event(struct run *run, struct move *move)
{
    const struct event_record *ask = &move->ask.event;
    instant at = at_or_now(run, ask->at);
    if (is_of_matter(run, ask->event) && !ID_IS_ZERO(ask->matter))
        known_add_event(model_find(&run->model, ask->matter), move->op.evidence, (dossier_id){{0}},
                        at);
    if (!ID_IS_ZERO(ask->subject))
        known_add_event(move->person, move->op.evidence, ask->matter, at);
}

struct bindings {
    struct binding at[SLOT_COUNT];
    size_t count;
};

static void bind_id(struct bindings *list, enum slot slot, dossier_id id)
{
    if (!ID_IS_ZERO(id))
        list->at[list->count++] = (struct binding){.slot = slot, .id = id};
}

static void bind_name(const struct run *run, struct bindings *list, enum slot slot, str name)
{
    if (name.len > 0)
        list->at[list->count++] = (struct binding){.slot = slot, .name = word_of(run, name)};
}

static void after_evidence(struct run *run, struct move *move)
{
    const struct evidence_record *ask = &move->ask.evidence;
    struct bindings list = {0};
    bind_id(&list, SLOT_SUBJECT, ask->subject);
    bind_id(&list, SLOT_MATTER, ask->matter);
    bind_id(&list, SLOT_CASE, ask->case_);
    bind_id(&list, SLOT_RECIPIENT, ask->party);
    bind_id(&list, SLOT_ACTOR, ask->actor);
    bind_name(run, &list, SLOT_PURPOSE, ask->purpose);
    bind_name(run, &list, SLOT_CATEGORY, ask->category);
    bind_name(run, &list, SLOT_FIELD, ask->field);
    bind_name(run, &list, SLOT_SOURCE, ask->source);
    bind_name(run, &list, SLOT_INTAKE, ask->intake);
    bind_name(run, &list, SLOT_MESSAGE, ask->message);
    bind_name(run, &list, SLOT_CONTROLLER, ask->controller);
    bind_name(run, &list, SLOT_COOKIE, ask->cookie);
    bind_name(run, &list, SLOT_CHANNEL, ask->channel);
    bind_name(run, &list, SLOT_VERSION, ask->version);
    str until = ask->until;
    for (size_t i = 0; until.len == 0 && i < ask->ask_count; i++)
        if (str_is(ask->asks[i].name, "until"))
            until = ask->asks[i].value;
    struct fact_evidence *added =
        known_add_evidence(home_of(run, ask), move->op.evidence, list.at, list.count,
                           at_or_now(run, ask->since), until_of(run, until));
    added->id = move->call.outcome.record;
}

static void after_evidence_end(struct run *run, struct move *move)
{
    const struct evidence_end *ask = &move->ask.evidence_end;
    instant at = ask->on.len == 0 ? run_now(run) : until_of(run, ask->on);
    for (size_t i = 0; i < move->other->facts.evidence.count; i++)
        if (ID_EQUAL(move->other->facts.evidence.at[i].id, ask->record))
            end_evidence(&move->other->facts.evidence.at[i], at);
    if (move->other == move->person)
        purge(run, move);
}

static void after_consent(struct run *run, struct move *move)
{
    const struct consent *ask = &move->ask.consent;
    uint32_t per = consented_per(run, ask->purpose);
    struct bindings list = {0};
    bind_id(&list, SLOT_SUBJECT, ask->subject);
    bind_name(run, &list, SLOT_PURPOSE, ask->purpose);
    bind_id(&list, SLOT_RECIPIENT, ask->party);
    bind_name(run, &list, SLOT_FIELD, ask->field);
    bind_name(run, &list, SLOT_COOKIE, ask->cookie);
    if ((per >> SLOT_CHANNEL & 1) != 0)
        bind_name(run, &list, SLOT_CHANNEL, ask->channel);
    if ((per >> SLOT_MATTER & 1) != 0)
        bind_id(&list, SLOT_MATTER, ask->matter);
    struct fact_evidence *added =
        known_add_evidence(move->person, words_find(reg_words(run->reg), STR("consent")), list.at,
                           list.count, run_now(run), until_of(run, ask->until));
    added->id = move->call.outcome.record;
}

static void after_withdraw(struct run *run, struct move *move)
{
    end_consents(run, move->person, word_of(run, move->ask.withdraw.purpose));
    purge(run, move);
}

static void add_objection(struct run *run, struct known *person, const struct plan_purpose *purpose)
{
    for (size_t i = 0; i < person->facts.objections.count; i++) {
        const struct fact_objection *there = &person->facts.objections.at[i];
        bool since = false;
        for (size_t e = 0; e < person->facts.evidence.count; e++)
            since |= is_consent_for(run, &person->facts.evidence.at[e], purpose->clause.name) &&
                     before(there->since, person->facts.evidence.at[e].since);
        if (there->purpose == purpose->clause.name && there->state != OBJECTION_DISMISSED && !since)
            return;
    }
    *ADDED(person->arena, &person->facts.objections) = (struct fact_objection){
        .purpose = purpose->clause.name,
        .since = run_now(run),
        .state = purpose->objection == OBJECTION_ABSOLUTE ? OBJECTION_UPHELD : OBJECTION_OPEN};
}

static void after_object(struct run *run, struct move *move)
{
    const struct plan *plan = run_plan(run);
    const struct plan_purpose *named = purpose_named(run, move->ask.object.purpose);
    if (named != NULL && named->marketing != MARKETING_OWN)
        add_objection(run, move->person, named);
    for (size_t p = 0; p < plan->purpose_count; p++)
        if ((named == NULL || named->marketing == MARKETING_OWN) &&
            plan->purpose[p].marketing == MARKETING_OWN)
            add_objection(run, move->person, &plan->purpose[p]);
    purge(run, move);
}

static void after_objection_decide(struct run *run, struct move *move)
{
    objection_of(move)->state = move->ask.objection.upheld ? OBJECTION_UPHELD : OBJECTION_DISMISSED;
    purge(run, move);
}

static void after_stop(struct run *run, struct move *move)
{
    const struct switch_set *ask = &move->ask.stop;
    struct facts *facts = &move->person->facts;
    struct fact_switch set = {.id = move->call.outcome.record,
                              .stop = word_of(run, ask->stop),
                              .channel = word_of(run, ask->channel),
                              .recipient = ask->party,
                              .since = run_now(run)};
    for (size_t i = 0; i < facts->switches.count; i++) {
        struct fact_switch *there = &facts->switches.at[i];
        if (there->stop == set.stop && there->channel == set.channel &&
            ID_EQUAL(there->recipient, set.recipient)) {
            there->since = set.since;
            purge(run, move);
            return;
        }
    }
    *ADDED(move->person->arena, &facts->switches) = set;
    purge(run, move);
}

static void after_restrict(struct run *run, struct move *move)
{
    const struct restriction *ask = &move->ask.restrict_;
    word field = ask->field_count > 0 ? word_of(run, ask->fields[0]) : 0;
    struct fact_restriction made = {.id = move->call.outcome.record,
                                    .fields = &field,
                                    .field_count = (uint16_t)ask->field_count,
                                    .since = run_now(run)};
    known_restrict(move->person, &made);
    concerns_follow(run, move->person);
}

static void after_tell(struct run *run, struct move *move)
{
    (void)run;
    restriction_of(move)->told = true;
}

static void after_lift(struct run *run, struct move *move)
{
    struct facts *facts = &move->person->facts;
    struct fact_restriction *there = restriction_of(move);
    *there = facts->restrictions.at[--facts->restrictions.count];
    concerns_follow(run, move->person);
    purge(run, move);
}

/* The key that it is sealed by: of its company and its category. */
uint32_t known_slot(const struct run *run, word controller, word field)
{
    str texts[] = {words_text(reg_words(run->reg), controller),
                   words_text(reg_words(run->reg), field)};
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < LENGTH(texts); i++)
        for (size_t c = 0; c < texts[i].len && texts[i].ptr[c] != '.'; c++)
            hash = (hash ^ (unsigned char)texts[i].ptr[c]) * 16777619u + (uint32_t)i;
    return hash;
}

/* A new item has the present key of its like. */
uint32_t known_present_key(const struct known *person, uint32_t slot)
{
    uint32_t key = 0;
    for (size_t i = 0; i < person->facts.items.count; i++)
        if (person->facts.items.at[i].size == slot && person->facts.items.at[i].key > key)
            key = person->facts.items.at[i].key;
    return key;
}

static void after_collect(struct run *run, struct move *move)
{
    const struct collect *ask = &move->ask.collect;
    const struct plan *plan = run_plan(run);
    struct known *person = move->person;
    instant at = at_or_now(run, ask->at);
    for (size_t i = 0; i < ask->value_count; i++) {
        const struct part *part = &move->decision.parts[i];
        if (part->verdict == VERDICT_REFUSE)
            continue;
        struct fact_item *item = ADDED(person->arena, &person->facts.items);
        plan_index field = plan_find(plan, plan->field_of, part->field);
        word *told = ARENA_ARRAY(person->arena, word, part->told_count + 1u);
        memcpy(told, part->told, part->told_count * sizeof(word));
        *item =
            (struct fact_item){.id = move->answer.collected.items[i],
                               .size = known_slot(run, move->op.controller, part->field),
                               .field = part->field,
                               .source = move->op.source,
                               .intake = move->op.intake,
                               .channel = move->op.channel,
                               .controller = move->op.controller,
                               .version = word_of(run, plan->version),
                               .matter = ask->matter,
                               .collected = at,
                               .told = told,
                               .told_count = part->told_count,
                               .external = field_set_has(
                                   &plan->category[plan->field[field].category].external, field)};
        item->key = known_present_key(person, item->size);
        if (item->external)
            model_refer(&run->model, item->id, ask->values[i].value);
        known_set_value(person, item->id, ask->values[i].value);
    }
    person->facts.had_items = true;
    for (size_t i = 0; i < move->decision.role_count; i++)
        known_add_role(person, move->decision.roles[i], (dossier_id){{0}}, at, true);
}

static void after_rectify(struct run *run, struct move *move)
{
    const struct rectify *ask = &move->ask.rectify;
    const struct plan *plan = run_plan(run);
    struct known *person = move->person;
    str value = ask->value.len > 0 ? ask->value : ask->reference;
    struct fact_item next = *item_of(person, ask->item);
    plan_index field = plan_find(plan, plan->field_of, next.field);
    bool external = field_set_has(&plan->category[plan->field[field].category].external, field);
    if (value.len > 0 && external)
        model_refer_anew(&run->model, ask->item);
    if (value.len > 0) /* its lines go on to the next */
        known_concerns_item(person, ask->item, move->call.outcome.record);
    known_drop_item(person, ask->item);
    if (value.len == 0) {
        purge(run, move);
        return;
    }
    next.id = move->call.outcome.record;
    next.key = person->keys; /* its like were sealed anew */
    next.external = external;
    if (external)
        model_refer(&run->model, next.id, value);
    *ADDED(person->arena, &person->facts.items) = next;
    facts_limits_follow(&person->facts, ask->item, next.id);
    known_set_value(person, next.id, value);
}

static bool is_held(const struct run *run, const struct known *person,
                    const struct settled *settled)
{
    const struct plan *plan = run_plan(run);
    for (size_t i = 0; i < settled->count; i++)
        if (settled->items[i].held)
            return true;
    for (size_t i = 0; i < person->facts.evidence.count; i++) {
        const struct fact_evidence *one = &person->facts.evidence.at[i];
        plan_index type = plan_find(plan, plan->evidence_of, one->type);
        if (type != NONE && plan->evidence[type].kind == KIND_CLAIM &&
            before(run_now(run), one->until))
            return true;
    }
    return false;
}

static void after_erase(struct run *run, struct move *move)
{
    struct known *person = move->person;
    bool everything = move->ask.erase.field_count == 0, all = true;
    struct settled settled;
    model_settle(&run->model, reg_plans(run->reg), &person->facts, run_now(run), run->arena,
                 &settled);
    for (size_t i = 0; i < move->decision.count; i++)
        all &= move->decision.parts[i].verdict != VERDICT_REFUSE;
    if (everything && all && !is_held(run, person, &settled)) {
        model_is_gone(&run->model, person);
        return;
    }
    for (size_t i = 0; i < move->decision.count; i++) {
        const struct part *part = &move->decision.parts[i];
        const struct settled_item *item = settled_of(&settled, part->item);
        if (item != NULL && is_kept(run, item, part))
            cut_told(run, item, item_of(person, part->item));
    }
    for (size_t i = 0; i < move->decision.count; i++)
        if (move->decision.parts[i].verdict != VERDICT_REFUSE)
            known_drop_item(person, move->decision.parts[i].item);
    if (everything && run_plan(run)->controller_count == 1)
        person->facts.erase_asked = run_now(run);
    purge(run, move);
}

static void after_token(struct run *run, struct move *move)
{
    struct known_token *token = &run->model.tokens[run->model.token_count++];
    *token = (struct known_token){.id = move->call.outcome.id};
    snprintf(token->text, sizeof(token->text), "%.*s", STR_ARG(move->answer.text));
}

static void after_revoke(struct run *run, struct move *move)
{
    for (size_t i = 0; i < run->model.token_count; i++)
        run->model.tokens[i].revoked |= ID_EQUAL(run->model.tokens[i].id, move->ask.revoke);
}

static void after_request(struct run *run, struct move *move)
{
    run->requests[run->request_count++ % OTHERS_MOST] = move->call.outcome.id;
}

static void after_breach(struct run *run, struct move *move)
{
    run->breaches[run->breach_count++ % OTHERS_MOST] = move->call.outcome.id;
}

static judging *const afters[OP_KIND_COUNT] = {
    [OP_create] = after_create,
    [OP_role] = after_role,
    [OP_role_end] = after_role_end,
    [OP_matter] = after_matter,
    [OP_event] = after_event,
    [OP_evidence] = after_evidence,
    [OP_evidence_end] = after_evidence_end,
    [OP_consent] = after_consent,
    [OP_withdraw] = after_withdraw,
    [OP_object] = after_object,
    [OP_objection_decide] = after_objection_decide,
    [OP_stop] = after_stop,
    [OP_restrict] = after_restrict,
    [OP_tell] = after_tell,
    [OP_lift] = after_lift,
    [OP_collect] = after_collect,
    [OP_rectify] = after_rectify,
    [OP_erase] = after_erase,
    [OP_party] = after_party,
    [OP_staff] = after_staff,
    [OP_open_case] = after_case,
    [OP_token] = after_token,
    [OP_token_revoke] = after_revoke,
    [OP_request] = after_request,
    [OP_breach] = after_breach,
};

void move_done(struct run *run, struct move *move)
{
    if (afters[move->kind] != NULL)
        afters[move->kind](run, move);
}

/* Nothing would hold what was collected from its first instant on. */
bool move_is_stillborn(struct run *run, const struct move *move)
{
    if (move->kind != OP_collect || move->fault != FAULT_NONE ||
        before(at_or_now(run, move->ask.collect.at), run_now(run)))
        return false;
    struct known copy = {0};
    struct move trial = *move;
    record_id *ids = ARENA_ARRAY(run->arena, record_id, move->ask.collect.value_count + 1);
    for (size_t i = 0; i < move->ask.collect.value_count; i++)
        ids[i] = (record_id){{0xfe, (unsigned char)(i + 1)}};
    size_t references = run->model.reference_count;
    known_copy(&copy, move->person);
    trial.person = &copy;
    trial.answer.collected =
        (struct collected){.items = ids, .count = move->ask.collect.value_count};
    after_collect(run, &trial);
    run->model.reference_count = references; /* it was a trial */
    struct settled settled;
    model_settle(&run->model, reg_plans(run->reg), &copy.facts, run_now(run), run->arena, &settled);
    bool dead = false;
    for (size_t i = 0; i < settled.count; i++)
        dead |= settled.items[i].item->id.bytes[0] == 0xfe &&
                settled.items[i].item->id.bytes[2] == 0 && !settled.items[i].alive;
    known_end(&copy);
    return dead;
}
