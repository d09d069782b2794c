/* Loads values that have parts: needs, clocks, texts, channels, places. */
#include "load_values_internal.h"

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
    TRY(load_need_list(l, at, node, "`none` or a list of evidence", &is));
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
            TRY(load_expression_wrong(l, at, item, &fault));
            continue;
        }
        TRY(need_path(l, at->path, need, &need->path));
        needs->count++;
    }
    return OK;
}

status load_needs(struct load *l, const struct value_at *at, const struct yaml_node *node,
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
        return load_expression_wrong(l, at, node, &fault);
    }
    if (read->moment != NULL && moment_has_hole(read->moment))
        return load_hole(l, at);
    return OK;
}

status load_moment(struct load *l, const struct value_at *at, const struct yaml_node *node,
                   void *member)
{
    bool is;
    TRY(load_need_scalar(l, at, node, "a moment such as `6 months after collected`", &is));
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
        TRY(load_wrong_shape(l, at, node, "a moment; `none` stands for the whole `keep`", STR("")));
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

status load_keep(struct load *l, const struct value_at *at, const struct yaml_node *node,
                 void *member)
{
    struct keep *keep = member;
    if (node->kind == YAML_SCALAR && node->text.len > 0)
        return keep_scalar(l, at, node, keep);
    if (node->kind != YAML_LIST || node->count == 0)
        return load_wrong_shape(l, at, node,
                                "a moment, `none`, or a list of `of`, `until`, `needs`", STR(""));
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
            TRY(load_wrong_shape(l, at, item, "entries with `of`, `until` and `needs`", STR("")));
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

status load_says(struct load *l, const struct value_at *at, const struct yaml_node *node,
                 void *member)
{
    struct says *says = member;
    if (node->kind != YAML_MAP)
        return load_wrong_shape(l, at, node, "a map: language -> text", STR("{ nb: ... }"));
    says->at = ARENA_ARRAY(l->arena, struct said, node->count);
    if (says->at == NULL)
        return NO_MEMORY(l->report);
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        word language = words_find(l->words, item->key);
        if (!load_is_language(item->key) || !language_known(l, language)) {
            struct nearest nearest = nearest_to(item->key);
            for (uint16_t i = 0; i < l->plan->language_count; i++)
                nearest_offer(&nearest, words_text(l->words, l->plan->languages[i]));
            TRY(load_problem(l, place_of_key(item), "language", at->path, nearest.best,
                             "`%.*s` is not among the policy's languages", STR_ARG(item->key)));
            continue;
        }
        if (item->kind != YAML_SCALAR || item->text.len == 0) {
            TRY(load_wrong_shape(l, at, item, "texts", STR("")));
            continue;
        }
        says->at[says->count++] = (struct said){words_intern(l->words, item->key), item->text};
    }
    return OK;
}

/* Those of clauses went to them (merge_says.c); what is left is about fields. */
status load_says_of(struct load *l, const struct value_at *at, const struct yaml_node *node,
                    void *member)
{
    (void)member;
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        struct value_at item_at = *at;
        str rest = item->key, part[4] = {{0}};
        for (size_t i = 0; i < LENGTH(part) && str_next(&rest, '.', &part[i]); i++)
            continue;
        str name = arena_format(l->arena, "%.*s.%.*s", STR_ARG(part[1]), STR_ARG(part[3]));
        if (name.ptr == NULL)
            return NO_MEMORY(l->report);
        plan_index field = plan_find(l->plan, l->plan->field_of, words_find(l->words, name));
        item_at.path = item->key;
        if (field != NONE)
            TRY(load_says(l, &item_at, item, &l->plan->field[field].says));
    }
    return OK;
}

/* One text for all readers, or one for each language. */
status load_finding_says(struct load *l, const struct value_at *at, const struct yaml_node *node,
                         void *member)
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

status load_covers(struct load *l, const struct value_at *at, const struct yaml_node *node,
                   void *member)
{
    struct covers *covers = member;
    bool is;
    TRY(load_need_list(l, at, node, "a list of obligation ids", &is));
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

status load_named(struct load *l, const struct value_at *at, const struct yaml_node *node,
                  void *member)
{
    struct plan_recipient *recipient = OWNER_OF(member, struct plan_recipient, named);
    bool is;
    recipient->named_stated = true;
    TRY(load_need_list(l, at, node, "a list of parties", &is));
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
status load_path_text(struct load *l, const struct value_at *at, const struct yaml_node *node,
                      void *member)
{
    bool is;
    TRY(load_need_scalar(l, at, node, "a path such as `purposes.support.keep`", &is));
    if (!is)
        return OK;
    struct expression_fault fault = {0};
    struct path_part *parts;
    size_t count;
    TRY(expression_path(node->text, l->arena, l->report, &fault, &parts, &count));
    if (fault.found)
        return load_expression_wrong(l, at, node, &fault);
    *(str *)member = node->text;
    return OK;
}

/* ---- values with parts ---- */

status load_channels(struct load *l, const struct value_at *at, const struct yaml_node *node,
                     void *member)
{
    struct plan_message *message = OWNER_OF(member, struct plan_message, channels);
    if (node->kind != YAML_MAP)
        return load_wrong_shape(l, at, node, "a map: channel -> clause", STR("{ email: {} }"));
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
            TRY(load_wrong_shape(l, at, item, "a clause for each channel", STR("{}")));
            continue;
        }
        TRY(load_clause(l, SECTION_channel, item, channel, at->clause, channel->path,
                        place_of_key(item)));
    }
    return OK;
}

status load_stops(struct load *l, const struct value_at *at, const struct yaml_node *node,
                  void *member)
{
    if (node->kind != YAML_MAP)
        return load_wrong_shape(l, at, node, "a map of purposes, messages and recipients", STR(""));
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

status load_home(struct load *l, const struct value_at *at, const struct yaml_node *node,
                 void *member)
{
    struct plan_places *places = OWNER_OF(member, struct plan_places, home);
    if (node->kind == YAML_SCALAR)
        return load_enum(l, at, node, member);
    if (node->kind != YAML_MAP)
        return load_wrong_shape(l, at, node, "eu, eea, or a map of `zone` and `needs`", STR(""));
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

status load_outside(struct load *l, const struct value_at *at, const struct yaml_node *node,
                    void *member)
{
    struct plan_places *places = OWNER_OF(member, struct plan_places, outside_needs);
    if (node->kind != YAML_MAP)
        return load_wrong_shape(l, at, node, "a map of `needs`", STR("{ needs: [...] }"));
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
