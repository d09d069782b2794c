/* Looks up the periods of law.def. */
#include "law.h"

static const struct law_row ROWS[] = {
#define PERIOD(name, year, month, day, count, unit, source)                                        \
    {LAW_##name, {year, month, day}, count, SPAN_##unit, source},
#include "law.def"
#undef PERIOD
};

const struct law_row *law_rows(size_t *count)
{
    *count = LENGTH(ROWS);
    return ROWS;
}

const struct law_row *law_of(const struct law_row *rows, size_t count, enum law_period period,
                             struct date day)
{
    const struct law_row *found = NULL;
    for (size_t i = 0; i < count; i++) {
        bool begun = date_compare(rows[i].from, day) <= 0;
        if (rows[i].period == period && (found == NULL || begun))
            found = &rows[i];
    }
    return found;
}

const struct law_row *law_at(enum law_period period, const struct zone *zone, instant at)
{
    assert(period < LAW_PERIOD_COUNT);
    return law_of(ROWS, LENGTH(ROWS), period, instant_date(zone, at));
}

struct law_end law_end(enum law_period period, const struct zone *zone, instant under, instant from)
{
    const struct law_row *row = law_at(period, zone, under);
    struct law_end end;
    if (row->unit == SPAN_HOUR) {
        end.safe_passed = end.passed = deadline_hours(from, row->count);
        end.date.safe = end.date.legal = instant_date(zone, end.passed);
        return end;
    }
    end.date = row->unit == SPAN_MONTH ? deadline_months(zone, from, row->count)
                                       : deadline_days(zone, from, row->count);
    end.safe_passed = date_passed(zone, end.date.safe);
    end.passed = date_passed(zone, end.date.legal);
    return end;
}
