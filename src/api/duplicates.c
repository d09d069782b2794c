/* People who are two in the register, and two who are one. */
#include "api_internal.h"

static status no_memory(struct ask *ask)
{
    return NO_MEMORY(&ask->report);
}

static status fill_pairs(struct ask *ask)
{
    const struct pairs *pairs = ask->result;
    struct pairs_reply *reply = ARENA_NEW(ask->arena, struct pairs_reply);
    if (reply == NULL)
        return no_memory(ask);
    *reply = (struct pairs_reply){.pairs = pairs->list.at, .pair_count = pairs->list.count};
    ask->answer = reply;
    return pairs->more ? cursor_write(ask, pairs->last, &reply->next) : OK;
}

status duplicate_list(struct ask *ask)
{
    struct pairs *pairs = ARENA_NEW(ask->arena, struct pairs);
    if (pairs == NULL)
        return no_memory(ask);
    ask->result = pairs;
    ask->fill = fill_pairs;
    return engine_duplicates(&ask->call, ask->after, ask->limit, pairs);
}

static status fill_effect(struct ask *ask)
{
    ask->answer = ask->result;
    return OK;
}

static struct merge_effect *new_effect(struct ask *ask)
{
    struct merge_effect *effect = ARENA_NEW(ask->arena, struct merge_effect);
    ask->result = effect;
    ask->fill = fill_effect;
    return effect;
}

status subject_split(struct ask *ask)
{
    struct split *split = ask->body;
    struct merge_effect *effect = new_effect(ask);
    if (effect == NULL)
        return no_memory(ask);
    split->subject = ask->id;
    return engine_split(&ask->call, split, effect);
}

status subject_merge(struct ask *ask)
{
    struct merge *merge = ask->body;
    struct merge_effect *effect = new_effect(ask);
    if (effect == NULL)
        return no_memory(ask);
    merge->subject = ask->id;
    return engine_merge(&ask->call, merge, effect);
}
