/* Reasons: the rule, the obligations it rests on, the article, and what would make it a yes. */
#include "decide_internal.h"

word word_of(const struct ask *ask, const char *text)
{
    return words_find(ask->scene.plan->words, str_from(text));
}

str path_with(struct ask *ask, str path, const char *tail)
{
    str whole = arena_format(ask->arena, "%.*s%s", STR_ARG(path), tail);
    ask->no_memory |= whole.ptr == NULL;
    return whole;
}

str path_of_always(enum always rule)
{
    return str_from(always_rule(rule)->path);
}

/* What the policy cites for a built-in rule. */
static const struct covers *cited(const struct ask *ask, enum always rule)
{
    const struct plan *plan = ask->scene.plan;
    word name = word_of(ask, always_rule(rule)->name);
    for (size_t i = 0; name != 0 && i < plan->always_count; i++)
        if (plan->always[i].clause.name == name && plan->always[i].clause.covers.count > 0)
            return &plan->always[i].clause.covers;
    return NULL;
}

/* The id of last resort: the law's own. */
static struct covers law_id(struct ask *ask, enum always rule)
{
    str *id = ARENA_NEW(ask->arena, str);
    if (id == NULL) {
        ask->no_memory = true;
        return (struct covers){0};
    }
    *id = str_from(always_rule(rule)->law);
    return (struct covers){id, 1};
}

bool refuse(struct ask *ask, struct reason *reason, str path, enum always rule,
            const struct covers *near, const struct covers *parent)
{
    *reason = (struct reason){.rule = path, .article = str_from(always_rule(rule)->article)};
    const struct covers *always = cited(ask, rule);
    if (near != NULL && near->count > 0)
        reason->ids = *near;
    else if (parent != NULL && parent->count > 0)
        reason->ids = *parent;
    else
        reason->ids = always != NULL ? *always : law_id(ask, rule);
    return false;
}

void add_lack(struct ask *ask, struct reason *reason, word lack)
{
    enum { STEP = 4 };
    if (lack == 0)
        return;
    if (reason->lack_count % STEP == 0) {
        word *more = ARENA_ARRAY(ask->arena, word, (size_t)reason->lack_count + STEP);
        if (more == NULL) {
            ask->no_memory = true;
            return;
        }
        if (reason->lack_count > 0)
            memcpy(more, reason->lacks, reason->lack_count * sizeof(word));
        reason->lacks = more;
    }
    reason->lacks[reason->lack_count++] = lack;
}

bool refuse_lacking(struct ask *ask, struct reason *reason, str path, enum always rule,
                    const struct covers *near, const struct covers *parent, word lack)
{
    refuse(ask, reason, path, rule, near, parent);
    add_lack(ask, reason, lack);
    return false;
}
