/* Evidence: dated proof bound to slots. It is kept in the dossier of the most particular thing that
 * it is bound to; its particulars are a sealed record beside it. */
#include <stdio.h>

#include "engine_internal.h"
#include "json.h"

enum { BINDINGS = SLOT_COUNT };

struct binding_list {
    struct binding at[BINDINGS];
    uint16_t count;
    uint32_t slots; /* 1 << slot of each */
};

static void bind_id(struct binding_list *list, enum slot slot, dossier_id id)
{
    if (ID_IS_ZERO(id))
        return;
    list->at[list->count++] = (struct binding){.slot = slot, .id = id};
    list->slots |= (uint32_t)1 << slot;
}

static void bind_word(struct binding_list *list, enum slot slot, word name)
{
    if (name == 0)
        return;
    list->at[list->count++] = (struct binding){.slot = slot, .name = name};
    list->slots |= (uint32_t)1 << slot;
}

/* What a new version needs is recorded before that version is there. */
static bool is_of_change(const struct call *call, str type)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->evidence_of, words_find(call->reg->words, type));
    for (size_t i = 0; index != NONE && i < plan->change.needs.count; i++) {
        for (size_t j = 0; j < plan->change.needs.all[i].count; j++) {
            if (plan->change.needs.all[i].any[j] == index)
                return true;
        }
    }
    return false;
}

/* Slots whose values are names of the policy. */
static status bind_names(struct call *call, const struct evidence_record *request,
                         struct binding_list *list)
{
    const struct {
        enum slot slot;
        enum name_kind kind;
        str text;
    } named[] = {
        {SLOT_PURPOSE, NAME_PURPOSE, request->purpose},
        {SLOT_CATEGORY, NAME_CATEGORY, request->category},
        {SLOT_FIELD, NAME_FIELD, request->field},
        {SLOT_SOURCE, NAME_SOURCE, request->source},
        {SLOT_INTAKE, NAME_INTAKE, request->intake},
        {SLOT_MESSAGE, NAME_MESSAGE, request->message},
        {SLOT_CONTROLLER, NAME_CONTROLLER, request->controller},
        {SLOT_COOKIE, NAME_COOKIE, request->cookie},
    };
    for (size_t i = 0; i < LENGTH(named); i++) {
        word w;
        if (named[i].slot == SLOT_PURPOSE)
            TRY(call_purpose(call, named[i].text, &w));
        else
            TRY(call_word(call, named[i].kind, named[i].text, &w));
        bind_word(list, named[i].slot, w);
    }
    word channel;
    TRY(call_channel(call, request->channel, &channel));
    bind_word(list, SLOT_CHANNEL, channel);
    word version;
    TRY(call_name(call, "version", request->version, &version));
    if (version != 0 && plans_by_word(&call->reg->plans, version) == NULL &&
        !is_of_change(call, request->type))
        return fail_about(call->report, FAULT_INVALID, request->version,
                          "the register has no such version");
    bind_word(list, SLOT_VERSION, version);
    return OK;
}

static status bind_all(struct call *call, const struct evidence_record *request,
                       struct binding_list *list)
{
    *list = (struct binding_list){0};
    bind_id(list, SLOT_SUBJECT, request->subject);
    bind_id(list, SLOT_MATTER, request->matter);
    bind_id(list, SLOT_CASE, request->case_);
    bind_id(list, SLOT_RECIPIENT, request->party);
    bind_id(list, SLOT_PLACE, request->place);
    bind_id(list, SLOT_ACTOR, request->actor);
    return bind_names(call, request, list);
}

uint32_t evidence_optional_slots(enum evidence_kind kind)
{
    if (kind == KIND_AGREEMENT)
        return 1u << SLOT_SUBJECT | 1u << SLOT_MATTER;
    if (kind == KIND_SAFEGUARD || kind == KIND_ADEQUACY)
        return 1u << SLOT_RECIPIENT | 1u << SLOT_PLACE;
    if (kind == KIND_NOTICE || kind == KIND_ACKNOWLEDGEMENT)
        return 1u << SLOT_PURPOSE | 1u << SLOT_VERSION | 1u << SLOT_SOURCE;
    if (kind == KIND_CLAIM || kind == KIND_LEGAL_GROUND)
        return 1u << SLOT_SUBJECT | 1u << SLOT_CASE | 1u << SLOT_MATTER;
    return 0;
}

/* In a request a recipient is a party. */
status call_unnamed(struct call *call, enum slot slot, const char *what, word name)
{
    char where[48];
    const char *member = slot == SLOT_RECIPIENT ? "party" : slot_name(slot);
    snprintf(where, sizeof(where), "/%s", member);
    return fail_at(call->report, FAULT_INVALID, where, "%.*s is %s a %s: name it",
                   STR_ARG(call_text(call, name)), what, member);
}

static status check_slots(struct call *call, const struct plan_evidence *type,
                          const struct binding_list *list)
{
    uint32_t wanted = type->binds & ~evidence_optional_slots(type->kind);
    for (unsigned slot = 1; slot < SLOT_COUNT; slot++) {
        if ((wanted >> slot & 1) != 0 && (list->slots >> slot & 1) == 0)
            return call_unnamed(call, (enum slot)slot, "bound to", type->clause.name);
    }
    return OK;
}

static const struct particular *find_particular(const struct evidence_record *request, str name)
{
    for (size_t i = 0; i < request->ask_count; i++) {
        if (str_equal(request->asks[i].name, name) && !str_is_empty(request->asks[i].value))
            return &request->asks[i];
    }
    return NULL;
}

/* The particulars that come with it; whether they suffice is decide's to say. `until` may come as a
 * member of the request itself. */
static status name_particulars(struct call *call, const struct evidence_record *request,
                               struct operation *op)
{
    word *names = ARENA_ARRAY(call->arena, word, request->ask_count + 1);
    if (names == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < request->ask_count; i++) {
        if (!str_is_empty(request->asks[i].value))
            TRY(call_name(call, "particular", request->asks[i].name,
                          &names[op->particular_count++]));
    }
    if (!str_is_empty(request->until))
        names[op->particular_count++] = words_intern(call->reg->words, STR("until"));
    op->particulars = names;
    return OK;
}

/* A member of several roles records in one that stands in the type's `by` and that may. */
static status act_in_a_role(struct call *call, struct subject *about, struct operation *op)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index type = plan_find(plan, plan->evidence_of, op->evidence);
    const struct facts *member;
    if (op->staff != 0 || ID_IS_ZERO(op->actor) || type == NONE)
        return OK;
    for (plan_index i = 0; i < plan->staff_count; i++) {
        const struct decision *decision;
        word role = plan->staff[i].clause.name;
        TRY(reg_facts(call->reg, op->actor, call->report, &member));
        if (!refs_has(&plan->evidence[type].by_staff, i) || member == NULL ||
            !staff_holds(member, role, call->now))
            continue;
        op->staff = role;
        TRY(call_judge(call, about, op, &decision));
        if (decision->verdict != VERDICT_REFUSE)
            return OK;
    }
    return OK;
}

/* Who may record this (`by` of the policy, nobody about themselves) and whether it is whole. */
static status decide_evidence(struct call *call, const struct evidence_record *request, word type,
                              struct subject *about, struct operation *op,
                              const struct decision **decision)
{
    *op = call_operation(call, ACTION_RECORD, request->subject);
    op->matter = request->matter;
    op->party = request->party;
    op->case_ = request->case_;
    op->concerned = request->actor;
    struct operation named = {.place = request->place}; /* nobody acts on a place here */
    TRY(call_check_named(call, &named));
    op->evidence = type;
    op->by_subject = call_by_subject(call, request->by_subject);
    word purpose;
    TRY(call_purpose(call, request->purpose, &purpose));
    TRY(call_purpose_held(call, about->dossier->facts, op, purpose));
    TRY(name_particulars(call, request, op));
    TRY(act_in_a_role(call, about, op));
    return call_decide(call, about, op, decision);
}

/* In the order given, so that a number split over two of them is seen. */
static status check_particulars(struct call *call, const struct evidence_record *request)
{
    str *texts = ARENA_ARRAY(call->arena, str, 2 * request->ask_count + 1);
    if (texts == NULL)
        return NO_MEMORY(call->report);
    for (size_t i = 0; i < request->ask_count; i++) {
        texts[i] = request->asks[i].value;
        texts[request->ask_count + i] = request->asks[i].name;
    }
    return call_check_texts(call, texts, 2 * request->ask_count);
}

static status particulars_json(struct call *call, const struct evidence_record *request, str text,
                               str *json)
{
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "type");
    json_put_str(&out, request->type);
    json_key(&out, "by_subject");
    json_put_bool(&out, call_by_subject(call, request->by_subject));
    json_key(&out, "particulars");
    json_open_object(&out);
    for (size_t i = 0; i < request->ask_count; i++) {
        json_key_str(&out, request->asks[i].name);
        json_put_str(&out, request->asks[i].value);
    }
    json_close_object(&out);
    if (!str_is_empty(text)) {
        json_key(&out, "text");
        json_put_str(&out, text);
    }
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

static status evidence_end_of(struct call *call, const struct evidence_record *request,
                              instant *until)
{
    *until = NEVER;
    str text = request->until;
    const struct particular *asked = find_particular(request, STR("until"));
    if (str_is_empty(text) && asked != NULL)
        text = asked->value;
    return str_is_empty(text) ? OK : call_until(call, text, until);
}

status call_add_evidence(struct call *call, struct dossier *dossier, const struct permit *permit,
                         word type, const struct binding *bound, uint16_t bound_count,
                         instant since, instant until, str details)
{
    struct fact_evidence *added = LIST_ADD(call->arena, &dossier->facts->evidence);
    struct binding *copy = ARENA_ARRAY(call->arena, struct binding, bound_count + 1);
    if (added == NULL || copy == NULL)
        return NO_MEMORY(call->report);
    if (bound_count > 0)
        memcpy(copy, bound, bound_count * sizeof(*copy));
    *added = (struct fact_evidence){.id = call_record_id(call),
                                    .type = type,
                                    .bound = copy,
                                    .bound_count = bound_count,
                                    .since = since,
                                    .until = until,
                                    .until_counts = until.ms != INT64_MAX};
    call->outcome.record = added->id;
    call->outcome.id = dossier->facts->id;
    call->outcome.http = 201;
    record_id id = {{0}};
    size_t at = dossier->facts->evidence.count - 1;
    if (!str_is_empty(details))
        TRY(call_record(call, dossier, permit, details, &id));
    dossier->facts->evidence.at[at].details = id;
    return OK;
}

/* The dossier that evidence of these bindings is kept in, when it is not a person's. */
static status open_home(struct call *call, const struct evidence_record *request,
                        struct dossier **dossier)
{
    if (!ID_IS_ZERO(request->matter))
        return call_open_dossier(call, request->matter, DOSSIER_MATTER, dossier);
    if (!ID_IS_ZERO(request->case_))
        return call_open_dossier(call, request->case_, DOSSIER_CASE, dossier);
    if (!ID_IS_ZERO(request->party))
        return call_open_dossier(call, request->party, DOSSIER_PARTY, dossier);
    if (!ID_IS_ZERO(request->place))
        return call_open_dossier(call, request->place, DOSSIER_PLACE, dossier);
    if (!ID_IS_ZERO(request->actor))
        return call_open_dossier(call, request->actor, DOSSIER_STAFF, dossier);
    return call_open_dossier(call, call->reg->own, DOSSIER_REGISTER, dossier);
}

struct evidence_work {
    word type;
    struct binding_list list;
    instant since, until;
    str json;
};

/* What was told is ours to say: of a notice, to a person, and whole. */
static status check_told(struct call *call, const struct evidence_record *request,
                         enum evidence_kind kind)
{
    str heading, text;
    if (str_is_empty(request->told))
        return str_is_empty(request->language)
                   ? OK
                   : fail_at(call->report, FAULT_INVALID, "/language", "this goes with `told`");
    if (kind != KIND_NOTICE || ID_IS_ZERO(request->subject))
        return fail_at(call->report, FAULT_INVALID, "/told", "a notice to a person has a text");
    return call_notice_text(call, request, STR(""), &heading, &text);
}

/* Kept with the record: the text as it was given, with the person's reference. */
static status keep_text(struct call *call, const struct evidence_record *request, str *json)
{
    str reference, heading, text;
    if (str_is_empty(request->told))
        return OK;
    TRY(engine_reference(call, request->subject, &reference));
    TRY(call_notice_text(call, request, reference, &heading, &text));
    return particulars_json(call, request, text, json);
}

static status prepare(struct call *call, const struct evidence_record *request,
                      struct evidence_work *work)
{
    TRY(check_particulars(call, request));
    TRY(call_said(call, "the type of the evidence", request->type));
    TRY(call_word(call, NAME_EVIDENCE, request->type, &work->type));
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct plan_evidence *type =
        &plan->evidence[plan_find(plan, plan->evidence_of, work->type)];
    /* A hold keeps what everyone else must forget: that is an officer's to set and to lift. */
    if (type->kind == KIND_CLAIM)
        TRY(call_scope_held(call, SCOPE_OFFICER));
    if (work->type == evidence_word(call, KIND_CONSENT))
        return fail(call->report, FAULT_INVALID,
                    "a consent is recorded as a consent, with the wording that was shown");
    TRY(bind_all(call, request, &work->list));
    TRY(check_slots(call, type, &work->list));
    TRY(call_instant(call, "/since", request->since, &work->since));
    TRY(evidence_end_of(call, request, &work->until));
    TRY(check_told(call, request, type->kind));
    return particulars_json(call, request, STR(""), &work->json);
}

static status open_about(struct call *call, const struct evidence_record *request,
                         struct subject *about)
{
    if (!ID_IS_ZERO(request->subject))
        return call_open(call, request->subject, about);
    *about = (struct subject){0};
    return open_home(call, request, &about->dossier);
}

static enum evidence_kind kind_of(const struct call *call, word type)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->evidence_of, type);
    return index == NONE ? KIND_RECORD : plan->evidence[index].kind;
}

/* What did not arrive tells nobody. */
static status log_bounce(struct call *call, const struct subject *about, const struct operation *op,
                         word type, const struct decision *decision)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    if (plan->evidence[plan_find(plan, plan->evidence_of, type)].kind != KIND_NOTICE)
        return fail_at(call->report, FAULT_INVALID, "/bounced", "only a notice can bounce");
    call->outcome.id = about->dossier->facts->id;
    return call_log(call, about->dossier->facts, op, "bounce", decision);
}

status engine_evidence(struct call *call, const struct evidence_record *request)
{
    struct evidence_work work = {0};
    TRY(prepare(call, request, &work));
    struct subject about;
    TRY(open_about(call, request, &about));
    struct operation op;
    const struct decision *decision;
    TRY(decide_evidence(call, request, work.type, &about, &op, &decision));
    enum evidence_kind kind = kind_of(call, work.type);
    if (kind == KIND_NOTICE_EXCEPTION && !ID_IS_ZERO(request->subject))
        TRY(call_notice_late(call, about.dossier->facts, &op));
    if (kind == KIND_NOTICE_EXCEPTION && !ID_IS_ZERO(request->subject))
        TRY(call_notice_known(call, about.dossier->facts, request));
    if (kind == KIND_CONSENT && !ID_IS_ZERO(request->subject))
        TRY(call_check_guardian(call, about.dossier->facts, STR("")));
    TRY(call_not_oneself(call, request->actor));
    str effect = arena_format(call->arena, "evidence:%.*s", STR_ARG(request->type));
    if (effect.ptr == NULL)
        return NO_MEMORY(call->report);
    if (request->bounced)
        return log_bounce(call, &about, &op, work.type, decision);
    const struct permit *permit;
    TRY(call_write(call, about.dossier->facts, &op, "evidence", decision, &effect, 1, &permit));
    TRY(keep_text(call, request, &work.json));
    TRY(call_add_evidence(call, about.dossier, permit, work.type, work.list.at, work.list.count,
                          work.since, work.until, work.json));
    if (kind == KIND_NOTICE && !ID_IS_ZERO(request->subject))
        TRY(call_notice_over(call, about.dossier->facts, false));
    if (!ID_IS_ZERO(request->subject))
        return call_store(call, &about, permit);
    TRY(call_store_dossier(call, about.dossier, permit));
    return ID_IS_ZERO(request->matter) ? OK : call_touch_matter(call, request->matter);
}

/* ---- of a notice that goes by mail (letter.c) ---- */

status call_notice_asked(struct call *call, const struct evidence_record *request,
                         struct subject *subject)
{
    struct evidence_work work = {0};
    struct operation op;
    const struct decision *decision;
    TRY(prepare(call, request, &work));
    if (kind_of(call, work.type) != KIND_NOTICE)
        return fail_at(call->report, FAULT_INVALID, "/type", "this type is no notice");
    return decide_evidence(call, request, work.type, subject, &op, &decision);
}

status call_notice_given(struct call *call, const struct evidence_record *request, str text,
                         struct subject *subject, const struct permit *permit)
{
    struct evidence_work work = {0};
    TRY(prepare(call, request, &work));
    TRY(particulars_json(call, request, text, &work.json));
    TRY(call_add_evidence(call, subject->dossier, permit, work.type, work.list.at, work.list.count,
                          work.since, work.until, work.json));
    return call_notice_over(call, subject->dossier->facts, false);
}

/* ---- ending ---- */

const struct fact_evidence *facts_find_evidence(const struct facts *facts, record_id id)
{
    for (size_t i = 0; i < facts->evidence.count; i++) {
        if (ID_EQUAL(facts->evidence.at[i].id, id))
            return &facts->evidence.at[i];
    }
    return NULL;
}

status call_end_evidence(struct call *call, struct dossier *dossier, record_id id, instant at)
{
    struct edit edit = {.kind = EDIT_END_EVIDENCE, .id = id, .at = at};
    return vault_edit(call->reg->vault, dossier, &edit, call->arena, call->report);
}

static status end_in(struct call *call, struct dossier *dossier, const struct evidence_end *request,
                     const struct permit **permit, bool *waits)
{
    const struct fact_evidence *there = facts_find_evidence(dossier->facts, request->record);
    *waits = false;
    if (there == NULL || facts_are_breach(call, dossier->facts))
        return call_not_here(call); /* a breach's history is nobody's to end */
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index type = plan_find(plan, plan->evidence_of, there->type);
    if (type != NONE && plan->evidence[type].kind == KIND_CLAIM)
        TRY(call_scope_held(call, SCOPE_OFFICER));
    for (size_t i = 0; i < there->bound_count; i++) {
        struct operation named = call_operation(call, ACTION_RECORD, dossier->facts->id);
        if (there->bound[i].slot == SLOT_PURPOSE)
            TRY(call_purpose_held(call, dossier->facts, &named, there->bound[i].name));
    }
    instant at = call->now;
    if (!str_is_empty(request->on))
        TRY(call_until(call, request->on, &at));
    if (type != NONE && plan->evidence[type].kind == KIND_CLAIM)
        TRY(call_second_pair(call, ACT_HOLD_RELEASE, dossier->facts->id, waits));
    if (*waits)
        return OK;
    struct operation op = call_operation(call, ACTION_RECORD, dossier->facts->id);
    op.evidence = there->type;
    str effect = arena_format(call->arena, "evidence:%.*s", STR_ARG(call_text(call, there->type)));
    if (effect.ptr == NULL)
        return NO_MEMORY(call->report);
    TRY(call_write(call, dossier->facts, &op, "evidence_end", decision_by_scope(), &effect, 1,
                   permit));
    call->outcome.id = dossier->facts->id;
    call->outcome.record = request->record;
    return call_end_evidence(call, dossier, request->record, at);
}

enum { PEOPLE_PAGE = 256 };

/* A decision of compatibility kept in the register let a purpose reach items of whomever: all are
 * settled by the next sweep. Such a decision seldom ends. */
static status touch_everyone(struct call *call, const struct fact_evidence *ended)
{
    if (ended == NULL)
        return OK;
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index type = plan_find(plan, plan->evidence_of, ended->type);
    dossier_id after = {{0}};
    size_t count = PEOPLE_PAGE;
    if (type == NONE || plan->evidence[type].kind != KIND_COMPATIBILITY)
        return OK;
    while (count == PEOPLE_PAGE) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        dossier_id *ids;
        TRY(vault_list(call->reg->vault, DOSSIER_SUBJECT, after, PEOPLE_PAGE, arena, call->report,
                       &ids, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(vault_due_again(call->reg->vault, ids[i], call->now, call->report));
            after = ids[i];
        }
    }
    return OK;
}

/* An end on a date is looked at as of that date. */
static status at_its_end(struct call *call, const struct evidence_end *request, instant *now)
{
    instant at = call->now;
    if (!str_is_empty(request->on))
        TRY(call_until(call, request->on, &at));
    *now = call->now;
    call->now = later(call->now, at);
    return OK;
}

/* The organisation's agreement ends, and with it the access of its people. */
static status warn_people(struct call *call, const struct evidence_end *request,
                          struct matter_services *found, bool after)
{
    instant now;
    if (request->warned)
        return OK;
    TRY(at_its_end(call, request, &now));
    status looked = after ? call_matter_services_warn(call, found)
                          : call_matter_services(call, request->dossier, found);
    call->now = now;
    return looked;
}

static status end_elsewhere(struct call *call, struct dossier *dossier,
                            const struct evidence_end *request)
{
    const struct permit *permit;
    struct matter_services found = {0};
    bool waits;
    bool matter = dossier->facts->kind == DOSSIER_MATTER;
    if (matter)
        TRY(warn_people(call, request, &found, false));
    TRY(end_in(call, dossier, request, &permit, &waits));
    if (waits)
        return OK;
    TRY(call_store_dossier(call, dossier, permit));
    if (matter) {
        TRY(warn_people(call, request, &found, true));
        return call_touch_matter(call, request->dossier);
    }
    return touch_everyone(call, facts_find_evidence(dossier->facts, request->record));
}

status engine_evidence_end(struct call *call, const struct evidence_end *request)
{
    enum presence presence;
    struct dossier *dossier;
    TRY(vault_load(call->reg->vault, request->dossier, call->arena, call->report, &presence,
                   &dossier));
    if (presence == PRESENCE_LIVE && dossier->facts->kind != DOSSIER_SUBJECT &&
        dossier->facts->kind != DOSSIER_TOKEN)
        return end_elsewhere(call, dossier, request);
    struct subject subject;
    TRY(call_open(call, request->dossier, &subject));
    const struct permit *permit;
    struct services services = {0};
    instant now;
    bool waits;
    TRY(at_its_end(call, request, &now));
    status looked = request->warned ? OK : call_services(call, &subject, &services);
    call->now = now;
    TRY(looked);
    TRY(end_in(call, subject.dossier, request, &permit, &waits));
    if (waits)
        return OK;
    TRY(at_its_end(call, request, &now));
    looked = call_services_warn(call, &subject, &services);
    call->now = now;
    TRY(looked);
    return call_store_and_purge(call, &subject, permit);
}
