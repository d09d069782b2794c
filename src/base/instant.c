/* Moments as text. The calendar arithmetic is Howard Hinnant's (days from civil). */
#include "base_internal.h"
#include "instant.h"

enum { MS_A_DAY = 86400000, MS_A_MINUTE = 60000 };

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = floor_divide(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    days += 719468;
    int64_t era = floor_divide(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    *day = (unsigned)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *month = (unsigned)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

static const char two_digits[] = "00010203040506070809101112131415161718192021222324"
                                 "25262728293031323334353637383940414243444546474849"
                                 "50515253545556575859606162636465666768697071727374"
                                 "75767778798081828384858687888990919293949596979899";

static void put_two(char *place, uint32_t value)
{
    memcpy(place, two_digits + (size_t)value * 2, 2);
}

/* The first ms of the year 0 and the first past the year 9999. */
static const int64_t first_ms = INT64_C(-62167219200000), past_ms = INT64_C(253402300800000);

bool instant_has_text(instant at)
{
    return at.ms >= first_ms && at.ms < past_ms;
}

enum { DATE_TEXT = 10 };

/* Moments that are written together mostly are of few days. */
static void put_day(int64_t days, char text[DATE_TEXT])
{
    static _Thread_local struct {
        int64_t days;
        char text[DATE_TEXT];
    } known[8]; /* zeroed: 1970-01-01 without a text */
    size_t place = (uint64_t)days % LENGTH(known);
    if (known[place].days != days || known[place].text[0] == '\0') {
        int64_t year;
        unsigned month, day;
        civil_from_days(days, &year, &month, &day);
        known[place].days = days;
        memcpy(known[place].text, "0000-00-00", DATE_TEXT);
        put_two(known[place].text, (uint32_t)year / 100);
        put_two(known[place].text + 2, (uint32_t)year % 100);
        put_two(known[place].text + 5, month);
        put_two(known[place].text + 8, day);
    }
    memcpy(text, known[place].text, DATE_TEXT);
}

size_t instant_text_length(instant at)
{
    return at.ms % 1000 == 0 ? INSTANT_TEXT - 4 : INSTANT_TEXT;
}

size_t instant_text(instant at, char *text)
{
    int64_t days = floor_divide(at.ms, MS_A_DAY);
    uint32_t ms = (uint32_t)(at.ms - days * MS_A_DAY), seconds = ms / 1000;
    put_day(days, text);
    memcpy(text + DATE_TEXT, "T00:00:00", 9);
    put_two(text + 11, seconds / 3600);
    put_two(text + 14, seconds / 60 % 60);
    put_two(text + 17, seconds % 60);
    ms %= 1000;
    if (ms == 0) {
        text[19] = 'Z';
        return 20;
    }
    text[19] = '.';
    put_two(text + 20, ms / 10);
    text[22] = (char)('0' + ms % 10);
    text[23] = 'Z';
    return INSTANT_TEXT;
}

void buf_instant(struct buf *buf, instant at)
{
    char text[INSTANT_TEXT];
    if (instant_has_text(at))
        buf_add(buf, (str){text, instant_text(at, text)});
    else
        buf_text(buf, at.ms < first_ms ? "always" : "never");
}

/* Takes `width` digits with a value of at most `most` off the front. */
static bool take_digits(str *text, size_t width, unsigned most, unsigned *value)
{
    uint64_t number;
    if (text->len < width || !str_to_u64(str_slice(*text, 0, width), &number) || number > most)
        return false;
    *text = str_slice(*text, width, text->len);
    *value = (unsigned)number;
    return true;
}

static bool take_char(str *text, char c)
{
    if (text->len == 0 || *text->ptr != c)
        return false;
    *text = str_slice(*text, 1, text->len);
    return true;
}

static bool take_day(str *text, int64_t *days)
{
    unsigned year, month, day;
    if (!take_digits(text, 4, 9999, &year) || !take_char(text, '-') ||
        !take_digits(text, 2, 12, &month) || !take_char(text, '-') ||
        !take_digits(text, 2, 31, &day))
        return false;
    if (month == 0 || day == 0 || day > days_in_month(year, month))
        return false;
    *days = days_from_civil(year, month, day);
    return true;
}

static bool take_fraction(str *text, int64_t *ms)
{
    size_t count = 0;
    *ms = 0;
    if (!take_char(text, '.'))
        return true;
    while (count < text->len && text->ptr[count] >= '0' && text->ptr[count] <= '9')
        count++;
    if (count == 0 || count > 9)
        return false;
    for (size_t i = 0; i < 3; i++)
        *ms = *ms * 10 + (i < count ? text->ptr[i] - '0' : 0);
    *text = str_slice(*text, count, text->len);
    return true;
}

static bool take_zone(str *text, int64_t *minutes)
{
    *minutes = 0;
    if (take_char(text, 'Z'))
        return true;
    bool west = take_char(text, '-');
    unsigned hour, minute;
    if ((!west && !take_char(text, '+')) || !take_digits(text, 2, 23, &hour) ||
        !take_char(text, ':') || !take_digits(text, 2, 59, &minute))
        return false;
    *minutes = (west ? -1 : 1) * (int64_t)(hour * 60 + minute);
    return true;
}

bool instant_parse(str text, instant *at)
{
    assert(at != NULL);

    int64_t days, fraction, zone;
    unsigned hour, minute, second;
    if (!take_day(&text, &days) || !take_char(&text, 'T') || !take_digits(&text, 2, 23, &hour) ||
        !take_char(&text, ':') || !take_digits(&text, 2, 59, &minute) || !take_char(&text, ':') ||
        !take_digits(&text, 2, 59, &second) || !take_fraction(&text, &fraction) ||
        !take_zone(&text, &zone) || text.len > 0)
        return false;
    int64_t minutes = (int64_t)hour * 60 + minute - zone;
    at->ms = days * MS_A_DAY + minutes * MS_A_MINUTE + (int64_t)second * 1000 + fraction;
    return true;
}
