/* Which addresses may be connected to. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "post_internal.h"

/* Not of the public internet: RFC 6890 and its successors. IPv4 within IPv6 is read as IPv4. */
static const char *const CLOSED[] = {
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
    "::/96",         "64:ff9b::/96",    "64:ff9b:1::/48", "100::/64",       "2001::/23",
    "2001:db8::/32", "2002::/16",       "3fff::/20",      "5f00::/16",      "fc00::/7",
    "fe80::/10",     "fec0::/10",       "ff00::/8",
};

static bool is_within(const char *address, const char *block)
{
    struct network network;
    bool parsed = network_parse(str_from(block), &network);
    assert(parsed);
    return networks_have(&network, 1, address);
}

static bool is_closed(const char *address)
{
    for (size_t i = 0; i < LENGTH(CLOSED); i++) {
        if (is_within(address, CLOSED[i]))
            return true;
    }
    return false;
}

bool address_allowed(const struct sockaddr *address, enum reach reach,
                     const struct network *networks, size_t count)
{
    char text[INET6_ADDRSTRLEN];
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    const char *printed = NULL;
    if (address->sa_family == AF_INET) {
        memcpy(&four, address, sizeof(four));
        printed = inet_ntop(AF_INET, &four.sin_addr, text, sizeof(text));
    } else if (address->sa_family == AF_INET6) {
        memcpy(&six, address, sizeof(six));
        printed = inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof(text));
    }
    if (printed == NULL)
        return false;
    if (reach == REACH_LOOPBACK)
        return is_within(text, "127.0.0.0/8") || is_within(text, "::1/128");
    return networks_have(networks, count, text) || !is_closed(text);
}
