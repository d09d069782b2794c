/* breach_paper: the two papers about a breach of personal data.
 *
 *   notification  to the authority (article 33(3)), whole, or a phase of it (article 33(4))
 *   message       to those whom it concerned (article 34(2)), in plain words
 *
 * Holds: what is not known yet stands in a phase as not known yet; in a whole notification and in a
 * message it is INCOMPLETE, by its name. Memory: all that is given is borrowed.
 */
#ifndef VERN_BREACH_PAPER_H
#define VERN_BREACH_PAPER_H
#include "document.h"

enum { BREACH_NAMES = 64, BREACH_NATURES = 3 };
struct breach_paper {
    const struct plan *plan;
    enum language language;
    bool nature[BREACH_NATURES]; /* confidentiality, integrity, availability */
    str what;                    /* what happened: for the authority; in plain words for people */
    instant from, to;            /* ALWAYS, NEVER: not known, or going on */
    instant aware, deadline;
    bool counted; /* whom it concerned is computed */
    uint64_t people, erased, records;
    plan_index roles[BREACH_NAMES], categories[BREACH_NAMES];
    size_t role_count, category_count;
    str contact, consequences, measures; /* empty: not said yet */
    bool late;
    str delay;       /* why, when it is late */
    bool phased;     /* a phase: the rest follows */
    uint64_t phases; /* sent before */
};
/* What is lacking: "people", "contact", "consequences", "measures", "delay". */
size_t breach_lacking(const struct breach_paper *breach, const char *names[5]);
/* Faults: INCOMPLETE, LIMIT. */
MUST_CHECK status breach_notification_paper(const struct breach_paper *breach, struct arena *arena,
                                            struct report *report, struct paper **paper);
MUST_CHECK status breach_message_paper(const struct breach_paper *breach, struct arena *arena,
                                       struct report *report, struct paper **paper);
#endif
