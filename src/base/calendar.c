/* Dates, Norway's holidays and deadlines. What needs a zone's offsets is in zone.c. */
#include "base_internal.h"
#include "calendar.h"

bool is_leap_year(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

unsigned days_in_month(int64_t year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    assert(month >= 1 && month <= 12);
    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

bool date_is_valid(struct date date)
{
    return date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= days_in_month(date.year, date.month);
}

int date_compare(struct date a, struct date b)
{
    if (a.year != b.year)
        return a.year < b.year ? -1 : 1;
    if (a.month != b.month)
        return a.month < b.month ? -1 : 1;
    return (a.day > b.day) - (a.day < b.day);
}

bool date_parse(str text, struct date *date)
{
    assert(date != NULL);

    uint64_t year, month, day;
    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-' ||
        !str_to_u64(str_slice(text, 0, 4), &year) || !str_to_u64(str_slice(text, 5, 7), &month) ||
        !str_to_u64(str_slice(text, 8, 10), &day))
        return false;
    *date = (struct date){(int32_t)year, (uint8_t)month, (uint8_t)day};
    return date_is_valid(*date);
}

void buf_date(struct buf *buf, struct date date)
{
    buf_format(buf, "%04d-%02d-%02d", date.year, date.month, date.day);
}

static int64_t date_to_days(struct date date)
{
    assert(date_is_valid(date));
    return days_from_civil(date.year, date.month, date.day);
}

struct date date_from_days(int64_t days)
{
    static const int64_t most = INT64_C(700000000000); /* keeps the year in its 32 bits */
    int64_t year;
    unsigned month, day;
    if (days > most)
        days = most;
    if (days < -most)
        days = -most;
    civil_from_days(days, &year, &month, &day);
    return (struct date){(int32_t)year, (uint8_t)month, (uint8_t)day};
}

enum weekday date_weekday(struct date date)
{
    int64_t since_monday = (date_to_days(date) + 3) % 7; /* 1970-01-01 was a Thursday */
    return (enum weekday)(1 + (since_monday + 7) % 7);
}

struct date date_add_days(struct date date, int64_t days)
{
    int64_t sum;
    if (__builtin_add_overflow(date_to_days(date), days, &sum))
        sum = days > 0 ? INT64_MAX : INT64_MIN;
    return date_from_days(sum);
}

struct date date_add_months(struct date date, int64_t months)
{
    static const int64_t most = INT64_C(12) * 1900000000;
    assert(date_is_valid(date));
    if (months > most)
        months = most;
    if (months < -most)
        months = -most;
    int64_t sum = (int64_t)date.year * 12 + date.month - 1 + months;
    if (sum > most)
        sum = most;
    if (sum < -most)
        sum = -most;
    int64_t year = sum / 12 - (sum % 12 < 0);
    unsigned month = (unsigned)(sum - year * 12) + 1;
    unsigned last = days_in_month(year, month);
    return (struct date){(int32_t)year, (uint8_t)month,
                         (uint8_t)(date.day < last ? date.day : last)};
}

int64_t date_days_between(struct date from, struct date to)
{
    return date_to_days(to) - date_to_days(from);
}

/* The anonymous Gregorian algorithm, as in Meeus, Astronomical Algorithms, chapter 8. */
struct date easter_sunday(int32_t year)
{
    int32_t a = year % 19, b = year / 100, c = year % 100;
    int32_t d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
    int32_t h = (19 * a + b - d - g + 15) % 30;
    int32_t i = c / 4, k = c % 4;
    int32_t l = (32 + 2 * e + 2 * i - h - k) % 7;
    int32_t m = (a + 11 * h + 22 * l) / 451;
    int32_t n = h + l - 7 * m + 114;
    return (struct date){year, (uint8_t)(n / 31), (uint8_t)(n % 31 + 1)};
}

bool is_public_holiday_no(struct date date)
{
    static const struct {
        uint8_t month, day;
    } fixed[] = {{1, 1}, {5, 1}, {5, 17}, {12, 25}, {12, 26}};
    static const int from_easter[] = {-3, -2, 0, 1, 39, 49, 50};

    for (size_t i = 0; i < LENGTH(fixed); i++)
        if (date.month == fixed[i].month && date.day == fixed[i].day)
            return true;
    if (date.year < 1583)
        return false;
    int64_t distance = date_days_between(easter_sunday(date.year), date);
    for (size_t i = 0; i < LENGTH(from_easter); i++)
        if (distance == from_easter[i])
            return true;
    return false;
}

bool is_working_day_no(struct date date)
{
    return date_weekday(date) < SATURDAY && !is_public_holiday_no(date);
}

static struct date roll_forward(struct date date)
{
    while (!is_working_day_no(date))
        date = date_add_days(date, 1);
    return date;
}

struct deadline deadline_months(const struct zone *zone, instant received, int64_t months)
{
    struct date safe = date_add_months(instant_date(zone, received), months);
    return (struct deadline){safe, roll_forward(safe)};
}

struct deadline deadline_days(const struct zone *zone, instant received, int64_t days)
{
    struct date start = instant_date(zone, received), safe = date_add_days(start, days);
    struct date legal = roll_forward(safe);
    unsigned working = 0;
    for (struct date day = date_add_days(start, 1); working < 2 && date_compare(day, legal) <= 0;
         day = date_add_days(day, 1))
        working += is_working_day_no(day);
    if (days >= 2 && working < 2)
        legal = roll_forward(date_add_days(legal, 1));
    return (struct deadline){safe, legal};
}

instant deadline_hours(instant aware, int64_t hours)
{
    return instant_add_span(zone_utc(), aware, hours, SPAN_HOUR);
}
