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

#endif
