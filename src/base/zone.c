/* Time zones: reading TZif files (RFC 8536) and the POSIX rule at their end.
 *
 *   before at[0]   at[0]..at[1]   ...   at[last]..          past `table_end`
 *   first_offset   offset[0]      ...   offset[last]        the rule, year by year
 *
 * The table takes in the rule's changes up to the year 2200, so that looking up is a search in one
 * sorted list; what was found for a second's quarter of a year is remembered and tried first. */
#include <stdatomic.h>
#include <stdlib.h>
#include "base_internal.h"
#include "calendar.h"
#include "file.h"

enum { SECONDS_A_DAY = 86400, MS_A_DAY = 86400000, LAST_TABLE_YEAR = 2200 };
enum { FOUND_PLACES = 64 }; /* of 97 days: 17 years */
enum { ZONE_FILE_BYTES = 1 << 20, ZONE_CHANGES = 10000 };

/* A day of a year on which the clocks change: Mm.w.d, Jn or n, and the local second of that day. */
struct change_rule {
    char kind; /* 'M', 'J' or 'N' */
    int month, week, weekday, day;
    int32_t second;
};

struct rule {
    int32_t standard, summer; /* offsets in seconds east of UTC */
    bool has_summer;
    struct change_rule start, end; /* of summer time */
};

struct zone {
    int64_t *at;     /* seconds since 1970, rising */
    int32_t *offset; /* from at[i] on */
    size_t count, room;
    int32_t first_offset;
    bool has_rule;
    int64_t table_end; /* from here the rule is asked */
    struct rule rule;
    _Atomic size_t *found; /* by time; where the last second there was found */
};

/* ---- the rule ---- */

static bool take(str *text, char c)
{
    if (text->len == 0 || *text->ptr != c)
        return false;
    *text = str_slice(*text, 1, text->len);
    return true;
}

static bool take_number(str *text, int most, int *value)
{
    size_t len = 0;
    uint64_t number;
    while (len < text->len && len < 4 && text->ptr[len] >= '0' && text->ptr[len] <= '9')
        len++;
    if (!str_to_u64(str_slice(*text, 0, len), &number) || number > (uint64_t)most)
        return false;
    *text = str_slice(*text, len, text->len);
    *value = (int)number;
    return true;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(str *text, int32_t *seconds)
{
    bool negative = take(text, '-');
    int hours, minutes = 0, rest = 0;
    if (!negative)
        take(text, '+');
    if (!take_number(text, 167, &hours))
        return false;
    if (take(text, ':') && !take_number(text, 59, &minutes))
        return false;
    if (take(text, ':') && !take_number(text, 59, &rest))
        return false;
    *seconds = (hours * 60 + minutes) * 60 + rest;
    if (negative)
        *seconds = -*seconds;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Three letters or more, or <anything>; the name itself is of no use here. */
static bool take_designation(str *text)
{
    size_t len = 0;
    if (take(text, '<')) {
        str inside;
        return str_next(text, '>', &inside) && text->ptr != NULL;
    }
    while (len < text->len && is_letter(text->ptr[len]))
        len++;
    *text = str_slice(*text, len, text->len);
    return len >= 3;
}

static bool take_change(str *text, struct change_rule *change)
{
    *change = (struct change_rule){.kind = 'N', .second = 2 * 3600};
    if (take(text, 'M')) {
        change->kind = 'M';
        if (!take_number(text, 12, &change->month) || change->month < 1 || !take(text, '.') ||
            !take_number(text, 5, &change->week) || change->week < 1 || !take(text, '.') ||
            !take_number(text, 6, &change->weekday))
            return false;
    } else {
        if (take(text, 'J'))
            change->kind = 'J';
        if (!take_number(text, 365, &change->day) || (change->kind == 'J' && change->day < 1))
            return false;
    }
    return !take(text, '/') || take_time(text, &change->second);
}

/* std offset [dst [offset] , start [/time] , end [/time]]; POSIX counts offsets to the west. */
static bool rule_parse(str text, struct rule *rule)
{
    int32_t west;
    *rule = (struct rule){0};
    if (!take_designation(&text) || !take_time(&text, &west))
        return false;
    rule->standard = -west;
    if (text.len == 0)
        return true;
    rule->has_summer = true;
    rule->summer = rule->standard + 3600;
    if (!take_designation(&text))
        return false;
    if (text.len > 0 && *text.ptr != ',') {
        if (!take_time(&text, &west))
            return false;
        rule->summer = -west;
    }
    return take(&text, ',') && take_change(&text, &rule->start) && take(&text, ',') &&
           take_change(&text, &rule->end) && text.len == 0;
}

static int64_t change_day(const struct change_rule *change, int64_t year)
{
    int64_t january = days_from_civil(year, 1, 1);
    if (change->kind == 'N')
        return january + change->day;
    if (change->kind == 'J') /* 29 February is never counted */
        return january + change->day - 1 + (is_leap_year(year) && change->day >= 60);
    int64_t first = days_from_civil(year, (unsigned)change->month, 1);
    int64_t weekday = ((first + 4) % 7 + 7) % 7; /* of the first; 0 is Sunday */
    int64_t day = (change->weekday - weekday + 7) % 7 + (change->week - 1) * 7;
    while (day >= days_in_month(year, (unsigned)change->month))
        day -= 7;
    return first + day;
}

/* The second at which summer time starts (or ends) in a year; the clock before it counts. */
static int64_t change_second(const struct rule *rule, int64_t year, bool start)
{
    const struct change_rule *change = start ? &rule->start : &rule->end;
    int32_t offset_before = start ? rule->standard : rule->summer;
    return change_day(change, year) * SECONDS_A_DAY + change->second - offset_before;
}

static int32_t rule_offset(const struct rule *rule, int64_t second)
{
    if (!rule->has_summer)
        return rule->standard;
    struct date date = date_from_days(second / SECONDS_A_DAY);
    int64_t latest = INT64_MIN;
    bool summer = false;
    for (int64_t year = (int64_t)date.year - 1; year <= (int64_t)date.year + 1; year++) {
        int64_t end = change_second(rule, year, false), start = change_second(rule, year, true);
        if (end <= second && end > latest) {
            latest = end;
            summer = false;
        }
        if (start <= second && start >= latest) {
            latest = start;
            summer = true;
        }
    }
    return summer ? rule->summer : rule->standard;
}

/* ---- the table ---- */

static status table_reserve(struct zone *zone, struct arena *arena, size_t room,
                            struct report *report)
{
    zone->at = ARENA_ARRAY(arena, int64_t, room);
    zone->offset = ARENA_ARRAY(arena, int32_t, room);
    zone->found = ARENA_ARRAY(arena, _Atomic size_t, FOUND_PLACES);
    if (zone->at == NULL || zone->offset == NULL || zone->found == NULL)
        return NO_MEMORY(report);
    zone->room = room;
    return OK;
}

static int32_t last_offset(const struct zone *zone)
{
    return zone->count == 0 ? zone->first_offset : zone->offset[zone->count - 1];
}

static void table_add(struct zone *zone, int64_t second, int32_t offset)
{
    assert(zone->count < zone->room);
    zone->at[zone->count] = second;
    zone->offset[zone->count] = offset;
    zone->count++;
}

/* Takes the rule's changes into the table, after those that the file lists. */
static void table_expand(struct zone *zone)
{
    int64_t last = zone->count == 0 ? INT64_MIN : zone->at[zone->count - 1];
    int64_t from = zone->count == 0 ? 1900 : date_from_days(last / SECONDS_A_DAY).year;
    if (from < 1800)
        from = 1800;
    if (zone->rule.has_summer) {
        for (int64_t year = from; year <= LAST_TABLE_YEAR; year++) {
            int64_t one = change_second(&zone->rule, year, true);
            int64_t other = change_second(&zone->rule, year, false);
            int64_t pair[2] = {one < other ? one : other, one < other ? other : one};
            for (size_t i = 0; i < 2; i++) {
                int32_t offset = rule_offset(&zone->rule, pair[i]);
                bool later_than_all = zone->count == 0 || pair[i] > zone->at[zone->count - 1];
                if (later_than_all && offset != last_offset(zone))
                    table_add(zone, pair[i], offset);
            }
        }
    }
    last = zone->count == 0 ? INT64_MIN : zone->at[zone->count - 1];
    int64_t horizon = days_from_civil(LAST_TABLE_YEAR, 1, 1) * SECONDS_A_DAY;
    zone->table_end = last > horizon ? last : horizon;
}

static int32_t offset_at(const struct zone *zone, int64_t second)
{
    if (zone->has_rule && second >= zone->table_end)
        return rule_offset(&zone->rule, second);
    if (zone->count == 0 || second < zone->at[0])
        return zone->first_offset;
    _Atomic size_t *found = &zone->found[((uint64_t)second >> 23) % FOUND_PLACES];
    size_t low = atomic_load_explicit(found, memory_order_relaxed);
    if (zone->at[low] <= second && (low + 1 == zone->count || second < zone->at[low + 1]))
        return zone->offset[low];
    size_t high = zone->count; /* at[low] <= second < at[high] */
    low = 0;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->at[middle] <= second)
            low = middle;
        else
            high = middle;
    }
    atomic_store_explicit(found, low, memory_order_relaxed);
    return zone->offset[low];
}

/* ---- the file ---- */

struct header {
    uint8_t version;
    uint32_t is_ut, is_standard, leaps, changes, types, chars;
};

static bool read_header(struct reader *r, struct header *h)
{
    if (!str_is(read_bytes(r, 4), "TZif"))
        return false;
    h->version = read_u8(r);
    read_bytes(r, 15);
    h->is_ut = read_be32(r);
    h->is_standard = read_be32(r);
    h->leaps = read_be32(r);
    h->changes = read_be32(r);
    h->types = read_be32(r);
    h->chars = read_be32(r);
    return !r->bad && h->changes <= ZONE_CHANGES && h->types >= 1 && h->types <= 256 &&
           h->chars <= 4096 && h->leaps <= 1000 && h->is_ut <= 256 && h->is_standard <= 256;
}

/* The first body counts in 32 bits and is there for old readers alone. */
static void skip_first_body(struct reader *r, const struct header *h)
{
    read_bytes(r, (size_t)h->changes * 5 + (size_t)h->types * 6 + h->chars + (size_t)h->leaps * 8 +
                      h->is_standard + h->is_ut);
}

static bool read_table(struct reader *r, const struct header *h, struct zone *zone)
{
    int32_t offsets[256];
    struct reader times = reader_over(read_bytes(r, (size_t)h->changes * 8));
    struct reader kinds = reader_over(read_bytes(r, h->changes));
    for (uint32_t i = 0; i < h->types; i++) {
        offsets[i] = (int32_t)read_be32(r);
        read_bytes(r, 2);
        if (offsets[i] < -26 * 3600 || offsets[i] > 26 * 3600)
            return false;
    }
    read_bytes(r, (size_t)h->chars + h->is_standard + h->is_ut);
    if (r->bad)
        return false;
    zone->first_offset = offsets[0];
    for (uint32_t i = 0; i < h->changes; i++) {
        int64_t second = (int64_t)read_be64(&times);
        uint8_t kind = read_u8(&kinds);
        if (kind >= h->types || (i > 0 && second <= zone->at[zone->count - 1]))
            return false;
        table_add(zone, second, offsets[kind]);
    }
    return true;
}

static bool read_footer(struct reader *r, struct zone *zone)
{
    str rest = read_bytes(r, (size_t)(r->end - r->at)), rule;
    if (!str_next(&rest, '\n', &rule) || rule.len != 0 || !str_next(&rest, '\n', &rule) ||
        rest.ptr == NULL)
        return false;
    zone->has_rule = rule.len > 0;
    return !zone->has_rule || rule_parse(rule, &zone->rule);
}

#define DAMAGED(report) fail((report), FAULT_CORRUPT, "the file of the time zone is damaged")

status zone_read(str bytes, struct arena *arena, struct report *report, const struct zone **zone)
{
    assert(arena != NULL);
    assert(zone != NULL);

    struct reader r = reader_over(bytes);
    struct header h;
    if (!read_header(&r, &h) || h.version < '2')
        return DAMAGED(report);
    skip_first_body(&r, &h);
    if (!read_header(&r, &h) || h.leaps > 0)
        return DAMAGED(report);
    struct zone *made = ARENA_NEW(arena, struct zone);
    if (made == NULL)
        return NO_MEMORY(report);
    TRY(table_reserve(made, arena, h.changes + 2 * (LAST_TABLE_YEAR - 1800 + 1), report));
    if (!read_table(&r, &h, made) || !read_footer(&r, made))
        return DAMAGED(report);
    if (made->has_rule)
        table_expand(made);
    *zone = made;
    return OK;
}

const struct zone *zone_utc(void)
{
    static const struct zone utc = {.first_offset = 0};
    return &utc;
}

/* Parts of letters, digits, '_', '+' and '-' between single slashes: no dot, so no way out. */
static bool is_zone_name(str name)
{
    bool part_open = false;
    if (name.len > 64)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool fits = is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
        if (!fits && (c != '/' || !part_open))
            return false;
        part_open = fits;
    }
    return part_open;
}

status zone_load(str name, struct arena *arena, struct report *report, const struct zone **zone)
{
    assert(arena != NULL);
    assert(zone != NULL);

    str bytes;
    char path[96];
    if (str_is(name, "UTC")) {
        *zone = zone_utc();
        return OK;
    }
    if (!is_zone_name(name))
        return fail(report, FAULT_INVALID, "a time zone has a name such as Europe/Oslo");
    struct buf buf = buf_over(path, sizeof(path));
    buf_format(&buf, "/usr/share/zoneinfo/%.*s", STR_ARG(name));
    buf_char(&buf, '\0');
    assert(!buf.full);
    struct report inner = {0};
    status read = file_read(path, arena, ZONE_FILE_BYTES, &inner, &bytes);
    if (read.fault == FAULT_LIMIT)
        return fail(report, FAULT_LIMIT, "%s", inner.text);
    if (!is_ok(read))
        return fail(report, FAULT_INVALID, "there is no time zone named %.*s", STR_ARG(name));
    return zone_read(bytes, arena, report, zone);
}

/* ---- local time ---- */

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

struct local instant_to_local(const struct zone *zone, instant at)
{
    assert(zone != NULL);

    int64_t second = floor_divide(at.ms, 1000);
    int32_t ms = (int32_t)(at.ms % 1000 + (at.ms % 1000 < 0 ? 1000 : 0));
    int32_t offset = offset_at(zone, second);
    int64_t local = second + offset, days = floor_divide(local, SECONDS_A_DAY);
    return (struct local){.date = date_from_days(days),
                          .ms_of_day = (int32_t)(local - days * SECONDS_A_DAY) * 1000 + ms,
                          .offset_seconds = offset};
}

struct date instant_date(const struct zone *zone, instant at)
{
    return instant_to_local(zone, at).date;
}

/* The second between `low` and `high` from which the offset is no longer that of `low`. */
static int64_t change_between(const struct zone *zone, int64_t low, int64_t high)
{
    int32_t offset = offset_at(zone, low);
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (offset_at(zone, middle) == offset)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* `local` counts seconds as if the zone were UTC. A zone changes its offset at most once within two
 * days, so the offsets of a day before and a day after are all that can apply. `*skipped` says that
 * the clocks never show it; then the answer is the end of the gap. */
static int64_t second_of_local(const struct zone *zone, int64_t local, bool *skipped)
{
    int32_t first = offset_at(zone, local - SECONDS_A_DAY);
    int32_t second = offset_at(zone, local + SECONDS_A_DAY);
    *skipped = false;
    if (first == second || offset_at(zone, local - first) == first)
        return local - first;
    if (offset_at(zone, local - second) == second)
        return local - second;
    *skipped = true;
    return change_between(zone, local - second, local - first);
}

instant local_to_instant(const struct zone *zone, struct date date, int32_t ms_of_day)
{
    assert(zone != NULL);
    assert(date_is_valid(date));
    assert(ms_of_day >= 0 && ms_of_day < MS_A_DAY);

    bool skipped;
    int64_t days = days_from_civil(date.year, date.month, date.day), ms;
    int64_t local = days * SECONDS_A_DAY + ms_of_day / 1000;
    int64_t second = second_of_local(zone, local, &skipped);
    if (__builtin_mul_overflow(second, 1000, &ms) ||
        __builtin_add_overflow(ms, skipped ? 0 : ms_of_day % 1000, &ms))
        return second > 0 ? NEVER : ALWAYS;
    return (instant){ms};
}

instant date_start(const struct zone *zone, struct date date)
{
    return local_to_instant(zone, date, 0);
}

instant date_passed(const struct zone *zone, struct date date)
{
    return date_start(zone, date_add_days(date, 1));
}

/* ---- periods ---- */

static bool is_endless(instant at)
{
    return at.ms == INT64_MAX || at.ms == INT64_MIN;
}

static int64_t times(int64_t count, int64_t factor)
{
    int64_t product;
    if (__builtin_mul_overflow(count, factor, &product))
        return count > 0 ? INT64_MAX : INT64_MIN;
    return product;
}

static instant add_hours(instant at, int64_t count)
{
    int64_t ms, sum;
    if (__builtin_mul_overflow(count, 3600000, &ms) || __builtin_add_overflow(at.ms, ms, &sum))
        return count > 0 ? NEVER : ALWAYS;
    return (instant){sum};
}

instant date_add_span(const struct zone *zone, struct date date, int64_t count, enum span_unit unit)
{
    switch (unit) {
    case SPAN_DAY:
        return date_start(zone, date_add_days(date, count));
    case SPAN_WEEK:
        return date_start(zone, date_add_days(date, times(count, 7)));
    case SPAN_MONTH:
        return date_start(zone, date_add_months(date, count));
    case SPAN_YEAR:
        return date_start(zone, date_add_months(date, times(count, 12)));
    case SPAN_HOUR:
        break;
    }
    assert(false);
    return NEVER;
}

instant instant_add_span(const struct zone *zone, instant at, int64_t count, enum span_unit unit)
{
    assert(zone != NULL);
    assert(unit <= SPAN_YEAR);

    if (is_endless(at))
        return at;
    return unit == SPAN_HOUR ? add_hours(at, count)
                             : date_add_span(zone, instant_date(zone, at), count, unit);
}

instant end_of_year(const struct zone *zone, instant at)
{
    if (is_endless(at))
        return at;
    struct date date = instant_date(zone, at);
    return date_start(zone, (struct date){date.year + 1, 1, 1});
}
