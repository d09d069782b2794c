/* Check digits: identity and organisation numbers, and Luhn for card numbers. */
#include "base_internal.h"
#include "norway.h"

enum { FOEDSELSNUMMER_DIGITS = 11, ORGANISASJONSNUMMER_DIGITS = 9 };

static bool are_digits(str text, size_t count)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len == count;
}

static unsigned remainder_11(str digits, const unsigned char *weights, size_t count)
{
    unsigned sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += weights[i] * (unsigned)(digits.ptr[i] - '0');
    return sum % 11;
}

static unsigned two_digits(str digits, size_t at)
{
    return (unsigned)(digits.ptr[at] - '0') * 10 + (unsigned)(digits.ptr[at + 1] - '0');
}

static unsigned month_of(str digits, bool *synthetic)
{
    unsigned month = two_digits(digits, 2);
    *synthetic = month > 80;
    return *synthetic ? month - 80 : month;
}

/* The century is not looked at: from 2032 on no digit tells it. So 29 February is taken in every
 * fourth year, as in 2000. */
static bool day_exists(str digits)
{
    bool synthetic;
    unsigned day = two_digits(digits, 0), month = month_of(digits, &synthetic);
    if (day > 40)
        day -= 40;
    if (month < 1 || month > 12 || day < 1)
        return false;
    return day <= days_in_month(2000 + two_digits(digits, 4), month);
}

bool foedselsnummer_is_valid(str digits)
{
    static const unsigned char first[] = {3, 7, 6, 1, 8, 9, 4, 5, 2, 1};
    static const unsigned char second[] = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1};

    return are_digits(digits, FOEDSELSNUMMER_DIGITS) && day_exists(digits) &&
           remainder_11(digits, first, LENGTH(first)) <= 3 &&
           remainder_11(digits, second, LENGTH(second)) == 0;
}

bool foedselsnummer_is_synthetic(str digits)
{
    bool synthetic;
    if (!foedselsnummer_is_valid(digits))
        return false;
    month_of(digits, &synthetic);
    return synthetic;
}

bool organisasjonsnummer_is_valid(str digits)
{
    static const unsigned char weights[] = {3, 2, 7, 6, 5, 4, 3, 2, 1};

    return are_digits(digits, ORGANISASJONSNUMMER_DIGITS) &&
           remainder_11(digits, weights, LENGTH(weights)) == 0;
}

/* ---- card numbers ---- */

#define LENGTHS(least, most) ((2U << ((most)-CARD_DIGITS_LEAST)) - (1U << ((least)-13)))

/* Issuers by the first four digits, with a bit for each length from 13 on. */
static const struct {
    unsigned first, last, lengths;
} issuers[] = {
    {2200, 2204, LENGTHS(16, 19)},                                     /* Mir */
    {2221, 2720, LENGTHS(16, 16)},                                     /* Mastercard */
    {3000, 3059, LENGTHS(14, 19)},                                     /* Diners */
    {3095, 3095, LENGTHS(14, 19)},                                     /* Diners */
    {3400, 3499, LENGTHS(15, 15)},                                     /* American Express */
    {3528, 3589, LENGTHS(16, 19)},                                     /* JCB */
    {3600, 3699, LENGTHS(14, 19)},                                     /* Diners */
    {3700, 3799, LENGTHS(15, 15)},                                     /* American Express */
    {3800, 3999, LENGTHS(14, 19)},                                     /* Diners */
    {4000, 4999, LENGTHS(13, 13) | LENGTHS(16, 16) | LENGTHS(19, 19)}, /* Visa */
    {5000, 5099, LENGTHS(13, 19)},                                     /* Maestro, Dankort */
    {5100, 5599, LENGTHS(16, 16)},                                     /* Mastercard */
    {5600, 5899, LENGTHS(13, 19)},                                     /* Maestro */
    {6000, 6999, LENGTHS(13, 19)}, /* Maestro, Discover, UnionPay */
    {8100, 8299, LENGTHS(16, 19)}, /* UnionPay, RuPay */
};

static bool is_issued(const char *digits, size_t len)
{
    str number = {digits, len};
    unsigned prefix = two_digits(number, 0) * 100 + two_digits(number, 2);
    for (size_t i = 0; i < LENGTH(issuers); i++)
        if (prefix >= issuers[i].first && prefix <= issuers[i].last)
            return (issuers[i].lengths >> (len - CARD_DIGITS_LEAST) & 1) != 0;
    return false;
}

static bool luhn_is_right(const char *digits, size_t len)
{
    unsigned sum = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned digit = (unsigned)(digits[len - 1 - i] - '0');
        if (i % 2 == 1)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

/* Does a card number of whole groups end with the latest digit? */
static bool ends_a_card(const struct card_search *search)
{
    for (size_t len = CARD_DIGITS_LEAST; len <= search->count; len++) {
        size_t start = search->count - len;
        const char *digits = search->digits + start;
        if ((search->group_starts >> start & 1) != 0 && is_issued(digits, len) &&
            luhn_is_right(digits, len))
            return true;
    }
    return false;
}

/* Does an identity number end with the latest digit, parted where people part them: after the day,
 * the month, the year, and before the check digits? */
static bool ends_an_identity(const struct card_search *search)
{
    enum { PARTED = 1U << 0 | 1U << 2 | 1U << 4 | 1U << 6 | 1U << 9 };
    if (search->count < FOEDSELSNUMMER_DIGITS)
        return false;
    size_t start = search->count - (size_t)FOEDSELSNUMMER_DIGITS;
    uint32_t groups = search->group_starts >> start;
    return (groups & 1) != 0 && (groups & ~(uint32_t)PARTED) == 0 &&
           foedselsnummer_is_valid((str){search->digits + start, FOEDSELSNUMMER_DIGITS});
}

static bool ends_one(const struct card_search *search)
{
    return search->identity ? ends_an_identity(search) : ends_a_card(search);
}

static void add_digit(struct card_search *search, char digit)
{
    bool starts = search->count == 0 || search->separators > 0;
    if (search->count == CARD_DIGITS_MOST) {
        memmove(search->digits, search->digits + 1, CARD_DIGITS_MOST - 1);
        search->group_starts >>= 1;
        search->count--;
    }
    search->digits[search->count] = digit;
    if (starts)
        search->group_starts |= 1U << search->count;
    search->count++;
    search->separators = 0;
}

/* Bytes that may stand within a card number; of UTF-8 those that make up the no-break and the wide
 * spaces, the soft hyphen, and the hyphens and dashes from U+2000 on. */
static bool is_separator(char c)
{
    unsigned char byte = (unsigned char)c;
    switch (c) {
    case ' ':
    case '-':
    case '.':
    case '/':
    case '_':
    case '\n':
    case '\r':
    case '\t':
        return true;
    default:
        return byte == 0xC2 || byte == 0xE2 || byte == 0xE3 || (byte >= 0x80 && byte <= 0x95) ||
               byte == 0xA0 || byte == 0xAD || byte == 0xAF;
    }
}

static void not_a_digit(struct card_search *search, bool separates)
{
    enum { SEPARATORS_MOST = 6 };
    if (search->count == 0)
        return;
    if (search->separators == 0)
        search->found = ends_one(search);
    search->separators++;
    if (separates && search->separators <= SEPARATORS_MOST)
        return;
    search->count = 0;
    search->group_starts = 0;
    search->separators = 0;
}

/* Takes a byte of U+FF00 to U+FF3F (EF BC 80 to BF): digits, hyphen, full stop, slash. True: taken,
 * and `c` is the digit or separator that it ends, or 0 when it is not at its end. */
static bool take_wide(struct card_search *search, char *c)
{
    unsigned char byte = (unsigned char)*c;
    if (search->wide == 2) {
        search->wide = 0;
        *c = byte >= 0x90 && byte <= 0x99   ? (char)('0' + (byte - 0x90))
             : byte >= 0x8D && byte <= 0x8F ? '-'
                                            : 'x';
        return true;
    }
    search->wide = byte == 0xEF ? 1 : search->wide == 1 && byte == 0xBC ? 2 : 0;
    *c = 0;
    return search->wide > 0;
}

/* Between numbers most bytes are letters: on to the next digit, or the first byte of a wide one. */
static size_t pass_over(const struct card_search *search, str text, size_t i)
{
    if (search->count > 0 || search->wide > 0)
        return i;
    while (i < text.len && (text.ptr[i] < '0' || text.ptr[i] > '9') &&
           (unsigned char)text.ptr[i] != 0xEF)
        i++;
    return i;
}

bool card_number_find(str text, struct card_search *search)
{
    assert(search != NULL);

    for (size_t i = 0; !search->found && (i = pass_over(search, text, i)) < text.len; i++) {
        char c = text.ptr[i];
        if (take_wide(search, &c) && c == 0)
            continue;
        if (c == 0)
            c = text.ptr[i];
        if (c >= '0' && c <= '9')
            add_digit(search, c);
        else
            not_a_digit(search, is_separator(c));
    }
    if (search->separators == 0 && ends_one(search))
        search->found = true;
    return search->found;
}

bool foedselsnummer_find(str text, struct card_search *search)
{
    assert(search != NULL);

    search->identity = true;
    return card_number_find(text, search);
}

/* ---- files ---- */

static bool is_text(str part)
{
    for (size_t i = 0; i < part.len; i++) {
        unsigned char c = (unsigned char)part.ptr[i];
        if (c == 0x7F || (c < 0x20 && c != 0 && (c < '\t' || c > '\r')))
            return false;
    }
    return true;
}

/* Zeros are passed over. */
static bool find_between_zeros(str text, struct card_search *search)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len && !search->found; i++) {
        if (text.ptr[i] != '\0')
            continue;
        if (i > from)
            (void)card_number_find(str_slice(text, from, i), search);
        from = i + 1;
    }
    return card_number_find(str_slice(text, from, text.len), search);
}

bool card_number_find_in_part(str part, struct card_file *file)
{
    enum { EDGE_BYTES = 512 };
    assert(file != NULL);

    if (part.len <= 2 * EDGE_BYTES || is_text(part))
        return find_between_zeros(part, &file->search);
    if (find_between_zeros(str_slice(part, 0, EDGE_BYTES), &file->search))
        return true;
    file->search = (struct card_search){.identity = file->search.identity};
    return find_between_zeros(str_slice(part, part.len - EDGE_BYTES, part.len), &file->search);
}

bool foedselsnummer_find_in_part(str part, struct card_file *file)
{
    assert(file != NULL);

    file->search.identity = true;
    return card_number_find_in_part(part, file);
}
