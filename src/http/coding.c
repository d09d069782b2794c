/* In which form a client reads a body. */
#include <strings.h>

#include "http.h"

static bool same_name(str name, const char *known)
{
    return name.len == strlen(known) && strncasecmp(name.ptr, known, name.len) == 0;
}

/* "0", "0.0" and their like: the client says that it cannot read this. */
static bool is_refused(str parameters)
{
    str rest = parameters, one;
    while (rest.len > 0 && str_next(&rest, ';', &one)) {
        str value = str_trim(one);
        if (value.len < 3 || (value.ptr[0] != 'q' && value.ptr[0] != 'Q') || value.ptr[1] != '=')
            continue;
        for (size_t i = 2; i < value.len; i++) {
            if (value.ptr[i] != '0' && value.ptr[i] != '.')
                return false;
        }
        return true;
    }
    return false;
}

bool http_reads(const struct http_request *request, const char *coding)
{
    bool reads = false;
    str rest = http_header(request, "Accept-Encoding"), one, name;
    while (rest.len > 0 && str_next(&rest, ',', &one)) {
        str parameters = one;
        if (str_next(&parameters, ';', &name) && same_name(str_trim(name), coding))
            reads = !is_refused(parameters);
    }
    return reads;
}
