/* Consent and its withdrawal. A consent is one person's own act for one purpose (and recipient,
 * field or channel, as the policy says), with the wording that was shown. */
#include "always.h"
#include "engine_internal.h"
#include "json.h"

/* Every word for how a consent may come about, and why those that are none are none (articles 4(11)
 * and 7; recitals 32, 42 and 43). */
static const struct {
    const char *act, *no;
} acts[] = {
    {"click", NULL}, /* a box or a button of its own */
    {"signature", NULL},
    {"spoken", NULL},
    {"written", NULL}, /* in a letter or a mail of the person's */
    {"prefilled", "a box that was ticked beforehand is no act of the person's"},
    {"preticked", "a box that was ticked beforehand is no act of the person's"},
    {"pre-ticked", "a box that was ticked beforehand is no act of the person's"},
    {"implied", "nobody consents by going on; it may be recorded as an acknowledgement"},
    {"silence", "silence is no consent"},
    {"use", "nobody consents by using a service; it may be recorded as an acknowledgement"},
    {"bundled", "a consent to several things at once is none to any of them"},
    {"terms", "a consent inside other terms is none; it may be recorded as an acknowledgement"},
    {"other", "nobody consents for another"},
};

static status refuse_act(struct call *call, const struct subject *subject,
                         const struct consent *request, const char *no)
{
    struct decision *decision = ARENA_NEW(call->arena, struct decision);
    if (decision == NULL)
        return NO_MEMORY(call->report);
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index purpose =
        plan_find(plan, plan->purpose_of, words_find(plan->words, request->purpose));
    decision->reason.rule = STR("always.consent_is_an_act");
    decision->reason.article = STR("GDPR 4(11), 7");
    decision->reason.ids = plan->evidence[KIND_CONSENT].clause.covers;
    if (decision->reason.ids.count == 0 && purpose != NONE)
        decision->reason.ids = plan->purpose[purpose].clause.covers;
    call->decision = decision;
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    if (purpose != NONE)
        op.purpose = plan->purpose[purpose].clause.name;
    TRY(call_log_refusal(call, subject->dossier->facts, &op, "consent", decision));
    return fail(call->report, FAULT_REFUSED, "%s", no);
}

static status check_act(struct call *call, const struct subject *subject,
                        const struct consent *request)
{
    const char *no = NULL;
    bool known = false;
    for (size_t i = 0; i < LENGTH(acts); i++) {
        if (str_is(request->given_by, acts[i].act)) {
            known = true;
            no = acts[i].no;
        }
    }
    if (!str_is_empty(request->guardian) && !call_is_child(call, subject->dossier->facts))
        no = "nobody consents for another who is no child";
    if (request->required_for_other)
        no = "a consent that is a condition for something else is not free";
    if (str_is_empty(str_trim(request->wording)))
        no = "a consent without the wording that was shown proves nothing";
    if (str_is_empty(request->given_by))
        no = "a consent says by which act it was given";
    if (no != NULL)
        return refuse_act(call, subject, request, no);
    if (!known)
        return fail_at(call->report, FAULT_INVALID, "/given_by",
                       "a consent is given by click, signature, spoken or written");
    for (size_t i = 0; i < request->language.len; i++) {
        char c = request->language.ptr[i];
        if (request->language.len > 16 || ((c < 'a' || c > 'z') && c != '-'))
            return fail_at(call->report, FAULT_INVALID, "/language",
                           "a language is a tag as nb, en or se");
    }
    return OK;
}

struct consent_slots {
    struct binding at[7];
    uint16_t count;
};

static void bind(struct consent_slots *slots, enum slot slot, word name, dossier_id id)
{
    if (name == 0 && ID_IS_ZERO(id))
        return;
    slots->at[slots->count++] = (struct binding){.slot = slot, .name = name, .id = id};
}

/* What the purpose is consented per must be named. */
static status check_per(struct call *call, const struct plan_purpose *purpose,
                        const struct consent_slots *slots)
{
    for (unsigned slot = 1; slot < SLOT_COUNT; slot++) {
        if ((purpose->per >> slot & 1) == 0)
            continue;
        bool named = false;
        for (size_t i = 0; i < slots->count; i++)
            named |= slots->at[i].slot == (enum slot)slot;
        if (!named)
            return call_unnamed(call, (enum slot)slot, "consented to per", purpose->clause.name);
    }
    return OK;
}

static status consent_slots(struct call *call, const struct consent *request, word *purpose,
                            struct consent_slots *slots)
{
    static const dossier_id none = {{0}};
    word field, channel, cookie;
    TRY(call_word(call, NAME_PURPOSE, request->purpose, purpose));
    if (*purpose == 0)
        return fail_at(call->report, FAULT_INVALID, "/purpose",
                       "a consent is for one purpose: name it");
    TRY(call_word(call, NAME_FIELD, request->field, &field));
    TRY(call_channel(call, request->channel, &channel));
    TRY(call_word(call, NAME_COOKIE, request->cookie, &cookie));
    bind(slots, SLOT_SUBJECT, 0, request->subject);
    bind(slots, SLOT_PURPOSE, *purpose, none);
    bind(slots, SLOT_RECIPIENT, 0, request->party);
    bind(slots, SLOT_FIELD, field, none);
    bind(slots, SLOT_COOKIE, cookie, none);
    const struct plan *plan = reg_plan(call->reg, call->now);
    const struct plan_purpose *clause = &plan->purpose[plan_find(plan, plan->purpose_of, *purpose)];
    if ((clause->per >> SLOT_CHANNEL & 1) != 0)
        bind(slots, SLOT_CHANNEL, channel, none);
    if ((clause->per >> SLOT_MATTER & 1) != 0)
        bind(slots, SLOT_MATTER, 0, request->matter);
    return check_per(call, clause, slots);
}

static status consent_json(struct call *call, const struct consent *request, instant until,
                           str *json)
{
    struct buf buf = buf_in(call->arena, LIMIT_VALUE_BYTES);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "type");
    json_put_text(&out, "consent");
    json_key(&out, "purpose");
    json_put_str(&out, request->purpose);
    json_key(&out, "wording");
    json_put_str(&out, request->wording);
    json_key(&out, "language");
    json_put_str(&out, request->language);
    json_key(&out, "act");
    json_put_str(&out, request->given_by);
    json_key(&out, "channel");
    json_put_str(&out, request->channel);
    if (!str_is_empty(request->guardian)) {
        json_key(&out, "guardian");
        json_put_str(&out, request->guardian);
    }
    if (until.ms != NEVER.ms) { /* an end that was agreed is no withdrawal */
        json_key(&out, "until");
        json_put_instant(&out, until);
    }
    json_key(&out, "policy");
    json_put_str(&out, reg_plan(call->reg, call->now)->version);
    json_close_object(&out);
    return buf_finish(&buf, call->report, json);
}

status engine_consent(struct call *call, const struct consent *request)
{
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    TRY(check_act(call, &subject, request));
    const str kept[] = {request->wording, request->act, request->given_by, request->guardian};
    TRY(call_check_texts(call, kept, LENGTH(kept)));
    word purpose;
    struct consent_slots slots = {0};
    TRY(consent_slots(call, request, &purpose, &slots));
    instant until = NEVER;
    if (!str_is_empty(request->until))
        TRY(call_until(call, request->until, &until));
    str json;
    TRY(consent_json(call, request, until, &json));
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    op.purpose = purpose;
    op.party = request->party;
    op.matter = request->matter;
    op.by_subject = true;
    TRY(call_purpose_held(call, subject.dossier->facts, &op, purpose));
    TRY(call_check_named(call, &op));
    TRY(call_living(call, subject.dossier->facts, &op));
    TRY(call_check_guardian(call, subject.dossier->facts, request->guardian));
    const struct permit *permit;
    TRY(call_write(call, subject.dossier->facts, &op, "consent", decision_by_scope(), NULL, 0,
                   &permit));
    TRY(call_add_evidence(call, subject.dossier, permit, evidence_word(call, KIND_CONSENT),
                          slots.at, slots.count, call->now, until, json));
    uint64_t index = call->outcome.log_index; /* of the consent, whatever follows */
    TRY(call_unsuppress(call, subject.dossier->facts, purpose));
    TRY(call_store(call, &subject, permit));
    call->outcome.log_index = index;
    return OK;
}

word evidence_word(const struct call *call, enum evidence_kind kind)
{
    return words_intern(call->reg->words, str_from(evidence_kind_name(kind)));
}

/* ---- withdrawal ---- */

static bool bound_to(const struct fact_evidence *evidence, enum slot slot, word name, dossier_id id)
{
    for (size_t i = 0; i < evidence->bound_count; i++) {
        const struct binding *bound = &evidence->bound[i];
        if (bound->slot == slot)
            return name != 0 ? bound->name == name : ID_EQUAL(bound->id, id);
    }
    return false;
}

struct withdrawn {
    word type, purpose, field, channel, cookie;
    dossier_id party;
};

static bool is_withdrawn(const struct fact_evidence *evidence, const struct withdrawn *what,
                         instant now)
{
    static const dossier_id none = {{0}};
    if (evidence->type != what->type || !before(now, evidence->until))
        return false;
    if (!bound_to(evidence, SLOT_PURPOSE, what->purpose, none))
        return false;
    if (!ID_IS_ZERO(what->party) && !bound_to(evidence, SLOT_RECIPIENT, 0, what->party))
        return false;
    if (what->field != 0 && !bound_to(evidence, SLOT_FIELD, what->field, none))
        return false;
    if (what->cookie != 0 && !bound_to(evidence, SLOT_COOKIE, what->cookie, none))
        return false;
    return what->channel == 0 || bound_to(evidence, SLOT_CHANNEL, what->channel, none);
}

static status end_consents(struct call *call, struct subject *subject, const struct withdrawn *what)
{
    const struct facts *facts = subject->dossier->facts;
    for (size_t i = 0; i < facts->evidence.count; i++) {
        if (!is_withdrawn(&facts->evidence.at[i], what, call->now))
            continue;
        call->outcome.count++;
        TRY(call_end_evidence(call, subject->dossier, facts->evidence.at[i].id, call->now));
    }
    return OK;
}

/* ---- children: GDPR 8, personopplysningsloven § 5 ---- */

static bool is_of_child(const struct call *call, word role)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    plan_index index = plan_find(plan, plan->role_of, role);
    return index != NONE && plan->role[index].under > 0;
}

bool call_is_child(const struct call *call, const struct facts *facts)
{
    for (size_t i = 0; i < facts->roles.count; i++) {
        const struct fact_role *role = &facts->roles.at[i];
        if (!before(call->now, role->since) && before(call->now, role->until) &&
            is_of_child(call, role->role))
            return true;
    }
    return false;
}

status call_check_guardian(struct call *call, const struct facts *facts, str guardian)
{
    if (!str_is_empty(guardian) || !call_is_child(call, facts))
        return OK;
    return call_refuse_always(call, facts, ACTION_RECORD, ALWAYS_guardian_consents);
}

status call_becomes_child(struct call *call, struct subject *subject, word role)
{
    const struct plan *plan = reg_plan(call->reg, call->now);
    if (!is_of_child(call, role))
        return OK;
    for (size_t i = 0; i < plan->purpose_count; i++)
        TRY(call_end_consents(call, subject, plan->purpose[i].clause.name));
    return OK;
}

status call_end_consents(struct call *call, struct subject *subject, word purpose)
{
    struct withdrawn what = {.type = evidence_word(call, KIND_CONSENT), .purpose = purpose};
    return end_consents(call, subject, &what);
}

/* Withdrawing what was never given is no error: the person wants it off, and off it is. */
status engine_withdraw(struct call *call, const struct withdrawal *request)
{
    struct subject subject;
    TRY(call_open(call, request->subject, &subject));
    struct withdrawn what = {.type = evidence_word(call, KIND_CONSENT), .party = request->party};
    TRY(call_purpose(call, request->purpose, &what.purpose));
    TRY(call_word(call, NAME_FIELD, request->field, &what.field));
    TRY(call_channel(call, request->channel, &what.channel));
    TRY(call_word(call, NAME_COOKIE, request->cookie, &what.cookie));
    if (what.purpose == 0)
        return fail_at(call->report, FAULT_INVALID, "/purpose", "a withdrawal names the purpose");
    struct operation op = call_operation(call, ACTION_RECORD, request->subject);
    op.purpose = what.purpose;
    op.party = request->party;
    op.by_subject = true;
    TRY(call_purpose_held(call, subject.dossier->facts, &op, what.purpose));
    const struct permit *permit;
    TRY(call_request_act(call, request->case_, RIGHT_WITHDRAW, request->subject));
    TRY(call_write(call, subject.dossier->facts, &op, "withdraw", decision_by_scope(), NULL, 0,
                   &permit));
    TRY(end_consents(call, &subject, &what));
    TRY(call_expire(call, subject.dossier->facts, what.purpose));
    call->outcome.id = request->subject;
    return call_store_and_purge(call, &subject, permit);
}
