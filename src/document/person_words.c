/* Members of what the register says of a person, in words. */
#include "person_words.h"

str person_text(const struct json *object, const char *member)
{
    str text = STR("");
    (void)json_str(json_get(object, member), &text);
    return text;
}

bool person_truth(const struct json *object, const char *member)
{
    bool truth = false;
    (void)json_bool(json_get(object, member), &truth);
    return truth;
}

const struct json *person_list(struct paper *paper, const struct json *data, const char *member,
                               const char *item)
{
    static const struct json none = {.kind = JSON_ARRAY};
    const struct json *list = json_get(data, member);
    if (json_is_array(list))
        return list;
    paper_lacks(paper, item, STR(""));
    return &none;
}

str person_date(struct paper *paper, const struct json *object, const char *member)
{
    instant at;
    return json_instant(json_get(object, member), &at) ? words_date(paper, at) : STR("");
}

str person_number(struct paper *paper, uint64_t number)
{
    return paper_print(paper, "%llu", (unsigned long long)number);
}

/* ---- names of the policy ---- */

static plan_index find(const struct paper *paper, const plan_index *table, str name)
{
    const struct plan *plan = paper_plan(paper);
    word known = name.len == 0 ? 0 : words_find(plan->words, name);
    return known == 0 ? (plan_index)NONE : plan_find(plan, table, known);
}

const struct plan_purpose *person_plan_purpose(const struct paper *paper, str name)
{
    const struct plan *plan = paper_plan(paper);
    plan_index index = find(paper, plan->purpose_of, name);
    return index == NONE ? NULL : &plan->purpose[index];
}

str person_purpose(struct paper *paper, str name)
{
    const struct plan_purpose *purpose = person_plan_purpose(paper, name);
    return purpose == NULL ? name : paper_label(paper, &purpose->clause);
}

str person_field(struct paper *paper, str name)
{
    plan_index index = find(paper, paper_plan(paper)->field_of, name);
    return index == NONE ? name : paper_field_label(paper, index);
}

str person_category_of(struct paper *paper, str field)
{
    const struct plan *plan = paper_plan(paper);
    plan_index index = find(paper, plan->field_of, field);
    if (index == NONE)
        return field;
    return paper_label(paper, &plan->category[plan->field[index].category].clause);
}

str person_source(struct paper *paper, str name)
{
    const struct plan *plan = paper_plan(paper);
    plan_index index = find(paper, plan->source_of, name);
    if (index == NONE)
        return name;
    switch (plan->source[index].kind) {
    case SOURCE_PERSON:
        return WORDS(paper, TEXT_source_you);
    case SOURCE_OBSERVED:
        return WORDS(paper, TEXT_source_use);
    case SOURCE_INDIRECT:
        return paper_label(paper, &plan->source[index].clause);
    }
    return name;
}

str person_recipient(struct paper *paper, str name)
{
    const struct plan *plan = paper_plan(paper);
    plan_index index = find(paper, plan->recipient_of, name);
    return index == NONE ? name : paper_label(paper, &plan->recipient[index].clause);
}

str person_evidence(struct paper *paper, str name)
{
    plan_index index = find(paper, paper_plan(paper)->evidence_of, name);
    if (index == NONE) /* what the register keeps by itself */
        return WORDS(paper, TEXT_of_these, WORDS(paper, TEXT_kind_record), name);
    return words_evidence(paper, index);
}

str person_role(struct paper *paper, str name)
{
    plan_index index = find(paper, paper_plan(paper)->role_of, name);
    return index == NONE ? name : words_role(paper, index);
}

void person_once(struct paper *paper, struct texts *texts, str text)
{
    for (size_t i = 0; i < texts->list.count; i++) {
        if (str_equal(texts->list.at[i], text))
            return;
    }
    texts_add(paper, texts, text);
}

/* ---- whom to turn to ---- */

struct texts person_ways(struct paper *paper)
{
    const struct plan *plan = paper_plan(paper);
    struct texts ways = {0};
    words_contacts(paper, &plan->right[RIGHT_ALL].at, &ways);
    for (plan_index i = 0; ways.list.count == 0 && i < plan->controller_count; i++)
        words_contacts(paper, &plan->controller[i].contacts, &ways);
    return ways;
}

static void put_contacts(struct paper *paper, const struct json *list)
{
    static const struct {
        const char *kind;
        enum text text;
    } KINDS[] = {
        {"email", TEXT_contact_email},
        {"phone", TEXT_contact_phone},
        {"post", TEXT_contact_post},
        {"web", TEXT_contact_web},
        {"self_service", TEXT_contact_self_service},
        {"supervisor", TEXT_contact_supervisor},
    };
    paper_term(paper, "contacts", TEXT_contacts_term, STR(""));
    if (!json_is_array(list))
        return;
    for (JSON_EACH(contact, list)) {
        for (size_t i = 0; i < LENGTH(KINDS); i++) {
            if (str_is(person_text(contact, "kind"), KINDS[i].kind) &&
                person_text(contact, "at").len > 0)
                paper_also(paper, WORDS(paper, KINDS[i].text, person_text(contact, "at")));
        }
    }
}

static void put_member(struct paper *paper, const struct json *object, const char *key,
                       enum text label)
{
    if (person_text(object, key).len > 0)
        paper_term(paper, key, label, person_text(object, key));
}

void person_put_controllers(struct paper *paper, const struct json *list)
{
    for (JSON_EACH(controller, list)) {
        paper_each(paper, "controller", person_text(controller, "name"));
        paper_terms(paper, NULL);
        paper_term(paper, "name", TEXT_name_term, person_text(controller, "name"));
        put_member(paper, controller, "number", TEXT_number_term);
        put_member(paper, controller, "address", TEXT_address_term);
        put_member(paper, controller, "country", TEXT_country_term);
        put_contacts(paper, json_get(controller, "contacts"));
    }
}

void person_put_officer(struct paper *paper)
{
    const struct plan *plan = paper_plan(paper);
    struct texts at = {0};
    for (plan_index i = 0; i < plan->contact_count; i++) {
        struct refs one = {.at = &i, .count = 1};
        if (str_is(plan->contact[i].role, "dpo"))
            words_contacts(paper, &one, &at);
    }
    paper_section(paper, "officer", TEXT_officer_heading);
    if (at.list.count == 0) {
        paper_paragraph(paper, WORDS(paper, TEXT_officer_none));
        return;
    }
    paper_list(paper, "contacts");
    for (size_t i = 0; i < at.list.count; i++)
        paper_point(paper, at.list.at[i]);
}

/* `data` says where to complain as a text (access) or as {supervisors, contacts} (a request). */
void person_put_complaint(struct paper *paper, const struct json *data)
{
    const struct plan_right *right = &paper_plan(paper)->right[RIGHT_COMPLAIN];
    const struct json *complaint = json_get(data, "complaint");
    struct texts own = {0};
    paper_section(paper, "complaint", TEXT_complaint_heading);
    if (!json_is_string(complaint) && !json_is_object(complaint)) {
        paper_lacks(paper, "complaint", STR(""));
        return;
    }
    paper_paragraph(paper, WORDS(paper, TEXT_complaint_text));
    for (uint16_t i = 0; right->stated && i < right->at.count; i++) {
        struct refs one = {.at = &right->at.at[i], .count = 1};
        if (paper_plan(paper)->contact[right->at.at[i]].kind != CONTACT_SUPERVISOR)
            words_contacts(paper, &one, &own);
    }
    if (own.list.count > 0)
        paper_paragraph(paper, WORDS(paper, TEXT_complaint_at, texts_joined(paper, &own)));
    paper_paragraph(paper, WORDS(paper, TEXT_complaint_courts));
}
