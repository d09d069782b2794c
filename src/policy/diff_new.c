/* Which clauses of the new plan a person must be told of before they open. */
#include "check_internal.h"
#include "diff.h"

enum { DIFFERENCES_BYTES = 64 << 20 };

struct marks {
    const struct plan *old, *new;
    struct bits purposes, sources, recipients, fields;
};

static void mark(struct bits bits, plan_index index)
{
    if (index != NONE)
        bits_set(bits, index);
}

static bool needs_name(const struct needs *needs, plan_index evidence)
{
    for (uint16_t i = 0; i < needs->count; i++)
        for (uint16_t j = 0; j < needs->all[i].count; j++)
            if (needs->all[i].any[j] == evidence)
                return true;
    return false;
}

struct leaf {
    plan_index ref;
    bool event;
};

static bool is_leaf(const void *context, const struct moment *moment)
{
    const struct leaf *wanted = context;
    enum moment_op op = wanted->event ? MOMENT_EVENT : MOMENT_END_OF;
    return moment->op == op && !moment->of_role && moment->ref == wanted->ref;
}

static bool clock_names(const struct plan_purpose *purpose, struct leaf wanted)
{
    for (uint16_t i = 0; i < purpose->keep.count; i++)
        if (moment_any(purpose->keep.at[i].until, is_leaf, &wanted) ||
            (!wanted.event && needs_name(&purpose->keep.at[i].needs, wanted.ref)))
            return true;
    return false;
}

static void mark_evidence(struct marks *m, plan_index evidence)
{
    const struct plan *plan = m->new;
    for (plan_index i = 0; i < plan->purpose_count && evidence != NONE; i++)
        if (plan->purpose[i].starts_evidence == evidence ||
            needs_name(&plan->purpose[i].needs, evidence) ||
            clock_names(&plan->purpose[i], (struct leaf){evidence, false}))
            mark(m->purposes, i);
    for (plan_index i = 0; i < plan->message_count && evidence != NONE; i++) {
        bool named = needs_name(&plan->message[i].needs, evidence);
        for (uint16_t j = 0; j < plan->message[i].channel_count; j++)
            named |= needs_name(&plan->message[i].channels[j].needs, evidence);
        if (named)
            mark(m->purposes, plan->message[i].purpose);
    }
    for (plan_index i = 0; i < plan->source_count && evidence != NONE; i++)
        if (needs_name(&plan->source[i].needs, evidence))
            mark(m->sources, i);
    for (plan_index i = 0; i < plan->recipient_count && evidence != NONE; i++)
        if (needs_name(&plan->recipient[i].needs, evidence))
            mark(m->recipients, i);
}

static void mark_event(struct marks *m, plan_index event)
{
    for (plan_index i = 0; i < m->new->purpose_count &&event != NONE; i++)
        if (m->new->purpose[i].starts_event == event ||
            clock_names(&m->new->purpose[i], (struct leaf){event, true}))
            mark(m->purposes, i);
}

/* What an old switch stopped and nothing surely stops any more. */
static void mark_stopped(struct marks *m, plan_index stop_index)
{
    const struct plan *old = m->old, *new = m->new;
    const struct plan_switch *stop = &old->stop[stop_index];
    for (plan_index i = 0; i < old->purpose_count; i++)
        if (switch_stops_purpose(old, stop, i))
            mark(m->purposes, plan_find(new, new->purpose_of, old->purpose[i].clause.name));
    for (plan_index i = 0; i < old->recipient_count && stop->stops_recipients.stated; i++)
        if (refs_has(&stop->stops_recipients, i))
            mark(m->recipients, plan_find(new, new->recipient_of, old->recipient[i].clause.name));
}

/* The fields that are new; all of them when something else about the category changed. */
static void mark_category(struct marks *m, const struct plan_difference *difference)
{
    if (difference->new_clause == NONE)
        return;
    const struct plan_category *category = &m->new->category[difference->new_clause];
    bool some = false;
    for (unsigned round = 0; round < 2 && !some; round++) {
        for (uint16_t i = 0; i < category->field_count; i++) {
            plan_index field = (plan_index)(category->first_field + i);
            word name = m->new->field[field].name;
            if (round == 0 && plan_find(m->old, m->old->field_of, name) != NONE)
                continue;
            mark(m->fields, field);
            some = true;
        }
        some &= str_is(path_key(difference->path), "fields");
    }
}

static void mark_all(struct bits bits, uint16_t count)
{
    for (plan_index i = 0; i < count; i++)
        bits_set(bits, i);
}

static void mark_difference(struct marks *m, const struct plan_difference *d)
{
    bool there = d->new_clause != NONE;
    if (str_is(d->section, "purposes"))
        mark(m->purposes, d->new_clause);
    else if (str_is(d->section, "sources"))
        mark(m->sources, d->new_clause);
    else if (str_is(d->section, "recipients"))
        mark(m->recipients, d->new_clause);
    else if (str_is(d->section, "categories"))
        mark_category(m, d);
    else if (str_is(d->section, "messages") && there)
        mark(m->purposes, m->new->message[d->new_clause].purpose);
    else if (str_is(d->section, "evidence"))
        mark_evidence(m, d->new_clause);
    else if (str_is(d->section, "events"))
        mark_event(m, d->new_clause);
    else if (str_is(d->section, "switches") && d->old_clause != NONE)
        mark_stopped(m, d->old_clause);
    else if (str_is(d->section, "cookies") && there)
        for (uint16_t i = 0; i < m->new->cookie[d->new_clause].purposes.count; i++)
            mark(m->purposes, m->new->cookie[d->new_clause].purposes.at[i]);
    else if (str_is(d->path, "timezone"))
        mark_all(m->purposes, m->new->purpose_count); /* every clock counts otherwise */
}

/* A zero count has no bits and needs no memory. */
static bool bits_made(struct arena *arena, uint16_t count, struct bits *bits)
{
    *bits = bits_new(arena, count);
    return count == 0 || bits->at != NULL;
}

status plan_materially_new(const struct plan *old, const struct plan *new, struct arena *arena,
                           struct report *report, struct bits *purposes, struct bits *sources,
                           struct bits *recipients, struct bits *fields)
{
    CLEANUP(arena_free) struct arena *scratch = arena_new(DIFFERENCES_BYTES);
    struct plan_differences differences = {0};
    struct marks m = {.old = old, .new = new};
    TRY(plan_diff(old, new, scratch, report, &differences));
    if (!bits_made(arena, new->purpose_count, &m.purposes) ||
        !bits_made(arena, new->source_count, &m.sources) ||
        !bits_made(arena, new->recipient_count, &m.recipients) ||
        !bits_made(arena, new->field_count, &m.fields))
        return NO_MEMORY(report);
    for (size_t i = 0; i < differences.list.count; i++)
        if (differences.list.at[i].material)
            mark_difference(&m, &differences.list.at[i]);
    *purposes = m.purposes;
    *sources = m.sources;
    *recipients = m.recipients;
    *fields = m.fields;
    return OK;
}
