/* moment: the expressions of the language, read by moment.ebnf.
 *
 *   "6 months after last application_received" --> AFTER(6 months, EVENT(last, 12))
 *
 * Names are held against a plan whose clauses have been declared. A fault has the byte offset
 * inside the text, so that the caller can point at the very word.
 */
#ifndef VERN_MOMENT_H
#define VERN_MOMENT_H
#include "plan.h"

struct expression_fault {
    bool found;
    const char *rule; /* "moment", "unknown-word" */
    size_t offset;    /* in the text that was read */
    str text, suggestion;
};

/* Each returns LIMIT only; what is wrong with the text lies in `fault`. */

/* `keep = "unspecified" | "none" | moment`: none and hole say which it was; else `moment`. */
struct keep_read {
    bool none, hole;
    const struct moment *moment;
};
MUST_CHECK status expression_keep(str text, const struct plan *plan, struct arena *arena,
                                  struct report *report, struct expression_fault *fault,
                                  struct keep_read *keep);
/* "6 months". */
MUST_CHECK status expression_span(str text, struct arena *arena, struct report *report,
                                  struct expression_fault *fault, struct span *span);
/* "consent or sold_to_before": types of evidence, in order. */
MUST_CHECK status expression_alt(str text, const struct plan *plan, struct arena *arena,
                                 struct report *report, struct expression_fault *fault,
                                 plan_index **any, uint16_t *count);

/* A path's parts: a name, or a number in brackets. */
struct path_part {
    str name; /* empty for an index */
    uint32_t index;
};
MUST_CHECK status expression_path(str text, struct arena *arena, struct report *report,
                                  struct expression_fault *fault, struct path_part **parts,
                                  size_t *count);

/* True when `filled` says the same as `holed` save where `holed` has `unspecified`. Texts only;
 * names are compared as written. */
bool expression_fills(str holed, str filled, struct arena *arena);
bool moment_has_hole(const struct moment *moment);

void buf_moment(struct buf *out, const struct plan *plan, const struct moment *moment);
void buf_span(struct buf *out, struct span span);

bool plan_is_id(str text); /* [a-z][a-z0-9_]* */

#endif
