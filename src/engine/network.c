#include "network.h"

#include <arpa/inet.h>

enum { V4_AT = 12, V4_BITS = 96, ALL_BITS = 128 };

static const unsigned char v4_prefix[V4_AT] = {[10] = 0xff, [11] = 0xff};

static bool parse_address(str text, unsigned char address[16], bool *v4)
{
    char room[INET6_ADDRSTRLEN];
    if (text.len == 0 || text.len >= sizeof(room))
        return false;
    memcpy(room, text.ptr, text.len);
    room[text.len] = '\0';
    memcpy(address, v4_prefix, V4_AT);
    *v4 = inet_pton(AF_INET, room, address + V4_AT) == 1;
    return *v4 || inet_pton(AF_INET6, room, address) == 1;
}

static bool bit_of(const unsigned char address[16], unsigned bit)
{
    return (address[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

bool network_parse(str text, struct network *network)
{
    str rest = text, head;
    bool v4;
    uint64_t bits = 0;
    if (!str_next(&rest, '/', &head) || !parse_address(head, network->address, &v4))
        return false;
    bool stated = rest.ptr != NULL;
    if (stated && (!str_to_u64(rest, &bits) || bits > (v4 ? ALL_BITS - V4_BITS : ALL_BITS)))
        return false;
    network->bits = !stated ? ALL_BITS : (unsigned)bits + (v4 ? V4_BITS : 0);
    for (unsigned bit = network->bits; bit < ALL_BITS; bit++) {
        if (bit_of(network->address, bit))
            return false;
    }
    return true;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
    for (unsigned bit = 0; bit < bits; bit++) {
        if (bit_of(a, bit) != bit_of(b, bit))
            return false;
    }
    return true;
}

bool network_within(const struct network *inner, const struct network *outer)
{
    return inner->bits >= outer->bits && same_bits(inner->address, outer->address, outer->bits);
}

bool networks_have(const struct network *list, size_t count, const char *address)
{
    struct network one = {.bits = ALL_BITS};
    bool v4;
    str text = str_from(address), bare;
    if (!str_next(&text, '%', &bare) || !parse_address(bare, one.address, &v4)) /* fe80::1%eth0 */
        return false;
    for (size_t i = 0; i < count; i++) {
        if (network_within(&one, &list[i]))
            return true;
    }
    return false;
}

void network_print(const struct network *network, struct buf *buf)
{
    char room[INET6_ADDRSTRLEN];
    bool v4 = network->bits >= V4_BITS && memcmp(network->address, v4_prefix, V4_AT) == 0;
    const char *text =
        inet_ntop(v4 ? AF_INET : AF_INET6, network->address + (v4 ? V4_AT : 0), room, sizeof(room));
    assert(text != NULL);
    buf_text(buf, text);
    buf_char(buf, '/');
    buf_u64(buf, network->bits - (v4 ? V4_BITS : 0));
}
