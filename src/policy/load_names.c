/* Loads lists of words and the names of other clauses. */
#include "load_values_internal.h"

/* ---- lists of words ---- */

status load_mask(struct load *l, const struct value_at *at, const struct yaml_node *node,
                 void *member)
{
    bool is;
    TRY(load_need_list(l, at, node, "a list of words", &is));
    uint32_t mask = 0;
    for (const struct yaml_node *item = node->first; is && item != NULL; item = item->next) {
        unsigned value = 0;
        bool found;
        TRY(load_closed_word(l, at, item, &value, &found));
        if (found)
            mask |= (uint32_t)1 << value;
    }
    *(uint32_t *)member = mask;
    return OK;
}

status load_cookie_per(struct load *l, const struct value_at *at, const struct yaml_node *node,
                       void *member)
{
    uint32_t mask = 0;
    TRY(load_mask(l, at, node, &mask));
    *(bool *)member = mask != 0;
    return OK;
}

/* The struct's two members, return and erase, lie side by side. */
static_assert(offsetof(struct plan_space, on_end_erase) ==
                  offsetof(struct plan_space, on_end_return) + sizeof(bool),
              "on_end_return and on_end_erase lie side by side");
status load_on_end(struct load *l, const struct value_at *at, const struct yaml_node *node,
                   void *member)
{
    uint32_t mask = 0;
    TRY(load_mask(l, at, node, &mask));
    ((bool *)member)[0] = (mask & 1) != 0;
    ((bool *)member)[1] = (mask & 2) != 0;
    return OK;
}

/* A list of words is a pointer with its count right after it. */
#define COUNT_FOLLOWS(type, list, count)                                                           \
    static_assert(offsetof(type, count) == offsetof(type, list) + sizeof(void *),                  \
                  "the count follows its list")
COUNT_FOLLOWS(struct plan_evidence, asks, ask_count);
COUNT_FOLLOWS(struct plan_change, tell, tell_count);
COUNT_FOLLOWS(struct plan_alarms, raise, raise_count);
COUNT_FOLLOWS(struct plan_alarms, to, to_count);
COUNT_FOLLOWS(struct plan, languages, language_count);

static status words_take(struct load *l, const struct yaml_node *node, void *member)
{
    word *list = ARENA_ARRAY(l->arena, word, node->count);
    if (list == NULL)
        return NO_MEMORY(l->report);
    uint16_t count = 0;
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next)
        list[count++] = words_intern(l->words, item->text);
    *(word **)member = list;
    *MEMBER_AT(member, sizeof(word *), uint16_t) = count;
    return OK;
}

status load_words(struct load *l, const struct value_at *at, const struct yaml_node *node,
                  void *member)
{
    bool is;
    TRY(load_need_list(l, at, node, "a list of names", &is));
    for (const struct yaml_node *item = node->first; is && item != NULL; item = item->next) {
        if (plan_is_id(item->text))
            continue;
        is = false;
        TRY(load_problem(l, place_of(item), "name", at->path, STR(""),
                         "`%.*s` is no name: small letters, digits and _", STR_ARG(item->text)));
    }
    return is ? words_take(l, node, member) : OK;
}

status load_word_list(struct load *l, const struct value_at *at, const struct yaml_node *node,
                      void *member)
{
    bool is;
    TRY(load_need_list(l, at, node, "a list of words", &is));
    for (const struct yaml_node *item = node->first; item != NULL && is; item = item->next) {
        unsigned value;
        TRY(load_closed_word(l, at, item, &value, &is));
    }
    return is ? words_take(l, node, member) : OK;
}

static_assert(offsetof(struct plan_change, tell_stated) ==
                  offsetof(struct plan_change, tell_count) + sizeof(uint16_t),
              "tell_stated follows tell_count");
status load_channel_list(struct load *l, const struct value_at *at, const struct yaml_node *node,
                         void *member)
{
    *MEMBER_AT(member, sizeof(word *) + sizeof(uint16_t), bool) = true;
    return load_word_list(l, at, node, member);
}

status load_alarm_to(struct load *l, const struct value_at *at, const struct yaml_node *node,
                     void *member)
{
    bool is;
    TRY(load_need_list(l, at, node, "a list of contacts or staff roles", &is));
    for (const struct yaml_node *item = node->first; is && item != NULL; item = item->next) {
        if (load_find(l, SECTION_contacts, item->text) != NONE ||
            load_find(l, SECTION_staff, item->text) != NONE)
            continue;
        is = false;
        struct nearest nearest = nearest_to(item->text);
        nearest_offer_clauses(&nearest, l, SECTION_contacts);
        nearest_offer_clauses(&nearest, l, SECTION_staff);
        TRY(load_unknown_word(l, at, item, "contact or staff role", nearest));
    }
    return is ? words_take(l, node, member) : OK;
}

bool load_is_language(str text)
{
    if (text.len < 2 || text.len > 3)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 'a' || text.ptr[i] > 'z')
            return false;
    return true;
}

status load_languages(struct load *l, const struct value_at *at, const struct yaml_node *node,
                      void *member)
{
    bool is;
    TRY(load_need_list(l, at, node, "a list of languages", &is));
    for (const struct yaml_node *item = node->first; is && item != NULL; item = item->next) {
        if (load_is_language(item->text))
            continue;
        is = false;
        TRY(load_problem(l, place_of(item), "language", at->path, STR(""),
                         "a language is two or three small letters: nb"));
    }
    return is ? words_take(l, node, member) : OK;
}

/* ---- references to clauses ---- */

static status refs_all_legal(struct load *l, const struct value_at *at,
                             const struct yaml_node *node, struct refs *refs)
{
    if (at->key->type == VALUE_REFS_ALL) {
        refs->all = true;
        return OK;
    }
    return load_problem(l, place_of(node), "all-not-legal", at->path, STR(""),
                        "`%s` names each one; `all` is not legal here", at->key->name);
}

status load_refs_to(struct load *l, const struct value_at *at, const struct yaml_node *node,
                    enum section target, struct refs *refs)
{
    refs->stated = true;
    if (node->kind == YAML_SCALAR && str_is(node->text, "all"))
        return refs_all_legal(l, at, node, refs);
    bool is;
    TRY(load_need_list(l, at, node, "a list of names", &is));
    if (!is)
        return OK;
    refs->at = ARENA_ARRAY(l->arena, plan_index, node->count);
    if (refs->at == NULL)
        return NO_MEMORY(l->report);
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        if (node_is_hole(item)) {
            refs->hole = true;
            TRY(load_hole(l, at));
            continue;
        }
        plan_index index = load_find(l, target, item->text);
        if (index != NONE) {
            refs->at[refs->count++] = index;
            continue;
        }
        struct nearest nearest = nearest_to(item->text);
        nearest_offer_clauses(&nearest, l, target);
        TRY(load_unknown_word(l, at, item, load_singular(target), nearest));
    }
    return OK;
}

status load_refs(struct load *l, const struct value_at *at, const struct yaml_node *node,
                 void *member)
{
    return load_refs_to(l, at, node, (enum section)at->key->target, member);
}

status load_ref(struct load *l, const struct value_at *at, const struct yaml_node *node,
                void *member)
{
    enum section target = (enum section)at->key->target;
    bool is;
    TRY(load_need_scalar(l, at, node, "one name", &is));
    if (!is)
        return OK;
    *(plan_index *)member = load_find(l, target, node->text);
    if (*(plan_index *)member != NONE)
        return OK;
    struct nearest nearest = nearest_to(node->text);
    nearest_offer_clauses(&nearest, l, target);
    return load_unknown_word(l, at, node, load_singular(target), nearest);
}

status load_event_of(struct load *l, const struct value_at *at, const struct yaml_node *node,
                     void *member)
{
    if (node->kind == YAML_SCALAR && str_is(node->text, "subject"))
        return OK;
    return load_ref(l, at, node, member);
}

static_assert(offsetof(struct plan_purpose, starts_evidence) ==
                  offsetof(struct plan_purpose, starts_event) + sizeof(plan_index),
              "starts_evidence follows starts_event");
status load_starts(struct load *l, const struct value_at *at, const struct yaml_node *node,
                   void *member)
{
    bool is;
    plan_index *starts = member;
    TRY(load_need_scalar(l, at, node, "an event or a type of evidence", &is));
    if (!is)
        return OK;
    starts[0] = load_find(l, SECTION_events, node->text);
    starts[1] = load_find(l, SECTION_evidence, node->text);
    if (starts[0] != NONE || starts[1] != NONE)
        return OK;
    struct nearest nearest = nearest_to(node->text);
    nearest_offer_clauses(&nearest, l, SECTION_events);
    nearest_offer_clauses(&nearest, l, SECTION_evidence);
    return load_unknown_word(l, at, node, "event or evidence", nearest);
}

status load_requests_to(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        void *member)
{
    bool is;
    TRY(load_need_scalar(l, at, node, "a contact, or `customer`", &is));
    if (!is)
        return OK;
    if (!str_is(node->text, "customer") && load_find(l, SECTION_contacts, node->text) == NONE) {
        struct nearest nearest = nearest_to(node->text);
        nearest_offer_clauses(&nearest, l, SECTION_contacts);
        nearest_offer(&nearest, STR("customer"));
        return load_unknown_word(l, at, node, "contact", nearest);
    }
    *(word *)member = words_intern(l->words, node->text);
    return OK;
}

/* A list of names among which some words stand for themselves. */
struct own_word {
    const char *text;
    bool *found;
};

static status refs_with_words(struct load *l, const struct value_at *at,
                              const struct yaml_node *node, struct refs *refs,
                              const struct own_word *own, size_t own_count)
{
    enum section target = (enum section)at->key->target;
    bool is;
    refs->stated = true;
    struct yaml_node single = {.kind = YAML_LIST, .line = node->line, .column = node->column};
    struct yaml_node only = *node;
    if (node->kind == YAML_SCALAR && at->key->type == VALUE_EVIDENCE_BY) {
        only.next = NULL;
        single.first = &only;
        single.count = 1;
        single.file = node->file;
        node = &single;
    }
    TRY(load_need_list(l, at, node, "a list of names", &is));
    if (!is)
        return OK;
    refs->at = ARENA_ARRAY(l->arena, plan_index, node->count);
    if (refs->at == NULL)
        return NO_MEMORY(l->report);
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        plan_index index = load_find(l, target, item->text);
        if (index != NONE)
            refs->at[refs->count++] = index;
        bool known = index != NONE;
        for (size_t i = 0; i < own_count; i++)
            if (str_is(item->text, own[i].text))
                known = *own[i].found = true;
        if (known)
            continue;
        if (node_is_hole(item)) {
            refs->hole = true;
            TRY(load_hole(l, at));
            continue;
        }
        struct nearest nearest = nearest_to(item->text);
        nearest_offer_clauses(&nearest, l, target);
        for (size_t i = 0; i < own_count; i++)
            nearest_offer(&nearest, str_from(own[i].text));
        TRY(load_unknown_word(l, at, item, load_singular(target), nearest));
    }
    return OK;
}

status load_who(struct load *l, const struct value_at *at, const struct yaml_node *node,
                void *member)
{
    struct plan_joint *joint = OWNER_OF(member, struct plan_joint, who);
    struct own_word own[] = {{"acting", &joint->acting}};
    return refs_with_words(l, at, node, &joint->who, own, LENGTH(own));
}

status load_evidence_by(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        void *member)
{
    struct plan_evidence *evidence = OWNER_OF(member, struct plan_evidence, by_staff);
    struct own_word own[] = {{"subject", &evidence->by_subject}, {"other", &evidence->by_other}};
    return refs_with_words(l, at, node, &evidence->by_staff, own, LENGTH(own));
}

status load_switch_at(struct load *l, const struct value_at *at, const struct yaml_node *node,
                      void *member)
{
    struct plan_switch *stop = OWNER_OF(member, struct plan_switch, at);
    struct own_word own[] = {{"stop_link", &stop->at_stop_link}};
    return refs_with_words(l, at, node, &stop->at, own, LENGTH(own));
}

status load_right_at(struct load *l, const struct value_at *at, const struct yaml_node *node,
                     void *member)
{
    struct plan_right *right = OWNER_OF(member, struct plan_right, at);
    struct own_word own[] = {{"stop_link", &right->at_stop_link}, {"portal", &right->at_portal}};
    return refs_with_words(l, at, node, &right->at, own, LENGTH(own));
}
