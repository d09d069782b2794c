/* calendar: local dates, time zones, the length of periods, Norway's holidays, legal deadlines.
 *
 *   instant --zone--> date + ms of the day        "6 months after D" --zone--> instant
 *
 * Two edges that differ: a period of retention ends at 00:00 local of its day, when the data is
 * gone; a deadline on the organisation counts its last day in and has passed at 00:00 of the next.
 *
 * Holds: any number of zones at once, in any thread; years far past the zone files' last entry
 * (2080, 2100) by the rule at their end. Arithmetic never overflows: it ends at NEVER or ALWAYS.
 * Does not hold: leap seconds, and calendars other than the Gregorian one.
 * Memory: a zone lives in the arena that it was loaded into and is read-only afterwards.
 */
#ifndef VERN_CALENDAR_H
#define VERN_CALENDAR_H

#include "base.h"
#include "instant.h"

/* ---- dates ---- */

/* A day of the Gregorian calendar, without a place. */
struct date {
    int32_t year;
    uint8_t month, day; /* from 1 */
};

enum weekday { MONDAY = 1, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

bool is_leap_year(int64_t year);
bool date_is_valid(struct date date);
int date_compare(struct date a, struct date b);   /* <0, 0, >0 */
bool date_parse(str text, struct date *date);     /* "2026-09-01", strict, years 0000 to 9999 */
void buf_date(struct buf *buf, struct date date); /* "2026-09-01" */
enum weekday date_weekday(struct date date);
struct date date_add_days(struct date date, int64_t days);
/* The same day number, clamped to the last day of a shorter month: 31 August + 6 = 28 February. */
struct date date_add_months(struct date date, int64_t months);
int64_t date_days_between(struct date from, struct date to);

/* ---- zones ---- */

struct zone;

/* The zone of an IANA name ("Europe/Oslo") from the system's zone files; "UTC" needs no file.
 * Faults: INVALID for a name that is none or has no file, CORRUPT for a damaged file, LIMIT. */
MUST_CHECK status zone_load(str name, struct arena *arena, struct report *report,
                            const struct zone **zone);
const struct zone *zone_utc(void);
/* Reads the bytes of a zone file (TZif version 2 and later, RFC 8536) that come from elsewhere. */
MUST_CHECK status zone_read(str bytes, struct arena *arena, struct report *report,
                            const struct zone **zone);

struct local {
    struct date date;
    int32_t ms_of_day;
    int32_t offset_seconds; /* east of UTC */
};
struct local instant_to_local(const struct zone *zone, instant at);
struct date instant_date(const struct zone *zone, instant at);
/* A local time that the clocks skip gives the first instant after the gap; one that comes twice
 * gives the earlier. */
instant local_to_instant(const struct zone *zone, struct date date, int32_t ms_of_day);
instant date_start(const struct zone *zone, struct date date);  /* 00:00 of the day */
instant date_passed(const struct zone *zone, struct date date); /* 00:00 of the next day */

/* ---- periods ---- */

enum span_unit { SPAN_HOUR, SPAN_DAY, SPAN_WEEK, SPAN_MONTH, SPAN_YEAR };

/* Where "`count` units after `at`" ends. Hours are elapsed hours. Longer units end at 00:00 local
 * of the day so many days or months later, clamped to a shorter month. NEVER stays NEVER. */
instant instant_add_span(const struct zone *zone, instant at, int64_t count, enum span_unit unit);
/* The same for whoever has the local date of `at` already; `unit` is not SPAN_HOUR. */
instant date_add_span(const struct zone *zone, struct date date, int64_t count,
                      enum span_unit unit);
/* 00:00 local on 1 January after. */
instant end_of_year(const struct zone *zone, instant at);

/* ---- law ---- */

/* Public holidays of Norway, by their law: fixed days and those that move with Easter. */
struct date easter_sunday(int32_t year); /* Gregorian, years from 1583 */
bool is_public_holiday_no(struct date date);
bool is_working_day_no(struct date date); /* no Saturday, no Sunday, no public holiday */

/* The last day of a period, counted in. Regulation 1182/71 moves it to the next working day. */
struct deadline {
    struct date safe;  /* as counted */
    struct date legal; /* rolled past Saturdays, Sundays and public holidays */
};
/* The day of receipt is not counted; its local date is. Count every period from receipt, also an
 * extended one. */
struct deadline deadline_months(const struct zone *zone, instant received, int64_t months);
/* Besides rolling, a period of two days or more holds at least two working days (art. 3(5)). */
struct deadline deadline_days(const struct zone *zone, instant received, int64_t days);
/* Elapsed hours, over weekends, holidays and clock changes; nothing rolls. */
instant deadline_hours(instant aware, int64_t hours);

#endif
