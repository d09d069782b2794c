/* When one clock provably ends no later than another: same shape, smaller numbers, more operands in
 * `earliest`, fewer in `latest`. What cannot be proved is not so.
 *
 * `absent` facts are ignored by both operators, so an operand may only be left out of `latest` when
 * one that stays is always there. */
#include "diff_internal.h"

static str name_of(const struct plan *plan, const struct moment *moment)
{
    word name = moment->op == MOMENT_EVENT ? plan->event[moment->ref].clause.name
                : moment->of_role          ? plan->role[moment->ref].clause.name
                                           : plan->evidence[moment->ref].clause.name;
    return words_text(plan->words, name);
}

/* The fewest and the most days that a span of days, weeks, months or years can be. */
static uint64_t span_days(struct span span, bool most)
{
    static const uint32_t LEAST[] = {
        [UNIT_HOUR] = 0, [UNIT_DAY] = 1, [UNIT_WEEK] = 7, [UNIT_MONTH] = 28, [UNIT_YEAR] = 365};
    static const uint32_t MOST[] = {
        [UNIT_HOUR] = 0, [UNIT_DAY] = 1, [UNIT_WEEK] = 7, [UNIT_MONTH] = 31, [UNIT_YEAR] = 366};
    return (uint64_t)span.count * (most ? MOST : LEAST)[span.unit];
}

/* Days end at 00:00, so the first of them may be cut short by a day, and clocks change by an hour.
 */
static uint64_t span_hours(struct span span, bool most)
{
    if (span.unit == UNIT_HOUR)
        return span.count;
    uint64_t hours = 24 * span_days(span, most);
    return most ? hours + 1 : hours > 25 ? hours - 25 : 0;
}

bool span_within(struct span new, struct span old)
{
    bool months = new.unit >= UNIT_MONTH &&old.unit >= UNIT_MONTH;
    if (new.hole || old.hole)
        return false;
    if (months) {
        uint64_t new_months = (uint64_t) new.count *(new.unit == UNIT_YEAR ? 12 : 1);
        return new_months <= (uint64_t)old.count * (old.unit == UNIT_YEAR ? 12 : 1);
    }
    if (new.unit == UNIT_HOUR || old.unit == UNIT_HOUR)
        return span_hours(new, true) <= span_hours(old, false) ||
               (new.unit == old.unit &&new.count <= old.count);
    return span_days(new, true) <= span_days(old, false);
}

static bool leaf_within(const struct plan *new_plan, const struct moment *new,
                        const struct plan *old_plan, const struct moment *old)
{
    if (new->op != old->op)
        return false;
    if (new->op == MOMENT_COLLECTED)
        return true;
    if (new->op == MOMENT_UNSPECIFIED || new->of_role != old->of_role ||
        !str_equal(name_of(new_plan, new), name_of(old_plan, old)))
        return false;
    return new->which == old->which || (new->which == WHICH_FIRST && old->which == WHICH_LAST);
}

/* True when the moment is never absent: something else than the end of a fact is in it. */
static bool is_always_there(const struct moment *moment)
{
    if (moment->child == NULL)
        return moment->op == MOMENT_COLLECTED || moment->op == MOMENT_EVENT;
    for (const struct moment *child = moment->child; child != NULL; child = child->next)
        if (is_always_there(child))
            return true;
    return false;
}

static bool any_within(const struct plan *new_plan, const struct moment *new,
                       const struct plan *old_plan, const struct moment *olds)
{
    for (const struct moment *old = olds; old != NULL; old = old->next)
        if (moment_within(new_plan, new, old_plan, old))
            return true;
    return false;
}

static bool any_new_within(const struct plan *new_plan, const struct moment *news,
                           const struct plan *old_plan, const struct moment *old)
{
    for (const struct moment *new = news; new != NULL; new = new->next)
        if (moment_within(new_plan, new, old_plan, old))
            return true;
    return false;
}

/* earliest <= earliest: every old operand has a new one that comes no later. */
static bool earliest_within(const struct plan *new_plan, const struct moment *news,
                            const struct plan *old_plan, const struct moment *olds)
{
    for (const struct moment *old = olds; old != NULL; old = old->next)
        if (!any_new_within(new_plan, news, old_plan, old))
            return false;
    return true;
}

/* latest <= latest: every new operand comes no later than an old one, and the new expression is not
 * absent where the old one was there. Each pair is compared once, so that nesting stays cheap. */
static bool latest_within(const struct plan *new_plan, const struct moment *new,
                          const struct plan *old_plan, const struct moment *olds)
{
    uint64_t matched = 0, all = 0; /* of the first 64 old operands; more are not proved */
    for (const struct moment *child = new->child; child != NULL; child = child->next) {
        bool found = false;
        uint64_t bit = 1;
        all = 0;
        for (const struct moment *old = olds; old != NULL; old = old->next, bit <<= 1) {
            bool within = moment_within(new_plan, child, old_plan, old);
            found |= within;
            matched |= within ? bit : 0;
            all |= bit;
            if (bit == 0)
                return false;
        }
        if (!found)
            return false;
    }
    return matched == all || is_always_there(new);
}

bool moment_within(const struct plan *new_plan, const struct moment *new,
                   const struct plan *old_plan, const struct moment *old)
{
    if (new->op == MOMENT_LATEST && old->op == MOMENT_LATEST)
        return latest_within(new_plan, new, old_plan, old->child);
    if (old->op == MOMENT_EARLIEST) {
        const struct moment *news = new->op == MOMENT_EARLIEST ? new->child : new;
        if (new->op == MOMENT_EARLIEST)
            return earliest_within(new_plan, news, old_plan, old->child);
        for (const struct moment *child = old->child; child != NULL; child = child->next)
            if (!moment_within(new_plan, new, old_plan, child))
                return false;
        return true;
    }
    if (new->op == MOMENT_EARLIEST)
        return any_new_within(new_plan, new->child, old_plan, old);
    if (old->op == MOMENT_LATEST)
        return is_always_there(new) && any_within(new_plan, new, old_plan, old->child);
    if (new->op == MOMENT_AFTER && old->op == MOMENT_AFTER)
        return span_within(new->span, old->span) &&
               moment_within(new_plan, new->child, old_plan, old->child);
    if (new->op == MOMENT_YEAR_END && old->op == MOMENT_YEAR_END)
        return moment_within(new_plan, new->child, old_plan, old->child);
    if ((old->op == MOMENT_AFTER && !old->span.hole) || old->op == MOMENT_YEAR_END)
        return moment_within(new_plan, new, old_plan, old->child);
    return leaf_within(new_plan, new, old_plan, old);
}

static bool same_fields(const struct plan *a_plan, const struct field_set *a,
                        const struct plan *b_plan, const struct field_set *b)
{
    if (a->stated != b->stated || a->all != b->all || a->hole != b->hole)
        return false;
    for (plan_index i = 0; i < a_plan->field_count && a->stated; i++) {
        plan_index other = plan_find(b_plan, b_plan->field_of, a_plan->field[i].name);
        if (bits_has(a->fields, i) != (other != NONE && bits_has(b->fields, other)))
            return false;
    }
    for (plan_index i = 0; i < b_plan->field_count && b->stated; i++)
        if (bits_has(b->fields, i) &&
            plan_find(a_plan, a_plan->field_of, b_plan->field[i].name) == NONE)
            return false;
    return true;
}

/* What must be on file before the end may come holds the end back, and protects: neither more nor
 * less of it is surely the same. */
static bool entry_within(const struct plan *new_plan, const struct keep_entry *new,
                         const struct plan *old_plan, const struct keep_entry *old)
{
    struct compared needs = compare_needs(old_plan, &old->needs, new_plan, &new->needs);
    return !needs.more && !needs.less && !needs.other && new->until != NULL &&
           old->until != NULL &&same_fields(new_plan, &new->of, old_plan, &old->of) &&
           moment_within(new_plan, new->until, old_plan, old->until);
}

bool keep_within(const struct plan *new_plan, const struct keep *new, const struct plan *old_plan,
                 const struct keep *old)
{
    if (new->none)
        return true;
    if (new->hole || old->hole || old->none || new->count != old->count)
        return false;
    for (uint16_t i = 0; i < new->count; i++)
        if (!entry_within(new_plan, &new->at[i], old_plan, &old->at[i]))
            return false;
    return true;
}
