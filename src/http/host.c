/* Which Host names are ours. A page elsewhere can make its name resolve to our address; it cannot
 * make a browser send our name. */
#include <arpa/inet.h>
#include <strings.h>
#include "server_internal.h"

/* Takes the port off; false when what follows the name is no port. */
static bool strip_port(str *host)
{
    size_t end = 0;
    if (str_starts(*host, STR("["))) {
        const char *bracket = memchr(host->ptr, ']', host->len);
        end = bracket == NULL ? 0 : (size_t)(bracket - host->ptr) + 1;
    } else {
        while (end < host->len && host->ptr[end] != ':')
            end++;
    }
    str port = str_slice(*host, end, host->len);
    *host = str_slice(*host, 0, end);
    uint64_t number = 0;
    return end > 0 && (port.len == 0 || (str_to_u64(str_slice(port, 1, port.len), &number) &&
                                         port.ptr[0] == ':' && number <= UINT16_MAX));
}

static bool is_loopback(str name)
{
    if (name.len == 9 && strncasecmp(name.ptr, "localhost", 9) == 0)
        return true;
    if (str_equal(name, STR("[::1]")))
        return true;
    char text[INET_ADDRSTRLEN];
    if (name.len >= sizeof(text))
        return false;
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    struct in_addr address;
    return inet_pton(AF_INET, text, &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

bool host_allowed(const struct http_config *config, str host)
{
    if (!strip_port(&host))
        return false;
    if (config->host_count == 0)
        return is_loopback(host);
    for (size_t i = 0; i < config->host_count; i++) {
        str name = config->hosts[i];
        if (name.len == host.len && strncasecmp(name.ptr, host.ptr, host.len) == 0)
            return true;
    }
    return false;
}
