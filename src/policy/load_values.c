/* Loads values: the shapes that they come in, scalars, and the table from types to loaders. A value
 * that is wrong is listed and left out, so that one load finds every mistake. */
#include "load_values_internal.h"
#include "calendar.h"

/* ---- shapes ---- */

status load_wrong_shape(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        const char *wanted, str suggestion)
{
    return load_problem(l, place_of(node), "wrong-value", at->path, suggestion, "`%s` takes %s",
                        at->key->name, wanted);
}

status load_need_scalar(struct load *l, const struct value_at *at, const struct yaml_node *node,
                        const char *wanted, bool *is)
{
    *is = node->kind == YAML_SCALAR && node->text.len > 0;
    return *is ? OK : load_wrong_shape(l, at, node, wanted, STR(""));
}

/* A list of scalars; each of its elements is checked by the caller. */
status load_need_list(struct load *l, const struct value_at *at, const struct yaml_node *node,
                      const char *wanted, bool *is)
{
    *is = node->kind == YAML_LIST;
    if (!*is)
        return load_wrong_shape(l, at, node, wanted,
                                node->kind == YAML_SCALAR
                                    ? arena_format(l->arena, "[%.*s]", STR_ARG(node->text))
                                    : STR(""));
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        if (item->kind == YAML_SCALAR && item->text.len > 0)
            continue;
        *is = false;
        TRY(load_wrong_shape(l, at, item, wanted, STR("")));
    }
    if (node->count >= NONE)
        return fail(l->report, FAULT_LIMIT, "a list of more than 65534 values");
    return OK;
}

status load_unknown_word(struct load *l, const struct value_at *at, const struct yaml_node *node,
                         const char *what, struct nearest nearest)
{
    return load_problem(l, place_of(node), "unknown-word", at->path, nearest.best,
                        "there is no %s `%.*s`", what, STR_ARG(node->text));
}

status load_expression_wrong(struct load *l, const struct value_at *at,
                             const struct yaml_node *node, const struct expression_fault *fault)
{
    return load_problem(l, place_inside(l, node, fault->offset), fault->rule, at->path,
                        fault->suggestion, "%.*s", STR_ARG(fault->text));
}

const char *load_singular(enum section section)
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

status load_text(struct load *l, const struct value_at *at, const struct yaml_node *node,
                 void *member)
{
    bool is;
    TRY(load_need_scalar(l, at, node, "a text", &is));
    if (is)
        *(str *)member = node->text;
    return OK;
}

status load_word(struct load *l, const struct value_at *at, const struct yaml_node *node,
                 void *member)
{
    bool is;
    TRY(load_need_scalar(l, at, node, "a name", &is));
    if (is)
        *(word *)member = words_intern(l->words, node->text);
    return OK;
}

status load_closed_word(struct load *l, const struct value_at *at, const struct yaml_node *node,
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

status load_enum(struct load *l, const struct value_at *at, const struct yaml_node *node,
                 void *member)
{
    bool is;
    unsigned value = 0;
    TRY(load_need_scalar(l, at, node, "one word", &is));
    if (is)
        TRY(load_closed_word(l, at, node, &value, &is));
    if (is)
        *(unsigned *)member = value;
    return OK;
}

status load_channel(struct load *l, const struct value_at *at, const struct yaml_node *node,
                    void *member)
{
    bool is;
    unsigned value;
    TRY(load_need_scalar(l, at, node, "one channel", &is));
    if (is)
        TRY(load_closed_word(l, at, node, &value, &is));
    if (is)
        *(word *)member = words_intern(l->words, node->text);
    return OK;
}

status load_flag(struct load *l, const struct value_at *at, const struct yaml_node *node,
                 void *member)
{
    if (node->kind != YAML_SCALAR || (!str_is(node->text, "true") && !str_is(node->text, "false")))
        return load_wrong_shape(l, at, node, "true or false", STR(""));
    *(bool *)member = str_is(node->text, "true");
    return OK;
}

status load_count(struct load *l, const struct value_at *at, const struct yaml_node *node,
                  void *member)
{
    uint64_t count;
    if (node->kind != YAML_SCALAR || !str_to_u64(node->text, &count) || count == 0 ||
        count > 1000000)
        return load_wrong_shape(l, at, node, "a whole number from 1", STR(""));
    *(uint32_t *)member = (uint32_t)count;
    return OK;
}

status load_span(struct load *l, const struct value_at *at, const struct yaml_node *node,
                 void *member)
{
    bool is;
    TRY(load_need_scalar(l, at, node, "a span such as `6 months`", &is));
    if (!is)
        return OK;
    struct expression_fault fault = {0};
    struct span span;
    TRY(expression_span(node->text, l->arena, l->report, &fault, &span));
    if (fault.found)
        return load_expression_wrong(l, at, node, &fault);
    *(struct span *)member = span;
    return OK;
}

/* ---- the file's own values ---- */

status load_vern(struct load *l, const struct value_at *at, const struct yaml_node *node,
                 void *member)
{
    (void)member;
    if (node->kind == YAML_SCALAR && str_is(node->text, "1"))
        return OK;
    return load_wrong_shape(l, at, node, "the version of the language, which is 1", STR("1"));
}

status load_policy(struct load *l, const struct value_at *at, const struct yaml_node *node,
                   void *member)
{
    if (node->kind == YAML_SCALAR && plan_is_id(node->text))
        return load_word(l, at, node, member);
    return load_wrong_shape(l, at, node, "an id: small letters, digits and _", STR(""));
}

status load_effective(struct load *l, const struct value_at *at, const struct yaml_node *node,
                      void *member)
{
    struct date date;
    if (node->kind != YAML_SCALAR || !date_parse(node->text, &date))
        return load_wrong_shape(l, at, node, "a date such as 2026-01-02", STR(""));
    const struct zone *zone = l->plan->zone != NULL ? l->plan->zone : zone_utc();
    *(instant *)member = date_start(zone, date);
    l->plan->effective_text = node->text;
    return OK;
}

status load_timezone(struct load *l, const struct value_at *at, const struct yaml_node *node,
                     void *member)
{
    bool is;
    TRY(load_need_scalar(l, at, node, "a zone such as Europe/Oslo", &is));
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

status load_acting(struct load *l, const struct value_at *at, const struct yaml_node *node,
                   void *member)
{
    unsigned value = 0;
    TRY(load_enum(l, at, node, &value));
    *(bool *)member = value != 0;
    return OK;
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
    [VALUE_SAYS_OF] = load_says_of,
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
