/* always: the rules that hold whatever a policy says, one row each in always.def.
 *
 * A policy may cite obligations to them (`always: { closed_fields: [COB-11] }`); it cannot add,
 * drop or weaken one.
 */
#ifndef VERN_ALWAYS_H
#define VERN_ALWAYS_H
#include "base.h"

enum always {
    ALWAYS_NONE,
#define RULE(name, article, law, meaning) ALWAYS_##name,
#include "always.def"
#undef RULE
    ALWAYS_COUNT
};

struct always_rule {
    const char *name;    /* "closed_fields" */
    const char *path;    /* "always.closed_fields" */
    const char *article; /* "GDPR 5(1)(c)" */
    const char *law;     /* "LAW-5-1-c", the id of last resort */
    const char *meaning;
};
const struct always_rule *always_rule(enum always rule);
enum always always_find(str name); /* ALWAYS_NONE when there is no such rule */
bool always_known(str name);

#endif
