/* One function for each type of value that a key may take. A value that is wrong is listed and left
 * out, so that one load finds every mistake. */
#include "load_internal.h"
#include "calendar.h"

typedef status loader(struct load *l, const struct value_at *at, const struct yaml_node *node,
                      void *member);

/* ---- shapes ---- */

static status wrong_shape(struct load *l, const struct value_at *at, const struct yaml_node *node,
                          const char *wanted, str suggestion)
{
    return load_problem(l, place_of(node), "wrong-value", at->path, suggestion, "`%s` takes %s",
                        at->key->name, wanted);
}

static status need_scalar(struct load *l, const struct value_at *at, const struct yaml_node *node,
                          const char *wanted, bool *is)
{
    *is = node->kind == YAML_SCALAR && node->text.len > 0;
    return *is ? OK : wrong_shape(l, at, node, wanted, STR(""));
}

/* A list of scalars; each of its elements is checked by the caller. */
static status need_list(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        const char *wanted, bool *is)
{
    *is = node->kind == YAML_LIST;
    if (!*is)
        return wrong_shape(l, at, node, wanted,
                           node->kind == YAML_SCALAR
                               ? arena_format(l->arena, "[%.*s]", STR_ARG(node->text))
                               : STR(""));
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        if (item->kind == YAML_SCALAR && item->text.len > 0)
            continue;
        *is = false;
        TRY(wrong_shape(l, at, item, wanted, STR("")));
    }
    if (node->count >= NONE)
        return fail(l->report, FAULT_LIMIT, "a list of more than 65534 values");
    return OK;
}

static status unknown_word(struct load *l, const struct value_at *at, const struct yaml_node *node,
                           const char *what, struct nearest nearest)
{
    return load_problem(l, place_of(node), "unknown-word", at->path, nearest.best,
                        "there is no %s `%.*s`", what, STR_ARG(node->text));
}

static status expression_wrong(struct load *l, const struct value_at *at,
                               const struct yaml_node *node, const struct expression_fault *fault)
{
    return load_problem(l, place_inside(l, node, fault->offset), fault->rule, at->path,
                        fault->suggestion, "%.*s", STR_ARG(fault->text));
}

static const char *singular(enum section section)
{
    static const char *const NAMES[SECTION_COUNT] = {[SECTION_top] = "key",
                                                     [SECTION_any] = "key",
                                                     [SECTION_documents] = "document",
                                                     [SECTION_controllers] = "controller",
                                                     [SECTION_joint] = "joint controllership",
                                                     [SECTION_contacts] = "contact",
                                                     [SECTION_roles] = "role",
                                                     [SECTION_matters] = "matter",
                                                     [SECTION_sources] = "source",
                                                     [SECTION_categories] = "category",
                                                     [SECTION_sets] = "set",
                                                     [SECTION_events] = "event",
                                                     [SECTION_evidence] = "evidence",
                                                     [SECTION_purposes] = "purpose",
                                                     [SECTION_intakes] = "intake",
                                                     [SECTION_cookies] = "cookie",
                                                     [SECTION_messages] = "message",
                                                     [SECTION_switches] = "switch",
                                                     [SECTION_recipients] = "recipient",
                                                     [SECTION_places] = "place",
                                                     [SECTION_staff] = "staff role",
                                                     [SECTION_rights] = "right",
                                                     [SECTION_spaces] = "space",
                                                     [SECTION_change] = "change",
                                                     [SECTION_alarms] = "alarm",
                                                     [SECTION_always] = "built-in rule",
                                                     [SECTION_findings] = "finding",
                                                     [SECTION_keep] = "keep",
                                                     [SECTION_channel] = "channel",
                                                     [SECTION_stops] = "stop"};
    return NAMES[section];
}

/* ---- scalars ---- */

static status load_text(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        void *member)
{
    bool is;
    TRY(need_scalar(l, at, node, "a text", &is));
    if (is)
        *(str *)member = node->text;
    return OK;
}

static status load_word(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        void *member)
{
    bool is;
    TRY(need_scalar(l, at, node, "a name", &is));
    if (is)
        *(word *)member = words_intern(l->words, node->text);
    return OK;
}

static status closed_word(struct load *l, const struct value_at *at, const struct yaml_node *node,
                          unsigned *value, bool *found)
{
    enum word_list list = (enum word_list)at->key->target;
    *found = vocabulary_word(list, node->text, value);
    if (*found)
        return OK;
    struct nearest nearest = nearest_to(node->text);
    nearest_offer_words(&nearest, list);
    return load_problem(l, place_of(node), "unknown-word", at->path, nearest.best,
                        "`%s` does not know `%.*s`", at->key->name, STR_ARG(node->text));
}

static status load_enum(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        void *member)
{
    bool is;
    unsigned value = 0;
    TRY(need_scalar(l, at, node, "one word", &is));
    if (is)
        TRY(closed_word(l, at, node, &value, &is));
    if (is)
        *(unsigned *)member = value;
    return OK;
}

static status load_channel(struct load *l, const struct value_at *at, const struct yaml_node *node,
                           void *member)
{
    bool is;
    unsigned value;
    TRY(need_scalar(l, at, node, "one channel", &is));
    if (is)
        TRY(closed_word(l, at, node, &value, &is));
    if (is)
        *(word *)member = words_intern(l->words, node->text);
    return OK;
}

static status load_flag(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        void *member)
{
    if (node->kind != YAML_SCALAR || (!str_is(node->text, "true") && !str_is(node->text, "false")))
        return wrong_shape(l, at, node, "true or false", STR(""));
    *(bool *)member = str_is(node->text, "true");
    return OK;
}

static status load_count(struct load *l, const struct value_at *at, const struct yaml_node *node,
                         void *member)
{
    uint64_t count;
    if (node->kind != YAML_SCALAR || !str_to_u64(node->text, &count) || count == 0 ||
        count > 1000000)
        return wrong_shape(l, at, node, "a whole number from 1", STR(""));
    *(uint32_t *)member = (uint32_t)count;
    return OK;
}

static status load_span(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        void *member)
{
    bool is;
    TRY(need_scalar(l, at, node, "a span such as `6 months`", &is));
    if (!is)
        return OK;
    struct expression_fault fault = {0};
    struct span span;
    TRY(expression_span(node->text, l->arena, l->report, &fault, &span));
    if (fault.found)
        return expression_wrong(l, at, node, &fault);
    *(struct span *)member = span;
    return OK;
}

/* ---- lists of words ---- */

static status load_mask(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        void *member)
{
    bool is;
    TRY(need_list(l, at, node, "a list of words", &is));
    uint32_t mask = 0;
    for (const struct yaml_node *item = node->first; is && item != NULL; item = item->next) {
        unsigned value = 0;
        bool found;
        TRY(closed_word(l, at, item, &value, &found));
        if (found)
            mask |= (uint32_t)1 << value;
    }
    *(uint32_t *)member = mask;
    return OK;
}

static status load_cookie_per(struct load *l, const struct value_at *at,
                              const struct yaml_node *node, void *member)
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
static status load_on_end(struct load *l, const struct value_at *at, const struct yaml_node *node,
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

static status load_words(struct load *l, const struct value_at *at, const struct yaml_node *node,
                         void *member)
{
    bool is;
    TRY(need_list(l, at, node, "a list of names", &is));
    for (const struct yaml_node *item = node->first; is && item != NULL; item = item->next) {
        if (plan_is_id(item->text))
            continue;
        is = false;
        TRY(load_problem(l, place_of(item), "name", at->path, STR(""),
                         "`%.*s` is no name: small letters, digits and _", STR_ARG(item->text)));
    }
    return is ? words_take(l, node, member) : OK;
}

static status load_word_list(struct load *l, const struct value_at *at,
                             const struct yaml_node *node, void *member)
{
    bool is;
    TRY(need_list(l, at, node, "a list of words", &is));
    for (const struct yaml_node *item = node->first; item != NULL && is; item = item->next) {
        unsigned value;
        TRY(closed_word(l, at, item, &value, &is));
    }
    return is ? words_take(l, node, member) : OK;
}

static_assert(offsetof(struct plan_change, tell_stated) ==
                  offsetof(struct plan_change, tell_count) + sizeof(uint16_t),
              "tell_stated follows tell_count");
static status load_channel_list(struct load *l, const struct value_at *at,
                                const struct yaml_node *node, void *member)
{
    *MEMBER_AT(member, sizeof(word *) + sizeof(uint16_t), bool) = true;
    return load_word_list(l, at, node, member);
}

static status load_alarm_to(struct load *l, const struct value_at *at, const struct yaml_node *node,
                            void *member)
{
    bool is;
    TRY(need_list(l, at, node, "a list of contacts or staff roles", &is));
    for (const struct yaml_node *item = node->first; is && item != NULL; item = item->next) {
        if (load_find(l, SECTION_contacts, item->text) != NONE ||
            load_find(l, SECTION_staff, item->text) != NONE)
            continue;
        is = false;
        struct nearest nearest = nearest_to(item->text);
        nearest_offer_clauses(&nearest, l, SECTION_contacts);
        nearest_offer_clauses(&nearest, l, SECTION_staff);
        TRY(unknown_word(l, at, item, "contact or staff role", nearest));
    }
    return is ? words_take(l, node, member) : OK;
}

static bool is_language(str text)
{
    if (text.len < 2 || text.len > 3)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 'a' || text.ptr[i] > 'z')
            return false;
    return true;
}

static status load_languages(struct load *l, const struct value_at *at,
                             const struct yaml_node *node, void *member)
{
    bool is;
    TRY(need_list(l, at, node, "a list of languages", &is));
    for (const struct yaml_node *item = node->first; is && item != NULL; item = item->next) {
        if (is_language(item->text))
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
    TRY(need_list(l, at, node, "a list of names", &is));
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
        TRY(unknown_word(l, at, item, singular(target), nearest));
    }
    return OK;
}

static status load_refs(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        void *member)
{
    return load_refs_to(l, at, node, (enum section)at->key->target, member);
}

static status load_ref(struct load *l, const struct value_at *at, const struct yaml_node *node,
                       void *member)
{
    enum section target = (enum section)at->key->target;
    bool is;
    TRY(need_scalar(l, at, node, "one name", &is));
    if (!is)
        return OK;
    *(plan_index *)member = load_find(l, target, node->text);
    if (*(plan_index *)member != NONE)
        return OK;
    struct nearest nearest = nearest_to(node->text);
    nearest_offer_clauses(&nearest, l, target);
    return unknown_word(l, at, node, singular(target), nearest);
}

static status load_event_of(struct load *l, const struct value_at *at, const struct yaml_node *node,
                            void *member)
{
    if (node->kind == YAML_SCALAR && str_is(node->text, "subject"))
        return OK;
    return load_ref(l, at, node, member);
}

static_assert(offsetof(struct plan_purpose, starts_evidence) ==
                  offsetof(struct plan_purpose, starts_event) + sizeof(plan_index),
              "starts_evidence follows starts_event");
static status load_starts(struct load *l, const struct value_at *at, const struct yaml_node *node,
                          void *member)
{
    bool is;
    plan_index *starts = member;
    TRY(need_scalar(l, at, node, "an event or a type of evidence", &is));
    if (!is)
        return OK;
    starts[0] = load_find(l, SECTION_events, node->text);
    starts[1] = load_find(l, SECTION_evidence, node->text);
    if (starts[0] != NONE || starts[1] != NONE)
        return OK;
    struct nearest nearest = nearest_to(node->text);
    nearest_offer_clauses(&nearest, l, SECTION_events);
    nearest_offer_clauses(&nearest, l, SECTION_evidence);
    return unknown_word(l, at, node, "event or evidence", nearest);
}

static status load_requests_to(struct load *l, const struct value_at *at,
                               const struct yaml_node *node, void *member)
{
    bool is;
    TRY(need_scalar(l, at, node, "a contact, or `customer`", &is));
    if (!is)
        return OK;
    if (!str_is(node->text, "customer") && load_find(l, SECTION_contacts, node->text) == NONE) {
        struct nearest nearest = nearest_to(node->text);
        nearest_offer_clauses(&nearest, l, SECTION_contacts);
        nearest_offer(&nearest, STR("customer"));
        return unknown_word(l, at, node, "contact", nearest);
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
    TRY(need_list(l, at, node, "a list of names", &is));
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
        TRY(unknown_word(l, at, item, singular(target), nearest));
    }
    return OK;
}

static status load_who(struct load *l, const struct value_at *at, const struct yaml_node *node,
                       void *member)
{
    struct plan_joint *joint = OWNER_OF(member, struct plan_joint, who);
    struct own_word own[] = {{"acting", &joint->acting}};
    return refs_with_words(l, at, node, &joint->who, own, LENGTH(own));
}

static status load_evidence_by(struct load *l, const struct value_at *at,
                               const struct yaml_node *node, void *member)
{
    struct plan_evidence *evidence = OWNER_OF(member, struct plan_evidence, by_staff);
    struct own_word own[] = {{"subject", &evidence->by_subject}, {"other", &evidence->by_other}};
    return refs_with_words(l, at, node, &evidence->by_staff, own, LENGTH(own));
}

static status load_switch_at(struct load *l, const struct value_at *at,
                             const struct yaml_node *node, void *member)
{
    struct plan_switch *stop = OWNER_OF(member, struct plan_switch, at);
    struct own_word own[] = {{"stop_link", &stop->at_stop_link}};
    return refs_with_words(l, at, node, &stop->at, own, LENGTH(own));
}

static status load_right_at(struct load *l, const struct value_at *at, const struct yaml_node *node,
                            void *member)
{
    struct plan_right *right = OWNER_OF(member, struct plan_right, at);
    struct own_word own[] = {{"stop_link", &right->at_stop_link}, {"portal", &right->at_portal}};
    return refs_with_words(l, at, node, &right->at, own, LENGTH(own));
}

/* ---- references to data ---- */

static status bits_make(struct load *l, size_t count, struct bits *bits)
{
    *bits = bits_new(l->arena, count);
    return count > 0 && bits->at == NULL ? NO_MEMORY(l->report) : OK;
}

static void bits_join(struct bits into, struct bits from)
{
    for (uint32_t i = 0; i < into.words64 && i < from.words64; i++)
        into.at[i] |= from.at[i];
}

static status set_resolve(struct load *l, plan_index set);

static status data_unknown(struct load *l, const struct value_at *at, const struct yaml_node *node)
{
    struct nearest nearest = nearest_to(node->text);
    nearest_offer_clauses(&nearest, l, SECTION_categories);
    nearest_offer_clauses(&nearest, l, SECTION_sets);
    for (uint16_t i = 0; i < l->plan->field_count; i++)
        nearest_offer(&nearest, words_text(l->words, l->plan->field[i].name));
    return unknown_word(l, at, node, "category, field or set", nearest);
}

static status field_add(struct load *l, const struct value_at *at, const struct yaml_node *item,
                        struct field_set *set)
{
    if (node_is_hole(item)) {
        set->hole = true;
        return load_hole(l, at);
    }
    word name = words_find(l->words, item->text);
    plan_index category = plan_find(l->plan, l->plan->category_of, name);
    if (category != NONE) {
        bits_join(set->fields, l->plan->category[category].fields);
        return OK;
    }
    plan_index field = plan_find(l->plan, l->plan->field_of, name);
    if (field != NONE) {
        bits_set(set->fields, field);
        return OK;
    }
    plan_index other = plan_find(l->plan, l->set_of, name);
    if (other == NONE)
        return data_unknown(l, at, item);
    if (l->set_state[other] == 1)
        return load_problem(l, place_of(item), "cycle", at->path, STR(""),
                            "the set `%.*s` would contain itself", STR_ARG(item->text));
    TRY(set_resolve(l, other));
    bits_join(set->fields, l->plan->set[other].fields.fields);
    set->all |= l->plan->set[other].fields.all;
    return OK;
}

static status load_fields(struct load *l, const struct value_at *at, const struct yaml_node *node,
                          void *member)
{
    struct field_set *set = member;
    bool is;
    set->stated = true;
    TRY(bits_make(l, l->plan->field_count, &set->fields));
    if (node->kind == YAML_SCALAR && str_is(node->text, "all")) {
        set->all = at->key->type == VALUE_FIELDS_ALL;
        return set->all
                   ? OK
                   : load_problem(l, place_of(node), "all-not-legal", at->path, STR(""),
                                  "`%s` names its data; `all` is not legal here", at->key->name);
    }
    TRY(need_list(l, at, node, "a list of categories, fields and sets", &is));
    for (const struct yaml_node *item = node->first; is && item != NULL; item = item->next)
        TRY(field_add(l, at, item, set));
    return OK;
}

enum { SETS_DEEP = 32 };

static const struct vocabulary_key SET_KEY = {
    .section = SECTION_sets, .name = "sets", .type = VALUE_FIELDS_ALL};

static status set_resolve(struct load *l, plan_index index)
{
    struct plan_set *set = &l->plan->set[index];
    if (l->set_state[index] == 2)
        return OK;
    if (l->set_depth == SETS_DEEP)
        return fail(l->report, FAULT_LIMIT, "sets within sets more than %d deep", SETS_DEEP);
    l->set_depth++;
    l->set_state[index] = 1;
    const struct yaml_node *node =
        yaml_get(yaml_get(l->root, STR("sets")), words_text(l->words, set->clause.name));
    struct value_at at = {&set->clause, set->clause.path, &SET_KEY};
    TRY(bits_make(l, l->plan->field_count, &set->fields.fields));
    if (node != NULL)
        TRY(load_value(l, &at, node, &set->fields));
    l->set_state[index] = 2;
    l->set_depth--;
    return OK;
}

status load_sets(struct load *l, const struct yaml_node *sets)
{
    (void)sets;
    for (plan_index i = 0; i < l->plan->set_count; i++)
        TRY(set_resolve(l, i));
    return OK;
}

static status load_categories(struct load *l, const struct value_at *at,
                              const struct yaml_node *node, void *member)
{
    struct refs refs = {0};
    TRY(bits_make(l, l->plan->category_count, member));
    TRY(load_refs_to(l, at, node, SECTION_categories, &refs));
    for (uint16_t i = 0; i < refs.count; i++)
        bits_set(*(struct bits *)member, refs.at[i]);
    return OK;
}

/* The fields themselves were declared before; here their kinds are read. */
static status load_category_fields(struct load *l, const struct value_at *at,
                                   const struct yaml_node *node, void *member)
{
    struct plan_category *category = OWNER_OF(member, struct plan_category, fields);
    if (node->kind != YAML_MAP)
        return wrong_shape(l, at, node, "a map: field -> kind", STR(""));
    plan_index field = category->first_field;
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next, field++) {
        struct value_at item_at = *at;
        unsigned value = FIELD_TEXT;
        TRY(load_path(l, at->path, item->key, &item_at.path));
        if (node_is_hole(item)) {
            TRY(load_hole(l, &item_at));
            continue;
        }
        TRY(load_enum(l, &item_at, item, &value));
        if (field < l->plan->field_count)
            l->plan->field[field].kind = (enum field_kind)value;
    }
    return OK;
}

/* ---- needs ---- */

static status need_path(struct load *l, str path, const struct need *need, str *joined)
{
    struct buf name = buf_in(l->arena, 64 << 10);
    buf_add(&name, path);
    buf_char(&name, '.');
    for (uint16_t i = 0; i < need->count; i++) {
        buf_text(&name, i == 0 ? "" : "_or_");
        buf_add(&name, words_text(l->words, l->plan->evidence[need->any[i]].clause.name));
    }
    return buf_finish(&name, l->report, joined);
}

/* needs = "none" | "[" alt { "," alt } "]" ; */
static status parse_needs(struct load *l, const struct value_at *at, const struct yaml_node *node,
                          struct needs *needs)
{
    bool is;
    needs->stated = true;
    if (node->kind == YAML_SCALAR && str_is(node->text, "none"))
        return OK;
    TRY(need_list(l, at, node, "`none` or a list of evidence", &is));
    if (!is)
        return OK;
    needs->all = ARENA_ARRAY(l->arena, struct need, node->count);
    if (needs->all == NULL)
        return NO_MEMORY(l->report);
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        if (node_is_hole(item)) {
            needs->hole = true;
            TRY(load_hole(l, at));
            continue;
        }
        struct need *need = &needs->all[needs->count];
        struct expression_fault fault = {0};
        TRY(expression_alt(item->text, l->plan, l->arena, l->report, &fault, &need->any,
                           &need->count));
        if (fault.found) {
            TRY(expression_wrong(l, at, item, &fault));
            continue;
        }
        TRY(need_path(l, at->path, need, &need->path));
        needs->count++;
    }
    return OK;
}

static status load_needs(struct load *l, const struct value_at *at, const struct yaml_node *node,
                         void *member)
{
    return parse_needs(l, at, node, member);
}

/* ---- keep ---- */

static status moment_take(struct load *l, const struct value_at *at, const struct yaml_node *node,
                          struct keep_read *read)
{
    struct expression_fault fault = {0};
    TRY(expression_keep(node->text, l->plan, l->arena, l->report, &fault, read));
    if (fault.found) {
        *read = (struct keep_read){.hole = false};
        return expression_wrong(l, at, node, &fault);
    }
    if (read->moment != NULL && moment_has_hole(read->moment))
        return load_hole(l, at);
    return OK;
}

static status load_moment(struct load *l, const struct value_at *at, const struct yaml_node *node,
                          void *member)
{
    bool is;
    TRY(need_scalar(l, at, node, "a moment such as `6 months after collected`", &is));
    if (!is)
        return OK;
    struct keep_read read;
    TRY(moment_take(l, at, node, &read));
    if (read.hole) {
        static const struct moment HOLE = {.op = MOMENT_UNSPECIFIED};
        read.moment = &HOLE;
        TRY(load_hole(l, at));
    }
    if (read.none)
        TRY(wrong_shape(l, at, node, "a moment; `none` stands for the whole `keep`", STR("")));
    *(const struct moment **)member = read.moment;
    return OK;
}

static status keep_scalar(struct load *l, const struct value_at *at, const struct yaml_node *node,
                          struct keep *keep)
{
    struct keep_read read;
    TRY(moment_take(l, at, node, &read));
    keep->none = read.none;
    if (read.moment == NULL)
        return OK;
    keep->at = ARENA_NEW(l->arena, struct keep_entry);
    if (keep->at == NULL)
        return NO_MEMORY(l->report);
    keep->at[0] = (struct keep_entry){.until = read.moment, .path = at->path};
    keep->count = 1;
    return OK;
}

static status load_keep(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        void *member)
{
    struct keep *keep = member;
    if (node->kind == YAML_SCALAR && node->text.len > 0)
        return keep_scalar(l, at, node, keep);
    if (node->kind != YAML_LIST || node->count == 0)
        return wrong_shape(l, at, node, "a moment, `none`, or a list of `of`, `until`, `needs`",
                           STR(""));
    keep->at = ARENA_ARRAY(l->arena, struct keep_entry, node->count);
    if (keep->at == NULL)
        return NO_MEMORY(l->report);
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        struct keep_entry *entry = &keep->at[keep->count];
        entry->path = arena_format(l->arena, "%.*s[%u]", STR_ARG(at->path), keep->count);
        keep->count++;
        if (entry->path.ptr == NULL)
            return NO_MEMORY(l->report);
        if (item->kind != YAML_MAP) {
            TRY(wrong_shape(l, at, item, "entries with `of`, `until` and `needs`", STR("")));
            continue;
        }
        TRY(load_clause(l, SECTION_keep, item, entry, at->clause, entry->path, place_of(item)));
    }
    return OK;
}

/* ---- texts ---- */

static bool language_known(const struct load *l, word language)
{
    for (uint16_t i = 0; i < l->plan->language_count; i++)
        if (l->plan->languages[i] == language)
            return true;
    return l->plan->language_count == 0;
}

static status load_says(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        void *member)
{
    struct says *says = member;
    if (node->kind != YAML_MAP)
        return wrong_shape(l, at, node, "a map: language -> text", STR("{ nb: ... }"));
    says->at = ARENA_ARRAY(l->arena, struct said, node->count);
    if (says->at == NULL)
        return NO_MEMORY(l->report);
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        word language = words_find(l->words, item->key);
        if (!is_language(item->key) || !language_known(l, language)) {
            struct nearest nearest = nearest_to(item->key);
            for (uint16_t i = 0; i < l->plan->language_count; i++)
                nearest_offer(&nearest, words_text(l->words, l->plan->languages[i]));
            TRY(load_problem(l, place_of_key(item), "language", at->path, nearest.best,
                             "`%.*s` is not among the policy's languages", STR_ARG(item->key)));
            continue;
        }
        if (item->kind != YAML_SCALAR || item->text.len == 0) {
            TRY(wrong_shape(l, at, item, "texts", STR("")));
            continue;
        }
        says->at[says->count++] = (struct said){words_intern(l->words, item->key), item->text};
    }
    return OK;
}

/* One text for all readers, or one for each language. */
static status load_finding_says(struct load *l, const struct value_at *at,
                                const struct yaml_node *node, void *member)
{
    if (node->kind == YAML_SCALAR)
        return load_text(l, at, node, member);
    return load_says(l, at, node, &OWNER_OF(member, struct plan_finding, says)->clause.says);
}

static bool is_obligation(str text)
{
    if (text.len == 0 || text.len > 64)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
            return false;
    }
    return true;
}

static status load_covers(struct load *l, const struct value_at *at, const struct yaml_node *node,
                          void *member)
{
    struct covers *covers = member;
    bool is;
    TRY(need_list(l, at, node, "a list of obligation ids", &is));
    if (!is)
        return OK;
    covers->at = ARENA_ARRAY(l->arena, str, node->count);
    if (covers->at == NULL)
        return NO_MEMORY(l->report);
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        if (is_obligation(item->text))
            covers->at[covers->count++] = item->text;
        else
            TRY(load_problem(l, place_of(item), "obligation-id", at->path, STR(""),
                             "`%.*s` is no id of an obligation", STR_ARG(item->text)));
    }
    return OK;
}

static status load_named(struct load *l, const struct value_at *at, const struct yaml_node *node,
                         void *member)
{
    struct plan_recipient *recipient = OWNER_OF(member, struct plan_recipient, named);
    bool is;
    recipient->named_stated = true;
    TRY(need_list(l, at, node, "a list of parties", &is));
    if (!is)
        return OK;
    recipient->named = ARENA_ARRAY(l->arena, str, node->count);
    if (recipient->named == NULL)
        return NO_MEMORY(l->report);
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next)
        recipient->named[recipient->named_count++] = item->text;
    return OK;
}

/* Whether the path leads anywhere is checked when all is loaded. */
static status load_path_text(struct load *l, const struct value_at *at,
                             const struct yaml_node *node, void *member)
{
    bool is;
    TRY(need_scalar(l, at, node, "a path such as `purposes.support.keep`", &is));
    if (!is)
        return OK;
    struct expression_fault fault = {0};
    struct path_part *parts;
    size_t count;
    TRY(expression_path(node->text, l->arena, l->report, &fault, &parts, &count));
    if (fault.found)
        return expression_wrong(l, at, node, &fault);
    *(str *)member = node->text;
    return OK;
}

/* ---- the file's own values ---- */

static status load_vern(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        void *member)
{
    (void)member;
    if (node->kind == YAML_SCALAR && str_is(node->text, "1"))
        return OK;
    return wrong_shape(l, at, node, "the version of the language, which is 1", STR("1"));
}

static status load_policy(struct load *l, const struct value_at *at, const struct yaml_node *node,
                          void *member)
{
    if (node->kind == YAML_SCALAR && plan_is_id(node->text))
        return load_word(l, at, node, member);
    return wrong_shape(l, at, node, "an id: small letters, digits and _", STR(""));
}

static status load_effective(struct load *l, const struct value_at *at,
                             const struct yaml_node *node, void *member)
{
    struct date date;
    if (node->kind != YAML_SCALAR || !date_parse(node->text, &date))
        return wrong_shape(l, at, node, "a date such as 2026-01-02", STR(""));
    const struct zone *zone = l->plan->zone != NULL ? l->plan->zone : zone_utc();
    *(instant *)member = date_start(zone, date);
    l->plan->effective_text = node->text;
    return OK;
}

static status load_timezone(struct load *l, const struct value_at *at, const struct yaml_node *node,
                            void *member)
{
    bool is;
    TRY(need_scalar(l, at, node, "a zone such as Europe/Oslo", &is));
    if (!is)
        return OK;
    struct report report = {0};
    status loaded = zone_load(node->text, l->arena, &report, &l->plan->zone);
    if (loaded.fault == FAULT_LIMIT)
        return NO_MEMORY(l->report);
    *(str *)member = node->text;
    if (is_ok(loaded))
        return OK;
    return load_problem(l, place_of(node), "timezone", at->path, STR("Europe/Oslo"), "%s",
                        report.text);
}

static status load_acting(struct load *l, const struct value_at *at, const struct yaml_node *node,
                          void *member)
{
    unsigned value = 0;
    TRY(load_enum(l, at, node, &value));
    *(bool *)member = value != 0;
    return OK;
}

/* ---- values with parts ---- */

static status load_channels(struct load *l, const struct value_at *at, const struct yaml_node *node,
                            void *member)
{
    struct plan_message *message = OWNER_OF(member, struct plan_message, channels);
    if (node->kind != YAML_MAP)
        return wrong_shape(l, at, node, "a map: channel -> clause", STR("{ email: {} }"));
    message->channels = ARENA_ARRAY(l->arena, struct plan_channel, node->count);
    if (message->channels == NULL)
        return NO_MEMORY(l->report);
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        unsigned value;
        if (!vocabulary_word(LIST_channels, item->key, &value)) {
            struct nearest nearest = nearest_to(item->key);
            nearest_offer_words(&nearest, LIST_channels);
            TRY(load_problem(l, place_of_key(item), "unknown-word", at->path, nearest.best,
                             "there is no channel `%.*s`", STR_ARG(item->key)));
            continue;
        }
        struct plan_channel *channel = &message->channels[message->channel_count++];
        channel->name = words_intern(l->words, item->key);
        TRY(load_path(l, at->path, item->key, &channel->path));
        if (item->kind != YAML_MAP) {
            TRY(wrong_shape(l, at, item, "a clause for each channel", STR("{}")));
            continue;
        }
        TRY(load_clause(l, SECTION_channel, item, channel, at->clause, channel->path,
                        place_of_key(item)));
    }
    return OK;
}

static status load_stops(struct load *l, const struct value_at *at, const struct yaml_node *node,
                         void *member)
{
    if (node->kind != YAML_MAP)
        return wrong_shape(l, at, node, "a map of purposes, messages and recipients", STR(""));
    struct plan_switch *stop = OWNER_OF(member, struct plan_switch, stops_purposes);
    return load_clause(l, SECTION_stops, node, stop, at->clause, at->path, place_of_key(node));
}

/* A key inside `home` or `outside`, which have no clause of their own. */
static status places_part(struct load *l, const struct value_at *at, const struct yaml_node *node,
                          const char *const *names, void *const *members,
                          const struct vocabulary_key *keys, size_t count)
{
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        struct nearest nearest = nearest_to(item->key);
        size_t i = 0;
        while (i < count && !str_is(item->key, names[i]))
            nearest_offer(&nearest, str_from(names[i++]));
        if (i == count) {
            TRY(load_problem(l, place_of_key(item), "unknown-key", at->path, nearest.best,
                             "unknown key `%.*s` in %.*s", STR_ARG(item->key), STR_ARG(at->path)));
            continue;
        }
        struct value_at inside = {at->clause, STR(""), &keys[i]};
        TRY(load_path(l, at->path, item->key, &inside.path));
        TRY(load_value(l, &inside, item, members[i]));
    }
    return OK;
}

static status load_home(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        void *member)
{
    struct plan_places *places = OWNER_OF(member, struct plan_places, home);
    if (node->kind == YAML_SCALAR)
        return load_enum(l, at, node, member);
    if (node->kind != YAML_MAP)
        return wrong_shape(l, at, node, "eu, eea, or a map of `zone` and `needs`", STR(""));
    static const char *const NAMES[] = {"zone", "needs", "covers", "says"};
    static const struct vocabulary_key KEYS[] = {
        {SECTION_places, "zone", VALUE_ENUM, 0, LIST_zones, KEY_CLOSES, "", ""},
        {SECTION_places, "needs", VALUE_NEEDS, 0, 0, KEY_CLOSES, "", ""},
        {SECTION_places, "covers", VALUE_COVERS, 0, 0, 0, "", ""},
        {SECTION_places, "says", VALUE_SAYS, 0, 0, 0, "", ""}};
    void *const members[] = {&places->home, &places->home_needs, &places->home_covers,
                             &places->home_says};
    return places_part(l, at, node, NAMES, members, KEYS, LENGTH(NAMES));
}

static status load_outside(struct load *l, const struct value_at *at, const struct yaml_node *node,
                           void *member)
{
    struct plan_places *places = OWNER_OF(member, struct plan_places, outside_needs);
    if (node->kind != YAML_MAP)
        return wrong_shape(l, at, node, "a map of `needs`", STR("{ needs: [...] }"));
    places->outside_stated = true;
    static const char *const NAMES[] = {"needs", "covers", "says"};
    static const struct vocabulary_key KEYS[] = {
        {SECTION_places, "needs", VALUE_NEEDS, 0, 0, 0, "", ""},
        {SECTION_places, "covers", VALUE_COVERS, 0, 0, 0, "", ""},
        {SECTION_places, "says", VALUE_SAYS, 0, 0, 0, "", ""}};
    void *const members[] = {&places->outside_needs, &places->outside_covers,
                             &places->outside_says};
    return places_part(l, at, node, NAMES, members, KEYS, LENGTH(NAMES));
}

/* ---- dispatch ---- */

static loader *const LOADERS[VALUE_TYPE_COUNT] = {
    [VALUE_TEXT] = load_text,
    [VALUE_WORD] = load_word,
    [VALUE_CHANNEL] = load_channel,
    [VALUE_ENUM] = load_enum,
    [VALUE_FLAG] = load_flag,
    [VALUE_COUNT] = load_count,
    [VALUE_SPAN] = load_span,
    [VALUE_MASK] = load_mask,
    [VALUE_MAY] = load_mask,
    [VALUE_WORDS] = load_words,
    [VALUE_WORD_LIST] = load_word_list,
    [VALUE_CHANNEL_LIST] = load_channel_list,
    [VALUE_REF] = load_ref,
    [VALUE_REFS] = load_refs,
    [VALUE_REFS_ALL] = load_refs,
    [VALUE_FIELDS] = load_fields,
    [VALUE_FIELDS_ALL] = load_fields,
    [VALUE_CATEGORIES] = load_categories,
    [VALUE_NEEDS] = load_needs,
    [VALUE_KEEP] = load_keep,
    [VALUE_MOMENT] = load_moment,
    [VALUE_SAYS] = load_says,
    [VALUE_COVERS] = load_covers,
    [VALUE_PATH] = load_path_text,
    [VALUE_VERN] = load_vern,
    [VALUE_POLICY] = load_policy,
    [VALUE_EFFECTIVE] = load_effective,
    [VALUE_TIMEZONE] = load_timezone,
    [VALUE_LANGUAGES] = load_languages,
    [VALUE_ACTING] = load_acting,
    [VALUE_WHO] = load_who,
    [VALUE_CATEGORY_FIELDS] = load_category_fields,
    [VALUE_EVENT_OF] = load_event_of,
    [VALUE_EVIDENCE_BY] = load_evidence_by,
    [VALUE_STARTS] = load_starts,
    [VALUE_OBJECTION] = load_enum,
    [VALUE_COOKIE_PER] = load_cookie_per,
    [VALUE_CHANNELS] = load_channels,
    [VALUE_STOPS] = load_stops,
    [VALUE_SWITCH_AT] = load_switch_at,
    [VALUE_RIGHT_AT] = load_right_at,
    [VALUE_NAMED] = load_named,
    [VALUE_HOME] = load_home,
    [VALUE_OUTSIDE] = load_outside,
    [VALUE_REQUESTS_TO] = load_requests_to,
    [VALUE_ON_END] = load_on_end,
    [VALUE_FINDING_SAYS] = load_finding_says,
    [VALUE_ALARM_TO] = load_alarm_to,
};

/* Types whose members can say themselves that they are a hole. */
static void hole_mark(enum value_type type, void *member)
{
    if (type == VALUE_REFS || type == VALUE_REFS_ALL || type == VALUE_WHO ||
        type == VALUE_EVIDENCE_BY || type == VALUE_SWITCH_AT || type == VALUE_RIGHT_AT)
        ((struct refs *)member)->hole = ((struct refs *)member)->stated = true;
    if (type == VALUE_FIELDS || type == VALUE_FIELDS_ALL)
        ((struct field_set *)member)->hole = ((struct field_set *)member)->stated = true;
    if (type == VALUE_NEEDS || type == VALUE_OUTSIDE)
        ((struct needs *)member)->hole = ((struct needs *)member)->stated = true;
    if (type == VALUE_KEEP)
        ((struct keep *)member)->hole = true;
    if (type == VALUE_SPAN)
        ((struct span *)member)->hole = ((struct span *)member)->stated = true;
    if (type == VALUE_OUTSIDE)
        OWNER_OF(member, struct plan_places, outside_needs)->outside_stated = true;
    if (type == VALUE_NAMED) {
        struct plan_recipient *recipient = OWNER_OF(member, struct plan_recipient, named);
        recipient->named_stated = recipient->named_hole = true;
    }
    if (type == VALUE_CHANNEL_LIST)
        *MEMBER_AT(member, sizeof(word *) + sizeof(uint16_t), bool) = true;
}

status load_value(struct load *l, const struct value_at *at, const struct yaml_node *node,
                  void *member)
{
    enum value_type type = at->key->type;
    bool may_be_hole = type != VALUE_MOMENT && type != VALUE_VERN && type != VALUE_POLICY;
    if (node_is_hole(node) && may_be_hole) {
        hole_mark(type, member);
        return load_hole(l, at);
    }
    if (node->kind == YAML_SCALAR && node->text.len == 0 && !node->quoted)
        return load_problem(l, place_of_key(node), "no-value", at->path, STR("unspecified"),
                            "`%s` has no value", at->key->name);
    return LOADERS[type](l, at, node, member);
}
