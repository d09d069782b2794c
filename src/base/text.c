/* Slices of text: comparing, cutting, numbers, UTF-8. */
#include "base_internal.h"

str str_from(const char *c_string)
{
    return c_string == NULL ? STR("") : (str){c_string, strlen(c_string)};
}

bool str_equal(str a, str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_is(str a, const char *c_string)
{
    return str_equal(a, str_from(c_string));
}

int str_compare(str a, str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter == 0 ? 0 : memcmp(a.ptr, b.ptr, shorter);
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool str_starts(str text, str prefix)
{
    return text.len >= prefix.len && str_equal((str){text.ptr, prefix.len}, prefix);
}

bool str_ends(str text, str suffix)
{
    return text.len >= suffix.len &&
           str_equal(str_slice(text, text.len - suffix.len, text.len), suffix);
}

bool str_is_empty(str a)
{
    return a.len == 0;
}

str str_slice(str text, size_t from, size_t to)
{
    if (text.ptr == NULL)
        return text;
    if (to > text.len)
        to = text.len;
    if (from > to)
        from = to;
    return (str){text.ptr + from, to - from};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

str str_trim(str text)
{
    while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
        text.len--;
    while (text.len > 0 && is_blank(*text.ptr)) {
        text.ptr++;
        text.len--;
    }
    return text;
}

bool str_next(str *rest, char separator, str *part)
{
    assert(rest != NULL);
    assert(part != NULL);

    if (rest->ptr == NULL)
        return false;
    const char *found = rest->len == 0 ? NULL : memchr(rest->ptr, separator, rest->len);
    if (found == NULL) {
        *part = *rest;
        *rest = (str){NULL, 0};
        return true;
    }
    size_t before_it = (size_t)(found - rest->ptr);
    *part = (str){rest->ptr, before_it};
    *rest = (str){found + 1, rest->len - before_it - 1};
    return true;
}

bool str_to_u64(str text, uint64_t *value)
{
    uint64_t sum = 0;
    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c < '0' || c > '9')
            return false;
        if (__builtin_mul_overflow(sum, 10U, &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(c - '0'), &sum))
            return false;
    }
    *value = sum;
    return true;
}

bool str_to_i64(str text, int64_t *value)
{
    bool negative = text.len > 0 && *text.ptr == '-';
    uint64_t size;
    if (!str_to_u64(negative ? str_slice(text, 1, text.len) : text, &size))
        return false;
    if (size > (uint64_t)INT64_MAX + negative)
        return false;
    *value = negative ? (int64_t)(0 - size) : (int64_t)size;
    return true;
}

size_t utf8_step(const unsigned char *at, size_t left)
{
    unsigned char lead = at[0];
    if (lead < 0x80)
        return 1;
    size_t len = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || left < len)
        return 0;
    unsigned char low = 0x80, high = 0xBF; /* of the second byte */
    if (lead == 0xE0)
        low = 0xA0; /* overlong */
    if (lead == 0xED)
        high = 0x9F; /* surrogates */
    if (lead == 0xF0)
        low = 0x90; /* overlong */
    if (lead == 0xF4)
        high = 0x8F; /* past U+10FFFF */
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

bool utf8_valid(str text)
{
    const unsigned char *at = (const unsigned char *)text.ptr;
    size_t left = text.len;
    while (left > 0) {
        uint64_t eight;
        if (left >= sizeof(eight)) {
            memcpy(&eight, at, sizeof(eight));
            if ((eight & 0x8080808080808080U) == 0) {
                at += sizeof(eight);
                left -= sizeof(eight);
                continue;
            }
        }
        size_t step = utf8_step(at, left);
        if (step == 0)
            return false;
        at += step;
        left -= step;
    }
    return true;
}

enum { DISTANCE_CAP = 32 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned str_distance(str a, str b)
{
    unsigned rows[DISTANCE_CAP + 1][DISTANCE_CAP + 1];
    a = str_slice(a, 0, DISTANCE_CAP);
    b = str_slice(b, 0, DISTANCE_CAP);
    for (size_t i = 0; i <= a.len; i++)
        rows[i][0] = (unsigned)i;
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a.len; i++) {
        for (size_t j = 1; j <= b.len; j++) {
            unsigned change = a.ptr[i - 1] != b.ptr[j - 1];
            unsigned best = least(rows[i - 1][j] + 1, rows[i][j - 1] + 1);
            best = least(best, rows[i - 1][j - 1] + change);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
                best = least(best, rows[i - 2][j - 2] + 1);
            rows[i][j] = best;
        }
    }
    return rows[a.len][b.len];
}
