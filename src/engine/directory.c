/* Whom to ask for what: each company with its number, address and contacts, and each right, topic,
 * switch and customer's service with the points of contact that the policy names for it. It tells
 * of the policy alone, and of nobody's data. */
#include "engine_internal.h"
#include "json.h"

static const char *const KINDS[] = {[CONTACT_EMAIL] = "email",
                                    [CONTACT_PHONE] = "phone",
                                    [CONTACT_POST] = "post",
                                    [CONTACT_WEB] = "web",
                                    [CONTACT_SELF_SERVICE] = "self_service",
                                    [CONTACT_SUPERVISOR] = "supervisor"};

static void put_text(struct json_out *out, const char *key, str text)
{
    if (text.ptr == NULL)
        return; /* not stated in the policy */
    json_key(out, key);
    json_put_str(out, text);
}

static void put_name(const struct plan *plan, struct json_out *out, const char *key, word name)
{
    json_key(out, key);
    json_put_str(out, words_text(plan->words, name));
}

void directory_put_contact(const struct plan *plan, const struct plan_contact *contact,
                           struct json_out *out)
{
    json_open_object(out);
    put_name(plan, out, "id", contact->clause.name);
    json_key(out, "kind");
    json_put_text(out, KINDS[contact->kind]);
    put_text(out, "at", contact->at);
    put_text(out, "role", contact->role);
    json_close_object(out);
}

/* The points of contact that a clause lists; what is a hole is left out. */
static void put_contacts(const struct plan *plan, const struct refs *listed, struct json_out *out)
{
    json_open_array(out);
    for (size_t i = 0; i < plan->contact_count; i++) {
        if (!listed->all && refs_has(listed, (plan_index)i) && plan->contact[i].at.ptr != NULL)
            directory_put_contact(plan, &plan->contact[i], out);
    }
    json_close_array(out);
}

void directory_put_controller(const struct plan *plan, const struct plan_controller *controller,
                              struct json_out *out)
{
    json_open_object(out);
    put_name(plan, out, "id", controller->clause.name);
    put_text(out, "name", controller->name);
    put_text(out, "number", controller->number);
    put_text(out, "address", controller->address);
    put_text(out, "country", controller->country);
    json_key(out, "contacts");
    put_contacts(plan, &controller->contacts, out);
    json_close_object(out);
}

static const struct plan_right *at_of(const struct plan *plan, enum right which)
{
    const struct plan_right *right = &plan->right[which];
    bool own = right->at.stated || right->at_stop_link || right->at_portal;
    return own ? right : &plan->right[RIGHT_ALL];
}

static void put_flag(struct json_out *out, const char *key, bool is)
{
    json_key(out, key);
    json_put_bool(out, is);
}

static void put_right(const struct plan *plan, enum right which, struct json_out *out)
{
    const struct plan_right *right = &plan->right[which], *from = at_of(plan, which);
    json_open_object(out);
    json_key(out, "topic");
    json_put_text(out, right_name(which));
    json_key(out, "contacts");
    put_contacts(plan, &from->at, out);
    put_flag(out, "at_stop_link", from->at_stop_link);
    put_flag(out, "at_portal", from->at_portal);
    if (which == RIGHT_PORTABILITY)
        put_flag(out, "to_others", right->to_others);
    if (which == RIGHT_PROCESSORS)
        put_flag(out, "open", right->open);
    json_key(out, "closed_by");
    json_open_array(out);
    for (size_t i = 0; i < plan->staff_count; i++) {
        if (!right->closed_by.all && refs_has(&right->closed_by, (plan_index)i))
            json_put_str(out, words_text(plan->words, plan->staff[i].clause.name));
    }
    json_close_array(out);
    json_close_object(out);
}

/* What a person may turn off, and where. */
static void put_switch(const struct plan *plan, const struct plan_switch *stop,
                       struct json_out *out)
{
    json_open_object(out);
    put_name(plan, out, "switch", stop->clause.name);
    json_key(out, "contacts");
    put_contacts(plan, &stop->at, out);
    put_flag(out, "at_stop_link", stop->at_stop_link);
    put_flag(out, "per_channel", (stop->per & 1u << SLOT_CHANNEL) != 0);
    json_close_object(out);
}

/* What a person does to see the data herself (article 12(2), recital 63). */
void directory_put_how_to_see(const struct plan *plan, struct json_out *out)
{
    const struct plan_right *from = at_of(plan, RIGHT_ACCESS);
    json_key(out, "how_to_see");
    json_open_object(out);
    json_key(out, "nb");
    json_put_text(out, from->at_portal
                           ? "Logg inn i portalen: der ser du selv hva vi har om deg. Du kan også "
                             "be om en ny kopi hos kontaktene her."
                           : "Be om en ny kopi hos kontaktene her, når du vil.");
    json_key(out, "en");
    json_put_text(out, from->at_portal
                           ? "Sign in to the portal: there you see for yourself what we hold about "
                             "you. You may also ask the contacts here for a new copy."
                           : "Ask the contacts here for a new copy, whenever you want.");
    json_key(out, "at_portal");
    json_put_bool(out, from->at_portal);
    json_key(out, "contacts");
    put_contacts(plan, &from->at, out);
    json_close_object(out);
}

/* Where whoever is told no may turn: the authority, the firm's own contacts for that, the courts
 * (articles 12(4), 77, 79). */
void directory_put_complaint(const struct plan *plan, struct json_out *out)
{
    bool said = false;
    json_key(out, "complaint");
    json_open_object(out);
    json_key(out, "supervisors");
    json_open_array(out);
    for (size_t i = 0; i < plan->contact_count; i++) {
        if (plan->contact[i].kind != CONTACT_SUPERVISOR || plan->contact[i].at.ptr == NULL)
            continue;
        json_put_str(out, plan->contact[i].at);
        said = true;
    }
    if (!said)
        json_put_text(out, "datatilsynet.no"); /* article 77: the right stands in any case */
    json_close_array(out);
    json_key(out, "contacts");
    put_contacts(plan, &plan->right[RIGHT_COMPLAIN].at, out);
    json_key(out, "courts");
    json_put_text(out, "You may also bring the matter before the courts (GDPR 79).");
    json_close_object(out);
}

/* Who may change the policy, and how people are told. */
static void put_changes(const struct plan *plan, struct json_out *out)
{
    json_open_object(out);
    json_key(out, "told");
    json_open_array(out);
    for (size_t i = 0; i < plan->change.tell_count; i++)
        json_put_str(out, words_text(plan->words, plan->change.tell[i]));
    json_close_array(out);
    json_key(out, "by");
    json_open_array(out);
    for (size_t i = 0; i < plan->staff_count; i++) {
        if (!plan->change.by.all && refs_has(&plan->change.by, (plan_index)i))
            json_put_str(out, words_text(plan->words, plan->staff[i].clause.name));
    }
    json_close_array(out);
    json_close_object(out);
}

static void put_space(const struct plan *plan, const struct plan_space *space, struct json_out *out)
{
    plan_index contact = plan_find(plan, plan->contact_of, space->requests_to);
    json_open_object(out);
    put_name(plan, out, "service", space->clause.name);
    if (space->of != NONE)
        put_name(plan, out, "of", plan->matter[space->of].clause.name);
    put_name(plan, out, "requests_to", space->requests_to);
    json_key(out, "contacts");
    json_open_array(out);
    if (contact != NONE && plan->contact[contact].at.ptr != NULL)
        directory_put_contact(plan, &plan->contact[contact], out);
    json_close_array(out);
    json_close_object(out);
}

status engine_directory(const struct reg *reg, struct arena *arena, struct report *report,
                        str *document)
{
    const struct plan *plan = reg_plan(reg, reg_now(reg));
    struct buf buf = buf_in(arena, LIMIT_REQUEST_ARENA_BYTES / 4);
    struct json_out out = json_out_over(&buf);
    json_open_object(&out);
    json_key(&out, "companies");
    json_open_array(&out);
    for (size_t i = 0; i < plan->controller_count; i++)
        directory_put_controller(plan, &plan->controller[i], &out);
    json_close_array(&out);
    json_key(&out, "topics");
    json_open_array(&out);
    for (unsigned i = RIGHT_ALL + 1; i < RIGHT_COUNT; i++)
        put_right(plan, (enum right)i, &out);
    json_close_array(&out);
    json_key(&out, "switches");
    json_open_array(&out);
    for (size_t i = 0; i < plan->stop_count; i++) {
        if (!plan->stop[i].clause.closed)
            put_switch(plan, &plan->stop[i], &out);
    }
    json_close_array(&out);
    json_key(&out, "services");
    json_open_array(&out);
    for (size_t i = 0; i < plan->space_count; i++)
        put_space(plan, &plan->space[i], &out);
    json_close_array(&out);
    json_key(&out, "changes");
    put_changes(plan, &out);
    json_key(&out, "supervisors");
    json_open_array(&out);
    for (size_t i = 0; i < plan->contact_count; i++) {
        if (plan->contact[i].kind == CONTACT_SUPERVISOR && plan->contact[i].at.ptr != NULL)
            directory_put_contact(plan, &plan->contact[i], &out);
    }
    json_close_array(&out);
    json_close_object(&out);
    buf_char(&buf, '\n');
    return buf_finish(&buf, report, document);
}
