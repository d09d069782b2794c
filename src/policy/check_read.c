/* Questions about a plan that several handlers ask. */
#include "check_internal.h"
#include "vocabulary.h"

str path_key(str path)
{
    size_t from = path.len;
    while (from > 0 && path.ptr[from - 1] != '.')
        from--;
    return str_slice(path, from, path.len);
}

bool path_within(str path, str outer)
{
    if (!str_starts(path, outer))
        return false;
    return path.len == outer.len || path.ptr[outer.len] == '.' || path.ptr[outer.len] == '[';
}

str check_path(struct check *c, const struct clause *clause, const char *key)
{
    return arena_format(c->arena, "%.*s.%s", STR_ARG(clause->path), key);
}

str check_name(const struct check *c, const struct clause *clause)
{
    return words_text(c->plan->words, clause->name);
}

/* ---- clauses ---- */

static const void *member_of(const struct plan *plan, size_t offset)
{
    return (const char *)plan + offset;
}

static void each_in_section(const struct plan *plan, const struct vocabulary_section *row,
                            void (*each)(void *context, const struct clause *clause), void *context)
{
    const char *at;
    uint16_t count;
    memcpy(&at, member_of(plan, row->array), sizeof(at));
    memcpy(&count, member_of(plan, row->array + sizeof(at)), sizeof(count));
    for (uint16_t i = 0; i < count; i++) {
        const struct clause *clause = (const struct clause *)(const void *)(at + i * row->size);
        if (clause->line > 0)
            each(context, clause);
    }
}

void each_clause(const struct plan *plan, void (*each)(void *context, const struct clause *clause),
                 void *context)
{
    each(context, &plan->top);
    for (unsigned s = 0; s < SECTION_COUNT; s++) {
        const struct vocabulary_section *row = &VOCABULARY_SECTIONS[s];
        if (row->array == VOCABULARY_NOWHERE || !vocabulary_is_top_level((enum section)s))
            continue;
        if (row->form == FORM_SINGLE) {
            const struct clause *clause = member_of(plan, row->array);
            if (clause->line > 0)
                each(context, clause);
        } else if (row->form == FORM_RIGHTS) {
            for (unsigned right = 0; right < RIGHT_COUNT; right++)
                if (plan->right[right].stated)
                    each(context, &plan->right[right].clause);
        } else {
            each_in_section(plan, row, each, context);
        }
    }
}

struct nearest_clause {
    str path;
    const struct clause *above; /* the longest path at or above */
    const struct clause *below; /* the first below: of a section */
};

static void nearest_look(void *context, const struct clause *clause)
{
    struct nearest_clause *nearest = context;
    bool above = path_within(nearest->path, clause->path);
    if (above && (nearest->above == NULL || clause->path.len > nearest->above->path.len))
        nearest->above = clause;
    if (nearest->below == NULL && path_within(clause->path, nearest->path))
        nearest->below = clause;
}

const struct clause *clause_at(const struct plan *plan, str path)
{
    struct nearest_clause nearest = {.path = path};
    each_clause(plan, nearest_look, &nearest);
    return nearest.above != NULL ? nearest.above : nearest.below;
}

bool clause_is_hole(const struct clause *clause)
{
    return clause->hole_count > 0 && str_equal(clause->holes[0], clause->path);
}

bool clause_has_hole(const struct clause *clause, const char *key)
{
    for (uint16_t i = 0; i < clause->hole_count; i++) {
        str rest = clause->holes[i];
        if (str_equal(rest, clause->path))
            return true;
        if (!str_starts(rest, clause->path))
            continue;
        rest = str_slice(rest, clause->path.len + 1, rest.len);
        str wanted = str_from(key);
        if (str_starts(rest, wanted) &&
            (rest.len == wanted.len || rest.ptr[wanted.len] == '.' || rest.ptr[wanted.len] == '['))
            return true;
    }
    return false;
}

/* ---- evidence ---- */

enum evidence_kind kind_of(const struct plan *plan, plan_index evidence)
{
    assert(evidence < plan->evidence_count);
    return plan->evidence[evidence].kind;
}

bool needs_kind(const struct plan *plan, const struct needs *needs, enum evidence_kind kind)
{
    for (uint16_t i = 0; i < needs->count; i++)
        for (uint16_t j = 0; j < needs->all[i].count; j++)
            if (kind_of(plan, needs->all[i].any[j]) == kind)
                return true;
    return false;
}

bool needs_only_kinds(const struct plan *plan, const struct needs *needs, uint32_t kinds)
{
    for (uint16_t i = 0; i < needs->count; i++) {
        bool only = needs->all[i].count > 0;
        for (uint16_t j = 0; j < needs->all[i].count; j++)
            only &= (kinds >> kind_of(plan, needs->all[i].any[j]) & 1) != 0;
        if (only)
            return true;
    }
    return false;
}

/* ---- purposes and what serves them ---- */

const struct plan_purpose *message_purpose(const struct plan *plan,
                                           const struct plan_message *message)
{
    return message->purpose == NONE ? NULL : &plan->purpose[message->purpose];
}

bool switch_stops_purpose(const struct plan *plan, const struct plan_switch *stop,
                          plan_index purpose)
{
    if (stop->stops_purposes.stated && refs_has(&stop->stops_purposes, purpose))
        return true;
    for (plan_index i = 0; i < plan->message_count; i++)
        if (plan->message[i].purpose == purpose && stop->stops_messages.stated &&
            refs_has(&stop->stops_messages, i))
            return true;
    return false;
}

bool purpose_sends_by_switch(const struct plan *plan, plan_index purpose)
{
    for (uint16_t i = 0; i < plan->stop_count; i++)
        if (switch_stops_purpose(plan, &plan->stop[i], purpose))
            return true;
    return false;
}

bool any_basis(const struct plan *plan, enum basis basis)
{
    for (uint16_t i = 0; i < plan->purpose_count; i++)
        if (plan->purpose[i].basis == basis)
            return true;
    return false;
}

/* ---- moments ---- */

bool moment_any(const struct moment *moment,
                bool (*test)(const void *context, const struct moment *moment), const void *context)
{
    if (moment == NULL)
        return false;
    if (test(context, moment))
        return true;
    for (const struct moment *child = moment->child; child != NULL; child = child->next)
        if (moment_any(child, test, context))
            return true;
    return false;
}

bool keep_any(const struct keep *keep,
              bool (*test)(const void *context, const struct moment *moment), const void *context)
{
    for (uint16_t i = 0; i < keep->count; i++)
        if (moment_any(keep->at[i].until, test, context))
            return true;
    return false;
}

/* ---- obligations ---- */

struct covers_walk {
    void (*each)(void *context, str id, str path);
    void *context;
};

static void covers_give(const struct covers_walk *walk, const struct covers *covers, str path)
{
    for (uint16_t i = 0; i < covers->count; i++)
        walk->each(walk->context, covers->at[i], path);
}

static void covers_of_clause(void *context, const struct clause *clause)
{
    covers_give(context, &clause->covers, clause->path);
}

static void covers_of_keep(const struct covers_walk *walk, const struct keep *keep)
{
    for (uint16_t i = 0; i < keep->count; i++)
        covers_give(walk, &keep->at[i].covers, keep->at[i].path);
}

void plan_covers(const struct plan *plan, void (*each)(void *context, str id, str path),
                 void *context)
{
    struct covers_walk walk = {each, context};
    each_clause(plan, covers_of_clause, &walk);
    for (uint16_t i = 0; i < plan->purpose_count; i++)
        covers_of_keep(&walk, &plan->purpose[i].keep);
    for (uint16_t i = 0; i < plan->cookie_count; i++)
        covers_of_keep(&walk, &plan->cookie[i].keep);
    for (uint16_t i = 0; i < plan->message_count; i++)
        for (uint16_t j = 0; j < plan->message[i].channel_count; j++)
            covers_give(&walk, &plan->message[i].channels[j].covers,
                        plan->message[i].channels[j].path);
    covers_give(&walk, &plan->places.outside_covers, STR("places.outside"));
}
