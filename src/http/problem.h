/* problem: RFC 9457 problem documents, the one form in which a request is told no.
 *
 *   {"type":"/problems/not_found","title":"…","status":404,"detail":"…", members …}
 *
 * Holds: the output is valid JSON in valid UTF-8 whatever the texts hold; a broken byte becomes
 * U+FFFD. Does not hold: nothing here decides what a caller may know; give no text that it may not
 * see.
 */
#ifndef VERN_PROBLEM_H
#define VERN_PROBLEM_H
#include "base.h"

#define PROBLEM_MEDIA STR("application/problem+json")

/* An extension member: `json` is written as it stands. */
struct problem_member {
    const char *name;
    str json;
};

struct problem {
    int code;          /* the HTTP status */
    const char *type;  /* the stable word behind "/problems/" */
    const char *title; /* the same for every problem of this type */
    str detail;        /* this case; left out when empty */
    str where;         /* file:line:column or a JSON pointer; left out when empty */
    const struct problem_member *members;
    size_t member_count;
};

void problem_write(struct buf *buf, const struct problem *problem);
/* The problem of a report: type and title of its fault (or the report's own type), its text. */
struct problem problem_of(const struct report *report);
/* A JSON string with its quotes. */
void problem_string(struct buf *buf, str text);
#endif
