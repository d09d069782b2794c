/* The record of processing activities of a register, as of now (GDPR 30(1), 30(2)). */
#ifndef VERN_PROCESSING_H
#define VERN_PROCESSING_H
#include "document.h"
#include "engine.h"

struct processing {
    bool processor; /* for the customers whose spaces there are, instead of as controller */
    str controller; /* by its id; empty where the policy has one */
    enum language language;
};
/* With the parties and the customers that the register knows; the paper lives in the call's arena.
 * Faults: those of record_paper(), and LIMIT beyond 1,000 parties. */
MUST_CHECK status engine_processing(struct call *call, const struct processing *request,
                                    struct paper **paper);

/* Papers of the policy in force, with what the register knows besides: parties with their places
 * and safeguards, and what is on file for each purpose. Faults: those of the paper, and LIMIT
 * beyond 1,000 parties. */
enum register_paper {
    REGISTER_RETENTION,
    REGISTER_TRANSFERS,
    REGISTER_PROCESSORS,
    REGISTER_BALANCING,
    REGISTER_ASSESSMENT,
    REGISTER_PAPER_COUNT
};
MUST_CHECK status engine_paper(struct call *call, enum register_paper kind, enum language language,
                               struct paper **paper);
/* The page of processors, for everyone, outside any call: `ask`, with the parties of the register
 * that a live record `may_be_named` lets be named when it is about the version in force. Nothing is
 * written and nothing logged. */
MUST_CHECK status engine_processors(struct reg *reg, struct policy_ask *ask, struct arena *arena,
                                    struct report *report, struct paper **paper);

#endif
