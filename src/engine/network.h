/* network: where a token may be used from, as CIDR blocks of IPv4 and IPv6.
 *
 * Holds: an address and a block are compared as 128 bits; IPv4 stands in ::ffff:0:0/96, so that a
 * peer that a socket gives as ::ffff:192.0.2.1 is 192.0.2.1. A block with bits behind its length is
 * refused: 10.1.2.3/8 is a slip. Does not hold: who hides behind an address (a proxy, a shared
 * network). Memory: none. Threads: all pure. */
#ifndef VERN_NETWORK_H
#define VERN_NETWORK_H
#include "base.h"

struct network {
    unsigned char address[16];
    unsigned bits; /* that count, of 128 */
};

/* "192.0.2.0/24", "2001:db8::/32", or one address. */
bool network_parse(str text, struct network *network);
/* Is every address of `inner` one of `outer`? */
bool network_within(const struct network *inner, const struct network *outer);
/* Is this numeric address in one of them? Not, when it is none. */
bool networks_have(const struct network *list, size_t count, const char *address);
void network_print(const struct network *network, struct buf *buf);

#endif
