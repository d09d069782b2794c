/* person: the papers that one person gets, made of what the register says of them as JSON.
 *
 *   engine: permitted, logged, opened ──JSON──> access_paper()   the answer of article 15
 *                                               letter_paper()   what becomes of a request (12(3),
 * 12(4))
 *
 * The JSON is the same that an application gets (docs/api.md), so a paper says nothing that it does
 * not, and can be made again from it. What it does not hold is no guess: the paper is INCOMPLETE,
 * and the item named. Names of the policy in it are called as the policy says; a name that the
 * policy no longer has stands as it is. Memory: all that is given is borrowed.
 */
#ifndef VERN_PERSON_H
#define VERN_PERSON_H
#include "document.h"
#include "json.h"

struct person_ask {
    const struct plan *plan;
    const struct plan *then; /* of the day that is told of (an erasure); NULL: the same */
    enum language language;
    const struct json *data;
};
/* Of the document "access". Its tables: `copy`, `disclosures`. GDPR 15(1), 15(2), 15(3). Faults:
 * INCOMPLETE, LIMIT. */
MUST_CHECK status access_paper(const struct person_ask *ask, struct arena *arena,
                               struct report *report, struct paper **paper);
/* Of a request as the desk shows it: the letter that its present state asks for, by the kind of the
 * paper: receipt, proof, unproven, extension, passed_on, outcome. With `made`, and `controllers` as
 * in the document above. GDPR 12(3), 12(4), 12(6). Faults: INCOMPLETE, LIMIT. */
MUST_CHECK status letter_paper(const struct person_ask *ask, struct arena *arena,
                               struct report *report, struct paper **paper);
/* Of what the log tells of an erasure (src/engine/erased_paper.c). GDPR 17, 19, 5(2). Faults:
 * INCOMPLETE, LIMIT. */
MUST_CHECK status erasure_paper(const struct person_ask *ask, struct arena *arena,
                                struct report *report, struct paper **paper);
/* The consents of the document "access" as records by ISO/IEC TS 27560, in JSON-LD with the terms
 * of DPV: notice and its version, wording, purpose with data and end, when and how it was given,
 * when it was withdrawn or ran out. GDPR 7(1). Faults: INCOMPLETE, LIMIT. */
MUST_CHECK status consents_jsonld(const struct person_ask *ask, struct arena *arena,
                                  struct report *report, struct buf *out);

#endif
