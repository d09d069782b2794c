/* What the files of the public notice share. */
#ifndef VERN_NOTICE_INTERNAL_H
#define VERN_NOTICE_INTERNAL_H
#include "document.h"

struct notice {
    struct paper *paper;
    const struct plan *plan;
    plan_index controller; /* NONE: all */
};

/* Names of the open purposes that rest on that basis. */
struct texts notice_resting_on(struct notice *notice, enum basis basis);
void notice_put_more(struct notice *notice);

#endif
