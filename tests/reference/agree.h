/* agree: random policies, facts and operations for the property test of the two evaluators.
 *
 *   seed --make_case--> lines of YAML --case_load--> plans
 *                  \--> facts, operation, instant
 *
 * A case can be made smaller piece by piece: every line of its policies, every fact and every slot
 * of the operation can be left out (shrink.c). Names are a fixed small vocabulary, so that random
 * things meet. Memory: a case lives in the arena that it was made in.
 */
#ifndef VERN_AGREE_H
#define VERN_AGREE_H
#include "decide.h"

enum { LINES_AT_MOST = 400, LINE_ROOM = 320, VERSIONS_AT_MOST = 3, MATTERS = 3, NAMES_OF_BITS = 4 };

/* One line of a policy: a top-level key (depth 0), the head of a clause (1) or a key of it (2). */
struct line {
    int depth;
    char text[LINE_ROOM];
};
struct policy_text {
    struct line line[LINES_AT_MOST];
    size_t count;
    instant effective;
    /* Names marked as materially new compared with each version before: purposes, sources,
     * recipients, fields. */
    const char *fresh[VERSIONS_AT_MOST][4][NAMES_OF_BITS];
};

struct chance {
    uint64_t state;
};
uint64_t chance_bits(struct chance *chance);
size_t below(struct chance *chance, size_t count); /* 0 .. count-1 */
bool in_100(struct chance *chance, unsigned percent);

struct agree_case {
    struct arena *arena;
    struct words *words;
    struct policy_text policy[VERSIONS_AT_MOST];
    size_t policy_count;
    struct facts subject, matter[MATTERS], case_, party, place, actor, register_;
    struct operation op;
    instant t;
    /* made by case_load */
    struct plan_version version[VERSIONS_AT_MOST];
    struct plan_news news[VERSIONS_AT_MOST][VERSIONS_AT_MOST];
    struct plans plans;
    const struct facts *matters[MATTERS];
    struct view view;
};

void make_policies(struct agree_case *c, struct chance *chance);
/* False when a policy does not load; `why` then names the problem. */
bool case_load(struct agree_case *c, struct arena *arena, char *why, size_t room);
/* These need a loaded case: they look at what the policy asks for. */
void make_facts(struct agree_case *c, struct chance *chance);
void make_operation(struct agree_case *c, struct chance *chance);

void case_text(const struct agree_case *c, struct buf *out);
str policy_yaml(const struct policy_text *policy, struct arena *arena);

/* Makes the case as small as it can be while `holds` says that it still differs. */
void case_shrink(struct agree_case *c, bool (*holds)(struct agree_case *c));

#endif
