/* form_body: what HTML forms and mail providers post, as the JSON that the forms of the api read.
 *
 *   "off=news.email&off=partners" --form_body_read--> {"off":["news.email","partners"]}
 *
 * Takes application/x-www-form-urlencoded, and multipart/form-data with plain fields (RFC 8058 lets
 * a mail provider choose). Holds: strict as JSON bodies are: a broken escape, text that is no
 * UTF-8, a file, a name twice where one text is meant, more than 64 fields: refused, never guessed.
 * What was sent is never repeated. Memory: the arena's. Threads: pure.
 */
#ifndef VERN_FORM_BODY_H
#define VERN_FORM_BODY_H
#include "bind.h"

enum { FORM_PAIRS = 64 };
/* Is it one of the two media types? */
bool form_body_media(str content_type);
/* Faults: SYNTAX, LIMIT; UNKNOWN names are bind_read's to refuse. */
MUST_CHECK status form_body_read(const struct bind_form *form, str content_type, str body,
                                 struct arena *arena, struct report *report, str *json);

#endif
