/* Hex, base64, base64url and ids. Digits are computed, not looked up, so that the time taken does
 * not depend on the bytes: tokens and keys pass through here. */
#include "base_internal.h"

/* All ones when low <= c <= high, else zero; for values below 256. */
static unsigned between(unsigned c, unsigned low, unsigned high)
{
    return 0U - (1U & ~((c - low) >> 8) & ~((high - c) >> 8));
}

static char hex_digit(unsigned nibble)
{
    return (char)('0' + nibble + (between(nibble, 10, 15) & ('a' - '0' - 10)));
}

void buf_hex(struct buf *buf, str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned byte = (unsigned char)bytes.ptr[i];
        char pair[2] = {hex_digit(byte >> 4), hex_digit(byte & 15)};
        buf_add(buf, (str){pair, 2});
    }
}

struct alphabet {
    unsigned plus, slash;
};
static const struct alphabet standard = {'+', '/'};
static const struct alphabet url_safe = {'-', '_'};

static char digit_of(const struct alphabet *alphabet, unsigned six)
{
    unsigned c = (between(six, 0, 25) & ('A' + six)) | (between(six, 26, 51) & ('a' + six - 26)) |
                 (between(six, 52, 61) & ('0' + six - 52)) |
                 (between(six, 62, 62) & alphabet->plus) | (between(six, 63, 63) & alphabet->slash);
    return (char)c;
}

/* The six bits of a digit; above 63 for what is no digit. */
static unsigned six_of(const struct alphabet *alphabet, char digit)
{
    unsigned c = (unsigned char)digit;
    unsigned upper = between(c, 'A', 'Z'), lower = between(c, 'a', 'z');
    unsigned number = between(c, '0', '9');
    unsigned plus = between(c, alphabet->plus, alphabet->plus);
    unsigned slash = between(c, alphabet->slash, alphabet->slash);
    unsigned six = (upper & (c - 'A')) | (lower & (c - 'a' + 26)) | (number & (c - '0' + 52)) |
                   (plus & 62) | (slash & 63);
    return six | (~(upper | lower | number | plus | slash) & 64);
}

static void encode(struct buf *buf, str bytes, const struct alphabet *alphabet, bool pad)
{
    const unsigned char *at = (const unsigned char *)bytes.ptr;
    size_t left = bytes.len;
    while (left > 0) {
        size_t count = left < 3 ? left : 3;
        unsigned group = (unsigned)at[0] << 16;
        group |= count > 1 ? (unsigned)at[1] << 8 : 0;
        group |= count > 2 ? (unsigned)at[2] : 0;
        char four[4];
        for (unsigned i = 0; i < 4; i++)
            four[i] = i > count ? '=' : digit_of(alphabet, group >> (18 - 6 * i) & 63);
        buf_add(buf, (str){four, pad ? 4 : count + 1});
        at += count;
        left -= count;
    }
}

void buf_base64(struct buf *buf, str bytes)
{
    encode(buf, bytes, &standard, true);
}

void buf_base64url(struct buf *buf, str bytes)
{
    encode(buf, bytes, &url_safe, false);
}

bool hex_decode(str text, void *out, size_t room, size_t *len)
{
    if (text.len % 2 != 0 || text.len / 2 > room)
        return false;
    unsigned bad = 0;
    unsigned char *bytes = out;
    for (size_t i = 0; i < text.len; i += 2) {
        unsigned byte = 0;
        for (size_t j = i; j < i + 2; j++) {
            unsigned c = (unsigned char)text.ptr[j];
            unsigned number = between(c, '0', '9');
            unsigned lower = between(c, 'a', 'f'), upper = between(c, 'A', 'F');
            byte = byte << 4 | (number & (c - '0')) | (lower & (c - 'a' + 10)) |
                   (upper & (c - 'A' + 10));
            bad |= ~(number | lower | upper);
        }
        bytes[i / 2] = (unsigned char)byte;
    }
    *len = text.len / 2;
    return bad == 0;
}

static bool decode(str text, const struct alphabet *alphabet, void *out, size_t room, size_t *len)
{
    size_t rest = text.len % 4;
    size_t count = text.len / 4 * 3 + (rest == 0 ? 0 : rest - 1);
    if (rest == 1 || count > room)
        return false;
    unsigned char *bytes = out;
    unsigned bad = 0, bits = 0, pending = 0; /* `pending` bits wait in `bits` */
    for (size_t i = 0; i < text.len; i++) {
        unsigned six = six_of(alphabet, text.ptr[i]);
        bad |= six & 64;
        bits = (bits << 6 | (six & 63)) & 0xFFF;
        pending += 6;
        if (pending >= 8) {
            pending -= 8;
            *bytes++ = (unsigned char)(bits >> pending);
        }
    }
    bad |= bits & ((1U << pending) - 1); /* stray bits */
    *len = count;
    return bad == 0;
}

bool base64_decode(str text, void *out, size_t room, size_t *len)
{
    if (text.len % 4 != 0)
        return false;
    for (int padding = 0; padding < 2 && str_ends(text, STR("=")); padding++)
        text.len--;
    return decode(text, &standard, out, room, len);
}

bool base64url_decode(str text, void *out, size_t room, size_t *len)
{
    return decode(text, &url_safe, out, room, len);
}

/* Ids are no secrets and stand in every reply and entry: these two look digits up. */
static const char id_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void id_text(const unsigned char bytes[ID_BYTES], char text[ID_TEXT])
{
    for (size_t i = 0, out = 0; i < ID_BYTES - 1; i += 3, out += 4) {
        unsigned group = (unsigned)bytes[i] << 16 | (unsigned)bytes[i + 1] << 8 | bytes[i + 2];
        text[out] = id_digits[group >> 18];
        text[out + 1] = id_digits[group >> 12 & 63];
        text[out + 2] = id_digits[group >> 6 & 63];
        text[out + 3] = id_digits[group & 63];
    }
    text[ID_TEXT - 2] = id_digits[bytes[ID_BYTES - 1] >> 2];
    text[ID_TEXT - 1] = id_digits[(bytes[ID_BYTES - 1] & 3) << 4];
}

void buf_id(struct buf *buf, const unsigned char bytes[ID_BYTES])
{
    char *place = buf_room(buf, ID_TEXT);
    if (place != NULL)
        id_text(bytes, place);
}

/* The six bits of each digit, from '-' to 'z'; 64 for what is none. */
static const unsigned char id_sixes[] = {
    62, 64, 64, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64, 64,
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 63, 64, 26, 27, 28, 29, 30, 31, 32, 33,
    34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
};

bool id_parse(str text, unsigned char bytes[ID_BYTES])
{
    unsigned bad = 0, bits = 0, pending = 0; /* `pending` bits wait in `bits` */
    static_assert(sizeof(id_sixes) == 'z' - '-' + 1, "a row for each digit and what lies between");
    if (text.len != ID_TEXT)
        return false;
    for (size_t i = 0; i < ID_TEXT; i++) {
        unsigned place = (unsigned char)text.ptr[i] - (unsigned)'-';
        unsigned six = place < sizeof(id_sixes) ? id_sixes[place] : 64;
        bad |= six & 64;
        bits = bits << 6 | (six & 63);
        pending += 6;
        if (pending >= 8) {
            pending -= 8;
            *bytes++ = (unsigned char)(bits >> pending);
        }
    }
    return bad == 0 && (bits & ((1U << pending) - 1)) == 0; /* no stray bits */
}
