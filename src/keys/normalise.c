/* One function a kind; the table at the end says which. */
#include <arpa/inet.h>
#include <ctype.h>
#include <idn2.h>
#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>
#include "normalise.h"

enum { STEP_ROOM = 4 * NORMAL_INPUT_MAX };

static status not_one(const char *what, struct report *report)
{
    return fail(report, FAULT_INVALID, "the value is not %s", what);
}

/* NFKC, with letters in one case, and NFKC again: folding can undo it. */
static bool compat(str value, bool fold, char out[STEP_ROOM], size_t *len)
{
    size_t size = STEP_ROOM;
    uint8_t *result = fold ? u8_casefold((const uint8_t *)value.ptr, value.len, NULL, UNINORM_NFKC,
                                         (uint8_t *)out, &size)
                           : u8_tolower((const uint8_t *)value.ptr, value.len, NULL, UNINORM_NFKC,
                                        (uint8_t *)out, &size);
    bool fits = result == (uint8_t *)out;
    if (!fits && result != NULL) {
        wipe(result, size);
        free(result);
    }
    *len = size;
    return fits;
}

/* Marks without a shape: soft hyphen, zero-width characters, directions, byte order mark. */
static bool is_invisible(ucs4_t c)
{
    return uc_is_property_default_ignorable_code_point(c) || uc_is_property_bidi_control(c);
}

/* Blanks at the ends go, those within become one space or, for `blanks` false, nothing. */
static bool put_visible(str text, bool blanks, struct buf *out)
{
    bool gap = false, any = false;
    for (size_t at = 0; at < text.len;) {
        ucs4_t c = 0;
        int step = u8_mbtouc(&c, (const uint8_t *)text.ptr + at, text.len - at);
        str letter = {text.ptr + at, (size_t)step};
        at += (size_t)step;
        if (uc_is_property_white_space(c)) {
            gap = any;
            continue;
        }
        if (is_invisible(c))
            continue;
        if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cc))
            return false;
        if (gap && blanks)
            buf_char(out, ' ');
        gap = false;
        any = true;
        buf_add(out, letter);
    }
    return any;
}

/* Nearly everything that is compared is ASCII without blanks: nothing of it hides, composes or has
 * a compatible letter. */
static bool is_plain(str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] >= 0x7f)
            return false;
    return text.len > 0;
}

static void put_lowered(str text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++)
        buf_char(out, (char)tolower((unsigned char)text.ptr[i]));
}

enum shape { ONE_SPACE = 1, NO_BLANKS = 0, FOLDED = 2, LOWERED = 0, ROUNDS_MAX = 6 };

/* Compatible letters in one case, visible ones only. Taking a mark away can bring letters together
 * that then compose, so it goes round until nothing changes. */
static bool visible(str value, unsigned shape, struct buf *out)
{
    char clean[STEP_ROOM], step[STEP_ROOM];
    str last = value;
    bool sound = true, same = false;
    if (value.len < STEP_ROOM && is_plain(value)) {
        put_lowered(value, out);
        return !out->full;
    }
    for (unsigned round = 0; sound && !same && round < ROUNDS_MAX; round++) {
        size_t len = 0;
        struct buf buf = buf_over(clean, sizeof(clean));
        sound = put_visible(last, (shape & ONE_SPACE) != 0, &buf) && !buf.full;
        same = round > 0 && str_equal(buf_str(&buf), last);
        sound = sound && compat(buf_str(&buf), (shape & FOLDED) != 0, step, &len);
        same = same && sound && str_equal(buf_str(&buf), (str){step, len});
        last = (str){step, len};
    }
    if (same)
        buf_add(out, last);
    wipe(clean, sizeof(clean));
    wipe(step, sizeof(step));
    return same && !out->full;
}

static bool has_blank(str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == ' ')
            return true;
    return false;
}

/* Letters, digits and hyphens, and the dots between them; without the root's dot. */
static bool put_ascii_domain(str ascii, struct buf *out)
{
    while (str_ends(ascii, STR(".")))
        ascii.len--;
    for (size_t i = 0; i < ascii.len; i++) {
        unsigned char c = (unsigned char)ascii.ptr[i];
        bool empty_label = c == '.' && (i == 0 || ascii.ptr[i - 1] == '.');
        if ((!isalnum(c) && c != '-' && c != '.') || empty_label)
            return false;
        buf_char(out, (char)tolower(c));
    }
    return ascii.len > 0;
}

/* Lower-case letters, digits and single hyphens within labels of a domain's length: it is its own
 * ASCII form. Two hyphens together may be an encoded label, which is libidn2's to judge. */
static bool is_plain_domain(str domain)
{
    enum { LABEL = 63, NAME = 253 };
    size_t label = 0;
    for (size_t i = 0; i < domain.len; i++) {
        char c = domain.ptr[i];
        bool last = i + 1 == domain.len || domain.ptr[i + 1] == '.';
        bool hyphen = c == '-' && label > 0 && !last && domain.ptr[i - 1] != '-';
        if (c == '.' ? label == 0 : !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !hyphen)
            return false;
        label = c == '.' ? 0 : label + 1;
        if (label > LABEL)
            return false;
    }
    return label > 0 && domain.len <= NAME;
}

/* A domain with its letters in their ASCII form. */
static bool normal_domain(str domain, struct buf *out)
{
    char text[STEP_ROOM];
    char *ascii = NULL;
    if (domain.len == 0 || domain.len >= sizeof(text))
        return false;
    if (is_plain_domain(domain))
        return put_ascii_domain(domain, out);
    memcpy(text, domain.ptr, domain.len);
    text[domain.len] = '\0';
    int code = idn2_to_ascii_8z(text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    wipe(text, sizeof(text));
    if (code != IDN2_OK)
        return false;
    bool sound = put_ascii_domain(str_from(ascii), out);
    wipe(ascii, strlen(ascii));
    idn2_free(ascii);
    return sound;
}

static size_t last_at(str text)
{
    for (size_t i = text.len; i-- > 0;)
        if (text.ptr[i] == '@')
            return i;
    return SIZE_MAX;
}

static bool email_parts(str text, struct buf *out)
{
    size_t at = last_at(text);
    if (at == SIZE_MAX || at == 0 || at + 1 == text.len || has_blank(text))
        return false;
    str local = str_slice(text, 0, at);
    if (last_at(local) != SIZE_MAX || memchr(local.ptr, '<', local.len) != NULL ||
        memchr(local.ptr, '"', local.len) != NULL)
        return false;
    buf_add(out, str_slice(text, 0, at + 1));
    return normal_domain(str_slice(text, at + 1, text.len), out);
}

/* Blanks within are refused rather than closed up: two addresses in a field are not one. */
static status normal_email(str value, struct buf *out, struct report *report)
{
    char clean[STEP_ROOM];
    struct buf buf = buf_over(clean, sizeof(clean));
    bool sound = visible(value, ONE_SPACE | LOWERED, &buf) && email_parts(buf_str(&buf), out);
    wipe(clean, buf.len);
    return sound ? OK : not_one("an e-mail address", report);
}

/* What people write between digits, once blanks are gone. */
static bool is_separator(ucs4_t c)
{
    return c == '-' || c == '.' || c == '(' || c == ')' || c == '/' ||
           (c >= 0x2010 && c <= 0x2015) || c == 0x2212;
}

/* Digits of any script as ASCII, a leading plus, nothing else. */
static bool put_digits(str text, bool plus, struct buf *out)
{
    for (size_t at = 0; at < text.len;) {
        ucs4_t c = 0;
        at += (size_t)u8_mbtouc(&c, (const uint8_t *)text.ptr + at, text.len - at);
        int digit = uc_decimal_value(c);
        if (digit >= 0)
            buf_char(out, (char)('0' + digit));
        else if (c == '+' && plus && out->len == 0)
            buf_char(out, '+');
        else if (!is_separator(c))
            return false;
    }
    return !out->full;
}

/* "+44 (0)20": the zero is for calls within the country. */
static str without_trunk_zero(str text, char room[STEP_ROOM])
{
    const char *at = text.len < 4 ? NULL : memmem(text.ptr, text.len, "(0)", 3);
    if (at == NULL || (text.ptr[0] != '+' && !str_starts(text, STR("00"))))
        return text;
    size_t head = (size_t)(at - text.ptr);
    memcpy(room, text.ptr, head);
    memcpy(room + head, at + 3, text.len - head - 3);
    return (str){room, text.len - 3};
}

/* Eight digits are a Norwegian number, and so are ten that begin with 47; 00 stands for +. */
static void put_international(str digits, struct buf *out)
{
    if (str_starts(digits, STR("00"))) {
        buf_char(out, '+');
        digits = str_slice(digits, 2, digits.len);
    } else if (digits.len == 8) {
        buf_text(out, "+47");
    } else if (digits.len == 10 && str_starts(digits, STR("47"))) {
        buf_char(out, '+');
    }
    buf_add(out, digits);
}

static status normal_phone(str value, struct buf *out, struct report *report)
{
    char clean[STEP_ROOM], room[STEP_ROOM], digits[STEP_ROOM];
    struct buf seen = buf_over(clean, sizeof(clean)), buf = buf_over(digits, sizeof(digits));
    bool sound = visible(value, NO_BLANKS | LOWERED, &seen) &&
                 put_digits(without_trunk_zero(buf_str(&seen), room), true, &buf);
    str all = buf_str(&buf);
    size_t count = all.len - (str_starts(all, STR("+")) ? 1 : 0);
    sound = sound && count >= 3 && count <= 17;
    if (sound)
        put_international(all, out);
    wipe(clean, sizeof(clean));
    wipe(room, sizeof(room));
    wipe(digits, sizeof(digits));
    return sound ? OK : not_one("a telephone number", report);
}

static status normal_national_id(str value, struct buf *out, struct report *report)
{
    char clean[STEP_ROOM];
    struct buf buf = buf_over(clean, sizeof(clean));
    bool sound = visible(value, NO_BLANKS | LOWERED, &buf) &&
                 put_digits(buf_str(&buf), false, out) && out->len >= 6 && out->len <= 20;
    wipe(clean, sizeof(clean));
    return sound ? OK : not_one("an identity number", report);
}

/* Numbers of a firm: "A-17" and "a 17" differ, "12 34" and "1234" do not; eleven digits however
 * they are grouped are one identity number. */
static status normal_id(str value, struct buf *out, struct report *report)
{
    char clean[STEP_ROOM], digits[STEP_ROOM];
    struct buf buf = buf_over(clean, sizeof(clean)), number = buf_over(digits, sizeof(digits));
    bool sound = visible(value, NO_BLANKS | FOLDED, &buf);
    bool grouped = sound && put_digits(buf_str(&buf), false, &number) && number.len == 11;
    buf_add(out, buf_str(grouped ? &number : &buf));
    wipe(clean, sizeof(clean));
    wipe(digits, sizeof(digits));
    return sound ? OK : not_one("an identifier", report);
}

static void put_address(int family, const void *address, struct buf *out)
{
    char text[INET6_ADDRSTRLEN];
    if (inet_ntop(family, address, text, sizeof(text)) != NULL)
        buf_text(out, text);
}

static status normal_ip(str value, struct buf *out, struct report *report)
{
    char text[INET6_ADDRSTRLEN + 2];
    struct in_addr four;
    struct in6_addr six;
    str bare = str_trim(value);
    if (str_starts(bare, STR("[")) && str_ends(bare, STR("]")))
        bare = str_slice(bare, 1, bare.len - 1);
    if (bare.len == 0 || bare.len >= sizeof(text))
        return not_one("a network address", report);
    memcpy(text, bare.ptr, bare.len);
    text[bare.len] = '\0';
    if (inet_pton(AF_INET, text, &four) == 1)
        put_address(AF_INET, &four, out);
    else if (inet_pton(AF_INET6, text, &six) != 1)
        return not_one("a network address", report);
    else if (IN6_IS_ADDR_V4MAPPED(&six))
        put_address(AF_INET, &six.s6_addr[12], out);
    else
        put_address(AF_INET6, &six, out);
    return OK;
}

static status normal_domain_name(str value, struct buf *out, struct report *report)
{
    char clean[STEP_ROOM];
    struct buf buf = buf_over(clean, sizeof(clean));
    bool sound = visible(value, NO_BLANKS | LOWERED, &buf) && normal_domain(buf_str(&buf), out);
    return sound ? OK : not_one("a domain name", report);
}

static status normal_any(str value, struct buf *out, struct report *report)
{
    return visible(value, ONE_SPACE | FOLDED, out) ? OK : not_one("a text", report);
}

static const struct {
    const char *kind;
    status (*normal)(str value, struct buf *out, struct report *report);
} kinds[] = {
    {"email", normal_email}, {"phone", normal_phone}, {"national_id", normal_national_id},
    {"id", normal_id},       {"ip", normal_ip},       {"domain", normal_domain_name},
};

status normalise(str kind, str value, struct buf *out, struct report *report)
{
    assert(out != NULL);

    status (*normal)(str, struct buf *, struct report *) = normal_any;
    if (value.len == 0 || value.len > NORMAL_INPUT_MAX)
        return fail(report, FAULT_INVALID, "a value to look up has 1 to %d bytes",
                    NORMAL_INPUT_MAX);
    if (!utf8_valid(value))
        return not_one("valid UTF-8", report);
    for (size_t i = 0; i < LENGTH(kinds); i++)
        if (str_is(kind, kinds[i].kind))
            normal = kinds[i].normal;
    TRY(normal(value, out, report));
    return out->full || out->len == 0 ? not_one("short enough to be looked up", report) : OK;
}
