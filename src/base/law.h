/* law: periods that the law sets, as dated data (law.def). The only place for them: code asks for
 * the row of a day. A policy may be stricter (`rights.*.within`), never weaker.
 *
 * Holds: every period has a row from the day on which the General Data Protection Regulation came
 * into force in Norway; a day before that has the first row. Threads: read-only, free to share.
 */
#ifndef VERN_LAW_H
#define VERN_LAW_H
#include "calendar.h"

enum law_period {
    LAW_ANSWER,          /* of a person's request, from receipt */
    LAW_ANSWER_EXTENDED, /* the same from receipt, once the person was told why */
    LAW_TOLD_OF_SOURCE,  /* of data that others gave, from when they were had */
    LAW_BREACH_NOTIFIED, /* to the authority, from awareness */
    LAW_REQUEST_KEPT,    /* a closed request, from its end */
    LAW_PERIOD_COUNT
};
struct law_row {
    enum law_period period;
    struct date from;
    int64_t count;
    enum span_unit unit; /* hour, day or month */
    const char *source;
};
const struct law_row *law_rows(size_t *count);
/* The row of a period that holds on that day, of the rows given. NULL when there is none of it. */
const struct law_row *law_of(const struct law_row *rows, size_t count, enum law_period period,
                             struct date day);
/* The row that holds on the local day of that instant. */
const struct law_row *law_at(enum law_period period, const struct zone *zone, instant at);
/* The last day, as counted and as rolled, of the period that begins at `from` under the law of the
 * day of `under`, and the instants at which they have passed: for hours the same one. */
struct law_end {
    struct deadline date;
    instant safe_passed, passed;
};
struct law_end law_end(enum law_period period, const struct zone *zone, instant under,
                       instant from);

#endif
