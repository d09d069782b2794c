/* webhook: the address of a webhook, as text.
 *
 * Holds: only https://host[:port][/path][?query] of printable ASCII parses, http of a loopback
 * host, and mailto:one@address; no user, no fragment, no odd bytes, so that what is checked is what
 * is asked.
 * Does not hold: to which address a name leads; who connects checks that. All pure. */
#ifndef VERN_WEBHOOK_H
#define VERN_WEBHOOK_H
#include "base.h"

struct webhook_url {
    str host; /* without port and brackets */
    bool https;
    bool loopback; /* 127.0.0.0/8, ::1 or localhost, said so */
    bool mail;     /* mailto:, and the host is the domain */
    str address;   /* of mail */
};
/* One address that can stand in a header and in an envelope as it is: atoms and dots, an "@", a
 * domain; at most 254 bytes of ASCII, and nothing quoted, listed or commented. */
bool mail_address_valid(str address, str *domain);
bool webhook_url_parse(str url, struct webhook_url *parts);
/* Is the host one of these, separated by commas? */
bool webhook_host_listed(str list, str host);

#endif
