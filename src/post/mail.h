/* mail: a message as it goes over the wire (RFC 5322, 2045, 2047), and one try to hand it over.
 *
 * Holds: whatever stands in a subject or a text, there is no line and no field of it that was not
 * meant: addresses are checked, a subject with control characters is refused, what is not ASCII is
 * encoded, the text is base64. A message says that no human wrote it (RFC 3834).
 * Does not hold: that it is read. All pure but mail_begin(). */
#ifndef VERN_MAIL_H
#define VERN_MAIL_H
#include "hook.h"

struct mail {
    str from, to; /* addresses */
    str subject;  /* UTF-8 */
    str text;     /* UTF-8, lines end with \n */
    str id;       /* letters, digits, -, _ and dots: with the domain of `from` its Message-ID */
    instant at;
    str unsubscribe; /* https address of a stop link; empty: none */
    bool one_click;  /* and RFC 8058 */
};
/* Faults: INVALID for an address or a subject that cannot be. */
MUST_CHECK status mail_write(const struct mail *mail, struct buf *out, struct report *report);

/* "smtps://host:port", "smtp://host:port" (STARTTLS is required), "smtp+plain://" of loopback. */
bool smtp_address_valid(str address);
/* One try to hand a message over, of this register's. Faults: those of mail_write(); STORE. */
MUST_CHECK status mail_send(struct transfers *transfers, struct hook *hook, const struct reg *reg,
                            const struct mail *mail, struct report *report);
/* As hook_begin(), for a webhook that is an address of mail. */
MUST_CHECK status mail_begin(struct transfers *transfers, struct hook *hook,
                             const struct hook_request *request, struct report *report);

#endif
