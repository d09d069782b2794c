/* Needs: a need holds when a live record exists whose bound slots all equal the operation's. */
#include "decide_internal.h"

static bool same_id(dossier_id bound, dossier_id ours)
{
    return !ID_IS_ZERO(ours) && ID_EQUAL(bound, ours);
}

static word same_or(word first, word second)
{
    return first != 0 ? first : second;
}

static dossier_id subject_of(const struct ask *ask)
{
    const struct facts *subject = ask->scene.view->subject;
    return ID_IS_ZERO(ask->op->subject) && subject != NULL ? subject->id : ask->op->subject;
}

/* What is on file for one matter opens nothing of another that is asked for along with it. */
static dossier_id matter_of(const struct ask *ask)
{
    if (ask->item == NULL || ID_IS_ZERO(ask->item->item->matter))
        return ask->op->matter;
    return ask->item->item->matter;
}

static bool holds_role(const struct ask *ask, word role)
{
    const struct facts *subject = ask->scene.view->subject;
    for (size_t i = 0; subject != NULL && i < subject->roles.count; i++)
        if (subject->roles.at[i].role == role && role_is_live(&subject->roles.at[i], ask->scene.t))
            return true;
    return false;
}

/* The version that a record may be bound to: the one in force, also while an older one is asked, or
 * the item's own. */
static bool version_matches(const struct ask *ask, word bound)
{
    const struct plan_version *now = plans_in_force(ask->scene.view->plans, ask->scene.t);
    return (now != NULL && bound == now->version) ||
           (ask->item != NULL && bound == ask->item->item->version);
}

static bool is_told(const word *told, size_t count, word purpose)
{
    for (size_t i = 0; i < count; i++)
        if (told[i] == purpose)
            return true;
    return false;
}

static bool slot_matches(const struct ask *ask, const struct binding *bound)
{
    const struct plan *plan = ask->scene.plan;
    const struct operation *op = ask->op;
    const struct fact_item *item = ask->item == NULL ? NULL : ask->item->item;
    word ours = 0;
    switch (bound->slot) {
    case SLOT_SUBJECT:
        return same_id(bound->id, subject_of(ask));
    case SLOT_MATTER:
        return same_id(bound->id, matter_of(ask));
    case SLOT_CASE:
        return same_id(bound->id, op->case_);
    case SLOT_ACTOR:
        return bound->name != 0 ? bound->name == op->staff : same_id(bound->id, op->actor);
    case SLOT_RECIPIENT:
        if (bound->name == 0)
            return same_id(bound->id, op->party);
        return ask->recipient != NONE && bound->name == plan->recipient[ask->recipient].clause.name;
    case SLOT_PLACE:
        return bound->name != 0 ? bound->name == op->zone : same_id(bound->id, op->place);
    case SLOT_ROLE:
        return holds_role(ask, bound->name);
    case SLOT_VERSION:
        return version_matches(ask, bound->name);
    case SLOT_PURPOSE:
        if (ask->act == ACTION_COLLECT)
            return is_told(ask->told, ask->told_count, bound->name);
        ours = ask->purpose == NONE ? 0 : plan->purpose[ask->purpose].clause.name;
        break;
    case SLOT_CATEGORY:
        ours =
            ask->field == NONE ? 0 : plan->category[plan->field[ask->field].category].clause.name;
        break;
    case SLOT_FIELD:
        ours = ask->field_word;
        break;
    case SLOT_SOURCE:
        ours = ask->source == NONE ? 0 : plan->source[ask->source].clause.name;
        break;
    case SLOT_INTAKE:
        ours = same_or(op->intake, item == NULL ? 0 : item->intake);
        break;
    case SLOT_CHANNEL:
        ours = op->channel;
        break;
    case SLOT_MESSAGE:
        ours = ask->message == NONE ? 0 : plan->message[ask->message].clause.name;
        break;
    case SLOT_COOKIE:
        ours = op->cookie;
        break;
    case SLOT_CONTROLLER:
        ours = same_or(op->controller, item == NULL ? 0 : item->controller);
        break;
    case SLOT_NONE:
    case SLOT_COUNT:
        return false;
    }
    return ours != 0 && bound->name == ours;
}

/* `of_item`: a notice about the source counts, too, when it told of a purpose that the item was
 * collected for. */
static bool record_matches(const struct ask *ask, const struct fact_evidence *evidence,
                           bool of_item)
{
    for (size_t i = 0; i < evidence->bound_count; i++) {
        const struct binding *bound = &evidence->bound[i];
        bool told = of_item && bound->slot == SLOT_PURPOSE &&
                    is_told(ask->item->item->told, ask->item->item->told_count, bound->name);
        if (!told && !slot_matches(ask, bound))
            return false;
    }
    return true;
}

/* What is looked for in each dossier. */
struct search {
    plan_index type; /* NONE: any of `kind` */
    enum evidence_kind kind;
    enum slot bound; /* it must be bound to this slot; SLOT_NONE: any binding */
    bool of_source;
};

static bool is_wanted(struct ask *ask, const struct search *search,
                      const struct fact_evidence *evidence)
{
    const struct plan *plan = ask->scene.plan;
    plan_index type = evidence_type(plan, evidence);
    if (type == NONE ||
        (search->type != NONE ? type != search->type : plan->evidence[type].kind != search->kind))
        return false;
    if (search->bound != SLOT_NONE && evidence_binding(evidence, search->bound) == NULL)
        return false;
    bool since_collected =
        search->of_source && plan->evidence[type].kind == KIND_NOTICE && ask->item != NULL;
    if (since_collected && before(evidence->since, ask->item->item->collected))
        return false;
    return evidence_is_live(&ask->scene, plan, type, evidence) &&
           record_matches(ask, evidence, since_collected);
}

static bool found_in(struct ask *ask, const struct search *search, const struct facts *facts)
{
    for (size_t i = 0; facts != NULL && i < facts->evidence.count; i++)
        if (is_wanted(ask, search, &facts->evidence.at[i]))
            return true;
    return false;
}

static bool found(struct ask *ask, const struct search *search)
{
    const struct view *view = ask->scene.view;
    return found_in(ask, search, view->subject) ||
           found_in(ask, search, scene_matter(&ask->scene, matter_of(ask))) ||
           found_in(ask, search, view->case_) || found_in(ask, search, view->party) ||
           found_in(ask, search, view->place) || found_in(ask, search, view->actor) ||
           found_in(ask, search, view->register_);
}

bool type_holds(struct ask *ask, plan_index type, bool of_source)
{
    return found(ask, &(struct search){.type = type, .of_source = of_source});
}

bool kind_holds(struct ask *ask, enum evidence_kind kind, enum slot bound, bool of_source)
{
    return found(ask, &(struct search){NONE, kind, bound, of_source});
}

/* ---- consent ---- */

static bool asked_slot(const struct ask *ask, unsigned slot)
{
    switch (slot) {
    case SLOT_RECIPIENT:
        return ask->op->action == ACTION_SHARE;
    case SLOT_CHANNEL:
        return ask->op->channel != 0;
    case SLOT_MATTER:
        return !ID_IS_ZERO(matter_of(ask));
    case SLOT_COOKIE:
        return ask->op->cookie != 0;
    case SLOT_FIELD:
        return ask->field_word != 0;
    default:
        return false;
    }
}

static bool per_matches(const struct ask *ask, const struct fact_evidence *evidence, uint32_t per)
{
    for (unsigned slot = SLOT_NONE + 1; slot < SLOT_COUNT; slot++) {
        if ((per & (1u << slot)) == 0)
            continue;
        const struct binding *bound = evidence_binding(evidence, (enum slot)slot);
        if (bound == NULL && slot == SLOT_FIELD)
            bound = evidence_binding(evidence, SLOT_CATEGORY);
        if (bound == NULL || (asked_slot(ask, slot) && !slot_matches(ask, bound)))
            return false;
    }
    return true;
}

/* Slots other than those that the consent is given `per` must equal the operation's. */
static bool rest_matches(const struct ask *ask, const struct fact_evidence *evidence, uint32_t per)
{
    for (size_t i = 0; i < evidence->bound_count; i++) {
        const struct binding *bound = &evidence->bound[i];
        bool is_per = (per & (1u << bound->slot)) != 0 ||
                      (bound->slot == SLOT_CATEGORY && (per & (1u << SLOT_FIELD)) != 0);
        if (!is_per && !slot_matches(ask, bound))
            return false;
    }
    return true;
}

bool consent_holds(struct ask *ask)
{
    const struct facts *subject = ask->scene.view->subject;
    const struct plan *plan = ask->scene.plan;
    if (subject == NULL || ask->purpose == NONE)
        return false;
    uint32_t per = plan->purpose[ask->purpose].per;
    for (size_t i = 0; i < subject->evidence.count; i++) {
        const struct fact_evidence *evidence = &subject->evidence.at[i];
        if (evidence_type(plan, evidence) == KIND_CONSENT &&
            evidence_binding(evidence, SLOT_PURPOSE) != NULL &&
            evidence_is_live(&ask->scene, plan, KIND_CONSENT, evidence) &&
            per_matches(ask, evidence, per) && rest_matches(ask, evidence, per))
            return true;
    }
    return false;
}

/* ---- what comes with the act ---- */

bool can_be_supplied(const struct plan *plan, plan_index type)
{
    enum evidence_kind kind = plan->evidence[type].kind;
    return kind == KIND_NOTICE || kind == KIND_STOP_LINK || kind == KIND_ACKNOWLEDGEMENT;
}

bool is_supplied(const struct ask *ask, plan_index type)
{
    if (!can_be_supplied(ask->scene.plan, type))
        return false;
    for (size_t i = 0; i < ask->op->supplied_count; i++)
        if (ask->op->supplied[i] == ask->scene.plan->evidence[type].clause.name)
            return true;
    return false;
}

void add_duty(struct ask *ask, word type)
{
    for (size_t i = 0; i < ask->duty_count; i++)
        if (ask->duties[i] == type)
            return;
    if (ask->duty_count < DUTIES)
        ask->duties[ask->duty_count++] = type;
}

/* ---- a clause's needs ---- */

static bool any_holds(struct ask *ask, const struct need *need, bool of_source)
{
    for (size_t i = 0; i < need->count; i++)
        if (is_supplied(ask, need->any[i]) || type_holds(ask, need->any[i], of_source))
            return true;
    return false;
}

/* When asking, what could come with the act becomes a duty. */
static bool becomes_duty(struct ask *ask, const struct need *need)
{
    for (size_t i = 0; ask->op->asking && i < need->count; i++) {
        if (!can_be_supplied(ask->scene.plan, need->any[i]) || ask->duty_count == DUTIES)
            continue;
        add_duty(ask, ask->scene.plan->evidence[need->any[i]].clause.name);
        return true;
    }
    return false;
}

static bool refuse_need(struct ask *ask, const struct need *need, const struct need_where *where,
                        struct reason *reason)
{
    const struct plan *plan = ask->scene.plan;
    const struct covers *near = where->near;
    for (size_t i = need->count; i > 0; i--) /* the first alternative that cites something */
        if (plan->evidence[need->any[i - 1]].clause.covers.count > 0)
            near = &plan->evidence[need->any[i - 1]].clause.covers;
    refuse(ask, reason, need->path, where->rule, near,
           where->near != NULL && where->near->count > 0 ? where->near : where->parent);
    for (size_t i = 0; i < need->count; i++)
        add_lack(ask, reason, plan->evidence[need->any[i]].clause.name);
    return false;
}

bool needs_hold(struct ask *ask, const struct needs *needs, const struct need_where *where,
                struct reason *reason)
{
    for (size_t i = 0; i < needs->count; i++) {
        const struct need *need = &needs->all[i];
        if (!any_holds(ask, need, where->of_source) && !becomes_duty(ask, need))
            return refuse_need(ask, need, where, reason);
    }
    return true;
}
