/* The address of a webhook, taken apart. */
#include <strings.h>

#include "network.h"
#include "webhook.h"

static bool is_plain(str url)
{
    for (size_t i = 0; i < url.len; i++) {
        char c = url.ptr[i];
        if (c <= ' ' || c > '~' || strchr("#\\\"<>^`{|}", c) != NULL)
            return false;
    }
    return true;
}

static bool is_name(str host)
{
    if (host.len == 0 || host.len > 253 || host.ptr[0] == '.' || host.ptr[0] == '-')
        return false;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        if (!fits || (c == '.' && i + 1 < host.len && host.ptr[i + 1] == '.'))
            return false;
    }
    return true;
}

/* 0x7f.1, 2130706433 and 127.1 are read as addresses by some: what ends in a number is four. */
static bool is_number_in_disguise(str host)
{
    struct network address;
    char last = host.ptr[host.len - 1];
    size_t dot = host.len;
    while (dot > 0 && host.ptr[dot - 1] != '.')
        dot--;
    bool hex = host.len - dot > 1 && host.ptr[dot] == '0' && host.ptr[dot + 1] == 'x';
    bool number = last >= '0' && last <= '9';
    for (size_t i = dot; i < host.len; i++)
        number &= host.ptr[i] >= '0' && host.ptr[i] <= '9';
    return last == '.' || hex || (number && !network_parse(host, &address));
}

static bool is_loopback(str host)
{
    struct network address, four, six;
    if (str_is(host, "localhost"))
        return true;
    return network_parse(host, &address) && network_parse(STR("127.0.0.0/8"), &four) &&
           network_parse(STR("::1"), &six) &&
           (network_within(&address, &four) || network_within(&address, &six));
}

static bool port_fits(str port)
{
    uint64_t number;
    return str_to_u64(port, &number) && number > 0 && number < 65536;
}

/* "host", "host:port", "[::1]:port" */
static bool take_host(str authority, str *host)
{
    struct network address;
    str port = {0};
    if (authority.len > 0 && authority.ptr[0] == '[') {
        size_t end = 1;
        while (end < authority.len && authority.ptr[end] != ']')
            end++;
        *host = str_slice(authority, 1, end);
        str rest = str_slice(authority, end < authority.len ? end + 1 : end, authority.len);
        if (end == authority.len || memchr(host->ptr, ':', host->len) == NULL ||
            !network_parse(*host, &address) || address.bits != 128)
            return false;
        if (rest.len > 0 && rest.ptr[0] != ':')
            return false;
        return rest.len == 0 || port_fits(str_slice(rest, 1, rest.len));
    }
    str rest = authority;
    if (!str_next(&rest, ':', host) || !is_name(*host) || is_number_in_disguise(*host))
        return false;
    port = rest;
    return port.ptr == NULL || port_fits(port);
}

bool mail_address_valid(str address, str *domain)
{
    str rest = address, local;
    if (address.len > 254 || !str_next(&rest, '@', &local) || rest.ptr == NULL || local.len == 0 ||
        local.len > 64)
        return false;
    for (size_t i = 0; i < local.len; i++) {
        char c = local.ptr[i];
        bool atom = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
        bool dot = c == '.' && i > 0 && i + 1 < local.len && local.ptr[i - 1] != '.';
        if (!atom && !dot)
            return false;
    }
    *domain = rest;
    return is_name(rest) && !is_number_in_disguise(rest) &&
           (rest.ptr[rest.len - 1] < '0' || rest.ptr[rest.len - 1] > '9');
}

bool webhook_url_parse(str url, struct webhook_url *parts)
{
    if (str_starts(url, STR("mailto:"))) {
        *parts = (struct webhook_url){.mail = true, .address = str_slice(url, 7, url.len)};
        return mail_address_valid(parts->address, &parts->host);
    }
    static const char secure[] = "https://", plain[] = "http://";
    *parts = (struct webhook_url){.https = str_starts(url, STR("https://"))};
    if (!is_plain(url) || (!parts->https && !str_starts(url, STR("http://"))))
        return false;
    size_t from = parts->https ? sizeof(secure) - 1 : sizeof(plain) - 1, end = from;
    while (end < url.len && url.ptr[end] != '/' && url.ptr[end] != '?')
        end++;
    if (!take_host(str_slice(url, from, end), &parts->host))
        return false;
    parts->loopback = is_loopback(parts->host);
    return parts->https || parts->loopback;
}

bool webhook_host_listed(str list, str host)
{
    str rest = list, one;
    while (rest.len > 0 && str_next(&rest, ',', &one)) {
        if (str_equal(str_trim(one), host))
            return true;
    }
    return false;
}
