/* What the files of the public notice share. */
#ifndef VERN_NOTICE_INTERNAL_H
#define VERN_NOTICE_INTERNAL_H
#include "document_internal.h"

struct notice {
    struct paper *paper;
    const struct plan *plan;
    plan_index controller; /* NONE: all */
    plan_index intake;     /* NONE: the public notice; else that of this point of collection */
    instant until;         /* NEVER: the version has no end that is known */
};

/* Does the notice speak of that purpose? Only of open ones, and at an intake of those told there.
 */
bool notice_takes(const struct notice *notice, plan_index purpose);
/* ... of that intake? */
bool notice_takes_intake(const struct notice *notice, plan_index intake);

/* Names of the open purposes that rest on that basis. */
struct texts notice_resting_on(struct notice *notice, enum basis basis);
void notice_put_more(struct notice *notice);

#endif
