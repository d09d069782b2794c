/* What the files of the check share. Handlers are pure: they look at the plan and add findings. */
#ifndef VERN_CHECK_INTERNAL_H
#define VERN_CHECK_INTERNAL_H
#include "check.h"

struct found {
    enum rule rule; /* RULE_NONE: a hole that no rule speaks of */
    enum severity severity;
    const struct clause *clause; /* NULL: the file as a whole */
    str path;
    str text; /* of a hole: the key that is open */
    bool hole, claimed;
};

struct check {
    const struct plan *plan;
    struct arena *arena;
    LIST(struct found) list;
    bool failed; /* no memory */
};

/* A handler of one rule. */
typedef void check_handler(struct check *c);
#define RULE(name, code, class, severity, article, nb, en, write, skriv) check_handler check_##name;
#include "rules.def"
check_handler check_other_holes; /* after all others */

/* Adds what a handler found. The severity is the rule's, unless the context makes it another. */
void found_add(struct check *c, enum rule rule, const struct clause *clause, str path,
               const char *format, ...) PRINTF_LIKE(5, 6);
void found_severe(struct check *c, enum rule rule, enum severity severity,
                  const struct clause *clause, str path, const char *format, ...) PRINTF_LIKE(6, 7);
/* Adds an open key of a clause. */
void found_hole(struct check *c, enum rule rule, enum severity severity,
                const struct clause *clause, str path);

/* An error when the policy says nothing of the kind anywhere. */
enum severity hole_severity(bool stated_somewhere);
/* The severity of an entry that is asserted at a path. */
enum severity severity_asserted(const struct plan *plan, enum rule rule, str path);

/* ---- reading plans ---- */

str path_key(str path);                /* "purposes.x.keep" -> "keep" */
bool path_within(str path, str outer); /* at `outer` or below it */
str check_path(struct check *c, const struct clause *clause, const char *key);
str check_name(const struct check *c, const struct clause *clause);
/* The clause at a path or the nearest one above it; NULL when there is none. */
const struct clause *clause_at(const struct plan *plan, str path);
/* Calls `each` for every clause of the file. */
void each_clause(const struct plan *plan, void (*each)(void *context, const struct clause *clause),
                 void *context);

bool clause_is_hole(const struct clause *clause); /* the whole clause is `unspecified` */
bool clause_has_hole(const struct clause *clause, const char *key);
enum evidence_kind kind_of(const struct plan *plan, plan_index evidence);
bool needs_kind(const struct plan *plan, const struct needs *needs, enum evidence_kind kind);
/* True when some need can be met only by evidence of these kinds (1 << kind each). */
bool needs_only_kinds(const struct plan *plan, const struct needs *needs, uint32_t kinds);
const struct plan_purpose *message_purpose(const struct plan *plan,
                                           const struct plan_message *message);
bool purpose_sends_by_switch(const struct plan *plan, plan_index purpose);
bool switch_stops_purpose(const struct plan *plan, const struct plan_switch *stop,
                          plan_index purpose);
bool any_basis(const struct plan *plan, enum basis basis);

bool moment_any(const struct moment *moment,
                bool (*test)(const void *context, const struct moment *moment),
                const void *context);
bool keep_any(const struct keep *keep,
              bool (*test)(const void *context, const struct moment *moment), const void *context);

#endif
