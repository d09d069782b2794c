/* What settle reads of a plan for each item of each dossier, looked up once: which entry of `keep`
 * a field has in a purpose, which entries say the same, and by which rule something ends.
 *
 *   purpose[p].uses, keep.at[i].of  -->  plan_reach(p, f)
 *   keep.at[i].until                -->  keep.at[i].moment, a number that equal moments share
 *   plan_reach of all purposes      -->  field[f].like, a number that those share which no purpose
 *                                        tells apart */
#include <stdlib.h>

#include "load_internal.h"

/* ---- by which rule ---- */

static struct covers nearest(struct covers near, struct covers parent)
{
    return near.count > 0 ? near : parent;
}

static bool rules_make(struct plan *plan, struct arena *arena)
{
    for (plan_index p = 0; p < plan->purpose_count; p++) {
        struct plan_purpose *purpose = &plan->purpose[p];
        struct clause *clause = &purpose->clause;
        str basis = arena_format(arena, "%.*s.basis", STR_ARG(clause->path));
        if (basis.ptr == NULL)
            return false;
        purpose->rule = (struct end_rule){clause->path, clause->covers};
        purpose->rule_of_basis = (struct end_rule){basis, clause->covers};
        for (uint16_t i = 0; i < purpose->keep.count; i++) {
            struct keep_entry *entry = &purpose->keep.at[i];
            entry->rule = (struct end_rule){entry->path, nearest(entry->covers, clause->covers)};
        }
    }
    for (plan_index i = 0; i < plan->stop_count; i++)
        plan->stop[i].rule =
            (struct end_rule){plan->stop[i].clause.path, plan->stop[i].clause.covers};
    for (enum right r = 0; r < RIGHT_COUNT; r++) {
        str path = arena_format(arena, "rights.%s", right_name(r));
        if (path.ptr == NULL)
            return false;
        plan->right[r].rule = (struct end_rule){
            path, nearest(plan->right[r].clause.covers, plan->right[RIGHT_ALL].clause.covers)};
    }
    return true;
}

/* ---- which entry ---- */

static plan_index entry_for(const struct plan_purpose *purpose, plan_index field)
{
    if (purpose->clause.closed || !field_set_has(&purpose->uses, field))
        return NONE;
    for (plan_index i = 0; i < purpose->keep.count; i++)
        if (!purpose->keep.at[i].of.stated || field_set_has(&purpose->keep.at[i].of, field))
            return i;
    return KEEP_NOTHING;
}

static bool entries_find(struct plan *plan, struct arena *arena)
{
    size_t room = (size_t)plan->field_count * plan->purpose_count + 1;
    plan->reach = ARENA_ARRAY(arena, struct plan_reach, room);
    if (plan->reach == NULL)
        return false;
    for (plan_index p = 0; p < plan->purpose_count; p++)
        for (plan_index f = 0; f < plan->field_count; f++)
            plan_reach(plan, p, f)->entry = entry_for(&plan->purpose[p], f);
    return true;
}

static bool reusing_find(struct plan *plan, struct arena *arena)
{
    struct refs *reusing = &plan->reusing;
    reusing->at = ARENA_ARRAY(arena, plan_index, (size_t)plan->purpose_count + 1);
    if (reusing->at == NULL)
        return false;
    for (plan_index p = 0; p < plan->purpose_count; p++)
        if (plan->purpose[p].reuses && !plan->purpose[p].clause.closed)
            reusing->at[reusing->count++] = p;
    return true;
}

/* ---- which say the same ---- */

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_moments(const struct moment *a, const struct moment *b)
{
    const uint64_t left[] = {a->op, a->which, a->span.count, a->span.unit, a->ref, a->of_role};
    const uint64_t right[] = {b->op, b->which, b->span.count, b->span.unit, b->ref, b->of_role};
    int order = 0;
    for (size_t i = 0; i < LENGTH(left) && order == 0; i++)
        order = compare_numbers(left[i], right[i]);
    const struct moment *mine = a->child, *theirs = b->child;
    for (; order == 0 && mine != NULL && theirs != NULL; mine = mine->next, theirs = theirs->next)
        order = compare_moments(mine, theirs);
    return order != 0 ? order : compare_numbers(mine != NULL, theirs != NULL);
}

static int compare_entries(const void *a, const void *b)
{
    const struct keep_entry *const *left = a, *const *right = b;
    return compare_moments((*left)->until, (*right)->until);
}

static bool looks_at(const struct moment *moment, bool (*leaf)(const struct moment *leaf))
{
    if (leaf(moment))
        return true;
    for (const struct moment *child = moment->child; child != NULL; child = child->next)
        if (looks_at(child, leaf))
            return true;
    return false;
}

static bool is_collected(const struct moment *moment)
{
    return moment->op == MOMENT_COLLECTED;
}

static bool is_evidence(const struct moment *moment)
{
    return moment->op == MOMENT_END_OF && !moment->of_role;
}

static bool moments_number(struct plan *plan, struct arena *arena)
{
    size_t count = 0, most = 1;
    for (plan_index p = 0; p < plan->purpose_count; p++)
        most += plan->purpose[p].keep.count;
    struct keep_entry **entries = ARENA_ARRAY(arena, struct keep_entry *, most);
    if (entries == NULL)
        return false;
    for (plan_index p = 0; p < plan->purpose_count; p++)
        for (uint16_t i = 0; i < plan->purpose[p].keep.count; i++)
            if (plan->purpose[p].keep.at[i].until != NULL)
                entries[count++] = &plan->purpose[p].keep.at[i];
    qsort(entries, count, sizeof(struct keep_entry *), compare_entries);
    uint32_t number = 0;
    for (size_t i = 0; i < count; i++) {
        number += i > 0 && compare_entries(&entries[i - 1], &entries[i]) != 0;
        entries[i]->moment = number;
        entries[i]->by_evidence = looks_at(entries[i]->until, is_evidence);
        entries[i]->by_collected = looks_at(entries[i]->until, is_collected);
    }
    return true;
}

/* A consent or contract ends what it carries, what has not started waits for its start, and what
 * takes up other data has none where the moment is absent. */
static bool is_more_than_its_moment(const struct plan_purpose *purpose)
{
    return purpose->basis == BASIS_CONSENT ||
           (purpose->basis == BASIS_CONTRACT && !purpose->before_contract) ||
           purpose->starts_event != NONE || purpose->starts_evidence != NONE || purpose->reuses;
}

static void entries_note(struct plan *plan)
{
    for (plan_index p = 0; p < plan->purpose_count; p++) {
        bool more = is_more_than_its_moment(&plan->purpose[p]);
        for (plan_index f = 0; f < plan->field_count; f++) {
            const struct keep_entry *entry = keep_entry_of(plan, p, f);
            struct plan_reach *reach = plan_reach(plan, p, f);
            if (entry == NULL)
                continue;
            reach->rule = &entry->rule;
            reach->moment = entry->moment;
            reach->by_collected = entry->by_collected;
            reach->plain = !more && !entry->by_evidence && entry->needs.count == 0;
        }
    }
}

/* ---- which fields are alike ---- */

/* Down the column of a field: a derived one ends with profiling, too. */
static int compare_fields(const void *a, const void *b, void *of)
{
    const struct plan *plan = of;
    plan_index left = *(const plan_index *)a, right = *(const plan_index *)b;
    int order = compare_numbers(plan->field[left].derived, plan->field[right].derived);
    for (plan_index p = 0; p < plan->purpose_count && order == 0; p++)
        order =
            compare_numbers(plan_reach(plan, p, left)->entry, plan_reach(plan, p, right)->entry);
    return order;
}

static bool fields_compare(struct plan *plan, struct arena *arena)
{
    plan_index *fields = ARENA_ARRAY(arena, plan_index, (size_t)plan->field_count + 1);
    if (fields == NULL)
        return false;
    for (plan_index f = 0; f < plan->field_count; f++) {
        fields[f] = f;
        plan->field[f].derived = plan->category[plan->field[f].category].made_from.stated;
    }
    qsort_r(fields, plan->field_count, sizeof(*fields), compare_fields, plan);
    plan_index like = 0;
    for (plan_index i = 0; i < plan->field_count; i++) {
        if (i > 0 && compare_fields(&fields[i - 1], &fields[i], plan) != 0)
            like++;
        plan->field[fields[i]].like = like;
    }
    return true;
}

status load_ends(struct plan *plan, struct arena *arena, struct report *report)
{
    bool made = rules_make(plan, arena) && entries_find(plan, arena) && reusing_find(plan, arena) &&
                moments_number(plan, arena) && fields_compare(plan, arena);
    if (made)
        entries_note(plan);
    return made ? OK : NO_MEMORY(report);
}
