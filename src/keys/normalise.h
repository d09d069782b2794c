/* normalise: what two spellings of one identifier have in common.
 *
 *   " Ola.Nordmann@BLÅBÆR.no "   email   "ola.nordmann@xn--blbr-roah.no"
 *   "0047 22 33 44 55"           phone   "+4722334455"
 *
 * Holds: normalising twice changes nothing, and equal inputs of any normal form of Unicode agree.
 * Does not hold: that a mailbox or a number exists. A kind that is not in the table is read as
 * text. Memory: the result goes into the buffer you pass; reports never say the value.
 */
#ifndef VERN_NORMALISE_H
#define VERN_NORMALISE_H
#include "base.h"

enum { NORMAL_INPUT_MAX = 512, NORMAL_ROOM = 4096 };

/* Kinds: email, phone, national_id, id, ip, domain, date, number; all others are text. Faults:
 * INVALID when the value is not one of its kind, or is empty or too long. */
MUST_CHECK status normalise(str kind, str value, struct buf *out, struct report *report);

#endif
