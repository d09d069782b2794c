/* rename: a policy under other names, to show that the engine knows none of them.
 *
 *   policy.yaml + deploy.yaml --rename--> the same files, every id that they define drawn anew
 *
 * What an id is, and where it may stand, is asked of the language's own vocabulary, so nothing is
 * listed twice. Words of the language stay: kinds, channels, rights, built-in rules, the particular
 * `until`, and types of evidence that bear the name of their kind.
 */
#ifndef VERN_SCENARIOS_RENAME_H
#define VERN_SCENARIOS_RENAME_H
#include "base.h"

struct renamed {
    str section, from, to; /* section "fields": "basic.email"; "asks": a particular */
};
struct names {
    struct arena *arena;
    uint64_t state; /* of the seed; 0: every name stays */
    LIST(struct renamed) list;
    str policy_from, policy_to;
};

/* Collects the ids of both files (deployment may be empty) and draws a new one for each. */
void names_collect(struct names *names, str policy, str deployment);
/* The text of a policy, or of a deployment file, under the new names. */
str names_rewrite(struct names *names, str text);
/* What a name is called now; the test fails when the policy has no such name. */
str names_find(const struct names *names, str section, str from);

#endif
