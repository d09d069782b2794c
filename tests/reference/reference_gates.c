/* Gates 0 to 9 of docs/semantics.md, section 4. */
#include "reference_gates.h"

void say_no(struct act *a, str rule)
{
    a->rule = rule;
    a->lack_count = 0;
}

void lack(struct act *a, word type)
{
    assert(a->lack_count < LACKS_AT_MOST);
    a->lacks[a->lack_count++] = type;
}

void owe(struct act *a, word type)
{
    for (uint16_t i = 0; i < a->duty_count; i++)
        if (a->duties[i] == type)
            return;
    assert(a->duty_count < DUTIES_AT_MOST);
    a->duties[a->duty_count++] = type;
}

static bool no(struct act *a, str rule)
{
    say_no(a, rule);
    return true;
}

/* A slot that the operation leaves empty is what is lacking. */
static bool no_slot(struct act *a, str rule, word named, const char *slot)
{
    say_no(a, rule);
    if (named == 0)
        lack(a, words_intern(a->q.plan->words, str_from(slot)));
    return true;
}

static bool no_below(struct act *a, str clause, const char *key)
{
    return no(a, arena_format(a->q.arena, "%.*s.%s", STR_ARG(clause), key));
}

/* "A reading by the person without a purpose is the own view." */
bool is_own_view(const struct operation *op)
{
    return op->action == ACTION_READ && op->by_subject && op->purpose == 0;
}

static const struct plan_purpose *purpose_of(const struct act *a)
{
    return &a->q.plan->purpose[a->purpose];
}

/* An operation without an item counts as an item of its matter. */
static struct fact_item item_or_matter(const struct act *a)
{
    if (a->item != NULL)
        return *a->item;
    return (struct fact_item){.field = a->field, .matter = a->op->matter};
}

static const struct settled_item *settled_of(const struct act *a)
{
    for (size_t i = 0; i < a->settled->count && a->item != NULL; i++)
        if (a->settled->items[i].item == a->item)
            return &a->settled->items[i];
    return NULL;
}

/* 0. "the item is not alive"; its rule is "what ended it: the asked purpose's end if it reached and
 * kept the item, else that of the last to end". */
bool gate_alive_refuses(struct act *a)
{
    const struct settled_item *settled = settled_of(a);
    if (settled == NULL || settled->alive)
        return false;
    for (uint16_t i = 0; i < settled->ground_count; i++)
        if (settled->grounds[i].purpose == a->purpose && settled->grounds[i].keeps &&
            settled->grounds[i].end.ms <= a->q.t.ms)
            return no(a, settled->grounds[i].rule->path);
    return no(a, settled->rule->path.len == 0 ? STR("always.nothing_held") : settled->rule->path);
}

/* 1. "the recipient kind or the category has `never`; category kind payment_card; category kind
 * special without consent as in gate 5 (a collection: without a told purpose)" */
bool gate_never_refuses(struct act *a)
{
    const struct plan *plan = a->q.plan;
    plan_index recipient = plan_find(plan, plan->recipient_of, a->op->recipient);
    plan_index field = plan_find(plan, plan->field_of, a->field);
    if (recipient != NONE && plan->recipient[recipient].never)
        return no_below(a, plan->recipient[recipient].clause.path, "never");
    if (field == NONE)
        return false;
    const struct plan_category *category = &plan->category[plan->field[field].category];
    if (category->never)
        return no_below(a, category->clause.path, "never");
    if (category->kind == CATEGORY_PAYMENT_CARD)
        return no_below(a, category->clause.path, "never");
    if (category->kind != CATEGORY_SPECIAL)
        return false;
    bool agreed = a->op->action == ACTION_COLLECT ? a->told_count > 0
                                                  : a->purpose != NONE && consent_is_live(a);
    if (agreed)
        return false;
    no_below(a, category->clause.path, "kind");
    lack(a, plan->evidence[KIND_CONSENT].clause.name);
    return true;
}

/* "A `joint` clause covers it when it is for the purpose (without one: for a purpose that reaches
 * the item) and names both controllers; with `acting`, one of the two." */
static bool joint_is_for(const struct act *a, const struct plan_joint *joint)
{
    if (a->purpose != NONE)
        return refs_has(&joint->purposes, a->purpose);
    for (plan_index p = 0; p < a->q.plan->purpose_count; p++)
        if (refs_has(&joint->purposes, p) && reaches(&a->q, p, a->item))
            return true;
    return false;
}

static bool joint_covers(const struct act *a)
{
    const struct plan *plan = a->q.plan;
    plan_index own = plan_find(plan, plan->controller_of, a->item->controller);
    plan_index acting = plan_find(plan, plan->controller_of, a->op->controller);
    for (plan_index i = 0; i < plan->joint_count; i++) {
        const struct plan_joint *joint = &plan->joint[i];
        bool has_own = own != NONE && refs_has(&joint->who, own);
        bool has_acting = acting != NONE && refs_has(&joint->who, acting);
        if (joint_is_for(a, joint) &&
            (joint->acting ? has_own || has_acting : has_own && has_acting))
            return true;
    }
    return false;
}

/* 2. "both the operation and the item have a controller, they differ, and neither a `joint` clause
 * nor a group share covers it". Then "the gates 8 to 10 see that recipient". */
bool gate_controller_refuses(struct act *a)
{
    const struct plan *plan = a->q.plan;
    plan_index field = plan_find(plan, plan->field_of, a->field);
    if (a->item == NULL || a->op->controller == 0 || a->item->controller == 0 ||
        a->op->controller == a->item->controller || joint_covers(a))
        return false;
    for (plan_index r = 0; r < plan->recipient_count; r++) {
        const struct plan_recipient *recipient = &plan->recipient[r];
        if (recipient->kind != RECIPIENT_GROUP || recipient->clause.closed || recipient->never ||
            a->purpose == NONE || !refs_has(&recipient->purposes, a->purpose) ||
            !field_set_has(&recipient->gives, field))
            continue;
        if (a->recipient == 0)
            a->recipient = recipient->clause.name;
        return false;
    }
    return no(a, STR("always.own_records"));
}

static bool role_is_held(const struct act *a, const struct facts *whose, word role,
                         dossier_id matter)
{
    for (size_t i = 0; whose != NULL && i < whose->roles.count; i++) {
        const struct fact_role *fact = &whose->roles.at[i];
        if (fact->role == role && is_there(&a->q, fact->since) && a->q.t.ms < fact->until.ms &&
            (is_nobody(fact->matter) || is_nobody(matter) || same_id(fact->matter, matter)))
            return true;
    }
    return false;
}

static bool holds_one_of(const struct act *a, const struct facts *whose, const struct refs *roles,
                         dossier_id matter)
{
    for (uint16_t i = 0; i < roles->count; i++)
        if (role_is_held(a, whose, a->q.plan->role[roles->at[i]].clause.name, matter))
            return true;
    return roles->all;
}

/* Without regard to the matter that a role is tied to. */
static bool holds_any_of(const struct act *a, const struct facts *whose, const struct refs *roles)
{
    return holds_one_of(a, whose, roles, (dossier_id){{0}});
}

static bool is_cookie(const struct act *a)
{
    return a->op->action == ACTION_COOKIE_SET || a->op->action == ACTION_COOKIE_READ;
}

static const struct plan_cookie *cookie_of(const struct act *a)
{
    plan_index c = plan_find(a->q.plan, a->q.plan->cookie_of, a->op->cookie);
    return c == NONE || !is_cookie(a) ? NULL : &a->q.plan->cookie[c];
}

static const struct plan_message *message_of(const struct act *a)
{
    plan_index m = plan_find(a->q.plan, a->q.plan->message_of, a->op->message);
    return m == NONE || a->op->action != ACTION_SEND ? NULL : &a->q.plan->message[m];
}

/* 3. "the subject holds no live role of the purpose ..." */
bool gate_role_refuses(struct act *a)
{
    if (a->purpose == NONE || purpose_of(a)->clause.closed ||
        (cookie_of(a) != NULL && cookie_of(a)->necessary) ||
        holds_one_of(a, a->q.view->subject, &purpose_of(a)->roles, matter_in_question(a)))
        return false;
    no_below(a, purpose_of(a)->clause.path, "roles");
    for (uint16_t i = 0; i < purpose_of(a)->roles.count; i++)
        lack(a, a->q.plan->role[purpose_of(a)->roles.at[i]].clause.name);
    return true;
}

/* "for some field of `requires`, in the order of the plan, there is no item that is alive and not
 * restricted" */
static bool requires_refuse(struct act *a)
{
    const struct plan *plan = a->q.plan;
    for (plan_index f = 0; f < plan->field_count; f++) {
        bool there = false;
        if (!purpose_of(a)->requires.stated || !field_set_has(&purpose_of(a)->requires, f))
            continue;
        for (size_t i = 0; i < a->settled->count; i++)
            there = there || (a->settled->items[i].item->field == plan->field[f].name &&
                              a->settled->items[i].alive && !a->settled->items[i].restricted);
        if (!there) {
            no_below(a, purpose_of(a)->clause.path, "requires");
            lack(a, plan->field[f].name);
            return true;
        }
    }
    return false;
}

static bool not_reached(struct act *a)
{
    no(a, purpose_of(a)->clause.path);
    lack(a, a->q.plan->evidence[KIND_COMPATIBILITY].clause.name);
    lack(a, a->q.plan->evidence[KIND_CONSENT].clause.name);
    return true;
}

/* 4. "In order: the message or the cookie is unknown; no purpose, or an unknown one; p is closed; p
 * names companies and the operation's is none of them; p counts only and the act is a reading, a
 * share or a message; the field is not in `uses`; p has not
 * started; p does not reach the item; ... `requires`". The older version is not asked whether p
 * reaches, nor for `requires`. */
bool gate_purpose_refuses(struct act *a, bool older)
{
    if (a->op->action == ACTION_SEND && message_of(a) == NULL)
        return no_slot(a, STR("messages"), 0, "message");
    if (is_cookie(a) && cookie_of(a) == NULL)
        return no_slot(a, STR("cookies"), 0, "cookie");
    if (a->purpose == NONE)
        return no_slot(a, STR("purposes"), a->op->purpose, "purpose");
    const struct plan_purpose *purpose = purpose_of(a);
    plan_index field = plan_find(a->q.plan, a->q.plan->field_of, a->field);
    if (purpose->clause.closed)
        return no(a, purpose->clause.path);
    if (purpose->controllers.stated && a->op->controller != 0) {
        plan_index whose = plan_find(a->q.plan, a->q.plan->controller_of, a->op->controller);
        bool among = purpose->controllers.all;
        for (uint16_t i = 0; i < purpose->controllers.count; i++)
            among |= whose != NONE && purpose->controllers.at[i] == whose;
        if (!among)
            return no_below(a, purpose->clause.path, "controllers");
    }
    if (purpose->counts_only > 0 && (a->op->action == ACTION_READ ||
                                     a->op->action == ACTION_SHARE || a->op->action == ACTION_SEND))
        return no_below(a, purpose->clause.path, "counts_only");
    if (a->item != NULL && (field == NONE || !field_set_has(&purpose->uses, field)))
        return no_below(a, purpose->clause.path, "uses");
    if (!has_started(&a->q, a->purpose, a->item != NULL ? a->item->matter : (dossier_id){{0}})) {
        no_below(a, purpose->clause.path, "starts");
        lack(a, purpose->starts_event != NONE
                    ? a->q.plan->event[purpose->starts_event].clause.name
                    : a->q.plan->evidence[purpose->starts_evidence].clause.name);
        return true;
    }
    if (older)
        return false;
    if (a->item != NULL && !reaches(&a->q, a->purpose, a->item))
        return not_reached(a);
    return !is_cookie(a) && requires_refuse(a);
}

/* "when no live record of type `consent` of the subject is bound to p, bound to each slot of `per`
 * with the operation's value where it has one (recipient: in a share), and equal to the operation
 * in every other bound slot" */
static bool unit_is_bound(const struct act *a, const struct fact_evidence *record, enum slot slot)
{
    const struct binding *bound = bound_to(record, slot);
    if (slot == SLOT_FIELD && bound == NULL)
        bound = bound_to(record, SLOT_CATEGORY);
    bool has_value = slot == SLOT_FIELD       ? a->field != 0
                     : slot == SLOT_CHANNEL   ? a->op->channel != 0
                     : slot == SLOT_MATTER    ? !is_nobody(matter_in_question(a))
                     : slot == SLOT_RECIPIENT ? a->op->action == ACTION_SHARE
                                              : true;
    return bound != NULL && (!has_value || slot_equals(a, bound));
}

static bool consent_counts(const struct act *a, const struct fact_evidence *record)
{
    const struct binding *purpose = bound_to(record, SLOT_PURPOSE);
    uint32_t per = purpose_of(a)->per;
    if (type_of(&a->q, record) != &a->q.plan->evidence[KIND_CONSENT] || !is_live(&a->q, record) ||
        purpose == NULL || purpose->name != purpose_of(a)->clause.name)
        return false;
    for (enum slot slot = SLOT_NONE; slot < SLOT_COUNT; slot++)
        if ((per >> slot & 1) != 0 && !unit_is_bound(a, record, slot))
            return false;
    for (uint16_t i = 0; i < record->bound_count; i++) {
        enum slot slot = record->bound[i].slot;
        bool stands_for_field =
            slot == SLOT_CATEGORY && (per >> SLOT_FIELD & 1) != 0 && a->field == 0;
        if ((per >> slot & 1) == 0 && !stands_for_field && !slot_equals(a, &record->bound[i]))
            return false;
    }
    return true;
}

bool consent_is_live(const struct act *a)
{
    const struct facts *subject = a->q.view->subject;
    for (size_t i = 0; subject != NULL && i < subject->evidence.count; i++)
        if (consent_counts(a, &subject->evidence.at[i]))
            return true;
    return false;
}

static bool slots_equal(const struct act *a, const struct fact_evidence *record)
{
    for (uint16_t i = 0; i < record->bound_count; i++)
        if (!slot_equals(a, &record->bound[i]))
            return false;
    return true;
}

/* "legitimate_interest, when no live record of kind `balancing` is bound to p and equal to the
 * operation in every other bound slot" */
static bool balancing_is_live(const struct act *a)
{
    const struct fact_evidence *records[RECORDS_AT_MOST];
    size_t count = records_looked_at(a, records);
    for (size_t i = 0; i < count; i++) {
        const struct plan_evidence *type = type_of(&a->q, records[i]);
        const struct binding *purpose = bound_to(records[i], SLOT_PURPOSE);
        if (type != NULL && type->kind == KIND_BALANCING && is_live(&a->q, records[i]) &&
            purpose != NULL && purpose->name == purpose_of(a)->clause.name &&
            slots_equal(a, records[i]))
            return true;
    }
    return false;
}

static bool basis_lacks(struct act *a, enum evidence_kind kind)
{
    no_below(a, purpose_of(a)->clause.path, "basis");
    if (kind != KIND_COUNT)
        lack(a, a->q.plan->evidence[kind].clause.name);
    return true;
}

/* 5. basis */
bool gate_basis_refuses(struct act *a)
{
    const struct plan_purpose *purpose = purpose_of(a);
    const struct fact_item item = item_or_matter(a);
    if (purpose->basis == BASIS_CONSENT && !consent_is_live(a))
        return basis_lacks(a, KIND_CONSENT);
    if (purpose->basis == BASIS_CONTRACT && !purpose->before_contract &&
        end_of_agreement(&a->q, a->purpose, &item).ms <= a->q.t.ms)
        return basis_lacks(a, KIND_AGREEMENT);
    if (purpose->basis == BASIS_LEGAL_DUTY && purpose->law.len == 0)
        return basis_lacks(a, KIND_COUNT);
    if (purpose->basis == BASIS_LEGITIMATE_INTEREST && !balancing_is_live(a))
        return basis_lacks(a, KIND_BALANCING);
    if (a->item == NULL)
        return false;
    struct ending ending = end_in_both(&a->q, a->purpose, a->item);
    return ending.end.ms <= a->q.t.ms && no(a, ending.rule);
}

/* ---- 6 version ---- */

enum clause_kind { CLAUSE_PURPOSE, CLAUSE_SOURCE, CLAUSE_RECIPIENT, CLAUSE_FIELD };

/* "materially new in the version in force compared with" an earlier one */
static bool is_marked(const struct act *a, const struct plan_version *earlier,
                      enum clause_kind kind, word name)
{
    const struct plan *plan = a->now->plan;
    const plan_index *table[] = {plan->purpose_of, plan->source_of, plan->recipient_of,
                                 plan->field_of};
    const struct plan_news *news = &a->now->news[earlier - a->q.view->plans->at];
    struct bits marks[] = {news->purposes, news->sources, news->recipients, news->fields};
    plan_index i = name == 0 ? (plan_index)NONE : plan_find(plan, table[kind], name);
    return i != NONE && bits_has(marks[kind], i);
}

/* "there is a live record of kind `notice` in the person's dossier that is bound to it" */
static bool was_told(const struct act *a, const struct plan_version *version)
{
    const struct facts *subject = a->q.view->subject;
    for (size_t i = 0; subject != NULL && i < subject->evidence.count; i++) {
        const struct fact_evidence *record = &subject->evidence.at[i];
        const struct binding *bound = bound_to(record, SLOT_VERSION);
        if (bound != NULL && bound->name == version->version && is_live(&a->q, record) &&
            type_of(&a->q, record)->kind == KIND_NOTICE)
            return true;
    }
    return false;
}

/* "the dossier was made while it was in force (before any was: the first)" */
static bool came_under(const struct act *a, const struct plan_version *version)
{
    const struct plan_version *first = a->q.view->plans->at;
    const struct facts *subject = a->q.view->subject;
    bool begun = subject != NULL && subject->created.ms >= version->effective.ms;
    bool over =
        version < a->now && subject != NULL && subject->created.ms >= version[1].effective.ms;
    return (begun || version == first) && !over;
}

/* "compared with every version that the person knows" */
static bool is_new(const struct act *a, enum clause_kind kind, word name)
{
    bool known_in_none = name != 0;
    for (const struct plan_version *v = a->q.view->plans->at; v <= a->now; v++) {
        bool knows = came_under(a, v) || was_told(a, v);
        if (knows && (v == a->now || !is_marked(a, v, kind, name)))
            known_in_none = false;
    }
    return known_in_none;
}

static bool older_refuses(struct act *a)
{
    return gate_never_refuses(a) || gate_role_refuses(a) || gate_purpose_refuses(a, true) ||
           gate_list_refuses(a) || gate_needs_refuses(a);
}

/* "for an item of another known version, unless there is a compatibility or a consent of the
 * subject for p: the older version has no such purpose, or one of its gates 1, 3, 4, 9, 10
 * refuses" */
static bool older_version_refuses(struct act *a)
{
    const struct plan_version *older = a->item == NULL ? NULL : older_version(&a->q, a->item);
    if (older == NULL || compatibility_for(&a->q, a->purpose) || consent_for(&a->q, a->purpose))
        return false;
    struct act then = *a;
    then.q = ask_of(&a->q, older);
    then.purpose = purpose_in(older->plan, purpose_of(a)->clause.name);
    bool refused = then.purpose == NONE ? no(&then, STR("version")) : older_refuses(&then);
    if (!refused)
        return false;
    struct question now = a->q;
    plan_index purpose = a->purpose;
    *a = then;
    a->q = now;
    a->purpose = purpose;
    lack(a, a->q.plan->evidence[KIND_COMPATIBILITY].clause.name);
    lack(a, a->q.plan->evidence[KIND_CONSENT].clause.name);
    return true;
}

bool gate_version_refuses(struct act *a)
{
    word purpose = purpose_of(a)->clause.name;
    if (is_new(a, CLAUSE_PURPOSE, purpose) || is_new(a, CLAUSE_SOURCE, source_in_question(a)) ||
        is_new(a, CLAUSE_RECIPIENT, a->recipient) || is_new(a, CLAUSE_FIELD, a->field)) {
        no(a, STR("version"));
        lack(a, a->q.plan->evidence[KIND_NOTICE].clause.name);
        return true;
    }
    return older_version_refuses(a);
}

/* 7. "a restriction covers the item; not for a purpose that starts with a claim or has the
 * subject's consent (export: always)" */
bool gate_restriction_refuses(struct act *a)
{
    if (a->item == NULL || a->field == 0 || !restriction_is_on(&a->q, a->item))
        return false;
    if (a->op->action != ACTION_EXPORT && a->purpose != NONE &&
        (starts_with_claim(&a->q, a->purpose) || consent_is_live(a)))
        return false;
    return no(a, STR("rights.restrict"));
}

/* ---- 8 objection ---- */

/* "after which the subject gave a consent for p (section 3, end of consent) that is live" */
static bool lifted(const struct act *a, plan_index p, instant since)
{
    const struct fact_item item = item_or_matter(a);
    return end_of_consent(&a->q, p, &item, since).ms > a->q.t.ms;
}

/* "An objection that is there, names p (or both have `marketing: own`), is not dismissed, and is
 * upheld, or p's objection is absolute or weighed." */
static bool objection_stops(const struct act *a, plan_index p)
{
    const struct facts *subject = a->q.view->subject;
    for (size_t i = 0; subject != NULL && i < subject->objections.count; i++) {
        const struct fact_objection *objection = &subject->objections.at[i];
        bool counts = objection->state == OBJECTION_UPHELD ||
                      (objection->state == OBJECTION_OPEN &&
                       a->q.plan->purpose[p].objection != OBJECTION_NONE);
        if (counts && is_there(&a->q, objection->since) && objection_names(&a->q, objection, p) &&
            !lifted(a, p, objection->since))
            return true;
    }
    return false;
}

/* "which stops the message, the recipient kind, or p" */
static bool switch_stops(const struct act *a, const struct plan_switch *stop, plan_index p,
                         instant since)
{
    const struct plan *plan = a->q.plan;
    plan_index m = plan_find(plan, plan->message_of, a->op->message);
    plan_index r = plan_find(plan, plan->recipient_of, a->recipient);
    if (m != NONE && stop->stops_messages.stated && refs_has(&stop->stops_messages, m))
        return true;
    if (r != NONE && stop->stops_recipients.stated && refs_has(&stop->stops_recipients, r))
        return true;
    return stop->stops_purposes.stated && refs_has(&stop->stops_purposes, p) &&
           !lifted(a, p, since);
}

static const struct plan_switch *switch_against(const struct act *a, plan_index p)
{
    const struct facts *subject = a->q.view->subject;
    for (size_t i = 0; subject != NULL && i < subject->switches.count; i++) {
        const struct fact_switch *fact = &subject->switches.at[i];
        plan_index s = plan_find(a->q.plan, a->q.plan->stop_of, fact->stop);
        if (s != NONE && is_there(&a->q, fact->since) &&
            (fact->channel == 0 || fact->channel == a->op->channel) &&
            (is_nobody(fact->recipient) || same_id(fact->recipient, a->op->party)) &&
            switch_stops(a, &a->q.plan->stop[s], p, fact->since))
            return &a->q.plan->stop[s];
    }
    return NULL;
}

bool is_stopped(struct act *a, plan_index p)
{
    if (a->q.plan->purpose[p].basis == BASIS_LEGAL_DUTY)
        return false;
    if (objection_stops(a, p))
        return no(a, STR("rights.object"));
    const struct plan_switch *stop = switch_against(a, p);
    return stop != NULL && no(a, stop->clause.path);
}

/* "a limit of use, whose until is there, that has the item and names p; lifted as an objection is"
 */
static bool is_limited(struct act *a)
{
    const struct facts *subject = a->q.view->subject;
    for (size_t i = 0; subject != NULL && i < subject->limits.count; i++) {
        const struct fact_limit *limit = &subject->limits.at[i];
        if (limit->use_only && is_there(&a->q, limit->until) &&
            limit_is_of(&a->q, limit, a->item, a->purpose) && !lifted(a, a->purpose, limit->until))
            return no(a, STR("always.merge_opens_nothing"));
    }
    return false;
}

bool gate_objection_refuses(struct act *a)
{
    if (is_stopped(a, a->purpose))
        return true;
    return is_limited(a);
}

/* ---- 9 list ---- */

static bool is_named(const struct act *a, const struct plan_recipient *recipient)
{
    for (uint16_t i = 0; i < recipient->named_count; i++)
        if (str_equal(recipient->named[i], a->op->party_name))
            return true;
    return !recipient->named_stated;
}

/* "Share: no or unknown recipient kind (`recipients`); closed; not `for` p; field not in `gives`;
 * an audience's party without a live role of `who`; the party's name not in `named`." */
static bool recipient_list_refuses(struct act *a)
{
    const struct plan *plan = a->q.plan;
    plan_index r = plan_find(plan, plan->recipient_of, a->recipient);
    plan_index field = plan_find(plan, plan->field_of, a->field);
    if (a->recipient == 0 || r == NONE)
        return no_slot(a, STR("recipients"), a->op->recipient, "recipient");
    const struct plan_recipient *recipient = &plan->recipient[r];
    if (recipient->clause.closed)
        return no(a, recipient->clause.path);
    if (!refs_has(&recipient->purposes, a->purpose))
        return no_below(a, recipient->clause.path, "for");
    if (a->item != NULL && (field == NONE || !field_set_has(&recipient->gives, field)))
        return no_below(a, recipient->clause.path, "gives");
    if (recipient->kind == RECIPIENT_AUDIENCE && a->q.view->party != NULL &&
        !holds_any_of(a, a->q.view->party, &recipient->who))
        return no_below(a, recipient->clause.path, "who");
    if (!is_named(a, recipient))
        return no_below(a, recipient->clause.path, "named");
    return false;
}

/* "Read, use, share: p has `from` and the item's source is not in it." */
static bool use_list_refuses(struct act *a)
{
    plan_index source = plan_find(a->q.plan, a->q.plan->source_of, source_in_question(a));
    const struct refs *from = &purpose_of(a)->from;
    if (a->item != NULL && from->stated && !from->all &&
        (source == NONE || !refs_has(from, source)))
        return no_below(a, purpose_of(a)->clause.path, "from");
    bool group_share = a->recipient != a->op->recipient &&
                       plan_find(a->q.plan, a->q.plan->recipient_of, a->recipient) != NONE;
    return (a->op->action == ACTION_SHARE || group_share) && recipient_list_refuses(a);
}

/* "Message: closed; another purpose was named (`.for`); no clause for the channel (`.channels`);
 * the channel's needs have a hole." */
static bool message_list_refuses(struct act *a)
{
    const struct plan_message *message = message_of(a);
    if (message == NULL)
        return no_slot(a, STR("messages"), 0, "message");
    if (message->clause.closed)
        return no(a, message->clause.path);
    if (a->op->purpose != 0 && a->op->purpose != purpose_of(a)->clause.name)
        return no_below(a, message->clause.path, "for");
    for (uint16_t i = 0; i < message->channel_count; i++)
        if (message->channels[i].name == a->op->channel)
            return message->channels[i].needs.hole && no(a, message->channels[i].path);
    no_below(a, message->clause.path, "channels");
    if (a->op->channel == 0)
        lack(a, words_intern(a->q.plan->words, STR("channel")));
    return true;
}

/* "Cookie: closed; not `for` p; the subject holds none of its `roles`, if stated." */
static bool cookie_list_refuses(struct act *a)
{
    const struct plan_cookie *cookie = cookie_of(a);
    if (cookie == NULL)
        return no_slot(a, STR("cookies"), 0, "cookie");
    if (cookie->clause.closed)
        return no(a, cookie->clause.path);
    if (!refs_has(&cookie->purposes, a->purpose))
        return no_below(a, cookie->clause.path, "for");
    if (cookie->roles.stated && !holds_any_of(a, a->q.view->subject, &cookie->roles))
        return no_below(a, cookie->clause.path, "roles");
    return false;
}

/* "Collection: no or unknown intake (`intakes`); closed; source not in `from`; source clause
 * closed; a channel is named and is another (`.channel`); the category is in `refuses`; the field
 * is neither in `required` nor in `optional` (`.optional`)." */
static bool collection_list_refuses(struct act *a)
{
    const struct plan *plan = a->q.plan;
    plan_index i = plan_find(plan, plan->intake_of, a->op->intake);
    plan_index source = plan_find(plan, plan->source_of, a->source);
    plan_index field = plan_find(plan, plan->field_of, a->field);
    if (a->op->intake == 0 || i == NONE)
        return no_slot(a, STR("intakes"), a->op->intake, "intake");
    const struct plan_intake *intake = &plan->intake[i];
    if (intake->clause.closed)
        return no(a, intake->clause.path);
    if (a->source == 0 || source == NONE || !refs_has(&intake->from, source))
        return no_below(a, intake->clause.path, "from");
    if (plan->source[source].clause.closed)
        return no(a, plan->source[source].clause.path);
    if (a->op->channel != 0 && intake->channel != 0 && a->op->channel != intake->channel)
        return no_below(a, intake->clause.path, "channel");
    if (field != NONE && bits_has(intake->refuses, plan->field[field].category))
        return no_below(a, intake->clause.path, "refuses");
    if (field == NONE ||
        (!field_set_has(&intake->required, field) && !field_set_has(&intake->optional, field)))
        return no_below(a, intake->clause.path, "optional");
    return false;
}

bool gate_list_refuses(struct act *a)
{
    if (a->op->action == ACTION_COLLECT)
        return collection_list_refuses(a);
    if (a->op->action == ACTION_SEND)
        return message_list_refuses(a);
    if (is_cookie(a))
        return cookie_list_refuses(a);
    return use_list_refuses(a);
}
