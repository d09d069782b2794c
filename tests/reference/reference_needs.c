/* Gate 10 of docs/semantics.md: needs, and the law floor. */
#include "reference_gates.h"

/* Slots of kind name compare by name, others by id (recipient, place and actor by either). */
static bool one_of(word bound, word a, word b)
{
    return bound != 0 && (bound == a || bound == b);
}

static bool role_is_live(const struct act *a, word role)
{
    const struct facts *subject = a->q.view->subject;
    for (size_t i = 0; subject != NULL && i < subject->roles.count; i++)
        if (subject->roles.at[i].role == role && is_there(&a->q, subject->roles.at[i].since) &&
            a->q.t.ms < subject->roles.at[i].until.ms)
            return true;
    return false;
}

/* "in a collection, purpose equals any told purpose" */
static bool purpose_equals(const struct act *a, word bound)
{
    for (uint16_t i = 0; i < a->told_count; i++)
        if (a->told[i] == bound)
            return true;
    return a->op->action != ACTION_COLLECT && a->purpose != NONE &&
           bound == a->q.plan->purpose[a->purpose].clause.name;
}

dossier_id matter_in_question(const struct act *a)
{
    return a->item != NULL && !is_nobody(a->item->matter) ? a->item->matter : a->op->matter;
}

word source_in_question(const struct act *a)
{
    return a->item != NULL ? a->item->source : a->source;
}

static word named_or(word named, word of_item)
{
    return named != 0 ? named : of_item;
}

static bool id_equals(dossier_id bound, dossier_id asked)
{
    return !is_nobody(bound) && same_id(bound, asked);
}

/* Whether a bound slot equals the operation's. */
bool slot_equals(const struct act *a, const struct binding *bound)
{
    const struct operation *op = a->op;
    const struct fact_item none = {0}, *item = a->item == NULL ? &none : a->item;
    switch (bound->slot) {
    case SLOT_SUBJECT:
        return id_equals(bound->id, op->subject);
    case SLOT_ROLE:
        return role_is_live(a, bound->name);
    case SLOT_PURPOSE:
        return purpose_equals(a, bound->name);
    case SLOT_CATEGORY:
        return one_of(bound->name, category_of(&a->q, a->field), 0);
    case SLOT_FIELD:
        return one_of(bound->name, a->field, 0);
    case SLOT_SOURCE:
        return one_of(bound->name, named_or(a->source, item->source), 0);
    case SLOT_INTAKE:
        return one_of(bound->name, named_or(op->intake, item->intake), 0);
    case SLOT_CHANNEL:
        return one_of(bound->name, op->channel, 0);
    case SLOT_MESSAGE:
        return one_of(bound->name, op->message, 0);
    case SLOT_RECIPIENT:
        return one_of(bound->name, a->recipient, 0) || id_equals(bound->id, op->party);
    case SLOT_PLACE:
        return one_of(bound->name, op->zone, 0) || id_equals(bound->id, op->place);
    case SLOT_MATTER:
        return id_equals(bound->id, matter_in_question(a));
    case SLOT_CASE:
        return id_equals(bound->id, op->case_);
    case SLOT_ACTOR:
        return one_of(bound->name, op->staff, 0) || id_equals(bound->id, op->actor);
    case SLOT_CONTROLLER:
        return one_of(bound->name, named_or(op->controller, item->controller), 0);
    case SLOT_VERSION:
        return one_of(bound->name, a->now->version, item->version);
    case SLOT_COOKIE:
        return one_of(bound->name, op->cookie, 0);
    case SLOT_NONE:
    case SLOT_COUNT:
        break;
    }
    return false;
}

/* "For a source a notice counts from when the item was collected on, and may also be bound to any
 * purpose that the item was told for." */
static bool counts_for_source(const struct act *a, const struct fact_evidence *record)
{
    return a->item == NULL || record->since.ms >= a->item->collected.ms;
}

static bool told_at_collection(const struct act *a, const struct binding *bound)
{
    for (uint16_t i = 0; a->item != NULL && i < a->item->told_count; i++)
        if (bound->slot == SLOT_PURPOSE && bound->name == a->item->told[i])
            return true;
    return false;
}

static bool record_holds(const struct act *a, const struct fact_evidence *record, bool of_source)
{
    const struct plan_evidence *type = type_of(&a->q, record);
    bool notice = of_source && type->kind == KIND_NOTICE;
    if (!is_live(&a->q, record) || (notice && !counts_for_source(a, record)))
        return false;
    for (uint16_t i = 0; i < record->bound_count; i++)
        if (!slot_equals(a, &record->bound[i]) &&
            !(notice && told_at_collection(a, &record->bound[i])))
            return false;
    return true;
}

/* "The records looked at: those of the subject, of the item's matter (or the operation's), case,
 * party, place, actor and register." */
size_t records_looked_at(const struct act *a, const struct fact_evidence *out[RECORDS_AT_MOST])
{
    const struct view *view = a->q.view;
    const struct facts *all[] = {view->subject,  matter_of(view, matter_in_question(a)),
                                 view->case_,    view->party,
                                 view->place,    view->actor,
                                 view->register_};
    size_t count = 0;
    for (size_t k = 0; k < LENGTH(all); k++)
        for (size_t i = 0; all[k] != NULL && i < all[k]->evidence.count; i++) {
            assert(count < RECORDS_AT_MOST);
            out[count++] = &all[k]->evidence.at[i];
        }
    return count;
}

static bool type_holds(const struct act *a, plan_index type, bool of_source)
{
    const struct fact_evidence *records[RECORDS_AT_MOST];
    size_t count = records_looked_at(a, records);
    for (size_t i = 0; i < count; i++)
        if (type_of(&a->q, records[i]) == &a->q.plan->evidence[type] &&
            record_holds(a, records[i], of_source))
            return true;
    return false;
}

bool kind_is_on_file(const struct act *a, enum evidence_kind kind, bool of_source)
{
    for (plan_index i = 0; i < a->q.plan->evidence_count; i++)
        if (a->q.plan->evidence[i].kind == kind && type_holds(a, i, of_source))
            return true;
    return false;
}

/* What is owed already is not owed a second time. */
static bool kind_is_owed(const struct act *a, enum evidence_kind kind)
{
    for (uint16_t i = 0; i < a->duty_count; i++) {
        plan_index type = plan_find(a->q.plan, a->q.plan->evidence_of, a->duties[i]);
        if (type != NONE && a->q.plan->evidence[type].kind == kind)
            return true;
    }
    return false;
}

static bool is_supplied(const struct act *a, word type)
{
    for (size_t i = 0; i < a->op->supplied_count; i++)
        if (a->op->supplied[i] == type)
            return true;
    return false;
}

static bool may_be_supplied(enum evidence_kind kind)
{
    return kind == KIND_NOTICE || kind == KIND_STOP_LINK || kind == KIND_ACKNOWLEDGEMENT;
}

/* "supplied, the need holds; when asking they give allow with duty; when doing without them they
 * refuse." */
static bool need_refuses(struct act *a, const struct need *need, bool of_source)
{
    const struct plan *plan = a->q.plan;
    for (uint16_t i = 0; i < need->count; i++) {
        const struct plan_evidence *type = &plan->evidence[need->any[i]];
        if (type_holds(a, need->any[i], of_source) ||
            (may_be_supplied(type->kind) && is_supplied(a, type->clause.name)))
            return false;
    }
    for (uint16_t i = 0; a->op->asking && i < need->count; i++)
        if (may_be_supplied(plan->evidence[need->any[i]].kind)) {
            owe(a, plan->evidence[need->any[i]].clause.name);
            return false;
        }
    say_no(a, need->path);
    for (uint16_t i = 0; i < need->count; i++)
        lack(a, plan->evidence[need->any[i]].clause.name);
    return true;
}

bool needs_refuse(struct act *a, const struct needs *needs, bool of_source)
{
    for (uint16_t i = 0; i < needs->count; i++)
        if (need_refuses(a, &needs->all[i], of_source))
            return true;
    return false;
}

/* ---- collecting ---- */

/* "of the source, save needs that a notice or a notice_exception can meet (they are asked before
 * use); of the intake." */
static bool source_needs_refuse_collection(struct act *a, const struct plan_source *source)
{
    for (uint16_t i = 0; i < source->needs.count; i++) {
        bool later = false;
        const struct need *need = &source->needs.all[i];
        for (uint16_t k = 0; k < need->count; k++) {
            enum evidence_kind kind = a->q.plan->evidence[need->any[k]].kind;
            later = later || kind == KIND_NOTICE || kind == KIND_NOTICE_EXCEPTION;
        }
        if (!later && need_refuses(a, need, true))
            return true;
    }
    return false;
}

static bool collection_needs_refuse(struct act *a)
{
    const struct plan *plan = a->q.plan;
    plan_index source = plan_find(plan, plan->source_of, a->source);
    plan_index intake = plan_find(plan, plan->intake_of, a->op->intake);
    return (source != NONE && source_needs_refuse_collection(a, &plan->source[source])) ||
           (intake != NONE && needs_refuse(a, &plan->intake[intake].needs, false));
}

/* ---- places ---- */

static bool is_one_of(str text, const char *const *list)
{
    for (size_t i = 0; list[i] != NULL; i++)
        if (str_is(text, list[i]))
            return true;
    return false;
}

static bool is_home(const struct act *a, word zone)
{
    static const char *const EU[] = {"eu", "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI",
                                     "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT",
                                     "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", NULL};
    static const char *const REST[] = {"eea", "IS", "LI", "NO", NULL};
    str name = words_text(a->q.plan->words, zone);
    return zone == 0 || is_one_of(name, EU) ||
           (a->q.plan->places.home != HOME_EU && is_one_of(name, REST));
}

/* "needs a record of kind `safeguard` or `adequacy` bound to the party or place, or of a declared
 * type of kind `consent` that is bound to the recipient" */
static bool is_safe(const struct act *a)
{
    const struct fact_evidence *records[RECORDS_AT_MOST];
    size_t count = records_looked_at(a, records);
    for (size_t i = 0; i < count; i++) {
        const struct plan_evidence *type = type_of(&a->q, records[i]);
        const struct binding *recipient = bound_to(records[i], SLOT_RECIPIENT);
        const struct binding *place = bound_to(records[i], SLOT_PLACE);
        if (type == NULL || !record_holds(a, records[i], false))
            continue;
        if ((type->kind == KIND_SAFEGUARD || type->kind == KIND_ADEQUACY) &&
            (recipient != NULL || place != NULL))
            return true;
        if (type->kind == KIND_CONSENT && !type->builtin && recipient != NULL)
            return true;
    }
    return false;
}

/* "The place is asked about when the operation names a zone or a place: inside `home` its needs;
 * outside those of `outside`." */
static bool place_refuses(struct act *a, bool *outside)
{
    const struct facts *place = a->q.view->place;
    word zone = a->op->zone != 0 ? a->op->zone : place != NULL ? place->name : 0;
    *outside = false;
    if (a->op->zone == 0 && is_nobody(a->op->place))
        return false;
    *outside = !is_home(a, zone);
    return needs_refuse(
        a, *outside ? &a->q.plan->places.outside_needs : &a->q.plan->places.home_needs, false);
}

/* ---- the law floor ---- */

static bool floor_refuses(struct act *a, str clause, const char *type)
{
    say_no(a, arena_format(a->q.arena, "%.*s.needs.%s", STR_ARG(clause), type));
    lack(a, words_find(a->q.plan->words, str_from(type)));
    return true;
}

static bool place_floor_refuses(struct act *a, bool outside)
{
    if (!outside || is_safe(a))
        return false;
    floor_refuses(a, STR("places.outside"), "safeguard");
    lack(a, a->q.plan->evidence[KIND_ADEQUACY].clause.name);
    return true;
}

/* "an item of an `indirect` source needs one of kind `notice` (as for a source) or
 * `notice_exception`" */
static bool source_floor_refuses(struct act *a)
{
    const struct plan *plan = a->q.plan;
    plan_index s = plan_find(plan, plan->source_of, source_in_question(a));
    if (a->item == NULL || s == NONE || plan->source[s].kind != SOURCE_INDIRECT ||
        kind_is_owed(a, KIND_NOTICE) || kind_is_on_file(a, KIND_NOTICE, true) ||
        kind_is_on_file(a, KIND_NOTICE_EXCEPTION, true))
        return false;
    for (plan_index i = 0; i < plan->evidence_count; i++)
        if (plan->evidence[i].kind == KIND_NOTICE && is_supplied(a, plan->evidence[i].clause.name))
            return false;
    if (a->op->asking) {
        owe(a, plan->evidence[KIND_NOTICE].clause.name);
        return false;
    }
    return floor_refuses(a, plan->source[s].clause.path, "notice");
}

static bool bound_kind_is_on_file(const struct act *a, enum evidence_kind kind, enum slot slot)
{
    const struct fact_evidence *records[RECORDS_AT_MOST];
    size_t count = records_looked_at(a, records);
    for (size_t i = 0; i < count; i++) {
        const struct plan_evidence *type = type_of(&a->q, records[i]);
        if (type != NULL && type->kind == kind && bound_to(records[i], slot) != NULL &&
            record_holds(a, records[i], false))
            return true;
    }
    return false;
}

/* "a `processor` needs one of kind `processor_agreement` bound to the recipient (28(3)); an
 * authority needs a case" */
static bool recipient_floor_refuses(struct act *a)
{
    const struct plan *plan = a->q.plan;
    plan_index r = plan_find(plan, plan->recipient_of, a->recipient);
    if (r == NONE)
        return false;
    const struct plan_recipient *recipient = &plan->recipient[r];
    if (recipient->kind == RECIPIENT_AUTHORITY && is_nobody(a->op->case_))
        return floor_refuses(a, recipient->clause.path, "case");
    if (recipient->kind != RECIPIENT_PROCESSOR ||
        bound_kind_is_on_file(a, KIND_PROCESSOR_AGREEMENT, SLOT_RECIPIENT))
        return false;
    return floor_refuses(a, recipient->clause.path, "processor_agreement");
}

static bool kind_supplied(const struct act *a, enum evidence_kind kind)
{
    for (plan_index i = 0; i < a->q.plan->evidence_count; i++)
        if (a->q.plan->evidence[i].kind == kind &&
            is_supplied(a, a->q.plan->evidence[i].clause.name))
            return true;
    return false;
}

/* "a message whose purpose has `marketing` needs `stop_link` bound to the message (may be
 * supplied), and on the channel email or sms consent (as in gate 5) or kind `existing_customer`" */
static bool message_floor_refuses(struct act *a, const struct plan_message *message)
{
    const struct plan *plan = a->q.plan;
    str channel = words_text(plan->words, a->op->channel);
    if (plan->purpose[a->purpose].marketing == MARKETING_NONE)
        return false;
    if (!kind_is_owed(a, KIND_STOP_LINK) &&
        !bound_kind_is_on_file(a, KIND_STOP_LINK, SLOT_MESSAGE) &&
        !kind_supplied(a, KIND_STOP_LINK)) {
        if (!a->op->asking)
            return floor_refuses(a, message->clause.path, "stop_link");
        owe(a, plan->evidence[KIND_STOP_LINK].clause.name);
    }
    if ((!str_is(channel, "email") && !str_is(channel, "sms")) || consent_is_live(a) ||
        kind_is_on_file(a, KIND_EXISTING_CUSTOMER, false))
        return false;
    floor_refuses(a, message->clause.path, "consent");
    lack(a, plan->evidence[KIND_EXISTING_CUSTOMER].clause.name);
    return true;
}

/* "a cookie that is not `necessary` needs a live record of type `consent` of the subject bound to
 * its purpose, and to no other cookie; with `per: [cookie]` on cookie or purpose, bound to this
 * cookie and to no other purpose." */
static bool cookie_floor_refuses(struct act *a, const struct plan_cookie *cookie)
{
    const struct plan *plan = a->q.plan;
    const struct facts *subject = a->q.view->subject;
    bool per_cookie = cookie->per_cookie || (plan->purpose[a->purpose].per >> SLOT_COOKIE & 1) != 0;
    if (cookie->necessary)
        return false;
    for (size_t i = 0; subject != NULL && i < subject->evidence.count; i++) {
        const struct fact_evidence *record = &subject->evidence.at[i];
        const struct binding *purpose = bound_to(record, SLOT_PURPOSE);
        const struct binding *bound = bound_to(record, SLOT_COOKIE);
        bool purpose_is = purpose != NULL && purpose_equals(a, purpose->name);
        bool cookie_is = bound != NULL && bound->name == a->op->cookie;
        if (type_of(&a->q, record) != &plan->evidence[KIND_CONSENT] || !is_live(&a->q, record))
            continue;
        if (per_cookie ? cookie_is && (purpose == NULL || purpose_is)
                       : purpose_is && (bound == NULL || cookie_is))
            return false;
    }
    return floor_refuses(a, cookie->clause.path, "consent");
}

/* ---- gate 10 ---- */

static bool message_needs_refuse(struct act *a)
{
    const struct plan *plan = a->q.plan;
    plan_index m = plan_find(plan, plan->message_of, a->op->message);
    if (m == NONE)
        return false;
    const struct plan_message *message = &plan->message[m];
    if (needs_refuse(a, &plan->purpose[a->purpose].needs, false) ||
        needs_refuse(a, &message->needs, false))
        return true;
    for (uint16_t i = 0; i < message->channel_count; i++)
        if (message->channels[i].name == a->op->channel &&
            needs_refuse(a, &message->channels[i].needs, false))
            return true;
    return message_floor_refuses(a, message);
}

/* "Cookie: of the purpose, then the floor." */
static bool cookie_needs_refuse(struct act *a)
{
    const struct plan *plan = a->q.plan;
    plan_index c = plan_find(plan, plan->cookie_of, a->op->cookie);
    return needs_refuse(a, &plan->purpose[a->purpose].needs, false) ||
           (c != NONE && cookie_floor_refuses(a, &plan->cookie[c]));
}

/* "Read, use, share: of the purpose, the item's source, the recipient, the place, then the
 * floor." */
static bool use_needs_refuse(struct act *a)
{
    const struct plan *plan = a->q.plan;
    plan_index source = plan_find(plan, plan->source_of, source_in_question(a));
    plan_index recipient = plan_find(plan, plan->recipient_of, a->recipient);
    bool outside;
    if (needs_refuse(a, &plan->purpose[a->purpose].needs, false))
        return true;
    if (a->item != NULL && source != NONE && needs_refuse(a, &plan->source[source].needs, true))
        return true;
    if (recipient != NONE && needs_refuse(a, &plan->recipient[recipient].needs, false))
        return true;
    return place_refuses(a, &outside) || place_floor_refuses(a, outside) ||
           source_floor_refuses(a) || recipient_floor_refuses(a);
}

/* "Export, erase, rectify, own view: of the right (portability, erase, rectify, access), when the
 * operation names a case." */
static bool right_needs_refuse(struct act *a, enum right right)
{
    return !is_nobody(a->op->case_) && needs_refuse(a, &a->q.plan->right[right].needs, false);
}

bool gate_needs_refuses(struct act *a)
{
    switch (a->op->action) {
    case ACTION_COLLECT:
        return collection_needs_refuse(a);
    case ACTION_READ:
        return is_own_view(a->op) ? right_needs_refuse(a, RIGHT_ACCESS) : use_needs_refuse(a);
    case ACTION_USE:
    case ACTION_SHARE:
        return use_needs_refuse(a);
    case ACTION_SEND:
        return message_needs_refuse(a);
    case ACTION_COOKIE_SET:
    case ACTION_COOKIE_READ:
        return cookie_needs_refuse(a);
    case ACTION_EXPORT:
        return right_needs_refuse(a, RIGHT_PORTABILITY);
    case ACTION_ERASE:
        return right_needs_refuse(a, RIGHT_ERASE);
    case ACTION_RECTIFY:
        return right_needs_refuse(a, RIGHT_RECTIFY);
    case ACTION_NONE:
    case ACTION_RECORD:
    case ACTION_STORE:
    case ACTION_LIFT:
    case ACTION_COUNT:
        break;
    }
    return false;
}
