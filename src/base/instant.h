/* instant: moments as text, RFC 3339 in and out.
 *
 * Holds: what buf_instant() writes, instant_parse() reads back to the same millisecond.
 * Does not hold: leap seconds do not exist here; ":60" is refused.
 */
#ifndef VERN_INSTANT_H
#define VERN_INSTANT_H

#include "base.h"

/* "2026-09-01T22:00:00Z", with ".123" only when the milliseconds are not zero. What lies past the
 * year 9999 (NEVER is one) is written "never", what lies before the year 0 "always"; neither is
 * RFC 3339 and neither is read back. */
void buf_instant(struct buf *buf, instant at);
/* True when buf_instant() writes RFC 3339 for it. */
bool instant_has_text(instant at);
/* Strict: "2026-09-01T22:00:00Z" or "2026-09-01T22:00:00.5+02:00"; capital T and Z, a zone is
 * required, up to nine digits of fraction, of which the milliseconds count. */
bool instant_parse(str text, instant *at);

#endif
