/* check: what a policy lacks or says wrong, by the rules of rules.def.
 *
 *   plan --handlers--> findings --the file's own entries--> problems, in the order of the file
 *
 * plan_check() (in plan.h) runs one handler for each rule that a plan can show. An entry of
 * `findings` lends its id to what was found at its path, below it or right above it; an entry that
 * nothing matches is "stale"; an entry of an editorial rule is asserted as it stands. What no entry
 * names is listed too, holes one line for each clause.
 *
 * Codes besides those of rules.def: "hole" (a hole that no rule speaks of), "stale",
 * "unknown-rule". Holds: the same plan gives the same problems. Errors are what a strict load
 * refuses. Memory: texts live in problems->arena. Threads: free.
 */
#ifndef VERN_CHECK_H
#define VERN_CHECK_H
#include "plan.h"

enum rule_class { RULE_COMPUTED, RULE_EDITORIAL, RULE_EITHER };

enum rule {
    RULE_NONE,
#define RULE(name, code, class, severity, article, nb, en, write, skriv) RULE_##name,
#include "rules.def"
    RULE_COUNT
};

struct rule_row {
    const char *code;
    enum rule_class class;
    enum severity severity; /* when the context does not make it another */
    const char *article, *nb, *en;
    const char *write, *skriv; /* what to write instead, in English and in Norwegian */
};
const struct rule_row *rule_row(enum rule rule);
enum rule rule_find(str code); /* RULE_NONE when there is no such code */
const char *rule_class_name(enum rule_class class);
const char *severity_name(enum severity severity); /* "error" */

/* The table of rules as Markdown: docs/linter.md is this text. */
void rules_print(struct buf *out);

/* The problems as a JSON array of {severity, rule, id, file, line, column, path, text, suggestion,
 * article}; empty members are left out. */
void problems_json(const struct problems *problems, struct buf *out);

/* The problems of one or several files as SARIF 2.1.0, for code hosts and editors: one run, each
 * rule that was met with its explanation. Files are named as the caller named them. */
void problems_sarif(const struct problems *problems, const char *version, struct buf *out);

/* The same problems in Norwegian: what each rule says, and what to write. What the loader found
 * wrong with the form of a file stays as it is, since it speaks of the words of the language. */
void problems_in_norwegian(struct problems *problems);

/* Calls `each` for every obligation that a clause cites, in the order of the sections: the id, and
 * the path of the clause. */
void plan_covers(const struct plan *plan, void (*each)(void *context, str id, str path),
                 void *context);

#endif
