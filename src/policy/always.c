/* The built-in rules as a table. */
#include "always.h"

static const struct always_rule rules[ALWAYS_COUNT] = {
    [ALWAYS_NONE] = {"", "", "", "", ""},
#define RULE(name, article, law, meaning)                                                          \
    [ALWAYS_##name] = {#name, "always." #name, article, law, meaning},
#include "always.def"
#undef RULE
};

const struct always_rule *always_rule(enum always rule)
{
    assert(rule < ALWAYS_COUNT);
    return &rules[rule];
}

enum always always_find(str name)
{
    for (unsigned rule = ALWAYS_NONE + 1; rule < ALWAYS_COUNT; rule++)
        if (str_is(name, rules[rule].name))
            return (enum always)rule;
    return ALWAYS_NONE;
}

bool always_known(str name)
{
    return always_find(name) != ALWAYS_NONE;
}
