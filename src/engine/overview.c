/* What a person who is signed in sees first of themselves, and an officer of a person: each item
 * without its value, with what it is for, where it came from, when it goes and what would keep it;
 * their choices; and what asks for more proof than a mailbox. In the policy's own words, in each
 * language that it has. */
#include "engine_internal.h"
#include "json.h"
#include "merge.h"

enum { OVERVIEW_BYTES = LIMIT_REQUEST_ARENA_BYTES / 4 };

struct overview {
    struct call *call;
    const struct plan *plan;
    struct subject subject;
    struct wishes wishes;
    struct json_out out;
};

static void put_text(struct overview *view, const char *key, const char *text)
{
    json_key(&view->out, key);
    json_put_text(&view->out, text);
}

static void put_word(struct overview *view, const char *key, word w)
{
    json_key(&view->out, key);
    json_put_str(&view->out, call_text(view->call, w));
}

static void put_instant(struct overview *view, const char *key, instant at)
{
    json_key(&view->out, key);
    json_put_instant(&view->out, at);
}

static void put_bool(struct overview *view, const char *key, bool yes)
{
    json_key(&view->out, key);
    json_put_bool(&view->out, yes);
}

/* ---- items ---- */

static void put_names(struct overview *view, const struct fact_item *item)
{
    const struct plan *plan = view->plan;
    plan_index field = plan_find(plan, plan->field_of, item->field);
    plan_index source = plan_find(plan, plan->source_of, item->source);
    put_word(view, "field", item->field);
    if (field != NONE) {
        const struct plan_category *category = &plan->category[plan->field[field].category];
        says_put(&view->out, "says", view->plan, &plan->field[field].says);
        put_word(view, "category", category->clause.name);
        says_put(&view->out, "category_says", view->plan, &category->clause.says);
    }
    if (source != NONE) {
        static const char *const kinds[] = {[SOURCE_PERSON] = "person",
                                            [SOURCE_OBSERVED] = "observed",
                                            [SOURCE_INDIRECT] = "indirect"};
        put_text(view, "source_kind", kinds[plan->source[source].kind]);
        says_put(&view->out, "source_says", view->plan, &plan->source[source].clause.says);
    }
}

/* How it is put right: here, with proof of both addresses, as another file, or where it lies. */
static void put_change(struct overview *view, const struct fact_item *item)
{
    const struct plan *plan = view->plan;
    plan_index field = plan_find(plan, plan->field_of, item->field);
    bool file = item->chunks > 0 || (field != NONE && plan->field[field].kind == FIELD_FILE);
    bool signs_in = call_signs_in_by(view->call, view->subject.dossier->facts, item->id);
    if (field != NONE)
        put_text(view, "kind", field_kind_name(plan->field[field].kind));
    put_text(view, "change",
             item->external ? "elsewhere"
             : file         ? "file"
             : signs_in     ? "address"
                            : "here");
}

/* What an erasure would leave, as engine_erase() finds it: a claim, or a law and how long at the
 * least. */
static void put_stays(struct overview *view, const struct settled_item *settled)
{
    if (settled->held)
        put_bool(view, "claim", true);
    for (size_t i = 0; i < settled->ground_count; i++) {
        const struct ground *ground = &settled->grounds[i];
        const struct plan_purpose *purpose = &view->plan->purpose[ground->purpose];
        if (purpose->basis != BASIS_LEGAL_DUTY || !ground->keeps ||
            !before(view->call->now, ground->end))
            continue;
        json_key(&view->out, "law");
        json_put_str(&view->out, purpose->law);
        put_instant(view, "until", ground->end.ms == NEVER.ms ? ground->least : ground->end);
        return;
    }
}

static void put_item(struct overview *view, const struct settled_item *settled)
{
    const struct fact_item *item = settled->item;
    json_open_object(&view->out);
    json_key(&view->out, "id");
    json_put_id(&view->out, item->id.bytes);
    put_names(view, item);
    put_change(view, item);
    put_word(view, "controller", item->controller);
    put_instant(view, "collected", item->collected);
    put_instant(view, "ends", settled->end);
    put_bool(view, "restricted", settled->restricted);
    call_put_grounds(view->call, settled, &view->out);
    json_key(&view->out, "stays");
    json_open_object(&view->out);
    put_stays(view, settled);
    json_close_object(&view->out);
    json_close_object(&view->out);
}

static void put_items(struct overview *view)
{
    json_key(&view->out, "items");
    json_open_array(&view->out);
    for (size_t i = 0; i < view->subject.settled.count; i++) {
        const struct settled_item *settled = &view->subject.settled.items[i];
        if (settled->item->field != 0 && settled->alive)
            put_item(view, settled);
    }
    json_close_array(&view->out);
}

/* ---- purposes and choices ---- */

static bool has_role(const struct overview *view, const struct plan_purpose *purpose)
{
    const struct facts *facts = view->subject.dossier->facts;
    for (size_t i = 0; i < facts->roles.count; i++) {
        plan_index role = plan_find(view->plan, view->plan->role_of, facts->roles.at[i].role);
        if (role != NONE && refs_has(&purpose->roles, role))
            return true;
    }
    return false;
}

/* A field, in the policy's words. */
static void put_field(struct overview *view, plan_index field)
{
    put_word(view, "field", view->plan->field[field].name);
    says_put(&view->out, "says", view->plan, &view->plan->field[field].says);
}

/* What a consent is bound to besides the person and the purpose. */
static status put_bound(struct overview *view, const struct binding *bound)
{
    const struct facts *party;
    plan_index field = plan_find(view->plan, view->plan->field_of, bound->name);
    if (bound->slot == SLOT_RECIPIENT) {
        TRY(call_party(view->call, bound->id, &party));
        json_key(&view->out, "party");
        json_put_id(&view->out, bound->id.bytes);
        put_word(view, "party_name", party_name(view->call, party));
    } else if (bound->slot == SLOT_FIELD && field != NONE) {
        put_field(view, field);
    } else if (bound->slot == SLOT_CHANNEL || bound->slot == SLOT_COOKIE) {
        put_word(view, slot_name(bound->slot), bound->name);
    }
    return OK;
}

/* Each consent that lives, of a purpose that is consented to one at a time. */
static status put_given(struct overview *view, const struct plan_purpose *purpose)
{
    const struct facts *facts = view->subject.dossier->facts;
    json_key(&view->out, "given");
    json_open_array(&view->out);
    for (size_t i = 0; i < facts->evidence.count; i++) {
        const struct fact_evidence *consent = &facts->evidence.at[i];
        if (!wishes_consent(view->call, consent, purpose->clause.name) ||
            !before(view->call->now, consent->until))
            continue;
        json_open_object(&view->out);
        for (size_t b = 0; b < consent->bound_count; b++)
            TRY(put_bound(view, &consent->bound[b]));
        json_close_object(&view->out);
    }
    json_close_array(&view->out);
    return OK;
}

/* The fields of the person's that can be consented to: those that the purpose uses and that are
 * held. */
static void put_choosable(struct overview *view, const struct plan_purpose *purpose)
{
    json_key(&view->out, "fields");
    json_open_array(&view->out);
    for (plan_index f = 0; f < view->plan->field_count; f++) {
        bool held = false;
        for (size_t i = 0; i < view->subject.settled.count && !held; i++) {
            const struct settled_item *settled = &view->subject.settled.items[i];
            held = settled->alive && settled->item->field == view->plan->field[f].name;
        }
        if (!held || !field_set_has(&purpose->uses, f))
            continue;
        json_open_object(&view->out);
        put_field(view, f);
        json_close_object(&view->out);
    }
    json_close_array(&view->out);
}

/* A consent for each recipient, field, channel ... alone: per what, and what was consented to. */
static status put_per(struct overview *view, const struct plan_purpose *purpose)
{
    json_key(&view->out, "per");
    json_open_array(&view->out);
    for (unsigned slot = 1; slot < SLOT_COUNT; slot++) {
        if ((purpose->per >> slot & 1) != 0)
            json_put_text(&view->out, slot_name((enum slot)slot));
    }
    json_close_array(&view->out);
    if (purpose->per == 0)
        return OK;
    if ((purpose->per >> SLOT_FIELD & 1) != 0)
        put_choosable(view, purpose);
    return put_given(view, purpose);
}

/* The person's roles are its, and it keeps something by itself: an authority's reach is no choice.
 */
static status put_purpose(struct overview *view, plan_index index)
{
    const struct plan_purpose *purpose = &view->plan->purpose[index];
    static const char *const objections[] = {[OBJECTION_WEIGHED] = "weighed",
                                             [OBJECTION_ABSOLUTE] = "absolute",
                                             [OBJECTION_NONE] = "none"};
    json_open_object(&view->out);
    put_word(view, "purpose", purpose->clause.name);
    says_put(&view->out, "says", view->plan, &purpose->clause.says);
    put_text(view, "basis", basis_name(purpose->basis));
    put_text(view, "article", basis_article(purpose->basis));
    if (!str_is_empty(purpose->law)) {
        json_key(&view->out, "law");
        json_put_str(&view->out, purpose->law);
    }
    put_bool(view, "reuses", purpose->reuses);
    put_bool(view, "counts_only", purpose->counts_only != 0);
    put_bool(view, "marketing", purpose->marketing != MARKETING_NONE);
    put_text(view, "objection", objections[purpose->objection]);
    put_bool(view, "consented", view->wishes.yes[index]);
    put_bool(view, "stopped", view->wishes.no[index]);
    TRY(put_per(view, purpose));
    json_close_object(&view->out);
    return OK;
}

static status put_purposes(struct overview *view)
{
    json_key(&view->out, "purposes");
    json_open_array(&view->out);
    for (size_t i = 0; i < view->plan->purpose_count; i++) {
        if (has_role(view, &view->plan->purpose[i]))
            TRY(put_purpose(view, (plan_index)i));
    }
    json_close_array(&view->out);
    return OK;
}

static bool is_off(const struct overview *view, word stop)
{
    const struct facts *facts = view->subject.dossier->facts;
    for (size_t i = 0; i < facts->switches.count; i++) {
        if (facts->switches.at[i].stop == stop)
            return true;
    }
    return false;
}

static void put_switches(struct overview *view)
{
    json_key(&view->out, "switches");
    json_open_array(&view->out);
    for (size_t i = 0; i < view->plan->stop_count; i++) {
        const struct plan_switch *stop = &view->plan->stop[i];
        json_open_object(&view->out);
        put_word(view, "switch", stop->clause.name);
        says_put(&view->out, "says", view->plan, &stop->clause.says);
        json_key(&view->out, "purposes");
        json_open_array(&view->out);
        for (size_t p = 0; p < view->plan->purpose_count; p++) {
            if (refs_has(&stop->stops_purposes, (plan_index)p))
                json_put_str(&view->out, call_text(view->call, view->plan->purpose[p].clause.name));
        }
        json_close_array(&view->out);
        put_bool(view, "off", is_off(view, stop->clause.name));
        json_close_object(&view->out);
    }
    json_close_array(&view->out);
}

/* ---- whose it is, and what asks for more ---- */

static void put_controllers(struct overview *view)
{
    json_key(&view->out, "controllers");
    json_open_array(&view->out);
    for (size_t i = 0; i < view->plan->controller_count; i++) {
        const struct plan_controller *controller = &view->plan->controller[i];
        json_open_object(&view->out);
        put_word(view, "id", controller->clause.name);
        if (controller->name.ptr != NULL) {
            json_key(&view->out, "name");
            json_put_str(&view->out, controller->name);
        }
        json_close_object(&view->out);
    }
    json_close_array(&view->out);
}

/* Each by its record, by which it is lifted; no field: every item. */
static void put_restrictions(struct overview *view)
{
    const struct facts *facts = view->subject.dossier->facts;
    json_key(&view->out, "restrictions");
    json_open_array(&view->out);
    for (size_t i = 0; i < facts->restrictions.count; i++) {
        const struct fact_restriction *there = &facts->restrictions.at[i];
        json_open_object(&view->out);
        json_key(&view->out, "record");
        json_put_id(&view->out, there->id.bytes);
        put_instant(view, "since", there->since);
        put_bool(view, "told", there->told);
        json_key(&view->out, "fields");
        json_open_array(&view->out);
        for (size_t f = 0; f < there->field_count; f++)
            json_put_str(&view->out, call_text(view->call, there->fields[f]));
        json_close_array(&view->out);
        json_close_object(&view->out);
    }
    json_close_array(&view->out);
}

/* Whom to write to or ring, and where to complain, as the policy says it. */
static void put_contacts(struct overview *view)
{
    json_key(&view->out, "contacts");
    json_open_array(&view->out);
    for (size_t i = 0; i < view->plan->contact_count; i++) {
        if (view->plan->contact[i].at.ptr != NULL)
            directory_put_contact(view->plan, &view->plan->contact[i], &view->out);
    }
    json_close_array(&view->out);
    directory_put_complaint(view->plan, &view->out);
}

static void put_identity(struct overview *view)
{
    json_key(&view->out, "asks_identity");
    json_open_object(&view->out);
    put_bool(view, "access", call_asks_identity(view->call, RIGHT_ACCESS));
    put_bool(view, "portability", call_asks_identity(view->call, RIGHT_PORTABILITY));
    put_bool(view, "rectify", call_asks_identity(view->call, RIGHT_RECTIFY));
    put_bool(view, "erase", call_asks_identity(view->call, RIGHT_ERASE));
    json_close_object(&view->out);
}

status engine_overview(struct call *call, dossier_id id, str *document)
{
    struct overview view = {.call = call, .plan = reg_plan(call->reg, call->now)};
    struct buf buf = buf_in(call->arena, OVERVIEW_BYTES);
    struct operation op = call_operation(call, ACTION_READ, id);
    str reference;
    TRY(call_open(call, id, &view.subject));
    TRY(call_whole_person(call, view.subject.dossier->facts, &op));
    TRY(call_log(call, view.subject.dossier->facts, &op, "show", decision_by_scope()));
    TRY(wishes_of(call, view.subject.dossier->facts, &view.wishes));
    TRY(engine_reference(call, id, &reference));
    view.out = json_out_over(&buf);
    json_open_object(&view.out);
    put_instant(&view, "now", call->now);
    json_key(&view.out, "reference");
    json_put_str(&view.out, reference);
    put_controllers(&view);
    put_items(&view);
    TRY(put_purposes(&view));
    put_switches(&view);
    put_restrictions(&view);
    put_identity(&view);
    put_bool(&view, "waits", address_changed_lately(call, view.subject.dossier->facts));
    put_contacts(&view);
    json_close_object(&view.out);
    buf_char(&buf, '\n');
    return buf_finish(&buf, call->report, document);
}
